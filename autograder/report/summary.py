"""What a class's records say together: counts by assignment, exercise, criterion and mistake."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.exercises import EXERCISES
from autograder.records import FAILED, LOOK, Record

#: Upper ends of the classes of grading times, in seconds; the last class is open.
TIMES = (0.25, 0.5, 1, 2, 5, 10, 30)


@dataclass(frozen=True)
class Bin:
    """One column of a histogram."""

    label: str
    count: int


@dataclass
class CriterionRate:
    """How many were judged by a criterion, and how many met it."""

    name: str
    asks: str = ""
    judged: int = 0
    met: int = 0

    @property
    def rate(self) -> float:
        """The share of those judged that met it."""
        return self.met / self.judged if self.judged else 0.0


@dataclass
class ExerciseRate:
    """How many were judged in an exercise, how many met all of it, and each criterion."""

    name: str
    assignment: str
    judged: int = 0
    met: int = 0
    criteria: dict[str, CriterionRate] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """The share of those judged that have every criterion met."""
        return self.met / self.judged if self.judged else 0.0

    @property
    def hardest(self) -> CriterionRate:
        """The criterion that the smallest share met."""
        return min(self.criteria.values(), key=lambda one: one.rate)


@dataclass
class Mistake:
    """A mistake in an exercise and how many made it; ``id`` is empty where it is none that the bank names."""

    exercise: str
    id: str
    hint: str
    count: int = 0
    judged: int = 0
    example: dict[str, Any] | None = None
    message: str = ""

    @property
    def label(self) -> str:
        """Exercise and mistake."""
        return f"{self.exercise}: {self.id or self.hint}"


@dataclass(frozen=True)
class Scores:
    """The distribution of the scores of one assignment."""

    assignment: str
    handed_in: int
    max_points: float
    median: float
    mean: float
    full: int
    none: int
    bins: tuple[Bin, ...]


@dataclass(frozen=True)
class Times:
    """How long grading took, in seconds a submission; ``slowest`` are records."""

    median: float
    p95: float
    total: float
    bins: tuple[Bin, ...]
    slowest: tuple[Record, ...]


@dataclass(frozen=True)
class Summary:
    """All that the report shows of a class."""

    records: tuple[Record, ...]
    students: int
    scores: tuple[Scores, ...]
    exercises: tuple[ExerciseRate, ...]
    mistakes: tuple[Mistake, ...]
    unnamed: tuple[Mistake, ...]
    times: Times | None

    @property
    def attention(self) -> list[Record]:
        """What a human should look at, first what could not be graded."""
        found = [record for record in self.records if record.state in (LOOK, FAILED)]
        return sorted(found, key=lambda record: (record.state != FAILED, record.assignment, record.student))

    def count(self, state: str) -> int:
        """How many submissions are in a state."""
        return sum(record.state == state for record in self.records)


def summarise(records: Iterable[Record]) -> Summary:
    """The counts over all records; at least one is needed."""
    found = tuple(records)
    judged = [record for record in found if record.state != FAILED]
    exercises, named, unnamed = _verdicts(judged)
    return Summary(
        records=found,
        students=len({record.student for record in found}),
        scores=tuple(_scores(name, judged) for name in sorted({record.assignment for record in judged})),
        exercises=exercises,
        mistakes=named,
        unnamed=unnamed,
        times=_times(judged) if judged else None,
    )


def _scores(assignment: str, judged: Iterable[Record]) -> Scores:
    found = [record for record in judged if record.assignment == assignment]
    points = np.array([record.points or 0.0 for record in found])
    most = max(record.max_points or 0.0 for record in found)
    share = points / most if most else np.zeros_like(points)
    full = share > 1 - 1e-9
    tenth = np.clip(np.floor(share * 10 + 1e-9), 0, 9).astype(int)
    counts = [int((tenth[~full] == i).sum()) for i in range(10)]
    labels = [f"{i * 10}–{i * 10 + 10} %" for i in range(10)]
    bins = [Bin(label, count) for label, count in zip(labels, counts, strict=True)]
    return Scores(
        assignment=assignment,
        handed_in=len(found),
        max_points=most,
        median=float(np.median(points)),
        mean=float(points.mean()),
        full=int(full.sum()),
        none=int((share <= 0).sum()),
        bins=(*bins, Bin("full marks", int(full.sum()))),
    )


def _verdicts(
    judged: Iterable[Record],
) -> tuple[tuple[ExerciseRate, ...], tuple[Mistake, ...], tuple[Mistake, ...]]:
    """The rates of every exercise, the mistakes that were named, and what else went wrong, the most frequent first."""
    exercises: dict[str, ExerciseRate] = {}
    named: dict[tuple[str, str], Mistake] = {}
    unnamed: dict[tuple[str, str], Mistake] = {}
    for record in judged:
        for verdict in record.verdicts:
            name = str(verdict["exercise"])
            rate = exercises.setdefault(name, ExerciseRate(name, record.assignment))
            if _count(rate, verdict):
                continue
            if diagnosis := verdict.get("diagnosis"):
                key, hint = str(diagnosis["id"]), str(diagnosis["hint"])
                mistake = named.setdefault((name, key), Mistake(name, key, hint))
            else:
                what = kind_of_failure(verdict.get("error"))
                mistake = unnamed.setdefault((name, what), Mistake(name, "", what))
            mistake.count += 1
            _illustrate(mistake, verdict)
    for mistake in (*named.values(), *unnamed.values()):
        mistake.judged = exercises[mistake.exercise].judged
    order = {name: i for i, name in enumerate(EXERCISES)}
    rates = sorted(exercises.values(), key=lambda one: (one.assignment, order.get(one.name, len(order)), one.name))
    return tuple(rates), _ranked(named.values()), _ranked(unnamed.values())


def _ranked(mistakes: Iterable[Mistake]) -> tuple[Mistake, ...]:
    return tuple(sorted(mistakes, key=lambda one: (-one.count, one.label)))


def _count(rate: ExerciseRate, verdict: Mapping[str, Any]) -> bool:
    """Count one verdict; whether every criterion is met."""
    all_met = True
    for one in verdict["criteria"]:
        criterion = rate.criteria.setdefault(one["name"], CriterionRate(one["name"], one.get("asks", "")))
        criterion.judged += 1
        criterion.met += bool(one["passed"])
        all_met = all_met and bool(one["passed"])
    rate.judged += 1
    rate.met += all_met
    return all_met


def _illustrate(mistake: Mistake, verdict: Mapping[str, Any]) -> None:
    """Keep the smallest example of a mistake, or what was said of it where none has an example."""
    example = verdict.get("example")
    if example and (mistake.example is None or _cells(example) < _cells(mistake.example)):
        mistake.example = dict(example)
    if not mistake.message and mistake.id:
        mistake.message = next((one["message"] for one in verdict["criteria"] if not one["passed"]), "")


def _cells(example: Mapping[str, Any]) -> int:
    return sum(map(len, example["expected"]))


def kind_of_failure(error: str | None) -> str:
    """What went wrong where no mistake is named, in words that hold nothing of a student's."""
    if not error:
        return "wrong in a way that no known mistake explains"
    if "is not written yet" in error:
        return "not written yet"
    if found := re.search(r"its cell stopped: (\w+)", error):
        return f"not defined, since its cell stopped with {found[1]}"
    if "is not defined" in error:
        return "not defined"
    if "too long" in error:
        return "took too long"
    if found := re.search(r"raised (\w+):", error):
        return f"raised {found[1]} on every input"
    return "gave no answer to any input"


def _times(judged: list[Record]) -> Times:
    seconds = np.array([record.seconds for record in judged])
    places = np.searchsorted(TIMES, seconds, side="right")
    starts = (0, *TIMES)
    labels = [f"{a:g}–{b:g} s" for a, b in zip(starts, TIMES, strict=False)] + [f"over {TIMES[-1]:g} s"]
    slowest = sorted(judged, key=lambda record: -record.seconds)[:5]
    return Times(
        median=float(np.median(seconds)),
        p95=float(np.percentile(seconds, 95)),
        total=float(seconds.sum()),
        bins=tuple(Bin(label, int((places == i).sum())) for i, label in enumerate(labels)),
        slowest=tuple(slowest),
    )
