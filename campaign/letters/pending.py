"""Letters that have not left, as the tick and a worker look at them; and those that left for somebody who is no longer
there. Reads only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Select, String, and_, cast, func, or_, select, tuple_

from campaign.states import Fate, Outcome, State
from campaign.store.schema import delivery, letter, request, supporter, suppression


@dataclass(frozen=True, slots=True)
class DueLetter:
    """A letter's delivery in a request that has not left: what it needs to know besides the words. Times in ms."""

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
    zip: str  # on file, of its writer
    channel: str
    place: bytes | None = None  # the hash of the writer's address, once that was looked up


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
    """By request: the letters in these requests whose delivery has no outcome of its own."""
    rows = conn.execute(_DUE.where(delivery.c.request_id.in_(request_ids))).mappings()
    return {row["request_id"]: DueLetter(**row) for row in rows}


def letters_in_digest(conn: Connection, request_id: int) -> dict[int, DueLetter]:
    """By delivery: the letters in a summary, in the order of their confirmation."""
    query = _DUE.add_columns(delivery.c.id.label("delivery")).where(delivery.c.request_id == request_id)
    rows = conn.execute(query.order_by(None).order_by(letter.c.id)).mappings()
    return {row["delivery"]: DueLetter(**{name: row[name] for name in DueLetter.__slots__}) for row in rows}


@dataclass(frozen=True, slots=True)
class LetterGroup:
    """Letters that wait alike: to one holder of one seat, in one state. `first`: the earliest confirmation, `ends`: the
    earliest end of a text (ms).
    """

    seat: str
    holder: str
    matched: str
    variant: str
    kind: str  # letter, or daily: many of them in one request
    state: str
    reason: str
    first: int
    ends: int | None
    letters: int

    @property
    def sample(self) -> DueLetter:
        """A letter that stands for all of them, of nobody."""
        return DueLetter(0, 0, 0, self.seat, self.holder, self.matched, self.variant, "", self.first, self.ends, "", "")


def groups(conn: Connection, campaign_id: int) -> list[LetterGroup]:
    """The letters of a campaign whose request has not left, in groups: however many they are, the groups are few."""
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


def letters_of_group(conn: Connection, campaign_id: int, group: LetterGroup, most: int) -> list[DueLetter]:
    """The letters of a group by person, at most so many."""
    same = [letter.c[name] == getattr(group, name) for name in ("seat", "holder", "matched", "variant")]
    query = _DUE.join(request, request.c.id == delivery.c.request_id).where(*_waits(campaign_id), *same)
    alike = [request.c[name] == getattr(group, name) for name in ("kind", "state", "reason")]
    query = query.where(*alike).limit(most)
    return [DueLetter(**row) for row in conn.execute(query).mappings()]


def printed_letters(conn: Connection, campaign_id: int) -> list[DueLetter]:
    """The letters that wait to be printed, by person; they have no request (0)."""
    mine = (delivery.c.campaign_id == campaign_id, delivery.c.outcome == Outcome.TO_PRINT.value)
    query = _LETTERS.where(*mine, letter.c.withdrawn_at.is_(None))
    return [DueLetter(**{**row, "request_id": 0}) for row in conn.execute(query).mappings()]


def unannounced(
    conn: Connection, *, supporter_id: int | None = None, letters: Collection[int] | None = None
) -> dict[int, int]:
    """Letter -> supporter, of the letters for us to deliver that may still leave, because their newest delivery waits,
    is in doubt or was refused, and whose receipt the provider has not accepted (or could not deliver): those of the
    supporter who is opting out now, or those of everyone on the suppression list.

    `letters`: only these. In the order of supporters, in which their locks are taken.
    """
    receipt, its_request = delivery.alias("receipt"), request.alias("receipt_request")
    lost = [int(fate) for fate in (Fate.BLOCKED, Fate.DROPPED, Fate.BOUNCED)]
    told = (
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
        .where(letter.c.withdrawn_at.is_(None), stays, ~told.exists())
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
        .where(letter.c.campaign_id == campaign_id, letter.c.withdrawn_at.is_(None), ~_told(campaign_id))
        .order_by(letter.c.supporter_id, letter.c.id)
    )


def _told(campaign_id: int) -> ColumnElement[bool]:
    """Whether the letter's writer was told of the seat's next holder, by a receipt of that wave."""
    told = delivery.alias("told")
    of_this = (told.c.supporter_id == letter.c.supporter_id, told.c.campaign_id == campaign_id)
    wave = "turn-" + cast(letter.c.id, String)
    return select(told.c.id).where(*of_this, told.c.kind == "receipt", told.c.wave == wave).exists()


def count_unfinished(conn: Connection, campaign_id: int) -> dict[str, int]:
    """By seat: letters that their writers were given for a form, and have not said more about."""
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
    """By kind of what is queued: how many deliveries, and when the first and the last falls due (ms)."""
    query = (
        select(request.c.kind, func.sum(request.c.size), func.min(request.c.due_at), func.max(request.c.due_at))
        .where(request.c.campaign_id == campaign_id, request.c.state == State.QUEUED.value)
        .group_by(request.c.kind)
        .order_by(request.c.kind)
    )
    return {row[0]: (int(row[1]), row[2], row[3]) for row in conn.execute(query).all()}
