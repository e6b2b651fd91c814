"""The exercises: their cases tell right from wrong, and their criteria share out the points."""

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
from autograder.exercises import EXERCISES, LAYERS

SEEDS = range(5)
MANY_SEEDS = range(200)

#: Lesson, points of the visible check and of the hidden tests, least numbers of wrong and of right versions.
PLAN = {
    "zero_pad": ("01-images-and-padding", 3, 7, 8, 6),
    "conv_single_step": ("02-one-step", 3, 7, 8, 6),
    "conv_output_size": ("03-conv-forward", 1, 2, 5, 3),
    "conv_forward": ("03-conv-forward", 2, 5, 12, 6),
    "pool_output_size": ("04-pool-forward", 1, 1, 5, 3),
    "pool_forward": ("04-pool-forward", 2, 4, 12, 6),
    "conv_backward": ("05-conv-backward", 3, 5, 12, 6),
    "create_mask_from_window": ("06-pool-backward", 1, 1, 5, 3),
    "distribute_value": ("06-pool-backward", 1, 1, 5, 3),
    "pool_backward": ("06-pool-backward", 1, 3, 12, 6),
    "layer_table": ("07-read-a-network", 1.25, 3.25, 12, 4),
    "to_torch": ("08-frameworks", 0.5, 1, 8, 4),
    "from_torch": ("08-frameworks", 0.25, 0.75, 8, 4),
    "to_keras": ("08-frameworks", 0.25, 0.5, 5, 3),
    "from_keras": ("08-frameworks", 0.25, 0.5, 5, 3),
    "same_padding": ("08-frameworks", 0.5, 1.5, 8, 4),
    "line_detector": ("08-frameworks", 0.5, 1, 12, 4),
    "autograd_gradients": ("08-frameworks", 0.75, 1.75, 12, 4),
    "conv_forward_fast": ("09-train-a-network", 1, 4, 12, 6),
    "relu": ("09-train-a-network", 0.5, 0.5, 5, 4),
    "relu_backward": ("09-train-a-network", 0.5, 0.5, 5, 4),
    "network_forward": ("09-train-a-network", 0.5, 1, 6, 3),
    "network_backward": ("09-train-a-network", 0.5, 1, 6, 3),
}
RIGHT = {name: import_module(f"bank.right.{name}").RIGHT for name in PLAN}

#: Wrong versions that only the hidden cases find: few, and each about something the published examples leave out.
UNSEEN = {
    "zero_pad": {"slice-empty-at-pad-0"},
    "conv_single_step": {"window-overwritten"},
    "conv_output_size": set(),
    "conv_forward": {"size-rounded-up", "integer-result"},
    "pool_output_size": set(),
    "pool_forward": {"average-by-default", "mode-required", "integer-result"},
    "conv_backward": set(),
    "create_mask_from_window": {"larger-than-all-others", "square-loops", "written-into-window"},
    "distribute_value": set(),
    "pool_backward": {
        "lost-at-ties",
        "average-by-default",
        "mode-required",
        "integer-gradient",
        "dA-divided-in-place",
    },
    "layer_table": {"layers-emptied"},
    "to_torch": set(),
    "from_torch": set(),
    "to_keras": set(),
    "from_keras": set(),
    "same_padding": set(),
    "line_detector": {"integers-kept"},
    "autograd_gradients": {"integers-kept", "own-conv-backward"},
    "conv_forward_fast": {"integer-result"},
    "relu": set(),
    "relu_backward": {"written-into-dA"},
    "network_forward": set(),
    "network_backward": set(),
}

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


def published_cases(name):
    """The groups of cases of the students' visible check."""
    return {criterion.cases: EXERCISES[name].published() for criterion in criteria(EXERCISES[name])}


def published(name):
    """The answers to the published examples."""
    return [EXERCISES[name].expected(case) for case in EXERCISES[name].published()]


def test_every_exercise_is_planned():
    assert list(PLAN) == list(LAYERS)


@each_right
def test_right_versions_get_full_marks(name, function):
    for seed in SEEDS:
        assert failed(EXERCISES[name], function, drawn(name, seed)) == set()
    assert VISIBLE not in failed(EXERCISES[name], function, published_cases(name))


@each_wrong
def test_wrong_versions_lose_the_same_hidden_points_whatever_the_seed(name, wrong):
    lost = [failed(EXERCISES[name], wrong.function, drawn(name, seed)) for seed in SEEDS]
    assert lost[0] - {VISIBLE}
    assert all(one == lost[0] for one in lost)


@pytest.mark.slow
@each_exercise
def test_verdicts_are_steady_over_200_seeds(name):
    """Each seed's cases are drawn once, and every version of the bank is judged on them as on the first seed's."""
    exercise = EXERCISES[name]
    usual = {wrong.id: failed(exercise, wrong.function, drawn(name, 0)) for wrong in exercise.wrong}
    for seed in MANY_SEEDS:
        groups = exercise.draw(np.random.default_rng(seed))
        for version, function in RIGHT[name].items():
            assert failed(exercise, function, groups) == set(), f"{version}, seed {seed}"
        for wrong in exercise.wrong:
            assert failed(exercise, wrong.function, groups) == usual[wrong.id], f"{wrong.id}, seed {seed}"


@each_wrong
def test_the_students_check_finds_a_mistake_where_the_graded_one_does(name, wrong):
    graded = failed(EXERCISES[name], wrong.function, drawn(name, 0))
    students = failed(EXERCISES[name], wrong.function, published_cases(name))
    assert (VISIBLE in graded) == (VISIBLE in students)


@each_exercise
def test_wrong_versions_can_be_told_apart(name):
    cases = [case for group in drawn(name, 0).values() for case in group]
    replies = {wrong.id: [call(wrong.function, case) for case in cases] for wrong in EXERCISES[name].wrong}
    pairs = itertools.combinations(replies, 2)
    assert not [pair for pair in pairs if all(map(alike, *(replies[one] for one in pair)))]


@each_exercise
def test_the_bank_is_as_large_as_planned(name):
    least_wrong, least_right = PLAN[name][3:]
    bank = EXERCISES[name].wrong
    ids = [wrong.id for wrong in bank]
    assert len(set(ids)) == len(ids) >= least_wrong
    assert len(RIGHT[name]) >= least_right
    assert all(re.fullmatch(r"[a-zA-Z0-9_]+(-[a-zA-Z0-9_]+)*", one) for one in ids)
    assert all(wrong.hint.endswith((".", "?")) for wrong in bank)
    assert len({wrong.hint for wrong in bank}) == len(ids)


@each_exercise
def test_points_are_as_planned(name):
    exercise, (lesson, visible, hidden, *_) = EXERCISES[name], PLAN[name]
    assert (exercise.lesson, exercise.visible_points, exercise.hidden_points) == (lesson, visible, hidden)
    assert all(criterion.points % 0.25 == 0 < criterion.points for criterion in exercise.criteria)


@each_exercise
def test_every_group_of_cases_has_a_criterion_and_every_criterion_a_group(name):
    names = [criterion.name for criterion in criteria(EXERCISES[name])]
    assert len(set(names)) == len(names)
    assert {criterion.cases for criterion in criteria(EXERCISES[name])} == set(drawn(name, 0))
    assert all(drawn(name, 0).values())


@each_exercise
def test_one_seed_gives_one_set_of_cases_and_another_seed_another(name):
    def arguments(seed):
        groups = EXERCISES[name].draw(np.random.default_rng(seed))
        return {group: [case.args for case in cases] for group, cases in groups.items()}

    assert same(arguments(0), arguments(0))
    assert not same(arguments(0), arguments(1))
    if PLAN[name][0] in ("04-pool-forward", "06-pool-backward"):
        assert all(
            not same(one, other) for one, other in zip(arguments(0).values(), arguments(1).values(), strict=True)
        )


@each_exercise
def test_published_cases_are_the_same_each_time_and_show_most_mistakes(name):
    """What a student's visible check says should be wrong nearly always where the grader finds something."""
    exercise, cases = EXERCISES[name], EXERCISES[name].published()
    assert same([case.args for case in cases], [case.args for case in exercise.published()])
    seen = {wrong.id: VISIBLE in failed(exercise, wrong.function, published_cases(name)) for wrong in exercise.wrong}
    assert {one for one, found in seen.items() if not found} == UNSEEN[name]


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
        ("conv_backward", "integer-gradients", {VISIBLE, "number types"}),
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
        (
            "layer_table",
            "filters-for-each-channel",
            {VISIBLE, "convolution: shapes", "convolution: parameters", "together"},
        ),
        ("layer_table", "total-forgotten", {VISIBLE, "total", "together"}),
        ("layer_table", "filters-without-depth", {VISIBLE, "convolution: parameters", "together"}),
        ("layer_table", "bias-always-added", {VISIBLE, "no bias", "together"}),
        ("layer_table", "dense-bias-forgotten", {VISIBLE, "dense", "together"}),
        ("layer_table", "same-at-every-stride", {VISIBLE, "same padding with a stride", "pooling: shapes", "together"}),
        ("layer_table", "pool-size-as-output", {VISIBLE, "pooling: shapes", "together"}),
        ("layer_table", "pool-has-weights", {VISIBLE, "pooling: parameters", "together"}),
        ("layer_table", "flat-without-channels", {VISIBLE, "flatten", "together"}),
        ("layer_table", "last-total-only", {VISIBLE, "total", "together"}),
        ("layer_table", "layers-emptied", {"arguments left alone"}),
        ("conv_forward_fast", "channels-before-window", {VISIBLE, "channels", "together"}),
        ("conv_forward_fast", "images-mixed-up", {VISIBLE, "batch", "together", "5 times as fast", "50 times as fast"}),
        ("conv_forward_fast", "integer-result", {"number types"}),
        ("conv_forward_fast", "cache-padded", {VISIBLE, "cache", "5 times as fast", "50 times as fast"}),
        ("relu", "written-into-Z", {VISIBLE, "values and cache", "argument left alone"}),
        ("relu", "cache-forgotten", {VISIBLE, "values and cache"}),
        ("relu_backward", "written-into-dA", {"arguments left alone"}),
        ("network_forward", "cache-of-relu-missing", {VISIBLE, "caches"}),
        ("network_backward", "dense-layer-alone", {VISIBLE, "convolution", "arguments left alone"}),
    ],
)
def test_a_mistake_costs_the_criteria_it_touches(name, wrong, lost):
    function = next(one.function for one in EXERCISES[name].wrong if one.id == wrong)
    for seed in SEEDS:
        assert failed(EXERCISES[name], function, drawn(name, seed)) == lost


IDLE = {
    "nothing": lambda *args: None,
    "two nothings": lambda *args: (None, None),
    "three nothings": lambda *args: (None, None, None),
    "the argument": lambda *args: args[0],
    "no number": lambda *args: np.nan,
    "an array of no number": lambda *args: np.full((1, 1), np.nan),
}
#: What is right about doing nothing: images with pad 0 come back as they are, and any number is one number.
EARNED = {
    ("zero_pad", "the argument"): 0.5,
    ("conv_single_step", "no number"): 1,
    ("conv_single_step", "an array of no number"): 1,
}


@each_exercise
@pytest.mark.parametrize("idle", IDLE)
def test_an_idle_function_earns_nothing(name, idle):
    assert points(EXERCISES[name], IDLE[idle], drawn(name, 0)) == EARNED.get((name, idle), 0)


@each_exercise
def test_cases_are_few_and_small(name):
    cases = [case for group in drawn(name, 0).values() for case in group]
    assert len(cases) <= 24
    largest = 1500 if name.startswith("conv") or name == "zero_pad" else 450
    arrays = [arg for case in cases for arg in case.args if isinstance(arg, np.ndarray)]
    assert all(array.size <= largest for array in arrays)


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


def test_published_value_of_conv_single_step():
    assert published("conv_single_step")[-1] == pytest.approx(-6.999089450680221)


def test_published_values_of_zero_pad():
    case = EXERCISES["zero_pad"].published()[-1]
    padded = published("zero_pad")[-1]
    assert padded.shape == (4, 9, 9, 2)
    assert not padded[1, 1].any()
    np.testing.assert_array_equal(padded[:, 3:6, 3:6], case.args[0])


def test_published_values_of_conv_forward():
    Z, cache = published("conv_forward")[-1]
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
    means = [gradient.mean() for gradient in published("conv_backward")[-1]]
    np.testing.assert_allclose(means, [1.4524377775388075, 1.7269914583139097, 7.839232564616838])


def test_published_values_of_pool_forward():
    by_hand, *answers = [A for A, _ in published("pool_forward")]
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
    assert published("pool_output_size") == [3, 2, 4, 3, 2]
    mask, negatives, zero = published("create_mask_from_window")
    assert np.argwhere(mask).tolist() == [[2, 1]]
    assert np.argwhere(negatives).tolist() == [[1, 0]]
    assert np.argwhere(zero).tolist() == [[1, 1]]
    halves, twelfths, negative = published("distribute_value")
    np.testing.assert_array_equal(halves, [[0.5, 0.5], [0.5, 0.5]])
    np.testing.assert_array_equal(twelfths, np.full((3, 4), 0.5))
    np.testing.assert_array_equal(negative, np.full((1, 4), -0.75))


def test_published_values_of_pool_backward():
    by_hand, maximum, average = published("pool_backward")
    expected = [[0, 0, 0, 0, 3, 0, 0], [1, 0, 0, 2, 0, 0, 0], [4, 0, 0, 5, 0, 6, 0], [0, 0, 0, 0, 0, 0, 0]]
    np.testing.assert_array_equal(by_hand[0, :, :, 0], expected)
    np.testing.assert_allclose(maximum[1, 1], [[0, 0], [5.05844394, -1.68282702], [0, 0]], atol=1e-8)
    expected = [[0.08485462, 0.2787552], [1.26461098, -0.25749373], [1.17975636, -0.53624893]]
    np.testing.assert_allclose(average[1, 1], expected, rtol=0, atol=1e-8)
