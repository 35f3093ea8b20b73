"""One letter as the chambers take it: XML with each value in a field of its own, checked before it may leave."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from campaign.delivery.cwc.codes import Chamber, bill_form
from campaign.errors import CampaignError

if TYPE_CHECKING:
    from lxml.etree import RelaxNG, _Element

MISSING = "the package lxml is not installed"
INSTALL = "Install the extra of this project: pip install 'campaign[cwc]'"

# Not for XML 1.0, or of no use in a letter: C0 and C1 signs, lone surrogates, the last two code points.
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class Unfit(CampaignError):
    """This letter cannot go this way; the reason names the field and never what stands in it."""


@dataclass(frozen=True, slots=True)
class Agent:
    """The approved operator. `name` must be the legal name of the application; failures are mailed to `ack_email`."""

    name: str
    ack_email: str
    contact_name: str
    contact_email: str
    contact_phone: str


@dataclass(frozen=True, slots=True)
class Sponsor:
    """The organization behind the campaign, and whom staff may ask. What is too short for its field is left out."""

    name: str
    contact_name: str
    contact_email: str


@dataclass(frozen=True, slots=True)
class CwcBill:
    """`kind` as codes.bill gives it, `stance` Pro or Con."""

    congress: int
    kind: str
    number: int
    stance: str


@dataclass(frozen=True, slots=True)
class Constituent:
    """Who writes. `answer`: Y or N as they chose, "" when they did not say."""

    prefix: str
    first_name: str
    last_name: str
    street: str
    city: str
    state: str
    zip: str
    email: str
    answer: str = ""
    address_checked: bool = False  # matched to a real address
    email_checked: bool = False  # they answered a mail that went there


@dataclass(frozen=True, slots=True)
class CwcMessage:
    """One letter. `day` is YYYYMMDD; `statement` is the shared text, `story` the constituent's own words."""

    delivery_id: str
    day: str
    office: str
    agent: Agent
    sponsor: Sponsor
    campaign_id: str
    writer: Constituent
    subject: str
    topics: tuple[str, ...]
    bill: CwcBill | None
    statement: str
    story: str

    @property
    def chamber(self) -> Chamber:
        return "house" if self.office.startswith("H") else "senate"


Tree = list[tuple[str, "str | Tree"]]

# What supporters type, by the field it ends up in. If the schema refuses anything else, it is our mistake.
_REASONS = {
    "City": "CWC accepts no town name under three letters",
    "Address1": "there is no street address, and CWC requires one",
    "StateAbbreviation": "CWC accepts no address in this state (a military address, for example)",
    "Zip": "CWC doesn't accept this ZIP code",
    "Prefix": "CWC requires a form of address: Mr., Mrs., Miss, Ms. or Dr.",
    "FirstName": "there is no first name",
    "LastName": "there is no last name",
    "Email": "CWC doesn't accept this email address",
    "ConstituentMessage": "CWC requires a personal note to have 6 to 10,000 characters",
    "LibraryOfCongressTopics": "campaign.toml names no topics",
}


def installed() -> bool:
    """Whether messages can be made here."""
    return find_spec("lxml") is not None


def render(message: CwcMessage) -> bytes:
    """The XML of a message: one element a line, for offices read it raw. Raises Unfit when its chamber would refuse
    it, CampaignError when lxml is missing.
    """
    if not installed():
        raise CampaignError(MISSING, do=INSTALL)
    from lxml import etree

    root = etree.Element("CWC")
    _fill(root, _tree(message))
    check(root, message.chamber)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def check(root: _Element, chamber: Chamber) -> None:
    """Raise Unfit unless our schema of this chamber takes this document."""
    schema = _schema(chamber)
    if schema.validate(root):
        return
    names = re.findall(r"[Ee]lement ([A-Za-z0-9]+)", " ".join(str(error.message) for error in schema.error_log))
    why = next((_REASONS[name] for name in names if name in _REASONS), "")
    raise Unfit(why or f"our schema of the {chamber} refuses it: {', '.join(dict.fromkeys(names)) or 'as a whole'}")


@cache
def _schema(chamber: Chamber) -> RelaxNG:
    from lxml import etree

    return etree.RelaxNG(etree.parse(Path(__file__).with_name(f"{chamber}.rng")))


def _tree(m: CwcMessage) -> Tree:
    return [
        ("CWCVersion", "2.0"),
        ("Delivery", _delivery(m)),
        ("Recipient", _given(MemberOffice=m.office, IsResponseRequested=m.writer.answer, NewsletterOptIn="N")),
        ("Constituent", _constituent(m.writer)),
        ("Message", _message(m)),
    ]


def _delivery(m: CwcMessage) -> Tree:
    agent, sponsor = m.agent, m.sponsor
    contact = _given(
        OrganizationContactName=sponsor.contact_name if len(sponsor.contact_name) >= 2 else "",
        OrganizationContactEmail=sponsor.contact_email,
    )
    return [
        ("DeliveryId", m.delivery_id),
        ("DeliveryDate", m.day),
        ("DeliveryAgent", agent.name),
        ("DeliveryAgentAckEmailAddress", agent.ack_email),
        (
            "DeliveryAgentContact",
            [
                ("DeliveryAgentContactName", agent.contact_name),
                ("DeliveryAgentContactEmail", agent.contact_email),
                ("DeliveryAgentContactPhone", agent.contact_phone),
            ],
        ),
        *_given(Organization=sponsor.name if len(sponsor.name) >= (6 if m.chamber == "house" else 3) else ""),
        *([("OrganizationContact", contact)] if contact else []),
        ("CampaignId", m.campaign_id),
    ]


def _constituent(who: Constituent) -> Tree:
    return [
        ("Prefix", who.prefix),
        ("FirstName", who.first_name),
        ("LastName", who.last_name),
        ("Address1", who.street),
        ("City", who.city),
        ("StateAbbreviation", who.state),
        ("Zip", who.zip),
        *_given(AddressValidation="Y" if who.address_checked else ""),
        ("Email", who.email),
        *_given(EmailValidation="Y" if who.email_checked else ""),
    ]


def _message(m: CwcMessage) -> Tree:
    bill: Tree = []
    if m.bill is not None:
        fields: Tree = [
            ("BillCongress", str(m.bill.congress)),
            ("BillTypeAbbreviation", bill_form(m.bill.kind, m.chamber)),
            ("BillNumber", str(m.bill.number)),
        ]
        bill = [("Bills", [("Bill", fields)]), ("ProOrCon", m.bill.stance)]
    return [
        ("Subject", m.subject),
        ("LibraryOfCongressTopics", [("LibraryOfCongressTopic", topic) for topic in m.topics]),
        *bill,
        *_given(OrganizationStatement=m.statement, ConstituentMessage=m.story),
    ]


def _given(**values: str) -> Tree:
    """The elements that have a value: an empty one is refused."""
    return [(name, value) for name, value in values.items() if value]


def clean(text: str) -> str:
    """A value as it may stand in the XML."""
    return _UNFIT.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _fill(parent: _Element, children: Tree) -> None:
    from lxml import etree

    parent.text = "\n"
    for name, value in children:
        child = etree.SubElement(parent, name)
        child.tail = "\n"
        if isinstance(value, str):
            child.text = clean(value)
        else:
            _fill(child, value)
