"""The use cases on both databases: launch, webhook events, erasure, circuit breakers, reports."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from campaign import keys as key_files
from campaign.config import ROOT, ListSource, load_settings
from campaign.delivery import campaigns, outbox
from campaign.delivery.transport import Accepted, NoAnswer
from campaign.errors import CampaignError
from campaign.outreach.action_page import unsubscribe
from campaign.outreach.launch import launch
from campaign.outreach.reports import ask_counts, delivery_history
from campaign.outreach.sending import circuit_breakers, webhook_events
from campaign.states import FATES, Fate
from campaign.store.engine import Database
from campaign.store.schema import delivery, event, request, supporter, suppression
from tests import build
from tests.build import START

KEYS = key_files.derive(b"s" * 32)
NOW = 1_795_000_000_000  # 2026-11-18
DEAD = 1_799_500_000_000  # 2027-01-09: the bill is dead, the campaign goes on


def settings(tmp_path: Path, **environ: str) -> Any:
    sandbox = {"CAMPAIGN_SENDGRID_URL": "http://127.0.0.1:9"}
    return load_settings(home=tmp_path, path=ROOT / "config.toml", environ=sandbox | environ)


def batch(*items: dict[str, Any]) -> bytes:
    return json.dumps(items).encode()


def sent(database: Database, people: int = 3, answer: Any = None) -> tuple[campaigns.Campaign, str, list[int]]:
    """A wave of one request that went out; the campaign, its token and its deliveries."""
    with database.begin() as conn:
        for number in range(1, people + 1):
            build.add_people(conn, [number], email_hash=KEYS.email_hash(f"person{number}@example.org"))
        made = build.add_campaign(conn)
        build.launch(conn, made, per_request=1000)
        claims = outbox.claim(conn, made.id, START, requests=1, lease_ms=1000)
        outbox.mark(conn, made.id, claims, START, lease_ms=1000, release="r1")
        outbox.settle(conn, [(claims[0], answer or Accepted("x"))], START)
        ids = list(conn.scalars(select(delivery.c.id).order_by(delivery.c.id)))
    return made, claims[0].token, ids


def sent_again(database: Database) -> tuple[campaigns.Campaign, str, list[int]]:
    """Like `sent`, under a new slug, for examples that share a database."""
    with database.begin() as conn:
        people = conn.execute(select(supporter.c.id)).all() or build.add_people(conn, [1, 2, 3])
        assert len(people) == 3
        made = build.add_campaign(conn, f"s{len(campaigns.every(conn))}")
        build.launch(conn, made, per_request=1000)
        claims = outbox.claim(conn, made.id, START, requests=1, lease_ms=1000)
        outbox.mark(conn, made.id, claims, START, lease_ms=1000, release="r1")
        outbox.settle(conn, [(claims[0], NoAnswer("reset"))], START)
        query = select(delivery.c.id).where(delivery.c.request_id == claims[0].id).order_by(delivery.c.id)
        return made, claims[0].token, list(conn.scalars(query))


def suppressed(database: Database) -> dict[bytes, str]:
    with database.read() as conn:
        return {row.email_hash: row.reason for row in conn.execute(select(suppression))}


def test_a_launch_freezes_queues_and_counts_in_one_transaction(database: Database, tmp_path: Path) -> None:
    with database.begin() as conn:
        build.add_people(conn, range(1, 150), zip="27701")
        build.add_people(conn, range(150, 250), zip="27601")
        build.add_people(conn, range(250, 300), locale="es", zip="60632")
        build.add_people(conn, range(300, 310), locale="", zip="27701")
        build.suppress(conn, 5)
    where = settings(tmp_path, CAMPAIGN_CAMPAIGN_PER_HOUR="3600")
    planned = launch.plan(database, where, "end-287g", now=NOW)
    assert planned.asks == {
        ("en", "signed_on"): 148,  # the representative of 27701 has cosponsored
        ("en", "representative"): 100,
        ("es", "plain"): 50,  # of a ZIP that lies in two districts
        ("en", "signed_on unknown-locale"): 10,
    }
    assert planned.requests == 5
    assert planned.last_at == NOW + 4 * 100_000
    assert planned.excluded == {"unsubscribed": 1}
    assert launch.launch(database, where, "end-287g", by="Alex Example", now=NOW) == planned.total
    with database.read() as conn:
        assert [one.by for one in campaigns.waves(conn, campaigns.get(conn, "end-287g").id)] == ["Alex Example"]
        found = ask_counts.report(conn, "end-287g")
        assert found.waves[0].launched == 308
        assert found.waves[0].adds_up
        assert sorted(conn.scalars(select(request.c.size))) == [10, 48, 50, 100, 100]
        assert max(conn.scalars(select(request.c.due_at))) == planned.last_at
    with pytest.raises(CampaignError, match="was launched on"):
        launch.launch(database, where, "end-287g", now=NOW)


def test_a_launch_that_is_refused_leaves_nothing(database: Database, tmp_path: Path) -> None:
    for now, wave, why in [
        (NOW, "first", "no supporters are eligible"),
        (NOW, "second", "no wave"),
        (1, "first", "window"),
    ]:
        with pytest.raises(CampaignError, match=why):
            launch.launch(database, settings(tmp_path), "end-287g", wave=wave, now=now)
    with database.read() as conn:
        assert campaigns.every(conn) == []


def test_a_pace_that_passes_the_bills_end_is_told(database: Database, tmp_path: Path) -> None:
    with database.begin() as conn:
        build.add_people(conn, range(1, 402))
    slow = settings(tmp_path, CAMPAIGN_CAMPAIGN_PER_HOUR="1", CAMPAIGN_SENDGRID_PER_REQUEST="1000")
    assert not any("at this pace" in w.what for w in launch.plan(database, slow, "end-287g", now=NOW).warnings)
    slow = settings(tmp_path, CAMPAIGN_CAMPAIGN_PER_HOUR="1", CAMPAIGN_SENDGRID_PER_REQUEST="300")
    assert any(
        "after H.R. 6890 expires" in w.what
        for w in launch.plan(database, slow, "end-287g", now=DEAD - 10 * 86_400_000).warnings
    )


def test_what_emails_cannot_say_of_a_list_is_told(database: Database, tmp_path: Path) -> None:
    shipped = settings(tmp_path)
    bare = replace(shipped, lists=(ListSource("petition", "petition.csv", title={"en": "Petition"}),))
    told = [
        [w.what for w in launch.check(database, each, "end-287g", NOW).warnings if "[[lists]]" in w.where]
        for each in (shipped, bare)
    ]
    assert told == [[], ["petition has no title in es", "petition has no consent in en and es"]]


def test_events_move_fates_and_keep_people_out(database: Database) -> None:
    _, token, ids = sent(database)
    ours = [{"ct_request": f"{token}.1", "ct_delivery": str(one), "timestamp": 5} for one in ids]
    words = batch(
        ours[0] | {"event": "delivered"},
        ours[0] | {"event": "processed"},
        ours[1] | {"event": "bounce", "type": "bounce", "reason": "550 <person2@example.org> unknown"},
        ours[1] | {"event": "bounce", "type": "bounce", "reason": "550 <person2@example.org> unknown"},
        ours[2] | {"event": "bounce", "type": "blocked"},
        {"event": "bounce", "email": "Stranger@Example.org", "timestamp": 5, "reason": "asynchronous"},
        {"event": "spamreport", "ct_request": "f" * 32, "ct_delivery": str(ids[0]), "timestamp": 5},
        {"event": "brand_new_kind", "timestamp": "soon"},
    )
    for _ in range(2):
        webhook_events.receive(database, words)
    assert webhook_events.apply(database, KEYS).events == 16
    assert webhook_events.apply(database, KEYS).batches == 0
    with database.read() as conn:
        fates = list(conn.scalars(select(delivery.c.fate).order_by(delivery.c.id)))
        kept = sorted(row.kind for row in conn.execute(select(event)))
        details = " ".join(conn.scalars(select(event.c.detail)))
    assert fates == [Fate.DELIVERED, Fate.BOUNCED, Fate.BLOCKED]
    assert [kind for kind in kept if kind == "brand_new_kind"]
    assert "example.org" not in details
    assert suppressed(database) == {
        KEYS.email_hash("person2@example.org"): "bounced",
        KEYS.email_hash("stranger@example.org"): "bounced",
    }


def test_a_repeated_event_of_ours_is_kept_once(database: Database) -> None:
    _, token, ids = sent(database)
    word = {"ct_request": f"{token}.1", "ct_delivery": str(ids[0]), "timestamp": 5, "event": "dropped", "reason": "x"}
    for _ in range(3):
        webhook_events.receive(database, batch(word, word))
        webhook_events.apply(database, KEYS)
    with database.read() as conn:
        assert len(conn.execute(select(event)).all()) == 1


def test_nonsense_in_a_signed_batch_is_not_raised(database: Database) -> None:
    for body in (b"[]", b"[1, null, {}]", b"{}", b"not json", batch({"event": None, "ct_delivery": "9" * 40})):
        webhook_events.receive(database, body)
    assert webhook_events.apply(database, KEYS).batches == 5


def test_an_account_that_changes_pauses_every_campaign(database: Database) -> None:
    made, *_ = sent(database)
    webhook_events.receive(
        database, batch({"event": "account_status_change", "type": "compliance_suspend", "timestamp": 1})
    )
    webhook_events.apply(database, KEYS)
    with database.read() as conn:
        assert campaigns.get(conn, made.slug).paused


@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from(FATES)), min_size=1, max_size=12), st.randoms())
@settings_(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_and_number_of_words_ends_the_same(
    database: Database, words: list[tuple[int, Fate]], random: Random
) -> None:
    """Each example sends a request of its own; told twice, shuffled, in batches of any size, fates are the maximum."""
    made, token, ids = sent_again(database)
    told = [outbox.ProviderEvent(ids[who], token, fate, 1) for who, fate in words] * 2
    random.shuffle(told)
    while told:
        size = random.randint(1, 5)
        with database.begin() as conn:
            outbox.apply_provider_events(conn, told[:size], START)
        del told[:size]
    with database.read() as conn:
        fates = list(conn.scalars(select(delivery.c.fate).where(delivery.c.id.in_(ids)).order_by(delivery.c.id)))
        counters = ask_counts.report(conn, made.slug).waves[0].fates
    assert fates == [max((fate for one, fate in words if one == who), default=0) for who in range(3)]
    assert sum(counters.values()) == sum(fate > 0 for fate in fates)


def test_an_erased_person_gets_nothing_more(database: Database) -> None:
    with database.begin() as conn:
        for number in (1, 2):
            build.add_people(conn, [number], email_hash=KEYS.email_hash(f"person{number}@example.org"))
        made = build.add_campaign(conn)
        build.launch(conn, made)
    assert unsubscribe.erase(database, KEYS, "Person1@Example.org")
    assert not unsubscribe.erase(database, KEYS, "stranger@example.org")
    with database.read() as conn:
        found = ask_counts.report(conn, made.slug).waves[0]
    assert found.states == {"queued": 1, "cancelled": 1}
    assert found.reasons == {"cancelled: erased": 1}
    assert found.adds_up


def test_three_unanswered_in_a_row_pause_and_then_one_goes_at_a_time(database: Database) -> None:
    with database.begin() as conn:
        build.add_people(conn, range(1, 8))
        made = build.add_campaign(conn)
        build.launch(conn, made, per_request=1)
        claims = outbox.claim(conn, made.id, START, requests=4, lease_ms=1000)
        outbox.mark(conn, made.id, claims, START, lease_ms=1000, release="r1")
        outbox.settle(conn, [(claims[0], Accepted())] + [(c, NoAnswer("reset")) for c in claims[1:3]], START)
        assert circuit_breakers.unanswered_in_a_row(conn, made.id) is None
        outbox.settle(conn, [(claims[3], NoAnswer("reset"))], START + 1)
        assert circuit_breakers.unanswered_in_a_row(conn, made.id)
        assert circuit_breakers.careful(conn, made.id)
        fourth = outbox.claim(conn, made.id, START + 2, requests=1, lease_ms=1000)
        outbox.mark(conn, made.id, fourth, START + 2, lease_ms=1000, release="r1")
        outbox.settle(conn, [(fourth[0], Accepted())], START + 2)
        assert not circuit_breakers.careful(conn, made.id)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"state": "unknown", "answered_at": START}, "unknown for more than ten minutes"),
        ({"delivered": 190, "bounced": 11}, "bounced"),
        ({"delivered": 2000, "complained": 3}, "complained"),
        ({"delivered": 200, "bounced": 10}, None),
        ({"delivered": 4000, "complained": 4}, None),
        ({"delivered": 100, "complained": 2}, None),
    ],
)
def test_breakers_pause_by_themselves(database: Database, changes: dict[str, Any], why: str | None) -> None:
    with database.begin() as conn:
        build.add_people(conn, range(1, 5))
        made = build.add_campaign(conn)
        build.launch(conn, made, per_request=1)
        number = 4 if "state" in changes else 1
        ids = list(conn.scalars(select(request.c.id)))[:number]
        conn.execute(update(request).where(request.c.id.in_(ids)).values(**changes))
    circuit_breakers.check(database, made.slug, now=lambda _: START + 11 * 60 * 1000)
    with database.read() as conn:
        found = campaigns.get(conn, made.slug)
    assert found.paused == (why is not None)
    assert (why or "") in found.reason


def test_who_resumes_after_a_breaker_has_looked_and_it_goes_on(database: Database) -> None:
    with database.begin() as conn:
        build.add_people(conn, range(1, 3))
        made = build.add_campaign(conn)
        build.launch(conn, made, per_request=1)
        first, second = conn.scalars(select(request.c.id).order_by(request.c.id))
        bounced = {"delivered": 190, "bounced": 11, "answered_at": START}
        conn.execute(update(request).where(request.c.id == first).values(bounced))
    assert circuit_breakers.check(database, made.slug, now=lambda _: START + 5)
    with database.begin() as conn:
        campaigns.resume(conn, made.id, START + 10)
    assert not circuit_breakers.check(database, made.slug, now=lambda _: START + 15)
    with database.begin() as conn:
        conn.execute(update(request).where(request.c.id == second).values(bounced | {"answered_at": START + 20}))
    assert circuit_breakers.check(database, made.slug, now=lambda _: START + 25), "new bounces count"


def test_explain_tells_a_deliverys_story_without_the_person(database: Database) -> None:
    _, token, ids = sent(database, answer=NoAnswer("reset"))
    webhook_events.receive(
        database,
        batch(
            {"ct_request": f"{token}.1", "ct_delivery": str(ids[0]), "timestamp": 9, "event": "bounce", "reason": "no"}
        ),
    )
    webhook_events.apply(database, KEYS)
    with database.read() as conn:
        found = delivery_history.explain(conn, ids[0])
        assert (found.state, found.fate) == ("accepted", "bounced")
        assert [step.what for step in found.steps if step.what == "no_answer"]
        assert "example.org" not in str(found)
        with pytest.raises(CampaignError, match="no delivery has the id 999"):
            delivery_history.explain(conn, 999)


def test_explain_shows_what_a_provider_reports_after_what_caused_it(database: Database) -> None:
    _, token, ids = sent(database)
    with database.begin() as conn:
        conn.execute(update(request).values(marked_at=START + 400, answered_at=START + 500))
    story = {"ct_request": f"{token}.1", "ct_delivery": str(ids[0]), "timestamp": START // 1000, "event": "delivered"}
    webhook_events.receive(database, batch(story))
    webhook_events.apply(database, KEYS)
    with database.read() as conn:
        steps = [step.what for step in delivery_history.explain(conn, ids[0]).steps]
    assert steps == ["sending", "accepted", "fate: delivered"]


def test_applied_batches_are_forgotten_after_a_week(database: Database) -> None:
    webhook_events.receive(database, b"[]")
    webhook_events.apply(database, KEYS, now=lambda _: 5)
    assert webhook_events.forget(database) == 1
    assert webhook_events.forget(database) == 0


def test_deliveries_without_a_request_cannot_exist(database: Database) -> None:
    from sqlalchemy.exc import IntegrityError

    made, *_ = sent(database)
    with pytest.raises(IntegrityError), database.begin() as conn:
        conn.execute(insert(delivery).values(request_id=999, campaign_id=made.id, wave="x", kind="ask", supporter_id=1))
