"""The commands that are tortured, a table: a line for each, and what leads up to it. Add a line, and all arms take it.

Every command is the program's own, in a folder that holds all that it touches: the book, the state folder with receipt
and keys, another machine (`office`) with a copy of the book, and the folder peer `shared` between them.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import Final

FILES: Final = {
    "icbc.csv": """交易日期,对方户名,摘要,收入金额,支出金额,币种
2026-10-08,Staples,paper,,300.00,CNY
2026-10-09,Nobody,something,,12.50,CNY
2026-10-12,Tenants Ltd,rent of October,5000.00,,CNY
2026-10-13,Staples,toner,,80.00,CNY
""",
    "rules.yaml": """rules:
- name: rent
  when: {text: {contains: rent}}
  then: {account: "4900", summary: Rent}
- name: paper
  when: {party: {contains: Staples}}
  then: {account: "6400", summary: Office}
""",
    "passphrase": "correct horse battery staple\n",
}
"""What lies beside every book before the first command."""
ENVIRONMENT: Final = {"CLOUDBOOKS_PASSPHRASE_FILE": "passphrase"}

_INIT = "init acme --name Acme --base CNY --chart generic --start 2026-01 --bank 1010.01=ICBC --as Ann --yes"
_IMPORT = "import icbc.csv --account 1010.01 --yes"
_FOUND = (f"{_INIT} --no-passphrase",)
_POSTED = (
    *_FOUND,
    "add 2026-10-05 Rent 6200 10 1010.01",
    "add 2026-10-05 Paper 6400 20 1010.01",
    "post --all --yes",
)
_SENT = (*_POSTED, "peer add shared shared", "sync --yes")
_CLONED = (*_SENT, "office: init acme --from ../shared --no-passphrase --as Bob --json")
_SHARED = (*_CLONED, "member add Bob --key OFFICE --rights post --yes", "sync --yes", "office: sync --yes")
_AHEAD = (
    "add 2026-10-06 Toner 6400 30 1010.01",
    "post --all --yes",
    "add 2026-10-07 Stamps 6400 40 1010.01",
    "post --all --yes",
)
_ELSEWHERE = (*(f"office: {command}" for command in _AHEAD), "office: sync --yes")
_EVIDENCED = (*_POSTED, _AHEAD[0], "draft attach D-3 icbc.csv", "post --all --yes")
_TWO = (*_POSTED, "member add Bob --here --rights post,approve --no-passphrase --yes")
_CLOSED = (*_POSTED, "period close 2026-10 --reason 'a test' --yes")
_BACKED_UP = (*_POSTED, "book backup kept.cbk-backup")
_NEWER = (*_BACKED_UP, *_AHEAD)


@dataclass(frozen=True, slots=True)
class Verb:
    """A command, what leads up to it, and the exit statuses of a repeat of it once it has been done.

    `steps` says that it commits more than once, so that it may be found in the middle. A `keyed` command carries an
    idempotency key: a repeat must then be the same act, not another one.
    """

    name: str
    command: str
    before: tuple[str, ...]
    repeated: tuple[int, ...] = (0,)
    steps: bool = False
    keyed: bool = True

    @property
    def words(self) -> tuple[str, ...]:
        """The command line."""
        return (*shlex.split(self.command), *(("--key", "k1") if self.keyed else ()))


VERBS: Final = {
    verb.name: verb
    for verb in (
        Verb("init", _FOUND[0], (), repeated=(3,), keyed=False),
        Verb("init with a passphrase", _INIT, (), repeated=(3,), keyed=False),
        Verb("draft", _AHEAD[0], _POSTED),
        Verb("undo", "undo", (*_POSTED, _AHEAD[0]), repeated=(3,), keyed=False),
        Verb("import", _IMPORT, _POSTED),
        Verb("accept", "draft accept --sure --yes", (*_POSTED, _IMPORT)),
        Verb("attach", "draft attach D-3 icbc.csv", (*_POSTED, _AHEAD[0])),
        Verb("post", "post --all --yes", (*_POSTED, _IMPORT, _AHEAD[0])),
        Verb("reverse", "entry reverse 2026-10/J-0001 --yes", _POSTED),
        Verb("correct", "entry correct 2026-10/J-0001 --yes", _POSTED),
        Verb(
            "post a correction",
            "post --all --yes",
            (*_POSTED, "entry correct 2026-10/J-0001 --yes", "draft accept D-3 D-4 --yes"),
        ),
        Verb("draft edit", "draft edit D-3 --account 6200 --line 1", (*_POSTED, _AHEAD[0])),
        Verb(
            "rule",
            "rule new --from D-5 --yes",
            (*_POSTED, _IMPORT, "draft edit D-5 --account 6400 --line 2"),
        ),
        Verb("starter rules", "rule new", (*_POSTED, "gone: rules.yaml"), repeated=(3,), keyed=False),
        Verb(
            "init with starter rules",
            f"{_FOUND[0]} --starter-rules",
            ("gone: rules.yaml",),
            repeated=(3,),
            steps=True,
            keyed=False,
        ),
        Verb("set", "config set lang en", _POSTED, keyed=False),
        Verb("template", "template save rent D-3", (*_POSTED, _AHEAD[0]), keyed=False),
        Verb("draft from a template", "template draft rent", (*_POSTED, _AHEAD[0], "template save rent D-3")),
        Verb("duties", "book duties on --yes --as Ann", _TWO, repeated=(3,)),
        Verb("withdraw", "statement withdraw S-1 --yes", (*_POSTED, _IMPORT)),
        Verb("approve", "draft approve D-3 --as Bob", (*_TWO, f"{_AHEAD[0]} --as Ann")),
        Verb("return", "draft return D-3 --reason unclear", (*_POSTED, _AHEAD[0])),
        Verb("close", "period close 2026-10 --reason 'a test' --yes", _POSTED),
        Verb("reopen", "period reopen 2026-10 --reason 'a test' --confirm 2026-10", _CLOSED),
        Verb("member here", "member add Bob --here --no-passphrase --yes", _POSTED),
        Verb("revoke", "member revoke Bob --confirm Bob --as Ann", _TWO),
        Verb("rotate", "member rotate --no-passphrase --confirm Ann", _POSTED),
        Verb(
            "rotate without the promised key",
            "member rotate --no-passphrase --confirm Ann",
            (*_POSTED, "gone: state/keys/*/*.key"),
        ),
        Verb("cosign", "chain cosign", _POSTED, steps=True, keyed=False),
        Verb("cosign a folder", "chain cosign shared --no-passphrase", _SENT, steps=True, keyed=False),
        Verb("prove", "chain prove 2026-10/J-0001 -o x.proof", _POSTED, repeated=(3,), keyed=False),
        Verb("pack", "book export audit -p 2026 -o pack.zip", _EVIDENCED, repeated=(3,), keyed=False),
        Verb("backup", "book backup new.cbk-backup", _POSTED, repeated=(0, 3)),
        Verb("restore", "book restore kept.cbk-backup copy.cbk", _BACKED_UP, repeated=(3,), keyed=False),
        Verb(
            "restore what is behind",
            "book restore kept.cbk-backup acme.cbk --accept-loss 'a test' --confirm acme.cbk",
            (*_NEWER, "gone: acme.cbk"),
            repeated=(3,),
            keyed=False,
        ),
        Verb("rebuild", "book rebuild --yes", _POSTED, keyed=False),
        Verb("migrate", "book migrate --yes", ("golden: version-1",), keyed=False),
        Verb("leave a write-ahead log", "doctor", (*_POSTED, "wal: acme.cbk"), keyed=False),
        Verb("export", "chain export folder", _POSTED, steps=True, keyed=False),
        Verb("member", "member add Bob --key OFFICE --rights post --yes", _CLONED, repeated=(0, 3), keyed=False),
        Verb("push", "sync --yes", (*_SHARED, *_AHEAD), steps=True, keyed=False),
        Verb("pull", "sync --yes", (*_SHARED, *_ELSEWHERE), steps=True, keyed=False),
        Verb("rebase and push", "sync --yes", (*_SHARED, *_ELSEWHERE, *_AHEAD), steps=True, keyed=False),
        Verb(
            "clone",
            "init copy --from shared --no-passphrase --as Bob",
            (*_SENT, "gone: state acme.cbk"),
            steps=True,
            keyed=False,
        ),
    )
}
STAMPED: Final = Verb(
    "timestamp", "chain timestamp --tsa AUTHORITY --ca CERTIFICATES", _POSTED, repeated=(3,), keyed=False
)
"""A command that needs a timestamp authority on this machine."""
