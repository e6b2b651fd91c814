"""Values on their way between the grader and the confined process: honest ones arrive, hostile ones do no harm."""

import contextlib
import enum
import io
import json
import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograder.runner.inside import codec
from autograder.runner.inside.codec import (
    MAX_ARRAYS,
    MAX_DEPTH,
    MAX_ITEMS,
    MAX_STRING,
    MAX_TEXT,
    PREFIX,
    Other,
    ProtocolError,
    decode,
    encode,
    pack,
    read_array,
    sizes,
    unpack,
)

MIB = 2**20
DTYPES = ["?", "i1", "u1", "<i2", ">i4", "u4", "i8", "u8", "f2", "f4", "f8", ">f8", "g", "c8", "c16"]


def through(value):
    """``value`` as it arrives: encoded, packed, unpacked and decoded, as between the two processes."""
    tree, blobs = encode(value)
    frame = pack({"id": 1, "answer": tree}, blobs)
    text, arrays = sizes(frame[: PREFIX.size])
    assert len(frame) == PREFIX.size + text + arrays
    message, out = unpack(frame[PREFIX.size :][:text], frame[PREFIX.size + text :])
    return decode(message["answer"], out)


def same(a, b):
    """Whether two values are the same in type, dtype, shape and every bit that can be read."""
    if isinstance(b, np.ndarray | np.generic):
        return type(a) is type(b) and a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b, equal_nan=True)
    if isinstance(b, tuple | list):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(b, dict):
        return type(a) is dict and list(a) == list(b) and all(same(a[key], b[key]) for key in b)
    return type(a) is type(b) and (a == b or (isinstance(b, float) and math.isnan(a) and math.isnan(b)))


arrays = hnp.arrays(
    st.sampled_from(DTYPES).map(np.dtype), hnp.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=4)
)
scalars = hnp.arrays(st.sampled_from(DTYPES).map(np.dtype), ()).map(lambda array: array[()])
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
leaves = st.one_of(st.none(), st.booleans(), st.integers(-(2**63) + 1, 2**63 - 1), st.floats(), texts, scalars, arrays)
values = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.lists(inner, max_size=4).map(tuple), st.dictionaries(texts, inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=200)
@given(values)
def test_a_value_arrives_as_it_was_sent(value):
    assert same(through(value), value)


@given(arrays)
def test_an_array_arrives_whatever_its_layout_in_memory(array):
    for view in (np.asfortranarray(array), array.T, array[..., ::-1] if array.ndim else array):
        got = through(view)
        assert same(got, np.ascontiguousarray(view).reshape(view.shape))
        assert got.flags.c_contiguous
        assert got.flags.writeable


@given(st.binary(max_size=300))
def test_an_array_in_fortran_order_is_read_in_its_order(data):
    array = np.asfortranarray(np.frombuffer(data[: len(data) // 6 * 6], "u1").reshape(3, -1, 2))
    buffer = io.BytesIO()
    np.save(buffer, array)
    assert same(read_array(buffer.getvalue()), np.ascontiguousarray(array))


def test_numbers_of_other_types_arrive_as_plain_numbers():
    class Colour(enum.IntEnum):
        RED = 3

    class Metres(float):
        pass

    assert through((Colour.RED, Metres(2.5), Metres("nan"))) == pytest.approx((3, 2.5, math.nan), nan_ok=True)
    assert type(through(Colour.RED)) is int
    assert type(through(Metres(1))) is float


class Liar(np.ndarray):
    """An array that lies about everything that can be asked of it."""

    shape = property(lambda self: (3, 3))
    dtype = property(lambda self: np.dtype("f8"))
    nbytes = property(lambda self: 0)
    ndim = property(lambda self: 0)
    size = property(lambda self: 10**12)

    def __array__(self, *_, **__):
        return np.zeros(9)

    def __eq__(self, other):
        return True

    __hash__ = None

    def __array_function__(self, *_, **__):
        return True

    def __array_ufunc__(self, *_, **__):
        return True

    def __reduce__(self):
        raise RuntimeError("pickled")


def test_a_subclass_of_array_is_sent_as_the_numbers_it_holds():
    truth = np.arange(6).reshape(2, 3)
    for value in (truth.view(Liar), np.ma.masked_array(truth, truth > 2), np.matrix(truth)):
        got = through(value)
        assert type(got) is np.ndarray
    assert same(through(truth.view(Liar)), truth)
    assert same(through(np.ma.masked_array(truth, truth > 2)), truth)


UNKNOWN = [
    (object(), "object"),
    (lambda: 1, "function"),
    ({1, 2}, "set"),
    (b"bytes", "bytes"),
    (3j, "complex"),
    (range(3), "range"),
    (np, "module"),
    (type("str", (str,), {})(), "str"),
    (2**63, "int beyond 64 bits"),
    (-(2**70), "int beyond 64 bits"),
    (np.array([None]), "array of dtype object"),
    (np.array(["a"]), "array of dtype <U1"),
    (np.zeros(2, "f4,i4"), "array of dtype [('f0', '<f4'), ('f1', '<i4')]"),
    (np.datetime64("2026-01-01"), "array of dtype datetime64[D]"),
    (np.zeros(2, "G"), "array of dtype complex256"),
    (np.zeros((1,) * 40), "array of dtype float64"),
    ({1: 2}, "dict with keys that are not text"),
]


@pytest.mark.parametrize(("value", "name"), UNKNOWN, ids=[name for _, name in UNKNOWN])
def test_what_cannot_travel_is_named(value, name):
    assert through(value) == Other(name)
    assert through([1, value]) == [1, Other(name)]


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


class Endless(list):
    """A list that says it is short, and holds itself."""

    def __len__(self):
        return 1


ENDLESS = Endless([1, 2])
ENDLESS.extend([ENDLESS] * 5)

TOO_LARGE = {
    "long list": list(range(MAX_ITEMS + 5)),
    "wide at two levels": [[0] * 150] * 150,
    "wide behind a wide one": [list(range(MAX_ITEMS // 2))] + [0] * (MAX_ITEMS * 3 // 4),
    "wide dict": {str(i): i for i in range(MAX_ITEMS + 5)},
    "deep list": nested(MAX_DEPTH + 1),
    "deeper than the interpreter's stack": nested(10**5),
    "a list in itself": ENDLESS,
    "much text": ["\N{GRINNING FACE}" * MAX_STRING] * 2000,
    "long keys": {f"{i}" * 2000: "" for i in range(2000)},
    "many long names": [type("\N{GRINNING FACE}" * 100, (), {})()] * (MAX_ITEMS - 2),
    "one large array": np.zeros(MAX_ARRAYS, "u1"),
    "many arrays": [np.zeros(MIB, "u1")] * 70,
    "many empty arrays": [np.zeros(0)] * MAX_ITEMS,
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_what_is_too_large_is_said_to_be_and_does_not_break_the_protocol(name):
    assert "Other" in repr(through(TOO_LARGE[name]))


def test_a_slice_of_a_view_without_end_is_sent_as_it_looks():
    assert same(through(np.broadcast_to(np.ones(1), (2**40,))[:3]), np.ones(3))
    assert through(np.broadcast_to(np.ones(1), (2**40,))[:0].reshape(0, 7)).shape == (0, 7)


def test_the_largest_that_fits_arrives():
    assert through(list(range(MAX_ITEMS - 1))) == list(range(MAX_ITEMS - 1))
    assert through(nested(MAX_DEPTH - 1)) == nested(MAX_DEPTH - 1)
    large = np.arange(MAX_ARRAYS // 8 - 500)
    assert same(through(large), large)


def test_long_text_is_cut_and_broken_text_is_mended():
    assert through("x" * (2 * MAX_STRING)) == "x" * MAX_STRING
    assert through("a\ud800b") == "a?b"
    assert through({"\udfff": 1}) == {"?": 1}
    assert decode({"t": "other", "v": "\ud800"}, []) == Other("?")


# What follows is what a stranger's process may send.


def npy(descr, shape, fortran=False, data=b"", version=(1, 0)):
    """``.npy`` bytes with this header, true or not."""
    header = f"{{'descr': {descr!r}, 'fortran_order': {fortran!r}, 'shape': {shape!r}, }}".encode()
    length = len(header) + 1
    return b"\x93NUMPY" + bytes(version) + length.to_bytes(2, "little") + header + b"\n" + data


def honest(array):
    return encode(array)[1][0]


HEADERS = {
    "terabytes": npy("<f8", (10**12,)),
    "terabytes in two dimensions": npy("<f8", (2**32, 2**32)),
    "more than a machine word": npy("<f8", (2**64,)),
    "no bytes and a size that cannot be": npy("<f8", (2**62, 0)),
    "no bytes and sizes that cannot be": npy("<f8", (2**62, 2**62, 0)),
    "no bytes and more than a machine word": npy("<f8", (0, 2**64)),
    "negative": npy("<f8", (-1,)),
    "two negatives": npy("<f8", (-1, -1), data=bytes(8)),
    "a truth value for a size": npy("<f8", (True,), data=bytes(8)),
    "a fraction for a size": npy("<f8", (1.0,), data=bytes(8)),
    "no tuple": npy("<f8", 3, data=bytes(24)),
    "forty dimensions": npy("<f8", (1,) * 40, data=bytes(8)),
    "too many dimensions": npy("<f8", (1,) * 400, data=bytes(8)),
    "short by a byte": honest(np.zeros(3))[:-1],
    "long by a byte": honest(np.zeros(3)) + b"\0",
    "objects": npy("|O", (1,), data=bytes(8)),
    "a pickle": npy("|O", (1,), data=b"cos\nsystem\n(S'touch /tmp/pwned'\ntR."),
    "structured": npy([("a", "<f8"), ("b", "<i4")], (1,), data=bytes(12)),
    "structured with objects": npy([("a", "|O")], (1,), data=bytes(8)),
    "text": npy("<U4", (1,), data=bytes(16)),
    "bytes": npy("|S8", (1,), data=bytes(8)),
    "nothing": npy("|V0", (10**9,)),
    "sixteen gigabytes an item": npy("|V2147483647", (0,)),
    "dates": npy("<M8[D]", (1,), data=bytes(8)),
    "subarray": npy(("<f8", (3,)), (1,), data=bytes(24)),
    "unknown dtype": npy("<q9", (1,), data=bytes(8)),
    "dtype that is a number": npy(5, (1,), data=bytes(8)),
    "version 2": npy("<f8", (1,), data=bytes(8), version=(2, 0)),
    "version 9": npy("<f8", (1,), data=bytes(8), version=(9, 9)),
    "order that is no truth value": npy("<f8", (1,), fortran="yes", data=bytes(8)),
    "long header": npy("<f8", (1,), data=bytes(8)).replace(b"'descr'", b"'descr'" + b" " * 60_000),
    "deep header": b"\x93NUMPY\x01\x00\xff\x07" + b"(" * 2047,
    "signs": b"\x93NUMPY\x01\x00\xff\x07" + b"-" * 2046 + b"1",
    "an expression": b"\x93NUMPY\x01\x00\x20\x00" + b"__import__('os')".ljust(32),
    "magic only": b"\x93NUMPY\x01\x00",
    "nothing at all": b"",
    "a plain pickle": b"\x80\x04K\x01.",
    "a zip file": b"PK\x03\x04" + bytes(60),
}


@contextlib.contextmanager
def no_more_than(size):
    """Fails where more than ``size`` bytes are taken at any moment."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < size
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", HEADERS)
def test_a_false_array_is_refused_before_memory_is_taken(name):
    with no_more_than(4 * MIB), pytest.raises(ProtocolError):
        read_array(HEADERS[name])


@given(st.binary(max_size=200))
def test_any_bytes_are_an_array_or_a_protocol_error(data):
    for blob in (data, b"\x93NUMPY\x01\x00" + data, npy("<f8", (1,))[:10] + data):
        with contextlib.suppress(ProtocolError):
            assert read_array(blob).nbytes <= len(blob)


@given(arrays, st.data())
def test_a_damaged_array_is_an_array_or_a_protocol_error(array, data):
    blob = bytearray(honest(array))
    for _ in range(data.draw(st.integers(1, 4))):
        blob[data.draw(st.integers(0, len(blob) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(ProtocolError):
        assert read_array(bytes(blob)).nbytes <= len(blob)


shapes = st.one_of(st.integers(), st.booleans(), st.floats(), st.just(0), st.none(), st.text(max_size=2))


@given(st.lists(shapes, max_size=35).map(tuple), st.sampled_from([*DTYPES, "|V0", "|S0", "O", "<M8[s]"]), st.booleans())
@example((2**62, 0), "f8", True)
def test_any_header_is_an_array_or_a_protocol_error(shape, descr, fortran):
    with contextlib.suppress(ProtocolError):
        read_array(npy(descr, shape, fortran, bytes(16)))


anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text(max_size=3), inner, max_size=3),
        st.fixed_dictionaries(
            {
                "t": st.sampled_from(["array", "scalar", "tuple", "list", "dict", "float", "other"]) | inner,
                "v": st.integers(-1, 3) | st.sampled_from(["nan", "inf"]) | inner | st.lists(inner, max_size=3),
            }
        ),
        st.lists(st.tuples(st.text(max_size=2), inner).map(list), max_size=3).map(
            lambda pairs: {"t": "dict", "v": pairs}
        ),
    ),
    max_leaves=20,
)


@given(anything, st.lists(st.binary(max_size=40) | arrays.map(honest), max_size=3))
def test_any_json_is_a_value_or_a_protocol_error(tree, blobs):
    with contextlib.suppress(ProtocolError):
        value = decode(tree, blobs)
        assert same(through(value), value) or "Other" in repr(value) or "int beyond" in repr(through(value))


BLOB = honest(np.zeros(2**17))  # one MiB
TREES = {
    "an array that was not sent": {"t": "array", "v": 1},
    "an array before the first": {"t": "array", "v": -1},
    "an array by another name": {"t": "array", "v": "0"},
    "the same array again and again": {"t": "list", "v": [{"t": "array", "v": 0}] * 10_000},
    "arrays in another order": {"t": "list", "v": [{"t": "array", "v": 1}, {"t": "array", "v": 0}]},
    "too many values": {"t": "list", "v": [0] * MAX_ITEMS},
    "too deep": {"t": "list", "v": [{"t": "tuple", "v": [nested(3)]}]},
    "a list without a tag": [1, 2],
    "a dict without a tag": {"a": 1},
    "more than a tag and a value": {"t": "list", "v": [], "w": 1},
    "a dict of singles": {"t": "dict", "v": [["a"]]},
    "a dict with a list for a key": {"t": "dict", "v": [[[], 1]]},
    "a float that is none": {"t": "float", "v": "1"},
    "a tag that is a list": {"t": [], "v": 1},
    "a tag that nobody knows": {"t": "pickle", "v": "gASVAAAA"},
    "another without a name": {"t": "other", "v": 3},
}


@pytest.mark.parametrize("name", TREES)
def test_a_false_tree_is_refused_before_memory_is_taken(name):
    with no_more_than(8 * MIB), pytest.raises(ProtocolError):
        decode(TREES[name], [BLOB])


def test_a_deep_tree_is_refused():
    tree = 1
    for _ in range(5000):
        tree = {"t": "list", "v": [tree]}
    with pytest.raises(ProtocolError):
        decode(tree, [])


MESSAGES = {
    "nothing": b"",
    "no JSON": b"\x00\x01garbage",
    "half of it": b'{"id": 1, "blobs": [',
    "no UTF-8": b'{"id": "\xff", "blobs": []}',
    "a number": b"5",
    "a list": b"[]",
    "no lengths": b'{"id": 1}',
    "lengths that are no list": b'{"blobs": 3}',
    "a negative length": b'{"blobs": [-1, 3]}',
    "lengths that cancel": b'{"blobs": [8, -6]}',
    "a truth value for a length": b'{"blobs": [true, true]}',
    "a fraction for a length": b'{"blobs": [2.0]}',
    "more than was sent": b'{"blobs": [1000000000000]}',
    "less than was sent": b'{"blobs": [1]}',
    "a length beyond counting": b'{"blobs": [' + b"9" * 5000 + b"]}",
    "a number beyond counting": b'{"blobs": [2], "id": ' + b"9" * 100_000 + b"}",
    "too many": b'{"blobs": [2' + b",0" * (MAX_ITEMS + 1) + b"]}",
    "lists nested 10^5 deep": b'{"blobs": [2], "a": ' + b"[" * 10**5 + b"]" * 10**5 + b"}",
    "lists nested without end": b"[" * MAX_TEXT,
    "dicts nested 10^5 deep": b'{"a":' * 10**5,
}


@pytest.mark.parametrize("name", MESSAGES)
def test_a_false_message_is_refused(name):
    with pytest.raises(ProtocolError):
        unpack(MESSAGES[name], b"\0\0")


@pytest.mark.parametrize("unit", [b"[],", b"{},", b'{"":0},', b'"a",', b"1.5,", b"[[[]]],"])
def test_a_message_takes_no_more_memory_than_forty_times_its_size(unit):
    text = b'{"blobs": [], "a": [' + unit * (MAX_TEXT // 16 // len(unit)) + b"0]}"
    with no_more_than(40 * len(text)):
        unpack(text, b"")


@given(st.binary(max_size=100), st.binary(max_size=20))
def test_any_bytes_are_a_message_or_a_protocol_error(text, data):
    with contextlib.suppress(ProtocolError):
        unpack(text, data)


@given(anything, st.lists(st.integers(-2, 5) | st.booleans() | st.floats(), max_size=4), st.binary(max_size=10))
def test_any_json_is_a_message_or_a_protocol_error(tree, lengths, data):
    for message in (tree, {"blobs": tree}, {"blobs": lengths, "id": tree}):
        with contextlib.suppress(ProtocolError):
            got, blobs = unpack(json.dumps(message).encode(), data)
            assert isinstance(got, dict)
            assert b"".join(blobs) == data


@given(st.binary(min_size=8, max_size=8))
@example(b"\xff" * 8)
@example(PREFIX.pack(MAX_TEXT, MAX_ARRAYS))
@example(PREFIX.pack(MAX_TEXT + 1, 0))
@example(PREFIX.pack(0, MAX_ARRAYS + 1))
def test_a_frame_is_within_bounds_or_a_protocol_error(prefix):
    try:
        text, data = sizes(prefix)
    except ProtocolError:
        assert max(PREFIX.unpack(prefix)) > min(MAX_TEXT, MAX_ARRAYS)
    else:
        assert text <= MAX_TEXT
        assert data <= MAX_ARRAYS


def test_a_message_of_our_own_that_is_too_large_is_not_sent():
    with pytest.raises(ProtocolError):
        pack({"a": "x" * MAX_TEXT}, [])
    with pytest.raises(ProtocolError):
        pack({}, [bytes(MAX_ARRAYS + 1)])


def test_nothing_is_ever_unpickled(monkeypatch):
    def refuse(*_, **__):
        raise AssertionError("unpickled")

    for name in ("load", "loads", "Unpickler"):
        monkeypatch.setattr(f"pickle.{name}", refuse)
    for blob in HEADERS.values():
        with contextlib.suppress(ProtocolError):
            read_array(blob)
    assert "pickle" not in vars(codec)
