"""A letter to Congress's own intake whose answer was lost is asked for again with the same ID, and is taken once."""

from __future__ import annotations

from contextlib import closing
from multiprocessing import get_context
from time import sleep

import pytest
from sqlalchemy import select

from campaign.config import Settings
from campaign.delivery import campaigns, outbox
from campaign.delivery.cwc import codes
from campaign.delivery.sender import open_sender
from campaign.delivery.transport import TryLater
from campaign.outreach.sending import circuit_breakers, drain, lost_answers
from campaign.states import State
from campaign.store import engine
from campaign.store.schema import attempt, request
from campaign.supporters import people
from tests.gateways import Gateways
from tests.store.cwc_site import ask, due, go, states
from tests.store.cwc_site import there as there
from tests.store.site import ADAMS, BUDD, DAY, KEYS, MINUTE, SLUG, TILLIS, Site


@pytest.mark.parametrize("fault", ["lost", "dropped", "503"])
@pytest.mark.parametrize("seat", [ADAMS, TILLIS])
def test_a_lost_answer_is_asked_for_again_with_the_same_id_and_taken_once(
    site: Site, there: Gateways, seat: str, fault: str
) -> None:
    there.faults[codes.chamber(seat)] = [fault]
    go(site, seat)
    site.drain()
    assert states(site) == ["unknown"]
    assert ask(site).accepted == 0, "not before a minute has passed"
    site.at += 2 * MINUTE
    assert due(site) == [SLUG]
    assert ask(site).accepted == 1
    assert states(site) == ["accepted"]
    assert len(there.ids()) == 1
    assert ask(site).accepted == 0
    assert site.states() == ["sent"]


def test_doubt_stays_doubt_as_long_as_the_gateway_says_nothing(site: Site, there: Gateways) -> None:
    there.faults["senate"] = ["503"] * 4
    go(site, BUDD)
    site.drain()
    site.at += 2 * MINUTE
    ask(site)
    assert states(site) == ["unknown"]
    assert due(site) == [], "the next question comes after as long as it is in doubt"
    site.at += MINUTE
    assert due(site) == []
    site.at += MINUTE
    assert due(site) == [SLUG]
    with site.database.read() as conn:
        assert not campaigns.get(conn, SLUG).paused, "the breakers are SendGrid's"


def test_a_refusal_of_the_question_says_nothing_of_the_first_time(site: Site, there: Gateways) -> None:
    there.faults["house"] = ["503", "400"]
    go(site)
    site.drain()
    site.at += 2 * MINUTE
    assert ask(site).accepted == 0
    assert states(site) == ["unknown"]
    assert lost_answers.REFUSED_AGAIN in [row.detail for row in site.rows(select(attempt.c.detail))]
    assert site.follow().fallen == 0, "the office may have it: it takes no other way"
    site.at += DAY
    assert due(site) == []
    assert ask(site).accepted == 0


@pytest.mark.parametrize("how", ["campaign", "writer", "erased"])
def test_a_letter_in_doubt_that_was_canceled_is_not_asked_about(site: Site, there: Gateways, how: str) -> None:
    """To ask is to send again: the gateway would take it now if it had not taken it before."""
    there.faults["house"] = ["dropped"]
    go(site)
    site.drain()
    assert states(site) == ["unknown"]
    with site.database.begin() as conn:
        if how == "campaign":
            outbox.cancel_all(conn, 1, "wrong text")
        elif how == "writer":
            assert not outbox.cancel_letter(conn, 1, "taken back"), "it may have left"
        else:
            outbox.cancel_supporter(conn, site.people[0], "erased")
    site.at += 2 * MINUTE
    assert due(site) == []
    ask(site)
    assert there.taken() == []
    assert states(site) == ["unknown"]


@pytest.mark.parametrize("how", ["link", "list"])
def test_a_letter_in_doubt_whose_supporter_opted_out_untold_is_not_asked_about(
    site: Site, there: Gateways, how: str
) -> None:
    there.faults["house"] = ["dropped"]
    site.answers = [TryLater("429", 30 * DAY)]  # to the receipt
    go(site)
    site.drain()
    assert states(site) == ["unknown"]
    if how == "link":
        site.unsubscribe()
    else:
        with site.database.begin() as conn:
            people.suppress(conn, [KEYS.email_hash("person1@example.org")], "listed", "tests", site.at)
    site.at += 2 * MINUTE
    ask(site)
    assert there.taken() == []
    assert states(site) == ["unknown"]


def test_a_paused_campaign_asks_nothing(site: Site, there: Gateways) -> None:
    there.faults["house"] = ["dropped"]
    go(site)
    site.drain()
    site.at += 2 * MINUTE
    with site.database.begin() as conn:
        campaigns.pause(conn, 1, "a person", site.at)
    assert due(site) == []
    ask(site)
    assert there.taken() == []


def test_an_id_that_was_used_before_its_first_try_waits_for_a_person(site: Site, there: Gateways) -> None:
    go(site, BUDD)
    site.drain()
    go(site, TILLIS)
    waiting = select(request.c.token).where(request.c.state == State.QUEUED.value, request.c.kind == "letter")
    ((token,),) = site.rows(waiting)
    there.repeat(token)  # what another installation sent, from a copied database
    site.drain()
    assert states(site) == ["accepted", "unknown"]
    assert "409" in site.rows(select(attempt.c.detail))[0].detail
    site.at += DAY
    assert ask(site).accepted == 0
    assert states(site)[1] == "unknown"


def worker(url: str, settings: Settings, at: int) -> None:
    """A worker process: sends what is due."""
    with closing(open_sender(engine.connect(url), KEYS, settings)) as me:
        drain.drain(me, SLUG, seconds=300, now=lambda _: at)


@pytest.mark.deep
@pytest.mark.parametrize(("fault", "taken"), [("hang", 1), ("", 0)])
def test_a_worker_killed_while_it_waits_leaves_doubt_that_the_gateway_settles(
    site: Site, there: Gateways, database_url: str, fault: str, taken: int
) -> None:
    go(site, BUDD)
    there.faults["senate"] = [fault] if fault else []
    there.deaf = not fault  # it hears, and has taken nothing yet
    process = get_context("spawn").Process(target=worker, args=(database_url, site.settings, site.at))
    process.start()
    for _ in range(6000):
        if any("production-messages" in call for call in there.calls) and len(there.ids()) == taken:
            break
        sleep(0.05)
    process.kill()
    process.join()
    assert len(there.ids()) == taken
    assert states(site) == ["sending"]
    there.deaf = False
    site.at += 10 * MINUTE
    circuit_breakers.sweep(site.database, now=lambda _: site.at)
    assert states(site) == ["unknown"]
    assert ask(site).accepted == 1
    assert states(site) == ["accepted"]
    assert len(there.ids()) == 1
