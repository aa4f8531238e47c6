"""What is marked in a table: rows one by one, all at hand, or a range from one to the cursor."""

from __future__ import annotations

from textual.scroll_view import ScrollView

from cloudbooks.tui.table_window import Row, Window


class MarkedRows(ScrollView):
    """Rows at hand, the place of the cursor among them, and which are marked. Marks are held by id."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self.window = Window()
        self.at = 0
        self.marked: set[str] = set()
        self._range_from = ""

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        return self.window.rows[self.at] if 0 <= self.at < len(self.window) else None

    @property
    def current_id(self) -> str:
        """Its id, empty for none."""
        row = self.current
        return row.id if row is not None else ""

    @property
    def chosen(self) -> tuple[Row, ...]:
        """The rows that an action is about: those that are marked, else the one under the cursor."""
        rows = tuple(row for row in self.window.rows if row.id in self.marked)
        return rows or ((self.current,) if self.current is not None else ())

    def mark(self, row_id: str, *, on: bool | None = None) -> None:
        """Mark a row, or take the mark back."""
        wanted = row_id not in self.marked if on is None else on
        (self.marked.add if wanted else self.marked.discard)(row_id)
        self.refresh()

    def mark_all(self) -> None:
        """Mark all rows at hand; if they are marked, none."""
        everything = {row.id for row in self.window.rows}
        self.marked = set() if everything <= self.marked else everything
        self.refresh()

    def toggle_range(self) -> bool:
        """Begin a range at the cursor, or end it; tells whether one is open."""
        self._range_from = "" if self._range_from else self.current_id
        self._mark_range()
        return bool(self._range_from)

    @property
    def in_range(self) -> bool:
        """Whether a range is open."""
        return bool(self._range_from)

    def _mark_range(self) -> None:
        start = self.window.places.get(self._range_from)
        if start is not None:
            low, high = sorted((start, self.at))
            self.marked |= {row.id for row in self.window.rows[low : high + 1]}
        self.refresh()
