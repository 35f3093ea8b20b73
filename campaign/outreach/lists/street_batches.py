"""The streets that lists brought, looked up in batches: only of people whose ZIP code does not tell their district.

Each address goes to the Census's geocoder with a number of the batch, without name or e-mail. Its block, by the block
file of the Congress, must be in a district that the ZIP code touches; where no district of the ZIP is known, the map
server must agree. A street that was placed is dropped by the tick; the seat stays, until other lines begin.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from campaign.config import Matching
from campaign.congress import census_codes, districts, fetch_url, roster, zip_match
from campaign.congress.geocoding import address, agreement, blocks, cache, census, tigerweb
from campaign.congress.geocoding.address import Address, Answer, FoundAddress, NotFound
from campaign.congress.geocoding.blocks import Blocks
from campaign.congress.geocoding.census import CensusMatch
from campaign.congress.roster import Roster
from campaign.errors import CampaignError
from campaign.keys import Keys
from campaign.store import engine
from campaign.store.engine import Database
from campaign.supporters import people
from campaign.supporters.people import SupporterStreet


@dataclass
class BatchCounts:
    """What came of it. `unproved` counts by the word of congress/agree; `down`: why it ended early."""

    streets: int = 0  # read
    needless: int = 0  # their ZIP tells the district
    known: int = 0  # looked up before
    asked: int = 0
    proved: int = 0
    unproved: Counter[str] = field(default_factory=Counter)
    down: str = ""


def look_up(
    database: Database,
    keys: Keys,
    matching: Matching,
    home: Path,
    *,
    most: int = census.BATCH,
    progress: Callable[[BatchCounts], None] = lambda _: None,
) -> BatchCounts:
    """Look up what is not known yet. No transaction is open while the Census works; each batch is kept when it comes.

    Raises CampaignError when it is switched off, or the block file is missing.
    """
    if not matching.geocoder:
        raise CampaignError(
            "looking up addresses is switched off",
            where="config.toml [matching] geocoder",
            do='Write: geocoder = "census". The streets then go to census.gov, a federal server.',
        )
    with database.read() as conn:
        congress = roster.at(conn, engine.now(conn)).congress
    files = _files(home, congress)
    done = BatchCounts()
    for batch in _batches(database, keys, done, most):
        try:
            answers = census.batch(matching, [Address(one.street, one.zip) for one in batch])
        except fetch_url.Down as down:
            done.down = str(down)
            with database.begin() as conn:
                cache.note_outage(conn, census.SOURCE, done.down, engine.now(conn))
            break
        done.asked += len(batch)
        _keep(database, keys, matching, files, batch, answers, done)
        progress(done)
    return done


def _files(home: Path, congress: int) -> dict[int, Blocks]:
    """The block files by whose lines seats are drawn in this Congress."""
    found = {}
    for lines in {congress, *(districts.of(state, congress) for state in census_codes.STATES.values())}:
        blocks_of = blocks.load(home, lines)
        if blocks_of is None and lines == congress:
            raise CampaignError(
                f"there is no block file of the {census_codes.ordinal(congress)} Congress",
                where=str(blocks.path(home, congress)),
                do=f"Load it: campaign congress blocks NationalCD{congress}.txt --congress {congress}",
            )
        if blocks_of is not None:
            found[lines] = blocks_of
    return found


def _batches(database: Database, keys: Keys, done: BatchCounts, most: int) -> Iterator[list[SupporterStreet]]:
    """People to ask about, so many at a time."""
    after, waiting = 0, list[SupporterStreet]()
    while True:
        with database.read() as conn:
            now = engine.now(conn)
            known = roster.at(conn, now)
            rows, places = people.with_streets(conn, keys, after, most), dict[int, bytes | None]()
            for one in rows:
                done.streets += 1
                key = keys.place_hash(one.street, one.zip)
                if zip_match.by_zip(known, one.zip, now).representative is not None:
                    done.needless += 1
                elif address.is_box(one.street):
                    done.unproved["post-box"] += 1
                elif (said := cache.find(conn, key, known.congress, now)) is not None:
                    done.known += 1
                    places |= {one.id: key} if said.seat else {}
                else:
                    waiting.append(one)
        if places:
            with database.begin() as conn:
                people.set_address_hash(conn, places)
        while len(waiting) >= most or (waiting and not rows):
            yield waiting[:most]
            waiting = waiting[most:]
        if not rows:
            return
        after = rows[-1].id


def _keep(
    database: Database,
    keys: Keys,
    matching: Matching,
    files: dict[int, Blocks],
    batch: Sequence[SupporterStreet],
    answers: Sequence[CensusMatch | NotFound],
    done: BatchCounts,
) -> None:
    with database.read() as conn:
        now = engine.now(conn)
        known = roster.at(conn, now)
    said = [_judge(known, matching, files, one, answer, now) for one, answer in zip(batch, answers, strict=True)]
    places = dict[int, bytes | None]()
    with database.begin() as conn:
        cache.clear_outage(conn, census.SOURCE)
        for one, verdict in zip(batch, said, strict=True):
            key = keys.place_hash(one.street, one.zip)
            cache.keep(conn, key, verdict, congress=known.congress, method="batch", now=now, until=known.until)
            if verdict.seat:
                places[one.id] = key
                done.proved += 1
            else:
                done.unproved[verdict.why] += 1
        people.set_address_hash(conn, places)


def _judge(
    known: Roster,
    matching: Matching,
    files: dict[int, Blocks],
    one: SupporterStreet,
    answer: CensusMatch | NotFound,
    now: int,
) -> agreement.Agreement:
    by_zip = zip_match.by_zip(known, one.zip, now)
    first = _district(known, matching, files, answer)
    second: Answer | None = None
    if isinstance(first, FoundAddress):
        if (
            by_zip.candidates and not by_zip.statewide
        ):  # the ZIP is the second source: `judge` refuses a district that it does not touch
            second = replace(first, source="zip")
        elif matching.second:
            second = tigerweb.check(matching, first.point, first.congress)
    return agreement.agree(known.seats, by_zip, first, second)


def _district(known: Roster, matching: Matching, files: dict[int, Blocks], answer: CensusMatch | NotFound) -> Answer:
    if isinstance(answer, NotFound):
        return answer
    lines = districts.of(census_codes.STATES.get(answer.block[:2], ""), known.congress)
    seat = files[lines].seat(answer.block) if lines in files else None
    if seat is None:
        return NotFound("no-district", "blocks", "" if lines in files else f"no block file of the {lines}th Congress")
    return FoundAddress(seat, lines, "census+blocks", f"{matching.batch_vintage} NationalCD{lines}", answer.point)
