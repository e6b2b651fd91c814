"""Figures: matrices with numbers, the comparison of a check, and pictures of functions that do not run yet."""

import io
import sys

import numpy as np
import pytest
from convlab.figures import grid
from convlab.figures.student import student_picture
from matplotlib import pyplot as plt
from matplotlib.figure import Figure
from test_convlab_closure import cell


@pytest.fixture(autouse=True)
def not_graded(monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)


@pytest.fixture
def ax():
    return Figure().subplots()


def texts(ax):
    return [text.get_text() for text in ax.texts]


def outlines(ax):
    return {(p.get_y() + 0.5, p.get_x() + 0.5, p.get_height(), p.get_width()) for p in ax.patches}


def test_numbers_stand_in_their_cells(ax):
    grid.number_grid(ax, [[1, 20], [3, 4], [5, 6]], "image")
    assert texts(ax) == ["1", "20", "3", "4", "5", "6"]
    assert [text.get_position() for text in ax.texts][:3] == [(0, 0), (1, 0), (0, 1)]
    assert ax.get_title() == "image"
    assert list(ax.get_xticks()) == [0, 1]
    assert list(ax.get_yticks()) == [0, 1, 2]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (-0.0, "0"),
        (2.0, "2"),
        (0.125, "0.12"),
        (-0.1, "-0.1"),
        (31.999, "32"),
        (0.0012345, "0.00123"),
        (1234.5, "1.23e+03"),
        (True, "True"),
        (np.nan, "nan"),
        (-np.inf, "-inf"),
    ],
)
def test_numbers_are_short(ax, value, text):
    grid.number_grid(ax, np.array([[value]]), "")
    assert texts(ax) == [text]


def test_large_matrices_have_no_numbers(ax):
    grid.number_grid(ax, np.zeros((11, 3)), "")
    assert texts(ax) == []
    assert len(ax.get_yticks()) <= 6


def test_magnitudes_and_signed_values_have_maps_of_their_own():
    figure = Figure()
    axes = figure.subplots(1, 5)
    plain = grid.number_grid(axes[0], [[0, 3]], "")
    signed = grid.number_grid(axes[1], [[-1.0, 3.0]], "")
    asked = grid.number_grid(axes[2], [[1.0, 3.0]], "", signed=True)
    limited = grid.number_grid(axes[3], [[1.0, 3.0]], "", limits=(0, 255))
    zeros = grid.number_grid(axes[4], [[0.0, 0.0]], "", signed=True)
    assert [image.get_cmap().name for image in (plain, signed, asked)] == ["cividis", "RdBu_r", "RdBu_r"]
    assert [image.get_clim() for image in (plain, signed, asked, limited, zeros)] == [
        (0, 3),
        (-3, 3),
        (-3, 3),
        (0, 255),
        (-1, 1),
    ]


def test_numbers_can_be_read_on_their_cells(ax):
    grid.number_grid(ax, [[0, 50, 100]], "")
    assert [ax.texts[i].get_color() for i in (0, 2)] == ["white", "black"]
    other = Figure().subplots()
    grid.number_grid(other, [[-5.0, 0.0, 5.0, np.nan]], "")
    assert [text.get_color() for text in other.texts] == ["white", "black", "white", "black"]


def test_windows_are_outlined(ax):
    grid.number_grid(ax, np.zeros((4, 4)), "", highlight=(1, 0, 2, 3))
    assert outlines(ax) == {(1, 0, 2, 3)}
    other = Figure().subplots()
    grid.number_grid(other, np.zeros((4, 4)), "", highlight=[(0, 0, 1, 1), (2, 2, 2, 2)])
    assert outlines(other) == {(0, 0, 1, 1), (2, 2, 2, 2)}


@pytest.mark.parametrize("shape", [(3,), (1, 2, 2), (0, 3), ()])
def test_what_is_no_matrix_is_refused(ax, shape):
    with pytest.raises(ValueError, match="draws a matrix, and this array has the shape"):
        grid.number_grid(ax, np.zeros(shape), "")


@pytest.mark.parametrize(
    ("name", "shape", "index", "label"),
    [
        ("Z", (2, 4, 5, 3), (1, 2, 3, 2), "Z[1, :, :, 2]"),
        ("dA_prev", (2, 4, 5, 3), (0, 2, 3, 0), "dA_prev[0, :, :, 0]"),
        ("dW", (3, 3, 2, 4), (1, 2, 1, 3), "dW[:, :, 1, 3]"),
        ("db", (1, 1, 1, 4), (0, 0, 0, 2), "db[0, 0, :, :]"),
        ("mask", (3, 4), (1, 1), "mask"),
        ("row", (5,), (3,), "row"),
        ("volume", (4, 5, 3), (1, 2, 2), "volume[:, :, 2]"),
    ],
)
def test_the_comparison_shows_the_first_slice_that_differs(name, shape, index, label):
    expected = np.zeros(shape)
    yours = expected.copy()
    yours[index] = 2.5
    figure, sentence = grid.comparison(name, expected, yours)
    left, middle, right = figure.axes
    assert left.get_title() == f"expected: {label}"
    assert middle.get_title() == f"yours: {label}"
    assert "2.5" in texts(right)
    assert "2.5" in texts(middle)
    assert len(outlines(right)) == 1
    assert label in sentence
    assert "1 of " in sentence
    figure.savefig(io.BytesIO())


def test_the_comparison_draws_masks_nan_and_many_differences():
    figure, sentence = grid.comparison("the mask", np.eye(3) == 1, np.full((3, 3), np.nan))
    assert "9 of 9 cells differ (outlined)" in sentence
    figure.savefig(io.BytesIO())
    figure, sentence = grid.comparison("Z", np.zeros((20, 20)), np.ones((20, 20)))
    assert "400 of 400 cells differ (the first 30 of them outlined)" in sentence
    figure.savefig(io.BytesIO())


def test_show_prints_the_sentence_where_there_is_no_notebook(capsys):
    figure, _ = plt.subplots()
    grid.show(figure, "A <b> sentence.")
    assert capsys.readouterr().out == "A <b> sentence.\n"
    assert plt.get_fignums() == []


def test_show_displays_picture_and_escaped_sentence_in_a_notebook(monkeypatch):
    shown = []
    monkeypatch.setattr(grid, "notebook", lambda: object())
    monkeypatch.setattr("IPython.display.display", lambda *what, **how: shown.append((what[0], how)))
    figure, _ = plt.subplots()
    grid.show(figure, "A <b> sentence.")
    (image, _), (sentence, how) = shown
    assert image.data.startswith(b"\x89PNG")
    assert image.alt == "A <b> sentence."
    assert sentence == {"text/plain": "A <b> sentence.", "text/html": "<p>A &lt;b&gt; sentence.</p>"}
    assert how == {"raw": True}
    assert plt.get_fignums() == []


def test_show_does_nothing_in_a_graded_run(monkeypatch, capsys):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    monkeypatch.setattr(grid, "notebook", lambda: sys.exit("asked"))
    figure, _ = plt.subplots()
    grid.show(figure, "sentence")
    assert capsys.readouterr().out == ""
    assert plt.get_fignums() == []


@student_picture
def picture(zero_pad, conv=None, *, pad=1):
    """A picture."""
    X_pad = zero_pad(np.ones((1, 2, 2, 1)), pad)
    print(X_pad.shape, conv and conv(X_pad))


def test_a_picture_of_a_function_that_works_is_drawn(capsys):
    picture(lambda X, pad: np.pad(X, pad), pad=2)
    assert capsys.readouterr().out == "(5, 6, 6, 5) None\n"
    assert picture.__doc__ == "A picture."


def test_a_picture_waits_for_a_function_that_is_not_written(capsys):
    stubs = cell("def zero_pad(X, pad): raise NotImplementedError\ndef conv(X): raise NotImplementedError")
    picture(stubs["zero_pad"])
    assert capsys.readouterr().out == "zero_pad is not written yet: this picture appears when it is.\n"
    picture(lambda X, pad: X, stubs["conv"])
    assert capsys.readouterr().out == "conv is not written yet: this picture appears when it is.\n"


def test_a_picture_of_a_function_that_raises_says_where(capsys):
    def zero_pad(X, pad):
        return X[99]

    picture(zero_pad)
    out = capsys.readouterr().out
    assert out.startswith(
        "zero_pad does not run yet, so there is no picture. It stopped with\n    IndexError: index 99"
    )
    assert "of test_convlab_grid.py, in zero_pad:\n    return X[99]" in out


def test_a_picture_of_what_cannot_be_drawn_says_so(capsys, tmp_path, monkeypatch):
    """The error comes from the figure's own lines, which are a library's."""
    folder = tmp_path / "site-packages"
    folder.mkdir()
    (folder / "some_figure.py").write_text("def draw(zero_pad):\n    zero_pad(1, 1).shape\n")
    monkeypatch.syspath_prepend(folder)
    import some_figure

    def zero_pad(X, pad):
        return None

    student_picture(some_figure.draw)(zero_pad)
    told = "zero_pad returns the wrong type, so there is no picture. check(zero_pad) explains.\n"
    assert capsys.readouterr().out == told

    def another(X, pad):
        return None

    student_picture(some_figure.draw)(another)
    out = capsys.readouterr().out
    assert out.startswith("There is no picture of what another returned (AttributeError: 'NoneType' object")
    assert "check(another) says what it should return." in out


def test_an_interrupted_picture_says_where_and_stops(capsys):
    def zero_pad(X, pad):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match="zero_pad was still running in line"):
        picture(zero_pad)


def test_a_graded_run_draws_no_picture(monkeypatch, capsys):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    picture(lambda X, pad: 1 / 0)
    assert capsys.readouterr().out == ""
