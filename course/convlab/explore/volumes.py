"""A network as a row of volumes, drawn to scale: heights and widths at one scale, channels at another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

#: Width of the drawing in pixels, what the highest volume takes of its height, and the lines of text below.
WIDTH, TALLEST, TEXT = 760, 84, 52
HEIGHT = TALLEST + 30 + TEXT
#: How much of a width is seen, going back to the right and up.
SLANT = 0.3


@dataclass(frozen=True)
class Volume:
    """What a layer hands on: the layer in words, the output shape, and how many parameters the layer has."""

    layer: str
    shape: tuple[int, ...]
    parameters: int = 0

    @property
    def size(self) -> str:
        """The shape as it is read: "26×26×32"."""
        return "×".join(map(str, self.shape))


def drawing(volumes: Sequence[Volume], chosen: int | None = None) -> str:
    """The volumes from left to right as SVG, each over its layer, shape and parameters; one is outlined."""
    parts = "".join(f'<g transform="translate({left:.1f} 0)">{part}</g>' for left, part in _columns(volumes, chosen))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="sans-serif" role="img" aria-label="{escape(told(volumes))}">{parts}</svg>'
    )


def told(volumes: Sequence[Volume]) -> str:
    """The drawing in words."""
    return "Volumes from left to right: " + "; ".join(f"{one.layer}: {one.size}" for one in volumes)


def _columns(volumes: Sequence[Volume], chosen: int | None) -> Iterator[tuple[float, str]]:
    column = WIDTH / len(volumes)
    solid = [one.shape for one in volumes if len(one.shape) == 3]
    vectors = [one.shape[0] for one in volumes if len(one.shape) == 1]
    side = TALLEST / max([n_H + SLANT * n_W for n_H, n_W, _ in solid], default=1)
    room = column - 14 - SLANT * side * max([n_W for _, n_W, _ in solid], default=0)
    channel = max(room, 8) / max([n_C for *_, n_C in solid], default=1)
    unit = TALLEST / max(vectors, default=1)
    for place, one in enumerate(volumes):
        here = place == chosen
        middle, bottom = column / 2, TALLEST + 22.0
        if len(one.shape) == 3:
            n_H, n_W, n_C = one.shape
            picture = _box(middle, bottom, max(n_C * channel, 2), max(n_H * side, 2), SLANT * n_W * side, here)
        else:
            picture = _box(middle, bottom, 7, max(one.shape[0] * unit, 2), 3, here)
        count = f"{one.parameters:,}" if place else ""
        lines = ((one.layer, "bold"), (one.size, "normal"), (count, "normal"))
        text = "".join(
            f'<text x="{middle:.1f}" y="{bottom + 17 + 15 * line}" text-anchor="middle" font-weight="{weight}" '
            f'font-size="{min(12.0, 1.75 * column / max(len(words), 1)):.1f}">{escape(words)}</text>'
            for line, (words, weight) in enumerate(lines)
        )
        yield place * column, picture + text


def _box(middle: float, bottom: float, thick: float, high: float, back: float, chosen: bool) -> str:
    """A box: channels from left to right, rows up, columns back."""
    left, top = middle - (thick + back) / 2, bottom - high
    right = left + thick
    style = 'stroke="black" stroke-width="2.5"' if chosen else 'stroke="#44546f" stroke-width="1"'
    front = f'<rect x="{left:.1f}" y="{top:.1f}" width="{thick:.1f}" height="{high:.1f}" fill="#aebfda" {style}/>'
    lid = (
        f'<path d="M{left:.1f} {top:.1f} l{back:.1f} {-back:.1f} h{thick:.1f} l{-back:.1f} {back:.1f} z" '
        f'fill="#d6e0f0" {style}/>'
    )
    flank = (
        f'<path d="M{right:.1f} {top:.1f} l{back:.1f} {-back:.1f} v{high:.1f} l{-back:.1f} {back:.1f} z" '
        f'fill="#7d93b8" {style}/>'
    )
    return front + lid + flank
