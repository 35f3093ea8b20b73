"""Whatever happens around an opt-out, in any order and at the same moment: no letter leaves that its owner could not be
told about, and no email goes to them.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from campaign.delivery import outbox
from campaign.delivery.transport import NoAnswer, TryLater
from campaign.outreach.action_page import actions
from campaign.outreach.action_page.views import OtherZip, Stopped
from campaign.outreach.reports import letter_funnel
from campaign.outreach.sending import single_messages, unannounced_letters
from campaign.states import Fate
from campaign.store.schema import delivery, letter, request
from tests import build
from tests.store.opted_out import packets_printed, sent_to, suppress, unsubscribe
from tests.store.opted_out import printer as printer
from tests.store.site import CAPITAL, DAY, HERE, KEYS, MINUTE, Site, together


def test_confirming_and_unsubscribing_at_the_same_moment_sends_nothing(site: Site) -> None:
    site.contact()
    for _ in range(4):
        with site.database.begin() as conn:
            number = len(site.people) + 1
            hashed = KEYS.email_hash(f"person{number}@example.org")
            site.people += build.add_people(conn, [number], email_hash=hashed)
        form = site.form(number=number)

        def confirm(form: dict[str, str] = form, number: int = number) -> Any:
            return site.confirm(form, number)

        def quit_(number: int = number) -> Any:
            return unsubscribe(site, number)

        found = together(confirm, quit_, quit_, confirm)
        assert not [one for one in found if isinstance(one, Exception)]
    site.at += DAY
    assert site.drain() == []
    assert site.rows(select(letter.c.id).where(letter.c.withdrawn_at.is_(None))) == []


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                *("confirm", "confirm", "paper", "forward", "unsubscribe", "complain"),
                *("wait", "wait", "wait long", "send", "send", "send", "lose", "later", "leave while sending"),
                *("bounce", "take back", "print", "look", "hourly"),
            ]
        ),
        st.integers(0, 1),
    ),
    min_size=3,
    max_size=16,
)


@pytest.mark.usefixtures("printer")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_happens_no_letter_leaves_that_its_owner_could_not_be_told_about(
    site: Site, monkeypatch: pytest.MonkeyPatch, steps: list[tuple[str, int]]
) -> None:
    first = len(site.people) + 1
    with site.database.begin() as conn:
        for number in (first, first + 1):
            hashed = KEYS.email_hash(f"person{number}@example.org")
            site.people += build.add_people(conn, [number], email_hash=hashed)
    site.contact()
    model = Model(site)
    for what, which in steps:
        model.step(what, first + which, monkeypatch)
    for number in (first, first + 1):
        model.step("wait long", number, monkeypatch)
        model.step("send", number, monkeypatch)
    with site.database.read() as conn:
        assert letter_funnel.letters(conn, 1).adds_up


class Model:
    """What must be so, kept apart from the tables: who opted out, and which letters an accepted email told of."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.out = set[int]()  # numbers of people
        self.told = dict[int, set[int]]()  # by letter: the accepted receipts that told of it

    def step(self, what: str, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
        site = self.site
        if what in ("confirm", "paper") and (sheet := site.enter(number=number).preview):
            by = {"by": "packet"} if what == "paper" else {}
            found = site.confirm(site.form(seat=sheet.office.seat, number=number, **by), number)
            assert isinstance(found, Stopped) == (number in self.out)
        elif what == "forward":
            assert isinstance(site.confirm(site.form(CAPITAL, number=number), number), OtherZip)
        elif what == "unsubscribe":
            unsubscribe(site, number)
            self.out.add(number)
        elif what == "complain":
            suppress(site, "complained", number)
            self.out.add(number)
        elif what == "wait":
            site.at += 4 * MINUTE
        elif what == "wait long":
            site.at += 20 * MINUTE
        elif what == "send":
            self.send()
        elif what == "lose":
            site.answers = [NoAnswer("reset")] * 50
            self.send()
        elif what == "later":
            site.answers = [TryLater("429", MINUTE)] * 50
            self.send()
        elif what == "leave while sending":
            self.send_while(number, monkeypatch)
        elif what == "bounce":
            self.bounce(number)
        elif what == "take back":
            mine = site.rows(select(letter.c.id).where(letter.c.supporter_id == site.people[number - 1]))
            site.act(actions.take_back, number, zip=HERE, letter=max((row.id for row in mine), default=0))
        elif what == "print":
            self.leaving(lambda: packets_printed(site))
        elif what == "look":
            self.leaving(site.follow)
        elif what == "hourly":
            unannounced_letters.stop_all(site.database, now=lambda _: site.at)

    def send(self) -> None:
        before, receipts = len(self.site.mails), self.receipts()
        self.leaving(self.site.drain)
        self.site.answers = []
        for number in range(1, len(self.site.people) + 1):
            kinds = sent_to(self.site, number, before)
            assert not (kinds and number in self.out), "an email went to somebody who opted out"
        for receipt, supporter_id in self.receipts() - receipts:
            for row in self.site.rows(select(letter.c.id).where(letter.c.supporter_id == supporter_id)):
                self.told.setdefault(row.id, set()).add(receipt)

    def send_while(self, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
        """The supporter unsubscribes after a worker has made its mails, and before it marks them."""
        render = single_messages.render

        def render_then_leave(*args: Any) -> Any:
            made = render(*args)
            unsubscribe(self.site, number)
            self.out.add(number)
            return made

        with monkeypatch.context() as patched:
            patched.setattr(single_messages, "render", render_then_leave)
            self.send()

    def bounce(self, number: int) -> None:
        """The newest accepted receipt of this supporter bounces, which puts them on the suppression list."""
        mine = [receipt for receipt, owner in self.receipts() if owner == self.site.people[number - 1]]
        if mine:
            query = select(request.c.token).join(delivery, delivery.c.request_id == request.c.id)
            ((token,),) = self.site.rows(query.where(delivery.c.id == max(mine)))
            with self.site.database.begin() as conn:
                outbox.apply_provider_events(
                    conn, [outbox.ProviderEvent(max(mine), token, Fate.BOUNCED, self.site.at)], self.site.at
                )
            suppress(self.site, "bounced", number)
            self.out.add(number)
            for receipts in self.told.values():
                receipts.discard(max(mine))

    def receipts(self) -> set[tuple[int, int]]:
        """(delivery, supporter) of the receipts that the provider accepted."""
        query = select(delivery.c.id, delivery.c.supporter_id).join(request, request.c.id == delivery.c.request_id)
        accepted = (request.c.state == "accepted", delivery.c.outcome.is_(None))
        rows = self.site.rows(query.where(delivery.c.kind == "receipt", *accepted))
        return {(row.id, row.supporter_id) for row in rows}

    def leaving(self, act_: Any) -> None:
        """What leaves by this is by somebody who may be told, or was."""
        before = self.left()
        act_()
        owners = {self.site.people[number - 1] for number in self.out}
        for letter_id, supporter_id in self.left() - before:
            assert supporter_id not in owners or self.told.get(letter_id), "it left, and its owner cannot be told"

    def left(self) -> set[tuple[int, int]]:
        query = (
            select(delivery.c.letter_id, delivery.c.supporter_id)
            .outerjoin(request, request.c.id == delivery.c.request_id)
            .where(delivery.c.kind == "letter")
            .where(
                delivery.c.outcome.in_(["printed", "handed_in"])
                | (delivery.c.outcome.is_(None) & request.c.state.in_(["sending", "unknown", "accepted"]))
            )
        )
        return {(row.letter_id, row.supporter_id) for row in self.site.rows(query)}
