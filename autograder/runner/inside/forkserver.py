"""A warm process: everything a notebook imports is loaded once, and each submission gets a confined fork of it.

It runs no line of a student's.  Over its socket come requests, one datagram each, with three pipe ends: for the child's
requests, its replies and its end.  Back goes a descriptor of the child's first process (pidfd_open(2)).
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import random
import select
import socket
import traceback
from typing import Any, NoReturn

import numpy as np

from . import confine
from .session import serve

REQUEST = 16 * 1024  # bytes of the longest request
#: What notebooks of the course import, and what plotting loads when it first draws.  Not `matplotlib_inline`: it looks
#: for the shell when it is imported, and each child has its own.
WARM = (
    "IPython.core.completer",
    "convlab.explore",
    "convlab.check",
    "convlab.keep",
    "convlab.progress",
    "convlab.ready",
    "matplotlib",
    "matplotlib.figure",
    "matplotlib.pyplot",
    "matplotlib.backends.backend_agg",
    "ipywidgets",
    "torch",  # within reach of few lessons, and not installed everywhere
)


def main() -> None:
    """Serve forks until the socket closes."""
    control = socket.socket(fileno=os.dup(0))
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    control.send(json.dumps({"nests": _can_nest()}).encode())
    cold = list(WARM)
    while True:
        while cold and not select.select([control], [], [], 0)[0]:  # a submission that waits is served first
            with contextlib.suppress(ImportError):
                importlib.import_module(cold.pop(0))
        gc.collect()
        gc.freeze()  # a collection in a child leaves the pages alone that it shares with this process
        text, descriptors, _, _ = socket.recv_fds(control, REQUEST, 3)
        if not text:
            return
        if os.fork() == 0:
            _child(control, json.loads(text), *descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        os.wait()  # the child's parent lives only until the child does


def _can_nest() -> bool:
    """Whether this kernel lets a process that bubblewrap confined shut itself in once more."""
    if (child := os.fork()) == 0:
        with contextlib.suppress(OSError):
            confine.separate()
            if (inner := os.fork()) == 0:
                with contextlib.suppress(OSError):
                    confine.furnish({})
                    os._exit(0)
                os._exit(1)
            os._exit(os.waitstatus_to_exitcode(os.waitpid(inner, 0)[1]))
        os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def _child(control: socket.socket, request: dict[str, Any], requests: int, replies: int, ending: int) -> NoReturn:
    """Become what a submission runs in: new namespaces, a first process in them, and the student's below it."""
    try:
        confine.separate()
        if first := os.fork():
            socket.send_fds(control, [b"{}"], [os.pidfd_open(first)])
            os._exit(0)
        control.close()
        os.setsid()
        confine.furnish(request["folders"])
        confine.give_up(bytes.fromhex(request["calls"]))
        if student := os.fork():
            for descriptor in (requests, replies):
                os.close(descriptor)
            _reap(student, ending)
        os.close(ending)
        os.dup2(0, 2)
        os.chdir(request["start_in"])
        random.seed()
        np.random.seed()
        serve(requests, replies)
    except BaseException:
        with contextlib.suppress(Exception):
            traceback.print_exc()
        os._exit(1)
    finally:
        os._exit(0)


def _reap(student: int, ending: int) -> NoReturn:
    """Wait for all processes, as a system's first process does, and say how the student's ended."""
    confine.hide_memory()
    while True:
        process, status = os.wait()
        if process == student:
            code = os.waitstatus_to_exitcode(status)
            os.write(ending, str(code if code >= 0 else 128 - code).encode())  # as a shell has it, and bubblewrap
            os._exit(0)
