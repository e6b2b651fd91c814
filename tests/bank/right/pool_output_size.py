"""Right implementations of ``pool_output_size``, unusual on purpose."""

from __future__ import annotations

import warnings

import numpy as np


def counting(size, window, step):
    """Counts the windows one by one; other names and a print."""
    count, end = 0, window
    while end <= size:
        count, end = count + 1, end + step
    print("windows:", count)
    return count


def length_of_range(n_prev, f, stride):
    return len(range(0, n_prev - f + 1, stride))


def recursion(n_prev, f, stride):
    return 0 if n_prev < f else 1 + recursion(n_prev - stride, f, stride)


def numpy_floor(n_prev, f, stride):
    """A float64 with a whole value, and a warning."""
    warnings.warn("the size is a float", stacklevel=1)
    return np.floor((n_prev - f) / stride) + 1


def array_of_one(n_prev, f, stride):
    return np.array([1 + int((n_prev - f) / stride)])


def rounded_up(n_prev, f, stride=1):
    """Rounds up another quotient; a default of its own."""
    return -((f - n_prev - 1) // stride)


RIGHT = {
    function.__name__: function
    for function in (counting, length_of_range, recursion, numpy_floor, array_of_one, rounded_up)
}
