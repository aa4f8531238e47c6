"""`chain witness` as a process of its own: its key behind a passphrase, its lines, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.cli.conftest import REPOSITORY
from tests.peers.listeners import connected, head, rest, said, status

KEY = "cloudbooks/019a9c3e-7b00-7000-8000-000000000001+a0672222+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c"
SECONDS = 60
pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are sent otherwise there")


@contextmanager
def _witness(home: Path, *words: str, secret: bytes = b"") -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """A witness that listens, and what it said of itself; its passphrase comes through a descriptor."""
    reading, writing = os.pipe()
    os.write(writing, secret)
    os.close(writing)
    environment = {
        **os.environ,
        "PYTHONPATH": str(REPOSITORY / "src"),
        "CLOUDBOOKS_HOME": str(home),
        "CLOUDBOOKS_PASSPHRASE_FILE": f"/dev/fd/{reading}" if secret else "",
        "CLOUDBOOKS_LANG": "en",
    }
    command = [sys.executable, "-m", "cloudbooks", "chain", "witness", "--listen", "127.0.0.1:0", "--log", KEY]
    with subprocess.Popen(
        [*command, *words, "--json"], env=environment, pass_fds=[reading], text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        os.close(reading)
        assert process.stdout is not None
        try:
            answer = json.loads(process.stdout.readline())
            yield process, answer.get("data", answer)
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_when_it_is_told_to(tmp_path: Path, number: signal.Signals) -> None:
    """Exit 0 and no word more, with a half-sent head still open."""
    with _witness(tmp_path, "--no-passphrase") as (process, said_of_itself):
        assert status(said(said_of_itself["url"], head(b"x") + b"x")) == 400
        with connected(said_of_itself["url"]) as half:
            half.sendall(b"POST ")
            process.send_signal(number)
            _, told = process.communicate(timeout=SECONDS)
            assert rest(half) == b""
        assert (process.returncode, told.count("\n"), "400  -" in told) == (0, 1, True)


def test_its_key_is_wrapped_with_a_passphrase(tmp_path: Path) -> None:
    """Made with one, it opens with that and no other, and is the same key."""
    with _witness(tmp_path, secret=b"eleven otters\n") as (_, first):
        assert first["key"].startswith("cloudbooks/witness/")
    (kept,) = (tmp_path / "keys").rglob("*.key")
    assert '"kdf":"none"' not in kept.read_text("utf-8")
    with _witness(tmp_path, secret=b"eleven otters\n") as (_, again):
        assert again["key"] == first["key"]
    with _witness(tmp_path, secret=b"ten otters\n") as (process, refusal):
        assert (process.wait(SECONDS), refusal["code"]) == (3, "passphrase-wrong")
