"""Which book a command means."""

from __future__ import annotations

from pathlib import Path

import pytest

from cloudbooks.cli.finding_book import BookMissing, BooksSeveral, find_book
from cloudbooks.cli.settings_files import beside_file


def test_the_only_book_here_or_above_is_meant(tmp_path: Path) -> None:
    """A book is found from any folder below it; the nearest folder with books counts."""
    (tmp_path / "acme.cbk").touch()
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert find_book("", below) == tmp_path / "acme.cbk"
    (tmp_path / "a" / "beta.cbk").touch()
    assert find_book("", below) == tmp_path / "a" / "beta.cbk"


def test_a_book_that_anybody_could_have_put_there_is_not_found_from_below(tmp_path: Path) -> None:
    """A folder like /tmp counts where one stands in it, and is passed over from below; settings there too."""
    shared = tmp_path / "shared"
    below = shared / "mine"
    below.mkdir(parents=True)
    shared.chmod(0o1777)
    (shared / "evil.cbk").touch()
    with pytest.raises(BookMissing):
        find_book("", below)
    assert beside_file("", below) is None
    assert find_book("", shared) == shared / "evil.cbk"


def test_several_books_are_listed_and_none_is_taken(tmp_path: Path) -> None:
    """Two books in a folder: a refusal that names both."""
    for name in ("acme.cbk", "beta.cbk"):
        (tmp_path / name).touch()
    with pytest.raises(BooksSeveral, match=r"acme\.cbk, beta\.cbk"):
        find_book("", tmp_path)


def test_a_named_book_may_leave_its_suffix_out(tmp_path: Path) -> None:
    """`-b acme` means acme.cbk, and a name that is not there is refused with what makes it."""
    (tmp_path / "acme.cbk").touch()
    assert find_book(str(tmp_path / "acme"), tmp_path) == tmp_path / "acme.cbk"
    assert find_book(str(tmp_path / "acme.cbk"), tmp_path) == tmp_path / "acme.cbk"
    with pytest.raises(BookMissing) as refusal:
        find_book("beta.cbk", tmp_path)
    assert str(refusal.value.hint) == "cloudbooks init beta makes it"


def test_a_folder_is_no_book(tmp_path: Path) -> None:
    """A folder of the name is passed over."""
    (tmp_path / "acme.cbk").mkdir()
    with pytest.raises(BookMissing):
        find_book("", tmp_path / "acme.cbk")
    with pytest.raises(BookMissing):
        find_book(str(tmp_path / "acme"), tmp_path)
