"""``autograder grade --scheduler`` on a real Dask cluster: a scheduler and two workers, each a program of its own."""

from __future__ import annotations

import ast
import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from conftest import ROOT, CourseFolder, plain_environment, released, solved
from distributed import Client
from distributed.cli import dask_scheduler, dask_worker
from nbgrader.api import Gradebook

from autograder import cli, cluster
from autograder.cluster import ClusterError, connected

pytestmark = pytest.mark.xdist_group("cluster")

L, OTHER = "02-one-step", "04-pool-forward"
PATIENCE = 240  # a machine may be busy
DASK = Path(sys.executable).with_name("dask")


def wait_until(happened: Callable[[], Any], what: str) -> Any:
    """What ``happened`` returns, as soon as that is true."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if result := happened():
            return result
        time.sleep(0.05)
    raise AssertionError(f"not within {PATIENCE} s: {what}")


class Cluster:
    """A scheduler and its workers, which cannot see what lies in ``hidden``."""

    def __init__(self, folder: Path, hidden: Path) -> None:
        self.folder, self.hidden = folder, hidden
        self.processes: list[subprocess.Popen[bytes]] = []
        place = folder / "scheduler.json"
        self.scheduler = self.start(
            [DASK, "scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", place]
        )
        wait_until(lambda: place.is_file() and place.read_text().strip().endswith("}"), "a scheduler")
        self.address: str = json.loads(place.read_text())["address"]

    def start(self, command: list[str | Path], **environment: str) -> subprocess.Popen[bytes]:
        """Start a program of the cluster."""
        number = len(self.processes)
        with (self.folder / f"{number}.log").open("wb") as log:
            command = [*command, "--dashboard-address", "127.0.0.1:0"]
            process = subprocess.Popen(
                command, cwd=self.folder, env=plain_environment(**environment), stdout=log, stderr=log
            )
        self.processes.append(process)
        return process

    def worker(self, name: str, *arguments: str | Path, **environment: str) -> subprocess.Popen[bytes]:
        """Start a worker."""
        hide = ["bwrap", "--dev-bind", "/", "/", "--tmpfs", self.hidden, "--die-with-parent"]
        place = ["--local-directory", self.folder / "scratch", "--nthreads", "1"]
        command = [DASK, "worker", self.address, "--name", name, "--no-nanny", *place, *arguments]
        return self.start([shutil.which("bwrap") or "bwrap", *hide[1:], *command], **environment)

    def stop(self) -> None:
        """End all that was started."""
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()
            process.wait()


def workers(running: Cluster) -> set[str]:
    """The names of the workers that the scheduler knows."""
    with Client(running.address, set_as_default=False) as client:
        return {str(one["name"]) for one in client.scheduler_info(n_workers=-1)["workers"].values()}


@pytest.fixture(scope="module")
def courses(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the courses lie, out of the workers' sight."""
    return tmp_path_factory.mktemp("courses")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, courses: Path) -> Iterator[Cluster]:
    """A cluster with two workers."""
    cluster = Cluster(tmp_path_factory.mktemp("cluster"), courses)
    try:
        cluster.worker("one")
        cluster.worker("two")
        wait_until(lambda: workers(cluster) == {"one", "two"}, "two workers")
        yield cluster
    finally:
        cluster.stop()


def wrong(assignment: str) -> nbformat.NotebookNode:
    """A notebook whose functions are all there, and each of them off by one."""
    notebook = solved(assignment)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = "return 1 + ".join(cell.source.rsplit("return ", 1))
    return notebook


def hand_in(course: CourseFolder, students: int = 1) -> CourseFolder:
    """A class with right, wrong, missing and unreadable work."""
    for number in range(students):
        course.submit(f"right{number}", L, solved(L))
    course.submit("wrong", L, wrong(L))
    course.submit("wrong", OTHER, wrong(OTHER))
    course.submit("untouched", OTHER, released(OTHER))
    course.submit("corrupt", L, b"{")
    return course


def outcome(course: CourseFolder) -> dict[str, Any]:
    """All that was decided, but not how long it took; the gradebook's scores included."""
    kept: dict[str, Any] = {}
    for path in sorted(course.root.glob("verdicts/*/*.json")):
        record = json.loads(path.read_text())
        del record["seconds"]
        with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}") as book:
            kept[f"{path.parent.name} {path.stem}"] = record, book.find_submission(path.stem, path.parent.name).score
    return kept


def graded(course: CourseFolder) -> int:
    """How many submissions have a record."""
    return len(list(course.root.glob("verdicts/*/*.json")))


@contextlib.contextmanager
def grading(course: CourseFolder, address: str) -> Iterator[subprocess.Popen[str]]:
    """A run on the cluster that has recorded something and is not done."""
    command = course.command("grade", "--no-feedback", "--seed", "3", "--scheduler", address)
    with subprocess.Popen(
        command, cwd=course.root, env=plain_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        try:
            wait_until(lambda: graded(course) or run.poll() is not None, "a first record")
            assert run.poll() is None
            yield run
        finally:
            run.kill()


def test_a_cluster_decides_what_this_machine_decides(running, courses):
    here, there = (hand_in(CourseFolder(courses / name)) for name in ("here", "there"))
    local = here.autograder("grade", "--no-feedback", "--seed", "3", "--jobs", "2")
    remote = there.autograder("grade", "--no-feedback", "--seed", "3", "--scheduler", running.address)
    assert outcome(there) == outcome(here)
    assert len(outcome(here)) == 5
    assert len({str(score) for _, score in outcome(here).values()}) >= 3
    assert remote.returncode == local.returncode == 1  # one is unreadable
    assert remote.stdout.startswith(f"2 workers at {running.address}")
    assert remote.stderr == ""
    assert [line for line in local.stdout.splitlines() if "corrupt, " in line] == [
        line for line in remote.stdout.splitlines() if "corrupt, " in line
    ]


def test_a_worker_that_is_killed_loses_nothing(running, courses):
    course = hand_in(CourseFolder(courses / "killed"), students=8)
    third = running.worker("three")
    wait_until(lambda: workers(running) == {"one", "two", "three"}, "a third worker")
    with grading(course, running.address) as run:
        third.send_signal(signal.SIGKILL)  # what it runs ends with it
        output, errors = run.communicate(timeout=PATIENCE)
    assert errors == ""
    assert output.startswith("3 workers")
    assert "corrupt, 02-one-step could not be graded" in output
    assert "11 graded" in output
    assert {one["points"] for name, (one, _) in outcome(course).items() if name.startswith("right")} == {10}
    assert workers(running) == {"one", "two"}


OTHER_CODE = "from autograder import records\nrecords.judging_code = lambda: 'other-code'"
NO_PACKAGE = "import sys\nsys.modules['autograder'] = None"


def test_a_worker_that_would_grade_otherwise_is_named_and_not_used(running, tmp_path):
    (tmp_path / "other_code.py").write_text(OTHER_CODE)
    (tmp_path / "no_package.py").write_text(NO_PACKAGE)
    bare = tmp_path / "bin"
    bare.mkdir()
    joined = [
        running.worker("other code", "--preload", tmp_path / "other_code.py"),
        running.worker("no package", "--preload", tmp_path / "no_package.py"),
        running.worker("no bubblewrap", PATH=str(bare)),
        running.worker("two threads", "--nthreads", "2"),
    ]
    try:
        wait_until(lambda: len(workers(running)) == 6, "four more workers")
        with Client(running.address, set_as_default=False) as client:
            found = client.scheduler_info(n_workers=-1)["workers"].items()
            names = {str(one["name"]): address for address, one in found}
            with pytest.raises(ClusterError) as told, connected(running.address, True, print):
                pass
            first, *lines = str(told.value).splitlines()
            assert first == "4 of 6 workers cannot be used:"
            reasons = dict(line.strip().split(": ", 1) for line in lines)
            ours = cluster.installed()["the autograder's code"]
            assert reasons[names["other code"]] == (
                f"the autograder's code is other-code there and {ours} here: install the same release on both"
            )
            lacks = "it lacks the autograder: install this release of convnets-by-hand there, with [grading,cluster]"
            assert reasons[names["no package"]] == lacks
            assert reasons[names["no bubblewrap"]].startswith("bubblewrap is not installed: install it")
            assert reasons[names["two threads"]].startswith("it has 2 threads")

            # One that joins later takes no task either.
            late = client.submit(cluster.run_if_fit, cluster.installed(), True, len, "", workers=names["no bubblewrap"])
            with pytest.raises(ClusterError, match="^The worker on .* cannot be used: bubblewrap is not installed"):
                late.result(timeout=PATIENCE)
    finally:
        for process in joined:
            process.terminate()
    wait_until(lambda: workers(running) == {"one", "two"}, "their end")


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("tcp://127.0.0.1:1", "No Dask scheduler answers at tcp://127.0.0.1:1: "),
        ("nonsense://x", "No Dask scheduler answers at nonsense://x: "),
    ],
)
def test_a_scheduler_that_is_not_there(course, monkeypatch, address, reason):
    monkeypatch.setattr(cluster, "SECONDS", 1)
    with pytest.raises(ClusterError) as told, connected(address, True, print):
        pass
    assert str(told.value).startswith(reason)
    assert "It says its own address, such as tcp://10.0.0.5:8786, when it starts." in str(told.value)


def test_the_command_says_so_and_changes_nothing(course):
    hand_in(course)
    run = course.autograder("grade", "--scheduler", "tcp://127.0.0.1:1")
    assert run.returncode == 1
    assert run.stderr.startswith("No Dask scheduler answers at tcp://127.0.0.1:1: ")
    assert len(run.stderr.splitlines()) == 1
    assert graded(course) == 0


def test_a_scheduler_of_another_release(running, monkeypatch):
    here = cluster.installed()
    monkeypatch.setattr(cluster, "installed", lambda: {**here, "dask.distributed": "1.0"})
    with pytest.raises(ClusterError, match=r"has dask\.distributed 20\S+, and this machine 1\.0: install the same"):
        connected(running.address, True, print).__enter__()


def test_nothing_of_dask_is_loaded_without_a_scheduler(course):
    hand_in(course)
    script = (
        "import os, sys\nfrom autograder.cli import main\n"
        "try: main(['grade', '--no-feedback', '--jobs', '1'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'dask', 'distributed', 'psycopg'} & {name.split('.')[0] for name in sys.modules}))"
    )
    command = [sys.executable, "-c", script]
    run = subprocess.run(command, cwd=course.root, env=plain_environment(), capture_output=True, text=True, timeout=180)
    assert run.stdout.splitlines()[-1] == "[]"
    assert graded(course) == 5


PAGE = (ROOT / "docs" / "clusters.md").read_text()
COMMANDS = {
    "dask scheduler": dask_scheduler.main,
    "dask worker": dask_worker.main,
    "autograder grade": cli.main.commands["grade"],
}


def test_the_page_on_clusters_names_what_there_is():
    """Its Python can be read, the options of its commands exist, and so do the extras that it installs."""
    blocks = re.findall(r"```(\w+)\n(.*?)```", PAGE, re.DOTALL)
    assert {kind for kind, _ in blocks} == {"sh", "python"}
    lines = [line for kind, text in blocks if kind == "sh" for line in text.splitlines()]
    for kind, text in blocks:
        if kind == "python":
            ast.parse(text)
    for start, command in COMMANDS.items():
        found = [line for line in lines if line.startswith(start)]
        assert found
        for line in found:
            command.make_context(start, shlex.split(line)[2:])
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert {name for group in re.findall(r"\[([a-z,]+)\][^(]", PAGE) for name in group.split(",")} <= set(extras)


def test_a_run_that_loses_its_scheduler_keeps_what_was_graded(running, courses):
    """The last test here: it ends the cluster."""
    course = hand_in(CourseFolder(courses / "lost"), students=8)
    with grading(course, running.address) as run:
        os.kill(running.scheduler.pid, signal.SIGKILL)
        _, errors = run.communicate(timeout=PATIENCE)
    assert run.returncode == 1
    assert errors.splitlines()[-1] == (
        f"The scheduler at {running.address} was lost. What was graded until then is recorded: "
        "run the same command again when it is back."
    )
    assert "Traceback" not in errors
    before = graded(course)
    assert 0 < before < 12
    again = course.autograder("grade", "--no-feedback", "--seed", "3")
    assert graded(course) == 12
    assert "11 graded" in again.stdout
