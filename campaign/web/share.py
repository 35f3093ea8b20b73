"""Links to a campaign's open page that people pass on. Each says how it was shared, and nothing about anyone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import segno
from markupsafe import Markup

from campaign.errors import CampaignError
from campaign.links import open_page
from campaign.outreach.action_page.views import CampaignPage

Way = Literal["whatsapp", "sms", "mail"]
WAYS: dict[str, tuple[Way, ...]] = {"en": ("sms", "whatsapp", "mail"), "es": ("whatsapp", "sms", "mail")}  # in order
SOURCES: dict[Way, str] = {"whatsapp": "wa", "sms": "sms", "mail": "mail"}  # letters.tallies.SHARED


@dataclass(frozen=True, slots=True)
class ShareLinks:
    """What "pass it on" shows: the message before its link, the ways to send it, the link to copy, the QR code."""

    message: str
    shown: str  # the link without its scheme and source
    link: str
    ways: dict[Way, str]
    qr: Markup


def share_links(site: str, campaign: CampaignPage, lang: str) -> ShareLinks:
    """For this campaign in this language, or in its first one."""
    texts = lang if lang in campaign.title else next(iter(campaign.title))
    message = campaign.message.get(texts) or f"{campaign.title[texts]}:"
    return ShareLinks(
        message=message,
        shown=open_page(site, campaign.slug, lang).partition("://")[2],
        link=open_page(site, campaign.slug, lang, "link"),
        ways={
            way: _way(way, f"{message} {open_page(site, campaign.slug, lang, source)}", campaign.subject.get(texts))
            for way, source in ((way, SOURCES[way]) for way in WAYS[lang])
        },
        qr=inline_qr(open_page(site, campaign.slug, lang, "qr")),
    )


def _way(way: Way, text: str, subject: str | None) -> str:
    body = quote(text, safe="")
    if way == "whatsapp":
        return f"https://wa.me/?text={body}"
    if way == "sms":
        return f"sms:?&body={body}"  # iOS wants the &, Android the ?
    return f"mailto:?subject={quote(subject or '', safe='')}&body={body}"


@lru_cache(maxsize=256)
def inline_qr(link: str) -> Markup:
    """A QR code as SVG for a page: black on white also in dark mode, because cameras need that."""
    code = segno.make(link, error="m", micro=False)
    return Markup(code.svg_inline(omitsize=True, light="#fff", svgclass="qr", lineclass=None))  # noqa: S704 - segno's


def button(link: str, text: str, color: str, *, lang: str) -> str:
    """A link to the open page that looks like a button, as HTML for a partner's site: no script, no frame, no class."""
    return _BUTTON.format(link=link, text=text, color=color, lang=lang)


_BUTTON = Markup(
    '<a href="{link}" lang="{lang}" style="display:inline-block;padding:14px 24px;border:1px solid {color};'
    "border-radius:8px;background:{color};color:#ffffff;font:600 18px/1.3 system-ui,sans-serif;text-align:center;"
    'text-decoration:none">{text}</a>'
)


def save_qr(link: str, file: Path) -> None:
    """A QR code to print, as .svg or .png by the file's name. Raises CampaignError if it can't be written."""
    if file.suffix.lower() not in (".svg", ".png"):
        raise CampaignError(f"{file.name} is not a file for a QR code", where="--qr", do="Give one in .svg or .png.")
    try:
        segno.make(link, error="m", micro=False).save(str(file), scale=16, light="#fff")
    except OSError as error:
        raise CampaignError(f"cannot be written: {error.strerror}", where=str(file)) from None
