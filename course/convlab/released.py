"""The lessons as students get them, as data: what each notebook is called, and which cells it has for grading.

The files in ``data/lessons/`` are written by ``autograder build`` from the released notebooks.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass

from convlab import published


@dataclass(frozen=True)
class Cell:
    """One cell of the lesson's own.

    ``role`` is "exercise", "check", "hidden" or "locked", and ``name`` the function it is about (or what a locked
    cell is called). ``source`` is what stands in an exercise's cell before anything is written there.
    """

    grade_id: str
    role: str
    name: str
    source: str = ""

    def __str__(self) -> str:
        words = {
            "exercise": f"the cell for {self.name}",
            "check": f"the cell check({self.name})",
            "hidden": f"the cell for the hidden tests of {self.name}",
        }
        return words.get(self.role, f"the lesson's own cell {self.name!r}")


@dataclass(frozen=True)
class Released:
    """One lesson: its folder ("03-conv-forward"), its notebook ("conv_forward.ipynb") and its cells in order."""

    lesson: str
    notebook: str
    cells: tuple[Cell, ...]


def lessons() -> dict[str, Released]:
    """All lessons there are, by the names of their folders, in the order of the course."""
    found = {}
    for path in sorted((published.FOLDER / "lessons").glob("*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        cells = tuple(Cell(**cell) for cell in data["cells"])
        found[data["lesson"]] = Released(data["lesson"], data["notebook"], cells)
    return found


def with_most(grade_ids: Collection[str]) -> Released | None:
    """The lesson that has most of these grade ids, or None where no lesson has any."""
    counts = {one.lesson: sum(cell.grade_id in grade_ids for cell in one.cells) for one in lessons().values()}
    # Names such as "setup" are every lesson's.
    best = max(counts, key=counts.__getitem__, default=None)
    return lessons()[best] if best is not None and counts[best] > 2 else None


def dump(released: Released) -> str:
    """``released`` as the text of its file."""
    return json.dumps(asdict(released), ensure_ascii=False, indent=1) + "\n"
