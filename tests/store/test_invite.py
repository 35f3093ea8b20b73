"""The question to an office how it wants letters, and what it answers."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from campaign.congress import contacts
from campaign.congress.contacts import UNANSWERED, Contact, OfficeAnswer
from campaign.delivery import campaigns
from campaign.delivery.transport import NoAnswer
from campaign.errors import CampaignError
from campaign.letters import access
from campaign.outreach.offices import invite
from campaign.outreach.offices.invite import Invitation
from campaign.outreach.sending import digest_letters
from campaign.states import Fate
from campaign.store.schema import attempt, campaign, delivery, request
from tests.store.site import ADAMS, BUDD, DAY, KEYS, MINUTE, SLUG, START, TILLIS, Site, moment
from tests.store.site import site as site

NIGHT, MORNING = moment("2026-11-24T22:00-05:00"), moment("2026-11-25T08:01-05:00")


@pytest.fixture
def office(site: Site) -> Site:
    """Offices with an address that have not said how they want letters, and hours in which they may be asked."""
    site.settings = replace(site.settings, campaign=replace(site.settings.campaign, office_hours="8-18"))
    new(site)
    return site


def new(site: Site, seat: str = ADAMS, email: str = "aide@example.org") -> None:
    with site.database.begin() as conn:
        contacts.load(conn, [Contact(seat, email, "daily", "an aide, by phone", off=UNANSWERED)], site.at)


def ask(site: Site, *seats: str, dry_run: bool = False) -> list[Invitation]:
    return invite.invite(site.database, site.settings, SLUG, seats, dry_run=dry_run, now=site.at)


def say(site: Site, wants: str, **more: object) -> Contact:
    said = OfficeAnswer(wants, "Kim of the office", "2026-11-24", **more)  # type: ignore[arg-type]
    return invite.answer(site.database, site.settings, ADAMS, said, now=site.at)


def state(site: Site) -> list[str]:
    return [row.state for row in site.rows(select(request.c.state).where(request.c.kind == "invite"))]


def test_an_office_is_asked_once_from_the_offices_own_sender(office: Site) -> None:
    (one,) = ask(office, dry_run=True)
    assert one.why == ""
    assert office.rows(select(delivery.c.id)) == []
    ask(office)
    office.drain()
    (mail,) = office.mails
    assert mail["from"] == {"email": "letters@offices.example.org", "name": "Example Coalition"}
    assert mail["personalizations"][0]["to"] == [{"email": "aide@example.org"}]
    assert mail["content"] == [{"type": "text/plain", "value": one.text.text}]
    for part in ("H.R. 6890", "Alma S. Adams", "Alex Example", "slow down", "an aide, by phone"):
        assert part in one.text.text
    assert "://" not in one.text.text
    (again,) = ask(office)
    assert again.why == "it was asked before"
    office.at += DAY
    office.drain()
    assert len(office.mails) == 1
    with office.database.read() as conn:
        assert invite.list_invited(conn).keys() == {ADAMS}


def test_another_address_is_asked_anew(office: Site) -> None:
    ask(office)
    office.at += DAY
    new(office, email="other@example.org")
    (one,) = ask(office)
    assert one.why == ""
    assert len(state(office)) == 2


def test_offices_that_answered_or_are_off_or_unknown_are_not_asked(office: Site) -> None:
    office.contact(BUDD)
    new(office, TILLIS)
    with office.database.begin() as conn:
        contacts.switch_off(conn, TILLIS, "a letter bounced", START)
    assert {one.seat: one.why for one in ask(office)} == {
        ADAMS: "",
        BUDD: "it answered on 2026-11-10",
        TILLIS: "it is off: a letter bounced",
    }
    with pytest.raises(CampaignError, match="no contact of H:TX:29 is on file"):
        ask(office, "H:TX:29")


def test_the_question_goes_in_the_offices_hours_and_before_the_campaign_opens(office: Site) -> None:
    office.do(update(campaign).values(opens_at=MORNING + DAY))
    office.at = NIGHT
    ask(office)
    office.drain()
    assert office.mails == []
    office.at = MORNING
    with office.database.read() as conn:
        assert campaigns.due(conn, office.at) == [SLUG]
    office.drain()
    assert state(office) == ["accepted"]


def test_letters_wait_for_the_campaign_to_open(office: Site) -> None:
    office.contact(BUDD)
    office.write(seat=BUDD)
    office.do(update(campaign).values(opens_at=office.at + DAY))
    office.at += 16 * MINUTE
    office.drain()
    assert office.mails == []
    with office.database.read() as conn:
        assert campaigns.due(conn, office.at) == []


def test_what_was_answered_meanwhile_is_not_asked_any_more(office: Site) -> None:
    ask(office)
    say(office, "none")
    office.drain()
    assert office.mails == []
    (row,) = office.rows(select(delivery.c.outcome, delivery.c.reason).where(delivery.c.kind == "invite"))
    assert row == ("refused", "it answered on 2026-11-24")


def test_a_question_that_bounces_switches_the_address_off(office: Site) -> None:
    ask(office)
    office.drain()
    office.do(update(delivery).where(delivery.c.kind == "invite").values(fate=int(Fate.BOUNCED), fate_at=office.at + 1))
    office.follow()
    with office.database.read() as conn:
        found = contacts.find(conn, ADAMS)
    assert found is not None
    assert found.off == "our invitation bounced"


def test_an_unanswered_question_is_never_sent_again_by_itself(office: Site) -> None:
    ask(office)
    office.answers = [NoAnswer("read timeout")]
    office.drain()
    office.at += DAY
    office.drain()
    assert len(office.mails) == 1
    assert state(office) == ["unknown"]


@pytest.mark.parametrize(
    ("wants", "off"),
    [
        ("each", ""),
        ("daily", ""),
        ("form", "the office wants letters by its own form only"),
        ("none", "the office wants no letters by email"),
    ],
)
def test_an_answer_is_kept_with_who_said_it_and_when(office: Site, wants: str, off: str) -> None:
    contact = say(office, wants, person="Kim@Example.org", per_hour=4)
    assert (contact.off, contact.email, contact.per_hour) == (off, "kim@example.org", 4)
    assert (contact.answered_by, contact.answered_on) == ("Kim of the office", "2026-11-24")
    assert contact.wants == (wants if not off else "daily")
    new(office)  # the file of before, once more
    with office.database.read() as conn:
        assert contacts.find(conn, ADAMS) == contact


def test_an_answer_that_cannot_be_is_told(office: Site) -> None:
    with pytest.raises(CampaignError, match="this is not an email address"):
        say(office, "each", person="kim")
    with office.database.begin() as conn:
        contacts.switch_off(conn, ADAMS, "a letter bounced", office.at)
    with pytest.raises(CampaignError, match="this address is off: a letter bounced"):
        say(office, "each")
    assert say(office, "each", person="kim@example.org").off == ""


def test_slow_down_holds_for_the_letters_that_wait_too(office: Site) -> None:
    office.contact(wants="each", per_hour=3600)
    for number in (1, 2):
        office.write(number=number)
    say(office, "each", per_hour=1)
    due = select(request.c.due_at).where(request.c.kind == "letter").order_by(request.c.due_at)
    first, second = (row.due_at for row in office.rows(due))
    assert second - first >= 45 * MINUTE
    assert first >= office.at + 15 * MINUTE, "it may still be taken back until then"


def test_stop_gives_waiting_letters_to_the_form(office: Site) -> None:
    office.contact(wants="daily")
    office.write()
    say(office, "none")
    office.at = MORNING + 40 * MINUTE
    office.drain()
    office.follow()
    assert office.states() == ["ready"]
    assert [mail["kind"] for mail in office.mails if mail["kind"] == "letter"] == []


def test_the_full_letters_of_a_summary_are_for_who_asks_and_that_is_kept(office: Site, tmp_path: Path) -> None:
    office.contact(wants="daily")
    for number in (1, 2):
        office.write(number=number, story=f"Words of {number}.")
    path = tmp_path / "letters.txt"

    def full(day: str = "2026-11-25", to: Path = path) -> int:
        return digest_letters.full(office.database, KEYS, SLUG, to, seat=ADAMS, day=day, by="Rosa", now=office.at)

    with pytest.raises(CampaignError, match="no digest of 2026-11-25 for H:NC:12 was accepted"):
        full()
    office.at = MORNING + 40 * MINUTE
    office.drain()
    office.write(number=1, seat=BUDD)
    with pytest.raises(CampaignError, match=r"There are: 2026-11-25\."):
        full("2026-11-26")
    assert full() == 2
    text = path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o777 == 0o600
    for part in ("Words of 1.", "Words of 2.", "Ana Ruiz", "Charlotte, NC 28205", "Answer to: person2@example.org"):
        assert part in text
    assert text.count("Subject: Please cosponsor") == 2
    (row,) = office.rows(select(attempt.c.what, attempt.c.detail))
    assert row == ("letters_given", "Rosa")
    with pytest.raises(CampaignError, match="Name a new file"):
        full()
    with office.database.read() as conn:
        (read,) = access.list_access(conn, 1)
    assert (read.what, read.seat, read.letters, read.by) == ("export", ADAMS, 2, "Rosa")


def test_where_who_took_the_letters_cannot_be_kept_there_is_no_file(
    office: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.contact(wants="daily")
    office.write()
    office.at = MORNING + 40 * MINUTE
    office.drain()
    path = tmp_path / "letters.txt"

    def fails(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fdopen", fails)
    with pytest.raises(CampaignError, match="No space left"):
        digest_letters.full(office.database, KEYS, SLUG, path, seat=ADAMS, day="2026-11-25", by="Rosa", now=office.at)
    assert not path.exists()
    with office.database.read() as conn:
        assert access.list_access(conn, 1) == []
