"""Right implementations of ``network_backward``, unusual on purpose."""

from __future__ import annotations

import numpy as np
from convlab.network import dense_backward

from autograder import solution


def one_after_the_other(dscores, caches):
    of_convolution, of_relu, of_pooling, of_dense = caches
    dP, dW2, db2 = dense_backward(dscores, of_dense)
    dA = solution.pool_backward(dP, of_pooling, "max", ties="first")
    dZ = solution.relu_backward(dA, of_relu)
    _, dW1, db1 = solution.conv_backward(dZ, of_convolution)
    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}


def filled_from_the_end(dscores, caches):
    """Keys in another order, caches taken off a list, and a print."""
    left, gradients = list(caches), {}
    dA, gradients["W2"], gradients["b2"] = dense_backward(dscores, left.pop())
    dA = solution.pool_backward(dA, left.pop())
    print(dA.shape)
    _, gradients["W1"], gradients["b1"] = solution.conv_backward(dA * (left.pop() > 0), left.pop())
    return gradients


def image_by_image(dscores, caches):
    """The gradients of one image at a time, added up."""
    (X, W1, b1, convolution), Z, (A, pooling), (P, W2, b2) = caches
    total = {name: np.zeros(one.shape) for name, one in (("W1", W1), ("b1", b1), ("W2", W2), ("b2", b2))}
    for i in range(len(X)):
        one = slice(i, i + 1)
        cut = ((X[one], W1, b1, convolution), Z[one], (A[one], pooling), (P[one], W2, b2))
        for name, gradient in one_after_the_other(dscores[one], cut).items():
            total[name] += gradient
    return total


RIGHT = {function.__name__: function for function in (one_after_the_other, filled_from_the_end, image_by_image)}
