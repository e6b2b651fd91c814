"""The command line.  Each command loads only what it needs, since a check should feel instant."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from autograder.check import Checker

UNUSABLE, UNGRADED = 2, 1


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Build the course's notebooks, grade a class, or check a file of your own."""


@main.command()
@click.option("--check", is_flag=True, help="Change nothing; fail where a generated file is not as it should be.")
@click.option("--adopt", metavar="LESSON", help="First bring an edit of source/LESSON back into the lesson's text.")
def build(check: bool, adopt: str | None) -> None:
    """Make source/, release/ and the examples of visible checks from course/lessons/ and autograder/exercises/."""
    from autograder.build import BuildError, write
    from autograder.build import adopt as bring_back
    from autograder.build import build as make
    from autograder.course import Course, CourseError
    from autograder.lesson import LessonError

    if check and adopt:
        raise _stop("--check changes nothing and --adopt does: use one of the two.", UNUSABLE)
    try:
        course = Course.here()
        if adopt:
            click.echo(f"{bring_back(course, adopt).relative_to(course.root)} has the edit now.")
            (course.source_path(adopt)).unlink()
        built = make(course)
        if check:
            if differing := built.differing(course.root):
                raise BuildError("\n".join([*differing, "Run `autograder build`, and commit what it writes."]))
            click.echo(f"All {len(built.files)} generated files are as they should be.")
            return
        written = write(course, built)
    except (BuildError, LessonError, CourseError) as error:
        raise _stop(str(error), UNGRADED) from error
    for name in written:
        click.echo(f"wrote {name}")
    click.echo(f"{len(written)} of {len(built.files)} files changed.")


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False))
@click.option("--exercise", "exercises", multiple=True, metavar="NAME", help="Only this function (may be repeated).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for each exercise.")
@click.option("--watch", is_flag=True, help="Check again whenever a file is saved, until stopped with Ctrl-C.")
@click.option("--seed", type=click.IntRange(min=0), default=None, help="Draw the same inputs again.")
def check(files: tuple[str, ...], exercises: tuple[str, ...], as_json: bool, watch: bool, seed: int | None) -> None:
    """Grade notebooks, or .py files that define some of the functions, with no gradebook."""
    from autograder.runner.launch import warm_up

    warm_up()  # while this process loads what it needs
    from autograder.check import Checker
    from autograder.exercises import EXERCISES
    from autograder.paper import new_seed

    for name in exercises:
        if name not in EXERCISES:
            raise _stop(f"There is no exercise {name!r}. There are: {', '.join(EXERCISES)}.", UNUSABLE)
    for file in files:
        if Path(file).suffix not in (".ipynb", ".py"):
            raise _stop(f"{file} is neither a notebook (.ipynb) nor a file of functions (.py).", UNUSABLE)
    checker = Checker(exercises, new_seed() if seed is None else seed)
    before = {file: _changed(file) for file in files}
    graded = [_check_one(checker, file, as_json) for file in files]
    if watch:
        for file in _saved(before):
            click.echo(f"\n{file} was saved.", err=True)
            _check_one(checker, file, as_json)
    sys.exit(0 if all(graded) else UNGRADED)


def _check_one(checker: Checker, file: str, as_json: bool) -> bool:
    """Check one file and print what came of it; whether it could be graded."""
    from autograder.submission import SubmissionError

    noticed = bool(checker.notice)
    try:
        graded = checker.check(Path(file))
    except SubmissionError as error:
        if as_json:
            nothing: dict[str, object] = {
                "exercise": None,
                "points": None,
                "max_points": None,
                "criteria": [],
                "diagnosis": None,
            }
            click.echo(json.dumps({"file": file, **nothing, "error": str(error)}))
        click.echo(f"{file} could not be graded: {error}.", err=True)
        return False
    finally:
        if checker.notice and not noticed:
            click.echo(checker.notice, err=True)
    if as_json:
        for verdict in graded.verdicts:
            click.echo(json.dumps({"file": file, **verdict.as_json()}))
    else:
        from rich.console import Console

        from autograder.tables import verdict_table

        console = Console()
        for verdict in graded.verdicts:
            console.print(verdict_table(verdict))
        console.print(f"{file}: {graded.points:g} of {graded.max_points:g} points", highlight=False, markup=False)
    for incident in graded.incidents:
        click.echo(f"{file}: {incident}", err=True)
    return True


def _saved(seen: dict[str, int | None]) -> Iterator[str]:
    """The files, each time one is saved; ``seen`` says when each was changed last."""
    while True:
        for file, last in seen.items():
            if (now := _changed(file)) not in (last, None):
                seen[file] = now
                yield file
        time.sleep(0.1)


def _changed(file: str) -> int | None:
    """When a file was changed; None in the moment in which an editor replaces it."""
    try:
        return os.stat(file).st_mtime_ns
    except OSError:
        return None


@main.command()
@click.argument("assignments", nargs=-1, metavar="[ASSIGNMENT]...")
@click.option("--student", "students", multiple=True, metavar="ID", help="Only this student (may be repeated).")
@click.option("--jobs", type=click.IntRange(min=1), default=None, help="Submissions at a time (default: one a core).")
@click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Grade on the Dask cluster with this scheduler, tcp://HOST:PORT (docs/clusters.md).",
)
@click.option("--regrade", is_flag=True, help="Grade again what is recorded already.")
@click.option("--no-feedback", is_flag=True, help="Write no feedback pages.")
@click.option("--seed", type=click.IntRange(min=0), default=None, help="Draw the same inputs again.")
@click.option(
    "--unsandboxed",
    is_flag=True,
    help="Run strangers' code without confining it. Never on a machine you need.",
)
def grade(
    assignments: tuple[str, ...],
    students: tuple[str, ...],
    jobs: int | None,
    scheduler: str | None,
    regrade: bool,
    no_feedback: bool,
    seed: int | None,
    unsandboxed: bool,
) -> None:
    """Grade what is in submitted/ into the gradebook, with autograded notebooks and feedback pages."""
    from rich.console import Console

    from autograder.class_command import grade_and_report
    from autograder.course import Course, CourseError, UnknownName
    from autograder.records import FAILED
    from autograder.runner import sandbox

    if not unsandboxed and not scheduler and (why_not := sandbox.why_not()):
        raise _stop(
            f"Submissions are strangers' code, and this machine cannot confine it: {why_not}.\n"
            "To accept the risk and run it as yourself: autograder grade --unsandboxed",
            UNGRADED,
        )
    try:
        course = Course.here()
        found = grade_and_report(
            course,
            list(assignments),
            list(students),
            jobs=jobs or os.cpu_count() or 1,
            regrade=regrade,
            feedback=not no_feedback,
            seed=seed,
            sandboxed=not unsandboxed,
            scheduler=scheduler,
            console=Console(),
        )
    except UnknownName as error:
        raise _stop(str(error), UNUSABLE) from error
    except CourseError as error:
        raise _stop(str(error), UNGRADED) from error
    except OSError as error:  # a full disk, most likely
        raise _stop(
            f"Grading ended early: {error}. What is recorded stays; put that right, and grade again.", UNGRADED
        ) from error
    sys.exit(UNGRADED if any(record.state == FAILED for record in found) else 0)


@main.command()
@click.argument("student")
@click.argument("assignment")
@click.argument("exercise", required=False)
@click.option("--unsandboxed", is_flag=True, help="Run the submission without confining it.")
def explain(student: str, assignment: str, exercise: str | None, unsandboxed: bool) -> None:
    """Replay a verdict from its seed, for an appeal.

    Runs the submission again on the same inputs and shows, for each criterion, the cases that went wrong (with
    EXERCISE: all of its cases), what was expected, what came, what was concluded, and whether that is as recorded.
    For the teaching assistant's own terminal only: it shows hidden inputs and right answers.
    """
    from autograder.course import Course, CourseError, UnknownName
    from autograder.explain import find, lines, printable, replay
    from autograder.runner import sandbox

    try:
        course = Course.here()
        record = find(course, student, assignment, exercise)
        if not unsandboxed and (why_not := sandbox.why_not()):
            raise CourseError(f"The submission is not run again, since it cannot be confined here: {why_not}.")
        for line in lines(replay(course, record, sandboxed=not unsandboxed), exercise):
            click.echo(line)
    except (CourseError, sandbox.SandboxError) as error:
        raise _stop(printable(str(error)), UNUSABLE if isinstance(error, UnknownName) else UNGRADED) from error


@main.command()
@click.option("--anonymous", is_flag=True, help="No names, no links to anyone's work: for passing on.")
def report(anonymous: bool) -> None:
    """Write the class report: report/index.html, a page that works offline, and report/results.csv."""
    from autograder.course import Course, CourseError
    from autograder.report.write import write_report

    try:
        written, problem = write_report(Course.here(), nameless=anonymous)
    except CourseError as error:
        raise _stop(str(error), UNGRADED) from error
    for path in written:
        click.echo(f"wrote {path}")
    if problem:
        click.echo(problem, err=True)


def _stop(text: str, status: int) -> SystemExit:
    click.echo(text, err=True)
    return SystemExit(status)
