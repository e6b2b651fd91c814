"""A reply as criteria look at it: as it came, but for inputs that were tried, and numbers in the order of questions."""

from __future__ import annotations

from autograder import break_it, questions
from autograder.caller import Caller
from autograder.exercise import Exercise, Reply


def examined(exercise: Exercise, reply: Reply, caller: Caller) -> Reply:
    """What the criteria of ``exercise`` look at; ``caller`` is who gave the reply."""
    if reply.failure:
        return reply
    if exercise.breaks:
        return break_it.tried(exercise, exercise.breaks, reply, caller)
    return questions.numbered(exercise, reply) if exercise.questions else reply
