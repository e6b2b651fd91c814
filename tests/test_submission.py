"""Reading a stranger's notebook, and restoring in it what was not the student's to change."""

from __future__ import annotations

import copy
import itertools
import json
import os
import random
import string

import nbformat
import pytest
from bs4 import BeautifulSoup
from conftest import ROOT, notebook_name, released, solved
from hypothesis import given, settings
from hypothesis import strategies as st
from nbconvert.filters import markdown2html
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.nbgraderformat import MetadataValidator

from autograder import submission
from autograder.submission import SubmissionError, fingerprint, lesson_files, parse, read, restore

LESSONS = sorted(path.name for path in (ROOT / "release").iterdir() if path.is_dir())
LESSON = "03-conv-forward"


def source_of(lesson: str) -> NotebookNode:
    """The instructor's notebook of a lesson."""
    return nbformat.read(ROOT / "source" / lesson / notebook_name(lesson), as_version=4)


SOURCE = source_of(LESSON)
IDS = [cell.metadata.nbgrader.grade_id for cell in SOURCE.cells if "nbgrader" in cell.metadata]
LOCKED = [c.metadata.nbgrader.grade_id for c in SOURCE.cells if c.metadata.get("nbgrader", {}).get("locked")]


def graded(notebook: NotebookNode) -> NotebookNode:
    """The notebook after the way into grading: as a file's bytes, parsed and restored."""
    return restore(parse(nbformat.writes(notebook).encode(), "a.ipynb"), SOURCE)


def ids(notebook: NotebookNode) -> list[str]:
    """The grade ids of a notebook, in order."""
    return [cell.metadata.nbgrader.grade_id for cell in notebook.cells if "nbgrader" in cell.metadata]


def find(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    """The one cell with a grade id."""
    (found,) = (c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)
    return found


def without(notebook: NotebookNode, *grade_ids: str) -> NotebookNode:
    """A copy of a notebook without some of its cells."""
    made = copy.deepcopy(notebook)
    made.cells = [c for c in made.cells if c.metadata.get("nbgrader", {}).get("grade_id") not in grade_ids]
    return made


def demand_sound(notebook: NotebookNode) -> None:
    """What has been restored is a notebook that nbgrader takes, with every locked cell once and as it should be."""
    nbformat.validate(notebook)
    MetadataValidator().validate_nb(notebook)
    found = ids(notebook)
    assert len(found) == len(set(found))
    assert set(LOCKED) <= set(found) <= set(IDS)
    for grade_id in found:
        original, restored = find(SOURCE, grade_id), find(notebook, grade_id)
        assert restored.metadata.nbgrader == original.metadata.nbgrader
        assert restored.cell_type == original.cell_type
        if grade_id in LOCKED:
            assert restored.source == original.source
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)


# Reading a file.


def test_a_plain_file_is_read(tmp_path):
    path = tmp_path / "a.ipynb"
    path.write_bytes(b"anything \0 at all")
    assert read(path) == b"anything \0 at all"


def link(path, elsewhere):
    path.symlink_to(elsewhere)


def dangling_link(path, elsewhere):
    path.symlink_to(elsewhere.parent / "nowhere")


def hard_link(path, elsewhere):
    os.link(elsewhere, path)


def fifo(path, elsewhere):
    os.mkfifo(path)


def folder(path, elsewhere):
    path.mkdir()


def nothing(path, elsewhere):
    pass


def endless_device(path, elsewhere):
    os.mknod(path, 0o666 | 0o020000, os.makedev(1, 5))  # like /dev/zero


def too_large(path, elsewhere):
    with open(path, "wb") as file:
        file.truncate(submission.MAX_BYTES + 1)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (link, "a.ipynb cannot be read: it is a link to another file"),
        (dangling_link, "a.ipynb cannot be read: it is a link to another file"),
        (hard_link, "a.ipynb is a second name of a file elsewhere (a hard link): copy it instead"),
        (fifo, "a.ipynb is a special file, not a notebook"),
        (folder, "a.ipynb is a folder, not a notebook"),
        (nothing, "a.ipynb cannot be read: No such file or directory"),
        (
            too_large,
            "a.ipynb has 20 MiB; more than 20 MiB is no notebook of this course: clear its outputs and save it again",
        ),
    ],
)
def test_what_is_no_plain_file_is_refused_with_the_reason(tmp_path, make, why):
    elsewhere = tmp_path / "secret"
    elsewhere.write_text("of the marker")
    make(tmp_path / "a.ipynb", elsewhere)
    with pytest.raises(SubmissionError) as refused:
        read(tmp_path / "a.ipynb")
    assert str(refused.value) == why


def test_a_device_is_refused(tmp_path):
    try:
        endless_device(tmp_path / "a.ipynb", tmp_path)
    except PermissionError:  # making one takes root; the device that every machine has does as well
        path = tmp_path / "a.ipynb"
        path.unlink(missing_ok=True)
        with pytest.raises(SubmissionError, match="special file"):
            read(type(path)("/dev/zero"))
        return
    with pytest.raises(SubmissionError, match=r"special file|Permission denied|No such device"):
        read(tmp_path / "a.ipynb")


def test_a_file_that_may_not_be_read_is_refused_with_the_reason(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(submission.os, "open", refuse)  # root may read everything
    with pytest.raises(SubmissionError, match=r"a\.ipynb cannot be read: Permission denied"):
        read(tmp_path / "a.ipynb")


# Parsing what is in it.

CELL = b'{"cells": [{"cell_type": "code", "source": "x = 1", "metadata": {}}]}'


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "its JSON is broken (the file is empty)"),
        (b" \n\t", "its JSON is broken (the file is empty)"),
        (b"{", "its JSON is broken (line 1: Expecting property name enclosed in double quotes)"),
        (CELL[:-9], "its JSON is broken (line 1: "),
        (CELL + b"x", "its JSON is broken (line 1: Extra data)"),
        (b"\0" * 100, "its JSON is broken (line 1: Expecting value)"),
        (b"\x89PNG\r\n\x1a\n", "it is not UTF-8 text (byte 0)"),
        (CELL.decode().encode("utf-16"), "it is not UTF-8 text (byte 0)"),
        (CELL.replace(b"x = 1", "ä".encode("latin-1")), "it is not UTF-8 text (byte 44)"),
        (b"[" * 200_000, "its JSON is broken (it is nested too deeply"),
        (b'{"cells": [' + b"7" * 5000 + b"]}", "or has a number of thousands of digits"),
    ],
)
def test_what_is_no_json_is_no_notebook(data, why):
    with pytest.raises(SubmissionError) as refused:
        parse(data, "a.ipynb")
    assert str(refused.value).startswith("a.ipynb is not a notebook: ")
    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ({"nbformat": 3, "worksheets": [{"cells": []}]}, "old notebook format 3: open and save it in JupyterLab"),
        ({}, "it has no list of cells"),
        ({"cells": None}, "it has no list of cells"),
        ({"cells": {"0": {}}}, "it has no list of cells"),
        ([], "it has no list of cells"),
        (None, "it has no list of cells"),
        ("cells", "it has no list of cells"),
        (7, "it has no list of cells"),
        ({"cells": [{}] * (submission.MAX_CELLS + 1)}, "a.ipynb has 2001 cells; at most 2000 can be graded"),
    ],
)
def test_json_that_is_no_notebook_is_refused_with_the_reason(content, why):
    with pytest.raises(SubmissionError) as refused:
        parse(json.dumps(content).encode(), "a.ipynb")
    assert why in str(refused.value)


def cells_of(*cells: object) -> list[NotebookNode]:
    return parse(json.dumps({"cells": cells}).encode(), "a.ipynb").cells


@pytest.mark.parametrize("cell", [None, 1, "x = 1", [], True, {"source": 3}, {"source": {}}, {"source": None}])
def test_what_is_no_cell_is_left_out(cell):
    (kept,) = cells_of(cell, {"cell_type": "code", "source": "x = 1"}, cell)
    assert kept.source == "x = 1"


@pytest.mark.parametrize("metadata", [None, [], "x", 1, {"nbgrader": None}, {"nbgrader": []}, {"nbgrader": {}}])
def test_metadata_of_another_form_is_none(metadata):
    (cell,) = cells_of({"cell_type": "code", "source": "", "metadata": metadata})
    assert cell.metadata == {}


@pytest.mark.parametrize("grade_id", [None, 1, ["zero_pad"], {"a": 1}])
def test_a_grade_id_that_is_no_text_is_none(grade_id):
    (cell,) = cells_of({"cell_type": "code", "source": "", "metadata": {"nbgrader": {"grade_id": grade_id}}})
    assert cell.metadata == {}


def test_a_source_may_be_a_list_of_lines():
    (cell,) = cells_of({"cell_type": "code", "source": ["a = 1\n", None, 7, ["x"], "b = 2"]})
    assert cell.source == "a = 1\nb = 2"


def test_a_source_loses_what_no_file_can_hold():
    (cell,) = cells_of({"cell_type": "code", "source": "a\0b \ud800 c"})
    assert cell.source == "ab ? c"


def test_a_source_is_cut_where_no_honest_cell_ends():
    (cell,) = cells_of({"cell_type": "code", "source": "x" * (submission.MAX_SOURCE + 7)})
    assert len(cell.source) == submission.MAX_SOURCE


@pytest.mark.parametrize("cell_type", ["raw", "heading", "", None, 3, [], {}])
def test_a_cell_of_another_type_is_text(cell_type):
    (cell,) = cells_of({"cell_type": cell_type, "source": "x = 1"})
    assert (cell.cell_type, cell.source) == ("markdown", "x = 1")


def test_only_the_kernel_of_the_course_is_named():
    content = {"metadata": {"kernelspec": {"name": "evil", "argv": ["sh"]}, "widgets": {}}, "cells": []}
    assert parse(json.dumps(content).encode(), "a.ipynb").metadata == submission.KERNEL


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf" + CELL, b"\n" + CELL + b"\n"])
def test_a_byte_order_mark_and_blank_lines_are_no_mistake(data):
    assert [cell.source for cell in parse(data, "a.ipynb").cells] == ["x = 1"]


def demand_notebook_or_refusal(data: bytes) -> None:
    try:
        notebook = parse(data, "a.ipynb")
    except SubmissionError:
        return
    nbformat.validate(notebook)
    demand_sound(restore(notebook, SOURCE))


@given(st.binary(max_size=300))
def test_any_bytes_are_a_notebook_or_refused(data):
    demand_notebook_or_refusal(data)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner)
)


@given(anything)
def test_any_json_is_a_notebook_or_refused(content):
    demand_notebook_or_refusal(json.dumps(content).encode())


some_ids = st.sampled_from([*IDS, "unknown", "", "a b", "\ud800"]) | anything
odd_cells = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw"]) | anything,
        "source": st.text(st.characters(codec=None), max_size=30) | st.lists(st.text(max_size=5)) | anything,
        "metadata": st.fixed_dictionaries({"nbgrader": st.fixed_dictionaries({"grade_id": some_ids})}) | anything,
        "id": st.text(max_size=5) | anything,
        "outputs": anything,
    },
)


@given(st.lists(odd_cells | anything, max_size=12), anything)
def test_any_cells_make_a_notebook_that_nbgrader_takes(cells, metadata):
    demand_notebook_or_refusal(json.dumps({"cells": cells, "metadata": metadata, "nbformat": 99}).encode())


# Restoring.


@pytest.mark.parametrize("lesson", LESSONS)
def test_an_untouched_notebook_is_the_lesson_with_stubs(lesson):
    source, given_out = source_of(lesson), released(lesson)
    restored = restore(parse(nbformat.writes(given_out).encode(), "a.ipynb"), source)
    assert len(restored.cells) == len(source.cells) == len(given_out.cells)
    for cell, original, given_cell in zip(restored.cells, source.cells, given_out.cells, strict=True):
        stub = original.metadata.get("nbgrader", {}).get("solution")
        assert cell.source == (given_cell if stub else original).source
        assert cell.cell_type == original.cell_type
        assert cell.metadata.get("nbgrader") == original.metadata.get("nbgrader")


def test_restoring_twice_changes_nothing():
    once = graded(solved(LESSON))
    again = graded(once)
    assert fingerprint(again) == fingerprint(once)
    assert nbformat.writes(again) == nbformat.writes(once)


@pytest.mark.parametrize("grade_id", LOCKED)
def test_a_deleted_locked_cell_comes_back_behind_the_cell_before_it(grade_id):
    restored = graded(without(released(LESSON), grade_id))
    demand_sound(restored)
    assert ids(restored) == IDS


def test_all_locked_cells_come_back_in_their_order():
    restored = graded(without(released(LESSON), *LOCKED))
    demand_sound(restored)
    assert ids(restored) == IDS


def test_a_notebook_with_no_cells_gets_all_locked_ones():
    restored = graded(nbformat.v4.new_notebook())
    demand_sound(restored)
    assert ids(restored) == LOCKED


def test_a_deleted_setup_cell_comes_back_before_everything_that_needs_it():
    restored = graded(without(released(LESSON), "setup", "mine"))
    assert ids(restored)[:2] == ["setup", "mine"]
    first_code = next(cell for cell in restored.cells if cell.cell_type == "code")
    assert first_code.metadata.nbgrader.grade_id == "setup"


def test_a_deleted_solution_does_not_come_back():
    restored = graded(without(solved(LESSON), "conv_forward"))
    demand_sound(restored)
    assert "conv_forward" not in ids(restored)


def test_a_solution_moved_into_a_cell_of_its_own_stays_there():
    notebook = solved(LESSON)
    at = ids(notebook).index("conv_forward")
    cell = find(notebook, "conv_forward")
    notebook.cells = [c for c in notebook.cells if c is not cell]
    notebook.cells.insert(0, new_code_cell(source=cell.source))
    restored = graded(notebook)
    demand_sound(restored)
    assert ids(restored) == IDS[:at] + IDS[at + 1 :]
    assert restored.cells[0].source == cell.source


@pytest.mark.parametrize("grade_id", IDS)
def test_of_duplicates_the_last_counts_and_all_run(grade_id):
    notebook = released(LESSON)
    original = find(notebook, grade_id)
    original.source = "first = 1"
    duplicate = copy.deepcopy(original)
    duplicate.source, duplicate.id = "last = 1", "another"
    notebook.cells.insert(notebook.cells.index(original) + 3, duplicate)
    restored = graded(notebook)
    demand_sound(restored)
    assert [cell.source for cell in restored.cells].count("first = 1") == 1
    expected = find(SOURCE, grade_id).source if grade_id in LOCKED else "last = 1"
    assert find(restored, grade_id).source == expected
    assert restored.cells.index(find(restored, grade_id)) == notebook.cells.index(duplicate)


@pytest.mark.parametrize("grade_id", LOCKED)
def test_an_edited_locked_cell_is_as_it_was(grade_id):
    notebook = released(LESSON)
    find(notebook, grade_id).source = "check = grade = print"
    restored = graded(notebook)
    demand_sound(restored)
    assert "check = grade = print" not in [cell.source for cell in restored.cells]


def test_merged_cells_keep_the_students_code_and_the_tests():
    notebook = solved(LESSON)
    solution, check = find(notebook, "conv_forward"), find(notebook, "conv_forward_check")
    solution.source += "\n\n" + check.source
    notebook.cells.remove(check)
    restored = graded(notebook)
    demand_sound(restored)
    assert ids(restored) == IDS
    assert find(restored, "conv_forward").source == solution.source


def test_a_split_cell_keeps_both_parts():
    notebook = solved(LESSON)
    solution = find(notebook, "conv_forward")
    rest = new_code_cell(source="print(conv_forward)")
    notebook.cells.insert(notebook.cells.index(solution) + 1, rest)
    restored = graded(notebook)
    demand_sound(restored)
    place = restored.cells.index(find(restored, "conv_forward"))
    assert restored.cells[place + 1].source == "print(conv_forward)"
    assert "nbgrader" not in restored.cells[place + 1].metadata


@pytest.mark.parametrize(
    "change",
    [
        {"points": 1000},
        {"points": "many"},
        {"grade": False},
        {"grade": True, "solution": True, "points": 50},
        {"locked": False},
        {"task": True},
        {"schema_version": 99},
        {"schema_version": "three"},
        {"checksum": "00"},
        {"cell_type": "markdown"},
    ],
    ids=str,
)
def test_changed_metadata_counts_for_nothing(change):
    notebook = solved(LESSON)
    expected = graded(notebook)
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.update(change)
    notebook.metadata.update(kernelspec={"name": "bash", "display_name": "Bash"}, celltoolbar="Create Assignment")
    restored = graded(notebook)
    demand_sound(restored)
    assert fingerprint(restored) == fingerprint(expected)


def test_a_changed_cell_type_counts_for_nothing():
    notebook = solved(LESSON)
    expected = graded(notebook)
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.cell_type = "markdown"
            cell.pop("outputs", None)
            cell.pop("execution_count", None)
    assert fingerprint(graded(notebook)) == fingerprint(expected)


def test_a_changed_grade_id_makes_a_plain_cell_and_the_lessons_own_comes_back():
    notebook = released(LESSON)
    cell = find(notebook, "conv_forward_hidden")
    cell.metadata.nbgrader.grade_id = "conv_forward_bonus"
    cell.source = "100"
    restored = graded(notebook)
    demand_sound(restored)
    assert ids(restored) == IDS
    assert [c.metadata for c in restored.cells if c.source == "100"] == [{}]


def test_swapped_grade_ids_stay_the_students_risk_and_are_sound():
    notebook = solved(LESSON)
    a, b = find(notebook, "conv_forward"), find(notebook, "conv_forward_hidden")
    a.metadata.nbgrader, b.metadata.nbgrader = b.metadata.nbgrader, a.metadata.nbgrader
    demand_sound(graded(notebook))


def test_outputs_and_attachments_are_not_kept():
    notebook = released(LESSON)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [nbformat.v4.new_output("display_data", {"text/html": "<script>alert(1)</script>"})]
            cell.execution_count = 7
        else:
            cell.attachments = {"a.svg": {"image/svg+xml": "<svg onload='alert(1)'/>"}}
    restored = graded(notebook)
    assert "alert" not in nbformat.writes(restored)
    assert all(not cell.get("outputs") for cell in restored.cells)


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "![x](http://example.invalid/count.png)",
    "<style>body { display: none }</style>\n\nmore",
    "$$\\href{javascript:alert(1)}{x}$$",
    "text\n\n<iframe src='file:///etc/passwd'></iframe>",
    "\n\n\n<svg onload=alert(1)>",
    "> quote\n\n<b>\n```\ncode\n```",
    "[x]: javascript:alert(1)\n[x]",
    "\t<b>",
    "a\rb<b>\u2028<i>\x0b<u>\x0c<s>",
]


def tags_of(html: str) -> set[str]:
    return {tag.name for tag in BeautifulSoup(html, "html.parser").find_all(True)}


@pytest.mark.parametrize("text", HOSTILE)
def test_a_students_text_is_shown_letter_for_letter(text):
    notebook = released(LESSON)
    notebook.cells.insert(5, new_markdown_cell(source=text))
    cell = graded(notebook).cells[5]
    html = markdown2html(cell.source)
    assert tags_of(html) <= {"div", "pre", "code", "span"}
    shown = BeautifulSoup(html, "html.parser").get_text()
    assert shown.split() == text.split()


markdown = st.text(st.sampled_from("<>bai()[]!`~$\\#*_-=+|&;:/'\" \t\n\r\x0b\x0c\x1c\x85\u2028é1."), max_size=60)


@given(st.lists(st.sampled_from(HOSTILE) | markdown, min_size=1, max_size=4).map("\n".join))
def test_no_text_of_a_student_becomes_markup(text):
    html = markdown2html(submission._verbatim(text))
    assert tags_of(html) <= {"div", "pre", "code", "span"}


def test_text_in_a_raw_cell_is_indented_once():
    notebook = released(LESSON)
    notebook.cells.insert(5, nbformat.v4.new_raw_cell(source="<b>"))
    assert graded(notebook).cells[5].source == "    <b>"


def test_the_lessons_own_text_stays_text():
    restored = graded(released(LESSON))
    texts = [cell.source for cell in SOURCE.cells if cell.cell_type == "markdown"]
    assert [cell.source for cell in restored.cells if cell.cell_type == "markdown"] == texts


operations = st.lists(
    st.tuples(
        st.sampled_from(["delete", "duplicate", "move", "edit", "merge", "rename"]),
        st.integers(0, 10_000),
        st.integers(0, 10_000),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(operations, st.randoms(use_true_random=False))
def test_whatever_happens_to_the_cells_the_result_is_sound(changes, rng: random.Random):
    notebook = solved(LESSON)
    for kind, first, second in changes:
        if not notebook.cells:
            break
        i, j = first % len(notebook.cells), second % len(notebook.cells)
        cell = notebook.cells[i]
        if kind == "delete":
            del notebook.cells[i]
        elif kind == "duplicate":
            notebook.cells.insert(j, copy.deepcopy(cell))
        elif kind == "move":
            notebook.cells.insert(j, notebook.cells.pop(i))
        elif kind == "edit":
            cell.source = "".join(rng.choices(string.printable, k=20))
        elif kind == "merge" and i != j:
            cell.source += notebook.cells[j].source
            del notebook.cells[j]
        elif kind == "rename" and "nbgrader" in cell.metadata:
            cell.metadata.nbgrader["grade_id"] = rng.choice([*IDS, "other", ""])
    with_ids = {f"s{number}": cell for number, cell in enumerate(notebook.cells)}
    for cell_id, cell in with_ids.items():
        cell.id = cell_id
    restored = graded(notebook)
    demand_sound(restored)
    theirs = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    kept = [cell.source for cell in restored.cells if "nbgrader" not in cell.metadata and cell.cell_type == "code"]
    assert all(source in theirs for source in kept)


# What depends on a restored notebook.


def test_a_fingerprint_changes_with_what_is_run_and_with_nothing_else():
    first = graded(solved(LESSON))
    outputs = solved(LESSON)
    for cell in outputs.cells:
        if cell.cell_type == "code":
            cell.outputs = [nbformat.v4.new_output("stream", text="hello")]
    assert fingerprint(graded(outputs)) == fingerprint(first)
    changed = [solved(LESSON) for _ in range(3)]
    changed[0].cells.append(new_code_cell(source="x = 1"))
    changed[1].cells.reverse()
    find(changed[2], "conv_forward").source += "\n"
    prints = [fingerprint(graded(one)) for one in changed] + [fingerprint(first)]
    assert all(a != b for a, b in itertools.combinations(prints, 2))


def test_a_lessons_own_files_are_those_beside_its_notebook(tmp_path):
    (tmp_path / "lesson.ipynb").write_text("{}")
    (tmp_path / "numbers.csv").write_text("1,2\n")
    (tmp_path / "folder").mkdir()
    assert lesson_files(tmp_path) == {"numbers.csv": "1,2\n"}
