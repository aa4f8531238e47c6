"""Laws 5 to 7: who may sign what, how a book begins, and on which state a batch was made."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from tests.chain.breaking import broken, fault_of
from tests.chain.building import BookBuilder, uid
from tests.chain.strategies import BOOK, SeedSigner

from cloudbooks.chain import batch as batches
from cloudbooks.chain import sealing
from cloudbooks.chain.batch import Base
from cloudbooks.chain.canonical import FormFault, s256
from cloudbooks.chain.record import AnyRecord, Approval
from cloudbooks.chain.state import MemoryPast, State

OLD, NEW = SeedSigner(0x0B), SeedSigner(0x0C)


@pytest.fixture
def book() -> BookBuilder:
    """A small book."""
    return BookBuilder()


@pytest.mark.parametrize("what", ["book", "member", "close", "reopen"])
def test_every_record_needs_its_right(book: BookBuilder, what: str) -> None:
    """Bob approves and posts; he states no book or other member, and closes nothing."""
    book.block(book.close("2026-08"))
    stated: dict[str, AnyRecord] = {
        "book": book.book(),
        "member": book.member("eve"),
        "close": book.close("2026-10"),
        "reopen": book.reopen("2026-08"),
    }
    assert broken(book, book.entry(), stated[what], by="bob") == ("law.rights", 2)


def test_posting_needs_the_right_to_post(book: BookBuilder) -> None:
    """Whoever may only administer posts neither entries nor accounts."""
    book.block(book.member("bob", rights=("admin",)))
    assert broken(book, book.entry(), by="bob") == ("law.rights", 1)
    twin = BookBuilder()
    twin.block(twin.member("bob", rights=("admin",)))
    assert broken(twin, twin.party(uid(0x203), "x"), by="bob") == ("law.rights", 1)


def test_rights_are_those_held_before_the_batch(book: BookBuilder) -> None:
    """Ann takes her own right to close and closes once more in that batch, but not in the next."""
    less = book.member("ann", rights=("admin", "post"))
    book.block(less, book.close("2026-08"))
    assert broken(book, book.close("2026-09")) == ("law.rights", 1)


def test_a_revoked_author_signs_nothing_more(book: BookBuilder) -> None:
    """Revoked in the log, a member is no author; in the batch itself the revoking still counts."""
    book.block(book.member("bob", revoked=True))
    assert broken(book, book.entry(), by="bob") == ("law.rights", None)
    assert broken(BookBuilder(), book.entry(), author=uid(0x999)) == ("law.rights", None)


def rotated(book: BookBuilder, **changes: Any) -> AnyRecord:
    """Bob, stated by himself with the key that he promised."""
    return book.member("bob", **({"key": str(NEW.vkey), "next_key": ""} | changes))


def test_a_member_takes_the_promised_key_and_signs_with_it(book: BookBuilder) -> None:
    """From the next batch on only the new key counts."""
    book.block(rotated(book), book.entry(), by="bob")
    book.signers["bob"] = NEW
    book.block(book.entry(), by="bob")
    book.signers["bob"] = OLD
    with pytest.raises(FormFault) as caught:
        book.block(book.entry(), by="bob")
    assert caught.value.code == "signature"


@pytest.mark.parametrize(
    "changes",
    [
        {"key": str(SeedSigner(0x0F).vkey)},
        {"key": str(OLD.vkey)},
        {"key": str(OLD.vkey), "next_key": s256(b"another promise")},
        {"rights": ("admin", "approve", "post")},
        {"rights": ("post",)},
        {"name": "Bob"},
        {"revoked": True},
    ],
)
def test_a_member_changes_nothing_but_the_own_key_to_the_promised_one(
    book: BookBuilder, changes: dict[str, Any]
) -> None:
    """Neither rights nor name, nor to a key that was not promised, nor the promise alone."""
    assert broken(book, rotated(book, **changes), by="bob") == ("law.rights", 1)


def test_a_member_takes_one_promised_key_a_batch(book: BookBuilder) -> None:
    """The key given up must be the one that signed the batch."""
    third = SeedSigner(0x0F)
    first = rotated(book, next_key=s256(str(third.vkey).encode()))
    assert broken(book, first, rotated(book, key=str(third.vkey)), by="bob") == ("law.rights", 2)


def test_an_admin_may_give_a_key_that_was_not_promised(book: BookBuilder) -> None:
    """A lost key is replaced by whoever has `admin`."""
    book.block(rotated(book, key=str(SeedSigner(0x0F).vkey), rights=("post",)))
    book.signers["bob"] = SeedSigner(0x0F)
    book.block(book.entry(), by="bob")


@pytest.mark.parametrize("signed_by", ["bob", "eve"])
def test_the_author_signs(book: BookBuilder, signed_by: str) -> None:
    """A batch of ann's that another member signed is refused."""
    made = book.batch(book.entry())
    with pytest.raises(FormFault) as caught:
        book.commit(made, book.signed(made, signed_by))
    assert caught.value.code == "signature"


def test_separate_duties_demand_another_approver() -> None:
    """Of three members one made the entry and one posts it; the approval of the third is the one that counts."""
    book = BookBuilder(separate_duties=True)
    made_by_eve = book.entry(made_by=book.members["eve"])
    book.block(book.approved(made_by_eve, "bob"))
    book.block(book.approved(book.entry(made_by=book.members["eve"]), "ann", "bob", "eve"))
    for names, by in (((), "ann"), (("ann",), "ann"), (("eve",), "ann"), (("bob",), "bob")):
        twin = BookBuilder(separate_duties=True)
        entry = twin.approved(twin.entry(made_by=twin.members["eve"]), *names)
        assert broken(twin, entry, by=by) == ("law.rights", 1), names


def test_separate_duties_count_from_their_place(book: BookBuilder) -> None:
    """Entries before the book states them need no approval, those after it do, also in one batch."""
    book.block(book.entry(), book.book(separate_duties=True))
    book.block(book.book())
    assert broken(book, book.entry(), book.book(separate_duties=True), book.entry()) == ("law.rights", 3)


def test_every_approval_given_verifies(book: BookBuilder) -> None:
    """Also where none is needed, and whatever was changed after it: the entry, the time, or the signer."""
    entry = book.approved(book.entry(), "bob")
    book.block(entry)
    (approval,) = book.approved(book.entry(), "bob").approvals
    at = msgspec.structs.replace(approval, at="2026-11-20T08:00:01Z")
    by_eve = Approval(book.members["eve"], approval.at, approval.signature)
    for change in ({"summary": "Rent"}, {"approvals": (at,)}, {"approvals": (by_eve,)}, {"tags": ("x",)}):
        twin = BookBuilder()
        changed = msgspec.structs.replace(twin.approved(twin.entry(), "bob"), **change)
        assert broken(twin, changed) == ("signature", 1), change


def test_a_revoked_member_approves_nothing(book: BookBuilder) -> None:
    """An entry does not name one; a reversal may, and it satisfies nothing."""
    book.block(book.member("bob", revoked=True))
    assert broken(book, book.approved(book.entry(), "bob")) == ("law.reference", 1)
    twin = BookBuilder()
    (approval,) = twin.approved(twin.entry(), "bob").approvals
    by_nobody = twin.entry(approvals=(msgspec.structs.replace(approval, by=uid(0x999)),))
    assert broken(twin, by_nobody) == ("law.reference", 1)
    twin = BookBuilder()
    entry = twin.entry()
    twin.block(entry, twin.member("bob", revoked=True))
    twin.block(twin.approved(twin.reversal(entry), "bob"))
    twin = BookBuilder()
    entry = twin.entry()
    twin.block(entry, twin.member("bob", revoked=True), twin.book(separate_duties=True))
    assert broken(twin, twin.approved(twin.reversal(entry), "bob")) == ("law.rights", 1)


def beginning(book: BookBuilder, records: list[AnyRecord], **header: Any) -> tuple[str, int | None]:
    """The law that these records break as a first batch by ann."""
    state = State(MemoryPast(lambda _: None))
    fields = {"author": book.members["ann"], "base": None, "book": BOOK, "id": uid(0x7777), "program": "test/1"}
    made = batches.make(records=records, made_at="2026-11-20T08:00:00Z", **(fields | header))
    return fault_of(lambda: sealing.seal(made, book.signed(made), "2026-11-20T08:00:00Z")(state))


def test_a_book_begins_with_book_commodity_and_author() -> None:
    """Each of the three first records is what it must be, in that order."""
    book = BookBuilder()
    first, base, ann, bob, *_ = book.beginning(separate_duties=False)
    replace = msgspec.structs.replace
    cases: list[tuple[list[AnyRecord], tuple[str, int | None]]] = [
        ([first, base], ("law.beginning", 2)),
        ([base, first, ann], ("law.beginning", 1)),
        ([replace(first, id=uid(0x99)), base, ann], ("law.beginning", 1)),
        ([first, replace(base, code="USD"), ann], ("law.beginning", 2)),
        ([first, ann, base], ("law.beginning", 2)),
        ([first, base, bob], ("law.beginning", 3)),
        ([first, base, book.party(uid(0x99), "x")], ("law.beginning", 3)),
        ([first, base, replace(ann, rights=("admin", "approve"))], ("law.beginning", 3)),
        ([first, base, replace(ann, rights=("post",))], ("law.beginning", 3)),
        ([first, base, replace(ann, revoked=True)], ("law.beginning", 3)),
        ([first, base, replace(ann, rights=("admin", "post")), book.close("2026-10")], ("law.rights", 4)),
    ]
    for number, (records, expected) in enumerate(cases):
        assert beginning(book, records) == expected, number
    assert beginning(book, [first, base, ann], base=Base("s256:" + "0" * 64, 0)) == ("law.base", None)


def test_a_batch_belongs_to_its_book(book: BookBuilder) -> None:
    """A batch of another book is refused."""
    assert broken(book, book.entry(), book=uid(0x99)) == ("law.beginning", None)


def test_a_base_is_an_earlier_state_of_the_log(book: BookBuilder) -> None:
    """Any earlier size with its own root will do; nothing else."""
    roots = [book.state.root]
    for _ in range(5):
        book.block(book.entry())
        roots.append(book.state.root)
    for size, root in enumerate(roots, start=1):
        book.block(book.entry(), base=Base(root, size))
    book.block(book.entry(), base=Base(s256(b""), 0))
    size = book.state.size
    for base in (
        None,
        Base(roots[2], 2),
        Base(roots[2], size),
        Base(book.state.root, size - 1),
        Base(book.state.root, size + 1),
        Base("s256:" + "0" * 64, size + 1),
    ):
        twin = BookBuilder()
        for _ in range(size - 1):
            twin.block(twin.entry())
        assert broken(twin, twin.entry(), base=base) == ("law.base", None), base
