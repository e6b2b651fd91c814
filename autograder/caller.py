"""Whoever is asked for answers: a confined process, or functions of this one."""

from __future__ import annotations

import copy
import functools
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol

import numpy as np
from convlab.closure import source_with_needs

from autograder import solution
from autograder.exercise import Failure, Reply

#: A function that takes too long, or is gone, is not asked again.
GONE = ("Stopped", "NotRun")
FINAL = ("TimeLimit", *GONE)


class Caller(Protocol):
    """Whoever answers for the student: the confined process, or an author's own functions."""

    def call(self, name: str, args: tuple[Any, ...]) -> Reply:
        """The student's answer."""

    def help(self, functions: Mapping[str, str]) -> None:
        """Put right functions in the place of the student's helpers."""

    def apart(self, functions: Mapping[str, str]) -> AbstractContextManager[Caller]:
        """Someone else, who answers with these functions (by name, as source) and has nothing of the student's."""

    def processor_seconds(self) -> float:
        """Seconds of processor time that answering has taken so far, as seen from outside."""


class Local:
    """Answers with a function of this process, which is the author's own."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def call(self, name: str, args: tuple[Any, ...]) -> Reply:
        """The function's answer."""
        return answer(self.function, args)

    def help(self, functions: Mapping[str, str]) -> None:
        """An author's own helpers are judged on their own."""

    def apart(self, functions: Mapping[str, str]) -> AbstractContextManager[Caller]:
        """The functions, in this process too."""
        return nullcontext(Apart(functions))

    def processor_seconds(self) -> float:
        """That of this process."""
        return time.process_time()


class Apart(Local):
    """Answers with several functions of this process, by name."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self.functions = {name: _defined(name, source) for name, source in sources.items()}

    def call(self, name: str, args: tuple[Any, ...]) -> Reply:
        """The answer of the function ``name``."""
        return answer(self.functions[name], args)


def _defined(name: str, source: str) -> Callable[..., Any]:
    names: dict[str, Any] = {}
    exec(compile(source, f"<{name}>", "exec"), names)
    function: Callable[..., Any] = names[name]
    return function


@functools.cache
def source_of(function: Callable[..., Any]) -> str:
    """The source text of a function of the grader's, with all it needs."""
    return source_with_needs(function)


def trusted_source(name: str) -> str:
    """The source text of a trusted function, with all it needs."""
    return source_of(getattr(solution, name))


def answer(function: Callable[..., Any], args: tuple[Any, ...]) -> Reply:
    """What one of the grader's own functions answers: like a reply from the confined process."""
    given = copy.deepcopy(args)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            result = function(*given)
    except Exception as error:
        return Reply(failure=Failure(type(error).__name__, str(error)))
    return Reply(answer=result, untouched=unchanged(given, args))


def unchanged(a: Any, b: Any) -> bool:
    """Whether ``a`` is still what ``b`` is, dtype included."""
    if isinstance(b, np.ndarray):
        return isinstance(a, np.ndarray) and a.dtype == b.dtype and np.array_equal(a, b)
    if isinstance(b, tuple | list):
        return len(a) == len(b) and all(map(unchanged, a, b))
    if isinstance(b, dict):
        return a.keys() == b.keys() and all(unchanged(a[key], b[key]) for key in b)
    return bool(a == b)
