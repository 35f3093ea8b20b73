"""What will happen to a campaign, told beforehand: dates, letters and people that each turn touches."""

from __future__ import annotations

from campaign.config import ROOT
from campaign.congress import districts
from campaign.outreach.transition import outlook as outlooks
from campaign.outreach.transition.outlook import Outlook, SeatOutlook
from tests.store.new_congress import mend, new_house, opened, rule, sync
from tests.store.site import ADAMS, BUDD, SLUG, SWITCHED, TILLIS, Site, moment

NOON = moment("2027-01-03T12:00-05:00")


def ahead(site: Site) -> Outlook:
    with site.database.read() as conn:
        return outlooks.outlook(conn, ROOT / "templates", SLUG, site.at)


def turn(site: Site, words: str) -> SeatOutlook:
    (found,) = [one for one in ahead(site).turns if words in one.what]
    return found


def test_each_turn_says_when_it_falls_and_what_it_touches(site: Site) -> None:
    for seat in (ADAMS, TILLIS):
        site.contact(seat)
        site.write(seat=seat)
    site.write(seat=BUDD)
    house = turn(site, "119th Congress ends")
    assert (house.at, house.waiting, house.with_writers, house.people, len(house.seats)) == (NOON, 1, 0, 2, 441)
    lines = turn(site, "House districts change in AL, CA, FL, LA, NC, OH, TN, TX, UT")
    assert (lines.at, lines.waiting, lines.people) == (NOON, 1, 2)
    senators = turn(site, "senators end")
    assert (senators.at, senators.waiting) == (NOON, 1)
    assert TILLIS in senators.seats
    assert BUDD not in senators.seats
    expiry = turn(site, "H.R. 6890 expires")
    assert (expiry.at, expiry.waiting) == (NOON, 1)  # what senators are asked names no bill
    assert turn(site, "queued letter is due").waiting == 2
    assert turn(site, "are deleted").with_writers == 1
    assert [one.at for one in ahead(site).turns] == sorted(
        (one.at for one in ahead(site).turns), key=lambda at: (at is not None, at or 0)
    )


def test_seats_that_may_change_any_day_come_first_with_their_rule(site: Site) -> None:
    found = ahead(site).turns
    assert [one.seats for one in found[:2]] == [("S:FL:3",), ("S:OH:3",)]
    assert "Jon Husted's term ended on 2026-11-03" in found[1].what
    rule(site, "incoming")
    assert ahead(site).turns[1].means == "its letters are held for the next holder"


def test_after_the_switch_it_says_what_the_data_lacks_until_it_has_it(site: Site) -> None:
    site.at = SWITCHED
    closed = turn(site, "House of the 120th Congress are closed in 55 states and territories")
    assert "0 of 440 seats have a member of the 120th Congress" in closed.means
    assert "The district lines of AL, CA, FL, LA, NC, OH, TN, TX, UT changed on 2027-01-03" in closed.means
    assert (closed.people, len(closed.seats)) == (2, 440)
    assert turn(site, "H.R. 6890 has expired").at is None
    sync(site, opened(site, "TX"))
    lines = turn(site, "closed in AL, CA, FL, LA, NC, OH, TN, UT")
    assert "does not have all" not in lines.means
    assert (lines.people, {code[2:4] for code in lines.seats}) == (2, {*districts.REDRAWN[120]} - {"TX"})
    sync(site, opened(site, "NC"))
    assert turn(site, "closed in AL, CA, FL, LA, OH, TN, TX, UT").people == 0
    sync(site, new_house())
    assert not [one for one in ahead(site).turns if "closed in" in one.what]


def test_a_race_is_told_with_its_days(site: Site) -> None:
    race = '\n[[candidate]]\nseat = "S:GA:2"\nfrom = 2026-12-01\nto = 2026-12-06\n'
    mend(site, lambda files: {**files, "campaign.toml": files["campaign.toml"] + race})
    assert turn(site, "thank-you letters to S:GA:2 are held from then on").at == moment("2026-12-01T00:00-05:00")
    assert turn(site, "thank-you letters to S:GA:2 are sent again").at == moment("2026-12-07T00:00-05:00")
