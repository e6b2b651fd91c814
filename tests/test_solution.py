"""The trusted functions: answers computed by hand, types, inputs left alone, messages, properties."""

from __future__ import annotations

import ast
import copy
import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder import solution
from autograder.solution import (
    conv_backward,
    conv_forward,
    conv_forward_fast,
    conv_output_size,
    conv_single_step,
    create_mask_from_window,
    distribute_value,
    layer_table,
    pool_backward,
    pool_forward,
    pool_output_size,
    relu,
    relu_backward,
    zero_pad,
)

# A NumPy warning is text on standard error, which in a graded run is trouble of its own.
pytestmark = pytest.mark.filterwarnings("error")

PUBLIC = [
    "zero_pad",
    "conv_single_step",
    "conv_output_size",
    "conv_forward",
    "pool_output_size",
    "pool_forward",
    "conv_backward",
    "create_mask_from_window",
    "distribute_value",
    "pool_backward",
    "layer_table",
    "to_torch",
    "from_torch",
    "to_keras",
    "from_keras",
    "same_padding",
    "line_detector",
    "autograd_gradients",
    "conv_forward_fast",
    "relu",
    "relu_backward",
    "network_forward",
    "network_backward",
]


def image(rows: list[list[float]]) -> np.ndarray:
    """Return a batch of one image with one channel."""
    return np.array(rows)[np.newaxis, :, :, np.newaxis]


def filter_of(rows: list[list[float]]) -> np.ndarray:
    """Return one filter for one channel."""
    return np.array(rows)[:, :, np.newaxis, np.newaxis]


def bias_of(*values: float) -> np.ndarray:
    return np.array(values).reshape(1, 1, 1, -1)


def assert_image(actual: np.ndarray, rows: list[list[float]]) -> None:
    """Check that actual is a batch of one float64 image with one channel and exactly these entries."""
    np.testing.assert_array_equal(actual, image(rows).astype(np.float64), strict=True)


# ---------------------------------------------------------------------------------------------- by hand


def test_zero_pad_frames_each_image_of_each_channel() -> None:
    X = np.arange(1, 13).reshape(2, 1, 2, 3)
    padded = zero_pad(X, 1)
    assert padded.shape == (2, 3, 4, 3)
    np.testing.assert_array_equal(padded[0, :, :, 2], [[0, 0, 0, 0], [0, 3, 6, 0], [0, 0, 0, 0]])
    np.testing.assert_array_equal(padded[1, :, :, 0], [[0, 0, 0, 0], [0, 7, 10, 0], [0, 0, 0, 0]])


@pytest.mark.parametrize("b", [10, 10.0, np.float32(10), np.array(10), np.array([10]), [10], np.full((1, 1, 1), 10)])
def test_conv_single_step_takes_a_bias_of_any_shape(b: Any) -> None:
    a_slice_prev = np.array([[[1, 2], [3, 4]], [[5, 6], [7, 8]]])
    W = np.array([[[1, 0], [0, 1]], [[2, 0], [0, -1]]])
    step = conv_single_step(a_slice_prev, W, b)
    assert step == 1 + 4 + 10 - 8 + 10
    assert type(step) is float


@pytest.mark.parametrize(
    ("n_prev", "f", "stride", "pad", "expected"),
    [
        (7, 3, 2, 0, 3),
        (7, 3, 1, 1, 7),
        (8, 3, 2, 0, 3),
        (8, 3, 3, 1, 3),
        (3, 5, 1, 1, 1),
        (3, 3, 9, 0, 1),
        (1, 1, 1, 0, 1),
    ],
)
def test_conv_output_size(n_prev: int, f: int, stride: int, pad: int, expected: int) -> None:
    size = conv_output_size(n_prev, f, stride, pad)
    assert size == expected
    assert type(size) is int


@pytest.mark.parametrize(
    ("n_prev", "f", "stride", "expected"),
    [(4, 2, 2, 2), (5, 2, 2, 2), (5, 3, 1, 3), (5, 5, 3, 1), (8, 1, 3, 3)],
)
def test_pool_output_size(n_prev: int, f: int, stride: int, expected: int) -> None:
    size = pool_output_size(n_prev, f, stride)
    assert size == expected
    assert type(size) is int


def test_sizes_may_be_numpy_integers_and_do_not_overflow() -> None:
    assert conv_output_size(np.int8(100), np.uint8(3), np.int8(1), np.int8(100)) == 298
    assert pool_output_size(np.uint8(2), np.uint8(1), np.uint8(1)) == 2


COUNTING = image([[1, 2, 3], [4, 5, 6], [7, 8, 9]])


def test_conv_forward_by_hand() -> None:
    Z, _ = conv_forward(COUNTING, filter_of([[1, 2], [3, 4]]), bias_of(10), {"stride": 1, "pad": 0})
    assert_image(Z, [[47, 57], [77, 87]])


def test_conv_forward_does_not_flip_the_filter() -> None:
    lower_right = filter_of([[0, 0, 0], [0, 0, 0], [0, 0, 1]])
    Z, _ = conv_forward(COUNTING, lower_right, bias_of(0), {"stride": 2, "pad": 1})
    assert_image(Z, [[5, 0], [0, 0]])


def test_conv_forward_sums_over_channels_and_adds_each_filter_its_bias() -> None:
    A_prev = np.array([[[[1, 2, 3]], [[4, 5, 6]]], [[[0, 0, 1]], [[0, 1, 0]]]])  # (2, 2, 1, 3)
    W = np.array([[1, 0], [10, 0], [100, -1]]).reshape(1, 1, 3, 2)
    Z, _ = conv_forward(A_prev, W, bias_of(1000, 7), {"stride": 1, "pad": 0})
    assert Z.shape == (2, 2, 1, 2)
    np.testing.assert_array_equal(Z[:, :, 0, 0], [[1321, 1654], [1100, 1010]])
    np.testing.assert_array_equal(Z[:, :, 0, 1], [[4, 1], [6, 7]])


def test_conv_backward_by_hand() -> None:
    cache = (COUNTING, filter_of([[1, 2], [3, 4]]), bias_of(10), {"stride": 1, "pad": 0})
    dA_prev, dW, db = conv_backward(image([[1, 0], [0, 2]]), cache)
    assert_image(dA_prev, [[1, 2, 0], [3, 6, 4], [0, 6, 8]])
    np.testing.assert_array_equal(dW, filter_of([[11.0, 14.0], [20.0, 23.0]]), strict=True)
    np.testing.assert_array_equal(db, bias_of(3.0), strict=True)


def test_conv_backward_by_hand_with_stride_and_pad() -> None:
    # Padded to 5×5, windows of stride 2 start at 0 and 2; the last is [[5, 6, 0], [8, 9, 0], [0, 0, 0]].
    W = filter_of([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    cache = (COUNTING, W, bias_of(0), {"stride": 2, "pad": 1})
    dA_prev, dW, db = conv_backward(image([[0, 0], [0, 10]]), cache)
    assert_image(dA_prev, [[0, 0, 0], [0, 10, 20], [0, 40, 50]])
    np.testing.assert_array_equal(dW[:, :, 0, 0], [[50, 60, 0], [80, 90, 0], [0, 0, 0]])
    np.testing.assert_array_equal(db, bias_of(10.0), strict=True)


def test_pixels_that_no_window_reaches_get_no_gradient() -> None:
    A_prev = image([[1, 2, 3, 9], [4, 5, 6, 9]])
    dA_prev = conv_backward(image([[3]]), (A_prev, filter_of([[1, 1], [1, 2]]), bias_of(0), {"stride": 3, "pad": 0}))[0]
    assert_image(dA_prev, [[3, 3, 0, 0], [3, 6, 0, 0]])
    assert_image(pool_backward(image([[3]]), (A_prev, {"f": 2, "stride": 3})), [[0, 0, 0, 0], [0, 3, 0, 0]])


NEGATIVES = image([[-1, -2, -3], [-4, -5, -6]])


def test_pool_forward_by_hand_with_overlapping_windows_of_negatives() -> None:
    highest, _ = pool_forward(NEGATIVES, {"f": 2, "stride": 1})
    mean, _ = pool_forward(NEGATIVES, {"f": 2, "stride": 1}, mode="average")
    assert_image(highest, [[-1, -2]])
    assert_image(mean, [[-3, -4]])


def test_pool_forward_does_not_mix_channels_or_images() -> None:
    A_prev = np.stack([image([[1, 5], [3, 3]])[0, :, :, 0], image([[40, 20], [30, 30]])[0, :, :, 0]], axis=-1)
    A, _ = pool_forward(np.stack([A_prev, -A_prev]), {"f": 2, "stride": 2})
    np.testing.assert_array_equal(A[:, 0, 0], [[5, 40], [-1, -20]])


def test_pool_backward_by_hand_with_stride_2() -> None:
    A_prev = image([[1, 2, 8, 7], [4, 3, 5, 6]])
    cache = (A_prev, {"f": 2, "stride": 2})
    assert_image(pool_backward(image([[10, 20]]), cache), [[0, 0, 20, 0], [10, 0, 0, 0]])
    assert_image(pool_backward(image([[4, 8]]), cache, mode="average"), [[1, 1, 2, 2], [1, 1, 2, 2]])


def test_pool_backward_by_hand_with_overlapping_windows_of_negatives() -> None:
    cache = (NEGATIVES, {"f": 2, "stride": 1})
    assert_image(pool_backward(image([[4, 8]]), cache), [[4, 8, 0], [0, 0, 0]])
    assert_image(pool_backward(image([[4, 8]]), cache, mode="average"), [[1, 3, 2], [1, 3, 2]])


# ------------------------------------------------------------------------------------------------- ties

TIED = image([[5, 5, 1], [5, 2, 5]])  # its two 2×2 windows have three and two maxima, and overlap


@pytest.mark.parametrize(
    ("ties", "expected"),
    [
        ("all", [[6, 10, 0], [6, 0, 4]]),
        ("first", [[6, 4, 0], [0, 0, 0]]),
        ("shared", [[2, 4, 0], [2, 0, 2]]),
    ],
)
def test_pool_backward_by_hand_with_ties(ties: Any, expected: list[list[float]]) -> None:
    assert_image(pool_backward(image([[6, 4]]), (TIED, {"f": 2, "stride": 1}), ties=ties), expected)


def test_pool_backward_gives_every_tied_maximum_the_whole_gradient_unless_told_otherwise() -> None:
    assert_image(pool_backward(image([[6, 4]]), (TIED, {"f": 2, "stride": 1})), [[6, 10, 0], [6, 0, 4]])


def test_an_image_of_zeros_is_all_ties() -> None:
    cache = (np.zeros((1, 2, 2, 1)), {"f": 2, "stride": 2})
    assert_image(pool_backward(image([[8]]), cache, ties="all"), [[8, 8], [8, 8]])
    assert_image(pool_backward(image([[8]]), cache, ties="first"), [[8, 0], [0, 0]])
    assert_image(pool_backward(image([[8]]), cache, ties="shared"), [[2, 2], [2, 2]])


@pytest.mark.parametrize("ties", ["all", "first", "shared"])
def test_ties_make_no_difference_to_average_pooling(ties: Any) -> None:
    cache = (TIED, {"f": 2, "stride": 1})
    assert_image(pool_backward(image([[8, 4]]), cache, mode="average", ties=ties), [[2, 3, 1], [2, 3, 1]])


@pytest.mark.parametrize(
    ("ties", "expected"),
    [
        ("all", [[False, True, False], [True, False, True]]),
        ("first", [[False, True, False], [False, False, False]]),
        ("shared", [[0, 1 / 3, 0], [1 / 3, 0, 1 / 3]]),
    ],
)
def test_create_mask_by_hand_with_ties(ties: Any, expected: list[list[float]]) -> None:
    x = np.array([[1, 7, -2], [7, 0, 7]])
    np.testing.assert_array_equal(create_mask_from_window(x, ties=ties), np.array(expected), strict=True)


def test_create_mask_marks_all_maxima_unless_told_otherwise() -> None:
    np.testing.assert_array_equal(
        create_mask_from_window(np.array([[-3, -1], [-1, -2]])), [[False, True], [True, False]]
    )


def test_first_maximum_is_first_in_row_major_order_whatever_the_memory_layout() -> None:
    x = np.asfortranarray([[0, 9, 1], [9, 2, 3]])
    np.testing.assert_array_equal(
        create_mask_from_window(x, ties="first"), [[False, True, False], [False, False, False]]
    )
    images = np.asfortranarray(image([[0, 9], [9, 0]]))
    assert_image(pool_backward(image([[3]]), (images, {"f": 2, "stride": 1}), ties="first"), [[0, 3], [0, 0]])


@pytest.mark.parametrize("shape", [(), (1,), (4,), (2, 3), (1, 2, 2, 3)])
def test_create_mask_takes_any_number_of_axes(shape: tuple[int, ...]) -> None:
    x = np.arange(np.prod(shape, dtype=int)).reshape(shape)
    mask = create_mask_from_window(x)
    assert isinstance(mask, np.ndarray)
    np.testing.assert_array_equal(mask, x == x.size - 1)
    assert mask.shape == shape
    assert mask.dtype == np.bool


def test_large_integers_that_differ_are_not_taken_for_a_tie() -> None:
    big = 2**53
    mask = create_mask_from_window(np.array([big, big + 1]))
    np.testing.assert_array_equal(mask, [False, True])
    gradient = pool_backward(image([[3]]), (image([[big, big + 1], [0, 0]]), {"f": 2, "stride": 1}))
    assert_image(gradient, [[0, 3], [0, 0]])


@pytest.mark.parametrize("ties", ["all", "first", "shared"])
def test_a_window_with_nan_has_no_maximum(ties: Any) -> None:
    x = np.array([[1.0, np.nan], [2.0, 2.0]])
    np.testing.assert_array_equal(create_mask_from_window(x, ties=ties), np.zeros((2, 2)))
    cache = (x[np.newaxis, :, :, np.newaxis], {"f": 2, "stride": 1})
    assert_image(pool_backward(image([[5]]), cache, ties=ties), [[0, 0], [0, 0]])


@pytest.mark.parametrize("dz", [6, 6.0, np.float32(6), np.array([[6]])])
def test_distribute_value_takes_a_number_or_one_element(dz: Any) -> None:
    np.testing.assert_array_equal(distribute_value(dz, (3, 1)), [[2], [2], [2]])
    np.testing.assert_array_equal(distribute_value(dz, [1, 2, 3]), np.ones((1, 2, 3)))


# --------------------------------------------------------------- every function on the same small arrays

RNG = np.random.default_rng(20)
A_PREV, W_3, W_1 = (RNG.integers(-9, 10, size=s) for s in [(2, 5, 7, 3), (3, 3, 3, 4), (1, 1, 3, 4)])
B_4, D_Z3, D_Z1 = (RNG.integers(-9, 10, size=s) for s in [(1, 1, 1, 4), (2, 3, 4, 4), (2, 5, 7, 4)])
D_A = RNG.integers(-9, 10, size=(2, 2, 3, 3))
CONV, POINTWISE, POOL = {"stride": 2, "pad": 1}, {"stride": 1, "pad": 0}, {"stride": 2, "f": 3}

CALLS: dict[str, tuple[Callable[..., Any], tuple[Any, ...], dict[str, str]]] = {
    "zero_pad": (zero_pad, (A_PREV, 2), {}),
    "zero_pad, pad 0": (zero_pad, (A_PREV, 0), {}),
    "conv_single_step": (conv_single_step, (W_3[..., 0], W_3[..., 1], B_4[..., 0]), {}),
    "conv_forward": (conv_forward, (A_PREV, W_3, B_4, CONV), {}),
    "conv_forward, 1×1": (conv_forward, (A_PREV, W_1, B_4, POINTWISE), {}),
    "conv_forward_fast": (conv_forward_fast, (A_PREV, W_3, B_4, CONV), {}),
    "relu": (relu, (A_PREV,), {}),
    "relu_backward": (relu_backward, (A_PREV, A_PREV), {}),
    "pool_forward, max": (pool_forward, (A_PREV, POOL), {}),
    "pool_forward, average": (pool_forward, (A_PREV, POOL), {"mode": "average"}),
    "pool_forward, 1×1": (pool_forward, (A_PREV, {"stride": 1, "f": 1}), {}),
    "conv_backward": (conv_backward, (D_Z3, (A_PREV, W_3, B_4, CONV)), {}),
    "conv_backward, 1×1": (conv_backward, (D_Z1, (A_PREV, W_1, B_4, POINTWISE)), {}),
    "mask": (create_mask_from_window, (W_3,), {}),
    "mask, first": (create_mask_from_window, (W_3,), {"ties": "first"}),
    "mask, shared": (create_mask_from_window, (W_3,), {"ties": "shared"}),
    "distribute_value": (distribute_value, (B_4[0, 0, 0, :1], (3, 2)), {}),
    "pool_backward, max": (pool_backward, (D_A, (A_PREV, POOL)), {}),
    "pool_backward, first": (pool_backward, (D_A, (A_PREV, POOL)), {"ties": "first"}),
    "pool_backward, shared": (pool_backward, (D_A, (A_PREV, POOL)), {"ties": "shared"}),
    "pool_backward, average": (pool_backward, (D_A, (A_PREV, POOL)), {"mode": "average"}),
    "pool_backward, 1×1": (pool_backward, (A_PREV, (A_PREV, {"stride": 1, "f": 1})), {}),
}


def with_arrays(change: Callable[[np.ndarray], np.ndarray], value: Any) -> Any:
    """Return the arguments with every array in them replaced by ``change(array)``."""
    if isinstance(value, np.ndarray):
        return change(value)
    return tuple(with_arrays(change, part) for part in value) if isinstance(value, tuple) else value


def arrays_in(value: Any) -> Iterator[np.ndarray]:
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from arrays_in(part)


def results(name: str, change: Callable[[np.ndarray], np.ndarray]) -> list[Any]:
    """Return what a function computes on changed arrays, without the cache."""
    function, arguments, keywords = CALLS[name]
    result = function(*with_arrays(change, arguments), **keywords)
    if function in (conv_forward, conv_forward_fast, pool_forward, relu):
        result = result[0]
    return list(result) if isinstance(result, tuple) else [result]


def read_only(array: np.ndarray) -> np.ndarray:
    locked = array.copy()
    locked.flags.writeable = False
    return locked


def every_other(array: np.ndarray) -> np.ndarray:
    """Return the same values as a strided view of a larger array."""
    return np.repeat(array, 2, axis=-1)[..., ::2]


def reversed_twice(array: np.ndarray) -> np.ndarray:
    """Return the same values as a view with negative strides."""
    return np.flip(np.flip(array).copy())


def byte_swapped(array: np.ndarray) -> np.ndarray:
    return array.astype(array.dtype.newbyteorder())


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("change", [read_only, every_other, np.asfortranarray, reversed_twice, byte_swapped])
def test_memory_layout_of_the_inputs_does_not_matter(name: str, change: Any) -> None:
    for expected, actual in zip(results(name, np.copy), results(name, change), strict=True):
        np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("dtype", [np.int64, np.float64, np.float32])
def test_inputs_are_unchanged_and_results_share_no_memory_with_them(name: str, dtype: type) -> None:
    function, arguments, keywords = CALLS[name]
    arguments = with_arrays(lambda array: array.astype(dtype), copy.deepcopy(arguments))
    before = copy.deepcopy(arguments)
    result = function(*arguments, **keywords)
    if function in (conv_forward, conv_forward_fast, pool_forward, relu):
        result = result[0]

    def compare(actual: Any, expected: Any) -> None:
        if isinstance(expected, tuple):
            for part, expected_part in zip(actual, expected, strict=True):
                compare(part, expected_part)
        else:
            np.testing.assert_equal(actual, expected)

    compare(arguments, before)
    outputs = list(arrays_in(result))
    for number, output in enumerate(outputs):
        assert output.flags.writeable
        for other in [*arrays_in(arguments), *outputs[:number]]:
            assert not np.shares_memory(output, other)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("dtype", [np.int8, np.int32, np.int64, np.float32])
def test_integers_count_as_float64_and_do_not_overflow(name: str, dtype: type) -> None:
    # Sums of products leave the range of int8, and all of these are exact in float32.
    for expected, actual in zip(
        results(name, lambda array: array.astype(np.float64)),
        results(name, lambda array: array.astype(dtype)),
        strict=True,
    ):
        if dtype is np.float32:
            np.testing.assert_allclose(actual, expected, rtol=1e-6)
        else:
            np.testing.assert_array_equal(actual, expected, strict=True)


def test_unsigned_integers_and_booleans_count_as_float64() -> None:
    bright = image([[255, 255], [255, 255]]).astype(np.uint8)
    mask = bright == 255
    for images, value in ((bright, 255), (mask, 1)):
        assert_image(zero_pad(images, 0), [[value] * 2] * 2)
        assert_image(pool_forward(images, {"f": 2, "stride": 1})[0], [[value]])
        assert_image(pool_forward(images, {"f": 2, "stride": 1}, mode="average")[0], [[value]])
        assert_image(pool_backward(images[:, :1, :1], (images, {"f": 2, "stride": 1})), [[value] * 2] * 2)
        convolved, cache = conv_forward(images, images[0, :, :, :, None], images[:, :1, :1], {"stride": 1, "pad": 0})
        assert_image(convolved, [[4 * value * value + value]])
        assert_image(conv_backward(images[:, :1, :1], cache)[0], [[value * value] * 2] * 2)
        assert conv_single_step(images, images, images[0, 0, 0]) == 4 * value * value + value
        np.testing.assert_array_equal(distribute_value(images[0, 0, 0], (2,)), [value / 2] * 2, strict=True)
        np.testing.assert_array_equal(create_mask_from_window(images), mask | True, strict=True)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_layers_keep_the_float_type_of_their_inputs(name: str, dtype: type) -> None:
    for output in results(name, lambda array: array.astype(dtype)):
        if name == "conv_single_step":
            assert type(output) is float
        elif name in ("mask", "mask, first"):
            assert output.dtype == np.bool
        elif name == "mask, shared":
            assert output.dtype == np.float64
        else:
            assert output.dtype == dtype


def test_mixed_float_types_give_the_wider_one() -> None:
    narrow, wide = A_PREV.astype(np.float32), W_3.astype(np.float64)
    Z, cache = conv_forward(narrow, wide, B_4.astype(np.float32), CONV)
    assert Z.dtype == np.float64
    assert [gradient.dtype for gradient in conv_backward(Z.astype(np.float32), cache)] == [np.float64] * 3
    assert pool_backward(D_A, (narrow, POOL)).dtype == np.float64


def test_caches_hold_the_inputs_themselves() -> None:
    _, conv_cache = conv_forward(A_PREV, W_3, B_4, CONV)
    _, pool_cache = pool_forward(A_PREV, POOL)
    assert type(conv_cache) is type(pool_cache) is tuple
    for part, given_part in zip(conv_cache, (A_PREV, W_3, B_4, CONV), strict=True):
        assert part is given_part
    for part, given_part in zip(pool_cache, (A_PREV, POOL), strict=True):
        assert part is given_part


def test_nested_lists_will_do_for_arrays() -> None:
    np.testing.assert_array_equal(zero_pad([[[[5]]]], 1), zero_pad(np.array([[[[5]]]]), 1))
    assert conv_single_step([[1, 2]], [[3, 4]], [5]) == 16


def test_an_empty_batch_passes_through() -> None:
    nothing = np.zeros((0, 5, 7, 3))
    Z, conv_cache = conv_forward(nothing, W_3, B_4, CONV)
    assert Z.shape == (0, 3, 4, 4)
    dA_prev, dW, db = conv_backward(Z, conv_cache)
    assert dA_prev.shape == nothing.shape
    np.testing.assert_array_equal(dW, np.zeros(W_3.shape))
    np.testing.assert_array_equal(db, np.zeros(B_4.shape))
    for mode in ("max", "average"):
        A, pool_cache = pool_forward(nothing, POOL, mode=mode)
        assert A.shape == (0, 2, 3, 3)
        assert pool_backward(A, pool_cache, mode=mode).shape == nothing.shape


# --------------------------------------------------------------------------------------------- messages

ONES = np.ones


def conv(A_prev: Any, W: Any, b: Any, hparameters: Any = POINTWISE) -> Any:
    """Return both passes of a convolution as calls that must fail alike."""
    return [
        lambda: conv_forward(A_prev, W, b, hparameters),
        lambda: conv_backward(ONES((1, 1, 1, 1)), (A_prev, W, b, hparameters)),
    ]


def pool(A_prev: Any, hparameters: Any, mode: Any = "max") -> Any:
    """Return both passes of a pooling as calls that must fail alike."""
    return [
        lambda: pool_forward(A_prev, hparameters, mode),
        lambda: pool_backward(ONES((1, 1, 1, 1)), (A_prev, hparameters), mode),
    ]


IMAGES, FILTERS, BIAS = ONES((2, 5, 6, 3)), ONES((3, 3, 3, 4)), ONES((1, 1, 1, 4))

MISTAKES: list[tuple[Any, str]] = [
    # The filter or window does not fit.
    (
        lambda: conv_output_size(3, 5, 1, 0),
        "The filter does not fit: f = 5, but n_prev + 2*pad = 3 + 2*0 = 3. Use an f of at most 3, or a larger pad.",
    ),
    (
        lambda: conv_output_size(3, 6, 1, 1),
        "The filter does not fit: f = 6, but n_prev + 2*pad = 3 + 2*1 = 5. Use an f of at most 5, or a larger pad.",
    ),
    (
        lambda: pool_output_size(3, 4, 1),
        "The pooling window does not fit: f = 4, but n_prev = 3. Use an f of at most 3.",
    ),
    (
        conv(ONES((1, 2, 9, 3)), FILTERS, BIAS),
        "The filter does not fit: f = 3, but n_H_prev + 2*pad = 2 + 2*0 = 2. Use an f of at most 2, or a larger pad.",
    ),
    (
        conv(ONES((1, 9, 2, 3)), FILTERS, BIAS),
        "The filter does not fit: f = 3, but n_W_prev + 2*pad = 2 + 2*0 = 2. Use an f of at most 2, or a larger pad.",
    ),
    (
        pool(ONES((1, 2, 9, 3)), POOL),
        "The pooling window does not fit: f = 3, but n_H_prev = 2. Use an f of at most 2.",
    ),
    (
        pool(ONES((1, 9, 2, 3)), POOL),
        "The pooling window does not fit: f = 3, but n_W_prev = 2. Use an f of at most 2.",
    ),
    # Numbers out of range.
    (lambda: conv_output_size(0, 1, 1, 1), "n_prev must be at least 1, got 0."),
    (lambda: conv_output_size(3, 0, 1, 0), "f must be at least 1, got 0."),
    (lambda: conv_output_size(3, 1, 0, 0), "stride must be at least 1, got 0."),
    (lambda: conv_output_size(3, 1, 1, -1), "pad must be at least 0, got -1."),
    (lambda: pool_output_size(-3, 1, 1), "n_prev must be at least 1, got -3."),
    (lambda: pool_output_size(3, 0, 1), "f must be at least 1, got 0."),
    (lambda: pool_output_size(3, 1, -2), "stride must be at least 1, got -2."),
    (lambda: zero_pad(IMAGES, -1), "pad must be at least 0, got -1."),
    (
        conv(IMAGES, FILTERS, BIAS, {"stride": 0, "pad": 0}),
        'hparameters["stride"] must be at least 1, got 0.',
    ),
    (conv(IMAGES, FILTERS, BIAS, {"stride": 1, "pad": -2}), 'hparameters["pad"] must be at least 0, got -2.'),
    (conv(IMAGES, ONES((0, 0, 3, 4)), BIAS), "f must be at least 1, got 0."),
    (conv(ONES((1, 0, 6, 3)), FILTERS, BIAS, {"stride": 1, "pad": 3}), "n_H_prev must be at least 1, got 0."),
    (pool(IMAGES, {"stride": 0, "f": 2}), 'hparameters["stride"] must be at least 1, got 0.'),
    (pool(IMAGES, {"stride": 1, "f": 0}), 'hparameters["f"] must be at least 1, got 0.'),
    # Numbers that are not whole.
    (lambda: conv_output_size(3.0, 1, 1, 0), "n_prev must be a whole number (an int), got 3.0 (type float)."),
    (lambda: conv_output_size(3, 1.5, 1, 0), "f must be a whole number (an int), got 1.5 (type float)."),
    (lambda: conv_output_size(3, 1, "2", 0), "stride must be a whole number (an int), got '2' (type str)."),
    (
        lambda: conv_output_size(3, 1, 1, None),
        "pad must be a whole number (an int), got None (type NoneType).",
    ),
    (
        lambda: pool_output_size(3, np.float64(2), 1),
        "f must be a whole number (an int), got np.float64(2.0) (type float64).",
    ),
    (lambda: zero_pad(IMAGES, (1, 1)), "pad must be a whole number (an int), got (1, 1) (type tuple)."),
    (lambda: zero_pad(IMAGES, True), "pad must be a whole number (an int), got True (type bool)."),
    (
        lambda: zero_pad(IMAGES, np.bool(True)),
        "pad must be a whole number (an int), got np.True_ (type bool).",
    ),
    (
        conv(IMAGES, FILTERS, BIAS, {"stride": 0.5, "pad": 0}),
        'hparameters["stride"] must be a whole number (an int), got 0.5 (type float).',
    ),
    (
        conv(IMAGES, FILTERS, BIAS, {"stride": 1, "pad": "same"}),
        "hparameters[\"pad\"] must be a whole number (an int), got 'same' (type str).",
    ),
    (
        pool(IMAGES, {"stride": 1, "f": (2, 2)}),
        'hparameters["f"] must be a whole number (an int), got (2, 2) (type tuple).',
    ),
    # hparameters.
    (
        conv(IMAGES, FILTERS, BIAS, {"pad": 0}),
        "hparameters must have the key \"stride\", but its keys are ['pad'].",
    ),
    (
        conv(IMAGES, FILTERS, BIAS, {"stride": 1, "f": 2}),
        "hparameters must have the key \"pad\", but its keys are ['stride', 'f'].",
    ),
    (
        conv(IMAGES, FILTERS, BIAS, (1, 0)),
        'hparameters must be a dict with the key "stride", got type tuple.',
    ),
    (pool(IMAGES, {"f": 2}), "hparameters must have the key \"stride\", but its keys are ['f']."),
    (
        pool(IMAGES, {"stride": 1, "pad": 0}),
        "hparameters must have the key \"f\", but its keys are ['stride', 'pad'].",
    ),
    (pool(IMAGES, None), 'hparameters must be a dict with the key "f", got type NoneType.'),
    # Shapes.
    (lambda: zero_pad(ONES((5, 6)), 1), "X must be 4-D, (m, n_H, n_W, n_C), but its shape is (5, 6)."),
    (
        conv(ONES((5, 6, 3)), FILTERS, BIAS),
        "A_prev must be 4-D, (m, n_H_prev, n_W_prev, n_C_prev), but its shape is (5, 6, 3).",
    ),
    (
        conv(IMAGES, ONES((3, 3, 3)), BIAS),
        "W must be 4-D, (f, f, n_C_prev, n_C), but its shape is (3, 3, 3).",
    ),
    (
        conv(IMAGES, ONES((2, 3, 3, 4)), BIAS),
        "W must hold square filters, (f, f, n_C_prev, n_C), but they are 2×3: its shape is (2, 3, 3, 4).",
    ),
    (
        conv(IMAGES, ONES((3, 3, 1, 4)), BIAS),
        "A_prev and W must have the same number of input channels, n_C_prev: A_prev of shape (2, 5, 6, "
        "3) has 3 (its last axis), W of shape (3, 3, 1, 4) has 1 (its third axis).",
    ),
    (
        conv(IMAGES, FILTERS, ONES(4)),
        "b must have one bias for each filter, shape (1, 1, 1, n_C) = (1, 1, 1, 4) for W of shape (3, "
        "3, 3, 4), but its shape is (4,).",
    ),
    (
        conv(IMAGES, FILTERS, ONES((1, 1, 1, 1))),
        "b must have one bias for each filter, shape (1, 1, 1, n_C) = (1, 1, 1, 4) for W of shape (3, "
        "3, 3, 4), but its shape is (1, 1, 1, 1).",
    ),
    (
        conv(IMAGES, FILTERS, 0),
        "b must have one bias for each filter, shape (1, 1, 1, n_C) = (1, 1, 1, 4) for W of shape (3, "
        "3, 3, 4), but its shape is ().",
    ),
    (
        pool(ONES((5, 6, 3)), POOL),
        "A_prev must be 4-D, (m, n_H_prev, n_W_prev, n_C), but its shape is (5, 6, 3).",
    ),
    (
        lambda: conv_single_step(ONES((3, 3, 2)), ONES((3, 3, 1)), 0),
        "a_slice_prev and W must have the same shape, (f, f, n_C_prev): a_slice_prev has (3, 3, 2) and "
        "W has (3, 3, 1).",
    ),
    (
        lambda: conv_single_step(ONES((3, 3, 2)), ONES((3, 3, 2)), ONES(2)),
        "b must be a number or an array of one element, but its shape is (2,).",
    ),
    (
        lambda: conv_backward(ONES((2, 3, 4, 3)), (IMAGES, FILTERS, BIAS, POINTWISE)),
        "dZ must have the shape of the forward pass's output, which is (2, 3, 4, 4) for this cache, but"
        " its shape is (2, 3, 4, 3).",
    ),
    (
        lambda: pool_backward(ONES((1, 2, 2, 3)), (IMAGES, POOL)),
        "dA must have the shape of the forward pass's output, which is (2, 2, 2, 3) for this cache, but"
        " its shape is (1, 2, 2, 3).",
    ),
    (
        lambda: create_mask_from_window(ONES((0, 2))),
        "x must have at least one element to have a maximum, but its shape is (0, 2).",
    ),
    (
        lambda: distribute_value(ONES(3), (2, 2)),
        "dz must be a number or an array of one element, but its shape is (3,).",
    ),
    (lambda: distribute_value(1, 4), "shape must be a tuple of whole numbers such as (2, 2), got 4."),
    (lambda: distribute_value(1, (2, 0)), "each entry of shape must be at least 1, got 0."),
    (
        lambda: distribute_value(1, (2, 2.0)),
        "each entry of shape must be a whole number (an int), got 2.0 (type float).",
    ),
    # Caches.
    (
        lambda: conv_backward(ONES((2, 3, 4, 4)), IMAGES),
        "cache must be the tuple (A_prev, W, b, hparameters) that the forward pass returns, got an "
        "object of type ndarray.",
    ),
    (
        lambda: conv_backward(ONES((2, 3, 4, 4)), (IMAGES, POOL)),
        "cache must be the tuple (A_prev, W, b, hparameters) that the forward pass returns, got a tuple of length 2.",
    ),
    (
        lambda: pool_backward(ONES((2, 2, 2, 3)), None),
        "cache must be the tuple (A_prev, hparameters) that the forward pass returns, got an object of type NoneType.",
    ),
    (
        lambda: pool_backward(ONES((2, 2, 2, 3)), [IMAGES]),
        "cache must be the tuple (A_prev, hparameters) that the forward pass returns, got a list of length 1.",
    ),
    # Words.
    (pool(IMAGES, POOL, "mean"), 'mode must be "max" or "average", got \'mean\'.'),
    (pool(IMAGES, POOL, None), 'mode must be "max" or "average", got None.'),
    (
        lambda: create_mask_from_window(ONES(2), ties="last"),
        'ties must be "all", "first" or "shared", got \'last\'.',
    ),
    (
        lambda: pool_backward(ONES((2, 2, 2, 3)), (IMAGES, POOL), ties=True),
        'ties must be "all", "first" or "shared", got True.',
    ),
    # Networks that cannot be.
    (
        lambda: layer_table((8, 8), []),
        "input_shape must be (n_H, n_W, n_C), or (n,) for a vector, got (8, 8).",
    ),
    (
        lambda: layer_table((8, 8, 1), [{"type": "dense", "units": 3, "bias": True}]),
        "layers[0] is dense and takes a vector, (n,), but gets (8, 8, 1): put a flatten before it.",
    ),
    (
        lambda: layer_table((8,), [{"type": "max_pool", "f": 2, "stride": 2, "padding": "valid"}]),
        "layers[0] is max_pool and takes a volume, (n_H, n_W, n_C), but gets the vector (8,).",
    ),
    (lambda: layer_table((8,), [{"units": 3}]), "layers[0] must be a dict with the key \"type\", got {'units': 3}."),
    # What is not an array of real numbers.
    (lambda: zero_pad(None, 1), "X must be an array of real numbers, got type NoneType with dtype object."),
    (
        lambda: zero_pad([[1, 2], [3]], 1),
        "X must be an array of numbers, got nested lists whose lengths differ.",
    ),
    (
        lambda: create_mask_from_window(np.array([1j])),
        "x must be an array of real numbers, got type ndarray with dtype complex128.",
    ),
    (conv(IMAGES, FILTERS, "zeros"), "b must be an array of real numbers, got type str with dtype <U5."),
]

FAILING_CALLS = [
    pytest.param(call, message, id=f"{number}: {message[:40]}")
    for number, (calls, message) in enumerate(MISTAKES)
    for call in (calls if isinstance(calls, list) else [calls])
]


@pytest.mark.parametrize(("call", "message"), FAILING_CALLS)
def test_mistakes_are_met_with_a_message(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        call()


def test_every_message_of_the_module_is_tested() -> None:
    raises = [node for node in ast.walk(ast.parse(inspect.getsource(solution))) if isinstance(node, ast.Raise)]
    for node in raises:
        pieces = [
            part.value
            for part in ast.walk(node)
            if isinstance(part, ast.Constant) and isinstance(part.value, str) and len(part.value) > 12
        ]
        assert any(all(piece in message for piece in pieces) for _, message in MISTAKES), ast.unparse(node)


def test_long_wrong_values_do_not_flood_the_message() -> None:
    with pytest.raises(ValueError, match="^pad must be a whole number") as caught:
        zero_pad(IMAGES, np.arange(999))
    assert len(str(caught.value)) < 150


# ------------------------------------------------------------------------------------------- properties

# Small integers in float64, so that sums and products are exact and equality needs no tolerance.
properties = settings(derandomize=True, database=None, deadline=None, max_examples=150)


class Convolution:
    """A convolution problem: inputs of the forward pass and a gradient of its output's shape."""

    def __init__(
        self,
        seed: int,
        m: int,
        size: tuple[int, int],
        channels: tuple[int, int],
        f: int,
        stride: int,
        pad: int,
    ):
        self.rng = np.random.default_rng(seed)
        self.A_prev, self.W = self.integers(m, *size, channels[0]), self.integers(f, f, *channels)
        self.b, self.no_bias = self.integers(1, 1, 1, channels[1]), np.zeros((1, 1, 1, channels[1]))
        self.hparameters = {"stride": stride, "pad": pad}
        n_H, n_W = (conv_output_size(n, f, stride, pad) for n in size)
        self.dZ = self.integers(m, n_H, n_W, channels[1])

    def integers(self, *shape: int) -> np.ndarray:
        return self.rng.integers(-9, 10, size=shape).astype(np.float64)

    def forward(self, A_prev: np.ndarray, W: np.ndarray, b: np.ndarray) -> np.ndarray:
        return conv_forward(A_prev, W, b, self.hparameters)[0]

    def __repr__(self) -> str:
        return f"A_prev {self.A_prev.shape}, W {self.W.shape}, {self.hparameters}"


class Pooling:
    """A pooling problem: an input without ties inside any window, and a gradient of the output's shape."""

    def __init__(self, seed: int, m: int, size: tuple[int, int], n_C: int, f: int, stride: int):
        rng = np.random.default_rng(seed)
        shape = (m, *size, n_C)
        self.rng, number = rng, np.prod(shape)
        self.A_prev = rng.permutation(number).reshape(shape) - np.float64(number // 2)
        self.tied = rng.integers(-2, 1, size=shape).astype(np.float64)
        self.hparameters = {"stride": stride, "f": f}
        n_H, n_W = (pool_output_size(n, f, stride) for n in size)
        self.dA = rng.integers(-9, 10, size=(m, n_H, n_W, n_C)).astype(np.float64)

    def __repr__(self) -> str:
        return f"A_prev {self.A_prev.shape}, {self.hparameters}"


@st.composite
def convolutions(draw: st.DrawFn) -> Convolution:
    f, pad = draw(st.integers(1, 4)), draw(st.integers(0, 3))
    sides = st.integers(max(1, f - 2 * pad), 8)
    channels = st.integers(1, 3)
    return Convolution(
        seed=draw(st.integers(0, 2**32)),
        m=draw(st.integers(1, 3)),
        size=(draw(sides), draw(sides)),
        channels=(draw(channels), draw(channels)),
        f=f,
        stride=draw(st.integers(1, 4)),
        pad=pad,
    )


@st.composite
def poolings(draw: st.DrawFn) -> Pooling:
    f = draw(st.integers(1, 4))
    sides = st.integers(f, 8)
    return Pooling(
        seed=draw(st.integers(0, 2**32)),
        m=draw(st.integers(1, 3)),
        size=(draw(sides), draw(sides)),
        n_C=draw(st.integers(1, 3)),
        f=f,
        stride=draw(st.integers(1, 4)),
    )


@properties
@given(problem=convolutions())
def test_shapes_of_a_convolution(problem: Convolution) -> None:
    Z, cache = conv_forward(problem.A_prev, problem.W, problem.b, problem.hparameters)
    assert Z.shape == problem.dZ.shape
    shapes = [gradient.shape for gradient in conv_backward(problem.dZ, cache)]
    assert shapes == [problem.A_prev.shape, problem.W.shape, problem.b.shape]


@properties
@given(problem=convolutions(), scale=st.integers(-5, 5))
def test_convolution_is_linear_in_the_images_and_in_the_filters(problem: Convolution, scale: int) -> None:
    A, W, none = problem.A_prev, problem.W, problem.no_bias
    other_A, other_W = problem.integers(*A.shape), problem.integers(*W.shape)
    Z = problem.forward(A, W, none)
    np.testing.assert_array_equal(
        problem.forward(A + scale * other_A, W, none), Z + scale * problem.forward(other_A, W, none)
    )
    np.testing.assert_array_equal(
        problem.forward(A, W + scale * other_W, none), Z + scale * problem.forward(A, other_W, none)
    )
    np.testing.assert_array_equal(problem.forward(A, W, problem.b), Z + problem.b)


@properties
@given(problem=convolutions())
def test_backward_pass_of_a_convolution_is_the_adjoint_of_its_forward_pass(problem: Convolution) -> None:
    Z, cache = conv_forward(problem.A_prev, problem.W, problem.no_bias, problem.hparameters)
    dA_prev, dW, db = conv_backward(problem.dZ, cache)
    assert np.sum(Z * problem.dZ) == np.sum(problem.A_prev * dA_prev) == np.sum(problem.W * dW)
    other_A, other_W = problem.integers(*problem.A_prev.shape), problem.integers(*problem.W.shape)
    Z_of_other_A = problem.forward(other_A, problem.W, problem.no_bias)
    Z_of_other_W = problem.forward(problem.A_prev, other_W, problem.no_bias)
    assert np.sum(Z_of_other_A * problem.dZ) == np.sum(other_A * dA_prev)
    assert np.sum(Z_of_other_W * problem.dZ) == np.sum(other_W * dW)
    np.testing.assert_array_equal(db[0, 0, 0], [np.sum(problem.dZ[..., c]) for c in range(db.size)])


@properties
@given(problem=convolutions())
def test_each_entry_of_a_convolution_is_one_step_on_its_window(problem: Convolution) -> None:
    Z = problem.forward(problem.A_prev, problem.W, problem.b)
    padded = zero_pad(problem.A_prev, problem.hparameters["pad"])
    stride, f = problem.hparameters["stride"], problem.W.shape[0]
    i, h, w, c = (int(problem.rng.integers(length)) for length in Z.shape)
    window = padded[i, h * stride : h * stride + f, w * stride : w * stride + f]
    assert Z[i, h, w, c] == conv_single_step(window, problem.W[..., c], problem.b[..., c])


@properties
@given(problem=convolutions(), pad=st.integers(0, 3))
def test_zero_pad_adds_only_zeros(problem: Convolution, pad: int) -> None:
    padded = zero_pad(problem.A_prev, pad)
    _, n_H, n_W, _ = problem.A_prev.shape
    np.testing.assert_array_equal(padded[:, pad : pad + n_H, pad : pad + n_W], problem.A_prev, strict=True)
    padded[:, pad : pad + n_H, pad : pad + n_W] = 0
    assert not padded.any()


@properties
@given(problem=poolings())
def test_shapes_of_a_pooling(problem: Pooling) -> None:
    for mode in ("max", "average"):
        A, cache = pool_forward(problem.A_prev, problem.hparameters, mode=mode)
        assert A.shape == problem.dA.shape
        assert pool_backward(problem.dA, cache, mode=mode).shape == problem.A_prev.shape


@properties
@given(problem=poolings())
def test_backward_pass_of_average_pooling_is_the_adjoint_of_its_forward_pass(problem: Pooling) -> None:
    for A_prev in (problem.A_prev, problem.tied):
        A, cache = pool_forward(A_prev, problem.hparameters, mode="average")
        dA_prev = pool_backward(problem.dA, cache, mode="average")
        assert np.sum(A_prev * dA_prev) == pytest.approx(np.sum(A * problem.dA), rel=1e-12, abs=1e-9)


@properties
@given(problem=poolings())
def test_gradient_of_max_pooling_by_finite_differences(problem: Pooling) -> None:
    # Entries differ by at least 1 and move by 1/4: the maxima stay where they are, the difference is exact.
    A_prev, step = problem.A_prev, 0.25
    A, cache = pool_forward(A_prev, problem.hparameters)
    dA_prev = pool_backward(problem.dA, cache)
    for entry in problem.rng.integers(A_prev.size, size=12):
        moved = A_prev.copy()
        moved.flat[entry] += step
        difference = np.sum((pool_forward(moved, problem.hparameters)[0] - A) * problem.dA) / step
        assert difference == dA_prev.flat[entry]


@properties
@given(problem=poolings())
def test_conventions_for_ties_differ_only_in_how_the_maxima_divide_the_gradient(problem: Pooling) -> None:
    A, cache = pool_forward(problem.tied, problem.hparameters)
    dA = abs(problem.dA)
    every, first, shared = (pool_backward(dA, cache, ties=ties) for ties in ("all", "first", "shared"))
    for divided in (first, shared):
        assert np.sum(divided) == pytest.approx(np.sum(dA), rel=1e-12)
        assert np.sum(divided * problem.tied) == pytest.approx(np.sum(dA * A), rel=1e-12)
        assert (divided <= every + 1e-9).all()
    np.testing.assert_array_equal(every > 0, shared > 0)

    _, cache_without_ties = pool_forward(problem.A_prev, problem.hparameters)
    expected = pool_backward(dA, cache_without_ties)
    for ties in ("first", "shared"):
        np.testing.assert_array_equal(pool_backward(dA, cache_without_ties, ties=ties), expected)


@properties
@given(x=st.lists(st.lists(st.integers(-3, 3), min_size=3, max_size=3), min_size=1, max_size=4))
def test_mask_marks_the_maxima_and_nothing_else(x: list[list[int]]) -> None:
    window, in_order = np.array(x), [entry for row in x for entry in row]
    highest = max(in_order)
    every, first, shared = (create_mask_from_window(window, ties=ties) for ties in ("all", "first", "shared"))
    assert every.tolist() == [[entry == highest for entry in row] for row in x]
    assert np.flatnonzero(first).tolist() == [in_order.index(highest)]
    np.testing.assert_array_equal(shared, every / np.count_nonzero(every))


@properties
@given(dz=st.integers(-99, 99), shape=st.lists(st.integers(1, 4), max_size=4).map(tuple))
def test_distributed_value_adds_up(dz: int, shape: tuple[int, ...]) -> None:
    parts = distribute_value(dz, shape)
    assert parts.shape == shape
    assert parts.dtype == np.float64
    assert np.ptp(parts) == 0
    assert np.sum(parts) == pytest.approx(dz, rel=1e-12)


# ------------------------------------------------------------------------------------------- the source

TREE = ast.parse(inspect.getsource(solution))
FUNCTIONS = {node.name: node for node in TREE.body if isinstance(node, ast.FunctionDef)}


def names_in(function: ast.FunctionDef) -> set[str]:
    return {node.id for node in ast.walk(function) if isinstance(node, ast.Name)}


def helpers_of(name: str) -> set[str]:
    """Return the names of all functions of the module that the function needs, by any number of steps."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        new = (names_in(FUNCTIONS[waiting.pop()]) & FUNCTIONS.keys()) - found
        found |= new
        waiting += new
    return found


def test_module_is_nothing_but_imports_and_functions() -> None:
    docstring, *rest = TREE.body
    assert isinstance(docstring, ast.Expr)
    imports = [ast.unparse(node) for node in rest if isinstance(node, (ast.Import, ast.ImportFrom))]
    assert imports == [
        "from __future__ import annotations",
        "from collections.abc import Iterator, Mapping, Sequence",
        "from typing import Any, Literal",
        "import numpy as np",
    ]
    assert all(isinstance(node, (ast.Import, ast.ImportFrom, ast.FunctionDef)) for node in rest)
    assert [name for name in FUNCTIONS if not name.startswith("_")] == PUBLIC


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_are_typed_documented_and_undecorated(name: str) -> None:
    node = FUNCTIONS[name]
    first_line = (ast.get_docstring(node) or "").partition("\n")[0]
    assert re.match("(Return|Raise ValueError when) ", first_line)
    assert first_line.endswith(".")
    assert not node.decorator_list
    assert node.returns is not None
    every_argument = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    assert all(argument.annotation is not None for argument in every_argument)


@pytest.mark.parametrize("name", PUBLIC)
def test_public_functions_need_only_private_helpers(name: str) -> None:
    assert not {helper for helper in helpers_of(name) if not helper.startswith("_")}


@pytest.mark.parametrize("name", CALLS)
def test_functions_give_the_same_when_taken_out_of_the_module_with_their_helpers(name: str) -> None:
    function, arguments, keywords = CALLS[name]
    wanted = {function.__name__, *helpers_of(function.__name__)}
    body = [node for node in TREE.body if not isinstance(node, ast.FunctionDef) or node.name in wanted]
    namespace: dict[str, Any] = {}
    exec(compile(ast.Module(body, type_ignores=[]), "taken out", "exec"), namespace)
    namespace.update({other: None for other in PUBLIC if other != function.__name__})
    actual = namespace[function.__name__](*arguments, **keywords)
    np.testing.assert_equal(actual, function(*arguments, **keywords))


def test_signatures_are_those_of_the_lessons() -> None:
    parameters = {name: list(inspect.signature(getattr(solution, name)).parameters) for name in PUBLIC}
    assert parameters == {
        "zero_pad": ["X", "pad"],
        "conv_single_step": ["a_slice_prev", "W", "b"],
        "conv_output_size": ["n_prev", "f", "stride", "pad"],
        "conv_forward": ["A_prev", "W", "b", "hparameters"],
        "pool_output_size": ["n_prev", "f", "stride"],
        "pool_forward": ["A_prev", "hparameters", "mode"],
        "conv_backward": ["dZ", "cache"],
        "create_mask_from_window": ["x", "ties"],
        "distribute_value": ["dz", "shape"],
        "pool_backward": ["dA", "cache", "mode", "ties"],
        "to_torch": ["A", "W", "b"],
        "from_torch": ["A", "W", "b"],
        "to_keras": ["W", "b"],
        "from_keras": ["W", "b"],
        "same_padding": ["n", "f", "stride"],
        "line_detector": ["images"],
        "autograd_gradients": ["dZ", "cache"],
        "layer_table": ["input_shape", "layers"],
        "conv_forward_fast": ["A_prev", "W", "b", "hparameters"],
        "relu": ["Z"],
        "relu_backward": ["dA", "cache"],
        "network_forward": ["X", "parameters"],
        "network_backward": ["dscores", "caches"],
    }
    for function in (create_mask_from_window, pool_backward):
        assert inspect.signature(function).parameters["ties"].kind is inspect.Parameter.KEYWORD_ONLY
