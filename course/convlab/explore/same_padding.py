"""Lesson 08: where "same" padding puts its zeros in TensorFlow and Keras, beside a PyTorch layer's single number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from convlab.compare import as_array, kind_of
from convlab.explore.images import Matrix, from_zero
from convlab.explore.scene import Explorer, Panel, Scene, Slider, Window


def same_padding(same_padding: Callable[..., Any]) -> Explorer:
    """An explorer of ``same_padding`` on a row of pixels, 1 to n, whose windows are added up."""

    def draw(n: int, f: int, stride: int) -> Scene:
        before, after = two_counts(same_padding(n, f, stride))
        pad = (f - 1) // 2
        padded, y = windowed(n, f, stride, before, after)
        padded_torch, y_torch = windowed(n, f, stride, pad, pad)
        differ = [place for place in range(y.size) if place >= y_torch.size or y[0, place] != y_torch[0, place]]
        look, sums = from_zero(n), from_zero(f * n)
        window, total = Window(stride, f), (-(-n // stride) - 1) * stride + f - n
        n_out = -(-n // stride)
        return Scene(
            rows=(
                (
                    Panel("x", padded, f"yours: {zeros(before)} before, {after} after", *look, window=window),
                    Panel("y", y, f"{y.size} sums", *sums, before="→", marked=tuple((0, one) for one in differ)),
                ),
                (
                    Panel("x, PyTorch", padded_torch, f"padding={pad}: {pad} on each side", *look, window=window),
                    Panel("y, PyTorch", y_torch, f"{y_torch.size} sums", *sums, before="→"),
                ),
            ),
            stepped="y",
            formula=f"⌈n/s⌉ = ⌈{n}/{stride}⌉ = {n_out}     "
            f"total = max((⌈n/s⌉ − 1)·s + f − n, 0) = max({n_out - 1}·{stride} + {f} − {n}, 0) = {max(total, 0)}",
            sentence=f"n = {n}, f = {f}, stride {stride}: your same_padding, as TensorFlow and Keras, puts "
            f"{zeros(before)} before and {after} after, for {y.size} outputs. "
            f"{in_torch(pad, stride, y.size, y_torch.size, len(differ))}",
            step="y[{column}] = {value} is the sum of the window from place {left} to place {right} of the padded row.",
            start=(0, y.size - 1),
        )

    controls = (Slider("n", 4, 12, 8), Slider("f", 1, 5, 3), Slider("stride", 1, 3, 2))
    return Explorer(draw, (same_padding,), controls, 225, '"Same" padding')


def windowed(n: int, f: int, stride: int, before: int, after: int) -> tuple[Matrix, Matrix]:
    """The row 1 to n between zeros, and the sums of its windows; a row that is too short for one is filled up."""
    padded = np.pad(np.arange(1.0, n + 1), (before, after))
    if padded.size < f:
        padded = np.pad(padded, (0, f - padded.size))
    sums = np.lib.stride_tricks.sliding_window_view(padded, f)[::stride].sum(axis=1)
    return padded[np.newaxis], sums[np.newaxis]


def in_torch(pad: int, stride: int, outputs: int, outputs_in_torch: int, differ: int) -> str:
    """In words, what a PyTorch layer with the usual single number for its padding makes of it."""
    size = "as many" if outputs == outputs_in_torch else f"{outputs_in_torch}"
    which = (
        "the same ones"
        if not differ and outputs == outputs_in_torch
        else "1 of yours (dashed) is another"
        if differ == 1
        else f"{differ} of yours (dashed) are others"
    )
    refused = "" if stride == 1 else " It knows the word same at stride 1 only."
    return f"PyTorch with padding={pad} makes {size}, {which}.{refused}"


def two_counts(answer: Any) -> tuple[int, int]:
    """What a student's function returned, as two numbers of zeros.

    Raises TypeError when it is no two numbers, and ValueError when these count nothing.
    """
    array = as_array(answer)
    if array is None or array.shape != (2,):
        raise TypeError(f"it is {kind_of(answer)}, not two numbers")
    if (array < 0).any() or (array != array.round()).any() or (array > 20).any():
        raise ValueError(f"{array[0]:g} and {array[1]:g} are no numbers of zeros")
    return int(array[0]), int(array[1])


def zeros(count: int) -> str:
    """A number of zeros in words."""
    return "1 zero" if count == 1 else f"{count} zeros"
