"""Where the code runs: in a graded run, in a notebook, or elsewhere."""

from __future__ import annotations

import os
import sys
from typing import Any


def graded_run() -> bool:
    """Whether nbgrader runs the notebook, to grade or to validate it: nothing is drawn or kept then."""
    return bool(os.environ.get("NBGRADER_EXECUTION"))


def notebook() -> Any | None:
    """The IPython shell of the notebook's kernel, or None where no notebook shows what is displayed."""
    ipython = sys.modules.get("IPython")  # not imported: whoever runs in a notebook has it already
    shell = ipython.get_ipython() if ipython is not None else None
    return shell if hasattr(shell, "kernel") else None
