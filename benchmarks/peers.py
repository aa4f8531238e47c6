"""The peers: hledger, ledger and beancount, where they are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.generating import write_beancount, write_ledger

_OWN = Path(__file__).parents[1] / ".bench" / "bin" / "bean-check"
BEAN_CHECK = os.environ.get("BEAN_CHECK") or (str(_OWN) if _OWN.exists() else "bean-check")
"""The program bean-check; `make bench-peers` installs beancount into an environment of its own."""


@dataclass(frozen=True, slots=True)
class Peer:
    """One peer: how to write its journal, how to ask it for balances, and the text of one more entry."""

    name: str
    program: str
    write: Callable[[Path, int], None]
    suffix: str
    entry: str

    @property
    def there(self) -> bool:
        """Whether it is installed."""
        return shutil.which(self.program) is not None

    def balance(self, journal: Path) -> list[str]:
        """The command that answers the balances of a journal; bean-check reads and checks it, and prints none."""
        if self.name == "beancount":
            return [self.program, "--no-cache", str(journal)]
        return [self.program, "-f", str(journal), "balance"]


_LEDGER_ENTRY = "\n2026-01-01 one more\n    assets:1000 asset 0  1.00 CNY\n    liabilities:2000 liability 0\n"
_BEAN_ENTRY = '\n2026-01-01 * "one more"\n  Assets:A1000  1.00 CNY\n  Liabilities:A2000  -1.00 CNY\n'

PEERS = (
    Peer("hledger", "hledger", write_ledger, "journal", _LEDGER_ENTRY),
    Peer("ledger", "ledger", write_ledger, "journal", _LEDGER_ENTRY),
    Peer("beancount", BEAN_CHECK, write_beancount, "beancount", _BEAN_ENTRY),
)


def peer(name: str) -> Peer | None:
    """The peer of a name, `None` where it is not installed."""
    return next((one for one in PEERS if one.name == name and one.there), None)


def versions() -> list[str]:
    """Name and version of each peer, or that it is not installed."""
    told: list[str] = []
    for one in PEERS:
        if not one.there:
            told.append(f"{one.name} not installed")
            continue
        done = subprocess.run([one.program, "--version"], capture_output=True, text=True, check=False)
        told.append((done.stdout or done.stderr).split("\n")[0].strip())
    return told
