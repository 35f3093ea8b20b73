"""Asks and letters when the new House opens state by state, and in any order of syncs and letters."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from sqlalchemy import select, update

from campaign.congress import districts
from campaign.congress import snapshot as books
from campaign.congress.geocoding import cache
from campaign.congress.geocoding.agreement import Agreement
from campaign.delivery import campaigns
from campaign.outreach.transition import letter_decision
from campaign.outreach.transition.pending_letters import ReviewCounts
from campaign.store.schema import delivery, letter, request, supporter
from campaign.supporters import people
from tests import build
from tests.store.new_congress import (
    BEFORE,
    CONTACTS,
    DISTRICT,
    ILLINOIS,
    SUCCESSOR,
    UTAH,
    WYOMING,
    look,
    mend,
    new_house,
    opened,
    roster_of,
    states,
    status,
    sync,
    wait_in_two_states,
)
from tests.store.site import ADAMS, BUDD, DAY, HERE, MINUTE, SLUG, SPLIT, START, SWITCHED, TILLIS, Site


@pytest.mark.parametrize("locale", ["en", "es"])
def test_an_ask_names_the_readers_representative_in_each_language(site: Site, locale: str) -> None:
    with site.database.begin() as conn:
        build.launch(conn, campaigns.get(conn, SLUG), now=site.at, per_request=10)
    site.do(update(request).where(request.c.kind == "ask").values(variant="representative", locale=locale))
    site.drain()
    (ask,) = site.mails
    assert all("Rep. Adams" in " ".join(one["substitutions"].values()) for one in ask["personalizations"])


@pytest.mark.parametrize("locale", ["en", "es"])
def test_asks_that_name_a_representative_wait_for_the_new_house(site: Site, locale: str) -> None:
    """The bill of this campaign dies earlier; with a successor its asks would go on naming the old House."""

    def change(files: dict[str, str]) -> dict[str, str]:
        facts = files["facts.toml"].replace('expires = "2027-01-03T12:00:00-05:00"', 'expires = "2029-01-03"')
        return {**files, "campaign.toml": files["campaign.toml"] + SUCCESSOR, "facts.toml": facts}

    mend(site, change)
    with site.database.begin() as conn:
        found = campaigns.get(conn, SLUG)
        build.launch(conn, found, now=site.at, per_request=10)
    site.do(update(request).where(request.c.kind == "ask").values(variant="representative", locale=locale))
    site.at = SWITCHED
    site.drain()
    held = select(request.c.state, request.c.reason).where(request.c.kind == "ask").distinct()
    assert site.rows(held) == [("held", f"{letter_decision.WAITS['house']} except in PR")], (
        "its one term has four years"
    )
    assert look(site) == ReviewCounts()
    sync(site, new_house())
    assert look(site).asks == 1
    site.drain()
    assert site.rows(select(request.c.state).where(request.c.kind == "ask").distinct()) == [("accepted",)]


def test_each_state_opens_when_its_members_and_lines_are_known(site: Site) -> None:
    """New members open the states that keep their lines; new lines open their own state."""
    numbers = {HERE: 1, ILLINOIS: 3, UTAH: 4, WYOMING: 5, DISTRICT: 6}
    with site.database.begin() as conn:
        for zip_, number in numbers.items():
            if zip_ != HERE:
                site.people += build.add_people(conn, [number], zip=zip_)
    site.at = SWITCHED

    def shown(zip_: str) -> tuple[list[str], list[str]]:
        page = site.enter(zip_, number=numbers[zip_])
        return [one.seat for one in page.offices if one.house], [one.why for one in page.closed]

    assert [shown(zip_) for zip_ in numbers] == [([], ["members"])] * 5
    sync(site, opened(site))
    assert shown(HERE) == ([], ["lines"])
    assert shown(UTAH) == ([], ["lines"])
    assert shown(ILLINOIS) == (["H:IL:7"], [])
    assert shown(WYOMING) == (["H:WY:0"], [])
    assert shown(DISTRICT) == (["H:DC:0"], [])
    assert [one.seat for one in site.enter(UTAH, number=4).offices] == ["S:UT:1", "S:UT:3"], "senators are not closed"
    sync(site, opened(site, "UT"))
    assert shown(HERE) == ([], ["lines"])
    assert shown(UTAH) == (["H:UT:1"], [])


def test_an_address_found_on_the_new_lines_needs_no_map(site: Site) -> None:
    site.at = SWITCHED
    sync(site, opened(site))
    verdict = Agreement("H:NC:8", "", "census+tigerweb", "v", "H:NC:8")
    with site.database.begin() as conn:
        cache.keep(conn, b"found", verdict, congress=120, method="address", now=site.at, until=site.at + 100 * DAY)
        people.set_address_hash(conn, {site.people[0]: b"found"})
    site.contact("H:NC:8")
    page = site.enter()
    assert (page.closed, [one.seat for one in page.offices if one.house]) == ((), ["H:NC:8"])
    site.write(seat="H:NC:8")
    assert look(site) == ReviewCounts()
    site.at += 20 * MINUTE
    assert site.drain().count("letter") == 1
    assert [one.why for one in site.enter(number=2).closed] == ["lines"]


def test_letters_go_on_in_states_that_are_open_and_wait_in_the_others(site: Site) -> None:
    wait_in_two_states(site)
    sync(site, opened(site))
    assert look(site) == ReviewCounts(released=1)
    assert look(site) == ReviewCounts()
    assert {row.state for row in states(site)} == {"held", "queued"}
    assert status(site).why == "house"
    site.at += 20 * MINUTE
    assert site.drain().count("letter") == 1
    sync(site, opened(site, "NC"))
    assert look(site) == ReviewCounts(released=1)


def test_only_asks_to_readers_in_closed_states_wait(site: Site) -> None:
    """One request holds readers of many states: those in open states get theirs."""

    def change(files: dict[str, str]) -> dict[str, str]:
        facts = files["facts.toml"].replace('expires = "2027-01-03T12:00:00-05:00"', 'expires = "2029-01-03"')
        return {**files, "campaign.toml": files["campaign.toml"] + SUCCESSOR, "facts.toml": facts}

    mend(site, change)
    with site.database.begin() as conn:
        for number, zip_ in enumerate((ILLINOIS, UTAH, WYOMING, "00001"), 3):
            site.people += build.add_people(conn, [number], zip=zip_)
        build.launch(conn, campaigns.get(conn, SLUG), now=site.at, per_request=10)
    site.do(update(request).where(request.c.kind == "ask").values(variant="representative"))
    site.at = SWITCHED
    sync(site, opened(site))

    def asks() -> dict[str, tuple[str, str, str]]:
        joined = delivery.join(request, request.c.id == delivery.c.request_id)
        joined = joined.join(supporter, supporter.c.id == delivery.c.supporter_id)
        columns = (supporter.c.zip, request.c.state, request.c.reason, delivery.c.outcome)
        rows = site.rows(select(*columns).select_from(joined).where(request.c.kind == "ask"))
        return {row.zip: (row.state, row.reason, row.outcome or "") for row in rows}

    site.drain()
    waits = f"{letter_decision.WAITS['house']} in AL, CA, FL, LA, NC, OH, TN, TX, UT"
    found = asks()
    assert (found[ILLINOIS], found[WYOMING]) == (("accepted", "", ""), ("accepted", "", ""))
    assert (found[HERE], found[UTAH]) == (("held", waits, ""), ("held", waits, ""))
    assert found["00001"][2] == "refused", "no state is known, so what it says of the reader is not true"
    assert look(site) == ReviewCounts(), "nothing has opened since"
    sync(site, opened(site, "UT"))
    assert look(site).asks == 1
    assert look(site).asks == 0
    site.drain()
    found = asks()
    assert found[UTAH] == ("accepted", "", "")
    assert found[HERE] == ("held", waits.replace(", UT", ""), "")
    sync(site, opened(site, *districts.REDRAWN[120]))
    assert look(site).asks == 1
    site.drain()
    assert asks()[HERE] == ("accepted", "", "")
    sizes = site.rows(select(request.c.size).where(request.c.kind == "ask"))
    assert sum(row.size for row in sizes) == len(site.people) - 1
    mailed = [to["email"] for mail in site.mails for one in mail["personalizations"] for to in one["to"]]
    assert len(mailed) == len(set(mailed)) == len(site.people) - 1, "each reader got one ask"


def test_what_goes_on_keeps_the_pace_of_its_office(site: Site) -> None:
    site.at = BEFORE
    site.contact()
    for number in (1, 2):
        site.write(number=number)
    site.at = SWITCHED
    site.do(update(letter).values(valid_until=None))
    look(site)
    sync(site, new_house())
    assert look(site) == ReviewCounts(released=2)
    first, second = site.rows(select(request.c.due_at).where(request.c.kind == "letter").order_by(request.c.due_at))
    assert second.due_at - first.due_at == 2 * MINUTE


STEPS = st.tuples(st.sampled_from(("write", "sync", "back", "tick", "send", "wait", "chosen")), st.integers(0, 11))


@pytest.mark.deep
@hypothesis(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=4, max_size=14))
def test_no_letter_ever_leaves_for_somebody_who_does_not_hold_the_seat(
    site: Site, steps: list[tuple[str, int]]
) -> None:
    """Whatever the order of syncs, ticks, sends and letters."""
    start = books.packaged()
    snapshots = [start, new_house((ADAMS, TILLIS)), new_house((), {HERE: ("H:NC:14",)}), new_house((BUDD,))]
    site.at = START
    for seat in CONTACTS:
        site.contact(seat)
    sync(site, start)
    for step, choice in steps:
        if step in ("write", "chosen"):
            number = len(site.people) + 1
            zip_ = SPLIT if step == "chosen" else HERE
            with site.database.begin() as conn:
                site.people += build.add_people(conn, [number], zip=zip_)
            page = site.enter(zip_, number=number)
            free = [office.seat for office in (*page.offices, *page.candidates) if office.channel]
            if free:
                site.write(zip_, free[choice % len(free)], number)
        elif step in ("sync", "back"):
            sync(site, snapshots[choice % len(snapshots)] if step == "sync" else start)
        elif step == "tick":
            look(site)
        elif step == "wait":
            site.at = (site.at + 20 * MINUTE, max(site.at, BEFORE), max(site.at, SWITCHED))[choice % 3]
        else:
            before = set(site.rows(sent_letters()))
            site.drain()
            for row in set(site.rows(sent_letters())) - before:
                seat = roster_of(site).seats[row.seat]
                assert seat.holder is not None
                assert seat.holder.bioguide == row.holder
                assert row.valid_until is None or site.at < row.valid_until


def sent_letters() -> Any:
    return (
        select(letter.c.id, letter.c.seat, letter.c.holder, letter.c.valid_until)
        .join(delivery, delivery.c.letter_id == letter.c.id)
        .join(request, request.c.id == delivery.c.request_id)
        .where(request.c.state == "accepted")
    )
