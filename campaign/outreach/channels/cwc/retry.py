"""Ask Congress's own intake for the answers that were lost: the same message with the same id is taken once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sqlalchemy import Connection

from campaign.compose.rendering import release
from campaign.delivery import campaigns, outbox
from campaign.delivery.cwc import client
from campaign.delivery.transport import Accepted, Answer, Refused
from campaign.letters import pending
from campaign.model import Claimed
from campaign.outreach.channels.cwc import served_offices
from campaign.outreach.sending import drain, single_messages
from campaign.outreach.sending.drain import DrainCounts, Sender
from campaign.outreach.sending.single_messages import Piece
from campaign.outreach.transition import pending_letters
from campaign.store import engine
from campaign.supporters import people

MOST = 16  # questions in one go: some seconds


def settle_unknown(me: Sender, slug: str, *, now: Callable[[Connection], int] = engine.now) -> DrainCounts:
    """Ask about what is in doubt. "Taken" settles it. On anything else it stays unknown, and so never goes another way;
    after a refusal nobody asks again, for it says nothing of the first time: a person settles it.
    """
    sent = DrainCounts()
    with me.database.begin() as conn:
        campaign, at = campaigns.get(conn, slug), now(conn)
        claims = (
            [] if campaign.paused else outbox.list_unknown(conn, campaign.id, at, most=MOST, never=served_offices.NEVER)
        )
        if not claims:
            return sent
        current = release.load(conn, campaign.release)
        who = people.recipients(conn, [claim.id for claim in claims])
    with me.database.read() as conn:
        found = single_messages.read(conn, me.keys, me.settings, campaign, current, claims, who, at)
        here = pending_letters.congress_now(conn, current.folder.campaign, at)
        letters = {one: piece.letter for one, piece in found.items() if piece.letter}
        lost = pending.unannounced(conn, letters=[due.letter_id for due in letters.values()])
        fit = {
            one
            for one, due in letters.items()
            if due.letter_id not in lost and pending_letters.decide(here, due) == pending_letters.GO
        }
    made = [(claim, found[claim.id]) for claim in claims if claim.id in fit and found[claim.id].content]
    told = me.runner.run(_answers(me, made, at))
    drain.settle(me, campaign, [pair for pair in told if isinstance(pair[1], Accepted)], sent, now)
    if refused := [(claim, answer.reason) for claim, answer in told if isinstance(answer, Refused)]:
        with me.database.begin() as conn:
            outbox.keep_unknown(conn, refused, client.REFUSED_AGAIN, now(conn))
    return sent


async def _answers(me: Sender, made: list[tuple[Claimed, Piece]], now: int) -> list[tuple[Claimed, Answer]]:
    answers = (
        served_offices.post(
            me.database, me.settings, me.session, me.pace, piece.intake, piece.content, now=now, again=True
        )
        for _, piece in made
    )
    return list(zip((claim for claim, _ in made), await asyncio.gather(*answers), strict=True))
