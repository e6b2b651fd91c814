"""Run a student's function on the published examples, and find what is wrong with what it does."""

from __future__ import annotations

import contextlib
import copy
import inspect
import io
import re
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TextIO

import numpy as np
from numpy.typing import NDArray

from convlab import fingerprint
from convlab.compare import AnyOf, Difference, as_array, difference, kind_of
from convlab.errors import CheckFailed, Interrupted
from convlab.origin import students_line, told
from convlab.published import Example, Published

#: Kinds of problem and how each is told. Of several problems the first kind here is the one to tell.
HEADLINES = {
    "not started": "is not started yet",
    "does not run": "does not run",
    "type": "returns the wrong type",
    "shape": "returns the wrong shape",
    "values": "returns wrong values",
    "side effects": "returns the right answer, but changes an argument",
}
#: What to do about a function that is not started.
TO_START = "Put your own lines in place of raise NotImplementedError(), run its cell, and then run this one again."
_RANK = {kind: rank for rank, kind in enumerate(HEADLINES)}

#: What to do about errors of NumPy that say little at first sight: part of the message, and the advice.
ADVICE = {
    "only 0-dimensional arrays can be converted": "This line wants a single number and has an array "
    "that holds one: take it out by its index, as in b[0, 0, 0], or with b.item().",
    "setting an array element with a sequence": "One entry of an array takes a single number, and "
    "this line puts an array there: take the number out by its index, as in b[0, 0, 0], or with b.item().",
    "cannot be interpreted as an integer": "Lengths, indices and ranges are whole numbers of type int, and here is a "
    "float, such as 3.0: `/` and np.floor give floats, `//` and int() give whole numbers.",
    "as a data type": "A shape is a single argument, a tuple: np.zeros((2, 3)), with two pairs of brackets.",
    "zeros() takes": "A shape is a single argument, a tuple: np.zeros((2, 3)), with two pairs of brackets.",
}

#: How many lines of what a function prints are shown: with more, nobody would find what the check says.
PRINTED_LINES = 20


class Picture(NamedTuple):
    """A part of an answer whose values differ: its name, what was expected, and what came."""

    name: str
    expected: NDArray[Any]
    yours: NDArray[Any]


@dataclass(frozen=True)
class Problem:
    """What is wrong with one example: the kind, the details, and what to draw where values differ."""

    kind: str
    details: str
    picture: Picture | None = None


@dataclass(frozen=True)
class Examination:
    """What came of all examples: the first problem, if any, the text that tells it, all warnings, and a remark.

    The ``remark`` is on an answer that is right, but will not do everywhere.
    """

    problem: Problem | None
    text: str
    warnings: tuple[str, ...]
    remark: str = ""


class _FirstLines(io.TextIOBase):
    """Passes on the first lines that are written to it, and counts the others."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.lines = 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        for part in text.splitlines(keepends=True):
            if self.lines < PRINTED_LINES:
                self._stream.write(part)
            self.lines += part.endswith("\n")
        return len(text)

    def flush(self) -> None:
        self._stream.flush()


def examine(function: Callable[..., Any], published: Published) -> Examination:
    """Run ``function`` on fresh copies of every published example and look at what it does.

    Warnings are collected, and what it prints as an error is printed as ordinary text: neither is a failure. Of
    what it prints, the first lines are shown.
    """
    shown = _FirstLines(sys.stdout)
    with (
        warnings.catch_warnings(record=True) as caught,
        contextlib.redirect_stdout(shown),
        contextlib.redirect_stderr(shown),
    ):
        warnings.simplefilter("always")
        calls = [_call(function, example) for example in published.examples]
        problems = [_problem(function, published, call) for call in calls]
    if shown.lines > PRINTED_LINES:
        print(f"... and {shown.lines - PRINTED_LINES} more lines that {published.exercise} printed.\n")
    warned = tuple(dict.fromkeys(f"{one.category.__name__}: {one.message}" for one in caught))
    found = {number: problem for number, problem in enumerate(problems) if problem}
    if not found:
        return Examination(None, "", warned, _remark(published, calls))
    if any(one is None or one.kind != "not started" for one in problems):
        # Where only some examples stop at a NotImplementedError, a branch is missing: that is not running.
        found = {n: replace(p, kind="does not run") if p.kind == "not started" else p for n, p in found.items()}
    number = min(found, key=lambda n: _RANK[found[n].kind])
    text = _told(function, published, number, found[number], passed=len(problems) - len(found))
    if hint := _likely(published, calls):
        text += f"\n\nMost likely{hint}"
    return Examination(found[number], text, warned)


def quietly(function: Callable[..., Any], published: Published) -> Problem | None:
    """What `examine` finds wrong, or None; nothing that the function prints is seen."""
    with contextlib.redirect_stdout(io.StringIO()):
        return examine(function, published).problem


def _told(function: Callable[..., Any], published: Published, number: int, problem: Problem, passed: int) -> str:
    """The problem with example ``number`` as a student reads it."""
    headline = f"{published.exercise} {HEADLINES[problem.kind]}."
    if problem.kind == "not started":
        return f"{headline}\n{TO_START}"
    example, count = published.examples[number], len(published.examples)
    named = zip(_parameters(function, len(example.args)), example.args, strict=True)
    lines = [
        headline,
        "",
        problem.details,
        "",
        f"This is example {number + 1} of {count} ({example.note}), with",
        *(f"    {name} = {_described(value)}" for name, value in named),
    ]
    if passed:
        lines.append(f"Of the {count} examples, {passed} pass{'es' if passed == 1 else ''}.")
    return "\n".join(lines)


@dataclass(frozen=True)
class _Call:
    """What came of one example: the arguments after the call, and an answer or an error."""

    example: Example
    args: tuple[Any, ...]
    answer: Any = None
    error: BaseException | None = None

    def changed(self, names: list[str]) -> list[str]:
        """The paths to what the call changed in its arguments, which go by ``names``."""
        return [path for path in map(_changed, self.example.args, self.args, names) if path]


def _call(function: Callable[..., Any], example: Example) -> _Call:
    args = copy.deepcopy(example.args)
    try:
        return _Call(example, args, answer=function(*args))
    except (Exception, SystemExit) as error:
        return _Call(example, args, error=error)


def _likely(published: Published, calls: list[_Call]) -> str | None:
    """What to say of the known mistakes that answer all examples alike; None where there is none."""
    try:
        prints = [_print(call) for call in calls]
    except Exception:  # an answer can be anything: what cannot be looked at is no known mistake
        return None
    hints = [
        mistake.hint
        for mistake in published.mistakes
        if all(one.matches(other) for one, other in zip(prints, mistake.prints, strict=True))
    ]
    if len(hints) > 1:
        return " one of these:\n" + "\n".join(f"- {hint}" for hint in hints)
    return f": {hints[0]}" if hints else None


def _print(call: _Call) -> fingerprint.Fingerprint:
    if call.error is not None:
        return fingerprint.of_error(type(call.error).__name__, str(call.error))
    return fingerprint.of_answer(call.answer, bool(call.changed(["its argument"] * len(call.args))))


def _problem(function: Callable[..., Any], published: Published, call: _Call) -> Problem | None:
    """What goes wrong with one example, or None."""
    if call.error is not None:
        return stopped(call.error, (published.exercise, getattr(function, "__name__", ""), ""))
    answer, example = call.answer, call.example
    changed = call.changed(_parameters(function, len(call.args)))
    if found := _wrong(answer, example.expected, published):
        what, picture = found
        details = re.sub(r"^the ", "The ", what.message)
        if answer is None:
            details += f" Does {published.exercise} end with a return?"
        if changed:
            details += f"\nIt also changes its argument {changed[0]}, which must stay as it was."
        return Problem(what.kind, details, picture)
    if changed:
        details = f"After the call {changed[0]} is not what it was, and whoever called still needs it."
        return Problem("side effects", f"{details}\nWork on a copy: np.copy makes one.")
    return None


def answer_of(function: Callable[..., Any], name: str) -> Any:
    """What a function without arguments answers, the student's for the exercise ``name``.

    Raises CheckFailed with an explanation when it stops.
    """
    try:
        return function()
    except (Exception, SystemExit) as error:
        problem = stopped(error, (name, getattr(function, "__name__", ""), ""))
        details = TO_START if problem.kind == "not started" else f"\n{problem.details}"
        raise CheckFailed(f"{name} {HEADLINES[problem.kind]}.\n{details}") from None


def stopped(error: BaseException, names: tuple[str, ...]) -> Problem:
    """The problem of a function that raised; ``names`` are those that its own lines go by."""
    line = students_line(error)
    details = "It stopped with\n" + told(error)
    if isinstance(error, NotImplementedError):
        if line is None or line.function in names:
            return Problem("not started", details)
        details = f"It needs {line.function}, which is not written yet."
    advice = [text for part, text in ADVICE.items() if part in str(error)]
    if line is None and isinstance(error, TypeError) and "positional argument" in str(error):
        advice.append("The lesson calls it with the arguments that it had at first: put its first line back as it was.")
    return Problem("does not run", "\n".join([details, *advice]))


def interrupted(interrupt: KeyboardInterrupt, name: str) -> Interrupted:
    """What stands in place of an ``interrupt``: where the function called ``name`` was when it came."""
    line = students_line(interrupt)
    where = f" in {line}:\n    {line.text}\nIf it would never have ended, look at the loop there" if line else ""
    return Interrupted(f"Interrupted. {name} was still running{where}.")


def _wrong(answer: Any, expected: Any, published: Published) -> tuple[Difference, Picture | None] | None:
    """How the answer differs from what was expected, and what to draw of it, or None where it does not."""
    if isinstance(expected, AnyOf):
        found = [_wrong(answer, one, published) for one in expected.answers]
        return None if None in found else found[0]
    names = published.returns
    if len(names) == 1:
        parts = [(names[0], answer, expected)]
    elif isinstance(answer, tuple | list) and len(answer) == len(names):
        parts = list(zip(names, answer, expected, strict=True))
    else:
        wanted = f"{published.exercise} should return {len(names)} values, {', '.join(names[:-1])} and {names[-1]}"
        return Difference("type", f"{wanted}, and returns {kind_of(answer)}."), None
    wrong = []
    for name, got, want in parts:
        if what := difference(got, want, name, published.formula):
            wrong.append((what, _picture(name, got, want) if what.kind == "values" else None))
    return min(wrong, key=lambda one: _RANK[one[0].kind], default=None)


def _remark(published: Published, calls: list[_Call]) -> str:
    """What to say of right answers that are arrays, or floats, where later lessons need plain or whole numbers."""
    numbers = [call.example.expected for call in calls]
    if not all(isinstance(number, int | float) for number in numbers):
        return ""
    for answer in (call.answer for call in calls):
        if isinstance(answer, tuple | list) or np.ndim(answer):
            return (
                f"One thing: what you return is {kind_of(answer)}, with one number in it. It costs no points, but a "
                "later lesson needs a plain number: take it out with .item() or by its index."
            )
        if np.asarray(answer).dtype.kind == "f" and all(isinstance(number, int) for number in numbers):
            return (
                f"One thing: what you return is a float, {float(answer)}. It costs no points, but an array is made "
                "with whole numbers only: // or int() gives one."
            )
    return ""


def _picture(name: str, got: Any, want: Any) -> Picture | None:
    """What to draw of a part whose values differ: None for numbers, dicts and tuples, where words do."""
    if isinstance(want, AnyOf):
        want = want.answers[0]
    yours = as_array(got)
    if not isinstance(want, np.ndarray) or want.ndim == 0 or yours is None or yours.shape != want.shape:
        return None
    return Picture(name, want, yours)


def _changed(before: Any, after: Any, path: str) -> str | None:
    """The path ("cache[0]") to the first thing that a call changed in an argument, or None."""
    if type(before) is not type(after):
        return path
    if isinstance(before, np.ndarray):
        same = (before.shape, before.dtype) == (after.shape, after.dtype)
        return None if same and before.tobytes() == after.tobytes() else path
    if isinstance(before, dict):
        if before.keys() != after.keys():
            return path
        inside = [_changed(before[key], after[key], f"{path}[{key!r}]") for key in before]
    elif isinstance(before, tuple | list):
        if len(before) != len(after):
            return path
        pairs = zip(before, after, strict=True)
        inside = [_changed(b, a, f"{path}[{i}]") for i, (b, a) in enumerate(pairs)]
    else:
        return None if before == after else path
    return next((one for one in inside if one), None)


def _parameters(function: Callable[..., Any], count: int) -> list[str]:
    """What the function itself calls its first ``count`` arguments."""
    try:
        names = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # not everything that can be called says what it takes
        names = []
    return [names[i] if i < len(names) else f"argument {i + 1}" for i in range(count)]


def _described(value: Any) -> str:
    """An argument in few words: numbers, strings and dicts as they are, lists line by line, arrays by their shape."""
    if isinstance(value, np.ndarray):
        return kind_of(value)
    if isinstance(value, tuple):
        return "(" + ", ".join(map(_described, value)) + ")"
    if isinstance(value, list):
        return "[" + "".join(f"\n        {_described(one)}," for one in value) + "\n    ]"
    return repr(value)
