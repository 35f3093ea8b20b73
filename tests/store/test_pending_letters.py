"""A seat changes hands, or its lines do: which letters wait, are sent or are returned to their writers, and why."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from campaign.congress import snapshot as books
from campaign.congress.sync import invented
from campaign.outreach.action_page.views import ActionPage
from campaign.outreach.transition import letter_decision, pending_letters
from campaign.outreach.transition.pending_letters import ReviewCounts
from campaign.store.schema import evidence, letter, supporter
from tests.store.new_congress import (
    BEFORE,
    look,
    mend,
    new_house,
    on_the_eve,
    opened,
    replace_holders,
    rule,
    states,
    status,
    sync,
    wait_in_two_states,
)
from tests.store.site import ADAMS, BUDD, DAY, HERE, MINUTE, SWITCHED, Site, moment


def test_nothing_goes_to_the_house_before_its_new_members_are_known(site: Site) -> None:
    on_the_eve(site)
    assert look(site) == ReviewCounts(held=1)
    assert look(site) == ReviewCounts()
    assert states(site) == [("held", letter_decision.WAITS["house"])]
    site.at += 10 * DAY
    assert "letter" not in site.drain()
    assert (status(site).state, status(site).why, status(site).can_take_back) == ("held", "house", True)
    assert all(not office.house for office in site.enter().offices)


def test_a_worker_that_is_faster_than_the_tick_holds_it_too(site: Site) -> None:
    on_the_eve(site)
    site.at += 20 * MINUTE
    assert "letter" not in site.drain()
    assert states(site) == [("held", letter_decision.WAITS["house"])]


def test_a_letter_to_who_sits_again_goes_on_when_its_text_still_holds(site: Site) -> None:
    on_the_eve(site)
    site.do(update(letter).values(valid_until=None))
    look(site)
    sync(site, new_house())
    assert look(site) == ReviewCounts(released=1)
    site.at += 20 * MINUTE
    assert "letter" in site.drain()


@pytest.mark.parametrize(
    ("changed", "moved", "why"),
    [((ADAMS,), {}, "holder"), ((), {HERE: ("H:NC:14",)}, "lines"), ((), {HERE: (ADAMS, "H:NC:14")}, "lines")],
)
def test_a_letter_comes_back_when_member_or_lines_are_others(
    site: Site, changed: tuple[str, ...], moved: dict[str, tuple[str, ...]], why: str
) -> None:
    on_the_eve(site)
    look(site)
    sync(site, new_house(changed, moved))
    assert look(site) == ReviewCounts(returned=1)
    assert look(site) == ReviewCounts()
    (row,) = states(site)
    assert row.state == "cancelled"
    assert (status(site).state, status(site).why) == ("back", why)
    site.at += DAY
    site.drain()
    texts = [mail["text"] for mail in site.mails if mail["kind"] == "receipt"]
    assert "Your letter didn't go out." in texts[-1]
    assert "unless you read it and confirm it" in " ".join(texts[-1].split())


def test_one_click_confirms_a_new_letter_for_the_new_member_with_evidence_of_its_own(site: Site) -> None:
    on_the_eve(site)
    sync(site, new_house((ADAMS,)))
    look(site)
    one = status(site)
    assert one.office.name == "Alma S. Adams"
    assert one.new_holder is not None
    assert one.new_holder.name.endswith("Example")
    assert one.replacement is not None
    assert dict(one.typed)["story"] == "My street is afraid."
    assert "6890" not in one.replacement.text.english.ask  # the bill has died with its Congress
    posted = {
        "zip": HERE,
        "seat": one.replacement.office.seat,
        "seen": one.replacement.seen,
        "guard": "keep",
        **one.typed,
    }
    after = site.confirm(posted)
    assert isinstance(after, ActionPage)
    assert [found.state for found in after.letters] == ["back", "going"]
    assert after.letters[0].replacement is None
    rows = site.rows(select(letter.c.holder, letter.c.evidence_id, letter.c.reason).order_by(letter.c.id))
    assert rows[0] == ("A000370", 1, "another holder")
    assert rows[1][1:] == (2, "")
    hashes = site.rows(select(evidence.c.text_hash).order_by(evidence.c.id))
    assert hashes[0] != hashes[1]
    site.at += 20 * MINUTE
    assert site.drain().count("letter") == 1
    (mail,) = [mail for mail in site.mails if mail["kind"] == "letter"]
    assert "My street is afraid." in mail["text"]


def test_a_senators_letter_that_names_no_bill_goes_on_as_if_nothing_had_been(site: Site) -> None:
    on_the_eve(site, BUDD)
    assert look(site) == ReviewCounts()
    site.at += 20 * MINUTE
    assert "letter" in site.drain()


def test_a_letter_whose_text_has_ended_comes_back_with_the_other_text(site: Site) -> None:
    on_the_eve(site, BUDD)
    site.do(update(letter).values(valid_until=SWITCHED))
    assert look(site) == ReviewCounts(returned=1)
    one = status(site)
    assert (one.state, one.why, one.new_holder) == ("back", "text", None)
    assert one.replacement is not None
    assert one.replacement.text.variant == "after"


def test_what_was_given_to_a_writer_for_a_form_is_not_shown_any_more_and_may_be_written_anew(site: Site) -> None:
    site.at = BEFORE
    site.write()
    site.at = SWITCHED
    assert (status(site).state, status(site).why, status(site).text) == ("held", "house", "")
    sync(site, new_house((ADAMS,)))
    one = status(site)
    assert (one.state, one.why, one.text, one.with_writer) == ("back", "holder", "", True)
    assert one.replacement is not None
    assert look(site) == ReviewCounts()  # nothing of it waits here, and the writer may still say that it was sent


def test_a_vacant_seat_keeps_a_letter_and_a_new_member_sends_it_back(site: Site) -> None:
    site.contact()
    site.write()
    book = books.packaged()
    gone = tuple(replace(one, left="2026-11-20") for one in book.holders[ADAMS])
    sync(site, replace_holders(book, {ADAMS: gone}))
    assert look(site) == ReviewCounts(held=1)
    assert status(site).why == "vacant"
    newcomer = invented.invented_member(7, since="2026-11-23", ends="2027-01-03")
    sync(site, replace_holders(book, {ADAMS: (*gone, newcomer)}))
    assert look(site) == ReviewCounts(returned=1)
    assert status(site).replacement is not None


def test_the_incoming_rule_keeps_letters_until_the_next_term(site: Site) -> None:
    rule(site, "incoming")
    site.contact(BUDD)
    site.contact()
    site.write(seat=BUDD)  # a term that runs beyond the campaign
    site.write(seat=ADAMS)
    site.at += 20 * MINUTE
    assert look(site) == ReviewCounts(held=1)
    assert site.drain().count("letter") == 1
    assert [(one.state, one.why) for one in site.enter().letters] == [("sent", ""), ("held", "incoming")]
    site.at = SWITCHED
    sync(site, new_house((ADAMS,)))
    assert look(site) == ReviewCounts(returned=1)


def test_the_incoming_rule_hides_a_letter_for_a_form_and_tells_its_writer_when_to_bring_it(site: Site) -> None:
    rule(site, "incoming")
    site.write()
    assert (status(site).state, status(site).why, status(site).text) == ("held", "incoming", "")
    site.at += 5 * MINUTE
    site.drain()
    site.do(update(letter).values(valid_until=None))
    site.at = SWITCHED
    sync(site, new_house())
    assert look(site) == ReviewCounts(announced=1)
    assert look(site) == ReviewCounts()
    assert status(site).state == "ready"
    assert status(site).text


def test_the_rule_of_both_tells_who_wrote_that_another_one_sits_there(site: Site) -> None:
    rule(site, "both")
    site.contact()
    site.write()
    site.at += 20 * MINUTE
    assert "letter" in site.drain()
    site.at = SWITCHED
    assert look(site) == ReviewCounts()
    sync(site, new_house((ADAMS,)))
    assert look(site) == ReviewCounts(announced=1)
    assert look(site) == ReviewCounts()
    site.at += MINUTE
    site.drain()
    told = [mail["text"] for mail in site.mails if mail["kind"] == "receipt"][-1]
    assert "Rep. Alma S. Adams: sent" in told
    assert "Example holds this seat now; you can write a new letter" in told
    assert ADAMS in [office.seat for office in site.enter().offices if not office.written]


def test_thanks_to_a_candidate_wait_and_what_is_asked_goes_on(site: Site) -> None:
    race = f'\n[[candidate]]\nseat = "{ADAMS}"\nfrom = 2026-11-01\nto = 2026-12-01\n'
    mend(site, lambda files: {**files, "campaign.toml": files["campaign.toml"] + race})
    site.contact()
    site.write()
    assert look(site) == ReviewCounts()
    site.do(update(letter).values(variant="thanks-house"))
    assert look(site) == ReviewCounts(held=1)
    assert status(site).why == "race"
    site.at = moment("2026-12-02T00:00-05:00")
    assert look(site) == ReviewCounts(released=1)
    assert "letter" in site.drain()


def test_erasing_and_disowning_reach_letters_that_came_back(site: Site) -> None:
    on_the_eve(site)
    sync(site, new_house((ADAMS,)))
    look(site)
    assert site.disown() == 1
    assert site.rows(select(letter.c.words, letter.c.reason)) == [(None, "not sent by this person")]
    assert status(site).state == "withdrawn"
    assert site.forget()
    assert site.rows(select(supporter.c.email).where(supporter.c.id == site.people[0])) == [(None,)]


def test_many_letters_move_in_parts_so_that_nobody_waits_long(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending_letters, "MOST", 1)
    site.at = BEFORE
    site.contact()
    for number in (1, 2):
        site.write(number=number)
    site.at = SWITCHED
    assert look(site) == ReviewCounts(held=2)
    assert look(site) == ReviewCounts()


def test_letters_that_stay_as_they_are_keep_no_others_waiting(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending_letters, "MOST", 1)
    wait_in_two_states(site)
    sync(site, opened(site))
    assert look(site) == ReviewCounts(released=1)
    sync(site, opened(site, "NC"))
    assert look(site) == ReviewCounts(released=1), "the letter to Illinois is queued, and stays so"
