"""A verdict can be replayed: what was asked, expected, answered and concluded, as recorded, or what differs."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from conftest import ROOT, CourseFolder, solved

from autograder import records
from autograder.cli import main
from autograder.explain import _named, printable

pytestmark = pytest.mark.xdist_group("explain")  # the class is graded once

ESCAPE = """
def conv_single_step(a_slice_prev, W, b):
    raise ValueError("\\x1b[2J\\x1b]0;owned\\x07 no\\nmore")
"""


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> CourseFolder:
    """A named mistake, a helper's slip, a file that ends in the middle, and an exception meant for a terminal."""
    course = CourseFolder(tmp_path_factory.mktemp("explain") / "class")
    for name in ("emeka/02-one-step", "priya/03-conv-forward", "liam/03-conv-forward"):
        shutil.copytree(ROOT / "examples/class/submitted" / name, course.root / "submitted" / name)
    notebook = solved("02-one-step")
    for cell in notebook.cells:
        if cell.id == "conv_single_step":
            cell.source = ESCAPE
    course.submit("eve", "02-one-step", notebook)
    course.autograder("grade", "--no-feedback", "--jobs", "1")
    return course


@pytest.fixture
def copy(graded: CourseFolder, tmp_path: Path) -> Path:
    """The graded class, to be changed."""
    return shutil.copytree(graded.root, tmp_path / "class")


def explain(root: Path, *arguments: str) -> Result:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        return CliRunner().invoke(main, ["explain", *arguments])


def test_failing_cases_are_shown_as_they_were_judged(graded: CourseFolder) -> None:
    result = explain(graded.root, "emeka", "02-one-step")
    assert result.exit_code == 0, result.output
    record = graded.record("emeka", "02-one-step")
    text = result.output
    assert f"seed {record['seed']}" in text
    assert "The submission, the lesson and the judging code are those of the record." in text
    assert "conv_single_step: 5.5 of 10 points, as recorded" in text
    assert "Named mistake: bias-per-element. You add the bias to every product" in text
    for criterion in record["verdicts"][0]["criteria"]:
        mark = "✓ met" if criterion["passed"] else "✗ not met"
        assert f"{mark}: {criterion['name']}, {criterion['points']:g} of " in text
        assert f"Concluded: {criterion['message']}" in text
    bias = text.split("not met: bias,")[1]
    case = re.search(
        r"W = an array.*?b = an array of shape \(1, 1, 1\), float64\n\s+(\S+)\n\s+expected = (\S+)\n\s+came = (\S+)",
        bias,
        re.S,
    )
    assert case
    b, expected, came = map(float, case.groups())
    times = (came - expected) / b
    assert times > 1
    assert times == pytest.approx(round(times), abs=1e-3), "the bias was added that many times too often"
    assert f"should be {case[2]}, and is {case[3]}" in bias


def test_inputs_are_those_of_the_seed(graded: CourseFolder) -> None:
    first, second = (explain(graded.root, "emeka", "02-one-step", "conv_single_step").output for _ in range(2))
    assert first == second


def test_exercise_is_shown_with_all_its_cases(graded: CourseFolder) -> None:
    text = explain(graded.root, "priya", "03-conv-forward", "conv_forward").output
    assert "conv_output_size: " not in text
    cases = set(re.findall(r"Case (\d+),", text))
    assert len(cases) == text.count("hparameters = {'stride'")
    assert "A_prev = an array of shape (2, 5, 7, 4), float64, beginning " in text
    assert "[0, :, :, 0]" in text


def test_right_helpers_are_told(graded: CourseFolder) -> None:
    text = explain(graded.root, "priya", "03-conv-forward").output
    assert "conv_output_size: 1.25 of 3 points, as recorded" in text
    assert "in place of theirs: right" in text
    assert "Concluded: Right, once a right" in text


def test_nothing_is_written(copy: Path) -> None:
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    assert explain(copy, "emeka", "02-one-step").exit_code == 0
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before


def test_nothing_reaches_the_terminal_that_it_would_obey(graded: CourseFolder) -> None:
    text = explain(graded.root, "eve", "02-one-step").output
    assert r"\x1b[2J\x1b]0;owned\x07 no\nmore" in text
    assert "\x1b" not in text
    assert printable("Ü\u202ex\r") == r"Ü\u202ex\r"


def change_file(root: Path) -> None:
    path = root / "submitted/emeka/02-one-step/one_step.ipynb"
    path.write_text(path.read_text() + " ")


def change_version(root: Path) -> None:
    change_record(root, version="another")


def change_record(root: Path, **fields: object) -> None:
    path = records.path_of(root, "emeka", "02-one-step")
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


@pytest.mark.parametrize(
    ("change", "warning"),
    [
        (change_file, "Warning: The submitted file is not the one that was graded"),
        (change_version, "Warning: The lesson or the judging code has changed since"),
    ],
)
def test_changes_since_are_told(copy: Path, change: Callable[[Path], None], warning: str) -> None:
    change(copy)
    text = explain(copy, "emeka", "02-one-step").output
    assert warning in text
    assert "are those of the record" not in text
    assert "as recorded" in text


def test_differences_from_the_record_are_told(copy: Path, graded: CourseFolder) -> None:
    (verdict,) = graded.record("emeka", "02-one-step")["verdicts"]
    verdict["criteria"][4].update(passed=True, points=1.5)
    del verdict["criteria"][5]
    verdict["diagnosis"] = None
    change_record(copy, verdicts=[verdict])
    text = explain(copy, "emeka", "02-one-step").output
    assert "conv_single_step: 5.5 of 10 points, unlike the record" in text
    assert "Unlike the record: bias was met (1.5 points) and is not met now (0 points)." in text
    assert "Unlike the record: it has no criterion 'number types'." in text
    assert "Unlike the record: the named mistake was none." in text


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (("nobody", "02-one-step"), 2, "There is no student 'nobody'. There are: emeka, eve, liam, priya."),
        (("../emeka", "02-one-step"), 2, "There is no student '../emeka'."),
        (("emeka", "99-more"), 2, "There is no assignment '99-more'. There are: 01-images-and-padding, "),
        (("emeka", "../eve/02-one-step"), 2, "There is no assignment "),
        (("emeka", "02-one-step", "zero_pad"), 2, "has no exercise 'zero_pad'. It has: conv_single_step."),
        (("emeka", "03-conv-forward"), 1, "There is no record of emeka, 03-conv-forward: nothing was handed in."),
        (
            ("liam", "03-conv-forward"),
            1,
            "could not be graded, so there is no verdict to explain: conv_forward.ipynb is",
        ),
    ],
)
def test_errors_are_one_line(graded: CourseFolder, arguments: tuple[str, ...], status: int, told: str) -> None:
    result = explain(graded.root, *arguments)
    assert result.exit_code == status
    assert told in result.output
    assert result.output.count("\n") == 1


def test_submission_that_is_gone_or_not_yet_graded(copy: Path) -> None:
    shutil.rmtree(copy / "submitted/emeka")
    gone = explain(copy, "emeka", "02-one-step")
    assert gone.exit_code == 1
    assert gone.output.startswith("The submission cannot be run again: ")
    shutil.rmtree(copy / "verdicts/eve")
    late = explain(copy, "eve", "02-one-step")
    assert late.exit_code == 1
    assert "run autograder grade 02-one-step --student eve" in late.output


def test_help_says_for_whom_it_is() -> None:
    assert "own terminal only" in CliRunner().invoke(main, ["explain", "--help"]).output


@pytest.mark.parametrize(
    ("name", "value", "lines"),
    [
        ("x", 0.1 + 0.2, ["x = 0.3"]),
        ("x", None, ["x = None"]),
        ("x", "wrong", ["x = 'wrong'"]),
        ("x", {"pad": 1, "f": None}, ["x = {'pad': 1, 'f': None}"]),
        ("x", np.zeros((0, 3)), ["x = an array of shape (0, 3), float64", "  (empty)"]),
        ("x", np.arange(3), ["x = an array of shape (3,), int64", "  0 1 2"]),
        ("x", np.ones((9, 9), np.int8), ["x = an array of shape (9, 9), int8, beginning 1 1 1 1 1 1 …"]),
        (
            "x",
            (np.ones(2), "no"),
            ["x is a tuple of 2", "  x[0] = an array of shape (2,), float64, beginning 1 1", "  x[1] = 'no'"],
        ),
        (
            "expected dW",
            np.arange(8).reshape(2, 2, 1, 2),
            [
                "expected dW = an array of shape (2, 2, 1, 2), int64",
                "  [:, :, 0, 0]",
                "  0 2",
                "  4 6",
                "  [:, :, 0, 1]",
                "  1 3",
                "  5 7",
            ],
        ),
        (
            "A",
            np.arange(4).reshape(1, 2, 2, 1),
            ["A = an array of shape (1, 2, 2, 1), int64", "  [0, :, :, 0]", "  0 1", "  2 3"],
        ),
    ],
)
def test_values_are_written_out(name: str, value: object, lines: list[str]) -> None:
    assert list(_named(name, value)) == lines
