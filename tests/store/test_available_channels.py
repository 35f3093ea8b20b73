"""Which channel takes a letter: the first that works, and none where no page of an office is known."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from campaign.outreach.action_page.views import MustConfirmAgain
from campaign.outreach.routing import available_channels
from campaign.store.schema import contact, letter, supporter
from tests.store.site import ADAMS, ROSTER, Site

UNKNOWN, ITS_ZIP = "H:CA:1", "95568"  # sworn in when the data were read: neither website nor phone stand there yet


def test_an_office_without_any_known_page_gets_no_letter_and_no_invented_address(site: Site) -> None:
    site.do(update(supporter).values(zip=ITS_ZIP))
    page = site.enter(ITS_ZIP)
    (one,) = [office for office in page.offices if office.seat == UNKNOWN]
    assert one.channel == ""
    assert page.preview is not None
    assert page.preview.office.seat.startswith("S:CA:"), "the first office that can be written to"
    form = {**site.form(ITS_ZIP), "seat": UNKNOWN}
    assert isinstance(site.confirm(form), MustConfirmAgain)
    assert site.rows(select(letter)) == []


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({}, "the office said how it wants letters"),
        (
            {"answered_on": "", "reason": "the chief of staff gave it by phone"},
            "no answer yet, but you gave a reason",
        ),
        ({"off": "a letter bounced"}, "a letter bounced"),
        ({"wants": "daily"}, "the office said how it wants letters: one digest a day"),
    ],
)
def test_the_plan_says_why_a_contact_is_used_or_not(site: Site, change: dict[str, str], why: str) -> None:
    site.contact()
    if change:
        site.do(update(contact).values(**change))
    with site.database.read() as conn:
        found = available_channels.options_for(available_channels.installed(conn), ROSTER.seats[ADAMS])
    assert [way.why for way in found if way.channel == "email"] == [why]
