"""What holds for all tests of the importers."""

from __future__ import annotations

from hypothesis import settings

# A timing is never a test: a slow machine fails nothing.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
