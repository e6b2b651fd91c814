"""Where code comes from: whether it is a library's, and which line of the student's an error came from."""

from __future__ import annotations

import linecache
import os
import sysconfig
import traceback
from dataclasses import dataclass
from pathlib import Path

#: The file that keeps a student's functions. Its code runs under this name and a digest of its text.
MY_LAYERS = "my_layers.py"

_PACKAGES = {"site-packages", "dist-packages"}
_FOLDERS = tuple(
    os.path.realpath(folder) + os.sep
    for folder in (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), Path(__file__).parent)
)


def is_library(filename: str) -> bool:
    """Whether the code of ``filename`` belongs to Python, to an installed package or to convlab."""
    if filename.startswith("<"):
        return filename.startswith("<frozen")
    path = os.path.realpath(filename)
    return path.startswith(_FOLDERS) or not _PACKAGES.isdisjoint(Path(path).parts)


@dataclass(frozen=True)
class Line:
    """One line of the student's: its number in ``place`` ("your cell", "my_layers.py"), and its function."""

    number: int
    text: str
    place: str
    function: str

    def __str__(self) -> str:
        return f"line {self.number} of {self.place}" + (f", in {self.function}" if self.function else "")


def students_line(error: BaseException) -> Line | None:
    """The student's own line that ``error`` came from: the innermost one that is no library's, or None."""
    lines = _students_lines(error)
    return lines[-1] if lines else None


def _students_lines(error: BaseException) -> list[Line]:
    """The lines of the student's that were being run, from the outermost to the innermost."""
    lines = []
    for frame, number in traceback.walk_tb(error.__traceback__):
        filename = frame.f_code.co_filename
        text = linecache.getline(filename, number).strip()
        if text and (place := _place(filename)):
            name = frame.f_code.co_name
            lines.append(Line(number, text, place, "" if name.startswith("<") else name))
    return lines


def _place(filename: str) -> str | None:
    """What a student calls the place: "your cell", or a file by its name; None where it is none of theirs."""
    if filename.startswith("<ipython-input") or "ipykernel_" in filename:
        return "your cell"
    if filename.startswith(f"<{MY_LAYERS} "):
        return MY_LAYERS
    # Code under any other name that is no file is the grader's.
    return None if is_library(filename) or not os.path.isfile(filename) else os.path.basename(filename)


def told(error: BaseException) -> str:
    """``error`` in plain words: its type, its message and, where there is one, the student's own line.

    Where that is in a helper, the line that called it follows: the mistake may be there.
    """
    message = str(error).strip()
    if len(message) > 600:
        message = message[:600] + " ..."
    text = f"{type(error).__name__}: {message}" if message else type(error).__name__
    text = "".join(f"    {line}\n" for line in text.splitlines())
    if lines := _students_lines(error):
        line = lines[-1]
        text += f"in {line}:\n    {line.text}\n"
        callers = [one for one in lines if (one.place, one.function) != (line.place, line.function)]
        if callers and line.function:
            text += f"called from {callers[-1]}:\n    {callers[-1].text}\n"
    return text.rstrip("\n")
