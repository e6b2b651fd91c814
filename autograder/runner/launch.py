"""Starts the process that a submission runs in: a fork of a warm one, or one of its own where that cannot be.

Whichever it is, it is confined, is seen through two pipes, and ends with all it started.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import threading
from typing import Protocol

import psutil

from autograder.runner import sandbox, seccomp
from autograder.runner.limits import Limits
from autograder.runner.sandbox import SCRATCH, WRITABLE, SandboxError

FORKS = 5000  # of one server, which is then replaced: whatever may pile up in it does not


class Launched(Protocol):
    """A process that serves requests.  ``pid`` is that of the first of its family."""

    requests: int
    replies: int
    pid: int

    def ending(self) -> int | None:
        """The exit status of the process that ran the student's code, once it ended; 128 and a signal's number."""

    def close(self) -> str:
        """End the process and all it started; what was said on the way to its first reply, if anything."""


def launch(limits: Limits, sandboxed: bool) -> Launched:
    """A process for one submission; `SandboxError` where there can be none."""
    if sandboxed and not _hides_python() and (server := _server(limits.frameworks)):
        return server.fork(limits)
    return Alone(limits, sandboxed)


@functools.cache
def _hides_python() -> bool:
    """Whether a fork, which gets empty folders in place of the server's, would lose Python: a checkout in /tmp."""
    return any(path.startswith(f"{folder}/") for path in sandbox.seen() for folder in WRITABLE)


class Alone:
    """A process of its own: a command that bubblewrap confines, or a plain one."""

    def __init__(self, limits: Limits, sandboxed: bool) -> None:
        with seccomp.descriptor() as calls:
            argv, environment = sandbox.command(limits, sandboxed, calls)
            self._home = None if sandboxed else environment["HOME"]
            self._popen = subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,  # not a file: bubblewrap keeps it open where the student's code may reach it
                env=environment,
                cwd=self._home or "/",
                start_new_session=True,
                pass_fds=() if calls is None else (calls,),
            )
        assert self._popen.stdin
        assert self._popen.stdout
        self.requests, self.replies, self.pid = self._popen.stdin.fileno(), self._popen.stdout.fileno(), self._popen.pid

    def ending(self) -> int | None:
        """The exit status of the command."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._popen.wait(1)
        return self._popen.returncode

    def close(self) -> str:
        """End the command and all it started."""
        kill_family(self.pid)
        self._popen.wait()
        said = self._popen.stderr
        assert said
        os.set_blocking(said.fileno(), False)
        complaint = (said.read(2000) or b"").decode(errors="replace").strip()
        for pipe in (self._popen.stdin, self._popen.stdout, said):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]
        if self._home:
            shutil.rmtree(self._home, ignore_errors=True)
        return complaint


def kill_family(pid: int) -> None:
    """Kill a process with its children, and theirs."""
    with contextlib.suppress(psutil.Error):
        first = psutil.Process(pid)
        for process in (first, *first.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                process.kill()


class ForkServer:
    """A warm process in a sandbox, of which each submission gets a fork that is shut in once more.

    ``frameworks`` says whether they are within reach there.
    """

    def __init__(self, frameworks: bool) -> None:
        self._lock = threading.Lock()
        self._left = FORKS
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        argv, environment = sandbox.command(Limits(frameworks=frameworks), True, None, forkserver=True)
        self._popen = subprocess.Popen(
            argv, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment, cwd="/"
        )
        theirs.close()
        self._control.settimeout(Limits().start_seconds)
        atexit.register(self.close)

    @functools.cached_property
    def nests(self) -> bool:
        """Whether forks can be shut in here; known once the server is warm."""
        return bool(json.loads(self._received()[0])["nests"])

    def is_usable(self) -> bool:
        """Whether it lives, and is not too old."""
        return self._left > 0 and self._popen.poll() is None

    def fork(self, limits: Limits) -> Forked:
        """A confined fork for one submission."""
        requests, requested = os.pipe()
        replied, replies = os.pipe()
        ended, ending = os.pipe()
        message = {
            "folders": sandbox.folders(limits),
            "calls": (seccomp.of_this_machine() or b"").hex(),
            "start_in": SCRATCH,
        }
        try:
            with self._lock:
                self._left -= 1
                socket.send_fds(self._control, [json.dumps(message).encode()], [requests, replies, ending])
                _, descriptors = self._received()
        except BaseException:
            for descriptor in (requested, replied, ended):
                os.close(descriptor)
            raise
        finally:
            for descriptor in (requests, replies, ending):
                os.close(descriptor)
        return Forked(self, requested, replied, ended, descriptors[0])

    def _received(self) -> tuple[bytes, list[int]]:
        try:
            data, descriptors, _, _ = socket.recv_fds(self._control, 1000, 1)
        except OSError as error:
            raise SandboxError(f"The confined process did not start: {self.complaint() or error}") from error
        if not data:
            raise SandboxError(f"The confined process did not start: {self.complaint() or 'it ended'}")
        return data, descriptors

    def complaint(self) -> str:
        """What bubblewrap or Python said on standard error."""
        assert self._popen.stderr
        os.set_blocking(self._popen.stderr.fileno(), False)
        return (self._popen.stderr.read(2000) or b"").decode(errors="replace").strip()

    def close(self) -> None:
        """End the server, and with it all its forks."""
        atexit.unregister(self.close)
        self._control.close()
        kill_family(self._popen.pid)
        self._popen.wait()
        assert self._popen.stderr
        self._popen.stderr.close()


class Forked:
    """A fork of the server."""

    def __init__(self, server: ForkServer, requests: int, replies: int, ended: int, process: int) -> None:
        self.requests, self.replies = requests, replies
        self._server, self._ended, self._process = server, ended, process
        with open(f"/proc/self/fdinfo/{process}") as file:  # its number where we are; it has another inside
            self.pid = max(0, next(int(line.split()[1]) for line in file if line.startswith("Pid:")))  # -1: ended

    def ending(self) -> int | None:
        """The exit status that the first process of the family saw."""
        if select.select([self._ended], [], [], 1)[0] and (text := os.read(self._ended, 20)):
            return int(text)
        return None

    def close(self) -> str:
        """Kill the first process of the family, with which the kernel ends all others."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._process, signal.SIGKILL)
        select.select([self._process], [], [], 10)
        for descriptor in (self.requests, self.replies, self._ended, self._process):
            os.close(descriptor)
        return self._server.complaint()


_servers: dict[bool, ForkServer] = {}  # with frameworks within reach, and without
_starting = threading.Lock()


def _server(frameworks: bool) -> ForkServer | None:
    """This process's warm server; None where forks cannot be shut in."""
    server = _started(frameworks)
    return server if server and server.nests else None


def _started(frameworks: bool) -> ForkServer | None:
    if any(path.startswith(f"{folder}/") for path in sandbox.seen() for folder in WRITABLE):
        return None  # a fork's own /tmp would hide a checkout that lies there
    with _starting:
        server = _servers.get(frameworks)
        if server is None or not server.is_usable():
            if server:
                server.close()
            server = _servers[frameworks] = ForkServer(frameworks)
        return server


def warm_up() -> None:
    """Start this process's server, so that it is up when the first submission comes."""
    with contextlib.suppress(OSError, SandboxError):  # which whoever needs the server will be told
        _started(frameworks=False)
