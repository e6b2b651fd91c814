"""Grading ``conv_output_size``: how many windows of a filter fit along one side of an image."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from autograder.exercise import VISIBLE, Case, Criterion, Exercise, Wrong, whole

#: What the notebook's own example calls ``stride`` and ``pad``.
_NOTEBOOK_STRIDE, _NOTEBOOK_PAD = 2, 0


def _fitting(rng: np.random.Generator, stride: int, pad: int, left: int, note: str) -> Case:
    """A case in which ``left`` pixels remain that are too few for one more step; f is at least 2*stride."""
    f, n = int(rng.integers(6, 9)), int(rng.integers(8, 15))
    return Case(((n - 1) * stride + left + f - 2 * pad, f, stride, pad), note)


def draw(rng: np.random.Generator) -> Mapping[str, list[Case]]:
    """Return the groups of cases, with fresh numbers."""
    n = int(rng.integers(4, 12))
    return {
        VISIBLE: [
            Case((2 * n + 1, 3, 2, 0), "stride 2, no padding"),
            Case((n, 3, 1, 1), "stride 1, pad 1"),
            Case((2 * n, 3, 2, 1), "stride 2, pad 1"),
            Case((2 * n, 2, 2, 2), "stride 2, pad 2"),
            Case((3 * n + 2, 3, 3, 0), "stride 3, two pixels left over"),
        ],
        "plain": [
            _fitting(rng, 1, 0, 0, "stride 1, no padding"),
            Case((n, 1, 1, 0), "a filter of one pixel"),
            Case((n, n, 1, 0), "a filter as large as the image"),
        ],
        "padding": [
            _fitting(rng, 1, 1, 0, "pad 1"),
            _fitting(rng, 1, 3, 0, "pad 3"),
        ],
        "stride": [
            _fitting(rng, 2, 0, 0, "stride 2 that divides"),
            _fitting(rng, 3, 0, 0, "stride 3 that divides"),
        ],
        "rounding": [
            _fitting(rng, 2, 0, 1, "stride 2, one pixel left over"),
            _fitting(rng, 3, 0, 2, "stride 3, two pixels left over"),
        ],
        "together": [
            _fitting(rng, 3, 2, 1, "stride 3, pad 2, one pixel left over"),
            _fitting(rng, 2, 3, 0, "stride 2, pad 3"),
        ],
    }


def published() -> list[Case]:
    """Return the sizes of the worked example and of the published examples of the lessons."""
    return [
        Case((7, 3, 2, 0), "the 7×7 image with the 3×3 filter and stride 2"),
        Case((8, 3, 1, 1), "a filter that keeps the size"),
        Case((8, 3, 3, 0), "two pixels left over"),
        Case((7, 3, 3, 0), "one pixel left over"),
        Case((5, 3, 2, 1), "5 pixels with stride 2 and pad 1"),
        Case((7, 3, 2, 1), "7 pixels with stride 2 and pad 1"),
        Case((4, 2, 2, 2), "more padding than image"),
    ]


CRITERIA = (
    Criterion(
        "stride 1",
        0.5,
        "plain",
        whole("the size"),
        "Stride 1 without padding, filters from one pixel to the whole image",
        "Count on paper: in how many places can a window of 3 pixels lie along a row of 5?",
    ),
    Criterion(
        "padding",
        0.5,
        "padding",
        whole("the size"),
        "Padding of 1 and more at stride 1",
        "Draw the padded row: by how many pixels is it longer than the row itself?",
    ),
    Criterion(
        "stride",
        0.25,
        "stride",
        whole("the size"),
        "Strides of 2 and 3 that divide evenly",
        "Write down where the windows begin: 0, stride, 2*stride, ... and count them, the first one too.",
    ),
    Criterion(
        "rounding down",
        0.5,
        "rounding",
        whole("the size"),
        "Strides that leave pixels over",
        "What remains after the last whole step is too short for another window, so it counts for nothing.",
    ),
    Criterion(
        "together",
        0.25,
        "together",
        whole("the size"),
        "Padding and stride at once",
        "Compare the brackets of your formula with those in the lesson: what is divided by the stride?",
    ),
)

WRONG = (
    Wrong(
        "plus-one-forgotten",
        lambda n, f, stride, pad: (n - f + 2 * pad) // stride,
        "Your size is one too small. The division counts the steps between windows; "
        "there is one window more than there are steps.",
    ),
    Wrong(
        "plus-one-before-dividing",
        lambda n, f, stride, pad: (n - f + 2 * pad + 1) // stride,
        "You add the 1 before you divide by the stride. First count the steps, then add the window "
        "that was there before the first step.",
    ),
    Wrong(
        "rounds-up",
        lambda n, f, stride, pad: math.ceil((n - f + 2 * pad) / stride) + 1,
        "You round up. A last step that is too short does not fit into the image, so it must not be counted.",
    ),
    Wrong(
        "rounds-to-nearest",
        lambda n, f, stride, pad: round((n - f + 2 * pad) / stride) + 1,
        "You round to the nearest whole number. Two thirds of a step are still no step: look for what rounds down.",
    ),
    Wrong(
        "not-rounded",
        lambda n, f, stride, pad: (n - f + 2 * pad) / stride + 1,
        "Your size is not always a whole number. Look at what should happen to the pixels that are left over "
        "after the last whole step.",
    ),
    Wrong(
        "padding-forgotten",
        lambda n, f, stride, pad: (n - f) // stride + 1,
        "Your size does not depend on pad. Padding makes the image larger, so more windows fit.",
    ),
    Wrong(
        "padding-on-one-side",
        lambda n, f, stride, pad: (n - f + pad) // stride + 1,
        "You count the padding once. Zeros are added on both sides of the row.",
    ),
    Wrong(
        "padding-subtracted",
        lambda n, f, stride, pad: (n - f - 2 * pad) // stride + 1,
        "You subtract the padding. It makes the image larger: which sign does it need?",
    ),
    Wrong(
        "stride-forgotten",
        lambda n, f, stride, pad: n - f + 2 * pad + 1,
        "Your size does not depend on stride. A window that moves 2 pixels at a time reaches fewer places.",
    ),
    Wrong(
        "divides-only-the-padding",
        lambda n, f, stride, pad: n - f + 2 * pad // stride + 1,
        "The division takes in less than you want: Python divides before it adds and subtracts. "
        "Look at which part of the formula the stride divides.",
    ),
    Wrong(
        "filter-forgotten",
        lambda n, f, stride, pad: (n + 2 * pad) // stride,
        "You only divide the size by the stride, whatever the filter. "
        "A large filter runs into the edge sooner: where does f come in?",
    ),
    Wrong(
        "notebook-globals",
        lambda n, f, stride, pad: (n - f + 2 * _NOTEBOOK_PAD) // _NOTEBOOK_STRIDE + 1,
        "Your answer is always that for the stride and pad of the notebook's example. "
        "Use the function's own arguments, not variables from another cell.",
    ),
    Wrong(
        "removed-numpy-name",
        lambda n, f, stride, pad: np.int((n - f + 2 * pad) / stride) + 1,  # type: ignore[attr-defined]
        "`np.int` is no longer part of NumPy. Python's own `int` does the same.",
    ),
)

EXERCISE = Exercise(
    name="conv_output_size",
    lesson="03-conv-forward",
    visible_points=1,
    criteria=CRITERIA,
    draw=draw,
    published=published,
    wrong=WRONG,
    returns=("the size",),
    formula="The size is floor((n_prev - f + 2*pad) / stride) + 1.",
)
