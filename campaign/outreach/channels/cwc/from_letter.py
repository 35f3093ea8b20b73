"""A letter as Congress's own intake wants it: what is kept of it when it is confirmed, and the message that leaves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, and_, select

from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.messages.letter import OFFICES_READ, LetterText, summary
from campaign.compose.rendering import release
from campaign.config import Settings
from campaign.delivery.cwc import codes, hours, message
from campaign.delivery.cwc.message import Agent, Constituent, CwcBill, CwcMessage, Sponsor, Unfit
from campaign.errors import CampaignError
from campaign.keys import Keys
from campaign.letters import access
from campaign.letters.letters import LetterContent
from campaign.store.schema import delivery, evidence, letter, request, supporter

NO_ID = "0" * 32


def address_parts(
    folder: Folder, text: LetterText, story: str, tongue: str, lines: Mapping[str, str], checked: Mapping[str, bool]
) -> tuple[tuple[str, str], ...]:
    """What a letter's words keep for the intake: its text by field, and who wrote it, as confirmed. `lines` are the
    lines of the form; `checked` says of email and address whether they were proved.
    """
    said = text.said
    top = summary(text) if story and tongue != OFFICES_READ else ""
    bill = _bill(folder, f"{text.subject} {said.ask} {said.statement}")
    found = {
        **{name: lines.get(name, "") for name in ("prefix", "first_name", "last_name", "street", "city", "response")},
        **{name: "Y" for name, proved in checked.items() if proved},
        "statement": "\n\n".join(filter(None, (top, said.ask, said.statement, said.reference, said.sources))),
        "story": story,
        "campaign": _campaign(folder.slug, text.variant, bill),
        "bill": f"{bill.congress} {bill.kind} {bill.number} {bill.stance}" if bill else "",
    }
    return tuple((name, value) for name, value in found.items() if value)


def _bill(folder: Folder, text: str) -> CwcBill | None:
    """The campaign's bill, where the letter names it."""
    found = folder.campaign.bill
    stands = re.search(rf"{re.escape(found.number)}(?![0-9])", text)
    named = codes.bill(found.number) if stands else None
    return CwcBill(found.congress, *named, "Pro" if folder.campaign.stance == "support" else "Con") if named else None


def _campaign(slug: str, variant: str, bill: CwcBill | None) -> str:
    """One id for each bill and stance, else for each ask: offices group letters by it."""
    return f"{slug}-{bill.congress}-{bill.kind}{bill.number}-{bill.stance.lower()}" if bill else f"{slug}-{variant}"


def message_body(
    settings: Settings, folder: Folder, seat: str, words: LetterContent, *, email: str, token: str, now: int
) -> bytes:
    """The message of a letter. `token` is its request's: made and stored before anything leaves, and the same for each
    try, as a DeliveryId must be. Raises CampaignError when this letter cannot go this way.
    """
    given = dict(words.parts)
    if not given:
        raise Unfit("it was not written for the intake")
    config, organization = settings.cwc, folder.campaign.organization
    congress, kind, number, stance = (given.get("bill", "") or "0 - 0 -").split()
    writer = Constituent(
        prefix=given.get("prefix", ""),
        first_name=given.get("first_name", ""),
        last_name=given.get("last_name", ""),
        street=given.get("street", ""),
        city=given.get("city", ""),
        state=seat.split(":")[1],
        zip=dict(words.fields).get("zip", ""),
        email=email,
        answer=given.get("response", "")[:1],
        address_checked="address" in given,
        email_checked="email" in given,
    )
    return message.render(
        CwcMessage(
            delivery_id=token,
            day=datetime.fromtimestamp(now / 1000, hours.WASHINGTON).strftime("%Y%m%d"),
            office=codes.office(seat),
            agent=Agent(
                config.agent, config.ack_email, config.contact_name, config.contact_email, config.contact_phone
            ),
            sponsor=Sponsor(organization.legal_name, organization.signer_name, organization.reply_to),
            campaign_id=given.get("campaign", ""),
            writer=writer,
            subject=words.subject,
            topics=folder.campaign.topics,
            bill=CwcBill(int(congress), kind, int(number), stance) if "bill" in given else None,
            statement=given.get("statement", ""),
            story=given.get("story", ""),
        )
    )


def render_for_operator(
    conn: Connection, keys: Keys, settings: Settings, letter_id: int, now: int, *, by: str = ""
) -> bytes:
    """The message of a letter as it would leave now, under its own DeliveryId where it has one, for a person to read.

    `by`: that person's name; recorded with the system's account name. Raises CampaignError when there is no such
    letter, its words are gone, or it cannot go this way.
    """
    sent = and_(delivery.c.letter_id == letter.c.id, delivery.c.channel == "cwc")
    found = conn.execute(
        select(letter.c.seat, letter.c.campaign_id, evidence.c.release, supporter.c.email, request.c.token)
        .join(evidence, evidence.c.id == letter.c.evidence_id)
        .join(supporter, supporter.c.id == letter.c.supporter_id)
        .outerjoin(delivery, sent)
        .outerjoin(request, request.c.id == delivery.c.request_id)
        .where(letter.c.id == letter_id)
    ).one_or_none()
    if found is None:
        raise CampaignError("there is no such letter", where=f"letter {letter_id}")
    seat, campaign_id = found.seat, found.campaign_id
    words = access.read(conn, keys, [letter_id], what="cwc", campaign_id=campaign_id, seat=seat, by=by, now=now).get(
        letter_id
    )
    if words is None:
        raise CampaignError("its words are not kept any more", where=f"letter {letter_id}")
    folder = release.load(conn, found.release).folder
    return message_body(
        settings, folder, found.seat, words, email=found.email or "", token=found.token or NO_ID, now=now
    )
