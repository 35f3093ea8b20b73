"""What a worker does before it sends: claim requests, mark them, or put them back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, or_, select

from campaign.delivery.campaigns import LATE_MS, QUESTIONS_MS
from campaign.delivery.outbox.transitions import CLAIMED, claimed, held_by, move, open_deliveries, set_outcome, split
from campaign.model import FIRST_WAVE, Claimed, Kind
from campaign.states import Event, Outcome, State
from campaign.store.acted import WAITING, acted, announces_letter, is_quiet, letter_waits, withdrew
from campaign.store.schema import campaign, delivery, request, sign_up, supporter, suppression

ACTED = "already acted"  # why a reminder is not sent
FINISHED = "no letter waits any more"
QUIET = "they want no more emails about this"
WITHDREW = "they withdrew a letter"


def _open(conn: Connection, campaign_id: int, now: int, *, lock: bool) -> tuple[str | None, Collection[Kind]]:
    """(the release, None if the campaign may not send; the kinds it may not send). With `lock` a concurrent pause waits
    for this transaction, or takes effect before it.

    Before the campaign opens only invitations are sent; after its last day everything but asks; and after another month
    only questions whether an office answered.
    """
    query = select(campaign.c.release, campaign.c.opens_at, campaign.c.closes_at).where(
        campaign.c.id == campaign_id,
        campaign.c.paused.is_(False),
        campaign.c.closes_at > now - QUESTIONS_MS,
    )
    row = conn.execute(query.with_for_update(read=True) if lock else query).one_or_none()
    if row is None:
        return None, ()
    if row.opens_at > now:
        return row.release, set(Kind) - {Kind.INVITE}
    if row.closes_at <= now - LATE_MS:
        return row.release, set(Kind) - {Kind.QUESTION}
    return row.release, {Kind.ASK} if row.closes_at <= now else ()


def claim(conn: Connection, campaign_id: int, now: int, *, requests: int, lease_ms: int) -> list[Claimed]:
    """Take up to `requests` due requests, letters before asks, under a lease and a new fence each."""
    release, closed = _open(conn, campaign_id, now, lock=False)
    if release is None:
        return []
    pick = (
        select(request.c.id)
        .where(request.c.campaign_id == campaign_id, request.c.state == State.QUEUED.value, request.c.due_at <= now)
        .where(*([request.c.kind.not_in(closed)] if closed else []))
        .order_by(request.c.priority, request.c.due_at, request.c.id)
        .limit(requests)
        .with_for_update(skip_locked=True)
        .cte("pick")
        .prefix_with("MATERIALIZED")
    )
    rows = conn.execute(
        move(
            Event.CLAIM,
            State.CLAIMED,
            request.c.id == pick.c.id,
            fence=request.c.fence + 1,
            lease_until=now + lease_ms,
        ).returning(*CLAIMED)
    )
    return claimed(rows.mappings())


def put_back(conn: Connection, claims: Sequence[Claimed], *, due_at: int | None = None) -> None:
    """Queue claimed requests again, unchanged; with `due_at` (ms) they are due then."""
    if claims:
        later = {} if due_at is None else {"due_at": due_at}
        conn.execute(move(Event.PUT_BACK, State.QUEUED, held_by(claims), **later))


def hold_part(conn: Connection, claim: Claimed, deliveries: Collection[int], reason: str, now: int) -> None:
    """Move these deliveries of a claimed request into a new request and hold it; the others stay claimed."""
    held = (held_by([claim]), request.c.state == State.CLAIMED.value)
    whole = conn.execute(select(request).where(*held).with_for_update()).mappings().one_or_none()
    if whole is None:
        return
    part = [delivery_id for delivery_id in open_deliveries(conn, claim.id) if delivery_id in deliveries]
    if part:
        children = split(conn, whole, [part], now)
        conn.execute(move(Event.HOLD, State.HELD, request.c.id.in_(children), reason=reason))


def mark(
    conn: Connection,
    campaign_id: int,
    claims: Sequence[Claimed],
    now: int,
    *,
    lease_ms: int,
    release: str,
    valid_until: Mapping[int, int] | None = None,
    unfit: Mapping[int, str] | None = None,
) -> dict[int, frozenset[int] | None]:
    """Record that sending starts. Commit this durably, then send what it returns, and nothing else.

    Checks again the lease, pause and window, that the release is still the campaign's, that the rendered text is still
    valid (`valid_until` by request, ms), suppression, and whether supporters still need a reminder and want to hear of
    their letters. `unfit`: deliveries that must not be sent, and why. A digest that has lost a letter since it was
    claimed is put back, to be rendered again. Returns the deliveries to leave in each request; None means all that were
    claimed.
    """
    current, closed = _open(conn, campaign_id, now, lock=True)
    if current != release:
        put_back(conn, claims)
        return {}
    stale = [claim for claim in claims if now >= (valid_until or {}).get(claim.id, now + 1) or claim.kind in closed]
    put_back(conn, stale)
    fresh = [claim for claim in claims if claim not in stale]
    if not fresh:
        return {}
    ready = _lock_held(conn, fresh, now)
    _take_out(conn, ready, unfit or {})
    _take_out_sign_ups(conn, {claim.id for claim in fresh if claim.kind is Kind.JOIN} & ready, now)
    _take_out_unneeded(conn, campaign_id, [claim for claim in fresh if claim.id in ready])
    conn.execute(
        move(Event.CANCEL, State.CANCELLED, request.c.id.in_(ready), request.c.size == 0, reason="no supporter left")
    )
    ready -= _outdated(conn, fresh, ready)
    started = {"lease_until": now + lease_ms, "marked_at": now, "release": release}
    sending = move(Event.MARK, State.SENDING, request.c.id.in_(ready), **started)
    marked = conn.execute(sending.returning(request.c.id, request.c.size)).all()
    claimed_size = {claim.id: claim.size for claim in fresh}
    return {
        row.id: None if row.size == claimed_size[row.id] else frozenset(open_deliveries(conn, row.id))
        for row in sorted(marked)
    }


def _lock_held(conn: Connection, claims: Sequence[Claimed], now: int) -> set[int]:
    """Lock the requests that this worker still holds under a valid lease; returns their ids."""
    held = (held_by(claims), request.c.state == State.CLAIMED.value, request.c.lease_until > now)
    return set(conn.scalars(select(request.c.id).where(*held).order_by(request.c.id).with_for_update()))


def _outdated(conn: Connection, claims: Sequence[Claimed], ready: Collection[int]) -> set[int]:
    """Put back the digests that were rendered with a letter that has been taken out since."""
    sizes = {claim.id: claim.size for claim in claims if claim.kind is Kind.DIGEST and claim.id in ready}
    if not sizes:
        return set()
    rows = conn.execute(select(request.c.id, request.c.size).where(request.c.id.in_(sizes))).all()
    changed = {row.id for row in rows if row.size != sizes[row.id]}
    put_back(conn, [claim for claim in claims if claim.id in changed])
    return changed


def _take_out(conn: Connection, requests: set[int], unfit: Mapping[int, str]) -> None:
    """Record the outcome of deliveries that must not be sent, while their requests are locked and unsent."""
    for delivery_id, reason in unfit.items():
        set_outcome(conn, Outcome.REFUSED, reason, delivery.c.id == delivery_id, delivery.c.request_id.in_(requests))
    why = (
        select(suppression.c.reason)
        .join(supporter, supporter.c.email_hash == suppression.c.email_hash)
        .where(
            supporter.c.id == delivery.c.supporter_id,
            # a letter is for an office: a supporter who confirmed it and then unsubscribed still wrote it
            or_(delivery.c.kind != Kind.LETTER, suppression.c.reason == "erased"),
        )
    )
    set_outcome(
        conn,
        Outcome.SUPPRESSED,
        why.scalar_subquery(),
        delivery.c.request_id.in_(requests),
        why.exists(),
    )


def _take_out_sign_ups(conn: Connection, requests: set[int], now: int) -> None:
    """Take out the emails of sign-ups that ended, and to addresses that bounced, complained or were listed.

    Only these emails are sent to whoever unsubscribed or was erased: they typed the address again.
    """
    if not requests:
        return
    waiting = select(sign_up.c.id).where(
        sign_up.c.nonce == delivery.c.wave, sign_up.c.email.is_not(None), sign_up.c.expires_at > now
    )
    barred = waiting.join(suppression, suppression.c.email_hash == sign_up.c.email_hash)
    barred = barred.where(suppression.c.final.is_(True))
    ours = delivery.c.request_id.in_(requests)
    set_outcome(conn, Outcome.CANCELLED, "the sign-up has ended", ours, ~waiting.exists())
    set_outcome(conn, Outcome.SUPPRESSED, "on the suppression list", ours, barred.exists())


def _take_out_unneeded(conn: Connection, campaign_id: int, claims: Sequence[Claimed]) -> None:
    """Cancel reminders and emails about letters that their supporters no longer need or want, while the requests are
    locked and unsent.

    What was committed before these statements counts; anything later is later than the mark.
    """
    reminders = [claim for claim in claims if claim.kind is Kind.ASK and claim.wave != FIRST_WAVE]
    waiting = [claim for claim in reminders if claim.variant.startswith(WAITING)]
    of_saved = [claim for claim in claims if claim.kind is Kind.REMINDER]
    about_letters = [claim for claim in claims if claim.kind in (Kind.RECEIPT, Kind.QUESTION)]
    questions = [claim for claim in about_letters if claim.kind is Kind.QUESTION]
    who = (campaign_id, delivery.c.supporter_id)
    for some, reason, condition in (
        ([claim for claim in reminders if claim not in waiting], ACTED, acted(*who)),
        (waiting + of_saved, FINISHED, ~letter_waits(*who)),
        (about_letters, QUIET, is_quiet(*who) & ~announces_letter(delivery.c.id)),
        (questions + of_saved, WITHDREW, withdrew(*who)),
    ):
        if some:
            of_these = delivery.c.request_id.in_([claim.id for claim in some])
            set_outcome(conn, Outcome.CANCELLED, reason, of_these, condition)
