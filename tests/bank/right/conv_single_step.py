"""Right implementations of ``conv_single_step``, unusual on purpose."""

from __future__ import annotations

import math
import warnings

import numpy as np


def product_and_sum(a_slice_prev, W, b):
    """The usual way, with the bias taken out of its array."""
    return np.sum(np.multiply(a_slice_prev, W)) + b.item()


def plain_loops(a_slice_prev, W, b):
    """A Python float from three loops."""
    total = float(b[0, 0, 0])
    for row in range(W.shape[0]):
        for column in range(W.shape[1]):
            for channel in range(W.shape[2]):
                total += float(a_slice_prev[row, column, channel] * W[row, column, channel])
    return total


def one_element_array(a_slice_prev, W, b):
    """An array of shape (1, 1, 1) where a number would do."""
    return np.sum(a_slice_prev * W) + b


def dot_of_flat(patch, weights, bias):
    """The dot product of two long vectors, other names, and a print."""
    print("window:", patch.shape)
    return np.dot(patch.ravel(), weights.ravel()) + np.squeeze(bias)


def einsum(a_slice_prev, W, b):
    """Einstein's summation, in float32."""
    return np.einsum("hwc,hwc->", a_slice_prev.astype(np.float32), W.astype(np.float32)) + np.float32(b.sum())


def tensordot(a_slice_prev, W, b):
    """A 0-d array, and a warning."""
    warnings.warn("this is only a warning", stacklevel=1)
    return np.tensordot(a_slice_prev, W, axes=3) + b.reshape(())


def matrix_trace(a_slice_prev, W, b):
    """The trace of a matrix product sums the products of entries."""
    n_C = W.shape[2]
    return [np.trace(a_slice_prev.reshape(-1, n_C).T @ W.reshape(-1, n_C)) + b.max()]


def recursive(a_slice_prev, W, b):
    """Splits the window in half until one product is left."""

    def total(a, w):
        half = len(a) // 2
        return a[0] * w[0] if half == 0 else total(a[:half], w[:half]) + total(a[half:], w[half:])

    return total(a_slice_prev.ravel(), W.ravel()) + b[0][0][0]


def exact_sum(a_slice_prev, W, b):
    """Lists and ``math.fsum``, the bias among the products."""
    products = [x * w for x, w in zip(a_slice_prev.ravel().tolist(), W.ravel().tolist(), strict=True)]
    return math.fsum([*products, *b.ravel().tolist()])


RIGHT = {
    f.__name__: f
    for f in (
        product_and_sum,
        plain_loops,
        one_element_array,
        dot_of_flat,
        einsum,
        tensordot,
        matrix_trace,
        recursive,
        exact_sum,
    )
}
