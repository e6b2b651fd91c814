"""Right implementations of ``same_padding``, unusual on purpose."""

from __future__ import annotations

import math
import warnings

import numpy as np


def by_remainder(n, f, stride):
    """TensorFlow's own way to say it."""
    total = max(f - stride, 0) if n % stride == 0 else max(f - n % stride, 0)
    return total // 2, total - total // 2


def one_by_one(n, f, stride):
    """Adds zeros, after and before in turn, until there are enough windows."""
    before = after = 0
    while before + n + after < f + stride * (-(-n // stride) - 1):
        if before < after:
            before += 1
        else:
            after += 1
    print(before, after)
    return before, after


def floats_of_numpy(n, f, stride):
    """Whole numbers as float64, and a warning."""
    warnings.warn("these are floats", stacklevel=1)
    total = max((np.ceil(n / stride) - 1) * stride + f - n, 0)
    return np.floor(total / 2), np.ceil(total / 2)


def by_the_last_window(n, f, stride=1):
    """The last window begins at the last multiple of the stride; what it lacks is the total."""
    last = max(range(0, n, stride))
    lacking = max(0, last + f - n)
    return [lacking >> 1, math.ceil(lacking / 2)]


RIGHT = {function.__name__: function for function in (by_remainder, one_by_one, floats_of_numpy, by_the_last_window)}
