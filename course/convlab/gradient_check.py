"""Gradient checking: what a backward pass computes, held against what the forward pass does when its inputs move.

A numerical gradient needs no backward pass and no right answer, so it can prove a backward pass that nobody has
written before.  `convolution` and `pooling` do it for the two layers of the course, in several settings, with the
student's own forward and backward functions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convlab.compare import as_array, kind_of
from convlab.network import cross_entropy
from convlab.origin import students_line, told
from convlab.run import graded_run

#: How far each number is moved up and down. Smaller steps drown in rounding, larger ones see the function's bends.
STEP = 1e-5
#: A gradient agrees with the numerical one when their relative difference is below this.
AGREES = 1e-7

#: Shapes of A_prev and W, stride and pad. Heights differ from widths and no two layers are alike, because a
#: setting that is too regular hides mistakes; in two of the settings pixels are left over at the end.
CONVOLUTIONS = (
    ((2, 4, 5, 2), (3, 3, 2, 3), 1, 0),
    ((2, 4, 3, 1), (2, 2, 1, 2), 1, 1),
    ((1, 6, 7, 3), (3, 3, 3, 2), 2, 0),
    ((2, 5, 4, 2), (3, 3, 2, 1), 2, 2),
)
#: Shape of A_prev, f and stride: windows that overlap, that lie side by side with pixels left over, that leave gaps.
POOLINGS = (
    ((2, 4, 5, 2), 2, 1),
    ((2, 5, 7, 3), 2, 2),
    ((1, 7, 6, 2), 3, 2),
    ((2, 5, 8, 1), 2, 3),
)


def numerical_gradient(
    cost: Callable[[NDArray[np.float64]], float], x: ArrayLike, step: float = STEP
) -> NDArray[np.float64]:
    """Return the gradient of ``cost`` at ``x`` by central differences, (J(x + step) - J(x - step)) / (2 step).

    ``cost`` takes an array of x's shape and returns a number; the gradient is a float64 array of x's shape. It
    costs two calls for each entry of x. x itself is not changed.

    Source: Goodfellow, Bengio and Courville, "Deep Learning" (2016), section 11.5, equation 11.6.
    """
    moved = np.array(x, dtype=np.float64)
    gradient = np.zeros(moved.shape)
    for index in np.ndindex(moved.shape):
        here = moved[index]
        moved[index] = here + step
        above = cost(moved)
        moved[index] = here - step
        below = cost(moved)
        moved[index] = here
        gradient[index] = (above - below) / (2 * step)
    return gradient


def relative_difference(analytic: ArrayLike, numerical: ArrayLike) -> float:
    """Return |analytic - numerical| / (|analytic| + |numerical|), with the Euclidean length of arrays of one shape.

    It is 0 for equal arrays, two arrays of zeros included, and never above 1.

    Raises ValueError when the shapes differ.
    """
    a, n = np.asarray(analytic, dtype=np.float64), np.asarray(numerical, dtype=np.float64)
    if a.shape != n.shape:
        raise ValueError(f"The two gradients must have one shape, but they have {a.shape} and {n.shape}.")
    difference = np.linalg.norm(a - n)
    if difference == 0:
        return 0.0
    return float(difference / (np.linalg.norm(a) + np.linalg.norm(n)))


def convolution(forward: Callable[..., Any], backward: Callable[..., Any], seed: int = 5) -> None:
    """Print how far ``backward`` is from the numerical gradients of ``forward``, in several settings.

    They are called like the course's ``conv_forward`` and ``conv_backward``. The cost is the sum of R * Z with
    random numbers R in the shape of Z, so that dZ is R. In a graded run nothing happens.
    """
    rng = np.random.default_rng(seed)
    settings = []
    for shape, shape_of_W, stride, pad in CONVOLUTIONS:
        inputs = {
            "A_prev": rng.standard_normal(shape),
            "W": rng.standard_normal(shape_of_W),
            "b": rng.standard_normal((1, 1, 1, shape_of_W[-1])),
        }
        settings.append(
            _Setting(
                f"{shape}, f {shape_of_W[0]}, stride {stride}, pad {pad}",
                inputs,
                lambda A_prev, W, b, s=stride, p=pad: forward(A_prev, W, b, {"stride": s, "pad": p}),
                backward,
            )
        )
    _run((forward, backward), settings, rng)


def pooling(forward: Callable[..., Any], backward: Callable[..., Any], seed: int = 6) -> None:
    """Print how far ``backward`` is from the numerical gradients of ``forward``, for both modes in several settings.

    They are called like the course's ``pool_forward`` and ``pool_backward``. The cost is the sum of R * A with
    random numbers R in the shape of A, so that dA is R. All pixels are different whole numbers: where two are
    equal the maximum has no gradient. In a graded run nothing happens.
    """
    rng = np.random.default_rng(seed)
    settings = []
    for mode in ("max", "average"):
        for shape, f, stride in POOLINGS:
            count = int(np.prod(shape))
            pixels = rng.permutation(np.arange(count) - count // 2).reshape(shape).astype(np.float64)
            settings.append(
                _Setting(
                    f"{shape}, f {f}, stride {stride}, {mode}",
                    {"A_prev": pixels},
                    lambda A_prev, f=f, s=stride, mode=mode: forward(A_prev, {"f": f, "stride": s}, mode),
                    lambda dA, cache, mode=mode: backward(dA, cache, mode),
                )
            )
    _run((forward, backward), settings, rng)


def network(forward: Callable[..., Any], backward: Callable[..., Any], seed: int = 9) -> None:
    """Print how far the gradients of ``backward`` are from the numerical ones of the cost, for each parameter.

    They are called like the course's ``network_forward`` and ``network_backward``, on three small images; the cost is
    that of softmax and cross-entropy. In a graded run nothing happens.
    """
    if graded_run():
        return
    rng = np.random.default_rng(seed)
    X, labels = rng.standard_normal((3, 6, 7, 1)), np.array([0, 2, 1])
    shapes = {"W1": (3, 3, 1, 2), "b1": (1, 1, 1, 2), "W2": (8, 3), "b2": (1, 3)}
    parameters = {name: rng.standard_normal(shape) for name, shape in shapes.items()}
    names = [getattr(one, "__name__", "your function") for one in (forward, backward)]
    try:
        running = names[0]
        scores, caches = forward(X, parameters)
        _, dscores = cross_entropy(scores, labels)
        running = names[1]
        gradients = backward(dscores, caches)
        distances = {}
        for name in parameters:

            def cost(moved: NDArray[np.float64], name: str = name) -> float:
                return cross_entropy(forward(X, {**parameters, name: moved})[0], labels)[0]

            distances[name] = relative_difference(gradients[name], numerical_gradient(cost, parameters[name]))
    except NotImplementedError:
        print(f"{running} is not written yet: the gradient check runs when it is.")
        return
    except Exception as error:
        print(f"There is no gradient check of {running} ({type(error).__name__}: {error}).")
        print(f"check({running}) says what it should return.")
        return
    print(f"Relative difference between {names[1]} and the numerical gradient of the cost, step {STEP:.0e}:\n")
    for name, distance in distances.items():
        print(f"    {name}, shape {shapes[name]!s:<14} {distance:.0e}{'' if distance < AGREES else '   disagrees'}")
    if all(distance < AGREES for distance in distances.values()):
        print(f"\nEvery one is below {AGREES:.0e}: the gradients are those of the cost, through all four layers.")


@dataclass(frozen=True)
class _Setting:
    """One layer to check: what it is called in the table, its inputs by name, and its two passes."""

    name: str
    inputs: dict[str, NDArray[np.float64]]
    forward: Callable[..., Any]
    backward: Callable[..., Any]

    def numerical(self, moved: str, R: NDArray[np.float64]) -> NDArray[np.float64]:
        """The numerical gradient of sum(R * output) with respect to the input called ``moved``."""

        def cost(x: NDArray[np.float64]) -> float:
            output, _ = self.forward(**{**self.inputs, moved: x})
            return float(np.sum(R * output))

        return numerical_gradient(cost, self.inputs[moved])

    def analytic(self, R: NDArray[np.float64], cache: Any) -> list[Any]:
        """What the backward pass gives for the inputs, in their order.

        Raises ValueError when it does not give an array for each of them.
        """
        returned = self.backward(R.copy(), cache)
        gradients = [returned] if len(self.inputs) == 1 else returned
        if not isinstance(gradients, tuple | list) or len(gradients) != len(self.inputs):
            raise ValueError(f"it should return {len(self.inputs)} arrays, and returned {kind_of(returned)}")
        for gradient in gradients:
            if as_array(gradient) is None:
                raise ValueError(f"it should return an array of numbers, and returned {kind_of(gradient)}")
        return list(gradients)


def _run(
    functions: tuple[Callable[..., Any], Callable[..., Any]],
    settings: Sequence[_Setting],
    rng: np.random.Generator,
) -> None:
    """Print the table of relative differences, or in a line why there is none."""
    if graded_run():
        return
    forward, backward = (getattr(one, "__name__", "your function") for one in functions)
    running = forward
    try:
        # Without a backward pass there is nothing to prove, so all of them run before the slow part.
        passes = []
        for setting in settings:
            running = forward
            output, cache = setting.forward(**setting.inputs)
            R = rng.standard_normal(np.shape(output))
            running = backward
            passes.append((setting, R, setting.analytic(R, cache)))
        running = forward
        _print_table(backward, passes)
    except NotImplementedError:
        print(f"{running} is not written yet: the gradient check runs when it is.")
    except Exception as error:
        if students_line(error):
            print(f"{running} does not run yet, so there is no gradient check. It stopped with\n{told(error)}")
        else:
            print(f"There is no gradient check of {running}: {error}.\ncheck({running}) says what it should return.")


def _print_table(backward: str, passes: Sequence[tuple[_Setting, NDArray[np.float64], list[Any]]]) -> None:
    names = [f"d{name}" for name in passes[0][0].inputs]
    width = max(len(setting.name) for setting, _, _ in passes)
    print(f"Relative difference between {backward} and the numerical gradient, step {STEP:.0e}:\n")
    print(f"{'A_prev of shape':<{width}}" + "".join(f"{name:>12}" for name in names))
    complaints = []
    for setting, R, gradients in passes:
        cells = []
        for name, moved, gradient in zip(names, setting.inputs, gradients, strict=True):
            cell, complaint = _compared(name, gradient, moved, setting, R)
            cells.append(cell)
            complaints += [complaint] if complaint else []
        print(f"{setting.name:<{width}}" + "".join(f"{cell:>12}" for cell in cells))
    print()
    if complaints:
        print("\n".join(complaints))
    else:
        print(f"Every one is below {AGREES:.0e}: {backward} computes the gradients of the forward pass.")


def _compared(name: str, gradient: Any, moved: str, setting: _Setting, R: NDArray[np.float64]) -> tuple[str, str]:
    """The cell of the table for one gradient, and a sentence on what is wrong with it, empty when nothing is."""
    shape, expected = np.shape(gradient), setting.inputs[moved].shape
    if shape != expected:
        return "shape", f"{name} has shape {shape} in place of {expected}, for {setting.name}."
    distance = relative_difference(gradient, setting.numerical(moved, R))
    if distance < AGREES:
        return f"{distance:.0e}", ""
    return f"{distance:.0e}", f"{name} disagrees, by {distance:.1g}, for {setting.name}."
