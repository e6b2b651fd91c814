"""A still picture of a scene, for where no kernel runs: an SVG, the same text for the same scene."""

from __future__ import annotations

import base64
import textwrap
from collections.abc import Iterator
from html import escape

from convlab.explore.palettes import colour, dark
from convlab.explore.scene import Panel, Scene, short
from convlab.explore.volumes import HEIGHT, drawing

SIDE, CELL, MARGIN, HEAD, GAP = 224, 30, 15, 36, 26
#: Letters of the sentence that fit a line, and how high a line is.
LETTERS, LINE = 105, 20


def svg(scene: Scene) -> str:
    """The figure of a scene with the cell chosen that it starts with, and below it its formula and its sentence."""
    parts, width, top = [], 0.0, 0.0
    if scene.volumes:
        parts.append(drawing(scene.volumes, scene.chosen))
        top = HEIGHT + 10.0
    for row in scene.rows:
        left = 4.0
        for panel in row:
            if panel.before:
                middle = _cell(panel) * panel.values.shape[-2] / 2
                parts.append(_text(left - 2, top + HEAD + MARGIN + min(middle + 6, 41), panel.before, 18))
                left += 20
            parts.append(f'<g transform="translate({left:g} {top:g})">{"".join(_panel(panel, scene))}</g>')
            wide = max(_cell(panel) * panel.values.shape[-1], 6.3 * max(len(panel.note), len(panel.name)))
            left += MARGIN + wide + GAP
        width = max(width, left)
        top += HEAD + MARGIN + max(_cell(panel) * panel.values.shape[-2] for panel in row) + 12
    for line in (scene.formula, *textwrap.wrap(scene.told(), LETTERS)):
        top += LINE
        parts.append(_text(4, top, line.replace("     ", " \u2003 "), 14))
    told = escape(f"{scene.formula}. {scene.told()}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{max(width, 780):g}" height="{top + 12:g}" role="img" '
        f'font-family="sans-serif"><title>{told}</title><rect width="100%" height="100%" fill="white"/>'
        f"{''.join(parts)}</svg>\n"
    )


def html(scene: Scene) -> str:
    """The still as an image with the sentence as its text, for a page."""
    picture = base64.b64encode(svg(scene).encode()).decode()
    return f'<img alt="{escape(scene.told())}" src="data:image/svg+xml;base64,{picture}">'


def _cell(panel: Panel) -> int:
    """How wide a cell is."""
    most: int = max(panel.values.shape[-2:])
    return max(1, min(CELL, SIDE // most))


def _panel(panel: Panel, scene: Scene) -> Iterator[str]:
    """One matrix: its name, its cells with their numbers, and the frames on it."""
    values, cell = panel.at(*scene.start), _cell(panel)
    ink = ("black", "white")
    size = min(13.0, 1.5 * cell / max(2, *(len(short(value)) for value in values.flat)))
    yield f'<text x="{MARGIN}" y="14" font-size="12" font-weight="bold">{escape(panel.name)}</text>'
    yield _text(MARGIN, 30, panel.note, 12)
    yield f'<g transform="translate({MARGIN} {HEAD + MARGIN})" text-anchor="middle">'
    for row, column in ((r, c) for r in range(values.shape[0]) for c in range(values.shape[1])):
        rgb = colour(float(values[row, column]), panel.colours, panel.limits)
        fill = "#" + "".join(f"{round(channel):02x}" for channel in rgb)
        yield (
            f'<rect x="{column * cell}" y="{row * cell}" width="{cell}" height="{cell}" fill="{fill}" stroke="#aaa" '
            'stroke-width=".5"/>'
        )
        if max(values.shape) <= 11 and (size >= 8 or cell == CELL):
            yield (
                f'<text x="{(column + 0.5) * cell:g}" y="{(row + 0.5) * cell + size * 0.36:.1f}" '
                f'font-size="{size:.1f}" fill="{ink[dark(rgb)]}">{short(values[row, column])}</text>'
            )
    if cell > 12:
        for row in range(values.shape[0]):
            yield _number(-8, row * cell + cell / 2 + 3, row)
        for column in range(values.shape[1]):
            yield _number(column * cell + cell / 2, -5, column)
    pad = panel.frame
    if pad:
        yield _frame(panel, pad, pad, values.shape[0] - 2 * pad, values.shape[1] - 2 * pad, ' stroke-dasharray="5 4"')
    if panel.window:
        yield _frame(panel, *panel.window.at(*scene.start), panel.window.f, panel.window.f)
    if panel.name == scene.stepped:
        yield _frame(panel, *scene.start, 1, 1)
    yield "</g>"


def _frame(panel: Panel, row: int, column: int, height: int, width: int, dashes: str = "") -> str:
    """A frame around cells, cut off at the matrix: dark on light, to stand out from cells of any colour."""
    cell, (rows, columns) = _cell(panel), panel.values.shape[-2:]
    top, bottom = max(row, 0), min(row + height, rows)
    left, right = max(column, 0), min(column + width, columns)
    if top >= bottom or left >= right:
        return ""
    place = f'x="{left * cell}" y="{top * cell}" width="{(right - left) * cell}" height="{(bottom - top) * cell}"'
    light, black = (2, 2) if dashes else (5, 2.5)
    under, over = ("black", "white") if dashes else ("white", "black")
    return (
        f'<rect {place} fill="none" stroke="{under}" stroke-width="{light}"/>'
        f'<rect {place} fill="none" stroke="{over}" stroke-width="{black}"{dashes}/>'
    )


def _number(x: float, y: float, number: int) -> str:
    """The number of a row or a column."""
    return f'<text x="{x:g}" y="{y:g}" font-size="10" fill="#616161">{number}</text>'


def _text(x: float, y: float, text: str, size: float) -> str:
    return f'<text x="{x:g}" y="{y:g}" font-size="{size:g}">{escape(text)}</text>'
