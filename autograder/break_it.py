"""The exercises in which a student breaks a faulty version: inputs on which it differs from a right function.

The student's answer is data.  It is looked at here; the faulty and the right function then run on it in a process of
their own with none of the student's code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from convlab import inputs
from convlab.break_it import Outcome, compared, refused
from convlab.compare import Difference

from autograder.caller import FINAL, Caller, source_of, trusted_source
from autograder.exercise import VISIBLE, Aspect, Breaks, Case, Criterion, Exercise, Failure, Reply, Wrong


@dataclass(frozen=True)
class Version:
    """A faulty version, and what to think about for whoever does not find inputs that betray it."""

    function: Callable[..., Any]
    advice: str


def break_it(
    function: str,
    lesson: str,
    returns: tuple[str, ...],
    versions: Mapping[str, Version],
    wrong: tuple[Wrong, ...],
    visible_points: float = 0.5,
    points: float = 0.5,
) -> Exercise:
    """The exercise ``break_...`` of one function, with ``points`` for each version.

    ``returns`` names the parts of the function's answer.
    """
    name = f"break_{function}"
    only = [Case((), "your inputs")]
    criteria = tuple(
        Criterion(
            f"version {letter}",
            points,
            "inputs",
            _betrays(letter),
            f"Inputs on which {function}_{letter} differs from a right {function}",
            version.advice,
        )
        for letter, version in versions.items()
    )
    return Exercise(
        name=name,
        lesson=lesson,
        visible_points=visible_points,
        criteria=criteria,
        draw=lambda rng: {VISIBLE: only, "inputs": only},
        published=list,
        wrong=wrong,
        returns=returns,
        truth=lambda: None,
        shown=Criterion(
            VISIBLE,
            visible_points,
            VISIBLE,
            _all_taken,
            "Inputs for every version, and at least one that betrays itself",
            f"Run `check({name})` in the notebook: it says what comes of each version.",
        ),
        breaks=Breaks(function, {letter: version.function for letter, version in versions.items()}),
    )


def _betrays(letter: str) -> Aspect:
    def look(case: Case, expected: Any, reply: Reply) -> Difference | None:
        outcome: Outcome = reply.answer[letter]
        return None if outcome.kind == "betrayed" else Difference("values", outcome.message)

    return look


def _all_taken(case: Case, expected: Any, reply: Reply) -> Difference | None:
    outcomes: list[Outcome] = list(reply.answer.values())
    if wrong := next((one for one in outcomes if one.kind == "refused"), None):
        return Difference("type", wrong.message)
    if not any(one.kind == "betrayed" for one in outcomes):
        return Difference("values", "no version betrays itself yet.")
    return None


def tried(exercise: Exercise, breaks: Breaks, reply: Reply, caller: Caller) -> Reply:
    """``reply`` with, in place of inputs, the `Outcome` of each version by its letter."""
    wanted = inputs.WANTED[breaks.function]
    outcomes: dict[str, Outcome] = {}
    taken: dict[str, tuple[Any, ...]] = {}
    for letter in breaks.versions:
        try:
            taken[letter] = inputs.taken(breaks.function, inputs.given(reply.answer, letter, wanted))
        except inputs.Refused as reason:
            outcomes[letter] = refused(f"{breaks.function}_{letter}", reason)
    if taken:
        with caller.apart(_functions(breaks)) as apart:
            outcomes |= {letter: _outcome(exercise, breaks, letter, args, apart) for letter, args in taken.items()}
    return replace(reply, answer={letter: outcomes[letter] for letter in breaks.versions})


def sources(breaks: Breaks) -> dict[str, str]:
    """The source of each faulty version by its letter, with all it needs."""
    return {letter: source_of(function) for letter, function in breaks.versions.items()}


def _functions(breaks: Breaks) -> dict[str, str]:
    faulty = {f"{breaks.function}_{letter}": source for letter, source in sources(breaks).items()}
    return {breaks.function: trusted_source(breaks.function), **faulty}


def _outcome(exercise: Exercise, breaks: Breaks, letter: str, args: tuple[Any, ...], apart: Caller) -> Outcome:
    name = f"{breaks.function}_{letter}"
    right, faulty = apart.call(breaks.function, args), apart.call(name, args)
    if right.failure:
        return refused(name, right.failure.message)
    if faulty.failure and faulty.failure.name in FINAL:
        return refused(name, faulty.failure.message)
    return compared(name, exercise.returns, right.answer, faulty.answer, _told(faulty.failure))


def _told(failure: Failure | None) -> str:
    return f"{failure.name}: {failure.message}" if failure else ""
