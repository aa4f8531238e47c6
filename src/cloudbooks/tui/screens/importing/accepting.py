"""The summary before all sure lines are accepted: how many go where, and their sums."""

from __future__ import annotations

from collections import defaultdict

from cloudbooks.books import reviewing
from cloudbooks.books.browsing import Browser
from cloudbooks.core.money import grouped
from cloudbooks.errors import counted, sentence
from cloudbooks.tui.showing import Words

TARGETS_SHOWN = 10


def summary_in(browser: Browser, number: int) -> tuple[tuple[Words, ...], tuple[int, ...]]:
    """What is asked, line by line, and the numbers of the drafts."""
    reviewed = reviewing.reviewed_in(browser.book, number)
    sure = reviewing.sure_in(browser.book, number)
    counts: defaultdict[str, int] = defaultdict(int)
    sums: defaultdict[str, int] = defaultdict(int)
    for line in sure:
        target = str(line.others[0]) if line.others else "?"
        counts[target] += 1
        sums[target] += line.staged.line.amount
    lines: list[Words] = [counted("Accept {n} sure line?", "Accept {n} sure lines?", len(sure))]
    ordered = sorted(counts, key=lambda target: (-counts[target], target))
    lines += [
        sentence("{n} to {account}, {sum}", n=counts[one], account=one, sum=grouped(sums[one], reviewed.scale))
        for one in ordered[:TARGETS_SHOWN]
    ]
    if len(ordered) > TARGETS_SHOWN:
        lines.append(sentence("and {n} other accounts", n=len(ordered) - TARGETS_SHOWN))
    return tuple(lines), tuple(line.draft.number for line in sure if line.draft is not None)
