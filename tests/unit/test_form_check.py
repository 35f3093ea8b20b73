"""The check of a member's website: where it looks, what it takes for the form, and where it never goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from campaign.congress import form_check
from campaign.congress.form_check import FormFinding, SiteReader, on_congress
from campaign.model import Member
from tests.unit.compose_samples import seat
from tests.websites import FORM, GATE, Websites, link, page, serving

ADAMS = "H:NC:12"


@pytest.fixture
def web() -> Iterator[Websites]:
    with serving() as made:
        yield made


def look(web: Websites, form: str = "", code: str = ADAMS) -> FormFinding:
    return form_check.look(web.reader(), code, member(web, form))


def member(web: Websites, form: str = "") -> Member:
    holder = seat().holder
    assert holder is not None
    return replace(holder, url=f"{web.base}/", form=f"{web.base}{form}" if form else "")


def test_a_link_of_the_home_page_leads_to_the_form(web: Websites) -> None:
    web.pages = {"/": page(link("/say-hello", "Email Alma")), "/say-hello": page(FORM)}
    found = look(web)
    assert (found.result, found.new) == ("found", f"{web.base}/say-hello")
    assert found.why == "a form with a message and an email field, linked from the home page as “Email Alma”"
    assert web.asked == ["/", "/say-hello"], "no more than needed"
    assert (found.old, found.needs) == ("", ())


def test_a_contact_page_leads_one_link_further(web: Websites) -> None:
    web.pages = {
        "/": page(link("/offices-and-contact", "Contact")),
        "/offices-and-contact": page("<h1>Offices</h1>" + link("/a1", "Send an email")),
        "/a1": page(link("/a2", "Email, really")),
        "/a2": page(FORM),
    }
    assert look(web).result == "none", "and no link further than that"
    web.pages["/a1"] = page(GATE)
    found = look(web)
    assert (found.result, found.new, found.needs) == ("found", f"{web.base}/a1", ("zip4",))


@pytest.mark.parametrize("path", form_check.PATHS["H"])
def test_a_path_that_other_members_use_is_tried(web: Websites, path: str) -> None:
    web.pages = {"/": page(""), f"/{path}": page(FORM)}
    found = look(web)
    assert (found.result, found.new) == ("found", f"{web.base}/{path}")
    assert found.why.endswith("at a usual path")


def test_the_paths_of_senators_are_their_own(web: Websites) -> None:
    web.pages = {"/": page(""), "/share-your-opinion": page(FORM), "/contact/email-me": page(FORM)}
    assert look(web, code="S:NC:3").new == f"{web.base}/share-your-opinion"


def test_a_redirect_is_followed_and_its_end_is_the_address(web: Websites) -> None:
    web.pages = {"/": page(""), "/contact": "/contact/write?x=1#form", "/contact/write?x=1": page(FORM)}
    assert look(web).new == f"{web.base}/contact/write?x=1"
    for nowhere in ("/contact", "http://[", "//[x]/"):
        web.pages["/contact"] = nowhere
        assert look(web).result == "none", "a circle ends, and so does a redirect to nowhere"


def test_a_website_never_leads_to_another_place(web: Websites) -> None:
    with serving({"/": page(FORM), "/contact": page(FORM)}) as other:
        web.pages = {"/": page(link(f"{other.base}/contact", "Contact")), "/contact": f"{other.base}/contact"}
        assert look(web).result == "none"
        web.pages["/"] = f"{other.base}/"
        found = look(web)
        assert found.result == "down"
        assert "not asked" in found.why
        assert other.asked == []


def test_a_home_page_in_the_place_of_a_missing_page_is_no_form(web: Websites) -> None:
    """Websites that answer every path with their home page, or with one form for all, have no form that is certain."""
    web.pages = {"/": page(FORM)}
    web.pages |= {f"/{path}": "/" for path in form_check.PATHS["H"]}
    assert look(web).result == "none"
    web.pages |= {f"/{path}": page(FORM) for path in form_check.PATHS["H"]}
    assert look(web).result == "none"


def test_a_form_on_file_that_is_still_there_is_one_request(web: Websites) -> None:
    web.pages = {"/": page(link("/other", "Email me")), "/other": page(FORM), "/mine": page(FORM)}
    found = look(web, "/mine")
    assert (found.result, found.new, web.asked) == ("same", f"{web.base}/mine", ["/mine"])


def test_a_form_on_file_that_moved_is_followed_or_searched_again(web: Websites) -> None:
    web.pages = {"/": page(link("/new", "Email me")), "/new": page(FORM), "/old": "/newer", "/newer": page(FORM)}
    found = look(web, "/old")
    assert (found.result, found.new) == ("found", f"{web.base}/newer")
    web.pages["/old"] = 404
    found = look(web, "/old")
    assert (found.result, found.new) == ("found", f"{web.base}/new")
    assert "/old answered with status 404; a form with a message" in found.why
    web.pages["/old"] = page("We moved")
    found = look(web, "/old")
    assert found.why.startswith("the page on file is no form; ")


@pytest.mark.parametrize("status", [403, 404, 429, 500, 503])
def test_a_website_that_does_not_answer_is_not_searched(web: Websites, status: int) -> None:
    web.pages = {"/": status, "/contact": page(FORM)}
    found = look(web)
    assert (found.result, found.new, web.asked) == ("down", "", ["/"])
    assert f"answered with status {status}" in found.why


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_website_that_is_busy_is_left_alone_at_once(web: Websites, status: int) -> None:
    web.pages = {"/": page(""), "/contact": status, "/contact/email": page(FORM)}
    assert (look(web).result, web.asked) == ("down", ["/", "/contact"])


def test_a_connection_that_fails_says_nothing_of_the_form() -> None:
    with serving() as gone:
        pass
    assert look(gone).result == "down"


def test_a_website_of_many_links_is_given_up(web: Websites) -> None:
    web.pages = {"/": page("".join(link(f"/contact-{number}", "Contact") for number in range(100)))}
    assert look(web).result == "none"
    assert len(web.asked) == form_check.MOST


def test_there_is_one_request_a_second_and_it_names_the_project(web: Websites) -> None:
    waits: list[float] = []
    reader = SiteReader(lambda url: url.startswith(web.base), sleep=waits.append)
    web.pages = {"/": "/home", "/home": page(link("/form", "Email")), "/form": page(FORM)}
    assert form_check.look(reader, ADAMS, member(web)).result == "found"
    assert len(waits) == reader.requests == 3, "a redirect counts too"
    assert waits[0] == 0
    assert all(0.9 < wait <= 1 for wait in waits[1:])
    assert web.agents == {form_check.AGENT}
    assert form_check.AGENT.startswith("campaign/")


@pytest.mark.parametrize(
    "url",
    ["https://adams.house.gov/contact", "https://adamsforms.house.gov/x?y=1", "https://www.tillis.senate.gov/public"],
)
def test_members_websites_may_be_asked(url: str) -> None:
    assert on_congress(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://adams.house.gov/",
        "https://adams.house.gov.example.org/",
        "https://example.org/?x=.house.gov",
        "https://adams.house.gov@example.org/",
        "https://user@adams.house.gov/",
        "https://adams.house.gov:8443/",
        "https://adams.house.gov:x/",
        "https://evilhouse.gov/",
        "https://house.gov/",
        "https://www.house.gov/representatives/find-your-representative",
        "https://writerep.house.gov/",
        "https://127.0.0.1/",
        "ftp://adams.house.gov/",
        "https://[adams.house.gov/",
        "",
    ],
)
def test_nothing_else_may(url: str) -> None:
    assert not on_congress(url)
    with pytest.raises(form_check.NotAsked):
        SiteReader().open(url)


def test_a_form_on_a_host_that_is_not_the_members_is_not_theirs() -> None:
    home = "https://adams.house.gov/"
    assert form_check._own("https://www.adams.house.gov/contact", home)
    assert form_check._own("https://adamsforms.house.gov/contact", home)
    assert form_check._own("https://forms.house.gov/adams/webforms/contact.shtml", home)
    assert form_check._own("https://iqconnect.house.gov/iqextranet/EForm.aspx?x", home)
    assert not form_check._own("https://judiciary.house.gov/contact", home)
