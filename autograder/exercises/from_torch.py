"""Grading ``from_torch``: images, filters and biases back from PyTorch's layouts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from autograder import solution
from autograder.exercise import Case, Criterion, Exercise, Wrong, part, whole
from autograder.exercises import to_torch

FORMULA = "A is (m, n_H, n_W, n_C_prev), W is (f, f, n_C_prev, n_C), and b is (1, 1, 1, n_C)."
RETURNS = to_torch.RETURNS


def _there(case: Case) -> Case:
    """The same case with its arrays in PyTorch's layouts."""
    return Case(solution.to_torch(*case.args), case.note)


def draw(rng: np.random.Generator) -> Mapping[str, list[Case]]:
    """Return the groups of cases, with fresh numbers: those of ``to_torch`` seen from the other side."""
    return {group: [_there(case) for case in cases] for group, cases in to_torch.draw(rng).items()}


def published() -> list[Case]:
    """Return what ``to_torch`` makes of its own examples."""
    return [_there(case) for case in to_torch.published()]


_A, _b = part(0, "A", FORMULA), part(2, "b", FORMULA)

CRITERIA = (
    Criterion(
        "A and b",
        0.25,
        "layouts",
        lambda case, expected, reply: _A(case, expected, reply) or _b(case, expected, reply),
        "The images with their channels last, and the biases with four axes",
        "Write down which of PyTorch's axes each of ours is, and transpose. b gets its three axes of length 1 back.",
    ),
    Criterion(
        "W",
        0.25,
        "layouts",
        part(1, "W", FORMULA),
        "The filters, rows and columns first",
        "The way back has an order of its own: (n_C, n_C_prev, f, f) must become (f, f, n_C_prev, n_C).",
    ),
    Criterion(
        "like numbers",
        0.25,
        "like numbers",
        whole(*RETURNS),
        "Sizes that are all the same: the shapes cannot tell you, the numbers can",
        "Try `from_torch(*to_torch(A, W, b))`: it must give A, W and b again, number by number.",
    ),
)

Function = Callable[..., Any]


def _convert(
    A: Any,
    W: Any,
    b: Any,
    *,
    images: Function = lambda A: A.transpose(0, 2, 3, 1),
    filters: Function = lambda W: W.transpose(2, 3, 1, 0),
    biases: Function = lambda b: b.reshape(1, 1, 1, -1),
) -> Any:
    """The conversion; right, but for what is put in place of a default."""
    return images(A), filters(W), biases(b)


def _with(**changes: Function) -> Function:
    """The conversion with these of its parts replaced."""
    return partial(_convert, **changes)


def _reshaped_images(A: Any) -> Any:
    m, n_C, n_H, n_W = A.shape
    return A.reshape(m, n_H, n_W, n_C)


def _reshaped_filters(W: Any) -> Any:
    return W.reshape(*W.shape[2:], W.shape[1], W.shape[0])


WRONG = (
    Wrong(
        "images-there-again",
        _with(images=lambda A: A.transpose(0, 3, 1, 2)),
        "You use for A the order of the way there once more. The way back is another one: which of PyTorch's axes "
        "holds the channels, and where do they belong?",
    ),
    Wrong(
        "filters-there-again",
        _with(filters=lambda W: W.transpose(3, 2, 0, 1)),
        "You use for W the order of the way there once more. Rows and columns are PyTorch's axes 2 and 3, and come "
        "first here.",
    ),
    Wrong(
        "all-there-again",
        _with(images=lambda A: A.transpose(0, 3, 1, 2), filters=lambda W: W.transpose(3, 2, 0, 1)),
        "You use the two orders of `to_torch` once more. Twice the same step does not lead back: each axis has to "
        "return to the place it came from.",
    ),
    Wrong(
        "images-reshaped",
        _with(images=_reshaped_images),
        "You `reshape` A. That gives the right shape with the numbers in the wrong places. To change the order of "
        "axes, use `transpose`.",
    ),
    Wrong(
        "filters-reshaped",
        _with(filters=_reshaped_filters),
        "You `reshape` W. That gives the right shape with the numbers in the wrong places. To change the order of "
        "axes, use `transpose`.",
    ),
    Wrong(
        "images-as-they-are",
        _with(images=lambda A: A),
        "Your A still has its channels in second place. Here they are the last axis.",
    ),
    Wrong(
        "images-width-first",
        _with(images=lambda A: A.transpose(0, 3, 2, 1)),
        "In your A rows and columns have changed places. Only the channels move, height stays before width.",
    ),
    Wrong(
        "filters-all-reversed",
        _with(filters=lambda W: W.T),
        "`W.T` has the right shape, since filters are square, but each filter is mirrored: its rows have become "
        "columns. Say which axis goes where.",
    ),
    Wrong(
        "filters-out-before-in",
        _with(filters=lambda W: W.transpose(2, 3, 0, 1)),
        "In your W the number of the filter comes before its channels. Here it is the last axis: "
        "(f, f, n_C_prev, n_C).",
    ),
    Wrong(
        "biases-as-they-are",
        _with(biases=lambda b: b),
        "Your b is still a row, (n_C,). Here it has four axes: (1, 1, 1, n_C).",
    ),
    Wrong(
        "biases-in-the-first-axis",
        _with(biases=lambda b: b.reshape(-1, 1, 1, 1)),
        "Your b has its n_C numbers along the first axis. They belong to the last one, that of the channels.",
    ),
)

EXERCISE = Exercise(
    name="from_torch",
    lesson="08-frameworks",
    visible_points=0.25,
    criteria=CRITERIA,
    draw=draw,
    published=published,
    wrong=WRONG,
    returns=RETURNS,
    formula=FORMULA,
)
