"""The colours of numbers, from the least to the most in equal steps: the same in the browser and in stills."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from convlab.explore.scene import Colours

_CIVIDIS = "00224e 083370 35456c 4f576c 666970 7d7c78 948e77 aea371 c8b866 e5cf52 fee838"
_BLUE_TO_RED = "053061 2065ab 4393c3 90c4dd d1e5f0 ffffff fddbc7 f3a481 d6604d b1182b 67001f"

#: For each map its colours as red, green and blue, 0 to 255: those of Matplotlib's cividis, RdBu_r and gray.
PALETTES: dict[Colours, list[list[int]]] = {
    "magnitude": [list(bytes.fromhex(colour)) for colour in _CIVIDIS.split()],
    "signed": [list(bytes.fromhex(colour)) for colour in _BLUE_TO_RED.split()],
    "gray": [[0, 0, 0], [255, 255, 255]],
}
#: What is no number, such as nan.
NO_NUMBER = (208, 208, 208)


def colour(value: float, colours: Colours, limits: tuple[float, float]) -> NDArray[np.float64]:
    """Red, green and blue of a number, 0 to 255; beyond the limits it is that of the limit."""
    if np.isnan(value):
        return np.array(NO_NUMBER, dtype=np.float64)
    stops = np.array(PALETTES[colours], dtype=np.float64)
    low, high = limits
    place = np.clip((value - low) / (high - low), 0, 1) * (len(stops) - 1)
    return np.array([np.interp(place, np.arange(len(stops)), channel) for channel in stops.T])


def dark(rgb: NDArray[np.float64]) -> bool:
    """Whether white text is easier to read on a colour than black text, as WCAG reckons contrast."""
    return bool((rgb / 255) ** 2.2 @ (0.2126, 0.7152, 0.0722) < 0.18)
