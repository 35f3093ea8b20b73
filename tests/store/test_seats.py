"""To whom a person may write: what the ZIP proves, or what they choose among its candidates, on that day."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from sqlalchemy import select, update

from campaign.congress import zip_match
from campaign.letters import letters
from campaign.store.schema import evidence, letter, supporter
from tests import build
from tests.store.site import (
    ADAMS,
    BUDD,
    CAPITAL,
    KEYS,
    MINUTE,
    ROSTER,
    SPLIT,
    SWITCHED,
    TILLIS,
    VACANT,
    Site,
)


def test_a_split_zip_offers_names_and_one_choice(site: Site) -> None:
    site.do(update(supporter).values(zip=SPLIT))
    page = site.enter(SPLIT)
    assert page.preview is None
    assert [office.seat for office in page.candidates] == ["H:IL:4", "H:IL:7"]
    site.write(SPLIT, "H:IL:4")
    assert site.rows(select(letter.c.matched, letter.c.seat)) == [("chosen", "H:IL:4")]
    after = site.enter(SPLIT)
    assert after.candidates == ()
    assert [office.seat for office in after.offices] == ["H:IL:4", "S:IL:2", "S:IL:3"]
    assert site.refused({**site.form(SPLIT, "S:IL:2"), "seat": "H:IL:7"})["seat"] == "seat"


def test_a_vacant_seat_gets_no_letter(site: Site) -> None:
    site.do(update(supporter).values(zip=VACANT))
    page = site.enter(VACANT)
    assert [(office.seat, office.vacant) for office in page.candidates] == [("H:GA:4", False), ("H:GA:13", True)]
    assert "seat" in site.refused({**site.form(VACANT, "S:GA:2"), "seat": "H:GA:13"})
    site.do(update(supporter).values(zip="30017"))
    page = site.enter("30017")
    assert page.warnings == ("vacant-house",)
    assert [office.seat for office in page.offices] == ["S:GA:2", "S:GA:3"]


def test_the_capital_has_a_delegate_and_no_senators(site: Site) -> None:
    site.do(update(supporter).values(zip=CAPITAL))
    page = site.enter(CAPITAL)
    assert ([office.seat for office in page.offices], page.warnings) == (["H:DC:0"], ("no-senators",))
    site.write(CAPITAL)


def test_after_the_switch_nothing_is_said_of_the_house_and_senators_get_the_other_text(site: Site) -> None:
    form = site.form()
    site.at = SWITCHED
    page = site.enter()
    assert [(one.state, one.why) for one in page.closed] == [("NC", "members")]
    assert [office.seat for office in page.offices] == [BUDD], "the term of the other one has ended too"
    assert page.warnings == ("unknown-seat",)
    assert page.preview is not None
    assert page.preview.text.variant == "after"
    assert "6890" not in page.preview.text.english.ask
    assert "seat" in site.refused(form)
    site.write()
    assert site.rows(select(letter.c.variant)) == [("after",)]


def test_a_post_box_writes_to_senators_for_sure_and_to_a_representative_by_name(site: Site) -> None:
    """28302 is on no map of areas. A seat of another state is neither proved nor offered."""
    site.do(update(supporter).values(zip="28302"))
    page = site.enter("28302")
    assert (page.statewide, page.warnings, page.preview) == (True, (), None)
    assert [office.seat for office in page.offices] == [TILLIS, BUDD]
    assert [office.seat for office in page.candidates] == [f"H:NC:{number}" for number in range(1, 15)]
    assert "seat" in site.refused({**site.form("28302", BUDD), "seat": "H:VA:1"})
    site.write("28302", BUDD)
    site.write("28302", ADAMS)
    assert site.rows(select(letter.c.seat, letter.c.matched).order_by(letter.c.id)) == [
        (BUDD, "zip"),
        (ADAMS, "chosen"),
    ]
    after = site.enter("28302")
    assert after.candidates == ()
    assert [office.seat for office in after.offices] == [ADAMS, TILLIS, BUDD]


def test_a_post_box_in_a_state_with_one_seat_proves_its_representative(site: Site) -> None:
    site.do(update(supporter).values(zip="82003"))
    assert [office.seat for office in site.enter("82003").offices] == ["H:WY:0", "S:WY:1", "S:WY:2"]
    site.write("82003", "H:WY:0", city="Cheyenne")
    assert site.rows(select(letter.c.seat, letter.c.matched)) == [("H:WY:0", "zip")]


@pytest.mark.parametrize(
    ("zip_", "word"),
    [("09012", "military-zip"), ("09007", "military-zip"), ("96960", "foreign-zip"), ("00000", "unknown-zip")],
)
def test_a_zip_without_members_of_congress_says_so(site: Site, zip_: str, word: str) -> None:
    site.do(update(supporter).values(zip=zip_))
    page = site.enter(zip_)
    assert (page.warnings, page.offices, page.candidates) == ((word,), (), ())


def test_a_letter_from_a_zip_of_two_states_names_the_state_of_its_office(site: Site) -> None:
    site.do(update(supporter).values(zip="02861"))
    site.contact("H:RI:1")
    site.write("02861", "H:RI:1", city="Pawtucket")
    site.at += 16 * MINUTE
    site.drain()
    (text,) = [mail["text"] for mail in site.mails if mail["kind"] == "letter"]
    assert "Pawtucket, RI 02861" in text


def test_who_moved_to_a_split_zip_may_choose_there(site: Site) -> None:
    site.write(seat=ADAMS)
    site.do(update(supporter).values(zip=SPLIT))
    assert [office.seat for office in site.enter(SPLIT).candidates] == ["H:IL:4", "H:IL:7"]
    site.write(SPLIT, "H:IL:4")


ZIPS = sorted({*ROSTER.zips, *ROSTER.unmapped})
SEATS = sorted(ROSTER.seats)


@hypothesis(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_no_letter_goes_to_a_seat_that_the_zip_neither_proves_nor_offers(site: Site, data: st.DataObject) -> None:
    zip_ = data.draw(st.sampled_from(ZIPS))
    codes = ROSTER.zips.get(zip_) or tuple(seat.code for seat in ROSTER.house[ROSTER.unmapped[zip_][0]])
    near = [*codes, *(f"S:{code.split(':')[1]}:{class_}" for code in codes for class_ in (1, 2, 3))]
    number = len(site.people) + 1
    with site.database.begin() as conn:
        site.people += build.add_people(conn, [number], zip=zip_)
    for seat in data.draw(st.lists(st.sampled_from(near) | st.sampled_from(SEATS), min_size=1, max_size=4)):
        sheet = site.enter(zip_, seat, number).preview
        typed = {"first_name": "Ana", "last_name": "Ruiz", "city": "Here", "story": ""}
        site.confirm({"zip": zip_, "seat": seat, "seen": sheet.seen if sheet else "", **typed}, number)
    found = zip_match.by_zip(ROSTER, zip_, site.at)
    columns = (letter.c.id, letter.c.seat, letter.c.holder, letter.c.matched, evidence.c.text_hash)
    mine = letter.c.supporter_id == site.people[-1]
    written = site.rows(select(*columns).outerjoin(evidence, evidence.c.id == letter.c.evidence_id).where(mine))
    with site.database.read() as conn:
        words = letters.read_contents(conn, KEYS, [row.id for row in written])
    for row in written:
        assert found.proves(row.seat) if row.matched == "zip" else found.offers(row.seat)
        holder = ROSTER.seats[row.seat].holder
        assert holder is not None
        assert holder.bioguide == row.holder
        one = words[row.id]
        assert bytes(row.text_hash) == KEYS.proof(one.subject, one.core, one.envelope, one.postscript)
    assert sum(row.seat.startswith("H:") for row in written) <= 1


def test_nine_digits_prove_what_five_do_and_wait_for_the_form_that_asks_for_them(site: Site) -> None:
    page = site.enter("28205-1234")
    assert (page.own, page.zip) == (True, "28205-1234"), "the pages carry it along"
    assert [one.seat for one in page.offices] == [one.seat for one in site.enter().offices]
    after = site.write("282051234")
    assert ("zip4", "1234") in after.letters[0].values
    assert ("zip", "28205") in after.letters[0].values
    assert after.zip == "28205-1234"
    assert "zip4" not in dict(site.write(seat=BUDD).letters[-1].values)
