"""`make bench`: the goals of the project as ratios, printed with versions and medians. Timings are never tests."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.goals import Benchmarks
from benchmarks.peers import versions


def main() -> None:
    """Measure at the sizes asked for and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--sizes", default="1000,10000,100000,1000000", help="entries of our books")
    parser.add_argument("--peers", default="10000,100000", help="entries of the peers' journals")
    parser.add_argument("--folder", type=Path, help="keep the books here, and use those that are there")
    asked = parser.parse_args()
    sizes = [int(size) for size in asked.sizes.split(",")]
    peers = [int(size) for size in asked.peers.split(",")]
    folder = asked.folder or Path(tempfile.mkdtemp(prefix="cloudbooks-bench-"))
    print(f"python {sys.version.split()[0]}; " + "; ".join(versions()))
    try:
        for row in Benchmarks(folder, sizes, peers).rows():
            print(row, flush=True)
    finally:
        if asked.folder is None:
            shutil.rmtree(folder)


main()
