"""Screen 8: the rules as text with their faults, and beside them what they say to each line, while they are edited."""

from __future__ import annotations

from typing import ClassVar, cast

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.timer import Timer
from textual.widgets import Static, TextArea

from cloudbooks.books import rule_making, rule_trying
from cloudbooks.books.browsing import Browser
from cloudbooks.books.rule_trying import RulesText, Trial, TriedLine
from cloudbooks.core.text import show
from cloudbooks.errors import Sentence, counted, sentence
from cloudbooks.rules.explaining import Tried
from cloudbooks.tui.page import Page
from cloudbooks.tui.showing import Words
from cloudbooks.tui.table import HouseTable
from cloudbooks.tui.table_layout import Column
from cloudbooks.tui.table_window import Row, Tone

TYPING_PAUSE = 0.3
_FINDINGS_SHOWN = 3


class RulesArea(TextArea):
    """The text of the rules. While it is read, keys are those of every screen; while it is edited, they are text."""

    @property
    def typing(self) -> bool:
        """Whether characters are text here."""
        return not self.read_only

    async def _on_key(self, event: events.Key) -> None:
        # The editor takes Esc and Tab for itself; here they leave it, as everywhere.
        if event.key in {"escape", "tab", "shift+tab", "f2"} or self.read_only:
            return
        # Backspace and its like are keys of the editor here, before they are keys of the screens.
        own = self._bindings.key_to_bindings.get(event.key)
        if own:
            event.stop()
            event.prevent_default()
            await self.run_action(own[0].action)
            return
        await super()._on_key(event)


class Rules(Page):
    """The rules of the book."""

    title = sentence("Rules")
    offers: ClassVar[tuple[str, ...]] = ("edit", "next", "save", "why", "help")
    with_period: ClassVar[bool] = False
    DEFAULT_CSS = """
    Rules Horizontal { height: 1fr; }
    Rules .pane { width: 1fr; height: 1fr; border: round $secondary; border-title-color: $foreground; }
    Rules .pane:focus-within { border: round $primary; }
    Rules.-ascii .pane { border: ascii $secondary; }
    Rules TextArea, Rules TextArea:focus { height: 1fr; border: none; padding: 0; background: $background; }
    Rules TextArea { scrollbar-size-horizontal: 0; }
    Rules #findings { height: auto; max-height: 8; padding: 0 1; color: $warning; }
    Rules #trace { height: auto; max-height: 9; padding: 0 1; border-top: solid $secondary; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.kept: RulesText | None = None
        self.trial: Trial | None = None
        self.hidden = False
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """The text and its faults; the lines and the trace of one."""
        self.set_class(self.voice.ascii_only, "-ascii")
        self.area = RulesArea("", read_only=True, show_line_numbers=True, soft_wrap=False, id="area")
        self.area.cursor_blink = False
        self.findings = Static("", markup=False, id="findings")
        self.lines = HouseTable(_columns(), id="lines")
        self.trace = Static("", markup=False, id="trace")
        with Horizontal():
            with Vertical(classes="pane", id="text-pane"):
                yield self.area
                yield self.findings
            with Vertical(classes="pane", id="lines-pane"):
                yield self.lines
                yield self.trace

    def focus_first(self) -> None:
        """The text."""
        self.area.focus()

    @property
    def changed(self) -> bool:
        """Whether something was typed that is not saved."""
        return self.kept is not None and not self.hidden and self.area.text.encode() != self.kept.data

    def chips(self) -> tuple[Words, ...]:
        """Whether something is not saved."""
        return (sentence("not saved"),) if self.changed else ()

    # Reading

    def read(self) -> None:
        """Ask for the text, unless one is being edited, and for what it says."""
        if self.changed:
            self._prove()
        else:
            self.ask("rules", lambda browser: rule_trying.rules_text(browser.desk), self._arrived)

    def _arrived(self, kept: RulesText) -> None:
        self.kept = kept
        text = kept.data.decode("utf-8-sig", errors="replace")
        shown = "\n".join(show(line) for line in text.split("\n"))
        self.hidden = shown.encode() != kept.data
        if self.area.text != shown:
            self.area.load_text(shown)
        self.query_one("#text-pane").border_title = Text(self.voice.say(kept.path.name))
        self._prove()

    def on_text_area_changed(self, _event: TextArea.Changed) -> None:
        """A moment after the last key, prove what stands there."""
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(TYPING_PAUSE, self._prove)

    def _prove(self) -> None:
        text, name = self.area.text, self.kept.path.name if self.kept else "rules.yaml"
        if self.kept is None or (not text.strip() and not self.kept.data):
            self.findings.update(
                self.voice.text(sentence("No rules yet. R on a line of screen 4 makes one, or: cloudbooks rule new"))
            )
            return
        self.ask("trial", lambda browser: rule_trying.trial_in(browser.book, browser.desk, text, name), self._tried)

    def _tried(self, trial: Trial) -> None:
        self.trial = trial
        self._show_findings(trial)
        if trial.rules is not None:
            self.lines.change_columns(_columns())
            self.lines.show_rows([_row(line) for line in trial.lines])
            self._show_trace()
        taken = sum(1 for line in trial.lines if line.rule)
        title = sentence("{taken} of the newest {n} lines are taken", taken=taken, n=len(trial.lines))
        if trial.rules is None:
            title = sentence("as before the fault")
        self.query_one("#lines-pane").border_title = Text(self.voice.say(title))
        self.house.draw_frame()

    def _show_findings(self, trial: Trial) -> None:
        lines = []
        for finding in trial.findings[:_FINDINGS_SHOWN]:
            lines.append(Text(f"{self.voice.say(finding.where)} ", "bold", end="") + self.voice.text(finding.message))
            if finding.hint is not None:
                lines.append(self.voice.text(finding.hint, "dim"))
        more = len(trial.findings) - _FINDINGS_SHOWN
        if more > 0:
            lines.append(self.voice.text(counted("{n} more finding", "{n} more findings", more)))
        if not trial.findings and trial.rules is not None:
            lines.append(
                self.voice.text(counted("{n} rule, no finding.", "{n} rules, no finding.", len(trial.rules.rules)))
            )
        self.findings.update(Text("\n").join(lines))

    def on_house_table_moved(self, _message: HouseTable.Moved) -> None:
        """Another line: its trace."""
        self._show_trace()

    def _show_trace(self) -> None:
        row = self.lines.current
        trial = self.trial
        if row is None or trial is None or trial.rules is None:
            self.trace.update("")
            return
        line = cast("TriedLine", row.about)
        rules = trial.rules

        def question(browser: Browser) -> tuple[Tried, ...]:
            return rule_trying.explained_in(browser.book, browser.desk, rules, line.statement, line.place)

        self.ask("trace", question, self._tell_trace)

    def _tell_trace(self, tried: tuple[Tried, ...]) -> None:
        deciding = next((one for one in tried if one.decides), None)
        if deciding is None:
            self.trace.update(self.voice.text(sentence("No rule takes this line.")))
            return
        self.trace.update(Text("\n").join(self.voice.text(part) for part in str(deciding).split("\n")[:8]))

    # Keys

    def why_not(self, action: str) -> Sentence | None:
        """What holds characters that cannot be seen is not edited here."""
        if action in {"edit", "save"} and self.hidden:
            return sentence("The file holds characters that cannot be seen or that are no UTF-8; edit it elsewhere.")
        if action == "save" and not self.changed:
            return sentence("Nothing was changed.")
        return super().why_not(action)

    def act_edit(self, _step: int) -> None:
        """Type in the text."""
        self.area.read_only = False
        self.area.focus()
        self.house.tell(sentence("F2 saves, Esc ends typing; what was typed stays until it is saved."))

    def act_open(self, step: int) -> None:
        """Enter in the text begins typing; on a line it shows all rules asked of it."""
        if self.area.has_focus:
            self.act_edit(step)
        else:
            self.act_why(step)

    def act_why(self, _step: int) -> None:
        """The trace of the line under the cursor."""
        self.lines.focus()
        self._show_trace()

    def act_save(self, _step: int) -> None:
        """Write the file, if the text can be read as rules."""
        text, kept = self.area.text, self.kept
        if kept is None:
            return

        def saved(_found: object) -> None:
            self.kept = RulesText(kept.path, text.encode())
            self.area.read_only = True
            self.house.tell(sentence("{file} is saved; the next import uses it.", file=kept.path.name))
            self.house.draw_frame()

        self.do(lambda desk: rule_making.save_rules(desk, text, kept.data), saved)

    async def act_back(self, step: int) -> None:
        """End typing; then up."""
        if not self.area.read_only:
            self.area.read_only = True
            self.house.draw_frame()
        else:
            await self.house.act_back(step)

    async def act_quit(self, step: int) -> None:
        """Leave; what was typed into a file and not saved is asked about, since it is no draft."""
        if not self.changed:
            await self.house.act_quit(step)
            return
        name = self.kept.path.name if self.kept is not None else ""
        self.house.question(
            (sentence("{file} was changed and is not saved; F2 saves it.", file=name),),
            sentence("leave without it"),
            lambda: self.house.act_quit(step),
        )


def _columns() -> tuple[Column, ...]:
    return (
        Column("date", sentence("Date"), least=5, most=5),
        Column("text", sentence("Bank text"), least=8, most=60, grows=True),
        Column("rule", sentence("Rule"), least=6, most=20),
    )


def _row(one: TriedLine) -> Row:
    text = " ".join(part for part in (one.line.party, one.line.kind, one.line.text) if part)
    rule: Words = one.rule or "-"
    name = f"{one.statement}/{one.place}"
    return Row(
        name, (one.line.date.isoformat()[5:], text, rule), tone=Tone.PLAIN if one.rule else Tone.ALERT, about=one
    )
