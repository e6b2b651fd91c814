"""Grade the sample class in a folder of its own, and say where to look: what ``make demo`` does."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from pathlib import Path

from convlab.frameworks import missing

from autograder.exercises import EXERCISES

ROOT = Path(__file__).resolve().parent.parent.parent
DEMO = ROOT / "demo"
CLASS = Path(__file__).resolve().parent


def lay_out(folder: Path) -> None:
    """A course folder of its own, with the sample class's work in it and nothing of a real class."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    shutil.copytree(ROOT / "source", folder / "source", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    shutil.copytree(CLASS / "submitted", folder / "submitted")


def unexpected(folder: Path) -> list[str]:
    """A line for each submission whose outcome is not the one in expected.csv.

    Lessons whose frameworks are not installed here could not be graded.
    """
    without = {exercise.lesson for exercise in EXERCISES.values() if missing(exercise.frameworks)}
    lines = []
    with open(CLASS / "expected.csv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            path = folder / "verdicts" / row["student"] / f"{row['assignment']}.json"
            if not path.is_file():
                lines.append(f"{row['student']}, {row['assignment']}: no record")
                continue
            record = json.loads(path.read_text(encoding="utf-8"))
            if row["assignment"] in without:
                row |= {"state": "could not be graded", "score": ""}
            points = "" if record["points"] is None else f"{record['points']:g}"
            if (record["state"], points) != (row["state"], row["score"]):
                wanted = f"{row['state']} {row['score']}".strip()
                lines.append(f"{row['student']}, {row['assignment']}: {record['state']} {points}, expected {wanted}")
    return lines


def main() -> int:
    """Build, grade, compare with what the class is known to deserve, and say where to look."""
    run = [sys.executable, "-m", "autograder"]
    subprocess.run([*run, "build"], cwd=ROOT, check=True)
    lay_out(DEMO)
    subprocess.run(
        [*run, "grade"], cwd=DEMO, check=False
    )  # exit status 1: some of this class cannot be graded, as meant
    if problems := unexpected(DEMO):
        print("\n".join(["These came out otherwise than examples/class/expected.csv says:", *problems]))
        return 1
    print("Every outcome is the one that examples/class/expected.csv foretells.")
    print("Where to look: open demo/feedback/emeka/03-conv-forward/conv_forward.html in a browser.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
