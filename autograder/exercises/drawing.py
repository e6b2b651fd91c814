"""Numbers for the cases of an exercise, drawn so that no verdict is left to luck."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray


def normal(rng: np.random.Generator, *shape: int) -> NDArray[np.float64]:
    """Return float64 numbers that look normally distributed, each well away from zero and from the others.

    One number is drawn from each of as many equal parts of the distribution, so half of an even count are
    negative; all are then moved 0.25 away from zero.
    """
    count = math.prod(shape)
    parts = (rng.permutation(count) + rng.uniform(0.25, 0.75, count)) / count
    values = np.array([NormalDist().inv_cdf(part) for part in parts]).reshape(shape)
    away: NDArray[np.float64] = values + np.copysign(0.25, values)
    return away


def single(rng: np.random.Generator, *shape: int) -> NDArray[np.float32]:
    """Return numbers as from `normal`, in float32."""
    return normal(rng, *shape).astype(np.float32)


def integers(rng: np.random.Generator, *shape: int, low: int = -9, high: int = 9) -> NDArray[np.int64]:
    """Return int64 numbers from ``low`` to ``high`` without 0; none comes twice before each came once."""
    count = math.prod(shape)
    numbers = np.array([number for number in range(low, high + 1) if number])
    rounds = math.ceil(count / numbers.size)
    drawn = np.concatenate([rng.permutation(numbers) for _ in range(rounds)])[:count]
    return drawn.reshape(shape).astype(np.int64)


def legacy(*shapes: tuple[int, ...]) -> list[NDArray[np.float64]]:
    """Return the arrays of the published examples: those that ``np.random.seed(1)`` and ``randn`` give."""
    random = np.random.RandomState(1)
    return [random.randn(*shape) for shape in shapes]
