"""The visible check of questions: is each answered, and is no number a well-known misreading?"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from typing import Any

from convlab.errors import CheckFailed
from convlab.examine import HEADLINES, answer_of
from convlab.published import Published


def check_questions(function: Callable[..., Any], exercise: Published) -> None:
    """Say whether every question is answered, and explain the misreadings among the answers.

    Raises CheckFailed where a question is not answered, or by a misreading.
    """
    name, questions = exercise.exercise, exercise.questions
    answers = answer_of(function, name)
    found = [said for one in questions if (said := one.finding(answers))]
    if found and not isinstance(answers, dict):
        raise CheckFailed(f"{name} {HEADLINES['type']}.\nTo begin with, {found[0]}")
    if found:
        told = "\n".join(f"    {one}" for one in found)
        raise CheckFailed(f"{name}: {len(found)} of {len(questions)} answers need another look.\n{told}")
    print(f"{name}: all {len(questions)} questions are answered, and no number is a well-known misreading.")
    print("Whether each is right is told when your notebook is graded.")


def state(function: Callable[..., Any], exercise: Published) -> str:
    """What the check says is wrong with ``function`` in a few words, empty when nothing is; its prints are not seen."""
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            check_questions(function, exercise)
    except CheckFailed as why:
        return why.headline(exercise.exercise)
    return ""
