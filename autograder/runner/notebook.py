"""One way to run a student's notebook: its cells in order, then calls of its functions, whatever happens on the way.

A cell that hangs beyond help, or ends its process, costs what it should have done and no more: a fresh process
runs the other cells again without it, and the run goes on.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.exercise import Failure, Reply
from autograder.runner import outputs
from autograder.runner.inside.codec import ProtocolError, plain
from autograder.runner.limits import Limits
from autograder.runner.outputs import Output
from autograder.runner.process import Process, Stopped


@dataclass(frozen=True)
class Cell:
    """A code cell: its source, or, where ``mark`` is set, the name of a function to be judged as it stands there."""

    source: str = ""
    mark: str = ""


@dataclass(frozen=True)
class Notebook:
    """What is run: code cells, and what they find around them.

    ``mine`` holds the source of functions of earlier lessons (`convlab.mine`), ``supplied`` of functions that are
    simply there, ``files`` the lesson's own text files by name.  A ``module`` is a ``.py`` file, run as if imported.
    """

    cells: tuple[Cell, ...]
    mine: Mapping[str, str] = field(default_factory=dict)
    supplied: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    module: bool = False


class NotebookRun:
    """A run of one notebook.  Use it as a context manager: the process ends with it.

    ``outputs`` has a list of outputs for each cell, ``incidents`` a sentence for everything that a marker may want to
    look at: what was stopped from outside, died, or could not be run.
    """

    def __init__(self, notebook: Notebook, limits: Limits, sandboxed: bool = True) -> None:
        self.notebook = notebook
        self.limits = limits
        self.outputs: list[list[Output]] = [[] for _ in notebook.cells]
        self.incidents: list[str] = []
        self._sandboxed = sandboxed
        self._deadline = time.monotonic() + limits.all_seconds
        self._process: Process | None = None
        self._dead: set[int] = set()  # cells that ended or blocked their process
        self._ran = 0  # cells that have their outputs
        self._restarts = 0
        self._room = outputs.MAX_ALL
        self._helped: dict[str, str] = {}

    def __enter__(self) -> NotebookRun:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process:
            self._process.close()
            self._process = None

    def run(self) -> None:
        """Run all cells; afterwards every cell has its outputs, and calls have as much time again."""
        while self._ran < len(self.notebook.cells):
            if self._ready() is None:
                for left in range(self._ran, len(self.notebook.cells)):
                    self.outputs[left] = [outputs.error("NotRun", "The notebook used up its time before this cell.")]
                self._ran = len(self.notebook.cells)
        self._deadline = time.monotonic() + self.limits.all_seconds

    def call(self, name: str, args: tuple[Any, ...]) -> Reply:
        """What the student's function ``name`` answers to ``args``."""
        process = self._ready()
        if process is None:
            return Reply(failure=Failure("NotRun", "the notebook used up its time before this function was called"))
        seconds = self._seconds(self.limits.call_seconds)
        message = {"op": "call", "name": name, "seconds": seconds}
        try:
            reply, blobs = process.ask(message, seconds + self.limits.grace_seconds, args)
            return _reply(reply, Process.value(reply, blobs))
        except (Stopped, ProtocolError) as stopped:
            process.close()
            self._process = None
            self.incidents.append(f"{name}: {stopped}")
            return Reply(failure=Failure("Stopped", str(stopped)))

    def help(self, functions: Mapping[str, str]) -> None:
        """Put right functions (by name, as source) in the student's places.  Nothing shown after this is theirs."""
        self._helped = dict(functions)
        if process := self._ready():
            self._help(process)

    def apart(self, functions: Mapping[str, str]) -> NotebookRun:
        """Another run, which has these functions and nothing of the student's; its incidents are noted here too."""
        other = NotebookRun(Notebook((), supplied=functions), self.limits, self._sandboxed)
        other.incidents = self.incidents
        return other

    def processor_seconds(self) -> float:
        """Seconds of processor time that the process, as it is now, has used."""
        return self._process.processor_seconds() if self._process else 0.0

    def _help(self, process: Process) -> None:
        try:
            process.ask({"op": "help", "functions": self._helped}, self._seconds(self.limits.cell_seconds))
        except Stopped:
            self._process = None

    def _note(self, incident: str) -> None:
        """Something for a marker to look at, said once."""
        if incident not in self.incidents:
            self.incidents.append(incident)

    def _seconds(self, wanted: float) -> float:
        return max(0.05, min(wanted, self._deadline - time.monotonic()))

    def _ready(self) -> Process | None:
        """A process in which all cells have run, after as many restarts as that takes; None where time is up."""
        while not self._late() and (self._process is None or self._ran < len(self.notebook.cells)):
            if self._process:
                self._run_cells(self._process)
            elif self._restarts <= self.limits.restarts:
                self._start()
            else:
                break
        if self._process and not self._late():
            return self._process
        if not any("used up" in incident for incident in self.incidents):
            self.incidents.append("The notebook used up its time, or was restarted too often; the rest was not run.")
        return None

    def _late(self) -> bool:
        return time.monotonic() > self._deadline

    def _start(self) -> None:
        """A fresh process, with the cells that have their outputs run again."""
        self._restarts += 1
        process = Process(self.limits, self._sandboxed)
        self._process = process
        notebook = self.notebook
        process.start(dict(notebook.mine), dict(notebook.supplied), dict(notebook.files), notebook.module)
        for index in range(self._ran):
            if self._process is not None and index not in self._dead and not self._late():
                self._run_cell(process, index)
        if self._helped and self._process is not None:
            self._help(process)

    def _run_cells(self, process: Process) -> None:
        while self._process is not None and self._ran < len(self.notebook.cells) and not self._late():
            index = self._ran
            shown = self._run_cell(process, index)
            self.outputs[index], self._room = outputs.within(shown, self._room)
            self._ran += 1

    def _run_cell(self, process: Process, index: int) -> list[Output]:
        """The outputs of one cell; where it ends its process, an error instead, and no process any more."""
        cell = self.notebook.cells[index]
        try:
            if cell.mark:
                process.ask({"op": "mark", "name": cell.mark}, self._seconds(self.limits.cell_seconds))
                return []
            seconds = self._seconds(self.limits.cell_seconds)
            message = {"op": "cell", "source": cell.source, "seconds": seconds}
            reply, _ = process.ask(message, seconds + self.limits.grace_seconds)
            shown = outputs.checked(reply.get("outputs"))
            if any(output["output_type"] == "error" and output["ename"] == "TimeLimit" for output in shown):
                self._note(f"Cell {index + 1}: It took too long and was stopped.")
            return shown
        except Stopped as stopped:
            self._process = None
            self._dead.add(index)
            self._note(f"Cell {index + 1}: {stopped}")
            return [outputs.error("Stopped", f"{stopped} The other cells were run without it.")]


def _reply(reply: dict[str, Any], answer: Any) -> Reply:
    failure = reply.get("failure")
    if isinstance(failure, list) and len(failure) == 3 and all(isinstance(text, str) for text in failure):
        return Reply(failure=Failure(*(plain(text[:2000]) for text in failure)))
    return Reply(answer=answer, untouched=reply.get("untouched") is True)
