"""Break it: three faulty versions of ``conv_forward``, as lesson 04 shows them, to be betrayed by inputs."""
# mypy: allow-untyped-defs, allow-untyped-calls

import numpy as np

from autograder.break_it import Version, break_it
from autograder.exercise import Wrong


def conv_forward_a(A_prev, W, b, hparameters):
    stride, pad = hparameters["stride"], hparameters["pad"]
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    f, _, _, n_C = W.shape
    padded = np.pad(A_prev, [(0, 0), (pad, pad), (pad, pad), (0, 0)])
    n_H = (n_H_prev - f + 2 * pad) // stride + 1
    n_W = (n_W_prev - f + 2 * pad) // stride + 1
    Z = np.zeros((m, n_H, n_W, n_C))
    for i, h, w, c in np.ndindex(Z.shape):
        window = padded[i, h : h + f, w : w + f]
        Z[i, h, w, c] = np.sum(window * W[..., c]) + b[0, 0, 0, c]
    return Z, (A_prev, W, b, hparameters)


def conv_forward_b(A_prev, W, b, hparameters):
    stride, pad = hparameters["stride"], hparameters["pad"]
    m, n_prev, _, _ = A_prev.shape
    f, _, _, n_C = W.shape
    padded = np.pad(A_prev, [(0, 0), (pad, pad), (pad, pad), (0, 0)])
    n = (n_prev - f + 2 * pad) // stride + 1
    Z = np.zeros((m, n, n, n_C))
    for i, h, w, c in np.ndindex(Z.shape):
        row, column = h * stride, w * stride
        window = padded[i, row : row + f, column : column + f]
        Z[i, h, w, c] = np.sum(window * W[..., c]) + b[0, 0, 0, c]
    return Z, (A_prev, W, b, hparameters)


def conv_forward_c(A_prev, W, b, hparameters):
    stride, pad = hparameters["stride"], hparameters["pad"]
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    f, _, _, n_C = W.shape
    padded = np.pad(A_prev, [(0, 0), (pad, pad), (pad, pad), (0, 0)])
    n_H = (n_H_prev - f + 2 * pad) // stride + 1
    n_W = (n_W_prev - f + 2 * pad) // stride + 1
    Z = np.zeros((m, n_H, n_W, n_C))
    for i, h, w, c in np.ndindex(Z.shape):
        row, column = h * stride, w * stride
        window = padded[i, row : row + f, column : column + f]
        Z[i, h, w, c] = np.sum(window * W[..., c] + b[0, 0, 0, c])
    return Z, (A_prev, W, b, hparameters)


def _inputs(n_H=4, n_W=6, stride=2, pad=0, f=2, bias=5):
    """Images of two channels with two filters, in which all but zeros are different enough."""
    A_prev = np.arange(2 * n_H * n_W * 2).reshape(2, n_H, n_W, 2) % 17 - 8
    W = np.arange(f * f * 2 * 2).reshape(f, f, 2, 2) % 7 - 3
    return A_prev, W, np.full((1, 1, 1, 2), bias), {"stride": stride, "pad": pad}


def _stride_1():
    return {"a": _inputs(stride=1), "b": _inputs(), "c": _inputs()}


def _square_images():
    return {"a": _inputs(), "b": _inputs(5, 5), "c": _inputs()}


def _no_bias():
    return {"a": _inputs(), "b": _inputs(), "c": _inputs(bias=0)}


def _one_window():
    return {letter: _inputs(3, 3, stride=1, f=3, bias=0) for letter in "abc"}


def _one_tuple():
    return _inputs()


def _images_alone():
    return {letter: _inputs()[0] for letter in "abc"}


def _keys_of_functions():
    return {f"conv_forward_{letter}": _inputs() for letter in "abc"}


def _no_axis_for_the_batch():
    A_prev, *rest = _inputs()
    return dict.fromkeys("abc", (A_prev[0], *rest))


EXERCISE = break_it(
    "conv_forward",
    "04-pool-forward",
    ("Z", "cache"),
    {
        "a": Version(
            conv_forward_a,
            "Read where `window` begins, for Z[0, 1, 1, 0] say. In which setting is that the right place?",
        ),
        "b": Version(conv_forward_b, "Read how large Z is made. For which images is that right?"),
        "c": Version(conv_forward_c, "Read the brackets of the line with the bias. For which b do they not matter?"),
    },
    (
        Wrong(
            "only-stride-1",
            _stride_1,
            "Version a differs from a right layer only where the stride is above 1 and Z has several entries.",
        ),
        Wrong(
            "only-square-images",
            _square_images,
            "Version b differs from a right layer only where the height and the width of Z differ.",
        ),
        Wrong(
            "only-zero-bias",
            _no_bias,
            "Version c differs from a right layer only where b is not zero and a window has several entries.",
        ),
        Wrong(
            "simplest-inputs",
            _one_window,
            "Nothing of what can go wrong is in your inputs: where stride is 1, images are square and b is zero, "
            "even a faulty layer is right. Change one of them at a time.",
        ),
        Wrong(
            "no-dict",
            _one_tuple,
            "You return inputs for one version only. A dict holds inputs for each, by its letter.",
        ),
        Wrong(
            "images-alone",
            _images_alone,
            "You give the images alone. conv_forward takes four arguments: each entry of the dict is a tuple of four.",
        ),
        Wrong(
            "names-for-letters",
            _keys_of_functions,
            'The keys of your dict are not the letters of the versions. They are "a", "b" and "c".',
        ),
        Wrong(
            "no-batch",
            _no_axis_for_the_batch,
            "Your images lack the axis of the batch. One image is an array of shape (1, height, width, channels).",
        ),
    ),
)
