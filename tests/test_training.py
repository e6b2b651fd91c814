"""The network of lesson 09 learns to read digits, whatever number it begins with."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
import torch
from convlab import network, torch_network
from convlab.digits import FILE, digits
from training import TRUSTED, students_functions, trained


@pytest.fixture(autouse=True)
def not_graded(monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)


def test_the_network_reads_digits_after_the_lessons_training():
    names = trained(1, TRUSTED)
    assert names["tested"] >= 0.97
    assert names["curves"].tested[-1] == names["tested"]
    assert len(names["curves"].tested) == names["epochs"] == 10
    assert np.mean(names["curves"].costs[-90:]) < 0.1 < 1.5 < names["curves"].costs[0]


def test_students_loops_train_it_as_right_functions_do():
    """One epoch in loops: the same arithmetic, rounded in another order."""
    loops, trusted = (trained(2, mine, epochs=1) for mine in (students_functions(), TRUSTED))
    for name, value in trusted["parameters"].items():
        np.testing.assert_allclose(loops["parameters"][name], value, rtol=1e-6, atol=1e-8)


@pytest.mark.slow
def test_it_learns_from_any_of_ten_beginnings():
    reached = [trained(seed, TRUSTED)["tested"] for seed in range(10)]
    assert min(reached) >= 0.95, reached
    assert np.mean(reached) >= 0.97, reached


def test_a_graded_run_does_not_train(monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    names = trained(1, TRUSTED)
    assert names["epochs"] == 0
    assert names["batches"] == []


def test_the_digits_are_those_of_the_data_set():
    """The file is byte for byte what scikit-learn ships; its digits are split once and for all."""
    assert hashlib.sha256(FILE.read_bytes()).hexdigest().startswith("09f66e6debdee2cd")
    train, test = digits()
    assert (train.images.shape, test.images.shape) == ((1437, 8, 8, 1), (360, 8, 8, 1))
    both = np.concatenate([train.images, test.images]) * 16
    assert np.array_equal(both, both.round())
    assert (both.min(), both.max()) == (0, 16)
    counts = np.bincount(np.concatenate([train.labels, test.labels]))
    assert counts.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]  # as the data set's page has them
    assert np.bincount(test.labels).min() > 25


def test_dense_layer_and_cost_are_those_of_pytorch():
    rng = np.random.default_rng(3)
    A, W, b = rng.normal(size=(4, 2, 3, 2)), rng.normal(size=(12, 5)), rng.normal(size=(1, 5))
    labels = np.array([0, 4, 2, 2])
    scores, cache = network.dense_forward(A, W, b)
    cost, dscores = network.cross_entropy(scores, labels)
    given = [torch.tensor(one, requires_grad=True) for one in (A, W, b)]
    theirs = given[0].flatten(1) @ given[1] + given[2]
    theirs.retain_grad()
    loss = torch.nn.functional.cross_entropy(theirs, torch.tensor(labels))
    loss.backward()
    assert cost == pytest.approx(loss.item())
    np.testing.assert_allclose(dscores, theirs.grad)
    for ours, one in zip(network.dense_backward(dscores, cache), given, strict=True):
        np.testing.assert_allclose(ours, one.grad, atol=1e-12)


def test_softmax_stands_large_scores():
    probabilities = network.softmax(np.array([[1000.0, 999.0], [-1000.0, 0.0]]))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1)
    assert probabilities[0, 0] == pytest.approx(1 / (1 + np.exp(-1)))


def test_the_network_in_pytorch_is_the_same_network():
    """The same scores from the same parameters, and after training the same digits read."""
    names = trained(4, TRUSTED, epochs=1)
    model = torch_network.model_of(names["parameters"])
    test = names["test"]
    ours, _ = names["network_forward"](test.images, names["parameters"])
    with torch.no_grad():
        theirs = model(torch.tensor(test.images.transpose(0, 3, 1, 2))).numpy()
    np.testing.assert_allclose(ours, theirs, atol=1e-9)


def test_the_comparison_with_pytorch_is_printed(capsys):
    names = trained(4, TRUSTED, epochs=1)
    compared = [names[name] for name in ("beginning", "batches", "learning_rates", "momentum", "train", "test")]
    torch_network.compare(*compared, (12.3, names["tested"]))
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    (ours,), (theirs,) = ([line for line in lines if line[:1] == [name]] for name in ("yours", "PyTorch"))
    assert ours == ["yours", "12.3", f"{names['tested']:.1%}"]
    assert abs(float(theirs[2].rstrip("%")) - 100 * names["tested"]) < 1


def test_without_pytorch_the_comparison_says_how_to_install_it(capsys, monkeypatch):
    monkeypatch.setattr(torch_network, "find_spec", lambda name: None)
    train, test = digits()
    torch_network.compare({}, [np.arange(3)], [0.1], 0.9, train, test, (1.0, 0.9))
    assert 'pip install "torch"' in capsys.readouterr().out
