"""The widget that shows a network above a scene: its volumes, and the table of its layers."""

from __future__ import annotations

from pathlib import Path

from anywidget import AnyWidget
from traitlets import Dict, Int

HERE = Path(__file__).parent


class Stack(AnyWidget):  # type: ignore[misc]
    """Shows ``network`` (see `Scene.stacked`) in ``height`` pixels."""

    _esm = (HERE / "stack.js").read_text(encoding="utf-8")
    _css = (HERE / "stack.css").read_text(encoding="utf-8")

    network = Dict().tag(sync=True)
    height = Int().tag(sync=True)
