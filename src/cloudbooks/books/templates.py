"""`template …`: vouchers that come again, kept under a name and begun from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches

from cloudbooks.books import drafting, inspecting
from cloudbooks.books.correcting import open_day
from cloudbooks.books.desk import Desk
from cloudbooks.books.fitting import fit_name
from cloudbooks.books.next_batch import book_series
from cloudbooks.core.draft import Draft, DraftLine, DraftState
from cloudbooks.errors import Refusal, sentence
from cloudbooks.store import reading, working
from cloudbooks.store import templates as kept
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.unit import operation


class TemplateUnknown(Refusal):
    """There is no entry template of this name."""

    code = "template-unknown"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        near = get_close_matches(name, list(known), n=1)
        hint = sentence("cloudbooks template list")
        if near:
            hint = sentence('near it is "{name}"; cloudbooks template list', name=near[0])
        super().__init__(sentence('there is no template "{name}".', name=name), hint=hint)


class TemplateEmpty(Refusal):
    """A voucher without a single line with an account was to become a template."""

    code = "template-empty"

    def __init__(self, name: str) -> None:
        super().__init__(
            sentence('nothing of the voucher can be kept as "{name}": no line has an account.', name=name),
            hint=sentence("a template is made of a draft or an entry with lines"),
        )


@dataclass(frozen=True, slots=True)
class Template:
    """A voucher that comes again: `draft` has its summary, tags and lines, and neither number nor day.

    `replaced` says that another of its name was there before.
    """

    name: str
    draft: Draft
    replaced: bool = False


def templates_in(book: BookFile) -> tuple[Template, ...]:
    """The templates of a book by name."""
    found = [Template(name, draft) for name, draft in kept.templates(book).items()]
    return tuple(sorted(found, key=lambda one: (one.name.casefold(), one.name)))


def templates(desk: Desk) -> tuple[Template, ...]:
    """The templates of the book by name."""
    with desk.open() as book:
        return templates_in(book)


def template(desk: Desk, name: str) -> Template:
    """The template of a name; raises `TemplateUnknown`."""
    with desk.open() as book:
        return _named(book, name)


def _named(book: BookFile, name: str) -> Template:
    found = templates_in(book)
    for one in found:
        if one.name == name.strip():
            return one
    raise TemplateUnknown(name, [one.name for one in found])


def save(desk: Desk, name: str, source: Draft) -> Template:
    """Keep a voucher under a name, in the place of one that had it.

    What belongs to that voucher alone is left out: day, number, statement lines, files, approvals. Raises `NameEmpty`,
    `TemplateEmpty`.
    """
    title = fit_name(sentence("the name of the template"), name)
    with desk.open() as book:
        base = reading.facts(book).base
        lines = tuple(_line(line, base) for line in source.lines if line.account)
        if not lines:
            raise TemplateEmpty(title)
        draft = Draft(None, "", source.summary, lines, tags=source.tags)
        replaced = title in kept.templates(book)
        summary = sentence("template save {name}", name=title)
        with operation(book, verb="template save", summary=summary, by=desk.who(book).id) as unit:
            kept.put_template(unit, title, draft)
        return Template(title, draft, replaced)


def _line(line: DraftLine, base: str) -> DraftLine:
    # What a line in another commodity is worth is asked of the prices of the day on which it is used.
    return replace(line, value=line.amount if line.commodity == base else None, settles=())


def save_draft(desk: Desk, name: str, number: int) -> Template:
    """Keep a draft as a template; raises `DraftUnknown` and what `save` raises."""
    with desk.open() as book:
        source = working.draft(book, number)
    return save(desk, name, source)


def save_entry(desk: Desk, name: str, word: str) -> Template:
    """Keep a posted entry, by its name or id, as a template; raises what naming it and `save` raise."""
    entry = inspecting.entry(desk, word).entry
    lines = tuple(DraftLine.of(one) for one in entry.postings)
    return save(desk, name, Draft(None, "", entry.summary, lines, tags=entry.tags))


def remove(desk: Desk, name: str) -> Template:
    """Keep a template no longer; raises `TemplateUnknown`."""
    with desk.open() as book:
        found = _named(book, name)
        summary = sentence("template remove {name}", name=found.name)
        with operation(book, verb="template remove", summary=summary, by=desk.who(book).id) as unit:
            kept.drop_template(unit, found.name)
        return found


def draft_from(desk: Desk, name: str, day: date | None = None) -> Draft:
    """A draft from a template, of a day, else of today or the first open day: ready if it lacks nothing.

    Raises `TemplateUnknown`.
    """
    with desk.open() as book:
        source = _named(book, name).draft
        when, series = day or open_day(book, desk.today), book_series(book)
    return drafting.keep(desk, replace(source, date=when, series=series, state=DraftState.READY)).draft
