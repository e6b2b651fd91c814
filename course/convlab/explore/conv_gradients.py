"""Lesson 05: which pixels and weights receive the gradient of an output, and whether it is right."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from convlab.explore.convolution import NUMBERS, demand_fit
from convlab.explore.images import FILTERS, Matrix, batch, filter_of, from_zero, left_over, places, symmetric
from convlab.explore.scene import Choice, Explorer, Panel, Scene, Slider, Window, numbers
from convlab.gradient_check import relative_difference

IMAGE = NUMBERS[:4, :5]
#: What arrives: small whole numbers of both signs, as many as are needed.
ARRIVES = np.array([[1, 2, -1, 0, 3], [-2, 1, 0, 2, -1], [3, -1, 1, -3, 2], [0, 2, -2, 1, 1], [1, -1, 3, 0, -2]])
STEP = 1e-5
#: A way from dZ and the layer's inputs to the gradients of A_prev and W, both without axes of length 1.
Gradients = Callable[[Matrix], tuple[Matrix, Matrix]]

ONE, ALL = "the chosen dZ", "all of dZ"
YOURS, NUMERICAL, DIFFERENCE = "yours", "numerical", "yours − numerical"


def conv_gradients(conv_backward: Callable[..., Any], conv_forward: Callable[..., Any]) -> Explorer:
    """An explorer of ``conv_backward`` on one image and one filter, held against ``conv_forward``."""

    def draw(filter: str, show: str, f: int, stride: int, pad: int, **more: str) -> Scene:
        source = more["from"]
        W = filter_of(filter, f)
        n_prev = IMAGE.shape[0], IMAGE.shape[1]
        demand_fit(n_prev, f, pad)
        (n_H, n_W), formula = places(n_prev, f, stride, pad)
        dZ = arriving(ARRIVES, n_H, n_W)
        hparameters = {"stride": stride, "pad": pad}

        def analytic(dZ: Matrix) -> tuple[Matrix, Matrix]:
            cache = (batch(IMAGE), W.reshape(f, f, 1, 1).copy(), np.zeros((1, 1, 1, 1)), hparameters)
            dA_prev, dW, db = conv_backward(batch(dZ), cache)
            numbers(db, (1, 1, 1, 1), "db")
            dA_prev = numbers(dA_prev, (1, *n_prev, 1), "dA_prev")
            return dA_prev[0, :, :, 0], numbers(dW, (f, f, 1, 1), "dW")[:, :, 0, 0]

        def forward(A_prev: Matrix, W: Matrix) -> Matrix:
            answer = conv_forward(batch(A_prev), W.reshape(f, f, 1, 1).copy(), np.zeros((1, 1, 1, 1)), hparameters)
            return numbers(answer[0], (1, n_H, n_W, 1), "Z")[0, :, :, 0]

        each = np.zeros((n_H, n_W, n_H, n_W))  # for each entry of dZ: this one alone
        for place in np.ndindex(dZ.shape):
            each[place][place] = dZ[place]
        wanted = each if source == ONE else dZ
        yours = gradients(analytic, wanted)
        shown, checked = yours, ""
        if show != YOURS:
            numerical = gradients(measured(forward, IMAGE, W), wanted)
            off = max(relative_difference(a, n) for a, n in zip(yours, numerical, strict=True))
            checked = f" Relative difference of yours and numerical: {off:.0e}, " + (
                "they agree." if off < 1e-7 else "not the same."
            )
            shown = numerical if show == NUMERICAL else (yours[0] - numerical[0], yours[1] - numerical[1])
        dA_prev, dW = (one.round(6) + 0.0 for one in shown)
        # The colours stay: as far as one entry, or all together, can reach.
        together = 1 if source == ONE else min(n_H * n_W, 4)
        receives = f"{show}, " + ("for the chosen cell" if source == ONE else "in all")
        return Scene(
            rows=(
                (
                    Panel(
                        "A_prev",
                        np.pad(IMAGE, pad),
                        f"{batch(IMAGE).shape}, pad {pad}",
                        *from_zero(9),
                        frame=pad,
                        window=Window(stride, f),
                    ),
                    Panel("W", W, f"{(f, f, 1, 1)}, {filter}", *symmetric(W), before="∗"),
                    Panel("dZ", dZ, f"{(1, n_H, n_W, 1)}, arrives", *symmetric(np.array([3.0]))),
                ),
                (
                    Panel(
                        "dA_prev",
                        dA_prev,
                        f"{batch(IMAGE).shape}, {receives}",
                        *symmetric(W * 3 * together),
                        window=Window(stride, f, -pad),
                    ),
                    Panel("dW", dW, f"{(f, f, 1, 1)}, {receives}", *symmetric(IMAGE * 3 * together)),
                ),
            ),
            stepped="dZ",
            formula=formula,
            sentence=f"{filter}, {f}×{f}, stride {stride}, pad {pad}: what the pixels and the weights receive from "
            f"{'the chosen entry of dZ' if source == ONE else 'all entries of dZ together'} ({show}).{checked}"
            f"{left_over(n_prev, f, stride, pad)}",
            step="dZ[{row}, {column}] = {value} belongs to rows {top} to {bottom} and columns {left} to {right} "
            "of the padded image: these pixels receive it times W, and W receives it times these pixels.",
        )

    controls = (
        Choice("from", (ONE, ALL)),
        Choice("show", (YOURS, NUMERICAL, DIFFERENCE)),
        Choice("filter", FILTERS),
        Slider("f", 2, 5, 3),
        Slider("stride", 1, 3, 1),
        Slider("pad", 0, 1, 0),
    )
    return Explorer(draw, (conv_backward, conv_forward), controls, 420, "Gradients of a convolution layer")


def arriving(given: Matrix, n_H: int, n_W: int) -> Matrix:
    """As many of the given numbers as are needed, over and over."""
    rows, columns = np.arange(n_H) % given.shape[0], np.arange(n_W) % given.shape[1]
    return np.asarray(given[np.ix_(rows, columns)], dtype=np.float64)


def gradients(of: Gradients, dZ: Matrix) -> tuple[Matrix, Matrix]:
    """The gradients of A_prev and W for one dZ, or for each of many (n_H, n_W, n_H, n_W)."""
    if dZ.ndim == 2:
        return of(dZ)
    found = [of(dZ[place]) for place in np.ndindex(dZ.shape[:2])]
    dA_prev, dW = (np.array(one) for one in zip(*found, strict=True))
    return dA_prev.reshape(*dZ.shape[:2], *dA_prev.shape[1:]), dW.reshape(*dZ.shape[:2], *dW.shape[1:])


def measured(forward: Callable[[Matrix, Matrix], Matrix], A_prev: Matrix, W: Matrix) -> Gradients:
    """Numerical gradients: every pixel and weight is moved up and down, once for all dZ that may come."""

    def slopes(of: Callable[[Matrix], Matrix], x: Matrix) -> Matrix:
        found = []
        for place in np.ndindex(x.shape):
            up, down = x.copy(), x.copy()
            up[place] += STEP
            down[place] -= STEP
            found.append((of(up) - of(down)) / (2 * STEP))
        return np.array(found).reshape(*x.shape, *found[0].shape)

    by_pixel = slopes(lambda moved: forward(moved, W), A_prev)
    by_weight = slopes(lambda moved: forward(A_prev, moved), W)
    return lambda dZ: ((by_pixel * dZ).sum(axis=(2, 3)), (by_weight * dZ).sum(axis=(2, 3)))
