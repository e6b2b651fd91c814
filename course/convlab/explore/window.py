"""Lesson 02: one step of a convolution at each place of a window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from convlab.explore.convolution import look
from convlab.explore.images import FILTERS, filter_of, from_zero, places, symmetric
from convlab.explore.scene import Choice, Explorer, Panel, Scene, Slider, Window, short
from convlab.figures.window import EDGE, IMAGE

LINE = np.zeros((5, 5))
LINE[:, 2] = 9
SPOT = np.zeros((5, 5))
SPOT[2, 2] = 9
IMAGES = {"corner of a shape": IMAGE.astype(np.float64), "vertical line": LINE, "single spot": SPOT}


def window(conv_single_step: Callable[..., Any]) -> Explorer:
    """An explorer of ``conv_single_step``: a slice with one channel, a filter and a bias."""

    def draw(image: str, filter: str, bias: int) -> Scene:
        pixels = IMAGES[image]
        W = EDGE.astype(np.float64) if filter == "edge" else filter_of(filter, 3)
        slices = np.lib.stride_tricks.sliding_window_view(pixels, W.shape)
        (n_H, n_W), formula = places((5, 5), 3, 1)
        z = np.zeros((n_H, n_W))
        for place in np.ndindex(z.shape):
            z[place] = one_number(
                conv_single_step(
                    slices[place][..., np.newaxis].copy(), W[..., np.newaxis].copy(), np.full((1, 1, 1), float(bias))
                )
            )
        signed = bool((W < 0).any())
        reach = max(W[W > 0].sum(), -W[W < 0].sum()) * 9 + 5
        return Scene(
            rows=(
                (
                    Panel("image", pixels, "(5, 5)", *from_zero(9), window=Window(1, 3)),
                    Panel("slice", slices, "(3, 3, 1)", *from_zero(9)),
                    Panel("W", W, "(3, 3, 1)", *symmetric(W), before="·"),
                    Panel("products", slices * W, "slice · W", *look(W * 9, signed), before="="),
                    Panel("z", z, "yours, at every place", *symmetric(np.array([reach])), before="→"),
                ),
            ),
            stepped="z",
            formula=formula,
            sentence=f"The {filter} filter with bias {bias} at the {n_H}×{n_W} places of the window: your "
            f"conv_single_step gives {short(z.min())} to {short(z.max())}.",
            step="At row {top} and column {left} the nine products add up to {sum}, and with the bias "
            f"{bias} yours is {{value}}.",
        )

    controls = (Choice("image", tuple(IMAGES)), Choice("filter", ("edge", *FILTERS)), Slider("bias", -5, 5, 2))
    return Explorer(draw, (conv_single_step,), controls, 215, "One step of a convolution")


def one_number(answer: Any) -> float:
    """What a student's function returned, as the number that it should be.

    Raises TypeError when it is none.
    """
    from convlab.compare import as_array, kind_of

    array = as_array(answer)
    if array is None or array.ndim:
        raise TypeError(f"it is {kind_of(answer)}, not a number")
    return float(array)
