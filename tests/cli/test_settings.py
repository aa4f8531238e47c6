"""Settings: who wins, who may speak, and that the winner is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.conftest import Run

from cloudbooks.cli.settings import SETTINGS, SettingUnknown, SettingUnreadable, Source, Sources, Value, decide
from cloudbooks.cli.settings_files import read_settings, write_setting

PLACES = st.sets(st.sampled_from([Source.FLAG, Source.ENVIRONMENT, Source.BESIDE, Source.USER]))


def _sources(places: set[Source], key: str) -> Sources:
    def said(place: Source) -> dict[str, Value]:
        return {key: place.name.lower()} if place in places else {}

    variable = SETTINGS[key].variable
    environment = {variable: Source.ENVIRONMENT.name.lower()} if Source.ENVIRONMENT in places else {}
    return Sources(said(Source.FLAG), environment, said(Source.BESIDE), said(Source.USER))


@given(PLACES)
def test_the_strongest_place_that_speaks_decides(places: set[Source]) -> None:
    """Flag > environment > beside the book > user > default, whichever of them speak."""
    decided = decide("lang", _sources(places, "lang"))
    strongest = next((place for place in Source if place in places), Source.DEFAULT)
    assert decided.source is strongest
    assert [source for source, _, _ in decided.said] == [
        place for place in Source if place in {*places, Source.DEFAULT}
    ]


@given(PLACES)
def test_a_book_from_elsewhere_does_not_say_who_works_here(places: set[Source]) -> None:
    """Settings that touch the user's own identity and secrets are not read from beside the book."""
    for key in ("as", "passphrase-file", "policy"):
        assert decide(key, _sources(places, key)).source is not Source.BESIDE


@pytest.mark.parametrize(("key", "raw"), [("color", "red"), ("width", "-1"), ("width", "١٢"), ("ascii", "perhaps")])
def test_a_value_that_does_not_fit_is_refused(key: str, raw: str) -> None:
    """A setting is never guessed."""
    with pytest.raises(SettingUnreadable):
        decide(key, Sources(flags={key: raw}))


def test_a_setting_that_is_not_there_is_refused_with_near_names() -> None:
    """A typo in a key is an error with what it may have meant."""
    with pytest.raises(SettingUnknown) as refusal:
        decide("colour", Sources())
    assert "color" in str(refusal.value.hint)


@given(st.dictionaries(st.sampled_from(["lang", "as"]), st.text(st.characters(exclude_categories=["Cs"]), max_size=20)))
def test_what_is_written_is_read_again(tmp_path_factory: pytest.TempPathFactory, settings: dict[str, str]) -> None:
    """Any text survives its way through the user's file, and other lines stay."""
    file = tmp_path_factory.mktemp("settings") / "config.toml"
    file.write_text('# mine\nwidth = 80\nlang = "old"\n', encoding="utf-8")
    for key, value in settings.items():
        write_setting(file, SETTINGS[key], value)
    assert read_settings(file) == {"width": 80, "lang": "old"} | settings
    assert file.read_text(encoding="utf-8").startswith("# mine\n")


def test_config_names_the_winner(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """`config explain` says who decides, and what the losers say."""
    Path("acme.cbk").touch()
    Path("cloudbooks.toml").write_text('lang = "zh"\n', encoding="utf-8")
    assert run("config", "get", "lang").out == "zh\n"
    assert run("config", "set", "lang", "en").status == 0
    assert run("config", "get", "lang").out == "zh\n"
    monkeypatch.setenv("CLOUDBOOKS_LANG", "en")
    explained = run("config", "explain", "lang", "--json").json["data"]["settings"][0]
    assert explained["source"] == "environment"
    assert [one["source"] for one in explained["said"]] == ["environment", "beside", "user", "default"]


def test_the_users_file_is_for_the_user_alone(run: Run, tmp_path: Path) -> None:
    """`config set` writes a file of mode 0600."""
    run("config", "set", "width", "100")
    assert (tmp_path / "home" / "config.toml").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("text", "code"),
    [("lang = [1]\n", "settings-unreadable"), ("lang\n", "settings-unreadable"), ("speed = 3\n", "setting-unknown")],
)
def test_a_file_of_settings_with_a_fault_is_refused_with_its_place(run: Run, text: str, code: str) -> None:
    """A typo in a file of settings is not passed over."""
    Path("acme.cbk").touch()
    Path("cloudbooks.toml").write_text(text, encoding="utf-8")
    outcome = run("config", "get", "lang")
    assert outcome.status == 2
    assert outcome.err.startswith(f"error[{code}]: ")
    assert "cloudbooks.toml" in outcome.err
