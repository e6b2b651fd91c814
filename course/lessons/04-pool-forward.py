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
# A convolution layer hands on one number for every place it looked at. Often you do not need all of them: "there
# is an edge somewhere around here" is enough. A pooling layer keeps one number for each small window, and the
# map becomes smaller.
#
# **After this lesson you can**
#
# - say how large the result of a pooling layer is, for any window and stride;
# - compute max pooling and average pooling by hand, and write both;
# - say what a shift of one pixel changes after pooling, and what it does not;
# - read `MaxPooling2D((2, 2))` as what it is.
#
# **You need** lesson 03 (`conv_forward`, windows and stride).
#
# **Time:** about 30 minutes.

# %% locked="setup"
import numpy as np

from convlab import check, grade, keep
from convlab.figures import pooling

# %% [markdown]
# Your own layer from lesson 03 comes along: at the end you pool what it finds.

# %% locked="mine"
from convlab.mine import conv_forward

# %% [markdown]
# ## Why pool at all?
#
# Take a feature map of shape $(28, 28, 32)$: height, width, channels. That is $28 \cdot 28 \cdot 32 = 25{,}088$
# numbers for a single image. Keep one number for every $2 \times 2$ window, and $14 \cdot 14 \cdot 32 = 6{,}272$ are left, a
# quarter. Every layer that follows has that much less to do.
#
# The second reason matters more. A handwritten 7 stays a 7 when it moves by a pixel. A convolution's output moves with
# it; after pooling, a small move often changes little. Further down you measure how little.
#
# A pooling layer works like the convolution layer you wrote: a window moves over the image, and each stop gives one
# number. Two things are different.
#
# 1. The number is not a weighted sum. It is the **maximum** of the window, or its **average**. There are no weights
#    and no bias, so there is nothing to learn: a pooling layer has **0 parameters**.
# 2. The window looks at **one channel at a time**. A filter reaches through all the channels; a pooling window does not.

# %% [markdown]
# ## How large is the result?
#
# Count the places where the window fits along one side of the image:
#
# $$ n = \left\lfloor \frac{n_\text{prev} - f}{\text{stride}} \right\rfloor + 1 $$
#
# - $n_\text{prev}$: the height (or width) of the input, in pixels
# - $f$: the height and width of the window
# - $\text{stride}$: by how many pixels the window moves from one stop to the next
# - $\lfloor\;\rfloor$: round down to a whole number
# - $n$: the height (or width) of the output
#
# It is the formula of lesson 03 with no padding. Pooling layers are hardly ever padded.
#
# **On paper.** A side of 7 pixels, a window of $f = 2$, a stride of 2: $\lfloor (7 - 2)/2 \rfloor + 1 = \lfloor 2.5 \rfloor + 1 = 3$.
# The window stops at pixels 0–1, 2–3 and 4–5. Pixel 6 is left over: no window sees it.
#
# | $n_\text{prev}$ | $f$ | stride | $n$ | |
# |---|---|---|---|---|
# | 8 | 2 | 2 | 4 | half |
# | 7 | 2 | 2 | 3 | a pixel is left over |
# | 7 | 3 | 2 | 3 | the windows overlap by a pixel |
# | 8 | 3 | 1 | 6 | much more than half |
# | 2 | 3 | 1 | – | the window does not fit: there is no output |
#
# The last row is a mistake in a network's design, not a case to compute. A good library stops there and says so; you
# are not asked to handle it.
#
# > **Easily misread: "pooling always halves the size."** The first row does. It takes $f = 2$, stride 2 and an even size.
# >
# > **Easily misread: `MaxPooling2D((2, 2))` means "the result is 2×2".** The `(2, 2)` is the *window* $f \times f$, and the
# > stride is the same 2 unless you say otherwise. On an input of $26 \times 26$ the result is $13 \times 13$.
#
# ### Exercise: `pool_output_size`

# %% exercise="pool_output_size"
def pool_output_size(n_prev, f, stride):
    """Return the height (or width) of a pooling layer's output, a whole number.

    n_prev : the height (or width) of the input, in pixels
    f      : the height and width of the window, at most n_prev
    stride : by how many pixels the window moves
    """
    # Write the formula above as one line. Python has a division that rounds down.
    ### BEGIN SOLUTION
    return (n_prev - f) // stride + 1
    ### END SOLUTION


# %% check="pool_output_size"
check(pool_output_size)

# %% hidden="pool_output_size"
grade(pool_output_size)

# %%
keep(pool_output_size)

# %% [markdown]
# <details><summary>Hint 1: where to begin</summary>
#
# Put the window at the left end of the row. How many pixels are free to its right? How often can it move by
# `stride` pixels before it sticks out? The first place counts too.
#
# </details>
#
# <details><summary>Hint 2: a number with a point, or one too many</summary>
#
# `/` gives a float such as 2.5 or 3.0; the size of an array must be a whole number. And `round(2.5)` or `ceil` is
# not what $\lfloor\;\rfloor$ means: a window that fits only in part does not count.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# Subtract the window from the side, divide with `//`, and add the first place at the very end, after the
# division.
#
# </details>

# %% [markdown]
# **Predict.** A row of 8 pixels, a window of 3, a stride of 2. How many windows are there, which pixels do they share,
# and which pixel does none of them see? Then run the cell; the number of windows drawn is what your function says.

# %%
pooling.windows_in_a_row(pool_output_size)

# %% [markdown]
# ## One window, one number
#
# In symbols, with windows counted from 0:
#
# $$ A[i, h, w, c] \;=\; \max_{0 \le r < f,\;\; 0 \le s < f} \; A_\text{prev}[\,i,\;\; h \cdot \text{stride} + r,\;\; w \cdot \text{stride} + s,\;\; c\,] $$
#
# $$ A[i, h, w, c] \;=\; \frac{1}{f^2} \sum_{r=0}^{f-1} \sum_{s=0}^{f-1} A_\text{prev}[\,i,\;\; h \cdot \text{stride} + r,\;\; w \cdot \text{stride} + s,\;\; c\,] $$
#
# The first line is max pooling, the second average pooling.
#
# - $A_\text{prev}$: the input, of shape $(m, n_{H,\text{prev}}, n_{W,\text{prev}}, n_C)$, a batch of $m$ images with $n_C$ channels
# - $A$: the output, of shape $(m, n_H, n_W, n_C)$; $n_H$ and $n_W$ come from your `pool_output_size`
# - $i$: which image; $h, w$: which row and column of the output; $c$: which channel
# - $r, s$: row and column inside the window
#
# The channel $c$ is the same on both sides. As many channels come out as went in.
#
# > **Easily misread: "pooling mixes the channels."** It never does: pooling with a window of 2 and a stride of 2 turns
# > $(28, 28, 32)$ into $(14, 14, 32)$. The 32 stays.

# %% [markdown]
# ### A worked example
#
# One image with one channel, $A_\text{prev}$ of shape $(1, 4, 4, 1)$; $f = 2$, stride 2. The four windows do not overlap:
#
# $$ \begin{array}{|cc|cc|} \hline 1 & 3 & 2 & 0 \\ 5 & 7 & 4 & 2 \\ \hline 6 & 2 & 9 & 1 \\ 0 & 4 & 3 & 7 \\ \hline \end{array}
# \qquad \text{max: } \begin{array}{|c|c|} \hline 7 & 4 \\ \hline 6 & 9 \\ \hline \end{array}
# \qquad \text{average: } \begin{array}{|c|c|} \hline 4 & 2 \\ \hline 3 & 5 \\ \hline \end{array} $$
#
# The top left window holds 1, 3, 5 and 7: the largest is 7, the average is $16/4 = 4$. The output $A$ has shape
# $(1, 2, 2, 1)$.
#
# **On paper.** The same image with $f = 2$ and stride **1**. How many windows are there now, and what is max pooling's
# result?
#
# <details><summary>Compare</summary>
#
# $(4 - 2)/1 + 1 = 3$ along each side, so nine windows, and neighbours share two pixels. Max pooling gives
# $\begin{array}{|ccc|} \hline 7 & 7 & 4 \\ 7 & 9 & 9 \\ 6 & 9 & 9 \\ \hline \end{array}$. The one 9 of the image wins
# in four windows, all those that see it. Keep that in mind for lesson 06.
#
# </details>
#
# **One more, a trap.** What is the maximum of the window $\begin{array}{|cc|} \hline -5 & -2 \\ -3 & -8 \\ \hline \end{array}$?
# It is $-2$. Whoever starts from 0 and looks for something larger gets 0, a number that is not in the window at all.

# %% [markdown]
# ### Exercise: `pool_forward`
#
# The function returns two things: the output `A`, and a **cache**, the tuple `(A_prev, hparameters)`. The cache is what
# the backward pass of lesson 06 will want to know. A convolution's cache also held `W` and `b`; here there are none.

# %% exercise="pool_forward"
def pool_forward(A_prev, hparameters, mode="max"):
    """Return A, the pooled batch, and a cache for the backward pass.

    A_prev      : (m, n_H_prev, n_W_prev, n_C), the output of the layer before
    hparameters : a dict with "f", the side of the window, and "stride"
    mode        : "max" or "average"

    A     : (m, n_H, n_W, n_C)
    cache : the tuple (A_prev, hparameters)
    """
    # 1. Take the four sizes from A_prev.shape, and f and stride from hparameters.
    # 2. Work out n_H and n_W, and make an A of the right shape, full of zeros.
    # 3. For each image, each output row and column, and each channel:
    #    find the window of that one channel, and put its maximum or its average into A.
    # 4. Return A and the cache. Leave A_prev as it is.
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


# %% check="pool_forward"
check(pool_forward)

# %% hidden="pool_forward"
grade(pool_forward)

# %%
keep(pool_forward)

# %% [markdown]
# <details><summary>Hint 1: it is nearly a convolution</summary>
#
# Open your `conv_forward` beside it. The loops and the corners of the window are the same. What happens inside
# the innermost loop is simpler, there is no padding, and the window has no channel axis.
#
# </details>
#
# <details><summary>Hint 2: right at stride 1, wrong at stride 2</summary>
#
# Where is the top left corner of the window of output row `h` and column `w`? Not at `h` and `w`: each step in the output
# is `stride` pixels in the input. Try it on the worked example: output $(1, 1)$ comes from rows 2–3 and columns 2–3.
#
# </details>
#
# <details><summary>Hint 3: nearly there</summary>
#
# The window of image `i` and channel `c` has rows `h*stride` up to, not including, `h*stride + f`, the same for its columns
# with `w`, and exactly one channel, so its shape is `(f, f)`. NumPy arrays have the methods `.max()` and `.mean()`; which one
# is wanted depends on `mode`. Compare `mode` with `==`.
#
# </details>

# %% [markdown]
# ### What your function does with the worked example
#
# **Predict.** The second row of the picture uses stride 1, so its average map has nine numbers. One of them is the average of
# 7, 4, 2 and 9. Where does it stand, and is it a whole number?

# %%
pooling.worked_example(pool_forward)

# %% [markdown]
# ### A photo
#
# Your function now pools a colour photo, $A_\text{prev}$ of shape $(1, 100, 85, 3)$. Each of the three channels is
# pooled on its own.
#
# **Predict.** What is the shape of the result for $f = 4$ and stride 4? Which of the two modes makes the photo *brighter*, and
# what happens to the dark frame of the glasses?

# %%
pooling.photo(pool_forward)

# %% [markdown]
# The frame is thin and dark: in a window of 4 by 4 there is nearly always something brighter, so max pooling wipes it out, and average pooling
# turns it grey. Max pooling keeps what is *large*. That suits feature maps, where a large number means "found it".

# %% [markdown]
# ## Move the image by one pixel
#
# Here is an image of shape $(1, 8, 8, 1)$ with two bright pixels: a 9 in row 2, column 2, and a 5 in row 5, column 5. With $f = 2$ and
# stride 2 the windows take columns 0–1, 2–3, 4–5 and 6–7.
#
# **Predict.** Move the whole image one pixel to the right, so that the 9 is in column 3 and the 5 in column 6. Which entries of the pooled
# map change? Then move it one pixel further. And now?

# %%
pooling.shift(pool_forward)

# %% [markdown]
# A move inside a window changes nothing; a move across a window's edge changes two entries. Pooling does not make a network blind to
# shifts, as is often said. It makes some small shifts invisible, and the others no larger than they were.
#
# On a photo there are no empty pixels, so nearly every number changes at least a little. What matters is by how much.
#
# **Predict.** The photo moves by one pixel. In which picture is the change smaller: in the photo itself, or after pooling with $f = 8$?

# %%
pooling.shift_photo(pool_forward)

# %% [markdown]
# ## A detector for vertical lines
#
# Now a layer from lesson 03 and your pooling together. The image, of shape $(1, 8, 8, 1)$, is zero except for ones in columns 3 and 4: a
# vertical line, two pixels wide. The filter $W$, of shape $(3, 3, 1, 1)$, has ones in its middle column and zeros beside it. With its
# one bias that makes $3 \cdot 3 \cdot 1 \cdot 1 + 1 = 10$ parameters.
#
# With stride 1 and pad 0 the feature map is $6 \times 6$, as $8 - 3 + 1 = 6$. Where the middle column of the filter lies on the line, the sum is
# $1 + 1 + 1 = 3$; anywhere else it is 0. That happens in columns 2 and 3 of the map. After it comes ReLU, which puts 0 for everything
# negative; here nothing is. Then pooling with $f = 2$ and stride 2 gives a $3 \times 3$ map.
#
# **Predict.** The middle column of the pooled map is 3 with max pooling. What is it with average pooling? And what do the two give
# when the line is moved one pixel to the right?

# %%
pooling.vertical_line(conv_forward, pool_forward)

# %% [markdown]
# The line is still there in a map of nine numbers. When it falls inside a window, both modes say 3. When it lies across two windows, max pooling says "3, 3": two
# windows have seen it. Average pooling says "1.5, 1.5": the line, but fainter.
#
# You meet these same numbers again in lesson 08, made by PyTorch, Keras and TensorFlow.

# %% [markdown]
# ## Three questions, no code
#
# 1. A layer `MaxPooling2D((3, 3))` without a stride gets an input of shape $(m, 30, 20, 16)$. What comes out?
# 2. How many parameters does it have? And with an input of $(m, 300, 200, 16)$?
# 3. Which $f$ and stride make a pooling layer that changes nothing?
#
# <details><summary>Answers</summary>
#
# 1. $(m, 10, 6, 16)$. Without a stride of its own, it is that of the window, 3: $\lfloor (30-3)/3 \rfloor + 1 = 10$ and
#    $\lfloor (20-3)/3 \rfloor + 1 = 6$. Two columns are left over.
# 2. None, and none. Maximum and average have nothing to learn.
# 3. $f = 1$ and stride 1: each window is one pixel.
#
# </details>

# %% [markdown]
# ## What to remember
#
# - The size is $\lfloor (n_\text{prev} - f)/\text{stride} \rfloor + 1$. The pair in `MaxPooling2D((2, 2))` is the window.
# - The window of output $(h, w)$ begins at row $h \cdot \text{stride}$ and column $w \cdot \text{stride}$.
# - One channel at a time: as many channels come out as went in.
# - No weights and no bias: nothing to learn, 0 parameters.
# - Max keeps the largest, and hides some small shifts; average keeps a fainter trace of everything.
#
# **Next.** You have both layers forward. To train a network you need the way back: lesson 05 asks how the cost changes when a weight of a
# convolution changes.
