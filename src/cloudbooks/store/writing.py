"""Writing to a book: nothing is, where something bars it, and a book in doubt is verified first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cloudbooks.store import doubt, trusting
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.exclusive import exclusive, require_writable


@contextmanager
def writing(book: BookFile, command: str = "", *, landed: Callable[[], bool] | None = None) -> Iterator[None]:
    """A write transaction on `book.connection`, committed when the block ends, rolled back when it raises.

    `command` is what others are told while they wait. Should the outcome of the commit be unknown, the connection is
    replaced and `landed` asked whether it took place; without one, a mark that each transaction leaves is looked for.
    Raises what bars writing, `BookBusy`, `BookHeld`, and refusals for what the disk does not do.
    """
    require_writable(book)
    if book.older:
        raise book.older
    if book.unsure:
        from cloudbooks.store import whole  # noqa: PLC0415 - the chain, which most writes do without

        with exclusive(book, "cloudbooks verify"):
            # Whoever wrote while this one waited for its turn has verified the book already.
            if doubt.stands(book):
                whole.require_whole(book)
        book.refresh()
        trusting.acknowledge(book)
        book.unsure = ""
    with exclusive(book, command or book.command, landed):
        yield
