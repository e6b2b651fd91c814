"""The mode "average" is still to come."""

import numpy as np


def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f, stride = hparameters["f"], hparameters["stride"]
    dA_prev = np.zeros(A_prev.shape)
    for i in range(dA.shape[0]):
        for h in range(dA.shape[1]):
            for w in range(dA.shape[2]):
                for c in range(dA.shape[3]):
                    top, left = h * stride, w * stride
                    window = A_prev[i, top : top + f, left : left + f, c]
                    if mode == "max":
                        dA_prev[i, top : top + f, left : left + f, c] += (
                            create_mask_from_window(window) * dA[i, h, w, c]
                        )
                    # TODO average
    return dA_prev
