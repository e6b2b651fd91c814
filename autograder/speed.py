"""How many times as fast as loops a function is: timed from outside, on inputs it has not seen, answers included.

What counts is processor time, as the kernel counts it for the process in which the student's function runs and for all
that it started: no clock of theirs is asked, and a machine that is busy with something else makes nobody slower.  Every
call gets numbers of its own and its answer is verified, so nothing can be kept from one to the next.  The loops run in
a process with nothing of the student's.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from autograder.caller import Caller, source_of
from autograder.exercise import Case, Exercise, Race, Reply, Speed, whole
from autograder.paper import Paper

#: The best of so many rounds counts; each has one run of the loops and so many calls, fewer where they take too long.
ROUNDS, CALLS, SECONDS = 6, 10, 1.0
#: The kernel counts in hundredths of a second.
TICK = 0.01
#: Another round is run for a function that is slower than what earns points, but not by more than this.
NEAR = 0.5
LOOPS = "loops"


def raced(one: Paper, replies: Sequence[Reply], caller: Caller) -> list[Reply]:
    """``replies``, where those that speed is judged by, if they are right, carry what came of the race."""
    speed, made = one.exercise.speed, list(replies)
    if speed is None:
        return made
    right = whole(*one.exercise.returns)
    for place in one.groups[speed.cases]:
        if not replies[place].failure and right(one.cases[place], one.expected[place], replies[place]) is None:
            made[place] = replace(replies[place], race=race(one.exercise, speed, one.seed, caller))
    return made


def race(exercise: Exercise, speed: Speed, seed: int, caller: Caller) -> Race:
    """What comes of the student's function beside the loops; it ends when more rounds would earn no more points."""
    rng = np.random.default_rng([seed, zlib.crc32(f"{exercise.name} race".encode())])
    loops = best = np.inf
    with caller.apart({LOOPS: source_of(speed.loops)}) as apart:
        for _ in range(ROUNDS):
            reply = apart.call(LOOPS, speed.draw(rng))
            if reply.failure:
                raise RuntimeError(f"The loops that {exercise.name} is timed against failed: {reply.failure.message}")
            loops = min(loops, float(reply.answer))
            seconds, problem = _timed(exercise, speed, rng, caller)
            if problem:
                return Race(0.0, problem)
            best = min(best, seconds)
            if not any(NEAR * times < loops / best < times for times in speed.times):
                break
    return Race(float(loops / best))


def _timed(exercise: Exercise, speed: Speed, rng: np.random.Generator, caller: Caller) -> tuple[float, str]:
    """How many seconds of processor time a call takes, and what is wrong with one, empty where nothing is."""
    began, before = time.monotonic(), caller.processor_seconds()
    calls: list[tuple[tuple[Any, ...], Reply]] = []
    while len(calls) < CALLS and time.monotonic() - began < SECONDS:
        args = speed.draw(rng)
        calls.append((args, caller.call(exercise.name, args)))
    used = max(caller.processor_seconds() - before, TICK)
    problems = (_problem(exercise, args, reply) for args, reply in calls)
    return used / len(calls), next(filter(None, problems), "")


def _problem(exercise: Exercise, args: tuple[Any, ...], reply: Reply) -> str:
    """What is wrong with a timed call; to be stopped because it took too long is slow, not wrong."""
    if reply.failure:
        name = reply.failure.name
        return "" if name == "TimeLimit" else f"when it was timed, it stopped with {name}: {reply.failure.message}"
    case = Case(args, "when it was timed")
    found = whole(*exercise.returns)(case, exercise.expected(case), reply)
    return f"when it was timed, {found.message}" if found else ""
