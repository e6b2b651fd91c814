"""A lesson as text and as nbgrader's instructor notebook, and the way between the two.

In the text (jupytext's ``py:percent``) a cell says what it is in one word: ``exercise="zero_pad"`` the student's cell,
``check="zero_pad"`` its visible check, ``hidden="zero_pad"`` its hidden tests, ``locked="setup"`` a cell that is only
to be run.  Points, nbgrader's metadata and hidden markers are filled in from the exercises.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import jupytext
from nbformat import NotebookNode
from nbformat.v4 import new_notebook

from autograder.exercise import Exercise
from autograder.exercises import EXERCISES, of_lesson
from autograder.grading import CHECK, HIDDEN
from autograder.steps.stamp import KEY, stamped
from autograder.submission import KERNEL

ROLES = ("exercise", "check", "hidden", "locked")
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
BEGIN_HIDDEN, END_HIDDEN = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
MARKERS = (BEGIN, END, BEGIN_HIDDEN, END_HIDDEN)


class LessonError(Exception):
    """A lesson's text cannot be made into a notebook; the text says which cell, and what it should be."""


@dataclass(frozen=True)
class Lesson:
    """One lesson's text file."""

    path: Path

    @property
    def name(self) -> str:
        """The assignment's name: "03-conv-forward"."""
        return self.path.stem

    @property
    def notebook(self) -> str:
        """The notebook's name without its ending: "conv_forward"."""
        return self.name.split("-", 1)[-1].replace("-", "_")

    def source(self) -> NotebookNode:
        """The instructor's notebook."""
        return to_source(self.path.read_text(encoding="utf-8"), self.name)


def lessons(root: Path) -> list[Lesson]:
    """All lessons of a course, in order."""
    return [Lesson(path) for path in sorted((root / "course" / "lessons").glob("[0-9][0-9]-*.py"))]


def to_source(text: str, name: str) -> NotebookNode:
    """The instructor's notebook of the lesson ``name`` with this text."""
    cells: list[NotebookNode] = []
    ids: set[str] = set()
    for number, cell in enumerate(jupytext.reads(text, fmt="py:percent").cells, start=1):
        made = NotebookNode(cell_type=cell.cell_type, metadata=NotebookNode(), source=cell.source)
        if cell.cell_type == "code":
            made.update(execution_count=None, outputs=[])
        role = next((role for role in ROLES if role in cell.metadata), None)
        stray = next((marker for marker in MARKERS if marker in cell.source), None)
        if stray and role != "exercise":
            raise LessonError(f"{name}, cell {number}: {stray!r} outside an exercise cell: it would be published")
        if role:
            try:
                _assign(made, role, cell.metadata[role], name)
            except LessonError as error:
                raise LessonError(f"{name}, cell {number} ({role}={cell.metadata[role]!r}): {error}") from error
        made["id"] = _cell_id(made, ids)
        cells.append(made)
    _demand_all(name, ids)
    edit = f"course/lessons/{name}.py"
    metadata = {**KERNEL, KEY: {"edit": edit, "note": f"Generated: edit {edit} and run `autograder build`."}}
    return stamped(new_notebook(cells=cells, metadata=NotebookNode(metadata)))


def to_lesson(notebook: NotebookNode) -> str:
    """The text of an instructor's notebook: `to_source` the other way round, to bring an edit by hand back."""
    cells = []
    for cell, after in itertools.pairwise([*notebook.cells, None]):
        made = NotebookNode(id=cell.id, cell_type=cell.cell_type, metadata=NotebookNode(), source=cell.source)
        if cell.cell_type == "code":
            made.update(execution_count=None, outputs=[])
        if nbgrader := cell.metadata.get("nbgrader"):
            role, value = role_of(nbgrader)
            made.metadata[role] = value
            if role == "hidden":
                made.source = f"grade({value})"
        made.metadata["lines_to_next_cell"] = 2 if _defines(cell, -1) or (after and _defines(after, 0)) else 1
        cells.append(made)
    written = new_notebook(cells=cells, metadata=NotebookNode(KERNEL))
    written.metadata["jupytext"] = {
        "notebook_metadata_filter": "kernelspec,-all",
        "cell_metadata_filter": ",".join(ROLES),
    }
    text: str = jupytext.writes(written, fmt="py:percent")
    return re.sub(r"\A# ---\n.*?# ---\n", _HEADER, text, flags=re.DOTALL)


_DEFINITION = re.compile(r"(async )?def |class |@")
_HEADER = """# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---
"""


def _defines(cell: NotebookNode, place: int) -> bool:
    """Whether the first (0) or last (-1) statement of a cell is a definition, which has two blank lines around it."""
    outermost = [line for line in cell.source.splitlines() if line[:1].strip() and not line.startswith("#")]
    return cell.cell_type == "code" and bool(outermost) and bool(_DEFINITION.match(outermost[place]))


def _assign(cell: NotebookNode, role: str, value: str, lesson: str) -> None:
    """Give a cell its part in nbgrader, after making sure that it is what it says."""
    if cell.cell_type != "code":
        raise LessonError("only a code cell can have a part in grading")
    if role == "locked":
        cell.metadata["nbgrader"] = _nbgrader(value, locked=True)
        return
    exercise = EXERCISES.get(value)
    if exercise is None or exercise.lesson != lesson:
        known = ", ".join(e.name for e in of_lesson(lesson)) or "none"
        raise LessonError(f"autograder/exercises has no such exercise for this lesson (it has: {known})")
    if role == "exercise":
        lines = [line.strip() for line in cell.source.splitlines()]
        if lines.count(BEGIN) != 1 or lines.count(END) != 1 or lines.index(BEGIN) > lines.index(END):
            raise LessonError(f"it needs one solution between {BEGIN!r} and {END!r}")
        cell.metadata["nbgrader"] = _nbgrader(value, solution=True)
        return
    call = f"{'check' if role == 'check' else 'grade'}({value})"
    if cell.source.strip() != call:
        raise LessonError(f"it should be the one line {call}")
    if role == "check":
        cell.metadata["nbgrader"] = _nbgrader(value + CHECK, locked=True, points=exercise.visible_points)
        return
    cell.metadata["nbgrader"] = _nbgrader(value + HIDDEN, locked=True, points=exercise.hidden_points)
    cell.source = "\n".join([_announcement(exercise), BEGIN_HIDDEN, call, END_HIDDEN])


def _announcement(exercise: Exercise) -> str:
    points = f"{exercise.hidden_points:g} points" if exercise.hidden_points != 1 else "1 point"
    return f"# Hidden tests of {exercise.name} ({points}): further cases, judged when your notebook is graded."


def _nbgrader(
    grade_id: str, *, solution: bool = False, locked: bool = False, points: float | None = None
) -> NotebookNode:
    metadata = {"grade": points is not None, "grade_id": grade_id, "locked": locked, "schema_version": 3}
    extra = {} if points is None else {"points": points}
    return NotebookNode({**metadata, **extra, "solution": solution, "task": False})


def role_of(nbgrader: NotebookNode) -> tuple[str, str]:
    """What a cell with this metadata is in the text, and of what: ("check", "zero_pad")."""
    grade_id: str = nbgrader["grade_id"]
    if nbgrader["solution"]:
        return "exercise", grade_id
    if not nbgrader["grade"]:
        return "locked", grade_id
    if grade_id.endswith(CHECK):
        return "check", grade_id.removesuffix(CHECK)
    return "hidden", grade_id.removesuffix(HIDDEN)


def _cell_id(cell: NotebookNode, taken: set[str]) -> str:
    """A cell's id: its grade id, or made from its text, so that it stays when other cells come and go."""
    grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
    if grade_id in taken:
        raise LessonError(f"two cells are called {grade_id!r}")
    base = grade_id or "c-" + hashlib.sha256(cell.source.encode()).hexdigest()[:12]
    name, again = base, 2
    while name in taken:
        name, again = f"{base}-{again}", again + 1
    taken.add(name)
    return name


def _demand_all(lesson: str, ids: Iterable[str]) -> None:
    wanted = [e.name + ending for e in of_lesson(lesson) for ending in ("", CHECK, HIDDEN)]
    if missing := [grade_id for grade_id in wanted if grade_id not in set(ids)]:
        raise LessonError(f"{lesson} lacks cells for: {', '.join(missing)}")
