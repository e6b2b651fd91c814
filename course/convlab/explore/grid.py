"""The one widget of our own: it draws scenes in the browser, where hovering and stepping need no kernel."""

from __future__ import annotations

from pathlib import Path

from anywidget import AnyWidget
from traitlets import Dict, Int, Unicode

from convlab.explore.palettes import PALETTES

HERE = Path(__file__).parent


class Grid(AnyWidget):  # type: ignore[misc]
    """Draws ``scene`` (see `Scene.packed`) in a figure that is ``height`` pixels high."""

    _esm = (HERE / "grid.js").read_text(encoding="utf-8")
    _css = (HERE / "grid.css").read_text(encoding="utf-8")

    scene = Dict().tag(sync=True)
    height = Int().tag(sync=True)
    title = Unicode().tag(sync=True)
    palettes = Dict(PALETTES).tag(sync=True)
