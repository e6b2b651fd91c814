"""``autograder check``: a notebook or a file of functions graded on its own, with exit statuses to rely on."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import psutil
import pytest
from click.testing import CliRunner
from conftest import ROOT, notebook_name, plain_environment, released, solved
from nbformat.v4 import new_code_cell

from autograder.cli import main
from autograder.exercises import EXERCISES, of_lesson
from autograder.runner import sandbox

FIELDS = ["file", "exercise", "points", "max_points", "criteria", "diagnosis", "error"]
SMALL = "02-one-step"
NOTEBOOKS = {kind: sorted((ROOT / kind).glob("*/*.ipynb")) for kind in ("source", "release")}

STEP = """
def conv_single_step(a_slice_prev, W, b):
    return np.sum(a_slice_prev * W) + b.item()
"""
WRONG_STEP = """
def conv_single_step(a_slice_prev, W, b):
    return np.sum(a_slice_prev * W) - b.item()
"""
SIZE = """
def conv_output_size(n_prev, f, stride, pad):
    return (n_prev - f + 2 * pad) // stride + 1
"""
FORWARD = """
def conv_forward(A_prev, W, b, hparameters):
    m, n_H_prev, n_W_prev, _ = A_prev.shape
    f, _, _, n_C = W.shape
    stride, pad = hparameters["stride"], hparameters["pad"]
    n_H = conv_output_size(n_H_prev, f, stride, pad)
    n_W = conv_output_size(n_W_prev, f, stride, pad)
    Z = np.zeros((m, n_H, n_W, n_C))
    padded = zero_pad(A_prev, pad)
    for i in range(m):
        for h in range(n_H):
            for w in range(n_W):
                for c in range(n_C):
                    window = padded[i, h * stride : h * stride + f, w * stride : w * stride + f]
                    Z[i, h, w, c] = conv_single_step(window, W[..., c], b[..., c])
    return Z, (A_prev, W, b, hparameters)
"""

pytestmark = pytest.mark.xdist_group("check")


@dataclass
class Checked:
    """What a run of the command printed, and how it ended."""

    status: int
    output: str
    errors: str

    @property
    def lines(self) -> list[dict]:
        """The JSON objects, one a line."""
        return [json.loads(line) for line in self.output.splitlines()]


def check(*arguments: object, json_lines: bool = True) -> Checked:
    """Run ``autograder check`` in this process; the runner's is another one all the same."""
    options = ["--json"] if json_lines else []
    result = CliRunner(env={"COLUMNS": "200"}).invoke(
        main, ["check", *options, *map(str, arguments)], catch_exceptions=False
    )
    return Checked(result.exit_code, result.stdout, result.stderr)


def in_a_process(*arguments: object, **environment: str) -> Checked:
    """Run ``autograder check`` as someone would."""
    command = [sys.executable, "-m", "autograder", "check", *map(str, arguments)]
    ran = subprocess.run(command, env=plain_environment(**environment), capture_output=True, text=True, timeout=180)
    return Checked(ran.returncode, ran.stdout, ran.stderr)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a file of functions, or a notebook."""

    def write(content: str | bytes | nbformat.NotebookNode, name: str = "functions.py") -> Path:
        path = tmp_path / name
        if isinstance(content, nbformat.NotebookNode):
            content = nbformat.writes(content)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def scores(found: Checked) -> dict[str, float]:
    """Points by exercise."""
    return {line["exercise"]: line["points"] for line in found.lines}


# The course's own notebooks.


@pytest.fixture(scope="module")
def course_notebooks() -> dict[str, Checked]:
    """The check of all instructors' notebooks, and of all students'."""
    return {kind: in_a_process("--json", *paths) for kind, paths in NOTEBOOKS.items()}


def test_every_instructors_notebook_gets_full_marks(course_notebooks):
    found = course_notebooks["source"]
    assert (found.status, found.errors) == (0, "")
    assert [line["exercise"] for line in found.lines] == list(EXERCISES)
    for line in found.lines:
        assert (line["points"], line["error"], line["diagnosis"]) == (line["max_points"], None, None)
        assert all(criterion["passed"] for criterion in line["criteria"])
    for path in NOTEBOOKS["source"]:
        assert sum(line["points"] for line in found.lines if line["file"] == str(path)) == 10


def test_every_students_notebook_gets_zero_with_a_message_for_each_function(course_notebooks):
    found = course_notebooks["release"]
    assert (found.status, found.errors) == (0, "")
    assert [line["exercise"] for line in found.lines] == list(EXERCISES)
    for line in found.lines:
        assert (line["points"], line["error"]) == (0, f"{line['exercise']} is not written yet.")
        assert {criterion["message"] for criterion in line["criteria"]} == {line["error"]}
        assert line["max_points"] == EXERCISES[line["exercise"]].max_points


def test_a_line_has_exactly_the_fields_of_the_contract(course_notebooks):
    lines = [line for found in course_notebooks.values() for line in found.lines]
    assert lines
    for line in lines:
        assert list(line) == FIELDS
        assert all(list(one) == ["name", "passed", "points", "message"] for one in line["criteria"])
        assert line["criteria"][0]["name"] == "visible check"
        assert sum(one["points"] for one in line["criteria"]) == line["points"]


def test_a_person_reads_tables_and_a_sum(write):
    path = write(solved(SMALL), "one_step.ipynb")
    found = check(path, json_lines=False)
    assert found.status == 0
    assert "conv_single_step: 10 of 10 points" in found.output
    assert "✓ Right." in found.output
    assert found.output.splitlines()[-1] == f"{path}: 10 of 10 points"


def test_a_person_reads_what_is_wrong_and_which_mistake_it_is(write):
    found = check(write(WRONG_STEP), json_lines=False)
    assert found.status == 0
    assert "✗ With " in found.output
    hint = next(one.hint for one in EXERCISES["conv_single_step"].wrong if one.id == "bias-subtracted")
    assert f"Most likely: {hint}" in " ".join(found.output.split())


# Files of functions.


def test_one_function(write):
    found = check(write(STEP))
    assert (found.status, found.errors) == (0, "")
    assert [(line["exercise"], line["points"]) for line in found.lines] == [("conv_single_step", 10)]
    assert list(found.lines[0]) == FIELDS


def test_several_functions_in_the_order_of_the_course(write):
    found = check(write(FORWARD + SIZE + WRONG_STEP))
    assert list(scores(found)) == ["conv_single_step", "conv_output_size", "conv_forward"]
    assert scores(found)["conv_output_size"] == 3
    assert scores(found)["conv_forward"] == 7  # with a right conv_single_step in the place of this one
    diagnosis = found.lines[0]["diagnosis"]
    assert list(diagnosis) == ["id", "hint"]
    assert diagnosis["id"] == "bias-subtracted"


def test_functions_that_a_file_does_not_define_are_supplied(write):
    assert scores(check(write(FORWARD))) == {"conv_forward": 7}
    assert scores(check(write("from convlab.mine import conv_output_size, zero_pad\n" + FORWARD))) == {
        "conv_forward": 7
    }


@pytest.mark.parametrize(
    "helper",
    [
        "def conv_output_size(n_prev, f, stride, pad):\n    raise NotImplementedError()\n",
        "def conv_output_size(n_prev, f, stride, pad):\n    return n_prev / stride\n",
    ],
)
def test_a_helper_of_the_same_file_costs_its_own_points_only(write, helper):
    found = scores(check(write(helper + FORWARD)))
    assert found["conv_output_size"] < 3
    assert found["conv_forward"] == 7


def test_a_file_that_imports_numpy_itself_is_fine(write):
    assert scores(check(write(b"\xef\xbb\xbfimport numpy as np\n" + STEP.encode()))) == {"conv_single_step": 10}


def test_a_function_may_be_assigned_or_renamed(write):
    text = STEP.replace("conv_single_step", "step") + "\nconv_single_step = step\n"
    assert scores(check(write(text))) == {"conv_single_step": 10}


def test_a_main_guard_does_not_run(write):
    text = STEP + '\nif __name__ == "__main__":\n    raise SystemExit(1)\n'
    assert scores(check(write(text))) == {"conv_single_step": 10}


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (STEP.replace("):", ")"), "SyntaxError: "),
        (STEP + "\n)", "SyntaxError: "),
        ("import nowhere\n" + STEP, "ModuleNotFoundError: No module named 'nowhere'"),
        ("1 / 0\n" + STEP, "ZeroDivisionError: division by zero"),
    ],
)
def test_a_file_that_does_not_run_says_why(write, text, error):
    found = check(write(text))
    (line,) = found.lines
    assert (found.status, line["points"]) == (0, 0)
    assert line["error"].startswith(f"conv_single_step is not defined, because its cell stopped: {error}")
    assert {criterion["message"] for criterion in line["criteria"]} == {line["error"]}


def test_only_the_function_asked_for(write):
    path = write(SIZE + FORWARD)
    assert scores(check(path, "--exercise", "conv_output_size")) == {"conv_output_size": 3}
    both = check(path, "--exercise", "conv_forward", "--exercise", "conv_output_size")
    assert list(scores(both)) == ["conv_output_size", "conv_forward"]


def test_a_function_asked_for_that_is_not_in_the_file_is_missing(write):
    (line,) = check(write(STEP), "--exercise", "zero_pad").lines
    assert line["points"] == 0
    assert line["error"] == "zero_pad is not defined: was its cell deleted, or the function renamed?"


# Notebooks.


def test_only_the_function_asked_for_of_a_notebook(write):
    path = write(released("03-conv-forward"), "conv_forward.ipynb")
    assert scores(check(path, "--exercise", "conv_output_size")) == {"conv_output_size": 0}


def test_a_function_of_another_lesson_is_told_so(write):
    found = check(write(released(SMALL), "one_step.ipynb"), "--exercise", "zero_pad")
    assert found.status == 1
    assert found.lines[0]["error"] == "one_step.ipynb is of lesson 02-one-step, which has no zero_pad"


@pytest.mark.parametrize("name", ["final_v2 (1).ipynb", "zero_pad.ipynb", "ünï cödé [x].ipynb", "-n.ipynb"])
def test_a_notebook_under_another_name_is_known_by_its_cells(write, name):
    path = write(solved(SMALL), name)
    found = check("--", path)
    assert scores(found) == {"conv_single_step": 10}
    assert found.lines[0]["file"] == str(path)


def test_a_notebook_without_marks_is_known_by_its_name(write):
    notebook = solved(SMALL)
    for cell in notebook.cells:
        cell.metadata.pop("nbgrader", None)
    assert scores(check(write(notebook, "one_step.ipynb"))) == {"conv_single_step": 10}
    found = check(write(notebook, "homework.ipynb"))
    assert found.status == 1
    assert found.lines[0]["error"] == (
        "homework.ipynb is a notebook of no lesson of this course: it has none of its cells"
    )


@pytest.mark.parametrize("kernel", [{"name": "bash", "display_name": "Bash", "language": "bash"}, {}, None, "sh"])
def test_the_kernel_that_a_notebook_names_does_not_matter(write, kernel):
    content = json.loads(nbformat.writes(solved(SMALL)))
    content["metadata"]["kernelspec"] = kernel
    assert scores(check(write(json.dumps(content), "one_step.ipynb"))) == {"conv_single_step": 10}


def test_what_else_is_in_a_notebook_can_fail_without_harm(write):
    notebook = solved(SMALL)
    notebook.cells.insert(0, new_code_cell("1 / 0"))
    notebook.cells.append(new_code_cell("raise SystemExit"))
    notebook.cells.append(new_code_cell("def broken(:"))
    assert scores(check(write(notebook, "one_step.ipynb"))) == {"conv_single_step": 10}


def test_what_had_to_be_stopped_is_told(write):
    found = check(write("import os\n" + STEP.replace("    return", "    os._exit(3)\n    return")))
    assert found.status == 0
    (line,) = found.lines
    assert line["points"] == 0
    assert "conv_single_step: It crashed Python (exit status 3)." in found.errors
    assert "It crashed Python (exit status 3)." in line["error"]


# What cannot be graded.


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.ipynb", b"{", "a.ipynb is not a notebook: its JSON is broken (line 1: "),
        ("a.ipynb", b"", "a.ipynb is not a notebook: its JSON is broken (the file is empty)"),
        ("a.ipynb", b"\xff\xfe", "a.ipynb is not a notebook: it is not UTF-8 text (byte 0)"),
        ("a.ipynb", b"[]", "a.ipynb is not a notebook of today's format: it has no list of cells"),
        ("a.ipynb", b'{"cells": []}', "a.ipynb is a notebook of no lesson of this course: it has none of its cells"),
        ("a.py", b"\xff", "a.py is not UTF-8 text (byte 0)"),
        ("a.py", b"x = 1", "a.py defines none of the graded functions: zero_pad, conv_single_step, "),
        ("a.py", b"", "a.py defines none of the graded functions: "),
        ("a.py", b"def f(:\n", "a.py defines none of the graded functions: "),
        ("a.py", b"\0", "a.py defines none of the graded functions: "),
        ("a.py", b"-" * 100_000 + b"1", "a.py defines none of the graded functions: "),
        ("a.py", b"(" * 100_000, "a.py defines none of the graded functions: "),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_cannot_be_graded_says_why(write, name, content, why):
    path = write(content, name)
    found = check(path)
    assert found.status == 1
    (line,) = found.lines
    nothing = {"exercise": None, "points": None, "max_points": None, "criteria": [], "diagnosis": None}
    assert list(line) == FIELDS
    assert line == {"file": str(path), **nothing, "error": line["error"]}
    assert line["error"].startswith(why)
    assert found.errors == f"{path} could not be graded: {line['error']}.\n"
    person = check(path, json_lines=False)
    assert (person.status, person.output, person.errors) == (1, "", found.errors)


def make_fifo(path: Path) -> None:
    os.mkfifo(path)


def make_link(path: Path) -> None:
    (path.parent / "elsewhere.py").write_text(STEP)
    path.symlink_to("elsewhere.py")


@pytest.mark.parametrize(("make", "why"), [(make_fifo, "a special file, not a"), (make_link, "a link to another file")])
def test_no_link_or_special_file_is_opened(tmp_path, make, why):
    make(tmp_path / "a.py")
    found = check(tmp_path / "a.py")
    assert found.status == 1
    assert why in found.lines[0]["error"]


def test_one_file_that_cannot_be_graded_does_not_stop_the_others(write):
    broken, right = write(b"{", "broken.ipynb"), write(STEP)
    found = check(broken, right)
    assert found.status == 1
    assert [(line["file"], line["points"]) for line in found.lines] == [(str(broken), None), (str(right), 10)]


# Arguments.


def test_a_file_is_named_as_it_was_typed(write, tmp_path):
    write(STEP)
    with contextlib.chdir(tmp_path):
        for typed in ("functions.py", "./functions.py", "../" + tmp_path.name + "//functions.py"):
            assert check(typed).lines[0]["file"] == typed


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "Missing argument"),
        (["nowhere.py"], "'nowhere.py' does not exist"),
        (["."], "is a directory"),
        (["a.py", "--exercise", "zero_padding"], "There is no exercise 'zero_padding'. There are: zero_pad, conv_"),
        (["a.txt"], "a.txt is neither a notebook (.ipynb) nor a file of functions (.py)."),
        (["a.py", "--seed", "-1"], "-1 is not in the range"),
        (["a.py", "--seed", "x"], "'x' is not a valid integer"),
        (["a.py", "--sed", "1"], "No such option"),
    ],
)
def test_unusable_arguments_end_with_status_2_and_grade_nothing(tmp_path, arguments, told):
    (tmp_path / "a.py").write_text(STEP)
    (tmp_path / "a.txt").write_text(STEP)
    with contextlib.chdir(tmp_path):
        found = check(*arguments)
    assert (found.status, found.output) == (2, "")
    assert told in found.errors
    assert "Traceback" not in found.errors


def test_a_seed_repeats_the_very_numbers(write):
    path = write(WRONG_STEP)
    messages = [
        [criterion["message"] for criterion in check(path, "--seed", seed).lines[0]["criteria"]]
        for seed in (7, 7, 8, 2**63 - 1)
    ]
    assert messages[0] == messages[1]
    assert len({str(one) for one in messages}) == 3


def test_without_a_seed_the_numbers_are_fresh(write):
    path = write(WRONG_STEP)
    assert check(path).output != check(path).output


# Without bubblewrap, and while working.


def test_without_bubblewrap_it_checks_all_the_same_and_says_so_once(write):
    paths = [write(STEP), write(WRONG_STEP, "more.py"), write(solved(SMALL), "one_step.ipynb")]
    found = in_a_process("--json", *paths, PATH="/nowhere")
    assert found.status == 0
    assert found.errors == (
        "This code runs in a process of its own, but not confined (bubblewrap is not installed): "
        "check only code that you trust.\n"
    )
    assert [line["points"] for line in found.lines] == [10, found.lines[1]["points"], 10]
    assert found.lines[1]["diagnosis"]["id"] == "bias-subtracted"


def test_a_bubblewrap_that_does_not_work_is_none(write, monkeypatch):
    refusal = "bwrap: No permissions to create a new namespace"
    monkeypatch.setattr(sandbox, "confined", lambda *_: ["sh", "-c", f"echo '{refusal}' >&2; exit 1"])
    monkeypatch.setattr(sandbox, "why_not", sandbox.why_not.__wrapped__)  # it remembers that this machine can
    found = check(write(STEP))
    assert (found.status, [line["points"] for line in found.lines]) == (0, [10])
    assert found.errors.startswith("This code runs in a process of its own, but not confined (")
    assert refusal in found.errors


def test_a_file_that_the_sandbox_fails_on_is_not_run_without_it(write, monkeypatch):
    """It may have brought the failure about: where the sandbox works, nothing runs outside it."""

    def fail(*_, sandboxed, **__):
        assert sandboxed
        raise sandbox.SandboxError("The confined process did not start: no memory")

    monkeypatch.setattr("autograder.check.grade_functions", fail)
    found = check(write(STEP))
    assert found.status == 1
    assert "could not be graded: The confined process did not start: no memory" in found.errors


@contextlib.contextmanager
def watching(path: Path, log: Path) -> Iterator[Callable[[int], list[dict]]]:
    """``autograder check --watch`` on a file; yields a function that waits until so many lines came."""
    command = [sys.executable, "-m", "autograder", "check", "--json", "--watch", str(path)]
    with open(log, "w") as output, open(log.with_suffix(".err"), "w") as errors:
        process = subprocess.Popen(command, stdout=output, stderr=errors, env=plain_environment())

    def wait_for(count: int) -> list[dict]:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            lines = log.read_text().splitlines()
            if len(lines) >= count:
                return [json.loads(line) for line in lines]
            assert process.poll() is None, log.with_suffix(".err").read_text()
            time.sleep(0.05)
        raise AssertionError(f"{count} lines did not come: {log.read_text()} {log.with_suffix('.err').read_text()}")

    try:
        yield wait_for
        assert process.poll() is None
    finally:
        process.terminate()
        process.wait(20)


def test_watching_grades_again_after_each_save(write, tmp_path):
    path = write(WRONG_STEP)
    log = tmp_path / "log"
    with watching(path, log) as wait_for:
        assert wait_for(1)[0]["diagnosis"]["id"] == "bias-subtracted"
        path.write_text(STEP)
        assert [line["points"] for line in wait_for(2)][1:] == [10]
        path.unlink()  # as some editors do before they write the file anew
        time.sleep(0.3)
        path.write_text("def conv_single_step(")
        assert [line["points"] for line in wait_for(3)][2:] == [0]
        path.write_text("x = 1")
        assert wait_for(4)[3]["error"].startswith("functions.py defines none of the graded functions")
        aside = tmp_path / "aside.py"
        aside.write_text(STEP)
        aside.replace(path)  # as other editors do
        assert [line["points"] for line in wait_for(5)][4:] == [10]
        time.sleep(0.5)
        assert len(wait_for(5)) == 5  # without a save, nothing
    assert log.with_suffix(".err").read_text().count(f"{path} was saved.") == 4


def test_a_save_during_the_first_check_is_not_missed(write, tmp_path):
    begun = "import ctypes, time\nctypes.CDLL(None).prctl(15, b'begun')\ntime.sleep(1)\n"  # 15: PR_SET_NAME
    path = write(begun + WRONG_STEP)
    with watching(path, tmp_path / "log") as wait_for:
        deadline = time.monotonic() + 60
        while "begun" not in names_of_children() and time.monotonic() < deadline:
            time.sleep(0.02)
        path.write_text(STEP)
        assert [line["points"] for line in wait_for(2)][1:] == [10]


def names_of_children() -> set[str]:
    """What the processes below this one call themselves."""
    found = set()
    for process in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            found.add(process.name())
    return found


def test_each_lessons_exercises_are_those_that_its_notebook_is_checked_for():
    for path in NOTEBOOKS["release"]:
        assert path.name == notebook_name(path.parent.name)
        assert of_lesson(path.parent.name)
