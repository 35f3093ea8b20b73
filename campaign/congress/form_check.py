"""Look for the contact form on a member's own website, one request a second and only on sites of Congress.

First the form on file, then the home page's links named contact, email, write and the like (`form_pages`), then paths
that forms of other members have; a page that one of these leads to may lead one link further. What counts as the form
is in `form_pages`. Paths: unitedstates/contact-congress, 6c4c16d of 2026-08-13.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from campaign import __version__
from campaign.congress import fetch_url, form_pages, websites
from campaign.congress.fetch_url import Down
from campaign.congress.form_pages import EVIDENCE, VENDORS, Evidence, SitePage
from campaign.model import Member

AGENT = f"campaign/{__version__} (looks for members' contact forms, one request a second)"
PAUSE, SECONDS, REDIRECTS = 1.0, 20.0, 5
MOST = 15  # requests for one member, after which a person has to look
PATHS = {
    "H": (
        *("contact", "contact/email-me", "contact/email", "contact-me/email-me", "email-me", "forms/writeyourrep"),
        "contact/contactform.htm",
    ),
    "S": ("share-your-opinion", "contact/contact-form", "contact/email", "contact/share-your-opinion", "contact"),
}
# Sites of the whole House or Senate, which have no member's form.
_GENERAL = {f"{name}.house.gov" for name in ("www", "writerep", "ziplook", "clerk")} | {"www.senate.gov"}
_NO_PAGE = (403, 404, 405, 410)

Result = Literal["found", "same", "none", "down"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FormFinding:
    """What a member's website has. `old`: the form on file, "" for none; `new`: the one found there, "" for none.

    "none": nothing that certainly is the form; "down": the website did not answer as it should.
    """

    seat: str
    bioguide: str
    name: str
    website: str
    old: str
    new: str
    result: Result
    why: str
    needs: tuple[str, ...] = ()  # what the form certainly asks for


def on_congress(url: str) -> bool:
    """Whether it is an https address of one member's or office's site of the House or Senate."""
    try:
        page = urlsplit(url)
        plain = page.port is None and page.username is None
    except ValueError:
        return False
    host = page.hostname or ""
    sites = host.endswith((".house.gov", ".senate.gov")) and host not in _GENERAL
    return page.scheme == "https" and plain and sites


class NotAsked(Down):
    """The address is not one that may be asked."""


class SiteReader:
    """Opens pages, one request in `pause` seconds, of addresses that `may_ask` allows. `sleep` waits, in seconds."""

    def __init__(
        self,
        may_ask: Callable[[str], bool] = on_congress,
        *,
        agent: str = AGENT,
        pause: float = PAUSE,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.requests = 0
        self._may_ask, self._agent, self._pause, self._sleep = may_ask, agent, pause, sleep
        self._next = 0.0

    def open(self, url: str) -> tuple[str, str]:
        """(address after redirects, its HTML). Raises Down for anything else."""
        for _ in range(REDIRECTS + 1):
            if not self._may_ask(url):
                raise NotAsked("it leads to another site, which is not asked")
            reply = self._get(url)
            if 300 <= reply.status < 400 and reply.location:
                url = websites.join(url, reply.location)
            elif reply.status != 200:
                raise Down(f"{url} answered with status {reply.status}", reply.status)
            else:
                return url, reply.html
        raise Down("it redirects in a circle", 404)

    def _get(self, url: str) -> fetch_url.WebPage:
        self._sleep(max(0.0, self._next - time.monotonic()))
        self.requests += 1
        try:
            return fetch_url.page(url, agent=self._agent, seconds=SECONDS)
        finally:
            self._next = time.monotonic() + self._pause


def look(site: SiteReader, seat: str, member: Member) -> FormFinding:
    """What the member's website has."""
    broken = ""
    if member.form:
        url, evidence, broken = _still(site, member.form)
        if evidence:
            same = websites.place(url) == websites.place(member.form)
            why = EVIDENCE[evidence] if same else f"{EVIDENCE[evidence]}, to which the one on file leads"
            return _finding(seat, member, "same" if same else "found", why, new=url, evidence=evidence)
    try:
        url, how, evidence = _search(site, seat, member)
    except Down as down:
        return _finding(seat, member, "down", f"{broken}{down}")
    if evidence:
        return _finding(seat, member, "found", f"{broken}{EVIDENCE[evidence]}, {how}", new=url, evidence=evidence)
    return _finding(seat, member, "none", f"{broken}no page of the website certainly has the form")


def _still(site: SiteReader, form: str) -> tuple[str, Evidence, str]:
    """(where it leads, the evidence that this is a form, or else why it is none)."""
    try:
        url, html = site.open(form)
    except Down as down:
        return form, "", f"the form on file: {down}; "
    return url, form_pages.read(html, url).evidence, "the page on file is no form; "


def _search(site: SiteReader, seat: str, member: Member) -> tuple[str, str, Evidence]:
    """(the form, how it was found, the evidence), or no evidence. Raises Down if the website does not answer."""
    first = site.requests
    home, html = site.open(member.url)
    start = form_pages.read(html, home)
    queue = deque([*_links(start, "linked from the home page"), *_paths(seat, home)])
    seen = {websites.place(url) for url in (home, member.url, member.form)}
    while queue and site.requests - first < MOST:
        url, how, leads_on = queue.popleft()
        if websites.place(url) in seen:
            continue
        seen.add(websites.place(url))
        try:
            url, html = site.open(url)
        except Down as down:
            if down.status in _NO_PAGE or isinstance(down, NotAsked):
                continue
            raise
        seen.add(websites.place(url))
        if not websites.form(url, home) or not _own(url, home):
            continue
        page = form_pages.read(html, url, known=start.forms)
        if page.evidence:
            return url, how, page.evidence
        if leads_on:
            queue.extendleft(reversed([*_links(page, f"linked from {url}", leads_on=False)]))
    return "", "", ""


def _links(page: SitePage, how: str, *, leads_on: bool = True) -> Iterator[tuple[str, str, bool]]:
    return ((url, f"{how} as “{text}”" if text else how, leads_on) for url, text in page.links)


def _paths(seat: str, home: str) -> Iterator[tuple[str, str, bool]]:
    return ((websites.join(home, f"/{path}"), "at a usual path", True) for path in PATHS[seat[0]])


def _own(url: str, home: str) -> bool:
    """Whether a page belongs to the website: the same host, one named after it, or a vendor's."""
    page, host = urlsplit(url), (urlsplit(home).hostname or "").removeprefix("www.")
    whole = f"{page.hostname}{page.path}".lower()
    return (
        (page.hostname or "").removeprefix("www.") == host or host.split(".")[0] in whole or bool(VENDORS.search(url))
    )


def _finding(
    seat: str, member: Member, result: Result, why: str, *, new: str = "", evidence: Evidence = ""
) -> FormFinding:
    return FormFinding(
        seat=seat,
        bioguide=member.bioguide,
        name=member.name,
        website=member.url,
        old=member.form,
        new=new,
        result=result,
        why=why,
        needs=("zip4",) if evidence == "zip4" else (),
    )
