"""Records of a class that never was, drawn from a seed: every state, mistakes of the bank, odd names."""

from __future__ import annotations

import numpy as np

from autograder.exercise import Exercise
from autograder.exercises import of_lesson
from autograder.records import FAILED, GRADED, LOOK, Record
from autograder.verdict import CriterionVerdict, Diagnosis, Example, Verdict

LESSONS = ("01-images-and-padding", "02-one-step", "03-conv-forward", "04-pool-forward", "05-conv-backward")
ODD_NAMES = ("<script>alert('x')<script>", "Zoë Łukasz & Co", '"><img src=x onerror=alert(1)>', "=1+1", "山田太郎")
REASONS = (
    "conv_forward.ipynb is missing; there is maria-final.ipynb: rename it, and grade again",
    "conv_forward.ipynb is not a notebook: its JSON is broken (line 3: Expecting value)",
)


def records(count: int, seed: int = 0) -> list[Record]:
    """That many records, five of each student."""
    rng = np.random.default_rng(seed)
    return [_record(rng, _name(i // len(LESSONS)), LESSONS[i % len(LESSONS)]) for i in range(count)]


def _name(place: int) -> str:
    return ODD_NAMES[place] if place < len(ODD_NAMES) else f"student-{place:05d}"


def _record(rng: np.random.Generator, student: str, assignment: str) -> Record:
    fate = rng.random()
    if fate < 0.02:
        return Record(student, assignment, FAILED, REASONS[int(rng.integers(len(REASONS)))])
    skill = rng.beta(4, 1.2)
    verdicts = [_verdict(rng, exercise, skill) for exercise in of_lesson(assignment)]
    return Record(
        student,
        assignment,
        LOOK if fate < 0.05 else GRADED,
        "Cell 7: It took too long and was stopped. Does a loop never end?" if 0.02 <= fate < 0.05 else "",
        sum(verdict.points for verdict in verdicts),
        sum(verdict.max_points for verdict in verdicts),
        round(float(rng.lognormal(-0.6, 0.7)), 3),
        int(rng.integers(2**62)),
        verdicts=[verdict.as_record() for verdict in verdicts],
    )


def _verdict(rng: np.random.Generator, exercise: Exercise, skill: float) -> Verdict:
    fate = rng.random()
    right = fate < skill
    unwritten = fate > 0.97
    criteria = tuple(
        CriterionVerdict(
            criterion.name,
            criterion.asks,
            met,
            criterion.points * met,
            criterion.points,
            "Right." if met else "With stride 2: it differs.",
        )
        for criterion in (exercise.visible(), *exercise.criteria)
        for met in [bool(right or (not unwritten and rng.random() < 0.6))]
    )
    lost = not all(criterion.passed for criterion in criteria)
    named = lost and not unwritten and rng.random() < 0.8
    wrong = exercise.wrong[min(int(rng.exponential(3)), len(exercise.wrong) - 1)]
    return Verdict(
        exercise.name,
        exercise.lesson,
        criteria,
        Diagnosis(wrong.id, wrong.hint) if named else None,
        f"{exercise.name} is not written yet." if unwritten else None,
        _example(rng) if lost and not unwritten and wrong is not exercise.wrong[1] else None,
    )


def _example(rng: np.random.Generator) -> Example:
    rows, columns = (int(n) for n in rng.integers(2, 6, 2))
    expected = rng.integers(-9, 10, (rows, columns)).astype(float)
    yours = expected + rng.integers(0, 2, (rows, columns)) * rng.normal(size=(rows, columns))
    off = yours - expected
    return Example(
        "stride 2, pad 1", "Z[0, :, :, 0]", expected.tolist(), yours.tolist(), off.tolist(), (off != 0).tolist()
    )
