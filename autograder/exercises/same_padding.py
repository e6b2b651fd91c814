"""Grading ``same_padding``: how many zeros "same" padding puts before and after, as TensorFlow and Keras do."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from autograder.exercise import VISIBLE, Case, Criterion, Exercise, Wrong, whole

FORMULA = "The total is max((ceil(n / stride) - 1) * stride + f - n, 0); half of it, rounded down, comes before."
RETURNS = ("before", "after")


def _total(n: int, f: int, stride: int) -> int:
    return (math.ceil(n / stride) - 1) * stride + f - n


def _sized(rng: np.random.Generator, f: int, stride: int, total: int, note: str) -> Case:
    """A case in which so many zeros are needed; where it is negative, so many pixels are left over."""
    fitting = [n for n in range(12, 40) if _total(n, f, stride) == total]
    return Case((int(rng.choice(fitting)), f, stride), note)


def draw(rng: np.random.Generator) -> Mapping[str, list[Case]]:
    """Return the groups of cases, with fresh sizes; the total is fixed by the kind of case."""
    sized = partial(_sized, rng)
    return {
        VISIBLE: [
            sized(3, 1, 2, "a window of 3, stride 1"),
            sized(2, 1, 1, "a window of 2, stride 1"),
            sized(3, 2, 1, "an even size, a window of 3, stride 2"),
            sized(5, 2, 4, "an odd size, a window of 5, stride 2"),
            sized(2, 3, -1, "a stride larger than the window, a pixel left over"),
        ],
        "stride 1": [
            sized(5, 1, 4, "a window of 5, stride 1"),
            sized(7, 1, 6, "a window of 7, stride 1"),
        ],
        "odd total": [
            sized(4, 1, 3, "a window of 4, stride 1"),
            sized(6, 1, 5, "a window of 6, stride 1"),
        ],
        "stride": [
            sized(5, 2, 4, "an odd size, a window of 5, stride 2"),
            sized(4, 2, 2, "an even size, a window of 4, stride 2"),
            sized(6, 3, 4, "stride 3, a size that it leaves 2 of"),
        ],
        "nothing to pad": [
            sized(1, 2, -1, "a window of 1, stride 2"),
            sized(2, 4, -2, "a stride of 4, a window of 2"),
            sized(3, 3, 0, "windows that fit exactly"),
        ],
        "together": [
            sized(7, 2, 5, "an even size, a window of 7, stride 2"),
            sized(5, 3, 3, "stride 3, a size that it leaves 2 of"),
            sized(8, 3, 7, "stride 3, a window of 8"),
        ],
    }


def published() -> list[Case]:
    """Return the lesson's examples."""
    return [
        Case((7, 3, 1), "7 pixels, a window of 3, stride 1"),
        Case((6, 2, 1), "6 pixels, a window of 2, stride 1"),
        Case((8, 3, 2), "8 pixels, a window of 3, stride 2"),
        Case((9, 5, 2), "9 pixels, a window of 5, stride 2"),
        Case((9, 2, 3), "9 pixels, a window of 2, stride 3: nothing to pad"),
    ]


CRITERIA = (
    Criterion(
        "stride 1",
        0.25,
        "stride 1",
        whole(*RETURNS),
        "An odd window at stride 1: the same on both sides",
        "At stride 1 the output is as large as the input. How many pixels does a window of 5 need besides its own?",
    ),
    Criterion(
        "odd total",
        0.25,
        "odd total",
        whole(*RETURNS),
        "An even window at stride 1: the odd zero comes after",
        "Where the total is odd, one side gets one more. TensorFlow and Keras put it at the end.",
    ),
    Criterion(
        "stride",
        0.5,
        "stride",
        whole(*RETURNS),
        "Strides above 1",
        "The output has ceil(n / stride) entries. Where does the last window end, counted from the first pixel?",
    ),
    Criterion(
        "nothing to pad",
        0.25,
        "nothing to pad",
        whole(*RETURNS),
        "Windows that fit as it is",
        "No side ever gets a negative number of zeros. What is the least that the total can be?",
    ),
    Criterion(
        "together",
        0.25,
        "together",
        whole(*RETURNS),
        "Strides above 1 with an odd total",
        "Once the other points are met this one mostly is too. If not, draw a row of pixels and its windows.",
    ),
)


def _halves(total: Any) -> Any:
    return total // 2, total - total // 2


WRONG = (
    Wrong(
        "odd-one-before",
        lambda n, f, stride: _halves(max(_total(n, f, stride), 0))[::-1],
        "Where the total is odd, you put the odd zero before. TensorFlow and Keras put it after.",
    ),
    Wrong(
        "half-the-window",
        lambda n, f, stride: ((f - 1) // 2, (f - 1) // 2),
        "You take (f - 1)/2 on both sides. That is right at stride 1 with odd f only: it looks at neither n nor the "
        "stride.",
    ),
    Wrong(
        "stride-forgotten",
        lambda n, f, stride: _halves(f - 1),
        "Your total is f - 1 whatever the stride. At stride 2 the last window begins further left or right, depending "
        "on n: start from where it begins.",
    ),
    Wrong(
        "output-rounded-down",
        lambda n, f, stride: _halves(max((n // stride - 1) * stride + f - n, 0)),
        'You round n / stride down. "Same" rounds up: 9 pixels at stride 2 give 5 outputs, not 4.',
    ),
    Wrong(
        "as-large-as-the-input",
        lambda n, f, stride: _halves(max((n - 1) * stride + f - n, 0)),
        'You pad until the output has n entries whatever the stride. At stride 2 "same" means ceil(n / 2) entries.',
    ),
    Wrong(
        "negative",
        lambda n, f, stride: _halves(_total(n, f, stride)),
        "Your total can be negative: then nothing is needed, and pixels are left over. Look at what happens with a "
        "stride larger than the window.",
    ),
    Wrong(
        "total-on-each-side",
        lambda n, f, stride: (max(_total(n, f, stride), 0),) * 2,
        "You put the whole total on each side. It is to be shared between the two.",
    ),
    Wrong(
        "all-after",
        lambda n, f, stride: (0, max(_total(n, f, stride), 0)),
        "You put all zeros after. Half of the total, rounded down, comes before.",
    ),
    Wrong(
        "both-rounded-down",
        lambda n, f, stride: (max(_total(n, f, stride), 0) // 2,) * 2,
        "You give both sides half of the total, rounded down. Where it is odd one zero gets lost: subtract what came "
        "before from the total.",
    ),
    Wrong(
        "both-rounded-up",
        lambda n, f, stride: ((max(_total(n, f, stride), 0) + 1) // 2,) * 2,
        "You give both sides half of the total, rounded up. Where it is odd that is one zero too many, as in PyTorch "
        "layers with a single number for their padding.",
    ),
    Wrong(
        "fractions",
        lambda n, f, stride: (max(_total(n, f, stride), 0) / 2,) * 2,
        "You halve the total and keep the fraction. There is no half pixel: one side gets more than the other.",
    ),
    Wrong(
        "total-only",
        lambda n, f, stride: max(_total(n, f, stride), 0),
        "You return the total as one number. What is asked for are two: before and after.",
    ),
    Wrong(
        "last-window-forgotten",
        lambda n, f, stride: _halves(max(math.ceil(n / stride) * stride + f - n, 0)),
        "You count one step of the stride too many: between ceil(n / stride) windows there is one step less than "
        "there are windows.",
    ),
)

EXERCISE = Exercise(
    name="same_padding",
    lesson="08-frameworks",
    visible_points=0.5,
    criteria=CRITERIA,
    draw=draw,
    published=published,
    wrong=WRONG,
    returns=RETURNS,
    formula=FORMULA,
)
