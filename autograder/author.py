"""Judge a function on the spot, for the author of a lesson in JupyterLab."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from autograder.caller import Local
from autograder.exercises import EXERCISES
from autograder.judge import judge
from autograder.paper import new_seed


def grade(function: Callable[..., Any], seed: int | None = None) -> None:
    """Judge ``function`` on its visible check and hidden tests, and print the verdict; raise where points are lost."""
    from rich.console import Console

    from autograder.tables import verdict_table

    exercise = EXERCISES[function.__name__]
    (verdict,) = judge([exercise], new_seed() if seed is None else seed, Local(function))
    Console(file=sys.stdout, width=110).print(verdict_table(verdict))
    if verdict.points < verdict.max_points:
        raise AssertionError(f"{exercise.name}: {verdict.points:g} of {verdict.max_points:g} points")
