"""How good the judge is, in numbers: what it rejects, what it accepts, and how often it names the right mistake.

    python benchmarks/judge_quality.py              # two or three minutes
    python benchmarks/judge_quality.py --seeds 200  # steady verdicts, as in make test-long

A wrong version counts as rejected when it loses hidden points in every run (seed) tried, a right one as accepted when
it gets full marks in every one.  A diagnosis is right when the function answers 200 further inputs as the named
mistake does.  The time at the end is the grader's own, for one submission of one lesson, from its answers to verdicts
and diagnoses; the right and the wrong answers are worked out once a run, before it.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import time
from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from bank.further import bank_pairs, diagnosed, is_right, sample_of
from mutation.equivalent import equivalent
from mutation.survive import defined, mutants_of, rejected_by, reply

from autograder.author import Local
from autograder.exercise import Exercise, Reply
from autograder.exercises import LAYERS
from autograder.judge import judge
from autograder.paper import paper

Function = Callable[..., Any]
#: By exercise, functions by name.
Functions = dict[str, dict[str, Function]]


def points(exercise: Exercise, function: Function, seed: int) -> tuple[float, float]:
    """The points lost in the hidden tests, and in all."""
    with contextlib.redirect_stdout(io.StringIO()):
        (verdict,) = judge([exercise], seed, Local(function))
    hidden = sum(criterion.max_points - criterion.points for criterion in verdict.hidden)
    return hidden, verdict.max_points - verdict.points


def versions(seeds: int) -> tuple[int, int, int, int]:
    """Of the bank: wrong ones rejected, of how many, and right ones accepted, of how many."""
    rejected = wrong = accepted = right = 0
    for name, exercise in LAYERS.items():
        for one in exercise.wrong:
            wrong += 1
            rejected += all(points(exercise, one.function, seed)[0] > 0 for seed in range(1, seeds + 1))
        for function in import_module(f"bank.right.{name}").RIGHT.values():
            right += 1
            accepted += all(points(exercise, function, seed)[1] == 0 for seed in range(1, seeds + 1))
    return rejected, wrong, accepted, right


def mutation() -> tuple[int, int, int, Functions]:
    """Mutants rejected, of how many that are wrong, and equivalent ones; and those rejected, as functions."""
    total = right = 0
    rejected: Functions = {}
    for name in LAYERS:
        total += len(mutants_of(name))
        right += len(equivalent(name))
        functions = {mutant.id: defined(name, mutant.source) for mutant in mutants_of(name)}
        rejected[name] = {id: one for id, one in functions.items() if rejected_by(paper(name, 1), one)}
    return sum(map(len, rejected.values())), total - right, right, rejected


def diagnoses(functions: Functions) -> tuple[int, int, int]:
    """Diagnoses that are right, that were given, and functions in all."""
    right = named = total = 0
    for name, some in functions.items():
        for function in some.values():
            total += 1
            if found := diagnosed(name, function):
                named += 1
                right += is_right(name, function, found)
    return right, named, total


class Answered:
    """A caller whose answers are at hand, so that only the grader's time is measured."""

    def __init__(self, replies: dict[str, list[Reply]]) -> None:
        self.replies = replies
        self.help({})

    def call(self, name: str, args: tuple[Any, ...]) -> Reply:
        """The next answer."""
        return next(self.coming[name])

    def help(self, functions: Any) -> None:
        """Right helpers change nothing here: the same answers once more."""
        self.coming = {name: iter(given) for name, given in self.replies.items()}


def grader_milliseconds(sets: Iterable[Functions]) -> dict[str, list[float]]:
    """By lesson, the times for verdict and diagnosis of submissions in which every function is wrong."""
    answers: dict[str, list[list[Reply]]] = {}
    for name in LAYERS:
        wrong = [function for functions in sets for function in functions[name].values()]
        answers[name] = [[reply(function, case.args) for case in paper(name, 1).cases] for function in wrong]
        diagnosed(name, wrong[0])
        paper(name, 1).shows, paper(name, 1).pairs  # worked out once a run
    found: dict[str, list[float]] = {}
    for lesson in dict.fromkeys(exercise.lesson for exercise in LAYERS.values()):
        exercises = [exercise for exercise in LAYERS.values() if exercise.lesson == lesson]
        for number in range(max(len(answers[exercise.name]) for exercise in exercises)):
            given = {one.name: answers[one.name][number % len(answers[one.name])] for one in exercises}
            began = time.perf_counter()
            judge(exercises, 1, Answered(given))
            found.setdefault(lesson, []).append(1000 * (time.perf_counter() - began))
    return found


def main() -> None:
    """Print all numbers."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--seeds", type=int, default=5, help="runs in which each version of the bank is judged")
    options.add_argument("--sample", type=int, default=40, help="pairs and mutants diagnosed of each exercise")
    chosen = options.parse_args()
    began = time.perf_counter()
    rejected, wrong, accepted, right = versions(chosen.seeds)
    print(f"wrong versions rejected: {rejected} / {wrong}, in each of {chosen.seeds} runs")
    print(f"right versions accepted: {accepted} / {right}, in each of {chosen.seeds} runs")
    killed, total, equal, mutants = mutation()
    print(f"mutants killed: {killed} / {total}; {equal} more are equivalent, and listed with the reason")
    sets: dict[str, Functions] = {
        "single mistakes": {name: {one.id: one.function for one in e.wrong} for name, e in LAYERS.items()},
        "pairs of mistakes": {name: dict(sample_of(name, bank_pairs(name).items(), chosen.sample)) for name in LAYERS},
        "random mutants": {name: dict(sample_of(name, mutants[name].items(), chosen.sample)) for name in LAYERS},
    }
    sums = [0, 0, 0]
    for label, functions in sets.items():
        counts = diagnoses(functions)
        sums = [a + b for a, b in zip(sums, counts, strict=True)]
        print(f"diagnoses right / named / total: {counts[0]} / {counts[1]} / {counts[2]}  ({label})")
    print(f"diagnoses right / named / total: {sums[0]} / {sums[1]} / {sums[2]}  (all)")
    print(f"seconds for the lot: {time.perf_counter() - began:.1f}")
    for lesson, times in grader_milliseconds(sets.values()).items():
        print(f"verdict and diagnosis, {lesson}: median {median(times):.0f} ms, longest {max(times):.0f} ms")


if __name__ == "__main__":
    main()
