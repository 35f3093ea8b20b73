"""A campaign's folder: TOML files and templates, read into frozen types.

`parse` reads folders from disk (`disk`) and from releases in the database. It reports all problems of the TOML files at
once, with file, line and key.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from campaign.clock import WASHINGTON
from campaign.compose.campaign_folder import appearance, images, positions, sponsors, toml, transition_rules
from campaign.compose.campaign_folder.appearance import Brand, PageSettings
from campaign.compose.campaign_folder.images import Image
from campaign.compose.campaign_folder.positions import Positions
from campaign.compose.campaign_folder.sponsors import Sponsors
from campaign.compose.campaign_folder.toml import Toml
from campaign.compose.campaign_folder.topics import TOPICS
from campaign.compose.campaign_folder.transition_rules import Candidate, Transition
from campaign.errors import Problems

LOCALES = ("en", "es")
LAST_DAY = 4_102_531_200_000  # ms: 2100-01-02, so that a campaign may close on any day of 2099
KINDS_OF_ORGANIZATION = ("501c3", "501c4", "501c5", "501c6", "coalition", "other")
TOML = ("campaign.toml", "facts.toml", "sponsors.toml", positions.NAME)  # the last one may be missing
SUFFIXES = (".toml", ".md", ".txt", *images.SUFFIXES)

CHAMBERS = {"house": "H", "senate": "S"}  # with the letter that codes of their committees begin with
_COMMITTEE = re.compile(r"[HSJ][A-Z]{3}[0-9]{0,2}")
_NAME = re.compile(r"[a-z][a-z0-9-]*")
_FACT = re.compile(r"[a-z][a-z0-9_]*")  # templates write it as an attribute: {{ fact.count_growth }}
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")  # the folder's name; it is part of every link
# First parts of other addresses on the same site.
_PAGES = (
    "a admin api assets brand c desk favicon h healthz j login logout n privacy q report robots static u webhooks x"
)
RESERVED = frozenset(_PAGES.split())


@dataclass(frozen=True, slots=True)
class Organization:
    """The sender and signer. Each text is one line; `signer_role` is per locale."""

    legal_name: str
    kind: str
    postal_address: str
    sender_email: str
    offices_email: str  # sends letters and digests; sender_email sends asks and receipts
    sender_name: str
    reply_to: str
    signer_name: str
    signer_role: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CampaignBill:
    """A bill expires with its Congress, at `expires` (ms); from then on no message may name it.

    `successor`: the bill of a later Congress that then takes its place, if one is named.
    """

    congress: int
    number: str
    title: str
    expires: int
    successor: CampaignBill | None = None


@dataclass(frozen=True, slots=True)
class CampaignConfig:
    """campaign.toml. `title` is per locale; `opens` and `closes` are ms."""

    title: Mapping[str, str]
    stance: str
    targets: tuple[str, ...]  # house, senate
    committees: tuple[str, ...]  # codes: only their members; empty: all members of `targets`
    topics: tuple[str, ...]  # for Congress's own intake of letters
    opens: int
    closes: int
    locales: tuple[str, ...]
    waves: tuple[str, ...]
    why: tuple[str, ...]  # facts on the action page
    organization: Organization
    bill: CampaignBill
    transition: Transition = field(default_factory=Transition)
    candidates: tuple[Candidate, ...] = ()
    brand: Brand = field(default_factory=Brand)
    page: PageSettings = field(default_factory=PageSettings)
    slug: str = ""

    def bill_at(self, now: int) -> CampaignBill:
        """The bill that letters ask for at `now` (ms): after it expires its successor, if there is one."""
        return (self.bill.successor or self.bill) if now >= self.bill.expires else self.bill


@dataclass(frozen=True, slots=True)
class Fact:
    """A claim that messages may quote: until `expires` (ms), and to be reviewed by `review_by` (ms).

    `cite`: its source, in words.
    """

    key: str
    text: Mapping[str, str]
    cite: Mapping[str, str]
    sources: tuple[str, ...]  # title, publisher, address
    review_by: int
    expires: int | None
    confidence: str
    use: str
    where: str


@dataclass(frozen=True, slots=True)
class Folder:
    """A whole campaign: `files` by path, as text (images: `images.pack`), and the parsed TOML files."""

    slug: str
    files: Mapping[str, str]
    campaign: CampaignConfig
    facts: Mapping[str, Fact]
    language_review: Mapping[str, str]  # locale -> who reviewed the language and when, or "not done"
    acts: Sponsors
    positions: Positions

    @property
    def templates(self) -> Mapping[str, str]:
        return templates(self.files)

    def image(self, path: str) -> Image | None:
        """The image in this file, which `parse` checked; None for no path."""
        return images.image(self.files[path]) if path else None


def templates(files: Mapping[str, str]) -> Mapping[str, str]:
    return {path: text for path, text in files.items() if not path.endswith((".toml", *images.SUFFIXES))}


def parse(slug: str, files: Mapping[str, str]) -> Folder:
    """The folder of `files` (relative path -> text). Raises Problems with every problem of its TOML files."""
    tomls = settings, claims, bills, stances = [toml.read(name, files.get(name, "")) for name in TOML]
    readable = [file for file in tomls if not file.problems]
    campaign = _campaign(slug, settings) if settings in readable else None
    facts, review = _facts(claims) if claims in readable else ({}, {})
    acts = sponsors.parse(bills) if bills in readable else Sponsors()
    known = positions.parse(stances) if stances in readable else Positions()
    if campaign is not None and claims in readable:
        for key in set(campaign.why) - facts.keys():
            settings.wrong("", "why", f"names {key!r}, which is not a fact", "Write keys of facts.toml.")
    if campaign is not None:
        appearance.check_images(settings, campaign.brand, campaign.page, files)
    problems = [problem for file in tomls for problem in file.problems]
    if problems or campaign is None:
        raise Problems(problems, what=f"{slug}: {len(problems)} problem(s)")
    return Folder(slug, files, campaign, facts, review, acts, known)


def _campaign(slug: str, file: Toml) -> CampaignConfig:
    kept = {"candidate", "packets"}  # releases of before have packets: each packet needs a promise instead
    file.only("", ({*CampaignConfig.__slots__} - {"candidates", "slug"}) | kept)
    locales = file.names("", "locales", LOCALES.__contains__, f"A list of: {', '.join(LOCALES)}.")
    opens, closes = file.instant("", "opens"), file.instant("", "closes", end=True)
    if opens and closes and closes <= opens:
        file.wrong("", "closes", "is not after opens", "Give the campaign's last day.")
    if closes and closes >= LAST_DAY:
        file.wrong("", "closes", "is too far away", "Links carry their expiry in 32 bits: close before 2100.")
    targets, committees = _targets(file)
    do = f"Topics of the Library of Congress: {'; '.join(TOPICS)}."
    return CampaignConfig(
        title=file.per_locale("", "title", locales or LOCALES),
        stance=file.choice("", "stance", ("support", "oppose")),
        targets=targets,
        committees=committees,
        topics=file.names("", "topics", TOPICS.__contains__, do) if "topics" in file.keys_of("") else (),
        opens=opens,
        closes=closes,
        locales=locales,
        waves=file.names("", "waves", _NAME.fullmatch, 'A list of names in small letters: waves = ["first"]'),
        why=file.names("", "why", _FACT.fullmatch, "Keys of facts.toml.") if "why" in file.keys_of("") else (),
        organization=_organization(file, locales or LOCALES),
        bill=_bill(file),
        transition=transition_rules.transition(file),
        candidates=transition_rules.candidates(file),
        brand=appearance.brand(file),
        page=appearance.page(file),
        slug=slug,
    )


def _targets(file: Toml) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(chambers, committees) of the members that get letters; with committees, the chambers are theirs."""
    if "committees" not in file.keys_of(""):
        return file.names("", "targets", tuple(CHAMBERS).__contains__, 'A list of: "house", "senate".'), ()
    if "targets" in file.keys_of(""):
        do = "Keep one: targets for all members of a chamber, committees for the members of some."
        file.wrong("", "committees", "can't be combined with targets", do)
    codes = file.names("", "committees", _COMMITTEE.fullmatch, 'Codes of committees: committees = ["HSJU01"]')
    joint = any(code.startswith("J") for code in codes)
    return tuple(name for name, letter in CHAMBERS.items() if joint or any(code[0] == letter for code in codes)), codes


def _organization(file: Toml, locales: Collection[str]) -> Organization:
    table = "organization"
    file.only(table, Organization.__slots__)
    sender = file.address(table, "sender_email")
    apart = "offices_email" in file.keys_of(table)
    return Organization(
        legal_name=file.text(table, "legal_name"),
        kind=file.choice(table, "kind", KINDS_OF_ORGANIZATION),
        postal_address=file.text(table, "postal_address"),
        sender_email=sender,
        offices_email=file.address(table, "offices_email") if apart else sender,
        sender_name=file.text(table, "sender_name"),
        reply_to=file.address(table, "reply_to"),
        signer_name=file.text(table, "signer_name"),
        signer_role=file.per_locale(table, "signer_role", locales),
    )


def _bill(file: Toml) -> CampaignBill:
    bill = _one_bill(file, "bill", {"congress", "number", "title", "expires", "successor"})
    if "successor" not in file.keys_of("bill"):
        return bill
    successor = _one_bill(file, "bill.successor", {"congress", "number", "title", "expires"})
    if successor.congress and successor.congress <= bill.congress:
        do = f"A successor is a bill of the {bill.congress + 1}th Congress or a later one."
        file.wrong("bill.successor", "congress", f"is {successor.congress}", do)
    return replace(bill, successor=successor)


def _one_bill(file: Toml, table: str, keys: Collection[str]) -> CampaignBill:
    file.only(table, keys)
    congress = file.number(table, "congress", 101, 199)
    expires = file.instant(table, "expires", exact=True)
    if congress and expires > _end(congress).timestamp() * 1000:
        do = f"Write: expires = {_end(congress).isoformat()}"
        file.wrong(table, "expires", f"is after the end of the {congress}th Congress", do)
    return CampaignBill(congress, file.text(table, "number"), file.text(table, "title"), expires)


def _end(congress: int) -> datetime:
    """Noon on January 3, two years after the Congress began (Twentieth Amendment); the first began in 1789."""
    return datetime(1789 + 2 * congress, 1, 3, 12, tzinfo=WASHINGTON)


def _facts(file: Toml) -> tuple[dict[str, Fact], dict[str, str]]:
    reviews = {locale: f"language_review_{locale}" for locale in LOCALES}
    file.only("", {"meta", "fact"})
    file.only("meta", {"campaign", "compiled", *reviews.values()})
    facts = {key: _fact(file, key) for key in file.keys_of("fact")}
    return facts, {locale: file.text("meta", key, default="") for locale, key in reviews.items()}


def _fact(file: Toml, key: str) -> Fact:
    table = f"fact.{key}"
    if not _FACT.fullmatch(key):
        file.wrong(table, "", f"has the key {key!r}", "Use lowercase letters, digits and underscores: count_growth.")
    words = {f"{word}_{locale}" for word in ("text", "cite") for locale in LOCALES}
    source = ("source_title", "publisher", "source_url")
    rest = {"source_date", "title_from", "as_of", "review_by", "expires", "confidence", "kind", "use", "note"}
    rest |= {"reviewed_by", "reviewed_on"}
    file.only(table, words | rest | set(source))
    return Fact(
        key=key,
        text={locale: file.text(table, f"text_{locale}", default="") for locale in LOCALES},
        cite={locale: file.text(table, f"cite_{locale}", default="") for locale in LOCALES},
        sources=tuple(file.text(table, name, default="") for name in source),
        review_by=file.instant(table, "review_by", end=True),
        expires=file.instant(table, "expires") if "expires" in file.keys_of(table) else None,
        confidence=file.choice(table, "confidence", ("confirmed", "unconfirmed")),
        use=file.choice(table, "use", ("letter", "background", "never")),
        where=file.where(table),
    )
