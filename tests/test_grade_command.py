"""``autograder grade`` over folders as they come: bad input, odd names, runs cut off and taken up again."""

from __future__ import annotations

import contextlib
import html
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import psutil
import pytest
from click.testing import CliRunner
from conftest import ROOT, CourseFolder, plain_environment, released, solved
from nbformat.v4 import new_code_cell
from nbgrader.api import Gradebook

from autograder import gradebook
from autograder.cli import main

L = "02-one-step"
LAST = max(path.name for path in (ROOT / "source").iterdir())
OTHER = "03-conv-forward"
GRADED, FAILED = "graded", "could not be graded"

pytestmark = pytest.mark.xdist_group("grade")

#: nbgrader would show it as it is, in HTML and in scripts.
UNSHOWABLE = 'O\'Brien "Bo"'
#: Names of folders that graders do meet, from learning-management systems of all kinds.
NAMES = ["Jürgen 李小龙", "[x] {y}", "O'Brien & Bo", "--student", "$(touch pwned) 100%"]


def grade(root: Path, *arguments: str) -> tuple[str, str, int]:
    """Run ``autograder grade`` in this process: its standard output and error, and its exit status."""
    with contextlib.chdir(root):
        result = CliRunner(env={"COLUMNS": "200"}).invoke(main, ["grade", *arguments], catch_exceptions=False)
    return result.stdout, result.stderr, result.exit_code


def score(course: CourseFolder, student: str, assignment: str = L) -> float:
    """The score in nbgrader's gradebook."""
    with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}") as book:
        return float(book.find_submission(assignment, student).score)


def needs_a_look(course: CourseFolder, student: str, assignment: str = L) -> bool:
    """Whether nbgrader asks for a look at a submission."""
    with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}") as book:
        return bool(book.find_submission(assignment, student).needs_manual_grade)


def files_of(root: Path) -> dict[str, int]:
    """Every file and folder of a course by name, with when it was changed."""
    return {str(path.relative_to(root)): path.lstat().st_mtime_ns for path in root.rglob("*")}


# A folder with everything in it that a marker meets.


@pytest.fixture(scope="module")
def odd_class(tmp_path_factory: pytest.TempPathFactory) -> tuple[CourseFolder, subprocess.CompletedProcess[str]]:
    """A class in a folder with an odd name of its own, graded once; and what that run said."""
    course = CourseFolder(tmp_path_factory.mktemp("class") / "Deep Learning 'a'")
    right = solved(L)
    for name in NAMES:
        course.submit(name, L, right)
    plain = course.submit("plain", L, right)
    secret = course.root.parent / "secret.txt"
    secret.write_text("the marker's own")
    (course.submit("linking", L, right).parent / "notes.txt").symlink_to(secret)
    (course.submit("linking-folder", L, right).parent / "data").symlink_to(secret.parent)
    os.mkfifo(course.submit("with-fifo", L, right).parent / "notes.txt")
    course.submit(UNSHOWABLE, L, right)
    for name in ("fifo", "folder", "hard-link", "link", "missing"):
        (course.root / "submitted" / name / L).mkdir(parents=True)
    place = "one_step.ipynb"
    os.mkfifo(course.root / "submitted" / "fifo" / L / place)
    (course.root / "submitted" / "folder" / L / place).mkdir()
    os.link(plain, course.root / "submitted" / "hard-link" / L / place)
    plain.write_bytes(plain.read_bytes())
    os.link(secret, course.root / "submitted" / "hard-link" / L / "copy")
    (course.root / "submitted" / "link" / L / place).symlink_to(secret)
    course.submit("corrupt", L, b"{")
    course.submit("misnamed", L, right, "one step (1).ipynb")
    course.submit("terminal", L, right, "\x1b[31mred\udce9.ipynb")
    course.submit("elsewhere", "2-one-step", right, "one_step.ipynb")
    course.submit("half", L, released(L))
    extra = course.submit("with-more", L, right).parent
    (extra / "one_step-Copy1.ipynb").write_text("{")
    (extra / "my data").mkdir()
    (extra / "my data" / "ümlaut [1].csv").write_text("1,2\n")
    linked = course.root / "submitted" / "linked-assignment"
    linked.mkdir()
    (linked / L).symlink_to(course.root / "submitted" / "half" / L)
    (course.root / "submitted" / "loose").mkdir()
    (course.root / "submitted" / "loose" / "notes.txt").write_text("")
    (course.root / "submitted" / ".hidden").mkdir()
    (course.root / "submitted" / "roster.csv").write_text("")
    return course, course.autograder("grade", "--jobs", "2", "--seed", "5")


UNGRADED = {
    (UNSHOWABLE, L): "nbgrader's pages cannot show the student's name, which has one of <, >, \", \\ in it",
    ("linking", L): "'notes.txt' in the submission is a link; a submission holds plain files only",
    ("linking-folder", L): "'data' in the submission is a link; a submission holds plain files only",
    ("with-fifo", L): "'notes.txt' in the submission is a special file; a submission holds plain files only",
    ("fifo", L): "'one_step.ipynb' in the submission is a special file; a submission holds plain files only",
    ("link", L): "'one_step.ipynb' in the submission is a link; a submission holds plain files only",
    ("folder", L): "one_step.ipynb is a folder, not a notebook",
    ("hard-link", L): "one_step.ipynb is a second name of a file elsewhere (a hard link): copy it instead",
    ("missing", L): "one_step.ipynb is missing; nothing was handed in",
    ("misnamed", L): "one_step.ipynb is missing; there is one step (1).ipynb: rename it, and grade again",
    ("terminal", L): r"one_step.ipynb is missing; there is '\x1b[31mred\udce9.ipynb': rename it, and grade again",
    ("linked-assignment", L): "02-one-step is not a folder",
    ("elsewhere", "2-one-step"): "the course has no assignment '2-one-step': is the folder's name right?",
    ("loose", "notes.txt"): "the course has no assignment 'notes.txt': is the folder's name right?",
}


@pytest.mark.parametrize("name", [*NAMES, "with-more"])
def test_a_name_costs_nobody_anything(odd_class, name):
    course, _ = odd_class
    record = course.record(name, L)
    assert (record["state"], record["points"], record["reason"]) == (GRADED, 10, "")
    assert score(course, name) == 10
    assert not needs_a_look(course, name)
    assert (course.root / "autograded" / name / L / "one_step.ipynb").is_file()
    assert "<html" in (course.root / "feedback" / name / L / "one_step.html").read_text()


@pytest.mark.parametrize(("who", "reason"), UNGRADED.items(), ids=[" ".join(who) for who in UNGRADED])
def test_what_cannot_be_graded_says_why_and_is_no_silent_zero(odd_class, who, reason):
    course, run = odd_class
    record = course.record(*who)
    assert (record["state"], record["points"], record["reason"]) == (FAILED, None, reason)
    assert f"{who[0]}, {who[1]} {FAILED}: {reason}" in run.stdout.splitlines()
    if who[1] == L and who[0] != UNSHOWABLE:
        assert needs_a_look(course, who[0])
    (page,) = (course.root / "feedback" / who[0] / who[1]).iterdir()
    assert reason[1:] in html.unescape(page.read_text())


def test_an_untouched_notebook_is_graded_with_nothing(odd_class):
    course, _ = odd_class
    assert course.record("half", L)["state"] == GRADED
    assert score(course, "half") == 0
    assert not needs_a_look(course, "half")


def test_the_run_ends_with_a_summary_and_status_1(odd_class):
    course, run = odd_class
    assert run.returncode == 1
    assert "Traceback" not in run.stdout + run.stderr
    graded = len(NAMES) + 2
    look_for = f"{graded} graded, 0 to be looked at, {len(UNGRADED) + 2} could not be graded."
    assert look_for in run.stdout.splitlines()
    assert f"Gradebook: {course.root / 'gradebook.db'}" in run.stdout


def test_nothing_but_a_students_own_files_is_copied_or_shown(odd_class):
    course, _ = odd_class
    copied = {str(path.relative_to(course.root / "autograded")) for path in (course.root / "autograded").rglob("*.*")}
    assert copied == {
        *(
            f"{name}/{L}/{path.name}"
            for name in [*NAMES, "half", "with-more"]
            for path in (ROOT / "source" / L).iterdir()
        ),
        f"with-more/{L}/my data/ümlaut [1].csv",
    }
    outcome = [path for folder in ("autograded", "feedback", "verdicts") for path in (course.root / folder).rglob("*")]
    assert not [path for path in outcome if path.is_file() and b"the marker's own" in path.read_bytes()]
    assert not (course.root / "pwned").exists()
    assert {path.name for path in course.root.iterdir()} == {
        "nbgrader_config.py", "source", "submitted", "gradebook.db", "autograded", "feedback", "verdicts",
    }  # fmt: skip


def test_a_second_run_grades_only_what_changed(odd_class):
    course, _ = odd_class
    before = {name: course.record(name, L) for name in NAMES}
    course.submit(NAMES[0], L, released(L))
    course.submit("corrupt", L, solved(L))
    page = course.root / "feedback" / NAMES[1] / L / "one_step.html"
    page.unlink()
    kept = (course.root / "feedback" / NAMES[2] / L / "one_step.html").stat().st_mtime_ns
    run = course.autograder("grade", L, *(f"--student={name}" for name in [*NAMES[:3], "corrupt"]))
    assert run.returncode == 0, run.stderr
    summary = "4 graded, 0 to be looked at, 0 could not be graded. 2 were recorded before and not graded again"
    assert summary in run.stdout
    assert (score(course, NAMES[0]), score(course, "corrupt")) == (0, 10)
    assert not needs_a_look(course, "corrupt")
    assert {name: course.record(name, L) for name in NAMES[1:]} == {name: before[name] for name in NAMES[1:]}
    assert page.is_file()  # what a run that was cut off had not come to
    assert (course.root / "feedback" / NAMES[2] / L / "one_step.html").stat().st_mtime_ns == kept


# Arguments and folders that are not what they should be.


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["03-conv-fwd"], "There is no assignment '03-conv-fwd'. There are: 01-images-and-padding, 02-one-step, "),
        ([L, ""], "There is no assignment ''. There are: "),
        (["../submitted"], "There is no assignment '../submitted'. There are: "),
        (["--student", "bob"], "There is no student 'bob' in "),
        ([L, "--student", "ann", "--student", "bob"], "There is no student 'bob' in "),
        (["--student", ".."], "There is no student '..' in "),
    ],
)
def test_an_unknown_name_ends_with_status_2_and_the_known_ones(course, arguments, told):
    course.submit("ann", L, solved(L))
    before = files_of(course.root)
    output, errors, status = grade(course.root, *arguments)
    assert (output, status) == ("", 2)
    assert errors.startswith(told)
    assert errors.endswith("There are: ann.\n" if "student" in told else f"{LAST}.\n")
    assert errors.count("\n") == 1
    assert files_of(course.root) == before


@pytest.mark.parametrize("arguments", [["--jobs", "0"], ["--seed", "-1"], ["--nowhere"], ["--jobs", "x"]])
def test_an_unusable_option_ends_with_status_2(course, arguments):
    output, _, status = grade(course.root, *arguments)
    assert (output, status) == ("", 2)


def remove_submitted(root: Path) -> None:
    shutil.rmtree(root / "submitted")


def only_hidden(root: Path) -> None:
    (root / "submitted" / ".ipynb_checkpoints").mkdir()


def only_files(root: Path) -> None:
    (root / "submitted" / "one_step.ipynb").write_text("{}")


@pytest.mark.parametrize("change", [lambda root: None, remove_submitted, only_hidden, only_files])
def test_nothing_submitted_is_told(course, change):
    change(course.root)
    before = files_of(course.root)
    told = (
        f"{course.root / 'submitted'} holds no submissions. "
        "It should hold a folder for each student, STUDENT/ASSIGNMENT/.\n"
    )
    assert grade(course.root) == ("", told, 1)
    assert files_of(course.root) == before


def test_nothing_submitted_for_an_assignment_is_told(course):
    course.submit("ann", L, b"")
    told = f"{course.root / 'submitted'} holds no submissions of {OTHER}.\n"
    assert grade(course.root, OTHER) == ("", told, 1)


def test_another_folder_is_no_course(tmp_path):
    told = f"{tmp_path} is no course folder: it has no nbgrader_config.py. Change to the folder that has one.\n"
    assert grade(tmp_path) == ("", told, 1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["two\nlines", "bell\a", "latin-\udce9", "esc\x1b[31m"])
def test_a_name_that_no_gradebook_can_hold_is_told_before_anything_is_written(course, name):
    course.submit("ann", L, solved(L))
    course.submit(name, L, solved(L))
    before = files_of(course.root)
    output, errors, status = grade(course.root)
    assert (output, status) == ("", 1)
    folder = str(course.root / "submitted" / name / L)
    assert errors == f"The gradebook cannot hold the name of the folder {folder!a}: rename it, and grade again.\n"
    assert files_of(course.root) == before


# A gradebook that cannot be used.


def a_folder(path: Path) -> None:
    path.mkdir()


def a_text(path: Path) -> None:
    path.write_text("student,score\n" * 100)


def a_link_to_nowhere(path: Path) -> None:
    path.symlink_to(path.parent / "nowhere" / "gradebook.db")


def a_broken_database(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE student (id INTEGER)")
        database.commit()
    data = bytearray(path.read_bytes())
    data[100:1000] = b"\xff" * 900
    path.write_bytes(data)


@pytest.mark.parametrize("make", [a_folder, a_text, a_link_to_nowhere, a_broken_database])
def test_a_gradebook_that_cannot_be_used_is_told_and_nothing_is_written(course, make):
    course.submit("ann", L, solved(L))
    make(course.root / "gradebook.db")
    before = files_of(course.root)
    output, errors, status = grade(course.root)
    assert (output.replace("Grading   ", "").strip(" ━╸╺0/1:\n"), status) == ("", 1)
    assert re.fullmatch(rf"The gradebook {re.escape(str(course.root))}/gradebook\.db cannot be used: .+\n", errors)
    assert files_of(course.root) == before


def test_a_gradebook_that_someone_else_is_writing_is_told(course, monkeypatch):
    course.submit("ann", L, solved(L))
    connect = sqlite3.connect
    monkeypatch.setattr(gradebook.sqlite3, "connect", lambda path, timeout: connect(path, timeout=0.1))
    with contextlib.closing(connect(course.root / "gradebook.db")) as database:
        database.execute("BEGIN EXCLUSIVE")
        _, errors, status = grade(course.root)
    assert status == 1
    assert errors == f"The gradebook {course.root}/gradebook.db cannot be used: database is locked\n"


def test_a_folder_that_cannot_be_written_is_told(course, monkeypatch):
    course.submit("ann", L, solved(L))
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and access(path, mode))  # as root may all
    _, errors, status = grade(course.root)
    assert status == 1
    assert errors == (
        f"The gradebook {course.root}/gradebook.db cannot be used: the folder {course.root} cannot be written to\n"
    )


# Without bubblewrap.


def test_without_bubblewrap_nothing_is_graded_but_at_ones_own_risk(course):
    course.submit("ann", L, solved(L))
    before = files_of(course.root)
    refused = course.autograder("grade", PATH="/nowhere")
    assert (refused.stdout, refused.returncode) == ("", 1)
    assert refused.stderr == (
        "Submissions are strangers' code, and this machine cannot confine it: bubblewrap is not installed: install it "
        "(Debian and Ubuntu: apt install bubblewrap; Fedora: dnf install bubblewrap).\n"
        "To accept the risk and run it as yourself: autograder grade --unsandboxed\n"
    )
    assert files_of(course.root) == before
    graded = course.autograder("grade", "--unsandboxed", PATH="/nowhere")
    assert graded.returncode == 0, graded.stderr
    assert (score(course, "ann"), course.record("ann", L)["state"]) == (10, GRADED)


# Runs that are cut off.


def slow(seconds: float) -> nbformat.NotebookNode:
    """A right notebook that takes its time."""
    notebook = solved(L)
    notebook.cells.insert(0, new_code_cell(f"import time\ntime.sleep({seconds})"))
    return notebook


@contextlib.contextmanager
def running(course: CourseFolder, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A run of ``autograder grade``, ended at the end."""
    process = subprocess.Popen(
        course.command("grade", *arguments),
        cwd=course.root,
        env=plain_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def records(course: CourseFolder) -> dict[str, str]:
    """The records there are, as text, by student."""
    return {path.parent.name: path.read_text() for path in course.root.glob("verdicts/*/*.json")}


def wait_until(condition, process: subprocess.Popen[str], seconds: float = 90) -> None:
    """Wait for something that a run should bring about while it lasts."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert process.poll() is None, "the run ended before"
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)


def family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """All that a run has started."""
    return psutil.Process(process.pid).children(recursive=True)


def workers(process: subprocess.Popen[str]) -> list[psutil.Process]:
    """The processes of a run that grade."""
    return [one for one in psutil.Process(process.pid).children() if "spawn_main" in " ".join(one.cmdline())]


def test_a_run_that_was_killed_is_taken_up_where_it_ended(course):
    students = [f"s{number}" for number in range(5)]
    for student in students:
        course.submit(student, L, slow(0.5))
    with running(course, "--jobs", "1", "--seed", "1") as process:
        wait_until(lambda: len(records(course)) >= 2, process)
        started = family(process)
        process.kill()
        process.wait(20)
        _, alive = psutil.wait_procs(started, timeout=20)
        assert alive == []  # no worker, and nobody's code, outlives the run
    first = records(course)
    assert 2 <= len(first) < 5
    assert all(json.loads(text)["points"] == 10 for text in first.values())  # none is half-written
    again = course.autograder("grade", "--seed", "2")
    assert again.returncode == 0, again.stderr
    assert f"{len(first)} were recorded before and not graded again" in again.stdout
    second = records(course)
    assert {student: second[student] for student in first} == first
    assert {student: json.loads(text)["seed"] for student, text in second.items()} == {
        student: 1 if student in first else 2 for student in students
    }
    for student in students:
        assert score(course, student) == 10
        assert (course.root / "feedback" / student / L / "one_step.html").is_file()
    with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}") as book:
        assert len(book.assignment_submissions(L)) == 5


def test_an_interrupted_run_does_not_wait_for_the_rest(course):
    for number in range(12):
        course.submit(f"s{number:02}", L, slow(5))
    with running(course, "--jobs", "1", "--no-feedback") as process:
        wait_until(lambda: len(records(course)) >= 1, process)
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=30)  # the rest would take more than 50 s
    assert process.returncode == 1
    assert "Traceback" not in errors
    assert len(records(course)) < 10


def test_a_worker_that_is_killed_costs_nobody_anything(course):
    students = [f"s{number}" for number in range(4)]
    for student in students:
        course.submit(student, L, slow(0.5))
    with running(course, "--jobs", "1", "--no-feedback") as process:
        wait_until(lambda: len(records(course)) >= 1 and bool(workers(process)), process)
        for worker in workers(process):
            worker.kill()
        output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert "4 graded, 0 to be looked at, 0 could not be graded." in output
    assert {student: score(course, student) for student in students} == dict.fromkeys(students, 10)


def test_a_student_named_twice_is_graded_once(course):
    course.submit("ann", L, b"")
    course.submit("ben", L, b"")
    output, _, status = grade(course.root, "--student", "ann", "--student", "ann", "--jobs", "1")
    assert status == 1
    assert "0 graded, 0 to be looked at, 1 could not be graded." in output
    assert list(records(course)) == ["ann"]


def test_a_record_that_cannot_be_read_is_made_again(course):
    course.submit("ann", L, solved(L))
    assert grade(course.root, "--jobs", "1", "--no-feedback")[2] == 0
    record = course.root / "verdicts" / "ann" / f"{L}.json"
    for damage in ("{", '{"student": "ann"}'):
        record.write_text(damage)
        output, _, status = grade(course.root, "--jobs", "1", "--no-feedback")
        assert status == 0
        assert "1 graded" in output
        assert "recorded before" not in output
        assert course.record("ann", L)["points"] == 10


def test_the_same_seed_gives_the_same_record(course):
    notebook = solved(L)
    for cell in notebook.cells:
        cell.source = cell.source.replace("+ b.item()", "- b.item()")
    course.submit("ann", L, notebook)
    found = []
    for seed in ("3", "3", "4"):
        assert grade(course.root, "--jobs", "1", "--no-feedback", "--regrade", "--seed", seed)[2] == 0
        record = course.record("ann", L)
        assert record["verdicts"][0]["diagnosis"]["id"] == "bias-subtracted"
        found.append({key: value for key, value in record.items() if key != "seconds"})
    assert found[0] == found[1] != found[2]
