"""Who hears from us after a letter: one receipt for what was reported, one reminder of a saved letter. And no one hears
who said "no more emails about this letter".
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from campaign.delivery import campaigns, outbox
from campaign.letters import follow_ups
from campaign.links import Purpose
from campaign.model import Kind
from campaign.outreach.action_page import actions, email_choices
from campaign.outreach.action_page import visit as visits
from campaign.outreach.routing import queue_receipt
from campaign.store.schema import letter, request, supporter
from campaign.supporters import people, segments
from tests import build
from tests.store.follow_up_site import NEVER, ask, call, deliver, outcomes, quiet, report, save, subjects
from tests.store.site import ADAMS, BUDD, DAY, KEYS, MINUTE, SLUG, TILLIS, Site, together

# ---------------------------------------------------------------------------------------------------- quiet


def test_after_one_press_no_receipt_follows_the_first_one(site: Site) -> None:
    deliver(site)
    quiet(site)
    with site.database.begin() as conn:
        people.lock_supporters(conn, site.people[0])
        queue_receipt.queue_receipt(conn, 1, supporter_id=site.people[0], wave="turn-1", locale="en", due_at=site.at)
    assert site.drain() == []
    assert outcomes(site, Kind.RECEIPT)[-1] == ("cancelled", "they want no more emails about this")


def test_the_letters_themselves_go_on(site: Site) -> None:
    site.contact(BUDD)
    site.write(seat=BUDD)
    site.at += 5 * MINUTE
    assert site.drain() == ["receipt"]
    quiet(site)
    site.at += 15 * MINUTE
    assert site.drain() == ["letter"]


def test_a_letter_that_no_email_has_told_of_still_gets_its_receipt(site: Site) -> None:
    """Whoever has a forwarded receipt can write in its owner's name, but not keep the owner from hearing of it."""
    site.contact(BUDD)
    site.contact(ADAMS)
    deliver(site)
    since = len(site.mails)
    site.write(seat=ADAMS)
    quiet(site)
    site.at += 20 * MINUTE
    assert sorted(site.drain()) == ["letter", "receipt"]
    assert len(subjects(site, since=since)) == 1


def test_a_letter_written_after_it_is_told_of_again(site: Site) -> None:
    deliver(site)
    quiet(site)
    site.at += DAY
    site.contact(ADAMS)
    site.write(seat=ADAMS)
    site.at += 20 * MINUTE
    assert sorted(site.drain()) == ["letter", "receipt"]


def test_it_stops_neither_other_asks_nor_other_supporters(site: Site) -> None:
    deliver(site)
    quiet(site)
    with site.database.begin() as conn:
        build.launch(conn, campaigns.get(conn, SLUG), now=site.at)
    since = len(site.mails)
    site.drain()
    assert len(subjects(site, 1, since)) == len(subjects(site, 2, since)) == 1
    deliver(site, TILLIS, number=2)
    assert subjects(site, 2)[-1] == "Confirmed: your letter to Sen. Tillis"


# ---------------------------------------------------------------------------------------------------- reported


def test_the_first_report_gets_one_thank_you_and_the_others_none(site: Site) -> None:
    call(site, BUDD)
    call(site, TILLIS, outcome="voicemail")
    report(site, ADAMS)
    site.at += 5 * MINUTE
    assert site.drain() == ["receipt"]
    assert subjects(site) == ["Thank you for writing to Rep. Adams"]
    text = site.mails[-1]["text"]
    for line in (
        "Rep. Alma S. Adams: sent by you, as you told us.",
        "Senator Ted Budd: you called, and someone answered, as you told us.",
        "Senator Thom Tillis: you called and left a message, as you told us.",
    ):
        assert line in text
    assert "We keep the text of your letter" not in text
    call(site, ADAMS)
    call(site, BUDD, number=2)
    site.at += DAY
    assert site.drain() == ["receipt"]
    assert len(subjects(site, 1)) == len(subjects(site, 2)) == 1


@pytest.mark.parametrize(
    ("outcome", "said"), [("answered", "that someone answered"), ("voicemail", "that you left a message")]
)
def test_a_call_alone_is_thanked_for_by_name(site: Site, outcome: str, said: str) -> None:
    call(site, outcome=outcome)
    site.at += 5 * MINUTE
    site.drain()
    assert subjects(site) == ["Thank you for calling Sen. Budd"]
    assert said in site.mails[-1]["text"]


def test_what_reached_no_office_and_was_undone_gets_no_email(site: Site) -> None:
    call(site, outcome="busy")
    report(site, told="chosen")
    report(site, told="failed")
    call(site, TILLIS)
    call(site, TILLIS, outcome="undo")
    site.at += 5 * MINUTE
    assert site.drain() == []


def test_a_call_and_a_letter_of_the_same_minutes_share_one_receipt(site: Site) -> None:
    site.contact(ADAMS)
    call(site, BUDD)
    site.write(seat=ADAMS)
    site.at += 5 * MINUTE
    assert site.drain() == ["receipt"]
    assert subjects(site) == ["Confirmed: your letter to Rep. Adams"]
    assert "Senator Ted Budd: you called" in site.mails[-1]["text"]
    (told,) = site.rows(select(letter.c.receipt_id))
    assert told.receipt_id is not None


def test_a_report_by_a_forwarded_link_can_be_disowned(site: Site) -> None:
    call(site)
    with visits.acting(site.database, KEYS, site.settings, site.request(1, Purpose.DISOWN)) as (conn, visit):
        assert (actions.disown(conn, visit), actions.disown_reports(conn, visit)) == (0, 1)
    site.at += 5 * MINUTE
    assert site.drain() == []


# ---------------------------------------------------------------------------------------------------- reminders


def first_ask(site: Site) -> None:
    with site.database.begin() as conn:
        build.launch(conn, campaigns.get(conn, SLUG), now=site.at)
    site.drain()


def eligible(site: Site, wave: str) -> dict[int, str]:
    """The variant of the people whom a reminder would be for now."""
    with site.database.begin() as conn, segments.variants(conn, []):
        rows = conn.execute(segments.eligible(1, wave, again=True)).all()
    return {site.people.index(row.supporter_id) + 1: row.variant for row in rows}


def launch(site: Site, due_at: int) -> None:
    with site.database.begin() as conn, segments.variants(conn, []):
        pick = segments.eligible(1, "reminder", again=True)
        outbox.add_wave(conn, 1, "reminder", Kind.ASK, pick, per_request=100, due_at=due_at)


def remind(site: Site) -> dict[int, str]:
    """Launch a reminder, and send it: the subject that each person got."""
    launch(site, site.at)
    since = len(site.mails)
    site.drain()
    found = {number: subjects(site, number, since) for number in range(1, len(site.people) + 1)}
    assert all(len(some) <= 1 for some in found.values())
    return {number: some[0] for number, some in found.items() if some}


WAITS, ASKS = "Your letter on 287(g) is waiting for you", "Could you make one call about 287(g)?"


def test_only_who_has_a_letter_waiting_is_told_so_and_only_once(site: Site) -> None:
    first_ask(site)
    save(site)
    site.at += 5 * MINUTE
    site.drain()
    assert remind(site) == {1: WAITS, 2: ASKS}
    site.at += DAY
    assert eligible(site, "last-call") == {2: "plain"}


@pytest.mark.parametrize(
    "then",
    [
        *(report, call, quiet, lambda site: site.disown(), lambda site: site.unsubscribe()),
        lambda site: deliver(site, ADAMS),
        lambda site: site.do(letter.update().values(words=None)),  # 28 days later
    ],
)
@pytest.mark.parametrize("launched", ["before", "after"])
def test_one_finished_action_is_success_and_nothing_is_called_unfinished(
    site: Site, then: Callable[[Site], object], launched: str
) -> None:
    """Whether it was finished before the reminder was launched, or before it was sent."""
    first_ask(site)
    save(site)
    site.at += 5 * MINUTE
    site.drain()
    if launched == "before":
        launch(site, site.at + 30 * MINUTE)
        then(site)
        since = len(site.mails)
        site.at += 40 * MINUTE
        site.drain()
        assert WAITS not in subjects(site, since=since)
        assert subjects(site, 2, since) == [ASKS]
    else:
        then(site)
        assert remind(site) == {2: ASKS}


READY = "Your letter to Sen. Budd is ready when you are"


def save_and_wait(site: Site) -> None:
    """A saved letter and its receipt, three days ago."""
    save(site)
    site.at += 5 * MINUTE
    site.drain()
    site.at += follow_ups.REMIND_AFTER_MS


@pytest.mark.both_databases
def test_three_days_after_a_letter_was_saved_its_writer_is_reminded_once(site: Site) -> None:
    save(site)
    site.at += 5 * MINUTE
    site.drain()
    site.at += follow_ups.REMIND_AFTER_MS - 5 * MINUTE - 1
    assert ask(site) == 0
    site.at += 1
    assert sorted(together(lambda: ask(site), lambda: ask(site))) == [0, 1]
    since = len(site.mails)
    site.drain()
    assert subjects(site, since=since) == [READY]
    assert "You saved a letter for later." in site.mails[-1]["text"]
    for _ in range(3):
        site.at += 8 * DAY
        assert ask(site) == 0
    assert eligible(site, "last-call") == {}


def test_a_letter_saved_after_that_reminder_gets_its_own(site: Site) -> None:
    save_and_wait(site)
    assert ask(site) == 1
    site.at += MINUTE
    save(site, ADAMS)
    site.at += follow_ups.REMIND_AFTER_MS
    site.drain()
    assert (ask(site), ask(site)) == (1, 0)


def test_whom_the_organizer_has_reminded_is_not_reminded_again(site: Site) -> None:
    first_ask(site)
    save_and_wait(site)
    assert remind(site)[1] == WAITS
    assert ask(site) == 0


@pytest.mark.parametrize("what", [*NEVER, "sent", "called"])
@pytest.mark.parametrize("queued", [False, True])
def test_nobody_is_reminded_who_finished_withdrew_opted_out_or_wants_quiet(site: Site, what: str, queued: bool) -> None:
    save_and_wait(site)
    assert not queued or ask(site) == 1
    (NEVER | {"sent": report, "called": call})[what](site)
    since = len(site.mails)
    assert ask(site) == 0
    site.drain()
    assert READY not in subjects(site, since=since)


# ---------------------------------------------------------------------------------------------------- discreet


def test_who_asked_for_it_gets_no_subject_with_the_topic(site: Site) -> None:
    site.act(email_choices.set_discreet, discreet="yes")
    first_ask(site)
    assert subjects(site) == ["Will you call or write to Congress?"]
    assert "287" in subjects(site, 2)[0]
    save(site)
    site.at += 5 * MINUTE
    site.drain()
    since = len(site.mails)
    remind(site)
    assert subjects(site, since=since) == ["Your letter is waiting for you"]
    site.act(email_choices.set_discreet, discreet="no")
    assert site.rows(select(supporter.c.discreet)) == [(False,), (False,)]


def test_a_newer_list_does_not_undo_it(site: Site) -> None:
    site.act(email_choices.set_discreet, discreet="yes")
    row = build.person(1, email_hash=KEYS.email_hash("person1@example.org"), digest=b"newer", street=None)
    with site.database.begin() as conn:
        people.upsert(conn, [{key: value for key, value in row.items() if key not in ("nonce", "created_at")}], site.at)
        found = conn.execute(select(supporter.c.discreet).where(supporter.c.id == site.people[0])).scalar_one()
    assert found is True
    assert site.rows(select(request.c.id)) == []
