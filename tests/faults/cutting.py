"""Power cuts of commands, and of a program that posts on and on: what must be there when the power is back."""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.faults.bench import Bench, Broken, Seen, Standing, judged, one
from tests.faults.children import Nursery
from tests.faults.power import Fate, cuts
from tests.faults.tracing import Call, watched
from tests.faults.trials import Tally, in_the_middle
from tests.faults.verbs import Verb
from tests.store.posted_book import PostedBook

from cloudbooks.store import receipt
from cloudbooks.store.opening_book import open_book
from cloudbooks.store.place import has_journal
from cloudbooks.system.clock import SystemClock

FATES: Final = tuple(Fate)


def drawn(calls: Sequence[Call], count: int, chance: random.Random) -> list[int]:
    """So many places to cut at, all of them where there are no more; the end is always one."""
    last = len(calls) - 1
    return sorted({last, *chance.sample(range(len(calls)), min(count, len(calls)))})


def cut_verb(bench: Bench, verb: Verb, count: int, seed: int, sabotage: tuple[str, ...] = ()) -> Tally:
    """R4: cut the power at `count` calls of a command, for each fate of what was not synced; and again after that.

    What is found must be what was there before, or all that the command does; after its last word, the latter.
    """
    tally = Tally()
    bench.start(verb)
    before = bench.look().standing
    bench.start(verb)
    ending, calls = watched(bench.child(verb, sabotage=sabotage), bytes_too=True)
    if ending.status:
        raise Broken(f"{verb.name}: {ending}")
    after = bench.look().standing
    bench.start(verb)
    for said in cuts(bench.box, calls, drawn(calls, count, random.Random(seed)), FATES, seed):
        tally.counts["cuts"] += 1
        try:
            seen = bench.look()
            _require_whole(verb, (before, after), seen, acknowledged=bool(said))
        except Exception as error:  # noqa: BLE001 - whatever opening or verifying raises breaks the promise
            tally.broken.append(f"{verb.name}: a power cut: {error!r}")
        else:
            tally.counts["done" if seen.standing == after else "not done"] += 1
            tally.counts["hot journal"] += seen.hot
            tally.counts["receipt behind"] += seen.receipt_behind
    return tally


def _require_whole(verb: Verb, ends: tuple[Standing, Standing], seen: Seen, *, acknowledged: bool) -> None:
    if acknowledged and (seen.standing != ends[1] or seen.receipt_behind):
        raise Broken(f"it was acknowledged, and is not there, or not in the receipt: {seen}")
    if seen.standing not in ends and not (verb.steps and in_the_middle(*ends, seen.standing)):
        raise Broken(f"half of it is there: {seen.standing}")


def cut_posts(
    nursery: Nursery, root: Path, count: int, seed: int, *, posts: int = 6, sabotage: tuple[str, ...] = ()
) -> Tally:
    """R4: cut the power at `count` calls while batch after batch is posted, for each fate of what was not synced.

    Every batch that was acknowledged is there, and the receipt speaks of it.
    """
    tally = Tally()
    box, template = root / "box", root / "template"
    box.mkdir()
    posted = PostedBook(box)
    shutil.copytree(box, template)
    ending, calls = watched(nursery.start("post", box, [str(posts)], sabotage=sabotage), bytes_too=True)
    if ending.status:
        raise Broken(f"posting: {ending}")
    shutil.rmtree(box)
    shutil.copytree(template, box)
    for said in cuts(box, calls, drawn(calls, count, random.Random(seed)), FATES, seed):
        tally.counts["cuts"] += 1
        tally.counts["hot journal"] += has_journal(posted.path)
        try:
            _require(posted, [int(line) for line in said.split()])
        except Exception as error:  # noqa: BLE001 - the same
            tally.broken.append(f"posting: a power cut after {said.split()[-1:]}: {error!r}")
    shutil.rmtree(box)
    shutil.rmtree(template)
    return tally


def _require(posted: PostedBook, acknowledged: list[int]) -> None:
    last = max(acknowledged, default=0)
    (identity,) = {path.name for path in (posted.home / "receipts").iterdir() if len(path.name) == _ID_LENGTH}
    written = receipt.read(posted.home, identity)
    if written is None or written.number < last:
        raise Broken(f"block {last} was acknowledged, and the receipt is {written}")
    with open_book(posted.path, state=posted.home, clock=SystemClock()) as book:
        judged(book, {written.number})
        if one(book, "SELECT max(number) FROM block") < last:
            raise Broken(f"block {last} was acknowledged, and is not there")


_ID_LENGTH: Final = 36
