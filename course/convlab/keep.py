"""Keep a function that passes its check, for the lessons that build on it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from convlab import kept, published
from convlab.check import exercise_of
from convlab.closure import Closure
from convlab.errors import CheckFailed
from convlab.examine import HEADLINES, quietly
from convlab.frameworks import FRAMEWORKS, missing
from convlab.run import graded_run


def keep(function: Callable[..., Any]) -> None:
    """Save ``function``, with all it needs, in ``my_layers.py`` in the course folder, if it passes its check.

    Where it cannot be kept, a line says why and the file stays as it was. In a graded run nothing happens.
    """
    if graded_run():
        return
    try:
        exercise = exercise_of(function)
    except CheckFailed as why:
        print(f"Nothing is kept. {str(why).splitlines()[0]}")
        return
    if not exercise.is_layer:
        print(f"{exercise.exercise} is not kept: no later lesson needs it.")
        return
    if absent := missing(exercise.frameworks):
        print(f"{exercise.exercise} is not kept: it needs {FRAMEWORKS[absent[0]]}, which is not installed here.")
        return
    try:
        path = _keep(function, exercise)
    except _NotKept as why:
        print(f"{exercise.exercise} is not kept: {why}")
        return
    print(f"{exercise.exercise} is kept in {path}.")
    print(f"Later lessons take it from there: from convlab.mine import {exercise.exercise}")


class _NotKept(Exception):
    """Why a function is not kept."""


def _keep(function: Callable[..., Any], exercise: published.Published) -> Path:
    name, path = exercise.exercise, kept.path()
    if problem := quietly(function, exercise):
        raise _NotKept(f"it {HEADLINES[problem.kind]}. check({name}) explains.")
    try:
        closure = Closure(function, frozenset(published.lessons()))
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        text = kept.with_section(text, kept.Section(name, exercise.lesson, closure.text))
        loaded = kept.load(text)
    except ValueError as why:  # what cannot be saved, or damaged marks, or a file that is no text
        raise _NotKept(str(why)) from None
    except OSError as why:
        raise _NotKept(f"{path} cannot be read ({why.strerror}).") from None
    for other in sorted(closure.left):
        if other not in loaded.functions:
            raise _NotKept(loaded.broken.get(other, f"it calls {other}, so run keep({other}) first."))
    if name in loaded.broken:
        raise _NotKept(loaded.broken[name])
    if problem := quietly(loaded.functions[name], exercise):
        raise _NotKept(f"it works here, but on its own it {HEADLINES[problem.kind]}.\n{problem.details}")
    try:
        _write(path.resolve(), text)
    except OSError as why:
        raise _NotKept(f"{path} cannot be written ({why.strerror}). Move the course to a folder of yours.") from None
    return path


def _write(path: Path, text: str) -> None:
    """Put ``text`` in place of the file at once, so that a crash leaves the old file or the new one."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        new.write_text(text, encoding="utf-8")
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)
