"""The published examples as data; and the small examples that the other tests of convlab use."""

import json
from pathlib import Path

import numpy as np
import pytest
from convlab import published
from convlab.compare import AnyOf
from convlab.published import Example, Published, dump, from_json, load, to_json


def conv(A_prev, W, b, hparameters):
    """A convolution written for this file only: stride 1 and no padding."""
    (m, n_H, n_W, _), (f, _, _, n_C) = A_prev.shape, W.shape
    Z = np.zeros((m, n_H - f + 1, n_W - f + 1, n_C))
    for h in range(Z.shape[1]):
        for w in range(Z.shape[2]):
            Z[:, h, w] = np.einsum("mijc,ijck->mk", A_prev[:, h : h + f, w : w + f], W) + b[0, 0, 0]
    return Z, (A_prev, W, b, hparameters)


def images(*shape):
    return np.arange(1.0, 1.0 + np.prod(shape)).reshape(shape)


def small_course():
    """Four exercises of three lessons, with examples of every form that an answer has."""
    X, colour = images(1, 2, 3, 1), images(2, 3, 2, 3)
    A_prev, W, b = images(2, 4, 5, 2), images(3, 3, 2, 3) % 5, images(1, 1, 1, 3)
    hparameters = {"stride": 1, "pad": 0}
    frame = ((0, 0), (1, 1), (1, 1), (0, 0))
    x = np.array([[1, 4], [4, 2]])
    first = np.array([[False, True], [False, False]])
    return [
        Published(
            "zero_pad",
            "01-images-and-padding",
            ("X_pad",),
            "Height and width grow by 2*pad.",
            (
                Example("pad 1 on a gray image", (X, 1), np.pad(X, frame)),
                Example("pad 1 on two colour images", (colour, 1), np.pad(colour, frame)),
            ),
        ),
        Published(
            "conv_output_size",
            "03-conv-forward",
            ("n",),
            "",
            (
                Example("7 pixels, stride 2", (7, 3, 2, 0), 3),
                Example("8 pixels, padded", (8, 3, 2, 1), 4),
            ),
            place=0,
        ),
        Published(
            "conv_forward",
            "03-conv-forward",
            ("Z", "cache"),
            "n_H = n_H_prev - f + 1.",
            (Example("no padding", (A_prev, W, b, hparameters), conv(A_prev, W, b, hparameters)),),
            place=1,
        ),
        Published(
            "create_mask_from_window",
            "06-pool-backward",
            ("the mask",),
            "",
            (Example("two maxima", (x,), AnyOf((x == 4, first))),),
        ),
    ]


def write_course(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have convlab use the small course, written to ``folder``."""
    folder.mkdir(exist_ok=True)
    for exercise in small_course():
        (folder / f"{exercise.exercise}.json").write_text(dump(exercise), encoding="utf-8")
    monkeypatch.setattr(published, "FOLDER", folder)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    return folder


def same(a, b):
    """Whether two values are the same in type, dtype, shape and every bit."""
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        return (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
    if isinstance(a, AnyOf):
        return same(a.answers, b.answers)
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b or a != a


@pytest.mark.parametrize(
    "value",
    [
        images(2, 3, 1),
        np.zeros((0, 3)),
        np.zeros((2, 0, 4), dtype=np.float32),
        np.array(2.5),
        np.array([1, -2], dtype=np.int32),
        np.array([[True, False]]),
        np.array([np.inf, -np.inf, np.nan, 1e-300, 0.1]),
        np.array([0.1, 1 / 3], dtype=np.float32),
        (1, 2.5, "average", None, True),
        {"stride": 2, "pad": 0},
        [1, [2, (3,)]],
        AnyOf((np.array([1.0]), np.array([2.0]))),
        (images(1, 2), {"f": 2}, (np.zeros(1), ())),
    ],
    ids=repr,
)
def test_a_value_comes_back_from_json_as_it_was(value):
    assert same(from_json(json.loads(json.dumps(to_json(value)))), value)


def test_numpy_numbers_become_plain_ones():
    assert to_json((np.float64(0.5), np.int64(3), np.bool_(True))) == {"tuple": [0.5, 3, True]}


@pytest.mark.parametrize("value", [{1, 2}, object(), {1: 2}, np.random.default_rng(0)])
def test_other_values_are_refused(value):
    with pytest.raises(TypeError, match="Published examples hold"):
        to_json(value)


def test_published_examples_come_back_from_their_file(tmp_path, monkeypatch):
    write_course(tmp_path / "data", monkeypatch)
    for exercise in small_course():
        read = load(exercise.exercise)
        assert (read.lesson, read.returns, read.formula, read.place) == (
            exercise.lesson,
            exercise.returns,
            exercise.formula,
            exercise.place,
        )
        for one, other in zip(read.examples, exercise.examples, strict=True):
            assert one.note == other.note
            assert same((one.args, one.expected), (other.args, other.expected))


def test_every_load_has_arrays_of_its_own(tmp_path, monkeypatch):
    write_course(tmp_path / "data", monkeypatch)
    load("zero_pad").examples[0].args[0][:] = 0
    assert load("zero_pad").examples[0].args[0].any()


def test_dump_is_the_same_text_for_answers_that_differ_in_the_last_digits():
    def dumped(expected):
        return dump(Published("f", "01-a", ("y",), "", (Example("x", (0.1,), expected),)))

    assert dumped(np.array([0.1 + 0.2, 1 / 3])) == dumped(np.array([0.3, 1 / 3 + 1e-15]))
    assert dumped(0.1 + 0.2) == dumped(0.3)
    assert dumped(0.3) != dumped(0.3001)


def test_dump_is_text_with_a_line_for_each_example():
    text = dump(small_course()[0])
    assert text.endswith("\n]\n}\n")
    assert sum(line.startswith('{"note"') for line in text.splitlines()) == 2


def test_lessons_lists_the_exercises_in_the_order_of_the_course(tmp_path, monkeypatch):
    write_course(tmp_path / "data", monkeypatch)
    assert list(published.lessons().items()) == [
        ("zero_pad", "01-images-and-padding"),
        ("conv_output_size", "03-conv-forward"),
        ("conv_forward", "03-conv-forward"),
        ("create_mask_from_window", "06-pool-backward"),
    ]
