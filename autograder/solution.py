"""The trusted functions: the answers that a student's are compared with.

They are vectorised NumPy, written independently of the loops in the lessons, and held against PyTorch in
``tests/``. Images are batches ``(m, n_H, n_W, n_C)``, filters ``(f, f, n_C_prev, n_C)``, biases
``(1, 1, 1, n_C)``, and ``hparameters`` is a dict with ``"stride"`` and ``"pad"`` (pooling: ``"stride"`` and
``"f"``).

What all of them keep to:

- Results have the float type of the inputs, float32 from float32; integers and booleans count as float64.
- Inputs are never changed, and no result shares memory with them. Only a cache holds the inputs themselves.
- Inputs that make no sense raise a ``ValueError`` that says what was expected and what came.
- A convolution is one matrix product a few images at a time, whose copied windows stay in the processor's cache:
  fast, and with temporary arrays that do not grow with the batch.
- A public function calls private helpers and no other public function, so that one which is taken out of
  this file and put beside somebody else's code never runs that person's ``zero_pad`` by accident.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np


def zero_pad(X: np.ndarray, pad: int) -> np.ndarray:
    """Return the images with ``pad`` rows and columns of zeros added on every side.

    Shapes: X is ``(m, n_H, n_W, n_C)``; the result is ``(m, n_H + 2*pad, n_W + 2*pad, n_C)``, a new array
    even when pad is 0.

    Raises ValueError when X is not 4-D, or when pad is negative or not a whole number.

    Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285,
    section 2.2.
    """
    images = _array_of_numbers("X", X)
    _require_axes("X", images, "(m, n_H, n_W, n_C)")
    return _padded(images, _whole_number("pad", pad, minimum=0), _float_dtype(images))


def conv_single_step(a_slice_prev: np.ndarray, W: np.ndarray, b: float | np.ndarray) -> float:
    """Return one entry of a feature map, the sum of ``a_slice_prev * W`` plus ``b``, as a Python float.

    Shapes: a_slice_prev and W are both ``(f, f, n_C_prev)`` (any one shape that they share will do); b is a
    number or an array of one element, usually ``(1, 1, 1)``. The sum is taken in float64 whatever the
    inputs are.

    Raises ValueError when the two shapes differ, or when b is not one number.

    Source: Goodfellow, Bengio and Courville, "Deep Learning" (2016), section 9.1: cross-correlation, the
    convolution of deep-learning libraries, which does not flip the filter.
    """
    window, weights = _array_of_numbers("a_slice_prev", a_slice_prev), _array_of_numbers("W", W)
    if window.shape != weights.shape:
        raise ValueError(
            f"a_slice_prev and W must have the same shape, (f, f, n_C_prev): "
            f"a_slice_prev has {window.shape} and W has {weights.shape}."
        )
    products = window.astype(np.float64) * weights.astype(np.float64)
    return float(np.sum(products)) + float(_one_number("b", b))


def conv_output_size(n_prev: int, f: int, stride: int, pad: int) -> int:
    """Return the height (or width) of a convolution's output, ``floor((n_prev - f + 2*pad) / stride) + 1``.

    n_prev is the height (or width) of the input in pixels, before padding.

    Raises ValueError when the filter does not fit (f > n_prev + 2*pad), when n_prev, f or stride is less
    than 1, when pad is negative, or when one of them is not a whole number.

    Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285,
    relationship 6.
    """
    return _size_after_convolution("n_prev", n_prev, f, stride, pad)


def conv_forward(
    A_prev: np.ndarray, W: np.ndarray, b: np.ndarray, hparameters: Mapping[str, int]
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray, Mapping[str, int]]]:
    """Return the output Z of a convolution layer and its cache ``(A_prev, W, b, hparameters)``.

    Shapes: A_prev is ``(m, n_H_prev, n_W_prev, n_C_prev)``, W is ``(f, f, n_C_prev, n_C)``, b is
    ``(1, 1, 1, n_C)`` and hparameters has the keys "stride" and "pad"; Z is ``(m, n_H, n_W, n_C)`` with the
    height and width that ``conv_output_size`` gives. The cache holds the four inputs themselves.

    Raises ValueError when A_prev or W is not 4-D, W is not square, the channels of A_prev and W differ, b
    is not ``(1, 1, 1, n_C)``, a key of hparameters is missing, the filter does not fit, stride is below 1,
    or pad is negative.

    Source: Goodfellow, Bengio and Courville, "Deep Learning" (2016), section 9.5; computed as a matrix
    product after Chellapilla, Puri and Simard, "High Performance Convolutional Neural Networks for Document
    Processing" (2006).
    """
    images, filters, bias, stride, pad, shape_of_Z = _checked_convolution(A_prev, W, b, hparameters)
    dtype = _float_dtype(images, filters, bias)
    f, _, n_C_prev, n_C = filters.shape
    filter_columns = filters.astype(dtype).reshape(f * f * n_C_prev, n_C)
    Z = np.empty(shape_of_Z, dtype=dtype)
    for block, windows in _windows_as_rows(_padded(images, pad, dtype), f, stride):
        np.matmul(windows, filter_columns, out=Z[block].reshape(len(windows), n_C))
    Z += bias.astype(dtype)
    return Z, (A_prev, W, b, hparameters)


def pool_output_size(n_prev: int, f: int, stride: int) -> int:
    """Return the height (or width) of a pooling layer's output, ``floor((n_prev - f) / stride) + 1``.

    n_prev is the height (or width) of the input in pixels.

    Raises ValueError when the window does not fit (f > n_prev), when n_prev, f or stride is below 1, or
    when one of them is not a whole number.

    Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285,
    relationship 7.
    """
    return _size_after_pooling("n_prev", n_prev, f, stride)


def pool_forward(
    A_prev: np.ndarray, hparameters: Mapping[str, int], mode: Literal["max", "average"] = "max"
) -> tuple[np.ndarray, tuple[np.ndarray, Mapping[str, int]]]:
    """Return the output A of a pooling layer and its cache ``(A_prev, hparameters)``.

    Shapes: A_prev is ``(m, n_H_prev, n_W_prev, n_C)`` and hparameters has the keys "stride" and "f"; A is
    ``(m, n_H, n_W, n_C)`` with the height and width that ``pool_output_size`` gives. Each entry is the
    maximum (mode "max") or the mean (mode "average") of one f×f window of one channel. The cache holds the
    two inputs themselves.

    Raises ValueError when A_prev is not 4-D, a key of hparameters is missing, the window does not fit,
    stride or f is below 1, or mode is neither "max" nor "average".

    Source: Goodfellow, Bengio and Courville, "Deep Learning" (2016), section 9.3.
    """
    _require_one_of("mode", mode, ("max", "average"))
    images, f, stride, _ = _checked_pooling(A_prev, hparameters)
    first, *others = _places_in_windows(images, f, stride)
    A = first.astype(_float_dtype(images))
    for place in others:
        if mode == "max":
            np.maximum(A, place, out=A)
        else:
            A += place
    if mode == "average":
        A /= f * f
    return A, (A_prev, hparameters)


def conv_backward(
    dZ: np.ndarray, cache: tuple[np.ndarray, np.ndarray, np.ndarray, Mapping[str, int]]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return ``(dA_prev, dW, db)``, the gradients of the cost with respect to a convolution layer's inputs.

    Shapes: dZ, the gradient with respect to Z, has the shape of Z, ``(m, n_H, n_W, n_C)``; cache is what
    ``conv_forward`` returned, ``(A_prev, W, b, hparameters)``; dA_prev, dW and db have the shapes of
    A_prev, W and b. Gradients are sums over the batch, not means.

    Raises ValueError when dZ does not have the shape that the cache gives, when the cache is not those four
    things, and wherever ``conv_forward`` does.

    Source: Goodfellow, Bengio and Courville, "Deep Learning" (2016), section 9.5.
    """
    A_prev, W, b, hparameters = _unpacked_cache(cache, ("A_prev", "W", "b", "hparameters"))
    images, filters, bias, stride, pad, shape_of_Z = _checked_convolution(A_prev, W, b, hparameters)
    gradient = _gradient_of_shape("dZ", dZ, shape_of_Z)
    dtype = _float_dtype(gradient, images, filters, bias)
    gradient = gradient.astype(dtype)
    images_padded = _padded(images, pad, dtype)
    f, _, n_C_prev, n_C = filters.shape
    filter_at = filters.astype(dtype).reshape(f * f, n_C_prev, n_C)

    filter_columns_gradient = np.zeros((f * f * n_C_prev, n_C), dtype=dtype)
    d_images_padded = np.zeros_like(images_padded)
    for block, windows in _windows_as_rows(images_padded, f, stride):
        outputs = gradient[block].reshape(len(windows), n_C)
        filter_columns_gradient += windows.T @ outputs
        for d_place, weights in zip(_places_in_windows(d_images_padded[block], f, stride), filter_at, strict=True):
            d_place += (outputs @ weights.T).reshape(d_place.shape)

    dW = filter_columns_gradient.reshape(filters.shape)
    db = np.einsum("mhwc->c", gradient).reshape(bias.shape)
    _, n_H_prev, n_W_prev, _ = images.shape
    dA_prev = d_images_padded[:, pad : pad + n_H_prev, pad : pad + n_W_prev].copy()
    return dA_prev, dW, db


def create_mask_from_window(x: np.ndarray, *, ties: Literal["all", "first", "shared"] = "all") -> np.ndarray:
    """Return a boolean array of x's shape that is True where x has its maximum.

    x is an array of any shape, usually ``(f, f)``. ``ties`` says what happens when several entries are the
    maximum:

    - "all", the course's convention: each of them is True.
    - "first": only the first of them in row-major order is True.
    - "shared": the result is float64, 1/k at each of the k maxima and 0 elsewhere.

    A NaN equals nothing, so an x that contains one has no maximum and nothing is marked.

    Raises ValueError when x is empty, or when ties is none of the three.

    Source: the derivative of the maximum, Goodfellow, Bengio and Courville, "Deep Learning" (2016), section
    9.3; "first" is what ``torch.nn.MaxPool2d`` does.
    """
    _require_one_of("ties", ties, ("all", "first", "shared"))
    window = _array_of_numbers("x", x)
    if window.size == 0:
        raise ValueError(f"x must have at least one element to have a maximum, but its shape is {window.shape}.")
    return _marked_maxima(window.reshape(-1), ties).reshape(window.shape)


def distribute_value(dz: float | np.ndarray, shape: Sequence[int]) -> np.ndarray:
    """Return an array of the given shape whose entries are equal parts of dz: together they add up to dz.

    dz is a number (or an array of one element) and shape a tuple of whole numbers, usually ``(f, f)``.

    Raises ValueError when dz is not one number, or shape is not a tuple of whole numbers of at least 1.

    Source: the derivative of the mean of ``n_H * n_W`` numbers is ``1 / (n_H * n_W)`` for each of them.
    """
    value = _one_number("dz", dz)
    if not isinstance(shape, Sequence):
        raise ValueError(f"shape must be a tuple of whole numbers such as (2, 2), got {shape!r:.60}.")
    lengths = tuple(_whole_number("each entry of shape", length, minimum=1) for length in shape)
    copies = np.full(lengths, value, dtype=_float_dtype(value))
    copies /= copies.size
    return copies


def pool_backward(
    dA: np.ndarray,
    cache: tuple[np.ndarray, Mapping[str, int]],
    mode: Literal["max", "average"] = "max",
    *,
    ties: Literal["all", "first", "shared"] = "all",
) -> np.ndarray:
    """Return dA_prev, the gradient of the cost with respect to a pooling layer's input.

    Shapes: dA, the gradient with respect to A, has the shape of A, ``(m, n_H, n_W, n_C)``; cache is what
    ``pool_forward`` returned, ``(A_prev, hparameters)``; dA_prev has the shape of A_prev. Where windows
    overlap, their gradients add up.

    In mode "average" every entry of a window receives ``dA / (f*f)``. In mode "max" the maximum of a window
    receives its whole dA, and ``ties`` says what happens when it has several maxima:

    - "all", the course's convention: each of them receives the whole dA.
    - "first": the first of them in row-major order receives it.
    - "shared": each of the k maxima receives dA / k.

    A NaN equals nothing, so in mode "max" a window that contains one has no maximum and passes nothing on.

    Raises ValueError when dA does not have the shape that the cache gives, when the cache is not those two
    things, when ties is none of the three, and wherever ``pool_forward`` does.

    Source: Goodfellow, Bengio and Courville, "Deep Learning" (2016), section 9.3; "first" is what
    ``torch.nn.MaxPool2d`` does.
    """
    _require_one_of("mode", mode, ("max", "average"))
    _require_one_of("ties", ties, ("all", "first", "shared"))
    A_prev, hparameters = _unpacked_cache(cache, ("A_prev", "hparameters"))
    images, f, stride, shape_of_A = _checked_pooling(A_prev, hparameters)
    gradient = _gradient_of_shape("dA", dA, shape_of_A)
    dtype = _float_dtype(gradient, images)

    dA_prev = np.zeros(images.shape, dtype=dtype)
    if mode == "average":
        each = gradient.astype(dtype) / (f * f)
        for d_place in _places_in_windows(dA_prev, f, stride):
            d_place += each
        return dA_prev
    m, n_H, n_W, n_C = shape_of_A
    few = _images_in_cache(n_H * n_W * n_C * f * f * images.itemsize)
    for block in (slice(start, start + few) for start in range(0, m, few)):
        # The windows keep A_prev's own type: large integers that differ could become equal as floats.
        parts = _marked_maxima(np.stack(list(_places_in_windows(images[block], f, stride))), ties)
        for d_place, part in zip(_places_in_windows(dA_prev[block], f, stride), parts, strict=True):
            d_place += gradient[block] * part
    return dA_prev


def layer_table(
    input_shape: Sequence[int], layers: Sequence[Mapping[str, Any]]
) -> tuple[list[tuple[tuple[int, ...], int]], int]:
    """Return ``(table, total)``: output shape and number of parameters of each layer, and of all parameters.

    Shapes: input_shape is that of one image, ``(n_H, n_W, n_C)``, or ``(n,)`` for a vector; ``table`` has a tuple
    ``(output_shape, parameters)`` for each layer. Each layer is a dict with the key "type" and

    - "conv": "filters", "f", "stride", "padding" and "bias";
    - "max_pool", "average_pool": "f", "stride" and "padding";
    - "flatten": nothing else;
    - "dense": "units" and "bias".

    Padding "valid" is none; "same" is as much as makes the output ``ceil(n / stride)`` long.

    Raises ValueError when a layer is none of these, lacks a key, gets an input that it cannot take (a volume where a
    vector is wanted, or the other way round), or when its window does not fit.

    Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285, sections 2
    and 3; "same" as in the documentation of ``tf.nn.convolution``.
    """
    shape = tuple(_whole_number("each entry of input_shape", n, minimum=1) for n in input_shape)
    if len(shape) not in (1, 3):
        raise ValueError(f"input_shape must be (n_H, n_W, n_C), or (n,) for a vector, got {shape}.")
    table = []
    for place, layer in enumerate(layers):
        shape, parameters = _row(f"layers[{place}]", shape, layer)
        table.append((shape, parameters))
    return table, sum(parameters for _, parameters in table)


def to_torch(A: np.ndarray, W: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return images, filters and biases in PyTorch's layouts, each a new array.

    Shapes: A ``(m, n_H, n_W, n_C_prev)`` becomes ``(m, n_C_prev, n_H, n_W)``; W ``(f, f, n_C_prev, n_C)`` becomes
    ``(n_C, n_C_prev, f, f)``; b ``(1, 1, 1, n_C)`` becomes ``(n_C,)``. Numbers and dtypes stay.

    Source: PyTorch's documentation of ``torch.nn.Conv2d``.
    """
    return A.transpose(0, 3, 1, 2).copy(), W.transpose(3, 2, 0, 1).copy(), b.ravel().copy()


def from_torch(A: np.ndarray, W: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return images, filters and biases in this course's layouts, each a new array: ``to_torch`` the other way.

    Shapes: A ``(m, n_C_prev, n_H, n_W)`` becomes ``(m, n_H, n_W, n_C_prev)``; W ``(n_C, n_C_prev, f, f)`` becomes
    ``(f, f, n_C_prev, n_C)``; b ``(n_C,)`` becomes ``(1, 1, 1, n_C)``.
    """
    return A.transpose(0, 2, 3, 1).copy(), W.transpose(2, 3, 1, 0).copy(), b.reshape(1, 1, 1, -1).copy()


def to_keras(W: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return filters and biases as a Keras layer takes them, each a new array.

    Shapes: W stays ``(f, f, n_C_prev, n_C)``; b ``(1, 1, 1, n_C)`` becomes ``(n_C,)``.

    Source: Keras' documentation of ``keras.layers.Conv2D``.
    """
    return W.copy(), b.ravel().copy()


def from_keras(W: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return filters and biases of a Keras layer in this course's layouts: ``to_keras`` the other way.

    Shapes: W stays ``(f, f, n_C_prev, n_C)``; b ``(n_C,)`` becomes ``(1, 1, 1, n_C)``.
    """
    return W.copy(), b.reshape(1, 1, 1, -1).copy()


def same_padding(n: int, f: int, stride: int) -> tuple[int, int]:
    """Return how many zeros "same" padding puts before and after a side of n pixels, as TensorFlow and Keras do.

    The output has ``ceil(n / stride)`` entries. Where the total is odd, the odd one comes after.

    Raises ValueError when one of the three is not a whole number of at least 1.

    Source: TensorFlow's documentation of ``tf.nn.convolution``, notes on padding.
    """
    n, f = _whole_number("n", n, minimum=1), _whole_number("f", f, minimum=1)
    stride = _whole_number("stride", stride, minimum=1)
    # The last window begins at the last multiple of the stride below n.
    total = max((n - 1) // stride * stride + f - n, 0)
    return total // 2, (total + 1) // 2


def line_detector(images: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return what the detector for vertical lines makes of images: its feature maps, and their max and average pools.

    Shapes: images is ``(m, n_H, n_W, 1)``; the feature maps are ``(m, n_H - 2, n_W - 2, 1)``, the result of a 3×3
    filter with ones in its middle column, without padding or bias, and ReLU; the pools of 2×2 windows at stride 2
    have half their height and width, rounded down.
    """
    middle = images[:, :, 1:-1].astype(_float_dtype(images))
    A = np.maximum(middle[:, :-2] + middle[:, 1:-1] + middle[:, 2:], 0)
    windows = np.stack(list(_places_in_windows(A, 2, 2)))
    return A, windows.max(axis=0), windows.mean(axis=0)


def autograd_gradients(
    dZ: np.ndarray, cache: tuple[np.ndarray, np.ndarray, np.ndarray, Mapping[str, int]]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return ``(dA_prev, dW, db)`` as PyTorch's autograd does: ``conv_backward``, and filters need not be square.

    Shapes: as in ``conv_backward``, with W ``(f_H, f_W, n_C_prev, n_C)``.

    Source: as ``conv_backward``; one place of the filter after the other.
    """
    A_prev, W, b, hparameters = _unpacked_cache(cache, ("A_prev", "W", "b", "hparameters"))
    stride, pad = hparameters["stride"], hparameters["pad"]
    dtype = _float_dtype(dZ, A_prev, W, b)
    images, dW = _padded(A_prev, pad, dtype), np.zeros(W.shape, dtype=dtype)
    d_images = np.zeros_like(images)
    _, n_H, n_W, _ = dZ.shape
    for row, column in np.ndindex(*W.shape[:2]):
        rows = slice(row, row + stride * (n_H - 1) + 1, stride)
        columns = slice(column, column + stride * (n_W - 1) + 1, stride)
        dW[row, column] = np.einsum("mhwc,mhwk->ck", images[:, rows, columns], dZ)
        d_images[:, rows, columns] += np.einsum("mhwk,ck->mhwc", dZ, W[row, column])
    _, n_H_prev, n_W_prev, _ = A_prev.shape
    dA_prev = d_images[:, pad : pad + n_H_prev, pad : pad + n_W_prev].copy()
    return dA_prev, dW, dZ.sum(axis=(0, 1, 2), keepdims=True).astype(dtype)


def conv_forward_fast(
    A_prev: np.ndarray, W: np.ndarray, b: np.ndarray, hparameters: Mapping[str, int]
) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray, Mapping[str, int]]]:
    """Return what ``conv_forward`` returns, in the same shapes, without a loop over pixels.

    It adds up one matrix product for each of the f*f places in a filter, over the images moved by that place.

    Raises ValueError wherever ``conv_forward`` does.

    Source: Vasudevan, Anderson and Gregg, "Parallel Multi Channel Convolution using General Matrix
    Multiplication", arXiv:1704.04428 (the kernel-to-row method).
    """
    images, filters, bias, stride, pad, (m, n_H, n_W, n_C) = _checked_convolution(A_prev, W, b, hparameters)
    dtype = _float_dtype(images, filters, bias)
    padded, filters = _padded(images, pad, dtype), filters.astype(dtype)
    Z = np.zeros((m, n_H, n_W, n_C), dtype=dtype) + bias.astype(dtype)
    for row, column in np.ndindex(filters.shape[:2]):
        rows = slice(row, row + stride * (n_H - 1) + 1, stride)
        columns = slice(column, column + stride * (n_W - 1) + 1, stride)
        Z += padded[:, rows, columns] @ filters[row, column]
    return Z, (A_prev, W, b, hparameters)


def relu(Z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return ``A``, the larger of 0 and each entry of Z, and the cache, which is Z itself.

    Z and A have any one shape.

    Raises ValueError when Z does not hold numbers.

    Source: Goodfellow, Bengio and Courville, "Deep Learning" (2016), section 6.3.1.
    """
    numbers = _array_of_numbers("Z", Z)
    return np.maximum(numbers.astype(_float_dtype(numbers)), 0), Z


def relu_backward(dA: np.ndarray, cache: np.ndarray) -> np.ndarray:
    """Return dZ, which is dA where the cached Z is above 0, and 0 elsewhere, at 0 itself too.

    Raises ValueError when dA and the cache do not have one shape.

    Source: Goodfellow, Bengio and Courville, "Deep Learning" (2016), section 6.3.1.
    """
    Z = _array_of_numbers("cache", cache)
    gradient = _gradient_of_shape("dA", dA, Z.shape)
    return np.where(Z > 0, gradient, 0).astype(_float_dtype(gradient))


def network_forward(X: np.ndarray, parameters: Mapping[str, np.ndarray]) -> tuple[np.ndarray, tuple[Any, ...]]:
    """Return the scores of the lesson's network and the caches of its four layers.

    The layers are a convolution (stride 1, no padding) with W1 and b1, ReLU, max pooling (f = 2, stride 2), and a
    dense layer with W2 and b2. Shapes: X is ``(m, n_H, n_W, n_C)``, W2 is ``(n_in, n_classes)`` and b2
    ``(1, n_classes)``, where n_in counts the numbers that pooling leaves of an image; the scores are
    ``(m, n_classes)``. The caches are ``((X, W1, b1, hparameters), Z, (A, hparameters), (P, W2, b2))``.

    Raises ValueError where one of the layers does not fit the one before.

    Source: LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document Recognition" (1998),
    section II, in its smallest form.
    """
    W1, b1, W2, b2 = (parameters[name] for name in ("W1", "b1", "W2", "b2"))
    convolution, pooling = {"stride": 1, "pad": 0}, {"f": 2, "stride": 2}
    images, filters, bias, _, _, shape_of_Z = _checked_convolution(X, W1, b1, convolution)
    columns = filters.reshape(-1, shape_of_Z[-1])
    rows = _windows_as_rows(images, filters.shape[0], 1)
    Z = np.concatenate([windows @ columns for _, windows in rows]).reshape(shape_of_Z) + bias
    A = np.maximum(Z, 0)
    _checked_pooling(A, pooling)
    P = np.max(list(_places_in_windows(A, 2, 2)), axis=0)
    scores = np.einsum("ij,jk->ik", P.reshape(len(P), -1), W2) + b2
    return scores, ((X, W1, b1, convolution), Z, (A, pooling), (P, W2, b2))


def network_backward(dscores: np.ndarray, caches: tuple[Any, ...]) -> dict[str, np.ndarray]:
    """Return the gradients of the cost with respect to W1, b1, W2 and b2, by these names.

    dscores is ``(m, n_classes)``, the gradient with respect to the scores, and caches is what ``network_forward``
    returned. Each gradient has the shape of its parameter.

    Raises ValueError when caches does not hold the caches of four layers.

    Source: Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors" (1986).
    """
    (X, W1, *_), Z, (A, _), (P, W2, b2) = _unpacked_cache(caches, ("convolution", "ReLU", "pooling", "dense"))
    dP = np.einsum("ik,jk->ij", dscores, W2).reshape(P.shape)
    dA = np.zeros_like(A)
    parts = _marked_maxima(np.stack(list(_places_in_windows(A, 2, 2))), "all")
    for d_place, part in zip(_places_in_windows(dA, 2, 2), parts, strict=True):
        d_place += dP * part
    dZ = dA * (Z > 0)
    rows = _windows_as_rows(X, W1.shape[0], 1)
    dW1 = np.sum([windows.T @ dZ[block].reshape(len(windows), -1) for block, windows in rows], axis=0)
    return {
        "W1": dW1.reshape(W1.shape),
        "b1": dZ.sum(axis=(0, 1, 2), keepdims=True),
        "W2": np.einsum("ij,ik->jk", P.reshape(len(P), -1), dscores),
        "b2": dscores.sum(axis=0).reshape(np.shape(b2)),
    }


def _padded(images: np.ndarray, pad: int, dtype: np.dtype[Any]) -> np.ndarray:
    """Return a new array of the given dtype: the 4-D images inside a frame of zeros that is ``pad`` wide."""
    m, n_H, n_W, n_C = images.shape
    padded = np.zeros((m, n_H + 2 * pad, n_W + 2 * pad, n_C), dtype=dtype)
    padded[:, pad : pad + n_H, pad : pad + n_W] = images
    return padded


def _places_in_windows(images: np.ndarray, f: int, stride: int) -> Iterator[np.ndarray]:
    """Return one by one the f*f places in a window, each as a view of what all windows of the images have there.

    The places come in row-major order, and each view is ``(m, n_H, n_W, n_C)``. What is added to all the views is
    added to each pixel once for every window that it is in.
    """
    _, n_H_prev, n_W_prev, _ = images.shape
    for row in range(f):
        for column in range(f):
            yield images[:, row : n_H_prev - f + row + 1 : stride, column : n_W_prev - f + column + 1 : stride]


def _windows_as_rows(images: np.ndarray, f: int, stride: int) -> Iterator[tuple[slice, np.ndarray]]:
    """Return a few images at a time which they are, a slice, and their windows as rows, ``(windows, f*f*n_C)``.

    The rows are a copy (im2col), in memory that the next few images use again.
    """
    windows = np.lib.stride_tricks.sliding_window_view(images, (f, f), axis=(1, 2))[:, ::stride, ::stride]
    m, n_H, n_W, n_C, _, _ = windows.shape
    # What is innermost in memory should be long: a row of a window, or else a row of windows.
    windows_first = f * n_C >= n_W
    axes = (0, 1, 2, 4, 5, 3) if windows_first else (4, 5, 3, 0, 1, 2)
    size = n_H * n_W * f * f * n_C
    few = _images_in_cache(size * images.itemsize)
    buffer = np.empty(few * size, dtype=images.dtype)
    for start in range(0, m, few):
        block = slice(start, min(start + few, m))
        those = windows[block].transpose(axes)
        copied = buffer[: those.size].reshape(those.shape)
        copied[...] = those
        shape = ((block.stop - start) * n_H * n_W, f * f * n_C)
        yield block, copied.reshape(shape) if windows_first else copied.reshape(shape[::-1]).T


def _images_in_cache(bytes_each: int) -> int:
    """Return how many images of a batch to work on at a time: what fits into a processor's cache, but at least one."""
    return max(1, 2**20 // max(1, bytes_each))


def _marked_maxima(windows: np.ndarray, ties: str) -> np.ndarray:
    """Return what part of its window's gradient each entry receives; windows lie along the first axis.

    It is 1 at the maximum and 0 elsewhere, as booleans for the ties "all" and "first" and as float64 for
    "shared".
    """
    is_maximum = windows == windows.max(axis=0)
    if ties == "first":
        return np.asarray(is_maximum & (np.cumsum(is_maximum, axis=0) == 1))
    if ties == "shared":
        number_of_maxima = is_maximum.sum(axis=0)
        return np.asarray(is_maximum / np.maximum(number_of_maxima, 1))  # a window with a NaN has none
    return np.asarray(is_maximum)


def _row(name: str, shape: tuple[int, ...], layer: Mapping[str, Any]) -> tuple[tuple[int, ...], int]:
    """Return the output shape and the number of parameters of one layer that is given an input of ``shape``."""
    kind = _entry(name, layer, "type")
    _require_one_of(f'{name}["type"]', kind, ("conv", "max_pool", "average_pool", "flatten", "dense"))
    if kind == "flatten":
        return (int(np.prod(shape)),), 0
    if kind == "dense":
        if len(shape) != 1:
            raise ValueError(f"{name} is dense and takes a vector, (n,), but gets {shape}: put a flatten before it.")
        units = _whole_number(f'{name}["units"]', _entry(name, layer, "units"), minimum=1)
        return (units,), (shape[0] + bool(_entry(name, layer, "bias"))) * units
    if len(shape) != 3:
        raise ValueError(f"{name} is {kind} and takes a volume, (n_H, n_W, n_C), but gets the vector {shape}.")
    f, stride = (_whole_number(f'{name}["{key}"]', _entry(name, layer, key), minimum=1) for key in ("f", "stride"))
    padding = _entry(name, layer, "padding")
    _require_one_of(f'{name}["padding"]', padding, ("valid", "same"))
    n_H, n_W = (
        -(-n // stride) if padding == "same" else _size_after_pooling(f"the input of {name}", n, f, stride)
        for n in shape[:2]
    )
    if kind != "conv":
        return (n_H, n_W, shape[2]), 0
    filters = _whole_number(f'{name}["filters"]', _entry(name, layer, "filters"), minimum=1)
    return (n_H, n_W, filters), (f * f * shape[2] + bool(_entry(name, layer, "bias"))) * filters


def _entry(name: str, layer: object, key: str) -> Any:
    """Return one entry of a layer's dict, or raise ValueError when it is missing."""
    if not isinstance(layer, Mapping) or key not in layer:
        raise ValueError(f'{name} must be a dict with the key "{key}", got {layer!r:.80}.')
    return layer[key]


def _float_dtype(*arrays: np.ndarray) -> np.dtype[Any]:
    """Return the float type that results from the arrays; integers and booleans count as float64."""
    return np.result_type(*(array.dtype if array.dtype.kind == "f" else np.float64 for array in arrays))


def _size_after_convolution(name: str, n_prev: int, f: int, stride: int, pad: int) -> int:
    """Return the height or width after a convolution, or raise a ValueError that calls n_prev by ``name``."""
    n_prev, f = _whole_number(name, n_prev, minimum=1), _whole_number("f", f, minimum=1)
    stride, pad = _whole_number("stride", stride, minimum=1), _whole_number("pad", pad, minimum=0)
    n_padded = n_prev + 2 * pad
    if f > n_padded:
        raise ValueError(
            f"The filter does not fit: f = {f}, but {name} + 2*pad = {n_prev} + 2*{pad} = {n_padded}. "
            f"Use an f of at most {n_padded}, or a larger pad."
        )
    return (n_padded - f) // stride + 1


def _size_after_pooling(name: str, n_prev: int, f: int, stride: int) -> int:
    """Return the height or width after pooling, or raise a ValueError that calls n_prev by ``name``."""
    n_prev, f = _whole_number(name, n_prev, minimum=1), _whole_number("f", f, minimum=1)
    stride = _whole_number("stride", stride, minimum=1)
    if f > n_prev:
        raise ValueError(
            f"The pooling window does not fit: f = {f}, but {name} = {n_prev}. Use an f of at most {n_prev}."
        )
    return (n_prev - f) // stride + 1


def _checked_convolution(
    A_prev: np.ndarray, W: np.ndarray, b: np.ndarray, hparameters: Mapping[str, int]
) -> tuple[np.ndarray, np.ndarray, np.ndarray, int, int, tuple[int, int, int, int]]:
    """Return A_prev, W, b as arrays, stride, pad and the shape of Z, or raise ValueError if they disagree."""
    images, filters = _array_of_numbers("A_prev", A_prev), _array_of_numbers("W", W)
    bias = _array_of_numbers("b", b)
    _require_axes("A_prev", images, "(m, n_H_prev, n_W_prev, n_C_prev)")
    _require_axes("W", filters, "(f, f, n_C_prev, n_C)")
    m, n_H_prev, n_W_prev, n_C_prev = images.shape
    f, f_W, n_C_prev_of_W, n_C = filters.shape
    if f != f_W:
        raise ValueError(
            f"W must hold square filters, (f, f, n_C_prev, n_C), but they are {f}×{f_W}: its shape is {filters.shape}."
        )
    if n_C_prev != n_C_prev_of_W:
        raise ValueError(
            f"A_prev and W must have the same number of input channels, n_C_prev: "
            f"A_prev of shape {images.shape} has {n_C_prev} (its last axis), "
            f"W of shape {filters.shape} has {n_C_prev_of_W} (its third axis)."
        )
    if bias.shape != (1, 1, 1, n_C):
        raise ValueError(
            f"b must have one bias for each filter, shape (1, 1, 1, n_C) = (1, 1, 1, {n_C}) for W of shape "
            f"{filters.shape}, but its shape is {bias.shape}."
        )
    stride, pad = _hparameter(hparameters, "stride", minimum=1), _hparameter(hparameters, "pad", minimum=0)
    n_H = _size_after_convolution("n_H_prev", n_H_prev, f, stride, pad)
    n_W = _size_after_convolution("n_W_prev", n_W_prev, f, stride, pad)
    return images, filters, bias, stride, pad, (m, n_H, n_W, n_C)


def _checked_pooling(
    A_prev: np.ndarray, hparameters: Mapping[str, int]
) -> tuple[np.ndarray, int, int, tuple[int, int, int, int]]:
    """Return A_prev as an array, f, stride and the shape of A, or raise ValueError if they disagree."""
    images = _array_of_numbers("A_prev", A_prev)
    _require_axes("A_prev", images, "(m, n_H_prev, n_W_prev, n_C)")
    m, n_H_prev, n_W_prev, n_C = images.shape
    f, stride = _hparameter(hparameters, "f", minimum=1), _hparameter(hparameters, "stride", minimum=1)
    n_H = _size_after_pooling("n_H_prev", n_H_prev, f, stride)
    n_W = _size_after_pooling("n_W_prev", n_W_prev, f, stride)
    return images, f, stride, (m, n_H, n_W, n_C)


def _unpacked_cache(cache: object, names: tuple[str, ...]) -> tuple[Any, ...]:
    """Return the parts of a cache, or raise ValueError when it does not have one part for each name."""
    expected = f"cache must be the tuple ({', '.join(names)}) that the forward pass returns"
    if not isinstance(cache, (tuple, list)):
        raise ValueError(f"{expected}, got an object of type {type(cache).__name__}.")
    if len(cache) != len(names):
        raise ValueError(f"{expected}, got a {type(cache).__name__} of length {len(cache)}.")
    return tuple(cache)


def _gradient_of_shape(name: str, value: object, shape: tuple[int, ...]) -> np.ndarray:
    """Return the gradient as an array, or raise ValueError when its shape is not the forward output's."""
    gradient = _array_of_numbers(name, value)
    if gradient.shape != shape:
        raise ValueError(
            f"{name} must have the shape of the forward pass's output, which is {shape} for this cache, "
            f"but its shape is {gradient.shape}."
        )
    return gradient


def _hparameter(hparameters: object, key: str, minimum: int) -> int:
    """Return one checked entry of hparameters, or raise ValueError when it is missing."""
    if not isinstance(hparameters, Mapping):
        raise ValueError(f'hparameters must be a dict with the key "{key}", got type {type(hparameters).__name__}.')
    if key not in hparameters:
        raise ValueError(f'hparameters must have the key "{key}", but its keys are {list(hparameters)}.')
    return _whole_number(f'hparameters["{key}"]', hparameters[key], minimum)


def _whole_number(name: str, value: object, minimum: int) -> int:
    """Return value as an int, or raise ValueError when it is not a whole number of at least ``minimum``."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise ValueError(f"{name} must be a whole number (an int), got {value!r:.60} (type {type(value).__name__}).")
    if value < minimum:
        raise ValueError(f"{name} must be at least {minimum}, got {value}.")
    return int(value)


def _one_number(name: str, value: object) -> np.ndarray:
    """Return value as a 0-d array, or raise ValueError when it is not a number or an array of one element."""
    array = _array_of_numbers(name, value)
    if array.size != 1:
        raise ValueError(f"{name} must be a number or an array of one element, but its shape is {array.shape}.")
    return array.reshape(())


def _array_of_numbers(name: str, value: object) -> np.ndarray:
    """Return value as an array without copying it, or raise ValueError when it does not hold real numbers."""
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} must be an array of numbers, got nested lists whose lengths differ.") from None
    if array.dtype.kind not in "biuf":
        raise ValueError(
            f"{name} must be an array of real numbers, got type {type(value).__name__} with dtype {array.dtype}."
        )
    return array


def _require_axes(name: str, array: np.ndarray, axes: str) -> None:
    """Raise ValueError when the array is not 4-D; ``axes`` names the four."""
    if array.ndim != 4:
        raise ValueError(f"{name} must be 4-D, {axes}, but its shape is {array.shape}.")


def _require_one_of(name: str, value: object, choices: tuple[str, ...]) -> None:
    """Raise ValueError when value is not one of the strings in choices."""
    if not isinstance(value, str) or value not in choices:
        quoted = [f'"{choice}"' for choice in choices]
        raise ValueError(f"{name} must be {', '.join(quoted[:-1])} or {quoted[-1]}, got {value!r:.60}.")
