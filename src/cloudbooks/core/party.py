"""Parties: customers, suppliers, employees."""

from __future__ import annotations

from typing import NamedTuple


class Party(NamedTuple):
    """Someone the firm deals with; `kinds` out of customer, supplier, employee and other words of the user."""

    id: str
    name: str
    kinds: tuple[str, ...] = ()
    tax_id: str = ""
    closed: bool = False
