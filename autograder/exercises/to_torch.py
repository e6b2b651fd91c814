"""Grading ``to_torch``: images, filters and biases in PyTorch's layouts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from autograder.exercise import VISIBLE, Case, Criterion, Exercise, Wrong, part, untouched, whole
from autograder.exercises.drawing import integers, normal

FORMULA = "A is (m, n_C_prev, n_H, n_W), W is (n_C, n_C_prev, f, f), and b is (n_C,)."
RETURNS = ("A", "W", "b")


def _case(
    rng: np.random.Generator,
    images: tuple[int, int, int, int],
    f: int,
    n_C: int,
    note: str,
    draw_numbers: Callable[..., Any] = normal,
) -> Case:
    arrays = (draw_numbers(rng, *images), draw_numbers(rng, f, f, images[3], n_C), draw_numbers(rng, 1, 1, 1, n_C))
    return Case(arrays, note)


def draw(rng: np.random.Generator) -> Mapping[str, list[Case]]:
    """Return the groups of cases, with fresh numbers."""
    case = partial(_case, rng)
    return {
        VISIBLE: [
            case((1, 2, 3, 2), 2, 1, "one image of 2×3 with two channels, one 2×2 filter", integers),
            case((2, 4, 5, 3), 3, 4, "two images, three channels, four filters"),
        ],
        "layouts": [
            case((2, 3, 5, 4), 2, 3, "two images, four channels, three 2×2 filters"),
            case((3, 4, 2, 2), 3, 5, "three images, two channels, five 3×3 filters"),
        ],
        "like numbers": [case((3, 3, 3, 3), 3, 3, "all sizes 3, which hides a wrong order from the shapes")],
    }


def published() -> list[Case]:
    """Return one example to check by hand and one with axes of different lengths."""
    rng = np.random.default_rng(8)
    by_hand = (
        np.arange(1, 13).reshape(1, 2, 3, 2),
        np.array([[[[1], [10]], [[2], [20]]], [[[3], [30]], [[4], [40]]]]),
        np.array([5]).reshape(1, 1, 1, 1),
    )
    return [
        Case(by_hand, "one image of 2×3 with two channels, one 2×2 filter"),
        Case(
            (integers(rng, 2, 4, 5, 3), integers(rng, 3, 3, 3, 4), integers(rng, 1, 1, 1, 4)),
            "two images, three channels, four filters",
        ),
    ]


CRITERIA = (
    Criterion(
        "A",
        0.25,
        "layouts",
        untouched(part(0, "A", FORMULA), "A, W and b"),
        "The images, with their channels in second place",
        "Which axis of the result is which of A? Write the four down in PyTorch's order, and transpose.",
    ),
    Criterion(
        "W",
        0.25,
        "layouts",
        part(1, "W", FORMULA),
        "The filters, with the number of the filter first",
        "Which axis of the result is which of W? Rows stay before columns.",
    ),
    Criterion(
        "b",
        0.25,
        "layouts",
        part(2, "b", FORMULA),
        "The biases, in a row",
        "PyTorch wants one axis for b, of length n_C. Print the shape of yours.",
    ),
    Criterion(
        "like numbers",
        0.25,
        "like numbers",
        whole(*RETURNS),
        "Sizes that are all the same: the shapes cannot tell you, the numbers can",
        "Follow one number: A[i, h, w, c] must stand at [i, c, h, w], and W[j, k, p, c] at [c, p, j, k].",
    ),
)

Function = Callable[..., Any]


def _convert(
    A: Any,
    W: Any,
    b: Any,
    *,
    images: Function = lambda A: A.transpose(0, 3, 1, 2),
    filters: Function = lambda W: W.transpose(3, 2, 0, 1),
    biases: Function = lambda b: b.reshape(-1),
) -> Any:
    """The conversion; right, but for what is put in place of a default."""
    return images(A), filters(W), biases(b)


def _with(**changes: Function) -> Function:
    """The conversion with these of its parts replaced."""
    return partial(_convert, **changes)


def _reshaped_images(A: Any) -> Any:
    m, n_H, n_W, n_C = A.shape
    return A.reshape(m, n_C, n_H, n_W)


def _reshaped_filters(W: Any) -> Any:
    return W.reshape(W.shape[3], W.shape[2], *W.shape[:2])


WRONG = (
    Wrong(
        "images-reshaped",
        _with(images=_reshaped_images),
        "You `reshape` A. That gives the right shape and cuts the same row of numbers up anew, so that channels and "
        "pixels get mixed. To change the order of axes, use `transpose`.",
    ),
    Wrong(
        "filters-reshaped",
        _with(filters=_reshaped_filters),
        "You `reshape` W. That gives the right shape with the numbers in the wrong places. To change the order of "
        "axes, use `transpose`.",
    ),
    Wrong(
        "all-reshaped",
        _with(images=_reshaped_images, filters=_reshaped_filters),
        "You `reshape` A and W. That keeps the numbers in their old row and only cuts it up anew. To change the "
        "order of axes, use `transpose`.",
    ),
    Wrong(
        "images-as-they-are",
        _with(images=lambda A: A),
        "Your A still has its channels last. PyTorch would take its columns for the channels: they belong in second "
        "place.",
    ),
    Wrong(
        "images-width-first",
        _with(images=lambda A: A.transpose(0, 3, 2, 1)),
        "In your A rows and columns have changed places: the image lies on its side. Only the channels move, height "
        "stays before width.",
    ),
    Wrong(
        "images-all-reversed",
        _with(images=lambda A: A.T),
        "`A.T` turns the order of all axes around, so the batch comes last. Name the order that you want: "
        "`transpose` takes it.",
    ),
    Wrong(
        "images-as-filters",
        _with(images=lambda A: A.transpose(3, 2, 0, 1)),
        "You order the axes of A as those of W. The images of a batch stay first: (m, n_C_prev, n_H, n_W).",
    ),
    Wrong(
        "filters-as-they-are",
        _with(filters=lambda W: W),
        "Your W is still (f, f, n_C_prev, n_C). PyTorch has the filters first, then their channels, then rows and "
        "columns.",
    ),
    Wrong(
        "filters-all-reversed",
        _with(filters=lambda W: W.T),
        "`W.T` has the right shape, since filters are square, but each filter is mirrored: its rows have become "
        "columns. A detector of vertical lines would find horizontal ones. Say which axis goes where.",
    ),
    Wrong(
        "filters-channels-first",
        _with(filters=lambda W: W.transpose(2, 3, 0, 1)),
        "In your W the channels come before the filters. PyTorch has the output first: (n_C, n_C_prev, f, f).",
    ),
    Wrong(
        "filters-as-images",
        _with(filters=lambda W: W.transpose(0, 3, 1, 2)),
        "You order the axes of W as those of A. In W the number of the filter is the last axis, and comes first in "
        "PyTorch.",
    ),
    Wrong(
        "filters-turned-by-180",
        _with(filters=lambda W: W[::-1, ::-1].transpose(3, 2, 0, 1)),
        "You turn each filter by 180 degrees. PyTorch's convolution does not flip its filters either: leave rows and "
        "columns as they are.",
    ),
    Wrong(
        "biases-as-they-are",
        _with(biases=lambda b: b),
        "Your b still has four axes. PyTorch wants one, of length n_C: flatten it.",
    ),
    Wrong(
        "biases-as-a-column",
        _with(biases=lambda b: b.reshape(-1, 1)),
        "Your b is a column of shape (n_C, 1). One axis is enough: (n_C,).",
    ),
    Wrong(
        "biases-on-axis-1",
        _with(biases=lambda b: b.transpose(0, 3, 1, 2)),
        "You treat b like an image, (1, n_C, 1, 1). PyTorch's layer wants a plain row of n_C numbers.",
    ),
)

EXERCISE = Exercise(
    name="to_torch",
    lesson="08-frameworks",
    visible_points=0.5,
    criteria=CRITERIA,
    draw=draw,
    published=published,
    wrong=WRONG,
    returns=RETURNS,
    formula=FORMULA,
)
