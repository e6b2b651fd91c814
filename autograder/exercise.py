"""What an exercise is: data about one graded function, and no steps.

A file in ``autograder/exercises/`` holds one `Exercise`: how cases are drawn, what is looked at in the answers
and for how many points, and the bank of wrong implementations that proves the cases and writes the hints.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from convlab.compare import AnyOf, Difference, difference, kind_of

from autograder import solution

#: The group of cases, and the criterion, that stand for an exercise's visible check.
VISIBLE = "visible check"


@dataclass(frozen=True)
class Case:
    """One call: the arguments in the order of the signature, and a few words on what is special about them."""

    args: tuple[Any, ...]
    note: str


@dataclass(frozen=True)
class Failure:
    """An exception (or a time limit) in place of an answer; ``line`` is the student's own line, if known."""

    name: str
    message: str
    line: str = ""


@dataclass(frozen=True)
class Race:
    """How many times as fast as loops a function was, or the ``problem`` that came up on the way."""

    times: float
    problem: str = ""


@dataclass(frozen=True)
class Reply:
    """What came back from one call: an answer or a `Failure`, and whether the arguments were left as they were.

    Where speed is judged (see `autograder.speed`), ``race`` is what came of that.
    """

    answer: Any = None
    failure: Failure | None = None
    untouched: bool = True
    race: Race | None = None


#: Looks at one reply to one case: a sentence on what is wrong, or None where nothing is.
Aspect = Callable[[Case, Any, Reply], Difference | None]


@dataclass(frozen=True)
class Criterion:
    """Something a marker would look at, and what it is worth.

    ``cases`` names the group of drawn cases it looks at, ``aspect`` how.  It is met when the aspect finds nothing in
    any of them.  ``asks`` says what is looked at, ``advice`` what to do where it is not met.
    """

    name: str
    points: float
    cases: str
    aspect: Aspect
    asks: str
    advice: str


@dataclass(frozen=True)
class Wrong:
    """A wrong implementation that stands for a misunderstanding, and the hint for whoever has it."""

    id: str
    function: Callable[..., Any]
    hint: str


@dataclass(frozen=True)
class Breaks:
    """What a student is to break: the faulty ``versions``, by letter, of the function called ``function``."""

    function: str
    versions: Mapping[str, Callable[..., Any]]


@dataclass(frozen=True)
class Asked:
    """A question whose answer is a number, right within ``tolerance``.

    ``misreadings`` explain wrong numbers that many give, without the right one; ``advice`` is for all others.
    """

    key: str
    asks: str
    answer: float
    advice: str
    misreadings: Mapping[float, str]
    tolerance: float = 0.0


@dataclass(frozen=True)
class Speed:
    """What the speed of a function is judged by (see `autograder.speed`).

    ``cases`` names the group of small cases that have to be right before a race; ``draw`` makes the arguments of one
    timed call.  ``loops`` takes such arguments and returns the seconds of processor time that loops need for them.
    ``times`` are the multiples of that speed which earn points.
    """

    cases: str
    draw: Callable[[np.random.Generator], tuple[Any, ...]]
    loops: Callable[..., float]
    times: tuple[float, ...]


@dataclass(frozen=True)
class Exercise:
    """All there is about grading one function.

    ``draw`` makes groups of cases by name, one of which is `VISIBLE`; ``published`` makes the fixed cases of the
    visible check, whose answers students have.  ``helpers`` are functions that this one may call.  ``returns`` names
    the parts of the answer, and ``formula`` says in a sentence how large it is.  ``truth`` gives the right answer (or
    `AnyOf` several) and is the solution's function unless an exercise says otherwise.  ``shown`` is the criterion of a
    visible check that looks at something else than whole answers.  Where an exercise ``breaks`` a function, its answers
    are inputs, and its criteria look at what comes of them (see `autograder.break_it`).  Where it has
    ``questions``, its answers are numbers by their keys (see `autograder.questions`).  ``frameworks`` are packages
    that a student's function may use: without them it cannot be graded.  Where it has a ``speed``, that is judged too.
    """

    name: str
    lesson: str
    visible_points: float
    criteria: tuple[Criterion, ...]
    draw: Callable[[np.random.Generator], Mapping[str, list[Case]]]
    published: Callable[[], list[Case]]
    wrong: tuple[Wrong, ...]
    returns: tuple[str, ...]
    formula: str = ""
    helpers: tuple[str, ...] = ()
    truth: Callable[..., Any] | None = field(default=None)
    shown: Criterion | None = None
    breaks: Breaks | None = None
    questions: tuple[Asked, ...] = ()
    frameworks: tuple[str, ...] = ()
    speed: Speed | None = None

    @property
    def is_layer(self) -> bool:
        """Whether later lessons can use the function; answers and inputs that break another are of no further use."""
        return not (self.breaks or self.questions)

    @property
    def hidden_points(self) -> float:
        """Points of the hidden tests: those of all criteria together."""
        return sum(criterion.points for criterion in self.criteria)

    @property
    def max_points(self) -> float:
        """All points of the exercise, its visible check included."""
        return self.visible_points + self.hidden_points

    def expected(self, case: Case) -> Any:
        """The right answer to ``case``, or `AnyOf` the right ones."""
        return (self.truth or getattr(solution, self.name))(*case.args)

    def visible(self) -> Criterion:
        """The visible check as a criterion: whole answers on fresh inputs of the published shapes."""
        return self.shown or Criterion(
            VISIBLE,
            self.visible_points,
            VISIBLE,
            whole(*self.returns),
            "The examples of the visible check, with fresh numbers",
            f"Run `check({self.name})` in the notebook: it shows an example where the numbers differ.",
        )


def whole(*names: str) -> Aspect:
    """The whole answer is right: of several parts, each, called by its name."""
    if len(names) == 1:
        return lambda case, expected, reply: difference(reply.answer, expected, names[0])
    aspects = [part(i, name) for i, name in enumerate(names)]

    def look(case: Case, expected: Any, reply: Reply) -> Difference | None:
        return next((found for aspect in aspects if (found := aspect(case, expected, reply))), None)

    return look


def part(index: int, name: str, formula: str = "") -> Aspect:
    """One part of an answer of several is right.  The first part may come alone, where the others were forgotten."""

    def look(case: Case, expected: Any, reply: Reply) -> Difference | None:
        if isinstance(expected, AnyOf):
            found = [look(case, one, reply) for one in expected.answers]
            return None if None in found else found[0]
        got = _part_of(reply.answer, index, len(expected), name)
        return got if isinstance(got, Difference) else difference(got, expected[index], name, formula)

    return look


def shape(index: int | None, name: str, formula: str = "") -> Aspect:
    """The answer (or one part of it) has the right shape, whatever its values."""

    def look(case: Case, expected: Any, reply: Reply) -> Difference | None:
        one = expected.answers[0] if isinstance(expected, AnyOf) else expected
        if index is None:
            found = difference(reply.answer, one, name, formula)
        else:
            got = _part_of(reply.answer, index, len(one), name)
            found = got if isinstance(got, Difference) else difference(got, one[index], name, formula)
        return found if found and found.kind != "values" else None

    return look


def untouched(aspect: Aspect, names: str) -> Aspect:
    """The arguments ``names`` are left as they were, in a call whose answer is right: idleness earns nothing."""

    def look(case: Case, expected: Any, reply: Reply) -> Difference | None:
        if not reply.untouched:
            return Difference("values", f"The function changed its arguments: {names} must be left as they were.")
        return aspect(case, expected, reply)

    return look


def times_as_fast(times: float, aspect: Aspect) -> Aspect:
    """A right answer, by a function at least so many times as fast as loops; where nothing was timed, the answer."""

    def look(case: Case, expected: Any, reply: Reply) -> Difference | None:
        race = reply.race
        if race is None or (race.times >= times and not race.problem):
            return aspect(case, expected, reply)
        slow = f"it was {race.times:.1f} times as fast as the loops, and {times:g} times are wanted."
        return Difference("values", race.problem or slow)

    return look


def _part_of(answer: Any, index: int, count: int, name: str) -> Any:
    """Part ``index`` of an answer that should be ``count`` long, or the `Difference` that keeps it from being one."""
    if isinstance(answer, tuple | list) and len(answer) == count:
        return answer[index]
    if index == 0 and isinstance(answer, np.ndarray):
        return answer
    return Difference(
        "type",
        f"The function should return {count} values, {name} at place {index + 1}; it returned {kind_of(answer)}.",
    )
