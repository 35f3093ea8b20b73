"""The outbox: requests and deliveries, the one source of truth about what was sent.

Only this package writes `request`, `delivery` and `attempt`. Every change of state is one guarded UPDATE whose WHERE
comes from `states.TABLE`.
"""

from campaign.delivery.outbox.add_one import (
    PRIORITY,
    add_one,
    cancel_letter,
    count_deliveries,
    find_queued,
    hand_off,
    of_kind,
    record_form_answer,
)
from campaign.delivery.outbox.add_wave import add_wave
from campaign.delivery.outbox.claim import claim, hold_part, mark, put_back
from campaign.delivery.outbox.digests import (
    add_to_digest,
    digest_days,
    find_digest,
    move_into_digest,
    note_release,
    postpone,
    queued_digests,
    send_digests_now,
    split_digest,
)
from campaign.delivery.outbox.operator_actions import (
    cancel_all,
    cancel_supporter,
    held_for,
    held_reasons,
    hold,
    release,
    requeue_refused,
    resend,
)
from campaign.delivery.outbox.packet_requests import mark_handed_in, mark_printed
from campaign.delivery.outbox.provider_events import ProviderEvent, apply_provider_events
from campaign.delivery.outbox.settle import settle
from campaign.delivery.outbox.sweep import Swept, sweep
from campaign.delivery.outbox.transitions import open_deliveries
from campaign.delivery.outbox.unknown import keep_unknown, list_unknown, outside_sendgrid

__all__ = [
    "PRIORITY",
    "ProviderEvent",
    "Swept",
    "add_one",
    "add_to_digest",
    "add_wave",
    "apply_provider_events",
    "cancel_all",
    "cancel_letter",
    "cancel_supporter",
    "claim",
    "count_deliveries",
    "digest_days",
    "find_digest",
    "find_queued",
    "hand_off",
    "held_for",
    "held_reasons",
    "hold",
    "hold_part",
    "keep_unknown",
    "list_unknown",
    "mark",
    "mark_handed_in",
    "mark_printed",
    "move_into_digest",
    "note_release",
    "of_kind",
    "open_deliveries",
    "outside_sendgrid",
    "postpone",
    "put_back",
    "queued_digests",
    "record_form_answer",
    "release",
    "requeue_refused",
    "resend",
    "send_digests_now",
    "settle",
    "split_digest",
    "sweep",
]
