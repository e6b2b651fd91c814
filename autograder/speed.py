"""How many times as fast as loops a function is: timed from outside, on inputs it has not seen, answers included.

The student's function is timed by the grader's clock, around the whole call, so no clock of theirs is asked and what
sleeps is slow.  Every call gets numbers of its own and its answer is verified, so nothing can be kept from one to the
next.  The loops run in a process with nothing of the student's, by the processor time they take there: a machine that
is busy makes them no slower.  It makes the student's call slower, so the best of many tries counts.
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

#: Rounds of one run of the loops and several tries, and how long to wait between rounds, longer each time.
ROUNDS, TRIES, PAUSE = 5, 6, 0.05
#: A function that stays this far below the least that earns points is not tried again.
HOPELESS = 0.5
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
    """What comes of the student's function beside the loops; it ends as soon as it is fast enough for all points."""
    rng = np.random.default_rng([seed, zlib.crc32(f"{exercise.name} race".encode())])
    loops = best = np.inf
    with caller.apart({LOOPS: source_of(speed.loops)}) as apart:
        for number in range(ROUNDS):
            time.sleep(PAUSE * number)
            reply = apart.call(LOOPS, speed.draw(rng))
            if reply.failure:
                raise RuntimeError(f"The loops that {exercise.name} is timed against failed: {reply.failure.message}")
            loops = min(loops, float(reply.answer))
            for _ in range(TRIES):
                seconds, problem = _timed(exercise, speed.draw(rng), caller)
                if problem:
                    return Race(0.0, problem)
                best = min(best, seconds)
                if loops / best >= max(speed.times):
                    return Race(loops / best)
                if loops / best < HOPELESS * min(speed.times):
                    break
            if loops / best < HOPELESS * min(speed.times):
                break
    return Race(loops / best)


def _timed(exercise: Exercise, args: tuple[Any, ...], caller: Caller) -> tuple[float, str]:
    """How many seconds a call took, and what is wrong with it, empty where nothing is."""
    began = time.perf_counter()
    reply = caller.call(exercise.name, args)
    seconds = time.perf_counter() - began
    if reply.failure:
        took = reply.failure.name == "TimeLimit"
        return seconds, "" if took else f"it stopped with {reply.failure.name}: {reply.failure.message}"
    case = Case(args, "the timed call")
    found = whole(*exercise.returns)(case, exercise.expected(case), reply)
    return seconds, found.message if found else ""
