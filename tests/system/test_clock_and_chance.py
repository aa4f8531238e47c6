"""Time and chance: instants as the chain writes them, ids that rise, salts that do not repeat."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudbooks.chain import shape
from cloudbooks.system import state_folder
from cloudbooks.system.chance import new_id, new_salt
from cloudbooks.system.clock import SystemClock, instant, moment

moments = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=0))


class Stopped:
    """A clock that stands."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        """Always the same."""
        return self.at


@given(moments)
def test_an_instant_reads_back(at: datetime) -> None:
    """Every second of the calendar has one text, which the chain takes, and which means that second."""
    text = instant(at)
    assert shape.is_instant(text)
    assert moment(text) == at


@given(moments.filter(lambda at: 1 < at.year < 9999), st.integers(-14, 14))
def test_an_instant_is_utc_whatever_the_zone(at: datetime, hours: int) -> None:
    """The zone of a moment changes nothing of its text."""
    assert instant(at.astimezone(timezone(timedelta(hours=hours)))) == instant(at)


@pytest.mark.parametrize(
    "text", ["2026-11-21", "2026-11-21T08:15:30", "2026-11-21T08:15:30+01:00", "2026-11-21 08:15:30Z", ""]
)
def test_other_texts_are_no_instants(text: str) -> None:
    """A text that the chain would not write is refused."""
    with pytest.raises(ValueError):  # noqa: PT011 - there is no more to say
        moment(text)


def test_the_system_clock_tells_whole_seconds_of_utc() -> None:
    """What the chain writes has no fractions and no zone but UTC."""
    now = SystemClock().now()
    assert (now.tzinfo, now.microsecond) == (UTC, 0)


@given(st.lists(st.integers(0, 2**31), min_size=1, max_size=20))
def test_ids_rise_whatever_the_clock_does(seconds: list[int]) -> None:
    """Each id is a UUIDv7 greater than the one before, also while the clock stands or goes back."""
    ids = [new_id(Stopped(datetime.fromtimestamp(second, UTC))) for second in seconds for _ in range(3)]
    assert ids == sorted(set(ids))
    assert all(map(shape.is_id, ids))


def test_every_bit_of_an_id_that_is_chance_is_drawn() -> None:
    """The 74 bits that hide a record behind its hash take both values."""
    clock = Stopped(datetime(2026, 1, 1, tzinfo=UTC))
    drawn = [int(new_id(clock).replace("-", ""), 16) for _ in range(200)]
    chance = (1 << 76) - (1 << 64) | (1 << 62) - 1
    assert chance.bit_count() == 74
    ones, zeros = 0, 0
    for one in drawn:
        ones, zeros = ones | one, zeros | ~one
    assert ones & chance == chance
    assert zeros & chance == chance


def test_salts_are_fresh() -> None:
    """A thousand salts are a thousand, each as the chain takes it."""
    salts = {new_salt() for _ in range(1000)}
    assert len(salts) == 1000
    assert all(map(shape.is_salt, salts))


def test_the_state_folder_is_where_the_variable_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The variable wins; a relative path is refused; without it the platform decides."""
    monkeypatch.setenv(state_folder.VARIABLE, str(tmp_path))
    assert state_folder.state_folder() == tmp_path
    monkeypatch.setenv(state_folder.VARIABLE, "here")
    with pytest.raises(state_folder.StateFolderRelative, match="here"):
        state_folder.state_folder()
    monkeypatch.delenv(state_folder.VARIABLE)
    assert state_folder.state_folder().is_absolute()
    assert state_folder.state_folder().name == "cloudbooks"
