"""Grading ``autograd_gradients``: the gradients of a convolution layer as PyTorch works them out by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from autograder import solution
from autograder.exercise import VISIBLE, Case, Criterion, Exercise, Wrong, part, whole
from autograder.exercises.drawing import integers, normal
from autograder.exercises.line_detector import NOT_DETACHED

FORMULA = "Each gradient has the shape of what it belongs to: dA_prev that of A_prev, dW that of W, db that of b."
RETURNS = ("dA_prev", "dW", "db")


def _case(
    rng: np.random.Generator,
    images: tuple[int, int, int, int],
    f: tuple[int, int],
    n_C: int,
    note: str,
    stride: int = 1,
    pad: int = 0,
    draw_layer: Callable[..., Any] = normal,
) -> Case:
    """A case with images of that shape, n_C filters, and a gradient dZ of the shape that they give."""
    m, n_H_prev, n_W_prev, n_C_prev = images
    n_H, n_W = (solution.conv_output_size(n, k, stride, pad) for n, k in zip((n_H_prev, n_W_prev), f, strict=True))
    cache = (
        draw_layer(rng, *images),
        draw_layer(rng, *f, n_C_prev, n_C),
        draw_layer(rng, 1, 1, 1, n_C),
        {"stride": stride, "pad": pad},
    )
    return Case((normal(rng, m, n_H, n_W, n_C), cache), note)


def draw(rng: np.random.Generator) -> Mapping[str, list[Case]]:
    """Return the groups of cases, with fresh numbers."""
    case = partial(_case, rng)
    return {
        VISIBLE: [
            case((3, 5, 6, 2), (2, 2), 4, "three images, two channels, four filters, stride 2, pad 1", 2, 1),
            case((2, 4, 5, 3), (3, 3), 2, "two images, three channels, two filters"),
        ],
        "plain": [case((2, 4, 6, 3), (2, 2), 4, "two images, three channels, four filters")],
        "stride and padding": [
            case((1, 6, 8, 1), (3, 3), 2, "stride 2", stride=2),
            case((1, 3, 4, 2), (2, 2), 3, "pad 1", pad=1),
            case((2, 5, 8, 2), (2, 2), 3, "stride 3, pad 2", stride=3, pad=2),
        ],
        "integers": [case((1, 4, 5, 2), (2, 2), 3, "images and filters of integers", draw_layer=integers)],
        "rectangular filters": [
            case((2, 5, 7, 2), (1, 3), 3, "filters of 1×3"),
            case((1, 6, 5, 3), (3, 2), 2, "filters of 3×2, pad 1", pad=1),
        ],
    }


def published() -> list[Case]:
    """Return lesson 05's example to check by hand, and one with axes of different lengths."""
    rng = np.random.default_rng(8)
    image = np.arange(1.0, 7.0).reshape(1, 2, 3, 1)
    layer = (image, np.array([[1.0, 0.0], [-2.0, 3.0]]).reshape(2, 2, 1, 1), np.zeros((1, 1, 1, 1)))
    dZ = np.array([2.0, -1.0]).reshape(1, 1, 2, 1)
    return [
        Case((dZ, (*layer, {"stride": 1, "pad": 0})), "the image 1 2 3, 4 5 6"),
        _case(
            rng,
            (2, 5, 6, 3),
            (3, 3),
            2,
            "two images, three channels, two filters, stride 2, pad 1",
            2,
            1,
            lambda rng, *shape: integers(rng, *shape).astype(np.float64),
        ),
    ]


CRITERIA = (
    Criterion(
        "dA_prev",
        0.25,
        "plain",
        part(0, "dA_prev", FORMULA),
        "dA_prev at stride 1",
        "The gradient of a tensor lies in its `.grad`, in PyTorch's layout. Bring it back into yours.",
    ),
    Criterion(
        "dW",
        0.25,
        "plain",
        part(1, "dW", FORMULA),
        "dW at stride 1",
        "The gradient of a tensor lies in its `.grad`, in PyTorch's layout. Bring it back into yours.",
    ),
    Criterion(
        "db",
        0.25,
        "plain",
        part(2, "db", FORMULA),
        "db at stride 1",
        "db has the shape of b: (1, 1, 1, n_C).",
    ),
    Criterion(
        "stride and padding",
        0.25,
        "stride and padding",
        whole(*RETURNS),
        "Strides above 1 and padding",
        "Does your convolution get `stride` and `padding` from hparameters?",
    ),
    Criterion(
        "integers",
        0.25,
        "integers",
        whole(*RETURNS),
        "Images and filters of whole numbers",
        "Only floats can have a gradient: make the tensors with `dtype=torch.float64`.",
    ),
    Criterion(
        "rectangular filters",
        0.5,
        "rectangular filters",
        whole(*RETURNS),
        "Filters that are not square, which PyTorch takes as well",
        "PyTorch takes filters of 1×3 too, and differentiates them without a line of yours. Let it do the work.",
    ),
)

Function = Callable[..., Any]
SAME: Function = lambda gradient: gradient  # noqa: E731


def _refuse(message: str) -> Any:
    raise RuntimeError(message)


def _backward(
    dZ: Any,
    cache: Any,
    *,
    arrived: Function = SAME,
    layer: Function = SAME,
    numbers: Function = SAME,
    images: Function = SAME,
    filters: Function = SAME,
    biases: Function = SAME,
    result: Function = lambda dA_prev, dW, db: (dA_prev, dW, db),
) -> Any:
    """The gradients; right, but for what is put in place of a default."""
    A_prev, W, b, hparameters = cache
    hparameters, dZ = layer(hparameters), arrived(dZ)
    numbers(A_prev)
    sizes = zip(A_prev.shape[1:3], W.shape[:2], strict=True)
    n_H, n_W = ((n + 2 * hparameters["pad"] - f) // hparameters["stride"] + 1 for n, f in sizes)
    if dZ.shape != (len(A_prev), n_H, n_W, W.shape[3]):
        _refuse(
            "Mismatch in shape: grad_output[0] has a shape of torch.Size([1, 2, 3, 4]) and output[0] has a shape of "
            "torch.Size([1, 2, 3, 4])."
        )
    dA_prev, dW, db = solution.autograd_gradients(dZ, (A_prev, W, b, hparameters))
    return result(images(dA_prev), filters(dW), biases(db))


def _with(**changes: Function) -> Function:
    """The gradients with these of their parts replaced."""
    return partial(_backward, **changes)


def _only_floats(A_prev: Any) -> None:
    if A_prev.dtype.kind != "f":
        _refuse("Only Tensors of floating point and complex dtype can require gradients")


def _own_layer(dZ: Any, cache: Any) -> Any:
    return solution.conv_backward(dZ, cache)


def _never_detached(dZ: Any, cache: Any) -> Any:
    _refuse(NOT_DETACHED)


def _not_a_scalar(dZ: Any, cache: Any) -> Any:
    _refuse("grad can be implicitly created only for scalar outputs")


def _averaged(dZ: Any, cache: Any) -> Any:
    dA_prev, dW, db = solution.autograd_gradients(dZ, cache)
    return dA_prev, dW / len(dZ), db / len(dZ)


def _channels_first(gradient: Any) -> Any:
    return gradient.transpose(0, 3, 1, 2)


def _filters_first(gradient: Any) -> Any:
    return gradient.transpose(3, 2, 0, 1)


def _reshaped(dZ: Any) -> Any:
    m, n_H, n_W, n_C = dZ.shape
    return dZ.reshape(m, n_C, n_H, n_W).transpose(0, 2, 3, 1)


WRONG = (
    Wrong(
        "dZ-left-out",
        _with(arrived=np.ones_like),
        "You differentiate the sum of Z, as if every entry of dZ were 1. Hand dZ over: `Z.backward(dZ)`, with dZ as a "
        "tensor in PyTorch's layout.",
    ),
    Wrong(
        "dZ-channels-last",
        _with(arrived=_channels_first),
        "You hand over dZ with its channels last, and PyTorch says that its shape is not that of Z. Convert dZ as you "
        "convert images.",
    ),
    Wrong(
        "dZ-reshaped",
        _with(arrived=_reshaped),
        "You `reshape` dZ, which mixes its channels. It is to be transposed like an image.",
    ),
    Wrong(
        "stride-left-out",
        _with(layer=lambda hparameters: {**hparameters, "stride": 1}),
        "Your convolution moves by 1 whatever the stride, so that Z has another shape than dZ. "
        'Give it `stride=hparameters["stride"]`.',
    ),
    Wrong(
        "padding-left-out",
        _with(layer=lambda hparameters: {**hparameters, "pad": 0}),
        'Your convolution does not pad, so that Z has another shape than dZ. Give it `padding=hparameters["pad"]`.',
    ),
    Wrong(
        "integers-kept",
        _with(numbers=_only_floats),
        "A whole number has no gradient: it cannot become a little larger. Make all tensors floats, with "
        "`dtype=torch.float64`.",
    ),
    Wrong(
        "images-in-pytorchs-layout",
        _with(images=_channels_first),
        "Your dA_prev still lies in PyTorch's layout, channels in second place. Bring it back: channels last.",
    ),
    Wrong(
        "filters-in-pytorchs-layout",
        _with(filters=_filters_first),
        "Your dW still lies in PyTorch's layout, filters first. Bring it back: (f, f, n_C_prev, n_C).",
    ),
    Wrong(
        "all-in-pytorchs-layout",
        _with(images=_channels_first, filters=_filters_first, biases=np.ravel),
        "Your gradients are right and still lie in PyTorch's layouts. `from_torch` brings all three back.",
    ),
    Wrong(
        "filters-mirrored",
        _with(filters=lambda dW: dW.transpose(1, 0, 2, 3)),
        "In your dW rows and columns have changed places. `.T` turns around the order of all axes: name the order "
        "that you want.",
    ),
    Wrong(
        "biases-in-a-row",
        _with(biases=np.ravel),
        "Your db is a row, (n_C,). It should have the shape of b: (1, 1, 1, n_C).",
    ),
    Wrong(
        "averaged-over-the-batch",
        _averaged,
        "You average over the images. Gradients add up over the batch, as in lesson 05.",
    ),
    Wrong(
        "order-swapped",
        _with(result=lambda dA_prev, dW, db: (dW, db, dA_prev)),
        "You return the gradients in another order. First that of the images, then dW, then db.",
    ),
    Wrong(
        "own-conv-backward",
        _own_layer,
        "You call your own `conv_backward`. It is right for square filters, and stops at others. Build the forward "
        "pass from tensors, and let PyTorch work out the gradients.",
    ),
    Wrong(
        "not-a-scalar",
        _not_a_scalar,
        "`Z.backward()` alone works for a single number only. Z has many: say with which dZ to begin, "
        "`Z.backward(dZ)`.",
    ),
    Wrong(
        "detach-forgotten",
        _never_detached,
        "You call `.numpy()` on a tensor that keeps track of gradients. What you want is its `.grad`, a tensor that "
        "does not.",
    ),
)

EXERCISE = Exercise(
    name="autograd_gradients",
    lesson="08-frameworks",
    visible_points=0.75,
    criteria=CRITERIA,
    draw=draw,
    published=published,
    wrong=WRONG,
    returns=RETURNS,
    formula=FORMULA,
    helpers=("to_torch", "from_torch"),
    frameworks=("torch",),
)
