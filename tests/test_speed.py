"""Speed is judged from outside: fast functions get its points on a busy machine too, and no trick gets them."""

from __future__ import annotations

import multiprocessing
from contextlib import contextmanager

import numpy as np
import pytest

from autograder import speed
from autograder.caller import Caller
from autograder.exercise import Failure, Race, Reply
from autograder.exercises import EXERCISES
from autograder.grading import grade_functions
from autograder.judge import judge
from autograder.runner.sandbox import why_not

EXERCISE = EXERCISES["conv_forward_fast"]
SLOWER, FULL = "5 times as fast", "50 times as fast"

FAST = """
def conv_forward_fast(A_prev, W, b, hparameters):
    stride, pad = hparameters["stride"], hparameters["pad"]
    f, n_C = W.shape[0], W.shape[3]
    padded = np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    view = np.lib.stride_tricks.sliding_window_view(padded, (f, f), axis=(1, 2))
    windows = view[:, ::stride, ::stride].transpose(0, 1, 2, 4, 5, 3)
    m, n_H, n_W = windows.shape[:3]
    Z = (windows.reshape(m * n_H * n_W, -1) @ W.reshape(-1, n_C)).reshape(m, n_H, n_W, n_C) + b
    return Z, (A_prev, W, b, hparameters)
"""
EINSUM = FAST.replace(
    "(windows.reshape(m * n_H * n_W, -1) @ W.reshape(-1, n_C)).reshape(m, n_H, n_W, n_C)",
    'np.einsum("mhwijc,ijcd->mhwd", windows, W)',
)
MOVED = """
def conv_forward_fast(A_prev, W, b, hparameters):
    stride, pad = hparameters["stride"], hparameters["pad"]
    padded = np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    n_H, n_W = ((n - len(W)) // stride + 1 for n in padded.shape[1:3])
    Z = np.zeros((len(A_prev), n_H, n_W, W.shape[3])) + b
    for i in range(len(W)):
        for j in range(len(W)):
            Z += padded[:, i : i + n_H * stride : stride, j : j + n_W * stride : stride][:, :n_H, :n_W] @ W[i, j]
    return Z, (A_prev, W, b, hparameters)
"""
PIXELS = '''
def pixels(A_prev, W, b, hparameters):
    """A loop over pixels, all images and filters at once."""
    stride, pad, f = hparameters["stride"], hparameters["pad"], len(W)
    padded = np.pad(A_prev, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    n_H, n_W = ((n - f) // stride + 1 for n in padded.shape[1:3])
    Z = np.zeros((len(A_prev), n_H, n_W, W.shape[3]))
    for h in range(n_H):
        for w in range(n_W):
            window = padded[:, h * stride : h * stride + f, w * stride : w * stride + f]
            Z[:, h, w] = np.tensordot(window, W, 3) + b[0, 0]
    return Z, (A_prev, W, b, hparameters)

conv_forward_fast = pixels
'''
LOOPS = PIXELS.replace(
    "            Z[:, h, w] = np.tensordot(window, W, 3) + b[0, 0]",
    "            for i in range(len(Z)):\n"
    "                for c in range(Z.shape[3]):\n"
    "                    Z[i, h, w, c] = np.sum(window[i] * W[..., c]) + b[0, 0, 0, c]",
)
#: Loops that try to look fast: by what they remember, by the clock, and by work that others are to do.
TRICKS = {
    "remembers answers": LOOPS
    + """
answers = {}
def conv_forward_fast(A_prev, W, b, hparameters):
    key = A_prev.shape, W.shape, str(hparameters)
    if key not in answers:
        answers[key] = pixels(A_prev, W, b, hparameters)
    return answers[key]
""",
    "stops the clock": LOOPS
    + """
import time
for name in ("time", "perf_counter", "monotonic", "process_time", "thread_time"):
    setattr(time, name, lambda: 0.0)
""",
    "sleeps": LOOPS
    + """
import time
def conv_forward_fast(A_prev, W, b, hparameters):
    answer = pixels(A_prev, W, b, hparameters)
    time.sleep(0.1)
    return answer
""",
    "has a child do it": LOOPS
    + """
import os, pickle
def conv_forward_fast(A_prev, W, b, hparameters):
    back, there = os.pipe()
    child = os.fork()
    if child == 0:
        with os.fdopen(there, "wb") as out:
            pickle.dump(pixels(A_prev, W, b, hparameters)[0], out)
        os._exit(0)
    os.close(there)
    with os.fdopen(back, "rb") as out:
        Z = pickle.load(out)
    os.waitpid(child, 0)
    return Z, (A_prev, W, b, hparameters)
""",
    "has a thread do it": LOOPS
    + """
import threading
def conv_forward_fast(A_prev, W, b, hparameters):
    answers = []
    thread = threading.Thread(target=lambda: answers.append(pixels(A_prev, W, b, hparameters)))
    thread.start()
    thread.join()
    return answers[0]
""",
    "keeps the machine busy": LOOPS
    + """
import os
def busy():
    while True:
        pass
if os.fork() == 0:
    busy()
""",
}
confined = pytest.mark.parametrize("sandboxed", [why_not() is None])


def graded(source: str, sandboxed: bool) -> dict[str, bool]:
    """By criterion, whether a file with this function meets it, in a process of its own."""
    (verdict,) = grade_functions(source, [EXERCISE], 7, sandboxed=sandboxed).verdicts
    return {criterion.name: criterion.passed for criterion in verdict.criteria}


@contextmanager
def busy_machine():
    """Other processes that take all the time they can get, on every processor."""
    others = [multiprocessing.get_context("spawn").Process(target=_spin, daemon=True) for _ in range(3)]
    for other in others:
        other.start()
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.join()


def _spin() -> None:
    while True:
        pass


@confined
@pytest.mark.parametrize("source", [FAST, EINSUM, MOVED], ids=["matrix product", "einsum", "moved images"])
def test_a_vectorised_version_gets_all_points(source, sandboxed):
    assert all(graded(source, sandboxed).values())


@confined
def test_a_busy_machine_costs_a_fast_version_nothing_and_gives_loops_nothing(sandboxed):
    with busy_machine():
        assert all(graded(FAST, sandboxed).values())
        assert not graded(LOOPS, sandboxed)[SLOWER]


@confined
def test_loops_lose_the_points_for_speed_and_no_others(sandboxed):
    missed = {name for name, passed in graded(LOOPS, sandboxed).items() if not passed}
    assert missed == {SLOWER, FULL}


@confined
def test_a_loop_over_pixels_alone_gets_a_part(sandboxed):
    missed = {name for name, passed in graded(PIXELS, sandboxed).items() if not passed}
    assert missed == {FULL}


@confined
@pytest.mark.parametrize("trick", TRICKS)
def test_no_trick_makes_loops_fast(trick, sandboxed):
    met = graded(TRICKS[trick], sandboxed)
    assert not met[SLOWER]
    assert not met[FULL]


class Scripted:
    """Whoever answers: takes so many seconds of processor time for each call, and gives what a function gives."""

    def __init__(self, seconds, function, loops=1.0):
        self.seconds, self.function, self.loops = seconds, function, loops
        self.used = 0.0
        self.asked = []

    def call(self, name, args) -> Reply:
        if name == speed.LOOPS:
            return Reply(self.loops)
        self.asked.append(args)
        self.used += self.seconds(len(self.asked)) if callable(self.seconds) else self.seconds
        answer = self.function(*args)
        return answer if isinstance(answer, Reply) else Reply(answer)

    def help(self, functions) -> None:
        """No helpers are judged here."""

    def processor_seconds(self) -> float:
        return self.used

    @contextmanager
    def apart(self, functions):
        yield self


def race(caller: Caller) -> Race:
    return speed.race(EXERCISE, EXERCISE.speed, 1, caller)


def right(*args):
    return EXERCISE.expected(type("Case", (), {"args": args})())


def test_the_ratio_is_that_of_processor_times():
    assert race(Scripted(1 / 80, right)).times == pytest.approx(80)
    assert race(Scripted(1 / 20, right)).times == pytest.approx(20)
    assert race(Scripted(1.0, right)).times == pytest.approx(1)


def test_the_best_round_counts():
    """Half of the calls are slowed down by a factor of two; who could be fast enough gets more rounds."""
    slowed = Scripted(lambda number: 1 / 35 if number <= 2 * speed.CALLS else 1 / 70, right)
    assert race(slowed).times == pytest.approx(70)
    assert len(slowed.asked) == 3 * speed.CALLS


def test_whoever_is_far_from_more_points_is_not_tried_again():
    for share in (1.0, 1 / 12):
        caller = Scripted(share, right)
        race(caller)
        assert len(caller.asked) <= speed.CALLS


def test_every_call_gets_other_numbers():
    caller = Scripted(1 / 30, right)
    race(caller)
    seen = {A_prev.tobytes() for A_prev, *_ in caller.asked}
    assert len(seen) == len(caller.asked) >= 2 * speed.CALLS


def test_one_wrong_answer_costs_the_race():
    calls = []

    def wrong_once(*args):
        Z, cache = right(*args)
        calls.append(1)
        return (Z + (len(calls) == 5), cache)

    found = race(Scripted(1 / 80, wrong_once))
    assert found.times == 0
    assert "values of Z differ" in found.problem


def test_a_call_that_is_stopped_for_its_time_is_slow_and_another_failure_is_told():
    assert race(Scripted(4.0, lambda *args: Reply(failure=Failure("TimeLimit", "")))) == Race(0.25)
    found = race(Scripted(1 / 80, lambda *args: Reply(failure=Failure("ValueError", "no"))))
    assert (found.times, found.problem) == (0.0, "when it was timed, it stopped with ValueError: no")


def test_loops_that_fail_are_no_fault_of_the_students():
    class Broken(Scripted):
        def call(self, name, args):
            return Reply(failure=Failure("Stopped", "gone")) if name == speed.LOOPS else super().call(name, args)

    with pytest.raises(RuntimeError, match="The loops that conv_forward_fast is timed against failed: gone"):
        race(Broken(1 / 80, right))


def test_a_function_that_is_wrong_anyway_is_not_timed():
    caller = Scripted(1 / 80, lambda A_prev, W, b, hparameters: (np.zeros(1), (A_prev, W, b, hparameters)))
    (verdict,) = judge([EXERCISE], 3, caller)
    assert not any(criterion.passed for criterion in verdict.criteria if criterion.name in (SLOWER, FULL))
    assert all(A_prev.size < 1000 for A_prev, *_ in caller.asked)


def test_what_was_measured_is_told():
    (verdict,) = judge([EXERCISE], 3, Scripted(1 / 8, right))
    (told,) = (criterion.message for criterion in verdict.criteria if criterion.name == FULL)
    assert "it was 8.0 times as fast as the loops, and 50 times are wanted." in told
