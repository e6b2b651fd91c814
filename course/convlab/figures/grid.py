"""Matrices drawn as grids of cells with their numbers in them, and shown with a sentence about them."""

from __future__ import annotations

import html
import io
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray

from convlab.compare import agree, number
from convlab.run import graded_run, notebook

#: Numbers are printed in the cells of matrices up to this many rows and columns.
MOST_NUMBERED = 10
#: Cells that differ are outlined one by one up to this many of them.
MOST_OUTLINED = 30

#: A part of a matrix: its first row, first column, height and width, in cells.
Window = tuple[int, int, int, int]


def number_grid(
    ax: Axes,
    array2d: ArrayLike,
    title: str,
    *,
    signed: bool | None = None,
    highlight: Window | Sequence[Window] | None = None,
    limits: tuple[float, float] | None = None,
) -> AxesImage:
    """Return the image of a matrix, drawn as coloured cells with the numbers in them.

    Magnitudes are coloured by ``cividis``, signed values by a diverging map with white at 0. ``signed`` says
    which; by default it is whether a value is negative. ``highlight`` outlines one window or several.
    ``limits`` are the values at the ends of the colours, by default those of the matrix; of signed values the
    larger one counts.

    Raises ValueError when the array is not 2-D or has no cells.
    """
    array = np.asarray(array2d)
    if array.ndim != 2 or not array.size:
        raise ValueError(f"number_grid draws a matrix, and this array has the shape {array.shape}.")
    ax.set_title(title, fontsize=10)
    values = np.ma.masked_invalid(array.astype(np.float64))
    low, high = limits or ((values.min(), values.max()) if values.count() else (0.0, 1.0))
    if signed is None:
        signed = bool(min(low, high) < 0)
    if signed:
        high = max(abs(low), abs(high)) or 1.0
        low = -high
    elif low == high:
        low, high = min(low, 0.0), max(high, low + 1.0)
    image = ax.imshow(
        values, cmap=colormaps["RdBu_r" if signed else "cividis"], norm=Normalize(low, high), aspect="equal"
    )
    _label_axes(ax, array.shape)
    if max(array.shape) <= MOST_NUMBERED:
        _print_numbers(ax, image, array)
    for window in _windows(highlight):
        outline(ax, window)
    return image


def comparison(name: str, expected: NDArray[Any], yours: NDArray[Any]) -> tuple[Figure, str]:
    """A figure of what was expected, what came and the difference, and the sentence under it.

    Of arrays with more than two axes it shows the first 2-D slice that differs. The two arrays have the same
    shape, and differ somewhere.
    """
    differs = ~agree(yours, expected)
    cut, label = _first_slice(name, differs)
    expected, yours, differs = (np.atleast_2d(one[cut]) for one in (expected, yours, differs))
    expected, yours = expected.astype(np.float64), yours.astype(np.float64)
    wrong = np.argwhere(differs)
    cells = [(int(row), int(column), 1, 1) for row, column in wrong[:MOST_OUTLINED]]
    both = np.concatenate([expected, yours])
    both = both[np.isfinite(both)]
    limits = (float(both.min()), float(both.max())) if both.size else (0.0, 1.0)

    figure = Figure(figsize=(10, 3.6), layout="constrained")
    left, middle, right = figure.subplots(1, 3)
    number_grid(left, expected, f"expected: {label}", limits=limits)
    number_grid(middle, yours, f"yours: {label}", limits=limits, highlight=cells)
    with np.errstate(invalid="ignore"):
        number_grid(right, yours - expected, "yours − expected", signed=True, highlight=cells)
    outlined = "outlined" if len(wrong) <= MOST_OUTLINED else f"the first {MOST_OUTLINED} of them outlined"
    sentence = (
        f"What was expected for {label}, what yours is, and the difference: "
        f"{len(wrong)} of {expected.size} cells differ ({outlined})."
    )
    return figure, sentence


def show(figure: Figure, sentence: str) -> None:
    """Display a figure in the notebook with ``sentence`` under it as text, and close it.

    Where there is no notebook the sentence alone is printed. In a graded run nothing happens.
    """
    if not graded_run():
        if notebook() is None:
            print(sentence)
        else:
            _display(figure, sentence)
    if pyplot := sys.modules.get("matplotlib.pyplot"):  # or a notebook would display it once more
        pyplot.close(figure)


def _display(figure: Figure, sentence: str) -> None:
    from IPython.display import Image, display

    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=2 * figure.dpi, bbox_inches="tight")
    display(Image(data=picture.getvalue(), format="png", retina=True, alt=sentence))
    display({"text/plain": sentence, "text/html": f"<p>{html.escape(sentence)}</p>"}, raw=True)


def _first_slice(name: str, differs: NDArray[np.bool_]) -> tuple[tuple[int | slice, ...], str]:
    """The first 2-D slice in which arrays differ: how to cut it out, and its name ("Z[0, :, :, 1]")."""
    axes = range(differs.ndim)
    if differs.ndim == 4:
        # Rows and columns of images; of filters, (f, f, n_C_prev, n_C), they come first.
        axes = range(0, 2) if name.lstrip("d") == "W" else range(1, 3)
        if differs.shape[axes[0]] == differs.shape[axes[1]] == 1:
            axes = range(2, 4)  # biases, (1, 1, 1, n_C)
    elif differs.ndim > 2:
        axes = range(0, 2)
    first = np.argwhere(differs)[0]
    cut = tuple(slice(None) if axis in axes else int(i) for axis, i in enumerate(first))
    if len(axes) == differs.ndim:
        return cut, name
    return cut, f"{name}[{', '.join(':' if isinstance(i, slice) else str(i) for i in cut)}]"


def _label_axes(ax: Axes, shape: tuple[int, ...]) -> None:
    """Small row and column numbers: all of them up to `MOST_NUMBERED`, else a few."""
    for axis, length in ((ax.yaxis, shape[0]), (ax.xaxis, shape[1])):
        axis.set_ticks(range(0, length, 1 if length <= MOST_NUMBERED else -(-length // 5)))
    ax.tick_params(length=0, labelsize=7, labelcolor="0.35", top=False, labeltop=True, labelbottom=False)
    if max(shape) <= MOST_NUMBERED:
        for row in range(1, shape[0]):
            ax.axhline(row - 0.5, color="white", linewidth=0.8)
        for column in range(1, shape[1]):
            ax.axvline(column - 0.5, color="white", linewidth=0.8)


def _print_numbers(ax: Axes, image: AxesImage, array: NDArray[Any]) -> None:
    if array.dtype.kind == "f":
        array = array + 0.0  # no -0
    texts = [[_short(value) for value in row] for row in array]
    longest = max(len(text) for row in texts for text in row)
    box = ax.get_window_extent()
    side = min(box.width / array.shape[1], box.height / array.shape[0]) * 72 / ax.figure.dpi
    size = float(np.clip(1.5 * side / max(longest, 3), 4, 11))  # a digit is about 0.6 times as wide as high
    colours = np.asarray(image.to_rgba(np.ma.masked_invalid(array.astype(np.float64))))
    for (row, column), _ in np.ndenumerate(array):
        *channels, alpha = colours[row, column]
        red, green, blue = (alpha * channel + 1 - alpha for channel in channels)
        dark = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 < 0.18  # as WCAG reckons contrast
        ax.text(
            column,
            row,
            texts[row][column],
            ha="center",
            va="center",
            fontsize=size,
            color="white" if dark else "black",
        )


def _short(value: Any) -> str:
    """A number that fits a cell: integers whole, others to two decimals where that says enough."""
    if value == np.round(value) and abs(value) < 1e6:
        return number(value)
    return f"{value:.2f}".rstrip("0").rstrip(".") if 0.01 <= abs(value) < 100 else f"{value:.3g}"


def _windows(highlight: Window | Sequence[Window] | None) -> list[Any]:
    if not highlight:
        return []
    return [highlight] if isinstance(highlight[0], int | np.integer) else list(highlight)


def outline(ax: Axes, window: Window) -> None:
    """Outline a window twice, black on white, to stand out from cells of any colour."""
    row, column, height, width = window
    for colour, thickness in (("white", 5.0), ("black", 2.5)):
        ax.add_patch(
            Rectangle(
                (column - 0.5, row - 0.5),
                width,
                height,
                fill=False,
                edgecolor=colour,
                linewidth=thickness,
                clip_on=False,
                zorder=3,
            )
        )
