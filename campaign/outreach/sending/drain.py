"""The send loop: claim, render, gate, mark, post, settle. Nothing is sent before its mark is on disk.

One process has one event loop and one HTTP session, made after the fork. Two rounds run in it side by side: while one
waits for the provider, the other reads and writes the database.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

import structlog
from sqlalchemy import Connection

from campaign.compose.rendering import release
from campaign.config import Settings
from campaign.congress import roster
from campaign.delivery import campaigns, outbox
from campaign.delivery.campaigns import Campaign
from campaign.delivery.sender import Sender
from campaign.delivery.sendgrid import bulk
from campaign.delivery.transport import Accepted, Answer, NoAnswer, Refused, Stop
from campaign.errors import CampaignError
from campaign.model import Claimed, Kind
from campaign.outreach.launch import live_safety
from campaign.outreach.routing import registry
from campaign.outreach.sending import circuit_breakers, single_messages
from campaign.outreach.sending.batch import ClaimedBatch, DrainCounts, Outgoing
from campaign.outreach.sending.gate import gate
from campaign.outreach.sending.render_asks import render_asks
from campaign.store import engine
from campaign.supporters import people

log = structlog.get_logger()

ROUNDS = 2  # side by side in one process


def drain(
    sender: Sender, slug: str, *, seconds: float = 20, now: Callable[[Connection], int] = engine.now
) -> DrainCounts:
    """Send what is due of a campaign, for about `seconds` at most; what is being sent by then is waited for."""
    with sender.database.read() as conn:
        campaign = campaigns.get(conn, slug)
        careful = circuit_breakers.careful(conn, campaign.id)
        unsafe = _unsafe(conn, sender.settings, campaign)
    if unsafe:
        _pause(sender, campaign, unsafe, now)
        return DrainCounts()
    rounds, size = _shape(1 if careful else sender.settings.sendgrid.in_flight)
    ends = time.monotonic() + seconds
    counts = DrainCounts()

    async def all_rounds() -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(rounds):
                group.create_task(_rounds(sender, campaign, size=size, ends=ends, counts=counts, now=now))

    sender.runner.run(all_rounds())
    return counts


async def _rounds(
    sender: Sender,
    campaign: Campaign,
    *,
    size: int,
    ends: float,
    counts: DrainCounts,
    now: Callable[[Connection], int],
) -> None:
    while time.monotonic() < ends:
        batch = _claim(sender, campaign, size, now)
        if batch is None:
            return
        try:
            messages = _render(batch)
        except CampaignError as error:
            _give_up(batch, str(error), now)
            return
        with sender.database.begin() as conn:
            messages = gate(conn, batch, messages, now(conn))
            marked = _mark(conn, batch, messages, now(conn))
        going = [message for message in messages if message.claim.id in marked]
        answers = await asyncio.gather(*(_post(batch, message, marked[message.claim.id]) for message in going))
        settled = [(message.claim, answer) for message, answer in zip(going, answers, strict=True)]
        if settle(sender, campaign, settled, counts, now=now):
            return


def _claim(sender: Sender, campaign: Campaign, size: int, now: Callable[[Connection], int]) -> ClaimedBatch | None:
    """Claim up to `size` due requests, and read who they are for; None when nothing is due."""
    with sender.database.begin() as conn:
        lease_ms = sender.settings.sendgrid.lease * 1000
        claims = outbox.claim(conn, campaign.id, now(conn), requests=size, lease_ms=lease_ms)
        if not claims:
            return None
        at = now(conn)
        return ClaimedBatch(
            sender=sender,
            campaign=campaign,
            release=release.load(conn, campaigns.get(conn, campaign.slug).release),
            roster=roster.at(conn, at),
            claims=claims,
            recipients=people.recipients(conn, [claim.id for claim in claims]),
            now=at,
        )


def _render(batch: ClaimedBatch) -> list[Outgoing]:
    """Render each claimed request, outside of the claim's transaction. Raises CampaignError when asks cannot be."""
    singles: Mapping[int, Outgoing] = {}
    if any(claim.kind is not Kind.ASK for claim in batch.claims):
        with batch.sender.database.read() as conn:
            singles = single_messages.render(conn, batch)
    return [
        render_asks(batch, claim) if claim.kind is Kind.ASK else singles.get(claim.id, Outgoing(claim=claim))
        for claim in batch.claims
    ]


def _mark(
    conn: Connection, batch: ClaimedBatch, messages: Sequence[Outgoing], now: int
) -> dict[int, frozenset[int] | None]:
    """Record that sending starts: by request the deliveries to leave in it, or None for all."""
    return outbox.mark(
        conn,
        batch.campaign.id,
        [message.claim for message in messages],
        now,
        lease_ms=batch.sender.settings.sendgrid.lease * 1000,
        release=batch.release.hash,
        valid_until={m.claim.id: m.valid_until for m in messages if m.valid_until is not None},
        unfit={delivery: why for message in messages for delivery, why in message.unfit.items()},
    )


async def _post(batch: ClaimedBatch, message: Outgoing, kept: frozenset[int] | None) -> Answer:
    """Post one marked request: a letter by its channel, everything else to SendGrid. `kept`: what is left in it."""
    sender, claim = batch.sender, message.claim
    if message.letter:
        letter = message.to_post(message.letter, now=batch.now, again=claim.attempt > 1)
        return await registry.posted_channels()[message.letter.channel].post(sender, letter)
    ids = [delivery for delivery in message.deliveries if kept is None or delivery in kept]
    organization = batch.release.folder.campaign.organization
    content = message.content or bulk.body(
        claim,
        message.text,
        (message.parts[delivery] for delivery in ids),
        sender=(organization.sender_email, organization.sender_name),
        reply_to=organization.reply_to,
    )
    where = sender.settings.sendgrid.url.rstrip("/")
    key = sender.settings.api_key
    return await bulk.post(sender.session, where, key, content, deliveries=ids, attempt=claim.attempt)


def settle(
    sender: Sender,
    campaign: Campaign,
    answers: Sequence[tuple[Claimed, Answer]],
    counts: DrainCounts,
    *,
    now: Callable[[Connection], int] = engine.now,
) -> bool:
    """Record the answers; True when this drain should end, because a breaker or the provider stopped it."""
    with sender.database.begin() as conn:
        at = now(conn)
        outbox.settle(conn, answers, at)
        reason = _reason_to_pause(conn, campaign, answers)
        paused = reason is not None and campaigns.pause(conn, campaign.id, reason, at)
    if paused:
        log.warning("paused", campaign=campaign.slug, reason=reason)
    for claim, answer in answers:
        if isinstance(answer, Accepted):
            counts.accepted += 1
            counts.deliveries += claim.size
        else:
            counts.other += 1
    return reason is not None


def _reason_to_pause(conn: Connection, campaign: Campaign, answers: Sequence[tuple[Claimed, Answer]]) -> str | None:
    """Why the campaign must pause after these answers, if it must."""
    stops = [answer.reason for _, answer in answers if isinstance(answer, Stop)]
    if stops:
        return stops[0]
    unanswered = any(isinstance(answer, NoAnswer) for _, answer in answers)
    if unanswered and (reason := circuit_breakers.unanswered_in_a_row(conn, campaign.id)):
        return reason
    refused = [claim for claim, answer in answers if isinstance(answer, Refused)]
    if not refused:
        return None
    resumed = campaigns.get(conn, campaign.slug).changed_at  # the operator who resumed it has seen earlier refusals
    return circuit_breakers.refused_in_a_row(conn, campaign.id, refused, resumed)


def _unsafe(conn: Connection, settings: Settings, campaign: Campaign) -> str:
    """Why this process must not send for this campaign; "" if it may. Settings may change after a launch."""
    if not settings.live or campaign.paused:
        return ""
    organization = release.load(conn, campaign.release).folder.campaign.organization
    problems = [*live_safety.links(settings), *live_safety.senders(settings, organization, campaign.slug)]
    return "; ".join(f"{problem.where}: {problem.what}" for problem in problems)


def _pause(sender: Sender, campaign: Campaign, reason: str, now: Callable[[Connection], int]) -> None:
    with sender.database.begin() as conn:
        paused = campaigns.pause(conn, campaign.id, reason, now(conn))
    if paused:
        log.warning("paused", campaign=campaign.slug, reason=reason)


def _shape(in_flight: int) -> tuple[int, int]:
    """(rounds side by side, requests in each), so that at most `in_flight` requests are being sent at any time."""
    rounds = min(ROUNDS, in_flight)
    return rounds, in_flight // rounds


def _give_up(batch: ClaimedBatch, reason: str, now: Callable[[Connection], int]) -> None:
    """The texts cannot be rendered any more: put everything back, and pause until an operator has looked."""
    with batch.sender.database.begin() as conn:
        outbox.put_back(conn, batch.claims)
        campaigns.pause(conn, batch.campaign.id, reason, now(conn))
    log.warning("paused", campaign=batch.campaign.slug, reason=reason)
