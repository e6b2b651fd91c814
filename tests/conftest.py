"""What tests share: a course folder of their own to work in, and the rule that CI skips nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Playwright, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = ("skipped", "xfailed", "xpassed")


def left_out(config: pytest.Config) -> int:
    """How many tests were not put to the test, where CI demands all of them."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return sum(len(reporter.stats.get(kind, ())) for kind in LEFT_OUT) if reporter and os.environ.get("CI") else 0


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI a skipped test is a failed one: what is not run there is not known to work anywhere."""
    if left_out(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say why the run failed though no test did."""
    if count := left_out(config):
        terminalreporter.write_line(f"CI is set, and {count} tests were skipped or expected to fail: a failure.")


class CourseFolder:
    """A course folder with the lessons' notebooks, and nobody's work in it but what a test submits."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "nbgrader_config.py", root)
        shutil.copytree(ROOT / "source", root / "source", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
        (root / "submitted").mkdir()

    def submit(self, student: str, assignment: str, content: Any, name: str | None = None) -> Path:
        """Hand in a notebook (or bytes) for a student, under its right name unless ``name`` says another."""
        path = self.root / "submitted" / student / assignment / (name or notebook_name(assignment))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else nbformat.writes(content).encode())
        return path

    def command(self, *arguments: str | Path) -> list[str]:
        """The command line of ``autograder`` with these arguments."""
        return [sys.executable, "-m", "autograder", *map(str, arguments)]

    def autograder(self, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run ``autograder`` here and wait for it."""
        return subprocess.run(
            self.command(*arguments),
            cwd=self.root,
            env=plain_environment(**environment),
            capture_output=True,
            text=True,
            timeout=180,
        )

    def record(self, student: str, assignment: str) -> dict[str, Any]:
        """What is kept of a graded submission."""
        return dict(json.loads((self.root / "verdicts" / student / f"{assignment}.json").read_text()))


def notebook_name(assignment: str) -> str:
    """The file name of an assignment's notebook."""
    return assignment.split("-", 1)[1].replace("-", "_") + ".ipynb"


def plain_environment(**environment: str) -> dict[str, str]:
    """This environment with a wide, colourless terminal, and ``environment``."""
    return {**os.environ, "COLUMNS": "200", "TERM": "dumb", "NO_COLOR": "1", **environment}


def released(assignment: str) -> nbformat.NotebookNode:
    """A fresh copy of a student's notebook as it is given out."""
    return nbformat.read(ROOT / "release" / assignment / notebook_name(assignment), as_version=4)


def solved(assignment: str) -> nbformat.NotebookNode:
    """A student's notebook with the lesson's own solutions written into it."""
    source = nbformat.read(ROOT / "source" / assignment / notebook_name(assignment), as_version=4)
    solutions = {cell.id: cell.source for cell in source.cells if cell.metadata.get("nbgrader", {}).get("solution")}
    notebook = released(assignment)
    for cell in notebook.cells:
        cell.source = solutions.get(cell.id, cell.source)
    return notebook


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What drives browsers: one for the process, which cannot hold two."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def new_course() -> Callable[[Path], CourseFolder]:
    """Lays out a course folder at a path."""
    return CourseFolder


@pytest.fixture
def course(tmp_path: Path) -> CourseFolder:
    """A course folder for one test."""
    return CourseFolder(tmp_path / "course")
