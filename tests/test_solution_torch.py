"""The trusted functions and their gradients equal PyTorch's, in float64."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F

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

# The absolute part is for sums that cancel: entries are of order 1 and above.
CLOSE = {"rtol": 1e-10, "atol": 1e-12, "strict": True}

# Heights and widths that differ, and for every stride above 1 some (n - f + 2*pad) that it does not divide.
SIZES = [(7, 10), (8, 5), (3, 4)]
CONVOLUTIONS = [
    *itertools.product(SIZES, (1, 2, 3), (1, 2, 3), (0, 1, 2)),
    ((17, 13), 5, 4, 3),
    ((2, 3), 6, 1, 2),
    ((9, 11), 2, 5, 0),
]
POOLINGS = [*itertools.product(SIZES, (1, 2, 3), (1, 2, 3)), ((13, 17), 5, 2), ((9, 11), 2, 5)]


def to_torch(images: np.ndarray) -> torch.Tensor:
    """Return the channels-last batch as a float64 NCHW leaf that records gradients."""
    return torch.tensor(np.ascontiguousarray(images.transpose(0, 3, 1, 2)), dtype=torch.float64, requires_grad=True)


def to_numpy(images: torch.Tensor) -> np.ndarray:
    """Return the NCHW tensor as a channels-last array."""
    return np.ascontiguousarray(images.detach().numpy().transpose(0, 2, 3, 1))


def gradient(output: torch.Tensor, d_output: np.ndarray, *inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Return autograd's gradients of ``sum(output * d_output)`` with respect to the inputs."""
    return torch.autograd.grad(output, inputs, torch.tensor(d_output.transpose(0, 3, 1, 2).copy()))


@pytest.mark.parametrize(("size", "f", "stride", "pad"), CONVOLUTIONS)
def test_convolution_and_its_gradients(size: tuple[int, int], f: int, stride: int, pad: int) -> None:
    rng = np.random.default_rng([*size, f, stride, pad])
    A_prev, W = rng.normal(size=(3, *size, 2)), rng.normal(size=(f, f, 2, 4))
    b = rng.normal(size=(1, 1, 1, 4))
    Z, cache = conv_forward(A_prev, W, b, {"stride": stride, "pad": pad})
    dZ = rng.normal(size=Z.shape)
    dA_prev, dW, db = conv_backward(dZ, cache)

    A_torch = to_torch(A_prev)
    W_torch = torch.tensor(W.transpose(3, 2, 0, 1).copy(), requires_grad=True)
    b_torch = torch.tensor(b.ravel(), requires_grad=True)
    Z_torch = F.conv2d(A_torch, W_torch, b_torch, stride=stride, padding=pad)
    dA_torch, dW_torch, db_torch = gradient(Z_torch, dZ, A_torch, W_torch, b_torch)

    np.testing.assert_allclose(Z, to_numpy(Z_torch), **CLOSE)
    np.testing.assert_allclose(dA_prev, to_numpy(dA_torch), **CLOSE)
    np.testing.assert_allclose(dW, dW_torch.numpy().transpose(2, 3, 1, 0), **CLOSE)
    np.testing.assert_allclose(db, db_torch.numpy().reshape(1, 1, 1, 4), **CLOSE)


def torch_pool(A_prev: torch.Tensor, f: int, stride: int, mode: str) -> torch.Tensor:
    pool = F.max_pool2d if mode == "max" else F.avg_pool2d
    return pool(A_prev, kernel_size=f, stride=stride)


@pytest.mark.parametrize("shift", [0.0, -50.0], ids=["mixed signs", "negatives only"])
@pytest.mark.parametrize("mode", ["max", "average"])
@pytest.mark.parametrize(("size", "f", "stride"), POOLINGS)
def test_pooling_and_its_gradient(size: tuple[int, int], f: int, stride: int, mode: Any, shift: float) -> None:
    rng = np.random.default_rng([*size, f, stride])
    A_prev = rng.normal(size=(3, *size, 4)) + shift
    A, cache = pool_forward(A_prev, {"stride": stride, "f": f}, mode=mode)
    dA = rng.normal(size=A.shape)

    A_torch = to_torch(A_prev)
    pooled = torch_pool(A_torch, f, stride, mode)
    (dA_prev_torch,) = gradient(pooled, dA, A_torch)

    if shift:
        assert A.max() < 0
    np.testing.assert_allclose(A, to_numpy(pooled), **CLOSE)
    for ties in ("all", "first", "shared"):  # there are none, so all conventions agree
        dA_prev = pool_backward(dA, cache, mode=mode, ties=ties)
        np.testing.assert_allclose(dA_prev, to_numpy(dA_prev_torch), **CLOSE)


def torch_windows(A_prev: torch.Tensor, f: int, stride: int) -> torch.Tensor:
    """Return all windows of the NCHW tensor, (m, n_C, n_H, n_W, f, f)."""
    return A_prev.unfold(2, f, stride).unfold(3, f, stride)


def torch_max_pool_with_ties(A_prev: torch.Tensor, f: int, stride: int, ties: str) -> torch.Tensor:
    """Return the max pool whose autograd gradient follows the given convention for ties."""
    if ties == "first":
        return F.max_pool2d(A_prev, f, stride)
    windows = torch_windows(A_prev, f, stride)
    if ties == "shared":
        return windows.amax(dim=(-2, -1))
    is_maximum = windows.detach() == windows.detach().amax(dim=(-2, -1), keepdim=True)
    return (windows * is_maximum).sum(dim=(-2, -1))  # as a value it is k times the maximum; its gradient is meant


@pytest.mark.parametrize("ties", ["all", "first", "shared"])
@pytest.mark.parametrize(("size", "f", "stride"), POOLINGS)
def test_max_pool_gradient_where_there_are_ties(size: tuple[int, int], f: int, stride: int, ties: Any) -> None:
    rng = np.random.default_rng([*size, f, stride])
    A_prev = rng.integers(-3, 0, size=(3, *size, 4)).astype(np.float64)
    A, cache = pool_forward(A_prev, {"stride": stride, "f": f})
    dA = rng.normal(size=A.shape)

    A_torch = to_torch(A_prev)
    (dA_prev_torch,) = gradient(torch_max_pool_with_ties(A_torch, f, stride, ties), dA, A_torch)
    np.testing.assert_allclose(pool_backward(dA, cache, ties=ties), to_numpy(dA_prev_torch), **CLOSE)

    if f > 1:  # the comparison means something only if some window has two maxima
        assert not np.allclose(pool_backward(dA, cache, ties="all"), pool_backward(dA, cache, ties="first"))


@pytest.mark.parametrize("shape", [(2, 2), (3, 3), (2, 3, 4), (6,)])
def test_mask_shares_the_gradient_of_amax(shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(7).integers(0, 2, size=shape).astype(np.float64)
    x_torch = torch.tensor(x, requires_grad=True)
    (shared,) = torch.autograd.grad(x_torch.amax(), x_torch)
    np.testing.assert_allclose(create_mask_from_window(x, ties="shared"), shared.numpy(), **CLOSE)
    np.testing.assert_array_equal(create_mask_from_window(x), shared.numpy() > 0, strict=True)


def test_distribute_value_is_the_gradient_of_the_mean() -> None:
    x = torch.zeros((3, 5), dtype=torch.float64, requires_grad=True)
    (gradient_of_mean,) = torch.autograd.grad(x.mean(), x, torch.tensor(7.0, dtype=torch.float64))
    np.testing.assert_allclose(distribute_value(7.0, (3, 5)), gradient_of_mean.numpy(), **CLOSE)


@pytest.mark.parametrize("pad", [0, 1, 2, 5])
def test_zero_pad(pad: int) -> None:
    X = np.random.default_rng(3).normal(size=(2, 3, 4, 5))
    padded = torch.nn.ZeroPad2d(pad)(to_torch(X))
    np.testing.assert_array_equal(zero_pad(X, pad), to_numpy(padded), strict=True)


def test_conv_single_step() -> None:
    rng = np.random.default_rng(4)
    a_slice_prev, W, b = rng.normal(size=(3, 3, 5)), rng.normal(size=(3, 3, 5)), rng.normal(size=(1, 1, 1))
    image, filters = torch.tensor(a_slice_prev.T[None]), torch.tensor(W.T[None])
    expected = F.conv2d(image, filters, torch.tensor(b.ravel())).item()
    assert conv_single_step(a_slice_prev, W, b) == pytest.approx(expected, rel=1e-10)


def test_conv_output_size_and_where_there_is_none() -> None:
    for n, f, stride, pad in itertools.product(range(1, 9), range(1, 8), range(1, 5), range(4)):
        image, filters = torch.zeros(1, 1, n, n), torch.zeros(1, 1, f, f)
        if f > n + 2 * pad:
            with pytest.raises(RuntimeError, match="[Kk]ernel size"):
                F.conv2d(image, filters, stride=stride, padding=pad)
            with pytest.raises(ValueError, match="^The filter does not fit"):
                conv_output_size(n, f, stride, pad)
        else:
            expected = F.conv2d(image, filters, stride=stride, padding=pad).shape[2]
            assert conv_output_size(n, f, stride, pad) == expected


def test_pool_output_size_and_where_there_is_none() -> None:
    for n, f, stride in itertools.product(range(1, 10), range(1, 9), range(1, 6)):
        image = torch.zeros(1, 1, n, n)
        if f > n:
            with pytest.raises(RuntimeError, match="[Oo]utput size is too small"):
                F.max_pool2d(image, f, stride)
            with pytest.raises(ValueError, match="^The pooling window does not fit"):
                pool_output_size(n, f, stride)
        else:
            assert pool_output_size(n, f, stride) == F.max_pool2d(image, f, stride).shape[2]


@pytest.mark.parametrize(("size", "f", "stride", "pad"), [((7, 10), 3, 2, 1), ((8, 5), 2, 1, 0)])
def test_float32_layers_are_float32_and_near_the_float64_truth(
    size: tuple[int, int], f: int, stride: int, pad: int
) -> None:
    rng = np.random.default_rng(5)
    A_prev = rng.normal(size=(3, *size, 2)).astype(np.float32)
    W = rng.normal(size=(f, f, 2, 4)).astype(np.float32)
    b = rng.normal(size=(1, 1, 1, 4)).astype(np.float32)
    Z, cache = conv_forward(A_prev, W, b, {"stride": stride, "pad": pad})
    gradients = conv_backward(Z, cache)
    assert [array.dtype for array in (Z, *gradients)] == [np.float32] * 4

    A_torch = to_torch(A_prev)
    W_torch = torch.tensor(W.transpose(3, 2, 0, 1).astype(np.float64), requires_grad=True)
    Z_torch = F.conv2d(A_torch, W_torch, torch.tensor(b.ravel(), dtype=torch.float64), stride, pad)
    dA_torch, dW_torch = gradient(Z_torch, Z.astype(np.float64), A_torch, W_torch)
    np.testing.assert_allclose(Z, to_numpy(Z_torch), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(gradients[0], to_numpy(dA_torch), rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(gradients[1], dW_torch.numpy().transpose(2, 3, 1, 0), rtol=1e-5, atol=1e-4)
