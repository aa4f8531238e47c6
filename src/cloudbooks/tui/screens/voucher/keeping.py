"""What keeps a voucher while it is typed: at every change, never over what another program wrote unseen."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace
from typing import ClassVar

from cloudbooks.books import drafting, vouchers
from cloudbooks.books.drafting import Kept
from cloudbooks.books.vouchers import Voucher
from cloudbooks.core.draft import Draft, DraftState
from cloudbooks.errors import CloudBooksError, sentence
from cloudbooks.tui.page import Page
from cloudbooks.tui.screens.voucher.grid import VoucherGrid
from cloudbooks.tui.screens.voucher.sheet import Sheet

CHANGED = "draft-changed"
"""The refusal that says that another program changed the draft."""

GONE = "draft-unknown"
"""The refusal that says that the draft is no longer there: it was discarded or posted by another program."""


class KeptVoucher(Page):
    """A voucher whose draft is kept at every change. `grid` is there once the book has answered."""

    last_day: ClassVar[dt.date | None] = None

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self.grid: VoucherGrid | None = None
        self.operation = 0
        self.changed: CloudBooksError | None = None
        self.kept: Draft | None = None
        self.untouched = True
        self._keeping = False
        self._again = False
        self._one = asyncio.Lock()

    @property
    def number_kept(self) -> int:
        """The number of the draft, 0 before it is kept."""
        return self.kept.number if self.kept is not None else self.number

    def on_voucher_grid_changed(self, event: VoucherGrid.Changed) -> None:
        """Something else stands in the sheet: keep it at once."""
        event.stop()
        self.untouched = False
        self.keep()

    def keep(self) -> None:
        """Keep the draft; while one keeping goes on, the next waits and takes what stands there then."""
        if self._keeping:
            self._again = True
            return
        if self.changed is not None:
            return
        self._keeping = True
        self.run_worker(self._keep(), group="keeping", exit_on_error=True)

    async def _keep(self) -> None:
        try:
            self._again = True
            while self._again:
                self._again = False
                await self.keep_once(DraftState.PROPOSED)
        except CloudBooksError as error:
            if error.code in {CHANGED, GONE}:
                self.ask_whose(error)
            elif self.grid is not None:
                self.grid.say(sentence("Not saved: {why}", why=error.message))
        finally:
            self._keeping = False

    async def keep_once(self, state: DraftState) -> Kept | None:
        """Keep what stands here now; nothing where there is nothing yet. Raises what `drafting.keep` refuses.

        One keeping waits for the other, so that a new voucher becomes one draft.
        """
        async with self._one:
            return await self._keep_now(state)

    async def _keep_now(self, state: DraftState) -> Kept | None:
        grid = self.grid
        if grid is None:
            return None
        if (fault := self.house.fault) is not None:
            raise fault
        draft, over, operation = grid.current().to_draft(state), self.kept, self.operation
        if over is None and not draft.lines and not draft.summary:
            return None
        if over is not None and state is DraftState.PROPOSED and _same(draft, over):
            # What was saved just now stays ready: a change that was told before it is in it.
            return None
        draft = replace(draft, number=over.number if over else 0)
        kept: Kept = await self.house.clerk.do(lambda desk: drafting.keep(desk, draft, over=over, continuing=operation))
        renamed = over is None or (over.date, over.series) != (kept.draft.date, kept.draft.series)
        self.kept, self.operation = kept.draft, kept.operation
        grid.absorb(grid.sheet.absorbed(kept.draft))
        KeptVoucher.last_day = kept.draft.date
        if renamed:
            self.foretell(kept.draft)
            self.house.draw_frame()
        return kept

    def foretell(self, draft: Draft) -> None:
        """Ask for the voucher number that the draft would get, and show it."""

        def told(number: str) -> None:
            if self.grid is not None:
                self.grid.forecast = number
                self.grid.refresh()

        self.ask("forecast", lambda browser: vouchers.forecast_in(browser.book, draft), told)

    async def settle(self) -> None:
        """Wait until what stands here is kept."""
        if self.untouched or self.changed is not None:
            return
        while self._keeping:
            await self.workers.wait_for_complete([one for one in self.workers if one.group == "keeping"])
        try:
            if self.grid is not None and self.grid.touched:
                await self.keep_once(DraftState.PROPOSED)
        except CloudBooksError as error:
            self.house.refused(error)

    # Other programs

    def meanwhile(self, voucher: Voucher | CloudBooksError, known: Draft | None) -> None:
        """What stands in the book now, as it was read when the draft was kept as `known`.

        What another program wrote is shown, with the cursor where it was; over what is being typed it is not put.
        """
        if (
            self.grid is None
            or self.kept is None
            or self.kept is not known
            or self._keeping
            or self.changed is not None
        ):
            return
        if isinstance(voucher, CloudBooksError):
            self.ask_whose(voucher)
        elif voucher.draft != self.kept and not self.grid.touched:
            self.kept, self.operation = voucher.draft, 0
            before = self.grid.sheet
            fresh = Sheet.of(voucher.draft, before.facts)
            self.grid.history.clear()
            self.grid.change(fresh.at(before.row, before.cell, before.strip), keep=False)
            self.grid.say(sentence("{name} was changed by another program; this is how it stands now.",
                                   name=voucher.draft.name))  # fmt: skip

    def ask_whose(self, error: CloudBooksError) -> None:
        """Another program changed the draft: nothing is kept over it until a person has said so."""
        self.changed = error
        if self.grid is None:
            return
        if error.code == GONE:
            self.grid.warn(
                sentence("{why} F2 keeps what stands here as a new draft, Esc leaves it.", why=error.message)
            )
        else:
            self.grid.warn(sentence("{why} F2 keeps what stands here, Esc what stands there.", why=error.message))

    async def take_over(self) -> None:
        """Let what stands here take the place of what another program wrote, or be a new draft where that is gone."""
        number, gone = self.number_kept, self.changed is not None and self.changed.code == GONE
        self.operation = 0
        if gone:
            self.kept, self.number = None, 0
        else:
            other: Voucher = await self.house.clerk.read(lambda browser: vouchers.voucher_in(browser.book, number))
            self.kept = other.draft
        self.changed = None
        if self.grid is not None:
            self.grid.warn("")


def _same(draft: Draft, kept: Draft) -> bool:
    """Whether both say the same, whatever becomes of them."""
    return replace(draft, state=kept.state, sure=kept.sure, reason=kept.reason, number=kept.number) == kept
