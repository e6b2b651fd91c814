"""The network of lesson 09 once more in PyTorch, trained on the same batches from the same beginning."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convlab.digits import Digits
from convlab.run import graded_run

INSTALL = 'PyTorch is not installed here: pip install "torch" installs it. The rest of the lesson works without it.'


def compare(
    beginning: Mapping[str, Any],
    batches: Sequence[NDArray[np.int64]],
    learning_rates: Sequence[float],
    momentum: float,
    train: Digits,
    test: Digits,
    yours: tuple[float, float],
) -> None:
    """Train in PyTorch and print its time and test accuracy beside ``yours``, the seconds and the accuracy of NumPy.

    ``batches`` are the images of each step by their numbers, ``learning_rates`` has one rate for each step.  In a
    graded run nothing happens; without PyTorch it says how to install it.
    """
    if graded_run() or not batches:
        return
    if find_spec("torch") is None:
        print(INSTALL)
        return
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # as many as NumPy has use for here, and enough for batches as small as these
    model = model_of(beginning)
    images, labels = torch.tensor(train.images.transpose(0, 3, 1, 2)), torch.tensor(train.labels)
    model(images[:1])  # what happens at the first call only is no part of training
    began = time.perf_counter()
    optimizer = torch.optim.SGD(model.parameters(), lr=learning_rates[0], momentum=momentum)
    for chosen, rate in zip(batches, learning_rates, strict=True):
        optimizer.param_groups[0]["lr"] = rate
        cost = torch.nn.functional.cross_entropy(model(images[chosen]), labels[chosen])
        optimizer.zero_grad()
        cost.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    seconds = time.perf_counter() - began
    torch.set_num_threads(threads)
    with torch.no_grad():
        said = model(torch.tensor(test.images.transpose(0, 3, 1, 2))).argmax(dim=1).numpy()
    accuracy = float(np.mean(said == test.labels))
    print(f"{len(batches)} steps with batches of {len(batches[0])}, the same in both:\n")
    print(f"{'':12}{'seconds':>10}{'test accuracy':>16}")
    print(f"{'yours':12}{yours[0]:>10.1f}{yours[1]:>16.1%}")
    print(f"{'PyTorch':12}{seconds:>10.1f}{accuracy:>16.1%}")
    print(f"\nBoth with float64 numbers; PyTorch is {torch.__version__}, with one thread.")


def model_of(parameters: Mapping[str, Any]) -> Any:
    """Return the network as a PyTorch module with these parameters.

    PyTorch has channels second, so the rows of W2 are put into the order in which it lays an image flat.
    """
    from torch import nn, tensor

    W1, b1, W2, b2 = (np.asarray(parameters[name], dtype=np.float64) for name in ("W1", "b1", "W2", "b2"))
    f, _, n_C_prev, n_C = W1.shape
    side = round((len(W2) // n_C) ** 0.5)
    model = nn.Sequential(
        nn.Conv2d(n_C_prev, n_C, f), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(len(W2), W2.shape[1])
    ).double()
    channels_first = W2.reshape(side, side, n_C, -1).transpose(2, 0, 1, 3).reshape(len(W2), -1)
    convolution, dense = model[0], model[4]
    for place, values in (
        (convolution.weight, W1.transpose(3, 2, 0, 1)),
        (convolution.bias, b1.reshape(-1)),
        (dense.weight, channels_first.T),
        (dense.bias, b2.reshape(-1)),
    ):
        place.data = tensor(values.copy())
    return model
