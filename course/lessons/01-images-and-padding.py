# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lesson 01 · Images and padding
#
# An image is an array of numbers. A convolution layer slides a small window over that array, and the first
# question is what the window should do at the border. In this lesson you write the usual answer: a frame of
# zeros.
#
# **When you are through, you can**
#
# - compute an entry of a matrix product by hand and say which shapes fit together;
# - read the shape of a grayscale image, a colour image and a batch of images, and find one number in it;
# - say what an edge filter, a blur and a sharpening filter do to a photo;
# - explain why images are padded, how much padding keeps their size, and write `zero_pad`.
#
# **You need** Python (functions, loops), NumPy (indexing, slices, shapes) and matrix multiplication, which
# section 1 refreshes. Paper and a pencil help.
#
# **Time:** about 35 minutes.

# %% [markdown]
# ## How to work in this notebook
#
# Read from top to bottom and run each cell with **Shift+Enter**. Before most pictures there is a question:
# write your guess down *before* you run the cell. A wrong guess that you notice teaches more than a right one.
#
# You write one function here. Its cell holds the comment `# YOUR CODE HERE` and the line
# `raise NotImplementedError()`: put your own lines in place of these two, and leave the name of the function
# and its arguments as they are. Below it, a cell with `check(zero_pad)` tries your function on a few examples
# and says what it finds. Run it as often as you like. Grading calls the same function with further inputs that
# you do not see here.
#
# **Restart and run all.** The *kernel* is the program that runs your cells, and it remembers every name you
# ever defined, even after you have deleted the cell that defined it. So a notebook can seem to work only
# because of something that is no longer written in it. Choose **Kernel → Restart Kernel and Run All Cells…** to
# find out: it forgets everything and runs the cells in order, as grading does. Do it before you hand in, and
# whenever results seem impossible.
#
# **If it stops half-way:** running all cells stops at the first cell with an error, and a check that fails is such
# a cell. Nothing is broken, and the cells below have just not been run yet. Read the message under the check,
# improve your function, run its cell and the check again. To go on, whether you have fixed it
# or want to come back later, click the next cell and choose **Run → Run Selected Cell and All Below**.
#
# **If it does not stop at all:** a cell that is still running has a star, `[*]`. If the star stays, your function
# may be in a loop without end. Choose **Kernel → Interrupt Kernel**; the message says in which line it was.

# %% locked="setup"
import numpy as np

from convlab import check, explore, grade, keep, progress, ready, save_work
from convlab.figures import padding

# %% [markdown]
# ## 1 · A matrix, its shape, and a product
#
# A **matrix** is a rectangle of numbers. Its **shape** is (rows, columns), in this order: a matrix of shape
# $(2, 3)$ has 2 rows and 3 columns. The entry $x_{ik}$ of a matrix $X$ stands in row $i$ and column $k$. As in
# NumPy, we count from 0.
#
# The product $C = XW$ of a matrix $X$ of shape $(n, p)$ and a matrix $W$ of shape $(p, q)$ has shape $(n, q)$,
# and its entries are
#
# $$c_{ij} = \sum_{k=0}^{p-1} x_{ik}\, w_{kj}$$
#
# - $x_{ik}$ is the entry of $X$ in row $i$, column $k$;
# - $w_{kj}$ is the entry of $W$ in row $k$, column $j$;
# - $k$ runs along row $i$ of $X$ and, at the same time, down column $j$ of $W$: both have $p$ numbers, or there
#   is no product.
#
# In words: **multiply pairs of numbers, then add up the products.**
#
# ### On paper
#
# $$X = \begin{pmatrix} 1 & 2 & 3 \\ 4 & 5 & 6 \end{pmatrix} \qquad
#   W = \begin{pmatrix} 1 & 0 \\ 2 & 1 \\ 0 & 3 \end{pmatrix}$$
#
# $X$ has shape $(2, 3)$ and $W$ has shape $(3, 2)$, so $C$ has shape $(2, 2)$. The first entry is
# $c_{00} = 1\cdot1 + 2\cdot2 + 3\cdot0 = 5$. Compute the other three, then run the cell.

# %%
X = np.array([[1, 2, 3], [4, 5, 6]])  # shape (2, 3)
W = np.array([[1, 0], [2, 1], [0, 3]])  # shape (3, 2)
print("X:", X.shape, "  W:", W.shape, "  X @ W:", (X @ W).shape)
print(X @ W)

# %% [markdown]
# Keep "multiply in pairs, then add up" in mind. Every number that comes out of a convolution layer is made the
# same way, and the whole layer can be written as *one* matrix product. The trick is called **im2col** and comes
# in lesson 09, where it makes your layer fast.

# %% [markdown]
# ## 2 · A grayscale image is a matrix
#
# A grayscale image is a matrix of whole numbers from 0 (black) to 255 (white), one number for each **pixel**.
# An image of height $n_H$ and width $n_W$ has shape $(n_H, n_W)$: rows first, so height first. Pixel $(0, 0)$
# is at the top left, and row numbers grow *downwards*.
#
# The next cell loads a photo that comes with Matplotlib, of Grace Hopper, who wrote one of the first compilers.
# It is scaled down to 100 rows and 85 columns so that plain Python loops have an easy time with it.
#
# **Predict.** The picture shows 7×7 pixels of it as numbers: one of the white stars on the dark flag. Where
# will the large numbers be, and about how large will the small ones be?

# %%
padding.show_pixels()

# %% [markdown]
# These numbers have the type `uint8`: 8 bits, which hold 0 to 255 and nothing else. A result that does not fit
# wraps around without a word. Make it a habit to convert an image to floats before you compute with it.

# %%
bright = np.array([200, 3], dtype=np.uint8)
other = np.array([100, 5], dtype=np.uint8)
print("as uint8:", bright + other, "and", bright - other)
print("as float:", bright.astype(float) + other, "and", bright.astype(float) - other)

# %% [markdown]
# ## 3 · A colour image is three matrices
#
# A colour image has three numbers for each pixel: how much red, green and blue. These are its **channels**.
# Their number is written $n_C$, and the image has shape $(n_H, n_W, n_C)$, here $(100, 85, 3)$. The slice
# `photo[:, :, 0]` is the red channel, a matrix of shape $(100, 85)$ like the grayscale image above.
#
# **Predict.** The background is blue, the face is reddish, and the shirt is white. In which of the three
# channels is each of them brightest?

# %%
photo = padding.photo()
print("photo:", photo.shape, photo.dtype, "  red channel:", photo[:, :, 0].shape)
padding.show_channels()

# %% [markdown]
# <details><summary>Answer</summary>
#
# The background is brightest in the blue channel and the face in the red one. The shirt is about equally bright
# in all three: white is red, green and blue together.
# </details>

# %% [markdown]
# ## 4 · A batch has four axes
#
# Layers work on many images at once, a **batch**. In this course a batch is always an array of shape
#
# $$(m,\; n_H,\; n_W,\; n_C)$$
#
# - $m$ is the number of images,
# - $n_H$ the height and $n_W$ the width in pixels,
# - $n_C$ the number of channels. It stands last, and one says "channels last".
#
# Index them in this order: `X[i, h, w, c]` is channel `c` of the pixel in row `h` and column `w` of image `i`.
# A grayscale image has `n_C = 1`, and the axis stays: $(m, n_H, n_W, 1)$. Even a single image is a batch, with
# $m = 1$.
#
# ### On paper
#
# You put the photo and its mirror image into one batch. What is the shape of the batch, of `X[1]`, of
# `X[1, :, :, 0]` and of `X[1, 10, 20]`? How many numbers does the batch hold?

# %%
X = np.stack([photo, photo[:, ::-1]])
print("X:               ", X.shape)
print("X[1]:            ", X[1].shape, "  the mirror image")
print("X[1, :, :, 0]:   ", X[1, :, :, 0].shape, "    its red channel")
print("X[1, 10, 20]:    ", X[1, 10, 20].shape, "       one pixel: red, green, blue")
print("numbers in all:  ", X.size)

# %% [markdown]
# ## 5 · What filters do to a photo
#
# Before you compute a single filter, look at what three of them do. Each makes a new image, and each new pixel
# is made from the old pixel and its neighbours:
#
# - an **edge** filter takes the difference between the right and the left neighbour;
# - a **blur** takes the mean of a small square around the pixel;
# - a **sharpening** filter adds to each pixel what sets it apart from its blurred surroundings.
#
# **Predict.** What will the edge filter give in the plain background at the upper right, where all neighbours
# are nearly equal? And along the border between the bright face and the dark cap?

# %%
padding.show_filters()

# %% [markdown]
# <details><summary>Answer</summary>
#
# Nearly 0 in the background: equal neighbours cancel. Large numbers along the border, positive where the image
# gets brighter from left to right and negative where it gets darker. The edge filter answers "how fast does the
# brightness change here, from left to right?"
# </details>
#
# All three are sums of neighbours times fixed numbers: convolutions. Lesson 02 computes one new pixel, lesson
# 03 the whole image. In a convolutional network the fixed numbers are not chosen by anyone, they are *learned*
# (lesson 09).
#
# One thing was passed over: a pixel on the border does not *have* all its neighbours.

# %% [markdown]
# ## 6 · Why images are padded
#
# A filter looks at the image through a window of $f \times f$ pixels, which slides one pixel at a time over the
# image. Without further measures two things happen at the border.
#
# **The image shrinks.** A window of width $f$ on an image of width $n$ has only $n - f + 1$ places to stand. A
# 3×3 window turns 5×5 pixels into 3×3, then into 1×1, and then it no longer fits.
#
# **The border counts less.** Count how often each pixel of a 5×5 image is seen by a sliding 3×3 window. There
# are $3 \cdot 3 = 9$ places for the window.
#
# ### On paper
#
# The pixel in the middle is seen from all 9 places. The corner pixel is seen from 1 only. How often is the
# pixel right of the corner seen, and how often the pixel in the middle of the top row?
#
# <details><summary>Answer</summary>
#
# Twice and three times. The whole first row of counts is 1, 2, 3, 2, 1, and the middle row is 3, 6, 9, 6, 3.
# </details>
#
# **Padding** cures both: a frame of extra pixels is put around the image, so that the window can stand on the
# border too. The extra pixels have to have some value, and the usual one is zero: it adds nothing to a sum.

# %% [markdown]
# ## 7 · `zero_pad`: your first function
#
# **Why.** Every convolution layer you build calls it first. It works on the whole batch at once.
#
# **Formula.** Let $X$ be a batch of shape $(m, n_H, n_W, n_C)$ and $p$ the padding (`pad` in the code): the
# number of pixels to add on *each* side. The padded batch $X^{\text{pad}}$ has shape
# $(m,\; n_H + 2p,\; n_W + 2p,\; n_C)$ and
#
# $$X^{\text{pad}}_{i,h,w,c} = \begin{cases}
#     X_{i,\,h-p,\,w-p,\,c} & \text{if } p \le h < p + n_H \text{ and } p \le w < p + n_W, \\
#     0 & \text{otherwise.}
#   \end{cases}$$
#
# - $i$ is the image, $h$ and $w$ are the row and the column in the *padded* image, and $c$ is the channel;
# - the images and the channels are left alone: their number stays $m$ and $n_C$.
#
# ### On paper
#
# One image of 2 rows, 3 columns and one channel, so $X$ has shape $(1, 2, 3, 1)$, and $p = 1$:
#
# $$\begin{pmatrix} 1 & 2 & 3 \\ 4 & 5 & 6 \end{pmatrix} \;\longrightarrow\;
#   \begin{pmatrix} 0 & 0 & 0 & 0 & 0 \\ 0 & 1 & 2 & 3 & 0 \\ 0 & 4 & 5 & 6 & 0 \\ 0 & 0 & 0 & 0 & 0 \end{pmatrix}$$
#
# The result has shape $(1, 4, 5, 1)$. The 6 was in row 1, column 2 and is now in row 2, column 3: one further
# down and one further right. What shape does a batch of shape $(4, 3, 3, 2)$ get with $p = 3$?
#
# <details><summary>Answer</summary>
#
# $(4, 9, 9, 2)$: each of the two middle axes grows by $2 \cdot 3 = 6$.
# </details>

# %% [markdown]
# Now write it. Return a *new* array: the caller still needs the old one.


# %% exercise="zero_pad"
def zero_pad(X, pad):
    """Return the images of X with `pad` rows and columns of zeros added on every side.

    X:       array of shape (m, n_H, n_W, n_C)
    pad:     whole number, 0 or more
    returns: new array of shape (m, n_H + 2*pad, n_W + 2*pad, n_C); X itself is not changed
    """
    # 1. Which of the four axes grow, and which keep their length? Work out the shape of the result.
    # 2. Make the result, and see to it that the images end up in the middle of their frames.
    # 3. Try it in your head with pad = 0: it should give the images as they are.
    ### BEGIN SOLUTION
    m, n_H, n_W, n_C = X.shape
    X_pad = np.zeros((m, n_H + 2 * pad, n_W + 2 * pad, n_C))
    X_pad[:, pad : pad + n_H, pad : pad + n_W, :] = X
    return X_pad
    ### END SOLUTION


# %% [markdown]
# ### See it work
#
# The next picture calls *your* `zero_pad` on the image from the worked example, with `pad` 0, 1 and 2.
#
# **Predict.** With `pad = 2`, how many of the numbers in the padded image are zeros?

# %%
padding.show_numbers(zero_pad)

# %% [markdown]
# <details><summary>Answer</summary>
#
# The padded image has 6 rows and 7 columns, so 42 numbers. Six of them are the image, and 36 are zeros.
# </details>
#
# **Predict.** Now the photo, 100×85 pixels in three channels. With `pad = 8`, what is its shape? And what
# colour is a frame of zeros?

# %%
padding.show_padding(zero_pad)

# %% [markdown]
# ### Check it

# %% check="zero_pad"
check(zero_pad)

# %% hidden="zero_pad"
grade(zero_pad)

# %%
keep(zero_pad)

# %% [markdown]
# `keep` saves a function that has passed its check, and the later lessons begin with it: from here on you
# compute with your own code.
#
# ### If you are stuck
#
# <details><summary>Hint 1: what to think about</summary>
#
# Only the two middle axes grow, each by `2 * pad`. If you begin with an array of the right shape that
# is all zeros, the frame is already there. What is missing?
# </details>
#
# <details><summary>Hint 2: which tools</summary>
#
# Either `np.zeros` with the shape of the result and then *one* assignment to a slice of it, or `np.pad`, which
# wants a pair `(before, after)` for each of the four axes. With a slice, work out where the image starts and
# where it ends in the frame. Beware of an end counted from the back: with `pad = 0`, the slice `pad:-pad` is
# `0:0`, which is empty.
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# Take the four lengths from `X.shape`. Along the height the image fills the rows `pad` to `pad + n_H` (the last
# one not included). The same goes for the width. A plain `:` stands for "all of them" on the axes of images and
# channels. With `np.pad`, the pairs are `(0, 0)` for an axis that stays as it is and `(pad, pad)` for one that
# grows.
# </details>

# %% [markdown]
# ## 8 · How often is each pixel seen now?
#
# Back to the 5×5 image and the 3×3 window. The next picture gives each pixel a number of its own, pads the
# image with your `zero_pad`, slides the window over the result and counts how often each pixel was seen.
#
# **Predict.** With `pad = 1`, how often is the corner pixel seen? How large must `pad` be until all 25 pixels
# are seen equally often?

# %%
padding.show_visits(zero_pad)

# %% [markdown]
# <details><summary>Answer</summary>
#
# Four times: the window's middle can now stand on the corner pixel itself, on two of its neighbours and on the
# pixel diagonally next to it. With `pad = 2`, which is $f - 1$, each pixel is seen $f^2 = 9$ times.
# </details>
#
# Change the window, `padding.show_visits(zero_pad, f=5)`, and look again. In practice `pad = 2` for a 3×3
# window is rare, because the output would be *larger* than the image. The usual choice is the one that keeps
# the size.

# %% [markdown]
# ### With sliders
#
# Now move `pad` and the size `f` of the window yourself, with the mouse or with the arrow keys. Click into
# `X_pad`, or reach it with Tab, and the arrow keys move over its pixels.
#
# **Predict.** With a 5×5 window, which is the least `pad` at which the corner of the 3×4 image is seen as often
# as its middle? What happens to a 5×5 window with `pad = 0`?
#
# <details><summary>A still of it, for where nothing runs</summary>
#
# ![The explorer of padding: an image of 3×4, the same with a frame of zeros, and how often a window sees each pixel](padding.svg)
# </details>

# %%
explore.padding(zero_pad)

# %% [markdown]
# <details><summary>Answer</summary>
#
# `pad = 4`, which is $f - 1$: then a window can begin or end at every pixel, and each is seen 25 times. With
# `pad = 0` the window does not fit into 3 rows.
# </details>

# %% [markdown]
# ## 9 · "Same" padding
#
# With padding $p$, a window of width $f$ has $n + 2p - f + 1$ places along an image of width $n$. For the
# output to be as large as the input we need $2p - f + 1 = 0$, which gives
#
# $$p = \frac{f - 1}{2}$$
#
# for a window that moves one pixel at a time. This is **"same" padding**: the output has the *same* size. For
# $f = 3$ it is 1, for $f = 5$ it is 2, for $f = 7$ it is 3, whatever the size of the image. No padding at all,
# $p = 0$, is called **"valid"**: the window only stands where all its pixels are real.
#
# **When it does not come out even.** If $f$ is even, $(f-1)/2$ is no whole number. And a window may move by
# more than one pixel at a time: the step is called the **stride** $s$ (lesson 03). "Same" then means an output
# of width $\lceil n / s \rceil$, that is $n/s$ rounded up, and the number of pixels to add, both sides
# *together*, is
#
# $$\max\big( (\lceil n/s \rceil - 1)\, s + f - n,\; 0 \big)$$
#
# If this is odd, one side must get one more, and it is the one **after**: right or bottom. Your `zero_pad` adds
# the same on both sides and does not do this. You will meet it again in lesson 08, where frameworks differ over
# it.
#
# ### On paper
#
# How many pixels go before and how many after for $n = 8$, $f = 3$, $s = 2$? And for $n = 6$, $f = 2$, $s = 1$?
#
# <details><summary>Answer</summary>
#
# First: $\lceil 8/2 \rceil = 4$ and $(4 - 1)\cdot 2 + 3 - 8 = 1$, so 0 before and 1 after. Second:
# $\lceil 6/1 \rceil = 6$ and $(6 - 1)\cdot 1 + 2 - 6 = 1$, again 0 before and 1 after.
# </details>

# %%
for n, f, s in [(5, 3, 1), (28, 5, 1), (8, 3, 2), (6, 2, 1)]:
    total = max((int(np.ceil(n / s)) - 1) * s + f - n, 0)
    print(f"n = {n:2}, f = {f}, s = {s}: {total} in all, {total // 2} before and {total - total // 2} after")

# %% [markdown]
# ## 10 · Other ways to pad
#
# Zero is a choice. `np.pad` knows others, and so do the frameworks. Here is the row $3, 5, 8, 2$ with two more
# pixels on each side:
#
# | padding | result |
# |---|---|
# | zeros | **0 0** 3 5 8 2 **0 0** |
# | another constant, here 9 | **9 9** 3 5 8 2 **9 9** |
# | reflection: the border pixel is the mirror and is not repeated | **8 5** 3 5 8 2 **8 5** |
#
# **Predict.** With a frame of zeros, an edge filter finds something at the border of the photo that is not in
# the photo. What? With which of the three does it find least?

# %%
padding.show_kinds(zero_pad)

# %% [markdown]
# <details><summary>Answer</summary>
#
# The frame itself: the step from the photo to black is a strong edge all around it. A constant makes such an
# edge wherever the photo has another brightness. Reflection makes none: beyond the
# border, the brightness goes back the way it came.
# </details>
#
# Networks use zeros nearly always: they are cheap, they add nothing to a sum, and what the border looks like is
# something that the filters can learn to live with.

# %% [markdown]
# ## What to remember
#
# - A batch of images has shape $(m, n_H, n_W, n_C)$: images, rows, columns, channels. `X[i, h, w, c]` is one
#   number.
# - $C = XW$ means $c_{ij} = \sum_k x_{ik} w_{kj}$: multiply in pairs, add up. Convolution does nothing else.
# - Padding keeps an image from shrinking, and its border from being seen less than its middle.
# - `zero_pad` adds `pad` pixels on each side of height and width, so both grow by `2 * pad`. Images and
#   channels stay.
# - "Same" padding at stride 1 with an odd $f$ is $(f-1)/2$. "Valid" is none.

# %% [markdown]
# ## What is done, and what is not
#
# The next cell tries your functions on the visible checks once more and says how each of them stands: its cell
# has not been run, not started, does not run, wrong, or passing. Behind that stand the points of the check, and the
# points that the hidden tests add when your notebook is graded. The last lines say which functions of the whole
# course you have kept.

# %%
progress()

# %% [markdown]
# **Before you hand in,** save the notebook (**Ctrl+S**, on a Mac **Command+S**). Then take the `#` away from the line
# below and run the cell. `ready()` looks at the file as you saved it: whether all cells of the lesson are there,
# whether a function was left untouched, and whether it all runs from a clean start, as in "Restart and run all".
# It does that with a copy, so nothing changes here. Its last line says whether you are ready to hand in.

# %%
# ready()

# %% [markdown]
# **Keep your work.** A session in Binder forgets everything when it ends. `save_work()` puts all your notebooks and
# your kept functions into one file and says how to download it. Save your notebooks, run `save_work()` in a new cell,
# and do so at the end of every session. To go on another day, upload the file, run
# `from convlab import restore_work` and then `restore_work()`. What it would overwrite is kept beside.
#
# **Next:** in lesson 02 the window stands still. You compute the one number that comes out of it.
