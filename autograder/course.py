"""A course's folder: where everything lies, by nbgrader's names."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

CONFIG = "nbgrader_config.py"


class CourseError(Exception):
    """This is not a course folder, or it lacks what was asked for; the text says what to do."""


class UnknownName(CourseError):
    """An argument names an assignment or a student that there is not."""


@dataclass(frozen=True)
class Course:
    """A course at ``root``, the folder that holds nbgrader_config.py."""

    root: Path

    @classmethod
    def here(cls) -> Course:
        """The course in the current folder, which is where nbgrader looks too."""
        root = Path.cwd()
        if not (root / CONFIG).is_file():
            raise CourseError(f"{root} is no course folder: it has no {CONFIG}. Change to the folder that has one.")
        return cls(root)

    @functools.cached_property
    def config(self) -> Any:
        """nbgrader's configuration, as nbgrader reads it."""
        from traitlets.config import PyFileConfigLoader

        config = PyFileConfigLoader(CONFIG, path=str(self.root)).load_config()
        config.CourseDirectory.root = str(self.root)
        return config

    @functools.cached_property
    def database(self) -> str:
        """The gradebook's address."""
        return str(self.config.CourseDirectory.get("db_url") or f"sqlite:///{self.root / 'gradebook.db'}")

    def assignments(self) -> list[str]:
        """The names of all assignments, in order."""
        return sorted(path.name for path in (self.root / "source").glob("*") if path.is_dir())

    def notebook_name(self, assignment: str) -> str:
        """The name of an assignment's one notebook, without its ending: "conv_forward" of "03-conv-forward"."""
        return assignment.split("-", 1)[-1].replace("-", "_")

    def source_path(self, assignment: str) -> Path:
        """Where the instructor's notebook of an assignment is."""
        return self.root / "source" / assignment / f"{self.notebook_name(assignment)}.ipynb"

    def feedback_path(self, student: str, assignment: str) -> Path:
        """Where a student's feedback page on an assignment is."""
        return self.root / "feedback" / student / assignment / f"{self.notebook_name(assignment)}.html"

    def source(self, assignment: str) -> NotebookNode:
        """The instructor's notebook of an assignment."""
        path = self.source_path(assignment)
        if not path.is_file():
            known = ", ".join(self.assignments()) or "none"
            raise UnknownName(f"There is no assignment {assignment!r}. There are: {known}.")
        return _read(path, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=32)
def _read(path: Path, _changed: int) -> NotebookNode:
    return nbformat.read(path, as_version=4)
