"""Which mistake it was: the entry of the bank, or the two at once, that give all of the student's answers.

A wrong hint costs a student more than no hint.  So nothing is named for a resemblance: what is named has answered
every case as the student did.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from convlab.break_it import Outcome
from convlab.compare import AnyOf, agree, as_array, kind_of
from numpy.typing import NDArray

from autograder.exercise import Failure, Reply, Wrong
from autograder.paper import Pair, Paper
from autograder.verdict import Diagnosis

#: How many pairs are made and compared for one submission: the time for it is bounded, and few are ever needed.
MOST_PAIRS = 40


def diagnose(paper: Paper, replies: Sequence[Reply | None]) -> Diagnosis | None:
    """The mistake that explains ``replies`` (one a case), where exactly one entry of the bank does, or one pair.

    An entry explains them when it would have answered every case alike.  None where nothing explains them, or more
    than one thing: entries can be told apart on every paper (the tests see to it), so several are pairs that have
    come to the same, and which of them it was is anybody's guess.
    """
    given = [reply for reply in replies if reply]
    if len(given) < len(paper.cases):
        return None
    bank = {wrong.id: wrong for wrong in paper.exercise.wrong}
    single = [id for id in bank if _all_fit(paper, given, paper.wrong[id])]
    if single:
        return Diagnosis(single[0], bank[single[0]].hint) if len(single) == 1 else None
    found = [(bank[a], bank[b]) for (a, b), pair in _candidates(paper, given) if _explains(paper, pair, given)]
    return two(*found[0]) if len(found) == 1 else None


def _all_fit(paper: Paper, given: Sequence[Reply], theirs: Sequence[Reply]) -> bool:
    return all(fits(paper, place, *pair) for place, pair in enumerate(zip(given, theirs, strict=True)))


def two(a: Wrong, b: Wrong) -> Diagnosis:
    """Two mistakes at once, as one diagnosis."""
    return Diagnosis(f"{a.id}+{b.id}", f"Two mistakes together give your answers. First: {a.hint} Second: {b.hint}")


def _candidates(paper: Paper, given: Sequence[Reply]) -> Iterator[tuple[tuple[str, str], Pair]]:
    """Pairs that may explain the answers, before it is asked what they answer together.

    In each part of each answer: where only one of the two shows, it alone explains the part; where none does, the
    part is right.
    """
    if not paper.pairs:
        return
    right = np.array([paper.right(place, reply) for place, reply in enumerate(given)])
    shows = paper.shows
    fit = {id: _fitting(paper, given, paper.wrong[id], shows[id]) for id in shows}
    tried = 0
    for (a, b), pair in paper.pairs.items():
        if np.where(shows[a], fit[a] | shows[b], np.where(shows[b], fit[b], right)).all():
            tried += 1
            if tried > MOST_PAIRS:
                return
            yield (a, b), pair


def _fitting(
    paper: Paper, given: Sequence[Reply], theirs: Sequence[Reply], shows: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """In which cases and parts a mistake that shows there explains the replies."""
    names = paper.exercise.returns
    fit = np.zeros(shows.shape, dtype=bool)
    for place, part in np.argwhere(shows):
        one, other = given[place], theirs[place]
        if one.failure or other.failure:
            fit[place, part] = alike(one, other)
        elif part == len(names):
            fit[place, part] = one.untouched == other.untouched
        else:
            fit[place, part] = _same(*(_part(reply.answer, part, len(names)) for reply in (one, other)))
    return fit


def _part(answer: Any, index: int, count: int) -> Any:
    """One of the parts that an answer should have; an answer that has other parts is all of it in each."""
    return answer[index] if count > 1 and isinstance(answer, tuple | list) and len(answer) == count else answer


def _explains(paper: Paper, pair: Pair, given: Sequence[Reply]) -> bool:
    """Whether a pair answers every case alike; small cases are tried first, and most pairs fail the first of them."""
    places = sorted(range(len(given)), key=lambda place: _size(paper.cases[place].args))
    return all(fits(paper, place, given[place], pair.answer(place)) for place in places)


def fits(paper: Paper, place: int, reply: Reply, theirs: Reply) -> bool:
    """Whether a mistake that gives ``theirs`` explains a reply: they are alike, or both right in ways of their own."""
    if alike(reply, theirs):
        return True
    several = isinstance(paper.expected[place], AnyOf)
    return several and all(paper.right(place, theirs)) and all(paper.right(place, reply))


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
    return first.shape == second.shape and (np.array_equal(first, second) or bool(agree(first, second).all()))


def _nested(value: Any) -> bool:
    """Whether a tuple or list holds several results rather than numbers."""
    return any(isinstance(item, np.ndarray | dict | tuple | list) for item in value)


def _size(value: Any) -> int:
    """How many numbers the arguments of a case hold."""
    if isinstance(value, tuple | list):
        return sum(map(_size, value))
    return int(np.size(value)) if isinstance(value, np.ndarray) else 1
