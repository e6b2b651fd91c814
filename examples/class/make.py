"""Make the sample class: what its students hand in, from the lessons in release/.

    python examples/class/make.py

writes submitted/STUDENT/ASSIGNMENT/ anew, the same bytes each time.  Who is who stands in README.md, what
comes of each submission in expected.csv.  A student's functions are in answers/, cells that students added in cells/.
"""

from __future__ import annotations

import ast
import copy
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

HERE = Path(__file__).resolve().parent
RELEASE = HERE.parent.parent / "release"

#: Something a student did to a notebook besides writing functions.
Edit = Callable[[NotebookNode], None]


def insert(name: str, behind: str = "setup") -> Edit:
    """A cell of the student's own, from cells/, behind the lesson's cell with the grade id ``behind``."""

    def edit(notebook: NotebookNode) -> None:
        make = nbformat.v4.new_markdown_cell if name.endswith(".md") else nbformat.v4.new_code_cell
        cell = make(_text(f"cells/{name}"), id=f"added-{len(notebook.cells)}")
        notebook.cells.insert(_index(notebook, behind) + 1, cell)

    return edit


def overwrite(name: str, grade_id: str) -> Edit:
    """The student's cell holds what is in cells/, and nothing else."""

    def edit(notebook: NotebookNode) -> None:
        _cell(notebook, grade_id).source = _text(f"cells/{name}")

    return edit


def begin_with(name: str, grade_id: str) -> Edit:
    """The student's cell begins with what is in cells/."""

    def edit(notebook: NotebookNode) -> None:
        cell = _cell(notebook, grade_id)
        cell.source = f"{_text(f'cells/{name}')}\n\n\n{cell.source}"

    return edit


def mistype(grade_id: str, right: str, wrong: str) -> Edit:
    """A slip of the keyboard in the student's cell."""

    def edit(notebook: NotebookNode) -> None:
        cell = _cell(notebook, grade_id)
        assert right in cell.source, f"{right!r} is not in {grade_id}"
        cell.source = cell.source.replace(right, wrong, 1)

    return edit


def delete(*grade_ids: str) -> Edit:
    """The cells are gone."""

    def edit(notebook: NotebookNode) -> None:
        for grade_id in grade_ids:
            del notebook.cells[_index(notebook, grade_id)]

    return edit


def duplicate(*grade_ids: str) -> Edit:
    """The cells are there twice, as after copy and paste."""

    def edit(notebook: NotebookNode) -> None:
        for grade_id in grade_ids:
            at = _index(notebook, grade_id)
            twin = copy.deepcopy(notebook.cells[at])
            twin.id = f"copied-{len(notebook.cells)}"
            notebook.cells.insert(at + 1, twin)

    return edit


def show(name: str) -> Edit:
    """The output that a student's own cell from cells/ left in the saved notebook."""

    def edit(notebook: NotebookNode) -> None:
        (cell,) = (cell for cell in notebook.cells if cell.source == _text(f"cells/{name}"))
        page = cell.source.split('"')[1]
        cell.execution_count = 1
        cell.outputs = [nbformat.v4.new_output("display_data", {"text/html": page, "text/plain": "<HTML object>"})]

    return edit


@dataclass(frozen=True)
class Work:
    """What one student hands in for some lessons.

    Functions come from ``answers``, the last file that has one counts; those in ``open`` are left as they are in
    release/.  ``cut`` is the part of the file that arrived, ``name`` the file's name where it is not the lesson's,
    ``folder`` the folder's; ``instead`` is a text file handed in with no notebook.
    """

    student: str
    lessons: str
    answers: tuple[str, ...] = ("loops",)
    edits: tuple[Edit, ...] = ()
    open: tuple[str, ...] = ()
    cut: float = 1.0
    name: str = ""
    folder: str = ""
    instead: str = ""


CLASS = (
    Work("ada", "01 02 03 04 05 06 07 08 09"),
    Work("ben", "01 02 03 04 05 06 07", ("vectorised",)),
    Work("ben", "09", ("loops", "vectorised")),
    Work("chloe", "04 05 06 09", ("loops", "chloe")),
    Work("dmitri", "04 05 09", ("loops", "dmitri")),
    Work("emeka", "02 03 07", ("loops", "emeka")),
    Work("fatima", "01 03 07 08 09", ()),
    Work("george", "02"),
    Work("george", "03", open=("conv_forward",)),
    Work("george", "06", ("loops", "george"), open=("break_conv_backward",)),
    Work("hana", "02"),
    Work("hana", "03", edits=(mistype("conv_forward", "for h in range(n_H):", "for h in range(n_H)"),)),
    Work("ivan", "01", edits=(insert("ivan.py"),)),
    Work("ivan", "04", edits=(begin_with("ivan.py", "pool_forward"),), open=("break_conv_forward",)),
    Work("jin", "02", edits=(insert("jin.py"),)),
    Work("jin", "04", ("loops", "jin")),
    Work("kavya", "01", edits=(delete("zero_pad_check", "zero_pad_hidden"),)),
    Work("kavya", "02", edits=(duplicate("conv_single_step_check", "conv_single_step_hidden"),)),
    Work(
        "kavya",
        "03",
        edits=(
            delete("setup", "conv_output_size_check", "conv_output_size_hidden"),
            duplicate("conv_forward_hidden", "conv_forward_check", "conv_forward_check"),
        ),
    ),
    Work("liam", "02"),
    Work("liam", "03", cut=0.6),
    Work("maria", "01", instead="README.txt"),
    Work("maria", "02", name="one_step(1).ipynb"),
    Work("noah", "03", edits=(overwrite("noah.py", "conv_forward"),)),
    Work("noah", "05", ("loops", "noah")),
    Work("olga", "02 03", ("olga",), (insert("olga.py"),)),
    Work("priya", "03 06 08", ("loops", "priya")),
    Work("quinn", "03 05 06", ("loops", "quinn")),
    Work("rosa", "01 02", edits=(insert("rosa.md"), insert("rosa.py"), show("rosa.py"))),
    Work("tomas", "01"),
    Work("tomas", "03", folder="03-conv-foward"),
)


def make(target: Path) -> None:
    """Write what the class hands in into ``target``, a folder for each student."""
    for work in CLASS:
        for lesson in work.lessons.split():
            (released,) = RELEASE.glob(f"{lesson}-*/*.ipynb")
            folder = target / work.student / (work.folder or released.parent.name)
            folder.mkdir(parents=True)
            if work.instead:
                (folder / work.instead).write_text(_text(f"cells/{work.instead}") + "\n", encoding="utf-8")
                continue
            text = nbformat.writes(notebook(work, released)) + "\n"
            text = text[: int(work.cut * len(text))]
            (folder / (work.name or released.name)).write_text(text, encoding="utf-8")


def notebook(work: Work, released: Path) -> NotebookNode:
    """A lesson's notebook as this student hands it in."""
    made = nbformat.read(released, as_version=4)
    bodies = {name: body for file in work.answers for name, body in functions(f"answers/{file}.py").items()}
    for cell in made.cells:
        nbgrader = cell.metadata.get("nbgrader", {})
        if nbgrader.get("solution") and nbgrader["grade_id"] not in work.open:
            cell.source = filled_in(cell.source, bodies.get(nbgrader["grade_id"]))
    for edit in work.edits:
        edit(made)
    nbformat.validate(made)
    return made


def filled_in(stub: str, body: str | None) -> str:
    """The lesson's stub with the student's lines below its docstring and comments."""
    return stub if body is None else stub.split("    # YOUR CODE HERE")[0] + body


def functions(file: str) -> dict[str, str]:
    """The bodies of the functions in a file, as text, by name."""
    text = _text(file)
    lines = text.splitlines()
    found = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    return {node.name: "\n".join(lines[node.lineno : node.end_lineno]) for node in found}


def _text(file: str) -> str:
    return (HERE / file).read_text(encoding="utf-8").strip("\n")


def _index(notebook: NotebookNode, grade_id: str) -> int:
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in notebook.cells]
    return ids.index(grade_id)


def _cell(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    return notebook.cells[_index(notebook, grade_id)]


if __name__ == "__main__":
    shutil.rmtree(HERE / "submitted", ignore_errors=True)
    make(HERE / "submitted")
