"""nbgrader's steps that use the gradebook, on one connection that stays open, where nbgrader opens one for each step.

Opening a gradebook makes SQLAlchemy compile every statement anew, which takes longer than all else that nbgrader does.
"""

from __future__ import annotations

import functools
import os
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import AssignLatePenalties, NbGraderPreprocessor, OverwriteCells, SaveAutoGrades

Result = tuple[NotebookNode, dict[str, Any]]


def gradebook(url: str, course: str = "default_course") -> Gradebook:
    """This process's gradebook at ``url``.  It is used in a with statement, which ends a transaction and no more."""
    return _opened(url, course, _file(url))


@functools.lru_cache(maxsize=4)
def _opened(url: str, course: str, _file: tuple[int, int] | None) -> Gradebook:
    return Gradebook(url, course)


def _file(url: str) -> tuple[int, int] | None:
    """Which file an SQLite gradebook is: another in its place, after it was deleted, is opened anew."""
    try:
        found = os.stat(url.removeprefix("sqlite:///"))
    except OSError:
        return None
    return found.st_dev, found.st_ino


class Overwrite(OverwriteCells):  # type: ignore[misc]
    """Overwrites what a student may not change with what the gradebook has."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> Result:
        """The notebook with its locked cells and their metadata as they should be."""
        names = resources["nbgrader"]
        self.notebook_id, self.assignment_id, self.db_url = names["notebook"], names["assignment"], names["db_url"]
        self.gradebook = gradebook(self.db_url)
        with self.gradebook:
            result: Result = NbGraderPreprocessor.preprocess(self, nb, resources)
        return result


class SaveGrades(SaveAutoGrades):  # type: ignore[misc]
    """Saves all points and comments of a notebook at once: a run that is cut off leaves all of them or none."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> Result:
        """The notebook as it is."""
        names = resources["nbgrader"]
        self.notebook_id, self.assignment_id = names["notebook"], names["assignment"]
        self.student_id, self.db_url = names["student"], names["db_url"]
        self.gradebook = gradebook(self.db_url)
        session = self.gradebook.db
        with self.gradebook, self.gradebook.engine.connect() as connection, connection.begin():
            session(bind=connection, join_transaction_mode="rollback_only")  # its commits, one a cell, wait for ours
            result: Result = NbGraderPreprocessor.preprocess(self, nb, resources)
            session.remove()
        return result


class LatePenalties(AssignLatePenalties):  # type: ignore[misc]
    """Assigns nbgrader's penalties where there is something to assign or to take back."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> Result:
        """The notebook as it is."""
        names = resources["nbgrader"]
        with gradebook(names["db_url"]) as book:
            submission = book.find_submission(names["assignment"], names["student"])
            notebook = book.find_submission_notebook(names["notebook"], names["assignment"], names["student"])
            concerned = submission.total_seconds_late > 0 or notebook.late_submission_penalty
        if concerned:
            result: Result = super().preprocess(nb, resources)
            return result
        return nb, resources
