"""All there is about grading `layer_table`: what each layer of a network makes, and how many numbers it learns."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from convlab.compare import Difference, as_array, difference, kind_of
from convlab.networks import NETWORKS, Layer, average_pool, conv, dense, described, flatten, max_pool

from autograder.exercise import VISIBLE, Aspect, Case, Criterion, Exercise, Reply, Wrong, untouched, whole

FORMULA = "The table has a tuple (output_shape, parameters) for each layer, in their order; the total comes second."
SHAPE, PARAMETERS = 0, 1


def _odd(rng: np.random.Generator, low: int, high: int) -> int:
    """An odd number from ``low`` (odd) to ``high``."""
    return 2 * int(rng.integers(low // 2, (high + 1) // 2)) + 1


def draw(rng: np.random.Generator) -> dict[str, list[Case]]:
    """Groups of cases by what they look at: images that are wider than high, and layers with numbers of their own."""

    def case(note: str, *layers: Layer, rows: int = 12, columns: int = 17, channels: int = 3) -> Case:
        # Twelve more of both at a time: what is left over by strides of 2 and 3, one after the other, stays.
        more = 12 * int(rng.integers(0, 3))
        return Case(((rows + more, columns + more, channels), list(layers)), note)

    few, some, many = (int(rng.integers(4 * i, 4 * i + 4)) for i in (1, 2, 3))
    small, large = _odd(rng, 5, 9), _odd(rng, 19, 31)
    return {
        VISIBLE: [
            case("one convolution", conv(some, 3)),
            case("two convolutions", conv(few, 3), conv(many, 5), channels=1),
            case("same padding, max pooling and no bias", conv(few, 5, 1, "same", False), max_pool(3), conv(some, 3)),
            case("strides of 2 that leave a column over", conv(few, 4, 2), conv(some, 2, 1, "same"), average_pool(2)),
            case(
                "a whole network",
                conv(few, 3, 1, "same"),
                max_pool(2),
                conv(many, 3),
                average_pool(3, 2, "same"),
                flatten(),
                dense(large),
                dense(small),
                rows=18,
                columns=23,
            ),
        ],
        "valid": [
            case("stride 3, two rows and a column left over", conv(some, 4, 3), rows=15, columns=17),
            case("two convolutions, one after the other", conv(some, 3), conv(few, 5, 2)),
        ],
        "weights": [case("a convolution of images with three channels, and another", conv(few, 3), conv(many, 5))],
        "no bias": [
            case("a convolution without biases", conv(some, 5, bias=False), channels=1),
            case("a dense layer without biases", flatten(), dense(large), dense(small, bias=False), channels=2),
        ],
        "same": [
            case("same padding, 3×3", conv(some, 3, 1, "same"), channels=1),
            case("same padding, 4×4", conv(some, 4, 1, "same"), channels=1),
        ],
        "same with a stride": [
            case("same padding at stride 2, an odd width", conv(some, 3, 2, "same"), channels=1),
            case("same padding at stride 3", conv(some, 5, 3, "same"), rows=13, columns=17, channels=1),
        ],
        "pooling": [
            case("2×2 windows side by side, a column left over", max_pool(2)),
            case("windows that overlap", average_pool(3, 2), rows=13, columns=16),
            case("pooling with same padding", average_pool(2, 2, "same")),
        ],
        "pooling learns nothing": [case("a pooling layer between others", conv(some, 3), max_pool(2), average_pool(3))],
        "flatten": [case("a volume that becomes a vector", flatten(), rows=6, columns=7, channels=few)],
        "dense": [case("dense layers one after the other", flatten(), dense(large), dense(small), dense(2))],
        "total": [case("pooling between convolutions", conv(few, 3), max_pool(2), conv(some, 3))],
        "untouched": [case("one layer, looking at the arguments", conv(some, 1), channels=1)],
        "together": [
            case(
                "all kinds of layers",
                conv(few, 4, 2, "same"),
                conv(many, 3, 1, "valid", False),
                max_pool(3, 2),
                average_pool(2, 1, "same"),
                flatten(),
                dense(large, bias=False),
                dense(small),
                rows=30,
                columns=41,
            )
        ],
    }


def published() -> list[Case]:
    """The networks of the lesson, and two small ones that they leave something out of."""
    return [
        Case(((6, 8, 3), [conv(4, 3)]), "the example on paper: 4 filters of 3×3×3"),
        Case(
            ((9, 12, 1), [conv(4, 4, 2, "same"), max_pool(3, 2), average_pool(2, 1, "same"), conv(5, 2, 1, "same")]),
            "strides, pooling windows that overlap, and same padding of all kinds",
        ),
        Case(((7, 9, 2), [conv(3, 3, 3), flatten(), dense(5, bias=False)]), "rows left over, and no bias at the end"),
        *(Case(NETWORKS[letter], f"network {letter}") for letter in "CDABE"),
    ]


def _both_parts(answer: Any) -> bool:
    """Whether an answer is (table, total), or the table alone, where the total was forgotten."""
    return (
        isinstance(answer, tuple | list)
        and len(answer) == 2
        and isinstance(answer[0], tuple | list | np.ndarray)
        and ((total := as_array(answer[1])) is not None and total.size == 1)
    )


def _rows(reply: Reply, case: Case) -> Any:
    """The student's rows, one for each layer, or the `Difference` that keeps them from being that."""
    table, count = reply.answer[0] if _both_parts(reply.answer) else reply.answer, len(case.args[1])
    if not isinstance(table, tuple | list):
        return Difference("type", f"The function should return (table, total), and the table is {kind_of(table)}.")
    if len(table) == count and all(isinstance(row, tuple | list) and len(row) == 2 for row in table):
        return table
    what = kind_of(table) if len(table) != count else f"a {type(table).__name__} of other things"
    return Difference("type", f"the table should have {count} tuples (output_shape, parameters), and is {what}.")


def _column(column: int, name: str, last: int | None = None) -> Aspect:
    """One column of the table is right, the shapes or the numbers of parameters, in the ``last`` rows or in all."""

    def look(case: Case, expected: Any, reply: Reply) -> Difference | None:
        rows = _rows(reply, case)
        if isinstance(rows, Difference):
            return rows
        layers = list(enumerate(case.args[1]))
        for place, layer in layers[-last:] if last else layers:
            what = f"layer {place + 1} ({described(layer)}): {name}"
            if found := difference(rows[place][column], expected[0][place][column], what):
                return found
        return None

    return look


_shapes, _parameters = _column(SHAPE, "the output shape"), _column(PARAMETERS, "the number of parameters")


def _both(case: Case, expected: Any, reply: Reply) -> Difference | None:
    return _shapes(case, expected, reply) or _parameters(case, expected, reply)


def _total(case: Case, expected: Any, reply: Reply) -> Difference | None:
    """The total is right, or that of the student's own table: a slip in a row costs its own points only."""
    rows = _rows(reply, case)
    if isinstance(rows, Difference):
        return rows
    if not _both_parts(reply.answer):
        return Difference("type", "The function should return two values, the table and the total.")
    own = as_array([row[PARAMETERS] for row in rows])
    found = difference(reply.answer[1], expected[1], "the total")
    consistent = found and own is not None and own.sum() > 0 and not difference(reply.answer[1], int(own.sum()))
    return None if consistent else found


CRITERIA = (
    Criterion(
        "convolution: shapes",
        0.25,
        "valid",
        _shapes,
        'The output shape of convolutions with padding "valid", whatever the stride',
        "Height and width come from the formula of lesson 03, each from its own; the channels are as many as filters.",
    ),
    Criterion(
        "convolution: parameters",
        0.5,
        "weights",
        _parameters,
        "The weights of a convolution, and its biases",
        "One filter is as deep as the volume it looks at. Count its numbers, add its bias, and count the filters.",
    ),
    Criterion(
        "no bias",
        0.25,
        "no bias",
        _column(PARAMETERS, "the number of parameters", last=1),
        'Layers with "bias": False',
        'Look at what `layer["bias"]` says before you add biases, for dense layers too.',
    ),
    Criterion(
        "same padding",
        0.25,
        "same",
        _shapes,
        'Padding "same" at stride 1, with filters of odd and of even size',
        "At stride 1 nothing changes height and width, which is why it is called same.",
    ),
    Criterion(
        "same padding with a stride",
        0.25,
        "same with a stride",
        _shapes,
        'Padding "same" at strides of 2 and 3',
        "Same padding makes up for the filter, not for the stride: divide by it, and round up.",
    ),
    Criterion(
        "pooling: shapes",
        0.25,
        "pooling",
        _shapes,
        "The output shape of pooling layers: windows side by side or not, with padding of both kinds",
        "Use the same formula as for a convolution without padding; f is the window, and the channels stay.",
    ),
    Criterion(
        "pooling: parameters",
        0.25,
        "pooling learns nothing",
        _column(PARAMETERS, "the number of parameters", last=2),
        "Pooling layers have no parameters",
        "Ask of every number in a pooling layer whether it is learned.",
    ),
    Criterion(
        "flatten",
        0.25,
        "flatten",
        _both,
        "A flatten layer hands on every number of the volume and learns none",
        "Count the numbers of the volume: rows times columns times channels.",
    ),
    Criterion(
        "dense",
        0.25,
        "dense",
        _column(PARAMETERS, "the number of parameters", last=2),
        "The weights of a dense layer, and its biases",
        "Each unit has a weight for every number that comes in, and a bias.",
    ),
    Criterion(
        "total",
        0.25,
        "total",
        _total,
        "The sum of the parameters in the table, returned beside it",
        "`return table, total` hands back both.",
    ),
    Criterion(
        "arguments left alone",
        0.25,
        "untouched",
        untouched(_shapes, "the input shape and the layers"),
        "The input shape and the layers are the same after the call",
        "Read a dict with square brackets; `pop`, `remove` and assignments to `layer[...]` change what is not yours.",
    ),
    Criterion(
        "together",
        0.25,
        "together",
        whole("the table", "the total"),
        "A network with every kind of layer",
        "Print your table beside the layers and read it row by row: the first wrong row is where to look.",
    ),
)

Function = Callable[..., Any]


def _size(n: int, layer: Layer) -> Any:
    """Height or width after a convolution or a pooling layer."""
    if layer["padding"] == "same":
        return math.ceil(n / layer["stride"])
    return (n - layer["f"]) // layer["stride"] + 1


def _read(
    input_shape: Any,
    layers: Any,
    *,
    size: Function = _size,
    pool_size: Function | None = None,
    height_and_width: Function = lambda n_H, n_W: (n_H, n_W),
    filters: Function = lambda layer, n_C: layer["filters"],
    pool_channels: Function = lambda n_C: n_C,
    weights: Function = lambda layer, n_C: layer["f"] ** 2 * n_C,
    conv_parameters: Function = lambda one, biases, filters, before, after: one * filters + biases,
    biases: Function = lambda layer, count: count if layer["bias"] else 0,
    dense_biases: Function | None = None,
    pool_parameters: Function = lambda layer, n_C: 0,
    flat: Function = lambda n_H, n_W, n_C: n_H * n_W * n_C,
    flat_parameters: Function = lambda n, units: 0,
    dense_weights: Function = lambda n, units: n * units,
    read: Function = lambda layer: layer,
    hand_on: Function = lambda shape, input_shape: shape,
    row: Function = lambda shape, parameters: (shape, parameters),
    add_up: Function = lambda counts: sum(counts),
    result: Function = lambda table, total: (table, total),
) -> Any:
    """The table in plain loops; right, but for what is put in place of a default."""
    shape, table, counts = tuple(input_shape), [], []
    for given in layers:
        layer, parameters, before = read(given), 0, shape
        if layer["type"] == "flatten":
            shape = (flat(*shape),)
            parameters = flat_parameters(shape[0], 1)
        elif layer["type"] == "dense":
            units = layer["units"]
            parameters = dense_weights(shape[0], units) + (dense_biases or biases)(layer, units)
            shape = (units,)
        elif layer["type"] == "conv":
            n_H, n_W = height_and_width(size(shape[0], layer), size(shape[1], layer))
            count = filters(layer, shape[2])
            one = weights(layer, shape[2])
            shape = (n_H, n_W, count)
            parameters = conv_parameters(one, biases(layer, layer["filters"]), layer["filters"], before, shape)
        else:
            n_H, n_W = height_and_width(*((pool_size or size)(n, layer) for n in shape[:2]))
            parameters = pool_parameters(layer, shape[2])
            shape = (n_H, n_W, pool_channels(shape[2]))
        table.append(row(shape, parameters))
        counts.append(parameters)
        shape = hand_on(shape, input_shape)
    return result(table, add_up(counts))


def _reads(**changes: Any) -> Function:
    return partial(_read, **changes)


def _valid_only(size: Function) -> Function:
    """A mistake in the size of layers with padding "valid" alone."""
    return lambda n, layer: size(n, layer) if layer["padding"] == "valid" else _size(n, layer)


def _same_only(size: Function) -> Function:
    """A mistake in the size of layers with padding "same" alone."""
    return lambda n, layer: size(n, layer) if layer["padding"] == "same" else _size(n, layer)


def _emptied(layer: Layer) -> Layer:
    return {key: layer.pop(key) for key in list(layer)}


def _as_if_padded(n: int, layer: Layer) -> int:
    pad = (layer["f"] - 1) // 2
    return int((n - layer["f"] + 2 * pad) // layer["stride"] + 1)


WRONG = (
    Wrong(
        "filters-for-each-channel",
        _reads(filters=lambda layer, n_C: layer["filters"] * n_C),
        "Your convolutions have filters times channels outputs, so that 64 filters on 32 channels give 2048. A filter "
        "is as deep as its input and sums over all channels: it makes one feature map.",
    ),
    Wrong(
        "channels-stay",
        _reads(filters=lambda layer, n_C: n_C),
        "Your convolutions keep the number of channels. Each filter makes one feature map: how many are there?",
    ),
    Wrong(
        "filters-without-depth",
        _reads(weights=lambda layer, n_C: layer["f"] ** 2),
        "Your filters are flat, f×f. A filter looks at all channels of its input at once, so it has f×f weights for "
        "each of them.",
    ),
    Wrong(
        "depth-of-the-image",
        _reads(weights=lambda layer, n_C: layer["f"] ** 2 * 3),
        "All your filters are 3 deep, as for an RGB image. Only the first layer sees the image: how deep is the "
        "volume that this layer is given?",
    ),
    Wrong(
        "side-not-squared",
        _reads(weights=lambda layer, n_C: layer["f"] * n_C),
        "Your filters have f weights for each channel. They are f rows high and f columns wide.",
    ),
    Wrong(
        "conv-bias-forgotten",
        _reads(biases=lambda layer, count: 0, dense_biases=lambda layer, count: count if layer["bias"] else 0),
        "Your convolutions have no biases. Each filter has one number more, which is added to its sums.",
    ),
    Wrong(
        "dense-bias-forgotten",
        _reads(dense_biases=lambda layer, count: 0),
        "Your dense layers have no biases. Each unit has one number more, which is added to its sum.",
    ),
    Wrong(
        "biases-forgotten",
        _reads(biases=lambda layer, count: 0),
        "You count weights alone. Each filter, and each unit of a dense layer, has a bias too where the layer has any.",
    ),
    Wrong(
        "bias-always-added",
        _reads(biases=lambda layer, count: count),
        'You add biases where there are none. What does `layer["bias"]` say?',
    ),
    Wrong(
        "bias-once-a-layer",
        _reads(biases=lambda layer, count: int(layer["bias"])),
        "You add one bias for the layer. There is one for each filter, and in a dense layer for each unit.",
    ),
    Wrong(
        "bias-for-each-weight",
        _reads(conv_parameters=lambda one, biases, filters, before, after: one * (filters + biases)),
        "Your convolutions have a bias for each weight. A filter adds a single bias to its whole sum.",
    ),
    Wrong(
        "times-output-size",
        _reads(
            conv_parameters=lambda one, biases, filters, before, after: (one * filters + biases) * after[0] * after[1]
        ),
        "Your convolutions have weights of their own for each place. The same filter visits all places, so the number "
        "of its weights depends on no image size.",
    ),
    Wrong(
        "times-input-size",
        _reads(
            conv_parameters=lambda one, biases, filters, before, after: one * filters * before[0] * before[1] + biases
        ),
        "Your parameters depend on the height and width of the image. Count the numbers in the filters: does a larger "
        "image change any?",
    ),
    Wrong(
        "same-at-every-stride",
        _reads(size=_same_only(lambda n, layer: n)),
        'With "same" your sizes stay whatever the stride. It makes up for the filter alone: a stride of 2 still '
        "visits every second place.",
    ),
    Wrong(
        "same-rounded-down",
        _reads(size=_same_only(lambda n, layer: n // layer["stride"])),
        'With "same" you round down. The window begins at the first pixel, the next a stride further, as long as there '
        "are pixels left: round up.",
    ),
    Wrong(
        "same-read-as-valid",
        _reads(size=lambda n, layer: (n - layer["f"]) // layer["stride"] + 1),
        'You treat "same" as "valid". With it the image is padded so that at stride 1 the size does not change.',
    ),
    Wrong(
        "same-as-half-the-filter",
        _reads(size=_same_only(_as_if_padded)),
        "You pad with (f - 1)//2 on both sides, which is right for odd f. Where f is even one more pixel goes to one "
        "side: there is a formula for the output that needs no f.",
    ),
    Wrong(
        "valid-read-as-same",
        _reads(size=lambda n, layer: math.ceil(n / layer["stride"])),
        'You treat "valid" as "same". Without padding a window has to lie inside: where does f come in?',
    ),
    Wrong(
        "stride-forgotten",
        _reads(size=lambda n, layer: _size(n, {**layer, "stride": 1})),
        "Your sizes depend on no stride. A window that moves 2 pixels at a time has half as many places.",
    ),
    Wrong(
        "valid-rounded-up",
        _reads(size=_valid_only(lambda n, layer: math.ceil((n - layer["f"]) / layer["stride"]) + 1)),
        "Without padding you count a last window that sticks out. Look at how the division is rounded.",
    ),
    Wrong(
        "valid-plus-one-forgotten",
        _reads(size=_valid_only(lambda n, layer: (n - layer["f"]) // layer["stride"])),
        "Your sizes without padding are one too small: the place where the window starts counts too.",
    ),
    Wrong(
        "pool-size-as-output",
        _reads(pool_size=lambda n, layer: layer["f"]),
        "Your pooling layers give f×f, whatever comes in. That is the window: the output has an entry for each place "
        "where it lies.",
    ),
    Wrong(
        "pool-always-halves",
        _reads(pool_size=lambda n, layer: n // 2),
        "Your pooling layers always halve the size. That is so for f = 2 and stride 2 on even sizes only.",
    ),
    Wrong(
        "pool-stride-forgotten",
        _reads(pool_size=lambda n, layer: _size(n, {**layer, "stride": layer["f"]})),
        'Your pooling windows always lie side by side. Their step is `layer["stride"]`, which may be another than f.',
    ),
    Wrong(
        "pool-never-padded",
        _reads(pool_size=lambda n, layer: _size(n, {**layer, "padding": "valid"})),
        'Your pooling layers ignore their padding. "same" means for them what it means for a convolution.',
    ),
    Wrong(
        "pool-mixes-channels",
        _reads(pool_channels=lambda n_C: 1),
        "Your pooling layers give one channel. Pooling looks at each channel by itself: as many come out as go in.",
    ),
    Wrong(
        "pool-has-weights",
        _reads(pool_parameters=lambda layer, n_C: layer["f"] ** 2 * n_C),
        "Your pooling layers have parameters. A maximum and a mean need none: there is nothing to learn in them.",
    ),
    Wrong(
        "pool-counted-as-convolution",
        _reads(pool_parameters=lambda layer, n_C: layer["f"] ** 2 * n_C * n_C + n_C),
        "You count a pooling layer as if it had filters. It has a window and a rule, and nothing to learn.",
    ),
    Wrong(
        "pool-has-a-bias",
        _reads(pool_parameters=lambda layer, n_C: n_C),
        "Your pooling layers have a bias for each channel. They add nothing: a maximum stays what it is.",
    ),
    Wrong(
        "flat-without-channels",
        _reads(flat=lambda n_H, n_W, n_C: n_H * n_W),
        "Your flatten hands on one channel. All numbers of the volume become one vector: where are the other channels?",
    ),
    Wrong(
        "flat-with-one-side",
        _reads(flat=lambda n_H, n_W, n_C: n_H * n_H * n_C),
        "Your flatten takes the height for the width. Squares hide it: try a volume that is wider than high.",
    ),
    Wrong(
        "flat-is-average",
        _reads(flat=lambda n_H, n_W, n_C: n_C),
        "Your flatten keeps one number for each channel, as averaging over the image would. It loses no number.",
    ),
    Wrong(
        "flat-has-weights",
        _reads(flat_parameters=lambda n, units: n),
        "Your flatten has parameters. It only puts the numbers into another order: what could it learn?",
    ),
    Wrong(
        "dense-one-to-one",
        _reads(dense_weights=lambda n, units: units),
        "Your dense layer has one weight for each unit. Every unit has a weight for every number that comes in.",
    ),
    Wrong(
        "dense-added",
        _reads(dense_weights=lambda n, units: n + units),
        "You add inputs and units of a dense layer. Each is connected with each: how many pairs are there?",
    ),
    Wrong(
        "shape-not-handed-on",
        _reads(hand_on=lambda shape, input_shape: tuple(input_shape)),
        "Each of your layers is given the image. A layer is given what the layer before it made: where does the shape "
        "change in your loop?",
    ),
    Wrong(
        "height-and-width-swapped",
        _reads(height_and_width=lambda n_H, n_W: (n_W, n_H)),
        "Height and width have changed places in your shapes. Square images hide it: shapes are (n_H, n_W, n_C).",
    ),
    Wrong(
        "height-used-for-width",
        _reads(height_and_width=lambda n_H, n_W: (n_H, n_H)),
        "Your outputs are square: the width is worked out from the height. Images need not be square.",
    ),
    Wrong(
        "channels-first",
        _reads(
            row=lambda shape, parameters: ((shape[2], shape[0], shape[1]) if len(shape) == 3 else shape, parameters)
        ),
        "Your shapes begin with the channels. In this course they come last: (n_H, n_W, n_C).",
    ),
    Wrong(
        "batch-added",
        _reads(row=lambda shape, parameters: ((1, *shape), parameters)),
        "Your shapes have an axis for the batch. `input_shape` is that of one image, and so are those in the table.",
    ),
    Wrong(
        "row-swapped",
        _reads(row=lambda shape, parameters: (parameters, shape)),
        "The two parts of your rows have changed places: the output shape comes first, then the parameters.",
    ),
    Wrong(
        "last-total-only",
        _reads(add_up=lambda counts: counts[-1]),
        "Your total is the count of the last layer. Add up those of all layers.",
    ),
    Wrong(
        "total-of-layers",
        _reads(add_up=len),
        "Your total is the number of layers. It should be that of all their parameters.",
    ),
    Wrong(
        "total-forgotten",
        _reads(result=lambda table, total: table),
        "You return the table alone. The total comes beside it: return table, total.",
    ),
    Wrong(
        "return-inside-loop",
        _reads(result=lambda table, total: (table[:1], table[0][1])),
        "Your table ends after the first layer. Look at how far `return` is indented.",
    ),
    Wrong(
        "last-row-only",
        _reads(result=lambda table, total: (table[-1:], total)),
        "Your table has the last layer only. Does the list begin anew inside of the loop?",
    ),
    Wrong(
        "layers-emptied",
        _reads(read=_emptied),
        "You take the entries out of the layers, and they are gone for whoever reads them next. Read a dict with "
        "square brackets, not with `pop`.",
    ),
    Wrong(
        "notebook-globals",
        lambda input_shape, layers: _read(*NETWORKS["A"]),
        "Your table is always that of network A. Use the function's own arguments, not variables of the notebook.",
    ),
)

EXERCISE = Exercise(
    name="layer_table",
    lesson="07-read-a-network",
    visible_points=1.25,
    criteria=CRITERIA,
    draw=draw,
    published=published,
    wrong=WRONG,
    returns=("the table", "the total"),
    formula=FORMULA,
)
