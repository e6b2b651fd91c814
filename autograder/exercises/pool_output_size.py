"""All there is about grading `pool_output_size`: the height or width of a pooled feature map."""

from __future__ import annotations

import math

import numpy as np

from autograder.exercise import VISIBLE, Case, Criterion, Exercise, Wrong, whole

FORMULA = "The size is floor((n_prev - f) / stride) + 1."


def draw(rng: np.random.Generator) -> dict[str, list[Case]]:
    """Groups of cases by what they look at; ``f`` and ``stride`` differ unless a note says otherwise."""

    def sized(f: int, stride: int, left_over: int, note: str) -> Case:
        steps = 2 * int(rng.integers(4, 10)) + 1
        return Case((f + stride * steps + left_over, f, stride), note)

    f = int(rng.integers(4, 8))
    return {
        VISIBLE: [
            sized(3, 1, 0, "stride 1"),
            sized(3, 2, 0, "stride 2"),
            sized(2, 2, 1, "an odd size and a 2×2 window at stride 2"),
            sized(4, 3, 1, "a window of 4 at stride 3, one pixel left over"),
        ],
        "stride 1": [sized(f, 1, 0, "a window that moves by one")],
        "stride": [
            sized(2, 3, 0, "a stride larger than the window, nothing left over"),
            sized(5, 2, 0, "a stride smaller than the window, nothing left over"),
        ],
        "rounding down": [
            sized(2, 2, 1, "an odd size and a 2×2 window at stride 2"),
            sized(4, 3, 1, "one pixel left over at stride 3"),
            sized(2, 3, 2, "two pixels left over at stride 3"),
        ],
        "one window": [
            Case((f, f, 1), "a window as large as the input"),
            Case((f, f, 2), "a window as large as the input, stride 2"),
        ],
    }


def published() -> list[Case]:
    """The examples of the visible check: the sizes of the lesson's pooling layers."""
    return [
        Case((5, 3, 1), "5 pixels, a window of 3, stride 1"),
        Case((5, 3, 2), "5 pixels, a window of 3, stride 2"),
        Case((9, 2, 2), "9 pixels, a window of 2, stride 2: the last pixel is left over"),
        Case((11, 4, 3), "11 pixels, a window of 4, stride 3: the last pixel is left over"),
        Case((8, 3, 3), "8 pixels, a window of 3, stride 3: the last two pixels are left over"),
    ]


CRITERIA = (
    Criterion(
        "stride 1",
        0.25,
        "stride 1",
        whole("the size"),
        "How often a window fits that moves by one pixel",
        "Draw a row of 5 pixels and count the places where a window of 3 fits: the first place counts too.",
    ),
    Criterion(
        "stride",
        0.25,
        "stride",
        whole("the size"),
        "How often it fits when it moves by more than one pixel",
        "Count the steps of length `stride` after the first place; window and stride are two different numbers.",
    ),
    Criterion(
        "rounding down",
        0.25,
        "rounding down",
        whole("the size"),
        "Pixels left over at the end that are too few for another window",
        "A window that would stick out at the end is not used: look at how your division rounds.",
    ),
    Criterion(
        "one window",
        0.25,
        "one window",
        whole("the size"),
        "A window as large as the input",
        "A window as large as the input fits exactly once. What does your formula give there?",
    ),
)

#: What lesson 03 leaves in a notebook as ``pad``.
_NOTEBOOK_PAD = 1


WRONG = (
    Wrong(
        "plus-one-forgotten",
        lambda n_prev, f, stride: (n_prev - f) // stride,
        "You count the steps of the window, but not the place where it starts. Try n_prev = f: the window fits once.",
    ),
    Wrong(
        "rounds-up",
        lambda n_prev, f, stride: math.ceil((n_prev - f) / stride) + 1,
        "You round the division up, which counts a last window that sticks out of the input. Pooling here "
        "uses only windows that lie inside: which way must it be rounded?",
    ),
    Wrong(
        "rounds-to-nearest",
        lambda n_prev, f, stride: round((n_prev - f) / stride) + 1,
        "You round to the nearest whole number, so that sometimes a window is counted that does not fit. "
        "Look at the rounding in your formula with 6 pixels, a window of 2 and stride 3.",
    ),
    Wrong(
        "not-rounded",
        lambda n_prev, f, stride: (n_prev - f) / stride + 1,
        "You divide and keep the fraction, but there is no half window. Look at what the formula does "
        "with a division that leaves a remainder.",
    ),
    Wrong(
        "plus-one-before-dividing",
        lambda n_prev, f, stride: (n_prev - f + 1) // stride,
        "You add the 1 before you divide by the stride. The first window is one more output, not one more "
        "pixel: look at the brackets of your formula.",
    ),
    Wrong(
        "stride-forgotten",
        lambda n_prev, f, stride: n_prev - f + 1,
        "Your size does not depend on the stride. A window that moves further at each step has fewer places.",
    ),
    Wrong(
        "window-as-stride",
        lambda n_prev, f, stride: (n_prev - f) // f + 1,
        "You step by the size of the window. Often f and stride are both 2, but they are two numbers: "
        "look at what you divide by.",
    ),
    Wrong(
        "window-and-stride-swapped",
        lambda n_prev, f, stride: (n_prev - stride) // f + 1,
        "The window and the stride have changed places in your formula. Compare the order of the "
        "parameters, (n_prev, f, stride), with what you do with each.",
    ),
    Wrong(
        "window-forgotten",
        lambda n_prev, f, stride: n_prev // stride,
        "You divide the whole input by the stride. The window must fit "
        "before it moves at all: ask how far it can move.",
    ),
    Wrong(
        "always-halved",
        lambda n_prev, f, stride: n_prev // 2,
        "You halve the size whatever the window and the stride are. Only a window of 2 at stride 2 halves "
        "an even size: use both numbers.",
    ),
    Wrong(
        "padded-as-convolution",
        lambda n_prev, f, stride: (n_prev - f + 2 * _NOTEBOOK_PAD) // stride + 1,
        "You add padding as for a convolution, with a `pad` from elsewhere in the notebook. The pooling "
        "layers of this lesson have none: keep to the three parameters.",
    ),
    Wrong(
        "removed-numpy-name",
        lambda n_prev, f, stride: np.int((n_prev - f) / stride) + 1,  # type: ignore[attr-defined]
        "`np.int` is no longer part of NumPy. Python's own `int`, or whole-number division, does the same.",
    ),
)

EXERCISE = Exercise(
    name="pool_output_size",
    lesson="04-pool-forward",
    visible_points=1,
    criteria=CRITERIA,
    draw=draw,
    published=published,
    wrong=WRONG,
    returns=("the size",),
    formula=FORMULA,
)
