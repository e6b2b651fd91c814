"""Grading ``conv_single_step``: one window, one filter, one number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import numpy as np

from autograder.exercise import VISIBLE, Case, Criterion, Exercise, Wrong, shape, untouched, whole
from autograder.exercises.drawing import integers, legacy, normal, single

FORMULA = "The result is one number: the sum over all rows, columns and channels, plus the bias."

#: What the notebook's own example calls ``W``.
_NOTEBOOK_W = legacy((4, 4, 3), (4, 4, 3))[1]


def _step(
    rng: np.random.Generator,
    f: int,
    n_C_prev: int,
    note: str,
    bias: int = 0,
    sign: int = 1,
    numbers: Callable[..., Any] = normal,
) -> Case:
    """A case whose answer has this sign and is far from zero, with a bias of the sign ``bias``, or of 0."""
    b, total = bias * np.abs(numbers(rng, 1, 1, 1)), 0
    while abs(total) < 0.5 + np.abs(b).item():
        window, W = numbers(rng, f, f, n_C_prev), numbers(rng, f, f, n_C_prev)
        total = np.sum(window * W)
    return Case((window, W * W.dtype.type(sign * np.sign(total)), b), note)


def draw(rng: np.random.Generator) -> Mapping[str, list[Case]]:
    """Return the groups of cases, with fresh numbers."""
    return {
        VISIBLE: [
            _step(rng, 4, 3, "three channels, a negative result", bias=1, sign=-1),
            _step(rng, 4, 3, "three channels, a positive result", bias=-1),
            _step(rng, 2, 1, "a 2×2 window of integers", bias=1, numbers=integers),
        ],
        "plain": [
            _step(rng, 2, 1, "a 2×2 window with one channel, a negative result", sign=-1),
            _step(rng, 3, 1, "a 3×3 window with one channel"),
            _step(rng, 1, 1, "a window of one pixel"),
        ],
        "one number": [_step(rng, 3, 2, "two channels")],
        "channels": [
            _step(rng, 2, 3, "three channels"),
            _step(rng, 3, 3, "as many channels as rows"),
        ],
        "bias": [
            _step(rng, 2, 1, "a positive bias", bias=1),
            _step(rng, 3, 1, "a negative bias", bias=-1),
        ],
        "types": [
            _step(rng, 3, 1, "arrays of integers", numbers=integers),
            _step(rng, 2, 1, "arrays of float32", numbers=single),
        ],
        "untouched": [_step(rng, 3, 1, "looking at the arguments after the call")],
    }


def published() -> list[Case]:
    """Return the last step of the worked example with stride 2, and the published example."""
    window = np.array([[3, 4, 6], [9, 8, 3], [2, 1, 4]]).reshape(3, 3, 1)
    W = np.array([[3, 4, 4], [1, 0, 2], [-1, 0, 3]]).reshape(3, 3, 1)
    return [
        Case((window, W, np.zeros((1, 1, 1))), "the last window of the 7×7 image"),
        Case((window, W, np.full((1, 1, 1), -4.0)), "the same with the bias -4"),
        Case(tuple(legacy((4, 4, 3), (4, 4, 3), (1, 1, 1))), "random numbers, with several channels"),
    ]


CRITERIA = (
    Criterion(
        "products and sum",
        2,
        "plain",
        whole("the result"),
        "One channel and no bias: multiply entry by entry, then add all up",
        "Work out a 2×2 window on paper, and print each intermediate result of your function beside it.",
    ),
    Criterion(
        "one number",
        1,
        "one number",
        shape(None, "the result", FORMULA),
        "The result is a single number",
        "Print what you return: an array of several numbers means that something was not added up.",
    ),
    Criterion(
        "channels",
        1.5,
        "channels",
        whole("the result"),
        "Windows with three channels, all in one sum",
        "Window and filter are both (f, f, n_C_prev). Which of the three axes does your sum run over?",
    ),
    Criterion(
        "bias",
        1.5,
        "bias",
        whole("the result"),
        "The bias, added once",
        "Compare your result with b = 0 and with b = 1: by how much should it change?",
    ),
    Criterion(
        "number types",
        0.5,
        "types",
        whole("the result"),
        "Arrays of integers and of float32",
        "Does anything in your function depend on the type of the numbers?",
    ),
    Criterion(
        "arguments left alone",
        0.5,
        "untouched",
        untouched(whole("the result"), "a_slice_prev, W and b"),
        "The arguments are the same after the call",
        "`x *= y` changes the array x itself. Give the products a name of their own.",
    ),
)


def _looped(a: Any, W: Any, b: Any, missing: int = 0, start: float = 0) -> float:
    """Loops that begin with ``start`` and leave out the last ``missing`` rows and columns."""
    total = start
    for row, column, channel in product(range(a.shape[0] - missing), range(a.shape[1] - missing), range(a.shape[2])):
        total += a[row, column, channel] * W[row, column, channel]
    return float(total + b.item())


def _window_overwritten(a: Any, W: Any, b: Any) -> Any:
    a *= W
    return np.sum(a) + b.item()


WRONG = (
    Wrong(
        "bias-forgotten",
        lambda a, W, b: np.sum(a * W),
        "Your result has no bias in it. It comes last, after the sum.",
    ),
    Wrong(
        "bias-per-element",
        lambda a, W, b: np.sum(a * W + b),
        "You add the bias to every product, so it counts once for each entry of the window. "
        "It belongs to the result, once.",
    ),
    Wrong(
        "bias-subtracted",
        lambda a, W, b: np.sum(a * W) - b.item(),
        "You subtract the bias. Look at its sign in the formula.",
    ),
    Wrong(
        "sum-forgotten",
        lambda a, W, b: a * W + b,
        "You return the products, one for each entry of the window. They still have to become a single number.",
    ),
    Wrong(
        "channels-kept-apart",
        lambda a, W, b: np.sum(a * W, axis=(0, 1)) + b.item(),
        "You return one number for each channel. A filter looks at all channels together: they go into one sum.",
    ),
    Wrong(
        "rows-kept-apart",
        lambda a, W, b: np.sum(sum(a * W), axis=-1) + b.item(),
        "Python's `sum` adds along the first axis only. Look for the NumPy function that adds up all of an array.",
    ),
    Wrong(
        "first-channel-only",
        lambda a, W, b: np.sum(a[:, :, 0] * W[:, :, 0]) + b.item(),
        "Only the first channel is in your sum. A filter has weights for every channel of the window.",
    ),
    Wrong(
        "matrix-product",
        lambda a, W, b: np.sum(a @ W) + b.item(),
        "You use a matrix product. Here each entry of the window meets the one weight at its own place: "
        "look for the product entry by entry.",
    ),
    Wrong(
        "added-not-multiplied",
        lambda a, W, b: np.sum(a + W) + b.item(),
        "You add the window and the filter. A weight says how much its pixel counts: what do you do with the two?",
    ),
    Wrong(
        "mean-not-sum",
        lambda a, W, b: np.mean(a * W) + b.item(),
        "You take the mean of the products. The formula has a sum, and divides by nothing.",
    ),
    Wrong(
        "largest-product",
        lambda a, W, b: np.max(a * W) + b.item(),
        "You take the largest product. That is close to max pooling, which comes later; here all products count.",
    ),
    Wrong(
        "divided-by-the-weights",
        lambda a, W, b: np.sum(a * W) / np.sum(W) + b.item(),
        "You divide by the sum of the filter, as for a weighted mean. A layer does not: its filters may sum "
        "to "
        "anything, even to zero.",
    ),
    Wrong(
        "filter-flipped",
        lambda a, W, b: np.sum(a * W[::-1, ::-1]) + b.item(),
        "You turn the filter around, as the textbook formula of a convolution does. "
        "Deep-learning layers leave it as it is.",
    ),
    Wrong(
        "filter-transposed",
        lambda a, W, b: np.sum(a * W.transpose(1, 0, 2)) + b.item(),
        "Rows of your window meet columns of the filter. Use the same order of indices on both.",
    ),
    Wrong(
        "relu-applied",
        lambda a, W, b: max(0.0, np.sum(a * W) + b.item()),
        "Your negative results become zero. An activation such as ReLU is a step of its own, after this one.",
    ),
    Wrong(
        "integer-result",
        lambda a, W, b: int(np.sum(a * W) + b.item()),
        "Your result loses what is behind the decimal point. Look for `int` or an integer dtype in your function.",
    ),
    Wrong(
        "window-overwritten",
        _window_overwritten,
        "Your sum is right, but the products are written over the window you were given, and its next user "
        "finds "
        "other numbers there. Give the products a name of their own.",
    ),
    Wrong(
        "loops-one-short",
        lambda a, W, b: _looped(a, W, b, missing=1),
        "The last row and the last column are missing from your sum. "
        "`range(n)` already stops before n, so nothing need be taken off.",
    ),
    Wrong(
        "starts-at-one",
        lambda a, W, b: _looped(a, W, b, start=1),
        "Your result is one too large. What is in your total before the first product is added?",
    ),
    Wrong(
        "notebook-globals",
        lambda a, W, b: np.sum(a * _NOTEBOOK_W) + b.item(),
        "Your result depends on an array of the notebook's example. "
        "Use the function's own arguments, not variables from another cell.",
    ),
    Wrong(
        "float-of-array",
        lambda a, W, b: np.sum(a * W) + float(b),
        "`float(b)` no longer works in NumPy 2 when b has the shape (1, 1, 1). Take its one element out "
        "first, "
        "with `.item()` or by its index.",
    ),
    Wrong(
        "removed-numpy-name",
        lambda a, W, b: np.float_(np.sum(a * W)) + b.item(),  # type: ignore[attr-defined]
        "`np.float_` is no longer part of NumPy. `np.float64`, or no conversion at all, does the same.",
    ),
)

EXERCISE = Exercise(
    name="conv_single_step",
    lesson="02-one-step",
    visible_points=3,
    criteria=CRITERIA,
    draw=draw,
    published=published,
    wrong=WRONG,
    returns=("the result",),
    formula=FORMULA,
)
