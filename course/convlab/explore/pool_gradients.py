"""Lesson 06: who receives the gradient of a pooling layer's output, and how windows that overlap add up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from convlab.explore.conv_gradients import arriving
from convlab.explore.convolution import NUMBERS
from convlab.explore.images import batch, from_zero, left_over, places, size, symmetric
from convlab.explore.pooling import demand_fit
from convlab.explore.scene import Choice, Explorer, Panel, Scene, Slider, Window, numbers, short
from convlab.figures.pooling import EXAMPLE

#: Pixels as they are after ReLU: windows with more than one maximum.
TIES = np.array([[4, 1, 0, 0, 2], [0, 4, 0, 0, 2], [3, 3, 7, 1, 0], [3, 3, 0, 7, 0], [0, 5, 0, 0, 5]], dtype=np.float64)
IMAGES = {"example 4×4": EXAMPLE.astype(np.float64), "numbers 5×6": NUMBERS[:5, :6], "with ties 5×5": TIES}
#: What arrives: small whole numbers of both signs, as many as are needed.
ARRIVES = np.array(
    [[4, 8, -4, 12, 4], [-4, 12, 8, -8, 4], [8, 4, 4, -4, 8], [-8, 4, 12, 8, -4], [4, -4, 8, 4, 12]], dtype=np.float64
)


def pool_gradients(
    pool_backward: Callable[..., Any],
    create_mask_from_window: Callable[..., Any],
    distribute_value: Callable[..., Any],
) -> Explorer:
    """An explorer of ``pool_backward``, with what its two helpers make of the chosen window."""

    def draw(image: str, mode: str, f: int, stride: int) -> Scene:
        pixels = IMAGES[image]
        n_prev = pixels.shape[0], pixels.shape[1]
        demand_fit(n_prev, f)
        (n_H, n_W), formula = places(n_prev, f, stride)
        dA = arriving(ARRIVES, n_H, n_W)
        answer = pool_backward(batch(dA), (batch(pixels), {"f": f, "stride": stride}), mode)
        dA_prev = numbers(answer, (1, *n_prev, 1), "dA_prev")[0, :, :, 0]

        windows = np.lib.stride_tricks.sliding_window_view(pixels, (f, f))[::stride, ::stride]
        shares = np.zeros(windows.shape)
        for place in np.ndindex(dA.shape):
            if mode == "max":
                shares[place] = dA[place] * numbers(create_mask_from_window(windows[place].copy()), (f, f), "the mask")
            else:
                shares[place] = numbers(distribute_value(float(dA[place]), (f, f)), (f, f), "what is distributed")
        share = ("dA · mask", "create_mask_from_window") if mode == "max" else ("spread", "distribute_value")
        signed = symmetric(np.array([12.0]))
        nothing = int((dA_prev == 0).sum())
        return Scene(
            rows=(
                (
                    Panel("A_prev", pixels, f"{batch(pixels).shape}", *from_zero(9), window=Window(stride, f)),
                    Panel("dA", dA, f"{(1, n_H, n_W, 1)}, arrives", *signed),
                    Panel(share[0], shares, share[1], *signed, before="→"),
                    Panel(
                        "dA_prev",
                        dA_prev,
                        f"{batch(pixels).shape}, in all",
                        *symmetric(np.array([20.0])),
                        before="→",
                        window=Window(stride, f),
                    ),
                ),
            ),
            stepped="dA",
            formula=formula,
            sentence=f"{mode.capitalize()} pooling backward, f = {f} and stride {stride}, on {size(pixels)} pixels: "
            f"{nothing} of {pixels.size} pixels receive 0. dA adds up to {short(dA.sum())}, your "
            f"dA_prev to {short(dA_prev.sum())}."
            + (" Windows overlap: what a pixel receives from several of them is added up." if stride < f else "")
            + left_over(n_prev, f, stride),
            step="dA[{row}, {column}] = {value} goes to rows {top} to {bottom} and columns {left} to {right}.",
        )

    controls = (
        Choice("image", tuple(IMAGES)),
        Choice("mode", ("max", "average")),
        Slider("f", 1, 5, 2),
        Slider("stride", 1, 3, 2),
    )
    functions = (pool_backward, create_mask_from_window, distribute_value)
    return Explorer(draw, functions, controls, 245, "Gradients of a pooling layer")
