"""Checking a rule file by hand: every fault with its place, all of them at once."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from cloudbooks.core.text import show
from cloudbooks.errors import Finding, Sentence, joined, sentence
from cloudbooks.notation.strict_yaml import Document, Path, Value

CODE = "rule-syntax"
WORDS_MAX = 500
"""Characters that a pattern, a literal, a name or any other text of a rule may have."""

_NEAR_MAX = 3
# Keyboards of Chinese and pages of the web write these where a blank is meant, and they are compared as one.
_BLANKS = str.maketrans("\u3000\u00a0", "  ")
_OTHER_WORDS = {
    "after": "above",
    "and": "all",
    "before": "below",
    "begins": "starts",
    "counterparty": "party",
    "description": "text",
    "has": "contains",
    "if": "when",
    "includes": "contains",
    "is": "equals",
    "matches": "regex",
    "memo": "text",
    "or": "any",
    "payee": "party",
    "percent": "share",
    "set": "then",
}


def did_you_mean(word: str, known: Iterable[str]) -> Sentence:
    """Names near to `word`, at most three; where none is near, all that are known."""
    names = sorted(known)
    near = get_close_matches(word.casefold(), names, n=_NEAR_MAX, cutoff=0.6)
    other = _OTHER_WORDS.get(word.casefold())
    if not near and other in names:
        near = [other]
    if near:
        return sentence("did you mean {names}?", names=joined(near))
    return sentence("known here: {names}", names=joined(names))


class Proofreader:
    """Reads plain values out of a document and notes what is wrong with them, with place and excerpt."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.findings: list[Finding] = []
        self.patterns_size = 0

    def fault(self, path: Path, message: Sentence, hint: Sentence | None = None, *, key: bool = False) -> None:
        """Note a fault at a value, or at its key."""
        self.findings.append(self.document.finding(CODE, path, message, hint, key=key))

    def mapping(self, value: Value, path: Path, known: Iterable[str], hint: Sentence) -> dict[str, Value] | None:
        """The known keys of a mapping; anything else, and each unknown key, is noted."""
        if not isinstance(value, dict):
            self.fault(path, sentence("keys and values are wanted here."), hint)
            return None
        names = frozenset(known)
        for key in value:
            if key not in names:
                unknown = sentence('unknown key "{word}".', word=key)
                self.fault((*path, key), unknown, did_you_mean(key, names), key=True)
        return {key: item for key, item in value.items() if key in names}

    def items(self, value: Value, path: Path, hint: Sentence) -> list[Value]:
        """The items of a list; anything else is noted and read as none."""
        if isinstance(value, list):
            return value
        self.fault(path, sentence("a list is wanted here."), hint)
        return []

    def text(self, value: Value, path: Path) -> str | None:
        """A text that may be shown, is not blank and not too long; `None` where that was noted."""
        if not isinstance(value, str):
            self._no_text(value, path)
        elif not value.strip():
            self.fault(path, sentence("the text is empty."))
        elif len(value) > WORDS_MAX:
            message = sentence("the text has {n} characters; {most} are read.", n=len(value), most=WORDS_MAX)
            self.fault(path, message)
        elif show(plain := value.translate(_BLANKS)) != plain:
            message = sentence("the text holds characters that nobody sees: {text}", text=value)
            self.fault(path, message, sentence("write the text again by hand"))
        else:
            return value
        return None

    def _no_text(self, value: Value, path: Path) -> None:
        if value is None:
            self.fault(path, sentence("a text is missing here."))
        elif isinstance(value, bool):
            word = str(value).lower()
            message = sentence("{word} without quotes is a truth value, not a text.", word=word)
            self.fault(path, message, sentence('write "{word}" with quotes', word=word))
        elif isinstance(value, dict) and list(value.values()) == [None]:
            message = sentence("braces without quotes are keys and values, not a text.")
            self.fault(path, message, sentence('write "{{{word}}}" with quotes', word=next(iter(value))))
        else:
            self.fault(path, sentence("one text is wanted here."))

    def texts(self, value: Value, path: Path) -> list[tuple[str, Path]]:
        """One text, or a list of at least one, each with its path."""
        if not isinstance(value, list):
            text = self.text(value, path)
            return [] if text is None else [(text, path)]
        if not value:
            self.fault(path, sentence("the list is empty."))
        places = [(self.text(item, (*path, number)), (*path, number)) for number, item in enumerate(value)]
        return [(text, place) for text, place in places if text is not None]
