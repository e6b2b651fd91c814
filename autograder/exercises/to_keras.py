"""Grading ``to_keras``: filters and biases as a Keras layer takes them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from autograder.exercise import VISIBLE, Case, Criterion, Exercise, Wrong, whole
from autograder.exercises.drawing import integers, normal

FORMULA = "W is (f, f, n_C_prev, n_C), as here, and b is (n_C,)."
RETURNS = ("W", "b")


def draw(rng: np.random.Generator) -> Mapping[str, list[Case]]:
    """Return the groups of cases, with fresh numbers."""

    def case(f: int, n_C_prev: int, n_C: int, note: str) -> Case:
        return Case((normal(rng, f, f, n_C_prev, n_C), normal(rng, 1, 1, 1, n_C)), note)

    return {
        VISIBLE: [
            case(3, 2, 4, "four 3×3 filters for two channels"),
            case(2, 3, 1, "one 2×2 filter for three channels"),
        ],
        "several filters": [case(3, 2, 5, "five 3×3 filters"), case(2, 4, 3, "three 2×2 filters")],
        "one filter": [case(3, 3, 1, "one 3×3 filter for three channels"), case(3, 1, 1, "one filter, one channel")],
    }


def published() -> list[Case]:
    """Return filters of integers, several and one."""
    rng = np.random.default_rng(8)
    return [
        Case((integers(rng, 3, 3, 2, 4), integers(rng, 1, 1, 1, 4)), "four 3×3 filters for two channels"),
        Case((integers(rng, 2, 2, 3, 1), integers(rng, 1, 1, 1, 1)), "one 2×2 filter for three channels"),
    ]


CRITERIA = (
    Criterion(
        "several filters",
        0.25,
        "several filters",
        whole(*RETURNS),
        "The weights of several filters",
        "Compare with the shapes of `layer.get_weights()`: which of yours differs?",
    ),
    Criterion(
        "one filter",
        0.25,
        "one filter",
        whole(*RETURNS),
        "The weights of a single filter",
        "With one filter b still has one axis, of length 1: it is no plain number.",
    ),
)

WRONG = (
    Wrong(
        "biases-as-they-are",
        lambda W, b: (W, b),
        "Your b still has four axes. A Keras layer has one bias for each filter, in a row: (n_C,).",
    ),
    Wrong(
        "in-pytorchs-layout",
        lambda W, b: (W.transpose(3, 2, 0, 1), b.reshape(-1)),
        "You put W into PyTorch's layout. Keras has the one you know from your own layers, so W stays as it is.",
    ),
    Wrong(
        "in-and-out-swapped",
        lambda W, b: (W.transpose(0, 1, 3, 2), b.reshape(-1)),
        "The last two axes of your W have changed places. Keras has (f, f, n_C_prev, n_C), as here; the other order "
        "is that of a transposed convolution.",
    ),
    Wrong(
        "order-swapped",
        lambda W, b: (b.reshape(-1), W),
        "You return b before W. `set_weights` takes them in the order of the layer: the filters first.",
    ),
    Wrong(
        "biases-as-a-column",
        lambda W, b: (W, b.reshape(-1, 1)),
        "Your b is a column of shape (n_C, 1). One axis is enough: (n_C,).",
    ),
    Wrong(
        "filters-turned-by-180",
        lambda W, b: (W[::-1, ::-1], b.reshape(-1)),
        "You turn each filter by 180 degrees. Keras does not flip its filters either: leave W as it is.",
    ),
    Wrong(
        "biases-forgotten",
        lambda W, b: W,
        "You return W alone. A layer with biases wants both: W, and the n_C biases.",
    ),
    Wrong(
        "flattened",
        lambda W, b: (W.reshape(-1), b.reshape(-1)),
        "You flatten W as well. Only b loses axes; W keeps all four.",
    ),
)

EXERCISE = Exercise(
    name="to_keras",
    lesson="08-frameworks",
    visible_points=0.25,
    criteria=CRITERIA,
    draw=draw,
    published=published,
    wrong=WRONG,
    returns=RETURNS,
    formula=FORMULA,
)
