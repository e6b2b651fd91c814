"""The feedback page of a submission that could not be graded: why, and what to do."""

from __future__ import annotations

import jinja2

from autograder.course import Course
from autograder.records import Record, write_whole


def write_failure_page(course: Course, record: Record) -> None:
    """Write the page where nbgrader would have put one."""
    environment = jinja2.Environment(loader=jinja2.PackageLoader("autograder"), autoescape=True)
    page = environment.get_template("failure.html.j2").render(record=record)
    write_whole(course.feedback_path(record.student, record.assignment), page)
