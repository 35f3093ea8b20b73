"""A ZIP code other than the one on file: nothing of the owner's, and theirs only with the code from their email."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from campaign.outreach.action_page import actions, zip_change
from campaign.outreach.action_page.views import ActionPage, OtherZip
from campaign.outreach.action_page.zip_change import CodeResult
from campaign.outreach.sending import retention
from campaign.store.schema import delivery, letter, new_zip, supporter, visit
from campaign.supporters import new_zips
from tests.store.site import ADAMS, CAPITAL, DAY, HERE, Site, together


def on_file(site: Site, number: int = 1) -> str:
    return str(site.rows(select(supporter.c.zip).where(supporter.c.id == site.people[number - 1]))[0][0])


def test_another_zip_shows_nothing_of_hers_and_changes_no_row(site: Site) -> None:
    site.write(story="A secret.")
    site.do(visit.delete())
    before = site.counts()
    page = site.enter(CAPITAL)
    assert (page.own, page.first_name, page.last_name, page.letters) == (False, "", "", ())
    for text in ("Ruiz", "person1", "secret", "Person 1"):
        assert text not in repr(replace(page, campaign=replace(page.campaign, title={})))
    letter_id = site.rows(select(letter.c.id))[0][0]
    site.act(actions.take_back, zip=CAPITAL, letter=letter_id)
    site.act(actions.record_form, zip=CAPITAL, seat=ADAMS, told="sent")
    site.forget(CAPITAL)
    assert len(site.states()) == 1
    assert site.counts() == before


def test_nothing_is_sent_or_held_for_another_zip(site: Site) -> None:
    site.contact("H:DC:0")
    before = site.counts()
    assert isinstance(site.confirm(site.form(CAPITAL)), OtherZip)
    assert site.counts() == before
    assert site.rows(select(new_zip.c.zip)) == []


def test_the_code_moves_her_and_counts_once(site: Site) -> None:
    assert site.move()
    assert on_file(site) == HERE
    assert site.drain() == ["code"]
    (mail,) = site.mails
    assert [one["to"][0]["email"] for one in mail["personalizations"]] == ["person1@example.org"]
    code = site.code()
    assert code in mail["text"]
    assert CAPITAL in mail["text"]
    for wrong in ("", "12345", "abcdef", "é"):
        assert site.enter_code(wrong) is CodeResult.WRONG
    assert site.enter_code(f" {code[:3]} {code[3:]} ") is CodeResult.MOVED
    assert on_file(site) == CAPITAL
    assert site.enter(CAPITAL).own
    assert site.enter_code(code) is CodeResult.USED
    assert not site.enter(HERE).own


def test_then_letters_go_from_the_new_zip(site: Site) -> None:
    site.contact("H:DC:0")
    site.move()
    site.enter_code(site.code())
    found = site.confirm(site.form(CAPITAL))
    assert isinstance(found, ActionPage)
    assert [one.office.seat for one in found.letters] == ["H:DC:0"]


def test_a_code_ends_after_three_days_and_after_too_many_tries(site: Site) -> None:
    site.move()
    code = site.code()
    site.at += new_zips.KEPT_MS
    assert site.enter_code(code) is CodeResult.ENDED
    site.at -= new_zips.KEPT_MS
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(new_zips.TRIES):
        assert site.enter_code(wrong) is CodeResult.WRONG
    assert site.enter_code(code) is CodeResult.ENDED
    assert on_file(site) == HERE
    assert site.enter_code(code, 2) is CodeResult.ENDED, "no code waits for another supporter"


def test_guesses_at_the_same_moment_count_each(site: Site) -> None:
    site.move()
    wrong = f"{(int(site.code()) + 1) % 1_000_000:06d}"
    together(*[lambda: site.enter_code(wrong)] * 8)
    assert site.rows(select(new_zip.c.tries)) == [(8,)]


def test_asking_again_mails_the_same_code_until_the_zip_is_another_one(site: Site) -> None:
    assert site.move()
    code = site.code()
    assert site.move()
    assert site.code() == code, "an email that comes late still works"
    assert site.move("77011")
    assert site.code() != code
    assert site.enter_code(code) is CodeResult.WRONG
    assert site.enter_code(site.code()) is CodeResult.MOVED
    assert on_file(site) == "77011"


def test_three_emails_and_no_more(site: Site) -> None:
    assert [site.move() for _ in range(zip_change.MAILS + 2)] == [True] * 3 + [False] * 2
    assert not site.move("77011"), "the code that was mailed stays the one that works"
    assert site.rows(select(new_zip.c.zip)) == [(CAPITAL,)]
    assert site.counts()["confirm deliveries"] == 3


def test_at_the_same_moment_one_code_is_made(site: Site) -> None:
    assert together(*[lambda: site.move()] * 3) == [True] * 3
    assert len(site.rows(select(new_zip.c.zip))) == 1


def test_a_code_that_was_used_is_not_mailed_again(site: Site) -> None:
    site.move()
    assert site.enter_code(site.code()) is CodeResult.MOVED
    assert site.drain() == []
    assert site.rows(select(delivery.c.outcome)) == [("refused",)]


def test_it_is_kept_for_three_days(site: Site) -> None:
    site.move()
    site.at += 3 * DAY
    assert retention.retain(site.database, matching=False, now=lambda _: site.at).new_zips == 1
    assert site.rows(select(new_zip.c.zip)) == []
