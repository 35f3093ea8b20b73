"""Numbers by state and fate, with SELECTs only; never a name or an address."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select

from campaign.delivery import campaigns
from campaign.delivery.campaigns import Campaign
from campaign.delivery.outbox.transitions import count_states
from campaign.formats import spreadsheet_cell
from campaign.outreach.reports import letter_funnel
from campaign.outreach.reports.channel_rates import Rates
from campaign.outreach.reports.letter_funnel import Letters
from campaign.states import FATES, State
from campaign.store.schema import delivery, request


@dataclass(frozen=True, slots=True)
class WaveReport:
    """One wave. `states` sums up to `launched` for ever; `fates` is what others told us of the accepted."""

    name: str
    launched: int
    launched_at: int
    states: dict[str, int]
    fates: dict[str, int]
    reasons: dict[str, int] = field(default_factory=dict)  # why some have an outcome of their own

    @property
    def adds_up(self) -> bool:
        return sum(self.states.values()) == self.launched


@dataclass(frozen=True, slots=True)
class Report:
    campaign: Campaign
    waves: tuple[WaveReport, ...]
    oldest_unknown: int | None  # ms; a person should look after an hour

    @property
    def moving(self) -> int:
        """Deliveries that may still change by themselves."""
        live = (State.QUEUED, State.CLAIMED, State.SENDING)
        return sum(wave.states.get(state.value, 0) for wave in self.waves for state in live)


def numbers(found: Report, letters: Letters | None = None, rates: Rates | None = None) -> dict[str, Any]:
    """The report for a script: the same keys from the command line and from the web."""
    return {
        "slug": found.campaign.slug,
        "paused": found.campaign.paused,
        "reason": found.campaign.reason,
        "oldest_unknown": found.oldest_unknown,
        "waves": [asdict(wave) | {"adds_up": wave.adds_up} for wave in found.waves],
        **(letter_funnel.numbers(letters) if letters else {}),
        **({"rates": asdict(rates)} if rates else {}),
    }


def rows(found: Report, letters: Letters, rates: Rates) -> list[list[str]]:
    """The report as a table, with its header: what is counted, where, under which word, how many."""
    table = [["what", "where", "word", "number"]]
    for wave in found.waves:
        for what, counted in (("asks", wave.states), ("asks, fate", wave.fates), ("asks, why", wave.reasons)):
            table += [[what, f"wave {wave.name}", word, str(number)] for word, number in counted.items()]
    table += [["people", "", word, str(number)] for word, number in letters.people.items()]
    table += [["letters", "", "confirmed", str(letters.confirmed)]]
    table += [["letters, withdrawn", "", word, str(number)] for word, number in letters.withdrawn.items()]
    for channel, proofs in letters.proofs.items():
        table += [["letters", channel, word, str(number)] for word, number in proofs.items()]
    table += [["letters, fate", "email", word, str(number)] for word, number in letters.fates.items()]
    table += [["calls", "", word, str(number)] for word, number in letters.calls.items()]
    table += [["offices", "", word, str(number)] for word, number in letters.offices.items()]
    table += [["letters by state", code, "all", str(cell)] for code, cell in letters.by_state.items()]
    for seat, place in letters.by_seat.items():
        table += [["letters by seat", seat, "all", str(place.letters)]]
        table += [["letters by seat", seat, word, str(cell)] for word, cell in place.proofs.items()]
    for seat, channels in rates.seats.items():
        for channel, rate in channels.items():
            table += [[f"tried by {channel}", seat, "all", str(rate.letters)]]
            table += [[f"tried by {channel}", seat, word, str(cell)] for word, cell in rate.proofs.items()]
    table += [["contact not used", seat, why, "1"] for seat, why in letters.off.items()]
    table += [["receipts", "", word, str(number)] for word, number in letters.receipts.items()]
    return [[spreadsheet_cell(text) for text in line] for line in table]


def report(conn: Connection, slug: str) -> Report:
    campaign = campaigns.get(conn, slug)
    oldest = conn.scalars(
        select(func.min(request.c.marked_at)).where(
            request.c.campaign_id == campaign.id, request.c.state == State.UNKNOWN.value
        )
    ).one()
    return Report(
        campaign, tuple(_wave(conn, campaign.id, wave) for wave in campaigns.waves(conn, campaign.id)), oldest
    )


def _wave(conn: Connection, campaign_id: int, wave: campaigns.Wave) -> WaveReport:
    here = (request.c.campaign_id == campaign_id, request.c.wave == wave.name)
    sums = conn.execute(
        select(*(func.coalesce(func.sum(request.c[fate.name.lower()]), 0) for fate in FATES)).where(*here)
    ).one()
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
