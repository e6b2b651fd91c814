"""Pictures of lesson 05: the gradients of a convolution layer, computed by the student's own functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convlab.figures.padding import draw_photo, gray_photo
from convlab.figures.pooling import WINDOW, batch, size
from convlab.figures.student import student_picture

#: The worked example: an image, a filter, and the gradient that arrives.
IMAGE = np.array([[1, 2, 0], [3, 1, 2], [0, 1, 4]])
FILTER = np.array([[1, 0], [-1, 2]])
ARRIVES = np.array([[1, 2], [-1, 3]])
#: The filter to be learned: Sobel's for changes from left to right, as in lesson 03.
HIDDEN = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
#: How far a weight moves against its gradient in a round of learning.
LEARNING_RATE = 0.3


def _filters(matrix: NDArray[Any]) -> NDArray[np.float64]:
    """Return a matrix as the filters of a layer with one channel in and one out, (f, f, 1, 1), of floats."""
    return matrix[:, :, np.newaxis, np.newaxis].astype(np.float64)


def _bias(value: float) -> NDArray[np.float64]:
    return np.full((1, 1, 1, 1), float(value))


@student_picture
def show_numbers(conv_backward: Callable[..., Any]) -> None:
    """Show what arrives and the three gradients of the worked example, without padding and with it."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import number_grid, show

    figure = Figure(figsize=(10, 4.4), layout="constrained")
    axes = figure.subplots(2, 7, width_ratios=(3, 2, 2, 0.5, 3, 2, 1))
    told = []
    for row, (stride, pad) in zip(axes, ((1, 0), (2, 1)), strict=True):
        cache = (batch(IMAGE), _filters(FILTER), _bias(1), {"stride": stride, "pad": pad})
        dA_prev, dW, db = conv_backward(batch(ARRIVES), cache)
        given = {f"A_prev, stride {stride}, pad {pad}": IMAGE, "W": FILTER, "dZ": ARRIVES}
        returned = {"dA_prev": dA_prev[0, :, :, 0], "dW": dW[:, :, 0, 0], "db": db[0, 0]}
        for ax, (name, array) in zip(row[[0, 1, 2, 4, 5, 6]], (given | returned).items(), strict=True):
            number_grid(ax, array, name, signed=True, limits=(-17, 17))
        row[3].axis("off")
        row[3].text(0.5, 0.5, "→", ha="center", va="center", fontsize=22)
        told.append(
            f"with stride {stride} and pad {pad}, the middle of dA_prev is {dA_prev[0, 1, 1, 0]:g}, the first "
            f"entry of dW is {dW[0, 0, 0, 0]:g} and db is {db[0, 0, 0, 0]:g}"
        )
    show(figure, f"What conv_backward is given, and right of the arrow what yours returns: {'; '.join(told)}.")


@student_picture
def show_entry(conv_backward: Callable[..., Any], row: int = 1, col: int = 2) -> None:
    """Show what a single 1 in row ``row``, column ``col`` of dZ gives to the pixels and to the weights."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import number_grid, show

    (n_H, n_W), f, stride, pad = (6, 7), 3, 2, 1
    dZ = np.zeros((3, 4))
    if not (row in range(dZ.shape[0]) and col in range(dZ.shape[1])):
        print(f"dZ is {size(dZ)}: choose row from 0 to {dZ.shape[0] - 1} and col from 0 to {dZ.shape[1] - 1}.")
        return
    dZ[row, col] = 1
    image = np.arange(1, n_H * n_W + 1).reshape(n_H, n_W)
    W = np.arange(1, f * f + 1).reshape(f, f)
    cache = (batch(image), _filters(W), _bias(0), {"stride": stride, "pad": pad})
    dA_prev, dW, _ = conv_backward(batch(dZ), cache)
    dA_prev, dW = dA_prev[0, :, :, 0], dW[:, :, 0, 0]

    top, left = row * stride - pad, col * stride - pad
    bottom, right = min(top + f, n_H), min(left + f, n_W)
    top, left = max(top, 0), max(left, 0)
    window = (top, left, bottom - top, right - left)
    figure = Figure(figsize=(10, 6.4), layout="constrained")
    upper, lower = figure.subplots(2, 3, width_ratios=(4, 7, 3))
    number_grid(upper[0], dZ, f"dZ, {size(dZ)}", highlight=(row, col, 1, 1))
    number_grid(upper[1], image, f"A_prev, {size(image)}, pad {pad}, stride {stride}", highlight=window)
    number_grid(upper[2], W, f"W, {size(W)}", limits=(0, 9))
    lower[0].axis("off")
    number_grid(lower[1], dA_prev, "dA_prev: for the pixels", highlight=window, limits=(0, 9))
    number_grid(lower[2], dW, "dW: for the weights", limits=(0, image.max()))
    show(
        figure,
        f"dZ is 1 in row {row}, column {col} and 0 elsewhere. The outline is the window of that entry, as far as it "
        f"lies on the image. {np.count_nonzero(dA_prev)} of {dA_prev.size} pixels and {np.count_nonzero(dW)} of "
        f"{dW.size} weights receive something.",
    )


@student_picture
def show_counts(conv_backward: Callable[..., Any]) -> None:
    """Show from how many windows each pixel receives something, in three settings: W and dZ are 1 everywhere."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import number_grid, show

    n_H, n_W, f = 6, 8, 3
    figure = Figure(figsize=(10, 3.1), layout="constrained")
    told = []
    for ax, (stride, pad) in zip(figure.subplots(1, 3), ((1, 0), (1, 1), (2, 0)), strict=True):
        shape = tuple((n - f + 2 * pad) // stride + 1 for n in (n_H, n_W))
        cache = (np.ones((1, n_H, n_W, 1)), np.ones((f, f, 1, 1)), _bias(0), {"stride": stride, "pad": pad})
        counts = conv_backward(np.ones((1, *shape, 1)), cache)[0][0, :, :, 0]
        number_grid(ax, counts, f"dA_prev, stride {stride}, pad {pad}", limits=(0, 9))
        told.append(f"{counts.min():g} to {counts.max():g} with stride {stride}, pad {pad}")
    show(
        figure,
        f"With ones in W and in dZ, each pixel receives as much as there are windows that see it: {', '.join(told)}.",
    )


@student_picture
def show_learning(conv_backward: Callable[..., Any], conv_forward: Callable[..., Any], rounds: int = 40) -> None:
    """Show how a filter of zeros becomes the hidden one in ``rounds`` steps against the gradient."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import number_grid, show

    gray = _smaller(gray_photo(), 4)
    # Mean 0 and standard deviation 1, as images are prepared for training: one step size then suits all weights.
    image = batch((gray - gray.mean()) / gray.std())
    hparameters = {"stride": 1, "pad": 0}
    T = conv_forward(image, _filters(HIDDEN), _bias(0), hparameters)[0]
    W, b = _filters(np.zeros((3, 3))), _bias(0)
    costs, filters = [], [W[:, :, 0, 0]]
    for _ in range(rounds):
        Z, cache = conv_forward(image, W, b, hparameters)
        costs.append(float(np.mean((Z - T) ** 2) / 2))
        if not costs[-1] < 1e6:  # it grows without end: the gradients are not right
            break
        _, dW, db = conv_backward((Z - T) / Z.size, cache)
        W, b = W - LEARNING_RATE * dW, b - LEARNING_RATE * db
        filters.append(W[:, :, 0, 0])

    figure = Figure(figsize=(10, 5.6), layout="constrained")
    places = figure.add_gridspec(2, 4)
    draw_photo(figure.add_subplot(places[0, 0]), gray, f"the photo, {size(gray)}")
    most = float(np.abs(T).max())
    ax = figure.add_subplot(places[0, 1])
    draw_photo(ax, T[0, :, :, 0], f"T, {size(T[0])}", cmap="RdBu_r", limits=(-most, most))
    ax = figure.add_subplot(places[0, 2:])
    ax.semilogy(range(len(costs)), costs, color=WINDOW, linewidth=2)
    ax.set_title("cost J (logarithmic) in each round", fontsize=10)
    ax.set_xlabel("round", fontsize=9)
    ax.tick_params(labelsize=8)
    ax.grid(color="0.9")
    last = len(filters) - 1
    for column, at in enumerate((0, min(5, last), last)):
        ax = figure.add_subplot(places[1, column])
        number_grid(ax, filters[at].round(2), f"W after {at} rounds", signed=True, limits=(-2, 2))
    number_grid(figure.add_subplot(places[1, 3]), HIDDEN, "the hidden filter", signed=True, limits=(-2, 2))
    off = float(np.abs(filters[-1] - HIDDEN).max())
    if costs[-1] < costs[0] / 10:
        end = f"each weight is then within {off:.2f} of the hidden filter's"
    else:
        end = "it should fall much more: check the gradients"
    show(
        figure,
        f"In {last} rounds the cost goes from {costs[0]:.2g} to {costs[-1]:.2g}; {end}. Above: the photo, what the "
        "hidden filter makes of it (red above 0, blue below) and the cost. Below: your filter at three moments.",
    )


def _smaller(image: NDArray[Any], times: int) -> NDArray[np.float64]:
    """Return an image ``times`` smaller along both sides, each pixel the mean of a square."""
    n_H, n_W = (n // times for n in image.shape)
    squares = image[: n_H * times, : n_W * times].reshape(n_H, times, n_W, times)
    return np.asarray(squares.mean(axis=(1, 3)))
