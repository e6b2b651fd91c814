"""How much a submission may use of time, memory, processes and space."""

from __future__ import annotations

import resource
from dataclasses import dataclass

MIB = 2**20


@dataclass(frozen=True)
class Limits:
    """Bounds for one submission; seconds are wall-clock seconds, sizes are bytes."""

    start_seconds: float = 60.0  # until the process is up, on a machine that is busy
    cell_seconds: float = 10.0
    call_seconds: float = 4.0  # for one call on a small input
    grace_seconds: float = 2.0  # from asking the code to stop until it is stopped from outside
    all_seconds: float = 120.0  # for all cells, and as much again for all calls
    memory: int = 2048 * MIB  # of all processes together, watched from outside
    address_space: int = 3072 * MIB  # of each process, by the kernel
    processes: int = 32
    scratch: int = 64 * MIB
    restarts: int = 4
    frameworks: bool = False  # whether PyTorch, Keras and TensorFlow are within reach

    def rlimits(self) -> dict[str, int]:
        """The part of these that the kernel holds each process to, by name in `resource`."""
        return {
            "RLIMIT_AS": self.address_space,
            "RLIMIT_NPROC": self.processes,
            "RLIMIT_FSIZE": self.scratch,
            "RLIMIT_CORE": 0,
            "RLIMIT_NOFILE": 256,
            "RLIMIT_CPU": 2 * int(self.all_seconds) + 5,
        }


#: Where frameworks are within reach: they take seconds to import, map gigabytes they hardly use, and start threads.
WITH_FRAMEWORKS = Limits(
    cell_seconds=60.0,
    call_seconds=60.0,  # the first call may import one, on a machine that is busy
    all_seconds=300.0,
    memory=4096 * MIB,
    address_space=64 * 1024 * MIB,
    processes=256,
    frameworks=True,
)

#: By lesson, where its notebooks do not run within the usual limits.
OF_LESSON = {"08-frameworks": WITH_FRAMEWORKS}


def limits_of(lesson: str) -> Limits:
    """The limits that a notebook of ``lesson`` runs within."""
    return OF_LESSON.get(lesson, Limits())


assert all(hasattr(resource, name) for name in Limits().rlimits())
