"""Lesson 09: a digit that is drawn in the notebook, prepared like those of the data set, and read by a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from anywidget import AnyWidget
from numpy.typing import NDArray
from traitlets import Dict, List, Unicode

from convlab.explore.palettes import PALETTES
from convlab.explore.scene import numbers
from convlab.figures.student import in_place_of_picture
from convlab.network import softmax

HERE = Path(__file__).parent
#: The bitmap's side, and that of the blocks in which pixels are counted.
SIDE, BLOCK = 32, 4
EMPTY = "Nothing is drawn yet."

Bitmap = NDArray[np.bool_]


class Canvas(AnyWidget):  # type: ignore[misc]
    """A field to draw on.  ``bitmap`` is what is drawn, row by row as 0 and 1; the others are shown beside it."""

    _esm = (HERE / "drawing.js").read_text(encoding="utf-8")
    _css = (HERE / "drawing.css").read_text(encoding="utf-8")

    bitmap = Unicode("0" * SIDE**2).tag(sync=True)
    preview = List([0] * (SIDE // BLOCK) ** 2).tag(sync=True)
    probabilities = List([]).tag(sync=True)
    sentence = Unicode(EMPTY).tag(sync=True)
    palettes = Dict(PALETTES).tag(sync=True)


def canvas(network_forward: Callable[..., Any], parameters: Mapping[str, Any]) -> Canvas:
    """A canvas whose drawings are read by ``network_forward`` with these parameters, as they are at that moment."""
    made = Canvas()

    def read(change: Any) -> None:
        bitmap = np.array(list(change["new"])).reshape(SIDE, SIDE) == "1"
        made.preview = counted(centred(bitmap)).ravel().tolist()
        if not bitmap.any():
            made.probabilities, made.sentence = [], EMPTY
            return
        try:
            made.probabilities = probabilities_of(bitmap, network_forward, parameters).tolist()
            made.sentence = told(np.array(made.probabilities))
        except Exception as error:
            made.probabilities, made.sentence = [], in_place_of_picture(error, [network_forward])

    made.observe(read, "bitmap")
    return made


def probabilities_of(
    bitmap: Bitmap, network_forward: Callable[..., Any], parameters: Mapping[str, Any]
) -> NDArray[np.float64]:
    """Return the probability of each class, (10,), for a bitmap of 32×32."""
    image = counted(centred(bitmap)).reshape(1, SIDE // BLOCK, SIDE // BLOCK, 1) / BLOCK**2
    answer = network_forward(image, parameters)
    return np.asarray(softmax(numbers(answer[0], (1, 10), "scores"))[0])


def told(probabilities: NDArray[np.float64]) -> str:
    """What the network says, in a sentence."""
    first, second = np.argsort(probabilities)[:-3:-1]
    return f"Your network reads a {first} ({probabilities[first]:.0%}), then a {second} ({probabilities[second]:.0%})."


def centred(bitmap: Bitmap) -> Bitmap:
    """Return the drawing moved and scaled so that it is as high as the field and stands in its middle.

    That is how the digits of the data set were prepared before pixels were counted.  A drawing that is wider than high
    becomes as wide as the field.
    """
    rows, columns = np.flatnonzero(bitmap.any(axis=1)), np.flatnonzero(bitmap.any(axis=0))
    if not rows.size:
        return bitmap
    drawn = bitmap[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = SIDE / max(drawn.shape)
    n_H, n_W = (max(1, round(n * scale)) for n in drawn.shape)
    from_row, from_column = (
        np.minimum((np.arange(n) / scale).astype(int), last - 1)
        for n, last in zip((n_H, n_W), drawn.shape, strict=True)
    )
    whole = np.zeros((SIDE, SIDE), dtype=bool)
    top, left = (SIDE - n_H) // 2, (SIDE - n_W) // 2
    whole[top : top + n_H, left : left + n_W] = drawn[np.ix_(from_row, from_column)]
    return whole


def counted(bitmap: Bitmap) -> NDArray[np.int64]:
    """Return how many pixels are on in each block of 4×4, numbers from 0 to 16 of shape (8, 8)."""
    n = SIDE // BLOCK
    return np.asarray(bitmap.reshape(n, BLOCK, n, BLOCK).sum(axis=(1, 3)))
