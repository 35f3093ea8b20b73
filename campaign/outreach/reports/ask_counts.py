"""Numbers by state and fate, with SELECTs only; never a name or an address."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import Connection, func, select

from campaign.delivery import campaigns
from campaign.delivery.campaigns import Campaign
from campaign.delivery.outbox.transitions import count_states
from campaign.errors import CampaignError
from campaign.outreach.reports import letter_funnel
from campaign.outreach.reports.channel_rates import Rates
from campaign.outreach.reports.letter_funnel import Letters
from campaign.states import FATES, Event, State
from campaign.store.schema import attempt, delivery, event, request


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
    return [[f"'{text}" if text[:1] in _FORMULA else text for text in line] for line in table]


_FORMULA = tuple("=+-@\t\r")  # a spreadsheet would compute a text that begins so


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


@dataclass(frozen=True, slots=True)
class HistoryStep:
    at: int
    what: str
    detail: str


@dataclass(frozen=True, slots=True)
class History:
    """All that is known of one delivery, without the person."""

    delivery_id: int
    kind: str
    wave: str
    state: str
    fate: str
    request_id: int  # 0: its writer sends it, or it is printed, and no request carries it
    attempt: int
    size: int
    steps: tuple[HistoryStep, ...]


_OF_REQUEST = ("id", "parent_id", "state", "attempt", "size", "release", "reason", "marked_at", "answered_at")


def explain(conn: Connection, delivery_id: int) -> History:
    """One delivery's history. Raises CampaignError when there is none of that id."""
    row = (
        conn.execute(
            select(
                delivery.c.kind,
                delivery.c.wave,
                delivery.c.outcome,
                delivery.c.reason.label("why"),
                delivery.c.fate,
                delivery.c.fate_at,
                delivery.c.channel,
                delivery.c.at,
                *(request.c[name] for name in _OF_REQUEST),
            )
            .outerjoin(request, request.c.id == delivery.c.request_id)
            .where(delivery.c.id == delivery_id)
        )
        .mappings()
        .one_or_none()
    )
    if row is None:
        raise CampaignError(
            f"there is no delivery {delivery_id}", do="Ids stand in the sandbox's inbox as ct_delivery."
        )
    steps = [
        HistoryStep(found.at, found.what, f"attempt {found.attempt}: {found.detail}")
        for found in conn.execute(
            select(attempt.c.at, attempt.c.what, attempt.c.attempt, attempt.c.detail).where(
                attempt.c.request_id.in_([row["id"], row["parent_id"]])
            )
        )
    ]
    steps += [
        HistoryStep(found.at, f"the provider says: {found.kind}", found.detail)
        for found in conn.execute(
            select(event.c.at, event.c.kind, event.c.detail).where(event.c.delivery_id == delivery_id)
        )
    ]
    if row["at"] and row["outcome"]:
        what = f"{row['outcome']} by {row['channel']}" if row["channel"] else row["outcome"]
        steps.append(HistoryStep(row["at"], what, row["why"] or ""))
    if row["marked_at"]:
        steps.append(HistoryStep(row["marked_at"], "sending", f"release {(row['release'] or '')[:12]}"))
    if row["answered_at"]:
        steps.append(HistoryStep(row["answered_at"], row["state"], row["reason"]))
    fate = FATES[row["fate"] - 1].name.lower() if row["fate"] else "none"
    if row["fate_at"]:
        steps.append(HistoryStep(row["fate_at"], f"fate: {fate}", ""))
    return History(
        delivery_id,
        row["kind"],
        row["wave"],
        row["outcome"] or row["state"],
        fate,
        row["id"] or 0,
        row["attempt"] or 0,
        row["size"] or 0,
        tuple(sorted(steps, key=lambda step: step.at)),
    )


@dataclass(frozen=True, slots=True)
class Trouble:
    """Requests that did not go smoothly; `settled` are those of the unanswered that are not unknown any more."""

    later: int
    refused: int
    unanswered: int
    settled: int


def trouble(conn: Connection, slug: str) -> Trouble:
    rows = conn.execute(
        select(request.c.id, request.c.state, attempt.c.what)
        .join(attempt, attempt.c.request_id == request.c.id)
        .where(request.c.campaign_id == campaigns.get(conn, slug).id)
        .distinct()
    ).all()
    lost = {row.id: row.state for row in rows if row.what in (Event.NO_ANSWER, Event.EXPIRE)}
    return Trouble(
        sum(row.what == Event.TRY_LATER for row in rows),
        sum(row.what == Event.REFUSED for row in rows),
        len(lost),
        sum(state != State.UNKNOWN for state in lost.values()),
    )
