"""The nouns of a supporter's pages: what each shows. Made by `outreach/desk`, and rendered by the web."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from campaign.compose.messages.letter import LetterText
from campaign.model import ChannelName
from campaign.outreach.action_page.call_sheet import CallSheet
from campaign.outreach.routing import available_channels
from campaign.outreach.routing.channel import ChannelOption, Field


@dataclass(frozen=True, slots=True)
class CampaignPage:
    """What a page behind a link may show: the campaign, and nothing of the person."""

    slug: str
    title: dict[str, str]
    organization: str
    postal_address: str
    reply_to: str
    locale: str  # the language that the person reads, "" when unknown
    expired: bool
    why: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)  # by language: (fact, its source)


@dataclass(frozen=True, slots=True)
class OfficeView:
    """One office that the person may write to. `ways`: every channel's answers, in the order of preference."""

    seat: str
    name: str
    house: bool
    state: str
    district: int
    why: str  # district, state, chosen, candidate
    ways: tuple[ChannelOption, ...]
    written: bool
    phone: str
    url: str
    vacant: bool
    warning: str
    gender: str
    held: bool = False  # the campaign sends its holder nothing for now
    form: str = ""  # the page with its own form

    @property
    def channel(self) -> ChannelName | Literal[""]:
        """The channel that takes a letter now; "" when none does."""
        way = available_channels.first(self.ways)
        return way.channel if way and not self.held else ""

    @property
    def website(self) -> bool:
        """Whether only the office's website is known, so that its writer has to find the form there."""
        return any(way.website for way in self.ways)

    @property
    def on_paper(self) -> ChannelOption | None:
        """The packet, where letters are printed for it; offered beside that channel."""
        return available_channels.chosen_by_writer(self.ways) if self.channel else None

    def option(self, channel: str) -> ChannelOption:
        """The channel the writer chose, where it is offered; else the one that takes a letter."""
        option = self.on_paper if self.on_paper and self.on_paper.channel == channel else None
        option = option or available_channels.first(self.ways)
        assert option is not None, "a letter is shown only where a channel takes it"
        return option

    @property
    def daily(self) -> bool:
        """Whether that channel is one summary a day."""
        way = available_channels.first(self.ways)
        return way is not None and way.daily

    @property
    def asked(self) -> tuple[Field, ...]:
        """What our page asks for, because that channel needs it."""
        way = available_channels.first(self.ways)
        return way.asked if way else ()


@dataclass(frozen=True, slots=True)
class LetterPreview:
    """The letter as this office will get it, before the person's own words, which are in the language `tongue`.

    They may have `limit` characters, as `fit.length` counts them; beside up to `beside` the text stays as it is, for
    more it gets shorter. Those that were typed are `over` the limit by so many. The form `takes` so many in all; 0:
    not known. `seen` comes back with the confirmation: it says which text was on the page.
    """

    office: OfficeView
    text: LetterText
    seen: str
    shown_until: int | None
    limit: int
    beside: int
    over: int
    takes: int
    fits: bool  # False: this form is too short for any letter
    refit: bool  # the text that came back has no room for these words, this one has
    tongue: str
    summary: str  # the line on top where the own words are in Spanish
    whole: str = ""  # the letter with the own words that were typed, to copy


@dataclass(frozen=True, slots=True)
class Status:
    """One letter that exists, and only what is proved of it (a word of `states.Proof`). Times in ms."""

    letter: int
    office: OfficeView
    state: str
    due_at: int
    can_take_back: bool
    text: str  # to copy, while it waits for the person
    subject: str
    values: tuple[tuple[str, str], ...]
    form_url: str  # the office's form, or its website where no form is known
    over: int  # characters by which it is longer than the office's form takes
    kept_until: int
    at: int
    fallback: bool
    channel: str
    why: str = ""  # of what is held: a key of switch.WAITS; of what went back: holder, lines, text
    now: OfficeView | None = None  # the office as it is, where somebody else holds the seat by now
    anew: LetterPreview | None = None  # the letter that may be confirmed in its place
    typed: Mapping[str, str] = field(default_factory=dict)  # what was typed for the first one
    with_writer: bool = False  # its writer was given the text for the office's form, and has not said more
    daily: bool = False  # it goes in the summary of a day


@dataclass(frozen=True, slots=True)
class ReportedCall:
    """What the person said of a call to an office (a word of `calls.Outcome`), and when (ms)."""

    office: OfficeView
    outcome: str
    at: int


@dataclass(frozen=True, slots=True)
class Finder:
    """The person may look up their street. `why` it proved nothing just now (a word of congress/agree, or "short"), for
    which `street`, and the seat that one source alone `named`.
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
    """A person's page. `own`: the ZIP is the one on file; else it is a blank page, on which nothing of hers stands."""

    page: CampaignPage
    zip: str
    own: bool
    first_name: str
    last_name: str
    offices: tuple[OfficeView, ...]
    candidates: tuple[OfficeView, ...]
    warnings: tuple[str, ...]
    letters: tuple[Status, ...]
    sheet: LetterPreview | None
    consent: str
    take_back: int  # seconds
    text_days: int
    call: CallSheet | None = None  # of the office that was asked for, else of the one that the letter is to
    called: tuple[ReportedCall, ...] = ()
    finder: Finder | None = None
    found: bool = False  # the representative is the one of their street
    statewide: bool = False  # the ZIP shows the state only: `candidates` are all its House seats
    closed: tuple[ClosedHouse, ...] = ()  # of the states that the ZIP is in
    opted_out: str = ""  # why nothing is sent in the supporter's name: a key of `opted_out` in words.toml; "": not so


@dataclass(frozen=True, slots=True)
class MustConfirmAgain:
    """The form came back, and nothing was stored: `problems` by field, and what was typed."""

    desk: ActionPage
    problems: Mapping[str, str]
    typed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Stopped:
    """Nothing was stored and nothing will be sent: the supporter opted out. Their letter can be copied."""

    desk: ActionPage
    typed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class HeldDraft:
    """A letter for another ZIP: if the address typed is the one on file, a mail is on its way to it."""

    page: CampaignPage
