"""A witness and a book that asks it, over a loopback socket; and what either side makes of a hostile other."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.books.small_book import ICBC, Seconds, small_book
from tests.chain.strategies import SeedSigner
from tests.peers.listeners import head, listening, said

from cloudbooks.books import asking_witness, drafting, posting
from cloudbooks.books.asking_witness import (
    WitnessAhead,
    WitnessContradicted,
    Witnessed,
    WitnessKeyNeeded,
    WitnessKeyUnfit,
    WitnessRefused,
    WitnessUnheard,
    ask_witness,
)
from cloudbooks.books.attending import Attendant, Told, WitnessLogsNone, WitnessLogsUnreadable, attend
from cloudbooks.books.desk import Desk
from cloudbooks.books.verifying import verify_this_book
from cloudbooks.chain import checkpoint as checkpoints
from cloudbooks.chain import note, witness
from cloudbooks.chain.merkle import consistency, leaf_hash, root
from cloudbooks.chain.note import Vkey
from cloudbooks.chain.witness import request_text
from cloudbooks.peers import web
from cloudbooks.peers.listening import Answer
from cloudbooks.peers.web import WebAddressUnfit, WebExtraMissing, WebUnreachable
from cloudbooks.store import log
from cloudbooks.system import files

VECTORS = Path(__file__).parents[1] / "chain" / "vectors"
WORKED: dict[str, Any] = json.loads((VECTORS / "worked" / "c2sp-worked.json").read_text(encoding="utf-8"))
LOG = Vkey.parse(WORKED["keys"]["log"]["vkey"])
LEAVES = [leaf_hash(text.encode()) for text in WORKED["merkle"]["leaves_ascii"]]
BODY: bytes = WORKED["witness"]["request"].encode()


class Fixed:
    """A clock that stands."""

    def now(self) -> datetime:
        """The same instant each time."""
        return datetime.fromtimestamp(1700000000, UTC)


def _attendant(state: Path, *keys: Vkey) -> Attendant:
    return Attendant(state, Fixed(), SeedSigner(2), "witness.example/w1", {LOG.name: keys or (LOG,)})


def _signed(leaves: list[bytes]) -> bytes:
    text = checkpoints.text(LOG.name, len(leaves), root(leaves))
    return f"{text}\n{note.sign(text, LOG.name, SeedSigner(1))}".encode()


def _request(old: int, leaves: list[bytes]) -> bytes:
    return request_text(old, consistency(leaves, old) if old else [], _signed(leaves))


def _posted(url: str, body: bytes) -> tuple[int, str, bytes]:
    """Status, type and body of what a witness answers."""
    answer, _, body_back = said(url, head(body) + body).partition(b"\r\n\r\n")
    lines = answer.decode().split("\r\n")
    kinds = [line.partition(": ")[2] for line in lines if line.startswith("Content-Type")]
    return int(lines[0].split()[1]), kinds[0], body_back


# The side of the witness


def test_the_example_is_answered_over_a_socket(tmp_path: Path) -> None:
    """From 3 to 7 the line of the specification comes back; what was stored else is told by 409 and its type."""
    with listening(_attendant(tmp_path).answer) as url:
        assert _posted(url, BODY) == (409, "text/x.tlog.size", b"0\n")
        assert _posted(url, _request(0, LEAVES[:3]))[0] == 200
        status, _, line = _posted(url, BODY)
        assert (status, line.decode()) == (200, WORKED["witness"]["response"])
        assert _posted(url, BODY) == (409, "text/x.tlog.size", b"7\n")
        assert _posted(url, _request(7, LEAVES))[2].decode() == WORKED["witness"]["response"]
    other = tmp_path / "other"
    with listening(_attendant(other).answer) as url:
        _posted(url, _request(0, LEAVES[:6]))
        assert _posted(url, BODY)[2].decode() == WORKED["witness"]["conflict_body_if_stored_is_6"]


def test_each_refusal_has_its_status_and_is_told_to_the_operator(tmp_path: Path) -> None:
    """400, 403, 404, 409, 422 in the order of the specification; an unknown origin is not repeated to anybody."""
    attendant, told = _attendant(tmp_path), list[Told]()
    attendant.tell = told.append
    attendant.answer(_request(0, LEAVES[:3]))
    changed = [*LEAVES[:2], leaf_hash(b"x"), *LEAVES[3:]]
    unknown = BODY.replace(b"019a9c3e", b"119a9c3e")
    asked = [b"", b"old 3\n\n", unknown, BODY.replace(b"oGciIsV", b"oGciIsW"), _request(4, LEAVES),
             request_text(9, [], _signed(LEAVES)),
             request_text(3, consistency(changed, 3), _signed(changed))]  # fmt: skip
    assert [attendant.answer(body).status for body in asked] == [400, 400, 404, 403, 409, 400, 422]
    assert [one.status for one in told] == [200, 400, 400, 404, 403, 409, 400, 422]
    assert [one.origin for one in told] == [LOG.name, "", "", "", *[LOG.name] * 4]


def test_a_contradiction_is_kept_as_it_was_signed(tmp_path: Path) -> None:
    """The first head that does not continue what was seen stays beside it: two signatures that cannot both be."""
    attendant = _attendant(tmp_path)
    attendant.answer(_request(0, LEAVES))
    changed = request_text(7, [], _signed([*LEAVES[:6], leaf_hash(b"x")]))
    assert attendant.answer(changed).status == 422
    assert attendant.answer(request_text(7, [], _signed([*LEAVES[:6], leaf_hash(b"y")]))).status == 422
    (kept,) = (tmp_path / "witness").glob("*.contradiction")
    assert kept.read_bytes() == changed
    seen = json.loads(kept.with_suffix("").read_bytes().split(b"\n")[0])
    assert seen["note"].encode() == _signed(LEAVES)


def test_of_two_that_race_from_the_same_size_one_is_signed(tmp_path: Path) -> None:
    """Two branches of one log from the same old size, from many threads and two witnesses that share a folder."""
    attendants = [_attendant(tmp_path), _attendant(tmp_path)]
    attendants[0].answer(_request(0, LEAVES[:3]))
    branches = [[*LEAVES[:3], leaf_hash(b"%d" % number)] for number in range(8)]
    barrier = threading.Barrier(len(branches))
    found: list[int] = []

    def ask(number: int) -> None:
        barrier.wait()
        found.append(attendants[number % 2].answer(_request(3, branches[number])).status)

    threads = [threading.Thread(target=ask, args=[number]) for number in range(len(branches))]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(found) == [200, *[409] * 7]


def test_damaged_memory_signs_nothing_and_says_so(tmp_path: Path) -> None:
    """500 to whoever asks, the code to the operator, and the file as it was."""
    attendant, told = _attendant(tmp_path), list[Told]()
    attendant.answer(_request(0, LEAVES[:3]))
    (kept,) = [path for path in (tmp_path / "witness").iterdir() if path.suffix != ".lock"]
    data = kept.read_bytes().replace(b'"size":3', b'"size":0')
    kept.write_bytes(data)
    attendant.tell = told.append
    for body in (_request(0, LEAVES), _request(3, LEAVES)):
        assert attendant.answer(body) == Answer(500)
    assert [one.fault.code for one in told if one.fault] == ["witness-state-damaged"] * 2
    assert kept.read_bytes() == data


def test_a_full_disk_signs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """500; when there is room again the witness goes on from where it was."""
    attendant = _attendant(tmp_path)
    attendant.answer(_request(0, LEAVES[:3]))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(files, "replace_whole", full)
        assert attendant.answer(BODY) == Answer(500)
        patch.setattr(files, "locked", full)
        assert attendant.answer(BODY) == Answer(500)
    assert attendant.answer(BODY).status == 200


KILLED = """
import os, signal, sys
from pathlib import Path
from cloudbooks.chain import witness
from cloudbooks.system import files
from tests.books.test_witness_exchange import LEAVES, _attendant, _request

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

where, state = sys.argv[1:]
if where == "before":
    files.replace = die
else:
    witness.cosign = die
print(_attendant(Path(state)).answer(_request(3, LEAVES)).status)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no such signal")
@pytest.mark.parametrize(("where", "kept"), [("before", 3), ("after", 7)])
def test_a_witness_that_is_killed_never_signs_two_histories(tmp_path: Path, where: str, kept: int) -> None:
    """Killed before the head is kept nothing was signed; killed after it, only that head or a longer one is ever."""
    _attendant(tmp_path).answer(_request(0, LEAVES[:3]))
    root_ = Path(__file__).parents[2]
    environment = os.environ | {"PYTHONPATH": f"{root_ / 'src'}{os.pathsep}{root_}"}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), where, str(tmp_path)],
        env=environment, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, b""), done.stderr
    again = _attendant(tmp_path)
    assert again.answer(_request(1, LEAVES)).body == b"%d\n" % kept
    other = [*LEAVES[:3], *[leaf_hash(b"other")] * 4]
    assert again.answer(request_text(kept, consistency(other, kept), _signed(other))).status == (
        200 if where == "before" else 422
    )


def test_a_witness_knows_logs_by_its_command_and_by_its_folder(tmp_path: Path) -> None:
    """Keys of both are trusted, by origin; none at all, or what is no key, is refused by name and line."""
    secret = (lambda: None, lambda: b"")
    with pytest.raises(WitnessLogsNone):
        attend(tmp_path, Fixed(), secret, [])
    listed = tmp_path / "witness" / "logs"
    listed.parent.mkdir()
    other = SeedSigner(5, LOG.name).vkey
    listed.write_text(f"# Acme\n{other}\n\n{LOG}\n", encoding="utf-8")
    attendant = attend(tmp_path, Fixed(), secret, [str(LOG)])
    assert attendant.logs == {LOG.name: (LOG, other)}
    assert attend(tmp_path, Fixed(), secret, []).key == attendant.key
    listed.write_text(f"{other}\n{LOG}x\n", encoding="utf-8")
    with pytest.raises(WitnessLogsUnreadable, match=r"logs:2 "):
        attend(tmp_path, Fixed(), secret, [])
    with pytest.raises(WitnessLogsUnreadable, match="type 01"):
        attend(tmp_path / "x", Fixed(), secret, [WORKED["keys"]["w1"]["vkey"]])
    assert not (tmp_path / "x").exists()


# The side of the book


def _post(desk: Desk, summary: str) -> None:
    drafting.add(desk, date(2026, 10, 20), summary, "5602", "5", ICBC)
    posting.post(desk, [], everything=True)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A book with two blocks."""
    made = small_book(tmp_path / "a")
    _post(made, "paper")
    return made


def _first_key(desk: Desk) -> Vkey:
    return Vkey.parse(verify_this_book(desk).verdict.first_key)


@contextmanager
def _witness(desk: Desk, state: Path, seed: int = 2) -> Iterator[tuple[str, str]]:
    """The URL and key of a witness that knows a book."""
    key = _first_key(desk)
    attendant = Attendant(state, Seconds(), SeedSigner(seed), f"witness.example/w{seed}", {key.name: (key,)})
    with listening(attendant.answer) as url:
        yield url, str(attendant.key)


def _ask(desk: Desk, url: str, key: str) -> Witnessed:
    return ask_witness(desk, url, (key,), None)


def _kept(desk: Desk) -> list[int]:
    with desk.open() as book:
        return [size for size, _, _ in log.StoredLog(book).cosignatures()]


def test_a_book_is_cosigned_as_it_grows(desk: Desk, tmp_path: Path) -> None:
    """First, again, and grown; the lines are kept and the quorum of a policy counts them."""
    with _witness(desk, tmp_path / "w") as (url, key):
        first = _ask(desk, url, key)
        assert (first.size, first.before, str(first.cosignatures[0].key)) == (2, 0, key)
        assert _ask(desk, f"{url}/", key).before == 2
        _post(desk, "ink")
        _post(desk, "pens")
        assert (_ask(desk, url, key).size, _kept(desk)) == (4, [2, 4])
    policy = tmp_path / "policy"
    policy.write_text(f"witness A {key}\nquorum A\n", encoding="utf-8")
    verified = verify_this_book(desk, policy=policy, require=("signed", "witnessed"))
    assert (verified.verdict.witnessed, verified.missing, verified.verdict.findings) == (4, (), ())


def test_the_size_that_a_witness_names_is_taken_up(desk: Desk, tmp_path: Path) -> None:
    """A book that lost the cosignature learns by the 409 from where to prove."""
    shutil.copytree(desk.book.parent, tmp_path / "twin")
    twin = Desk(tmp_path / "twin" / "acme.cbk", tmp_path / "twin" / "home", Seconds(), "test", lambda: b"")
    with _witness(desk, tmp_path / "w") as (url, key):
        _ask(desk, url, key)
        _post(twin, "ink")
        assert (_ask(twin, url, key).before, _kept(twin)) == (2, [3])


def test_an_older_copy_and_another_history_are_told_apart(desk: Desk, tmp_path: Path) -> None:
    """A copy with fewer blocks is told to sync; one that went another way is told that there are two histories."""
    for name in ("older", "other"):
        shutil.copytree(desk.book.parent, tmp_path / name)
    older, other = (
        Desk(tmp_path / name / "acme.cbk", tmp_path / name / "home", Seconds(), "test", lambda: b"")
        for name in ("older", "other")
    )
    _post(desk, "here")
    _post(other, "there")
    with _witness(desk, tmp_path / "w") as (url, key):
        _ask(desk, url, key)
        with pytest.raises(WitnessAhead, match="cosigned 3 blocks of this log, and 2"):
            _ask(older, url, key)
        for summary in ("the same size", "longer"):
            with pytest.raises(WitnessContradicted):
                _ask(other, url, key)
            _post(other, summary)
    assert (_kept(older), _kept(other)) == ([], [])


def test_who_is_not_known_is_told_what_to_give(desk: Desk, tmp_path: Path) -> None:
    """404 for another log's witness, 403 where the member who signed is unknown to it."""
    key = _first_key(desk)
    stranger = SeedSigner(9, key.name).vkey
    for logs, status in (({LOG.name: (LOG,)}, 404), ({key.name: (stranger,)}, 403)):
        attendant = Attendant(tmp_path / "w", Seconds(), SeedSigner(2), "w", logs)
        with listening(attendant.answer) as url, pytest.raises(WitnessRefused, match=str(status)):
            _ask(desk, url, str(attendant.key))


def test_the_answer_does_not_choose_its_judge(desk: Desk, tmp_path: Path) -> None:
    """Without a key nothing is asked; a cosignature by another key than the trusted one is not kept."""
    with _witness(desk, tmp_path / "w") as (url, key):
        with pytest.raises(WitnessKeyNeeded):
            ask_witness(desk, url, (), None)
        for unfit in ("x", str(_first_key(desk))):
            with pytest.raises(WitnessKeyUnfit):
                _ask(desk, url, unfit)
        with pytest.raises(WitnessUnheard, match="no key that is trusted"):
            _ask(desk, url, WORKED["keys"]["w2"]["vkey"])
        policy = tmp_path / "policy"
        policy.write_text(f"witness A {WORKED['keys']['w2']['vkey']}\nwitness B {key}\nquorum none\n", "utf-8")
        assert str(ask_witness(desk, url, (), policy).cosignatures[0].key) == key
    assert _kept(desk) == [2]


W1 = str(witness.cosignature_key(SeedSigner(2), "w"))
Act = Callable[[bytes], Answer]


def _line_over(body: bytes, signer: SeedSigner, *, flip: bool = False) -> bytes:
    request = witness.read_request(body)
    line = witness.cosign(request.checkpoint, signer, witness.cosignature_key(signer, "w"), 1700000000)
    return (line[:-10] + ("A" if line[-10] != "A" else "B") + line[-9:] if flip else line).encode()


HOSTILE: dict[str, tuple[Act, type[Exception]]] = {
    "nothing": (lambda _: Answer(200), WitnessUnheard),
    "no line end": (lambda body: Answer(200, _line_over(body, SeedSigner(2))[:-1]), WitnessUnheard),
    "garbage": (lambda _: Answer(200, b"\xff\xfe\n"), WitnessUnheard),
    "text": (lambda _: Answer(200, b"signed, sealed\n"), WitnessUnheard),
    "another's": (lambda body: Answer(200, _line_over(body, SeedSigner(3))), WitnessUnheard),
    "forged": (lambda body: Answer(200, _line_over(body, SeedSigner(2), flip=True)), WitnessUnheard),
    "forged behind a true one": (
        lambda body: Answer(200, _line_over(body, SeedSigner(2)) + _line_over(body, SeedSigner(2), flip=True)),
        WitnessUnheard,
    ),
    "of another head": (lambda _: Answer(200, WORKED["witness"]["response"].encode()), WitnessUnheard),
    "a line of each of thousands": (
        lambda body: Answer(200, b"".join(_line_over(body, SeedSigner(3)) for _ in range(70))),
        WitnessUnheard,
    ),
    "too much": (lambda _: Answer(200, b"x" * (asking_witness.ANSWER_BYTES_MAX + 1)), WebUnreachable),
    "no size": (lambda _: Answer(409, b"2\n"), WitnessUnheard),
    "no number": (lambda _: Answer(409, b"2.0\n", "text/x.tlog.size"), WitnessUnheard),
    "digits of another script": (lambda _: Answer(409, "٢\n".encode(), "text/x.tlog.size"), WitnessUnheard),
    "a million digits": (lambda _: Answer(409, b"9" * 100_000, "text/x.tlog.size"), WitnessUnheard),
    "more than there is": (lambda _: Answer(409, b"9\n", "text/x.tlog.size"), WitnessAhead),
    "never the size it named": (lambda _: Answer(409, b"1\n", "text/x.tlog.size"), WitnessRefused),
    "its own trouble": (lambda _: Answer(500), WitnessRefused),
    "busy": (lambda _: Answer(503), WitnessRefused),
    "no status of a witness": (lambda _: Answer(405), WitnessUnheard),
    "not our words": (lambda _: Answer(400), WitnessRefused),
    "two histories": (lambda _: Answer(422), WitnessContradicted),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_witness_leaves_the_book_as_it_was(what: str, desk: Desk) -> None:
    """Each answer is refused by name, and not a byte of the book changes."""
    act, fault = HOSTILE[what]
    before = desk.book.read_bytes()
    with listening(act) as url, pytest.raises(fault):
        _ask(desk, url, W1)
    assert desk.book.read_bytes() == before


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nxx",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"",
    ],
)
def test_what_is_no_answer_in_full_is_told(answer: bytes, desk: Desk) -> None:
    """Redirects are not followed, packed answers not unpacked, cut ones not taken."""

    class Raw(Answer):
        """An answer of these very bytes."""

        @property
        def wire(self) -> bytes:
            return answer

    with listening(lambda _: Raw(200)) as url, pytest.raises((WebUnreachable, WitnessUnheard)):
        _ask(desk, url, W1)


def test_a_witness_that_drips_is_left_at_the_deadline(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """One deadline for all of it, which no byte puts off."""
    monkeypatch.setattr(web, "SECONDS_MAX", 0.5)
    go_on = threading.Event()

    def wait(_: bytes) -> Answer:
        go_on.wait(5)
        return Answer(200)

    with listening(wait) as url:
        with pytest.raises(WebUnreachable, match="took more than"):
            _ask(desk, url, W1)
        go_on.set()


def test_without_the_library_the_extra_is_named(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command that installs it, and nothing was asked."""
    monkeypatch.setitem(sys.modules, "httpx2", None)
    with pytest.raises(WebExtraMissing) as missing:
        _ask(desk, "http://127.0.0.1:1", W1)
    assert missing.value.code == "web-extra-missing"
    assert "cloudbooks[http]" in str(missing.value.hint)


@pytest.mark.parametrize("url", ["http://example.org", "http://192.0.2.1", "ftp://127.0.0.1", "127.0.0.1:8041", "https://",
                                 "https://a:b@example.org", "https://example.org/?x", "https://exa mple.org",
                                 "http://127.0.0.1.example.org", "http://[::1", "http://127.0.0.1:99999999",
                                 "file:///etc/passwd", "https://例子.org", ""])  # fmt: skip
def test_only_https_and_this_machine_are_asked(url: str, desk: Desk) -> None:
    """No other scheme, no password in a URL, no host that only begins like this machine."""
    with pytest.raises(WebAddressUnfit):
        _ask(desk, url, W1)
