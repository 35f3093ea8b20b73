"""A small campaign for the compose tests, and people for the property tests."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from campaign import config
from campaign.compose.campaign_folder import disk
from campaign.compose.campaign_folder import folder as folders
from campaign.compose.campaign_folder.folder import Folder
from campaign.model import Member, Recipient, Seat

TEMPLATES = config.ROOT / "templates"
SHIPPED = disk.load(TEMPLATES, "end-287g")

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
offices_email = "letters@offices.neighbors.test"
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
BODY = """{{ greeting }}

[Act]({{ action_url }})

[Stop]({{ unsubscribe_url }})

{{ organization.postal_address }}

{% if bill.alive %}
{{ fact.one }} Ask for {{ bill.number }} before {{ bill.last_day }}.
{% else %}
Ask again.
{% endif %}
"""
ACTS_TOML = """
[bill]
number = "H.R. 1"
year = 2025
sponsor = "S000001"
cosponsors = ["C000001", "C000002"]
checked = 2026-11-20
page = "https://example.test/bill"
source = "The bill as introduced"

[opposite.house]
number = "H.R. 2"
year = 2025
sponsor = "P000001"
checked = 2026-11-20
page = "https://example.test/opposite"
source = "The other bill as introduced"
"""
LETTER = """---
subject: A bill
---
{% block salutation %}{{ member.dear }}{% endblock %}
{% block ask %}As your constituent, I ask for {{ bill.number }}.{% endblock %}
{% block label %}Statement by {{ organization.legal_name }}:{% endblock %}
{% block facts %}
{{ fact.one }}
{% endblock %}
{% block close %}{% if member.opposed %}Please listen.{% endif %}{% endblock %}
{% block reply %}Please answer.{% endblock %}
{% block closing %}Sincerely,{% endblock %}
{% block short %}
As your constituent, I ask for {{ bill.number }}.
Please answer.
{% endblock %}
{% block reference %}Campaign: {{ campaign.slug }}.{% endblock %}
"""
AFTER = LETTER.replace("{{ bill.number }}", "a new bill").replace("{{ fact.one }}", "We go on.")
FILES = {
    "campaign.toml": CAMPAIGN_TOML,
    "facts.toml": FACTS_TOML,
    "sponsors.toml": ACTS_TOML,
    "letter/house.en.txt": LETTER,
    "letter/thanks-house.en.txt": LETTER.replace("ask for", "thank you for"),
    "letter/after.en.txt": AFTER,
    **{path: text for path, text in SHIPPED.files.items() if re.match(r"receipt/(.*\.en\.md|words)|office/", path)},
}

PAGE = "page/open.en.md"
FILES[PAGE] = """---
title: Ask for a small bill
description: Ask for a small bill. All you need is a ZIP code.
message: I asked for a small bill. You can too at
subject: Would you ask too?
---
{% if bill.alive %}
{{ bill.number }} would do it.
{% else %}
Congress can do it.
{% endif %}

## What is it?

It is small.

We are neighbors.
{% if bill.alive %}

## By when?

By {{ bill.last_day }}, for {{ bill.number }}. {{ fact.one }}
{% endif %}
"""


def message(body: str, *, subject: str = "Your letter", preheader: str = "Write to Congress.") -> str:
    """A message file."""
    return f"---\nsubject: {json.dumps(subject)}\npreheader: {json.dumps(preheader)}\n---\n{body}"


ASK = "ask/first.en.md"
FILES[ASK] = message(BODY)


def ms(year: int, month: int, day: int, hour: int = 0) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp() * 1000)


BEFORE, SWITCH = ms(2026, 11, 24), ms(2027, 1, 3, 17)


def small(changed: Mapping[str, str | None] | None = None) -> Folder:
    """The small campaign with some files changed, or taken away (None)."""
    files = {**FILES, **(changed or {})}
    return folders.parse("small", {path: text for path, text in files.items() if text is not None})


def ask(body: str) -> dict[str, str | None]:
    """The ask with this body."""
    return {ASK: message(body)}


def recipient(first: str = "Ana", last: str = "Ruiz", *, list: str = "petition") -> Recipient:
    return Recipient(1, 1, 1, "ana@example.org", first, last, "28205", b"12345678", list, "petition page, 2026-09-12")


def seat(code: str = "H:NC:12", bioguide: str = "X000000", *, name: str = "Alma S. Adams", gender: str = "F") -> Seat:
    """A seat and who holds it."""
    return Seat(code, Member(bioguide, name, name.split()[-1], gender, "", "", "", ""))
