"""What ready() finds in real notebooks, with a real kernel where it comes to running them."""

import os
import shutil
import sys

import nbformat
import pytest
from conftest import ROOT, notebook_name, released, solved
from convlab import ready as ready_function
from convlab.clean_run import Outcome, clean_run
from IPython.core.interactiveshell import InteractiveShell

LESSON = "03-conv-forward"
FILE = "conv_forward.ipynb"
KEPT = """
# ---- zero_pad, from lesson 01-images-and-padding ----
import numpy as np
def zero_pad(X, pad):
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
# ---- end of zero_pad ----
# ---- conv_single_step, from lesson 02-one-step ----
import numpy as np
def conv_single_step(a_slice_prev, W, b):
    return float(np.sum(a_slice_prev * W) + b.item())
# ---- end of conv_single_step ----
"""


@pytest.fixture(autouse=True)
def course(tmp_path, monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    (tmp_path / LESSON).mkdir()
    (tmp_path / "my_layers.py").write_text(KEPT)
    monkeypatch.chdir(tmp_path / LESSON)
    return tmp_path


@pytest.fixture
def runs_through(monkeypatch):
    """Leaves the run from a clean start out: as if it had got to the end."""
    module = sys.modules["convlab.ready"]  # the module, which the function of that name hides
    monkeypatch.setattr(module, "clean_run", lambda *_: Outcome({}))


def write(notebook, name=FILE):
    nbformat.write(notebook, name)


def index(notebook, grade_id):
    return next(i for i, one in enumerate(notebook.cells) if one.id == grade_id)


@pytest.fixture
def said(capsys):
    def run(*arguments, **options):
        capsys.readouterr()
        assert ready_function(*arguments, **options) is None
        return capsys.readouterr().out.splitlines()

    return run


def test_the_solved_lesson_is_ready_and_stays_as_it_was(said, course):
    write(solved(LESSON))
    before = (course / LESSON / FILE).read_bytes()
    lines = said()
    assert lines == [
        f"{FILE}, lesson {LESSON}, as it is saved on disk:",
        f"ok: the name of the notebook, {FILE}, is right.",
        "ok: all of the lesson's own cells are there, once each.",
        "ok: no function is left untouched.",
        "Now a copy of it runs from a clean start ...",
        "ok: it runs from a clean start to its last cell.",
        "ok: all visible checks pass.",
        "Ready to hand in.",
    ]
    assert (course / LESSON / FILE).read_bytes() == before
    assert os.listdir(course / LESSON) == [FILE]


def test_the_released_lesson_is_untouched(said):
    write(released(LESSON))
    lines = said()
    assert "to do: conv_output_size is untouched: nothing is written in its cell yet." in lines
    assert "to do: conv_forward is untouched: nothing is written in its cell yet." in lines
    assert any("a check fails: conv_forward is not started yet." in line for line in lines)
    assert lines[-1].startswith("Not ready to hand in:")


def test_a_failing_check_does_not_end_the_run_and_the_run_changes_nothing(said, course):
    """Nor does a ready() in the notebook begin again, and files beside the notebook are there in the copy."""
    (course / LESSON / "notes.txt").write_text("7")
    notebook = solved(LESSON)
    own = notebook.cells[index(notebook, "conv_output_size")]
    own.source = "def conv_output_size(n_prev, f, stride, pad):\n    return 0"
    notebook.cells.append(nbformat.v4.new_code_cell("from convlab import *\nready(); save_work(); restore_work()"))
    notebook.cells.append(nbformat.v4.new_code_cell("print('x' * 10**7)"))
    code = "assert open('notes.txt').read() == '7'\nopen('notes.txt', 'w').write('8')"
    notebook.cells.append(nbformat.v4.new_code_cell(code))
    write(notebook)
    lines = said()
    assert "ok: it runs from a clean start to its last cell." in lines
    assert "to do: a check fails: conv_output_size returns wrong values." in lines
    assert any(line.startswith("to do: a check fails: conv_forward ") for line in lines)
    assert lines[-1].startswith("Not ready to hand in: 2 things to do.")
    assert sorted(os.listdir(course / LESSON)) == [FILE, "notes.txt"]
    assert (course / LESSON / "notes.txt").read_text() == "7"


def test_the_first_cell_that_stops_is_named_with_the_students_line(said):
    notebook = solved(LESSON)
    notebook.cells.insert(4, nbformat.v4.new_code_cell("# mine\ncount = 1\ntotal = count + countt"))
    write(notebook)
    lines = said()
    at = next(i for i, line in enumerate(lines) if "it stops at" in line)
    assert lines[at] == "to do: run from a clean start, it stops at cell 5 from the top (# mine):"
    assert lines[at + 1] == "    NameError: name 'countt' is not defined, in the line: total = count + countt"
    assert not any("all visible checks" in line for line in lines)


def test_a_function_of_an_earlier_lesson_that_is_not_kept_is_said_in_words(said, course):
    (course / "my_layers.py").unlink()
    write(solved(LESSON))
    text = "\n".join(said())
    assert "it stops at cell 3 from the top (from convlab.mine import conv_single_step, zero_pad):" in text
    assert "    conv_single_step is not kept yet. It comes from lesson 02-one-step" in text
    assert "this alone costs no points" in text


def test_a_cell_without_an_end_is_stopped_for_its_time(course):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("while True:\n    pass")])
    write(notebook, "a.ipynb")
    outcome = clean_run(course / LESSON / "a.ipynb", 2)
    assert outcome.stopped == 0
    assert "still running when the 2 seconds" in outcome.message


def test_a_cell_that_ends_python_is_told(course):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import os; os._exit(1)")])
    write(notebook, "a.ipynb")
    assert "the kernel ended there" in clean_run(course / LESSON / "a.ipynb", 60).message


@pytest.mark.usefixtures("runs_through")
class TestWhatTheFileShows:
    def test_missing_cells_are_named(self, said):
        notebook = solved(LESSON)
        for grade_id in ("conv_forward_check", "conv_forward_hidden", "conv_output_size", "setup"):
            del notebook.cells[index(notebook, grade_id)]
        write(notebook)
        text = "\n".join(said())
        assert "to do: the cell check(conv_forward) is missing." in text
        assert "to do: the cell for the hidden tests of conv_forward is missing." in text
        assert "to do: the lesson's own cell 'setup' is missing." in text
        assert "to do: the cell for conv_output_size is missing, and conv_output_size is not defined anywhere" in text
        assert "all of the lesson's own cells are there" not in text

    def test_a_function_in_a_cell_of_the_students_own_counts(self, said):
        notebook = solved(LESSON)
        place = index(notebook, "conv_output_size")
        notebook.cells[place] = nbformat.v4.new_code_cell("%time\n" + notebook.cells[place].source)
        write(notebook)
        lines = said()
        assert any(line.startswith("ok: the cell for conv_output_size is gone, but") for line in lines)
        assert lines[-1] == "Ready to hand in."

    def test_cells_that_are_there_twice_are_named(self, said):
        notebook = solved(LESSON)
        place = index(notebook, "conv_forward_check")
        twice = nbformat.from_dict({**notebook.cells[place], "id": "twice"})
        notebook.cells.insert(place, twice)
        write(notebook)
        text = "\n".join(said())
        assert (
            f"to do: the cell check(conv_forward) is there 2 times, as cells {place + 1} and {place + 2} from" in text
        )

    def test_a_cell_that_is_no_code_any_more_is_named(self, said):
        notebook = solved(LESSON)
        own = notebook.cells[index(notebook, "conv_forward")]
        own.cell_type = "markdown"
        del own["outputs"], own["execution_count"]
        write(notebook)
        assert any("the cell for conv_forward is no code cell any more" in line for line in said())

    def test_a_stub_with_a_beginning_is_still_a_stub(self, said):
        notebook = solved(LESSON)
        own = notebook.cells[index(notebook, "conv_forward")]
        own.source += "\n    raise NotImplementedError()"
        write(notebook)
        assert any("conv_forward still has the line raise NotImplementedError()" in line for line in said())

    def test_an_error_of_the_students_own_is_no_stub(self, said):
        notebook = solved(LESSON)
        own = notebook.cells[index(notebook, "conv_forward")]
        own.source += "\n    raise NotImplementedError('no such mode')"
        write(notebook)
        assert said()[-1] == "Ready to hand in."

    def test_an_empty_cell_is_named(self, said):
        notebook = solved(LESSON)
        notebook.cells[index(notebook, "conv_forward")].source = "\n"
        write(notebook)
        assert "to do: the cell for conv_forward is empty." in said()

    def test_a_wrong_name_is_told_with_the_right_one(self, said):
        write(solved(LESSON), "conv_forward-Copy1.ipynb")
        lines = said()
        assert f"called conv_forward-Copy1.ipynb. Rename it to {FILE}" in lines[1]
        assert lines[-1].startswith("Not ready to hand in: 1 thing")

    def test_a_file_of_another_lesson_is_known_by_its_cells(self, said):
        write(solved("02-one-step"), "x.ipynb")
        lines = said("x.ipynb")
        assert lines[0].startswith("x.ipynb, lesson 02-one-step")
        assert "Rename it to one_step.ipynb" in lines[1]

    @pytest.mark.parametrize("assignment", sorted(path.name for path in (ROOT / "release").iterdir()))
    def test_every_solved_lesson_has_all_its_cells(self, said, assignment):
        write(solved(assignment), notebook_name(assignment))
        assert said(notebook_name(assignment))[-1] == "Ready to hand in."

    def test_what_was_run_and_not_saved_is_told(self, said, tmp_path, monkeypatch, capsys):
        monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
        InteractiveShell.clear_instance()
        shell = InteractiveShell.instance()
        try:
            notebook = solved(LESSON)
            write(notebook)
            source = notebook.cells[index(notebook, "conv_output_size")].source
            shell.run_cell("import numpy as np\nfrom convlab import ready", store_history=True)
            shell.run_cell(source, store_history=True)
            assert said()[-1] == "Ready to hand in."
            shell.run_cell(source + "\n# later", store_history=True)
            assert any("conv_output_size as you ran it is not in the file. Save the notebook" in one for one in said())
        finally:
            shell.history_manager.end_session()
            InteractiveShell.clear_instance()

    @pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"cells": 3}', b'{"cells": [1]}', b"\xff\xfe"])
    def test_what_is_no_notebook_is_told_in_a_line(self, said, course, content):
        (course / LESSON / FILE).write_bytes(content)
        lines = said()
        assert lines == [
            f"to do: {FILE} is not a notebook: open it in JupyterLab and save it again.",
            "Not ready to hand in.",
        ]

    def test_a_stranger_among_notebooks_is_told(self, said):
        write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1")]), "a.ipynb")
        shutil.copy("a.ipynb", "../a.ipynb")
        assert "a.ipynb is not a notebook of this course" in said("../a.ipynb")[0]

    def test_which_file_is_meant_is_asked(self, said):
        assert "There is no notebook in" in said()[0]
        assert "There is no file x.ipynb." in said("x.ipynb")[0]
        write(released(LESSON), "a.ipynb")
        write(released(LESSON), "b.ipynb")
        assert "There are several notebooks here, a.ipynb, b.ipynb." in said()[0]

    def test_in_a_graded_run_nothing_happens(self, said, monkeypatch):
        monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
        assert said("nonsense") == []
