"""`cloudbooks chain prove` and `chain check`: a proof made, and a proof judged by whoever is given it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from cloudbooks.books.inspecting import head
from cloudbooks.cli.desk import desk_of, policy_file
from cloudbooks.cli.face import Face
from cloudbooks.cli.input_files import contents
from cloudbooks.cli.options import PIN, POLICY
from cloudbooks.cli.output import Answer, emit
from cloudbooks.cli.showing import side_lines
from cloudbooks.cli.usage import whole
from cloudbooks.core.head_code import head_code
from cloudbooks.core.text import show
from cloudbooks.errors import Finding, Sentence, UsageError, counted, joined, sentence
from cloudbooks.system.clock import posix

if TYPE_CHECKING:
    from cloudbooks.books.proving import Judged, Made
    from cloudbooks.chain.proof_checking import Proven
    from cloudbooks.chain.record import Account, Entry, Line, Member

ENTRY = typer.Argument(metavar="ENTRY", help="A voucher number with its period, 2026-10/J-12, or an id.")
ACCOUNT = typer.Option("--account", metavar="CODE", help="Prove the totals of an account instead.")
BLOCK = typer.Option("--block", metavar="N", help="The block as of which the totals are proven; else the last.")
FROM = typer.Option("--from", metavar="SIZE", help="Prove that the chain grew out of its first SIZE blocks instead.")
NAMES = typer.Option(
    "--names", help="Show what the accounts are called, also where the proof gets larger than 6 KB by that."
)
FILE = typer.Argument(metavar="FILE", help="A proof.")


class NothingToProve(UsageError):
    """`chain prove` was given nothing to prove, or more than one thing."""

    code = "nothing-to-prove"

    def __init__(self) -> None:
        super().__init__(
            sentence("one thing is proven at a time: an entry, --account CODE, or --from SIZE."),
            hint=sentence("cloudbooks chain prove 2026-10/J-12 -o x.proof"),
        )


def prove(
    ctx: typer.Context,
    entry: Annotated[str, ENTRY] = "",
    account: Annotated[str, ACCOUNT] = "",
    block: Annotated[str, BLOCK] = "",
    size: Annotated[str, FROM] = "",
    names: Annotated[bool, NAMES] = False,  # noqa: FBT002 - a switch of the command line
) -> int:
    """Write a proof for a stranger: of an entry, of an account's totals, or that the chain only grew."""
    from cloudbooks.books import proving  # noqa: PLC0415 - cryptography

    face: Face = ctx.obj
    if sum(map(bool, (entry, account, size))) != 1 or (block and not account):
        raise NothingToProve
    desk = desk_of(face, "chain prove")
    if entry:
        made = proving.prove_entry(desk, entry, names=names)
    elif account:
        made = proving.prove_balances(desk, account, whole("--block", block) if block else None)
    else:
        made = proving.prove_growth(desk, whole("--from", size))
    text = made.text.decode()
    answer = Answer(
        "chain.prove",
        data=lambda: {"bytes": len(made.text), "proof": text, **_facts(made.proven)},
        lines=lambda: text.removesuffix("\n").split("\n"),
        mark=lambda: head(desk),
        after=_after(face, made),
    )
    return emit(face, answer)


def _after(face: Face, made: Made) -> tuple[Sentence, ...]:
    if face.output is None:
        return ()
    said = counted(
        "{about}: {n} byte that anybody can check, book or no book.",
        "{about}: {n} bytes that anybody can check, book or no book.",
        len(made.text),
        about=made.about,
    )
    command = f"cloudbooks chain check {face.output.name} --pin {made.proven.first}"
    return said, sentence("To check it: {command}", command=command)


def check(
    ctx: typer.Context,
    file: Annotated[str, FILE],
    pin: Annotated[str, PIN] = "",
    policy: Annotated[str, POLICY] = "",
) -> int:
    """Check a proof with nothing but the first member's key: no book, no network."""
    from cloudbooks.books.proving import judge_proof  # noqa: PLC0415 - cryptography

    face: Face = ctx.obj
    judged = judge_proof(contents(file), file, pin=pin, policy=policy_file(face, policy))
    proven, pinned = judged.proven, judged.policy.pin is not None
    findings = [] if pinned else [_undeclared(proven, file)]
    if judged.unwitnessed:
        findings.append(_unwitnessed(judged, file))
    limits = sentence("It shows that the members were declared, not that none was revoked since.")
    said = (*_said(face, proven), *_witnessed(judged), limits)
    answer = Answer(
        "chain.check",
        data=lambda: _facts(proven) | {"self_declared": not pinned} | _witness_facts(judged),
        lines=lambda: [face.locale.say(line) if isinstance(line, Sentence) else line for line in said],
        findings=findings,
    )
    return emit(face, answer)


def _witnessed(judged: Judged) -> Iterator[Sentence]:
    """Who of the verifier's own witnesses cosigned; or that somebody did, and nobody judges it."""
    names = joined([one.key.name for one in judged.cosigned])
    if judged.witnessed:
        yield sentence("witnessed   {size} blocks, by the quorum of your policy: {names}", size=judged.witnessed,
                       names=names)  # fmt: skip
    elif judged.unwitnessed and judged.cosigned:
        yield sentence("cosigned    by {names}, which is no quorum of your policy", names=names)
    elif judged.cosigned:
        yield sentence("cosigned    by {names}", names=names)
    elif judged.cosigners and not judged.policy.witnesses:
        yield counted(
            "cosigned    by {n} key that no policy judges: --policy FILE",
            "cosigned    by {n} keys that no policy judges: --policy FILE",
            judged.cosigners,
        )


def _unwitnessed(judged: Judged, file: str) -> Finding:
    return Finding(
        "not-witnessed",
        file,
        sentence("the quorum of your policy has not cosigned the {size} blocks of its checkpoint.",
                 size=judged.proven.size),
        sentence("the firm has its witnesses cosign, and proves anew: cloudbooks chain cosign --witness URL"),
    )  # fmt: skip


def _witness_facts(judged: Judged) -> dict[str, object]:
    return {
        "witnessed": judged.witnessed or None,
        "cosigners": judged.cosigners,
        "cosigned": [{"name": one.key.name, "at": posix(one.time)} for one in judged.cosigned],
    }


def _undeclared(proven: Proven, file: str) -> Finding:
    return Finding(
        "first-key-self-declared",
        file,
        sentence("the first member's key is only what the proof says it is: {key}", key=str(proven.first)),
        sentence("ask the firm for the key, then: cloudbooks chain check {file} --pin VKEY", file=file),
        warning=True,
    )


def _said(face: Face, proven: Proven) -> Iterator[Sentence | str]:
    from cloudbooks.chain.record import Entry  # noqa: PLC0415 - cryptography

    header = proven.header
    if proven.claim.kind == "growth":
        yield counted(
            "Proven: the chain of {size} blocks begins with this one.",
            "Proven: the chain of {size} blocks begins with these {n}.",
            proven.claim.block,
            size=proven.size,
        )
        yield sentence("then        root {root}", root=proven.old_root)
        yield sentence("            head  block {number}  {hash}", number=header.number, hash=proven.head)
        yield sentence("            code  {code}", code=head_code(header.number, proven.head))
    elif proven.claim.kind == "balances":
        account = proven.accounts[0]
        yield sentence("Proven: the totals of {code} {name} up to block {number}.", code=account.code,
                       name=account.name, number=header.number)  # fmt: skip
        for totals in proven.totals:
            yield counted(
                "  {commodity}  debit {debit}  credit {credit}  ({n} posting; in the base {value} and {credit_value})",
                "  {commodity}  debit {debit}  credit {credit}  ({n} postings; in the base {value} and {credit_value})",
                totals.postings,
                commodity=totals.commodity, debit=_grouped(totals.debit), credit=_grouped(totals.credit),
                value=_grouped(totals.debit_value), credit_value=_grouped(totals.credit_value),
            )  # fmt: skip
    elif isinstance(proven.record, Entry):
        yield sentence("Proven: this entry stands in block {number}.", number=header.number)
        yield from _entry_lines(face, proven.record, proven.accounts)
    else:
        yield sentence("Proven: this record stands in block {number}.", number=header.number)
        yield _record_text(proven)
    yield from _circumstances(proven)


def _circumstances(proven: Proven) -> Iterator[Sentence]:
    header, author = proven.header, proven.author
    yield sentence("book        {book}", book=proven.book)
    yield sentence("posted      block {number}, {at}, by {name}", number=header.number, at=header.committed_at,
                   name=author.name)  # fmt: skip
    yield sentence("checkpoint  {size} blocks, root {root}, signed by {names}", size=proven.size, root=proven.root,
                   names=joined([signer.name for signer in proven.signers]))  # fmt: skip
    yield sentence("first key   {key}", key=str(proven.first))


def _entry_lines(face: Face, entry: Entry, accounts: tuple[Account, ...]) -> Iterator[Sentence | str]:
    called = {account.id: f"{account.code} {account.name}" for account in accounts}
    yield f"  {entry.date}  {show(entry.series)}  {show(entry.summary)}"
    yield from side_lines(face, [_side(line, called.get(line.account, line.account)) for line in entry.lines])
    for file in entry.attachments:
        yield sentence("  Attached: {file}, {size} bytes, {b3}", file=show(file.name), size=file.bytes, b3=file.b3)


def _side(line: Line, account: str) -> tuple[bool, str, str]:
    """Whether a line stands on the debit side, its account, and its amount as it stands there."""
    negative = line.amount.startswith("-") or line.value.startswith("-")
    debit = negative is line.red
    amount = _grouped(line.amount.removeprefix("-"))
    return debit, show(account), f"{'-' if line.red else ''}{amount} {line.commodity}"


def _grouped(amount: str) -> str:
    """A canonical amount with commas between its thousands."""
    whole, point, rest = amount.removeprefix("-").partition(".")
    return f"{'-' if amount.startswith('-') else ''}{int(whole):,}{point}{rest}"


def _record_text(proven: Proven) -> str:
    from cloudbooks.chain.canonical import encode  # noqa: PLC0415 - cryptography

    assert proven.record is not None
    return encode(proven.record).decode()


def _facts(proven: Proven) -> dict[str, object]:
    import json  # noqa: PLC0415 - only where a proof is shown

    header = proven.header
    return {
        "claim": {"kind": proven.claim.kind, "block": proven.claim.block, "what": proven.claim.what or None},
        "book": proven.book,
        "first_key": str(proven.first),
        "checkpoint": {
            "size": proven.size,
            "root": proven.root,
            "signers": [_member(signer) for signer in proven.signers],
        },
        "block": {"number": header.number, "hash": proven.head, "committed_at": header.committed_at},
        "author": _member(proven.author),
        "record": None if proven.record is None else json.loads(_record_text(proven)),
        "accounts": [{"id": one.id, "code": one.code, "name": one.name} for one in proven.accounts],
        "totals": [
            {
                "debit": {"amount": totals.debit, "commodity": totals.commodity},
                "credit": {"amount": totals.credit, "commodity": totals.commodity},
                "debit_value": totals.debit_value,
                "credit_value": totals.credit_value,
                "postings": totals.postings,
            }
            for totals in proven.totals
        ],
        "old_root": proven.old_root or None,
        "code": head_code(header.number, proven.head),
    }


def _member(member: Member) -> dict[str, object]:
    return {"id": member.id, "name": member.name, "rights": list(member.rights), "key": member.key}
