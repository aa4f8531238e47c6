"""`cloudbooks member …`: who may sign in the book."""

from __future__ import annotations

from typing import Annotated

import typer

from cloudbooks.cli.asking import agreed
from cloudbooks.cli.desk import desk_of, writing_desk
from cloudbooks.cli.face import Face
from cloudbooks.cli.once import once
from cloudbooks.cli.output import Answer, emit, next_step
from cloudbooks.cli.showing import column, listed
from cloudbooks.core.digest import short
from cloudbooks.errors import UsageError, sentence

RIGHTS = "post"


class VkeyMissing(UsageError):
    """`member add` was given no key."""

    code = "vkey-missing"

    def __init__(self) -> None:
        super().__init__(
            sentence("a member is added by the key that was made where the member works."),
            hint=sentence("cloudbooks member add NAME --key VKEY; cloudbooks init NAME --from URL prints it"),
        )


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
        rows += [("", sentence("not a member yet"), sentence("yes"), key) for key in waiting]
        return listed(face, columns, rows, sentence("No members."))

    return emit(
        face,
        Answer(
            "member.list",
            data=lambda: {"members": facts, "keys_not_added": list(waiting)},
            lines=lines,
            rows="members",
            mark=lambda: inspecting.head(desk),
            after=[
                sentence("Where an admin works: cloudbooks member add NAME --key {key}", key=key) for key in waiting
            ],
        ),
    )


def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The new member's name.")],
    rights: Annotated[
        str, typer.Option("--rights", metavar="RIGHTS", help="post, approve, close, admin, with commas between.")
    ] = RIGHTS,
) -> int:
    """Add a member by the key that was made on another machine; it is a block at once."""
    # `--key` makes a repeat harmless everywhere; here it is the member's key itself, which is added once.
    from cloudbooks.books import inspecting, membership  # noqa: PLC0415 - cryptography

    face: Face = ctx.obj
    desk = writing_desk(face, "member add")
    wanted = membership.rights_of(rights)
    if not face.key:
        raise VkeyMissing

    def act() -> Answer:
        question = sentence(
            "Add {name} with the rights {rights}, as a block of the chain?", name=name, rights=",".join(wanted)
        )
        agreed(face, question, sentence("add --yes to add {name}", name=name))
        added = membership.add_member(desk, name, face.key, wanted)
        said = sentence(
            "{name} is a member with the rights {rights}: block {number}, head {hash}.",
            name=added.member.name,
            rights=",".join(added.member.rights),
            number=added.head.number,
            hash=short(added.head.hash),
        )
        return Answer(
            "member.add",
            data=lambda: {
                "id": added.member.id,
                "name": added.member.name,
                "rights": list(added.member.rights),
                "key": added.member.key,
                "block": added.head.number,
                "hash": added.head.hash,
            },
            lines=lambda: [face.locale.say(said)],
            mark=lambda: inspecting.head(desk),
            findings=added.findings,
            after=(next_step("cloudbooks sync" if added.waits else "cloudbooks verify"),),
        )

    return once(face, desk, act)
