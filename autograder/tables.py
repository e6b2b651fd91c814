"""Verdicts and results as tables on a terminal, in words and marks, never by colour alone."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from autograder.records import FAILED, GRADED, Record
from autograder.verdict import Verdict

STYLES = {GRADED: "green", FAILED: "red"}


def verdict_table(verdict: Verdict) -> RenderableType:
    """One exercise: its criteria, with marks, points and what to do; or why there was nothing to judge."""
    title = f"{verdict.exercise}: {verdict.points:g} of {verdict.max_points:g} points"
    if verdict.error:
        return Text.assemble((title, "bold"), "\n", ("✗ ", "red"), verdict.error, "\n")
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
    """A class: score, state and seconds of every submission."""
    table = Table(title="Submissions", title_justify="left", title_style="bold")
    table.add_column("student", no_wrap=True)
    table.add_column("assignment", no_wrap=True)
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("state", no_wrap=True)
    table.add_column("seconds", justify="right", no_wrap=True)
    for one in results:
        score = "–" if one.points is None else f"{one.points:g} / {one.max_points:g}"
        state = Text(one.state, STYLES.get(one.state, "yellow"))
        seconds = f"{one.seconds:.1f}" if one.points is not None else ""
        table.add_row(Text(one.student), Text(one.assignment), score, state, seconds)
    return table
