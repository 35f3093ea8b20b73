"""The report of letters: each counts once, only what is verified, and no small counts by place."""

from __future__ import annotations

import itertools
import json
from collections import Counter

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as settings_
from hypothesis import strategies as st
from sqlalchemy import Connection, insert, update

from campaign.delivery.campaigns import Campaign
from campaign.outreach.reports import ask_counts, letter_funnel, small_counts, tile_map
from campaign.outreach.reports.small_counts import LEAST, Count
from campaign.states import Fate, Proof, State
from campaign.store.engine import Database
from campaign.store.schema import contact, delivery, request, supporter, visit
from tests import build
from tests.build import START
from tests.written import SERIAL, Sample, add, add_request


def letters(conn: Connection, campaign: Campaign, *samples: Sample) -> letter_funnel.Letters:
    for sample in samples:
        add(conn, campaign, sample)
    return letter_funnel.letters(conn, campaign.id)


def test_the_funnel_counts_people_and_the_letters_count_once(database: Database) -> None:
    with database.begin() as conn:
        people = build.add_people(conn, range(1, 9))
        campaign = build.add_campaign(conn)
        build.launch(conn, campaign, per_request=8)
        conn.execute(update(request).values(state="accepted", answered_at=START, delivered=6))
        conn.execute(insert(visit), [{"campaign_id": campaign.id, "supporter_id": p, "at": START} for p in people[:5]])
        contact_row = {"seat": "S:NC:2", "email": "aide@example.org", "wants": "each", "given_by": "a partner"}
        off = {"answered_on": "2026-11-01", "per_hour": 10, "off": "aide@example.org bounced", "changed_at": START}
        conn.execute(insert(contact).values(contact_row | off))
        found = letters(
            conn,
            campaign,
            Sample(people[0], fate=Fate.DELIVERED),
            Sample(people[0], "S:NC:2", "form", "handed_off", bounced_before=True),
            Sample(people[0], "S:NC:3", "form", "reported"),
            Sample(people[1], state="queued", reason="taken back"),
            Sample(people[2], state="unknown"),
            Sample(people[3], fate=Fate.COMPLAINED, reason="erased"),  # it had left: nobody can take that back
            Sample(people[4], state="cancelled"),
        )
    steps = (8, 8, 6, 5, 3, 2)
    assert found.people == dict(zip(letter_funnel.STEPS, steps, strict=True))
    assert found.confirmed == 7
    assert found.proofs == {"email": {"doubt": 1, "delivered": 2}, "form": {"ready": 1, "reported": 1}}
    assert found.withdrawn == {"taken back": 1, letter_funnel.CANCELLED: 1}
    assert found.adds_up
    assert (found.moved, found.fates) == (1, {"delivered": 1, "bounced": 1, "complained": 1})
    assert found.offices == {"written": 3, "email": 1, "reported": 1, "handed_in": 0}
    assert found.off == {"S:NC:2": "<address> bounced"}
    assert sum(found.states.values()) == found.confirmed
    summary = letter_funnel.summary(found)
    assert summary.keys() == {"visits", "letters", "receipts", "offices"}
    assert summary["letters"]["channels"] == {"email": 3, "form": 2}
    assert (summary["visits"], summary["offices"]) == (5, 3)


def test_people_who_joined_on_the_open_page_are_no_part_of_the_funnel(database: Database) -> None:
    with database.begin() as conn:
        asked = build.add_people(conn, range(1, 4))
        campaign = build.add_campaign(conn)
        build.launch(conn, campaign)
        joined = build.add_people(conn, range(4, 7), list="open page")
        everyone = (*asked, *joined)
        conn.execute(insert(visit), [{"campaign_id": campaign.id, "supporter_id": p, "at": START} for p in everyone])
        samples = [Sample(joined[0]), Sample(joined[0], "S:NC:2"), Sample(joined[1]), Sample(asked[0])]
        found = letters(conn, campaign, *samples, Sample(joined[2], state="queued", reason="taken back"))
        assert [found.people[step] for step in ("asked", "visited", "confirmed", "proved")] == [3, 3, 1, 1]
        assert found.joined == {"people": 2, "letters": 3}
        assert (found.confirmed, found.adds_up) == (5, True), "their letters are letters like all others"
        blank = {"list": "", "consent": "erased", "email": None}
        conn.execute(update(supporter).where(supporter.c.id.in_((asked[0], joined[0]))).values(blank))
        assert letter_funnel.letters(conn, campaign.id).people == found.people, "erased, they stay where they were"
        assert letter_funnel.letters(conn, campaign.id).joined == found.joined


def test_a_letter_that_no_channel_has_is_told_as_a_sum_that_does_not_hold(database: Database) -> None:
    with database.begin() as conn:
        (person,) = build.add_people(conn, [1])
        campaign = build.add_campaign(conn)
        add(conn, campaign, Sample(person))
        conn.execute(delivery.delete())
        assert not letter_funnel.letters(conn, campaign.id).adds_up


def test_receipts_and_asks_are_no_letters(database: Database) -> None:
    with database.begin() as conn:
        (person,) = build.add_people(conn, [1])
        campaign = build.add_campaign(conn)
        build.launch(conn, campaign)
        place = {"campaign_id": campaign.id, "wave": "receipt", "kind": "receipt"}
        for state in ("accepted", "queued"):
            add_request(conn, place, state, START)
        found = letters(conn, campaign, Sample(person, state="queued"))
        again = ask_counts.report(conn, campaign.slug).waves[0]
    assert found.receipts == {"accepted": 1, "queued": 1}
    assert (found.confirmed, found.people["asked"]) == (1, 1)
    assert (again.states, again.adds_up) == ({"queued": 1}, True)


STATES = [state.value for state in State]
SEATS = ["H:NC:12", "H:NC:1", "S:NC:2", "H:SC:1", "H:DC:0"]
MAILED = st.builds(
    Sample,
    supporter=st.integers(0, 9),
    seat=st.sampled_from(SEATS),
    state=st.sampled_from([*STATES, "suppressed", "cancelled", "refused"]),
    fate=st.sampled_from(Fate),
    reason=st.sampled_from(["", "", "taken back", "erased"]),
)
HANDED = st.builds(
    Sample,
    supporter=st.integers(0, 9),
    seat=st.sampled_from(SEATS),
    channel=st.just("form"),
    state=st.sampled_from(["handed_off", "reported", "cancelled"]),
    reason=st.sampled_from(["", "", "not sent by this person", "erased"]),
    bounced_before=st.booleans(),
)


@settings_(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(samples=st.lists(MAILED | HANDED, max_size=30))
def test_whatever_became_of_them_each_letter_counts_once(database: Database, samples: list[Sample]) -> None:
    with database.begin() as conn:
        campaign = build.add_campaign(conn, f"tests-{next(SERIAL)}")
        found = letters(conn, campaign, *samples)
    assert found.adds_up
    assert found.confirmed == len(samples) == sum(found.states.values())
    accepted = [s for s in samples if s.channel == "email" and s.state == "accepted"]
    arrived = [s for s in accepted if s.fate not in (Fate.BLOCKED, Fate.DROPPED, Fate.BOUNCED)]
    told = found.proofs.get("email", {})
    assert told.get("sent", 0) + told.get("delivered", 0) == len(arrived)
    assert told.get("sent", 0) <= sum(s.fate < Fate.DELIVERED for s in accepted)
    reported = [s for s in samples if s.state == "reported"]
    assert found.people["proved"] == len({s.supporter for s in [*arrived, *reported]})
    gone = [
        s
        for s in samples
        if s.state == "cancelled" or (s.reason and s.state in ("queued", "claimed", "held", "handed_off"))
    ]
    assert sum(found.withdrawn.values()) == len(gone)
    assert found.people["confirmed"] == len({s.supporter for s in samples if s not in gone})


COUNTS = st.dictionaries(
    st.tuples(st.sampled_from(SEATS), st.sampled_from(["sent", "delivered", "ready"])), st.integers(1, 30), min_size=1
)


@given(cells=COUNTS)
def test_no_small_number_is_shown_or_can_be_found_by_subtraction(cells: dict[tuple[str, str], int]) -> None:
    seats, states = Counter[str](), Counter[str]()
    for (seat, _), number in cells.items():
        seats[seat] += number
        states[seat[2:4]] += number
    by_seat, by_state = small_counts.places(
        {s: Count(n, n) for s, n in seats.items()}, {s: Count(n, n) for s, n in states.items()}
    )
    gone = {seat for seat, cell in by_seat.items() if cell.letters is None}
    split = small_counts.split(cells, gone)
    shown = [*by_seat.values(), *by_state.values(), *(c for proofs in split.values() for c in proofs.values())]
    assert all(cell.letters is None or cell.letters >= LEAST for cell in shown)
    assert split.keys() == by_seat.keys() - gone

    def open_(values: list[small_counts.Cell]) -> bool:
        """Whether the only hidden number of a sum could be computed from the others."""
        return sum(cell.letters is None for cell in values) == 1 and len(values) > 1

    assert not open_(list(by_state.values()))
    for state, cell in by_state.items():
        assert not open_([cell, *(by_seat[seat] for seat in by_seat if seat[2:4] == state)])
    for proofs in split.values():
        assert not open_(list(proofs.values()))
    for word in ("sent", "delivered", "ready"):
        having = [seat for seat, found in cells if found == word]
        assert not open_([split[seat][word] if seat in split else small_counts.Cell(None, True) for seat in having])


def test_a_small_number_is_null_for_a_script_and_marked_for_a_reader(database: Database) -> None:
    with database.begin() as conn:
        people = build.add_people(conn, range(1, 31))
        campaign = build.add_campaign(conn)
        found = letters(
            conn,
            campaign,
            *(Sample(person, "H:NC:12", fate=Fate.DELIVERED) for person in people[:12]),
            *(Sample(person, "H:NC:1", "form", "handed_off") for person in people[12:14]),
            *(Sample(person, "H:TX:29") for person in people[14:]),
        )
    told = json.loads(json.dumps(letter_funnel.numbers(found)))["letters"]
    assert told["by_seat"]["H:NC:1"] == {"letters": {"letters": None, "small": True}, "proofs": {}}
    assert told["by_seat"]["H:NC:12"]["letters"] == {"letters": None, "small": False}  # with it one could subtract
    assert told["by_seat"]["H:TX:29"]["proofs"] == {"sent": {"letters": 16, "small": False}}
    assert told["by_state"] == {"NC": {"letters": 14, "small": False}, "TX": {"letters": 16, "small": False}}
    assert [str(cell) for cell in (found.by_seat["H:NC:1"].letters, found.by_seat["H:NC:12"].letters)] == ["<5", "–"]


def test_each_state_has_one_tile_and_each_proof_a_place() -> None:
    made = tile_map.tiles({}, ())
    assert len({tile.code for tile in made}) == len(made) == 56
    assert len({(tile.column, tile.row) for tile in made}) == 56
    assert set(Proof) - {Proof.WITHDRAWN, Proof.BACK} == set(letter_funnel.PROOFS)  # both are counted by their reasons


@pytest.mark.parametrize("top", [5, 8, 40, 312, 12_345])
def test_the_shades_cover_every_number_once(top: int) -> None:
    steps = tile_map.shades(
        {"NC": small_counts.Cell(top), "TX": small_counts.Cell(LEAST), "CA": small_counts.Cell(None, True)}
    )
    assert len(steps) <= tile_map.SHADES
    assert (steps[0].low, steps[-1].high) == (LEAST, top)
    assert all(one.high + 1 == two.low for one, two in itertools.pairwise(steps))
    shade = {tile.code: tile.shade for tile in tile_map.tiles({"NC": small_counts.Cell(top)}, steps)}
    assert (shade["NC"], shade["TX"]) == (len(steps), 0)
