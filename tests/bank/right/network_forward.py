"""Right implementations of ``network_forward``, unusual on purpose."""

from __future__ import annotations

import numpy as np
from convlab.network import dense_forward

from autograder import solution

CONVOLUTION, POOLING = {"stride": 1, "pad": 0}, {"f": 2, "stride": 2}


def one_after_the_other(X, parameters):
    Z, of_convolution = solution.conv_forward(X, parameters["W1"], parameters["b1"], CONVOLUTION)
    A, of_relu = solution.relu(Z)
    P, of_pooling = solution.pool_forward(A, POOLING, "max")
    scores, of_dense = dense_forward(P, parameters["W2"], parameters["b2"])
    return scores, (of_convolution, of_relu, of_pooling, of_dense)


def a_list_of_layers(X, parameters):
    """A loop over layers, a list of caches."""
    layers = (
        lambda A: solution.conv_forward_fast(A, parameters["W1"], parameters["b1"], CONVOLUTION),
        solution.relu,
        lambda A: solution.pool_forward(A, POOLING),
        lambda A: dense_forward(A, parameters["W2"], parameters["b2"]),
    )
    caches = []
    for layer in layers:
        X, cache = layer(X)
        caches.append(cache)
    return X, caches


def written_out(X, parameters):
    """No function of a layer at all."""
    W1, b1, W2, b2 = parameters.values()
    windows = np.lib.stride_tricks.sliding_window_view(X, W1.shape[:2], axis=(1, 2))
    Z = np.einsum("mhwcij,ijcd->mhwd", windows, W1) + b1
    A = Z * (Z > 0)
    m, n_H, n_W, n_C = A.shape
    P = A[:, : n_H // 2 * 2, : n_W // 2 * 2].reshape(m, n_H // 2, 2, n_W // 2, 2, n_C).max(axis=(2, 4))
    return P.reshape(m, -1) @ W2 + b2, ((X, W1, b1, CONVOLUTION), Z, (A, POOLING), (P, W2, b2))


RIGHT = {function.__name__: function for function in (one_after_the_other, a_list_of_layers, written_out)}
