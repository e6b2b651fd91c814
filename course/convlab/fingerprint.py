"""An answer in a few numbers: enough to recognise a known mistake in it, too few to be an answer.

With the examples of a visible check come the fingerprints of what known wrong versions answer to them.  No code of
theirs and none of their answers is needed for a student to read the hint, and nothing of a right answer is in them.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convlab.compare import as_array, kind_of

#: How far two fingerprints of one answer may be apart, as a part of the answer's length as a vector.  Like the
#: tolerances of a comparison, this forgives float32 and sums in another order.
TOLERANCE = 2e-5


@dataclass(frozen=True)
class Fingerprint:
    """``form`` is a digest of the kinds and shapes that came (or of the error), ``numbers`` sum up the values.

    The first number is the length of all values as one vector, the others are its products with two fixed vectors.
    """

    form: str
    numbers: tuple[float, ...]

    def matches(self, other: Fingerprint) -> bool:
        """Whether both are of the same answer, within the tolerance."""
        if self.form != other.form or len(self.numbers) != len(other.numbers):
            return False
        margin = TOLERANCE * max(1.0, *self.numbers[:1], *other.numbers[:1])
        return all(abs(a - b) <= margin for a, b in zip(self.numbers, other.numbers, strict=True))


def of_answer(answer: Any, changed: bool) -> Fingerprint:
    """The fingerprint of an answer, and of whether the call changed its arguments."""
    values: list[NDArray[np.float64]] = []
    form = f"{_form(answer, values)}, arguments {'changed' if changed else 'kept'}"
    vector = np.concatenate([np.zeros(0), *values])
    place = np.arange(1, vector.size + 1)
    with np.errstate(over="ignore", invalid="ignore"):
        length = float(np.sqrt(np.sum(vector**2)))
        products = [float(np.sum(vector * np.cos(step * place))) for step in (math.sqrt(2), math.sqrt(5))]
    return Fingerprint(_digest(form), _rounded(length, *products))


def of_error(name: str, message: str) -> Fingerprint:
    """The fingerprint of an exception in place of an answer."""
    return Fingerprint(_digest(f"{name}: {message}"), ())


def _form(value: Any, values: list[NDArray[np.float64]]) -> str:
    """What kind of thing an answer is, a list being as good as a tuple; its numbers are added to ``values``."""
    if isinstance(value, dict):
        keys = sorted(value, key=str)
        return "dict of " + ", ".join(f"{key}: {_form(value[key], values)}" for key in keys)
    if (array := as_array(value)) is not None:
        numbers = array.astype(np.float64).reshape(-1)
        known = np.isfinite(numbers)
        values.append(np.where(known, numbers, 0.0))
        odd = "" if known.all() else f" and {int((~known).sum())} that are not finite"
        return f"numbers in shape {() if array.size == 1 else array.shape}{odd}"
    if isinstance(value, tuple | list):
        return f"{len(value)} of " + "; ".join(_form(one, values) for one in value)
    return kind_of(value)


def _rounded(*numbers: float) -> tuple[float, ...]:
    """Numbers to a millionth of the largest, so that they are the same on every machine; 0 has no sign."""
    largest = max(1.0, *map(abs, numbers))
    digits = 6 - math.ceil(math.log10(largest)) if math.isfinite(largest) else 0
    return tuple(round(number, digits) + 0.0 for number in numbers)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
