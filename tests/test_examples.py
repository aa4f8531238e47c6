"""Every example runs: the demo that `make demo` shows, from its own files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parent.parent / "examples"


def test_the_demo_runs_to_a_verified_book_with_an_income_statement_and_its_chart(tmp_path: Path) -> None:
    """`examples/demo.sh` ends well: statements imported once, several rules at work, posted, verified, shown."""
    programs = tmp_path / "bin"
    programs.mkdir()
    program = programs / "cloudbooks"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cloudbooks "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    environment = {"PATH": f"{programs}:{os.environ['PATH']}", "LANG": "C.UTF-8", "TMPDIR": str(tmp_path)}
    done = subprocess.run(
        ["sh", str(EXAMPLES / "demo.sh")], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "13 rules, no finding." in done.stdout
    assert "new 0   seen 26" in done.stdout
    assert "\nValid.\n" in done.stdout
    assert "Net profit" in done.stdout
    assert "█" in done.stdout
    assert "line 2 has no account." in done.stdout
