"""The model that the outbox is compared with: steps in any order, a crash between any two, a provider that may lose its
answer. The engine and the databases are real; only the clock and the provider are scripted.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass, field

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import Connection, delete, select

from campaign.delivery import campaigns, outbox
from campaign.delivery.outbox.transitions import count_states
from campaign.delivery.transport import Accepted, Answer, NoAnswer, Refused, Stop, TryLater
from campaign.model import Claimed, Kind
from campaign.states import FATES, Fate, State
from campaign.store.engine import Database
from campaign.store.schema import attempt, delivery, evidence, letter, request, supporter
from tests import build

LEASE = 1_000
WAVE = "reminder"  # a wave that leaves out supporters who have acted
_slugs = itertools.count()


@dataclass
class Worker:
    """What one worker process has in its memory, and loses when it dies."""

    claims: list[Claimed]
    marked: dict[int, list[int]] = field(default_factory=dict)
    answers: list[tuple[Claimed, Answer]] = field(default_factory=list)
    stage: str = "claimed"


class Machine(RuleBasedStateMachine):
    def __init__(self, database: Database, steps: Counter[str]) -> None:
        super().__init__()
        self.steps = steps
        self.database = database
        self.now = build.START
        self.workers: list[Worker] = []
        self.ledger: Counter[int] = Counter()  # deliveries that the provider took
        self.token: dict[int, str] = {}  # of the request under which it took them
        self.told: dict[int, Fate] = {}
        self.suppressed_at: dict[int, int] = {}
        self.acted: set[int] = set()
        self.canceled: set[int] = set()  # deliveries that were not accepted when they were canceled
        number = next(_slugs)
        self.first = number * 100 + 1
        with database.begin() as conn:
            self.people = build.add_people(conn, range(self.first, self.first + 8))
            self.campaign = build.add_campaign(conn, f"m{number}")
            pick = select(
                supporter.c.id.label("supporter_id"),
                supporter.c.locale.label("locale"),
                supporter.c.zip.label("variant"),
            ).where(supporter.c.id.in_(self.people))
            self.launched = outbox.add_wave(
                conn, self.campaign.id, WAVE, Kind.ASK, pick, per_request=3, due_at=self.now
            )
            campaigns.launched(conn, self.campaign.id, WAVE, self.launched, self.now)
            owners = conn.execute(
                select(delivery.c.id, delivery.c.supporter_id).where(delivery.c.campaign_id == self.campaign.id)
            )
            self.person = {row.id: row.supporter_id for row in owners}

    # ------------------------------------------------------------------ a worker, step by step

    @precondition(lambda self: len(self.workers) < 3)
    @rule(requests=st.integers(1, 3))
    def claim(self, requests: int) -> None:
        with self.database.begin() as conn:
            claims = outbox.claim(conn, self.campaign.id, self.now, requests=requests, lease_ms=LEASE)
        if claims:
            self.workers.append(Worker(claims))

    @precondition(lambda self: any(w.stage == "claimed" for w in self.workers))
    @rule(data=st.data(), unfit=st.booleans())
    def mark(self, data: st.DataObject, unfit: bool) -> None:
        worker = data.draw(st.sampled_from([w for w in self.workers if w.stage == "claimed"]))
        with self.database.begin() as conn:
            everyone = {claim.id: self._members(conn, claim.id) for claim in worker.claims}
            odd = {next(iter(ids)): "too long" for ids in everyone.values() if unfit and ids}
            marked = outbox.mark(
                conn, self.campaign.id, worker.claims, self.now, lease_ms=LEASE, release="r1", unfit=odd
            )
        worker.marked = {
            key: [one for one in everyone[key] if kept is None or one in kept] for key, kept in marked.items()
        }
        for one in itertools.chain.from_iterable(worker.marked.values()):
            assert self.person[one] not in self.suppressed_at, "somebody suppressed was marked"
            assert self.person[one] not in self.acted, "a reminder was marked for a supporter who has acted"
            assert one not in self.canceled, "a canceled delivery was marked"
        worker.stage = "marked"

    @precondition(lambda self: any(w.stage == "claimed" for w in self.workers))
    @rule(data=st.data())
    def hold_some(self, data: st.DataObject) -> None:
        """One person of each claimed request waits in a request of their own."""
        worker = data.draw(st.sampled_from([w for w in self.workers if w.stage == "claimed"]))
        with self.database.begin() as conn:
            for claim in worker.claims:
                outbox.hold_part(conn, claim, self._members(conn, claim.id)[:1], "a part of it waits", self.now)

    @precondition(lambda self: any(w.stage == "marked" for w in self.workers))
    @rule(data=st.data())
    def post(self, data: st.DataObject) -> None:
        """The bytes leave. The provider takes them or not, and its answer arrives or not."""
        worker = data.draw(st.sampled_from([w for w in self.workers if w.stage == "marked"]))
        for claim in worker.claims:
            if claim.id not in worker.marked:
                continue
            ids = worker.marked[claim.id]
            script: list[Answer] = [
                Accepted("x"),
                NoAnswer("lost after it was taken"),
                NoAnswer("lost before it was taken"),
                TryLater("429", 100),
                Stop("no credits"),
                Refused("a bad address", (ids[0],)),
                Refused("no reason given"),
            ]
            answer = data.draw(st.sampled_from(script))
            if isinstance(answer, Accepted) or answer == NoAnswer("lost after it was taken"):
                self.ledger.update(ids)
                self.token.update(dict.fromkeys(ids, claim.token))
            worker.answers.append((claim, answer))
        worker.stage = "posted"

    @precondition(lambda self: any(w.stage == "posted" for w in self.workers))
    @rule(data=st.data())
    def settle(self, data: st.DataObject) -> None:
        worker = data.draw(st.sampled_from([w for w in self.workers if w.stage == "posted"]))
        with self.database.begin() as conn:
            outbox.settle(conn, worker.answers, self.now)
        self.workers.remove(worker)

    @precondition(lambda self: self.workers)
    @rule(data=st.data())
    def crash(self, data: st.DataObject) -> None:
        self.workers.remove(data.draw(st.sampled_from(self.workers)))

    # ------------------------------------------------------------------ everybody else

    @rule(by=st.sampled_from([1, 100, LEASE - 1, LEASE, 10 * LEASE]))
    def time_passes(self, by: int) -> None:
        self.now += by

    @rule()
    def sweep(self) -> None:
        with self.database.begin() as conn:
            outbox.sweep(conn, self.now)

    @precondition(lambda self: self.ledger)
    @rule(data=st.data(), fate=st.sampled_from(FATES))
    def event(self, data: st.DataObject, fate: Fate) -> None:
        one = data.draw(st.sampled_from(sorted(self.ledger)))
        self._tell(one, fate)

    @rule(paused=st.booleans())
    def pause_or_resume(self, paused: bool) -> None:
        with self.database.begin() as conn:
            if paused:
                campaigns.pause(conn, self.campaign.id, "test", self.now)
            else:
                campaigns.resume(conn, self.campaign.id, self.now)

    @rule(which=st.integers(0, 7))
    def suppress(self, which: int) -> None:
        with self.database.begin() as conn:
            build.suppress(conn, self.first + which)
        self.suppressed_at.setdefault(self.people[which], self.now)

    @rule(which=st.integers(0, 7))
    def erase(self, which: int) -> None:
        with self.database.begin() as conn:
            self._cancel(conn, {self.people[which]})
            outbox.cancel_supporter(conn, self.people[which], "erased")

    @rule(which=st.integers(0, 7))
    def act(self, which: int) -> None:
        """A supporter confirms a letter."""
        if self.people[which] not in self.acted:
            with self.database.begin() as conn:
                build.add_letter(conn, self.people[which], campaign_id=self.campaign.id)
            self.acted.add(self.people[which])

    @rule()
    def requeue_what_was_refused(self) -> None:
        with self.database.begin() as conn:
            outbox.requeue_refused(conn, self.campaign.id, self.now)

    @rule(hold=st.booleans())
    def hold_or_release(self, hold: bool) -> None:
        with self.database.begin() as conn:
            mine = select(request.c.id).where(request.c.campaign_id == self.campaign.id)
            ids = list(conn.scalars(mine.order_by(request.c.id)))
            if hold:
                outbox.hold(conn, ids[:1], "test")
            else:
                outbox.release(conn, ids, self.now)

    @rule()
    def a_person_resends_what_never_arrived(self) -> None:
        """Only what the ledger does not show, and no worker still holds: a person can know that, silence cannot."""
        held = {claim.id for worker in self.workers for claim in worker.claims}
        with self.database.begin() as conn:
            for request_id in conn.scalars(
                select(request.c.id)
                .where(request.c.campaign_id == self.campaign.id, request.c.state == State.UNKNOWN.value)
                .order_by(request.c.id)
            ).all():
                if request_id not in held and not self.ledger.keys() & set(self._members(conn, request_id)):
                    assert outbox.resend(conn, request_id, by="Ana", why="asked", now=self.now)

    @precondition(lambda self: self.now > build.START + 30 * LEASE)
    @rule()
    def cancel(self) -> None:
        with self.database.begin() as conn:
            self._cancel(conn, set(self.people))
            outbox.cancel_all(conn, self.campaign.id, "enough")

    # ------------------------------------------------------------------ what always holds

    @invariant()
    def nobody_got_it_twice(self) -> None:
        self.steps["taken"] += 1
        assert not [one for one, times in self.ledger.items() if times > 1]

    @invariant()
    def nothing_is_lost(self) -> None:
        with self.database.read() as conn:
            counts = count_states(conn, self.campaign.id, WAVE)
            assert sum(counts.values()) == self.launched, counts
            rows = conn.execute(
                select(
                    request.c.id,
                    request.c.state,
                    request.c.size,
                    *(request.c[fate.name.lower()] for fate in FATES),
                ).where(request.c.campaign_id == self.campaign.id)
            ).all()
            members: dict[int, list[tuple[int, str | None, int]]] = {}
            for row in conn.execute(
                select(delivery.c.id, delivery.c.request_id, delivery.c.outcome, delivery.c.fate).where(
                    delivery.c.campaign_id == self.campaign.id
                )
            ):
                members.setdefault(row.request_id, []).append((row.id, row.outcome, row.fate))
        may_have_left = {State.ACCEPTED, State.UNKNOWN, State.SENDING}
        for request_id, state, size, *counters in rows:
            mine = members.get(request_id, [])
            live = [one for one, outcome, _ in mine if outcome is None]
            assert size == len(live)
            fates = Counter(fate for _, _, fate in mine)
            assert counters == [fates[fate] for fate in FATES]
            if state == State.ACCEPTED:
                assert set(live) <= self.ledger.keys(), "accepted, but the provider never took it"
            if self.ledger.keys() & set(live):
                assert state in may_have_left, "it left, but the database would send it again"
            for one, outcome, fate in mine:
                assert fate == self.told.get(one, Fate.NONE)
                assert not (outcome is not None and one in self.ledger), "it left, but has another outcome"
            if state in (State.QUEUED, State.HELD, State.CLAIMED):
                assert self.canceled.isdisjoint(live), "it was canceled, and would be sent after all"

    def teardown(self) -> None:
        """Faults off: whatever can still go goes, and what left in silence is proved by its events."""
        self.workers.clear()
        self.now += 100 * LEASE
        self.hold_or_release(False)
        self.pause_or_resume(False)
        for _ in range(12):
            self.now += LEASE
            self.sweep()
            with self.database.begin() as conn:
                claims = outbox.claim(conn, self.campaign.id, self.now, requests=50, lease_ms=LEASE)
                marked = outbox.mark(conn, self.campaign.id, claims, self.now, lease_ms=LEASE, release="r1")
                for claim in claims:
                    if claim.id in marked:
                        ids = self._members(conn, claim.id)
                        assert self.canceled.isdisjoint(ids)
                        self.ledger.update(ids)
                        self.token.update(dict.fromkeys(ids, claim.token))
                outbox.settle(conn, [(c, Accepted()) for c in claims if c.id in marked], self.now)
        for one in sorted(self.ledger):
            self._tell(one, Fate.DELIVERED)
        self.nobody_got_it_twice()
        self.nothing_is_lost()
        with self.database.read() as conn:
            query = select(request.c.state).where(request.c.campaign_id == self.campaign.id)
            left = set(conn.scalars(query))
        assert not left & {State.QUEUED, State.CLAIMED, State.SENDING}, left
        self._clean_up()

    def _clean_up(self) -> None:
        """Each example begins in tables as small as the first one's."""
        with self.database.begin() as conn:
            mine = select(request.c.id).where(request.c.campaign_id == self.campaign.id)
            conn.execute(delete(attempt).where(attempt.c.request_id.in_(mine)))
            conn.execute(delete(delivery).where(delivery.c.campaign_id == self.campaign.id))
            conn.execute(delete(request).where(request.c.campaign_id == self.campaign.id))
            shown = list(conn.scalars(select(letter.c.evidence_id).where(letter.c.campaign_id == self.campaign.id)))
            conn.execute(delete(letter).where(letter.c.campaign_id == self.campaign.id))
            conn.execute(delete(evidence).where(evidence.c.id.in_(shown)))
            conn.execute(delete(supporter).where(supporter.c.id.in_(self.people)))

    # ------------------------------------------------------------------ helpers

    def _cancel(self, conn: Connection, people: set[int]) -> None:
        """Keep which deliveries to these people are canceled now. What was accepted stays accepted."""
        accepted = set(
            conn.scalars(
                select(delivery.c.id)
                .join(request, request.c.id == delivery.c.request_id)
                .where(request.c.campaign_id == self.campaign.id, request.c.state == State.ACCEPTED.value)
            )
        )
        self.canceled |= {one for one, who in self.person.items() if who in people} - accepted

    def _members(self, conn: Connection, request_id: int) -> list[int]:
        return list(
            conn.scalars(
                select(delivery.c.id)
                .where(delivery.c.request_id == request_id, delivery.c.outcome.is_(None))
                .order_by(delivery.c.id)
            )
        )

    def _tell(self, one: int, fate: Fate) -> None:
        with self.database.begin() as conn:
            assert outbox.apply_provider_events(
                conn, [outbox.ProviderEvent(one, self.token[one], fate, self.now)], self.now
            ) == {(one, self.token[one])}
        self.told[one] = max(fate, self.told.get(one, Fate.NONE))
