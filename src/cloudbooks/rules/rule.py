"""Rules and rule sets."""

from __future__ import annotations

from dataclasses import dataclass

from cloudbooks.rules.action import Action
from cloudbooks.rules.condition import Condition


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name, unique in its set, what it asks of a line, and what it makes of it.

    `number` counts from 0 in file order; `place` is where it stands, as people read it: `rules.yaml:7:3`.
    """

    name: str
    when: Condition
    action: Action
    number: int
    place: str


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules of one file, in file order. `text` is the file's bytes as they came, which the chain keeps."""

    name: str
    text: bytes
    rules: tuple[Rule, ...]

    def __len__(self) -> int:
        return len(self.rules)
