"""The organizer's report as a page and as JSON: numbers with their words, and nobody in it."""

from __future__ import annotations

import json
import re

from sqlalchemy import select

from campaign.delivery import campaigns, outbox
from campaign.delivery.transport import Accepted, Refused
from campaign.states import FATES, Fate, Outcome, State
from campaign.store.schema import delivery
from campaign.web import pages
from tests.build import START
from tests.contract.web import SLUG, Web


def settle(door: Web) -> None:
    """Of three asks two are accepted, one of these delivered; one is refused, in the provider's words."""
    why = "400: person3@example.org does not exist"
    with door.database.begin() as conn:
        campaign = campaigns.get(conn, SLUG)
        refused = conn.scalars(select(delivery.c.id).where(delivery.c.supporter_id == door.people[2])).one()
        spanish = conn.scalars(select(delivery.c.id).where(delivery.c.supporter_id == door.people[1])).one()
        claims = outbox.claim(conn, campaign.id, START, requests=9, lease_ms=1000)
        outbox.mark(conn, campaign.id, claims, START, lease_ms=1000, release=campaign.release)
        where = dict(conn.execute(select(delivery.c.request_id, delivery.c.id)).all())
        assert len(where) == len(claims) == 3
        outbox.settle(
            conn, [(c, Refused(why, (refused,)) if where[c.id] == refused else Accepted()) for c in claims], START
        )
        (token,) = [claim.token for claim in claims if where[claim.id] == spanish]
        outbox.tell(conn, [outbox.Told(spanish, token, Fate.DELIVERED, START)], START)
        campaigns.pause(conn, campaign.id, "from person1@example.org is not verified", START)


def test_the_report_counts_and_names_nobody(door: Web) -> None:
    settle(door)
    page, numbers = door.get(door.report), door.get(f"{door.report}.json")
    (wave,) = json.loads(numbers.body)["waves"]
    assert wave["launched"] == 3 == sum(wave["states"].values())
    assert wave["states"] == {"accepted": 2, "refused": 1}
    assert wave["fates"] == {"delivered": 1}
    assert wave["adds_up"]
    seen = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text.partition("<main>")[2]))
    for words in (
        "launched 3 accepted by SendGrid 2 delivered 1",
        "accepted by SendGrid 2 66.7 %",
        "refused 1 33.3 %",
        "delivered 1 50.0 %",
        "nothing heard yet 1 50.0 %",
        "It adds up: 3 = 2 + 1",
        "1 refused: 400: &lt;address&gt; does not exist",
        "This campaign is paused. from &lt;address&gt; is not verified",
    ):
        assert words in seen
    assert re.search(r"\bsent\b", seen) is None
    for answer in (page, numbers, door.get(f"{door.report}?lang=es")):
        assert answer.status == 200
        assert "person" not in answer.text.lower()
        assert "@" not in answer.text.partition("</style>")[2]
    assert "http-equiv" not in page.text
    assert '<meta http-equiv="refresh" content="10">' in door.get(f"{door.report}?live=1").text


def test_each_state_outcome_and_fate_has_its_words() -> None:
    for words in pages.WORDS.values():
        assert words["report"]["state"].keys() == {*State, *Outcome}
        assert words["report"]["fate"].keys() == {fate.name.lower() for fate in FATES}
    assert json.dumps(pages.WORDS["en"]).count("{organization}") == json.dumps(pages.WORDS["es"]).count(
        "{organization}"
    )
