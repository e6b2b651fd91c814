"""Attackers and the careless in one class with honest students: graded by either command, as either user."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator

import pytest

from attacks.submissions import CHECK, CLASS, CONFINED, FULL, HIDDEN, LESSON, Student, in_gradebook
from attacks.whole_class import COMMANDS, WHO, Outcome, graded_class
from autograder.records import FAILED, GRADED


def _run(how: str, user: str, students: list[Student], *marks: pytest.MarkDecorator) -> object:
    group = pytest.mark.xdist_group(f"class, {how}, {user}, {len(students)}")
    kind = "everyone" if students is CLASS else "those who meet the sandbox"
    return pytest.param((students, how, user), marks=[group, *marks], id=f"{how}, {user}, {kind}")


@pytest.fixture(
    scope="module",
    params=[
        *(_run(how, WHO[0], CLASS) for how in COMMANDS),
        *(_run(how, user, CONFINED) for how in COMMANDS for user in WHO[1:]),
        *(_run(how, user, CLASS, pytest.mark.slow) for how in COMMANDS for user in WHO[1:]),
    ],
)
def graded(request: pytest.FixtureRequest) -> Iterator[Outcome]:
    """The class, graded once by each command as each user."""
    with graded_class(*request.param) as outcome:
        yield outcome


def test_there_are_attacks_enough():
    assert len([student for student in CLASS if not student.honest]) >= 80
    for students in (CLASS, CONFINED):
        honest = "".join("x" if student.honest else "." for student in students)
        assert re.fullmatch(r"\.+x.*\.+x.*\.+x.*", honest)  # before, between and after


def test_everyone_gets_exactly_their_mark(graded: Outcome):
    wrong = {}
    for student in graded.students:
        record = graded.records[student.name]
        got = record.points, record.state, graded.scores.get(student.name)
        entry = (student.points or 0, student.state == FAILED, 1) if in_gradebook(student) else None
        if got != (student.points, student.state, entry):
            wrong[student.name] = (*got, record.reason)
    assert wrong == {}


def test_every_record_says_what_happened(graded: Outcome):
    for student in graded.students:
        record = graded.records[student.name]
        assert re.search(student.says, " ".join([record.reason, json.dumps(record.verdicts)])), student.name
        assert (record.state == GRADED) == (record.reason == ""), student.name


def test_what_was_graded_has_its_notebook_and_page(graded: Outcome):
    for student in graded.students:
        if student.state == FAILED:
            continue
        notebook = graded.notebook(student.name)
        cells = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in notebook.cells}
        points = [float(cells[grade_id].outputs[0].data["text/plain"]) for grade_id in (CHECK, HIDDEN)]
        assert sum(points) == student.points, student.name
        shown = json.dumps([cell.get("outputs") for cell in notebook.cells], ensure_ascii=False)
        assert re.search(student.shows, shown), student.name
        assert len(shown) < 10 * 2**20, student.name
        assert "<html" in graded.page(student.name).read_text(encoding="utf-8")[:1000].lower()


def test_nobody_gets_hold_of_a_secret(graded: Outcome):
    for student in graded.students:
        others = {what: word for what, word in graded.canaries.items() if what != student.name}
        for path, content in graded.written(student.name).items():
            assert not [what for what, word in others.items() if word.encode() in content], path
            if path.startswith("feedback"):
                assert b"BEGIN HIDDEN TESTS" not in content, path
    assert graded.calls == []


def test_nothing_of_the_others_is_changed(graded: Outcome):
    assert graded.changed == []
    # A program that does not recurse: some of these folders are deeper than Python goes.
    assert subprocess.run(["find", graded.root, "-name", "pwned"], capture_output=True, text=True).stdout == ""
    made = {path.name for path in graded.root.iterdir()}
    assert made <= {
        "nbgrader_config.py", "marks.csv", "source", "release", "submitted", "gradebook.db", "autograded", "feedback",
        "verdicts", "report",
    }  # fmt: skip


def test_what_could_not_be_graded_leaves_nothing(graded: Outcome):
    """No copy of what a link led to, no half-made notebook, and no file that is neither an output nor the student's."""
    for student in graded.students:
        folder = graded.root / "autograded" / student.name
        found = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())
        assert student.state != FAILED or found == [], student.name
        assert not [path for path in folder.rglob("*") if path.is_symlink() or path.name.startswith(".")]


def test_the_gradebook_is_sound(graded: Outcome):
    assert graded.integrity == "ok"
    assert set(graded.scores) == {student.name for student in graded.students if in_gradebook(student)}


def test_the_run_comes_to_its_end_and_leaves_nothing_running(graded: Outcome):
    assert [said.left for said in graded.said.values()] == [[]] * len(graded.said)
    failed = [student for student in graded.students if student.state == FAILED]
    grading = graded.said.get("autograder grade") or graded.said["nbgrader autograde"]
    if "autograder grade" in graded.said:
        assert grading.status == 1  # some could not be graded, and that is said
        assert "Traceback" not in grading.text
        assert f"{len(failed)} could not be graded." in grading.text
    for student in failed:
        assert re.search(re.escape(student.name) + ".*could not be graded|Error", grading.text)


def test_the_report_tells_the_states_apart(graded: Outcome):
    table = (graded.root / "report" / "results.csv").read_text(encoding="utf-8-sig")
    assert graded.said["autograder report"].status == 0, graded.said["autograder report"].text
    assert table.count("could not be graded") >= len([s for s in graded.students if s.state == FAILED])
    assert max(record.max_points or 0 for record in graded.records.values()) == FULL
    assert {record.assignment for record in graded.records.values()} == {LESSON}
