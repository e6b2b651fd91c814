"""The trusted functions give every value that the lessons quote from elsewhere.

The random inputs are NumPy's legacy ``np.random.seed(1)`` stream, drawn in the order of the signature;
``RandomState(1)`` is that stream without touching the global one.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.random import RandomState

from autograder.solution import (
    conv_backward,
    conv_forward,
    conv_output_size,
    conv_single_step,
    create_mask_from_window,
    distribute_value,
    pool_backward,
    pool_forward,
    pool_output_size,
    zero_pad,
)

PRINTED = {"rtol": 0, "atol": 5.1e-9}  # published with eight decimals
IN_FULL = 1e-13  # published with all digits of a float64


def test_conv_single_step() -> None:
    random = RandomState(1)
    a_slice_prev, W, b = random.randn(4, 4, 3), random.randn(4, 4, 3), random.randn(1, 1, 1)
    assert conv_single_step(a_slice_prev, W, b) == pytest.approx(-6.999089450680221, rel=IN_FULL)


def test_zero_pad() -> None:
    x = RandomState(1).randn(4, 3, 3, 2)
    x_pad = zero_pad(x, 3)
    assert x_pad.shape == (4, 9, 9, 2)
    np.testing.assert_array_equal(x_pad[1, 1], np.zeros((9, 2)))
    np.testing.assert_array_equal(x_pad[:, 3:6, 3:6], x)


def test_conv_forward() -> None:
    random = RandomState(1)
    A_prev, W, b = random.randn(2, 5, 7, 4), random.randn(3, 3, 4, 8), random.randn(1, 1, 1, 8)
    Z, cache = conv_forward(A_prev, W, b, {"pad": 1, "stride": 2})
    assert Z.shape == (2, 3, 4, 8)
    assert Z.mean() == pytest.approx(0.5511276474566768, rel=IN_FULL)
    np.testing.assert_allclose(
        Z[0, 2, 1],
        [-2.17796037, 8.07171329, -0.5772704, 3.36286738, 4.48113645, -2.89198428, 10.99288867, 3.03171932],
        **PRINTED,
    )
    np.testing.assert_allclose(cache[0][1][2][3], [-1.1191154, 1.9560789, -0.3264995, -1.34267579], **PRINTED)


def test_conv_backward() -> None:
    random = RandomState(1)
    A_prev, W, b = random.randn(10, 4, 4, 3), random.randn(2, 2, 3, 8), random.randn(1, 1, 1, 8)
    Z, cache = conv_forward(A_prev, W, b, {"pad": 2, "stride": 2})
    dA_prev, dW, db = conv_backward(Z, cache)
    assert dA_prev.mean() == pytest.approx(1.4524377775388075, rel=IN_FULL)
    assert dW.mean() == pytest.approx(1.7269914583139097, rel=IN_FULL)
    assert db.mean() == pytest.approx(7.839232564616838, rel=IN_FULL)


def test_pool_forward_with_stride_1() -> None:
    A_prev = RandomState(1).randn(2, 5, 5, 3)
    highest, _ = pool_forward(A_prev, {"stride": 1, "f": 3})
    mean, _ = pool_forward(A_prev, {"stride": 1, "f": 3}, mode="average")
    assert highest.shape == mean.shape == (2, 3, 3, 3)
    np.testing.assert_allclose(
        highest[1, 1],
        [
            [1.96710175, 0.84616065, 1.27375593],
            [1.96710175, 0.84616065, 1.23616403],
            [1.62765075, 1.12141771, 1.2245077],
        ],
        **PRINTED,
    )
    np.testing.assert_allclose(
        mean[1, 1],
        [
            [0.44497696, -0.00261695, -0.31040307],
            [0.50811474, -0.23493734, -0.23961183],
            [0.11872677, 0.17255229, -0.22112197],
        ],
        **PRINTED,
    )


def test_pool_forward_with_stride_2() -> None:
    A_prev = RandomState(1).randn(2, 5, 5, 3)
    highest, _ = pool_forward(A_prev, {"stride": 2, "f": 3})
    mean, _ = pool_forward(A_prev, {"stride": 2, "f": 3}, mode="average")
    assert highest.shape == mean.shape == (2, 2, 2, 3)
    np.testing.assert_allclose(
        highest[0],
        [
            [[1.74481176, 0.90159072, 1.65980218], [1.74481176, 1.6924546, 1.65980218]],
            [[1.13162939, 1.51981682, 2.18557541], [1.13162939, 1.6924546, 2.18557541]],
        ],
        **PRINTED,
    )
    np.testing.assert_allclose(
        mean[1],
        [
            [[-0.17313416, 0.32377198, -0.34317572], [0.02030094, 0.14141479, -0.01231585]],
            [[0.42944926, 0.08446996, -0.27290905], [0.15077452, 0.28911175, 0.00123239]],
        ],
        **PRINTED,
    )


def test_create_mask_from_window() -> None:
    mask = create_mask_from_window(np.array([[-1, 2, 3], [2, -3, 2], [1, 5, -2]]))
    np.testing.assert_array_equal(
        mask, [[False, False, False], [False, False, False], [False, True, False]], strict=True
    )


def test_distribute_value() -> None:
    np.testing.assert_array_equal(distribute_value(2, (2, 2)), [[0.5, 0.5], [0.5, 0.5]])


def test_pool_backward() -> None:
    random = RandomState(1)
    A_prev = random.randn(5, 5, 3, 2)
    _, cache = pool_forward(A_prev, {"stride": 1, "f": 2})
    dA = random.randn(5, 4, 2, 2)
    np.testing.assert_allclose(
        pool_backward(dA, cache, mode="max")[1, 1], [[0, 0], [5.05844394, -1.68282702], [0, 0]], **PRINTED
    )
    np.testing.assert_allclose(
        pool_backward(dA, cache, mode="average")[1, 1],
        [[0.08485462, 0.2787552], [1.26461098, -0.25749373], [1.17975636, -0.53624893]],
        **PRINTED,
    )


IMAGE_7X7 = np.array(
    [
        [2, 3, 7, 4, 6, 2, 9],
        [6, 6, 9, 8, 7, 4, 3],
        [3, 4, 8, 3, 8, 9, 7],
        [7, 8, 3, 6, 6, 3, 4],
        [4, 2, 1, 8, 3, 4, 6],
        [3, 2, 4, 1, 9, 8, 3],
        [0, 1, 3, 9, 2, 1, 4],
    ]
)
FILTER_3X3 = np.array([[3, 4, 4], [1, 0, 2], [-1, 0, 3]])
OUTPUT_3X3 = np.array([[91, 100, 88], [69, 91, 117], [44, 72, 74]])


def test_worked_example_with_stride_2() -> None:
    Z, _ = conv_forward(
        IMAGE_7X7[np.newaxis, :, :, np.newaxis],
        FILTER_3X3[:, :, np.newaxis, np.newaxis],
        np.zeros((1, 1, 1, 1)),
        {"stride": 2, "pad": 0},
    )
    np.testing.assert_array_equal(Z[0, :, :, 0], OUTPUT_3X3)
    assert conv_output_size(7, f=3, stride=2, pad=0) == 3


def test_last_entry_of_the_worked_example_is_one_step() -> None:
    assert conv_single_step(IMAGE_7X7[4:7, 4:7], FILTER_3X3, 0) == 74


def test_vertical_line_detector() -> None:
    image = np.zeros((1, 8, 8, 1))
    image[:, :, 3:5] = 1
    W = np.zeros((3, 3, 1, 1))
    W[:, 1] = 1
    b = np.zeros((1, 1, 1, 1))
    assert W.size + b.size == 10

    Z, _ = conv_forward(image, W, b, {"stride": 1, "pad": 0})
    feature_map = np.maximum(Z, 0)
    np.testing.assert_array_equal(feature_map[0, :, :, 0], np.tile([0, 0, 3, 3, 0, 0], (6, 1)))

    for mode in ("max", "average"):
        pooled, _ = pool_forward(feature_map, {"f": 2, "stride": 2}, mode=mode)
        np.testing.assert_array_equal(pooled[0, :, :, 0], np.tile([0, 3, 0], (3, 1)))


# Layers are ("conv", f, stride, pad) and ("pool", f, stride); sizes are those of the square feature maps.
NETWORKS = {
    "A": (32, [("conv", 3, 1, 0), ("pool", 2, 2)] * 2 + [("conv", 3, 1, 0)], [30, 15, 13, 6, 4]),
    "B": (28, [("conv", 3, 1, 1), ("pool", 2, 2)] * 2, [28, 14, 14, 7]),
    "C": (28, [("conv", 3, 1, 0)] * 2, [26, 24]),
    "D": (28, [("conv", 5, 1, 0)] * 2, [24, 20]),
    "E": (28, [("conv", 3, 1, 1)] * 3, [28, 28, 28]),
    "the PyTorch example": (32, [("conv", 3, 1, 1), ("conv", 3, 2, 1), ("pool", 4, 4)], [32, 16, 4]),
}


@pytest.mark.parametrize("network", NETWORKS)
def test_sizes_in_the_networks_to_read(network: str) -> None:
    size, layers, expected = NETWORKS[network]
    sizes = []
    for kind, *numbers in layers:
        size = conv_output_size(size, *numbers) if kind == "conv" else pool_output_size(size, *numbers)
        sizes.append(size)
    assert sizes == expected


@pytest.mark.parametrize("f", [1, 3, 5, 7])
def test_same_padding_with_stride_1_and_odd_f(f: int) -> None:
    assert conv_output_size(28, f, stride=1, pad=(f - 1) // 2) == 28


@pytest.mark.parametrize(("n", "f", "stride"), [(8, 3, 2), (6, 2, 1)])
def test_same_padding_is_asymmetric_when_its_total_is_odd(n: int, f: int, stride: int) -> None:
    n_out = -(-n // stride)
    total = max((n_out - 1) * stride + f - n, 0)
    assert total == 1
    assert conv_output_size(n + total, f, stride, pad=0) == n_out


def test_pooling_halves_the_size_only_with_window_2_stride_2_and_even_size() -> None:
    assert pool_output_size(28, f=2, stride=2) == 14
    assert pool_output_size(7, f=2, stride=2) == 3
    assert pool_output_size(28, f=3, stride=2) == 13
    assert pool_output_size(28, f=2, stride=1) == 27
