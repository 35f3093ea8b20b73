"""Where each of a supporter's letters is, and what they can do about it now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import Connection

from campaign.compose.messages import short_form
from campaign.congress import roster
from campaign.letters import letters
from campaign.letters.letters import KEPT_MS, Letter, LetterContent
from campaign.outreach.action_page.context import PageContext, office_view
from campaign.outreach.action_page.letter_preview import preview
from campaign.outreach.action_page.views import OfficeView, Status
from campaign.outreach.routing.available_channels import InstalledChannels
from campaign.outreach.transition import letter_decision
from campaign.outreach.transition.letter_decision import CongressNow, LetterStatus
from campaign.states import Proof


def statuses(
    conn: Connection,
    channels: InstalledChannels,
    context: PageContext,
    congress: CongressNow,
    offices: Collection[OfficeView],
) -> tuple[Status, ...]:
    """Every letter, with its text where the supporter needs it: for an office's form, or to confirm again."""
    if not context.letters:
        return ()
    supporter = context.visit.person
    found = {
        letter.id: letter_decision.status_of(congress, letter, supporter.zip, supporter.place)
        for letter in context.letters
    }
    usable = [letter for letter, status in found.items() if status.proof in (Proof.READY, Proof.BACK)]
    contents = letters.read_contents(conn, context.visit.keys, usable)
    may_confirm = not supporter.suppressed
    free = [office for office in offices if may_confirm and not office.written and office.channel]
    made = []
    for letter in context.letters:
        content = contents.get(letter.id)
        status = _status(channels, context, letter, found[letter.id], content)
        back = found[letter.id].proof is Proof.BACK
        office = next((office for office in free if _replaces(office, letter)), None) if back else None
        if status is not None and office is not None:
            free.remove(office)
            typed = dict(content.typed) if content else {}
            status = replace(status, replacement=preview(context, office, typed), typed=typed)
        made += [status] if status else []
    return tuple(made)


def _replaces(office: OfficeView, letter: Letter) -> bool:
    """Whether the writer of a returned letter may write to this office in its place."""
    return office.seat == letter.seat or (office.house and letter.seat.startswith("H:"))


def _status(
    channels: InstalledChannels,
    context: PageContext,
    letter: Letter,
    status: LetterStatus,
    content: LetterContent | None,
) -> Status | None:
    seat = context.roster.seats.get(letter.seat)
    addressee = roster.held_by(context.roster, letter.seat, letter.holder) or seat
    if seat is None or addressee is None:
        return None
    settled = letter.at or max(letter.due_at, context.visit.now)
    holder, why = seat.holder, "district" if seat.house else "state"
    ready = status.proof is Proof.READY
    shown = content if ready else None
    limit = holder.form_limit if holder else 0
    text = _to_copy(shown, limit) if shown else ""
    return Status(
        letter=letter.id,
        office=office_view(channels, context, addressee, why),
        state=Proof.HELD.value if ready and shown is None else status.proof.value,
        due_at=letter.due_at,
        can_take_back=letter.proof in letters.STAYED and not letter.withdrawn,
        text=text,
        subject=shown.subject if shown else "",
        values=shown.fields if shown else (),
        form_url=(holder.form or holder.url) if holder else "",
        over=max(0, short_form.length(text) - limit) if limit else 0,
        kept_until=settled + KEPT_MS,
        at=letter.confirmed_at,
        fallback=letter.fell_back,
        channel=letter.channel,
        why=status.why,
        new_holder=office_view(channels, context, seat, why) if holder and holder.bioguide != letter.holder else None,
        with_writer=letter.proof is Proof.READY,
        daily=letter.daily,
    )


def _to_copy(words: LetterContent, limit: int) -> str:
    """The letter for the office's form, with the writer's name under it if the form has room for that."""
    signed = words.signed(words.name)
    return signed if not limit or short_form.length(signed) <= limit else words.signed("")
