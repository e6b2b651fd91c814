"""Lesson 08's own code with real PyTorch, Keras on two backends and TensorFlow, and without any of them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import jupytext
import numpy as np
import pytest
from conftest import ROOT
from convlab.figures.frameworks import compare, example

from autograder import solution

LESSON = ROOT / "course" / "lessons" / "08-frameworks.py"
CELLS = jupytext.reads(LESSON.read_text(encoding="utf-8"), fmt="py:percent").cells
CODE = [cell.source for cell in CELLS if cell.cell_type == "code"]
PROSE = "\n".join(cell.source for cell in CELLS if cell.cell_type == "markdown")

pytestmark = pytest.mark.xdist_group("frameworks")

#: Runs code cells in one namespace, in a process of its own: a backend is chosen once, before Keras is imported.
RUN = """
import contextlib, io, json, sys, types
for name in {absent!r}:
    sys.modules[name] = None
import convlab.keep, convlab
from autograder import solution
mine = types.ModuleType("convlab.mine")
vars(mine).update(vars(solution))
sys.modules["convlab.mine"] = vars(convlab)["mine"] = mine
names, outputs = {{}}, []
for code in json.load(sys.stdin):
    with contextlib.redirect_stdout(io.StringIO()) as said:
        exec(code, names)
    outputs.append(said.getvalue())
json.dump(outputs, sys.stdout)
"""


def run(cells, absent=(), **environment):
    """What each of the cells prints."""
    kept = {name: value for name, value in os.environ.items() if name not in ("KERAS_BACKEND", "NBGRADER_EXECUTION")}
    ran = subprocess.run(
        [sys.executable, "-c", RUN.format(absent=list(absent))],
        input=json.dumps(cells),
        env={**kept, "OMP_NUM_THREADS": "1", **environment},
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    return dict(zip(cells, json.loads(ran.stdout), strict=True))


def the(text, outputs):
    """The output of the one cell that has this text."""
    (found,) = (output for cell, output in outputs.items() if text in cell)
    return found


def table(text):
    """The numbers of a printed table, by row and column; None where there is none."""
    lines = [line for line in text.splitlines() if line.strip()]
    head = next(i for i, line in enumerate(lines) if line.startswith("Largest difference from")) + 1
    columns = lines[head].split()
    rows = {}
    for line in lines[head + 1 :]:
        name, *cells = re.split(r"\s{2,}", line.strip())
        if len(cells) != len(columns):
            break
        values = [0.0 if cell == "exactly 0" else None if cell == "–" else float(cell) for cell in cells]
        rows[name] = dict(zip(columns, values, strict=True))
    return rows


without_hidden = [code for code in CODE if not re.match(r"(grade|keep|progress)\(|# ready", code)]


#: The sums of windows in all small settings of n, f and stride, with TensorFlow's own padding.
SAME_SUMS = """
import json, tensorflow as tf, numpy as np
found = {}
for n in range(1, 10):
    for f in range(1, 5):
        for stride in range(1, 4):
            row = np.arange(1.0, n + 1).reshape(1, n, 1)
            sums = tf.nn.conv1d(row, np.ones((f, 1, 1)), stride=stride, padding="SAME")
            found[f"{n} {f} {stride}"] = sums.numpy().ravel().tolist()
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def everything():
    """What the lesson prints where all of them are installed, and TensorFlow's padding of rows."""
    return run([*without_hidden, SAME_SUMS])


def test_trusted_same_padding_is_tensorflows(everything):
    for setting, sums in json.loads(everything[SAME_SUMS]).items():
        n, f, stride = map(int, setting.split())
        padded = np.pad(np.arange(1.0, n + 1), solution.same_padding(n, f, stride))
        windows = np.lib.stride_tricks.sliding_window_view(padded, f)[::stride]
        assert windows.sum(axis=1).tolist() == pytest.approx(sums), setting


def test_all_libraries_agree_with_numpy(everything):
    rows = table(the("frameworks.compare(in_numpy", everything))
    assert list(rows) == ["zero padding", "convolution", "ReLU", "max pooling", "average pooling"]
    for name, row in rows.items():
        assert list(row) == ["in_torch", "in_keras", "in_tensorflow"]
        moved_only = name in ("zero padding", "ReLU", "max pooling")
        assert all(value == 0 if moved_only else 0 < value < 1e-5 for value in row.values()), (name, row)


def test_same_padding_agrees_and_a_single_number_does_not_at_stride_2(everything):
    rows = table(the("frameworks.compare(same_in_numpy", everything))
    apart = rows.pop("padding=1, stride 2").pop("same_in_torch")
    assert apart > 1
    numbers = [value for row in rows.values() for value in row.values() if value is not None]
    assert len(numbers) == 7
    assert max(numbers) < 1e-5


def test_autograd_agrees_with_the_backward_pass(everything):
    rows = table(the("frameworks.compare(own_gradients", everything))
    assert list(rows) == ["dA_prev", "dW", "db"]
    assert all(row["torch_gradients"] < 1e-12 for row in rows.values())


def test_the_trap_is_what_the_text_says(everything):
    assert the("frameworks.show(padded_shapes)", everything) == (
        "(1, 1, 2, 2) becomes (1, 3, 4, 2)\n(1, 2, 2, 1) becomes (1, 4, 4, 1)\n"
    )


def test_the_example_network_has_the_shapes_and_parameters_of_the_table(everything):
    told = the("frameworks.show_shapes(example_network", everything)
    shapes = re.findall(r"^(\w+) +(\(.*\)) +([\d,]+)$", told, flags=re.MULTILINE)
    assert [shape for _, shape, _ in shapes] == (
        ["(2, 16, 32, 32)"] * 3 + ["(2, 32, 16, 16)"] * 3 + ["(2, 32, 4, 4)", "(2, 512)", "(2, 10)"]
    )
    assert [int(count.replace(",", "")) for _, _, count in shapes] == [448, 32, 0, 4640, 64, 0, 0, 0, 5130]
    for count in ("448", "4640", "5130"):
        assert f"= {count}$" in PROSE


def test_weights_go_through_a_layer_of_keras_and_back(everything):
    assert the("frameworks.show(there_and_back)", everything).splitlines() == [
        "the weights of a fresh layer: [(3, 3, 3, 2), (2,)]",
        "W came back: True",
        "b came back: True",
    ]
    told = the("show_round_trip", everything)
    assert "12 of 12 numbers are where they were" in told
    assert "of shape (1, 3, 2, 2)" in told


def test_the_line_is_the_same_in_all_four(everything):
    rows = table(the("frameworks.compare(line_in_numpy", everything))
    assert list(rows) == ["feature map", "max pooling", "average pooling"]
    assert all(row == {"line_in_torch": 0, "line_in_keras": 0, "line_in_tensorflow": 0} for row in rows.values())


def test_the_line_survives_pooling(everything):
    assert "reads 0 0 3 3 0 0, of the max pooled map 0 3 0, of the average pooled map 0 3 0." in the(
        "show_line_detector", everything
    )


def test_keras_gives_the_same_on_pytorch_and_one_that_is_missing_leaves_the_others():
    cells = [code for code in without_hidden if not re.search(r"check\(|show|explore\.|own_gradients", code)]
    backend = "import keras; print(keras.backend.backend())"
    outputs = run([CODE[0], *cells, backend], absent=["tensorflow"], KERAS_BACKEND="torch")
    assert outputs[backend] == "torch\n"
    told, same = (the(f"frameworks.compare({start}", outputs) for start in ("in_numpy", "same_in_numpy"))
    assert f"in_tensorflow is left out. {how('TensorFlow', 'tensorflow')}" in told
    rows = [row for text in (told, same) for row in table(text).values()]
    keras = [row["in_keras" if "in_keras" in row else "same_in_keras"] for row in rows]
    assert len(keras) == 9
    assert len([value for value in keras if value is not None and value < 1e-5]) == 7


@pytest.fixture(scope="module")
def nothing():
    """What the lesson prints where none of them is installed."""
    return run([*without_hidden, "keep(line_detector)"], absent=["torch", "keras", "tensorflow"])


def how(name, package):
    return f"{name} is not installed here. To install it, run  %pip install {package}  in a new cell"


def test_without_frameworks_the_lesson_runs_and_says_how_to_install_them(nothing):
    told = the("frameworks.compare(in_numpy", nothing)
    for name, package in (("PyTorch", "torch"), ("Keras", "keras"), ("TensorFlow", "tensorflow")):
        assert how(name, package) in told
    assert how("PyTorch", "torch") in the("show_line_detector", nothing)
    assert how("PyTorch", "torch") in the("example_network", nothing)
    assert how("Keras", "keras") in the("padded_shapes", nothing)
    assert how("PyTorch", "torch") in the("frameworks.compare(own_gradients", nothing)
    for function in ("line_detector", "autograd_gradients"):
        assert f"{function} cannot be checked yet. {how('PyTorch', 'torch')}" in nothing[f"check({function})"]
    assert nothing["keep(line_detector)"] == (
        "line_detector is not kept: it needs PyTorch, which is not installed here.\n"
    )


def test_without_frameworks_the_rest_works(nothing):
    for function in ("to_torch", "from_torch", "to_keras", "from_keras", "same_padding"):
        assert f"{function}: all" in nothing[f"check({function})"]
    assert "0 zeros before and 1 after" in nothing["explore.same_padding(same_padding)"]
    assert "(the same pictures)" in nothing["frameworks.show_layouts(to_torch)"]


def test_in_a_graded_run_nothing_is_imported_that_no_function_needs():
    seen = "import sys; print({'torch', 'keras', 'tensorflow', 'matplotlib.pyplot'} & sys.modules.keys())"
    cells = [code for code in without_hidden if not code.startswith("check(")]
    assert run([*cells, seen], NBGRADER_EXECUTION="autograde")[seen] == "set()\n"


def own(A, W, b):
    return {"sum": A + 1, "A": A}


def right(A, W, b):
    return {"A": A, "sum": A + 1}


def off(A, W, b):
    return {"sum": A + 1.5}


def other_shape(A, W, b):
    return {"A": A[0], "sum": A + 1}


def raising(A, W, b):
    raise ValueError("no")


def unwritten(A, W, b):
    raise NotImplementedError


@pytest.fixture
def compared(capsys, monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)

    def told(*others):
        compare(own, *others)
        return capsys.readouterr().out

    return told


def test_differences_are_told_in_a_table_and_a_sentence(compared):
    told = compared(right, off)
    assert table(told) == {"sum": {"right": 0, "off": 0.5}, "A": {"right": 0, "off": None}}
    assert "2 of 3 are exactly 0, and the largest is 5.0e-01, for sum (off)." in told
    assert "2 of 2 are exactly 0." in compared(right)


def test_one_that_does_not_run_leaves_the_others(compared):
    told = compared(raising, unwritten, right)
    assert "raising is left out. raising does not run yet" in told
    assert "ValueError: no" in told
    assert "unwritten is left out. unwritten is not written yet" in told
    assert table(told) == {"sum": {"right": 0}, "A": {"right": 0}}
    assert "Largest" not in compared(raising)


def test_another_shape_is_told(compared):
    told = compared(other_shape)
    assert "A: other_shape makes the shape (8, 7, 3), and (2, 8, 7, 3) was expected." in told
    assert table(told) == {"sum": {"other_shape": 0}}


def test_in_a_graded_run_nothing_is_compared(compared, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert compared(raising) == ""


FAULTY = re.search(r"> \*\*Faulty: do not copy\.\*\*\n>\n> ```text\n(.*?)> ```", PROSE, flags=re.DOTALL)


def test_the_faulty_network_has_just_the_three_faults():
    """Each repair alone leaves it broken, and all three together make the network of the table."""
    import torch
    from torch import nn

    text = "\n".join(line[2:] for line in FAULTY[1].splitlines())
    repairs = (
        ("nn.AvgPool2D(", "nn.AvgPool2d("),
        ('self.features("', 'self.features.add_module("'),
        ("x.view(1, 32 * 4 * 4)", "x.view(len(x), -1)"),
    )

    def works(*wanted):
        code = text
        for old, new in wanted:
            assert old in code
            code = code.replace(old, new)
        names = {"nn": nn}
        exec(code, names)
        try:
            network = names["Net"]()
            assert sum(one.numel() for one in network.parameters()) == 10314
            return tuple(network(torch.zeros(2, 3, 32, 32)).shape) == (2, 10)
        except (AttributeError, TypeError, RuntimeError):
            return False

    assert works(*repairs)
    for left_out in repairs:
        assert not works(*(one for one in repairs if one is not left_out))


def test_trusted_functions_are_what_pytorch_makes_of_them():
    import torch
    from torch.nn import functional as F

    A, W, b = example()
    arrays = solution.to_torch(A, W, b)
    assert [one.shape for one in arrays] == [(2, 3, 8, 7), (4, 3, 3, 3), (4,)]
    Z = F.conv2d(*map(torch.tensor, arrays), stride=2, padding=1).permute(0, 2, 3, 1).numpy()
    np.testing.assert_allclose(solution.conv_forward(A, W, b, {"stride": 2, "pad": 1})[0], Z, rtol=1e-10, atol=1e-12)
    for one, other in zip(solution.from_torch(*arrays), (A, W, b), strict=True):
        np.testing.assert_array_equal(one, other)
    for one, other in zip(solution.from_keras(*solution.to_keras(W, b)), (W, b), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("f", [(1, 3), (3, 2), (2, 2)])
@pytest.mark.parametrize(("stride", "pad"), [(1, 0), (2, 1), (3, 2)])
def test_trusted_gradients_are_pytorchs_for_rectangular_filters_too(f, stride, pad):
    import torch
    from torch.nn import functional as F

    rng = np.random.default_rng([*f, stride, pad])
    A_prev, W, b = rng.normal(size=(2, 5, 7, 3)), rng.normal(size=(*f, 3, 4)), rng.normal(size=(1, 1, 1, 4))
    leaves = [torch.tensor(one, requires_grad=True) for one in solution.to_torch(A_prev, W, b)]
    Z = F.conv2d(*leaves, stride=stride, padding=pad)
    dZ = rng.normal(size=Z.permute(0, 2, 3, 1).shape)
    Z.backward(torch.tensor(dZ.transpose(0, 3, 1, 2)))
    expected = solution.from_torch(*(one.grad.numpy() for one in leaves))
    gradients = solution.autograd_gradients(dZ, (A_prev, W, b, {"stride": stride, "pad": pad}))
    for one, other in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12)
