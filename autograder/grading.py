"""Grade one notebook: run it confined, judge its functions, and write verdicts where its test cells are."""

from __future__ import annotations

import ast
import time
from collections.abc import Iterable, Mapping

from nbformat import NotebookNode

from autograder.exercise import Exercise
from autograder.exercises import EXERCISES, before_lesson, of_lesson
from autograder.judge import judge, trusted_source
from autograder.runner.limits import Limits
from autograder.runner.notebook import Cell, Notebook, NotebookRun
from autograder.verdict import Graded

CHECK, HIDDEN = "_check", "_hidden"


def grade_notebook(
    notebook: NotebookNode,
    lesson: str,
    seed: int,
    *,
    files: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    sandboxed: bool = True,
) -> Graded:
    """What came of a restored notebook of ``lesson``.  ``outputs`` of the result has an entry for each of its cells."""
    places = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    run = Notebook(
        cells=tuple(_step(notebook.cells[index]) for index in places),
        mine={exercise.name: trusted_source(exercise.name) for exercise in before_lesson(lesson)},
        files=files or {},
    )
    graded = _grade(run, of_lesson(lesson), seed, limits or Limits(), sandboxed)
    shown = dict(zip(places, graded.outputs, strict=True))
    outputs = [shown.get(index, []) for index in range(len(notebook.cells))]
    return Graded(graded.verdicts, outputs, graded.incidents, graded.seconds)


def grade_functions(
    source: str, exercises: Iterable[Exercise], seed: int, *, limits: Limits | None = None, sandboxed: bool = True
) -> Graded:
    """What came of a ``.py`` file: NumPy is at hand as ``np``, and every function it does not define, rightly done."""
    defined = names_defined(source)
    supplied = {name: trusted_source(name) for name in EXERCISES if name not in defined}
    run = Notebook(cells=(Cell(source),), supplied=supplied, mine=dict(supplied), module=True)
    return _grade(run, list(exercises), seed, limits or Limits(), sandboxed)


def names_defined(source: str) -> set[str]:
    """The graded functions that a ``.py`` file defines or assigns at its top level; a broken file may mean any."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return {name for name in EXERCISES if f"def {name}" in source}
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add(node.asname or node.name)
    return names & set(EXERCISES)


def _step(cell: NotebookNode) -> Cell:
    """A test cell marks where its function stands; any other cell is run."""
    nbgrader = cell.metadata.get("nbgrader", {})
    if not nbgrader.get("grade"):
        return Cell(source=cell.source)
    return Cell(mark=exercise_of(nbgrader["grade_id"]))


def exercise_of(grade_id: str) -> str:
    """The exercise that a test cell's grade id belongs to."""
    return grade_id.removesuffix(CHECK).removesuffix(HIDDEN)


def _grade(run: Notebook, exercises: list[Exercise], seed: int, limits: Limits, sandboxed: bool) -> Graded:
    began = time.monotonic()
    with NotebookRun(run, limits, sandboxed) as running:
        running.run()
        verdicts = judge(exercises, seed, running)
    return Graded(verdicts, running.outputs, tuple(running.incidents), time.monotonic() - began)
