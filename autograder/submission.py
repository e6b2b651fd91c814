"""Read a submitted notebook, whatever is in the file, and restore what was not the student's to change.

The file is a stranger's.  It is read with bounds and without following links; nothing of its metadata is kept but which
cell is which.  What is restored: the cells of the lesson that are locked, in their places, once each.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, from_dict
from nbformat.v4 import new_notebook

MAX_BYTES = 20 * 2**20
MAX_CELLS = 2000
MAX_SOURCE = 500_000
KERNEL = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


class SubmissionError(Exception):
    """A submission that cannot be graded; the text says why, for the marker and the student."""


def read(path: Path) -> bytes:
    """The bytes of a submitted file: a plain file of a size that a notebook can have."""
    name = path.name
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        reason = "it is a link to another file" if path.is_symlink() else error.strerror
        raise SubmissionError(f"{name} cannot be read: {reason}") from error
    try:
        _demand_plain_file(name, os.fstat(descriptor))
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(MAX_BYTES + 1)
    finally:
        os.close(descriptor)


def _demand_plain_file(name: str, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "a special file"
        raise SubmissionError(f"{name} is {kind}, not a notebook")
    if status.st_nlink > 1:
        raise SubmissionError(f"{name} is a second name of a file elsewhere (a hard link): copy it instead")
    if status.st_size > MAX_BYTES:
        raise SubmissionError(
            f"{name} has {status.st_size / 2**20:.0f} MiB; more than {MAX_BYTES // 2**20} MiB is no notebook of "
            "this course: clear its outputs and save it again"
        )


def parse(data: bytes, name: str) -> NotebookNode:
    """The notebook in ``data``, made well-formed: cells of a known type with text for a source, and known ids."""
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise SubmissionError(f"{name} is not a notebook: it is not UTF-8 text (byte {error.start})") from error
    except (ValueError, RecursionError) as error:
        what = (
            f"line {error.lineno}: {error.msg}"
            if isinstance(error, json.JSONDecodeError)
            else "it is nested too deeply, or has a number of thousands of digits"
        )
        what = "the file is empty" if not data.strip() else what
        raise SubmissionError(f"{name} is not a notebook: its JSON is broken ({what})") from error
    if not isinstance(content, dict) or not isinstance(content.get("cells"), list):
        old = isinstance(content, dict) and "worksheets" in content
        why = "it is in the old notebook format 3: open and save it in JupyterLab" if old else "it has no list of cells"
        raise SubmissionError(f"{name} is not a notebook of today's format: {why}")
    if len(content["cells"]) > MAX_CELLS:
        raise SubmissionError(f"{name} has {len(content['cells'])} cells; at most {MAX_CELLS} can be graded")
    cells = [cell for item in content["cells"] if (cell := _cell(item))]
    for index, cell in enumerate(cells):
        cell.id = f"cell-{index}"
    return new_notebook(cells=cells, metadata=dict(KERNEL))


def _cell(item: Any) -> NotebookNode | None:
    if not isinstance(item, dict):
        return None
    source = item.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return None
    source = source.encode("utf-8", "replace").decode()[:MAX_SOURCE].replace("\0", "")
    metadata = item.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None
    known = {"nbgrader": {"grade_id": grade_id}} if isinstance(grade_id, str) else {}
    return _new_cell("code" if item.get("cell_type") == "code" else "markdown", source, known)


def _new_cell(kind: str, source: str, metadata: Mapping[str, Any] | None = None) -> NotebookNode:
    """A cell without an id, which `nbformat` would validate each time one is made."""
    cell = NotebookNode(cell_type=kind, source=source, metadata=from_dict(metadata or {}))
    if kind == "code":
        cell.update(outputs=[], execution_count=None)
    return cell


def restore(submitted: NotebookNode, source: NotebookNode) -> NotebookNode:
    """``submitted`` with the lesson's own cells as they are in ``source``, and the rest as the student wrote it.

    Of cells with the same grade id the last counts, as in nbgrader; the others run as plain cells.  Locked cells that
    are missing come back behind the lesson's cell before them.  A missing cell for a solution does not: the
    function may stand elsewhere.  What a student wrote as text is shown as text.
    """
    known = {cell.metadata.nbgrader["grade_id"]: cell for cell in source.cells if "nbgrader" in cell.metadata}
    ours = {cell.source for cell in source.cells if cell.cell_type == "markdown"}
    seen: set[str] = set()
    cells: list[NotebookNode] = []
    for cell in reversed(submitted.cells):
        grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
        if grade_id in known and grade_id not in seen:
            seen.add(grade_id)
            cells.append(_restored(cell, known[grade_id]))
        elif cell.cell_type == "code":
            cells.append(_new_cell("code", cell.source))
        else:
            cells.append(_new_cell("markdown", cell.source if cell.source in ours else _verbatim(cell.source)))
    cells.reverse()
    _put_back(cells, known, seen)
    for index, cell in enumerate(cells):
        cell.id = cell.metadata.get("nbgrader", {}).get("grade_id") or f"cell-{index}"
    return new_notebook(cells=cells, metadata=dict(KERNEL))


def _restored(cell: NotebookNode, original: NotebookNode) -> NotebookNode:
    """A known cell: the lesson's own where it is locked, else the student's text in the lesson's frame."""
    locked = _locked(original)
    metadata = {"nbgrader": dict(original.metadata.nbgrader)}
    made = _new_cell("code", original.source if locked else cell.source, metadata)
    if locked:
        made.metadata.update(deletable=False, editable=False)
    return made


def _locked(cell: NotebookNode) -> bool:
    return not cell.metadata.nbgrader["solution"]


def _put_back(cells: list[NotebookNode], known: Mapping[str, NotebookNode], seen: set[str]) -> None:
    """Insert the locked cells that are missing, each behind the known cell before it in the lesson."""
    before: str | None = None
    for grade_id, original in known.items():
        if grade_id not in seen and _locked(original):
            ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in cells]
            at = ids.index(before) + 1 if before in ids else 0
            cells.insert(at, _restored(original, original))
            seen.add(grade_id)
        if grade_id in seen:
            before = grade_id


def _verbatim(text: str) -> str:
    """Markdown that shows ``text`` letter for letter: no HTML, no links, no formulas run in a marker's browser."""
    return "\n".join("    " + line for line in text.splitlines())


def fingerprint(notebook: NotebookNode) -> str:
    """A digest of what is run: every cell's type and text in order, and which of them are the lesson's."""
    cells = [[c.cell_type, c.source, c.metadata.get("nbgrader", {}).get("grade_id")] for c in notebook.cells]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def lesson_files(folder: Path) -> dict[str, str]:
    """The lesson's own text files beside its notebook, by name."""
    return {
        path.name: path.read_text(encoding="utf-8")
        for path in sorted(folder.glob("*"))
        if path.is_file() and path.suffix != ".ipynb"
    }
