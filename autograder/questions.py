"""The exercises in which a student answers questions with numbers.

What is right, within a tolerance, and which wrong numbers are misreadings, is data of the grader's; students have the
digests of the misreadings (see `convlab.questions`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from convlab.compare import Difference, number
from convlab.questions import Question, digest, value_of

from autograder.exercise import VISIBLE, Asked, Aspect, Case, Criterion, Exercise, Reply, Wrong


def questions(
    name: str,
    lesson: str,
    asked: tuple[Asked, ...],
    visible_points: float,
    points: float,
    helpers: tuple[str, ...] = (),
) -> Exercise:
    """The exercise ``name``, whose answer is a dict of numbers, with ``points`` for each question."""
    only = [Case((), "your answers")]
    right = {one.key: one.answer for one in asked}
    return Exercise(
        name=name,
        lesson=lesson,
        visible_points=visible_points,
        criteria=tuple(
            Criterion(one.key, points, "answers", _is_right(place, one), one.asks, one.advice)
            for place, one in enumerate(asked)
        ),
        draw=lambda rng: {VISIBLE: only, "answers": only},
        published=list,
        wrong=tuple(
            Wrong(f"{_slug(one.key)}-{_slug(number(value))}", partial(_answers, right, **{one.key: value}), said)
            for one in asked
            for value, said in one.misreadings.items()
        ),
        returns=tuple(right),
        helpers=helpers,
        truth=lambda: tuple(right.values()),
        shown=Criterion(
            VISIBLE,
            visible_points,
            VISIBLE,
            partial(_no_misreading, published(asked)),
            "A number for every question, none of them a well-known misreading",
            f"Run `check({name})` in the notebook: it explains the numbers that many give.",
        ),
        questions=asked,
    )


def published(asked: tuple[Asked, ...]) -> tuple[Question, ...]:
    """The questions as students have them."""
    return tuple(
        Question(one.key, {digest(one.key, value): said for value, said in one.misreadings.items()}) for one in asked
    )


def numbered(exercise: Exercise, reply: Reply) -> Reply:
    """``reply`` with, in place of a dict, the answers in the order of the questions, right ones as they should be."""
    if not isinstance(reply.answer, dict):  # a tuple would look like what is made of a dict
        return replace(reply, answer=list(reply.answer)) if isinstance(reply.answer, tuple) else reply
    given = (_settled(one, reply.answer.get(one.key)) for one in exercise.questions)
    return replace(reply, answer=tuple(given))


def _settled(asked: Asked, answer: Any) -> Any:
    value = value_of(answer)
    if value is None:
        return answer
    return asked.answer if abs(value - asked.answer) <= asked.tolerance else value


def _answers(right: Mapping[str, float], **others: float) -> dict[str, float]:
    """Right answers, but for some."""
    return {**right, **others}


def _slug(text: str) -> str:
    return text.replace(" ", "-").replace(".", "_")


def _dict_of(questions: tuple[Question, ...], answer: Any) -> Any:
    """The numbers that `numbered` has put into a tuple, by their keys again."""
    keys = [one.key for one in questions]
    return dict(zip(keys, answer, strict=True)) if isinstance(answer, tuple) and len(answer) == len(keys) else answer


def _no_misreading(questions: tuple[Question, ...], case: Case, expected: Any, reply: Reply) -> Difference | None:
    answers = _dict_of(questions, reply.answer)
    found = next((said for one in questions if (said := one.finding(answers))), "")
    return Difference("values", found) if found else None


def _is_right(place: int, asked: Asked) -> Aspect:
    (question,) = published((asked,))

    def look(case: Case, expected: Any, reply: Reply) -> Difference | None:
        if not isinstance(reply.answer, tuple) or len(reply.answer) != len(expected):
            return Difference("type", question.finding(reply.answer))
        answer = reply.answer[place]
        if value_of(answer) == asked.answer:
            return None
        said = question.finding({asked.key: answer})
        return Difference("values", said or f'"{asked.key}" is not {number(answer)}.')

    return look
