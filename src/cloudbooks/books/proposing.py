"""From a statement line to a draft: what a rule decided, or what is left for a person to decide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cloudbooks.books.fitting import fit, fit_tags
from cloudbooks.books.valuing import Valuation
from cloudbooks.core.account import Account
from cloudbooks.core.chart import Chart
from cloudbooks.core.draft import Draft, DraftLine, DraftState
from cloudbooks.core.entry import Source, SourceKind
from cloudbooks.core.statement import StatementLine
from cloudbooks.rules.applying import Decider, Decision, Subject
from cloudbooks.rules.rule import Rule

SUMMARY_MAX = 120
"""Characters of a bank's text that become the summary of a draft; the whole text stays on the statement line."""


@dataclass(frozen=True, slots=True)
class Proposer:
    """What turns statement lines of one account into drafts.

    `rules` is the id of the rule set's record, `decider` is absent where there is no rule set; `party_id` gives the id
    of a party by its name; `zh` says that the book's own texts are Chinese.
    """

    chart: Chart
    account: Account
    profile: str
    series: str
    made_by: str
    valuation: Valuation
    party_id: Callable[[str], str]
    decider: Decider | None = None
    rules: str = ""
    zh: bool = False

    def subject(self, line: StatementLine) -> Subject:
        """A line as rules see it."""
        return Subject(
            text=line.text,
            party=line.party,
            amount=line.amount,
            scale=self.valuation.commodities[line.commodity].scale,
            date=line.date,
            account=self.account.code,
            profile=self.profile,
            kind=line.kind,
        )

    def decide(self, line: StatementLine) -> Decision:
        """What the rules say to a line; a decision without a rule where there are none."""
        return Decision(None) if self.decider is None else self.decider.decide(self.subject(line))

    def draft(self, line: StatementLine, name: str, decision: Decision) -> Draft:
        """The draft of a line named `name`: sure where a rule decided alone, without an account where none did."""
        value = self.valuation.value(line.amount, line.commodity, line.date)
        bank = DraftLine(self.account.id, line.commodity, line.amount, value, settles=(name,))
        rule = decision.rule
        if rule is None:
            others: tuple[DraftLine, ...] = (DraftLine("", line.commodity, -line.amount, _negated(value)),)
            source = Source(SourceKind.STATEMENT, ref=name)
            summary = ""
        else:
            others = self._others(line, rule, value)
            source = Source(SourceKind.RULE, ref=name, rule=rule.name, rules=self.rules)
            summary = rule.action.summary_of(self.subject(line))
        draft = Draft(
            date=line.date,
            series=self.series,
            summary=fit(summary) or fit(_summary(line)),
            lines=(bank, *others),
            state=DraftState.PROPOSED,
            sure=rule is not None and not line.undecided,
            tags=fit_tags(rule.action.tags) if rule else (),
            source=source,
            made_by=self.made_by,
            trace=decision.trace,
        )
        return draft.judged(self.valuation.base, self.valuation.base_scale)

    def _others(self, line: StatementLine, rule: Rule, value: int | None) -> tuple[DraftLine, ...]:
        """The lines against the bank's; the last takes what rounding leaves, so that values sum to zero."""
        scale = self.valuation.commodities[line.commodity].scale
        party = rule.action.party_of(self.subject(line))
        parts = rule.action.parts(-line.amount, scale)
        lines: list[DraftLine] = []
        left = _negated(value)
        for number, part in enumerate(parts, start=1):
            of_part = self.valuation.value(part.amount, line.commodity, line.date)
            if left is not None and of_part is not None:
                of_part = left if number == len(parts) else of_part
                left -= of_part
            name = part.party or party
            lines.append(
                DraftLine(
                    self.chart.find(part.account).id,
                    line.commodity,
                    part.amount,
                    of_part,
                    party=self.party_id(name) if name else "",
                    text=part.text,
                )
            )
        return tuple(lines)


def _negated(value: int | None) -> int | None:
    return None if value is None else -value


def _summary(line: StatementLine) -> str:
    return " ".join(f"{line.kind} {line.party} {line.text}".split())[:SUMMARY_MAX]
