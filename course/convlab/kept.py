"""The file ``my_layers.py``: where it is, its sections, and the functions in them.

It is a plain Python module with one section for each function that a student kept, between two marks. What is
written outside the marks stays as it is and is used by nobody but its writer.
"""

from __future__ import annotations

import hashlib
import io
import linecache
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from convlab import here, published
from convlab.closure import FUTURE
from convlab.origin import MY_LAYERS, students_line

HEADER = f"""\
# {MY_LAYERS}: the functions you kept, for the lessons that follow.
#
# keep(zero_pad) in a notebook writes a function, and all it needs, between two marks, or replaces it there.
# In a lesson:  from convlab.mine import zero_pad
# What you write outside the marks stays as it is, and lessons do not use it.

{FUTURE}
"""

_BEGIN = re.compile(r"# ---- (?P<name>\w+), from lesson (?P<lesson>\S+) ----\s*")
_END = re.compile(r"# ---- end of (?P<name>\w+) ----\s*")


@dataclass(frozen=True)
class Section:
    """One kept function with all it needs: its source, and the number of its first line in the file."""

    name: str
    lesson: str
    source: str
    first_line: int = 0

    def __str__(self) -> str:
        source = self.source.rstrip("\n")
        return f"# ---- {self.name}, from lesson {self.lesson} ----\n{source}\n# ---- end of {self.name} ----\n"


@dataclass
class Kept:
    """The functions of a file by name, and what is wrong with the sections that could not be run."""

    functions: dict[str, Callable[..., Any]] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)


def course_folder() -> Path:
    """The folder above a lesson's ("03-conv-forward"), or the current one where that is no lesson's."""
    return here.course_folder(Path.cwd())


def path() -> Path:
    """Where ``my_layers.py`` is, or will be."""
    return course_folder() / MY_LAYERS


def with_section(text: str, section: Section) -> str:
    """``text`` with ``section`` in it: in place of the one of that name, else in the order of the course.

    Raises ValueError when the marks in the text are damaged.
    """
    pieces = _split(text or HEADER)
    names = [piece.name if isinstance(piece, Section) else "" for piece in pieces]
    if section.name in names:
        pieces[names.index(section.name)] = section
        return "".join(map(str, pieces))
    order = list(published.lessons())
    place = {name: order.index(name) if name in order else len(order) for name in names if name}
    mine = order.index(section.name)
    before = [i for i, name in enumerate(names) if name and place[name] < mine]
    after = [i for i, name in enumerate(names) if name and place[name] > mine]
    if before:
        pieces[before[-1] + 1 : before[-1] + 1] = ["\n\n", section]
    elif after:
        pieces[after[0] : after[0]] = [section, "\n\n"]
    else:
        end = "".join(map(str, pieces))
        pieces += ["\n\n" if end.endswith("\n") else "\n\n\n", section]
    return "".join(map(str, pieces))


def load(text: str) -> Kept:
    """The functions in the sections of ``text``.

    Each section runs in names of its own, so that helpers of different lessons do not clash, and finds the
    other kept functions there, unless it has its own of that name. Its lines keep the numbers they have in
    the file.

    Raises ValueError when the marks in the text are damaged.
    """
    # A name for each version of the text: a function that is still in use keeps the source it came from.
    filename = f"<{MY_LAYERS} {hashlib.sha256(text.encode()).hexdigest()[:8]}>"
    linecache.cache[filename] = (len(text), None, io.StringIO(text).readlines(), filename)
    kept = Kept()
    spaces: list[dict[str, Any]] = []
    for section in _split(text):
        if not isinstance(section, Section):
            continue
        names: dict[str, Any] = {"__name__": "my_layers", **kept.functions}
        source = "\n" * (section.first_line - 1) + section.source
        flags = annotations.compiler_flag  # of the __future__ feature that the header names
        try:
            exec(compile(source, filename, "exec", flags=flags, dont_inherit=True), names)
            kept.functions[section.name] = names[section.name]
        except Exception as error:  # a person may have written anything there
            kept.broken[section.name] = _what_is_wrong(section, error)
        spaces.append(names)
    for names in spaces:
        for name, function in kept.functions.items():
            names.setdefault(name, function)
    return kept


def _split(text: str) -> list[str | Section]:
    """The sections of the text and what is between them: their texts together are ``text``."""
    pieces: list[str | Section] = []
    loose: list[str] = []
    begun: re.Match[str] | None = None
    first = 0
    for number, line in enumerate(io.StringIO(text), 1):
        ends = _END.fullmatch(line)
        begins = _BEGIN.fullmatch(line)
        if (begun is None and ends) or (begun and (begins or (ends and ends["name"] != begun["name"]))):
            raise ValueError(_damaged(number, line))
        if begins:
            pieces.append("".join(loose))
            loose, begun, first = [], begins, number + 1
        elif begun and ends:
            pieces.append(Section(begun["name"], begun["lesson"], "".join(loose), first))
            loose, begun = [], None
        else:
            loose.append(line)
    if begun:
        raise ValueError(_damaged(first - 1, begun[0]))
    return [*pieces, "".join(loose)]


def _damaged(number: int, line: str) -> str:
    return (
        f"{MY_LAYERS} has a mark without its partner in line {number}:\n    {line.strip()}\n"
        "Each function stands between '# ---- name, from lesson ... ----' and '# ---- end of name ----': put "
        "the missing mark back, or delete this one."
    )


def _what_is_wrong(section: Section, error: Exception) -> str:
    again = f"Repair it there, or run keep({section.name}) again in lesson {section.lesson}."
    if isinstance(error, SyntaxError):
        line = f":\n    {error.text.strip()}\n" if error.text else ". "
        return f"{MY_LAYERS} has a mistake in line {error.lineno}, {error.msg}{line}{again}"
    if isinstance(error, KeyError) and error.args == (section.name,):
        return f"{MY_LAYERS} has a section called {section.name} that does not define it. {again}"
    if place := students_line(error):
        return f"{MY_LAYERS} stops in {place}: {type(error).__name__}: {error}\n    {place.text}\n{again}"
    return f"{MY_LAYERS} stops in the section of {section.name}: {type(error).__name__}: {error}. {again}"
