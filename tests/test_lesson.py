"""A lesson's text becomes nbgrader's instructor notebook, or says what is wrong with it, and finds its way back."""

from __future__ import annotations

import re

import nbformat
import pytest
from conftest import ROOT
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.nbgraderformat import MetadataValidator

from autograder.exercises import EXERCISES, of_lesson
from autograder.lesson import Lesson, LessonError, lessons, to_lesson, to_source
from autograder.steps.stamp import KEY, edited_by_hand

LESSONS = {lesson.name: lesson for lesson in lessons(ROOT)}
SMALL = "02-one-step"
EXERCISE = EXERCISES["conv_single_step"]

HEADER = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # One step

# %% locked="setup"
import numpy as np

from convlab import check, grade


"""
SOLUTION = """\
# %% exercise="conv_single_step"
def conv_single_step(a_slice_prev, W, b):
    ### BEGIN SOLUTION
    return np.sum(a_slice_prev * W) + b.item()
    ### END SOLUTION


"""
CHECK = """\
# %% check="conv_single_step"
check(conv_single_step)

"""
HIDDEN = """\
# %% hidden="conv_single_step"
grade(conv_single_step)
"""
TEXT = HEADER + SOLUTION + CHECK + HIDDEN

each_lesson = pytest.mark.parametrize("name", LESSONS)


def cell(notebook, grade_id):
    """The one cell with a grade id."""
    (found,) = (c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)
    return found


def refusal(text, name=SMALL):
    """Why a text cannot be made into a notebook."""
    with pytest.raises(LessonError) as refused:
        to_source(text, name)
    return str(refused.value)


# What comes out.


def test_the_students_cell_is_a_solution_cell():
    made = cell(to_source(TEXT, SMALL), "conv_single_step")
    assert made.metadata.nbgrader == {
        "grade": False,
        "grade_id": "conv_single_step",
        "locked": False,
        "schema_version": 3,
        "solution": True,
        "task": False,
    }
    assert "### BEGIN SOLUTION" in made.source


def test_the_visible_check_is_a_locked_test_cell_with_its_points():
    made = cell(to_source(TEXT, SMALL), "conv_single_step_check")
    assert made.metadata.nbgrader == {
        "grade": True,
        "grade_id": "conv_single_step_check",
        "locked": True,
        "points": EXERCISE.visible_points,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }
    assert made.source == "check(conv_single_step)"


def test_the_hidden_tests_are_a_locked_test_cell_between_nbgraders_markers():
    made = cell(to_source(TEXT, SMALL), "conv_single_step_hidden")
    assert made.metadata.nbgrader.points == EXERCISE.hidden_points
    assert made.metadata.nbgrader.locked
    assert made.metadata.nbgrader.grade
    announcement, *hidden = made.source.splitlines()
    assert announcement == (
        f"# Hidden tests of conv_single_step ({EXERCISE.hidden_points:g} points): "
        "further cases, judged when your notebook is graded."
    )
    assert hidden == ["### BEGIN HIDDEN TESTS", "grade(conv_single_step)", "### END HIDDEN TESTS"]


def test_a_locked_cell_has_no_points():
    made = cell(to_source(TEXT, SMALL), "setup")
    assert made.metadata.nbgrader == {
        "grade": False,
        "grade_id": "setup",
        "locked": True,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }


@each_lesson
def test_every_lesson_makes_a_sound_notebook(name):
    notebook = LESSONS[name].source()
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    ids = [one.id for one in notebook.cells]
    assert len(ids) == len(set(ids))
    assert all(one.metadata.nbgrader.grade_id == one.id for one in notebook.cells if "nbgrader" in one.metadata)
    assert all(set(one.metadata) <= {"nbgrader"} for one in notebook.cells)  # no leftovers of the conversion
    assert all(not one.outputs and one.execution_count is None for one in notebook.cells if one.cell_type == "code")
    assert set(notebook.metadata) == {"kernelspec", "language_info", KEY}
    assert not edited_by_hand(notebook)


@each_lesson
def test_every_lesson_has_the_cells_of_its_exercises_in_order(name):
    ids = [one.metadata.nbgrader.grade_id for one in LESSONS[name].source().cells if "nbgrader" in one.metadata]
    wanted = [exercise.name + ending for exercise in of_lesson(name) for ending in ("", "_check", "_hidden")]
    assert wanted
    assert [
        grade_id for grade_id in ids if grade_id not in ("setup", "mine") and not grade_id.endswith("_versions")
    ] == wanted


@each_lesson
def test_a_generated_notebook_says_where_to_edit_instead(name):
    note = LESSONS[name].source().metadata[KEY]
    assert note["edit"] == f"course/lessons/{name}.py"
    assert (ROOT / note["edit"]).is_file()
    assert note["edit"] in note["note"]
    assert "autograder build" in note["note"]


def test_a_lesson_and_its_notebook_are_named_as_nbgrader_wants_them(tmp_path):
    lesson = Lesson(tmp_path / "03-conv-forward.py")
    assert (lesson.name, lesson.notebook) == ("03-conv-forward", "conv_forward")


def test_lessons_come_in_order_and_other_files_are_none(tmp_path):
    folder = tmp_path / "course" / "lessons"
    folder.mkdir(parents=True)
    for name in ("10-last.py", "02-second.py", "01-first.py", "notes.py", "03-x.ipynb", "README.md"):
        (folder / name).touch()
    assert [lesson.name for lesson in lessons(tmp_path)] == ["01-first", "02-second", "10-last"]


# What is wrong with a text.


@pytest.mark.parametrize(
    "solution",
    [
        SOLUTION.replace("    ### BEGIN SOLUTION\n", ""),
        SOLUTION.replace("    ### END SOLUTION\n", ""),
        SOLUTION.replace("BEGIN", "XXX").replace("END", "BEGIN").replace("XXX", "END"),
        SOLUTION.replace("    ### END SOLUTION\n", "    ### END SOLUTION\n    ### END SOLUTION\n"),
        SOLUTION.replace("### BEGIN SOLUTION", "### BEGIN SOLUTIONS"),
    ],
    ids=["no begin", "no end", "end before begin", "two ends", "misspelt"],
)
def test_an_exercise_cell_needs_one_marked_solution(solution):
    assert refusal(HEADER + solution + CHECK + HIDDEN) == (
        f"{SMALL}, cell 3 (exercise='conv_single_step'): "
        "it needs one solution between '### BEGIN SOLUTION' and '### END SOLUTION'"
    )


@pytest.mark.parametrize("role", ["exercise", "check", "hidden"])
@pytest.mark.parametrize("value", ["conv_singlestep", "zero_pad", ""])
def test_an_exercise_must_be_one_of_this_lesson(role, value):
    text = TEXT.replace(f'{role}="conv_single_step"', f'{role}="{value}"')
    number = {"exercise": 3, "check": 4, "hidden": 5}[role]
    assert refusal(text) == (
        f"{SMALL}, cell {number} ({role}={value!r}): "
        "autograder/exercises has no such exercise for this lesson (it has: conv_single_step)"
    )


def test_a_lesson_without_exercises_is_told_so():
    assert "(it has: none)" in refusal(TEXT, "99-no-such-lesson")


@pytest.mark.parametrize(
    ("role", "line"), [("check", "check(conv_single_step)"), ("hidden", "grade(conv_single_step)")]
)
@pytest.mark.parametrize("change", ["{}\nprint(1)", "# first\n{}", "x = {}", "", "{}; 1"])
def test_a_test_cell_is_one_call_and_nothing_else(role, line, change):
    text = TEXT.replace(f"\n{line}\n", f"\n{change.format(line)}\n")
    assert refusal(text).endswith(f"({role}='conv_single_step'): it should be the one line {line}")


@pytest.mark.parametrize("role", ["exercise", "check", "hidden", "locked"])
def test_only_code_has_a_part_in_grading(role):
    text = TEXT + f'\n# %% [markdown] {role}="conv_single_step"\n# Some text.\n'
    assert refusal(text) == (
        f"{SMALL}, cell 6 ({role}='conv_single_step'): only a code cell can have a part in grading"
    )


@pytest.mark.parametrize("more", [SOLUTION, CHECK, HIDDEN, '# %% locked="setup"\nx = 1\n'])
def test_no_two_cells_have_the_same_name(more):
    grade_id = {SOLUTION: "conv_single_step", CHECK: "conv_single_step_check", HIDDEN: "conv_single_step_hidden"}
    assert refusal(TEXT + "\n" + more) == f"two cells are called {grade_id.get(more, 'setup')!r}"


@pytest.mark.parametrize(
    ("parts", "missing"),
    [
        ((SOLUTION, CHECK), "conv_single_step_hidden"),
        ((SOLUTION, HIDDEN), "conv_single_step_check"),
        ((CHECK, HIDDEN), "conv_single_step"),
        ((), "conv_single_step, conv_single_step_check, conv_single_step_hidden"),
    ],
)
def test_every_exercise_needs_its_three_cells(parts, missing):
    assert refusal(HEADER + "".join(parts)) == f"{SMALL} lacks cells for: {missing}"


@pytest.mark.parametrize("head", ["# %%", "# %% [markdown]", '# %% locked="more"'])
@pytest.mark.parametrize(
    "marker", ["### BEGIN SOLUTION", "### END SOLUTION", "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"]
)
def test_a_marker_outside_an_exercise_cell_stops_the_build(head, marker):
    text = f"{TEXT}\n{head}\n# {marker}\n# x = 1\n"
    assert refusal(text) == f"{SMALL}, cell 6: {marker!r} outside an exercise cell: it would be published"


# The way back.


@each_lesson
def test_a_lesson_comes_back_letter_for_letter(name):
    text = LESSONS[name].path.read_text(encoding="utf-8")
    assert to_lesson(to_source(text, name)) == text


def test_the_small_lesson_comes_back_letter_for_letter():
    assert to_lesson(to_source(TEXT, SMALL)) == TEXT


def test_a_notebook_comes_back_with_what_was_changed_in_it():
    notebook = to_source(TEXT, SMALL)
    cell(notebook, "conv_single_step").source += "\n\n\ndef more():\n    return 1"
    notebook.cells.insert(1, new_markdown_cell("New text.\n\n- with `code` and *more*"))
    notebook.cells.append(new_code_cell("print(1)"))
    again = to_source(to_lesson(notebook), SMALL)
    assert [(c.cell_type, c.source) for c in again.cells] == [(c.cell_type, c.source) for c in notebook.cells]
    assert [c.metadata for c in again.cells] == [c.metadata for c in notebook.cells]


@pytest.mark.parametrize(
    "source",
    [
        "%matplotlib inline\nx = 1",
        "!ls",
        "%%time\nx = 1",
        "x = 1\n\n\n\ny = 2",
        "'''\n# %%\n'''",
        "",
        "    indented = 1",
        "x = 1  # ### END",
        "await f()",
        "?print",
    ],
)
def test_any_code_survives_the_way_there_and_back(source):
    notebook = to_source(TEXT, SMALL)
    notebook.cells.append(new_code_cell(source))
    notebook.cells.append(new_markdown_cell("The end."))
    again = to_source(to_lesson(notebook), SMALL)
    assert [c.source for c in again.cells if c.source] == [c.source for c in notebook.cells if c.source]


# Cell ids.


def test_a_cells_id_is_its_grade_id_or_made_of_its_text():
    made = to_source(TEXT, SMALL).cells
    assert [one.id for one in made[1:]] == [
        "setup",
        "conv_single_step",
        "conv_single_step_check",
        "conv_single_step_hidden",
    ]
    assert re.fullmatch("c-[0-9a-f]{12}", made[0].id)


def test_ids_stay_when_a_cell_is_inserted():
    before = to_source(TEXT, SMALL)
    after = to_source(TEXT.replace('# %% locked="setup"', '# %%\nprint("new")\n\n# %% locked="setup"'), SMALL)
    assert len(after.cells) == len(before.cells) + 1
    ids = {one.source: one.id for one in after.cells}
    assert all(ids[one.source] == one.id for one in before.cells)


def test_cells_with_the_same_text_have_ids_of_their_own():
    twice = to_source(TEXT + "\n# %%\nprint(1)\n\n# %%\nprint(1)\n\n# %%\nprint(1)\n", SMALL)
    first, second, third = (one.id for one in twice.cells[-3:])
    assert (second, third) == (f"{first}-2", f"{first}-3")
    nbformat.validate(twice)


def test_an_edit_by_hand_is_noticed_and_outputs_are_none():
    notebook = to_source(TEXT, SMALL)
    notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="hello")]
    notebook.cells[1].execution_count = 3
    assert not edited_by_hand(notebook)
    for change in (
        lambda one: one.cells[0].update(source="other"),
        lambda one: one.cells.pop(),
        lambda one: one.cells.append(new_markdown_cell("more")),
        lambda one: one.cells[3].metadata.nbgrader.update(points=99),
        lambda one: one.metadata.pop(KEY),
    ):
        edited = to_source(TEXT, SMALL)
        change(edited)
        assert edited_by_hand(edited)
