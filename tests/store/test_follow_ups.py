"""Who hears from us after a letter: one receipt for what was reported, one reminder of a saved letter, one question six
weeks later. And nobody hears who said "no more emails about this letter".
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from campaign.delivery import campaigns, outbox
from campaign.letters import follow_ups
from campaign.links import Purpose
from campaign.model import Kind
from campaign.outreach.action_page import actions, email_choices, unsubscribe
from campaign.outreach.action_page import visit as visits
from campaign.outreach.routing import queue_receipt
from campaign.outreach.sending import later_emails
from campaign.states import Fate
from campaign.store.schema import contact, delivery, follow_up, letter, request, supporter
from campaign.supporters import people, segments
from tests import build
from tests.store.site import ADAMS, BUDD, DAY, HERE, KEYS, MINUTE, SLUG, START, TILLIS, Site, moment, together

SIX_WEEKS = 42 * DAY


def quiet(site: Site, number: int = 1) -> None:
    with visits.acting(site.database, KEYS, site.settings, site.request(number, Purpose.QUIET)) as (conn, visit):
        email_choices.stop_emails(conn, visit)


def answer(site: Site, said: str, number: int = 1) -> None:
    with visits.acting(site.database, KEYS, site.settings, site.request(number, Purpose.ANSWER)) as (conn, visit):
        email_choices.record_answer(conn, visit, {"answer": said})


def ask(site: Site) -> int:
    return later_emails.queue(site.database, SLUG, now=lambda _: site.at)


def subjects(site: Site, number: int = 1, since: int = 0) -> list[str]:
    """The subjects of the emails to a supporter's own address."""
    to = f"person{number}@example.org"
    parts = [(mail, one) for mail in site.mails[since:] for one in mail["personalizations"]]
    return [one.get("subject") or mail["subject"] for mail, one in parts if one["to"][0]["email"] == to]


def deliver(site: Site, seat: str = BUDD, number: int = 1) -> None:
    """A letter that an office's mail server has accepted, and its receipt."""
    site.contact(seat)
    form = site.form(seat=seat, number=number)
    assert form["seat"] == seat, "that office gets no letters now"
    site.confirm(form, number)
    site.at += 20 * MINUTE
    site.drain()
    site.tell(Fate.DELIVERED)


def save(site: Site, seat: str = BUDD, number: int = 1) -> None:
    """A letter that its writer keeps for later."""
    site.write(seat=seat, number=number, by="form")


def report(site: Site, seat: str = BUDD, number: int = 1, told: str = "sent") -> None:
    site.act(actions.record_form, number, zip=HERE, seat=seat, told=told)


def call(site: Site, seat: str = BUDD, number: int = 1, outcome: str = "answered") -> None:
    site.act(actions.record_call, number, zip=HERE, seat=seat, outcome=outcome)


def outcomes(site: Site, kind: Kind) -> list[tuple[str | None, str | None]]:
    query = select(delivery.c.outcome, delivery.c.reason).where(delivery.c.kind == kind).order_by(delivery.c.id)
    return [(row[0], row[1]) for row in site.rows(query)]


# ---------------------------------------------------------------------------------------------------- six weeks


@pytest.mark.both_databases
def test_six_weeks_after_a_letter_was_delivered_its_writer_is_asked_once(site: Site) -> None:
    deliver(site)
    site.at += SIX_WEEKS - 1
    assert ask(site) == 0
    site.at += 1
    assert ask(site) == 1
    before = len(site.mails)
    site.drain()
    assert subjects(site, since=before) == ["Did Sen. Budd answer you?"]
    for _ in range(3):
        site.at += 30 * DAY
        assert ask(site) == 0
    assert site.drain() == []


def test_so_is_who_told_us_that_they_sent_the_offices_form(site: Site) -> None:
    report(site)
    site.at += SIX_WEEKS
    assert ask(site) == 1
    before = len(site.mails)
    site.drain()
    assert "Did Sen. Budd answer you?" in subjects(site, since=before)


def test_a_letter_that_only_left_and_a_call_are_not_asked_about(site: Site) -> None:
    site.contact(BUDD)
    site.write(seat=BUDD)
    call(site, TILLIS, number=2)
    report(site, TILLIS, number=2, told="failed")
    save(site, ADAMS)
    site.at += 20 * MINUTE
    site.drain()
    site.at += 2 * SIX_WEEKS
    assert ask(site) == 0


def test_an_office_whose_holder_left_is_not_asked_about(site: Site) -> None:
    """Senator Tillis's term ends on January 3, between the letter and the question."""
    deliver(site, TILLIS)
    site.at += SIX_WEEKS
    assert ask(site) == 0


def test_a_holder_who_leaves_after_the_question_was_queued_ends_it(site: Site) -> None:
    deliver(site)
    site.at += SIX_WEEKS
    assert ask(site) == 1
    site.do(letter.update().values(holder="X000000"))
    before = len(site.mails)
    site.drain()
    assert subjects(site, since=before) == []
    assert outcomes(site, Kind.QUESTION) == [("refused", "no office that they wrote to is still the same")]


def take_back(site: Site) -> None:
    """A second letter, taken back."""
    site.promise(ADAMS, on="2027-01-20")
    page = site.write(seat=ADAMS, by="form")
    saved = next(one.letter for one in page.letters if one.office.seat == ADAMS)
    site.act(actions.take_back, zip=HERE, letters=saved)


NEVER: dict[str, Callable[[Site], object]] = {
    "disowned": lambda site: site.disown(),
    "took back": take_back,
    "unsubscribed": lambda site: site.unsubscribe(),
    "erased": lambda site: site.forget(),
    "quiet": quiet,
}


@pytest.mark.parametrize("what", NEVER)
def test_nobody_is_asked_who_withdrew_opted_out_was_erased_or_wants_quiet(site: Site, what: str) -> None:
    deliver(site)
    NEVER[what](site)
    before = len(site.mails)
    site.at += SIX_WEEKS
    assert ask(site) == 0
    site.drain()
    assert [one for one in subjects(site, since=before) if "answer you" in one] == []


@pytest.mark.parametrize("what", NEVER)
def test_and_nobody_who_did_so_after_the_question_was_queued(site: Site, what: str) -> None:
    deliver(site)
    if what == "took back":
        save(site, ADAMS)
    site.at += SIX_WEEKS
    assert ask(site) == 1
    if what == "took back":
        page = site.enter()
        site.act(actions.take_back, zip=HERE, letters=next(one.letter for one in page.letters if one.can_take_back))
    else:
        NEVER[what](site)
    before = len(site.mails)
    site.drain()
    assert [one for one in subjects(site, since=before) if "answer you" in one] == []
    assert [outcome for outcome, _ in outcomes(site, Kind.QUESTION)] in (["cancelled"], ["suppressed"], ["refused"])


@pytest.mark.both_databases
def test_two_schedulers_at_once_ask_once(site: Site) -> None:
    for number in (1, 2):
        deliver(site, number=number)
    site.at += SIX_WEEKS
    assert sorted(together(lambda: ask(site), lambda: ask(site))) == [0, 2]
    assert len(outcomes(site, Kind.QUESTION)) == 2


def test_the_question_is_still_sent_when_the_campaign_has_been_over_for_a_month(site: Site) -> None:
    with site.database.begin() as conn:
        now = campaigns.get(conn, SLUG)
        campaigns.save(conn, SLUG, release=now.release, opens_at=now.opens_at, closes_at=site.at + 2 * DAY, now=site.at)
    deliver(site)
    site.at += SIX_WEEKS
    assert ask(site) == 1
    with site.database.read() as conn:
        assert campaigns.due(conn, site.at) == [SLUG]
    before = len(site.mails)
    site.drain()
    assert subjects(site, since=before) == ["Did Sen. Budd answer you?"]
    site.at += campaigns.QUESTIONS_MS
    assert ask(site) == 0


def test_an_answer_is_one_of_three_the_last_one_counts_and_no_office_is_in_it(site: Site) -> None:
    for said in ("yes", "<b>", "maybe", "", "not_yet"):
        answer(site, said)
    answer(site, "no", number=2)
    with site.database.read() as conn:
        assert follow_ups.count_answers(conn, 1) == {"yes": 0, "no": 1, "not_yet": 1}
    assert {column.name for column in follow_up.c}.isdisjoint({"seat", "holder", "letter_id"})
    site.forget()
    assert [row.supporter_id for row in site.rows(select(follow_up))] == [site.people[1]]


STEPS = st.lists(
    st.sampled_from(
        [
            *("deliver", "deliver to one who leaves", "report", "call", "save", "take back", "disown", "unsubscribe"),
            *("forget", "quiet", "wait a day", "wait six weeks", "ask", "send"),
        ]
    ),
    min_size=2,
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(steps=["deliver"])
@example(steps=["report", "quiet"])
@given(steps=STEPS)
def test_whatever_happens_the_question_is_asked_at_most_once_and_never_of_who_must_not_be_asked(
    site: Site, steps: list[str]
) -> None:
    number = len(site.people) + 1
    with site.database.begin() as conn:
        hashed = KEYS.email_hash(f"person{number}@example.org")
        site.people += build.add_people(conn, [number], email_hash=hashed)
        conn.execute(contact.update().values(next_at=0))
    site.at = START
    person = Person(site, number)
    try:
        for step in [*steps, "wait six weeks", "ask", "send"]:
            person.step(step)
        every = [one for one in subjects(site, number) if "answer you" in one]
        assert every in ([], ["Did Sen. Budd answer you?"])
        in_time = site.at < moment("2027-04-01T00:00-04:00")
        assert every or person.gone or not person.arrived or not in_time, "whoever may be asked is asked"
    finally:
        site.mails.clear()


class Person:
    """What must be so of one person, kept apart from the tables."""

    def __init__(self, site: Site, number: int) -> None:
        self.site, self.number = site, number
        self.out = False  # withdrew, opted out or was erased
        self.quiet_at = self.acted_at = 0
        self.arrived = list[int]()  # when their letters reached the office whose holder stays

    @property
    def gone(self) -> bool:
        return self.out or (self.quiet_at > 0 and self.acted_at <= self.quiet_at)

    def step(self, step: str) -> None:
        since = len(self.site.mails)
        # The page may offer it no more: written before, opted out, erased, another Congress.
        with suppress(AssertionError, visits.SupporterGone):
            self._do(step)
            if step in ("deliver", "deliver to one who leaves", "report", "call", "save"):
                self.acted_at = self.site.at
        asked = [one for one in subjects(self.site, self.number, since) if "answer you" in one]
        assert not (asked and self.gone)
        assert not asked or any(self.site.at - at >= SIX_WEEKS for at in self.arrived)

    def _do(self, step: str) -> None:
        site, number = self.site, self.number
        if step == "deliver":
            deliver(site, BUDD, number)
            self.arrived.append(site.at)
        elif step == "deliver to one who leaves":
            deliver(site, TILLIS, number)
        elif step == "report":
            report(site, BUDD, number)
            self.arrived.append(site.at)
        elif step == "call":
            call(site, ADAMS, number)
        elif step == "save":
            save(site, ADAMS, number)
        elif step == "take back":
            page = site.enter(number=number)
            ids = " ".join(str(one.letter) for one in page.letters if one.can_take_back)
            site.act(actions.take_back, number, zip=HERE, letters=ids)
            self.out = self.out or bool(ids)
        elif step == "disown":
            self.out = bool(site.disown(number)) or self.out
        elif step == "unsubscribe":
            site.unsubscribe(number)
            self.out = True
        elif step == "forget":
            site.act(unsubscribe.forget, number, zip=HERE)
            self.out = True
        elif step == "quiet":
            quiet(site, number)
            self.quiet_at = site.at
            site.at += 1  # what is done next is newer
        elif step == "wait a day":
            site.at += DAY
        elif step == "wait six weeks":
            site.at += SIX_WEEKS
        elif step == "ask":
            ask(site)
        elif step == "send":
            site.drain()


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
