"""Sentences and findings as they are kept: template and facts, so that every reader gets them in their own language."""

from __future__ import annotations

from typing import Any

from cloudbooks.errors import Finding, Sentence, sentence


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


def kept_finding(finding: Finding) -> list[object]:
    """A finding as a JSON array, as it goes from process to process; its excerpt stays behind."""
    hint = None if finding.hint is None else kept_sentence(finding.hint)
    facts = [finding.warning, finding.block, finding.record]
    return [finding.code, finding.where, kept_sentence(finding.message), hint, *facts]


def finding_of(kept: list[Any]) -> Finding:
    """The finding of such an array."""
    code, where, message, hint, warning, block, record = kept
    told = None if hint is None else sentence_of(hint)
    return Finding(code, where, sentence_of(message), told, warning=warning, block=block, record=record)
