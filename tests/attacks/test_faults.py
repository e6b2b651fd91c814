"""Runs that are cut off, a full disk, a gradebook that cannot be written: after another run all is as it should be."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import psutil
import pytest
from conftest import CourseFolder, plain_environment, released, solved
from nbformat.v4 import new_code_cell

from attacks.submissions import CHECK, EXERCISE, HIDDEN, LESSON, NOTEBOOK, find
from attacks.whole_class import integrity_of, scores_in

MARKS = {"ann": 10.0, "ben": 5.5, "cleo": 0.0, "dan": 10.0}
HOW = {
    "autograder": [("autograder", "grade", LESSON, "--jobs", "2")],
    "nbgrader": [("nbgrader", "autograde", LESSON), ("nbgrader", "generate_feedback", LESSON)],
}
KILLS = [(how, seed) for seed in range(10) for how in HOW]
USUAL = [("autograder", 0), ("autograder", 1), ("nbgrader", 0)]


@pytest.fixture
def course(tmp_path: Path) -> CourseFolder:
    """A small class, and nbgrader knows its assignment."""
    course = CourseFolder(tmp_path / "course")
    made = solved(LESSON)
    course.submit("ann", LESSON, made)
    course.submit("dan", LESSON, made)
    find(made).source = f"def {EXERCISE}(a_slice_prev, W, b):\n    return float((a_slice_prev * W).sum())"
    course.submit("ben", LESSON, made)
    course.submit("cleo", LESSON, released(LESSON))
    assert call(course, "nbgrader", "generate_assignment", LESSON).returncode == 0
    return course


def environment() -> dict[str, str]:
    return plain_environment(PATH=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")


def call(course: CourseFolder, *arguments: str, wrap: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [*wrap, sys.executable, "-m", *arguments],
        cwd=course.root,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )


@contextlib.contextmanager
def running(course: CourseFolder, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A command that runs, and is ended with all it started."""
    with (course.root.parent / "said.txt").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments], cwd=course.root, env=environment(), stdout=said, stderr=said
        )
        family = psutil.Process(process.pid)
        try:
            yield process
        finally:
            with contextlib.suppress(psutil.Error):
                family = [family, *family.children(recursive=True)]
                process.kill()
                _, alive = psutil.wait_procs(family, timeout=30)
                assert alive == []  # nothing outlives the run
            process.wait()


def wait_until(condition, process: subprocess.Popen[bytes]) -> None:
    """Wait for something that a run brings about."""
    deadline = time.monotonic() + 120
    while not condition():
        assert process.poll() is None, "the run ended before"
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def records_of(course: CourseFolder) -> dict[str, bytes]:
    return {path.parent.name: path.read_bytes() for path in course.root.glob("verdicts/*/*.json")}


def demand_nothing_half_written(course: CourseFolder) -> None:
    """Whatever lies in its place is whole: notebooks, pages, and records, which tell of graded notebooks only."""
    for path in course.root.glob("autograded/*/*/[!.]*.ipynb"):
        nbformat.validate(nbformat.read(path, as_version=4))
    for path in course.root.glob("feedback/*/*/[!.]*.html"):
        assert path.read_text(encoding="utf-8").rstrip().endswith("</html>"), path
    for student, text in records_of(course).items():
        if json.loads(text)["points"] is not None:
            assert graded_points(course, student) == MARKS[student]


def graded_points(course: CourseFolder, student: str) -> float:
    """The points that an autograded notebook shows."""
    notebook = nbformat.read(course.root / "autograded" / student / LESSON / NOTEBOOK, as_version=4)
    return sum(float(find(notebook, grade_id).outputs[0].data["text/plain"]) for grade_id in (CHECK, HIDDEN))


def demand_all_graded_once(course: CourseFolder, how: str) -> None:
    """After another run: everyone's mark, once, in the gradebook, the records, the notebooks and the pages."""
    before = {student: text for student, text in records_of(course).items() if json.loads(text)["points"] is not None}
    for arguments in HOW[how]:
        done = call(course, *arguments)
        assert done.returncode == 0, done.stdout[-3000:]
    after = records_of(course)
    assert {student: json.loads(text)["points"] for student, text in after.items()} == MARKS
    assert {student: after[student] for student in before} == before  # what was recorded is not graded again
    assert scores_in(course.root) == {student: (mark, False, 1) for student, mark in MARKS.items()}
    assert integrity_of(course.root) == "ok"
    demand_nothing_half_written(course)
    assert {path.parent.parent.name for path in course.root.glob("feedback/*/*/*.html")} == set(MARKS)
    made = [path for kind in ("autograded", "feedback", "verdicts") for path in (course.root / kind).rglob(".*")]
    assert [path for path in made if path.parent.parent.name != "verdicts"] == []


@pytest.mark.parametrize(
    ("how", "seed"),
    [pytest.param(*kill, marks=[] if kill in USUAL else [pytest.mark.slow]) for kill in KILLS],
)
def test_a_run_killed_at_any_moment_is_taken_up_again(course: CourseFolder, how: str, seed: int):
    """The moment is drawn: after so many records, and a part of the time that one takes."""
    rng = random.Random(f"{how} {seed}")
    count, more = rng.randrange(len(MARKS)), rng.uniform(0, 1.5)
    with running(course, *HOW[how][0]) as process:
        wait_until(lambda: len(records_of(course)) >= count, process)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(more if count else 4 * more)
    demand_nothing_half_written(course)
    demand_all_graded_once(course, how)


@pytest.mark.parametrize(("how", "room"), [("autograder", 30_000), ("autograder", 400_000), ("nbgrader", 100_000)])
def test_a_full_disk_loses_nothing(course: CourseFolder, how: str, room: int):
    """The class lies on a small disk of its own, which fills while it is graded, or while pages are written."""
    disk = course.root.parent / "disk"
    disk.mkdir()
    script = """
        from=$1; room=$2; shift 2
        cp -a "$from/." .
        free=$(df --output=avail -B1 . | tail -1)
        head -c $((free - room)) /dev/zero > filler
        "$@"; status=$?
        rm filler
        cp -a . "$from/"
        exit $status
    """
    wrap = ("bwrap", "--dev-bind", "/", "/", "--size", "8000000", "--tmpfs", str(disk), "--chdir", str(disk))
    done = call(course, *HOW[how][0], wrap=(*wrap, "sh", "-c", script, "sh", str(course.root), str(room)))
    assert done.returncode != 0 or "No feedback page" in done.stdout
    ends = ("could not be graded", "Grading ended early", "cannot be used")
    assert how == "nbgrader" or any(end in done.stdout for end in ends), done.stdout[-3000:]
    assert "No space left on device" in done.stdout or "disk" in done.stdout
    demand_nothing_half_written(course)
    demand_all_graded_once(course, how)


@pytest.mark.parametrize("how", HOW)
def test_a_gradebook_that_cannot_be_written_is_told_and_nothing_is_lost(course: CourseFolder, how: str):
    book = str(course.root / "gradebook.db")
    done = call(course, *HOW[how][0], wrap=("bwrap", "--dev-bind", "/", "/", "--ro-bind", book, book))
    assert done.returncode == 1
    assert "readonly database" in done.stdout
    demand_all_graded_once(course, how)


@pytest.mark.parametrize("how", HOW)
def test_a_gradebook_locked_from_outside_loses_nothing(course: CourseFolder, how: str):
    """Someone else writes for longer than SQLite waits."""
    with running(course, *HOW[how][0]) as process:
        wait_until(lambda: len(records_of(course)) >= 1, process)
        with contextlib.closing(sqlite3.connect(course.root / "gradebook.db", timeout=60)) as database:
            database.execute("BEGIN EXCLUSIVE")
            time.sleep(7)
        process.wait(200)
    demand_nothing_half_written(course)
    demand_all_graded_once(course, how)


def test_a_confined_process_that_is_killed_is_no_silent_zero(course: CourseFolder):
    made = solved(LESSON)
    made.cells.insert(0, new_code_cell("import time\ntime.sleep(8)"))
    course.submit("ann", LESSON, made)

    def confined(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
        """What runs ann's first cell."""
        with contextlib.suppress(psutil.Error):
            every = psutil.Process(process.pid).children(recursive=True)
            inside = [one for one in every if any(p.name() == "bwrap" for p in one.parents())]
            return [
                one for one in inside if "python" in one.name() and one.num_threads() and one.memory_info().rss > 5e7
            ]
        return []

    with running(course, "autograder", "grade", LESSON, "--student", "ann", "--no-feedback", "--jobs", "1") as process:
        wait_until(lambda: confined(process), process)
        time.sleep(2)
        for one in confined(process):
            one.send_signal(signal.SIGKILL)
        process.wait(120)
    record = json.loads(records_of(course)["ann"])
    assert record["points"] == 10 or (record["state"] == "needs a look" and record["reason"])
    assert call(course, "autograder", "grade", LESSON, "--student", "ann", "--regrade").returncode == 0
    assert (course.record("ann", LESSON)["points"], course.record("ann", LESSON)["state"]) == (10, "graded")
