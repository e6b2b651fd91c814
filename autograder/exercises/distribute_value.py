"""All there is about grading `distribute_value`: a gradient spread evenly over a window."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.exercise import VISIBLE, Case, Criterion, Exercise, Wrong, whole

FORMULA = "The result has the given shape, (n_H, n_W)."


def draw(rng: np.random.Generator) -> dict[str, list[Case]]:
    """Groups of cases by what they look at; all values are positive floats unless a note says otherwise."""

    def value() -> float:
        return float(rng.uniform(1.1, 1.9) * rng.integers(1, 6))

    def odd_integer() -> int:
        return 2 * int(rng.integers(3, 9)) + 1

    return {
        VISIBLE: [
            Case((value(), (2, 2)), "a 2×2 window"),
            Case((odd_integer(), (2, 5)), "an integer over 2 rows and 5 columns"),
            Case((-value(), (1, 4)), "a negative value over one row of 4"),
        ],
        "square": [Case((value(), (3, 3)), "a 3×3 window"), Case((value(), (4, 4)), "a 4×4 window")],
        "rectangle": [
            Case((value(), (2, 3)), "more columns than rows"),
            Case((value(), (4, 1)), "a single column"),
        ],
        "negative": [Case((-value(), (3, 3)), "a negative value")],
        "integer": [
            Case((odd_integer(), (2, 2)), "an integer that 4 does not divide"),
            Case((-1, (3, 3)), "an integer smaller than the window"),
        ],
    }


def published() -> list[Case]:
    """The examples of the visible check: the published one, and two to check by hand."""
    return [
        Case((2, (2, 2)), "2 over a 2×2 window"),
        Case((6, (3, 4)), "6 over 3 rows and 4 columns"),
        Case((-3.0, (1, 4)), "-3 over one row of 4"),
    ]


CRITERIA = (
    Criterion(
        "square",
        0.25,
        "square",
        whole("the result"),
        "A positive value spread over a square window",
        "Every entry gets the same share, and all shares together must add up to dz.",
    ),
    Criterion(
        "rectangle",
        0.25,
        "rectangle",
        whole("the result"),
        "A window with more rows than columns, or the other way round",
        "Read n_H and n_W from `shape`, in this order, and use both.",
    ),
    Criterion(
        "negative",
        0.25,
        "negative",
        whole("the result"),
        "A negative value: a gradient can have either sign",
        "Each share has the sign of dz. Look for a step that drops it.",
    ),
    Criterion(
        "integer",
        0.25,
        "integer",
        whole("the result"),
        "A whole number, whose shares are fractions",
        "Shares of a whole number are fractions: look at the kind of division and at the dtype of your array.",
    ),
)

#: What the notebook's own example calls ``f``.
_NOTEBOOK_F = 2


def _dtype_of_dz(dz: Any, shape: Any) -> Any:
    result = np.zeros(shape, dtype=np.asarray(dz).dtype)
    result[...] = dz / (shape[0] * shape[1])
    return result


def _height_and_width_swapped(dz: Any, shape: Any) -> Any:
    n_W, n_H = shape
    return np.full((n_H, n_W), dz / (n_H * n_W))


def _one_entry(dz: Any, shape: Any) -> Any:
    result = np.zeros(shape)
    result[0, 0] = dz
    return result


WRONG = (
    Wrong(
        "not-divided",
        lambda dz, shape: np.full(shape, dz),
        "You give the whole dz to every entry. Add up your result: it should "
        "be dz again, so each entry gets only a share.",
    ),
    Wrong(
        "divided-by-rows",
        lambda dz, shape: np.full(shape, dz / shape[0]),
        "You divide by the number of rows only. How many entries does the window have in all?",
    ),
    Wrong(
        "divided-by-rows-squared",
        lambda dz, shape: np.full(shape, dz / shape[0] ** 2),
        "You divide by the number of rows times itself, which is right for square windows only. Look at "
        "where the number of columns should come in.",
    ),
    Wrong(
        "divided-by-sum",
        lambda dz, shape: np.full(shape, dz / (shape[0] + shape[1])),
        "You divide by n_H + n_W. For a 2×2 window that happens to be the number of entries; count them in a 3×3 one.",
    ),
    Wrong(
        "notebook-globals",
        lambda dz, shape: np.full(shape, dz / _NOTEBOOK_F**2),
        "You divide by the same number whatever `shape` is: perhaps an `f` from elsewhere in the "
        "notebook. Use only the arguments of the function.",
    ),
    Wrong(
        "multiplied",
        lambda dz, shape: np.full(shape, dz * shape[0] * shape[1]),
        "You multiply by the number of entries. Ask what one entry gets when dz is shared among all of them.",
    ),
    Wrong(
        "integer-division",
        lambda dz, shape: np.full(shape, dz // (shape[0] * shape[1])),
        "Your division `//` drops what is after the decimal point: 2 shared among 4 becomes 0. Look at the operator.",
    ),
    Wrong(
        "dtype-of-dz",
        _dtype_of_dz,
        "Your array has the dtype of dz. When dz is a whole number, the shares lose what is after the "
        "decimal point: look at where the array is made.",
    ),
    Wrong(
        "height-and-width-swapped",
        _height_and_width_swapped,
        "Rows and columns have changed places: `shape` is (n_H, n_W), rows first. A square window hides it.",
    ),
    Wrong(
        "one-number",
        lambda dz, shape: dz / (shape[0] * shape[1]),
        "You return the share as one number. What is asked for is a whole window of that shape, with the "
        "share in every entry.",
    ),
    Wrong(
        "one-entry",
        _one_entry,
        "You give all of dz to one entry, as a maximum would. In an average every entry has an equal part.",
    ),
    Wrong(
        "sign-lost",
        lambda dz, shape: np.full(shape, abs(dz) / (shape[0] * shape[1])),
        "Your shares are never negative. A gradient may have either sign: look for an `abs` or a maximum with 0.",
    ),
    Wrong(
        "removed-numpy-name",
        lambda dz, shape: np.full(shape, dz / np.product(shape)),  # type: ignore[attr-defined]
        "`np.product` is no longer part of NumPy. Multiply the two numbers "
        "of `shape` yourself, or look up today's name.",
    ),
)

EXERCISE = Exercise(
    name="distribute_value",
    lesson="06-pool-backward",
    visible_points=1,
    criteria=CRITERIA,
    draw=draw,
    published=published,
    wrong=WRONG,
    returns=("the result",),
    formula=FORMULA,
)
