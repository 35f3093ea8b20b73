"""A page has an office's form only by a rule that can be stated; which links may lead there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.congress import form_pages
from tests.websites import FORM, GATE, NEWSLETTER, SEARCH, link, page

HOME = "https://adams.house.gov/"


def evidence(html: str) -> str:
    return form_pages.read(html, HOME).evidence


@pytest.mark.parametrize(
    ("html", "wanted"),
    [
        (page(FORM), "message"),
        (page("<FORM><TEXTAREA NAME=x></TEXTAREA><INPUT TYPE=EMAIL></FORM>"), "message"),
        (page('<form><textarea></textarea><input placeholder="Email address"></form>'), "message"),
        (page(GATE), "zip4"),
        (page('<form><input id="zip5"><input id="zip4"></form>'), "zip4"),
        (page('<iframe src="https://iqconnect.house.gov/iqextranet/EForm.aspx?__cid=X"></iframe>'), "vendor"),
        (page('<iframe src="https://adamsforms.house.gov/contact"></iframe>'), "vendor"),
        (page("<form><textarea></textarea><input type=email>"), "message"),
    ],
)
def test_a_form_with_a_message_and_an_email_field_or_a_zip4_gate_or_a_vendors_frame(html: str, wanted: str) -> None:
    assert evidence(html) == wanted


@pytest.mark.parametrize(
    "html",
    [
        "",
        page("<h1>Contact me</h1>"),
        SEARCH,
        NEWSLETTER,
        page("<textarea></textarea><input type=email>"),  # in no form
        page("<form><textarea></textarea></form><form><input type=email></form>"),
        page('<form><textarea name="comments"></textarea><input name="name"></form>'),
        page('<form><input name="zip"></form>'),
        page('<form><label>ZIP+4</label><input name="zip4"></form>'),
        page('<form><textarea></textarea><input type="hidden" name="email"></form>'),
        page('<iframe src="https://www.youtube.com/embed/x"></iframe>'),
        page("<!-- <form><textarea></textarea><input type=email></form> -->"),
        page("<script>'<form><textarea></textarea><input type=email></form>'</script>"),
    ],
)
def test_everything_else_is_left_to_a_person(html: str) -> None:
    assert evidence(html) == ""


def test_at_the_address_of_a_vendor_any_form_counts_that_is_not_on_the_home_page() -> None:
    address = "https://beraforms.house.gov/forms/writeyourrep/"
    gate = '<form><label>ZIP code</label><input name="zip"></form>'
    home = form_pages.read(page(""), HOME)
    assert form_pages.read(page(gate), address, known=home.forms).evidence == "vendor"
    assert form_pages.read(page(""), address, known=home.forms).evidence == ""
    assert form_pages.read(page(gate), f"{HOME}contact", known=home.forms).evidence == ""


def test_a_form_that_is_on_the_home_page_too_does_not_count() -> None:
    home = form_pages.read(page(FORM), HOME)
    assert form_pages.read(page(FORM), f"{HOME}news", known=home.forms).evidence == ""
    assert form_pages.read(page(FORM + GATE), f"{HOME}contact", known=home.forms).evidence == "zip4"


def test_links_to_write_come_before_links_to_contact_and_other_links_are_left() -> None:
    html = page(
        link("/contact", "Contact")
        + link("about#contact", "About")
        + link("/contact/newsletter", "Email updates")
        + link("/services/flag-requests", "Contact us about flags")
        + link("/contact/express-opinion", "Express your opinion")
        + link("mailto:x@example.org", "Email")
        + link("javascript:void(0)", "Contact")
        + link("https://adamsforms.house.gov/x", "<span>E-mail</span>  <b>Me</b>")
        + '<a href="/write" aria-label="Write to the office"><svg></svg></a>'
    )
    assert form_pages.read(html, HOME).links == (
        ("https://adams.house.gov/contact/express-opinion", "Express your opinion"),
        ("https://adamsforms.house.gov/x", "E-mail Me"),
        ("https://adams.house.gov/write", "Write to the office"),
        ("https://adams.house.gov/contact", "Contact"),
    )


def test_links_are_relative_to_the_base_of_the_page() -> None:
    html = '<base href="https://adams.house.gov/en/">' + link("contact#top", "Contact")
    assert form_pages.read(html, HOME).links == (("https://adams.house.gov/en/contact", "Contact"),)


PIECES = [
    "<",
    ">",
    "/",
    "a",
    "form",
    " href=",
    '"',
    "textarea",
    "&",
    "[",
    "http://",
    "]",
    "contact",
    "iframe src=",
    "\0",
]


@given(st.lists(st.sampled_from(PIECES)))
def test_any_page_can_be_read(pieces: list[str]) -> None:
    form_pages.read("".join(pieces), HOME)


@pytest.mark.parametrize("address", ["http://[", "https://[contact]/", "//[::contact", "http://a:b:c/contact"])
def test_an_address_that_is_none_is_no_link(address: str) -> None:
    html = link(address, "Contact") + link("/contact", "Contact") + f'<iframe src="{address}"></iframe>'
    assert ("https://adams.house.gov/contact", "Contact") in form_pages.read(html, HOME).links
