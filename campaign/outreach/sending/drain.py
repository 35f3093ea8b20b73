"""The hot path: claim, render, mark, send, settle. Nothing leaves before its mark is on disk.

One process has one event loop and one HTTP session, made after the fork. Two rounds run in it side by side: while one
waits for the provider, the other reads and writes the database.
"""

from __future__ import annotations

import asyncio
import gc
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import aiohttp
import msgspec
import structlog
from sqlalchemy import Connection

from campaign import links
from campaign.compose.messages import letter as letter_text
from campaign.compose.rendering import fields, release, render
from campaign.compose.rendering.release import Release
from campaign.compose.rendering.render import Skeleton
from campaign.config import Settings
from campaign.congress import new_congress, roster, zip_match
from campaign.congress.roster import Roster
from campaign.delivery import campaigns, outbox
from campaign.delivery.campaigns import Campaign
from campaign.delivery.sender import Sender
from campaign.delivery.sendgrid import bulk
from campaign.delivery.transport import Answer, NoAnswer, Refused, Stop
from campaign.errors import CampaignError
from campaign.keys import Keys
from campaign.letters import pending
from campaign.letters.pending import DueLetter
from campaign.model import Claimed, Recipient, Text
from campaign.outreach.launch import live_safety
from campaign.outreach.routing import queue_receipt, registry, schedule
from campaign.outreach.routing.channel import LetterToPost
from campaign.outreach.sending import circuit_breakers, single_messages, unannounced_letters
from campaign.outreach.sending.single_messages import GRACE_MS, Piece
from campaign.outreach.transition import pending_letters
from campaign.outreach.transition.pending_letters import Decision
from campaign.store import engine
from campaign.store.engine import Database
from campaign.supporters import people

log = structlog.get_logger()

ROUNDS = 2  # side by side in one process


@dataclass(slots=True)
class DrainCounts:
    """Requests by what became of them in this drain."""

    accepted: int = 0
    other: int = 0
    deliveries: int = 0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One rendered request: each person's part apart, so that the mark may still take people out.

    A request for one person alone has its `content` ready instead, or a reason to be held.
    """

    claim: Claimed
    text: Text
    valid_until: int | None
    parts: dict[int, msgspec.Raw]  # by delivery
    unfit: dict[int, str] = field(default_factory=dict)
    content: bytes = b""
    hold: str = ""
    supporter_id: int = 0
    letter: DueLetter | None = None
    named: bool = False  # it says who represents each reader
    waits: frozenset[int] = frozenset()  # deliveries to readers in states whose House seats are closed
    piece: Piece | None = None

    @property
    def letters(self) -> Mapping[int, DueLetter]:
        """By delivery: its letter, or those of a summary."""
        if self.piece is None:
            return {}
        return {self.piece.delivery_id: self.letter} if self.letter else self.piece.letters


def sender(database: Database, keys: Keys, settings: Settings) -> Sender:
    """Open what a sending process needs. Call it after the fork."""
    runner = asyncio.Runner()
    gc.freeze()  # what is loaded by now stays: the collector need not look through it again and again

    async def session() -> aiohttp.ClientSession:
        return bulk.session(in_flight=settings.sendgrid.in_flight, timeout=settings.sendgrid.timeout)

    return Sender(database, keys, settings, runner, runner.run(session()))


def drain(me: Sender, slug: str, *, seconds: float = 20, now: Callable[[Connection], int] = engine.now) -> DrainCounts:
    """Send what is due of a campaign, for at most about `seconds`; what is under way is waited for."""
    with me.database.read() as conn:
        campaign = campaigns.get(conn, slug)
        careful = circuit_breakers.careful(conn, campaign.id)
        unsafe = _unsafe(conn, me.settings, campaign)
    if unsafe:
        _pause(me, campaign, unsafe, now)
        return DrainCounts()
    rounds, size = _shape(1 if careful else me.settings.sendgrid.in_flight)
    ends = time.monotonic() + seconds
    sent = DrainCounts()

    async def all_rounds() -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(rounds):
                group.create_task(_rounds(me, campaign, size, ends, sent, now))

    me.runner.run(all_rounds())
    return sent


def _unsafe(conn: Connection, settings: Settings, campaign: Campaign) -> str:
    """Why this process must not send for this campaign; "" if it may. Settings may change after a launch."""
    if not settings.live or campaign.paused:
        return ""
    organization = release.load(conn, campaign.release).folder.campaign.organization
    found = [*live_safety.links(settings), *live_safety.senders(settings, organization, campaign.slug)]
    return "; ".join(f"{one.where}: {one.what}" for one in found)


def _pause(me: Sender, campaign: Campaign, reason: str, now: Callable[[Connection], int]) -> None:
    with me.database.begin() as conn:
        paused = campaigns.pause(conn, campaign.id, reason, now(conn))
    if paused:
        log.warning("paused", campaign=campaign.slug, reason=reason)


def _shape(in_flight: int) -> tuple[int, int]:
    """(rounds side by side, requests in each), so that no more than `in_flight` are ever under way."""
    rounds = min(ROUNDS, in_flight)
    return rounds, in_flight // rounds


async def _rounds(
    me: Sender, campaign: Campaign, size: int, ends: float, sent: DrainCounts, now: Callable[[Connection], int]
) -> None:
    lease_ms = me.settings.sendgrid.lease * 1000
    while time.monotonic() < ends:
        with me.database.begin() as conn:
            claims = outbox.claim(conn, campaign.id, now(conn), requests=size, lease_ms=lease_ms)
            if not claims:
                return
            current = release.load(conn, campaigns.get(conn, campaign.slug).release)
            who = people.recipients(conn, [claim.id for claim in claims])
            at = now(conn)
            seats = roster.at(conn, at)
        alone: dict[int, Piece] = {}
        if any(claim.kind in single_messages.KINDS for claim in claims):
            with me.database.read() as conn:  # after the claim's commit: nobody waits while these are made
                alone = single_messages.read(conn, me.keys, me.settings, campaign, current, claims, who, at)
        try:
            drafts = [
                _alone(claim, alone.get(claim.id))
                if claim.kind in single_messages.KINDS
                else _draft(me, campaign, current, seats, claim, who[claim.id], at)
                for claim in claims
            ]
        except CampaignError as error:
            _give_up(me, campaign, claims, str(error), now)
            return
        with me.database.begin() as conn:
            drafts = _judged(conn, current, campaign, drafts, seats, now(conn))
            _put_off(conn, me.settings, drafts, now(conn))
            marked = outbox.mark(
                conn,
                campaign.id,
                [draft.claim for draft in drafts],
                now(conn),
                lease_ms=lease_ms,
                release=current.hash,
                valid_until={d.claim.id: d.valid_until for d in drafts if d.valid_until is not None},
                unfit={one: why for draft in drafts for one, why in draft.unfit.items()},
            )
        going = [draft for draft in drafts if draft.claim.id in marked]
        answers = await asyncio.gather(*(_post(me, current, draft, marked[draft.claim.id], at) for draft in going))
        pairs = [(draft.claim, answer) for draft, answer in zip(going, answers, strict=True)]
        if settle(me, campaign, pairs, sent, now):
            return


def _judged(
    conn: Connection, current: Release, campaign: Campaign, drafts: list[Outgoing], seats: Roster, now: int
) -> list[Outgoing]:
    """The last look at who sits in Congress: those that may go. The others are held or given back, or made anew."""
    if not any(draft.named or draft.hold or draft.letters for draft in drafts):
        return drafts
    here = pending_letters.congress_now(conn, current.folder.campaign, now)
    letters = {one.letter_id: one for draft in drafts for one in draft.letters.values()}
    verdicts = {number: pending_letters.decide(here, one) for number, one in letters.items()}
    lost = pending.unannounced(conn, letters=letters) if letters else {}
    stays = [one.supporter_id for number, one in letters.items() if verdicts[number] != pending_letters.GO]
    stays += [draft.supporter_id for draft in drafts if draft.hold and draft.supporter_id]
    people.lock_supporters(conn, *stays, *lost.values())
    unannounced_letters.stop_letters(conn, lost, now)  # what follows does nothing with these
    going = []
    for draft in drafts:
        found = verdicts[draft.letter.letter_id] if draft.letter else pending_letters.GO
        why = pending_letters.WAITS.get(found.wait) or draft.hold
        if draft.named and here.roster is not seats:
            outbox.put_back(conn, [draft.claim])
            continue
        if draft.waits and not draft.parts and not draft.unfit:
            why = pending_letters.asks_on_hold(here)
        if draft.letter and found.back:
            pending_letters.return_to_writer(conn, campaign.id, draft.letter, found.back, now)
        elif why:
            if outbox.hold(conn, [draft.claim.id], why) and draft.claim.kind == "letter" and not found.wait:
                wave = f"held-{draft.claim.id}-{draft.claim.attempt}"
                queue_receipt.queue_receipt(
                    conn,
                    campaign.id,
                    supporter_id=draft.supporter_id,
                    wave=wave,
                    locale=draft.claim.locale,
                    due_at=now,
                )
        else:
            if draft.waits:
                outbox.hold_part(conn, draft.claim, draft.waits, pending_letters.asks_on_hold(here), now)
            if draft.letter is None:
                _take_out(conn, campaign, draft, verdicts, now)
            going.append(draft)
    return going


def _take_out(
    conn: Connection, campaign: Campaign, draft: Outgoing, verdicts: Mapping[int, Decision], now: int
) -> None:
    """What must not be told of in a summary goes back to its writer or waits alone; then it is made anew."""
    for delivery, one in draft.letters.items():
        found = verdicts[one.letter_id]
        if found.back:
            pending_letters.return_to_writer(conn, campaign.id, one, found.back, now)
        elif found.wait:
            outbox.split_digest(conn, draft.claim.id, {delivery: now}, hold=pending_letters.WAITS[found.wait])


def _put_off(conn: Connection, settings: Settings, drafts: list[Outgoing], now: int) -> None:
    """What an office does not get now, or wants another way by now."""
    for draft in sorted(drafts, key=lambda draft: draft.claim.variant):  # contacts are locked in one order
        piece = draft.piece
        if piece is not None and piece.contact and piece.again:
            schedule.reschedule(
                conn,
                draft.claim,
                piece.contact,
                why=piece.again,
                deliveries=piece.deliveries,
                when=schedule.hours(settings),
                now=now,
            )


def _alone(claim: Claimed, piece: Piece | None) -> Outgoing:
    """A request for one person; without a piece nobody is left in it."""
    if piece is None:
        return Outgoing(claim, Text("", "", ""), None, {})
    unfit = dict.fromkeys(piece.deliveries, piece.unfit) if piece.unfit else dict(piece.gone)
    parts = {one: msgspec.Raw() for one in piece.deliveries if one not in unfit}
    rest = (piece.content, piece.hold, piece.supporter_id)
    return Outgoing(claim, Text("", "", ""), piece.valid_until, parts, unfit, *rest, letter=piece.letter, piece=piece)


def _draft(
    me: Sender,
    campaign: Campaign,
    current: Release,
    seats: Roster,
    claim: Claimed,
    who: list[Recipient],
    now: int,
) -> Outgoing:
    """Render one request: the skeleton once, and a dict of strings for each person."""
    skeleton = render.skeleton(current, claim.kind, claim.locale, claim.variant, claim.wave, now)
    found: list[tuple[Recipient, dict[str, str], str]] = []
    base, expires = me.settings.web.base_url.rstrip("/"), (campaign.closes_at + GRACE_MS) // 1000
    unfit: dict[int, str] = {}
    named = any(field.startswith("representative") for _, field, _ in skeleton.tags)
    closed = new_congress.closed(seats) if named else {}
    waits = {to.delivery_id for to in who if closed and closed.keys() & seats.lines.states(to.zip)}
    odd = False
    for to in (one for one in who if one.delivery_id not in waits):
        action, leave = links.tokens(me.keys.links, campaign.slug, to.supporter_id, to.nonce, expires)
        leave_url = f"{base}/u/{campaign.slug}/{leave}"
        seat = zip_match.representative(seats, to.zip, now) if named else None
        if named and not letter_text.ask_still_true(current.folder, claim.variant, seat, now):
            unfit[to.delivery_id] = "what it says of the representative is not true any more"
            continue
        person = fields.person(
            to,
            claim.locale,
            action_url=f"{base}/a/{campaign.slug}/{action}",
            unsubscribe_url=leave_url,
            representative=seat,
        )
        values = render.values(skeleton, person)
        odd = odd or render.is_odd(values)
        found.append((to, values, leave_url))
    if odd:  # somebody's name holds a sign of the tags: this request gets tags that nobody could have typed
        skeleton, found = _rekeyed(skeleton, found)
    unfit |= {to.delivery_id: "their fields are too long for SendGrid" for to, v, _ in found if bulk.too_long(v)}
    parts = {
        to.delivery_id: bulk.personalization(to, values, leave_url)
        for to, values, leave_url in found
        if to.delivery_id not in unfit
    }
    text = Text(skeleton.subject, skeleton.text, skeleton.html)
    return Outgoing(claim, text, skeleton.valid_until, parts, unfit, named=named, waits=frozenset(waits))


def _rekeyed(
    skeleton: Skeleton, found: list[tuple[Recipient, dict[str, str], str]]
) -> tuple[Skeleton, list[tuple[Recipient, dict[str, str], str]]]:
    keyed = render.rekey(skeleton, secrets.token_hex(8))
    names = {old: new for (old, _, _), (new, _, _) in zip(skeleton.tags, keyed.tags, strict=True)}
    return keyed, [(to, {names[tag]: value for tag, value in v.items()}, url) for to, v, url in found]


async def _post(me: Sender, current: Release, draft: Outgoing, kept: frozenset[int] | None, now: int) -> Answer:
    if draft.letter and draft.piece:
        letter = LetterToPost(
            claim=draft.claim,
            delivery_id=draft.piece.delivery_id,
            seat=draft.letter.seat,
            content=draft.content,
            now=now,
            again=draft.claim.attempt > 1,
        )
        return await registry.get(draft.letter.channel).post(me, letter)
    ids = [one for one in draft.parts if kept is None or one in kept]
    where = me.settings.sendgrid.url.rstrip("/")
    if draft.content:
        return await bulk.post(me.session, where, me.settings.api_key, draft.content, ids, draft.claim.attempt)
    organization = current.folder.campaign.organization
    content = bulk.body(
        draft.claim,
        draft.text,
        (draft.parts[one] for one in ids),
        sender=(organization.sender_email, organization.sender_name),
        reply_to=organization.reply_to,
    )
    return await bulk.post(me.session, where, me.settings.api_key, content, ids, draft.claim.attempt)


def settle(
    me: Sender,
    campaign: Campaign,
    pairs: list[tuple[Claimed, Answer]],
    sent: DrainCounts,
    now: Callable[[Connection], int] = engine.now,
) -> bool:
    """Write the answers down; True when this drain should end, because a breaker or the provider stopped it."""
    stops = [answer.reason for _, answer in pairs if isinstance(answer, Stop)]
    with me.database.begin() as conn:
        at = now(conn)
        outbox.settle(conn, pairs, at)
        reason = stops[0] if stops else None
        if reason is None and any(isinstance(answer, NoAnswer) for _, answer in pairs):
            reason = circuit_breakers.unanswered_in_a_row(conn, campaign.id)
        refused = [claim for claim, answer in pairs if isinstance(answer, Refused)]
        if reason is None and refused:
            since = campaigns.get(conn, campaign.slug).changed_at  # whoever resumed it has looked
            reason = circuit_breakers.refused_in_a_row(conn, campaign.id, refused, since)
        if reason is not None and campaigns.pause(conn, campaign.id, reason, at):
            log.warning("paused", campaign=campaign.slug, reason=reason)
    for claim, answer in pairs:
        if type(answer).__name__ == "Accepted":
            sent.accepted += 1
            sent.deliveries += claim.size
        else:
            sent.other += 1
    return reason is not None


def _give_up(me: Sender, campaign: Campaign, claims: list[Claimed], why: str, now: Callable[[Connection], int]) -> None:
    """The texts cannot be rendered any more: nothing goes, and a person is told."""
    with me.database.begin() as conn:
        outbox.put_back(conn, claims)
        campaigns.pause(conn, campaign.id, why, now(conn))
    log.warning("paused", campaign=campaign.slug, reason=why)
