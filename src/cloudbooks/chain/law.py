"""What is raised where a batch breaks a law."""

from __future__ import annotations

from cloudbooks.chain.canonical import FormFault
from cloudbooks.core.money import DIGITS_MAX, from_canonical
from cloudbooks.errors import sentence


class LawBroken(FormFault):
    """A batch breaks a law of FORMAT.md section 2.1, or what goes with the laws: numbers, salts, amounts, times.

    `code` is `law.` and the law's name (`balance reference period once rights beginning base restate account`), or
    `numbers salt amount time chain signature limit`; `record` counts the record lines of the batch from 1. Whoever
    admitted into a state drops that state.
    """


def no_commodity(code: str) -> LawBroken:
    """A record names a commodity that does not exist."""
    return LawBroken("law.reference", sentence('There is no commodity "{code}".', code=code))


def no_account(id_: str) -> LawBroken:
    """A record names an account that does not exist."""
    return LawBroken("law.reference", sentence('There is no account with the id "{id}".', id=id_))


def account_closed(code: str) -> LawBroken:
    """A record names an account that is closed."""
    return LawBroken("law.reference", sentence("The account {code} is closed.", code=code))


def account_bound(code: str, bound: str, commodity: str) -> LawBroken:
    """A record would put another commodity on an account than the one that it is bound to."""
    return LawBroken(
        "law.reference",
        sentence("The account {code} takes {bound} alone, not {commodity}.", code=code, bound=bound,
                 commodity=commodity),
    )  # fmt: skip


def minor(text: str, scale: int, commodity: str) -> int:
    """The minor units of an amount in good form; raises `LawBroken` (`amount`) for another scale or too many digits."""
    try:
        return from_canonical(text, scale)
    except ValueError:
        raise LawBroken(
            "amount",
            sentence('"{text}" is no amount of {commodity}, which has {scale} decimals and at most {digits} digits.',
                     text=text, commodity=commodity, scale=scale, digits=DIGITS_MAX),
        ) from None  # fmt: skip
