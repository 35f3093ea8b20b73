"""`campaign cwc` as an operator types it, against both gateways on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import gateways as doubles
from tests.contract.cli_home import Home, home
from tests.gateways import Gateways

__all__ = ["home"]

AGENT = {
    "CAMPAIGN_CWC_ENVIRONMENT": "production",
    "CAMPAIGN_CWC_AGENT": "Riverbend Civic Tools",
    "CAMPAIGN_CWC_ACK_EMAIL": "acks@riverbend.example",
    "CAMPAIGN_CWC_CONTACT_NAME": "Mail Operations",
    "CAMPAIGN_CWC_CONTACT_EMAIL": "ops@riverbend.example",
    "CAMPAIGN_CWC_CONTACT_PHONE": "202-555-0134",
    "CAMPAIGN_CWC_HOUSE_KEY": doubles.KEYS["house"],
    "CAMPAIGN_CWC_SENATE_KEY": doubles.KEYS["senate"],
}


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Gateways]:
    with doubles.running(tmp_path) as made:
        yield made


def set_up(there: Gateways, **changes: str) -> dict[str, str]:
    return {**AGENT, "CAMPAIGN_CWC_HOUSE_URL": there.url, "CAMPAIGN_CWC_SENATE_URL": f"{there.url}/api", **changes}


def test_it_is_off_and_says_how_to_begin(home: Home) -> None:
    for command in (["check"], ["render", "--letter", "1"]):
        said = home.fails("cwc", *command)
        assert "Congress's own system (CWC) is off" in said
        assert "docs/cwc.md" in said
    assert "not configured here" in home.works("cwc", "offices")


def test_check_fetches_both_lists_and_offices_shows_what_they_reach(home: Home, there: Gateways) -> None:
    environ = set_up(there)
    shown = home.works("cwc", "check", **environ)
    assert "ok house, production: 2 offices take letters" in shown
    assert "ok senate, production: 2 offices take letters" in shown
    found = json.loads(home.works("cwc", "offices", "--json", **environ))["offices"]
    assert len(found) == 541
    assert {one["seat"] for one in found if one["takes"]} == {"H:NC:12", "H:AK:0", "S:NC:2", "S:NC:3"}
    planned = json.loads(home.works("plan", "end-287g", "--json", **environ))
    assert planned["offices"]["cwc"] == 4


def test_a_key_that_is_not_taken_is_named_without_the_key(home: Home, there: Gateways) -> None:
    done = home.run("cwc", "check", **set_up(there, CAMPAIGN_CWC_HOUSE_KEY="wrong-secret"))
    assert done.returncode == 1
    assert "401: the key is not taken" in done.stdout
    assert "wrong-secret" not in done.stdout + done.stderr
    assert "ok senate" in done.stdout


def test_the_chambers_tests_are_not_taken_for_production(home: Home, there: Gateways) -> None:
    environ = set_up(there, CAMPAIGN_CWC_ENVIRONMENT="uat")
    assert "no letters are sent to them" in home.works("cwc", "check", **environ)
    assert json.loads(home.works("plan", "end-287g", "--json", **environ))["offices"]["cwc"] == 0


def test_a_letter_that_is_not_there_cannot_be_shown(home: Home, there: Gateways) -> None:
    assert "there is no such letter" in home.fails("cwc", "render", "--letter", "7", **set_up(there))
