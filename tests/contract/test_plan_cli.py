"""`campaign plan`: before a launch it says which way letters go and why, in words and for a script."""

from __future__ import annotations

import json

from tests.contract.cli_home import Home, home, people

__all__ = ["home", "people"]

CONTACTS = """\
seat,email,wants,given_by,answered_on,reason
H:NC:12,staff@example.org,each,us,2026-11-10,
S:NC:2,staff2@example.org,each,us,,the scheduler gave it by phone
S:NC:3,staff3@example.org,each,us,,
"""


def test_the_plan_says_how_many_offices_go_which_way_and_why(people: Home) -> None:
    (people.path / "contacts.csv").write_text(CONTACTS, encoding="utf-8")
    people.works("offices", "load", str(people.path / "contacts.csv"))
    shown = " ".join(people.works("plan", "end-287g").split())
    assert "3 of 3 supporters have at least one office; 1 must choose their district first." in shown
    assert "2 of 536 offices get letters by email. 3 contacts on file: 1 said how they want letters, 1 off." in shown
    assert "email; if it fails, website: 1 office email" in shown
    assert "email; if it fails, form: 1 office For" in shown
    assert "243 of 536 offices get letters through the office's web form." in shown
    assert "291 of 536 offices get letters through a form that supporters must find on the office's website." in shown
    assert "To look for those forms: campaign congress forms --check" in shown
    assert "only its website is known" in shown
    assert "For email, our page asks for first name, last name, city." in shown
    assert "no one is known to hold this seat" in shown
    each = people.works("plan", "end-287g", "--offices")
    (adams,) = [line for line in each.splitlines() if line.startswith("H:NC:12")]
    assert "Alma S. Adams" in adams
    assert "email" in adams


def test_the_plan_is_there_for_a_script_and_the_dry_run_names_it(people: Home) -> None:
    found = json.loads(people.works("plan", "end-287g", "--json"))
    assert found["offices"] == {
        "all": 541,
        "reached": 536,
        "cwc": 0,
        "email": 0,
        "packet": 0,
        "form": 244,
        "website": 292,
    }
    assert sum(way["offices"] for way in found["ways"]) == 541
    assert found["people"] == {"all": 3, "reach": 3, "choose": 1, "none": 0}
    (adams,) = [one for one in found["seats"] if one["seat"] == "H:NC:12"]
    assert (adams["channel"], adams["then"], adams["people"], adams["rates"]) == ("website", [], 1, {})
    assert {way["channel"] for way in adams["ways"]} == {"cwc", "email", "form", "call", "packet"}
    assert all(way["why"] and way["proves"] for way in adams["ways"])
    assert "campaign plan end-287g" in people.works(
        "launch", "end-287g", "--dry-run", SENDGRID_API_KEY="SG.test", CAMPAIGN_SENDGRID_URL="http://127.0.0.1:9"
    )


def test_an_unknown_campaign_names_the_known_ones(home: Home) -> None:
    assert "no campaign is called 'end-287'" in home.fails("plan", "end-287")
