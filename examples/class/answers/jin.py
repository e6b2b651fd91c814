"""A loop that never ends: the window is looked at, but never moved on."""

import numpy as np


def pool_forward(A_prev, hparameters, mode="max"):
    f, stride = hparameters["f"], hparameters["stride"]
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    n_H = pool_output_size(n_H_prev, f, stride)
    n_W = pool_output_size(n_W_prev, f, stride)
    A = np.zeros((m, n_H, n_W, n_C))
    h = 0
    while h < n_H:
        w = 0
        while w < n_W:
            window = A_prev[:, h * stride : h * stride + f, w * stride : w * stride + f, :]
            A[:, h, w, :] = window.max(axis=(1, 2)) if mode == "max" else window.mean(axis=(1, 2))
    return A, (A_prev, hparameters)
