"""What happens to a message, by its address, and what the account remembers of addresses.

The local part, up to the first "+", names it: `bounce@`, `bounce+ana@`. Any other address gets its mail.
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
# The list that an address gets on, and the reason for which later mail to it is dropped. A block drops nothing.
LISTS = {
    "bounce": ("bounces", "Bounced Address"),
    "block": ("blocks", ""),
    "complaint": ("spam_reports", "Spam Reporting Address"),
    "drop": ("unsubscribes", "Unsubscribed Address"),
}


def named(email: str) -> str:
    """What an address asks for."""
    return email.partition("@")[0].partition("+")[0].lower()


@dataclass(frozen=True, slots=True)
class SandboxSuppression:
    """`since` is the request that put the address on the list, `created` its time in unix seconds."""

    list: str
    reason: str
    since: int
    created: int


@dataclass(slots=True)
class SandboxAccount:
    suppressed: dict[str, SandboxSuppression] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)  # addresses whose fault acts only once, and has

    def first_time(self, fault: str, emails: Iterable[str]) -> bool:
        """Whether one of these addresses asks for `fault` and has not had it; now it has."""
        unseen = {email.lower() for email in emails if named(email) == fault} - self.seen
        self.seen |= unseen
        return bool(unseen)

    def learn(self, request: Request, seq: int) -> None:
        """Take in an accepted request, the `seq`-th: when it comes, or again from the ledger."""
        for _, address in request.body.recipients():
            fault = named(address.email)
            if fault in {"429", "500", "lost-answer"}:
                self.seen.add(address.email.lower())
            elif fault in LISTS:
                entry = SandboxSuppression(*LISTS[fault], seq, request.at // 1000)
                self.suppressed.setdefault(address.email.lower(), entry)

    def story(self, email: str, seq: int) -> tuple[Story, str]:
        """The events of a message of the `seq`-th request, and for a dropped one the reason."""
        fault = named(email)
        if fault == "drop":
            return DROPPED, LISTS["drop"][1]
        entry = self.suppressed.get(email.lower()) if fault in LISTS else None
        if entry and entry.reason and entry.since < seq:
            return DROPPED, entry.reason
        return STORIES.get(fault, DELIVERED), ""

    def list(self, name: str) -> Iterator[tuple[str, SandboxSuppression]]:
        return ((email, entry) for email, entry in self.suppressed.items() if entry.list == name)
