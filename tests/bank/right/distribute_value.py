"""Right implementations of ``distribute_value``, unusual on purpose."""

from __future__ import annotations

import numpy as np


def full(dz, shape):
    (n_H, n_W) = shape
    return np.full((n_H, n_W), dz / (n_H * n_W))


def nested_lists(value, window_shape):
    """Lists instead of an array; other names and a print."""
    rows, columns = window_shape
    print("sharing", value)
    return [[value / rows / columns for _ in range(columns)] for _ in range(rows)]


def mean_of_padded(dz, shape):
    """The mean of an array that holds dz once, seen everywhere as a read-only view."""
    once = np.zeros(shape)
    once.flat[-1] = dz
    return np.broadcast_to(once.mean(), shape)


def outer_product(dz, shape):
    """float32, from two vectors."""
    return np.outer(np.full(shape[0], dz / shape[0]), np.full(shape[1], 1 / shape[1])).astype(np.float32)


def halves(dz, shape):
    """Recursion: rows first, then columns."""
    n_H, n_W = shape
    if n_H > 1:
        return np.vstack([halves(dz / n_H, (1, n_W)) for _ in range(n_H)])
    return np.array([[dz / n_W] * n_W])


RIGHT = {function.__name__: function for function in (full, nested_lists, mean_of_padded, outer_product, halves)}
