"""Records with no one's name in them, for a report that is passed on."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Iterable
from dataclasses import replace

from autograder.records import FAILED, Record

#: What stands for an assignment that the course does not have: a student named the folder.
UNKNOWN = "(no assignment of the course)"


def anonymous(records: Iterable[Record], assignments: Collection[str]) -> list[Record]:
    """The records with students as "student 1", …, in an order that is drawn anew each time and tells nothing.

    Of the reasons, what a student wrote is left out: names of files and folders.
    """
    found = list(records)
    students = sorted({record.student for record in found})
    secrets.SystemRandom().shuffle(students)
    width = len(str(len(students)))
    names = {student: f"student {i:0{width}}" for i, student in enumerate(students, start=1)}
    renamed = [
        replace(
            record,
            student=names[record.student],
            assignment=record.assignment if record.assignment in assignments else UNKNOWN,
            reason=_stem(record.reason) if record.state == FAILED else record.reason,
        )
        for record in found
    ]
    return sorted(renamed, key=lambda record: (record.student, record.assignment))


def _stem(reason: str) -> str:
    """The beginning of a reason, up to where it quotes: "conv_forward.ipynb is missing"."""
    stem = re.split(r"""[;:('"/]""", reason, maxsplit=1)[0].strip().rstrip(".")
    return stem or "its files are not as they should be"
