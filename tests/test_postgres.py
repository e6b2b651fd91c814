"""A gradebook in PostgreSQL, through nbgrader's ``db_url``: a real server, started here."""

from __future__ import annotations

import csv
import glob
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from conftest import CourseFolder, plain_environment, released, solved
from nbgrader.api import Gradebook

pytestmark = pytest.mark.xdist_group("postgres")

L, OTHER = "02-one-step", "04-pool-forward"


def program(name: str) -> str:
    """Where a program of PostgreSQL's server is: Debian keeps them off the path."""
    return shutil.which(name) or max(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))


@pytest.fixture(scope="module")
def server() -> Iterator[Path]:
    """The folder with the socket of a server of its own; it refuses to run as root."""
    user: dict[str, Any] = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="postgres-") as name:
        folder = Path(name)
        if user:
            shutil.chown(folder, "postgres", "postgres")
        data, log = folder / "data", folder / "log"
        initdb = [program("initdb"), "-D", data, "--auth", "trust", "--username", "grader", "--no-sync", "--no-locale"]
        subprocess.run([*initdb, "--encoding", "UTF8"], check=True, capture_output=True, timeout=240, cwd=name, **user)
        own = ["-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"]
        with log.open("wb") as lines:
            process = subprocess.Popen(
                [program("postgres"), "-D", data, *own], cwd=name, stdout=lines, stderr=lines, **user
            )
        try:
            create_database(folder, process)
            yield folder
        finally:
            process.terminate()
            process.wait(60)


def create_database(folder: Path, process: subprocess.Popen[bytes]) -> None:
    """Make the gradebook's database as soon as the server answers."""
    deadline = time.monotonic() + 240
    while True:
        try:
            with psycopg.connect(host=str(folder), user="grader", dbname="postgres", autocommit=True) as connection:
                connection.execute("CREATE DATABASE gradebook")
                return
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def hand_in(course: CourseFolder) -> CourseFolder:
    """A small class: right, half done, not begun, unreadable."""
    course.submit("ada", L, solved(L))
    half = solved(OTHER)
    for cell in half.cells:
        if cell.cell_type == "code":
            cell.source = cell.source.replace(".max(", ".min(").replace("np.max(", "np.min(")
    course.submit("ada", OTHER, half)
    course.submit("Zoë", OTHER, released(OTHER))
    course.submit("Zoë", L, b"{")
    return course


def scores(url: str) -> dict[tuple[str, str], tuple[float, bool]]:
    """Every submission's score in a gradebook, and whether it needs a look."""
    with Gradebook(url) as book:
        return {
            (one.student.id, assignment.name): (one.score, bool(one.needs_manual_grade))
            for assignment in book.assignments
            for one in assignment.submissions
        }


def export(course: CourseFolder) -> list[dict[str, str]]:
    """What ``nbgrader export`` writes."""
    command = [Path(sys.executable).with_name("nbgrader"), "export"]
    subprocess.run(command, cwd=course.root, env=plain_environment(), check=True, capture_output=True, timeout=240)
    with (course.root / "grades.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    kept = ("assignment", "student_id", "raw_score", "score", "max_score")
    return sorted(({name: row[name] for name in kept} for row in rows), key=str)


def test_a_gradebook_in_postgresql_holds_what_one_in_sqlite_does(server, tmp_path):
    url = f"postgresql+psycopg://grader@/gradebook?host={server}"
    usual, ours = hand_in(CourseFolder(tmp_path / "usual")), hand_in(CourseFolder(tmp_path / "ours"))
    with (ours.root / "nbgrader_config.py").open("a") as config:
        config.write(f"get_config().CourseDirectory.db_url = {url!r}\n")
    runs = {course: course.autograder("grade", "--seed", "7", "--jobs", "1") for course in (usual, ours)}
    assert [run.returncode for run in runs.values()] == [1, 1]  # one is unreadable
    assert "3 graded" in runs[ours].stdout
    assert f"Gradebook: /gradebook?host={server}" in runs[ours].stdout
    first = scores(url)
    assert first == scores(f"sqlite:///{usual.root / 'gradebook.db'}")
    assert len(first) == 4
    assert len({score for score, _ in first.values()}) >= 3
    assert not (ours.root / "gradebook.db").exists()
    assert (ours.root / "feedback" / "ada" / L / "one_step.html").is_file()
    assert export(ours) == export(usual)

    # The work is done over, and graded again: the old marks are replaced, in the one place.
    ours.submit("Zoë", L, solved(L))
    again = ours.autograder("grade", "--no-feedback", "--seed", "8", "--student", "Zoë", "--regrade", "--jobs", "1")
    assert again.returncode == 0
    assert scores(url) == {**first, ("Zoë", L): (10, False)}


def test_a_server_that_is_not_there(course, tmp_path):
    course.submit("ada", L, solved(L))
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(
            f"get_config().CourseDirectory.db_url = 'postgresql+psycopg://me:secret@/gradebook?host={tmp_path}'\n"
        )
    run = course.autograder("grade")
    assert run.returncode == 1
    assert run.stderr.startswith(f"The gradebook /gradebook?host={tmp_path} cannot be used: ")
    assert "secret" not in run.stdout + run.stderr
    assert "Traceback" not in run.stderr
