"""Grades the class of `attacks.submissions` by either command, as either user, and gathers all that came of it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import socket
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from conftest import CourseFolder, plain_environment
from nbgrader.api import Gradebook

from attacks.submissions import LESSON, NOTEBOOK, Student
from attacks.user import UID, USERS, ordinary
from autograder import records
from autograder.records import Record

COMMANDS = {
    "autograder": (("autograder", "grade", LESSON, "--jobs", "2"), ("autograder", "report")),
    "nbgrader": (
        ("nbgrader", "generate_assignment", LESSON),
        ("nbgrader", "autograde", LESSON),
        ("nbgrader", "generate_feedback", LESSON),
        ("autograder", "report"),
    ),
}
#: As root both kinds of user can start the run; an ordinary user can only be itself.
WHO = USERS if os.geteuid() == 0 else USERS[:1]
SECONDS = 420  # for the whole class, by one command

#: Runs a command, and says what it left running: whatever loses its parent becomes this one's child.
LEAVING = """
import ctypes, os, subprocess, sys, time
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
status = subprocess.run(sys.argv[2:]).returncode
def left():
    try:
        while os.waitpid(-1, os.WNOHANG)[0]: pass
    except ChildProcessError:
        return []
    children = open(f'/proc/self/task/{os.getpid()}/children').read().split()
    return [open(f'/proc/{pid}/cmdline').read().replace('\\0', ' ') for pid in children]
for _ in range(50):
    if not left(): break
    time.sleep(0.1)
open(sys.argv[1], 'w').write('\\n'.join(left()))
sys.exit(status)
"""


@dataclass
class Said:
    """What a command said, its exit status, and the command lines of what it left running."""

    text: str
    status: int
    left: list[str]


@dataclass
class Outcome:
    """A graded class."""

    root: Path
    students: Sequence[Student]
    said: dict[str, Said]  # by command
    records: dict[str, Record]
    scores: dict[str, tuple[float, bool, int]]  # in the gradebook: score, whether to look, how many submissions
    integrity: str
    canaries: dict[str, str]
    changed: list[str]
    calls: list[str]

    def written(self, name: str) -> dict[str, bytes]:
        """All files that were made of one student's work, by name."""
        folders = [self.root / kind / name for kind in ("autograded", "feedback", "verdicts")]
        return {
            str(path.relative_to(self.root)): path.read_bytes()
            for folder in folders
            for path in folder.rglob("*")
            if path.is_file()
        }

    def notebook(self, name: str) -> nbformat.NotebookNode:
        """A student's autograded notebook."""
        return nbformat.read(self.root / "autograded" / name / LESSON / NOTEBOOK, as_version=4)

    def page(self, name: str) -> Path:
        """A student's feedback page."""
        return self.root / "feedback" / name / LESSON / NOTEBOOK.replace(".ipynb", ".html")


@contextlib.contextmanager
def graded_class(students: Sequence[Student], how: str, user: str) -> Iterator[Outcome]:
    """The class, graded by the command ``how`` as ``user``."""
    above = Path(tempfile.mkdtemp(prefix="class-"))
    try:
        with _listening() as (port, calls):
            course, canaries = _laid_out(above, students, port)
            before = snapshot(course.root, students)
            said = {
                " ".join(arguments[:2]): run(course.root, user, *arguments, canary=canaries["environment"])
                for arguments in COMMANDS[how]
            }
            after = snapshot(course.root, students)
        changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
        found = {record.student: record for record in records.load_all(course.root)}
        scores, integrity = scores_in(course.root), integrity_of(course.root)
        yield Outcome(course.root, students, said, found, scores, integrity, canaries, changed, calls)
    finally:
        subprocess.run(["chmod", "-R", "u+rwx", above], check=False, capture_output=True)
        subprocess.run(["rm", "-rf", above], check=True)


def run(root: Path, user: str, *arguments: str, canary: str = "", wrap: Sequence[str] = ()) -> Said:
    """Run a command of the environment in a course folder as ``user``."""
    left = root.parent / "left.txt"
    prefix = []
    if user == "as an ordinary user" and os.geteuid() == 0:
        subprocess.run(["chown", "-R", "-h", f"{UID}:{UID}", root.parent], check=True)
        prefix = ordinary()
    home = root.parent / "home"
    done = subprocess.run(
        [*prefix, *wrap, sys.executable, "-c", LEAVING, left, sys.executable, "-m", *arguments],
        cwd=root,
        env=plain_environment(
            HOME=str(home),
            XDG_CACHE_HOME=str(home / ".cache"),
            PATH=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            PYTHONDONTWRITEBYTECODE="1",
            SECRET=canary,
        ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=SECONDS,
        check=False,
    )
    remaining = left.read_text().splitlines() if left.exists() else ["(it did not get to the end)"]
    return Said(done.stdout.decode(errors="replace"), done.returncode, remaining)


def _laid_out(above: Path, students: Sequence[Student], port: int) -> tuple[CourseFolder, dict[str, str]]:
    """A course folder with everyone's work, and the words that no attacker's notebook may ever hold."""
    canaries = {name: f"canary-{os.urandom(8).hex()}" for name in ("home", "environment", "solution", "beside")}
    course = CourseFolder(above / "course")
    (above / "home").mkdir()
    (above / "home" / "secret.txt").write_text(canaries["home"])
    (course.root / "marks.csv").write_text(canaries["beside"])
    source = course.root / "source" / LESSON / NOTEBOOK
    text = source.read_text()
    assert "### END SOLUTION" in text
    source.write_text(text.replace("### END SOLUTION", f"# {canaries['solution']}\\n    ### END SOLUTION"))
    for student in students:
        folder = course.root / "submitted" / student.name / LESSON
        folder.mkdir(parents=True)
    for student in students:
        folder = course.root / "submitted" / student.name / LESSON
        student.lay(folder)
        path = folder / NOTEBOOK
        if student.honest:
            canaries[student.name] = f"canary-{os.urandom(8).hex()}"
            made = nbformat.read(path, as_version=4)
            made.cells.append(nbformat.v4.new_code_cell(f"# {canaries[student.name]}"))
            nbformat.write(made, path)
        elif _is_plain(path) and path.stat().st_nlink == 1 and path.stat().st_size < 10**6:
            words = {"COURSE": course.root, "HOME": above / "home", "PORT": port}
            content = path.read_bytes()
            for word, value in words.items():
                content = content.replace(word.encode(), str(value).encode())
            path.write_bytes(content)
    return course, canaries


def _is_plain(path: Path) -> bool:
    with contextlib.suppress(OSError):
        return stat.S_ISREG(path.lstat().st_mode)
    return False


def snapshot(root: Path, students: Sequence[Student]) -> dict[str, str]:
    """Digests of all that no grading may change: the honest students' work, the lessons, what lies beside."""
    kept = [root / "submitted" / student.name for student in students if student.honest]
    kept += [root / "source", root / "nbgrader_config.py", root / "marks.csv", root.parent / "home" / "secret.txt"]
    files = [path for top in kept for path in ([top] if top.is_file() else sorted(top.rglob("*"))) if path.is_file()]
    return {str(path.relative_to(root.parent)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def scores_in(root: Path) -> dict[str, tuple[float, bool, int]]:
    """Score, whether someone has to look, and the number of entries of every student, as nbgrader has them."""
    found: dict[str, tuple[float, bool, int]] = {}
    if (root / "gradebook.db").exists():
        with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as book:
            for one in book.assignment_submissions(LESSON):
                count = found.get(one.student.id, (0, False, 0))[2] + 1
                found[one.student.id] = (one.score, one.needs_manual_grade, count)
    return found


def integrity_of(root: Path) -> str:
    """What SQLite's own check says of the gradebook."""
    with contextlib.closing(sqlite3.connect(root / "gradebook.db")) as database:
        said = [row[0] for row in database.execute("PRAGMA integrity_check")]
        return "; ".join(said + [str(row) for row in database.execute("PRAGMA foreign_key_check")])


@contextlib.contextmanager
def _listening() -> Iterator[tuple[int, list[str]]]:
    """A port on this machine, and who called: nobody, where nothing gets out."""
    calls: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server.getsockname()[1], calls
        with contextlib.suppress(BlockingIOError):
            calls.append(str(server.accept()[1]))
