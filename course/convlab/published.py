"""The published examples of each visible check, as data: what a function is given, and what it should return.

The files in ``data/`` are written by ``autograder build`` from the solution module. They earn no points:
grading uses fresh numbers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from convlab.compare import AnyOf
from convlab.fingerprint import Fingerprint
from convlab.questions import Question

#: Where the examples lie, one file for each function.
FOLDER = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Example:
    """One call: a few words on what it shows, the arguments in order, and the answer (or `AnyOf` several)."""

    note: str
    args: tuple[Any, ...]
    expected: Any


@dataclass(frozen=True)
class Mistake:
    """A known mistake: its name, a hint for whoever makes it, and what it answers to the examples, as fingerprints."""

    id: str
    hint: str
    prints: tuple[Fingerprint, ...]


@dataclass(frozen=True)
class Published:
    """What students have of one exercise.

    ``returns`` names the parts of the answer, and ``formula`` says in a sentence how large it is. ``place``
    counts the exercises of a lesson in the order in which students meet them. ``mistakes`` are those that show
    in the examples. The points are those of the visible check and of the hidden tests. An exercise to break a
    function names it in ``breaks``, has the sources of its faulty ``versions``, and no examples; nor has one with
    ``questions``. ``frameworks`` are packages that the function is written with.
    """

    exercise: str
    lesson: str
    returns: tuple[str, ...]
    formula: str
    examples: tuple[Example, ...]
    place: int = 0
    mistakes: tuple[Mistake, ...] = ()
    visible_points: float = 0
    hidden_points: float = 0
    breaks: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    frameworks: tuple[str, ...] = ()

    @property
    def is_layer(self) -> bool:
        """Whether later lessons can use the function."""
        return not (self.breaks or self.questions)


def load(name: str) -> Published:
    """The published examples of the exercise ``name``, with arrays of their own each time.

    Raises FileNotFoundError where there are none.
    """
    data = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    examples = tuple(
        Example(one["note"], tuple(map(from_json, one["args"])), from_json(one["expected"])) for one in data["examples"]
    )
    mistakes = tuple(
        Mistake(one["id"], one["hint"], tuple(Fingerprint(form, tuple(numbers)) for form, *numbers in one["prints"]))
        for one in data.get("mistakes", ())
    )
    more = {key: data[key] for key in ("breaks", "versions") if key in data}
    if "frameworks" in data:
        more["frameworks"] = tuple(data["frameworks"])
    return Published(
        data["exercise"],
        data["lesson"],
        tuple(data["returns"]),
        data["formula"],
        examples,
        data["place"],
        mistakes,
        data["visible_points"],
        data["hidden_points"],
        **more,
        questions=tuple(Question(one["key"], one["misreadings"]) for one in data.get("questions", ())),
    )


def dump(published: Published) -> str:
    """``published`` as the text of its file: the same text for the same data, a line for each mistake and example.

    Floats that are expected are kept to 10 digits, far more than are compared, because the last digits of a
    sum differ between one processor and the next.
    """
    head = {
        "exercise": published.exercise,
        "lesson": published.lesson,
        "place": published.place,
        "visible_points": published.visible_points,
        "hidden_points": published.hidden_points,
        "returns": list(published.returns),
        "formula": published.formula,
        **({"breaks": published.breaks, "versions": dict(published.versions)} if published.breaks else {}),
        **({"frameworks": list(published.frameworks)} if published.frameworks else {}),
    }
    examples = [
        {
            "note": example.note,
            "args": [to_json(argument) for argument in example.args],
            "expected": _to_ten_digits(to_json(example.expected)),
        }
        for example in published.examples
    ]
    mistakes = [
        {"id": one.id, "hint": one.hint, "prints": [[print.form, *print.numbers] for print in one.prints]}
        for one in published.mistakes
    ]
    questions = [{"key": one.key, "misreadings": dict(one.misreadings)} for one in published.questions]
    lines = [f"{_text(key)}: {_text(value)}" for key, value in head.items()]
    if questions:
        lines.append('"questions": [\n' + ",\n".join(map(_text, questions)) + "\n]")
    if mistakes:
        lines.append('"mistakes": [\n' + ",\n".join(map(_text, mistakes)) + "\n]")
    lines.append('"examples": [\n' + ",\n".join(map(_text, examples)) + "\n]")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def lessons() -> dict[str, str]:
    """The lesson of every exercise there is, by name, in the order of the course."""
    return {head["exercise"]: head["lesson"] for head in _heads()}


def layers() -> dict[str, str]:
    """The lesson of every function that later lessons build on, by name, in the order of the course."""
    return {head["exercise"]: head["lesson"] for head in _heads() if not head.keys() & {"breaks", "questions"}}


def _heads() -> list[dict[str, Any]]:
    heads = [json.loads(path.read_text(encoding="utf-8")) for path in FOLDER.glob("*.json")]
    return sorted(heads, key=lambda head: (head["lesson"], head["place"], head["exercise"]))


def to_json(value: Any) -> Any:
    """``value`` in terms of JSON: an array, number, string, None, or a tuple, list, dict or `AnyOf` of these.

    Raises TypeError for anything else.
    """
    if isinstance(value, np.ndarray):
        data = {"array": value.tolist(), "dtype": value.dtype.name}
        # Nested lists do not tell (0, 3) from (0,).
        return data if value.size else {**data, "shape": list(value.shape)}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, AnyOf):
        return {"any_of": [to_json(one) for one in value.answers]}
    if isinstance(value, tuple):
        return {"tuple": [to_json(one) for one in value]}
    if isinstance(value, list):
        return [to_json(one) for one in value]
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {"dict": {key: to_json(one) for key, one in value.items()}}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"Published examples hold arrays, numbers, strings, tuples and dicts, not {value!r:.60}.")


def from_json(data: Any) -> Any:
    """The value that `to_json` made ``data`` of."""
    if isinstance(data, list):
        return [from_json(one) for one in data]
    if not isinstance(data, dict):
        return data
    if "array" in data:
        array = np.array(data["array"], dtype=data["dtype"])
        return array.reshape(data["shape"]) if "shape" in data else array
    if "any_of" in data:
        return AnyOf(tuple(map(from_json, data["any_of"])))
    if "tuple" in data:
        return tuple(map(from_json, data["tuple"]))
    return {key: from_json(one) for key, one in data["dict"].items()}


def _to_ten_digits(data: Any) -> Any:
    if isinstance(data, float):
        return float(f"{data:.10g}")
    if isinstance(data, list):
        return [_to_ten_digits(one) for one in data]
    if isinstance(data, dict):
        return {key: _to_ten_digits(one) for key, one in data.items()}
    return data


def _text(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False)
