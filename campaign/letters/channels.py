"""How an office can be reached today. Each channel answers the same three questions: can it work here, and why (not);
what does it need from the supporter; what does its success prove. Pure, and in the order of preference.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Literal

from campaign.model import Member, Seat

Channel = Literal["cwc", "email", "form", "call", "packet"]
Proves = Literal["accepted", "delivered", "reported"]  # the most that may be said when it worked
Route = Literal["cwc", "email", "form", "website", "call", "packet"]  # the channels; `website`: see Way.website
Asker = Literal["page", "office"]  # our page; or the office's own form, on which the supporter types it

BRING = ("cwc", "email", "form")  # a letter takes the first of these that works, and after a failure the next one
ROUTES: tuple[Route, ...] = ("cwc", "email", "form", "website")  # how reports distinguish those of BRING
BESIDE = ("call", "packet")  # offered beside it, by the supporter's choice
OURS = ("cwc", "email", "packet")  # we deliver by these, in the supporter's name
PREFIXES = ("Mr.", "Mrs.", "Ms.", "Miss", "Dr.")
NAME_LENGTH, LINE_LENGTH = 60, 100
VACANT = "nobody is known to hold this seat"
OPTED_OUT = "the supporter opted out, so nothing is sent in their name"

_LABELS = {"prefix": "Prefix", "phone": "Phone", "topic": "Topic", "subject": "Subject", "zip4": "ZIP+4"}


@dataclass(frozen=True, slots=True)
class Field:
    """What a channel needs from the supporter. `limit` in characters, 0: not known. `label`: the English word for it
    on an office's form, "" on our page, which has its own words.
    """

    name: str
    required: bool = True
    options: tuple[str, ...] = ()
    limit: int = LINE_LENGTH
    label: str = ""
    asker: Asker = "page"


@dataclass(frozen=True, slots=True)
class ChannelOption:
    """One channel's answers for one office. `why` says why it works, or why not, in a sentence that many offices share.

    `limit`: characters that the whole letter may have, 0: none is known. `website`, of `form`: the address of the form
    is not known, only the office's website, where the writer has to find it.
    """

    channel: Channel
    works: bool
    why: str
    fields: tuple[Field, ...] = ()
    limit: int = 0
    proves: Proves = "reported"
    daily: bool = False  # it goes with others in one summary a day
    website: bool = False

    @property
    def asked(self) -> tuple[Field, ...]:
        """What our page asks for."""
        return tuple(field for field in self.fields if field.asker == "page")

    @property
    def route(self) -> Route:
        """What reports call it."""
        return "website" if self.website else self.channel


@dataclass(frozen=True, slots=True)
class OfficeMeans:
    """What this installation has to reach one office, besides the office's public data."""

    contact: bool = False  # somebody brought a staff contact
    wants: str = ""  # each or daily
    answered: bool = False  # the office said so itself
    off: str = ""  # why the contact is not used
    needs: tuple[str, ...] = ()  # what the office asks its writers for: street, phone, prefix
    packets: bool = False  # the organization prints letters, and hands them in
    intake: bool = False  # Congress's own intake takes letters to it from here
    intake_why: str = "Congress's own intake is not configured here"


NAMES = (Field("first_name", limit=NAME_LENGTH), Field("last_name", limit=NAME_LENGTH))
_PREFIX = Field("prefix", options=PREFIXES, limit=0)
_ANSWER = Field("response", required=False, options=("Yes", "No"), limit=0)
_MORE = {
    "street": Field("street"),
    "city": Field("city"),
    "phone": Field("phone"),
}


def options(seat: Seat, means: OfficeMeans) -> tuple[ChannelOption, ...]:
    """The five channels of this office, each once: those of BRING, then those of BESIDE."""
    holder = seat.holder
    if holder is None:
        return tuple(ChannelOption(channel, False, VACANT) for channel in _CHANNELS)
    return (_cwc(means), _email(means), _form(holder), _call(holder), _packet(means))


_CHANNELS: tuple[Channel, ...] = ("cwc", "email", "form", "call", "packet")


def first(found: Collection[ChannelOption], without: Collection[str] = ()) -> ChannelOption | None:
    """The channel that takes a letter, when those of `without` failed; None: there is none left that works."""
    return next((way for way in found if way.works and way.channel in BRING and way.channel not in without), None)


def by_supporter(found: Collection[ChannelOption]) -> tuple[ChannelOption, ...]:
    """The same channels for a supporter who opted out: only those by which they deliver the letter themselves."""
    return tuple(replace(way, works=False, why=OPTED_OUT) if way.channel in OURS else way for way in found)


def _cwc(means: OfficeMeans) -> ChannelOption:
    """Wants more of its writers than any other, in both chambers; whether they want an answer is theirs to say."""
    fields = (_PREFIX, *NAMES, _MORE["street"], _MORE["city"], _ANSWER)
    return ChannelOption("cwc", means.intake, means.intake_why, fields, proves="accepted")


def _email(means: OfficeMeans) -> ChannelOption:
    prefix = (_PREFIX,) if "prefix" in means.needs else ()
    fields = (*prefix, *NAMES, *(_MORE[name] for name in _MORE if name == "city" or name in means.needs))
    if not means.contact:
        why = "no staff contact was loaded"
    elif means.off:
        why = means.off
    else:
        daily = means.wants == "daily"
        why = "the office said how it wants letters" if means.answered else "you said why before the office answered"
        if daily:
            why += ": one summary a day"
        return ChannelOption("email", True, why, fields, proves="delivered", daily=daily)
    return ChannelOption("email", False, why, fields, proves="delivered")


def _form(holder: Member) -> ChannelOption:
    """The office's own page, on which the supporter types and sends. What it asks for is known of some forms only."""
    topic = (holder.form_topic,) if holder.form_topic else ()
    fields = NAMES + tuple(
        Field(name, options=_options(name, topic), limit=0, label=_LABELS[name], asker="office")
        for name in ("prefix", "phone", "zip4", "topic", "subject")
        if name in holder.form_needs or (name == "topic" and topic)
    )
    if holder.form:
        return ChannelOption("form", True, "its own form is known", fields, holder.form_limit)
    if holder.url:
        why = "only its website is known; its form must be found there"
        return ChannelOption("form", True, why, fields, holder.form_limit, website=True)
    return ChannelOption("form", False, "no page of this office is known yet", fields)


def _options(name: str, topic: tuple[str, ...]) -> tuple[str, ...]:
    return topic if name == "topic" else PREFIXES if name == "prefix" else ()


def _call(holder: Member) -> ChannelOption:
    """Asks for nothing: not even a name is stored."""
    return ChannelOption(
        "call", bool(holder.phone), "its number is known" if holder.phone else "its number is not known"
    )


def _packet(means: OfficeMeans) -> ChannelOption:
    """On paper, in one packet for the office. It shows where its writer lives by town and ZIP code, and no street."""
    why = "the organization prints letters and hands them in" if means.packets else "campaign.toml offers no packets"
    return ChannelOption("packet", means.packets, why, (*NAMES, _MORE["city"]))
