"""After an opt-out: the letter to copy and the call script stay, nothing leaves in the supporter's name, no email goes
to them, and a letter that they could not be told about is stopped."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import literal, select, text, update

from campaign.delivery import campaigns, outbox
from campaign.delivery.transport import Answer, NoAnswer, Refused, Stop, TryLater
from campaign.letters import letters
from campaign.model import Kind
from campaign.outreach.action_page import actions
from campaign.outreach.action_page.views import OtherZip, Stopped
from campaign.outreach.action_page.zip_change import CodeResult
from campaign.outreach.reports import letter_funnel
from campaign.outreach.routing import registry
from campaign.outreach.sending import unannounced_letters
from campaign.states import Fate, State
from campaign.store.schema import delivery, letter, request, supporter
from campaign.supporters import people
from campaign.supporters.people import Reason
from tests.store.opted_out import REASONS, packets_printed, sent_to, suppress, unsubscribe
from tests.store.opted_out import printer as printer
from tests.store.site import ADAMS, CAPITAL, DAY, HERE, MINUTE, SLUG, TILLIS, Site


@pytest.mark.parametrize("by", ["email", "form", "packet"])
@pytest.mark.parametrize("reason", REASONS)
def test_a_form_made_before_the_opt_out_makes_nothing_after_it(site: Site, reason: Reason, by: str) -> None:
    if by == "email":
        site.contact()
    form = site.form(by=by)
    suppress(site, reason)
    before = site.counts()
    found = site.confirm(form)
    assert isinstance(found, Stopped)
    assert site.counts() == before == {"letter": 0, "evidence": 0}
    assert found.page.preview is not None
    assert "My street is afraid." in found.page.preview.whole
    assert found.page.opted_out == ("bounced" if reason == "bounced" else "unsubscribed")
    site.at += DAY
    assert site.drain() == []


def test_the_letter_to_copy_the_form_and_the_call_script_stay(site: Site) -> None:
    site.contact()
    unsubscribe(site)
    page = site.enter()
    assert page.preview is not None
    assert page.call is not None
    assert page.call.script is not None
    assert "cosponsor" in page.preview.whole
    assert all(office.channel == "form" and office.url and office.on_paper is None for office in page.offices)
    open_ = {way.channel for office in page.offices for way in office.options if way.works}
    assert open_ == {"form", "call"}
    assert open_.isdisjoint({channel.name for channel in registry.channels() if channel.ours})
    assert site.act(actions.record_call, zip=HERE, seat=ADAMS, outcome="answered").reported[0].outcome == "answered"


def test_another_zip_sends_nothing_and_learns_nothing_of_the_owner(site: Site) -> None:
    form = site.form(CAPITAL)
    unsubscribe(site)
    assert (site.enter(CAPITAL).own, site.enter(CAPITAL).opted_out) == (False, "link")
    assert isinstance(site.confirm(form), OtherZip)
    assert site.counts() == {"letter": 0, "evidence": 0}
    assert site.drain() == []


def test_a_code_from_before_the_opt_out_sends_nothing(site: Site) -> None:
    assert site.move()
    unsubscribe(site)
    assert site.drain() == []
    assert site.enter_code(site.code()) is CodeResult.MOVED
    assert site.enter(CAPITAL).opted_out == "unsubscribed"
    assert not site.move("77011")


def test_a_forwarded_link_cannot_write_in_its_owners_name_and_silence_them(site: Site) -> None:
    """Confirm, then unsubscribe the owner before the receipt goes: the letter goes nowhere either."""
    site.contact()
    site.promise(TILLIS)
    site.write()
    site.write(seat=TILLIS, by="packet")
    unsubscribe(site)
    assert site.states() == ["withdrawn", "withdrawn"]
    assert {one.why for one in site.enter().letters} == {"untold"}
    assert site.rows(select(letter.c.reason, letter.c.words)) == [(letters.UNTOLD, None)] * 2
    assert packets_printed(site) == 0
    for _ in range(3):
        site.at += 16 * MINUTE
        assert site.drain() == []
    with site.database.read() as conn:
        found = letter_funnel.letters(conn, 1)
    assert found.adds_up
    assert found.withdrawn == {letters.UNTOLD: 2}


def test_a_letter_that_its_supporter_was_told_about_still_goes(site: Site) -> None:
    site.contact()
    site.promise(TILLIS)
    site.write()
    site.at += 4 * MINUTE
    assert site.drain() == ["receipt"]
    site.write(seat=TILLIS, by="packet")
    unsubscribe(site)
    assert site.states() == ["going", "withdrawn"], "the second one has a receipt of its own, which waits"
    site.at += 16 * MINUTE
    assert site.drain() == ["letter"]
    assert sent_to(site) == ["receipt"]


def test_letters_that_share_a_receipt_are_told_about_together(site: Site) -> None:
    site.contact()
    site.contact(TILLIS)
    site.write()
    site.write(seat=TILLIS)
    site.at += 4 * MINUTE
    assert site.drain() == ["receipt"]
    unsubscribe(site)
    assert site.states() == ["going", "going"]


@pytest.mark.parametrize("answer", [TryLater("429", 60_000), Refused("550"), NoAnswer("reset")])
def test_a_receipt_that_was_not_accepted_told_nobody(site: Site, answer: Any) -> None:
    site.contact()
    site.write()
    site.at += 4 * MINUTE
    site.answers = [answer]
    site.drain()
    unsubscribe(site)
    assert site.states() == ["withdrawn"]


def test_a_receipt_that_bounced_told_nobody(site: Site) -> None:
    site.contact()
    site.write()
    site.at += 4 * MINUTE
    site.drain()
    query = select(delivery.c.id, request.c.token).join(request, request.c.id == delivery.c.request_id)
    (row,) = site.rows(query.where(delivery.c.kind == "receipt"))
    with site.database.begin() as conn:
        outbox.apply_provider_events(conn, [outbox.ProviderEvent(row.id, row.token, Fate.BOUNCED, site.at)], site.at)
    suppress(site, "bounced")
    site.at += 16 * MINUTE
    assert site.drain() == []
    assert site.states() == ["withdrawn"]


@pytest.mark.parametrize("reason", REASONS)
def test_a_complaint_a_bounce_and_a_list_stop_the_letter_before_it_leaves(site: Site, reason: Reason) -> None:
    site.contact()
    site.write()
    site.write(number=2)
    suppress(site, reason)
    site.at += 40 * MINUTE  # the office gets its letters some minutes apart
    assert sorted(site.drain()) == ["letter", "receipt"]
    assert sent_to(site) == []
    assert (site.states(), site.states(number=2)) == (["withdrawn"], ["sent"])
    assert site.follow().fallen == 0, "it goes no other way either"


def test_a_summary_goes_without_the_letter_of_who_opted_out(site: Site) -> None:
    site.contact(wants="daily")
    for number in (1, 2):
        site.write(number=number)
    suppress(site, "complained")
    site.at += 2 * DAY
    site.drain()
    (summary,) = [mail for mail in site.mails if "1 letter from your constituents" in mail["text"]]
    assert summary["kind"] == "letter"
    assert (site.states(), site.states(number=2)) == (["withdrawn"], ["sent"])


@pytest.mark.parametrize("answer", [TryLater("429", MINUTE), Stop("401"), Refused("400: no"), NoAnswer("reset")])
@pytest.mark.parametrize("when", ["being sent", "answered"])
def test_an_untold_letter_that_was_being_sent_never_goes_again(site: Site, answer: Answer, when: str) -> None:
    """It may have left, and then the answer counts. If it comes back, it is stopped with the reason."""
    site.contact()
    site.write()
    site.do(update(request).where(request.c.kind == "receipt").values(due_at=site.at + 30 * DAY))
    site.at += 16 * MINUTE
    with site.database.begin() as conn:
        (claim,) = outbox.claim(conn, 1, site.at, requests=10, lease_ms=60_000)
        outbox.mark(conn, 1, [claim], site.at, lease_ms=60_000, release=campaigns.get(conn, SLUG).release)
    if when == "being sent":
        unsubscribe(site)
    with site.database.begin() as conn:
        outbox.settle(conn, [(claim, answer)], site.at)
    if when == "answered":
        unsubscribe(site)
    if isinstance(answer, NoAnswer):
        assert site.states() == ["doubt"]
        with site.database.begin() as conn:
            assert outbox.resend(conn, claim.id, by="Ana", why="not in the log", now=site.at) is State.CANCELLED
    assert site.follow().fallen == 0
    refused_before = when == "answered" and isinstance(answer, Refused)
    assert [(one.state, one.why) for one in site.enter().letters] == [
        ("refused", "") if refused_before else ("withdrawn", "untold")
    ]
    assert site.rows(select(letter.c.reason, letter.c.words)) == [(letters.UNTOLD, None)]
    site.at += DAY
    assert site.drain() == []


def test_a_letter_that_came_to_its_writer_after_a_refusal_stays_with_them(site: Site) -> None:
    site.contact()
    site.write()
    site.at += 16 * MINUTE
    site.answers = [Refused("400: no")] * 2  # to the receipt too
    site.drain()
    assert site.follow().fallen == 1
    unsubscribe(site)
    (one,) = site.enter().letters
    assert (one.state, "afraid" in one.text) == ("ready", True)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("worker", ["drain", "hourly"])
def test_a_summary_is_not_locked_while_a_worker_waits_for_one_of_its_writers(site: Site, worker: str) -> None:
    """Two letters of it must be stopped, and one writer takes theirs back at the same moment."""
    site.contact(wants="daily")
    for number in (1, 2):
        site.write(number=number)
        suppress(site, "listed", number)
    site.at += 2 * DAY
    stop = site.drain if worker == "drain" else lambda: unannounced_letters.stop_all(site.database)
    waits = text(
        "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database"
        " WHERE locktype = 'advisory' AND NOT granted AND datname = current_database()"
    )
    with ThreadPoolExecutor(1) as pool:
        with site.database.begin() as conn:
            people.lock_supporters(conn, site.people[1])
            done = pool.submit(stop)
            while not conn.scalar(waits):
                assert not done.done()
            (row,) = site.rows(select(letter.c.id).where(letter.c.supporter_id == site.people[1]))
            assert outbox.cancel_letter(conn, row.id, "taken back")
            letters.withdraw(conn, row.id, "taken back", site.at)
        done.result()
    assert (site.states(), site.states(number=2)) == (["withdrawn"], ["withdrawn"])
    reasons = site.rows(select(letter.c.reason).order_by(letter.c.id))
    assert reasons == [(letters.UNTOLD,), ("taken back",)]


@pytest.mark.usefixtures("printer")
def test_paper_waits_for_nobody_who_opted_out(site: Site, tmp_path: Path) -> None:
    site.promise()
    for number in (1, 2):
        site.write(number=number, by="packet")
    suppress(site, "listed")
    site.at += DAY
    assert packets_printed(site) == 1
    assert (site.states(), site.states(number=2)) == (["withdrawn"], ["printed"])


def test_a_letter_saved_for_later_stays_but_cannot_go_on_paper(site: Site) -> None:
    number = site.write().letters[0].letter
    unsubscribe(site)
    page = site.enter()
    assert [(one.state, one.office.on_paper) for one in page.letters] == [("ready", None)]
    told = site.act(actions.record_form, zip=HERE, seat=ADAMS, told="sent")
    assert [one.state for one in told.letters] == ["reported"]
    assert [one.state for one in site.act(actions.take_back, zip=HERE, letter=number).letters] == ["reported"]


def test_own_letters_can_still_be_taken_back_disowned_and_erased(site: Site) -> None:
    site.contact()
    number = site.write().letters[0].letter
    site.at += 4 * MINUTE
    site.drain()
    unsubscribe(site)
    assert [one.state for one in site.act(actions.take_back, zip=HERE, letter=number).letters] == ["withdrawn"]
    assert site.disown() == 0
    assert site.forget()


def test_a_letter_that_came_back_cannot_be_confirmed_anew(site: Site) -> None:
    site.contact()
    site.write()
    site.at += 4 * MINUTE
    site.drain()
    site.do(update(letter).values(holder="X000287"))
    site.at += 16 * MINUTE
    site.drain()
    (one,) = site.enter().letters
    assert (one.state, one.replacement is None) == ("back", False)
    unsubscribe(site)
    (one,) = site.enter().letters
    assert (one.state, one.replacement) == ("back", None)


def test_the_hourly_look_stops_what_waits_however_they_opted_out(site: Site) -> None:
    site.contact()
    site.write()
    site.write(number=2)
    suppress(site, "listed")
    assert unannounced_letters.stop_all(site.database, now=lambda _: site.at) == 1
    assert unannounced_letters.stop_all(site.database, now=lambda _: site.at) == 0
    assert (site.states(), site.states(number=2)) == (["withdrawn"], ["going"])


@pytest.mark.parametrize("reason", REASONS)
@pytest.mark.parametrize("kind", [Kind.ASK, Kind.RECEIPT, Kind.CONFIRM])
def test_no_kind_of_email_is_marked_for_who_opted_out(site: Site, kind: Kind, reason: Reason) -> None:
    with site.database.begin() as conn:
        for number in (1, 2):
            who = site.people[number - 1]
            if kind is Kind.ASK:
                columns = (supporter.c.id.label("supporter_id"), supporter.c.locale, literal("house").label("variant"))
                pick = select(*columns).where(supporter.c.id == who)
                outbox.add_wave(conn, 1, f"w{number}", kind, pick, per_request=10, due_at=site.at)
            else:
                outbox.add_one(
                    conn, 1, kind=kind, wave=f"w{number}", locale="en", variant="", supporter_id=who, due_at=site.at
                )
        claims = outbox.claim(conn, 1, site.at, requests=10, lease_ms=60_000)
    suppress(site, reason)
    with site.database.begin() as conn:
        serves = campaigns.get(conn, SLUG).release
        marked = outbox.mark(conn, 1, claims, site.at, lease_ms=60_000, release=serves)
    assert {claim.wave for claim in claims if claim.id in marked} == {"w2"}
