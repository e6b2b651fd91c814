"""From lesson texts to the notebooks of instructors and students: the same bytes each time, and no edit is lost."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from click.testing import CliRunner
from conftest import ROOT, notebook_name, plain_environment

from autograder.build import MARKERS, BuildError, Built, adopt, build, demand_no_answer, write
from autograder.cli import main
from autograder.course import Course, UnknownName
from autograder.exercises import EXERCISES, of_lesson
from autograder.lesson import Lesson, LessonError, lessons
from autograder.stills import EXPLORERS

LESSONS = [lesson.name for lesson in lessons(ROOT)]
SMALL = "02-one-step"
TEXT = f"course/lessons/{SMALL}.py"
SOURCE = f"source/{SMALL}/one_step.ipynb"
RELEASE = f"release/{SMALL}/one_step.ipynb"
STILL = f"release/{SMALL}/window.svg"

pytestmark = pytest.mark.xdist_group("build")
each_lesson = pytest.mark.parametrize("lesson", LESSONS)


def lay_out(root: Path, *names: str) -> Course:
    """An author's folder with the texts of some lessons and nothing generated."""
    (root / "course" / "lessons").mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    for name in names:
        shutil.copy(ROOT / "course" / "lessons" / f"{name}.py", root / "course" / "lessons")
    return Course(root)


def bytes_of(root: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def edit(path: Path, change) -> None:
    """Change a notebook as JupyterLab would, and save it."""
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    nbformat.write(notebook, path)


def autograder_build(root: Path, *options: str) -> tuple[str, str, int]:
    """Run ``autograder build`` in a folder: its standard output and error, and its exit status."""
    with contextlib.chdir(root):
        result = CliRunner().invoke(main, ["build", *options], catch_exceptions=False)
    return result.stdout, result.stderr, result.exit_code


@pytest.fixture(scope="module")
def everything() -> Built:
    """All that the course's own lessons make."""
    return build(Course(ROOT))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An author's folder with one lesson, built; not to be changed."""
    course = lay_out(tmp_path_factory.mktemp("made") / "course", SMALL)
    write(course, build(course))
    return course.root


@pytest.fixture
def author(made: Path, tmp_path: Path) -> Course:
    """An author's folder with one lesson, built, for one test."""
    return Course(Path(shutil.copytree(made, tmp_path / "author")))


def release_of(built: Built, lesson: str) -> nbformat.NotebookNode:
    """The student notebook of a lesson."""
    return nbformat.reads(built.files[f"release/{lesson}/{notebook_name(lesson)}"], as_version=4)


# What is in a release.


@each_lesson
def test_a_release_holds_no_line_of_a_solution(everything, lesson):
    text = (ROOT / "course" / "lessons" / f"{lesson}.py").read_text(encoding="utf-8")
    solutions = re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", text, re.DOTALL)
    assert len(solutions) == len(of_lesson(lesson))
    shown = {line.strip() for cell in release_of(everything, lesson).cells for line in cell.source.splitlines()}
    kept = {line.strip() for part in re.split(r"### BEGIN SOLUTION\n.*?### END SOLUTION", text, flags=re.DOTALL)
            for line in part.splitlines()}  # fmt: skip
    told = [line.strip() for part in solutions for line in part.splitlines() if line.strip()]
    assert not [line for line in told if line in shown and line not in kept]


@each_lesson
def test_a_release_holds_no_marker_hidden_call_hint_or_output(everything, lesson):
    text = everything.files[f"release/{lesson}/{notebook_name(lesson)}"]
    assert not [marker for marker in (*MARKERS, "grade(") if marker in text]
    assert not [wrong.id for e in of_lesson(lesson) for wrong in e.wrong if json.dumps(wrong.hint)[1:-1] in text]
    assert all(not cell.get("outputs") for cell in release_of(everything, lesson).cells)


@each_lesson
def test_each_stub_says_that_it_is_not_written_yet(everything, lesson):
    cells = {cell.id: cell for cell in release_of(everything, lesson).cells}
    for exercise in of_lesson(lesson):
        names = {"np": np}
        exec(cells[exercise.name].source, names)
        for case in exercise.published():
            with pytest.raises(NotImplementedError):
                names[exercise.name](*case.args)


@each_lesson
def test_a_lesson_is_worth_ten_points(everything, lesson):
    cells = [cell.metadata.nbgrader for cell in release_of(everything, lesson).cells if "nbgrader" in cell.metadata]
    assert sum(cell.points for cell in cells if cell.grade) == 10
    assert sum(exercise.max_points for exercise in of_lesson(lesson)) == 10


@each_lesson
def test_a_release_keeps_all_of_the_lesson_but_the_answers(everything, lesson):
    source = Lesson(ROOT / "course" / "lessons" / f"{lesson}.py").source()
    release = release_of(everything, lesson)
    assert [cell.id for cell in release.cells] == [cell.id for cell in source.cells]
    for given, original in zip(release.cells, source.cells, strict=True):
        if "nbgrader" not in original.metadata or original.id in ("setup", "mine"):
            assert given.source == original.source
    assert release.metadata.kernelspec.name == "python3"
    assert release.metadata.convnets_by_hand.edit == f"course/lessons/{lesson}.py"


def test_every_exercise_has_its_examples_and_every_lesson_its_two_notebooks(everything):
    data = {f"course/convlab/data/{name}.json" for name in EXERCISES}
    notebooks = {f"{kind}/{name}/{notebook_name(name)}" for kind in ("source", "release") for name in LESSONS}
    cells = {f"course/convlab/data/lessons/{name}.json" for name in LESSONS}
    stills = {f"{name}/{still}.svg" for name in LESSONS for still in EXPLORERS[name]}
    pictures = {f"{kind}/{still}" for kind in ("source", "release") for still in stills}
    assert set(everything.files) == data | cells | pictures | notebooks


# The same bytes.


def test_building_again_in_another_process_and_folder_gives_the_same_bytes(everything, tmp_path):
    course = lay_out(tmp_path / "elsewhere", *LESSONS)
    environment = plain_environment(PYTHONHASHSEED="7", TZ="Asia/Tokyo", LC_ALL="C")
    command = [sys.executable, "-m", "autograder", "build"]
    subprocess.run(command, cwd=course.root, env=environment, capture_output=True, check=True, timeout=120)
    assert {name: (course.root / name).read_bytes() for name in everything.files} == {
        name: text.encode() for name, text in everything.files.items()
    }


def test_the_checkout_is_what_its_lessons_make(everything):
    before = {name: (ROOT / name).stat().st_mtime_ns for name in everything.files if (ROOT / name).exists()}
    told = f"All {len(everything.files)} generated files are as they should be.\n"
    assert autograder_build(ROOT, "--check") == (told, "", 0)
    assert before == {name: (ROOT / name).stat().st_mtime_ns for name in everything.files if (ROOT / name).exists()}


def test_what_is_as_it_should_be_is_not_written_again(author):
    before = {path: path.stat().st_mtime_ns for path in author.root.rglob("*") if path.is_file()}
    assert write(author, build(author)) == []
    assert {path: path.stat().st_mtime_ns for path in author.root.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("lesson", [LESSONS[2], LESSONS[-1]])
def test_nbgraders_own_command_writes_the_same_release(everything, tmp_path, lesson):
    course = lay_out(tmp_path / "course", lesson)
    name = f"{lesson}/{notebook_name(lesson)}"
    (course.root / "source" / lesson).mkdir(parents=True)
    (course.root / "source" / name).write_text(everything.files[f"source/{name}"], encoding="utf-8")
    scripts = Path(sys.executable).parent
    environment = plain_environment(PATH=f"{scripts}{os.pathsep}{os.environ['PATH']}")
    command = [scripts / "nbgrader", "generate_assignment", lesson]
    ran = subprocess.run(command, cwd=course.root, env=environment, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    assert (course.root / "release" / name).read_bytes() == everything.files[f"release/{name}"].encode()
    assert sorted(path.name for path in (course.root / "release" / lesson).iterdir()) == [notebook_name(lesson)]


# Drift.


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        (
            lambda root: (root / TEXT).write_text((root / TEXT).read_text().replace("# Lesson 02", "# Lesson 2")),
            [f"{SOURCE} differs", f"{RELEASE} differs"],
        ),
        (lambda root: (root / RELEASE).write_text("{}"), [f"{RELEASE} differs"]),
        (lambda root: edit(root / SOURCE, lambda nb: nb.cells.pop()), [f"{SOURCE} differs"]),
        (lambda root: (root / SOURCE).unlink(), [f"{SOURCE} is missing"]),
        (lambda root: shutil.rmtree(root / "release"), [f"{STILL} is missing", f"{RELEASE} is missing"]),
        (
            lambda root: (root / "course/convlab/data/zero_pad.json").unlink(),
            ["course/convlab/data/zero_pad.json is missing"],
        ),
        (
            lambda root: (root / "source" / SMALL / "one_step.py").write_text("def conv_single_step(): ..."),
            [f"source/{SMALL}/one_step.py belongs to no lesson"],
        ),
        (
            lambda root: (root / "course/convlab/data/solutions.json").write_text("{}"),
            ["course/convlab/data/solutions.json belongs to no lesson"],
        ),
        (
            lambda root: shutil.copytree(root / "source" / SMALL, root / "source" / "07-old"),
            [f"source/07-old/{name} belongs to no lesson" for name in ("one_step.ipynb", "window.svg")],
        ),
        (lambda root: (root / RELEASE).write_bytes((root / RELEASE).read_bytes() + b"\n"), [f"{RELEASE} differs"]),
    ],
    ids=[
        "lesson changed",
        "release changed",
        "source edited",
        "source deleted",
        "release deleted",
        "data deleted",
        "stray in source",
        "stray in data",
        "stray lesson",
        "one byte more",
    ],
)
def test_drift_is_found(author, change, lines):
    change(author.root)
    assert build(author).differing(author.root) == lines


def test_a_check_that_finds_drift_says_where_and_changes_nothing(author):
    (author.root / RELEASE).write_text("{}")
    before = bytes_of(author.root)
    told = f"{RELEASE} differs\nRun `autograder build`, and commit what it writes.\n"
    assert autograder_build(author.root, "--check") == ("", told, 1)
    assert bytes_of(author.root) == before


def test_a_build_writes_what_is_not_as_it_should_be(author):
    expected = bytes_of(author.root)
    (author.root / SOURCE).unlink()
    shutil.rmtree(author.root / "release")
    assert write(author, build(author)) == [STILL, SOURCE, RELEASE]
    assert bytes_of(author.root) == expected


def test_checkpoints_and_kept_layers_are_no_strays(author):
    (author.root / "release" / SMALL / ".ipynb_checkpoints").mkdir()
    (author.root / "release" / SMALL / "my_layers.py").touch()
    (author.root / "source" / SMALL / "__pycache__").mkdir()
    built = build(author)
    assert built.differing(author.root) == []
    assert write(author, built) == []


def test_a_stray_file_stops_the_build_before_nbgrader_hands_it_out(author):
    (author.root / "source" / SMALL / "one_step.py").write_text("")
    with pytest.raises(BuildError, match=r"one_step\.py belongs to no lesson\. nbgrader would hand it to students"):
        write(author, build(author))


# Edits by hand.


def change_text(notebook):
    notebook.cells[0].source += "\n\nA sentence more."


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        (SOURCE, f"To bring the edit back into {TEXT}: autograder build --adopt {SMALL}. To drop the edit: delete "),
        (RELEASE, f"Make the edit in {TEXT} instead. To drop the edit: delete "),
    ],
)
def test_an_edit_by_hand_is_never_overwritten(author, name, advice):
    edit(author.root / name, change_text)
    (author.root / TEXT).write_text((author.root / TEXT).read_text().replace("# Lesson 02", "# Lesson 2"))
    before = bytes_of(author.root)
    told = f"{name} was edited by hand, and building would lose that. {advice}{name}.\n"
    assert autograder_build(author.root) == ("", told, 1)
    assert bytes_of(author.root) == before


def test_an_edit_is_brought_back_into_the_text_and_stays(author):
    edit(author.root / SOURCE, change_text)
    output, errors, status = autograder_build(author.root, "--adopt", SMALL)
    assert (errors, status) == ("", 0)
    assert output.splitlines() == [
        f"{TEXT} has the edit now.",
        f"wrote {SOURCE}",
        f"wrote {RELEASE}",
        f"2 of {len(EXERCISES) + 5} files changed.",  # two notebooks, two stills, and what cells there are
    ]
    before, after = (ROOT / TEXT).read_text().splitlines(), (author.root / TEXT).read_text().splitlines()
    at = after.index("# A sentence more.")
    assert after[: at - 1] + after[at + 1 :] == before
    for name in (SOURCE, RELEASE):
        assert "A sentence more." in (author.root / name).read_text()
    assert build(author).differing(author.root) == []


def test_an_unchanged_notebook_is_brought_back_as_the_same_text(author):
    before = bytes_of(author.root)
    adopt(author, SMALL)
    assert bytes_of(author.root) == before


def test_edits_of_text_and_notebook_both_are_not_merged_by_losing_one(author):
    edit(author.root / SOURCE, change_text)
    (author.root / TEXT).write_text((author.root / TEXT).read_text().replace("# Lesson 02", "# Lesson 2"))
    before = bytes_of(author.root)
    told = (
        f"{TEXT} was changed after source/{SMALL} was made from it, and bringing the notebook back would lose that. "
        "Make the notebook's edit in the text as well, and delete the notebook.\n"
    )
    assert autograder_build(author.root, "--adopt", SMALL) == ("", told, 1)
    assert bytes_of(author.root) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda cell: cell.metadata.nbgrader.update(points=99),
        lambda cell: cell.update(source=cell.source.replace("grade(", "assert True; grade(")),
    ],
)
def test_an_edit_that_no_text_can_hold_is_not_dropped_in_silence(author, change):
    edit(author.root / SOURCE, lambda nb: change(next(c for c in nb.cells if c.id == "conv_single_step_hidden")))
    before = bytes_of(author.root)
    with pytest.raises(BuildError, match="points and hidden tests come from autograder/exercises"):
        adopt(author, SMALL)
    assert bytes_of(author.root) == before


def test_an_edit_that_makes_no_lesson_is_refused_and_kept(author):
    edit(author.root / SOURCE, lambda nb: nb.cells.remove(next(c for c in nb.cells if c.id == "conv_single_step")))
    before = bytes_of(author.root)
    with pytest.raises(LessonError, match="lacks cells for: conv_single_step"):
        adopt(author, SMALL)
    assert bytes_of(author.root) == before


def test_only_a_lesson_that_there_is_can_be_brought_back(author):
    with pytest.raises(UnknownName, match=f"There is no assignment '03-x'. There are: {SMALL}"):
        adopt(author, "03-x")


def test_checking_and_bringing_back_do_not_go_together(author):
    told = "--check changes nothing and --adopt does: use one of the two.\n"
    assert autograder_build(author.root, "--adopt", SMALL, "--check") == ("", told, 2)


@pytest.mark.parametrize("name", [SOURCE, RELEASE])
def test_saved_outputs_are_no_edit(author, name):
    expected = bytes_of(author.root)

    def run(notebook):
        for number, cell in enumerate(c for c in notebook.cells if c.cell_type == "code"):
            cell.outputs = [nbformat.v4.new_output("stream", text="hello")]
            cell.execution_count = number

    edit(author.root / name, run)
    assert write(author, build(author)) == [name]
    assert bytes_of(author.root) == expected


@pytest.mark.parametrize("text", ["", "{", "[]", "<<<<<<< HEAD\n{}\n=======\n"])
def test_a_generated_notebook_that_cannot_be_read_is_not_overwritten(author, text):
    (author.root / SOURCE).write_text(text)
    with pytest.raises(BuildError, match=r"one_step\.ipynb cannot be read \(.*\)\. Delete it, and build again\."):
        write(author, build(author))
    assert (author.root / SOURCE).read_text() == text


# What stops a build.


def test_a_folder_without_lessons_is_told_so(tmp_path):
    told = f"There are no lessons in {tmp_path / 'course' / 'course' / 'lessons'}.\n"
    assert autograder_build(lay_out(tmp_path / "course").root) == ("", told, 1)


def test_another_folder_is_no_course(tmp_path):
    told = f"{tmp_path} is no course folder: it has no nbgrader_config.py. Change to the folder that has one.\n"
    assert autograder_build(tmp_path) == ("", told, 1)


def test_a_wrong_lesson_stops_the_build_in_one_line(author):
    text = (author.root / TEXT).read_text()
    (author.root / TEXT).write_text(text.replace("### END SOLUTION", "### SOLUTION"))
    before = bytes_of(author.root)
    output, errors, status = autograder_build(author.root)
    assert (status, output) == (1, "")
    assert re.fullmatch(
        rf"{SMALL}, cell \d+ \(exercise='conv_single_step'\): it needs one solution between .*\n", errors
    )
    assert bytes_of(author.root) == before


def test_what_would_publish_an_answer_stops_the_build(author):
    lesson = Lesson(author.root / TEXT)
    given_out = (author.root / RELEASE).read_text()
    demand_no_answer(lesson, given_out)
    for leak in ("    products = a_slice_prev * W", "grade(conv_single_step)", "### BEGIN HIDDEN TESTS"):
        notebook = nbformat.reads(given_out, as_version=4)
        notebook.cells[-1].source += f"\n{leak}\n"
        with pytest.raises(BuildError, match=f"release/{SMALL} would publish"):
            demand_no_answer(lesson, nbformat.writes(notebook))
