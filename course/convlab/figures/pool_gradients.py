"""Pictures of lesson 06: the gradients of a pooling layer, computed by the student's own functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from convlab.figures.padding import draw_photo, gray_photo
from convlab.figures.pooling import EXAMPLE, batch
from convlab.figures.student import student_picture

#: The 3×3 image of the worked example with windows that overlap, and the gradient that arrives in both examples.
OVERLAPPING = np.array([[1, 5, 2], [4, 3, 6], [0, 7, 1]])
ARRIVES = np.array([[4, 8], [-4, 12]])


@student_picture
def show_masks(create_mask_from_window: Callable[..., Any]) -> None:
    """Show four windows and their masks; the last window has two maxima."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import number_grid, show

    windows = (
        np.array([[-1, 2, 3], [2, -3, 2], [1, 5, -2]]),
        np.array([[-5, -2], [-3, -8]]),
        np.array([[9, 1], [3, 7]]),
        np.array([[4, 1], [0, 4]]),
    )
    figure = Figure(figsize=(9, 4.6), layout="constrained")
    upper, lower = figure.subplots(2, 4)
    marked = []
    for above, below, window in zip(upper, lower, windows, strict=True):
        mask = np.asarray(create_mask_from_window(window.astype(np.float64)), dtype=np.float64)
        number_grid(above, window, "window", signed=True, limits=(-9, 9))
        number_grid(below, mask, "mask", limits=(0, 1))
        marked.append(np.count_nonzero(mask))
    show(
        figure,
        "Four windows and the masks that your function makes. Entries marked: "
        f"{', '.join(map(str, marked[:3]))}, and {marked[3]} in the last window, which has two maxima.",
    )


@student_picture
def show_shares(create_mask_from_window: Callable[..., Any], distribute_value: Callable[..., Any]) -> None:
    """Show what each pixel of a 3×4 window receives of a gradient of 12, from a maximum and from an average."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import number_grid, show

    window, gradient = np.array([[2, 5, 1, 0], [3, 8, 6, 2], [4, 7, 1, 3]]), 12.0
    masked = gradient * np.asarray(create_mask_from_window(window.astype(np.float64)), dtype=np.float64)
    spread = np.asarray(distribute_value(gradient, window.shape), dtype=np.float64)
    figure = Figure(figsize=(10, 3), layout="constrained")
    axes = figure.subplots(1, 3)
    number_grid(axes[0], window, "a window of 3×4 pixels")
    number_grid(axes[1], masked, f"12 × mask: sum {masked.sum():g}", limits=(0, gradient))
    number_grid(axes[2], spread, f"12 spread evenly: sum {spread.sum():g}", limits=(0, gradient))
    show(
        figure,
        f"A gradient of 12 arrives for a 3×4 window. Pixels that receive something: {np.count_nonzero(masked)} with "
        f"a maximum (together {masked.sum():g}), {np.count_nonzero(spread)} with an average (together "
        f"{spread.sum():g}).",
    )


@student_picture
def show_numbers(pool_backward: Callable[..., Any]) -> None:
    """Show what arrives and what leaves in the worked examples: windows side by side, and windows that overlap."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import number_grid, show

    figure = Figure(figsize=(10, 5.6), layout="constrained")
    told = []
    for row, (stride, image) in zip(
        figure.subplots(2, 4, width_ratios=(4, 2.5, 4, 4)), ((2, EXAMPLE), (1, OVERLAPPING)), strict=True
    ):
        number_grid(row[0], image, f"A_prev, f = 2, stride {stride}")
        number_grid(row[1], ARRIVES, "dA", signed=True, limits=(-12, 12))
        for ax, mode in zip(row[2:], ("max", "average"), strict=True):
            cache = (batch(image), {"f": 2, "stride": stride})
            dA_prev = pool_backward(batch(ARRIVES), cache, mode)[0, :, :, 0]
            number_grid(ax, dA_prev, f"dA_prev, {mode}", signed=True, limits=(-12, 12))
            told.append(f"{dA_prev.sum():g} (stride {stride}, {mode})")
    show(
        figure,
        "The two examples, windows side by side above and windows that overlap below. The sum of dA is "
        f"{ARRIVES.sum()}; the sum of the dA_prev that your function returns is {', '.join(told)}.",
    )


@student_picture
def show_corners(pool_backward: Callable[..., Any]) -> None:
    """Show what the pixels of a 5×5 image receive from average pooling when dA is 1 everywhere, in three settings."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import number_grid, show

    figure = Figure(figsize=(10, 3.8), layout="constrained")
    told = []
    for ax, (f, stride) in zip(figure.subplots(1, 3), ((2, 2), (2, 3), (3, 2)), strict=True):
        n = (5 - f) // stride + 1
        cache = (np.ones((1, 5, 5, 1)), {"f": f, "stride": stride})
        dA_prev = pool_backward(np.ones((1, n, n, 1)), cache, "average")[0, :, :, 0]
        number_grid(ax, dA_prev, f"dA_prev, f = {f}, stride {stride}", limits=(0, 0.5))
        nothing = np.count_nonzero(dA_prev == 0)
        told.append(f"{nothing} pixels receive nothing with f = {f}, stride {stride} (most: {dA_prev.max():.2g})")
    show(
        figure,
        f"What the pixels of a 5×5 image receive from average pooling when dA is 1 everywhere. {', '.join(told)}.",
    )


@student_picture
def show_photo(pool_backward: Callable[..., Any]) -> None:
    """Show which pixels of a photo receive a gradient, from max pooling and from average pooling, f = stride = 4."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import number_grid, outline, show

    f, part = 4, (48, 36, 8, 8)
    gray = gray_photo()[:100, :84]
    cache = (batch(gray), {"f": f, "stride": f})
    ones = np.ones((1, gray.shape[0] // f, gray.shape[1] // f, 1))
    received = {mode: pool_backward(ones, cache, mode)[0, :, :, 0] for mode in ("max", "average")}
    rows, columns = slice(part[0], part[0] + part[2]), slice(part[1], part[1] + part[3])
    winners = [(int(row), int(column), 1, 1) for row, column in np.argwhere(received["max"][rows, columns])]

    figure = Figure(figsize=(10, 3.2), layout="constrained")
    axes = figure.subplots(1, 4, width_ratios=(1, 1, 1, 1.4))
    draw_photo(axes[0], gray, f"the photo, {gray.shape[0]}×{gray.shape[1]}")
    outline(axes[0], part)
    for ax, (mode, gradient) in zip(axes[1:3], received.items(), strict=True):
        draw_photo(ax, gradient, f"dA_prev, {mode}", cmap="cividis", limits=(0, 1))
    number_grid(axes[3], gray[rows, columns], "the outlined part: who wins in max", highlight=winners)
    axes[3].axhline(3.5, color="white", linewidth=2.5, zorder=1.5)
    axes[3].axvline(3.5, color="white", linewidth=2.5, zorder=1.5)
    count = {mode: np.count_nonzero(gradient) for mode, gradient in received.items()}
    show(
        figure,
        f"The photo has {gray.size} pixels in {ones.size} windows, and dA is 1 for each window. With max "
        f"{count['max']} pixels receive something, with average {count['average']} (dark is 0, bright is 1). On the "
        "right, four windows in numbers, with the pixels outlined that receive something with max.",
    )
