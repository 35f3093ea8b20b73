"""From a ZIP code to its members of Congress: what the ZIP proves, and which members its residents can choose from."""

from __future__ import annotations

from collections.abc import Iterator

from campaign.congress import zip_states
from campaign.congress.roster import Roster
from campaign.formats import ZIP_CODE
from campaign.model import Match, Seat


def by_zip(roster: Roster, zip: str, now: int) -> Match:
    """Who represents a ZIP at `now` (ms), without guessing.

    Senators only if the ZIP is in one state (DC and the territories have none), the representative only if it touches
    one House seat. If only its state is known (a PO box), all House seats of the state are candidates. No House seats
    after the end of the roster's Congress, or if its lines are not known.
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
    """Each ZIP that touches only one House seat, with that seat (it may be vacant). None after the Congress's end."""
    if now >= roster.until:
        return
    yield from ((zip_, roster.seats[codes[0]]) for zip_, codes in roster.zips.items() if len(codes) == 1)


def representative(roster: Roster, zip: str, now: int) -> Seat | None:
    """The representative of a 5-digit ZIP, as in `by_zip`; fast enough for a million supporters."""
    codes = roster.zips.get(zip, ())
    return roster.seats[codes[0]] if len(codes) == 1 and now < roster.until else None


def state_without_members(zip: str) -> str:
    """The postal state of a ZIP without members of Congress, such as AE (military) or PW; else ""."""
    given = ZIP_CODE.fullmatch(zip.strip())
    state = zip_states.load().get(given[1], "") if given else ""
    return state if state in zip_states.MILITARY | zip_states.FREELY_ASSOCIATED else ""


def senators(roster: Roster, state: str) -> Iterator[Seat]:
    """A state's two Senate seats, vacant ones too; none for DC and the territories."""
    for class_ in (1, 2, 3):
        if seat := roster.seats.get(f"S:{state}:{class_}"):
            yield seat
