"""Questions with numbers for answers, as students have them: with the misreadings, and without the answers.

Of a number that many give there are a digest and an explanation; of the right one nothing is there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from convlab.compare import as_array, kind_of, number


@dataclass(frozen=True)
class Question:
    """A question by its key, and what is to be said of known wrong numbers, by their digests."""

    key: str
    misreadings: Mapping[str, str]

    def finding(self, answers: Any) -> str:
        """What is to be said of the answer to this question among ``answers``; empty where nothing is."""
        if not isinstance(answers, dict):
            return f'the answers should be a dict such as {{"{self.key}": 1}}, and are {kind_of(answers)}.'
        value = value_of(answers.get(self.key))
        if answers.get(self.key) is None:
            return f'"{self.key}" is not answered yet.'
        if value is None:
            return f'"{self.key}" should be a number, and is {kind_of(answers[self.key])}.'
        said = self.misreadings.get(digest(self.key, value))
        return f'"{self.key}" is not {number(value)}. {said}' if said else ""


def value_of(answer: Any) -> float | None:
    """An answer as a number, or None where it is none."""
    array = as_array(answer)
    return float(array.reshape(-1)[0]) if array is not None and array.size == 1 else None


def digest(key: str, value: float) -> str:
    """The digest of an answer: of its question's key and the number, to one decimal."""
    return hashlib.sha256(f"{key}: {value:.1f}".encode()).hexdigest()[:12]
