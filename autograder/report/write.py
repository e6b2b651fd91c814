"""What ``autograder report`` does: the page and the table, in ``report/``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from autograder import records
from autograder.course import Course, CourseError
from autograder.report.anonymous import anonymous
from autograder.report.page import links, no_link, page
from autograder.report.spreadsheet import spreadsheet
from autograder.report.summary import summarise


def write_report(course: Course, *, nameless: bool) -> tuple[list[Path], str]:
    """The files written, and what could not be reported; `CourseError` where nothing was graded yet."""
    found = list(records.load_all(course.root))
    lost = len(list((course.root / "verdicts").glob("*/*.json"))) - len(found)
    problem = f"{lost} of the records in {course.root / 'verdicts'} cannot be read and are left out." if lost else ""
    if not found:
        raise CourseError(problem or "There is nothing to report: no submission was graded yet. Run autograder grade.")
    if nameless:
        found = anonymous(found, course.assignments())
    text = page(
        summarise(found),
        made=datetime.now(),
        feedback=no_link if nameless else links(course, "feedback", ".html"),
        autograded=no_link if nameless else links(course, "autograded", ".ipynb"),
    )
    folder = course.root / "report"
    written = [folder / "index.html", folder / "results.csv"]
    records.write_whole(written[0], text)
    records.write_whole(written[1], "\ufeff" + spreadsheet(found))
    return written, problem
