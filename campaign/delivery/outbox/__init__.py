"""The outbox: requests and deliveries, the one source of truth about what was sent.

Only this package writes `request`, `delivery` and `attempt`. Every change of state is one guarded UPDATE whose WHERE
comes from `states.TABLE`.
"""

from campaign.delivery.outbox.add_one import add_one, cancel_letter, hand_off, pieces, told, waits
from campaign.delivery.outbox.add_wave import add
from campaign.delivery.outbox.claim import claim, hold_part, mark, put_back
from campaign.delivery.outbox.digests import apart, days, gather, given, hasten, join, put_off, summary, waiting
from campaign.delivery.outbox.operator_actions import (
    cancel_all,
    cancel_person,
    held_for,
    held_reasons,
    hold,
    release,
    requeue_refused,
    resend,
)
from campaign.delivery.outbox.packet_requests import handed_in, printed, to_print
from campaign.delivery.outbox.provider_events import Told, tell
from campaign.delivery.outbox.settle import settle
from campaign.delivery.outbox.sweep import Swept, sweep
from campaign.delivery.outbox.transitions import live
from campaign.delivery.outbox.unknown import by_intake, doubted, leave_in_doubt

__all__ = [
    "Swept",
    "Told",
    "add",
    "add_one",
    "apart",
    "by_intake",
    "cancel_all",
    "cancel_letter",
    "cancel_person",
    "claim",
    "days",
    "doubted",
    "gather",
    "given",
    "hand_off",
    "handed_in",
    "hasten",
    "held_for",
    "held_reasons",
    "hold",
    "hold_part",
    "join",
    "leave_in_doubt",
    "live",
    "mark",
    "pieces",
    "printed",
    "put_back",
    "put_off",
    "release",
    "requeue_refused",
    "resend",
    "settle",
    "summary",
    "sweep",
    "tell",
    "to_print",
    "told",
    "waiting",
    "waits",
]
