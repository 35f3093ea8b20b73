"""Packets are offered only for offices that a named person promised to visit, and no letter is lost with a promise."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select, update

from campaign.cli import packets as commands
from campaign.cli import status
from campaign.cli.app import CliContext
from campaign.compose.messages import packet_pdf
from campaign.congress import roster
from campaign.errors import CampaignError
from campaign.letters import promises
from campaign.outreach.channels.packet import hand_in, print_packet, promise_visit
from campaign.outreach.launch import plan
from campaign.outreach.routing.channel import ChannelOption
from campaign.states import Fate
from campaign.store.schema import campaign, packet_promise, release
from tests.store.site import ADAMS, BUDD, DAY, KEYS, MINUTE, SLUG, START, Site, moment

VISIT = "2026-12-16"
PRINTING = moment("2026-12-15T00:00-05:00")  # the day before the visit
OVER = moment("2026-12-17T00:00-05:00")


def packet_option(site: Site, seat: str = ADAMS) -> ChannelOption:
    (office,) = [office for office in site.enter().offices if office.seat == seat]
    return next(option for option in office.options if option.channel == "packet")


def without_visit(site: Site) -> dict[str, int]:
    with site.database.read() as conn:
        return promises.visits(conn, SLUG, 1, site.at).without_visit


def print_all(site: Site, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(packet_pdf, "pdf", lambda *_: b"%PDF")
    return sum(
        job.letters for job in print_packet.print_all(site.database, KEYS, site.settings, SLUG).papers if not job.again
    )


def test_no_office_has_a_packet_before_someone_promises_a_visit(site: Site) -> None:
    assert [office.channel for office in site.enter().offices] == ["form"] * 3
    assert not packet_option(site).works
    site.promise()
    assert {office.seat: office.channel for office in site.enter().offices}[ADAMS] == "packet"
    assert [office.channel for office in site.enter().offices if office.seat != ADAMS] == ["form"] * 2


def test_a_promised_visit_is_the_first_way_to_the_office_that_comes_first(site: Site) -> None:
    site.promise()
    page = site.enter()
    assert page.lead is not None
    assert (page.lead.seat, page.lead_why, page.ways) == (ADAMS, "", ("packet", "call", "form"))


def test_the_page_knows_who_takes_the_letters_when_and_where(site: Site) -> None:
    site.promise(by="  Dana   Whitlock ", city="charlotte")
    visit = packet_option(site).visit
    assert visit is not None
    assert (visit.by, visit.day, visit.city) == ("Dana Whitlock", VISIT, "Charlotte")
    site.promise(BUDD)
    visit = packet_option(site, BUDD).visit
    assert visit is not None
    assert visit.city == "Washington"


def test_a_packet_is_offered_until_a_day_before_the_visit_is_left_for_printing(site: Site) -> None:
    site.promise()
    for at, works in ((PRINTING - 1, True), (PRINTING, False), (OVER - 1, False)):
        site.at = at
        option = packet_option(site)
        assert (option.works, option.visit is not None) == (works, True), "the visit is shown until it is over"
    site.at = OVER
    assert packet_option(site).visit is None


def test_the_next_visit_takes_over_when_the_first_is_too_soon(site: Site) -> None:
    site.promise(on="2027-01-13")
    site.promise()
    for at, day in ((START, VISIT), (PRINTING, "2027-01-13")):
        site.at = at
        visit = packet_option(site).visit
        assert visit is not None
        assert visit.day == day


def test_a_promise_to_the_holder_of_before_is_none_to_the_next_one(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.promise()
    site.do(update(packet_promise).values(holder="X000000"))
    option = packet_option(site)
    assert (option.works, option.visit) == (False, None)


def test_a_bounced_letter_joins_a_promised_packet_and_otherwise_gets_the_form(site: Site) -> None:
    site.contact()
    site.contact(BUDD)
    site.promise()
    for seat, channel in ((ADAMS, "packet"), (BUDD, "form")):
        assert site.write(seat=seat).letters[-1].channel == "email", "email comes before a packet"
        site.at += 20 * MINUTE
        site.drain()
        site.tell(Fate.BOUNCED)
        assert site.follow().fallen == 1
        assert site.enter().letters[-1].channel == channel


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"seat": "H:XX:1"}, "no seat H:XX:1"),
        ({"seat": "H:GA:13"}, "no one is known to hold H:GA:13"),
        ({"by": " "}, "is not a name"),
        ({"by": "12"}, "is not a name"),
        ({"by": "x@example.org"}, "is not a name"),
        ({"by": "Dana\u202eWhitlock"}, "is not a name"),
        ({"by": "D" * 61}, "has more than 60 characters"),
        ({"on": "2026-11-23"}, "has passed"),
        ({"on": "2026-12-19"}, "is Saturday, 2026-12-19"),
        ({"on": "2026-12-25"}, "is Friday, 2026-12-25"),
        ({"on": "2027-04-01"}, "the campaign ends on 2027-03-31"),
        ({"city": "Bellefont"}, "has no office in 'Bellefont'"),
        ({"slug": "end-278g"}, "no campaign is called 'end-278g'"),
    ],
)
def test_a_promise_needs_a_seat_a_name_and_a_day_in_the_campaign(
    site: Site, changes: dict[str, str], what: str
) -> None:
    with pytest.raises(CampaignError, match=what):
        site.promise(**{"seat": ADAMS, **changes})
    assert site.rows(select(packet_promise)) == []


def test_the_last_day_of_the_campaign_and_today_are_days_for_a_visit(site: Site) -> None:
    for on in ("2026-11-24", "2027-03-31"):
        site.promise(on=on)
    assert len(site.rows(select(packet_promise))) == 2


def test_a_promise_for_the_same_day_replaces_the_one_before(site: Site) -> None:
    site.promise()
    site.promise(by="Ana Ruiz", city="Charlotte")
    visit = packet_option(site).visit
    assert visit is not None
    assert visit.by == "Ana Ruiz"
    assert site.rows(select(func.count()).select_from(packet_promise))[0][0] == 2, "what was promised is kept"


def test_a_cancelled_promise_leaves_its_letters_to_the_next_visit(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.promise()
    site.write(seat=ADAMS)
    site.write(seat=ADAMS, number=2)
    left = promise_visit.cancel(site.database, site.settings, ADAMS)
    assert (left.visits, left.without_visit) == ((), {ADAMS: 2})
    assert not packet_option(site).works
    assert site.states() == ["to_print"]
    site.promise(by="Ana Ruiz", on="2027-01-13")
    assert without_visit(site) == {}
    site.at += DAY
    assert print_all(site, monkeypatch) == 2


def test_a_visit_that_passes_leaves_its_letters_too_until_they_are_handed_in(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.promise()
    site.write(seat=ADAMS)
    site.at += DAY
    assert print_all(site, monkeypatch) == 1
    site.write(seat=ADAMS, number=2)
    site.at = OVER
    assert without_visit(site) == {ADAMS: 2}, "one is printed, one is not"
    assert print_all(site, monkeypatch) == 1
    hand_in.hand_in(site.database, SLUG, ADAMS, on=date(2026, 12, 17), by="Dana Whitlock")
    assert without_visit(site) == {}


def test_cancelling_needs_one_visit(site: Site) -> None:
    with pytest.raises(CampaignError, match="no visit to H:NC:12"):
        promise_visit.cancel(site.database, site.settings, ADAMS)
    site.promise()
    site.promise(on="2027-01-13")
    with pytest.raises(CampaignError, match=f"--on: {VISIT}, 2027-01-13"):
        promise_visit.cancel(site.database, site.settings, ADAMS)
    left = promise_visit.cancel(site.database, site.settings, ADAMS, on=date(2027, 1, 13))
    assert [visit.day for visit in left.visits] == [VISIT]


def test_with_several_campaigns_a_promise_names_its_own(site: Site) -> None:
    (frozen,) = site.rows(select(release.c.hash))
    site.do(
        campaign.insert().values(
            slug="other", release=frozen.hash, opens_at=START - DAY, closes_at=START + DAY, changed_at=START
        )
    )
    with pytest.raises(CampaignError, match="--campaign: end-287g, other"):
        site.promise()
    site.promise(slug=SLUG)
    assert packet_option(site).works
    site.at = START + DAY
    site.promise(BUDD)
    assert packet_option(site, BUDD).works, "the other one is over"


def test_before_the_launch_the_folder_is_enough_and_the_plan_counts_the_office(site: Site) -> None:
    site.do(campaign.delete())
    site.promise()
    with site.database.read() as conn:
        found = plan.plan(conn, site.settings.templates, SLUG, site.at)
    assert found.reached("packet") == 1
    (adams,) = [office for office in found.offices if office.seat == ADAMS]
    assert (adams.channel, adams.then) == ("packet", ("website",))
    (way,) = [way for way in plan.numbers(found)["seats"] if way["seat"] == ADAMS]
    (packet,) = [way for way in way["ways"] if way["channel"] == "packet"]
    assert (packet["visit"]["by"], packet["visit"]["day"]) == ("Dana Whitlock", VISIT)


def test_a_folder_that_still_says_packets_is_read_and_offers_none(site: Site) -> None:
    text = (site.settings.templates / SLUG / "campaign.toml").read_text(encoding="utf-8")
    from campaign.compose.campaign_folder import disk, folder

    files = disk.read(site.settings.templates / SLUG) | {"campaign.toml": f"packets = true\n{text}"}
    assert folder.parse(SLUG, files).campaign.slug == SLUG


@pytest.fixture
def run(site: Site) -> Any:
    context = CliContext(Path("/nowhere"))
    context.__dict__.update(database=site.database, keys=KEYS, settings=site.settings)

    def packet(*arguments: str) -> Result:
        command = status.status if arguments[0] == "status" else commands.packet
        words = arguments[1:] if arguments[0] == "status" else arguments
        return CliRunner().invoke(command, list(words), obj=context, standalone_mode=False)

    return packet


def test_the_commands_say_who_goes_where_and_which_letters_wait(site: Site, run: Any) -> None:
    made = run("promise", "h:nc:12", "--by", "Dana Whitlock", "--on", VISIT, "--at", "Charlotte").output
    assert "Dana Whitlock will take letters of end-287g for H:NC:12 to Charlotte on 2026-12-16." in made
    assert "through 2026-12-14, Washington time" in made
    site.write(seat=ADAMS)
    shown = run("promises").output
    assert "Visits promised for end-287g" in shown
    assert shown.count("Dana Whitlock") == 1
    (visit,) = json.loads(run("promises", "--json").output)["visits"]
    assert (visit["seat"], visit["day"], visit["city"], visit["by"]) == (ADAMS, VISIT, "Charlotte", "Dana Whitlock")
    canceled = run("cancel-promise", ADAMS).output
    assert "The visit to H:NC:12 is canceled." in canceled
    for told in (canceled, run("promises").output, run("status", SLUG).output, run("print", SLUG).output):
        assert "1 letter for H:NC:12 in a packet, and no visit is promised." in told
    assert json.loads(run("status", SLUG, "--json").output)[0]["packets_without_visit"] == {ADAMS: 1}
    late = run("promise", ADAMS, "--by", "Ana Ruiz", "--on", "2026-11-25").output
    assert "too soon for new letters" in late
    assert "no visit is promised" not in run("status", SLUG).output
    assert isinstance(run("promise", ADAMS, "--by", "Ana", "--on", "2026-11-28").exception, CampaignError)


def test_the_offices_of_a_member_are_named_when_the_city_is_not_one_of_them(site: Site) -> None:
    with pytest.raises(CampaignError) as told:
        site.promise(BUDD, city="Charlotte")
    assert "Washington, Advance, Raleigh" in str(told.value)
    with site.database.read() as conn:
        assert roster.at(conn, site.at).seats[BUDD].holder is not None
