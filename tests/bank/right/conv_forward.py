"""Right implementations of ``conv_forward``, unusual on purpose."""

from __future__ import annotations

import itertools
import warnings

import numpy as np


def _padded(A_prev, pad):
    return np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))


def _read(A_prev, W, hparameters):
    """Stride, the padded images, and the shape of Z."""
    stride, pad = hparameters["stride"], hparameters["pad"]
    padded = _padded(A_prev, pad)
    n_H, n_W = ((n - W.shape[0]) // stride + 1 for n in padded.shape[1:3])
    return stride, padded, (len(A_prev), n_H, n_W, W.shape[3])


def plain_loops(A_prev, W, b, hparameters):
    """Seven loops, down to single products."""
    stride, padded, shape = _read(A_prev, W, hparameters)
    Z = np.zeros(shape)
    for i, h, w, c in np.ndindex(shape):
        for row, column, channel in np.ndindex(W.shape[:3]):
            pixel = padded[i, h * stride + row, w * stride + column, channel]
            Z[i, h, w, c] += pixel * W[row, column, channel, c]
        Z[i, h, w, c] += b[0, 0, 0, c]
    return Z, (A_prev, W, b, hparameters)


def im2col(images, filters, biases, settings):
    """One matrix product with every window as a row; other names and a print."""
    stride, padded, (m, n_H, n_W, n_C) = _read(images, filters, settings)
    f = filters.shape[0]
    rows = [
        padded[i, h * stride : h * stride + f, w * stride : w * stride + f].ravel()
        for i, h, w in np.ndindex(m, n_H, n_W)
    ]
    Z = (np.array(rows) @ filters.reshape(-1, n_C)).reshape(m, n_H, n_W, n_C) + biases
    print("Z", Z.shape)
    return Z, (images, filters, biases, settings)


def einsum(A_prev, W, b, hparameters):
    """All windows as a view, one Einstein summation, a list for the cache."""
    stride, padded, _ = _read(A_prev, W, hparameters)
    windows = np.lib.stride_tricks.sliding_window_view(padded, W.shape[:2], axis=(1, 2))
    Z = np.einsum("mhwcij,ijcd->mhwd", windows[:, ::stride, ::stride], W) + b
    return Z, [A_prev, W, b, hparameters]


def stride_tricks(A_prev, W, b, hparameters):
    """Strides set by hand."""
    stride, padded, (m, n_H, n_W, _) = _read(A_prev, W, hparameters)
    f, _, n_C_prev, _ = W.shape
    s_m, s_H, s_W, s_C = padded.strides
    windows = np.lib.stride_tricks.as_strided(
        padded,
        (m, n_H, n_W, f, f, n_C_prev),
        (s_m, s_H * stride, s_W * stride, s_H, s_W, s_C),
        writeable=False,
    )
    return [np.tensordot(windows, W, axes=3) + b, (A_prev, W, b, hparameters)]


def shift_and_add(A_prev, W, b, hparameters):
    """Loops over the filter's pixels, not the image's; the bias is there from the beginning; a warning."""
    warnings.warn("this is only a warning", stacklevel=1)
    stride, padded, shape = _read(A_prev, W, hparameters)
    Z = np.tile(b.astype(float), (*shape[:3], 1))
    for row, column in np.ndindex(W.shape[:2]):
        rows = slice(row, row + stride * shape[1], stride)
        columns = slice(column, column + stride * shape[2], stride)
        Z += padded[:, rows, columns][:, : shape[1], : shape[2]] @ W[row, column]
    return Z, (A_prev.copy(), W.copy(), b.copy(), dict(hparameters))


def fourier(A_prev, W, b, hparameters):
    """A product of Fourier transforms, every stride-th entry of it."""
    stride, padded, (_, n_H, n_W, _) = _read(A_prev, W, hparameters)
    size = padded.shape[1:3]
    images = np.fft.rfft2(padded, axes=(1, 2))
    filters = np.conj(np.fft.rfft2(W, s=size, axes=(0, 1)))
    Z = np.fft.irfft2(np.einsum("mhwc,hwcd->mhwd", images, filters), s=size, axes=(1, 2))
    return Z[:, ::stride, ::stride][:, :n_H, :n_W] + b, (A_prev, W, b, hparameters)


def float32(A_prev, W, b, hparameters):
    """Everything in float32, filter by filter."""
    stride, padded, shape = _read(A_prev.astype("float32"), W, hparameters)
    f = W.shape[0]
    Z = np.empty(shape, np.float32)
    for h, w, c in np.ndindex(shape[1:]):
        window = padded[:, h * stride : h * stride + f, w * stride : w * stride + f]
        Z[:, h, w, c] = (window * W[..., c].astype("float32")).sum(axis=(1, 2, 3)) + b[..., c].item()
    return Z, (A_prev, W, b, hparameters)


def recursive(A_prev, W, b, hparameters):
    """A batch is its first image and the rest; nested lists come back."""
    if len(A_prev) > 1:
        first, rest = (recursive(part, W, b, hparameters)[0] for part in (A_prev[:1], A_prev[1:]))
        return first + rest, (A_prev, W, b, hparameters)
    stride, padded, (_, n_H, n_W, n_C) = _read(A_prev, W, hparameters)
    f = W.shape[0]
    Z = [
        [
            [
                float(np.vdot(padded[0, top : top + f, left : left + f], W[..., c])) + float(b[0, 0, 0, c])
                for c in range(n_C)
            ]
            for left in itertools.islice(itertools.count(0, stride), n_W)
        ]
        for top in itertools.islice(itertools.count(0, stride), n_H)
    ]
    return [Z], (A_prev, W, b, hparameters)


def matrix_of_the_layer(A_prev, W, b, hparameters):
    """The layer is linear: answers to unit images are the columns of its matrix."""
    stride, padded, (m, n_H, n_W, n_C) = _read(A_prev, W, hparameters)
    _, height, width, n_C_prev = padded.shape
    f = W.shape[0]
    matrix = np.zeros((n_H, n_W, n_C, height, width, n_C_prev))
    for h, w in np.ndindex(n_H, n_W):
        top, left = h * stride, w * stride
        matrix[h, w, :, top : top + f, left : left + f] = np.moveaxis(W, -1, 0)
    Z = padded.reshape(m, -1) @ matrix.reshape(n_H * n_W * n_C, -1).T
    return Z.reshape(m, n_H, n_W, n_C) + b.ravel(), (A_prev, W, b, hparameters)


RIGHT = {
    f.__name__: f
    for f in (
        plain_loops,
        im2col,
        einsum,
        stride_tricks,
        shift_and_add,
        fourier,
        float32,
        recursive,
        matrix_of_the_layer,
    )
}
