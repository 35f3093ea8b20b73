"""The judge: what the database claims, held against what stands in the sandbox's ledger."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Connection, func, select

from campaign.delivery import outbox
from campaign.delivery.outbox import ProviderEvent
from campaign.sandbox import ledger
from campaign.states import Event, Fate, State
from campaign.store import engine
from campaign.store.schema import attempt, delivery, request, wave
from tests.journey import parts
from tests.journey.parts import Site
from tests.kill import letters

TOLD_AT_ONCE = 200  # requests
SAYS_SO = {State.UNKNOWN, State.REFUSED, State.CANCELLED, "suppressed"}  # it did not arrive, or nobody can know


@dataclass(frozen=True, slots=True)
class Verdict:
    """Deliveries. `duplicates` stand in the ledger more than once; `losses` are all about which the database is wrong.

    `unknown` were in doubt at some time; `unknown_accepted` are those of them that the ledger shows.
    """

    mails: int
    duplicates: int
    losses: int
    unknown: int
    unknown_accepted: int


def tell(site: Site) -> None:
    """Settle what is in doubt by evidence, as the provider's events would: a word for each mail in the ledger."""
    entries = ledger.read(site.ledger)
    while some := list(islice(entries, TOLD_AT_ONCE)):
        words = []
        for entry in some:
            for part in entry.body.personalizations:
                args = entry.body.args(part)
                token = args["ct_request"].partition(".")[0]
                words.append(ProviderEvent(int(args["ct_delivery"]), token, Fate.PROCESSED, entry.at))
        with site.database.begin() as conn:
            outbox.apply_provider_events(conn, words, engine.now(conn))


def judge(site: Site) -> Verdict:
    """After `tell`, with nothing running."""
    with site.database.read() as conn:
        if conn.dialect.name == "sqlite" and conn.exec_driver_sql("PRAGMA integrity_check").scalar_one() != "ok":
            raise RuntimeError("the database file is damaged")
        launched = int(conn.execute(select(func.coalesce(func.sum(wave.c.launched), 0))).scalar_one())
        sizes = int(
            conn.execute(select(func.coalesce(func.sum(request.c.size), 0)).where(request.c.kind == "ask")).scalar_one()
        )
        own = select(func.count()).where(delivery.c.outcome.is_not(None), delivery.c.kind == "ask")
        sums = sizes + conn.execute(own).scalar_one()
        state = func.coalesce(delivery.c.outcome, request.c.state)
        states = select(delivery.c.id, state, delivery.c.kind).join_from(delivery, request)
        rows = conn.execute(states).all()
        doubted, seen = _doubted(conn), letters.seen(conn, site, parts.arrived(site))
        about_letters = letters.wrong(conn, site)
        print(f"{letters.summary(conn, site)}, {sum(about_letters.values())} wrong", file=sys.stderr)
    claimed: dict[int, str] = {row[0]: row[1] for row in rows}
    asks = sum(row[2] == "ask" for row in rows)
    wrong = Counter(
        f"{state}, and {seen[one]} times in the ledger" for one, state in claimed.items() if not _true(state, seen[one])
    )
    wrong["launched, but not in the database"] = launched - asks
    wrong |= about_letters
    wrong["in the ledger, but never launched"] = len(seen.keys() - claimed.keys())
    wrong["missing in the sum over states"] = abs(launched - sums)
    for what, number in sorted(wrong.items()):
        if number:
            print(f"WRONG: {number} deliveries: {what}", file=sys.stderr)
    return Verdict(
        mails=launched,
        duplicates=sum(times > 1 for times in seen.values()),
        losses=sum(wrong.values()),
        unknown=len(doubted),
        unknown_accepted=len(doubted & seen.keys()),
    )


def _true(state: str, times: int) -> bool:
    """Whether the ledger bears out what the database says of one delivery."""
    return state == State.ACCEPTED if times else state in SAYS_SO


def _doubted(conn: Connection) -> set[int]:
    """The deliveries of every request that was unknown at some time: unanswered, or left by a dead worker."""
    left = (attempt.c.what == Event.EXPIRE.value) & request.c.marked_at.is_not(None)
    query = (
        select(delivery.c.id)
        .join_from(delivery, request)
        .join(attempt, attempt.c.request_id == request.c.id)
        .where((attempt.c.what == Event.NO_ANSWER.value) | left)
    )
    return set(conn.scalars(query))
