"""Published files on Congress, made from the package's snapshot: to be changed, and written into a folder."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from campaign.congress import snapshot
from campaign.congress.snapshot import Snapshot

Person = dict[str, Any]
NEXT = ("2027-01-03", "2029-01-03")


def term(seat: str, start: str, end: str, **more: Any) -> dict[str, Any]:
    """A term as legislators-current.json has it."""
    chamber, state, number = seat.split(":")
    where = {"district": int(number)} if chamber == "H" else {"class": int(number)}
    return {"type": "rep" if chamber == "H" else "sen", "start": start, "end": end, "state": state, **where, **more}


def person(bioguide: str, last: str, *terms: dict[str, Any], gender: str = "F") -> Person:
    return {
        "id": {"bioguide": bioguide},
        "name": {"first": "New", "last": last, "official_full": f"New {last}"},
        "bio": {"gender": gender},
        "terms": list(terms),
    }


def listed(of: Snapshot | None = None) -> dict[str, Person]:
    """Everybody who sits, by bioguide id."""
    found = {}
    for seat, members in (of or snapshot.packaged()).holders.items():
        for one in members:
            more = {"party": one.party, "phone": one.phone, "url": one.url, "contact_form": one.form}
            made = person(one.bioguide, one.last_name, term(seat, one.since, one.ends, **more), gender=one.gender)
            made["name"]["official_full"] = one.name
            found[one.bioguide] = made
    return found


def at(people: dict[str, Person], seat: str) -> Person:
    """The one who sits there by the last term."""
    return next(one for one in people.values() if seat_of(one) == seat)


def seat_of(one: Person) -> str:
    last = one["terms"][-1]
    return f"{'S' if last['type'] == 'sen' else 'H'}:{last['state']}:{last.get('district', last.get('class'))}"


def elected(people: dict[str, Person]) -> dict[str, Person]:
    """The same ones again for the 120th Congress: the House, and the senators whose term ends with the 119th."""
    for one in people.values():
        last = one["terms"][-1]
        if last["end"] == "2027-01-03":
            end = "2029-01-03" if last["type"] == "rep" else "2033-01-03"
            one["terms"].append({**last, "start": "2027-01-03", "end": end})
    return people


def write(folder: Path, people: dict[str, Person], gone: Iterable[Person] | None = None) -> Path:
    """A folder with the list, and with the former ones where given."""
    folder.mkdir(exist_ok=True)
    (folder / "legislators-current.json").write_text(json.dumps(list(people.values())), encoding="utf-8")
    if gone is not None:
        (folder / "legislators-historical.json").write_text(json.dumps(list(gone)), encoding="utf-8")
    return folder
