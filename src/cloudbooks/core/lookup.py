"""What a person's few letters could mean among the accounts of a chart, the likeliest first."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache

from cloudbooks.core.account import Account
from cloudbooks.core.chart import Chart
from cloudbooks.core.initials import initials

FOUND_MAX = 200
"""Accounts that one look-up gives at most."""

_HOLDS, _BELOW = 3, 4


def look_up(
    chart: Chart, word: str, used: Sequence[str] = (), aliases: Mapping[str, Sequence[str]] | None = None
) -> tuple[Account, ...]:
    """Open accounts that fit a word by code (with or without its dots), name, alias or initials; all without a word.

    `used` are account ids, the last used first; `aliases` are other names by code. What begins with the word comes
    before what only holds it, then what stands below an account that begins with it. Among equals comes what was used
    last, then an account before those that have accounts below them.
    """
    meant = unicodedata.normalize("NFKC", word).strip().casefold()
    recent = {account: place for place, account in enumerate(used)}
    others = aliases or {}
    ranks = {account.id: _rank(account, meant, others.get(account.code, ())) for account in chart}
    ranked = []
    for account in chart:
        rank = ranks[account.id]
        if rank is None and any(found is not None and found < _HOLDS for found in _above(chart, account, ranks)):
            rank = _BELOW
        if rank is not None and not account.closed:
            parent = bool(chart.children(account.id))
            ranked.append((rank, recent.get(account.id, len(recent)), parent, account.code, account))
    ranked.sort(key=lambda found: found[:4])
    return tuple(found[-1] for found in ranked[:FOUND_MAX])


def _above(chart: Chart, account: Account, ranks: Mapping[str, int | None]) -> list[int | None]:
    """How well the accounts above one fit."""
    return [ranks[one.id] for one in chart.above(account)]


@lru_cache(maxsize=1 << 15)
def _letters(name: str) -> str:
    """The initials of a name; each key that is pressed asks for those of the whole chart."""
    return initials(name)


def _rank(account: Account, meant: str, aliases: Sequence[str]) -> int | None:
    """How well an account fits, 0 best; `None` where it does not."""
    if not meant:
        return 0
    names = tuple(name.casefold() for name in (account.name, *aliases))
    letters = tuple(_letters(name) for name in (account.name, *aliases))
    code = account.code.casefold()
    codes = (code, code.replace(".", ""))
    if meant in codes or meant in names:
        return 0
    if any(one.startswith(meant) for one in codes) or meant in letters:
        return 1
    if any(name.startswith(meant) for name in (*names, *letters)):
        return 2
    if any(meant in name for name in (*names, *letters)) or meant in code:
        return _HOLDS
    return None
