"""The table of commands: where each stands, and what it is for. Data only, so that start-up loads no command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Verb(NamedTuple):
    """One command: the function that does it, one line of help, and what its arguments are, for completion.

    `words` holds for each argument in turn `account`, `draft`, `entry`, `statement`, `file`, ...; `*` repeats the last.
    """

    place: str
    help: str
    words: tuple[str, ...] = ()


class Noun(NamedTuple):
    """What several commands are about."""

    help: str
    verbs: Mapping[str, Verb]


_CLI = "cloudbooks.cli."
_CLOSE = "Close a period, and all before it: no entry can be dated there any more; it is a block at once."

COMMANDS: Mapping[str, Verb | Noun] = {
    "init": Verb(_CLI + "making:init", "Make a new book.", ("file",)),
    "demo": Verb(_CLI + "making:demo", "Make a book to try things on: a small firm's quarter, imported and posted."),
    "status": Verb(_CLI + "book:status", "Where the book stands: its head, what waits, what comes next."),
    "import": Verb(
        _CLI + "importing:import_files",
        "Import statements of a bank or a wallet: each new line becomes a draft.",
        ("file", "*"),
    ),
    "add": Verb(
        _CLI + "drafts:add",
        "Draft an entry of two lines: date, summary, debit account, amount, credit account.",
        ("", "", "account", "", "account"),
    ),
    "post": Verb(
        _CLI + "posting:post_drafts",
        "Post drafts: they become entries with voucher numbers, in one block of the chain.",
        ("draft", "*"),
    ),
    "undo": Verb(_CLI + "drafts:undo", "Undo the last thing that was done to what is not posted."),
    "close": Verb(_CLI + "periods:close", _CLOSE, ("period",)),
    "balance": Verb(_CLI + "reports:balance", "Balances of accounts.", ("account",)),
    "verify": Verb(_CLI + "chain:verify", "Verify the chain: every law on the log, every table against it.", ("file",)),
    "tui": Verb(_CLI + "screens:tui", "Show the book on screens, for hands on a keyboard."),
    "doctor": Verb(_CLI + "book:doctor", "Look at this installation, at the book, its file, receipt and keys."),
    "sync": Verb(
        _CLI + "peers:sync", "Make all copies alike: take what is new at each peer, then send what is new here."
    ),
    "report": Noun(
        "Reports: balances, statements, ledgers.",
        {
            "balance": Verb(_CLI + "reports:balance", "Balances of accounts.", ("account",)),
            "trial-balance": Verb(
                _CLI + "reports:trial_balance",
                "Opening, debit, credit and closing of every account; debits equal credits.",
            ),
            "income": Verb(_CLI + "reports:income", "Income statement: income, expenses and profit."),
            "balance-sheet": Verb(
                _CLI + "reports:balance_sheet",
                "Balance sheet: assets, liabilities and equity at the end of the period.",
            ),
            "ledger": Verb(
                _CLI + "reports:ledger", "Every posting of an account, with its running balance.", ("account",)
            ),
            "journal": Verb(_CLI + "reports:journal", "Every entry in order of date and number."),
        },
    ),
    "draft": Noun(
        "Drafts: what is not posted yet.",
        {
            "list": Verb(_CLI + "drafts:list_", "List the drafts, what they lack, and why they wait."),
            "show": Verb(
                _CLI + "drafts:show", "Show a draft with all that it holds, and why it is what it is.", ("draft",)
            ),
            "edit": Verb(_CLI + "drafts:edit", "Change a draft.", ("draft",)),
            "accept": Verb(_CLI + "drafts:accept", "Accept proposed drafts: the next post takes them.", ("draft", "*")),
            "attach": Verb(
                _CLI + "drafts:attach",
                "Attach a file to a draft; its digest stands in the entry when it is posted.",
                ("draft", "file"),
            ),
            "hold": Verb(
                _CLI + "answering:hold",
                "Hold drafts back from the next post, with a reason; accept takes them in again.",
                ("draft", "*"),
            ),
            "approve": Verb(
                _CLI + "answering:approve",
                "Approve drafts that another member made: your key signs the entries as they are now.",
                ("draft", "*"),
            ),
            "return": Verb(
                _CLI + "answering:send_back",
                "Return drafts to whoever made them, with the reason; an approval is taken back by it.",
                ("draft", "*"),
            ),
            "discard": Verb(_CLI + "drafts:discard", "Discard drafts.", ("draft", "*")),
        },
    ),
    "template": Noun(
        "Templates: vouchers that come again.",
        {
            "list": Verb(_CLI + "templates:list_", "List the templates."),
            "show": Verb(_CLI + "templates:show", "Show a template with its lines.", ("template",)),
            "save": Verb(
                _CLI + "templates:save",
                "Keep a draft or an entry as a template; one of the same name gives way.",
                ("template", "draft"),
            ),
            "draft": Verb(_CLI + "templates:draft", "Draft an entry from a template.", ("template",)),
            "remove": Verb(
                _CLI + "templates:remove", "Keep a template no longer; what was begun from it stays.", ("template",)
            ),
        },
    ),
    "entry": Noun(
        "Entries: what is posted.",
        {
            "list": Verb(_CLI + "entries:list_", "List posted entries."),
            "show": Verb(_CLI + "entries:show", "Show an entry with its links and where it came from."),
            "reverse": Verb(_CLI + "entries:reverse", "Draft the reversal of a posted entry."),
            "correct": Verb(_CLI + "entries:correct", "Draft the reversal of a posted entry and its replacement."),
        },
    ),
    "statement": Noun(
        "Statements: what banks and wallets say.",
        {
            "sniff": Verb(_CLI + "statements:sniff", "Say what a file seems to be; writes nothing.", ("file",)),
            "import": Verb(
                _CLI + "importing:import_files",
                "Import statements of a bank or a wallet: each new line becomes a draft.",
                ("file", "*"),
            ),
            "list": Verb(_CLI + "statements:list_", "List the statements."),
            "show": Verb(_CLI + "statements:show", "Show the lines of a statement, and what became of each."),
            "explain": Verb(
                _CLI + "statements:explain",
                "Say why a line went where it went, and what the rules of today make of it.",
            ),
            "ignore": Verb(
                _CLI + "answering:ignore", "Book nothing for lines of a statement, with a reason; the lines stay."
            ),
            "withdraw": Verb(
                _CLI + "statements:withdraw",
                "Take a statement back: its drafts go, its posted lines get reversals.",
            ),
        },
    ),
    "match": Noun(
        "Matches: lines of statements that belong to what is there already.",
        {
            "transfer": Verb(
                _CLI + "answering:transfer",
                "Book a line as a transfer between own accounts, together with the line of the other account, if it is"
                " there.",
                ("statement", "", "account"),
            )
        },
    ),
    "rule": Noun(
        "Rules: they turn lines of statements into drafts.",
        {
            "list": Verb(_CLI + "rules:list_", "List the rules in the order in which they are tried."),
            "check": Verb(_CLI + "rules:check", "Check the rules: every fault of the file, with its place."),
            "explain": Verb(_CLI + "rules:explain", "Say which rule made a draft, and why.", ("draft",)),
            "new": Verb(
                _CLI + "rules:new",
                "Make a rule from a draft, and apply it to open lines; without --from, put the starter rules beside the"
                " book.",
            ),
        },
    ),
    "account": Noun(
        "Accounts: the chart of the book.",
        {
            "list": Verb(_CLI + "accounts:list_", "List the accounts."),
            "show": Verb(_CLI + "accounts:show", "Show one account.", ("account",)),
            "add": Verb(_CLI + "accounts:add", "Add an account; the next post states it."),
            "rename": Verb(
                _CLI + "accounts:rename", "Give an account another name; the next post states it.", ("account",)
            ),
            "close": Verb(
                _CLI + "accounts:close",
                "Close an account that nothing hangs on; the next post states it.",
                ("account",),
            ),
            "chart": Verb(_CLI + "accounts:show_chart", "Show a chart of accounts that CloudBooks brings."),
        },
    ),
    "party": Noun(
        "Parties: customers, suppliers, employees.",
        {
            "list": Verb(_CLI + "lists:list_parties", "List the customers, suppliers and employees."),
            "add": Verb(_CLI + "lists:add_party", "Add a customer, supplier or employee; the next post states it."),
        },
    ),
    "price": Noun(
        "Prices of commodities in the base.",
        {
            "list": Verb(_CLI + "lists:list_prices", "List the prices."),
            "add": Verb(_CLI + "lists:add_price", "Add a price; drafts that lacked it get their values."),
        },
    ),
    "commodity": Noun(
        "Commodities: currencies and other counted things.",
        {
            "list": Verb(_CLI + "lists:list_commodities", "List the commodities of the book."),
            "add": Verb(_CLI + "lists:add_commodity", "Add a commodity; the next post states it."),
        },
    ),
    "period": Noun(
        "Periods: the months of the book.",
        {
            "list": Verb(
                _CLI + "periods:list_periods", "List the periods: entries, whether each is closed, by whom and when."
            ),
            "check": Verb(
                _CLI + "periods:check",
                "Show the checklist of a period: what is to be done before it is closed.",
                ("period",),
            ),
            "close": Verb(_CLI + "periods:close", _CLOSE, ("period",)),
            "reopen": Verb(
                _CLI + "periods:reopen",
                "Reopen the last closed period, with a reason that every later report shows; it is a block at once.",
                ("period",),
            ),
        },
    ),
    "batch": Noun(
        "Batches: what was posted together, each in its block.",
        {
            "list": Verb(_CLI + "chain:list_batches", "List the blocks, the newest first."),
            "show": Verb(_CLI + "chain:show_batch", "Show a block and its entries."),
        },
    ),
    "chain": Noun(
        "The chain, and what it proves.",
        {
            "head": Verb(_CLI + "chain:show_head", "Show the head: the number and hash of the last block."),
            "verify": Verb(
                _CLI + "chain:verify", "Verify the chain: every law on the log, every table against it.", ("file",)
            ),
            "log": Verb(
                _CLI + "chronicle:chain_log", "Tell what each block did, who signed it and when, the newest first."
            ),
            "export": Verb(_CLI + "chain:export", "Write the chain as plain files.", ("file",)),
            "cosign": Verb(
                _CLI + "witnessing:cosign",
                "Sign, as a witness, a head that grew out of the last one signed here; or ask a witness elsewhere.",
                ("file",),
            ),
            "timestamp": Verb(
                _CLI + "stamping:timestamp",
                "Have a timestamp authority say that the signed head was there, and keep its word.",
            ),
            "witness": Verb(
                _CLI + "attending:witness", "Be a witness whom logs ask over HTTP, until Ctrl-C or SIGTERM."
            ),
            "seen": Verb(
                _CLI + "witnessing:seen",
                "Compare a printed head with the book: whether that block is in it, unchanged.",
            ),
            "prove": Verb(
                _CLI + "proofs:prove",
                "Write a proof for a stranger: of an entry, of an account's totals, or that the chain only grew.",
                ("entry",),
            ),
            "check": Verb(
                _CLI + "proofs:check",
                "Check a proof with nothing but the first member's key: no book, no network.",
                ("file",),
            ),
        },
    ),
    "member": Noun(
        "Members: who may sign in the book.",
        {
            "list": Verb(_CLI + "members:list_", "List the members, their rights and keys."),
            "add": Verb(
                _CLI + "members:add", "Add a member by the key that was made on another machine; it is a block at once."
            ),
            "revoke": Verb(
                _CLI + "members:revoke",
                "Revoke a member: what was signed stands, nothing more can be; it is a block at once.",
                ("member",),
            ),
            "rotate": Verb(
                _CLI + "members:rotate",
                "Replace your key by the one promised before, and promise another; it is a block at once.",
                ("member",),
            ),
        },
    ),
    "peer": Noun(
        "Peers: other copies of the book.",
        {
            "add": Verb(_CLI + "peers:add", "Let the book know another copy of it.", ("", "file")),
            "list": Verb(_CLI + "peers:list_", "List the peers; none is contacted."),
            "status": Verb(
                _CLI + "peers:status",
                "Say how each peer relates to this copy: same, ahead, behind, diverged, rolled-back or unreachable.",
                ("peer",),
            ),
            "pull": Verb(
                _CLI + "peers:pull",
                "Take what a peer has and this copy has not; all of it is verified before any is written.",
                ("peer",),
            ),
            "push": Verb(
                _CLI + "peers:push", "Send what this copy has and a peer has not; each block is read back.", ("peer",)
            ),
            "diff": Verb(
                _CLI + "peers:diff",
                "Show what a peer and this copy have apart: entries, and balances by account.",
                ("peer",),
            ),
        },
    ),
    "book": Noun(
        "The book as a whole.",
        {
            "init": Verb(_CLI + "making:init", "Make a new book.", ("file",)),
            "show": Verb(_CLI + "book:show", "Show what the book is: its firm, base, chart, members."),
            "backup": Verb(
                _CLI + "backups:backup",
                "Write a backup: a verified copy in one file, with a manifest that you sign.",
                ("file",),
            ),
            "restore": Verb(
                _CLI + "backups:restore",
                "Restore a book from a backup into a new file; what does not verify is refused.",
                ("file", "file"),
            ),
            "duties": Verb(
                _CLI + "duties:duties",
                "Separate duties from now on, or no longer: who makes an entry does not approve it; "
                "it is a block at once.",
            ),
            "rebuild": Verb(_CLI + "book:rebuild", "Drop the derived tables and make them again from the log."),
            "migrate": Verb(
                _CLI + "migrating:migrate",
                "Bring a book of an earlier program to this one's version; a verified copy of it is kept.",
            ),
            "export": Verb(
                _CLI + "book:export",
                "Write the posted entries in the format of another tool, or as a pack for an auditor.",
                ("format",),
            ),
        },
    ),
    "config": Noun(
        "Settings, and who decides them.",
        {
            "get": Verb(_CLI + "config:get", "Print the value of a setting.", ("setting",)),
            "set": Verb(_CLI + "config:set_", "Set one of your own settings.", ("setting",)),
            "explain": Verb(_CLI + "config:explain", "Show which place decides a setting.", ("setting",)),
        },
    ),
    "completion": Verb(_CLI + "completion:completion", "Print the completion script of a shell.", ("shell",)),
    "help": Verb(_CLI + "help:help_about", "Explain a topic, a command or a code.", ("topic",)),
}

PLANNED: Mapping[str, tuple[str, ...]] = {
    "init": (), "demo": (), "import": (), "review": (), "add": (), "post": (), "undo": (), "status": (),
    "verify": (), "close": (), "sync": (), "tui": (), "doctor": (), "watch": (), "sql": (),
    "book": ("init", "show", "backup", "restore", "duties", "rebuild", "migrate", "export", "import"),
    "account": ("list", "add", "rename", "close", "show", "chart"),
    "entry": ("list", "show", "new", "reverse", "correct"),
    "draft": ("list", "show", "edit", "attach", "accept", "approve", "return", "discard"),
    "statement": ("sniff", "import", "list", "show", "explain", "withdraw", "reconcile", "profile"),
    "match": ("list", "accept", "transfer", "split"),
    "rule": ("list", "check", "test", "explain", "backtest", "replay", "new"),
    "batch": ("list", "show"),
    "chain": ("verify", "head", "prove", "check", "export", "log", "timestamp", "cosign", "witness", "seen"),
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
