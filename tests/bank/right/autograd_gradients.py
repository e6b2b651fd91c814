"""Right implementations of ``autograd_gradients``, unusual on purpose."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional as F

from autograder.solution import from_torch, to_torch


def of_a_scalar(dZ, cache):
    """The cost is the sum of Z times dZ, so that no gradient needs to be handed over."""
    A_prev, W, b, hparameters = cache
    A, filters, biases = (torch.tensor(one, dtype=torch.float64).requires_grad_() for one in to_torch(A_prev, W, b))
    Z = F.conv2d(A, filters, biases, stride=hparameters["stride"], padding=hparameters["pad"])
    (Z.permute(0, 2, 3, 1) * torch.tensor(dZ)).sum().backward()
    return from_torch(A.grad.numpy(), filters.grad.numpy(), biases.grad.numpy())


def leaves_in_our_layout(dZ, cache):
    """The tensors keep the layout of the course, and so do their gradients: PyTorch differentiates `permute` too."""
    A_prev, W, b, hparameters = cache
    leaves = [torch.tensor(one, dtype=torch.float64, requires_grad=True) for one in (A_prev, W, b)]
    A, filters, biases = leaves
    Z = F.conv2d(
        A.permute(0, 3, 1, 2), filters.permute(3, 2, 0, 1), biases.flatten(), hparameters["stride"], hparameters["pad"]
    )
    return [one.numpy() for one in torch.autograd.grad(Z, leaves, torch.tensor(dZ).permute(0, 3, 1, 2))]


def by_a_layer(dZ, cache):
    """In float32, with a layer, image by image: gradients add up by themselves."""
    A_prev, W, b, hparameters = cache
    layer = torch.nn.Conv2d(*W.shape[2:], W.shape[:2], hparameters["stride"], hparameters["pad"])
    layer.weight.data, layer.bias.data = (torch.tensor(one, dtype=torch.float32) for one in to_torch(A_prev, W, b)[1:])
    inputs = []
    for image, gradient in zip(A_prev, dZ, strict=True):
        x = torch.tensor(image[None].transpose(0, 3, 1, 2), dtype=torch.float32, requires_grad=True)
        layer(x).backward(torch.tensor(gradient[None].transpose(0, 3, 1, 2), dtype=torch.float32))
        inputs.append(x.grad.numpy()[0])
    return from_torch(np.array(inputs), layer.weight.grad.numpy(), layer.bias.grad.numpy())


def by_functional_transform(dZ, cache):
    """`torch.func.vjp`, with dicts of nothing left behind."""
    A_prev, W, b, hparameters = cache

    def layer(A, filters, biases):
        return F.conv2d(A, filters, biases, stride=hparameters["stride"], padding=hparameters["pad"])

    _, pull = torch.func.vjp(layer, *(torch.tensor(one, dtype=torch.float64) for one in to_torch(A_prev, W, b)))
    return from_torch(*(one.numpy() for one in pull(torch.tensor(dZ.transpose(0, 3, 1, 2).copy()))))


RIGHT = {
    function.__name__: function for function in (of_a_scalar, leaves_in_our_layout, by_a_layer, by_functional_transform)
}
