"""The office's own web form, on which supporters paste their letters themselves. Only their word proves it."""

from __future__ import annotations

from sqlalchemy import Connection

from campaign.compose.campaign_folder.folder import CampaignConfig
from campaign.model import Member, Seat
from campaign.outreach.routing.channel import (
    NAMES,
    PREFIXES,
    ChannelOption,
    ConfirmedLetter,
    Field,
    LetterChannel,
    Offer,
)

_LABELS = {"prefix": "Prefix", "phone": "Phone", "zip4": "ZIP+4", "topic": "Topic", "subject": "Subject"}


class OfficeForm(LetterChannel):
    name, order = "form", 30
    labels = (
        ("form", "through the office's web form"),
        ("website", "through a form that supporters must find on the office's website"),
    )

    def offer(self, _conn: Connection, _campaign: CampaignConfig | None, /) -> Offer:
        return option

    def queue(self, conn: Connection, letter: ConfirmedLetter) -> None:
        self.hand_off(conn, letter)


def option(seat: Seat) -> ChannelOption:
    """What forms ask for is known of some offices only."""
    holder = seat.holder
    assert holder is not None, "a vacant seat has no channel"
    fields = (*NAMES, *_typed_there(holder))
    if holder.form:
        return ChannelOption("form", True, "its own form is known", fields, holder.form_limit)
    if holder.url:
        why = "only its website is known; its form must be found there"
        return ChannelOption("form", True, why, fields, holder.form_limit, website=True)
    return ChannelOption("form", False, "this office has no known web page yet", fields)


def _typed_there(holder: Member) -> tuple[Field, ...]:
    topics = (holder.form_topic,) if holder.form_topic else ()
    choices = {"prefix": PREFIXES, "topic": topics}
    return tuple(
        Field(name, options=choices.get(name, ()), limit=0, label=label, asker="office")
        for name, label in _LABELS.items()
        if name in holder.form_needs or (name == "topic" and topics)
    )
