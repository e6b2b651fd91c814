"""Time grading a class: stock ``nbgrader autograde`` and ``autograder grade``, on the same notebooks, side by side.

Stock nbgrader runs with its own defaults: one submission at a time, in the marker's account, with the solution within
reach; of the hidden tests it runs none here, which is to its advantage.  Ours runs confined, judges all of them,
and also writes feedback pages unless told not to.

    python benchmarks/class_run.py --submissions 20
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
LESSON = "01-images-and-padding"  # it needs no functions of earlier lessons, which stock nbgrader could not supply
STOCK = 'c = get_config()\nc.CourseDirectory.course_id = "stock"\n'


def lay_out(folder: Path, lesson: str, submissions: int, stock: bool) -> None:
    """A course folder with ``submissions`` copies of the right answers to one lesson."""
    shutil.copytree(ROOT / "source" / lesson, folder / "source" / lesson)
    if stock:
        (folder / "nbgrader_config.py").write_text(STOCK)
    else:
        shutil.copy(ROOT / "nbgrader_config.py", folder)
    for number in range(submissions):
        target = folder / "submitted" / f"student{number:04}" / lesson
        shutil.copytree(ROOT / "examples" / "class" / "submitted" / "ada" / lesson, target)


def timed(command: list[str], folder: Path) -> dict[str, float]:
    """Wall and CPU seconds of a command with all its processes."""
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "PYTHONPATH": ""}
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")
    return {"wall": wall, "cpu": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime}


def scores(folder: Path) -> list[float]:
    """The score of each submission in the gradebook."""
    with sqlite3.connect(folder / "gradebook.db") as database:
        rows = database.execute("SELECT sum(auto_score) FROM grade GROUP BY notebook_id").fetchall()
    return sorted(row[0] for row in rows)


def main() -> None:
    """Measure, print a table, and write the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--submissions", type=int, default=20)
    parser.add_argument("--json", type=Path, default=ROOT / "artefacts" / "class_run.json")
    options = parser.parse_args()
    ways = {
        "nbgrader autograde": [str(BIN / "nbgrader"), "autograde", LESSON],
        "autograder grade, no pages": [str(BIN / "autograder"), "grade", "--no-feedback"],
        "autograder grade": [str(BIN / "autograder"), "grade", "--regrade"],
    }
    figures, marks = {}, {}
    with tempfile.TemporaryDirectory() as name:
        for stock in (True, False):
            folder = Path(name, "stock" if stock else "ours")
            lay_out(folder, LESSON, options.submissions, stock)
            if stock:
                timed([str(BIN / "nbgrader"), "generate_assignment", LESSON], folder)
            for way, command in ways.items():
                if way.startswith("nbgrader") == stock:
                    figures[way] = timed(command, folder)
            marks[stock] = scores(folder)
    if marks[True] != marks[False]:
        raise SystemExit(f"The scores differ: {marks}")
    reference = figures["nbgrader autograde"]["wall"]
    print(f"{options.submissions} submissions of {LESSON}, seconds a submission")
    print(f"{'':28}{'wall':>8}{'CPU':>8}{'times stock':>13}")
    for way, used in figures.items():
        each = {kind: seconds / options.submissions for kind, seconds in used.items()}
        print(f"{way:28}{each['wall']:8.2f}{each['cpu']:8.2f}{reference / used['wall']:13.1f}")
    options.json.parent.mkdir(exist_ok=True)
    options.json.write_text(json.dumps({"submissions": options.submissions, "seconds": figures}, indent=1))


if __name__ == "__main__":
    main()
