"""A campaign's asks by state and fate, from SELECTs only, without personal data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select

from campaign.delivery import campaigns
from campaign.delivery.campaigns import Campaign
from campaign.delivery.outbox.transitions import count_states
from campaign.formats import spreadsheet_cell
from campaign.letters import follow_ups
from campaign.outreach.reports import letter_funnel, open_page_counts
from campaign.outreach.reports.channel_rates import Rates
from campaign.outreach.reports.letter_funnel import Letters
from campaign.outreach.reports.open_page_counts import OpenPageCounts
from campaign.states import FATES, State
from campaign.store.schema import delivery, request


@dataclass(frozen=True, slots=True)
class WaveReport:
    """One wave. `states` always adds up to `launched`; `fates` is what SendGrid reported about the accepted asks."""

    name: str
    launched: int
    launched_at: int
    states: dict[str, int]
    fates: dict[str, int]
    reasons: dict[str, int] = field(default_factory=dict)  # "outcome: reason" -> asks decided one by one

    @property
    def adds_up(self) -> bool:
        return sum(self.states.values()) == self.launched


@dataclass(frozen=True, slots=True)
class AskCounts:
    campaign: Campaign
    waves: tuple[WaveReport, ...]
    oldest_unknown: int | None  # ms; needs attention after an hour
    opened: OpenPageCounts
    answers: dict[str, int]  # whether an office answered, as supporters said six weeks later

    @property
    def moving(self) -> int:
        """Asks that are queued or being sent."""
        live = (State.QUEUED, State.CLAIMED, State.SENDING)
        return sum(wave.states.get(state.value, 0) for wave in self.waves for state in live)


def numbers(found: AskCounts, letters: Letters | None = None, rates: Rates | None = None) -> dict[str, Any]:
    """The report as JSON, for the command line and the web."""
    return {
        "slug": found.campaign.slug,
        "paused": found.campaign.paused,
        "reason": found.campaign.reason,
        "oldest_unknown": found.oldest_unknown,
        "waves": [asdict(wave) | {"adds_up": wave.adds_up} for wave in found.waves],
        "open_page": asdict(found.opened),
        "heard_back": found.answers,
        **(letter_funnel.numbers(letters) if letters else {}),
        **({"rates": asdict(rates)} if rates else {}),
    }


def rows(found: AskCounts, letters: Letters, rates: Rates) -> list[list[str]]:
    """The report as a table for a spreadsheet, with its header."""
    header = ("what", "where", "word", "number")
    return [[spreadsheet_cell(str(cell)) for cell in row] for row in (header, *_counted(found, letters, rates))]


def _counted(found: AskCounts, letters: Letters, rates: Rates) -> Iterator[tuple[str, str, str, object]]:
    def each(what: str, where: str, counts: Mapping[str, object]) -> Iterator[tuple[str, str, str, object]]:
        return ((what, where, word, number) for word, number in counts.items())

    for wave in found.waves:
        for what, counts in (("asks", wave.states), ("asks, fate", wave.fates), ("asks, why", wave.reasons)):
            yield from each(what, f"wave {wave.name}", counts)
    yield from each("people", "", letters.people)
    yield "letters", "", "confirmed", letters.confirmed
    yield from each("letters, withdrawn", "", letters.withdrawn)
    for channel, proofs in letters.proofs.items():
        yield from each("letters", channel, proofs)
    yield from each("letters, fate", "email", letters.fates)
    yield from each("calls", "", letters.calls)
    yield from each("forms", "", letters.forms)
    yield from each("offices", "", letters.offices)
    yield from (("letters by state", code, "all", cell) for code, cell in letters.by_state.items())
    for seat, place in letters.by_seat.items():
        yield from each("letters by seat", seat, {"all": place.letters, **place.proofs})
    for seat, channels in rates.seats.items():
        for channel, rate in channels.items():
            yield from each(f"tried by {channel}", seat, {"all": rate.letters, **rate.proofs})
    yield from (("contact not used", seat, why, 1) for seat, why in letters.off.items())
    yield from each("receipts", "", letters.receipts)
    yield from each("heard back", "", found.answers)
    yield from each("open page", "", found.opened.events)
    for source, events in found.opened.sources.items():
        yield from each("open page, by source", source, events)


def report(conn: Connection, slug: str) -> AskCounts:
    campaign = campaigns.get(conn, slug)
    unknown = (request.c.campaign_id == campaign.id, request.c.state == State.UNKNOWN.value)
    oldest = conn.scalars(select(func.min(request.c.marked_at)).where(*unknown)).one()
    waves = tuple(_wave(conn, campaign.id, wave) for wave in campaigns.waves(conn, campaign.id))
    opened, answers = open_page_counts.count(conn, campaign.id), follow_ups.count_answers(conn, campaign.id)
    return AskCounts(campaign, waves, oldest, opened, answers)


def _wave(conn: Connection, campaign_id: int, wave: campaigns.Wave) -> WaveReport:
    requests = (request.c.campaign_id == campaign_id, request.c.wave == wave.name)
    columns = (func.coalesce(func.sum(request.c[fate.name.lower()]), 0) for fate in FATES)
    sums = conn.execute(select(*columns).where(*requests)).one()
    why = conn.execute(
        select(delivery.c.outcome, delivery.c.reason, func.count())
        .where(delivery.c.campaign_id == campaign_id, delivery.c.wave == wave.name, delivery.c.outcome.is_not(None))
        .group_by(delivery.c.outcome, delivery.c.reason)
    )
    return WaveReport(
        wave.name,
        wave.launched,
        wave.launched_at,
        count_states(conn, campaign_id, wave.name),
        {fate.name.lower(): int(number) for fate, number in zip(FATES, sums, strict=True) if number},
        {f"{outcome}: {reason}": number for outcome, reason, number in why},
    )
