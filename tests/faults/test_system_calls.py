"""R2, R3: a command that is killed, or refused by the system, at any call that writes keeps all its promises.

The calls tried here are a sample of three commands; `make torture` tries every call of every command.
"""

from __future__ import annotations

import random
import re

import pytest
from tests.faults.bench import Bench
from tests.faults.tracing import Call, needs_strace
from tests.faults.trials import Tally, Undisturbed, fail_each, kill_each, undisturbed
from tests.faults.verbs import VERBS

pytestmark = needs_strace

KILLS = 20
FAILURES = 8
SAMPLED = ("init", "import", "post")


def sample(plain: Undisturbed, count: int) -> list[Call]:
    """Calls of every kind, drawn with the same chance for each kind: most of all calls write pages."""
    chance = random.Random(plain.verb.name)
    kinds: dict[tuple[str, str], list[Call]] = {}
    for call in plain.calls:
        kinds.setdefault((call.name, call.place.rpartition(".")[2]), []).append(call)
    drawn = [chance.choice(calls) for calls in kinds.values()]
    return chance.sample(drawn, min(count, len(drawn))) + chance.sample(plain.calls, max(0, count - len(drawn)))


def require_kept(tally: Tally) -> None:
    """No promise was broken."""
    assert not tally.broken, "\n".join(tally.broken)


@pytest.mark.parametrize("name", SAMPLED)
def test_a_command_killed_at_any_call_keeps_its_promises(bench: Bench, name: str) -> None:
    """What was acknowledged is there, nothing is there by half, and the same command again ends as if undisturbed."""
    plain = undisturbed(bench, VERBS[name])
    tally = kill_each(bench, plain, sample(plain, KILLS))
    require_kept(tally)
    # Kills that all fall before, or all after, the commit would prove nothing.
    assert tally.counts["done"]
    assert tally.counts["not done"]
    assert tally.counts["hot journal"]


@pytest.mark.parametrize("name", SAMPLED)
def test_a_command_refused_by_the_system_says_what_is_true(bench: Bench, name: str) -> None:
    """Whatever call is refused, once or from there on: a named refusal or finding, no traceback, no half work."""
    plain = undisturbed(bench, VERBS[name])
    tally = fail_each(bench, plain, sample(plain, FAILURES))
    require_kept(tally)
    assert tally.counts["faults"] > FAILURES
    assert not tally.counts["missed"]


FOUND = [
    ("init", "write", "/pins/", "an unwritten pin was a bug report"),
    ("init", "pwrite64", r"\.cbk-journal$", "a checkpoint that found no room took the key of a standing book away"),
    (
        "draft",
        "pwrite64",
        r"\.cbk-journal$",
        "an idempotency key was kept after the act, so a kill let it be done twice",
    ),
    ("post", "pwrite64", r"\.cbk-journal$", "a post whose signed head found no room said that nothing was written"),
    ("push", "pwrite64", r"\.cbk-journal$", "so did a sync that had sent its blocks"),
    ("rebase and push", "openat", r"\.moving\.new$", "an unwritten note of a move was a bug report"),
    ("init", "fsync", "/box$", "a book whose name could not be synced was said not to be written, and stood there"),
    ("export", "write", "/folder/block/", "an export that was killed left an empty file, which barred the next one"),
    (
        "prove",
        "write",
        r"x\.proof",
        "a proof, or a pack, that was killed left an empty file, which barred the next one",
    ),
    ("starter rules", "write", r"rules\.yaml", "unwritten starter rules were a bug report"),
    ("backup", "linkat", r"\.cbk-backup$", "so did a backup"),
    ("clone", "openat", "/pins/", "an unwritten pin left a copy of one block, which no command would finish"),
    ("clone", "pwrite64", r"copy\.cbk$", "a journal left of a copy was rolled back into the next one"),
]
"""What the harness found when it was first run: command, call, pattern of the file's path, and what happened then."""


@pytest.mark.parametrize(("name", "call", "part", "what"), FOUND, ids=[f"{one[0]} {one[1]} {one[2]}" for one in FOUND])
def test_what_was_found_stays_mended(bench: Bench, name: str, call: str, part: str, what: str) -> None:
    """Kills and refusals at the last calls of the kind at which a promise was broken once."""
    plain = undisturbed(bench, VERBS[name])
    calls = [one for one in plain.calls if one.name == call and re.search(part, one.place)]
    assert calls, what
    picked = calls if len(calls) < 5 else [calls[-1], calls[len(calls) // 2]]
    require_kept(kill_each(bench, plain, picked))
    require_kept(fail_each(bench, plain, picked))
