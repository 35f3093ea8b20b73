"""Letters on paper: by their writers' choice, one channel at a time, nothing twice, handed in only when said."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from campaign.clock import WASHINGTON
from campaign.errors import CampaignError
from campaign.letters import letters
from campaign.outreach.action_page import actions
from campaign.outreach.action_page.views import ActionPage, MustConfirmAgain
from campaign.outreach.channels.packet import hand_in
from campaign.outreach.channels.packet.print_packet import PrintedBatch
from campaign.outreach.reports import letter_funnel
from campaign.outreach.sending import retention
from campaign.states import Proof
from campaign.store.schema import delivery, letter, packed, packet
from tests.store.paper import deliveries, letter_id, on_paper, print_all
from tests.store.paper import shown as shown
from tests.store.paper import visits as visits
from tests.store.site import ADAMS, BUDD, DAY, HERE, KEYS, MINUTE, SLUG, Site, together


def test_a_letter_goes_from_its_writer_onto_paper_and_to_the_office(site: Site, shown: list[dict[str, Any]]) -> None:
    found = on_paper(site)
    assert [one.state for one in found.letters] == ["to_print"]
    assert print_all(site) == PrintedBatch((), 0, 1), "its writer can still take it back"
    site.at += 15 * MINUTE
    (paper,) = print_all(site).papers
    assert (paper.seat, paper.number, paper.letters, paper.again) == (ADAMS, 1, 1, False)
    assert paper.file.read_bytes() == b"%PDF"
    assert paper.file.stat().st_mode & 0o777 == 0o600
    assert site.states() == ["printed"]
    (one,) = shown[0]["letters"]
    assert one["envelope"] == ["Ana Ruiz", "Charlotte, NC 28205"]
    assert "My street is afraid." in [row for part in one["parts"] for row in part]
    assert shown[0]["again"] == ""
    done = hand_in.hand_in(site.database, SLUG, ADAMS, on=date(2026, 11, 24), by="Alex Ruiz")
    assert (done.numbers, done.letters) == ((1,), 1)
    assert site.states() == ["handed_in"]
    assert deliveries(site) == [("packet", "handed_in")]
    site.at += DAY
    assert "receipt" in site.drain()
    assert "we took it to the office on paper" in site.mails[-1]["text"]
    assert print_all(site).papers == ()


def test_printed_again_it_is_the_same_packet_and_says_so(site: Site, shown: list[dict[str, Any]]) -> None:
    on_paper(site)
    on_paper(site, number=2)
    site.at += DAY
    first = print_all(site).papers[0]
    first.file.unlink()
    again = print_all(site).papers[0]
    assert (again.number, again.letters, again.again) == (1, 2, True)
    assert shown[1]["letters"] == shown[0]["letters"]
    assert "Deliver only one copy" in shown[1]["again"]
    assert site.rows(select(func.count()).select_from(packet))[0][0] == 1


def test_what_comes_later_makes_the_next_packet(site: Site, shown: list[dict[str, Any]]) -> None:
    on_paper(site)
    site.at += DAY
    print_all(site)
    on_paper(site, number=2)
    site.at += DAY
    found = [(one.number, one.letters, one.again) for one in print_all(site).papers]
    assert found == [(1, 1, True), (2, 1, False)]
    assert len(shown) == 3


def test_letters_stand_in_the_order_of_confirmation(site: Site, shown: list[dict[str, Any]]) -> None:
    on_paper(site, number=2, first_name="First")
    site.at += 1000
    on_paper(site, number=1, first_name="Second")
    site.at += DAY
    print_all(site)
    assert [one["envelope"][0] for one in shown[0]["letters"]] == ["First Ruiz", "Second Ruiz"]
    assert [one["place"] for one in shown[0]["letters"]] == [1, 2]


def test_taken_back_before_it_is_printed_and_not_after(site: Site, shown: list[dict[str, Any]]) -> None:
    on_paper(site)
    site.act(actions.take_back, zip=HERE, letter=letter_id(site))
    on_paper(site, number=2)
    site.at += DAY
    assert print_all(site).papers[0].letters == 1
    found = site.act(actions.take_back, 2, zip=HERE, letter=letter_id(site, 2))
    assert [one.state for one in found.letters] == ["printed"]
    assert site.states() == ["withdrawn"]
    assert len(shown[0]["letters"]) == 1


def test_who_is_erased_is_not_printed_nor_printed_again(site: Site, shown: list[dict[str, Any]]) -> None:
    on_paper(site)
    on_paper(site, number=2, story="Only mine.")
    site.at += DAY
    print_all(site)
    assert site.forget()
    again = print_all(site).papers[0]
    assert (again.letters, again.missing) == (1, 1)
    assert "Only mine." in json.dumps(shown[1])
    assert "Ana" not in json.dumps(shown[1]["letters"][0]["envelope"]) or len(shown[1]["letters"]) == 1


def test_an_erased_writer_leaves_nothing_to_print(site: Site, shown: list[dict[str, Any]]) -> None:
    on_paper(site)
    assert site.forget()
    site.at += DAY
    assert print_all(site) == PrintedBatch((), 0, 0)
    assert deliveries(site) == [("packet", "cancelled")]
    assert shown == []


def test_two_printers_at_once_make_one_packet(site: Site, shown: list[dict[str, Any]], tmp_path: Path) -> None:
    on_paper(site)
    site.at += DAY
    together(*[lambda folder=folder: print_all(site, tmp_path / folder) for folder in ("one", "two")])
    assert site.rows(select(func.count()).select_from(packet))[0][0] == 1
    assert site.rows(select(func.count()).select_from(packed))[0][0] == 1
    assert sum(one["again"] == "" for one in shown) == 1


def test_a_street_never_stands_on_paper(site: Site, shown: list[dict[str, Any]]) -> None:
    site.contact(needs=("street", "phone"))
    on_paper(site, street="1 Main Street", phone="704-555-0100")
    site.at += DAY
    print_all(site)
    assert shown[0]["letters"][0]["envelope"] == ["Ana Ruiz", "Charlotte, NC 28205"]
    assert "Main" not in json.dumps(shown)
    assert site.drain() == ["receipt"], "the office gets no mail of it"


def test_paper_asks_for_a_town_and_the_form_does_not(site: Site) -> None:
    found = site.confirm(site.form(seat=ADAMS, city="", by="packet"))
    assert isinstance(found, MustConfirmAgain)
    assert found.problems == {"city": "city"}
    assert isinstance(site.confirm(site.form(seat=ADAMS, city="", by="form")), ActionPage)


def test_what_is_not_true_any_more_stays(site: Site, shown: list[dict[str, Any]]) -> None:
    on_paper(site)
    on_paper(site, BUDD)
    site.do(update(letter).where(letter.c.seat == BUDD).values(holder="X000000"))
    site.do(update(letter).where(letter.c.seat == ADAMS).values(valid_until=site.at + 1))
    site.at += DAY
    assert print_all(site) == PrintedBatch((), 2, 0)
    assert site.states() == ["back", "back"]
    assert shown == []


def test_words_are_kept_until_they_are_printed_and_then_their_time(site: Site, shown: list[dict[str, Any]]) -> None:
    on_paper(site)
    site.at += 29 * DAY
    retention.retain(site.database, matching=False, now=lambda _: site.at)
    assert print_all(site).papers[0].letters == 1
    site.at += 29 * DAY
    retention.retain(site.database, matching=False, now=lambda _: site.at)
    with site.database.read() as conn:
        assert letters.read_contents(conn, KEYS, [1]) == {}


def test_the_report_counts_paper_apart_and_it_adds_up(site: Site, shown: list[dict[str, Any]]) -> None:
    on_paper(site)
    on_paper(site, BUDD)
    on_paper(site, number=2)
    site.at += DAY
    print_all(site, seats=[ADAMS])
    hand_in.hand_in(site.database, SLUG, ADAMS, on=date(2026, 11, 25), by="Alex Ruiz")
    site.act(actions.record_call, zip=HERE, seat=ADAMS, outcome="answered")
    with site.database.read() as conn:
        found = letter_funnel.letters(conn, 1)
    assert found.proofs == {"packet": {"to_print": 1, "handed_in": 2}}
    assert found.adds_up
    assert found.offices["handed_in"] == 1
    assert found.people["proved"] == 2
    assert found.calls == {"answered": 1}
    assert [Proof(word) for word in found.proofs["packet"]] == [Proof.TO_PRINT, Proof.HANDED_IN]


@pytest.mark.parametrize(
    ("on", "by", "seat"),
    [
        (date(2026, 11, 25), "", ADAMS),
        (date(2027, 1, 1), "Alex", ADAMS),
        (date(2026, 11, 1), "Alex", ADAMS),
        (date(2026, 11, 25), "Alex", BUDD),
    ],
)
def test_handing_in_needs_a_day_a_name_and_a_packet(
    site: Site, shown: list[dict[str, Any]], on: date, by: str, seat: str
) -> None:
    on_paper(site)
    site.at += DAY
    print_all(site)
    with pytest.raises(CampaignError):
        hand_in.hand_in(site.database, SLUG, seat, on=on, by=by)
    assert site.states() == ["printed"]


def test_a_seat_that_is_none_is_named(site: Site) -> None:
    with pytest.raises(CampaignError, match="no seat H:XX:1"):
        print_all(site, seats=["H:XX:1"])


STEPS = st.lists(
    st.tuples(st.sampled_from(["paper", "form", "yes", "back", "print", "hand in", "wait"]), st.integers(1, 2)),
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_whatever_happens_no_letter_is_live_on_two_channels_or_in_two_packets(
    site: Site, shown: list[dict[str, Any]], steps: list[tuple[str, int]]
) -> None:
    for what, number in steps:
        if what in ("paper", "form") and site.enter(seat=ADAMS, number=number).preview:
            extra = {"by": "packet" if what == "paper" else "form"}
            site.confirm(site.form(seat=ADAMS, number=number, **extra), number)
        mine = site.rows(select(letter.c.id).where(letter.c.supporter_id == site.people[number - 1]))
        last = max((row.id for row in mine), default=0)
        if what == "yes":
            site.act(actions.record_form, number, zip=HERE, seat=ADAMS, told="sent")
        elif what == "back":
            site.act(actions.take_back, number, zip=HERE, letter=last)
        elif what == "print":
            print_all(site)
        elif what == "hand in":
            for seat in {row.seat for row in site.rows(select(packet.c.seat).where(packet.c.handed_on == ""))}:
                today = datetime.fromtimestamp(site.at / 1000, WASHINGTON).date()
                hand_in.hand_in(site.database, SLUG, seat, on=today, by="Alex")
        elif what == "wait":
            site.at += DAY
    live = delivery.c.outcome.not_in(["cancelled"])
    twice = select(delivery.c.letter_id).where(delivery.c.kind == "letter", live).group_by(delivery.c.letter_id)
    assert site.rows(twice.having(func.count() > 1)) == []
    on_page = site.rows(select(packed.c.letter_id))
    gone = select(delivery.c.letter_id).where(delivery.c.outcome.in_(["printed", "handed_in"]))
    assert {row.letter_id for row in on_page} == {row.letter_id for row in site.rows(gone)}
    withdrawn = {row.id for row in site.rows(select(letter.c.id).where(letter.c.withdrawn_at.is_not(None)))}
    assert withdrawn.isdisjoint(row.letter_id for row in on_page)
    with site.database.read() as conn:
        assert letter_funnel.letters(conn, 1).adds_up
