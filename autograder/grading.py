"""Grade one notebook: run it confined, judge its functions, and write verdicts where its test cells are."""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from convlab.frameworks import FRAMEWORKS, missing
from nbformat import NotebookNode

from autograder.caller import Caller, trusted_source
from autograder.exercise import Exercise
from autograder.exercises import EXERCISES, LAYERS, layers_before, of_lesson
from autograder.judge import is_missing, judge
from autograder.runner.limits import OF_LESSON, Limits, limits_of
from autograder.runner.notebook import Cell, Notebook, NotebookRun
from autograder.runner.outputs import Output
from autograder.submission import SubmissionError
from autograder.verdict import Graded, Verdict

CHECK, HIDDEN = "_check", "_hidden"

#: Comes to verdicts on exercises, with inputs of a seed, by asking whoever answers for the student.
Judging = Callable[[Sequence[Exercise], int, Caller], tuple[Verdict, ...]]


def grade_notebook(
    notebook: NotebookNode,
    lesson: str,
    seed: int,
    *,
    files: Mapping[str, str] | None = None,
    limits: Limits | None = None,
    sandboxed: bool = True,
    judging: Judging = judge,
) -> Graded:
    """What came of a restored notebook of ``lesson``.  ``outputs`` of the result has an entry for each of its cells."""
    demand_frameworks(of_lesson(lesson))
    places = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    run = Notebook(
        cells=tuple(_step(notebook.cells[index]) for index in places),
        mine={exercise.name: trusted_source(exercise.name) for exercise in layers_before(lesson)},
        files=files or {},
    )
    ids = [notebook.cells[index].metadata.get("nbgrader", {}).get("grade_id") for index in places]
    homes = {exercise.name: ids.index(exercise.name) for exercise in of_lesson(lesson) if exercise.name in ids}
    graded = _grade(run, of_lesson(lesson), homes, seed, limits or limits_of(lesson), sandboxed, judging)
    shown = dict(zip(places, graded.outputs, strict=True))
    outputs = [shown.get(index, []) for index in range(len(notebook.cells))]
    return Graded(graded.verdicts, outputs, graded.incidents, graded.seconds)


def grade_functions(
    source: str,
    exercises: Iterable[Exercise],
    seed: int,
    *,
    limits: Limits | None = None,
    sandboxed: bool = True,
) -> Graded:
    """What came of a ``.py`` file: NumPy is at hand as ``np``, and every function it does not define, rightly done."""
    wanted = list(exercises)
    demand_frameworks(wanted)
    theirs = names_defined(source) | {exercise.name for exercise in wanted}
    supplied = {name: trusted_source(name) for name in LAYERS if name not in theirs}
    run = Notebook(cells=(Cell(source),), supplied=supplied, mine=supplied, module=True)
    homes = {exercise.name: 0 for exercise in wanted}
    limits = limits or next((OF_LESSON[one.lesson] for one in wanted if one.lesson in OF_LESSON), Limits())
    return _grade(run, wanted, homes, seed, limits, sandboxed)


def demand_frameworks(exercises: Iterable[Exercise]) -> None:
    """Raise SubmissionError where the grader lacks a framework that these are written with: it costs no points."""
    for exercise in exercises:
        if absent := missing(exercise.frameworks):
            raise SubmissionError(
                f"{exercise.name} is written with {FRAMEWORKS[absent[0]]}, which the grader does not have: install it "
                f"beside the grader (pip install {absent[0]}), and grade again"
            )


def names_defined(source: str) -> set[str]:
    """The graded functions that a ``.py`` file defines or assigns at its top level; a broken file may mean any."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {name for name in EXERCISES if f"def {name}" in source}
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.ImportFrom) and node.module != "convlab.mine":  # what that holds is supplied
            names.update(alias.asname or alias.name for alias in node.names)
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


def _grade(
    run: Notebook,
    exercises: list[Exercise],
    homes: Mapping[str, int],
    seed: int,
    limits: Limits,
    sandboxed: bool,
    judging: Judging = judge,
) -> Graded:
    """Run and judge.  ``homes`` says in which cell each function should have been defined."""
    began = time.monotonic()
    with NotebookRun(run, limits, sandboxed) as running:
        running.run()
        verdicts = judging(exercises, seed, running)
    shown = running.outputs
    verdicts = tuple(_with_cause(one, shown[homes[one.exercise]] if one.exercise in homes else []) for one in verdicts)
    return Graded(verdicts, shown, tuple(running.incidents), time.monotonic() - began)


def _with_cause(verdict: Verdict, shown: list[Output]) -> Verdict:
    """A verdict on a function that is not there, with the error that stopped its cell as the reason."""
    stopped = next((output for output in shown if output["output_type"] == "error"), None)
    if stopped is None or verdict.error != is_missing(verdict.exercise):
        return verdict
    cause = f"{verdict.exercise} is not defined, because its cell stopped: {stopped['ename']}: {stopped['evalue']}"
    criteria = tuple(replace(criterion, message=cause) for criterion in verdict.criteria)
    return replace(verdict, criteria=criteria, error=cause)
