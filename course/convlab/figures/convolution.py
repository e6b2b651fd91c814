"""Pictures of lesson 03: where the window stands, and what a whole layer makes of small images and of a photo."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from convlab.compare import number
from convlab.figures.padding import draw_photo, gray_photo
from convlab.figures.student import student_picture
from convlab.run import graded_run

if TYPE_CHECKING:  # Matplotlib takes a while to load, and a graded run draws nothing
    from matplotlib.axes import Axes

#: The settings of `show_output_size`: n_prev, f, stride and pad.
SETTINGS = ((7, 3, 2, 0), (5, 3, 1, 1), (8, 3, 2, 0), (6, 3, 2, 1))

#: The worked example of the lesson: image, filter.
IMAGE = np.array(
    [
        [2, 3, 7, 4, 6, 2, 9],
        [6, 6, 9, 8, 7, 4, 3],
        [3, 4, 8, 3, 8, 9, 7],
        [7, 8, 3, 6, 6, 3, 4],
        [4, 2, 1, 8, 3, 4, 6],
        [3, 2, 4, 1, 9, 8, 3],
        [0, 1, 3, 9, 2, 1, 4],
    ]
)
WEIGHTS = np.array([[3, 4, 4], [1, 0, 2], [-1, 0, 3]])

SOBEL_X = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
LINE = np.array([[0, 1, 0], [0, 1, 0], [0, 1, 0]])
FILTERS = {
    "Sobel x": SOBEL_X,
    "Sobel y": SOBEL_X.T,
    "line detector": LINE,
    "blur": np.full((3, 3), 1 / 9),
    "sharpen": np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]]),
    "emboss": np.array([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]),
}


@student_picture
def show_output_size(conv_output_size: Callable[..., Any]) -> None:
    """Show the places of a window along four rows of pixels, as many as the student's function returns."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import show

    sizes = [operator.index(conv_output_size(*setting)) for setting in SETTINGS]
    figure = Figure(figsize=(9.5, 5.2), layout="constrained")
    for ax, setting, n in zip(figure.subplots(2, 2).flat, SETTINGS, sizes, strict=True):
        _draw_places(ax, *setting, n)
    told = "; ".join(
        f"n_prev = {n_prev}, f = {f}, stride = {stride}, pad = {pad}: {n}"
        for (n_prev, f, stride, pad), n in zip(SETTINGS, sizes, strict=True)
    )
    show(
        figure,
        f"The places of the window along a row of pixels, as many as your conv_output_size returns. {told}. Numbered "
        "cells are pixels, hatched cells are padding, and each bar is one place of the window.",
    )


def show_no_fit() -> None:
    """Show a 5×5 filter on images that are too small for it, and on one whose padding makes it fit."""
    if graded_run():
        return
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    from convlab.figures.grid import show

    figure = Figure(figsize=(8, 2.9), layout="constrained")
    for ax, (n, f, pad) in zip(figure.subplots(1, 3), ((3, 5, 0), (4, 5, 0), (4, 5, 1)), strict=True):
        for row, column in np.ndindex(n + 2 * pad, n + 2 * pad):
            real = pad <= row < pad + n and pad <= column < pad + n
            _draw_cell(ax, column, row, real)
        fits = f <= n + 2 * pad
        ax.add_patch(Rectangle((0, 0), f, f, fill=False, linewidth=2.5, linestyle="-" if fits else "--", zorder=3))
        ax.set(xlim=(-0.2, 6.2), ylim=(6.2, -0.2), aspect="equal")
        ax.set_title(f"n_prev = {n}, f = {f}, pad = {pad}:\n{'fits' if fits else 'does not fit'}", fontsize=10)
        ax.set_axis_off()
    show(
        figure,
        "A 5×5 filter (outlined) on an image of 3×3 and on one of 4×4 pixels sticks out: it has no place. With one "
        "pixel of padding (hatched) the 4×4 image is 6×6, and the filter fits.",
    )


@student_picture
def show_windows(conv_forward: Callable[..., Any], stride: int = 2, row: int = 0, col: int = 0) -> None:
    """Show the 7×7 example through the student's layer: one entry of the output and the window it comes from."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import number_grid, show

    f = len(WEIGHTS)
    Z, _ = conv_forward(
        IMAGE[np.newaxis, :, :, np.newaxis].copy(),
        WEIGHTS[:, :, np.newaxis, np.newaxis].copy(),
        np.zeros((1, 1, 1, 1)),
        {"stride": stride, "pad": 0},
    )
    result = Z[0, :, :, 0]
    n_H, n_W = result.shape
    if row not in range(n_H) or col not in range(n_W):
        print(f"With stride {stride} your output has {n_H} rows and {n_W} columns: there is no entry [{row}, {col}].")
        return
    top, left = row * stride, col * stride

    figure = Figure(figsize=(10, 4), layout="constrained")
    axes = figure.subplots(1, 3, width_ratios=[7, 3.2, 5])
    number_grid(axes[0], IMAGE, "image, (1, 7, 7, 1)", limits=(0, 9), highlight=(top, left, f, f))
    number_grid(axes[1], WEIGHTS, "filter, (3, 3, 1, 1)")
    number_grid(axes[2], result, f"Z with stride {stride}, {Z.shape}", highlight=(row, col, 1, 1))
    show(
        figure,
        f"With stride {stride} your conv_forward gives an output of {n_H}×{n_W}. Its entry in row {row}, column {col} "
        f"is {number(result[row, col])} and belongs to the window in rows {top} to {top + f - 1}, columns {left} to "
        f"{left + f - 1} of the image.",
    )


def show_relu() -> None:
    """Show ReLU and its gradient as curves."""
    if graded_run():
        return
    from matplotlib.figure import Figure

    from convlab.figures.grid import show

    figure = Figure(figsize=(7.5, 2.7), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot([-3, 0, 3], [0, 0, 3], color="black", linewidth=2)
    left.set_title("ReLU(x) = max(0, x)", fontsize=10)
    right.plot([-3, 0], [0, 0], color="black", linewidth=2)
    right.plot([0, 3], [1, 1], color="black", linewidth=2)
    right.plot([0], [1], "o", markerfacecolor="white", markeredgecolor="black")
    right.plot([0], [0], "o", color="black")
    right.set_title("its gradient", fontsize=10)
    right.set_ylim(-0.15, 1.3)
    for ax in (left, right):
        ax.axvline(0, color="0.8", linewidth=0.8, zorder=0)
        ax.grid(color="0.92")
        ax.set_xlabel("x", fontsize=9)
        ax.spines[["top", "right"]].set_visible(False)
        ax.tick_params(labelsize=8)
    show(
        figure,
        "Left, ReLU: 0 for negative x, and x itself for positive x. Right, its gradient: 0 for negative x, 1 for "
        "positive x, and 0 at x = 0 by convention (full dot).",
    )


@student_picture
def show_line_detector(conv_forward: Callable[..., Any]) -> None:
    """Show an 8×8 image with a vertical line, the line detector's feature map, and that after ReLU."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import number_grid, show

    image = np.zeros((8, 8))
    image[:, 3:5] = 1
    W, b = LINE[:, :, np.newaxis, np.newaxis].astype(float), np.zeros((1, 1, 1, 1))
    Z, _ = conv_forward(image[np.newaxis, :, :, np.newaxis].copy(), W, b, {"stride": 1, "pad": 0})
    feature_map = Z[0, :, :, 0]

    figure = Figure(figsize=(10, 3.2), layout="constrained")
    axes = figure.subplots(1, 4, width_ratios=[8, 4, 6.5, 6.5])
    number_grid(axes[0], image, "image, (1, 8, 8, 1)", limits=(0, 1))
    number_grid(axes[1], LINE, "filter, (3, 3, 1, 1)", limits=(0, 1))
    number_grid(axes[2], feature_map, f"Z, {Z.shape}", limits=(0, 3))
    number_grid(axes[3], _rectified(feature_map), "after ReLU", limits=(0, 3))
    show(
        figure,
        f"A vertical line, two pixels wide, through your conv_forward. The feature map is "
        f"{' × '.join(map(str, feature_map.shape))}, and its largest number is {number(feature_map.max())}. The layer "
        f"has {W.size} weights and {b.size} bias: {W.size + b.size} parameters.",
    )


@student_picture
def show_sobel(conv_forward: Callable[..., Any]) -> None:
    """Show what the two Sobel filters find in the photo, and what ReLU keeps of it."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import show

    gray = gray_photo() / 255
    Z = _through_layer(conv_forward, gray, [SOBEL_X, SOBEL_X.T])
    z_x, z_y = Z[0, :, :, 0], Z[0, :, :, 1]
    most = float(np.abs(Z).max())

    figure = Figure(figsize=(9, 6.8), layout="constrained")
    axes = figure.subplots(2, 3)
    draw_photo(axes[0, 0], gray, "the photo, 0 to 1", limits=(0, 1))
    for column, (name, z) in enumerate((("x", z_x), ("y", z_y)), start=1):
        signed = draw_photo(axes[0, column], z, f"$z_{name}$", cmap="RdBu_r", limits=(-most, most))
        draw_photo(axes[1, column], _rectified(z), f"ReLU($z_{name}$)", cmap="cividis", limits=(0, most))
    strength = np.sqrt(z_x**2 + z_y**2)
    magnitude = draw_photo(axes[1, 0], strength, "strength $\\sqrt{z_x^2 + z_y^2}$", cmap="cividis", limits=(0, most))
    for image, row in ((signed, axes[0]), (magnitude, axes[1])):
        bar = figure.colorbar(image, ax=row, shrink=0.8)
        bar.ax.tick_params(labelsize=8)
    for ax in axes.flat:
        ax.set_axis_off()
    kept = 100 * float(np.mean(z_x > 0))
    show(
        figure,
        f"The photo, shape (1, 100, 85, 1), through your conv_forward with two Sobel filters: Z has shape {Z.shape}, "
        f"and its numbers go from {Z.min():.2f} (blue) to {Z.max():.2f} (red). ReLU keeps the {kept:.0f} % of "
        "z_x that are positive.",
    )


@student_picture
def show_filters(conv_forward: Callable[..., Any]) -> None:
    """Show six filters and what they make of the photo."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import number_grid, show

    gray = gray_photo() / 255
    Z = _through_layer(conv_forward, gray, list(FILTERS.values()))

    figure = Figure(figsize=(10, 6), layout="constrained")
    axes = figure.subplots(2, 6, width_ratios=[1, 2.3] * 3)
    for k, (name, weights) in enumerate(FILTERS.items()):
        left, right = axes[k // 3, 2 * (k % 3) : 2 * (k % 3) + 2]
        ninths = name == "blur"  # whole numbers are easier to read
        number_grid(
            left, weights * 9 if ninths else weights, "ninths, sum 1" if ninths else f"sum {weights.sum()}", signed=True
        )
        left.set(xticks=[], yticks=[])
        z, signed = Z[0, :, :, k], name.startswith("Sobel")
        limits = (-4.0, 4.0) if signed else (0.0, float(weights.sum()))
        draw_photo(
            right, z, f"{name}: {z.min():.2f} to {z.max():.2f}", cmap="RdBu_r" if signed else "gray", limits=limits
        )
        right.set_axis_off()
    show(
        figure,
        f"One call of your conv_forward with six filters of 3×3: W has shape (3, 3, 1, 6), Z has shape {Z.shape}, one "
        f"feature map for each of {', '.join(FILTERS)}. Sobel: red is positive and blue negative. The others: black is "
        "0 or less, and white is 1 or more (line detector: 3).",
    )


def _through_layer(conv_forward: Callable[..., Any], gray: NDArray[Any], filters: list[NDArray[Any]]) -> NDArray[Any]:
    """The Z that the student's layer gives for one gray image and some 3×3 filters, with stride 1 and pad 1."""
    W = np.stack(filters, axis=-1).reshape(3, 3, 1, len(filters)).astype(float)
    b = np.zeros((1, 1, 1, len(filters)))
    Z, _ = conv_forward(gray[np.newaxis, :, :, np.newaxis].copy(), W, b, {"stride": 1, "pad": 1})
    return np.asarray(Z)


def _rectified(z: NDArray[Any]) -> NDArray[Any]:
    return np.where(z > 0, z, 0)


def _draw_places(ax: Axes, n_prev: int, f: int, stride: int, pad: int, n: int) -> None:
    """Draw a row of pixels with its padding, and under it the first n places of a window, one below the other."""
    from matplotlib.patches import Rectangle

    length = n_prev + 2 * pad
    for cell in range(length):
        real = pad <= cell < pad + n_prev
        _draw_cell(ax, cell, 0, real)
        if real:
            ax.text(cell + 0.5, 0.5, str(cell - pad), ha="center", va="center", fontsize=9)
    outside = [place for place in range(min(n, 100)) if place * stride + f > length]
    drawn = min(n, outside[0] + 1) if outside else max(n, 0)
    for place in range(drawn):
        left = place * stride
        inside = place not in outside
        ax.add_patch(
            Rectangle(
                (left + 0.06, 1.25 + 0.8 * place),
                f - 0.12,
                0.6,
                facecolor="#35608d" if inside else "white",
                edgecolor="black",
                hatch=None if inside else "xx",
                linestyle="-" if inside else "--",
            )
        )
        if not inside:
            more = f",\nand {n - place - 1} more" if place < n - 1 else ""
            ax.text(left + f + 0.1, 1.55 + 0.8 * place, f"sticks out{more}", va="center", fontsize=8)
    ax.set(xlim=(-0.2, 11.5), ylim=(6.2, -0.2))
    ax.set_title(f"n_prev = {n_prev}, f = {f}, stride = {stride}, pad = {pad}  →  {n}", fontsize=10, loc="left")
    ax.set_axis_off()


def _draw_cell(ax: Axes, column: float, row: float, real: bool) -> None:
    """Draw one pixel, or hatched a pixel of padding."""
    from matplotlib.patches import Rectangle

    ax.add_patch(
        Rectangle(
            (column, row),
            1,
            1,
            facecolor="#e8e2c0" if real else "white",
            edgecolor="0.4",
            linewidth=0.8,
            hatch=None if real else "////",
        )
    )
