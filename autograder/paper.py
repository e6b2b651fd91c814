"""The exam paper of one exercise in one run: its cases, drawn from the run's seed, with right and wrong answers.

Drawn once and kept, since every submission of a run is judged on the same inputs.
"""

from __future__ import annotations

import copy
import functools
import itertools
import secrets
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.exercise import Aspect, Case, Criterion, Exercise, Failure, Reply, part, whole
from autograder.exercises import EXERCISES


@dataclass(frozen=True)
class Paper:
    """``cases`` are all cases once, ``groups`` their places by name of group, ``expected`` the right answers."""

    exercise: Exercise
    seed: int
    cases: tuple[Case, ...]
    groups: dict[str, tuple[int, ...]]
    expected: tuple[Any, ...]

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """The visible check, then the criteria of the hidden tests."""
        return (self.exercise.visible(), *self.exercise.criteria)

    @functools.cached_property
    def wrong(self) -> dict[str, tuple[Reply, ...]]:
        """What each wrong implementation of the bank answers to each case."""
        return {
            wrong.id: tuple(answer(wrong.function, case.args) for case in self.cases) for wrong in self.exercise.wrong
        }

    def right(self, place: int, reply: Reply) -> tuple[bool, ...]:
        """Of a reply to one case, which parts of the answer are as they should be; last, whether its arguments are."""
        if reply.failure:
            return (*(False for _ in self._parts), reply.untouched)
        case, expected = self.cases[place], self.expected[place]
        return (*(look(case, expected, reply) is None for look in self._parts), reply.untouched)

    @functools.cached_property
    def _parts(self) -> tuple[Aspect, ...]:
        names = self.exercise.returns
        return (whole(*names),) if len(names) == 1 else tuple(part(i, name) for i, name in enumerate(names))

    @functools.cached_property
    def shows(self) -> dict[str, NDArray[np.bool_]]:
        """For each wrong implementation, in which cases and parts of the answer it is wrong: these are informative."""
        return {
            id: ~np.array([self.right(place, reply) for place, reply in enumerate(replies)])
            for id, replies in self.wrong.items()
        }

    @functools.cached_property
    def pairs(self) -> dict[tuple[str, str], Pair]:
        """The pairs of wrong implementations that can be made at once, each a function with both changes.

        That is possible where both are the same loops with other parts replaced.
        """
        found = {}
        for a, b in itertools.combinations(self.exercise.wrong, 2):
            if both := _composed(a.function, b.function):
                found[a.id, b.id] = Pair(both, self.cases)
        return found


class Pair:
    """Two mistakes in one function, whose answers are worked out only where someone asks for them, and once."""

    def __init__(self, function: Callable[..., Any], cases: tuple[Case, ...]) -> None:
        self.function = function
        self.answer = functools.cache(lambda place: answer(function, cases[place].args))


def _composed(a: Callable[..., Any], b: Callable[..., Any]) -> Callable[..., Any] | None:
    """One function with the changes of both, or None where they do not change different parts of the same one."""
    if not isinstance(a, functools.partial) or not isinstance(b, functools.partial) or a.func is not b.func:
        return None
    return functools.partial(a, **b.keywords) if a.keywords.keys().isdisjoint(b.keywords) else None


def new_seed() -> int:
    """A seed that no one can guess.  It is kept beside the gradebook, so that a grade can be replayed."""
    return secrets.randbits(63)


@functools.lru_cache(maxsize=64)
def paper(name: str, seed: int) -> Paper:
    """The paper of the exercise ``name`` in the run with this seed: the same for the same two."""
    exercise = EXERCISES[name]
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    cases: list[Case] = []
    groups: dict[str, tuple[int, ...]] = {}
    places: dict[int, int] = {}
    for group, drawn in exercise.draw(rng).items():
        for case in drawn:
            if id(case) not in places:
                places[id(case)] = len(cases)
                cases.append(case)
        groups[group] = tuple(places[id(case)] for case in drawn)
    expected = tuple(exercise.expected(Case(copy.deepcopy(case.args), case.note)) for case in cases)
    return Paper(exercise, seed, tuple(cases), groups, expected)


def answer(function: Callable[..., Any], args: tuple[Any, ...]) -> Reply:
    """What one of the grader's own functions answers: like a reply from the confined process."""
    given = copy.deepcopy(args)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            result = function(*given)
    except Exception as error:
        return Reply(failure=Failure(type(error).__name__, str(error)))
    return Reply(answer=result, untouched=unchanged(given, args))


def unchanged(a: Any, b: Any) -> bool:
    """Whether ``a`` is still what ``b`` is, dtype included."""
    if isinstance(b, np.ndarray):
        return isinstance(a, np.ndarray) and a.dtype == b.dtype and np.array_equal(a, b)
    if isinstance(b, tuple | list):
        return len(a) == len(b) and all(map(unchanged, a, b))
    if isinstance(b, dict):
        return a.keys() == b.keys() and all(unchanged(a[key], b[key]) for key in b)
    return bool(a == b)
