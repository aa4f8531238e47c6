"""`chain witness`: this machine as a witness whom logs ask over HTTP (C2SP tlog-witness, docs/c2sp.md section 6).

Such a witness does not see the logs, only their heads and that each grew out of the last. Who may sign the heads of a
log is its operator's to say: the keys of members, by origin, as they were had from them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from cloudbooks.books.cosigning import kept_and_signed, witness_key
from cloudbooks.chain import witness
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.note import ED25519, Signer, Vkey
from cloudbooks.chain.witness import Seen, WitnessRefusal
from cloudbooks.errors import CloudBooksError, Refusal, Sentence, UsageError, sentence
from cloudbooks.peers.listening import Answer, Listener
from cloudbooks.system import files, seen_heads
from cloudbooks.system.clock import Clock

PATH = "/add-checkpoint"
SIZE_TYPE = "text/x.tlog.size"
LOGS = "logs"
"""The file in the folder `witness` of the state folder that lists the keys of logs, one vkey in a line."""

_LOGS_BYTES_MAX = 1 << 20
_GRAVE = 422


class WitnessLogsNone(Refusal):
    """A witness is to serve and knows no log, so that it would refuse everybody."""

    code = "witness-logs-none"

    def __init__(self, path: Path) -> None:
        super().__init__(
            sentence("this witness trusts the key of no log yet."),
            hint=sentence("--log VKEY, or write the keys into {path}, one in a line; cloudbooks member list has them",
                          path=str(path)),
        )  # fmt: skip


class WitnessLogsUnreadable(UsageError):
    """What names the logs that a witness serves is no list of members' verifier keys."""

    code = "witness-logs-unreadable"

    def __init__(self, place: str, why: Sentence | str) -> None:
        super().__init__(
            sentence("{place} names no log's key: {why}", place=place, why=why),
            hint=sentence("one verifier key in a line, as cloudbooks member list --json has them; # begins a remark"),
        )


@dataclass(frozen=True, slots=True)
class Told:
    """What a witness did with one request, for its operator. `status` is HTTP's; origin and size where it parsed.

    `fault` is set where the witness itself could not do its work.
    """

    status: int
    origin: str = ""
    size: int = 0
    fault: CloudBooksError | None = None


class Attendant:
    """A witness at work: it judges each request, keeps what it saw before it signs, and tells `tell` of each."""

    def __init__(
        self, state: Path, clock: Clock, signer: Signer, name: str, logs: Mapping[str, tuple[Vkey, ...]]
    ) -> None:
        self._state = state
        self._clock = clock
        self._signer = signer
        self.key = witness.cosignature_key(signer, name)
        self.logs = logs
        self.tell: Callable[[Told], None] = lambda _: None

    def answer(self, body: bytes) -> Answer:
        """The answer to an `add-checkpoint` request; raises nothing that a stranger or a full disk can cause."""
        origin, size = "", 0
        try:
            request = witness.read_request(body)
            origin, size = request.checkpoint.origin, request.checkpoint.size
            line = self._signed(request, body)
        except WitnessRefusal as refusal:
            self.tell(Told(refusal.status, origin if origin in self.logs else "", size))
            return Answer(refusal.status, refusal.body.encode(), *((SIZE_TYPE,) if refusal.body else ()))
        except CloudBooksError as fault:
            self.tell(Told(500, origin, size, fault))
            return Answer(500)
        self.tell(Told(200, origin, size))
        return Answer(200, line.encode())

    def _signed(self, request: witness.Request, body: bytes) -> str:
        with ExitStack() as held:
            place: list[Path] = []

            def seen(origin: str) -> Seen | None:
                # The lock is taken when a trusted key has signed, and is held until the new head is kept and signed.
                last, path = held.enter_context(seen_heads.watching(self._state, origin))
                place.append(path)
                return Seen(last.size, bytes.fromhex(last.root)) if last else None

            try:
                checkpoint = witness.judge(request, self.logs.get, seen)
            except WitnessRefusal as refusal:
                if refusal.status == _GRAVE and place:
                    _keep_contradiction(place[0], body)
                raise
            return kept_and_signed(place[0], checkpoint, self._clock.now(), self._signer, self.key)


def _keep_contradiction(path: Path, body: bytes) -> None:
    try:
        seen_heads.keep_contradiction(path, body)
    except OSError as error:
        raise files.FileNotWritten(path, error) from error


def attend(
    state: Path,
    clock: Clock,
    passphrase: tuple[Callable[[], bytes | None], Callable[[], bytes]],
    logs: Iterable[str],
) -> Attendant:
    """A witness for the logs whose keys are given, and those that its state folder lists.

    `passphrase` gives that of a new witness key (plain for `None`) and that of the one that is there. Raises
    `WitnessLogsNone`, `WitnessLogsUnreadable`, and what a key file refuses.
    """
    listed = state / "witness" / LOGS
    keys = [_key(word, "--log") for word in logs]
    keys += [_key(word, f"{listed}:{number}") for number, word in _lines(listed)]
    if not keys:
        raise WitnessLogsNone(listed)
    named: dict[str, tuple[Vkey, ...]] = {}
    for key in dict.fromkeys(keys):
        named[key.name] = (*named.get(key.name, ()), key)
    fresh, known = passphrase
    signer, name = witness_key(state, clock, fresh, known)
    return Attendant(state, clock, signer, name, named)


def listen(word: str, attendant: Attendant) -> Listener:
    """Let a witness be asked at an address of this machine; raises `ListenUnfit`, `ListenTaken`."""
    return Listener(word, PATH, attendant.answer)


def _lines(path: Path) -> Iterable[tuple[int, str]]:
    try:
        data = files.read_regular(path, _LOGS_BYTES_MAX)
    except FileNotFoundError:
        return ()
    except (OSError, files.FileUnfit) as error:
        why = files.reason(error) if isinstance(error, OSError) else error.message
        raise WitnessLogsUnreadable(str(path), sentence("{why}.", why=why)) from error
    lines = data.decode(errors="replace").split("\n")
    return [(number, line.strip()) for number, line in enumerate(lines, start=1) if line.strip() and line[0] != "#"]


def _key(word: str, place: str) -> Vkey:
    try:
        key = Vkey.parse(word)
    except FormFault as fault:
        raise WitnessLogsUnreadable(place, fault.message) from fault
    if key.type != ED25519:
        raise WitnessLogsUnreadable(place, sentence("it is no key that signs heads (Ed25519, type 01)."))
    return key
