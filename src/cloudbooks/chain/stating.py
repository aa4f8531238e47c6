"""The laws of state records: what may be stated, and what may be changed when it is stated again."""

from __future__ import annotations

from cloudbooks.chain.law import LawBroken, no_commodity
from cloudbooks.chain.note import Vkey
from cloudbooks.chain.past import PartyFacts, Standing
from cloudbooks.chain.record import Account, Book, Commodity, Member, Party, Record
from cloudbooks.chain.state import State
from cloudbooks.errors import Sentence, sentence


def state_book(state: State, standing: Standing, record: Book) -> None:
    """Admit a book record; raises `LawBroken`."""
    before = state.book
    if before is None:
        standing.require_free(record.id)
        standing.take_salt(record.blind)
    elif record.id != before.id:
        raise LawBroken("law.beginning", sentence("There is one book, {id}, and this is another.", id=before.id))
    elif (record.base, record.created_at, record.blind) != (before.base, before.created_at, before.blind):
        raise _fixed(sentence("The base, the time of creation and the blind of a book do not change."))
    standing.take_salt(record.salt)
    state.put(record)


def state_member(state: State, standing: Standing, record: Member) -> None:
    """Admit a member; whether the author may is asked before. Raises `LawBroken`."""
    _take(state, standing, record, record.salt)
    key_id = Vkey.parse(record.key).key_id
    holder = standing.key_holder(key_id)
    if holder not in ("", record.id):
        raise LawBroken(
            "law.rights",
            sentence("The key {key} of {name} is or was that of {other}.", key=key_id.hex(), name=record.name,
                     other=state.members[holder].name),
        )  # fmt: skip
    standing.keys[key_id] = record.id
    state.put(record)


def state_commodity(state: State, standing: Standing, record: Commodity) -> None:
    """Admit a commodity; raises `LawBroken`."""
    before = _take(state, standing, record, record.salt)
    same = state.commodities.get(record.code)
    if not before:
        if same is not None:
            raise LawBroken("law.once", sentence('There is a commodity "{code}".', code=record.code))
    elif same is None or (same.id, same.scale) != (record.id, record.scale):
        raise _fixed(sentence('Of the commodity "{code}" only the name may change.', code=record.code))
    state.put(record)


def state_account(state: State, standing: Standing, record: Account) -> None:
    """Admit an account; raises `LawBroken`."""
    _take(state, standing, record, record.salt)
    before = state.accounts.get(record.id)
    if before is not None and before.kind != record.kind:
        raise _fixed(sentence("The account {code} does not change its kind.", code=before.code))
    if before is not None and before.commodity != record.commodity and state.leaves.has_postings(record.id):
        raise _fixed(sentence("The account {code} has postings and keeps its commodity.", code=before.code))
    if record.commodity and record.commodity not in state.commodities:
        raise no_commodity(record.commodity)
    same = state.codes.get(record.code, record.id)
    if same != record.id and not record.closed:
        raise LawBroken("law.account", sentence("Another open account has the code {code}.", code=record.code))
    if record.parent:
        _require_parent(state, before, record)
    state.put(record)


def state_party(state: State, standing: Standing, record: Party) -> None:
    """Admit a party; raises `LawBroken`."""
    del state
    if standing.party(record.id) is None:
        standing.take_id(record.id)
    standing.take_salt(record.salt)
    standing.parties[record.id] = PartyFacts(record.name, record.closed)


def _take(state: State, standing: Standing, record: Record, salt: str) -> bool:
    """Take the id, unless it is stated again, and the salt; whether it is stated again."""
    again = state.kinds.get(record.id) is type(record)
    if not again:
        standing.require_free(record.id)
    standing.take_salt(salt)
    return again


def _fixed(message: Sentence) -> LawBroken:
    return LawBroken("law.restate", message)


def _require_parent(state: State, before: Account | None, record: Account) -> None:
    parent = state.accounts.get(record.parent)
    if record.parent != record.id and parent is None:
        raise LawBroken("law.reference", sentence("The account above {code} does not exist.", code=record.code))
    if parent is not None and parent.closed:
        raise LawBroken(
            "law.reference",
            sentence("The account {parent}, above {code}, is closed.", parent=parent.code, code=record.code),
        )
    # What is stated for the first time stands above nothing, so that only a change of parent can make a cycle.
    above = None if before is None or before.parent == record.parent else parent
    while above is not None and above.id != record.id:
        above = state.accounts.get(above.parent)
    if above is not None or record.parent == record.id:
        raise LawBroken("law.account", sentence("The account {code} would stand under itself.", code=record.code))
