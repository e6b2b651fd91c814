"""The confined process seen from outside: requests go in, replies come out, within bounds of time and memory."""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import subprocess
import time
from typing import Any

import psutil

from autograder.runner import sandbox, seccomp
from autograder.runner.inside.codec import PREFIX, ProtocolError, decode, encode, pack, sizes, unpack
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
        self._looked = time.monotonic()  # at the memory, across requests: many short ones are watched like a long one
        with seccomp.descriptor() as calls:
            argv, environment = sandbox.command(limits, sandboxed, calls)
            self._scratch = None if sandboxed else environment["HOME"]
            self._popen = self._started(argv, environment, calls)
        assert self._popen.stdin
        assert self._popen.stdout
        assert self._popen.stderr
        self._in, self._out = self._popen.stdin.fileno(), self._popen.stdout.fileno()
        for pipe in (self._popen.stdin, self._popen.stdout, self._popen.stderr):
            os.set_blocking(pipe.fileno(), False)

    def _started(self, argv: list[str], environment: dict[str, str], calls: int | None) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,  # not a file: bubblewrap keeps it open where the student's code may reach it
            env=environment,
            cwd=self._scratch or "/",
            start_new_session=True,
            pass_fds=() if calls is None else (calls,),
        )

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
        return limits if self._scratch is None else {k: v for k, v in limits.items() if k != "RLIMIT_NPROC"}

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
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(1)
        code = self._popen.returncode
        if code in (137, -9):
            return "It was killed: it used more memory or time than is allowed."
        return (
            "It ended the Python process it ran in."
            if code in (0, None)
            else f"It crashed Python (exit status {code})."
        )

    def _watch_memory(self) -> None:
        family = self._family()
        used = 0 if self._scratch or self._messages == 1 else _memory_of_names(family)
        for process in family:
            with contextlib.suppress(psutil.Error):
                used += process.memory_info().rss
        if used > self.limits.memory:
            raise Stopped(f"It used more than {self.limits.memory // 2**20} MiB of memory and was stopped.")

    def _family(self) -> list[psutil.Process]:
        with contextlib.suppress(psutil.Error):
            first = psutil.Process(self._popen.pid)
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
        family = self._family()
        with contextlib.suppress(ProcessLookupError):
            self._popen.kill()
        for process in family:
            with contextlib.suppress(psutil.Error):
                process.kill()
        self._popen.wait()
        said = self._popen.stderr
        if said and not said.closed:
            self.complaint = (said.read(2000) or b"").decode(errors="replace").strip()
        for pipe in (self._popen.stdin, self._popen.stdout, said):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]
        if self._scratch:
            shutil.rmtree(self._scratch, ignore_errors=True)


def _memory_of_names(family: list[psutil.Process]) -> int:
    """About how many bytes the kernel keeps for the names of files in the writable folders.

    The folders' sizes bound what is in files, not how many there are, and empty files take memory too.  The last of
    the family that lives is inside, and sees these folders; the first are bubblewrap's, outside.
    """
    for process in reversed(family):
        with contextlib.suppress(OSError):
            folders = [os.statvfs(f"/proc/{process.pid}/root{folder}") for folder in sandbox.WRITABLE]
            return 1024 * sum(folder.f_files - folder.f_ffree for folder in folders)
    return 0
