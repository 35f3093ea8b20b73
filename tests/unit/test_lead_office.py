"""Which office a supporter is asked to reach first, of those that take only forms, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.compose.campaign_folder import folder, positions
from campaign.compose.messages import letter
from campaign.model import Seat
from campaign.outreach.routing import lead_office
from campaign.outreach.routing.lead_office import LeadOffice, WhySenator
from tests.unit.compose_samples import SHIPPED, seat

BILL, PRECEDENT = SHIPPED.acts.every[:2]
NOW, AFTER = SHIPPED.campaign.opens + 1, SHIPPED.campaign.bill_at(SHIPPED.campaign.opens).expires
ASKED, SUPPORTS, HELD, LEAVING = "X000001", "X000002", "X000003", "X000004"
ROW = """
[[position]]
bioguide = "{}"
stance = "{}"
source = "A statement"
date = 2026-11-20
approved_by = "Ana Ruiz"
"""
POSITIONS = 'opposes = "hold"\n' + ROW.format(SUPPORTS, "supports") + ROW.format(HELD, "opposes")
FOLDER = folder.parse(SHIPPED.slug, {**SHIPPED.files, positions.NAME: f'leaving = ["{LEAVING}"]\n{POSITIONS}'})
FIRST, SECOND = seat("S:NC:2", "X000011"), seat("S:NC:3", "X000012")
SENATORS = (FIRST, SECOND)


def house(bioguide: str = ASKED) -> Seat:
    return seat("H:NC:12", bioguide)


def lead(*offices: Seat, now: int = NOW, closed: bool = False, unsure: bool = False) -> LeadOffice | None:
    return lead_office.lead(FOLDER, offices, now=now, closed=closed, unsure=unsure)


def test_the_representative_comes_first() -> None:
    assert lead(house(), *SENATORS) == LeadOffice(house(), "")


@pytest.mark.parametrize(
    ("representative", "why"),
    [
        (house(BILL.sponsor), "signed_on"),
        (house(BILL.cosponsors[0]), "signed_on"),
        (house(SUPPORTS), "supports"),
        (house(LEAVING), "leaving"),
        (Seat("H:NC:12", None), "vacant"),
        (Seat("H:NC:12", None, "its holder is not known yet", known=False), "closed"),
        (house(HELD), ""),
    ],
)
def test_the_first_senator_comes_before_a_representative_who_need_not_be_asked(
    representative: Seat, why: WhySenator
) -> None:
    assert lead(representative, *SENATORS) == LeadOffice(FIRST, why)


def test_the_first_senator_comes_first_while_the_representative_is_not_certain() -> None:
    assert lead(house(), *SENATORS, closed=True) == LeadOffice(FIRST, "closed")
    assert lead(*SENATORS, unsure=True) == LeadOffice(FIRST, "unsure")
    assert lead(*SENATORS) == LeadOffice(FIRST, ""), "we deliver to the representative"


def test_a_member_known_to_have_left_office_is_leaving() -> None:
    representative = house()
    assert representative.holder is not None
    left = replace(representative, holder=replace(representative.holder, left="2026-12-31"))
    assert lead(left, *SENATORS) == LeadOffice(FIRST, "leaving")


def test_a_senator_who_can_be_asked_comes_before_one_who_is_thanked_or_leaving() -> None:
    for bioguide in (PRECEDENT.sponsor, LEAVING):
        assert lead(house(SUPPORTS), seat("S:NC:2", bioguide), SECOND) == LeadOffice(SECOND, "supports")
    assert lead(house(LEAVING), seat("S:NC:2", LEAVING)) == LeadOffice(seat("S:NC:2", LEAVING), "leaving")
    assert lead(house(LEAVING), Seat("S:NC:2", None), seat("S:NC:3", HELD)) == LeadOffice(house(LEAVING), "")


def test_where_there_is_no_senator_the_representative_is_first_or_nobody() -> None:
    assert lead(house(BILL.sponsor)) == LeadOffice(house(BILL.sponsor), "")
    assert lead(house(), closed=True) is None
    assert lead(house(HELD)) is None
    assert lead() is None


def test_a_signature_counts_only_until_the_bill_expires() -> None:
    assert lead(house(BILL.sponsor), *SENATORS, now=AFTER) == LeadOffice(house(BILL.sponsor), "")
    assert lead(house(LEAVING), *SENATORS, now=AFTER) == LeadOffice(FIRST, "leaving")


HOLDERS = st.sampled_from([ASKED, SUPPORTS, HELD, LEAVING, BILL.sponsor, PRECEDENT.sponsor, ""])


def _seat(code: str, bioguide: str) -> Seat:
    return seat(code, bioguide) if bioguide else Seat(code, None)


@st.composite
def supporters_offices(draw: st.DrawFn) -> Sequence[Seat]:
    codes = ["H:NC:12"] * draw(st.booleans()) + ["S:NC:2", "S:NC:3"][: draw(st.integers(0, 2))]
    return [_seat(code, draw(HOLDERS)) for code in codes]


@given(supporters_offices(), st.sampled_from([NOW, AFTER]), st.booleans(), st.booleans())
def test_whatever_the_offices(offices: Sequence[Seat], now: int, closed: bool, unsure: bool) -> None:
    first = lead(*offices, now=now, closed=closed, unsure=unsure)
    reachable = [
        office
        for office in offices
        if office.holder and not letter.is_on_hold(FOLDER, office) and not (office.house and (closed or unsure))
    ]
    assert (first is None) == (not reachable), "one office comes first wherever one can be reached"
    if first is None:
        return
    assert first.seat in reachable
    assert not (first.seat.house and first.why), "a reason explains a senator"
    asked = [office for office in reachable if not letter.variant(FOLDER, office, now).startswith("thanks")]
    asked = [office for office in asked if not letter.is_leaving(FOLDER, office)]
    if asked:
        assert first.seat == asked[0], "the first member who can be asked"
