"""A message to Congress's own intake: any letter is one that our schema takes, or is refused with the reason."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from campaign.compose.campaign_folder.topics import TOPICS
from campaign.congress import roster
from campaign.delivery.cwc import codes, message
from campaign.delivery.cwc.message import Agent, Constituent, CwcBill, CwcMessage, Sponsor, Unfit
from tests.gateways import faults, text

AGENT = Agent("Riverbend Civic Tools", "acks@r.example", "Mail Operations", "ops@r.example", "202-555-0134")
ADA = Constituent(
    *("Ms.", "Ada", "Example", "100 Sample Street", "Madison", "WI", "53703", "ada@example.org", "Y"), True, True
)
LETTER = CwcMessage(
    delivery_id="0f3c9a41d27b4e6890ab12cd34ef5678",
    day="20261130",
    office="HWI02",
    agent=AGENT,
    sponsor=Sponsor("Lakes and Streams Coalition", "Campaign Desk", "desk@lakes.example.org"),
    campaign_id="lsc-2026-well-testing-hr9999-pro",
    writer=ADA,
    subject="Please support private well testing (H.R. 9999)",
    topics=("Environmental Protection", "Health"),
    bill=CwcBill(119, "hr", 9999, "Pro"),
    statement="The coalition asks Congress to fund nitrate testing for private wells.",
    story="Our well failed its nitrate test last spring.",
)
SENATE = replace(LETTER, office="SWI01")
ANY = st.text(max_size=40)
CITY = st.sampled_from(["Ed", "Ely", "Madison", "San José", "", "X" * 501])


@given(
    st.sampled_from([LETTER, SENATE]),
    st.builds(
        Constituent,
        prefix=st.sampled_from(["Mr.", "Ms.", "Dr.", "", "Señora"]),
        first_name=ANY,
        last_name=ANY,
        street=ANY,
        city=CITY,
        state=st.sampled_from(["WI", "AS", "PR", "AE", "FM", ""]),
        zip=st.sampled_from(["53703", "53703-0001", "5370", ""]),
        email=st.sampled_from(["a@b.org", "a@b", "", "a@b@c.org"]),
        answer=st.sampled_from(["", "Y", "N"]),
        address_checked=st.booleans(),
        email_checked=st.booleans(),
    ),
    st.text(max_size=300),
    st.text(max_size=300),
    st.lists(st.sampled_from(TOPICS), max_size=3).map(tuple),
)
def test_any_letter_is_valid_or_refused_before_it_leaves(
    letter: CwcMessage, writer: Constituent, statement: str, story: str, topics: tuple[str, ...]
) -> None:
    made = replace(letter, writer=writer, statement=statement, story=story, topics=topics)
    try:
        content = message.render(made)
    except Unfit:
        return
    assert faults(made.chamber, content) == [], "the double of the gateway has rules of its own"
    root = etree.fromstring(content)
    assert text(root, "Constituent/FirstName") == message.clean(writer.first_name)
    assert text(root, "Message/ConstituentMessage") == message.clean(story)


def test_the_example_of_the_notes_is_what_we_make() -> None:
    assert message.render(LETTER).decode().splitlines()[1:8] == [
        "<CWC>",
        "<CWCVersion>2.0</CWCVersion>",
        "<Delivery>",
        "<DeliveryId>0f3c9a41d27b4e6890ab12cd34ef5678</DeliveryId>",
        "<DeliveryDate>20261130</DeliveryDate>",
        "<DeliveryAgent>Riverbend Civic Tools</DeliveryAgent>",
        "<DeliveryAgentAckEmailAddress>acks@r.example</DeliveryAgentAckEmailAddress>",
    ]
    assert text(etree.fromstring(message.render(SENATE)), "Message/Bills/Bill/BillTypeAbbreviation") == "H.R."


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"city": "Ed"}, "town name under three letters"),
        ({"state": "AE"}, "military"),
        ({"street": ""}, "no street address"),
        ({"prefix": ""}, "form of address"),
        ({"email": "ada"}, "email address"),
        ({"zip": "5370"}, "ZIP code"),
    ],
)
@pytest.mark.parametrize("letter", [LETTER, SENATE])
def test_what_people_type_is_refused_with_the_field_and_not_the_value(
    letter: CwcMessage, changes: dict[str, Any], why: str
) -> None:
    with pytest.raises(Unfit, match=why):
        message.render(replace(letter, writer=replace(ADA, **changes)))


def test_the_senate_takes_five_forms_of_address_only() -> None:
    other = replace(ADA, prefix="Rev.")
    assert b"<Prefix>Rev.</Prefix>" in message.render(replace(LETTER, writer=other))
    with pytest.raises(Unfit, match="form of address"):
        message.render(replace(SENATE, writer=other))


def test_the_senate_takes_a_shorter_name_of_an_organization() -> None:
    brief = Sponsor("ACLU", "A", "desk@lakes.example.org")
    assert b"<Organization>" not in message.render(replace(LETTER, sponsor=brief)), "left out: the House wants six"
    made = message.render(replace(SENATE, sponsor=brief))
    assert b"<Organization>ACLU</Organization>" in made
    assert b"OrganizationContactName" not in made


def test_our_own_faults_name_the_element() -> None:
    with pytest.raises(Unfit, match="DeliveryAgentContactName"):
        message.render(replace(LETTER, agent=replace(AGENT, contact_name="Al Wu")))
    with pytest.raises(Unfit, match="DeliveryId"):
        message.render(replace(LETTER, delivery_id="0f3c9a41-d27b-4e68-90ab-12cd34ef5678"))


def test_words_cannot_become_elements() -> None:
    story = "</ConstituentMessage><MemberOffice>HTX37</MemberOffice> & \x00\ud800 ]]> é\r\nend"
    root = etree.fromstring(message.render(replace(LETTER, story=story)))
    assert [one.text for one in root.iter("MemberOffice")] == ["HWI02"]
    assert text(root, "Message/ConstituentMessage").endswith("]]> é\nend")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<City>", "<Town>"),
        ("2.0", "2.1"),
        ("<Bills>", "<Bill>"),
        ("Madison", "Madison</City><City>Madison"),
        ("<CampaignId>lsc-2026-well-testing-hr9999-pro</CampaignId>\n", ""),
        (">Health<", ">Wells<"),
        (">Y<", "><"),
        ("<BillNumber>9999</BillNumber>\n", ""),
        (">hr<", ">H.R.<"),
    ],
)
def test_the_schema_is_not_only_for_what_we_make(old: str, new: str) -> None:
    made = message.render(LETTER).decode()
    assert old in made
    changed = made.replace(old, new)
    if old.startswith("<") and old.endswith(">"):
        changed = changed.replace(old.replace("<", "</"), new.replace("<", "</"))
    with pytest.raises(Unfit):
        message.check(etree.fromstring(changed.encode()), "house")


@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_that_a_campaign_may_name_is_taken(topic: str) -> None:
    message.render(replace(LETTER, topics=(topic,)))
    message.render(replace(SENATE, topics=(topic,)))


def test_every_seat_of_the_congress_has_a_code_of_its_own_that_the_schema_takes() -> None:
    found = {code: codes.office(code) for code in roster.load().seats}
    assert len(set(found.values())) == len(found) == 541
    assert (found["H:AK:0"], found["H:DC:0"], found["H:AS:0"]) == ("HAK00", "HDC00", "HAQ00")
    assert codes.office("H:DC:98") == "HDC00", "as the Census counts"
    assert (found["S:OH:3"], codes.chamber("S:OH:3")) == ("SOH03", "senate")
    for code, office in found.items():
        message.render(replace(LETTER, office=office, writer=replace(ADA, state=code.split(":")[1])))


@pytest.mark.parametrize(
    ("written", "kind", "senate"),
    [
        ("H.R. 6890", "hr", "H.R."),
        ("S. 2401", "s", "S."),
        ("S.J.Res. 5", "sjres", "S.J.Res."),
        ("h con res 7", "hconres", "H.Con.Res"),
        ("HR 1", "hr", "H.R."),
    ],
)
def test_bills_in_both_forms(written: str, kind: str, senate: str) -> None:
    found = codes.bill(written)
    assert found is not None
    assert found[0] == kind
    assert (codes.bill_form(kind, "house"), codes.bill_form(kind, "senate")) == (kind, senate)
    bill = CwcBill(119, *found, "Con")
    message.render(replace(LETTER, bill=bill))
    message.render(replace(SENATE, bill=bill))


@pytest.mark.parametrize("written", ["A.B. 12", "H.R. zero", "", "6890", "H.R. 0"])
def test_what_is_no_bill_of_congress(written: str) -> None:
    assert codes.bill(written) is None
