"""Every function of lessons 01 to 07 and of 09 without loops over pixels: windows as views, im2col, einsum.  All are right."""

import numpy as np


def zero_pad(X, pad):
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))


def conv_single_step(a_slice_prev, W, b):
    return np.vdot(a_slice_prev, W) + b.item()


def conv_output_size(n_prev, f, stride, pad):
    return len(range(0, n_prev + 2 * pad - f + 1, stride))


def conv_forward(A_prev, W, b, hparameters):
    stride, pad = hparameters["stride"], hparameters["pad"]
    f, _, n_C_prev, n_C = W.shape
    # im2col: every window is a row, every filter a column
    windows = np.lib.stride_tricks.sliding_window_view(zero_pad(A_prev, pad), (f, f), axis=(1, 2))
    windows = windows[:, ::stride, ::stride]  # (m, n_H, n_W, n_C_prev, f, f)
    m, n_H, n_W = windows.shape[:3]
    rows = windows.transpose(0, 1, 2, 4, 5, 3).reshape(m * n_H * n_W, f * f * n_C_prev)
    Z = (rows @ W.reshape(f * f * n_C_prev, n_C)).reshape(m, n_H, n_W, n_C) + b
    return Z, (A_prev, W, b, hparameters)


def pool_output_size(n_prev, f, stride):
    return len(range(0, n_prev - f + 1, stride))


def pool_forward(A_prev, hparameters, mode="max"):
    f, stride = hparameters["f"], hparameters["stride"]
    windows = np.lib.stride_tricks.sliding_window_view(A_prev, (f, f), axis=(1, 2))[:, ::stride, ::stride]
    pool = {"max": np.max, "average": np.mean}[mode]
    return pool(windows, axis=(-2, -1)), (A_prev, hparameters)


def conv_backward(dZ, cache):
    A_prev, W, b, hparameters = cache
    stride, pad = hparameters["stride"], hparameters["pad"]
    f, n_H, n_W = W.shape[0], dZ.shape[1], dZ.shape[2]
    padded = zero_pad(A_prev, pad)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (f, f), axis=(1, 2))[:, ::stride, ::stride]
    dW = np.einsum("ihwkxy,ihwc->xykc", windows, dZ)
    db = dZ.sum(axis=(0, 1, 2), keepdims=True)
    d_padded = np.zeros(padded.shape)
    for x in range(f):  # over the filter, not over the image
        for y in range(f):
            d_padded[:, x : x + n_H * stride : stride, y : y + n_W * stride : stride] += dZ @ W[x, y].T
    return d_padded[:, pad : pad + A_prev.shape[1], pad : pad + A_prev.shape[2]], dW, db


def create_mask_from_window(x):
    mask = np.zeros(x.shape, dtype=bool)
    mask[np.unravel_index(np.argmax(x), x.shape)] = True
    return mask


def distribute_value(dz, shape):
    return np.broadcast_to(dz / np.prod(shape), shape)


def pool_backward(dA, cache, mode="max"):
    A_prev, hparameters = cache
    f, stride = hparameters["f"], hparameters["stride"]
    n_H, n_W = dA.shape[1:3]
    windows = np.lib.stride_tricks.sliding_window_view(A_prev, (f, f), axis=(1, 2))[:, ::stride, ::stride]
    largest = windows.max(axis=(-2, -1))
    dA_prev = np.zeros(A_prev.shape)
    for x in range(f):
        for y in range(f):
            share = windows[..., x, y] == largest if mode == "max" else 1 / f**2
            dA_prev[:, x : x + n_H * stride : stride, y : y + n_W * stride : stride] += dA * share
    return dA_prev


def break_conv_forward():
    rng = np.random.default_rng(4)
    A_prev, W = rng.integers(-9, 10, (2, 5, 7, 3)), rng.integers(-9, 10, (3, 3, 3, 4))
    return dict.fromkeys("abc", (A_prev, W, np.arange(1, 5).reshape(1, 1, 1, 4), {"stride": 2, "pad": 1}))


def break_pool_forward():
    A_prev = -np.random.default_rng(4).integers(1, 10, (2, 5, 7, 3))
    return dict.fromkeys("abc", (A_prev, {"f": 3, "stride": 1}))


def break_conv_backward():
    rng = np.random.default_rng(4)
    A_prev, W = rng.integers(-9, 10, (2, 5, 6, 3)), rng.integers(-9, 10, (2, 2, 3, 4))
    cache = (A_prev, W, np.zeros((1, 1, 1, 4)), {"stride": 1, "pad": 0})
    return dict.fromkeys("abc", (rng.integers(1, 10, (2, 4, 5, 4)), cache))


def layer_table(input_shape, layers):
    def read(shape, layer):
        sizes = np.array(shape)
        if "units" in layer:
            return (layer["units"],), layer["units"] * (shape[0] + int(layer["bias"]))
        if "f" not in layer:
            return (int(sizes.prod()),), 0
        reach = layer["f"] if layer["padding"] == "valid" else 1
        n_H, n_W = (int(n) for n in (sizes[:2] - reach) // layer["stride"] + 1)
        depth = layer["f"] ** 2 * shape[2] + int(layer.get("bias", False))
        return (n_H, n_W, layer.get("filters", shape[2])), layer.get("filters", 0) * depth

    table = []
    for layer in layers:
        table.append(read(table[-1][0] if table else input_shape, layer))
    return table, sum(count for _, count in table)


def read_network():
    def conv(filters, f, stride, padding):
        return {"type": "conv", "filters": filters, "f": f, "stride": stride, "padding": padding, "bias": True}

    def pool(kind, f, stride):
        return {"type": kind, "f": f, "stride": stride, "padding": "valid"}

    first, second = conv(32, 7, 1, "valid"), conv(64, 5, 2, "same")
    layers = [first, pool("max_pool", 3, 3), second, pool("average_pool", 3, 2), {"type": "flatten"}]
    shapes = [shape for shape, _ in layer_table((64, 48, 3), layers)[0]]
    deep = [conv(n, 3, 1, "same") for n in (32, 64, 128)]
    dense = [{"type": "flatten"}] + [{"type": "dense", "units": n, "bias": True} for n in (256, 10)]
    _, plain = layer_table((28, 28, 1), deep + dense)
    _, pooled = layer_table((28, 28, 1), [one for layer in deep for one in (layer, pool("max_pool", 2, 2))] + dense)
    return {
        "channels": shapes[0][2],
        "feature maps": shapes[2][2],
        "one filter": 25 * shapes[1][2],
        "first weights": layer_table((64, 48, 3), [first])[1] - 32,
        "volume": np.prod(shapes[2]),
        "relu": np.prod(shapes[0]),
        "copies": 1,
        "flat": shapes[4][0],
        "larger image": layer_table((128, 96, 3), layers)[0][2][1],
        "pool height": shapes[1][0],
        "pool again": shapes[3][0],
        "pooling sees": 9,
        "pooling saves": plain / pooled,
    }


def break_pool_backward():
    A_prev = np.random.default_rng(4).permutation(19)[:15].reshape(1, 3, 5, 1) - 9
    cache = (np.sort(A_prev, axis=2), {"f": 3, "stride": 2})
    dA = np.array([[[[5], [-7]]]])
    return {"a": (dA, cache), "b": (dA, cache, "average"), "c": (dA, cache)}


def conv_forward_fast(A_prev, W, b, hparameters):
    stride, pad = hparameters["stride"], hparameters["pad"]
    padded = np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, W.shape[:2], axis=(1, 2))[:, ::stride, ::stride]
    return np.einsum("mhwcij,ijcd->mhwd", windows, W) + b, (A_prev, W, b, hparameters)
