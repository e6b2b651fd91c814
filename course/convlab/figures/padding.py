"""Pictures of lesson 01: a photo as numbers, what filters do to it, and what padding changes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from convlab.figures.student import student_picture
from convlab.run import graded_run

if TYPE_CHECKING:  # Matplotlib takes a while to load, and a graded run draws nothing
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

#: As many pixels of Matplotlib's photo, along height and width, become one pixel of ours.
SHRINK = 6
#: How much red, green and blue count for brightness, as in ITU-R BT.601.
LUMA = (0.299, 0.587, 0.114)
#: The 7×7 pixels shown as numbers, a star of the flag: first row, first column, height, width.
STAR = (10, 8, 7, 7)


def photo() -> NDArray[np.uint8]:
    """Return a photo of Grace Hopper, from Matplotlib's sample data, as an array of shape (100, 85, 3), 0 to 255.

    Each pixel is the mean of 6×6 pixels of the original, so that plain Python loops over it are quick.
    """
    return _photo().copy()


def gray_photo() -> NDArray[np.uint8]:
    """Return the brightness of the same photo as an array of shape (100, 85), 0 to 255."""
    gray: NDArray[np.uint8] = np.round(_photo() @ np.array(LUMA)).astype(np.uint8)
    return gray


def draw_photo(
    ax: Axes,
    image: NDArray[Any],
    title: str,
    *,
    cmap: str = "gray",
    limits: tuple[float, float] = (0, 255),
    offset: int = 0,
) -> AxesImage:
    """Draw an image, gray or colour, whose real pixels begin ``offset`` pixels after its edge."""
    height, width = image.shape[:2]
    ax.set_title(title, fontsize=10)
    ax.tick_params(length=2, labelsize=7, labelcolor="0.35")
    return ax.imshow(
        np.clip(image, 0, 255).astype(np.uint8) if image.ndim == 3 else image,
        cmap=cmap,
        vmin=limits[0],
        vmax=limits[1],
        interpolation="nearest",
        extent=(-0.5 - offset, width - offset - 0.5, height - offset - 0.5, -0.5 - offset),
    )


def draw_frame(ax: Axes, row: int, column: int, height: int, width: int, *, dashed: bool = True) -> None:
    """Draw a line, white on black, around a part of an image."""
    from matplotlib.patches import Rectangle

    for colour, thickness in (("black", 1.2), ("white", 1.2)) if dashed else (("black", 4.0), ("white", 2.0)):
        ax.add_patch(
            Rectangle(
                (column - 0.5, row - 0.5),
                width,
                height,
                fill=False,
                edgecolor=colour,
                linewidth=thickness,
                linestyle=(0, (4, 4)) if dashed and colour == "white" else "-",
            )
        )


def show_pixels() -> None:
    """Show the gray photo, and 7×7 of its pixels as numbers."""
    if graded_run():
        return
    from matplotlib.figure import Figure

    from convlab.figures.grid import number_grid, show

    gray = gray_photo()
    row, column, height, width = STAR
    star = gray[row : row + height, column : column + width]

    figure = Figure(figsize=(9, 4.4), layout="constrained")
    left, right = figure.subplots(1, 2)
    draw_photo(left, gray, f"the photo: shape {gray.shape}")
    draw_frame(left, *STAR, dashed=False)
    grid = number_grid(right, star, f"the pixels in the square: shape {star.shape}", limits=(0, 255))
    right.set_xticks(range(width), [str(column + k) for k in range(width)])
    right.set_yticks(range(height), [str(row + k) for k in range(height)])
    if grid is not None:
        grid.set_cmap("gray")
    show(
        figure,
        f"The outlined square of the photo, rows {row} to {row + height - 1} and columns {column} to "
        f"{column + width - 1}, and its numbers: a white star on dark cloth. The darkest of these pixels is "
        f"{star.min()}, the brightest {star.max()}.",
    )


def show_channels() -> None:
    """Show the colour photo and its three channels."""
    if graded_run():
        return
    from matplotlib.figure import Figure

    from convlab.figures.grid import show

    image = _photo()
    figure = Figure(figsize=(10, 3.4), layout="constrained")
    axes = figure.subplots(1, 4)
    draw_photo(axes[0], image, f"colour: {image.shape}")
    for channel, name in enumerate(("red", "green", "blue")):
        one = image[:, :, channel]
        draw_photo(axes[channel + 1], one, f"channel {channel}, {name}: {one.shape}")
    wall, collar = (", ".join(map(str, image[pixel])) for pixel in ((30, 70), (80, 40)))
    show(
        figure,
        "The photo and its red, green and blue channels; bright means much of that colour. The pixel in row 30 and "
        f"column 70, in the blue background, is ({wall}); the one in row 80 and column 40, in the white shirt, is "
        f"({collar}).",
    )


def show_filters() -> None:
    """Show what an edge filter, a blur and a sharpening filter make of the photo."""
    if graded_run():
        return
    from matplotlib.figure import Figure

    from convlab.figures.grid import show

    gray = gray_photo().astype(float)
    middle = gray[2:-2, 2:-2]  # the pixels that have all the neighbours a blur of 5×5 wants
    edges = gray[2:-2, 3:-1] - gray[2:-2, 1:-3]
    blurred = _box_blur(gray, 5)
    sharpened = middle + 1.5 * (middle - blurred)
    most = float(np.abs(edges).max())

    figure = Figure(figsize=(10, 3.3), layout="constrained")
    axes = figure.subplots(1, 4)
    draw_photo(axes[0], middle, "the photo")
    draw_photo(axes[1], edges, "edges: right − left", cmap="RdBu_r", limits=(-most, most))
    draw_photo(axes[2], blurred, "blurred: the mean of 5×5")
    draw_photo(axes[3], sharpened, "sharpened")
    for ax in axes:
        ax.set_axis_off()
    show(
        figure,
        "The photo, its edges, blurred and sharpened. Edges are red where it gets brighter to the right, blue where it "
        f"gets darker, and white where nothing changes; they go from {edges.min():.0f} to {edges.max():.0f}.",
    )


@student_picture
def show_numbers(zero_pad: Callable[..., Any]) -> None:
    """Show a 2×3 image padded by 0, 1 and 2 pixels, as numbers."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import number_grid, show

    image = np.arange(1, 7).reshape(1, 2, 3, 1)
    padded = {pad: np.asarray(zero_pad(image.copy(), pad)) for pad in (0, 1, 2)}

    figure = Figure(figsize=(8.5, 4.1), layout="constrained")
    axes = figure.subplots(1, 3, width_ratios=[one.shape[2] for one in padded.values()])
    for ax, (pad, one) in zip(axes, padded.items(), strict=True):
        number_grid(ax, one[0, :, :, 0], f"pad = {pad}\n{one.shape}", limits=(0, 6), highlight=(pad, pad, 2, 3))
    zeros = "; ".join(f"pad = {pad} gives {one.shape}" for pad, one in padded.items())
    show(
        figure,
        f"What your zero_pad makes of an image of shape (1, 2, 3, 1): {zeros}. The outline is where the image belongs. "
        f"With pad = 2, {np.count_nonzero(padded[2] == 0)} of {padded[2].size} numbers are 0.",
    )


@student_picture
def show_padding(zero_pad: Callable[..., Any]) -> None:
    """Show the colour photo padded by 0, 4 and 8 pixels."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import show

    batch = photo()[np.newaxis]
    _, height, width, _ = batch.shape
    padded = {pad: np.asarray(zero_pad(batch.copy(), pad)) for pad in (0, 4, 8)}

    figure = Figure(figsize=(10, 4.3), layout="constrained")
    for ax, (pad, one) in zip(figure.subplots(1, 3), padded.items(), strict=True):
        draw_photo(ax, one[0], f"pad = {pad}: {one.shape}", offset=pad)
        draw_frame(ax, 0, 0, height, width)
        ax.set(xlim=(-10, width + 9), ylim=(height + 9, -10))
        ax.spines[:].set_visible(False)
    shapes = ", ".join(f"{one.shape} with pad = {pad}" for pad, one in padded.items())
    show(
        figure,
        f"The photo, a batch of shape {batch.shape}, through your zero_pad: {shapes}. Zeros are black; the dashed line "
        "is the border of the photo itself.",
    )


@student_picture
def show_visits(zero_pad: Callable[..., Any], f: int = 3) -> None:
    """Show how often an f×f window sees each pixel of a 5×5 image, with no, "same" and full padding."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import number_grid, show

    n = 5
    if f not in range(1, n + 1):
        print(f"f must be a whole number from 1 to {n}: a larger window does not fit the {n}×{n} image.")
        return
    pixels = np.arange(1, n * n + 1).reshape(1, n, n, 1)  # each its own number, so that it is known again
    pads = sorted({0, (f - 1) // 2, f - 1})
    seen = [_times_seen(np.asarray(zero_pad(pixels.copy(), pad))[0, :, :, 0], f, n) for pad in pads]

    figure = Figure(figsize=(3.2 * len(pads), 3.5), layout="constrained")
    axes = np.atleast_1d(figure.subplots(1, len(pads)))
    for ax, pad, times in zip(axes, pads, seen, strict=True):
        number_grid(ax, times, f"pad = {pad}", limits=(0, f * f))
    numbers = "; ".join(
        f"pad = {pad}: the corner {times[0, 0]}×, the middle {times[n // 2, n // 2]}×"
        for pad, times in zip(pads, seen, strict=True)
    )
    show(figure, f"How often a sliding {f}×{f} window sees each pixel of a {n}×{n} image. With {numbers}.")


@student_picture
def show_kinds(zero_pad: Callable[..., Any]) -> None:
    """Show the gray photo padded with zeros, with another constant and by reflection, and the edges that each makes."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import show

    pad = 8
    gray = gray_photo().astype(float)
    height, width = gray.shape
    kinds = {
        "zeros": np.asarray(zero_pad(gray[np.newaxis, :, :, np.newaxis].copy(), pad))[0, :, :, 0],
        "a constant, 128": np.pad(gray, pad, constant_values=128),
        "reflection": np.pad(gray, pad, mode="reflect"),
    }
    figure = Figure(figsize=(9, 6.6), layout="constrained")
    axes = figure.subplots(2, 3)
    steps = []
    for (above, below), (name, padded) in zip(axes.T, kinds.items(), strict=True):
        draw_photo(above, padded, name, offset=pad)
        edges = padded[1:-1, 2:] - padded[1:-1, :-2]
        steps.append(float(np.abs(edges[pad - 1 : pad - 1 + height, pad - 1 + width - 1]).mean()))
        image = draw_photo(below, edges, "its edges", cmap="RdBu_r", limits=(-255, 255), offset=pad - 1)
        for ax in (above, below):
            draw_frame(ax, 0, 0, height, width)
            ax.set_axis_off()
    bar = figure.colorbar(image, ax=axes[1, :], shrink=0.8, ticks=[-255, 0, 255])
    bar.ax.tick_params(labelsize=8)
    show(
        figure,
        f"The photo with a frame of {pad} pixels, of zeros (your zero_pad), of 128 and by reflection, and below each "
        "its edges, right minus left. The dashed line is the border of the photo. Along its right border the edges "
        f"have a mean strength of {steps[0]:.0f}, {steps[1]:.0f} and {steps[2]:.0f}.",
    )


@cache
def _photo() -> NDArray[np.uint8]:
    from matplotlib.cbook import get_sample_data
    from matplotlib.image import imread

    original = imread(str(get_sample_data("grace_hopper.jpg", asfileobj=False))).astype(float)
    height, width = (length // SHRINK for length in original.shape[:2])
    blocks = original[: height * SHRINK, : width * SHRINK].reshape(height, SHRINK, width, SHRINK, 3)
    small: NDArray[np.uint8] = np.round(blocks.mean(axis=(1, 3))).astype(np.uint8)
    return small


def _box_blur(image: NDArray[Any], size: int) -> NDArray[Any]:
    """The mean of size×size neighbours, along columns and then along rows: only where all of them exist."""
    box = np.ones(size) / size
    for axis in (0, 1):
        image = np.apply_along_axis(np.convolve, axis, image, box, "valid")
    return image


def _times_seen(padded: NDArray[Any], f: int, n: int) -> NDArray[np.int64]:
    """How often a sliding f×f window contains each of the numbers 1 to n*n, as an n×n matrix."""
    windows = np.lib.stride_tricks.sliding_window_view(padded.round().astype(int), (f, f))
    return np.bincount(windows.ravel(), minlength=n * n + 1)[1 : n * n + 1].reshape(n, n)
