"""Errors whose text is all that their reader needs: a notebook shows the text and no traceback."""

from __future__ import annotations


class PlainError(Exception):
    """An error that IPython shows as its own text, without the lines of code it passed through."""

    def _render_traceback_(self) -> list[str]:
        return str(self).splitlines()


class CheckFailed(PlainError, AssertionError):
    """A check that does not pass, or cannot be made: the text says why and what to do next."""


class Interrupted(PlainError, KeyboardInterrupt):
    """An interrupt while a student's function ran: the text says where it was, and the notebook still stops."""


class NotKept(PlainError, ImportError):
    """A function that `convlab.mine` cannot give: the text says where it comes from, or what is wrong."""
