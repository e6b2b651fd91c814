# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lesson 08 · Frameworks
#
# You have written every layer by hand. Whoever builds networks for a living takes them from a library:
# PyTorch, Keras or TensorFlow. The layers in there are *your* layers, only faster. In this lesson you prove
# that, with the same numbers in all of them, and you meet the three things in which they do differ: the
# **layout** of the arrays, what **"same"** padding means, and who works out the **gradients**.
#
# **When you are through, you can**
#
# - bring images and weights from NumPy into PyTorch and Keras, and back;
# - build the layers that you know in PyTorch, Keras and TensorFlow, and show that they agree with yours;
# - say where "same" padding puts its zeros, and why a network that was moved from TensorFlow to PyTorch may
#   be a little off;
# - have PyTorch work out gradients, and check your `conv_backward` with them.
#
# **You need** lessons 01 to 05: `zero_pad`, `conv_forward`, `pool_forward` and `conv_backward`.
#
# **Time:** about 75 minutes.
#
# ### If a library is missing
#
# Each library is large, and none of them is needed for the other lessons. Where one is missing, the cells that
# need it say how to install it, and everything else works. Parts 2 to 4 and 6 need none. Parts 8 and 9, which
# are graded, need PyTorch.

# %% locked="setup"
import numpy as np

from convlab import check, explore, grade, keep, progress, ready, save_work
from convlab.figures import frameworks

# %% locked="mine"
from convlab.mine import conv_backward, conv_forward, pool_forward, zero_pad

# %% [markdown]
# ## 1 · One layer, four ways to write it
#
# | | yours, NumPy | PyTorch | Keras 3 | TensorFlow |
# |---|---|---|---|---|
# | zero padding | `zero_pad` | `nn.ZeroPad2d` | `layers.ZeroPadding2D` | `tf.pad` |
# | convolution | `conv_forward` | `nn.Conv2d` | `layers.Conv2D` | `tf.nn.conv2d` |
# | ReLU | `np.maximum(Z, 0)` | `nn.ReLU` | `layers.ReLU` | `tf.nn.relu` |
# | max pooling | `pool_forward` | `nn.MaxPool2d` | `layers.MaxPooling2D` | `tf.nn.max_pool2d` |
# | average pooling | `pool_forward` | `nn.AvgPool2d` | `layers.AveragePooling2D` | `tf.nn.avg_pool2d` |
#
# Two kinds of thing stand in this table. `tf.nn.conv2d` is a **function**, like yours: images and weights go
# in, $Z$ comes out. `nn.Conv2d` and `layers.Conv2D` are **layers**: objects that hold their own $W$ and $b$,
# random ones to begin with, and are called with images only.
#
# Keras is a layer on top of another library that does the computing, its **backend**: TensorFlow, PyTorch or
# JAX. Which one is said once, before Keras is imported, in the environment variable `KERAS_BACKEND`. The cell
# below takes TensorFlow. If you have only PyTorch, write `"torch"` instead. (The other two lines keep TensorFlow
# from telling you about your processor.)

# %%
import os

settings = {
    "KERAS_BACKEND": "tensorflow",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",
}
for name, value in settings.items():
    os.environ.setdefault(name, value)

# %% [markdown]
# ## 2 · Two layouts: `to_torch`
#
# **Why.** A layout says which axis of an array means what. Yours is called **NHWC**, or *channels last*. So is
# that of TensorFlow and Keras. PyTorch's is **NCHW**, *channels first*, and its weights have the filters first:
#
# | | here, TensorFlow, Keras | PyTorch |
# |---|---|---|
# | images $A$ | $(m,\; n_H,\; n_W,\; n_{C,prev})$ | $(m,\; n_{C,prev},\; n_H,\; n_W)$ |
# | filters $W$ | $(f,\; f,\; n_{C,prev},\; n_C)$ | $(n_C,\; n_{C,prev},\; f,\; f)$ |
# | biases $b$ | $(1,\; 1,\; 1,\; n_C)$ here; $(n_C,)$ in Keras | $(n_C,)$ |
#
# - $m$ is the number of images, $n_H$ and $n_W$ their height and width, $n_{C,prev}$ their channels;
# - $f$ is the height and width of a filter, and $n_C$ the number of filters.
#
# No number changes. Each moves to another place:
#
# $$A^{torch}_{i,\,c,\,h,\,w} = A_{i,\,h,\,w,\,c} \qquad\qquad W^{torch}_{c,\,p,\,j,\,k} = W_{j,\,k,\,p,\,c}$$
#
# - $i$ is the image, $h$ and $w$ are row and column, $c$ is the channel (of $W$: the number of the filter),
#   $p$ the channel of the input, and $j$ and $k$ are row and column inside the filter.
#
# **A tool.** `A.transpose(2, 0, 1)` gives an array whose first axis is `A`'s axis 2, whose second is axis 0, and
# whose third is axis 1. From shape $(5, 6, 7)$ it makes $(7, 5, 6)$.
#
# ### On paper
#
# An image of 2×3 pixels with two channels, $A$ of shape $(1, 2, 3, 2)$. In each pixel stand its two channels:
#
# $$A = \begin{pmatrix} (1, 10) & (2, 20) & (3, 30) \\ (4, 40) & (5, 50) & (6, 60) \end{pmatrix}$$
#
# In PyTorch's layout it has shape $(1, 2, 2, 3)$: first all of channel 0, then all of channel 1.
#
# $$A^{torch}_{0,0} = \begin{pmatrix} 1 & 2 & 3 \\ 4 & 5 & 6 \end{pmatrix} \qquad
#   A^{torch}_{0,1} = \begin{pmatrix} 10 & 20 & 30 \\ 40 & 50 & 60 \end{pmatrix}$$
#
# `A.reshape(1, 2, 2, 3)` has the same shape. What is its channel 0?
#
# <details><summary>Answer</summary>
#
# $\begin{pmatrix} 1 & 10 & 2 \\ 20 & 3 & 30 \end{pmatrix}$. `reshape` leaves the numbers in the row in which they lie
# in memory, 1, 10, 2, 20, …, and only cuts this row up anew. The two channels of three pixels are now one
# "channel" of six. No error tells you: the shape is right.
#
# </details>


# %% exercise="to_torch"
def to_torch(A, W, b):
    """Return images, filters and biases in PyTorch's layouts.

    A:       images, array of shape (m, n_H, n_W, n_C_prev)
    W:       filters, array of shape (f, f, n_C_prev, n_C)
    b:       biases, array of shape (1, 1, 1, n_C)
    returns: three NumPy arrays of shapes (m, n_C_prev, n_H, n_W), (n_C, n_C_prev, f, f) and (n_C,)
    """
    # 1. For each axis of the result of A: which axis of A is it? These are the numbers for transpose.
    # 2. The same for W. Rows stay before columns.
    # 3. b loses its axes of length 1.
    ### BEGIN SOLUTION
    images = np.transpose(A, (0, 3, 1, 2))
    filters = np.transpose(W, (3, 2, 0, 1))
    return images, filters, b[0, 0, 0, :]
    ### END SOLUTION


# %% [markdown]
# ### See it work
#
# The image from above and a filter for vertical lines: as they are here, as *your* function has them, and what
# comes of two short cuts, `A.reshape(...)` and `W.T`.
#
# **Predict.** `W.T` turns the order of *all* axes around, from $(3, 3, 1, 1)$ to $(1, 1, 3, 3)$. That is the right
# shape. Which lines does this filter find?

# %%
frameworks.show_layouts(to_torch)

# %% [markdown]
# <details><summary>Answer</summary>
#
# Horizontal ones. `.T` has put the columns before the rows, so the filter lies on its side. Filters are square:
# the shape cannot tell you.
#
# </details>
#
# ### Check it

# %% check="to_torch"
check(to_torch)

# %% hidden="to_torch"
grade(to_torch)

# %%
keep(to_torch)

# %% [markdown]
# ### If you are stuck
#
# <details><summary>Hint 1: what to think about</summary>
#
# Write the names of the four axes of $A$ on paper, with their numbers: 0 is $m$, 1 is $n_H$, and so on. Below,
# write the names in PyTorch's order. Now copy the numbers.
#
# </details>
#
# <details><summary>Hint 2: the shape is right and the numbers are not</summary>
#
# Did you use `reshape`, or `.T`? Then the numbers are in the wrong places. Only `transpose` with an order that you
# wrote down yourself (or `np.moveaxis`) moves an axis as a whole. For $b$, `reshape` is fine: its other axes have
# length 1.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# For $A$ the batch stays first, then comes our last axis, then height and width: four numbers that begin with
# `0, 3`. For $W$ our last axis comes first, then the one before it, then the first two in their order. `b.reshape(-1)`
# is a row.
#
# </details>

# %% [markdown]
# ## 3 · The way back: `from_torch`
#
# **Why.** What PyTorch answers lies in its layout too. To compare it with yours, bring it back.
#
# **Formula.** The same two equations, read from right to left. The way back is an order of its own. If the way
# there takes axis 3 to place 1, the way back takes axis 1 to place 3.
#
# ### On paper
#
# The way there puts the axes of $A$ into the order $(0, 3, 1, 2)$. Do that twice: which axis of $A$ is last? Is
# that the way back?
#
# <details><summary>Answer</summary>
#
# After the first time the axes are $m, n_C, n_H, n_W$. The second time takes of these the places 0, 3, 1, 2, which
# are $m, n_W, n_C, n_H$. The height is last: twice there is not back. The order for the way back is a different one.
#
# </details>


# %% exercise="from_torch"
def from_torch(A, W, b):
    """Return images, filters and biases in the layouts of these lessons: to_torch the other way.

    A:       array of shape (m, n_C_prev, n_H, n_W)
    W:       array of shape (n_C, n_C_prev, f, f)
    b:       array of shape (n_C,)
    returns: three NumPy arrays of shapes (m, n_H, n_W, n_C_prev), (f, f, n_C_prev, n_C) and (1, 1, 1, n_C)
    """
    # As in to_torch: for each axis of the result, which axis of PyTorch's array is it?
    ### BEGIN SOLUTION
    images = np.transpose(A, (0, 2, 3, 1))
    filters = np.transpose(W, (2, 3, 1, 0))
    return images, filters, np.reshape(b, (1, 1, 1, len(b)))
    ### END SOLUTION


# %% [markdown]
# ### See it work
#
# A channel of the image from above: here, there, and back again by *your* two functions. On the right, what comes of
# `to_torch` done twice.
#
# **Predict.** Which shape has the array on the right, $(1, 2, 3, 2)$ or another one?

# %%
frameworks.show_round_trip(from_torch, to_torch)

# %% [markdown]
# <details><summary>Answer</summary>
#
# $(1, 3, 2, 2)$: batch, width, channels, height. Its "channel 0" mixes both channels of a column.
#
# </details>
#
# ### Check it

# %% check="from_torch"
check(from_torch)

# %% hidden="from_torch"
grade(from_torch)

# %%
keep(from_torch)

# %% [markdown]
# ### If you are stuck
#
# <details><summary>Hint 1: what to think about</summary>
#
# Number PyTorch's axes: of its images 0 is $m$, 1 the channels, 2 the height, 3 the width. Which of them is first in
# our layout, which second?
#
# </details>
#
# <details><summary>Hint 2: a test of your own</summary>
#
# `from_torch(*to_torch(A, W, b))` must give you $A$, $W$ and $b$ again. Try it with axes of different lengths, and
# compare with `np.array_equal`.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# Images: batch, axis 2, axis 3, and the channels at the end. Filters: rows and columns are PyTorch's axes 2 and 3 and
# come first; then the channels, axis 1; last the filters, axis 0. `b.reshape(1, 1, 1, -1)` works out the last length
# by itself.
#
# </details>

# %% [markdown]
# ## 4 · Keras: `to_keras` and `from_keras`
#
# Keras and TensorFlow have your layout, for images and for filters. Only $b$ differs: a Keras layer has it as a row
# of shape $(n_C,)$. Its weights are a list, `[W, b]`:
#
# - `layer.set_weights(...)` takes such a list,
# - `layer.get_weights()` gives it back.
#
# > **"Then a Keras filter of $(3, 3, 1, 64)$ is applied to each of 32 channels."** No: its shape is
# > $(3, 3, 32, 64)$, as yours is. Each of the 64 filters has weights for all 32 channels.


# %% exercise="to_keras"
def to_keras(W, b):
    """Return filters and biases as a Keras layer takes them.

    W:       filters, array of shape (f, f, n_C_prev, n_C)
    b:       biases, array of shape (1, 1, 1, n_C)
    returns: two NumPy arrays, W of shape (f, f, n_C_prev, n_C) and b of shape (n_C,)
    """
    # One of the two stays as it is.
    ### BEGIN SOLUTION
    return W, b[0, 0, 0, :]
    ### END SOLUTION


# %% check="to_keras"
check(to_keras)

# %% hidden="to_keras"
grade(to_keras)

# %%
keep(to_keras)


# %% exercise="from_keras"
def from_keras(W, b):
    """Return filters and biases of a Keras layer in the layouts of these lessons.

    W:       array of shape (f, f, n_C_prev, n_C)
    b:       array of shape (n_C,)
    returns: two NumPy arrays, W of shape (f, f, n_C_prev, n_C) and b of shape (1, 1, 1, n_C)
    """
    # Your own layers want b with four axes.
    ### BEGIN SOLUTION
    return W, np.reshape(b, (1, 1, 1, len(b)))
    ### END SOLUTION


# %% [markdown]
# ### See it work
#
# Two filters through *your* `to_keras` into a layer of Keras, and by `from_keras` back.
#
# **Predict.** Which shapes have the weights of a fresh layer with two filters of 3×3, for images with three channels?


# %%
def there_and_back():
    import keras

    W, b = np.arange(54.0).reshape(3, 3, 3, 2), np.array([-1.0, 1.0]).reshape(1, 1, 1, 2)
    layer = keras.layers.Conv2D(2, kernel_size=3)
    layer.build((None, 8, 8, 3))
    fresh = [weights.shape for weights in layer.get_weights()]
    layer.set_weights(to_keras(W, b))
    W_back, b_back = from_keras(*layer.get_weights())
    return [
        f"the weights of a fresh layer: {fresh}",
        f"W came back: {np.array_equal(W_back, W)}",
        f"b came back: {np.array_equal(b_back, b)}",
    ]


frameworks.show(there_and_back)

# %% [markdown]
# <details><summary>Answer</summary>
#
# $(3, 3, 3, 2)$ and $(2,)$: height, width, channels in, filters; and a bias for each filter.
#
# </details>
#
# ### Check it

# %% check="from_keras"
check(from_keras)

# %% hidden="from_keras"
grade(from_keras)

# %%
keep(from_keras)

# %% [markdown]
# ### If you are stuck
#
# <details><summary>Hint 1: what to think about</summary>
#
# Two functions, four arrays, and only one of them changes in each. Which?
#
# </details>
#
# <details><summary>Hint 2: how many values</summary>
#
# Both functions return two arrays, first the filters, then the biases: `return ..., ...`. With a single filter, $b$ has
# shape $(1,)$ in Keras. `np.squeeze` would leave it no axis at all.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# $W$ goes through untouched. `reshape(-1)` makes a row of $b$, and `reshape(1, 1, 1, -1)` gives it its four axes back.
#
# </details>

# %% [markdown]
# ## 5 · The same layers in four libraries
#
# Now the proof. All four functions below get the same images, of shape $(2, 8, 7, 3)$, and the same four filters of
# 3×3. Each pads these images, convolves them with stride 2 and pad 1, applies ReLU to them and pools them, and returns
# its five answers in *our* layout. Read all four, line by line: what is the same everywhere?
#
# The libraries are imported *inside* the functions, so that each is loaded when it is needed and not before. The
# first call of Keras or TensorFlow takes some seconds.


# %%
def in_numpy(A, W, b):
    return {
        "zero padding": zero_pad(A, 1),
        "convolution": conv_forward(A, W, b, {"stride": 2, "pad": 1})[0],
        "ReLU": np.maximum(A, 0),
        "max pooling": pool_forward(A, {"f": 2, "stride": 2}, "max")[0],
        "average pooling": pool_forward(A, {"f": 2, "stride": 2}, "average")[0],
    }


# %%
def in_torch(A, W, b):
    import torch
    from torch import nn

    A, W, b = (torch.tensor(one, dtype=torch.float32) for one in to_torch(A, W, b))
    convolution = nn.Conv2d(3, 4, kernel_size=3, stride=2, padding=1)  # channels in, filters
    with torch.no_grad():  # no gradients are wanted here
        convolution.weight[:] = W
        convolution.bias[:] = b
        answers = {
            "zero padding": nn.ZeroPad2d(1)(A),
            "convolution": convolution(A),
            "ReLU": nn.ReLU()(A),
            "max pooling": nn.MaxPool2d(2)(A),
            "average pooling": nn.AvgPool2d(2)(A),
        }
    return {name: answer.permute(0, 2, 3, 1).numpy() for name, answer in answers.items()}


# %%
def in_keras(A, W, b):
    import keras
    from keras import layers

    inputs = keras.Input(shape=(8, 7, 3))
    padded = layers.ZeroPadding2D(1)(inputs)
    convolution = layers.Conv2D(4, kernel_size=3, strides=2)  # filters; it finds the channels itself
    answers = {
        "zero padding": padded,
        "convolution": convolution(padded),
        "ReLU": layers.ReLU()(inputs),
        "max pooling": layers.MaxPooling2D(2)(inputs),
        "average pooling": layers.AveragePooling2D(2)(inputs),
    }
    convolution.set_weights(to_keras(W, b))
    model = keras.Model(inputs, answers)
    return {name: keras.ops.convert_to_numpy(answer) for name, answer in model(A).items()}


# %%
def in_tensorflow(A, W, b):
    import tensorflow as tf

    A = tf.constant(A, dtype=tf.float32)
    W, b = (tf.constant(one, dtype=tf.float32) for one in to_keras(W, b))
    padded = tf.pad(A, [[0, 0], [1, 1], [1, 1], [0, 0]])
    answers = {
        "zero padding": padded,
        "convolution": tf.nn.conv2d(padded, W, strides=2, padding="VALID") + b,
        "ReLU": tf.nn.relu(A),
        "max pooling": tf.nn.max_pool2d(A, ksize=2, strides=2, padding="VALID"),
        "average pooling": tf.nn.avg_pool2d(A, ksize=2, strides=2, padding="VALID"),
    }
    return {name: answer.numpy() for name, answer in answers.items()}


# %% [markdown]
# **Predict.** The libraries compute in float32, with about seven digits, and your functions in float64, with sixteen.
# Which of the five rows will be *exactly* 0 apart, and about how large are the other differences?

# %%
frameworks.compare(in_numpy, in_torch, in_keras, in_tensorflow)

# %% [markdown]
# <details><summary>Answer</summary>
#
# Padding, ReLU and max pooling are exactly the same: they move or choose numbers and compute nothing (the images were
# drawn so that float32 holds them exactly). A convolution adds up 27 products and a bias, an average four numbers. Each
# addition rounds, and in float32 that shows in the seventh digit. Two libraries may differ from each other as well:
# they add in different orders.
#
# So "equal" means here: apart by no more than rounding. A mistake in a layout is a million times larger. Try it: let
# `in_torch` use `W.T`.
#
# </details>
#
# > **"`Conv2D(32, ...)` makes 32×32 images" or "... 32 filters for each channel".** The first number is the number of
# > filters, and so of output channels. In PyTorch it is the *second* number: `nn.Conv2d(3, 32, 3)` says the input
# > channels first, because it makes its weights at once. Keras waits until it sees an input.
#
# **Today's ways.** In older texts you will find `Conv2D(32, 3, input_shape=(28, 28, 1))`. Keras 3 warns about it: begin
# with `keras.Input(shape=...)` instead, as above. `torch.nn.functional` has everything as functions, without layers:
# `F.conv2d(A, W, b, stride=2, padding=1)`.
#
# ### A trap: which axes are the image?
#
# `ZeroPadding2D(1)` puts a frame of one pixel around an image. Here is a batch with one image of 2×2 pixels and one
# channel. Somebody has written the channel in second place, as in PyTorch: shape $(1, 1, 2, 2)$.
#
# **Predict.** Which shape comes out?


# %%
def padded_shapes():
    import keras

    wrong, right = np.zeros((1, 1, 2, 2)), np.zeros((1, 2, 2, 1))
    pad = keras.layers.ZeroPadding2D(1)
    return [f"{one.shape} becomes {tuple(pad(one).shape)}" for one in (wrong, right)]


frameworks.show(padded_shapes)

# %% [markdown]
# <details><summary>Answer</summary>
#
# $(1, 3, 4, 2)$. For Keras the last axis is the channels, so it sees an image of 1×2 pixels with two channels, and
# pads that: height 1 + 2, width 2 + 2. There is no error, only a wrong image. In the second line the image has shape
# $(1, 2, 2, 1)$ and becomes $(1, 4, 4, 1)$.
#
# </details>
#
# ### Pooling in one and three dimensions
#
# Sound has one axis (time), a photo two, a film or a body scan three. The window follows: `MaxPooling1D(2)` halves
# the length of $(m, n, n_C)$, and `MaxPooling3D(2)` halves all three of $(m, n_D, n_H, n_W, n_C)$, so that one number of
# eight is left. In PyTorch they are `nn.MaxPool1d` on $(m, n_C, n)$ and `nn.MaxPool3d` on $(m, n_C, n_D, n_H, n_W)$. The
# formula of lesson 04 holds along each axis, and the channels are never mixed.

# %% [markdown]
# ## 6 · What "same" means: `same_padding`
#
# **Why.** In Keras and TensorFlow you rarely count zeros. You say `padding="same"` and the library finds out how many
# it takes for an output as large as the input, or, with a stride $s$, for $\lceil n/s \rceil$ entries.
# ($\lceil x \rceil$ is $x$ rounded **up**.) With `"valid"` there is no padding.
#
# **Formula.** Along one side of $n$ pixels, with a window of $f$ and stride $s$, the last window begins
# $(\lceil n/s \rceil - 1) \cdot s$ pixels after the first one and is $f$ long. What it needs beyond the $n$ pixels is
# the total:
#
# $$\text{total} = \max\bigl((\lceil n/s \rceil - 1) \cdot s + f - n,\; 0\bigr) \qquad
#   \text{before} = \left\lfloor \frac{\text{total}}{2} \right\rfloor \qquad \text{after} = \text{total} - \text{before}$$
#
# Where the total is odd, the odd zero comes **after**. The two sides of an image can then differ: the padding is
# *asymmetric*.
#
# ### On paper
#
# | $n$ | $f$ | $s$ | outputs | total | before | after |
# |---|---|---|---|---|---|---|
# | 7 | 3 | 1 | 7 | $6 \cdot 1 + 3 - 7 = 2$ | 1 | 1 |
# | 6 | 2 | 1 | 6 | $5 \cdot 1 + 2 - 6 = 1$ | 0 | 1 |
# | 8 | 3 | 2 | ? | ? | ? | ? |
# | 9 | 5 | 2 | ? | ? | ? | ? |
# | 9 | 2 | 3 | ? | ? | ? | ? |
#
# <details><summary>Answer</summary>
#
# 8, 3, 2: $\lceil 8/2 \rceil = 4$ outputs, total $3 \cdot 2 + 3 - 8 = 1$, so 0 before and 1 after. 9, 5, 2: five
# outputs, total $4 \cdot 2 + 5 - 9 = 4$, 2 and 2. 9, 2, 3: three outputs, and $2 \cdot 3 + 2 - 9 = -1$: the windows fit
# with a pixel to spare, so the total is 0.
#
# At stride 1 the total is $f - 1$, and for odd $f$ that is $(f-1)/2$ on each side, the rule of lesson 03.
#
# </details>


# %% exercise="same_padding"
def same_padding(n, f, stride):
    """Return how many zeros "same" padding puts before and after a side of n pixels.

    n:       the height (or the width) of the input
    f:       height and width of the window
    stride:  by how many pixels the window moves
    returns: two whole numbers, before and after
    """
    # 1. How many outputs are there? -(-n // stride) or math.ceil rounds up.
    # 2. Where does the last window end, and how many pixels are missing there? Never less than 0.
    # 3. Share the total between the two sides.
    ### BEGIN SOLUTION
    outputs = -(-n // stride)
    total = max((outputs - 1) * stride + f - n, 0)
    before = total // 2
    return before, total - before
    ### END SOLUTION


# %% [markdown]
# ### See it work, with sliders
#
# A row of pixels, 1 to `n`, with zeros where *your* function puts them, and the sums of its windows. Below it, what a
# PyTorch layer makes of it: its `padding` is a single number, the same on both sides, usually $(f - 1)/2$. Step over `y` with
# the arrow keys, or point at it. Outputs that differ from PyTorch's have a dashed outline.
#
# **Predict.** n = 8, f = 3, stride 2: both make four outputs. How many of them are the same? And with n = 7?
#
# <details><summary>A still of it, for where nothing runs</summary>
#
# ![The explorer of "same" padding: a row of pixels between zeros, twice, and the sums of its windows](same_padding.svg)
# </details>

# %%
explore.same_padding(same_padding)

# %% [markdown]
# <details><summary>Answer</summary>
#
# None. With 0 before and 1 after, the windows begin at pixels 1, 3, 5 and 7. With 1 on each side, they begin one pixel
# earlier, on a zero, and the zero on the right is never used. Same shape, other numbers, no error. With n = 7 the total
# is 2, one zero on each side, and all agree.
#
# This is what happens to a network that is moved from TensorFlow to PyTorch: photos have even sizes, and the layers with
# stride 2 look at other pixels. It works nearly as well as before, which makes the mistake hard to find.
#
# </details>
#
# ### Check it

# %% check="same_padding"
check(same_padding)

# %% hidden="same_padding"
grade(same_padding)

# %%
keep(same_padding)

# %% [markdown]
# ### If you are stuck
#
# <details><summary>Hint 1: what to think about</summary>
#
# Draw eight pixels and four windows of 3 that move by 2. Where does the last one end? How many pixels is that too
# far?
#
# </details>
#
# <details><summary>Hint 2: right at stride 1, wrong at stride 2</summary>
#
# Between $k$ windows there are $k - 1$ steps. And the number of outputs is rounded up: nine pixels at stride 2 give
# five.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# With the outputs in a variable, the total is one less than that, times `stride`, plus `f`, minus `n`; `max` keeps it
# from falling below 0. `total // 2` comes before. After comes what is left of the total.
#
# </details>

# %% [markdown]
# ### The same in all libraries
#
# With your `same_padding` you can now do in NumPy and in PyTorch what Keras and TensorFlow do by themselves. Look at
# the order of the numbers in `F.pad`: it begins with the *last* axis, so left and right come before top and bottom.
# (Zeros are for convolutions. A max pooling with "same" padding never lets them win: it pads with $-\infty$.)


# %%
def same_in_numpy(A, W, b):
    answers = {}
    for stride in (1, 2):
        rows, columns = (same_padding(n, 3, stride) for n in A.shape[1:3])
        padded = np.pad(A, [(0, 0), rows, columns, (0, 0)])
        Z = conv_forward(padded, W, b, {"stride": stride, "pad": 0})[0]
        answers |= {f'"same", stride {stride}': Z, f"padding=1, stride {stride}": Z}
    return answers


# %%
def same_in_torch(A, W, b):
    import torch
    from torch.nn import functional as F

    sizes = A.shape[1:3]
    A, W, b = (torch.tensor(one, dtype=torch.float32) for one in to_torch(A, W, b))
    answers = {}
    for stride in (1, 2):
        (top, bottom), (left, right) = (same_padding(n, 3, stride) for n in sizes)
        padded = F.pad(A, (left, right, top, bottom))
        answers[f'"same", stride {stride}'] = F.conv2d(padded, W, b, stride=stride)
        answers[f"padding=1, stride {stride}"] = F.conv2d(A, W, b, stride=stride, padding=1)
    return {name: answer.permute(0, 2, 3, 1).numpy() for name, answer in answers.items()}


# %%
def same_in_keras(A, W, b):
    import keras

    answers = {}
    for stride in (1, 2):
        convolution = keras.layers.Conv2D(4, 3, strides=stride, padding="same")
        convolution.build(A.shape)
        convolution.set_weights(to_keras(W, b))
        answers[f'"same", stride {stride}'] = keras.ops.convert_to_numpy(convolution(A))
    return answers


# %%
def same_in_tensorflow(A, W, b):
    import tensorflow as tf

    A = tf.constant(A, dtype=tf.float32)
    W, b = (tf.constant(one, dtype=tf.float32) for one in to_keras(W, b))
    return {
        f'"same", stride {stride}': (tf.nn.conv2d(A, W, strides=stride, padding="SAME") + b).numpy()
        for stride in (1, 2)
    }


# %% [markdown]
# The images have 8 rows and 7 columns. The rows named `padding=1` compare PyTorch's single number with your "same"
# padding.
#
# **Predict.** One of the four rows is far from 0. Which, and why not the others?

# %%
frameworks.compare(same_in_numpy, same_in_torch, same_in_keras, same_in_tensorflow)

# %% [markdown]
# <details><summary>Answer</summary>
#
# `padding=1` at stride 2. At stride 1 the total is 2 and both agree. At stride 2 the 8 rows need a single zero, after,
# and PyTorch puts one on each side. (`padding="same"` exists in PyTorch for stride 1 only. With another stride it raises
# an error, on purpose.)
#
# </details>

# %% [markdown]
# ## 7 · A network in PyTorch, and three mistakes
#
# The network below is widely published, and does not run. It takes photos of 32×32 pixels with three channels and says
# which of ten things is on them.
#
# > **Faulty: do not copy.**
# >
# > ```text
# > class Net(nn.Module):
# >     def __init__(self):
# >         super().__init__()
# >         self.features = nn.Sequential()
# >         self.features("conv1", nn.Conv2d(3, 16, 3, padding=1))
# >         self.features("norm1", nn.BatchNorm2d(16))
# >         self.features("relu1", nn.ReLU())
# >         self.features("conv2", nn.Conv2d(16, 32, 3, stride=2, padding=1))
# >         self.features("norm2", nn.BatchNorm2d(32))
# >         self.features("relu2", nn.ReLU())
# >         self.features("pool", nn.AvgPool2D(4, stride=4))
# >         self.classifier = nn.Linear(32 * 4 * 4, 10)
# >
# >     def forward(self, x):
# >         x = self.features(x)
# >         return self.classifier(x.view(1, 32 * 4 * 4))
# > ```
#
# It holds three mistakes. Two of them stop it at once. The third shows only with more than one image.
#
# **Find them.** Look at the names, at what is called, and at the shapes.
#
# <details><summary>Hint 1: a name</summary>
#
# PyTorch writes the dimension of its layers with a small letter.
#
# </details>
#
# <details><summary>Hint 2: a call</summary>
#
# What does it mean to call a module, as in `self.features(...)`? With what is it called in `forward`?
#
# </details>
#
# <details><summary>Hint 3: a shape</summary>
#
# After pooling, $m$ images have the shape $(m, 32, 4, 4)$. How many numbers are that, and how many does `view` leave
# room for?
#
# </details>
#
# <details><summary>Answer</summary>
#
# 1. `nn.AvgPool2D` does not exist. The layer is called `nn.AvgPool2d` (Keras is the one with the capital D).
# 2. `self.features("conv1", ...)` *calls* the module, as if a name were a batch of images. To add a layer it is
#    `self.features.add_module("conv1", ...)`.
# 3. `x.view(1, 32 * 4 * 4)` asks for a single row. With two images there are 1024 numbers, and it stops. The batch must
#    stay: `x.view(len(x), -1)`, or the layer `nn.Flatten()`.
#
# </details>
#
# ### Written rightly
#
# **Predict.** Go through the layers on paper: which shape does each make of two images, $(2, 3, 32, 32)$? How many
# parameters have the two convolutions and the linear layer? (A batch norm has two for each channel.)


# %%
def example_network():
    from torch import nn

    return nn.Sequential(
        nn.Conv2d(3, 16, kernel_size=3, padding=1),
        nn.BatchNorm2d(16),
        nn.ReLU(),
        nn.Conv2d(16, 32, kernel_size=3, stride=2, padding=1),
        nn.BatchNorm2d(32),
        nn.ReLU(),
        nn.AvgPool2d(4, stride=4),
        nn.Flatten(),
        nn.Linear(32 * 4 * 4, 10),
    )


frameworks.show_shapes(example_network, (2, 3, 32, 32))

# %% [markdown]
# <details><summary>Answer</summary>
#
# | layer | output | parameters |
# |---|---|---|
# | convolution 3→16, 3×3, pad 1 | (2, 16, 32, 32) | $3 \cdot 3 \cdot 3 \cdot 16 + 16 = 448$ |
# | batch norm, ReLU | (2, 16, 32, 32) | $2 \cdot 16 = 32$ |
# | convolution 16→32, 3×3, stride 2, pad 1 | (2, 32, 16, 16) | $3 \cdot 3 \cdot 16 \cdot 32 + 32 = 4640$ |
# | batch norm, ReLU | (2, 32, 16, 16) | $2 \cdot 32 = 64$ |
# | average pooling 4×4, stride 4 | (2, 32, 4, 4) | 0 |
# | flatten | (2, 512) | 0 |
# | linear 512→10 | (2, 10) | $512 \cdot 10 + 10 = 5130$ |
#
# </details>

# %% [markdown]
# ## 8 · The line detector, once more
#
# You know it from lessons 03 and 04: an image of 8×8, zero but for ones in columns 3 and 4; a 3×3 filter with ones in its
# middle column and zeros beside it; a bias of 0; ReLU; then 2×2 pooling with stride 2. Ten parameters. Now build it from
# PyTorch's layers.
#
# ### On paper
#
# Without padding the feature map is 6×6. In each row stands 0, 0, 3, 3, 0, 0. What do max and average pooling make of a
# row?
#
# <details><summary>Answer</summary>
#
# The windows stand on columns 0–1, 2–3 and 4–5: both give 0, 3, 0. The line survives in a map of 3×3.
#
# </details>
#
# Your function takes and returns NumPy arrays in *our* layout. Inside, it is PyTorch's.
#
# - A new `nn.Conv2d` has **random** weights *and a random bias*. Set both, inside `with torch.no_grad():`, as in `in_torch`
#   above. Or take the functions of `torch.nn.functional`, which have no weights of their own.
# - Make every tensor of the same number type, for example `dtype=torch.float64`.


# %% exercise="line_detector"
def line_detector(images):
    """Return what the line detector makes of images, with PyTorch's convolution, ReLU and pooling.

    images:  array of shape (m, n_H, n_W, 1)
    returns: three NumPy arrays: the feature maps (m, n_H - 2, n_W - 2, 1), and their max pooled and
             average pooled maps, (m, (n_H - 2)//2, (n_W - 2)//2, 1)
    """
    import torch

    # 1. Make W of shape (3, 3, 1, 1) and b of shape (1, 1, 1, 1) in NumPy.
    # 2. Bring images, W and b to PyTorch: your to_torch, then torch.tensor.
    # 3. Convolution, ReLU, and both poolings of what comes of it.
    # 4. Bring all three back: channels last, NumPy arrays.
    ### BEGIN SOLUTION
    functional = torch.nn.functional
    W = np.zeros((3, 3, 1, 1))
    W[:, 1] = 1
    arrays = to_torch(images, W, np.zeros((1, 1, 1, 1)))
    A, W, b = (torch.tensor(array, dtype=torch.float64) for array in arrays)
    A = torch.relu(functional.conv2d(A, W, b))
    maps = A, functional.max_pool2d(A, 2), functional.avg_pool2d(A, 2)
    return tuple(one.permute(0, 2, 3, 1).numpy() for one in maps)
    ### END SOLUTION


# %% [markdown]
# ### See it work
#
# **Predict.** Somebody forgets to set the bias of the layer. What do the dark columns of the feature map show?

# %%
frameworks.show_line_detector(line_detector)

# %% [markdown]
# <details><summary>Answer</summary>
#
# The bias itself, a random number between −1/3 and 1/3, wherever it is positive; and 0 after ReLU where it is negative.
# It changes with every run.
#
# </details>
#
# ### Check it

# %% check="line_detector"
check(line_detector)

# %% hidden="line_detector"
grade(line_detector)

# %%
keep(line_detector)

# %% [markdown]
# ### If you are stuck
#
# <details><summary>Hint 1: what to think about</summary>
#
# Everything you need stands in `in_torch`, but for the filter. Which places of a $(3, 3, 1, 1)$ array are the middle
# column?
#
# </details>
#
# <details><summary>Hint 2: what the errors mean</summary>
#
# - *expected input[...] to have 1 channels*: the images still have their channels last.
# - *expected scalar type Long but found Double* (or the like): two tensors have different number types.
# - *Can't call numpy() on Tensor that requires grad*: compute inside `with torch.no_grad():`.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# `W[:, 1] = 1` sets the middle column. Give the three arrays of `to_torch` to `torch.tensor`, one after the other.
# `conv2d` of `torch.nn.functional` takes images, filters and biases; around it goes `torch.relu`. `max_pool2d` and
# `avg_pool2d` take the feature map and the size of the window. `permute(0, 2, 3, 1)` and `.numpy()` bring a map back.
#
# </details>
#
# ### The same line in all four
#
# Once more the four libraries, now one layer after the other. (The functions take no notice of the images that `compare`
# offers; they have an image of their own.) In Keras the ReLU can be part of the convolution layer: `activation="relu"`.

# %%
image, column, no_bias = np.zeros((1, 8, 8, 1)), np.zeros((3, 3, 1, 1)), np.zeros((1, 1, 1, 1))
image[:, :, 3:5] = 1
column[:, 1] = 1


def line_in_numpy(*_):
    A = np.maximum(conv_forward(image, column, no_bias, {"stride": 1, "pad": 0})[0], 0)
    pools = {mode: pool_forward(A, {"f": 2, "stride": 2}, mode)[0] for mode in ("max", "average")}
    return {"feature map": A, "max pooling": pools["max"], "average pooling": pools["average"]}


def line_in_torch(*_):
    A, maximum, average = line_detector(image)
    return {"feature map": A, "max pooling": maximum, "average pooling": average}


# %%
def line_in_keras(*_):
    import keras
    from keras import layers

    inputs = keras.Input(shape=(8, 8, 1))
    convolution = layers.Conv2D(1, kernel_size=3, activation="relu")
    A = convolution(inputs)
    convolution.set_weights(to_keras(column, no_bias))
    answers = {
        "feature map": A,
        "max pooling": layers.MaxPooling2D(2)(A),
        "average pooling": layers.AveragePooling2D(2)(A),
    }
    model = keras.Model(inputs, answers)
    return {name: keras.ops.convert_to_numpy(answer) for name, answer in model(image).items()}


# %%
def line_in_tensorflow(*_):
    import tensorflow as tf

    W, b = to_keras(column, no_bias)
    A = tf.nn.relu(tf.nn.conv2d(image, W, strides=1, padding="VALID") + b)
    answers = {
        "feature map": A,
        "max pooling": tf.nn.max_pool2d(A, ksize=2, strides=2, padding="VALID"),
        "average pooling": tf.nn.avg_pool2d(A, ksize=2, strides=2, padding="VALID"),
    }
    return {name: answer.numpy() for name, answer in answers.items()}


# %% [markdown]
# **Predict.** In section 5 the convolutions differed by about $10^{-6}$. How far are they apart here?

# %%
frameworks.compare(line_in_numpy, line_in_torch, line_in_keras, line_in_tensorflow)

# %% [markdown]
# <details><summary>Answer</summary>
#
# Not at all. All numbers are small whole numbers, and their sums too: nothing is rounded, in whatever order they are
# added. Whole numbers make good tests.
#
# </details>

# %% [markdown]
# ## 9 · Gradients for nothing: autograd
#
# In lesson 05 you derived three gradients, and wrote five loops for them. PyTorch does it by itself. While it computes
# the forward pass it writes down every step, and each step knows its own chain rule. Going through the notes backward
# gives the gradients of everything. This is called **automatic differentiation**, or autograd.
#
# - A tensor made with `requires_grad=True` is one whose gradient you want.
# - `Z.backward(dZ)` starts from the gradient $dZ$ that arrives from the layers after (in the shape and layout of `Z`).
# - Afterwards each of those tensors, say `W`, has its gradient in `W.grad`: $\partial J / \partial W$, a tensor of `W`'s
#   shape and layout.
#
# ### On paper
#
# One pixel $a = 2$, one weight $w = 3$, bias 1: $z = 2 \cdot 3 + 1 = 7$. From behind arrives $dz = 5$. What stands in
# `w.grad`, `a.grad` and `b.grad` after `z.backward(5)`?
#
# <details><summary>Answer</summary>
#
# Each factor gets $dz$ times the other factor: $5 \cdot 2 = 10$ for $w$, $5 \cdot 3 = 15$ for $a$, and 5 for $b$.
#
# </details>
#
# Write `autograd_gradients` with the signature of your `conv_backward`. There is one thing that it can do and yours
# cannot: PyTorch takes filters that are not square, such as 1×3, and differentiates them without a new line of
# code. The grader looks there too.


# %% exercise="autograd_gradients"
def autograd_gradients(dZ, cache):
    """Return the gradients of a convolution layer, worked out by PyTorch.

    dZ:      array of shape (m, n_H, n_W, n_C), the gradient of the cost with respect to Z
    cache:   the tuple (A_prev, W, b, hparameters); the filters W may have any height and width
    returns: dA_prev, dW, db, NumPy arrays of the shapes of A_prev, W and b
    """
    import torch

    # 1. Bring A_prev, W and b to PyTorch, as tensors of float64 that want a gradient.
    # 2. The forward pass: torch.nn.functional.conv2d with the stride and the padding of hparameters.
    # 3. The backward pass, from dZ in PyTorch's layout.
    # 4. Bring the three gradients back.
    ### BEGIN SOLUTION
    A_prev, W, b, hparameters = cache
    stride, pad = hparameters["stride"], hparameters["pad"]
    arrays = to_torch(A_prev, W, b)
    A, W, b = (torch.tensor(array, dtype=torch.float64, requires_grad=True) for array in arrays)
    Z = torch.nn.functional.conv2d(A, W, b, stride=stride, padding=pad)
    Z.backward(torch.tensor(np.transpose(dZ, (0, 3, 1, 2))))
    return from_torch(A.grad.numpy(), W.grad.numpy(), b.grad.numpy())
    ### END SOLUTION


# %% [markdown]
# ### See it work
#
# Your `conv_backward` beside PyTorch, on the same numbers, both in float64.
#
# **Predict.** About how far apart will they be: $10^{-6}$, or $10^{-14}$?


# %%
def own_gradients(A, W, b):
    Z, cache = conv_forward(A, W, b, {"stride": 2, "pad": 1})
    dA_prev, dW, db = conv_backward(Z, cache)
    return {"dA_prev": dA_prev, "dW": dW, "db": db}


def torch_gradients(A, W, b):
    Z, cache = conv_forward(A, W, b, {"stride": 2, "pad": 1})
    dA_prev, dW, db = autograd_gradients(Z, cache)
    return {"dA_prev": dA_prev, "dW": dW, "db": db}


frameworks.compare(own_gradients, torch_gradients)

# %% [markdown]
# <details><summary>Answer</summary>
#
# About $10^{-14}$, for numbers of the order of 10: float64 holds sixteen digits, and a few are lost in the sums. Better
# proof of your `conv_backward` is hard to get. And the other way round: you know now what autograd does, since
# you have done it yourself.
#
# </details>
#
# ### Check it

# %% check="autograd_gradients"
check(autograd_gradients)

# %% hidden="autograd_gradients"
grade(autograd_gradients)

# %%
keep(autograd_gradients)

# %% [markdown]
# ### If you are stuck
#
# <details><summary>Hint 1: what to think about</summary>
#
# The whole function is a forward pass between two conversions. You write no derivative.
#
# </details>
#
# <details><summary>Hint 2: what the errors mean</summary>
#
# - *grad can be implicitly created only for scalar outputs*: `backward` wants to be told with which $dZ$ to begin.
# - *Mismatch in shape: grad_output[0] ...*: $dZ$ has not the shape of `Z`. Is it in PyTorch's layout? Does `conv2d` know
#   the stride and the padding?
# - *Only Tensors of floating point ... can require gradients*: the images are whole numbers.
# - `W.grad` is `None`: `W` is not the tensor that was made with `requires_grad=True`, but something computed from it.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# Make three tensors of what `to_torch` returns, each with `dtype=torch.float64` and `requires_grad=True`. Give them to
# `conv2d`, with `stride=` and `padding=`. Transpose $dZ$ as you transpose images, make a tensor of it and hand it to
# `Z.backward`. `.grad.numpy()` of the three goes to `from_torch`, in the order images, filters, biases.
#
# </details>

# %% [markdown]
# ## What to remember
#
# - Images: here, Keras and TensorFlow $(m, n_H, n_W, n_C)$; PyTorch $(m, n_C, n_H, n_W)$. Filters: $(f, f, n_{C,prev}, n_C)$,
#   and $(n_C, n_{C,prev}, f, f)$.
# - `transpose` moves axes, `reshape` does not. When sizes are alike, no shape will warn you: compare numbers.
# - Libraries agree with your layers up to rounding: about $10^{-6}$ in float32, $10^{-14}$ in float64.
# - "Same" with a stride: $\lceil n/s \rceil$ outputs, and the odd zero comes after. PyTorch's `padding=1` is symmetric, so
#   at stride 2 it looks at other pixels.
# - A new layer has random weights, bias included.
# - Autograd is the chain rule, written down during the forward pass.

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
# **Next:** lesson 09 goes back to your own layers. You make them fast, put them together to a network, and train it to
# read digits.
