"""A verdict replayed from its seed, for an appeal: what was asked, expected and answered, and what was concluded.

It shows hidden inputs and right answers, so it is for the teaching assistant's own terminal.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from convlab.compare import AnyOf, as_array, kind_of, number
from numpy.typing import NDArray

from autograder import records, solution, submission
from autograder.caller import Caller
from autograder.class_run import Submission, prepare
from autograder.course import Course, CourseError, UnknownName
from autograder.examined import examined
from autograder.exercise import Criterion, Exercise, Reply
from autograder.grading import grade_notebook
from autograder.judge import describe, judge
from autograder.paper import Paper, paper
from autograder.records import FAILED, Record
from autograder.submission import SubmissionError
from autograder.verdict import Graded, Verdict

#: Arrays of up to this many values are shown in full, of larger ones the first few values.
IN_FULL, FIRST = 60, 6

#: What a cache holds, by its length: that of convolution, and that of pooling.
CACHES = {4: ("A_prev", "W", "b", "hparameters"), 2: ("A_prev", "hparameters")}


@dataclass
class Witness:
    """Stands between a judge and whoever answers, and remembers each answer."""

    caller: Caller
    _heard: dict[tuple[int, bool], tuple[tuple[Any, ...], Reply]] = field(default_factory=dict)
    _helped: bool = False

    def call(self, name: str, args: tuple[Any, ...]) -> Reply:
        """The student's answer."""
        reply = self.caller.call(name, args)
        self._heard[id(args), self._helped] = (args, reply)  # with args, so that no other value gets their id
        return reply

    def help(self, functions: Mapping[str, str]) -> None:
        """Put right functions in the place of the student's helpers; answers from now on are kept apart."""
        self._helped = True
        self.caller.help(functions)

    def apart(self, functions: Mapping[str, str]) -> AbstractContextManager[Caller]:
        """Someone who has nothing of the student's, and need not be listened to."""
        return self.caller.apart(functions)

    def processor_seconds(self) -> float:
        """Seconds of processor time that answering has taken so far."""
        return self.caller.processor_seconds()

    def replies(self, one: Paper, helped: bool) -> list[Reply | None]:
        """The answer to each case of a paper; None where it was not asked."""
        heard = [self._heard.get((id(case.args), helped)) for case in one.cases]
        return [found[1] if found else None for found in heard]


@dataclass(frozen=True)
class Replay:
    """A record, what came of grading again on the same inputs, and what has changed since (a sentence each)."""

    record: Record
    graded: Graded
    witness: Witness
    changes: tuple[str, ...]


def find(course: Course, student: str, assignment: str, exercise: str | None = None) -> Record:
    """The record to be explained; `CourseError` where there is none, or none that has a verdict."""
    students = sorted(
        {
            path.name
            for folder in ("verdicts", "submitted")
            for path in (course.root / folder).glob("*")
            if path.is_dir()
        }
    )
    if student not in students:
        raise UnknownName(f"There is no student {student!r}. There are: {', '.join(students) or 'none'}.")
    of_student = {path.stem for path in (course.root / "verdicts" / student).glob("*.json")}
    known = course.assignments()
    if assignment not in {*known, *of_student}:
        raise UnknownName(f"There is no assignment {assignment!r}. There are: {', '.join(known) or 'none'}.")
    record = records.load(course.root, student, assignment)
    if record is None:
        there = (course.root / "submitted" / student / assignment).exists()
        advice = f"run autograder grade {assignment} --student {student}" if there else "nothing was handed in"
        raise CourseError(f"There is no record of {student}, {assignment}: {advice}.")
    if record.state == FAILED or record.seed is None:
        why = record.reason.rstrip(".") or "its record has no seed"
        raise CourseError(f"{student}, {assignment} could not be graded, so there is no verdict to explain: {why}.")
    names = [verdict["exercise"] for verdict in record.verdicts]
    if exercise is not None and exercise not in names:
        raise UnknownName(f"{assignment} has no exercise {exercise!r}. It has: {', '.join(names) or 'none'}.")
    return record


def replay(course: Course, record: Record, *, sandboxed: bool = True) -> Replay:
    """Grade the submission of ``record`` again, on the same inputs; nothing is recorded."""
    import nbformat

    assert record.seed is not None
    folder = course.root / "submitted" / record.student / record.assignment
    try:
        task = prepare(course, Submission(record.student, record.assignment, folder), record.seed, sandboxed)
        source = nbformat.reads(task.source, as_version=4)
        notebook = submission.restore(submission.parse(task.data, task.name), source)
    except SubmissionError as error:
        raise CourseError(f"The submission cannot be run again: {error}.") from error
    changes = []
    if record.submission != records.digest(task.data):
        changes.append("The submitted file is not the one that was graded: it has changed since.")
    if record.version != records.version(course.source_path(record.assignment)):
        changes.append("The lesson or the judging code has changed since: inputs and conclusions may be others.")
    witnesses: list[Witness] = []

    def judging(exercises: Sequence[Exercise], seed: int, caller: Caller) -> tuple[Verdict, ...]:
        witnesses.append(Witness(caller))
        return judge(exercises, seed, witnesses[0])

    try:
        graded = grade_notebook(
            notebook, record.assignment, record.seed, files=task.files, sandboxed=sandboxed, judging=judging
        )
    except SubmissionError as error:
        raise CourseError(f"The submission cannot be run again: {error}.") from error
    return Replay(record, graded, witnesses[0], tuple(changes))


def lines(replayed: Replay, exercise: str | None = None) -> Iterator[str]:
    """The explanation: of every exercise the cases that went wrong, or of one ``exercise`` all cases, in full."""
    for text in _lines(replayed, exercise):
        yield printable(text)


def _lines(replayed: Replay, exercise: str | None) -> Iterator[str]:
    record = replayed.record
    yield f"{record.student}, {record.assignment}: {record.points:g} of {record.max_points:g} points, {record.state}"
    yield from (f"Reason: {record.reason}" for _ in [0] if record.reason)
    yield f"Replayed on the inputs of seed {record.seed}. These are hidden inputs: do not pass them on."
    yield from (f"Warning: {change}" for change in replayed.changes)
    if not replayed.changes:
        yield "The submission, the lesson and the judging code are those of the record."
    yield from (f"This time: {incident}" for incident in replayed.graded.incidents)
    recorded = {verdict["exercise"]: verdict for verdict in record.verdicts}
    for verdict in replayed.graded.verdicts:
        if exercise in (None, verdict.exercise):
            yield ""
            yield from _exercise(replayed, verdict, recorded.get(verdict.exercise), in_full=exercise is not None)


def _exercise(replayed: Replay, verdict: Verdict, recorded: Mapping[str, Any] | None, in_full: bool) -> Iterator[str]:
    others = differences(verdict, recorded)
    yield (
        f"{verdict.exercise}: {verdict.points:g} of {verdict.max_points:g} points, "
        + ("unlike the record" if others else "as recorded")
    )
    yield from (f"  Unlike the record: {other}" for other in others)
    if verdict.error:
        yield f"  Nothing to judge: {verdict.error}"
    if verdict.diagnosis:
        yield f"  Named mistake: {verdict.diagnosis.id}. {verdict.diagnosis.hint}"
    assert replayed.record.seed is not None
    shown = _Cases(paper(verdict.exercise, replayed.record.seed), replayed.witness, in_full)
    for criterion, concluded in zip(shown.paper.criteria, verdict.criteria, strict=True):
        mark = "✓ met" if concluded.passed else "✗ not met"
        yield f"  {mark}: {criterion.name}, {concluded.points:g} of {concluded.max_points:g} points. {criterion.asks}"
        yield from (f"    {line}" for line in shown.of(criterion))
        yield f"    Concluded: {concluded.message}"


class _Cases:
    """The cases of one exercise.  Each is shown in full once, where it is looked at first."""

    def __init__(self, one: Paper, witness: Witness, in_full: bool) -> None:
        self.paper = one
        self.replies = witness.replies(one, helped=False)
        self.seen = [reply and examined(one.exercise, reply, witness) for reply in self.replies]
        self.helped = witness.replies(one, helped=True)
        self.in_full = in_full
        self.shown: set[int] = set()

    def of(self, criterion: Criterion) -> Iterator[str]:
        """The cases that one criterion looks at."""
        for place in self.paper.groups[criterion.cases]:
            case, reply, helped = self.paper.cases[place], self.replies[place], self.helped[place]
            found = self._finding(criterion, place, self.seen[place])
            yield f"Case {place + 1}, {case.note}: {found or 'right'}"
            if place in self.shown:
                yield "  (shown above)"
            elif found or self.in_full:
                self.shown.add(place)
                yield from (f"  {line}" for line in self._data(place, reply))
            if found and helped is not None:
                again = self._finding(criterion, place, helped) or "right"
                yield f"  with a right {' and '.join(self.paper.exercise.helpers)} in place of theirs: {again}"

    def _finding(self, criterion: Criterion, place: int, reply: Reply | None) -> str:
        """What a criterion finds wrong with one reply; empty where nothing is."""
        if reply is None:
            return "not asked, after what came before"
        case = self.paper.cases[place]
        if reply.failure:
            return describe(self.paper.exercise.name, reply.failure, case.note).removeprefix(f"With {case.note}: ")
        found = criterion.aspect(case, self.paper.expected[place], reply)
        return found.message if found else ""

    def _data(self, place: int, reply: Reply | None) -> Iterator[str]:
        exercise, case = self.paper.exercise, self.paper.cases[place]
        for name, value in zip(_parameters(exercise.name, len(case.args)), case.args, strict=True):
            if isinstance(value, tuple) and len(value) in CACHES:
                for part, item in zip(CACHES[len(value)], value, strict=True):
                    yield from _named(f"{name}: {part}", item)
            else:
                yield from _named(name, value)
        if not exercise.breaks:  # where inputs are asked for, many are right
            yield from _answer("expected", exercise, self.paper.expected[place])
        if reply is None:
            return
        if reply.failure:
            line = f" ({reply.failure.line})" if reply.failure.line else ""
            yield f"came = {reply.failure.name}: {reply.failure.message}{line}"
            return
        if exercise.breaks and isinstance(reply.answer, dict):
            for version, inputs in list(reply.answer.items())[:10]:
                yield from _named(f"came for {version:.20}", inputs)
        else:
            yield from _answer("came", exercise, reply.answer)
        if not reply.untouched:
            yield "the call changed its arguments"


def _parameters(name: str, count: int) -> list[str]:
    """The names of an exercise's arguments."""
    function: Callable[..., Any] | None = getattr(solution, name, None)
    names = list(inspect.signature(function).parameters) if function else []
    return names[:count] if len(names) >= count else [f"argument {i + 1}" for i in range(count)]


def _answer(which: str, exercise: Exercise, answer: Any) -> Iterator[str]:
    """An answer, part by part where it has as many parts as it should have."""
    if isinstance(answer, AnyOf):
        for i, one in enumerate(answer.answers):
            yield from _answer(f"{'or ' if i else ''}{which}", exercise, one)
    elif len(exercise.returns) > 1 and isinstance(answer, tuple | list) and len(answer) == len(exercise.returns):
        for name, value in zip(exercise.returns, answer, strict=True):
            yield from _named(f"{which} {name}", value)
    else:
        yield from _named(which, answer)


def _named(name: str, value: Any) -> Iterator[str]:
    """A value under its name: a collection of arrays item by item, small arrays in full, large ones in part."""
    array = as_array(value)
    if array is None and isinstance(value, tuple | list):
        yield f"{name} is {kind_of(value)}"
        for i, item in enumerate(value[:10]):
            yield f"  {name.split()[-1]}[{i}] = {_short(item)}"
    elif array is None or array.ndim == 0 or array.size > IN_FULL:
        yield f"{name} = {_short(value)}"
    else:
        yield f"{name} = {kind_of(array)}, {array.dtype}"
        yield from (f"  {line}" for line in _planes(array, filters=name.split()[-1] in ("W", "dW")))


def _short(value: Any) -> str:
    """A value in one line."""
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, str):
        return repr(value[:200])
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {_short(item)}" for key, item in list(value.items())[:20]) + "}"
    array = as_array(value)
    if (
        isinstance(value, tuple) and len(value) <= 4 and (array is None or array.ndim == 1)
    ):  # a shape, or a row with one
        return f"({', '.join(map(_short, value))})"
    if array is None:
        return kind_of(value)
    if array.ndim == 0:
        return number(array)
    first = " ".join(number(item) for item in array.reshape(-1)[:FIRST])
    return f"{kind_of(array)}, {array.dtype}, beginning {first}{' …' if array.size > FIRST else ''}"


def _planes(array: NDArray[Any], filters: bool) -> Iterator[str]:
    """An array as two-dimensional tables: of images or windows each channel, of ``filters`` each filter's channel."""
    if array.size == 0:
        yield "(empty)"
        return
    if array.size == max(array.shape):
        yield from _table(array.reshape(1, -1))
        return
    rest = array.ndim - 2
    at = 0 if filters else max(0, rest - 1)  # where the two axes of a plane are
    planes = np.moveaxis(array, (at, at + 1), (-2, -1))
    for place in np.ndindex(planes.shape[:rest]):
        index = [str(i) for i in place]
        if rest:
            yield f"[{', '.join([*index[:at], ':', ':', *index[at:]])}]"
        yield from _table(planes[place])


def _table(rows: NDArray[Any]) -> Iterator[str]:
    texts = [[number(item) for item in row] for row in rows]
    width = max(len(text) for row in texts for text in row)
    return (" ".join(text.rjust(width) for text in row) for row in texts)


def differences(verdict: Verdict, recorded: Mapping[str, Any] | None) -> list[str]:
    """How a verdict differs from the recorded one, a sentence each."""
    if recorded is None:
        return ["it has no verdict on this exercise."]
    found = []
    before = {one["name"]: one for one in recorded["criteria"]}
    for one in verdict.criteria:
        old = before.pop(one.name, None)
        if old is None:
            found.append(f"it has no criterion {one.name!r}.")
        elif (bool(old["passed"]), float(old["points"])) != (one.passed, one.points):
            was = "met" if old["passed"] else "not met"
            now = "met" if one.passed else "not met"
            found.append(f"{one.name} was {was} ({old['points']:g} points) and is {now} now ({one.points:g} points).")
        elif old["message"] != one.message:
            found.append(f"{one.name} was concluded with: {old['message']}")
    found += [f"it has a criterion {name!r}, which there is no more." for name in before]
    named = (recorded.get("diagnosis") or {}).get("id")
    if named != (verdict.diagnosis.id if verdict.diagnosis else None):
        found.append(f"the named mistake was {named or 'none'}.")
    return found


def printable(text: str) -> str:
    """``text`` with every character that a terminal might obey written out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
