"""config.toml: every setting with its default, and every fault at once."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from campaign import config
from campaign.config import load_settings
from campaign.errors import CampaignError, Problems


def written(tmp_path: Path, text: str, **environ: str) -> config.Settings:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(home=tmp_path, path=path, environ=environ)


def test_the_shipped_file_shows_every_setting_with_its_default() -> None:
    shipped = load_settings(path=config.ROOT / "config.toml", environ={})
    for name, cls in config._SECTIONS.items():
        assert getattr(shipped, name) == cls(), f"[{name}] in config.toml is not the default"
        text = (config.ROOT / "config.toml").read_text(encoding="utf-8")
        for item in fields(cls):
            assert f"\n{item.name} = " in text.split(f"[{name}]")[1].split("\n[")[0], f"{item.name} is not shown"


def test_every_fault_is_told_at_once_with_key_and_what_it_may_be(tmp_path: Path) -> None:
    text = """
    colour = "red"
    [sendgrid]
    per_request = 5000
    in_flight = "many"
    url = "http://example.org"
    tiemout = 3
    [web]
    port = true
    [[lists]]
    name = "a"
    """
    with pytest.raises(Problems) as caught:
        written(tmp_path, text)
    told = str(caught.value)
    for words in (
        "[colour]",
        "between 1 and 1000",
        "in_flight",
        "whole number",
        "must begin with one of",
        "tiemout",
        "Settings here are",
        "[web] port",
        "needs a name and a path",
    ):
        assert words in told


def test_the_environment_overrides_and_is_checked_too(tmp_path: Path) -> None:
    found = written(tmp_path, "", CAMPAIGN_SENDGRID_PER_REQUEST="7", CAMPAIGN_CAMPAIGN_SCHEDULER_SECONDS="0.5")
    assert (found.sendgrid.per_request, found.campaign.scheduler_seconds) == (7, 0.5)
    with pytest.raises(Problems, match="per_request"):
        written(tmp_path, "", CAMPAIGN_SENDGRID_PER_REQUEST="many")


def test_secrets_are_not_settings_and_are_not_shown(tmp_path: Path) -> None:
    found = written(tmp_path, "", SENDGRID_API_KEY="SG.secret")
    assert found.api_key == "SG.secret"
    assert "SG.secret" not in repr(found)
    with pytest.raises(Problems, match="api_key"):
        written(tmp_path, '[sendgrid]\napi_key = "SG.x"')


def test_a_missing_or_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(CampaignError, match="no such file"):
        load_settings(path=tmp_path / "none.toml", environ={})
    with pytest.raises(CampaignError, match="not readable TOML"):
        written(tmp_path, "[sendgrid")
    with pytest.raises(CampaignError, match="cannot be read: Is a directory"):
        load_settings(path=tmp_path, environ={})


def test_a_byte_order_mark_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[web]\nport = 8123\n", encoding="utf-8-sig")
    assert load_settings(path=tmp_path / "config.toml", environ={}).web.port == 8123


def test_only_sendgrids_own_address_is_live(tmp_path: Path) -> None:
    assert written(tmp_path, "").live
    assert written(tmp_path, '[sendgrid]\nurl = "https://api.eu.sendgrid.com/"').live
    assert not written(tmp_path, '[sendgrid]\nurl = "http://127.0.0.1:8025"').live


def test_the_brokers_socket_is_short_and_one_for_each_home(tmp_path: Path) -> None:
    deep = load_settings(home=tmp_path / ("deep/" * 40), path=config.ROOT / "config.toml", environ={})
    other = load_settings(home=tmp_path, path=config.ROOT / "config.toml", environ={})
    assert len(str(deep.broker_socket)) < 100
    assert deep.broker_socket != other.broker_socket


def test_an_unknown_list_names_the_known_ones() -> None:
    with pytest.raises(CampaignError, match="known: examples"):
        load_settings(path=config.ROOT / "config.toml", environ={}).list_named("petition")


def test_the_config_file_is_the_named_one_else_that_of_the_home_else_the_shipped_one(tmp_path: Path) -> None:
    named, home = tmp_path / "named.toml", tmp_path / "home"
    home.mkdir()
    assert load_settings(home=home, environ={}).source == config.ROOT / "config.toml"
    for path in (named, home / "config.toml"):
        path.write_text("", encoding="utf-8")
    assert load_settings(home=home, environ={}).source == home / "config.toml"
    assert load_settings(home=home, environ={"CAMPAIGN_CONFIG": str(named)}).source == named


def test_relative_paths_are_relative_to_the_config_file(tmp_path: Path) -> None:
    text = '[[lists]]\nname = "petition"\npath = "petition.csv"'
    assert written(tmp_path, text).list_named("petition").path == str(tmp_path / "petition.csv")
    assert written(tmp_path, '[campaign]\ntemplates = "messages"').templates == tmp_path / "messages"


def test_a_users_templates_win_over_the_shipped_ones(tmp_path: Path) -> None:
    assert written(tmp_path, "").templates == config.ROOT / "templates"
    (tmp_path / "templates").mkdir()
    assert written(tmp_path, "").templates == tmp_path / "templates"
    (tmp_path / "config.toml").unlink()
    assert load_settings(home=tmp_path, environ={}).templates == tmp_path / "templates", "without a config file, too"


def test_the_home_is_in_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_settings(environ={}).home == tmp_path / ".campaign"
    assert load_settings(environ={"CAMPAIGN_HOME": "elsewhere"}).home == tmp_path / "elsewhere"
