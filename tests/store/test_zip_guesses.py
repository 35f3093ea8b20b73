"""Ten wrong ZIP codes an hour behind one action link, counted in the database, on every page that asks for one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from campaign.delivery import campaigns
from campaign.outreach.action_page import actions, confirm, street_lookup, unsubscribe
from campaign.outreach.action_page.context import TooManyGuesses, WrongZip
from campaign.outreach.action_page.zip_change import CodeResult
from campaign.outreach.sending import retention
from campaign.store import engine
from campaign.store.schema import zip_guess
from campaign.supporters import guesses
from campaign.supporters.guesses import GUESSES, WINDOW_MS
from tests.store.site import CAPITAL, HERE, KEYS, MINUTE, SLUG, Site, together

WRONG = [f"{number:05d}" for number in range(10001, 10001 + 3 * GUESSES)]
DOORS: dict[str, Callable[[Site, str], Any]] = {
    "question": lambda site, zip_: site.enter(zip_),
    "confirm": lambda site, zip_: site.act(confirm.confirm, zip=zip_, seat="S:NC:2"),
    "take back": lambda site, zip_: site.act(actions.take_back, zip=zip_, letter=1),
    "told": lambda site, zip_: site.act(actions.record_form, zip=zip_, seat="S:NC:2", told="sent"),
    "called": lambda site, zip_: site.act(actions.record_call, zip=zip_, seat="S:NC:2", outcome="answered"),
    "street": lambda site, zip_: site.find_street(zip_, "100 Sample Street"),
    "not my street": lambda site, zip_: site.act(street_lookup.forget, zip=zip_),
    "erase": lambda site, zip_: site.forget(zip_),
}


def counted(site: Site) -> int:
    return len(site.rows(select(zip_guess)))


def use_up(site: Site, number: int = 1) -> None:
    for zip_ in WRONG[:GUESSES]:
        assert not site.enter(zip_, number=number).own


@pytest.mark.parametrize("door", DOORS)
def test_each_door_takes_ten_wrong_zips_and_then_not_even_the_right_one(site: Site, door: str) -> None:
    for zip_ in WRONG[:GUESSES]:
        DOORS[door](site, zip_)
    for zip_ in (WRONG[GUESSES], WRONG[0], HERE, f"{HERE}-1234"):
        with pytest.raises(TooManyGuesses):
            DOORS[door](site, zip_)
    assert counted(site) == GUESSES
    site.at += WINDOW_MS - 1
    with pytest.raises(TooManyGuesses) as found:
        site.enter()
    assert found.value.wait == 1
    site.at += 1
    assert site.enter().own


def test_the_right_zip_and_what_is_no_zip_use_up_nothing(site: Site) -> None:
    for _ in range(2 * GUESSES):
        assert site.enter().own
        for typed in ("1000", "abcde", "", "１０００１", "10001-12"):
            with pytest.raises(WrongZip):
                site.enter(typed)
    assert counted(site) == 0


def test_the_same_wrong_zip_with_every_form_of_a_forwarded_link_counts_once(site: Site) -> None:
    for _ in range(2 * GUESSES):
        site.enter(CAPITAL)
        site.enter(f"{CAPITAL}-1234")
    assert counted(site) == 1


def test_an_hour_later_each_guess_is_free_again_one_by_one(site: Site) -> None:
    for zip_ in WRONG[:GUESSES]:
        site.enter(zip_)
        site.at += MINUTE
    with pytest.raises(TooManyGuesses) as found:
        site.enter()
    assert found.value.wait == (WINDOW_MS - GUESSES * MINUTE) // 1000
    site.at += WINDOW_MS - GUESSES * MINUTE
    assert site.enter().own
    site.enter(WRONG[0])
    with pytest.raises(TooManyGuesses):
        site.enter()


def test_another_supporters_link_and_another_campaign_are_not_blocked(site: Site) -> None:
    use_up(site)
    assert site.enter(number=2).own
    with site.database.begin() as conn:
        other = campaigns.save(
            conn, "other", release=campaigns.get(conn, SLUG).release, opens_at=0, closes_at=2**52, now=site.at
        )
        assert guesses.count_wrong_zip(conn, KEYS, other.id, site.people[0], zip_code=WRONG[0], now=site.at) is None


def test_the_count_survives_a_restart_and_is_shared_by_processes(site: Site) -> None:
    use_up(site)
    other = engine.connect(site.database.engine.url.render_as_string(hide_password=False))
    mine, site.database = site.database, other
    with pytest.raises(TooManyGuesses):
        site.enter()
    site.database = mine
    other.close()


def test_guesses_at_the_same_moment_never_get_more_than_ten(site: Site) -> None:
    found = together(*[lambda zip_=zip_: site.enter(zip_) for zip_ in WRONG[: GUESSES + 6]])
    assert sorted(type(one).__name__ for one in found) == ["ActionPage"] * GUESSES + ["TooManyGuesses"] * 6
    assert counted(site) == GUESSES


def test_the_code_from_the_email_still_works_and_is_no_guess(site: Site) -> None:
    site.move()
    for zip_ in WRONG[: GUESSES - 1]:
        site.enter(zip_)
    with pytest.raises(TooManyGuesses):
        site.enter()
    assert site.enter_code(site.code()) is CodeResult.MOVED
    assert counted(site) == GUESSES


def test_the_rows_hold_no_zip_and_go_with_the_hour_and_with_the_person(site: Site) -> None:
    use_up(site)
    use_up(site, number=2)
    for row in site.rows(select(zip_guess.c.mark)):
        assert not any(zip_.encode() in bytes(row.mark) for zip_ in WRONG)
    unsubscribe.erase(site.database, KEYS, "person1@example.org")
    assert counted(site) == GUESSES
    site.at += WINDOW_MS - 1
    assert retention.retain(site.database, matching=False, now=lambda _: site.at).guesses == 0
    site.at += 1
    assert retention.retain(site.database, matching=False, now=lambda _: site.at).guesses == GUESSES
    assert counted(site) == 0
