"""Read a page of an office's website: whether it has the office's contact form, and its links to pages that may.

A page has the form if one of these is true. Otherwise a person has to look:
- a `<form>` has a message field (`textarea`) and a field for an email address
- a `<form>` asks for ZIP code and ZIP+4, as the first step of many House forms does
- the page is at an address of a vendor of the House or Senate (`VENDORS`) and has a `<form>`, or shows one in a frame
Forms that are also on the home page don't count: they are for newsletters and searches.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Literal
from urllib.parse import urlsplit

from campaign.congress import websites

Evidence = Literal["", "message", "zip4", "vendor"]
EVIDENCE: dict[Evidence, str] = {
    "message": "a form with a message and an email field",
    "zip4": "a form that asks for ZIP+4 first",
    "vendor": "a form of a vendor",
}
VENDORS = re.compile(r"iqextranet|iqconnect|/webforms/|writeyourrep|//[a-z0-9-]+forms\.(house|senate)\.gov/", re.I)

_EMAIL = re.compile(r"e-?_?mail", re.I)
_ZIP4 = re.compile(r"zip_?-?(4|four)|plus_?-?4|zip\s*\+\s*4", re.I)
_WRITE = re.compile(r"e-?mail|write|message|opinion|contact[-_ ]?form", re.I)
_CONTACT = re.compile(r"contact|get in touch|connect with", re.I)
_OTHER = re.compile(  # pages with forms for something else
    r"newsletter|subscri|sign[-_ ]?up|nominat|casework|copyright|help[-_ ]with|\.pdf|schedul|internship"
    r"|\b(alert|update|flag|tour|press|media|speak|meeting|event|intern|academy|agency|passport|privacy|grant)(s|ing)?\b",
    re.I,
)


@dataclass(slots=True)
class _Form:
    action: str
    fields: list[str] = field(default_factory=list)  # type, name, id and placeholder of each
    labels: list[str] = field(default_factory=list)
    textarea: bool = False

    @property
    def evidence(self) -> Evidence:
        if self.textarea and any(map(_EMAIL.search, [*self.fields, *self.labels])):
            return "message"
        zips = [text for text in self.fields if "zip" in text.lower() or _ZIP4.search(text)]
        return "zip4" if len(zips) > 1 and any(map(_ZIP4.search, zips)) else ""

    @property
    def mark(self) -> tuple[str, ...]:
        return (self.action, *self.fields)


@dataclass(frozen=True, slots=True)
class SitePage:
    """What a page says. `links`: addresses that may lead to the form, the most promising first, each with its text.
    `forms`: identifies its forms.
    """

    evidence: Evidence
    links: tuple[tuple[str, str], ...]
    forms: frozenset[tuple[str, ...]]


def read(html: str, address: str, *, known: Collection[tuple[str, ...]] = ()) -> SitePage:
    """The page at this address. `known`: the forms of the home page, which do not count."""
    parser = _Parser()
    parser.feed(html)
    parser.close()
    forms = [form for form in parser.forms if form.mark not in known]
    frames = [websites.join(address, source) for source in parser.frames]
    evidence: Evidence = next((form.evidence for form in forms if form.evidence), "")
    if not evidence and any(map(VENDORS.search, [address, *frames] if forms else frames)):
        evidence = "vendor"
    return SitePage(evidence, tuple(_links(parser, address)), frozenset(form.mark for form in parser.forms))


def _links(parser: _Parser, address: str) -> list[tuple[str, str]]:
    base = websites.join(address, parser.base)
    found: dict[str, str] = {}
    for target, text in parser.links:
        page = websites.join(base, target)
        words = f"{text} {urlsplit(page).path}"
        if page.startswith("http") and not _OTHER.search(words) and (_WRITE.search(words) or _CONTACT.search(words)):
            found.setdefault(page, text)
    return sorted(found.items(), key=lambda link: not _WRITE.search(f"{link[1]} {urlsplit(link[0]).path}"))


class _Parser(HTMLParser):
    """Collects forms, links and frames; what is not well-formed is read as far as it goes."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[_Form] = []
        self.links: list[tuple[str, str]] = []
        self.frames: list[str] = []
        self.base = ""
        self._form: _Form | None = None
        self._link: tuple[str, list[str]] | None = None
        self._label: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = _Form(values.get("action", ""))
            self.forms.append(self._form)
        elif tag in ("input", "textarea", "select") and self._form is not None:
            self._form.textarea |= tag == "textarea"
            if values.get("type", "").lower() not in ("hidden", "submit", "button", "image"):
                names = ("type", "name", "id", "placeholder", "aria-label", "autocomplete")
                self._form.fields.append(" ".join(values[name] for name in names if values.get(name)))
        elif tag == "label":
            self._label = []
        elif tag == "a" and values.get("href"):
            self._link = (values["href"], [values.get("aria-label", ""), values.get("title", "")])
        elif tag in ("iframe", "frame") and values.get("src"):
            self.frames.append(values["src"])
        elif tag == "base" and values.get("href"):
            self.base = values["href"]

    def handle_data(self, data: str) -> None:
        if self._link is not None:
            self._link[1].append(data)
        if self._label is not None:
            self._label.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "a" and self._link is not None:
            self.links.append((self._link[0], " ".join(" ".join(self._link[1]).split())))
            self._link = None
        elif tag == "label" and self._label is not None:
            if self._form is not None:
                self._form.labels.append(" ".join(self._label))
            self._label = None
