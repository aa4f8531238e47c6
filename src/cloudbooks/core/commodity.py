"""Commodities: currencies and any other counted thing."""

from __future__ import annotations

import re
from typing import NamedTuple

CODE = re.compile(r"[A-Z][A-Z0-9._-]{0,23}", re.ASCII)
"""What a commodity code looks like (FORMAT.md section 1)."""

SCALE_MAX = 12


class Commodity(NamedTuple):
    """A currency or other counted thing; its amounts are integers of 10**-`scale`."""

    code: str
    scale: int
    name: str = ""
