"""A student's own check names a known mistake, from numbers that give nothing away."""

from __future__ import annotations

import json
from importlib import import_module

import numpy as np
import pytest
from bank.further import is_right
from bank.further import sample_of as sample
from convlab import published
from convlab.check import check
from convlab.errors import CheckFailed
from convlab.examine import examine
from convlab.fingerprint import of_answer, of_error
from mutation.survive import defined, mutants_of

from autograder.exercises import EXERCISES, LAYERS
from autograder.verdict import Diagnosis

each_exercise = pytest.mark.parametrize("name", LAYERS)
LIKELY = "\n\nMost likely: "

#: Mistakes that come to the same in the published examples, so that a student's check names both.
TWINS = {
    "pool_backward": {"maximum-from-zero", "relu-mixed-in", "stride-missing", "notebook-globals"},
    "autograd_gradients": {"padding-left-out", "stride-left-out"},
}


def hint(name, function):
    """What the check says is most likely, if anything."""
    return examine(function, published.load(name)).text.partition(LIKELY)[2]


@each_exercise
def test_the_students_check_names_each_mistake_that_shows_in_its_examples(name):
    shown = {one.id for one in published.load(name).mistakes}
    unnamed = {one.id for one in EXERCISES[name].wrong if one.id in shown and hint(name, one.function) != one.hint}
    assert unnamed == TWINS.get(name, set())


@each_exercise
def test_twins_are_few_and_are_named_together(name):
    for one in EXERCISES[name].wrong:
        if one.id in TWINS.get(name, ()):
            told = examine(one.function, published.load(name)).text.partition("\n\nMost likely one of these:\n")[2]
            assert f"- {one.hint}" in told.splitlines()
            assert len(told.splitlines()) == 2


@each_exercise
def test_right_versions_pass_without_a_hint(name):
    for function in import_module(f"bank.right.{name}").RIGHT.values():
        assert examine(function, published.load(name)).text == ""


@each_exercise
def test_nothing_but_numbers_is_published_of_a_wrong_version(name):
    data = json.loads((published.FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    for one in data["mistakes"]:
        assert set(one) == {"id", "hint", "prints"}
        assert len(one["prints"]) == len(data["examples"])
        for form, *numbers in one["prints"]:
            assert len(form) == 12
            assert len(numbers) <= 3


def test_the_check_says_what_is_most_likely():
    def conv_single_step(a_slice_prev, W, b):
        return np.sum(a_slice_prev * W)

    with pytest.raises(CheckFailed) as raised:
        check(conv_single_step)
    assert str(raised.value).endswith(f"{LIKELY}Your result has no bias in it. It comes last, after the sum.")


def test_the_check_of_another_mistake_has_no_hint():
    def conv_single_step(a_slice_prev, W, b):
        return 3 * np.sum(a_slice_prev * W) + b.item()

    with pytest.raises(CheckFailed) as raised:
        check(conv_single_step)
    assert LIKELY not in str(raised.value)


@each_exercise
def test_a_hint_for_a_mutant_is_right_beyond_the_examples_too(name):
    """Of all that are given; two of them in a hundred may be wrong."""
    ids = {one.hint: one.id for one in EXERCISES[name].wrong}
    given, wrong = 0, []
    for mutant in sample(name, mutants_of(name), 40):
        function = defined(name, mutant.source)
        if text := hint(name, function):
            given += 1
            if not is_right(name, function, Diagnosis(ids[text], text)):
                wrong.append((mutant.id, ids[text]))
    assert len(wrong) <= 0.02 * given, wrong


ANSWER = np.random.default_rng(3).normal(size=(2, 3, 4))


@pytest.mark.parametrize(
    "same",
    [
        ANSWER.tolist(),
        ANSWER.astype(np.float32),
        ANSWER + 1e-9,
        ANSWER * (1 + 1e-7),
        np.asfortranarray(ANSWER),
    ],
)
def test_the_same_answer_in_another_guise_has_a_fingerprint_that_matches(same):
    assert of_answer(same, False).matches(of_answer(ANSWER, False))
    assert of_answer((same, {"pad": 1}), False).matches(of_answer([ANSWER, {"pad": 1}], False))


@pytest.mark.parametrize(
    "other",
    [
        ANSWER.transpose(1, 0, 2),
        ANSWER[::-1],
        ANSWER[:, ::-1],
        -ANSWER,
        ANSWER + 0.01,
        np.where(np.arange(24).reshape(2, 3, 4) == 7, 0, ANSWER),
        np.where(np.arange(24).reshape(2, 3, 4) == 7, np.nan, ANSWER),
        ANSWER[0],
        (ANSWER, ANSWER[0]),
        None,
        "text",
    ],
)
def test_another_answer_has_a_fingerprint_that_does_not_match(other):
    assert not of_answer(other, False).matches(of_answer(ANSWER, False))


def test_a_changed_argument_and_an_error_are_told_apart():
    assert not of_answer(ANSWER, True).matches(of_answer(ANSWER, False))
    assert of_error("TypeError", "no").matches(of_error("TypeError", "no"))
    assert not of_error("TypeError", "no").matches(of_error("TypeError", "yes"))
    assert not of_error("TypeError", "no").matches(of_answer("TypeError: no", False))


@pytest.mark.parametrize("shape", [(), (1,), (1, 1, 1)])
def test_one_number_is_one_number_in_any_shape(shape):
    assert of_answer(np.full(shape, 2.5), False).matches(of_answer(2.5, False))


def test_numbers_are_rounded_so_that_every_machine_writes_the_same():
    assert of_answer(ANSWER, False) == of_answer(ANSWER * (1 + 1e-14), False)
    assert str(of_answer(ANSWER - ANSWER, False).numbers) == "(0.0, 0.0, 0.0)"
    assert of_answer(np.array([1e300, -1e300]), False).numbers[0] == np.inf
