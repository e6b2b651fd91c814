"""What a submission's folder may hold: nbgrader copies all of it and follows whatever it finds.

A link would be followed to the grader's own files, a FIFO waited for, a device read without end, and folders in folders
walked until Python gives up.  So a folder that holds more than plain files in plain amounts is not graded.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from autograder.submission import SubmissionError

MAX_FILES = 1000
MAX_BYTES = 100 * 2**20
MAX_DEPTH = 20
UNSHOWABLE = '<>"\\'  # nbgrader's pages show names as they are, in HTML and in scripts
TIMESTAMP = "timestamp.txt"  # nbgrader reads from it when the work was handed in


def is_showable(student: str) -> bool:
    """Whether a name can stand in nbgrader's pages, and so in its gradebook, without being taken for code."""
    return not any(character in student for character in UNSHOWABLE)


def demand_gradable(folder: Path, student: str, notebook: str) -> None:
    """Raise `SubmissionError` where the folder of a submission is not one that can be graded, or lacks its notebook."""
    if not is_showable(student):
        characters = ", ".join(UNSHOWABLE)
        raise SubmissionError(f"nbgrader's pages cannot show the student's name, which has one of {characters} in it")
    try:
        if folder.is_symlink() or not folder.is_dir():
            raise SubmissionError(f"{folder.name} is not a folder")
        _demand_plain(folder)
        _demand_notebook(folder, notebook)
    except OSError as error:
        name = os.path.basename(error.filename or folder)
        raise SubmissionError(f"{name!r} in the submission cannot be read: {error.strerror}") from error
    _demand_time(folder / TIMESTAMP)


def _demand_plain(folder: Path) -> None:
    files = size = 0
    todo = [(str(folder), 0)]
    while todo:
        here, depth = todo.pop()
        if depth > MAX_DEPTH:
            raise SubmissionError(f"it has folders in folders, more than {MAX_DEPTH} deep")
        with os.scandir(here) as entries:
            for entry in entries:
                status = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(status.st_mode):
                    todo.append((entry.path, depth + 1))
                elif not stat.S_ISREG(status.st_mode):
                    kind = "a link" if stat.S_ISLNK(status.st_mode) else "a special file"
                    raise SubmissionError(
                        f"{entry.name!r} in the submission is {kind}; a submission holds plain files only"
                    )
                elif not os.access(entry.path, os.R_OK):
                    raise SubmissionError(f"{entry.name!r} in the submission cannot be read: Permission denied")
                files += 1
                size += status.st_size if not entry.name.endswith(".ipynb") else 0  # notebooks are not copied
                if files > MAX_FILES:
                    raise SubmissionError(f"it has more than {MAX_FILES} files")
    if size > MAX_BYTES:
        raise SubmissionError(f"the files beside the notebook have more than {MAX_BYTES // 2**20} MiB")


def _demand_notebook(folder: Path, wanted: str) -> None:
    if not os.path.lexists(folder / wanted):
        others = sorted(p.name if p.name.isprintable() else ascii(p.name) for p in folder.glob("*.ipynb"))
        found = f"there is {', '.join(others)}: rename it, and grade again" if others else "nothing was handed in"
        raise SubmissionError(f"{wanted} is missing; {found}")


def _demand_time(path: Path) -> None:
    """nbgrader would stop at a time stamp that it cannot read."""
    from nbgrader.utils import parse_utc

    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(100).strip()
        if text:
            parse_utc(text)
    except FileNotFoundError:
        pass
    except Exception as error:  # whatever a parser of dates may raise
        raise SubmissionError(f"{TIMESTAMP} holds no time: correct or remove it, and grade again") from error
