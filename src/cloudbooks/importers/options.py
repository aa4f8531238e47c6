"""What the user says about a file, where the file itself leaves it open."""

from __future__ import annotations

from dataclasses import dataclass

from cloudbooks.importers.layout import DateOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the user says about a file. `name` is how sentences call it.

    `commodity` is taken where the file does not tell one; `amount_column` names the column of the amount, with a minus
    before it where a positive amount is money out.
    """

    name: str = "the file"
    commodity: str = ""
    profile: str = ""
    encoding: str = ""
    date_order: DateOrder | None = None
    amount_column: str = ""
    keep_unreadable: bool = False
