"""The letter funnel: supporters by step, letters by proof. SELECTs only; small counts by place are hidden.

A letter counts once, by the proof of its latest channel. `sent`: SendGrid accepted it. `delivered`: the office's mail
server did. `ready`: its writer was given the office's form. `reported`: the writer says it was sent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, Subquery, and_, case, func, or_, select

from campaign.delivery import campaigns
from campaign.delivery.outbox.transitions import count_states
from campaign.letters import reported
from campaign.log import scrub
from campaign.model import Kind
from campaign.outreach.reports import small_counts
from campaign.outreach.reports.small_counts import Cell
from campaign.states import Fate, Outcome, Proof, State, proof
from campaign.store.schema import contact, delivery, letter, request, supporter, visit
from campaign.supporters.people import OPEN_PAGE

EMAIL = (
    Proof.GOING,
    Proof.HELD,
    Proof.SENDING,
    Proof.DOUBT,
    Proof.SENT,
    Proof.DELIVERED,
    Proof.RETURNED,
    Proof.REFUSED,
)
FORM = (Proof.READY, Proof.REPORTED)
PAPER = (Proof.TO_PRINT, Proof.PRINTED, Proof.HANDED_IN)
PROOFS = (*EMAIL, *FORM, *PAPER)  # withdrawn letters are counted by reason
STEPS = ("asked", "accepted", "delivered", "visited", "confirmed", "proved")
CANCELLED = "cancelled by the organization"

_STAYED = (State.QUEUED, State.CLAIMED, State.HELD)
_SAID = [Outcome.REPORTED.value, Outcome.HANDED_IN.value]  # by the supporter or by staff
_TURNED_AWAY = (Fate.BLOCKED, Fate.DROPPED, Fate.BOUNCED)

Number = TypeVar("Number")


@dataclass(frozen=True, slots=True)
class PlaceCount:
    """The letters to one seat that were not withdrawn. `proofs` is empty if the count is hidden."""

    letters: Cell
    proofs: dict[str, Cell]


@dataclass(frozen=True, slots=True)
class Letters:
    """`people` who were asked, by step of the funnel. `confirmed` counts all letters: `withdrawn` plus the sum of
    `proofs`.
    """

    people: dict[str, int]
    joined: dict[str, int]  # people and letters of those who joined on the open page and were not asked
    confirmed: int
    withdrawn: dict[str, int]  # by reason
    proofs: dict[str, dict[str, int]]  # channel -> proof -> letters that were not withdrawn
    states: dict[str, int]  # of each letter's latest delivery, withdrawn or not: adds up to `confirmed`
    fates: dict[str, int]  # of every email to an office, including letters that then moved to the form
    moved: int  # letters that could not be emailed and moved to the form
    offices: dict[str, int]  # number of seats: written, email, reported, handed_in
    by_seat: dict[str, PlaceCount]
    by_state: dict[str, Cell]
    off: dict[str, str]  # contacts that are off: seat -> why
    receipts: dict[str, int]  # by state
    summaries: dict[str, int]  # daily digests: emails that SendGrid accepted, and letters in them
    calls: dict[str, int]  # by outcome, as reported by callers
    forms: dict[str, int]  # by outcome, as reported by those who used an office's own form

    @property
    def adds_up(self) -> bool:
        live = sum(number for channel in self.proofs.values() for number in channel.values())
        return live + sum(self.withdrawn.values()) == self.confirmed

    def proved(self, proof: str) -> int:
        """Letters with this proof, on all channels."""
        return sum(channel.get(proof, 0) for channel in self.proofs.values())


def letters(conn: Connection, campaign_id: int) -> Letters:
    """The letters of a campaign as they are now, in a constant number of SELECTs."""
    each = each_letter(campaign_id)
    groups = [each.c[name] for name in ("seat", "channel", "outcome", "state", "fate", "reason", "gone")]
    rows = conn.execute(
        select(*groups, func.count().label("n"), func.sum(each.c.moved).label("moved")).group_by(*groups)
    ).all()
    withdrawn: Counter[str] = Counter()
    states: Counter[str] = Counter()
    proofs: dict[str, Counter[str]] = {}
    cells: Counter[tuple[str, str]] = Counter()
    mailed: set[str] = set()
    for row in rows:
        states[row.outcome or row.state or "none"] += row.n
        if row.gone:
            withdrawn[row.reason or CANCELLED] += row.n
        elif row.channel:  # a letter without a channel is an error, which `adds_up` shows
            found = proof(row.outcome, row.state, row.fate)
            proofs.setdefault(row.channel, Counter())[found] += row.n
            cells[row.seat, found] += row.n
            if row.channel == "email" and found in (Proof.SENT, Proof.DELIVERED):
                mailed.add(row.seat)
    by_seat, by_state = places(conn, campaign_id)
    split = small_counts.split(cells, {seat for seat, cell in by_seat.items() if cell.letters is None})
    return Letters(
        people=_people(conn, campaign_id, each),
        joined=_joined(conn, campaign_id, each),
        confirmed=sum(row.n for row in rows),
        withdrawn=dict(withdrawn),
        proofs={channel: _in_order(found) for channel, found in sorted(proofs.items())},
        states=dict(states),
        fates=_fates(conn, campaign_id),
        moved=sum(int(row.moved) for row in rows if not row.gone),
        offices=_offices(cells, mailed),
        by_seat={seat: PlaceCount(cell, _in_order(split.get(seat, {}))) for seat, cell in by_seat.items()},
        by_state=by_state,
        off={seat: scrub(why) for seat, why in conn.execute(_OFF)},
        receipts=count_states(conn, campaign_id, kind=Kind.RECEIPT),
        summaries=_summaries(conn, campaign_id),
        calls=reported.counts(conn, campaign_id, "call"),
        forms=reported.counts(conn, campaign_id, "form"),
    )


def each_letter(campaign_id: int) -> Subquery:
    """One row per letter, with its latest delivery. `gone`: withdrawn before it was sent."""
    latest = (
        select(delivery.c.letter_id, func.max(delivery.c.id).label("id"), func.count().label("channels"))
        .where(delivery.c.letter_id.is_not(None), delivery.c.campaign_id == campaign_id)
        .group_by(delivery.c.letter_id)
        .subquery()
    )
    state = func.coalesce(delivery.c.outcome, request.c.state)
    stayed = state.in_([Outcome.HANDED_OFF.value, Outcome.TO_PRINT.value, *(stay.value for stay in _STAYED)])
    arrived = and_(state == State.ACCEPTED.value, delivery.c.fate.not_in([int(fate) for fate in _TURNED_AWAY]))
    return (
        select(
            *(letter.c[name] for name in ("supporter_id", "seat", "variant", "reason")),
            func.substr(letter.c.seat, 3, 2).label("home"),
            *(delivery.c[name] for name in ("channel", "outcome", "fate")),
            request.c.state,
            case((or_(state == Outcome.CANCELLED.value, and_(letter.c.reason != "", stayed)), 1), else_=0).label(
                "gone"
            ),
            case((or_(state.in_(_SAID), arrived), 1), else_=0).label("proved"),
            case((and_(latest.c.channels > 1, delivery.c.channel == "form"), 1), else_=0).label("moved"),
        )
        .select_from(
            letter.outerjoin(latest, latest.c.letter_id == letter.c.id)
            .outerjoin(delivery, delivery.c.id == latest.c.id)
            .outerjoin(request, request.c.id == delivery.c.request_id)
        )
        .where(letter.c.campaign_id == campaign_id)
        .subquery()
    )


def places(conn: Connection, campaign_id: int) -> tuple[dict[str, Cell], dict[str, Cell]]:
    """Letters that were not withdrawn, by seat and by state. A count hidden here is hidden in every report."""
    each = each_letter(campaign_id)
    return small_counts.places(_counts(conn, each, each.c.seat), _counts(conn, each, each.c.home))


def by_variant(conn: Connection, campaign_id: int) -> dict[str, dict[str, Cell]]:
    """Letters by seat and variant, with the variant "" if the seat's count is hidden."""
    each, seats = each_letter(campaign_id), places(conn, campaign_id)[0]
    rows = conn.execute(
        select(each.c.seat, each.c.variant, func.count())
        .where(each.c.gone == 0)
        .group_by(each.c.seat, each.c.variant)
        .order_by(each.c.seat, each.c.variant)
    )
    cells = {(seat, variant): number for seat, variant, number in rows}
    split = small_counts.split(cells, {seat for seat, cell in seats.items() if cell.letters is None})
    return {seat: split.get(seat, {"": cell}) for seat, cell in seats.items()}


def _counts(conn: Connection, each: Subquery, place: ColumnElement[str]) -> dict[str, small_counts.Count]:
    people = func.count(each.c.supporter_id.distinct())
    rows = conn.execute(select(place, func.count(), people).where(each.c.gone == 0).group_by(place).order_by(place))
    return {row[0]: small_counts.Count(row[1], row[2]) for row in rows}


def _people(conn: Connection, campaign_id: int, each: Subquery) -> dict[str, int]:
    first = next(iter(campaigns.waves(conn, campaign_id)), None)
    asks = conn.execute(
        select(func.coalesce(func.sum(request.c.size), 0), func.coalesce(func.sum(request.c.delivered), 0)).where(
            request.c.campaign_id == campaign_id,
            request.c.wave == (first.name if first else ""),
            request.c.kind == "ask",
            request.c.state == State.ACCEPTED.value,
        )
    ).one()
    writer = each.c.supporter_id
    strangers = _never_asked(campaign_id)
    wrote = conn.execute(
        select(func.count(writer.distinct()), func.count(case((each.c.proved == 1, writer)).distinct())).where(
            each.c.gone == 0, writer.not_in(strangers)
        )
    ).one()
    came = (visit.c.campaign_id == campaign_id, visit.c.supporter_id.not_in(strangers))
    visited = _one(conn, select(func.count()).select_from(visit).where(*came))
    numbers = (first.launched if first else 0, *asks, visited, *wrote)
    return {step: int(number) for step, number in zip(STEPS, numbers, strict=True)}


def _joined(conn: Connection, campaign_id: int, each: Subquery) -> dict[str, int]:
    writer = each.c.supporter_id
    theirs = (each.c.gone == 0, writer.in_(_never_asked(campaign_id)))
    row = conn.execute(select(func.count(writer.distinct()), func.count()).select_from(each).where(*theirs)).one()
    return {"people": row[0], "letters": row[1]}


def _never_asked(campaign_id: int) -> Select[int]:
    """Who joined on the open page, perhaps erased since, and got no ask of this campaign."""
    ask = (delivery.c.supporter_id == supporter.c.id, delivery.c.campaign_id == campaign_id, delivery.c.kind == "ask")
    joined = supporter.c.list.in_((OPEN_PAGE, ""))
    return select(supporter.c.id).where(joined, ~select(delivery.c.id).where(*ask).exists())


def _one(conn: Connection, statement: Select[int]) -> int:
    return conn.execute(statement).scalar_one()


def _fates(conn: Connection, campaign_id: int) -> dict[str, int]:
    rows = conn.execute(
        select(delivery.c.fate, func.count())
        .where(delivery.c.letter_id.is_not(None), delivery.c.campaign_id == campaign_id, delivery.c.fate > 0)
        .group_by(delivery.c.fate)
        .order_by(delivery.c.fate)
    )
    return {Fate(fate).name.lower(): number for fate, number in rows}


def _offices(cells: Counter[tuple[str, str]], mailed: set[str]) -> dict[str, int]:
    return {
        "written": len({seat for seat, _ in cells}),
        "email": len(mailed),
        "reported": len({seat for seat, found in cells if found == Proof.REPORTED}),
        "handed_in": len({seat for seat, found in cells if found == Proof.HANDED_IN}),
    }


def _summaries(conn: Connection, campaign_id: int) -> dict[str, int]:
    taken = (request.c.campaign_id == campaign_id, request.c.kind == "daily", request.c.state == State.ACCEPTED.value)
    row = conn.execute(select(func.count(), func.coalesce(func.sum(request.c.size), 0)).where(*taken)).one()
    return {"mails": int(row[0]), "letters": int(row[1])}


def _in_order(found: Mapping[str, Number]) -> dict[str, Number]:
    return {proof.value: found[proof] for proof in PROOFS if proof in found}


_OFF = select(contact.c.seat, contact.c.off).where(contact.c.off != "").order_by(contact.c.seat)


def numbers(found: Letters) -> dict[str, Any]:
    """For JSON. A hidden count is null; `small` if it stands for fewer than five people."""
    plain = asdict(found)
    place = ("people", "offices", "receipts", "calls")
    return {
        "funnel": plain["people"],
        "letters": {name: value for name, value in plain.items() if name not in place}
        | {"channels": _channels(found), "adds_up": found.adds_up},
        "offices": plain["offices"],
        "receipts": {"states": plain["receipts"]},
        "calls": plain["calls"],
        "forms": plain["forms"],
    }


def summary(found: Letters) -> dict[str, Any]:
    """The counts for the demo's JSON."""
    return {
        "visits": found.people["visited"],
        "letters": {
            "confirmed": found.confirmed,
            "states": found.states,
            "fates": found.fates,
            "channels": _channels(found),
            "summaries": found.summaries,
        },
        "receipts": {"states": found.receipts},
        "offices": found.offices["written"],
    }


def _channels(found: Letters) -> dict[str, int]:
    return {channel: sum(proofs.values()) for channel, proofs in found.proofs.items()}
