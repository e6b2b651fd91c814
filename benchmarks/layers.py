"""How fast the trusted layers are, on one thread and in float32: against PyTorch, and against the lessons' loops.

    python benchmarks/layers.py

Each layer goes forward and backward on shapes of LeNet and VGG.  Ours and PyTorch's take turns, and a figure is the
median of the processor's milliseconds, which other programs hardly lengthen, with the quartiles beside it.  PyTorch
has its tensors ready, in its usual layout (NCHW).  The loops run on one image, times the size of the batch.  It prints
a table and writes artefacts/layers.json; with the loops on VGG's shapes it takes about three minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import torch
import torch.nn.functional as F
from rich.console import Console
from rich.progress import track
from rich.table import Table

from autograder import solution

ROOT = Path(__file__).resolve().parent.parent
#: What NumPy's and PyTorch's libraries read when they are loaded.
ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
#: Name, shape of A_prev, f, n_C, stride and pad.  The batches are small: the loops would take hours.
CONVOLUTIONS = [
    ("LeNet conv 1", (64, 28, 28, 1), 5, 6, 1, 2),
    ("LeNet conv 2", (64, 14, 14, 6), 5, 16, 1, 0),
    ("VGG conv 1_1", (4, 112, 112, 3), 3, 64, 1, 1),
    ("VGG conv 2_1", (4, 56, 56, 64), 3, 128, 1, 1),
    ("VGG conv 3_1", (4, 28, 28, 128), 3, 256, 1, 1),
    ("VGG conv 4_1", (4, 14, 14, 256), 3, 512, 1, 1),
]
#: Name, shape of A_prev, f and stride.
POOLINGS = [
    ("LeNet pool 1", (64, 28, 28, 6), 2, 2),
    ("LeNet pool 2", (64, 10, 10, 16), 2, 2),
    ("VGG pool 1", (4, 112, 112, 64), 2, 2),
    ("VGG pool 3", (4, 28, 28, 256), 2, 2),
]


@dataclass(frozen=True)
class Pass:
    """One way through one layer, as three programs go it; the loops take one image of the batch."""

    name: str
    images: int
    ours: Callable[[], Any]
    pytorch: Callable[[], torch.Tensor]
    loops: Callable[[], Any]


def lesson_functions() -> dict[str, Any]:
    """The functions that the lessons' solutions define: plain loops."""
    functions: dict[str, Any] = {"np": np}
    for path in sorted((ROOT / "source").glob("0[1-6]-*/*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("solution"):
                exec(cell.source, functions)
    return functions


def tensor(array: np.ndarray, *axes: int) -> torch.Tensor:
    """The array in PyTorch's usual order of axes, recording gradients."""
    return torch.tensor(np.ascontiguousarray(array.transpose(*axes)), requires_grad=True)


def convolution(name: str, shape: Any, f: int, n_C: int, stride: int, pad: int) -> Iterator[Pass]:
    """A convolution layer, forward and backward."""
    rng, loops = np.random.default_rng(1), lesson_functions()
    sizes = (shape, (f, f, shape[3], n_C), (1, 1, 1, n_C))
    A_prev, W, b = (rng.normal(size=size).astype(np.float32) for size in sizes)
    hparameters = {"stride": stride, "pad": pad}
    Z, cache = solution.conv_forward(A_prev, W, b, hparameters)
    dZ = rng.normal(size=Z.shape).astype(np.float32)
    inputs = tensor(A_prev, 0, 3, 1, 2), tensor(W, 3, 2, 0, 1), tensor(b.ravel(), 0)
    output, d_output = F.conv2d(*inputs, stride=stride, padding=pad), tensor(dZ, 0, 3, 1, 2).detach()
    one = (A_prev[:1], W, b, hparameters)
    yield Pass(
        f"{name}, forward",
        len(A_prev),
        lambda: solution.conv_forward(A_prev, W, b, hparameters),
        lambda: F.conv2d(*inputs, stride=stride, padding=pad),
        lambda: loops["conv_forward"](*one),
    )
    yield Pass(
        f"{name}, backward",
        len(A_prev),
        lambda: solution.conv_backward(dZ, cache),
        lambda: torch.autograd.grad(output, inputs, d_output, retain_graph=True)[0],
        lambda: loops["conv_backward"](dZ[:1], one),
    )


def pooling(name: str, shape: Any, f: int, stride: int, mode: Any) -> Iterator[Pass]:
    """A pooling layer, forward and backward."""
    rng, loops = np.random.default_rng(1), lesson_functions()
    A_prev, hparameters = rng.normal(size=shape).astype(np.float32), {"f": f, "stride": stride}
    A, cache = solution.pool_forward(A_prev, hparameters, mode)
    dA = rng.normal(size=A.shape).astype(np.float32)
    pool = F.max_pool2d if mode == "max" else F.avg_pool2d
    images, d_output = tensor(A_prev, 0, 3, 1, 2), tensor(dA, 0, 3, 1, 2).detach()
    output = pool(images, f, stride)
    one = (A_prev[:1], hparameters)
    yield Pass(
        f"{name}, {mode}, forward",
        len(A_prev),
        lambda: solution.pool_forward(A_prev, hparameters, mode),
        lambda: pool(images, f, stride),
        lambda: loops["pool_forward"](*one, mode),
    )
    yield Pass(
        f"{name}, {mode}, backward",
        len(A_prev),
        lambda: solution.pool_backward(dA, cache, mode),
        lambda: torch.autograd.grad(output, images, d_output, retain_graph=True)[0],
        lambda: loops["pool_backward"](dA[:1], one, mode),
    )


def passes() -> Iterator[Pass]:
    for layer in CONVOLUTIONS:
        yield from convolution(*layer)
    for layer in POOLINGS:
        for mode in ("max", "average"):
            yield from pooling(*layer, mode)


def seconds(function: Callable[[], Any]) -> float:
    """What a call takes of the processor, all threads together."""
    began = time.process_time()
    function()
    return time.process_time() - began


def spread(values: list[float]) -> dict[str, float]:
    """Median and quartiles, in milliseconds or as a ratio."""
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return {"median": round(median, 4), "low": round(low, 4), "high": round(high, 4)}


def temporary_bytes(function: Callable[[], Any]) -> int:
    """The most memory that a call holds besides what it returns."""
    tracemalloc.start()
    result = function()
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    del result
    return peak - held


def measure(one: Pass, runs: int, loop_runs: int) -> dict[str, Any]:
    """The figures of one pass; it ends the program when ours and PyTorch differ."""
    result = one.ours()
    ours = result[0] if isinstance(result, tuple) else result
    np.testing.assert_allclose(ours.transpose(0, 3, 1, 2), one.pytorch().detach().numpy(), rtol=1e-3, atol=1e-3)
    turns = [(seconds(one.ours) * 1e3, seconds(one.pytorch) * 1e3) for _ in range(runs + 1)][1:]  # the first warms up
    mine, theirs = spread([turn[0] for turn in turns]), spread([turn[1] for turn in turns])
    loops = spread([seconds(one.loops) * 1e3 * one.images for _ in range(loop_runs)])
    return {
        "ours": mine,
        "pytorch": theirs,
        "times_pytorch": spread([a / b for a, b in turns]),
        "loops": loops,
        "faster_than_loops": round(loops["median"] / mine["median"]),
        "temporary_bytes": temporary_bytes(one.ours),
    }


def shown(figure: dict[str, float]) -> str:
    digits = 1 if figure["median"] >= 10 else 2
    return f"{figure['median']:.{digits}f} ({figure['low']:.{digits}f}–{figure['high']:.{digits}f})"


def table(figures: dict[str, dict[str, Any]]) -> Table:
    """The figures as a table."""
    made = Table(title="Layers on one thread, float32: milliseconds a batch, median (quartiles)", title_justify="left")
    made.add_column("layer", no_wrap=True)
    for heading in ("ours", "PyTorch", "times PyTorch", "loops", "× faster", "temporary MB"):
        made.add_column(heading, justify="right", no_wrap=True)
    for name, one in figures.items():
        made.add_row(
            name,
            shown(one["ours"]),
            shown(one["pytorch"]),
            shown(one["times_pytorch"]),
            f"{one['loops']['median']:,.0f}",
            f"{one['faster_than_loops']:,}",
            f"{one['temporary_bytes'] / 2**20:.1f}",
        )
    return made


def main() -> None:
    """Measure, print a table, and write the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=25, help="runs of ours and of PyTorch's")
    parser.add_argument("--loop-runs", type=int, default=3, help="runs of the loops, two at least")
    parser.add_argument("--only", default="", help="the layers whose names begin so")
    parser.add_argument("--json", type=Path, default=ROOT / "artefacts" / "layers.json")
    options = parser.parse_args()
    if any(os.environ.get(name) != value for name, value in ONE_THREAD.items()):
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, **ONE_THREAD})
    torch.set_num_threads(1)
    wanted = [one for one in passes() if one.name.startswith(options.only)]
    console = Console(width=max(Console().width, 130))
    figures = {
        one.name: measure(one, options.runs, options.loop_runs)
        for one in track(wanted, console=console, transient=True)
    }
    console.print(table(figures))
    options.json.parent.mkdir(exist_ok=True)
    options.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
