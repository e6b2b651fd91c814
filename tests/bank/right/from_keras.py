"""Right implementations of ``from_keras``, unusual on purpose."""

from __future__ import annotations

import numpy as np


def as_a_list(W, b):
    return [W, b[np.newaxis, np.newaxis, np.newaxis, :]]


def by_broadcast(W, b):
    return W.copy(), np.zeros((1, 1, 1, 1)) + b


def as_lists(W, b):
    return W.tolist(), [[[b.tolist()]]]


def by_loop(W, b):
    wide = np.empty((1, 1, 1, W.shape[3]))
    for c, one in enumerate(b):
        wide[..., c] = one
    return W, wide


RIGHT = {function.__name__: function for function in (as_a_list, by_broadcast, as_lists, by_loop)}
