"""The sample class gets exactly its expected scores, by our command and by nbgrader's, hostile as some of it is."""

from __future__ import annotations

import csv
import html
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook, MissingEntry

from autograder import records
from autograder.course import Course
from autograder.exercises import EXERCISES
from autograder.records import FAILED, GRADED, LOOK, Record

ROOT = Path(__file__).resolve().parent.parent
CLASS = ROOT / "examples" / "class"
COMMANDS = Path(sys.executable).parent

pytestmark = pytest.mark.xdist_group("sample_class")  # the graded class is made once

#: The mistake that the feedback should name: student, assignment, function, entry of the bank.
DIAGNOSES = [
    ("chloe", "06-pool-backward", "pool_backward", "stride-missing"),
    ("dmitri", "05-conv-backward", "conv_backward", "unpad-empty-at-pad-0"),
    ("dmitri", "09-train-a-network", "conv_forward_fast", "channels-before-window"),
    ("dmitri", "09-train-a-network", "relu_backward", "relu-of-dA"),
    ("emeka", "02-one-step", "conv_single_step", "bias-per-element"),
    ("emeka", "03-conv-forward", "conv_forward", "bias-per-element"),
    ("emeka", "07-read-a-network", "layer_table", "filters-for-each-channel"),
    ("emeka", "07-read-a-network", "read_network", "feature-maps-2048"),
    ("priya", "03-conv-forward", "conv_output_size", "rounds-up"),
    ("priya", "06-pool-backward", "create_mask_from_window", "absolute-values"),
    ("priya", "08-frameworks", "to_torch", "filters-all-reversed"),
]

Outcome = tuple[str, float | None, float | None]


def expected() -> dict[tuple[str, str], Outcome]:
    """State, score and points there are, of every submission."""

    def number(text: str) -> float | None:
        return float(text) if text else None

    with (CLASS / "expected.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["student"], row["assignment"]): (row["state"], number(row["score"]), number(row["max_score"]))
            for row in csv.DictReader(file)
        }


EXPECTED = expected()
UNGRADED = [key for key, (state, _, _) in EXPECTED.items() if state == FAILED]
GRADEABLE = [key for key in EXPECTED if key not in UNGRADED]


@dataclass(frozen=True)
class Run:
    """A course folder in which the class was graded, and what the command said."""

    root: Path
    status: int
    said: str

    def records(self) -> dict[tuple[str, str], Record]:
        return {(record.student, record.assignment): record for record in records.load_all(self.root)}

    def outcomes(self) -> dict[tuple[str, str], Outcome]:
        return {key: (record.state, record.points, record.max_points) for key, record in self.records().items()}

    def page(self, student: str, assignment: str) -> str:
        name = Course(self.root).notebook_name(assignment)
        return (self.root / "feedback" / student / assignment / f"{name}.html").read_text(encoding="utf-8")


def course_folder(root: Path) -> Path:
    """A fresh course folder with the class's submissions."""
    shutil.copy(ROOT / "nbgrader_config.py", root)
    shutil.copytree(ROOT / "source", root / "source")
    shutil.copytree(CLASS / "submitted", root / "submitted")
    return root


def command(root: Path, *arguments: str) -> Run:
    """Run one of the environment's commands in a course folder."""
    done = subprocess.run(
        [COMMANDS / arguments[0], *arguments[1:]],
        cwd=root,
        env={**os.environ, "PATH": f"{COMMANDS}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=900,
        check=False,
    )
    return Run(root, done.returncode, done.stdout)


def in_gradebook(root: Path) -> dict[tuple[str, str], tuple[float, float, bool]]:
    """Score, points there are, and whether someone has to look, of every submission, as nbgrader has them."""
    with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        return {
            (one.student.id, assignment.name): (one.score, one.max_score, one.needs_manual_grade)
            for assignment in gradebook.assignments
            for one in gradebook.assignment_submissions(assignment.name)
        }


def expected_in_gradebook(*assignments: str) -> dict[tuple[str, str], tuple[float, float, bool]]:
    """What nbgrader should have: where nothing could be graded no score, and a mark that someone has to look."""
    return {
        key: (score or 0.0, most or 10.0, state == FAILED)
        for key, (state, score, most) in EXPECTED.items()
        if key[1] in (assignments or Course(ROOT).assignments())
    }


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The class, graded once.  Whoever grades again takes a copy."""
    return command(course_folder(tmp_path_factory.mktemp("class")), "autograder", "grade")


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_submissions_are_what_make_writes(tmp_path: Path) -> None:
    runpy.run_path(str(CLASS / "make.py"))["make"](tmp_path)
    made, committed = files(tmp_path), files(CLASS / "submitted")
    advice = "lessons or answers have changed: run python examples/class/make.py"
    assert sorted(made) == sorted(committed), advice
    assert [name for name in made if made[name] != committed[name]] == [], advice


def test_tables_name_every_submission() -> None:
    handed_in = {(path.parent.name, path.name) for path in (CLASS / "submitted").glob("*/*")}
    assert handed_in == set(EXPECTED)
    told = re.findall(r"^\| ([a-z]+) \|", (CLASS / "README.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert told[0] == "student"
    assert told[1:] == sorted({student for student, _ in EXPECTED})


def test_class_gets_its_expected_scores(graded: Run) -> None:
    assert graded.outcomes() == EXPECTED, graded.said
    assert in_gradebook(graded.root) == expected_in_gradebook()


def test_status_says_that_some_could_not_be_graded(graded: Run) -> None:
    assert graded.status == 1
    states = [state for state, _, _ in EXPECTED.values()]
    summary = f"{states.count(GRADED)} graded, {states.count(LOOK)} to be looked at, "
    assert f"{summary}{states.count(FAILED)} could not be graded." in graded.said
    assert "Traceback" not in graded.said


def test_second_run_grades_nothing_again(graded: Run, tmp_path: Path) -> None:
    again = command(shutil.copytree(graded.root, tmp_path / "class"), "autograder", "grade")
    assert again.records() == graded.records()  # seeds and seconds too
    assert in_gradebook(again.root) == expected_in_gradebook()
    assert f"{len(GRADEABLE)} were recorded before and not graded again" in again.said
    assert again.status == 1


def test_regrading_gives_the_same_scores(graded: Run, tmp_path: Path) -> None:
    root = shutil.copytree(graded.root, tmp_path / "class")
    again = command(root, "autograder", "grade", "--regrade", "--no-feedback")
    assert again.outcomes() == EXPECTED, again.said
    assert in_gradebook(root) == expected_in_gradebook()
    before = graded.records()
    for key, record in again.records().items():
        assert record.state == FAILED or record.seed != before[key].seed, "graded on fresh inputs"


@pytest.mark.parametrize("assignment", ["03-conv-forward", "05-conv-backward"])
def test_plain_nbgrader_gives_the_same_scores(assignment: str, tmp_path: Path) -> None:
    root = course_folder(tmp_path)
    generated = command(root, "nbgrader", "generate_assignment", assignment)
    assert generated.status == 0, generated.said
    done = command(root, "nbgrader", "autograde", assignment)
    ungraded = [student for student, name in UNGRADED if name == assignment]
    assert done.status == (1 if ungraded else 0), done.said
    assert in_gradebook(root) == expected_in_gradebook(assignment), done.said
    assert done.outcomes() == {key: one for key, one in EXPECTED.items() if key[1] == assignment}


@pytest.mark.parametrize(("student", "assignment", "exercise", "mistake"), DIAGNOSES)
def test_mistakes_are_named(graded: Run, student: str, assignment: str, exercise: str, mistake: str) -> None:
    verdicts = {verdict["exercise"]: verdict for verdict in graded.records()[student, assignment].verdicts}
    (hint,) = (wrong.hint for wrong in EXERCISES[exercise].wrong if wrong.id == mistake)
    assert verdicts[exercise]["diagnosis"] == {"id": mistake, "hint": hint}
    assert plain(hint) in text_of(graded.page(student, assignment))


def test_every_submission_has_a_feedback_page(graded: Run) -> None:
    found = graded.records()
    for key in GRADEABLE:
        text = text_of(graded.page(*key))
        for verdict in found[key].verdicts:
            assert f"{verdict['exercise']}, hidden tests:" in text, key
            for criterion in verdict["criteria"]:
                assert criterion["passed"] or plain(criterion["message"]) in text, key
    for key in UNGRADED:
        text = text_of(graded.page(*key))
        assert "could not be graded" in text
        assert plain(found[key].reason)[1:] in text


def test_reasons_tell_what_to_do(graded: Run) -> None:
    reasons = {key: record.reason for key, record in graded.records().items() if record.reason}
    assert reasons.keys() == {*UNGRADED, ("jin", "02-one-step")}
    assert "took too long" in reasons["jin", "02-one-step"]
    assert "JSON is broken" in reasons["liam", "03-conv-forward"]
    assert "nothing was handed in" in reasons["maria", "01-images-and-padding"]
    assert "one_step(1).ipynb: rename it" in reasons["maria", "02-one-step"]
    assert "no assignment '03-conv-foward'" in reasons["tomas", "03-conv-foward"]


@pytest.mark.parametrize(
    ("student", "assignment", "exercise", "told"),
    [
        ("fatima", "01-images-and-padding", "zero_pad", "not written yet"),
        ("george", "03-conv-forward", "conv_forward", "not written yet"),
        ("hana", "03-conv-forward", "conv_forward", "SyntaxError: expected ':'"),
        ("ivan", "04-pool-forward", "pool_forward", "No module named 'scikit_learn'"),
        ("jin", "04-pool-forward", "pool_forward", "took too long"),
        ("noah", "03-conv-forward", "conv_forward", "No module named 'autograder'"),
        ("noah", "05-conv-backward", "conv_backward", "No module named 'autograder'"),
    ],
)
def test_what_is_not_there_is_explained(graded: Run, student: str, assignment: str, exercise: str, told: str) -> None:
    verdicts = {verdict["exercise"]: verdict for verdict in graded.records()[student, assignment].verdicts}
    assert told in verdicts[exercise]["error"]
    assert told in text_of(graded.page(student, assignment))


def test_helped_functions_say_so(graded: Run) -> None:
    for assignment, exercise in (
        ("03-conv-forward", "conv_forward"),
        ("06-pool-backward", "pool_backward"),
        ("08-frameworks", "line_detector"),
        ("08-frameworks", "autograd_gradients"),
    ):
        verdicts = {verdict["exercise"]: verdict for verdict in graded.records()["priya", assignment].verdicts}
        assert verdicts[exercise]["points"] == verdicts[exercise]["max_points"]
        assert any("once a right" in criterion["message"] for criterion in verdicts[exercise]["criteria"])


def text_of(page: str) -> str:
    """The text of an HTML page, without its tags: highlighted code is code again."""
    return plain(html.unescape(re.sub(r"<[^>]*>", "", page)))


def plain(text: str) -> str:
    """A text without the marks that turn a part of it into code."""
    return text.replace("`", "")


def secret_lines() -> set[str]:
    """Lines of solutions and of the bank that are too long to stand elsewhere by chance."""
    code = [ROOT / "autograder" / "solution.py", *(ROOT / "autograder" / "exercises").glob("*.py")]
    texts = [path.read_text(encoding="utf-8") for path in code]
    for source in code_of(ROOT / "source"):
        texts += re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", source, flags=re.DOTALL)
    lines = {line.strip() for text in texts for line in text.splitlines() if re.search(r"[=(]", line)}
    return {line for line in lines if len(line) > 25 and not line.startswith(("#", '"'))}


def code_of(folder: Path) -> list[str]:
    """The sources of all code cells in a folder's notebooks."""
    notebooks = [nbformat.read(path, as_version=4) for path in sorted(folder.rglob("*.ipynb"))]
    return [cell.source for notebook in notebooks for cell in notebook.cells if cell.cell_type == "code"]


def test_feedback_holds_no_solution(graded: Run) -> None:
    secrets = secret_lines()
    assert "a_slice_prev = A_prev_pad[i, top : top + f, left : left + f, :]" in secrets
    public = {line.strip() for source in code_of(ROOT / "release") for line in source.splitlines()}
    for student, assignment in GRADEABLE:
        sources = code_of(graded.root / "submitted" / student / assignment)
        own = {plain(line.strip()) for source in sources for line in source.splitlines()}
        shown = {line.strip() for line in text_of(graded.page(student, assignment)).splitlines()}
        assert {line for line in own if line.startswith(("for ", "return "))} <= shown, "code is found in a page"
        assert sorted(shown & secrets - own - public) == [], (student, assignment)


def test_feedback_runs_nothing_of_a_student(graded: Run) -> None:
    for assignment in ("01-images-and-padding", "02-one-step"):
        page = graded.page("rosa", assignment)
        assert "rosa was here" in page, "her note is shown, letter for letter"
        for live in ("<script>document", '<img src="missing.png"', "<h2 style", "<b>my favourite", 'href="javascript:'):
            assert live not in page


def test_unknown_assignments_stay_out_of_the_gradebook(graded: Run) -> None:
    with Gradebook(f"sqlite:///{graded.root / 'gradebook.db'}") as gradebook, pytest.raises(MissingEntry):
        gradebook.find_assignment("03-conv-foward")


@pytest.mark.parametrize("there", [True, False], ids=["with PyTorch", "without PyTorch"])
def test_the_demo_expects_no_marks_where_a_framework_is_missing(tmp_path, monkeypatch, there) -> None:
    unexpected = runpy.run_path(str(CLASS / "demo.py"))["unexpected"]
    for (student, assignment), (state, points, _) in EXPECTED.items():
        if assignment == "08-frameworks":
            state, points = FAILED, None
        path = tmp_path / "verdicts" / student / f"{assignment}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"state": state, "points": points}))
    if not there:
        monkeypatch.setitem(sys.modules, "torch", None)
    problems = unexpected(tmp_path)
    assert len(problems) == (3 if there else 0), problems
