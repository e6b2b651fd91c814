"""Grading ``conv_backward``: the gradients of a convolution layer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from operator import iadd
from typing import Any

import numpy as np
from convlab.compare import Difference

from autograder import solution
from autograder.exercise import (
    VISIBLE,
    Aspect,
    Case,
    Criterion,
    Exercise,
    Reply,
    Wrong,
    part,
    shape,
    untouched,
    whole,
)
from autograder.exercises.drawing import integers, legacy, normal, single

FORMULA = "Each gradient has the shape of what it belongs to: dA_prev that of A_prev, dW that of W, db that of b."

#: What the notebook's own example calls ``stride`` and ``pad``.
_NOTEBOOK_STRIDE, _NOTEBOOK_PAD = 2, 2


def _case(
    rng: np.random.Generator,
    images: tuple[int, int, int, int],
    f: int,
    n_C: int,
    note: str,
    stride: int = 1,
    pad: int = 0,
    draw_gradient: Callable[..., Any] = normal,
    draw_layer: Callable[..., Any] = normal,
) -> Case:
    """A case with images of that shape, n_C filters, and a gradient dZ of the shape that they give."""
    m, n_H_prev, n_W_prev, n_C_prev = images
    n_H, n_W = (solution.conv_output_size(n, f, stride, pad) for n in (n_H_prev, n_W_prev))
    cache = (
        draw_layer(rng, *images),
        draw_layer(rng, f, f, n_C_prev, n_C),
        draw_layer(rng, 1, 1, 1, n_C),
        {"stride": stride, "pad": pad},
    )
    return Case((draw_gradient(rng, m, n_H, n_W, n_C), cache), note)


def draw(rng: np.random.Generator) -> Mapping[str, list[Case]]:
    """Return the groups of cases, with fresh numbers."""
    case = partial(_case, rng)
    return {
        VISIBLE: [
            case((10, 4, 4, 3), 2, 8, "ten images, eight filters, stride 2, pad 2", stride=2, pad=2),
            case((1, 3, 4, 1), 2, 1, "images and filters of integers", draw_layer=integers),
        ],
        "plain": [
            case((1, 3, 5, 1), 2, 1, "one image, one channel, one 2×2 filter"),
            case((1, 4, 3, 1), 3, 1, "a filter as wide as the image"),
        ],
        "shapes": [case((1, 5, 8, 3), 3, 2, "stride 2, pad 1", stride=2, pad=1)],
        "stride": [
            case((1, 6, 8, 1), 3, 1, "stride 2, windows that overlap", stride=2),
            case((1, 5, 9, 1), 2, 1, "stride 3, windows that leave gaps", stride=3),
        ],
        "padding": [
            case((1, 3, 4, 1), 2, 1, "pad 1", pad=1),
            case((1, 2, 4, 1), 3, 1, "pad 2", pad=2),
        ],
        # With padding from here, so that a slip at pad 0 alone costs what shows it and no more.
        "channels": [
            case((1, 3, 4, 3), 2, 2, "three channels, two filters", pad=1),
            case((1, 3, 2, 2), 1, 4, "two channels, four filters of one pixel", pad=1),
        ],
        "batch": [case((3, 3, 4, 1), 2, 1, "three images", pad=1)],
        "db": [
            case((1, 3, 4, 1), 2, 3, "three filters", pad=1),
            case((2, 4, 3, 1), 2, 2, "two images, two filters", pad=1),
        ],
        "types": [
            case((1, 3, 4, 1), 2, 1, "images and filters of integers", draw_layer=integers),
            case((1, 4, 3, 1), 2, 1, "arrays of float32", draw_gradient=single, draw_layer=single),
        ],
        "untouched": [
            case((1, 3, 4, 1), 2, 1, "looking at the arguments after the call"),
            case((1, 4, 3, 1), 2, 1, "looking at the arguments after the call, pad 1", pad=1),
        ],
        "together": [
            case((2, 7, 6, 3), 3, 2, "all at once: stride 2, pad 1", stride=2, pad=1),
            case((2, 5, 8, 2), 2, 3, "all at once: stride 3, pad 2", stride=3, pad=2),
        ],
    }


def published() -> list[Case]:
    """Return an example that can be checked by hand, without and with padding, and the published example."""
    image = np.arange(1, 7).reshape(1, 2, 3, 1)
    layer = (image, np.array([[1, 0], [-2, 3]]).reshape(2, 2, 1, 1), np.zeros((1, 1, 1, 1)))
    dZ = np.array([2.0, -1.0]).reshape(1, 1, 2, 1)
    dZ_padded = np.arange(-6.0, 6.0).reshape(1, 3, 4, 1)
    A_prev, W, b = legacy((10, 4, 4, 3), (2, 2, 3, 8), (1, 1, 1, 8))
    Z, cache = solution.conv_forward(A_prev, W, b, {"stride": 2, "pad": 2})
    return [
        Case((dZ, (*layer, {"stride": 1, "pad": 0})), "the image 1 2 3, 4 5 6"),
        Case((dZ_padded, (*layer, {"stride": 1, "pad": 1})), "the same image with pad 1"),
        Case((Z, cache), "random numbers, with stride 2 and pad 2, and Z itself as dZ"),
    ]


D_A_PREV, D_W, D_B = (part(i, name, FORMULA) for i, name in enumerate(("dA_prev", "dW", "db")))
SHAPES = tuple(shape(i, name, FORMULA) for i, name in enumerate(("dA_prev", "dW", "db")))


def _each(*aspects: Aspect) -> Aspect:
    """All of these aspects together."""

    def look(case: Case, expected: Any, reply: Reply) -> Difference | None:
        return next((found for aspect in aspects if (found := aspect(case, expected, reply))), None)

    return look


def _of_two_gradients(
    cases: str, points: float, asks: str, advice_for_dA_prev: str, advice_for_dW: str
) -> tuple[Criterion, Criterion]:
    """What is looked at in dA_prev and in dW apart, so that a slip in one leaves the points of the other."""
    named = "" if cases == "plain" else f": {cases}"
    return (
        Criterion(f"dA_prev{named}", points, cases, D_A_PREV, f"dA_prev: {asks}", advice_for_dA_prev),
        Criterion(f"dW{named}", points, cases, D_W, f"dW: {asks}", advice_for_dW),
    )


CRITERIA = (
    Criterion(
        "shapes",
        0.25,
        "shapes",
        _each(*SHAPES),
        "The shapes of dA_prev, dW and db",
        "Each gradient has the shape of what it belongs to. Print the three beside those of A_prev, W and b.",
    ),
    *_of_two_gradients(
        "plain",
        0.5,
        "one image, one channel, one filter, stride 1, no padding",
        "An input belongs to several windows, and each of them sends it dZ times the weight it met there. "
        "Work out one pixel on paper.",
        "A weight is used in every window, and each of them sends it dZ times the pixel it met there. "
        "Work out one weight on paper.",
    ),
    Criterion(
        "db",
        0.5,
        "db",
        D_B,
        "db: one number for each filter, from all positions and images",
        "A bias is added to every entry of its channel of Z. What do all these entries send back to it?",
    ),
    *_of_two_gradients(
        "stride",
        0.5,
        "strides of 2 and 3",
        "The gradient goes back to the window it came from. Where did that window begin in the forward pass?",
        "The pixels that meet dZ are those of the forward pass's window. Where did that window begin?",
    ),
    *_of_two_gradients(
        "padding",
        0.25,
        "padding of 1 and 2",
        "You collect the gradient of the padded image. Which part of it belongs to the image itself?",
        "The windows of the forward pass were cut from the padded image. Where are yours cut from?",
    ),
    *_of_two_gradients(
        "channels",
        0.25,
        "several channels in, another number of filters",
        "Each filter sends gradient to all channels of its window. Which axes of W and dZ does c index?",
        "Each filter has weights for all channels. Which axes of dW and dZ does c index?",
    ),
    *_of_two_gradients(
        "batch",
        0.25,
        "three images at once",
        "Each image has a gradient of its own. Compare dA_prev with what you get one image at a time.",
        "All images share the weights. Compare dW with the sum of what you get one image at a time.",
    ),
    Criterion(
        "number types",
        0.25,
        "types",
        _each(D_A_PREV, D_W),
        "Layers of integers and arrays of float32",
        "Which type do the arrays have in which you collect the gradients, and where is it chosen?",
    ),
    Criterion(
        "arguments left alone",
        0.25,
        "untouched",
        untouched(D_A_PREV, "dZ and the cache"),
        "dZ and the contents of the cache are the same after the call",
        "`+=` changes the array on its left. Collect gradients in new arrays of zeros.",
    ),
    Criterion(
        "together",
        0.25,
        "together",
        whole("dA_prev", "dW", "db"),
        "Batch, channels, stride and padding at once",
        "Put right what the other criteria say first; this one follows from them.",
    ),
)

Visits = Iterator[tuple[int, ...]]


def _unpadded(dA_padded: Any, pad: int, n_H: int, n_W: int) -> Any:
    return dA_padded[:, pad : pad + n_H, pad : pad + n_W]


def _published_unpadding(dA_padded: Any, pad: int, n_H: int, n_W: int) -> Any:
    dA_prev = np.zeros((len(dA_padded), n_H, n_W, dA_padded.shape[3]))
    dA_prev[:] = dA_padded[:, pad:-pad, pad:-pad]
    return dA_prev


def _overwrite(gradient: Any, new: Any) -> None:
    gradient[...] = new


def _loops(
    dZ: Any,
    cache: Any,
    *,
    settings: Callable[..., Any] = lambda hparameters: (hparameters["stride"], hparameters["pad"]),
    source: Callable[..., Any] = lambda A_prev, padded: padded,
    visits: Callable[..., Any] = lambda m, n_H, n_W, n_C, **sizes: np.ndindex(m, n_H, n_W, n_C),
    image: Callable[..., Any] = lambda i: i,
    corner: Callable[..., Any] = lambda h, w, stride: (h * stride, w * stride),
    entry: Callable[..., Any] = lambda dZ, i, h, w, c: dZ[i, h, w, c],
    to_image: Callable[..., Any] = lambda window, W, c: W[..., c],
    to_filter: Callable[..., Any] = lambda window, W, c: window,
    to_bias: Callable[..., Any] = lambda dz, b, c: dz,
    dtype: Callable[..., Any] = lambda A_prev: np.float64,
    start_dW: Callable[..., Any] = lambda W: np.zeros(W.shape),
    start_db: Callable[..., Any] = lambda b: np.zeros(b.shape),
    add_to_dA: Callable[..., Any] = iadd,
    add_to_dW: Callable[..., Any] = iadd,
    add_to_db: Callable[..., Any] = iadd,
    unpad: Callable[..., Any] = _unpadded,
    answer: Callable[..., Any] = lambda dA_prev, dW, db, dZ: (dA_prev, dW, db),
) -> Any:
    """The loops of the lesson, right but for what is put in place of a default."""
    A_prev, W, b, hparameters = cache
    stride, pad = settings(hparameters)
    f, (_, n_H_prev, n_W_prev, _) = W.shape[0], A_prev.shape
    padded = np.pad(A_prev, [(0, 0), (pad, pad), (pad, pad), (0, 0)])
    dA_padded = np.zeros(padded.shape, dtype=dtype(A_prev))
    dW, db = start_dW(W), start_db(b)
    unpadded = {"n_H_prev": n_H_prev, "n_W_prev": n_W_prev, "n_C_prev": A_prev.shape[3]}
    for i, h, w, c in visits(*dZ.shape, f=f, stride=stride, **unpadded):
        top, left = corner(h, w, stride)
        rows, columns = slice(top, top + f), slice(left, left + f)
        window = source(A_prev, padded)[image(i), rows, columns]
        dz = entry(dZ, i, h, w, c)
        add_to_dA(dA_padded[i, rows, columns], to_image(window, W, c) * dz)
        add_to_dW(dW[..., c], to_filter(window, W, c) * dz)
        add_to_db(db[..., c], to_bias(dz, b, c))
    return answer(unpad(dA_padded, pad, n_H_prev, n_W_prev), dW, db, dZ)


def _loops_but(**changes: Callable[..., Any]) -> Callable[..., Any]:
    """The loops with these of their parts replaced."""
    return partial(_loops, **changes)


def _without_padding(
    m: int, n_H: int, n_W: int, n_C: int, *, f: int, stride: int, n_H_prev: int, n_W_prev: int, **_: int
) -> Visits:
    n_H, n_W = (max(0, (n_prev - f) // stride + 1) for n_prev in (n_H_prev, n_W_prev))
    return np.ndindex(m, n_H, n_W, n_C)


WRONG = (
    # Where the windows are.
    Wrong(
        "window-without-stride",
        _loops_but(corner=lambda h, w, stride: (h, w)),
        "Your windows move one pixel at a time whatever the stride. "
        "They must begin where those of the forward pass began.",
    ),
    Wrong(
        "stride-on-height-only",
        _loops_but(corner=lambda h, w, stride: (h * stride, w)),
        "Your windows follow the stride downwards, but not to the right. Compare where rows and columns begin.",
    ),
    Wrong(
        "corners-swapped",
        _loops_but(corner=lambda h, w, stride: (w * stride, h * stride)),
        "Your windows move down when they should move to the right. h belongs to the rows of the image "
        "(the second axis), w to its columns (the third).",
    ),
    Wrong(
        "corner-shared",
        _loops_but(corner=lambda h, w, stride: (h * stride, h * stride)),
        "Your windows lie on the diagonal of the image: row and column begin at the same number. "
        "Check that one of them comes from h and the other from w.",
    ),
    Wrong(
        "loops-one-short",
        _loops_but(visits=lambda m, n_H, n_W, n_C, **sizes: np.ndindex(m, n_H - 1, n_W - 1, n_C)),
        "The last row and the last column of dZ are never used. `range(n)` already stops before n, "
        "so nothing need be taken off.",
    ),
    Wrong(
        "loops-forget-padding",
        _loops_but(visits=_without_padding),
        "Your loops end too soon when there is padding: they count the windows that fit without it. "
        "They should reach every entry of dZ, so take their lengths from its shape.",
    ),
    Wrong(
        "height-and-width-swapped",
        _loops_but(visits=lambda m, n_H, n_W, n_C, **sizes: np.ndindex(m, n_W, n_H, n_C)),
        "Your loops take the height of dZ for its width. Its shape is (m, n_H, n_W, n_C).",
    ),
    # What the windows are cut from.
    Wrong(
        "padding-forgotten",
        _loops_but(settings=lambda hparameters: (hparameters["stride"], 0)),
        "Nothing in your function depends on pad. The forward pass moved over padded images: "
        "pad A_prev in the same way, and give the gradient room for it.",
    ),
    Wrong(
        "windows-from-unpadded",
        _loops_but(source=lambda A_prev, padded: A_prev),
        "The windows for your dW are cut from A_prev itself. In the forward pass they were cut from the padded images.",
    ),
    Wrong(
        "first-image-for-all",
        _loops_but(image=lambda i: 0),
        "Your dW meets the first image of the batch again and again. Which index do you use on the first "
        "axis "
        "of the padded images?",
    ),
    Wrong(
        "return-inside-loop",
        _loops_but(visits=lambda m, n_H, n_W, n_C, **sizes: np.ndindex(1, n_H, n_W, n_C)),
        "Only the first image takes part; the gradients of the others stay zero. "
        "Look at how far `return` is indented, and at where the loop over the images ends.",
    ),
    Wrong(
        "image-gradient-not-reset",
        _loops_but(unpad=lambda dA_padded, *sizes: _unpadded(np.cumsum(dA_padded, axis=0), *sizes)),
        "The gradient of each image also holds those of the images before it. "
        "Look at where the array for one image is set to zeros: inside or outside the loop over the images?",
    ),
    # Channels and filters.
    Wrong(
        "first-filter-for-all",
        _loops_but(to_image=lambda window, W, c: W[..., 0]),
        "Your dA_prev uses the first filter for all channels of dZ. Channel c of dZ came from filter c.",
    ),
    Wrong(
        "first-channel-of-filter",
        _loops_but(to_image=lambda window, W, c: W[:, :, :1, c]),
        "All channels of your dA_prev are alike: they use the filter's weights for the first channel. "
        "A filter has weights of its own for each channel.",
    ),
    Wrong(
        "first-channel-of-dZ",
        _loops_but(entry=lambda dZ, i, h, w, c: dZ[i, h, w, 0]),
        "You only use the first channel of dZ. Which index do you use on its last axis?",
    ),
    Wrong(
        "as-many-filters-as-channels",
        _loops_but(visits=lambda m, n_H, n_W, n_C, n_C_prev, **sizes: np.ndindex(m, n_H, n_W, n_C_prev)),
        "Your loop over filters runs as far as the input has channels. There is one filter for each channel of dZ.",
    ),
    # What is added, and to what.
    Wrong(
        "dA-overwritten",
        _loops_but(add_to_dA=_overwrite),
        "In your dA_prev each window replaces what the ones before it left. "
        "A pixel that belongs to several windows receives gradient from all of them.",
    ),
    Wrong(
        "dW-overwritten",
        _loops_but(add_to_dW=_overwrite),
        "Your dW only holds what the last window sent. A weight is used in every window, "
        "and receives gradient from all of them.",
    ),
    Wrong(
        "db-overwritten",
        _loops_but(add_to_db=_overwrite),
        "Your db only holds the last entry of dZ. A bias is part of every entry of its channel, "
        "and receives gradient from all of them.",
    ),
    Wrong(
        "all-overwritten",
        _loops_but(add_to_dA=_overwrite, add_to_dW=_overwrite, add_to_db=_overwrite),
        "All three of your gradients only hold what came last: `=` replaces what was there. "
        "What is used several times receives gradient from every use.",
    ),
    Wrong(
        "dA-and-dW-swapped",
        _loops_but(to_image=lambda window, W, c: window, to_filter=lambda window, W, c: W[..., c]),
        "You have two factors the wrong way round. In a product x·w, the gradient of x is w times what "
        "comes back, "
        "and the gradient of w is x times it.",
    ),
    Wrong(
        "filter-flipped",
        _loops_but(to_image=lambda window, W, c: W[::-1, ::-1, :, c]),
        "You turn the filter around for dA_prev. Each weight sends gradient to the pixel it met in the "
        "window, "
        "at its own place; nothing need be turned when you add window by window.",
    ),
    Wrong(
        "sign-turned",
        _loops_but(entry=lambda dZ, i, h, w, c: -dZ[i, h, w, c]),
        "All your gradients have the wrong sign. The minus of gradient descent comes later, "
        "when the weights are changed.",
    ),
    Wrong(
        "relu-mixed-in",
        _loops_but(entry=lambda dZ, i, h, w, c: max(0.0, dZ[i, h, w, c])),
        "You drop the negative entries of dZ. This layer has no ReLU in it, so all of them go back.",
    ),
    Wrong(
        "averaged-over-batch",
        _loops_but(answer=lambda dA_prev, dW, db, dZ: (dA_prev, dW / len(dZ), db / len(dZ))),
        "You divide dW and db by the number of images. Where the cost is a mean, dZ holds that factor "
        "already; "
        "here you only sum.",
    ),
    Wrong(
        "db-averaged",
        _loops_but(answer=lambda dA_prev, dW, db, dZ: (dA_prev, dW, dZ.mean(axis=(0, 1, 2), keepdims=True))),
        "Your db is a mean. A bias is added to every entry of its channel, so what they send back adds up.",
    ),
    Wrong(
        "db-times-b",
        _loops_but(to_bias=lambda dz, b, c: dz * b[..., c]),
        "You multiply by b in db. The bias is added in the forward pass, not multiplied: "
        "what is the derivative of s + b with respect to b?",
    ),
    Wrong(
        "db-starts-at-b",
        _loops_but(start_db=lambda b: b.copy()),
        "Your db has the bias itself in it. What is in db before the first gradient is added?",
    ),
    Wrong(
        "db-flat",
        _loops_but(answer=lambda dA_prev, dW, db, dZ: (dA_prev, dW, db.reshape(-1))),
        "The numbers of your db are right, but its shape is (n_C,). It should have the shape of b.",
    ),
    Wrong(
        "written-into-W",
        _loops_but(start_dW=lambda W: W),
        "`dW = W` makes no new array: you add the gradient to the filters themselves, and then go on with "
        "the "
        "changed ones. Begin with new zeros of the same shape.",
    ),
    Wrong(
        "integer-gradients",
        _loops_but(dtype=lambda A_prev: A_prev.dtype),
        "For images of integers your dA_prev is an array of integers and cannot take fractions. "
        "It gets its type from A_prev: look at its dtype, or at `zeros_like`.",
    ),
    Wrong(
        "removed-numpy-name",
        _loops_but(start_dW=lambda W: np.zeros(W.shape, dtype=np.float_)),  # type: ignore[attr-defined]
        "`np.float_` is no longer part of NumPy. `np.float64`, or no dtype at all, does the same.",
    ),
    Wrong(
        "notebook-globals",
        _loops_but(settings=lambda hparameters: (_NOTEBOOK_STRIDE, _NOTEBOOK_PAD)),
        "You always use the stride and pad of the notebook's example. "
        "Take them from the cache, not from variables of another cell.",
    ),
    # Taking the padding off again.
    Wrong(
        "unpad-empty-at-pad-0",
        _loops_but(unpad=_published_unpadding),
        "With pad 0 your slice `pad:-pad` is `0:0`, and that is empty. "
        "Say where the slice ends by counting from the front.",
    ),
    Wrong(
        "unpad-leaves-nothing-at-pad-0",
        _loops_but(unpad=lambda dA_padded, pad, n_H, n_W: dA_padded[:, pad:-pad, pad:-pad]),
        "With pad 0 your slice `pad:-pad` is `0:0`, and dA_prev is empty. "
        "Say where the slice ends by counting from the front.",
    ),
    Wrong(
        "unpad-forgotten",
        _loops_but(unpad=lambda dA_padded, *sizes: dA_padded),
        "Your dA_prev is the gradient of the padded images, and too large. "
        "Which part of it belongs to the images themselves?",
    ),
    Wrong(
        "unpad-from-the-corner",
        _loops_but(unpad=lambda dA_padded, pad, n_H, n_W: dA_padded[:, :n_H, :n_W]),
        "You take the top left part of the padded gradient. In which row and column of it does the image begin?",
    ),
    Wrong(
        "unpad-one-side",
        _loops_but(unpad=lambda dA_padded, pad, n_H, n_W: dA_padded[:, pad:, pad:]),
        "You take the padding off above and on the left only. It is on all four sides.",
    ),
    # What comes back.
    Wrong(
        "returned-in-another-order",
        _loops_but(answer=lambda dA_prev, dW, db, dZ: (dW, db, dA_prev)),
        "Your gradients are right, but come back in another order. It is dA_prev, dW, db.",
    ),
)

EXERCISE = Exercise(
    name="conv_backward",
    lesson="05-conv-backward",
    visible_points=3,
    criteria=CRITERIA,
    draw=draw,
    published=published,
    wrong=WRONG,
    returns=("dA_prev", "dW", "db"),
    formula=FORMULA,
    helpers=("zero_pad",),
)
