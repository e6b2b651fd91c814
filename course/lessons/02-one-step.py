# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lesson 02 · One step of a convolution
#
# A convolution layer slides a window over an image and computes *one number* at each place. In this lesson the
# window stands still, and you compute that number.
#
# **When you are through, you can**
#
# - compute one entry of a feature map by hand: slice times filter, sum, bias;
# - say why a filter has as many channels as its input, and why only one number comes out nevertheless;
# - explain the difference between convolution and cross-correlation, and which of them a layer computes;
# - write `conv_single_step`, and turn an array that holds one element into a number.
#
# **You need** lesson 01: shapes, batches, channels.
#
# **Time:** about 25 minutes.

# %% locked="setup"
import numpy as np

from convlab import check, explore, grade, keep, progress, ready, save_work
from convlab.figures import window

# %% locked="mine"
from convlab.mine import zero_pad

# %% [markdown]
# The second cell brings in the `zero_pad` that you wrote in lesson 01. Take it as a tool from now on. If it
# says that something is not kept yet, finish that lesson first: its `keep` cell puts the function where this
# one looks for it.

# %%
X = np.array([[1, 2, 3], [4, 5, 6]]).reshape(1, 2, 3, 1)  # one image, 2 rows, 3 columns, 1 channel
print(X.shape, "->", zero_pad(X, 1).shape)
print(zero_pad(X, 1)[0, :, :, 0])

# %% [markdown]
# ## 1 · The slice, the filter and the bias
#
# Three things go into one step. The names are those of the code:
#
# - `a_slice_prev`, the **slice**: what the window sees. It is cut out of the layer's input, which is the output
#   $A$ of the *previous* layer, hence `prev`. Its shape is $(f, f, n_{C,prev})$: $f$ rows, $f$ columns, and all
#   channels of the input.
# - `W`, the **filter** (also called *kernel*): the weights, one for each number in the slice. So it has the
#   same shape, $(f, f, n_{C,prev})$.
# - `b`, the **bias**: one number that is added at the end. By convention it comes as an array of shape
#   $(1, 1, 1)$.
#
# Where do the numbers in $W$ and $b$ come from? In this lesson we choose them, so that you can follow. In a
# network they are learned. Such numbers are called **parameters**, and one filter with its bias has
# $f \cdot f \cdot n_{C,prev} + 1$ of them.

# %% [markdown]
# ## 2 · `conv_single_step`: why and how
#
# **Why.** It is the heart of the layer. `conv_forward` in lesson 03 only decides *where* the window stands and
# writes down what this function returns.
#
# **Formula.** Multiply in pairs, add up, add the bias:
#
# $$z = \sum_{j=0}^{f-1} \sum_{k=0}^{f-1} \sum_{d=0}^{n_{C,prev}-1} a_{jkd}\, w_{jkd} \;+\; b$$
#
# - $z$ is the result, one number;
# - $a_{jkd}$ is the entry of the slice in row $j$, column $k$ and channel $d$;
# - $w_{jkd}$ is the weight of the filter at the same place;
# - $b$ is the bias.
#
# Three sums, and all of them end up in the same number.
#
# ### On paper
#
# A slice and a filter of shape $(3, 3, 1)$, written without the last axis:
#
# $$a = \begin{pmatrix} 3 & 4 & 6 \\ 9 & 8 & 3 \\ 2 & 1 & 4 \end{pmatrix} \qquad
#   w = \begin{pmatrix} 3 & 4 & 4 \\ 1 & 0 & 2 \\ -1 & 0 & 3 \end{pmatrix} \qquad b = 0$$
#
# Multiply each number by the one at the same place and add up the nine products:
#
# $$z = 3\cdot3 + 4\cdot4 + 6\cdot4 + 9\cdot1 + 8\cdot0 + 3\cdot2 + 2\cdot(-1) + 1\cdot0 + 4\cdot3 = \;?$$
#
# <details><summary>Answer</summary>
#
# Row by row: $(9 + 16 + 24) + (9 + 0 + 6) + (-2 + 0 + 12) = 49 + 15 + 10 = 74$. With $b = 0$ the result is 74.
# With $b = -4$ it would be 70.
# </details>

# %% [markdown]
# ### Not a matrix product
#
# The formula looks like the matrix product of lesson 01, but the pairs are others: here each number meets the
# one **at the same place**. In NumPy that is `*`. The matrix product `@` pairs rows with columns.
#
# **Predict.** Which of the two gives a 16 in the middle of the first row?

# %%
a = np.array([[3, 4, 6], [9, 8, 3], [2, 1, 4]])  # shape (3, 3)
w = np.array([[3, 4, 4], [1, 0, 2], [-1, 0, 3]])  # shape (3, 3)
print("a * w, entry by entry:")
print(a * w)
print("a @ w, rows with columns:")
print(a @ w)

# %% [markdown]
# ## 3 · Several channels, one number
#
# A colour image has three channels, and so does the slice: $(f, f, 3)$. The filter then has three channels too,
# its *own* weights for red, for green and for blue. The products of all channels are added up into **one**
# number.
#
# ### On paper
#
# A slice of shape $(2, 2, 2)$, two channels of 2×2, with a filter of the same shape and $b = 1$:
#
# $$\text{channel 0:}\;\; a = \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix},\; w = \begin{pmatrix} 1 & 0 \\ 0 & 2 \end{pmatrix}
#   \qquad\qquad
#   \text{channel 1:}\;\; a = \begin{pmatrix} 5 & 0 \\ 1 & 2 \end{pmatrix},\; w = \begin{pmatrix} 0 & 3 \\ -2 & 1 \end{pmatrix}$$
#
# What is $z$, and how many numbers come out?
#
# <details><summary>Answer</summary>
#
# One number. Channel 0 gives $1\cdot1 + 2\cdot0 + 3\cdot0 + 4\cdot2 = 9$, channel 1 gives
# $5\cdot0 + 0\cdot3 + 1\cdot(-2) + 2\cdot1 = 0$, and with the bias $z = 9 + 0 + 1 = 10$.
# </details>
#
# > **A common misreading:** "A filter is a 3×3 square, and it is applied to each channel separately, so three
# > channels give three results." A filter is a block, 3×3×3 for an RGB image, and it gives one result. "3×3" is
# > only short for its height and width. The depth goes without saying: it is always that of the input.

# %% [markdown]
# ## 4 · From an array to a number
#
# The result is *one number*, and a Python `float` is the plainest form of it. The bias, however, is an array of
# shape $(1, 1, 1)$, and a number plus an array is an array.
#
# **Predict.** What is the shape of `5.0 + b`? What does `float(b)` give?

# %%
b = np.array([[[3.0]]])
print("b:", b, "  shape:", b.shape)
print("5.0 + b:", 5.0 + b, "  shape:", (5.0 + b).shape)
try:
    print("float(b):", float(b))
except TypeError as error:
    print("float(b): TypeError:", error)

# %% [markdown]
# Older versions of NumPy let `float(b)` pass for any array with one element. Today's version does not, and
# neither does it let you store such an array in one place of another array, which is exactly what lesson 03
# does with your result. Many solutions that you find on the web were written for the older version and fail
# today. These two ways always work:

# %%
print("b.item():  ", b.item(), " for an array with exactly one element, whatever its shape")
print("b[0, 0, 0]:", b[0, 0, 0], " one index for each axis")

# %% [markdown]
# ## 5 · Write it


# %% exercise="conv_single_step"
def conv_single_step(a_slice_prev, W, b):
    """Return one entry of a feature map: the sum of slice times filter, plus the bias, as one number.

    a_slice_prev: array of shape (f, f, n_C_prev), what the window sees
    W:            array of shape (f, f, n_C_prev), one filter
    b:            array of shape (1, 1, 1), its bias
    returns:      one number (not an array)
    """
    # 1. Multiply the slice and the filter place by place. What shape does the result have?
    # 2. Add up all of these products, over all three axes.
    # 3. Add the bias, as a number rather than as an array, and return the result.
    ### BEGIN SOLUTION
    products = a_slice_prev * W
    return float(np.sum(products)) + b.item()
    ### END SOLUTION


# %% [markdown]
# ### See it work
#
# A 5×5 image, and a window of 3×3 with its top left corner in row `row` and column `col`. The picture shows the
# slice that the window cuts out, the filter, and their nine products. The number at the end is the one that
# *your* function returns.
#
# **Predict.** Before you run it: the filter has 1 in its left column, -1 in its right column and 0 between.
# What comes out where the three columns that the window sees are all equal?

# %%
window.show_step(conv_single_step, row=0, col=0)

# %% [markdown]
# <details><summary>Answer</summary>
#
# The bias alone. The left column counts with plus and the right one with minus, so equal columns cancel. It is
# an edge filter: it answers to a *change* from left to right.
# </details>
#
# Now change `row` and `col` in the cell above, each from 0 to 2, and run it again. Where is the result largest,
# where smallest? What would have to be in the image to make it larger still?
#
# <details><summary>Answer</summary>
#
# Largest at row 2, column 0, with 18: bright on the left, dark on the right. Smallest where it is the other way
# round, with -13. With pixels from 0 to 9 the most is $3 \cdot 9 + 2 = 29$: nines in the left column, zeros in
# the right one.
# </details>
#
# ### With the arrow keys
#
# The same for every place at once. Click into `z`, or reach it with Tab, and the arrow keys move the window.
#
# **Predict.** Choose the vertical line and the filter Sobel x. Which numbers stand left of the line, on it and
# right of it, with a bias of 0? And with Sobel y?
#
# <details><summary>A still of it, for where nothing runs</summary>
#
# ![The explorer of one step: an image, the slice under the window, the filter, their products, and the result for every place](window.svg)
# </details>

# %%
explore.window(conv_single_step)

# %% [markdown]
# <details><summary>Answer</summary>
#
# 36, 0 and -36: it gets brighter to the right, then the line is in the middle column, whose weights are 0, then
# it gets darker. Sobel y gives 0 everywhere, since nothing changes from top to bottom.
# </details>

# %% [markdown]
# The next picture has three channels.
#
# **Predict.** How many products are there in all, and how many numbers come of them?

# %%
window.show_channels(conv_single_step)

# %% [markdown]
# ### Check it

# %% check="conv_single_step"
check(conv_single_step)

# %% hidden="conv_single_step"
grade(conv_single_step)

# %%
keep(conv_single_step)

# %% [markdown]
# ### If you are stuck
#
# <details><summary>Hint 1: what to think about</summary>
#
# The function has three lines or fewer. No loop is needed: NumPy multiplies two arrays of the same shape place
# by place, and can add up all the numbers of an array at once.
# </details>
#
# <details><summary>Hint 2: which tools</summary>
#
# `*` (not `@`) for the products and `np.sum` for the sum. `np.sum` without an `axis` adds up *everything* and
# gives one number, with an `axis` it leaves an array. The bias is added once, after the sum: if you add it to
# the products, it is counted $f \cdot f \cdot n_{C,prev}$ times.
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# Name the products first: slice times `W`, an array of shape `(f, f, n_C_prev)`. Then return the `np.sum` of
# that array plus the one number in `b`, which you get as in section 4 with `.item()` or with three indices.
# </details>

# %% [markdown]
# ## 6 · Convolution or cross-correlation?
#
# In mathematics and in signal processing, **convolution** turns the kernel upside down and left to right before
# it is laid on the image. What you have just written does not. Its proper name is **cross-correlation**. With a
# slice $a$ and a kernel $w$ of $f \times f$ (one channel, no bias):
#
# $$\text{cross-correlation:}\;\; \sum_{j,k} a_{jk}\, w_{jk} \qquad\qquad
#   \text{convolution:}\;\; \sum_{j,k} a_{jk}\, w_{f-1-j,\,f-1-k}$$
#
# - $j$ and $k$ run over the rows and columns of the window, from 0 to $f - 1$;
# - $w_{f-1-j,\,f-1-k}$ is the kernel read from its last row and last column: flipped both ways, or turned by
#   180°.
#
# ### On paper
#
# The slice and the kernel of section 2. As it is, the kernel gives 74. Turn it by 180° and multiply again.
#
# <details><summary>Answer</summary>
#
# Turned, the kernel is $\begin{pmatrix} 3 & 0 & -1 \\ 2 & 0 & 1 \\ 4 & 4 & 3 \end{pmatrix}$, and
# $(9 + 0 - 6) + (18 + 0 + 3) + (8 + 4 + 12) = 3 + 21 + 24 = 48$. The two differ because this kernel is
# **asymmetric**: it looks different when it is turned.
# </details>
#
# **Predict.** An image that is 0 but for a single 1 in its middle, and the kernel with the numbers 1 to 9. The
# window stands on each of the 3×3 places in turn. What will the nine results look like, with the kernel as it
# is and with the kernel turned?

# %%
window.show_flip(conv_single_step)

# %% [markdown]
# <details><summary>Why it comes out like this</summary>
#
# When the window stands at the top left, the single 1 is in its *last* row and *last* column, and picks the 9.
# As the window moves to the right, the 1 moves to the left inside it. So cross-correlation writes the kernel
# down backwards, and turning the kernel first sets it right again.
# </details>
#
# NumPy has both, in one dimension:

# %%
signal, kernel = [0, 0, 1, 0, 0], [1, 2, 3]
print("np.correlate:", np.correlate(signal, kernel, mode="valid"))
print("np.convolve: ", np.convolve(signal, kernel, mode="valid"))

# %% [markdown]
# **So why is it called a convolution layer?** Out of habit, and because it makes no difference there. The
# weights are learned: a layer that turned its filters would simply learn them turned. All deep-learning
# frameworks compute what your `conv_single_step` computes, without a flip, and call it convolution. From here
# on so do we. It does matter when you type in a kernel from a book on image processing: an asymmetric one may
# have to be turned first.

# %% [markdown]
# ## What to remember
#
# - One step: slice times filter, entry by entry; sum over rows, columns **and channels**; plus the bias. One
#   number.
# - Slice and filter have the same shape, $(f, f, n_{C,prev})$. A filter is as deep as its input.
# - `*` multiplies place by place, `@` is the matrix product.
# - An array with one element is not a number: use `.item()` or an index for each axis.
# - A convolution layer computes a cross-correlation: the filter is not flipped.

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
# **Next:** in lesson 03 the window moves, there are many filters, and the numbers make a feature map.
