"""Time grading a class: stock ``nbgrader autograde`` and ``autograder grade``, on the same notebooks, side by side.

Stock nbgrader runs with its own defaults: one submission at a time, in the marker's account, with the solution within
reach.  Ours runs confined, on fresh inputs.  Both enter the points into a gradebook and write autograded notebooks;
ours once more with a feedback page for everyone and the class report.  The submissions are copies of right answers in
loops, and the run fails where the two gradebooks disagree.

    python benchmarks/class_run.py                                     # 20 and 100 submissions of lessons 03 and 05
    python benchmarks/class_run.py --lessons 03 --submissions 20 --ours 1000 --repeat 3
"""

from __future__ import annotations

import argparse
import importlib.util
import inspect
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil
from convlab import kept
from rich.console import Console
from rich.table import Table

from autograder.exercises import EXERCISES, layers_before

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
STOCK = 'c = get_config()\nc.CourseDirectory.course_id = "stock"\n'
NBGRADER, OURS, PAGES = "nbgrader autograde", "autograder grade --no-feedback", "autograder grade, report"


@dataclass
class Used:
    """What one run took: seconds of the clock and of all processors, and the most memory of all its processes."""

    lesson: str
    way: str
    submissions: int
    wall: float
    cpu: float
    memory: int  # bytes, what processes share counted once each (PSS) where the kernel says so


def lay_out(folder: Path, lesson: str, submissions: int, stock: bool) -> None:
    """A course folder with ``submissions`` copies of the right answers to one lesson."""
    shutil.copytree(ROOT / "source" / lesson, folder / "source" / lesson)
    if stock:
        (folder / "nbgrader_config.py").write_text(STOCK)
    else:
        shutil.copy(ROOT / "nbgrader_config.py", folder)
    layers = my_layers(lesson)
    for number in range(submissions):
        student = f"student{number:05}"
        shutil.copytree(ROOT / "examples/class/submitted/ada" / lesson, folder / "submitted" / student / lesson)
        if stock:  # which has nobody to supply the functions of earlier lessons
            (folder / "autograded" / student).mkdir(parents=True)
            (folder / "autograded" / student / kept.MY_LAYERS).write_text(layers)


def my_layers(lesson: str) -> str:
    """The text of my_layers.py with right functions of the lessons before ``lesson``."""
    spec = importlib.util.spec_from_file_location("loops", ROOT / "examples/class/answers/loops.py")
    assert spec
    assert spec.loader
    loops = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loops)
    text = ""
    for layer in layers_before(lesson):
        source = "import numpy as np\n\n\n" + inspect.getsource(getattr(loops, layer.name))
        text = kept.with_section(text, kept.Section(layer.name, layer.lesson, source))
    return text


def timed(commands: list[list[str]], folder: Path) -> tuple[float, float, int]:
    """Wall and processor seconds of commands with all their processes, and the most memory that these had together."""
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "PYTHONPATH": ""}
    watch = Watch()
    began = time.perf_counter()
    for command in commands:
        running = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        watch.follow(running.pid)
        said, _ = running.communicate()
        if running.returncode:
            raise SystemExit(f"{' '.join(command)} failed:\n{said}")
    wall = time.perf_counter() - began
    return wall, *watch.end()


class Watch:
    """Looks at a process and all below it, a few times a second."""

    def __init__(self) -> None:
        self._cpu: dict[psutil.Process, float] = {}
        self._memory = 0
        self._first: psutil.Process | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def follow(self, pid: int) -> None:
        """Look at this process from now on."""
        self._first = psutil.Process(pid)

    def end(self) -> tuple[float, int]:
        """Processor seconds, and the most memory."""
        self._over.set()
        self._thread.join()
        return sum(self._cpu.values()), self._memory

    def _look(self) -> None:
        while not self._over.wait(0.05):
            used = 0
            try:
                family = [self._first, *self._first.children(recursive=True)] if self._first else []
            except psutil.Error:
                continue
            for process in family:
                try:
                    times = process.cpu_times()  # of those that have ended, what their parent has waited for
                    self._cpu[process] = times.user + times.system
                    used += process.memory_full_info().pss
                except psutil.Error:
                    continue
            self._memory = max(self._memory, used)


def scores(folder: Path) -> list[float]:
    """The score of each submission in the gradebook."""
    with sqlite3.connect(folder / "gradebook.db") as database:
        rows = database.execute("SELECT sum(auto_score) FROM grade GROUP BY notebook_id").fetchall()
    return sorted(row[0] for row in rows)


def measure(lesson: str, submissions: int, stock: bool) -> list[Used]:
    """Both ways (or ours alone) on one class."""
    found, marks = [], []
    for kind in [True, False] if stock else [False]:
        with tempfile.TemporaryDirectory(dir=ROOT.parent) as name:
            folder = Path(name)
            lay_out(folder, lesson, submissions, kind)
            autograder = str(BIN / "autograder")
            if kind:
                timed([[str(BIN / "nbgrader"), "generate_assignment", lesson]], folder)
                ways = {NBGRADER: [[str(BIN / "nbgrader"), "autograde", lesson]]}
            else:
                ways = {
                    OURS: [[autograder, "grade", "--no-feedback"]],
                    PAGES: [[autograder, "grade", "--regrade"], [autograder, "report"]],
                }
            for way, commands in ways.items():
                found.append(Used(lesson, way, submissions, *timed(commands, folder)))
            marks.append(scores(folder))
    if any(one != marks[0] for one in marks):
        raise SystemExit(f"The scores differ: {marks}")
    return found


def main() -> None:
    """Measure, print a table, and write the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lessons", nargs="+", default=["03", "05"], help="numbers of lessons")
    parser.add_argument("--submissions", type=int, nargs="*", default=[20, 100])
    parser.add_argument("--ours", type=int, nargs="*", default=[], help="class sizes for our own command alone")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--json", type=Path, default=ROOT / "artefacts" / "class_run.json")
    options = parser.parse_args()
    names = sorted({exercise.lesson for exercise in EXERCISES.values()})
    used: list[Used] = []
    for lesson in (name for number in options.lessons for name in names if name.startswith(number)):
        for _ in range(options.repeat):
            for count in options.submissions:
                used += measure(lesson, count, stock=True)
            for count in options.ours:
                used += measure(lesson, count, stock=False)
    show(used)
    options.json.parent.mkdir(exist_ok=True)
    options.json.write_text(json.dumps([asdict(one) for one in used], indent=1) + "\n")


def show(used: list[Used]) -> None:
    """Print medians, with the smallest and the largest of the runs."""
    table = Table("lesson", "submissions", "way", title="Seconds a submission: median (least to most)")
    for name in ("wall", "processor", "peak MB", "times stock"):
        table.add_column(name, justify="right")
    groups: dict[tuple[str, int, str], list[Used]] = {}
    for one in used:
        groups.setdefault((one.lesson, one.submissions, one.way), []).append(one)
    for (lesson, count, way), runs in groups.items():
        stock = groups.get((lesson, count, NBGRADER), [])
        wall, cpu = ([getattr(one, kind) / count for one in runs] for kind in ("wall", "cpu"))
        ratio = statistics.median(one.wall for one in stock) / count / statistics.median(wall) if stock else None
        memory = max(one.memory for one in runs) / 2**20
        spread = f"{statistics.median(wall):.3f} ({min(wall):.3f} to {max(wall):.3f})"
        cells = (spread, f"{statistics.median(cpu):.3f}", f"{memory:.0f}", f"{ratio:.1f}" if ratio else "")
        table.add_row(lesson, str(count), way, *cells)
    Console(width=130).print(table)


if __name__ == "__main__":
    main()
