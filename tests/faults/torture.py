"""The large tier of `tests/faults`: `python -m tests.faults.torture [ARM…]`, or `make torture` for all arms.

It prints a row for each arm as `TORTURE.md` keeps them, and every promise that was broken. The exit status is 1 if one
was. An arm takes minutes; `--list` names them.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final

from tests.books.tsa import Reply, Tsa, serving
from tests.faults import full, kept, rot
from tests.faults.bench import Bench
from tests.faults.children import REPOSITORY, Nursery
from tests.faults.crowd import crowded
from tests.faults.cutting import cut_posts, cut_verb
from tests.faults.killing import kill_posts
from tests.faults.trials import Tally, fail_each, kill_at_random, kill_each, undisturbed
from tests.faults.verbs import STAMPED, VERBS, Verb

Arm = Callable[[Nursery, Path, int, int], Iterator[Tally]]
"""Takes the nursery, an empty folder, how much is to be done, and a seed."""


ONLY: Final[set[str]] = set()
"""The commands that are tortured; all where none is named."""

PART: Final[list[int]] = [0, 1]
"""The first bit of a small book that is flipped, and how far the next one is: so several processes share them."""


def chosen() -> list[Verb]:
    """The commands that are tortured."""
    every = [*VERBS.values(), *([STAMPED] if Bench.authority[0] else [])]
    return [verb for verb in every if not ONLY or verb.name in ONLY]


def random_kills(nursery: Nursery, root: Path, count: int, seed: int) -> Iterator[Tally]:
    """R1: `count` kills of a program that posts, and as many of all commands together."""
    (root / "posts").mkdir()
    yield kill_posts(nursery, root / "posts", count, seed)
    bench = Bench(nursery, root)
    for verb in chosen():
        yield kill_at_random(bench, undisturbed(bench, verb), max(1, count // len(chosen())), seed)


def kills(nursery: Nursery, root: Path, count: int, seed: int) -> Iterator[Tally]:
    """R2: every `count`-th call of every command, from the first on that the seed names."""
    bench = Bench(nursery, root)
    for verb in chosen():
        plain = undisturbed(bench, verb)
        yield kill_each(bench, plain, plain.calls[seed % count :: count])


def failures(nursery: Nursery, root: Path, count: int, seed: int) -> Iterator[Tally]:
    """R3: every `count`-th call of every command, each with every error, from the first on that the seed names."""
    bench = Bench(nursery, root)
    for verb in chosen():
        plain = undisturbed(bench, verb)
        yield fail_each(bench, plain, plain.calls[seed % count :: count])


def power_cuts(nursery: Nursery, root: Path, count: int, seed: int) -> Iterator[Tally]:
    """R4: `count` cuts of every command, and of six posts; each for every fate."""
    bench = Bench(nursery, root)
    for verb in chosen():
        yield cut_verb(bench, verb, count, seed)
    (root / "posts").mkdir()
    yield cut_posts(nursery, root / "posts", count * 4, seed)


def control(nursery: Nursery, root: Path, count: int, seed: int) -> Iterator[Tally]:
    """R4, the arms that must fail: SQLite's syncs off, then those of our own files. Breaking is what is counted."""
    for number, sabotage in enumerate(("journal", "files")):
        folder = root / str(number)
        folder.mkdir()
        tally = cut_posts(nursery, folder, count, seed, sabotage=(sabotage,))
        lost = len(tally.broken)
        expected = lost * 2 >= tally.counts["cuts"]
        found = Counter(tally.counts) + Counter({f"broken without the syncs of {sabotage}": lost})
        yield Tally(found, [] if expected else [f"only {lost} of {tally.counts['cuts']} cuts broke without {sabotage}"])


def small_book(_: Nursery, root: Path, count: int, seed: int) -> Iterator[Tally]:
    """R6: `count` bits of the smallest dense book; for 0 all of them, or of those the part that was asked for."""
    path = rot.dense_book(root)
    whole = path.read_bytes()
    bits = islice(rot.some_bits(whole, count, seed), PART[0], None, PART[1])
    yield rot.judge_books(path, rot.flipped(whole, bits), root / "flipped.cbk")


def large_book(_: Nursery, root: Path, count: int, seed: int) -> Iterator[Tally]:
    """R7: `count` bits of a book of a megabyte."""
    path = rot.large_book(root)
    whole = path.read_bytes()
    yield rot.judge_books(path, rot.flipped(whole, rot.some_bits(whole, count, seed)), root / "flipped.cbk")


def large_pages(_: Nursery, root: Path, count: int, seed: int) -> Iterator[Tally]:
    """R7: a bit of every byte of the first page, and of three pages of entries; of each `count`-th byte of them."""
    path = rot.large_book(root)
    whole = path.read_bytes()
    bits = islice(rot.bits_of_pages(whole, seed), 0, None, count)
    yield rot.judge_books(path, rot.flipped(whole, bits), root / "flipped.cbk")


def full_disks(nursery: Nursery, root: Path, count: int, _: int) -> Iterator[Tally]:
    """R5: every command on a disk that is full but for so many pages, with `count` amounts of room."""
    with full.disk(root):
        bench = Bench(nursery, root)
        for verb in chosen():
            yield full.fill_up(bench, undisturbed(bench, verb), count)


def pages(_: Nursery, root: Path, count: int, seed: int) -> Iterator[Tally]:
    """R9: `count` pages exchanged, zeroed, cut off; every page as it once was."""
    yield rot.judge_pages(root, count, seed)


def small_files(nursery: Nursery, root: Path, count: int, seed: int) -> Iterator[Tally]:
    """R8: every bit of a receipt and of a key, `count` bits of an export, of a folder peer, and of a hot journal."""
    for name in ("receipt", "key", "wrapped", "hot", "bench"):
        (root / name).mkdir()
    yield rot.judge_receipt(root / "receipt", 0, seed)
    yield rot.judge_key(root / "key", 0, seed)
    yield rot.judge_key(root / "wrapped", 0, seed, b"secret")
    yield rot.judge_hot_journal(nursery, root / "hot", count, seed)
    bench = Bench(nursery, root / "bench")
    for verb, folder in (("export", "folder"), ("push", "shared")):
        bench.start(VERBS[verb])
        assert bench.run(VERBS[verb]).status == 0
        yield rot.judge_export(bench.box / folder, count, seed)


def kept_files(nursery: Nursery, root: Path, count: int, seed: int) -> Iterator[Tally]:
    """R8: every bit of a pin and of a seen head, `count` bits of a backup, an audit pack, a proof and a voucher."""
    yield kept.judge_pin(root / "pin", 0, seed)
    yield kept.judge_seen_head(root / "seen", 0, seed)
    yield kept.judge_voucher(root / "voucher", count, seed)
    bench = Bench(nursery, root)
    for judge in (kept.judge_backup, kept.judge_pack, kept.judge_proof):
        yield judge(bench, count, seed)


def journals(nursery: Nursery, root: Path, count: int, seed: int) -> Iterator[Tally]:
    """R9: hot journals that are gone, those of another book, cut off and zeroed at `count` places."""
    yield rot.judge_hot_journal(nursery, root, count, seed, gone_wrong=True)


def crowds(nursery: Nursery, root: Path, count: int, _: int) -> Iterator[Tally]:
    """R10: `count` entries by seven programs at once."""
    yield crowded(Bench(nursery, root), count)


ARMS: Mapping[str, tuple[Arm, int]] = {
    "random-kills": (random_kills, 3000),
    "kills": (kills, 1),
    "failures": (failures, 1),
    "power-cuts": (power_cuts, 60),
    "control": (control, 250),
    "full-disks": (full_disks, 8),
    "crowds": (crowds, 20_000),
    "small-book": (small_book, 0),
    "large-book": (large_book, 20_000),
    "large-pages": (large_pages, 1),
    "pages": (pages, 1000),
    "journals": (journals, 1000),
    "small-files": (small_files, 2000),
    "kept-files": (kept_files, 2000),
}
"""Each arm and how much of it is a release's."""


def run(name: str, count: int, seed: int) -> Tally:
    """Do an arm in a folder of its own."""
    total = Tally()
    with ExitStack() as held:
        folder, authority = (held.enter_context(tempfile.TemporaryDirectory(prefix="torture")) for _ in range(2))
        nursery = held.enter_context(Nursery())
        if shutil.which("openssl"):
            tsa = Tsa(Path(authority) / "tsa")
            address = held.enter_context(serving(lambda request: Reply(tsa.reply(request))))
            Bench.authority = (address, str(tsa.certificates))
        for tally in ARMS[name][0](nursery, Path(folder).resolve(), count, seed):
            total += tally
    return total


def commit() -> str:
    """What is tortured."""
    asked = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(asked, cwd=REPOSITORY, capture_output=True, text=True, check=False).stdout.strip()


def row(name: str, tortured: str, tally: Tally, seconds: float) -> str:
    """A row of the table in TORTURE.md."""
    counts = ", ".join(f"{count:,} {word}" for word, count in tally.counts.most_common() if count)
    day = datetime.now(UTC).date().isoformat()  # noqa: TID251 - the day on which people look at the row
    return f"| {day} | {tortured} | {name} | {counts} | {len(tally.broken)} | {seconds / 60:.0f} min |"


def main() -> int:
    """Do the arms that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.torture", description=__doc__)
    parser.add_argument("arms", nargs="*", metavar="ARM", help=", ".join(ARMS))
    parser.add_argument("--count", type=int, default=None, help="how much of each arm; else a release's")
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument(
        "--verb", action="append", choices=[*VERBS, STAMPED.name], help="only this command; more than once"
    )
    parser.add_argument("--part", default="0/1", metavar="K/N", help="of small-book: every Nth bit, from K (0) on")
    asked = parser.parse_args()
    PART[:] = [int(word) for word in asked.part.split("/")]
    ONLY.update(asked.verb or ())
    broken, tortured = 0, commit()
    for name in asked.arms or ARMS:
        started = time.monotonic()
        tally = run(name, ARMS[name][1] if asked.count is None else asked.count, asked.seed)
        sys.stdout.write(row(name, tortured, tally, time.monotonic() - started) + "\n")
        sys.stdout.writelines(f"    broken: {one}\n" for one in tally.broken)
        sys.stdout.flush()
        broken += len(tally.broken)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
