"""Letters not sent yet, as the scheduler and workers read them; and letters sent to a seat's earlier holder. Reads
only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, String, and_, cast, func, or_, select, tuple_

from campaign.states import Fate, Outcome, State
from campaign.store.schema import delivery, letter, request, supporter, suppression


@dataclass(frozen=True, slots=True, kw_only=True)
class DueLetter:
    """A letter whose request is not sent yet, without its text. Times in ms."""

    request_id: int
    letter_id: int
    supporter_id: int
    seat: str
    holder: str
    matched: str
    variant: str
    locale: str
    confirmed_at: int
    valid_until: int | None
    zip: str  # its writer's, on file
    channel: str
    place: bytes | None = None  # hash of the writer's address, once looked up


_LETTERS = (
    select(
        delivery.c.request_id,
        letter.c.id.label("letter_id"),
        *(letter.c[name] for name in ("supporter_id", "seat", "holder", "matched", "variant", "locale")),
        *(letter.c[name] for name in ("confirmed_at", "valid_until")),
        supporter.c.zip,
        delivery.c.channel,
        supporter.c.place,
    )
    .join(letter, letter.c.id == delivery.c.letter_id)
    .join(supporter, supporter.c.id == letter.c.supporter_id)
    .order_by(letter.c.supporter_id, letter.c.id)
)
_DUE = _LETTERS.where(delivery.c.outcome.is_(None))


def due_letters(conn: Connection, request_ids: Sequence[int]) -> dict[int, DueLetter]:
    """By request: the letters whose delivery has no outcome of its own."""
    rows = conn.execute(_DUE.where(delivery.c.request_id.in_(request_ids))).mappings()
    return {row["request_id"]: DueLetter(**row) for row in rows}


def letters_in_digest(conn: Connection, request_id: int) -> dict[int, DueLetter]:
    """By delivery: the letters in a digest, in the order of confirmation."""
    query = _DUE.add_columns(delivery.c.id.label("delivery")).where(delivery.c.request_id == request_id)
    rows = conn.execute(query.order_by(None).order_by(letter.c.id)).mappings()
    return {row["delivery"]: DueLetter(**{name: row[name] for name in DueLetter.__slots__}) for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterGroup:
    """Pending letters to one holder of one seat, in one state. `first`: the earliest confirmation, `ends`: the earliest
    end of a text (ms).
    """

    seat: str
    holder: str
    matched: str
    variant: str
    kind: str  # letter; daily: in a digest
    state: str
    reason: str
    first: int
    ends: int | None
    letters: int

    @property
    def sample(self) -> DueLetter:
        """A sample letter of the group."""
        return DueLetter(
            request_id=0,
            letter_id=0,
            supporter_id=0,
            seat=self.seat,
            holder=self.holder,
            matched=self.matched,
            variant=self.variant,
            locale="",
            confirmed_at=self.first,
            valid_until=self.ends,
            zip="",
            channel="",
        )


def groups(conn: Connection, campaign_id: int) -> list[LetterGroup]:
    """A campaign's letters whose request is not sent yet, in groups: many letters make few groups."""
    names = (
        *(letter.c[name] for name in ("seat", "holder", "matched", "variant")),
        *(request.c[name] for name in ("kind", "state", "reason")),
    )
    first, ends = func.min(letter.c.confirmed_at).label("first"), func.min(letter.c.valid_until).label("ends")
    query = (
        select(*names, first, ends, func.count().label("letters"))
        .select_from(request)
        .join(delivery, delivery.c.request_id == request.c.id)
        .join(letter, letter.c.id == delivery.c.letter_id)
        .where(*_waits(campaign_id))
        .group_by(*names)
        .order_by(*names)
    )
    return [LetterGroup(**row) for row in conn.execute(query).mappings()]


def letters_of_group(conn: Connection, campaign_id: int, group: LetterGroup) -> list[DueLetter]:
    """The letters of a group, by supporter."""
    same = [letter.c[name] == getattr(group, name) for name in ("seat", "holder", "matched", "variant")]
    query = _DUE.join(request, request.c.id == delivery.c.request_id).where(*_waits(campaign_id), *same)
    alike = [request.c[name] == getattr(group, name) for name in ("kind", "state", "reason")]
    return [DueLetter(**row) for row in conn.execute(query.where(*alike)).mappings()]


def printed_letters(conn: Connection, campaign_id: int) -> list[DueLetter]:
    """The letters to be printed, by supporter; they have no request (0)."""
    to_print = (delivery.c.campaign_id == campaign_id, delivery.c.outcome == Outcome.TO_PRINT.value)
    query = _LETTERS.where(*to_print, letter.c.withdrawn_at.is_(None))
    return [DueLetter(**{**row, "request_id": 0}) for row in conn.execute(query).mappings()]


def unannounced(
    conn: Connection, *, supporter_id: int | None = None, letters: Collection[int] | None = None
) -> dict[int, int]:
    """Letter -> supporter, of letters we deliver that may still be sent, because their newest delivery is pending,
    unknown or refused, while the provider has not accepted their receipt (or could not deliver it): those of the
    supporter who is opting out now, or of everyone on the suppression list.

    `letters`: only these. In the order of supporters, in which locks are taken.
    """
    receipt, its_request = delivery.alias("receipt"), request.alias("receipt_request")
    lost = [int(fate) for fate in (Fate.BLOCKED, Fate.DROPPED, Fate.BOUNCED)]
    announced = (
        select(receipt.c.id)
        .join(its_request, its_request.c.id == receipt.c.request_id)
        .where(
            receipt.c.id == letter.c.receipt_id,
            receipt.c.outcome.is_(None),
            receipt.c.fate.not_in(lost),
            its_request.c.state == State.ACCEPTED.value,
        )
    )
    newest = select(func.max(delivery.c.id)).where(delivery.c.letter_id == letter.c.id).correlate(letter)
    over = [State.ACCEPTED.value, State.CANCELLED.value]
    waits = and_(request.c.state.not_in(over), delivery.c.cancel_reason.is_(None))
    stays = or_(delivery.c.outcome == Outcome.TO_PRINT.value, and_(delivery.c.outcome.is_(None), waits))
    query = (
        select(letter.c.id, letter.c.supporter_id)
        .join(delivery, delivery.c.id == newest.scalar_subquery())
        .outerjoin(request, request.c.id == delivery.c.request_id)
        .where(letter.c.withdrawn_at.is_(None), stays, ~announced.exists())
        .order_by(letter.c.supporter_id, letter.c.id)
    )
    if supporter_id is None:
        opted_out = select(suppression.c.reason).where(suppression.c.email_hash == supporter.c.email_hash).exists()
        query = query.join(supporter, supporter.c.id == letter.c.supporter_id).where(opted_out)
    else:
        query = query.where(letter.c.supporter_id == supporter_id)
    if letters is not None:
        query = query.where(letter.c.id.in_(letters))
    return {row[0]: row[1] for row in conn.execute(query)}


def _waits(campaign_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        request.c.campaign_id == campaign_id,
        request.c.kind.in_(["letter", "daily"]),
        request.c.state.in_([State.QUEUED.value, State.HELD.value]),
        delivery.c.outcome.is_(None),
    )


def outlived_letters(conn: Connection, campaign_id: int, holders: Mapping[str, str]) -> list[tuple[int, int, str]]:
    """(letter, supporter, locale) of letters that were sent to an earlier holder of one of these seats, unless their
    writer has written to the present one or was told already. `holders`: by seat.

    One statement for all seats: the scheduler asks every few seconds.
    """
    newer, present = letter.alias("newer"), list(holders.items())
    sent = or_(
        delivery.c.outcome == Outcome.REPORTED.value,
        and_(delivery.c.outcome.is_(None), request.c.state == State.ACCEPTED.value),
    )
    wrote = select(newer.c.id).where(
        newer.c.campaign_id == campaign_id,
        newer.c.supporter_id == letter.c.supporter_id,
        newer.c.seat == letter.c.seat,
        tuple_(newer.c.seat, newer.c.holder).in_(present),
    )
    earlier = (letter.c.seat.in_(holders), tuple_(letter.c.seat, letter.c.holder).not_in(present))
    query = _of_turned(campaign_id).outerjoin(request, request.c.id == delivery.c.request_id)
    return [(row[0], row[1], row[2]) for row in conn.execute(query.where(*earlier, sent, ~wrote.exists()))]


def handed_off_before(conn: Connection, campaign_id: int, terms: Mapping[str, int]) -> list[tuple[int, int, str]]:
    """(letter, supporter, locale) of letters handed to their writers before the present term of their seat began,
    unless they were told already. `terms`: by seat, when it began (ms).
    """
    seats: dict[int, list[str]] = {}
    for seat, began in terms.items():
        seats.setdefault(began, []).append(seat)
    before = or_(*(and_(letter.c.confirmed_at < began, letter.c.seat.in_(of)) for began, of in seats.items()))
    query = _of_turned(campaign_id).where(delivery.c.outcome == Outcome.HANDED_OFF.value, before)
    return [(row[0], row[1], row[2]) for row in conn.execute(query)]


def _of_turned(campaign_id: int) -> Select[int, int, str]:
    return (
        select(letter.c.id, letter.c.supporter_id, letter.c.locale)
        .join(delivery, delivery.c.letter_id == letter.c.id)
        .where(letter.c.campaign_id == campaign_id, letter.c.withdrawn_at.is_(None), ~_was_told(campaign_id))
        .order_by(letter.c.supporter_id, letter.c.id)
    )


def _was_told(campaign_id: int) -> ColumnElement[bool]:
    """Whether a receipt of that wave told the writer about the seat's next holder."""
    notice = delivery.alias("notice")
    same = (notice.c.supporter_id == letter.c.supporter_id, notice.c.campaign_id == campaign_id)
    wave = "turn-" + cast(letter.c.id, String)
    return select(notice.c.id).where(*same, notice.c.kind == "receipt", notice.c.wave == wave).exists()


def count_unfinished(conn: Connection, campaign_id: int) -> dict[str, int]:
    """By seat: letters handed off for a form whose writers have not reported them as sent."""
    query = (
        select(letter.c.seat, func.count())
        .join(delivery, delivery.c.letter_id == letter.c.id)
        .where(letter.c.campaign_id == campaign_id, letter.c.withdrawn_at.is_(None))
        .where(delivery.c.outcome == Outcome.HANDED_OFF.value)
        .group_by(letter.c.seat)
        .order_by(letter.c.seat)
    )
    return {row[0]: row[1] for row in conn.execute(query).all()}


def due_between(conn: Connection, campaign_id: int) -> dict[str, tuple[int, int, int]]:
    """By kind of queued request: how many deliveries, and when the first and the last are due (ms)."""
    query = (
        select(request.c.kind, func.sum(request.c.size), func.min(request.c.due_at), func.max(request.c.due_at))
        .where(request.c.campaign_id == campaign_id, request.c.state == State.QUEUED.value)
        .group_by(request.c.kind)
        .order_by(request.c.kind)
    )
    return {row[0]: (int(row[1]), row[2], row[3]) for row in conn.execute(query).all()}


def count_waiting(conn: Connection) -> dict[tuple[str, str], int]:
    """How many letters are not sent yet, by seat and by the member they are written to (Bioguide id)."""
    states = [State.QUEUED.value, State.HELD.value, State.CLAIMED.value]
    query = (
        select(letter.c.seat, letter.c.holder, func.count())
        .join(delivery, delivery.c.letter_id == letter.c.id)
        .join(request, request.c.id == delivery.c.request_id, isouter=True)
        .where(
            delivery.c.letter_id.is_not(None),
            letter.c.withdrawn_at.is_(None),
            or_(
                delivery.c.outcome == Outcome.HANDED_OFF.value,
                and_(delivery.c.outcome.is_(None), request.c.state.in_(states)),
            ),
        )
        .group_by(letter.c.seat, letter.c.holder)
        .order_by(letter.c.seat, letter.c.holder)
    )
    return {(seat, holder): number for seat, holder, number in conn.execute(query)}
