"""The chart of accounts, and how a person's word finds an account in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from functools import cached_property

from cloudbooks.core.account import Account
from cloudbooks.errors import Refusal, sentence

SUGGESTIONS_MAX = 3


class AccountUnknown(Refusal):
    """No account fits the word that was given; a near name is offered, never taken."""

    code = "account-unknown"

    def __init__(self, word: str, near: tuple[Account, ...]) -> None:
        hint = sentence("cloudbooks account list")
        if near:
            names = ", ".join(str(account) for account in near)
            hint = sentence("did you mean {names}? cloudbooks account list", names=names)
        super().__init__(sentence('no account matches "{word}".', word=word), hint=hint)
        self.near = near


class AccountAmbiguous(Refusal):
    """Several accounts fit the word that was given."""

    code = "account-ambiguous"

    def __init__(self, word: str, fits: tuple[Account, ...]) -> None:
        names = ", ".join(str(account) for account in fits[:8])
        super().__init__(
            sentence('"{word}" fits {n} accounts: {names}.', word=word, n=len(fits), names=names),
            hint=sentence("use a code"),
        )
        self.fits = fits


class Chart:
    """All accounts of a book, found by id, code or a person's word."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        self._by_id = {account.id: account for account in accounts}

    def __iter__(self) -> Iterator[Account]:
        return iter(sorted(self._by_id.values(), key=lambda account: account.code))

    def __len__(self) -> int:
        return len(self._by_id)

    def __getitem__(self, account_id: str) -> Account:
        return self._by_id[account_id]

    def __contains__(self, account_id: str) -> bool:
        return account_id in self._by_id

    @cached_property
    def by_code(self) -> dict[str, Account]:
        """Open accounts by their code."""
        return {account.code: account for account in self._by_id.values() if not account.closed}

    def find(self, word: str) -> Account:
        """The open account meant by a code, an exact name, or a unique part of code or name.

        Raises `AccountUnknown` or `AccountAmbiguous`: never a guess.
        """
        if word in self.by_code:
            return self.by_code[word]
        exact = tuple(account for account in self if account.name == word and not account.closed)
        lowered = word.casefold()
        fits = exact or tuple(a for a in self if not a.closed and lowered and lowered in str(a).casefold())
        if len(fits) == 1:
            return fits[0]
        if fits:
            raise AccountAmbiguous(word, fits)
        raise AccountUnknown(word, self.near(word))

    def near(self, word: str) -> tuple[Account, ...]:
        """Up to three open accounts whose code or name looks like `word`."""
        keys = {key: account for account in self if not account.closed for key in (account.code, account.name)}
        found = [keys[key] for key in get_close_matches(word, keys, n=2 * SUGGESTIONS_MAX, cutoff=0.6)]
        return tuple(dict.fromkeys(found))[:SUGGESTIONS_MAX]

    def children(self, parent: str) -> tuple[Account, ...]:
        """The accounts directly below `parent` (an id, or empty for the top), in order of code."""
        return tuple(account for account in self if account.parent == parent)

    def depth(self, account: Account) -> int:
        """How many accounts stand above `account`: 0 at the top."""
        above = 0
        while account.parent and account.parent in self._by_id:
            account = self._by_id[account.parent]
            above += 1
        return above
