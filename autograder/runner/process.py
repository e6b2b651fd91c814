"""The confined process seen from outside: requests go in, replies come out, within bounds of time and memory."""

from __future__ import annotations

import contextlib
import os
import selectors
import time
from typing import Any

import psutil

from autograder.runner import sandbox
from autograder.runner.inside.codec import PREFIX, ProtocolError, decode, encode, pack, sizes, unpack
from autograder.runner.launch import launch
from autograder.runner.limits import Limits

TICK = 0.2  # seconds between looks at the memory


class Stopped(Exception):
    """The process is gone, or was stopped from outside; the text says why, for the student and the marker."""


class Process:
    """One confined process."""

    def __init__(self, limits: Limits, sandboxed: bool) -> None:
        self.limits = limits
        self.complaint = ""  # what bubblewrap or Python said before the first reply
        self._messages = 0
        self._closed = False
        self._looked = time.monotonic()  # at the memory, across requests: many short ones are watched like a long one
        self._sandboxed = sandboxed
        self._launched = launch(limits, sandboxed)
        self._in, self._out = self._launched.requests, self._launched.replies
        for pipe in (self._in, self._out):
            os.set_blocking(pipe, False)

    def start(self, mine: dict[str, str], supplied: dict[str, str], files: dict[str, str], module: bool) -> None:
        """Make it ready: functions of earlier lessons, supplied ones, and the lesson's files."""
        message = {"op": "start", "mine": mine, "supplied": supplied, "files": files, "module": module}
        try:
            self.ask({**message, "limits": self._rlimits()}, self.limits.start_seconds)
        except Stopped as stopped:
            raise sandbox.SandboxError(f"The confined process did not start: {self.complaint or stopped}") from stopped

    def _rlimits(self) -> dict[str, int]:
        """The kernel's limits.  Its cap on processes counts all that a user has, so it fits a user of its own only."""
        limits = self.limits.rlimits()
        return limits if self._sandboxed else {k: v for k, v in limits.items() if k != "RLIMIT_NPROC"}

    def ask(self, message: dict[str, Any], seconds: float, args: Any = None) -> tuple[dict[str, Any], list[bytes]]:
        """The reply to one request, or `Stopped` when it does not come within ``seconds``."""
        self._messages += 1
        tree, blobs = encode(args)
        request = pack({**message, "args": tree, "id": self._messages}, blobs)
        try:
            text, arrays = self._exchange(request, time.monotonic() + seconds)
            reply, out = unpack(text, arrays)
            if reply.get("id") != self._messages:
                raise ProtocolError("an answer to another question")
            return reply, out
        except ProtocolError as error:
            self.close()
            raise Stopped(f"It wrote something that is not an answer ({error}).") from error
        except Stopped:
            self.close()
            raise

    @staticmethod
    def value(reply: dict[str, Any], blobs: list[bytes]) -> Any:
        """The decoded answer in a reply."""
        return decode(reply.get("answer"), blobs)

    def _exchange(self, request: bytes, deadline: float) -> tuple[bytes, bytes]:
        """Write the request and read one frame, whichever is possible, until the deadline."""
        todo, got, need = memoryview(request), bytearray(), PREFIX.size
        text = arrays = -1
        with selectors.DefaultSelector() as selector:
            selector.register(self._out, selectors.EVENT_READ)
            selector.register(self._in, selectors.EVENT_WRITE)
            while len(got) < need:
                now = time.monotonic()
                if now > deadline:
                    raise Stopped("It took too long and was stopped. Does a loop never end?")
                if now - self._looked > TICK:
                    self._looked = now
                    self._watch_memory()
                for key, _ in selector.select(min(TICK, deadline - now)):
                    if key.fd == self._in:
                        todo = self._write(todo)
                        if not todo:
                            selector.unregister(self._in)
                    else:
                        got += self._read(need - len(got))
                if text < 0 and len(got) == PREFIX.size:
                    text, arrays = sizes(bytes(got))
                    need += text + arrays
        body = bytes(got[PREFIX.size :])
        return body[:text], body[text:]

    def _write(self, todo: memoryview) -> memoryview:
        try:
            return todo[os.write(self._in, todo) :]
        except BlockingIOError:
            return todo
        except OSError as error:
            raise Stopped("It ended while it was being used.") from error

    def _read(self, count: int) -> bytes:
        try:
            part = os.read(self._out, min(count, 2**20))
        except BlockingIOError:
            return b""
        if not part:
            raise Stopped(self._ending())
        return part

    def _ending(self) -> str:
        code = self._launched.ending()
        if code in (137, -9):
            return "It was killed: it used more memory or time than is allowed."
        return (
            "It ended the Python process it ran in."
            if code in (0, None)
            else f"It crashed Python (exit status {code})."
        )

    def _watch_memory(self) -> None:
        family = self._family()
        used = 0 if not self._sandboxed or self._messages == 1 else _memory_of_names(family)
        for process in family:
            with contextlib.suppress(psutil.Error):
                used += process.memory_info().rss
        if used > self.limits.memory:
            raise Stopped(f"It used more than {self.limits.memory // 2**20} MiB of memory and was stopped.")

    def _family(self) -> list[psutil.Process]:
        with contextlib.suppress(psutil.Error):
            first = psutil.Process(self._launched.pid)
            return [first, *first.children(recursive=True)]
        return []

    def processor_seconds(self) -> float:
        """Seconds of processor time that it and all it started have used, as the kernel counts them, in its ticks."""
        used = 0.0
        for process in self._family():
            with contextlib.suppress(psutil.Error):
                used += sum(process.cpu_times()[:4])  # user, system, and of those that have ended the same
        return used

    def close(self) -> None:
        """End the process and all it started."""
        if not self._closed:
            self._closed = True
            self.complaint = self._launched.close()


def _memory_of_names(family: list[psutil.Process]) -> int:
    """About how many bytes the kernel keeps for the names of files in the writable folders.

    The folders' sizes bound what is in files, not how many there are, and empty files take memory too.  The last of
    the family that lives is inside, and sees these folders; the first may be bubblewrap's, outside.
    """
    for process in reversed(family):
        with contextlib.suppress(OSError):
            folders = [os.statvfs(f"/proc/{process.pid}/root{folder}") for folder in sandbox.WRITABLE]
            return 1024 * sum(folder.f_files - folder.f_ffree for folder in folders)
    return 0
