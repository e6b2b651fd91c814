"""The step in the place of nbgrader's Execute: a confined run, and verdicts where the test cells are."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder import records
from autograder.course import Course
from autograder.feedback import outputs_of
from autograder.grading import HIDDEN, exercise_of, grade_notebook
from autograder.paper import new_seed
from autograder.records import GRADED, LOOK, Record
from autograder.runner import sandbox
from autograder.submission import fingerprint, lesson_files
from autograder.verdict import Graded

#: What a class run has computed already, by assignment and student: the notebook's fingerprint, the seed, the result.
READY: dict[tuple[str, str], tuple[str, int, Graded]] = {}


class Judge(NbGraderPreprocessor):  # type: ignore[misc]
    """Runs the notebook confined, judges its functions here, and shows the verdicts."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """The notebook with the outputs of its run."""
        course = Course.here()
        names = resources["nbgrader"]
        assignment, student = names["assignment"], names["student"]
        ready = READY.get((assignment, student))
        if ready and ready[0] == fingerprint(nb):
            _, seed, graded = ready
        else:
            if why_not := sandbox.why_not():
                raise sandbox.SandboxError(f"Submissions are not run here: {why_not}")
            seed = new_seed()
            files = lesson_files(course.source_path(assignment).parent)
            graded = grade_notebook(nb, assignment, seed, files=files)
        show(nb, graded)
        resources["record"] = record(course, assignment, student, seed, graded)
        return nb, resources


def show(nb: NotebookNode, graded: Graded) -> None:
    """Write the outputs of a run, and its verdicts, into the notebook."""
    verdicts = {verdict.exercise: verdict for verdict in graded.verdicts}
    for cell, outputs in zip(nb.cells, graded.outputs, strict=True):
        if cell.cell_type != "code":
            continue
        nbgrader = cell.metadata.get("nbgrader", {})
        if nbgrader.get("grade"):
            grade_id = nbgrader["grade_id"]
            outputs = outputs_of(verdicts[exercise_of(grade_id)], hidden=grade_id.endswith(HIDDEN))
        cell.execution_count = None
        cell.outputs = [NotebookNode(output) for output in outputs]
        for output in cell.outputs:
            if "data" in output:
                output.data, output.metadata = NotebookNode(output.data), NotebookNode()


def record(course: Course, assignment: str, student: str, seed: int, graded: Graded) -> Record:
    """What is kept of this result."""
    path = course.root / "submitted" / student / assignment / f"{course.notebook_name(assignment)}.ipynb"
    return Record(
        student=student,
        assignment=assignment,
        state=LOOK if graded.incidents else GRADED,
        reason=" ".join(graded.incidents),
        points=graded.points,
        max_points=graded.max_points,
        seconds=round(graded.seconds, 3),
        seed=seed,
        submission=records.digest(path.read_bytes()) if path.is_file() else "",
        version=records.version(course.source_path(assignment)),
        verdicts=[verdict.as_record() for verdict in graded.verdicts],
    )
