"""Replies that an attacker writes into the pipe: whatever is in them, the grader reads a verdict without points."""

import json
import re
import time
from dataclasses import dataclass

import pytest

from attacks.grading import IMPATIENT, TOOLS, graded
from autograder.runner.inside.codec import MAX_ARRAYS, MAX_TEXT
from autograder.runner.notebook import Cell, Notebook, NotebookRun

#: Runs where the student's function is called: it may write any bytes, or a frame with the right number.
FORGE = (
    TOOLS
    + """
import json, signal, struct
import numpy as np

def number():
    frame = sys._getframe()
    while 'message' not in frame.f_locals or 'op' not in frame.f_locals['message']:
        frame = frame.f_back
    return frame.f_locals['message']['id']

def frame(message, *blobs, text=None, lengths=None):
    message = {'id': number(), 'untouched': True, 'blobs': lengths or [len(blob) for blob in blobs], **message}
    text = json.dumps(message).encode() if text is None else text
    return struct.pack('>II', len(text), sum(map(len, blobs))) + text + b''.join(blobs)

def say(data):
    view = memoryview(data)
    while view:
        view = view[os.write(pipe, view):]

def npy(descr, shape, data=b''):
    head = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape!r}, }}".encode() + b'\\n'
    return b'\\x93NUMPY\\x01\\x00' + len(head).to_bytes(2, 'little') + head + data

ARRAY = {'t': 'array', 'v': 0}

def zero_pad(X, pad):
    signal.setitimer(signal.ITIMER_REAL, 0)
"""
)


@dataclass(frozen=True)
class Forgery:
    """What is said in place of an answer, and what the verdict or an incident must say of it."""

    name: str
    says: str
    code: str


NOT_AN_ANSWER = "not an answer"
SLOW = "took too long"
FORGERIES = [
    # Not frames
    Forgery("garbage", NOT_AN_ANSWER, "say(b'\\xff' * 100)"),
    Forgery("text", NOT_AN_ANSWER, "say(b'10 out of 10\\n')"),
    Forgery("zeros", NOT_AN_ANSWER, "say(bytes(8))"),
    Forgery("random bytes", "", "say(os.urandom(10**6))"),
    Forgery("half a frame, and no more", SLOW, "say(struct.pack('>II', 100, 0) + b'{'); time.sleep(60)"),
    Forgery("half a prefix, and an end", "ended", "say(b'\\0\\0'); os._exit(0)"),
    Forgery("half a frame, and an end", "ended", "say(struct.pack('>II', 100, 0) + b'{'); os._exit(0)"),
    Forgery(
        "a frame a byte at a time", SLOW, "for byte in frame({'answer': 1}): (say(bytes([byte])), time.sleep(0.3))"
    ),
    Forgery("a frame of 4 GB", NOT_AN_ANSWER, "say(struct.pack('>II', 2**32 - 1, 2**32 - 1))"),
    Forgery("text that is too long", NOT_AN_ANSWER, f"say(struct.pack('>II', {MAX_TEXT + 1}, 0))"),
    Forgery("arrays that are too large", NOT_AN_ANSWER, f"say(struct.pack('>II', 2, {MAX_ARRAYS + 1}))"),
    Forgery(
        "the largest frame, of spaces", NOT_AN_ANSWER, f"say(struct.pack('>II', {MAX_TEXT}, 0) + b' ' * {MAX_TEXT})"
    ),
    Forgery(
        "the largest frame, never filled", SLOW, f"say(struct.pack('>II', {MAX_TEXT}, {MAX_ARRAYS})); time.sleep(60)"
    ),
    Forgery("everything at once, and more", "", "say(frame({'answer': 1}) * 5000)"),
    Forgery("an endless flood", "", "while True: say(bytes(10**6))"),
    # Frames that are no replies
    Forgery("no JSON", NOT_AN_ANSWER, "say(frame({}, text=b'{\\'id\\': 1}'))"),
    Forgery("a list", NOT_AN_ANSWER, "say(frame({}, text=b'[1, 2]'))"),
    Forgery("a number", NOT_AN_ANSWER, "say(frame({}, text=b'7'))"),
    Forgery("no UTF-8", NOT_AN_ANSWER, 'say(frame({}, text=b\'{"a": "\\xff"}\'))'),
    Forgery("a pickle", NOT_AN_ANSWER, "import pickle; say(frame({}, text=pickle.dumps({'id': number()})))"),
    Forgery("JSON nested 10^5 deep", NOT_AN_ANSWER, "say(frame({}, text=b'[' * 10**5 + b']' * 10**5))"),
    Forgery(
        "JSON nested deep in an answer", NOT_AN_ANSWER, "say(frame({}, text=b'{\"blobs\": [], \"a\":' + b'[' * 10**6))"
    ),
    Forgery(
        "a number beyond counting",
        NOT_AN_ANSWER,
        "say(frame({}, text=b'{\"id\": ' + b'9' * 10**6 + b', \"blobs\": []}'))",
    ),
    Forgery("another question's number", "another question", "say(frame({'id': number() + 1}))"),
    Forgery("an earlier question's number", "another question", "say(frame({'id': number() - 1}))"),
    Forgery("a number as text", "another question", "say(frame({'id': str(number())}))"),
    Forgery("a list of numbers", "another question", "say(frame({'id': list(range(100))}))"),
    Forgery("no number", "another question", "say(frame({'id': None}))"),
    Forgery("not a number", "another question", "say(frame({'id': float('nan')}))"),
    Forgery("the same reply twice", "another question", "say(frame({'answer': 1}) * 2)"),
    Forgery("a reply for later", "another question", "say(frame({'answer': 1}) + frame({'id': number() + 5}))"),
    # Replies that are no answers
    Forgery("no answer", "None", "say(frame({}))"),
    Forgery("points and a verdict", "None", "say(frame({'points': 10, 'passed': True, 'verdict': 'right'}))"),
    Forgery("a value without a tag", "neither plain", "say(frame({'answer': [1, 2]}))"),
    Forgery("an unknown tag", "unknown kind", "say(frame({'answer': {'t': 'pickle', 'v': 'gASVAAAA'}}))"),
    Forgery("a tag that is a dict", "unknown kind", "say(frame({'answer': {'t': {}, 'v': {}}}))"),
    Forgery("too many values", "too many values", "say(frame({'answer': {'t': 'list', 'v': [0] * 10**5}}))"),
    Forgery(
        "infinite numbers", "list", "say(frame({'answer': {'t': 'list', 'v': [float('inf'), float('nan'), -0.0]}}))"
    ),
    Forgery("a number of 4000 digits", "int", "say(frame({'answer': 10 ** 4000}))"),
    Forgery("a list with such a number", "list", "say(frame({'answer': {'t': 'list', 'v': [10 ** 4000, 1.5, True]}}))"),
    Forgery(
        "a name that is markup", "script", "say(frame({'answer': {'t': 'other', 'v': '<script>alert(1)</script>'}}))"
    ),
    Forgery("a name of ours", "None", "say(frame({'answer': {'t': 'other', 'v': 'None'}}))"),
    Forgery("a failure of two parts", "None", "say(frame({'failure': ['A', 'b']}))"),
    Forgery("a failure of numbers", "None", "say(frame({'failure': [1, 2, 3]}))"),
    Forgery("a failure that is huge", "xxxx", "say(frame({'failure': ['E', 'x' * 10**6, 'y' * 10**6]}))"),
    Forgery("a failure of ours", "too long", "say(frame({'failure': ['TimeLimit', '', '']}))"),
    Forgery(
        "a failure that was not", "used up", "say(frame({'failure': ['NotRun', 'the grader used up its time', '']}))"
    ),
    Forgery("a failure and an answer", "raised E", "say(frame({'failure': ['E', '', ''], 'answer': 1}))"),
    # Arrays that are none
    Forgery("an array that was not sent", "not sent", "say(frame({'answer': ARRAY}))"),
    Forgery(
        "an array by a negative number", "not sent", "say(frame({'answer': {'t': 'array', 'v': -1}}, npy('<f8', ())))"
    ),
    Forgery(
        "the same array 10^4 times",
        "not sent",
        "large = npy('<f8', (10**6,), bytes(8 * 10**6))\n"
        "    say(frame({'answer': {'t': 'list', 'v': [ARRAY] * 10**4}}, large))",
    ),
    Forgery(
        "lengths that lie", NOT_AN_ANSWER, "say(frame({'answer': ARRAY}, npy('<f8', (1,), bytes(8)), lengths=[10**12]))"
    ),
    Forgery("lengths below nothing", NOT_AN_ANSWER, "say(frame({'answer': ARRAY}, bytes(8), lengths=[-8, 16]))"),
    Forgery("terabytes", "header promises", "say(frame({'answer': ARRAY}, npy('<f8', (10**12,), bytes(80))))"),
    Forgery("more than a machine word", "array", "say(frame({'answer': ARRAY}, npy('<f8', (2**62, 0))))"),
    Forgery("a negative size", "negative", "say(frame({'answer': ARRAY}, npy('<f8', (-1,), bytes(8))))"),
    Forgery(
        "objects",
        "array",
        "import pickle; say(frame({'answer': ARRAY}, npy('|O', (1,), pickle.dumps(np.array([1])))))",
    ),
    Forgery("records", "array", "say(frame({'answer': ARRAY}, npy([('a', '<f8')], (1,), bytes(8))))"),
    Forgery("a plain pickle", "array", "say(frame({'answer': ARRAY}, b'cos\\nsystem\\n(S\"touch /tmp/pwned\"\\ntR.'))"),
    Forgery("a zip file", "array", "say(frame({'answer': ARRAY}, b'PK\\x03\\x04' + bytes(100)))"),
    Forgery("a million empty arrays", NOT_AN_ANSWER, "say(frame({'answer': ARRAY}, *[b''] * 10**5))"),
    Forgery(
        "truth values that are not", "shape", "say(frame({'answer': ARRAY}, npy('|b1', (4,), b'\\x02\\xff\\x80\\x07')))"
    ),
    Forgery(
        "a long double beyond all",
        "number",
        "say(frame({'answer': ARRAY}, npy('<f16', (1,), bytes(8) + b'\\xff\\x7f' + bytes(6))))",
    ),
]


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: forgery.name)
def test_a_forged_reply_earns_nothing(forgery):
    result = graded(f"{FORGE}    {forgery.code}\n    return None\n", "zero_pad")
    verdict = result.verdicts[0]
    assert verdict.points == 0
    text = " ".join([verdict.error or "", *(criterion.message for criterion in verdict.criteria), *result.incidents])
    assert re.search(forgery.says, text), text
    assert len(text) < 100_000
    json.dumps(verdict.as_json()).encode()
    text.encode("utf-8")


CELLS = """
import json
def cell(self, source, seconds):
    return {reply}
type(session).cell = cell
"""
OUTPUTS = [
    "{'outputs': 7}",
    "{'outputs': [[]] * 100}",
    "{'outputs': None, 'points': 5}",
    "{}",
    "{'outputs': [{'output_type': 'display_data', 'data': {'text/html': '<script>', 'image/svg+xml': '<svg/>'}}]}",
    "{'outputs': [{'output_type': 'display_data', 'data': {'../x': 'y', 'application/x+json': {'a': 1}}}]}",
    "{'outputs': [{'output_type': 'display_data', 'data': {'image/png': 'PHN2Zz4='}}] * 10**4}",
    "{'outputs': [{'output_type': 'update_display_data', 'data': {'text/plain': 'x'}, 'transient': {}}]}",
    "{'outputs': [{'output_type': 'display_data', 'data': {'text/plain': 'x'}, 'metadata': {'display_id': 1}}]}",
    "{'outputs': [{'output_type': 'stream', 'name': '../../x', 'text': 'x' * 10**6}] * 3}",
    "{'outputs': [{'output_type': 'error', 'ename': 'x' * 10**6, 'evalue': 5, 'traceback': {'a': 1}}]}",
    "{'outputs': [{'output_type': 'execute_result', 'data': {'text/plain': '10.0'}, 'execution_count': 'x'}]}",
]


@pytest.mark.parametrize("reply", OUTPUTS)
def test_forged_outputs_are_text_or_nothing(reply):
    cells = (TOOLS + CELLS.format(reply=reply), "print(1)", "print(2)")
    with NotebookRun(Notebook(tuple(map(Cell, cells))), IMPATIENT) as run:
        run.run()
    shown = json.dumps(run.outputs)
    assert len(shown) < 2_000_000
    for bad in ("<script", "<svg", "../", "PHN2", "transient", "display_id"):
        assert bad not in shown
    assert all(output.get("name", "stdout") in ("stdout", "stderr") for outputs in run.outputs for output in outputs)


def test_a_reply_is_waited_for_and_not_longer():
    """The time of a call is bounded, whatever trickles in: the deadline is of the whole, not of each read."""
    trickle = FORGE + "    say(struct.pack('>II', 10**6, 0))\n    signal.setitimer(0, 0)\n"
    trickle += "    while True: (say(b'\\0'), time.sleep(0.05))"
    began = time.monotonic()
    with NotebookRun(Notebook((Cell(trickle),)), IMPATIENT) as run:
        run.run()
        assert "took too long" in run.call("zero_pad", (1, 2)).failure.message
    assert time.monotonic() - began < 20
