"""The results as a table for spreadsheets: a row a submission, a column for each exercise and each criterion."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from typing import Any

from autograder.exercises import EXERCISES
from autograder.records import Record

FIRST = ("student", "assignment", "state", "reason", "score", "max_score", "seconds")
#: What a spreadsheet would take for the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def spreadsheet(records: Iterable[Record]) -> str:
    """The table as CSV text.  A text that a spreadsheet would run as a formula begins with an apostrophe."""
    found = list(records)
    columns: dict[str, None] = dict.fromkeys(FIRST)
    rows = []
    for record in found:
        cells = {
            "student": record.student,
            "assignment": record.assignment,
            "state": record.state,
            "reason": record.reason,
            "score": record.points,
            "max_score": record.max_points,
            "seconds": None if record.points is None else record.seconds,
        }
        for verdict in record.verdicts:
            cells |= _cells(verdict)
        columns |= dict.fromkeys(cells)
        rows.append(cells)
    ordered = [*FIRST, *sorted((name for name in columns if name not in FIRST), key=_by_exercise(columns))]
    text = io.StringIO()
    writer = csv.DictWriter(text, ordered, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _safe(value) for name, value in row.items()} for row in rows)
    return text.getvalue()


def _cells(verdict: dict[str, Any]) -> dict[str, Any]:
    """One exercise: its points, the mistake that was named, and the points of each criterion."""
    name = verdict["exercise"]
    named = (verdict.get("diagnosis") or {}).get("id", "")
    criteria = {f"{name}: {one['name']}": one["points"] for one in verdict["criteria"]}
    return {name: verdict["points"], f"{name}: mistake": named, **criteria}


def _by_exercise(columns: Iterable[str]) -> Callable[[str], tuple[int, int]]:
    """A key that puts exercises in the course's order, and keeps the columns of each together as they came."""
    course = {name: i for i, name in enumerate(EXERCISES)}
    place = {name: i for i, name in enumerate(columns)}
    return lambda name: (course.get(name.split(": ", 1)[0], len(course)), place[name])


def _safe(value: Any) -> Any:
    if isinstance(value, str):
        return f"'{value}" if value.startswith(FORMULA) else value
    return "" if value is None else f"{value:g}"
