"""Calls and forms: what a person says of one is kept once, and only with the ZIP code on file."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from campaign.congress import field_offices, roster
from campaign.letters import reported
from campaign.outreach.action_page import actions
from campaign.outreach.action_page.views import ActionPage
from campaign.states import Proof
from campaign.store.schema import reported as reported_table
from tests.store.site import ADAMS, BUDD, CAPITAL, DAY, HERE, SPLIT, SWITCHED, VACANT, Site, together

_T = reported_table.c
REPORTS = select(_T.supporter_id, _T.seat, _T.holder, _T.way, _T.outcome).order_by(_T.id)


def tell(site: Site, outcome: str, seat: str = ADAMS, zip_: str = HERE, *, number: int = 1) -> ActionPage:
    return site.act(actions.record_call, number, zip=zip_, seat=seat, outcome=outcome)


def test_the_last_word_of_a_person_about_an_office_counts(site: Site) -> None:
    for outcome in ("busy", "voicemail", "answered"):
        found = tell(site, outcome)
        assert [(one.office.seat, one.outcome, one.at) for one in found.reported] == [(ADAMS, outcome, site.at)]
        site.at += DAY
    tell(site, "busy", BUDD)
    tell(site, "answered", number=2)
    assert [(row.supporter_id, row.seat, row.outcome) for row in site.rows(REPORTS)] == [
        (site.people[0], ADAMS, "answered"),
        (site.people[0], BUDD, "busy"),
        (site.people[1], ADAMS, "answered"),
    ]


def test_two_presses_at_once_are_one_call(site: Site) -> None:
    assert [type(one) for one in together(*[lambda: tell(site, "answered")] * 4)] == [ActionPage] * 4
    assert len(site.rows(REPORTS)) == 1


@pytest.mark.parametrize(
    ("outcome", "seat", "zip_"),
    [
        ("answered", ADAMS, CAPITAL),  # not the ZIP on file
        ("answered", "H:IL:4", SPLIT),
        ("answered", "H:NC:11", HERE),  # not hers
        ("answered", "S:NC:1", HERE),  # no such seat
        ("answered", "", HERE),
        ("sent", ADAMS, HERE),
        ("", ADAMS, HERE),
    ],
)
def test_nothing_else_is_noted(site: Site, outcome: str, seat: str, zip_: str) -> None:
    tell(site, outcome, seat, zip_)
    site.act(
        actions.record_form, zip=zip_, seat=seat, told={"answered": "sent", "sent": "answered"}.get(outcome, outcome)
    )
    assert site.rows(REPORTS) == []


def test_after_the_campaign_nothing_is_noted(site: Site) -> None:
    site.at += 200 * DAY
    assert tell(site, "answered").reported == ()
    assert site.rows(REPORTS) == []


def test_a_call_is_beside_a_letter_and_takes_nothing_from_it(site: Site) -> None:
    tell(site, "answered")
    site.write()
    found = tell(site, "voicemail")
    assert [one.state for one in found.letters] == [Proof.READY.value]
    assert [one.outcome for one in found.reported] == ["voicemail"]


def test_who_called_one_of_several_candidates_has_named_their_representative(site: Site) -> None:
    with site.database.begin() as conn:
        conn.exec_driver_sql(f"UPDATE supporter SET zip = '{SPLIT}' WHERE id = {site.people[0]}")
    tell(site, "answered", "H:IL:4", SPLIT)
    tell(site, "answered", "H:IL:7", SPLIT)
    assert [row.seat for row in site.rows(REPORTS)] == ["H:IL:4"]


def test_the_sheet_has_washington_first_then_the_nearest_and_says_it_in_both_languages(site: Site) -> None:
    sheet = site.enter(seat=BUDD).call
    assert sheet is not None
    holder = roster.load().seats[BUDD].holder
    assert holder is not None
    assert (sheet.numbers[0].phone, sheet.numbers[0].near) == (holder.phone, "washington")
    assert {one.phone for one in sheet.numbers[1:]} == {
        one.phone for one in field_offices.of(roster.load())[holder.bioguide].home
    }
    order = [("washington", "zip", "area", "state").index(one.near) for one in sheet.numbers]
    assert order == sorted(order)
    assert sheet.script is not None
    assert sheet.script.english == ()
    assert any(f"Senator {holder.last_name}" in part for part in sheet.script.own)
    spanish = site.act(actions.enter, lang="es", zip=HERE, seat=ADAMS).call
    assert spanish is not None
    assert spanish.script is not None
    assert any("la representante Adams" in part for part in spanish.script.own)
    assert spanish.script.english[1].startswith("I'm calling to ask Representative Adams to cosponsor H.R. 6890")


def test_the_words_change_when_the_bill_dies(site: Site) -> None:
    site.at = SWITCHED
    sheet = site.enter(seat=BUDD).call
    assert sheet is not None
    assert sheet.script is not None
    assert "6890" not in " ".join(sheet.script.own)


def test_a_vacant_seat_has_no_number(site: Site) -> None:
    found = site.enter(VACANT, "H:GA:13")
    assert [one.seat for one in found.offices if one.house] == []
    assert found.call is None or found.call.seat.startswith("S:GA:")


def test_every_word_that_may_be_told_is_one_that_the_table_takes(site: Site) -> None:
    for outcome in reported.CALL_OUTCOMES:
        assert [one.outcome for one in tell(site, outcome).reported] == [outcome]
    for told in reported.FORM_OUTCOMES:
        found = site.act(actions.record_form, zip=HERE, seat=BUDD, told=told)
        assert [(one.way, one.outcome) for one in found.reported][1:] == [("form", told)]


def test_a_report_pressed_by_mistake_is_taken_back_alone(site: Site) -> None:
    tell(site, "answered")
    site.act(actions.record_form, zip=HERE, seat=ADAMS, told="sent")
    found = tell(site, actions.UNDO)
    assert [(one.way, one.outcome) for one in found.reported] == [("form", "sent")]
    assert site.act(actions.record_form, zip=HERE, seat=ADAMS, told=actions.UNDO).reported == ()
    assert site.rows(REPORTS) == []


def test_no_form_keeps_a_letter(site: Site) -> None:
    for told in ("chosen", "sent"):
        site.act(actions.record_form, zip=HERE, seat=ADAMS, told=told)
    assert site.counts()["letter"] == site.counts()["evidence"] == 0
    assert [(row.way, row.outcome) for row in site.rows(REPORTS)] == [("form", "sent")]
