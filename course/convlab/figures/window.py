"""Pictures of lesson 02: one window, its filter, their products, and the one number that comes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from convlab.compare import kind_of, number
from convlab.figures.student import student_picture

if TYPE_CHECKING:  # Matplotlib takes a while to load, and a graded run draws nothing
    from matplotlib.axes import Axes

IMAGE = np.array([[1, 1, 1, 6, 6], [1, 1, 1, 6, 6], [1, 1, 1, 6, 6], [9, 1, 1, 6, 6], [9, 9, 1, 1, 6]])
EDGE = np.array([[1, 0, -1], [1, 0, -1], [1, 0, -1]])
BIAS = 2

#: A slice and a filter with three channels, (3, 3, 3), and a bias.
COLOURS = np.stack(
    [[[1, 2, 0], [3, 1, 1], [0, 2, 1]], [[0, 1, 3], [2, 2, 0], [1, 0, 1]], [[2, 0, 1], [1, 3, 0], [0, 1, 2]]], axis=-1
)
FILTER = np.stack(
    [[[1, 0, 1], [0, 2, 0], [1, 0, 1]], [[0, -1, 0], [-1, 0, -1], [0, -1, 0]], [[0, 0, 2], [0, 1, 0], [2, 0, 0]]],
    axis=-1,
)


@student_picture
def show_step(conv_single_step: Callable[..., Any], row: int = 0, col: int = 0) -> None:
    """Show one step on a 5×5 image with the window's top left corner in ``row`` and ``col``."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import number_grid, show

    f = len(EDGE)
    last = len(IMAGE) - f
    if row not in range(last + 1) or col not in range(last + 1):
        print(f"row and col must be 0 to {last}: anywhere else the {f}×{f} window does not fit into the image.")
        return
    seen = IMAGE[row : row + f, col : col + f]
    result = conv_single_step(seen[:, :, np.newaxis].copy(), EDGE[:, :, np.newaxis].copy(), np.full((1, 1, 1), BIAS))

    figure = Figure(figsize=(10, 2.9), layout="constrained")
    axes = figure.subplots(1, 5, width_ratios=[5, 3, 3, 3, 2.6])
    number_grid(axes[0], IMAGE, "image", limits=(0, 9), highlight=(row, col, f, f))
    number_grid(axes[1], seen, "slice", limits=(0, 9))
    number_grid(axes[2], EDGE, "filter")
    number_grid(axes[3], seen * EDGE, "products", limits=(-9, 9))
    _sign(axes[2], "×")
    _sign(axes[3], "=")
    _write_result(axes[4], result, f"sum of the {f * f} products\nplus bias {BIAS}")
    show(
        figure,
        f"The window in rows {row} to {row + f - 1} and columns {col} to {col + f - 1}: slice times filter gives the "
        f"{f * f} products. Of these and the bias {BIAS}, your conv_single_step makes {kind_of(result)}.",
    )


@student_picture
def show_channels(conv_single_step: Callable[..., Any]) -> None:
    """Show one step on a slice with three channels."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import number_grid, show

    bias = 1
    result = conv_single_step(COLOURS.copy(), FILTER.copy(), np.full((1, 1, 1), bias))

    figure = Figure(figsize=(8.5, 6.6), layout="constrained")
    axes = figure.subplots(3, 4, width_ratios=[3, 3, 3, 3])
    for channel, name in enumerate(("red", "green", "blue")):
        seen, weights = COLOURS[:, :, channel], FILTER[:, :, channel]
        heads = (f"slice[:, :, {channel}], {name}", f"filter[:, :, {channel}]", "products")
        first, second, third, last = axes[channel]
        number_grid(first, seen, heads[0], limits=(0, 3))
        number_grid(second, weights, heads[1], limits=(-2, 2))
        number_grid(third, seen * weights, heads[2], limits=(-4, 4))
        _sign(second, "×")
        _sign(third, "=")
        if channel == 1:
            _write_result(last, result, f"sum of all {COLOURS.size} products\nplus bias {bias}")
        else:
            last.set_axis_off()
    show(
        figure,
        f"A slice and a filter, both of shape {COLOURS.shape}, channel by channel. All {COLOURS.size} products and the "
        f"bias {bias} go into one sum: your conv_single_step makes {kind_of(result)}.",
    )


@student_picture
def show_flip(conv_single_step: Callable[..., Any]) -> None:
    """Show a kernel, and the kernel turned by 180°, on an image with a single 1 in its middle."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import number_grid, show

    image = np.zeros((5, 5), dtype=int)
    image[2, 2] = 1
    kernel = np.arange(1, 10).reshape(3, 3)
    turned = np.rot90(kernel, 2)
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)

    def results(w: Any) -> Any:
        answers = [
            conv_single_step(windows[place][:, :, np.newaxis].copy(), w[:, :, np.newaxis].copy(), np.zeros((1, 1, 1)))
            for place in np.ndindex(3, 3)
        ]
        return np.array(answers).reshape(3, 3)

    as_it_is, after_turning = results(kernel), results(turned)
    figure = Figure(figsize=(8.6, 5), layout="constrained")
    axes = figure.subplots(2, 3, width_ratios=[3.4, 3, 3])
    for above, w, name, result, kind in (
        (axes[0], kernel, "the kernel as it is", as_it_is, "cross-correlation"),
        (axes[1], turned, "the kernel turned by 180°", after_turning, "convolution"),
    ):
        number_grid(above[0], image, "image")
        number_grid(above[1], w, name, limits=(0, 9))
        number_grid(above[2], result, f"{kind}: the nine results", limits=(0, 9))
    show(
        figure,
        "An image with a single 1. With the kernel as it is (above, cross-correlation) the first row of results is "
        f"{_row(as_it_is[0])}; with the kernel turned by 180° (below, convolution) it is {_row(after_turning[0])}, and "
        f"the kernel's own first row is {_row(kernel[0])}.",
    )


def _write_result(ax: Axes, result: Any, what: str) -> None:
    """Write what the student's function returned as large as fits, and what it stands for above it."""
    ax.set_axis_off()
    one = np.ndim(result) == 0
    text = number(result) if one else kind_of(result).replace(" of ", "\nof ") + ",\nnot a number"
    ax.text(0.5, 0.72, what, ha="center", va="center", fontsize=9, transform=ax.transAxes)
    ax.text(
        0.5, 0.46, text, ha="center", va="center", fontsize=20 if one else 10, weight="bold", transform=ax.transAxes
    )
    ax.text(0.5, 0.22, "your\nconv_single_step", ha="center", va="center", fontsize=9, transform=ax.transAxes)


def _sign(ax: Axes, sign: str) -> None:
    """A × or = before a grid."""
    ax.text(-0.2, 0.5, sign, ha="center", va="center", fontsize=16, transform=ax.transAxes)


def _row(values: Any) -> str:
    return ", ".join(number(value) for value in values)
