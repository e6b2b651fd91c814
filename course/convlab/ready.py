"""Whether a notebook is ready to hand in: all cells there, nothing untouched, and it runs from a clean start."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convlab import here, released
from convlab.clean_run import Outcome, clean_run
from convlab.run import graded_run

#: Seconds that the run from a clean start may take.
SECONDS = 300.0

MAX_BYTES = 20 * 2**20

_STUB = re.compile(r"^\s*raise NotImplementedError(\(\))?\s*(#.*)?$", re.MULTILINE)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: whether it is as it should be, and a sentence on it."""

    ok: bool
    text: str

    def __str__(self) -> str:
        return f"{'ok' if self.ok else 'to do'}: {self.text}"


class _Unusable(Exception):
    """Why there is no notebook to look at; the text says what to do."""


@dataclass(frozen=True)
class _Cell:
    """A cell of the file: its place from 0, whether it is code, its grade id if any, and its text."""

    place: int
    code: bool
    grade_id: str | None
    source: str

    def __str__(self) -> str:
        first = next((line.strip() for line in self.source.splitlines() if line.strip()), "empty")
        return f"cell {self.place + 1} from the top ({first[:60]})"


def ready(notebook: str | Path | None = None, seconds: float = SECONDS) -> None:
    """Say whether ``notebook`` (or the one in this folder) is ready to hand in, and what is left to do.

    It looks at the file on disk and runs a copy of it in a kernel of its own for at most ``seconds``: the file
    stays as it is, and so does what this notebook knows. In a graded run nothing happens.
    """
    if graded_run():
        return
    try:
        path = _find(notebook)
        cells = _read(path)
        lesson = _lesson(path, cells)
    except _Unusable as why:
        print(f"to do: {why}\nNot ready to hand in.")
        return
    print(f"{path.name}, lesson {lesson.lesson}, as it is saved on disk:", flush=True)
    findings = [_name(path, lesson), *_unsaved(lesson, cells), *_cells(lesson, cells), *_written(lesson, cells)]
    print("\n".join(map(str, findings)))
    print("Now a copy of it runs from a clean start ...", flush=True)
    try:
        after = _ran(clean_run(path, seconds), cells)
    except KeyboardInterrupt:
        print("Interrupted: whether it runs from a clean start is not known.")
        return
    print("\n".join(map(str, after)))
    left = sum(not finding.ok for finding in findings + after)
    things = "1 thing" if left == 1 else f"{left} things"
    print(
        f"Not ready to hand in: {things} to do. (You may hand in what you have: what works earns its points.)"
        if left
        else "Ready to hand in."
    )


def _find(notebook: str | Path | None) -> Path:
    """The file that is meant: the one that is named, or the notebook of this folder's lesson."""
    if notebook is not None:
        path = Path(notebook).expanduser()
        if not path.is_file():
            raise _Unusable(f"There is no file {notebook}. Its name is shown on the tab of the notebook.")
        return path.absolute()
    folder, lesson = Path.cwd(), here.lesson()
    if lesson and (folder / lesson.notebook).is_file():
        return folder / lesson.notebook
    found = sorted(path for path in folder.glob("*.ipynb") if path.is_file())
    if len(found) == 1:
        return found[0]
    example = lesson.notebook if lesson else "conv_forward.ipynb"
    if not found:
        raise _Unusable(f"There is no notebook in {folder}. Name the file, as in ready({example!r}).")
    names = ", ".join(path.name for path in found)
    raise _Unusable(
        f"There are several notebooks here, {names}. Name the one you mean, as in ready({found[0].name!r})."
    )


def _read(path: Path) -> list[_Cell]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _Unusable(
                f"{path.name} is larger than {MAX_BYTES // 2**20} MiB. Clear the outputs of all cells, and save it."
            )
        content = json.loads(path.read_text(encoding="utf-8-sig"))
        cells = [_cell(place, cell) for place, cell in enumerate(content["cells"])]
    except OSError as why:
        raise _Unusable(f"{path.name} cannot be read ({why.strerror}).") from None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise _Unusable(f"{path.name} is not a notebook: open it in JupyterLab and save it again.") from None
    return cells


def _cell(place: int, cell: dict[str, Any]) -> _Cell:
    source = cell.get("source", "")
    nbgrader = cell.get("metadata", {}).get("nbgrader") or {}
    grade_id = nbgrader.get("grade_id")
    text = source if isinstance(source, str) else "".join(source)
    return _Cell(place, cell.get("cell_type") == "code", grade_id if isinstance(grade_id, str) else None, text)


def _lesson(path: Path, cells: list[_Cell]) -> released.Released:
    """The lesson that a notebook is of, by its cells, its name or its folder."""
    lessons = released.lessons()
    if found := released.with_most({cell.grade_id for cell in cells if cell.grade_id}):
        return found
    for one in lessons.values():
        if path.name == one.notebook or path.parent.name == one.lesson:
            return one
    raise _Unusable(f"{path.name} is not a notebook of this course: none of its cells is a lesson's.")


def _name(path: Path, lesson: released.Released) -> Finding:
    if path.name == lesson.notebook:
        return Finding(True, f"the name of the notebook, {path.name}, is right.")
    return Finding(
        False, f"the notebook is called {path.name}. Rename it to {lesson.notebook}: it is looked for by name."
    )


def _unsaved(lesson: released.Released, cells: list[_Cell]) -> Iterable[Finding]:
    """What can be known of whether the file is older than what runs: by the exercises' cells that were run last."""
    shell = here.shell()
    ran = [text for text in (shell.user_ns.get("In") or [] if shell else []) if isinstance(text, str)]
    for exercise in (cell for cell in lesson.cells if cell.role == "exercise"):
        last = next((text for text in reversed(ran) if exercise.name in _defined(text)), None)
        if last is not None and last.strip() not in {cell.source.strip() for cell in cells if cell.code}:
            yield Finding(
                False,
                f"{exercise.name} as you ran it is not in the file. Save the notebook first (Ctrl+S, on a Mac "
                "Command+S), and ask again. If you have changed the cell since you ran it, run it as well.",
            )


def _cells(lesson: released.Released, cells: list[_Cell]) -> list[Finding]:
    """Whether all of the lesson's own cells are there, once each."""
    found: list[Finding] = []
    for own in lesson.cells:
        here_now = [cell for cell in cells if cell.grade_id == own.grade_id]
        if not here_now:
            found += _missing(own, cells)
        elif len(here_now) > 1:
            places = " and ".join(str(cell.place + 1) for cell in here_now)
            found.append(
                Finding(
                    False,
                    f"{own} is there {len(here_now)} times, as cells {places} from the top. Keep one: when graded, the "
                    "last counts.",
                )
            )
        elif not here_now[0].code:
            found.append(Finding(False, f"{own} is no code cell any more. Click it and choose Code in the toolbar."))
    if all(one.ok for one in found):
        found.insert(0, Finding(True, "all of the lesson's own cells are there, once each."))
    return found


def _missing(own: released.Cell, cells: list[_Cell]) -> list[Finding]:
    if own.role != "exercise":
        text = f"{own} is missing. Copy it from a fresh copy of the lesson's notebook."
        return [Finding(False, f"{text} Grading puts it back, so this alone costs no points.")]
    elsewhere = [cell for cell in cells if cell.code and own.name in _defined(cell.source)]
    if elsewhere:
        return [Finding(True, f"{own} is gone, but {own.name} is defined in {elsewhere[-1]}, and counts there.")]
    return [Finding(False, f"{own} is missing, and {own.name} is not defined anywhere else: write it in a new cell.")]


def _written(lesson: released.Released, cells: list[_Cell]) -> list[Finding]:
    """Whether something was written in every cell that asks for it."""
    found = []
    for own in lesson.cells:
        mine = [cell for cell in cells if cell.grade_id == own.grade_id and cell.code]
        if own.role != "exercise" or not mine:
            continue
        source = mine[-1].source
        if _plain(source) == _plain(own.source):
            found.append(Finding(False, f"{own.name} is untouched: nothing is written in its cell yet."))
        elif _STUB.search(source):
            found.append(
                Finding(False, f"{own.name} still has the line raise NotImplementedError(): write yours in its place.")
            )
        elif not source.strip():
            found.append(Finding(False, f"the cell for {own.name} is empty."))
    return found or [Finding(True, "no function is left untouched.")]


def _ran(outcome: Outcome, cells: list[_Cell]) -> list[Finding]:
    """What came of the run from a clean start."""
    by_place = {cell.place: cell for cell in cells}
    found = [Finding(False, f"a check fails: {text}") for text in outcome.checks.values()]
    if not found and outcome.through:
        found.append(Finding(True, "all visible checks pass."))
    if outcome.through:
        return [Finding(True, "it runs from a clean start to its last cell."), *found]
    if outcome.stopped is None:
        return [*found, Finding(False, f"it could not be run from a clean start: {outcome.message}.")]
    text = f"run from a clean start, it stops at {by_place[outcome.stopped]}:\n    {outcome.message}"
    if by_place[outcome.stopped].grade_id == "mine":
        text += "\n    (Grading has right functions of earlier lessons there, so this alone costs no points.)"
    return [*found, Finding(False, text)]


def _defined(source: str) -> set[str]:
    """The functions that a cell defines at its outermost level, as far as it is Python."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):  # a magic, or a slip
        return set(re.findall(r"^def (\w+)", source, re.MULTILINE))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def _plain(source: str) -> list[str]:
    return [line.strip() for line in source.splitlines() if line.strip()]
