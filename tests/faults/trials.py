"""One fault at one system call of one command: what must stand afterwards, whatever the fault was.

The promises: the program says by name what the system did not do, and what it says is true; nothing that it
acknowledged is lost; the book opens without a step by hand and verifies; what is there is what was there before, or all
that the command does; and the same command again ends where an undisturbed one ends.
"""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Self

from tests.faults.bench import Bench, Broken, Seen, Standing
from tests.faults.children import Ending
from tests.faults.tracing import Call, points, watched
from tests.faults.verbs import Verb

KILL: Final = "signal=KILL:when={k}"
ERRORS: Final = {
    "EIO once": "error=EIO:when={k}",
    "ENOSPC once": "error=ENOSPC:when={k}",
    "ENOSPC from there on": "error=ENOSPC:when={k}+",
}
_ROOMLESS: Final = frozenset({"pwrite64", "write", "openat", "mkdir", "ftruncate", "link", "rename"})
"""Calls that a full disk refuses: it still syncs and removes.

It still opens what is there, too, which strace does not tell from creating: so `openat` is refused once, and not from
there on.
"""
_KILLED = -9
_SAID: Final = frozenset({1, 3, 4, 5})
"""Exit statuses of findings, refusals, faults and lost peers; a bug's is another."""


@dataclass(slots=True)
class Tally:
    """What was done and found: counts by word, and every promise that was not kept."""

    counts: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def __iadd__(self, other: Tally) -> Self:
        self.counts += other.counts
        self.broken += other.broken
        return self


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """What a command does when nothing goes wrong: its calls, and what stands before and after."""

    verb: Verb
    before: Standing
    after: Standing
    calls: tuple[Call, ...]


def undisturbed(bench: Bench, verb: Verb) -> Undisturbed:
    """Do a command once without a fault, under strace."""
    bench.start(verb)
    before = bench.look().standing
    bench.start(verb)
    ending, calls = watched(bench.child(verb))
    if ending.status:
        raise Broken(f"{verb.name}: {ending}")
    found = tuple(points(calls, bench.box))
    if not found:
        raise Broken(f"{verb.name}: not one call of it was seen")
    return Undisturbed(verb, before, bench.look().standing, found)


def kill_each(bench: Bench, plain: Undisturbed, calls: Iterable[Call]) -> Tally:
    """R2: end the command by SIGKILL at each of the calls."""
    return _each(bench, plain, ((call, "SIGKILL", KILL) for call in calls))


def fail_each(bench: Bench, plain: Undisturbed, calls: Iterable[Call]) -> Tally:
    """R3: let the system refuse each of the calls, once or from there on."""
    return _each(bench, plain, _refusals(calls))


def _refusals(calls: Iterable[Call]) -> Iterator[tuple[Call, str, str]]:
    for call in calls:
        for word, fault in ERRORS.items():
            roomless = call.name in _ROOMLESS and (call.name != "openat" or word == "ENOSPC once")
            if "ENOSPC" not in word or roomless:
                yield call, word, fault


def _each(bench: Bench, plain: Undisturbed, faults: Iterable[tuple[Call, str, str]]) -> Tally:
    tally = Tally()
    for call, word, fault in faults:
        tally.counts["faults"] += 1
        try:
            tally.counts.update(_trial(bench, plain, f"{call.name}:{fault.format(k=call.k)}"))
        except Exception as error:  # noqa: BLE001 - whatever opening or verifying raises breaks the promise
            where = call.place.removeprefix(str(bench.box) + "/")
            tally.broken.append(f"{plain.verb.name}: {word} at {call.name} {call.k} ({where}): {error!r}")
    return tally


def kill_at_random(bench: Bench, plain: Undisturbed, count: int, seed: int) -> Tally:
    """R1: end the command by SIGKILL after a random while, without strace; `count` times."""
    tally, chance = Tally(), random.Random(seed)
    bench.start(plain.verb)
    started = time.monotonic()
    bench.run(plain.verb)
    lasts = time.monotonic() - started
    for kill in range(count):
        tally.counts["kills"] += 1
        bench.start(plain.verb)
        child = bench.child(plain.verb)
        child.release()
        time.sleep(chance.random() * lasts)
        child.kill()
        try:
            tally.counts.update(finished(bench, plain, child.finish()))
        except Exception as error:  # noqa: BLE001 - the same
            tally.broken.append(f"{plain.verb.name}: random kill {kill}: {error!r}")
    return tally


def _trial(bench: Bench, plain: Undisturbed, fault: str) -> list[str]:
    bench.start(plain.verb)
    ending, calls = watched(bench.child(plain.verb), fault)
    words = finished(bench, plain, ending)
    if ending.status != _KILLED and not any(call.planted for call in calls):
        words.append("missed")
    return words


def finished(
    bench: Bench, plain: Undisturbed, ending: Ending, *, room: Callable[[], object] | None = None
) -> list[str]:
    """Judge what a disturbed command left, and let the same command end what it began; what was seen, in words.

    Where the disk is full, `room` makes room before the command runs again. Raises `Broken`.
    """
    verb = plain.verb
    seen = bench.look()
    words = _judged(plain, ending, seen)
    if room:
        room()
    again = bench.run(verb)
    wanted = (0, *verb.repeated) if seen.standing == plain.after else (0,)
    if again.status not in (*wanted, ending.status if seen.standing == plain.after else 0):
        raise Broken(f"after {ending}, the same command again ended with {again}")
    last = bench.look().standing
    if last != plain.after:
        raise Broken(f"after {ending} and the same command again there is not what it does: "
                     f"{_differences(plain.after, last)}")  # fmt: skip
    return words


def _judged(plain: Undisturbed, ending: Ending, seen: Seen) -> list[str]:
    standing = seen.standing
    acknowledged = ending.status == 0 or (ending.status == _KILLED and bool(ending.out.strip()))
    if ending.status not in {0, _KILLED, *_SAID} or "Traceback" in ending.err:
        raise Broken(f"it ended with {ending}")
    if ending.status in _SAID and not re.search(r"(error|finding|warning)\[[a-z-]+\]: ", ending.err):
        raise Broken(f"it did not say what the system did not do: {ending}")
    if acknowledged and standing != plain.after:
        raise Broken(f"it was acknowledged, and is not there: {ending} {_differences(plain.after, standing)}")
    if acknowledged and seen.receipt_behind:
        raise Broken(f"it was acknowledged, and the receipt does not speak of it: {ending}")
    if "nothing was" in ending.err and standing != plain.before:
        raise Broken(f"it said that nothing was done: {ending} {_differences(plain.before, standing)}")
    halfway = plain.verb.steps and in_the_middle(plain.before, plain.after, standing)
    if standing not in (plain.before, plain.after) and not halfway:
        raise Broken(f"half of it is there: {ending} {_differences(plain.before, standing)}")
    words = ["done" if standing == plain.after else "not done" if standing == plain.before else "in the middle"]
    words += ["hot journal"] * seen.hot + ["receipt behind"] * seen.receipt_behind
    return [*words, "acknowledged" if acknowledged else f"ended {ending.status}"]


def in_the_middle(before: Standing, after: Standing, standing: Standing) -> bool:
    """Whether every count lies between what it was and what it is to be."""
    names = {*before, *after, *standing}
    ends = {name: sorted((before.get(name, 0), after.get(name, 0))) for name in names}
    return all(ends[name][0] <= standing.get(name, 0) <= ends[name][1] for name in names)


def _differences(wanted: Standing, found: Standing) -> dict[str, tuple[int, int]]:
    """What there is more or less of than wanted, by name: wanted, found."""
    names = sorted({*wanted, *found})
    return {
        name: (wanted.get(name, 0), found.get(name, 0)) for name in names if wanted.get(name, 0) != found.get(name, 0)
    }
