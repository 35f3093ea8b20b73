"""A cancel reaches what is being sent or in doubt: it may arrive, but it is never sent again."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select

from campaign.delivery import campaigns, outbox
from campaign.delivery.campaigns import Campaign
from campaign.delivery.outbox.transitions import count_states
from campaign.delivery.transport import Accepted, Answer, NoAnswer, Refused, Stop, TryLater
from campaign.model import Claimed
from campaign.outreach.action_page import actions
from campaign.states import Fate, State
from campaign.store.engine import Database
from campaign.store.schema import delivery, letter, request
from tests import build
from tests.build import START
from tests.store.site import HERE, MINUTE, Site

LEASE = 1_000
LATER = START + 100 * LEASE
BACK: list[Answer] = [
    TryLater("429 too many requests", 500),
    TryLater("not connected: ClientConnectorError", 1_000),
    Stop("401: no credits"),
]


@pytest.fixture
def campaign(database: Database) -> Campaign:
    """Seven supporters, asks in requests of three: sizes 3, 3 and 1."""
    with database.begin() as conn:
        build.add_people(conn, range(1, 8))
        made = build.add_campaign(conn)
        build.launch(conn, made)
    return made


def send(database: Database, campaign: Campaign, now: int = START) -> list[Claimed]:
    """Claim and mark what is due."""
    with database.begin() as conn:
        claims = outbox.claim(conn, campaign.id, now, requests=10, lease_ms=LEASE)
        marked = outbox.mark(conn, campaign.id, claims, now, lease_ms=LEASE, release="r1")
    return [claim for claim in claims if claim.id in marked]


def settle(database: Database, claims: list[Claimed], answer: Answer, now: int = START) -> None:
    with database.begin() as conn:
        outbox.settle(conn, [(claim, answer) for claim in claims], now)


def cancel(database: Database, campaign: Campaign) -> int:
    with database.begin() as conn:
        return outbox.cancel_all(conn, campaign.id, "wrong text")


def sums(database: Database, campaign: Campaign, wave: str = "first") -> dict[str, int]:
    """The deliveries by state; they add up to what was launched."""
    with database.read() as conn:
        found = count_states(conn, campaign.id, wave)
        assert sum(found.values()) == sum(one.launched for one in campaigns.waves(conn, campaign.id))
    return found


@pytest.mark.parametrize("answer", BACK, ids=["429", "not connected", "stop"])
def test_what_comes_back_after_a_cancel_is_canceled(database: Database, campaign: Campaign, answer: Answer) -> None:
    claims = send(database, campaign)
    assert cancel(database, campaign) == 0, "it may have been sent"
    assert sums(database, campaign) == {"sending": 7}
    settle(database, claims, answer)
    assert sums(database, campaign) == {"cancelled": 7}
    assert send(database, campaign, LATER) == []
    with database.read() as conn:
        assert set(conn.scalars(select(request.c.state))) == {"cancelled"}
        assert set(conn.scalars(select(delivery.c.reason))) == {"wrong text"}


@pytest.mark.parametrize("named", [True, False])
def test_what_is_refused_after_a_cancel_is_not_split_and_tried_again(
    database: Database, campaign: Campaign, named: bool
) -> None:
    claims = send(database, campaign)
    cancel(database, campaign)
    with database.read() as conn:
        bad = conn.scalars(select(delivery.c.id).where(delivery.c.request_id == claims[0].id)).first()
    settle(database, claims, Refused("400: bad", (bad or 0,) if named else ()))
    assert sums(database, campaign) == {"cancelled": 7}
    assert send(database, campaign, LATER) == []


def test_what_was_accepted_or_is_in_doubt_keeps_its_truth(database: Database, campaign: Campaign) -> None:
    first, second, third = send(database, campaign)
    cancel(database, campaign)
    settle(database, [first], Accepted("x"))
    settle(database, [second], NoAnswer("reset"))
    with database.begin() as conn:
        outbox.sweep(conn, LATER)
    assert sums(database, campaign) == {"accepted": first.size, "unknown": second.size + third.size}
    with database.begin() as conn:
        one = outbox.open_deliveries(conn, second.id)[0]
        outbox.apply_provider_events(conn, [outbox.ProviderEvent(one, second.token, Fate.PROCESSED, LATER)], LATER)
    assert sums(database, campaign) == {"accepted": first.size + second.size, "unknown": third.size}
    assert send(database, campaign, LATER) == []


@pytest.mark.parametrize("before", [True, False])
def test_an_unknown_that_was_canceled_is_not_sent_again_by_a_person(
    database: Database, campaign: Campaign, before: bool
) -> None:
    claims = send(database, campaign)
    if before:
        cancel(database, campaign)
    settle(database, claims, NoAnswer("reset"))
    cancel(database, campaign)
    with database.begin() as conn:
        for claim in claims:
            assert outbox.resend(conn, claim.id, by="Ana", why="not in the log", now=LATER) is State.CANCELLED
    assert sums(database, campaign) == {"cancelled": 7}
    assert send(database, campaign, LATER) == []


def test_a_late_answer_that_nothing_was_taken_cancels_an_unknown(database: Database, campaign: Campaign) -> None:
    claims = send(database, campaign)
    with database.begin() as conn:
        outbox.sweep(conn, START + LEASE)
    cancel(database, campaign)
    settle(database, claims, TryLater("429 too many requests", 0), LATER)
    assert sums(database, campaign) == {"cancelled": 7}


def test_what_is_claimed_or_held_is_canceled_at_once_and_stays_so(database: Database, campaign: Campaign) -> None:
    with database.begin() as conn:
        claims = outbox.claim(conn, campaign.id, START, requests=2, lease_ms=LEASE)
        outbox.hold(conn, [claims[0].id], "vacant seat")
    assert cancel(database, campaign) == 7
    with database.begin() as conn:
        assert outbox.mark(conn, campaign.id, claims, START, lease_ms=LEASE, release="r1") == {}
        outbox.put_back(conn, claims)
        outbox.sweep(conn, LATER)
        assert outbox.release(conn, [claim.id for claim in claims], LATER) == 0
    assert sums(database, campaign) == {"cancelled": 7}
    assert send(database, campaign, LATER) == []


def test_what_was_refused_before_a_cancel_cannot_be_queued_again(database: Database, campaign: Campaign) -> None:
    while claims := send(database, campaign):
        settle(database, claims, Refused("400: no"))
    cancel(database, campaign)
    with database.begin() as conn:
        assert outbox.requeue_refused(conn, campaign.id, LATER) == 0
    assert sums(database, campaign) == {"refused": 7}


def test_a_launch_after_a_cancel_is_sent(database: Database, campaign: Campaign) -> None:
    cancel(database, campaign)
    with database.begin() as conn:
        build.launch(conn, campaign, wave="reminder")
    claims = send(database, campaign)
    settle(database, claims, TryLater("429 too many requests", 0))
    settle(database, send(database, campaign, LATER), Accepted("x"))
    with database.read() as conn:
        assert count_states(conn, campaign.id, "reminder") == {"accepted": 7}


@pytest.mark.parametrize("answer", [TryLater("429", 0), Refused("400: no")], ids=["429", "refused"])
@pytest.mark.parametrize("cancel_first", [True, False])
def test_a_cancel_and_an_answer_at_once_leave_nothing_to_send(
    database: Database, campaign: Campaign, cancel_first: bool, answer: Answer
) -> None:
    """The second one waits for the first one's commit, and must see what it did."""
    claims = send(database, campaign)

    def settle_it() -> None:
        settle(database, claims, answer)

    second = threading.Thread(target=settle_it if cancel_first else lambda: cancel(database, campaign))
    with database.begin() as conn:
        if cancel_first:
            outbox.cancel_all(conn, campaign.id, "wrong text")
        else:
            outbox.settle(conn, [(claim, answer) for claim in claims], START)
        second.start()
        second.join(0.5)  # it waits now, or begins after the commit: both must end the same
    second.join()
    found = sums(database, campaign)
    assert set(found) <= {"cancelled", "refused"}, found
    assert send(database, campaign, LATER) == []
    with database.begin() as conn:
        assert outbox.requeue_refused(conn, campaign.id, LATER) == 0


@pytest.mark.parametrize("back", [*BACK, Refused("400: no"), None], ids=["429", "lost", "stop", "refused", "resend"])
def test_a_person_who_is_erased_while_being_mailed_is_not_mailed_again(
    database: Database, campaign: Campaign, back: Answer | None
) -> None:
    claims = send(database, campaign)
    with database.begin() as conn:
        who = conn.scalars(select(delivery.c.supporter_id).where(delivery.c.request_id == claims[0].id)).first()
        assert outbox.cancel_supporter(conn, who or 0, "erased") == 0
    if back is not None:
        settle(database, claims, back)
    else:
        settle(database, claims, NoAnswer("reset"))
        with database.begin() as conn:
            for claim in claims:
                assert outbox.resend(conn, claim.id, by="Ana", why="not in the log", now=START)
    found = sums(database, campaign)
    assert found.pop("cancelled") == 1
    assert set(found) <= {"queued", "refused"}
    again = send(database, campaign, LATER)
    with database.read() as conn:
        left = select(delivery.c.supporter_id).where(
            delivery.c.request_id.in_([claim.id for claim in again]), delivery.c.outcome.is_(None)
        )
        assert who not in set(conn.scalars(left))


def test_a_letter_that_is_taken_back_while_it_is_sent_comes_back_withdrawn(
    site: Site, take_back: Callable[[int], None]
) -> None:
    site.contact()
    number = site.write().letters[0].letter
    site.at += 16 * MINUTE
    claims = _claims(site)
    take_back(number)
    assert site.states() == ["sending"], "it may have left"
    with site.database.begin() as conn:
        outbox.settle(conn, [(claim, TryLater("429 too many requests", 500)) for claim in claims], site.at)
    assert site.states() == ["withdrawn"]
    site.follow()
    site.follow()
    assert site.rows(select(letter.c.reason, letter.c.words)) == [("taken back", None)]
    site.at += 16 * MINUTE
    assert "letter" not in site.drain()
    site.write()
    site.at += 16 * MINUTE
    assert "letter" in site.drain(), "a new letter to the same office can be confirmed and is sent"
    assert site.states() == ["withdrawn", "sent"]


@pytest.fixture
def take_back(site: Site) -> Callable[[int], None]:
    def press(number: int) -> None:
        site.act(actions.take_back, zip=HERE, letter=number)

    return press


def test_a_letter_refused_after_it_was_taken_back_takes_no_other_channel(
    site: Site, take_back: Callable[[int], None]
) -> None:
    site.contact()
    number = site.write().letters[0].letter
    site.at += 16 * MINUTE
    claims = _claims(site)
    take_back(number)
    with site.database.begin() as conn:
        outbox.settle(conn, [(claim, Refused("400: no")) for claim in claims], site.at)
    assert site.follow().fallen == 0
    assert site.states() == ["withdrawn"]
    assert site.rows(select(letter.c.reason)) == [("taken back",)]


def test_a_letter_of_a_canceled_campaign_takes_no_other_channel_when_refused(site: Site) -> None:
    site.contact()
    site.write()
    site.at += 16 * MINUTE
    claims = _claims(site)
    with site.database.begin() as conn:
        outbox.cancel_all(conn, 1, "wrong text")
        outbox.settle(conn, [(claim, Refused("400: no")) for claim in claims], site.at)
    assert site.follow().fallen == 0
    assert site.states() == ["withdrawn"]


def test_a_letter_in_a_summary_that_is_taken_back_leaves_the_next_try(
    site: Site, take_back: Callable[[int], None]
) -> None:
    site.contact(wants="daily")
    first = site.write().letters[0].letter
    site.write(number=2)
    site.at += 3 * 24 * 60 * MINUTE
    claims = _claims(site)
    assert [claim.size for claim in claims if claim.kind == "daily"] == [2]
    take_back(first)
    with site.database.begin() as conn:
        outbox.settle(conn, [(claim, TryLater("429 too many requests", 500)) for claim in claims], site.at)
    site.follow()
    assert site.states() == ["withdrawn"]
    assert site.states(number=2) == ["going"]
    with site.database.read() as conn:
        assert conn.scalars(select(request.c.size).where(request.c.kind == "daily")).all() == [1]


def _claims(site: Site) -> list[Claimed]:
    """Claim and mark what is due, as a worker does before it posts."""
    with site.database.begin() as conn:
        release = campaigns.get(conn, "end-287g").release
        claims = outbox.claim(conn, 1, site.at, requests=10, lease_ms=120_000)
        marked = outbox.mark(conn, 1, claims, site.at, lease_ms=120_000, release=release)
    assert marked
    return [claim for claim in claims if claim.id in marked]
