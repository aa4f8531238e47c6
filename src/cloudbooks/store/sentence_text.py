"""Sentences as they are kept: template and facts, so that every reader gets them in their own language."""

from __future__ import annotations

from typing import Any

from cloudbooks.errors import Sentence, sentence


def as_sentence(words: Sentence | str) -> Sentence:
    """Words as a sentence; a plain text speaks for itself in every language."""
    return words if isinstance(words, Sentence) else sentence("{words}", words=words)


def kept_sentence(words: Sentence) -> list[object]:
    """A sentence as a JSON array: template, facts, and the plural template where there is one."""
    facts = {name: _kept_fact(fact) for name, fact in sorted(words.facts.items())}
    return [words.template, facts, words.plural] if words.plural else [words.template, facts]


def _kept_fact(fact: object) -> object:
    if isinstance(fact, Sentence):
        return kept_sentence(fact)
    return fact if isinstance(fact, int | str) else str(fact)


def sentence_of(kept: list[Any]) -> Sentence:
    """The sentence of such an array."""
    template, facts, *plural = kept
    given = {name: sentence_of(fact) if isinstance(fact, list) else fact for name, fact in facts.items()}
    return Sentence(template, given, *plural)
