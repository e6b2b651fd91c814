"""What progress() says: of functions in each state, of the whole course, and where it cannot tell the lesson."""

import json
import os
import subprocess
import sys

import nbformat
import pytest
from conftest import ROOT, released, solved
from convlab import keep, kept, mine, progress, published
from convlab import released as lessons
from IPython.core.interactiveshell import InteractiveShell
from test_convlab_closure import cell

from autograder import solution
from autograder.exercises import EXERCISES

SIZE = "def conv_output_size(n_prev, f, stride, pad):\n    return (n_prev - f + 2 * pad) // stride + 1\n"
LESSON = "03-conv-forward"


@pytest.fixture(autouse=True)
def course(tmp_path, monkeypatch):
    """A course folder, with the current directory in lesson 03."""
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    (tmp_path / LESSON).mkdir()
    monkeypatch.chdir(tmp_path / LESSON)
    return tmp_path


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """An IPython shell such as a notebook's kernel has, without the kernel."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    shell.run_cell("from convlab import progress")
    yield shell
    shell.history_manager.end_session()
    InteractiveShell.clear_instance()


@pytest.fixture
def said(shell, capsys):
    """Runs cells and then progress(), and gives what that printed."""

    def run(*cells, call="progress()"):
        for source in cells:
            assert shell.run_cell(source).success
        capsys.readouterr()
        assert shell.run_cell(call).success
        return capsys.readouterr().out

    return run


def line(text, name):
    return next(" ".join(one.split()) for one in text.splitlines() if one.strip().startswith(name + " "))


def test_points_and_cells_in_the_data_are_those_of_the_exercises():
    for name, exercise in EXERCISES.items():
        data = published.load(name)
        assert (data.visible_points, data.hidden_points) == (exercise.visible_points, exercise.hidden_points)
    for name, one in lessons.lessons().items():
        cells = nbformat.read(ROOT / "release" / name / one.notebook, as_version=4).cells
        own = [made.metadata["nbgrader"]["grade_id"] for made in cells if "nbgrader" in made.metadata]
        assert [made.grade_id for made in one.cells] == own


def test_a_cell_that_has_not_been_run_is_told_from_one_that_is_not_started(said):
    out = said(SIZE.replace("return (n_prev - f + 2 * pad) // stride + 1", "raise NotImplementedError()"))
    assert line(out, "conv_output_size") == (
        "conv_output_size not started".replace("not", "is not") + " yet check: 0 of 1 point hidden tests: 2 points more"
    )
    assert "its cell has not been run" in line(out, "conv_forward")
    assert "To do: run the cell of conv_forward, or restart and run all." in out
    assert out.startswith("Lesson 03-conv-forward: 0 of 2 functions done.")


@pytest.mark.parametrize(
    ("body", "state"),
    [
        ("return n_prev.x", "does not run"),
        ("import sys; sys.exit(3)", "does not run"),
        ("return 'a'", "returns the wrong type"),
        ("return 0", "returns wrong values"),
    ],
)
def test_a_function_that_fails_its_check_says_how(said, body, state):
    out = said(f"def conv_output_size(n_prev, f, stride, pad):\n    {body}")
    assert state in line(out, "conv_output_size")
    assert "check: 0 of 1 point " in line(out, "conv_output_size")


def test_a_function_that_passes_counts_and_is_to_be_kept(said):
    out = said(SIZE)
    assert "passes its check check: 1 of 1 point " in line(out, "conv_output_size")
    assert "Visible checks: 1 of 3 points. Hidden tests, for up to 7 points more" in out
    assert "Not kept for later lessons yet: keep(conv_output_size)." in out
    keep(cell(SIZE)["conv_output_size"])
    out = said()
    assert "Not kept" not in out
    assert f"The course: 1 of {len(published.layers())} functions are kept in my_layers.py." in out
    assert "03-conv-forward: conv_output_size is kept, conv_forward is not kept" in out


def test_what_a_function_prints_is_not_shown(said):
    out = said(SIZE.replace("return", "print('LOUD'); import sys; print('LOUD', file=sys.stderr); return"))
    assert "LOUD" not in out
    assert "passes its check" in out


BREAK = """
import numpy as np
def break_conv_forward():
    A_prev = np.arange(24).reshape(1, 4, 6, 1) %% 10
    layer = {"stride": %d, "pad": 0}
    return dict.fromkeys("abc", (A_prev, np.ones((2, 2, 1, 1)), np.ones((1, 1, 1, 1)), layer))
"""


@pytest.mark.parametrize(
    ("code", "kept_first", "state", "earned"),
    [
        ("def break_conv_forward():\n    raise NotImplementedError()", True, "is not started yet", "0"),
        ("def break_conv_forward():\n    return None", True, "betrays none of 3 versions", "0"),
        (BREAK % 1, True, "betrays 2 of 3 versions", "0.5"),  # as in grading
        (BREAK % 2, True, "passes its check", "0.5"),
        (BREAK % 2, False, "needs your own conv_forward, which is not kept", "0"),
    ],
)
def test_what_breaks_a_function_counts_when_all_versions_betray_themselves(
    said, monkeypatch, code, kept_first, state, earned
):
    if kept_first:
        monkeypatch.setattr(mine, "__getattr__", lambda name: getattr(solution, name))
    out = line(said(code, call="progress('04-pool-forward')"), "break_conv_forward")
    assert f"break_conv_forward {state} check: {earned} of 0.5 points" in out


def test_something_that_is_no_function_is_named(said):
    assert "is not a function any more" in line(said("conv_output_size = 3"), "conv_output_size")


def test_a_damaged_file_of_kept_functions_is_told_and_nothing_else_is_lost(said):
    kept.path().write_text("# ---- zero_pad, from lesson 01-images-and-padding ----\n")
    out = said(SIZE)
    assert "passes its check" in out
    assert "has a mark without its partner in line 1" in out
    kept.path().write_bytes(b"\xff")
    assert "is not a text file in UTF-8" in said()


def test_the_lesson_is_known_by_the_name_of_the_notebook_or_as_it_is_given(said, course, monkeypatch):
    monkeypatch.chdir(course)
    assert said().startswith("Which lesson is this? Name one of 01-images-and-padding, 02-one-step,")
    assert said(call="progress('nonsense')").startswith("There is no lesson 'nonsense'. Name one of")
    assert said(call="progress('02-one-step')").startswith("Lesson 02-one-step: 0 of 1 function done.")
    monkeypatch.setenv("JPY_SESSION_NAME", "/home/ann/one_step.ipynb")
    assert said().startswith("Lesson 02-one-step:")


def test_without_a_shell_the_functions_are_the_callers(course):
    code = f"from convlab import progress\n{SIZE}\nprogress()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Lesson 03-conv-forward: 1 of 2 functions done." in done.stdout


def test_in_a_graded_run_nothing_is_said(monkeypatch, capsys):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert progress() is None
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("assignment", sorted(path.name for path in (ROOT / "release").iterdir()))
def test_every_lesson_ends_with_progress(assignment):
    """All cells of a lesson, as solved, in one shell: progress() counts every function."""
    cells = [one.source for one in solved(assignment).cells if one.cell_type == "code"]
    assert "progress()" in cells[-2:]
    assert "progress()" in [one.source for one in released(assignment).cells]


def test_the_solved_lesson_is_done(said, course, monkeypatch):
    monkeypatch.chdir(course)
    (course / "02-one-step").mkdir()
    monkeypatch.chdir(course / "02-one-step")
    solution = next(one.source for one in solved("02-one-step").cells if "def conv_single_step" in one.source)
    out = said("import numpy as np", solution)
    assert out.startswith("Lesson 02-one-step: 1 of 1 function done.")
    assert "To do" not in out


def test_the_data_holds_no_solution():
    for path in (published.FOLDER / "lessons").glob("*.json"):
        data = json.loads(path.read_text())
        for one in data["cells"]:
            assert one["role"] == "exercise" or not one["source"]
            assert one["role"] != "exercise" or one["source"].endswith("raise NotImplementedError()")
    assert os.listdir(published.FOLDER / "lessons")


@pytest.mark.parametrize(
    ("name", "body", "state"),
    [
        ("read_network", "raise NotImplementedError", "is not started yet"),
        ("read_network", "return 3", "returns the wrong type"),
        ("read_network", "return {}", "13 of 13 answers need another look"),
        ("read_network", "return dict(channels=32)", "12 of 13 answers need another look"),
        ("break_pool_backward", "raise NotImplementedError", "is not started yet"),
        ("break_pool_backward", "return {}", "needs your own pool_backward, which is not kept"),
    ],
)
def test_questions_and_versions_to_break_count_when_their_check_passes(said, name, body, state):
    out = said(f"def {name}():\n    {body}", call="progress('07-read-a-network')")
    assert f"{name} {state} " in line(out, name) + " "
    assert "0 of 3 functions done" in out
    assert f"keep({name})" not in out
