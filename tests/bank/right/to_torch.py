"""Right implementations of ``to_torch``, unusual on purpose."""

from __future__ import annotations

import numpy as np
import torch


def loops(A, W, b):
    """Number by number."""
    m, n_H, n_W, n_C_prev = A.shape
    f, _, _, n_C = W.shape
    images, filters = np.zeros((m, n_C_prev, n_H, n_W)), np.zeros((n_C, n_C_prev, f, f))
    for i, h, w, c in np.ndindex(A.shape):
        images[i, c, h, w] = A[i, h, w, c]
    for j, k, p, c in np.ndindex(W.shape):
        filters[c, p, j, k] = W[j, k, p, c]
    return images, filters, [b[0, 0, 0, c] for c in range(n_C)]


def moveaxis(A, W, b):
    return [np.moveaxis(A, -1, 1), np.moveaxis(W, (3, 2), (0, 1)), b.flatten()]


def einsum(A, W, b):
    return np.einsum("mhwc->mchw", A), np.einsum("jkpc->cpjk", W), np.einsum("xyzc->c", b)


def by_pytorch(A, W, b):
    """PyTorch itself moves the axes."""
    images, filters = torch.tensor(A).permute(0, 3, 1, 2), torch.tensor(W).permute(3, 2, 0, 1)
    return images.numpy(), filters.numpy(), torch.tensor(b).flatten().numpy()


def mirrored_twice(A, W, b):
    """`W.T` has rows and columns the wrong way round; once more swapped they are right."""
    print(W.shape)
    return np.swapaxes(np.swapaxes(A, 2, 3), 1, 2), W.T.swapaxes(2, 3), b.squeeze(axis=(0, 1, 2))


RIGHT = {function.__name__: function for function in (loops, moveaxis, einsum, by_pytorch, mirrored_twice)}
