"""A channel is one way to reach an office: a call, or one that takes letters, which we post or others hand in. The
classes at the end say what each must answer; `registry` lists them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection

from campaign.compose.campaign_folder.folder import CampaignConfig, Folder
from campaign.compose.messages.letter import LetterText
from campaign.compose.rendering.release import Release
from campaign.config import Settings
from campaign.congress.contacts import Contact
from campaign.delivery import outbox
from campaign.delivery.sender import Sender
from campaign.delivery.transport import Answer
from campaign.letters.letters import LetterContent
from campaign.letters.office_hours import Hours
from campaign.letters.pending import DueLetter
from campaign.letters.promises import PacketPromise
from campaign.model import ChannelName, Claimed, Kind, Recipient, Seat
from campaign.outreach.routing.schedule import Reschedule
from campaign.states import Outcome, Proof

Route = Literal["cwc", "email", "form", "website", "call", "packet"]  # in reports; "website": a form yet to be found
Asker = Literal["page", "office"]  # who asks the supporter: our page, or the office's own form

PREFIXES = ("Mr.", "Mrs.", "Ms.", "Miss", "Dr.")
NAME_LENGTH, LINE_LENGTH = 60, 100


@dataclass(frozen=True, slots=True)
class Field:
    """What a channel needs from the supporter. `limit` in characters, 0: unknown. `label`: its English name on an
    office's form; "" on our page, which has its own words.
    """

    name: str
    required: bool = True
    options: tuple[str, ...] = ()
    limit: int = LINE_LENGTH
    label: str = ""
    asker: Asker = "page"


NAMES = (Field("first_name", limit=NAME_LENGTH), Field("last_name", limit=NAME_LENGTH))
PREFIX = Field("prefix", options=PREFIXES, limit=0)
STREET, CITY, PHONE = Field("street"), Field("city"), Field("phone")


@dataclass(frozen=True, slots=True)
class ChannelOption:
    """One channel's answers for one office. `why` says why it works, or why not, in a sentence many offices share.

    `limit`: the most characters of a letter, 0: unknown. `website`: the office's form is not known, only its website.
    """

    channel: ChannelName
    works: bool
    why: str
    fields: tuple[Field, ...] = ()
    limit: int = 0
    daily: bool = False  # the letter is sent in one digest a day
    website: bool = False
    visit: PacketPromise | None = None  # who takes printed letters there, when and where; also when it is too late

    @property
    def asked(self) -> tuple[Field, ...]:
        """The fields our page asks for."""
        return tuple(field for field in self.fields if field.asker == "page")

    @property
    def route(self) -> Route:
        """Its name in reports."""
        return "website" if self.website else self.channel


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmedLetter:
    """A confirmed letter that needs a delivery. It must not be sent before `due_at`. Times in ms."""

    campaign_id: int
    supporter_id: int
    letter_id: int
    seat: str
    locale: str
    due_at: int
    now: int
    hours: Hours  # in which offices get email


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmedText:
    """What a supporter confirmed: the text, the personal note in the language `tongue`, and the values of the form.

    `proved`: whether the supporter's email and street were verified.
    """

    folder: Folder
    text: LetterText
    story: str
    tongue: str
    values: Mapping[str, str]
    proved: Mapping[str, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsentLetter:
    """A letter about to be confirmed for a seat, and the email of its writer. `now` in ms."""

    seat: str
    content: LetterContent
    email: str
    now: int


@dataclass(frozen=True, slots=True)
class LetterBatch:
    """What the letters of one batch of requests share. `now` in ms."""

    conn: Connection
    settings: Settings
    release: Release
    now: int


@dataclass(frozen=True, slots=True)
class LetterToRender:
    """A letter, its request and its writer."""

    claim: Claimed
    writer: Recipient
    letter: DueLetter
    content: LetterContent


@dataclass(frozen=True, slots=True)
class RenderedLetter:
    """The bytes to post; or `unfit`, why the channel can never take the letter; or `reschedule`, with the contact."""

    content: bytes = b""
    unfit: str = ""
    reschedule: Reschedule = ""
    contact: Contact | None = None


@dataclass(frozen=True, slots=True)
class LetterToPost:
    """A rendered letter, marked as being sent. `now` in ms."""

    claim: Claimed
    delivery_id: int
    seat: str
    content: bytes
    now: int
    again: bool  # an earlier try may have been taken


Offer = Callable[[Seat], ChannelOption]
Render = Callable[[LetterToRender], RenderedLetter]


class Channel(ABC):
    """One way to reach offices. Override what differs."""

    name: ChannelName
    order: int  # of preference, lowest first
    labels: tuple[tuple[Route, str], ...]  # (name in reports, how letters travel)
    proves: Proof = Proof.REPORTED  # the most that can be verified
    ours: bool = False  # we deliver, in the supporter's name
    optional: bool = False  # reports leave it out where it reaches no office

    @abstractmethod
    def offer(self, conn: Connection, campaign: CampaignConfig | None, /) -> Offer:
        """Its answers for each office whose seat is held, from what is read here once for all of them."""

    def refresh(self, sender: Sender) -> None:  # noqa: B027 -- most need none
        """Hourly upkeep."""


class LetterChannel(Channel):
    """Takes confirmed letters into the outbox."""

    def parts(self, _confirmed: ConfirmedText, /) -> tuple[tuple[str, str], ...]:
        """What to keep of a confirmed letter, besides its text, to render it later."""
        return ()

    def refuses(self, _settings: Settings, _folder: Folder, _letter: UnsentLetter, /) -> str:
        """Why it can never take this letter; "" when it may."""
        return ""

    @abstractmethod
    def queue(self, conn: Connection, letter: ConfirmedLetter) -> None:
        """Write the letter's delivery."""

    def hand_off(self, conn: Connection, letter: ConfirmedLetter, outcome: Outcome = Outcome.HANDED_OFF) -> None:
        """Write a delivery that someone else brings to the office."""
        outbox.hand_off(
            conn,
            letter.campaign_id,
            supporter_id=letter.supporter_id,
            letter_id=letter.letter_id,
            channel=self.name,
            now=letter.now,
            outcome=outcome,
        )


class PostedChannel(LetterChannel):
    """Posts each letter to the office from the send loop."""

    repeatable: bool = False  # a message is taken once however often it is posted, so a lost answer can be asked for
    needs_operator: tuple[str, ...] = ()  # reasons of unknown requests that are not asked for again

    def queue_alone(self, conn: Connection, letter: ConfirmedLetter, due_at: int) -> None:
        """Write a request with this letter alone, for `due_at` (ms)."""
        outbox.add_one(
            conn,
            letter.campaign_id,
            kind=Kind.LETTER,
            wave=f"{self.name}-{letter.letter_id}",
            locale=letter.locale,
            variant=letter.seat,
            supporter_id=letter.supporter_id,
            due_at=due_at,
            letter_id=letter.letter_id,
            channel=self.name,
        )

    @abstractmethod
    def renderer(self, batch: LetterBatch) -> Render:
        """Renders letters of a batch, from what is read here once for all of them."""

    @abstractmethod
    async def post(self, sender: Sender, letter: LetterToPost) -> Answer:
        """Post one rendered letter, once."""
