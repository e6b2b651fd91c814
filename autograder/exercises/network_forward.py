"""Grading ``network_forward``: four layers, each of them given what the one before returned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from convlab.network import dense_forward, softmax

from autograder import solution
from autograder.exercise import VISIBLE, Case, Criterion, Exercise, Wrong, part, shape, untouched
from autograder.exercises.drawing import normal

FORMULA = "The scores have the shape (m, n_classes): a row for each image, a column for each class."
_SCORES = part(0, "scores", FORMULA)
CONVOLUTION, POOLING = {"stride": 1, "pad": 0}, {"f": 2, "stride": 2}


def case(
    rng: np.random.Generator, note: str, images: tuple[int, int, int, int], n_C: int = 2, n_classes: int = 3
) -> Case:
    """Return images of that shape and parameters.

    Of the first filter some windows are negative and some are not, and so are the scores of some classes.
    """
    _, n_H, n_W, n_C_prev = images
    X, n_in = normal(rng, *images), (n_H - 2) // 2 * ((n_W - 2) // 2) * n_C
    parameters = {
        "W1": normal(rng, 3, 3, n_C_prev, n_C),
        "b1": normal(rng, 1, 1, 1, n_C),
        "W2": normal(rng, n_in, n_classes),
        "b2": normal(rng, 1, n_classes),
    }
    Z, _ = solution.conv_forward_fast(X, parameters["W1"], np.zeros((1, 1, 1, n_C)), CONVOLUTION)
    parameters["b1"][..., 0] = -solution.pool_forward(Z, POOLING)[0][..., 0].mean()
    scores, _ = solution.network_forward(X, {**parameters, "b2": np.zeros((1, n_classes))})
    parameters["b2"] -= scores.mean(axis=0)
    return Case((X, parameters), note)


def draw(rng: np.random.Generator) -> Mapping[str, list[Case]]:
    """Return the groups of cases, with fresh numbers."""
    return {
        VISIBLE: [case(rng, "two images of 6×8 pixels", (2, 6, 8, 1))],
        "scores": [
            case(rng, "one image of 4×6 pixels", (1, 4, 6, 1)),
            case(rng, "three images of 7×6 pixels with two channels", (3, 7, 6, 2), 3, 4),
        ],
        "caches": [case(rng, "looking at the caches", (2, 6, 5, 1))],
        "untouched": [case(rng, "looking at X and the parameters after the call", (2, 5, 6, 1))],
    }


def published() -> list[Case]:
    """Return an example of whole numbers, and images with two channels; no two maxima of a window are equal."""
    image = (np.arange(36.0) * 13 % 37 % 9).reshape(1, 6, 6, 1)
    W1 = np.zeros((3, 3, 1, 2))
    W1[:, 1, 0, 0], W1[1, :, 0, 1] = (1, 2, -1), (-2, 1, 2)
    W2 = np.zeros((8, 2))
    W2[::2, 0] = W2[1::2, 1] = 1
    whole = {"W1": W1, "b1": np.array([1.0, -1.5]).reshape(1, 1, 1, 2), "W2": W2, "b2": np.array([[0.0, 0.5]])}
    return [
        Case((image, whole), "an image of 6×6 whole numbers, two filters"),
        case(np.random.default_rng(9), "two images of 5×6 pixels, two channels", (2, 5, 6, 2), 3, 4),
    ]


def _caches(case: Case, expected: Any, reply: Any) -> Any:
    """The caches are right, beside scores of the right shape (an idle function earns nothing)."""
    return shape(0, "scores", FORMULA)(case, expected, reply) or part(1, "caches")(case, expected, reply)


CRITERIA = (
    Criterion(
        "scores",
        0.5,
        "scores",
        _SCORES,
        "The scores of one image, and of several with channels",
        "Print the shape after each layer, and compare it with the table above the exercise.",
    ),
    Criterion(
        "caches",
        0.25,
        "caches",
        _caches,
        "The four caches, in the order of the layers",
        "Each layer returns its result and its cache: keep all four, and return them as one tuple.",
    ),
    Criterion(
        "arguments left alone",
        0.25,
        "untouched",
        untouched(_SCORES, "X and the parameters"),
        "X and the parameters are the same after the call",
        "Does one of your layers write into what it is given?",
    ),
)

Function = Callable[..., Any]


def _convolved(X: Any, W: Any, b: Any) -> Any:
    return solution.conv_forward_fast(X, W, b, CONVOLUTION)


def _network(
    X: Any,
    parameters: Any,
    *,
    convolve: Function = _convolved,
    relu: Function = solution.relu,
    pool: Function = lambda A: solution.pool_forward(A, POOLING),
    dense: Function = dense_forward,
    bias: Function = lambda b: b,
    finish: Function = lambda scores: scores,
    answer: Function = lambda scores, caches: (scores, caches),
) -> Any:
    """The four layers, right but for what is put in place of a default."""
    Z, of_convolution = convolve(X, parameters["W1"], bias(parameters["b1"]))
    A, of_relu = relu(Z)
    P, of_pooling = pool(A)
    scores, of_dense = dense(P, parameters["W2"], parameters["b2"])
    return answer(finish(scores), (of_convolution, of_relu, of_pooling, of_dense))


def _but(**changes: Function) -> Function:
    return partial(_network, **changes)


def _scaled(X: Any, parameters: Any) -> Any:
    X /= X.max()
    return _network(X, parameters)


WRONG = (
    Wrong(
        "relu-left-out",
        _but(relu=lambda Z: (Z, Z)),
        "There is no ReLU in your network: the pooling layer gets Z, with its negative numbers, and should get A.",
    ),
    Wrong(
        "average-pooling",
        _but(pool=lambda A: solution.pool_forward(A, POOLING, "average")),
        'Your pooling takes averages. This network takes the maximum, mode "max".',
    ),
    Wrong(
        "scores-through-relu",
        _but(finish=lambda scores: np.maximum(scores, 0)),
        "Your scores are never negative: a ReLU comes after the dense layer too. The scores stay as they are.",
    ),
    Wrong(
        "scores-through-softmax",
        _but(finish=softmax),
        "You return probabilities. Softmax belongs to the cost, which takes the scores as they are.",
    ),
    Wrong(
        "bias-left-out",
        _but(bias=np.zeros_like),
        'The bias of the convolution has no effect. It is `parameters["b1"]`.',
    ),
    Wrong(
        "one-class-each",
        _but(finish=lambda scores: scores.argmax(axis=1)),
        "You return the class with the largest score. What is wanted are all scores: the cost needs them.",
    ),
    Wrong(
        "caches-backwards",
        _but(answer=lambda scores, caches: (scores, caches[::-1])),
        "The scores are right, but the caches come in the order of the way back. Keep them in the order of the layers.",
    ),
    Wrong(
        "cache-of-relu-missing",
        _but(answer=lambda scores, caches: (scores, (caches[0], *caches[2:]))),
        "The scores are right, but there are three caches. ReLU has one too: its backward pass needs Z.",
    ),
    Wrong(
        "caches-forgotten",
        _but(answer=lambda scores, caches: scores),
        "The scores are right, but they come back alone. Return the scores and the tuple of the four caches.",
    ),
    Wrong(
        "images-scaled-in-place",
        _scaled,
        "You divide X itself by its maximum, so the caller's images change, and the scores with them. Use X as it is.",
    ),
)

EXERCISE = Exercise(
    name="network_forward",
    lesson="09-train-a-network",
    visible_points=0.5,
    criteria=CRITERIA,
    draw=draw,
    published=published,
    wrong=WRONG,
    returns=("scores", "caches"),
    formula=FORMULA,
    helpers=("conv_forward_fast", "relu"),
)
