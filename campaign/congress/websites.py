"""Tell an office's contact form from the home page, which published lists give for offices without a known form."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import SplitResult, urlsplit

from campaign.model import Member

_HOME = {"", "/home", "/index.html", "/index.htm", "/index.php", "/index.cfm", "/default.aspx"}


def form(address: str, website: str) -> str:
    """The address, or "" if it is a home page or the member's website itself."""
    page = urlsplit(address)
    home = not page.query and page.path.rstrip("/").lower() in _HOME
    return "" if home or _place(page) == _place(urlsplit(website)) else address


def check_forms(member: Member) -> Member:
    """The member, with a home page moved from `form` to `url`."""
    page = form(member.form, member.url)
    return member if page == member.form else replace(member, form=page, url=member.url or member.form)


def _place(address: SplitResult) -> tuple[str, str, str]:
    """The address without scheme, www and trailing slash, for comparison."""
    return (address.hostname or "").removeprefix("www."), address.path.rstrip("/").lower(), address.query
