"""Timestamps: what anchors a log, what does not, and what is said of each token that fails."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.chain.building import BookBuilder
from tests.chain.folder_source import FolderSource
from tests.chain.stamping import AT, SHA_1, STAMPS, Holder, holder, token
from tests.chain.strategies import BOOK, SeedSigner

from cloudbooks.chain import checkpoint, timestamp
from cloudbooks.chain.authority import Authority, read_authority
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.merkle import leaf_hash, root
from cloudbooks.chain.verifying import Policy, Verdict, verify

ORIGIN = checkpoint.origin(BOOK)
PIN = SeedSigner(0x0A).vkey
NOON = "2026-11-21T08:15:30Z"
GOLDEN_TIME = "2026-11-22T08:33:29+00:00"
"""When `openssl ts -reply` made the token that is kept among the vectors."""
VECTORS = Path(__file__).parent / "vectors" / "timestamps"


class House(NamedTuple):
    """An authority with a root, an intermediate and a certificate that stamps."""

    root: Holder
    middle: Holder
    stamps: Holder

    @property
    def trusted(self) -> Authority:
        """The authority as a verifier knows it."""
        return read_authority("house", self.root.pem + self.middle.pem)


@cache
def house() -> House:
    """An authority that nothing is wrong with."""
    top = holder("Root", ca=True)
    middle = holder("Middle", top, ca=True)
    return House(top, middle, holder("Stamps", middle, purposes=STAMPS))


@cache
def small() -> dict[str, bytes]:
    """The files of a log of four blocks, signed up to its end."""
    book = BookBuilder()
    for _ in range(3):
        book.block(book.entry())
    return dict(book.source().files)


def text(size: int, origin: str = ORIGIN) -> bytes:
    """The text of the checkpoint over the log's first blocks."""
    return timestamp.stamped_text(origin, size, _root(size))


def _root(size: int) -> bytes:
    leaves = [leaf_hash(small()[name]) for name in sorted(small()) if name.startswith("block/")]
    return root(leaves[:size])


def judged(tokens: dict[int, bytes], *authorities: Authority, **files: bytes) -> Verdict:
    """What is said of the log with these tokens beside it."""
    stamps = {f"timestamp/{size}.tsr": data for size, data in tokens.items()}
    source = FolderSource({**small(), **stamps, **files})
    return verify(source, Policy(PIN, authorities=authorities or (house().trusted,)))


def said(found: Verdict) -> list[tuple[str, str, bool]]:
    """Code, place, and whether it is a warning, of all findings."""
    return [(one.code, one.where, one.warning) for one in found.findings]


def fact(found: Verdict) -> tuple[int, str, str]:
    """How far the log is anchored, since when, and by whom."""
    return found.anchored, found.anchored_at, found.anchored_by


def test_a_token_over_the_head_anchors_the_whole_log() -> None:
    """With its time and the name that the verifier gives the authority."""
    found = judged({4: token(house().stamps, text(4))})
    assert (fact(found), found.stamped, said(found), found.valid) == ((4, NOON, "house"), 1, [], True)


def test_a_token_over_an_older_size_anchors_that_size() -> None:
    """What was posted since has no time yet."""
    assert fact(judged({3: token(house().stamps, text(3))})) == (3, NOON, "house")


def test_the_earliest_token_over_so_much_or_more_gives_the_time() -> None:
    """The greatest size counts, with its own time; an earlier token over less says nothing of it."""
    early = token(house().stamps, text(2), at="20261121080000Z")
    late = token(house().stamps, text(4), at="20261121090000Z")
    assert fact(judged({2: early, 4: late})) == (4, "2026-11-21T09:00:00Z", "house")


def test_what_is_stamped_beyond_the_checkpoint_anchors_what_is_signed() -> None:
    """Anchored is never more than signed, and whoever stamped more blocks stamped these too."""
    book = BookBuilder()
    book.block(book.entry())
    book.block(book.entry())
    early = book.source().files["checkpoint"]
    first = token(house().stamps, text(4), at="20261121080000Z")
    stamps = {4: first, 3: token(house().stamps, text(3), at="20261121090000Z")}
    found = judged(stamps, checkpoint=early)
    assert (found.signed, fact(found)) == (3, (3, "2026-11-21T08:00:00Z", "house"))


def test_a_log_that_nobody_pinned_or_signed_is_not_anchored() -> None:
    """Under another first key nothing is signed, and so nothing anchored."""
    source = FolderSource({**small(), "timestamp/4.tsr": token(house().stamps, text(4))})
    found = verify(source, Policy(SeedSigner(0x0B).vkey, authorities=(house().trusted,)))
    assert fact(found) == (0, "", "")


def _lies() -> dict[str, bytes]:
    one, middle = house(), house().middle
    late = holder("Late", middle, purposes=STAMPS, since=AT + timedelta(seconds=1))
    gone = holder("Gone", middle, purposes=STAMPS, until=AT - timedelta(seconds=1))
    web = holder("Web", middle, purposes=(ExtendedKeyUsageOID.SERVER_AUTH,))
    both = holder("Both", middle, purposes=(*STAMPS, ExtendedKeyUsageOID.SERVER_AUTH))
    plain = holder("Plain", middle)
    lax = holder("Lax", middle, purposes=STAMPS, critical=False)
    good = text(4)
    return {
        "another text": token(one.stamps, good + b"\n"),
        "another log": token(one.stamps, text(4, f"{ORIGIN}x")),
        "another size": token(one.stamps, text(3)),
        "sha-1": token(one.stamps, good, imprint=(SHA_1, bytes(20))),
        "sha-1 of 32 bytes": token(one.stamps, good, imprint=(SHA_1, bytes(32))),
        "a digest that is too short": token(one.stamps, good, imprint=(timestamp.SHA_256, bytes(31))),
        "another version": token(one.stamps, good, version=2),
        "two signers": token(one.stamps, good, signers=2),
        "local time": token(one.stamps, good, at="20261121081530+0800"),
        "no such time": token(one.stamps, good, at="20261321081530Z"),
        "fraction with a zero": token(one.stamps, good, at="20261121081530.50Z"),
        "not yet valid": token(late, good),
        "expired": token(gone, good),
        "for the web": token(web, good),
        "for more than stamping": token(both, good),
        "for nothing": token(plain, good),
        "purpose not critical": token(lax, good),
        "names no certificate": token(one.stamps, good, named=""),
        "names another certificate": token(one.stamps, good, names=middle),
        "empty": b"",
        "no DER": b"\x30\x80\x00\x00",
        "a byte too many": token(one.stamps, good) + b"\0",
        "too long": token(one.stamps, good) + bytes(timestamp.TOKEN_BYTES_MAX),
        "signed by another key": token(_replaced(one.stamps), good),
    }


def _replaced(stamps: Holder) -> Holder:
    """A holder of the same certificate, with another key."""
    return Holder(holder("Other").key, stamps.certificate)


@pytest.mark.parametrize("lie", sorted(_lies()))
def test_a_token_that_fails_is_a_finding_and_anchors_nothing(lie: str) -> None:
    """Named by the file's place; the log itself stays valid and signed."""
    found = judged({4: _lies()[lie]})
    assert (fact(found), said(found)) == ((0, "", ""), [("timestamp", "timestamp/4.tsr", False)])
    assert (found.valid, found.signed) == (True, 4)


def test_a_token_over_more_blocks_than_there_are_is_a_finding() -> None:
    """It is the word of an authority that something was cut off; nothing can be made of its size here."""
    found = judged({9: token(house().stamps, b"what once was block nine")})
    assert said(found) == [("timestamp", "timestamp/9.tsr", False)]
    assert "9 blocks were stamped, and 4 are here." in str(found.findings[0].message)


def test_an_authority_that_nobody_trusts_is_a_warning() -> None:
    """Another root of the same name, and a certificate that signs itself, anchor nothing and accuse nobody."""
    other = holder("Root", ca=True)
    stranger = holder("Stamps", holder("Middle", other, ca=True), purposes=STAMPS)
    alone = holder("Alone", purposes=STAMPS)
    for one in (stranger, alone):
        found = judged({4: token(one, text(4))})
        assert (fact(found), said(found)) == ((0, "", ""), [("timestamp-unknown", "timestamp/4.tsr", True)])
    brought = token(stranger, text(4), brings=(stranger, other))
    assert said(judged({4: brought})) == [("timestamp-unknown", "timestamp/4.tsr", True)]


def test_without_authorities_only_form_and_imprint_are_judged() -> None:
    """A verifier who trusts nobody hears of a token over something else, and of nothing that needs trust."""
    alone = holder("Alone", purposes=STAMPS)
    source = FolderSource({**small(), "timestamp/3.tsr": token(alone, b"x"), "timestamp/4.tsr": token(alone, text(4))})
    found = verify(source, Policy(PIN))
    assert (said(found), found.stamped, found.anchored) == ([("timestamp", "timestamp/3.tsr", False)], 2, 0)


def test_the_first_authority_that_vouches_gives_its_name() -> None:
    """One that does not know the token is passed over, and one that lacks the root is refused when it is read."""
    one = house()
    others = read_authority("others", holder("Root", ca=True).pem)
    again = replace(one.trusted, name="again")
    stamps = {4: token(one.stamps, text(4), brings=(one.stamps, one.middle))}
    assert judged(stamps, others, one.trusted, again).anchored_by == "house"
    root_alone = read_authority("root alone", one.root.pem)
    assert judged(stamps, root_alone).anchored_by == "root alone"
    with pytest.raises(FormFault, match="no self-signed one"):
        read_authority("middle alone", one.middle.pem)


def test_a_token_without_certificates_needs_the_signers_in_the_verifiers_file() -> None:
    """Then it is judged as any other; where the file lacks it, nobody knows who signed."""
    one = house()
    bare = {4: token(one.stamps, text(4), brings=())}
    whole = read_authority("whole", one.root.pem + one.middle.pem + one.stamps.pem)
    assert fact(judged(bare, whole)) == (4, NOON, "whole")
    assert said(judged(bare)) == [("timestamp-unknown", "timestamp/4.tsr", True)]


@pytest.mark.parametrize("named", ["v1", "v2"])
def test_both_ways_to_name_a_certificate_are_read(named: str) -> None:
    """RFC 2634's attribute, with SHA-1, and RFC 5035's, with SHA-256."""
    assert judged({4: token(house().stamps, text(4), named=named)}).anchored == 4


def test_a_certificate_that_expired_since_vouches_for_its_time() -> None:
    """What counts is whether it was valid when it stamped."""
    past = AT - timedelta(days=3000)
    top = holder("Root", ca=True, since=past, until=past + timedelta(days=900))
    old = holder("Old", top, purposes=STAMPS, since=past, until=past + timedelta(days=100))
    stamp = token(old, text(4), at=f"{past + timedelta(days=50):%Y%m%d%H%M%S}.25Z")
    found = judged({4: stamp}, read_authority("old", top.pem))
    assert (found.anchored, found.anchored_at[:4]) == (4, "2018")


def test_without_the_library_it_is_said_that_nothing_was_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    """No silent zero: the finding names the command that installs it."""
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    found = judged({4: token(house().stamps, text(4))})
    assert (found.anchored, said(found)) == (0, [("timestamp-unjudged", "timestamp/4.tsr", False)])
    assert str(found.findings[0].hint) == 'pip install "cloudbooks[timestamp]"'


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_flipped_bit_is_found_or_changes_nothing_that_is_claimed(data: st.DataObject) -> None:
    """A token with any bit flipped anchors nothing, or says the same: some bytes stand outside of what is signed."""
    whole = _golden_like()
    place = data.draw(st.integers(0, 8 * len(whole) - 1))
    flipped = bytearray(whole)
    flipped[place // 8] ^= 1 << place % 8
    found = judged({4: bytes(flipped)})
    assert fact(found) in {(0, "", ""), (4, NOON, "house")}
    assert found.anchored == 4 or said(found)[0][0] in {"timestamp", "timestamp-unknown"}
    assert found.valid


@cache
def _golden_like() -> bytes:
    return token(house().stamps, text(4), brings=(house().stamps, house().middle))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_bytes_end_in_a_finding(data: st.DataObject) -> None:
    """A token cut off anywhere, or replaced by anything, raises nothing."""
    kept = data.draw(st.integers(0, len(_golden_like()) - 1))
    found = judged({4: _golden_like()[:kept] + data.draw(st.binary(max_size=40))})
    assert said(found) == [("timestamp", "timestamp/4.tsr", False)]


def test_a_token_of_openssl_is_good() -> None:
    """The token that `openssl ts -reply` made once is judged as it was, without any program."""
    read = timestamp.read((VECTORS / "3.tsr").read_bytes())
    trusted = read_authority("golden", (VECTORS / "authority.pem").read_bytes())
    assert read.imprint == hashlib.sha256((VECTORS / "checkpoint.txt").read_bytes()).digest()
    assert read.at.isoformat() == GOLDEN_TIME
    assert trusted.knows(read)
    assert trusted.vouches(read)
    assert not house().trusted.knows(read)


@pytest.mark.parametrize(
    ("pem", "why"),
    [
        (b"", "PEM blocks"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n", "PEM blocks"),
        (b"-----BEGIN CERTIFICATE-----\nAAA\n-----END CERTIFICATE-----\n", "base64"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "none of X.509"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", '"PRIVATE KEY"'),
    ],
)
def test_what_is_no_file_of_certificates_is_refused(pem: bytes, why: str) -> None:
    """Each is a fault of the policy that names the file, and a private key does not belong there."""
    with pytest.raises(FormFault, match=why) as fault:
        read_authority("house", pem)
    assert fault.value.code == "policy"
