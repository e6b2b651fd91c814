"""Right implementations of ``pool_backward``, unusual on purpose; all conventions for ties."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def _corners(dA, hparameters):
    """The index of each entry of dA, with the rows and the columns of its window."""
    f, stride = hparameters["f"], hparameters["stride"]
    for i, h, w, c in np.ndindex(dA.shape):
        yield i, h, w, c, slice(h * stride, h * stride + f), slice(w * stride, w * stride + f)


def plain_loops(dA, cache, mode="max"):
    """Loops with a mask: all maxima get the gradient."""
    A_prev, hparameters = cache
    dA_prev = np.zeros(A_prev.shape)
    for i, h, w, c, rows, columns in _corners(dA, hparameters):
        window = A_prev[i, rows, columns, c]
        if mode == "max":
            dA_prev[i, rows, columns, c] += (window == window.max()) * dA[i, h, w, c]
        elif mode == "average":
            dA_prev[i, rows, columns, c] += dA[i, h, w, c] / window.size
    return dA_prev


def first_maximum(gradient, memory, kind="max"):
    """``argmax``: the first maximum gets it; other names, prints and warns; nested lists."""
    images, settings = memory
    result = np.zeros_like(images, dtype=float)
    print("gradient", gradient.shape)
    for i, h, w, c, rows, columns in _corners(gradient, settings):
        window, target = images[i, rows, columns, c], result[i, rows, columns, c]
        if kind == "max":
            target[np.unravel_index(window.argmax(), window.shape)] += gradient[i, h, w, c]
        else:
            target += gradient[i, h, w, c] / window.size
    warnings.warn("done", stacklevel=1)
    return result.tolist()


def last_maximum(dA, cache, mode="max"):
    """Single pixels and ``>=``: the last maximum gets it."""
    A_prev, hparameters = cache
    dA_prev = np.zeros(A_prev.shape)
    for i, h, w, c, rows, columns in _corners(dA, hparameters):
        best = (rows.start, columns.start)
        for row in range(rows.start, rows.stop):
            for column in range(columns.start, columns.stop):
                if mode == "average":
                    dA_prev[i, row, column, c] += dA[i, h, w, c] / hparameters["f"] ** 2
                elif A_prev[i, row, column, c] >= A_prev[i, best[0], best[1], c]:
                    best = (row, column)
        if mode == "max":
            dA_prev[i, best[0], best[1], c] += dA[i, h, w, c]
    return dA_prev


def shared_by_shifts(dA, cache, mode="max"):
    """No loop over windows: one over the f×f places in a window; equal shares, in float32."""
    A_prev, (f, stride) = cache[0], (cache[1]["f"], cache[1]["stride"])
    _, n_H, n_W, _ = dA.shape
    places = [
        np.s_[:, row : row + (n_H - 1) * stride + 1 : stride, column : column + (n_W - 1) * stride + 1 : stride]
        for row, column in np.ndindex(f, f)
    ]
    pixels = np.stack([A_prev[place] for place in places])
    parts = pixels == pixels.max(axis=0) if mode == "max" else np.ones_like(pixels)
    shares = dA * parts / parts.sum(axis=0)
    dA_prev = np.zeros(A_prev.shape, dtype=np.float32)
    for place, share in zip(places, shares, strict=True):
        dA_prev[place] += share.astype(np.float32)
    return dA_prev


def scatter(dA, cache, mode="max"):
    """All windows as a view, ``argmax`` in all of them at once, and ``np.add.at``."""
    A_prev, hparameters = cache
    f, stride = hparameters["f"], hparameters["stride"]
    windows = sliding_window_view(A_prev, (f, f), axis=(1, 2))[:, ::stride, ::stride]
    i, h, w, c = np.indices(dA.shape)
    dA_prev = np.zeros(A_prev.shape)
    if mode == "max":
        row, column = np.divmod(windows.reshape(*dA.shape, f * f).argmax(-1), f)
        np.add.at(dA_prev, (i, h * stride + row, w * stride + column, c), dA)
    else:
        for row, column in np.ndindex(f, f):
            np.add.at(dA_prev, (i, h * stride + row, w * stride + column, c), dA / f**2)
    return dA_prev


def gathered(dA, cache, mode="max"):
    """The other way round: for each pixel, what the windows that hold it send."""
    A_prev, hparameters = cache
    f, stride = hparameters["f"], hparameters["stride"]
    dA_prev = np.empty(A_prev.shape)
    for i, row, column, c in np.ndindex(A_prev.shape):
        gradients = [0.0]
        for h in range(dA.shape[1]):
            for w in range(dA.shape[2]):
                window = A_prev[i, h * stride : h * stride + f, w * stride : w * stride + f, c]
                if 0 <= row - h * stride < f and 0 <= column - w * stride < f:
                    if mode == "average":
                        gradients.append(dA[i, h, w, c] / f / f)
                    elif (A_prev[i, row, column, c] >= window).all():
                        gradients.append(dA[i, h, w, c])
        dA_prev[i, row, column, c] = sum(gradients)
    return dA_prev


def selection_matrices(dA, cache, mode="max"):
    """The transpose of pooling as einsum."""
    A_prev, hparameters = cache
    f, stride = hparameters["f"], hparameters["stride"]

    def rows_of(n_prev, n):
        start = stride * np.arange(n)[:, np.newaxis]
        return ((np.arange(n_prev) >= start) & (np.arange(n_prev) < start + f)).astype(float)

    R, C = rows_of(A_prev.shape[1], dA.shape[1]), rows_of(A_prev.shape[2], dA.shape[2])
    if mode != "max":
        return np.einsum("hr,wk,ihwc->irkc", R, C, dA) / (f * f)
    inside = np.einsum("hr,wk->hwrk", R, C)[np.newaxis, ..., np.newaxis] > 0
    pixels = np.where(inside, A_prev[:, np.newaxis, np.newaxis], -np.inf)
    mask = pixels == pixels.max(axis=(3, 4), keepdims=True)
    return np.einsum("ihwrkc,ihwc->irkc", mask, dA)


def recursion(dA, cache, mode="max"):
    """Cuts the batch and the output in two until one window is left; never changes an array."""
    A_prev, hparameters = cache
    f, stride = hparameters["f"], hparameters["stride"]

    def back(where):
        axis = max(range(4), key=lambda k: len(where[k]))
        if (length := len(where[axis])) > 1:
            halves = (where[axis][: length // 2], where[axis][length // 2 :])
            return sum(back([*where[:axis], half, *where[axis + 1 :]]) for half in halves)
        i, h, w, c = (places[0] for places in where)
        window = A_prev[i, h * stride : h * stride + f, w * stride : w * stride + f, c]
        part = (window == window.max()).astype(float) if mode == "max" else np.full((f, f), 1 / f**2)
        outside = [(n * stride, size - n * stride - f) for n, size in zip((h, w), A_prev.shape[1:3], strict=True)]
        padded = np.pad(part * dA[i, h, w, c], outside)
        return np.eye(A_prev.shape[0])[i][:, None, None, None] * padded[..., None] * np.eye(A_prev.shape[3])[c]

    return back([range(n) for n in dA.shape])


RIGHT = {
    function.__name__: function
    for function in (
        plain_loops,
        first_maximum,
        last_maximum,
        shared_by_shifts,
        scatter,
        gathered,
        selection_matrices,
        recursion,
    )
}
