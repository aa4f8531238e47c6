"""Findings and refusals: the two kinds of wrong, and the sentences they speak.

A *finding* is a value: a fault in the user's data, returned, many at once. A *refusal* is raised: an operation not
done, one. Both speak in `Sentence`, which a face renders in the reader's language; `str()` gives the English one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

Fact = object
Lookup = Callable[[str, str, int], str]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One translatable sentence: a template with named blanks and what fills them.

    `template` (and `plural`, chosen when the fact `n` is not 1) is the key of the translation and the English text.
    """

    template: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    plural: str = ""

    def render(self, lookup: Lookup, show: Callable[[str], str] = str) -> str:
        """The sentence through `lookup(singular, plural, n)`; text facts pass through `show`, sentences are nested."""
        count = self.facts.get("n", 1)
        template = lookup(self.template, self.plural, count if isinstance(count, int) else 1)
        return template.format_map({name: _rendered(fact, lookup, show) for name, fact in self.facts.items()})

    def __str__(self) -> str:
        return self.render(english)


def _rendered(fact: Fact, lookup: Lookup, show: Callable[[str], str]) -> object:
    if isinstance(fact, Sentence):
        return fact.render(lookup, show)
    if isinstance(fact, str):
        return show(fact)
    return fact


def english(template: str, plural: str, count: int) -> str:
    """The untranslated template: the plural where there is one and `count` is not 1."""
    return plural if plural and count != 1 else template


def sentence(template: str, /, **facts: Fact) -> Sentence:
    """A sentence with its facts; extraction of translations looks for calls of this name."""
    return Sentence(template, facts)


def counted(one: str, many: str, n: int, /, **facts: Fact) -> Sentence:
    """A sentence that depends on a number, which stands in it as `{n}`."""
    return Sentence(one, {"n": n, **facts}, many)


def joined(words: Sequence[Sentence | str]) -> Fact:
    """Words or parts in a row as one fact of a sentence, with the comma of the reader's language between them."""
    if len(words) < 2:  # noqa: PLR2004 - one word has no comma
        return words[0] if words else ""
    # Halved, so that a row of thousands nests a dozen times.
    half = len(words) // 2
    return sentence("{first}, {rest}", first=joined(words[:half]), rest=joined(words[half:]))


class Finding(NamedTuple):
    """A fault in the user's data. `where` is a place in the user's words (`rules.yaml:7:5`, `block 38, record 2`).

    `block` and `record` are set by the verifier (records count from 1). A `warning` is said but leaves exit status 0.
    """

    code: str
    where: str
    message: Sentence
    hint: Sentence | None = None
    excerpt: str = ""
    warning: bool = False
    block: int | None = None
    record: int | None = None


class CloudBooksError(Exception):
    """An operation was not done; nothing was written unless the message says so.

    A concrete error lives beside the code that raises it: its docstring is its meaning, its `__init__` takes facts and
    writes the sentence, `code` is stable and documented, `hint` holds a command that works.
    """

    code: ClassVar[str] = "refused"
    exit_status: ClassVar[int] = 3

    def __init__(
        self,
        message: Sentence,
        *,
        hint: Sentence | None = None,
        place: str = "",
        excerpt: str = "",
        findings: tuple[Finding, ...] = (),
    ) -> None:
        super().__init__(str(message))
        self.message = message
        self.hint = hint
        self.place = place
        self.excerpt = excerpt
        self.findings = findings


class Refusal(CloudBooksError):
    """The operation is refused; nothing was written (exit 3)."""


class UsageError(CloudBooksError):
    """The command's words are off, or an answer is needed and there is no terminal (exit 2)."""

    code = "usage"
    exit_status = 2


class ChainFault(CloudBooksError):
    """The chain is INVALID, posted data was changed, or the book is behind its receipt (exit 4)."""

    code = "chain-broken"
    exit_status = 4


class PeerFault(CloudBooksError):
    """A peer is unreachable or diverged (exit 5)."""

    code = "peer-unreachable"
    exit_status = 5


@dataclass(slots=True)
class Noticed:
    """What opening a book told, each fault once: to be said with whatever a command answers.

    `stopped` is set where the book's head contradicts its receipt: reading goes on, and the exit status is 4.
    """

    findings: dict[tuple[str, str], Finding] = field(default_factory=dict)
    stopped: bool = False

    def add(self, faults: Sequence[Finding], stopped: ChainFault | None, where: str) -> None:
        """Take in the faults of a book opened at `where`, and what stopped it."""
        for fault in faults:
            self.findings.setdefault((fault.code, fault.where), fault)
        if stopped is not None:
            self.stopped = True
            told = Finding(stopped.code, where, stopped.message, stopped.hint, stopped.excerpt)
            self.findings.setdefault((told.code, told.where), told)

    def mended(self, fault: ChainFault, where: str) -> None:
        """Say no more of what stopped the book at `where`: the command has mended it, and tells that itself."""
        self.stopped = False
        self.findings.pop((fault.code, where), None)
