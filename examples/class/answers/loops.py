"""Every function of lessons 01 to 09 in plain loops, as a careful student writes them.  All of them are right."""

import numpy as np


def zero_pad(X, pad):
    m, n_H, n_W, n_C = X.shape
    result = np.zeros((m, pad + n_H + pad, pad + n_W + pad, n_C))
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                result[i, h + pad, w + pad] = X[i, h, w]
    return result


def conv_single_step(a_slice_prev, W, b):
    f_H, f_W, n_C_prev = W.shape
    total = 0.0
    for row in range(f_H):
        for column in range(f_W):
            for channel in range(n_C_prev):
                total += a_slice_prev[row, column, channel] * W[row, column, channel]
    return total + b[0, 0, 0]


def conv_output_size(n_prev, f, stride, pad):
    # count the places where the window can begin
    count = 0
    start = 0
    while start + f <= n_prev + 2 * pad:
        count += 1
        start += stride
    return count


def conv_forward(A_prev, W, b, hparameters):
    stride = hparameters["stride"]
    pad = hparameters["pad"]
    m, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    f, f, n_C_prev, n_C = W.shape

    n_H = conv_output_size(n_H_prev, f, stride, pad)
    n_W = conv_output_size(n_W_prev, f, stride, pad)
    padded = zero_pad(A_prev, pad)
    Z = np.zeros((m, n_H, n_W, n_C))

    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    vert_start = h * stride
                    vert_end = vert_start + f
                    horiz_start = w * stride
                    horiz_end = horiz_start + f
                    window = padded[i, vert_start:vert_end, horiz_start:horiz_end]
                    Z[i, h, w, c] = conv_single_step(window, W[..., c], b[..., c])

    cache = (A_prev, W, b, hparameters)
    return Z, cache


def pool_output_size(n_prev, f, stride):
    return int((n_prev - f) / stride) + 1


def pool_forward(A_prev, hparameters, mode="max"):
    f = hparameters["f"]
    stride = hparameters["stride"]
    m, n_H_prev, n_W_prev, n_C = A_prev.shape
    n_H = pool_output_size(n_H_prev, f, stride)
    n_W = pool_output_size(n_W_prev, f, stride)
    A = np.zeros((m, n_H, n_W, n_C))

    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    vert_start = h * stride
                    horiz_start = w * stride
                    part = A_prev[i, vert_start : vert_start + f, horiz_start : horiz_start + f, c]
                    if mode == "max":
                        A[i, h, w, c] = np.max(part)
                    elif mode == "average":
                        A[i, h, w, c] = np.mean(part)

    cache = (A_prev, hparameters)
    return A, cache


def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride = hparameters["stride"]
    pad = hparameters["pad"]
    m, n_H_prev, n_W_prev, n_C_prev = A_prev.shape
    f = W.shape[0]
    m, n_H, n_W, n_C = dZ.shape

    padded = zero_pad(A_prev, pad)
    d_padded = np.zeros(padded.shape)
    dW = np.zeros(W.shape)
    db = np.zeros(b.shape)

    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    top = h * stride
                    left = w * stride
                    here = dZ[i, h, w, c]
                    d_padded[i, top : top + f, left : left + f] += W[..., c] * here
                    dW[..., c] += padded[i, top : top + f, left : left + f] * here
                    db[0, 0, 0, c] += here

    # take the frame off; counted from the front, so that it works with pad = 0 as well
    dA_prev = d_padded[:, pad : n_H_prev + pad, pad : n_W_prev + pad]
    return dA_prev, dW, db


def create_mask_from_window(x):
    largest = x[0, 0]
    for row in x:
        for value in row:
            if value > largest:
                largest = value
    mask = x == largest
    return mask


def distribute_value(dz, shape):
    n_H, n_W = shape
    share = dz / (n_H * n_W)
    return np.ones((n_H, n_W)) * share


def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f = hparameters["f"]
    stride = hparameters["stride"]
    m, n_H, n_W, n_C = dA.shape
    dA_prev = np.zeros(A_prev.shape)

    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    vert_start = h * stride
                    vert_end = vert_start + f
                    horiz_start = w * stride
                    horiz_end = horiz_start + f
                    da = dA[i, h, w, c]
                    if mode == "max":
                        window = A_prev[i, vert_start:vert_end, horiz_start:horiz_end, c]
                        dA_prev[i, vert_start:vert_end, horiz_start:horiz_end, c] += (
                            create_mask_from_window(window) * da
                        )
                    elif mode == "average":
                        dA_prev[i, vert_start:vert_end, horiz_start:horiz_end, c] += distribute_value(da, (f, f))

    return dA_prev


def break_conv_forward():
    image = np.array([[1, 2, 3, 4, 5, 6], [0, 1, 0, 1, 0, 1], [2, 2, 3, 3, 4, 4], [5, 0, 5, 0, 5, 0]])
    A_prev = image.reshape(1, 4, 6, 1)
    W = np.array([[1, 2], [3, 4]]).reshape(2, 2, 1, 1)
    no_bias = np.zeros((1, 1, 1, 1))
    bias = np.ones((1, 1, 1, 1))
    return {
        "a": (A_prev[:, :, :4], W, no_bias, {"stride": 2, "pad": 0}),
        "b": (A_prev, W, no_bias, {"stride": 1, "pad": 0}),
        "c": (A_prev[:, :, :4], W, bias, {"stride": 1, "pad": 0}),
    }


def break_pool_forward():
    A_prev = np.arange(16).reshape(1, 4, 4, 1) % 10
    negative = -np.ones((1, 2, 2, 1))
    channels = np.zeros((1, 2, 2, 2))
    channels[:, :, :, 1] = 9
    return {
        "a": (A_prev, {"f": 2, "stride": 1}, "max"),
        "b": (negative, {"f": 2, "stride": 2}, "max"),
        "c": (channels, {"f": 2, "stride": 2}, "average"),
    }


def break_conv_backward():
    def inputs(m, stride, pad):
        cache = (np.ones((m, 4, 4, 1)), np.ones((2, 2, 1, 1)), np.zeros((1, 1, 1, 1)), {"stride": stride, "pad": pad})
        n = (4 + 2 * pad - 2) // stride + 1
        return np.ones((m, n, n, 1)), cache

    return {"a": inputs(1, 2, 0), "b": inputs(3, 2, 1), "c": inputs(1, 1, 1)}


def layer_table(input_shape, layers):
    shape, table, total = input_shape, [], 0
    for layer in layers:
        count = 0
        if layer["type"] == "flatten":
            shape = (shape[0] * shape[1] * shape[2],)
        elif layer["type"] == "dense":
            count = shape[0] * layer["units"]
            if layer["bias"]:
                count += layer["units"]
            shape = (layer["units"],)
        else:
            n_H, n_W, n_C = shape
            f, stride = layer["f"], layer["stride"]
            if layer["padding"] == "valid":
                n_H, n_W = pool_output_size(n_H, f, stride), pool_output_size(n_W, f, stride)
            else:
                n_H, n_W = -(-n_H // stride), -(-n_W // stride)
            if layer["type"] == "conv":
                count = f * f * n_C * layer["filters"]
                if layer["bias"]:
                    count += layer["filters"]
                n_C = layer["filters"]
            shape = (n_H, n_W, n_C)
        table.append((shape, count))
        total += count
    return table, total


def read_network():
    return {
        "channels": 32,
        "feature maps": 64,
        "one filter": 5 * 5 * 32,
        "first weights": 7 * 7 * 3 * 32,
        "volume": 10 * 7 * 64,
        "relu": 58 * 42 * 32,
        "copies": 1,
        "flat": 4 * 3 * 64,
        "larger image": 5 * 5 * 32 * 64 + 64,
        "pool height": 19,
        "pool again": 4,
        "pooling sees": 9,
        "pooling saves": 66,
    }


def break_pool_backward():
    A_prev = np.arange(16).reshape(1, 4, 4, 1) - 8
    four, one = np.ones((1, 2, 2, 1)), np.ones((1, 1, 1, 1))
    return {
        "a": (four, (A_prev, {"f": 2, "stride": 2}), "max"),
        "b": (one, (A_prev[:, :2, :2], {"f": 2, "stride": 2}), "average"),
        "c": (one, (A_prev[:, :2, :2], {"f": 2, "stride": 1}), "max"),
    }


def to_torch(A, W, b):
    # (m, n_H, n_W, n_C_prev) -> (m, n_C_prev, n_H, n_W)
    A = A.transpose(0, 3, 1, 2)
    # (f, f, n_C_prev, n_C) -> (n_C, n_C_prev, f, f)
    W = W.transpose(3, 2, 0, 1)
    return A, W, b.reshape(-1)


def from_torch(A, W, b):
    return A.transpose(0, 2, 3, 1), W.transpose(2, 3, 1, 0), b.reshape(1, 1, 1, -1)


def to_keras(W, b):
    return W, b.reshape(-1)


def from_keras(W, b):
    return W, b.reshape(1, 1, 1, -1)


def same_padding(n, f, stride):
    # count the windows: one begins at every stride-th pixel
    windows = 0
    for start in range(0, n, stride):
        windows += 1
    total = (windows - 1) * stride + f - n
    if total < 0:
        total = 0
    before = total // 2
    return before, total - before


def line_detector(images):
    import torch
    from torch import nn

    W = np.zeros((3, 3, 1, 1))
    W[:, 1, :, :] = 1
    A, W, b = to_torch(images, W, np.zeros((1, 1, 1, 1)))
    layer = nn.Conv2d(1, 1, 3)
    with torch.no_grad():
        layer.weight[:] = torch.tensor(W)
        layer.bias[:] = torch.tensor(b)
        A = nn.ReLU()(layer(torch.tensor(A, dtype=torch.float32)))
        maximum = nn.MaxPool2d(2)(A)
        average = nn.AvgPool2d(2)(A)
    answers = []
    for one in (A, maximum, average):
        answers.append(one.numpy().transpose(0, 2, 3, 1))
    return tuple(answers)


def autograd_gradients(dZ, cache):
    import torch

    A_prev, W, b, hparameters = cache
    tensors = []
    for array in to_torch(A_prev, W, b):
        tensors.append(torch.tensor(array, dtype=torch.float64, requires_grad=True))
    A, W, b = tensors
    Z = torch.nn.functional.conv2d(A, W, b, stride=hparameters["stride"], padding=hparameters["pad"])
    Z.backward(torch.tensor(dZ.transpose(0, 3, 1, 2)))
    return from_torch(A.grad.numpy(), W.grad.numpy(), b.grad.numpy())


def conv_forward_fast(A_prev, W, b, hparameters):
    # no loop over pixels: one over the places of the filter
    stride = hparameters["stride"]
    f, f, n_C_prev, n_C = W.shape
    padded = zero_pad(A_prev, hparameters["pad"])
    m, height, width, n_C_prev = padded.shape
    n_H = conv_output_size(height, f, stride, 0)
    n_W = conv_output_size(width, f, stride, 0)
    Z = np.zeros((m, n_H, n_W, n_C)) + b
    for row in range(f):
        for column in range(f):
            rows = slice(row, row + (n_H - 1) * stride + 1, stride)
            columns = slice(column, column + (n_W - 1) * stride + 1, stride)
            Z += padded[:, rows, columns] @ W[row, column]
    return Z, (A_prev, W, b, hparameters)


def relu(Z):
    return np.maximum(0, Z), Z


def relu_backward(dA, cache):
    dZ = np.array(dA, dtype=float)
    dZ[cache <= 0] = 0
    return dZ


def network_forward(X, parameters):
    Z, cache_conv = conv_forward_fast(X, parameters["W1"], parameters["b1"], {"stride": 1, "pad": 0})
    A, cache_relu = relu(Z)
    P, cache_pool = pool_forward(A, {"stride": 2, "f": 2})
    scores, cache_dense = dense_forward(P, parameters["W2"], parameters["b2"])
    return scores, (cache_conv, cache_relu, cache_pool, cache_dense)


def network_backward(dscores, caches):
    cache_conv, cache_relu, cache_pool, cache_dense = caches
    gradients = {}
    gradient, gradients["W2"], gradients["b2"] = dense_backward(dscores, cache_dense)
    gradient = pool_backward(gradient, cache_pool)
    gradient = relu_backward(gradient, cache_relu)
    gradient, gradients["W1"], gradients["b1"] = conv_backward(gradient, cache_conv)
    return gradients
