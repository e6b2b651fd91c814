"""What a student's code runs in: takes one request after another from its pipe, and answers each.

Requests are the grader's; everything else in this process is the student's from the first cell on, replies included.
"""

from __future__ import annotations

import contextlib
import copy
import os
import resource
import signal
import sys
import traceback
import types
import warnings
from typing import Any

import convlab
import numpy as np

from .codec import PREFIX, decode, encode, pack, sizes, unpack
from .shell import Recorder, Stream, make_shell


class TimeLimit(BaseException):
    """Raised in a student's code that runs too long; not an Exception, so that a broad except lets it through."""


def serve_standard() -> None:
    """Serve the requests that come over standard input."""
    requests, replies = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
    serve(requests, replies)


def serve(requests: int, replies: int) -> None:
    """Serve requests from one descriptor, with replies to another, until the first closes."""
    recorder = Recorder()
    sys.stdout, sys.stderr = Stream(recorder, "stdout"), Stream(recorder, "stderr")
    session = Session(recorder)
    while (prefix := _read(requests, PREFIX.size)) is not None:
        text, arrays = sizes(prefix)
        message, blobs = unpack(_read(requests, text) or b"", _read(requests, arrays) or b"")
        reply, out = session.handle(message, blobs)
        _write(replies, pack({"id": message["id"], **reply}, out))


def _read(descriptor: int, count: int) -> bytes | None:
    parts = []
    while count:
        part = os.read(descriptor, min(count, 2**20))
        if not part:
            return None
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


class Session:
    """One student's notebook: its shell, and the functions marked for judging."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.shell = make_shell(recorder, os.path.join(os.environ["HOME"], ".ipython"))
        self.names = self.shell.user_ns
        self.marked: dict[str, Any] = {}
        signal.signal(signal.SIGALRM, _too_long)

    def handle(self, message: dict[str, Any], blobs: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
        """The reply to one request."""
        op = message["op"]
        if op == "start":
            return self.start(message), []
        if op == "cell":
            return self.cell(message["source"], message["seconds"]), []
        if op == "mark":
            return self.mark(message["name"]), []
        if op == "help":
            return self.help(message["functions"]), []
        return self.call(message["name"], decode(message["args"], blobs), message["seconds"])

    def start(self, message: dict[str, Any]) -> dict[str, Any]:
        """Set limits, lay out the lesson's files, and supply functions that are not the student's to write here."""
        for name, value in message["limits"].items():
            limit = getattr(resource, name)
            hard = resource.getrlimit(limit)[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            with contextlib.suppress(ValueError, OSError):  # macOS knows some of them by name only
                resource.setrlimit(limit, (value, value))
        for name, text in message["files"].items():
            with open(name, "w", encoding="utf-8") as file:
                file.write(text)
        mine = types.ModuleType("convlab.mine", "The functions of earlier lessons.")
        mine.__dict__.update(_functions(message["mine"]))
        sys.modules["convlab.mine"] = vars(convlab)["mine"] = mine
        self.names.update(_functions(message["supplied"]))
        if message["module"]:  # a .py file: as if it were imported, with NumPy at hand
            self.names.update(__name__="submission", np=np)
        return {"ready": True}

    def cell(self, source: str, seconds: float) -> dict[str, Any]:
        """Run a cell: its outputs as nbformat has them."""
        self.recorder.start()
        try:
            signal.setitimer(signal.ITIMER_REAL, seconds)
            try:
                self.shell.run_cell(source, store_history=True)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
        except TimeLimit as limit:
            self.recorder.error("TimeLimit", str(limit), [f"TimeLimit: {limit}"])
        return {"outputs": self.recorder.outputs}

    def mark(self, name: str) -> dict[str, Any]:
        """Remember the function called ``name`` as it is now: what is judged is what stood at the test cell."""
        if callable(self.names.get(name)):
            self.marked[name] = self.names[name]
        return {"defined": name in self.marked}

    def help(self, functions: dict[str, str]) -> dict[str, Any]:
        """Put right functions in the place of the student's own helpers of these names."""
        supplied = _functions(functions)
        self.names.update(supplied)
        for function in self.marked.values():
            names = getattr(function, "__globals__", None)
            if isinstance(names, dict):
                names.update(supplied)
        return {"defined": True}

    def call(self, name: str, args: Any, seconds: float) -> tuple[dict[str, Any], list[bytes]]:
        """Call the student's function on fresh arguments: its answer, or the exception it raised."""
        function = self.marked.get(name, self.names.get(name))
        if not callable(function):
            return {"failure": ["NameError", f"{name} is not defined", ""]}, []
        kept = copy.deepcopy(args)
        self.recorder.start()
        try:
            signal.setitimer(signal.ITIMER_REAL, seconds)
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    answer = function(*args)
                tree, blobs = encode(answer)
                untouched = _same(args, kept)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
        except TimeLimit as limit:
            return {"failure": ["TimeLimit", str(limit), ""]}, []
        except BaseException as error:
            message = str(error)[:2000]
            return {"failure": [type(error).__name__[:200], message, _own_line(error)]}, []
        return {"answer": tree, "untouched": untouched}, blobs


def _too_long(number: int, frame: Any) -> None:
    raise TimeLimit("It was stopped because it took too long. Does a loop never end?")


def _functions(sources: dict[str, str]) -> dict[str, Any]:
    """Functions by name, each from its own source text, in a namespace of its own; tracebacks do not quote them."""
    made = {}
    for name, source in sources.items():
        names: dict[str, Any] = {"__name__": f"supplied_{name}"}
        exec(compile(source, f"<{name}>", "exec"), names)
        made[name] = names[name]
    return made


def _own_line(error: BaseException) -> str:
    """The innermost line of the student's own code on the way to ``error``, with its number in its cell."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.startswith("<ipython-input") or "ipykernel" in frame.filename:
            return f"line {frame.lineno}: {(frame.line or '').strip()[:200]}"
    return ""


def _same(a: Any, b: Any) -> bool:
    """Whether arguments are still what they were, dtype included."""
    if isinstance(b, np.ndarray):
        return isinstance(a, np.ndarray) and a.dtype == b.dtype and np.array_equal(a, b, equal_nan=b.dtype.kind == "f")
    if isinstance(b, tuple | list):
        return isinstance(a, type(b)) and len(a) == len(b) and all(map(_same, a, b))
    if isinstance(b, dict):
        return isinstance(a, dict) and list(a) == list(b) and all(_same(a[key], b[key]) for key in b)
    return bool(type(a) is type(b) and a == b)
