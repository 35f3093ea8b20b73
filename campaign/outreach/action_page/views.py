"""The data that a supporter's pages show; templates/web renders it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from campaign.compose.campaign_folder.appearance import Brand
from campaign.compose.campaign_folder.images import Image
from campaign.compose.messages.call_script import Script
from campaign.compose.messages.letter import LetterText
from campaign.letters.office_hours import OfficeNow
from campaign.model import ChannelName
from campaign.outreach.routing import available_channels, registry
from campaign.outreach.routing.channel import ChannelOption, Field

Way = Literal["packet", "call", "form"]
NEVER_OPEN = OfficeNow(open=False, changes_at=0)


@dataclass(frozen=True, slots=True)
class Branding:
    """How a campaign looks."""

    slug: str
    brand: Brand
    logo: Image | None


@dataclass(frozen=True, slots=True, eq=False)  # one object for each release and era: compared as such
class CampaignPage:
    """What any page behind a link may show: the campaign, and nothing about the supporter."""

    slug: str
    title: dict[str, str]
    organization: str
    postal_address: str
    reply_to: str
    why: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)  # by language: (fact, its source)
    lead: Mapping[str, str] = field(default_factory=dict)  # what the campaign asks for, in two or three sentences
    brief: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)  # (question, answer)
    description: Mapping[str, str] = field(default_factory=dict)  # for a preview where the open page is shared
    message: Mapping[str, str] = field(default_factory=dict)  # what a person sends to a friend, before the link
    subject: Mapping[str, str] = field(default_factory=dict)  # of such an email
    deadline: int = 0  # when what it asks for expires (ms)
    indexable: bool = False  # search engines may list the open page
    branding: Branding | None = None
    image: Image | None = None  # for a preview where the open page is shared


@dataclass(frozen=True)  # without slots: a page asks some properties dozens of times
class OfficeView:
    """One office that the supporter may write to. `options`: every channel's, in order of preference."""

    seat: str
    name: str
    house: bool
    state: str
    district: int
    why: str  # district, state, chosen, candidate, address
    options: tuple[ChannelOption, ...]
    written: bool
    phone: str
    url: str
    vacant: bool
    warning: str
    gender: str
    held: bool = False  # the campaign sends its holder nothing for now
    form: str = ""  # the address of the office's own form
    last_name: str = ""

    @cached_property
    def _first(self) -> ChannelOption | None:
        """The channel that takes a letter now."""
        return None if self.held else available_channels.first(self.options)

    @property
    def channel(self) -> ChannelName | Literal[""]:
        """The name of that channel; "" for none."""
        return self._first.channel if self._first else ""

    @property
    def website(self) -> bool:
        """Whether only the office's website is known, so that the writer has to find the form there."""
        return any(option.website for option in self.options)

    @cached_property
    def on_paper(self) -> ChannelOption | None:
        """The printed packet, if letters for this office are put into one now."""
        offered = available_channels.in_order(self.options) if self._first else ()
        return next((option for option in offered if option.channel == "packet"), None)

    def option(self, channel: str) -> ChannelOption:
        """The channel that was asked for, if it is offered; otherwise ours, or else the one that takes a letter."""
        offered = (self.on_paper, self.own_form, self.by_us, self._first)
        wanted = next((option for option in offered if option and option.channel == channel), None)
        option = wanted or self.by_us or self._first
        assert option is not None, "a letter is shown only where a channel takes it"
        return option

    @property
    def own_form(self) -> ChannelOption | None:
        """The office's own form, or its website."""
        return next((option for option in self.options if option.channel == "form" and option.works), None)

    @cached_property
    def by_us(self) -> ChannelOption | None:
        """The channel by which we deliver a letter there."""
        if self._first and registry.get(self._first.channel).ours:
            return self._first
        return self.on_paper

    @property
    def daily(self) -> bool:
        """Whether that channel is one digest a day."""
        return self._first is not None and self._first.daily

    @property
    def asked(self) -> tuple[Field, ...]:
        """What our page asks for, because the channel that takes a letter needs it."""
        option = self.by_us or self._first
        return option.asked if option else ()


@dataclass(frozen=True, slots=True)
class LetterPreview:
    """The letter as this office will get it. The personal note is in the language `tongue`. Lengths are in
    characters, as `short_form.length` counts them.
    """

    office: OfficeView
    text: LetterText
    seen: str  # identifies the text; the confirmation returns it
    shown_until: int | None
    limit: int  # the longest personal note
    beside: int  # the longest one that leaves this text as it is
    over: int  # how much the typed one exceeds `limit`
    takes: int  # the longest letter that the office's form takes; 0: not known
    fits: bool  # False: this form is too short for any letter
    refit: bool  # the text that came back has no room for this personal note, and this one has
    tongue: str
    summary: str  # the line on top of a Spanish personal note
    whole: str = ""  # the letter with the typed personal note, to copy
    differs: tuple[str, ...] = ()  # the paragraphs that the first letter on the page does not have


@dataclass(frozen=True, slots=True)
class Status:
    """One confirmed letter, and only what is proved of it (a word of `states.Proof`). Times in ms."""

    letter: int
    office: OfficeView
    state: str
    due_at: int
    can_take_back: bool
    text: str  # to copy, while the supporter has to send it
    subject: str
    values: tuple[tuple[str, str], ...]
    form_url: str  # the office's form, or its website if no form is known
    over: int  # characters by which it exceeds what the office's form takes
    kept_until: int
    at: int
    fallback: bool
    channel: str
    why: str = ""  # why it is held: a key of letter_decision.WAITS; why it was returned: holder, lines, text
    new_holder: OfficeView | None = None  # the office now, if someone else holds the seat
    replacement: LetterPreview | None = None  # the letter that may be confirmed in its place
    typed: Mapping[str, str] = field(default_factory=dict)  # the form of the returned letter
    with_writer: bool = False  # the writer has the text for the office's form, and has not reported back
    daily: bool = False  # it is part of a digest


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """Where to call. `near`: washington, or how close a local office is; `zone` is "" if it is not known."""

    phone: str
    near: str  # washington, zip, area, state
    city: str = ""
    hours: str = ""  # as the office gave them, in English
    zone: str = ""


@dataclass(frozen=True, slots=True)
class CallSheet:
    """A call to one office. `reported`: what the supporter said about an earlier call, "" for nothing. `now` in ms."""

    seat: str
    script: Script | None
    numbers: tuple[PhoneNumber, ...]
    reported: str
    now: int


@dataclass(frozen=True, slots=True)
class ReportedAction:
    """What the supporter said about a call to an office or about its form (`letters.reported`), and when (ms)."""

    office: OfficeView
    way: Way
    outcome: str
    at: int


@dataclass(frozen=True, slots=True)
class FormTask:
    """The office's own form: what to copy and what it will ask for. Nothing of it comes back to us."""

    office: OfficeView
    text: str  # of the letter, as the writer may paste it
    subject: str
    url: str  # of the form, or of the website where it must be found
    host: str
    website: bool  # only the website is known
    asks: tuple[Field, ...]  # what is known of this form
    limit: int  # characters of its message; 0: not known
    translation: LetterText | None = None  # for a reader of another language


@dataclass(frozen=True, slots=True)
class Finder:
    """The supporter may look up their street. `why` the lookup of `street` proved nothing (a word of
    geocoding/agreement, or "short"), and the seat that only one source `named`.
    """

    why: str = ""
    street: str = ""
    named: str = ""


@dataclass(frozen=True, slots=True)
class ClosedHouse:
    """A state whose House seats get no letters yet. `why`: its new "members" or its new "lines" are not in the data;
    `since` (ms): when its new House began.
    """

    state: str
    why: str
    since: int


@dataclass(frozen=True, slots=True)
class ActionPage:
    """A page after the ZIP code. `own`: it is behind a supporter's link, with the ZIP code on file; otherwise the page
    shows nothing about any supporter.
    """

    campaign: CampaignPage
    zip: str
    own: bool
    first_name: str
    last_name: str
    offices: tuple[OfficeView, ...]
    candidates: tuple[OfficeView, ...]
    warnings: tuple[str, ...]
    letters: tuple[Status, ...]
    preview: LetterPreview | None
    take_back: int  # seconds
    text_days: int
    now: int = 0  # ms
    hours: OfficeNow = NEVER_OPEN  # of the offices in Washington
    house: str = ""  # the House seat that the visitor chose, or view_state.UNSURE
    lead: OfficeView | None = None  # of the offices that take only forms, the one that comes first
    lead_why: str = ""  # why a senator does: a word of lead_office
    office: OfficeView | None = None  # the one that was asked for, otherwise `lead`
    ways: tuple[Way, ...] = ()  # how to reach that office, in the order of what finishes
    previews: tuple[LetterPreview, ...] = ()  # a letter for each office that we deliver to
    form: FormTask | None = None  # for that office
    call: CallSheet | None = None  # for that office
    reported: tuple[ReportedAction, ...] = ()
    finder: Finder | None = None
    by_address: bool = False  # the supporter's street settled the House seat
    statewide: bool = False  # the ZIP shows the state only: `candidates` are all its House seats
    closed: tuple[ClosedHouse, ...] = ()
    opted_out: str = ""  # why nothing is sent in the supporter's name: a key of [opted_out] in words.toml
    other_zip: bool = False  # behind a supporter's link, and not the ZIP code on file
    discreet: bool = False  # the supporter asked for email subjects that name no topic
    has_acted: bool = False  # the supporter wrote a letter, or reported a call or a form


@dataclass(frozen=True, slots=True)
class MustConfirmAgain:
    """The form is shown again, and nothing was stored: `problems` by field, and what was typed."""

    page: ActionPage
    problems: Mapping[str, str]
    typed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Stopped:
    """The supporter opted out: nothing was stored, and nothing will be sent. The letter can be copied."""

    page: ActionPage
    typed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The letters that are confirmed now, by their ids, and the page on which they were."""

    page: ActionPage
    letters: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class OtherZip:
    """The ZIP code is not the one on file: nothing is sent in the supporter's name."""
