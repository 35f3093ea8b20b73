"""Pages in English and Spanish: words from templates/web/words.toml, style and script inline, all of it from here."""

from __future__ import annotations

import re
import tomllib
from base64 import b64encode
from collections.abc import Hashable, Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any, Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_timedelta
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType
from litestar.types import Message, Scope
from markupsafe import Markup, escape

from campaign import links
from campaign.clock import WASHINGTON, washington_day
from campaign.config import ROOT
from campaign.model import DELEGATES
from campaign.outreach.action_page.views import OfficeView
from campaign.web import brand, share
from campaign.web.compressed import Compressed
from campaign.web.guards import WebRequest

LANGUAGES = ("en", "es")
RENDERED = 64  # pages that are the same for many visitors
_FOLDER = ROOT / "templates" / "web"
_STYLES = {name: (_FOLDER / f"{name}.css").read_text(encoding="utf-8") for name in ("style", "report")}
_COPY_SCRIPT = (_FOLDER / "copy.js").read_text(encoding="utf-8")


def _hashed(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


@lru_cache(maxsize=16)
def _policy(*styles: str) -> str:
    """What a page may load. `styles`: the text of its inline styles, besides ours."""
    return "; ".join(
        [
            "default-src 'none'",
            f"style-src {' '.join(map(_hashed, (*_STYLES.values(), *styles)))}",
            f"script-src {_hashed(_COPY_SCRIPT)}",
            "img-src 'self' data:",  # a campaign's logo, and the icon
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ]
    )


HEADERS = {
    "Content-Security-Policy": _policy(),
    "Referrer-Policy": "no-referrer",  # the address of a page is a key to it
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
}
_PLACEHOLDER = re.compile(r"(?<!\S)\([^()]+\)")
_RAW_HEADERS = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]


class _Words(dict[str, Any]):
    """A table of words. Templates write its keys as attributes."""

    def __init__(self, *words: Any) -> None:
        super().__init__(*words)
        self.__dict__ = self


def _in(language: str, node: Any) -> Any:
    """The words of one language: a table with exactly en and es is a text, any other table holds more tables."""
    if node.keys() == set(LANGUAGES):
        return node[language]
    return _Words((key, _in(language, below)) for key, below in node.items())


_words = tomllib.loads((_FOLDER / "words.toml").read_text(encoding="utf-8"))
WORDS = {language: _in(language, _words) for language in LANGUAGES}


def day(ms: int, lang: str) -> str:
    """A day in Washington, in words."""
    return _date(washington_day(ms), "long", lang)


@lru_cache(maxsize=1024)
def _date(at: date, pattern: str, lang: str) -> str:
    return format_date(at, pattern, locale=f"{lang}_US")


def clock(ms: int, lang: str, zone: str = WASHINGTON.key) -> str:
    """A time of day, in Washington by default: 2:27 p.m., 5 p.m.; in Spanish with its article: la 1:05 p. m."""
    at = datetime.fromtimestamp(ms / 1000, ZoneInfo(zone))
    hour, half = at.hour % 12 or 12, "a" if at.hour < 12 else "p"
    minutes = f":{at.minute:02}" if at.minute else ""
    if lang == "en":
        return f"{hour}{minutes}\N{NO-BREAK SPACE}{half}.m."
    return f"{'la' if hour == 1 else 'las'} {hour}{minutes}\N{NO-BREAK SPACE}{half}.\N{NO-BREAK SPACE}m."


def dated(iso_day: str, lang: str) -> str:
    """A day in words, with the day of the week: Wednesday, December 16; miércoles 16 de diciembre."""
    pattern = "EEEE, MMMM d" if lang == "en" else "EEEE d 'de' MMMM"
    return _date(date.fromisoformat(iso_day), pattern, lang)


def postmark(ms: int, lang: str) -> str:
    """A day in Washington as a postmark has it: NOV 30, 30 NOV."""
    pattern = "MMM d" if lang == "en" else "d MMM"
    return _date(washington_day(ms), pattern, lang).replace(".", "").upper()


def weekday(ms: int, lang: str, zone: str = WASHINGTON.key) -> str:
    """The day of the week there."""
    return _date(datetime.fromtimestamp(ms / 1000, ZoneInfo(zone)).date(), "EEEE", lang)


@lru_cache(maxsize=64)
def span(seconds: float, lang: str) -> str:
    """A duration in words, in its largest unit."""
    return format_timedelta(timedelta(seconds=seconds), locale=f"{lang}_US")


def _role(office: OfficeView) -> str:
    return DELEGATES.get(office.state, "house") if office.house else "senate"


def named(office: OfficeView, lang: str) -> str:
    """Title and name: Senator Ted Budd, Senador Ted Budd."""
    return _titled(office, lang, untitled="")


def to(office: OfficeView, lang: str) -> str:
    """Title and name after "to": "to Senator Ted Budd", "al senador Ted Budd"."""
    return _titled(office, lang, untitled="a ", prefix="to_")


def short(office: OfficeView, lang: str, case: Literal["", "to", "of"] = "") -> str:
    """Title and last name: Rep. Adams, la representante Adams. `case`: to Rep. Adams, a la representante Adams; or
    Rep. Adams’, de la representante Adams.
    """
    roles = WORDS[lang]["role"]
    if lang == "en":
        name = f"{roles['short'][_role(office)]}\N{NO-BREAK SPACE}{office.last_name}"
        return {"": name, "to": f"to {name}", "of": f"{name}’" if name.endswith("s") else f"{name}’s"}[case]
    if office.gender not in roles:
        return {"": "", "to": "a ", "of": "de "}[case] + office.name
    whom = f"{roles[office.gender]['to_' + _role(office)]} {office.last_name}"  # al representante, a la senadora
    return {"": f"e{whom[1:]}" if whom.startswith("al ") else whom[2:], "to": whom, "of": f"de{whom[1:]}"}[case]


def listed(offices: Iterable[OfficeView], lang: str, case: Literal["", "to"] = "") -> str:
    """Several members by last name: to Rep. Adams and Sen. Budd, a la representante Adams y al senador Budd."""
    names = [short(office, lang, case if lang == "es" else "") for office in offices]
    whole = f" {WORDS[lang]['list']['and']} ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    return f"to {whole}" if case and lang == "en" else whole


def _titled(office: OfficeView, lang: str, *, untitled: str, prefix: str = "") -> str:
    """Title and name. If the gender is not in the data, Spanish uses the bare name, which needs no article."""
    roles = WORDS[lang]["role"]
    if office.gender not in roles and lang == "es":
        return f"{untitled}{office.name}"
    return f"{roles[office.gender if office.gender in roles else 'M'][prefix + _role(office)]} {office.name}"


def pronoun(office: OfficeView, lang: str, case: Literal["he", "him", "his"]) -> str:
    """he, him or his, and so on; they, them or their if the gender is not in the data."""
    pronouns = WORDS[lang]["pronoun"]
    text: str = pronouns[office.gender if office.gender in pronouns else "N"][case]
    return text


def district(office: OfficeView, lang: str) -> str:
    """Whom a House member represents: Illinois’s 4th District, all of Wyoming."""
    words, place, number = WORDS[lang]["district"], WORDS[lang]["place"][office.state], office.district
    if number == 0:
        return str(words["delegate" if office.state in DELEGATES else "whole"]).format(place=place)
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return str(words["one"]).format(place=place, number=number, ordinal=f"{number}{ending}")


def why(office: OfficeView, lang: str, zip_code: str) -> str:
    """Why the supporter may write there: whom the member represents, and what this has to do with the supporter."""
    key = office.why if office.why in ("chosen", "address") else "district"
    if not office.house:
        key = "state"
    elif office.district == 0:
        key = "delegate" if office.state in DELEGATES else "whole"
    place = WORDS[lang]["place"][office.state]
    text: str = WORDS[lang]["why"][key].format(district=district(office, lang), place=place, zip=zip_code)
    return text[0].upper() + text[1:]


def days_left(until: int, now: int) -> int:
    """Days in Washington from `now` to the day of `until`: 0 on that day, negative afterwards."""
    return (washington_day(until) - washington_day(now)).days


def placeholders(text: str) -> Markup:
    """A line of a call script. What the caller has to fill in, such as (your name), is marked; 287(g) is not."""
    return Markup(_PLACEHOLDER.sub(r"<mark>\g<0></mark>", str(escape(text))))  # noqa: S704 - escaped before


def tel(phone: str) -> str:
    """The address that a phone dials."""
    digits = "".join(filter(str.isdigit, phone))
    return f"tel:+1{digits.removeprefix('1') if len(digits) == 11 else digits}"


_pages = Environment(loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, auto_reload=False)
_pages.globals.update(
    words=WORDS,
    style=Markup(_STYLES["style"]),  # noqa: S704 - our own file
    report_style=Markup(_STYLES["report"]),  # noqa: S704 - our own file
    share_links=share.share_links,
    open_address=links.open_page,
    copy_script=Markup(_COPY_SCRIPT),  # noqa: S704 - our own file
)
_pages.filters["moment"] = lambda ms: datetime.fromtimestamp(ms / 1000, UTC)
_NAMES = (named, short, listed, pronoun, to, district, why)
_FILTERS = (*_NAMES, day, clock, weekday, dated, postmark, span, days_left, placeholders, tel)
_pages.filters |= {filter_.__name__: filter_ for filter_ in _FILTERS}


def load() -> None:
    """Compile every page, so that no visitor waits for it."""
    for path in _FOLDER.glob("*.html"):
        _pages.get_template(path.name)


def language(request: WebRequest) -> str:
    """The language of a page without a supporter: from `?lang=`, or else the browser's, or else English."""
    asked = request.query_params.get("lang", "")
    return next((lang for lang in (asked, preferred(request)) if lang in LANGUAGES), LANGUAGES[0])


def preferred(request: WebRequest) -> str:
    """The first of our languages in Accept-Language, "" for none; browsers list them in order of preference."""
    tags = request.headers.get("accept-language", "").lower().split(",")
    return next((tag.strip()[:2] for tag in tags if tag.strip()[:2] in LANGUAGES), "")


_rendered: dict[Hashable, str] = {}


def html(name: str, lang: str, *, status: int = 200, same: Hashable = None, **values: Any) -> Compressed:
    """A page of templates/web in this language. `same`: all that it depends on; then it is rendered once."""
    campaign = values.get("campaign")
    branding = values.get("branding") or (campaign.branding if campaign else None)
    own = brand.style(branding.brand) if branding else Markup()
    values |= {"branding": branding, "brand_style": own}
    text = _rendered.get((name, lang, same)) if same else None
    if text is None:
        text = _pages.get_template(name).render(values, lang=lang, w=WORDS[lang])
    if same:
        while len(_rendered) >= RENDERED:
            _rendered.pop(next(iter(_rendered)), None)
        _rendered[name, lang, same] = text
    headers = {"Content-Security-Policy": _policy(str(own))} if own else {}
    return Compressed(text, status_code=status, media_type=MediaType.HTML, headers=headers)


async def add_headers(message: Message, _scope: Scope) -> None:
    """Put HEADERS on every answer, errors included, where it does not have its own."""
    if message["type"] == "http.response.start":
        own = {name.lower() for name, _ in message["headers"]}
        message["headers"] = [*message["headers"], *(header for header in _RAW_HEADERS if header[0] not in own)]
