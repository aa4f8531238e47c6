"""The law of settling: a statement line is settled once, on its own account, in its own commodity."""

from __future__ import annotations

import re

from cloudbooks.chain.law import LawBroken
from cloudbooks.chain.past import Standing
from cloudbooks.chain.record import Line
from cloudbooks.errors import sentence

_LINE_NUMBER = re.compile(r"[1-9][0-9]{0,15}", re.ASCII)


def settle(standing: Standing, line: Line, code: str) -> None:
    """Settle the statement lines that a line on account `code` names; raises `LawBroken`."""
    for name in line.settles:
        id_, _, number = name.partition("/")
        statement = standing.statement(id_)
        if statement is None or not _LINE_NUMBER.fullmatch(number) or int(number) > statement.lines:
            raise LawBroken("law.reference", sentence('There is no statement line "{name}".', name=name))
        if (statement.account, statement.commodity) != (line.account, line.commodity):
            raise LawBroken(
                "law.once",
                sentence("The statement line {name} is of another account or commodity than {code} {commodity}.",
                         name=name, code=code, commodity=line.commodity),
            )  # fmt: skip
        if standing.is_settled(name):
            raise LawBroken("law.once", sentence("The statement line {name} is settled already.", name=name))
        standing.settled[name] = True
