"""The events of a message, decided by its address, and the account's suppression lists.

The local part up to the first "+" decides: `bounce@`, `bounce+ana@`. Mail to any other address is delivered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from campaign.sandbox.mail import Request

Story = tuple[str, ...]

DELIVERED: Story = ("processed", "delivered")
DROPPED: Story = ("dropped",)
STORIES: dict[str, Story] = {
    "bounce": ("processed", "bounce"),
    "block": ("processed", "block"),
    "drop": DROPPED,
    "defer": ("processed", "deferred", "delivered"),
    "complaint": ("processed", "delivered", "spamreport"),
    "silent": (),
}
# The suppression list of an address, and why later mail to it is dropped. A block drops nothing.
LISTS = {
    "bounce": ("bounces", "Bounced Address"),
    "block": ("blocks", ""),
    "complaint": ("spam_reports", "Spam Reporting Address"),
    "drop": ("unsubscribes", "Unsubscribed Address"),
}


def named(email: str) -> str:
    """The fault or outcome that an address names."""
    return email.partition("@")[0].partition("+")[0].lower()


@dataclass(frozen=True, slots=True)
class SandboxSuppression:
    """`since` is the request that put the address on the list, `created` its time in Unix seconds."""

    list: str
    reason: str
    since: int
    created: int


@dataclass(slots=True)
class SandboxAccount:
    suppressed: dict[str, SandboxSuppression] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)  # addresses whose one-time fault already happened

    def first_time(self, fault: str, emails: Iterable[str]) -> bool:
        """Whether one of these addresses names `fault` for the first time."""
        unseen = {email.lower() for email in emails if named(email) == fault} - self.seen
        self.seen |= unseen
        return bool(unseen)

    def learn(self, request: Request, seq: int) -> None:
        """Update the suppressions from the `seq`-th accepted request, as it arrives or from the ledger."""
        for _, address in request.body.recipients():
            fault = named(address.email)
            if fault in {"429", "500", "lost-answer"}:
                self.seen.add(address.email.lower())
            elif fault in LISTS:
                entry = SandboxSuppression(*LISTS[fault], seq, request.at // 1000)
                self.suppressed.setdefault(address.email.lower(), entry)

    def story(self, email: str, seq: int) -> tuple[Story, str]:
        """The events of a message in the `seq`-th request; if it is dropped, also the reason."""
        fault = named(email)
        if fault == "drop":
            return DROPPED, LISTS["drop"][1]
        entry = self.suppressed.get(email.lower()) if fault in LISTS else None
        if entry and entry.reason and entry.since < seq:
            return DROPPED, entry.reason
        return STORIES.get(fault, DELIVERED), ""

    def list(self, name: str) -> Iterator[tuple[str, SandboxSuppression]]:
        return ((email, entry) for email, entry in self.suppressed.items() if entry.list == name)
