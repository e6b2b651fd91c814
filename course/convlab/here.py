"""Where a student is: which lesson, and in which folder."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

from convlab import released

#: What the folder of a lesson is called: "03-conv-forward".
LESSON_FOLDER = re.compile(r"\d\d-[A-Za-z0-9_-]+")


def lesson() -> released.Released | None:
    """The lesson whose notebook or folder this is, or None where that cannot be told."""
    lessons = released.lessons()
    if here := lessons.get(Path.cwd().name):
        return here
    name = Path(os.environ.get("JPY_SESSION_NAME", "")).name  # the notebook, as Jupyter tells its kernel
    return next((one for one in lessons.values() if one.notebook == name), None)


def course_folder(folder: Path) -> Path:
    """The folder above a lesson's ("03-conv-forward"), or ``folder`` itself where that is no lesson's."""
    return folder.parent if re.match(r"\d\d-", folder.name) else folder


def shell() -> Any | None:
    """The IPython shell that runs this code, with a kernel or without, or None."""
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None
