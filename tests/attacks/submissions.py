"""A class in which attackers and the careless sit among honest students: who hands in what, and what it earns.

One table.  A student's name is what they do; ``COURSE``, ``HOME`` and ``PORT`` in their code stand for the folder that
is graded, the home folder of whoever grades, and a port on which a test listens.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conftest import notebook_name, released, solved
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.records import FAILED, GRADED, LOOK, State

LESSON = "02-one-step"
EXERCISE = "conv_single_step"
CHECK, HIDDEN = f"{EXERCISE}_check", f"{EXERCISE}_hidden"
NOTEBOOK = notebook_name(LESSON)
FULL = 10.0


@dataclass(frozen=True)
class Student:
    """Who hands in what: ``lay`` fills their folder for the lesson.

    ``points`` is their exact mark, None where the submission cannot be graded; ``says`` is what must stand in the
    record, and ``shows`` in the outputs of the autograded notebook.  ``honest`` students must not notice the others.
    """

    name: str
    lay: Callable[[Path], None]
    points: float | None = FULL
    state: State = GRADED
    says: str = ""
    shows: str = ""
    honest: bool = False


# Ways to hand something in.


def notebook(change: Callable[[NotebookNode], Any] | None = None, start: str = "solved") -> Callable[[Path], None]:
    """A notebook with the lesson's solution (or as given out), changed."""

    def lay(folder: Path) -> None:
        made = solved(LESSON) if start == "solved" else released(LESSON)
        if change:
            change(made)
        (folder / NOTEBOOK).write_text(json.dumps(made), encoding="utf-8")

    return lay


def find(made: NotebookNode, grade_id: str = EXERCISE) -> NotebookNode:
    """The cell with a grade id."""
    return next(cell for cell in made.cells if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id)


def place(made: NotebookNode, grade_id: str = EXERCISE) -> int:
    """Where the cell with a grade id stands."""
    return int(made.cells.index(find(made, grade_id)))


def cell(code: str) -> Callable[[Path], None]:
    """Right work, and a cell with this code in front of it."""
    return notebook(lambda made: made.cells.insert(place(made), new_code_cell(code)))


def written(code: str) -> Callable[[Path], None]:
    """This code in place of the solution."""
    return notebook(lambda made: find(made).update(source=code))


def tried(code: str) -> Callable[[Path], None]:
    """A wrong function, and a cell with this code behind it."""

    def change(made: NotebookNode) -> None:
        find(made).source = WRONG
        made.cells.insert(place(made) + 1, new_code_cell(code))

    return notebook(change)


def data(content: bytes | Callable[[], bytes]) -> Callable[[Path], None]:
    """These bytes for a notebook."""
    return lambda folder: (folder / NOTEBOOK).write_bytes(content() if callable(content) else content) and None


def beside(lay_more: Callable[[Path], Any]) -> Callable[[Path], None]:
    """Right work, and something beside it."""

    def lay(folder: Path) -> None:
        notebook()(folder)
        lay_more(folder)

    return lay


def replaced(lay_it: Callable[[Path], Any]) -> Callable[[Path], None]:
    """Something in the place of the notebook."""
    return lambda folder: lay_it(folder / NOTEBOOK) and None


def encoded(change: Callable[[dict[str, Any]], Any]) -> Callable[[Path], None]:
    """Right work whose JSON is changed, beyond what a notebook may be."""

    def lay(folder: Path) -> None:
        made = json.loads(json.dumps(solved(LESSON)))
        change(made)
        (folder / NOTEBOOK).write_text(json.dumps(made), encoding="utf-8")

    return lay


def course_of(folder: Path) -> Path:
    """The course folder that a submission's folder is in."""
    return folder.parents[2]


def instead(folder: Path, make: Callable[[Path], Any]) -> None:
    """Something in the place of the folder itself."""
    folder.rmdir()
    make(folder)


WRONG = f"def {EXERCISE}(a_slice_prev, W, b):\n    return 'nothing of the kind'"
RIGHT = f"def {EXERCISE}(a_slice_prev, W, b):\n    return float((a_slice_prev * W).sum() + b.item())"
#: Marks for an answer of the right kind with wrong values.
SCRIPT = "<script>top.pwned = 1; alert(1)</script><img src=x onerror='top.pwned = 1'><svg onload='top.pwned = 1'>"

#: Whatever an attacker lays hands on goes to the notebook, the feedback and the exception.
LOOT = """
import os, sys
loot = []
def take(*paths):
    for path in paths:
        try:
            with open(path, errors='replace') as file:
                loot.append(file.read(10**6))
        except Exception as error:
            loot.append(repr(error))
def show():
    print(*loot, sep='\\n')
    raise RuntimeError(repr(loot)[-5000:])
"""

HONEST = [
    Student("a right", notebook(), honest=True),
    Student("h untouched", notebook(start="released"), points=0, honest=True),
    Student("m right", notebook(), honest=True),
    Student(
        "p partly",
        written(f"def {EXERCISE}(a_slice_prev, W, b):\n    return float((a_slice_prev * W).sum())"),
        points=5.5,
        honest=True,
    ),
    Student("z right", notebook(), honest=True),
]

FILES = [
    Student(
        "a folder for a notebook", replaced(Path.mkdir), None, FAILED, "one_step.ipynb is a folder, not a notebook"
    ),
    Student(
        "a FIFO for a notebook", replaced(os.mkfifo), None, FAILED, "'one_step.ipynb' in the submission is a special"
    ),
    Student(
        "a FIFO for a time stamp", beside(lambda f: os.mkfifo(f / "timestamp.txt")), None, FAILED, "is a special file"
    ),
    Student(
        "a link to a colleague's work",
        replaced(lambda p: p.symlink_to(f"../../a right/{LESSON}/{NOTEBOOK}")),
        None,
        FAILED,
        "'one_step.ipynb' in the submission is a link",
    ),
    Student(
        "a link to the home folder",
        beside(lambda f: (f / "notes.txt").symlink_to(course_of(f).parent / "home" / "secret.txt")),
        None,
        FAILED,
        "'notes.txt' in the submission is a link",
    ),
    Student(
        "a link to a device", beside(lambda f: (f / "timestamp.txt").symlink_to("/dev/zero")), None, FAILED, "is a link"
    ),
    Student("a link to all files", beside(lambda f: (f / "data").symlink_to("/")), None, FAILED, "is a link"),
    Student(
        "a link for a folder",
        lambda f: instead(f, lambda path: path.symlink_to(f"../a right/{LESSON}")),
        None,
        FAILED,
        "is not a folder",
    ),
    Student(
        "a hard link to the solution",
        lambda f: os.link(course_of(f) / "source" / LESSON / NOTEBOOK, f / NOTEBOOK),
        None,
        FAILED,
        "a hard link",
    ),
    Student("a file for a folder", lambda f: instead(f, Path.touch), None, FAILED, "is not a folder"),
    Student("a name no text can hold", beside(lambda f: (f / os.fsdecode(b"\xff\xfe.txt")).write_text("notes"))),
    Student(
        "names of programs",
        beside(
            lambda f: [
                (f / name).write_text("import os\nos.system('touch pwned')\nraise SystemExit('pwned')")
                for name in ("nbgrader_config.py", "sitecustomize.py", "numpy.py", "autograder.py", "conftest.py")
            ]
        ),
    ),
    Student("a gradebook of one's own", beside(lambda f: (f / "gradebook.db").write_bytes(b"SQLite format 3\0"))),
    Student(
        "a time stamp that is none",
        beside(lambda f: (f / "timestamp.txt").write_text("long ago")),
        None,
        FAILED,
        "timestamp.txt holds no time",
    ),
    Student(
        "a very large file beside it",
        beside(lambda f: os.truncate(os.open(f / "data.bin", os.O_CREAT | os.O_WRONLY), 2**40)),
        None,
        FAILED,
        "MiB",
    ),
    Student(
        "very many files",
        beside(lambda f: [(f / f"{n}.txt").touch() for n in range(3000)]),
        None,
        FAILED,
        "files",
    ),
    Student(
        "folders in folders",
        beside(lambda f: nest(f, 1200)),
        None,
        FAILED,
        "folders in folders",
    ),
    Student("a copy beside it", beside(lambda f: (f / "one_step-Copy1.ipynb").write_text("{"))),
    Student(
        "nothing but another name",
        lambda f: (f / "one step (1).ipynb").write_text("{}") and None,
        None,
        FAILED,
        "rename it",
    ),
]


def nest(folder: Path, depth: int) -> None:
    """Folders in folders, deeper than a path may be long."""
    here = os.getcwd()
    try:
        os.chdir(folder)
        for _ in range(depth):
            os.mkdir("d")
            os.chdir("d")
    finally:
        os.chdir(here)


FORMS = [
    Student("an empty notebook file", data(b""), None, FAILED, "the file is empty"),
    Student("broken JSON", data(b'{"cells": ['), None, FAILED, "its JSON is broken"),
    Student("a list for a notebook", data(b"[]"), None, FAILED, "it has no list of cells"),
    Student(
        "format 3", data(b'{"worksheets": [], "nbformat": 3, "metadata": {}}'), None, FAILED, "old notebook format 3"
    ),
    Student("another format number", encoded(lambda made: made.update(nbformat=99, nbformat_minor=-1))),
    Student("no format number", encoded(lambda made: (made.pop("nbformat"), made.pop("metadata")))),
    Student("UTF-16", data(lambda: json.dumps(solved(LESSON)).encode("utf-16")), None, FAILED, "it is not UTF-8 text"),
    Student("a byte order mark", data(lambda: b"\xef\xbb\xbf" + json.dumps(solved(LESSON)).encode())),
    Student("NUL bytes in the file", data(lambda: bytes(1000)), None, FAILED, "its JSON is broken"),
    Student("NUL bytes in a cell", cell("x = 'a\0b'\n\0")),
    Student("lone surrogates", cell("x = '\ud800'  # \udfff")),
    Student("200 MB", replaced(lambda path: (path.touch(), os.truncate(path, 200 * 2**20))), None, FAILED, "200 MiB"),
    Student("nested without end", data(b"[" * 10**6), None, FAILED, "nested too deeply"),
    Student(
        "a hundred thousand cells", encoded(lambda made: made["cells"].extend([{}] * 10**5)), None, FAILED, "cells"
    ),
    Student(
        "15 MB of old output",
        notebook(
            lambda made: find(made).outputs.append(
                {"output_type": "stream", "name": "stdout", "text": "old output " * 1_400_000}
            )
        ),
    ),
    Student("null metadata", encoded(lambda made: [one.update(metadata=None) for one in made["cells"]])),
    Student("no metadata", encoded(lambda made: [one.pop("metadata") for one in made["cells"]])),
    Student(
        "metadata of other types",
        encoded(lambda made: [one.update(metadata={"nbgrader": [1], "tags": 7}) for one in made["cells"]]),
    ),
    Student("cells of other types", encoded(lambda made: made["cells"].extend([7, None, [], {"source": {"a": 1}}]))),
    Student(
        "another schema version",
        notebook(lambda made: [one.metadata.nbgrader.update(schema_version=99) for one in nbgrader_cells(made)]),
    ),
    Student(
        "an old schema version",
        notebook(lambda made: [one.metadata.nbgrader.update(schema_version=1) for one in nbgrader_cells(made)]),
    ),
    Student(
        "a thousand points",
        notebook(
            lambda made: (find(made).update(source=WRONG), find(made, HIDDEN).metadata.nbgrader.update(points=1000))
        ),
        0,
    ),
    Student(
        "points below nothing", notebook(lambda made: find(made, CHECK).metadata.nbgrader.update(points=float("-inf")))
    ),
    Student(
        "another lesson's ids",
        notebook(lambda made: [made.cells.append(graded_cell(f"conv_forward{part}")) for part in ("", "_hidden")]),
    ),
    Student(
        "a test of one's own",
        notebook(lambda made: (find(made).update(source=WRONG), made.cells.append(graded_cell("bonus")))),
        0,
    ),
    Student(
        "a kernel of one's own",
        encoded(
            lambda made: made["metadata"].update(
                kernelspec={
                    "name": "../../evil",
                    "argv": ["touch", "pwned"],
                    "display_name": SCRIPT,
                    "language": "bash",
                },
                language_info={"name": SCRIPT, "pygments_lexer": "../../evil"},
            )
        ),
    ),
    Student(
        "test cells that print points",
        notebook(
            lambda made: (
                find(made).update(source=WRONG),
                find(made, CHECK).update(source="3.0"),
                find(made, HIDDEN).update(source="print('7.0')\n7.0"),
            )
        ),
        0,
    ),
]


def in_gradebook(student: Student) -> bool:
    """Whether nbgrader can have a student's name in its gradebook and show it."""
    return not set(student.name) & set('<>"\\')


def nbgrader_cells(made: NotebookNode) -> list[NotebookNode]:
    """The cells that nbgrader knows."""
    return [one for one in made.cells if "nbgrader" in one.metadata]


def graded_cell(grade_id: str) -> NotebookNode:
    """A cell that says it is a test, worth a hundred points."""
    nbgrader = {"grade": True, "grade_id": grade_id, "locked": True, "points": 100, "schema_version": 3}
    return new_code_cell("100.0", metadata={"nbgrader": {**nbgrader, "solution": False, "task": False}})


SLIPS = [
    Student("deleted test cells", notebook(lambda made: [made.cells.remove(find(made, i)) for i in (CHECK, HIDDEN)])),
    Student("a deleted setup cell", notebook(lambda made: made.cells.remove(find(made, "setup")))),
    Student(
        "test cells twice",
        notebook(lambda made: [made.cells.insert(place(made, i), find(made, i).copy()) for i in (CHECK, HIDDEN)]),
    ),
    Student(
        "the solution twice, the last one right",
        notebook(lambda made: made.cells.insert(place(made), find(made) | {"source": WRONG})),
    ),
    Student("edited test cells", notebook(lambda made: find(made, CHECK).update(source="check(conv_single_stop"))),
    Student(
        "a test cell split in two",
        notebook(
            lambda made: (
                find(made, CHECK).update(source="check("),
                made.cells.insert(place(made, CHECK) + 1, new_code_cell("conv_single_step)")),
            )
        ),
    ),
    Student(
        "the solution split in two",
        notebook(
            lambda made: (
                find(made).update(source="import numpy as np"),
                made.cells.insert(place(made) + 1, new_code_cell(RIGHT)),
            )
        ),
    ),
    Student(
        "the test merged into the solution",
        notebook(
            lambda made: (
                find(made).update(source=f"{RIGHT}\n\ncheck({EXERCISE})"),
                made.cells.remove(find(made, CHECK)),
            )
        ),
    ),
    Student(
        "test cells at the top",
        notebook(lambda made: made.cells.insert(0, made.cells.pop(place(made, HIDDEN)))),
    ),
    Student("the test as text", encoded(lambda made: retyped(made, CHECK, "markdown"))),
    Student("the test as raw text", encoded(lambda made: retyped(made, HIDDEN, "raw"))),
    Student(
        "the solution in a cell of its own",
        notebook(lambda made: (made.cells.append(new_code_cell(find(made).source)), made.cells.remove(find(made)))),
    ),
    Student("warnings", cell("import warnings, sys\nwarnings.warn('careful')\nprint('red', file=sys.stderr)")),
    Student(
        "prints in the function",
        written(RIGHT.replace("return", "print(a_slice_prev, W); import warnings; warnings.warn('w')\n    return")),
    ),
    Student("an unfinished cell", cell("for row in range(3)\n    print(row"), shows="SyntaxError"),
    Student("a leftover that fails", cell("conv_single_stop(1, 2)"), shows="NameError"),
    Student(
        "a question to the user",
        cell("n = int(input('how many? '))"),
        shows="StdinNotImplementedError|EOFError|OSError",
    ),
    Student(
        "a plot and a shell line", cell("%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\n!ls")
    ),
    Student("the end in the middle", cell("exit()\nquit()")),
    Student(
        "a cell that never ends",
        cell("print('before')\nwhile True: pass"),
        FULL,
        LOOK,
        "took too long",
    ),
]


def retyped(made: dict[str, Any], grade_id: str, kind: str) -> None:
    """Change the type of a cell."""
    for one in made["cells"]:
        if one["metadata"].get("nbgrader", {}).get("grade_id") == grade_id:
            one["cell_type"] = kind


LOOKING = [
    Student(
        "looks for everything",
        tried(
            LOOT + "for folder, _, files in os.walk('/'):\n"
            "    if folder.startswith(('/proc', '/sys', '/dev', '/usr', sys.prefix, sys.base_prefix)): continue\n"
            "    take(*(f'{folder}/{name}' for name in files))\nshow()"
        ),
        0,
    ),
    Student(
        "reads by name",
        tried(
            LOOT + "take('COURSE/gradebook.db', 'COURSE/source/02-one-step/one_step.ipynb', 'HOME/secret.txt',\n"
            "     'COURSE/submitted/a right/02-one-step/one_step.ipynb', '/etc/shadow', '/etc/passwd',\n"
            "     'COURSE/verdicts/a right/02-one-step.json', '/proc/1/environ', '/proc/self/environ')\nshow()"
        ),
        0,
    ),
    Student(
        "reads other processes",
        tried(
            LOOT + "for pid in filter(str.isdigit, os.listdir('/proc')):\n"
            "    take(*(f'/proc/{pid}/{name}' for name in ('environ', 'cmdline', 'maps', 'mounts')))\n"
            "    take(*(f'/proc/{pid}/{name}/COURSE/gradebook.db' for name in ('root', 'cwd')))\nshow()"
        ),
        0,
    ),
    Student("reads the environment", tried(LOOT + "loot += [repr(os.environ), repr(sys.argv)]\nshow()"), 0),
    Student(
        "searches memory",
        tried(
            LOOT + "import gc\n"
            "for o in gc.get_objects():\n"
            "    if isinstance(o, dict) and len(o) < 1000:\n"
            "        loot += [v for v in list(o.values()) if isinstance(v, str) and 'canary' in v[:10**4]]\n"
            "loot += [repr(vars(o)) for o in gc.get_objects() if type(o).__name__ == 'Session']\nshow()"
        ),
        0,
    ),
    Student(
        "searches history and frames",
        tried(
            LOOT + "loot += [repr(In), repr(get_ipython().history_manager.input_hist_raw)]\n"
            "frame = sys._getframe()\n"
            "while frame:\n"
            "    loot.append(repr(frame.f_locals)[:10**5]); frame = frame.f_back\nshow()"
        ),
        0,
    ),
    Student(
        "imports the solution",
        written("from autograder.solution import conv_single_step"),
        0,
        says="No module named 'autograder'",
    ),
    Student(
        "takes the solution from the lesson after",
        written("from convlab.mine import conv_single_step"),
        0,
        says="cannot import name",
    ),
    Student(
        "asks the network",
        cell(
            "import socket\n"
            "for host in ('127.0.0.1', 'localhost', '10.0.0.1', 'example.org'):\n"
            "    try:\n"
            "        socket.create_connection((host, PORT), 1).sendall(b'hello'); print('connected')\n"
            "    except OSError as error:\n"
            "        print('refused', type(error).__name__)"
        ),
        shows="refused",
    ),
]

HARMING = [
    Student(
        "writes to the gradebook",
        tried(
            "import sqlite3\nbook = sqlite3.connect('COURSE/gradebook.db')\n"
            "book.execute('UPDATE grade SET auto_score = 10')\nbook.commit()"
        ),
        0,
        shows="OperationalError",
    ),
    Student(
        "locks the gradebook",
        cell("import sqlite3\nsqlite3.connect('COURSE/gradebook.db', 1).execute('BEGIN EXCLUSIVE')"),
        shows="OperationalError",
    ),
    Student(
        "deletes all there is",
        cell("import shutil\nfor path in ('COURSE', 'HOME', '/'): shutil.rmtree(path, ignore_errors=True)"),
    ),
    Student(
        "overwrites others' work",
        cell(
            "import os\nfor name in ('a right', 'm right', 'z right'):\n"
            "    os.makedirs(f'COURSE/submitted/{name}/02-one-step', exist_ok=True)\n"
            "    open(f'COURSE/submitted/{name}/02-one-step/one_step.ipynb', 'w').write('{}')"
        ),
    ),  # where the course lies in /tmp, this makes files in the /tmp of its own, which are gone with it
    Student(
        "signals everyone",
        cell(
            "import os, signal\nsignal.signal(15, signal.SIG_IGN)\n"
            "for number in (15, 9):\n"
            "    for pid in (1, os.getppid(), 2, 3, 1000):\n"
            "        if pid != os.getpid():\n"
            "            try: os.kill(pid, number)\n"
            "            except OSError: pass"
        ),
    ),
    Student("signals its group", cell("import os, signal\nos.killpg(0, signal.SIGKILL)"), FULL, LOOK, "Cell 7"),
    Student("ends the process", cell("import os\nos._exit(0)"), FULL, LOOK, "It ended the Python process"),
    Student(
        "crashes Python",
        cell("import ctypes\nctypes.string_at(0)"),
        FULL,
        LOOK,
        "It crashed Python|It ended the Python process",
    ),
    Student(
        "ends the process in the function",
        written(f"import os\ndef {EXERCISE}(*_):\n    os._exit(0)"),
        0,
        LOOK,
        "It ended the Python process",
    ),
    Student(
        "does not listen to signals",
        cell(
            "import signal\nfor n in range(1, 65):\n"
            "    try: signal.signal(n, signal.SIG_IGN)\n"
            "    except (OSError, ValueError): pass\n"
            "while True: pass"
        ),
        FULL,
        LOOK,
        "took too long",
    ),
    Student(
        "never answers",
        written(f"def {EXERCISE}(*_):\n    while True: pass"),
        0,
        GRADED,
        "took too long",
    ),
    Student(
        "never ends its answer's end",
        written(
            "class Answer(float):\n    def __del__(self):\n        while True: pass\n"
            f"def {EXERCISE}(*_): return Answer(1)"
        ),
        0,
        LOOK,
        "took too long",
    ),
    Student("calls itself", written(f"def {EXERCISE}(*args): return {EXERCISE}(*args)"), 0, says="RecursionError"),
    Student(
        "calls itself without a limit",
        cell("import sys\nsys.setrecursionlimit(10**9)\ndef f(n): return f(repr(n)) + 1\nf(0)"),
        FULL,
        LOOK,
        "Cell 7",
    ),
    Student("takes 8 GB", cell("x = bytearray(8 * 2**30)"), shows="MemoryError"),
    Student(
        "takes memory in many processes",
        cell(
            "import os, time\n"
            "for n in range(8):\n"
            "    if os.fork() == 0:\n"
            "        x = bytearray(os.urandom(2**20) * 400)\n"
            "        time.sleep(60); os._exit(0)\n"
            "time.sleep(9)"
        ),
        FULL,
        LOOK,
        "memory",
    ),
    Student(
        "forks without end",
        cell(
            "import os, time\n"
            "def bomb():\n"
            "    while True:\n"
            "        try: os.fork()\n"
            "        except OSError: time.sleep(0.1)\n"
            "if os.fork() == 0: bomb()\ntime.sleep(1)"
        ),
    ),
    Student(
        "leaves processes behind",
        cell(
            "import os, signal, time\n"
            "for _ in range(5):\n"
            "    if os.fork() == 0:\n"
            "        os.setsid()\n"
            "        if os.fork(): os._exit(0)\n"
            "        signal.signal(15, signal.SIG_IGN); signal.signal(1, signal.SIG_IGN)\n"
            "        time.sleep(3600); os._exit(0)\n"
            "import subprocess\nsubprocess.Popen(['sleep', '3600'], start_new_session=True)"
        ),
    ),
    Student(
        "fills the folders",
        cell(
            "for folder in ('.', '/tmp', '/dev/shm', '/home/student'):\n"
            "    try:\n"
            "        with open(f'{folder}/full', 'wb') as file:\n"
            "            while True: file.write(bytes(2**20))\n"
            "    except OSError: print('full')"
        ),
        shows="full",
    ),
    Student("prints 100 MB", cell("for _ in range(10): print('x' * 10 * 2**20)"), shows="Output truncated"),
    Student(
        "prints in a hundred cells",
        notebook(lambda made: made.cells.extend([new_code_cell("print('x' * 10**6)")] * 100)),
        shows="Output left out",
    ),
    Student("prints very many lines", cell("for n in range(10**5): print(n)"), shows="Output truncated"),
    Student(
        "shows ten thousand things", cell("from IPython.display import display\nfor n in range(10**4): display(n)")
    ),
]

SHOWING = [
    Student(
        "shows scripts",
        cell(
            "from IPython.display import HTML, SVG, Javascript, Latex, Markdown, display\n"
            f"for kind in (HTML, Javascript, Markdown, Latex): display(kind({SCRIPT!r}))\n"
            "display({'image/svg+xml': '<svg xmlns=\"http://www.w3.org/2000/svg\"><script>top.pwned = 1</script>',\n"
            "         'application/javascript': 'top.pwned = 1',\n"
            "         'text/html': '<b onmouseover=\"top.pwned = 1\">x</b>',\n"
            "         'application/vnd.jupyter.widget-view+json': {'model_id': 'x'}, 'application/pdf': 'x',\n"
            "         'bad type': 'x', 'image/png': '<script>top.pwned = 1</script>'}, raw=True)\n"
            f"HTML({SCRIPT!r})"
        ),
    ),
    Student(
        "writes scripts",
        notebook(
            lambda made: (
                made.cells[:0]
                or made.cells.extend(
                    [
                        new_markdown_cell(
                            f"# {SCRIPT}\n\n[a](javascript:top.pwned=1)\n\n```\n</code></pre>{SCRIPT}\n```"
                        ),
                        new_markdown_cell(
                            "$\\href{javascript:top.pwned=1}{x}$ $$\\unicode{<img src=x onerror=top.pwned=1>}$$"
                        ),
                        new_markdown_cell(
                            "![x](attachment:x.svg)", attachments={"x.svg": {"image/svg+xml": f"<svg>{SCRIPT}</svg>"}}
                        ),
                        new_code_cell(f"# </script>{SCRIPT}\n'''</pre>{SCRIPT}'''"),
                        new_code_cell(
                            "1",
                            outputs=[{"output_type": "display_data", "data": {"text/html": SCRIPT}, "metadata": {}}],
                        ),
                    ]
                )
            )
        ),
    ),
    Student("raises scripts", cell(f"raise type({SCRIPT!r}, (Exception,), {{}})({SCRIPT!r})")),
    Student("answers with scripts", written(f"def {EXERCISE}(*_): return {{{SCRIPT!r}: {SCRIPT!r}}}"), 0),
    Student(
        "raises scripts in answers",
        written(f"def {EXERCISE}(*_): raise type({SCRIPT!r}, (Exception,), {{}})({SCRIPT!r})"),
        0,
    ),
    Student(
        "answers of a type named like a script",
        written(f"def {EXERCISE}(*_): return type({SCRIPT!r}, (), {{}})()"),
        0,
    ),
    Student(
        "prints control codes",
        cell("print('\\x1b[2J\\x1b]0;owned\\a\\x1b[31m' * 1000, '\\r\\b\\0', '‮', '￾', 'w' * 10**5)"),
    ),
    Student("<img src=x onerror='top.pwned = 1'>", notebook(), None, FAILED, "cannot show the student's name"),
    Student('"; top.pwned = 1; "', notebook(), None, FAILED, "cannot show the student's name"),
    Student("&lt;script&gt;top.pwned = 1&lt;&#x2f;script&gt; ' + (top.pwned = 1) + '", notebook()),
    Student("${top.pwned = 1}`", notebook()),
    Student("'; DROP TABLE grade; --", notebook()),
    Student("{{ 7 * 7 }} ${7*7} %s $(touch pwned)", notebook()),
    Student("--force", notebook()),
    Student("*", notebook()),
    Student("[a-z]*", notebook()),
]

FORGING = [
    Student(
        "replaces the tests",
        tried("grade = check = lambda *_, **__: 10.0\nimport convlab\nconvlab.grade = convlab.check = grade"),
        0,
    ),
    Student(
        "replaces comparisons",
        tried(
            "import builtins, numpy as np, numpy.testing\n"
            "for name in dir(np.testing):\n"
            "    if name.startswith('assert'): setattr(np.testing, name, lambda *_, **__: None)\n"
            "np.allclose = np.array_equal = np.isclose = lambda *_, **__: True"
        ),
        0,
    ),
    Student(
        "rewrites cells as they run",
        tried(
            "shell = get_ipython()\n"
            "shell.input_transformers_cleanup.append(lambda lines: ['10.0\\n'])\n"
            "shell.events.register('post_run_cell', lambda *_: print('10.0'))\n"
            "import ast\n"
            "class Right(ast.NodeTransformer):\n"
            "    def visit_Assert(self, node): return ast.Pass()\n"
            "shell.ast_transformers.append(Right())"
        ),
        0,
    ),
    Student(
        "an answer that agrees with all",
        written(
            "class Yes(float):\n"
            "    __eq__ = __lt__ = __gt__ = __le__ = __ge__ = lambda *_: True\n"
            "    __sub__ = __rsub__ = __abs__ = lambda *_: 0.0\n"
            "    __hash__ = float.__hash__\n"
            "    def __array__(self, *_, **__):\n        raise RuntimeError\n"
            f"def {EXERCISE}(*_): return Yes(1)"
        ),
        1,
    ),
    Student(
        "writes its own reply",
        written(
            "import fcntl, json, os, stat, struct\n"
            "def out(n):\n"
            "    try: return stat.S_ISFIFO(os.fstat(n).st_mode) and fcntl.fcntl(n, fcntl.F_GETFL) & 3 == 1\n"
            "    except OSError: return False\n"
            f"def {EXERCISE}(*_):\n"
            "    text = json.dumps({'id': 1, 'points': 10, 'passed': True, 'answer': 10, 'blobs': []}).encode()\n"
            "    for n in filter(out, range(64)): os.write(n, struct.pack('>II', len(text), 0) + text)\n"
        ),
        0,
        LOOK,
        "not an answer",
    ),
    Student(
        "changes its answers in the background",
        tried(
            "import threading, time\n"
            "def later():\n"
            "    while True:\n"
            "        globals()['conv_single_step'] = lambda *_: 0.0; time.sleep(0.001)\n"
            "threading.Thread(target=later, daemon=True).start()"
        ),
        1,
    ),
    Student(
        "a magic of its own",
        tried(
            "from IPython.core.magic import register_line_magic\n"
            "@register_line_magic\ndef matplotlib(line): return 10.0\n"
            "get_ipython().showtraceback = lambda *_, **__: None\nimport sys\nsys.excepthook = lambda *_: None"
        ),
        0,
    ),
]

CLASS = sorted(
    [*HONEST, *FILES, *FORMS, *SLIPS, *LOOKING, *HARMING, *SHOWING, *FORGING], key=lambda student: student.name
)
#: Those to whom it matters who started the run.
CONFINED = [student for student in CLASS if student in (*HONEST, *FILES, *LOOKING, *HARMING)]
assert len({student.name for student in CLASS}) == len(CLASS)
