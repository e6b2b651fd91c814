"""Questions with numbers for answers: what is right, what is explained, and that students have no answers."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from convlab import check, keep, published
from convlab.errors import CheckFailed
from convlab.networks import NETWORKS, average_pool, conv, dense, flatten, max_pool
from convlab.questions import digest

from autograder import solution
from autograder.caller import Local
from autograder.exercises import EXERCISES, LAYERS
from autograder.grading import grade_functions
from autograder.judge import judge
from autograder.runner.sandbox import why_not

NAME = "read_network"
EXERCISE = EXERCISES[NAME]
RIGHT = {one.key: one.answer for one in EXERCISE.questions}
VOLUMES = [conv(32, 7), max_pool(3), conv(64, 5, 2, "same"), average_pool(3, 2)]
each_wrong = pytest.mark.parametrize("wrong", EXERCISE.wrong, ids=[one.id for one in EXERCISE.wrong])


def judged(answer):
    """The verdict on one dict of answers, reached in this process."""
    (verdict,) = judge([EXERCISE], 1, Local(lambda: answer))
    return verdict


def checked(answer):
    """What the student's check says of a dict of answers that it does not pass."""
    with pytest.raises(CheckFailed) as failed:
        check(lambda: answer, name=NAME)
    return str(failed.value)


def test_points_are_as_planned():
    assert (EXERCISE.lesson, EXERCISE.visible_points, EXERCISE.hidden_points) == ("07-read-a-network", 0.25, 3.25)
    lesson = [one for one in EXERCISES.values() if one.lesson == EXERCISE.lesson]
    assert sum(one.max_points for one in lesson) == 10
    assert NAME not in LAYERS


def test_right_answers_follow_from_the_table():
    """Each answer once more, from the trusted `layer_table`, or counted in an array."""
    table, _ = solution.layer_table((64, 48, 3), [*VOLUMES, flatten(), dense(40), dense(10)])
    shapes = [shape for shape, _ in table]
    larger, _ = solution.layer_table((128, 96, 3), [*VOLUMES, flatten(), dense(40), dense(10)])
    shape, layers = NETWORKS["E"]
    pooled = [one for layer in layers for one in ([layer, max_pool(2)] if layer["type"] == "conv" else [layer])]
    totals = [solution.layer_table(shape, one)[1] for one in (layers, pooled)]
    assert {
        "channels": shapes[0][2],
        "feature maps": shapes[2][2],
        "one filter": np.ones((5, 5, shapes[1][2])).size,
        "first weights": table[0][1] - 32,
        "volume": np.prod(shapes[2]),
        "relu": np.prod(shapes[0]),
        "copies": 1,
        "flat": shapes[4][0],
        "larger image": larger[2][1],
        "pool height": shapes[1][0],
        "pool again": shapes[3][0],
        "pooling sees": 9,
        "pooling saves": pytest.approx(totals[0] / totals[1]),
    } == RIGHT


@pytest.mark.parametrize(
    "answers",
    [
        RIGHT,
        {key: np.float32(value) for key, value in RIGHT.items()},
        {key: np.array([value]) for key, value in RIGHT.items()},
        {**RIGHT, "pooling saves": 66, "more": "than asked"},
        {**RIGHT, "pooling saves": 66.3},
        dict(reversed(RIGHT.items())),
    ],
)
def test_right_answers_get_full_marks(answers, capsys):
    verdict = judged(answers)
    assert verdict.points == verdict.max_points == 3.5, [one.message for one in verdict.criteria]
    check(lambda: answers, name=NAME)
    assert "all 13 questions are answered" in capsys.readouterr().out


@each_wrong
def test_a_misreading_costs_its_question_and_the_check_and_is_explained_by_both(wrong):
    answers = wrong.function()
    (key,) = (key for key, value in answers.items() if value != RIGHT[key])
    verdict = judged(answers)
    assert [one.name for one in verdict.criteria if not one.passed] == ["visible check", key]
    assert verdict.points == 3
    assert (verdict.diagnosis.id, verdict.diagnosis.hint) == (wrong.id, wrong.hint)
    assert all(wrong.hint in one.message for one in verdict.criteria if not one.passed)
    told = checked(answers)
    assert "1 of 13 answers need" in told
    assert wrong.hint in told


def test_2048_is_explained():
    told = checked({**RIGHT, "feature maps": 2048})
    assert '"feature maps" is not 2048. That is every filter applied to every one of the 32 maps.' in told


def test_misreadings_are_no_answers_and_differ():
    for one in EXERCISE.questions:
        assert len(one.misreadings) >= 3
        assert all(abs(value - one.answer) > 2 * one.tolerance for value in one.misreadings)
        assert len({digest(one.key, value) for value in one.misreadings}) == len(one.misreadings)
    ids = [one.id for one in EXERCISE.wrong]
    assert len(set(ids)) == len(ids) >= 40
    assert all(re.fullmatch(r"[a-z0-9_]+(-[a-z0-9_]+)*", one) for one in ids)


def test_no_explanation_gives_the_answer_away():
    for one in EXERCISE.questions:
        number = f"{one.answer:.0f}"
        said = [one.advice, *one.misreadings.values()]
        assert not [text for text in said if re.search(rf"(?<![\d×]){number}(?![\d×])", text) and len(number) > 1]


def test_students_have_no_answers():
    """Of a right number there is neither the number nor a digest."""
    text = (published.FOLDER / f"{NAME}.json").read_text(encoding="utf-8")
    data = json.loads(text)
    assert [one["key"] for one in data["questions"]] == list(RIGHT)
    for one in data["questions"]:
        assert digest(one["key"], RIGHT[one["key"]]) not in text
        assert all(re.fullmatch(r"[0-9a-f]{12}", print) for print in one["misreadings"])
    assert data["examples"] == []


def test_other_wrong_numbers_cost_the_question_alone():
    verdict = judged({**RIGHT, "relu": 5, "pooling saves": 67})
    assert [one.name for one in verdict.criteria if not one.passed] == ["relu", "pooling saves"]
    assert verdict.diagnosis is None
    assert '"relu" is not 5.' in verdict.criteria[6].message
    check(lambda: {**RIGHT, "relu": 5}, name=NAME)


def test_two_misreadings_are_both_named():
    verdict = judged({**RIGHT, "relu": 7308, "copies": 32})
    assert set(verdict.diagnosis.id.split("+")) == {"relu-7308", "copies-32"}


@pytest.mark.parametrize(
    ("answers", "points", "told"),
    [
        (None, 0, "should be a dict"),
        ({}, 0, "is not answered yet"),
        (list(RIGHT.values()), 0, "should be a dict"),
        (tuple(RIGHT.values()), 0, "should be a dict"),
        ({**RIGHT, "flat": "768"}, 3, "should be a number"),
        ({**RIGHT, "flat": None}, 3, "is not answered yet"),
        ({**RIGHT, "flat": np.ones(2)}, 3, "should be a number, and is an array of shape (2,)"),
        ({**RIGHT, "flat": np.nan}, 3.25, ""),
        ({**RIGHT, "flat": {1: 2}}, 3, "should be a number"),
        ({"channels": 32}, 0.25, "is not answered yet"),
    ],
)
def test_what_is_no_answer_is_told(answers, points, told):
    verdict = judged(answers)
    assert verdict.points == points
    if told:
        assert told in checked(answers)
        assert any(told in one.message for one in verdict.criteria)


def test_a_function_that_stops_is_told_of():
    def read_network():
        raise NotImplementedError

    with pytest.raises(CheckFailed, match="is not started yet"):
        check(read_network)
    with pytest.raises(CheckFailed, match="does not run"):
        check(lambda: 1 / 0, name=NAME)


def test_answers_are_not_kept(capsys):
    def read_network():
        return RIGHT

    keep(read_network)
    assert "no later lesson needs it" in capsys.readouterr().out


@pytest.mark.skipif(bool(why_not()), reason="no sandbox here")
def test_answers_worked_out_with_a_wrong_table_are_judged_with_a_right_one():
    source = """
def layer_table(input_shape, layers):
    return [((1, 1, 1), 1)] * len(layers), 1

def read_network():
    conv = {"type": "conv", "filters": 64, "f": 5, "stride": 2, "padding": "same", "bias": True}
    table, total = layer_table((38, 28, 32), [conv])
    return {"larger image": total, "feature maps": table[0][0][2]}
"""
    exercises = [EXERCISES["layer_table"], EXERCISE]
    table, answers = grade_functions(source, exercises, 1).verdicts
    assert table.points == 0
    assert {one.name for one in answers.criteria if one.passed} == {"larger image", "feature maps"}
