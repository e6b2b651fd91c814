"""Three helpers that are wrong; the functions that call them are right."""

import numpy as np


def conv_output_size(n_prev, f, stride, pad):
    return int(np.ceil((n_prev - f + 2 * pad) / stride)) + 1


def create_mask_from_window(x):
    return np.abs(x) == np.abs(x).max()


def to_torch(A, W, b):
    return A.transpose(0, 3, 1, 2), W.T, b.reshape(-1)
