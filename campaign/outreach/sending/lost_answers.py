"""Ask again about letters whose answer was lost, by channels where the same message is taken once however often it is
posted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from sqlalchemy import Connection

from campaign.compose.rendering import release
from campaign.congress import roster
from campaign.delivery import campaigns, outbox
from campaign.delivery.sender import Sender
from campaign.delivery.transport import Accepted, Answer, Refused
from campaign.letters import pending
from campaign.model import Claimed
from campaign.outreach.routing import registry
from campaign.outreach.routing.channel import LetterToPost, PostedChannel
from campaign.outreach.sending import drain, single_messages
from campaign.outreach.sending.batch import ClaimedBatch, DrainCounts
from campaign.outreach.transition import letter_decision
from campaign.store import engine
from campaign.supporters import people

MOST = 16  # questions at a time: some seconds
REFUSED_AGAIN = "refused when it was asked for again: the first time it may have been taken"


def settle_unknown(sender: Sender, slug: str, *, now: Callable[[Connection], int] = engine.now) -> DrainCounts:
    """Ask about unknown letters. "Taken" settles one. After any other answer it stays unknown, and so takes no other
    channel; after a refusal nothing asks again, for it says nothing about the first time: an operator settles it.
    """
    counts = DrainCounts()
    for channel in registry.repeatable():
        _settle(sender, slug, channel, counts, now)
    return counts


def _settle(
    sender: Sender, slug: str, channel: PostedChannel, counts: DrainCounts, now: Callable[[Connection], int]
) -> None:
    with sender.database.begin() as conn:
        campaign, at = campaigns.get(conn, slug), now(conn)
        if campaign.paused:
            return
        never = (*channel.needs_operator, REFUSED_AGAIN)
        claims = outbox.list_unknown(conn, campaign.id, at, channel=channel.name, most=MOST, never=never)
        if not claims:
            return
        batch = ClaimedBatch(
            sender=sender,
            campaign=campaign,
            release=release.load(conn, campaign.release),
            roster=roster.at(conn, at),
            claims=claims,
            recipients=people.recipients(conn, [claim.id for claim in claims]),
            now=at,
        )
    with sender.database.read() as conn:
        questions = _questions(conn, batch)
    answers = sender.runner.run(_post(sender, channel, questions))
    accepted = [(claim, answer) for claim, answer in answers if isinstance(answer, Accepted)]
    drain.settle(sender, campaign, accepted, counts, now=now)
    if refused := [(claim, answer.reason) for claim, answer in answers if isinstance(answer, Refused)]:
        with sender.database.begin() as conn:
            outbox.keep_unknown(conn, refused, REFUSED_AGAIN, now(conn))


def _questions(conn: Connection, batch: ClaimedBatch) -> list[LetterToPost]:
    """The same messages again, of letters that may still be sent."""
    rendered = [(message, message.letter) for message in single_messages.render(conn, batch).values()]
    messages = [(message, letter) for message, letter in rendered if letter and message.content]
    congress = letter_decision.congress_now(conn, batch.release.folder.campaign, batch.now)
    stopped = pending.unannounced(conn, letters=[letter.letter_id for _, letter in messages])
    return [
        message.to_post(letter, now=batch.now, again=True)
        for message, letter in messages
        if letter.letter_id not in stopped and letter_decision.decide(congress, letter) == letter_decision.GO
    ]


async def _post(sender: Sender, channel: PostedChannel, questions: list[LetterToPost]) -> list[tuple[Claimed, Answer]]:
    answers = await asyncio.gather(*(channel.post(sender, letter) for letter in questions))
    return list(zip((letter.claim for letter in questions), answers, strict=True))
