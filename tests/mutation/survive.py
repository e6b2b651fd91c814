"""Which mutants of the lessons' solutions the hidden cases let through.

A mutant is run in this process.  None of the solutions has a ``while`` in it and mutants add none, so what never ends
is unlikely; an alarm ends it after all, and counts as a rejection, as a time limit does in a graded run.
"""

from __future__ import annotations

import ast
import contextlib
import copy
import signal
import types
import warnings
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jupytext
import numpy as np
import torch  # noqa: F401  before a time limit can cut its import off
from convlab import network

from autograder import solution
from autograder.caller import unchanged
from autograder.exercise import Exercise, Failure, Reply
from autograder.exercises import EXERCISES, LAYERS
from autograder.paper import Paper
from mutation.mutate import Mutant, mutants

LESSONS = Path(__file__).parents[2] / "course" / "lessons"
SECONDS = 5.0  # of the processor's time: a machine that is busy makes no mutant wrong


@cache
def solution_source(name: str) -> str:
    """The source of the solution in the lesson's text."""
    text = (LESSONS / f"{EXERCISES[name].lesson}.py").read_text(encoding="utf-8")
    cells = jupytext.reads(text, fmt="py:percent").cells
    (source,) = [cell.source for cell in cells if cell.metadata.get("exercise") == name]
    tree = ast.parse(source)
    (function,) = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
    return ast.unparse(function)


@cache
def mutants_of(name: str) -> tuple[Mutant, ...]:
    """All mutants of the lesson's solution."""
    return tuple(mutants(solution_source(name)))


def defined(name: str, source: str) -> Callable[..., Any]:
    """The function ``name`` that ``source`` defines in a notebook where all others are right."""
    names: dict[str, Any] = {
        "np": np,
        **vars(network),
        **{one: getattr(solution, one) for one in LAYERS if one != name},
    }
    exec(compile(source, "mutant", "exec"), names)
    function = names[name]
    assert isinstance(function, types.FunctionType)
    return function


class TimeUp(BaseException):
    """Not an Exception, so that no ``except`` of a mutant's stops it."""


@contextlib.contextmanager
def time_limit(seconds: float = SECONDS) -> Iterator[None]:
    """Raise `TimeUp` in the block after so many seconds of work."""

    def ring(*_: object) -> None:
        raise TimeUp

    before = signal.signal(signal.SIGVTALRM, ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def reply(function: Callable[..., Any], args: tuple[Any, ...]) -> Reply:
    """What a function of doubtful origin answers to one case, sooner or later."""
    given = copy.deepcopy(args)
    try:
        with time_limit(), warnings.catch_warnings(), np.errstate(all="ignore"), contextlib.redirect_stdout(None):
            warnings.simplefilter("ignore")
            answer = copy.deepcopy(function(*given))
    except TimeUp:
        return Reply(failure=Failure("TimeLimit", ""))
    except Exception as error:
        return Reply(failure=Failure(type(error).__name__, str(error)))
    return Reply(answer, untouched=unchanged(given, args))


def rejected_by(paper: Paper, function: Callable[..., Any]) -> str | None:
    """The hidden criterion that a function does not meet first, trying small cases first; None where it meets all."""
    by_case: dict[int, list[Any]] = {}
    for criterion in paper.exercise.criteria:
        for place in paper.groups[criterion.cases]:
            by_case.setdefault(place, []).append(criterion)
    for place in sorted(by_case, key=lambda place: _size(paper.cases[place].args)):
        case, expected = paper.cases[place], paper.expected[place]
        given = reply(function, case.args)
        for criterion in by_case[place]:
            if given.failure or criterion.aspect(case, expected, given):
                return str(criterion.name)
    return None


def survivors(exercise: Exercise, paper: Paper) -> list[Mutant]:
    """The mutants of the lesson's solution that meet all hidden criteria."""
    return [
        mutant
        for mutant in mutants_of(exercise.name)
        if rejected_by(paper, defined(exercise.name, mutant.source)) is None
    ]


def _size(value: Any) -> int:
    if isinstance(value, tuple | list):
        return sum(map(_size, value))
    return int(np.size(value)) if isinstance(value, np.ndarray) else 1
