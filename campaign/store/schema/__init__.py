"""All tables. Each has one module that writes it (see tests/contract/test_layers.py); any module may read.

Times are UTC in integer milliseconds on both databases. Triggers are in the migrations: no request leaves `accepted`,
and a wave's `launched` never changes.
"""

from campaign.store.schema.base import Id, metadata
from campaign.store.schema.compose import release
from campaign.store.schema.congress import contact, form_correction, located, outage, snapshot
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
from campaign.store.schema.letters import (
    evidence,
    follow_up,
    letter,
    letter_access,
    packed,
    packet,
    packet_promise,
    reported,
    tally,
    typed_form,
    visit,
)
from campaign.store.schema.supporters import new_zip, pull, root_key, sign_up, supporter, suppression, zip_guess

__all__ = [
    "Id",
    "attempt",
    "campaign",
    "contact",
    "delivery",
    "event",
    "evidence",
    "failing_step",
    "follow_up",
    "form_correction",
    "gateway",
    "letter",
    "letter_access",
    "located",
    "metadata",
    "new_zip",
    "outage",
    "packed",
    "packet",
    "packet_promise",
    "pull",
    "release",
    "reported",
    "request",
    "root_key",
    "set_aside",
    "sign_up",
    "snapshot",
    "supporter",
    "suppression",
    "tally",
    "typed_form",
    "visit",
    "wave",
    "webhook",
    "zip_guess",
]
