"""Grading ``from_keras``: filters and biases of a Keras layer, in the layouts of the lessons."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from autograder import solution
from autograder.exercise import Case, Criterion, Exercise, Wrong, whole
from autograder.exercises import to_keras

FORMULA = "W is (f, f, n_C_prev, n_C), as in Keras, and b is (1, 1, 1, n_C)."
RETURNS = to_keras.RETURNS


def _there(case: Case) -> Case:
    """The same case as Keras has it."""
    return Case(solution.to_keras(*case.args), case.note)


def draw(rng: np.random.Generator) -> Mapping[str, list[Case]]:
    """Return the groups of cases, with fresh numbers: those of ``to_keras`` seen from the other side."""
    return {group: [_there(case) for case in cases] for group, cases in to_keras.draw(rng).items()}


def published() -> list[Case]:
    """Return what ``to_keras`` makes of its own examples."""
    return [_there(case) for case in to_keras.published()]


CRITERIA = (
    Criterion(
        "several filters",
        0.25,
        "several filters",
        whole(*RETURNS),
        "The weights of several filters",
        "`from_keras(*to_keras(W, b))` must give W and b again. Print the shapes.",
    ),
    Criterion(
        "one filter",
        0.25,
        "one filter",
        whole(*RETURNS),
        "The weights of a single filter",
        "With one filter b has the shape (1, 1, 1, 1). The last axis is as long as there are filters.",
    ),
)

WRONG = (
    Wrong(
        "biases-as-they-are",
        lambda W, b: (W, b),
        "Your b is still a row, (n_C,). Your layers want four axes: (1, 1, 1, n_C).",
    ),
    Wrong(
        "from-pytorchs-layout",
        lambda W, b: (W.transpose(2, 3, 1, 0), b.reshape(1, 1, 1, -1)),
        "You undo PyTorch's layout. Keras has the one you know from your own layers, so W stays as it is.",
    ),
    Wrong(
        "in-and-out-swapped",
        lambda W, b: (W.transpose(0, 1, 3, 2), b.reshape(1, 1, 1, -1)),
        "The last two axes of your W have changed places. They are (f, f, n_C_prev, n_C) on both sides.",
    ),
    Wrong(
        "biases-in-the-first-axis",
        lambda W, b: (W, b.reshape(-1, 1, 1, 1)),
        "Your b has its n_C numbers along the first axis. They belong to the last one, that of the channels.",
    ),
    Wrong(
        "biases-with-one-axis-more",
        lambda W, b: (W, b[np.newaxis]),
        "You give b one axis more, (1, n_C). It needs three of length 1 before the last.",
    ),
    Wrong(
        "order-swapped",
        lambda W, b: (b.reshape(1, 1, 1, -1), W),
        "You return b before W. Keep the order: the filters first.",
    ),
    Wrong(
        "biases-forgotten",
        lambda W, b: W,
        "You return W alone. Your layers want b as well.",
    ),
    Wrong(
        "one-bias-only",
        lambda W, b: (W, b[:1].reshape(1, 1, 1, 1)),
        "You keep the first bias only. Each filter has one: the last axis of b is n_C long.",
    ),
)

EXERCISE = Exercise(
    name="from_keras",
    lesson="08-frameworks",
    visible_points=0.25,
    criteria=CRITERIA,
    draw=draw,
    published=published,
    wrong=WRONG,
    returns=RETURNS,
    formula=FORMULA,
)
