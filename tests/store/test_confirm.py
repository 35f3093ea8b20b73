"""Confirming: one press is one letter with evidence, delivery and receipt, and a form with a fault stores nothing."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from sqlalchemy import select, update

from campaign.compose.campaign_folder import folder
from campaign.compose.rendering import release
from campaign.letters import letters
from campaign.links import BadLink
from campaign.outreach.action_page import visit as visits
from campaign.outreach.action_page.context import WrongZip
from campaign.outreach.action_page.views import ActionPage
from campaign.outreach.action_page.visit import LinkRequest
from campaign.store.schema import campaign as campaign_table
from campaign.store.schema import evidence, supporter, visit
from tests.prepared import shipped
from tests.store.site import (
    ADAMS,
    BUDD,
    KEYS,
    MINUTE,
    SLUG,
    TILLIS,
    Site,
    meet,
    moment,
    together,
)


def test_the_own_zip_opens_her_page_with_the_first_office_and_counts_one_visit(site: Site) -> None:
    page = site.enter()
    site.enter("28205-1234")
    assert (page.own, page.first_name, page.last_name) == (True, "Person 1", "Ruiz")
    assert [(office.seat, office.why) for office in page.offices] == [
        (ADAMS, "district"),
        (TILLIS, "state"),
        (BUDD, "state"),
    ]
    assert page.preview is not None
    assert page.preview.office.seat == ADAMS
    assert len(site.rows(select(visit))) == 1


def test_what_is_no_zip_and_a_forged_link_are_refused(site: Site) -> None:
    for typed in ("2820", "２８２０５", "abcde", ""):
        with pytest.raises(WrongZip):
            site.enter(typed)
    forged = LinkRequest("other", site.token())
    with pytest.raises(BadLink), visits.acting(site.database, KEYS, site.settings, forged):
        pass
    assert site.rows(select(visit)) == []


def test_one_confirmation_makes_one_letter_evidence_delivery_and_receipt(site: Site) -> None:
    site.contact(needs=("street",))
    page = site.write(street="12 Elm St")
    assert [(one.state, one.can_take_back) for one in page.letters] == [("going", True)]
    site.write(street="12 Elm St", seat=TILLIS)
    assert site.counts() == {
        "letter": 2, "evidence": 2, "letter deliveries": 2, "receipt deliveries": 1,
    }  # fmt: skip
    assert site.states() == ["going", "ready"]
    site.at += 16 * MINUTE
    assert sorted(site.drain()) == ["letter", "receipt"]
    (mail,) = [one for one in site.mails if one["kind"] == "letter"]
    assert "12 Elm St" in mail["text"]
    assert "Charlotte, NC 28205" in mail["text"]
    assert mail["reply_to"]["email"] == "person1@example.org"
    assert site.states() == ["sent", "ready"]


def test_confirming_again_changes_nothing(site: Site) -> None:
    form = site.form()
    site.confirm(form)
    before = site.counts()
    assert isinstance(site.confirm(form), ActionPage)
    assert isinstance(site.confirm({**form, "story": "Other words."}), ActionPage)
    assert site.counts() == before


@pytest.mark.parametrize("email", [True, False])
def test_two_confirmations_at_the_same_moment_leave_one_of_each_and_no_error(
    site: Site, email: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if email:
        site.contact()
    form = site.form()
    monkeypatch.setattr(letters, "secrets", SimpleNamespace(token_bytes=meet(2)))
    found = together(*[lambda: site.confirm(form)] * 2)
    assert [type(one) for one in found] == [ActionPage] * 2
    assert site.counts() == {
        "letter": 1, "evidence": 1, "letter deliveries": 1, "receipt deliveries": 1,
    }  # fmt: skip


def test_two_offices_at_the_same_moment_share_one_receipt(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = site.form(seat=ADAMS), site.form(seat=TILLIS)
    monkeypatch.setattr(letters, "secrets", SimpleNamespace(token_bytes=meet(2)))
    found = together(lambda: site.confirm(first), lambda: site.confirm(second))
    assert [type(one) for one in found] == [ActionPage, ActionPage]
    assert (site.counts()["letter"], site.counts()["receipt deliveries"]) == (2, 1)


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"seen": "0" * 32}, {"seen": "changed"}),
        ({"seen": ""}, {"seen": "changed"}),
        ({"story": "My cousin is undocumented."}, {"story": "status"}),
        ({"story": "x" * 2001}, {"story": "story-long"}),
        ({"first_name": "http://spam.example/x"}, {"name": "name"}),
        ({"last_name": " \n "}, {"name": "name"}),
        ({"seat": "S:OH:3"}, {"seat": "seat"}),
        ({"seat": ""}, {"seat": "no-office"}),
        ({"seat": "H:XX:99"}, {"seat": "seat"}),
        ({"city": "", "street": "", "phone": "12", "prefix": "Sir"}, dict.fromkeys(("city", "street"), "")),
    ],
)
def test_a_form_with_a_fault_comes_back_and_stores_nothing(
    site: Site, changes: dict[str, str], problems: dict[str, str]
) -> None:
    site.contact(needs=("street", "phone", "prefix"))
    lines = {"street": "12 Elm St", "phone": "(704) 555-0112", "prefix": "Ms."}
    found = site.refused({**site.form(), **lines, **changes})
    if "city" in problems:
        problems = {name: name for name in ("city", "street", "phone", "prefix")}
    assert found == problems


def test_a_name_that_is_an_address_of_the_web_is_no_name(site: Site) -> None:
    assert site.refused(site.form(first_name="Visit", last_name="www.evil.example")) == {"name": "name"}


def test_she_may_keep_a_sentence_that_the_guard_asked_about(site: Site) -> None:
    page = site.write(story="My cousin is undocumented.", guard="keep")
    assert "undocumented" in page.letters[0].text


def test_a_text_mended_between_page_and_confirmation_is_read_again(site: Site) -> None:
    form = site.form()
    files = dict(shipped().files)
    files["letter/house.en.txt"] = files["letter/house.en.txt"].replace("subject: Please", "subject: Kindly")
    with site.database.begin() as conn:
        frozen = release.freeze(conn, folder.parse(SLUG, files), site.at)
        conn.execute(update(campaign_table).values(release=frozen))
    assert site.refused(form) == {"seen": "changed"}
    site.write()
    assert [row[0] for row in site.rows(select(evidence.c.release))] == [frozen]


def test_who_reads_spanish_gets_the_page_of_a_campaign_in_english_alone(site: Site) -> None:
    files = dict(shipped().files)
    files["campaign.toml"] = files["campaign.toml"].replace('locales = ["en", "es"]', 'locales = ["en"]')
    with site.database.begin() as conn:
        frozen = release.freeze(conn, folder.parse(SLUG, files), site.at)
        conn.execute(update(campaign_table).values(release=frozen))
        conn.execute(update(supporter).values(locale="es"))
    site.write()


@pytest.mark.parametrize("at", ["2026-10-01T00:00-04:00", "2027-04-01T00:00-04:00"])
def test_outside_its_window_no_letter_is_confirmed(site: Site, at: str) -> None:
    form = site.form()
    site.at = moment(at)
    assert "seat" in site.refused(form)
