"""What will happen to a campaign as seats, districts and bills change: when, how many it affects, what to do by then.

Reads only. Counts are current; everything else is in the data.
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
    """One thing that will happen, or may. `at` in ms, None: any day. `waiting`: pending letters; `with_writers`:
    letters handed off for a form; `people`: supporters who may be emailed; `asks`: queued ones.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """The changes ahead by date, those of any day first. `launched`: false where there is only the campaign folder."""

    slug: str
    now: int
    closes: int
    launched: bool
    congress: int
    turns: tuple[SeatOutlook, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Situation:
    """What is read about one campaign."""

    campaign: CampaignConfig
    roster: Roster
    now: int
    groups: tuple[LetterGroup, ...]
    with_writers: Mapping[str, int]
    queued: Mapping[str, tuple[int, int, int]]
    people: Mapping[str, int]  # by ZIP code
    wanted: frozenset[str]

    def counted(self, turn: SeatOutlook, seats: frozenset[str]) -> SeatOutlook:
        """The change with how many letters to these seats are pending, and how many are with their writers."""
        waiting = sum(group.letters for group in self.groups if group.seat in seats)
        given = sum(number for seat, number in self.with_writers.items() if seat in seats)
        return replace(turn, waiting=waiting, with_writers=given)

    @property
    def asks(self) -> int:
        return self.queued.get("ask", (0, 0, 0))[0]


def outlook(conn: Connection, templates: Path, slug: str, now: int) -> Outlook:
    """Everything ahead, by the release where it was launched, else by the folder. Raises CampaignError, Problems."""
    launched = campaigns.find(conn, slug)
    folder = releases.load(conn, launched.release).folder if launched else disk.load(templates, slug)
    seats, campaign = roster.at(conn, now), folder.campaign
    situation = _Situation(
        campaign=campaign,
        roster=seats,
        now=now,
        groups=tuple(pending.groups(conn, launched.id)) if launched else (),
        with_writers=pending.count_unfinished(conn, launched.id) if launched else {},
        queued=pending.due_between(conn, launched.id) if launched else {},
        people=segments.by_zip(conn),
        wanted=targets.seats(campaign, seats),
    )
    turns = [*_house(situation), *_senate(situation), *_bill(situation), *_races(situation), *_mails(situation)]
    turns += [situation.counted(SeatOutlook(campaign.closes, "the campaign closes", *_CLOSES), situation.wanted)]
    return Outlook(
        slug=slug,
        now=now,
        closes=campaign.closes,
        launched=launched is not None,
        congress=seats.congress,
        turns=tuple(sorted(turns, key=lambda turn: (turn.at is not None, turn.at or 0))),
    )


_CLOSES = ("no letters can be confirmed after that; letters confirmed earlier are still sent for 30 days", "")


def _house(situation: _Situation) -> Iterator[SeatOutlook]:
    """The House ends and a new one begins, or began and its members or districts are not all in the data."""
    house = frozenset(code for code in situation.wanted if code.startswith("H:"))
    if not house:
        return
    congress = situation.roster.congress
    if closed := new_congress.closed(situation.roster):
        shut = frozenset(code for code in house if code[2:4] in closed)
        inside = sum(n for zip_, n in situation.people.items() if closed.keys() & situation.roster.lines.states(zip_))
        yield situation.counted(
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
    until = situation.roster.until
    if until >= situation.campaign.closes:
        return
    redrawn = districts.REDRAWN.get(congress + 1, frozenset()) - districts.KEPT.get(congress + 1, frozenset())
    lines = situation.roster.zips
    moved = sum(n for zip_, n in situation.people.items() if any(code[2:4] in redrawn for code in lines.get(zip_, ())))
    yield situation.counted(
        SeatOutlook(
            until,
            f"the {congress}th Congress ends, and with it every House term",
            "in each state, letters and asks that name a representative are held until the data has all new members "
            "and districts; then letters to returning members are sent, and the others are returned to their writers",
            "launch asks about this House before then; that afternoon and each day after: campaign congress sync",
            do_by=until - 14 * DAY_MS,
            people=sum(situation.people.values()),
            asks=situation.asks,
            seats=tuple(sorted(house, key=districts.order)),
        ),
        house,
    )
    if redrawn:
        yield SeatOutlook(
            until,
            f"House districts change in {', '.join(sorted(redrawn))}",
            "supporters are matched again to the new districts; until those are loaded, letters to the House stay "
            "closed there, and supporters can write to their senators",
            f"load the districts of the {congress + 1}th Congress: campaign congress sync --from DIR",
            do_by=until,
            people=moved,
            waiting=sum(
                group.letters for group in situation.groups if group.seat[:1] == "H" and group.seat[2:4] in redrawn
            ),
        )


def _senate(situation: _Situation) -> Iterator[SeatOutlook]:
    """Terms of senators that end within the campaign, and ended terms whose winner is not in the data."""
    regular: dict[int, list[str]] = {}
    for code in sorted((seat for seat in situation.wanted if seat.startswith("S:")), key=districts.order):
        seat = situation.roster.seats[code]
        ends = terms.noon(seat.holder.ends) if seat.holder and seat.holder.ends else None
        if not seat.known:
            yield _seat(situation, seat, None, "who holds it is not known yet", "campaign congress sync")
        elif seat.holder is None:
            yield _seat(situation, seat, None, "it is vacant", "campaign congress sync, once someone is sworn in")
        elif ends is not None and ends <= situation.now:
            what = f"{seat.holder.name}'s term ended on {seat.holder.ends}; the winner of the election may be sworn in"
            yield _seat(situation, seat, None, what, "check who is sworn in, then campaign congress sync")
        elif ends is not None and ends < situation.campaign.closes:
            regular.setdefault(ends, []).append(code)
    for at, codes in sorted(regular.items()):
        yield situation.counted(
            SeatOutlook(
                at,
                f"the terms of {len(codes)} senators end",
                "letters to returning senators are sent if still true; the others are returned to their writers",
                "campaign congress sync, that afternoon",
                do_by=at,
                seats=tuple(codes),
            ),
            frozenset(codes),
        )


def _seat(situation: _Situation, seat: Seat, at: int | None, what: str, do: str) -> SeatOutlook:
    rule = situation.campaign.transition.of(seat.code)
    means = {
        INCOMING: "its letters are held for the next holder",
        BOTH: "letters are sent; their writers are told when the seat has a new holder",
    }.get(rule, "letters are sent to the current holder; letters not sent by then are returned to their writers")
    people = sum(
        n for zip_, n in situation.people.items() if any(c[2:4] == seat.state for c in _touched(situation, zip_))
    )
    made = SeatOutlook(at, f"{seat.code}: {what}", means, do, people=people, seats=(seat.code,))
    return situation.counted(made, frozenset((seat.code,)))


def _touched(situation: _Situation, zip_: str) -> tuple[str, ...]:
    return situation.roster.zips.get(zip_) or tuple(f"H:{state}" for state in situation.roster.unmapped.get(zip_, ()))


def _places(closed: Mapping[str, ClosedState]) -> str:
    return ", ".join(sorted(closed)) if len(closed) <= SHOWN else f"{len(closed)} states and territories"


def _bill(situation: _Situation) -> Iterator[SeatOutlook]:
    """The bill expires with its Congress, unless a successor was named."""
    bill = situation.campaign.bill_at(situation.now)
    after = bill.successor
    dying = sum(group.letters for group in situation.groups if group.ends is not None and group.ends <= bill.expires)
    if situation.now >= bill.expires:
        do = "name the new bill in [bill.successor], then campaign republish"
        means = "messages that name it are not sent; the text without it is used"
        yield SeatOutlook(None, f"{bill.number} has expired", means, do, waiting=dying)
        return
    means = f"{after.number} takes its place" if after else "asks and new letters use the text that names no bill"
    yield SeatOutlook(
        bill.expires,
        f"{bill.number} expires",
        f"letters that name it and are not sent yet are returned to their writers; {means}",
        "send the last ask in time; once there is a new bill, name it in [bill.successor], then campaign republish",
        do_by=bill.expires - 2 * DAY_MS,
        waiting=dying,
        asks=situation.asks,
    )


def _races(situation: _Situation) -> Iterator[SeatOutlook]:
    for race in situation.campaign.candidates:
        if race.closes > situation.now:
            thanks = sum(g.letters for g in situation.groups if g.seat == race.seat and g.variant.startswith("thanks"))
            letters = f"thank-you letters to {race.seat} are"
            what = f"{letters} held from then on" if race.opens > situation.now else f"{letters} held"
            means = "its holder is running for office; letters that ask for something are still sent"
            yield SeatOutlook(max(race.opens, situation.now), what, means, "", waiting=thanks)
            yield SeatOutlook(race.closes, f"{letters} sent again", "the race is over", "", waiting=thanks)


def _mails(situation: _Situation) -> Iterator[SeatOutlook]:
    """When the last queued messages are due; and until when the text of letters is kept."""
    names = {"ask": "the last queued ask", "letter": "the last queued letter", "receipt": "the last queued receipt"}
    for kind, (number, _first, last) in situation.queued.items():
        if kind in names:
            means = f"{number:,} queued, at the configured pace"
            asks, letters = number * (kind == "ask"), number * (kind == "letter")
            yield SeatOutlook(max(last, situation.now), f"{names[kind]} is due", means, "", waiting=letters, asks=asks)
    if situation.with_writers:
        yield SeatOutlook(
            situation.now + KEPT_MS,
            "the texts of letters handed off today are deleted",
            "each text is deleted 28 days after hand-off; a writer who has not used the form by then must start over",
            "",
            with_writers=sum(situation.with_writers.values()),
        )
