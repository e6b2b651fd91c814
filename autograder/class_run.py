"""Grade a class: a task for each submission, one writer for the gradebook, and a state for every one of them."""

from __future__ import annotations

import contextlib
import multiprocessing
import unicodedata
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Executor, Future, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

from autograder import records, submission
from autograder.course import Course, CourseError, UnknownName
from autograder.grading import grade_notebook
from autograder.records import FAILED, LOOK, Record
from autograder.submission import SubmissionError
from autograder.submission_folder import demand_gradable
from autograder.verdict import Graded

#: How often a submission is tried when the process that grades it dies under it.
TRIES = 3


@dataclass(frozen=True)
class Submission:
    """One student's folder for one assignment."""

    student: str
    assignment: str
    folder: Path


@dataclass(frozen=True)
class Task:
    """All that grading one submission needs, as data: it may run on another machine."""

    student: str
    assignment: str
    name: str
    data: bytes
    source: str
    files: dict[str, str]
    seed: int
    sandboxed: bool


def collect(course: Course, assignments: list[str], students: list[str]) -> list[Submission]:
    """The submissions there are, of these assignments (all, if none is named) and students (likewise)."""
    root = course.root / "submitted"
    known = course.assignments()
    for name in assignments:
        if name not in known:
            raise UnknownName(f"There is no assignment {name!r}. There are: {', '.join(known) or 'none'}.")
    there = sorted(path.name for path in root.glob("*") if path.is_dir() and not path.name.startswith("."))
    if not there:
        raise CourseError(
            f"{root} holds no submissions. It should hold a folder for each student, STUDENT/ASSIGNMENT/."
        )
    for name in students:
        if name not in there:
            raise UnknownName(f"There is no student {name!r} in {root}. There are: {', '.join(there)}.")
    found = [
        Submission(student, folder.name, folder)
        for student in dict.fromkeys(students) or there
        for folder in _folders(root / student, assignments or known)
        if folder.name in (assignments or known) or not assignments
        if not folder.name.startswith(".")
    ]
    if not found:
        raise CourseError(f"{root} holds no submissions of {', '.join(assignments or known)}.")
    for one in found:
        if any(unicodedata.category(c) in ("Cc", "Cs") for c in one.student + one.assignment):
            raise CourseError(
                f"The gradebook cannot hold the name of the folder {str(one.folder)!a}: rename it, and grade again."
            )
    return found


def _folders(student: Path, assignments: list[str]) -> list[Path]:
    """The folders of a student's assignments; where they cannot be seen, all that there could be."""
    try:
        return sorted(student.iterdir())
    except OSError:
        return [student / name for name in assignments]


def prepare(course: Course, one: Submission, seed: int, sandboxed: bool) -> Task:
    """The task of grading one submission; `SubmissionError` where it cannot be graded."""
    if one.assignment not in course.assignments():
        raise SubmissionError(f"the course has no assignment {one.assignment!r}: is the folder's name right?")
    wanted = f"{course.notebook_name(one.assignment)}.ipynb"
    demand_gradable(one.folder, one.student, wanted)
    source = course.source_path(one.assignment)
    return Task(
        student=one.student,
        assignment=one.assignment,
        name=wanted,
        data=submission.read(one.folder / wanted),
        source=source.read_text(encoding="utf-8"),
        files=submission.lesson_files(source.parent),
        seed=seed,
        sandboxed=sandboxed,
    )


def perform(task: Task) -> tuple[str, Graded]:
    """Grade one submission: its fingerprint and what came of it.  This runs in a worker."""
    source = nbformat.reads(task.source, as_version=4)
    notebook = submission.restore(submission.parse(task.data, task.name), source)
    graded = grade_notebook(notebook, task.assignment, task.seed, files=task.files, sandboxed=task.sandboxed)
    return submission.fingerprint(notebook), graded


def grade_class(
    course: Course,
    found: Iterable[Submission],
    seed: int,
    new_executor: Callable[[], Executor],
    *,
    regrade: bool = False,
    sandboxed: bool = True,
    on_done: Callable[[Record, bool], None] = lambda record, fresh: None,
) -> list[Record]:
    """Grade ``found`` and enter the results: a record of each, in order.

    What is recorded already, from the same submission and the same exercise, is not graded again unless ``regrade``.
    ``on_done`` hears of each record, and whether it is fresh.
    """
    from autograder import gradebook

    found = list(found)
    known = set(course.assignments())
    gradebook.open_or_explain(course, sorted({one.assignment for one in found} & known))
    results: dict[Submission, Record] = {}
    tasks: dict[Submission, Task] = {}

    def done(one: Submission, record: Record, fresh: bool = True) -> None:
        results[one] = record
        on_done(record, fresh)

    for one in found:
        try:
            task = prepare(course, one, seed, sandboxed)
        except SubmissionError as error:
            done(one, gradebook.record_failure(course, one.student, one.assignment, str(error)))
            continue
        old = records.load(course.root, one.student, one.assignment)
        if old and not regrade and _still_holds(course, old, task):
            done(one, old, fresh=False)
        else:
            tasks[one] = task
    with contextlib.closing(_performed(tasks, new_executor)) as outcomes:
        for one, outcome in outcomes:
            if isinstance(outcome, Exception):
                done(one, gradebook.record_failure(course, one.student, one.assignment, _reason(outcome)))
                continue
            fingerprint, graded = outcome
            problem = gradebook.record(course, one.assignment, one.student, fingerprint, seed, graded)
            kept = None if problem else records.load(course.root, one.student, one.assignment)
            done(
                one,
                kept
                or gradebook.record_failure(
                    course, one.student, one.assignment, f"nbgrader could not record it: {problem}"
                ),
            )
    return [results[one] for one in found]


def _performed(
    tasks: dict[Submission, Task], new_executor: Callable[[], Executor]
) -> Generator[tuple[Submission, tuple[str, Graded] | Exception], None, None]:
    """Every submission with what came of its task, as they come; tasks lost with a worker are given out again."""
    for attempt in range(1, TRIES + 1):
        if not tasks:
            return
        lost: dict[Submission, Task] = {}
        with dropping_the_rest(new_executor()) as executor:
            futures: dict[Future[Any], Submission] = {}
            for one, task in tasks.items():
                try:
                    futures[executor.submit(perform, task)] = one
                except BrokenProcessPool:
                    lost[one] = task
            for future in as_completed(futures):
                one = futures[future]
                try:
                    yield one, future.result()
                except BrokenProcessPool as error:
                    lost[one] = tasks[one]
                    if attempt == TRIES:
                        yield one, error
                except CourseError:  # no fault of the submission: the cluster's
                    raise
                except Exception as error:
                    yield one, error
        tasks = lost


@contextlib.contextmanager
def dropping_the_rest(executor: Executor) -> Iterator[Executor]:
    """The executor, to be used in a with statement: a run that is cut off does not wait for what is not done."""
    with executor:
        try:
            yield executor
        except BaseException:
            executor.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.terminate()
            raise


def _reason(error: Exception) -> str:
    if isinstance(error, BrokenProcessPool):
        return f"the grading process died {TRIES} times; see whether this machine has memory enough, and grade again"
    return str(error) if isinstance(error, SubmissionError) else f"{type(error).__name__}: {error}"


def _still_holds(course: Course, old: Record, task: Task) -> bool:
    """Whether a record is of this very submission, judged by these very exercises, with its notebook in place."""
    autograded = course.root / "autograded" / task.student / task.assignment / task.name
    try:
        nbformat.read(autograded, as_version=4)
    except Exception:  # missing or half-written: graded again
        return False
    version = records.version(course.source_path(task.assignment))
    return old.state != FAILED and (old.submission, old.version) == (records.digest(task.data), version)


def needs_attention(found: Iterable[Record]) -> list[Record]:
    """The records that someone should look at."""
    return [record for record in found if record.state in (LOOK, FAILED)]
