"""Judge one function on an exercise in this process: what the grader does, without a runner.

Tests import it as ``from bank.evaluate import judge`` (pytest puts ``tests/`` on the path).
"""

from __future__ import annotations

import contextlib
import copy
import io
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from convlab.compare import difference

from autograder.exercise import Case, Criterion, Exercise, Failure, Reply

Groups = Mapping[str, list[Case]]


def call(function: Callable[..., Any], case: Case) -> Reply:
    """What ``function`` replies to copies of the arguments of ``case``; prints and warnings are dropped."""
    args = copy.deepcopy(case.args)
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            answer = copy.deepcopy(function(*args))
        except Exception as error:
            return Reply(failure=Failure(type(error).__name__, str(error)), untouched=same(args, case.args))
    return Reply(answer, untouched=same(args, case.args))


def same(one: Any, other: Any) -> bool:
    """Whether two nests of arguments hold the same types, shapes, dtypes and values."""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def criteria(exercise: Exercise) -> tuple[Criterion, ...]:
    """All criteria of an exercise, that of its visible check first."""
    return (exercise.visible(), *exercise.criteria)


def judge(exercise: Exercise, function: Callable[..., Any], groups: Groups) -> dict[str, str | None]:
    """By criterion (the visible check too), what is wrong with ``function``, or None where it is met."""
    replies = {name: [call(function, case) for case in cases] for name, cases in groups.items()}
    return verdicts(exercise, groups, replies)


def verdicts(exercise: Exercise, groups: Groups, replies: Mapping[str, list[Reply]]) -> dict[str, str | None]:
    """By criterion, what is wrong with replies that were already given to the cases of ``groups``."""
    return {
        criterion.name: next(
            (
                message
                for case, reply in zip(groups[criterion.cases], replies[criterion.cases], strict=True)
                if (message := _wrong(exercise, criterion, case, reply))
            ),
            None,
        )
        for criterion in criteria(exercise)
    }


def _wrong(exercise: Exercise, criterion: Criterion, case: Case, reply: Reply) -> str | None:
    if reply.failure:
        return f"{reply.failure.name}: {reply.failure.message}"
    found = criterion.aspect(case, expected(exercise, case), reply)
    return found.message if found else None


#: Right answers to cases that were judged before, by exercise and identity, with the case, so that it stays alive.
_EXPECTED: dict[tuple[str, int], tuple[Case, Any]] = {}


def expected(exercise: Exercise, case: Case) -> Any:
    """The right answer to a case, worked out once however many functions are judged on it."""
    key = exercise.name, id(case)
    if key not in _EXPECTED:
        if len(_EXPECTED) > 1000:
            _EXPECTED.clear()
        _EXPECTED[key] = case, exercise.expected(Case(copy.deepcopy(case.args), case.note))
    return _EXPECTED[key][1]


def failed(exercise: Exercise, function: Callable[..., Any], groups: Groups) -> set[str]:
    """The names of the criteria that ``function`` does not meet."""
    return {name for name, wrong in judge(exercise, function, groups).items() if wrong}


def points(exercise: Exercise, function: Callable[..., Any], groups: Groups) -> float:
    """The points that ``function`` earns, those of the visible check included."""
    missed = failed(exercise, function, groups)
    return sum(criterion.points for criterion in criteria(exercise) if criterion.name not in missed)


def alike(one: Reply, other: Reply) -> bool:
    """Whether two replies cannot be told apart: the same failure, or the same answer within tolerances."""
    if one.failure or other.failure:
        return one.failure == other.failure
    return one.untouched == other.untouched and _alike(one.answer, other.answer)


def _alike(one: Any, other: Any) -> bool:
    if one is None or other is None:
        return one is other
    return difference(other, one) is None and difference(one, other) is None
