"""`import`: a bank's file becomes statement lines, and each new line a draft."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from cloudbooks.books.deciding import Progress, Proposed, propose_all, silent
from cloudbooks.books.desk import Desk
from cloudbooks.books.founding import commodity_record
from cloudbooks.books.layouts import shipped_layouts
from cloudbooks.books.next_batch import CommodityUnknown, all_commodities, book_series, chart_of, valuation
from cloudbooks.books.packs import currencies, currency
from cloudbooks.books.parties import NamedParties
from cloudbooks.books.proposing import Proposer
from cloudbooks.books.ruling import RulesFile, rules_for
from cloudbooks.chain.canonical import b3
from cloudbooks.core.account import Account
from cloudbooks.core.commodity import Commodity
from cloudbooks.core.draft import DraftState
from cloudbooks.core.entry import Attachment
from cloudbooks.core.statement import Fate, Unreadable
from cloudbooks.errors import Finding, Refusal, sentence
from cloudbooks.importers.findings import findings
from cloudbooks.importers.layout import SkipReason
from cloudbooks.importers.mapping_refusals import AmountUnknown, ColumnUnsure
from cloudbooks.importers.sniffing import Sniffed, sniff
from cloudbooks.importers.statement_reading import Options, Reading, read_statement
from cloudbooks.store import reading, working
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.unit import Unit, operation


class AccountBound(Refusal):
    """A statement's commodity is not the one that its account is bound to."""

    code = "account-bound"

    def __init__(self, account: Account, commodity: str) -> None:
        super().__init__(
            sentence(
                "{account} takes {bound} only, and the file has lines in {commodity}.",
                account=str(account),
                bound=account.commodity,
                commodity=commodity,
            ),
            hint=sentence(
                "cloudbooks account add {code}.02 NAME --commodity {commodity}", code=account.code, commodity=commodity
            ),
        )


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """One file to import: its bytes and name, the account it belongs to, and what the user says about its layout."""

    data: bytes
    name: str
    account: str
    options: Options
    rules: Path | None = None


@dataclass(frozen=True, slots=True)
class ImportedStatement:
    """The lines of one commodity: its S-number (0 if nothing was new) and what the file says of its balances."""

    number: int
    commodity: str
    lines: int
    opening: int | None
    closing: int | None
    agrees: bool | None
    scale: int


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. Every line has one fate: lines = new + seen + twins + changed + unreadable."""

    file: Attachment
    profile: str
    encoding: str
    account: Account
    fates: Mapping[Fate, int]
    unreadable: tuple[Unreadable, ...]
    skipped: Mapping[SkipReason, int]
    drafts: int
    sure: int
    ignored: int
    statements: tuple[ImportedStatement, ...]
    findings: tuple[Finding, ...]

    @property
    def lines(self) -> int:
        """All lines, whatever became of them."""
        return sum(self.fates.values())

    @property
    def to_decide(self) -> int:
        """Drafts that no rule decided alone."""
        return self.drafts - self.sure


def sniff_file(data: bytes, options: Options | None = None) -> Sniffed:
    """What a file seems to be; writes nothing and needs no book."""
    return sniff(data, shipped_layouts(), options)


def import_statement(
    desk: Desk, request: ImportRequest, *, dry_run: bool = False, progress: Progress = silent
) -> Imported:
    """Read a file whole or not at all, keep its lines with their fates, and draft an entry for each new one.

    Lines seen before add nothing. What `progress` raises ends the import, and nothing was written. Raises what the
    importers refuse (`layout-unknown`, `rows-unreadable`, …).
    """
    with desk.open() as book:
        account = chart_of(book).find(request.account)
        base = reading.facts(book).base
        options = replace(request.options, commodity=request.options.commodity or account.commodity or base)
        found, answered = _read(book, request.data, options, progress)
        commodities = _commodities(book, found, account)
        rules = rules_for(desk, book, request.rules, chart_of(book))
        parties = NamedParties.of(desk, book)
        proposer = _proposer(desk, book, account, found.profile, commodities, rules, parties)
        file = _file(request)
        proposed = propose_all(desk, book, proposer, file, found, progress)
        numbers = [0] * len(proposed)
        if not dry_run and any(one.fresh for one in proposed):
            with _operation(desk, book, request) as unit:
                if answered:
                    unit.put_setting(answered, options.amount_column)
                unit.attach(request.data)
                rules.keep(unit)
                parties.keep(unit)
                _keep_commodities(desk, book, unit, commodities)
                numbers = [_keep(unit, one) if one.fresh else 0 for one in proposed]
        return _imported(found, account, file, proposed, numbers, commodities)


def proposer_for(desk: Desk, book: BookFile, account: Account, profile: str, rules: Path | None = None) -> Proposer:
    """What the rules of today would make of lines of an account."""
    chart = chart_of(book)
    return _proposer(desk, book, account, profile, {}, rules_for(desk, book, rules, chart), NamedParties.of(desk, book))


def _proposer(
    desk: Desk,
    book: BookFile,
    account: Account,
    profile: str,
    commodities: Mapping[str, Commodity],
    rules: RulesFile,
    parties: NamedParties,
) -> Proposer:
    prices = valuation(book)
    return Proposer(
        chart=chart_of(book),
        account=account,
        profile=profile,
        series=book_series(book),
        made_by=desk.who(book).id,
        valuation=replace(prices, commodities={**commodities, **prices.commodities}),
        party_id=parties.id_of,
        decider=rules.decider,
        rules=rules.record_id,
        zh=reading.facts(book).jurisdiction == "CN",
    )


def _scales(book: BookFile) -> Mapping[str, int]:
    """Decimals of every currency of the list, and of what the book knows otherwise."""
    listed = {one.code: one.scale for one in currencies()}
    return listed | {code: commodity.scale for code, commodity in all_commodities(book).items()}


def _commodities(book: BookFile, found: Reading, account: Account) -> dict[str, Commodity]:
    """The commodities of the file's statements; one that the book does not know is taken from the currency list."""
    known = all_commodities(book)
    needed: dict[str, Commodity] = {}
    for code in found.statements:
        if account.commodity and account.commodity != code:
            raise AccountBound(account, code)
        listed = currency(code)
        if code in known:
            needed[code] = known[code]
        elif listed is not None:
            needed[code] = Commodity(listed.code, listed.scale, listed.en)
        else:
            raise CommodityUnknown(code)
    return needed


def _file(request: ImportRequest) -> Attachment:
    digest = hashlib.sha256(request.data).hexdigest()
    return Attachment(b3(request.data), f"s256:{digest}", len(request.data), "text/csv", Path(request.name).name)


def _read(book: BookFile, data: bytes, options: Options, progress: Progress) -> tuple[Reading, str]:
    """The reading of a file, and the setting under which the user's word about its amount is to be remembered, if any.

    A file in whose columns nothing decides is read by what was said of the same columns before.
    """
    scales = _scales(book)

    def read(amount_column: str) -> Reading:
        chosen = replace(options, amount_column=amount_column)
        return read_statement(data, shipped_layouts(), chosen, scales, lambda rows: progress(rows, None))

    try:
        found = read("")
    except (ColumnUnsure, AmountUnknown) as unsure:
        name = amount_setting(unsure.columns)
        word = options.amount_column or working.setting(book, name) or ""
        if not word:
            raise
        return read(word), name
    if options.amount_column:
        found = read(options.amount_column)
    return found, ""


def amount_setting(columns: Sequence[str]) -> str:
    """The setting that holds which of these columns a person said the amount is."""
    return f"amount of {' | '.join(columns)}"


def _operation(desk: Desk, book: BookFile, request: ImportRequest) -> AbstractContextManager[Unit]:
    summary = sentence("import {file} to {account}", file=Path(request.name).name, account=request.account)
    return operation(book, verb="import", summary=summary, by=desk.who(book).id)


def _keep_commodities(desk: Desk, book: BookFile, unit: Unit, commodities: Mapping[str, Commodity]) -> None:
    known = all_commodities(book)
    for code, commodity in commodities.items():
        if code not in known:
            unit.put_pending(commodity_record(desk, code, commodity.scale, commodity.name))


def _keep(unit: Unit, one: Proposed) -> int:
    kept = unit.keep_drafts([draft for _, draft in one.drafts])
    numbers = {place: draft.number for (place, _), draft in zip(one.drafts, kept, strict=True)}
    return unit.stage(one.staged, [line.drafted(numbers.get(line.place)) for line in one.lines])


def _imported(
    found: Reading,
    account: Account,
    file: Attachment,
    proposed: Sequence[Proposed],
    numbers: Sequence[int],
    commodities: Mapping[str, Commodity],
) -> Imported:
    fates = Counter(line.fate for one in proposed for line in one.lines)
    fates[Fate.UNREADABLE] = len(found.unreadable)
    drafts = [draft for one in proposed for _, draft in one.drafts]
    statements = tuple(
        ImportedStatement(
            number,
            one.staged.commodity,
            one.staged.lines,
            one.staged.opening,
            one.staged.closing,
            found.statements[one.staged.commodity].agrees,
            commodities[one.staged.commodity].scale,
        )
        for one, number in zip(proposed, numbers, strict=True)
    )
    return Imported(
        file=file,
        profile=found.profile,
        encoding=found.encoding,
        account=account,
        fates=fates,
        unreadable=found.unreadable,
        skipped=found.skipped_by_reason,
        drafts=len(drafts),
        sure=sum(draft.sure and draft.state is not DraftState.INCOMPLETE for draft in drafts),
        ignored=sum(one.ignored for one in proposed),
        statements=statements,
        findings=findings(found),
    )
