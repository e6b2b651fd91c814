"""An IPython shell without a kernel that records what a cell shows, in the order in which it shows it.

Magics, shell lines, widgets, inline plots and top-level await work as they do in JupyterLab.
"""

from __future__ import annotations

import base64
import os
import sys
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config

MAX_OUTPUT = 200_000  # characters of text a cell may show; more is cut, and said to be
MAX_OUTPUTS = 200
MAX_FRAMES = 40  # of a traceback
MAX_IMAGES = 2 * 2**20  # bytes of images a cell may show
SHOWN = ("text/plain", "image/png", "image/jpeg")


class Recorder:
    """The outputs of the cell that runs now, as nbformat has them, up to a bound."""

    def __init__(self) -> None:
        self.start()

    def start(self) -> None:
        """Forget what was recorded; a new cell begins."""
        self.outputs: list[dict[str, Any]] = []
        self.text = self.images = 0
        self.cut = False

    def stream(self, name: str, text: str) -> None:
        """Record text written to standard output or standard error."""
        text = self._within(text)
        last = self.outputs[-1] if self.outputs else None
        if text and last and last["output_type"] == "stream" and last["name"] == name:
            last["text"] += text
        elif text:
            self._add({"output_type": "stream", "name": name, "text": text})

    def data(self, kind: str, bundle: dict[str, Any], count: int | None = None) -> None:
        """Record something displayed, or a cell's last value: as text, and as a picture where it has one."""
        shown: dict[str, str] = {}
        for mime in SHOWN:
            value = bundle.get(mime)
            if mime == "text/plain" and isinstance(value, str):
                shown[mime] = self._within(value)
            elif isinstance(value, bytes | str):
                image = base64.b64encode(value).decode() if isinstance(value, bytes) else value
                self.images += len(image)
                if self.images <= MAX_IMAGES:
                    shown[mime] = image
        if shown:
            extra = {"execution_count": count} if kind == "execute_result" else {}
            self._add({"output_type": kind, "data": shown, "metadata": {}, **extra})

    def error(self, name: str, value: str, traceback: list[str]) -> None:
        """Record an exception."""
        lines = [self._within(line) for line in traceback[:100]]
        self._add({"output_type": "error", "ename": name[:200], "evalue": value[:2000], "traceback": lines})

    def _within(self, text: str) -> str:
        room = max(0, MAX_OUTPUT - self.text)
        self.text += len(text)
        if len(text) <= room:
            return text
        was, self.cut = self.cut, True
        return text[:room] + ("" if was else "\n... Output truncated ...\n")

    def _add(self, output: dict[str, Any]) -> None:
        if len(self.outputs) < MAX_OUTPUTS:
            self.outputs.append(output)


class Stream:
    """A text file that writes into the recorder."""

    encoding = "utf-8"
    errors = "replace"
    closed = False

    def __init__(self, recorder: Recorder, name: str) -> None:
        self._recorder, self._name = recorder, name

    def write(self, text: str) -> int:
        """Record ``text``."""
        self._recorder.stream(self._name, str(text))
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Record each of ``lines``."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Nothing waits to be written."""

    def isatty(self) -> bool:
        """No terminal."""
        return False

    def writable(self) -> bool:
        """It can be written to."""
        return True

    def readable(self) -> bool:
        """It cannot be read."""
        return False

    def fileno(self) -> int:
        """A real descriptor that leads nowhere, for code that insists on one."""
        return 1 if self._name == "stdout" else 2


class _Publisher(DisplayPublisher):  # type: ignore[misc]
    def publish(self, data: dict[str, Any], metadata: Any = None, **_: Any) -> None:
        self.shell.recorder.data("display_data", data)

    def clear_output(self, wait: bool = False) -> None:
        self.shell.recorder.start()


class _Hook(DisplayHook):  # type: ignore[misc]
    def start_displayhook(self) -> None:
        pass

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(self, format_dict: dict[str, Any], md_dict: Any = None) -> None:
        self.shell.recorder.data("execute_result", format_dict, self.prompt_count)

    def finish_displayhook(self) -> None:
        pass


class RecordingShell(InteractiveShell):  # type: ignore[misc]
    """The shell that students' cells run in."""

    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)
    system = InteractiveShell.system_piped

    def __init__(self, recorder: Recorder, **traits: Any) -> None:
        self.recorder = recorder
        super().__init__(**traits)

    def enable_gui(self, gui: Any = None) -> None:
        """No windows here."""

    def ask_exit(self) -> None:
        """`exit` or `quit` in a cell ends nothing: the cells after it run."""

    def showtraceback(self, *args: Any, **kwargs: Any) -> None:
        """Record the exception that is handled now; of the time limit no frames, which are ours and take time."""
        kind, error, frames = sys.exc_info()
        if kind and kind.__name__ == "TimeLimit":
            self.recorder.error("TimeLimit", str(error), [f"TimeLimit: {error}"])
        else:
            for _ in range(MAX_FRAMES):
                frames = frames and frames.tb_next
            if frames:  # a recursion without end: to format a thousand frames takes a second
                frames.tb_next = None
            super().showtraceback(*args, **kwargs)

    def _showtraceback(self, etype: Any, evalue: Any, stb: list[str]) -> None:
        self.recorder.error(str(getattr(etype, "__name__", etype)), str(evalue), [str(line) for line in stb])


def make_shell(recorder: Recorder, home: str) -> RecordingShell:
    """The shell, with its files kept out of everyone's way in ``home``."""
    os.environ["IPYTHONDIR"] = home
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    config.InteractiveShell.cache_size = 0
    config.InteractiveShell.separate_in = ""
    shell = RecordingShell(recorder, config=config)
    InteractiveShell._instance = RecordingShell._instance = shell
    return shell
