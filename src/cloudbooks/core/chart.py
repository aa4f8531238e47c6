"""The chart of accounts, and how a person's word finds an account in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from cloudbooks.core.account import Account
from cloudbooks.errors import Refusal, joined, sentence

SUGGESTIONS_MAX = 3
FITS_NAMED = 8


class AccountUnknown(Refusal):
    """No account fits the word that was given; a near name is offered, never taken."""

    code = "account-unknown"

    def __init__(self, word: str, near: tuple[Account, ...]) -> None:
        hint = sentence("cloudbooks account list")
        if near:
            names = joined([str(account) for account in near])
            hint = sentence("did you mean {names}? cloudbooks account list", names=names)
        super().__init__(sentence('no account matches "{word}".', word=word), hint=hint)
        self.near = near


class AccountAmbiguous(Refusal):
    """Several accounts fit the word that was given."""

    code = "account-ambiguous"

    def __init__(self, word: str, fits: tuple[Account, ...]) -> None:
        names = joined([str(account) for account in fits[:FITS_NAMED]])
        super().__init__(
            sentence('"{word}" fits {n} accounts: {names}.', word=word, n=len(fits), names=names),
            hint=sentence("use a code"),
        )
        self.fits = fits


class Chart:
    """All accounts of a book, found by id, code or a person's word."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        self._by_id = {account.id: account for account in accounts}

    @cached_property
    def _in_order(self) -> tuple[Account, ...]:
        return tuple(sorted(self._by_id.values(), key=lambda account: (account.code, account.id)))

    def __iter__(self) -> Iterator[Account]:
        return iter(self._in_order)

    def __len__(self) -> int:
        return len(self._by_id)

    def __getitem__(self, account_id: str) -> Account:
        return self._by_id[account_id]

    def __contains__(self, account_id: str) -> bool:
        return account_id in self._by_id

    @cached_property
    def by_code(self) -> dict[str, Account]:
        """Open accounts by their code."""
        return {account.code: account for account in self if not account.closed}

    @cached_property
    def by_initials(self) -> dict[str, tuple[Account, ...]]:
        """Open accounts by the initials of their name, which several may share."""
        from cloudbooks.core.initials import initials  # noqa: PLC0415 - whoever gives a code should not wait for it

        found: dict[str, tuple[Account, ...]] = {}
        for account in self.by_code.values():
            letters = initials(account.name)
            if letters:
                found[letters] = (*found.get(letters, ()), account)
        return found

    def find(self, word: str) -> Account:
        """The open account meant by a code, an exact name, initials, or a part of code or name that only it has.

        A code may be typed without its dots.
        Raises `AccountUnknown` or `AccountAmbiguous`: never a guess.
        """
        meant = word.strip()
        if meant in self.by_code:
            return self.by_code[meant]
        fits = self._fits(meant.casefold())
        if len(fits) == 1:
            return fits[0]
        if fits:
            raise AccountAmbiguous(word, fits)
        raise AccountUnknown(word, self.near(meant))

    def _fits(self, lowered: str) -> tuple[Account, ...]:
        """What fits a word that is no code, by the first way of fitting that finds anything."""
        if not lowered:
            return ()
        accounts = self.by_code.values()
        exact = tuple(account for account in accounts if account.name.casefold() == lowered)
        return (
            exact
            or self.by_initials.get(lowered, ())
            or tuple(account for account in accounts if account.code.replace(".", "").casefold() == lowered)
            or tuple(account for account in accounts if lowered in str(account).casefold())
        )

    def near(self, word: str) -> tuple[Account, ...]:
        """Up to three open accounts whose code or name looks like `word`."""
        from difflib import get_close_matches  # noqa: PLC0415 - only a misspelt name should wait for it

        accounts = self.by_code.values()
        keys = {key.casefold(): account for account in accounts for key in (account.name, account.code)}
        found = [keys[key] for key in get_close_matches(word.casefold(), keys, n=2 * SUGGESTIONS_MAX)]
        return tuple(dict.fromkeys(found))[:SUGGESTIONS_MAX]

    @cached_property
    def _below(self) -> dict[str, tuple[Account, ...]]:
        found: dict[str, list[Account]] = {}
        for account in self:
            found.setdefault(account.parent, []).append(account)
        return {parent: tuple(accounts) for parent, accounts in found.items()}

    def children(self, parent: str) -> tuple[Account, ...]:
        """The accounts directly below `parent` (an id, or empty for the top), in order of code."""
        return self._below.get(parent, ())

    def above(self, account: Account) -> tuple[Account, ...]:
        """The accounts above `account`, the nearest first; each once, even if a damaged book has them in a circle."""
        found: dict[str, Account] = {}
        while account.parent in self._by_id and account.parent not in found:
            account = self._by_id[account.parent]
            found[account.id] = account
        return tuple(found.values())

    def below(self, account: Account) -> tuple[Account, ...]:
        """`account` itself and every account under it, in order of code."""
        return tuple(one for one in self if one.id == account.id or account in self.above(one))

    def depth(self, account: Account) -> int:
        """How many accounts stand above `account`: 0 at the top."""
        return len(self.above(account))
