"""What a person's few letters could mean among the accounts of a chart, the likeliest first."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence

from cloudbooks.core.account import Account
from cloudbooks.core.chart import Chart
from cloudbooks.core.initials import initials

FOUND_MAX = 200
"""Accounts that one look-up gives at most."""


def look_up(
    chart: Chart, word: str, used: Sequence[str] = (), aliases: Mapping[str, Sequence[str]] | None = None
) -> tuple[Account, ...]:
    """Open accounts that fit a word by code, name, alias or initials; without a word all of them.

    `used` are account ids, the last used first; `aliases` are other names by code. What begins with the word comes
    before what only holds it, then what was used last, then an account before those that have accounts below them.
    """
    meant = unicodedata.normalize("NFKC", word).strip().casefold()
    recent = {account: place for place, account in enumerate(used)}
    ranked = []
    for account in chart:
        if account.closed:
            continue
        rank = _rank(account, meant, (aliases or {}).get(account.code, ()))
        if rank is not None:
            parent = bool(chart.children(account.id))
            ranked.append((rank, recent.get(account.id, len(recent)), parent, account.code, account))
    ranked.sort(key=lambda found: found[:4])
    return tuple(found[-1] for found in ranked[:FOUND_MAX])


def _rank(account: Account, meant: str, aliases: Sequence[str]) -> int | None:
    """How well an account fits, 0 best; `None` where it does not."""
    if not meant:
        return 0
    names = tuple(name.casefold() for name in (account.name, *aliases))
    letters = tuple(initials(name) for name in (account.name, *aliases))
    if account.code.casefold() == meant or meant in names:
        return 0
    if account.code.casefold().startswith(meant) or meant in letters:
        return 1
    if any(name.startswith(meant) for name in (*names, *letters)):
        return 2
    if any(meant in name for name in (*names, *letters)) or meant in account.code:
        return 3
    return None
