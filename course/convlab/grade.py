"""Judge a function on its hidden tests: at once for the author of a lesson, for a student when it is
graded."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from convlab.run import graded_run


def grade(function: Callable[..., Any]) -> None:
    """Judge ``function`` on the spot where the grader is installed; elsewhere say when its hidden tests run.

    In a graded run the call only marks where the verdict goes, and does nothing.
    """
    if graded_run():
        return
    try:
        author = importlib.import_module("autograder.author")
    except ModuleNotFoundError as missing:
        if missing.name not in ("autograder", "autograder.author"):
            raise
        name = getattr(function, "__name__", "this function")
        print(f"The hidden tests of {name} run when this notebook is graded.")
        return
    author.grade(function)
