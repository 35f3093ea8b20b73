"""Save a confirmed letter: evidence, letter, delivery and receipt, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from sqlalchemy import Connection

from campaign.compose.messages import letter as texts
from campaign.delivery import outbox
from campaign.letters import eligibility, letters
from campaign.letters.letters import LetterContent, NewLetter
from campaign.model import ChannelName
from campaign.outreach.action_page.check_form import CheckedForm
from campaign.outreach.action_page.context import PageContext
from campaign.outreach.action_page.letter_preview import CONSENT
from campaign.outreach.routing import available_channels, queue_receipt, registry, schedule
from campaign.outreach.routing.channel import ConfirmedLetter, ConfirmedText, UnsentLetter
from campaign.states import Outcome


def save_letter(
    conn: Connection, context: PageContext, checked: CheckedForm, *, by: Literal["page", "mail"]
) -> int | None:
    """Save the letter, confirmed on the page or by the code from the email; its id. None for a concurrent duplicate,
    which changes nothing.
    """
    visit, seat, matched = context.visit, checked.seat, _matched(context, checked)
    content = _content(context, checked, proved={"email": by == "mail", "address": matched == "address"})
    channel, refused = _channel(context, checked, content)
    take_back = visit.settings.campaign.take_back * 1000
    due_at = visit.now + take_back if registry.get(channel).ours else visit.now
    assert seat.holder is not None
    letter_id = letters.confirm(
        conn,
        visit.keys,
        NewLetter(
            campaign_id=visit.campaign.id,
            supporter_id=visit.person.id,
            seat=seat.code,
            holder=seat.holder.bioguide,
            matched=matched,
            variant=checked.preview.text.variant,
            locale=visit.text_language,
            release=visit.release.hash,
            words=content,
            characters=len(checked.story),
            due_at=due_at,
            valid_until=checked.preview.text.valid_until,
            token=visit.request.token,
            consent=CONSENT,
            by=by,
            quote=checked.quote,
            shown=checked.shown,
        ),
        visit.now,
    )
    if letter_id is None:
        return None
    for name, reason in refused:
        outbox.hand_off(
            conn,
            visit.campaign.id,
            supporter_id=visit.person.id,
            letter_id=letter_id,
            channel=name,
            now=visit.now,
            outcome=Outcome.REFUSED,
            reason=reason,
        )
    letter = ConfirmedLetter(
        campaign_id=visit.campaign.id,
        supporter_id=visit.person.id,
        letter_id=letter_id,
        seat=seat.code,
        locale=visit.text_language,
        due_at=due_at,
        now=visit.now,
        hours=schedule.hours(visit.settings),
    )
    registry.letter_channels()[channel].queue(conn, letter)
    queue_receipt.announce_letter(
        conn,
        visit.campaign.id,
        supporter_id=visit.person.id,
        letter_id=letter_id,
        locale=visit.text_language,
        due_at=queue_receipt.due_at(visit.settings, visit.now),
    )
    return letter_id


def _matched(context: PageContext, checked: CheckedForm) -> Literal["zip", "address", "chosen"]:
    matched = eligibility.match_basis(context.match, checked.seat.code, context.house_seat)
    assert matched is not None, "a letter to a seat that the ZIP code does not prove"
    return matched


def _content(context: PageContext, checked: CheckedForm, proved: Mapping[str, bool]) -> LetterContent:
    """Everything about the letter that any channel may need."""
    preview, lines, name, match = checked.preview, checked.lines, checked.name, context.match
    text, place = preview.text, (lines.get("city", ""), checked.seat.state, match.zip)
    prefix = {key: value for key, value in lines.items() if key == "prefix"}
    channel = registry.letter_channels()[checked.channel]
    confirmed = ConfirmedText(
        folder=context.visit.release.folder,
        text=text,
        story=checked.story,
        tongue=preview.tongue,
        values={**lines, "first_name": checked.first_name, "last_name": checked.last_name},
        proved=proved,
    )
    return LetterContent(
        subject=text.subject,
        core=texts.core(text, checked.story, preview.tongue),
        envelope=texts.envelope(name, *place, lines) if channel.ours else "",
        name=name,
        fields=(("name", name), ("zip", match.zip), *([("zip4", match.zip4)] if match.zip4 else [])),
        on_paper=texts.envelope(name, *place, prefix),
        parts=channel.parts(confirmed),
        typed=tuple(checked.typed.items()),
        postscript=text.english.postscript,
    )


def _channel(
    context: PageContext, checked: CheckedForm, content: LetterContent
) -> tuple[ChannelName, list[tuple[ChannelName, str]]]:
    """The channel that takes the letter, and each one before it that cannot, with the reason."""
    visit, channel, refused = context.visit, checked.channel, list[tuple[ChannelName, str]]()
    letter = UnsentLetter(seat=checked.seat.code, content=content, email=visit.person.email, now=visit.now)
    while reason := registry.letter_channels()[channel].refuses(visit.settings, visit.release.folder, letter):
        tried = [*(name for name, _ in refused), channel]
        following = available_channels.first(checked.preview.office.options, tried)
        if following is None:
            return checked.channel, []
        refused.append((channel, reason))
        channel = following.channel
    return channel, refused
