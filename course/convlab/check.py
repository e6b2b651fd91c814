"""The visible check: run a function on the published examples of its lesson and explain what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from convlab import published
from convlab.break_it import check_break
from convlab.check_questions import check_questions
from convlab.compare import kind_of
from convlab.errors import CheckFailed, wrapped
from convlab.examine import HEADLINES, Picture, examine, interrupted
from convlab.frameworks import how_to_install, missing
from convlab.run import graded_run, notebook


def check(function: Callable[..., Any], name: str | None = None) -> None:
    """Run the published examples of an exercise on ``function`` and say what comes of it.

    The function's own name says which exercise it is; a function with another name needs ``name``, as in
    ``check(f, name="zero_pad")``.

    Raises CheckFailed with an explanation when an example does not pass, or when there is no such exercise.
    """
    exercise = exercise_of(function, name)
    try:
        _check(function, exercise)
    except KeyboardInterrupt as interrupt:
        raise interrupted(interrupt, exercise.exercise) from None


def _check(function: Callable[..., Any], exercise: published.Published) -> None:
    if exercise.breaks:
        check_break(function, exercise)
        return
    if exercise.questions:
        check_questions(function, exercise)
        return
    if absent := missing(exercise.frameworks):
        print(f"{exercise.exercise} cannot be checked yet. {how_to_install(absent[0])}")
        return
    examination = examine(function, exercise)
    if examination.problem:
        _draw_below(examination.problem.picture)
        raise CheckFailed(examination.text)
    count = len(exercise.examples)
    print(f"{exercise.exercise}: {'the example passes' if count == 1 else f'all {count} examples pass'}.")
    for example in exercise.examples:
        print(f"    passed: {example.note}")
    if examination.remark:
        print(wrapped(examination.remark))
    for warning in examination.warnings[:3]:
        print(f"Python warned while it ran, which costs no points: {warning}")
    print("Grading uses further cases, so try your function on sizes of your own too.")
    print(f"keep({exercise.exercise}) saves it for the next lessons.")


def exercise_of(function: Any, name: str | None = None) -> published.Published:
    """The published exercise that ``function`` is an answer to, by its own name or by ``name``.

    Raises CheckFailed when it is no function or when there is no such exercise.
    """
    if function is None and name is not None:
        raise CheckFailed(f"{name} {HEADLINES['not started']}: there is no function of that name.")
    if not callable(function):
        raise CheckFailed(
            f"A function is wanted here, and this is {kind_of(function)}.\n"
            "Give the function itself, without calling it and without quotes, as in check(zero_pad)."
        )
    called = name or getattr(function, "__name__", type(function).__name__)
    lessons = published.lessons()
    if called in lessons:
        return published.load(called)
    known = "\n".join(f"    {exercise} (lesson {lesson})" for exercise, lesson in lessons.items())
    raise CheckFailed(
        f"There is no exercise called {called}.\nThese are the exercises:\n{known}\n"
        'A function with another name can be checked as one of them: check(f, name="zero_pad").'
    )


def _draw_below(picture: Picture | None) -> None:
    """Have the notebook draw ``picture`` under the text, which comes first: it is all that some can read."""
    shell = notebook()
    if picture is None or shell is None or graded_run():
        return

    def draw(_: Any) -> None:
        shell.events.unregister("post_run_cell", draw)
        try:
            from convlab.figures import grid

            grid.show(*grid.comparison(*picture))
        except Exception:  # the picture is an addition: without it the text has said everything
            pass

    shell.events.register("post_run_cell", draw)
