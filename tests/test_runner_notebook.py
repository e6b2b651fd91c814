"""A student's notebook in its confined process: what JupyterLab would show, and what happens when it goes wrong."""

import base64
import dataclasses
import os
import re
import time
import uuid

import numpy as np
import psutil
import pytest
from attacks.user import USERS, run_as

from autograder.exercise import Failure
from autograder.runner import launch
from autograder.runner.limits import MIB, Limits
from autograder.runner.notebook import Cell, Notebook, NotebookRun
from autograder.runner.sandbox import SandboxError, why_not

#: Short, on a machine that may be busy with other things.
QUICK = Limits(cell_seconds=0.5, call_seconds=0.5, grace_seconds=0.5, all_seconds=40)


def running(*steps, limits=QUICK, sandboxed=True, **notebook):
    """A run of a notebook with these cells; a `Cell` marks, text is run."""
    cells = tuple(step if isinstance(step, Cell) else Cell(step) for step in steps)
    return NotebookRun(Notebook(cells, **notebook), limits, sandboxed)


def ran(*steps, **options):
    """The outputs, one list a cell, and the incidents of a run with these cells."""
    with running(*steps, **options) as run:
        run.run()
    return run.outputs, run.incidents


def text(shown):
    """What was printed, and values shown as text."""
    return "".join(output.get("text") or output.get("data", {}).get("text/plain", "") for output in shown)


def kinds(shown):
    """What kinds of outputs there are, in order: the streams' names, "png", "value", "display" or the error's name."""

    def kind(output):
        if output["output_type"] == "stream":
            return output["name"]
        if output["output_type"] == "error":
            return output["ename"]
        if "image/png" in output["data"]:
            return "png"
        return "value" if output["output_type"] == "execute_result" else "display"

    return [kind(output) for output in shown]


#: Tests that share a process share a worker.
SHOWS, CALLS = pytest.mark.xdist_group("runner: notebook"), pytest.mark.xdist_group("runner: functions")


def test_the_sandbox_works_on_this_machine():
    assert why_not() is None


# ---- What a notebook shows

CELLS = {
    "print": "print('one')\nprint('two')",
    "value": "6 * 7",
    "no value": "6 * 7;",
    "None": "None",
    "both": "print('before')\n'after'",
    "streams": "import sys\nprint('a')\nprint('b', file=sys.stderr)\nprint('c')",
    "display": "from IPython.display import display\ndisplay('x', 1)\nprint('then')",
    "html": "from IPython.display import HTML\nHTML('<script>alert(1)</script>')",
    "clear": "from IPython.display import clear_output\nprint('gone')\nclear_output()\nprint('kept')",
    "line magic": "%time x = 5\nx",
    "timeit": "%timeit -n1 -r1 1 + 1",
    "cell magic": "%%time\n'timed'",
    "capture": "%%capture caught\nprint('hidden')",
    "captured": "print(caught.stdout.upper())",
    "bash": "%%bash\necho from bash\necho to stderr >&2",
    "writefile": "%%writefile note.txt\nhello",
    "shell": "!cat note.txt",
    "shell value": "lines = !cat note.txt\nlines[0].upper()",
    "shell with a name": "word = 'given'\n!echo {word} $word",
    "who": "%who_ls int",
    "unknown magic": "%nosuchmagic",
    "help": "len?",
    "await": "import asyncio\nawait asyncio.sleep(0.01)\n'awaited'",
    "async for": "async def two():\n    yield 1\n    yield 2\n[n async for n in two()]",
    "task": "done = asyncio.create_task(asyncio.sleep(0.01, 'task'))\nawait done",
    "plot": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nprint('plotted')",
    "plot shown": "print('before')\nplt.plot([2, 1])\nplt.show()\nprint('after')",
    "two plots": "plt.figure()\nplt.imshow([[1, 2]])\nplt.figure()\nplt.imshow([[2, 1]]);",
    "matplotlib magic": "%matplotlib inline\nplt.plot([1, 2]);",
    "other backend": "%matplotlib qt\nplt.plot([1, 2]);",
    "back again": "%matplotlib inline",
    "widget": "import ipywidgets\nipywidgets.IntSlider(3)",
    "interact": "@ipywidgets.interact(n=(0, 5))\ndef look(n):\n    print('n is', n)",
    "output widget": "out = ipywidgets.Output()\nwith out:\n    print('inside')\nout",
    "warning": "import warnings\nwarnings.warn('careful')",
    "logging": "import logging\nlogging.warning('noted')",
    "history": "x = 1\n_ = 5\nIn[-1][:5]",
    "name": "__name__",
    "input": "input('Your name? ')",
    "exit": "exit",
    "exit call": "exit()",
    "quit": "quit()",
    "sys.exit": "import sys\nsys.exit(3)",
    "raised": "def f(n):\n    return 1 / n\n\nf(0)",
    "syntax": "print('never')\n1 +* 2",
    "indentation": "if True:\nprint('never')",
    "interrupt": "raise KeyboardInterrupt",
    "base": "class Odd(BaseException): pass\nraise Odd('odd')",
    "chained": "try:\n    1 / 0\nexcept ZeroDivisionError as error:\n    raise ValueError('worse') from error",
    "unprintable": "class Rude:\n    def __repr__(self):\n        raise RuntimeError('rude')\nRude()",
    "recursion": "def deeper():\n    return deeper()\ndeeper()",
    "much": "for _ in range(5000):\n    print('x' * 100)",
    "many": "for n in range(1000):\n    display(n)",
    "raw": "import os\nos.write(1, b'raw')\nos.system('echo system')\nprint('seen')",
    "after all": "print('still here')",
}
ENDLESS = {
    "endless": "while True:\n    pass",
    "asleep": "import time\ntime.sleep(60)",
    "asleep in await": "import asyncio\nawait asyncio.sleep(60)",
    "asleep in a shell": "!sleep 60",
    "asleep in a library": "import subprocess\nsubprocess.run(['sleep', '60'])",
}


@pytest.fixture(scope="module")
def notebook():
    """What all `CELLS` show, in their order, in one process, and those that are `ENDLESS` in another."""
    shown, incidents = ran(*CELLS.values(), limits=Limits())
    assert incidents == []
    stopped, incidents = ran(*ENDLESS.values(), limits=Limits(cell_seconds=0.7))
    assert incidents == [f"Cell {n + 1}: It took too long and was stopped." for n in range(len(ENDLESS))]
    return dict(zip([*CELLS, *ENDLESS], shown + stopped, strict=True))


SHOWN = {
    "print": (["stdout"], "one\ntwo\n"),
    "value": (["value"], "42"),
    "no value": ([], ""),
    "None": ([], ""),
    "both": (["stdout", "value"], "before\n'after'"),
    "streams": (["stdout", "stderr", "stdout"], "a\nb\nc\n"),
    "display": (["display", "display", "stdout"], "'x'1then\n"),
    "html": (["value"], "<IPython.core.display.HTML object>"),
    "clear": (["stdout"], "kept\n"),
    "capture": ([], ""),
    "captured": (["stdout"], "HIDDEN\n\n"),
    "bash": (["stdout", "stderr"], "from bash\nto stderr\n"),
    "writefile": (["stdout"], "Writing note.txt\n"),
    "shell value": (["value"], "'HELLO'"),
    "who": (["value"], "['x']"),
    "await": (["value"], "'awaited'"),
    "async for": (["value"], "[1, 2]"),
    "task": (["value"], "'task'"),
    "plot": (["stdout", "png"], "plotted\n<Figure size 640x480 with 1 Axes>"),
    "plot shown": (["stdout", "png", "stdout"], "before\n<Figure size 640x480 with 1 Axes>after\n"),
    "matplotlib magic": (["png"], "<Figure size 640x480 with 1 Axes>"),
    "back again": ([], ""),
    "widget": (["value"], "IntSlider(value=3)"),
    "name": (["value"], "'__main__'"),
    "raw": (["stdout"], "seen\n"),
    "after all": (["stdout"], "still here\n"),
}


@SHOWS
@pytest.mark.parametrize("name", SHOWN)
def test_a_cell_shows_what_it_shows_in_jupyterlab_in_that_order(notebook, name):
    assert (kinds(notebook[name]), text(notebook[name])) == SHOWN[name]


PARTS = {
    "line magic": (["stdout", "value"], "Wall time"),
    "timeit": (["stdout"], "loop"),
    "cell magic": (["stdout", "value"], "'timed'"),
    "shell": (["stdout"], "hello"),
    "shell with a name": (["stdout"], "given given"),
    "unknown magic": (["stderr"], "%nosuchmagic"),
    "two plots": (["png", "png"], "<Figure"),
    "interact": (["display"], "interactive("),
    "warning": (["stderr"], "UserWarning: careful"),
    "logging": (["stderr"], "noted"),
    "sys.exit": (["SystemExit", "stderr"], ""),
}


@SHOWS
@pytest.mark.parametrize("name", PARTS)
def test_a_cell_shows_what_it_should_whatever_the_wording(notebook, name):
    shown = notebook[name]
    wanted, part = PARTS[name]
    assert part in text(shown)
    assert [kind for kind in kinds(shown) if kind in wanted] == wanted


@SHOWS
def test_pictures_are_png_files(notebook):
    for output in notebook["plot"] + notebook["two plots"]:
        if "data" in output:
            assert base64.b64decode(output["data"]["image/png"])[:8] == b"\x89PNG\r\n\x1a\n"


ERRORS = {
    "input": "EOFError",
    "raised": "ZeroDivisionError: division by zero",
    "syntax": "SyntaxError",
    "indentation": "IndentationError",
    "interrupt": "KeyboardInterrupt",
    "base": "Odd: odd",
    "chained": "ValueError: worse",
    "unprintable": "RuntimeError: rude",
    "recursion": "RecursionError",
    "endless": "TimeLimit: It was stopped because it took too long",
    "asleep": "TimeLimit",
    "asleep in await": "TimeLimit",
    "asleep in a shell": "TimeLimit",
    "asleep in a library": "TimeLimit",
}


@SHOWS
@pytest.mark.parametrize("name", ERRORS)
def test_an_exception_is_an_error_output_without_frames_of_ours(notebook, name):
    (error,) = [output for output in notebook[name] if output["output_type"] == "error"]
    shown = "\n".join(error["traceback"])
    assert ERRORS[name] in shown
    assert f"{error['ename']}: {error['evalue']}"[:20] in shown or not error["evalue"]
    assert "never" not in text(notebook[name])
    for ours in ("autograder", "inside", "codec", "handle(", "setitimer", "_too_long"):
        assert ours not in shown


@SHOWS
@pytest.mark.parametrize("name", ["exit", "exit call", "quit"])
def test_leaving_ends_nothing(notebook, name):
    assert notebook[name] == []


@SHOWS
def test_an_exception_points_at_the_students_lines(notebook):
    shown = "\n".join(notebook["raised"][-1]["traceback"])
    assert "----> 4 f(0)" in shown
    assert "----> 2     return 1 / n" in shown


@SHOWS
def test_what_is_shown_is_bounded_and_says_so(notebook):
    assert len(text(notebook["much"])) < 210_000
    assert text(notebook["much"]).endswith("Output truncated ...\n")
    assert len(notebook["many"]) == 200


# ---- Where a notebook runs


def test_the_current_folder_is_empty_but_for_the_lessons_files():
    (bare,), _ = ran("import os; print(os.getcwd(), os.listdir())")
    (kept,), _ = ran(
        "import os; print(sorted(os.listdir())); print(open('données.csv', encoding='utf-8').read())",
        files={"données.csv": "é,1", "cat.txt": ""},
    )
    assert text(bare) == "/scratch []\n"
    assert text(kept) == "['cat.txt', 'données.csv']\né,1\n"


def test_a_module_finds_numpy_and_supplied_functions_and_is_not_the_main_program():
    source = "print(__name__, np.ones(2).sum(), double(4))\nif __name__ == '__main__':\n    print('never')"
    shown, _ = ran(source, module=True, supplied={"double": "def double(n):\n    return n + n\n"})
    assert text(shown[0]) == "submission 2.0 8\n"


def test_earlier_lessons_functions_are_right_ones_and_later_ones_are_not_there():
    mine = {
        "zero_pad": "import numpy as np\n\n\ndef _one():\n    return 1\n\n\ndef zero_pad(X, pad):\n    return _one()\n"
    }
    (first, second, third), _ = ran(
        "from convlab.mine import zero_pad\nzero_pad(0, 0)",
        "import convlab.mine\nconvlab.mine.zero_pad is zero_pad",
        "from convlab.mine import conv_forward",
        mine=mine,
    )
    assert text(first) == "1"
    assert text(second) == "True"
    assert kinds(third) == ["ImportError"]


@pytest.mark.parametrize("servers", [{}, None], ids=["of a server", "alone"])
def test_a_process_that_cannot_start_says_what_was_said(monkeypatch, servers):
    broken = ["sh", "-c", "echo broken >&2; exit 3"]
    monkeypatch.setattr(launch.sandbox, "command", lambda *_, **__: (broken, {}))
    monkeypatch.setattr(launch, "_servers", servers)
    if servers is None:
        monkeypatch.setattr(launch, "_server", lambda _: None)
    with pytest.raises(SandboxError, match="broken"), running("1") as run:
        run.run()


# ---- Calls

FUNCTIONS = """
import os, signal, sys, time, warnings
import numpy as np

def double(x):
    warnings.warn('careful')
    print('noise')
    return 2 * x

def in_place(x):
    x += 1
    return x

def retyped(x):
    return x

def wrong(x):
    y = x
    raise ValueError(f'no {y.shape}')

def deep(x):
    return wrong(x)

def leave(x):
    sys.exit('left')

def spin(x):
    while True:
        pass

def swallow(x):
    while True:
        try:
            while True:
                pass
        except:
            pass

def end(x):
    os._exit(5)

def crash(x):
    import ctypes
    ctypes.string_at(0)

def kill(x):
    os.kill(os.getpid(), signal.SIGKILL)

def thing(x):
    return object()

class Callable:
    def __call__(self, x):
        return 'called'

made = Callable()
number = 5
"""


@pytest.fixture(scope="module")
def functions():
    with running("print('first')", FUNCTIONS, limits=Limits(call_seconds=0.5, grace_seconds=0.5, restarts=20)) as run:
        run.run()
        yield run


X = np.arange(6.0).reshape(2, 3)


@CALLS
def test_a_function_answers_to_fresh_arguments(functions):
    reply = functions.call("double", (X,))
    np.testing.assert_array_equal(reply.answer, 2 * X)
    assert reply.untouched
    assert reply.failure is None
    assert functions.call("made", (1,)).answer == "called"


@CALLS
def test_arguments_that_were_changed_are_noticed(functions):
    assert not functions.call("in_place", (X.copy(),)).untouched
    assert X[0, 0] == 0
    nans = np.array([np.nan, 1])
    assert functions.call("retyped", (nans,)).untouched
    assert functions.call("retyped", ({"pad": 1, "deep": [(nans,)]},)).untouched


@CALLS
def test_an_exception_is_named_with_the_students_own_line(functions):
    failure = Failure("ValueError", "no (2, 3)", "line 18: raise ValueError(f'no {y.shape}')")
    assert functions.call("wrong", (X,)).failure == failure
    assert functions.call("deep", (X,)).failure == failure
    assert functions.call("leave", (X,)).failure.name == "SystemExit"
    assert functions.call("double", (X, X)).failure.name == "TypeError"


@CALLS
@pytest.mark.parametrize("name", ["nothing", "number"])
def test_what_is_no_function_is_not_defined(functions, name):
    assert functions.call(name, (X,)).failure == Failure("NameError", f"{name} is not defined")


@CALLS
def test_what_is_no_value_of_a_lesson_arrives_as_its_name(functions):
    assert functions.call("thing", (X,)).answer.type_name == "object"


@CALLS
def test_a_function_that_never_returns_is_stopped_within_its_process(functions):
    before = list(functions.incidents)
    began = time.monotonic()
    assert functions.call("spin", (X,)).failure.name == "TimeLimit"
    assert time.monotonic() - began < 3
    assert functions.incidents == before


@CALLS
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("swallow", "took too long"),
        ("end", "(exit status 5)"),
        ("crash", "(exit status 139)"),
        ("kill", "killed"),
    ],
)
def test_a_function_that_ends_its_process_fails_and_the_next_call_finds_a_new_one(functions, name, why):
    failure = functions.call(name, (X,)).failure
    assert failure.name == "Stopped"
    assert why in failure.message
    assert functions.incidents[-1] == f"{name}: {failure.message}"
    np.testing.assert_array_equal(functions.call("double", (X,)).answer, 2 * X)
    assert text(functions.outputs[0]) == "first\n"


# ---- What is judged is what stood at the test cell


def test_a_function_is_judged_as_it_stood_at_its_test_cell():
    with running("def f(): return 1", Cell(mark="f"), "def f(): return 2\ndef g(): return 3", Cell(mark="g")) as run:
        run.run()
        assert run.call("f", ()).answer == 1
        assert run.call("g", ()).answer == 3


def test_a_function_defined_after_its_test_cell_still_counts():
    with running(Cell(mark="f"), "f = 5", Cell(mark="f"), "def f(): return 1") as run:
        run.run()
        assert run.call("f", ()).answer == 1
        assert run.outputs == [[], [], [], []]
        assert run.incidents == []


def test_what_was_marked_stays_so_after_a_restart():
    with running("import os\ndef f(): return 1", Cell(mark="f"), "def f(): return 2", "def die(): os._exit(0)") as run:
        run.run()
        assert run.call("die", ()).failure.name == "Stopped"
        assert run.call("f", ()).answer == 1


HELPED = (
    "import os\ndef helper(): return 'wrong'\ndef f(): return helper()",
    Cell(mark="f"),
    "def helper(): return 'later'\ndef die(): os._exit(0)",
)


def test_help_puts_right_functions_in_the_place_of_helpers():
    with running(*HELPED) as run:
        run.run()
        assert run.call("f", ()).answer == "later"
        run.help({"helper": "def helper(): return inner()\ndef inner(): return 'right'\n"})
        assert run.call("f", ()).answer == "right"
        assert run.call("die", ()).failure.name == "Stopped"
        assert run.call("f", ()).answer == "right"


def test_help_reaches_a_function_with_names_of_its_own():
    source = "exec(compile('def helper(): return 1\\ndef f(): return helper()', 'x', 'exec'), own := {}); f = own['f']"
    with running(source, Cell(mark="f")) as run:
        run.run()
        run.help({"helper": "def helper(): return 2"})
        assert run.call("f", ()).answer == 2


# ---- Cells that go wrong cost what they are worth

SWALLOWS = """
while True:
    try:
        while True:
            pass
    except:
        pass
"""
BLOCKS = """
import signal
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
while True:
    pass
"""
IGNORES = "import signal, time\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\ntime.sleep(60)"
DISARMS = "import signal, time\nsignal.setitimer(signal.ITIMER_REAL, 0)\ntime.sleep(60)"
SIGNALS_ITSELF = "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)"
ENDS = "import os\nprint('lost')\nos._exit(7)"


@pytest.mark.parametrize(
    ("hostile", "why"),
    [
        (SWALLOWS, "took too long"),
        (BLOCKS, "took too long"),
        (IGNORES, "took too long"),
        (DISARMS, "took too long"),
        (SIGNALS_ITSELF, "took too long"),
        (ENDS, "(exit status 7)"),
        ("import os\nos._exit(0)", "ended the Python process"),
        ("import os, signal\nos.killpg(0, signal.SIGKILL)", "killed"),
        ("import ctypes\nctypes.string_at(0)", "crashed Python (exit status 139)"),
    ],
    ids=["swallows", "blocks", "ignores", "disarms", "stops itself", "ends", "ends well", "kills its group", "crashes"],
)
def test_a_cell_that_cannot_be_stopped_from_inside_costs_itself_only(hostile, why):
    steps = (
        "print('before'); n = 1",
        "n += 1",
        hostile,
        "n += 1; print('after', n)",
        "def f(): return n",
        Cell(mark="f"),
    )
    with running(*steps) as run:
        run.run()
        assert run.call("f", ()).answer == 3
    assert text(run.outputs[0]) == "before\n"
    assert kinds(run.outputs[2]) == ["Stopped"]
    assert why in run.outputs[2][0]["evalue"]
    assert "The other cells were run without it." in run.outputs[2][0]["evalue"]
    assert text(run.outputs[3]) == "after 3\n"
    (incident,) = run.incidents
    assert incident.startswith("Cell 3: ")
    assert why in incident


def test_two_cells_that_end_their_process_cost_two_cells():
    shown, incidents = ran("n = 1", ENDS, "n += 1", ENDS, "n")
    assert text(shown[4]) == "2"
    assert [incident[:7] for incident in incidents] == ["Cell 2:", "Cell 4:"]


def test_restarts_are_bounded():
    shown, incidents = ran("print('first')", *[ENDS] * 6, "print('last')", limits=Limits(restarts=2))
    assert text(shown[0]) == "first\n"
    assert [kinds(one) for one in shown[1:]] == [["Stopped"]] * 3 + [["NotRun"]] * 4
    assert incidents[3:] == ["The notebook used up its time, or was restarted too often; the rest was not run."]


def test_all_cells_together_have_a_bounded_time_and_what_ran_before_is_judged():
    limits = Limits(all_seconds=2.5, cell_seconds=1, grace_seconds=0.5)
    began = time.monotonic()
    with running("def f(): return 1", Cell(mark="f"), *["import time; time.sleep(0.4)"] * 50, limits=limits) as run:
        run.run()
        assert time.monotonic() - began < 6
        assert run.call("f", ()).answer == 1
    assert run.outputs[2] == []
    assert kinds(run.outputs[-1]) == ["NotRun"]
    assert "used up its time" in run.incidents[-1]


def test_cells_that_are_slow_only_when_they_run_again_have_a_bounded_time_too():
    """Each takes nearly all that is allowed, once a cell behind them has ended the first process."""
    slow = f"import time\nif time.time() > {time.time() + 1.5}: time.sleep(0.9)"
    limits = Limits(all_seconds=3, cell_seconds=1, grace_seconds=0.5)
    began = time.monotonic()
    with running(*[slow] * 40, "import os, time\ntime.sleep(0.6)\nos._exit(1)", "1", limits=limits) as run:
        run.run()
    assert time.monotonic() - began < 9


def test_calls_have_a_bounded_time_of_their_own():
    """Each takes nearly all the grace there is, and never so much that it is stopped."""
    late = (
        "import signal, time\ndef f():\n    signal.setitimer(signal.ITIMER_REAL, 0)\n    time.sleep(0.6)\n    return 1"
    )
    began = time.monotonic()
    with running(late, limits=Limits(all_seconds=2, call_seconds=0.5, grace_seconds=0.5)) as run:
        run.run()
        replies = [run.call("f", ()) for _ in range(50)]
    assert time.monotonic() - began < 8
    assert replies[0].answer == 1
    assert replies[-1].failure.name == "NotRun"


NO_HELP = """
import gc, time
session = [o for o in gc.get_objects() if type(o).__name__ == 'Session'][0]
type(session).help = lambda *_: time.sleep(99)
"""


def test_help_that_never_comes_back_has_a_bounded_time():
    began = time.monotonic()
    with running(NO_HELP, "def f(): return 1", limits=Limits(cell_seconds=1, all_seconds=3)) as run:
        run.run()
        run.help({"helper": "def helper(): return 1"})
        assert run.call("f", ()).failure.name == "NotRun"
    assert time.monotonic() - began < 12


# ---- Memory and processes

MEMORY = Limits(memory=300 * MIB, address_space=900 * MIB, cell_seconds=8, grace_seconds=2)
TOUCH = "held = b'x' * ({size} << 20)"
SHARED = """
import os, time
for _ in range(5):
    if os.fork() == 0:
        held = b'x' * (100 << 20)
        time.sleep(30)
        os._exit(0)
time.sleep(6)
"""
MANY_FILES = """
import os
for n in range(10**7):
    os.close(os.open(f'/scratch/{n}', os.O_CREAT))
"""


def test_memory_that_one_process_may_not_have_is_a_memory_error():
    shown, incidents = ran(TOUCH.format(size=2000), "print('after')", limits=MEMORY)
    assert kinds(shown[0]) == ["MemoryError"]
    assert text(shown[1]) == "after\n"
    assert incidents == []


@pytest.mark.parametrize(
    "hog",
    [TOUCH.format(size=500) + "\nimport time\ntime.sleep(6)", SHARED, MANY_FILES],
    ids=["one process", "many processes", "many empty files"],
)
def test_more_memory_than_all_processes_may_have_is_stopped(hog):
    shown, incidents = ran("print('before')", hog, "print('after')", limits=MEMORY)
    assert incidents == ["Cell 2: It used more than 300 MiB of memory and was stopped."]
    assert [text(shown[0]), text(shown[2])] == ["before\n", "after\n"]


GROWS = """
import os, time
if os.fork() == 0:
    held = []
    while True:
        held.append(b'x' * (20 << 20))
        time.sleep(0.05)
"""


def test_memory_that_grows_behind_short_cells_is_stopped():
    _, incidents = ran(GROWS, *["import time; time.sleep(0.1)"] * 60, limits=dataclasses.replace(MEMORY, restarts=0))
    assert any("more than 300 MiB" in incident for incident in incidents)


FORKS = """
import errno, os, time
count = 0
try:
    while count < 500:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
        count += 1
except OSError as error:
    print(count, error.errno == errno.EAGAIN)
"""


@pytest.mark.parametrize("user", USERS)
def test_a_fork_bomb_stays_within_the_cap_and_leaves_nothing(user):
    mark = str(uuid.uuid4().int)  # an argument of a command, to be known by
    limits = Limits(processes=24, cell_seconds=20)
    detached = (
        f"import subprocess\nsubprocess.Popen(['setsid', '-f', 'sleep', '300.{mark}'])\nimport time; time.sleep(0.2)"
    )
    came = run_as(user, [detached, "!ps ax | grep -c [s]leep", FORKS], limits)
    assert int(came.text(1)) == 1
    assert re.fullmatch(r"(1\d|2[0-3]) True\n", came.text(2)), came
    assert not [one for one in psutil.process_iter(["cmdline"]) if mark in " ".join(one.info["cmdline"] or [])]


def test_the_cap_on_processes_is_each_submissions_own():
    """Two at once have as many each, though the same user runs both."""
    limits = Limits(processes=24)
    with running(FORKS, limits=limits) as one, running(FORKS, limits=limits) as other:
        one.run()
        other.run()
    assert abs(int(text(one.outputs[0]).split()[0]) - int(text(other.outputs[0]).split()[0])) <= 1


# ---- Without a sandbox, for someone's own file


def test_without_a_sandbox_the_same_is_shown_and_no_folder_is_left():
    steps = (
        "import os, pathlib\nhome = os.path.expanduser('~')\nprint(os.getcwd() == home, os.listdir())",
        "home",
        "%time 1",
    )
    with running(*steps, "def f(): return 1", sandboxed=False) as run:
        run.run()
        assert run.call("f", ()).answer == 1
        home = text(run.outputs[1]).strip("'")
    assert text(run.outputs[0]).startswith("True [")
    assert not os.path.exists(home)
    assert run.incidents == []


def test_without_a_sandbox_memory_is_watched_too():
    _, incidents = ran(TOUCH.format(size=500) + "\nimport time\ntime.sleep(6)", limits=MEMORY, sandboxed=False)
    assert incidents == ["Cell 1: It used more than 300 MiB of memory and was stopped."]
