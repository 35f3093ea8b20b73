"""Any order of joining, taking back, sending and crashing: each letter is in one digest that was sent, or in none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from campaign.delivery import outbox
from campaign.delivery.transport import Accepted, NoAnswer, Refused, TryLater
from campaign.model import Claimed
from campaign.states import Fate, State
from campaign.store.engine import Database
from campaign.store.schema import delivery, request
from tests import build

SEAT, LEASE, DAY = "H:NC:12", 60_000, 86_400_000
ANSWERS = (Accepted("m"), NoAnswer("reset"), TryLater("429", 1), Refused("no", (1,)))
PEOPLE = 4
STEPS = st.one_of(
    st.tuples(st.just("join"), st.integers(0, PEOPLE - 1)),
    st.tuples(st.just("back"), st.integers(0, PEOPLE - 1)),
    st.tuples(st.just("apart"), st.integers(0, PEOPLE - 1)),
    st.tuples(st.just("send"), st.sampled_from(range(len(ANSWERS)))),
    st.tuples(st.just("back while claimed"), st.integers(0, PEOPLE - 1)),
    st.tuples(st.just("die claimed"), st.just(0)),
    st.tuples(st.just("die sending"), st.just(0)),
    st.tuples(st.just("tell"), st.just(0)),
    st.tuples(st.just("resend"), st.just(0)),
)


class Office:
    """One office that wants a summary a day; what left for it, by request and attempt."""

    def __init__(self, conn: Connection) -> None:
        self.conn, self.now = conn, build.START
        self.campaign = build.add_campaign(conn).id
        self.people = build.add_people(conn, range(PEOPLE))
        self.letters = [build.add_letter(conn, person) for person in self.people]
        self.made: dict[int, frozenset[int]] = {}  # what a worker's text tells of
        self.sent: dict[tuple[int, int], frozenset[int]] = {}
        self.given_up: dict[int, frozenset[int]] = {}  # what a person took for lost

    def days(self) -> Iterator[tuple[str, int]]:
        first = self.now // DAY + 1
        while True:
            yield str(first), first * DAY
            first += 1

    def join(self, number: int) -> None:
        who = {"supporter_id": self.people[number], "letter_id": self.letters[number]}
        outbox.add_to_digest(self.conn, self.campaign, self.days(), seat=SEAT, earliest=self.now, **who)

    def back(self, number: int) -> None:
        outbox.cancel_letter(self.conn, self.letters[number], "taken back")

    def apart(self, number: int) -> None:
        mine = select(delivery.c.request_id, delivery.c.id).where(delivery.c.letter_id == self.letters[number])
        for request_id, one in self.conn.execute(mine.where(delivery.c.outcome.is_(None))).all():
            kind = self.conn.scalars(select(request.c.kind).where(request.c.id == request_id)).one()
            if kind == "daily":
                outbox.split_digest(self.conn, request_id, {one: self.now})
            else:
                outbox.move_into_digest(self.conn, request_id, self.days(), self.now)

    def claim(self) -> list[Claimed]:
        self.now += 1
        outbox.send_digests_now(self.conn, self.campaign, self.now)
        claims = outbox.claim(self.conn, self.campaign, self.now, requests=9, lease_ms=LEASE)
        self.made |= {claim.id: frozenset(outbox.open_deliveries(self.conn, claim.id)) for claim in claims}
        return claims

    def mark(self, claims: list[Claimed]) -> list[Claimed]:
        marked = outbox.mark(self.conn, self.campaign, claims, self.now, lease_ms=LEASE, release="r1")
        for claim in claims:
            if claim.id in marked:
                self.sent[claim.id, claim.attempt] = self.made[claim.id]
                self.given_up.pop(claim.id, None)
        return [claim for claim in claims if claim.id in marked]

    def do(self, step: str, number: int) -> None:
        if step in ("join", "back", "apart"):
            getattr(self, step)(number)
        elif step == "tell":
            for request_id, token in self.conn.execute(select(request.c.id, request.c.token)).all():
                gone = self.given_up.pop(request_id, frozenset())
                if gone:
                    self.sent[request_id, 0] = gone  # it had arrived after all
                if named := [one for (place, _), inside in self.sent.items() if place == request_id for one in inside]:
                    outbox.apply_provider_events(
                        self.conn, [outbox.ProviderEvent(min(named), token, Fate.DELIVERED, self.now)], self.now
                    )
        elif step == "resend":
            unknown = select(request.c.id).where(request.c.state == State.UNKNOWN.value)
            for request_id in self.conn.scalars(unknown).all():
                outbox.resend(self.conn, request_id, by="Ana", why="not in the log", now=self.now)
                for key in [key for key in self.sent if key[0] == request_id]:
                    self.given_up[request_id] = self.sent.pop(key)
        else:
            claims = self.claim()
            if step == "back while claimed":
                self.back(number)
            going = [] if step == "die claimed" else self.mark(claims)
            if step == "send":
                outbox.settle(self.conn, [(claim, ANSWERS[number]) for claim in going], self.now)
                if not isinstance(ANSWERS[number], Accepted | NoAnswer):
                    for claim in going:
                        del self.sent[claim.id, claim.attempt]
            elif step == "back while claimed":
                outbox.settle(self.conn, [(claim, Accepted("m")) for claim in going], self.now)
            self.now += LEASE + 1
            outbox.sweep(self.conn, self.now)

    def check(self) -> None:
        told = Counter(one for inside in self.sent.values() for one in inside)
        assert all(times == 1 for times in told.values()), "a letter is told of twice"
        columns = (request.c.id, request.c.state, request.c.size, request.c.delivered)
        for row in self.conn.execute(select(*columns)).all():
            inside = outbox.open_deliveries(self.conn, row.id)
            assert row.size == len(inside)
            if row.state == State.ACCEPTED:
                ((attempt, mail),) = [(number, sent) for (one, number), sent in self.sent.items() if one == row.id]
                assert mail >= frozenset(inside), "a letter counts as told that is not"
                assert mail == frozenset(inside) or not attempt, "the mail tells of one who was taken out"
                assert row.delivered in (0, len(inside))
        has = self.conn.scalars(select(delivery.c.letter_id).where(delivery.c.channel == "email")).all()
        assert len(has) == len(set(has))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(steps=[("join", 0), ("join", 1), ("back while claimed", 1)])
@example(steps=[("join", 0), ("die sending", 0), ("resend", 0), ("join", 1), ("tell", 0)])
@example(steps=[("join", 0), ("join", 1), ("apart", 0), ("apart", 0), ("apart", 0)])
@given(steps=st.lists(STEPS, max_size=25))
def test_no_letter_is_told_of_twice_or_lost(database: Database, steps: list[tuple[str, int]]) -> None:
    with database.engine.connect() as conn, conn.begin() as transaction:
        office = Office(conn)
        for step, number in steps:
            office.do(step, number)
            office.check()
        transaction.rollback()
