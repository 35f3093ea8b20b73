"""The plan's numbers are those that counting by hand gives."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from sqlalchemy import insert

from campaign.config import ROOT
from campaign.congress import contacts as office_contacts
from campaign.congress import roster
from campaign.congress.contacts import UNANSWERED, Contact
from campaign.outreach.launch import plan as plans
from campaign.outreach.launch.plan import Plan
from campaign.store.engine import Database
from campaign.store.schema import supporter
from tests import build
from tests.store.site import SLUG, START

ROSTER = roster.load()
PEOPLE, CONTACTS = 400, 60


def planned(database: Database) -> Plan:
    with database.read() as conn:
        return plans.plan(conn, ROOT / "templates", SLUG, START)


def fill(database: Database, seed: int) -> tuple[list[str], dict[str, Contact]]:
    """People of random ZIP codes, a few of whom are suppressed or unknown, and contacts of every kind."""
    pick = random.Random(seed)
    zips = [*pick.sample(sorted(ROSTER.zips), PEOPLE - 3), "", "00000", "95568"]
    kinds = (
        ("each", "2026-11-10", "", ""),
        ("each", "", "by phone", ""),
        ("daily", "2026-11-10", "", ""),
        ("each", "", "", UNANSWERED),
    )
    contacts = {}
    for seat in pick.sample(sorted(ROSTER.seats), CONTACTS):
        wants, answered, reason, off = pick.choice(kinds)
        contacts[seat] = Contact(
            seat, "staff@example.org", wants, "us", answered, reason, pick.choice([(), ("street",)]), off=off
        )
    with database.begin() as conn:
        rows = [build.person(number, zip=zip_) for number, zip_ in enumerate(zips)]
        conn.execute(insert(supporter), rows)
        for number in range(0, PEOPLE, 50):
            build.suppress(conn, number)
        office_contacts.load(conn, list(contacts.values()), START)
    return [zip_ for number, zip_ in enumerate(zips) if number % 50], contacts


@pytest.mark.parametrize("seed", [1, 2])
def test_the_plan_counts_what_counting_by_hand_counts(database: Database, seed: int) -> None:
    zips, contacts = fill(database, seed)
    found = planned(database)
    sure, perhaps = Counter[str](), Counter[str]()
    reach = choose = 0
    for zip_ in zips:
        house = ROSTER.zips.get(zip_, ())
        states = {code[2:4] for code in house}
        senate = [f"S:{state}:{number}" for state in states for number in (1, 2, 3) if len(states) == 1]
        certain = [code for code in [*(house if len(house) == 1 else ()), *senate] if held(code)]
        candidates = [code for code in house if len(house) > 1 and held(code)]
        sure.update(certain)
        perhaps.update(candidates)
        reach += bool(certain or candidates)
        choose += bool(candidates)
    assert {one.seat: (one.people, one.perhaps) for one in found.offices} == {
        code: (sure[code], perhaps[code]) for code in ROSTER.seats
    }
    assert found.people == {"all": len(zips), "reach": reach, "choose": choose, "none": len(zips) - reach}
    for one in found.offices:
        assert one.channel == channel(one.seat, contacts), one.seat
        assert one.then == ((form(one.seat),) if one.channel == "email" and form(one.seat) else ())
    mailed = sum(channel(code, contacts) == "email" for code in ROSTER.seats)
    assert found.reached("email") == mailed > 0
    assert sum(offices for offices, _ in found.ways.values()) == len(ROSTER.seats)
    assert found.contacts["loaded"] == CONTACTS
    street = sum(channel(code, contacts) == "email" and "street" in contacts[code].needs for code in ROSTER.seats)
    assert found.asked("email").get(("street", "page"), 0) == street
    for way in ("form", "website"):
        by_hand = sum(channel(code, contacts) == way for code in ROSTER.seats)
        assert found.reached(way) == plans.numbers(found)["offices"][way] == by_hand > 0
    assert found.asked("form").get(("street", "page")) is None, "the office's form asks for it, we do not"


def held(code: str) -> bool:
    seat = ROSTER.seats.get(code)
    return seat is not None and seat.holder is not None


def form(code: str) -> str:
    """Whether the form of a seat is known, or only the website; "" for neither."""
    holder = ROSTER.seats[code].holder
    return "" if holder is None else "form" if holder.form else "website" if holder.url else ""


def channel(code: str, contacts: dict[str, Contact]) -> str:
    contact = contacts.get(code)
    if contact and held(code) and not contact.off:
        return "email"
    return form(code)
