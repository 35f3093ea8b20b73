"""A letter as Congress's own intake takes it: what to keep of it when it is confirmed, and the message to send."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import Connection, and_, select

from campaign.clock import WASHINGTON
from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.messages import letter as letter_text
from campaign.compose.rendering import release
from campaign.config import Settings
from campaign.delivery.cwc import codes, message
from campaign.delivery.cwc.message import Agent, Constituent, CwcBill, CwcMessage, Sponsor, Unfit
from campaign.errors import CampaignError
from campaign.keys import Keys
from campaign.letters import access
from campaign.outreach.routing.channel import ConfirmedText, UnsentLetter
from campaign.store.schema import delivery, evidence, letter, request, supporter

NO_ID = "0" * 32
WRITER = ("prefix", "first_name", "last_name", "street", "city", "response")


def address_parts(confirmed: ConfirmedText) -> tuple[tuple[str, str], ...]:
    """What to keep of a letter for the intake, as confirmed: its text, and its writer in fields of their own."""
    text, spanish = confirmed.text, confirmed.tongue != letter_text.OFFICES_READ
    whole = letter_text.full_text(text, "", letter_text.OFFICES_READ)
    summary = letter_text.summary(text) if confirmed.story and spanish else ""
    bill = _bill(confirmed.folder, f"{text.subject} {whole}")
    values = {
        **{name: confirmed.values.get(name, "") for name in WRITER},
        **{name: "Y" for name, proved in confirmed.proved.items() if proved},
        "statement": f"{summary}\n\n{whole}".strip(),
        "story": confirmed.story,
        "campaign": _campaign(confirmed.folder.slug, text.variant, bill),
        "bill": f"{bill.congress} {bill.kind} {bill.number} {bill.stance}" if bill else "",
    }
    return tuple((name, value) for name, value in values.items() if value)


def _bill(folder: Folder, text: str) -> CwcBill | None:
    """The campaign's bill, where the letter names it."""
    bill = folder.campaign.bill
    named = codes.bill(bill.number) if re.search(rf"{re.escape(bill.number)}(?![0-9])", text) else None
    stance = "Pro" if folder.campaign.stance == "support" else "Con"
    return CwcBill(bill.congress, *named, stance) if named else None


def _campaign(slug: str, variant: str, bill: CwcBill | None) -> str:
    """One id for each bill and stance, or for each ask: offices group letters by it."""
    return f"{slug}-{bill.congress}-{bill.kind}{bill.number}-{bill.stance.lower()}" if bill else f"{slug}-{variant}"


def message_body(settings: Settings, folder: Folder, letter: UnsentLetter, *, token: str) -> bytes:
    """The message of a letter. `token` is its request's: stored before anything is sent, and the same for each try, as
    a DeliveryId must be. Raises CampaignError when the intake cannot take this letter.
    """
    parts = dict(letter.content.parts)
    if not parts:
        raise Unfit("it was not written for CWC")
    config, organization = settings.cwc, folder.campaign.organization
    congress, kind, number, stance = (parts.get("bill", "") or "0 - 0 -").split()
    writer = Constituent(
        prefix=parts.get("prefix", ""),
        first_name=parts.get("first_name", ""),
        last_name=parts.get("last_name", ""),
        street=parts.get("street", ""),
        city=parts.get("city", ""),
        state=letter.seat.split(":")[1],
        zip=dict(letter.content.fields).get("zip", ""),
        email=letter.email,
        answer=parts.get("response", "")[:1],
        address_checked="address" in parts,
        email_checked="email" in parts,
    )
    agent = Agent(
        name=config.agent,
        ack_email=config.ack_email,
        contact_name=config.contact_name,
        contact_email=config.contact_email,
        contact_phone=config.contact_phone,
    )
    return message.render(
        CwcMessage(
            delivery_id=token,
            day=datetime.fromtimestamp(letter.now / 1000, WASHINGTON).strftime("%Y%m%d"),
            office=codes.office(letter.seat),
            agent=agent,
            sponsor=Sponsor(organization.legal_name, organization.signer_name, organization.reply_to),
            campaign_id=parts.get("campaign", ""),
            writer=writer,
            subject=letter.content.subject,
            topics=folder.campaign.topics,
            bill=CwcBill(int(congress), kind, int(number), stance) if "bill" in parts else None,
            statement=parts.get("statement", ""),
            story=parts.get("story", ""),
        )
    )


def render_for_operator(
    conn: Connection, keys: Keys, settings: Settings, letter_id: int, *, now: int, by: str = ""
) -> bytes:
    """The message of a letter as it would be sent now (ms), under its own DeliveryId where it has one, for an operator
    to read.

    `by`: the operator's name; recorded with the system's account name. Raises CampaignError when there is no such
    letter, its text is no longer kept, or the intake cannot take it.
    """
    sent = and_(delivery.c.letter_id == letter.c.id, delivery.c.channel == "cwc")
    row = conn.execute(
        select(letter.c.seat, letter.c.campaign_id, evidence.c.release, supporter.c.email, request.c.token)
        .join(evidence, evidence.c.id == letter.c.evidence_id)
        .join(supporter, supporter.c.id == letter.c.supporter_id)
        .outerjoin(delivery, sent)
        .outerjoin(request, request.c.id == delivery.c.request_id)
        .where(letter.c.id == letter_id)
    ).one_or_none()
    if row is None:
        raise CampaignError("there is no such letter", where=f"letter {letter_id}")
    contents = access.read(
        conn, keys, [letter_id], what="cwc", campaign_id=row.campaign_id, seat=row.seat, by=by, now=now
    )
    if letter_id not in contents:
        raise CampaignError("its text is no longer kept", where=f"letter {letter_id}")
    unsent = UnsentLetter(seat=row.seat, content=contents[letter_id], email=row.email or "", now=now)
    return message_body(settings, release.load(conn, row.release).folder, unsent, token=row.token or NO_ID)
