"""Congress's own intake as a channel: preferred over all others where an office takes letters by it."""

from __future__ import annotations

import structlog
from sqlalchemy import Connection

from campaign.compose.campaign_folder.folder import CampaignConfig, Folder
from campaign.config import Settings
from campaign.delivery.cwc import client, codes, gateways, hours
from campaign.delivery.cwc.client import PER_SECOND, Pace
from campaign.delivery.sender import Sender
from campaign.delivery.transport import Answer, NoAnswer, Stop, TryLater
from campaign.errors import CampaignError
from campaign.outreach.channels.cwc import from_letter, served_offices
from campaign.outreach.routing.channel import (
    CITY,
    NAMES,
    PREFIX,
    STREET,
    ChannelOption,
    ConfirmedLetter,
    ConfirmedText,
    Field,
    LetterBatch,
    LetterToPost,
    LetterToRender,
    Offer,
    PostedChannel,
    Render,
    RenderedLetter,
    UnsentLetter,
)
from campaign.states import Proof

log = structlog.get_logger()

# More than any other channel asks for, in both chambers. Whether they want an answer is the writer's choice.
FIELDS = (PREFIX, *NAMES, STREET, CITY, Field("response", required=False, options=("Yes", "No"), limit=0))


class CwcChannel(PostedChannel):
    name, order = "cwc", 10
    labels = (("cwc", "through Communicating with Congress (CWC)"),)
    proves = Proof.SENT
    ours = optional = repeatable = True
    needs_operator = (client.UNUSED,)

    def __init__(self) -> None:
        self._paces: dict[float, Pace] = {}  # of this process, by calls a second

    def offer(self, conn: Connection, _campaign: CampaignConfig | None, /) -> Offer:
        served = gateways.every(conn)
        return lambda seat: option(*served_offices.accepts(served, seat.code))

    def parts(self, confirmed: ConfirmedText, /) -> tuple[tuple[str, str], ...]:
        return from_letter.address_parts(confirmed)

    def refuses(self, settings: Settings, folder: Folder, letter: UnsentLetter, /) -> str:
        try:
            from_letter.message_body(settings, folder, letter, token=from_letter.NO_ID)
        except CampaignError as error:
            return error.what
        return ""

    def queue(self, conn: Connection, letter: ConfirmedLetter) -> None:
        self.queue_alone(conn, letter, hours.opens(codes.chamber(letter.seat), letter.due_at))

    def renderer(self, batch: LetterBatch) -> Render:
        served = gateways.every(batch.conn)

        def render(letter: LetterToRender) -> RenderedLetter:
            seat = letter.letter.seat
            takes, why = served_offices.accepts(served, seat)
            if not takes:
                return RenderedLetter(unfit=why)
            unsent = UnsentLetter(seat=seat, content=letter.content, email=letter.writer.email, now=batch.now)
            try:
                return RenderedLetter(
                    from_letter.message_body(batch.settings, batch.release.folder, unsent, token=letter.claim.token)
                )
            except CampaignError as error:
                return RenderedLetter(unfit=error.what)

        return render

    async def post(self, sender: Sender, letter: LetterToPost) -> Answer:
        """Post one message. A gateway that no longer takes our key is switched off: its letters take the next channel,
        and the campaign goes on.
        """
        gateway = served_offices.configured(sender.settings).get(codes.chamber(letter.seat))
        if gateway is None:
            return TryLater(served_offices.OFF, 0)
        pace = self._pace(PER_SECOND / sender.settings.celery.concurrency)
        answer = await client.post(sender.session, gateway, pace, letter.content, at=letter.now, again=letter.again)
        if isinstance(answer, Stop):
            with sender.database.begin() as conn:
                if gateways.close(conn, gateway.chamber, answer.reason):
                    log.error("gateway_off", chamber=gateway.chamber, reason=answer.reason)
            return TryLater(answer.reason, 0)
        if isinstance(answer, NoAnswer) and answer.reason == client.UNUSED:
            log.error("delivery_id_unknown_to_us", chamber=gateway.chamber, reason=answer.reason)
        return answer

    def _pace(self, per_second: float) -> Pace:
        return self._paces.setdefault(per_second, Pace(per_second))

    def refresh(self, sender: Sender) -> None:
        served_offices.refresh(sender)


def option(takes: bool, why: str) -> ChannelOption:
    """Whether the intake takes letters for an office, and why (not)."""
    return ChannelOption("cwc", takes, why, FIELDS)
