"""Networks A to E as Keras reports them: the trusted `layer_table` and the lesson's own solution say the same."""

from __future__ import annotations

import importlib
import sys

import numpy as np
import pytest
from convlab.networks import NETWORKS, average_pool, conv, dense, described, flatten, max_pool
from hypothesis import given, settings
from hypothesis import strategies as st
from mutation.survive import defined, solution_source

from autograder import solution

#: As the course tells them: total, and some of the rows (output shape, parameters) by their place.
TOLD = {
    "A": (122_570, {0: ((30, 30, 32), 896), 2: ((13, 13, 64), 18_496), 4: ((4, 4, 64), 36_928), 6: ((64,), 65_600)}),
    "B": (421_642, {0: ((28, 28, 32), 320), 2: ((14, 14, 64), 18_496), 4: ((3136,), 0), 5: ((128,), 401_536)}),
    "C": (18_816, {0: ((26, 26, 32), 320), 1: ((24, 24, 64), 18_496)}),
    "D": (53_600, {0: ((24, 24, 32), 2_400), 1: ((20, 20, 64), 51_200)}),
    "E": (25_785_610, {2: ((28, 28, 128), 73_856), 3: ((100_352,), 0), 4: ((256,), 25_690_368), 5: ((10,), 2_570)}),
}
FUNCTIONS = {"trusted": solution.layer_table, "lesson": defined("layer_table", solution_source("layer_table"))}
each_function = pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
each_network = pytest.mark.parametrize("letter", NETWORKS)
pytestmark = pytest.mark.xdist_group("keras")  # importing a framework takes longer than all else here


@pytest.fixture(scope="module")
def keras():
    """Keras, on PyTorch, unless it is loaded already."""
    if "keras" not in sys.modules:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("KERAS_BACKEND", "torch")
            return importlib.import_module("keras")
    return sys.modules["keras"]


def reported(keras, input_shape, layers):
    """The table as Keras has it."""
    kinds = {"max_pool": keras.layers.MaxPooling2D, "average_pool": keras.layers.AveragePooling2D}
    model = keras.Sequential([keras.Input(input_shape)])
    for layer in layers:
        more = {key: layer[key] for key in ("padding",) if key in layer}
        if layer["type"] == "conv":
            size = (layer["f"], layer["f"])
            made = keras.layers.Conv2D(layer["filters"], size, strides=layer["stride"], use_bias=layer["bias"], **more)
        elif layer["type"] == "dense":
            made = keras.layers.Dense(layer["units"], use_bias=layer["bias"])
        elif layer["type"] == "flatten":
            made = keras.layers.Flatten()
        else:
            made = kinds[layer["type"]]((layer["f"], layer["f"]), strides=layer["stride"], **more)
        model.add(made)
    return [(tuple(one.output.shape[1:]), one.count_params()) for one in model.layers], model.count_params()


@each_network
@each_function
def test_networks_are_as_the_course_tells_them(letter, function):
    table, total = function(*NETWORKS[letter])
    told, rows = TOLD[letter]
    assert total == told == sum(count for _, count in table)
    assert {place: tuple(table[place]) for place in rows} == rows


@each_network
@each_function
def test_networks_are_as_keras_reports_them(keras, letter, function):
    table, total = function(*NETWORKS[letter])
    assert (list(map(tuple, table)), total) == reported(keras, *NETWORKS[letter])


def random_network(rng):
    """A network with sizes that strides do not divide, windows that overlap, and layers of every kind."""
    layers = []
    for _ in range(rng.integers(1, 4)):
        f, stride = (int(n) for n in rng.integers(1, 5, 2))
        padding = str(rng.choice(["valid", "same"]))
        layers += [
            conv(int(rng.integers(1, 6)), f, stride, padding, bool(rng.integers(2))),
            max_pool(f, stride, padding),
            average_pool(stride, f, padding),
        ][int(rng.integers(3)) :][:1]
    if rng.integers(2):
        layers += [flatten(), dense(int(rng.integers(1, 6)), bool(rng.integers(2))), dense(3)]
    return (int(rng.integers(64, 90)), int(rng.integers(64, 90)), int(rng.integers(1, 4))), layers


@each_function
def test_random_networks_are_as_keras_reports_them(keras, function):
    rng = np.random.default_rng(7)
    for _ in range(25):
        shape, layers = random_network(rng)
        table, total = function(shape, layers)
        assert (list(map(tuple, table)), total) == reported(keras, shape, layers), (shape, layers)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), n_H=st.integers(70, 200), n_W=st.integers(70, 200))
def test_parameters_before_the_flatten_do_not_depend_on_the_image(seed, n_H, n_W):
    shape, layers = random_network(np.random.default_rng(seed))
    count = next((place for place, layer in enumerate(layers) if layer["type"] == "flatten"), len(layers))
    one, _ = solution.layer_table(shape, layers[:count])
    other, _ = solution.layer_table((n_H, n_W, shape[2]), layers[:count])
    assert [parameters for _, parameters in one] == [parameters for _, parameters in other]


@pytest.mark.parametrize(
    ("input_shape", "layers", "why"),
    [
        ((6, 6), [], r"must be \(n_H, n_W, n_C\)"),
        ((6, 0, 3), [], "at least 1"),
        ((6, 6, 3), [{"filters": 3}], 'with the key "type"'),
        ((6, 6, 3), [{"type": "pool"}], "must be"),
        ((6, 6, 3), [dense(3)], "put a flatten before it"),
        ((6, 6, 3), [flatten(), conv(2, 3)], "takes a volume"),
        ((6, 6, 3), [flatten(), max_pool(2)], "takes a volume"),
        ((6, 6, 3), [conv(2, 7)], "does not fit"),
        ((6, 6, 3), [{**conv(2, 3), "padding": "full"}], "padding"),
        ((6, 6, 3), [{**conv(2, 3), "stride": 0}], "at least 1"),
        ((6, 6, 3), [{**conv(2, 3), "filters": 2.5}], "whole number"),
        ((6, 6, 3), [{"type": "max_pool", "f": 2, "stride": 2}], 'the key "padding"'),
    ],
)
def test_what_makes_no_network_is_told(input_shape, layers, why):
    with pytest.raises(ValueError, match=why):
        solution.layer_table(input_shape, layers)


def test_same_padding_needs_no_fit():
    assert solution.layer_table((2, 3, 1), [conv(1, 5, 2, "same"), max_pool(4, padding="same")])[0] == [
        ((1, 2, 1), 26),
        ((1, 1, 1), 0),
    ]


def test_layers_are_described_in_words():
    assert described(conv(32, 3)) == "conv 32, 3×3"
    assert described(conv(8, 5, 2, "same", False)) == "conv 8, 5×5, stride 2, same, no bias"
    assert described(average_pool(3, 2)) == "average pool, 3×3, stride 2"
    assert [described(layer) for layer in (max_pool(2), flatten(), dense(10))] == [
        "max pool, 2×2",
        "flatten",
        "dense 10",
    ]
