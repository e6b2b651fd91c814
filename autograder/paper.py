"""The exam paper of one exercise in one run: its cases, drawn from the run's seed, with right and wrong answers.

Drawn once and kept, since every submission of a run is judged on the same inputs.
"""

from __future__ import annotations

import copy
import functools
import secrets
import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.break_it import examined
from autograder.caller import Local, answer
from autograder.exercise import Case, Criterion, Exercise, Reply
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
        here = Local({})
        return {
            wrong.id: tuple(examined(self.exercise, answer(wrong.function, case.args), here) for case in self.cases)
            for wrong in self.exercise.wrong
        }


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
