"""The report as a page: one file that needs nothing else, on a screen or on paper."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import jinja2

from autograder.course import Course
from autograder.feedback import with_code
from autograder.records import FAILED, GRADED, LOOK, Record
from autograder.report.summary import Summary

#: How many mistakes are drawn; all of them are listed.
DRAWN = 15

#: The link to one of a record's files, and None where there is no such file.
Link = Callable[[Record], str | None]


def page(summary: Summary, *, made: datetime, feedback: Link, autograded: Link) -> str:
    """The report as HTML.  ``made`` is when, ``feedback`` and ``autograded`` link to pages and notebooks."""
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            summary=summary,
            made=made,
            feedback=feedback,
            autograded=autograded,
            drawn=DRAWN,
            GRADED=GRADED,
            LOOK=LOOK,
            FAILED=FAILED,
        )
    )


def links(course: Course, folder: str, suffix: str) -> Link:
    """Links from ``report/`` to the files that the course has of a submission in ``folder``."""

    def link(record: Record) -> str | None:
        file = f"{course.notebook_name(record.assignment)}{suffix}"
        path = Path(folder) / record.student / record.assignment / file
        return f"../{quote(path.as_posix())}" if (course.root / path).is_file() else None

    return link


def no_link(record: Record) -> None:
    """No link: an anonymous report leads to no one's work."""


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("autograder"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["points"] = lambda value: f"{value:.4g}"
    environment.filters["share"] = _share
    environment.filters["code"] = with_code
    environment.filters["duration"] = _duration
    return environment


def _share(part: int, whole: int) -> str:
    """A share in whole per cent, and never 0 or 100 for some or not all."""
    if not whole:
        return "–"
    per_cent = round(100 * part / whole)
    if part and per_cent == 0:
        return "under 1\N{NO-BREAK SPACE}%"
    return f"{'over 99' if part < whole and per_cent == 100 else per_cent}\N{NO-BREAK SPACE}%"


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.2f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
