"""What explorers look at: small images of whole numbers and a small photo, and the filters laid on them."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from convlab.explore.scene import Colours

Matrix = NDArray[np.float64]

#: Names of filters; they are made in any size from 2 by `filter_of`.
FILTERS = ("Sobel x", "Sobel y", "blur", "sharpen", "emboss", "line detector")


@cache
def photo() -> Matrix:
    """Return the brightness of the lessons' photo, 0 to 1, small enough for loops: an array of shape (33, 28)."""
    from convlab.figures.padding import gray_photo

    times = 3
    gray = gray_photo() / 255
    n_H, n_W = (n // times for n in gray.shape)
    squares = gray[: n_H * times, : n_W * times].reshape(n_H, times, n_W, times)
    return np.asarray(squares.mean(axis=(1, 3)))


def filter_of(name: str, f: int) -> Matrix:
    """Return the f×f weights of a filter: those that everyone knows for f = 3, and the like for other sizes."""
    weights = np.zeros((f, f))
    middle = f // 2
    if name.startswith("Sobel"):
        # Smoothing one way (1 2 1), the difference the other way (-1 0 1): Pascal's triangle, for any size.
        weights = np.outer(_pascal(f), np.convolve((-1, 1), _pascal(f - 1)))
        return weights if name == "Sobel x" else weights.T
    if name == "blur":
        return np.full((f, f), 1 / f**2)
    if name == "line detector":
        weights[:, middle] = 1
    elif name == "sharpen":
        weights[:, middle] = weights[middle] = -1
        weights[middle, middle] = 2 * f - 1
    elif name == "emboss":
        weights = np.add.outer(np.arange(f), np.arange(f)) - (f - 1.0)
        weights[middle, middle] += 1
    else:
        raise ValueError(f"there is no filter called {name!r}")
    return weights


def _pascal(length: int) -> Matrix:
    row = np.ones(1)
    for _ in range(length - 1):
        row = np.convolve(row, (1, 1))
    return row


def batch(image: Matrix) -> Matrix:
    """Return a matrix as a batch of one image with one channel, a copy of shape (1, n_H, n_W, 1)."""
    return image[np.newaxis, :, :, np.newaxis].astype(np.float64)


def size(matrix: NDArray[np.generic]) -> str:
    """Return height and width in words, as in "3×4"."""
    return f"{matrix.shape[0]}×{matrix.shape[1]}"


#: How numbers are coloured: by which map, and the values at its ends.
Look = tuple[Colours, tuple[float, float]]


def from_zero(most: float, photo: bool = False) -> Look:
    """Return the colours of magnitudes from 0, or of a photo."""
    return "gray" if photo else "magnitude", (0.0, float(most) or 1.0)


def symmetric(*matrices: Matrix) -> Look:
    """Return the colours of signed values, with limits that suit all of the matrices, the same above and below 0."""
    most = max((float(np.abs(one[np.isfinite(one)]).max(initial=0)) for one in matrices), default=0) or 1.0
    return "signed", (-most, most)


def places(n_prev: tuple[int, int], f: int, stride: int, pad: int | None = None) -> tuple[tuple[int, int], str]:
    """Return the size of an output, height and width, and the formula with these numbers in it.

    ``pad`` is None for a layer that has none. The window has to fit.
    """
    padding = "" if pad is None else f" + 2·{pad}"
    n = [(length - f + 2 * (pad or 0)) // stride + 1 for length in n_prev]
    written = [
        f"{name} = ⌊({length} − {f}{padding})/{stride}⌋ + 1 = {one}"
        for name, length, one in zip(("n_H", "n_W"), n_prev, n, strict=True)
    ]
    return (n[0], n[1]), "     ".join(written)


def left_over(n_prev: tuple[int, int], f: int, stride: int, pad: int = 0) -> str:
    """Say how many rows and columns no window reaches, or nothing where there are none."""
    rows, columns = ((length + 2 * pad - f) % stride for length in n_prev)
    parts = [
        f"the last {n} {name}s" if n > 1 else f"the last {name}"
        for n, name in ((rows, "row"), (columns, "column"))
        if n
    ]
    if not parts:
        return ""
    verb = "are" if len(parts) > 1 or rows > 1 or columns > 1 else "is"
    return f" {' and '.join(parts).capitalize()} {verb} left over: one more step would stick out."
