"""nbgrader's gradebook and pages, through nbgrader's own converters.  One process writes."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import sqlite3
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nbgrader.api import InvalidEntry, MissingEntry
from nbgrader.converters import Autograde, BaseConverter, GenerateAssignment, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import find_all_files
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config import Config

from autograder import records
from autograder.course import Course, CourseError
from autograder.records import FAILED, Record
from autograder.steps.bookkeeping import gradebook
from autograder.steps.judge import READY
from autograder.submission_folder import is_showable
from autograder.verdict import Graded


class Messages(logging.Handler):
    """Keeps what nbgrader would have printed."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []
        self.logger = logging.Logger("nbgrader")
        self.logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one message."""
        self.lines.append(record.getMessage())


def open_or_explain(course: Course, assignments: list[str]) -> None:
    """Make sure that the gradebook can be written, and knows these assignments as they are in ``source/``."""
    scripts = os.path.dirname(sys.executable)
    if scripts not in os.environ.get("PATH", "").split(os.pathsep):
        os.environ["PATH"] = scripts + os.pathsep + os.environ.get("PATH", "")  # nbgrader runs alembic by name
    try:
        _demand_writable(course.database)
        with (
            _quiet() as messages,
            gradebook(course.database, course.config.CourseDirectory.course_id) as book,
        ):
            stale = [name for name in assignments if not _knows(book, course, name)]
        for name in stale:
            _enter(course, name, messages)
    except CourseError:
        raise
    except Exception as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CourseError(f"The gradebook {_place(course)} cannot be used: {reason}") from error


def record(course: Course, assignment: str, student: str, fingerprint: str, seed: int, graded: Graded) -> str | None:
    """Enter a result into the gradebook and write the autograded notebook, by nbgrader's own autograding.

    Returns None, or why nbgrader could not.
    """
    READY[assignment, student] = (fingerprint, seed, graded)
    try:
        return _convert(_Autograde, course, assignment, student)
    finally:
        del READY[assignment, student]


def record_failure(course: Course, student: str, assignment: str, reason: str, database: str = "") -> Record:
    """Enter a submission that could not be graded: there is one, it has no marks, and someone has to look.

    The record says so even where the gradebook cannot be written; the next run tries again.
    """
    record = Record(student, assignment, FAILED, reason)
    records.save(course.root, record)
    if assignment in course.assignments() and is_showable(student):
        url, name = database or course.database, course.notebook_name(assignment)
        with (
            contextlib.suppress(SQLAlchemyError, InvalidEntry),  # nbgrader wraps some
            _quiet(),
            gradebook(url, course.config.CourseDirectory.course_id) as book,
        ):
            book.update_or_create_student(student)
            book.update_or_create_submission(assignment, student)
            for grade in book.find_submission_notebook(name, assignment, student).grades:
                grade.needs_manual_grade = True
            book.db.commit()
    return record


def write_feedback(root: str, assignment: str, student: str) -> str | None:
    """Write nbgrader's feedback page of one submission; None, or why it could not be written."""
    os.chdir(root)
    return _convert(GenerateFeedback, Course(Path(root)), assignment, student)


def _convert(kind: type[Any], course: Course, assignment: str, student: str) -> str | None:
    directory = CourseDirectory(config=Config(course.config))
    directory.assignment_id, directory.student_id = assignment, student
    converter = _of_one(kind, course.notebook_name(assignment))(coursedir=directory, config=Config(course.config))
    converter.force = True
    with _quiet() as messages:
        converter.log = messages.logger
        try:
            converter.start()
        except Exception as error:
            lines = [line for text in messages.lines for line in text.strip().splitlines()]
            told = next((line for line in reversed(lines) if "Error" in line), str(error))
            return told.split(": ", 1)[-1]
    return None


def _of_one(kind: type[Any], notebook: str) -> type[Any]:
    """A converter of one notebook, which takes its path for what it is, where nbgrader would take it for a pattern."""

    def init_notebooks(self: Any) -> None:
        folder = self._format_source(self.coursedir.assignment_id, self.coursedir.student_id)
        self.notebooks, self.assignments = [], {folder: [os.path.join(folder, f"{notebook}.ipynb")]}

    return type(kind.__name__, (kind,), {"init_notebooks": init_notebooks})


class _Autograde(Autograde):  # type: ignore[misc]
    """nbgrader's autograding, of an assignment and a notebook that are known to be there, on one connection."""

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        BaseConverter.init_assignment(self, assignment_id, student_id)
        folder = self.coursedir
        timestamp = folder.get_existing_timestamp(self._format_source(assignment_id, student_id))
        with gradebook(folder.db_url, folder.course_id) as book:
            book.update_or_create_student(student_id)
            stamped = {"timestamp": timestamp} if timestamp else {}
            book.update_or_create_submission(assignment_id, student_id, **stamped)
        source = folder.format_path(folder.source_directory, ".", assignment_id)
        for path in find_all_files(source, [*folder.ignore, "*.ipynb"]):
            target = Path(self._format_dest(assignment_id, student_id), os.path.relpath(path, source))
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            shutil.copy(path, target)


@contextlib.contextmanager
def _quiet() -> Iterator[Messages]:
    """nbgrader's log goes to a list, so that errors can be told and the rest is not."""
    messages = Messages()
    for name in ("alembic", "traitlets"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # nbgrader's use of SQLAlchemy warns, of nothing that a marker could do
        yield messages


def _demand_writable(url: str) -> None:
    """Raise where an SQLite gradebook exists and cannot be written, or its folder cannot."""
    if not url.startswith("sqlite:///"):
        return
    path = Path(url.removeprefix("sqlite:///"))
    if not path.exists():
        if not os.access(path.parent, os.W_OK):
            raise PermissionError(f"the folder {path.parent} cannot be written to")
        return
    with contextlib.closing(sqlite3.connect(path, timeout=10)) as database:
        database.execute("BEGIN IMMEDIATE")
        database.execute("SELECT count(*) FROM sqlite_master")
        database.execute("ROLLBACK")


def _place(course: Course) -> str:
    return course.database.removeprefix("sqlite:///").rsplit("@", 1)[-1]


def _knows(book: Any, course: Course, assignment: str) -> bool:
    """Whether the gradebook has an assignment's cells as they are in the instructor's notebook."""
    try:
        found = book.find_notebook(course.notebook_name(assignment), assignment)
    except MissingEntry:
        return False
    theirs = {cell.name: cell.source for cell in found.source_cells if cell.locked}
    points = {cell.name: float(cell.max_score) for cell in found.grade_cells}
    cells = [cell for cell in course.source(assignment).cells if "nbgrader" in cell.metadata]
    ours = {cell.metadata.nbgrader["grade_id"]: cell.source for cell in cells if cell.metadata.nbgrader["locked"]}
    worth = {
        c.metadata.nbgrader["grade_id"]: float(c.metadata.nbgrader["points"])
        for c in cells
        if c.metadata.nbgrader["grade"]
    }
    return theirs == ours and points == worth


def _enter(course: Course, assignment: str, messages: Messages) -> None:
    """Enter an assignment into the gradebook, by nbgrader's own command, and leave ``release/`` alone."""
    with tempfile.TemporaryDirectory() as folder:
        config = Config(course.config)
        config.CourseDirectory.release_directory = folder
        directory = CourseDirectory(config=config)
        directory.assignment_id = assignment
        kind = _of_one(GenerateAssignment, course.notebook_name(assignment))
        converter = kind(coursedir=directory, config=config, force=True)
        converter.log = messages.logger
        try:
            converter.start()
        except Exception as error:
            told = (
                next((line for line in reversed(messages.lines) if line.strip()), str(error)).strip().splitlines()[-1]
            )
            raise CourseError(f"The gradebook cannot take {assignment} as it is in source/: {told}") from error
