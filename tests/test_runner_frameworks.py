"""Frameworks are within reach of the lesson about them and of no other; without them nobody loses a point."""

from __future__ import annotations

import sys

import pytest
from conftest import released, solved
from convlab.frameworks import FRAMEWORKS

from autograder.exercises import EXERCISES
from autograder.grading import grade_functions
from autograder.records import FAILED
from autograder.runner import sandbox
from autograder.runner.limits import WITH_FRAMEWORKS, Limits, limits_of
from autograder.runner.notebook import Cell, Notebook, NotebookRun
from autograder.submission import SubmissionError

LESSON = "08-frameworks"

pytestmark = pytest.mark.xdist_group("frameworks")

#: A layer of lesson 03 that leaves the work to PyTorch.
BY_TORCH = """
import numpy as np

def conv_forward(A_prev, W, b, hparameters):
    import torch
    A, W_torch = torch.tensor(A_prev.transpose(0, 3, 1, 2)), torch.tensor(W.transpose(3, 2, 0, 1))
    Z = torch.nn.functional.conv2d(A, W_torch, torch.tensor(b.ravel()), hparameters["stride"], hparameters["pad"])
    return Z.numpy().transpose(0, 2, 3, 1), (A_prev, W, b, hparameters)
"""


def outputs(cells, limits):
    """What cells show, and what there was to note."""
    with NotebookRun(Notebook(tuple(map(Cell, cells))), limits) as run:
        run.run()
        return run.outputs, run.incidents


def test_only_the_lesson_about_them_has_them():
    lessons = {exercise.lesson for exercise in EXERCISES.values()} | {"07-read-a-network", "09-train-a-network"}
    assert {lesson for lesson in lessons if limits_of(lesson).frameworks} == {LESSON}
    assert {exercise.lesson for exercise in EXERCISES.values() if exercise.frameworks} == {LESSON}
    assert set(FRAMEWORKS) <= set(sandbox.FRAMEWORKS)


def test_elsewhere_importing_one_says_that_it_is_out_of_reach():
    shown, incidents = outputs([f"import {name}" for name in FRAMEWORKS] + ["from torch import nn", "2 + 3"], Limits())
    for name, (error,) in zip([*FRAMEWORKS, "torch"], shown, strict=False):
        assert (error["ename"], error["evalue"]) == (
            "ModuleNotFoundError",
            f"{name} is out of reach when this lesson is graded: write the layers yourself, in NumPy",
        )
    assert shown[-1][0]["data"]["text/plain"] == "5"
    assert incidents == []


def test_a_layer_that_calls_one_earns_nothing_and_is_told_why():
    graded = grade_functions(BY_TORCH, [EXERCISES["conv_forward"]], 1)
    assert graded.points == 0
    assert "torch is out of reach when this lesson is graded" in graded.verdicts[0].error
    # It is right: within reach, the same code gets most of its points (PyTorch mixes no number types).
    within_reach = grade_functions(BY_TORCH, [EXERCISES["conv_forward"]], 1, limits=WITH_FRAMEWORKS)
    assert within_reach.points > 5


def test_in_the_lesson_about_them_all_of_them_work_and_their_noise_costs_nothing():
    shown, incidents = outputs(
        [
            "import torch; print(torch.nn.functional.relu(torch.tensor([-1.0, 2.0])).tolist())",
            "import tensorflow as tf; print(tf.nn.relu([-1.0, 2.0]).numpy().tolist())",
            "import keras; y = keras.layers.ReLU()(tf.constant([[-1.0, 2.0]])).numpy()\n"
            "print(keras.backend.backend(), y.tolist())",
        ],
        limits_of(LESSON),
    )
    texts = ["".join(one.get("text", "") for one in cell if one.get("name") == "stdout") for cell in shown]
    assert texts == ["[0.0, 2.0]\n", "[0.0, 2.0]\n", "tensorflow [[0.0, 2.0]]\n"]
    assert incidents == []


@pytest.fixture
def without_torch(tmp_path):
    """Variables for a command that finds no PyTorch."""
    (tmp_path / "guard").mkdir()
    (tmp_path / "guard" / "sitecustomize.py").write_text("import sys\nsys.modules['torch'] = None\n")
    return {"PYTHONPATH": str(tmp_path / "guard")}


def test_a_grader_without_a_framework_says_so_and_gives_no_zero(course, without_torch):
    course.submit("ann", LESSON, solved(LESSON))
    course.submit("ann", "01-images-and-padding", released("01-images-and-padding"))
    ran = course.autograder("grade", "--jobs", "1", "--no-feedback", **without_torch)
    assert ran.returncode == 1
    record = course.record("ann", LESSON)
    assert (record["state"], record["points"]) == (FAILED, None)
    assert record["reason"] == (
        "line_detector is written with PyTorch, which the grader does not have: install it beside the grader "
        "(pip install torch), and grade again"
    )
    assert record["reason"] in ran.stdout
    assert course.record("ann", "01-images-and-padding")["state"] == "graded"


def test_what_needs_no_framework_is_checked_without_one(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    source = "def same_padding(n, f, stride):\n    return 0, 0\n"
    assert grade_functions(source, [EXERCISES["same_padding"]], 1).max_points == 2
    with pytest.raises(SubmissionError, match="line_detector is written with PyTorch"):
        grade_functions(source, [EXERCISES["same_padding"], EXERCISES["line_detector"]], 1)
