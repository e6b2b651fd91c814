"""Lesson 03: a whole convolution layer, input, filter, products and output together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from convlab.explore.images import FILTERS, Look, batch, filter_of, from_zero, left_over, photo, places, size, symmetric
from convlab.explore.scene import Choice, Explorer, Impossible, Panel, Scene, Slider, Window, numbers, short
from convlab.figures.convolution import IMAGE

NUMBERS = IMAGE.astype(np.float64)
IMAGES = ("numbers 7×7", "numbers 4×5", "photo")


def convolution(conv_forward: Callable[..., Any]) -> Explorer:
    """An explorer of ``conv_forward``: one image, one filter, bias 0."""

    def draw(image: str, filter: str, f: int, stride: int, pad: int) -> Scene:
        pixels = photo() if image == "photo" else NUMBERS if image == "numbers 7×7" else NUMBERS[:4, :5]
        W = filter_of(filter, f)
        n_prev = pixels.shape[0], pixels.shape[1]
        demand_fit(n_prev, f, pad)
        (n_H, n_W), formula = places(n_prev, f, stride, pad)
        hparameters = {"stride": stride, "pad": pad}
        answer = conv_forward(batch(pixels), W.reshape(f, f, 1, 1).copy(), np.zeros((1, 1, 1, 1)), hparameters)
        Z = numbers(answer[0], (1, n_H, n_W, 1), "Z")[0, :, :, 0]

        padded = np.pad(pixels, pad)
        products = np.lib.stride_tricks.sliding_window_view(padded, (f, f))[::stride, ::stride] * W
        most = 1.0 if image == "photo" else 9.0
        signed = bool((W < 0).any())
        # Colours stay the same while the window changes: they reach as far as this filter can on such pixels.
        reach = max(W[W > 0].sum(), -W[W < 0].sum()) * most
        edges = filter.startswith("Sobel")
        return Scene(
            rows=(
                (
                    Panel(
                        "A_prev",
                        padded,
                        f"{batch(pixels).shape}, pad {pad}",
                        *from_zero(most, image == "photo"),
                        frame=pad,
                        window=Window(stride, f),
                    ),
                    Panel("W", W, f"{(f, f, 1, 1)}, {filter}", *symmetric(W), before="∗"),
                    Panel("products", products, "window · W", *look(W * most, signed), before="="),
                    Panel(
                        "Z",
                        Z,
                        f"{(1, n_H, n_W, 1)}, their sums",
                        *(from_zero(W.sum(), True) if image == "photo" and not edges else look(reach, signed)),
                        before="→",
                    ),
                ),
            ),
            stepped="Z",
            formula=formula,
            sentence=f"{filter}, {size(W)}, with stride {stride} and pad {pad} on {size(pixels)} pixels: your "
            f"conv_forward makes {size(Z)} numbers, from {short(Z.min())} to {short(Z.max())}."
            f"{left_over(n_prev, f, stride, pad)}",
            step="Z[{row}, {column}] = {value} comes from rows {top} to {bottom} and columns {left} to {right} of "
            "the padded image, where the products add up to {sum}.",
        )

    controls = (
        Choice("image", IMAGES),
        Choice("filter", FILTERS),
        Slider("f", 2, 5, 3),
        Slider("stride", 1, 3, 2),
        Slider("pad", 0, 2, 0),
    )
    return Explorer(draw, (conv_forward,), controls, 285, "Convolution layer")


def look(reach: Any, signed: bool) -> Look:
    """The colours of what a filter makes, when it reaches so far."""
    reach = np.asarray(reach, dtype=np.float64)
    return symmetric(reach) if signed else from_zero(float(reach.max()))


def demand_fit(n_prev: tuple[int, int], f: int, pad: int) -> None:
    """Raise Impossible where a filter has no place on the padded image."""
    side, least = min(zip(("n_H_prev", "n_W_prev"), n_prev, strict=True), key=lambda one: one[1])
    if f > least + 2 * pad:
        raise Impossible(
            f"The filter does not fit: f = {f}, but {side} + 2·pad = {least} + 2·{pad} = {least + 2 * pad}.\n"
            f"It has no place to stand, so there is no output. "
            f"Choose an f of at most {least + 2 * pad}, or a larger pad."
        )
