"""Break it: three faulty versions of ``pool_backward``, as lesson 07 shows them, to be betrayed by inputs.

The first takes its window from h and w as a published version does that was widely copied.
"""
# mypy: allow-untyped-defs, allow-untyped-calls

import numpy as np

from autograder.break_it import Version, break_it
from autograder.exercise import Wrong


def pool_backward_a(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f = hparameters["f"]
    dA_prev = np.zeros(A_prev.shape)
    for i, h, w, c in np.ndindex(dA.shape):
        here = (i, slice(h, h + f), slice(w, w + f), c)
        if mode == "max":
            mask = A_prev[here] == np.max(A_prev[here])
            dA_prev[here] += mask * dA[i, h, w, c]
        else:
            dA_prev[here] += dA[i, h, w, c] / (f * f)
    return dA_prev


def pool_backward_b(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f, stride = hparameters["f"], hparameters["stride"]
    n_H, n_W = dA.shape[1:3]
    dA_prev = np.zeros(A_prev.shape)
    for i, h, w, c in np.ndindex(dA.shape):
        top, left = h * stride, w * stride
        here = (i, slice(top, top + f), slice(left, left + f), c)
        if mode == "max":
            mask = A_prev[here] == np.max(A_prev[here])
            dA_prev[here] += mask * dA[i, h, w, c]
        else:
            dA_prev[here] += dA[i, h, w, c] / (n_H * n_W)
    return dA_prev


def pool_backward_c(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f, stride = hparameters["f"], hparameters["stride"]
    dA_prev = np.zeros(A_prev.shape)
    for i, h, w, c in np.ndindex(dA.shape):
        top, left = h * stride, w * stride
        here = (i, slice(top, top + f), slice(left, left + f), c)
        if mode == "max":
            row, column = divmod(np.argmax(A_prev[here]), stride)
            dA_prev[i, top + row, left + column, c] += dA[i, h, w, c]
        else:
            dA_prev[here] += dA[i, h, w, c] / (f * f)
    return dA_prev


def _inputs(f=3, stride=2, mode="max", rows=5, columns=7, first=False):
    """An image without ties, whose windows have their maximum at their last corner or at their first."""
    A_prev = np.arange(rows)[:, None] * 2 + np.arange(columns)
    A_prev = (A_prev[::-1, ::-1] if first else A_prev).reshape(1, rows, columns, 1) % 19 - 9
    n_H, n_W = (rows - f) // stride + 1, (columns - f) // stride + 1
    dA = (np.arange(n_H * n_W) % 9 + 1).reshape(1, n_H, n_W, 1)
    return dA, (A_prev, {"f": f, "stride": stride}), mode


def _without_stride():
    return {"a": _inputs(stride=1), "b": _inputs(mode="average"), "c": _inputs()}


def _as_many_outputs_as_pixels():
    return {"a": _inputs(), "b": _inputs(f=2, mode="average", rows=4, columns=4), "c": _inputs()}


def _side_by_side():
    return {"a": _inputs(), "b": _inputs(mode="average"), "c": _inputs(f=2)}


def _simplest():
    return {letter: _inputs(f=2, stride=1, rows=3, columns=3, first=True) for letter in "abc"}


def _one_tuple():
    return _inputs()


def _inputs_of_the_forward_pass():
    return {letter: (*_inputs()[1], "max") for letter in "abc"}


def _ties():
    dA, (A_prev, hparameters), mode = _inputs()
    return {letter: (dA, (np.zeros(A_prev.shape), hparameters), mode) for letter in "abc"}


EXERCISE = break_it(
    "pool_backward",
    "07-read-a-network",
    ("dA_prev",),
    {
        "a": Version(
            pool_backward_a,
            "Read where the window of output (1, 1) begins. For which stride is that the right place?",
        ),
        "b": Version(
            pool_backward_b,
            "Read what an average is divided by. For which dA is it the number of pixels in a window?",
        ),
        "c": Version(
            pool_backward_c,
            "`np.argmax` numbers the pixels of a window row by row. How long is a row, and what does the version take?",
        ),
    },
    (
        Wrong(
            "stride-1-throughout",
            _without_stride,
            "Version a differs from a right function only where the stride is not 1 and dA has several entries.",
        ),
        Wrong(
            "as-many-outputs-as-pixels",
            _as_many_outputs_as_pixels,
            "Version b differs from a right function only in the mode average, and where a channel of dA has more or "
            "fewer entries than a window has pixels.",
        ),
        Wrong(
            "only-stride-f",
            _side_by_side,
            "Version c differs from a right function only in the mode max, and where the stride is not f.",
        ),
        Wrong(
            "simplest-inputs",
            _simplest,
            "Nothing of what can go wrong is in your inputs: with stride 1 and every maximum in its window's first "
            "corner even a faulty function is right. Change one of them at a time.",
        ),
        Wrong(
            "no-dict",
            _one_tuple,
            "You return inputs for one version only. A dict holds inputs for each, by its letter.",
        ),
        Wrong(
            "inputs-of-the-forward-pass",
            _inputs_of_the_forward_pass,
            "You give the inputs of pool_forward. The backward pass takes dA and the cache, which holds those two.",
        ),
        Wrong(
            "ties",
            _ties,
            "Your windows have several maxima. Who receives the gradient is then a matter of convention, so nothing "
            "is proved: let the pixels of a window differ.",
        ),
    ),
)
