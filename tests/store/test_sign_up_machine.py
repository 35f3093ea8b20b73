"""Joining in any order with opt-outs, bounces and erasures: only the question goes to who opted out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaign.outreach.action_page import unsubscribe
from campaign.outreach.action_page.sign_up import Joined
from campaign.outreach.sending import retention
from campaign.supporters import people
from campaign.supporters.people import FINAL, Reason
from tests.store.joining import address_of, join, links_of, press, refuse, write
from tests.store.site import ADAMS, DAY, KEYS, MINUTE, Site

STEPS = ("join", "write", "press", "unsubscribe", "bounced", "complained", "listed", "never", "erase", "day", "expire")


@dataclass
class Person:
    """What an address has done, and what may therefore be sent to it."""

    site: Site
    email: str
    barred: bool = False  # bounced, complained, listed
    opted_out: bool = False
    link: tuple[str, str] = ("", "")
    asked: list[int] = field(default_factory=list)  # when the question went out

    def do(self, step: str) -> None:
        site, hashed = self.site, KEYS.email_hash(self.email)
        if step == "join":
            join(site, self.email)
        elif step == "write":
            write(site, ADAMS, email=self.email)
        elif step == "press" and self.link[0]:
            if isinstance(press(site, self.link[0]), Joined):
                assert not self.barred
                self.opted_out = False
        elif step == "never" and self.link[1]:
            refuse(site, self.link[1])
            self.barred = True
        elif step == "erase":
            unsubscribe.erase(site.database, KEYS, self.email)
            self.opted_out = True
        elif step == "unsubscribe" or step in FINAL:
            with site.database.begin() as conn:
                reason: Reason = "unsubscribed" if step == "unsubscribe" else FINAL[FINAL.index(step)]
                people.suppress(conn, [hashed], reason, "tests", site.at)
            self.opted_out, self.barred = True, self.barred or step in FINAL
        elif step in ("day", "expire"):
            site.at += DAY if step == "day" else 3 * DAY
            retention.retain(site.database, matching=False, now=lambda _: site.at)

    def check_mail(self) -> None:
        """Send what is due a little later, and look at what went to this address."""
        before = len(self.site.mails)
        self.site.at += 30 * MINUTE
        self.site.drain()
        for mail in self.site.mails[before:]:
            if address_of(mail) != self.email:
                continue
            assert not self.barred, mail["text"]
            question = "/j/" in mail["text"]
            assert question or not self.opted_out, mail["text"]
            if question:
                assert all(self.site.at - at >= DAY for at in self.asked)
                self.asked.append(self.site.at)
                self.link = links_of(mail)


def follow(site: Site, steps: Sequence[tuple[str, bool]]) -> None:
    """Take these steps; after some of them, what is due is sent."""
    site.contact()
    person = Person(site, f"p{site.at}@example.com")
    for step, drains in [*steps, ("", True)]:
        person.do(step)
        if drains:
            person.check_mail()


@pytest.mark.parametrize(
    "steps",
    ["join press unsubscribe day write press", "unsubscribe bounced erase join write", "write never expire join"],
)
def test_only_the_question_goes_to_who_opted_out_and_nothing_to_who_bounced(site: Site, steps: str) -> None:
    follow(site, [(step, True) for step in steps.split()])


@pytest.mark.deep
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=st.lists(st.tuples(st.sampled_from(STEPS), st.booleans()), min_size=3, max_size=9))
def test_that_holds_in_any_order(site: Site, steps: list[tuple[str, bool]]) -> None:
    follow(site, steps)
