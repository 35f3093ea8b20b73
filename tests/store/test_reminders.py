"""A reminder goes to a supporter who has not acted by the moment it is sent, and within the campaign's window."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Connection, select, update

from campaign.delivery import campaigns, outbox
from campaign.delivery.campaigns import Campaign
from campaign.delivery.outbox.transitions import count_states
from campaign.delivery.transport import Accepted, TryLater
from campaign.letters import letters, reported
from campaign.letters.reported import Report, ReportedWay
from campaign.model import Claimed
from campaign.store.engine import Database
from campaign.store.schema import delivery, request
from campaign.supporters import segments
from tests import build
from tests.build import START
from tests.store.site import Site

LEASE = 1_000
Act = Callable[[Connection, int], None]


def write(conn: Connection, who: int) -> None:
    build.add_letter(conn, who)


def write_and_take_back(conn: Connection, who: int) -> None:
    letters.withdraw(conn, build.add_letter(conn, who), "taken back", START)


def did(way: ReportedWay, outcome: str) -> Act:
    report = Report(seat="H:NC:12", holder="A000370", way=way, outcome=outcome, at=START)
    return lambda conn, who: reported.record(conn, 1, who, report)


ACTED: list[Act] = [write, write_and_take_back, did("call", "answered"), did("call", "voicemail"), did("form", "sent")]
NOT_YET: list[Act] = [
    did("call", "busy"),
    did("form", "chosen"),
    did("form", "failed"),
    lambda conn, who: letters.count_first_visit(conn, 1, who, START),
]


@pytest.fixture
def campaign(database: Database) -> Campaign:
    """Seven supporters who were asked; the requests hold three, three and one."""
    with database.begin() as conn:
        build.add_people(conn, range(1, 8))
        made = build.add_campaign(conn)
        build.launch(conn, made)
        claims = outbox.claim(conn, made.id, START, requests=10, lease_ms=LEASE)
        outbox.mark(conn, made.id, claims, START, lease_ms=LEASE, release="r1")
        outbox.settle(conn, [(claim, Accepted("x")) for claim in claims], START)
    return made


def launch(database: Database, campaign: Campaign) -> None:
    with database.begin() as conn:
        build.launch(conn, campaign, wave="reminder")


def claim(database: Database, campaign: Campaign, now: int = START) -> list[Claimed]:
    with database.begin() as conn:
        return outbox.claim(conn, campaign.id, now, requests=10, lease_ms=LEASE)


def mark(database: Database, campaign: Campaign, claims: list[Claimed], now: int = START) -> list[int]:
    """The supporters to whom these go."""
    with database.begin() as conn:
        marked = outbox.mark(conn, campaign.id, claims, now, lease_ms=LEASE, release="r1")
        for request_id, kept in marked.items():
            assert kept is None or kept == set(outbox.open_deliveries(conn, request_id))
        going = select(delivery.c.supporter_id).where(
            delivery.c.request_id.in_(marked), delivery.c.outcome.is_(None), delivery.c.campaign_id == campaign.id
        )
        return sorted(conn.scalars(going))


def states(database: Database, campaign: Campaign, wave: str = "reminder") -> dict[str, int]:
    with database.read() as conn:
        return count_states(conn, campaign.id, wave)


def people(database: Database) -> list[int]:
    with database.read() as conn:
        return sorted(set(conn.scalars(select(delivery.c.supporter_id))))


@pytest.mark.parametrize("act", ACTED, ids=["letter", "letter taken back", "call", "voicemail", "form"])
@pytest.mark.parametrize("claimed", [True, False], ids=["after the claim", "before the claim"])
def test_who_acts_after_the_launch_gets_no_reminder(
    database: Database, campaign: Campaign, act: Act, claimed: bool
) -> None:
    launch(database, campaign)
    first, *others = people(database)
    claims = claim(database, campaign) if claimed else []
    with database.begin() as conn:
        act(conn, first)
    assert mark(database, campaign, claims or claim(database, campaign)) == others
    assert states(database, campaign) == {"sending": 6, "cancelled": 1}
    with database.read() as conn:
        assert conn.scalars(select(delivery.c.reason).where(delivery.c.outcome == "cancelled")).all() == [
            "already acted"
        ]


@pytest.mark.parametrize("act", NOT_YET, ids=["busy", "chosen form", "failed form", "visit"])
def test_who_has_not_acted_gets_the_reminder(database: Database, campaign: Campaign, act: Act) -> None:
    launch(database, campaign)
    with database.begin() as conn:
        act(conn, people(database)[0])
    assert mark(database, campaign, claim(database, campaign)) == people(database)


@pytest.mark.parametrize("act", [*ACTED, *NOT_YET])
def test_the_launch_and_the_mark_agree(database: Database, campaign: Campaign, act: Act) -> None:
    """Whom a launch would leave out now, a reminder that was launched before leaves out too."""
    launch(database, campaign)
    with database.begin() as conn:
        act(conn, people(database)[0])
        with segments.variants(conn, []):
            eligible = segments.eligible(campaign.id, "last-call", again=True)
            asked = sorted(row.supporter_id for row in conn.execute(eligible))
    assert mark(database, campaign, claim(database, campaign)) == asked


def test_a_first_ask_goes_to_who_has_acted_all_the_same(database: Database) -> None:
    with database.begin() as conn:
        ids = build.add_people(conn, [1, 2])
        made = build.add_campaign(conn)
        build.launch(conn, made)
        build.add_letter(conn, ids[0])
    assert mark(database, made, claim(database, made)) == ids


def test_a_letter_in_another_campaign_is_no_reason(database: Database, campaign: Campaign) -> None:
    with database.begin() as conn:
        other = build.add_campaign(conn, "other")
        build.add_letter(conn, people(database)[0], campaign_id=other.id)
    launch(database, campaign)
    assert mark(database, campaign, claim(database, campaign)) == people(database)


def test_a_request_in_which_all_have_acted_makes_no_call(database: Database, campaign: Campaign) -> None:
    launch(database, campaign)
    with database.begin() as conn:
        for who in people(database):
            build.add_letter(conn, who)
    assert mark(database, campaign, claim(database, campaign)) == []
    assert states(database, campaign) == {"cancelled": 7}


def test_who_acts_while_the_provider_says_later_gets_no_reminder(database: Database, campaign: Campaign) -> None:
    launch(database, campaign)
    claims = claim(database, campaign)
    mark(database, campaign, claims)
    with database.begin() as conn:
        outbox.settle(conn, [(one, TryLater("429", 500)) for one in claims], START)
        build.add_letter(conn, people(database)[0])
    assert mark(database, campaign, claim(database, campaign, START + 500), START + 500) == people(database)[1:]


@pytest.mark.parametrize("wave", ["first", "reminder"])
def test_an_ask_does_not_go_after_the_last_day_however_it_waited(database: Database, wave: str) -> None:
    """Claimed before and marked after, or told by the provider to come back later."""
    closes = START + 10_000
    with database.begin() as conn:
        build.add_people(conn, range(1, 8))
        made = build.add_campaign(conn, closes_at=closes)
        build.launch(conn, made, wave=wave)
    claims = claim(database, made, closes - 1)
    with database.begin() as conn:
        conn.execute(update(request).values(lease_until=closes + LEASE))
    assert mark(database, made, claims, closes) == []
    assert states(database, made, wave) == {"queued": 7}
    again = claim(database, made, closes - 1)
    with database.begin() as conn:
        outbox.mark(conn, made.id, again, closes - 1, lease_ms=LEASE, release="r1")
        outbox.settle(conn, [(one, TryLater("429", 600_000)) for one in again], closes - 1)
    assert claim(database, made, closes + 600_000) == []


def test_a_drain_sends_no_reminder_to_who_has_confirmed_a_letter(site: Site) -> None:
    with site.database.begin() as conn:
        made = campaigns.get(conn, "end-287g")
        build.launch(conn, made, wave="reminder", now=site.at)
    site.write()
    site.drain()
    asks = [mail for mail in site.mails if "substitutions" in mail["personalizations"][0]]
    assert [one["to"][0]["email"] for mail in asks for one in mail["personalizations"]] == ["person2@example.org"]
