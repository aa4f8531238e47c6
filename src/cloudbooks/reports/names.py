"""What the ids and codes in entries stand for, and entries as JSON has them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from cloudbooks.core.chart import Chart
from cloudbooks.core.commodity import Commodity
from cloudbooks.reports.table import Amount

if TYPE_CHECKING:
    from cloudbooks.core.entry import PostedEntry, Posting
    from cloudbooks.core.party import Party


class Names(NamedTuple):
    """The chart, commodities (by code) and parties (by id) of a book; `base` is the code of its base."""

    base: str
    chart: Chart
    commodities: Mapping[str, Commodity]
    parties: Mapping[str, Party] = MappingProxyType({})

    def amount(self, posting: Posting) -> Amount:
        """The amount of a posting in its commodity."""
        return Amount(posting.amount, self.commodities[posting.commodity].scale, posting.commodity)

    def foreign(self, posting: Posting) -> Amount | str:
        """The amount of a posting with its commodity beside it, where that is another than the base."""
        return "" if posting.commodity == self.base else replace(self.amount(posting), named=True)

    def value(self, posting: Posting) -> Amount:
        """The value of a posting in the base."""
        return Amount(posting.value, self.commodities[self.base].scale, self.base)

    def party(self, posting: Posting) -> str:
        """The name of a posting's party, its id where the name is not at hand, or nothing."""
        known = self.parties.get(posting.party)
        return known.name if known else posting.party

    def posting_data(self, posting: Posting) -> dict[str, object]:
        """A posting as JSON has it (CLI.md): its value only where it is in another commodity than the base."""
        found: dict[str, object] = {
            "account": posting.account,
            "code": self.chart[posting.account].code,
            "amount": self.amount(posting).json(),
        }
        if posting.commodity != self.base:
            found["value"] = self.value(posting).json()
        if posting.party:
            found["party"] = self.party(posting)
        return found

    def entry_data(self, entry: PostedEntry, postings: tuple[Posting, ...] | None = None) -> dict[str, object]:
        """An entry as JSON has it (CLI.md) with all its postings, or some; `batch` is the number of its block."""
        found: dict[str, object] = {
            "id": entry.id,
            "number": entry.voucher,
            "date": entry.date.isoformat(),
            "summary": entry.summary,
            "batch": entry.block,
            "postings": [self.posting_data(one) for one in (entry.postings if postings is None else postings)],
        }
        if entry.kind:
            found["kind"] = entry.kind.value
        if entry.reversed_by:
            found["reversed_by"] = entry.reversed_by
        return found


def in_order(entry: PostedEntry) -> tuple[object, ...]:
    """The order of entries in books: by day, then as they were posted."""
    return (entry.date, entry.block, entry.series, entry.number)
