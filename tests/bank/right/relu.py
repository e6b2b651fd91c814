"""Right implementations of ``relu``, unusual on purpose."""

from __future__ import annotations

import numpy as np


def maximum(Z):
    return np.maximum(0, Z), Z


def mask(Z):
    """A product with booleans; a list for both results."""
    return [Z * (Z > 0), Z]


def half_of_the_sum(activations):
    """(z + |z|) / 2; another name and a print."""
    print(activations.shape)
    return (activations + np.abs(activations)) / 2, activations


def clipped_copy(Z):
    A = Z.copy()
    A[A < 0] = 0
    return A, Z


def one_by_one(Z):
    """A loop, float32 results."""
    A = np.zeros(Z.shape, dtype=np.float32)
    for index, z in np.ndenumerate(Z):
        A[index] = max(0, z)
    return A, Z.copy()


RIGHT = {function.__name__: function for function in (maximum, mask, half_of_the_sum, clipped_copy, one_by_one)}
