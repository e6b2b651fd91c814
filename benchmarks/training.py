"""How long lesson 09's network takes to learn with functions in plain loops, and how well it reads then.

    python benchmarks/training.py              # seeds 0 to 9, as the lesson's own cells train it
    python benchmarks/training.py --seeds 2

The convolution forward is the lesson's fast one; what is used of lessons 01 to 06 are their solutions, in loops.  The
processor time is what a quiet machine takes; one process, one thread of the linear algebra.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ.pop("NBGRADER_EXECUTION", None)
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from training import students_functions, trained


def main() -> None:
    """Print a line for each seed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    mine = students_functions()
    for seed in range(parser.parse_args().seeds):
        wall, processor = time.monotonic(), time.process_time()
        names = trained(seed, mine)
        wall, processor = time.monotonic() - wall, time.process_time() - processor
        print(
            f"seed {seed}: {names['tested']:.1%} of the test; {processor:.1f} s of processor time, {wall:.1f} s",
            flush=True,
        )


if __name__ == "__main__":
    main()
