"""From answers to a verdict.  This runs in the grader; whoever answers is elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from convlab.compare import AnyOf, Difference, agree, as_array
from numpy.typing import NDArray

from autograder.caller import FINAL, GONE, Caller, trusted_source
from autograder.diagnosis import diagnose
from autograder.examined import examined
from autograder.exercise import Case, Criterion, Exercise, Failure, Reply
from autograder.paper import Paper, paper
from autograder.speed import raced
from autograder.verdict import CriterionVerdict, Example, Verdict

MET = "Right."


def judge(exercises: Sequence[Exercise], seed: int, caller: Caller) -> tuple[Verdict, ...]:
    """The verdicts on ``exercises``, on the inputs that the run's seed gives.

    First every function is judged as it stands.  Then those that lost points and call helpers are asked once more
    with right helpers in their place, so that a slip in a helper costs its own points only.  Of that second
    round nothing is shown, only whether it was right: the student's code could have looked at the helpers.
    """
    papers = [paper(exercise.name, seed) for exercise in exercises]
    replies = [ask(one, caller) for one in papers]
    verdicts = [_verdict(one, first) for one, first in zip(papers, replies, strict=True)]
    again = [i for i, one in enumerate(papers) if one.exercise.helpers and _worth_another(verdicts[i], replies[i])]
    for i in again:
        caller.help({name: trusted_source(name) for name in papers[i].exercise.helpers})
        verdicts[i] = _with_help(papers[i], verdicts[i], ask(papers[i], caller))
    return tuple(verdicts)


def ask(one: Paper, caller: Caller) -> list[Reply]:
    """The student's answers to all cases of a paper, in order, as its criteria see them."""
    replies: list[Reply] = []
    for case in one.cases:
        last = replies[-1].failure if replies else None
        final = last is not None and (last.name in FINAL or _missing(last, one.exercise.name))
        replies.append(Reply(failure=last) if final else caller.call(one.exercise.name, case.args))
    return raced(one, [examined(one.exercise, reply, caller) for reply in replies], caller)


def _missing(failure: Failure, name: str) -> bool:
    return failure == Failure("NameError", f"{name} is not defined")


def _worth_another(verdict: Verdict, replies: Sequence[Reply]) -> bool:
    """Whether right helpers could earn more: even a function that always raised may owe that to a helper."""
    last = replies[-1].failure
    gone = last is not None and (last.name in GONE or _missing(last, verdict.exercise))
    return verdict.points < verdict.max_points and not gone


def _verdict(one: Paper, replies: Sequence[Reply]) -> Verdict:
    error = _error(one, replies)
    criteria = tuple(_criterion(one, criterion, replies, error) for criterion in one.criteria)
    wrong = not all(criterion.passed for criterion in criteria)
    return Verdict(
        exercise=one.exercise.name,
        lesson=one.exercise.lesson,
        criteria=criteria,
        diagnosis=diagnose(one, replies) if wrong else None,
        error=error,
        example=_example(one, replies) if wrong else None,
    )


def _criterion(one: Paper, criterion: Criterion, replies: Sequence[Reply], error: str | None) -> CriterionVerdict:
    findings = (_finding(one, criterion, replies, place) for place in one.groups[criterion.cases])
    found = error or next(filter(None, findings), "")
    advice = "" if error else criterion.advice
    return CriterionVerdict(
        name=criterion.name,
        asks=criterion.asks,
        passed=not found,
        points=0.0 if found else float(criterion.points),
        max_points=float(criterion.points),
        message=f"{found} {advice}".strip() if found else MET,
    )


def _finding(one: Paper, criterion: Criterion, replies: Sequence[Reply], place: int) -> str:
    """What is wrong with one reply in the eyes of one criterion, in a sentence; empty where nothing is."""
    case, reply = one.cases[place], replies[place]
    if reply.failure:
        return describe(one.exercise.name, reply.failure, case.note)
    found: Difference | None = criterion.aspect(case, one.expected[place], reply)
    return f"With {case.note}: {found.message}" if found else ""


def describe(name: str, failure: Failure, note: str) -> str:
    """An exception in place of an answer, in words."""
    if failure.name == "NotImplementedError":
        return f"{name} is not written yet."
    if _missing(failure, name):
        return is_missing(name)
    if failure.name == "TimeLimit":
        return f"With {note}: {name} took too long and was stopped. Does a loop never end?"
    if failure.name in FINAL:
        return f"With {note}: {failure.message}"
    line = f" ({failure.line})" if failure.line else ""
    return f"With {note}: {name} raised {failure.name}: {failure.message.rstrip('.')}{line}."


def is_missing(name: str) -> str:
    """That a function is not there at all."""
    return f"{name} is not defined: was its cell deleted, or the function renamed?"


def _error(one: Paper, replies: Sequence[Reply]) -> str | None:
    """Why there was nothing to judge: every call ended in the same kind of failure; None where one did not."""
    name, failures = one.exercise.name, [reply.failure for reply in replies]
    first = failures[0]
    if first is None or any(failure is None or failure.name != first.name for failure in failures):
        return None
    if len(replies) == 1:
        return describe(name, first, one.cases[0].note)
    if first.name == "NotImplementedError" or _missing(first, name) or first.name in FINAL:
        return describe(name, first, "every input")
    return describe(name, first, "every input, for example the first")


def _with_help(one: Paper, verdict: Verdict, replies: Sequence[Reply]) -> Verdict:
    *others, last = one.exercise.helpers
    helpers = f"{', '.join(others)} and {last} stand" if others else f"{last} stands"
    criteria = tuple(
        CriterionVerdict(
            old.name,
            old.asks,
            True,
            old.max_points,
            old.max_points,
            f"Right, once a right {helpers} in for yours.",
        )
        if not old.passed and not any(_finding(one, criterion, replies, place) for place in one.groups[criterion.cases])
        else old
        for old, criterion in zip(verdict.criteria, one.criteria, strict=True)
    )
    error = None if any(criterion.passed for criterion in criteria) else verdict.error
    return replace(verdict, criteria=criteria, error=error)


def _example(one: Paper, replies: Sequence[Reply]) -> Example | None:
    """The smallest case whose numbers are wrong, and the two-dimensional part of both answers that differs first."""
    found: list[tuple[int, int, Case, tuple[str, Any, Any]]] = []
    for case, expected, reply in zip(one.cases, one.expected, replies, strict=True):
        if reply.failure is None and (parts := _wrong_part(one.exercise, expected, reply.answer)):
            size = sum(np.size(arg) for arg in case.args if isinstance(arg, np.ndarray))
            found.append((size, len(found), case, parts))
    if not found:
        return None
    _, _, case, (name, expected, yours) = min(found, key=lambda item: item[:2])
    index = tuple(int(i) for i in np.argwhere(~agree(yours, expected))[0]) if expected.ndim else ()
    lead = index[: max(0, expected.ndim - 2)]
    if expected.ndim == 4:  # a channel of an image reads better than a row of channels
        cut: tuple[Any, ...] = (index[0], slice(None), slice(None), index[3])
    else:
        cut = (*lead, ...)
    where = name + (
        f"[{', '.join(':' if isinstance(i, slice) else '...' if i is ... else str(i) for i in cut)}]" if lead else ""
    )
    right, given = _table(expected[cut]), _table(yours[cut])
    return Example(
        case.note,
        where,
        right.tolist(),
        given.tolist(),
        (given - right).tolist(),
        (~agree(given, right)).tolist(),
    )


def _wrong_part(exercise: Exercise, expected: Any, answer: Any) -> tuple[str, Any, Any] | None:
    """The first array of an answer that has the right shape and other values, with its name and the right one."""
    one = expected.answers[0] if isinstance(expected, AnyOf) else expected
    several = isinstance(one, tuple)
    rights = one if several else (one,)
    theirs = answer if several and isinstance(answer, tuple | list) else (answer,)
    for name, right, yours in zip(exercise.returns, rights, theirs, strict=False):
        if isinstance(right, tuple | list | dict):
            continue
        array, right = as_array(yours), np.asarray(right)
        if array is not None and array.size == right.size == 1:
            array = array.reshape(right.shape)
        if array is not None and array.shape == right.shape and not agree(array, right).all():
            return name, right, array
    return None


def _table(array: Any) -> NDArray[np.float64]:
    return np.atleast_2d(np.asarray(array, dtype=np.float64))[:10, :10]
