"""Grading ``conv_forward_fast``: the convolution layer of lesson 03 as a matrix product, right and fast."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from autograder.exercise import Case, Criterion, Exercise, Speed, Wrong, times_as_fast, whole
from autograder.exercises import conv_forward
from autograder.exercises.drawing import normal

#: What is timed: four images of 48×48 pixels, eight filters of 3×3, stride 1, pad 1.
SHAPE_OF_A_PREV, SHAPE_OF_W = (4, 48, 48, 1), (3, 3, 1, 8)
_SLOWER, _FULL = 5, 50

#: What the notebook's own example calls ``hparameters``.
_NOTEBOOK_HPARAMETERS = {"stride": 1, "pad": 0}

#: Points of what lesson 03 looks at too.
_POINTS = {
    "output shape": 0.25,
    "moving the window": 0.25,
    "stride": 0.25,
    "padding": 0.25,
    "channels": 0.5,
    "batch": 0.25,
    "bias": 0.25,
    "number types": 0.25,
    "cache": 0.25,
    "arguments left alone": 0.25,
    "together": 0.25,
}
_ADVICE = {
    "moving the window": "Print your matrix of windows for a 3×4 image and a 2×2 filter: six rows, each of them a "
    "window.",
    "stride": "Which windows are left with a stride of 2? Print your matrix of windows, and compare it with a drawing.",
    "channels": "A row of the matrix and a column of the filters must list their numbers in one order: row, column, "
    "channel. Print both for an image of two channels.",
    "batch": "In which order do the rows of your matrix go through images, rows and columns? Z has to be laid out "
    "again "
    "in the same order.",
    "arguments left alone": "`W.shape = ...` changes W itself, as `x += y` changes x; `W.reshape(...)` does not.",
}
_BOTH = whole("Z", "cache")
_FASTER = (
    Criterion(
        f"{_SLOWER} times as fast",
        0.5,
        "speed",
        times_as_fast(_SLOWER, _BOTH),
        f"At least {_SLOWER} times as fast as the loops, on A_prev {SHAPE_OF_A_PREV}, W {SHAPE_OF_W} and pad 1",
        "A Python loop over pixels takes microseconds for each of them. Have NumPy gather the windows, and multiply "
        "once.",
    ),
    Criterion(
        f"{_FULL} times as fast",
        0.5,
        "speed",
        times_as_fast(_FULL, _BOTH),
        f"At least {_FULL} times as fast as the loops, on A_prev {SHAPE_OF_A_PREV}, W {SHAPE_OF_W} and pad 1",
        "Is there a Python loop left over images, rows, columns or filters? One over the f·f places of a filter is "
        "short.",
    ),
)

CRITERIA = (
    *(
        replace(one, points=_POINTS[one.name], advice=_ADVICE.get(one.name, one.advice))
        for one in conv_forward.CRITERIA
    ),
    *_FASTER,
)


def draw(rng: np.random.Generator) -> Mapping[str, list[Case]]:
    """Return the groups of cases of lesson 03, and a small one like those that are timed."""
    args = (normal(rng, 2, 8, 8, 1), normal(rng, 3, 3, 1, 2), normal(rng, 1, 1, 1, 2), {"stride": 1, "pad": 1})
    return {**conv_forward.draw(rng), "speed": [Case(args, "images like those that are timed")]}


def timed(rng: np.random.Generator) -> tuple[Any, ...]:
    """Return the arguments of one call that is timed."""
    A_prev, W, b = (rng.standard_normal(shape) for shape in (SHAPE_OF_A_PREV, SHAPE_OF_W, (1, 1, 1, SHAPE_OF_W[-1])))
    return A_prev, W, b, {"stride": 1, "pad": 1}


def loops(A_prev: Any, W: Any, b: Any, hparameters: Any) -> float:
    """Return the seconds of processor time that the loops of lesson 03 need for these arguments."""
    began = time.process_time()
    stride, pad = hparameters["stride"], hparameters["pad"]
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    f, _, _, n_C = W.shape
    n_H, n_W = (n_H_prev + 2 * pad - f) // stride + 1, (n_W_prev + 2 * pad - f) // stride + 1
    padded = np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    Z = np.zeros((m, n_H, n_W, n_C))
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    window = padded[i, h * stride : h * stride + f, w * stride : w * stride + f]
                    Z[i, h, w, c] = np.sum(window * W[..., c]) + b[..., c].item()
    return time.process_time() - began


Function = Callable[..., Any]


def _padded(A_prev: Any, pad: int) -> Any:
    return np.pad(A_prev, [(0, 0), (pad, pad), (pad, pad), (0, 0)])


def _every(windows: Any, stride: int) -> Any:
    return windows[:, ::stride, ::stride]


def _rows(windows: Any) -> Any:
    """The windows (m, n_H, n_W, C, f, f) as rows, in the filters' order of axes."""
    m, n_H, n_W = windows.shape[:3]
    return windows.transpose(0, 1, 2, 4, 5, 3).reshape(m * n_H * n_W, -1)


def _product(rows: Any, filters: Any, b: Any) -> Any:
    return rows @ filters


def _fast(
    A_prev: Any,
    W: Any,
    b: Any,
    hparameters: Any,
    *,
    settings: Function = lambda hparameters: (hparameters["stride"], hparameters["pad"]),
    source: Function = _padded,
    every: Function = _every,
    rows: Function = _rows,
    filters: Function = lambda W: W.reshape(-1, W.shape[-1]),
    product: Function = _product,
    laid: Function = lambda product, m, n_H, n_W, n_C: product.reshape(m, n_H, n_W, n_C),
    bias: Function = lambda Z, b: Z + b,
    answer: Function = lambda Z, padded, rows, *arguments: (Z, arguments),
) -> Any:
    """One matrix product of windows and filters; right, but for what is put in place of a default."""
    stride, pad = settings(hparameters)
    padded = source(A_prev, pad)
    f, n_C = W.shape[0], W.shape[-1]
    windows = every(np.lib.stride_tricks.sliding_window_view(padded, (f, f), axis=(1, 2)), stride)
    m, n_H, n_W = windows.shape[:3]
    matrix = rows(windows)
    Z = bias(laid(product(matrix, filters(W), b), m, n_H, n_W, n_C), b)
    return answer(Z, padded, matrix, A_prev, W, b, hparameters)


def _but(**changes: Function) -> Function:
    """The matrix product with these of its parts replaced."""
    return partial(_fast, **changes)


def _first_ones(windows: Any, stride: int) -> Any:
    n_H, n_W = ((n - 1) // stride + 1 for n in windows.shape[1:3])
    return windows[:, :n_H, :n_W]


def _stride_downwards(windows: Any, stride: int) -> Any:
    n_W = (windows.shape[2] - 1) // stride + 1
    return windows[:, ::stride, :n_W]


def _square(windows: Any, stride: int) -> Any:
    n_H = (windows.shape[1] - 1) // stride + 1
    return windows[:, ::stride, ::stride][:, :, :n_H]


def _shape_set(W: Any) -> Any:
    W.shape = (-1, W.shape[-1])
    return W


WRONG = (
    # The rows of the matrix, and the columns of the filters.
    Wrong(
        "channels-before-window",
        _but(rows=lambda windows: windows.reshape(windows.shape[0] * windows.shape[1] * windows.shape[2], -1)),
        "Right with one channel, wrong with several: your rows list the numbers of a window channel by channel, and W "
        "lists them by row, column, channel. Bring the axes of the windows into that order before you lay them flat.",
    ),
    Wrong(
        "window-turned",
        _but(rows=lambda windows: _rows(windows.swapaxes(4, 5))),
        "Rows and columns inside your windows are swapped: the window's row comes before its column in W, and should "
        "in the matrix.",
    ),
    Wrong(
        "filters-reshaped-the-wrong-way",
        _but(filters=lambda W: W.reshape(W.shape[-1], -1).T),
        "`W.reshape(n_C, ...)` does not gather the numbers of a filter: they lie along the first three axes, and n_C "
        "is the last. Keep it last: `W.reshape(-1, n_C)`.",
    ),
    Wrong(
        "filter-flipped",
        _but(filters=lambda W: W[::-1, ::-1].reshape(-1, W.shape[-1])),
        "You turn the filter around, as the textbook formula of a convolution does. Deep-learning layers leave it as "
        "it is.",
    ),
    Wrong(
        "first-filter-for-all",
        _but(filters=lambda W: np.repeat(W[..., :1], W.shape[-1], axis=3).reshape(-1, W.shape[-1])),
        "All channels of your Z come from the first filter. Each column of the filters' matrix is another one.",
    ),
    Wrong(
        "mean-not-sum",
        _but(product=lambda rows, filters, b: rows @ filters / len(filters)),
        "You divide by the number of weights. A matrix product sums the products, and that is all.",
    ),
    # The way back from the matrix to images.
    Wrong(
        "channels-first-result",
        _but(laid=lambda product, m, n_H, n_W, n_C: product.reshape(m, n_C, n_H, n_W).transpose(0, 2, 3, 1)),
        "The values of your Z are right, and in the wrong places as soon as there are several filters. The product has "
        "a column for each filter, so n_C is its last axis, and stays the last when you reshape.",
    ),
    Wrong(
        "images-mixed-up",
        _but(laid=lambda product, m, n_H, n_W, n_C: product.reshape(n_H, n_W, m, n_C).transpose(2, 0, 1, 3)),
        "Your Z mixes the images of a batch. Its rows go through the images first, then rows, then columns: `reshape` "
        "needs m, n_H and n_W in the same order.",
    ),
    Wrong(
        "columns-before-rows",
        _but(laid=lambda product, m, n_H, n_W, n_C: product.reshape(m, n_W, n_H, n_C).swapaxes(1, 2)),
        "Your Z is laid out column by column, and the rows of your matrix go through the image row by row.",
    ),
    Wrong(
        "result-left-flat",
        _but(
            laid=lambda product, m, n_H, n_W, n_C: product,
            bias=lambda Z, b: Z + b.reshape(1, -1),
        ),
        "Your Z is still the matrix that the product gave, with a row for each window. Lay it out again as "
        "(m, n_H, n_W, n_C).",
    ),
    # Which windows there are.
    Wrong(
        "stride-forgotten",
        _but(settings=lambda hparameters: (1, hparameters["pad"])),
        "Nothing in your function depends on the stride. `sliding_window_view` gives the windows at every pixel: take "
        "every `stride`-th, downwards and to the right.",
    ),
    Wrong(
        "first-windows-for-stride",
        _but(every=_first_ones),
        "With a stride of 2 your Z has the right size, but you take the first windows, side by side, where you should "
        "take every second one.",
    ),
    Wrong(
        "stride-on-height-only",
        _but(every=_stride_downwards),
        "Your windows follow the stride downwards, but not to the right. Both axes need it.",
    ),
    Wrong(
        "height-used-for-width",
        _but(every=_square),
        "Your Z is never wider than high. Images need not be square: look at what you use for the width.",
    ),
    Wrong(
        "first-image-for-all",
        _but(source=lambda A_prev, pad: np.repeat(_padded(A_prev, pad)[:1], len(A_prev), axis=0)),
        "All images of your Z come from the first image. The windows of every image become rows of the matrix.",
    ),
    # Padding and bias.
    Wrong(
        "padding-forgotten",
        _but(settings=lambda hparameters: (hparameters["stride"], 0)),
        "Nothing in your function depends on pad. Pad the images before you gather windows: your `zero_pad` does it.",
    ),
    Wrong(
        "padding-on-all-axes",
        _but(source=lambda A_prev, pad: np.pad(A_prev, pad)),
        "`np.pad(A_prev, pad)` pads all four axes, so there are more images and more channels than before. Height and "
        "width alone get zeros: your `zero_pad` does that.",
    ),
    Wrong(
        "padding-repeats-the-edge",
        _but(source=lambda A_prev, pad: np.pad(A_prev, [(0, 0), (pad, pad), (pad, pad), (0, 0)], mode="edge")),
        "The frame around your images repeats their edge. It should hold zeros.",
    ),
    Wrong(
        "bias-forgotten",
        _but(bias=lambda Z, b: Z),
        "There is no bias in your Z. b has the shape (1, 1, 1, n_C): NumPy adds it to every pixel by itself.",
    ),
    Wrong(
        "bias-per-element",
        _but(bias=lambda Z, b: Z, product=lambda rows, filters, b: rows @ filters + b.reshape(-1) * len(filters)),
        "The bias is in your Z once for every weight of the filter. It belongs to the sum, once: add it after the "
        "product.",
    ),
    Wrong(
        "bias-of-first-filter",
        _but(bias=lambda Z, b: Z + b[..., :1]),
        "All your filters use the bias of the first one. Add b as it is: NumPy matches its last axis with Z's.",
    ),
    Wrong(
        "relu-applied",
        _but(bias=lambda Z, b: np.maximum(Z + b, 0)),
        "The negative entries of your Z are zero. ReLU is a layer of its own, after this one.",
    ),
    # Numbers, and what comes back.
    Wrong(
        "integer-result",
        _but(
            bias=lambda Z, b: Z + b,
            rows=_rows,
            answer=lambda Z, padded, rows, A_prev, *rest: (Z.astype(A_prev.dtype), (A_prev, *rest)),
        ),
        "For images of integers your Z loses what is behind the decimal point: it takes over the type of A_prev.",
    ),
    Wrong(
        "notebook-globals",
        _but(settings=lambda hparameters: (_NOTEBOOK_HPARAMETERS["stride"], _NOTEBOOK_HPARAMETERS["pad"])),
        "You always use the stride and pad of the notebook's example. Take them from the argument `hparameters`.",
    ),
    Wrong(
        "weights-reshaped-in-place",
        _but(filters=_shape_set),
        "`W.shape = ...` lays out the caller's own W anew, and the cache holds it too. `W.reshape(...)` leaves it as "
        "it is and gives you another view.",
    ),
    Wrong(
        "cache-padded",
        _but(answer=lambda Z, padded, rows, A_prev, *rest: (Z, (padded, *rest))),
        "Your Z is right, but the cache holds the padded images. The backward pass expects A_prev as it came.",
    ),
    Wrong(
        "cache-holds-matrix",
        _but(answer=lambda Z, padded, rows, A_prev, *rest: (Z, (rows, *rest))),
        "Your Z is right, but the cache holds the matrix of windows in place of A_prev. Your conv_backward knows "
        "images.",
    ),
    Wrong(
        "cache-forgotten",
        _but(answer=lambda Z, *rest: Z),
        "Your Z is right, but it comes back alone. The backward pass needs the cache as well: return both.",
    ),
    Wrong(
        "hparameters-emptied",
        _but(settings=lambda hparameters: (hparameters.pop("stride"), hparameters.pop("pad"))),
        "Your Z is right, but `pop` takes stride and pad out of the caller's dict, so they are missing from the cache. "
        "Read them and leave them there.",
    ),
)

EXERCISE = Exercise(
    name="conv_forward_fast",
    lesson="09-train-a-network",
    visible_points=1,
    criteria=CRITERIA,
    draw=draw,
    published=conv_forward.published,
    wrong=WRONG,
    returns=("Z", "cache"),
    formula=conv_forward.FORMULA,
    speed=Speed("speed", timed, loops, (_SLOWER, _FULL)),
)
