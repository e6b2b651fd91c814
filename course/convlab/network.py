"""What the network of lesson 09 needs besides the student's own layers: a dense layer and a cost, ready made."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def dense_forward(A_prev: Array, W: Array, b: Array) -> tuple[Array, tuple[Array, Array, Array]]:
    """Return Z = x W + b for each image, laid flat as a row x, and the cache (A_prev, W, b).

    A_prev: (m, n_H, n_W, n_C); W: (n_H * n_W * n_C, n_out); b: (1, n_out); Z: (m, n_out)
    """
    x = A_prev.reshape(len(A_prev), -1)
    return x @ W + b, (A_prev, W, b)


def dense_backward(dZ: Array, cache: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
    """Return dA_prev, dW and db, in the shapes of A_prev, W and b."""
    A_prev, W, _ = cache
    x = A_prev.reshape(len(A_prev), -1)
    return (dZ @ W.T).reshape(A_prev.shape), x.T @ dZ, dZ.sum(axis=0, keepdims=True)


def softmax(scores: Array) -> Array:
    """Return probabilities: positive numbers that add up to 1 in each row, larger for larger scores."""
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))  # the largest is exp(0), so none overflows
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def cross_entropy(scores: Array, labels: NDArray[np.int64]) -> tuple[float, Array]:
    """Return the cost, the mean of -log(probability of the right class), and its gradient dscores.

    scores: (m, n_classes); labels: (m,), the right class of each image; dscores: (m, n_classes)
    """
    m = len(labels)
    right = np.eye(scores.shape[1])[labels]  # 1 in the column of the right class, 0 elsewhere
    probabilities = softmax(scores)
    cost = -np.log(np.sum(probabilities * right, axis=1)).mean()
    return float(cost), (probabilities - right) / m
