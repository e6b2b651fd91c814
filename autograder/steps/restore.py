"""The first step of autograding: the submitted notebook with the lesson's own cells restored."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder import records, submission
from autograder.course import Course
from autograder.gradebook import record_failure
from autograder.steps.whole_files import AutogradedWriter, complete, submissions
from autograder.submission import SubmissionError
from autograder.submission_folder import demand_gradable


class SubmissionExporter(NotebookExporter):  # type: ignore[misc]
    """Reads a submitted file as a stranger's, where nbconvert would trust it, and writes notebooks whole.

    nbgrader makes it before it touches the submissions.  That is the time to set aside those whose folders it must not
    copy, and to have it begin anew with what an earlier run left unfinished.
    """

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        converter = self.parent
        converter.writer = AutogradedWriter(parent=converter, config=converter.config)
        self.course = Course(Path(converter.coursedir.root))
        if type(converter) is Autograde:  # and not our own, which is told what to convert
            complete(converter)
        for (student, assignment), folder in submissions(converter):
            try:
                demand_gradable(Path(folder), student, f"{self.course.notebook_name(assignment)}.ipynb")
            except SubmissionError as error:
                del converter.assignments[folder]
                converter.log.error("%s, %s could not be graded: %s", student, assignment, error)
                self._failed(student, assignment, error)
                continue
            if records.load(self.course.root, student, assignment) is None:
                done = converter.coursedir.format_path(converter.coursedir.autograded_directory, student, assignment)
                shutil.rmtree(done, ignore_errors=True)

    def _failed(self, student: str, assignment: str, error: SubmissionError) -> None:
        record_failure(self.course, student, assignment, str(error), self.parent.coursedir.db_url)

    def from_filename(self, filename: str, resources: Any = None, **options: Any) -> tuple[str, Any]:
        """The exported notebook; a file that cannot be graded is marked for a human look before it fails."""
        if not self.parent._sanitizing:
            return super().from_filename(filename, resources=resources, **options)  # type: ignore[no-any-return]
        path = Path(filename)
        try:
            notebook = submission.parse(submission.read(path), path.name)
        except SubmissionError as error:
            self._failed(resources["nbgrader"]["student"], resources["nbgrader"]["assignment"], error)
            raise
        return super().from_notebook_node(notebook, resources=resources, **options)  # type: ignore[no-any-return]


class Restore(NbGraderPreprocessor):  # type: ignore[misc]
    """Restores the lesson's own cells in a submitted notebook."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """The notebook as `submission.restore` makes it, from the instructor's version."""
        return submission.restore(nb, Course.here().source(resources["nbgrader"]["assignment"])), resources
