"""Policy files: whom a verifier trusts, as C2SP's tlog-policy has it (docs/c2sp.md section 7).

Lines `log VKEY [URL]`, `witness NAME VKEY [URL]`, `group NAME all|any|K MEMBER…` and one `quorum NAME|none`. Who may
sign a checkpoint follows from the members in the log, so that a `log` line pins the key of the first member. Ours is
`authority NAME FILE`: a timestamp authority, and the file of its certificates, which whoever has files reads.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from cloudbooks.chain.authority import Authority
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.note import COSIGNATURE, ED25519, Vkey
from cloudbooks.chain.verdict import Group, Policy
from cloudbooks.errors import Sentence, sentence

BYTES_MAX = 1 << 16
_ALLOWED = re.compile(rb"[\x09\x0a\x20-\x7e\x80-\xff]*")
_COUNT = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)
_NONE = "none"
_WITNESS_TYPES = {COSIGNATURE, 6}
_LOG_WORDS = (2, 3)
_WITNESS_WORDS = (3, 4)
_GROUP_WORDS_MIN = 4
_QUORUM_WORDS = 2
_AUTHORITY_WORDS = 3


def read_policy(data: bytes, origin: str = "") -> Policy:
    """The policy that a file describes, its pin being the `log` line of `origin`, or the only one.

    Its authorities have their files' names, and no certificates yet. Raises `FormFault` (`policy`), with the line in
    `record`.
    """
    if len(data) > BYTES_MAX or not _ALLOWED.fullmatch(data):
        raise FormFault("policy", sentence("A policy is a text without carriage returns and control characters."))
    reader = _Reader()
    for number, line in enumerate(data.split(b"\n"), start=1):
        words = [word for word in re.split(rb"[\t ]+", line) if word]
        if not words or words[0].startswith(b"#"):
            continue
        try:
            reader.read([word.decode("utf-8", errors="surrogateescape") for word in words], number)
        except FormFault as fault:
            raise FormFault("policy", fault.message, number) from fault
    return reader.policy(origin)


@dataclass(slots=True)
class _Reader:
    logs: dict[bytes, Vkey] = field(default_factory=dict)
    named: dict[str, Vkey | Group] = field(default_factory=dict)
    keys: dict[bytes, Vkey] = field(default_factory=dict)
    grouped: set[str] = field(default_factory=set)
    authorities: dict[str, Authority] = field(default_factory=dict)
    quorum: Vkey | Group | None = None
    asked: bool = False

    def read(self, words: list[str], line: int) -> None:
        """Take in the words of one line; raises `FormFault`."""
        match words[0]:
            case "log" if len(words) in _LOG_WORDS:
                self._log(words[1])
            case "witness" if len(words) in _WITNESS_WORDS:
                self._witness(words[1], words[2])
            case "group" if len(words) >= _GROUP_WORDS_MIN:
                self._group(words[1], words[2], words[3:])
            case "quorum" if len(words) == _QUORUM_WORDS:
                self._quorum(words[1])
            case "authority" if len(words) == _AUTHORITY_WORDS:
                self._authority(words[1], words[2], line)
            case _:
                _refuse(sentence('"{line}" is no line of a policy.', line=" ".join(words)))

    def _log(self, text: str) -> None:
        key = Vkey.parse(text)
        if key.type != ED25519 or key.public in self.logs:
            _refuse(sentence("A log's key is an Ed25519 key, and stands in one line."))
        self.logs[key.public] = key

    def _witness(self, name: str, text: str) -> None:
        key = Vkey.parse(text)
        if key.type not in _WITNESS_TYPES or key.public in self.keys:
            _refuse(sentence("A witness's key is a key for cosignatures, and stands in one line."))
        self.keys[key.public] = key
        self._take(name, key)

    def _group(self, name: str, quorum: str, members: list[str]) -> None:
        for member in members:
            if member not in self.named or member in self.grouped:
                _refuse(sentence('"{name}" is no earlier witness or group, or is in a group already.', name=member))
            self.grouped.add(member)
        count = {"any": 1, "all": len(members)}.get(quorum) or (int(quorum) if _COUNT.fullmatch(quorum) else 0)
        if not 1 <= count <= len(members):
            _refuse(sentence('"{word}" is no number of the members: all, any, or 1 to {n}.', word=quorum,
                             n=len(members)))  # fmt: skip
        self._take(name, Group(tuple(self.named[member] for member in members), count))

    def _take(self, name: str, one: Vkey | Group) -> None:
        if name in self.named or name == _NONE:
            _refuse(sentence('The name "{name}" is taken.', name=name))
        self.named[name] = one

    def _quorum(self, name: str) -> None:
        if self.asked or (name != _NONE and name not in self.named):
            _refuse(sentence("A policy has one quorum: an earlier witness or group, or none."))
        self.asked = True
        self.quorum = self.named.get(name)

    def _authority(self, name: str, file: str, line: int) -> None:
        if name in self.authorities:
            _refuse(sentence('The name "{name}" is taken.', name=name))
        self.authorities[name] = Authority(name, (), file, line)

    def policy(self, origin: str) -> Policy:
        """What the lines say together; raises `FormFault`."""
        if not self.asked:
            _refuse(sentence("A policy has one quorum: an earlier witness or group, or none."))
        logs = list(self.logs.values())
        pins = [key for key in logs if key.name == origin] or (logs if len(logs) == 1 and not origin else [])
        if logs and not pins:
            _refuse(sentence('The policy trusts other logs than "{origin}".', origin=origin or "?"))
        group = Group((self.quorum,), 1) if isinstance(self.quorum, Vkey) else self.quorum
        authorities = tuple(self.authorities.values())
        return Policy(pins[0] if pins else None, tuple(self.keys.values()), 0, group, authorities)


def _refuse(message: Sentence) -> None:
    raise FormFault("policy", message)
