"""Grade files on their own, with no gradebook: feedback while working, for someone alone or an author."""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import nbformat

from autograder import submission
from autograder.exercise import Exercise
from autograder.exercises import EXERCISES
from autograder.grading import exercise_of, grade_functions, grade_notebook, names_defined
from autograder.runner import sandbox
from autograder.runner.sandbox import SandboxError
from autograder.submission import SubmissionError
from autograder.verdict import Graded

#: The course that this grader belongs to, for the lesson's own cells of a notebook.
COURSE = Path(__file__).resolve().parent.parent


@dataclass
class Checker:
    """Grades files, confined where the machine can do that.  ``notice`` says so where it cannot."""

    exercises: tuple[str, ...]
    seed: int
    sandboxed: bool = sys.platform == "linux" and shutil.which("bwrap") is not None
    notice: str = ""

    def check(self, path: Path) -> Graded:
        """What came of one file; `SubmissionError` where it could not be graded."""
        if not self.sandboxed:
            self._give_notice("bubblewrap is not installed")
        elif why_not := sandbox.why_not():
            self._give_notice(why_not)
            self.sandboxed = False
        try:
            return self._check(path)
        except SandboxError as error:  # where it worked before, the file may have brought it about: no reason to trust
            raise SubmissionError(str(error)) from error

    def _give_notice(self, why: str) -> None:
        self.notice = (
            f"This code runs in a process of its own, but not confined ({why}): check only code that you trust."
        )

    def _check(self, path: Path) -> Graded:
        data = submission.read(path)
        if path.suffix == ".py":
            return self._check_functions(path, data)
        return self._check_notebook(path, data)

    def _check_functions(self, path: Path, data: bytes) -> Graded:
        try:
            source = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise SubmissionError(f"{path.name} is not UTF-8 text (byte {error.start})") from error
        names = self.exercises or tuple(name for name in EXERCISES if name in names_defined(source))
        if not names:
            raise SubmissionError(f"{path.name} defines none of the graded functions: {', '.join(EXERCISES)}")
        exercises = [EXERCISES[name] for name in EXERCISES if name in names]
        return grade_functions(source, exercises, self.seed, sandboxed=self.sandboxed)

    def _check_notebook(self, path: Path, data: bytes) -> Graded:
        notebook = submission.parse(data, path.name)
        lesson = lesson_of(notebook, path)
        found = COURSE / "source" / lesson
        for source in found.glob("*.ipynb"):
            notebook = submission.restore(notebook, nbformat.read(source, as_version=4))
        graded = grade_notebook(
            notebook, lesson, self.seed, files=submission.lesson_files(found), sandboxed=self.sandboxed
        )
        if not self.exercises:
            return graded
        verdicts = tuple(verdict for verdict in graded.verdicts if verdict.exercise in self.exercises)
        if not verdicts:
            raise SubmissionError(f"{path.name} is of lesson {lesson}, which has no {' or '.join(self.exercises)}")
        return Graded(verdicts, graded.outputs, graded.incidents, graded.seconds)


def lesson_of(notebook: nbformat.NotebookNode, path: Path) -> str:
    """The lesson that a notebook is of, by its cells' grade ids, or else by its name."""
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id", "") for cell in notebook.cells]
    exercises: list[Exercise] = [EXERCISES[name] for grade_id in ids if (name := exercise_of(grade_id)) in EXERCISES]
    if exercises:
        return Counter(exercise.lesson for exercise in exercises).most_common(1)[0][0]
    for exercise in EXERCISES.values():
        if path.stem == exercise.lesson.split("-", 1)[1].replace("-", "_"):
            return exercise.lesson
    raise SubmissionError(f"{path.name} is a notebook of no lesson of this course: it has none of its cells")
