"""All there is about grading `pool_backward`: gradients on their way back through pooling."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from convlab.compare import Difference

from autograder import solution
from autograder.exercise import VISIBLE, Case, Criterion, Exercise, Reply, Wrong, shape, untouched, whole
from autograder.exercises.create_mask_from_window import any_of, later_larger
from autograder.exercises.drawing import integers, legacy, normal
from autograder.exercises.pool_forward import BY_HAND, one_window, peaks_at_ends

FORMULA = "dA_prev has the shape of A_prev, (m, n_H_prev, n_W_prev, n_C)."


def truth(dA: np.ndarray, cache: Any, mode: Any = "max") -> Any:
    """The gradient; of several maxima all may get it, or the first, the last, or each its share."""
    backward, (A_prev, hparameters) = solution.pool_backward, cache
    if mode != "max":
        return backward(dA, cache, mode)
    return any_of(
        [
            backward(dA, cache, mode),
            backward(dA, cache, mode, ties="first"),
            backward(dA, cache, mode, ties="shared"),
            backward(dA, (later_larger(A_prev), hparameters), mode),
        ]
    )


def _cache(A_prev: np.ndarray, f: int, stride: int) -> tuple[np.ndarray, dict[str, int]]:
    return A_prev, {"f": f, "stride": stride}


def draw(rng: np.random.Generator) -> dict[str, list[Case]]:
    """Groups of cases by what they look at.

    Unless a note says otherwise there is one positive image of one channel, without ties and with one window.
    """

    window, peaks = partial(one_window, rng), partial(peaks_at_ends, rng)

    def positive(*shape: int) -> np.ndarray:
        return normal(rng, *shape) + 4.0

    drawn = normal(rng, 5, 5, 3, 2)
    drawn[0, :2, :2, 0] -= 4.0  # as in the published example, some window is all negative
    whole_numbers = rng.permutation(28).reshape(1, 4, 7, 1) - 9
    overlapping = positive(1, 3, 4, 1)
    overlapping[0, [1, 2], [1, 3]] += [[9.0], [18.0]]  # in four windows, and in the last alone
    negative = normal(rng, 1, 3, 4, 1) - 4.0
    negative[0, 0, 0], negative[:, :, 3] = -0.5, -9.0
    relu, plateau = np.zeros((1, 4, 3, 1)), window(1, 3, 4, 1)
    plateau[0, [0, 1, 2], [2, 0, 2]] = 18.0
    odd = 2 * integers(rng, 1, 1, 1, 1, low=3, high=12) + 1
    channels, batch = window(1, 2, 3, 3), window(3, 3, 2, 1)
    channels[0, 1, 1, 1] = channels[0, 0, 1, 2] = 18.0  # elsewhere than in the first channel
    batch[1, 1, 1, 0] = batch[2, 0, 1, 0] = 18.0  # elsewhere than in the first image
    together = normal(rng, 2, 6, 9, 3)
    together[0, :3, :3, 0] -= 4.0
    return {
        VISIBLE: [
            Case((normal(rng, 5, 4, 2, 2), _cache(drawn, 2, 1), "max"), "max, stride 1"),
            Case(
                (normal(rng, 5, 4, 2, 2), _cache(drawn, 2, 1), "average"),
                "average, stride 1",
            ),
            Case(
                (integers(rng, 1, 2, 3, 1), _cache(whole_numbers, 2, 2), "max"),
                "integers, 2×2 windows at stride 2, a column left over",
            ),
        ],
        "max": [
            Case((positive(1, 1, 1, 1), _cache(window(1, 2, 3, 1), 2, 2), "max"), "one 2×2 window"),
            Case(
                (-positive(1, 1, 1, 1), _cache(window(1, 4, 3, 1, 2), 3, 2), "max"),
                "one 3×3 window, the maximum in its last corner, a negative gradient",
            ),
        ],
        "average": [
            Case((positive(1, 1, 1, 1), _cache(window(1, 2, 3, 1), 2, 2), "average"), "one 2×2 window"),
            Case(
                (-positive(1, 1, 1, 1), _cache(window(1, 4, 3, 1), 3, 2), "average"),
                "one 3×3 window, a negative gradient",
            ),
        ],
        "overlap": [
            Case(
                (positive(1, 2, 3, 1), _cache(overlapping, 2, 1), "max"),
                "2×2 windows at stride 1: one pixel is the maximum of four of them",
            )
        ],
        "stride": [
            Case(
                (positive(1, 2, 3, 1), _cache(peaks(5, 7, 2, 2), 2, 2), "max"),
                "2×2 windows side by side, a row and a column left over",
            ),
            Case(
                (positive(1, 2, 3, 1), _cache(peaks(7, 9, 2, 3), 2, 3), "max"),
                "stride 3: gaps between the windows",
            ),
        ],
        "negatives": [Case((positive(1, 1, 1, 1), _cache(negative, 3, 2), "max"), "a window of negatives only")],
        "ties": [
            Case((positive(1, 1, 1, 1), _cache(relu, 3, 2), "max"), "zeros only, as after a ReLU"),
            Case((-positive(1, 1, 1, 1), _cache(plateau, 3, 2), "max"), "a maximum that comes three times"),
        ],
        "channels": [
            Case(
                (positive(1, 1, 1, 3), _cache(channels, 2, 2), "max"),
                "three channels",
            )
        ],
        "batch": [
            Case(
                (positive(3, 1, 1, 1), _cache(batch, 2, 2), "max"),
                "three images",
            )
        ],
        "types": [
            Case(
                (positive(1, 1, 1, 1), _cache(np.rint(100 * window(1, 2, 3, 1)).astype(int), 2, 2), "max"),
                "an image of integers",
            ),
            Case((odd, _cache(window(1, 2, 3, 1), 2, 2), "average"), "an integer gradient"),
            Case(
                (
                    positive(1, 1, 1, 1).astype(np.float32),
                    _cache(window(1, 3, 4, 1).astype(np.float32), 3, 2),
                    "max",
                ),
                "float32",
            ),
        ],
        "default mode": [Case((positive(1, 1, 1, 1), _cache(window(1, 3, 4, 1), 3, 2)), "called without a mode")],
        "untouched": [
            Case(
                (positive(1, 1, 1, 1), _cache(window(1, 2, 3, 1), 2, 2), "max"),
                "max, looking at the arguments",
            ),
            Case(
                (positive(1, 1, 1, 1), _cache(window(1, 2, 3, 1), 2, 2), "average"),
                "average, looking at the arguments",
            ),
        ],
        "together": [
            Case(
                (normal(rng, 2, 2, 4, 3), _cache(together, 3, 2), "max"),
                "two images, three channels, windows that overlap, a row left over, a window of negatives",
            ),
            Case(
                (normal(rng, 2, 3, 2, 2), _cache(normal(rng, 2, 7, 6, 2), 3, 2), "average"),
                "two images, two channels, windows that overlap, a column left over",
            ),
        ],
    }


def published() -> list[Case]:
    """The examples of the visible check: one to check by hand, and the published ones."""
    A_prev, dA = legacy((5, 5, 3, 2), (5, 4, 2, 2))
    return [
        Case(
            (np.arange(1, 7).reshape(1, 2, 3, 1), _cache(BY_HAND, 2, 2), "max"),
            "integers, 2×2 windows at stride 2: the gradients 1 to 6 go to the maxima 4, 5, 4, -1, 8, 7",
        ),
        Case((dA, _cache(A_prev, 2, 1), "max"), "max, stride 1"),
        Case((dA, _cache(A_prev, 2, 1), "average"), "average, stride 1"),
    ]


def _right_in_max(case: Case, expected: Any, reply: Reply) -> Difference | None:
    """A maximum's gradient is right; of an average's only the shape counts here."""
    aspect = whole("dA_prev") if case.args[2] == "max" else shape(None, "dA_prev", FORMULA)
    return aspect(case, expected, reply)


CRITERIA = (
    Criterion(
        "max",
        0.25,
        "max",
        whole("dA_prev"),
        'The gradient of a maximum, mode "max"',
        "One entry of the window decided the maximum, and it alone gets the gradient, all of it. Print "
        "the mask for one window.",
    ),
    Criterion(
        "average",
        0.25,
        "average",
        whole("dA_prev"),
        'The gradient of a mean, mode "average"',
        "Each of the f×f entries of the window has an equal part in the mean, so each gets an equal "
        "share, whatever its value.",
    ),
    Criterion(
        "overlap",
        0.25,
        "overlap",
        whole("dA_prev"),
        "Windows that overlap: a pixel in several windows gets a gradient from each",
        "A pixel in two windows gets two gradients. What does your code do with the first one when the second comes?",
    ),
    Criterion(
        "stride",
        0.25,
        "stride",
        whole("dA_prev"),
        "Strides of 2 and 3, and sizes that they do not divide",
        "The gradient goes back to the very window that the forward pass looked at. Compare your corners "
        "with those in `pool_forward`.",
    ),
    Criterion(
        "negatives",
        0.25,
        "negatives",
        whole("dA_prev"),
        "A window of negatives only",
        "The maximum of -3 and -5 is -3, and it gets the gradient: look for a comparison with 0 or an absolute value.",
    ),
    Criterion(
        "ties",
        0.25,
        "ties",
        whole("dA_prev"),
        "A maximum that comes several times: all of them may get the gradient, or the first or last, or equal shares",
        "Try a window of zeros, which is common after a ReLU: its gradient must not get lost.",
    ),
    Criterion(
        "channels",
        0.25,
        "channels",
        whole("dA_prev"),
        "Each channel has its own maxima and gradients",
        "Cut the window, its mask and its gradient out of the same channel c.",
    ),
    Criterion(
        "batch",
        0.25,
        "batch",
        whole("dA_prev"),
        "Each image of the batch has its own maxima and gradients, and nothing is averaged over them",
        "Look at every place where the number of the image should be an index.",
    ),
    Criterion(
        "number types",
        0.25,
        "types",
        whole("dA_prev"),
        "Integer and float32 images and gradients",
        "Gradients have fractions even where the image is made of integers: look at the dtype of the array you add to.",
    ),
    Criterion(
        "default mode",
        0.25,
        "default mode",
        whole("dA_prev"),
        'Called without a mode, it takes the maximum, as `mode="max"` says',
        'Keep the signature `pool_backward(dA, cache, mode="max")`.',
    ),
    Criterion(
        "arguments left alone",
        0.25,
        "untouched",
        untouched(_right_in_max, "dA and the cache"),
        "dA and what is in the cache are the same after the call",
        "Write only to arrays that your function made itself. A slice of A_prev or dA is still A_prev or dA.",
    ),
    Criterion(
        "together",
        0.25,
        "together",
        whole("dA_prev"),
        "All of it at once: batch, channels, stride, overlap and both modes",
        "Once the other points are met this one mostly is too. If not, compare with a small example by hand.",
    ),
)

#: What the notebook's own example calls ``hparameters``.
_NOTEBOOK_HPARAMETERS = {"f": 2, "stride": 1}

Function = Callable[..., Any]


def _to_maximum(window: Any, gradient: Any) -> Any:
    return (window == np.max(window)) * gradient


def _to_all(window: Any, gradient: Any) -> Any:
    return gradient / window.size


def _shares(
    window: Any, gradient: Any, mode: str, in_max: Function = _to_maximum, in_average: Function = _to_all
) -> Any:
    return in_max(window, gradient) if mode == "max" else np.full(window.shape, in_average(window, gradient))


def _pool(
    dA: Any,
    cache: Any,
    mode: str = "max",
    *,
    in_max: Function = _to_maximum,
    in_average: Function = _to_all,
    shares: Function = _shares,
    corner: Function = lambda h, w, f, stride: (h * stride, w * stride),
    extra: int = 0,
    visits: Function = lambda m, n_H, n_W, n_C: np.ndindex(m, n_H, n_W, n_C),
    look: Function = lambda A_prev, i, rows, columns, c: A_prev[i, rows, columns, c],
    entry: Function = lambda dA, i, h, w, c: dA[i, h, w, c],
    start: Function = lambda A_prev, dA: np.zeros(A_prev.shape),
    add: Function = lambda old, new: old + new,
    layer: Function = lambda hparameters: hparameters,
    result: Function = lambda dA_prev, mode, dA: dA_prev,
) -> Any:
    """The backward pass in plain loops; right, but for what is put in place of a default."""
    A_prev, hparameters = cache
    f, stride = layer(hparameters)["f"], layer(hparameters)["stride"]
    dA_prev = start(A_prev, dA)
    for i, h, w, c in visits(*dA.shape):
        top, left = corner(h, w, f, stride)
        rows, columns = slice(top, top + f + extra), slice(left, left + f + extra)
        new = shares(look(A_prev, i, rows, columns, c), entry(dA, i, h, w, c), mode, in_max, in_average)
        dA_prev[i, rows, columns, c] = add(dA_prev[i, rows, columns, c], new)
    return result(dA_prev, mode, dA)


def _loops(**changes: Any) -> Function:
    """The loops with these of their parts replaced."""
    return partial(_pool, **changes)


def _in_max(change: Function, **options: Any) -> Function:
    """The backward pass that is wrong in mode "max" only: it adds ``change(window, gradient)``."""
    return _loops(in_max=change, **options)


def _masked(mask: Function, **options: Any) -> Function:
    """The backward pass whose gradients of a maximum go where ``mask(window)`` is true."""
    return _in_max(lambda window, gradient: mask(window) * gradient, **options)


def _in_average(change: Function) -> Function:
    """The backward pass that is wrong in mode "average" only: each entry gets ``change(window, gradient)``."""
    return _loops(in_average=change)


def _other_images_at_zero(dA_prev: Any, mode: str, dA: Any) -> Any:
    dA_prev[1:] = 0
    return dA_prev


def _loops_over_input(dA: Any, cache: Any, mode: str = "max") -> Any:
    return _loops(visits=lambda *shape: np.ndindex(cache[0].shape))(dA, cache, mode)


def _average_over_dA(dA: Any, cache: Any, mode: str = "max") -> Any:
    _, n_H, n_W, _ = dA.shape
    return _in_average(lambda window, gradient: gradient / (n_H * n_W))(dA, cache, mode)


def _mask_of_all_channels(dA: Any, cache: Any, mode: str = "max") -> Any:
    largest = np.broadcast_to(cache[0].max(axis=3, keepdims=True), cache[0].shape)
    found = _loops(
        shares=lambda pair, gradient, mode, *_: (
            (pair[0] == np.max(pair[1])) * gradient if mode == "max" else _shares(pair[0], gradient, mode)
        ),
        look=lambda A_prev, i, rows, columns, c: (A_prev[i, rows, columns, c], largest[i, rows, columns, c]),
    )
    return found(dA, cache, mode)


def _maximum_of_the_image(dA: Any, cache: Any, mode: str = "max") -> Any:
    def look(A_prev: Any, i: int, rows: slice, columns: slice, c: int) -> Any:
        image = A_prev[i, :, :, c]
        return np.where(image == image.max(), image, -np.inf)[rows, columns]

    return _masked(lambda window: window > -np.inf, look=look)(dA, cache, mode)


def _larger_than_all_others(window: Any) -> Any:
    return (window == np.max(window)) & (np.sum(window == np.max(window)) == 1)


def _written_into_window(window: Any, gradient: Any) -> Any:
    window[...] = window == np.max(window)
    return window * gradient


def _dA_divided_in_place(dA: Any, cache: Any, mode: str = "max") -> Any:
    if mode == "average":
        dA /= cache[1]["f"] ** 2
        return _in_average(lambda window, gradient: gradient)(dA, cache, mode)
    return _loops()(dA, cache, mode)


def _average_by_default(dA: Any, cache: Any, mode: str = "average") -> Any:
    return _loops()(dA, cache, mode)


def _mode_required(dA: Any, cache: Any, mode: str) -> Any:
    return _loops()(dA, cache, mode)


# Its message names the function that was called, and the student's is called so.
_mode_required.__qualname__ = "pool_backward"

WRONG = (
    Wrong(
        "stride-missing",
        _loops(corner=lambda h, w, f, stride: (h, w)),
        "Your windows start at row h and column w, whatever the stride is. At stride 1 "
        "that happens to be right. Compare the corners with those of your `pool_forward`: "
        "the gradient must go back to the same windows.",
    ),
    Wrong(
        "window-as-stride",
        _loops(corner=lambda h, w, f, stride: (h * f, w * f)),
        "Your windows start at multiples of f, but the forward pass moved them by `stride`. Look at the "
        "corners of the window.",
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
        "Your windows move down when they should move to the right. h belongs to the rows of the image "
        "(the second axis), w to its columns (the third).",
    ),
    Wrong(
        "corner-shared",
        _loops(corner=lambda h, w, f, stride: (h * stride, h * stride)),
        "Your windows lie on the diagonal of the image: row and column begin at the same number. Check "
        "that one of them comes from h and the other from w.",
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
        "loops-one-short",
        _loops(visits=lambda m, n_H, n_W, n_C: np.ndindex(m, n_H - 1, n_W - 1, n_C)),
        "The last row and the last column of dA are never used. `range(n)` already stops before n: look "
        "at how far your loops go.",
    ),
    Wrong(
        "height-and-width-swapped",
        _loops(visits=lambda m, n_H, n_W, n_C: np.ndindex(m, n_W, n_H, n_C)),
        "Your loops take the height of dA for its width. Its shape is (m, n_H, n_W, n_C), rows first.",
    ),
    Wrong(
        "height-used-for-width",
        _loops(visits=lambda m, n_H, n_W, n_C: np.ndindex(m, n_H, n_H, n_C)),
        "Both of your loops over dA run to n_H, as if dA were square. Look at the range of the loop over w.",
    ),
    Wrong(
        "loops-over-input",
        _loops_over_input,
        "Your loops run over the rows and columns of A_prev. There is one gradient for each window, so "
        "they should run over dA: look at which shape the ranges come from.",
    ),
    Wrong(
        "shape-of-dA",
        _loops(start=lambda A_prev, dA: np.zeros(dA.shape)),
        "Your result begins with the shape of dA. Every pixel of the input gets a gradient: which array "
        "has as many entries as the input?",
    ),
    Wrong(
        "overwritten-not-added",
        _loops(add=lambda old, new: new),
        "You store the gradient of each window over what was there. A pixel in several windows gets a "
        "gradient from each of them: look at how they come together.",
    ),
    Wrong(
        "starts-at-A_prev",
        _loops(start=lambda A_prev, dA: A_prev.astype(float)),
        "Your gradient begins as a copy of A_prev, so the pixels are added to it. Before the first window "
        "no pixel has any gradient: look at what you start from.",
    ),
    Wrong(
        "first-image-for-all",
        _loops(look=lambda A_prev, i, rows, columns, c: A_prev[0, rows, columns, c]),
        "You look for the maxima of every image in the first one. Which index do you use on the first axis of A_prev?",
    ),
    Wrong(
        "return-inside-loop",
        _loops(result=_other_images_at_zero),
        "Only the first image of the batch gets a gradient; the others stay 0. Look at how far `return` is indented.",
    ),
    Wrong(
        "averaged-over-batch",
        _loops(result=lambda dA_prev, mode, dA: dA_prev / len(dA)),
        "You divide by the number of images. Pooling treats each image by itself, so its gradient does "
        "not depend on how many there are.",
    ),
    Wrong(
        "first-channel-for-all",
        _loops(look=lambda A_prev, i, rows, columns, c: A_prev[i, rows, columns, 0]),
        "You look for the maxima of every channel in channel 0. Look at the channel from which the window is cut.",
    ),
    Wrong(
        "first-channel-of-dA",
        _loops(entry=lambda dA, i, h, w, c: dA[i, h, w, 0]),
        "Every channel gets the gradient of channel 0. Look at the last index of dA.",
    ),
    Wrong(
        "mask-of-all-channels",
        _mask_of_all_channels,
        "You look for the maximum in all channels together, so that most channels get no gradient. Each "
        "channel was pooled by itself: cut the window out of one channel.",
    ),
    Wrong(
        "maximum-of-the-image",
        _maximum_of_the_image,
        "You look for the maximum of the whole image. The forward pass took one maximum for each window: "
        "compare with that of the window.",
    ),
    Wrong(
        "mask-not-negative",
        _masked(lambda window: window >= 0),
        "Your mask is true where the window is not negative. It should be "
        "true where the window equals its own maximum.",
    ),
    Wrong(
        "mask-of-absolute-values",
        _masked(lambda window: np.abs(window) == np.max(np.abs(window))),
        "You look for the maximum without the signs, so that -9 counts as larger than 5. Look for an `abs`.",
    ),
    Wrong(
        "mask-of-minimum",
        _masked(lambda window: window == np.min(window)),
        "The gradient goes to the smallest entry of each window. The forward pass passed on the largest.",
    ),
    Wrong(
        "maximum-from-zero",
        _masked(lambda window: window == max(0, *window.flat)),
        "Your search for the maximum starts at 0, so in a window of negatives nothing gets the gradient. "
        "Look at the value you begin with.",
    ),
    Wrong(
        "relu-mixed-in",
        _masked(lambda window: (window == np.max(window)) & (window > 0)),
        "Maxima that are 0 or negative get no gradient. That is the backward pass of a ReLU, another "
        "layer: for a maximum the sign does not matter.",
    ),
    Wrong(
        "lost-at-ties",
        _masked(_larger_than_all_others),
        "Where the maximum comes twice in a window, nothing gets the gradient. Think of a window of zeros "
        "after a ReLU: at least one entry must get it.",
    ),
    Wrong(
        "maximum-not-gradient",
        _in_max(lambda window, gradient: np.where(window == np.max(window), window, 0)),
        "You send the maximum itself back. What goes back is the gradient "
        "dA[i, h, w, c], and the mask only says where to.",
    ),
    Wrong(
        "times-the-input",
        _in_max(lambda window, gradient: np.where(window == np.max(window), window, 0) * gradient),
        "You multiply the gradient by the pixel. A maximum passes its entry on unchanged, so its "
        "derivative there is 1, whatever the pixel is.",
    ),
    Wrong(
        "mask-not-multiplied",
        _in_max(lambda window, gradient: 1.0 * (window == np.max(window))),
        "You add the mask itself. It says who receives the gradient, and not how much: "
        "what arrives in dA still has to come in.",
    ),
    Wrong(
        "maximum-to-whole-window",
        _in_max(lambda window, gradient: np.full(window.shape, gradient)),
        'In mode "max" the whole window gets the gradient. Only the entry that was the maximum had any '
        "say: where does the mask come in?",
    ),
    Wrong(
        "average-not-divided",
        _in_average(lambda window, gradient: gradient),
        'In mode "average" each entry gets the whole gradient. Add up what the '
        "window gets: it should be the gradient once.",
    ),
    Wrong(
        "average-over-f",
        _in_average(lambda window, gradient: gradient / len(window)),
        'In mode "average" you divide by f. Count the entries of an f×f window.',
    ),
    Wrong(
        "average-over-dA",
        _average_over_dA,
        'In mode "average" you divide by the number of rows times columns of dA. It is the window that '
        "shares the gradient: look at the shape you give to `distribute_value`.",
    ),
    Wrong(
        "average-times-the-input",
        _in_average(lambda window, gradient: gradient * window / window.size),
        'In mode "average" you multiply the gradient by the pixels. Each pixel has the same part in the '
        "mean, whatever its value.",
    ),
    Wrong(
        "mode-ignored",
        _in_average(lambda window, gradient: np.where(window == np.max(window), gradient, 0)),
        "You send the gradient to the maximum in both modes. Look at whether your code ever asks for `mode`.",
    ),
    Wrong(
        "mode-misspelt",
        _in_average(lambda window, gradient: 0),
        'In mode "average" your gradient stays 0: no branch of your code is taken. Compare the word in '
        'your `if` with "average", letter by letter.',
    ),
    Wrong(
        "modes-swapped",
        _loops(
            shares=lambda window, gradient, mode, *to: _shares(
                window, gradient, "max" if mode == "average" else "average", *to
            )
        ),
        'The two modes have changed places: "max" shares the gradient out, and "average" gives it to the '
        "maximum. Look at the `if`.",
    ),
    Wrong(
        "average-by-default",
        _average_by_default,
        'Called without a mode, your function takes the average. Look at the signature: the default is "max".',
    ),
    Wrong(
        "mode-required",
        _mode_required,
        'Your function cannot be called without a mode. Look at the signature, which gives `mode` the default "max".',
    ),
    Wrong(
        "integer-gradient",
        _loops(start=lambda A_prev, dA: np.zeros_like(A_prev)),
        "Your gradient has the dtype of A_prev, so for an image of integers it loses what is after the "
        "decimal point. Look at the line that makes dA_prev, perhaps `zeros_like`.",
    ),
    Wrong(
        "sign-turned",
        _loops(add=lambda old, new: old - new),
        "Your gradient has the wrong sign. It says how the cost changes with each pixel; stepping against "
        "it is done elsewhere. Look for a minus.",
    ),
    Wrong(
        "dA-divided-in-place",
        _dA_divided_in_place,
        "You divide dA itself, which changes it for whoever called your function. Look for `/=`, and put "
        "the share into a variable of its own.",
    ),
    Wrong(
        "window-overwritten",
        _in_max(_written_into_window),
        "You write the mask into the window. A slice is a view, so that changes A_prev itself, and "
        "windows that overlap see it. Put the mask into an array of its own.",
    ),
    Wrong(
        "cache-in-another-order",
        lambda dA, cache, mode="max": _loops()(dA, (cache[1], cache[0]), mode),
        "You take the cache apart in the wrong order. It is the pair (A_prev, hparameters), as "
        "`pool_forward` returned it.",
    ),
    Wrong(
        "notebook-globals",
        _loops(layer=lambda hparameters: _NOTEBOOK_HPARAMETERS),
        "Your function uses `f` and `stride` (or `hparameters`) from elsewhere in the notebook instead of "
        "those in the cache. Restart the kernel and run it with other numbers.",
    ),
    Wrong(
        "float-of-array",
        _loops(entry=lambda dA, i, h, w, c: float(dA[i : i + 1, h : h + 1, w, c])),
        "You make a float of an array of one element, which NumPy no longer allows. Pick the number out "
        "with four indices instead of slices, or with `.item()`.",
    ),
    Wrong(
        "removed-numpy-name",
        _in_average(lambda window, gradient: gradient / np.product(window.shape)),  # type: ignore[attr-defined]
        "`np.product` is no longer part of NumPy. Multiply the two numbers yourself, or look up today's name.",
    ),
)

EXERCISE = Exercise(
    name="pool_backward",
    lesson="06-pool-backward",
    visible_points=1,
    criteria=CRITERIA,
    draw=draw,
    published=published,
    wrong=WRONG,
    returns=("dA_prev",),
    formula=FORMULA,
    helpers=("create_mask_from_window", "distribute_value"),
    truth=truth,
)
