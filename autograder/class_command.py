"""What ``autograder grade`` does on a terminal: a progress bar, feedback pages, a table, and where to look."""

from __future__ import annotations

import contextlib
import functools
import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from autograder.class_run import collect, dropping_the_rest, grade_class, needs_attention
from autograder.course import Course
from autograder.failure_page import write_failure_page
from autograder.gradebook import write_feedback
from autograder.paper import new_seed
from autograder.records import FAILED, GRADED, Record, path_of
from autograder.tables import class_table


def grade_and_report(
    course: Course,
    assignments: list[str],
    students: list[str],
    *,
    jobs: int,
    regrade: bool,
    feedback: bool,
    seed: int | None,
    sandboxed: bool,
    scheduler: str | None,
    console: Console,
) -> list[Record]:
    """Grade what was handed in, and say on ``console`` what came of it; the records, in order."""
    found = collect(course, assignments, students)
    fresh: list[Record] = []
    with _executors(jobs, scheduler, sandboxed, console) as new_executor, _progress(console) as progress:
        bar = progress.add_task("Grading", total=len(found))

        def done(record: Record, is_fresh: bool) -> None:
            progress.advance(bar)
            if is_fresh:
                fresh.append(record)

        results = grade_class(
            course,
            found,
            new_seed() if seed is None else seed,
            new_executor,
            regrade=regrade,
            sandboxed=sandboxed,
            on_done=done,
        )
        stale = [record for record in results if _is_stale(course, record)] if feedback else []
        problems = _write_pages(course, stale, jobs, progress)
    console.print(class_table(results))
    for record in needs_attention(results):
        name = f"{record.student}, {record.assignment}"
        console.print(f"{name} {record.state}: {record.reason}", highlight=False, markup=False, soft_wrap=True)
    for problem in problems:
        console.print(problem, style="red", markup=False)
    console.print(_summary(results, len(results) - len(fresh)), highlight=False, markup=False)
    console.print(
        f"Gradebook: {course.database.removeprefix('sqlite:///').rsplit('@', 1)[-1]}   "
        f"Notebooks: {course.root / 'autograded'}   Feedback: {course.root / 'feedback'}",
        highlight=False,
        markup=False,
        soft_wrap=True,
    )
    return results


@contextlib.contextmanager
def _executors(jobs: int, scheduler: str | None, sandboxed: bool, console: Console) -> Iterator[Callable[[], Executor]]:
    """Executors of the cluster at ``scheduler``, or else of this machine."""
    if scheduler is None:
        yield local_processes(jobs)
        return
    from autograder import cluster

    with cluster.connected(scheduler, sandboxed, functools.partial(console.print, highlight=False)) as new_executor:
        yield new_executor


def local_processes(jobs: int) -> Callable[[], Executor]:
    """Executors of ``jobs`` fresh processes each."""
    context = multiprocessing.get_context("spawn")
    return functools.partial(ProcessPoolExecutor, jobs, mp_context=context, initializer=_end_with_parent)


def _end_with_parent() -> None:
    """Have this process end when the one that started it has ended, even if that was killed."""
    parent = multiprocessing.parent_process()

    def wait_and_end() -> None:
        if parent:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait_and_end, daemon=True).start()


def _is_stale(course: Course, record: Record) -> bool:
    """Whether a feedback page is missing, or older than the record that it should show: a run may have been cut off."""
    page = course.feedback_path(record.student, record.assignment)
    shown = path_of(course.root, record.student, record.assignment)
    return not page.is_file() or page.stat().st_mtime_ns < shown.stat().st_mtime_ns


def _write_pages(course: Course, records: list[Record], jobs: int, progress: Progress) -> list[str]:
    """Write a feedback page for each record; a line for each that could not be written."""
    if not records:
        return []
    bar = progress.add_task("Feedback", total=len(records))
    problems = []
    failed = [record for record in records if record.state == FAILED]
    for record in failed:
        write_failure_page(course, record)
        progress.advance(bar)
    with dropping_the_rest(local_processes(jobs)()) as executor:
        root = str(course.root)
        futures = {
            executor.submit(write_feedback, root, record.assignment, record.student): record
            for record in records
            if record.state != FAILED
        }
        for future in as_completed(futures):
            record = futures[future]
            problem = future.result() if not future.exception() else str(future.exception())
            if problem:
                problems.append(f"No feedback page for {record.student}, {record.assignment}: {problem}")
            progress.advance(bar)
    return problems


def _summary(results: list[Record], kept: int) -> str:
    states = [record.state for record in results]
    looks = len(states) - states.count(GRADED) - states.count(FAILED)
    text = f"{states.count(GRADED)} graded, {looks} to be looked at, {states.count(FAILED)} could not be graded."
    return text + (f" {kept} were recorded before and not graded again (--regrade does)." if kept else "")


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description:<9}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console)
