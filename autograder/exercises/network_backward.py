"""Grading ``network_backward``: the four layers once more, from the last to the first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from convlab.compare import Difference
from convlab.network import dense_backward

from autograder import solution
from autograder.exercise import VISIBLE, Aspect, Case, Criterion, Exercise, Reply, Wrong, untouched, whole
from autograder.exercises import network_forward
from autograder.exercises.drawing import normal


def _case(forward: Case, dscores: Any) -> Case:
    """The way back of a case of `network_forward`."""
    return Case((dscores, solution.network_forward(*forward.args)[1]), forward.note)


def draw(rng: np.random.Generator) -> Mapping[str, list[Case]]:
    """Return the groups of cases, with fresh numbers."""

    def case(note: str, images: tuple[int, int, int, int], n_C: int = 2, n_classes: int = 3) -> Case:
        forward = network_forward.case(rng, note, images, n_C, n_classes)
        return _case(forward, normal(rng, images[0], n_classes))

    return {
        VISIBLE: [case("two images of 6×7 pixels", (2, 6, 7, 1))],
        "gradients": [
            case("two images of 6×8 pixels", (2, 6, 8, 1)),
            case("three images of 7×6 pixels with two channels", (3, 7, 6, 2), 3, 4),
        ],
        "untouched": [case("looking at the arguments after the call", (2, 8, 6, 1))],
    }


def published() -> list[Case]:
    """Return the way back of the examples of `network_forward`."""
    whole_numbers, images = network_forward.published()
    return [
        _case(whole_numbers, np.array([[1.0, -1.0]])),
        _case(images, normal(np.random.default_rng(10), 2, 4)),
    ]


def gradients(*names: str) -> Aspect:
    """The gradients of these parameters are right, whatever the others are."""

    def look(case: Case, expected: Any, reply: Reply) -> Difference | None:
        if not isinstance(reply.answer, dict):
            return whole("the result")(case, expected, reply)
        missing = [name for name in names if name not in reply.answer]
        if missing:
            return Difference("values", f'the gradient of {missing[0]} is not in the dict, by the key "{missing[0]}".')
        looks = (
            whole(f"the gradient of {name}")(case, expected[name], Reply(reply.answer[name], untouched=reply.untouched))
            for name in names
        )
        return next((found for found in looks if found), None)

    return look


CRITERIA = (
    Criterion(
        "dense layer",
        0.25,
        "gradients",
        gradients("W2", "b2"),
        "The gradients of W2 and b2",
        "The dense layer was the last one, so it comes first: `dense_backward` gets dscores and the last cache.",
    ),
    Criterion(
        "convolution",
        0.5,
        "gradients",
        gradients("W1", "b1"),
        "The gradients of W1 and b1, through pooling and ReLU",
        "Each backward pass gets the gradient that the one before returned, and the cache of its own layer. Print the "
        "shapes: they are those of the way forward, from the end.",
    ),
    Criterion(
        "arguments left alone",
        0.25,
        "untouched",
        untouched(gradients("W1", "b1", "W2", "b2"), "dscores and the caches"),
        "dscores and the caches are the same after the call",
        "Does one of your layers write into what it is given?",
    ),
)

Function = Callable[..., Any]


def _pooled(dP: Any, cache: Any) -> Any:
    return solution.pool_backward(dP, cache)


def _backward(
    dscores: Any,
    caches: Any,
    *,
    arrives: Function = lambda dscores, caches: dscores,
    pool: Function = _pooled,
    relu: Function = solution.relu_backward,
    answer: Function = lambda **gradients: gradients,
) -> Any:
    """The four layers from the end, right but for what is put in place of a default."""
    of_convolution, of_relu, of_pooling, of_dense = caches
    dP, dW2, db2 = dense_backward(arrives(dscores, caches), of_dense)
    dZ = relu(pool(dP, of_pooling), of_relu)
    _, dW1, db1 = solution.conv_backward(dZ, of_convolution)
    return answer(W1=dW1, b1=db1, W2=dW2, b2=db2)


def _but(**changes: Function) -> Function:
    return partial(_backward, **changes)


def _relu_of_the_gradient(dscores: Any, caches: Any) -> Any:
    return _backward(dscores, caches, relu=lambda dA, cache: dA * (dA > 0))


WRONG = (
    Wrong(
        "relu-left-out",
        _but(relu=lambda dA, cache: dA),
        "The gradient goes past ReLU: what pooling returns has to pass `relu_backward` before the convolution.",
    ),
    Wrong(
        "relu-of-the-gradient",
        _relu_of_the_gradient,
        "You cut off the negative gradients. `relu_backward` looks at Z, which is in its cache, and not at the "
        "gradient.",
    ),
    Wrong(
        "average-pooling",
        _but(pool=lambda dP, cache: solution.pool_backward(dP, cache, "average")),
        'The gradient is spread evenly over each window, but the network took the maximum: mode "max".',
    ),
    Wrong(
        "averaged-again",
        _but(arrives=lambda dscores, caches: dscores / len(dscores)),
        "You divide by the number of images. The cost has done so already, and dscores contains it.",
    ),
    Wrong(
        "summed-scores",
        _but(arrives=lambda dscores, caches: np.ones_like(dscores)),
        "What arrives plays no part in your gradients. The way back begins with dscores.",
    ),
    Wrong(
        "dense-layer-alone",
        _but(answer=lambda W1, b1, **rest: {"W1": np.zeros_like(W1), "b1": np.zeros_like(b1), **rest}),
        "The gradients of W1 and b1 are zero. Go on from the dense layer: pooling, ReLU, convolution.",
    ),
    Wrong(
        "keys-swapped",
        _but(answer=lambda W1, b1, W2, b2: {"W1": W2, "b1": b2, "W2": W1, "b2": b1}),
        "The gradients of the two layers have changed places: W1 and b1 belong to the convolution.",
    ),
    Wrong(
        "keys-with-d",
        _but(answer=lambda **gradients: {f"d{name}": gradient for name, gradient in gradients.items()}),
        'The gradients are right, but the keys are not: they are those of the parameters, "W1", "b1", "W2" and "b2".',
    ),
    Wrong(
        "returned-as-tuple",
        _but(answer=lambda **gradients: tuple(gradients.values())),
        "The gradients are right, but they come as a tuple. Make a dict with the keys of the parameters.",
    ),
    Wrong(
        "step-taken-already",
        _but(answer=lambda **gradients: {name: -0.01 * gradient for name, gradient in gradients.items()}),
        "You return a step, the gradient times a learning rate. The gradients are wanted as they are.",
    ),
)

EXERCISE = Exercise(
    name="network_backward",
    lesson="09-train-a-network",
    visible_points=0.5,
    criteria=CRITERIA,
    draw=draw,
    published=published,
    wrong=WRONG,
    returns=("gradients",),
    helpers=("relu_backward",),
)
