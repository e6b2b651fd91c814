"""Outputs of cells as they may be kept and shown: a stranger's reply made into plain text and pictures.

What a confined process says its cells showed can be anything.  Only streams, errors, text and PNG or JPEG pictures
get through, each checked and bounded; HTML, SVG, scripts, LaTeX and widgets do not, since they would run or
load things in the browser of whoever looks at the notebook.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any

Output = dict[str, Any]

MAX_OUTPUTS = 200
MAX_TEXT = 250_000
MAX_IMAGE = 3 * 2**20
MAX_ALL = 8 * 2**20  # of all cells of a notebook together
SIGNATURES = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}


def checked(outputs: Any) -> list[Output]:
    """The outputs among ``outputs`` that have the form of one, with nothing in them but text and pictures."""
    if not isinstance(outputs, list):
        return []
    room = [MAX_TEXT]
    made = (_checked(output, room) for output in outputs[:MAX_OUTPUTS])
    return [output for output in made if output]


def within(outputs: list[Output], room: int) -> tuple[list[Output], int]:
    """The outputs of a cell, or a line in their place where they are more than ``room``; and how much is left of it."""
    if (size := len(str(outputs))) <= room:
        return outputs, room - size
    text = "... Output left out: the notebook shows too much. ...\n"
    return [{"output_type": "stream", "name": "stdout", "text": text}] if outputs else [], room


def error(name: str, text: str) -> Output:
    """An error output that says ``text``."""
    return {"output_type": "error", "ename": name, "evalue": text, "traceback": [f"{name}: {text}"]}


def _checked(output: Any, room: list[int]) -> Output | None:
    if not isinstance(output, dict):
        return None
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return {"output_type": "stream", "name": name, "text": _text(output.get("text"), room)}
    if kind == "error":
        lines = output.get("traceback")
        return {
            "output_type": "error",
            "ename": _text(output.get("ename"), room),
            "evalue": _text(output.get("evalue"), room),
            "traceback": [_text(line, room) for line in (lines if isinstance(lines, list) else [])[:100]],
        }
    if kind in ("display_data", "execute_result"):
        data = output.get("data")
        shown = _data(data if isinstance(data, dict) else {}, room)
        extra = {"execution_count": None} if kind == "execute_result" else {}
        return {"output_type": kind, "data": shown, "metadata": {}, **extra} if shown else None
    return None


def _data(data: dict[Any, Any], room: list[int]) -> dict[str, str]:
    shown = {}
    if isinstance(data.get("text/plain"), str):
        shown["text/plain"] = _text(data["text/plain"], room)
    for mime, signature in SIGNATURES.items():
        image = data.get(mime)
        if isinstance(image, str) and len(image) <= MAX_IMAGE:
            try:
                raw = base64.b64decode("".join(image.split()), validate=True)
            except (binascii.Error, ValueError):
                continue
            if raw.startswith(signature):
                shown[mime] = base64.b64encode(raw).decode()
    return shown


def _text(value: Any, room: list[int]) -> str:
    text = value if isinstance(value, str) else ""
    text = text.encode("utf-8", "replace").decode()[: max(0, room[0])]
    room[0] -= len(text)
    return text
