"""Lesson 09: a convolution as a matrix product, each window laid flat as a row, the filter laid flat as a column."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from convlab.explore.convolution import NUMBERS, demand_fit, look
from convlab.explore.images import FILTERS, batch, filter_of, from_zero, left_over, places, size, symmetric
from convlab.explore.scene import Choice, Explorer, Panel, Scene, Slider, Window, numbers

IMAGE = NUMBERS[:4, :5]


def im2col(conv_forward_fast: Callable[..., Any]) -> Explorer:
    """An explorer of ``conv_forward_fast``: one image, one filter, and the row of the matrix behind each output."""

    def draw(filter: str, f: int, stride: int, pad: int) -> Scene:
        W = filter_of(filter, f)
        n_prev = IMAGE.shape[0], IMAGE.shape[1]
        demand_fit(n_prev, f, pad)
        (n_H, n_W), formula = places(n_prev, f, stride, pad)
        answer = conv_forward_fast(
            batch(IMAGE), W.reshape(f, f, 1, 1).copy(), np.zeros((1, 1, 1, 1)), {"stride": stride, "pad": pad}
        )
        Z = numbers(answer[0], (1, n_H, n_W, 1), "Z")[0, :, :, 0]
        padded = np.pad(IMAGE, pad)
        windows = np.lib.stride_tricks.sliding_window_view(padded, (f, f))[::stride, ::stride]
        rows = windows.reshape(n_H, n_W, 1, f * f)
        signed = bool((W < 0).any())
        return Scene(
            rows=(
                (
                    Panel(
                        "A_prev",
                        padded,
                        f"{batch(IMAGE).shape}, pad {pad}",
                        *from_zero(9),
                        frame=pad,
                        window=Window(stride, f),
                    ),
                    Panel("W", W, f"{(f, f, 1, 1)}, {filter}", *symmetric(W)),
                    Panel("Z", Z, f"{(1, n_H, n_W, 1)}", *look(np.abs(W).sum() * 9, signed)),
                ),
                (Panel("row of the matrix", rows, f"the window laid flat, {(1, f * f)}", *from_zero(9)),),
                (Panel("column of W", W.reshape(1, -1), f"W laid flat, {(f * f, 1)}, shown lying", *symmetric(W)),),
                (Panel("products", rows * W.reshape(1, -1), "row · column", *look(W * 9, signed)),),
            ),
            stepped="Z",
            formula=formula,
            sentence=f"{size(Z)} windows of {size(W)}: a matrix of {Z.size} rows and {W.size} columns, times a column "
            f"of {W.size} numbers, gives {Z.size} numbers, which your conv_forward_fast lays out as {size(Z)}."
            f"{left_over(n_prev, f, stride, pad)}",
            step="Z[{row}, {column}] = {value}: the window in rows {top} to {bottom} and columns {left} to {right} is "
            "one row of the matrix. Times the column of W it gives {sum}.",
        )

    controls = (
        Choice("filter", FILTERS),
        Slider("f", 2, 3, 3),
        Slider("stride", 1, 2, 1),
        Slider("pad", 0, 1, 0),
    )
    return Explorer(draw, (conv_forward_fast,), controls, 540, "A convolution as a matrix product")
