"""Grading ``zero_pad``: images in a frame of zeros."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from convlab.compare import Difference, as_array, difference

from autograder.exercise import VISIBLE, Case, Criterion, Exercise, Reply, Wrong, shape, untouched, whole
from autograder.exercises.drawing import integers, legacy, normal

FORMULA = "The result has the shape (m, n_H + 2*pad, n_W + 2*pad, n_C)."

#: What the notebook's own example calls ``pad``.
_NOTEBOOK_PAD = 3


def draw(rng: np.random.Generator) -> Mapping[str, list[Case]]:
    """Return the groups of cases, with fresh numbers."""
    return {
        VISIBLE: [
            Case((normal(rng, 4, 3, 3, 2), 3), "four images with two channels, pad 3"),
            Case((integers(rng, 1, 2, 3, 1), 1), "one image of integers, pad 1"),
        ],
        "plain": [
            Case((normal(rng, 1, 2, 3, 1), 1), "one image with one channel, pad 1"),
            Case((normal(rng, 1, 4, 3, 1), 2), "one image with one channel, pad 2"),
            Case((normal(rng, 1, 1, 5, 1), 4), "an image of one row, pad 4"),
        ],
        "pad 0": [Case((normal(rng, 1, 3, 4, 1), 0), "pad 0")],
        "batch": [Case((normal(rng, 3, 2, 4, 1), 1), "three images")],
        "channels": [Case((normal(rng, 1, 3, 2, 3), 2), "three channels")],
        "types": [
            Case((integers(rng, 1, 3, 2, 1), 1), "an image of integers"),
            Case((normal(rng, 1, 3, 2, 1).astype(np.float32), 1), "an image of float32"),
        ],
        "untouched": [Case((normal(rng, 1, 4, 5, 1), 1), "looking at the argument after the call")],
    }


def published() -> list[Case]:
    """Return the published example and one that can be checked by hand."""
    return [
        Case((np.arange(1, 7).reshape(1, 2, 3, 1), 1), "the image 1 2 3, 4 5 6"),
        Case((*legacy((4, 3, 3, 2)), 3), "four images of random numbers, pad 3"),
    ]


def _middle(case: Case) -> tuple[slice, slice, slice]:
    """Where in the result the images are."""
    (_, n_H, n_W, _), pad = case.args[0].shape, case.args[1]
    return np.s_[:, pad : pad + n_H, pad : pad + n_W]


def _images_in_the_middle(case: Case, expected: Any, reply: Reply) -> Difference | None:
    """The images themselves are where they should be, whatever is around them."""
    if found := RIGHT_SHAPE(case, expected, reply):
        return found
    array = np.asarray(as_array(reply.answer))
    return difference(array[_middle(case)], expected[_middle(case)], "the middle of the result")


def _zeros_around(case: Case, expected: Any, reply: Reply) -> Difference | None:
    """All is zero around the place of the images, whatever is in it."""
    if found := RIGHT_SHAPE(case, expected, reply):
        return found
    frame = np.array(as_array(reply.answer))
    frame[_middle(case)] = 0
    return difference(frame, np.zeros(expected.shape), "the frame around the images")


RIGHT_SHAPE = shape(None, "the result", FORMULA)

CRITERIA = (
    Criterion(
        "output shape",
        1,
        "plain",
        RIGHT_SHAPE,
        "The shape of the result, for images that are not square",
        "Print X.shape and the shape of your result: both height and width grow by 2*pad, and nothing else.",
    ),
    Criterion(
        "image in the middle",
        1.5,
        "plain",
        _images_in_the_middle,
        "The image lies unchanged in the middle",
        "Pad an image of a few integers by 1 and print it: in which row and column does the image begin?",
    ),
    Criterion(
        "zeros around",
        1,
        "plain",
        _zeros_around,
        "Zeros on all four sides, and nothing but zeros",
        "Print one padded image of a few integers and look at its first and last rows and columns.",
    ),
    Criterion(
        "no padding",
        0.5,
        "pad 0",
        whole("the result"),
        "With pad 0 the images come back as they are",
        "Try pad = 0, and look at every slice that contains `pad`: what does it select then?",
    ),
    Criterion(
        "batch",
        1,
        "batch",
        whole("the result"),
        "Every image of a batch, and no further images",
        "The first axis numbers the images. Does your function treat them all, and leave their number alone?",
    ),
    Criterion(
        "channels",
        1,
        "channels",
        whole("the result"),
        "Every channel, and no further channels",
        "The last axis holds the channels. Does your function treat them all, and leave their number alone?",
    ),
    Criterion(
        "number types",
        0.5,
        "types",
        whole("the result"),
        "Images of integers and of float32",
        "Photos are often integers. Does anything in your function depend on the type of the numbers?",
    ),
    Criterion(
        "argument left alone",
        0.5,
        "untouched",
        untouched(whole("the result"), "X"),
        "X is the same after the call",
        "Build a new array for the result, and only read from X.",
    ),
)

Widths = tuple[int, int]


def _widths(*axes: Widths, **options: Any) -> Callable[..., Any]:
    """Padding with ``np.pad``, for each axis so many times ``pad`` before and after."""
    return lambda X, pad: np.pad(X, [(before * pad, after * pad) for before, after in axes], **options)


def _written(
    X: Any,
    pad: int,
    *,
    size: Callable[..., tuple[int, int]] = lambda n_H, n_W, pad: (n_H + 2 * pad, n_W + 2 * pad),
    place: Callable[..., Any] = lambda n_H, n_W, pad: np.s_[:, pad : pad + n_H, pad : pad + n_W],
    images: Callable[..., Any] = lambda X: X,
    dtype: type = float,
) -> Any:
    """Padding by writing the images into zeros; right, but for what is put in place of a default."""
    m, n_H, n_W, n_C = X.shape
    canvas = np.zeros((m, *size(n_H, n_W, pad), n_C), dtype=dtype)
    canvas[place(n_H, n_W, pad)] = images(X)
    return canvas


def _canvas(**changes: Any) -> Callable[..., Any]:
    """The same with these of its parts replaced."""
    return partial(_written, **changes)


def _border_overwritten(X: Any, pad: int) -> Any:
    _, n_H, n_W, _ = X.shape
    X[:, :pad] = X[:, n_H - pad :] = 0
    X[:, :, :pad] = X[:, :, n_W - pad :] = 0
    return X


WRONG = (
    Wrong(
        "pads-every-axis",
        _widths((1, 1), (1, 1), (1, 1), (1, 1)),
        "You pad all four axes, so there are new images and new channels of nothing but zeros. "
        "Only height and width are to grow: give `np.pad` a pair of numbers for each axis.",
    ),
    Wrong(
        "pads-the-first-two-axes",
        _widths((1, 1), (1, 1), (0, 0), (0, 0)),
        "You pad the first two axes, and the first one is the number of images. "
        "Which two of (m, n_H, n_W, n_C) are height and width?",
    ),
    Wrong(
        "pads-the-last-two-axes",
        _widths((0, 0), (0, 0), (1, 1), (1, 1)),
        "You pad the last two axes, and the last one is the channels. In this course the channels come last: "
        "which two of (m, n_H, n_W, n_C) are height and width?",
    ),
    Wrong(
        "pads-height-only",
        _widths((0, 0), (1, 1), (0, 0), (0, 0)),
        "Only the height grows in your result. The left and the right side of an image need zeros too.",
    ),
    Wrong(
        "pads-width-only",
        _widths((0, 0), (0, 0), (1, 1), (0, 0)),
        "Only the width grows in your result. An image needs zeros above and below it too.",
    ),
    Wrong(
        "pads-one-side",
        _widths((0, 0), (0, 1), (0, 1), (0, 0)),
        "You add zeros below and on the right only. They belong on all four sides.",
    ),
    Wrong(
        "pads-twice",
        _widths((0, 0), (2, 2), (2, 2), (0, 0)),
        "You add 2*pad on each side. The size grows by 2*pad in all: how much of it is for each side?",
    ),
    Wrong(
        "edge-values",
        _widths((0, 0), (1, 1), (1, 1), (0, 0), mode="edge"),
        "Your frame repeats the pixels at the edge of the image. Here it should be zeros: look at `mode` of `np.pad`.",
    ),
    Wrong(
        "pads-with-ones",
        _widths((0, 0), (1, 1), (1, 1), (0, 0), constant_values=1),
        "Your frame is made of ones. Which array do you start from, or which constant do you pad with?",
    ),
    Wrong(
        "pad-taken-as-1",
        lambda X, pad: np.pad(X, [(0, 0), (1, 1), (1, 1), (0, 0)]),
        "Your frame is always one pixel wide. How wide it is to be is the argument `pad`.",
    ),
    Wrong(
        "notebook-globals",
        lambda X, pad: np.pad(X, [(0, 0), (_NOTEBOOK_PAD,) * 2, (_NOTEBOOK_PAD,) * 2, (0, 0)]),
        "Your frame is always as wide as in the notebook's example. "
        "Use the function's own arguments, not variables from another cell.",
    ),
    Wrong(
        "nothing-added",
        lambda X, pad: X,
        "X comes back as it was. `np.pad` returns a new array and leaves its argument alone: "
        "what do you do with what it returns?",
    ),
    Wrong(
        "height-used-for-width",
        _canvas(size=lambda n_H, n_W, pad: (n_H + 2 * pad, n_H + 2 * pad)),
        "Your result is always square. Images need not be: look at what you use for the width.",
    ),
    Wrong(
        "height-and-width-swapped",
        _canvas(size=lambda n_H, n_W, pad: (n_W + 2 * pad, n_H + 2 * pad)),
        "You have height and width the wrong way round. The height n_H is X.shape[1], the width n_W is X.shape[2].",
    ),
    Wrong(
        "image-in-the-corner",
        _canvas(place=lambda n_H, n_W, pad: np.s_[:, :n_H, :n_W]),
        "Your image begins in the first row and column, so all the zeros are below and on the right of it. "
        "In which row does it begin when pad rows of zeros are above it?",
    ),
    Wrong(
        "slice-empty-at-pad-0",
        _canvas(place=lambda n_H, n_W, pad: np.s_[:, pad:-pad, pad:-pad]),
        "With pad 0 your slice `pad:-pad` is `0:0`, and that is empty. "
        "Say where the slice ends by counting from the front.",
    ),
    Wrong(
        "loops-one-short",
        _canvas(
            place=lambda n_H, n_W, pad: np.s_[:, pad : pad + n_H - 1, pad : pad + n_W - 1],
            images=lambda X: X[:, :-1, :-1],
        ),
        "The last row and the last column of the image are missing. `range(n)` and the slice `0:n` already "
        "stop "
        "before n, so nothing need be taken off.",
    ),
    Wrong(
        "first-image-only",
        _canvas(place=lambda n_H, n_W, pad: np.s_[:1, pad : pad + n_H, pad : pad + n_W], images=lambda X: X[:1]),
        "Only the first image of the batch arrives; the others are all zeros. "
        "Look at where your loop over the images ends, and at how far `return` is indented.",
    ),
    Wrong(
        "first-image-for-all",
        _canvas(images=lambda X: X[:1]),
        "All images of your result are the first one. Which index do you use on the first axis of X?",
    ),
    Wrong(
        "first-channel-for-all",
        _canvas(images=lambda X: X[..., :1]),
        "All channels of your result are the first one. Which index do you use on the last axis of X?",
    ),
    Wrong(
        "integer-result",
        _canvas(dtype=int),
        "Your numbers lose what is behind the decimal point. The array of zeros you start from holds "
        "integers: "
        "look at its dtype.",
    ),
    Wrong(
        "border-overwritten",
        _border_overwritten,
        "You write zeros over the border of the image itself: pixels are lost, the size stays, and X is "
        "changed. "
        "The frame goes around the image, in a new and larger array.",
    ),
    Wrong(
        "removed-numpy-name",
        lambda X, pad: _canvas(dtype=np.float_)(X, pad),  # type: ignore[attr-defined]
        "`np.float_` is no longer part of NumPy. `np.float64`, or no dtype at all, does the same.",
    ),
)

EXERCISE = Exercise(
    name="zero_pad",
    lesson="01-images-and-padding",
    visible_points=3,
    criteria=CRITERIA,
    draw=draw,
    published=published,
    wrong=WRONG,
    returns=("the result",),
    formula=FORMULA,
)
