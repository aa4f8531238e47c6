"""From a statement line to a draft: what a rule decided, or what is left for a person to decide."""

from __future__ import annotations

from dataclasses import dataclass

from cloudbooks.books.valuing import Valuation
from cloudbooks.core.account import Account
from cloudbooks.core.chart import Chart
from cloudbooks.core.draft import Draft, DraftLine, DraftState
from cloudbooks.core.entry import Source, SourceKind
from cloudbooks.core.statement import StatementLine
from cloudbooks.rules.applying import Decider, Decision, Subject

SUMMARY_MAX = 120
"""Characters of a bank's text that become the summary of a draft; the whole text stays on the statement line."""


@dataclass(frozen=True, slots=True)
class Proposer:
    """What turns statement lines of one account into drafts.

    `rules` is the id of the rule set's record, `decider` is absent where there is no rule set.
    """

    chart: Chart
    account: Account
    profile: str
    series: str
    made_by: str
    valuation: Valuation
    decider: Decider | None = None
    rules: str = ""

    def decide(self, line: StatementLine) -> Decision | None:
        """What the rules say to a line; `None` where there are none."""
        if self.decider is None:
            return None
        return self.decider.decide(
            Subject(
                text=" ".join(part for part in (line.kind, line.party, line.text) if part),
                party=line.party,
                amount=line.amount,
                scale=self.valuation.commodities[line.commodity].scale,
                date=line.date,
                account=self.account.code,
                profile=self.profile,
                kind=line.kind,
            )
        )

    def draft(self, line: StatementLine, name: str, decision: Decision | None) -> Draft:
        """The draft of a line named `name`; it is sure where a rule decided alone, and lacks an account where none did."""
        rule = decision.rule if decision else None
        value = self.valuation.value(line.amount, line.commodity, line.date)
        bank = DraftLine(self.account.id, line.commodity, line.amount, value, settles=(name,))
        source = Source(SourceKind.STATEMENT, ref=name)
        others: tuple[DraftLine, ...] = (DraftLine("", line.commodity, -line.amount, _negated(value)),)
        summary = _summary(line)
        tags: tuple[str, ...] = ()
        if rule is not None:
            source = Source(SourceKind.RULE, ref=name, rule=rule.name, rules=self.rules)
            others = self._others(line, rule.action, value)
            summary = rule.action.summary or summary
            tags = rule.action.tags
        draft = Draft(
            date=line.date,
            series=self.series,
            summary=summary,
            lines=(bank, *others),
            state=DraftState.PROPOSED,
            sure=rule is not None and not line.undecided,
            tags=tags,
            source=source,
            made_by=self.made_by,
            trace=decision.trace if decision else (),
        )
        return draft.judged(self.valuation.base, self.valuation.base_scale)

    def _others(self, line: StatementLine, action, value: int | None) -> tuple[DraftLine, ...]:  # type: ignore[no-untyped-def]
        parts = action.parts(-line.amount, self.valuation.commodities[line.commodity].scale)
        return tuple(
            DraftLine(
                self.chart.find(account).id,
                line.commodity,
                amount,
                self.valuation.value(amount, line.commodity, line.date),
            )
            for account, amount in parts
        )


def _negated(value: int | None) -> int | None:
    return None if value is None else -value


def _summary(line: StatementLine) -> str:
    words = " ".join(f"{line.kind} {line.party} {line.text}".split())
    return words[:SUMMARY_MAX]


