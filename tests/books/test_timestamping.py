"""Timestamps of a real authority on this machine: asked for, kept, carried, judged; and of one that does wrong."""

from __future__ import annotations

import hashlib
import shutil
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tests.books.small_book import ICBC, small_book
from tests.books.tsa import REPLY, Answer, Reply, Tsa, serving
from tests.chain.stamping import STAMPS, answer, asked, holder, token

from cloudbooks.books import drafting, posting, syncing, timestamping
from cloudbooks.books.auditing import pack
from cloudbooks.books.desk import Desk
from cloudbooks.books.exporting import export_chain
from cloudbooks.books.peering import add_peer
from cloudbooks.books.timestamping import (
    AuthorityUnjudged,
    HeadNotSigned,
    Stamped,
    StampedAlready,
    TimestampExtraMissing,
    TwoJudges,
    stamp,
)
from cloudbooks.books.verifying import PolicyUnreadable, Verified, verify_folder, verify_this_book
from cloudbooks.chain import timestamp
from cloudbooks.chain.checkpoint import Checkpoint
from cloudbooks.chain.proof import Proof
from cloudbooks.chain.proof_checking import check
from cloudbooks.core.filter import parse
from cloudbooks.peers import layout, web
from cloudbooks.peers.layout import FolderLog
from cloudbooks.peers.timestamping import ANSWER_BYTES_MAX, AuthorityAnswer
from cloudbooks.peers.web import WebAddressUnfit, WebExtraMissing, WebUnreachable
from cloudbooks.store import keeping_log, log


@pytest.fixture(scope="module")
def tsa(tmp_path_factory: pytest.TempPathFactory) -> Tsa:
    """One authority for all tests: making keys takes a while."""
    return Tsa(tmp_path_factory.mktemp("authority") / "tsa")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A book with two blocks."""
    made = small_book(tmp_path / "a")
    _post(made, "paper")
    return made


def _post(desk: Desk, summary: str) -> None:
    drafting.add(desk, date(2026, 10, 20), summary, "5602", "5", ICBC)
    posting.post(desk, [], everything=True)


def _stamp(desk: Desk, tsa: Tsa) -> Stamped:
    with serving(lambda request: Reply(tsa.reply(request))) as url:
        return stamp(desk, url, certificates=tsa.certificates)


def _policy(folder: Path, certificates: Path) -> Path:
    shutil.copy(certificates, folder / "house.pem")
    file = folder / "policy"
    file.write_text("authority house house.pem\nquorum none\n", encoding="ascii")
    return file


def _fact(found: Verified) -> tuple[int, str, str]:
    verdict = found.verdict
    return verdict.anchored, verdict.anchored_at, verdict.anchored_by


def _kept(desk: Desk) -> list[int]:
    with desk.open() as book:
        return log.StoredLog(book).stamped()


def test_a_book_is_stamped_exported_and_judged_by_whoever_trusts_the_authority(
    desk: Desk, tsa: Tsa, tmp_path: Path
) -> None:
    """Book and folder say the same: anchored as far as it was stamped, and the program `openssl` agrees."""
    done = _stamp(desk, tsa)
    policy = _policy(tmp_path, tsa.certificates)
    anchored = (2, done.at, "house")
    assert (done.size, done.by) == (2, str(tsa.certificates))
    assert _fact(verify_this_book(desk, policy=policy, require=("anchored",))) == anchored
    _post(desk, "ink")
    folder = export_chain(desk, tmp_path / "log").folder
    judged = verify_folder(folder, policy=policy, require=("anchored",))
    assert (_fact(judged), judged.missing, judged.exit_status) == (anchored, ("anchored",), 4)
    assert _fact(verify_folder(folder)) == (0, "", "")
    newer = _stamp(desk, tsa)
    export_chain(desk, folder)
    assert _fact(verify_folder(folder, policy=policy)) == (3, newer.at, "house")
    claimed = Checkpoint.read((folder / "checkpoint").read_bytes(), f"cloudbooks/{done.book}").note.text
    digest = hashlib.sha256(claimed.encode()).hexdigest()
    seconds = int(datetime.fromisoformat(newer.at).timestamp())
    assert tsa.verifies(folder / "timestamp" / "3.tsr", digest, seconds)


def test_a_head_is_stamped_once(desk: Desk, tsa: Tsa) -> None:
    """The first timestamp says the most, and nobody is asked for a second."""
    done = _stamp(desk, tsa)
    with pytest.raises(StampedAlready, match=done.at):
        stamp(desk, "http://127.0.0.1:1")


def test_only_a_signed_head_is_stamped(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkpoint that ends before the last block is no head."""
    monkeypatch.setattr(log, "signed_size", lambda _: 1)
    with pytest.raises(HeadNotSigned) as refused:
        stamp(desk, "http://127.0.0.1:1")
    assert str(refused.value.hint) == "cloudbooks sync or the next cloudbooks post signs one"


def test_without_judges_the_signature_is_not_judged_and_the_rest_is(desk: Desk, tsa: Tsa) -> None:
    """Nobody is named as vouching; the token is kept, since its imprint and nonce are right."""
    with serving(lambda request: Reply(tsa.reply(request))) as url:
        assert stamp(desk, url).by == ""
    assert _kept(desk) == [2]


def test_who_judges_is_said_once_and_must_be_readable(desk: Desk, tsa: Tsa, tmp_path: Path) -> None:
    """A policy and certificates are two judges; a file that is none is refused before anybody is asked."""
    nowhere = "http://127.0.0.1:1"
    policy = _policy(tmp_path, tsa.certificates)
    with pytest.raises(TwoJudges):
        stamp(desk, nowhere, policy=policy, certificates=tsa.certificates)
    with pytest.raises(PolicyUnreadable):
        stamp(desk, nowhere, certificates=tmp_path / "nothing.pem")
    policy.write_text("quorum none\nauthority house other.pem\n", encoding="ascii")
    with pytest.raises(PolicyUnreadable, match=r"policy:2 is no policy: other.pem: there is no such file."):
        stamp(desk, nowhere, policy=policy)


def test_without_the_library_the_command_that_installs_it_is_named(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anybody is asked."""
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    with pytest.raises(TimestampExtraMissing) as refused:
        stamp(desk, "http://127.0.0.1:1")
    assert str(refused.value.hint) == 'pip install "cloudbooks[timestamp]"'


def test_without_the_library_for_the_web_so_is_its_command(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra of timestamps brings both libraries; one of them alone asks nobody."""
    monkeypatch.setitem(sys.modules, "httpx2", None)
    with pytest.raises(WebExtraMissing):
        stamp(desk, "http://127.0.0.1:1")


@pytest.mark.parametrize(
    "url", ["ftp://127.0.0.1/", "https://me:secret@tsa.example/", "http://me@tsa.example/", "tsa.example", ""]
)
def test_what_is_no_address_is_not_asked(desk: Desk, tsa: Tsa, url: str) -> None:
    """An address with a password in it is none; whoever judges."""
    for certificates in (None, tsa.certificates):
        with pytest.raises(WebAddressUnfit):
            stamp(desk, url, certificates=certificates)


def test_over_http_an_authority_is_asked_only_where_its_answer_is_judged(
    desk: Desk, tsa: Tsa, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anybody on the way may answer then, and a slot is filled once; many authorities speak nothing else."""
    asked: list[tuple[str, bool]] = []

    def ask(url: str, request: bytes, *, judged: bool) -> bytes:
        asked.append((url, judged))
        return tsa.reply(request)

    monkeypatch.setattr("cloudbooks.peers.timestamping.ask", ask)
    with pytest.raises(AuthorityUnjudged):
        stamp(desk, "http://tsa.example/")
    assert asked == []
    stamp(desk, "http://tsa.example/", certificates=tsa.certificates)
    assert asked == [("http://tsa.example/", True)]


def _dripping(_: bytes) -> Iterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n"
    for _second in range(50):
        time.sleep(0.1)
        yield b"X"


def _endless(_: bytes) -> Iterator[bytes]:
    yield f"HTTP/1.1 200 OK\r\nContent-Type: {REPLY}\r\n\r\n".encode()
    for _part in range(100):
        yield bytes(ANSWER_BYTES_MAX // 10)


def _typed(**headers: str) -> Answer:
    return lambda _: Reply(b"x", headers={name.replace("_", "-"): value for name, value in headers.items()})


WRONG_IN_HTTP: dict[str, tuple[Answer, type[Exception], str]] = {
    "drips its headers": (_dripping, WebUnreachable, "more than 1 seconds"),
    "does not end": (_endless, WebUnreachable, "more than 69,632 bytes"),
    "says nothing": (lambda _: iter(()), WebUnreachable, "did not answer"),
    "packs its answer": (_typed(Content_Type=REPLY, Content_Encoding="gzip"), WebUnreachable, "packed"),
    "is busy": (lambda _: Reply(b"", 503), AuthorityAnswer, "HTTP status 503"),
    "leads elsewhere": (lambda _: Reply(b"", 302, {"Location": "http://127.0.0.1:1/"}), AuthorityAnswer, "302"),
    "answers a page": (_typed(Content_Type="text/html; charset=utf-8"), AuthorityAnswer, '"text/html"'),
    "answers nonsense": (_typed(Content_Type=REPLY), AuthorityAnswer, "no answer of a timestamp authority"),
    "refuses": (
        lambda _: Reply(answer(status=2, words="no such \x1b[2J day")),
        AuthorityAnswer,
        r'refused with status 2, "no such',
    ),
    "grants nothing": (lambda _: Reply(answer()), AuthorityAnswer, "no answer of a timestamp authority"),
    "grants no token": (lambda _: Reply(answer(b"\x30\x00")), AuthorityAnswer, "no timestamp token"),
}


@pytest.mark.parametrize("wrong", sorted(WRONG_IN_HTTP))
def test_an_authority_that_does_not_speak_the_protocol_leaves_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    """Each is told in its own words, within the time that is given, and nothing is kept."""
    monkeypatch.setattr(web, "SECONDS_MAX", 1.0)
    said, kind, words = WRONG_IN_HTTP[wrong]
    begun = time.monotonic()
    with serving(said) as url, pytest.raises(kind, match=words):
        stamp(desk, url)
    assert (_kept(desk), time.monotonic() - begun < 30) == ([], True)


def test_an_authority_that_is_not_there_or_silent_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that nobody hears, and one that takes the question and never answers."""
    monkeypatch.setattr(web, "SECONDS_MAX", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with pytest.raises(WebUnreachable, match="more than 1 seconds"):
            stamp(desk, f"http://127.0.0.1:{silent.getsockname()[1]}")
        closed = silent.getsockname()[1]
    with pytest.raises(WebUnreachable) as refused:
        stamp(desk, f"http://127.0.0.1:{closed}")
    assert refused.value.exit_status == 5
    assert _kept(desk) == []


def test_an_authority_that_lies_is_told_and_nothing_is_kept(desk: Desk, tsa: Tsa, tmp_path: Path) -> None:
    """Another imprint, an answer given before, and a signature that the trusted authority did not make."""
    other = Tsa(tmp_path / "other")
    again: list[bytes] = []

    def replayed(request: bytes) -> Reply:
        again.append(tsa.reply(request))
        return Reply(again[0])

    def of_something_else(request: bytes) -> Reply:
        return Reply(tsa.reply(request.replace(asked(request)[0], bytes(32))))

    with serving(of_something_else) as url, pytest.raises(AuthorityAnswer, match="something else"):
        stamp(desk, url)
    with serving(lambda request: Reply(other.reply(request))) as url:
        with pytest.raises(AuthorityAnswer, match="no authority that you trust"):
            stamp(desk, url, certificates=tsa.certificates)
        with pytest.raises(AuthorityAnswer, match="no authority that you trust"):
            stamp(desk, url, policy=_policy(tmp_path, tsa.certificates))
    with (
        serving(lambda request: Reply(_forged(tsa.reply(request)))) as url,
        pytest.raises(AuthorityAnswer, match="does not vouch"),
    ):
        stamp(desk, url, certificates=tsa.certificates)
    with serving(replayed) as url:
        with pytest.raises(AuthorityAnswer, match="no authority that you trust"):
            stamp(desk, url, certificates=other.certificates)
        with pytest.raises(AuthorityAnswer, match="nonce"):
            stamp(desk, url)
    assert _kept(desk) == []


def _forged(reply: bytes) -> bytes:
    """An answer whose last byte, which is one of the signature's, is another."""
    return reply[:-1] + bytes([reply[-1] ^ 1])


def test_what_changed_while_the_authority_was_asked_is_not_stamped(
    desk: Desk, tsa: Tsa, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The book is free meanwhile; a token over a root that this log does not have any more is not kept."""
    monkeypatch.setattr(keeping_log, "root_at", lambda _book, _size: bytes(32))
    with (
        serving(lambda request: Reply(tsa.reply(request))) as url,
        pytest.raises(HeadNotSigned),
    ):
        stamp(desk, url)
    assert _kept(desk) == []


def test_a_damaged_token_is_found_where_it_is_kept(desk: Desk, tsa: Tsa, tmp_path: Path) -> None:
    """A token in a folder that was changed fails; a name that is none is stray; a link is not followed."""
    _stamp(desk, tsa)
    folder = export_chain(desk, tmp_path / "log").folder
    place = folder / "timestamp" / "2.tsr"
    data = bytearray(place.read_bytes())
    data[-1] ^= 1
    place.write_bytes(data)
    (folder / "timestamp" / "02.tsr").write_bytes(b"")
    (folder / "timestamp" / "1.tsr").symlink_to(place)
    found = verify_folder(folder, policy=_policy(tmp_path, tsa.certificates))
    assert [(one.code, one.where) for one in found.verdict.findings] == [
        ("timestamp", "timestamp/2.tsr"),
        ("stray", "log"),
    ]
    assert found.exit_status == 1


def test_timestamps_travel_between_copies(desk: Desk, tsa: Tsa, tmp_path: Path) -> None:
    """A sync gives the folder ours and takes the others'; a second one has nothing new; a bad one is told, not kept."""
    shared = tmp_path / "shared"
    shared.mkdir()
    add_peer(desk, "office", str(shared))
    _stamp(desk, tsa)
    (first,) = syncing.sync(desk)
    assert (first.stamps_sent, first.stamps_taken, first.fault) == (1, 0, None)
    (second,) = syncing.sync(desk)
    assert (second.stamps_sent, second.changed) == (0, False)
    _post(desk, "ink")
    kept = FolderLog(shared).timestamp(2)
    assert kept is not None
    (shared / "timestamp" / "1.tsr").write_bytes(kept)
    third = syncing.pull(desk, "office")
    assert (third.stamps_taken, [one.code for one in third.findings]) == (0, ["peer-timestamp"])
    assert _kept(desk) == [2]


def test_a_token_that_another_copy_asked_for_comes_in(desk: Desk, tsa: Tsa, tmp_path: Path) -> None:
    """Pull takes it, and gives none; then it is exported and backed up from here too."""
    shared = tmp_path / "shared"
    shared.mkdir()
    add_peer(desk, "office", str(shared))
    syncing.sync(desk)
    twin = tmp_path / "twin"
    shutil.copytree(tmp_path / "a", twin)
    other = Desk(twin / "acme.cbk", twin / "home", desk.clock, "test", lambda: b"")
    done = _stamp(other, tsa)
    assert syncing.push(other, "office").stamps_sent == 1
    pulled = syncing.pull(desk, "office")
    assert (pulled.stamps_taken, pulled.stamps_sent, _kept(desk)) == (1, 0, [2])
    policy = _policy(tmp_path, tsa.certificates)
    assert _fact(verify_this_book(desk, policy=policy)) == (2, done.at, "house")


def test_a_desk_that_trusts_somebody_takes_only_what_they_vouch_for(
    desk: Desk, tsa: Tsa, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slot is filled once: nobody's token must not take the place of a good one. Each reason is told."""
    shared = tmp_path / "shared"
    shared.mkdir()
    add_peer(desk, "office", str(shared))
    syncing.sync(desk)
    with desk.open() as book:
        covered = timestamp.stamped_text(f"cloudbooks/{book.id}", 2, log.root_at(book, 2))
    (shared / "timestamp").mkdir()
    (shared / "timestamp" / "2.tsr").write_bytes(token(holder("Alone", purposes=STAMPS), covered))
    trusting = replace(desk, policy=_policy(tmp_path, tsa.certificates))

    def told() -> str:
        done = syncing.pull(trusting, "office")
        assert (done.stamps_taken, done.fault, [one.code for one in done.findings]) == (0, None, ["peer-timestamp"])
        return str(done.findings[0].message)

    assert "no authority of your policy vouches for it." in told()
    (shared / "timestamp" / "2.tsr").write_bytes(timestamp.token_of(tsa.reply(_request(covered))))
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    assert told() == "What judges a timestamp is not installed."
    (tmp_path / "house.pem").unlink()
    assert "house.pem: there is no such file." in told()
    monkeypatch.setattr(layout, "TIMESTAMPS_MAX", 0)
    assert told() == "it lists more timestamps than any log has; none was taken or sent."
    monkeypatch.undo()
    assert syncing.pull(desk, "office").stamps_taken == 1


def _request(covered: bytes) -> bytes:
    return timestamping._request(covered).as_bytes()


def test_an_audit_pack_holds_the_timestamp_of_its_checkpoint(desk: Desk, tsa: Tsa) -> None:
    """Beside the text that it covers, so that `openssl` alone judges it, and a proof that the log grew from there."""
    done = _stamp(desk, tsa)
    files = pack(desk, parse(""), None).files
    token = timestamp.read(files["timestamp/2.tsr"])
    assert token.imprint == hashlib.sha256(files["timestamp/2.txt"]).digest()
    assert token.at == datetime.fromisoformat(done.at).astimezone(UTC)
    assert "openssl ts -verify" in files["README.txt"].decode()
    _post(desk, "ink")
    later = pack(desk, parse(""), None).files
    assert later["timestamp/2.tsr"] == files["timestamp/2.tsr"]
    assert check(Proof.read(later["timestamp/2.proof"]), None).claim.kind == "growth"
