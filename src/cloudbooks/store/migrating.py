"""Migrating a book: from the version of an earlier program to this one's, in one transaction that verifies it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from cloudbooks.store import meta, migrations, opening, schema, trusting, whole
from cloudbooks.store.exclusive import migrating

if TYPE_CHECKING:
    from cloudbooks.errors import Finding
    from cloudbooks.store.book_file import BookFile


Watch = Callable[[], None]


def migrate(book: BookFile, keep: Callable[[], None] = lambda: None, watch: Watch | None = None) -> tuple[Finding, ...]:
    """Bring a book to this program's version, if it is older; gives what the state folder did not take.

    `keep` is called once nobody else can write and before anything is changed, to keep a copy of the book as it is;
    what it raises leaves the book alone. The whole book is verified as it is to be before it is committed, so a stop at
    any time leaves the old book or the new one. `watch` is called after each block that is verified. Log, drafts,
    settings and receipt stay as they are.

    Raises what bars writing, and `PostedChanged` where the book is not what was posted.
    """
    before, doubted = book.version, book.unsure
    if book.older is None:
        return ()
    try:
        with migrating(book):
            found = opening.examine(book.connection, book.path)
            if found != schema.VERSION:
                keep()
            _take_steps(book)
            whole.require_whole(book, watch)
    except BaseException:
        book.version = before
        raise
    book.kept, book.unsure = None, ""
    book.refresh()
    return tuple(trusting.acknowledge(book)) if doubted else ()


def _take_steps(book: BookFile) -> None:
    """Take the steps that are left: none, where another program took them since the book was opened."""
    connection = book.connection
    opening.end_standing_in(connection, book.version)
    migrations.migrate(connection)
    meta.write(connection, meta.MIGRATIONS, meta.migrations_digest(connection))
    book.version = schema.VERSION
