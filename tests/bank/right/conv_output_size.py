"""Right implementations of ``conv_output_size``, unusual on purpose."""

from __future__ import annotations

import numpy as np


def counted(n_prev, f, stride, pad):
    """Counts the places where a window begins."""
    padded = [*[0] * pad, *[1] * n_prev, *[0] * pad]
    return sum(1 for start in range(0, len(padded), stride) if len(padded[start : start + f]) == f)


def numpy_floor(rows, filter_size, step, zeros):
    """Another set of names, and 5.0 rather than 5."""
    return np.floor((rows - filter_size + 2 * zeros) / step) + 1


def recursive(n_prev, f, stride, pad):
    """A row that is one step shorter has room for one window less."""
    if pad:
        return recursive(n_prev + 2, f, stride, pad - 1)
    return 0 if n_prev < f else 1 + recursive(n_prev - stride, f, stride, 0)


def one_element_array(n_prev, f, stride, pad):
    """An array where a number would do, and a print."""
    size = np.array([(n_prev + 2 * pad - f + stride) // stride])
    print("size:", size)
    return size


RIGHT = {f.__name__: f for f in (counted, numpy_floor, recursive, one_element_array)}
