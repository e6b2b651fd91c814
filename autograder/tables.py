"""Verdicts and results as tables on a terminal, in words and marks, never by colour alone."""

from __future__ import annotations

from collections.abc import Iterable

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from autograder.records import FAILED, GRADED, Record
from autograder.verdict import Verdict

STYLES = {GRADED: "green", FAILED: "red"}


def verdict_table(verdict: Verdict) -> Table:
    """One exercise: its criteria, with marks, points and what to do."""
    title = f"{verdict.exercise}: {verdict.points:g} of {verdict.max_points:g} points"
    table = Table(title=title, title_justify="left", title_style="bold", show_lines=False, expand=False)
    table.add_column("criterion", no_wrap=True)
    table.add_column("points", justify="right", no_wrap=True)
    table.add_column("result", overflow="fold")
    for one in verdict.criteria:
        mark = Text("✓ ", "green") if one.passed else Text("✗ ", "red")
        points = f"{one.points:g} / {one.max_points:g}"
        table.add_row(one.name, points, mark + Text(one.message))
    if verdict.diagnosis:
        table.caption = f"Most likely: {escape(verdict.diagnosis.hint)}"
        table.caption_justify = "left"
    return table


def class_table(results: Iterable[Record]) -> Table:
    """A class: score, state and seconds of every submission, and why where someone has to look."""
    table = Table(title="Submissions", title_justify="left", title_style="bold")
    table.add_column("student")
    table.add_column("assignment")
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("state", no_wrap=True)
    table.add_column("seconds", justify="right", no_wrap=True)
    table.add_column("reason", overflow="fold")
    for one in results:
        score = "–" if one.points is None else f"{one.points:g} / {one.max_points:g}"
        state = Text(one.state, STYLES.get(one.state, "yellow"))
        seconds = f"{one.seconds:.1f}" if one.points is not None else ""
        table.add_row(Text(one.student), Text(one.assignment), score, state, seconds, Text(one.reason))
    return table
