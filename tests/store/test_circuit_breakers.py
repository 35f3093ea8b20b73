"""A provider that refuses everything pauses the campaign; one bad address or office does not."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from campaign.delivery import campaigns, outbox
from campaign.delivery.outbox.transitions import count_states
from campaign.delivery.sender import open_sender
from campaign.delivery.sendgrid import bulk
from campaign.delivery.transport import Accepted, Answer, Refused
from campaign.model import Kind
from campaign.outreach.sending import circuit_breakers
from campaign.outreach.sending import drain as send_loop
from campaign.store.schema import request
from tests import build
from tests.store.site import ADAMS, KEYS, MINUTE, SLUG, Site

REFUSED = Refused("400: the from address is not verified")
Script = Callable[[dict[str, Any], Sequence[int]], Answer]  # of the body and its deliveries


class Provider:
    """Answers each request by a script, and counts them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, script: Script) -> None:
        self.script = script
        self.requests: list[int] = []  # the number of people in each

        async def post(*arguments: Any, deliveries: Sequence[int], **_: Any) -> Answer:
            self.requests.append(len(deliveries))
            return self.script(json.loads(arguments[-1]), deliveries)

        monkeypatch.setattr(bulk, "post", post)


def launch(site: Site, number: int, *, per_request: int = 10, wave: str = "first", locales: str = "en") -> None:
    """Ask so many people, besides the two of the site."""
    with site.database.begin() as conn:
        for place, locale in enumerate(locales.split()):
            numbers = range(1_000 * (place + 1), 1_000 * (place + 1) + number)
            build.add_people(conn, numbers, locale=locale)
        build.launch(conn, campaigns.get(conn, SLUG), wave=wave, per_request=per_request, now=site.at)


def drain(site: Site, *, in_flight: int = 16) -> None:
    settings = replace(site.settings, sendgrid=replace(site.settings.sendgrid, in_flight=in_flight))
    with closing(open_sender(site.database, KEYS, settings)) as me:
        send_loop.drain(me, SLUG, seconds=60, now=lambda _: site.at)


def paused(site: Site) -> str:
    with site.database.read() as conn:
        found = campaigns.get(conn, SLUG)
    return found.reason if found.paused else ""


def resume(site: Site, *, requeue: bool = False) -> int:
    site.at += 1_000
    with site.database.begin() as conn:
        number = outbox.requeue_refused(conn, 1, site.at) if requeue else 0
        campaigns.resume(conn, 1, site.at)
    return number


def states(site: Site, wave: str = "first") -> dict[str, int]:
    with site.database.read() as conn:
        found = count_states(conn, 1, wave)
        assert sum(found.values()) == sum(one.launched for one in campaigns.waves(conn, 1))
    return found


@pytest.mark.parametrize("in_flight", [1, 4, 16])
@pytest.mark.parametrize("per_request", [1, 10])
@pytest.mark.parametrize("all_named", [True, False])
def test_a_provider_that_refuses_everything_is_stopped_within_bounds(
    site: Site, monkeypatch: pytest.MonkeyPatch, in_flight: int, per_request: int, all_named: bool
) -> None:
    provider = Provider(monkeypatch, lambda _, ids: Refused(REFUSED.reason, tuple(ids) if all_named else ()))
    launch(site, 25 * per_request, per_request=per_request)
    drain(site, in_flight=in_flight)
    assert paused(site).startswith("SendGrid refused ")
    assert paused(site).endswith(f"requests in a row: {REFUSED.reason}")
    assert len(provider.requests) <= in_flight + 2
    drain(site, in_flight=in_flight)
    assert len(provider.requests) <= in_flight + 2, "a paused campaign sends nothing"


@pytest.mark.parametrize("script", [lambda _, ids: REFUSED, lambda _, ids: Refused("400: bad", tuple(ids[:1]))])
def test_one_large_request_is_not_burned_by_splitting_it(
    site: Site, monkeypatch: pytest.MonkeyPatch, script: Script
) -> None:
    provider = Provider(monkeypatch, script)
    launch(site, 500, per_request=1_000)
    drain(site)
    assert "requests in a row" in paused(site)
    assert len(provider.requests) <= circuit_breakers.MOST_REFUSED + 16
    assert states(site).get("queued", 0) >= 460


def test_a_provider_that_refuses_one_text_only_is_stopped(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def script(body: dict[str, Any], _ids: Sequence[int]) -> Answer:
        return REFUSED if body["personalizations"][0]["to"][0]["email"].startswith("person2") else Accepted("m")

    provider = Provider(monkeypatch, script)
    launch(site, 200, per_request=10, locales="en es")
    drain(site, in_flight=2)
    assert "requests in a row" in paused(site)
    found = states(site)
    assert found.get("refused", 0) == 0, "nobody was given up"
    assert len(provider.requests) < 40


@pytest.mark.parametrize("per_request", [3, 10])
def test_bad_addresses_that_the_provider_names_do_not_stop_a_campaign(
    site: Site, monkeypatch: pytest.MonkeyPatch, per_request: int
) -> None:
    """One in each request: the others of it go on without that person."""
    bad: set[int] = set()

    def script(_body: dict[str, Any], ids: Sequence[int]) -> Answer:
        if len(ids) == per_request:
            bad.add(ids[1])
            return Refused("400: Does not contain a valid address.", (ids[1],))
        return Accepted("m")

    Provider(monkeypatch, script)
    launch(site, 12 * per_request - 2, per_request=per_request)
    drain(site)
    assert paused(site) == ""
    assert states(site) == {"accepted": 12 * (per_request - 1), "refused": 12}
    assert len(bad) == 12


def test_an_unnamed_culprit_is_found_by_halving_without_a_pause(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def script(body: dict[str, Any], _ids: Sequence[int]) -> Answer:
        to = {one["to"][0]["email"] for one in body["personalizations"]}
        return REFUSED if to & {"person1003@example.org", "person1036@example.org"} else Accepted("m")

    Provider(monkeypatch, script)
    launch(site, 98, per_request=20)
    drain(site)
    assert paused(site) == ""
    assert states(site) == {"accepted": 98, "refused": 2}


def test_after_a_resume_the_count_starts_again_one_request_at_a_time(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = Provider(monkeypatch, lambda _, ids: REFUSED)
    launch(site, 300, per_request=10)
    drain(site)
    before = len(provider.requests)
    resume(site)
    drain(site)
    assert "requests in a row" in paused(site)
    assert len(provider.requests) == before + 3, "one at a time, and three of them"
    provider.script = lambda _, ids: Accepted("m")
    resume(site)
    drain(site)
    drain(site)
    assert paused(site) == ""
    assert states(site) == {"accepted": 302}


def test_what_was_refused_whole_can_be_queued_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every person was named, as when a header is wrong: the fault is not theirs."""
    provider = Provider(monkeypatch, lambda _, ids: Refused(REFUSED.reason, tuple(ids)))
    launch(site, 298, per_request=10)
    drain(site)
    refused = states(site)["refused"]
    assert 30 <= refused <= 180
    provider.script = lambda _, ids: Accepted("m")
    assert resume(site, requeue=True) == refused
    assert states(site) == {"queued": 300}
    assert resume(site, requeue=True) == 0
    drain(site)
    assert states(site) == {"accepted": 300}
    assert resume(site, requeue=True) == 0


def test_people_whom_the_provider_named_stay_refused(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = Provider(
        monkeypatch, lambda _, ids: Refused("400: bad", tuple(ids[:1])) if len(ids) > 1 else Accepted("m")
    )
    launch(site, 2, per_request=2)
    drain(site)
    assert states(site) == {"accepted": 2, "refused": 2}
    assert resume(site, requeue=True) == 0
    assert len(provider.requests) == 4


def test_one_bad_office_address_does_not_stop_a_campaign(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its letters take their next channel, and the receipts that say so are accepted."""

    def script(body: dict[str, Any], ids: Sequence[int]) -> Answer:
        to_office = body["personalizations"][0]["to"][0]["email"].startswith("staff-")
        return Refused("400: Does not contain a valid address.", tuple(ids)) if to_office else Accepted("m")

    Provider(monkeypatch, script)
    with site.database.begin() as conn:
        for number in range(3, 9):
            hashed = KEYS.email_hash(f"person{number}@example.org")
            site.people += build.add_people(conn, [number], email_hash=hashed)
    site.contact(ADAMS)
    for number in range(1, 9):
        site.write(number=number)
    for _ in range(8):
        site.at += 16 * MINUTE
        drain(site)
        site.follow()
        assert paused(site) == ""
    assert {one for number in range(1, 9) for one in site.states(number=number)} == {"ready"}


@pytest.mark.parametrize(("offices", "stops"), [(1, False), (2, False), (3, True)])
def test_letters_count_by_office(site: Site, offices: int, stops: bool) -> None:
    """Ten refused letters in a row, to so many offices."""
    with site.database.begin() as conn:
        for number in range(10):
            (who,) = build.add_people(conn, [500 + number])
            assert outbox.add_one(
                conn,
                1,
                kind=Kind.LETTER,
                wave=f"email-{number}",
                locale="en",
                variant=f"S:NC:{number % offices}",
                supporter_id=who,
                due_at=site.at,
                letter_id=500 + number,
                channel="email",
            )
        claims = outbox.claim(conn, 1, site.at, requests=20, lease_ms=1_000)
        release = campaigns.get(conn, SLUG).release
        assert len(outbox.mark(conn, 1, claims, site.at, lease_ms=1_000, release=release)) == 10
        outbox.settle(conn, [(claim, REFUSED) for claim in claims], site.at)
        assert (circuit_breakers.refused_in_a_row(conn, 1, claims) is not None) is stops


def test_an_acceptance_ends_the_row(site: Site) -> None:
    with site.database.begin() as conn:
        build.add_people(conn, range(100, 110))
        build.launch(conn, campaigns.get(conn, SLUG), per_request=1, now=site.at)
        release = campaigns.get(conn, SLUG).release
        rounds: list[list[Answer]] = [[REFUSED, REFUSED], [Accepted("m")], [REFUSED, REFUSED], [REFUSED]]
        for at, answers in enumerate(rounds):
            assert circuit_breakers.refused_in_a_row(conn, 1) is None
            claims = outbox.claim(conn, 1, site.at + at, requests=len(answers), lease_ms=1_000)
            outbox.mark(conn, 1, claims, site.at + at, lease_ms=1_000, release=release)
            outbox.settle(conn, list(zip(claims, answers, strict=True)), site.at + at)
        assert circuit_breakers.refused_in_a_row(conn, 1) == f"SendGrid refused 3 requests in a row: {REFUSED.reason}"
        assert circuit_breakers.refused_in_a_row(conn, 1, since=site.at + 3) is None, "whoever resumed it has looked"


def test_sandbox_mode_is_named_in_the_reason_and_nothing_is_sent_twice(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SendGrid answers 200 in sandbox mode: these messages are in doubt, and they are never queued again."""
    provider = Provider(monkeypatch, lambda _, ids: bulk.read(200, {}, b"", ids, 1))
    launch(site, 298, per_request=10)
    drain(site)
    assert paused(site).startswith("3 requests in a row were not answered: status 200")
    assert "sandbox mode" in paused(site)
    taken = sum(provider.requests)
    assert states(site) == {"unknown": taken, "queued": 300 - taken}
    for _ in range(3):
        resume(site)
        drain(site)
    with site.database.read() as conn:
        assert set(conn.scalars(select(request.c.attempt))) == {1}
    assert states(site)["unknown"] == sum(provider.requests), "each of them was posted once"


def test_a_wrong_address_of_the_provider_pauses_at_once_and_loses_nothing(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = Provider(monkeypatch, lambda _, ids: bulk.read(404, {}, b"<html>", ids, 1))
    launch(site, 298, per_request=10)
    drain(site)
    assert "check [sendgrid] url" in paused(site)
    assert len(provider.requests) <= 16
    assert states(site) == {"queued": 300}
