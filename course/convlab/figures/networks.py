"""Pictures of lesson 07: networks as tables and volumes, and where their parameters are."""

from __future__ import annotations

import copy
import html
from collections.abc import Callable
from typing import Any

from convlab.explore.network import rows_of
from convlab.explore.volumes import Volume, drawing
from convlab.figures.student import student_picture
from convlab.networks import NETWORKS, Layer, Shape, described, max_pool
from convlab.run import notebook


@student_picture
def show_network(layer_table: Callable[..., Any], letter: str) -> None:
    """Show network A, B, C, D or E: the table of its layers, and the volumes drawn to scale."""
    _show(f"Network {letter}", *_read(layer_table, *NETWORKS[letter]))


@student_picture
def show_stack(layer_table: Callable[..., Any], input_shape: Shape, layers: list[Layer]) -> None:
    """Show a network of one's own in the same way."""
    _show("This network", *_read(layer_table, input_shape, layers))


def _show(name: str, volumes: list[Volume], total: int) -> None:
    sentence = f"{name} as your layer_table reads it: {total:,} parameters, and its volumes drawn to scale."
    cells = [[one.layer, str(one.shape), f"{one.parameters:,}" if place else ""] for place, one in enumerate(volumes)]
    cells.append(["total", "", f"{total:,}"])
    widths = [max(len(row[i]) for row in cells) for i in range(3)]
    text = "\n".join(f"{a:<{widths[0]}}   {b:<{widths[1]}}   {c:>{widths[2]}}" for a, b, c in cells)
    if notebook() is None:
        print(text)
        return
    from IPython.display import display

    page = f"<pre>{html.escape(text)}</pre><div>{drawing(volumes)}</div><p>{html.escape(sentence)}</p>"
    display({"text/plain": f"{text}\n{sentence}", "text/html": page}, raw=True)


@student_picture
def show_savings(layer_table: Callable[..., Any]) -> None:
    """Show the parameters of network E layer by layer, and those of the same network with pooling."""
    from matplotlib.figure import Figure

    from convlab.figures.grid import show

    shape, layers = NETWORKS["E"]
    pooled = [one for layer in layers for one in ([layer, max_pool(2)] if layer["type"] == "conv" else [layer])]
    figure = Figure(figsize=(9, 3.4), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    counted = []
    for ax, title, chosen in zip(axes, ("network E", "with pooling"), (layers, pooled), strict=True):
        volumes, _ = _read(layer_table, shape, chosen)
        learned = [one for one in volumes[1:] if not one.layer.startswith(("max pool", "flatten"))]
        names = [f"{one.layer.split(',')[0]}" for one in learned]
        bars = ax.barh(names, [max(one.parameters, 1) for one in learned], color="#44546f")
        ax.bar_label(bars, [f"{one.parameters:,}" for one in learned], padding=4, fontsize=9)
        ax.set(xscale="log", xlim=(100, 6e8), title=title, xlabel="parameters (each step: ten times as many)")
        ax.invert_yaxis() if ax is axes[0] else None
        ax.spines[["top", "right"]].set_visible(False)
        counted.append(next(one for one in learned if one.layer.startswith("dense 256")).parameters)
    show(
        figure,
        f"The parameters of each layer that learns. The first dense layer has {counted[0]:,} in network E, and "
        f"{counted[1]:,} after three pooling layers; the convolutions have as many in both.",
    )


def _read(layer_table: Callable[..., Any], shape: Shape, layers: list[Layer]) -> tuple[list[Volume], int]:
    """The image and what each layer makes of it, by the student's own table."""
    table, total = rows_of(layer_table(shape, copy.deepcopy(layers)), len(layers))
    return [Volume("image", shape), *(Volume(described(a), *b) for a, b in zip(layers, table, strict=True))], total
