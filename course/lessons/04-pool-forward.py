# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lesson 04 · Pooling, forward
#
# A convolution layer hands on one number for every place it looked at. Often you do not need them all:
# "there is an edge somewhere around here" is enough. A pooling layer keeps one number for each small
# window, and the map gets smaller.
#
# **When you are through, you can**
#
# - say how large the output of a pooling layer is, for any window and stride;
# - compute max pooling and average pooling by hand, and write `pool_forward`;
# - say what pooling does when the image moves by a pixel, and what it does not;
# - read `MaxPooling2D((2, 2))` as what it is.
#
# **You need** lesson 03: windows, stride and your `conv_forward`.
#
# **Time:** about 35 minutes, and 10 more for "Break it" at the end, which can wait for another day.

# %% locked="setup"
import numpy as np

from convlab import check, explore, grade, keep, progress, ready, save_work
from convlab.figures import pooling

# %% locked="mine"
from convlab.mine import conv_forward

# %% [markdown]
# ## 1 · Why pool at all?
#
# Take a feature map of shape $(28, 28, 32)$: height, width, channels. That is
# $28 \cdot 28 \cdot 32 = 25{,}088$ numbers for a single image. Keep one number for each window of 2×2, and
# $14 \cdot 14 \cdot 32 = 6{,}272$ are left, a quarter. Every layer that follows has that much less to do.
#
# There is a second reason. A handwritten 7 is still a 7 when it moves by a pixel. The output of a
# convolution moves along with it; after pooling, a small move often changes little. In section 6 you
# measure how little.
#
# A pooling layer works like the layer you know: a window moves over the image, and each stop gives one
# number. Two things are different.
#
# 1. The number is no weighted sum. It is the **maximum** of the window, or its **average**. There are no
#    weights and no bias, so there is nothing to learn: a pooling layer has **0 parameters**.
# 2. The window looks at **one channel at a time**. A filter reaches through all channels; a pooling window
#    does not.

# %% [markdown]
# ## 2 · How large is the output?
#
# **Why.** As with the convolution, you need the size before you can make the array.
#
# **Formula.**
#
# $$n = \left\lfloor \frac{n_{prev} - f}{s} \right\rfloor + 1$$
#
# - $n$ is the height or the width of the output,
# - $n_{prev}$ the height or the width of the input,
# - $f$ the height and width of the window,
# - $s$ the stride, by how many pixels the window moves,
# - $\lfloor x \rfloor$ is $x$ rounded **down** to a whole number.
#
# It is the formula of lesson 03 with $p = 0$. Pooling layers are rarely padded.
#
# ### On paper
#
# A side of 7 pixels, $f = 2$, $s = 2$: $\lfloor (7 - 2)/2 \rfloor + 1 = \lfloor 2.5 \rfloor + 1 = 3$. The
# windows stand on pixels 0–1, 2–3 and 4–5. Pixel 6 is left over: no window sees it. Fill in the last
# column:
#
# | $n_{prev}$ | $f$ | $s$ | $n$ |
# |---|---|---|---|
# | 8 | 2 | 2 | ? |
# | 7 | 3 | 2 | ? |
# | 8 | 3 | 1 | ? |
# | 2 | 3 | 1 | ? |
#
# <details><summary>Answer</summary>
#
# 4, which is half. 3: the windows overlap by a pixel. 6: far more than half. And in the last row the window
# does not fit, so there is no output. That is a mistake in the design of a network. A good library stops
# there and says so:
#
# > `The pooling window does not fit: f = 3, but n_prev = 2. Use an f of at most 2.`
#
# You may do the same. It is not graded.
#
# </details>
#
# ### Two misreadings
#
# > **"Pooling always halves the size."** Only with $f = 2$, $s = 2$ and an even size.
#
# > **"`MaxPooling2D((2, 2))` makes the result 2×2."** The `(2, 2)` is the *window*, $f \times f$, and the
# > stride is the same 2 unless something else is said. From 26×26 it makes 13×13.


# %% exercise="pool_output_size"
def pool_output_size(n_prev, f, stride):
    """Return the height (or the width) of a pooling layer's output, a whole number.

    n_prev:  the height (or the width) of the input
    f:       height and width of the window, at most n_prev
    stride:  by how many pixels the window moves
    """
    # The formula above, in one line. Which of Python's divisions rounds down?
    ### BEGIN SOLUTION
    return (n_prev - f) // stride + 1
    ### END SOLUTION


# %% [markdown]
# ### See it work
#
# Each line of the picture is a row of pixels, and below it stand as many windows as *your* function says.
#
# **Predict.** A row of 8 pixels, $f = 3$, $s = 2$. How many windows are there, which pixels do two of them
# share, and which pixel does none of them see?

# %%
pooling.show_windows(pool_output_size)

# %% [markdown]
# <details><summary>Answer</summary>
#
# Three windows, on pixels 0–2, 2–4 and 4–6. They share pixels 2 and 4. Nobody sees pixel 7.
#
# </details>
#
# ### Check it

# %% check="pool_output_size"
check(pool_output_size)

# %% hidden="pool_output_size"
grade(pool_output_size)

# %%
keep(pool_output_size)

# %% [markdown]
# ### If you are stuck
#
# <details><summary>Hint 1: what to think about</summary>
#
# Put the window at the left end of the row. How many pixels are free to the right of it? How often can it
# move before it sticks out? The first place counts too.
#
# </details>
#
# <details><summary>Hint 2: a decimal point, or one too many</summary>
#
# `/` gives a float such as 2.5 or 3.0, and the length of an axis is a whole number. `round` and `np.ceil`
# are not $\lfloor x \rfloor$: a window that fits only in part does not count.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# Take the window's width from the row's, divide with `//`, and add the first place at the very end, after
# the division.
#
# </details>

# %% [markdown]
# ## 3 · One window, one number
#
# **Formula.** Max pooling is the first line, average pooling the second:
#
# $$A_{i,h,w,c} = \max_{0 \le j < f,\;\; 0 \le k < f} \; (A_{prev})_{i,\;h s + j,\;w s + k,\;c}$$
#
# $$A_{i,h,w,c} = \frac{1}{f^2} \sum_{j=0}^{f-1} \sum_{k=0}^{f-1} \; (A_{prev})_{i,\;h s + j,\;w s + k,\;c}$$
#
# - $A_{prev}$ is the input, of shape $(m,\; n_{H,prev},\; n_{W,prev},\; n_C)$;
# - $A$ is the output, of shape $(m,\; n_H,\; n_W,\; n_C)$, with $n_H$ and $n_W$ from your
#   `pool_output_size`;
# - $i$ is the image, $h$ and $w$ are row and column of the *output*, and $c$ is the channel;
# - $j$ and $k$ are row and column *inside the window*, and $s$ is the stride.
#
# The channel $c$ is the same on both sides. As many channels come out as went in.
#
# > **"Pooling mixes the channels."** It never does. A window of 2×2 with stride 2 makes $(14, 14, 32)$ from
# > $(28, 28, 32)$. The 32 stays.
#
# ### On paper
#
# One image with one channel, $A_{prev}$ of shape $(1, 4, 4, 1)$, $f = 2$, $s = 2$. The four windows do not
# overlap:
#
# $$A_{prev} = \left(\begin{array}{cc|cc} 1 & 3 & 2 & 0 \\ 5 & 7 & 4 & 2 \\ \hline 6 & 2 & 9 & 1 \\ 0 & 4 & 3 & 7 \end{array}\right)
# \qquad A^{max} = \begin{pmatrix} 7 & 4 \\ 6 & 9 \end{pmatrix}
# \qquad A^{average} = \begin{pmatrix} 4 & 2 \\ 3 & 5 \end{pmatrix}$$
#
# The window at the top left holds 1, 3, 5 and 7. The largest is 7, and the average is $16/4 = 4$. The
# output has shape $(1, 2, 2, 1)$.
#
# Now do the max again with $f = 2$ and stride **1**. And what is the maximum of the window
# $\begin{pmatrix} -5 & -2 \\ -3 & -8 \end{pmatrix}$?
#
# <details><summary>Answer</summary>
#
# There are $\lfloor (4 - 2)/1 \rfloor + 1 = 3$ places along each side, so nine windows, and neighbours
# share pixels:
#
# $$A^{max} = \begin{pmatrix} 7 & 7 & 4 \\ 7 & 9 & 9 \\ 6 & 9 & 9 \end{pmatrix}$$
#
# The one 9 wins in all four windows that see it. Keep this in mind for lesson 06.
#
# The other maximum is $-2$. If you start from 0 and look for something larger, you get 0, which is not even
# in the window.
#
# </details>

# %% [markdown]
# ## 4 · `pool_forward`: the whole layer
#
# **Why.** This is the second kind of layer that your network in lesson 09 is built from.
#
# **The cache.** As in lesson 03 the function returns two things: `A`, and `cache = (A_prev, hparameters)`
# for the way back in lesson 06. There is no `W` and no `b` to keep.


# %% exercise="pool_forward"
def pool_forward(A_prev, hparameters, mode="max"):
    """Return the output A of a pooling layer, and its cache.

    A_prev:      array of shape (m, n_H_prev, n_W_prev, n_C), the output of the previous layer
    hparameters: dict with the whole numbers "f" (height and width of the window) and "stride"
    mode:        "max" or "average"
    returns:     A, array of shape (m, n_H, n_W, n_C), and cache, the tuple (A_prev, hparameters)
    """
    # 1. Read the sizes from the shape of A_prev, and f and stride from hparameters.
    # 2. Work out n_H and n_W, and make an A of the right shape, full of zeros.
    # 3. Visit every entry of A: which image, row, column and channel does it belong to?
    # 4. For each entry: where does its window begin and end? Cut it out, from one channel only, and
    #    put its maximum or its average into A, whichever mode asks for.
    # 5. Return A and the cache. A_prev stays as it is.
    ### BEGIN SOLUTION
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    f, stride = hparameters["f"], hparameters["stride"]
    n_H = pool_output_size(n_H_prev, f, stride)
    n_W = pool_output_size(n_W_prev, f, stride)
    A = np.zeros((m, n_H, n_W, n_C))
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    top, left = h * stride, w * stride
                    window = A_prev[i, top : top + f, left : left + f, c]
                    A[i, h, w, c] = window.max() if mode == "max" else window.mean()
    return A, (A_prev, hparameters)
    ### END SOLUTION


# %% [markdown]
# ### See it work
#
# The 4×4 image of section 3 through *your* layer, with stride 2 and with stride 1.
#
# **Predict.** With stride 1, one window holds the 7, 4, 2 and 9 in the middle. Where does its average
# stand, and is it a whole number?

# %%
pooling.show_numbers(pool_forward)

# %% [markdown]
# <details><summary>Answer</summary>
#
# In the middle of the 3×3 map, row 1 and column 1. It is $22/4 = 5.5$.
#
# </details>
#
# ### Check it

# %% check="pool_forward"
check(pool_forward)

# %% hidden="pool_forward"
grade(pool_forward)

# %%
keep(pool_forward)

# %% [markdown]
# ### If you are stuck
#
# <details><summary>Hint 1: what to think about</summary>
#
# Open your `conv_forward` beside it. The loops and the corners of the window are the same. What happens
# inside the innermost loop is simpler: there is no padding, no filter, and the window has no axis for
# channels.
#
# </details>
#
# <details><summary>Hint 2: right with stride 1, wrong with stride 2</summary>
#
# Where is the top left corner of the window of output $(h, w)$? Not in row $h$ and column $w$: each step in
# the output is `stride` pixels in the input. Try it on the worked example, where output $(1, 1)$ comes from
# rows 2–3 and columns 2–3.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# Compute `top` from `h` and `stride`, and `left` from `w` and `stride`. The window is image `i`, rows `top`
# to `top + f`, columns `left` to `left + f` (the last not included), and the single channel `c`, so it has
# shape `(f, f)`. An array has the methods `.max()` and `.mean()`; an `if` on `mode` picks one, and the
# number goes into `A[i, h, w, c]`.
#
# </details>

# %% [markdown]
# ## 5 · On a photo
#
# Your layer now pools a photo in colour, $A_{prev}$ of shape $(1, 100, 85, 3)$. Each of the three channels
# is pooled by itself.
#
# **Predict.** What shape comes out with $f = 4$ and $s = 4$? Which mode makes the photo brighter, and what
# happens to the dark frame of the glasses?

# %%
pooling.show_photo(pool_forward)

# %% [markdown]
# <details><summary>Answer</summary>
#
# $(1, 25, 21, 3)$: one column is left over. Max pooling makes it brighter, as the largest number of a
# window is never below its average. The frame is thin and dark. In nearly every window there is something
# brighter, so max pooling wipes it out, and average pooling mixes it with the skin around it.
#
# Did you see the pink ear, with max and $f = 4$? No pixel of the photo has that colour. Each channel has
# its own maximum: the red one is from the skin, and the blue one from the background beside it.
#
# </details>
#
# Max pooling keeps what is *large*. In a feature map that is what you want: a large number there says
# "found it".

# %% [markdown]
# ## 6 · Move the image by one pixel
#
# An image of shape $(1, 8, 8, 1)$, zero but for two bright pixels: a 9 in row 2, column 2, and a 5 in row
# 5, column 5. With $f = 2$ and $s = 2$ the windows stand on columns 0–1, 2–3, 4–5 and 6–7.
#
# **Predict.** Move the whole image one pixel to the right: the 9 is now in column 3 and the 5 in column 6.
# Which entries of the pooled map change? Then move it one pixel further. And now?

# %%
pooling.show_shift(pool_forward)

# %% [markdown]
# <details><summary>Answer</summary>
#
# First the 9 stays in its window and nothing is seen of its move. The 5 goes to the next window, so two
# entries change: the old one and the new one. With the second move it is the other way round.
#
# </details>
#
# > **"Pooling makes a network blind to shifts."** Some small moves are hidden, those inside a window. A
# > move across a window's edge is seen as before.
#
# A photo has no empty pixels, so nearly every number changes a little when it moves. The question is by how
# much.
#
# **Predict.** The photo moves by one pixel. Where is the mean change smaller: in the photo itself, or after
# pooling with $f = 8$ and $s = 8$?

# %%
pooling.show_photo_shift(pool_forward)

# %% [markdown]
# <details><summary>Answer</summary>
#
# After pooling. Of the 64 pixels in a window of 8×8, only 8 leave and 8 new ones come in; the other 56
# stay. The average hardly changes, and the maximum changes only when it leaves, or when something brighter
# comes in.
#
# </details>

# %% [markdown]
# ### With sliders
#
# Choose image, mode, `f` and `stride`, and `shift` the image to the right. Step over `A` with the arrow keys,
# or point at it. Outputs that differ from those without a shift have a dashed outline.
#
# **Predict.** Two spots, f = 2, stride 2: how many outputs change with a shift of 1? Can you choose `f` and
# `stride` so that a shift of 1 changes nothing?
#
# <details><summary>A still of it, for where nothing runs</summary>
#
# ![The explorer of the pooling layer: an image, the window under one output, and the pooled map](pooling.svg)
# </details>

# %%
explore.pooling(pool_forward)

# %% [markdown]
# <details><summary>Answer</summary>
#
# Two. The 9 in column 2 moves to column 3 and stays in its window; the 5 in column 3 moves to column 4, into
# the next one. With f = 3 and stride 3 it is the 9 that leaves its window. With f = 5 and stride 4 there is a
# single window, both stay in it, and nothing changes.
# </details>

# %% [markdown]
# ## 7 · The line detector, pooled
#
# Back to the detector of lesson 03: an image of 8×8, zero but for ones in columns 3 and 4, a 3×3 filter
# with ones in its middle column, and ReLU. With 10 parameters it makes a 6×6 feature map with 3 in the two
# middle columns. Now pooling follows, $f = 2$ and $s = 2$, which gives 3×3 and adds no parameter.
#
# **Predict.** What stands in the middle column of the pooled map with max, and what with average? What do
# the two give when the line is moved one pixel to the right?

# %%
pooling.show_line_detector(pool_forward, conv_forward)

# %% [markdown]
# <details><summary>Answer</summary>
#
# 3 in both cases: the two columns of threes fill the middle windows. The line survives in a map of only
# nine numbers. When the line has moved, the threes lie in two neighbouring windows each. Max says 3 and 3:
# two windows have found it. Average says 1.5 and 1.5: a line, but a fainter one.
#
# </details>
#
# In lesson 08 you meet these numbers again, made by PyTorch, Keras and TensorFlow.

# %% [markdown]
# ## 8 · Three questions without code
#
# 1. A layer `MaxPooling2D((3, 3))`, no stride given, gets an input of shape $(m, 30, 20, 16)$. What comes
#    out?
# 2. How many parameters does it have? How many with an input of shape $(m, 300, 200, 16)$?
# 3. With which $f$ and $s$ does a pooling layer change nothing at all?
#
# <details><summary>Answer</summary>
#
# 1. $(m, 10, 6, 16)$. The stride is that of the window, 3: $\lfloor (30-3)/3 \rfloor + 1 = 10$ and
#    $\lfloor (20-3)/3 \rfloor + 1 = 6$. Two columns are left over.
# 2. None, and none.
# 3. $f = 1$ and $s = 1$: each window is a single pixel.
#
# </details>

# %% [markdown]
# ## 9 · Break it
#
# **Why.** A layer that is wrong seldom says so. It returns numbers, often of the right shape, and the network
# learns a little worse than it should. What finds the mistake is a test: inputs on which it cannot hide.
# Whoever chooses such inputs has to know what makes a convolution a convolution, so try it.
#
# Below stand three versions of lesson 03's `conv_forward`, each with one mistake. Each is right on many
# inputs. On which is it wrong?
#
# **What counts.** You write no layer here, but a function that returns a dict. For each version it holds
# inputs `(A_prev, W, b, hparameters)` that *betray* it: it returns something else than a right
# `conv_forward`, or it stops with an error where a right one does not.
#
# - Arrays hold whole numbers from −9 to 9, have four axes, each 1 to 8 long, and together at most 2000
#   numbers. The stride is 1 to 8, and `pad` 0 to 4.
# - They must be inputs that a right function takes: the filters are square, the channels agree, $b$ has shape
#   $(1, 1, 1, n_C)$, and the filter fits. Otherwise
#   the check says what is wrong with them.
# - You may give the same inputs to several versions, as long as each betrays itself on what it gets.


# %% locked="conv_forward_versions"
def conv_forward_a(A_prev, W, b, hparameters):
    stride, pad = hparameters["stride"], hparameters["pad"]
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    f, _, _, n_C = W.shape
    padded = np.pad(A_prev, [(0, 0), (pad, pad), (pad, pad), (0, 0)])
    n_H = (n_H_prev - f + 2 * pad) // stride + 1
    n_W = (n_W_prev - f + 2 * pad) // stride + 1
    Z = np.zeros((m, n_H, n_W, n_C))
    for i, h, w, c in np.ndindex(Z.shape):
        window = padded[i, h : h + f, w : w + f]
        Z[i, h, w, c] = np.sum(window * W[..., c]) + b[0, 0, 0, c]
    return Z, (A_prev, W, b, hparameters)


def conv_forward_b(A_prev, W, b, hparameters):
    stride, pad = hparameters["stride"], hparameters["pad"]
    m, n_prev, _, _ = A_prev.shape
    f, _, _, n_C = W.shape
    padded = np.pad(A_prev, [(0, 0), (pad, pad), (pad, pad), (0, 0)])
    n = (n_prev - f + 2 * pad) // stride + 1
    Z = np.zeros((m, n, n, n_C))
    for i, h, w, c in np.ndindex(Z.shape):
        row, column = h * stride, w * stride
        window = padded[i, row : row + f, column : column + f]
        Z[i, h, w, c] = np.sum(window * W[..., c]) + b[0, 0, 0, c]
    return Z, (A_prev, W, b, hparameters)


def conv_forward_c(A_prev, W, b, hparameters):
    stride, pad = hparameters["stride"], hparameters["pad"]
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    f, _, _, n_C = W.shape
    padded = np.pad(A_prev, [(0, 0), (pad, pad), (pad, pad), (0, 0)])
    n_H = (n_H_prev - f + 2 * pad) // stride + 1
    n_W = (n_W_prev - f + 2 * pad) // stride + 1
    Z = np.zeros((m, n_H, n_W, n_C))
    for i, h, w, c in np.ndindex(Z.shape):
        row, column = h * stride, w * stride
        window = padded[i, row : row + f, column : column + f]
        Z[i, h, w, c] = np.sum(window * W[..., c] + b[0, 0, 0, c])
    return Z, (A_prev, W, b, hparameters)


# %% [markdown]
# ### See it work
#
# The three versions and your own function on one image: 4×4 pixels, one channel, one filter, stride 1, no
# padding, no bias.
#
# **Predict.** How many of the four answers differ?

# %%
A_prev = np.arange(16).reshape(1, 4, 4, 1) % 10
W, b = np.ones((2, 2, 1, 1)), np.zeros((1, 1, 1, 1))
for version in (conv_forward, conv_forward_a, conv_forward_b, conv_forward_c):
    Z, _ = version(A_prev, W, b, {"stride": 1, "pad": 0})
    print(f"{version.__name__:15}", Z[0, :, :, 0].tolist())

# %% [markdown]
# <details><summary>Answer</summary>
#
# None. A test with inputs like these finds nothing, and there are published ones that stop here.
#
# </details>


# %% exercise="break_conv_forward"
def break_conv_forward():
    """Return inputs on which each faulty version betrays itself.

    returns: dict with the keys "a", "b" and "c", each with a tuple (A_prev, W, b, hparameters)
    """
    # 1. Take one version and read it beside your own conv_forward. Which line does something else?
    # 2. For which inputs does that line not matter? Those it survives.
    # 3. Choose others, as small as you can, and work out one entry of Z on paper: theirs, and yours.
    ### BEGIN SOLUTION
    A_prev = np.arange(24).reshape(1, 4, 6, 1) % 10
    W, b = np.ones((2, 2, 1, 1)), np.ones((1, 1, 1, 1))
    everything = (A_prev, W, b, {"stride": 2, "pad": 0})
    return {"a": everything, "b": everything, "c": everything}
    ### END SOLUTION


# %% [markdown]
# ### Check it

# %% check="break_conv_forward"
check(break_conv_forward)

# %% hidden="break_conv_forward"
grade(break_conv_forward)

# %% [markdown]
# ### If you are stuck
#
# <details><summary>Hint 1: what to think about</summary>
#
# Look at the inputs of the cell above once more: stride 1, a square image, $b$ zero. Each of these hides one
# of the mistakes.
#
# </details>
#
# <details><summary>Hint 2: where to look</summary>
#
# - **a:** from which row of the padded image does `window` begin when $h = 1$? From which should it?
# - **b:** how wide is $Z$, and which side of the image does that number come from?
# - **c:** how often is the bias added for one entry of $Z$? Count the brackets.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# One set of inputs can betray all three: an image that is wider than high, a stride of 2, and a bias that is
# not zero. `np.arange(24).reshape(1, 4, 6, 1) % 10` is an image of 4×6 whose neighbours differ. Give the dict
# the same tuple three times, under `"a"`, `"b"` and `"c"`.
#
# </details>

# %% [markdown]
# ## What to remember
#
# - Output size: $\lfloor (n_{prev} - f)/s \rfloor + 1$. The pair in `MaxPooling2D((2, 2))` is the window.
# - The window of output $(h, w)$ starts in row $h \cdot s$ and column $w \cdot s$.
# - One channel at a time: as many channels come out as went in.
# - No weights, no bias, 0 parameters.
# - Max keeps the largest and hides some small moves; average keeps a fainter trace of everything.
# - A test finds what its inputs can show: take a stride above 1, an image that is not square, a bias that is not 0.

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
# **Next:** you have both layers forward. To train them you need the way back. Lesson 05 asks how the cost
# changes when a weight of a convolution changes.
