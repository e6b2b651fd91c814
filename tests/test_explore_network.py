"""The explorer of lesson 07: receptive fields, weights and volumes are what they are said to be."""

from __future__ import annotations

import json
import random
from xml.etree import ElementTree

import numpy as np
import pytest
import torch
from convlab import explore
from convlab.explore.scene import Choice
from convlab.explore.show import scene_of
from convlab.explore.still import svg
from convlab.explore.volumes import Volume, drawing, told
from convlab.figures import networks
from convlab.networks import NETWORKS

from autograder import solution

EXPLORER = explore._network(solution.layer_table)


@pytest.fixture(autouse=True)
def not_graded(monkeypatch):
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)


def shown(**changes):
    return scene_of(EXPLORER, {**EXPLORER.settings(), **changes})


def panel(scene, name):
    return next(one for one in scene.panels if one.name == name)


def stack_in_torch(settings, at):
    """The chosen layers as PyTorch's, with ones for weights, on one channel: "same" padding by hand."""
    layers = []
    for i in range(1, at + 1):
        kind = settings[f"layer {i}"]
        f, s = (settings["f"], settings["stride"]) if kind == "conv" else (settings["pool f"], settings["pool stride"])
        layers.append((f, s))

    def run(image):
        for f, s in layers:
            n = image.shape[2]
            both = max((-(-n // s) - 1) * s + f - n, 0) if settings["padding"] == "same" else 0
            image = torch.nn.functional.pad(image, [both // 2, both - both // 2] * 2)
            image = torch.nn.functional.conv2d(image, torch.ones(1, 1, f, f, dtype=image.dtype), stride=s)
        return image

    return run


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("f", "stride"), [(3, 1), (2, 1), (5, 1), (3, 2), (4, 3)])
@pytest.mark.parametrize(("pool_f", "pool_stride"), [(2, 2), (3, 2), (3, 1)])
@pytest.mark.parametrize("at", [1, 2, 3])
def test_the_receptive_field_is_where_the_gradient_arrives(padding, f, stride, pool_f, pool_stride, at):
    """PyTorch sends a gradient back from one output: it arrives in just the framed pixels."""
    changes = {
        "input": "28×28×1",
        "padding": padding,
        "f": f,
        "stride": stride,
        "pool f": pool_f,
        "pool stride": pool_stride,
    }
    settings = {**EXPLORER.settings(), **changes, "look at": at}
    scene = scene_of(EXPLORER, settings)
    if scene.message:
        assert "does not fit" in scene.message
        return
    output, window = panel(scene, "output"), panel(scene, "image").window
    image = torch.zeros(1, 1, 28, 28, dtype=torch.float64, requires_grad=True)
    result = stack_in_torch(settings, at)(image)
    assert result.shape[2:] == output.values.shape
    visits = np.zeros((28, 28))
    for row, column in np.ndindex(output.values.shape):
        (gradient,) = torch.autograd.grad(result[0, 0, row, column], image, retain_graph=True)
        sees = gradient[0, 0].numpy() > 0
        visits += sees
        top, left = window.at(row, column)
        framed = np.zeros((28, 28), dtype=bool)
        framed[max(top, 0) : max(top + window.f, 0), max(left, 0) : max(left + window.f, 0)] = True
        assert not (sees & ~framed).any()
        if pool_stride <= pool_f and stride <= f:  # no gaps between windows
            assert np.array_equal(sees, framed)
            assert output.values[row, column] == sees.sum()
    if pool_stride <= pool_f and stride <= f:
        assert np.array_equal(panel(scene, "image").values, visits)


def test_the_weights_of_a_corner_meet_padding():
    scene = shown(padding="same", **{"look at": 1})
    used = panel(scene, "weights used").values
    assert used[0, 0].tolist() == [[0, 0, 0], [0, 3, 3], [0, 3, 3]]
    assert (used[5, 5] == 3).all()
    assert "; 12 of its weights meet no padding" in scene.step_at(0, 0)


def test_a_dense_layer_uses_all_that_comes_in():
    scene = shown(**{"look at": 5})
    assert panel(scene, "weights used").values.ravel().tolist() == [400]
    assert "400 weights and a bias of its own" in scene.sentence
    assert "parameters: (400 + 1)·10, yours 4,010" in scene.formula


def test_a_pooling_layer_uses_no_weights():
    scene = shown(**{"look at": 2})
    assert "weights used" not in [one.name for one in scene.panels]
    assert "uses no weights" in scene.sentence


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"layer 4": "dense 10"}, "Layer 4 is dense and takes a vector, and is given a volume of 5×5×16."),
        ({"layer 5": "conv"}, "Layer 5 is conv and takes a volume, and is given a vector of 400."),
        ({"layer 5": "max pool"}, "Layer 5 is max pool and takes a volume"),
        ({"input": "10×10×3", "f": 5}, "The window of layer 3 (conv) does not fit: f = 5, and it is given only 3×3"),
        ({f"layer {i}": "none" for i in range(1, 6)}, "There is no layer in this stack: choose one."),
    ],
)
def test_impossible_stacks_are_told_in_words(changes, told):
    scene = shown(**changes)
    assert told in scene.message
    if scene.impossible:
        place, layer, shape, _ = scene.stacked()["rows"][-1]
        assert shape == "impossible"
        assert scene.message.lower().count(f"layer {place} ") == 1
        assert layer == scene.impossible
        assert len(scene.volumes) == int(place)


def test_what_is_said_fits_the_room_for_it():
    """Three lines below the figure: with more, the page would move at each step."""
    rng = random.Random(3)
    ways = [
        (one.name, one.options if isinstance(one, Choice) else range(one.least, one.most + 1))
        for one in EXPLORER.controls
    ]
    for _ in range(600):
        scene = shown(**{name: rng.choice(values) for name, values in ways})
        if scene.rows:
            last = next(one for one in scene.panels if one.name == "output").values.shape
            assert len(f"{scene.sentence} {scene.step_at(last[0] - 1, last[1] - 1)}") <= 360, scene.told()


def test_same_padding_makes_small_images_possible():
    assert not shown(input="10×10×3", f=5, padding="same").message


def test_the_table_is_the_students_own():
    def layer_table(input_shape, layers):
        return [((7, 7, 7), 123)] * len(layers), 4567

    scene = scene_of(explore._network(layer_table), {**EXPLORER.settings(), "layer 4": "conv", "layer 5": "none"})
    assert scene.stacked()["rows"][-1] == ["", "total", "", "4,567"]
    assert scene.stacked()["rows"][1] == ["1", "conv 16, 3×3", "(7, 7, 7)", "123"]
    assert "yours 7" in scene.formula


def test_the_network_travels_as_plain_data():
    stacked = shown().stacked()
    assert json.loads(json.dumps(stacked)) == stacked
    assert [row[0] for row in stacked["rows"]] == ["", "1", "2", "3", "4", "5", ""]
    assert stacked["chosen"] == 3


def sizes(text):
    """Height of the front of each volume, in order."""
    return [float(one.get("height")) for one in ElementTree.fromstring(text).iter("{http://www.w3.org/2000/svg}rect")]


def thicknesses(text):
    return [float(one.get("width")) for one in ElementTree.fromstring(text).iter("{http://www.w3.org/2000/svg}rect")]


def test_volumes_are_drawn_to_scale():
    text = drawing([Volume("image", (32, 32, 8)), Volume("a", (16, 16, 16), 3), Volume("b", (8, 8, 32), 4)])
    assert sizes(text) == pytest.approx([sizes(text)[0], sizes(text)[0] / 2, sizes(text)[0] / 4], abs=0.1)
    thin, *_ = thicknesses(text)
    assert thicknesses(text) == pytest.approx([thin, 2 * thin, 4 * thin], abs=0.3)


@pytest.mark.parametrize("letter", NETWORKS)
def test_the_networks_of_the_lesson_fit_into_a_drawing(letter):
    shape, layers = NETWORKS[letter]
    table, _ = solution.layer_table(shape, layers)
    volumes = [Volume("image", shape), *(Volume(layer["type"], *row) for layer, row in zip(layers, table, strict=True))]
    tree = ElementTree.fromstring(drawing(volumes, 1))
    assert tree.get("aria-label") == told(volumes)
    assert len(list(tree)) == len(volumes)
    assert all(0 < size <= 90 for size in sizes(drawing(volumes)))


def test_a_still_shows_the_volumes_above_the_matrices():
    tree = ElementTree.fromstring(svg(shown()))
    texts = [one.text for one in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert "7×7×16" in texts
    assert "weights used" in texts


@pytest.mark.parametrize("letter", NETWORKS)
def test_a_network_is_printed_where_there_is_no_notebook(letter, capsys):
    networks.show_network(solution.layer_table, letter)
    printed = capsys.readouterr().out
    assert f"{solution.layer_table(*NETWORKS[letter])[1]:,}" in printed
    assert printed.startswith("image")


def test_what_pooling_saves_is_told(capsys):
    networks.show_savings(solution.layer_table)
    printed = capsys.readouterr().out
    assert "25,690,368 in network E" in printed
    assert "295,168 after three pooling layers" in printed


@pytest.mark.parametrize("figure", [lambda f: networks.show_network(f, "A"), networks.show_savings])
def test_figures_wait_for_the_function(figure, capsys):
    def layer_table(input_shape, layers):
        raise NotImplementedError

    figure(layer_table)
    assert capsys.readouterr().out == "layer_table is not written yet: this picture appears when it is.\n"
    figure(lambda input_shape, layers: None)
    assert "There is no picture of what" in capsys.readouterr().out
