"""Every mutant of every lesson's solution is rejected by the hidden cases, or is right and listed as such."""

from __future__ import annotations

import ast

import pytest
from mutation.equivalent import EQUIVALENT, equivalent
from mutation.mutate import mutants
from mutation.survive import TimeUp, defined, mutants_of, rejected_by, reply, survivors, time_limit

from autograder.exercises import EXERCISES, LAYERS
from autograder.paper import paper

each_exercise = pytest.mark.parametrize("name", LAYERS)

#: What a report line looks like; ``pytest -s`` or ``-rP`` shows it, and benchmarks/judge_quality.py adds all up.
REPORT = "{name}: {killed} of {total} mutants rejected, {right} are equivalent"


def verify(name, seed):
    """Compare the survivors of one run's cases with the list of the equivalent ones."""
    left = {mutant.id for mutant in survivors(EXERCISES[name], paper(name, seed))}
    assert left - equivalent(name) == set(), "these pass the hidden cases: add a case, or a reason to EQUIVALENT"
    assert equivalent(name) - left == set(), "these are listed as equivalent, and are none or are rejected"
    return left


@each_exercise
def test_every_mutant_is_rejected_or_listed_as_equivalent(name, record_property):
    left, total = verify(name, seed=1), len(mutants_of(name))
    record_property("mutants", f"{total - len(left)}/{total}")
    print(REPORT.format(name=name, killed=total - len(left), total=total, right=len(left)))


@pytest.mark.slow
@each_exercise
def test_every_mutant_is_rejected_whatever_the_seed(name):
    for seed in range(2, 12):
        verify(name, seed)


@each_exercise
def test_the_unchanged_solution_meets_every_criterion(name):
    """Or rejecting its mutants would mean nothing."""
    from mutation.survive import solution_source

    assert rejected_by(paper(name, 1), defined(name, solution_source(name))) is None


def test_equivalent_mutants_are_listed_for_exercises_that_there_are():
    assert set(EQUIVALENT) <= set(LAYERS)


def test_mutants_are_different_functions_with_names_of_their_own():
    for name in LAYERS:
        made = mutants_of(name)
        assert len(made) > 10
        assert len({mutant.id for mutant in made}) == len({mutant.source for mutant in made}) == len(made)


SUM = '''
def total(rows, scale=2):
    """Text that is not mutated."""
    s, n = 0, 1
    for i in range(len(rows)):
        for j in range(n):
            s += rows[i, j:j + n] * scale
    return s, n
'''


@pytest.mark.parametrize(
    "line",
    [
        "s -= rows[i, j:j + n] * scale",
        "s = rows[i, j:j + n] * scale",
        "s += rows[i, j:j + n] / scale",
        "s += rows[j, j:j + n] * scale",
        "s += rows[j:j + n, i] * scale",
        "s += rows[0, j:j + n] * scale",
        "s += rows[i, j:j - n] * scale",
        "s += rows[i, :j + n] * scale",
        "s += rows[i, j:] * scale",
        "s += rows[i, j:j + n + 1] * scale",
        "s += rows[i, j:-j] * scale",
        "for i in range(1, len(rows)):",
        "for i in range(len(rows) - 1):",
        "for j in range(s):",
        "s, n = (1, 1)",
        "s, n = (0, 2)",
        "s, n = (1, 0)",
        "n, s = (0, 1)",
        "return (n, s)",
        "return s",
        "def total(rows, scale=3):",
        "without: s += rows[i, j:j + n] * scale",
        "break",
    ],
)
def test_the_usual_slips_are_among_the_mutants(line):
    assert line in {mutant.id for mutant in mutants(SUM)}


def test_a_return_inside_of_a_loop_is_a_mutant():
    trees = [ast.parse(mutant.source) for mutant in mutants(SUM)]
    loops = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.For)]
    assert any(isinstance(loop.body[-1], ast.Return) for loop in loops)


def test_a_mutant_that_never_ends_is_stopped():
    def endless():
        while True:
            pass

    with pytest.raises(TimeUp), time_limit(0.05):
        endless()


def test_a_mutant_that_stops_counts_as_rejected():
    failing = defined("conv_output_size", "def conv_output_size(n, f, stride, pad):\n    return n // 0")
    assert reply(failing, (5, 3, 1, 0)).failure.name == "ZeroDivisionError"
    assert rejected_by(paper("conv_output_size", 1), failing) is not None
