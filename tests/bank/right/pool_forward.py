"""Right implementations of ``pool_forward``, unusual on purpose."""

from __future__ import annotations

import itertools
import warnings

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view


def _sizes(A_prev, hparameters):
    """The window, the stride, and the height and width of the output."""
    f, stride = hparameters["f"], hparameters["stride"]
    return f, stride, *((n - f) // stride + 1 for n in A_prev.shape[1:3])


def plain_loops(A_prev, hparameters, mode="max"):
    """Loops down to single pixels."""
    f, stride, n_H, n_W = _sizes(A_prev, hparameters)
    A = np.zeros((A_prev.shape[0], n_H, n_W, A_prev.shape[3]))
    for i, h, w, c in np.ndindex(A.shape):
        pixels = [A_prev[i, h * stride + row, w * stride + column, c] for row, column in np.ndindex(f, f)]
        A[i, h, w, c] = max(pixels) if mode == "max" else sum(pixels) / f**2
    return A, (A_prev, hparameters)


def sliding_windows(images, settings, kind="max"):
    """A view of all windows; other names, a print, and a list for the pair."""
    f, stride = settings["f"], settings["stride"]
    windows = sliding_window_view(images, (f, f), axis=(1, 2))[:, ::stride, ::stride]
    print("windows", windows.shape)
    return [windows.max((-2, -1)) if kind == "max" else windows.mean((-2, -1)), (images, settings)]


def stride_tricks(A_prev, hparameters, mode="max"):
    """The same by hand, from the strides in memory; a list for the cache."""
    f, stride, n_H, n_W = _sizes(A_prev, hparameters)
    image, row, column, channel = A_prev.strides
    windows = as_strided(
        A_prev,
        (A_prev.shape[0], n_H, n_W, A_prev.shape[3], f, f),
        (image, row * stride, column * stride, channel, row, column),
        writeable=False,
    )
    pool = np.amax if mode == "max" else np.average
    return pool(windows, axis=(4, 5)), [A_prev, hparameters]


def shift_and_max(A_prev, hparameters, mode="max"):
    """No loop over windows: one over the f×f places in a window. In float32."""
    f, stride, n_H, n_W = _sizes(A_prev, hparameters)
    shifted = [
        A_prev[:, row : row + n_H * stride : stride, column : column + n_W * stride : stride][:, :n_H, :n_W]
        for row in range(f)
        for column in range(f)
    ]
    total = shifted[0].astype(np.float32)
    for one in shifted[1:]:
        total = np.maximum(total, one) if mode == "max" else total + one
    return (total if mode == "max" else total / len(shifted)).astype(np.float32), (A_prev, hparameters)


def rows_then_columns(A_prev, hparameters, mode="max"):
    """Pools the rows and then the columns, by recursion over the axes."""
    f, stride, n_H, n_W = _sizes(A_prev, hparameters)

    def along(images, axis):
        if axis == 0:
            return images
        starts = range(0, (n_H if axis == 1 else n_W) * stride, stride)
        strips = [np.take(images, range(start, start + f), axis) for start in starts]
        pooled = [strip.max(axis) if mode == "max" else strip.mean(axis) for strip in strips]
        return along(np.stack(pooled, axis), axis - 1)

    return along(A_prev, 2), (A_prev, hparameters)


def reshape_where_it_fits(A_prev, hparameters, mode="max"):
    """Blocks by reshaping where windows lie side by side, sorted windows elsewhere; warns."""
    f, stride, n_H, n_W = _sizes(A_prev, hparameters)
    warnings.warn("pooling", stacklevel=1)
    m, n_C = A_prev.shape[0], A_prev.shape[3]
    if f == stride:
        windows = A_prev[:, : n_H * f, : n_W * f].reshape(m, n_H, f, n_W, f, n_C)
        return (windows.max((2, 4)) if mode == "max" else windows.mean((2, 4))), (A_prev, hparameters)
    A = np.empty((m, n_H, n_W, n_C))
    for h, w in itertools.product(range(n_H), range(n_W)):
        window = A_prev[:, h * stride : h * stride + f, w * stride : w * stride + f].reshape(m, f * f, n_C)
        A[:, h, w] = np.sort(window, axis=1)[:, -1] if mode == "max" else window.sum(axis=1) / f**2
    return A, (A_prev, hparameters)


def selection_matrices(A_prev, hparameters, mode="max"):
    """Averages as two matrix products in einsum, maxima with ``reduceat``-like slices."""
    f, stride, n_H, n_W = _sizes(A_prev, hparameters)

    def rows_of(n_prev, n):
        start = stride * np.arange(n)[:, np.newaxis]
        return ((np.arange(n_prev) >= start) & (np.arange(n_prev) < start + f)).astype(float)

    R, C = rows_of(A_prev.shape[1], n_H), rows_of(A_prev.shape[2], n_W)
    if mode == "average":
        return np.einsum("hr,wk,irkc->ihwc", R, C, A_prev) / (f * f), (A_prev, hparameters)
    inside = np.einsum("hr,wk->hwrk", R, C)[np.newaxis, ..., np.newaxis] > 0
    pixels = np.where(inside, A_prev[:, np.newaxis, np.newaxis], -np.inf)
    return pixels.max(axis=(3, 4)), (A_prev, hparameters)


def integral_image(A_prev, hparameters, mode="max"):
    """Averages from cumulative sums, maxima with Python's own ``max``; the result as nested lists."""
    f, stride, n_H, n_W = _sizes(A_prev, hparameters)
    sums = np.pad(np.cumsum(np.cumsum(A_prev, axis=1, dtype=float), axis=2), ((0, 0), (1, 0), (1, 0), (0, 0)))
    A = []
    for i in range(len(A_prev)):
        image = []
        for top in range(0, n_H * stride, stride):
            line = []
            for left in range(0, n_W * stride, stride):
                if mode == "max":
                    window = A_prev[i, top : top + f, left : left + f].tolist()
                    line.append([max(channel) for channel in zip(*itertools.chain(*window), strict=True)])
                else:
                    s = sums[i, top : top + f + 1 : f, left : left + f + 1 : f]
                    line.append(((s[1, 1] - s[0, 1] - s[1, 0] + s[0, 0]) / f**2).tolist())
            image.append(line)
        A.append(image)
    return A, (A_prev.copy(), dict(hparameters))


def channels_first(A_prev, hparameters, mode="max", verbose=False):
    """Works on (m, n_C, n_H, n_W) and returns a transposed view; one more parameter with a default."""
    f, stride, n_H, n_W = _sizes(A_prev, hparameters)
    images = np.ascontiguousarray(A_prev.transpose(0, 3, 1, 2))
    A = np.stack(
        [
            np.stack(
                [
                    getattr(images[:, :, t * stride : t * stride + f, l * stride : l * stride + f], how)((2, 3))
                    for l in range(n_W)
                ],
                axis=-1,
            )
            for how in ["max" if mode == "max" else "mean"]
            for t in range(n_H)
        ],
        axis=2,
    )
    return A.transpose(0, 2, 3, 1), (A_prev, hparameters)


RIGHT = {
    function.__name__: function
    for function in (
        plain_loops,
        sliding_windows,
        stride_tricks,
        shift_and_max,
        rows_then_columns,
        reshape_where_it_fits,
        selection_matrices,
        integral_image,
        channels_first,
    )
}
