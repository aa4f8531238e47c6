"""The laws of entries, and what follows from admitting them: numbers, amounts, sides and sums.

This is the hot path of posting and verifying: everything that is the same for many lines of a batch is looked up once,
as the `_Target` of an account and commodity.
"""

from __future__ import annotations

from cloudbooks.chain.approving import require_approvals
from cloudbooks.chain.law import LawBroken, account_bound, account_closed, minor, no_account, no_commodity
from cloudbooks.chain.leaves import Leaf
from cloudbooks.chain.numbering import Numbering
from cloudbooks.chain.past import Standing
from cloudbooks.chain.record import Account, Commodity, Entry, Line, Member
from cloudbooks.chain.reversing import require_replacement, require_reversal
from cloudbooks.chain.rights import require_right
from cloudbooks.chain.settling import settle
from cloudbooks.chain.state import State
from cloudbooks.core.money import DIGITS_MAX, canonical
from cloudbooks.errors import sentence

_LINES_MIN = 2


class _Sums:
    """What a batch moves on one account in one commodity, by side, credits as positive numbers."""

    __slots__ = ("credit", "credit_value", "debit", "debit_value", "postings")

    def __init__(self) -> None:
        self.debit = self.credit = self.debit_value = self.credit_value = self.postings = 0


class _Target:
    """Where a line posts to. `point` is how many characters from the end an amount has its point, 0 for none.

    `special` says that not every line may be posted there that names no more than an account and an amount.
    """

    __slots__ = ("closed", "code", "commodity", "demands", "foreign", "point", "scale", "special", "sums")

    def __init__(self, account: Account, commodity: Commodity, sums: _Sums, *, foreign: bool) -> None:
        self.code = account.code
        self.closed = account.closed
        self.demands = account.dimensions
        self.commodity = commodity.code
        self.scale = commodity.scale
        self.point = -commodity.scale - 1 if commodity.scale else 0
        self.foreign = foreign
        self.special = foreign or account.closed or bool(account.dimensions)
        self.sums = sums


class Entering:
    """The entries of one batch, admitted one after the other; `count` says how many."""

    def __init__(self, state: State, standing: Standing, author: Member) -> None:
        self.count = 0
        self.numbering = Numbering(state.numbers)
        self._state = state
        self._standing = standing
        self._author = author
        self._may_post = "post" in author.rights
        self._sums: dict[tuple[str, str], _Sums] = {}
        self._targets: dict[tuple[str, str], _Target] = {}
        self._makers: set[str] = set()
        self._closed = ""
        self._separate = False
        self._base = ""
        self.look_again()

    def look_again(self) -> None:
        """Forget what was looked up: another record has changed the state."""
        state = self._state
        self._targets.clear()
        self._makers.clear()
        self._closed = state.closed[-1] if state.closed else ""
        if state.book is not None:
            self._separate = state.book.separate_duties
            self._base = state.book.base

    def add(self, place: int, entry: Entry) -> None:
        """Admit the entry that is record `place` of the batch; raises `LawBroken`, which names the entry."""
        try:
            self._admit(place, entry)
        except LawBroken as fault:
            what = sentence(
                'The entry of {date} "{summary}": {what}', date=entry.date, summary=entry.summary, what=fault.message
            )
            raise LawBroken(fault.code, what, place) from fault

    def _admit(self, place: int, entry: Entry) -> None:
        if not self._may_post:
            require_right(self._state, self._author, entry)
        self._standing.take_id(entry.id)
        period = entry.date[:7]
        if period <= self._closed:
            raise LawBroken("law.period", sentence("{period} is closed.", period=period))
        if entry.replaces:
            require_replacement(self._standing, entry, place)
        if entry.reverses:
            require_reversal(self._standing, entry, place)
        if entry.made_by not in self._makers:
            self._look_up_maker(entry)
        if entry.source is not None and entry.source.rules and not self._standing.has_rules(entry.source.rules):
            raise LawBroken("law.reference", sentence('There are no rules with the id "{id}".', id=entry.source.rules))
        self._post_lines(entry)
        if self._separate or entry.approvals:
            require_approvals(self._state, self._author, entry)
        self.numbering.take(entry.series, period)
        self.count += 1

    def post_leaves(self) -> None:
        """Add what was posted to the balance leaves; raises `LawBroken` (`amount`)."""
        number = self._standing.number
        for (account, commodity), sums in self._sums.items():
            self._state.leaves.post(
                Leaf(account, commodity, sums.debit, sums.credit, sums.debit_value, sums.credit_value, sums.postings,
                     number)
            )  # fmt: skip

    def _post_lines(self, entry: Entry) -> None:
        """Add the lines to the sums of their sides; law 1 and what law 2 says of lines. Raises `LawBroken`."""
        targets = self._targets
        total = number = 0
        foreign = False
        try:
            for line in entry.lines:
                number += 1
                target = targets.get((line.account, line.commodity)) or self._look_up(line)
                text = line.amount
                # A canonical text has its scale if its point stands there; others, and long ones, are examined.
                point = target.point
                if len(text) <= DIGITS_MAX and (text[point : point + 1] == "." if point else "." not in text):
                    value = amount = int(text.replace(".", ""))
                else:
                    value = amount = minor(text, target.scale, target.commodity)
                if target.special or line.value or line.party or line.settles:
                    value = self._examined(entry, line, target, amount)
                    foreign = foreign or target.foreign
                sums = target.sums
                sums.postings += 1
                if ((amount or value) >= 0) is not line.red:
                    sums.debit += amount
                    sums.debit_value += value
                else:
                    sums.credit -= amount
                    sums.credit_value -= value
                total += value
        except LawBroken as fault:
            raise LawBroken(fault.code, sentence("Line {line}: {what}", line=number, what=fault.message)) from fault
        if total or foreign or number < _LINES_MIN:
            self._require_balance(entry, total)

    def _look_up(self, line: Line) -> _Target:
        """The target of a line, looked up in the state; raises `LawBroken` (`law.reference`)."""
        state = self._state
        account = state.accounts.get(line.account)
        if account is None:
            raise no_account(line.account)
        commodity = state.commodities.get(line.commodity)
        if commodity is None:
            raise no_commodity(line.commodity)
        if account.commodity not in ("", commodity.code):
            raise account_bound(account.code, account.commodity, commodity.code)
        state.leaves.expect(account.id)
        key = (account.id, commodity.code)
        sums = self._sums.setdefault(key, _Sums())
        target = _Target(account, commodity, sums, foreign=commodity.code != self._base)
        self._targets[key] = target
        return target

    def _examined(self, entry: Entry, line: Line, target: _Target, amount: int) -> int:
        """The value of a line that has one, or names more than an open account; raises `LawBroken`."""
        value = self._value(line, amount, foreign=target.foreign) if target.foreign or line.value else amount
        if target.closed or target.demands or line.party or line.settles:
            self._require_references(entry, line, target)
        return value

    def _value(self, line: Line, amount: int, *, foreign: bool) -> int:
        """The value of a line in another commodity than the base; raises `LawBroken` (`schema` or `amount`)."""
        if foreign != bool(line.value):
            raise LawBroken(
                "schema",
                sentence("A line in {commodity} has no value in {base}.", commodity=line.commodity, base=self._base)
                if foreign
                else sentence("A line in {base} has a value beside its amount.", base=self._base),
            )
        value = minor(line.value, self._state.base_scale, self._base)
        if amount * value < 0:
            raise LawBroken(
                "amount",
                sentence('The amount "{amount}" of a line and its value "{value}" have opposite signs.',
                         amount=line.amount, value=line.value),
            )  # fmt: skip
        return value

    def _look_up_maker(self, entry: Entry) -> None:
        member = self._state.members.get(entry.made_by)
        if member is None or (member.revoked and not entry.reverses):
            raise LawBroken("law.reference", sentence('Whoever made it, "{id}", is no member.', id=entry.made_by))
        if not member.revoked:
            self._makers.add(member.id)

    def _require_references(self, entry: Entry, line: Line, target: _Target) -> None:
        """What a line names, where it stands open; a reversal is excused from what was closed or demanded since."""
        if not entry.reverses:
            if target.closed:
                raise account_closed(target.code)
            for name in target.demands:
                if all(dimension.name != name for dimension in line.dimensions):
                    raise LawBroken(
                        "law.reference",
                        sentence('The account {code} demands the dimension "{name}".', code=target.code, name=name),
                    )
        if line.party:
            party = self._standing.party(line.party)
            if party is None:
                raise LawBroken("law.reference", sentence('There is no party with the id "{id}".', id=line.party))
            if party.closed and not entry.reverses:
                raise LawBroken("law.reference", sentence("The party {name} is closed.", name=party.name))
        if line.settles:
            settle(self._standing, line, target.code)

    def _require_balance(self, entry: Entry, total: int) -> None:
        """Law 1, for an entry that does not obviously keep it; raises `LawBroken` (`law.balance`)."""
        lines = entry.lines
        if len(lines) < _LINES_MIN:
            raise LawBroken("law.balance", sentence("It has one line, and needs another on the other side."))
        off, commodity, scale = total, self._base, self._state.base_scale
        if not total and len({line.commodity for line in lines}) == 1:
            commodity = lines[0].commodity
            scale = self._state.commodities[commodity].scale
            off = sum(minor(line.amount, scale, commodity) for line in lines)
        if off:
            raise LawBroken(
                "law.balance",
                sentence("Debit and credit differ by {residue} {commodity}.", residue=canonical(abs(off), scale),
                         commodity=commodity),
            )  # fmt: skip
