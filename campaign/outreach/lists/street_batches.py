"""Look up the street addresses of lists in batches: only for supporters whose ZIP code does not prove their district.

Each address is sent to the Census geocoder under a number, without name or email. The block file of the Congress gives
its district, which must be one that the ZIP code touches. If the ZIP's districts are not known, the map server must
agree. The scheduler then deletes the street; the seat is kept until other lines begin.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from campaign.config import Matching
from campaign.congress import census_codes, districts, fetch_url, roster, zip_match
from campaign.congress.geocoding import address, agreement, blocks, cache, census, tigerweb
from campaign.congress.geocoding.address import Address, Answer, FoundAddress, NotFound
from campaign.congress.geocoding.agreement import Agreement
from campaign.congress.geocoding.blocks import Blocks
from campaign.congress.geocoding.census import CensusMatch
from campaign.congress.roster import Roster
from campaign.errors import CampaignError
from campaign.keys import Keys
from campaign.model import Match
from campaign.store import engine
from campaign.store.engine import Database
from campaign.supporters import people
from campaign.supporters.people import SupporterStreet


@dataclass
class BatchCounts:
    """Counts for one run. `unproved`: by the reason in `agreement`. `down`: why the run ended early."""

    streets: int = 0  # read
    needless: int = 0  # the ZIP code proves the district
    known: int = 0  # looked up before
    asked: int = 0
    proved: int = 0
    unproved: Counter[str] = field(default_factory=Counter)
    down: str = ""


@dataclass(frozen=True, slots=True)
class _Run:
    database: Database
    keys: Keys
    matching: Matching
    blocks: Mapping[int, Blocks]
    counts: BatchCounts


def look_up(
    database: Database,
    keys: Keys,
    matching: Matching,
    home: Path,
    *,
    most: int = census.BATCH,
    progress: Callable[[BatchCounts], None] = lambda _: None,
) -> BatchCounts:
    """Look up the addresses that are not known yet. No transaction is open during a request; each batch is stored as it
    arrives. Raises CampaignError if the geocoder is off or the block file is missing.
    """
    if not matching.geocoder:
        raise CampaignError(
            "looking up addresses is switched off",
            where="config.toml [matching] geocoder",
            do='Write: geocoder = "census". The streets are then sent to census.gov, a federal server.',
        )
    with database.read() as conn:
        congress = roster.at(conn, engine.now(conn)).congress
    counts = BatchCounts()
    run = _Run(database, keys, matching, _block_files(home, congress), counts)
    for batch in _batches(run, most):
        try:
            answers = census.batch(matching, [Address(supporter.street, supporter.zip) for supporter in batch])
        except fetch_url.Down as down:
            counts.down = str(down)
            with database.begin() as conn:
                cache.note_outage(conn, census.SOURCE, counts.down, engine.now(conn))
            break
        counts.asked += len(batch)
        _store(run, batch, answers)
        progress(counts)
    return counts


def _block_files(home: Path, congress: int) -> dict[int, Blocks]:
    """The block files of the lines in use in this Congress."""
    files = {}
    for lines in {congress, *(districts.of(state, congress) for state in census_codes.STATES.values())}:
        file = blocks.load(home, lines)
        if file is not None:
            files[lines] = file
        elif lines == congress:
            raise CampaignError(
                f"there is no block file of the {census_codes.ordinal(congress)} Congress",
                where=str(blocks.path(home, congress)),
                do=f"Load it: campaign congress blocks NationalCD{congress}.txt --congress {congress}",
            )
    return files


def _batches(run: _Run, most: int) -> Iterator[list[SupporterStreet]]:
    """Supporters to look up, `most` at a time. Stores the results that are known."""
    after, waiting, counts = 0, list[SupporterStreet](), run.counts
    while True:
        with run.database.read() as conn:
            now = engine.now(conn)
            members = roster.at(conn, now)
            rows, places = people.with_streets(conn, run.keys, after, most), dict[int, bytes | None]()
            for supporter in rows:
                counts.streets += 1
                key = run.keys.place_hash(supporter.street, supporter.zip)
                if zip_match.by_zip(members, supporter.zip, now).representative is not None:
                    counts.needless += 1
                elif address.is_box(supporter.street):
                    counts.unproved["post-box"] += 1
                elif (known := cache.find(conn, key, members.congress, now)) is not None:
                    counts.known += 1
                    places |= {supporter.id: key} if known.seat else {}
                else:
                    waiting.append(supporter)
        if places:
            with run.database.begin() as conn:
                people.set_address_hash(conn, places)
        while len(waiting) >= most or (waiting and not rows):
            yield waiting[:most]
            waiting = waiting[most:]
        if not rows:
            return
        after = rows[-1].id


def _store(run: _Run, batch: Sequence[SupporterStreet], answers: Sequence[CensusMatch | NotFound]) -> None:
    with run.database.read() as conn:
        now = engine.now(conn)
        members = roster.at(conn, now)
    results = [
        _check(run, members, zip_match.by_zip(members, supporter.zip, now), answer)
        for supporter, answer in zip(batch, answers, strict=True)
    ]
    places = dict[int, bytes | None]()
    with run.database.begin() as conn:
        cache.clear_outage(conn, census.SOURCE)
        for supporter, result in zip(batch, results, strict=True):
            key = run.keys.place_hash(supporter.street, supporter.zip)
            cache.keep(conn, key, result, congress=members.congress, method="batch", now=now, until=members.until)
            if result.seat:
                places[supporter.id] = key
                run.counts.proved += 1
            else:
                run.counts.unproved[result.why] += 1
        people.set_address_hash(conn, places)


def _check(run: _Run, members: Roster, by_zip: Match, answer: CensusMatch | NotFound) -> Agreement:
    """Whether the answer proves a seat, with the ZIP code or the map server as second source."""
    first = _district(run, members, answer)
    second: Answer | None = None
    if isinstance(first, FoundAddress):
        if by_zip.candidates and not by_zip.statewide:  # `agree` refuses districts that the ZIP does not touch
            second = replace(first, source="zip")
        elif run.matching.second:
            second = tigerweb.check(run.matching, first.point, first.congress)
    return agreement.agree(members.seats, by_zip, first, second)


def _district(run: _Run, members: Roster, answer: CensusMatch | NotFound) -> Answer:
    if isinstance(answer, NotFound):
        return answer
    lines = districts.of(census_codes.STATES.get(answer.block[:2], ""), members.congress)
    file = run.blocks.get(lines)
    if file is None:
        return NotFound("no-district", "blocks", f"no block file of the {lines}th Congress")
    if (seat := file.seat(answer.block)) is None:
        return NotFound("no-district", "blocks")
    return FoundAddress(seat, lines, "census+blocks", f"{run.matching.batch_vintage} NationalCD{lines}", answer.point)
