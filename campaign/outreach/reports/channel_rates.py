"""Success of each channel, from this installation's deliveries. SELECTs only; small counts by office are hidden.

Each delivery counts here, including one that failed before its letter moved to another channel.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, or_, select

from campaign.delivery import campaigns
from campaign.outreach.reports import letter_funnel, small_counts
from campaign.outreach.reports.small_counts import Cell, Count
from campaign.outreach.routing import registry
from campaign.states import Outcome, Proof, State, proof
from campaign.store.schema import delivery, letter, request


@dataclass(frozen=True, slots=True)
class Rate:
    """Letters on one channel, to one office or to all. `proofs`: counts by proof; empty if the count is hidden."""

    letters: Cell
    proofs: dict[str, Cell]

    def success(self, name: str) -> Cell:
        """The letters with this channel's proof of success; if it is not installed, those reported by supporters."""
        hidden = Cell(None) if self.letters.letters is None else Cell(0)
        channel = registry.letter_channels().get(name)
        return self.proofs.get(channel.proves if channel else Proof.REPORTED, hidden)


@dataclass(frozen=True, slots=True)
class Rates:
    """`all` by channel; `seats` by seat and then by channel."""

    all: dict[str, Rate]
    seats: dict[str, dict[str, Rate]]


def rates(conn: Connection, campaign_id: int | None = None) -> Rates:
    """Rates of one campaign, or of all. Letters that were withdrawn before they were sent are not counted."""
    groups = (letter.c.seat, delivery.c.channel, delivery.c.outcome, request.c.state, delivery.c.fate)
    cells: Counter[tuple[str, str]] = Counter()  # by (seat and channel, channel and proof)
    for seat, channel, outcome, state, fate, number in conn.execute(_deliveries(groups, func.count(), campaign_id)):
        cells[f"{seat} {channel}", f"{channel} {proof(outcome, state, fate)}"] += number
    people = func.count(letter.c.supporter_id.distinct())
    writers = {
        f"{seat} {channel}": n for seat, channel, n in conn.execute(_deliveries(groups[:2], people, campaign_id))
    }
    return _rates(cells, writers, _secret(conn, campaign_id))


def _secret(conn: Connection, campaign_id: int | None) -> frozenset[str]:
    """The seats without rates: those whose count a report hides, and those where letters of only a few supporters moved
    to another channel, because the difference from the report, which counts each letter once, would reveal how many.
    """
    ids = [campaign.id for campaign in campaigns.every(conn)] if campaign_id is None else [campaign_id]
    hidden = {seat for id_ in ids for seat, cell in letter_funnel.places(conn, id_)[0].items() if cell.letters is None}
    newer = delivery.alias("newer")
    moved = select(newer.c.id).where(newer.c.letter_id == delivery.c.letter_id, newer.c.id > delivery.c.id)
    people = func.count(letter.c.supporter_id.distinct())
    few = _deliveries((letter.c.seat,), people, campaign_id).where(moved.exists()).having(people < small_counts.LEAST)
    return frozenset(hidden | {seat for seat, _ in conn.execute(few)})


def _deliveries(
    groups: Sequence[ColumnElement[Any]], number: ColumnElement[int], campaign_id: int | None
) -> Select[Any]:
    state = func.coalesce(delivery.c.outcome, request.c.state)
    left = or_(
        letter.c.reason == "", state.not_in([Outcome.HANDED_OFF.value, *(each.value for each in State if each.unsent)])
    )
    query = (
        select(*groups, number)
        .select_from(delivery)
        .join(letter, letter.c.id == delivery.c.letter_id)
        .outerjoin(request, request.c.id == delivery.c.request_id)
        .where(delivery.c.letter_id.is_not(None), state != State.CANCELLED.value, left)
        .group_by(*groups)
    )
    return query if campaign_id is None else query.where(delivery.c.campaign_id == campaign_id)


def _rates(cells: Counter[tuple[str, str]], writers: Mapping[str, int], secret: Collection[str]) -> Rates:
    places, sums = Counter[str](), dict[str, set[str]]()
    channels: dict[str, Counter[str]] = {}
    for (place, word), number in cells.items():
        seat, _, channel = place.partition(" ")
        places[place] += number
        sums.setdefault(channel, set()).add(place)  # the totals by channel and by seat are published too
        sums.setdefault(seat, set()).add(place)
        channels.setdefault(channel, Counter())[word.partition(" ")[2]] += number
    counts = {place: Count(number, writers[place]) for place, number in places.items()}
    hidden = small_counts.hide(counts, sums.values(), {place for place in places if place.partition(" ")[0] in secret})
    split = small_counts.split(cells, hidden)
    found: dict[str, dict[str, Rate]] = {}
    for place in sorted(places):
        seat, _, channel = place.partition(" ")
        whole = Cell(None, writers[place] < small_counts.LEAST) if place in hidden else Cell(places[place])
        words = {word.partition(" ")[2]: cell for word, cell in split.get(place, {}).items()}
        found.setdefault(seat, {})[channel] = Rate(whole, words)
    everywhere = {
        channel: Rate(Cell(sum(words.values())), {word: Cell(number) for word, number in sorted(words.items())})
        for channel, words in sorted(channels.items())
    }
    return Rates(everywhere, found)
