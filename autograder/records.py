"""What is kept of every graded submission beside the gradebook, so that a grade can be explained and replayed.

One JSON file each, ``verdicts/STUDENT/ASSIGNMENT.json``: the seed, the state and why, and every criterion.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

GRADED: Final = "graded"
LOOK: Final = "needs a look"
FAILED: Final = "could not be graded"
State = Literal["graded", "needs a look", "could not be graded"]

#: Modules of the package that only show what was decided: a change of theirs makes no grade stale.
SHOWING = ("cli.py", "explain.py", "tables.py")


@dataclass(frozen=True)
class Record:
    """The outcome of one submission.  ``submission`` and ``version`` are digests of what was graded, and by what."""

    student: str
    assignment: str
    state: State
    reason: str = ""
    points: float | None = None
    max_points: float | None = None
    seconds: float = 0.0
    seed: int | None = None
    submission: str = ""
    version: str = ""
    verdicts: list[dict[str, Any]] = field(default_factory=list)


def path_of(root: Path, student: str, assignment: str) -> Path:
    """Where a submission's record lies."""
    return root / "verdicts" / student / f"{assignment}.json"


def save(root: Path, record: Record) -> None:
    """Keep a record: written beside its place, then moved there, so that none is ever half-written."""
    write_whole(path_of(root, record.student, record.assignment), json.dumps(asdict(record), indent=1) + "\n")


def forget(root: Path, student: str, assignment: str) -> None:
    """Drop a submission's record: it is graded anew from here on."""
    path_of(root, student, assignment).unlink(missing_ok=True)


def load(root: Path, student: str, assignment: str) -> Record | None:
    """A submission's record, or None where there is none that can be read."""
    with contextlib.suppress(OSError, ValueError, TypeError):
        return Record(**json.loads(path_of(root, student, assignment).read_text(encoding="utf-8")))
    return None


def load_all(root: Path) -> Iterator[Record]:
    """All records, by student and assignment."""
    for path in sorted((root / "verdicts").glob("*/*.json")):
        if record := load(root, path.parent.name, path.stem):
            yield record


def write_whole(path: Path, text: str) -> None:
    """Write a file so that whoever reads it finds the old text or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def digest(data: bytes) -> str:
    """A digest of a submitted file."""
    return hashlib.sha256(data).hexdigest()


def version(source: Path) -> str:
    """A digest of what a grade depends on besides the submission: the lesson's notebook and the judging code."""
    return digest(source.read_bytes() + judging_code().encode())


@functools.cache
def judging_code() -> str:
    """A digest of the code that grades depend on."""
    package = Path(__file__).parent
    files = sorted([*package.glob("*.py"), *package.glob("exercises/*.py"), *package.glob("runner/**/*.py")])
    return digest(b"".join(path.read_bytes() for path in files if path.name not in SHOWING))
