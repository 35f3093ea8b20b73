"""Afterwards: what can be taken back, told, disowned and erased, and what has left for good."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import select, update

from campaign.delivery import outbox
from campaign.delivery.transport import TryLater
from campaign.letters import letters
from campaign.links import BadLink
from campaign.outreach.action_page import actions, confirm, unsubscribe
from campaign.store.schema import campaign as campaign_table
from campaign.store.schema import letter, new_zip, request, supporter
from tests.store.site import (
    ADAMS,
    BUDD,
    HERE,
    KEYS,
    MINUTE,
    TILLIS,
    Site,
)


def test_what_has_not_left_is_taken_back_and_may_be_written_again(site: Site) -> None:
    site.contact()
    first = site.write().letters[0].letter
    assert [one.state for one in site.act(actions.take_back, zip=HERE, letter=first).letters] == ["withdrawn"]
    assert site.rows(select(letter.c.words)) == [(None,)]
    site.write()
    site.at += 20 * MINUTE  # the office gets its letters some minutes apart
    assert sorted(site.drain()) == ["letter", "receipt"]
    assert site.states() == ["withdrawn", "sent"]


def test_a_letter_taken_back_under_the_worker_that_claimed_it_does_not_leave(site: Site) -> None:
    site.contact()
    number = site.write().letters[0].letter
    site.at += 16 * MINUTE
    with site.database.begin() as conn:
        claims = outbox.claim(conn, 1, site.at, requests=10, lease_ms=120_000)
    assert {claim.kind for claim in claims} == {"letter", "receipt"}
    assert site.act(actions.take_back, zip=HERE, letter=number).letters[0].state == "withdrawn"
    with site.database.begin() as conn:
        hashed = conn.scalars(select(campaign_table.c.release)).one()
        outbox.hold(conn, [claim.id for claim in claims if claim.kind == "letter"], "held meanwhile")
        marked = outbox.mark(conn, 1, claims, site.at, lease_ms=120_000, release=hashed)
    assert {claim.kind for claim in claims if claim.id in marked} == {"receipt"}
    assert site.rows(select(request.c.state).where(request.c.kind == "letter")) == [("cancelled",)]


def test_a_letter_confirmed_while_a_receipt_is_being_made_gets_its_own(site: Site) -> None:
    site.write()
    site.at += 4 * MINUTE
    with site.database.begin() as conn:
        outbox.claim(conn, 1, site.at, requests=10, lease_ms=120_000)
    site.write(seat=TILLIS)
    site.write(seat=BUDD)
    assert site.counts()["receipt deliveries"] == 2


def test_what_has_left_is_not_taken_back(site: Site) -> None:
    site.contact()
    number = site.write().letters[0].letter
    site.at += 16 * MINUTE
    site.drain()
    assert [one.state for one in site.act(actions.take_back, zip=HERE, letter=number).letters] == ["sent"]
    assert site.rows(select(letter.c.withdrawn_at)) == [(None,)]
    assert site.disown() == 1
    assert site.states() == ["sent"], "what has left has left, whoever says what"


def test_what_she_tells_of_the_form_is_reported_and_never_sent(site: Site) -> None:
    site.write()
    for told, state in (("chosen", "ready"), ("sent", "reported"), ("failed", "ready"), ("maybe", "ready")):
        page = site.act(actions.record_form, zip=HERE, seat=ADAMS, told=told)
        assert [one.state for one in page.letters] == [state]


def test_disowning_withdraws_what_has_not_left(site: Site) -> None:
    site.contact()
    site.write()
    site.write(seat=TILLIS)
    assert site.disown() == 2
    assert site.disown() == 0
    site.at += 17 * MINUTE
    assert site.drain() == [], "neither letter nor receipt, and no code"
    assert site.states() == ["withdrawn", "withdrawn"]


@pytest.mark.parametrize("how", ["page", "address"])
def test_erasure_takes_everything_that_names_her(site: Site, how: str) -> None:
    site.contact()
    site.write()
    site.write(seat=TILLIS)
    site.move()
    if how == "page":
        site.forget()
    else:
        assert unsubscribe.erase(site.database, KEYS, "Person1@example.org")
    assert site.rows(select(letter.c.words, letter.c.reason)) == [(None, "erased")] * 2
    assert site.rows(select(new_zip.c.zip)) == []
    assert site.rows(select(supporter.c.email, supporter.c.zip).where(supporter.c.id == site.people[0])) == [(None, "")]
    site.at += 17 * MINUTE
    assert site.drain() == []
    with pytest.raises(BadLink):
        site.enter()


def test_who_is_erased_while_a_letter_is_confirmed_leaves_no_words(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.contact()
    form, real, others = site.form(), letters.confirm, list[threading.Thread]()

    def meanwhile(*args: Any) -> int | None:
        other = threading.Thread(target=lambda: unsubscribe.erase(site.database, KEYS, "person1@example.org"))
        others.append(other)
        other.start()
        other.join(1)  # it ends by now, or waits for this transaction
        return real(*args)

    monkeypatch.setattr(letters, "confirm", meanwhile)
    site.act(confirm.confirm, 1, **form)
    others[0].join()
    assert site.rows(select(letter.c.id).where(letter.c.words.is_not(None))) == []


def test_an_erased_persons_letter_that_comes_back_to_the_queue_makes_no_call(site: Site) -> None:
    site.contact()
    site.write()
    site.at += 16 * MINUTE
    site.answers = [TryLater("429", 1000), TryLater("429", 1000)]
    site.drain()
    with site.database.begin() as conn:  # erased while it was on its way, as far as anybody knew
        conn.execute(update(request).where(request.c.kind == "letter").values(state="sending", lease_until=site.at))
    unsubscribe.erase(site.database, KEYS, "person1@example.org")
    with site.database.begin() as conn:
        conn.execute(update(request).where(request.c.kind == "letter").values(state="queued", lease_until=None))
    site.at += 2 * MINUTE
    before = len(site.mails)
    site.drain()
    assert site.mails[before:] == []
