"""Pictures of lesson 04: pooling, by the student's own functions, and what it does when an image moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from convlab.figures.padding import draw_photo, gray_photo, photo
from convlab.figures.student import student_picture

if TYPE_CHECKING:  # Matplotlib takes a while to load, and a graded run draws nothing
    from matplotlib.axes import Axes

#: The 4×4 image of the worked example, here and in lesson 06.
EXAMPLE = np.array([[1, 3, 2, 0], [5, 7, 4, 2], [6, 2, 9, 1], [0, 4, 3, 7]])
#: The colour of windows drawn beside the pixels: the dark end of cividis.
WINDOW = "#00356b"


def batch(image: NDArray[Any]) -> NDArray[np.float64]:
    """Return a matrix as a batch of one image with one channel, (1, n_H, n_W, 1), of floats."""
    return image[np.newaxis, :, :, np.newaxis].astype(np.float64)


def size(array: NDArray[Any]) -> str:
    """Return height and width of an array in words, as in "3×4"."""
    return f"{array.shape[0]}×{array.shape[1]}"


@student_picture
def show_windows(pool_output_size: Callable[..., int]) -> None:
    """Show rows of pixels with as many windows below them as ``pool_output_size`` says."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import show

    settings = ((8, 2, 2), (7, 2, 2), (8, 3, 2), (8, 3, 1))
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    told = []
    for ax, (n_prev, f, stride) in zip(figure.subplots(2, 2, height_ratios=(2, 3.4)).flat, settings, strict=True):
        told.append(_draw_row(ax, n_prev, f, stride, pool_output_size(n_prev, f, stride)))
    show(figure, "Rows of pixels, and below each row the windows that your function counts. " + " ".join(told))


def _draw_row(ax: Axes, n_prev: int, f: int, stride: int, n: int) -> str:
    """Draw n windows below a row of n_prev pixels; return a sentence on what is seen."""
    from matplotlib.patches import Rectangle

    starts = [window * stride for window in range(n)][:12]
    seen = {start + offset for start in starts for offset in range(f)}
    for pixel in range(n_prev):
        square = Rectangle((pixel, 0), 1, 1, facecolor="#c9ced8", edgecolor="0.3")
        if pixel not in seen:
            square.set(facecolor="white", hatch="////")
        ax.add_patch(square)
        ax.text(
            pixel + 0.5,
            0.5,
            str(pixel),
            ha="center",
            va="center",
            fontsize=10,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5} if pixel not in seen else None,
        )
    levels = -(-f // stride)  # windows that overlap stand below one another
    for window, start in enumerate(starts):
        fits = start + f <= n_prev
        top = -0.7 * (window % levels) - 0.7
        bar = Rectangle((start + 0.06, top), f - 0.12, 0.55, facecolor=WINDOW, edgecolor=WINDOW)
        if not fits:
            bar.set(facecolor="white", linestyle="--")
        ax.add_patch(bar)
        ax.text(
            start + f / 2,
            top + 0.26,
            f"window {window}" if fits else "sticks out",
            ha="center",
            va="center",
            fontsize=8,
            color="white" if fits else WINDOW,
        )
    ax.set_xlim(-0.1, max([8, *(start + f for start in starts)]) + 0.1)
    ax.set_ylim(-0.9 if f == stride else -2.3, 1.1)
    ax.set_aspect("equal", anchor="NW")
    ax.axis("off")
    ax.set_title(f"{n_prev} pixels, f = {f}, stride {stride}: {n} windows", fontsize=10, loc="left")
    unseen = [str(pixel) for pixel in range(n_prev) if pixel not in seen]
    nobody = f"none of them sees pixel {', '.join(unseen)}" if unseen else "every pixel is in one of them"
    if any(start + f > n_prev for start in starts):
        nobody += ", but there are more windows than fit"
    return f"{n_prev} pixels, f = {f}, stride {stride}: {n} windows, and {nobody}."


@student_picture
def show_numbers(pool_forward: Callable[..., Any]) -> None:
    """Show the worked example with stride 2 and with stride 1: the image, its maxima and its averages."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import number_grid, show

    figure = Figure(figsize=(9, 5.8), layout="constrained")
    told = []
    for row, (stride, at) in zip(figure.subplots(2, 3), ((2, (0, 1)), (1, (1, 1))), strict=True):
        number_grid(
            row[0],
            EXAMPLE,
            f"A_prev, for f = 2 and stride {stride}",
            highlight=(at[0] * stride, at[1] * stride, 2, 2),
            limits=(0, 9),
        )
        for ax, mode in zip(row[1:], ("max", "average"), strict=True):
            A = pool_forward(batch(EXAMPLE), {"f": 2, "stride": stride}, mode)[0][0, :, :, 0]
            number_grid(ax, A, f"A, {mode}: {size(A)}", highlight=(*at, 1, 1), limits=(0, 9))
            told.append(f"{A[at]:g} for {mode} with stride {stride}")
    show(
        figure,
        "The image of the worked example and what your function makes of it. Each outlined number comes from "
        f"the window outlined on its left: {', '.join(told)}.",
    )


@student_picture
def show_photo(pool_forward: Callable[..., Any]) -> None:
    """Show a photo in colour and what max and average pooling make of it with windows of 2, 4 and 8."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import show

    A_prev = photo()[np.newaxis].astype(np.float64)
    figure = Figure(figsize=(10, 5.4), layout="constrained")
    places = figure.add_gridspec(2, 4, width_ratios=(1.7, 1, 1, 1))
    draw_photo(figure.add_subplot(places[:, 0]), A_prev[0], f"A_prev, {A_prev.shape}")
    told = []
    for row, mode in enumerate(("max", "average")):
        for column, f in enumerate((2, 4, 8), start=1):
            A = pool_forward(A_prev, {"f": f, "stride": f}, mode)[0]
            draw_photo(figure.add_subplot(places[row, column]), A[0], f"{mode}, f = {f}\n{A.shape}")
            told.append(f"{np.mean(A):.0f} with {mode}, f = {f}")
    show(
        figure,
        "The photo and what your function makes of it, with the stride equal to f. The mean brightness, of 255, "
        f"is {np.mean(A_prev):.0f} in the photo, {', '.join(told)}.",
    )


@student_picture
def show_shift(pool_forward: Callable[..., Any]) -> None:
    """Show an image with two bright pixels at three places, and its pooled maps with what changes outlined."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import number_grid, show

    figure = Figure(figsize=(10, 6.2), layout="constrained")
    upper, lower = figure.subplots(2, 3, height_ratios=(1.25, 1))
    before: NDArray[Any] | None = None
    told = []
    for shift, name in enumerate(("the image", "moved by 1 pixel", "moved by 2 pixels")):
        image = np.zeros((8, 8))
        image[2, 2 + shift], image[5, 5 + shift] = 9, 5
        A = pool_forward(batch(image), {"f": 2, "stride": 2}, "max")[0][0, :, :, 0]
        number_grid(upper[shift], image, name, limits=(0, 9))
        for edge in (1.5, 3.5, 5.5):
            upper[shift].axhline(edge, color="white", linewidth=2.5)
            upper[shift].axvline(edge, color="white", linewidth=2.5)
        if before is None:
            number_grid(lower[shift], A, "its pooled map, max", limits=(0, 9))
        else:
            changed = [(int(row), int(column), 1, 1) for row, column in np.argwhere(before != A)]
            title = f"pooled: {len(changed)} of {A.size} have changed"
            number_grid(lower[shift], A, title, highlight=changed, limits=(0, 9))
            told.append(f"{len(changed)} of {A.size}")
        before = A
    show(
        figure,
        "An image at three places, with thick lines between the windows, and below it the pooled map. Outlined is "
        f"what differs from the map on its left: {told[0]} after the first move, {told[1]} after the second.",
    )


@student_picture
def show_photo_shift(pool_forward: Callable[..., Any]) -> None:
    """Show how much a photo changes when it moves by a pixel, without pooling and after pooling."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import show

    gray = gray_photo()
    places = gray[:96, 1:81], gray[:96, :80]
    figure = Figure(figsize=(10, 6), layout="constrained")
    upper, lower = figure.subplots(2, 4)
    told = []
    for column, (mode, f) in enumerate((("no pooling", 1), ("max", 4), ("max", 8), ("average", 8))):
        before, after = (
            one.astype(np.float64) if f == 1 else pool_forward(batch(one), {"f": f, "stride": f}, mode)[0][0, :, :, 0]
            for one in places
        )
        change = np.abs(after - before)
        name = mode if f == 1 else f"{mode}, f = {f}"
        draw_photo(upper[column], before, f"{name}: {size(before)}")
        title = f"change: {change.mean():.1f} on average"
        image = draw_photo(lower[column], change, title, cmap="cividis", limits=(0, 100))
        told.append(f"{change.mean():.1f} with {name}")
    figure.colorbar(image, ax=list(lower), label="change", shrink=0.9, extend="max")
    show(
        figure,
        "The photo, plain and pooled, and below it how much each number changes when the photo moves one pixel to "
        f"the right. Of 255, the mean change is {', '.join(told)}.",
    )


@student_picture
def show_line_detector(pool_forward: Callable[..., Any], conv_forward: Callable[..., Any]) -> None:
    """Show the detector for vertical lines with pooling after it, for a line and for one that is a pixel further."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import number_grid, show

    W = np.zeros((3, 3, 1, 1))
    W[:, 1] = 1
    b = np.zeros((1, 1, 1, 1))
    figure = Figure(figsize=(10, 5.4), layout="constrained")
    told = []
    for row, first in zip(figure.subplots(2, 4), (3, 4), strict=True):
        image = np.zeros((8, 8))
        image[:, first : first + 2] = 1
        Z, _ = conv_forward(batch(image), W, b, {"stride": 1, "pad": 0})
        A = np.maximum(Z, 0)
        number_grid(row[0], image, f"line in columns {first}, {first + 1}", limits=(0, 3))
        number_grid(row[1], A[0, :, :, 0], f"convolution, ReLU: {size(A[0])}", limits=(0, 3))
        for ax, mode in zip(row[2:], ("max", "average"), strict=True):
            pooled = pool_forward(A, {"f": 2, "stride": 2}, mode)[0][0, :, :, 0]
            number_grid(ax, pooled, f"{mode} pooling: {size(pooled)}", limits=(0, 3))
            told.append(f"{' '.join(f'{value:g}' for value in pooled[0])} ({mode})")
    show(
        figure,
        "A vertical line through your convolution, ReLU and your pooling. Each row of the pooled maps reads "
        f"{told[0]} and {told[1]}; with the line one pixel further right, {told[2]} and {told[3]}.",
    )
