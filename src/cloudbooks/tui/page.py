"""A page: what stands between the first line and the last, reads in the background, and answers to keys."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from textual.containers import Vertical
from textual.widget import Widget

from cloudbooks.books.browsing import Browser, ReadingStopped
from cloudbooks.books.desk import Desk
from cloudbooks.errors import CloudBooksError, Sentence, counted, sentence
from cloudbooks.tui import row_keys
from cloudbooks.tui.guard import work_on
from cloudbooks.tui.notice import Notice
from cloudbooks.tui.showing import Voice, Words
from cloudbooks.tui.table_window import Row, Tone

if TYPE_CHECKING:
    from cloudbooks.tui.app import BooksApp

T = TypeVar("T")

CHANGES = frozenset(
    {"add", "edit", "correct", "turn-down", "match", "transfer", "split", "ignore", "note", "repeat", "undo", "redo"}
    | {"yes", "accept-all", "rule", "post", "close"}
)
"""Actions that change the book: none of them is possible while it is read-only."""


class Page(Vertical):
    """One screen, or a level below one. See `tui/__init__.py` for how one is made.

    `title` stands in the breadcrumb, `offers` are the actions that the footer names, `with_period` says that the period
    of the frame is this page's too, `with_drafts` that it can show numbers or rows with drafts.
    """

    title: ClassVar[Sentence] = sentence("Home")
    offers: ClassVar[tuple[str, ...]] = ("open", "period", "filter", "command", "help")
    with_period: ClassVar[bool] = True
    with_drafts: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self._asked: dict[str, int] = {}
        self._since: dict[str, float] = {}
        self._counting: dict[str, float] = {}
        self.opening: set[str] = set()
        self.trouble: CloudBooksError | None = None
        self.notice = Notice()
        self.notice.display = False

    @property
    def house(self) -> BooksApp:
        """The app, with what this program's app knows."""
        return cast("BooksApp", self.app)

    @property
    def voice(self) -> Voice:
        """How this session speaks."""
        return self.house.voice

    # What a page says of itself

    def crumbs(self) -> tuple[Words, ...]:
        """What the breadcrumb adds for this page."""
        return (self.title,)

    def chips(self) -> tuple[Words, ...]:
        """What narrows this page, for the first line."""
        return ()

    def tally(self) -> Words:
        """What stands at the right of the first line, such as `12 of 391`; empty for the state of the chain."""
        return ""

    def why_not(self, action: str) -> Sentence | None:
        """Why an action of the table of keys is not possible now; `None` if it is."""
        if self.handler(action) is None and self.house.handler(action) is None:
            return sentence("{action} has no meaning on this screen.", action=self.house.label(action))
        if action in CHANGES and (fault := self.house.fault) is not None:
            return sentence("The book is read-only [{code}]: 9 shows what is wrong.", code=fault.code)
        return self._without(action)

    def _without(self, action: str) -> Sentence | None:
        """Why an action has nothing to act on here."""
        if action in {"period", "today"} and not self.with_period:
            return sentence("This screen is not about a period.")
        if action == "drafts" and not self.with_drafts:
            return sentence("This screen shows no numbers that drafts could change.")
        if action == "export" and not hasattr(self, "export_words"):
            return sentence("No command writes this screen; 2, 3 and 7 are written by E.")
        if action == "export" and self.with_drafts and self.house.with_drafts:
            return sentence("Files hold what is posted; ~ takes the drafts out first.")
        return None

    def needs(self, row: Row) -> bool:
        """Whether a row needs somebody: `n` and `p` go from one such row to the other."""
        return row.tone is Tone.ALERT

    def handler(self, action: str) -> Callable[[int], Awaitable[None] | None] | None:
        """The method that does an action here."""
        found: Callable[[int], Awaitable[None] | None] | None = getattr(self, f"act_{action.replace('-', '_')}", None)
        return found

    # Reading and doing

    def read(self) -> None:
        """Ask for everything this page shows. Called when it is first shown and whenever the book has changed."""

    def period_changed(self) -> None:
        """The period of the frame is another one now."""
        self.read()

    def voice_changed(self) -> None:
        """The language or the marks are others now."""
        self.read()

    def focus_first(self) -> None:
        """Give the focus to the widget in which the work of this page is done."""
        first = next((one for one in self.query("*") if one.focusable), None)
        if first is not None:
            first.focus()

    def ask(
        self,
        name: str,
        question: Callable[[Browser], T],
        then: Callable[[T], Any],
        *,
        slow: bool = False,
        opens: bool = False,
    ) -> None:
        """Ask the reader; `then` gets the answer unless a question of the same name was asked since.

        A `CloudBooksError` is shown in place of the page, with `r` to ask again. What takes longer the larger the book
        is, such as a count, is asked as `slow`: the rows do not wait for it. With `opens` the answer opens something
        that is typed into: keys that come meanwhile are for that.
        """
        number = self._asked[name] = self._asked.get(name, 0) + 1
        owner = (self, name)
        since = self._counting if slow else self._since
        if name in since:
            # An answer that nobody waits for any more must not keep the next one waiting.
            self.house.clerk.interrupt(owner, slow=slow)
        since[name] = monotonic()
        if opens:
            self.opening.add(name)

        def fresh(browser: Browser) -> tuple[bool, T | None]:
            # What was overtaken while it waited is not even asked.
            return (True, question(browser)) if self._asked[name] == number else (False, None)

        async def answered() -> None:
            try:
                asked, answer = await self.house.clerk.read(fresh, slow=slow, owner=owner)
            except Exception as error:  # noqa: BLE001 - what nobody expected is said in the page, with its log
                if self._asked[name] == number and self.is_mounted:
                    since.pop(name, None)
                    self._not_answered(error, lambda: self.ask(name, question, then, slow=slow, opens=opens), slow=slow)
                return
            if asked and self._asked[name] == number and self.is_mounted:
                since.pop(name, None)
                self.no_trouble(name)
                result = then(cast("T", answer))
                if isinstance(result, Awaitable):
                    await result

        async def guarded() -> None:
            await self.house.guarded(answered())
            self._opening_ended(name, number)

        work_on(self, guarded, group=f"{id(self)}-{name}")

    def _not_answered(self, error: Exception, again: Callable[[], None], *, slow: bool) -> None:
        told = error if isinstance(error, CloudBooksError) else self.house.bug(error)
        if not (slow and isinstance(error, ReadingStopped)):
            self.show_trouble(told, again)

    def _opening_ended(self, name: str, number: int) -> None:
        """What an answer was to open is there, or does not come; unless the same was asked again since."""
        if name in self.opening and self._asked.get(name, 0) == number:
            self.opening.discard(name)
            self.house.keys_go_on()

    def do(
        self, operation: Callable[[Desk], T], then: Callable[[T], Any] | None = None, *, opens: bool = False
    ) -> None:
        """Do an operation on the book in the writer's thread; then every page shown reads again.

        A refusal is said in a dialog and changes nothing on the page. `opens` is as in `ask`.
        """
        if opens:
            self.opening.add("doing")

        async def done() -> None:
            if (fault := self.house.fault) is not None:
                self.house.refused(fault)
                return
            result = await self.house.signed(self.house.clerk.do(operation))
            if then is not None and self.is_mounted:
                said = then(result)
                if isinstance(said, Awaitable):
                    await said
            self.house.book_changed()

        async def guarded() -> None:
            await self.house.guarded(done())
            self._opening_ended("doing", 0)

        # The app's, not the page's: leaving the page must not lose the answer of an operation that goes on.
        work_on(self.house, guarded, group="doing")

    @property
    def busy_seconds(self) -> float:
        """How long the oldest open question has been waiting, counts aside."""
        return monotonic() - min(self._since.values()) if self._since else 0.0

    @property
    def counting_seconds(self) -> float:
        """How long the oldest open count has been waiting."""
        return monotonic() - min(self._counting.values()) if self._counting else 0.0

    def show_trouble(self, error: CloudBooksError, again: Callable[[], None]) -> None:
        """Show an error where the page was: an error never looks like emptiness."""
        self.trouble = error
        self._retry = again
        self.notice.show_error(error)
        self._reveal(notice=True)

    def no_trouble(self, name: str) -> None:
        """The question of this name was answered: its error, if it was shown, is over."""
        del name
        if self.trouble is not None:
            self.trouble = None
            self._reveal(notice=False)
            if self.house.page is self and self.house.focused is None:
                # What was hidden under the error has lost the focus, and keys would reach nothing.
                self.focus_first()

    def put_away(self, widget: Widget, *, away: bool) -> None:
        """Hide a child of the page, or show it again once no error stands there."""
        widget.set_class(away, "-put-away")
        widget.display = not away and self.trouble is None

    def _reveal(self, *, notice: bool) -> None:
        for child in self.children:
            child.display = notice if child is self.notice else not notice and not child.has_class("-put-away")

    def act_reload(self, _step: int) -> None:
        """Read again; after an error, try again."""
        if self.trouble is not None and self.house.standing is not None:
            self._retry()
        else:
            self.house.book_changed()
        self.house.tell(sentence("Read again."))

    def act_next_open(self, _step: int) -> None:
        """The next row that needs somebody."""
        self._seek(1)

    def act_previous_open(self, _step: int) -> None:
        """The row before that needs somebody."""
        self._seek(-1)

    def _seek(self, step: int) -> None:
        table = row_keys.table_of(self)
        said = row_keys.seek(table, self.needs, step) if table is not None else sentence("There are no rows here.")
        if said is not None:
            self.house.tell(said)

    def act_copy(self, _step: int) -> None:
        """The chosen rows to the clipboard."""
        table = row_keys.table_of(self)
        rows = table.chosen if table is not None else ()
        if not rows:
            self.house.tell(sentence("There is no row to copy."))
            return
        self.house.copy_to_clipboard(row_keys.copied(rows, self.voice))
        self.house.tell(counted("{n} row copied.", "{n} rows copied.", len(rows)))

    def on_mount(self) -> None:
        """Put the place for errors beside what the page holds."""
        self.mount(self.notice)
