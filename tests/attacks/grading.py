"""Grades what an attacker hands in, with little patience, and checks what holds after every attack."""

import contextlib
import os
import time
from collections.abc import Iterator, Sequence

import psutil

from autograder.exercises import EXERCISES
from autograder.grading import grade_functions
from autograder.judge import judge
from autograder.runner.launch import launch
from autograder.runner.limits import MIB, Limits
from autograder.runner.notebook import Cell, Notebook, NotebookRun
from autograder.verdict import Graded, Verdict

SEED = 20260
IMPATIENT = Limits(
    cell_seconds=2,
    call_seconds=1.5,
    grace_seconds=1.5,
    all_seconds=15,
    memory=400 * MIB,
    address_space=1024 * MIB,
    processes=24,
    restarts=2,
)

#: At hand in an attack: the parts of the process that an attacker can find, and the pipe to the grader.
TOOLS = """
import fcntl, gc, os, stat, sys, time
session = next(o for o in gc.get_objects() if type(o).__name__ == 'Session')
inside = type(session).handle.__globals__
recorder = session.recorder
def leads_out(n):
    try:
        return stat.S_ISFIFO(os.fstat(n).st_mode) and fcntl.fcntl(n, fcntl.F_GETFL) & os.O_ACCMODE == os.O_WRONLY
    except OSError:
        return False
pipe = next(n for n in range(3, 20) if leads_out(n))
"""


def graded(source: str, *names: str, limits: Limits = IMPATIENT) -> Graded:
    """What came of a file, with a verdict on each of ``names``."""
    with unharmed(limits):
        result = grade_functions(source, [EXERCISES[name] for name in names], SEED, limits=limits)
    assert [verdict.exercise for verdict in result.verdicts] == list(names)
    assert all(0 <= verdict.points <= verdict.max_points for verdict in result.verdicts)
    return result


def judged(cells: Sequence[str], *names: str) -> tuple[Verdict, ...]:
    """The verdicts on ``names`` of a notebook with these cells, all of which run, and test cells behind them."""
    marks = [Cell(mark=name) for name in names]
    with unharmed(IMPATIENT), NotebookRun(Notebook((*map(Cell, cells), *marks)), IMPATIENT) as run:
        run.run()
        assert not [shown for shown in run.outputs[: len(cells)] if any("ename" in output for output in shown)]
        return judge([EXERCISES[name] for name in names], SEED, run)


@contextlib.contextmanager
def unharmed(limits: Limits) -> Iterator[None]:
    """Fails where what is done in it takes longer than it may, or leaves a process behind."""
    launch(limits, sandboxed=True).close()  # there is a warm server from now on, which stays
    before, began = family(), time.monotonic()
    yield
    assert time.monotonic() - began < 2 * limits.all_seconds + 30
    while not family() <= before:  # what was killed may still be on its way out
        assert time.monotonic() - began < 2 * limits.all_seconds + 40
        time.sleep(0.05)


def family() -> set[psutil.Process]:
    """All processes below this one."""
    return set(psutil.Process(os.getpid()).children(recursive=True))


def passed(verdict: Verdict) -> list[tuple[str, bool, float]]:
    """Which criteria were met, and for how many points."""
    return [(one.name, one.passed, one.points) for one in verdict.criteria]
