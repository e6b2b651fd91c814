"""The handwritten digits of lesson 09: 1797 images of 8×8 pixels, with what each of them shows.

The file beside it, ``data/digits.csv.gz``, is the copy that scikit-learn ships; ``data/digits.md`` says where it comes
from and under which licence it may be passed on.
"""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FILE = Path(__file__).parent / "data" / "digits.csv.gz"
#: As many of the images, drawn once and for all, are kept apart for the test.
TEST = 360


class Digits(NamedTuple):
    """Images (m, 8, 8, 1) with numbers from 0 (paper) to 1 (ink), and what they show, (m,), from 0 to 9."""

    images: NDArray[np.float64]
    labels: NDArray[np.int64]


@cache
def digits() -> tuple[Digits, Digits]:
    """Return the digits to learn from, 1437 of them, and the 360 to test with."""
    with gzip.open(FILE, "rt", encoding="ascii") as file:
        rows = np.loadtxt(file, delimiter=",")
    rows = rows[np.random.default_rng(0).permutation(len(rows))]
    images, labels = rows[:, :64].reshape(-1, 8, 8, 1) / 16, rows[:, 64].astype(np.int64)
    images.setflags(write=False)  # everyone has the same ones
    labels.setflags(write=False)
    return Digits(images[TEST:], labels[TEST:]), Digits(images[:TEST], labels[:TEST])
