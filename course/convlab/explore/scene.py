"""What an explorer shows after a move: matrices, the windows that link them, and what there is to say."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from convlab.explore.volumes import Volume, drawing

#: The map that colours a matrix: cividis for magnitudes, blue to white to red for signed values, or gray for photos.
Colours = Literal["magnitude", "signed", "gray"]


class Impossible(Exception):
    """A setting that has no output; the text says why, and what to do."""


@dataclass(frozen=True)
class Window:
    """Where a cell of the stepped matrix looks at another one: height and width f, one stride further for each cell."""

    stride: int = 1
    f: int = 1
    offset: int = 0

    def at(self, row: int, column: int) -> tuple[int, int]:
        """First row and column of the window of a cell."""
        return row * self.stride + self.offset, column * self.stride + self.offset


@dataclass(frozen=True)
class Panel:
    """A matrix to be drawn, or, with four axes, one for each cell of the stepped matrix.

    ``limits`` are the values at the ends of the colours. ``frame`` is how many rows and columns of padding lie on
    each side. ``before`` is a sign that stands before the matrix, ``marked`` are cells with a dashed outline.
    """

    name: str
    values: NDArray[Any]
    note: str = ""
    colours: Colours = "magnitude"
    limits: tuple[float, float] = (0.0, 1.0)
    frame: int = 0
    before: str = ""
    window: Window | None = None
    marked: tuple[tuple[int, int], ...] = ()

    def at(self, row: int, column: int) -> NDArray[np.float64]:
        """The matrix that is shown while the cell in this row and column is chosen."""
        values = self.values[row, column] if self.values.ndim == 4 else self.values
        return np.asarray(values, dtype=np.float64)


@dataclass(frozen=True)
class Scene:
    """Rows of panels, one of which (``stepped``, by its name) is stepped over, and the text under them.

    ``step`` says what the chosen cell is, with {row}, {column}, {value}, and {top}, {bottom}, {left}, {right} of its
    window in the first panel that has one; {sum} adds up the last panel that has a matrix for each cell.  ``outside``
    is said in its place where the window lies wholly outside.  A scene without panels shows ``message``.  Where a
    network stands above the rows, ``volumes`` are the image and what each layer makes of it, ``chosen`` is the one that
    the rows are about, and ``total`` the number of all parameters; ``impossible`` is a layer that cannot follow.
    """

    rows: tuple[tuple[Panel, ...], ...] = ()
    stepped: str = ""
    formula: str = ""
    sentence: str = ""
    step: str = ""
    outside: str = ""
    message: str = ""
    start: tuple[int, int] = (0, 0)
    volumes: tuple[Volume, ...] = ()
    chosen: int | None = None
    total: int = 0
    impossible: str = ""

    @property
    def panels(self) -> list[Panel]:
        return [panel for row in self.rows for panel in row]

    def packed(self) -> dict[str, Any]:
        """The scene for the browser: plain data, with the numbers of a matrix as bytes."""
        return {
            "rows": [[_packed(panel, panel.name == self.stepped) for panel in row] for row in self.rows],
            "start": list(self.start),
            **{name: getattr(self, name) for name in ("formula", "sentence", "step", "outside", "message")},
        }

    def stacked(self) -> dict[str, Any]:
        """The network above the rows for the browser, a drawing and the rows of a table; empty where there is none."""
        if not self.volumes:
            return {}
        rows = [
            [str(place or ""), one.layer, str(one.shape), f"{one.parameters:,}" if place else ""]
            for place, one in enumerate(self.volumes)
        ]
        return {
            "drawing": drawing(self.volumes, self.chosen),
            "rows": [
                *rows,
                [str(len(rows)), self.impossible, "impossible", ""]
                if self.impossible
                else ["", "total", "", f"{self.total:,}"],
            ],
            "chosen": self.chosen,
        }

    def told(self) -> str:
        """The text of the scene: what the figure says, for where no figure is."""
        return self.message or f"{self.sentence} {self.step_at(*self.start)}".strip()

    def step_at(self, row: int, column: int) -> str:
        """What is said of one cell of the stepped matrix, as the browser says it."""
        if not self.step:
            return ""
        values = next(panel for panel in self.panels if panel.name == self.stepped).at(0, 0)
        facts = {"row": row, "column": column, "value": short(values[row, column])}
        linked = next((panel for panel in self.panels if panel.window), None)
        template = self.step
        if linked and linked.window:
            (top, left), f = linked.window.at(row, column), linked.window.f
            facts |= {"top": top, "left": left, "bottom": top + f - 1, "right": left + f - 1}
            n_H, n_W = linked.at(row, column).shape
            if self.outside and not (-f < top < n_H and -f < left < n_W):
                template = self.outside
        for panel in self.panels:
            if panel.values.ndim == 4:
                facts["sum"] = short(panel.at(row, column).sum())
        return template.format(**facts)


def _packed(panel: Panel, stepped: bool) -> dict[str, Any]:
    window = panel.window
    return {
        "name": panel.name,
        "note": panel.note,
        "shape": list(panel.values.shape[-2:]),
        "each": panel.values.ndim == 4,
        "values": np.ascontiguousarray(panel.values, dtype="<f4").tobytes(),
        "colours": panel.colours,
        "limits": list(map(float, panel.limits)),
        "frame": panel.frame,
        "before": panel.before,
        "window": [window.stride, window.f, window.offset] if window else None,
        "marked": [list(cell) for cell in panel.marked],
        "stepped": stepped,
    }


def short(value: float) -> str:
    """A number that fits a cell, as the browser writes it."""
    if not np.isfinite(value):
        return str(value)
    value = float(f"{value:.7g}")
    if value == round(value) and abs(value) < 1e6:
        return f"{round(value)}"
    if 0.01 <= abs(value) < 100:
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return f"{value:.0f}" if 100 <= abs(value) < 1e6 else f"{value:.1e}"


@dataclass(frozen=True)
class Slider:
    """A whole number to be chosen."""

    name: str
    least: int
    most: int
    value: int


@dataclass(frozen=True)
class Choice:
    """One of some words to be chosen; the first one to begin with."""

    name: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Explorer:
    """An explorer before it is shown: how a setting becomes a scene, by which functions of the student's.

    ``draw`` takes the values of the controls, by their names. ``height`` is the figure's, in pixels, and ``stack`` that
    of the network above it, where there is one.
    """

    draw: Callable[..., Scene]
    functions: tuple[Callable[..., Any], ...]
    controls: tuple[Slider | Choice, ...]
    height: int
    title: str = field(default="explorer")
    stack: int = 0

    def settings(self) -> dict[str, Any]:
        """The values that the controls begin with."""
        return {one.name: one.value if isinstance(one, Slider) else one.options[0] for one in self.controls}


def numbers(answer: Any, shape: Iterable[int], name: str) -> NDArray[np.float64]:
    """What a student's function returned, as an array that can be drawn.

    Raises TypeError when it is no array of numbers and ValueError when it has another shape.
    """
    from convlab.compare import as_array, kind_of

    array = as_array(answer)
    if array is None or array.dtype.kind not in "biuf":
        raise TypeError(f"{name} is {kind_of(answer)}, not an array of numbers")
    if array.shape != tuple(shape):
        raise ValueError(f"{name} has the shape {array.shape}, and {tuple(shape)} was expected")
    return array.astype(np.float64)
