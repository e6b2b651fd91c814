"""The first step of autograding: the submitted notebook with the lesson's own cells restored."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder import submission
from autograder.course import Course


class SubmissionExporter(NotebookExporter):  # type: ignore[misc]
    """Reads a submitted file as a stranger's, where nbconvert would trust it."""

    def from_filename(self, filename: str, resources: Any = None, **options: Any) -> tuple[str, Any]:
        """The exported notebook; a file that cannot be graded is marked for a human look before it fails."""
        if not getattr(self.parent, "_sanitizing", False):
            return super().from_filename(filename, resources=resources, **options)  # type: ignore[no-any-return]
        path = Path(filename)
        try:
            notebook = submission.parse(submission.read(path), path.name)
        except submission.SubmissionError:
            needs_a_look(resources["nbgrader"])
            raise
        return super().from_notebook_node(notebook, resources=resources, **options)  # type: ignore[no-any-return]


def needs_a_look(nbgrader: dict[str, str]) -> None:
    """Mark a submission in the gradebook so that what could not be graded is no silent zero."""
    with Gradebook(nbgrader["db_url"]) as gradebook, contextlib.suppress(Exception):
        found = gradebook.find_submission_notebook(nbgrader["notebook"], nbgrader["assignment"], nbgrader["student"])
        for grade in found.grades:
            grade.needs_manual_grade = True
        gradebook.db.commit()


class Restore(NbGraderPreprocessor):  # type: ignore[misc]
    """Restores the lesson's own cells in a submitted notebook."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """The notebook as `submission.restore` makes it, from the instructor's version."""
        return submission.restore(nb, Course.here().source(resources["nbgrader"]["assignment"])), resources
