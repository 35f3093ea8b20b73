"""Six weeks after a letter reached an office its writer is asked once whether the office answered, or never."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from campaign.delivery import campaigns
from campaign.letters import follow_ups
from campaign.model import Kind
from campaign.outreach.action_page import actions, unsubscribe
from campaign.outreach.action_page import visit as visits
from campaign.store.schema import contact, follow_up, letter
from tests import build
from tests.store.follow_up_site import (
    NEVER,
    SIX_WEEKS,
    answer,
    ask,
    call,
    deliver,
    outcomes,
    quiet,
    report,
    save,
    subjects,
)
from tests.store.site import ADAMS, BUDD, DAY, HERE, KEYS, MINUTE, SLUG, START, TILLIS, Site, moment, together

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
@example(steps=["deliver", "deliver to one who leaves", "quiet", "deliver"])
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
