# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Lesson 07 · Read a network
#
# You have written the layers. Now stack them. Somebody shows you a list of layers and asks: what comes out of
# each, and how many numbers does the network have to learn? That can be worked out before a single image has
# been put in, and whoever can do it reads any network.
#
# **When you are through, you can**
#
# - follow the shape of a volume through convolutions, pooling, flatten and dense layers;
# - count the parameters of each layer, and say what they depend on and what they do not;
# - tell what one output of a deep layer sees of the image;
# - answer the questions that people ask most often about networks, and explain the wrong answers.
#
# **You need** lesson 03 (`conv_output_size`), lesson 04 (`pool_output_size`) and, for the last part, lesson 06
# (`pool_backward`).
#
# **Time:** about 50 minutes.

# %% locked="setup"
import numpy as np

from convlab import check, explore, grade, keep, progress, ready, save_work
from convlab.figures import networks
from convlab.networks import NETWORKS

# %% locked="mine"
from convlab.mine import conv_output_size, pool_output_size

# %% [markdown]
# ## 1 · One volume after another
#
# A colour image of 6×8 pixels is an array of shape $(6, 8, 3)$: a **volume**, 6 high, 8 wide and 3 deep. A
# layer takes one volume and hands on one volume. (The batch axis of the earlier lessons is left out here: each
# image goes the same way.)
#
# A convolution with 4 filters of 3×3 makes of it a volume of shape $(4, 6, 4)$: height and width by the
# formula of lesson 03, and **one feature map for each filter**, lying one behind the other.
#
# Four questions to begin with. Answer each before you open it.
#
# <details><summary>Why four maps, and not 3·4 = 12, four for each colour?</summary>
#
# Because a filter is as deep as its input. It has a slice for each colour, and `conv_single_step` adds up the
# products of all of them to **one** number. So each filter makes one map, whatever goes in.
#
# </details>
#
# <details><summary>In Keras the layer is written <code>Conv2D(4, (3, 3))</code>. What is the 4?</summary>
#
# The number of filters, and so of output channels. It is no size of an image, and no number of filters *per
# channel*. The size of the filters is the `(3, 3)`.
#
# </details>
#
# <details><summary>How many copies of the image go through the network?</summary>
#
# None are copied. One image is put in, each layer hands one volume to the next, and every filter of a layer
# looks at the same volume.
#
# </details>
#
# <details><summary>ReLU follows the convolution. On which shape does it act?</summary>
#
# On $(4, 6, 4)$, the volume that the convolution has made. The colours are gone: they have been used up in
# making the four maps.
#
# </details>

# %% [markdown]
# ## 2 · What a layer learns
#
# **Why.** The **parameters** of a layer are the numbers that training changes: its weights and its biases. How
# many there are decides how much memory a network needs, and how many examples.
#
# **Formula.** For a convolution
#
# $$\text{parameters} = (f \cdot f \cdot n_{C,prev} + 1)\cdot n_C$$
#
# - $f$ is the height and width of a filter, and $n_{C,prev}$ its depth, the channels of the input;
# - the 1 is the filter's bias (without biases it is 0);
# - $n_C$ is the number of filters.
#
# It is the size of $W$, $(f, f, n_{C,prev}, n_C)$, and of $b$, $(1, 1, 1, n_C)$, from lesson 03. Height and
# width of the image are not in it: the same filters visit all places.
#
# ### On paper
#
# The layer of section 1: a filter has $3\cdot 3\cdot 3 = 27$ weights and a bias, which makes $28$. Four filters
# have $4\cdot 28 = 112$ parameters.
#
# Now the same layer on an image of 600×800 pixels. How many parameters has it?
#
# <details><summary>Answer</summary>
#
# 112. A larger image is more work for the same filters, and nothing more to learn.
#
# </details>
#
# A second convolution follows, with 5 filters of 3×3. Its input is $(4, 6, 4)$. What comes out, and how many
# parameters has it?
#
# <details><summary>Answer</summary>
#
# $(2, 4, 5)$. A filter is now 4 deep: $3\cdot 3\cdot 4 + 1 = 37$, and five of them have 185. Whoever finds
# $5\cdot(3\cdot 3 + 1) = 50$ has forgotten the depth, and whoever finds 20 maps has applied each filter to each
# map. Both are asked about all the time.
#
# </details>

# %% [markdown]
# ## 3 · The other layers
#
# | layer | height and width | channels | parameters |
# |:---|:---|:---|:---|
# | convolution, "valid" | $\lfloor (n_{prev} - f)/s \rfloor + 1$ | as many as filters | $(f\cdot f\cdot n_{C,prev} + 1)\cdot n_C$ |
# | convolution, "same" | $\lceil n_{prev}/s \rceil$ | as many as filters | the same |
# | pooling, "valid" or "same" | likewise | stay | 0 |
# | flatten | a vector of $n_H\cdot n_W\cdot n_C$ numbers | | 0 |
# | dense | a vector of as many numbers as units | | (numbers that come in + 1) · units |
#
# - **"valid"** is no padding: only windows that lie inside count.
# - **"same"** pads with just as many zeros as make the output $\lceil n_{prev}/s \rceil$ long, where
#   $\lceil x \rceil$ is $x$ rounded **up**. At stride 1 the size stays the same, hence the name. At stride 2 it is
#   halved: "same" makes up for the filter, not for the stride.
# - **Pooling** has a window and a rule, and nothing to learn. Each channel is pooled by itself.
# - **Flatten** lays all numbers of the volume in one row. It changes none.
# - **Dense**: each unit has a weight for every number that comes in, and a bias. There need not be as many units as
#   numbers.
#
# ### On paper
#
# | input | layer | output | parameters |
# |---|---|---|---|
# | $(9, 12, 4)$ | conv, 5 filters of 3×3, stride 2, "same" | $(5, 6, 5)$ | $(9\cdot 4 + 1)\cdot 5 = 185$ |
# | $(5, 6, 5)$ | max pooling, f = 3, stride 2, "valid" | $(2, 2, 5)$ | 0 |
# | $(2, 2, 5)$ | flatten | ? | ? |
# | ? | dense, 3 units | ? | ? |
#
# <details><summary>Answer</summary>
#
# Flatten makes a vector of $2\cdot 2\cdot 5 = 20$ numbers, shape $(20,)$, with 0 parameters. The dense layer makes 3
# numbers of it, $(3,)$, with $(20 + 1)\cdot 3 = 63$ parameters.
#
# </details>
#
# <details><summary>Is the result of <code>MaxPooling2D((2, 2))</code> a 2×2 array?</summary>
#
# No, 2×2 is the window. Its places are counted with the formula: of 13×13 pixels it makes 6×6.
#
# </details>
#
# <details><summary>Does pooling always halve the size?</summary>
#
# Only with a window of 2×2 at stride 2, and on even sizes. In the table above 5×6 became 2×2.
#
# </details>

# %% [markdown]
# ## 4 · `layer_table`
#
# **Why.** By hand you count two layers. A function counts any number of them, and you know that it is right.
#
# A network is written as the shape of its input and a list of small dicts, one for each layer. All entries are
# always there:

# %%
example = [
    {"type": "conv", "filters": 5, "f": 3, "stride": 2, "padding": "same", "bias": True},
    {"type": "max_pool", "f": 3, "stride": 2, "padding": "valid"},
    {"type": "average_pool", "f": 2, "stride": 1, "padding": "same"},
    {"type": "flatten"},
    {"type": "dense", "units": 3, "bias": False},
]


# %% exercise="layer_table"
def layer_table(input_shape, layers):
    """Return what each layer of a network hands on, and how many parameters it has.

    input_shape: the tuple (n_H, n_W, n_C), the shape of one image
    layers:      list of dicts, each with the "type" "conv", "max_pool", "average_pool", "flatten" or "dense";
                 conv:                  "filters", "f", "stride", "padding" ("valid" or "same"), "bias" (True or False)
                 max_pool, average_pool: "f", "stride", "padding"
                 dense:                 "units", "bias"
    returns:     (table, total)
                 table is a list with a tuple (output_shape, parameters) for each layer; output_shape is
                 (n_H, n_W, n_C), and after flatten and dense (n,)
                 total is the number of all parameters
    """
    # 1. Begin with the input's shape, an empty table and a total of 0. Go through the layers one by one.
    # 2. What shape does this layer hand on? It depends on its type, and on the shape that it is given.
    # 3. How many parameters has it? Some types have none; look at "bias".
    # 4. Write down both, add to the total, and go on to the next layer with the new shape.
    ### BEGIN SOLUTION
    shape, table, total = input_shape, [], 0
    for layer in layers:
        kind, parameters = layer["type"], 0
        if kind == "flatten":
            shape = (shape[0] * shape[1] * shape[2],)
        elif kind == "dense":
            parameters = (shape[0] + layer["bias"]) * layer["units"]  # True counts as 1
            shape = (layer["units"],)
        else:
            n_H, n_W, n_C = shape
            f = 1 if layer["padding"] == "same" else layer["f"]  # as many places as for a single pixel
            n_H, n_W = pool_output_size(n_H, f, layer["stride"]), pool_output_size(n_W, f, layer["stride"])
            if kind == "conv":
                parameters = (layer["f"] ** 2 * n_C + layer["bias"]) * layer["filters"]
                n_C = layer["filters"]
            shape = (n_H, n_W, n_C)
        table.append((shape, parameters))
        total += parameters
    return table, total
    ### END SOLUTION


# %% [markdown]
# ### See it work
#
# **Predict** the table of the example, for images of shape $(9, 12, 4)$, with a pencil. Two layers you have had
# already.

# %%
networks.show_stack(layer_table, (9, 12, 4), example)

# %% [markdown]
# <details><summary>Answer</summary>
#
# $(5, 6, 5)$ with 185 parameters; $(2, 2, 5)$; again $(2, 2, 5)$, since "same" at stride 1 keeps the size; $(20,)$; and
# $(3,)$ with $20\cdot 3 = 60$, as this layer has no biases. In all 245.
#
# </details>
#
# ### Check it

# %% check="layer_table"
check(layer_table)

# %% hidden="layer_table"
grade(layer_table)

# %%
keep(layer_table)

# %% [markdown]
# ### If you are stuck
#
# <details><summary>Hint 1: what to think about</summary>
#
# Write it for one type first, say for convolutions with "valid". Try it on a list with one layer, then with two: the
# second has to be given the shape that the first has made.
#
# </details>
#
# <details><summary>Hint 2: right in one example, wrong in another</summary>
#
# - Wrong from the second convolution on: how deep are its filters? As deep as the volume it is given.
# - Wrong for "same": the size is $n_{prev}/s$ rounded up, in Python `math.ceil(n / s)` or `-(-n // s)`. The filter is
#   not in it.
# - Wrong for pooling: `f` is the window, not the result, and the channels stay as they are.
# - Wrong for wide images: height and width each have their own size.
# - Wrong by a few parameters: one bias for each filter, or for each unit, where `"bias"` is True.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# Three branches. `"flatten"`: the new shape is a tuple with one number, the product of the three. `"dense"`:
# `(shape[0] + 1)` times the units, or `shape[0]` times the units without biases. All others: take the shape apart
# into `n_H, n_W, n_C`; find the new height and width with `pool_output_size`, or by rounding up for "same"; only for
# `"conv"` count parameters, with the old `n_C`, and then put the filters in its place. At the end of the loop append
# `(shape, parameters)`, and add to the total.
#
# </details>

# %% [markdown]
# ## 5 · Networks that people ask about
#
# Five networks, from tutorials that are read a great deal. `NETWORKS["A"]` is a tuple, input shape and layers.
#
# **A**, for colour images of 32×32: conv 32 3×3, max pool 2×2, conv 64 3×3, max pool 2×2, conv 64 3×3, flatten, dense
# 64, dense 10, all "valid".
#
# **Predict** before you run it: what does the flatten hand on? And in which layer are most of the parameters?

# %%
networks.show_network(layer_table, "A")

# %% [markdown]
# <details><summary>Answer</summary>
#
# $4\cdot 4\cdot 64 = 1024$ numbers. They go to 64 units, each of them connected with all 1024: numbers and units need not
# be as many. That makes 65,600 parameters, more than half of all.
#
# </details>
#
# <details><summary>"The second layer applies 64 filters to each of 32 channels, so it has 2048 outputs." Is that so?</summary>
#
# No. Each filter is $(3, 3, 32)$ and sums over the channels: 64 filters, 64 maps. The weights have the shape
# $(3, 3, 32, 64)$, not $(3, 3, 1, 64)$, so there are $3\cdot 3\cdot 32\cdot 64 + 64 = 18{,}496$ parameters.
#
# </details>
#
# **B**, for gray images of 28×28, with "same" padding: conv 32 3×3, max pool 2×2, conv 64 3×3, max pool 2×2, flatten,
# dense 128, dense 10. **Predict** the four heights.

# %%
networks.show_network(layer_table, "B")

# %% [markdown]
# <details><summary>Answer</summary>
#
# 28, 14, 14, 7: "same" at stride 1 keeps the size, so here pooling alone makes it smaller. The second convolution has
# the same 18,496 parameters as in network A, on another size of image.
#
# </details>
#
# **C** has gray images of 28×28 and two convolutions with 32 and 64 filters of 3×3. **D** has colour images of 28×28, two
# convolutions with 32 and 64 filters of 5×5, and no biases. **Predict** the parameters of both first layers.

# %%
networks.show_network(layer_table, "C")
networks.show_network(layer_table, "D")

# %% [markdown]
# <details><summary>Answer</summary>
#
# C: $(3\cdot 3\cdot 1 + 1)\cdot 32 = 320$. D: $5\cdot 5\cdot 3\cdot 32 = 2400$, for 32 feature maps. There are not 32 for each
# colour.
#
# </details>

# %% [markdown]
# ## 6 · Build your own
#
# Stack layers with the lists, and set filters, window and stride with the sliders; they hold for all layers of the
# kind. "look at" chooses a layer. Below are the image, the layer's input and its output: step over the **output** with
# the arrow keys, or point at it. The frame in the image is the **receptive field**, all pixels that this output sees.
# On the right are the weights that it uses: how many lie behind each other at each place of the filter.
#
# The number in a pixel of the image or of the input is how many outputs see it.
#
# **Predict.**
#
# 1. The third layer looks at 3×3 numbers of its input. How many pixels of the image does one of its outputs see? More
#    with a larger pooling stride, or fewer?
# 2. Set padding to "same", look at layer 1 and step into a corner. How many weights still meet the image?
# 3. Which weights does the output beside it use?
# 4. Put a dense layer in place of the flatten. What happens, and why?
#
# <details><summary>A still of it, for where nothing runs</summary>
#
# ![The explorer of a network: its volumes, and image, input, output and weights of one layer](network.svg)
# </details>

# %%
explore.network(layer_table)

# %% [markdown]
# <details><summary>Answer</summary>
#
# 1. 8×8 pixels: 3 windows of 2×2 side by side are 6×6, and the first convolution sees one pixel more on each side. A
#    larger stride puts them further apart, so an output sees more.
# 2. At 4 of the 9 places; the others meet zeros. That makes $4\cdot 3 = 12$ of 27, as the image has three colours.
# 3. The same ones. A filter has one set of weights for all places.
# 4. A dense layer wants a vector, and gets a volume. Something has to lay the numbers in a row first.
#
# </details>

# %% [markdown]
# ## 7 · Where the parameters are
#
# **E**, for gray images of 28×28: three convolutions with 32, 64 and 128 filters of 3×3, all "same", then flatten, dense
# 256 and dense 10. There is no pooling.
#
# **Predict.** What part of all parameters is in the three convolutions: about a half, a tenth, a hundredth?

# %%
networks.show_network(layer_table, "E")

# %% [markdown]
# <details><summary>Answer</summary>
#
# Less: 92,672 of 25,785,610, that is 0.4 %. The volume before the flatten is $(28, 28, 128)$, 100,352 numbers, and each
# of the 256 units has a weight for every one of them: 25,690,368 parameters in one layer.
#
# </details>
#
# Now the same network with max pooling 2×2 after each convolution. **Predict:** which layers have fewer parameters than
# before?

# %%
networks.show_savings(layer_table)

# %% [markdown]
# <details><summary>Answer</summary>
#
# Only the first dense layer: it is given $(3, 3, 128)$, 1152 numbers. Pooling has no parameters itself and takes none from
# the convolutions. It spares the layer behind the flatten. By what factor the whole network shrinks is a question
# of the next section.
#
# </details>

# %% [markdown]
# ## 8 · Questions
#
# This is a network for colour images of 64×48 pixels, shape $(64, 48, 3)$:
#
# | | layer |
# |:---|:---|
# | 1 | convolution, 32 filters of 7×7, stride 1, "valid", with biases; then ReLU |
# | 2 | max pooling, f = 3, stride 3, "valid" |
# | 3 | convolution, 64 filters of 5×5, stride 2, "same", with biases; then ReLU |
# | 4 | average pooling, f = 3, stride 2, "valid" |
# | 5 | flatten |
# | 6 | dense, 40 units |
# | 7 | dense, 10 units |
#
# Answer with a number each. Work them out on paper first; your `layer_table` may help you, but not everywhere.
#
# | key | question |
# |:---|:---|
# | `"channels"` | How many feature maps come out of layer 1? |
# | `"feature maps"` | How many feature maps come out of layer 3? |
# | `"one filter"` | How many weights has **one** filter of layer 3, without its bias? |
# | `"first weights"` | How many weights are there in layer 1, without the biases? |
# | `"volume"` | How many numbers are in the volume that layer 3 hands on? |
# | `"relu"` | On how many numbers does the ReLU after layer 1 act? |
# | `"copies"` | One image is put in. How many volumes does layer 3 receive for it? |
# | `"flat"` | How many numbers does layer 5 hand to layer 6? |
# | `"larger image"` | The image is now 128×96. How many parameters has layer 3? |
# | `"pool height"` | How many rows has the volume that layer 2 hands on? |
# | `"pool again"` | How many rows has the volume that layer 4 hands on? |
# | `"pooling sees"` | From how many numbers is one output of layer 2 made? |
# | `"pooling saves"` | By what factor has network E fewer parameters with max pooling 2×2 after each of its convolutions? (To the nearest whole number is near enough.) |


# %% exercise="read_network"
def read_network():
    """Return your answers to the questions above.

    returns: dict from the key of each question to a number, such as {"channels": 3, "copies": 7}
    """
    # One entry for each key of the table. A line such as "flat": 12 * 34 shows how you came to it.
    ### BEGIN SOLUTION
    return {
        "channels": 32,
        "feature maps": 64,
        "one filter": 5 * 5 * 32,
        "first weights": 7 * 7 * 3 * 32,
        "volume": 10 * 7 * 64,
        "relu": 58 * 42 * 32,
        "copies": 1,
        "flat": 4 * 3 * 64,
        "larger image": 5 * 5 * 32 * 64 + 64,
        "pool height": (58 - 3) // 3 + 1,
        "pool again": (10 - 3) // 2 + 1,
        "pooling sees": 3 * 3,
        "pooling saves": 25_785_610 / (320 + 18_496 + 73_856 + 1_153 * 256 + 2_570),
    }
    ### END SOLUTION


# %% [markdown]
# ### Check it
#
# The check says what is still open, and explains the numbers that many people give. Whether an answer is right it
# does not know.

# %% check="read_network"
check(read_network)

# %% hidden="read_network"
grade(read_network)

# %% [markdown]
# ### If you are stuck
#
# <details><summary>Hint 1: what to think about</summary>
#
# Write down the seven output shapes first. Most answers are a number from these shapes, or a product of two or three.
#
# </details>
#
# <details><summary>Hint 2: the ones that are asked about most</summary>
#
# A filter is as deep as what goes in, and there are as many maps as filters. Pooling looks at one map at a time, through
# its window, and moves by its stride. "same" at stride 2 halves the size and rounds up. Nothing is copied.
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# Make a list of dicts of the seven layers, as in section 4, and call `layer_table((64, 48, 3), ...)`. For "larger image"
# call it once more. For the last one, `input_shape, layers = NETWORKS["E"]` gives you the layers; put
# `{"type": "max_pool", "f": 2, "stride": 2, "padding": "valid"}` behind each of the three convolutions, in a new list,
# and divide one total by the other.
#
# </details>

# %% [markdown]
# ## 9 · Break it
#
# **Why.** Version a below was published and is copied widely. Its published test has stride 1, so it passes. Who trains a
# network with it learns something, only slowly and wrongly, and nothing ever stops with an error.
#
# Here are three versions of lesson 06's `pool_backward`, each with one mistake.
#
# **What counts.** You write no layer here, but a function that returns a dict. For each version it holds
# inputs `(dA, cache, mode)`, with `cache = (A_prev, hparameters)`, that betray it: it returns something else
# than a right `pool_backward`, or it stops with an error where a right one does not.
#
# - Arrays hold whole numbers from −9 to 9, have four axes, each 1 to 8 long, and together at most 2000
#   numbers. `"f"` and `"stride"` are 1 to 8.
# - They must be inputs that a right function takes: a cache that `pool_forward` would take, and a `dA` of the shape
#   of its $A$. With the mode "max" no window may have its maximum twice, since who receives the gradient then is a
#   convention. Otherwise the check says what is wrong with them.
# - You may give the same inputs to several versions, as long as each betrays itself on what it gets.


# %% locked="pool_backward_versions"
def pool_backward_a(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f = hparameters["f"]
    dA_prev = np.zeros(A_prev.shape)
    for i, h, w, c in np.ndindex(dA.shape):
        here = (i, slice(h, h + f), slice(w, w + f), c)
        if mode == "max":
            mask = A_prev[here] == np.max(A_prev[here])
            dA_prev[here] += mask * dA[i, h, w, c]
        else:
            dA_prev[here] += dA[i, h, w, c] / (f * f)
    return dA_prev


def pool_backward_b(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f, stride = hparameters["f"], hparameters["stride"]
    n_H, n_W = dA.shape[1:3]
    dA_prev = np.zeros(A_prev.shape)
    for i, h, w, c in np.ndindex(dA.shape):
        top, left = h * stride, w * stride
        here = (i, slice(top, top + f), slice(left, left + f), c)
        if mode == "max":
            mask = A_prev[here] == np.max(A_prev[here])
            dA_prev[here] += mask * dA[i, h, w, c]
        else:
            dA_prev[here] += dA[i, h, w, c] / (n_H * n_W)
    return dA_prev


def pool_backward_c(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f, stride = hparameters["f"], hparameters["stride"]
    dA_prev = np.zeros(A_prev.shape)
    for i, h, w, c in np.ndindex(dA.shape):
        top, left = h * stride, w * stride
        here = (i, slice(top, top + f), slice(left, left + f), c)
        if mode == "max":
            row, column = divmod(np.argmax(A_prev[here]), stride)
            dA_prev[i, top + row, left + column, c] += dA[i, h, w, c]
        else:
            dA_prev[here] += dA[i, h, w, c] / (f * f)
    return dA_prev


# %% [markdown]
# ### See it work
#
# The three versions and your own function on an image of 3×3 pixels with $f = 2$ and stride 1, in both modes.
#
# **Predict.** How many of the four answers differ?

# %%
from convlab.mine import pool_backward

A_prev = np.array([[9, 8, 5], [7, 6, 4], [3, 2, 1]]).reshape(1, 3, 3, 1)
dA = np.array([[1, 2], [3, 4]]).reshape(1, 2, 2, 1)
for version in (pool_backward, pool_backward_a, pool_backward_b, pool_backward_c):
    answers = [version(dA, (A_prev, {"f": 2, "stride": 1}), mode)[0, :, :, 0] for mode in ("max", "average")]
    print(f"{version.__name__:16}", *(answer.tolist() for answer in answers))

# %% [markdown]
# <details><summary>Answer</summary>
#
# None. Stride 1, as many outputs as a window has pixels, and every maximum in the first corner of its window: each of
# them keeps a mistake out of sight.
#
# </details>


# %% exercise="break_pool_backward"
def break_pool_backward():
    """Return inputs on which each faulty version betrays itself.

    returns: dict with the keys "a", "b" and "c", each with a tuple (dA, cache, mode), where cache is
             (A_prev, hparameters) and mode is "max" or "average"
    """
    # 1. Take one version and read it beside your own pool_backward. Which line does something else?
    # 2. For which inputs does that line not matter? Those it survives.
    # 3. Choose others, as small as you can. dA has the shape of A: count the places of the window.
    ### BEGIN SOLUTION
    A_prev = np.arange(15).reshape(1, 3, 5, 1) - 7  # the maximum of each window is in its last corner
    cache, dA = (A_prev, {"f": 3, "stride": 2}), np.array([1, 2]).reshape(1, 1, 2, 1)
    return {"a": (dA, cache, "max"), "b": (dA, cache, "average"), "c": (dA, cache, "max")}
    ### END SOLUTION


# %% [markdown]
# ### Check it

# %% check="break_pool_backward"
check(break_pool_backward)

# %% hidden="break_pool_backward"
grade(break_pool_backward)

# %% [markdown]
# ### If you are stuck
#
# <details><summary>Hint 1: what to think about</summary>
#
# Change one thing in the cell above at a time: the stride, the size of the image, the places of the largest numbers.
# Before each change, say which version it betrays.
#
# </details>
#
# <details><summary>Hint 2: where to look</summary>
#
# - **a:** in which row and column begins the window of output $(1, 1)$, at stride 2?
# - **b:** by what should an average be divided? When does `n_H * n_W` happen to be that?
# - **c:** `np.argmax` of a window of 3×3 is a number from 0 to 8. In which row and column is number 7?
#
# </details>
#
# <details><summary>Hint 3: nearly the answer</summary>
#
# Windows of 3×3 at stride 2 on an image of 3×5 pixels with one channel: two windows side by side, so `dA` has the shape
# $(1, 1, 2, 1)$. Let the numbers of the image grow from left to right and downwards, all of them different. Two versions
# betray themselves in the mode "max", and the third in the other mode.
#
# </details>

# %% [markdown]
# ## What to remember
#
# - A layer takes one volume and hands on one volume. As many maps come out as there are filters.
# - A filter is as deep as its input: $(f\cdot f\cdot n_{C,prev} + 1)\cdot n_C$ parameters, whatever the size of the image.
# - "valid" is no padding; "same" gives $\lceil n/s \rceil$. Pooling, flatten and ReLU learn nothing.
# - A dense layer has a weight for every pair of a number that comes in and a unit. After a large volume most
#   parameters are there, and pooling in front of it is what saves them.
# - Each layer sees more of the image than the one before: its receptive field grows with every window and stride.

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
# **Next:** others have built these layers too. In lesson 08 you meet PyTorch, Keras and TensorFlow, and see that they
# compute what yours do.
