"""Options that several commands share, so that they are called and explained alike."""

from __future__ import annotations

import typer

PIN = typer.Option("--pin", metavar="VKEY", help="The first member's verifier key, as you have it from elsewhere.")
POLICY = typer.Option("--policy", metavar="FILE", help="Whom you trust: the first key, witnesses, authorities.")
NO_PASSPHRASE = typer.Option("--no-passphrase", help="Keep the key in a file without a passphrase.")
