"""What the laws ask of the log so far, where the answer grows with the log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from cloudbooks.chain.batch import Batch
from cloudbooks.chain.law import LawBroken
from cloudbooks.chain.record import Entry, Record
from cloudbooks.chain.shape import is_id
from cloudbooks.errors import sentence


class PartyFacts(NamedTuple):
    """A party as it stands: its name, and whether it is closed."""

    name: str
    closed: bool


class StatementFacts(NamedTuple):
    """A statement: the ids of its account and the code of its commodity, and how many lines it has."""

    account: str
    commodity: str
    lines: int


class Past(Protocol):
    """The log up to the last admitted block, as the laws ask for it.

    Admitting asks the questions; every answer is for the log *before* the batch at hand, because `Standing` lays over
    it what the batch has said so far. When a batch is admitted, `learn` is called once with all it adds; when its block
    is made and stands in the log, `grow` follows. A store that answers from its tables, which it fills from `Admitted`
    in the same commit, does nothing in both. All ids it is asked for are UUIDs in canonical text.
    """

    def has_id(self, id_: str) -> bool:
        """Whether an event, a batch or a party has this id; of all other records `State` knows."""

    def has_salt(self, salt: str) -> bool:
        """Whether a state record carried this salt, or the book has it as `blind`."""

    def party(self, id_: str) -> PartyFacts | None:
        """The party of this id, as last stated."""

    def key_holder(self, key_id: bytes) -> str:
        """The id of the member who has, or once had, a key with this key id of four bytes; empty if there is none."""

    def has_rules(self, id_: str) -> bool:
        """Whether a `rules` record has this id."""

    def statement(self, id_: str) -> StatementFacts | None:
        """The statement of this id."""

    def settled(self, name: str) -> bool:
        """Whether the statement line `<id>/<n>`, which exists, is settled and not freed again by a reversal."""

    def entry(self, id_: str) -> Entry | None:
        """The entry of this id, as its record has it."""

    def reversed_by(self, id_: str) -> str:
        """The id of the entry that reverses the entry of this id; empty if it stands."""

    def root_at(self, size: int) -> bytes:
        """The root of the log's tree when it had `size` blocks; asked for sizes below the present one only."""

    def learn(self, standing: Standing) -> None:
        """A batch was admitted: what it adds is past from now on."""

    def grow(self, root: bytes) -> None:
        """The log is longer by one block, and this is the root of its tree now."""


class Standing:
    """What stands at a place inside a batch: the past, and over it what the batch said before that place.

    The public fields are what the batch adds. `settled` maps names of statement lines to whether they are settled after
    it, `reversed` entries to their reversals, `keys` key ids to members; `ids` are those of its events, of parties
    that are new in it, and its own. Ids that are looked up may be any text.
    """

    __slots__ = (
        "_kinds", "_past", "_places", "_rules", "_seen", "batch", "ids", "keys", "number", "parties", "reversed",
        "rules", "salts", "settled", "statements",
    )  # fmt: skip

    def __init__(self, past: Past, kinds: Mapping[str, type[Record]], batch: Batch, number: int) -> None:
        self._past = past
        self._kinds = kinds
        self.batch = batch
        self.number = number
        self.ids: set[str] = set()
        self.salts: set[str] = set()
        self.parties: dict[str, PartyFacts] = {}
        self.keys: dict[bytes, str] = {}
        self.rules: set[str] = set()
        self.statements: dict[str, StatementFacts] = {}
        self.settled: dict[str, bool] = {}
        self.reversed: dict[str, str] = {}
        self._places: dict[str, int] = {}
        self._seen: dict[str, StatementFacts] = {}
        self._rules: set[str] = set()

    def require_free(self, id_: str) -> None:
        """Refuse an id, in good form, that something has; raises `LawBroken` (`law.once`)."""
        if id_ in self.ids or id_ in self._kinds or self._past.has_id(id_):
            raise LawBroken("law.once", sentence("The id {id} is taken.", id=id_))

    def take_id(self, id_: str) -> None:
        """Give an id to an event, a party or the batch; raises `LawBroken` (`law.once`) where it is taken."""
        # What `require_free` asks, asked for every entry without a call more.
        if id_ in self.ids or id_ in self._kinds or self._past.has_id(id_):
            self.require_free(id_)
        self.ids.add(id_)

    def take_salt(self, salt: str) -> None:
        """Use a salt for the first time; raises `LawBroken` (`salt`)."""
        if salt in self.salts or self._past.has_salt(salt):
            raise LawBroken("salt", sentence("The salt {salt} was used before.", salt=salt))
        self.salts.add(salt)

    def party(self, id_: str) -> PartyFacts | None:
        """The party of this id as it stands here."""
        return self.parties.get(id_) or (self._past.party(id_) if is_id(id_) else None)

    def key_holder(self, key_id: bytes) -> str:
        """The member who has or had a key of this id; empty if there is none."""
        return self.keys.get(key_id) or self._past.key_holder(key_id)

    def has_rules(self, id_: str) -> bool:
        """Whether a `rules` record of this id stands here."""
        if id_ in self.rules or id_ in self._rules:
            return True
        found = is_id(id_) and self._past.has_rules(id_)
        if found:
            # Most entries of a batch were drafted by one set of rules, which is asked for once.
            self._rules.add(id_)
        return found

    def statement(self, id_: str) -> StatementFacts | None:
        """The statement of this id, asked for once a batch."""
        facts = self.statements.get(id_) or self._seen.get(id_)
        if facts is None and is_id(id_):
            facts = self._past.statement(id_)
            if facts is not None:
                self._seen[id_] = facts
        return facts

    def is_settled(self, name: str) -> bool:
        """Whether a statement line, which exists, is settled here."""
        known = self.settled.get(name)
        return self._past.settled(name) if known is None else known

    def reversed_by(self, id_: str) -> str:
        """The entry that reverses this entry, which exists, here; empty if it stands."""
        return self.reversed.get(id_) or self._past.reversed_by(id_)

    def entry(self, id_: str, place: int) -> Entry | None:
        """The entry of this id in the log, or among the records of the batch before `place`."""
        if id_ not in self.ids:
            return self._past.entry(id_) if is_id(id_) else None
        if not self._places:
            self._places = {record.id: at for at, record in enumerate(self.batch.records, start=1)}
        at = self._places.get(id_, place)
        found = self.batch.records[at - 1]
        return found if at < place and isinstance(found, Entry) else None
