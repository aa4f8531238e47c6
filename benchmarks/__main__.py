"""`make bench`: the goals of the project as ratios, printed with versions. Timings are never tests."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import tempfile
from datetime import date
from pathlib import Path

from benchmarks.goals import Benchmarks
from benchmarks.peers import versions
from cloudbooks.store import sqlite


def main() -> None:
    """Measure at the sizes asked for and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--sizes", default="1000,10000,100000,1000000", help="entries of our books")
    parser.add_argument("--peers", default="10000,100000", help="entries of the peers' journals")
    parser.add_argument("--folder", type=Path, help="make the books here, and leave them")
    asked = parser.parse_args()
    sizes = [int(size) for size in asked.sizes.split(",")]
    peers = [int(size) for size in asked.peers.split(",")]
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="cloudbooks-bench-"))
    print(f"{date.today().isoformat()}, {os.cpu_count()} cores, {platform.machine()}")  # noqa: TID251, DTZ011 - a heading
    print(f"python {platform.python_version()}; {sqlite.version()}; " + "; ".join(versions()), flush=True)
    missed = 0
    try:
        for row in Benchmarks(folder, sizes, peers).rows():
            print(row, flush=True)
            missed += not row.met
    finally:
        if asked.folder is None:
            shutil.rmtree(folder)
    print(f"{missed} figures miss their bound")


main()
