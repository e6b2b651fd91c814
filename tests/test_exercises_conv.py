"""The exercises on convolution: their cases tell right from wrong, their criteria share out the points."""

from __future__ import annotations

import itertools
import re
from functools import cache
from importlib import import_module

import numpy as np
import pytest
from bank.evaluate import alike, call, criteria, failed, points, same

from autograder.exercise import VISIBLE
from autograder.exercises import EXERCISES

SEEDS = range(10)

#: Lesson, points of the visible check and of the hidden tests, least numbers of wrong and of right versions.
PLAN = {
    "zero_pad": ("01-images-and-padding", 3, 7, 8, 6),
    "conv_single_step": ("02-one-step", 3, 7, 8, 6),
    "conv_output_size": ("03-conv-forward", 1, 2, 5, 3),
    "conv_forward": ("03-conv-forward", 2, 5, 12, 6),
    "conv_backward": ("05-conv-backward", 3, 7, 12, 6),
}
RIGHT = {name: import_module(f"bank.right.{name}").RIGHT for name in PLAN}

each_exercise = pytest.mark.parametrize("name", PLAN)
each_right = pytest.mark.parametrize(
    ("name", "function"),
    [pytest.param(name, f, id=f"{name}-{version}") for name in PLAN for version, f in RIGHT[name].items()],
)
each_wrong = pytest.mark.parametrize(
    ("name", "wrong"),
    [pytest.param(name, wrong, id=f"{name}-{wrong.id}") for name in PLAN for wrong in EXERCISES[name].wrong],
)


@cache
def drawn(name, seed):
    """The groups of cases of one run."""
    return EXERCISES[name].draw(np.random.default_rng(seed))


@each_right
def test_right_versions_get_full_marks(name, function):
    for seed in SEEDS:
        assert failed(EXERCISES[name], function, drawn(name, seed)) == set()


@each_wrong
def test_wrong_versions_lose_hidden_points(name, wrong):
    for seed in SEEDS:
        assert failed(EXERCISES[name], wrong.function, drawn(name, seed)) - {VISIBLE}, f"seed {seed}"


@each_wrong
def test_wrong_versions_lose_the_same_points_whatever_the_seed(name, wrong):
    lost = [failed(EXERCISES[name], wrong.function, drawn(name, seed)) for seed in SEEDS]
    assert all(one == lost[0] for one in lost)


@each_exercise
def test_wrong_versions_can_be_told_apart(name):
    cases = [case for group in drawn(name, 0).values() for case in group]
    replies = {wrong.id: [call(wrong.function, case) for case in cases] for wrong in EXERCISES[name].wrong}
    twins = [pair for pair in itertools.combinations(replies, 2) if all(map(alike, replies[pair[0]], replies[pair[1]]))]
    assert not twins


@each_exercise
def test_the_bank_is_as_large_as_planned(name):
    least_wrong, least_right = PLAN[name][3:]
    ids = [wrong.id for wrong in EXERCISES[name].wrong]
    assert len(set(ids)) == len(ids) >= least_wrong
    assert len(RIGHT[name]) >= least_right
    assert all(re.fullmatch(r"[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*", one) for one in ids)
    assert all(wrong.hint.endswith(".") or wrong.hint.endswith("?") for wrong in EXERCISES[name].wrong)


@each_exercise
def test_points_are_as_planned(name):
    exercise, (lesson, visible, hidden, *_) = EXERCISES[name], PLAN[name]
    assert (exercise.lesson, exercise.visible_points, exercise.hidden_points) == (lesson, visible, hidden)
    assert all(criterion.points * 4 == int(criterion.points * 4) > 0 for criterion in exercise.criteria)


@each_exercise
def test_every_group_of_cases_has_a_criterion_and_every_criterion_a_group(name):
    exercise = EXERCISES[name]
    names = [criterion.name for criterion in criteria(exercise)]
    assert len(set(names)) == len(names)
    assert {criterion.cases for criterion in criteria(exercise)} == set(drawn(name, 0))
    assert all(drawn(name, 0).values())


@each_exercise
def test_one_seed_gives_one_set_of_cases_and_another_seed_another(name):
    def arguments(groups):
        return [case.args for group in groups.values() for case in group]

    again = EXERCISES[name].draw(np.random.default_rng(0))
    assert same(arguments(again), arguments(drawn(name, 0)))
    assert not same(arguments(again), arguments(drawn(name, 1)))


@each_exercise
def test_published_cases_are_the_same_each_time_and_show_most_mistakes(name):
    """What a student's visible check says should be wrong nearly always where the grader finds something."""
    exercise = EXERCISES[name]
    groups = {VISIBLE: exercise.published()}
    assert same([case.args for case in groups[VISIBLE]], [case.args for case in exercise.published()])
    criterion = exercise.visible()
    unseen = [
        wrong.id
        for wrong in exercise.wrong
        if all(
            not (reply := call(wrong.function, case)).failure
            and criterion.aspect(case, exercise.expected(case), reply) is None
            for case in groups[VISIBLE]
        )
    ]
    assert len(unseen) <= 2, unseen


@pytest.mark.parametrize(
    ("name", "wrong", "lost"),
    [
        ("zero_pad", "slice-empty-at-pad-0", {"no padding"}),
        ("zero_pad", "first-image-only", {VISIBLE, "batch"}),
        (
            "zero_pad",
            "edge-values",
            {VISIBLE, "zeros around", "batch", "channels", "number types", "argument left alone"},
        ),
        ("conv_single_step", "bias-per-element", {VISIBLE, "bias"}),
        ("conv_single_step", "first-channel-only", {VISIBLE, "channels"}),
        ("conv_single_step", "relu-applied", {VISIBLE, "products and sum"}),
        ("conv_single_step", "window-overwritten", {"arguments left alone"}),
        ("conv_output_size", "rounds-up", {VISIBLE, "rounding down", "together"}),
        ("conv_output_size", "padding-on-one-side", {VISIBLE, "padding", "together"}),
        ("conv_forward", "bias-forgotten", {VISIBLE, "bias", "together"}),
        ("conv_forward", "bias-per-element", {VISIBLE, "bias", "together"}),
        ("conv_forward", "window-without-stride", {VISIBLE, "stride", "together"}),
        ("conv_forward", "first-image-for-all", {VISIBLE, "batch", "together"}),
        ("conv_forward", "first-channel-only", {VISIBLE, "channels", "together"}),
        ("conv_forward", "integer-result", {"number types"}),
        ("conv_forward", "cache-padded", {VISIBLE, "cache"}),
        ("conv_forward", "hparameters-emptied", {VISIBLE, "cache", "arguments left alone"}),
        ("conv_backward", "db-averaged", {VISIBLE, "db", "together"}),
        ("conv_backward", "window-without-stride", {VISIBLE, "dA_prev: stride", "dW: stride", "together"}),
        ("conv_backward", "image-gradient-not-reset", {VISIBLE, "dA_prev: batch", "together"}),
        ("conv_backward", "integer-gradients", {"number types"}),
    ],
)
def test_a_mistake_costs_the_criteria_it_touches(name, wrong, lost):
    function = next(one.function for one in EXERCISES[name].wrong if one.id == wrong)
    for seed in SEEDS:
        assert failed(EXERCISES[name], function, drawn(name, seed)) == lost


@pytest.mark.parametrize(
    ("name", "idle"),
    [
        ("zero_pad", lambda X, pad: None),
        ("conv_single_step", lambda a_slice_prev, W, b: None),
        ("conv_output_size", lambda n_prev, f, stride, pad: None),
        ("conv_forward", lambda A_prev, W, b, hparameters: None),
        ("conv_backward", lambda dZ, cache: None),
        ("conv_forward", lambda A_prev, W, b, hparameters: (None, None)),
        ("conv_backward", lambda dZ, cache: (None, None, None)),
        ("conv_forward", lambda A_prev, W, b, hparameters: np.full((1, 1), np.nan)),
    ],
)
def test_an_idle_function_earns_nothing(name, idle):
    assert points(EXERCISES[name], idle, drawn(name, 0)) == 0


@each_exercise
def test_cases_are_small(name):
    for group in drawn(name, 0).values():
        for case in group:
            arrays = [arg for arg in case.args if isinstance(arg, np.ndarray)]
            assert all(array.size <= 1500 for array in arrays)


def published(name):
    """The answer to the published example, the last of the fixed cases."""
    return EXERCISES[name].expected(EXERCISES[name].published()[-1])


def test_published_value_of_conv_single_step():
    assert published("conv_single_step") == pytest.approx(-6.999089450680221)


def test_published_values_of_zero_pad():
    case = EXERCISES["zero_pad"].published()[-1]
    padded = published("zero_pad")
    assert padded.shape == (4, 9, 9, 2)
    assert not padded[1, 1].any()
    np.testing.assert_array_equal(padded[:, 3:6, 3:6], case.args[0])


def test_published_values_of_conv_forward():
    Z, cache = published("conv_forward")
    assert Z.mean() == pytest.approx(0.5511276474566768)
    expected = [
        -2.17796037,
        8.07171329,
        -0.5772704,
        3.36286738,
        4.48113645,
        -2.89198428,
        10.99288867,
        3.03171932,
    ]
    np.testing.assert_allclose(Z[0, 2, 1], expected)
    np.testing.assert_allclose(cache[0][1][2][3], [-1.1191154, 1.9560789, -0.3264995, -1.34267579])


def test_worked_example_of_conv_forward():
    exercise = EXERCISES["conv_forward"]
    Z, _ = exercise.expected(exercise.published()[0])
    np.testing.assert_array_equal(Z[0, :, :, 0], [[91, 100, 88], [69, 91, 117], [44, 72, 74]])


def test_worked_example_of_conv_backward():
    exercise = EXERCISES["conv_backward"]
    dA_prev, dW, db = exercise.expected(exercise.published()[0])
    np.testing.assert_array_equal(dA_prev[0, :, :, 0], [[2, -1, 0], [-4, 8, -3]])
    np.testing.assert_array_equal(dW[:, :, 0, 0], [[0, 1], [3, 4]])
    assert db.item() == 1


def test_published_values_of_conv_backward():
    means = [gradient.mean() for gradient in published("conv_backward")]
    np.testing.assert_allclose(means, [1.4524377775388075, 1.7269914583139097, 7.839232564616838])
