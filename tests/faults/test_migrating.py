"""R15: a migration that is killed, or refused by the system, at any call that writes leaves the old book or the new.

The calls tried here are a sample; `make torture` tries every call.
"""

from __future__ import annotations

import pytest
from tests.faults.bench import GOLDEN, Bench
from tests.faults.test_system_calls import require_kept, sample
from tests.faults.tracing import needs_strace
from tests.faults.trials import fail_each, kill_each, undisturbed
from tests.faults.verbs import Verb
from tests.golden.books import EARLIER

pytestmark = needs_strace

KILLS = 2
FAILURES = 1


def test_a_copy_that_the_disk_refuses_is_no_bug(bench: Bench) -> None:
    """Copying was first found to end in a bug report: SQLite tells its errors there without their code."""
    plain = undisturbed(bench, migration("version-1"))
    copying = [call for call in plain.calls if call.place.endswith("book.cbk") and call.name == "pwrite64"]
    require_kept(fail_each(bench, plain, [copying[len(copying) // 2]]))


@pytest.mark.parametrize("name", EARLIER)
def test_a_migration_killed_at_any_call_leaves_the_old_book_or_the_new(bench: Bench, name: str) -> None:
    """Both verify, nothing else is ever there, and the same command again ends with the new one."""
    plain = undisturbed(bench, migration(name))
    assert (plain.before["acme version"], plain.after["acme version"]) == (EARLIER[name], 2)
    inside = [call for call in plain.calls if call.name == "pwrite64" and call.place.endswith("acme.cbk")]
    tally = kill_each(bench, plain, [*sample(plain, KILLS), inside[len(inside) // 2], plain.calls[-1]])
    require_kept(tally)
    assert tally.counts["done"]
    assert tally.counts["not done"]
    assert tally.counts["hot journal"]


def test_a_migration_refused_by_the_system_says_what_is_true(bench: Bench) -> None:
    """No room, or a disk that breaks: a named refusal, and the book as it was, or migrated whole."""
    plain = undisturbed(bench, migration("version-1"))
    inside = [call for call in plain.calls if call.name == "pwrite64" and call.place.endswith("acme.cbk")]
    tally = fail_each(bench, plain, [*sample(plain, FAILURES), inside[-1]])
    require_kept(tally)
    assert tally.counts["faults"] > FAILURES
    assert not tally.counts["missed"]


def migration(name: str) -> Verb:
    """The migration of a kept book."""
    return Verb("migrate", "book migrate --yes", (f"{GOLDEN}{name}",), keyed=False)
