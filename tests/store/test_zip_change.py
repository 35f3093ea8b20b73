"""A ZIP code other than the one on file: a blank page, a draft, and a letter only with the code from the email."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from campaign.letters import drafts
from campaign.outreach.action_page import actions, zip_change
from campaign.outreach.action_page.views import ActionPage, HeldDraft, MustConfirmAgain, Stopped
from campaign.store.schema import draft, evidence, letter, suppression, visit
from tests.store.site import (
    CAPITAL,
    DAY,
    HERE,
    KEYS,
    MINUTE,
    SWITCHED,
    Site,
    together,
)

pytestmark = pytest.mark.both_databases


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
    site.act(actions.record_answer, zip=CAPITAL, letter=letter_id, answer="yes")
    site.forget(CAPITAL)
    assert site.states() == ["ready"]
    assert site.counts() == before


def test_another_persons_letter_is_not_hers_to_take_back(site: Site) -> None:
    site.write(number=2)
    letter_id = site.rows(select(letter.c.id))[0][0]
    site.act(actions.take_back, 1, zip=HERE, letter=letter_id)
    site.act(actions.record_answer, 1, zip=HERE, letter=letter_id, answer="yes")
    assert site.states(number=2) == ["ready"]


def test_the_answer_is_the_same_whoever_the_address_belongs_to_but_only_hers_is_mailed(site: Site) -> None:
    for typed in ("person2@example.org", "nobody@example.org", "not an address@"):
        site.hold(email=typed)
    assert site.counts()["draft"] == 0
    assert "email" in site.refused(site.form(CAPITAL))
    site.hold(email=" Person1@Example.org ")
    assert (site.counts()["draft"], site.counts()["letter"]) == (1, 0)
    assert site.drain() == ["code"]
    assert site.code() in site.mails[0]["text"]
    assert [one["to"][0]["email"] for one in site.mails[0]["personalizations"]] == ["person1@example.org"]


def test_the_code_confirms_the_held_letter_and_moves_her(site: Site) -> None:
    site.hold()
    for wrong in ("", "12345", "abcdef", "é"):
        assert site.code_confirms(wrong) is None
    code = site.code()
    page = site.code_confirms(f" {code[:3]} {code[3:]} ")
    assert isinstance(page, ActionPage)
    assert (page.own, [one.office.seat for one in page.letters]) == (True, ["H:DC:0"])
    assert site.rows(select(evidence.c.by)) == [("mail",)]
    assert site.code_confirms(code) is None, "it counts once"
    assert not site.enter(HERE).own
    assert site.counts()["receipt deliveries"] == 1


def test_a_code_ends_after_three_days_and_after_too_many_tries(site: Site) -> None:
    site.hold()
    code = site.code()
    site.at += drafts.KEPT_MS
    assert site.code_confirms(code) is None
    site.at -= drafts.KEPT_MS
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(drafts.TRIES):
        assert site.code_confirms(wrong) is None
    assert site.code_confirms(code) is None
    assert site.counts()["letter"] == 0


def test_guesses_at_the_same_moment_count_each(site: Site) -> None:
    site.hold()
    wrong = f"{(int(site.code()) + 1) % 1_000_000:06d}"
    together(*[lambda: site.code_confirms(wrong)] * 8)
    assert site.rows(select(draft.c.tries)) == [(8,)]


def test_nobody_gets_more_than_three_mails_about_held_letters(site: Site) -> None:
    for _ in range(zip_change.MAILS + 2):
        site.hold()
    assert site.counts()["confirm deliveries"] == zip_change.MAILS


def test_who_unsubscribed_gets_no_mail_about_a_held_letter(site: Site) -> None:
    with site.database.begin() as conn:
        hashed = KEYS.email_hash("person1@example.org")
        conn.execute(suppression.insert().values(email_hash=hashed, reason="unsubscribed", source="t", at=0))
    for zip_ in (CAPITAL, HERE):
        found = site.confirm({**site.form(zip_), "email": "person1@example.org"})
        assert isinstance(found, Stopped)
    site.at += 16 * MINUTE
    assert site.drain() == []
    assert site.counts() == {"letter": 0, "evidence": 0, "draft": 0}


def test_a_second_person_can_hold_a_letter_after_the_first_ones_was_confirmed(site: Site) -> None:
    site.hold()
    assert site.code_confirms(site.code()) is not None
    form = site.form(CAPITAL, number=2, email="person2@example.org")
    assert isinstance(site.confirm(form, 2), HeldDraft)
    assert site.counts()["confirm deliveries"] == 2


def test_two_held_at_the_same_moment_are_one_draft_and_no_error(site: Site) -> None:
    form = site.form(CAPITAL, email="person1@example.org")
    found = together(*[lambda: site.confirm(form)] * 3)
    assert [type(one) for one in found] == [HeldDraft] * 3
    assert site.counts()["draft"] == 1


def test_a_text_that_changed_while_it_was_held_is_shown_anew_and_not_sent(site: Site) -> None:
    site.at = SWITCHED - 2 * DAY
    site.hold("10001", "S:NY:1")
    code = site.code()
    site.at = SWITCHED
    again = site.code_confirms(code)
    assert isinstance(again, MustConfirmAgain)
    assert again.problems["seen"] == "changed"
    assert (again.page.own, again.page.letters, again.page.preview is None) == (True, (), False)
    assert site.counts()["letter"] == 0
