"""Right implementations of ``layer_table``, unusual on purpose."""

from __future__ import annotations

import functools

import numpy as np


def by_counting(input_shape, layers):
    """Makes real windows and real arrays of weights, and counts them."""

    def places(n, f, stride, padding):
        if padding == "same":
            return len(range(n)[::stride])
        return len([start for start in range(0, n, stride) if start + f <= n])

    table, volume = [], np.zeros(input_shape)
    for layer in layers:
        arrays = []
        if layer["type"] == "flatten":
            volume = volume.reshape(-1)
        elif layer["type"] == "dense":
            arrays = [np.zeros((volume.shape[0], layer["units"])), np.zeros(layer["units"])]
            volume = np.zeros(layer["units"])
        else:
            n_H, n_W = (places(n, layer["f"], layer["stride"], layer["padding"]) for n in volume.shape[:2])
            n_C = volume.shape[2]
            if layer["type"] == "conv":
                arrays = [np.zeros((layer["f"], layer["f"], n_C, layer["filters"])), np.zeros(layer["filters"])]
                n_C = layer["filters"]
            volume = np.zeros((n_H, n_W, n_C))
        if not layer.get("bias", True):
            arrays.pop()
        table.append((volume.shape, sum(array.size for array in arrays)))
    return table, sum(count for _, count in table)


def recursive(input_shape, layers):
    """The first layer, and then the table of the others; lists where tuples would do."""
    if not layers:
        return [], 0
    first, *rest = layers
    match first:
        case {"type": "flatten"}:
            shape, count = [int(np.prod(input_shape))], 0
        case {"type": "dense", "units": units, "bias": bias}:
            shape, count = [units], (input_shape[0] + bias) * units
        case {"f": f, "stride": s, "padding": padding, **others}:
            same = padding == "same"
            *sides, n_C = input_shape
            shape = [(n - (1 if same else f)) // s + 1 for n in sides]
            count = (f * f * n_C + others["bias"]) * others["filters"] if "filters" in others else 0
            shape.append(others.get("filters", n_C))
    table, total = recursive(shape, rest)
    return [[shape, count], *table], total + count


def in_numpy(input_shape, layers):
    """NumPy's numbers and arrays throughout, a tuple of rows, and prints."""
    shape, rows = np.array(input_shape, dtype=np.int32), ()
    for layer in layers:
        layer = functools.reduce(lambda known, key: {**known, key: layer[key]}, layer, {"bias": False, "units": 0})
        kind, count = layer["type"], np.int64(0)
        if kind == "dense":
            count = np.int64(layer["units"]) * (shape[0] + int(layer["bias"]))
            shape = np.array([layer["units"]])
        elif kind == "flatten":
            shape = np.array([shape.prod()])
        else:
            room = shape[:2] - (0 if layer["padding"] == "same" else layer["f"] - 1)
            n_C = shape[2]
            if kind == "conv":
                n_C = layer["filters"]
                count = n_C * (layer["f"] ** 2 * shape[2] + layer["bias"])
            shape = np.append(np.ceil(room / layer["stride"]).astype(int), n_C)
        print(kind, shape, count)
        rows = (*rows, (shape.copy(), count))
    return rows, np.array([sum(count for _, count in rows)])


def a_function_for_each_kind(input_shape, layers):
    """Helpers of its own in a dict; a vector's shape is a number; the total is a float."""

    def size(n, layer):
        pad = 0
        if layer["padding"] == "same":
            pad = max((-(-n // layer["stride"]) - 1) * layer["stride"] + layer["f"] - n, 0)
        return (n + pad - layer["f"]) // layer["stride"] + 1

    def conv(shape, layer):
        n_H, n_W, n_C = shape
        biases = layer["filters"] if layer["bias"] else 0
        made = size(n_H, layer), size(n_W, layer), layer["filters"]
        return made, layer["filters"] * layer["f"] * layer["f"] * n_C + biases

    def pool(shape, layer):
        return (size(shape[0], layer), size(shape[1], layer), shape[2]), 0

    def flatten(shape, layer):
        return shape[0] * shape[1] * shape[2], 0

    def dense(n, layer):
        return layer["units"], n * layer["units"] + (layer["units"] if layer["bias"] else 0)

    kinds = {"conv": conv, "max_pool": pool, "average_pool": pool, "flatten": flatten, "dense": dense}
    table, total, shape = [], 0.0, input_shape
    for layer in layers:
        shape, count = kinds[layer["type"]](shape, layer)
        table.append((shape, count))
        total += count
    return table, total


RIGHT = {f.__name__: f for f in (by_counting, recursive, in_numpy, a_function_for_each_kind)}
