"""Break it: three faulty versions of ``conv_backward``, as lesson 06 shows them, to be betrayed by inputs.

The first takes the padding off as a published version does that was widely copied.
"""
# mypy: allow-untyped-defs, allow-untyped-calls

import numpy as np

from autograder.break_it import Version, break_it
from autograder.exercise import Wrong


def conv_backward_a(dZ, cache):
    A_prev, W, b, hparameters = cache
    f, stride, pad = W.shape[0], hparameters["stride"], hparameters["pad"]
    padded = np.pad(A_prev, [(0, 0), (pad, pad), (pad, pad), (0, 0)])
    dA_prev, d_padded = np.zeros(A_prev.shape), np.zeros(padded.shape)
    dW, db = np.zeros(W.shape), np.zeros(b.shape)
    for i, h, w, c in np.ndindex(dZ.shape):
        top, left = h * stride, w * stride
        here = (i, slice(top, top + f), slice(left, left + f))
        d_padded[here] += W[..., c] * dZ[i, h, w, c]
        dW[..., c] += padded[here] * dZ[i, h, w, c]
        db[..., c] += dZ[i, h, w, c]
    dA_prev[:] = d_padded[:, pad:-pad, pad:-pad]
    return dA_prev, dW, db


def conv_backward_b(dZ, cache):
    A_prev, W, b, hparameters = cache
    f, stride, pad = W.shape[0], hparameters["stride"], hparameters["pad"]
    padded = np.pad(A_prev, [(0, 0), (pad, pad), (pad, pad), (0, 0)])
    d_padded = np.zeros(padded.shape)
    dW, db = np.zeros(W.shape), np.zeros(b.shape)
    for i, h, w, c in np.ndindex(dZ.shape):
        top, left = h * stride, w * stride
        here = (i, slice(top, top + f), slice(left, left + f))
        d_padded[here] += W[..., c] * dZ[i, h, w, c]
        dW[..., c] += padded[here] * dZ[i, h, w, c]
        db[..., c] += dZ[i, h, w, c] / len(dZ)
    dA_prev = d_padded[:, pad : pad + A_prev.shape[1], pad : pad + A_prev.shape[2]]
    return dA_prev, dW, db


def conv_backward_c(dZ, cache):
    A_prev, W, b, hparameters = cache
    f, stride, pad = W.shape[0], hparameters["stride"], hparameters["pad"]
    padded = np.pad(A_prev, [(0, 0), (pad, pad), (pad, pad), (0, 0)])
    d_padded = np.zeros(padded.shape)
    dW, db = np.zeros(W.shape), np.zeros(b.shape)
    for i, h, w, c in np.ndindex(dZ.shape):
        top, left = h * stride, w * stride
        here = (i, slice(top, top + f), slice(left, left + f))
        d_padded[here] = W[..., c] * dZ[i, h, w, c]
        dW[..., c] += padded[here] * dZ[i, h, w, c]
        db[..., c] += dZ[i, h, w, c]
    dA_prev = d_padded[:, pad : pad + A_prev.shape[1], pad : pad + A_prev.shape[2]]
    return dA_prev, dW, db


def _inputs(m=2, stride=1, pad=0, n_C=1):
    """Images of 4×6 with windows of 2×2, and gradients that are nowhere zero."""
    n_H, n_W = (4 - 2 + 2 * pad) // stride + 1, (6 - 2 + 2 * pad) // stride + 1
    A_prev = np.arange(m * 4 * 6 * 2).reshape(m, 4, 6, 2) % 17 - 8
    W = np.arange(2 * 2 * 2 * n_C).reshape(2, 2, 2, n_C) % 7 + 1
    dZ = np.arange(m * n_H * n_W * n_C).reshape(m, n_H, n_W, n_C) % 5 + 1
    return dZ, (A_prev, W, np.zeros((1, 1, 1, n_C)), {"stride": stride, "pad": pad})


def _padded():
    return {"a": _inputs(pad=1), "b": _inputs(), "c": _inputs()}


def _one_image():
    return {"a": _inputs(), "b": _inputs(m=1), "c": _inputs()}


def _side_by_side():
    return {"a": _inputs(), "b": _inputs(), "c": _inputs(stride=2)}


def _simplest():
    return {letter: _inputs(m=1, stride=2, pad=1) for letter in "abc"}


def _one_tuple():
    return _inputs()


def _inputs_of_the_forward_pass():
    return {letter: _inputs()[1] for letter in "abc"}


def _dZ_of_another_stride():
    return {letter: (_inputs()[0], _inputs(stride=2)[1]) for letter in "abc"}


EXERCISE = break_it(
    "conv_backward",
    "06-pool-backward",
    ("dA_prev", "dW", "db"),
    {
        "a": Version(
            conv_backward_a,
            "Read the last but one line and try the slice on a list. Which pad leaves nothing of it?",
        ),
        "b": Version(conv_backward_b, "Read the line that collects db. For which batches is it right?"),
        "c": Version(
            conv_backward_c,
            "Read the line that writes to d_padded. What becomes of a pixel that two windows, or two filters, see?",
        ),
    },
    (
        Wrong(
            "always-padded",
            _padded,
            "Version a differs from a right function only where pad is 0.",
        ),
        Wrong(
            "only-one-image",
            _one_image,
            "Version b differs from a right function only where there are several images.",
        ),
        Wrong(
            "only-side-by-side",
            _side_by_side,
            "Version c differs from a right function only where windows overlap or there are several filters.",
        ),
        Wrong(
            "simplest-inputs",
            _simplest,
            "Nothing of what can go wrong is in your inputs: one padded image, one filter and windows side by side. "
            "Change one of them at a time.",
        ),
        Wrong(
            "no-dict",
            _one_tuple,
            "You return inputs for one version only. A dict holds inputs for each, by its letter.",
        ),
        Wrong(
            "inputs-of-the-forward-pass",
            _inputs_of_the_forward_pass,
            "You give the inputs of conv_forward. The backward pass takes dZ and the cache, which holds those four.",
        ),
        Wrong(
            "another-stride",
            _dZ_of_another_stride,
            "Your dZ does not belong to your cache. It has the shape of Z: let conv_forward tell you.",
        ),
    ),
)
