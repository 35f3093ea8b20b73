"""Whether an address is an office's own contact form, or only the home page of its website.

The published lists give the home page where they know no form. It must not be offered as a form.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import SplitResult, urlsplit

from campaign.model import Member

_HOME = {"", "/home", "/index.html", "/index.htm", "/index.php", "/index.cfm", "/default.aspx"}


def form(address: str, website: str) -> str:
    """The address if it leads to a page of its own; "" if it is a home page, or the member's website itself."""
    page = urlsplit(address)
    at_home = not page.query and page.path.rstrip("/").lower() in _HOME
    return "" if at_home or _place(page) == _place(urlsplit(website)) else address


def check_forms(member: Member) -> Member:
    """The member with `form` empty where only the website is known, and that website in `url`."""
    found = form(member.form, member.url)
    return member if found == member.form else replace(member, form=found, url=member.url or member.form)


def _place(address: SplitResult) -> tuple[str, str, str]:
    """The address without https, www and a trailing slash, so that two addresses of one page are equal."""
    return (address.hostname or "").removeprefix("www."), address.path.rstrip("/").lower(), address.query
