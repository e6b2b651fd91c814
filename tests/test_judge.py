"""From answers to a verdict: points, messages, the mistake's name, an example, and helpers that cost only their own."""

from __future__ import annotations

import dataclasses
import functools
import json
import time
from collections import Counter
from contextlib import nullcontext

import numpy as np
import pytest

from autograder import solution
from autograder.caller import Apart, Local, answer, trusted_source
from autograder.exercise import Failure, Reply
from autograder.exercises import EXERCISES, LAYERS, of_lesson
from autograder.judge import ask, describe, judge
from autograder.paper import paper
from autograder.runner.inside.codec import decode, encode
from autograder.verdict import Verdict

SEEDS = (1, 2, 3)
FORWARD = "03-conv-forward"

pytestmark = pytest.mark.xdist_group("judge")
each_exercise = pytest.mark.parametrize("name", LAYERS)


class Student:
    """Functions of one notebook, answering in this process as the runner would for them."""

    def __init__(self, code: str = "", /, **functions) -> None:
        self.names = {"np": np, **functions}
        exec(code, self.names)
        self.asked: list[str] = []
        self.helped: list[set[str]] = []

    def call(self, name, args):
        self.asked.append(name)
        if name not in self.names:
            return Reply(failure=Failure("NameError", f"{name} is not defined"))
        return sent(answer(self.names[name], args))

    def help(self, functions):
        self.helped.append(set(functions))
        for name, source in functions.items():
            there = {}
            exec(source, there)
            self.names[name] = there[name]

    def apart(self, functions):
        return nullcontext(Apart(functions))

    def processor_seconds(self):
        return time.process_time()


class Script:
    """Answers with replies that were written down before, the last one for ever."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.asked = 0

    def call(self, name, args):
        self.asked += 1
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def help(self, functions):
        pass


def sent(reply: Reply) -> Reply:
    """A reply as it arrives: through the codec between the confined process and the grader."""
    return reply if reply.failure else Reply(decode(*encode(reply.answer)), untouched=reply.untouched)


def judged(name: str, function, seed: int = 1) -> Verdict:
    """The verdict on one function."""
    (verdict,) = judge([EXERCISES[name]], seed, Student(**{name: function}))
    return verdict


def wrong(name: str, mistake: str):
    """A wrong implementation from the bank."""
    (found,) = (one.function for one in EXERCISES[name].wrong if one.id == mistake)
    return found


def messages(verdict: Verdict) -> list[str]:
    """What is said of each criterion."""
    return [criterion.message for criterion in verdict.criteria]


# Points.


@each_exercise
@pytest.mark.parametrize("seed", SEEDS)
def test_right_functions_get_full_marks_and_nothing_to_read(name, seed):
    verdict = judged(name, getattr(solution, name), seed)
    exercise = EXERCISES[name]
    assert (verdict.points, verdict.max_points) == (exercise.max_points, exercise.max_points)
    assert set(messages(verdict)) == {"Right."}
    assert (verdict.diagnosis, verdict.error, verdict.example) == (None, None, None)
    assert verdict.visible.max_points == exercise.visible_points
    assert sum(one.max_points for one in verdict.hidden) == exercise.hidden_points


@pytest.mark.parametrize(
    ("name", "mistake", "points"),
    [
        ("zero_pad", "slice-empty-at-pad-0", 9.5),
        ("zero_pad", "first-image-only", 6),
        ("zero_pad", "height-and-width-swapped", 0),
        ("conv_single_step", "first-channel-only", 5.5),
        ("conv_single_step", "float-of-array", 0),
        ("conv_output_size", "rounds-up", 1.25),
        ("conv_forward", "integer-result", 6.75),
        ("conv_forward", "cache-incomplete", 4.5),
        ("conv_forward", "padding-forgotten", 3.5),
        ("pool_output_size", "not-rounded", 0.75),
        ("pool_forward", "mode-required", 5.75),
        ("pool_forward", "average-over-image", 3),
        ("conv_backward", "first-image-for-all", 4.5),
        ("create_mask_from_window", "written-into-window", 1.75),
        ("distribute_value", "sign-lost", 0.5),
        ("pool_backward", "lost-at-ties", 3.75),
        ("pool_backward", "average-not-divided", 2.25),
    ],
)
def test_a_mistake_costs_what_it_costs_whatever_the_numbers(name, mistake, points):
    for seed in SEEDS:
        verdict = judged(name, wrong(name, mistake), seed)
        assert verdict.points == points
        assert verdict.max_points == EXERCISES[name].max_points
        for one in verdict.criteria:
            assert one.points == (one.max_points if one.passed else 0)
            assert (one.message == "Right.") == one.passed


def test_one_functions_points_are_not_the_others():
    lesson = of_lesson("06-pool-backward")
    student = Student(
        create_mask_from_window=lambda x: None,
        distribute_value=solution.distribute_value,
        pool_backward=solution.pool_backward,
    )
    verdicts = judge(lesson, 1, student)
    assert [one.exercise for one in verdicts] == [exercise.name for exercise in lesson]
    assert [one.points for one in verdicts] == [0, 2, 4, 0]


# Failures.


@each_exercise
def test_a_function_that_is_not_there_says_so_and_is_asked_once(name):
    student = Student()
    (verdict,) = judge([EXERCISES[name]], 1, student)
    assert verdict.points == 0
    assert verdict.error == f"{name} is not defined: was its cell deleted, or the function renamed?"
    assert set(messages(verdict)) == {verdict.error}
    assert student.asked == [name]


def stub(*args):
    raise NotImplementedError()


@each_exercise
def test_a_stub_is_not_written_yet(name):
    verdict = judged(name, stub)
    assert (verdict.points, verdict.error) == (0, f"{name} is not written yet.")
    assert set(messages(verdict)) == {verdict.error}
    assert verdict.example is None


def test_an_exception_everywhere_is_told_once_with_its_line():
    failure = Failure("IndexError", "index 4 is out of bounds.", "line 7: Z[i] = 1")
    (verdict,) = judge([EXERCISES["zero_pad"]], 1, Script(Reply(failure=failure)))
    assert verdict.points == 0
    assert verdict.error == (
        "With every input, for example the first: zero_pad raised IndexError: index 4 is out of bounds "
        "(line 7: Z[i] = 1)."
    )
    assert set(messages(verdict)) == {verdict.error}


def test_an_exception_in_some_cases_names_case_and_line_and_costs_only_them():
    one = paper("zero_pad", 1)
    (place,) = {one.groups[criterion.cases] for criterion in one.criteria if criterion.name == "batch"}
    failing = place[0]
    failure = Failure("ValueError", "no", "line 3: raise")
    replies = [Reply(expected) for expected in one.expected]
    replies[failing] = Reply(failure=failure)
    (verdict,) = judge([one.exercise], 1, Script(*replies, replies[0]))
    lost = {criterion.name for criterion in one.criteria if failing in one.groups[criterion.cases]}
    assert {criterion.name for criterion in verdict.criteria if not criterion.passed} == lost
    assert 0 < len(lost) < len(one.criteria)
    note = one.cases[failing].note
    for criterion in verdict.criteria:
        if criterion.name in lost:
            assert criterion.message.startswith(f"With {note}: zero_pad raised ValueError: no (line 3: raise).")
    assert verdict.error is None


def test_a_function_that_takes_too_long_is_not_asked_again():
    script = Script(Reply(failure=Failure("TimeLimit", "It was stopped.")))
    (verdict,) = judge([EXERCISES["zero_pad"]], 1, script)
    assert script.asked == 1
    assert verdict.points == 0
    assert verdict.error == ("With every input: zero_pad took too long and was stopped. Does a loop never end?")


def test_a_function_that_takes_too_long_later_keeps_what_it_earned():
    one = paper("zero_pad", 1)
    slow = Reply(failure=Failure("TimeLimit", "It was stopped."))
    last = len(one.cases) - 1
    script = Script(*(Reply(expected) for expected in one.expected[:last]), slow)
    (verdict,) = judge([one.exercise], 1, script)
    lost = {criterion.name for criterion in one.criteria if last in one.groups[criterion.cases]}
    assert {criterion.name for criterion in verdict.criteria if not criterion.passed} == lost
    assert 0 < verdict.points < 10
    (told,) = {c.message.split(": ", 1)[1].split("?")[0] for c in verdict.criteria if not c.passed}
    assert told == "zero_pad took too long and was stopped. Does a loop never end"


@pytest.mark.parametrize("kind", ["Stopped", "NotRun"])
def test_a_process_that_is_gone_is_not_asked_again_and_says_why(kind):
    script = Script(Reply(failure=Failure(kind, "It ended the Python process it ran in.")))
    (verdict,) = judge([EXERCISES["conv_forward"]], 1, script)
    assert script.asked == 1
    assert verdict.error == "With every input: It ended the Python process it ran in."


@each_exercise
@pytest.mark.parametrize(
    "returned",
    [
        None,
        "a text",
        np.array(["a"]),
        {"a": 1},
        print,
        [],
        (),
        float("nan"),
        float("inf"),
        1e300,
        10**400,
        np.zeros((0, 3)),
        np.zeros(100_000),
        1j,
    ],
    ids=lambda one: f"{type(one).__name__} {one}"[:24],
)
def test_the_wrong_kind_of_answer_loses_points_with_a_sentence(name, returned):
    verdict = judged(name, lambda *args: returned)
    a_number = name == "conv_single_step" and isinstance(returned, float)  # that it is one number earns a point
    assert verdict.points == (1 if a_number else 0)
    for message in (one.message for one in verdict.criteria if not one.passed):
        assert message.startswith("With ")
        assert not [word for word in ("Traceback", "AssertionError", "object at 0x") if word in message]
        assert len(message) < 600
    if returned is None:
        assert all("None" in message for message in messages(verdict))


@each_exercise
def test_nan_in_a_right_shape_loses_points_and_the_example_can_be_shown(name):
    def spoiled(*args):
        found = getattr(solution, name)(*args)
        first = found[0] if isinstance(found, tuple) else found
        broken = np.full(np.shape(first), np.nan)
        return (broken, *found[1:]) if isinstance(found, tuple) else broken

    verdict = judged(name, spoiled)
    assert verdict.points < verdict.max_points
    assert not verdict.visible.passed
    json.dumps(dataclasses.asdict(verdict))


def test_every_message_says_what_to_do():
    for name, exercise in EXERCISES.items():
        verdict = judged(name, lambda *args: None)
        for criterion, message in zip(verdict.hidden, messages(verdict)[1:], strict=True):
            advice = next(one.advice for one in exercise.criteria if one.name == criterion.name)
            assert message.endswith(advice)
        assert f"Run `check({name})` in the notebook" in verdict.visible.message


def test_a_failures_words():
    told = functools.partial(describe, "f")
    assert told(Failure("ValueError", "", ""), "x") == "With x: f raised ValueError: ."
    assert told(Failure("NameError", "g is not defined", "line 2: g()"), "x") == (
        "With x: f raised NameError: g is not defined (line 2: g())."
    )


# Helpers.

WRONG_SIZE = """
def conv_output_size(n_prev, f, stride, pad):
    return (n_prev - f + 2 * pad) // stride
"""
FORWARD_WITH_SIZE = """
def conv_forward(A_prev, W, b, hparameters):
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    f, _, _, n_C = W.shape
    stride, pad = hparameters["stride"], hparameters["pad"]
    n_H = conv_output_size(n_H_prev, f, stride, pad)
    n_W = conv_output_size(n_W_prev, f, stride, pad)
    Z = np.zeros((m, n_H, n_W, n_C))
    padded = np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    for h in range(n_H):
        for w in range(n_W):
            window = padded[:, h * stride : h * stride + f, w * stride : w * stride + f, :]
            Z[:, h, w, :] = np.tensordot(window, W, 3) + b[0, 0, 0]
    return Z, (A_prev, W, b, hparameters)
"""
BROKEN_SIZES = {
    "wrong": WRONG_SIZE,
    "not written": "def conv_output_size(n_prev, f, stride, pad):\n    raise NotImplementedError()",
    "not there": "",
    "raises": "def conv_output_size(n_prev, f, stride, pad):\n    return undefined",
    "a float": "def conv_output_size(n_prev, f, stride, pad):\n    return (n_prev - f + 2 * pad) / stride + 1",
    "None": "def conv_output_size(n_prev, f, stride, pad):\n    print((n_prev - f + 2 * pad) // stride + 1)",
}


@pytest.mark.parametrize("helper", BROKEN_SIZES.values(), ids=BROKEN_SIZES)
def test_a_broken_helper_costs_its_own_points_only(helper, capsys):
    student = Student(helper + FORWARD_WITH_SIZE)
    size, forward = judge(of_lesson(FORWARD), 1, student)
    assert size.points < 3
    assert forward.points == 7
    assert forward.error is None
    assert student.helped == [{"zero_pad", "conv_single_step", "conv_output_size"}]


def test_points_that_come_back_say_why():
    _, forward = judge(of_lesson(FORWARD), 1, Student(WRONG_SIZE + FORWARD_WITH_SIZE))
    told = "Right, once a right zero_pad, conv_single_step and conv_output_size stand in for yours."
    assert set(messages(forward)) <= {"Right.", told}
    assert told in messages(forward)


def test_a_helper_that_never_ends_costs_its_own_points_only():
    class Slow(Student):
        """A helper that hangs: the runner's time limit ends every call that needs it."""

        def call(self, name, args):
            self.asked.append(name)
            if not self.helped:
                return Reply(failure=Failure("TimeLimit", "It was stopped."))
            return sent(answer(self.names[name], args))

    size, forward = judge(of_lesson(FORWARD), 1, Slow(FORWARD_WITH_SIZE))
    assert (size.points, forward.points) == (0, 7)


def test_functions_with_no_helpers_or_full_marks_are_not_asked_again():
    student = Student(WRONG_SIZE, conv_forward=solution.conv_forward)
    size, forward = judge(of_lesson(FORWARD), 1, student)
    assert (size.points < 3, forward.points) == (True, 7)
    assert student.helped == []
    assert student.asked.count("conv_forward") == len(paper("conv_forward", 1).cases)


def test_all_are_judged_as_they_stand_before_any_helper_is_put_right():
    student = Student(WRONG_SIZE + FORWARD_WITH_SIZE)
    judge(of_lesson(FORWARD), 1, student)
    first_round = len(paper("conv_output_size", 1).cases) + len(paper("conv_forward", 1).cases)
    assert student.asked[first_round:] == ["conv_forward"] * len(paper("conv_forward", 1).cases)


def test_help_cannot_take_points_away():
    code = WRONG_SIZE + FORWARD_WITH_SIZE
    before = judge([EXERCISES["conv_forward"]], 1, Student(code.replace("// stride\n", "// stride + (pad > 0)\n")))

    class Spiteful(Student):
        """Answers wrongly once helped."""

        def help(self, functions):
            self.names["conv_forward"] = lambda *args: None

    student = Spiteful(code.replace("// stride\n", "// stride + (pad > 0)\n"))
    after = judge([EXERCISES["conv_forward"]], 1, student)
    assert 0 < after[0].points < before[0].points
    assert after[0].points == sum(c.max_points for c in before[0].criteria if c.message == "Right.")


SECRETS = """
def conv_forward(A_prev, W, b, hparameters):
    size = conv_output_size(5, 3, 1, 1)
    if size == 5:  # the right helper stands here now
        import inspect
        raise SystemError("SECRET " + str(conv_output_size(97, 3, 1, 1)))
    return np.full((1, 1, 1, 1), 3.0), (A_prev, W, b, hparameters)
"""


def test_nothing_of_the_second_round_is_shown():
    seen = Student(WRONG_SIZE + SECRETS)
    _, verdict = judge(of_lesson(FORWARD), 1, seen)
    assert seen.helped
    assert "SECRET" not in json.dumps(dataclasses.asdict(verdict))
    (alone,) = judge([EXERCISES["conv_forward"]], 1, Student(WRONG_SIZE + SECRETS.replace("size == 5", "False")))
    assert verdict == alone


def test_an_example_of_the_second_round_is_not_shown():
    code = SECRETS.replace('raise SystemError("SECRET " + str(conv_output_size(97, 3, 1, 1)))', "").replace(
        "import inspect", "return np.full((1, 1, 1, 1), 777.0), (A_prev, W, b, hparameters)"
    )
    _, verdict = judge(of_lesson(FORWARD), 1, Student(WRONG_SIZE + code))
    assert "777" not in json.dumps(dataclasses.asdict(verdict))


@pytest.mark.parametrize("name", ["conv_forward", "pool_forward", "conv_backward", "pool_backward"])
def test_trusted_sources_run_on_their_own(name):
    for helper in (*EXERCISES[name].helpers, name):
        names = {}
        exec(trusted_source(helper), names)
        assert names[helper](*paper(helper, 1).cases[0].args) is not None


# Diagnosis.


@functools.cache
def named(name: str) -> Counter:
    """How often each mistake of an exercise's bank is named, by (mistake, name found)."""
    found = Counter()
    for seed in SEEDS:
        one = paper(name, seed)
        for mistake in one.exercise.wrong:
            (verdict,) = judge([one.exercise], seed, Student(**{name: mistake.function}))
            found[mistake.id, verdict.diagnosis.id if verdict.diagnosis else None] += 1
    return found


@each_exercise
def test_a_mistake_of_the_bank_is_called_by_its_own_name_or_by_none(name):
    assert [pair for pair in named(name) if pair[1] not in (pair[0], None)] == []


def test_nearly_all_mistakes_of_the_bank_are_named():
    counts = {name: named(name) for name in LAYERS}
    unnamed = [(name, pair[0]) for name, found in counts.items() for pair in found if pair[1] is None]
    right = sum(count for found in counts.values() for pair, count in found.items() if pair[1])
    everything = sum(sum(found.values()) for found in counts.values())
    assert everything > 3 * 200
    assert right >= 0.95 * everything, unnamed


def test_a_name_comes_with_its_hint():
    verdict = judged("zero_pad", wrong("zero_pad", "first-image-only"))
    entry = next(one for one in EXERCISES["zero_pad"].wrong if one.id == "first-image-only")
    assert dataclasses.asdict(verdict.diagnosis) == {"id": entry.id, "hint": entry.hint}


def test_two_mistakes_at_once_have_no_name():
    def both(X, pad):
        return wrong("zero_pad", "first-image-only")(X, pad) + 1.0

    assert judged("zero_pad", both).diagnosis is None


def test_a_mistake_seen_in_some_cases_only_has_no_name():
    forgetful = wrong("conv_output_size", "rounds-up")

    def sometimes(n_prev, f, stride, pad):
        return forgetful(n_prev, f, stride, pad) if pad else solution.conv_output_size(n_prev, f, stride, pad)

    assert judged("conv_output_size", sometimes).diagnosis is None


# Seeds.


@each_exercise
def test_the_same_seed_gives_the_same_paper_and_another_seed_other_numbers(name):
    paper.cache_clear()
    first = paper(name, 5)
    paper.cache_clear()
    again, other = paper(name, 5), paper(name, 6)
    assert first is not again
    assert [case.note for case in first.cases] == [case.note for case in again.cases]
    assert repr_of(first) == repr_of(again)
    assert repr_of(first) != repr_of(other)
    assert first.groups == again.groups == other.groups


def repr_of(one) -> list[str]:
    """The numbers of a paper's cases and right answers."""
    with np.printoptions(threshold=10**6, precision=17):
        return [repr(case.args) for case in one.cases] + [repr(expected) for expected in one.expected]


def test_a_papers_numbers_do_not_depend_on_the_other_papers():
    paper.cache_clear()
    alone = repr_of(paper("pool_forward", 9))
    paper.cache_clear()
    for name in EXERCISES:
        paper(name, 9)
    assert repr_of(paper("pool_forward", 9)) == alone


def test_a_verdict_is_replayed_from_its_seed():
    function = wrong("conv_forward", "padding-forgotten")
    first = judged("conv_forward", function, 2**62 + 1)
    paper.cache_clear()
    assert judged("conv_forward", function, 2**62 + 1) == first


@each_exercise
def test_answers_do_not_change_the_paper(name):
    before = repr_of(paper(name, 1))

    def spoil(*args):
        for one in args:
            if isinstance(one, np.ndarray):
                one[...] = 0
            if isinstance(one, dict):
                one.clear()

    judged(name, spoil)
    assert repr_of(paper(name, 1)) == before


@each_exercise
def test_each_case_is_asked_once_and_looked_at(name):
    one = paper(name, 1)
    student = Student(**{name: getattr(solution, name)})
    assert len(ask(one, student)) == len(one.cases)
    assert (len(student.asked) > len(one.cases)) == bool(EXERCISES[name].speed)  # a race asks for more
    assert len(student.asked) >= len(one.cases)
    assert {place for criterion in one.criteria for place in one.groups[criterion.cases]} == set(range(len(one.cases)))


# Examples.


def test_the_example_is_the_smallest_case_that_went_wrong():
    def off_by_one(X, pad):
        padded = solution.zero_pad(X, pad)
        padded[..., 0, 0, :] += 1
        return padded

    verdict = judged("zero_pad", off_by_one)
    one = paper("zero_pad", 1)
    smallest = min(case.args[0].size for case in one.cases)
    assert next(case for case in one.cases if case.note == verdict.example.note).args[0].size == smallest
    off, marked = np.array(verdict.example.off), np.array(verdict.example.wrong)
    assert off[0, 0] == pytest.approx(1)
    assert marked[0, 0]
    assert marked.sum() == 1
    assert np.abs(off).sum() == pytest.approx(1)
    np.testing.assert_allclose(np.array(verdict.example.yours) - np.array(verdict.example.expected), off)


@each_exercise
def test_an_example_is_a_table_of_numbers_of_bounded_size(name):
    for mistake in EXERCISES[name].wrong:
        example = judged(name, mistake.function).example
        if example is None:
            continue
        shapes = {np.shape(rows) for rows in (example.expected, example.yours, example.off, example.wrong)}
        (shape,) = shapes
        assert len(shape) == 2
        assert max(shape) <= 10
        assert min(shape) >= 1
        assert example.note
        assert example.where


def test_an_example_names_the_part_of_the_answer_and_the_place():
    example = judged("conv_backward", wrong("conv_backward", "first-image-for-all")).example
    name = EXERCISES["conv_backward"].returns
    assert example.where.startswith(name)


def test_a_wrong_shape_has_no_example_of_numbers():
    assert judged("zero_pad", lambda X, pad: X[:, :1]).example is None


# The author's own way.


def test_an_author_sees_the_verdict_and_a_failure_raises(capsys):
    from autograder.author import grade

    grade(solution.zero_pad, seed=1)
    assert "zero_pad: 10 of 10 points" in capsys.readouterr().out

    def zero_pad(X, pad):
        return X

    with pytest.raises(AssertionError, match=r"zero_pad: [\d.]+ of 10 points"):
        grade(zero_pad, seed=1)
    assert "✗" in capsys.readouterr().out


def test_the_authors_answers_are_those_of_the_function_itself():
    local = Local(solution.zero_pad)
    local.help({})
    reply = local.call("zero_pad", (np.ones((1, 2, 3, 1)), 1))
    assert reply.answer.shape == (1, 4, 5, 1)
    assert reply.untouched
