"""Pictures of lesson 08: layouts of arrays, the same layers in other libraries, and how far their answers are apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from convlab.figures.student import in_place_of_picture, student_picture
from convlab.run import graded_run

if TYPE_CHECKING:  # Matplotlib takes a while to load, and a graded run draws nothing
    from matplotlib.axes import Axes

#: An image of 2×3 with two channels, and a filter that finds vertical lines: what the layouts are shown on.
IMAGE = np.array([[[1, 10], [2, 20], [3, 30]], [[4, 40], [5, 50], [6, 60]]])[np.newaxis]
FILTER = np.array([[0, 1, 0], [0, 1, 0], [0, 1, 0]]).reshape(3, 3, 1, 1)
#: Differences below this are drawn at the edge; those that are exactly 0 have a place of their own.
LEAST, MOST = 1e-16, 1e2
#: How each library's answers are drawn: colours that differ in brightness, and markers that differ in shape.
MARKS = (("#00356b", "o"), ("#b5651d", "s"), ("#5b8c5a", "^"))

#: The answers of one library, by what was computed.
Answers = Mapping[str, NDArray[Any]]


def example() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return images (2, 8, 7, 3), filters (3, 3, 3, 4) and biases (1, 1, 1, 4) that float32 holds exactly."""
    rng = np.random.default_rng(8)
    shapes = (2, 8, 7, 3), (3, 3, 3, 4), (1, 1, 1, 4)
    A, W, b = (rng.normal(size=shape).astype(np.float32).astype(np.float64) for shape in shapes)
    return A, W, b


@student_picture
def show_layouts(to_torch: Callable[..., Any]) -> None:
    """Show a small image and a filter in both layouts, beside what `reshape` and `.T` would make of them."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import number_grid, show

    A, W, _ = (np.asarray(one) for one in to_torch(IMAGE, FILTER, np.zeros((1, 1, 1, 1))))
    figure = Figure(figsize=(10, 5.2), layout="constrained")
    upper, middle, lower = figure.subplots(3, 3)
    reshaped = IMAGE.reshape(1, 2, 2, 3)
    for channel, row in enumerate((upper, middle)):
        number_grid(row[0], IMAGE[0, :, :, channel], f"A[0, :, :, {channel}] here", limits=(0, 60))
        number_grid(row[1], A[0, channel], f"yours: A[0, {channel}] in PyTorch", limits=(0, 60))
        number_grid(row[2], reshaped[0, channel], f"reshaped: A[0, {channel}]", limits=(0, 60))
    number_grid(lower[0], FILTER[:, :, 0, 0], "W[:, :, 0, 0] here", limits=(0, 1))
    number_grid(lower[1], W[0, 0], "yours: W[0, 0] in PyTorch", limits=(0, 1))
    number_grid(lower[2], FILTER.T[0, 0], "W.T[0, 0]", limits=(0, 1))
    right = np.array_equal(A, IMAGE.transpose(0, 3, 1, 2)) and np.array_equal(W[0, 0], FILTER[:, :, 0, 0])
    show(
        figure,
        f"The two channels of an image and a filter. Left as they are here, in the middle as your to_torch has them "
        f"({'the same pictures' if right else 'other pictures'}), right what reshape makes of the image (the channels "
        "are mixed) and .T of the filter (it lies on its side).",
    )


@student_picture
def show_round_trip(from_torch: Callable[..., Any], to_torch: Callable[..., Any]) -> None:
    """Show a channel of a small image here, in PyTorch's layout and back again, beside two times the way there."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import number_grid, show

    rest = FILTER, np.zeros((1, 1, 1, 1))
    there = to_torch(IMAGE, *rest)
    again, twice = np.asarray(from_torch(*there)[0]), np.asarray(to_torch(there[0], *rest)[0])
    if again.shape != IMAGE.shape:
        raise ValueError(f"its shape is {again.shape}, and {IMAGE.shape} was expected")
    figure = Figure(figsize=(10, 2.2), layout="constrained")
    grids = (
        (IMAGE[0, :, :, 0], "A[0, :, :, 0] here"),
        (np.asarray(there[0])[0, 0], "yours: A[0, 0] in PyTorch"),
        (again[0, :, :, 0], "yours: A[0, :, :, 0], back"),
        (twice[0, :, :, 0], "to_torch twice: A[0, :, :, 0]"),
    )
    for ax, (matrix, title) in zip(figure.subplots(1, 4), grids, strict=True):
        number_grid(ax, matrix, title, limits=(0, 60))
    count = int(np.sum(again == IMAGE))
    show(
        figure,
        f"A channel of an image here, there and back: {count} of {IMAGE.size} numbers are where they were. "
        f"Right, to_torch done twice, of shape {twice.shape}: that is not the way back.",
    )


def compare(own: Callable[..., Answers], *others: Callable[..., Answers]) -> None:
    """Say and draw how far the answers of ``others`` are from those of ``own``, all on the same images and weights.

    Each takes A, W and b and returns arrays by name, in the layouts of the lessons. One that does not run is left out,
    with the reason, or with how to install the framework that it needs. In a graded run nothing is computed.
    """
    if not graded_run():
        _compare(own, *others)


@student_picture
def _compare(own: Callable[..., Answers], *others: Callable[..., Answers]) -> None:
    from matplotlib.figure import Figure

    from convlab.figures.grid import show

    expected = own(*example())
    found: dict[str, Answers] = {}
    for other in others:
        try:
            found[other.__name__] = other(*example())
        except Exception as error:
            print(f"{other.__name__} is left out. {in_place_of_picture(error, [other])}\n")
    apart = {library: _apart(library, expected, answers) for library, answers in found.items()}
    if not any(apart.values()):
        return
    print("\n".join(_table(own.__name__, list(expected), apart)))
    figure = Figure(figsize=(10, 3.6), layout="constrained")
    _draw_differences(figure.subplots(), list(expected), apart, own.__name__)
    every = [(value, f"{name} ({library})") for library, one in apart.items() for name, value in one.items()]
    zeros, (largest, where) = sum(value == 0 for value, _ in every), max(every)
    most = f", and the largest is {largest:.1e}, for {where}" if largest else ""
    show(
        figure,
        f"The largest difference between the answers of {own.__name__} and of the others, on the same numbers: {zeros} "
        f"of {len(every)} are exactly 0{most}.",
    )


def _apart(library: str, expected: Answers, answers: Answers) -> dict[str, float]:
    """The largest difference of each answer from the one that was expected; those of another shape are told instead."""
    apart = {}
    for name in (name for name in expected if name in answers):
        wanted, got = (np.asarray(one, dtype=np.float64) for one in (expected[name], answers[name]))
        if wanted.shape == got.shape:
            apart[name] = float(np.abs(wanted - got).max())
        else:
            print(f"{name}: {library} makes the shape {got.shape}, and {wanted.shape} was expected.\n")
    return apart


def _table(own: str, names: Sequence[str], apart: Mapping[str, Mapping[str, float]]) -> list[str]:
    """Lines of a table: a row for each thing that was computed, a column for each library."""
    wide = max(map(len, names)) + 2
    head = f"{'':{wide}}" + "".join(f"{library:>{_width(library)}}" for library in apart)
    rows = [
        f"{name:{wide}}" + "".join(f"{_told(one.get(name)):>{_width(library)}}" for library, one in apart.items())
        for name in names
        if any(name in one for one in apart.values())
    ]
    return [f"Largest difference from {own}:", "", head, *rows]


def _width(library: str) -> int:
    return max(len(library) + 2, 12)


def _told(difference: float | None) -> str:
    return "–" if difference is None else "exactly 0" if difference == 0 else f"{difference:.1e}"


def _draw_differences(ax: Axes, names: list[str], apart: Mapping[str, Mapping[str, float]], own: str) -> None:
    """Draw a mark for each library in the row of what was computed, further right the further its answer is apart."""
    zero = LEAST / 300
    for (library, one), (colour, marker) in zip(apart.items(), MARKS, strict=False):
        shift = 0.24 * (list(apart).index(library) - (len(apart) - 1) / 2)
        rows = [names.index(name) + shift for name in one]
        places = [zero if value == 0 else min(max(value, LEAST), MOST) for value in one.values()]
        ax.scatter(places, rows, c=colour, marker=marker, s=46, label=library, zorder=3)
    ax.set_xscale("log")
    ax.set_xlim(zero / 6, MOST * 3)
    ax.axvline(zero * 20, color="0.6", linewidth=0.8)
    ticks = [10.0**power for power in range(-16, 4, 2)]
    ax.set_xticks([zero, *ticks], ["exactly\n0", *(f"$10^{{{round(np.log10(tick))}}}$" for tick in ticks)])
    ax.minorticks_off()
    ax.set_yticks(range(len(names)), names)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.grid(axis="both", color="0.9")
    ax.set_xlabel(f"largest difference from {own}")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False)


@student_picture
def show_line_detector(line_detector: Callable[..., Any]) -> None:
    """Show the image with a line, and what ``line_detector`` makes of it."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import number_grid, show

    image = np.zeros((1, 8, 8, 1))
    image[:, :, 3:5] = 1
    maps = [np.asarray(one, dtype=np.float64)[0, :, :, 0] for one in line_detector(image)]
    figure = Figure(figsize=(10, 3.0), layout="constrained")
    titles = ("the image, 8×8", "convolution, ReLU", "max pooling", "average pooling")
    for ax, title, one in zip(figure.subplots(1, 4), titles, (image[0, :, :, 0], *maps), strict=True):
        size = "" if one is maps[0] and not one.size else f": {one.shape[0]}×{one.shape[1]}"
        number_grid(ax, one, title if title.startswith("the") else title + size, limits=(0, 3))
    rows = [" ".join(f"{value:g}" for value in one[0]) for one in maps]
    show(
        figure,
        f"A vertical line through your line_detector. Each row of the feature map reads {rows[0]}, of the max pooled "
        f"map {rows[1]}, of the average pooled map {rows[2]}.",
    )


def show(function: Callable[[], Any]) -> None:
    """Print what ``function`` returns; where it needs a framework that is not here, how to install that.

    In a graded run it is not called.
    """
    if not graded_run():
        _show(function)


@student_picture
def _show(function: Callable[[], Any]) -> None:
    answer = function()
    print("\n".join(map(str, answer if isinstance(answer, list) else [answer])))


def show_shapes(network: Callable[[], Any], shape: tuple[int, ...]) -> None:
    """Print what each layer of a PyTorch network makes of images of ``shape``, and its number of parameters."""
    if not graded_run():
        _show_shapes(network, shape)


@student_picture
def _show_shapes(network: Callable[[], Any], shape: tuple[int, ...]) -> None:
    layers = network()
    import torch

    x, total = torch.zeros(shape), 0
    lines = [f"{'layer':14}{'output':>18}{'parameters':>14}", f"{'the images':14}{tuple(x.shape)!s:>18}"]
    with torch.no_grad():
        for layer in layers:
            x = layer(x)
            count = sum(one.numel() for one in layer.parameters())
            total += count
            lines.append(f"{type(layer).__name__:14}{tuple(x.shape)!s:>18}{count:>14,}")
    print("\n".join([*lines, f"{'in all':14}{'':18}{total:>14,}"]))
