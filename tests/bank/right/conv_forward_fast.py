"""Right implementations of ``conv_forward_fast``: those of ``conv_forward``, and some without loops over pixels."""

from __future__ import annotations

import numpy as np

from bank.right import conv_forward
from bank.right.conv_forward import _read


def moved_images(A_prev, W, b, hparameters):
    """A loop over the places of the filter, the images moved by each of them."""
    stride, padded, (m, n_H, n_W, n_C) = _read(A_prev, W, hparameters)
    Z = np.broadcast_to(b, (m, n_H, n_W, n_C)).astype(float)
    for row in range(W.shape[0]):
        for column in range(W.shape[1]):
            seen = padded[:, row : row + stride * n_H : stride, column : column + stride * n_W : stride]
            Z += np.matmul(seen[:, :n_H, :n_W], W[row, column])
    return Z, (A_prev, W, b, hparameters)


def fancy_indices(A_prev, W, b, hparameters):
    """Every row and column of every window by its number, as in many published im2col functions."""
    stride, padded, (m, n_H, n_W, n_C) = _read(A_prev, W, hparameters)
    f = W.shape[0]
    rows = (stride * np.arange(n_H))[:, None, None, None] + np.arange(f)[:, None]
    columns = (stride * np.arange(n_W))[:, None, None] + np.arange(f)
    windows = padded[:, rows, columns]
    Z = windows.reshape(m * n_H * n_W, -1) @ W.reshape(-1, n_C) + b.reshape(-1)
    return Z.reshape(m, n_H, n_W, n_C), (A_prev, W, b, hparameters)


def tensordot(A_prev, W, b, hparameters):
    """Windows as a view, and the axes to sum over by name."""
    stride, padded, _ = _read(A_prev, W, hparameters)
    windows = np.lib.stride_tricks.sliding_window_view(padded, W.shape[:3], axis=(1, 2, 3))[:, ::stride, ::stride, 0]
    return np.tensordot(windows, W, 3) + b, (A_prev, W, b, hparameters)


def columns(A_prev, W, b, hparameters):
    """The matrix the other way around, a window in each column, as the name im2col has it."""
    stride, padded, (m, n_H, n_W, n_C) = _read(A_prev, W, hparameters)
    f = W.shape[0]
    windows = np.lib.stride_tricks.sliding_window_view(padded, (f, f), axis=(1, 2))[:, ::stride, ::stride]
    matrix = windows.transpose(4, 5, 3, 0, 1, 2).reshape(W[..., 0].size, -1)
    Z = W.reshape(-1, n_C).T @ matrix + b.reshape(-1, 1)
    return Z.reshape(n_C, m, n_H, n_W).transpose(1, 2, 3, 0), (A_prev, W, b, hparameters)


RIGHT = {
    **conv_forward.RIGHT,
    **{function.__name__: function for function in (moved_images, fancy_indices, tensordot, columns)},
}
