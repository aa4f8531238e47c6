"""`party …`: customers, suppliers, employees, those that wait for the next batch included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cloudbooks.books.desk import Desk
from cloudbooks.books.fitting import fit, fit_name
from cloudbooks.books.next_batch import parties_of
from cloudbooks.chain import record
from cloudbooks.core.party import Party
from cloudbooks.errors import Refusal, sentence
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.unit import Unit, operation
from cloudbooks.system.chance import new_id, new_salt

KINDS = ("customer", "supplier", "employee")
"""What a party can be to the firm, one or more of them."""


class PartyTaken(Refusal):
    """A party of this name is in the book already."""

    code = "party-taken"

    def __init__(self, name: str) -> None:
        super().__init__(
            sentence('a party called "{name}" is in this book already.', name=name),
            hint=sentence("cloudbooks party list"),
        )


def parties(desk: Desk) -> tuple[Party, ...]:
    """All parties by name."""
    with desk.open() as book:
        return tuple(sorted(parties_of(book).values(), key=lambda party: party.name))


def add_party(desk: Desk, name: str, kinds: Sequence[str] = (), tax_id: str = "") -> Party:
    """State a new party with the next batch; `kinds` are of `KINDS`. Raises `NameEmpty` or `PartyTaken`."""
    title = fit_name(sentence("the name of the party"), name)
    with desk.open() as book:
        if any(party.name == title for party in parties_of(book).values()):
            raise PartyTaken(name)
        stated = record.Party(new_id(desk.clock), new_salt(), title, tuple(sorted(set(kinds))), fit(tax_id))
        summary = sentence("party add {name}", name=name)
        with operation(book, verb="party add", summary=summary, by=desk.who(book).id) as unit:
            unit.put_pending(stated)
        return Party(stated.id, stated.name, stated.kinds, stated.tax_id)


@dataclass(slots=True)
class NamedParties:
    """Parties as rules name them; one that the book does not have becomes a new party, kept with the import."""

    desk: Desk
    known: dict[str, str]
    fresh: list[record.Party] = field(default_factory=list)

    @classmethod
    def of(cls, desk: Desk, book: BookFile) -> NamedParties:
        """The open parties of a book by name."""
        return cls(desk, {party.name: party.id for party in parties_of(book).values() if not party.closed})

    def id_of(self, name: str) -> str:
        """The id of the party of this name, which is new if it has to be."""
        plain = fit(name)
        if plain not in self.known:
            party = record.Party(new_id(self.desk.clock), new_salt(), plain)
            self.fresh.append(party)
            self.known[plain] = party.id
        return self.known[plain]

    def keep(self, unit: Unit) -> None:
        """Let the new ones wait for the next batch."""
        for party in self.fresh:
            unit.put_pending(party)
