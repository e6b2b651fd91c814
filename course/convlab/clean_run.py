"""Run a notebook from a clean start: a copy of its folder, a fresh kernel, a limit of time.

    python -m convlab.clean_run NOTEBOOK SECONDS

is the part that runs beside the student's own kernel. It prints one line of JSON.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from convlab.here import course_folder
from convlab.origin import MY_LAYERS

#: Bytes of a folder that are copied at most.
MAX_BYTES = 200 * 2**20


@dataclass(frozen=True)
class Outcome:
    """What came of the run.

    ``checks`` has the first line of what each failing check said, by the cell's place. ``stopped`` is the place of
    the cell that ended the run, with ``message`` saying how; with no place the run did not begin.
    """

    checks: dict[int, str]
    stopped: int | None = None
    message: str = ""

    @property
    def through(self) -> bool:
        """Whether the run got to the last cell."""
        return not self.message


def clean_run(notebook: Path, seconds: float) -> Outcome:
    """Run a copy of ``notebook`` as it is on disk, with the files beside it and the student's kept functions."""
    with tempfile.TemporaryDirectory(prefix="convlab-") as temporary:
        try:
            copy = _copied(notebook, Path(temporary))
        except OSError as why:
            return Outcome({}, None, f"the folder cannot be copied ({why.strerror or why})")
        command = [sys.executable, "-m", "convlab.clean_run", str(copy), str(seconds)]
        try:
            done = subprocess.run(
                command, cwd=copy.parent, capture_output=True, text=True, timeout=seconds + 20, env=_environment()
            )
        except subprocess.TimeoutExpired:
            return Outcome({}, None, f"it was not done after {seconds:g} seconds")
        try:
            said = json.loads(done.stdout.splitlines()[-1])
        except (IndexError, ValueError):
            last = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
            return Outcome({}, None, f"no kernel could be started ({last})")
    return Outcome({int(place): text for place, text in said["checks"].items()}, said["stopped"], said["message"])


def _environment() -> dict[str, str]:
    """This environment, in which pictures are not drawn, nothing is kept, and `ready` does not begin again."""
    # The folder of this package need not be on the path there.
    package = str(Path(__file__).resolve().parent.parent)
    path = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH", ""), package]))
    return {**os.environ, "NBGRADER_EXECUTION": "validate", "PYTHONPATH": path, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}


def _copied(notebook: Path, temporary: Path) -> Path:
    """The copy of the notebook in a course folder of its own, under its right surroundings."""
    folder = temporary / "course" / (notebook.parent.name if course_folder(notebook.parent) != notebook.parent else "x")
    folder.mkdir(parents=True)
    left = MAX_BYTES
    for path in sorted(notebook.parent.iterdir()):
        if path != notebook and path.is_file() and path.suffix not in (".ipynb", ".zip"):
            left -= path.stat().st_size
            if left >= 0:
                shutil.copyfile(path, folder / path.name)
    mine = course_folder(notebook.parent) / MY_LAYERS
    if mine.is_file():
        shutil.copyfile(mine, folder.parent / MY_LAYERS)
    shutil.copyfile(notebook, folder / notebook.name)
    return folder / notebook.name


def _run(path: Path, seconds: float) -> dict[str, Any]:
    """Run the notebook cell by cell until one stops with an error that is no check's."""
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    class Client(NotebookClient):
        """Keeps errors only: what a cell prints or draws without end would fill the memory here."""

        def process_message(self, message: Any, cell: Any, place: int) -> Any:
            if message["msg_type"] in ("stream", "display_data", "execute_result", "update_display_data"):
                return None
            return super().process_message(message, cell, place)

    notebook = nbformat.read(path, as_version=4)
    ends = time.monotonic() + seconds
    client = Client(
        notebook,
        timeout=seconds,
        startup_timeout=60,
        kernel_name="python3",
        shutdown_kernel="immediate",
        extra_arguments=["--HistoryManager.enabled=False"],
        resources={"metadata": {"path": str(path.parent)}},
    )
    checks: dict[int, str] = {}
    with client.setup_kernel():
        for place, cell in enumerate(notebook.cells):
            client.timeout = max(1, int(ends - time.monotonic()))
            message = ""
            try:
                client.execute_cell(cell, place)
            except CellExecutionError as error:
                if error.ename == "CheckFailed":
                    checks[place] = error.evalue.split("\n")[0]
                else:
                    message = _said(error.ename, error.evalue, cell.outputs)
            except CellTimeoutError:
                message = f"it was still running when the {seconds:g} seconds for the whole notebook were over"
            except DeadKernelError:
                message = "the kernel ended there: the cell ended Python itself, or wanted more memory than there is"
            if message:
                return {"checks": checks, "stopped": place, "message": message}
    return {"checks": checks, "stopped": None, "message": ""}


def _said(name: str, value: str, outputs: list[Any]) -> str:
    """The first line of an error as the student would see it, and the line of a cell that it came from."""
    if name == "NotKept":
        return value.split("\n")[0]
    text = f"{name}: {value.strip()[:600]}" if value.strip() else name
    text = text.split("\n")[0]
    shown = "\n".join(line for output in outputs if output.output_type == "error" for line in output.traceback)
    in_cell, line = False, ""
    for one in re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines():
        if one.startswith(("Cell In", "File ")):
            in_cell = one.startswith("Cell In")
        elif in_cell and (arrow := re.match(r"-+> *\d+ +(.*\S)", one)):
            line = arrow[1]
    return f"{text}, in the line: {line}" if line else text


if __name__ == "__main__":
    print(json.dumps(_run(Path(sys.argv[1]), float(sys.argv[2]))))
