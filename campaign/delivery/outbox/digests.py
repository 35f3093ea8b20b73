"""Digests: one request for an office's letters of a day. The letters share its state, and so what is proved of each.

A letter can be added to a digest that is queued and was never marked. The email is about all letters in it: a letter
that must not be sent is taken out first, and then the digest is rendered again.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, RowMapping, insert, select, update

from campaign.delivery.outbox.add_one import PRIORITY, exists
from campaign.delivery.outbox.transitions import log_attempts, move, split
from campaign.model import Kind
from campaign.states import Event, State
from campaign.store.dialect import insert as upsert
from campaign.store.schema import delivery, request

LOCALE = "en"  # of offices
GIVEN = "letters_given"


def digest_wave(day: str) -> str:
    """The wave of the digests of a day (ISO, the office's)."""
    return f"{Kind.DIGEST}-{day}"


def add_to_digest(
    conn: Connection,
    campaign_id: int,
    days: Iterable[tuple[str, int]],
    *,
    seat: str,
    supporter_id: int,
    letter_id: int,
    earliest: int,
) -> None:
    """Add a letter to the office's first digest that can take it and is due at `earliest` (ms) or later.

    `days`: endless, each with the time (ms) of its digest.
    """
    name = f"email-{letter_id}"
    if not exists(conn, supporter_id, campaign_id, name, Kind.LETTER):
        row = {"campaign_id": campaign_id, "wave": name, "kind": Kind.LETTER, "supporter_id": supporter_id}
        row |= {
            "letter_id": letter_id,
            "channel": "email",
            "request_id": _place(conn, campaign_id, days, seat, earliest),
        }
        conn.execute(insert(delivery).values(row))


def move_into_digest(conn: Connection, request_id: int, days: Iterable[tuple[str, int]], earliest: int) -> None:
    """Move the one letter of this unsent request into a digest."""
    alone = conn.execute(select(request).where(request.c.id == request_id).with_for_update()).mappings().one()
    if State(alone["state"]).unsent and alone["size"]:
        to = _place(conn, alone["campaign_id"], days, alone["variant"], earliest)
        mine = (delivery.c.request_id == request_id, delivery.c.outcome.is_(None))
        conn.execute(update(delivery).where(*mine).values(request_id=to))
        conn.execute(update(request).where(request.c.id == request_id).values(size=0))
        conn.execute(move(Event.CANCEL, State.CANCELLED, request.c.id == request_id, reason="moved into a digest"))


def split_digest(conn: Connection, request_id: int, parts: Mapping[int, int], *, hold: str = "") -> None:
    """Move letters of an unsent digest into requests of their own. `parts`: delivery -> when it is due (ms).

    `hold`: hold them, for this reason.
    """
    whole = conn.execute(select(request).where(request.c.id == request_id).with_for_update()).mappings().one()
    if not State(whole["state"]).unsent:
        return
    mine = (delivery.c.request_id == request_id, delivery.c.outcome.is_(None), delivery.c.id.in_(parts))
    rows = conn.execute(select(delivery.c.id, delivery.c.wave).where(*mine).order_by(delivery.c.id)).all()
    for row in rows:
        letter = dict(whole) | {"kind": Kind.LETTER, "wave": row.wave, "seq": 0, "priority": PRIORITY[Kind.LETTER]}
        alone = split(conn, letter, [[row.id]], parts[row.id])
        if hold:
            conn.execute(move(Event.HOLD, State.HELD, request.c.id.in_(alone), reason=hold))
    empty = (request.c.id == request_id, request.c.size == 0)
    conn.execute(move(Event.CANCEL, State.CANCELLED, *empty, reason="its letters are sent one by one"))


def queued_digests(conn: Connection, seat: str) -> list[int]:
    """Queued requests with a single letter to this office, in the order in which they are due."""
    query = select(request.c.id).join(delivery, delivery.c.request_id == request.c.id)
    mine = (request.c.variant == seat, request.c.kind == Kind.LETTER, request.c.state == State.QUEUED.value)
    by_mail = query.where(*mine, delivery.c.channel == "email", delivery.c.outcome.is_(None))
    return list(conn.scalars(by_mail.order_by(request.c.due_at, request.c.id)))


def postpone(conn: Connection, request_id: int, due_at: int) -> None:
    """Make a queued request due at this time (ms) if that is later."""
    still = (request.c.id == request_id, request.c.state == State.QUEUED.value, request.c.due_at < due_at)
    conn.execute(update(request).where(*still).values(due_at=due_at))


def find_digest(conn: Connection, campaign_id: int, seat: str, day: str) -> int | None:
    """The accepted digest of this day (ISO), if there is one."""
    place = (request.c.campaign_id == campaign_id, request.c.kind == Kind.DIGEST, request.c.variant == seat)
    query = select(request.c.id).where(
        *place, request.c.wave == digest_wave(day), request.c.state == State.ACCEPTED.value
    )
    return conn.scalars(query.order_by(request.c.seq.desc()).limit(1)).one_or_none()


def digest_days(conn: Connection, campaign_id: int, seat: str) -> list[str]:
    """The days (ISO) with an accepted digest for this office, newest first."""
    place = (request.c.campaign_id == campaign_id, request.c.kind == Kind.DIGEST, request.c.variant == seat)
    query = select(request.c.wave).where(*place, request.c.state == State.ACCEPTED.value).distinct()
    return sorted((name.removeprefix(f"{Kind.DIGEST}-") for name in conn.scalars(query)), reverse=True)


def send_digests_now(conn: Connection, campaign_id: int, due_at: int) -> int:
    """Make queued digests due at this time (ms) if that is earlier; returns how many."""
    queued = (
        request.c.campaign_id == campaign_id,
        request.c.kind == Kind.DIGEST,
        request.c.state == State.QUEUED.value,
    )
    return conn.execute(update(request).where(*queued, request.c.due_at > due_at).values(due_at=due_at)).rowcount


def note_release(conn: Connection, request_id: int, by: str, now: int) -> None:
    """Record who exported the full letters of a digest, to bring them to its office."""
    number = conn.execute(select(request.c.attempt).where(request.c.id == request_id)).scalar_one()
    log_attempts(conn, [(request_id, number, GIVEN, by)], now)


def _place(conn: Connection, campaign_id: int, days: Iterable[tuple[str, int]], seat: str, earliest: int) -> int:
    """A digest that can take one more letter, already counted in its size and locked until the transaction ends."""
    for day, due_at in days:
        place = {
            "campaign_id": campaign_id,
            "wave": digest_wave(day),
            "kind": Kind.DIGEST,
            "locale": LOCALE,
            "variant": seat,
        }
        found = _last(conn, place)
        if found is None or found["state"] == State.CANCELLED.value:  # no letter was left in that one
            row = place | {"seq": found["seq"] + 1 if found else 0, "token": secrets.token_hex(16)}
            row |= {"priority": PRIORITY[Kind.DIGEST], "due_at": max(due_at, earliest), "size": 1}
            made = upsert(conn, request).values(row).on_conflict_do_nothing().returning(request.c.id)
            if (number := conn.scalars(made).one_or_none()) is not None:
                return int(number)
            found = _last(conn, place)  # another transaction was faster
        if found is not None and _has_room(found, earliest):
            conn.execute(update(request).where(request.c.id == found["id"]).values(size=request.c.size + 1))
            return int(found["id"])
    raise ValueError("the days of an office have no end")


def _last(conn: Connection, place: Mapping[str, object]) -> RowMapping | None:
    query = select(request).where(*(request.c[name] == value for name, value in place.items()))
    return conn.execute(query.order_by(request.c.seq.desc()).limit(1).with_for_update()).mappings().one_or_none()


def _has_room(found: RowMapping, earliest: int) -> bool:
    """A digest that was marked once may have been sent with the letters it had then."""
    return found["state"] == State.QUEUED.value and found["marked_at"] is None and found["due_at"] >= earliest
