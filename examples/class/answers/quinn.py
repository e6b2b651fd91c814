"""Right, but chatty: prints and warns on the way, and returns lists where the lesson says tuples."""

import numpy as np


def conv_output_size(n_prev, f, stride, pad):
    size = np.floor((n_prev - f + 2 * pad) / stride) + 1
    print("output size", size)
    return np.array([int(size)])


def conv_forward(A_prev, W, b, hparameters):
    import warnings

    warnings.warn("loops are slow")
    stride, pad = hparameters["stride"], hparameters["pad"]
    m, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    f, n_C = W.shape[0], W.shape[3]
    n_H = (n_H_prev - f + 2 * pad) // stride + 1
    n_W = (n_W_prev - f + 2 * pad) // stride + 1
    padded = zero_pad(A_prev, pad)
    Z = []
    for i in range(m):
        print("image", i)
        rows = []
        for h in range(n_H):
            row = []
            for w in range(n_W):
                window = padded[i, h * stride : h * stride + f, w * stride : w * stride + f]
                row.append([conv_single_step(window, W[..., c], b[..., c]) for c in range(n_C)])
            rows.append(row)
        Z.append(rows)
    return [Z, [A_prev, W, b, hparameters]]


def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    print("shapes", dZ.shape, A_prev.shape, W.shape, b.shape, hparameters)
    stride, pad, f = hparameters["stride"], hparameters["pad"], len(W)
    padded = zero_pad(A_prev, pad)
    d_padded, dW, db = np.zeros(padded.shape), np.zeros(W.shape), np.zeros(b.shape)
    np.log(np.zeros(1))  # RuntimeWarning: divide by zero
    for (i, h, w, c), d in np.ndenumerate(dZ):
        place = np.s_[i, h * stride : h * stride + f, w * stride : w * stride + f]
        d_padded[place] += W[..., c] * d
        dW[..., c] += padded[place] * d
        db[..., c] += d
    if pad:
        d_padded = d_padded[:, pad:-pad, pad:-pad]
    return [d_padded.tolist(), dW, db]


def create_mask_from_window(x):
    print(x)
    return (x == x.max()).astype(int).tolist()


def distribute_value(dz, shape):
    return [[dz / shape[0] / shape[1]] * shape[1] for row in range(shape[0])]


def break_pool_forward():
    print("breaking", flush=True)
    image = [[[[-1, -2], [-3, -4], [-5, -6]], [[-7, -8], [-9, -1], [-2, -3]], [[-4, -5], [-6, -7], [-8, -9]]]]
    return {letter: [image, {"stride": 1, "f": 2}] for letter in "abcdef"}
