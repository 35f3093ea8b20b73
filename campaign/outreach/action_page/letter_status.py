"""Where each letter of a person is, and what they may do about it now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import Connection

from campaign.compose.messages import short_form
from campaign.congress import roster
from campaign.keys import Keys
from campaign.letters import letters
from campaign.letters.letters import KEPT_MS, Letter, LetterContent
from campaign.outreach.action_page.context import PageContext
from campaign.outreach.action_page.context import office as known_office
from campaign.outreach.action_page.letter_preview import preview
from campaign.outreach.action_page.views import OfficeView, Status
from campaign.outreach.routing.available_channels import InstalledChannels
from campaign.outreach.transition import pending_letters
from campaign.outreach.transition.pending_letters import CongressNow, LetterStatus
from campaign.states import Proof


def statuses(
    conn: Connection,
    here: InstalledChannels,
    keys: Keys,
    known: PageContext,
    scene: CongressNow,
    offices: Collection[OfficeView],
    lang: str,
) -> tuple[Status, ...]:
    """Every letter, with its words where the person may use them: to bring them to a form, or to write anew."""
    verdicts = {
        one.id: pending_letters.status_of(scene, one, known.person.zip, known.person.place) for one in known.letters
    }
    usable = [one for one, found in verdicts.items() if found.proof in (Proof.READY, Proof.BACK)]
    words = letters.read_contents(conn, keys, usable)
    may_confirm = not known.person.suppressed
    free = [office for office in offices if may_confirm and not office.written and office.channel]
    made = []
    for one in known.letters:
        found = verdicts[one.id]
        status = _status(here, known, one, found, words.get(one.id))
        back = found.proof is Proof.BACK
        office = next((office for office in free if _takes_place(office, one)), None) if back else None
        if status is not None and office is not None:
            free.remove(office)
            typed = dict(words[one.id].typed) if one.id in words else {}
            status = replace(status, anew=preview(keys, known, office, lang, typed), typed=typed)
        made += [status] if status else []
    return tuple(made)


def _takes_place(office: OfficeView, one: Letter) -> bool:
    """Whether a letter to this office is what the writer of that one may write now."""
    return office.seat == one.seat or (office.house and one.seat.startswith("H:"))


def _status(
    here: InstalledChannels, known: PageContext, one: Letter, found: LetterStatus, words: LetterContent | None
) -> Status | None:
    seat = known.roster.seats.get(one.seat)
    to = roster.held_by(known.roster, one.seat, one.holder) or seat
    if seat is None or to is None:
        return None
    settled = one.at or max(one.due_at, known.now)
    holder, why = seat.holder, "district" if seat.house else "state"
    shown = words if found.proof is Proof.READY else None
    return Status(
        letter=one.id,
        office=known_office(here, known, to, why),
        state=Proof.HELD.value if found.proof is Proof.READY and shown is None else found.proof.value,
        due_at=one.due_at,
        can_take_back=one.proof in letters.STAYED and not one.withdrawn,
        text=shown.core if shown else "",
        subject=shown.subject if shown else "",
        values=shown.fields if shown else (),
        form_url=(holder.form or holder.url) if holder else "",
        over=max(0, short_form.length(shown.core) - holder.form_limit) if shown and holder and holder.form_limit else 0,
        kept_until=settled + KEPT_MS,
        at=one.confirmed_at,
        fallback=one.fell_back,
        channel=one.channel,
        why=found.why,
        now=known_office(here, known, seat, why) if holder and holder.bioguide != one.holder else None,
        with_writer=one.proof is Proof.READY,
        daily=one.daily,
    )
