"""Grading ``relu_backward``: the gradient passes where Z was positive."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from autograder.exercise import VISIBLE, Case, Criterion, Exercise, Wrong, untouched, whole
from autograder.exercises.drawing import integers, normal

FORMULA = "dZ has the shape of dA and of Z."
_dZ = whole("dZ")


def draw(rng: np.random.Generator) -> Mapping[str, list[Case]]:
    """Return the groups of cases, with fresh numbers; no entry of Z is 0, where there is no derivative."""

    def case(note: str, *shape: int, drawn: Callable[..., Any] = normal) -> Case:
        # Positive and negative gradients arrive at positive and at negative numbers, in turn.
        dA, Z = np.abs(drawn(rng, *shape)), np.abs(drawn(rng, *shape))
        turns = np.arange(dA.size).reshape(shape)
        signs = turns // 2 + turns // (dA.size // shape[0])  # the other way around in every second image or row
        return Case((dA * (-1) ** turns, Z * (-1) ** signs), note)

    return {
        VISIBLE: [
            case("whole numbers of both signs", 2, 4, drawn=integers),
            case("feature maps, (2, 3, 4, 2)", 2, 3, 4, 2),
        ],
        "values": [case("feature maps, (2, 4, 3, 2)", 2, 4, 3, 2), case("a matrix", 2, 4)],
        "untouched": [case("looking at dA and the cache after the call", 2, 4)],
    }


def published() -> list[Case]:
    """Return the worked example, and feature maps of four axes."""
    dA, Z = np.array([[5, 7, -3], [2, -6, 4]]), np.array([[3, -1, 2], [-4, 2, -2]])
    maps = np.linspace(-3, 4, 24).reshape(2, 3, 2, 2)
    return [
        Case((dA, Z), "the gradients 5 7 -3, 2 -6 4"),
        Case((np.cos(5 * maps), maps[::-1].copy()), "feature maps, (2, 3, 2, 2)"),
    ]


CRITERIA = (
    Criterion(
        "values",
        0.25,
        "values",
        _dZ,
        "The gradient where Z is positive, and 0 where Z is negative",
        "Write Z above dA on paper. Below the positive numbers of Z stands dA, below the negative ones 0.",
    ),
    Criterion(
        "arguments left alone",
        0.25,
        "untouched",
        untouched(_dZ, "dA and the cache"),
        "dA and the cache are the same after the call",
        "`dA[...] = 0` and `dA *= ...` change the caller's array. Make a new one.",
    ),
)


def _into_dA(dA: Any, cache: Any) -> Any:
    dA[cache <= 0] = 0
    return dA


WRONG = (
    Wrong(
        "identity",
        lambda dA, cache: dA,
        "You hand on all of dA. Where Z was negative nothing of it went on forward, so nothing comes back.",
    ),
    Wrong(
        "relu-of-dA",
        lambda dA, cache: np.maximum(dA, 0),
        "You look at the sign of dA. What decides is the sign of Z: a negative gradient passes too.",
    ),
    Wrong(
        "mask-alone",
        lambda dA, cache: (cache > 0).astype(float),
        "You return the mask, 1 where Z is positive. By the chain rule it is multiplied by dA.",
    ),
    Wrong(
        "times-Z",
        lambda dA, cache: dA * cache,
        "You multiply dA by Z. ReLU's slope is 1 or 0, however large Z is.",
    ),
    Wrong(
        "times-A",
        lambda dA, cache: dA * np.maximum(cache, 0),
        "You multiply dA by ReLU of Z, the output of the layer. It is the slope that counts: 1 where Z is positive.",
    ),
    Wrong(
        "turned-around",
        lambda dA, cache: dA * (cache < 0),
        "The gradient passes where Z is negative, and it should where Z is positive.",
    ),
    Wrong(
        "leaky",
        lambda dA, cache: dA * np.where(cache > 0, 1, 0.01),
        "A hundredth of the gradient passes where Z is negative: that belongs to a leaky ReLU. Here it is 0.",
    ),
    Wrong(
        "sign",
        lambda dA, cache: dA * np.sign(cache),
        "Where Z is negative you return -dA, as the slope of the absolute value would give. ReLU is flat there: 0.",
    ),
    Wrong(
        "cache-unpacked",
        lambda dA, cache: dA * (cache[0] > 0),
        "You take `cache[0]`. The cache of `relu` is Z itself, not a tuple.",
    ),
    Wrong(
        "written-into-dA",
        _into_dA,
        "dZ is right, but `dA[...] = 0` changed dA itself, which belongs to the caller. Make a new array.",
    ),
)

EXERCISE = Exercise(
    name="relu_backward",
    lesson="09-train-a-network",
    visible_points=0.5,
    criteria=CRITERIA,
    draw=draw,
    published=published,
    wrong=WRONG,
    returns=("dZ",),
    formula=FORMULA,
)
