"""The exercises "Break it": what counts as an answer, what comes of it, and that no student's code is near."""

from __future__ import annotations

import inspect
from pathlib import Path

import jupytext
import numpy as np
import pytest
from bank.right.break_it import RIGHT
from convlab import check, inputs, keep, mine, published
from convlab.errors import CheckFailed

from autograder import solution
from autograder.caller import Local
from autograder.exercises import EXERCISES
from autograder.grading import grade_functions
from autograder.judge import judge
from autograder.runner.sandbox import why_not

LESSONS = Path(__file__).resolve().parent.parent / "course" / "lessons"
BREAKS = [name for name, exercise in EXERCISES.items() if exercise.breaks]
each_exercise = pytest.mark.parametrize("name", BREAKS)
each_wrong = pytest.mark.parametrize(
    ("name", "wrong"),
    [pytest.param(name, one, id=f"{name}-{one.id}") for name in BREAKS for one in EXERCISES[name].wrong],
)
each_right = pytest.mark.parametrize(("name", "function"), [(name, one) for name in BREAKS for one in RIGHT[name]])


def judged(name, function):
    """The verdict on one answer, reached in this process."""
    (verdict,) = judge([EXERCISES[name]], 1, Local(function))
    return verdict


@each_exercise
def test_points_are_as_planned(name):
    exercise = EXERCISES[name]
    assert (exercise.visible_points, exercise.hidden_points) == (0.5, 1.5)
    assert (
        exercise.lesson
        == {
            "break_conv_forward": "04-pool-forward",
            "break_pool_forward": "05-conv-backward",
            "break_conv_backward": "06-pool-backward",
            "break_pool_backward": "07-read-a-network",
        }[name]
    )


@each_right
def test_right_answers_get_full_marks(name, function):
    verdict = judged(name, function)
    assert verdict.points == verdict.max_points == 2, [one.message for one in verdict.criteria]


@each_wrong
def test_wrong_answers_lose_points_and_are_called_by_their_name(name, wrong):
    verdict = judged(name, wrong.function)
    assert verdict.points < verdict.max_points
    assert verdict.diagnosis is not None
    assert (verdict.diagnosis.id, verdict.diagnosis.hint) == (wrong.id, wrong.hint)


@each_exercise
def test_the_lesson_shows_the_versions_that_are_judged(name):
    exercise = EXERCISES[name]
    cells = jupytext.read(LESSONS / f"{exercise.lesson}.py").cells
    (shown,) = (cell.source for cell in cells if cell.metadata.get("locked") == f"{exercise.breaks.function}_versions")
    assert shown == "\n\n\n".join(inspect.getsource(one).rstrip() for one in exercise.breaks.versions.values())
    assert list(published.load(name).versions) == list(exercise.breaks.versions)


def forward(A_prev=None, W=None, b=None, stride=1, pad=0):
    """Valid inputs of conv_forward but for what is given."""
    return (
        np.ones((1, 3, 4, 2)) if A_prev is None else A_prev,
        np.ones((2, 2, 2, 3)) if W is None else W,
        np.ones((1, 1, 1, 3)) if b is None else b,
        {"stride": stride, "pad": pad},
    )


@pytest.mark.parametrize(
    ("args", "why"),
    [
        (None, "a tuple of 4, and is None"),
        (forward()[:3], "a tuple of 3"),
        (forward(np.ones((3, 4, 2))), "four axes"),
        (forward(np.ones((1, 9, 4, 2))), "1 to 8 long"),
        (forward(np.ones((1, 0, 4, 2))), "1 to 8 long"),
        (forward(np.full((1, 3, 4, 2), np.nan)), "NaN or infinity"),
        (forward(np.full((1, 3, 4, 2), -np.inf)), "NaN or infinity"),
        (forward(np.full((1, 3, 4, 2), 0.5)), "holds 0.5"),
        (forward(np.full((1, 3, 4, 2), 10)), "holds 10"),
        (forward(np.full((1, 3, 4, 2), np.iinfo(np.int64).min)), "whole numbers from -9 to 9"),
        (forward(np.full((1, 3, 4, 2), 1j)), "array of numbers"),
        (forward(np.full((1, 3, 4, 2), None)), "array of numbers"),
        (forward("image"), "array of numbers"),
        (forward([[1], [1, 2]]), "array of numbers"),
        (forward(W=np.ones((2, 3, 2, 3))), "square"),
        (forward(W=np.ones((2, 2, 1, 3))), "2 channels"),
        (forward(b=np.ones((1, 1, 1, 1))), "a bias for each filter"),
        (forward(W=np.ones((4, 4, 2, 3))), "does not fit"),
        (forward(stride=0), "stride should be 1 to 8"),
        (forward(stride=2.0), "whole number"),
        (forward(stride=True), "whole number"),
        (forward(pad=99), "pad should be 0 to 4"),
        ((*forward()[:3], {"stride": 1}), "the keys"),
        ((*forward()[:3], {"stride": 1, "pad": 0, "f": 2}), "the keys"),
        (forward(np.ones((8, 8, 8, 8)), np.ones((2, 2, 8, 3))), "2000 are the most"),
    ],
)
def test_refused_inputs_say_why(args, why):
    with pytest.raises(inputs.Refused, match=why):
        inputs.taken("conv_forward", args)


def test_a_dZ_is_taken_where_it_has_the_shape_of_Z_and_nowhere_else():
    for stride, pad in ((1, 0), (2, 0), (2, 1), (3, 2)):
        args = forward(stride=stride, pad=pad)
        Z, cache = solution.conv_forward(*args)
        assert inputs.taken("conv_backward", (np.ones(Z.shape), cache))
        for axis in range(4):
            for step in (-1, 1):
                shape = [n + step * (place == axis) for place, n in enumerate(Z.shape)]
                with pytest.raises(inputs.Refused):
                    inputs.taken("conv_backward", (np.ones(shape), cache))


def test_a_dA_is_taken_where_it_has_the_shape_of_A_and_nowhere_else():
    for f, stride in ((2, 1), (2, 2), (3, 2), (2, 3)):
        A, cache = solution.pool_forward(np.arange(2 * 5 * 6 * 2).reshape(2, 5, 6, 2) // 15, {"f": f, "stride": stride})
        assert inputs.taken("pool_backward", (np.ones(A.shape), cache, "average"))
        for axis in range(4):
            for step in (-1, 1):
                shape = [n + step * (place == axis) for place, n in enumerate(A.shape)]
                with pytest.raises(inputs.Refused):
                    inputs.taken("pool_backward", (np.ones(shape), cache, "average"))


def test_inputs_whose_answer_is_a_convention_are_refused():
    """Two maxima in a window: all, the first or each its share are right, and a difference would prove nothing."""
    A_prev = np.array([[1, 2, 0], [3, 3, 0]]).reshape(1, 2, 3, 1)
    dA = np.ones((1, 1, 1, 1))
    with pytest.raises(inputs.Refused, match="maximum twice"):
        inputs.taken("pool_backward", (dA, (A_prev, {"f": 2, "stride": 2})))
    assert inputs.taken("pool_backward", (dA, (A_prev, {"f": 2, "stride": 2}), "average"))
    # Turned around, the two lie in different windows, the second of which is left over.
    assert inputs.taken("pool_backward", (dA, (A_prev[:, :, ::-1], {"f": 2, "stride": 2})))[2] == "max"


@pytest.mark.parametrize("mode", ["MAX", None, 3])
def test_a_mode_is_max_or_average(mode):
    images, hparameters = np.arange(4).reshape(1, 2, 2, 1), {"f": 2, "stride": 1}
    with pytest.raises(inputs.Refused, match="mode should be"):
        inputs.taken("pool_forward", (images, hparameters, mode))
    with pytest.raises(inputs.Refused, match="mode should be"):
        inputs.taken("pool_backward", (np.ones((1, 1, 1, 1)), (images, hparameters), mode))


def own(monkeypatch):
    """Have the student's kept functions be right ones."""
    monkeypatch.setattr(mine, "__getattr__", lambda name: getattr(solution, name))


@each_right
def test_the_students_check_passes_right_answers(name, function, monkeypatch, capsys):
    own(monkeypatch)
    check(function, name=name)
    told = capsys.readouterr().out
    assert "all 3 versions betray themselves" in told
    assert told.count("betrays itself: ") == 3


@each_wrong
def test_the_students_check_says_what_comes_of_each_version(name, wrong, monkeypatch):
    own(monkeypatch)
    with pytest.raises(CheckFailed) as failed:
        check(wrong.function, name=name)
    lines = [line.strip() for line in str(failed.value).splitlines()[1:]]
    verdict = judged(name, wrong.function)
    assert len(lines) == len(verdict.hidden)
    for line, criterion in zip(lines, verdict.hidden, strict=True):
        assert criterion.passed == ("betrays itself: " in line)
        assert criterion.passed or line in criterion.message


def test_a_function_that_raises_is_told_of(monkeypatch):
    def break_pool_forward():
        raise NotImplementedError

    with pytest.raises(CheckFailed, match="is not started yet"):
        check(break_pool_forward)
    with pytest.raises(CheckFailed, match="does not run"):
        check(lambda: 1 / 0, name="break_pool_forward")


def test_an_own_function_that_raises_is_told_of(monkeypatch):
    def raising(*args):
        raise ValueError("mine")

    monkeypatch.setattr(mine, "__getattr__", lambda name: raising)
    with pytest.raises(CheckFailed, match="your own conv_forward raises ValueError: mine"):
        check(RIGHT["break_conv_forward"][0], name="break_conv_forward")


def test_inputs_are_not_kept(capsys):
    def break_conv_forward():
        return {}

    keep(break_conv_forward)
    assert "no later lesson needs it" in capsys.readouterr().out


STEALTHY = """
import sys, numpy, convlab.compare
numpy.sum = numpy.zeros = lambda *args, **others: 0
convlab.compare.difference = lambda *args: None

def conv_forward(*args):
    return 0, ()

conv_forward_a = conv_forward_b = conv_forward_c = conv_forward

def break_conv_forward():
    one = (np.ones((1, 2, 2, 1)), np.ones((2, 2, 1, 1)), np.ones((1, 1, 1, 1)), {"stride": 1, "pad": 0})
    return {"a": one, "b": one, "c": one}
"""


@pytest.mark.skipif(bool(why_not()), reason="no sandbox here")
def test_versions_run_with_none_of_the_students_code():
    """A student's process may be all lies: only version c differs on these inputs, and only c counts."""
    (verdict,) = grade_functions(STEALTHY, [EXERCISES["break_conv_forward"]], 1).verdicts
    assert [one.passed for one in verdict.hidden] == [False, False, True]
    assert verdict.points == 1


@pytest.mark.skipif(bool(why_not()), reason="no sandbox here")
@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("raise NotImplementedError", "not written yet"),
        ("raise KeyError('x')", "With your inputs: break_pool_forward raised KeyError"),
        ("return {'a': object(), 'b': {1: 2}, 'c': np.ones((9,) * 9, dtype=bool)}", "a value of type object"),
        ("return np.ones(3)", "should be a dict"),
    ],
)
def test_what_is_no_answer_is_explained_from_the_confined_process(body, told):
    source = f"def break_pool_forward():\n    {body}\n"
    (verdict,) = grade_functions(source, [EXERCISES["break_pool_forward"]], 1).verdicts
    assert verdict.points == 0
    assert told in verdict.hidden[0].message
