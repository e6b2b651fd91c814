"""Right implementations of ``zero_pad``, unusual on purpose."""

from __future__ import annotations

import warnings

import numpy as np


def library(X, pad):
    """The usual way."""
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)), mode="constant", constant_values=0)


def plain_loops(X, pad):
    """Pixel by pixel, into float32."""
    m, n_H, n_W, n_C = X.shape
    result = np.zeros((m, n_H + 2 * pad, n_W + 2 * pad, n_C), dtype=np.float32)
    for i in range(m):
        for row in range(n_H):
            for column in range(n_W):
                for channel in range(n_C):
                    result[i, row + pad, column + pad, channel] = X[i, row, column, channel]
    return result


def nested_lists(images, margin):
    """No NumPy at all: lists of lists, and other names."""

    def wide(row):
        return [empty] * margin + row + [empty] * margin

    empty = [0] * images.shape[3]
    padded = []
    for image in images.tolist():
        blank = [[empty] * (len(image[0]) + 2 * margin)] * margin
        padded.append(blank + [wide(row) for row in image] + blank)
    return padded


def recursive(X, pad):
    """One ring of zeros at a time."""
    if pad == 0:
        return X
    m, n_H, n_W, n_C = X.shape
    above = np.zeros((m, 1, n_W, n_C))
    taller = np.concatenate([above, X, above], axis=1)
    beside = np.zeros((m, n_H + 2, 1, n_C))
    return recursive(np.concatenate([beside, taller, beside], axis=2), pad - 1)


def matrix_products(X, pad):
    """Shifts rows and columns with identity matrices that have empty rows."""
    down, right = (np.eye(n + 2 * pad, n, k=-pad) for n in X.shape[1:3])
    return np.einsum("rh,mhwc,sw->mrsc", down, X, right)


def fortran_view(X, pad):
    """A strided view of memory in Fortran order, with a print and a warning."""
    print("padding", X.shape, "by", pad)
    warnings.warn("this is only a warning", stacklevel=1)
    result = np.pad(X.T, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    return result.T


def negative_indices(X, pad):
    """Slices that count from the end, and mind that -0 is 0."""
    m, n_H, n_W, n_C = X.shape
    result = np.zeros(shape=(m, n_H + pad * 2, n_W + pad * 2, n_C), dtype=X.dtype)
    result[:, pad : -pad or None, pad : -pad or None, :] = X
    return result


def image_by_image(X, pad):
    """A comprehension over images and channels."""
    return np.array([np.stack([np.pad(c, pad) for c in np.moveaxis(x, -1, 0)], axis=-1) for x in X])


RIGHT = {
    f.__name__: f
    for f in (
        library,
        plain_loops,
        nested_lists,
        recursive,
        matrix_products,
        fortran_view,
        negative_indices,
        image_by_image,
    )
}
