"""Which mistake it was: the one entry of the bank that gives the student's answers, all of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from convlab.break_it import Outcome
from convlab.compare import agree, as_array, kind_of

from autograder.exercise import Failure, Reply
from autograder.paper import Paper
from autograder.verdict import Diagnosis


def diagnose(paper: Paper, replies: Sequence[Reply | None]) -> Diagnosis | None:
    """The mistake that explains ``replies`` (one a case), where exactly one entry of the bank does.

    An entry explains them when it would have answered every case alike.  Several that do, or none, name nothing:
    a wrong hint costs a student more than no hint.
    """
    found = [
        wrong
        for wrong in paper.exercise.wrong
        if all(reply and alike(reply, theirs) for reply, theirs in zip(replies, paper.wrong[wrong.id], strict=True))
    ]
    return Diagnosis(found[0].id, found[0].hint) if len(found) == 1 else None


def alike(a: Reply, b: Reply) -> bool:
    """Whether two replies are the same answer, or the same exception."""
    if a.failure or b.failure:
        return _kind(a.failure) == _kind(b.failure)
    return a.untouched == b.untouched and _same(a.answer, b.answer)


def _kind(failure: Failure | None) -> tuple[str, str] | None:
    """What an exception is, and says in words: sizes in its message depend on how the same mistake was written."""
    return (failure.name, re.sub(r"[\d(), ]+", " ", failure.message)) if failure else None


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, Outcome) and isinstance(b, Outcome):
        return a.alike(b)
    if isinstance(a, tuple | list) and isinstance(b, tuple | list) and (_nested(a) or _nested(b)):
        return len(a) == len(b) and all(map(_same, a, b))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    first, second = as_array(a), as_array(b)
    if first is None or second is None:
        return first is second is None and kind_of(a) == kind_of(b)
    if first.size == second.size == 1:
        first, second = first.reshape(()), second.reshape(())
    return first.shape == second.shape and bool(agree(first, second).all())


def _nested(value: Any) -> bool:
    """Whether a tuple or list holds several results rather than numbers."""
    return any(isinstance(item, np.ndarray | dict | tuple | list) for item in value)
