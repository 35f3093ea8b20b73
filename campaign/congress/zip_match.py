"""From a ZIP code to those who represent it: what the ZIP proves, and among whom its people may choose."""

from __future__ import annotations

from collections.abc import Iterator

from campaign.congress import zip_states
from campaign.congress.roster import Roster
from campaign.formats import ZIP_CODE
from campaign.model import Match, Seat


def by_zip(roster: Roster, zip: str, now: int) -> Match:
    """Who represents a ZIP at `now`. Never a guess: senators only where it lies in one state (DC and the territories
    have none), the representative only where it touches one House seat. Where only its state is known (a PO box),
    all House seats of the state are offered by name. It says nothing of the House after the end of the roster's
    Congress, nor where the lines of that Congress are not known.
    """
    given = ZIP_CODE.fullmatch(zip.strip())
    zip_, zip4 = (given[1], given[2] or "") if given else ("", "")
    codes = roster.zips.get(zip_, ())
    states = roster.lines.states(zip_)
    statewide = not codes and len(states) == 1 and states[0] in roster.lines.known
    house = roster.house[states[0]] if statewide else tuple(roster.seats[code] for code in codes)
    if now >= roster.until:
        statewide, house = False, ()
    return Match(
        zip_,
        states,
        representative=house[0] if len(house) == 1 else None,
        candidates=house if len(house) > 1 else (),
        senators=tuple(senators(roster, states[0])) if len(states) == 1 else (),
        until=roster.until if house else 0,
        zip4=zip4,
        statewide=statewide,
    )


def unambiguous_zips(roster: Roster, now: int) -> Iterator[tuple[str, Seat]]:
    """Each ZIP that touches one House seat only, with that seat (it may be vacant). None after the Congress's end."""
    if now >= roster.until:
        return
    yield from ((zip_, roster.seats[codes[0]]) for zip_, codes in roster.zips.items() if len(codes) == 1)


def representative(roster: Roster, zip: str, now: int) -> Seat | None:
    """The representative that a stored ZIP of five digits proves, as `by_zip` says; quick, for a million people."""
    codes = roster.zips.get(zip, ())
    return roster.seats[codes[0]] if len(codes) == 1 and now < roster.until else None


def without_members(zip: str) -> str:
    """The postal state of a ZIP that is in no place with members of Congress, such as AE (military) or PW; else ""."""
    given = ZIP_CODE.fullmatch(zip.strip())
    state = zip_states.load().get(given[1], "") if given else ""
    return state if state in zip_states.MILITARY | zip_states.FREELY_ASSOCIATED else ""


def senators(roster: Roster, state: str) -> Iterator[Seat]:
    """A state's two senators, vacant seats too; of DC and the territories none."""
    for class_ in (1, 2, 3):
        if seat := roster.seats.get(f"S:{state}:{class_}"):
            yield seat
