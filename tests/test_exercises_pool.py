"""The exercises on pooling: their cases tell right from wrong, their criteria share out the points."""

from __future__ import annotations

import itertools
import re
from functools import cache
from importlib import import_module

import numpy as np
import pytest
from bank.evaluate import alike, call, criteria, failed, points, same

from autograder import solution
from autograder.exercise import VISIBLE
from autograder.exercises import EXERCISES

SEEDS = range(10)

#: Lesson, points of the visible check and of the hidden tests, least numbers of wrong and of right versions.
PLAN = {
    "pool_output_size": ("04-pool-forward", 1, 1, 5, 3),
    "pool_forward": ("04-pool-forward", 2, 6, 12, 6),
    "create_mask_from_window": ("06-pool-backward", 1, 1, 5, 3),
    "distribute_value": ("06-pool-backward", 1, 1, 5, 3),
    "pool_backward": ("06-pool-backward", 2, 4, 12, 6),
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


def published(name):
    """The groups of cases of the students' visible check."""
    return {criterion.cases: EXERCISES[name].published() for criterion in criteria(EXERCISES[name])}


@each_right
def test_right_versions_get_full_marks(name, function):
    for seed in SEEDS:
        assert failed(EXERCISES[name], function, drawn(name, seed)) == set()
    assert VISIBLE not in failed(EXERCISES[name], function, published(name))


@each_wrong
def test_wrong_versions_lose_hidden_points_the_same_ones_whatever_the_seed(name, wrong):
    lost = [failed(EXERCISES[name], wrong.function, drawn(name, seed)) for seed in SEEDS]
    assert lost[0] - {VISIBLE}
    assert all(one == lost[0] for one in lost)


@each_wrong
def test_the_students_check_finds_a_mistake_where_the_graded_one_does(name, wrong):
    graded = failed(EXERCISES[name], wrong.function, drawn(name, 0))
    students = failed(EXERCISES[name], wrong.function, published(name))
    assert (VISIBLE in graded) == (VISIBLE in students)


@each_exercise
def test_wrong_versions_can_be_told_apart(name):
    cases = [case for group in drawn(name, 0).values() for case in group]
    replies = {wrong.id: [call(wrong.function, case) for case in cases] for wrong in EXERCISES[name].wrong}
    pairs = itertools.combinations(replies, 2)
    assert not [pair for pair in pairs if all(map(alike, *(replies[one] for one in pair)))]


@each_exercise
def test_the_exercise_is_as_planned(name):
    exercise, (lesson, visible, hidden, least_wrong, least_right) = EXERCISES[name], PLAN[name]
    assert (exercise.lesson, exercise.visible_points, exercise.hidden_points) == (lesson, visible, hidden)
    assert all(criterion.points % 0.25 == 0 < criterion.points for criterion in exercise.criteria)
    assert len({criterion.name for criterion in criteria(exercise)}) == len(criteria(exercise))
    assert {criterion.cases for criterion in criteria(exercise)} == set(drawn(name, 0))
    assert all(drawn(name, 0).values())
    ids = [wrong.id for wrong in exercise.wrong]
    assert len(set(ids)) == len(ids) >= least_wrong
    assert all(re.fullmatch(r"[a-zA-Z0-9_]+(-[a-zA-Z0-9_]+)*", one) for one in ids)
    assert len({wrong.hint for wrong in exercise.wrong}) == len(ids)
    assert len(RIGHT[name]) >= least_right


@each_exercise
def test_a_seed_gives_its_own_cases_every_time(name):
    def arguments(seed):
        groups = EXERCISES[name].draw(np.random.default_rng(seed))
        return {group: [case.args for case in cases] for group, cases in groups.items()}

    assert same(arguments(0), arguments(0))
    assert all(not same(one, other) for one, other in zip(arguments(0).values(), arguments(1).values(), strict=True))


@pytest.mark.parametrize(
    ("name", "wrong", "lost"),
    [
        ("pool_output_size", "rounds-up", {VISIBLE, "rounding down"}),
        ("pool_output_size", "window-as-stride", {VISIBLE, "stride 1", "stride", "rounding down"}),
        ("pool_forward", "stride-missing", {VISIBLE, "stride", "together"}),
        ("pool_forward", "first-channel-for-all", {VISIBLE, "channels", "together"}),
        ("pool_forward", "first-image-for-all", {VISIBLE, "batch", "together"}),
        ("pool_forward", "maximum-from-zero", {VISIBLE, "negatives", "together"}),
        ("pool_forward", "sum-for-average", {VISIBLE, "average", "number types", "together"}),
        ("pool_forward", "integer-result", {"number types"}),
        ("pool_forward", "average-by-default", {"default mode"}),
        ("pool_forward", "cache-swapped", {VISIBLE, "cache"}),
        ("create_mask_from_window", "written-into-window", {"arguments left alone"}),
        ("create_mask_from_window", "larger-than-all-others", {"ties"}),
        ("distribute_value", "integer-division", {VISIBLE, "square", "rectangle", "negative", "integer"}),
        ("distribute_value", "dtype-of-dz", {VISIBLE, "integer"}),
        ("distribute_value", "divided-by-rows-squared", {VISIBLE, "rectangle"}),
        ("pool_backward", "stride-missing", {VISIBLE, "stride", "together"}),
        ("pool_backward", "overwritten-not-added", {VISIBLE, "overlap", "together"}),
        ("pool_backward", "mask-of-all-channels", {VISIBLE, "channels", "together"}),
        ("pool_backward", "first-image-for-all", {VISIBLE, "batch", "together"}),
        ("pool_backward", "lost-at-ties", {"ties"}),
        ("pool_backward", "relu-mixed-in", {VISIBLE, "negatives", "ties", "together"}),
        ("pool_backward", "average-over-f", {VISIBLE, "average", "number types", "together"}),
        ("pool_backward", "integer-gradient", {"number types"}),
        ("pool_backward", "average-by-default", {"default mode"}),
    ],
)
def test_a_mistake_costs_the_criteria_it_touches(name, wrong, lost):
    function = next(one.function for one in EXERCISES[name].wrong if one.id == wrong)
    assert failed(EXERCISES[name], function, drawn(name, 0)) == lost


@each_exercise
def test_an_idle_function_earns_nothing(name):
    for idle in (lambda *args: None, lambda *args: (None, None), lambda *args: args[0], lambda *args: np.nan):
        assert points(EXERCISES[name], idle, drawn(name, 0)) == 0


@each_exercise
def test_cases_are_few_and_small(name):
    cases = [case for group in drawn(name, 0).values() for case in group]
    assert len(cases) <= 24
    arrays = [arg for case in cases for arg in case.args if isinstance(arg, np.ndarray)]
    assert all(array.size <= 450 for array in arrays)


def test_only_ties_have_several_right_answers():
    for name, function in (
        ("create_mask_from_window", solution.create_mask_from_window),
        ("pool_backward", solution.pool_backward),
    ):
        for group, cases in drawn(name, 0).items():
            for case in cases:
                assert isinstance(EXERCISES[name].expected(case), np.ndarray) == (group != "ties")
                assert not failed_with(name, function, case)


def failed_with(name, function, case):
    """What the solution, with each of its conventions, gets wrong in one case."""
    aspect, expected = EXERCISES[name].visible().aspect, EXERCISES[name].expected(case)
    return [
        found
        for ties in ("all", "first", "shared")
        if (found := aspect(case, expected, call(lambda *args, ties=ties: function(*args, ties=ties), case)))
    ]


def published_answers(name):
    return [EXERCISES[name].expected(case) for case in EXERCISES[name].published()]


def test_published_values_of_pool_forward():
    by_hand, *answers = [A for A, _ in published_answers("pool_forward")]
    np.testing.assert_array_equal(by_hand[0, :, :, 0], [[4, 5, 4], [-1, 8, 7]])
    assert [A.shape for A in answers] == [(2, 3, 3, 3), (2, 3, 3, 3), (2, 2, 2, 3), (2, 2, 2, 3)]
    expected = [
        [
            [1.96710175, 0.84616065, 1.27375593],
            [1.96710175, 0.84616065, 1.23616403],
            [1.62765075, 1.12141771, 1.2245077],
        ],
        [
            [0.44497696, -0.00261695, -0.31040307],
            [0.50811474, -0.23493734, -0.23961183],
            [0.11872677, 0.17255229, -0.22112197],
        ],
        [
            [[1.74481176, 0.90159072, 1.65980218], [1.74481176, 1.6924546, 1.65980218]],
            [[1.13162939, 1.51981682, 2.18557541], [1.13162939, 1.6924546, 2.18557541]],
        ],
        [
            [[-0.17313416, 0.32377198, -0.34317572], [0.02030094, 0.14141479, -0.01231585]],
            [[0.42944926, 0.08446996, -0.27290905], [0.15077452, 0.28911175, 0.00123239]],
        ],
    ]
    got = [answers[0][1, 1], answers[1][1, 1], answers[2][0], answers[3][1]]
    for one, other in zip(got, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-8)


def test_published_values_of_the_helpers():
    assert published_answers("pool_output_size") == [3, 2, 4]
    mask, negatives = published_answers("create_mask_from_window")
    assert np.argwhere(mask).tolist() == [[2, 1]]
    assert np.argwhere(negatives).tolist() == [[1, 0]]
    halves, twelfths = published_answers("distribute_value")
    np.testing.assert_array_equal(halves, [[0.5, 0.5], [0.5, 0.5]])
    np.testing.assert_array_equal(twelfths, np.full((3, 4), 0.5))


def test_published_values_of_pool_backward():
    by_hand, maximum, average = published_answers("pool_backward")
    expected = [[0, 0, 0, 0, 3, 0, 0], [1, 0, 0, 2, 0, 0, 0], [4, 0, 0, 5, 0, 6, 0], [0, 0, 0, 0, 0, 0, 0]]
    np.testing.assert_array_equal(by_hand[0, :, :, 0], expected)
    np.testing.assert_allclose(maximum[1, 1], [[0, 0], [5.05844394, -1.68282702], [0, 0]], atol=1e-8)
    expected = [[0.08485462, 0.2787552], [1.26461098, -0.25749373], [1.17975636, -0.53624893]]
    np.testing.assert_allclose(average[1, 1], expected, rtol=0, atol=1e-8)
