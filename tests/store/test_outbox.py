"""The outbox on both databases: each verb, and what it must never do."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from campaign.delivery import campaigns, outbox
from campaign.delivery.campaigns import Campaign
from campaign.delivery.outbox.transitions import count_states
from campaign.delivery.transport import Accepted, Answer, NoAnswer, Refused, Stop, TryLater
from campaign.model import Claimed
from campaign.states import Fate
from campaign.store.engine import Database
from campaign.store.schema import attempt, delivery, request
from tests import build
from tests.build import START

pytestmark = pytest.mark.both_databases

LEASE = 1_000


@pytest.fixture
def campaign(database: Database) -> Campaign:
    """Seven people, asks in requests of three: sizes 3, 3 and 1."""
    with database.begin() as conn:
        build.add_people(conn, range(1, 8))
        made = build.add_campaign(conn)
        assert build.launch(conn, made) == 7
    return made


def claim(database: Database, campaign: Campaign, now: int = START, requests: int = 10) -> list[Claimed]:
    with database.begin() as conn:
        return outbox.claim(conn, campaign.id, now, requests=requests, lease_ms=LEASE)


def mark(
    database: Database, campaign: Campaign, claims: list[Claimed], now: int = START, **more: dict[int, int]
) -> dict[int, frozenset[int] | None]:
    with database.begin() as conn:
        return outbox.mark(conn, campaign.id, claims, now, lease_ms=LEASE, release="r1", **more)  # type: ignore[arg-type]


def settle(database: Database, claims: list[Claimed], answer: Answer, now: int = START) -> None:
    with database.begin() as conn:
        outbox.settle(conn, [(claimed, answer) for claimed in claims], now)


def send(database: Database, campaign: Campaign, answer: Answer, now: int = START) -> list[Claimed]:
    claims = claim(database, campaign, now)
    mark(database, campaign, claims, now)
    settle(database, claims, answer, now)
    return claims


def states(database: Database, campaign: Campaign) -> dict[str, int]:
    with database.read() as conn:
        return count_states(conn, campaign.id, "first")


def members(database: Database, request_id: int) -> list[int]:
    with database.read() as conn:
        return list(conn.scalars(select(delivery.c.id).where(delivery.c.request_id == request_id)))


def attempts(database: Database) -> list[str]:
    with database.read() as conn:
        return list(conn.scalars(select(attempt.c.what).order_by(attempt.c.id)))


def test_a_launch_fills_requests_of_one_locale_and_variant(database: Database) -> None:
    with database.begin() as conn:
        build.add_people(conn, range(1, 6))
        build.add_people(conn, range(6, 9), locale="es")
        made = build.add_campaign(conn)
        build.launch(conn, made, gap_ms=50)
        rows = conn.execute(select(request.c.locale, request.c.size, request.c.due_at).order_by(request.c.due_at)).all()
    assert sorted((row.locale, row.size) for row in rows) == [("en", 2), ("en", 3), ("es", 3)]
    assert [row.due_at for row in rows] == [START, START + 50, START + 100]


def test_nobody_is_launched_twice_in_a_wave(database: Database, campaign: Campaign) -> None:
    with pytest.raises(IntegrityError), database.begin() as conn:
        build.launch(conn, campaign)
    assert states(database, campaign) == {"queued": 7}


def test_two_workers_never_hold_the_same_request(database: Database, campaign: Campaign) -> None:
    first, second = claim(database, campaign, requests=2), claim(database, campaign, requests=2)
    assert len(first) == 2
    assert len(second) == 1
    assert {c.id for c in first}.isdisjoint(c.id for c in second)


def test_only_what_is_due_is_claimed_and_lower_priority_numbers_first(database: Database, campaign: Campaign) -> None:
    assert claim(database, campaign, START - 1) == []
    with database.begin() as conn:
        last = max(conn.scalars(select(request.c.id)))
        conn.execute(request.update().where(request.c.id == last).values(priority=1))
    assert [c.id for c in claim(database, campaign, requests=1)] == [last]


def test_accepted_is_final(database: Database, campaign: Campaign) -> None:
    claims = send(database, campaign, Accepted("abc"))
    assert states(database, campaign) == {"accepted": 7}
    settle(database, claims, Refused("late"))
    assert states(database, campaign) == {"accepted": 7}
    assert attempts(database) == ["alarm"] * 3


def test_a_paused_or_closed_campaign_claims_nothing(database: Database, campaign: Campaign) -> None:
    assert claim(database, campaign, build.CLOSES) == []
    with database.begin() as conn:
        assert campaigns.pause(conn, campaign.id, "looking", START)
        assert not campaigns.pause(conn, campaign.id, "again", START)
    assert claim(database, campaign) == []
    with database.begin() as conn:
        assert campaigns.resume(conn, campaign.id, START)
    assert len(claim(database, campaign)) == 3


def test_a_pause_between_claim_and_mark_gives_everything_back(database: Database, campaign: Campaign) -> None:
    claims = claim(database, campaign)
    with database.begin() as conn:
        campaigns.pause(conn, campaign.id, "stop", START)
    assert mark(database, campaign, claims) == {}
    assert states(database, campaign) == {"queued": 7}


def test_a_mended_release_takes_effect_before_the_mark(database: Database, campaign: Campaign) -> None:
    claims = claim(database, campaign)
    with database.begin() as conn:
        assert outbox.mark(conn, campaign.id, claims, START, lease_ms=LEASE, release="an older one") == {}
    assert states(database, campaign) == {"queued": 7}


def test_a_text_that_is_no_longer_valid_is_not_sent(database: Database, campaign: Campaign) -> None:
    claims = claim(database, campaign)
    marked = mark(database, campaign, claims, valid_until={claims[0].id: START, claims[1].id: START + 1})
    assert set(marked) == {claims[1].id, claims[2].id}
    assert states(database, campaign)["queued"] == claims[0].size


def test_an_expired_lease_cannot_mark(database: Database, campaign: Campaign) -> None:
    claims = claim(database, campaign)
    assert mark(database, campaign, claims, START + LEASE) == {}
    with database.begin() as conn:
        assert outbox.sweep(conn, START + LEASE).requeued == 3
    again = claim(database, campaign, START + LEASE)
    assert mark(database, campaign, claims, START + LEASE) == {}, "the first worker's fence is old"
    assert len(mark(database, campaign, again, START + LEASE)) == 3


def test_people_suppressed_after_the_claim_are_left_out(database: Database, campaign: Campaign) -> None:
    claims = claim(database, campaign)
    with database.begin() as conn:
        build.suppress(conn, 2)
        build.suppress(conn, 7)
    marked = mark(database, campaign, claims)
    full = next(c for c in claims if marked.get(c.id, 0) is None)
    short = next(c for c in claims if c.id in marked and c is not full)
    kept = marked[short.id]
    assert kept is not None
    assert len(kept) == 2
    assert states(database, campaign) == {"sending": 5, "suppressed": 2}
    with database.read() as conn:
        assert set(conn.scalars(select(delivery.c.reason).where(delivery.c.outcome.is_not(None)))) == {"unsubscribed"}
        assert sorted(conn.scalars(select(request.c.state))) == ["cancelled", "sending", "sending"]


def test_a_zombie_cannot_suppress_what_another_worker_is_sending(database: Database, campaign: Campaign) -> None:
    zombie = claim(database, campaign)
    with database.begin() as conn:
        outbox.sweep(conn, START + LEASE)
    mark(database, campaign, claim(database, campaign, START + LEASE), START + LEASE)
    with database.begin() as conn:
        build.suppress(conn, 1)
    assert mark(database, campaign, zombie, START + LEASE) == {}
    assert states(database, campaign) == {"sending": 7}


def test_who_cannot_be_rendered_is_refused_alone(database: Database, campaign: Campaign) -> None:
    claims = claim(database, campaign)
    odd = members(database, claims[0].id)[0]
    with database.begin() as conn:
        marked = outbox.mark(
            conn, campaign.id, claims, START, lease_ms=LEASE, release="r1", unfit={odd: "name too long"}
        )
    assert odd not in (marked[claims[0].id] or ())
    assert states(database, campaign) == {"sending": 6, "refused": 1}


def test_named_deliveries_are_refused_and_the_others_go_on(database: Database, campaign: Campaign) -> None:
    claims = claim(database, campaign)
    mark(database, campaign, claims)
    big = next(c for c in claims if c.size == 3)
    bad = members(database, big.id)[1]
    settle(database, [big], Refused("no such address", (bad,)))
    assert states(database, campaign) == {"sending": 4, "refused": 1, "queued": 2}
    child = claim(database, campaign)
    assert [c.size for c in child] == [2]
    assert bad not in members(database, child[0].id)
    assert child[0].token != big.token


def test_an_unnamed_refusal_is_halved_until_one_is_alone(database: Database, campaign: Campaign) -> None:
    for _ in range(5):
        send(database, campaign, Refused("something is wrong"))
    assert states(database, campaign) == {"refused": 7}
    assert claim(database, campaign) == []


@pytest.mark.parametrize(("answer", "due"), [(TryLater("429", 500), START + 500), (Stop("no credits"), START)])
def test_what_was_not_taken_is_queued_again_under_a_new_attempt(
    database: Database, campaign: Campaign, answer: Answer, due: int
) -> None:
    send(database, campaign, answer)
    assert states(database, campaign) == {"queued": 7}
    assert claim(database, campaign, due - 1) == []
    assert [c.attempt for c in claim(database, campaign, due)] == [2, 2, 2]


def test_silence_is_unknown_and_is_never_sent_again(database: Database, campaign: Campaign) -> None:
    send(database, campaign, NoAnswer("timed out"))
    assert states(database, campaign) == {"unknown": 7}
    with database.begin() as conn:
        outbox.sweep(conn, START + 10**9)
        assert outbox.cancel_all(conn, campaign.id, "too late") == 0
    assert claim(database, campaign, START + 10**9) == []
    assert states(database, campaign) == {"unknown": 7}


def test_a_worker_that_dies_while_sending_leaves_unknown(database: Database, campaign: Campaign) -> None:
    mark(database, campaign, claim(database, campaign))
    with database.begin() as conn:
        assert outbox.sweep(conn, START + LEASE - 1).unknown == 0
        assert outbox.sweep(conn, START + LEASE).unknown == 3
    assert states(database, campaign) == {"unknown": 7}


def test_a_late_answer_settles_an_unknown(database: Database, campaign: Campaign) -> None:
    claims = claim(database, campaign)
    mark(database, campaign, claims)
    with database.begin() as conn:
        outbox.sweep(conn, START + LEASE)
    settle(database, claims, Accepted("late"), START + LEASE + 1)
    assert states(database, campaign) == {"accepted": 7}
    assert "alarm" not in attempts(database)


def test_one_event_proves_the_whole_request(database: Database, campaign: Campaign) -> None:
    claims = send(database, campaign, NoAnswer("reset"))
    big = next(c for c in claims if c.size == 3)
    one = members(database, big.id)[0]
    with database.begin() as conn:
        assert outbox.apply_provider_events(
            conn, [outbox.ProviderEvent(one, big.token, Fate.PROCESSED, START)], START
        ) == {(one, big.token)}
    assert states(database, campaign) == {"accepted": 3, "unknown": 4}


def test_an_event_of_another_request_changes_nothing(database: Database, campaign: Campaign) -> None:
    claims = send(database, campaign, NoAnswer("reset"))
    one = members(database, claims[0].id)[0]
    with database.begin() as conn:
        words = [
            outbox.ProviderEvent(one, claims[1].token, Fate.BOUNCED, 1),
            outbox.ProviderEvent(one, "f" * 32, Fate.BOUNCED, 1),
        ]
        assert outbox.apply_provider_events(conn, words, START) == set()
    assert states(database, campaign) == {"unknown": 7}


def test_an_event_for_a_queued_request_makes_it_accepted_with_an_alarm(database: Database, campaign: Campaign) -> None:
    claims = send(database, campaign, TryLater("refused", 0))
    one = members(database, claims[0].id)[0]
    with database.begin() as conn:
        outbox.apply_provider_events(conn, [outbox.ProviderEvent(one, claims[0].token, Fate.DELIVERED, START)], START)
    assert states(database, campaign)["accepted"] == claims[0].size
    assert "alarm" in attempts(database)


def test_a_person_may_resend_an_unknown_and_is_remembered(database: Database, campaign: Campaign) -> None:
    claims = send(database, campaign, NoAnswer("reset"))
    with database.begin() as conn:
        assert outbox.resend(conn, claims[0].id, by="Ana", why="the provider's support says no", now=START)
        assert not outbox.resend(conn, claims[0].id, by="Ana", why="again", now=START)
    again = claim(database, campaign)
    assert [(c.id, c.attempt) for c in again] == [(claims[0].id, 2)]
    mark(database, campaign, again)
    settle(database, claims[:1], Accepted("of the first attempt"))
    assert "alarm" in attempts(database), "an answer to the attempt that was given up"
    with database.read() as conn:
        detail = conn.scalars(select(attempt.c.detail).where(attempt.c.what == "resend")).one()
    assert detail == "Ana: the provider's support says no"


def test_cancel_takes_back_what_has_not_left(database: Database, campaign: Campaign) -> None:
    claims = claim(database, campaign, requests=1)
    mark(database, campaign, claims)
    with database.begin() as conn:
        assert outbox.cancel_all(conn, campaign.id, "wrong text") == 7 - claims[0].size
    settle(database, claims, Accepted())
    assert states(database, campaign) == {"accepted": claims[0].size, "cancelled": 7 - claims[0].size}


def test_a_person_is_taken_out_of_what_has_not_left(database: Database, campaign: Campaign) -> None:
    with database.begin() as conn:
        ids = list(conn.scalars(select(delivery.c.supporter_id).order_by(delivery.c.id)))
        assert outbox.cancel_supporter(conn, ids[0], "erased") == 1
        assert outbox.cancel_supporter(conn, ids[0], "erased") == 0
    claims = claim(database, campaign)
    marked = mark(database, campaign, claims)
    assert set(marked) == {c.id for c in claims}
    with database.begin() as conn:
        assert outbox.cancel_supporter(conn, ids[1], "erased") == 0, "what is sending goes"
    assert states(database, campaign) == {"sending": 6, "cancelled": 1}


def test_hold_and_release(database: Database, campaign: Campaign) -> None:
    with database.begin() as conn:
        every = list(conn.scalars(select(request.c.id)))
        assert outbox.hold(conn, every[:1], "vacant seat") == 1
    assert len(claim(database, campaign)) == 2
    with database.begin() as conn:
        assert outbox.release(conn, every, START) == 1
    assert [c.id for c in claim(database, campaign)] == every[:1]


def test_poison_is_taken_apart_and_then_held(database: Database, campaign: Campaign) -> None:
    now = START
    for _ in range(3):
        claim(database, campaign, now)
        now += LEASE
        with database.begin() as conn:
            outbox.sweep(conn, now)
    with database.read() as conn:
        rows = conn.execute(select(request.c.state, request.c.size).where(request.c.size > 0)).all()
    assert sorted((row.state, row.size) for row in rows) == [("held", 1)] + [("queued", 1)] * 6
    claim(database, campaign, now)
    with database.begin() as conn:
        assert outbox.sweep(conn, now + LEASE).held == 6
    assert states(database, campaign) == {"held": 7}


def test_a_late_write_to_a_missing_outcome_is_refused_by_the_data(database: Database, campaign: Campaign) -> None:
    with pytest.raises(IntegrityError), database.begin() as conn:
        conn.execute(
            insert(delivery).values(
                request_id=1, campaign_id=campaign.id, wave="first", kind="ask", supporter_id=1, outcome="lost"
            )
        )
