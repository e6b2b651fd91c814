"""All there is about grading `pool_forward`: max and average pooling of a batch of images."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from convlab.compare import Difference

from autograder.exercise import (
    VISIBLE,
    Case,
    Criterion,
    Exercise,
    Reply,
    Wrong,
    part,
    shape,
    untouched,
)
from autograder.exercises.drawing import integers, legacy, normal

FORMULA = "A is (m, n_H, n_W, n_C); n_H = floor((n_H_prev - f) / stride) + 1, and n_W likewise from n_W_prev."

#: An image to pool by hand: its 2×2 windows at stride 2 have the maxima 4, 5, 4 and, below them, -1, 8, 7.
BY_HAND = np.array(
    [[1, 3, 2, 1, 4, 0, 9], [4, 2, 0, 5, -1, 1, 9], [-1, -3, 6, 8, 2, 7, 9], [-5, -2, 7, 7, 3, 3, 9]]
).reshape(1, 4, 7, 1)


def _pooling(f: int, stride: int) -> dict[str, int]:
    return {"f": f, "stride": stride}


def one_window(rng: np.random.Generator, m: int, n_H: int, n_W: int, n_C: int, largest_at: int = 0) -> np.ndarray:
    """Return positive images around one window of f = min(n_H, n_W), its maximum on its diagonal.

    What lies outside of the window is larger than all in it.
    """
    images, f = normal(rng, m, n_H, n_W, n_C) + 4.0, min(n_H, n_W)
    images[:, largest_at, largest_at] += 9.0
    images[:, f:] += 20.0
    images[:, :, f:] += 20.0
    return images


def peaks_at_ends(rng: np.random.Generator, n_H: int, n_W: int, f: int, stride: int) -> np.ndarray:
    """Return a positive image with peaks in the first window's first corner and the last window's last one.

    What is left over beyond the last windows is larger still.
    """
    row, column = ((n - f) // stride * stride + f - 1 for n in (n_H, n_W))
    images = normal(rng, 1, n_H, n_W, 1) + 4.0
    images[:, 0, 0] += 18.0
    images[:, row, column] += 9.0
    images[:, row + 1 :] += 36.0
    images[:, :, column + 1 :] += 36.0
    return images


def draw(rng: np.random.Generator) -> dict[str, list[Case]]:
    """Groups of cases by what they look at.

    Unless a note says otherwise there is one positive image of one channel, with one window.
    """
    window, peaks = partial(one_window, rng), partial(peaks_at_ends, rng)
    drawn = normal(rng, 2, 5, 5, 3)
    by_hand = integers(rng, 1, 4, 7, 1, low=-9, high=30)
    by_hand[0, 2:, :2, 0] = integers(rng, 2, 2, low=-9, high=-1)
    whole_numbers = integers(rng, 1, 2, 3, 1, low=5, high=20)
    whole_numbers[0, :, 2] += 20
    whole_numbers[0, 0, 0, 0] += 1 - whole_numbers[0, :, :2].sum() % 4  # so that the first sum is odd
    negative = normal(rng, 1, 3, 4, 1) - 4.0
    negative[0, 0, 0], negative[:, :, 3] = -0.5, -9.0
    together = normal(rng, 2, 7, 10, 3)
    together[0, :3, :3, 0] -= 4.0
    return {
        VISIBLE: [
            Case((by_hand, _pooling(2, 2), "max"), "integers, 2×2 windows at stride 2, a column left over"),
            Case((drawn, _pooling(3, 1), "max"), "max, stride 1"),
            Case((drawn, _pooling(3, 1), "average"), "average, stride 1"),
            Case((drawn, _pooling(3, 2), "max"), "max, stride 2"),
            Case((drawn, _pooling(3, 2), "average"), "average, stride 2"),
        ],
        "output shape": [
            Case((normal(rng, 2, 6, 9, 3), _pooling(2, 2), "max"), "wider than high, a column left over"),
            Case((normal(rng, 1, 8, 5, 2), _pooling(3, 2), "average"), "higher than wide, a row left over"),
        ],
        "maximum": [
            Case(
                (window(1, 2, 3, 1), _pooling(2, 2), "max"),
                "one 2×2 window, the maximum in its first corner",
            ),
            Case(
                (window(1, 4, 3, 1, 2), _pooling(3, 2), "max"),
                "one 3×3 window, the maximum in its last corner",
            ),
        ],
        "average": [
            Case((window(1, 2, 3, 1), _pooling(2, 2), "average"), "one 2×2 window"),
            Case((window(1, 4, 3, 1), _pooling(3, 2), "average"), "one 3×3 window"),
        ],
        "overlap": [Case((peaks(4, 5, 3, 1), _pooling(3, 1), "max"), "3×3 windows at stride 1")],
        "stride": [
            Case(
                (peaks(5, 7, 2, 2), _pooling(2, 2), "max"),
                "2×2 windows side by side, a row and a column left over",
            ),
            Case(
                (peaks(7, 9, 2, 3), _pooling(2, 3), "max"),
                "gaps between the windows, sizes not divided by 3",
            ),
            Case((peaks(8, 6, 3, 2), _pooling(3, 2), "max"), "windows that overlap at stride 2"),
        ],
        "channels": [Case((window(1, 2, 3, 3), _pooling(2, 1), "max"), "three channels, two windows")],
        "batch": [Case((window(3, 3, 2, 1), _pooling(2, 2), "max"), "three images")],
        "negatives": [Case((negative, _pooling(3, 2), "max"), "a window of negatives only")],
        "number types": [
            Case((whole_numbers, _pooling(2, 1), "average"), "averages of integers, two windows"),
            Case((window(1, 3, 4, 1).astype(np.float32), _pooling(3, 1), "max"), "float32, two windows"),
        ],
        "default mode": [Case((window(1, 3, 4, 1), _pooling(3, 2)), "called without a mode")],
        "together": [
            Case(
                (together, _pooling(3, 2), "max"),
                "two images, three channels, windows that overlap, a column left over, a window of negatives",
            ),
            Case(
                (normal(rng, 2, 9, 6, 2), _pooling(2, 3), "average"),
                "two images, two channels, gaps between the windows, a row and a column left over",
            ),
        ],
    }


def published() -> list[Case]:
    """The examples of the visible check: one to check by hand, and the published ones."""
    (A_prev,) = legacy((2, 5, 5, 3))
    return [
        Case(
            (BY_HAND, _pooling(2, 2), "max"),
            "integers, 2×2 windows at stride 2: 4, 5, 4 and below them -1, 8, 7; the last column is left over",
        ),
        Case((A_prev, _pooling(3, 1), "max"), "max, stride 1"),
        Case((A_prev, _pooling(3, 1), "average"), "average, stride 1"),
        Case((A_prev, _pooling(3, 2), "max"), "max, stride 2"),
        Case((A_prev, _pooling(3, 2), "average"), "average, stride 2"),
    ]


def _cache(case: Case, expected: Any, reply: Reply) -> Difference | None:
    """The cache is right, beside an A that has at least the right shape (an idle function earns nothing)."""
    return shape(0, "A", FORMULA)(case, expected, reply) or part(1, "cache")(case, expected, reply)


CRITERIA = (
    Criterion(
        "output shape",
        0.25,
        "output shape",
        shape(0, "A", FORMULA),
        "The shape of A, (m, n_H, n_W, n_C)",
        "Work n_H out from n_H_prev and n_W from n_W_prev with `pool_output_size`; m and n_C stay as they are.",
    ),
    Criterion(
        "maximum",
        0.5,
        "maximum",
        part(0, "A", FORMULA),
        'The maximum of one window in mode "max"',
        "Print the window your code cuts out: it should be the first f rows and f columns, and nothing else.",
    ),
    Criterion(
        "average",
        0.5,
        "average",
        part(0, "A", FORMULA),
        'The mean of one window in mode "average"',
        "The mean is the sum of the window divided by how many entries it has. Is the mode compared with "
        'the exact word "average"?',
    ),
    Criterion(
        "overlap",
        0.25,
        "overlap",
        part(0, "A", FORMULA),
        "Windows that overlap, at stride 1",
        "At stride 1 each window starts one pixel after the one before it, however large it is.",
    ),
    Criterion(
        "stride",
        0.5,
        "stride",
        part(0, "A", FORMULA),
        "Strides of 2 and 3, and sizes that they do not divide",
        "Write down in which row the window of each h starts at stride 2, and compare with your code. A "
        "window that would stick out is not used.",
    ),
    Criterion(
        "channels",
        0.25,
        "channels",
        part(0, "A", FORMULA),
        "Each channel is pooled by itself",
        "Cut the window out of channel c only, and store its result in channel c.",
    ),
    Criterion(
        "batch",
        0.25,
        "batch",
        part(0, "A", FORMULA),
        "Each image of the batch is pooled by itself",
        "Look at the loop over the images: each must read its own A_prev[i] and write its own A[i].",
    ),
    Criterion(
        "negatives",
        0.25,
        "negatives",
        part(0, "A", FORMULA),
        "Windows of negatives only",
        "The maximum of -3 and -5 is -3. Look for a maximum that starts at 0, an absolute value or a ReLU.",
    ),
    Criterion(
        "number types",
        0.25,
        "number types",
        part(0, "A", FORMULA),
        "Integer and float32 images",
        "The mean of integers has a fraction: look at the dtype of the array you store it in.",
    ),
    Criterion(
        "default mode",
        0.25,
        "default mode",
        part(0, "A", FORMULA),
        'Called without a mode, it takes the maximum, as `mode="max"` says',
        'Keep the signature `pool_forward(A_prev, hparameters, mode="max")`.',
    ),
    Criterion(
        "cache",
        0.25,
        "maximum",
        _cache,
        "The cache that the backward pass needs: (A_prev, hparameters)",
        "Return the pair A, cache, where the cache is the pair of the two inputs in their order.",
    ),
    Criterion(
        "arguments left alone",
        0.25,
        "maximum",
        untouched(part(0, "A", FORMULA), "A_prev and hparameters"),
        "The inputs are left as they were",
        "Write only to arrays that your function made itself. A slice of A_prev is still A_prev.",
    ),
    Criterion(
        "together",
        0.25,
        "together",
        part(0, "A", FORMULA),
        "All of it at once: batch, channels, stride and both modes",
        "Once the other points are met this one mostly is too. If not, compare with a small example by hand.",
    ),
)

#: What the notebook's own example calls ``hparameters``.
_NOTEBOOK_HPARAMETERS = {"f": 3, "stride": 2}

Function = Callable[..., Any]


def _value(window: Any, mode: str, maximum: Function = np.max, average: Function = np.mean) -> Any:
    return maximum(window) if mode == "max" else average(window)


def _pool(
    A_prev: Any,
    hparameters: Any,
    mode: str = "max",
    *,
    maximum: Function = np.max,
    average: Function = np.mean,
    value: Function = _value,
    size: Function = lambda n_prev, f, stride: (n_prev - f) // stride + 1,
    corner: Function = lambda h, w, f, stride: (h * stride, w * stride),
    extra: int = 0,
    dtype: Function = lambda A_prev: float,
    read: Function = lambda A_prev, mode: A_prev,
    layer: Function = lambda hparameters: hparameters,
    result: Function = lambda A, mode: A,
    cache: Function = lambda A, A_prev, hparameters: (A_prev, hparameters),
) -> Any:
    """Pooling in plain loops; right, but for what is put in place of a default."""
    f, stride = layer(hparameters)["f"], layer(hparameters)["stride"]
    images = read(A_prev, mode)
    m, n_H_prev, n_W_prev, n_C = images.shape
    A = np.zeros((m, size(n_H_prev, f, stride), size(n_W_prev, f, stride), n_C), dtype=dtype(A_prev))
    for i, h, w, c in np.ndindex(A.shape):
        top, left = corner(h, w, f, stride)
        window = images[i, top : top + f + extra, left : left + f + extra, c]
        A[i, h, w, c] = value(window, mode, maximum, average)
    return result(A, mode), cache(A, A_prev, hparameters)


def _loops(**changes: Any) -> Function:
    """The loops with these of their parts replaced."""
    return partial(_pool, **changes)


def _in_average(change: Function) -> Function:
    """Pooling whose averages, only, are made from a window by ``change``."""
    return _loops(average=change)


def _in_max(change: Function) -> Function:
    """Pooling whose maxima, only, are made from a window by ``change``."""
    return _loops(maximum=change)


def _height_used_for_width(A_prev: Any, hparameters: Any, mode: str = "max") -> Any:
    f, stride = hparameters["f"], hparameters["stride"]
    m, n_H_prev, _, n_C = A_prev.shape
    n_H = n_W = (n_H_prev - f) // stride + 1
    A = np.zeros((m, n_H, n_W, n_C))
    for i, h, w, c in np.ndindex(A.shape):
        A[i, h, w, c] = _value(A_prev[i, h * stride : h * stride + f, w * stride : w * stride + f, c], mode)
    return A, (A_prev, hparameters)


def _across_channels(A_prev: Any, mode: str) -> Any:
    return A_prev.max(axis=3, keepdims=True) if mode == "max" else A_prev.mean(axis=3, keepdims=True)


def _averages_over_the_image(A_prev: Any, hparameters: Any, mode: str = "max") -> Any:
    A, cache = _in_average(np.sum)(A_prev, hparameters, mode)
    return (A if mode == "max" else A / (A_prev.shape[1] * A_prev.shape[2])), cache


def _edges_left_at_zero(A: Any, mode: str) -> Any:
    A[:, -1] = A[:, :, -1] = 0
    return A


def _first_image_only(A: Any, mode: str) -> Any:
    A[1:] = 0
    return A


def _last_image_left_at_zero(A: Any, mode: str) -> Any:
    A[-1] = 0
    return A


def _hparameters_emptied(A_prev: Any, hparameters: Any, mode: str = "max") -> Any:
    layer = {key: hparameters.pop(key) for key in ("f", "stride")}
    return _loops()(A_prev, layer, mode)[0], (A_prev, hparameters)


def _sorted_in_place(window: Any, *mode: Any) -> Any:
    window.sort(axis=0)
    return _value(window, *mode)


def _average_by_default(A_prev: Any, hparameters: Any, mode: str = "average") -> Any:
    return _loops()(A_prev, hparameters, mode)


def _mode_required(A_prev: Any, hparameters: Any, mode: str) -> Any:
    return _loops()(A_prev, hparameters, mode)


# Its message names the function that was called, and the student's is called so.
_mode_required.__qualname__ = "pool_forward"

WRONG = (
    Wrong(
        "stride-missing",
        _loops(corner=lambda h, w, f, stride: (h, w)),
        "Your windows start at row h and column w, so they move by one pixel whatever the stride is. It "
        "shows as soon as the stride is 2: look at the line where the window's first row is worked out.",
    ),
    Wrong(
        "window-as-stride",
        _loops(corner=lambda h, w, f, stride: (h * f, w * f)),
        "Your windows start at multiples of f, but they move by `stride`. Often both are 2; here they are "
        "two different numbers. Look at the corners of the window.",
    ),
    Wrong(
        "always-side-by-side",
        _loops(layer=lambda hparameters: {"f": hparameters["f"], "stride": hparameters["f"]}),
        "You treat the stride as if it were always f, in the size of the output and in the corners. Read "
        "both numbers from `hparameters`: windows may overlap or leave gaps.",
    ),
    Wrong(
        "window-too-small",
        _loops(extra=-1),
        "Your window has one row and one column too few. The end of a slice is not part of it: `a[2:5]` "
        "has three entries. Look at where your window ends.",
    ),
    Wrong(
        "window-too-large",
        _loops(extra=1),
        "Your window has one row and one column too many. The end of a slice is not part of it: `a[2:5]` "
        "has three entries. Look at where your window ends.",
    ),
    Wrong(
        "stride-on-height-only",
        _loops(corner=lambda h, w, f, stride: (h * stride, w)),
        "Your windows follow the stride downwards, but not to the right. Compare where their rows and "
        "their columns begin.",
    ),
    Wrong(
        "corners-swapped",
        _loops(corner=lambda h, w, f, stride: (w * stride, h * stride)),
        "The corners have changed places: your output row moves the window to the right, and your output "
        "column moves it down. Check which of h and w goes with the rows of A_prev.",
    ),
    Wrong(
        "corner-shared",
        _loops(corner=lambda h, w, f, stride: (h * stride, h * stride)),
        "Your windows lie on the diagonal of the image: row and column begin at the same number. Check "
        "that one of them comes from h and the other from w.",
    ),
    Wrong(
        "height-and-width-swapped",
        _loops(result=lambda A, mode: A.transpose(0, 2, 1, 3)),
        "Height and width of your output have changed places: A is (m, n_H, n_W, n_C), rows first. Square "
        "images hide it; try one that is wider than high.",
    ),
    Wrong(
        "height-used-for-width",
        _height_used_for_width,
        "Your output is square: its width is worked out from the height of the image. Look at the line for n_W.",
    ),
    Wrong(
        "size-rounded-up",
        _loops(size=lambda n_prev, f, stride: math.ceil((n_prev - f) / stride) + 1),
        "Your output counts a last window that sticks out of the image. Only windows that lie inside are "
        "used: look at how the division is rounded.",
    ),
    Wrong(
        "size-without-plus-one",
        _loops(size=lambda n_prev, f, stride: (n_prev - f) // stride),
        "Your output is one row and one column too small: the place where the window starts counts too. "
        "Look at the size formula, or let `pool_output_size` do it.",
    ),
    Wrong(
        "loops-one-short",
        _loops(result=_edges_left_at_zero),
        "The last row and the last column of your output stay 0. `range(n)` already stops before n: look "
        "at how far your loops go.",
    ),
    Wrong(
        "padded-as-convolution",
        _loops(read=lambda A_prev, mode: np.pad(A_prev, ((0, 0), (1, 1), (1, 1), (0, 0)))),
        "You pad the image with zeros as a convolution does. The pooling of this lesson has no padding: "
        "look at what happens to A_prev before the loops.",
    ),
    Wrong(
        "across-channels",
        _loops(read=lambda A_prev, mode: np.broadcast_to(_across_channels(A_prev, mode), A_prev.shape)),
        "Each of your windows takes in all channels, so they all get the same numbers. Pooling looks at "
        "one channel at a time: look at the last index of the slice.",
    ),
    Wrong(
        "channels-merged",
        _loops(read=_across_channels),
        "Your output has a single channel. Pooling never mixes channels: as many come out as go in. Look "
        "at the last axis of A.",
    ),
    Wrong(
        "first-channel-for-all",
        _loops(read=lambda A_prev, mode: np.broadcast_to(A_prev[..., :1], A_prev.shape)),
        "Every channel of your output is pooled from channel 0. Look at which channel the window is cut from.",
    ),
    Wrong(
        "first-image-for-all",
        _loops(read=lambda A_prev, mode: np.broadcast_to(A_prev[:1], A_prev.shape)),
        "Every image of your output is pooled from the first image. Look at the index of the image inside the loop.",
    ),
    Wrong(
        "return-inside-loop",
        _loops(result=_first_image_only),
        "Only the first image of the batch is pooled; the others stay 0. Look at how far `return` is indented.",
    ),
    Wrong(
        "last-image-missing",
        _loops(result=_last_image_left_at_zero),
        "The last image of the batch is not pooled. `range(m)` already stops before m: look at the outermost loop.",
    ),
    Wrong(
        "maximum-from-zero",
        _in_max(lambda window: max(0, *window.flat)),
        "Your maximum starts at 0, so a window of negatives gives 0. Think of what to start from, or let "
        "NumPy find the maximum.",
    ),
    Wrong(
        "absolute-values",
        _loops(read=lambda A_prev, mode: np.abs(A_prev)),
        "You drop the signs before pooling, so that -9 counts as larger than 5. Look for an `abs`.",
    ),
    Wrong(
        "relu-applied",
        _loops(result=lambda A, mode: np.maximum(A, 0)),
        "You cut off negative results. That is the ReLU, another layer; "
        "pooling passes negative numbers on as they are.",
    ),
    Wrong(
        "minimum",
        _in_max(np.min),
        'Mode "max" gives the smallest entry of each window. Look at which NumPy function is called.',
    ),
    Wrong(
        "sum-for-average",
        _in_average(np.sum),
        "Your average is the sum of the window. What must a sum be divided by to be a mean?",
    ),
    Wrong(
        "average-over-f",
        _in_average(lambda window: np.sum(window) / len(window)),
        "Your average divides the sum by f. Count the entries of an f×f window.",
    ),
    Wrong(
        "average-over-image",
        _averages_over_the_image,
        "Your average divides by the number of pixels of the whole image. The mean is that of the window "
        "alone: count its entries.",
    ),
    Wrong(
        "mode-ignored",
        _in_average(np.max),
        "You take the maximum in both modes. Look at whether your code ever asks for `mode`.",
    ),
    Wrong(
        "mode-misspelt",
        _in_average(lambda window: 0),
        'In mode "average" your output stays 0: no branch of your code is taken. Compare the word in your '
        '`if` with "average", letter by letter.',
    ),
    Wrong(
        "modes-swapped",
        _loops(value=lambda window, mode, maximum, average: average(window) if mode == "max" else maximum(window)),
        'The two modes have changed places: "max" averages, and "average" takes the maximum. Look at the `if`.',
    ),
    Wrong(
        "average-by-default",
        _average_by_default,
        'Called without a mode, your function averages. Look at the signature: the default is "max".',
    ),
    Wrong(
        "mode-required",
        _mode_required,
        'Your function cannot be called without a mode. Look at the signature, which gives `mode` the default "max".',
    ),
    Wrong(
        "integer-result",
        _loops(dtype=lambda A_prev: A_prev.dtype),
        "Your output array has the dtype of A_prev, so averages of integers lose what is after the "
        "decimal point. Look at the line that makes A.",
    ),
    Wrong(
        "cache-forgotten",
        lambda A_prev, hparameters, mode="max": _loops()(A_prev, hparameters, mode)[0],
        "You return A alone. The backward pass will need the inputs again: return the cache as a second value.",
    ),
    Wrong(
        "cache-swapped",
        _loops(cache=lambda A, A_prev, hparameters: (hparameters, A_prev)),
        "The two parts of your cache have changed places. Its order is that "
        "of the parameters: A_prev, then hparameters.",
    ),
    Wrong(
        "cache-holds-A",
        _loops(cache=lambda A, A_prev, hparameters: (A, hparameters)),
        "Your cache holds the output A. To know where each maximum was, the backward pass needs the input, A_prev.",
    ),
    Wrong(
        "hparameters-emptied",
        _hparameters_emptied,
        "You take the numbers out of `hparameters`, and they are gone for whoever needs them next. Read a "
        "dict with square brackets, not with `pop` or `clear`.",
    ),
    Wrong(
        "image-sorted",
        _loops(value=_sorted_in_place),
        "You sort or change the window in place. A slice is a view, so that changes A_prev itself, and "
        "windows that overlap see it. Look for a method that changes its array.",
    ),
    Wrong(
        "notebook-globals",
        _loops(layer=lambda hparameters: _NOTEBOOK_HPARAMETERS),
        "Your function uses `f` and `stride` (or `hparameters`) from elsewhere in the notebook instead of "
        "its argument. Restart the kernel and run it with other numbers.",
    ),
    Wrong(
        "array-stored-in-element",
        _loops(value=lambda window, *mode: np.atleast_2d(_value(window, *mode))),
        "You store an array into an entry of A, where a number must go. Look for `keepdims`, for an `axis` "
        "that leaves others standing, or for a slice where an index is meant.",
    ),
    Wrong(
        "removed-numpy-name",
        _in_max(lambda window: max(-np.Inf, *window.flat)),  # type: ignore[attr-defined]
        "`np.Inf` is no longer part of NumPy. Its message names today's spelling, and NumPy can find the "
        "maximum of a window by itself.",
    ),
)

EXERCISE = Exercise(
    name="pool_forward",
    lesson="04-pool-forward",
    visible_points=2,
    criteria=CRITERIA,
    draw=draw,
    published=published,
    wrong=WRONG,
    returns=("A", "cache"),
    formula=FORMULA,
    helpers=("pool_output_size",),
)
