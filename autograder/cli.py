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
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--exercise", "exercises", multiple=True, metavar="NAME", help="Only this function (may be repeated).")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for each exercise.")
@click.option("--watch", is_flag=True, help="Check again whenever a file is saved, until stopped with Ctrl-C.")
@click.option("--seed", type=click.IntRange(min=0), default=None, help="Draw the same inputs again.")
def check(files: tuple[Path, ...], exercises: tuple[str, ...], as_json: bool, watch: bool, seed: int | None) -> None:
    """Grade notebooks, or .py files that define some of the functions, with no gradebook."""
    from autograder.check import Checker
    from autograder.exercises import EXERCISES
    from autograder.paper import new_seed

    for name in exercises:
        if name not in EXERCISES:
            raise _stop(f"There is no exercise {name!r}. There are: {', '.join(EXERCISES)}.", UNUSABLE)
    for path in files:
        if path.suffix not in (".ipynb", ".py"):
            raise _stop(f"{path} is neither a notebook (.ipynb) nor a file of functions (.py).", UNUSABLE)
    checker = Checker(exercises, new_seed() if seed is None else seed)
    graded = [_check_one(checker, path, as_json) for path in files]
    if watch:
        for path in _saved(files):
            click.echo(f"\n{path} was saved.", err=True)
            _check_one(checker, path, as_json)
    sys.exit(0 if all(graded) else UNGRADED)


def _check_one(checker: Checker, path: Path, as_json: bool) -> bool:
    """Check one file and print what came of it; whether it could be graded."""
    from autograder.submission import SubmissionError

    noticed = bool(checker.notice)
    try:
        graded = checker.check(path)
    except SubmissionError as error:
        if as_json:
            nothing: dict[str, object] = {
                "exercise": None,
                "points": None,
                "max_points": None,
                "criteria": [],
                "diagnosis": None,
            }
            click.echo(json.dumps({"file": str(path), **nothing, "error": str(error)}))
        click.echo(f"{path} could not be graded: {error}.", err=True)
        return False
    finally:
        if checker.notice and not noticed:
            click.echo(checker.notice, err=True)
    if as_json:
        for verdict in graded.verdicts:
            click.echo(json.dumps({"file": str(path), **verdict.as_json()}))
    else:
        from rich.console import Console

        from autograder.tables import verdict_table

        console = Console()
        for verdict in graded.verdicts:
            console.print(verdict_table(verdict))
        console.print(f"{path}: {graded.points:g} of {graded.max_points:g} points", highlight=False, markup=False)
    for incident in graded.incidents:
        click.echo(f"{path}: {incident}", err=True)
    return True


def _saved(files: tuple[Path, ...]) -> Iterator[Path]:
    """The files, each time one is saved."""
    seen = {path: _changed(path) for path in files}
    while True:
        time.sleep(0.1)
        for path in files:
            if (now := _changed(path)) not in (seen[path], None):
                seen[path] = now
                yield path


def _changed(path: Path) -> int | None:
    """When a file was changed; None in the moment in which an editor replaces it."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None


@main.command()
@click.argument("assignments", nargs=-1, metavar="[ASSIGNMENT]...")
@click.option("--student", "students", multiple=True, metavar="ID", help="Only this student (may be repeated).")
@click.option("--jobs", type=click.IntRange(min=1), default=None, help="Submissions at a time (default: one a core).")
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

    if not unsandboxed and (why_not := sandbox.why_not()):
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
            console=Console(),
        )
    except UnknownName as error:
        raise _stop(str(error), UNUSABLE) from error
    except CourseError as error:
        raise _stop(str(error), UNGRADED) from error
    sys.exit(UNGRADED if any(record.state == FAILED for record in found) else 0)


def _stop(text: str, status: int) -> SystemExit:
    click.echo(text, err=True)
    return SystemExit(status)
