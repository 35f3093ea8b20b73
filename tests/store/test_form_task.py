"""The page of an office's own form: it is about the office that was asked for, and shows what was saved for it."""

from __future__ import annotations

from functools import partial

from campaign.outreach.action_page import actions
from campaign.outreach.action_page.view_state import PageName
from campaign.outreach.action_page.views import ActionPage
from tests.store.site import ADAMS, HERE, TILLIS, Site


def at(site: Site, page: PageName, seat: str) -> ActionPage:
    return site.act(partial(actions.enter, page=page), zip=HERE, seat=seat)


def test_a_form_shows_the_letter_of_its_office_signed_by_who_reads_it(site: Site) -> None:
    task = at(site, "form", TILLIS).form
    assert task is not None
    assert task.office.seat == TILLIS
    assert task.text.startswith("Dear Senator Tillis,")
    assert "Person 1 Ruiz" in task.text


def test_a_saved_letter_is_what_its_form_page_copies(site: Site) -> None:
    site.write(seat=TILLIS, by="form", story="I teach here.")
    page = at(site, "form", TILLIS)
    assert page.office is not None
    assert page.form is not None
    assert (page.office.seat, page.form.office.seat) == (TILLIS, TILLIS)
    assert "I teach here." in page.form.text
    assert [letter.state for letter in page.letters] == ["ready"]
    assert "I teach here." not in (at(site, "form", ADAMS).form or page.form).text


def test_the_letter_page_has_only_the_offices_that_take_letters_from_us(site: Site) -> None:
    site.contact(ADAMS)
    assert [letter.office.seat for letter in at(site, "letter", "").previews] == [ADAMS]
    assert at(site, "letter", TILLIS).previews == ()
