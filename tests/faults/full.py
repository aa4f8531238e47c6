"""R5: commands on a disk of their own that is full but for a few pages, and room again afterwards.

The disk is a file system in memory, which only root may mount. Filling it up is what no fault planted at a system call
does: pages are taken and given back, a journal may fit while the book's own pages do not.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.faults.bench import Bench
from tests.faults.trials import Tally, Undisturbed, finished

PAGE_BYTES: Final = 4096
DISK_BYTES: Final = 64 << 20
ROOMS: Final = (0, 1, 2, 3, 4, 6, 8, 10, 12, 16, 20, 24, 28, 32, 40, 48, 56, 64, 80, 96, 128, 160, 192, 256)
"""How many pages are left to a command: close together where most run out, and more at the end than any needs."""


@contextmanager
def disk(place: Path) -> Iterator[Path]:
    """Mount a small disk for a while; raises `CalledProcessError` where nobody may."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def fill_up(bench: Bench, plain: Undisturbed, count: int) -> Tally:
    """Do a command with each of `count` amounts of room, look at the book while the disk is full, then let it end."""
    tally = Tally()
    for pages in ROOMS[:: max(1, len(ROOMS) // count)]:
        tally.counts["fillings"] += 1
        bench.start(plain.verb)
        child = bench.child(plain.verb)
        ballast = _ballast(bench.box.parent / "ballast", pages)
        child.release()
        try:
            tally.counts.update(finished(bench, plain, child.finish(), room=ballast.unlink))
        except Exception as error:  # noqa: BLE001 - whatever opening or verifying raises breaks the promise
            tally.broken.append(f"{plain.verb.name}: with room for {pages} pages: {error!r}")
        ballast.unlink(missing_ok=True)
    return tally


def _ballast(path: Path, pages: int) -> Path:
    """Fill the disk up but for so many pages; one goes to the ballast's own name at most."""
    with path.open("wb") as file:
        system = os.statvfs(path)
        free = system.f_bavail * system.f_frsize
        os.posix_fallocate(file.fileno(), 0, free - pages * PAGE_BYTES)
    return path
