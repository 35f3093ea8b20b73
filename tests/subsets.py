"""Campaigns with any subset of the data that a campaign can have: what every page and report must be able to show.

Letters are confirmed through `letters.record`, so that their text is sealed as in production; states are then set row
by row, because no short story leads to every combination.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import Connection, insert, update

from campaign.compose.rendering import release
from campaign.delivery import campaigns
from campaign.keys import Keys
from campaign.letters import access, printed, reported
from campaign.letters import letters as letter_records
from campaign.letters.letters import BACK, LetterContent, NewLetter
from campaign.states import FATES, Fate, Outcome, State
from campaign.store.schema import (
    attempt,
    contact,
    delivery,
    event,
    letter,
    pull,
    request,
    supporter,
    suppression,
)
from tests.build import add_people
from tests.prepared import shipped
from tests.written import SERIAL, add_request

FOLDER = shipped()
DAY = 24 * 3600 * 1000
HOLDERS = {"H:NC:12": "A000370", "S:NC:2": "T000476", "S:NC:3": "B001305", "H:TX:29": "G000587", "H:AK:0": "B001323"}
PEOPLE = 8

MAILED = [state.value for state in State] + ["suppressed", "cancelled", "refused"]
STATES = {
    "email": MAILED,
    "cwc": MAILED,
    "daily": MAILED,
    "form": ["handed_off", "reported", "cancelled"],
    "packet": ["to_print", "printed", "handed_in", "cancelled"],
}
STAYED = {"queued", "held", "claimed", "handed_off", "to_print", "cancelled"}
REASONS = ["taken back", "not sent by this person", "erased", *BACK]


@dataclass(frozen=True)
class Written:
    """One letter: its writer's number, its latest delivery, and whether another channel was tried first."""

    writer: int
    seat: str
    channel: str
    state: str
    fate: Fate
    reason: str
    fell_back: bool
    spanish: bool
    own_words: bool
    words_kept: bool


@dataclass(frozen=True)
class Drive:
    """One campaign. `asks` holds the state and fate of each ask of the first wave; None: no wave was launched."""

    asks: tuple[tuple[str, Fate], ...] | None
    letters: tuple[Written, ...]
    calls: tuple[tuple[int, str, str], ...]
    visits: int
    receipts: tuple[str, ...]
    packets: int  # 0: none made; 1: made of what is printed; 2: also handed in
    paused: bool
    closed: bool


@dataclass(frozen=True)
class World:
    drives: tuple[Drive, ...]
    people: int  # 0: no supporter at all
    erased: frozenset[int]
    suppressed: frozenset[int]
    contacts: tuple[tuple[str, str, str], ...]  # seat, wants, why it is off
    pulls: int  # 1: one that still runs; 2: and one that has ended


@st.composite
def written(draw: st.DrawFn, channels: tuple[str, ...]) -> Written:
    channel = draw(st.sampled_from(channels))
    state = draw(st.sampled_from(STATES[channel]))
    arrived = state == "accepted"
    return Written(
        draw(st.integers(1, PEOPLE)),
        draw(st.sampled_from(list(HOLDERS))),
        channel,
        state,
        draw(st.sampled_from(list(Fate))) if arrived else Fate.NONE,
        draw(st.sampled_from(["", "", "", *REASONS])) if state in STAYED or arrived else "",
        draw(st.booleans()) and channel in ("form", "packet"),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.booleans()),
    )


@st.composite
def drives(draw: st.DrawFn) -> Drive:
    kinds = draw(st.sets(st.sampled_from(list(STATES)), max_size=len(STATES)))
    one = st.tuples(st.sampled_from(MAILED), st.sampled_from(list(Fate)))
    several = written(tuple(sorted(kinds))) if kinds else st.nothing()
    return Drive(
        draw(st.none() | st.lists(one, max_size=PEOPLE).map(tuple)),
        tuple(draw(st.lists(several, min_size=1, max_size=14))) if kinds else (),
        tuple(
            draw(
                st.lists(
                    st.tuples(
                        st.integers(1, PEOPLE),
                        st.sampled_from(list(HOLDERS)),
                        st.sampled_from([*reported.CALL_OUTCOMES, *reported.FORM_OUTCOMES]),
                    ),
                    max_size=3,
                )
            )
        ),
        draw(st.integers(0, PEOPLE)),
        tuple(draw(st.lists(st.sampled_from([state.value for state in State]), max_size=2))),
        draw(st.integers(0, 2)),
        draw(st.booleans()),
        draw(st.booleans()),
    )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    some = st.frozensets(st.integers(1, PEOPLE), max_size=3)
    off = st.sampled_from(["", "", "aide@example.org bounced"])
    rows = st.tuples(st.sampled_from(list(HOLDERS)), st.sampled_from(["each", "daily"]), off)
    return World(
        tuple(draw(st.lists(drives(), min_size=1, max_size=2))),
        draw(st.sampled_from([0, PEOPLE, PEOPLE])),
        draw(some),
        draw(some),
        tuple(draw(st.lists(rows, max_size=3, unique_by=lambda row: row[0]))),
        draw(st.integers(0, 2)),
    )


def fill(conn: Connection, keys: Keys, world: World, slugs: tuple[str, ...], now: int) -> list[int]:
    """Write all rows of a world; the ids of its supporters."""
    people = [
        add_people(conn, [n], email_hash=keys.email_hash(f"person{n}@example.org"), locale=("", "en", "es")[n % 3])[0]
        for n in range(1, world.people + 1)
    ]
    frozen = release.freeze(conn, FOLDER, now - 20 * DAY)
    for seat, wants, off in world.contacts:
        row = {"seat": seat, "email": f"aide-{seat[2:4].lower()}@example.org", "wants": wants, "given_by": "a partner"}
        conn.execute(insert(contact).values({**row, "reason": "asked", "per_hour": 9, "off": off, "changed_at": now}))
    for number in range(world.pulls):
        ended = {"finished_at": now, "read": 3, "imported": 2} if number else {}
        conn.execute(insert(pull).values(list="tests", by="a test", started_at=now - DAY, **ended))
    for drive, slug in zip(world.drives, slugs, strict=False):
        closes = now - DAY if drive.closed else now + 90 * DAY
        campaign = campaigns.save(
            conn, slug, release=frozen, opens_at=now - 20 * DAY, closes_at=closes, now=now - 20 * DAY
        )
        _fill(conn, keys, campaign, drive, people, now)
        if drive.paused:
            campaigns.pause(conn, campaign.id, "400: person1@example.org does not exist", now)
    for number in world.erased & set(range(1, len(people) + 1)):
        blank = {"email": None, "first_name": "", "last_name": "", "zip": "", "list": ""}
        conn.execute(update(supporter).where(supporter.c.id == people[number - 1]).values(blank))
        letter_records.erase_contents(conn, people[number - 1], now)
    for number in world.suppressed & set(range(1, len(people) + 1)):
        hashed = keys.email_hash(f"person{number}@example.org")
        conn.execute(insert(suppression).values(email_hash=hashed, reason="unsubscribed", source="tests", at=now))
    return people


def _fill(
    conn: Connection, keys: Keys, campaign: campaigns.Campaign, drive: Drive, people: list[int], now: int
) -> None:
    if drive.asks is not None:
        for person, (state, fate) in zip(people, drive.asks, strict=False):
            _ask(conn, campaign, person, state, fate, now)
        campaigns.launched(conn, campaign.id, "first", min(len(people), len(drive.asks)), now - 10 * DAY)
    for person in people[: drive.visits]:
        letter_records.count_first_visit(conn, campaign.id, person, now)
    for writer, seat, outcome in drive.calls[: len(people)]:
        way: reported.ReportedWay = "call" if outcome in reported.CALL_OUTCOMES else "form"
        said = reported.Report(seat=seat, holder=HOLDERS[seat], way=way, outcome=outcome, at=now)
        reported.record(conn, campaign.id, people[writer - 1], said)
    for state in drive.receipts:
        add_request(conn, {"campaign_id": campaign.id, "wave": "receipt", "kind": "receipt"}, state, now)
    made: dict[str, list[int]] = {}
    for one in drive.letters if people else ():
        letter_id = _letter(conn, keys, campaign, one, people[one.writer - 1], now)
        if letter_id and one.channel == "packet" and one.state in ("printed", "handed_in"):
            made.setdefault(one.seat, []).append(letter_id)
    for seat, ids in made.items() if drive.packets else ():
        access.read(conn, keys, ids, what="packet", campaign_id=campaign.id, seat=seat, by="Ana Ruiz", now=now)
        packet_id = printed.create_packet(conn, campaign.id, seat, holder=HOLDERS[seat], letter_ids=ids, now=now)
        if drive.packets == 2:
            printed.hand_in(conn, packet_id, day="2026-11-24", by="Ana Ruiz")


def _ask(conn: Connection, campaign: campaigns.Campaign, person: int, state: str, fate: Fate, now: int) -> None:
    place = {"campaign_id": campaign.id, "wave": "first", "kind": "ask"}
    own = state not in [each.value for each in State]
    made = add_request(conn, place, "accepted" if own else state, now)
    told = {fate.name.lower(): 1} if fate and state == "accepted" else {}
    marked = {"marked_at": now} if state in ("sending", "unknown", "accepted") else {}
    conn.execute(update(request).where(request.c.id == made).values(size=0 if own else 1, **told, **marked))
    row: dict[str, Any] = {"supporter_id": person, "request_id": made, "fate": fate if told else 0, "fate_at": now}
    if own:
        row |= {"outcome": state, "reason": "on the suppression list"}
    made_delivery = conn.execute(insert(delivery).values(**place, **row).returning(delivery.c.id)).scalar_one()
    if state in ("unknown", "refused"):
        conn.execute(insert(attempt).values(request_id=made, attempt=1, what="no_answer", detail="timeout", at=now))
    if fate >= Fate.BLOCKED and told:
        conn.execute(insert(event).values(delivery_id=made_delivery, kind=fate.name.lower(), at=now))


def _letter(
    conn: Connection, keys: Keys, campaign: campaigns.Campaign, one: Written, person: int, now: int
) -> int | None:
    locale = "es" if one.spanish else "en"
    story = "Tengo miedo." if one.spanish else "My street is afraid."
    words = LetterContent(
        "Please cosponsor",
        f"Ask.\n\n{story}\n\nFacts.",
        "Ana Ruiz\nCharlotte, NC 28205",
        "Ana Ruiz",
        (("zip", "28205"), ("city", "Charlotte")),
        "Ana Ruiz\nCharlotte, NC 28205",
        typed=(("story", story), ("city", "Charlotte"), ("first_name", "Ana"), ("tongue", locale)),
    )
    new = NewLetter(
        campaign_id=campaign.id,
        supporter_id=person,
        seat=one.seat,
        holder=HOLDERS[one.seat],
        matched="zip",
        variant="house" if one.seat.startswith("H") else "senate",
        locale=locale,
        release=campaign.release,
        words=words,
        characters=len(story) if one.own_words else 0,
        due_at=now - DAY,
        valid_until=None,
        token="token",
        consent="2026-11-28",
    )
    letter_id = letter_records.confirm(conn, keys, new, now - 2 * DAY)
    if letter_id is None:
        return None  # this person's letter to that holder is there
    if one.fell_back:
        _deliver(conn, campaign, person, letter_id, one, channel="email", state="accepted", fate=Fate.BOUNCED, now=now)
    _deliver(conn, campaign, person, letter_id, one, channel=one.channel, state=one.state, fate=one.fate, now=now)
    gone = {"withdrawn_at": now, "reason": one.reason} if one.reason else {}
    gone |= {} if one.words_kept else {"words": None}
    if gone:
        conn.execute(update(letter).where(letter.c.id == letter_id).values(gone))
    return letter_id


def _deliver(
    conn: Connection,
    campaign: campaigns.Campaign,
    person: int,
    letter_id: int,
    one: Written,
    *,
    channel: str,
    state: str,
    fate: Fate,
    now: int,
) -> None:
    daily = channel == "daily"
    channel = "email" if daily else channel
    place = {"campaign_id": campaign.id, "wave": f"{channel}-{letter_id}", "kind": "letter"}
    mine: dict[str, Any] = {"supporter_id": person, "letter_id": letter_id, "channel": channel, "fate": fate}
    if channel in ("form", "packet"):
        mine["at"] = now
    if state in [outcome.value for outcome in Outcome]:
        mine |= {"outcome": state, "reason": ""}
    if channel in ("email", "cwc"):
        whole = place | {"kind": "daily", "wave": f"daily-2026-11-{next(SERIAL)}"} if daily else place
        made = add_request(conn, whole, "accepted" if "outcome" in mine else state, now)
        told = {FATES[fate - 1].name.lower(): 1} if fate else {}
        own = {"size": 0} if "outcome" in mine else {}
        if told or own:
            conn.execute(update(request).where(request.c.id == made).values(**told, **own))
        mine["request_id"] = made
    conn.execute(insert(delivery).values(**place, **mine))
