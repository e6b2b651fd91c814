"""What a student reads when a visible check passes, and when it fails in each way that there is."""

import linecache
import subprocess
import sys
import textwrap
import warnings
from importlib import import_module

import numpy as np
import pytest
from convlab import check, grade, published
from convlab.compare import number
from convlab.errors import CheckFailed
from IPython.core.interactiveshell import InteractiveShell
from test_convlab_published import conv, write_course

LESSONS_OWN = published.FOLDER


@pytest.fixture(autouse=True)
def data(tmp_path, monkeypatch):
    return write_course(tmp_path / "data", monkeypatch)


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """An IPython shell such as a notebook's kernel has, without the kernel."""
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    shell.run_cell("from convlab import check")
    yield shell
    shell.history_manager.end_session()
    InteractiveShell.clear_instance()


def failure(function, **options):
    with pytest.raises(CheckFailed) as raised:
        check(function, **options)
    return str(raised.value)


def zero_pad(X, pad):
    return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))


def test_success_names_the_examples_and_what_comes_next(capsys):
    assert check(zero_pad) is None
    out = capsys.readouterr().out
    assert "zero_pad: all 2 examples pass." in out
    assert "passed: pad 1 on two colour images" in out
    assert "Grading uses further cases" in out
    assert "keep(zero_pad)" in out


def test_any_of_several_right_answers_passes():
    check(lambda x: x == x.max(), name="create_mask_from_window")
    check(
        lambda x: (np.arange(x.size) == x.argmax()).reshape(x.shape).astype(int),
        name="create_mask_from_window",
    )
    assert "returns wrong values" in failure(lambda x: x < 0, name="create_mask_from_window")


def test_lists_and_arrays_of_one_number_pass():
    check(lambda X, pad: zero_pad(X, pad).tolist(), name="zero_pad")
    check(lambda n, f, s, p: np.array([[(n - f + 2 * p) // s + 1.0]]), name="conv_output_size")
    check(lambda *args: list(conv(*args)), name="conv_forward")


def test_not_started():
    def zero_pad(X, pad):
        raise NotImplementedError("Make a larger array of zeros first.")

    assert failure(zero_pad) == (
        "zero_pad is not started yet.\nPut your own lines in place of raise NotImplementedError(), run its cell, "
        "and then run this one again."
    )
    assert failure(None, name="zero_pad").startswith("zero_pad is not started yet")


def test_a_missing_branch_is_not_called_not_started():
    def zero_pad(X, pad):
        if X.shape[-1] > 1:
            raise NotImplementedError
        return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))

    text = failure(zero_pad)
    assert text.startswith("zero_pad does not run.")
    assert "NotImplementedError" in text
    assert "example 2 of 2" in text
    assert "Of the 2 examples, 1 passes." in text


def test_a_helper_that_is_not_written_is_named():
    def conv_output_size(n):
        raise NotImplementedError

    def conv_forward(A_prev, W, b, hparameters):
        return conv_output_size(A_prev.shape[1])

    text = failure(conv_forward)
    assert text.startswith("conv_forward does not run.")
    assert "It needs conv_output_size, which is not written yet." in text


def test_an_exception_is_told_with_the_students_own_line():
    def zero_pad(X, pad):
        return np.pad(X, ((0, 0), (pad, "a")))  # the student's line

    text = failure(zero_pad)
    assert text.startswith("zero_pad does not run.")
    line = zero_pad.__code__.co_firstlineno + 1
    assert f"in line {line} of test_convlab_check.py, in zero_pad:\n    return np.pad(X," in text
    assert "numpy/" not in text
    assert "pad = 1" in text
    assert "X = an array of shape (1, 2, 3, 1)" in text


def test_too_few_parameters():
    def zero_pad(X):
        return X

    text = failure(zero_pad)
    assert "takes 1 positional argument but 2 were given" in text
    assert "argument 2 = 1" in text
    assert "put its first line back as it was" in text


def test_an_error_in_a_helper_is_told_with_the_line_that_called_it():
    def helper(window):
        return window[5]

    def zero_pad(X, pad):
        return helper(X[:, :pad])

    text = failure(zero_pad)
    assert ", in helper:\n    return window[5]\ncalled from line" in text
    assert ", in zero_pad:\n    return helper(X[:, :pad])" in text


def test_of_what_a_function_prints_the_first_lines_are_shown(capsys):
    def zero_pad(X, pad):
        for row in range(100):
            print("row", row, end=" of 100\n")

    text = failure(zero_pad)
    printed = capsys.readouterr().out.splitlines()
    assert printed[:20] == [f"row {row} of 100" for row in range(20)]
    assert printed[20:] == ["... and 180 more lines that zero_pad printed.", ""]
    assert "is None" in text


@pytest.mark.parametrize(
    ("name", "answer", "remark"),
    [
        ("conv_single_step", lambda a, W, b: np.sum(a * W) + b, "an array of shape (1, 1, 1), with one number in it"),
        ("conv_single_step", lambda a, W, b: [np.sum(a * W) + b.item()], "a list of 1, with one number in it"),
        ("conv_single_step", lambda a, W, b: np.sum(a * W) + b.item(), ""),
        ("conv_output_size", lambda n, f, s, p: np.floor((n - f + 2 * p) / s) + 1, "a float, 3.0"),
        ("conv_output_size", lambda n, f, s, p: np.int64((n - f + 2 * p) // s + 1), ""),
        ("distribute_value", lambda dz, shape: np.full(shape, dz / np.prod(shape)), ""),
    ],
)
def test_a_right_answer_of_another_kind_passes_with_a_remark(name, answer, remark, monkeypatch, capsys):
    monkeypatch.setattr(published, "FOLDER", LESSONS_OWN)
    check(answer, name=name)
    out = capsys.readouterr().out
    assert ("One thing:" in out) == bool(remark)
    assert remark in out


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("np.zeros(2, 3)", "two pairs of brackets"),
        ("np.zeros(2, 3, 4, 5)", "two pairs of brackets"),
        ("range(3.0)", "int() give whole numbers"),
        ("np.zeros((2, np.floor(2.5)))", "int() give whole numbers"),
    ],
)
def test_common_errors_come_with_advice(code, advice):
    def zero_pad(X, pad):
        return eval(code)

    assert advice in failure(zero_pad)


@pytest.mark.parametrize("code", ["exit()", "raise SystemExit", "raise MemoryError", "return zero_pad(X, pad)"])
def test_whatever_ends_the_function_is_told(code, shell, capsys):
    result = shell.run_cell(f"def zero_pad(X, pad):\n    {code}\ncheck(zero_pad)")
    assert isinstance(result.error_in_exec, CheckFailed)
    assert "zero_pad does not run." in capsys.readouterr().out


def test_an_interrupt_stops_the_check():
    def zero_pad(X, pad):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match="zero_pad was still running in line") as raised:
        check(zero_pad)
    assert "raise KeyboardInterrupt\n" in str(raised.value)


def test_a_long_line_is_broken_between_words(shell, capsys):
    shell.run_cell("def zero_pad(X, pad):\n    raise ValueError('a word ' * 40 + '.')\ncheck(zero_pad)")
    told = capsys.readouterr().out.splitlines()
    assert max(map(len, told)) <= 100
    assert [line for line in told if line.startswith("    ") and line.endswith((" a", " word"))]


def test_an_interrupt_shows_its_line_and_no_traceback(shell, capsys):
    result = shell.run_cell("def zero_pad(X, pad):\n    raise KeyboardInterrupt\ncheck(zero_pad)")
    assert isinstance(result.error_in_exec, KeyboardInterrupt)
    out = capsys.readouterr().out
    assert out.startswith("Interrupted. zero_pad was still running in line 2 of your cell, in zero_pad:")
    assert "convlab" not in out


def test_an_array_where_a_number_is_wanted_gets_advice():
    def conv_forward(A_prev, W, b, hparameters):
        return float(b[:, :, :, :1])

    assert "b.item()" in failure(conv_forward)

    def zero_pad(X, pad):
        X_pad = np.zeros(X.shape)
        X_pad[0, 0, 0, 0] = X
        return X_pad

    assert "One entry of an array takes a single number" in failure(zero_pad)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (None, "and is None. Does zero_pad end with a return?"),
        ("abc", "and is a value of type str"),
        ({"a": 1}, "and is a value of type dict"),
        (np.array(["a"]), "dtype <U1"),
        (np.array(None), "and is a value of type ndarray"),
        (1j, "and is a value of type complex"),
    ],
    ids=repr,
)
def test_wrong_type(answer, said):
    text = failure(lambda X, pad: answer, name="zero_pad")
    assert text.startswith("zero_pad returns the wrong type.")
    assert "X_pad should be an array of shape (1, 4, 5, 1)" in text
    assert said in text


def test_one_value_where_two_are_wanted():
    text = failure(lambda *args: conv(*args)[0], name="conv_forward")
    assert "conv_forward should return 2 values, Z and cache, and returns an array of shape (2, 2, 3, 3)." in text


def test_wrong_shape_tells_both_and_the_formula():
    text = failure(lambda X, pad: X, name="zero_pad")
    assert text.startswith("zero_pad returns the wrong shape.")
    assert "should be an array of shape (1, 4, 5, 1), and is an array of shape (1, 2, 3, 1)." in text
    assert "Height and width grow by 2*pad." in text


def test_wrong_values_tell_how_many_and_the_first():
    def zero_pad(X, pad):
        X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
        X_pad[:, 2, 3, 0] += 0.5
        return X_pad

    text = failure(zero_pad)
    assert text.startswith("zero_pad returns wrong values.")
    assert "1 of 20 values of X_pad differ" in text
    assert "X_pad[0, 2, 3, 0], should be 6, and is 6.5." in text
    assert "This is example 1 of 2 (pad 1 on a gray image), with" in text


def test_a_wrong_shape_goes_before_wrong_values_wherever_it_is():
    text = failure(lambda X, pad: np.ones((1, 4, 5, 1)), name="zero_pad")
    assert text.startswith("zero_pad returns the wrong shape.")
    assert "This is example 2 of 2" in text
    text = failure(lambda *args: (0 * conv(*args)[0], 1), name="conv_forward")
    assert text.startswith("conv_forward returns the wrong type.")


def test_wrong_values_in_the_cache():
    text = failure(lambda A, W, b, h: (conv(A, W, b, h)[0], (A, W, 2 * b, h)), name="conv_forward")
    assert "cache[2]" in text
    text = failure(lambda A, W, b, h: (conv(A, W, b, h)[0], (A, W, b, {})), name="conv_forward")
    assert "cache[3] should have the keys ['pad', 'stride']" in text


def test_nan_is_told():
    text = failure(lambda X, pad: zero_pad(X, pad) * np.nan, name="zero_pad")
    assert "should be 0, and is nan" in text


def test_side_effects_are_told_last():
    def zero_pad(X, pad):
        X_pad = np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
        X += 1
        return X_pad

    text = failure(zero_pad)
    assert text.startswith("zero_pad returns the right answer, but changes an argument.")
    assert "After the call X is not what it was" in text

    def wrong_too(X, pad):
        X += 1
        return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))

    text = failure(wrong_too, name="zero_pad")
    assert text.startswith("zero_pad returns wrong values.")
    assert "It also changes its argument X" in text


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (lambda h: h.update(pad=1), "h['pad']"),
        (lambda h: h.pop("pad"), "h"),
        (lambda h: h.update(extra=1), "h"),
        (lambda h: h.update(pad=0.0), "h['pad']"),
    ],
)
def test_a_changed_dict_is_a_side_effect(change, path):
    def forward(A, W, b, h):
        Z, (_, _, _, kept) = conv(A, W, b, dict(h))
        change(h)
        return Z, (A, W, b, kept)

    assert f"After the call {path} is not" in failure(forward, name="conv_forward")


def test_examples_are_fresh_each_time():
    def zero_pad(X, pad):
        X[:] = 0
        return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))

    assert failure(zero_pad) == failure(zero_pad)


def test_warnings_are_no_failures_and_nothing_goes_to_standard_error(capsys):
    def zero_pad(X, pad):
        print("hello", file=sys.stderr)
        np.array([1.0]) / np.array([0.0])
        warnings.warn("careful", stacklevel=1)
        return np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(zero_pad)
    out, err = capsys.readouterr()
    assert err == ""
    assert "UserWarning: careful" in out
    assert "RuntimeWarning: divide by zero" in out


@pytest.mark.parametrize("wrong", [np.zeros((1, 4, 5, 1)), "zero_pad", 3, None])
def test_what_is_no_function(wrong):
    text = failure(wrong)
    assert text.startswith("A function is wanted here, and this is")
    assert "check(zero_pad)" in text


def test_an_unknown_name_lists_the_known_ones():
    for text in (failure(lambda X: X), failure(zero_pad, name="zeropad"), failure(np.pad)):
        assert text.startswith("There is no exercise called")
        assert "zero_pad (lesson 01-images-and-padding)" in text
        assert "conv_forward (lesson 03-conv-forward)" in text
        assert 'check(f, name="zero_pad")' in text


def test_the_notebook_shows_the_message_and_no_traceback(shell, capsys):
    cell = """
    # a comment
    def widen(X, pad):
        return X[pad:, 99]

    def zero_pad(X, pad):
        return widen(X, pad)

    check(zero_pad)
    """
    result = shell.run_cell(textwrap.dedent(cell).lstrip())
    out = capsys.readouterr().out
    assert isinstance(result.error_in_exec, AssertionError)
    assert out.startswith("zero_pad does not run.")
    assert "IndexError: index 99 is out of bounds for axis 1 with size 2" in out
    assert "in line 3 of your cell, in widen:\n    return X[pad:, 99]" in out
    for word in ("Traceback", "examine", "CheckFailed", "convlab", "-->"):
        assert word not in out


def test_trusted_code_that_stands_in_is_not_shown(shell, capsys):
    """In a graded run earlier functions are the grader's: their lines are not the student's."""
    lines = ["def conv_single_step(a, W, b):\n", "    secret = a[99]\n"]
    linecache.cache["<conv_single_step>"] = (1, None, lines, "<conv_single_step>")
    exec(compile("".join(lines), "<conv_single_step>", "exec"), shell.user_ns)
    shell.run_cell("def zero_pad(X, pad):\n    return conv_single_step(X, 1, 2)\n\ncheck(zero_pad)")
    out = capsys.readouterr().out
    assert "in line 2 of your cell, in zero_pad:" in out
    assert "secret" not in out


@pytest.fixture
def drawn(monkeypatch, shell):
    """What is displayed, in a shell that looks like a notebook's."""
    monkeypatch.setattr(shell, "kernel", object(), raising=False)
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda *what, **how: shown.append(what[0]))
    return shown


WRONG = """
import numpy as np

def zero_pad(X, pad):
    return 1 + np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))

"""


def test_wrong_values_are_drawn_in_a_notebook(shell, drawn, capsys):
    shell.run_cell(WRONG + "check(zero_pad)")
    image, sentence = drawn
    assert image.data.startswith(b"\x89PNG")
    assert sentence["text/plain"].startswith("What was expected for X_pad[0, :, :, 0]")
    shell.run_cell("1")
    assert len(drawn) == 2  # once, and not again after the next cell


def test_nothing_is_drawn_in_a_graded_run_or_for_other_failures(shell, drawn, monkeypatch):
    shell.run_cell("def zero_pad(X, pad):\n    return X\ncheck(zero_pad)")
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    shell.run_cell(WRONG + "check(zero_pad)")
    assert drawn == []


def test_a_picture_that_cannot_be_drawn_leaves_the_text(shell, drawn, monkeypatch, capsys):
    grid = import_module("convlab.figures.grid")
    monkeypatch.setattr(grid, "comparison", lambda *_: 1 / 0)
    shell.run_cell(WRONG + "check(zero_pad)")
    assert drawn == []
    out, err = capsys.readouterr()
    assert "zero_pad returns wrong values." in out
    assert "ZeroDivisionError" not in out + err


def test_in_a_real_notebook_the_text_comes_before_the_picture(data, monkeypatch):
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    setup = f"import convlab.published, pathlib\nconvlab.published.FOLDER = pathlib.Path({str(data)!r})\n"
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [
        nbformat.v4.new_code_cell(setup + "from convlab import check\n" + WRONG),
        nbformat.v4.new_code_cell("check(zero_pad)"),
    ]
    nbclient.NotebookClient(notebook, timeout=120, allow_errors=True, kernel_name="python3").execute()
    error, image, sentence = notebook.cells[1].outputs
    assert error.output_type == "error"
    assert error.ename == "CheckFailed"
    assert error.traceback[0] == "zero_pad returns wrong values."
    assert not any("File" in line for line in error.traceback)
    assert "image/png" in image.data
    assert "20 of 20 cells differ" in sentence.data["text/plain"]


def test_importing_convlab_imports_nothing_heavy():
    heavy = {"matplotlib", "ipywidgets", "IPython", "autograder", "nbgrader"}
    code = f"import sys, convlab; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_grade_without_the_grader_says_when_hidden_tests_run(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "autograder", None)
    monkeypatch.setitem(sys.modules, "autograder.author", None)
    grade(zero_pad)
    assert capsys.readouterr().out == "The hidden tests of zero_pad run when this notebook is graded.\n"
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    grade(zero_pad)
    assert capsys.readouterr().out == ""


def test_grade_asks_the_grader_where_it_is_installed(monkeypatch):
    author = type(sys)("autograder.author")
    author.asked = []
    author.grade = author.asked.append
    monkeypatch.setitem(sys.modules, "autograder.author", author)
    assert grade(zero_pad) is None
    assert author.asked == [zero_pad]


@pytest.mark.parametrize(
    ("value", "text"),
    [(3, "3"), (12345678, "12345678"), (0.1, "0.1"), (np.float32(2.5), "2.5"), (True, "True"), ([1 / 3], "0.333333")],
)
def test_numbers_as_text(value, text):
    assert number(value) == text
