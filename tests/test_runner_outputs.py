"""What a stranger's process says its cells showed: only text and pictures come through, within bounds."""

import base64
import json
import struct
import zlib

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook, output_from_msg

from autograder.runner import outputs
from autograder.runner.outputs import MAX_ALL, MAX_IMAGE, MAX_OUTPUTS, MAX_TEXT, checked, within


def chunk(kind, data):
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"\0\0"))
    + chunk(b"IEND", b"")
)
JPEG = b"\xff\xd8\xff\xe0" + bytes(20)


def text64(data):
    return base64.b64encode(data).decode()


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def shown(data, kind="display_data"):
    return {"output_type": kind, "data": data, "metadata": {}}


def is_kept(output):
    """Whether an output has one of the forms that may be kept, with nothing else in it."""
    kind = output["output_type"]
    if kind == "stream":
        return set(output) == {"output_type", "name", "text"} and output["name"] in ("stdout", "stderr")
    if kind == "error":
        return set(output) == {"output_type", "ename", "evalue", "traceback"}
    pictures = {mime: base64.b64decode(output["data"][mime]) for mime in output["data"] if mime != "text/plain"}
    signatures = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff"}
    extra = {"execution_count"} if kind == "execute_result" else set()
    return (
        kind in ("display_data", "execute_result")
        and set(output) == {"output_type", "data", "metadata"} | extra
        and output["metadata"] == {}
        and bool(output["data"])
        and all(picture.startswith(signatures[mime]) for mime, picture in pictures.items())
    )


def characters(value):
    """How much text there is in kept outputs, pictures aside."""
    if isinstance(value, dict):
        return sum(characters(inner) for key, inner in value.items() if key not in outputs.SIGNATURES)
    return sum(map(characters, value)) if isinstance(value, list) else len(value) if isinstance(value, str) else 0


anything = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(),
        st.text(max_size=10),
        st.sampled_from(["stream", "error", "display_data", "execute_result", "stdout", text64(PNG), text64(JPEG)]),
        st.binary(max_size=20).map(text64),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.text(max_size=3), inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["output_type", "data", "name", "text", "traceback", "ename", "evalue", "metadata", "execution_count"]
            ),
            inner,
            max_size=5,
        ),
        st.fixed_dictionaries(
            {
                "output_type": st.sampled_from(["stream", "error", "display_data", "execute_result"]),
                "data": st.dictionaries(
                    st.sampled_from(["text/plain", "text/html", "image/png", "image/jpeg", "image/svg+xml"]), inner
                ),
                "traceback": inner,
                "text": inner,
            }
        ),
    ),
    max_leaves=25,
)


@given(anything | st.lists(anything, max_size=5))
def test_of_anything_only_text_and_pictures_are_kept(said):
    kept = checked(said)
    assert all(map(is_kept, kept))
    assert checked(kept) == kept
    json.dumps(kept).encode("utf-8")
    notebook = nbformat.from_dict(new_notebook(cells=[new_code_cell(outputs=kept)]))
    nbformat.validate(notebook)
    nbformat.writes(notebook).encode("utf-8")


def test_honest_outputs_are_kept_as_they_are():
    honest = [
        stream("one\n"),
        stream("careful\n", "stderr"),
        shown({"text/plain": "<Figure>", "image/png": text64(PNG)}),
        shown({"image/jpeg": text64(JPEG)}),
        {**shown({"text/plain": "42"}, "execute_result"), "execution_count": None},
        {"output_type": "error", "ename": "ValueError", "evalue": "no", "traceback": ["line 1", "ValueError: no"]},
    ]
    assert checked(honest) == honest


@pytest.mark.parametrize(
    "data",
    [
        {"text/html": "<script>alert(1)</script>"},
        {"image/svg+xml": "<svg onload='alert(1)'/>"},
        {"application/javascript": "alert(1)"},
        {"text/markdown": "<img src=x onerror=alert(1)>"},
        {"text/latex": r"\href{javascript:alert(1)}{x}"},
        {"application/vnd.jupyter.widget-view+json": {"model_id": "x"}},
        {"application/pdf": text64(b"%PDF")},
        {"../../etc/passwd": "x"},
        {"image/png": "<svg onload='alert(1)'/>"},
        {"image/png": text64(b"<svg onload='alert(1)'/>")},
        {"image/png": text64(JPEG)},
        {"image/jpeg": text64(PNG)},
        {"image/png": text64(PNG)[:5]},
        {"image/png": text64(PNG) + "' onload='alert(1)"},
        {"image/png": "\u0130" + text64(PNG)},
        {"image/png": "\ud800"},
        {"image/png": [text64(PNG)]},
        {"image/png": None},
        {"text/plain": 7},
        {"text/plain": ["a", "b"]},
        {"text/plain": {"a": "b"}},
        {},
        [],
        None,
        "text",
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", ["display_data", "execute_result"])
def test_what_is_neither_text_nor_a_picture_is_dropped(data, kind):
    assert checked([shown(data, kind)]) == []


def test_text_is_kept_where_html_beside_it_is_dropped():
    both = {"text/plain": "<b>", "text/html": "<b>", "image/png": text64(PNG), "image/svg+xml": "<svg/>"}
    (kept,) = checked([{**shown(both), "metadata": {"text/html": {"isolated": True}}, "transient": {"display_id": 1}}])
    assert kept == shown({"text/plain": "<b>", "image/png": text64(PNG)})


def test_pictures_may_be_wrapped_in_lines():
    wrapped = "\n".join([text64(PNG)[:20], text64(PNG)[20:], ""])
    assert checked([shown({"image/png": wrapped})]) == [shown({"image/png": text64(PNG)})]


@pytest.mark.parametrize("said", [None, 1, "stream", {}, {"output_type": "stream"}, [None, 1, "x", [], {}], [[{}]]])
def test_what_has_not_the_form_of_outputs_is_nothing(said):
    assert checked(said) == []


@pytest.mark.parametrize("kind", ["update_display_data", "clear_output", "comm_open", "status", "", None, [], {}])
def test_kinds_of_output_that_a_notebook_does_not_hold_are_dropped(kind):
    assert checked([{"output_type": kind, "data": {"text/plain": "x"}, "text": "x"}]) == []


def test_streams_have_one_of_two_names_and_text():
    assert checked([stream("a", "stdin"), stream("b", ["stderr"]), stream(["c"]), stream(None, None)]) == [
        stream("a"),
        stream("b"),
        stream(""),
        stream(""),
    ]


def test_text_that_no_file_can_hold_is_mended():
    assert checked([stream("a\ud800b")]) == [stream("a?b")]


def test_text_is_bounded_over_all_outputs_together():
    many = [stream("x" * 10_000)] * 100
    wide = [shown({"text/plain": "x" * (MAX_TEXT + 5)})] * 3
    tall = [{"output_type": "error", "ename": "E" * 10**6, "evalue": "e" * 10**6, "traceback": ["t" * 10**6] * 500}]
    for said in (many, wide, tall, many + wide + tall, tall + wide):
        kept = checked(said)
        fixed = 60 * len(kept)  # the names of types and streams
        assert MAX_TEXT <= characters(kept) <= MAX_TEXT + fixed


def test_the_number_of_outputs_and_lines_is_bounded():
    assert len(checked([stream("x")] * 10**5)) == MAX_OUTPUTS
    (error,) = checked([{"output_type": "error", "traceback": ["x"] * 10**5}])
    assert len(error["traceback"]) <= 100


def test_a_picture_that_is_too_large_is_dropped_and_its_text_kept():
    large = text64(PNG + bytes(MAX_IMAGE))
    assert checked([shown({"text/plain": "<Figure>", "image/png": large})]) == [shown({"text/plain": "<Figure>"})]


def test_an_error_of_ours_is_one_that_may_be_kept():
    made = outputs.error("Stopped", "It took too long.")
    assert checked([made]) == [made]
    assert output_from_msg(
        {"header": {"msg_type": "error"}, "content": {key: made[key] for key in ("ename", "evalue", "traceback")}}
    )


def test_all_cells_together_show_no_more_than_a_notebook_may():
    """A thousand cells of permitted outputs are more than a page can hold, and than the grader should."""
    cell = checked([{"output_type": "stream", "name": "stdout", "text": "x" * 200_000}])
    shown, room = [], MAX_ALL
    for _ in range(100):
        kept, room = within(cell, room)
        shown += kept
    assert shown[:41] == cell * 41
    assert {output["text"] for output in shown[41:]} == {"... Output left out: the notebook shows too much. ...\n"}
    assert within([], 0) == ([], 0)
