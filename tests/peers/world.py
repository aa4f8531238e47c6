"""The simulator: copies of one book, slots between them, and a seed that cuts, drops, doubles and delays.

One thread plays everything. Whenever a copy speaks with the slots the seed may let another copy work first, crash the
copy that speaks, lose its answer, repeat an old write, or show it the slots as they were. A crash ends the copy's work
at once, also between its own writes; it opens its book anew and goes on.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from tests.peers.machines import Machine, Ticking, without_fsync
from tests.peers.slots import Slots
from tests.peers.witnesses import SlotWitness

from cloudbooks.books.carrying_cosignatures import send_cosignatures, take_cosignatures
from cloudbooks.books.exchanging import Exchange
from cloudbooks.books.known_peers import PeerRow, keep_peer
from cloudbooks.books.ordering import base_of
from cloudbooks.books.signing import signed
from cloudbooks.books.syncing import bring_together, send_missing
from cloudbooks.chain import batch as batches
from cloudbooks.chain import record, sealing
from cloudbooks.chain.canonical import FormFault
from cloudbooks.chain.verdict import Policy
from cloudbooks.chain.verifying import verify
from cloudbooks.errors import PeerFault, sentence
from cloudbooks.peers import seen
from cloudbooks.peers.peer import PeerLost
from cloudbooks.store import commit as commits
from cloudbooks.store import log, reading, working
from cloudbooks.store.book_file import BookFile
from cloudbooks.store.comparing import verify_book
from cloudbooks.store.unit import operation
from cloudbooks.system import files
from cloudbooks.system.chance import new_id
from cloudbooks.system.clock import instant

COPIES_MAX = 5
STEPS = 14
ROUNDS_MAX = 6
PEER = "office"
GRAVE = frozenset({"forked", "peer-diverged", "peer-rewritten", "peer-invalid"})
"""What may be told in the end where an old copy of the slots was put back, instead of coming together."""


class Crash(BaseException):
    """The machine stops here and now."""


def silent(_what: str, _done: int, _total: int) -> None:
    """Nobody watches."""


class Copy:
    """One copy at work: its open book, and the entries that were acknowledged here."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.acknowledged: list[str] = []
        self.forked = False
        self._book: BookFile | None = None
        self._reversed = 0

    @property
    def book(self) -> BookFile:
        """The open book; opened anew after a crash."""
        if self._book is None:
            self._book = self.machine.desk.open()
            assert self._book.stopped is None, self._book.stopped
        return self._book

    def crash(self) -> None:
        """Lose what is only in memory."""
        if self._book is not None:
            self._book.close()
        self._book = None

    def post(self, summary: str, reverses: str = "") -> None:
        """Post one entry in a block; with `reverses`, the red reversal of that entry."""
        desk, book = self.machine.desk, self.book
        member, signer = desk.signer(book)
        now = instant(desk.clock.now())
        accounts = [account.id for account in reading.accounts(book)][:2]
        sign = "-" if reverses else ""
        entry = record.Entry(
            id=new_id(desk.clock),
            date="2026-10-05",
            series="J",
            summary=summary,
            lines=(
                record.Line(account=accounts[0], commodity="CNY", amount=f"{sign}1.00", red=bool(reverses)),
                record.Line(account=accounts[1], commodity="CNY", amount="1.00" if reverses else "-1.00",
                            red=bool(reverses)),
            ),
            made_by=member.id,
            source=record.Source("reversal" if reverses else "manual"),
            reverses=reverses,
        )  # fmt: skip
        batch = batches.make(
            author=member.id, base=base_of(book), book=book.id, id=new_id(desk.clock), made_at=now,
            program="cloudbooks/simulator", records=[entry],
        )  # fmt: skip
        seal = sealing.seal(batch, signed(batches.note_text(batch), signer), now)
        commits.commit(book, batch, seal)
        self.acknowledged.append(summary)

    def reverse_one(self, chance: Random, summary: str) -> None:
        """Reverse an entry that stands, if one does."""
        standing = [
            entry for entry in reading.entries(self.book)
            if not entry.reverses and not entry.reversed_by and entry.source.kind != "migration"
        ]  # fmt: skip
        if standing:
            self.post(summary, chance.choice(standing).id)


class World:
    """All copies and the slots, played by one seed."""

    def __init__(self, template: Path, folder: Path, seed: int, *, witnessed: bool) -> None:
        self.chance = Random(seed)
        self.witnesses = [SlotWitness(number) for number in (101, 102)] if witnessed else []
        self.clock = Ticking()
        self.calm = False
        self.restored = False
        self.told: set[str] = set()
        count = self.chance.randint(2, COPIES_MAX)
        self.copies = []
        for name in NAMES[:count]:
            shutil.copytree(template / name, folder / name)
            self.copies.append(Copy(Machine.at(folder, name, self.clock)))
        self.files: dict[str, bytes] = {}
        self.kept: list[dict[str, bytes]] = [{}]
        self.late: list[Callable[[], object]] = []
        self.at_work: list[Copy] = []
        self.events: list[str] = []
        self._count = 0

    # What the copies do

    def play(self) -> None:
        """Let copies act while all goes wrong; then let all go right."""
        for _ in range(STEPS):
            self.act(self.chance.choice(self.copies))
        self.calm = True
        self.settle()

    def act(self, copy: Copy) -> None:
        """One act of a copy, which a crash may end."""
        self.at_work.append(copy)
        try:
            if self.chance.random() < 0.5:
                self._post(copy)
            else:
                self.sync(copy)
        except Crash:
            self.events.append(f"{copy.machine.name} crashed")
            copy.crash()
        except PeerFault as fault:
            self._told(copy, fault)
        finally:
            self.at_work.pop()
        if not self.calm and self.chance.random() < 0.03:
            self._restore()
        for witness in self.witnesses:
            if not self.calm and self.chance.random() < 0.2:
                self.events.append(f"{witness.key_id} signs {witness.signs(self.files)}")

    def _post(self, copy: Copy) -> None:
        self._count += 1
        summary = f"{copy.machine.name}-{self._count}"
        self.events.append(f"post {summary}")
        try:
            if self.chance.random() < 0.25:
                copy.reverse_one(self.chance, summary)
            else:
                copy.post(summary)
        except FormFault as fault:
            raise AssertionError(fault.message) from fault

    def sync(self, copy: Copy) -> None:
        """Sync one copy with the slots; raises what the sync does."""
        self.events.append(f"sync {copy.machine.name}")
        view = View(self, copy, self._seen_files())
        row = PeerRow(PEER, "slots", orders=True, added_at="", seen=None)
        row = replace(row, seen=seen.recall(copy.book.state, copy.book.id, PEER))
        exchange = Exchange(copy.machine.desk, copy.book, row, view, silent)
        bring_together(exchange)
        if self.witnesses:
            take_cosignatures(exchange)
            send_cosignatures(exchange)

    def _told(self, copy: Copy, fault: PeerFault) -> None:
        self.events.append(f"{copy.machine.name} was told {fault.code}")
        if fault.code == "forked":
            copy.forked = True
        if fault.code in GRAVE:
            self.told.add(fault.code)

    # What goes wrong

    def step(self, copy: Copy, what: str) -> None:
        """Called around each call of a copy to the slots."""
        if self.calm:
            return
        drawn = self.chance.random()
        if drawn < 0.02:
            self.events.append(f"{copy.machine.name} crashes {what}")
            raise Crash
        if drawn < 0.04:
            self.events.append(f"{copy.machine.name} is cut off {what}")
            raise PeerLost(sentence("the line is dead"))
        if drawn < 0.08:
            others = [one for one in self.copies if one not in self.at_work]
            if others and len(self.at_work) < 3:
                self.act(self.chance.choice(others))
        elif drawn < 0.10 and self.late:
            self.events.append("a write comes a second time")
            self.chance.choice(self.late)()
        elif drawn < 0.13:
            self.kept.append(dict(self.files))

    def own_write(self) -> None:
        """Called before and after a file of a machine's own state is written: a crash may come here too."""
        if not self.calm and self.at_work and self.chance.random() < 0.03:
            raise Crash

    def _seen_files(self) -> dict[str, bytes]:
        """The slots as a copy sees them: now and then as they were some time ago."""
        if not self.calm and self.chance.random() < 0.1:
            self.events.append("stale")
            return self.chance.choice(self.kept)
        return self.files

    def _restore(self) -> None:
        """Somebody puts an old copy of the slots back."""
        if self.chance.random() < 0.3:
            self.events.append("an old copy is put back")
            self.restored = True
            self.files.clear()
            self.files.update(self.chance.choice(self.kept))

    # What must be so at the end

    def settle(self) -> None:
        """Sync all copies until nothing changes, or a fork is told."""
        for _ in range(ROUNDS_MAX):
            for copy in self.copies:
                self._sync_calmly(copy)
            if len({copy.book.head for copy in self.copies}) == 1 and not self._late_heads():
                return
            if self.told:
                return
        raise AssertionError("the copies do not come together")

    def _late_heads(self) -> bool:
        return any(log.signed_size(copy.book) != log.size(copy.book) for copy in self.copies)

    def _sync_calmly(self, copy: Copy) -> None:
        try:
            self.sync(copy)
        except PeerFault as fault:
            self._told(copy, fault)
            if not self.restored or fault.code not in GRAVE | {"peer-rolled-back", "peer-cut-off"}:
                raise
            if fault.code in ("peer-rolled-back", "peer-cut-off"):
                for one in self.copies:
                    self._push(one)

    def _push(self, copy: Copy) -> None:
        """What the users do after a rollback was told: send the missing blocks again."""
        row = PeerRow(PEER, "slots", orders=True, added_at="")
        exchange = Exchange(copy.machine.desk, copy.book, row, View(self, copy, self.files), silent)
        try:
            send_missing(exchange)
        except PeerFault as fault:
            self._told(copy, fault)

    def judge(self) -> None:
        """Nothing that was acknowledged is lost, nothing stands twice, and every copy verifies."""
        apart = len({copy.book.head for copy in self.copies}) > 1 or bool(self.told)
        assert not apart or self.restored, f"apart without a cause: {self.told}"
        for copy in self.copies:
            posted = [entry.summary for entry in reading.entries(copy.book)]
            waiting = {draft.summary for draft in working.drafts(copy.book)}
            assert len(posted) == len(set(posted)), "an entry stands twice"
            lost = set(copy.acknowledged) - set(posted) - waiting
            assert not lost, f"{copy.machine.name} lost {lost}"
            assert copy.book.stopped is None
        chosen = self.chance.choice(self.copies)
        found = verify_book(chosen.book, Policy())
        assert found.valid, found.findings
        if not apart:
            if self.restored:
                # What an old copy of the slots lacks in the middle is seen by a verification, and mended by a push.
                self._push(chosen)
            slots = verify(Slots(self.files), Policy())
            assert slots.valid, slots.findings
            assert slots.signed == slots.blocks == log.size(chosen.book)
            self._judge_cosignatures()

    def _judge_cosignatures(self) -> None:
        """After two more rounds every copy has every line that any has, and each is over the log that all have."""
        for copy in self.copies * 2:
            self._sync_calmly(copy)
        if self.told:
            return
        there = {(size, key_id) for size, key_id, _ in Slots(self.files).cosignatures()}
        policy = Policy(None, tuple(one.key for one in self.witnesses), 1)
        for copy in self.copies:
            assert set(log.StoredLog(copy.book).cosigned()) == there, f"{copy.machine.name} lacks cosignatures"
        found = verify_book(self.copies[-1].book, policy)
        assert found.valid
        assert found.witnessed == max((size for size, _ in there), default=0)
        assert [one.code for one in found.findings if one.code == "cosignature"] == []

    def close(self) -> None:
        """Let go of all books."""
        for copy in self.copies:
            copy.crash()


class View(Slots):
    """The slots as one copy has them before it: writes go to the true ones, reads to what it sees."""

    def __init__(self, world: World, copy: Copy, seen: dict[str, bytes]) -> None:
        super().__init__(world.files, lambda what: world.step(copy, what))
        self._world = world
        self._seen = seen

    def _read(self, name: str) -> bytes | None:
        self.step(f"before read {name}")
        return self._seen.get(name)

    def _listed(self) -> list[str]:
        return list(self._seen)

    def has_block(self, number: int) -> bool:
        """See `Slots`."""
        self.step(f"before look {number}")
        return f"block/{number:08d}" in self._seen

    def append(self, number: int, data: bytes, expected: str) -> bool:
        """See `Slots`; the same call may come again later."""
        self._world.late.append(lambda: self._append(number, data, expected))
        return super().append(number, data, expected)

    def keep_checkpoint(self, data: bytes) -> None:
        """See `Slots`; the same call may come again later, and then it is an old checkpoint."""
        self._world.late.append(lambda: self.files.__setitem__("checkpoint", data))
        super().keep_checkpoint(data)


NAMES = ("ann", "bob", "cho", "dan", "eve")


def prepare(folder: Path) -> None:
    """Make the book of the simulator with a key for each copy; every seed begins with a copy of these files."""
    clock = Ticking()
    with without_fsync():
        founder = Machine.at(folder, NAMES[0], clock)
        founder.found()
        between = folder / "between"
        founder.knows(between, PEER)
        assert founder.syncs().fault is None
        others = [Machine.at(folder, name, clock) for name in NAMES[1:]]
        for other in others:
            founder.adds(other.clones(between))
        assert founder.syncs().fault is None
        for other in others:
            assert other.syncs().fault is None
            _rename_peer(other)


def _rename_peer(machine: Machine) -> None:
    """A clone calls its peer by the folder's name; here all copies call it the same."""
    with machine.desk.open() as book, operation(book, verb="peer add", summary="peer", by="") as unit:
        keep_peer(unit, PeerRow(PEER, "slots", orders=True, added_at=""))
        unit.drop_setting("peer.between")


def first_slots(folder: Path) -> dict[str, bytes]:
    """The slots as `prepare` left them."""
    between = folder / "between"
    return {path.relative_to(between).as_posix(): path.read_bytes() for path in between.rglob("*") if path.is_file()}


@contextmanager
def world(
    template: Path, slots: dict[str, bytes], folder: Path, seed: int, *, witnessed: bool = True
) -> Iterator[World]:
    """A world to play in, whose machines wait for no disk and may crash at their own writes."""
    made = World(template, folder, seed, witnessed=witnessed)
    made.files.update(slots)
    made.kept = [dict(slots)]
    replaced, unlinked = files.replace_whole, files.unlink

    def replace_whole(path: Path, data: bytes) -> None:
        made.own_write()
        replaced(path, data)
        made.own_write()

    def unlink(path: Path) -> None:
        made.own_write()
        unlinked(path)

    with without_fsync(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "replace_whole", replace_whole)
        patch.setattr(files, "unlink", unlink)
        try:
            yield made
        finally:
            made.calm = True
            made.close()
