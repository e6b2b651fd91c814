"""Submissions that try to change their verdict: whatever they do to their own process, wrong answers stay wrong."""

import ast
import re
from dataclasses import dataclass

import pytest

from attacks.grading import IMPATIENT, TOOLS, graded, judged, passed
from autograder.caller import trusted_source
from autograder.exercises import EXERCISES, layers_before
from autograder.runner.notebook import Cell, Notebook, NotebookRun

# Wrong in its values, right in its shape: it earns what a marker gives for that, and no more.
WRONG = """
def zero_pad(X, pad):
    return np.ones((X.shape[0], X.shape[1] + 2 * pad, X.shape[2] + 2 * pad, X.shape[3]))
"""

TAMPERING = {
    "numpy.testing is replaced": """
import numpy.testing as testing
for name in dir(testing):
    if name.startswith('assert'):
        setattr(testing, name, lambda *_, **__: None)
""",
    "comparisons of NumPy are replaced": """
yes = lambda *_, **__: np.bool_(True)
for name in ('allclose', 'isclose', 'array_equal', 'array_equiv', 'all', 'equal', 'isfinite', 'abs'):
    setattr(np, name, yes)
""",
    "conversions of NumPy are replaced": """
for name in ('asarray', 'array', 'ascontiguousarray', 'copy'):
    setattr(np, name, lambda value, *_, **__: value)
""",
    "NumPy's file format is replaced": """
np.lib.format.write_array = lambda file, array, **_: file.write(b'right')
""",
    "NumPy is another module": """
import sys, types
fake = types.ModuleType('numpy')
fake.__dict__.update(np.__dict__)
fake.isclose = fake.allclose = lambda *_, **__: True
sys.modules['numpy'] = fake
""",
    "builtins are replaced": """
import builtins
builtins.all = builtins.any = builtins.issubclass = lambda *_: True
builtins.abs = builtins.max = builtins.sum = lambda *_, **__: 0
""",
    "the grader's modules are fakes": """
import sys, types
for name in ('autograder', 'autograder.solution', 'autograder.judge', 'autograder.exercise', 'convlab.compare'):
    fake = sys.modules[name] = types.ModuleType(name)
    fake.difference = fake.judge = lambda *_, **__: None
""",
    "convlab's comparisons are replaced": """
import convlab.compare
convlab.compare.difference = lambda *_, **__: None
convlab.compare.agree = lambda a, b: np.ones(np.shape(b), bool)
convlab.compare.RTOL = convlab.compare.ATOL = 1e9
""",
    "the published answers are changed": """
import convlab.published
for name in dir(convlab.published):
    if callable(getattr(convlab.published, name)):
        setattr(convlab.published, name, lambda *_, **__: {})
""",
    "assert is swallowed by a trace": """
import sys
sys.settrace(lambda *_: None)
sys.setprofile(lambda *_: None)
""",
    "every import is intercepted": """
import builtins, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        return None
sys.meta_path.insert(0, Finder())
first = builtins.__import__
builtins.__import__ = lambda name, *rest: first(name.replace('autograder', 'json'), *rest)
""",
    "input and syntax-tree transformers": """
import ast
shell = get_ipython()
class Pass(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.Pass()
    def visit_Return(self, node):
        return ast.Return(ast.Constant(1))
shell.ast_transformers.append(Pass())
shell.input_transformers_post.append(lambda lines: ['pass\\n'])
shell.input_transformers_cleanup.append(lambda lines: ['pass\\n'])
""",
    "hooks of the shell": """
shell = get_ipython()
for event in ('pre_execute', 'post_execute', 'pre_run_cell', 'post_run_cell'):
    shell.events.register(event, lambda *_: 1 / 0)
shell.set_custom_exc((Exception,), lambda *_, **__: None)
shell.run_cell = shell.showtraceback = lambda *_, **__: None
""",
    "magics are replaced": """
from IPython.core.magic import register_cell_magic, register_line_magic
register_line_magic(lambda line: None)
register_cell_magic(lambda line, cell: None)
get_ipython().user_ns_hidden.clear()
""",
    "the names of the notebook are another mapping": """
class Names(dict):
    def get(self, name, *_):
        return lambda *_: None
get_ipython().user_ns = Names(get_ipython().user_ns)
""",
    "what is reported of itself is forged": TOOLS
    + """
inside['_same'] = lambda *_: True
type(session).mark = lambda self, name: {'defined': True, 'passed': True, 'points': 99}
recorder.outputs.append({'output_type': 'execute_result', 'data': {'text/plain': '10.0'}, 'metadata': {}})
""",
    "points come with every answer": TOOLS
    + """
first = type(session).call
def call(self, *args):
    reply, blobs = first(self, *args)
    return {**reply, 'points': 10, 'passed': True, 'verdict': 'right', 'score': 1.0, 'untouched': True}, blobs
type(session).call = call
""",
    "clocks and signals are others": """
import signal, time
time.time = time.monotonic = time.perf_counter = lambda: 0.0
for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
    signal.signal(number, signal.SIG_IGN)
""",
    "a thread that never ends": """
import threading
def forever():
    while True:
        pass
threading.Thread(target=forever).start()
""",
    "collecting garbage never ends": """
import gc
gc.callbacks.append(lambda phase, info: None)
class Immortal:
    def __del__(self):
        globals().setdefault('kept', []).append(self)
Immortal()
gc.set_threshold(1)
""",
    "everything printed and warned about": """
import sys, warnings
for n in range(3000):
    print('\\x1b[31m' + 'x' * 100, file=sys.stderr)
    warnings.warn(str(n))
""",
    "random numbers are known": """
import random
random.seed(0)
np.random.seed(0)
np.random.default_rng = lambda *_: np.random.Generator(np.random.PCG64(0))
""",
    "the answer is in the file": """
import __main__
__file__ = '/etc/passwd'
__name__ = 'autograder.solution'
__all__ = ['conv_forward']
""",
}


NUMPY = "import numpy as np"


@pytest.fixture(scope="module")
def plainly():
    """What the wrong function earns with nothing around it: points by criterion."""
    (verdict,) = judged([NUMPY, WRONG], "zero_pad")
    assert 0 < verdict.points < 4
    return {name: points for name, _, points in passed(verdict)}


@pytest.mark.xdist_group("attacks: tampering")
@pytest.mark.parametrize("name", TAMPERING)
def test_tampering_with_its_own_process_earns_nothing(plainly, name):
    (verdict,) = judged([NUMPY, TAMPERING[name], WRONG], "zero_pad")
    assert [name for name, _, points in passed(verdict) if points > plainly[name]] == []


@dataclass(frozen=True)
class Attack:
    """A function (or several) handed in, its exact points, and what its verdict must say."""

    name: str
    source: str
    points: float = 0
    says: str = ""
    exercises: tuple[str, ...] = ("zero_pad",)


def as_function(body: str, before: str = "") -> str:
    """A `zero_pad` with this body."""
    lines = "\n".join("    " + line for line in body.strip("\n").splitlines())
    return f"{before}\ndef zero_pad(X, pad):\n{lines}\n"


LIAR = """
class Liar(np.ndarray):
    shape = property(lambda self: Everything())
    ndim = property(lambda self: 4)
    size = property(lambda self: 1)
    dtype = property(lambda self: np.dtype('f8'))
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    def __array__(self, *_, **__): return np.ones(3)
    def __array_ufunc__(self, *_, **__): return np.bool_(True)
    def __array_function__(self, *_, **__): return True
    def __array_finalize__(self, other): pass
    def __getitem__(self, key): return self
    def __bool__(self): return True
    def __len__(self): return 2

class Everything(tuple):
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    __hash__ = tuple.__hash__
"""
ANYTHING = """
class Anything:
    def __getattr__(self, name): return Anything()
    def __call__(self, *_, **__): return Anything()
    def __eq__(self, other): return True
    def __array__(self, *_, **__): return np.ones(3)
    def __float__(self): return 1.0
    def __len__(self): return 4
    def __iter__(self): return iter([1, 2, 3, 4])
    def __getitem__(self, key): return Anything()
    def __bool__(self): return True
    def __reduce__(self): return (os.system, ('touch /tmp/pwned',))
    __hash__ = object.__hash__
"""
RUDE = """
class Rude(Exception):
    def __getattribute__(self, name): raise RuntimeError(name)
    def __str__(self): {what}
"""
STICKY = """
class Sticky:
    def __del__(self):
        while True:
            try:
                while True: pass
            except: pass
"""
HOLD = """
import os, time
def hold():
    held = b'x' * (90 << 20)
    time.sleep(60)
"""
FILL = """
def fill(folder):
    try:
        while True:
            open(folder + '/x', 'ab').write(bytes(10**6))
    except OSError:
        pass
"""
RIGHT = "np.pad(X, ((0, 0), (pad, pad), (pad, pad), (0, 0)))"

ATTACKS = [
    # Where the answer might be found
    Attack(
        "imports the solution",
        as_function("from autograder.solution import zero_pad as right\nreturn right(X, pad)"),
        says="ModuleNotFoundError: No module named 'autograder'",
    ),
    Attack(
        "imports the solution under another name",
        "from autograder import solution\nzero_pad = solution.zero_pad",
        says="its cell stopped: ModuleNotFoundError",
    ),
    Attack(
        "imports the solution by its path",
        as_function(
            "import importlib.util\n"
            "spec = importlib.util.spec_from_file_location('s', sys.path[0] + '/../solution.py')\n"
            "module = importlib.util.module_from_spec(spec)\n"
            "spec.loader.exec_module(module)\n"
            "return module.zero_pad(X, pad)",
            "import sys",
        ),
        says="FileNotFoundError",
    ),
    Attack(
        "looks through all objects for an answer",
        as_function(
            "shape = (X.shape[0], X.shape[1] + 2 * pad, X.shape[2] + 2 * pad, X.shape[3])\n"
            "arrays = [o for o in gc.get_objects() if isinstance(o, np.ndarray) and o is not X]\n"
            "return next((o for o in arrays if o.shape == shape and pad), None)",
            "import gc",
        ),
        says="None",
    ),
    Attack(
        "looks through all frames for an answer",
        as_function(
            "frame, names = sys._getframe(), []\n"
            "while frame:\n"
            "    names += [*frame.f_locals, *frame.f_globals]\n"
            "    frame = frame.f_back\n"
            "return {'found': sum('expected' in name or 'solution' in name or 'hidden' in name for name in names)}",
            "import sys",
        ),
        says="dict",
    ),
    Attack(
        "looks through its history and its memory",
        as_function(
            "text = repr(get_ipython().user_ns.get('In')) + repr(get_ipython().history_manager.input_hist_raw)\n"
            "raise ValueError('found' if '_hid' + 'den' in text or 'grade' + '(' in text else 'nothing')"
        ),
        says="ValueError: nothing",
    ),
    Attack(
        "takes a function that is supplied for its own",
        "from convlab.mine import conv_forward\nzero_pad = conv_forward",
        says="raised",
    ),
    # Answers that are not what they seem
    Attack("an array that lies about itself", as_function("return np.ones_like(X).view(Liar)", LIAR), says="shape"),
    Attack("an object that is equal to everything", as_function("return Anything()", ANYTHING), says="Anything"),
    Attack("a list of such objects", as_function("return [Anything()] * 4", ANYTHING), says="list"),
    Attack("a dict of such objects", as_function("return {'A': Anything()}", ANYTHING), says="dict"),
    Attack(
        "an object whose conversion never ends",
        as_function("return Slow()", "class Slow:\n    __class__ = property(lambda self: [0 for _ in iter(int, 1)])"),
        says="took too long",
    ),
    Attack("an array of objects", as_function("return np.full(X.shape, Anything(), object)", ANYTHING), says="object"),
    Attack("an array of records", as_function("return np.zeros(X.shape, 'f8,O')"), says="dtype"),
    Attack("an array of text", as_function("return X.astype(str)"), says="dtype"),
    Attack("infinities", as_function("return np.full_like(X, np.inf, shape=(1, 1))"), says="shape"),
    Attack(
        "a class for an answer", as_function("return type('<script>alert(1)</script>' * 50, (), {})()"), says="type"
    ),
    Attack("a number beyond counting", as_function("return 10 ** 5000"), says="int"),
    Attack("an endless generator", as_function("return iter(int, 1)"), says="callable_iterator"),
    Attack("a list in itself", as_function("a = []\na.extend([a] * 9)\nreturn a"), says="list"),
    Attack("a list nested 10^5 deep", as_function("a = []\nfor _ in range(10**5): a = [a]\nreturn a"), says="list"),
    Attack("a million values", as_function("return list(range(10**6))"), says="too large"),
    Attack("more bytes than a frame holds", as_function("return [np.zeros(2**22)] * 4"), says="list"),
    Attack(
        "a view of terabytes",
        as_function("return np.broadcast_to(X[:1, :1, :1, :1], (2**20, 2**20, 1, 1))"),
        says="raised",
    ),
    Attack("text that no file can hold", as_function("return {'\\ud800': '\\udfff'}"), says="dict"),
    Attack("nothing", as_function("return None"), says="None"),
    Attack("itself", as_function("return zero_pad"), says="function"),
    Attack("a coroutine", "async def zero_pad(X, pad):\n    return X", says="coroutine"),
    Attack("a class in place of a function", "class zero_pad:\n    def __init__(self, X, pad): pass", says="zero_pad"),
    # Answers to something else
    Attack(
        "the answer to the case before",
        as_function(f"seen.append({RIGHT})\nreturn seen[-2] if len(seen) > 1 else None", "seen = []"),
        says="shape",
    ),
    Attack(
        "an answer that a thread puts right later",
        as_function(
            "out = np.full((1, 1), 7.0)\n"
            "threading.Timer(0.05, lambda: out.resize((9, 9), refcheck=False)).start()\n"
            "return out",
            "import threading",
        ),
        says="shape",
    ),
    Attack(
        "a function that is another one after the first call",
        "def zero_pad(X, pad):\n    globals()['zero_pad'] = lambda X, pad: None\n    return None",
        says="None",
    ),
    # Exceptions
    Attack(
        "an exception that cannot be told",
        as_function("raise Rude()", RUDE.format(what="return self.x")),
        says="ended the Python|Rude|crashed",
    ),
    Attack(
        "an exception that never ends telling",
        as_function("raise Rude()", RUDE.format(what="any(iter(int, 1))")),
        says="too long|crashed|Rude",
    ),
    Attack("an exception of 100 MB", as_function("raise ValueError('x' * 10**8)"), says="ValueError: x"),
    Attack(
        "an exception with text that no file can hold",
        as_function("raise ValueError('\\ud800\\0\\x1b[2J')"),
        says="ValueError: ",
    ),
    Attack(
        "an exception with a name that is markup",
        as_function("raise type('[red]<b>' * 99, (Exception,), {})('[/red]')"),
        says="red",
    ),
    Attack(
        "an exception group nested deeply",
        as_function("e = ValueError('x')\nfor _ in range(5000): e = ExceptionGroup('g', [e])\nraise e"),
        says="ExceptionGroup",
    ),
    Attack(
        "an exception that pretends to be the grader's",
        as_function("raise type('NotRun', (Exception,), {})('x')"),
        says="x",
    ),
    Attack(
        "an exception that pretends to be a time limit",
        as_function("raise type('TimeLimit', (BaseException,), {})('x')"),
        says="too long",
    ),
    Attack("leaves the interpreter", as_function("raise SystemExit(0)"), says="SystemExit"),
    Attack("interrupts itself", as_function("raise KeyboardInterrupt"), says="KeyboardInterrupt"),
    Attack("recursion without end", as_function("return zero_pad(X, pad)"), says="RecursionError"),
    Attack(
        "recursion without a limit",
        as_function("return zero_pad(X, pad)", "import sys\nsys.setrecursionlimit(10**9)"),
        says=".",
    ),
    # The process itself
    Attack("ends its process", as_function("import os\nos._exit(0)"), says="ended the Python process"),
    Attack("kills its process", as_function("import os\nos.kill(os.getpid(), 9)"), says="killed"),
    Attack("kills everything it can see", as_function("import os\nos.kill(-1, 9)"), says="."),
    Attack(
        "stops its process", as_function("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)"), says="too long"
    ),
    Attack("crashes its process", as_function("import ctypes\nctypes.memset(0, 1, 1)"), says="crashed Python"),
    Attack("closes the pipes", as_function("import os\nos.closerange(3, 250)"), says="."),
    Attack(
        "leads the pipes elsewhere",
        as_function("import os\nfor n in range(3, 9): os.dup2(os.open('/dev/null', 2), n)"),
        says=".",
    ),
    Attack("never ends", as_function("while True: pass"), says="too long"),
    Attack(
        "never ends and cannot be interrupted",
        as_function("while True:\n    try:\n        while True: pass\n    except: pass"),
        says="too long",
    ),
    Attack("never ends in C", as_function("return sum(iter(int, 1))"), says="too long"),
    Attack(
        "never ends to be deleted",
        as_function("return Sticky()", STICKY),
        says="too long|Sticky",
    ),
    Attack("never ends to be defined", "while True: pass\ndef zero_pad(X, pad): pass", says="TimeLimit"),
    Attack(
        "never ends at exit",
        as_function("import atexit\natexit.register(lambda: [0 for _ in iter(int, 1)])"),
        says="None",
    ),
    Attack(
        "waits for a child that waits for it",
        as_function("import os, signal\npid = os.fork()\nif not pid: signal.pause()\nos.waitpid(pid, 0)"),
        says="too long",
    ),
    Attack(
        "takes all memory",
        as_function("a = []\nwhile True: a.append(bytearray(10**8))"),
        says="MemoryError|memory|too long",
    ),
    Attack(
        "takes memory little by little in many processes",
        as_function("for _ in range(8):\n    if not os.fork(): hold()\nhold()", HOLD),
        says="memory|too long|BlockingIOError",
    ),
    Attack("a fork bomb", as_function("import os\nwhile True: os.fork()"), says="."),
    Attack(
        "a thread bomb",
        as_function("import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(60,)).start()"),
        says=".",
    ),
    Attack(
        "fills all folders",
        as_function("for folder in ('/scratch', '/tmp', '/dev/shm', '/home/student'): fill(folder)", FILL),
        says=".",
    ),
    Attack("prints 100 MB", as_function("for _ in range(100): print('x' * 10**6)"), says="None"),
    Attack("answers twice in two processes", as_function("import os\nos.fork()\nreturn None"), says="."),
    Attack("is not there", "def zero_padd(X, pad): pass", says="is not defined"),
    Attack("is no Python", "def zero_pad(X, pad:\n    return X", says="SyntaxError"),
    Attack("is nested beyond parsing", "zero_pad = " + "(" * 5000 + ")" * 5000, says="is not defined"),
    Attack("is no text", "\0\x01def zero_pad(X, pad): return X\ud800", says="is not defined"),
    # Helpers, and the second round in which right ones stand in
    Attack(
        "ends when helpers are put right",
        TOOLS + "type(session).help = lambda *_: os._exit(3)\ndef conv_forward(*args): return None",
        exercises=("conv_forward",),
        says="None",
    ),
    Attack(
        "writes nonsense when helpers are put right",
        TOOLS
        + "type(session).help = lambda *_: os.write(pipe, bytes(100)) and None\ndef conv_forward(*args): return None",
        exercises=("conv_forward",),
        says="None",
    ),
    Attack(  # what it earns is for its cache, which is right
        "returns a helper in the second round",
        "def conv_forward(A_prev, W, b, hparameters):\n"
        "    return zero_pad(A_prev, hparameters['pad']), (A_prev, W, b, hparameters)\n"
        "def zero_pad(X, pad): return None",
        points=0.5,
        exercises=("zero_pad", "conv_forward"),
        says="None",
    ),
    Attack(
        "one that ends everything does not cost the next",
        "import os\ndef zero_pad(X, pad): os._exit(0)\n"
        "def conv_output_size(n_prev, f, stride, pad): return (n_prev - f + 2 * pad) // stride + 1",
        points=3,
        exercises=("zero_pad", "conv_output_size"),
        says="ended",
    ),
]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_earns_its_exact_points_and_says_why(attack):
    result = graded(attack.source, *attack.exercises)
    assert result.points == attack.points, [passed(verdict) for verdict in result.verdicts]
    first = result.verdicts[0]
    text = " ".join([first.error or "", *(criterion.message for criterion in first.criteria), *result.incidents])
    assert re.search(attack.says, text), text
    assert len(text) < 50_000
    text.encode("utf-8")


# What a student gives to break a faulty version is data, and goes to a process with none of the student's code.
SMALL = "ones := np.ones((1, 3, 3, 1)), np.ones((2, 2, 1, 1)), np.zeros((1, 1, 1, 1)), {'stride': 1, 'pad': 0}"
INPUTS = {
    "nothing": "None",
    "an object": "type('<script>', (), {})()",
    "a list": "[1, 2, 3]",
    "no versions": "{}",
    "strange versions": "{'\\ud800' * 500: 1, '<b>': 2, 'd': 3}",
    "strange inputs": "{'a': None, 'b': 5, 'c': 'text'}",
    "lists for arrays": "{'a': ([], [], [], {}), 'b': [[]] * 4, 'c': ([[[[1]]]],) * 4}",
    "many values": "{'a': [0] * 10**5, 'b': [[0] * 100] * 100, 'c': ()}",
    "objects for arrays": "{'a': (np.array([None]),) * 4, 'b': (np.array(['a']),) * 4, 'c': (object(),) * 4}",
    "arrays that lie": "{version: (ones.view(Liar),) * 4 for version in 'abc'}",
    "truth values": "{version: (ones.astype(bool),) * 3 + ({'stride': True, 'pad': False},) for version in 'abc'}",
    "complex numbers": "{version: (ones.astype(complex),) * 4 for version in 'abc'}",
    "infinities": "{'a': (ones * np.inf,) * 4, 'b': (ones * np.nan,) * 4, 'c': 1}",
    "halves": "{'a': (ones * 0.5,) * 4, 'b': (ones * 1e300,) * 4, 'c': 1}",
    "large arrays": "{'a': (np.ones((9, 9, 9, 9)),) * 4, 'b': (np.ones((1, 10**6, 1, 1)),) * 4, 'c': 1}",
    "empty arrays": "{'a': (np.ones((0, 3, 3, 1)),) * 4, 'b': (np.ones((1, 0, 0, 1)),) * 4, 'c': (np.ones(0),) * 4}",
    "strides that are not": "{'a': (*small[:3], {'stride': 0, 'pad': 0}), 'c': (*small[:3], {'stride': np.nan}),"
    " 'b': (*small[:3], {'stride': 1, 'pad': 10**30})}",
    "hparameters that are not": "{'a': (*small[:3], {}), 'b': (*small[:3], {'stride': 1, 'pad': 0, 'x': {}}),"
    " 'c': (*small[:3], {'stride': [1], 'pad': '0'})}",
    "inputs that betray nothing": "{version: small for version in 'abc'}",
}


@pytest.mark.parametrize("name", INPUTS)
def test_inputs_that_a_right_layer_cannot_take_earn_nothing(name):
    (verdict,) = graded(
        f"{LIAR}\nsmall = ({SMALL})\ndef break_conv_forward():\n    return {INPUTS[name]}\n", "break_conv_forward"
    ).verdicts
    assert verdict.points == 0
    " ".join(criterion.message for criterion in verdict.criteria).encode("utf-8")


def test_one_that_reports_its_arguments_untouched_still_has_to_answer_rightly():
    """What a process says of itself can be forged; a forged word alone earns nothing."""
    changes = as_function("X[...] = 0\nreturn None", TOOLS + "inside['_same'] = lambda *_: True")
    assert graded(changes, "zero_pad").points == 0


def test_honest_work_beside_an_attack_keeps_its_points():
    """In one file: what hangs, dies and lies costs its own exercises."""
    source = (
        as_function(f"return {RIGHT}")
        + "def conv_single_step(*_):\n    import os\n    os._exit(1)\n"
        + "def pool_output_size(n_prev, f, stride): return (n_prev - f) // stride + 1\n"
        + "def distribute_value(*_):\n    while True: pass\n"
    )
    result = graded(source, "zero_pad", "conv_single_step", "pool_output_size", "distribute_value")
    assert [verdict.points for verdict in result.verdicts] == [10, 0, 2, 0]


@pytest.mark.parametrize("name", EXERCISES)
def test_what_a_student_is_given_defines_nothing_they_are_asked_for(name):
    """Sources of earlier lessons, and of helpers, hold no function of this lesson or a later one."""
    exercise = EXERCISES[name]
    given = [one.name for one in layers_before(exercise.lesson)]
    asked = {one.name for one in EXERCISES.values() if one.lesson >= exercise.lesson}
    defined = {
        node.name for one in given for node in ast.parse(trusted_source(one)).body if isinstance(node, ast.FunctionDef)
    }
    assert not defined & asked
    for helper in exercise.helpers:
        assert f"def {name}(" not in trusted_source(helper)


def test_the_lesson_before_is_all_that_can_be_imported():
    """Whoever overwrites `convlab.mine` overwrites their own copy."""
    cells = ("import convlab.mine\nconvlab.mine.zero_pad = lambda *_: 1 / 0", "def conv_forward(*_): return 1", "1")
    notebook = Notebook(tuple(map(Cell, cells)), mine={"zero_pad": trusted_source("zero_pad")})
    for _ in range(2):
        with NotebookRun(notebook, IMPATIENT) as run:
            run.run()
            assert run.call("conv_forward", (1,)).answer == 1
            assert run.outputs[0] == []
