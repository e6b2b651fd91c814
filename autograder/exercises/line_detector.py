"""Grading ``line_detector``: convolution, ReLU and pooling made of PyTorch's layers, from arrays to arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from autograder.exercise import VISIBLE, Case, Criterion, Exercise, Wrong, part
from autograder.exercises.drawing import integers, normal

FORMULA = "Feature maps are (m, n_H - 2, n_W - 2, 1); pooled maps have half their height and width, rounded down."
RETURNS = ("the feature map", "the max pooled map", "the average pooled map")


def _positive(rng: np.random.Generator, m: int, n_H: int, n_W: int) -> np.ndarray:
    """Positive images, above 1 everywhere, so that ReLU changes nothing."""
    return normal(rng, m, n_H, n_W, 1) + 5.0


def _negative(rng: np.random.Generator, m: int, n_H: int, n_W: int) -> np.ndarray:
    """Images whose columns are positive and negative in turn, but for one row in which it is the other way round."""
    images = np.abs(normal(rng, m, n_H, n_W, 1)) + 1.0
    images[:, 2] *= -0.25
    images[:, :, ::2] *= -1
    return images


def draw(rng: np.random.Generator) -> Mapping[str, list[Case]]:
    """Return the groups of cases, with fresh numbers."""
    lined = np.zeros((1, 8, 8, 1))
    lined[:, :, 3:5] = float(rng.integers(2, 9))
    lined[:, 5] += float(rng.integers(1, 5))
    return {
        VISIBLE: [
            Case((lined,), "an image of 8×8 with a line"),
            Case((normal(rng, 2, 6, 7, 1),), "two images of 6×7 with negative pixels"),
        ],
        "positive": [
            Case((_positive(rng, 3, 6, 8),), "three positive images of 6×8"),
            Case((_positive(rng, 2, 7, 6),), "two positive images of 7×6: a row of the map is left over"),
        ],
        "negative": [
            Case((_negative(rng, 2, 6, 8),), "columns of negative pixels"),
        ],
        "integers": [Case((integers(rng, 2, 6, 8, 1, low=1, high=30),), "images of integers")],
    }


def published() -> list[Case]:
    """Return the lesson's image, and two with negative pixels."""
    image = np.zeros((1, 8, 8, 1))
    image[:, :, 3:5] = 1.0
    rng = np.random.default_rng(8)
    return [
        Case((image,), "the image of 8×8 with ones in columns 3 and 4"),
        Case((integers(rng, 2, 6, 7, 1).astype(np.float64),), "two images of 6×7 with negative pixels"),
    ]


_max, _average = part(1, RETURNS[1], FORMULA), part(2, RETURNS[2], FORMULA)

CRITERIA = (
    Criterion(
        "convolution",
        0.25,
        "positive",
        part(0, RETURNS[0], FORMULA),
        "The feature map of positive images",
        "A 3×3 filter with ones in its middle column, no padding, a bias of 0: work out one entry by hand.",
    ),
    Criterion(
        "ReLU",
        0.25,
        "negative",
        part(0, RETURNS[0], FORMULA),
        "No negative number in the feature map",
        "After the convolution comes max(0, z), entry by entry.",
    ),
    Criterion(
        "pooling",
        0.25,
        "positive",
        lambda case, expected, reply: _max(case, expected, reply) or _average(case, expected, reply),
        "The two pooled maps",
        "Both pool the feature map, with windows of 2×2 at stride 2.",
    ),
    Criterion(
        "integers",
        0.25,
        "integers",
        part(0, RETURNS[0], FORMULA),
        "Images of whole numbers",
        "PyTorch does not mix number types. Make one of them for all: `torch.tensor(..., dtype=torch.float64)`.",
    ),
)

Function = Callable[..., Any]

VERTICAL = np.array([[0.0, 1.0, 0.0]] * 3)


def _maps(images: Any, weights: Any, pad: int) -> Any:
    """The cross-correlation of images (m, n_H, n_W, 1) with one filter."""
    padded = np.pad(images.astype(float), ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, weights.shape, axis=(1, 2))
    return np.sum(windows * weights, axis=(4, 5))


def _pools(A: Any, stride: int) -> Any:
    return np.lib.stride_tricks.sliding_window_view(A, (2, 2), axis=(1, 2))[:, ::stride, ::stride]


def _detect(
    images: Any,
    *,
    given: Function = lambda images: images,
    weights: Any = VERTICAL,
    pad: int = 0,
    activation: Function = lambda Z: np.maximum(Z, 0),
    pooled: Function = lambda A, images: A,
    stride: int = 2,
    result: Function = lambda A, maximum, average: (A, maximum, average),
) -> Any:
    """The detector; right, but for what is put in place of a default."""
    A = activation(_maps(given(images), weights, pad))
    windows = _pools(pooled(A, images), stride)
    return result(A, windows.max(axis=(4, 5)), windows.mean(axis=(4, 5)))


def _with(**changes: Any) -> Function:
    """The detector with these of its parts replaced."""
    return partial(_detect, **changes)


def _still_in_torch(*maps: Any) -> Any:
    return tuple(one.transpose(0, 3, 1, 2) for one in maps)


def _raises(message: str) -> Function:
    """PyTorch's refusal."""

    def refuse(*args: Any) -> Any:
        raise RuntimeError(message)

    return refuse


def _only_floats(images: Any) -> Any:
    if images.dtype.kind != "f":
        raise RuntimeError("expected scalar type Long but found Double")
    return images


#: What PyTorch says to images with their channels last.
CHANNELS_LAST = (
    "Given groups=1, weight of size [1, 1, 3, 3], expected input[2, 8, 9, 1] to have 1 channels, "
    "but got 8 channels instead"
)
#: What it says to `.numpy()` while it keeps track of gradients.
NOT_DETACHED = "Can't call numpy() on Tensor that requires grad. Use tensor.detach().numpy() instead."

WRONG = (
    Wrong(
        "horizontal",
        _with(weights=VERTICAL.T),
        "Your filter has its ones in the middle row: it finds horizontal lines. In PyTorch's weights, "
        "(n_C, n_C_prev, f, f), the columns are the last axis.",
    ),
    Wrong(
        "all-ones",
        _with(weights=np.ones((3, 3))),
        "Your filter is all ones, which adds up the whole window. Only its middle column holds ones.",
    ),
    Wrong(
        "averaging-filter",
        _with(weights=VERTICAL / 3),
        "Your filter averages the middle column. It holds ones, so that a line of ones gives 3.",
    ),
    Wrong(
        "edge-filter",
        _with(weights=np.array([[-1.0, 2.0, -1.0]] * 3)),
        "Your filter subtracts the columns beside the middle. Here they are simply 0.",
    ),
    Wrong(
        "padded",
        _with(pad=1),
        "You pad the images. This layer has no padding: from 8×8 it makes 6×6.",
    ),
    Wrong(
        "relu-forgotten",
        _with(activation=lambda Z: Z),
        "There are negative numbers in your feature map: ReLU is missing between the convolution and the pooling.",
    ),
    Wrong(
        "relu-as-absolute-value",
        _with(activation=np.abs),
        "You take absolute values. ReLU sets negative numbers to 0.",
    ),
    Wrong(
        "relu-before-the-convolution",
        _with(given=lambda images: np.maximum(images, 0)),
        "You apply ReLU to the images. It belongs behind the convolution.",
    ),
    Wrong(
        "pools-of-the-images",
        _with(pooled=lambda A, images: images),
        "You pool the images themselves. Pooling follows the convolution: it gets the feature map.",
    ),
    Wrong(
        "pooling-at-stride-1",
        _with(stride=1),
        "Your pooling windows move by one pixel. `MaxPool2d(2)` moves by its own size unless it is told otherwise.",
    ),
    Wrong(
        "pools-swapped",
        _with(result=lambda A, maximum, average: (A, average, maximum)),
        "The two pooled maps have changed places: max comes before average.",
    ),
    Wrong(
        "still-in-pytorchs-layout",
        _with(result=_still_in_torch),
        "Your answers are right and still lie in PyTorch's layout, (m, 1, n_H, n_W). Bring each back: channels last.",
    ),
    Wrong(
        "first-image-only",
        _with(given=lambda images: images[:1]),
        "Only the first image of the batch comes back. PyTorch's layers take the whole batch at once.",
    ),
    Wrong(
        "integers-kept",
        _with(given=_only_floats),
        "PyTorch does not mix whole numbers with floats. Make all tensors of one type, as in "
        "`torch.tensor(A, dtype=torch.float64)`.",
    ),
    Wrong(
        "channels-last",
        _raises(CHANNELS_LAST),
        "You hand PyTorch images with their channels last, and it takes the rows for the channels. Convert them first.",
    ),
    Wrong(
        "detach-forgotten",
        _raises(NOT_DETACHED),
        "A layer's output remembers how it was made, for gradients that you do not need here. Compute it inside "
        "`with torch.no_grad():`, or call `.detach()` before `.numpy()`.",
    ),
)

EXERCISE = Exercise(
    name="line_detector",
    lesson="08-frameworks",
    visible_points=0.5,
    criteria=CRITERIA,
    draw=draw,
    published=published,
    wrong=WRONG,
    returns=RETURNS,
    formula=FORMULA,
    helpers=("to_torch",),
    frameworks=("torch",),
)
