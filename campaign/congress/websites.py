"""Tell an office's contact form from the home page, which published lists give for offices without a known form."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urldefrag, urljoin, urlsplit

from campaign.model import Member

_HOME = {"", "/home", "/index.html", "/index.htm", "/index.php", "/index.cfm", "/default.aspx"}


def form(address: str, website: str) -> str:
    """The address, or "" if it is a home page or the member's website itself."""
    page = urlsplit(address)
    home = not page.query and page.path.rstrip("/").lower() in _HOME
    return "" if home or place(address) == place(website) else address


def join(base: str, target: str) -> str:
    """The address to which a link on the page `base` leads, without fragment; "" for one that is no address."""
    try:
        joined = urldefrag(urljoin(base, target)).url
        urlsplit(joined)
    except ValueError:
        return ""
    return joined


def check_forms(member: Member) -> Member:
    """The member, with a home page moved from `form` to `url`."""
    page = form(member.form, member.url)
    return member if page == member.form else replace(member, form=page, url=member.url or member.form)


def place(address: str) -> tuple[str, str, str]:
    """The address without scheme, www and trailing slash, for comparison."""
    page = urlsplit(address)
    return (page.hostname or "").removeprefix("www."), page.path.rstrip("/").lower(), page.query
