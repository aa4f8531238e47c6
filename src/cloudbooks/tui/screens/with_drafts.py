"""What a list does with the drafts among its posted entries: accept, discard, and why the rest is not possible."""

from __future__ import annotations

from cloudbooks.books import drafting
from cloudbooks.core.draft import Draft, DraftState
from cloudbooks.core.listing import EntryRow
from cloudbooks.errors import Sentence, sentence
from cloudbooks.tui.screens.entry import EntryPage
from cloudbooks.tui.table_page import TablePage
from cloudbooks.tui.table_window import Row


class WithDrafts(TablePage):
    """A list whose rows are about posted entries, and about drafts where they are asked for."""

    with_drafts = True

    def needs(self, row: Row) -> bool:
        """A draft that is neither ready nor held back needs somebody."""
        return isinstance(row.about, Draft) and row.about.state not in {DraftState.READY, DraftState.HELD}

    async def row_opened(self, row: Row) -> None:
        """Into the entry, or the draft."""
        await self.house.push(EntryPage(row.about))

    def why_not(self, action: str) -> Sentence | None:
        """Drafts can be accepted and discarded, posted entries corrected."""
        row = self.table.current
        about = row.about if row is not None else None
        if action in {"turn-down", "edit", "correct"} and about is None:
            return sentence("There is no row under the cursor.")
        if action in {"next-open", "previous-open"} and not self.house.with_drafts:
            return sentence("Only drafts need you here; ~ shows them.")
        if action in {"yes", "turn-down", "edit"} and isinstance(about, EntryRow):
            return sentence("{number} is posted and does not change; c corrects it.", number=about.voucher)
        if action == "correct" and isinstance(about, Draft):
            return sentence("{name} is a draft; e changes it.", name=about.name)
        return super().why_not(action)

    def _chosen_drafts(self) -> list[int]:
        """The numbers of the drafts that are chosen, each once: several lines may be of one."""
        chosen = [row.about.number for row in self.table.chosen if isinstance(row.about, Draft)]
        return list(dict.fromkeys(chosen))

    def act_yes(self, _step: int) -> None:
        """Accept the drafts that are chosen."""
        if numbers := self._chosen_drafts():
            self.do(lambda desk: drafting.accept(desk, numbers, sure=False), self._accepted)

    def _accepted(self, drafts: tuple[Draft, ...]) -> None:
        self.table.marked.clear()
        self.house.tell(sentence("{n} ready to post. u undoes it.", n=len(drafts)))

    def act_turn_down(self, _step: int) -> None:
        """Discard the drafts that are chosen."""
        if numbers := self._chosen_drafts():
            self.do(lambda desk: drafting.discard(desk, numbers), lambda _: self._discarded(len(numbers)))

    def _discarded(self, count: int) -> None:
        self.table.marked.clear()
        self.house.tell(sentence("{n} discarded. u undoes it.", n=count))

    def act_correct(self, _step: int) -> None:
        """Draft the reversal and the replacement of a posted entry."""
        row = self.table.current
        if row is not None and isinstance(row.about, EntryRow):
            self.house.correct(row.about.id)
