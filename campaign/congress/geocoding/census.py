"""The Census geocoder, for one address or a batch: free, without a key. Addresses are sent to census.gov.

API: geocoding.geo.census.gov/geocoder/Geocoding_Services_API.html. Its newest vintages return the districts of the next
Congress, whatever layer is requested. So each Congress has a pinned vintage, and an answer counts only if both the
layer's name and CDSESSN name the right Congress.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from campaign.config import Matching
from campaign.congress import census_codes, fetch_url
from campaign.congress.geocoding import address as address_lookup
from campaign.congress.geocoding.address import Address, Answer, FoundAddress, NotFound

SOURCE = "census"
BATCH = 10_000  # addresses per call, the service's limit
BATCH_BYTES = 8 * 1024 * 1024
_DISTRICTS = re.compile(r"([0-9]{3})(?:st|nd|rd|th) Congressional Districts")


class _Point(msgspec.Struct):
    x: float | str
    y: float | str


class _Parts(msgspec.Struct):
    zip: str = ""


class _Match(msgspec.Struct, rename="camel"):
    coordinates: _Point
    address_components: _Parts
    geographies: dict[str, list[dict[str, object]]]


class _Result(msgspec.Struct, rename="camel"):
    address_matches: list[_Match]


class _Answer(msgspec.Struct):
    result: _Result | None = None


@dataclass(frozen=True, slots=True)
class CensusMatch:
    """An address in a batch: its 2020 block (15 digits) and its point."""

    block: str
    point: tuple[str, str]


def locate(matching: Matching, address: Address, congress: int) -> Answer:
    """The House seat of an address by the lines of `congress`. Service errors become NotFound."""
    if address_lookup.is_box(address.street):
        return NotFound("post-box", SOURCE)
    vintage = matching.vintage(congress)
    if not vintage:
        return NotFound("other-congress", SOURCE, f"[matching] vintages has none for the {congress}th Congress")
    query = {
        "address": address.line,
        "benchmark": matching.benchmark,
        "vintage": vintage,
        "layers": census_codes.layer(congress),
        "format": "json",
    }
    try:
        raw = fetch_url.get(f"{matching.url}/geographies/onelineaddress", query, seconds=matching.timeout)
        answer = msgspec.json.decode(raw, type=_Answer)
    except fetch_url.Down as down:
        return NotFound("down", SOURCE, str(down))
    except msgspec.DecodeError:
        return NotFound("unreadable", SOURCE)
    if answer.result is None:  # an error with status 200
        return NotFound("down", SOURCE, "it answered with an error")
    same = [match for match in answer.result.address_matches if match.address_components.zip in ("", address.zip[:5])]
    if not same:
        why: address_lookup.Why = "several" if answer.result.address_matches else "no-match"
        return NotFound(why, SOURCE, "only in other ZIP codes" if answer.result.address_matches else "")
    answers = [_district(match, congress, vintage) for match in same]
    seats = set()
    for district in answers:
        if isinstance(district, NotFound):
            return district
        seats.add(district.seat)
    return answers[0] if len(seats) == 1 else NotFound("several", SOURCE)


def _district(match: _Match, congress: int, vintage: str) -> Answer:
    layers = {int(layer[1]): rows for name, rows in match.geographies.items() if (layer := _DISTRICTS.fullmatch(name))}
    if congress not in layers:
        others = ", ".join(map(census_codes.ordinal, sorted(layers)))
        detail = f"vintage {vintage} is for the {others}" if others else f"vintage {vintage} has no districts"
        return NotFound("other-congress", SOURCE, detail)
    rows = layers[congress]
    if len(rows) != 1:
        return NotFound("several" if rows else "no-district", SOURCE)
    row = {key: str(value) for key, value in rows[0].items()}
    if row.get("CDSESSN") != str(congress):
        return NotFound("other-congress", SOURCE, f"its layer is for {congress}, its rows for {row.get('CDSESSN')}")
    code = census_codes.seat(row.get("STATE", ""), row.get(f"CD{congress}") or row.get("GEOID", "")[2:])
    if code is None or not row.get("GEOID", "").startswith(row["STATE"]):
        return NotFound("no-district", SOURCE)
    return FoundAddress(code, congress, SOURCE, vintage, (str(match.coordinates.x), str(match.coordinates.y)))


def batch(matching: Matching, addresses: Sequence[Address]) -> list[CensusMatch | NotFound]:
    """Locate up to BATCH addresses, in order. One missing from the answer is `unreadable`. Raises Down if nothing in
    the answer could be read.
    """
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    for number, address in enumerate(addresses):
        rows.writerow((number, address.street, "", "", address.zip[:5]))
    raw = fetch_url.post(
        f"{matching.url}/geographies/addressbatch",
        {"benchmark": matching.benchmark, "vintage": matching.batch_vintage},
        ("addressFile", "addresses.csv", text.getvalue().encode()),
        seconds=matching.batch_timeout,
        most=BATCH_BYTES,
    )
    results: dict[int, CensusMatch | NotFound] = {}
    for number, result in _lines(raw, len(addresses)):
        conflict = number in results and results[number] != result
        results[number] = NotFound("unreadable", SOURCE) if conflict else result
    if addresses and not results:
        raise fetch_url.Down("its answer to a batch could not be read")
    return [results.get(number, NotFound("unreadable", SOURCE)) for number in range(len(addresses))]


def _lines(raw: bytes, count: int) -> Iterator[tuple[int, CensusMatch | NotFound]]:
    """The valid rows: number, input, Match | No_Match | Tie, and nine more cells for a match."""
    for row in csv.reader(io.StringIO(raw.decode("utf-8", "replace"))):
        if len(row) < 3 or not re.fullmatch(r"[0-9]{1,6}", row[0]) or int(row[0]) >= count:
            continue
        number, kind = int(row[0]), row[2]
        if kind == "No_Match":
            yield number, NotFound("no-match", SOURCE)
        elif kind == "Tie":
            yield number, NotFound("several", SOURCE)
        elif kind == "Match" and len(row) == 12 and _is_block(row[8:]) and row[5].count(",") == 1:
            x, _, y = row[5].partition(",")
            yield number, CensusMatch("".join(row[8:]), (x, y))
        else:
            yield number, NotFound("unreadable", SOURCE)


def _is_block(parts: Sequence[str]) -> bool:
    """Whether these are a state, county, tract and block: 2, 3, 6 and 4 digits."""
    return [len(part) for part in parts] == [2, 3, 6, 4] and all(part.isascii() and part.isdigit() for part in parts)
