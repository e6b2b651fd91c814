# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lesson 06 · Pooling, backward
#
# A pooling layer has nothing to learn. But it stands between layers that do, and their gradients must pass
# through it. So there is one question: a window of pixels became one number, and a gradient arrives for
# that number. Who in the window receives it?
#
# **When you are through, you can**
#
# - say what max pooling and average pooling do with a gradient, and why;
# - write the backward pass of both, for windows that overlap and for windows that do not;
# - say what happens when two pixels share the maximum;
# - test all of it with a gradient check.
#
# **You need** lesson 04 (`pool_forward`) and lesson 05 (gradients that add up, the gradient check).
#
# **Time:** about 35 minutes, and 10 more for "Break it" at the end, which can wait for another day.

# %% locked="setup"
import numpy as np

from convlab import check, explore, grade, gradient_check, keep, progress, ready, save_work
from convlab.figures import pool_gradients

# %% locked="mine"
from convlab.mine import pool_forward

# %% [markdown]
# ## 1 · What arrives, and what must leave
#
# As in lesson 05, a $d$ in front of an array means the gradient of the cost $J$ with respect to it, and has
# its shape.
#
# | | array | shape | its gradient |
# |---|---|---|---|
# | the output | $A$ | $(m,\; n_H,\; n_W,\; n_C)$ | $dA$, given |
# | the input | $A_{prev}$ | $(m,\; n_{H,prev},\; n_{W,prev},\; n_C)$ | $dA_{prev}$, wanted |
#
# There is no $dW$ and no $db$. The cache of `pool_forward` is `(A_prev, hparameters)`, and you need both.

# %% [markdown]
# ## 2 · Maximum: the winner takes it all
#
# **Why.** To send a gradient back through a maximum you have to know which entry of the window it was.
#
# **Formula.** Let $x$ be one window, of shape $(f, f)$, and $y$ its maximum. Make the largest entry a
# little larger, and $y$ grows just as much. Make another one a little larger, and nothing happens: it still
# loses. So
#
# $$\frac{\partial y}{\partial x_k} = \begin{cases} 1 & \text{if } x_k = y \\ 0 & \text{if } x_k < y \end{cases}
#   \qquad\text{and}\qquad \frac{\partial J}{\partial x_k} = dy \cdot \frac{\partial y}{\partial x_k}$$
#
# - $x_k$ is one entry of the window, and $y$ its maximum, one entry of $A$;
# - $dy = \partial J / \partial y$ is the gradient that arrives for it, one entry of $dA$.
#
# The zeros and ones of the first formula, laid out like the window, are its **mask**.
#
# ### On paper
#
# $$x = \begin{pmatrix} -1 & 2 & 3 \\ 2 & -3 & 2 \\ 1 & 5 & -2 \end{pmatrix} \qquad
#   \text{mask} = \begin{pmatrix} 0 & 0 & 0 \\ 0 & 0 & 0 \\ 0 & 1 & 0 \end{pmatrix}$$
#
# The maximum is 5. If $dy = 7$ arrives, the 5 receives 7, and the other eight receive 0. What is the mask
# of $\begin{pmatrix} -5 & -2 \\ -3 & -8 \end{pmatrix}$?
#
# <details><summary>Answer</summary>
#
# $\begin{pmatrix} 0 & 1 \\ 0 & 0 \end{pmatrix}$, because $-2$ is the largest.
#
# </details>
#
# ### When two share the maximum
#
# In $\begin{pmatrix} 4 & 1 \\ 0 & 4 \end{pmatrix}$ there are two winners. Make one 4 larger, and $y$ grows;
# make it smaller, and $y$ stays, since there is the other 4. The maximum has a kink there, and no
# derivative in the strict sense. So people agree on something. Three conventions are usual:
#
# - **all**: each winner is marked (the simplest to write, and the one in this course's examples);
# - **first**: only the first one is marked, row by row (as PyTorch does it);
# - **shared**: with $k$ winners, each gets $1/k$ in place of 1.
#
# **All three are accepted**, in the checks and in grading. Ties are no rarity: a photo is made of whole
# numbers, and after ReLU entire windows can be 0.


# %% exercise="create_mask_from_window"
def create_mask_from_window(x):
    """Return the mask of a window: True at its maximum, False elsewhere.

    x:       array of shape (f, f), one window of one channel
    returns: array of shape (f, f), True (or 1) at the maximum of x, False (or 0) elsewhere
    """
    # Find the largest number of the window, then ask of every entry whether it is that number.
    ### BEGIN SOLUTION
    return x == np.max(x)
    ### END SOLUTION


# %% [markdown]
# ### See it work
#
# **Predict** the masks of these four windows before you look. The last one has two winners: which
# convention does your function follow?

# %%
pool_gradients.show_masks(create_mask_from_window)

# %% [markdown]
# ### Check it

# %% check="create_mask_from_window"
check(create_mask_from_window)

# %% hidden="create_mask_from_window"
grade(create_mask_from_window)

# %%
keep(create_mask_from_window)

# %% [markdown]
# ### If you are stuck
#
# <details><summary>Hint 1: what to think about</summary>
#
# You need no loop. In NumPy, comparing an array with a number looks at every entry:
# `np.array([3, 1, 3]) > 2` is an array of True, False, True.
#
# </details>
#
# <details><summary>Hint 2: which number to compare with</summary>
#
# With the largest in the window, which NumPy finds for you. Zero plays no part in this: all entries may be
# negative.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# Two steps: find the largest number of the whole window, without an axis; then compare the window with it. "Is
# equal to" is written with two equals signs. What the comparison gives *is* the mask: no loop, no `if`.
#
# </details>

# %% [markdown]
# ## 3 · Average: everyone gets the same
#
# **Why.** An average has no winner. Every entry had the same part in it, and each receives the same share.
#
# **Formula.** The average of a window of $n_H \cdot n_W$ numbers is
#
# $$y = \frac{1}{n_H\, n_W} \sum_k x_k \qquad\text{and so}\qquad \frac{\partial J}{\partial x_k} = \frac{dy}{n_H\, n_W} \;\text{ for each } k$$
#
# - $x_k$ is one entry of the window, $y$ the average, and $dy$ the gradient that arrives for it;
# - $n_H$ and $n_W$ are height and width of the window. In a pooling layer both are $f$.
#
# What the numbers in the window are does not matter, only how many there are.
#
# ### On paper
#
# A gradient of 2 arrives for a window of 2×2. Each entry receives $2/4 = 0.5$:
#
# $$\begin{pmatrix} 0.5 & 0.5 \\ 0.5 & 0.5 \end{pmatrix}$$
#
# Together they make 2 again. What does each entry of a 2×3 window receive when 12 arrives?
#
# <details><summary>Answer</summary>
#
# $12/6 = 2$, and six times 2 is 12.
#
# </details>


# %% exercise="distribute_value"
def distribute_value(dz, shape):
    """Return an array over which the number dz is spread evenly.

    dz:      a number, the gradient that arrives for an average
    shape:   the tuple (n_H, n_W), height and width of the window; the two may differ
    returns: array of shape (n_H, n_W); all entries are equal, and together they make dz
    """
    # How many entries are there? How much does each one get? Fill an array with it.
    ### BEGIN SOLUTION
    n_H, n_W = shape
    return np.full((n_H, n_W), dz / (n_H * n_W))
    ### END SOLUTION


# %% [markdown]
# ### See it work
#
# **Predict.** A gradient of 12 arrives for a window of 3×4 pixels. What does each pixel receive from a
# maximum, and what from an average? What do the twelve add up to in either case?

# %%
pool_gradients.show_shares(create_mask_from_window, distribute_value)

# %% [markdown]
# <details><summary>Answer</summary>
#
# From a maximum: 12 for the largest, and 0 for the others. From an average: 1 for each. Both add up to 12.
#
# </details>
#
# ### Check it

# %% check="distribute_value"
check(distribute_value)

# %% hidden="distribute_value"
grade(distribute_value)

# %%
keep(distribute_value)

# %% [markdown]
# ### If you are stuck
#
# <details><summary>Hint 1: what to think about</summary>
#
# Add up the entries of your result. If that is not `dz`, the parts have the wrong size.
#
# </details>
#
# <details><summary>Hint 2: how many entries</summary>
#
# Height times width, both from `shape`. Not one of them squared: a window may be wider than high.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# `np.ones(shape)` is full of ones, and `np.full(shape, value)` full of `value`. Either way each entry has
# to become `dz` divided by the number of entries.
#
# </details>

# %% [markdown]
# ## 4 · The same windows once more
#
# Forward, the window moved over the image. Backward, you visit the same windows at the same corners, and in
# each of them hand out what arrived.
#
# **Formula.**
#
# $$\text{each } dA_{i,h,w,c} \text{ adds } \;\; dA_{i,h,w,c} \cdot M_{j,k} \;\; \text{ to } \;\; (dA_{prev})_{i,\;hs+j,\;ws+k,\;c}
#   \;\; \text{ for all } j, k$$
#
# - $dA$ is what arrives, of shape $(m,\; n_H,\; n_W,\; n_C)$; $dA_{prev}$ is what leaves, zero to begin
#   with;
# - $i$ is the image, $h$ and $w$ are row and column of the output, and $c$ is the channel;
# - $j$ and $k$ are row and column inside the window, both from 0 to $f - 1$, and $s$ is the stride;
# - $M$ is the mask of that window of $A_{prev}$ for the maximum, and $1/f^2$ everywhere for the average.
#
# Each channel is handled by itself, as on the way forward.
#
# ### On paper: windows side by side
#
# The 4×4 image of lesson 04, $f = 2$, $s = 2$, and a $dA$ of 2×2 (with all axes: $(1, 4, 4, 1)$ and
# $(1, 2, 2, 1)$):
#
# $$A_{prev} = \left(\begin{array}{cc|cc} 1 & 3 & 2 & 0 \\ 5 & 7 & 4 & 2 \\ \hline 6 & 2 & 9 & 1 \\ 0 & 4 & 3 & 7 \end{array}\right) \qquad
#   dA = \begin{pmatrix} 4 & 8 \\ -4 & 12 \end{pmatrix}$$
#
# $$dA_{prev}^{max} = \left(\begin{array}{cc|cc} 0 & 0 & 0 & 0 \\ 0 & 4 & 8 & 0 \\ \hline -4 & 0 & 12 & 0 \\ 0 & 0 & 0 & 0 \end{array}\right) \qquad
#   dA_{prev}^{average} = \left(\begin{array}{cc|cc} 1 & 1 & 2 & 2 \\ 1 & 1 & 2 & 2 \\ \hline -1 & -1 & 3 & 3 \\ -1 & -1 & 3 & 3 \end{array}\right)$$
#
# Mind the corners. The window of output $(1, 1)$ starts in row **2** and column **2** of the input. With
# stride 1 the two pairs of numbers are the same, so a test with stride 1 cannot tell them apart.
#
# ### On paper: windows that overlap
#
# Now $A_{prev}$ is 3×3, $f = 2$, $s = 1$, and the same $dA$ arrives:
#
# $$A_{prev} = \begin{pmatrix} 1 & 5 & 2 \\ 4 & 3 & 6 \\ 0 & 7 & 1 \end{pmatrix} \qquad
#   dA_{prev}^{max} = \begin{pmatrix} 0 & 4 & 0 \\ 0 & 0 & 8 \\ 0 & 8 & 0 \end{pmatrix} \qquad
#   dA_{prev}^{average} = \begin{pmatrix} 1 & 3 & 2 \\ 0 & 5 & 5 \\ -1 & 2 & 3 \end{pmatrix}$$
#
# The 7 wins in both of the lower windows and receives $-4 + 12 = 8$. In the average, the pixel in the
# middle is in all four windows, and receives $1 + 2 - 1 + 3 = 5$.
#
# In all four results the entries add up to $4 + 8 - 4 + 12 = 20$, the sum of $dA$. Pooling hands the
# gradient on: it makes none and loses none.
#
# Your turn: put a 4 in place of the 7 and do the maximum again. Who receives what?
#
# <details><summary>Answer</summary>
#
# The 5 receives 4. The 6 now wins in both windows on the right, and receives $8 + 12 = 20$. The window at
# the lower left has two winners, both of them 4: with "all" each receives $-4$, with "first" only the one
# in row 1, and with "shared" each $-2$.
#
# </details>

# %% [markdown]
# ## 5 · `pool_backward`
#
# **Why.** With it, a gradient can pass through every layer you have written.


# %% exercise="pool_backward"
def pool_backward(dA, cache, mode="max"):
    """Return the gradient of the cost with respect to the input of a pooling layer.

    dA:      array of shape (m, n_H, n_W, n_C), the gradient with respect to the output A
    cache:   the tuple (A_prev, hparameters) that pool_forward returned;
             hparameters is a dict with the whole numbers "f" and "stride"
    mode:    "max" or "average", the same as forward
    returns: dA_prev, array of shape (m, n_H_prev, n_W_prev, n_C), like A_prev
    """
    # 1. Unpack the cache, and read f and stride from hparameters.
    # 2. Make an array of zeros in the shape of A_prev to collect in.
    # 3. Visit every entry of dA: image, row, column, channel. Find the window that it came from.
    # 4. What does each pixel of this window receive? One of your two helpers says so, depending on mode.
    # 5. Add it to the window's place in the array. At the end, return the array.
    ### BEGIN SOLUTION
    A_prev, hparameters = cache
    f, stride = hparameters["f"], hparameters["stride"]
    dA_prev = np.zeros(A_prev.shape)
    for i, h, w, c in np.ndindex(dA.shape):  # four loops in one
        rows = slice(h * stride, h * stride + f)
        columns = slice(w * stride, w * stride + f)
        if mode == "max":
            mask = create_mask_from_window(A_prev[i, rows, columns, c])
            dA_prev[i, rows, columns, c] += dA[i, h, w, c] * mask
        else:
            dA_prev[i, rows, columns, c] += distribute_value(dA[i, h, w, c], (f, f))
    return dA_prev
    ### END SOLUTION


# %% [markdown]
# ### See it work
#
# The two examples of section 4 by *your* function.
#
# **Predict.** Suppose the 3 in the middle of the 3×3 image were a 9. What would the max result look like
# then?

# %%
pool_gradients.show_numbers(pool_backward)

# %% [markdown]
# <details><summary>Answer</summary>
#
# The 9 is in all four windows and wins in all of them. It receives the whole 20, and all others receive 0.
#
# </details>
#
# ### Check it

# %% check="pool_backward"
check(pool_backward)

# %% hidden="pool_backward"
grade(pool_backward)

# %%
keep(pool_backward)

# %% [markdown]
# ### If you are stuck
#
# <details><summary>Hint 1: what to think about</summary>
#
# Take the loops and the corners of the window from your `pool_forward`. Do the average first, it does not
# look at the image at all. Then the maximum, which needs the window of `A_prev` to know who won.
#
# </details>
#
# <details><summary>Hint 2: right in one example, wrong in another</summary>
#
# - Wrong where windows overlap: does a later window overwrite an earlier one?
# - Wrong with stride 2: where does the window of output $(h, w)$ start?
# - Wrong for images of whole numbers: `np.zeros_like` takes over their type, and whole numbers cannot hold
#   a quarter.
# - Wrong with several channels: is the maximum taken over one channel, or over all of them?
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# Call the number `dA[i, h, w, c]` `g`. The window has the rows `h * stride` to `h * stride + f` (the last
# not included), its columns likewise with `w`, in image `i` and channel `c` alone. For "max", give this
# part of `A_prev` to `create_mask_from_window` and multiply by `g`. For "average", give `g` and `(f, f)` to
# `distribute_value`. Add the result, with `+=`, to the same part of the gradient.
#
# </details>

# %% [markdown]
# ## 6 · What a stride does
#
# Now $dA$ is 1 everywhere, the mode is "average", and the image is 5×5. What each pixel receives shows how
# much influence it had.
#
# **Predict** for each of three settings which pixels receive nothing, and which receive most: $f = 2$,
# $s = 2$; then $f = 2$, $s = 3$; then $f = 3$, $s = 2$.

# %%
pool_gradients.show_corners(pool_backward)

# %% [markdown]
# <details><summary>Answer</summary>
#
# In the first, the last row and the last column are left over. In the second, the windows leave gaps, row 2
# and column 2. In the third, the windows overlap, and the pixel in the middle is in all four.
#
# </details>
#
# A 0 is no mistake here: no window has seen that pixel, so no output depends on it. But if your numbers
# crowd in the upper left, the corners have forgotten the stride.

# %% [markdown]
# ### With sliders
#
# Step over `dA` with the arrow keys, or point at it: beside it stands what this one entry gives to its window,
# by your helpers, and then what all of them give together.
#
# **Predict.** The 4×4 example with max, f = 2 and stride 1: which pixel receives most, and from how many
# windows? And who receives what in a window with ties?
#
# <details><summary>A still of it, for where nothing runs</summary>
#
# ![The explorer of the gradients of a pooling layer: image, dA, the share of each pixel of one window, and dA_prev](pool_gradients.svg)
# </details>

# %%
explore.pool_gradients(pool_backward, create_mask_from_window, distribute_value)

# %% [markdown]
# <details><summary>Answer</summary>
#
# The 9, which wins in all four windows that see it, and receives $12 + 8 + 4 + 4 = 28$. With ties it depends on
# the convention that your mask follows.
# </details>

# %% [markdown]
# ## 7 · Gradient check
#
# The proof of lesson 05 once more. $J = \sum R\,A$ with fixed random numbers $R$ in the shape of $A$, so
# $dA = R$. Each pixel is moved up and down by $\varepsilon = 10^{-5}$, and your own `pool_forward` says
# what that does to $J$.
#
# One thing needs care: were two pixels of a window equal, the winner would change during the test. So the
# tool takes images in which all pixels are different whole numbers. A move of $10^{-5}$ never changes who
# wins.
#
# **Predict.** What numerical gradient would each of two equal maxima get? Move one of them up, then down:
# what does the maximum do?

# %%
gradient_check.pooling(pool_forward, pool_backward)

# %% [markdown]
# <details><summary>Answer</summary>
#
# Up: the maximum grows by $\varepsilon$. Down: the other one still holds it, and nothing changes. The
# difference is $\varepsilon$, and divided by $2\varepsilon$ it is one half for each of them. Where there is
# a kink, no convention is "the right one".
#
# </details>

# %% [markdown]
# ## 8 · On a photo
#
# Let 1 arrive everywhere and send it back to a photo, $A_{prev}$ of shape $(1, 100, 84, 1)$, with $f = 4$
# and $s = 4$.
#
# **Predict.** What part of the pixels receives anything from max pooling? Are they bright or dark? And what
# does the picture for average pooling look like?

# %%
pool_gradients.show_photo(pool_backward)

# %% [markdown]
# <details><summary>Answer</summary>
#
# One of the sixteen pixels of each window, the brightest one: 525 of 8400. There are more if your mask marks
# all winners, since this photo has ties in 132 of its windows, most of them where it is smooth: in the
# background and in the uniform. With average pooling each pixel receives $1/16$, so the picture is even.
#
# </details>
#
# In training this means: after max pooling only the strongest response of each window learns. After average
# pooling all learn, a little.

# %% [markdown]
# ## 9 · Break it
#
# **Why.** A backward pass is harder to test than a forward pass, as nobody knows by heart what a gradient
# should be. Version a below takes its padding off in a way that was published and copied widely. It passed the
# test that was published with it, in which pad was 2.
#
# Here are three versions of lesson 05's `conv_backward`, each with one mistake.
#
# **What counts.** You write no layer here, but a function that returns a dict. For each version it holds
# inputs `(dZ, cache)`, with `cache = (A_prev, W, b, hparameters)`, that betray it: it returns something else
# than a right `conv_backward`, or it stops with an error where a right one does not.
#
# - Arrays hold whole numbers from −9 to 9, have four axes, each 1 to 8 long, and together at most 2000
#   numbers. The stride is 1 to 8, and `pad` 0 to 4.
# - They must be inputs that a right function takes: a cache that `conv_forward` would take,
#   and a `dZ` of the shape of its $Z$. Otherwise
#   the check says what is wrong with them.
# - You may give the same inputs to several versions, as long as each betrays itself on what it gets.


# %% locked="conv_backward_versions"
def conv_backward_a(dZ, cache):
    A_prev, W, b, hparameters = cache
    f, stride, pad = W.shape[0], hparameters["stride"], hparameters["pad"]
    padded = np.pad(A_prev, [(0, 0), (pad, pad), (pad, pad), (0, 0)])
    dA_prev, d_padded = np.zeros(A_prev.shape), np.zeros(padded.shape)
    dW, db = np.zeros(W.shape), np.zeros(b.shape)
    for i, h, w, c in np.ndindex(dZ.shape):
        top, left = h * stride, w * stride
        here = (i, slice(top, top + f), slice(left, left + f))
        d_padded[here] += W[..., c] * dZ[i, h, w, c]
        dW[..., c] += padded[here] * dZ[i, h, w, c]
        db[..., c] += dZ[i, h, w, c]
    dA_prev[:] = d_padded[:, pad:-pad, pad:-pad]
    return dA_prev, dW, db


def conv_backward_b(dZ, cache):
    A_prev, W, b, hparameters = cache
    f, stride, pad = W.shape[0], hparameters["stride"], hparameters["pad"]
    padded = np.pad(A_prev, [(0, 0), (pad, pad), (pad, pad), (0, 0)])
    d_padded = np.zeros(padded.shape)
    dW, db = np.zeros(W.shape), np.zeros(b.shape)
    for i, h, w, c in np.ndindex(dZ.shape):
        top, left = h * stride, w * stride
        here = (i, slice(top, top + f), slice(left, left + f))
        d_padded[here] += W[..., c] * dZ[i, h, w, c]
        dW[..., c] += padded[here] * dZ[i, h, w, c]
        db[..., c] += dZ[i, h, w, c] / len(dZ)
    dA_prev = d_padded[:, pad : pad + A_prev.shape[1], pad : pad + A_prev.shape[2]]
    return dA_prev, dW, db


def conv_backward_c(dZ, cache):
    A_prev, W, b, hparameters = cache
    f, stride, pad = W.shape[0], hparameters["stride"], hparameters["pad"]
    padded = np.pad(A_prev, [(0, 0), (pad, pad), (pad, pad), (0, 0)])
    d_padded = np.zeros(padded.shape)
    dW, db = np.zeros(W.shape), np.zeros(b.shape)
    for i, h, w, c in np.ndindex(dZ.shape):
        top, left = h * stride, w * stride
        here = (i, slice(top, top + f), slice(left, left + f))
        d_padded[here] = W[..., c] * dZ[i, h, w, c]
        dW[..., c] += padded[here] * dZ[i, h, w, c]
        db[..., c] += dZ[i, h, w, c]
    dA_prev = d_padded[:, pad : pad + A_prev.shape[1], pad : pad + A_prev.shape[2]]
    return dA_prev, dW, db


# %% [markdown]
# ### See it work
#
# The three versions and your own function on an image of 3×3 pixels, with pad 1, a filter of 2×2 and stride 2,
# so that no two windows share a pixel.
#
# **Predict.** How many of the four answers differ?

# %%
from convlab.mine import conv_backward

A_prev, W, b = np.arange(9).reshape(1, 3, 3, 1), np.ones((2, 2, 1, 1)), np.zeros((1, 1, 1, 1))
dZ = np.array([[1, 2], [3, 4]]).reshape(1, 2, 2, 1)
for version in (conv_backward, conv_backward_a, conv_backward_b, conv_backward_c):
    dA_prev, dW, db = version(dZ, (A_prev, W, b, {"stride": 2, "pad": 1}))
    print(f"{version.__name__:16}", dA_prev[0, :, :, 0].tolist(), dW[:, :, 0, 0].tolist(), db.tolist())

# %% [markdown]
# <details><summary>Answer</summary>
#
# None. One image, one filter, padding, and no overlap: each of them keeps a mistake out of sight.
#
# </details>


# %% exercise="break_conv_backward"
def break_conv_backward():
    """Return inputs on which each faulty version betrays itself.

    returns: dict with the keys "a", "b" and "c", each with a tuple (dZ, cache), where cache is
             (A_prev, W, b, hparameters)
    """
    # 1. Take one version and read it beside your own conv_backward. Which line does something else?
    # 2. For which inputs does that line not matter? Those it survives.
    # 3. Choose others, as small as you can. dZ has the shape of Z: count the places of the window.
    ### BEGIN SOLUTION
    cache = (np.ones((2, 3, 3, 1)), np.ones((2, 2, 1, 1)), np.zeros((1, 1, 1, 1)), {"stride": 1, "pad": 0})
    unpadded = (np.ones((2, 2, 2, 1)), cache)
    return {"a": unpadded, "b": unpadded, "c": unpadded}
    ### END SOLUTION


# %% [markdown]
# ### Check it

# %% check="break_conv_backward"
check(break_conv_backward)

# %% hidden="break_conv_backward"
grade(break_conv_backward)

# %% [markdown]
# ### If you are stuck
#
# <details><summary>Hint 1: what to think about</summary>
#
# Change one thing in the cell above at a time: the padding, the number of images, the stride. Before each
# change, say which version it betrays.
#
# </details>
#
# <details><summary>Hint 2: where to look</summary>
#
# - **a:** what is `[10, 11, 12][1:-1]`, and what is `[10, 11, 12][0:-0]`?
# - **b:** `len(dZ)` is the number of images. When is it harmless to divide by it?
# - **c:** in which of the three gradients is an `=` where your function has `+=`, and who would notice?
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# One set of inputs can betray all three: two images, pad 0, and windows that overlap. Two images of 3×3 with
# one channel, a filter of 2×2 and stride 1 give a `dZ` of shape $(2, 2, 2, 1)$. Ones everywhere are enough:
# what should `db` be, and what does **b** make of it?
#
# </details>

# %% [markdown]
# ## What to remember
#
# - Maximum: the winner receives everything, and the mask says who that is. Average: each receives $1/f^2$
#   of it.
# - Ties: all winners, the first, or a share for each. All three are in use and accepted here.
# - Backward visits the windows of forward: the same corners, with the stride, one channel at a time.
# - Windows overlap, so add. Without ties, $dA_{prev}$ and $dA$ have the same sum.
# - A test with stride 1 cannot see a forgotten stride, and one with padding cannot see a slice that pad 0 empties.

# %% [markdown]
# ## What is done, and what is not

# %%
progress()

# %% [markdown]
# **Before you hand in:** save the notebook, take the `#` away below and run `ready()`. It says what is left to do.

# %%
# ready()

# %% [markdown]
# **Keep your work:** `save_work()` in a new cell makes one file of it to download (lesson 01 says more).
#
# **Next:** you have both layers, forward and backward, and have proved them. In lesson 07 you stack them,
# and read a network with all its shapes and parameters.
