# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lesson 03 · The convolution layer, forward
#
# Now the window moves. It visits every place of every image, once for each filter, and the numbers it leaves
# behind make the output of the layer. At the end of this lesson you run your own layer on a photo.
#
# **When you are through, you can**
#
# - compute the height and width of a layer's output from the filter, the stride and the padding;
# - write `conv_forward`, the whole layer, with loops that you understand line by line;
# - count the parameters of a layer, and say what they do *not* depend on;
# - read what line detectors, Sobel filters and ReLU do to an image.
#
# **You need** lessons 01 and 02: `zero_pad` and `conv_single_step`, which you use here.
#
# **Time:** about 40 minutes.

# %% locked="setup"
import numpy as np

from convlab import check, explore, grade, keep, progress, ready, save_work
from convlab.figures import convolution

# %% locked="mine"
from convlab.mine import conv_single_step, zero_pad

# %% [markdown]
# ## 1 · How many places are there?
#
# **Why.** Before you can fill an array with results you have to make it, and for that you need its size.
#
# The window starts at the left edge and moves to the right by $s$ pixels at a time. This step is the
# **stride**. With a stride above 1 the window skips places, so the output gets smaller. The places along the
# height are counted in the same way.
#
# **Formula.**
#
# $$n = \left\lfloor \frac{n_{prev} - f + 2p}{s} \right\rfloor + 1$$
#
# - $n$ is the height or the width of the output,
# - $n_{prev}$ the height or the width of the input, before padding,
# - $f$ the height and width of the filter,
# - $p$ the padding on each side (`pad`) and $s$ the `stride`,
# - $\lfloor x \rfloor$ is $x$ rounded **down** to a whole number.
#
# **Where it comes from.** With padding, the input is $n_{prev} + 2p$ wide. The window's left column can stand
# at $0$, $s$, $2s$, and so on, up to $n_{prev} + 2p - f$: further right, the window would stick out. So there
# are $\lfloor (n_{prev} + 2p - f)/s \rfloor$ steps to be made, and one place more than steps. That is the $+1$:
# a fence has one post more than it has gaps.
#
# ### On paper
#
# | $n_{prev}$ | $f$ | $s$ | $p$ | $n$ |
# |---|---|---|---|---|
# | 7 | 3 | 2 | 0 | $\lfloor 4/2 \rfloor + 1 = 3$ |
# | 5 | 3 | 1 | 1 | $\lfloor 4/1 \rfloor + 1 = 5$ |
# | 8 | 3 | 2 | 0 | ? |
# | 32 | 3 | 1 | 0 | ? |
# | 224 | 7 | 2 | 3 | ? |
#
# <details><summary>Answer</summary>
#
# $\lfloor 5/2 \rfloor + 1 = 2 + 1 = 3$, and the last column of pixels is never seen. Then
# $\lfloor 29/1 \rfloor + 1 = 30$, and $\lfloor 223/2 \rfloor + 1 = 111 + 1 = 112$.
# </details>


# %% exercise="conv_output_size"
def conv_output_size(n_prev, f, stride, pad):
    """Return the height (or width) of a convolution's output, a whole number.

    n_prev:  height (or width) of the input in pixels, before padding
    f:       height and width of the filter
    stride:  how many pixels the window moves at a time, 1 or more
    pad:     pixels of padding on each side, 0 or more
    returns: an int
    """
    # 1. How far can the window move, from the first place to the last one that fits?
    # 2. How many steps of `stride` is that? It has to be a whole number of them, and an int.
    # 3. How many places are there, compared with steps?
    ### BEGIN SOLUTION
    return (n_prev - f + 2 * pad) // stride + 1
    ### END SOLUTION


# %% [markdown]
# ### See it work
#
# Each strip is one row of an image, with the padding hatched. The bars below it are the places of the window:
# as many as *your* function returns. If it returns too many, the last ones stick out.
#
# **Predict.** In which of the four is a pixel left over that no window sees?

# %%
convolution.show_output_size(conv_output_size)

# %% [markdown]
# <details><summary>Answer</summary>
#
# In the third: pixel 7 is left over, because one more step of 2 would need pixels up to 8. In the fourth, what
# is left over is one of the two pixels of padding. "Same" padding would have added only one there, after the
# last pixel (lesson 01, section 9).
# </details>

# %% [markdown]
# ### Check it

# %% check="conv_output_size"
check(conv_output_size)

# %% hidden="conv_output_size"
grade(conv_output_size)

# %%
keep(conv_output_size)

# %% [markdown]
# ### If you are stuck
#
# <details><summary>Hint 1: what to think about</summary>
#
# Put numbers in. With `n_prev = 7`, `f = 3`, `stride = 2` and `pad = 0` the result must be 3. Write the formula
# as it stands, and look at the *type* of what comes out as well.
# </details>
#
# <details><summary>Hint 2: which tools</summary>
#
# Python has two divisions: `7 / 2` is `3.5` and `7 // 2` is `3`. The second rounds down, and gives an int from
# ints.
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# One line: in parentheses, the length of the input with both its paddings minus the width of the filter. Divide
# that by the stride with `//`, and add one after the division.
# </details>

# %% [markdown]
# ## 2 · "Valid", "same", and a filter that does not fit
#
# - **"Valid"** means $p = 0$: the window stands on real pixels only. At stride 1 the output is $f - 1$ smaller
#   than the input.
# - **"Same"** means that at stride 1 the output is as large as the input: $p = (f - 1)/2$ for an odd $f$. At
#   stride $s$ it has $\lceil n_{prev}/s \rceil$ pixels, and the general formula is in lesson 01, section 9.
#
# **A filter that does not fit.** If $f > n_{prev} + 2p$, the window has no place at all, and there *is* no
# output. The formula gives an answer all the same.
#
# **Predict.** What does it give for a 5×5 filter without padding, on a 3×3 image with stride 1, and on a 4×4
# image with stride 2? What would an output of that size mean?

# %%
convolution.show_no_fit()

# %% [markdown]
# For the first, the formula gives $\lfloor -2/1 \rfloor + 1 = -1$, and for the second
# $\lfloor -1/2 \rfloor + 1 = 0$. Neither is a size. A good layer stops there and says so. The functions that
# your work is compared with raise an error, for the second:
#
# > `The filter does not fit: f = 5, but n_prev + 2*pad = 4 + 2*0 = 4. Use an f of at most 4, or a larger pad.`
#
# You may do the same. It is not graded: no check calls your functions with a filter that does not fit.
#
# One trap: `int(x)` rounds *towards zero*, not down. `int(-1 / 2) + 1` is 1, and a layer would cheerfully
# compute an output that does not exist.

# %% [markdown]
# ## 3 · The window moves
#
# ### On paper
#
# An image of 7×7 pixels with one channel, a 3×3 filter, stride 2, no padding, bias 0:
#
# $$a = \begin{pmatrix}
#   2 & 3 & 7 & 4 & 6 & 2 & 9 \\
#   6 & 6 & 9 & 8 & 7 & 4 & 3 \\
#   3 & 4 & 8 & 3 & 8 & 9 & 7 \\
#   7 & 8 & 3 & 6 & 6 & 3 & 4 \\
#   4 & 2 & 1 & 8 & 3 & 4 & 6 \\
#   3 & 2 & 4 & 1 & 9 & 8 & 3 \\
#   0 & 1 & 3 & 9 & 2 & 1 & 4 \end{pmatrix} \qquad
#   w = \begin{pmatrix} 3 & 4 & 4 \\ 1 & 0 & 2 \\ -1 & 0 & 3 \end{pmatrix}$$
#
# The output is $\lfloor 4/2 \rfloor + 1 = 3$ high and 3 wide. Its first entry comes from the window at the top
# left, its last entry from the window that you know from lesson 02:
#
# $$z_{00} = (6 + 12 + 28) + (6 + 0 + 18) + (-3 + 0 + 24) = 46 + 24 + 21 = 91 \qquad\qquad z_{22} = 74$$
#
# Compute $z_{01}$. In which row and column of the image is its window's top left corner?
#
# <details><summary>Answer</summary>
#
# In row 0 and column 2, because the stride is 2. The window sees
# $\begin{pmatrix} 7 & 4 & 6 \\ 9 & 8 & 7 \\ 8 & 3 & 8 \end{pmatrix}$, and
# $z_{01} = (21 + 16 + 24) + (9 + 0 + 14) + (-8 + 0 + 24) = 61 + 23 + 16 = 100$.
# </details>

# %% [markdown]
# ## 4 · Many filters
#
# A layer has many filters, and all of them look at the same input. Each filter makes one **feature map**, an
# image that says where its pattern was found. The maps are stacked, and that stack is the output: **each filter
# is one channel of the output.**
#
# All filters together are one array, and all biases another:
#
# | array | shape | what it is |
# |---|---|---|
# | `A_prev` | $(m,\; n_{H,prev},\; n_{W,prev},\; n_{C,prev})$ | the input: $m$ images |
# | `W` | $(f,\; f,\; n_{C,prev},\; n_C)$ | $n_C$ filters; `W[:, :, :, c]` is filter number `c`, of shape $(f, f, n_{C,prev})$ |
# | `b` | $(1,\; 1,\; 1,\; n_C)$ | one bias for each filter; `b[:, :, :, c]` has shape $(1, 1, 1)$ |
# | `Z` | $(m,\; n_H,\; n_W,\; n_C)$ | the output: $m$ stacks of $n_C$ feature maps |
#
# The number of parameters is $f \cdot f \cdot n_{C,prev} \cdot n_C$ weights plus $n_C$ biases.
#
# ### Four misreadings
#
# People really post these, so you had better meet them here.
#
# > **"`Conv2D(32, …)`: 32 is the size of the image."** Or: "32 filters for each channel". It is the number of
# > filters, so it is the number of channels of the output, $n_C = 32$. An RGB image of 32×32 pixels, shape
# > $(32, 32, 3)$, and 32 filters of 3×3 give $(30, 30, 32)$. The two thirty-twos have nothing to do with each
# > other.
#
# > **"Three colours and 32 filters make 96 channels."** Each filter is a block of shape $(f, f, 3)$ that *sums*
# > over the colours. 32 filters make 32 feature maps. With $f = 5$ and no biases that is
# > $5 \cdot 5 \cdot 3 \cdot 32 = 2400$ weights.
#
# > **"The second layer applies 64 filters to each of the 32 channels, so it has 2048 outputs."** Or: "its output
# > is 64 blocks of $(14, 14, 32)$". The same slip, one layer later. Each of the 64 filters has shape $(3, 3, 32)$
# > and sums over all 32 channels. That makes 64 feature maps, one volume $(14, 14, 64)$, and weights of shape $(3, 3, 32, 64)$, not $(3, 3, 1, 64)$:
# > $3 \cdot 3 \cdot 32 \cdot 64 + 64 = 18\,496$ parameters.
#
# > **"Each filter sends its own copy of the image through the network."** There is one image. Each layer takes
# > one volume and hands one volume to the next: $(32, 32, 3)$ in, $(30, 30, 32)$ out.

# %% [markdown]
# ## 5 · `conv_forward`: the whole layer
#
# **Why.** This is the layer. Everything before was preparation, and everything after builds on it.
#
# **Formula.** Let $A^{\text{pad}}$ be the padded input. Then
#
# $$Z_{i,h,w,c} = \sum_{j=0}^{f-1} \sum_{k=0}^{f-1} \sum_{d=0}^{n_{C,prev}-1}
#   A^{\text{pad}}_{i,\;h s + j,\;w s + k,\;d}\; W_{j,k,d,c} \;+\; b_{0,0,0,c}$$
#
# - $i$ is the image, $h$ and $w$ are row and column of the *output*, and $c$ is the filter;
# - $j$ and $k$ are row and column *inside the window*, and $d$ is the channel of the input;
# - $s$ is the stride: the window of output $(h, w)$ has its top left corner in row $hs$ and column $ws$ of the
#   padded input.
#
# The three sums are what `conv_single_step` computes. What is left for you: find the window, for each $i$, $h$,
# $w$ and $c$.
#
# **The cache.** The function returns two things, `Z` and `cache = (A_prev, W, b, hparameters)`. The second is
# for the way back: in lesson 05 the gradients are computed from the layer's inputs, and the cache has kept
# them. It holds the inputs themselves, not the padded images.


# %% exercise="conv_forward"
def conv_forward(A_prev, W, b, hparameters):
    """Return the output Z of a convolution layer, and its cache.

    A_prev:      array of shape (m, n_H_prev, n_W_prev, n_C_prev), the output of the previous layer
    W:           array of shape (f, f, n_C_prev, n_C), the filters
    b:           array of shape (1, 1, 1, n_C), their biases
    hparameters: dict with the whole numbers "stride" and "pad"
    returns:     Z, array of shape (m, n_H, n_W, n_C), and cache, the tuple (A_prev, W, b, hparameters)
    """
    # 1. Read the sizes from the shapes of A_prev and W, and stride and pad from hparameters.
    # 2. Work out n_H and n_W (you have a function for that), and make a Z of the right shape, full of zeros.
    # 3. Pad the images (you have a function for that, too).
    # 4. Visit every entry of Z: which image, row, column and filter does it belong to?
    # 5. For each entry: where does its window begin and end? Cut out the slice, take the right filter and the
    #    right bias, and let conv_single_step compute the number.
    # 6. Return Z and the cache.
    ### BEGIN SOLUTION
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    f, _, _, n_C = W.shape
    stride, pad = hparameters["stride"], hparameters["pad"]
    n_H = conv_output_size(n_H_prev, f, stride, pad)
    n_W = conv_output_size(n_W_prev, f, stride, pad)
    Z = np.zeros((m, n_H, n_W, n_C))
    A_prev_pad = zero_pad(A_prev, pad)
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                top, left = h * stride, w * stride
                a_slice_prev = A_prev_pad[i, top : top + f, left : left + f, :]
                for c in range(n_C):
                    Z[i, h, w, c] = conv_single_step(a_slice_prev, W[:, :, :, c], b[:, :, :, c])
    return Z, (A_prev, W, b, hparameters)
    ### END SOLUTION


# %% [markdown]
# ### See it work
#
# The 7×7 image of section 3 through *your* layer. The outlined entry of the output comes from the outlined
# window of the image.
#
# **Predict.** With stride 1 instead of 2, how large is the output, and at which places do the nine numbers of
# stride 2 turn up in it?

# %%
convolution.show_windows(conv_forward, stride=2, row=0, col=1)

# %%
convolution.show_windows(conv_forward, stride=1, row=0, col=2)

# %% [markdown]
# <details><summary>Answer</summary>
#
# 5×5. The nine numbers are in the rows and columns 0, 2 and 4: a stride of 2 computes every second row and
# column, and leaves out the rest.
# </details>
#
# Change `stride`, `row` and `col`, and run the cell again. With stride 3, which pixels of the image are not
# seen?
#
# <details><summary>Answer</summary>
#
# The last row and the last column. The output is $\lfloor 4/3 \rfloor + 1 = 2$ high and wide, and its windows
# begin in the rows and columns 0 and 3 and end in 2 and 5.
# </details>

# %% [markdown]
# ### Check it

# %% check="conv_forward"
check(conv_forward)

# %% hidden="conv_forward"
grade(conv_forward)

# %%
keep(conv_forward)

# %% [markdown]
# ### If you are stuck
#
# <details><summary>Hint 1: what to think about</summary>
#
# Four loops, one for each axis of `Z`. Inside, one line that assigns to `Z[i, h, w, c]`. Do not think about the
# whole image: think about one entry of `Z`, and ask which window it comes from.
# </details>
#
# <details><summary>Hint 2: where the window is</summary>
#
# `h` counts the rows of the *output*. The window of output row `h` starts `h` strides below the top of the
# *padded* image, and is `f` rows high. The same goes for the columns: use `w`, and loop to `n_W`, which need
# not be `n_H`. The slice keeps all channels of the input. The filter for channel `c` of the output is the
# `c`-th along the last axis of `W`.
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# `Z` begins as `np.zeros((m, n_H, n_W, n_C))`. Compute `top` from `h` and `stride` and `left` from `w` and
# `stride`; the slice of image `i` of the padded batch is then rows `top` to `top + f`, columns `left` to
# `left + f`, and `:` for the channels. Hand it to `conv_single_step`, together with `W[:, :, :, c]` and
# `b[:, :, :, c]`. After all loops, return the pair of `Z` and the tuple of the four arguments, in the order of
# the signature.
# </details>

# %% [markdown]
# ## 6 · A detector for vertical lines, and ReLU
#
# What can one filter find? Take an image of 8×8 pixels, all 0 but for ones in columns 3 and 4: a vertical line,
# two pixels wide. The filter is 3×3, with ones in its middle column:
#
# $$w = \begin{pmatrix} 0 & 1 & 0 \\ 0 & 1 & 0 \\ 0 & 1 & 0 \end{pmatrix}, \qquad b = 0$$
#
# After a convolution there usually comes an **activation function**, applied to each number by itself. The most
# common one is **ReLU** (rectified linear unit):
#
# $$\text{ReLU}(x) = \max(0, x), \qquad\qquad
#   \text{ReLU}'(x) = \begin{cases} 0 & \text{if } x < 0 \\ 1 & \text{if } x > 0 \end{cases}$$
#
# - $x$ is one number of the feature map. What is negative becomes 0, and the rest stays as it is;
# - $\text{ReLU}'(x)$ is its gradient: where the number was cut off, nothing is passed back in training
#   (lesson 09). At $x = 0$ there is a kink and no derivative; by convention it is taken to be 0.

# %%
convolution.show_relu()

# %% [markdown]
# **Predict.** Your layer, the 8×8 image, the line filter, stride 1, no padding, then ReLU. How large is the
# feature map, what is the largest number in it, and how many parameters does this layer have?

# %%
convolution.show_line_detector(conv_forward)

# %% [markdown]
# <details><summary>Answer</summary>
#
# 6×6, with 3 in the two middle columns: there the middle column of the filter lies on the line, and
# $1 + 1 + 1 = 3$. Ten parameters: $3 \cdot 3 \cdot 1 \cdot 1 = 9$ weights and 1 bias. ReLU changes nothing
# here, because nothing is negative. In the next section it will.
# </details>
#
# Lesson 04 sends this feature map through a pooling layer, and lesson 08 builds the same detector in PyTorch,
# Keras and TensorFlow.
#
# > **"ReLU after the first layer acts on (30,30,3)."** It acts on what the layer hands on, not on what came in.
# > An RGB image of 32×32 pixels with 32 filters of 3×3 becomes $(30, 30, 32)$, and on these 28,800 numbers ReLU
# > acts, one by one. The shape stays, and ReLU has no parameters.

# %% [markdown]
# ## 7 · Sobel filters on a photo
#
# The **Sobel filters** are two classic edge filters. One finds changes from left to right, the other from top
# to bottom:
#
# $$w_x = \begin{pmatrix} -1 & 0 & 1 \\ -2 & 0 & 2 \\ -1 & 0 & 1 \end{pmatrix} \qquad
#   w_y = \begin{pmatrix} -1 & -2 & -1 \\ 0 & 0 & 0 \\ 1 & 2 & 1 \end{pmatrix}$$
#
# - $w_x$ takes right minus left: positive where it gets brighter to the right;
# - $w_y$ takes lower minus upper: positive where it gets brighter downwards.
#
# If $z_x$ and $z_y$ are the two results at a pixel, $\sqrt{z_x^2 + z_y^2}$ is the strength of the edge,
# whatever its direction.
#
# **Predict.** The two strips of gold fringe at the upper left run straight down, and the lower edge of the cap
# runs across the forehead. Which filter sees which? And what does ReLU throw away?

# %%
convolution.show_sobel(conv_forward)

# %% [markdown]
# <details><summary>Answer</summary>
#
# $w_x$ sees the fringe and $w_y$ the edge of the cap: along an edge that runs straight down, nothing changes
# downwards. Slanted edges, as those of the collar, show up in both. ReLU keeps the places where it gets
# brighter and drops those where it gets darker. A network that wants both needs a second filter, with the signs
# turned.
#
# And the blue line along the right border of $z_x$? It is not in the photo. It is the step down to the zeros
# that your `zero_pad` put there (lesson 01).
# </details>
#
# One layer, several filters: here `W` has shape $(3, 3, 1, 6)$, and a single call of your `conv_forward` makes
# six feature maps.
#
# **Predict.** The numbers in the blur filter add up to 1, those in the Sobel filters to 0. What does each of
# them make of a plain, evenly gray area?

# %%
convolution.show_filters(conv_forward)

# %% [markdown]
# <details><summary>Answer</summary>
#
# With a sum of 1 an even area keeps its brightness. With a sum of 0 it becomes 0: only changes remain. The line
# detector's weights add up to 3, so it makes an even area three times as bright, line or no line. In section 6
# it worked because everything beside the line was 0. A line detector for photos has weights that add up to 0,
# such as the columns -1, 2, -1.
# </details>

# %% [markdown]
# ### With sliders
#
# All of it in one place: choose image and filter, move `f`, `stride` and `pad`, and step over `Z` with the
# arrow keys (or point at it) to see the window that each number comes from. The photo is small, since your
# loops compute it anew with every move.
#
# **Predict.** The 7×7 image, f = 3: which `pad` keeps its size at stride 1? With f = 4 and pad 0, what is left
# over at stride 2? And which setting has no output at all?
#
# <details><summary>A still of it, for where nothing runs</summary>
#
# ![The explorer of the convolution layer: image, filter, products and output, with the window of one output outlined](convolution.svg)
# </details>

# %%
explore.convolution(conv_forward)

# %% [markdown]
# <details><summary>Answer</summary>
#
# Pad 1. With f = 4 one row and one column are left over: $(7 - 4)/2$ is no whole number. On the 4×5 image a
# filter with f = 5 does not fit without padding.
# </details>

# %% [markdown]
# ## 8 · Parameters do not depend on the image
#
# > **"A larger image needs more weights."** No: the same filter is used at every place. This is called **weight
# > sharing**. A larger image gives a larger output, and takes more computing, but `W` and `b` stay as they are.
#
# **Predict.** A layer with four filters of 3×3 on RGB images: how many parameters? What comes out for images of
# 6×6 and of 9×12 pixels?

# %%
rng = np.random.default_rng(0)
W = rng.standard_normal((3, 3, 3, 4))
b = np.zeros((1, 1, 1, 4))
print("parameters:", W.size, "weights and", b.size, "biases,", W.size + b.size, "in all")
for height, width in [(6, 6), (9, 12)]:
    images = rng.standard_normal((1, height, width, 3))
    try:
        print("in:", images.shape, "  out:", conv_forward(images, W, b, {"stride": 1, "pad": 0})[0].shape)
    except NotImplementedError:
        print("in:", images.shape, "  out: write conv_forward first")

# %% [markdown]
# A layer that joined every input number to every output number would need
# $6 \cdot 6 \cdot 3 \times 4 \cdot 4 \cdot 4 = 6912$ weights for the 6×6 image alone, and other ones for each
# other size. Your layer needs 108, whatever the size, and finds an edge
# wherever it is.

# %% [markdown]
# ## What to remember
#
# - Output size: $\lfloor (n_{prev} - f + 2p)/s \rfloor + 1$, for height and width separately. Round down; one
#   place more than steps.
# - The window of output $(h, w)$ starts in row $h \cdot s$ and column $w \cdot s$ of the padded input.
# - Each filter has the depth of its input, sums over all channels and makes one feature map. The number of
#   filters is the number of output channels.
# - Parameters: $f \cdot f \cdot n_{C,prev} \cdot n_C + n_C$. The size of the image is not among these letters.
# - ReLU is $\max(0, x)$ for each number by itself, and keeps the shape.

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
# **Next:** lesson 04 makes feature maps smaller: pooling.
