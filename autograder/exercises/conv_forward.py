"""Grading ``conv_forward``: a filter moved over every image of a batch."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from itertools import product
from typing import Any

import numpy as np

from autograder.exercise import VISIBLE, Case, Criterion, Exercise, Wrong, part, shape, untouched
from autograder.exercises.drawing import integers, legacy, normal, single

FORMULA = (
    "Z has the shape (m, n_H, n_W, n_C), where n_H and n_W are floor((n_prev - f + 2*pad) / stride) + 1 "
    "of the height and the width of A_prev."
)

#: What the notebook's own example calls ``stride`` and ``pad``.
_NOTEBOOK_STRIDE, _NOTEBOOK_PAD = 2, 1


def _case(
    rng: np.random.Generator,
    images: tuple[int, int, int, int],
    f: int,
    n_C: int,
    note: str,
    stride: int = 1,
    pad: int = 0,
    bias: bool = False,
    draw_images: Callable[..., Any] = normal,
    draw_filters: Callable[..., Any] = normal,
) -> Case:
    """A case with images of that shape and n_C filters; without ``bias`` b is zero."""
    A_prev = draw_images(rng, *images)
    W = draw_filters(rng, f, f, images[3], n_C)
    b = (draw_filters(rng, 1, 1, 1, n_C) * bias).astype(W.dtype)
    return Case((A_prev, W, b, {"stride": stride, "pad": pad}), note)


def draw(rng: np.random.Generator) -> Mapping[str, list[Case]]:
    """Return the groups of cases, with fresh numbers."""
    case = partial(_case, rng)
    return {
        VISIBLE: [
            case((2, 5, 7, 4), 3, 8, "two images, eight filters, stride 2, pad 1", stride=2, pad=1, bias=True),
            case(
                (1, 7, 7, 1),
                3,
                1,
                "integers, stride 2",
                stride=2,
                draw_images=integers,
                draw_filters=integers,
            ),
        ],
        "plain": [
            case((1, 4, 5, 1), 2, 1, "one image, one channel, one 2×2 filter"),
            case((1, 3, 5, 1), 3, 1, "a filter as high as the image"),
        ],
        "shape": [
            case((1, 5, 8, 1), 3, 2, "stride 3, pad 2", stride=3, pad=2),
            case((1, 6, 9, 1), 3, 2, "stride 2, pad 1, a row left over", stride=2, pad=1),
        ],
        "stride": [
            case((1, 6, 8, 1), 3, 1, "stride 2, a row and a column left over", stride=2),
            case((1, 5, 9, 1), 2, 1, "stride 3, a column left over", stride=3),
        ],
        "padding": [
            case((1, 3, 4, 1), 3, 1, "pad 1", pad=1),
            case((1, 2, 3, 1), 2, 1, "pad 2", pad=2),
        ],
        "channels": [
            case((1, 3, 4, 3), 2, 2, "three channels, two filters"),
            case((1, 3, 2, 2), 1, 4, "two channels, four filters of one pixel"),
        ],
        "batch": [case((3, 3, 4, 1), 2, 1, "three images")],
        "bias": [
            case((1, 3, 4, 1), 2, 1, "a bias", bias=True),
            case((1, 4, 3, 1), 2, 3, "three filters with a bias each", bias=True),
        ],
        "types": [
            case((1, 3, 4, 1), 2, 1, "an image of integers", draw_images=integers),
            case((1, 4, 3, 1), 2, 1, "arrays of float32", draw_images=single, draw_filters=single),
        ],
        "cache": [case((1, 3, 4, 1), 2, 2, "looking at the cache", pad=1, bias=True)],
        "untouched": [case((1, 4, 3, 1), 2, 1, "looking at the arguments after the call")],
        "together": [
            case((2, 7, 6, 3), 3, 2, "all at once: stride 2, pad 1", stride=2, pad=1, bias=True),
            case((2, 5, 8, 2), 2, 3, "all at once: stride 3, pad 2", stride=3, pad=2, bias=True),
        ],
    }


def published() -> list[Case]:
    """Return the worked example with stride 2, a small one with padding and a bias, and the published example."""
    image = [[2, 3, 7, 4, 6, 2, 9], [6, 6, 9, 8, 7, 4, 3], [3, 4, 8, 3, 8, 9, 7], [7, 8, 3, 6, 6, 3, 4]]
    image += [[4, 2, 1, 8, 3, 4, 6], [3, 2, 4, 1, 9, 8, 3], [0, 1, 3, 9, 2, 1, 4]]
    A_prev = np.array(image).reshape(1, 7, 7, 1)
    W = np.array([[3, 4, 4], [1, 0, 2], [-1, 0, 3]]).reshape(3, 3, 1, 1)
    small = np.arange(1, 7).reshape(1, 2, 3, 1)
    return [
        Case((A_prev, W, np.zeros((1, 1, 1, 1)), {"stride": 2, "pad": 0}), "the 7×7 image with stride 2"),
        Case(
            (small, W[:2, :2], np.full((1, 1, 1, 1), -10.0), {"stride": 1, "pad": 1}),
            "the image 1 2 3, 4 5 6",
        ),
        Case(
            (*legacy((2, 5, 7, 4), (3, 3, 4, 8), (1, 1, 1, 8)), {"stride": 2, "pad": 1}),
            "random numbers, with stride 2 and pad 1",
        ),
    ]


Z_VALUES = part(0, "Z", FORMULA)

CRITERIA = (
    Criterion(
        "output shape",
        0.5,
        "shape",
        shape(0, "Z", FORMULA),
        "The shape of Z for images that are not square, with padding and strides of 2 and 3",
        "Compare the shape of Z with what `conv_output_size` gives for the height and for the width.",
    ),
    Criterion(
        "moving the window",
        0.75,
        "plain",
        Z_VALUES,
        "One image, one channel, one filter, stride 1, no padding, no bias",
        "Work out a 3×4 image with a 2×2 filter on paper, and print the window of each entry of Z beside it.",
    ),
    Criterion(
        "stride",
        0.5,
        "stride",
        Z_VALUES,
        "Strides of 2 and 3, also where they do not divide the size",
        "For each h and w, print in which row and column the window begins, and compare with a drawing.",
    ),
    Criterion(
        "padding",
        0.5,
        "padding",
        Z_VALUES,
        "Padding of 1 and 2",
        "Which array do your windows come from, and which sizes does your Z have when pad is 1?",
    ),
    Criterion(
        "channels",
        0.5,
        "channels",
        Z_VALUES,
        "Several channels in, another number of filters",
        "Each filter is (f, f, n_C_prev) and gives one channel of Z. Which axes do you index, and which do you sum?",
    ),
    Criterion(
        "batch",
        0.25,
        "batch",
        Z_VALUES,
        "Three images at once, each with its own result",
        "Compare Z[0], Z[1] and Z[2] with what you get when you pass the images one at a time.",
    ),
    Criterion(
        "bias",
        0.5,
        "bias",
        Z_VALUES,
        "Each filter's own bias, added once",
        "Set W to zeros and print Z: each channel should hold its bias and nothing else.",
    ),
    Criterion(
        "number types",
        0.25,
        "types",
        Z_VALUES,
        "Images of integers and arrays of float32",
        "Photos are often integers. Which type do the numbers of your Z have, and where is it chosen?",
    ),
    Criterion(
        "cache",
        0.5,
        "cache",
        part(1, "cache"),
        "The cache (A_prev, W, b, hparameters), as the backward pass needs it",
        "Return Z first, then a tuple of the four arguments just as they came.",
    ),
    Criterion(
        "arguments left alone",
        0.25,
        "untouched",
        untouched(Z_VALUES, "A_prev, W, b and hparameters"),
        "The arguments are the same after the call",
        "`x += y` and `x *= y` change the array x itself, and so does writing to a slice of it.",
    ),
    Criterion(
        "together",
        0.5,
        "together",
        Z_VALUES,
        "Batch, channels, stride, padding and bias at once",
        "Put right what the other criteria say first; this one follows from them.",
    ),
)

Size = Callable[[int, int, int, int], Any]
Step = Callable[[Any, Any, Any, int], Any]


def _size(n_prev: int, f: int, stride: int, pad: int) -> int:
    return (n_prev - f + 2 * pad) // stride + 1


def _padded(A_prev: Any, pad: int) -> Any:
    return np.pad(A_prev, [(0, 0), (pad, pad), (pad, pad), (0, 0)])


def _products(window: Any, W: Any, b: Any, c: int) -> Any:
    return np.sum(window * W[..., c])


def _step(window: Any, W: Any, b: Any, c: int) -> Any:
    return _products(window, W, b, c) + b[0, 0, 0, c]


def _loops(
    A_prev: Any,
    W: Any,
    b: Any,
    hparameters: Any,
    *,
    settings: Callable[..., Any] = lambda hparameters: (hparameters["stride"], hparameters["pad"]),
    source: Callable[..., Any] = _padded,
    size: Size = _size,
    sizes: Callable[..., Any] = lambda n_H, n_W: (n_H, n_W),
    filters: Callable[..., Any] = lambda n_C_prev, n_C: n_C,
    start: Callable[..., Any] = lambda shape, A_prev: np.zeros(shape),
    visits: Callable[..., Any] = lambda m, n_H, n_W, n_C, stride: np.ndindex(m, n_H, n_W, n_C),
    image: Callable[..., Any] = lambda i: i,
    corner: Callable[..., Any] = lambda h, w, stride: (h * stride, w * stride),
    step: Step = _step,
    answer: Callable[..., Any] = lambda Z, padded, *arguments: (Z, arguments),
) -> Any:
    """The loops of the lesson, right but for what is put in place of a default."""
    stride, pad = settings(hparameters)
    m, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    f, n_C = W.shape[0], filters(n_C_prev, W.shape[3])
    n_H, n_W = sizes(size(n_H_prev, f, stride, pad), size(n_W_prev, f, stride, pad))
    padded = source(A_prev, pad)
    Z = start((m, n_H, n_W, n_C), A_prev)
    for i, h, w, c in visits(m, n_H, n_W, n_C, stride):
        top, left = corner(h, w, stride)
        window = padded[image(i), top : top + f, left : left + f]
        Z[i, h, w, c] = Z[i, h, w, c] + step(window, W, b, c)
    return answer(Z, padded, A_prev, W, b, hparameters)


def _bias_grown(window: Any, W: Any, b: Any, c: int) -> Any:
    s = b[..., c]
    s += _products(window, W, b, c)
    return s.item()


def _loops_but(**changes: Callable[..., Any]) -> Callable[..., Any]:
    """The loops with these of their parts replaced."""
    return partial(_loops, **changes)


WRONG = (
    # Where the windows are.
    Wrong(
        "window-without-stride",
        _loops_but(corner=lambda h, w, stride: (h, w)),
        "Z has the right shape, but your windows move one pixel at a time whatever the stride. "
        "Where does the window for (h, w) begin when each step is `stride` pixels long?",
    ),
    Wrong(
        "stride-taken-as-1",
        _loops_but(settings=lambda hparameters: (1, hparameters["pad"])),
        "Nothing in your function depends on the stride. It comes in `hparameters`, and is needed twice: "
        "for the size of Z and for where a window begins.",
    ),
    Wrong(
        "stride-on-height-only",
        _loops_but(corner=lambda h, w, stride: (h * stride, w)),
        "Your windows follow the stride downwards, but not to the right. Compare where rows and columns begin.",
    ),
    Wrong(
        "loops-step-by-stride",
        _loops_but(
            visits=lambda m, n_H, n_W, n_C, stride: product(
                range(m), range(0, n_H, stride), range(0, n_W, stride), range(n_C)
            )
        ),
        "Your loops skip entries of Z, which stay zero. h and w count the entries of Z, one by one; "
        "the stride says how far the window moves on the image from one to the next.",
    ),
    Wrong(
        "corners-swapped",
        _loops_but(corner=lambda h, w, stride: (w * stride, h * stride)),
        "Your windows move down when they should move to the right. h belongs to the rows of the image "
        "(the second axis), w to its columns (the third).",
    ),
    Wrong(
        "corner-shared",
        _loops_but(corner=lambda h, w, stride: (h * stride, h * stride)),
        "Your windows lie on the diagonal of the image: row and column begin at the same number. "
        "Check that one of them comes from h and the other from w.",
    ),
    Wrong(
        "loops-one-short",
        _loops_but(visits=lambda m, n_H, n_W, n_C, stride: np.ndindex(m, n_H - 1, n_W - 1, n_C)),
        "The last row and the last column of Z are not computed. `range(n)` already stops before n, "
        "so nothing need be taken off.",
    ),
    # How large Z is.
    Wrong(
        "height-used-for-width",
        _loops_but(sizes=lambda n_H, n_W: (n_H, n_H)),
        "Your Z is always square. Images need not be: look at what you use for the width.",
    ),
    Wrong(
        "height-and-width-swapped",
        _loops_but(sizes=lambda n_H, n_W: (n_W, n_H)),
        "The height and the width of your Z are the wrong way round. "
        "The shape of A_prev is (m, n_H_prev, n_W_prev, n_C_prev).",
    ),
    Wrong(
        "size-rounded-up",
        _loops_but(size=lambda n, f, stride, pad: math.ceil((n - f + 2 * pad) / stride) + 1),
        "You round the size of Z up, so the last window runs over the edge of the image. "
        "A step that does not fit is not made.",
    ),
    Wrong(
        "size-not-whole",
        _loops_but(size=lambda n, f, stride, pad: (n - f + 2 * pad) / stride + 1),
        "The sizes in your shape are floats such as 3.0, because `/` always gives a float. "
        "A shape needs whole numbers.",
    ),
    Wrong(
        "size-without-plus-one",
        _loops_but(size=lambda n, f, stride, pad: (n - f + 2 * pad) // stride),
        "Your Z is one row and one column too small. The division counts the steps between windows; "
        "there is one window more than there are steps.",
    ),
    Wrong(
        "size-forgets-padding",
        _loops_but(size=lambda n, f, stride, pad: (n - f) // stride + 1),
        "You pad the images, but the size of your Z is that without padding. "
        "Which height and width do the windows move over?",
    ),
    Wrong(
        "size-counts-padding-once",
        _loops_but(size=lambda n, f, stride, pad: (n - f + pad) // stride + 1),
        "The size of your Z counts the padding once. Zeros are added on both sides of the image.",
    ),
    # What the windows are cut from.
    Wrong(
        "padding-forgotten",
        _loops_but(settings=lambda hparameters: (hparameters["stride"], 0)),
        "Nothing in your function depends on pad. It comes in `hparameters`, and is needed twice: "
        "for the padded images and for the size of Z.",
    ),
    Wrong(
        "windows-from-unpadded",
        _loops_but(source=lambda A_prev, pad: A_prev),
        "Your Z has the right size, but the windows are cut from A_prev itself, where the zeros around "
        "the image are missing. Which array has them?",
    ),
    Wrong(
        "first-image-for-all",
        _loops_but(image=lambda i: 0),
        "All images of your Z come from the first image. Which index do you use on the first axis "
        "of the padded images?",
    ),
    Wrong(
        "return-inside-loop",
        _loops_but(visits=lambda m, n_H, n_W, n_C, stride: np.ndindex(1, n_H, n_W, n_C)),
        "Only the first image is computed; the others stay zero. "
        "Look at how far `return` is indented, and at where the loop over the images ends.",
    ),
    # Channels and filters.
    Wrong(
        "first-filter-for-all",
        _loops_but(step=lambda window, W, b, c: np.sum(window * W[..., 0]) + b[0, 0, 0, c]),
        "All channels of your Z come from the first filter. Filter number c is found on the last axis of W.",
    ),
    Wrong(
        "first-channel-only",
        _loops_but(step=lambda window, W, b, c: np.sum(window[..., 0] * W[:, :, 0, c]) + b[0, 0, 0, c]),
        "Only the first channel of the images has any effect. A filter is (f, f, n_C_prev): "
        "it looks at all channels at once, and so must the window.",
    ),
    Wrong(
        "one-channel-per-filter",
        _loops_but(step=lambda window, W, b, c: np.sum(window[..., c] * W[:, :, 0, c]) + b[0, 0, 0, c]),
        "Your filter number c looks at channel number c alone. c numbers the filters; "
        "each of them sums over all channels of the input.",
    ),
    Wrong(
        "as-many-filters-as-channels",
        _loops_but(filters=lambda n_C_prev, n_C: n_C_prev),
        "Your Z has as many channels as the input. It should have one for each filter: "
        "which axis of W numbers the filters?",
    ),
    # One step.
    Wrong(
        "bias-forgotten",
        _loops_but(step=_products),
        "There is no bias in your Z. Each filter has one, in the last axis of b.",
    ),
    Wrong(
        "bias-per-element",
        _loops_but(step=lambda window, W, b, c: np.sum(window * W[..., c] + b[0, 0, 0, c])),
        "You add the bias to every product, so it counts once for each entry of the window. "
        "It belongs to the sum, once.",
    ),
    Wrong(
        "bias-twice",
        _loops_but(step=lambda window, W, b, c: _step(window, W, b, c) + b[0, 0, 0, c]),
        "The bias is in your Z twice. `conv_single_step` adds it already.",
    ),
    Wrong(
        "bias-subtracted",
        _loops_but(step=lambda window, W, b, c: _products(window, W, b, c) - b[0, 0, 0, c]),
        "You subtract the bias. Look at its sign in the formula.",
    ),
    Wrong(
        "bias-of-first-filter",
        _loops_but(step=lambda window, W, b, c: _products(window, W, b, c) + b[0, 0, 0, 0]),
        "All your filters use the bias of the first one. Which index do you use on the last axis of b?",
    ),
    Wrong(
        "bias-grown-in-place",
        _loops_but(step=_bias_grown),
        "`s = b[..., c]` is a view of b, so `s += ...` changes b itself: the bias grows with every window, "
        "and its owner finds other numbers in it. Build a new number instead.",
    ),
    Wrong(
        "filter-flipped",
        _loops_but(step=lambda window, W, b, c: _step(window, W[::-1, ::-1], b, c)),
        "You turn the filter around, as the textbook formula of a convolution does. "
        "Deep-learning layers leave it as it is.",
    ),
    Wrong(
        "filter-transposed",
        _loops_but(step=lambda window, W, b, c: _step(window, W.transpose(1, 0, 2, 3), b, c)),
        "Rows of your window meet columns of the filter. Use the same order of axes in both.",
    ),
    Wrong(
        "mean-not-sum",
        _loops_but(step=lambda window, W, b, c: np.mean(window * W[..., c]) + b[0, 0, 0, c]),
        "You take the mean of the products. The formula has a sum, and divides by nothing.",
    ),
    Wrong(
        "relu-applied",
        _loops_but(step=lambda window, W, b, c: max(0.0, _step(window, W, b, c))),
        "The negative entries of your Z are zero. ReLU is a step of its own, after this layer.",
    ),
    # Numbers and arrays.
    Wrong(
        "starts-at-one",
        _loops_but(start=lambda shape, A_prev: np.ones(shape)),
        "Every entry of your Z is one too large. What is in Z before you add to it?",
    ),
    Wrong(
        "integer-result",
        _loops_but(start=lambda shape, A_prev: np.zeros(shape, dtype=A_prev.dtype)),
        "For images of integers your Z loses what is behind the decimal point. "
        "The array of zeros takes the type of A_prev: look at its dtype, or at `zeros_like`.",
    ),
    Wrong(
        "array-stored-in-element",
        _loops_but(step=lambda window, W, b, c: _products(window, W, b, c) + b[..., c]),
        "You put an array of shape (1, 1, 1) into one entry of Z, which NumPy 2 refuses. "
        "Take the bias out of its array first, with `.item()` or by its index.",
    ),
    Wrong(
        "float-of-array",
        _loops_but(step=lambda window, W, b, c: _products(window, W, b, c) + float(b[..., c])),
        "`float` no longer works in NumPy 2 on an array of shape (1, 1, 1). Take its one element out first, "
        "with `.item()` or by its index.",
    ),
    Wrong(
        "removed-numpy-name",
        _loops_but(start=lambda shape, A_prev: np.zeros(shape, dtype=np.float_)),  # type: ignore[attr-defined]
        "`np.float_` is no longer part of NumPy. `np.float64`, or no dtype at all, does the same.",
    ),
    Wrong(
        "notebook-globals",
        _loops_but(settings=lambda hparameters: (_NOTEBOOK_STRIDE, _NOTEBOOK_PAD)),
        "You always use the stride and pad of the notebook's example. "
        "Take them from the argument `hparameters`, not from variables of another cell.",
    ),
    # What comes back.
    Wrong(
        "cache-padded",
        _loops_but(answer=lambda Z, padded, A_prev, *rest: (Z, (padded, *rest))),
        "Your Z is right, but the cache holds the padded images. The backward pass expects A_prev as it came.",
    ),
    Wrong(
        "cache-holds-Z",
        _loops_but(answer=lambda Z, padded, A_prev, *rest: (Z, (Z, *rest))),
        "Your Z is right, but the cache holds Z in place of A_prev. "
        "The backward pass needs what went into the layer, not what came out.",
    ),
    Wrong(
        "cache-incomplete",
        _loops_but(answer=lambda Z, padded, *arguments: (Z, arguments[:3])),
        "Your Z is right, but hparameters is missing from the cache. The backward pass needs the stride and pad too.",
    ),
    Wrong(
        "cache-forgotten",
        _loops_but(answer=lambda Z, padded, *arguments: Z),
        "Your Z is right, but it comes back alone. The backward pass needs the cache as well: return both.",
    ),
    Wrong(
        "hparameters-emptied",
        _loops_but(settings=lambda hparameters: (hparameters.pop("stride"), hparameters.pop("pad"))),
        "Your Z is right, but `pop` takes stride and pad out of the caller's dict, so they are missing from "
        "the "
        "cache and from the next call. Read them and leave them there.",
    ),
)

EXERCISE = Exercise(
    name="conv_forward",
    lesson="03-conv-forward",
    visible_points=2,
    criteria=CRITERIA,
    draw=draw,
    published=published,
    wrong=WRONG,
    returns=("Z", "cache"),
    formula=FORMULA,
    helpers=("zero_pad", "conv_single_step", "conv_output_size"),
)
