"""The diagnosis names a mistake nearly always where there is one of the bank, and is right when it names one."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from bank.further import INPUTS, bank_pairs, diagnosed, further, is_right
from bank.further import sample_of as sample
from bank.right import (
    pool_backward as right_pool_backward,
)
from mutation.survive import defined, mutants_of, rejected_by

from autograder import solution
from autograder.caller import Local, answer
from autograder.diagnosis import alike, diagnose
from autograder.exercise import Failure, Reply
from autograder.exercises import EXERCISES, LAYERS
from autograder.judge import ask, judge
from autograder.paper import paper

each_exercise = pytest.mark.parametrize("name", LAYERS)
with_pairs = pytest.mark.parametrize("name", [name for name in LAYERS if bank_pairs(name)])

#: How many of each exercise's pairs and mutants are looked at in the normal run.
SAMPLE = 12
#: Of a hundred that are named, at least so many are right; of a hundred single mistakes, so many are named.
PRECISION, RECALL = 0.98, 0.95


def wrong(name, id):
    return next(one.function for one in EXERCISES[name].wrong if one.id == id)


def outcomes(name, functions):
    """How many functions are named, and those whose name is not right on 200 further inputs."""
    found = {label: diagnosed(name, function) for label, function in functions.items()}
    named = {label: diagnosis for label, diagnosis in found.items() if diagnosis}
    return named, {label: one.id for label, one in named.items() if not is_right(name, functions[label], one)}


@each_exercise
def test_every_single_mistake_is_named(name):
    """More than the 95 % that are asked for: nothing in the bank is left without its hint."""
    for one in EXERCISES[name].wrong:
        diagnosis = diagnosed(name, one.function)
        assert diagnosis is not None, one.id
        assert (diagnosis.id, diagnosis.hint) == (one.id, one.hint)


@pytest.mark.slow
@each_exercise
def test_single_mistakes_are_named_whatever_the_seed(name):
    for seed in range(100, 150):
        for one in EXERCISES[name].wrong:
            assert diagnosed(name, one.function, seed).id == one.id, seed


@each_exercise
def test_right_versions_have_no_mistake_to_name(name):
    assert diagnosed(name, getattr(solution, name)) is None


def mutants_to_name(name, size):
    """Mutants of the lesson's solution that are wrong, as functions."""
    functions = {mutant.id: defined(name, mutant.source) for mutant in sample(name, mutants_of(name), size)}
    return {label: one for label, one in functions.items() if rejected_by(paper(name, 1), one)}


@with_pairs
def test_what_is_named_of_pairs_is_right(name):
    functions = dict(sample(name, bank_pairs(name).items(), SAMPLE))
    named, mistaken = outcomes(name, functions)
    assert not mistaken
    assert len(named) >= len(functions) / 2, "pairs are named more often than not"


@each_exercise
def test_what_is_named_of_mutants_is_right(name):
    assert not outcomes(name, mutants_to_name(name, SAMPLE))[1]


@pytest.mark.slow
@each_exercise
def test_what_is_named_of_many_pairs_and_mutants_is_right(name):
    functions = {**mutants_to_name(name, 1000), **dict(sample(name, bank_pairs(name).items(), 60))}
    named, mistaken = outcomes(name, functions)
    assert len(mistaken) <= (1 - PRECISION) * len(named), mistaken


@pytest.mark.slow
@each_exercise
def test_names_of_single_mistakes_are_right(name):
    functions = {one.id: one.function for one in EXERCISES[name].wrong}
    named, mistaken = outcomes(name, functions)
    assert not mistaken
    assert len(named) >= RECALL * len(functions)


def test_further_inputs_are_two_hundred_and_not_those_of_the_run():
    inputs = further("zero_pad")
    assert len(inputs) == INPUTS
    assert all(one.seed != paper("zero_pad", 1).seed for one, _ in inputs)


def test_a_mistake_is_named_however_it_is_written():
    def conv_forward(A_prev, W, b, hparameters):
        """Vectorised over images and filters, and without the bias."""
        s, p, f = hparameters["stride"], hparameters["pad"], len(W)
        padded = np.pad(A_prev, ((0, 0), (p, p), (p, p), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, (f, f), axis=(1, 2))[:, ::s, ::s]
        return [np.einsum("mhwcij,ijck->mhwk", windows, W).tolist(), [A_prev, W, b, hparameters]]

    assert diagnosed("conv_forward", conv_forward).id == "bias-forgotten"


def test_a_mistake_is_named_whichever_of_several_maxima_gets_the_gradient():
    def pool_backward(dA, cache, mode="max"):
        """All of it goes to the first maximum, which is right, and to its transposed place in an average."""
        if mode == "max":
            return right_pool_backward.first_maximum(dA, cache, mode)
        return wrong("pool_backward", "average-over-f")(dA, cache, mode)

    assert diagnosed("pool_backward", pool_backward).id == "average-over-f"


def test_two_mistakes_are_named_together():
    both = functools.partial(
        wrong("conv_backward", "db-flat"), **wrong("conv_backward", "window-without-stride").keywords
    )
    diagnosis = diagnosed("conv_backward", both)
    assert diagnosis.id == "window-without-stride+db-flat"
    hints = [one.hint for one in EXERCISES["conv_backward"].wrong if one.id in diagnosis.id.split("+")]
    assert diagnosis.hint == f"Two mistakes together give your answers. First: {hints[0]} Second: {hints[1]}"


def test_nothing_is_named_for_a_resemblance():
    """One number off in one case, and the answers are no longer those of the mistake."""
    one = paper("pool_forward", 1)
    replies = list(one.wrong["stride-missing"])
    A, cache = replies[0].answer
    replies[0] = Reply((A + np.eye(1, A.size).reshape(A.shape), cache))
    assert diagnose(one, one.wrong["stride-missing"]).id == "stride-missing"
    assert diagnose(one, replies) is None


def test_nothing_is_named_where_a_reply_is_missing():
    one = paper("zero_pad", 1)
    assert diagnose(one, [None, *one.wrong["pads-twice"][1:]]) is None


def test_failures_are_compared_by_name_and_message():
    one, other = Failure("TypeError", "no", line="line 3"), Failure("TypeError", "no", line="line 5")
    assert alike(Reply(failure=one), Reply(failure=other))
    assert not alike(Reply(failure=one), Reply(failure=Failure("TypeError", "yes")))
    assert not alike(Reply(failure=one), Reply(failure=Failure("ValueError", "no")))
    assert not alike(Reply(failure=one), Reply(3))
    assert not alike(Reply(3), Reply(3, untouched=False))


def test_a_missing_default_is_named_for_a_function_of_the_students_own_name():
    def pool_forward(A_prev, hparameters, mode):
        return solution.pool_forward(A_prev, hparameters, mode)

    pool_forward.__qualname__ = "pool_forward"
    assert diagnosed("pool_forward", pool_forward).id == "mode-required"


def test_a_verdict_carries_the_diagnosis_of_wrong_answers_only():
    exercise = EXERCISES["conv_single_step"]
    (bad,) = judge([exercise], 1, Local(wrong("conv_single_step", "bias-forgotten")))
    (good,) = judge([exercise], 1, Local(solution.conv_single_step))
    assert bad.diagnosis.id == "bias-forgotten"
    assert good.diagnosis is None


@with_pairs
def test_pairs_change_different_parts_of_the_same_loops(name):
    one = paper(name, 1)
    for (a, b), pair in one.pairs.items():
        first, second = wrong(name, a), wrong(name, b)
        assert pair.function.keywords == {**first.keywords, **second.keywords}
        assert len(pair.function.keywords) == len(first.keywords) + len(second.keywords)


def test_the_answers_of_a_pair_are_worked_out_once():
    pair = next(iter(paper("zero_pad", 1).pairs.values()))
    assert pair.answer(0) is pair.answer(0)


@each_exercise
def test_what_a_mistake_shows_is_where_its_answers_are_wrong(name):
    one = paper(name, 1)
    right = [answer(getattr(solution, name), case.args) for case in one.cases]
    assert all(all(one.right(place, reply)) for place, reply in enumerate(right))
    assert all(shows.any() for shows in one.shows.values())


def test_answers_of_a_caller_that_stops_early_name_nothing():
    class Stopping:
        def call(self, name, args):
            return Reply(failure=Failure("TimeLimit", "10 s"))

        def help(self, functions):
            raise AssertionError("nobody needs help here")

    one = paper("conv_forward", 1)
    assert diagnose(one, ask(one, Stopping())) is None
