"""Letters to offices whose form takes few characters: what was shown is what is kept, and it fits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaign.compose.messages import letter, short_form
from campaign.outreach.action_page import actions
from campaign.outreach.action_page.check_form import check
from campaign.outreach.action_page.context import load_context
from campaign.outreach.action_page.views import LetterPreview, MustConfirmAgain
from campaign.states import Fate
from tests import build
from tests.store.site import KEYS, MINUTE, Site, site

__all__ = ["site"]

MCCONNELL, PAUL, WARNER = "S:KY:2", "S:KY:3", "S:VA:2"  # their forms take 3,000, 1,200 and 500 characters
HOMES = {MCCONNELL: "40202", PAUL: "40202", WARNER: "22201"}


def at_home(site: Site, seat: str) -> LetterPreview:
    """The letter to this seat for somebody who lives there, the last of the people."""
    with site.database.begin() as conn:
        hashed = KEYS.email_hash("person3@example.org")
        site.people += build.add_people(conn, [3], email_hash=hashed, zip=HOMES[seat])
    return _sheet(site, seat)


def _sheet(site: Site, seat: str) -> LetterPreview:
    found = site.enter(HOMES[seat], seat, 3).preview
    assert found is not None
    return found


def form(site: Site, seat: str, **changes: str) -> dict[str, str]:
    return site.form(HOMES[seat], seat, 3, **changes)


def kept(site: Site, seat: str) -> str:
    (one,) = site.enter(HOMES[seat], number=3).letters
    assert one.office.seat == seat
    return one.text


@pytest.mark.parametrize("seat", HOMES)
@pytest.mark.parametrize("tongue", ["en", "es"])
def test_what_was_shown_is_kept_and_fits_the_form(site: Site, seat: str, tongue: str) -> None:
    sheet = at_home(site, seat)
    assert sheet.takes in (3000, 1200, 500)
    assert bool(sheet.text.left_out) == (sheet.takes < 3000)
    story = "Vivo aquí desde hace años."
    site.write(HOMES[seat], seat, 3, story=story, tongue=tongue)
    text = kept(site, seat)
    assert short_form.length(text) <= sheet.takes
    assert text.startswith(letter.summary(sheet.text)) == (tongue == "es")
    shown = sheet.text.english
    parts = (shown.salutation, shown.ask, story, *shown.facts[:1], shown.reply, shown.closing)
    assert sorted(parts, key=text.index) == list(parts)


def test_more_own_words_make_it_shorter_and_the_page_asks_once_more(site: Site) -> None:
    sheet = at_home(site, PAUL)
    story = "x" * (sheet.beside + 1)
    again = site.confirm(form(site, PAUL, story=story), 3)
    assert isinstance(again, MustConfirmAgain)
    assert again.problems == {"seen": "refit"}
    shorter = again.page.preview
    assert shorter is not None
    assert len(shorter.text.left_out) > len(sheet.text.left_out)
    site.confirm(form(site, PAUL, story=story, seen=shorter.seen), 3)
    assert short_form.length(kept(site, PAUL)) <= sheet.takes
    assert story in kept(site, PAUL)


def test_a_shorter_text_that_was_read_stays_when_the_own_words_shrink(site: Site) -> None:
    sheet = at_home(site, PAUL)
    again = site.confirm(form(site, PAUL, story="x" * sheet.limit), 3)
    assert isinstance(again, MustConfirmAgain)
    assert again.page.preview is not None
    site.confirm(form(site, PAUL, story="Short.", seen=again.page.preview.seen), 3)
    assert kept(site, PAUL).count("\n\n") == 4  # salutation, ask, personal note, question, closing


def test_own_words_that_no_text_has_room_for_are_told_and_nothing_is_cut(site: Site) -> None:
    sheet = at_home(site, WARNER)
    assert 0 < sheet.limit < 400
    again = site.confirm(form(site, WARNER, story="x" * (sheet.limit + 7)), 3)
    assert isinstance(again, MustConfirmAgain)
    assert again.problems == {"story": "story-long"}
    assert again.page.preview is not None
    assert again.page.preview.over == 7
    assert site.counts()["letter"] == 0


def test_a_letter_that_comes_back_from_a_mailbox_tells_that_it_is_longer_than_the_form(site: Site) -> None:
    site.contact(WARNER)
    assert at_home(site, WARNER).takes == 0
    site.write(HOMES[WARNER], WARNER, 3)
    site.at += 16 * MINUTE
    site.drain()
    site.tell(Fate.BOUNCED)
    site.follow()
    (one,) = site.enter(HOMES[WARNER], number=3).letters
    assert (one.state, one.over) == ("ready", short_form.length(one.text) - 500)
    site.act(actions.take_back, 3, zip=HOMES[WARNER], letter=one.letter)
    site.write(HOMES[WARNER], WARNER, 3)
    assert site.enter(HOMES[WARNER], number=3).letters[-1].over == 0


def test_a_form_that_takes_no_letter_is_refused(site: Site) -> None:
    at_home(site, WARNER)
    filled = form(site, WARNER)
    shown = site.enter(HOMES[WARNER], WARNER, 3)
    assert shown.preview is not None
    full = replace(shown, previews=(replace(shown.preview, fits=False),))
    with site.visiting(3) as (conn, visit):
        again = check(load_context(conn, visit, HOMES[WARNER]), full, filled)
    assert isinstance(again, MustConfirmAgain)
    assert again.problems == {"seen": "no-room"}
