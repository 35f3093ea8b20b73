"""A campaign, people with links, a clock, and a provider that answers as it is told: for tests of letters."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, closing, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection, func, select

from campaign import keys as key_files
from campaign import links
from campaign.compose.rendering import release
from campaign.config import ROOT, Settings, load_settings
from campaign.congress import contacts, roster
from campaign.congress.contacts import Contact
from campaign.delivery import campaigns, outbox
from campaign.delivery.sender import open_sender
from campaign.delivery.sendgrid import bulk
from campaign.delivery.transport import Accepted, Answer
from campaign.links import Link, Purpose
from campaign.outreach.action_page import actions, confirm, street_lookup, unsubscribe, zip_change
from campaign.outreach.action_page import page as pages
from campaign.outreach.action_page import visit as visits
from campaign.outreach.action_page.context import check_zip, load_context
from campaign.outreach.action_page.views import ActionPage, Confirmed, MustConfirmAgain, OtherZip, Stopped
from campaign.outreach.action_page.visit import LinkRequest, Visit
from campaign.outreach.action_page.zip_change import CodeResult
from campaign.outreach.routing import schedule
from campaign.outreach.sending import bounced_letters
from campaign.outreach.sending import drain as send_loop
from campaign.states import Fate
from campaign.store import engine
from campaign.store.engine import Database
from campaign.store.schema import delivery, evidence, letter, request
from campaign.supporters import new_zips
from tests import build
from tests.prepared import shipped

T = TypeVar("T")
UseCase = Callable[[Connection, Visit, Mapping[str, str]], T]
SLUG = "end-287g"
KEYS = key_files.derive(b"\x07" * 32)
FAR = 4_000_000_000  # seconds
MINUTE = 60_000
DAY = 24 * 60 * MINUTE
ROSTER = roster.load()
ADAMS, BUDD, TILLIS = "H:NC:12", "S:NC:3", "S:NC:2"
HERE, SPLIT, VACANT, CAPITAL = "28205", "60632", "30093", "20002"

ENVIRON = {
    "SENDGRID_API_KEY": "SG.x",
    "CAMPAIGN_SENDGRID_URL": "http://127.0.0.1:9",
    "CAMPAIGN_CAMPAIGN_OFFICE_HOURS": "0-24",
}


def moment(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


START = moment("2026-11-24T12:00-05:00")
SWITCHED = moment("2027-01-03T12:01-05:00")


@dataclass
class Site:
    """A campaign, people of ZIP 28205 with links, a clock, and a provider that answers as it is told."""

    database: Database
    settings: Settings
    at: int = START
    people: list[int] = field(default_factory=list)
    mails: list[dict[str, Any]] = field(default_factory=list, repr=False)
    answers: list[Answer] = field(default_factory=list)  # of the next calls; then it accepts

    def token(self, number: int = 1) -> str:
        return self.request(number).token

    def request(self, number: int = 1, purpose: Purpose = Purpose.ACTION, *, lang: str = "") -> LinkRequest:
        link = Link(self.people[number - 1], number.to_bytes(8, "big"), FAR)
        action = links.tokens(KEYS.links, SLUG, link.supporter, link.nonce, link.expires)[0]
        token = action if purpose is Purpose.ACTION else links.own_token(KEYS.links, SLUG, purpose, link)
        return LinkRequest(SLUG, token, purpose, lang)

    def visiting(self, number: int = 1, *, lang: str = "") -> AbstractContextManager[tuple[Connection, Visit]]:
        return visits.acting(self.database, KEYS, self.settings, self.request(number, lang=lang))

    def act(self, use_case: UseCase[T], number: int = 1, *, lang: str = "", **form: object) -> T:
        """One POST of a supporter: the use case, in its transaction, with this form."""
        with self.visiting(number, lang=lang) as (conn, visit):
            return use_case(conn, visit, {name: str(value) for name, value in form.items()})

    def enter(self, zip_: str = HERE, seat: str = "", number: int = 1) -> ActionPage:
        return self.act(actions.enter, number, zip=zip_, seat=seat)

    def find_street(self, zip_: str, street: str) -> ActionPage:
        """What `web.action_page.answer` does with a street: two transactions, and the lookup between them."""
        with self.visiting() as (conn, visit):
            found = street_lookup.find(conn, visit, {"zip": zip_, "street": street})
        if isinstance(found, ActionPage):
            return found
        agreement = street_lookup.look_up(self.database, KEYS, self.settings.matching, found)
        with self.visiting() as (conn, visit):
            return street_lookup.save(conn, visit, found, agreement)

    def form(self, zip_: str = HERE, seat: str = "", number: int = 1, **changes: str) -> dict[str, str]:
        page = self.enter(zip_, seat, number)
        preview = next(iter(page.previews), page.preview)  # an office that we deliver to, if there is one
        assert preview is not None
        typed = {"first_name": "Ana", "last_name": "Ruiz", "city": "Charlotte", "story": "My street is afraid."}
        return {"zip": zip_, "seat": preview.office.seat, "seen": preview.seen, **typed, **changes}

    def confirm(self, form: dict[str, str], number: int = 1) -> ActionPage | MustConfirmAgain | OtherZip | Stopped:
        """What came of the form; for letters that are confirmed, the page on which they stand."""
        found = self.act(confirm.confirm, number, **form)
        if not isinstance(found, Confirmed):
            return found
        with self.visiting(number) as (conn, visit):
            return pages.show(conn, load_context(conn, visit, found.page.zip), page="status")

    def write(self, zip_: str = HERE, seat: str = "", number: int = 1, **changes: str) -> ActionPage:
        found = self.confirm(self.form(zip_, seat, number, **changes), number)
        assert isinstance(found, ActionPage), found
        return found

    def refused(self, form: dict[str, str]) -> dict[str, str]:
        """The problems of a form that comes back, which must have stored nothing."""
        before = self.counts()
        found = self.confirm(form)
        assert isinstance(found, MustConfirmAgain), found
        assert self.counts() == before
        return dict(found.problems)

    def states(self, zip_: str = HERE, number: int = 1) -> list[str]:
        return [one.state for one in self.enter(zip_, number=number).letters]

    def drain(self) -> list[str]:
        """Send what is due; the kinds that went out by this."""
        before = len(self.mails)
        with closing(open_sender(self.database, KEYS, self.settings)) as me:
            send_loop.drain(me, SLUG, seconds=300, now=lambda _: self.at)
        return [mail["kind"] for mail in self.mails[before:]]

    def follow(self) -> bounced_letters.FollowUp:
        return bounced_letters.follow_up(self.database, schedule.hours(self.settings), now=lambda _: self.at)

    def contact(self, seat: str = ADAMS, wants: str = "each", **changes: Any) -> None:
        row = Contact(seat, f"staff-{seat[2:4].lower()}@example.org", wants, "us", "2026-11-10", **changes)
        with self.database.begin() as conn:
            contacts.load(conn, [row], START - DAY)

    def promise(self, seat: str = ADAMS, on: str = "2026-12-16", **changes: Any) -> None:
        """Someone promises to hand in this office's packets."""
        from campaign.outreach.channels.packet import promise_visit  # a test takes this channel out

        day, by = date.fromisoformat(on), changes.pop("by", "Dana Whitlock")
        promise_visit.promise(self.database, self.settings, seat, by=by, on=day, **changes)

    def counts(self) -> dict[str, int]:
        with self.database.read() as conn:
            found = {
                table.name: conn.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (letter, evidence)
            }
            kinds = select(delivery.c.kind, func.count()).group_by(delivery.c.kind)
            return found | {f"{kind} deliveries": number for kind, number in conn.execute(kinds)}

    def rows(self, query: Any) -> list[Any]:
        with self.database.read() as conn:
            return list(conn.execute(query).all())

    def do(self, statement: Any) -> None:
        with self.database.begin() as conn:
            conn.execute(statement)

    def tell(self, fate: Fate) -> None:
        """A word of the provider about the newest letter by e-mail."""
        query = select(delivery.c.id, request.c.token).join(request, request.c.id == delivery.c.request_id)
        *_, row = self.rows(query.where(delivery.c.kind == "letter").order_by(delivery.c.id))
        with self.database.begin() as conn:
            outbox.apply_provider_events(conn, [outbox.ProviderEvent(row.id, row.token, fate, self.at)], self.at)

    def forget(self, zip_: str = HERE) -> bool:
        return self.act(unsubscribe.forget, zip=zip_) is None

    def unsubscribe(self, number: int = 1) -> None:
        with self.visiting(number) as (conn, visit):
            unsubscribe.unsubscribe(conn, visit)

    def disown(self, number: int = 1) -> int:
        with visits.acting(self.database, KEYS, self.settings, self.request(number, Purpose.DISOWN)) as (conn, visit):
            return actions.disown(conn, visit)

    def code(self, number: int = 1) -> str:
        with self.database.read() as conn:
            found = new_zips.find(conn, KEYS, 1, self.people[number - 1], self.at)
        assert found is not None
        return found.code

    def move(self, zip_: str = CAPITAL, number: int = 1) -> bool:
        """ "It's my link, and I moved: email me a code." Whether one is queued."""

        def ask(conn: Connection, visit: Visit, form: Mapping[str, str]) -> bool:
            return zip_change.send_code(conn, check_zip(conn, visit, form))

        return self.act(ask, number, zip=zip_)

    def enter_code(self, code: str, number: int = 1) -> CodeResult:
        with self.visiting(number) as (conn, visit):
            return zip_change.enter_code(conn, visit, code)[0]


@pytest.fixture
def site(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    made = Site(database, load_settings(home=tmp_path, path=ROOT / "config.toml", environ=ENVIRON))
    with database.begin() as conn:
        frozen = release.freeze(conn, shipped(), START)
        closes = moment("2027-04-01T00:00-04:00")
        campaigns.save(conn, SLUG, release=frozen, opens_at=START - 20 * DAY, closes_at=closes, now=START)
        for number in (1, 2):
            hashed = KEYS.email_hash(f"person{number}@example.org")
            made.people += build.add_people(conn, [number], email_hash=hashed, last_name="Ruiz")
    monkeypatch.setattr(engine, "now", lambda _: made.at)

    async def post(_client: Any, _url: str, _key: str, content: bytes, **_: Any) -> Answer:
        answer = made.answers.pop(0) if made.answers else Accepted("m")
        mail = json.loads(content)
        text = mail["content"][0]["value"] if mail["personalizations"] else ""
        kind = "letter" if len(mail["content"]) == 1 else "code" if "/c/" in text else "receipt"
        made.mails.append({"kind": kind, "text": text, **mail})
        return answer

    monkeypatch.setattr(bulk, "post", post)
    return made


def together(*calls: Callable[[], Any]) -> list[Any]:
    """All at the same moment; what each gave, or raised."""
    barrier = threading.Barrier(len(calls))

    def one(call: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return call()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return [done.result() for done in [pool.submit(one, call) for call in calls]]


def meet(number: int) -> Callable[[int], bytes]:
    """Random bytes, for which so many wait for each other: a second at most, for one may wait for the database."""
    barrier = threading.Barrier(number)

    def token_bytes(length: int) -> bytes:
        with suppress(threading.BrokenBarrierError):
            barrier.wait(1)
        return secrets.token_bytes(length)

    return token_bytes
