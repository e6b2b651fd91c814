"""The inputs that a "Break it" exercise takes, and why others are refused: the same in a notebook and in the grader.

They are small, so that each can be checked by hand, and mean what they mean to a right layer.  Whoever gives them is
trusted with nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convlab.compare import as_array, kind_of, number

LONGEST_AXIS = 8
MOST_NUMBERS = 2000  # of all arrays for one version
LARGEST_ENTRY = 9
#: The least and the most that each of hparameters may be.
HPARAMETERS = {"stride": (1, 8), "pad": (0, 4), "f": (1, 8)}

Array = NDArray[np.float64]


class Refused(Exception):
    """Inputs that are not taken; the text says why."""


def given(answer: Any, version: str, wanted: str) -> Any:
    """What ``answer``, a dict from versions to inputs, holds for ``version``; ``wanted`` names the inputs.

    Raises Refused when it is no such dict or holds nothing for the version.
    """
    if not isinstance(answer, dict):
        raise Refused(
            f'the answer should be a dict such as {{"a": {wanted}}}, and is {kind_of(answer)}.'
            + (" Does the function end with a return?" if answer is None else "")
        )
    if version not in answer:
        raise Refused(f'the dict should have the key "{version}", and has {_keys(answer)}.')
    return answer[version]


def taken(function: str, args: Any) -> tuple[Any, ...]:
    """``args`` as the arguments of ``function``: new arrays of floats, whole numbers as Python has them.

    Raises Refused when they are not small, whole, and valid.
    """
    return _TAKEN[function](args)


def _conv_forward(args: Any) -> tuple[Any, ...]:
    A_prev, W, b, hparameters = _parts("the inputs", args, WANTED["conv_forward"], 4)
    layer = _convolution(A_prev, W, b, hparameters)
    _demand_few(*layer[:3])
    return layer


def _pool_forward(args: Any) -> tuple[Any, ...]:
    A_prev, hparameters, mode = _parts("the inputs", _with_mode(args), WANTED["pool_forward"], 3)
    images, hparameters = _pooling(A_prev, hparameters)
    _demand_mode(mode)
    _demand_few(images)
    return images, hparameters, mode


def _conv_backward(args: Any) -> tuple[Any, ...]:
    dZ, cache = _parts("the inputs", args, WANTED["conv_backward"], 2)
    images, filters, bias, hparameters = _convolution(*_parts("cache", cache, WANTED["conv_forward"], 4))
    gradient = _gradient("dZ", dZ, images, filters.shape[3], filters.shape[0], hparameters)
    _demand_few(gradient, images, filters, bias)
    return gradient, (images, filters, bias, hparameters)


def _pool_backward(args: Any) -> tuple[Any, ...]:
    dA, cache, mode = _parts("the inputs", _with_mode(args), WANTED["pool_backward"], 3)
    images, hparameters = _pooling(*_parts("cache", cache, "(A_prev, hparameters)", 2))
    _demand_mode(mode)
    f, stride = hparameters["f"], hparameters["stride"]
    gradient = _gradient("dA", dA, images, images.shape[3], f, hparameters)
    _demand_few(gradient, images)
    if mode == "max":
        windows = np.lib.stride_tricks.sliding_window_view(images, (f, f), axis=(1, 2))[:, ::stride, ::stride]
        if ((windows == windows.max(axis=(4, 5), keepdims=True)).sum(axis=(4, 5)) > 1).any():
            raise Refused(
                "a window of A_prev has its maximum twice, and who receives the gradient then is a convention; let the "
                "pixels of each window differ."
            )
    return gradient, (images, hparameters), mode


#: The functions that are broken, and how their inputs are written.
WANTED = {
    "conv_forward": "(A_prev, W, b, hparameters)",
    "pool_forward": "(A_prev, hparameters, mode)",
    "conv_backward": "(dZ, cache)",
    "pool_backward": "(dA, cache, mode)",
}
_TAKEN: dict[str, Callable[[Any], tuple[Any, ...]]] = {
    "conv_forward": _conv_forward,
    "pool_forward": _pool_forward,
    "conv_backward": _conv_backward,
    "pool_backward": _pool_backward,
}


def _with_mode(args: Any) -> Any:
    """The arguments of a pooling layer with the mode that it takes where none is given."""
    return (*args, "max") if isinstance(args, tuple | list) and len(args) == 2 else args


def _pooling(A_prev: Any, hparameters: Any) -> tuple[Array, dict[str, int]]:
    images = _array("A_prev", A_prev, "(m, n_H_prev, n_W_prev, n_C)")
    hparameters = _hparameters(hparameters, ("f", "stride"))
    _demand_fit("window", images, hparameters["f"], 0)
    return images, hparameters


def _gradient(name: str, value: Any, images: Array, n_C: int, f: int, hparameters: dict[str, int]) -> Array:
    """The gradient of the output Z or A of a layer with n_C channels; ``name`` is dZ or dA."""
    gradient = _array(name, value, "(m, n_H, n_W, n_C)")
    stride, pad = hparameters["stride"], hparameters.get("pad", 0)
    rooms = zip(gradient.shape[1:3], images.shape[1:3], strict=True)
    last_fits = all(0 <= n_prev + 2 * pad - (n - 1) * stride - f < stride for n, n_prev in rooms)
    if not last_fits or (gradient.shape[0], gradient.shape[3]) != (images.shape[0], n_C):
        raise Refused(
            f"{name} has the shape {gradient.shape}, and should have that of the {name[1:]} that belongs to this cache."
        )
    return gradient


def _demand_mode(mode: Any) -> None:
    if not (isinstance(mode, str) and mode in ("max", "average")):
        found = repr(mode)[:20] if isinstance(mode, str) else kind_of(mode)
        raise Refused(f'mode should be "max" or "average", and is {found}.')


def _convolution(A_prev: Any, W: Any, b: Any, hparameters: Any) -> tuple[Array, Array, Array, dict[str, int]]:
    images = _array("A_prev", A_prev, "(m, n_H_prev, n_W_prev, n_C_prev)")
    filters = _array("W", W, "(f, f, n_C_prev, n_C)")
    bias = _array("b", b, "(1, 1, 1, n_C)")
    hparameters = _hparameters(hparameters, ("stride", "pad"))
    f, f_W, n_C_prev, n_C = filters.shape
    if f != f_W:
        raise Refused(f"W has the shape {filters.shape}, and its filters should be square, f×f.")
    if n_C_prev != images.shape[3]:
        raise Refused(f"A_prev has {images.shape[3]} channels and the filters in W have {n_C_prev}.")
    if bias.shape != (1, 1, 1, n_C):
        raise Refused(f"b has the shape {bias.shape}, and should have (1, 1, 1, {n_C}), a bias for each filter.")
    _demand_fit("filter", images, f, hparameters["pad"])
    return images, filters, bias, hparameters


def _parts(name: str, value: Any, wanted: str, count: int) -> tuple[Any, ...]:
    if not isinstance(value, tuple | list) or len(value) != count:
        raise Refused(f"{name} should be {wanted}, a tuple of {count}, and is {kind_of(value)}.")
    return tuple(value)


def _array(name: str, value: Any, axes: str) -> Array:
    array = as_array(value)
    if array is None:
        raise Refused(f"{name} should be an array of numbers, and is {kind_of(value)}.")
    if array.ndim != 4:
        raise Refused(f"{name} should have the four axes {axes}, and is {kind_of(array)}.")
    if not all(1 <= n <= LONGEST_AXIS for n in array.shape):
        raise Refused(f"{name} has the shape {array.shape}; each axis should be 1 to {LONGEST_AXIS} long.")
    if not np.isfinite(array).all():
        raise Refused(f"{name} holds NaN or infinity; take whole numbers.")
    odd = (array < -LARGEST_ENTRY) | (array > LARGEST_ENTRY) | (array != np.floor(array))
    if odd.any():
        raise Refused(
            f"{name} holds {number(array[odd])}; take whole numbers from -{LARGEST_ENTRY} to {LARGEST_ENTRY}."
        )
    return array.astype(np.float64)


def _keys(value: dict[Any, Any]) -> str:
    return ", ".join(f'"{key!s:.20}"' for key in list(value)[:6]) or "no keys"


def _hparameters(value: Any, keys: tuple[str, str]) -> dict[str, int]:
    if not isinstance(value, dict) or set(value) != set(keys):
        found = f"a dict with {_keys(value)}" if isinstance(value, dict) else kind_of(value)
        raise Refused(f'hparameters should be a dict with the keys "{keys[0]}" and "{keys[1]}", and is {found}.')
    return {key: _whole(key, value[key], *HPARAMETERS[key]) for key in keys}


def _whole(name: str, value: Any, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise Refused(f"{name} should be a whole number such as {least + 1}, and is {kind_of(value)}.")
    if not least <= value <= most:
        raise Refused(f"{name} should be {least} to {most}, and is {value}.")
    return int(value)


def _demand_fit(what: str, images: Array, f: int, pad: int) -> None:
    room = min(images.shape[1:3]) + 2 * pad
    if f > room:
        raise Refused(f"the {what} does not fit: f is {f}, and the padded images are only {room} pixels high or wide.")


def _demand_few(*arrays: Array) -> None:
    if (count := sum(array.size for array in arrays)) > MOST_NUMBERS:
        raise Refused(f"the arrays hold {count} numbers together, and {MOST_NUMBERS} are the most.")
