"""Records rewritten by somebody who has the keys: all hashes and signatures are right, one rule is broken."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from typing import NamedTuple

from tests.chain.building import BookBuilder, uid
from tests.chain.strategies import BOOK, SeedSigner
from tests.tampering.forging import STRANGER, Edit, Fields, Forger, dumped, specimen

from cloudbooks.chain.canonical import b3, s256

BANK, DOLLARS, SALES, RENT = BookBuilder.BANK, BookBuilder.DOLLARS, BookBuilder.SALES, BookBuilder.RENT
NOBODY = uid(0xFFFF)
ANN, BOB, EVE = uid(2), uid(3), uid(4)
ACCOUNT_RENT, ACCOUNT_TRAVEL = 10, 11
GONE = uid(0x301)


class Mutant(NamedTuple):
    """A line (0 is the batch's header) that is changed or, `added`, put at the end; and what must be said of it."""

    name: str
    block: int
    line: int
    change: Edit
    code: str


class Added(NamedTuple):
    """A record that is put at the end of a batch, and what must be said of it."""

    name: str
    block: int
    said: Fields
    code: str


def put(**fields: object) -> Edit:
    """Say these fields."""
    return lambda said: said.update(fields)


def drop(*names: str) -> Edit:
    """Leave these fields out."""
    return lambda said: [said.pop(name) for name in names]


def line(place: int, **fields: object) -> Edit:
    """Say these fields of one line of an entry."""
    return lambda said: said["lines"][place].update(fields)


def both(*changes: Edit) -> Edit:
    """Several changes."""
    return lambda said: [change(said) for change in changes]


def without_lines(said: Fields) -> None:
    """Leave the last line of an entry out."""
    said["lines"].pop()


def signed_by(signer: SeedSigner, by: str, at: str = "2026-11-20T08:00:00Z", told: str = "") -> Edit:
    """Approve an entry with this key under this name; `told` is the time that is written."""

    def change(said: Fields) -> None:
        bare = {name: value for name, value in said.items() if name != "approvals"}
        digest = b3(dumped(bare) + b"\n")
        text = f"cloudbooks/approval/v1\n{BOOK}\n{digest}\n{at}\n".encode()
        said["approvals"] = [{"at": told or at, "by": by, "signature": b64encode(signer.sign(text)).decode()}]

    return change


def commodity_of_dollars() -> Fields:
    """The record of the dollar."""
    return Forger().fields(0, 6)


ENTRIES = [
    Mutant("amount-another-scale", 1, 3, line(0, amount="5.0"), "amount"),
    Mutant("amount-minus-zero", 1, 3, line(0, amount="-0.00"), "schema"),
    Mutant("amount-zero-in-front", 1, 3, line(0, amount="05.00"), "schema"),
    Mutant("amount-plus", 1, 3, line(0, amount="+5.00"), "schema"),
    Mutant("amount-exponent", 1, 3, line(0, amount="5e0"), "schema"),
    Mutant("amount-float", 1, 3, line(0, amount=5.5), "canonical"),
    Mutant("amount-whole-number", 1, 3, line(0, amount=5), "schema"),
    Mutant("amount-19-digits", 1, 3, line(0, amount="12345678901234567.00"), "amount"),
    Mutant("amount-null", 1, 3, line(0, amount=None), "canonical"),
    Mutant("unbalanced", 1, 3, line(0, amount="6.00"), "law.balance"),
    Mutant("one-line", 1, 3, without_lines, "law.balance"),
    Mutant("foreign-unbalanced-in-value", 2, 3, line(0, value="37.00"), "law.balance"),
    Mutant("account-unknown", 1, 3, line(1, account=NOBODY), "law.reference"),
    Mutant("account-is-a-party", 1, 3, line(1, account=BookBuilder.CUSTOMER), "law.reference"),
    Mutant("commodity-unknown", 1, 3, line(1, commodity="XYZ", value="-5.00"), "law.reference"),
    Mutant("account-bound", 1, 3, line(1, account=DOLLARS), "law.reference"),
    Mutant("party-unknown", 1, 3, line(1, party=NOBODY), "law.reference"),
    Mutant("maker-unknown", 1, 3, put(made_by=NOBODY), "law.reference"),
    Mutant("maker-is-an-account", 1, 3, put(made_by=BANK), "law.reference"),
    Mutant("rules-unknown", 1, 3, put(source={"kind": "rule", "rules": NOBODY}), "law.reference"),
    Mutant("rules-is-the-statement", 1, 3, put(source={"kind": "rule", "rules": uid(0x1003)}), "law.reference"),
    Mutant("dimension-missing", 4, 1, lambda said: said["lines"][0].pop("dimensions"), "law.reference"),
    Mutant("dimension-another", 4, 1, line(0, dimensions=[{"name": "project", "value": "x"}]), "law.reference"),
    Mutant("dimensions-out-of-order", 4, 1,
           line(0, dimensions=[{"name": "z", "value": "x"}, {"name": "department", "value": "x"}]), "schema"),
    Mutant("value-in-the-base", 1, 3, line(0, value="5.00"), "schema"),
    Mutant("value-missing", 2, 3, lambda said: said["lines"][0].pop("value"), "schema"),
    Mutant("value-of-the-other-sign", 2, 3, line(0, value="-36.00"), "amount"),
    Mutant("settles-unknown", 1, 3, line(0, settles=[f"{NOBODY}/1"]), "law.reference"),
    Mutant("settles-beyond-the-statement", 1, 3, line(0, settles=[f"{uid(0x1003)}/10"]), "law.reference"),
    Mutant("settles-zero-in-front", 1, 3, line(0, settles=[f"{uid(0x1003)}/01"]), "law.reference"),
    Mutant("settles-twice", 1, 3, line(0, settles=[f"{uid(0x1003)}/1"] * 2), "law.once"),
    Mutant("settles-on-another-account", 1, 3, line(1, settles=[f"{uid(0x1003)}/2"]), "law.once"),
    Mutant("settles-again-later", 2, 4, line(1, settles=[f"{uid(0x1003)}/1"]), "law.once"),
    Mutant("id-of-an-earlier-entry", 2, 4, put(id=uid(0x1004)), "law.once"),
    Mutant("id-of-its-batch", 2, 4, lambda said: said.update(id=Forger().fields(2, 0)["id"]), "law.once"),
    Mutant("id-of-an-account", 2, 4, put(id=BANK), "law.once"),
    Mutant("id-of-another-version", 2, 4, put(id="019a9c3e-7b00-4000-8000-000000001009"), "schema"),
    Mutant("id-in-capitals", 2, 4, put(id="019A9C3E-7b00-7000-8000-000000001009"), "schema"),
    Mutant("date-of-no-day", 1, 3, put(date="2026-02-30"), "schema"),
    Mutant("date-of-year-0", 1, 3, put(date="0000-10-31"), "schema"),
    Mutant("series-33-bytes", 1, 3, put(series="x" * 33), "limit"),
    Mutant("summary-4097-bytes", 1, 3, put(summary="x" * 4097), "limit"),
    Mutant("summary-turns-round", 1, 3, put(summary="rent \u202e002"), "canonical"),
    Mutant("summary-empty", 1, 3, put(summary=""), "canonical"),
    Mutant("summary-with-a-line-end", 1, 3, put(summary="rent\nsales"), "canonical"),
    Mutant("summary-missing", 1, 3, drop("summary"), "schema"),
    Mutant("field-unknown", 1, 3, put(colour="red"), "schema"),
    Mutant("field-in-capitals", 1, 3, put(Colour="red"), "canonical"),
    Mutant("kind-unknown", 1, 3, put(kind="secret"), "schema"),
    Mutant("source-kind-unknown", 1, 3, put(source={"kind": "oracle"}), "schema"),
    Mutant("tags-empty", 1, 3, put(tags=[]), "canonical"),
    Mutant("red-false", 1, 3, line(0, red=False), "canonical"),
    Mutant("too-deep", 1, 3, put(source={"kind": [[[[["rule"]]]]]}), "canonical"),
    Mutant("number-too-large", 1, 3, put(source=2**53), "canonical"),
    Mutant("type-unknown", 1, 3, put(type="secret"), "not-understood"),
    Mutant("type-missing", 1, 3, drop("type"), "schema"),
    Mutant("file-of-another-size", 1, 3, lambda said: said["attachments"][0].update(bytes=11), "attachment"),
    Mutant("file-of-another-s256", 1, 3, lambda said: said["attachments"][0].update(s256=s256(b"?")), "attachment"),
    Mutant("file-of-another-hash", 1, 3, lambda said: said["attachments"][0].update(b3=b3(b"?")), "attachment-missing"),
    Mutant("file-hash-of-another-kind", 1, 3, lambda said: said["attachments"][0].update(b3=s256(b"?")), "schema"),
    Mutant("reverses-unknown", 3, 1, put(reverses=NOBODY), "law.reference"),
    Mutant("reverses-with-another-amount", 3, 1, both(line(0, amount="-6.00"), line(0, value="-36.00")), "law.once"),
    Mutant("reverses-with-another-account", 3, 1, line(1, account=RENT), "law.once"),
    Mutant("reverses-and-settles", 3, 1, line(0, settles=[f"{uid(0x1003)}/2"]), "law.once"),
    Mutant("reverses-another", 3, 1, put(reverses=uid(0x1004)), "law.once"),
    Mutant("replaces-what-stands", 3, 2, put(replaces=uid(0x1009)), "law.once"),
    Mutant("replaces-unknown", 3, 2, put(replaces=NOBODY), "law.reference"),
    Mutant("replaces-itself", 3, 2, lambda said: said.update(replaces=said["id"]), "law.reference"),
    Mutant("dated-in-a-closed-month", 8, 1, put(date="2026-09-30", approvals=[]), "canonical"),
    Mutant("posted-in-a-closed-month", 8, 1, both(put(date="2026-09-30"), signed_by(SeedSigner(0x0C), BOB)),
           "law.period"),
    Mutant("posted-before-a-closed-month", 8, 1, both(put(date="2020-01-01"), signed_by(SeedSigner(0x0C), BOB)),
           "law.period"),
    Mutant("on-a-closed-account", 8, 1, both(line(1, account=GONE), signed_by(SeedSigner(0x0C), BOB)), "law.reference"),
    Mutant("with-a-closed-party", 8, 1, both(line(1, party=BookBuilder.SUPPLIER), signed_by(SeedSigner(0x0C), BOB)),
           "law.reference"),
    Mutant("approval-by-a-stranger", 8, 1, signed_by(STRANGER, BOB), "signature"),
    Mutant("approval-by-the-key-given-up", 8, 1, signed_by(SeedSigner(0x0B), BOB), "signature"),
    Mutant("approval-of-another-time", 8, 1, signed_by(SeedSigner(0x0C), BOB, told="2026-11-20T09:00:00Z"),
           "signature"),
    Mutant("approval-of-another-entry", 8, 1, put(summary="approved, and changed"), "signature"),
    Mutant("approval-by-its-maker", 8, 1, signed_by(SeedSigner(0x0A), ANN), "law.rights"),
    Mutant("approval-by-who-posts", 8, 1, signed_by(SeedSigner(0x0D), EVE), "law.rights"),
    Mutant("approval-by-nobody", 8, 1, signed_by(STRANGER, NOBODY), "law.reference"),
    Mutant("approval-by-what-is-no-id", 8, 1, signed_by(STRANGER, "{" + NOBODY), "law.reference"),
    Mutant("approval-missing", 8, 1, drop("approvals"), "law.rights"),
    Mutant("approval-twice", 8, 1, lambda said: said.update(approvals=said["approvals"] * 2), "schema"),
    Mutant("approval-of-another-length", 8, 1, lambda said: said["approvals"][0].update(signature="AAAA"), "schema"),
]  # fmt: skip

OTHERS = [
    Mutant("rules-of-another-size", 1, 1, put(bytes=11), "attachment"),
    Mutant("rules-changed", 1, 1, put(digest=b3(b"rules: [more]\n")), "attachment-missing"),
    Mutant("statement-of-no-lines", 1, 2, put(lines=0), "schema"),
    Mutant("statement-ends-before-it-begins", 1, 2, put(last="2026-09-30"), "schema"),
    Mutant("statement-of-an-unknown-account", 1, 2, put(account=NOBODY), "law.reference"),
    Mutant("statement-of-a-bound-account", 1, 2, put(account=DOLLARS), "law.reference"),
    Mutant("statement-opening-another-scale", 1, 2, put(opening="0"), "amount"),
    Mutant("statement-commodity-unknown", 1, 2, put(commodity="XYZ"), "law.reference"),
    Mutant("price-of-zero", 2, 1, put(rate="0"), "schema"),
    Mutant("price-with-a-zero-at-the-end", 2, 1, put(rate="7.20"), "schema"),
    Mutant("price-of-an-unknown-commodity", 2, 1, put(commodity="XYZ"), "law.reference"),
    Mutant("note-at-no-time", 2, 2, put(at="2026-11-20T24:00:00Z"), "schema"),
    Mutant("note-with-a-local-time", 2, 2, put(at="2026-11-20T08:00:00+08:00"), "schema"),
    Mutant("close-of-no-month", 6, 1, put(period="2026-13"), "schema"),
    Mutant("close-twice", 6, 2, put(period="2026-08"), "law.period"),
    Mutant("close-before-the-last", 6, 2, put(period="2026-07"), "law.period"),
    Mutant("book-takes-another-base", 7, 1, put(base="USD"), "law.restate"),
    Mutant("book-takes-another-blind", 7, 1, put(blind="c" * 32), "law.restate"),
    Mutant("book-takes-another-birthday", 7, 1, put(created_at="2020-01-01T00:00:00Z"), "law.restate"),
    Mutant("book-is-another", 7, 1, put(id=NOBODY), "law.beginning"),
    Mutant("book-year-begins-in-month-13", 7, 1, put(fiscal_year_start=13), "schema"),
    Mutant("salt-used-before", 7, 3, put(salt=f"{2:032x}"), "salt"),
    Mutant("salt-is-the-blind", 7, 3, put(salt="b" * 32), "salt"),
    Mutant("salt-too-short", 7, 3, put(salt="b" * 30), "schema"),
    Mutant("key-not-promised", 5, 1, put(key=str(STRANGER.vkey)), "law.rights"),
    Mutant("key-taken-with-more-rights", 5, 1, put(rights=["admin", "approve", "post"]), "law.rights"),
    Mutant("key-taken-with-another-name", 5, 1, put(name="Bob"), "law.rights"),
    Mutant("key-taken-for-another", 5, 1, put(id=EVE), "law.rights"),
    Mutant("key-of-another-member", 0, 5, put(key=str(SeedSigner(0x0B).vkey)), "law.rights"),
    Mutant("key-of-a-witness", 0, 5, put(key=str(SeedSigner(0x0D, type_=4).vkey)), "schema"),
    Mutant("key-of-another-book", 0, 5, put(key=str(SeedSigner(0x0D, f"cloudbooks/{NOBODY}").vkey)), "schema"),
    Mutant("key-id-that-is-not-its-own", 0, 5, lambda said: said.update(key=said["key"].replace("+e17664a3+",
           "+00000000+")), "schema"),
    Mutant("rights-out-of-order", 0, 4, put(rights=["post", "approve"]), "schema"),
    Mutant("rights-unknown", 0, 4, put(rights=["approve", "root"]), "schema"),
    Mutant("commodity-code-twice", 0, 6, put(code="CNY"), "law.once"),
    Mutant("commodity-scale-13", 0, 6, put(scale=13), "schema"),
    Mutant("commodity-code-in-small-letters", 0, 6, put(code="usd"), "schema"),
    Mutant("account-code-twice", 0, 8, put(code="1002"), "law.account"),
    Mutant("account-under-itself", 0, 8, lambda said: said.update(parent=said["id"]), "law.account"),
    Mutant("account-under-what-does-not-exist", 0, 8, put(parent=NOBODY), "law.reference"),
    Mutant("account-of-no-kind", 0, 8, put(kind="income-ish"), "schema"),
    Mutant("account-bound-to-nothing", 0, 8, put(commodity="XYZ"), "law.reference"),
    Mutant("beginning-with-a-commodity", 0, 1,
           both(dict.clear, put(**{**commodity_of_dollars(), "id": uid(9)})), "law.beginning"),
    Mutant("beginning-with-another-base", 0, 2, put(code="EUR"), "law.beginning"),
    Mutant("beginning-by-who-may-not", 0, 3, put(rights=["post"]), "law.beginning"),
    Mutant("beginning-by-one-revoked", 0, 3, put(revoked=True), "law.beginning"),
    Mutant("beginning-by-another", 0, 3, put(id=uid(8)), "law.beginning"),
]  # fmt: skip


def _restated(block: int, place: int, **changes: object) -> Fields:
    """A state record of the first batch, stated again with a fresh salt."""
    del block
    return Forger().fields(0, place) | {"salt": "f" * 32} | changes


def _event(word: str, **fields: object) -> Fields:
    return {"id": uid(0xF000), "type": word} | fields


def added() -> Iterator[Added]:
    """Records put at the end of a batch by whoever signs it."""
    entry = Forger().fields(2, 4)
    mirror = Forger().fields(3, 1)
    yield Added("kind-of-an-account-changed", 7, _restated(7, ACCOUNT_RENT, kind="income"), "law.restate")
    yield Added("commodity-of-a-posted-account-changed", 7, _restated(7, ACCOUNT_RENT, commodity="CNY"), "law.restate")
    yield Added("scale-of-a-commodity-changed", 7, _restated(7, 6, scale=4), "law.restate")
    yield Added("code-of-a-commodity-changed", 7, _restated(7, 6, code="EUR"), "law.restate")
    yield Added("account-under-a-closed-one", 7, _restated(7, ACCOUNT_RENT, parent=GONE), "law.reference")
    yield Added("salt-of-a-restatement-kept", 7, Forger().fields(0, ACCOUNT_RENT), "salt")
    yield Added("posted-while-duties-are-separate", 7, entry | {"id": uid(0xF000)}, "law.rights")
    yield Added("reversed-twice", 3, mirror | {"id": uid(0xF000)}, "law.once")
    yield Added("reversal-reversed", 3, entry | {"id": uid(0xF000), "reverses": mirror["id"]}, "law.once")
    yield Added("reopen-not-the-last", 6, _event("reopen", period="2026-08", reason="late"), "law.period")
    yield Added("reopen-without-a-reason", 6, _event("reopen", period="2026-09"), "schema")
    yield Added("close-by-who-may-only-post", 4, _event("close", period="2026-08"), "law.rights")
    yield Added("member-by-who-may-only-post", 4, _restated(4, 5, rights=["admin", "post"]), "law.rights")
    yield Added("book-by-who-may-only-post", 4, Forger().fields(0, 1) | {"salt": "f" * 32}, "law.rights")
    yield Added("key-taken-twice", 5, Forger().fields(5, 1) | {"salt": "f" * 32}, "law.rights")
    yield Added("statement-on-a-closed-account", 7,
                Forger().fields(1, 2) | {"id": uid(0xF000), "account": GONE}, "law.reference")  # fmt: skip


def forged(mutant: Mutant | Added) -> tuple[dict[str, bytes], int, int | None]:
    """The files of a mutant, and the block and record that must be named."""
    forger = Forger()
    if isinstance(mutant, Added):
        forger.add(mutant.block, mutant.said)
        return forger.files(), mutant.block, len(forger.lines[mutant.block]) - 1
    forger.edit(mutant.block, mutant.line, mutant.change)
    return forger.files(), mutant.block, mutant.line or None


def all_mutants() -> list[Mutant | Added]:
    """Every mutant of a record."""
    assert specimen().state.size
    return [*ENTRIES, *OTHERS, *added()]
