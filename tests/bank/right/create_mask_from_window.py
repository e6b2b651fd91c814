"""Right implementations of ``create_mask_from_window``, unusual on purpose; all conventions for ties."""

from __future__ import annotations

import warnings

import numpy as np


def comparison(x):
    return x == np.max(x)


def first_of_loops(window):
    """Plain loops that keep the first maximum; ones and zeros in lists, another name."""
    best, at = window[0, 0], (0, 0)
    for i in range(window.shape[0]):
        for j in range(window.shape[1]):
            if window[i, j] > best:
                best, at = window[i, j], (i, j)
    return [[int((i, j) == at) for j in range(window.shape[1])] for i in range(window.shape[0])]


def last_of_loops(x):
    """The same with ``>=``, which keeps the last maximum."""
    at = (0, 0)
    for index in np.ndindex(x.shape):
        if x[index] >= x[at]:
            at = index
    mask = np.zeros(x.shape, dtype=bool)
    mask[at] = True
    return mask


def first_by_argmax(x):
    mask = np.zeros_like(x)
    mask[np.unravel_index(np.argmax(x), x.shape)] = 1
    return mask


def shared(x):
    """Equal shares, in float32."""
    mask = (x == x.max()).astype(np.float32)
    return mask / mask.sum()


def nothing_larger(x):
    """For each entry, whether none is larger; prints and warns."""
    print("window", x)
    warnings.warn("slow", stacklevel=1)
    return ~np.any(x[np.newaxis, np.newaxis] > x[..., np.newaxis, np.newaxis], axis=(2, 3))


RIGHT = {
    function.__name__: function
    for function in (comparison, first_of_loops, last_of_loops, first_by_argmax, shared, nothing_larger)
}
