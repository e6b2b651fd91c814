"""Right implementations of ``conv_backward``, unusual on purpose."""

from __future__ import annotations

import warnings

import numpy as np


def _read(cache):
    """The images and filters, stride, pad and the padded images."""
    A_prev, W, _, hparameters = cache
    stride, pad = hparameters["stride"], hparameters["pad"]
    return A_prev, W, stride, pad, np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))


def _inside(dA_padded, pad, A_prev):
    """What is left of the padded gradient without the padding."""
    _, n_H, n_W, _ = A_prev.shape
    return dA_padded[:, pad : pad + n_H, pad : pad + n_W]


def plain_loops(dZ, cache):
    """Seven loops, down to single products; pixels of the padding are left out as they come."""
    A_prev, W, b, hparameters = cache
    stride, pad = hparameters["stride"], hparameters["pad"]
    _, n_H_prev, n_W_prev, _ = A_prev.shape
    dA_prev, dW, db = np.zeros(A_prev.shape), np.zeros(W.shape), np.zeros(b.shape)
    for i, h, w, c in np.ndindex(dZ.shape):
        db[0, 0, 0, c] += dZ[i, h, w, c]
        for row, column, channel in np.ndindex(W.shape[:3]):
            y, x = h * stride + row - pad, w * stride + column - pad
            if 0 <= y < n_H_prev and 0 <= x < n_W_prev:
                dA_prev[i, y, x, channel] += dZ[i, h, w, c] * W[row, column, channel, c]
                dW[row, column, channel, c] += dZ[i, h, w, c] * A_prev[i, y, x, channel]
    return dA_prev, dW, db


def im2col(gradient, saved):
    """Two matrix products; other names, a print, and a list for a tuple."""
    images, filters, stride, pad, padded = _read(saved)
    f, _, n_C_prev, n_C = filters.shape
    m, n_H, n_W, _ = gradient.shape
    corners = [(i, h * stride, w * stride) for i, h, w in np.ndindex(m, n_H, n_W)]
    columns = np.array([padded[i, y : y + f, x : x + f].ravel() for i, y, x in corners])
    flat = gradient.reshape(-1, n_C)
    d_columns = (flat @ filters.reshape(-1, n_C).T).reshape(-1, f, f, n_C_prev)
    d_padded = np.zeros(padded.shape)
    for (i, y, x), d_window in zip(corners, d_columns, strict=True):
        d_padded[i, y : y + f, x : x + f] += d_window
    print("windows:", len(corners))
    db = flat.sum(axis=0).reshape(1, 1, 1, n_C)
    return [_inside(d_padded, pad, images), (columns.T @ flat).reshape(filters.shape), db]


def shift_and_add(dZ, cache):
    """Loops over the filter's pixels; a warning."""
    warnings.warn("this is only a warning", stacklevel=1)
    A_prev, W, stride, pad, padded = _read(cache)
    _, n_H, n_W, _ = dZ.shape
    dA_padded, dW = np.zeros(padded.shape), np.zeros(W.shape)
    for row, column in np.ndindex(W.shape[:2]):
        rows = np.arange(n_H)[:, None] * stride + row
        columns = np.arange(n_W) * stride + column
        dA_padded[:, rows, columns] += dZ @ W[row, column].T
        dW[row, column] = np.tensordot(padded[:, rows, columns], dZ, axes=([0, 1, 2], [0, 1, 2]))
    return _inside(dA_padded, pad, A_prev), dW, dZ.sum(axis=(0, 1, 2)).reshape(1, 1, 1, -1)


def einsum(dZ, cache):
    """Scatters with an indicator: which padded row is row r of window h."""
    A_prev, W, stride, pad, padded = _read(cache)
    f = W.shape[0]

    def meets(n_prev, n):
        place, row, window = np.ogrid[:n_prev, :f, :n]
        return (place == window * stride + row).astype(float)

    down, right = meets(padded.shape[1], dZ.shape[1]), meets(padded.shape[2], dZ.shape[2])
    spread = np.einsum("yrh,xsw,mhwd->myxrsd", down, right, dZ)
    dA_padded = np.einsum("myxrsd,rscd->myxc", spread, W)
    dW = np.einsum("myxrsd,myxc->rscd", spread, padded)
    return _inside(dA_padded, pad, A_prev), dW, np.einsum("mhwd->d", dZ)[None, None, None, :]


def full_convolution(dZ, cache):
    """The textbook way: spread dZ apart, frame it with zeros, and run the flipped filter over it."""
    A_prev, W, stride, pad, padded = _read(cache)
    f = W.shape[0]
    m, n_H, n_W, n_C = dZ.shape
    spread = np.zeros((m, padded.shape[1] + f - 1, padded.shape[2] + f - 1, n_C))
    spread[:, f - 1 : f - 1 + stride * n_H : stride, f - 1 : f - 1 + stride * n_W : stride] = dZ
    windows = np.lib.stride_tricks.sliding_window_view(spread, (f, f), axis=(1, 2))
    dA_padded = np.einsum("myxdij,ijcd->myxc", windows, W[::-1, ::-1])
    inner = spread[:, f - 1 :, f - 1 :]
    dW = np.zeros(W.shape)
    for i, j in np.ndindex(f, f):
        shifted = padded[:, i:, j:]
        dW[i, j] = np.einsum("myxc,myxd->cd", shifted, inner[:, : shifted.shape[1], : shifted.shape[2]])
    return _inside(dA_padded, pad, A_prev), dW, np.sum(dZ, axis=(0, 1, 2), keepdims=True)


def fourier(dZ, cache):
    """Products of Fourier transforms."""
    A_prev, W, stride, pad, padded = _read(cache)
    size, f = padded.shape[1:3], W.shape[0]
    spread = np.zeros((len(dZ), *size, dZ.shape[3]))
    spread[:, : stride * dZ.shape[1] : stride, : stride * dZ.shape[2] : stride] = dZ
    d, w, a = (np.fft.rfft2(x, s=size, axes=axes) for x, axes in ((spread, (1, 2)), (W, (0, 1)), (padded, (1, 2))))
    dA_padded = np.fft.irfft2(np.einsum("mhwd,hwcd->mhwc", d, w), s=size, axes=(1, 2))
    dW = np.fft.irfft2(np.einsum("mhwc,mhwd->hwcd", a, d.conj()), s=size, axes=(0, 1))[:f, :f]
    return _inside(dA_padded, pad, A_prev), dW, spread.sum((0, 1, 2)).reshape(1, 1, 1, -1)


def matrix_of_the_layer(dZ, cache):
    """The backward pass is the forward pass's matrix, transposed."""
    A_prev, W, stride, pad, padded = _read(cache)
    f = W.shape[0]
    m, n_H, n_W, n_C = dZ.shape
    matrix = np.zeros((n_H, n_W, n_C, *padded.shape[1:]))
    dW = 0
    for h, w in np.ndindex(n_H, n_W):
        window = np.s_[:, h * stride : h * stride + f, w * stride : w * stride + f]
        matrix[h, w][window] = np.moveaxis(W, -1, 0)
        dW = dW + np.tensordot(padded[window], dZ[:, h, w], axes=(0, 0))
    dA_padded = (dZ.reshape(m, -1) @ matrix.reshape(n_H * n_W * n_C, -1)).reshape(padded.shape)
    return _inside(dA_padded, pad, A_prev), dW, np.ones((1, dZ[..., 0].size)) @ dZ.reshape(1, 1, -1, n_C)


def recursive(dZ, cache):
    """A batch is its first image and the rest; float32, and nested lists come back."""
    A_prev, W, b, hparameters = cache
    if len(dZ) > 1:
        first, rest = (recursive(dZ[i], (A_prev[i], W, b, hparameters)) for i in (slice(0, 1), slice(1, None)))
        return first[0] + rest[0], np.add(first[1], rest[1]).tolist(), np.add(first[2], rest[2]).tolist()
    _, _, stride, pad, padded = _read(cache)
    f = W.shape[0]
    dA_padded, dW = np.zeros(padded.shape, np.float32), np.zeros(W.shape, np.float32)
    for h, w in np.ndindex(dZ.shape[1:3]):
        window = np.s_[0, h * stride : h * stride + f, w * stride : w * stride + f]
        dA_padded[window] += (W * dZ[0, h, w]).sum(axis=-1)
        dW += padded[window][..., None] * dZ[0, h, w]
    return _inside(dA_padded, pad, A_prev).tolist(), dW.tolist(), dZ.sum(axis=(1, 2), keepdims=True).tolist()


RIGHT = {
    f.__name__: f
    for f in (
        plain_loops,
        im2col,
        shift_and_add,
        einsum,
        full_convolution,
        fourier,
        matrix_of_the_layer,
        recursive,
    )
}
