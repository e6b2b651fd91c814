"""Runs cells in the confined process as root or as an ordinary user, from a process of its own that is started so.

Where the tests run as root, the ordinary user is one that exists nowhere else, in a view of the same files in which
the folders above Python and the checkout let everyone through.
"""

import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from autograder.runner import launch
from autograder.runner.limits import Limits
from autograder.runner.notebook import Cell, Notebook, NotebookRun

ROOT = Path(__file__).parents[2]
UID = 23456
USERS = ("as this user", "as an ordinary user")
ALONE = "in no fork of a warm process"  # as on machines where a fork cannot be shut in once more


@dataclasses.dataclass
class Ran:
    """What came of a run: outputs, one list a cell, incidents, and seconds."""

    outputs: list[list[dict]]
    incidents: list[str]
    seconds: float

    def text(self, place: int) -> str:
        """What a cell printed."""
        return "".join(output.get("text", "") for output in self.outputs[place])

    def values(self, place: int) -> dict:
        """What a cell printed as JSON."""
        return json.loads(self.text(place) or repr(self.outputs[place]))


def run_as(user: str, cells: list[str], limits: Limits | None = None, wrap: tuple[str, ...] = ()) -> Ran:
    """What came of ``cells`` in a confined process that ``user`` started; ``wrap`` is a command to start it with."""
    home = tempfile.mkdtemp(prefix="attacks-")
    prefix: list[str] = []
    if user == "as an ordinary user" and os.geteuid() == 0:
        os.chown(home, UID, UID)
        prefix = ordinary()
    try:
        done = subprocess.run(
            [*prefix, *wrap, sys.executable, __file__],
            input=json.dumps(
                {"cells": cells, "alone": user == ALONE, "limits": dataclasses.asdict(limits or Limits())}
            ),
            capture_output=True,
            text=True,
            timeout=120,
            env={**os.environ, "HOME": home, "XDG_CACHE_HOME": f"{home}/.cache", "PYTHONDONTWRITEBYTECODE": "1"},
            cwd=ROOT,
        )
    finally:
        shutil.rmtree(home, ignore_errors=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return Ran(**json.loads(done.stdout))


def ordinary() -> list[str]:
    """The start of a command that root gives so that an ordinary user runs the rest."""
    needed = sorted({sys.base_prefix, sys.prefix, str(ROOT)})
    arguments = ["bwrap", "--dev-bind", "/", "/"]
    shut = {str(parent) for path in needed for parent in Path(path).parents if not os.stat(parent).st_mode & 1}
    for folder in sorted(shut):
        arguments += ["--perms", "0755", "--tmpfs", folder]
    for path in needed:
        above = [str(parent) for parent in reversed(Path(path).parents)]
        if shut & set(above):
            made = [parent for parent in above if any(parent.startswith(f"{folder}/") for folder in shut)]
            arguments += [argument for parent in made for argument in ("--perms", "0755", "--dir", parent)]
            arguments += ["--ro-bind", path, path]
    return [*arguments, "setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups", "--inh-caps=-all"]


def main() -> None:
    """Run the cells that are given on standard input, and say what came of it."""
    job = json.load(sys.stdin)
    if job["alone"]:
        launch._server = lambda _: None
    began = time.monotonic()
    with NotebookRun(Notebook(tuple(map(Cell, job["cells"]))), Limits(**job["limits"])) as run:
        run.run()
    json.dump({"outputs": run.outputs, "incidents": run.incidents, "seconds": time.monotonic() - began}, sys.stdout)


if __name__ == "__main__":
    main()
