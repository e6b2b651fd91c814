"""The exam paper of one exercise in one run: its cases, drawn from the run's seed, with right and wrong answers.

Drawn once and kept, since every submission of a run is judged on the same inputs.
"""

from __future__ import annotations

import copy
import functools
import itertools
import secrets
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autograder.caller import Local, answer
from autograder.examined import examined
from autograder.exercise import Aspect, Case, Criterion, Exercise, Reply, part, whole
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
        """What each wrong implementation of the bank answers to each case, as the criteria see it."""
        return {
            wrong.id: tuple(
                _reply(wrong.function, self.exercise, self.cases, place) for place in range(len(self.cases))
            )
            for wrong in self.exercise.wrong
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
                found[a.id, b.id] = Pair(both, self)
        return found


class Pair:
    """Two mistakes in one function, whose answers are worked out only where someone asks for them, and once."""

    def __init__(self, function: Callable[..., Any], paper: Paper) -> None:
        self.function = function
        self.answer = functools.cache(functools.partial(_reply, function, paper.exercise, paper.cases))


def _reply(function: Callable[..., Any], exercise: Exercise, cases: tuple[Case, ...], place: int) -> Reply:
    """What one of the bank's functions answers to a case, as the criteria see it."""
    return examined(exercise, answer(function, cases[place].args), Local(function))


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
