"""Letters by Congress's own intake, from the page to both gateways over loopback: fields, hours, refusals, lists."""

from __future__ import annotations

from dataclasses import replace

import pytest
from click.testing import CliRunner
from lxml import etree
from sqlalchemy import select

from campaign.cli import cwc
from campaign.cli.app import CliContext
from campaign.delivery import campaigns
from campaign.delivery.cwc import codes, gateways
from campaign.errors import CampaignError
from campaign.letters import access
from campaign.outreach.action_page import actions
from campaign.outreach.channels.cwc import from_letter, served_offices
from campaign.store.schema import delivery, request
from tests.gateways import Gateways, text
from tests.store.cwc_site import MORE, due, go, refresh, states
from tests.store.cwc_site import there as there
from tests.store.site import ADAMS, BUDD, DAY, HERE, KEYS, MINUTE, SLUG, Site, moment


def test_the_house_gets_each_value_in_its_field_and_the_letter_is_sent(site: Site, there: Gateways) -> None:
    office = site.enter(seat=ADAMS).offices[0]
    assert office.channel == "cwc"
    assert [field.name for field in office.asked] == ["prefix", "first_name", "last_name", "street", "city", "response"]
    go(site)
    assert site.drain() == ["receipt"]
    ((chamber, message),) = there.taken()
    assert chamber == "house"
    assert there.calls[-2:] == ["/v2/validate", "/v2/message"]
    for path, value in {
        "Recipient/MemberOffice": "HNC12",
        "Recipient/IsResponseRequested": "Y",
        "Constituent/Prefix": "Ms.",
        "Constituent/FirstName": "Ana",
        "Constituent/LastName": "Ruiz",
        "Constituent/Address1": "100 Sample Street",
        "Constituent/City": "Charlotte",
        "Constituent/StateAbbreviation": "NC",
        "Constituent/Zip": "28205",
        "Constituent/Email": "person1@example.org",
        "Delivery/DeliveryDate": "20261124",
        "Delivery/DeliveryAgent": "Riverbend Civic Tools",
        "Delivery/CampaignId": "end-287g-119-hr6890-pro",
        "Message/Bills/Bill/BillCongress": "119",
        "Message/Bills/Bill/BillTypeAbbreviation": "hr",
        "Message/Bills/Bill/BillNumber": "6890",
        "Message/ProOrCon": "Pro",
        "Message/LibraryOfCongressTopics/LibraryOfCongressTopic": "Immigration",
        "Message/ConstituentMessage": "My street is afraid.",
    }.items():
        assert text(message, path) == value
    statement = text(message, "Message/OrganizationStatement")
    assert statement.startswith("Dear Representative Adams,\n\nAs your constituent, I ask you to cosponsor H.R. 6890")
    assert "\n\nSincerely,\n\nCampaign: " in statement
    assert "My street is afraid." not in statement, "what she wrote stands in her own field"
    assert "Ruiz" not in statement, "name and address stay out of the text"
    assert site.states() == ["sent"]


def test_the_senate_gets_no_bill_where_its_letter_names_none_and_a_campaign_id_of_its_own(
    site: Site, there: Gateways
) -> None:
    go(site, BUDD, response="")
    site.drain()
    ((chamber, message),) = there.taken()
    assert (chamber, text(message, "Recipient/MemberOffice")) == ("senate", codes.office(BUDD))
    assert message.find("Message/Bills") is None
    assert message.find("Message/ProOrCon") is None
    assert message.find("Recipient/IsResponseRequested") is None, "she did not say"
    assert text(message, "Delivery/CampaignId") == "end-287g-senate"
    assert "/api/production-messages/" in there.calls


def test_without_own_words_there_is_a_statement_alone(site: Site, there: Gateways) -> None:
    go(site, story="")
    site.drain()
    ((_, message),) = there.taken()
    assert message.find("Message/ConstituentMessage") is None


def test_own_words_in_spanish_are_announced_in_the_statement(site: Site, there: Gateways) -> None:
    go(site, story="Mi calle tiene miedo.", tongue="es")
    site.drain()
    ((_, message),) = there.taken()
    assert text(message, "Message/OrganizationStatement").startswith("[English summary:")
    assert text(message, "Message/ConstituentMessage") == "Mi calle tiene miedo."


@pytest.mark.parametrize(
    ("changes", "why"), [({"city": "Ed"}, "under three letters"), ({"story": "Hi"}, "personal note")]
)
def test_what_it_cannot_take_goes_the_next_way_at_once_with_the_reason(
    site: Site, there: Gateways, changes: dict[str, str], why: str
) -> None:
    shown = site.write(HERE, ADAMS, 1, **{**MORE, **changes})
    assert [(one.state, one.channel, one.fallback) for one in shown.letters] == [("ready", "form", True)]
    rows = site.rows(select(delivery.c.channel, delivery.c.outcome, delivery.c.reason).order_by(delivery.c.id))
    assert (rows[0].channel, rows[0].outcome) == ("cwc", "refused")
    assert why in rows[0].reason
    site.at += 16 * MINUTE
    site.drain()
    assert there.taken() == []


def test_nothing_leaves_in_the_quiet_hours(site: Site, there: Gateways) -> None:
    site.at = moment("2026-11-25T23:50-05:00")
    go(site)
    site.drain()
    assert there.taken() == []
    assert states(site) == ["queued"]
    assert due(site) == []
    site.at = moment("2026-11-26T06:00-05:00")
    site.drain()
    assert len(there.taken()) == 1


def test_a_refusal_takes_the_next_way_and_says_nothing_of_the_writer(site: Site, there: Gateways) -> None:
    there.faults["house"] = ["400"]
    go(site)
    site.drain()
    assert states(site) == ["refused"]
    (reason,) = [row.reason for row in site.rows(select(request.c.reason).where(request.c.kind == "letter"))]
    assert "Email" in reason
    assert "person1" not in reason
    assert site.follow().fallen == 1
    assert site.states() == ["ready"]


def test_a_key_that_is_not_taken_switches_the_gateway_off_and_not_the_campaign(site: Site, there: Gateways) -> None:
    go(site)
    there.refuse_keys = True
    site.drain()
    with site.database.read() as conn:
        assert "401" in gateways.every(conn)["house"].off
        assert not campaigns.get(conn, SLUG).paused
    site.follow()
    assert site.states() == ["ready"], "it went back to its writer, with the office's form"
    assert site.enter(seat=ADAMS).offices[0].channel == "form"
    there.refuse_keys = False
    assert [one.problem for one in refresh(site)] == [""]
    with site.database.read() as conn:
        assert gateways.every(conn)["house"].off == ""


def test_an_office_that_is_not_on_the_list_is_reached_another_way(site: Site, there: Gateways) -> None:
    there.offices["house"] = ["HAK00"]
    refresh(site, force=True)
    office = site.enter(seat=ADAMS).offices[0]
    assert (office.channel, office.options[0].why) == ("form", served_offices.NOT_LISTED)


def test_the_lists_are_fetched_once_a_day_and_an_old_one_is_not_believed(site: Site, there: Gateways) -> None:
    assert refresh(site) == []
    site.at += DAY + MINUTE
    there.offices = {"house": [], "senate": ["SNC03"]}
    looked = {one.chamber: one for one in refresh(site)}
    assert looked["senate"].offices == 1
    assert "no list of office codes" in looked["house"].problem
    with site.database.read() as conn:
        assert gateways.every(conn)["house"].offices == {"HNC12", "HAK00"}, "the last good one stays"
    site.at += 3 * DAY
    refresh(site)
    with site.database.read() as conn:
        assert gateways.every(conn)["house"].off


def test_the_chambers_tests_reach_no_office_and_so_no_letter_goes_there(site: Site, there: Gateways) -> None:
    site.settings = replace(site.settings, cwc=replace(site.settings.cwc, environment="uat"))
    refresh(site)
    office = site.enter(seat=ADAMS).offices[0]
    assert (office.channel, office.options[0].why) == ("form", served_offices.TESTS)


def test_what_is_not_configured_any_more_is_forgotten(site: Site, there: Gateways) -> None:
    go(site)
    site.settings = replace(site.settings, cwc_keys={})
    refresh(site)
    with site.database.read() as conn:
        assert gateways.every(conn) == {}
    site.drain()
    site.follow()
    assert site.states() == ["ready"]
    assert there.taken() == []


def test_a_letter_can_be_taken_back_until_it_leaves(site: Site, there: Gateways) -> None:
    site.write(HERE, ADAMS, 1, **MORE)
    (one,) = site.enter().letters
    assert (one.state, one.can_take_back) == ("going", True)
    site.act(actions.take_back, zip=HERE, letter=one.letter)
    site.at += 16 * MINUTE
    site.drain()
    assert there.taken() == []


def test_a_letter_can_be_looked_at_as_it_would_leave(site: Site, there: Gateways) -> None:
    site.write(HERE, ADAMS, 1, **MORE)
    with site.database.begin() as conn:
        content = from_letter.render_for_operator(conn, KEYS, site.settings, 1, now=site.at, by="Rosa")
        (read,) = access.list_access(conn, 1)
    assert (read.what, read.seat, read.letters, read.by) == ("cwc", ADAMS, 1, "Rosa")
    site.at += 16 * MINUTE
    site.drain()
    ((_, message),) = there.taken()
    assert etree.tostring(message) in content, "the same id, the same words"
    with site.database.read() as conn, pytest.raises(CampaignError, match="no such letter"):
        from_letter.render_for_operator(conn, KEYS, site.settings, 2, now=site.at)


def test_the_command_that_shows_a_letter_reads_the_campaigns_clock(site: Site, there: Gateways) -> None:
    go(site)
    site.at = moment("2031-05-05T12:00-04:00")
    context = CliContext(None)
    vars(context).update(settings=site.settings, database=site.database, keys=KEYS)
    shown = CliRunner().invoke(cwc.render, ["--letter", "1"], obj=context, catch_exceptions=False)
    assert "<DeliveryDate>20310505</DeliveryDate>" in shown.output
