"""What was concluded about one exercise of one submission: plain data, for the gradebook, feedback and ``--json``."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class CriterionVerdict:
    """One criterion: whether it is met, the points earned, and a sentence for the student."""

    name: str
    asks: str
    passed: bool
    points: float
    max_points: float
    message: str


@dataclass(frozen=True)
class Diagnosis:
    """The mistake that explains every answer: an entry of the bank, and its hint."""

    id: str
    hint: str


@dataclass(frozen=True)
class Example:
    """The smallest case that went wrong: what was asked, and a two-dimensional part of both answers, row by row.

    ``off`` is yours minus expected, ``wrong`` says where that is a mistake.
    """

    note: str
    where: str
    expected: list[list[float]]
    yours: list[list[float]]
    off: list[list[float]]
    wrong: list[list[bool]]


@dataclass(frozen=True)
class Verdict:
    """All that was concluded about one exercise.  The first criterion is its visible check."""

    exercise: str
    lesson: str
    criteria: tuple[CriterionVerdict, ...]
    diagnosis: Diagnosis | None = None
    error: str | None = None
    example: Example | None = None

    @property
    def points(self) -> float:
        """Points earned, the visible check included."""
        return sum(criterion.points for criterion in self.criteria)

    @property
    def max_points(self) -> float:
        """Points there are, the visible check included."""
        return sum(criterion.max_points for criterion in self.criteria)

    @property
    def visible(self) -> CriterionVerdict:
        """The visible check."""
        return self.criteria[0]

    @property
    def hidden(self) -> tuple[CriterionVerdict, ...]:
        """The criteria of the hidden tests."""
        return self.criteria[1:]

    def as_json(self) -> dict[str, Any]:
        """The fields of ``autograder check --json``."""
        return {
            "exercise": self.exercise,
            "points": self.points,
            "max_points": self.max_points,
            "criteria": [
                {"name": c.name, "passed": c.passed, "points": c.points, "message": c.message} for c in self.criteria
            ],
            "diagnosis": asdict(self.diagnosis) if self.diagnosis else None,
            "error": self.error,
        }

    def as_record(self) -> dict[str, Any]:
        """What is kept beside the gradebook: `as_json`, what each criterion asks and is worth, and the example."""
        criteria = [asdict(criterion) for criterion in self.criteria]
        return {**self.as_json(), "criteria": criteria, "example": asdict(self.example) if self.example else None}


@dataclass(frozen=True)
class Graded:
    """What came of one notebook: the verdicts, what each of its cells shows, and what a marker should look at."""

    verdicts: tuple[Verdict, ...]
    outputs: list[list[dict[str, Any]]] = field(default_factory=list)
    incidents: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def points(self) -> float:
        """Points of all exercises together."""
        return sum(verdict.points for verdict in self.verdicts)

    @property
    def max_points(self) -> float:
        """Points there are in all."""
        return sum(verdict.max_points for verdict in self.verdicts)
