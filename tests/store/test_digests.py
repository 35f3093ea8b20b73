"""Letters to an office with a daily digest: one email, whose state is that of each letter in it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from campaign.compose.campaign_folder import folder
from campaign.compose.rendering import release
from campaign.congress import contacts
from campaign.delivery import campaigns, outbox
from campaign.delivery.transport import NoAnswer, Refused, TryLater
from campaign.letters.letters import LetterContent
from campaign.outreach.routing import staff_email
from campaign.outreach.sending.digest_letters import towns
from campaign.outreach.transition import pending_letters
from campaign.states import Fate
from campaign.store.schema import campaign, delivery, evidence, letter, request, supporter
from tests import build
from tests.store.site import ADAMS, BUDD, DAY, KEYS, MINUTE, SLUG, Site, moment
from tests.store.site import site as site

MORNING = moment("2026-11-25T08:00-05:00")
AFTER = MORNING + 31 * MINUTE  # the spread of a morning is over


@pytest.fixture
def office(site: Site) -> Site:
    """An office that wants summaries, in its usual hours, and more people who may write to it."""
    hours = replace(site.settings.campaign, office_hours="8-18")
    site.settings = replace(site.settings, campaign=hours)
    with site.database.begin() as conn:
        for number in (3, 4, 5, 6):
            hashed = KEYS.email_hash(f"person{number}@example.org")
            site.people += build.add_people(conn, [number], email_hash=hashed, last_name="Ruiz")
    site.contact(wants="daily")
    return site


def summaries(site: Site) -> list[str]:
    return [mail["text"] for mail in site.mails if mail["kind"] == "letter"]


def requests(site: Site) -> list[tuple[str, int]]:
    query = select(request.c.state, request.c.size).where(request.c.kind == "daily").order_by(request.c.id)
    return [(row.state, row.size) for row in site.rows(query)]


def counted(text: str) -> int:
    """How many letters a digest says there are."""
    return int(text.split("\n\n")[1].split()[0])


def test_letters_of_a_day_are_one_mail_in_the_offices_morning(office: Site) -> None:
    for number in (1, 2, 3):
        office.write(number=number)
    assert requests(office) == [("queued", 3)]
    office.at = MORNING - MINUTE
    office.drain()
    assert summaries(office) == []
    office.at = AFTER
    office.drain()
    (text,) = summaries(office)
    asked = "Please cosponsor H.R. 6890 to end the 287(g) program"
    assert text.startswith("To the office of Rep. Alma S. Adams:\n\n3 letters from your constituents.")
    assert f"The request: {asked}." in text
    assert text.count("Statement by Example Coalition") == 1
    assert text.count("Dear Representative Adams,") == text.count("Sincerely,") == text.count("\n\nSources: ") == 1
    assert "Ruiz" not in text
    assert "afraid" not in text
    assert [office.states(number=number) for number in (1, 2, 3)] == [["sent"]] * 3
    mail = next(mail for mail in office.mails if mail["kind"] == "letter")
    assert mail["from"] == {"email": "letters@offices.example.org", "name": "Example Coalition"}
    assert mail["reply_to"]["email"] == "hello@example.org"
    assert mail["content"][0]["type"] == "text/plain"


def test_what_is_told_of_the_mail_is_true_of_each_letter(office: Site) -> None:
    for number in (1, 2):
        office.write(number=number)
    office.at = AFTER
    office.drain()
    named = next(mail for mail in office.mails if mail["kind"] == "letter")["personalizations"][0]["custom_args"][
        "ct_delivery"
    ]
    token = office.rows(select(request.c.token).where(request.c.kind == "daily"))[0].token
    with office.database.begin() as conn:
        outbox.apply_provider_events(
            conn, [outbox.ProviderEvent(int(named), token, Fate.DELIVERED, office.at)], office.at
        )
    assert [office.states(number=number) for number in (1, 2)] == [["delivered"]] * 2
    (counted,) = office.rows(select(request.c.delivered).where(request.c.kind == "daily"))
    assert counted.delivered == 2


def test_a_bounced_summary_gives_its_letters_to_the_form_and_switches_the_contact_off(office: Site) -> None:
    for number in (1, 2):
        office.write(number=number)
    office.at = AFTER
    office.drain()
    office.tell(Fate.BOUNCED)
    assert office.follow().fallen == 2
    assert [office.states(number=number) for number in (1, 2)] == [["ready"]] * 2
    with office.database.read() as conn:
        found = contacts.find(conn, ADAMS)
    assert found is not None
    assert found.off == "a letter bounced"


def test_own_words_stand_in_it_only_where_their_writer_ticked_the_box(office: Site) -> None:
    office.write(number=1, story="Mine alone.")
    office.write(number=2, story="These may be shown.", quote="yes", first_name="Rosa", city="Concord")
    office.write(number=3, story="Mis vecinos tienen miedo.", tongue="es", quote="yes", first_name="Luz")
    ticked = select(letter.c.supporter_id, evidence.c.quote).join(evidence).order_by(letter.c.id)
    assert [bool(row.quote) for row in office.rows(ticked)] == [False, True, True]
    office.at = AFTER
    office.drain()
    (text,) = summaries(office)
    assert "Mine alone" not in text
    assert '"These may be shown."\nRosa, Concord' in text
    assert '"Mis vecinos tienen miedo."\nLuz, Charlotte (written in Spanish)' in text
    assert "Ana" not in text
    assert text.count("I ask you to cosponsor") == 1
    assert "English summary" not in text


def test_a_letter_taken_back_is_not_in_it(office: Site) -> None:
    for number in (1, 2):
        office.write(number=number, story=f"Words of {number}.", quote="yes")
    with office.database.begin() as conn:
        mine = conn.scalars(select(letter.c.id).order_by(letter.c.id)).first()
        assert mine is not None
        assert outbox.cancel_letter(conn, mine, "taken back")
    office.at = AFTER
    office.drain()
    (text,) = summaries(office)
    assert counted(text) == 1
    assert "Words of 1" not in text


def test_one_that_is_taken_back_while_a_worker_has_the_summary_is_not_in_it_either(office: Site) -> None:
    for number in (1, 2):
        office.write(number=number)
    with office.database.begin() as conn:
        claims = outbox.claim(conn, 1, AFTER, requests=9, lease_ms=60_000)
        (claim,) = [one for one in claims if one.kind == "daily"]
    with office.database.begin() as conn:
        mine = conn.scalars(select(letter.c.id).order_by(letter.c.id)).first()
        assert mine is not None
        assert outbox.cancel_letter(conn, mine, "taken back")
    with office.database.begin() as conn:
        serves = conn.execute(select(request.c.id)).first()
        assert serves is not None
        hashed = conn.exec_driver_sql("SELECT release FROM campaign").scalar_one()
        assert outbox.mark(conn, 1, [claim], AFTER, lease_ms=60_000, release=hashed) == {}
    assert requests(office) == [("queued", 1)]


def test_when_all_are_taken_back_nothing_goes_and_the_next_letter_finds_a_summary_of_that_day(office: Site) -> None:
    office.write(number=1)
    with office.database.begin() as conn:
        assert outbox.cancel_letter(conn, 1, "taken back")
    office.write(number=2)
    assert requests(office) == [("cancelled", 0), ("queued", 1)]
    office.at = AFTER
    office.drain()
    assert len(summaries(office)) == 1


def test_a_letter_after_the_summary_went_waits_for_the_next_working_day(office: Site) -> None:
    office.write(number=1)
    office.at = AFTER
    office.drain()
    office.write(number=2)
    office.at = moment("2026-11-26T08:31-05:00")  # Thanksgiving
    office.drain()
    assert [counted(text) for text in summaries(office)] == [1]
    office.at = moment("2026-11-27T08:31-05:00")
    office.drain()
    assert [counted(text) for text in summaries(office)] == [1, 1]
    office.at = moment("2026-11-27T17:55-05:00")  # on a Friday evening
    office.write(number=3)
    office.at = moment("2026-11-29T12:00-05:00")
    office.drain()
    assert len(summaries(office)) == 2
    office.at = moment("2026-11-30T08:31-05:00")
    office.drain()
    assert len(summaries(office)) == 3


def test_the_zone_of_a_contact_is_its_clock(office: Site) -> None:
    office.contact(wants="daily", zone="America/Los_Angeles")
    office.write(number=1)
    office.at = AFTER
    office.drain()
    assert summaries(office) == []
    office.at = moment("2026-11-25T08:31-08:00")
    office.drain()
    assert len(summaries(office)) == 1


def test_a_refused_summary_is_refused_whole_and_its_letters_go_on(office: Site) -> None:
    for number in (1, 2, 3):
        office.write(number=number)
    office.at = AFTER
    office.settings = replace(office.settings)
    office.answers = [Refused("no such mailbox", (1,))] * 4
    office.drain()
    assert ("refused", 3) in requests(office)
    assert len(requests(office)) == 1
    office.follow()
    assert {office.states(number=number)[0] for number in (1, 2, 3)} == {"ready"}


def test_a_lost_answer_leaves_all_of_it_in_doubt_and_nobody_joins_it(office: Site) -> None:
    office.write(number=1)
    office.at = AFTER
    office.answers = [NoAnswer("read timeout")] * 9
    office.drain()
    assert office.states(number=1) == ["doubt"]
    with office.database.begin() as conn:
        number = conn.scalars(select(request.c.id).where(request.c.kind == "daily")).one()
        assert outbox.resend(conn, number, by="Ana", why="not in the log", now=office.at + DAY)
    office.write(number=2)
    assert requests(office) == [("queued", 1), ("queued", 1)]


def test_one_that_must_be_tried_later_takes_no_letter_more(office: Site) -> None:
    office.write(number=1)
    office.at = AFTER
    office.answers = [TryLater("429", 60_000)] * 9
    office.drain()
    assert ("queued", 1) in requests(office)
    office.write(number=2)
    assert sorted(requests(office)) == [("queued", 1), ("queued", 1)]


def test_a_letter_to_somebody_who_left_the_seat_goes_back_to_its_writer_and_the_others_go(office: Site) -> None:
    for number in (1, 2, 3):
        office.write(number=number)
    office.do(update(letter).where(letter.c.id == 1).values(holder="X000000"))
    office.do(update(letter).where(letter.c.id == 2).values(valid_until=AFTER))
    office.at = AFTER
    office.drain()
    (text,) = summaries(office)
    assert counted(text) == 1
    why = select(letter.c.reason).order_by(letter.c.id)
    assert [row.reason for row in office.rows(why)] == ["another holder", "its text has ended", ""]
    assert [office.states(number=number) for number in (1, 2, 3)] == [["back"], ["back"], ["sent"]]
    assert requests(office) == [("accepted", 1)]


def test_a_letter_that_must_wait_waits_alone_and_the_others_go(office: Site) -> None:
    for number in (1, 2):
        office.write(number=number)
    with office.database.begin() as conn:
        frozen = release.load(conn, campaigns.get(conn, SLUG).release)
        race = f'\n[[candidate]]\nseat = "{ADAMS}"\nfrom = 2026-11-01\nto = 2026-12-01\n'
        toml = frozen.files["campaign.toml"] + race
        made = release.freeze(conn, folder.parse(SLUG, {**frozen.files, "campaign.toml": toml}), office.at)
        conn.execute(update(campaign).values(release=made))
    office.do(update(letter).where(letter.c.id == 1).values(variant="thanks-house"))
    office.at = AFTER
    office.drain()
    (text,) = summaries(office)
    assert counted(text) == 1
    assert [office.states(number=number) for number in (1, 2)] == [["held"], ["sent"]]
    office.do(update(campaign).values(release=frozen.hash))
    pending_letters.review_pending(office.database, now=lambda _: office.at)
    office.drain()
    office.at += 2 * DAY  # the day after Thanksgiving
    office.drain()
    assert len(summaries(office)) == 2
    assert office.states(number=1) == ["sent"], "it joined the next one"


def test_an_office_that_wants_each_letter_by_now_gets_them_alone(office: Site) -> None:
    for number in (1, 2):
        office.write(number=number)
    office.contact(wants="each", per_hour=3600)
    office.at = AFTER
    office.drain()
    office.at += MINUTE
    office.drain()
    assert [mail["from"]["name"] for mail in office.mails if mail["kind"] == "letter"] == [
        "Ana Ruiz via Example Coalition"
    ] * 2
    assert requests(office) == [("cancelled", 0)]
    assert [office.states(number=number) for number in (1, 2)] == [["sent"]] * 2


def test_a_writer_is_told_in_their_language_that_a_letter_from_a_digest_is_held(
    office: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.do(update(supporter).values(locale="es"))
    office.write()
    office.contact(wants="each", per_hour=3600)
    monkeypatch.setattr(staff_email, "_render", lambda *_: 1 / 0)
    office.at = AFTER
    office.drain()
    office.at += MINUTE
    office.drain()
    assert office.states() == ["held"]
    (told,) = office.rows(select(request.c.locale).where(request.c.wave.startswith("held-")))
    assert told.locale == "es"


def test_an_office_that_wants_a_summary_by_now_gets_its_waiting_letters_in_one(office: Site) -> None:
    office.contact(wants="each")
    for number in (1, 2):
        office.write(number=number)
    office.contact(wants="daily")
    office.at += 30 * MINUTE
    office.drain()
    assert summaries(office) == []
    office.at = AFTER
    office.drain()
    (text,) = summaries(office)
    assert counted(text) == 2
    assert [office.states(number=number) for number in (1, 2)] == [["sent"]] * 2


def test_a_letter_can_leave_the_same_digest_twice(office: Site) -> None:
    for number in (1, 2):
        office.write(number=number)
    (digest,) = office.rows(select(request.c.id, request.c.wave).where(request.c.kind == "daily"))
    days = [(digest.wave.removeprefix("daily-"), MORNING)]
    (first, _) = office.rows(select(delivery.c.id).where(delivery.c.request_id == digest.id).order_by(delivery.c.id))
    for _ in range(2):
        with office.database.begin() as conn:
            outbox.split_digest(conn, digest.id, {first.id: MORNING})
            alone = conn.scalars(select(delivery.c.request_id).where(delivery.c.id == first.id)).one()
            assert alone != digest.id
            outbox.move_into_digest(conn, alone, days, office.at)
    office.at = AFTER
    office.drain()
    (text,) = summaries(office)
    assert counted(text) == 2


def test_a_single_letter_waits_for_the_offices_hours(office: Site) -> None:
    office.contact(BUDD)
    office.at = moment("2026-11-27T17:50-05:00")  # a Friday; it may be taken back until 18:05
    office.write(seat=BUDD, number=1)
    for at in ("2026-11-27T18:06-05:00", "2026-11-28T12:00-05:00", "2026-11-30T07:59-05:00"):
        office.at = moment(at)
        office.drain()
        assert summaries(office) == []
    office.at = moment("2026-11-30T08:02-05:00")
    office.drain()
    assert len(summaries(office)) == 1


def test_what_falls_due_by_a_release_at_night_still_waits_for_the_hours(office: Site) -> None:
    office.contact(BUDD)
    office.write(seat=BUDD, number=1)
    office.do(update(request).where(request.c.kind == "letter").values(due_at=moment("2026-11-24T23:00-05:00")))
    office.at = moment("2026-11-24T23:00-05:00")
    office.drain()
    assert summaries(office) == []
    (row,) = office.rows(select(request.c.state, request.c.due_at).where(request.c.kind == "letter"))
    assert row.state == "queued"
    assert MORNING <= row.due_at < AFTER


def test_no_town_of_few_writers_is_named() -> None:
    told = [
        LetterContent("s", "c", "e", "n", typed=(("city", city),))
        for city in ["Charlotte"] * 4 + ["CHARLOTTE", "Concord", "Gastonia", ""]
    ]
    assert towns(told) == {"Charlotte": 5, "": 3}
    assert towns(told[:4]) == {"": 4}
    assert towns([]) == {}


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cities=st.lists(st.sampled_from(["Charlotte", "charlotte", "Concord", "Mint Hill", ""]), max_size=30))
def test_the_towns_add_up_to_the_letters(cities: list[str]) -> None:
    found = towns([LetterContent("s", "c", "e", "n", typed=(("city", city),)) for city in cities])
    assert sum(found.values()) == len(cities)
    assert all(number >= 5 for town, number in found.items() if town)
    spelled = Counter(city.casefold() for city in cities if city)
    assert {town.casefold() for town in found if town} == {town for town, number in spelled.items() if number >= 5}


def test_every_letter_is_in_one_summary_only(office: Site) -> None:
    for number in (1, 2, 3):
        office.write(number=number)
        office.write(number=number)
    rows = office.rows(select(delivery.c.letter_id).where(delivery.c.kind == "letter"))
    assert len(rows) == len({row.letter_id for row in rows}) == office.counts()["letter"]
