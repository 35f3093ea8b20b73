"""What will happen to a campaign as seats, lines and bills change: when, whom it touches, and what to do by then.

Reads only. Counts are of now; nothing is promised that the data does not say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import Connection

from campaign.compose.campaign_folder import disk
from campaign.compose.campaign_folder.folder import CampaignConfig
from campaign.compose.campaign_folder.transition_rules import BOTH, INCOMING
from campaign.compose.rendering import release as releases
from campaign.congress import districts, new_congress, roster, terms
from campaign.congress.new_congress import ClosedState
from campaign.congress.roster import Roster
from campaign.delivery import campaigns
from campaign.letters import pending
from campaign.letters.letters import KEPT_MS
from campaign.letters.pending import LetterGroup
from campaign.model import Seat
from campaign.outreach.routing import targets
from campaign.supporters import segments

DAY_MS = 24 * 3600 * 1000
SHOWN = 15  # states that are named


@dataclass(frozen=True, slots=True)
class SeatOutlook:
    """One thing that will happen, or may. `at` in ms, None: any day. Letters: `waiting` have not left, `with_writers`
    were given to theirs for a form. `people` may be written to, `asks` are queued.
    """

    at: int | None
    what: str
    means: str
    do: str
    do_by: int | None = None
    waiting: int = 0
    with_writers: int = 0
    people: int = 0
    asks: int = 0
    seats: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outlook:
    """The turns by date, those of any day first. `launched`: whether there is anything but the folder to look at."""

    slug: str
    now: int
    closes: int
    launched: bool
    congress: int
    turns: tuple[SeatOutlook, ...]


@dataclass(frozen=True, slots=True)
class _Here:
    """All that is asked about one campaign."""

    campaign: CampaignConfig
    roster: Roster
    now: int
    groups: tuple[LetterGroup, ...]
    with_writers: Mapping[str, int]
    queued: Mapping[str, tuple[int, int, int]]
    people: Mapping[str, int]  # by ZIP code
    wanted: frozenset[str]

    def counted(self, turn: SeatOutlook, seats: frozenset[str]) -> SeatOutlook:
        """The turn with how many letters to these seats wait here, and how many are with their writers."""
        here = sum(one.letters for one in self.groups if one.seat in seats)
        given = sum(number for seat, number in self.with_writers.items() if seat in seats)
        return replace(turn, waiting=here, with_writers=given)

    @property
    def asks(self) -> int:
        return self.queued.get("ask", (0, 0, 0))[0]


def outlook(conn: Connection, templates: Path, slug: str, now: int) -> Outlook:
    """Everything ahead, by the release where it was launched, else by the folder. Raises CampaignError, Problems."""
    known = campaigns.find(conn, slug)
    folder = releases.load(conn, known.release).folder if known else disk.load(templates, slug)
    seats, campaign = roster.at(conn, now), folder.campaign
    here = _Here(
        campaign,
        seats,
        now,
        tuple(pending.groups(conn, known.id)) if known else (),
        pending.count_unfinished(conn, known.id) if known else {},
        pending.due_between(conn, known.id) if known else {},
        segments.by_zip(conn),
        targets.seats(campaign, seats),
    )
    turns = [*_house(here), *_senate(here), *_bill(here), *_races(here), *_mails(here)]
    turns += [here.counted(SeatOutlook(campaign.closes, "the campaign closes", *_CLOSES), here.wanted)]
    return Outlook(
        slug,
        now,
        campaign.closes,
        known is not None,
        seats.congress,
        tuple(sorted(turns, key=lambda one: (one.at is not None, one.at or 0))),
    )


_CLOSES = ("no letter is confirmed after it; what was confirmed goes on for 30 days", "")


def _house(here: _Here) -> Iterator[SeatOutlook]:
    """The House ends and a new one begins, or began and is not known well enough."""
    house = frozenset(code for code in here.wanted if code.startswith("H:"))
    if not house:
        return
    congress = here.roster.congress
    if closed := new_congress.closed(here.roster):
        shut = frozenset(code for code in house if code[2:4] in closed)
        inside = sum(n for zip_, n in here.people.items() if closed.keys() & here.roster.lines.states(zip_))
        yield here.counted(
            SeatOutlook(
                None,
                f"letters to the House of the {congress}th Congress are closed in {_places(closed)}",
                " ".join(new_congress.sentences(closed, congress)),
                "campaign congress sync, each day until no state is closed",
                people=inside,
                seats=tuple(sorted(shut, key=districts.order)),
            ),
            shut,
        )
        return
    until = here.roster.until
    if until >= here.campaign.closes:
        return
    redrawn = districts.REDRAWN.get(congress + 1, frozenset()) - districts.KEPT.get(congress + 1, frozenset())
    lines = here.roster.zips
    moved = sum(n for zip_, n in here.people.items() if any(code[2:4] in redrawn for code in lines.get(zip_, ())))
    yield here.counted(
        SeatOutlook(
            until,
            f"the {congress}th Congress ends, and with it every seat of the House",
            "letters, and asks that name a representative, wait in each state until the data has all its new members "
            "and its districts; then letters to members who sit again go on, and the others go back to their writers",
            "launch what is for this House by then; on that afternoon and each day after it: campaign congress sync",
            until - 14 * DAY_MS,
            people=sum(here.people.values()),
            asks=here.asks,
            seats=tuple(sorted(house, key=districts.order)),
        ),
        house,
    )
    if redrawn:
        yield SeatOutlook(
            until,
            f"House districts change in {', '.join(sorted(redrawn))}",
            "supporters are matched again by the new lines; until those are loaded, letters to the House stay closed "
            "there and supporters are offered their senators",
            f"load the lines of the {congress + 1}th Congress: campaign congress sync --from DIR",
            until,
            people=moved,
            waiting=sum(one.letters for one in here.groups if one.seat[:1] == "H" and one.seat[2:4] in redrawn),
        )


def _senate(here: _Here) -> Iterator[SeatOutlook]:
    """Terms of senators that end within the campaign, and those that have ended and whose winner is not in the data."""
    regular: dict[int, list[str]] = {}
    for code in sorted((one for one in here.wanted if one.startswith("S:")), key=districts.order):
        seat = here.roster.seats[code]
        ends = terms.noon(seat.holder.ends) if seat.holder and seat.holder.ends else None
        if not seat.known:
            yield _seat(here, seat, None, "who holds it is not known yet", "campaign congress sync")
        elif seat.holder is None:
            yield _seat(here, seat, None, "it is vacant", "campaign congress sync, when somebody is sworn in")
        elif ends is not None and ends <= here.now:
            what = f"{seat.holder.name}'s term ended on {seat.holder.ends}; the winner of the election may be sworn in"
            yield _seat(here, seat, None, what, "look who is sworn in, then campaign congress sync")
        elif ends is not None and ends < here.campaign.closes:
            regular.setdefault(ends, []).append(code)
    for at, codes in sorted(regular.items()):
        yield here.counted(
            SeatOutlook(
                at,
                f"the terms of {len(codes)} senators end",
                "who is sworn in again gets the letters that still hold; the others go back to their writers",
                "campaign congress sync that afternoon",
                at,
                seats=tuple(codes),
            ),
            frozenset(codes),
        )


def _seat(here: _Here, seat: Seat, at: int | None, what: str, do: str) -> SeatOutlook:
    rule = here.campaign.transition.of(seat.code)
    means = {
        INCOMING: "its letters wait for the next holder",
        BOTH: "letters go on; who wrote is told when somebody else sits there",
    }.get(rule, "letters go on to who sits there; what has not left by then goes back to its writer")
    people = sum(n for zip_, n in here.people.items() if any(c[2:4] == seat.state for c in _touched(here, zip_)))
    made = SeatOutlook(at, f"{seat.code}: {what}", means, do, people=people, seats=(seat.code,))
    return here.counted(made, frozenset((seat.code,)))


def _touched(here: _Here, zip_: str) -> tuple[str, ...]:
    return here.roster.zips.get(zip_) or tuple(f"H:{state}" for state in here.roster.unmapped.get(zip_, ()))


def _places(closed: Mapping[str, ClosedState]) -> str:
    return ", ".join(sorted(closed)) if len(closed) <= SHOWN else f"{len(closed)} states and territories"


def _bill(here: _Here) -> Iterator[SeatOutlook]:
    """The bill dies with its Congress, unless another has been named."""
    bill = here.campaign.bill_at(here.now)
    after = bill.successor
    dying = sum(one.letters for one in here.groups if one.ends is not None and one.ends <= bill.expires)
    if here.now >= bill.expires:
        do = "name the new bill in [bill.successor], then campaign republish"
        yield SeatOutlook(
            None, f"{bill.number} has died", "what names it goes to nobody; the other text goes", do, waiting=dying
        )
        return
    means = f"{after.number} takes its place" if after else "asks and new letters get the text that names no bill"
    yield SeatOutlook(
        bill.expires,
        f"{bill.number} dies",
        f"letters that name it and have not left go back to their writers; {means}",
        "send the last ask in time; when there is a new bill, name it in [bill.successor], then campaign republish",
        bill.expires - 2 * DAY_MS,
        waiting=dying,
        asks=here.asks,
    )


def _races(here: _Here) -> Iterator[SeatOutlook]:
    for one in here.campaign.candidates:
        if one.closes > here.now:
            thanks = sum(g.letters for g in here.groups if g.seat == one.seat and g.variant.startswith("thanks"))
            what = f"thanks to {one.seat} wait from then on" if one.opens > here.now else f"thanks to {one.seat} wait"
            yield SeatOutlook(
                max(one.opens, here.now), what, "its holder runs for office; what is asked goes on", "", waiting=thanks
            )
            yield SeatOutlook(one.closes, f"thanks to {one.seat} go on", "the race is over", "", waiting=thanks)


def _mails(here: _Here) -> Iterator[SeatOutlook]:
    """When what is queued falls due; and until when words are kept."""
    names = {"ask": "the last queued ask", "letter": "the last queued letter", "receipt": "the last queued receipt"}
    for kind, (number, _first, last) in here.queued.items():
        if kind in names:
            means = f"{number:,} queued, in the pace that was set"
            asks, letters = number * (kind == "ask"), number * (kind == "letter")
            yield SeatOutlook(max(last, here.now), f"{names[kind]} is due", means, "", waiting=letters, asks=asks)
    if here.with_writers:
        yield SeatOutlook(
            here.now + KEPT_MS,
            "the words of letters given to their writers today are dropped",
            "28 days after that each one's text goes; who has not brought it to the form by then writes anew",
            "",
            with_writers=sum(here.with_writers.values()),
        )
