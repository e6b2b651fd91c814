"""Lesson 09: what the layers of a trained network make of a digit, one filter at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from convlab.digits import digits
from convlab.explore.images import batch, from_zero, symmetric
from convlab.explore.scene import Explorer, Panel, Scene, Slider, Window, numbers
from convlab.network import softmax

#: As many of the test's images of each digit can be chosen.
EXAMPLES = 20


def feature_maps(network_forward: Callable[..., Any], parameters: Mapping[str, Any]) -> Explorer:
    """An explorer of ``network_forward`` with these parameters: the maps it makes of a digit, from its caches."""

    def draw(digit: int, example: int, filter: int) -> Scene:
        _, test = digits()
        X = batch(test.images[np.flatnonzero(test.labels == digit)[example], :, :, 0])
        scores, caches = network_forward(X, parameters)
        _, Z, (A, _), (P, *_) = caches
        W, chosen = np.asarray(parameters["W1"])[:, :, 0, filter], (0, slice(None), slice(None), filter)
        n_C = np.asarray(parameters["W1"]).shape[-1]
        Z, A = (numbers(one, (1, 6, 6, n_C), name) for one, name in ((Z, "Z"), (A, "A")))
        P = numbers(P, (1, 3, 3, n_C), "P")
        probabilities = softmax(numbers(scores, (1, 10), "scores"))[0]
        says = int(probabilities.argmax())
        # Colours reach as far as any filter's map of this digit does, so that maps can be compared.
        most = np.array([np.abs(Z).max()])
        after = from_zero(most.item())
        return Scene(
            rows=(
                (
                    Panel("X", X[0, :, :, 0], f"{X.shape}, a {digit}", *from_zero(1), window=Window(1, W.shape[0])),
                    Panel("W1", W.round(2) + 0.0, f"filter {filter}, learned", *symmetric(W), before="∗"),
                    Panel("Z", Z[chosen].round(2) + 0.0, f"{Z[chosen].shape}", *symmetric(most), before="→"),
                ),
                (
                    Panel("A", A[chosen].round(2), f"{A[chosen].shape}, after ReLU", *after),
                    Panel(
                        "P",
                        P[chosen].round(2),
                        f"{P[chosen].shape}, after pooling",
                        *after,
                        before="→",
                    ),
                ),
            ),
            stepped="Z",
            formula="n_H = n_W = 8 − 3 + 1 = 6, after pooling 3",
            sentence=f"A {digit} of the test, seen by filter {filter} of {n_C}. The network says {says}, with a "
            f"probability of {probabilities[says]:.0%}: {'right' if says == digit else 'wrong'}.",
            step="Z[{row}, {column}] = {value} comes from rows {top} to {bottom} and columns {left} to {right} of X.",
        )

    controls = (
        Slider("digit", 0, 9, 0),
        Slider("example", 0, EXAMPLES - 1, 0),
        Slider("filter", 0, np.asarray(parameters["W1"]).shape[-1] - 1, 0),
    )
    return Explorer(draw, (network_forward,), controls, 530, "Feature maps of a digit")
