"""Whether a named mistake was the right one: it gives the same answers on 200 further inputs too."""

from __future__ import annotations

import functools
import random
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from mutation.survive import reply

from autograder.diagnosis import diagnose, fits
from autograder.exercise import Reply
from autograder.paper import Paper, paper
from autograder.verdict import Diagnosis

T = TypeVar("T")
INPUTS = 200
FIRST_SEED = 10_000


@functools.cache
def further(name: str) -> tuple[tuple[Paper, int], ...]:
    """Further inputs of an exercise: papers of other runs, and the places of their cases."""

    def places() -> Iterator[tuple[Paper, int]]:
        seed = FIRST_SEED
        while True:
            one = paper(name, seed)
            yield from ((one, place) for place in range(len(one.cases)))
            seed += 1

    found = places()
    return tuple(next(found) for _ in range(INPUTS))


def named_reply(one: Paper, diagnosis: Diagnosis, place: int) -> Reply:
    """What the named mistake, or pair of mistakes, answers to a case."""
    if "+" in diagnosis.id:
        first, second = diagnosis.id.split("+")
        return one.pairs[first, second].answer(place)
    return one.wrong[diagnosis.id][place]


def is_right(name: str, function: Callable[..., Any], diagnosis: Diagnosis) -> bool:
    """Whether the function answers all further inputs as the named mistake does."""
    return all(
        fits(one, place, reply(function, one.cases[place].args), named_reply(one, diagnosis, place))
        for one, place in further(name)
    )


def diagnosed(name: str, function: Callable[..., Any], seed: int = 1) -> Diagnosis | None:
    """The diagnosis of a function in the run with this seed."""
    one = paper(name, seed)
    return diagnose(one, [reply(function, case.args) for case in one.cases])


def bank_pairs(name: str) -> dict[tuple[str, str], Callable[..., Any]]:
    """All pairs of an exercise's bank that can be made."""
    return {ids: pair.function for ids, pair in paper(name, 1).pairs.items()}


def sample_of(name: str, population: Iterable[T], size: int) -> list[T]:
    """Some of a population, the same ones each time."""
    every = list(population)
    return random.Random(zlib.crc32(name.encode())).sample(every, min(size, len(every)))
