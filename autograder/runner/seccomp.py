"""System calls that no lesson needs, as a filter that the kernel holds the confined process to (seccomp(2)).

Most take memory that counts as nobody's, so that watching the processes' memory would not see it; others reach the keys
of whoever started the grader, other processes, or large and young parts of the kernel.  To the confined process they
look as if the kernel did not have them.
"""

from __future__ import annotations

import contextlib
import errno
import os
import platform
import struct
from collections.abc import Iterator

#: Their numbers on x86-64 and on 64-bit ARM, from the kernel's <asm/unistd.h>.
REFUSED = {
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
    "bpf": (321, 280),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "fsopen": (430, 430),
    "open_tree": (428, 428),
    "syslog": (103, 116),
}

# <linux/audit.h>, <linux/filter.h> and <linux/seccomp.h>
MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
LOAD, EQUAL, AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000 | errno.ENOSYS, 0x80000000
NUMBER, MACHINE = 0, 4  # where these are in the kernel's description of a call
X32 = 0x40000000  # from here on, x86-64 has the same calls once more


def program(machine: str) -> bytes | None:
    """The filter for a machine by its name in `platform`, as the kernel takes it; None where none is known."""
    if machine not in MACHINES:
        return None
    column, audit = MACHINES[machine]
    numbers = sorted(call[column] for call in REFUSED.values())
    last = len(numbers) + 1  # instructions from the first test of a number to the one that refuses
    steps = [(LOAD, 0, 0, MACHINE), (EQUAL, 1, 0, audit), (RETURN, 0, 0, KILL), (LOAD, 0, 0, NUMBER)]
    tests = [(AT_LEAST, X32), *((EQUAL, number) for number in numbers)]
    steps += [(test, last - place, 0, number) for place, (test, number) in enumerate(tests)]
    steps += [(RETURN, 0, 0, ALLOW), (RETURN, 0, 0, REFUSE)]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def of_this_machine() -> bytes | None:
    """The filter for this machine, or None where none is known."""
    return program(platform.machine())


@contextlib.contextmanager
def descriptor() -> Iterator[int | None]:
    """A descriptor from which bubblewrap reads the filter, once; None where there is no filter for this machine."""
    if (code := of_this_machine()) is None:
        yield None
        return
    reading, writing = os.pipe()
    try:
        os.write(writing, code)
        os.close(writing)
        yield reading
    finally:
        os.close(reading)
