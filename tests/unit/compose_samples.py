"""A small campaign for the compose tests, and people for the property tests."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from campaign import config
from campaign.compose import folder as folders
from campaign.compose.folder import Folder
from campaign.model import Recipient

TEMPLATES = config.ROOT / "templates"
SHIPPED = folders.load(TEMPLATES / "end-287g")

CAMPAIGN_TOML = """
title = { en = "Small", es = "Pequeña" }
stance = "support"
targets = ["house"]
opens = 2026-11-01
closes = 2027-03-31
locales = ["en"]
waves = ["first"]

[organization]
legal_name = "Neighbors & Friends"
kind = "coalition"
postal_address = "PO Box 7, Durham, NC 27701"
sender_email = "action@neighbors.test"
sender_name = "Neighbors"
reply_to = "hello@neighbors.test"
signer_name = "Rosa O'Neil"
signer_role = { en = "Director", es = "Directora" }

[bill]
congress = 119
number = "H.R. 1"
title = "A Bill"
expires = 2027-01-03T12:00:00-05:00
"""
FACTS_TOML = """
[fact.one]
text_en = "One & only, 7 of 9."
text_es = "Uno & único, 7 de 9."
cite_en = "A <source>"
cite_es = "Una <fuente>"
source_title = "A source"
publisher = "Somebody"
source_url = "https://example.test/"
as_of = "2026"
review_by = "2027-02-01"
confidence = "confirmed"
use = "letter"
"""
BODY = (
    "{{ greeting }} {{ action_url }} {{ unsubscribe_url }}\n{{ organization.postal_address }}\n{% if bill.alive %}\n"
    '{{ fact["one"] }} Ask for {{ bill.number }} before {{ bill.last_day }}.\n{% else %}\nAsk again.\n{% endif %}\n'
)
FILES = {
    "campaign.toml": CAMPAIGN_TOML,
    "facts.toml": FACTS_TOML,
    "ask/en/subject.txt": "Your letter\n",
    "ask/en/body.txt": BODY,
    "ask/en/body.html": "<p>" + BODY + "</p>",
}


def ms(year: int, month: int, day: int, hour: int = 0) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp() * 1000)


BEFORE, SWITCH = ms(2026, 11, 24), ms(2027, 1, 3, 17)


def small(changed: Mapping[str, str | None] | None = None) -> Folder:
    """The small campaign with some files changed, or taken away (None)."""
    files = {**FILES, **(changed or {})}
    return folders.parse("small", {path: text for path, text in files.items() if text is not None})


def ask(body: str) -> dict[str, str | None]:
    """Files whose text and HTML both say `body`."""
    return {"ask/en/body.txt": body, "ask/en/body.html": body}


def recipient(first: str = "Ana", last: str = "Ruiz", *, list: str = "petition") -> Recipient:
    return Recipient(1, 1, 1, "ana@example.org", first, last, "28205", b"12345678", list)
