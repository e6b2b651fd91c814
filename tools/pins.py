"""Rewrite constraints.txt from what is installed in the environment that runs this."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TARGET = Path(__file__).parent.parent / "constraints.txt"


def main() -> None:
    """Keep the file's comments, and pin every installed distribution but this one."""
    comments = [line for line in TARGET.read_text().splitlines() if line.startswith("#")]
    command = [sys.executable, "-m", "pip", "freeze", "--exclude-editable"]
    frozen = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    pins = [line.split("+", 1)[0] for line in frozen]  # a local build of a version is that version
    TARGET.write_text("\n".join([*comments, *pins]) + "\n")


if __name__ == "__main__":
    main()
