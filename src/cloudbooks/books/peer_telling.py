"""What the engines raise while they speak with a peer, as faults that name the peer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cloudbooks.books.known_peers import PeerRow
from cloudbooks.books.peering import (
    PeerCutOff,
    PeerInvalid,
    PeerKeptNothing,
    PeerOfAnotherBook,
    PeerTooMuch,
    PeerUnreachable,
)
from cloudbooks.chain.canonical import FormFault
from cloudbooks.errors import sentence
from cloudbooks.peers.incoming import Broken
from cloudbooks.peers.metered import TooMuch
from cloudbooks.peers.peer import CutOff, KeptNothing, PeerLost
from cloudbooks.peers.relation import AnotherBook, Contradicted
from cloudbooks.store.adopting import Unlawful


@contextmanager
def telling(row: PeerRow, waits: Callable[[], int] = lambda: 0) -> Iterator[None]:
    """Make what an engine raises a fault that names its peer; `waits` counts the blocks that wait to be sent there."""
    try:
        yield
    except PeerLost as lost:
        raise PeerUnreachable(row, lost.why, waits()) from lost
    except CutOff as cut:
        raise PeerCutOff(row, cut) from cut
    except KeptNothing as kept:
        raise PeerKeptNothing(row, kept.file) from kept
    except (Broken, Unlawful) as broken:
        raise PeerInvalid(row, broken.number, broken.fault.message) from broken
    except FormFault as fault:
        raise PeerInvalid(row, None, fault.message) from fault
    except Contradicted as wrong:
        why = sentence("it has another root than the blocks beside it.")
        raise PeerInvalid(row, None, why) from wrong
    except AnotherBook as another:
        raise PeerOfAnotherBook(row) from another
    except TooMuch as much:
        raise PeerTooMuch(row, much.why) from much
