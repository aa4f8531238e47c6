"""What a verification says: each fact with its size and what is missing for it, and how what was not read is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from cloudbooks.errors import Sentence, counted, sentence
from cloudbooks.system.clock import local_time

if TYPE_CHECKING:
    from cloudbooks.books.verifying import Verified
    from cloudbooks.peers.second_digests import SecondDigests


def verified_lines(verified: Verified) -> Iterator[Sentence]:
    """Each fact with its size and what is missing for it, then what was counted, and the facts that were asked for."""
    verdict = verified.verdict
    yield standing(verified)
    yield from facts(verified)
    if verified.sm3 is not None:
        yield _second_digests(verified.sm3)
    if verdict.blocks:
        yield sentence("head  block {number}  {hash}", number=verdict.blocks - 1, hash=verdict.head)
    yield from _believed(verified)
    for fact in verified.missing:
        yield sentence("Required and missing: {fact}", fact=fact)
        yield _lacking(fact, verified)


def standing(verified: Verified) -> Sentence:
    """Whether all is well with what was read."""
    verdict = verified.verdict
    if not verdict.valid:
        return sentence("INVALID: see the findings.")
    if verdict.consistent < verdict.blocks:
        return sentence("Incomplete: blocks are missing or not understood.")
    return _valid(verified)


def facts(verified: Verified) -> Iterator[Sentence]:
    """Each fact with its size and what is missing for it, and what was counted."""
    yield _consistent(verified)
    yield _signed(verified)
    yield _anchored(verified)
    yield _witnessed(verified)
    yield _counted(verified)


def _signed(verified: Verified) -> Sentence:
    """Up to where members who stood signed the log, and by whose word the first of them is one."""
    verdict = verified.verdict
    sizes = {"size": verdict.signed, "blocks": verdict.blocks}
    if verdict.self_declared:
        return sentence(
            "signed      {size} of {blocks} blocks; the first key is self-declared: --pin {key}",
            **sizes, key=verdict.first_key,
        )  # fmt: skip
    return sentence("signed      {size} of {blocks} blocks", **sizes)


def _anchored(verified: Verified) -> Sentence:
    """Since when the log is there by an authority's word, or what keeps that from being said."""
    verdict = verified.verdict
    sizes = {"size": verdict.anchored, "blocks": verdict.blocks}
    if verdict.anchored:
        return sentence(
            "anchored    {size} of {blocks} blocks, at {at} ({instant}) by {authority}",
            **sizes, at=local_time(verdict.anchored_at), instant=verdict.anchored_at, authority=verdict.anchored_by,
        )  # fmt: skip
    if verdict.stamped and not verified.authorities:
        return counted(
            "anchored    {size} of {blocks} blocks; {n} timestamp is kept, and no authority judges it: --policy FILE",
            "anchored    {size} of {blocks} blocks; {n} timestamps are kept, and no authority judges them: "
            "--policy FILE",
            verdict.stamped, **sizes,
        )  # fmt: skip
    if not verdict.stamped and verdict.signed == verdict.blocks > 0:
        return sentence(
            "anchored    {size} of {blocks} blocks; no timestamp is kept: cloudbooks chain timestamp --tsa URL", **sizes
        )
    return sentence("anchored    {size} of {blocks} blocks", **sizes)


def _witnessed(verified: Verified) -> Sentence:
    """Up to where a quorum saw the log grow, or that whoever cosigned is judged by nobody yet."""
    verdict = verified.verdict
    if verdict.cosigners and not verified.witnesses:
        return counted(
            "witnessed   {size} of {blocks} blocks; {n} key cosigned, and no policy judges it: --policy FILE",
            "witnessed   {size} of {blocks} blocks; {n} keys cosigned, and no policy judges them: --policy FILE",
            verdict.cosigners, size=verdict.witnessed, blocks=verdict.blocks,
        )  # fmt: skip
    sizes = {"size": verdict.witnessed, "blocks": verdict.blocks}
    if not verdict.cosigners and verdict.signed == verdict.blocks > 0:
        return sentence(
            "witnessed   {size} of {blocks} blocks; nobody cosigned: cloudbooks chain cosign --witness URL", **sizes
        )
    return sentence("witnessed   {size} of {blocks} blocks", **sizes)


def _second_digests(found: SecondDigests) -> Sentence:
    """What the SM3 beside an exported chain say."""
    if not found.offered:
        return sentence("sm3  not checked: OpenSSL of this Python offers no SM3")
    return counted("sm3  {n} file agrees", "sm3  {n} files agree", found.agree)


def _lacking(fact: str, verified: Verified) -> Sentence:
    """What a fact that was asked for needs before it holds."""
    verdict = verified.verdict
    if verdict.since is not None:
        return sentence("  the whole log: cloudbooks verify without --since")
    if fact == "signed" and verdict.consistent == verdict.blocks:
        return sentence("  a checkpoint over all blocks by a member who stands: the next post or sync signs one")
    if fact in ("anchored", "witnessed") and verdict.signed == verdict.blocks:
        return _lacking_elsewhere(fact, verified)
    return sentence("  the facts before it: consistent, then signed, over all blocks")


def _lacking_elsewhere(fact: str, verified: Verified) -> Sentence:
    """What is missing that others say of a signed log."""
    if fact == "anchored":
        if not verified.authorities:
            return sentence("  a policy that names timestamp authorities: --policy FILE")
        return sentence("  a timestamp over all blocks by one of them: cloudbooks chain timestamp --tsa URL")
    if not verified.witnesses:
        return sentence("  a policy that names witnesses and their quorum: --policy FILE")
    return sentence(
        "  cosignatures of the quorum over all blocks: cloudbooks chain cosign --witness URL, or DIR at a witness"
    )


def _valid(verified: Verified) -> Sentence:
    """That all is well with what was read."""
    since = verified.since
    if since is None:
        return sentence("Valid.")
    at = local_time(since.verified_at)
    if since.number == 0:
        return sentence("Valid from block 1 on, if block 0 still stands as this machine verified it on {at}.", at=at)
    return sentence(
        "Valid from block {first} on, if blocks 0 to {number} still stand as this machine verified them on {at}.",
        first=since.number + 1, number=since.number, at=at,
    )  # fmt: skip


def _consistent(verified: Verified) -> Sentence:
    """Up to which size the log is consistent, and how much of that was believed."""
    verdict = verified.verdict
    if verdict.since is None:
        return sentence("consistent  {size} of {blocks} blocks", size=verdict.consistent, blocks=verdict.blocks)
    return sentence(
        "consistent  {size} of {blocks} blocks, {since} of them as verified before",
        size=verdict.consistent, blocks=verdict.blocks, since=verdict.since,
    )  # fmt: skip


def _counted(verified: Verified) -> Sentence:
    """How many entries and records were read."""
    n, records = verified.verdict.entries, counted("{n} record", "{n} records", verified.verdict.records)
    if verified.since is None:
        return counted("{n} entry in {records}", "{n} entries in {records}", n, records=records)
    return counted("{n} entry in {records} since", "{n} entries in {records} since", n, records=records)


def _believed(verified: Verified) -> Iterator[Sentence]:
    """What a verification from a block on did not read; nothing for one of the whole log."""
    since = verified.since
    if since is None:
        return
    if since.number == 0:
        yield sentence(
            "Not read again: block 0, the rows of its entries, drafts, and the file as a whole; cloudbooks verify reads"
            " all of it."
        )
    else:
        yield sentence(
            "Not read again: blocks 0 to {number}, the rows of their entries, drafts, and the file as a whole;"
            " cloudbooks verify reads all of it.",
            number=since.number,
        )
