"""Values as plain data between the grader and the confined process: JSON, and arrays as ``.npy`` bytes.

Both sides use this file.  What comes out of the confined process is a stranger's, so decoding trusts nothing:
every count, size, depth and dtype is bounded, nothing is ever unpickled, and whatever does not fit raises
`ProtocolError`.

A frame is two 4-byte lengths, a JSON text and the bytes of the arrays it refers to by number.
"""

from __future__ import annotations

import io
import json
import math
import struct
from dataclasses import dataclass
from typing import Any

import numpy as np

PREFIX = struct.Struct(">II")
MAX_TEXT = 8 * 2**20  # bytes of JSON in a frame
MAX_ARRAYS = 64 * 2**20  # bytes of arrays in a frame
MAX_ITEMS = 20_000  # values in one answer, all levels together
MAX_DEPTH = 12
MAX_STRING = 10_000
KINDS = "biufc"


class ProtocolError(Exception):
    """What came is not a frame of this protocol, or is larger than anything honest."""


@dataclass(frozen=True)
class Other:
    """Stands for a value that cannot travel; ``type_name`` says what it was."""

    type_name: str


def encode(value: Any) -> tuple[Any, list[bytes]]:
    """``value`` as a JSON tree and the arrays it refers to; what cannot travel becomes its type's name."""
    blobs: list[bytes] = []
    return _encode(value, blobs, 0, [0]), blobs


def _encode(value: Any, blobs: list[bytes], depth: int, count: list[int]) -> Any:
    count[0] += 1
    if count[0] > MAX_ITEMS or depth > MAX_DEPTH:
        return {"t": "other", "v": "collection too large to judge"}
    kind = type(value)
    if value is None or kind is bool:
        return value
    if kind is str:
        return value[:MAX_STRING]
    if kind is int:
        return value if abs(value) < 2**63 else {"t": "other", "v": "int beyond 64 bits"}
    if kind is float:
        return value if math.isfinite(value) else {"t": "float", "v": repr(value)}
    if isinstance(value, np.ndarray | np.generic):
        array = np.array(value, copy=True, subok=False, order="C")
        if array.dtype.kind not in KINDS or array.dtype.itemsize > 16:
            return {"t": "other", "v": f"array of dtype {array.dtype}"[:100]}
        if array.nbytes > MAX_ARRAYS:
            return {"t": "other", "v": f"array of {array.nbytes} bytes"}
        buffer = io.BytesIO()
        np.lib.format.write_array(buffer, array, allow_pickle=False)
        blobs.append(buffer.getvalue())
        return {"t": "scalar" if isinstance(value, np.generic) else "array", "v": len(blobs) - 1}
    if isinstance(value, tuple | list):
        items = [_encode(item, blobs, depth + 1, count) for item in list(value)]
        return {"t": "tuple" if isinstance(value, tuple) else "list", "v": items}
    if isinstance(value, dict):
        pairs = list(value.items())
        if any(type(key) is not str for key, _ in pairs):
            return {"t": "other", "v": "dict with keys that are not text"}
        return {"t": "dict", "v": [[key, _encode(item, blobs, depth + 1, count)] for key, item in pairs]}
    if isinstance(value, int | float):  # a subclass, such as an IntEnum
        return _encode(int(value) if isinstance(value, int) else float(value), blobs, depth, count)
    return {"t": "other", "v": kind.__name__[:100]}


def decode(tree: Any, blobs: list[bytes]) -> Any:
    """The value that a JSON tree and its arrays stand for."""
    return _decode(tree, blobs, 0, [0])


def _decode(tree: Any, blobs: list[bytes], depth: int, count: list[int]) -> Any:
    count[0] += 1
    if count[0] > MAX_ITEMS + 1 or depth > MAX_DEPTH + 1:
        raise ProtocolError("too many values in one answer")
    if tree is None or isinstance(tree, bool | int | float):
        return tree
    if isinstance(tree, str):
        return tree[:MAX_STRING]
    if not isinstance(tree, dict) or set(tree) != {"t", "v"}:
        raise ProtocolError("a value that is neither plain nor tagged")
    tag, inner = tree["t"], tree["v"]
    if tag in ("array", "scalar"):
        if type(inner) is not int or not 0 <= inner < len(blobs):
            raise ProtocolError("an array that was not sent")
        array = read_array(blobs[inner])
        return array[()] if tag == "scalar" and array.ndim == 0 else array
    if tag in ("tuple", "list") and isinstance(inner, list):
        items = [_decode(item, blobs, depth + 1, count) for item in inner]
        return tuple(items) if tag == "tuple" else items
    if tag == "dict" and isinstance(inner, list):
        if not all(isinstance(p, list) and len(p) == 2 and isinstance(p[0], str) for p in inner):
            raise ProtocolError("a dict that is no list of pairs")
        return {key: _decode(item, blobs, depth + 1, count) for key, item in inner}
    if tag == "float" and inner in ("nan", "inf", "-inf"):
        return float(inner)
    if tag == "other" and isinstance(inner, str):
        return Other(inner[:100])
    raise ProtocolError("an unknown kind of value")


def read_array(blob: bytes) -> np.ndarray[Any, Any]:
    """The array in ``.npy`` bytes, which must be just as long as their header says."""
    buffer = io.BytesIO(blob)
    try:
        if np.lib.format.read_magic(buffer) != (1, 0):
            raise ProtocolError("an array in another version of the format")
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(buffer, max_header_size=2000)
    except ProtocolError:
        raise
    except Exception as error:
        raise ProtocolError("an array with a header that cannot be read") from error
    if dtype.kind not in KINDS or dtype.itemsize > 16 or dtype.hasobject or len(shape) > 32:
        raise ProtocolError("an array of a dtype that is not a number")
    if any(type(n) is not int or n < 0 for n in shape):
        raise ProtocolError("an array with a negative size")
    start = buffer.tell()
    if math.prod(shape) * dtype.itemsize != len(blob) - start:
        raise ProtocolError("an array whose bytes are not what its header promises")
    array = np.frombuffer(blob, dtype=dtype, offset=start)
    return array.reshape(shape, order="F" if fortran else "C").copy()


def pack(message: dict[str, Any], blobs: list[bytes]) -> bytes:
    """One frame."""
    text = json.dumps({**message, "blobs": [len(blob) for blob in blobs]}).encode()
    if len(text) > MAX_TEXT or sum(map(len, blobs)) > MAX_ARRAYS:
        raise ProtocolError("a message larger than the protocol allows")
    return b"".join([PREFIX.pack(len(text), sum(map(len, blobs))), text, *blobs])


def sizes(prefix: bytes) -> tuple[int, int]:
    """How many bytes of text and of arrays follow a frame's first eight bytes."""
    text, arrays = PREFIX.unpack(prefix)
    if text > MAX_TEXT or arrays > MAX_ARRAYS:
        raise ProtocolError("a frame larger than the protocol allows")
    return text, arrays


def unpack(text: bytes, arrays: bytes) -> tuple[dict[str, Any], list[bytes]]:
    """A frame's message and arrays."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("a frame that is not JSON") from error
    lengths = message.get("blobs") if isinstance(message, dict) else None
    if not isinstance(lengths, list) or len(lengths) > MAX_ITEMS:
        raise ProtocolError("a frame that does not say what arrays it carries")
    if not all(type(n) is int and n >= 0 for n in lengths) or sum(lengths) != len(arrays):
        raise ProtocolError("a frame whose arrays are not as long as it says")
    blobs, at = [], 0
    for length in lengths:
        blobs.append(arrays[at : at + length])
        at += length
    return message, blobs
