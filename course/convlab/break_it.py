"""The visible check of a "Break it" exercise: do faulty versions betray themselves on a student's inputs?"""

from __future__ import annotations

import contextlib
import copy
import io
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from convlab import inputs
from convlab.compare import difference, kind_of
from convlab.errors import CheckFailed, NotKept, wrapped
from convlab.examine import answer_of
from convlab.published import Published


@dataclass(frozen=True)
class Outcome:
    """What a student's inputs show of one faulty version, with a sentence for the student."""

    kind: Literal["betrayed", "agrees", "refused"]
    message: str

    def alike(self, other: Outcome) -> bool:
        """Whether two outcomes are the same but for the numbers that a version betrays itself with."""
        return self.kind == other.kind and (self.kind == "betrayed" or self.message == other.message)


def refused(version: str, reason: object) -> Outcome:
    """The outcome of inputs that are not taken."""
    return Outcome("refused", f"The inputs for {version} are refused: {reason}")


def compared(version: str, returns: Sequence[str], right: Any, answer: Any, error: str = "") -> Outcome:
    """The outcome of inputs to which ``version`` gave ``answer``, or raised ``error``, and a right function ``right``.

    ``returns`` names the parts of an answer.
    """
    if error:
        return Outcome("betrayed", f"{version} betrays itself: it raises {error.rstrip('.')}.")
    parts = [(answer, right, returns[0])] if len(returns) == 1 else list(zip(answer, right, returns, strict=True))
    for yours, wanted, name in parts:
        if found := difference(yours, wanted, name):
            return Outcome("betrayed", f"{version} betrays itself: {found.message}")
    return Outcome("agrees", f"{version} gives the right answer on its inputs: no difference yet.")


def check_break(function: Callable[..., Any], exercise: Published) -> None:
    """Say of each faulty version whether the inputs that ``function`` returns betray it.

    What is right is what the student's own kept function answers.

    Raises CheckFailed where one does not betray itself, and NotKept where there is no function of theirs.
    """
    headline, text, _ = _examined(function, exercise)
    if headline:
        raise CheckFailed(text)
    print(wrapped(text))
    print(f"Right is here what your own {exercise.breaks} answers; grading has one of its own.")


def state(function: Callable[..., Any], exercise: Published) -> tuple[str, bool]:
    """What is wrong with ``function`` in a few words, empty when nothing is, and whether the check's points are earned.

    Nothing that it prints is seen.
    """
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            headline, _, earned = _examined(function, exercise)
    except NotKept:
        return f"needs your own {exercise.breaks}, which is not kept", False
    return headline, earned


def _examined(function: Callable[..., Any], exercise: Published) -> tuple[str, str, bool]:
    """What is wrong with ``function`` in a few words, empty when nothing is, the text that tells it, and the points.

    As in grading, the points of the check are earned when all inputs are taken and one version betrays itself.

    Raises NotKept where there is no function of the student's to compare with.
    """
    name, broken = exercise.exercise, exercise.breaks
    try:
        answer = answer_of(function, name)
    except CheckFailed as why:
        return why.headline(name), str(why), False
    from convlab import mine

    own = getattr(mine, broken)
    outcomes = [_outcome(exercise, version, answer, own) for version in exercise.versions]
    kinds = [one.kind for one in outcomes]
    betrayed, count = kinds.count("betrayed"), len(outcomes)
    told = "\n".join(f"    {one.message}" for one in outcomes)
    if betrayed < count:
        verb = "betrays itself" if betrayed == 1 else "betray themselves"
        number = betrayed or "none"
        text = f"{name}: {number} of the {count} versions {verb}.\n{told}"
        return f"betrays {number} of {count} versions", text, bool(betrayed) and "refused" not in kinds
    return "", f"{name}: all {count} versions betray themselves.\n{told}", True


def _outcome(exercise: Published, version: str, answer: Any, own: Callable[..., Any]) -> Outcome:
    """What the student's inputs show of one version, beside the student's own function."""
    broken = exercise.breaks
    faulty = f"{broken}_{version}"
    try:
        args = inputs.taken(broken, inputs.given(answer, version, inputs.WANTED[broken]))
    except inputs.Refused as reason:
        return refused(faulty, reason)
    right, error = _answer(own, args)
    if error:
        return refused(faulty, f"your own {broken} raises {error.rstrip('.')}.")
    if len(exercise.returns) > 1 and not (isinstance(right, tuple | list) and len(right) == len(exercise.returns)):
        return refused(faulty, f"your own {broken} returns {kind_of(right)} for them.")
    names: dict[str, Any] = {}
    exec(compile(exercise.versions[version], f"<{faulty}>", "exec"), names)
    return compared(faulty, exercise.returns, right, *_answer(names[faulty], args))


def _answer(function: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Any, str]:
    """What ``function`` answers to copies of ``args``, or None and the error it raises."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return function(*copy.deepcopy(args)), ""
    except (Exception, SystemExit) as error:
        return None, f"{type(error).__name__}: {error}"
