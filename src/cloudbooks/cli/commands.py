"""The table of commands: where each stands, and what it is for. Data only, so that start-up loads no command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verb:
    """One command: the function that does it, one line of help, and what its arguments are, for completion.

    `words` holds for each argument in turn `account`, `draft`, `entry`, `statement`, `file`, ...; `*` repeats the last.
    """

    place: str
    help: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Noun:
    """What several commands are about."""

    help: str
    verbs: Mapping[str, Verb]


COMMANDS: Mapping[str, Verb | Noun] = {
    "completion": Verb("cloudbooks.cli.completion:completion", "Print the completion script of a shell.", ("shell",)),
    "help": Verb("cloudbooks.cli.help:help_about", "Explain a topic, a command or a code.", ("topic",)),
    "config": Noun(
        "Settings, and who decides them.",
        {
            "get": Verb("cloudbooks.cli.config:get", "Print the value of a setting.", ("setting",)),
            "set": Verb("cloudbooks.cli.config:set_", "Set one of your own settings.", ("setting",)),
            "explain": Verb("cloudbooks.cli.config:explain", "Show which place decides a setting.", ("setting",)),
        },
    ),
}

PLANNED: Mapping[str, tuple[str, ...]] = {
    "init": (), "demo": (), "import": (), "review": (), "add": (), "post": (), "undo": (), "status": (),
    "verify": (), "close": (), "sync": (), "tui": (), "doctor": (), "watch": (), "sql": (),
    "book": ("init", "show", "backup", "restore", "rebuild", "export", "import"),
    "account": ("list", "add", "rename", "close", "show", "chart"),
    "entry": ("list", "show", "new", "reverse", "correct"),
    "draft": ("list", "show", "edit", "attach", "accept", "approve", "return", "discard"),
    "statement": ("sniff", "import", "list", "show", "explain", "withdraw", "reconcile", "profile"),
    "match": ("list", "accept", "transfer", "split"),
    "rule": ("list", "check", "test", "explain", "backtest", "replay", "new"),
    "batch": ("list", "show"),
    "chain": ("verify", "head", "prove", "check", "export", "log", "timestamp", "cosign", "seen"),
    "member": ("list", "add", "revoke", "rotate"),
    "peer": ("add", "list", "status", "pull", "push", "diff"),
    "report": (
        "trial-balance", "balance-sheet", "income", "cash-flow", "ledger", "journal", "balance", "aging", "budget",
        "run", "pack",
    ),
    "period": ("list", "check", "close", "reopen"),
    "invoice": ("add", "list", "show", "check", "issue", "record", "match", "lookup", "export"),
    "claim": ("add", "list", "show", "check", "issue", "record", "match", "new", "submit", "approve", "return", "pay"),
    "party": ("list", "add", "show"),
    "price": ("list", "add", "show", "import"),
    "commodity": ("list", "add", "show"),
    "asset": ("list", "add", "show", "dispose"),
    "books": ("list", "run"),
}  # fmt: skip
"""Commands of the contract that this version does not have yet: named in a sentence, never listed."""
