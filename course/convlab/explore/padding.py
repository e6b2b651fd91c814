"""Lesson 01: an image and its frame of zeros, and how often a window sees each pixel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from convlab.explore.images import Matrix, batch, from_zero, photo, size
from convlab.explore.scene import Choice, Explorer, Panel, Scene, Slider, Window, numbers

IMAGES = ("numbers 3×4", "photo")
NUMBERS = np.arange(1.0, 13.0).reshape(3, 4)


def padding(zero_pad: Callable[..., Any]) -> Explorer:
    """An explorer of ``zero_pad`` on one image with one channel."""

    def draw(image: str, pad: int, f: int) -> Scene:
        pixels = NUMBERS if image == "numbers 3×4" else photo()
        n_H, n_W = pixels.shape
        N_H, N_W = n_H + 2 * pad, n_W + 2 * pad
        X_pad = numbers(zero_pad(batch(pixels), pad), (1, N_H, N_W, 1), "X_pad")[0, :, :, 0]
        # Each pixel gets a number of its own, so that it can be found again in what zero_pad returns.
        numbered = batch(np.arange(1.0, pixels.size + 1).reshape(pixels.shape))
        found = numbers(zero_pad(numbered, pad), (1, N_H, N_W, 1), "X_pad")[0, :, :, 0]
        before, after = times_seen(numbered[0, :, :, 0], f, pixels.shape), times_seen(found, f, pixels.shape)
        look = from_zero(12 if image != "photo" else 1, image == "photo")
        return Scene(
            rows=(
                (
                    Panel("X", pixels, f"{(1, n_H, n_W, 1)}", *look, window=Window(1, 1, -pad)),
                    Panel("X_pad", X_pad, f"{(1, N_H, N_W, 1)}", *look, frame=pad, before="→"),
                    Panel("seen, pad 0", before, f"by a {f}×{f} window", *from_zero(f * f)),
                    Panel(
                        f"seen, pad {pad}", after, f"by a {f}×{f} window", *from_zero(f * f), window=Window(1, 1, -pad)
                    ),
                ),
            ),
            stepped="X_pad",
            formula=f"n_H + 2·pad = {n_H} + 2·{pad} = {N_H}     n_W + 2·pad = {n_W} + 2·{pad} = {N_W}",
            sentence=f"With pad = {pad} your zero_pad makes {N_H}×{N_W} pixels of {size(pixels)}. "
            f"{seen(f, before, after)}",
            step="X_pad[{row}, {column}] = {value} is X[{top}, {left}].",
            outside="X_pad[{row}, {column}] = {value} is padding.",
            start=(pad, pad),
        )

    controls = (Choice("image", IMAGES), Slider("pad", 0, 8, 1), Slider("f", 1, 5, 3))
    return Explorer(draw, (zero_pad,), controls, 285, "Padding")


def times_seen(padded: Matrix, f: int, shape: tuple[int, ...]) -> Matrix:
    """How often a sliding f×f window contains each of the numbers from 1, laid out in ``shape``."""
    if f > min(padded.shape):
        return np.zeros(shape)
    windows = np.lib.stride_tricks.sliding_window_view(np.nan_to_num(padded).round().astype(int), (f, f)).ravel()
    pixels = int(np.prod(shape))
    inside = windows[(windows >= 0) & (windows <= pixels)]
    return np.bincount(inside, minlength=pixels + 1)[1:].reshape(shape).astype(np.float64)


def seen(f: int, before: Matrix, after: Matrix) -> str:
    """In words, how the corner compares with the middle."""
    window = f"{f}×{f} window"
    if not after.any():
        return f"A {window} does not fit: f = {f} is more than the smaller side. Choose a smaller f, or a larger pad."
    middle = before.shape[0] // 2, before.shape[1] // 2
    alone = f"{before[0, 0]:g} without padding" if before.any() else "without padding the window does not fit"
    return (
        f"A {window} sees the corner pixel {times(after[0, 0])} ({alone}) and a pixel in the middle "
        f"{times(after[middle])}" + (f" ({before[middle]:g} without)." if before.any() else ".")
    )


def times(count: float) -> str:
    """A number of times in words."""
    return {1: "once", 2: "twice"}.get(int(count), f"{count:g} times")
