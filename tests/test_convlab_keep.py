"""Keeping functions in my_layers.py, and taking them from there in later lessons."""

import inspect
import os
import subprocess
import sys
import textwrap
import traceback

import numpy as np
import pytest
from convlab import keep, kept, mine
from convlab.errors import NotKept
from test_convlab_closure import cell
from test_convlab_published import images, write_course

ZERO_PAD = """
    import numpy as np

    def _frame(pad):
        return ((0, 0), (pad, pad), (pad, pad), (0, 0))

    def zero_pad(X, pad):
        '''Pad with zeros.'''
        return np.pad(X, _frame(pad))
"""

# Another helper of the same name as lesson 01's, and another meaning of np.
CONV = """
    import numpy
    np = 1

    def _frame(f):
        return f - np

    def conv_forward(A_prev, W, b, hparameters):
        m, n_H, n_W, _ = A_prev.shape
        f = W.shape[0]
        A = zero_pad(A_prev, hparameters["pad"])
        H, V = (conv_output_size(n, f, hparameters["stride"], hparameters["pad"]) for n in (n_H, n_W))
        Z = numpy.zeros((m, H, V, W.shape[3]))
        for h in range(H):
            for w in range(V):
                Z[:, h, w] = numpy.einsum("mijc,ijck->mk", A[:, h:h + _frame(f) + 1, w:w + f], W) + b[0, 0, 0]
        return Z, (A_prev, W, b, hparameters)
"""

MARK = "# ---- zero_pad, from lesson 01-images-and-padding ----"

SIZE = """
    def conv_output_size(n_prev, f, stride, pad):
        return (n_prev - f + 2 * pad) // stride + 1
"""


@pytest.fixture(autouse=True)
def course(tmp_path, monkeypatch):
    """A course folder, with the current directory in lesson 03."""
    write_course(tmp_path / "data", monkeypatch)
    (tmp_path / "course" / "03-conv-forward").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "course" / "03-conv-forward")
    monkeypatch.setattr(mine, "_read", None)
    return tmp_path / "course"


def keep_all():
    keep(cell(ZERO_PAD)["zero_pad"])
    keep(cell(SIZE)["conv_output_size"])
    keep(cell(CONV, {"zero_pad": mine.zero_pad, "conv_output_size": mine.conv_output_size})["conv_forward"])


def test_a_function_is_kept_in_the_course_folder(course, capsys):
    keep(cell(ZERO_PAD)["zero_pad"])
    out = capsys.readouterr().out
    assert f"zero_pad is kept in {course / 'my_layers.py'}." in out
    assert "from convlab.mine import zero_pad" in out
    np.testing.assert_array_equal(mine.zero_pad(images(1, 1, 1, 1), 1)[0, :, :, 0], [[0, 0, 0], [0, 1, 0], [0, 0, 0]])


def test_outside_of_a_lesson_the_current_folder_is_the_courses(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    keep(cell(ZERO_PAD)["zero_pad"])
    assert (tmp_path / "my_layers.py").is_file()


def test_the_file_is_a_readable_module(course):
    keep_all()
    text = (course / "my_layers.py").read_text()
    assert text.startswith("# my_layers.py: the functions you kept")
    assert text.count("def zero_pad") == text.count("def conv_output_size") == text.count("def conv_forward") == 1
    marks = [line for line in text.splitlines() if line.startswith("# ----")]
    assert marks == [
        MARK,
        "# ---- end of zero_pad ----",
        "# ---- conv_output_size, from lesson 03-conv-forward ----",
        "# ---- end of conv_output_size ----",
        "# ---- conv_forward, from lesson 03-conv-forward ----",
        "# ---- end of conv_forward ----",
    ]
    code = "import my_layers, numpy; print(my_layers.conv_output_size(7, 3, 2, 0), my_layers.zero_pad.__doc__)"
    done = subprocess.run([sys.executable, "-c", code], cwd=course, capture_output=True, text=True, check=True)
    assert done.stdout == "3 Pad with zeros.\n"


def test_a_fresh_process_has_the_kept_functions_and_their_helpers_do_not_clash(course):
    keep_all()
    code = """
        import numpy as np
        from convlab.mine import conv_forward, zero_pad
        W, b = np.ones((2, 2, 2, 5)), np.zeros((1, 1, 1, 5))
        Z, cache = conv_forward(np.ones((1, 3, 4, 2)), W, b, dict(stride=1, pad=1))
        print(Z.shape, Z.max(), zero_pad(np.ones((1, 1, 1, 1)), 2).shape)
        from convlab import mine
        print(dir(mine))
    """
    folder = course / "04-pool-forward"
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], cwd=folder, capture_output=True, text=True, check=True
    )
    assert done.stdout == "(1, 4, 5, 5) 8.0 (1, 5, 5, 1)\n['conv_forward', 'conv_output_size', 'zero_pad']\n"


def test_the_order_of_the_file_is_that_of_the_course_and_a_later_section_may_be_needed(course):
    keep(cell(SIZE)["conv_output_size"])
    keep(cell(ZERO_PAD)["zero_pad"])
    keep(cell("def create_mask_from_window(x): return x == x.max()")["create_mask_from_window"])
    keep(cell(CONV, {"zero_pad": mine.zero_pad, "conv_output_size": mine.conv_output_size})["conv_forward"])
    text = (course / "my_layers.py").read_text()
    assert [line.split()[2].strip(",") for line in text.splitlines() if "from lesson" in line] == [
        "zero_pad",
        "conv_output_size",
        "conv_forward",
        "create_mask_from_window",
    ]
    assert "\n\n\n\n\n" not in text


def test_keeping_again_replaces_in_place_and_leaves_what_a_person_wrote(course):
    keep_all()
    path = course / "my_layers.py"
    path.write_text(
        path.read_text().replace("# ---- end of zero_pad ----\n", "# ---- end of zero_pad ----\n\nNOTE = 'mine'\n")
    )
    before = path.read_text()
    keep(cell(ZERO_PAD.replace("Pad with zeros.", "Better."))["zero_pad"])
    assert path.read_text() == before.replace("Pad with zeros.", "Better.")
    assert mine.zero_pad.__doc__ == "Better."
    keep(cell(ZERO_PAD.replace("Pad with zeros.", "Better."))["zero_pad"])
    assert path.read_text() == before.replace("Pad with zeros.", "Better.")
    assert "NOTE" not in dir(mine)


def test_a_file_that_a_person_began_is_kept(course):
    (course / "my_layers.py").write_text("# my own\nx = 1")
    keep(cell(ZERO_PAD)["zero_pad"])
    keep(cell(SIZE)["conv_output_size"])
    text = (course / "my_layers.py").read_text()
    assert text.startswith("# my own\nx = 1\n\n\n# ---- zero_pad")
    compile(text, "my_layers.py", "exec")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def zero_pad(X, pad): raise NotImplementedError", "zero_pad is not kept: it is not started yet."),
        (
            "def zero_pad(X, pad): return X",
            "zero_pad is not kept: it returns the wrong shape. check(zero_pad) explains.",
        ),
        ("def zero_pad(X, pad): print('hi'); return X[99]", "zero_pad is not kept: it does not run."),
        ("def other(X): return X", "Nothing is kept. There is no exercise called other."),
    ],
)
def test_what_fails_its_check_is_not_kept(course, capsys, source, said):
    keep(next(value for key, value in cell(source).items() if not key.startswith("_")))
    out, err = capsys.readouterr()
    assert out.startswith(said)
    assert err == ""
    assert out.count("\n") == 1
    assert not (course / "my_layers.py").exists()


def test_what_is_no_function_is_not_kept(capsys):
    keep(images(1, 2))
    assert capsys.readouterr().out.startswith("Nothing is kept. A function is wanted here")


def test_what_cannot_be_saved_says_why(course, capsys):
    names = cell(ZERO_PAD + "    rng = np.random.default_rng()\n    _frame.seen = rng\n")
    source = ZERO_PAD.replace("return np.pad", "rng.random(); return np.pad")
    keep(cell(source, {"rng": names["rng"]})["zero_pad"])
    out = capsys.readouterr().out
    assert out == (
        "zero_pad is not kept: zero_pad uses rng, which is of type Generator and cannot be saved as source.\n"
    )
    assert not (course / "my_layers.py").exists()


def test_graded_functions_that_it_calls_are_to_be_kept_first(course, capsys):
    names = cell(CONV, {**cell(ZERO_PAD), **cell(SIZE)})
    keep(names["conv_forward"])
    assert capsys.readouterr().out == (
        "conv_forward is not kept: it calls conv_output_size, so run keep(conv_output_size) first.\n"
    )
    assert not (course / "my_layers.py").exists()


def test_what_works_only_in_the_notebook_is_not_kept(course, capsys):
    """The helper's attribute is set in the notebook and not in its source."""
    names = cell(ZERO_PAD.replace("return np.pad", "_frame.ready; return np.pad"))
    names["_frame"].ready = True
    keep(names["zero_pad"])
    out = capsys.readouterr().out
    assert out.startswith("zero_pad is not kept: it works here, but on its own it does not run.")
    assert "AttributeError: 'function' object has no attribute 'ready'" in out
    assert not (course / "my_layers.py").exists()


def test_a_kept_function_can_be_kept_again(course):
    keep_all()
    before = (course / "my_layers.py").read_text()
    for name in ("zero_pad", "conv_output_size", "conv_forward"):
        keep(getattr(mine, name))
    assert (course / "my_layers.py").read_text() == before


def test_a_graded_run_keeps_nothing_and_says_nothing(course, monkeypatch, capsys):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    keep(cell(ZERO_PAD)["zero_pad"])
    assert capsys.readouterr().out == ""
    assert not (course / "my_layers.py").exists()


def test_a_folder_that_cannot_be_written_is_told(course, monkeypatch, capsys):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    keep(cell(ZERO_PAD)["zero_pad"])
    out = capsys.readouterr().out
    assert out.startswith("zero_pad is not kept: ")
    assert "cannot be written (Permission denied)" in out
    assert list(course.glob("*my_layers*")) == list(course.glob(".my*")) == []


def test_a_file_that_is_no_text_is_told(course, capsys):
    (course / "my_layers.py").write_bytes(b"\xff\xfe\x00")
    keep(cell(ZERO_PAD)["zero_pad"])
    assert "zero_pad is not kept" in capsys.readouterr().out
    assert (course / "my_layers.py").read_bytes() == b"\xff\xfe\x00"
    with pytest.raises(NotKept, match="is not a text file"):
        mine.zero_pad  # noqa: B018


def test_what_is_missing_says_where_it_comes_from(course):
    for text in ("", kept.HEADER):
        (course / "my_layers.py").write_text(text)
        with pytest.raises(ImportError) as raised:
            exec("from convlab.mine import zero_pad")
        assert str(raised.value).startswith(
            "zero_pad is not kept yet. It comes from lesson 01-images-and-padding: finish it there and run "
            "keep(zero_pad).\n"
        )
        shown = raised.value._render_traceback_()
        assert " ".join(shown).split() == str(raised.value).split()
        assert shown[0].startswith("zero_pad is not kept yet.")
    with pytest.raises(ImportError, match="There is no function zeropad to keep. You have kept: none yet"):
        exec("from convlab.mine import zeropad")
    assert not hasattr(mine, "_ipython_display_")
    assert dir(mine) == []


def test_the_file_is_read_again_when_it_has_changed(course):
    keep_all()
    old = mine.zero_pad
    assert mine.zero_pad is old
    path = course / "my_layers.py"
    path.write_text(path.read_text().replace("Pad with zeros.", "Now by hand."))
    assert mine.zero_pad.__doc__ == "Now by hand."
    assert "Pad with zeros." in inspect.getsource(old)


def test_tracebacks_and_sources_are_the_students_own_lines(course):
    keep_all()
    text = (course / "my_layers.py").read_text().splitlines()
    assert inspect.getsource(mine.zero_pad).startswith("def zero_pad(X, pad):\n    '''Pad with zeros.'''")
    with pytest.raises(AttributeError) as raised:
        mine.conv_forward(None, None, None, None)
    last = traceback.extract_tb(raised.value.__traceback__)[-1]
    assert last.line == "m, n_H, n_W, _ = A_prev.shape"
    assert text[last.lineno - 1].strip() == last.line


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("def zero_pad(X, pad):", "def zero_pad(X, pad)", "has a mistake in line {}, expected ':'"),
        ("def zero_pad(X, pad):", "def zero_padding(X, pad):", "has a section called zero_pad that does not define it"),
        ("def _frame(pad):", "1 / 0\ndef _frame(pad):", "stops in line {} of my_layers.py: ZeroDivisionError"),
    ],
)
def test_a_section_broken_by_hand_is_told_with_its_line_and_the_others_work(course, capsys, old, new, said):
    keep_all()
    path = course / "my_layers.py"
    number = path.read_text().splitlines().index(old) + 1
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(NotKept) as raised:
        mine.zero_pad  # noqa: B018
    assert said.format(number) in str(raised.value)
    assert "run keep(zero_pad) again in lesson 01-images-and-padding" in str(raised.value)
    assert mine.conv_output_size(7, 3, 2, 0) == 3
    keep(cell(ZERO_PAD)["zero_pad"])
    assert mine.zero_pad.__doc__ == "Pad with zeros."


@pytest.mark.parametrize(
    "lost", ["# ---- end of zero_pad ----\n", "# ---- zero_pad, from lesson 01-images-and-padding ----\n"]
)
def test_damaged_marks_are_told_and_nothing_is_written(course, capsys, lost):
    keep_all()
    path = course / "my_layers.py"
    path.write_text(damaged := path.read_text().replace(lost, ""))
    with pytest.raises(NotKept, match="has a mark without its partner in line"):
        mine.zero_pad  # noqa: B018
    keep(cell(ZERO_PAD)["zero_pad"])
    assert "has a mark without its partner" in capsys.readouterr().out
    assert path.read_text() == damaged
