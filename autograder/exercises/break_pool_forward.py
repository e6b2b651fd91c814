"""Break it: three faulty versions of ``pool_forward``, as lesson 05 shows them, to be betrayed by inputs."""
# mypy: allow-untyped-defs, allow-untyped-calls

import numpy as np

from autograder.break_it import Version, break_it
from autograder.exercise import Wrong


def pool_forward_a(A_prev, hparameters, mode="max"):
    f, stride = hparameters["f"], hparameters["stride"]
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    n_H, n_W = (n_H_prev - f) // stride + 1, (n_W_prev - f) // stride + 1
    A = np.zeros((m, n_H, n_W, n_C))
    for i, h, w, c in np.ndindex(A.shape):
        top, left = h * f, w * f
        window = A_prev[i, top : top + f, left : left + f, c]
        A[i, h, w, c] = window.max() if mode == "max" else window.mean()
    return A, (A_prev, hparameters)


def pool_forward_b(A_prev, hparameters, mode="max"):
    f, stride = hparameters["f"], hparameters["stride"]
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    n_H, n_W = (n_H_prev - f) // stride + 1, (n_W_prev - f) // stride + 1
    A = np.zeros((m, n_H, n_W, n_C))
    for i, h, w, c in np.ndindex(A.shape):
        top, left = h * stride, w * stride
        for value in A_prev[i, top : top + f, left : left + f, c].flat:
            if mode == "average":
                A[i, h, w, c] += value / f**2
            elif value > A[i, h, w, c]:
                A[i, h, w, c] = value
    return A, (A_prev, hparameters)


def pool_forward_c(A_prev, hparameters, mode="max"):
    f, stride = hparameters["f"], hparameters["stride"]
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    n_H, n_W = (n_H_prev - f) // stride + 1, (n_W_prev - f) // stride + 1
    A = np.zeros((m, n_H, n_W, n_C))
    for i, h, w, c in np.ndindex(A.shape):
        top, left = h * stride, w * stride
        window = A_prev[i, top : top + f, left : left + f]
        A[i, h, w, c] = window.max() if mode == "max" else window.mean()
    return A, (A_prev, hparameters)


def _inputs(n_C=2, f=2, stride=1, mode="max", lowest=-9):
    """An image of 4×5 whose channels differ; its first window holds the lowest numbers."""
    A_prev = (np.arange(4 * 5).reshape(1, 4, 5, 1) // 2 + 3 * np.arange(n_C)) + lowest
    return A_prev, {"f": f, "stride": stride}, mode


def _side_by_side():
    return {"a": _inputs(stride=2), "b": _inputs(), "c": _inputs()}


def _nothing_negative():
    return {"a": _inputs(), "b": _inputs(lowest=0, n_C=1), "c": _inputs()}


def _average_for_all():
    return {letter: _inputs(mode="average") for letter in "abc"}


def _one_channel():
    return {"a": _inputs(), "b": _inputs(), "c": _inputs(n_C=1)}


def _simplest():
    return {letter: _inputs(n_C=1, stride=2, lowest=0) for letter in "abc"}


def _one_tuple():
    return _inputs()


def _without_hparameters():
    return {letter: (_inputs()[0], 2, 1) for letter in "abc"}


def _pad_in_hparameters():
    return {letter: (_inputs()[0], {"f": 2, "stride": 1, "pad": 0}) for letter in "abc"}


EXERCISE = break_it(
    "pool_forward",
    "05-conv-backward",
    ("A", "cache"),
    {
        "a": Version(
            pool_forward_a,
            "Read where the second window of a row begins. In which setting is that the right place?",
        ),
        "b": Version(
            pool_forward_b,
            "Read what A holds before the first value of a window is looked at. Which maximum can never come out?",
        ),
        "c": Version(pool_forward_c, "Print `window.shape`. For which images is it the window of one channel?"),
    },
    (
        Wrong(
            "only-stride-f",
            _side_by_side,
            "Version a differs from a right layer only where the stride is not f and A has several entries.",
        ),
        Wrong(
            "nothing-negative",
            _nothing_negative,
            "Version b differs from a right layer only in the mode max, and where all of a window is negative.",
        ),
        Wrong(
            "only-one-channel",
            _one_channel,
            "Version c differs from a right layer only where an image has several channels.",
        ),
        Wrong(
            "simplest-inputs",
            _simplest,
            "Nothing of what can go wrong is in your inputs: where windows lie side by side, one channel is all and "
            "nothing is negative, even a faulty layer is right. Change one of them at a time.",
        ),
        Wrong(
            "no-dict",
            _one_tuple,
            "You return inputs for one version only. A dict holds inputs for each, by its letter.",
        ),
        Wrong(
            "numbers-for-hparameters",
            _without_hparameters,
            'You give f and the stride as numbers. pool_forward takes them in a dict, {"f": ..., "stride": ...}.',
        ),
        Wrong(
            "pad-in-hparameters",
            _pad_in_hparameters,
            "The hparameters of a pooling layer are f and stride; it has no padding.",
        ),
    ),
)
