"""How a test of the laws says that a batch breaks one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.chain.building import BookBuilder

from cloudbooks.chain.admitting import LawBroken
from cloudbooks.chain.record import AnyRecord


def broken(book: BookBuilder, /, *records: AnyRecord, by: str = "ann", **header: Any) -> tuple[str, int | None]:
    """The code and the record of the law that these records break; the book is of no use afterwards."""
    return fault_of(lambda: book.block(*records, by=by, **header))


def fault_of(act: Callable[[], object]) -> tuple[str, int | None]:
    """The code and the record of the `LawBroken` that an act ends in."""
    with pytest.raises(LawBroken) as caught:
        act()
    message = str(caught.value)
    # Whoever is refused must learn it in a whole sentence.
    assert message.endswith(".")
    assert "{" not in message
    return caught.value.code, caught.value.record
