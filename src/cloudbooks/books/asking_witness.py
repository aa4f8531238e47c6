"""`chain cosign --witness URL`: a witness elsewhere is asked to cosign the head of this book.

Only a cosignature that verifies by a key that the user trusts already is kept: the witness who answers does not choose
the key that it is judged by.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from cloudbooks.books.desk import Desk
from cloudbooks.books.verifying import policy_of
from cloudbooks.chain import checkpoint as checkpoints
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.checkpoint import Checkpoint, Cosignature, origin
from cloudbooks.chain.merkle import SIZE_MAX, consistency_by
from cloudbooks.chain.note import COSIGNATURE, LINES_MAX, Signature, Vkey
from cloudbooks.chain.witness import request_text
from cloudbooks.core.text import cut
from cloudbooks.errors import ChainFault, PeerFault, Sentence, UsageError, sentence
from cloudbooks.peers import web
from cloudbooks.peers.web import WebAnswer
from cloudbooks.store import keeping_log, log
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.proving import NotSignedYet

ANSWER_BYTES_MAX = 256 << 10
_SIZE_TYPE = "text/x.tlog.size"
_SERVER_FAULTS = range(500, 600)
_DIGITS_MAX = len(str(SIZE_MAX))


class WitnessKeyNeeded(UsageError):
    """A witness was to be asked, and nothing says by which key its answer is judged."""

    code = "witness-key-needed"

    def __init__(self) -> None:
        super().__init__(
            sentence("nothing says by which key the witness is known; nothing was asked."),
            hint=sentence("add --key VKEY, as its operator tells it, or --policy FILE with a line of it"),
        )


class WitnessKeyUnfit(UsageError):
    """What was given as the key of a witness is no verifier key for cosignatures."""

    code = "witness-key-unfit"

    def __init__(self, text: str) -> None:
        super().__init__(
            sentence('"{text}" is no key of a witness.', text=cut(text, 200)),
            hint=sentence("a witness says its key, NAME+ID+KEY, when it begins; a member's key is another one"),
        )


class WitnessRefused(PeerFault):
    """A witness does not cosign the head: it does not know the log or its signer, or took the request for none."""

    code = "witness-refused"

    def __init__(self, url: str, status: int, why: Sentence, hint: Sentence) -> None:
        super().__init__(
            sentence("{url} cosigned nothing (HTTP {status}): {why}", url=url, status=status, why=why), hint=hint
        )


class WitnessAhead(PeerFault):
    """A witness has cosigned more blocks of the log than this book has."""

    code = "witness-ahead"

    def __init__(self, url: str, size: int, there: int) -> None:
        super().__init__(
            sentence("{url} has cosigned {there} blocks of this log, and {size} are signed here.", url=url, size=size,
                     there=there),
            hint=sentence("cloudbooks sync; if that brings none, this is an older copy of the book"),
        )  # fmt: skip


class WitnessContradicted(ChainFault):
    """A witness has cosigned another history of this log: the head here did not grow out of what it saw."""

    code = "witness-contradicted"

    def __init__(self, url: str, size: int, old: int) -> None:
        super().__init__(
            sentence(
                "{url} has cosigned {old} blocks of this log, and the {size} blocks here do not continue them: there"
                " are two histories.", url=url, size=size, old=old,
            ),
            hint=sentence("cloudbooks peer status; ask the witness for the head that it kept, and compare"),
        )  # fmt: skip


class WitnessUnheard(PeerFault):
    """What a witness answered is no answer of a witness, or holds no cosignature by a key that is trusted."""

    code = "witness-unheard"

    def __init__(self, url: str, why: Sentence) -> None:
        super().__init__(
            sentence("the answer of {url} counts for nothing: {why}", url=url, why=why),
            hint=sentence("compare the URL and the key with what the witness's operator says"),
        )


@dataclass(frozen=True, slots=True)
class Witnessed:
    """What a witness cosigned: how many blocks, of which `before` it had cosigned before, by which keys, and when."""

    book: str
    url: str
    size: int
    before: int
    cosignatures: tuple[Cosignature, ...]


def ask_witness(desk: Desk, url: str, keys: tuple[str, ...], policy: Path | None) -> Witnessed:
    """Ask the witness at a URL, which `/add-checkpoint` is added to, to cosign the signed head; keep what it signed.

    `keys` are verifier keys that the user trusts, and a `policy` file's witnesses are so too. Raises
    `WitnessKeyNeeded`, `PolicyUnreadable`, `WitnessKeyUnfit`, `NotSignedYet`, the faults of this module, and those of
    `peers.web`; then nothing was kept.
    """
    with desk.open() as book:
        trusted = _trusted(book, keys, policy)
        asked = _Asked(book, web.address(url).rstrip("/"))
        old = max((size for size, id_, _ in log.StoredLog(book).cosignatures() if _is_of(id_, trusted)), default=0)
        answer = asked.answer(min(old, asked.checkpoint.size))
        if answer.status == HTTPStatus.CONFLICT:
            old = asked.size_told(answer)
            answer = asked.answer(old)
        asked.require_signed(answer, old)
        found = asked.cosignatures(answer, trusted)
        for signature, _ in found:
            keeping_log.keep_cosignature(book, asked.checkpoint.size, str(signature).encode())
        return Witnessed(book.id, asked.url, asked.checkpoint.size, old, tuple(one for _, one in found))


def _trusted(book: BookFile, words: Iterable[str], policy: Path | None) -> tuple[Vkey, ...]:
    """The keys for cosignatures by which a witness is known."""
    keys = []
    for word in words:
        try:
            key = Vkey.parse(word)
        except FormFault:
            raise WitnessKeyUnfit(word) from None
        if key.type != COSIGNATURE:
            raise WitnessKeyUnfit(word)
        keys.append(key)
    if policy is not None:
        keys += [key for key in policy_of(policy, origin(book.id)).witnesses if key.type == COSIGNATURE]
    if not keys:
        raise WitnessKeyNeeded
    return tuple(keys)


def _is_of(key_id: str, trusted: tuple[Vkey, ...]) -> bool:
    return any(key.key_id.hex() == key_id for key in trusted)


class _Asked:
    """A head that a witness is asked to cosign."""

    def __init__(self, book: BookFile, url: str) -> None:
        note = log.StoredLog(book).checkpoint()
        if note is None:
            raise NotSignedYet(0, 0)
        self.url = url
        self.checkpoint = Checkpoint.read(note, origin(book.id))
        self._note = note
        self._book = book

    def answer(self, old: int) -> WebAnswer:
        """What the witness says to the head, with the proof that it grew out of the first `old` blocks."""
        size = self.checkpoint.size
        proof = consistency_by(lambda start, end: log.root_over(self._book, start, end), old, size) if old else []
        body = request_text(old, proof, self._note)
        return web.post(f"{self.url}/add-checkpoint", body, type_="text/plain; charset=utf-8", most=ANSWER_BYTES_MAX)

    def size_told(self, answer: WebAnswer) -> int:
        """The size that a witness says to have cosigned; raises `WitnessUnheard`, `WitnessAhead`."""
        digits = answer.body.removesuffix(b"\n")
        fits = digits.isdigit() and len(digits) <= _DIGITS_MAX and (digits == b"0" or digits[:1] != b"0")
        if answer.type.partition(";")[0].strip() != _SIZE_TYPE or not fits:
            raise WitnessUnheard(self.url, sentence("it names no size that it has cosigned."))
        if int(digits) > self.checkpoint.size:
            raise WitnessAhead(self.url, self.checkpoint.size, int(digits))
        return int(digits)

    def require_signed(self, answer: WebAnswer, old: int) -> None:
        """Say what a status means; raises `WitnessRefused`, `WitnessContradicted`, `WitnessUnheard`."""
        if answer.status == HTTPStatus.OK:
            return
        if answer.status == HTTPStatus.UNPROCESSABLE_ENTITY:
            raise WitnessContradicted(self.url, self.checkpoint.size, old)
        keys = sentence("give its operator the keys of all who sign: cloudbooks member list --json")
        said = {
            400: (sentence("it takes the request for none of the form that it reads."),
                  sentence("compare the URL with what its operator says; it may speak another version")),
            403: (sentence("it trusts no key that signed this head."), keys),
            404: (sentence("it does not know this log, or no witness is at this address."), keys),
            409: (sentence("another copy of this book was quicker."), sentence("the same command again")),
        }.get(answer.status)  # fmt: skip
        if said is None and answer.status in _SERVER_FAULTS:
            said = (sentence("it could not do its work."), sentence("its operator reads why; then the same command"))
        if said is None:
            raise WitnessUnheard(self.url, sentence("it has status {status}.", status=answer.status))
        raise WitnessRefused(self.url, answer.status, *said)

    def cosignatures(self, answer: WebAnswer, trusted: tuple[Vkey, ...]) -> list[tuple[Signature, Cosignature]]:
        """The lines of an answer by trusted keys, verified; lines by others are passed over. Raises `WitnessUnheard`.

        A line by a trusted key that does not verify makes all of the answer count for nothing.
        """
        found: dict[Vkey, tuple[Signature, Cosignature]] = {}
        try:
            lines = answer.body.decode().split("\n")
            if lines.pop() or not lines or len(lines) > LINES_MAX:
                raise WitnessUnheard(self.url, sentence("it is not one or more signature lines."))
            signatures = [Signature.parse(line) for line in lines]
            for signature in signatures:
                for key in trusted:
                    if signature.is_by(key):
                        text = self.checkpoint.note.text
                        found[key] = signature, checkpoints.verify_cosignature(text, signature, key)
        except UnicodeDecodeError:
            raise WitnessUnheard(self.url, sentence("it is not one or more signature lines.")) from None
        except FormFault as fault:
            raise WitnessUnheard(self.url, fault.message) from fault
        if not found:
            name = cut(signatures[0].name, 80)
            raise WitnessUnheard(self.url, sentence('"{name}" signed, and no key that is trusted.', name=name))
        return list(found.values())
