"""Lesson 07: a stack of layers, its volumes and parameters, and what one output sees and uses."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convlab.compare import as_array, kind_of
from convlab.explore.scene import Choice, Explorer, Impossible, Panel, Scene, Slider, Window
from convlab.explore.volumes import Volume
from convlab.networks import Layer, Shape, conv, dense, described, flatten, max_pool

INPUTS: dict[str, Shape] = {f"{n}×{n}×{n_C}": (n, n, n_C) for n, n_C in ((16, 3), (28, 1), (32, 3), (10, 3))}
KINDS = ("conv", "max pool", "average pool", "flatten", "dense 10", "none")
#: What the places of the stack hold to begin with.
BEGINNING = ("conv", "max pool", "conv", "flatten", "dense 10")


@dataclass(frozen=True)
class Field:
    """What the outputs of a layer see of an image: windows of ``size`` pixels, ``step`` apart, from ``start`` on."""

    size: int = 1
    step: int = 1
    start: int = 0

    def behind(self, f: int, stride: int, pad: int) -> Field:
        """What those of a layer see that looks at this one's output through windows of its own."""
        return Field(
            self.size + (f - 1) * self.step,
            self.step * stride,
            self.start - pad * self.step,
        )

    @property
    def window(self) -> Window:
        """The field as an explorer's window."""
        return Window(self.step, self.size, self.start)


def network(layer_table: Callable[..., Any]) -> Explorer:
    """An explorer of stacks of layers, with the student's own ``layer_table``."""

    def draw(**settings: Any) -> Scene:
        shape, layers = INPUTS[settings["input"]], _layers(settings)
        volumes, field = [Volume("image", shape)], Field()
        fields = [field]
        total: Any = 0
        for place, layer in enumerate(layers, 1):
            before = volumes[-1].shape
            if why := _why_impossible(place, layer, before):
                return Scene(message=why, volumes=tuple(volumes), impossible=described(layer))
            table, total = rows_of(layer_table(shape, copy.deepcopy(layers[:place])), place)
            volumes = [
                volumes[0],
                *(Volume(described(one), *row) for one, row in zip(layers, table, strict=False)),
            ]
            if len(volumes[-1].shape) == 3:
                field = field.behind(layer["f"], layer["stride"], _pad(layer, before[0], volumes[-1].shape[0]))
            fields.append(field)
        at = min(settings["look at"], len(layers))
        look = _looked_at(layers[at - 1], volumes[at - 1], volumes[at], shape, fields[at])
        return Scene(
            rows=(look.panels,),
            stepped="output",
            formula=look.formula,
            sentence=f"{_listed(layers)}: {_count(total, 'parameter')}, {_most(volumes)} "
            f"Layer {at}: {volumes[at - 1].size} → {volumes[at].size}. {look.sentence}",
            step=look.step,
            start=(0, 0),
            volumes=tuple(volumes),
            chosen=at,
            total=int(total),
        )

    places = (
        Choice(f"layer {i}", KINDS[KINDS.index(kind) :] + KINDS[: KINDS.index(kind)])
        for i, kind in enumerate(BEGINNING, 1)
    )
    controls: tuple[Slider | Choice, ...] = (
        Choice("input", tuple(INPUTS)),
        *places,
        Slider("filters", 1, 32, 16),
        Slider("f", 1, 5, 3),
        Slider("stride", 1, 3, 1),
        Choice("padding", ("valid", "same")),
        Slider("pool f", 2, 4, 2),
        Slider("pool stride", 1, 3, 2),
        Slider("look at", 1, 5, 3),
    )
    return Explorer(draw, (layer_table,), controls, 290, "A network, layer by layer", stack=350)


def _layers(settings: dict[str, Any]) -> list[Layer]:
    pool = max_pool(settings["pool f"], settings["pool stride"], settings["padding"])
    kinds: dict[str, Layer] = {
        "conv": conv(settings["filters"], settings["f"], settings["stride"], settings["padding"]),
        "max pool": pool,
        "average pool": {**pool, "type": "average_pool"},
        "flatten": flatten(),
        "dense 10": dense(10),
    }
    chosen = [settings[f"layer {i}"] for i in range(1, len(BEGINNING) + 1)]
    layers = [kinds[kind] for kind in chosen if kind != "none"]
    if not layers:
        raise Impossible("There is no layer in this stack: choose one.")
    return layers


def _why_impossible(place: int, layer: Layer, before: Shape) -> str:
    """Why a layer cannot take what the one before hands on, and what to do; empty where it can."""
    kind, vector = layer["type"].replace("_", " "), len(before) == 1
    if kind == "dense" and not vector:
        return (
            f"Layer {place} is dense and takes a vector, and is given a volume of {'×'.join(map(str, before))}.\n"
            "Put a flatten before it."
        )
    if kind != "dense" and vector:
        return (
            f"Layer {place} is {kind} and takes a volume, and is given a vector of {before[0]}.\n"
            "After a flatten there are dense layers only: put this one before it, or take it out."
        )
    if layer.get("padding") == "valid" and layer["f"] > min(before[:2]):
        return (
            f"The window of layer {place} ({kind}) does not fit: f = {layer['f']}, and it is given only "
            f"{before[0]}×{before[1]} pixels.\nUse an f of at most {min(before[:2])}, padding same, or fewer layers "
            "before it."
        )
    return ""


def rows_of(answer: Any, count: int) -> tuple[list[tuple[Shape, int]], int]:
    """What a student's ``layer_table`` returned, as rows of whole numbers, and the total.

    Raises TypeError when it is not that.
    """
    if not (isinstance(answer, tuple | list) and len(answer) == 2 and isinstance(answer[0], tuple | list)):
        raise TypeError(f"it is {kind_of(answer)}, not (table, total)")
    table, total = answer
    if len(table) != count or not all(isinstance(row, tuple | list) and len(row) == 2 for row in table):
        raise TypeError(f"the table is {kind_of(table)}, not {count} tuples (output_shape, parameters)")
    rows = []
    for shape, parameters in table:
        sizes, number = as_array(shape), as_array(parameters)
        if sizes is None or sizes.ndim > 1 or sizes.size not in (1, 3) or (sizes < 1).any():
            raise TypeError(f"an output shape is {shape!r:.60}")
        if number is None or number.size != 1:
            raise TypeError(f"a number of parameters is {kind_of(parameters)}")
        rows.append((tuple(int(n) for n in sizes.reshape(-1)), int(number.reshape(-1)[0])))
    whole = as_array(total)
    if whole is None or whole.size != 1:
        raise TypeError(f"the total is {kind_of(total)}")
    return rows, int(whole.reshape(-1)[0])


def _pad(layer: Layer, n_prev: int, n: int) -> int:
    """How many rows of zeros "same" puts before the first one, for an output of n rows."""
    if layer["padding"] == "valid":
        return 0
    both: int = max((n - 1) * layer["stride"] + layer["f"] - n_prev, 0)
    return both // 2


@dataclass(frozen=True)
class _Looked:
    """What is to be seen and said of the chosen layer."""

    panels: tuple[Panel, ...]
    formula: str
    sentence: str
    step: str


def _looked_at(layer: Layer, before: Volume, after: Volume, image: Shape, field: Field) -> _Looked:
    if len(after.shape) == 1:
        return _vector(layer, before, after, image)
    f, stride = layer["f"], layer["stride"]
    pad = _pad(layer, before.shape[0], after.shape[0])
    own = Field(f, stride, -pad)
    places = after.shape[0], after.shape[1]
    seen = np.outer(*(_inside(field, n, image[0]) for n in places)).astype(float)
    panels = [
        _panel("image", _visits(field, places, image), f"{_pixels(image)}, seen so often", field.window),
        _panel(
            "input",
            _visits(own, places, before.shape),
            f"one of {_count(before.shape[2], 'channel')}",
            own.window,
        ),
        _panel("output", seen, f"one of {_count(after.shape[2], 'channel')}: pixels seen"),
    ]
    formula = _size_formula(layer, before.shape[0], after.shape[0])
    padding = ", at the border also padding" if field.start < 0 else ""
    sees = f"An output sees {field.size}×{field.size} pixels{padding}"
    step = "Output [{row}, {column}] sees {value} pixels: rows {top} to {bottom}, columns {left} to {right}"
    if layer["type"] != "conv":
        return _Looked(
            tuple(panels),
            f"{formula}     parameters: none, yours {after.parameters:,}",
            f"{sees}, and uses no weights: pooling learns nothing.",
            step + ".",
        )
    n_C_prev = before.shape[2]
    used = np.zeros((*places, f, f))
    for row, column in np.ndindex(places):
        lines, stacks = (
            [0 <= at * stride - pad + k < n for k in range(f)]
            for at, n in zip((row, column), before.shape[:2], strict=True)
        )
        used[row, column] = np.outer(lines, stacks) * n_C_prev
    panels.append(_panel("weights used", used, f"{f}·{f}·{n_C_prev} of one filter", before="→"))
    return _Looked(
        tuple(panels),
        f"{formula}     parameters: ({f}·{f}·{n_C_prev} + 1)·{layer['filters']}, yours {after.parameters:,}",
        f"{sees}, and uses one filter: {f}·{f}·{n_C_prev} = {f * f * n_C_prev} weights and a bias.",
        step + "; {sum} of its weights meet no padding.",
    )


def _vector(layer: Layer, before: Volume, after: Volume, image: Shape) -> _Looked:
    """A layer that hands on a vector: every number comes from, or may come from, the whole image."""
    n, units = int(np.prod(before.shape)), after.shape[0]
    whole = Field(max(image[:2]), 1, 0)
    pixels = float(image[0] * image[1])
    panels = [
        _panel("image", np.ones(image[:2]), _pixels(image), whole.window),
        _panel("output", np.array([[pixels]]), f"one of {_count(units, 'number')}"),
    ]
    if layer["type"] == "flatten":
        return _Looked(
            tuple(panels),
            f"n = {'·'.join(map(str, before.shape))}, yours {units}     parameters: none, yours {after.parameters:,}",
            f"It puts the numbers of {before.size} into one row and learns nothing.",
            "One number of the vector is one number of the volume: the chosen cell stands for any of them.",
        )
    panels.append(_panel("weights used", np.array([[[[float(n)]]]]), "one for each number", before="→"))
    return _Looked(
        tuple(panels),
        f"parameters: ({n} + 1)·{units}, yours {after.parameters:,}",
        f"Each of the {units} units uses all {n} numbers that come in: {n} weights and a bias of its own.",
        "The chosen cell stands for any of the units; it uses {sum} weights.",
    )


def _panel(name: str, values: NDArray[np.float64], note: str, window: Window | None = None, before: str = "") -> Panel:
    most = max(float(values.max()), 1.0)
    return Panel(name, values, note, "magnitude", (0.0, most), window=window, before=before)


def _inside(field: Field, places: int, n: int) -> NDArray[np.int64]:
    """How many of n pixels in a row each of so many windows sees."""
    starts = np.arange(places) * field.step + field.start
    return np.asarray(np.maximum(np.minimum(starts + field.size, n) - np.maximum(starts, 0), 0))


def _visits(field: Field, places: tuple[int, int], shape: Shape) -> NDArray[np.float64]:
    """By how many windows each entry of one channel is seen."""
    lines = []
    for count, n in zip(places, shape[:2], strict=True):
        starts = np.arange(count)[:, None] * field.step + field.start
        at = np.arange(n)
        lines.append(((starts <= at) & (at < starts + field.size)).sum(axis=0))
    return np.asarray(np.outer(*lines), dtype=np.float64)


def _pixels(shape: Shape) -> str:
    """The size of an image: "28×28 pixels"."""
    return f"{shape[0]}×{shape[1]} pixels"


def _size_formula(layer: Layer, n_prev: int, n: int) -> str:
    f, stride = layer["f"], layer["stride"]
    right = f"⌈{n_prev}/{stride}⌉" if layer["padding"] == "same" else f"⌊({n_prev} − {f})/{stride}⌋ + 1"
    return f"n_H = n_W = {right}, yours {n}"


def _listed(layers: list[Layer]) -> str:
    """The layers by their kinds: "Conv, max pool, flatten, dense 10"."""
    words = [described(layer).split(",")[0] for layer in layers]
    return ", ".join(words).capitalize()


def _most(volumes: list[Volume]) -> str:
    """Which layer has most of the parameters."""
    counts = [one.parameters for one in volumes]
    if sum(counts) <= 0:
        return "nothing to learn."
    return f"{100 * max(counts) / sum(counts):.0f} % of them in layer {counts.index(max(counts))}."


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
