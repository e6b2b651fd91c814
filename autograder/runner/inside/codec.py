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
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

PREFIX = struct.Struct(">II")
MAX_TEXT = 8 * 2**20  # bytes of JSON in a frame
MAX_ARRAYS = 16 * 2**20  # bytes of arrays in a frame
MAX_ITEMS = 20_000  # values in one answer, all levels together
MAX_DEPTH = 12
MAX_STRING = 10_000
MAX_HEADER = 2000  # bytes of text that say an array's shape and dtype
MAX_DIMENSIONS = 16
KINDS = "biufc"


class ProtocolError(Exception):
    """What came is not a frame of this protocol, or is larger than anything honest."""


@dataclass(frozen=True)
class Other:
    """Stands for a value that cannot travel; ``type_name`` says what it was."""

    type_name: str


def encode(value: Any) -> tuple[Any, list[bytes]]:
    """``value`` as a JSON tree and the arrays it refers to; what cannot travel becomes its type's name.

    Whatever ``value`` is, the tree and the arrays fit into one frame and can be decoded.
    """
    blobs: list[bytes] = []
    return _encode(value, blobs, 0, _Room()), blobs


@dataclass
class _Room:
    """What an answer may still hold of values, characters and bytes of arrays."""

    values: int = MAX_ITEMS - 1
    text: int = MAX_TEXT // 16  # a character may take twelve bytes of JSON
    arrays: int = MAX_ARRAYS

    def take(self, values: int = 0, text: int = 0, arrays: int = 0) -> bool:
        """Whether there was room for all this, which is used up now."""
        if values > self.values or text > self.text or arrays > self.arrays:
            return False
        self.values, self.text, self.arrays = self.values - values, self.text - text, self.arrays - arrays
        return True


def _other(what: str, room: _Room) -> dict[str, str]:
    what = what[:100]
    return {"t": "other", "v": what if room.take(text=len(what)) else "too large"}


def _encode(value: Any, blobs: list[bytes], depth: int, room: _Room) -> Any:
    kind = type(value)
    if value is None or kind is bool:
        return value
    if kind is str:
        return value[:MAX_STRING] if room.take(text=min(len(value), MAX_STRING)) else _other("text too long", room)
    if kind is int:
        return value if abs(value) < 2**63 else _other("int beyond 64 bits", room)
    if kind is float:
        return value if math.isfinite(value) else {"t": "float", "v": repr(value)}
    if isinstance(value, np.ndarray | np.generic):
        array = np.array(value, copy=True, subok=False, order="C")
        if array.dtype.kind not in KINDS or array.dtype.itemsize > 16 or array.ndim > MAX_DIMENSIONS:
            return _other(f"array of dtype {array.dtype}", room)
        if not room.take(arrays=array.nbytes + MAX_HEADER):
            return _other(f"array of {array.nbytes} bytes", room)
        buffer = io.BytesIO()
        np.lib.format.write_array(buffer, array, allow_pickle=False)
        blobs.append(buffer.getvalue())
        return {"t": "scalar" if isinstance(value, np.generic) else "array", "v": len(blobs) - 1}
    if isinstance(value, tuple | list):
        items = list(value)
        if depth == MAX_DEPTH or not room.take(values=len(items)):
            return _other("collection too large to judge", room)
        tag = "tuple" if isinstance(value, tuple) else "list"
        return {"t": tag, "v": [_encode(item, blobs, depth + 1, room) for item in items]}
    if isinstance(value, dict):
        pairs = list(value.items())
        if any(type(key) is not str for key, _ in pairs):
            return _other("dict with keys that are not text", room)
        if depth == MAX_DEPTH or not room.take(values=len(pairs), text=sum(len(key) for key, _ in pairs)):
            return _other("collection too large to judge", room)
        return {"t": "dict", "v": [[key, _encode(item, blobs, depth + 1, room)] for key, item in pairs]}
    if isinstance(value, int | float):  # a subclass, such as an IntEnum
        return _encode(int(value) if isinstance(value, int) else float(value), blobs, depth, room)
    return _other(kind.__name__, room)


def decode(tree: Any, blobs: list[bytes]) -> Any:
    """The value that a JSON tree and its arrays stand for."""
    return _decode(tree, enumerate(blobs), 0, [0])


def plain(text: str) -> str:
    """``text`` without lone surrogates, which JSON can carry and no file can hold."""
    return text.encode("utf-8", "replace").decode()


def _decode(tree: Any, blobs: Iterator[tuple[int, bytes]], depth: int, count: list[int]) -> Any:
    count[0] += 1
    if count[0] > MAX_ITEMS or depth > MAX_DEPTH:
        raise ProtocolError("too many values in one answer")
    if tree is None or isinstance(tree, bool | int | float):
        return tree
    if isinstance(tree, str):
        return plain(tree[:MAX_STRING])
    if not isinstance(tree, dict) or set(tree) != {"t", "v"}:
        raise ProtocolError("a value that is neither plain nor tagged")
    tag, inner = tree["t"], tree["v"]
    if tag in ("array", "scalar"):
        place, blob = next(blobs, (-1, b""))
        if place < 0 or inner != place:  # in the order in which they were sent, so that each is made once only
            raise ProtocolError("an array that was not sent")
        array = read_array(blob)
        return array[()] if tag == "scalar" and array.ndim == 0 else array
    if tag in ("tuple", "list") and isinstance(inner, list):
        items = [_decode(item, blobs, depth + 1, count) for item in inner]
        return tuple(items) if tag == "tuple" else items
    if tag == "dict" and isinstance(inner, list):
        if not all(isinstance(p, list) and len(p) == 2 and isinstance(p[0], str) for p in inner):
            raise ProtocolError("a dict that is no list of pairs")
        return {plain(key): _decode(item, blobs, depth + 1, count) for key, item in inner}
    if tag == "float" and inner in ("nan", "inf", "-inf"):
        return float(inner)
    if tag == "other" and isinstance(inner, str):
        return Other(plain(inner[:100]))
    raise ProtocolError("an unknown kind of value")


def read_array(blob: bytes) -> np.ndarray[Any, Any]:
    """The array in ``.npy`` bytes, which must be just as long as their header says."""
    buffer = io.BytesIO(blob)
    try:
        if np.lib.format.read_magic(buffer) != (1, 0):
            raise ProtocolError("an array in another version of the format")
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(buffer, max_header_size=MAX_HEADER)
    except ProtocolError:
        raise
    except Exception as error:
        raise ProtocolError("an array with a header that cannot be read") from error
    if dtype.kind not in KINDS or dtype.itemsize > 16 or dtype.hasobject or len(shape) > MAX_DIMENSIONS:
        raise ProtocolError("an array of a dtype that is not a number")
    if any(type(n) is not int or n < 0 for n in shape):
        raise ProtocolError("an array with a negative size")
    start = buffer.tell()
    if math.prod(shape) * dtype.itemsize != len(blob) - start:
        raise ProtocolError("an array whose bytes are not what its header promises")
    try:
        array = np.frombuffer(blob, dtype=dtype, offset=start)
        return array.reshape(shape, order="F" if fortran else "C").copy()
    except ValueError as error:  # no bytes, and another size that no array can have
        raise ProtocolError("an array of a size that cannot be") from error


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
