"""The counsel record's sections on letters, calls and forms: from people on lists, and from the open page, apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, func, select

from campaign.congress import roster
from campaign.congress.terms import day_of
from campaign.letters import access, printed, tallies
from campaign.outreach.reports import letter_funnel
from campaign.outreach.reports.markdown import Row, when
from campaign.outreach.reports.small_counts import LEAST, Cell
from campaign.states import Outcome, State
from campaign.store.schema import delivery, evidence, letter, reported, request, supporter
from campaign.supporters.people import OPEN_PAGE

HOUR = 3_600_000  # ms
LISTS, OPEN, ERASED = "from lists", "from the open page", "erased since"  # columns


def sections(conn: Connection, campaign_id: int, now: int) -> Iterator[tuple[str, str, str, Iterable[Row]]]:
    """Key, title, note and rows of each."""
    yield "days", "By day", "Days in Washington time. Sent: accepted by SendGrid.", _days(conn, campaign_id)
    note = (
        "Letters that were confirmed and not withdrawn, each by one constituent to one of their own members of "
        f"Congress. <{LEAST}: fewer than five supporters. –: hidden, because a small number could be computed from it. "
        "From the open page: their writers joined there, on no list."
    )
    yield "letters", "Letters by text", note, _texts(conn, campaign_id)
    yield "seats", "Letters by seat", "", _seats(conn, campaign_id, now)
    note = (
        "As people reported. Nothing they said to an office is kept. From the open page: people without a personal "
        "link, of whom only counts are kept, and those who joined there."
    )
    yield "calls", "Calls and forms to members of Congress", note, _reported(conn, campaign_id)
    opened = tallies.totals(conn, campaign_id).total
    rows = [{"what people did": _MEANING[event], "people": opened.get(event, 0)} for event in ("zip", "joined")]
    yield "open_page", "The open page", "It asks everyone who opens it. Only counts are kept.", rows
    yield "packets", "Printed letters", "", _packets(conn, campaign_id)
    note = (
        "Commands that showed letters' text to a person, with the computer account that ran them. Sending letters, and "
        "showing them to their writers, is not listed. Someone with the database and its key can read letters without "
        "these commands."
    )
    yield "letter_access", "Access to letters", note, _access(conn, campaign_id)
    note = "Each letter has its own: the time, a keyed hash of the text as its writer saw it, release, link, consent."
    yield "evidence", "Evidence", note, _evidence(conn, campaign_id)


def _origin() -> ColumnElement[str]:
    """By which consent the supporter is on file."""
    return case((supporter.c.list == OPEN_PAGE, OPEN), (supporter.c.list == "", ERASED), else_=LISTS)


def _texts(conn: Connection, campaign_id: int) -> Iterable[Row]:
    each = letter_funnel.each_letter(campaign_id)
    origin = _origin().label("origin")
    query = select(each.c.variant, origin, func.count()).join(supporter, supporter.c.id == each.c.supporter_id)
    rows = conn.execute(query.where(each.c.gone == 0).group_by(each.c.variant, origin))
    counts = {(variant, whose): number for variant, whose, number in rows}
    for variant in sorted({variant for variant, _ in counts}):
        columns = {whose: counts.get((variant, whose), 0) for whose in (LISTS, OPEN, ERASED)}
        yield {"text": variant, "letters": sum(columns.values())} | columns


def _seats(conn: Connection, campaign_id: int, now: int) -> Iterable[Row]:
    holders = {code: seat.holder.name for code, seat in roster.at(conn, now).seats.items() if seat.holder}
    for seat, variants in letter_funnel.by_variant(conn, campaign_id).items():
        for variant, cell in variants.items():
            row = {"chamber": "House" if seat.startswith("H:") else "Senate", "seat": seat}
            row |= {"holds it": holders.get(seat, ""), "text": variant}
            yield row | {"letters": cell.letters if cell.letters is not None else str(cell)}


def _reported(conn: Connection, campaign_id: int) -> Iterable[Row]:
    origin = _origin().label("origin")
    query = select(reported.c.way, reported.c.outcome, origin, func.count())
    query = query.join(supporter, supporter.c.id == reported.c.supporter_id)
    rows = conn.execute(
        query.where(reported.c.campaign_id == campaign_id, reported.c.outcome != "chosen").group_by(
            reported.c.way, reported.c.outcome, origin
        )
    )
    counts = Counter({(f"{way}_{outcome}", whose): number for way, outcome, whose, number in rows})
    for event, number in tallies.totals(conn, campaign_id).total.items():
        counts[event, OPEN] += number
    for event in tallies.EVENTS[1:-1]:  # not the ZIP codes, nor those who joined
        columns = {whose: counts[event, whose] for whose in (LISTS, OPEN, ERASED)}
        if sum(columns.values()):
            yield {"what people reported": _MEANING[event]} | columns


_MEANING: dict[str, str] = {
    "zip": "entered a ZIP code",
    "call_answered": "called, and someone answered",
    "call_voicemail": "called, and left a message",
    "call_busy": "called, and no one answered",
    "form_sent": "sent the office's form",
    "form_failed": "the office's form did not work",
    "joined": "joined the list",
}


def _days(conn: Connection, campaign_id: int) -> list[Row]:
    ours = (request.c.campaign_id == campaign_id, request.c.state == State.ACCEPTED.value)
    letters = (delivery.c.campaign_id == campaign_id, delivery.c.kind == "letter")
    size, number = func.sum(request.c.size), func.count()
    queries = {
        "asks sent": _by_hour(request.c.answered_at, size).where(*ours, request.c.kind == "ask"),
        "letters confirmed": _by_hour(letter.c.confirmed_at, number).where(letter.c.campaign_id == campaign_id),
        "letters sent": _by_hour(request.c.answered_at, size).where(*ours, request.c.kind.in_(["letter", "daily"])),
    }
    outcomes = {
        "letters handed to their writers": Outcome.HANDED_OFF,
        "reported by their writers": Outcome.REPORTED,
        "hand-delivered": Outcome.HANDED_IN,
    }
    for name, outcome in outcomes.items():
        queries[name] = _by_hour(delivery.c.at, number).where(*letters, delivery.c.outcome == outcome.value)
    days: dict[str, Counter[str]] = {}
    for name, query in queries.items():
        for hour, number in conn.execute(query):
            days.setdefault(day_of(hour * HOUR), Counter())[name] += int(number)
    return [{"day": day} | {name: days[day][name] for name in queries} for day in sorted(days)]


def _by_hour(at: Any, number: Any) -> Select[Any]:
    """Sums by hour: a day in Washington begins at 04:00 or 05:00 UTC."""
    hour = (at // HOUR).label("hour")
    return select(hour, number).group_by("hour")


def _packets(conn: Connection, campaign_id: int) -> Iterable[Row]:
    for packet in printed.list_packets(conn, campaign_id):
        row = {"seat": packet.seat, "packet": packet.number, "printed": when(packet.printed_at)}
        yield row | {"delivered on": packet.handed_on or "not yet", "by": packet.handed_by}


def _access(conn: Connection, campaign_id: int) -> Iterable[Row]:
    """Counts of letters only where the seat's own count is shown."""
    seats = letter_funnel.places(conn, campaign_id)[0]
    for entry in access.list_access(conn, campaign_id):
        cell = seats.get(entry.seat, Cell(None, True))
        few = entry.letters < LEAST
        shown = entry.letters if cell.letters is not None and not few else str(Cell(None, few or cell.small))
        row = {"when": when(entry.at), "what": access.MEANING[entry.what], "seat": entry.seat, "letters": shown}
        yield row | {"account": entry.account, "name given": entry.by}


def _evidence(conn: Connection, campaign_id: int) -> Iterable[Row]:
    rows = conn.execute(
        select(evidence.c.consent, evidence.c.by, func.count(), func.count(evidence.c.id))
        .select_from(letter.outerjoin(evidence, evidence.c.id == letter.c.evidence_id))
        .where(letter.c.campaign_id == campaign_id)
        .group_by(evidence.c.consent, evidence.c.by)
        .order_by(evidence.c.consent, evidence.c.by)
    )
    for consent, by, number, shown in rows:
        yield {"consent text": consent, "confirmed by": by, "letters": number, "with evidence": shown}
