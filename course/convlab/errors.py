"""Errors whose text is all that their reader needs: a notebook shows the text and no traceback."""

from __future__ import annotations

import textwrap

#: The longest line of a message, in characters: longer ones a notebook breaks in the middle of a word.
WIDTH = 100


class PlainError(Exception):
    """An error that IPython shows as its own text, without the lines of code it passed through."""

    def _render_traceback_(self) -> list[str]:
        return wrapped(str(self)).splitlines()


def wrapped(text: str) -> str:
    """``text`` with its long lines broken at spaces, and what follows indented like their beginning."""
    lines = []
    for line in text.splitlines():
        indent = line[: len(line) - len(line.lstrip())]
        broken = textwrap.wrap(
            line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False, drop_whitespace=True
        )
        lines += broken if len(line) > WIDTH else [line]
    return "\n".join(lines)


class CheckFailed(PlainError, AssertionError):
    """A check that does not pass, or cannot be made: the text says why and what to do next."""

    def headline(self, name: str) -> str:
        """The first line, without the ``name`` that it begins with: what is wrong in a few words."""
        return str(self).partition("\n")[0].removeprefix(name).strip(" :.")


class Interrupted(PlainError, KeyboardInterrupt):
    """An interrupt while a student's function ran: the text says where it was, and the notebook still stops."""


class NotKept(PlainError, ImportError):
    """A function that `convlab.mine` cannot give: the text says where it comes from, or what is wrong."""
