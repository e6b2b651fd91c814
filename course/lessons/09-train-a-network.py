# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lesson 09 · Train a network
#
# You have every layer that a small network needs, forward and backward. In this lesson you put them together, and
# the network learns to read handwritten digits. At the end you draw one yourself, and it says what you drew.
#
# **When you are through, you can**
#
# - write a convolution as a matrix product, and say why that is so much faster than loops;
# - write ReLU and its backward pass;
# - put layers together into a network, and send a gradient back through all of them;
# - train it by mini-batches and SGD with momentum, and see what it has learned.
#
# **You need** lessons 03 to 06: `conv_forward`, `pool_forward`, `conv_backward`, `pool_backward`, and the gradient
# check.
#
# **Time:** about 90 minutes, of which the network needs one to learn.

# %% locked="setup"
import inspect
import time

import numpy as np
from tqdm.auto import tqdm, trange

from convlab import check, explore, grade, gradient_check, keep, progress, ready, save_work, torch_network
from convlab.digits import digits
from convlab.figures import training
from convlab.network import cross_entropy, dense_backward, dense_forward
from convlab.run import graded_run

# %% locked="mine"
from convlab.mine import conv_backward, conv_forward, conv_output_size, pool_backward, pool_forward, zero_pad

# %% [markdown]
# ## 1 · The digits
#
# 1797 digits, written by 43 people, each an image of 8×8 pixels. Forms were scanned, every digit was brought to
# 32×32 pixels of black or white, and in each block of 4×4 the black ones were counted: a number from 0 to 16. Here
# they are divided by 16, so they go from 0 (paper) to 1 (ink).
#
# | | array | shape |
# |---|---|---|
# | to learn from | `train.images`, `train.labels` | $(1437, 8, 8, 1)$ and $(1437,)$ |
# | kept apart for the test | `test.images`, `test.labels` | $(360, 8, 8, 1)$ and $(360,)$ |
#
# A label says which digit it is, from 0 to 9. The network never learns from the test's digits, so they tell how it
# does on digits it has not seen.
#
# (Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, UCI Machine Learning Repository, CC BY 4.0.)

# %%
train, test = digits()
training.show_digits(train.images, train.labels)

# %% [markdown]
# ## 2 · A convolution is a matrix product
#
# **Why.** Your `conv_forward` visits every entry of $Z$ in a Python loop, and Python takes some millionths of a
# second for each visit, whatever there is to multiply. A network that learns makes millions of visits. NumPy can do
# the whole layer at once, if you hand it the layer as *one* product of two matrices.
#
# In lesson 01 a matrix product was $c_{ij} = \sum_k x_{ik}\, w_{kj}$. An entry of $Z$ is a sum of products too: of
# the numbers in a window with the numbers in a filter. So:
#
# **Formula.** Lay every window flat as a *row*, and every filter flat as a *column*. Then
#
# $$Z_{rows} = X_{rows}\, W_{columns} + b$$
#
# - $X_{rows}$ has a row for each window, of shape $(m \cdot n_H \cdot n_W,\;\; f \cdot f \cdot n_{C,prev})$;
# - $W_{columns}$ has a column for each filter, of shape $(f \cdot f \cdot n_{C,prev},\;\; n_C)$;
# - $Z_{rows}$ has a row for each window and a column for each filter, $(m \cdot n_H \cdot n_W,\;\; n_C)$, and holds
#   the numbers of $Z$, in the same order;
# - $m$ is the number of images, $n_H$ and $n_W$ height and width of $Z$, $f$ that of the filter, $n_{C,prev}$ and
#   $n_C$ the channels before and after; $b$ has a number for each filter.
#
# The way from images to $X_{rows}$ is known as **im2col**, "image to columns" (many libraries lay windows as columns
# and swap the factors). A pixel is copied into every window that sees it, so the matrix needs about $f \cdot f$ times
# the memory of the images. That is the price.
#
# ### On paper
#
# An image of 3×4, a filter of 2×2, stride 1, no padding, $b = 0$:
#
# $$A_{prev} = \begin{pmatrix} 1 & 2 & 0 & 3 \\ 0 & 1 & 4 & 1 \\ 2 & 0 & 1 & 2 \end{pmatrix} \qquad
#   W = \begin{pmatrix} 1 & 2 \\ 0 & -1 \end{pmatrix}$$
#
# $$\begin{pmatrix} 1 & 2 & 0 & 1 \\ 2 & 0 & 1 & 4 \\ 0 & 3 & 4 & 1 \\ 0 & 1 & 2 & 0 \\ 1 & 4 & 0 & 1 \\ 4 & 1 & 1 & 2 \end{pmatrix}
#   \begin{pmatrix} 1 \\ 2 \\ 0 \\ -1 \end{pmatrix} = \begin{pmatrix} 4 \\ -2 \\ 5 \\ 2 \\ 8 \\ 4 \end{pmatrix}
#   \qquad\text{so}\qquad Z = \begin{pmatrix} 4 & -2 & 5 \\ 2 & 8 & 4 \end{pmatrix}$$
#
# Your turn: a second filter $\begin{pmatrix} 0 & 1 \\ 1 & 0 \end{pmatrix}$ joins in. What changes, and what does not?
# And how large are the two matrices for 16 digits of 8×8 with 8 filters of 3×3?
#
# <details><summary>Answer</summary>
#
# The matrix of windows stays. The filters get a second column, $(0, 1, 1, 0)$, and the product too:
# $(2, 1, 7, 3, 4, 2)$. For 16 digits there are $16 \cdot 6 \cdot 6 = 576$ windows of 9 numbers: 576×9, times 9×8.
#
# </details>
#
# ### All windows without a loop
#
# `np.lib.stride_tricks.sliding_window_view(X, (f, f), axis=(1, 2))` gives all windows of all images, at *every* pixel
# where one fits. It copies nothing. Look at the shape:

# %%
view = np.lib.stride_tricks.sliding_window_view(np.zeros((16, 8, 8, 2)), (3, 3), axis=(1, 2))
print("16 images of 8×8 with 2 channels, windows of 3×3:", view.shape)

# %% [markdown]
# Images, rows and columns of the windows' places, then channels, and last the row and the column inside a window. $W$
# has the shape $(f, f, n_{C,prev}, n_C)$: it lists row, column, channel. A row of one matrix and a column of the other
# must list their numbers in *one* order, or the product pairs the wrong ones. `transpose` changes the order of axes.
# With one channel you would not notice.


# %% exercise="conv_forward_fast"
def conv_forward_fast(A_prev, W, b, hparameters):
    """Return what conv_forward returns, without a Python loop over pixels.

    A_prev:  array of shape (m, n_H_prev, n_W_prev, n_C_prev)
    W:       array of shape (f, f, n_C_prev, n_C); b: array of shape (1, 1, 1, n_C)
    hparameters: dict with the whole numbers "stride" and "pad"
    returns: Z, array of shape (m, n_H, n_W, n_C), and the cache (A_prev, W, b, hparameters)
    """
    # 1. Pad the images. Take the view of all their windows, and of these every stride-th, both ways.
    # 2. Bring the axes into the order image, row, column, and inside the window: row, column, channel.
    # 3. Lay each window flat: a matrix with a row for each. Lay the filters flat: a column for each.
    # 4. One product. Lay it out as Z again, and add the bias.
    ### BEGIN SOLUTION
    stride, pad = hparameters["stride"], hparameters["pad"]
    f, _, n_C_prev, n_C = W.shape
    windows = np.lib.stride_tricks.sliding_window_view(zero_pad(A_prev, pad), (f, f), axis=(1, 2))
    windows = windows[:, ::stride, ::stride].transpose(0, 1, 2, 4, 5, 3)
    m, n_H, n_W = windows.shape[:3]
    rows = windows.reshape(m * n_H * n_W, f * f * n_C_prev)
    columns = W.reshape(f * f * n_C_prev, n_C)
    Z = (rows @ columns).reshape(m, n_H, n_W, n_C) + b
    return Z, (A_prev, W, b, hparameters)
    ### END SOLUTION


# %% [markdown]
# ### See it work
#
# Step over `Z`: the window, the same window as a row of the matrix, and the products that add up to the entry.
#
# **Predict.** With f = 3, stride 1 and pad 1, how many rows does the matrix have, and how many of its numbers come
# from the padding in the row for $Z[0, 0]$?
#
# <details><summary>A still of it, for where nothing runs</summary>
#
# ![The explorer of a convolution as a matrix product: image, filter, Z, and the row of the matrix behind an entry](im2col.svg)
# </details>

# %%
explore.im2col(conv_forward_fast)

# %% [markdown]
# <details><summary>Answer</summary>
#
# The image is 4×5, and pad 1 keeps its size: 20 rows. The first window sticks out above and to the left: 5 of its 9
# numbers are zeros of the padding.
# </details>
#
# **Predict.** How many times as fast as your loops is the matrix product on four images of 48×48 with 8 filters?

# %%
training.compare_speed(conv_forward, conv_forward_fast)

# %% [markdown]
# Both do the same multiplications. What is gone is the Python between them.
#
# ### Check it
#
# The check looks at values. **Grading looks at the speed too**, on the shapes of the cell above: half a point for 5
# times as fast as plain loops, and half a point more for 50 times. A Python loop over the $f \cdot f$ places of a filter
# is fast enough; one over pixels is not.

# %% check="conv_forward_fast"
check(conv_forward_fast)

# %% hidden="conv_forward_fast"
grade(conv_forward_fast)

# %%
keep(conv_forward_fast)

# %% [markdown]
# ### If you are stuck
#
# <details><summary>Hint 1: what to think about</summary>
#
# Print the shape after each step. For the 3×4 image and the 2×2 filter of the paper example the matrix has to be 6×4;
# print it and compare.
#
# </details>
#
# <details><summary>Hint 2: right with one channel, wrong with several</summary>
#
# - The view has the axes (image, row, column, channel, row inside, column inside). Numbered 0 to 5, which order do you
#   need? The channel goes last.
# - `W.reshape(-1, n_C)` lays each filter flat as a column. `W.reshape(n_C, -1)` does something else.
# - $Z_{rows}$ has its filters last. So has $Z$, and `reshape` is all it takes.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# Of the view take `[:, ::stride, ::stride]`, then `.transpose(0, 1, 2, 4, 5, 3)`. Its first three sizes are m, n_H and
# n_W. Reshape it to $m \cdot n_H \cdot n_W$ rows, multiply it (`@`) by `W` with $n_C$ columns, reshape the product to
# `(m, n_H, n_W, n_C)`, and add `b` as it is.
#
# </details>

# %% [markdown]
# ## 3 · ReLU
#
# **Why.** A convolution of a convolution is again a convolution: without something in between, two layers can do no
# more than one. ReLU, the *rectified linear unit*, is the simplest thing in between.
#
# **Formula.** For each number by itself
#
# $$a = \max(0, z) \qquad\qquad dz = \begin{cases} da & \text{if } z > 0 \\ 0 & \text{if } z < 0 \end{cases}$$
#
# - $z$ is one entry of $Z$, the layer's input, and $a$ the entry of its output $A$; both have the same shape, whatever
#   it is;
# - $da$ is the gradient that arrives for $a$, and $dz$ the one that leaves: the slope is 1 on the right and 0 on the
#   left. At 0 itself there is a kink; either convention is accepted.
#
# ### On paper
#
# $$Z = \begin{pmatrix} 3 & -1 & 2 \\ -4 & 2 & -2 \end{pmatrix} \quad
#   A = \begin{pmatrix} 3 & 0 & 2 \\ 0 & 2 & 0 \end{pmatrix} \qquad
#   dA = \begin{pmatrix} 5 & 7 & -3 \\ 2 & -6 & 4 \end{pmatrix} \quad
#   dZ = \begin{pmatrix} 5 & 0 & -3 \\ 0 & -6 & 0 \end{pmatrix}$$
#
# The gradients $-3$ and $-6$ pass, though they are negative: what counts is the sign of $Z$. So the backward pass needs
# $Z$, and the cache of ReLU is $Z$ itself.


# %% exercise="relu"
def relu(Z):
    """Return the larger of 0 and each entry of Z.

    Z:       array of any shape
    returns: A, array of the same shape, and the cache, which is Z
    """
    # NumPy compares an array with a number entry by entry. Leave Z as it is, and return two things.
    ### BEGIN SOLUTION
    A = np.maximum(Z, 0)
    return A, Z
    ### END SOLUTION


# %% check="relu"
check(relu)

# %% hidden="relu"
grade(relu)

# %%
keep(relu)


# %% exercise="relu_backward"
def relu_backward(dA, cache):
    """Return the gradient of the cost with respect to the input of ReLU.

    dA:      array of any shape, the gradient with respect to A
    cache:   Z, array of the same shape, as relu returned it
    returns: dZ, array of the same shape
    """
    # Where Z is positive the gradient passes, elsewhere it is 0. In lesson 06 a mask did something like it.
    ### BEGIN SOLUTION
    passes = cache > 0
    return dA * passes
    ### END SOLUTION


# %% [markdown]
# ### See it work
#
# **Predict** both curves from $-3$ to $3$ before you look.

# %%
training.show_relu(relu, relu_backward)

# %% [markdown]
# <details><summary>Answer</summary>
#
# Flat at 0 up to 0, then a straight line up to 3. The gradient is 0 on the left and 1 on the right, with a jump at 0.
# </details>
#
# ### Check it

# %% check="relu_backward"
check(relu_backward)

# %% hidden="relu_backward"
grade(relu_backward)

# %%
keep(relu_backward)

# %% [markdown]
# ### If you are stuck
#
# <details><summary>Hint 1: what to think about</summary>
#
# Neither function needs a loop or an `if`: a comparison such as `Z > 0` looks at every entry.
#
# </details>
#
# <details><summary>Hint 2: two functions with similar names</summary>
#
# `np.max(Z, 0)` is the maximum *along axis 0*. `np.maximum` compares two things entry by entry. And `Z[Z < 0] = 0`
# changes the caller's `Z`, which is then no good as a cache.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# Forward: `np.maximum` of `Z` and 0, and `Z` beside it. Backward: a product of `dA` with `Z > 0`, where True counts as 1
# and False as 0; here `Z` is called `cache`.
#
# </details>

# %% [markdown]
# ## 4 · The network
#
# | layer | by | output | weights |
# |---|---|---|---|
# | images $X$ | | $(m, 8, 8, 1)$ | |
# | convolution, 8 filters 3×3, stride 1, pad 0 | your `conv_forward_fast` | $Z$: $(m, 6, 6, 8)$ | `W1` $(3, 3, 1, 8)$, `b1` $(1, 1, 1, 8)$ |
# | ReLU | your `relu` | $A$: $(m, 6, 6, 8)$ | |
# | max pooling, $f = 2$, stride 2 | your `pool_forward` | $P$: $(m, 3, 3, 8)$ | |
# | dense | `dense_forward` | scores: $(m, 10)$ | `W2` $(72, 10)$, `b2` $(1, 10)$ |
#
# **Predict.** How many numbers does this network learn? (Lesson 07.)
#
# <details><summary>Answer</summary>
#
# $3 \cdot 3 \cdot 1 \cdot 8 + 8 = 80$ in the convolution and $72 \cdot 10 + 10 = 730$ in the dense layer: 810.
# </details>
#
# ### Two things you are given
#
# **A dense layer** lays what it gets flat as a row $x$ and multiplies it by a matrix, $s = x\,W_2 + b_2$: ten
# **scores**, one for each digit. It is a matrix product, so its backward pass is the one of lesson 05 without windows.
#
# **Softmax and cross-entropy** turn scores into a cost. With $s_k$ the score of class $k$ and $y$ the right class,
#
# $$p_k = \frac{e^{s_k}}{\sum_j e^{s_j}} \qquad\qquad J = -\log p_y \qquad\qquad
#   \frac{\partial J}{\partial s_k} = p_k - \begin{cases} 1 & \text{if } k = y \\ 0 & \text{else}\end{cases}$$
#
# - the $p_k$ are positive and add up to 1: **probabilities**;
# - $J$ is 0 when the right class has probability 1, and grows without end as it goes to 0;
# - of several images $J$ is the mean, so the gradient is divided by $m$.
#
# On paper: the scores $(2, 0, 0)$ give $e^2 \approx 7.4$ and twice 1, so $p \approx (0.79,\, 0.11,\, 0.11)$. If class 0
# is right, $J = -\log 0.79 \approx 0.24$, and the gradient is $(-0.21,\, 0.11,\, 0.11)$: this score should rise, the others
# fall.
#
# **Predict.** An untrained network knows nothing. What cost do you expect of it, with ten classes?
#
# <details><summary>Answer</summary>
#
# About $-\log 0.1 \approx 2.3$: every class has about the probability 0.1.
# </details>
#
# Read all three, they are short:

# %%
for function in (dense_forward, dense_backward, cross_entropy):
    print(inspect.getsource(function))

# %% [markdown]
# ## 5 · `network_forward`
#
# **Why.** Every layer returns its result and a cache. The result goes into the next layer. The caches are kept: the way
# back needs all of them.


# %% exercise="network_forward"
def network_forward(X, parameters):
    """Return the scores of the network for a batch of images, and the caches of its layers.

    X:          array of shape (m, n_H, n_W, n_C)
    parameters: dict with the arrays "W1", "b1" of the convolution and "W2", "b2" of the dense layer
    returns:    scores, array of shape (m, n_classes), and a tuple of four caches, in the order of the layers
    """
    # 1. The convolution: conv_forward_fast with stride 1 and pad 0.
    # 2. relu, then pool_forward with f 2 and stride 2, then dense_forward.
    # 3. Keep the cache of each. Return the scores, and the four caches as a tuple.
    ### BEGIN SOLUTION
    Z, of_convolution = conv_forward_fast(X, parameters["W1"], parameters["b1"], {"stride": 1, "pad": 0})
    A, of_relu = relu(Z)
    P, of_pooling = pool_forward(A, {"f": 2, "stride": 2}, mode="max")
    scores, of_dense = dense_forward(P, parameters["W2"], parameters["b2"])
    return scores, (of_convolution, of_relu, of_pooling, of_dense)
    ### END SOLUTION


# %% check="network_forward"
check(network_forward)

# %% hidden="network_forward"
grade(network_forward)

# %%
keep(network_forward)

# %% [markdown]
# ## 6 · `network_backward`
#
# **Why.** By the chain rule the gradient goes back through the layers in the opposite order. Each backward pass gets
# what the one before returned, and the cache of *its own* layer:
#
# $$d\text{scores} \;\xrightarrow{\text{dense}}\; dP \;\xrightarrow{\text{pooling}}\; dA \;\xrightarrow{\text{ReLU}}\; dZ
#   \;\xrightarrow{\text{convolution}}\; dX$$
#
# On the way the dense layer gives $dW_2$ and $db_2$, and the convolution $dW_1$ and $db_1$. $dX$ is of no use: images
# are not learned.


# %% exercise="network_backward"
def network_backward(dscores, caches):
    """Return the gradients of the cost with respect to the network's parameters.

    dscores: array of shape (m, n_classes), the gradient with respect to the scores
    caches:  the tuple of four caches that network_forward returned
    returns: dict with the keys "W1", "b1", "W2" and "b2", each with an array of its parameter's shape
    """
    # 1. Unpack the four caches.
    # 2. dense_backward, pool_backward, relu_backward, conv_backward: each gets the gradient from the one before.
    # 3. Return the four gradients that are wanted, by the names of the parameters.
    ### BEGIN SOLUTION
    of_convolution, of_relu, of_pooling, of_dense = caches
    dP, dW2, db2 = dense_backward(dscores, of_dense)
    dA = pool_backward(dP, of_pooling, mode="max")
    dZ = relu_backward(dA, of_relu)
    _, dW1, db1 = conv_backward(dZ, of_convolution)
    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
    ### END SOLUTION


# %% check="network_backward"
check(network_backward)

# %% hidden="network_backward"
grade(network_backward)

# %%
keep(network_backward)

# %% [markdown]
# ### If you are stuck
#
# <details><summary>Hint 1: what to think about</summary>
#
# Both functions are five lines without a loop: call, keep, hand on. Print the shapes and compare them with the table.
#
# </details>
#
# <details><summary>Hint 2: what goes where</summary>
#
# - Each layer's forward returns *two* things: `A, cache_of_relu = relu(Z)`.
# - Backward, `dense_backward` and `conv_backward` return three things, `pool_backward` and `relu_backward` one.
# - The last cache is used first.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# Forward: Z from `conv_forward_fast(X, parameters["W1"], parameters["b1"], ...)`, A from `relu(Z)`, P from
# `pool_forward(A, ...)`, scores from `dense_forward(P, ...)`. Backward: dP from `dense_backward` of dscores, dA from
# `pool_backward` of dP, dZ from `relu_backward` of dA, and `conv_backward` of dZ, each with its own cache as the second
# argument.
#
# </details>

# %% [markdown]
# ## 7 · Gradient check of the whole network
#
# Lessons 05 and 06 checked one layer at a time. Now all of them at once, with the real cost: each of the 34 parameters
# of a small network is moved up and down by $10^{-5}$.
#
# **Predict.** Suppose you had forgotten `relu_backward`. Which of the four gradients would still be right?

# %%
gradient_check.network(network_forward, network_backward)

# %% [markdown]
# <details><summary>Answer</summary>
#
# `W2` and `b2`: on the way back the dense layer comes before ReLU.
# </details>

# %% [markdown]
# ## 8 · Train it
#
# **Mini-batches.** The gradient of a few images points about where the gradient of all does, for a fraction of the
# work. So the digits are shuffled, 16 of them make a step, and when all had their turn one **epoch** is over.
#
# **SGD with momentum** (stochastic gradient descent). Each parameter $\theta$ has a velocity $v$, at first 0, and every
# step does
#
# $$v \leftarrow \mu\, v - \alpha\, d\theta \qquad\qquad \theta \leftarrow \theta + v$$
#
# - $\alpha$ is the **learning rate**, how far a step goes; $\mu = 0.9$ is the **momentum**, how much of the last step goes
#   on. Where gradients agree the steps grow, where they contradict each other they cancel.
# - In the last three epochs $\alpha$ is a tenth, so that the network comes to rest.
#
# On paper: $v = 0$, $\alpha = 0.1$, $\mu = 0.9$, and the gradient is 1 in three steps. $v$ is $-0.1$, then
# $-0.09 - 0.1 = -0.19$, then $-0.171 - 0.1 = -0.271$.
#
# **The beginning.** Random weights, with a spread of $\sqrt{2/n}$ where $n$ numbers go into a sum: then the numbers
# neither grow nor shrink from layer to layer (He and others, 2015). Were all of them 0, all filters would stay the same
# for ever.


# %%
def new_parameters(rng):
    """Random weights for the network of section 4, and zeros for the biases."""
    return {
        "W1": rng.normal(0, np.sqrt(2 / 9), (3, 3, 1, 8)),
        "b1": np.zeros((1, 1, 1, 8)),
        "W2": rng.normal(0, np.sqrt(2 / 72), (72, 10)),
        "b2": np.zeros((1, 10)),
    }


def accuracy(images, labels, parameters):
    """What part of the images the network classifies rightly: the largest score is its answer."""
    scores, _ = network_forward(images, parameters)
    return np.mean(scores.argmax(axis=1) == labels)


# %% [markdown]
# **Predict.** The accuracy of the untrained network on the test; the accuracy after the first epoch; and after all
# ten. Then run the cell. With your loops backward it takes about a minute: watch the curves.

# %%
rng = np.random.default_rng(1)  # another number is another beginning, and another order
epochs = 0 if graded_run() else 10  # grading looks at your functions, it does not wait for a training

parameters = new_parameters(rng)
beginning = {name: value.copy() for name, value in parameters.items()}
velocity = {name: np.zeros(value.shape) for name, value in parameters.items()}
momentum, batches, learning_rates = 0.9, [], []
print(f"Before the first step: {accuracy(test.images, test.labels, parameters):.1%} of the test are right.")

curves = training.Curves(epochs)
began = time.perf_counter()
for epoch in trange(epochs, desc="epochs", disable=not epochs):
    learning_rate = 0.05 if epoch < epochs - 3 else 0.005
    costs = []
    order = rng.permutation(len(train.images))
    for first in tqdm(range(0, len(order), 16), desc=f"epoch {epoch + 1}", leave=False):
        chosen = order[first : first + 16]
        scores, caches = network_forward(train.images[chosen], parameters)
        cost, dscores = cross_entropy(scores, train.labels[chosen])
        gradients = network_backward(dscores, caches)
        for name in parameters:
            velocity[name] = momentum * velocity[name] - learning_rate * gradients[name]
            parameters[name] = parameters[name] + velocity[name]
        costs.append(cost)
        batches.append(chosen)
        learning_rates.append(learning_rate)
    learned, tested = (accuracy(*some, parameters) for some in (train, test))
    curves.add(costs, learned, tested)
seconds = time.perf_counter() - began

# %% [markdown]
# <details><summary>Answer</summary>
#
# About 10 % before the first step, the luck of the draw with ten classes. After one epoch mostly 80 to 95 %, at the end
# 96 to 98 %. The accuracy on the digits it learned from is higher still: it has seen those.
# </details>
#
# ## 9 · What it has learned
#
# **The filters.** Nobody told the network what to look for.
#
# **Predict.** Will there be filters that you know from lesson 01: for edges, for lines, for spots?

# %%
training.show_filters(parameters)

# %% [markdown]
# **Feature maps.** Choose a digit and a filter, and step over `Z`.
#
# **Predict** for one filter which strokes of a digit will be bright after ReLU, then look.
#
# <details><summary>A still of it, for where nothing runs</summary>
#
# ![The explorer of feature maps: a digit, one filter, and the maps after convolution, ReLU and pooling](feature_maps.svg)
# </details>

# %%
explore.feature_maps(network_forward, parameters)

# %% [markdown]
# <details><summary>Answer</summary>
#
# Those that look like the filter: where ink lies under its positive (red) weights and paper under its negative (blue)
# ones. ReLU leaves only these, and pooling keeps the strongest of each 2×2.
# </details>
#
# **The confusion matrix.** Rows are what a digit is, columns what the network says. What is right stands on the diagonal.
#
# **Predict** which two digits are confused most.

# %%
training.show_confusion(network_forward, parameters, test)

# %% [markdown]
# **The mistakes**, the surest first. Would you have read them rightly?

# %%
training.show_mistakes(network_forward, parameters, test)

# %% [markdown]
# ## 10 · Draw one
#
# Your own digit goes the same way as those of the data set: it is brought to the height of 32 pixels and into the middle,
# and in each block of 4×4 the black pixels are counted.
#
# Draw with the mouse, or with the keyboard: arrow keys move the pen, Space lowers or lifts it, Delete clears.
#
# **Predict.** Draw a 1 without a foot and one with a foot, a 7 with and without a bar. Which is the network less sure of?
# What does it say of a letter?

# %%
explore.drawing(network_forward, parameters)

# %% [markdown]
# <details><summary>Answer</summary>
#
# Try it: it depends on your training. A letter gets probabilities that add up to 1 like everything else: the network
# knows ten classes and nothing besides. To be sure and to be right are two things.
# </details>
#
# ## 11 · The same in PyTorch
#
# The same network from the same beginning, on the same batches, with the same steps, in PyTorch: its convolution,
# pooling and gradients are compiled, yours are Python loops on the way back.
#
# **Predict.** How many times as fast is PyTorch here? And how far apart are the two accuracies?

# %%
tested = accuracy(test.images, test.labels, parameters)
torch_network.compare(beginning, batches, learning_rates, momentum, train, test, (seconds, tested))

# %% [markdown]
# <details><summary>Answer</summary>
#
# It is some ten to fifty times as fast, and nearly all of your time goes into `conv_backward` and `pool_backward`. The
# accuracies are the same, or nearly: it is the same arithmetic, rounded in another order.
# </details>
#
# **Going on.** `conv_backward` is matrix products too: with $X_{rows}$ from above and $dZ$ laid flat to rows,
# $dW_{columns} = X_{rows}^T\, dZ_{rows}$ and $dX_{rows} = dZ_{rows}\, W_{columns}^T$, of which every row is added back to
# its window. Write it, check it with `gradient_check.convolution(conv_forward_fast, ...)`, and train again.

# %% [markdown]
# ## What to remember
#
# - A convolution layer is a matrix product: windows as rows, filters as columns, in one order of row, column, channel.
# - Fast in NumPy means: no Python loop over pixels. The price is memory, $f \cdot f$ times that of the images.
# - ReLU lets pass what is positive. Backward, what counts is the sign of $Z$, not that of the gradient.
# - A network is its layers one after the other; the gradient goes the same way back, with the caches.
# - Softmax and cross-entropy have a simple gradient: what the network believes minus what is right.
# - Judge a network by digits it has not seen.

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
# **This is the end of the course.** You began with an image as an array of numbers. Now a network of your own reads
# handwriting, and there is no line in it that you could not explain.
