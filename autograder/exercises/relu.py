"""Grading ``relu``: what is negative becomes 0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from autograder.exercise import VISIBLE, Case, Criterion, Exercise, Wrong, part, untouched
from autograder.exercises.drawing import integers, normal, single

FORMULA = "A has the shape of Z."
_A = part(0, "A", FORMULA)


def draw(rng: np.random.Generator) -> Mapping[str, list[Case]]:
    """Return the groups of cases, with fresh numbers."""
    images = normal(rng, 2, 3, 4, 2)
    large = normal(rng, 3, 5) * 4
    return {
        VISIBLE: [
            Case((integers(rng, 2, 4),), "whole numbers of both signs"),
            Case((images.copy(),), "feature maps, (2, 3, 4, 2)"),
        ],
        "values": [
            Case((images,), "feature maps, (2, 3, 4, 2)"),
            Case((large,), "a matrix, with numbers above 1"),
            Case((single(rng, 1, 3, 2, 1),), "float32"),
        ],
        "untouched": [Case((normal(rng, 2, 3),), "looking at Z after the call")],
    }


def published() -> list[Case]:
    """Return the worked example, and feature maps of four axes."""
    Z = np.array([[3, -1, 0], [-4, 2, -2]])
    return [
        Case((Z,), "the numbers 3 -1 0, -4 2 -2"),
        Case((np.linspace(-3, 4, 24).reshape(2, 3, 2, 2),), "feature maps, (2, 3, 2, 2)"),
    ]


CRITERIA = (
    Criterion(
        "values and cache",
        0.25,
        "values",
        lambda case, expected, reply: _A(case, expected, reply) or part(1, "cache")(case, expected, reply),
        "max(0, z) for every entry, and Z as the cache",
        "Try a Z of three numbers, one of them negative, and print what comes back: A, then Z as it was.",
    ),
    Criterion(
        "argument left alone",
        0.25,
        "untouched",
        untouched(_A, "Z"),
        "Z is the same after the call",
        "`Z[Z < 0] = 0` writes into the caller's array, and the backward pass needs to know what was negative.",
    ),
)


def _in_place(Z: Any) -> Any:
    Z[Z < 0] = 0
    return Z, Z


def _first_axis(Z: Any) -> Any:
    return np.max(Z, 0), Z


WRONG = (
    Wrong(
        "identity",
        lambda Z: (Z, Z),
        "Nothing is changed: the negative numbers are still there. They become 0.",
    ),
    Wrong(
        "absolute-value",
        lambda Z: (np.abs(Z), Z),
        "You take the absolute value, so -4 becomes 4. Negative numbers become 0.",
    ),
    Wrong(
        "leaky",
        lambda Z: (np.where(Z > 0, Z, 0.01 * Z), Z),
        "Negative numbers become a hundredth of themselves: that is a leaky ReLU. In ReLU they become 0.",
    ),
    Wrong(
        "negative-part",
        lambda Z: (np.minimum(0, Z), Z),
        "You keep the negative numbers and drop the positive ones. It is the maximum of 0 and z.",
    ),
    Wrong(
        "step",
        lambda Z: ((Z > 0).astype(float), Z),
        "You return 1 where Z is positive, which is ReLU's gradient. ReLU returns the number itself there.",
    ),
    Wrong(
        "capped-at-one",
        lambda Z: (np.clip(Z, 0, 1), Z),
        "Numbers above 1 become 1. ReLU has no upper end.",
    ),
    Wrong(
        "maximum-over-an-axis",
        _first_axis,
        "`np.max(Z, 0)` is the maximum along axis 0, so an axis is gone. Two things compared entry by entry are "
        "`np.maximum(Z, 0)`.",
    ),
    Wrong(
        "maximum-of-python",
        lambda Z: (max(0, Z), Z),
        "Python's `max` compares two numbers and cannot compare an array. NumPy's `np.maximum` does it for each entry.",
    ),
    Wrong(
        "written-into-Z",
        _in_place,
        "A is right, but `Z[Z < 0] = 0` changed Z itself, so the backward pass can no longer see what was negative.",
    ),
    Wrong(
        "cache-holds-A",
        lambda Z: (np.maximum(Z, 0), np.maximum(Z, 0)),
        "A is right, but the cache holds A. It should hold Z, as it came.",
    ),
    Wrong(
        "cache-forgotten",
        lambda Z: np.maximum(Z, 0),
        "A is right, but it comes back alone. The backward pass needs the cache: return A, Z.",
    ),
)

EXERCISE = Exercise(
    name="relu",
    lesson="09-train-a-network",
    visible_points=0.5,
    criteria=CRITERIA,
    draw=draw,
    published=published,
    wrong=WRONG,
    returns=("A", "cache"),
    formula=FORMULA,
)
