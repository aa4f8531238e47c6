"""`cloudbooks member …`: who may sign in the book."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from cloudbooks.books.desk import Desk, named_member
from cloudbooks.cli.asking import agreed, named
from cloudbooks.cli.desk import desk_of, new_passphrase, writing_desk
from cloudbooks.cli.face import Face
from cloudbooks.cli.once import once
from cloudbooks.cli.options import NO_PASSPHRASE
from cloudbooks.cli.output import Answer, emit, next_step
from cloudbooks.cli.showing import column, listed
from cloudbooks.core.digest import short
from cloudbooks.errors import Sentence, UsageError, sentence

if TYPE_CHECKING:
    from cloudbooks.books.keys_here import WaitingKey
    from cloudbooks.books.membership import MemberAdded

RIGHTS = "post"
NEXT_KEY = typer.Option("--next-key", metavar="DIGEST", help="The s256 of the key that is to follow.")


class VkeyMissing(UsageError):
    """`member add` was given no key, or `member rotate` none for another member."""

    code = "vkey-missing"

    def __init__(self, rotated: str = "") -> None:
        if rotated:
            message = sentence("another member's key is made where that member works, and is given with --key.")
            hint = sentence('cloudbooks member rotate "{name}" --key VKEY', name=rotated)
        else:
            message = sentence("a member is added by the key that was made where the member works.")
            hint = sentence("cloudbooks member add NAME --key VKEY; cloudbooks init NAME --from URL prints it")
        super().__init__(message, hint=hint)


def list_(ctx: typer.Context) -> int:
    """List the members, their rights and keys."""
    from cloudbooks.books import inspecting, membership  # noqa: PLC0415 - cryptography

    face: Face = ctx.obj
    desk = desk_of(face, "member list")
    found = membership.members(desk)
    waiting = membership.keys_not_added(desk)
    facts = [
        {
            "id": one.member.id,
            "name": one.member.name,
            "rights": list(one.member.rights),
            "key": one.member.key,
            "revoked": one.member.revoked,
            "here": one.here,
        }
        for one in found
    ]

    def lines() -> list[str]:
        columns = (
            column("name", sentence("Member")),
            column("rights", sentence("Rights")),
            column("here", sentence("Key here"), priority=1),
            column("key", sentence("Key"), priority=2),
        )
        rows = [
            (
                one.member.name,
                sentence("revoked") if one.member.revoked else ",".join(one.member.rights),
                sentence("yes") if one.here else sentence("no"),
                one.member.key,
            )
            for one in found
        ]
        rows += [("", sentence("not a member yet"), sentence("yes"), key) for key, _ in waiting]
        return listed(face, columns, rows, sentence("No members."))

    return emit(
        face,
        Answer(
            "member.list",
            data=lambda: {"members": facts, "keys_not_added": [key for key, _ in waiting]},
            lines=lines,
            rows="members",
            mark=lambda: inspecting.head(desk),
            after=[_adding(one) for one in waiting],
        ),
    )


def _adding(waiting: WaitingKey) -> Sentence:
    """The command with which an admin adds a key, and the one that is to follow it."""
    if not waiting.next_key:
        return sentence("Where an admin works: cloudbooks member add NAME --key {key}", key=waiting.vkey)
    return sentence(
        "Where an admin works: cloudbooks member add NAME --key {key} --next-key {next_key}",
        key=waiting.vkey,
        next_key=waiting.next_key,
    )


def add(
    ctx: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The new member's name; --key VKEY gives the key, unless --here.")
    ],
    *,
    rights: Annotated[
        str, typer.Option("--rights", metavar="RIGHTS", help="post, approve, close, admin, with commas between.")
    ] = RIGHTS,
    next_key: Annotated[str, NEXT_KEY] = "",
    here: Annotated[bool, typer.Option("--here", help="Make the member's key on this machine.")] = False,
    no_passphrase: Annotated[bool, NO_PASSPHRASE] = False,
) -> int:
    """Add a member by the key that was made on another machine; it is a block at once."""
    # `--key` makes a repeat harmless everywhere; here it is the member's key itself, which is added once.
    from cloudbooks.books import membership  # noqa: PLC0415 - cryptography

    face: Face = ctx.obj
    desk = writing_desk(face, "member add")
    wanted = membership.rights_of(rights)
    if not face.key and not here:
        raise VkeyMissing

    def act() -> Answer:
        question = sentence(
            "Add {name} with the rights {rights}, as a block of the chain?", name=name, rights=",".join(wanted)
        )
        agreed(face, question, sentence("add --yes to add {name}", name=name))
        if here:
            passphrase = None if no_passphrase else new_passphrase(face)
            added = membership.add_member_here(desk, name, wanted, passphrase)
        else:
            added = membership.add_member(desk, name, face.key, wanted, next_key)
        said = sentence(
            "{name} is a member with the rights {rights}: block {number}, head {hash}.",
            name=added.member.name,
            rights=",".join(added.member.rights),
            number=added.head.number,
            hash=short(added.head.hash),
        )
        return _stated(face, desk, "member.add", added, said)

    return once(face, desk, act)


def _stated(face: Face, desk: Desk, name: str, stated: MemberAdded, said: Sentence) -> Answer:
    from cloudbooks.books import inspecting  # noqa: PLC0415 - kept light

    member = stated.member
    return Answer(
        name,
        data=lambda: {
            "id": member.id,
            "name": member.name,
            "rights": list(member.rights),
            "key": member.key,
            "next_key": member.next_key or None,
            "revoked": member.revoked,
            "block": stated.head.number,
            "hash": stated.head.hash,
        },
        lines=lambda: [face.locale.say(said)],
        mark=lambda: inspecting.head(desk),
        findings=stated.findings,
        after=(next_step("cloudbooks sync" if stated.waits else "cloudbooks verify"),),
    )


def revoke(
    ctx: typer.Context, member: Annotated[str, typer.Argument(metavar="MEMBER", help="The member's name or id.")]
) -> int:
    """Revoke a member: what was signed stands, nothing more can be; it is a block at once."""
    from cloudbooks.books import membership  # noqa: PLC0415 - cryptography

    face: Face = ctx.obj
    desk = writing_desk(face, "member revoke")

    def act() -> Answer:
        with desk.open() as book:
            name = named_member(book, member).name
        question = sentence("{name} will sign nothing more in this book. Type the name to revoke:", name=name)
        named(face, question, name)
        revoked = membership.revoke_member(desk, member)
        said = sentence(
            "{name} is revoked: block {number}, head {hash}.",
            name=name,
            number=revoked.head.number,
            hash=short(revoked.head.hash),
        )
        return _stated(face, desk, "member.revoke", revoked, said)

    return once(face, desk, act)


def rotate(
    ctx: typer.Context,
    member: Annotated[
        str, typer.Argument(metavar="MEMBER", help="Another member, to whom an admin gives a key with --key VKEY.")
    ] = "",
    *,
    next_key: Annotated[str, NEXT_KEY] = "",
    no_passphrase: Annotated[bool, NO_PASSPHRASE] = False,
) -> int:
    """Replace your key by the one promised before, and promise another; it is a block at once."""
    # With a member, `--key` is the key that was made where that member works.
    from cloudbooks.books import rotating  # noqa: PLC0415 - cryptography

    face: Face = ctx.obj
    desk = writing_desk(face, "member rotate")
    if member and not face.key:
        raise VkeyMissing(member)

    def act() -> Answer:
        with desk.open() as book:
            name = (named_member(book, member) if member else desk.who(book)).name
        named(face, sentence("The present key of {name} will sign nothing more. Type the name:", name=name), name)
        if member:
            rotated = rotating.give_key(desk, member, face.key, next_key)
        else:
            rotated = rotating.rotate(desk, lambda: None if no_passphrase else new_passphrase(face))
        head = rotated.done.head
        said = sentence(
            "{name} signs with another key from now on: block {number}, head {hash}.",
            name=name,
            number=head.number,
            hash=short(head.hash),
        )
        return _stated(face, desk, "member.rotate", rotated.done, said)

    return once(face, desk, act)
