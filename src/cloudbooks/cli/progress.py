"""Progress of long work: one line on standard error, on a terminal only, after half a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from cloudbooks.cli.face import Face
from cloudbooks.errors import Sentence, sentence

_BEFORE_SECONDS = 0.5
_EACH_SECONDS = 0.1
_WORDS: Mapping[str, Sentence] = {
    "pull": sentence("reading blocks"),
    "take": sentence("taking blocks in"),
    "push": sentence("sending blocks"),
    "verify": sentence("verifying blocks"),
    "rebuild": sentence("folding blocks"),
    "export-search": sentence("looking through blocks for files"),
    "export-batches": sentence("writing batches"),
    "export-blocks": sentence("writing blocks"),
    "journal": sentence("writing entries"),
    "import-read": sentence("reading lines"),
    "import-decide": sentence("deciding on lines"),
}


@contextmanager
def progress(face: Face) -> Iterator[Callable[[str, int, int], None]]:
    """A function to tell of work: what, how many are done, and of how many, 0 for nobody knows.

    The rate is that of what is told of. The line is gone when the block ends, whatever ends it.
    """
    line = _Line(face)
    try:
        yield line.tell
    finally:
        line.clear()


class _Line:
    def __init__(self, face: Face) -> None:
        self._face = face
        self._wanted = sys.stderr.isatty() and not face.quiet and face.writes_text
        self._began = time.monotonic()
        self._next = self._began + _BEFORE_SECONDS
        self._what = ""
        self._first = 0
        self._shown = False

    def tell(self, what: str, done: int, total: int) -> None:
        if not self._wanted:
            return
        now = time.monotonic()
        if what != self._what or done < self._first:
            self._what, self._began, self._first = what, now, done
            self._next = max(self._next, now + _EACH_SECONDS)
        if now < self._next:
            return
        self._next = now + _EACH_SECONDS
        rate = round((done - self._first) / max(now - self._began, _EACH_SECONDS))
        said = sentence(
            "{what}: {done} of {total}, {rate} a second", what=_WORDS[what], done=done, total=total, rate=rate
        )
        if not total:
            said = sentence("{what}: {done}, {rate} a second", what=_WORDS[what], done=done, rate=rate)
        sys.stderr.write(f"\r\x1b[K{self._face.locale.say(said)}")
        sys.stderr.flush()
        self._shown = True

    def clear(self) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
