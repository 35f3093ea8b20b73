"""All tables, and beside each the one module that writes it (a test holds that). Reading across is allowed.

Times are integer milliseconds, UTC, on both databases. Triggers stand in the migrations: nothing leaves `accepted`, and
a wave's `launched` never changes. No index has a condition that every delivery passes through.
"""

from campaign.store.schema.base import Id, metadata
from campaign.store.schema.compose import release
from campaign.store.schema.congress import contact, located, outage, snapshot
from campaign.store.schema.delivery import (
    attempt,
    campaign,
    delivery,
    event,
    failing_step,
    gateway,
    request,
    set_aside,
    wave,
    webhook,
)
from campaign.store.schema.letters import call, draft, evidence, letter, letter_access, packed, packet, visit
from campaign.store.schema.root_key import root_key
from campaign.store.schema.supporters import pull, supporter, suppression, zip_guess

__all__ = [
    "Id",
    "attempt",
    "call",
    "campaign",
    "contact",
    "delivery",
    "draft",
    "event",
    "evidence",
    "failing_step",
    "gateway",
    "letter",
    "letter_access",
    "located",
    "metadata",
    "outage",
    "packed",
    "packet",
    "pull",
    "release",
    "request",
    "root_key",
    "set_aside",
    "snapshot",
    "supporter",
    "suppression",
    "visit",
    "wave",
    "webhook",
    "zip_guess",
]
