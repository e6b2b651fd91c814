"""Right answers to the exercises "Break it", unusual on purpose, by the name of the exercise."""

from __future__ import annotations

import numpy as np


def _everything_at_once(kind=np.float64, whole=int):
    """Inputs of a convolution with all that can go wrong in them."""
    rng = np.random.default_rng(1)
    A_prev, W = rng.integers(-9, 10, (2, 5, 8, 3)), rng.integers(-9, 10, (3, 3, 3, 4))
    b = np.arange(1, 5).reshape(1, 1, 1, 4)
    return A_prev.astype(kind), W.astype(kind), b.astype(kind), {"stride": whole(2), "pad": whole(1)}


def conv_as_lists():
    A_prev, W, b, hparameters = _everything_at_once(np.int64)
    return {letter: [A_prev.tolist(), W.tolist(), b.tolist(), hparameters] for letter in "abc"}


def conv_in_small_types():
    return {letter: _everything_at_once(np.int8, np.int64) for letter in "zcba"}


def conv_in_float32_views():
    A_prev, *rest = _everything_at_once(np.float32)
    return dict.fromkeys("abc", (A_prev[::-1, :, ::-1], *rest))


def conv_by_an_error():
    """Version b stops with an error on images that are higher than wide."""
    A_prev, W, b, hparameters = _everything_at_once()
    return dict.fromkeys("abc", (A_prev.transpose(0, 2, 1, 3), W, b, hparameters))


def pool_without_mode():
    A_prev = -np.arange(1, 1 + 4 * 4 * 2).reshape(1, 4, 4, 2) % 9 - 9
    return dict.fromkeys("abc", (A_prev, {"stride": 1, "f": 2}))


def pool_of_booleans():
    """True and False count as 1 and 0."""
    A_prev = np.arange(1 * 5 * 5 * 2).reshape(1, 5, 5, 2) % 3 == 0
    negative = -np.ones((1, 1, 1, 1))
    inputs = (A_prev, {"stride": 3, "f": 2}, "average")
    return {"a": inputs, "b": (negative, {"stride": 1, "f": 1}, "max"), "c": inputs}


def backward_with_a_list_for_the_cache():
    A_prev, W, b, _ = _everything_at_once()
    dZ = np.ones((2, 3, 6, 4))
    return {letter: [dZ, [A_prev, W, b, {"stride": 1, "pad": 0}]] for letter in "abc"}


def backward_each_by_itself():
    def cache(m, pad, n_C):
        return np.ones((m, 2, 2, 1)), np.ones((2, 2, 1, n_C)), np.zeros((1, 1, 1, n_C)), {"stride": 2, "pad": pad}

    return {
        "a": (np.ones((1, 1, 1, 1)), cache(1, 0, 1)),
        "b": (np.ones((2, 2, 2, 1)), cache(2, 1, 1)),
        "c": (np.ones((1, 1, 1, 2)), cache(1, 0, 2)),
    }


def pool_backward_without_mode():
    """Gaps between the windows, and a list for each tuple; for version b the mode is needed."""
    A_prev = (7 * np.arange(5 * 5) % 19 - 9).reshape(1, 5, 5, 1)
    inputs = [np.ones((1, 2, 2, 1), dtype=np.int8), [A_prev, {"f": 2, "stride": 3}]]
    return {
        "a": inputs,
        "c": inputs,
        "b": [-np.ones((1, 1, 1, 1)), [A_prev[:, :2, :2], {"f": 2, "stride": 1}], "average"],
    }


def pool_backward_by_errors():
    """Windows of version a, which begins at h and w, are right here but for those of one output; c leaves the image."""
    A_prev = np.arange(16).reshape(1, 4, 4, 1) - 8
    corner = (np.array([[1, 0], [0, 2]]).reshape(1, 2, 2, 1), (A_prev, {"stride": 2, "f": 2}), "max")
    leaves = (np.ones((1, 3, 3, 1)), (A_prev, {"stride": 1, "f": 2}), "max")
    share = (np.ones((1, 1, 1, 1)), (A_prev[:, :3, :3], {"stride": 2, "f": 2}), "average")
    return {"a": corner, "b": share, "c": leaves}


RIGHT = {
    "break_conv_forward": (conv_as_lists, conv_in_small_types, conv_in_float32_views, conv_by_an_error),
    "break_pool_forward": (pool_without_mode, pool_of_booleans),
    "break_conv_backward": (backward_with_a_list_for_the_cache, backward_each_by_itself),
    "break_pool_backward": (pool_backward_without_mode, pool_backward_by_errors),
}
