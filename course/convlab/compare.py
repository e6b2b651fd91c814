"""Compare an answer with what was expected, and say in words how they differ.

The words and the tolerances are the same wherever an answer is looked at: in a visible check on a
student's machine and in the grader.  Nothing in here knows a right answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

#: Two numbers agree when |answer - expected| <= RTOL * |expected| + ATOL * max(1, largest |expected|).
#: Loose enough for float32 and for sums in another order, far below what any mistake changes.  Whole numbers are counts
#: and sizes: they are not rounded, however large.
RTOL = 1e-5
ATOL = 1e-5

Kind = Literal["type", "shape", "values"]


@dataclass(frozen=True)
class AnyOf:
    """Several answers that are all right, as with the usual conventions for a tie in a maximum."""

    answers: tuple[Any, ...]


@dataclass(frozen=True)
class Difference:
    """How an answer differs: ``kind``, a sentence for the reader, and where it was seen first."""

    kind: Kind
    message: str
    index: tuple[int, ...] | None = None


def as_array(answer: Any) -> NDArray[Any] | None:
    """``answer`` as an array of numbers, or None when it is no NumPy array, number or nested list of them.

    Other libraries' arrays are none: they do not come back from where a submission runs.
    """
    if not isinstance(answer, np.ndarray | np.generic | int | float | complex | tuple | list):
        return None
    try:
        array = np.asarray(answer)
    except Exception:  # whatever a stranger's __array__ raises, it is no array of numbers
        return None
    return array if array.dtype.kind in "biuf" else None


def kind_of(answer: Any) -> str:
    """What ``answer`` is, for a reader: "an array of shape (2, 3)", "None", "a tuple of 2"."""
    if answer is None:
        return "None"
    if isinstance(answer, np.ndarray) and answer.ndim:
        return f"an array of shape {answer.shape}" + (
            f" and dtype {answer.dtype}" if answer.dtype.kind not in "biuf" else ""
        )
    if isinstance(answer, tuple | list):
        return f"a {type(answer).__name__} of {len(answer)}"
    if (array := as_array(answer)) is not None and not array.ndim:
        return f"the number {number(answer)}"
    name = getattr(answer, "type_name", type(answer).__name__)
    return f"a value of type {name}"


def number(value: Any) -> str:
    """A number as text: integers whole, other numbers to six significant digits."""
    value = np.asarray(value).reshape(-1)[0]
    return f"{value:.6g}" if isinstance(value, float | complex | np.inexact) else str(value)


def agree(answer: NDArray[Any], expected: NDArray[Any]) -> NDArray[np.bool_]:
    """Where two arrays of one shape agree within the tolerances; NaN and infinity agree with themselves."""
    a, e = answer.astype(np.float64), expected.astype(np.float64)
    if expected.dtype.kind in "iu":
        return np.asarray(np.abs(a - e) <= ATOL)
    finite = e[np.isfinite(e)]
    scale = max(1.0, float(np.abs(finite).max())) if finite.size else 1.0
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(np.isclose(a, e, rtol=RTOL, atol=ATOL * scale, equal_nan=True))


def difference(answer: Any, expected: Any, what: str = "the result", formula: str = "") -> Difference | None:
    """None when ``answer`` is as ``expected``, else how it differs: first kind, then shape, then values.

    ``expected`` is an array, a number, a tuple, list or dict of these, or `AnyOf`.  A number may come as a Python
    or NumPy number or an array of one element; an array may come as nested lists, and a tuple of whole numbers, which
    is a shape, as anything that holds them.  ``formula`` is added where the shape is wrong.
    """
    if isinstance(expected, AnyOf):
        found = [difference(answer, one, what, formula) for one in expected.answers]
        return None if None in found else found[0]
    if isinstance(expected, dict):
        return _dict_difference(answer, expected, what)
    if isinstance(expected, tuple) and expected and all(type(one) is int for one in expected):
        return _whole_difference(answer, expected, what)
    if isinstance(expected, tuple | list):
        return _tuple_difference(answer, expected, what)
    return _array_difference(answer, np.asarray(expected), what, formula)


def _dict_difference(answer: Any, expected: dict[str, Any], what: str) -> Difference | None:
    if not isinstance(answer, dict):
        return Difference("type", f"{what} should be a dict, and is {kind_of(answer)}.")
    if set(answer) != set(expected):
        return Difference(
            "values", f"{what} should have the keys {sorted(expected)}, and has {sorted(map(str, answer))}."
        )
    for key, value in expected.items():
        if found := difference(answer[key], value, f"{what}[{key!r}]"):
            return found
    return None


def _tuple_difference(answer: Any, expected: Sequence[Any], what: str) -> Difference | None:
    if not isinstance(answer, tuple | list) or len(answer) != len(expected):
        wanted = f"a {type(expected).__name__} of {len(expected)}"
        return Difference("type", f"{what} should be {wanted}, and is {kind_of(answer)}.")
    for i, value in enumerate(expected):
        if found := difference(answer[i], value, f"{what}[{i}]"):
            return found
    return None


def _whole_difference(answer: Any, expected: tuple[int, ...], what: str) -> Difference | None:
    array = as_array(answer)
    if array is None or array.ndim > 1:
        return Difference("type", f"{what} should be {expected}, and is {kind_of(answer)}.")
    array = array.reshape(-1)
    if array.size == len(expected) and agree(array, np.array(expected)).all():
        return None
    return Difference("values", f"{what} should be {expected}, and is ({', '.join(map(number, array))}).")


def _array_difference(answer: Any, expected: NDArray[Any], what: str, formula: str) -> Difference | None:
    array = as_array(answer)
    wanted = f"an array of shape {expected.shape}" if expected.ndim else "a number"
    if array is None:
        return Difference("type", f"{what} should be {wanted}, and is {kind_of(answer)}.")
    if expected.ndim == 0 and array.size == 1:
        array = array.reshape(())
    if array.shape != expected.shape:
        hint = f" {formula}" if formula else ""
        return Difference("shape", f"{what} should be {wanted}, and is {kind_of(answer)}.{hint}")
    right = agree(array, expected)
    if right.all():
        return None
    if expected.ndim == 0:
        return Difference("values", f"{what} should be {number(expected)}, and is {number(array)}.", ())
    index = tuple(int(i) for i in np.argwhere(~right)[0])
    where = ", ".join(map(str, index))
    wrong = int((~right).sum())
    return Difference(
        "values",
        f"{wrong} of {right.size} values of {what} differ; the first, {what}[{where}], "
        f"should be {number(expected[index])}, and is {number(array[index])}.",
        index,
    )
