# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lesson 05 · Convolution, backward
#
# So far the filters were given. A network finds its own: it asks of every weight "if you were a little
# larger, would the cost go up or down, and how fast?" and moves the weight the other way. In this lesson
# you compute the answer for every weight of a convolution layer.
#
# **When you are through, you can**
#
# - derive the three gradients of a convolution layer from the chain rule, with numbers on paper;
# - write `conv_backward`, with padding and stride;
# - explain why gradients add up where windows overlap;
# - test a backward pass for which nobody gives you the right numbers: by a gradient check.
#
# **You need** lessons 01 and 03 (`zero_pad`, `conv_forward`) and the chain rule for functions of one
# variable.
#
# **Time:** about 40 minutes, and 10 more for "Break it" at the end, which can wait for another day.

# %% locked="setup"
import numpy as np

from convlab import check, explore, grade, gradient_check, keep, progress, ready, save_work
from convlab.figures import conv_gradients

# %% locked="mine"
from convlab.mine import conv_forward, zero_pad

# %% [markdown]
# ## 1 · What arrives, and what must leave
#
# At the end of a network stands one number, the **cost** $J$: how wrong the network was. Training goes
# backward from there, layer by layer.
#
# When it is our layer's turn, the layer after it has already found out how $J$ changes with each number
# that our layer put out:
#
# $$dZ_{i,h,w,c} = \frac{\partial J}{\partial Z_{i,h,w,c}}$$
#
# Read $\partial J / \partial Z_{i,h,w,c}$ as the derivative of $J$ when only this one number changes and all others
# stay as they are. From now on, a $d$ in front of an array means this: the **gradient**, how fast $J$ changes with each of
# its entries. A gradient always has the shape of the array that it belongs to.
#
# | | array | shape | its gradient |
# |---|---|---|---|
# | the output | $Z$ | $(m,\; n_H,\; n_W,\; n_C)$ | $dZ$, given |
# | the filters | $W$ | $(f,\; f,\; n_{C,prev},\; n_C)$ | $dW$, to learn from |
# | the biases | $b$ | $(1,\; 1,\; 1,\; n_C)$ | $db$, to learn from |
# | the input | $A_{prev}$ | $(m,\; n_{H,prev},\; n_{W,prev},\; n_{C,prev})$ | $dA_{prev}$, handed to the layer before |
#
# What else is needed? $A_{prev}$, $W$, $b$ and the hyperparameters: just what `conv_forward` has put into
# its cache.

# %% [markdown]
# ## 2 · The chain rule for one window
#
# Take a single stop of the window: pixels $a_k$, weights $w_k$, one bias $b$.
#
# $$z = \sum_k a_k \, w_k + b$$
#
# Make one weight $w_k$ larger by a tiny $\varepsilon$. Then $z$ grows by $a_k\,\varepsilon$. And $J$
# changes $dz$ times as fast as $z$, so it changes by $dz \cdot a_k\,\varepsilon$. Divide by $\varepsilon$.
# The same works for $a_k$ and for $b$:
#
# $$\frac{\partial J}{\partial w_k} = dz \cdot a_k \qquad\quad \frac{\partial J}{\partial a_k} = dz \cdot w_k \qquad\quad
#   \frac{\partial J}{\partial b} = dz$$
#
# - $dz = \partial J / \partial z$ is the one number that arrives for this stop;
# - $a_k$ and $w_k$ are the pixel and the weight that meet at place $k$ of the window.
#
# In words: **each factor of a product gets $dz$ times the other factor.** The rest of this lesson is this
# sentence, many times.
#
# ### On paper
#
# One channel and $f = 2$:
#
# $$a = \begin{pmatrix} 1 & 2 \\ 3 & 1 \end{pmatrix} \qquad w = \begin{pmatrix} 1 & 0 \\ -1 & 2 \end{pmatrix} \qquad b = 1 \qquad dz = 3$$
#
# What are $z$ and the three gradients?
#
# <details><summary>Answer</summary>
#
# $z = 1 \cdot 1 + 2 \cdot 0 + 3 \cdot (-1) + 1 \cdot 2 + 1 = 1$, and
#
# $$\frac{\partial J}{\partial w} = 3a = \begin{pmatrix} 3 & 6 \\ 9 & 3 \end{pmatrix} \qquad
#   \frac{\partial J}{\partial a} = 3w = \begin{pmatrix} 3 & 0 \\ -3 & 6 \end{pmatrix} \qquad \frac{\partial J}{\partial b} = 3$$
#
# The weight that is 0 has a gradient of 6. How fast the cost changes with a weight depends on the pixel
# that it meets, and not on the weight itself.
#
# </details>

# %% [markdown]
# ## 3 · Many windows: gradients add up
#
# Now the window moves. The image is 3×3, the filter is the one from above, $b = 1$, stride 1, no padding.
# (With all four axes the shapes are $(1, 3, 3, 1)$ for $A_{prev}$ and $(2, 2, 1, 1)$ for $W$.) Forward,
# this gives a $Z$ of 2×2. From behind arrives a $dZ$ of the same shape:
#
# $$A_{prev} = \begin{pmatrix} 1 & 2 & 0 \\ 3 & 1 & 2 \\ 0 & 1 & 4 \end{pmatrix} \quad\;
#   W = \begin{pmatrix} 1 & 0 \\ -1 & 2 \end{pmatrix} \quad\;
#   Z = \begin{pmatrix} 1 & 6 \\ 6 & 9 \end{pmatrix} \quad\;
#   dZ = \begin{pmatrix} 1 & 2 \\ -1 & 3 \end{pmatrix}$$
#
# **A weight** was used at all four stops. Make it a little larger, and all four entries of $Z$ change. The
# four changes of $J$ **add up**. So $dW$ is a sum of the four windows of the image, each times the number
# that arrived for it:
#
# $$dW = 1 \begin{pmatrix} 1 & 2 \\ 3 & 1 \end{pmatrix} + 2 \begin{pmatrix} 2 & 0 \\ 1 & 2 \end{pmatrix} -
#   1 \begin{pmatrix} 3 & 1 \\ 0 & 1 \end{pmatrix} + 3 \begin{pmatrix} 1 & 2 \\ 1 & 4 \end{pmatrix} =
#   \begin{pmatrix} 5 & 7 \\ 8 & 16 \end{pmatrix}$$
#
# **The bias** was used four times as well: $db = 1 + 2 - 1 + 3 = 5$.
#
# **A pixel** in a corner was in one window, the one in the middle in all four, each time under another
# weight. Each stop puts $dz \cdot W$ on the place of its window, and where windows overlap the numbers add
# up (a dot is a place outside the window):
#
# $$dA_{prev} =
#   \begin{pmatrix} 1 & 0 & \cdot \\ -1 & 2 & \cdot \\ \cdot & \cdot & \cdot \end{pmatrix} +
#   \begin{pmatrix} \cdot & 2 & 0 \\ \cdot & -2 & 4 \\ \cdot & \cdot & \cdot \end{pmatrix} +
#   \begin{pmatrix} \cdot & \cdot & \cdot \\ -1 & 0 & \cdot \\ 1 & -2 & \cdot \end{pmatrix} +
#   \begin{pmatrix} \cdot & \cdot & \cdot \\ \cdot & 3 & 0 \\ \cdot & -3 & 6 \end{pmatrix} =
#   \begin{pmatrix} 1 & 2 & 0 \\ -2 & 3 & 4 \\ 1 & -5 & 6 \end{pmatrix}$$
#
# ### On paper
#
# Check the entry in the middle. Then: what becomes of $dW$, $db$ and the middle of $dA_{prev}$ when the
# $-1$ in $dZ$ is a 0?
#
# <details><summary>Answer</summary>
#
# The middle is $2 - 2 + 0 + 3 = 3$. Without the third stop, its window is missing in the sum:
# $dW = \begin{pmatrix} 8 & 8 \\ 8 & 17 \end{pmatrix}$ and $db = 6$. The middle stays 3, as the third stop
# gave it $-1 \cdot 0 = 0$.
#
# </details>

# %% [markdown]
# ## 4 · The three formulas
#
# **Formula.** The same with many images, channels and filters, and with a stride. $A^{pad}$ is the padded
# input. The letters are those of `conv_forward`:
#
# $$dW_{j,k,d,c} = \sum_{i} \sum_{h} \sum_{w} \; dZ_{i,h,w,c} \; A^{pad}_{i,\;hs+j,\;ws+k,\;d}$$
#
# $$db_{0,0,0,c} = \sum_{i} \sum_{h} \sum_{w} \; dZ_{i,h,w,c}$$
#
# $$\text{each } dZ_{i,h,w,c} \text{ adds } \;\; dZ_{i,h,w,c} \; W_{j,k,d,c} \;\; \text{ to } \;\; dA^{pad}_{i,\;hs+j,\;ws+k,\;d}
#   \;\; \text{ for all } j, k, d$$
#
# - $i$ is the image, $h$ and $w$ are row and column of the output, and $c$ is the filter;
# - $j$ and $k$ are row and column inside the window, both from 0 to $f - 1$, and $d$ is the channel of the
#   input;
# - $s$ is the stride: the window of output $(h, w)$ starts in row $hs$ and column $ws$ of the padded input.
#
# You need no loop over $j$, $k$ and $d$. One window of $A^{pad}$ and one filter have the same shape,
# $(f, f, n_{C,prev})$, so NumPy handles all of it at once.
#
# Look at which sums stand where. A filter collects from *all images*, since it was used on each of them. A
# pixel collects from *all filters*, since each of them looked at it. Nothing is divided by $m$: if the cost
# is a mean over the batch, the $1/m$ is already inside $dZ$.

# %% [markdown]
# ## 5 · Padding, and off again
#
# Forward, the image got a frame of zeros, and the windows looked at the padded image. So the gradients land
# on the padded image as well, some of them on the frame. The frame is no part of the input, and nobody
# waits for its gradient. It is cut off at the end.
#
# ### On paper
#
# The image, filter and $dZ$ of section 3, but with pad 1 and stride 2. The padded image is 5×5. The four
# windows start in rows and columns 0 and 2 and do not overlap:
#
# $$dA^{pad} = \left(\begin{array}{c|ccc|c} 1 & 0 & 2 & 0 & 0 \\ \hline -1 & 2 & -2 & 4 & 0 \\ -1 & 0 & 3 & 0 & 0 \\
#   1 & -2 & -3 & 6 & 0 \\ \hline 0 & 0 & 0 & 0 & 0 \end{array}\right)
#   \qquad dA_{prev} = \begin{pmatrix} 2 & -2 & 4 \\ 0 & 3 & 0 \\ -2 & -3 & 6 \end{pmatrix}$$
#
# Why is the last column of $dA^{pad}$ zero?
#
# <details><summary>Answer</summary>
#
# The window does not fit there a third time: $\lfloor (3 - 2 + 2)/2 \rfloor + 1 = 2$ places. No output has
# seen that column, so none depends on it.
#
# </details>
#
# ### A trap
#
# How do you cut off a frame that is `pad` wide? The first idea is often `[pad:-pad]`.
#
# **Predict** what the three lines print, then run them.

# %%
row = np.array([10, 11, 12, 13, 14, 15])
print("pad 2:", row[2:-2])
print("pad 1:", row[1:-1])
print("pad 0:", row[0:-0])

# %% [markdown]
# In Python `-0` is 0, so `[0:-0]` means "from 0 to 0": nothing. Without padding the whole gradient is gone.
# Published solutions have this mistake, because they were only ever tried *with* padding.
#
# Say where the image *starts* inside the frame and how *long* it is. That is right for every pad.

# %% [markdown]
# ## 6 · `conv_backward`
#
# **Why.** With these three arrays a convolution layer can learn, and the layers before it can, too.


# %% exercise="conv_backward"
def conv_backward(dZ, cache):
    """Return the gradients of a convolution layer: of its input, its filters and its biases.

    dZ:      array of shape (m, n_H, n_W, n_C), the gradient of the cost with respect to the output Z
    cache:   the tuple (A_prev, W, b, hparameters) that conv_forward returned;
             hparameters is a dict with the whole numbers "stride" and "pad"
    returns: dA_prev, array of shape (m, n_H_prev, n_W_prev, n_C_prev), like A_prev
             dW, array of shape (f, f, n_C_prev, n_C), like W
             db, array of shape (1, 1, 1, n_C), like b
    """
    # 1. Unpack the cache, and read the sizes you need from the shapes of dZ, A_prev and W.
    # 2. Pad the input as the forward pass did. Make three arrays of zeros to collect in:
    #    one like the padded input, one like W, one like b.
    # 3. Visit every entry of dZ: image, row, column, filter. Find its window, as in conv_forward.
    # 4. Add what this one entry contributes, to each of the three.
    # 5. Cut the frame off the gradient of the padded input. Think of pad = 0.
    # 6. Return the three gradients, in the order of the docstring.
    ### BEGIN SOLUTION
    A_prev, W, b, hparameters = cache
    stride, pad, f = hparameters["stride"], hparameters["pad"], W.shape[0]
    n_H_prev, n_W_prev = A_prev.shape[1:3]
    A_pad = zero_pad(A_prev, pad)
    dA_pad, dW, db = np.zeros(A_pad.shape), np.zeros(W.shape), np.zeros(b.shape)
    for i, h, w, c in np.ndindex(dZ.shape):  # four loops in one
        rows = slice(h * stride, h * stride + f)
        columns = slice(w * stride, w * stride + f)
        dA_pad[i, rows, columns] += dZ[i, h, w, c] * W[:, :, :, c]
        dW[:, :, :, c] += dZ[i, h, w, c] * A_pad[i, rows, columns]
        db[:, :, :, c] += dZ[i, h, w, c]
    dA_prev = dA_pad[:, pad : pad + n_H_prev, pad : pad + n_W_prev]
    return dA_prev, dW, db
    ### END SOLUTION


# %% [markdown]
# ### See it work
#
# The examples of sections 3 and 5 by *your* function.
#
# **Predict.** Stride, padding and so the windows are different in the two rows. Which of the three
# gradients is the same in both?

# %%
conv_gradients.show_numbers(conv_backward)

# %% [markdown]
# <details><summary>Answer</summary>
#
# $db$, which is the sum of $dZ$ and knows nothing of windows.
#
# </details>
#
# ### Check it

# %% check="conv_backward"
check(conv_backward)

# %% hidden="conv_backward"
grade(conv_backward)

# %%
keep(conv_backward)

# %% [markdown]
# ### If you are stuck
#
# <details><summary>Hint 1: what to think about</summary>
#
# Take the loops and the corners of the window from your `conv_forward`. Only the innermost lines change:
# there you computed an entry of `Z` from a window, here you *have* an entry of `dZ` and add something to
# three arrays. Begin with `db`, which needs no window at all, then `dW`, then `dA_prev`.
#
# </details>
#
# <details><summary>Hint 2: the shapes are right, the numbers are not</summary>
#
# - Do you *add* (`+=`) to all three, or does each stop overwrite the one before?
# - Is the window cut from the *padded* input, and does its corner move by `stride`?
# - Does an entry of `dZ` from filter `c` go to filter `c` only?
# - `np.zeros_like` takes over the type as well. From an image of whole numbers it makes an array of whole
#   numbers, which cannot take decimals. `np.zeros` with a shape always makes floats.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# Call the number `dZ[i, h, w, c]` `g`. The window of image `i` in the padded input, all channels, has shape
# `(f, f, n_C_prev)`, and so has filter `c`, which is `W[:, :, :, c]`. The gradient of that window gets `g`
# times the filter. The gradient of that filter gets `g` times the window. The gradient of bias `c` gets
# `g`.
#
# For the cutting: along the height, the input takes the rows `pad` to `pad + n_H_prev` (the last one not
# included), as when you wrote `zero_pad`.
#
# </details>

# %% [markdown]
# ## 7 · Gradient checking: the proof
#
# The check compares your numbers with numbers that somebody else has computed. What if there is nobody
# else? Then go back to what a gradient *is*: how much the cost changes when one number changes a little.
# You can simply try it.
#
# $$\frac{\partial J}{\partial x} \approx \frac{J(x + \varepsilon) - J(x - \varepsilon)}{2 \varepsilon}$$
#
# - $x$ is one number, say a single weight; all others stay as they are;
# - $\varepsilon$ is a small step.
#
# This is the **numerical** gradient. It needs the *forward* pass only, and knows nothing of your
# derivation. For training it is far too slow (two forward passes for each single number), but as a test
# there is nothing better. What your backward pass computes is called the **analytic** gradient.
#
# How small should the step be? Try it with $J(x) = x^3$ at $x = 2$, where the slope is $3 \cdot 2^2 = 12$.
#
# **Predict.** Does a smaller step always give a better answer?


# %%
def J(x):
    return x**3


for step in [1e-1, 1e-3, 1e-5, 1e-9, 1e-13]:
    slope = (J(2 + step) - J(2 - step)) / (2 * step)
    print(f"step {step:.0e}:  slope {slope:.9f}, off by {abs(slope - 12):.0e}")

# %% [markdown]
# At first it gets better: the error shrinks like $\varepsilon^2$. Then it gets worse. The two costs have
# nearly all of their 16 digits in common, and what is left of them in the difference is mostly rounding. A
# good step is about $10^{-5}$.
#
# Two arrays are compared by one number, the **relative difference**:
#
# $$\frac{\lVert d_{analytic} - d_{numerical} \rVert}{\lVert d_{analytic} \rVert + \lVert d_{numerical} \rVert}$$
#
# - $d_{analytic}$ and $d_{numerical}$ are the two gradients, arrays of one shape;
# - $\lVert \cdot \rVert$ is the length of an array, the square root of the sum of its squares.
#
# Below about $10^{-7}$ the two agree. Above $10^{-3}$ there is a mistake. In between, look twice: often the
# function has a kink close by, like ReLU at 0.
#
# Here is the tool with $J = \sum_k x_k^2$, whose gradient is $2x$. In the last line somebody has forgotten
# the 2.

# %%
x = np.array([[1.0, 2.0], [3.0, 4.0]])
numerical = gradient_check.numerical_gradient(lambda x: np.sum(x**2), x)
print("numerical gradient:", numerical.round(6).tolist())
print(f"relative difference to 2x: {gradient_check.relative_difference(2 * x, numerical):.0e}")
print(f"relative difference to  x: {gradient_check.relative_difference(x, numerical):.0e}")

# %% [markdown]
# ### Now your layer
#
# A layer by itself has no cost, so make one up. Multiply each entry of $Z$ by a random number that stays
# fixed, and add up:
#
# $$J = \sum_{i,h,w,c} R_{i,h,w,c} \; Z_{i,h,w,c} \qquad \text{and so} \qquad dZ = R$$
#
# $R$ has the shape of $Z$. The tool hands $R$ to your `conv_backward`, then moves every single entry of
# $A_{prev}$, $W$ and $b$ up and down, runs your own `conv_forward` each time, and compares.
#
# It does so for several settings, because one setting can hide a mistake. With stride 1 nobody notices a
# forgotten stride. With padding nobody notices the trap of section 5.

# %%
gradient_check.convolution(conv_forward, conv_backward)

# %% [markdown]
# Does one gradient disagree in one setting only? Then that setting names the mistake. Do all disagree? Then
# look at your `conv_forward`, too: the two are held against each other.

# %% [markdown]
# ## 8 · Who receives the gradient of one entry?
#
# Let $dZ$ be 0 but for a single 1. What your function returns then shows the pixels and the weights that
# had a part in this one output. The image is 6×7 and holds the numbers 1 to 42, the filter is 3×3 and holds
# 1 to 9, stride 2, pad 1. So $dZ$ is 3×4.
#
# **Predict.** The 1 stands in row 1, column 2 of $dZ$. Which pixels receive something, and what? What does
# $dW$ show?

# %%
conv_gradients.show_entry(conv_backward, row=1, col=2)

# %% [markdown]
# <details><summary>Answer</summary>
#
# The nine pixels of the window: a copy of the filter lies on them. The window starts in row
# $1 \cdot 2 - 1 = 1$ and column $2 \cdot 2 - 1 = 3$ of the image; the $-1$ is the frame. $dW$ is a copy of
# the pixels of that window.
#
# </details>
#
# **Predict.** Now the corner, `row=0, col=0`. How many pixels receive something, and why does $dW$ begin
# with zeros?

# %%
conv_gradients.show_entry(conv_backward, row=0, col=0)

# %% [markdown]
# <details><summary>Answer</summary>
#
# Four. The upper and the left part of the window lie on the frame: their gradient is cut off, and in $dW$
# they show the zeros of the frame.
#
# </details>
#
# Now the other way round: everything in $W$ and in $dZ$ is 1. Each pixel then receives a 1 from each window
# that sees it, so $dA_{prev}$ *counts*. The image is 6×8, the filter 3×3.
#
# **Predict.** Where are the largest counts with stride 1 and pad 0? Which pixels get 0 with stride 2?

# %%
conv_gradients.show_counts(conv_backward)

# %% [markdown]
# <details><summary>Answer</summary>
#
# In the middle, where nine windows see a pixel. With stride 2 and no padding, the last row and the last
# column get 0: no window fits there any more.
#
# </details>
#
# In lesson 01 you counted how often a window sees each pixel. Here the same counts come back: what is seen
# often has much influence and gets much gradient.

# %% [markdown]
# ### With sliders
#
# Step over `dZ` with the arrow keys, or point at it: below stands what the pixels and the weights receive from
# this one entry, or from all. `show` puts the numerical gradient of section 7 in its place, made with your
# `conv_forward`, or the difference of the two.
#
# **Predict.** An entry of `dZ` that is 2: what does it give to the pixels of its window? What do the pixels
# receive from an entry that is 0? And what should "yours − numerical" show?
#
# <details><summary>A still of it, for where nothing runs</summary>
#
# ![The explorer of the gradients of a convolution layer: image, filter and dZ, and what pixels and weights receive](conv_gradients.svg)
# </details>

# %%
explore.conv_gradients(conv_backward, conv_forward)

# %% [markdown]
# <details><summary>Answer</summary>
#
# Twice the filter; nothing; and zeros everywhere, as long as your two functions fit together.
# </details>

# %% [markdown]
# ## 9 · Let it learn
#
# What is all this for? Somebody has run a 3×3 filter over a photo and shows you the result $T$, but not the
# filter. Your layer starts with a filter of zeros and repeats:
#
# 1. forward: compute $Z$ with the present filter;
# 2. the cost is $J = \frac{1}{2n} \sum (Z - T)^2$, where $n$ is the number of entries of $Z$, so
#    $dZ = (Z - T)/n$;
# 3. backward: your function makes $dW$ and $db$ from $dZ$;
# 4. a step against the gradient: $W$ becomes $W - 0.3\,dW$, and $b$ becomes $b - 0.3\,db$.
#
# **Predict.** The hidden filter is one of the two Sobel filters of lesson 03. What will the nine numbers
# look like after 40 rounds? (The cell takes a moment.)

# %%
conv_gradients.show_learning(conv_backward, conv_forward)

# %% [markdown]
# Nobody has told the layer what an edge is. It found the filter from an example, by following the gradient
# that you derived. In lesson 09 a whole network does the same.

# %% [markdown]
# ## 10 · Break it
#
# **Why.** In lesson 04 you found inputs on which a faulty convolution betrays itself. Pooling looks simpler, and
# its mistakes hide better: an image from a photo has no negative pixels, and the usual window is as wide as its
# stride.
#
# Below stand three versions of `pool_forward`, each with one mistake.
#
# **What counts.** You write no layer here, but a function that returns a dict. For each version it holds
# inputs `(A_prev, hparameters, mode)` that betray it: it returns something else than a right `pool_forward`,
# or it stops with an error where a right one does not.
#
# - Arrays hold whole numbers from −9 to 9, have four axes, each 1 to 8 long, and together at most 2000
#   numbers. `f` and the stride are 1 to 8, and `mode` is "max" or "average".
# - They must be inputs that a right function takes: the window fits into the image. Otherwise
#   the check says what is wrong with them.
# - You may give the same inputs to several versions, as long as each betrays itself on what it gets.


# %% locked="pool_forward_versions"
def pool_forward_a(A_prev, hparameters, mode="max"):
    f, stride = hparameters["f"], hparameters["stride"]
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    n_H, n_W = (n_H_prev - f) // stride + 1, (n_W_prev - f) // stride + 1
    A = np.zeros((m, n_H, n_W, n_C))
    for i, h, w, c in np.ndindex(A.shape):
        top, left = h * f, w * f
        window = A_prev[i, top : top + f, left : left + f, c]
        A[i, h, w, c] = window.max() if mode == "max" else window.mean()
    return A, (A_prev, hparameters)


def pool_forward_b(A_prev, hparameters, mode="max"):
    f, stride = hparameters["f"], hparameters["stride"]
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    n_H, n_W = (n_H_prev - f) // stride + 1, (n_W_prev - f) // stride + 1
    A = np.zeros((m, n_H, n_W, n_C))
    for i, h, w, c in np.ndindex(A.shape):
        top, left = h * stride, w * stride
        for value in A_prev[i, top : top + f, left : left + f, c].flat:
            if mode == "average":
                A[i, h, w, c] += value / f**2
            elif value > A[i, h, w, c]:
                A[i, h, w, c] = value
    return A, (A_prev, hparameters)


def pool_forward_c(A_prev, hparameters, mode="max"):
    f, stride = hparameters["f"], hparameters["stride"]
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    n_H, n_W = (n_H_prev - f) // stride + 1, (n_W_prev - f) // stride + 1
    A = np.zeros((m, n_H, n_W, n_C))
    for i, h, w, c in np.ndindex(A.shape):
        top, left = h * stride, w * stride
        window = A_prev[i, top : top + f, left : left + f]
        A[i, h, w, c] = window.max() if mode == "max" else window.mean()
    return A, (A_prev, hparameters)


# %% [markdown]
# ### See it work
#
# The three versions and your own function on an image of 4×4 pixels, with $f = 2$ and $s = 2$.
#
# **Predict.** How many of the four answers differ?

# %%
from convlab.mine import pool_forward

A_prev = np.arange(16).reshape(1, 4, 4, 1) % 10
for version in (pool_forward, pool_forward_a, pool_forward_b, pool_forward_c):
    A, _ = version(A_prev, {"f": 2, "stride": 2}, "max")
    print(f"{version.__name__:15}", A[0, :, :, 0].tolist())

# %% [markdown]
# <details><summary>Answer</summary>
#
# None, again. These are the inputs that everybody tries first.
#
# </details>


# %% exercise="break_pool_forward"
def break_pool_forward():
    """Return inputs on which each faulty version betrays itself.

    returns: dict with the keys "a", "b" and "c", each with a tuple (A_prev, hparameters, mode)
    """
    # 1. Take one version and read it beside your own pool_forward. Which line does something else?
    # 2. For which inputs does that line not matter? Those it survives.
    # 3. Choose others, as small as you can, and work out one entry of A on paper: theirs, and yours.
    ### BEGIN SOLUTION
    A_prev = np.arange(32).reshape(1, 4, 4, 2) % 7 - 9
    overlapping = (A_prev, {"f": 2, "stride": 1}, "max")
    return {"a": overlapping, "b": overlapping, "c": overlapping}
    ### END SOLUTION


# %% [markdown]
# ### Check it

# %% check="break_pool_forward"
check(break_pool_forward)

# %% hidden="break_pool_forward"
grade(break_pool_forward)

# %% [markdown]
# ### If you are stuck
#
# <details><summary>Hint 1: what to think about</summary>
#
# What do the inputs of the cell above have in common with most images? Windows that lie side by side, one
# channel, and no pixel below zero. Each of these hides one of the mistakes.
#
# </details>
#
# <details><summary>Hint 2: where to look</summary>
#
# - **a:** in which column does the second window of a row begin? In which should it?
# - **b:** with what does a maximum begin, before the first pixel is looked at?
# - **c:** what is the shape of `window` when the image has three channels?
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# One set of inputs can betray all three: two channels, every number negative, $f = 2$ and stride 1, mode
# `"max"`. `np.arange(32).reshape(1, 4, 4, 2) % 7` has the shape, and its numbers are 0 to 6. What do you have to
# subtract so that all of them are negative, and none is below −9?
#
# </details>

# %% [markdown]
# ## What to remember
#
# - A gradient has the shape of what it belongs to.
# - In a product each factor gets $dz$ times the other factor. The bias gets $dz$.
# - What is used several times collects from every use, `+=`: weights from all places and images, pixels
#   from all windows and filters.
# - Work on the padded array, and cut the frame off at the end in a way that is right for pad 0.
# - Do not trust a backward pass without a gradient check, in more than one setting.
# - Test pooling on negative numbers, on several channels, and with a stride that is not `f`.

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
# **Next:** lesson 06 takes the gradient back through a pooling layer. It has no weights, so the only
# question is who receives it.
