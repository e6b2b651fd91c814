"""What is done and what is not: in the lesson of this notebook, and over the course."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from convlab import break_it, check_questions, here, kept, published, released
from convlab.examine import HEADLINES, quietly
from convlab.frameworks import FRAMEWORKS, missing
from convlab.origin import MY_LAYERS
from convlab.run import graded_run

PASSES = "passes its check"
NOT_RUN = "its cell has not been run"


@dataclass(frozen=True)
class Standing:
    """How one function stands: its state in words, whether its visible points are earned, and its points."""

    name: str
    state: str
    earned: bool
    visible_points: float
    hidden_points: float

    @property
    def passes(self) -> bool:
        """Whether it passes its visible check."""
        return self.state == PASSES


def progress(lesson: str | None = None) -> None:
    """Say what is done in a lesson and what is not, and which functions of the course are kept.

    Runs the visible checks on the functions that this notebook has now. ``lesson`` ("03-conv-forward") is needed
    only where neither the folder nor the notebook's name tells it. In a graded run nothing happens.
    """
    if graded_run():
        return
    shell = here.shell()
    namespace = sys._getframe(1).f_globals if shell is None else shell.user_ns
    lessons = released.lessons()
    one = here.lesson() if lesson is None else lessons.get(lesson)
    if one is None:
        asked = "Which lesson is this?" if lesson is None else f"There is no lesson {lesson!r}."
        print(f"{asked} Name one of {', '.join(lessons)}, as in progress({next(iter(lessons), '03-conv-forward')!r}).")
        return
    found = standings(one.lesson, namespace)
    kept_functions, problem = _kept()
    print("\n".join([*_told(one.lesson, found, kept_functions), "", *_course(kept_functions), *problem]))


def standings(lesson: str, namespace: dict[str, Any]) -> list[Standing]:
    """How each function of ``lesson`` stands that ``namespace`` has or should have."""
    names = [name for name, its_lesson in published.lessons().items() if its_lesson == lesson]
    return [_standing(published.load(name), namespace.get(name)) for name in names]


def _standing(exercise: published.Published, function: Any) -> Standing:
    if function is None:
        state, earned = NOT_RUN, False
    elif not callable(function):
        state, earned = "is not a function any more", False
    elif exercise.breaks:
        wrong, earned = break_it.state(function, exercise)
        state = wrong or PASSES
    elif exercise.questions:
        wrong = check_questions.state(function, exercise)
        state, earned = wrong or PASSES, not wrong
    elif absent := missing(exercise.frameworks):
        state, earned = f"needs {FRAMEWORKS[absent[0]]}, which is not installed here", False
    else:
        problem = quietly(function, exercise)
        state, earned = HEADLINES[problem.kind] if problem else PASSES, problem is None
    return Standing(exercise.exercise, state, earned, exercise.visible_points, exercise.hidden_points)


def _told(lesson: str, found: list[Standing], kept_functions: kept.Kept) -> list[str]:
    """The lesson's part: a line for each function, what it comes to, and what to do next."""
    passed = sum(one.passes for one in found)
    lines = [f"Lesson {lesson}: {passed} of {len(found)} {_word('function', len(found))} done.", ""]
    rows = [
        (
            one.name,
            one.state,
            f"check: {one.visible_points if one.earned else 0:g} of {points(one.visible_points)}",
            f"hidden tests: {points(one.hidden_points)} more",
        )
        for one in found
    ]
    widths = [max(len(row[i]) for row in rows) for i in range(3)] if rows else []
    for *cells, last in rows:
        lines.append("    " + "".join(f"{cell:<{width}}   " for cell, width in zip(cells, widths, strict=True)) + last)
    so_far, visible = (sum(one.visible_points for one in ones) for ones in ([o for o in found if o.earned], found))
    hidden = sum(one.hidden_points for one in found)
    lines += [
        "",
        f"Visible checks: {so_far:g} of {points(visible)}. Hidden tests, for up to {points(hidden)} more, run when the "
        "notebook is graded.",
    ]
    if again := [one.name for one in found if one.state == NOT_RUN]:
        lines.append(f"To do: run the {_word('cell', len(again))} of {_and(again)}, or restart and run all.")
    if todo := [one.name for one in found if not one.passes and one.state != NOT_RUN]:
        lines.append(f"To do: {_and(todo)}. Its check explains." if len(todo) == 1 else f"To do: {_and(todo)}.")
    layers = published.layers()
    if loose := [one.name for one in found if one.passes and one.name in layers.keys() - kept_functions.functions]:
        lines.append(f"Not kept for later lessons yet: {_and([f'keep({name})' for name in loose])}.")
    return lines


def _kept() -> tuple[kept.Kept, list[str]]:
    """What my_layers.py holds, and a line on what is wrong with it, if anything."""
    path = kept.path()
    try:
        found = kept.load(path.read_text(encoding="utf-8")) if path.exists() else kept.Kept()
    except UnicodeDecodeError:
        return kept.Kept(), [f"{path} is not a text file in UTF-8."]
    except ValueError as damaged:
        return kept.Kept(), [str(damaged)]
    except OSError as why:
        return kept.Kept(), [f"{path} cannot be read ({why.strerror})."]
    return found, list(found.broken.values())


def _course(kept_functions: kept.Kept) -> list[str]:
    """The course's part: which functions are kept, by lesson."""
    lessons = published.layers()
    kept_names = [name for name in lessons if name in kept_functions.functions]
    lines = [f"The course: {len(kept_names)} of {len(lessons)} functions are kept in {MY_LAYERS}."]
    for lesson in dict.fromkeys(lessons.values()):
        names = [name for name, its_lesson in lessons.items() if its_lesson == lesson]
        parts = [f"{name} is {'kept' if name in kept_names else 'not kept'}" for name in names]
        lines.append(f"    {lesson}: {', '.join(parts)}")
    return lines


def points(number: float) -> str:
    """``number`` of points in words: "1 point", "2.5 points"."""
    return f"{number:g} {_word('point', number)}"


def _word(word: str, count: float) -> str:
    return word if count == 1 else word + "s"


def _and(words: list[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
