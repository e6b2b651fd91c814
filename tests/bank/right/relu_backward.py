"""Right implementations of ``relu_backward``, unusual on purpose."""

from __future__ import annotations

import numpy as np


def where(dA, cache):
    return np.where(cache > 0, dA, 0)


def one_at_zero(dA, cache):
    """The other convention where Z is exactly 0."""
    return dA * (cache >= 0)


def copied(dA, cache):
    dZ = np.array(dA, dtype=np.float64)
    dZ[cache <= 0] = 0
    return dZ


def heaviside(dA, Z):
    """Other names, float32, and a print."""
    print(Z.min())
    return (np.heaviside(Z, 0.5) * dA).astype(np.float32)


def multiplied_out(dA, cache):
    """ReLU's slope as a difference quotient."""
    return dA * np.round((np.maximum(cache + 1e-3, 0) - np.maximum(cache, 0)) / 1e-3)


RIGHT = {function.__name__: function for function in (where, one_at_zero, copied, heaviside, multiplied_out)}
