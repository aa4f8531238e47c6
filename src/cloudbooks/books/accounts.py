"""`account …`: the chart of a book, changes of it that wait for the next batch included."""

from __future__ import annotations

from dataclasses import dataclass

from cloudbooks.books.desk import Desk
from cloudbooks.books.fitting import fit_name
from cloudbooks.books.next_batch import CommodityUnknown, all_commodities, chart_of, waiting_accounts
from cloudbooks.core.account import Account, AccountKind
from cloudbooks.errors import Refusal, Sentence, sentence
from cloudbooks.store import reading, working
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.unit import operation
from cloudbooks.system.chance import new_id

AFTER_ALL = 1_000_001
"""The month after the last that a date can lie in."""

_NAME = sentence("the name of the account")


class AccountCodeTaken(Refusal):
    """An open account has the code already."""

    code = "account-code-taken"

    def __init__(self, account: Account) -> None:
        super().__init__(
            sentence("{code} is {name} already.", code=account.code, name=account.name),
            hint=sentence("cloudbooks account list"),
        )


class AccountKindMissing(Refusal):
    """A new account stands under no other, so its kind must be said."""

    code = "account-kind-missing"

    def __init__(self, code: str) -> None:
        super().__init__(
            sentence('"{code}" stands under no account of this book, so its kind must be given.', code=code),
            hint=sentence(
                "cloudbooks account add {code} NAME --kind asset (or equity, expense, income, liability)", code=code
            ),
        )


class AccountKindDiffers(Refusal):
    """A new account is said to be of another kind than the one that it stands under."""

    code = "account-kind-differs"

    def __init__(self, code: str, kind: str, parent: Account) -> None:
        super().__init__(
            sentence(
                "{code} stands under {parent}, which is of the kind {own}, not {kind}.",
                code=code,
                parent=str(parent),
                own=parent.kind.value,
                kind=kind,
            ),
            hint=sentence("cloudbooks account add {code} NAME, without --kind", code=code),
        )


class AccountCodeUnfit(Refusal):
    """An account's code has blanks in it."""

    code = "account-code-unfit"

    def __init__(self, code: str) -> None:
        super().__init__(
            sentence('"{code}" cannot be a code: a code has no blanks.', code=code),
            hint=sentence("cloudbooks account add 1002.02 NAME"),
        )


class AccountInUse(Refusal):
    """An account that is to be closed has a balance, drafts or open accounts below it."""

    code = "account-in-use"

    def __init__(self, account: Account, why: Sentence, hint: Sentence) -> None:
        super().__init__(sentence("{account} cannot be closed: {why}", account=str(account), why=why), hint=hint)


@dataclass(frozen=True, slots=True)
class ChartedAccount:
    """An account of a book with its depth in the tree, and whether its last change waits for the next batch."""

    account: Account
    depth: int
    waiting: bool


def accounts(desk: Desk) -> tuple[ChartedAccount, ...]:
    """All accounts by code, closed ones included."""
    with desk.open() as book:
        chart = chart_of(book)
        waiting = waiting_accounts(book)
        return tuple(ChartedAccount(one, chart.depth(one), one.id in waiting) for one in chart)


def account(desk: Desk, word: str) -> Account:
    """The account meant by a word; raises `AccountUnknown` or `AccountAmbiguous`."""
    with desk.open() as book:
        return chart_of(book).find(word)


def add_account(desk: Desk, code: str, name: str, *, kind: str = "", commodity: str = "") -> Account:
    """State a new account with the next batch; it stands under the account whose code it extends by a dot."""
    title = fit_name(_NAME, name)
    code = fit_name(sentence("the code of the account"), code)
    if len(code.split()) > 1:
        raise AccountCodeUnfit(code)
    with desk.open() as book:
        chart = chart_of(book)
        if code in chart.by_code:
            raise AccountCodeTaken(chart.by_code[code])
        parent = chart.by_code.get(code.rpartition(".")[0])
        if parent is None and not kind:
            raise AccountKindMissing(code)
        if parent is not None and kind not in ("", parent.kind.value):
            raise AccountKindDiffers(code, kind, parent)
        if commodity and commodity not in all_commodities(book):
            raise CommodityUnknown(commodity)
        new = Account(
            id=new_id(desk.clock),
            code=code,
            name=title,
            kind=AccountKind(kind) if kind else parent.kind if parent else AccountKind.ASSET,
            klass=parent.klass if parent else "",
            parent=parent.id if parent else "",
            commodity=commodity,
        )
        _state(desk, book, new, "account add")
        return new


def rename_account(desk: Desk, word: str, name: str) -> Account:
    """State an account again with another name, with the next batch; raises `NameEmpty`."""
    title = fit_name(_NAME, name)
    with desk.open() as book:
        renamed = chart_of(book).find(word)._replace(name=title)
        _state(desk, book, renamed, "account rename")
        return renamed


def close_account(desk: Desk, word: str) -> Account:
    """State an account as closed with the next batch; refused while anything still hangs on it."""
    with desk.open() as book:
        chart = chart_of(book)
        found = chart.find(word)
        if any(not child.closed for child in chart.children(found.id)):
            raise AccountInUse(
                found, sentence("accounts below it are open."), sentence("cloudbooks account list --tree")
            )
        if sum(one.totals.value for one in reading.standing(book, AFTER_ALL) if one.account == found.id):
            raise AccountInUse(
                found,
                sentence("its balance is not zero."),
                sentence("cloudbooks report ledger {code}", code=found.code),
            )
        if any(line.account == found.id for draft in working.drafts(book) for line in draft.lines):
            raise AccountInUse(
                found, sentence("drafts name it."), sentence("cloudbooks draft list acct:{code}", code=found.code)
            )
        closed = found._replace(closed=True)
        _state(desk, book, closed, "account close")
        return closed


def _state(desk: Desk, book: BookFile, stated: Account, verb: str) -> None:
    from cloudbooks.books.recording import account_record  # noqa: PLC0415 - asking for accounts needs no records

    summary = sentence("{verb} {account}", verb=verb, account=str(stated))
    with operation(book, verb=verb, summary=summary, by=desk.who(book).id) as unit:
        unit.put_pending(account_record(stated))
