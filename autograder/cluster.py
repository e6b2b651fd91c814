"""Grade on a Dask cluster: the tasks of a class run on other machines, which need nothing but this package installed.

What travels is data: a task holds the notebook's bytes and all else that grading it needs, and an outcome comes back.
Workers confine what they run.  One that dies loses nothing, since the scheduler gives its tasks to another.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import platform
import socket
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from typing import TYPE_CHECKING, Any

from autograder import records
from autograder.course import CourseError
from autograder.runner import sandbox
from autograder.submission import SubmissionError

if TYPE_CHECKING:
    from distributed import Client

#: How long a scheduler is given to answer.
SECONDS = 10


class ClusterError(CourseError):
    """The cluster cannot be used, or not any more; the text says why and what to do."""


@contextlib.contextmanager
def connected(address: str, sandboxed: bool, say: Callable[[str], None]) -> Iterator[Callable[[], Executor]]:
    """Executors on the cluster whose scheduler is at ``address``, once all workers that it has are known to fit.

    Raises `ClusterError` where there is no scheduler, or a worker would grade otherwise than this machine, or
    unconfined.  Workers may join later: each looks at itself before its tasks.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise ClusterError("A cluster needs dask.distributed: pip install 'convnets-by-hand[cluster]'") from error
    _silence("distributed", "tornado", "asyncio")  # what matters is an error below, in our words
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            client = Client(address, timeout=SECONDS, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            raise ClusterError(
                f"No Dask scheduler answers at {address}: {_first_line(error)}. It says its own address, "
                "such as tcp://10.0.0.5:8786, when it starts."
            ) from error
    with client:
        expected = installed()
        theirs = client.get_versions(check=False)["scheduler"]["packages"]["distributed"]
        if theirs != expected["dask.distributed"]:
            raise ClusterError(
                f"The scheduler at {address} has dask.distributed {theirs}, and this machine "
                f"{expected['dask.distributed']}: install the same version on both."
            )
        found = client.run(unfit, expected, sandboxed, on_error="return")
        if reasons := [f"  {worker}: {_of_worker(told)}" for worker, told in sorted(found.items()) if told]:
            raise ClusterError("\n".join([f"{len(reasons)} of {len(found)} workers cannot be used:", *reasons]))
        say(f"{len(found)} workers at {address}" if found else f"No workers at {address} yet: waiting for them")
        yield functools.partial(ClusterExecutor, client, address, expected, sandboxed)


def installed() -> dict[str, str]:
    """What must be the same on all machines, since grades may differ by it, by name."""
    import distributed
    import numpy as np

    return {
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "NumPy": np.__version__,
        "dask.distributed": distributed.__version__,
        "the autograder's code": records.judging_code()[:12],
    }


def unfit(expected: dict[str, str], sandboxed: bool, dask_worker: Any = None) -> str | None:
    """None where the worker that this runs in grades like the machine that sent the task, else the reason."""
    from distributed import get_worker

    worker = dask_worker or get_worker()  # Dask names it in what it runs on all workers, and knows it in a task
    for what, here in installed().items():
        if here != expected[what]:
            return f"{what} is {here} there and {expected[what]} here: install the same release on both"
    if (threads := worker.state.nthreads) != 1:
        return f"it has {threads} threads, and a task needs a process of its own: start it with --nthreads 1"
    return sandbox.why_not() if sandboxed else None


def run_if_fit(expected: dict[str, str], sandboxed: bool, function: Callable[..., Any], *args: Any) -> Any:
    """What a task gives on a worker that is fit for it; `ClusterError` on one that is not."""
    if reason := unfit(expected, sandboxed):
        raise ClusterError(f"The worker on {socket.gethostname()} cannot be used: {reason}")
    return function(*args)


class ClusterExecutor(Executor):
    """Runs tasks on a Dask cluster, and fails in the terms of a class run."""

    def __init__(self, client: Client, address: str, expected: dict[str, str], sandboxed: bool) -> None:
        self._executor: Any = client.get_executor(pure=False)
        self._address, self._expected, self._sandboxed = address, expected, sandboxed

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """The future of ``fn(*args, **kwargs)`` on some worker."""
        future: Future[Any] = Future()
        task = functools.partial(fn, **kwargs)
        done = self._executor.submit(run_if_fit, self._expected, self._sandboxed, task, *args)
        done.add_done_callback(lambda done: self._pass_on(done, future))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait for the tasks that were given out, or drop them."""
        self._executor.shutdown(wait=wait and not cancel_futures)

    def _pass_on(self, done: Future[Any], future: Future[Any]) -> None:
        from distributed import KilledWorker

        try:
            future.set_result(done.result())
        except CancelledError:
            future.set_exception(
                ClusterError(
                    f"The scheduler at {self._address} was lost. What was graded until then is recorded: "
                    "run the same command again when it is back."
                )
            )
        except KilledWorker as error:
            text = (
                f"{1 + error.allowed_failures} workers died while they graded it; see whether they have memory enough"
            )
            future.set_exception(SubmissionError(text))
        except Exception as error:
            future.set_exception(error)


def _silence(*packages: str) -> None:
    """Keep the log of packages off the terminal: Dask sets a level of its own for many of its loggers."""
    for name in [*packages, *logging.root.manager.loggerDict]:
        if name.partition(".")[0] in packages:
            logging.getLogger(name).setLevel(logging.CRITICAL)


def _of_worker(told: str | Exception) -> str:
    if isinstance(told, Exception) and "No module named 'autograder" in str(told):
        return "it lacks the autograder: install this release of convnets-by-hand there, with [grading,cluster]"
    return told if isinstance(told, str) else f"{type(told).__name__}: {_first_line(told)}"


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
