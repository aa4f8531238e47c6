"""The one table of keys: footer, help, palette and the key pages of the manuals are made from it.

A key has one meaning on every screen. `keys` are the places of one action (`[` is its step 0, `]` its step 1), `also`
are other ways to its step 0. While a cell is typed in, characters are text, and the keys of `CELL` hold besides those
that are no characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from cloudbooks.core.initials import initials
from cloudbooks.errors import Sentence, sentence


class Reach(StrEnum):
    """How far an action goes: the row or the rows that were marked, or further; wide ones are upper case."""

    ROW = "row"
    WIDE = "wide"


class Context(StrEnum):
    """Where a binding holds: wherever nothing is typed, or in a cell of a grid."""

    PAGE = "page"
    CELL = "cell"


@dataclass(frozen=True, slots=True)
class Binding:
    """One action with its keys, as Textual names them; characters stand for themselves.

    `names` are other words that the palette finds it by, in both languages.
    """

    id: str
    keys: tuple[str, ...]
    label_en: str
    label_zh: str
    tooltip: Sentence
    reach: Reach = Reach.ROW
    also: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    context: Context = Context.PAGE

    def label(self, *, chinese: bool) -> str:
        """Its name in the reader's language."""
        return self.label_zh if chinese else self.label_en

    def found_by(self) -> tuple[str, ...]:
        """Everything that a search finds it by, in lower case: id, labels, other names, pinyin initials."""
        words = (self.id, self.label_en, self.label_zh, *self.names)
        letters = tuple(initials(word) for word in (self.label_zh, *self.names))
        return tuple(dict.fromkeys(word.casefold() for word in (*words, *letters) if word))


def _go() -> Iterable[Binding]:
    digits = tuple("1234567890")
    yield Binding("screen", digits, "screen", "屏", sentence("The screen of that number."))
    yield Binding("open", ("enter",), "open", "打开", sentence("Go into the row under the cursor."))
    yield Binding("back", ("escape",), "back", "返回", sentence("Go out: the innermost first."), also=("backspace",))
    yield Binding("next", ("tab",), "next", "下一格", sentence("The next pane, field or cell."))
    yield Binding("previous", ("shift+tab",), "previous", "上一格", sentence("The pane, field or cell before."))
    yield Binding("jump", ("ctrl+o",), "jump", "跳转", sentence("Letters on every target; one jumps there."))
    yield Binding(
        "command", (":",), "command", "命令", sentence("Any command of the command line."), names=("run", "执行")
    )
    yield Binding(
        "palette", ("ctrl+p",), "palette", "面板", sentence("All actions, by name, other name or pinyin initials.")
    )
    yield Binding(
        "period",
        ("[", "]", "{", "}"),
        "period",
        "期间",
        sentence("The period before, the next; a shorter one, a longer one."),
        names=("month", "quarter", "year", "会计期间"),
    )
    yield Binding("today", ("t",), "today", "本期", sentence("The current period."), names=("this period",))
    yield Binding("depth", ("+", "-"), "depth", "级次", sentence("A level deeper, a level less deep."))
    yield Binding("fold", ("left", "right"), "fold", "折叠", sentence("Close or open a branch, or move the columns."))


def _find() -> Iterable[Binding]:
    yield Binding("filter", ("/",), "filter", "筛选", sentence("Narrow the list; chips show what narrows it."))
    yield Binding("next-open", ("n",), "next to do", "下一待办", sentence("The next row that needs you."))
    yield Binding("previous-open", ("p",), "to do before", "上一待办", sentence("The row before that needs you."))
    yield Binding("sort", ("<", ">"), "sort", "排序", sentence("Sort by the column left or right."))
    yield Binding("counts", ("#",), "counts", "计数", sentence("Counts of this column."))
    yield Binding("group", ("g",), "group", "分组", sentence("Group by target."))
    yield Binding(
        "difference", ("f",), "difference", "查差额", sentence("Find what makes the difference."), names=("find",)
    )
    yield Binding("zero", ("z",), "hide zero", "隐藏零", sentence("Hide or show accounts of zero."))
    yield Binding(
        "drafts", ("~",), "drafts", "含未记账", sentence("Numbers with drafts, which marks each of them."),
        names=("with drafts", "含未记账凭证"),
    )  # fmt: skip


def _mark() -> Iterable[Binding]:
    yield Binding(
        "yes", ("space",), "yes", "是", sentence("Yes to this row; again takes it back."),
        names=("accept", "tick", "approve", "take in", "确认", "勾对", "审核", "纳入"),
    )  # fmt: skip
    yield Binding("range", ("v",), "range", "连选", sentence("Begin or end a range of rows."))
    yield Binding("all", ("*",), "all", "全选", sentence("Mark all rows that are shown; again: none."))


def _row() -> Iterable[Binding]:
    yield Binding(
        "add", ("a",), "add", "新增", sentence("A new one in this list."), names=("new", "填制", "录入", "制单")
    )
    yield Binding("edit", ("e",), "edit", "修改", sentence("Change this draft."))
    yield Binding(
        "correct", ("c",), "correct", "更正", sentence("Reversal and replacement of a posted entry, as drafts."),
        names=("reverse", "冲销", "红冲", "反记账", "反过账", "改凭证"),
    )  # fmt: skip
    yield Binding(
        "turn-down", ("d",), "turn down", "退回",
        sentence("Discard your draft, return a colleague's, withdraw a statement."),
        names=("discard", "return", "withdraw", "丢弃", "删除", "作废", "撤回"),
    )  # fmt: skip
    yield Binding("match", ("m",), "match", "匹配", sentence("This line belongs to what is there already."))
    yield Binding("transfer", ("x",), "transfer", "内部转账", sentence("A transfer between your own accounts."))
    yield Binding("split", ("s",), "split", "拆分", sentence("Split this line over several accounts."))
    yield Binding("ignore", ("i",), "ignore", "忽略", sentence("Book nothing for this line; asks for the reason."))
    yield Binding(
        "why", ("w",), "why", "依据", sentence("Its story and its trace."), names=("story", "trace", "判定过程")
    )
    yield Binding("note", ("@",), "note", "备注", sentence("A note or a question to this row."), names=("批注",))
    yield Binding("document", ("o",), "document", "附件", sentence("Its document."), names=("看附件",))
    yield Binding("copy", ("y",), "copy", "复制", sentence("Copy the row, or the error, to the clipboard."))
    yield Binding("repeat", (".",), "repeat", "重复", sentence("The last answer again, on this row."))
    yield Binding(
        "reload", ("r",), "reload", "刷新", sentence("Read again, and load what arrived."), names=("retry", "重试")
    )
    yield Binding(
        "undo", ("u",), "undo", "撤销", sentence("Take back the last operation on what is not posted."),
        also=("ctrl+z",),
    )  # fmt: skip
    yield Binding("redo", ("ctrl+r",), "redo", "重做", sentence("Do again what was undone last."), also=("ctrl+y",))


def _wide() -> Iterable[Binding]:
    wide = Reach.WIDE
    yield Binding(
        "accept-all", ("A",), "accept all", "全部确认", sentence("Accept all sure lines, after a summary."), wide
    )
    yield Binding("rule", ("R",), "rule", "建规则", sentence("A rule from this line."), wide)
    yield Binding(
        "post", ("P",), "post", "记账", sentence("Post the batch: its drafts become entries."), wide,
        names=("过账", "登账"),
    )  # fmt: skip
    yield Binding(
        "close", ("C",), "close", "结账", sentence("Close the period, or reopen the last closed one."), wide,
        names=("reopen", "反结账"),
    )  # fmt: skip
    yield Binding("verify", ("V",), "verify", "验证", sentence("Verify the whole book; it only reads."), wide,
                  names=("验链",))  # fmt: skip
    yield Binding(
        "sync", ("S",), "sync", "同步", sentence("Pull from the peers, then push to them."), wide,
        names=("pull", "push", "拉取", "推送"),
    )  # fmt: skip
    yield Binding("export", ("E",), "export", "导出", sentence("This view to a file."), wide)


def _about() -> Iterable[Binding]:
    yield Binding("help", ("?",), "help", "帮助", sentence("The keys of this screen; again: all."), also=("f1",))
    yield Binding("quit", ("q",), "quit", "退出", sentence("Leave; what was typed is kept."), also=("ctrl+q",))
    # These have no key of their own: the palette and the settings have them.
    yield Binding("language", (), "语言 / Language", "语言 / Language", sentence("Chinese or English, at once."),
                  names=("english", "chinese", "中文", "英文"))  # fmt: skip
    yield Binding("theme", (), "theme", "主题", sentence("Light, dark, high contrast, mono."),
                  names=("light", "dark", "contrast", "mono", "颜色"))  # fmt: skip
    yield Binding("log", (), "operation log", "操作日志", sentence("Who did what, also what was undone."),
                  names=("history",))  # fmt: skip


def _cell() -> Iterable[Binding]:
    cell = Context.CELL
    yield Binding("lookup", ("f7",), "look up", "查科目", sentence("Look up an account."), context=cell)
    yield Binding("save", ("f2",), "save", "保存", sentence("Save the draft."), also=("ctrl+s",), context=cell)
    yield Binding("save-next", ("f12",), "save and next", "保存并新增", sentence("Save, and begin the next."),
                  context=cell)  # fmt: skip
    yield Binding("template", ("f4",), "template", "常用凭证",
                  sentence("Begin from a template, or keep this voucher as one."),
                  names=("模式凭证", "凭证模板"), context=cell)  # fmt: skip
    yield Binding("copy-entry", ("f8",), "copy entry", "复制凭证", sentence("Begin from a copy of an entry."),
                  context=cell)  # fmt: skip
    yield Binding("insert-row", ("insert",), "insert row", "插行", sentence("A new row above."), context=cell)
    yield Binding("delete-row", ("ctrl+delete",), "delete row", "删行", sentence("Remove this row."), context=cell)


BINDINGS: tuple[Binding, ...] = (*_go(), *_find(), *_mark(), *_row(), *_wide(), *_about(), *_cell())
"""All bindings, in the order in which help lists them."""

BY_ID: Mapping[str, Binding] = {binding.id: binding for binding in BINDINGS}

LATER = frozenset({"difference", "match", "note", "document"})
"""Actions that no screen has yet: their keys are kept free for them, and neither help nor manual names them."""

BUILT: tuple[Binding, ...] = tuple(binding for binding in BINDINGS if binding.id not in LATER)
"""The bindings of what there is."""

FORBIDDEN = frozenset(
    {"ctrl+i", "ctrl+m", "ctrl+j", "ctrl+h", "ctrl+left_square_bracket", "ctrl+enter", "shift+enter", "ctrl+a"}
    | {"ctrl+b", "f10", "f11"}
)
"""Keys that terminals send for others, or keep for themselves."""

ONLY_ALSO = frozenset({"ctrl+s", "ctrl+q"})
"""Keys of flow control: they may be another way to an action, never the only one."""
