"""What the first frame may load: every module that is not needed for it is time in which nothing is seen."""

from __future__ import annotations

import subprocess
import sys

LATER = (
    *("cloudbooks.chain", "cloudbooks.rules", "cloudbooks.importers", "cloudbooks.peers", "cloudbooks.journals"),
    *("cloudbooks.books.filtering", "cloudbooks.books.listing", "cloudbooks.core.sieve", "cloudbooks.reports.income"),
    *("cloudbooks.books.correcting", "cloudbooks.tui.helping", "cloudbooks.tui.table_page"),
    *("msgspec", "cryptography", "yaml", "re2", "sqlite_utils", "csv"),
)


def test_the_first_frame_loads_no_list_and_no_chain() -> None:
    """Up to the first screen neither chain, rules nor importers are loaded, nor what lists and reports need."""
    script = (
        "import sys; import cloudbooks.tui.start, cloudbooks.tui.screens.home;"
        f"print([name for name in {LATER!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
