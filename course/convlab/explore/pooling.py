"""Lesson 04: a pooling layer, and what comes of an image that moves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from convlab.explore.convolution import NUMBERS
from convlab.explore.images import Matrix, batch, from_zero, left_over, photo, places, size
from convlab.explore.scene import Choice, Explorer, Impossible, Panel, Scene, Slider, Window, numbers
from convlab.figures.pooling import EXAMPLE

SPOTS = np.zeros((7, 7))
SPOTS[1, 2], SPOTS[4, 3] = 9, 5
IMAGES = ("numbers 7×7", "example 4×4", "two spots 7×7", "photo")


def pooling(pool_forward: Callable[..., Any]) -> Explorer:
    """An explorer of ``pool_forward`` on one image with one channel, which can be shifted to the right."""

    def draw(image: str, mode: str, f: int, stride: int, shift: int) -> Scene:
        pixels = shifted(image, shift)
        n_prev = pixels.shape[0], pixels.shape[1]
        demand_fit(n_prev, f)
        (n_H, n_W), formula = places(n_prev, f, stride)

        def pooled(pixels: Matrix) -> Matrix:
            answer = pool_forward(batch(pixels), {"f": f, "stride": stride}, mode)
            return numbers(answer[0], (1, n_H, n_W, 1), "A")[0, :, :, 0]

        A, unshifted = pooled(pixels), pooled(shifted(image, 0))
        changed = np.argwhere(~np.isclose(A, unshifted, equal_nan=True))
        look = from_zero(1 if image == "photo" else 9, image == "photo")
        windows = np.lib.stride_tricks.sliding_window_view(pixels, (f, f))[::stride, ::stride]
        moved = f" Shifted by {shift}, {len(changed)} of {A.size} outputs differ from those without a shift"
        return Scene(
            rows=(
                (
                    Panel("A_prev", pixels, f"{batch(pixels).shape}", *look, window=Window(stride, f)),
                    Panel("window", windows, f"take its {mode}", *look),
                    Panel(
                        "A",
                        A,
                        f"{(1, n_H, n_W, 1)}, {mode}",
                        *look,
                        before="→",
                        marked=tuple((int(row), int(column)) for row, column in changed) if A.size <= 49 else (),
                    ),
                ),
            ),
            stepped="A",
            formula=formula,
            sentence=f"{mode.capitalize()} pooling, f = {f} and stride {stride}, on {size(pixels)} pixels: your "
            f"pool_forward makes {size(A)}.{left_over(n_prev, f, stride)}"
            + (moved + (" (dashed)." if A.size <= 49 else ".") if shift else ""),
            step="A[{row}, {column}] = {value} comes from rows {top} to {bottom} and columns {left} to {right}.",
        )

    controls = (
        Choice("image", IMAGES),
        Choice("mode", ("max", "average")),
        Slider("f", 1, 5, 2),
        Slider("stride", 1, 4, 2),
        Slider("shift", 0, 3, 0),
    )
    return Explorer(draw, (pool_forward,), controls, 285, "Pooling layer")


def shifted(image: str, shift: int) -> Matrix:
    """The image, moved to the right: zeros come in from the left, or what is beside it in the photo."""
    if image == "photo":
        return photo()[:, 3 - shift : 28 - shift]
    pixels = {"numbers 7×7": NUMBERS, "two spots 7×7": SPOTS, "example 4×4": EXAMPLE.astype(np.float64)}[image]
    return np.pad(pixels, ((0, 0), (shift, 0)))[:, : pixels.shape[1]]


def demand_fit(n_prev: tuple[int, int], f: int) -> None:
    """Raise Impossible where a pooling window has no place."""
    if f > min(n_prev):
        raise Impossible(
            f"The pooling window does not fit: f = {f}, but the image has only {min(n_prev)} rows.\n"
            f"It has no place to stand, so there is no output. Choose an f of at most {min(n_prev)}."
        )
