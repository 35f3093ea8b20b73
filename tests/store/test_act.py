"""What a supporter's link does, on real tables: letters, evidence, deliveries and receipts, with time as we set it."""

from __future__ import annotations

import json
import secrets
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from campaign import keys as key_files
from campaign import links
from campaign.compose import folder, receipts, release
from campaign.config import ROOT, Settings, load_settings
from campaign.congress import match, offices, roster
from campaign.congress.offices import Contact
from campaign.delivery import campaigns, outbox, sendgrid
from campaign.delivery.transport import Accepted, Answer, Refused, TryLater
from campaign.letters import drafts, record
from campaign.links import BadLink
from campaign.outreach import act, follow_up, send
from campaign.outreach.act import Again, Desk, Held, WrongZip
from campaign.states import Fate
from campaign.store import engine
from campaign.store.engine import Database
from campaign.store.schema import campaign as campaign_table
from campaign.store.schema import contact, delivery, draft, evidence, letter, request, supporter, suppression, visit
from tests import build

SLUG = "end-287g"
KEYS = key_files.derive(b"\x07" * 32)
FAR = 4_000_000_000  # seconds
MINUTE = 60_000
DAY = 24 * 60 * MINUTE
ROSTER = roster.load()
ADAMS, BUDD, TILLIS = "H:NC:12", "S:NC:3", "S:NC:2"
HERE, SPLIT, VACANT, CAPITAL = "28205", "60632", "30093", "20002"


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
    mails: list[dict[str, Any]] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)  # of the next calls; then it accepts

    def token(self, number: int = 1) -> str:
        return links.tokens(KEYS.links, SLUG, self.people[number - 1], number.to_bytes(8, "big"), FAR)[0]

    def where(self, number: int = 1) -> tuple[Database, key_files.Keys, Settings, str, str]:
        return self.database, KEYS, self.settings, SLUG, self.token(number)

    def enter(self, zip_: str = HERE, seat: str = "", number: int = 1) -> Desk:
        return act.enter(*self.where(number), zip_, seat=seat)

    def form(self, zip_: str = HERE, seat: str = "", number: int = 1, **changes: str) -> dict[str, str]:
        sheet = self.enter(zip_, seat, number).sheet
        assert sheet is not None
        typed = {"first_name": "Ana", "last_name": "Ruiz", "city": "Charlotte", "story": "My street is afraid."}
        return {"zip": zip_, "seat": sheet.office.seat, "seen": sheet.seen, **typed, **changes}

    def confirm(self, form: dict[str, str], number: int = 1) -> Desk | Again | Held:
        return act.confirm(*self.where(number), form)

    def write(self, zip_: str = HERE, seat: str = "", number: int = 1, **changes: str) -> Desk:
        found = self.confirm(self.form(zip_, seat, number, **changes), number)
        assert isinstance(found, Desk), found
        return found

    def refused(self, form: dict[str, str]) -> dict[str, str]:
        """The problems of a form that comes back, which must have stored nothing."""
        before = self.counts()
        found = self.confirm(form)
        assert isinstance(found, Again), found
        assert self.counts() == before
        return dict(found.problems)

    def states(self, zip_: str = HERE, number: int = 1) -> list[str]:
        return [one.state for one in self.enter(zip_, number=number).letters]

    def drain(self) -> list[str]:
        """Send what is due; the kinds that went out by this."""
        before = len(self.mails)
        with closing(send.sender(self.database, KEYS, self.settings)) as me:
            send.drain(me, SLUG, seconds=5, now=lambda _: self.at)
        return [mail["kind"] for mail in self.mails[before:]]

    def follow(self) -> follow_up.Followed:
        return follow_up.follow(self.database, now=lambda _: self.at)

    def contact(self, seat: str = ADAMS, **changes: Any) -> None:
        row = Contact(seat, f"staff-{seat[2:4].lower()}@example.org", "each", "us", "2026-11-10", **changes)
        with self.database.begin() as conn:
            offices.load(conn, [row], START - DAY)

    def counts(self) -> dict[str, int]:
        with self.database.read() as conn:
            found = {
                table.name: conn.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (letter, evidence, draft)
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
            outbox.tell(conn, [outbox.Told(row.id, row.token, fate, self.at)], self.at)

    def disown(self, number: int = 1) -> int:
        whose = (KEYS.links, SLUG, self.people[number - 1], number.to_bytes(8, "big"), FAR)
        return act.disown(self.database, KEYS, SLUG, links.disown_token(*whose))

    def code(self, number: int = 1) -> str:
        with self.database.read() as conn:
            held = drafts.find(conn, KEYS, 1, self.people[number - 1], self.at)
        assert held is not None
        return held.code

    def hold(self, zip_: str = CAPITAL, seat: str = "", **changes: str) -> None:
        form = {**self.form(zip_, seat, email="person1@example.org"), **changes}
        assert isinstance(self.confirm(form), Held)


@pytest.fixture
def site(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    made = Site(database, load_settings(home=tmp_path, path=ROOT / "config.toml", environ={"SENDGRID_API_KEY": "SG.x"}))
    with database.begin() as conn:
        frozen = release.freeze(conn, folder.load(ROOT / "templates" / SLUG), START)
        closes = moment("2027-04-01T00:00-04:00")
        campaigns.save(conn, SLUG, release=frozen, opens_at=START - 20 * DAY, closes_at=closes, now=START)
        for number in (1, 2):
            hashed = KEYS.email_hash(f"person{number}@example.org")
            made.people += build.add_people(conn, [number], email_hash=hashed, last_name="Ruiz")
    monkeypatch.setattr(engine, "now", lambda _: made.at)

    async def post(_client: Any, _url: str, _key: str, content: bytes, *_: Any) -> Answer:
        answer = made.answers.pop(0) if made.answers else Accepted("m")
        mail = json.loads(content)
        text = mail["content"][0]["value"] if mail["personalizations"] else ""
        kind = "letter" if len(mail["content"]) == 1 else "code" if "/c/" in text else "receipt"
        made.mails.append({"kind": kind, "text": text, **mail})
        return answer

    monkeypatch.setattr(sendgrid, "post", post)
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


# ------------------------------------------------------------------------------------------------ the own ZIP


def test_the_own_zip_opens_her_page_with_the_first_office_and_counts_one_visit(site: Site) -> None:
    desk = site.enter()
    site.enter("28205-1234")
    assert (desk.own, desk.first_name, desk.last_name) == (True, "Person 1", "Ruiz")
    assert [(office.seat, office.why) for office in desk.offices] == [
        (ADAMS, "district"),
        (TILLIS, "state"),
        (BUDD, "state"),
    ]
    assert desk.sheet is not None
    assert desk.sheet.office.seat == ADAMS
    assert len(site.rows(select(visit))) == 1


def test_what_is_no_zip_and_a_forged_link_are_refused(site: Site) -> None:
    for typed in ("2820", "28205 ", "２８２０５", "abcde", ""):
        with pytest.raises(WrongZip):
            site.enter(typed)
    with pytest.raises(BadLink):
        act.enter(site.database, KEYS, site.settings, "other", site.token(), HERE)
    assert site.rows(select(visit)) == []


def test_one_confirmation_makes_one_letter_evidence_delivery_and_receipt(site: Site) -> None:
    site.contact(needs=("street",))
    desk = site.write(street="12 Elm St")
    assert [(one.state, one.can_take_back) for one in desk.letters] == [("going", True)]
    site.write(street="12 Elm St", seat=TILLIS)
    assert site.counts() == {
        "letter": 2, "evidence": 2, "draft": 0, "letter deliveries": 2, "receipt deliveries": 1,
    }  # fmt: skip
    assert site.states() == ["going", "ready"]
    site.at += 16 * MINUTE
    assert sorted(site.drain()) == ["letter", "receipt"]
    (mail,) = [one for one in site.mails if one["kind"] == "letter"]
    assert "12 Elm St" in mail["text"]
    assert "Charlotte, NC 28205" in mail["text"]
    assert mail["reply_to"]["email"] == "person1@example.org"
    assert site.states() == ["sent", "ready"]


def test_confirming_again_changes_nothing(site: Site) -> None:
    form = site.form()
    site.confirm(form)
    before = site.counts()
    assert isinstance(site.confirm(form), Desk)
    assert isinstance(site.confirm({**form, "story": "Other words."}), Desk)
    assert site.counts() == before


@pytest.mark.parametrize("email", [True, False])
def test_two_confirmations_at_the_same_moment_leave_one_of_each_and_no_error(
    site: Site, email: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if email:
        site.contact()
    form = site.form()
    monkeypatch.setattr(record, "secrets", SimpleNamespace(token_bytes=meet(2)))
    found = together(*[lambda: site.confirm(form)] * 2)
    assert [type(one) for one in found] == [Desk] * 2
    assert site.counts() == {
        "letter": 1, "evidence": 1, "draft": 0, "letter deliveries": 1, "receipt deliveries": 1,
    }  # fmt: skip


def test_two_offices_at_the_same_moment_share_one_receipt(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = site.form(seat=ADAMS), site.form(seat=TILLIS)
    monkeypatch.setattr(record, "secrets", SimpleNamespace(token_bytes=meet(2)))
    found = together(lambda: site.confirm(first), lambda: site.confirm(second))
    assert [type(one) for one in found] == [Desk, Desk]
    assert (site.counts()["letter"], site.counts()["receipt deliveries"]) == (2, 1)


# ------------------------------------------------------------------------------------------------ forms that come back


@pytest.mark.parametrize(
    ("changes", "problems"),
    [
        ({"seen": "0" * 32}, {"seen": "changed"}),
        ({"seen": ""}, {"seen": "changed"}),
        ({"story": "My cousin is undocumented."}, {"story": "status"}),
        ({"story": "x" * 2001}, {"story": "story-long"}),
        ({"first_name": "http://spam.example/x"}, {"name": "name"}),
        ({"last_name": " \n "}, {"name": "name"}),
        ({"seat": "S:OH:3"}, {"seat": "seat"}),
        ({"seat": ""}, {"seat": "seat"}),
        ({"seat": "H:XX:99"}, {"seat": "seat"}),
        ({"city": "", "street": "", "phone": "12", "prefix": "Sir"}, dict.fromkeys(("city", "street"), "")),
    ],
)
def test_a_form_with_a_fault_comes_back_and_stores_nothing(
    site: Site, changes: dict[str, str], problems: dict[str, str]
) -> None:
    site.contact(needs=("street", "phone", "prefix"))
    lines = {"street": "12 Elm St", "phone": "(704) 555-0112", "prefix": "Ms."}
    found = site.refused({**site.form(), **lines, **changes})
    if "city" in problems:
        problems = {name: name for name in ("city", "street", "phone", "prefix")}
    assert found == problems


def test_a_name_that_is_an_address_of_the_web_is_no_name(site: Site) -> None:
    assert site.refused(site.form(first_name="Visit", last_name="www.evil.example")) == {"name": "name"}


def test_she_may_keep_a_sentence_that_the_guard_asked_about(site: Site) -> None:
    desk = site.write(story="My cousin is undocumented.", guard="keep")
    assert "undocumented" in desk.letters[0].text


def test_a_text_mended_between_page_and_confirmation_is_read_again(site: Site) -> None:
    form = site.form()
    files = dict(folder.load(ROOT / "templates" / SLUG).files)
    files["letter/house/subject.txt"] = files["letter/house/subject.txt"].replace("Please", "Kindly")
    with site.database.begin() as conn:
        frozen = release.freeze(conn, folder.parse(SLUG, files), site.at)
        conn.execute(update(campaign_table).values(release=frozen))
    assert site.refused(form) == {"seen": "changed"}
    site.write()
    assert [row[0] for row in site.rows(select(evidence.c.release))] == [frozen]


def test_who_reads_spanish_gets_the_page_of_a_campaign_in_english_alone(site: Site) -> None:
    files = dict(folder.load(ROOT / "templates" / SLUG).files)
    files["campaign.toml"] = files["campaign.toml"].replace('locales = ["en", "es"]', 'locales = ["en"]')
    with site.database.begin() as conn:
        frozen = release.freeze(conn, folder.parse(SLUG, files), site.at)
        conn.execute(update(campaign_table).values(release=frozen))
        conn.execute(update(supporter).values(locale="es"))
    site.write()


@pytest.mark.parametrize("at", ["2026-10-01T00:00-04:00", "2027-04-01T00:00-04:00"])
def test_outside_its_window_no_letter_is_confirmed(site: Site, at: str) -> None:
    form = site.form()
    site.at = moment(at)
    assert "seat" in site.refused(form)


# ------------------------------------------------------------------------------------------------ which offices


def test_a_split_zip_offers_names_and_one_choice(site: Site) -> None:
    site.do(update(supporter).values(zip=SPLIT))
    desk = site.enter(SPLIT)
    assert desk.sheet is None
    assert [office.seat for office in desk.candidates] == ["H:IL:4", "H:IL:7"]
    site.write(SPLIT, "H:IL:4")
    assert site.rows(select(letter.c.matched, letter.c.seat)) == [("chosen", "H:IL:4")]
    after = site.enter(SPLIT)
    assert after.candidates == ()
    assert [office.seat for office in after.offices] == ["H:IL:4", "S:IL:2", "S:IL:3"]
    assert site.refused({**site.form(SPLIT, "S:IL:2"), "seat": "H:IL:7"})["seat"] == "seat"


def test_a_vacant_seat_gets_no_letter(site: Site) -> None:
    site.do(update(supporter).values(zip=VACANT))
    desk = site.enter(VACANT)
    assert [(office.seat, office.vacant) for office in desk.candidates] == [("H:GA:4", False), ("H:GA:13", True)]
    assert "seat" in site.refused({**site.form(VACANT, "S:GA:2"), "seat": "H:GA:13"})
    site.do(update(supporter).values(zip="30017"))
    desk = site.enter("30017")
    assert desk.warnings == ("vacant-house",)
    assert [office.seat for office in desk.offices] == ["S:GA:2", "S:GA:3"]


def test_the_capital_has_a_delegate_and_no_senators(site: Site) -> None:
    site.do(update(supporter).values(zip=CAPITAL))
    desk = site.enter(CAPITAL)
    assert ([office.seat for office in desk.offices], desk.warnings) == (["H:DC:0"], ("no-senators",))
    site.write(CAPITAL)


def test_after_the_switch_nothing_is_said_of_the_house_and_senators_get_the_other_text(site: Site) -> None:
    form = site.form()
    site.at = SWITCHED
    desk = site.enter()
    assert [office.seat for office in desk.offices] == [TILLIS, BUDD]
    assert desk.sheet is not None
    assert desk.sheet.text.variant == "after"
    assert "6890" not in desk.sheet.text.ask
    assert "seat" in site.refused(form)
    site.write()
    assert site.rows(select(letter.c.variant)) == [("after",)]


def test_a_letter_from_a_zip_of_two_states_names_the_state_of_its_office(site: Site) -> None:
    site.do(update(supporter).values(zip="02861"))
    site.contact("H:RI:1")
    site.write("02861", "H:RI:1", city="Pawtucket")
    site.at += 16 * MINUTE
    site.drain()
    (text,) = [mail["text"] for mail in site.mails if mail["kind"] == "letter"]
    assert "Pawtucket, RI 02861" in text


def test_who_moved_to_a_split_zip_may_choose_there(site: Site) -> None:
    site.write(seat=ADAMS)
    site.do(update(supporter).values(zip=SPLIT))
    assert [office.seat for office in site.enter(SPLIT).candidates] == ["H:IL:4", "H:IL:7"]
    site.write(SPLIT, "H:IL:4")


# ------------------------------------------------------------------------------------------------ another ZIP


def test_another_zip_shows_nothing_of_hers_and_changes_no_row(site: Site) -> None:
    site.write(story="A secret.")
    site.do(visit.delete())
    before = site.counts()
    desk = site.enter(CAPITAL)
    assert (desk.own, desk.first_name, desk.last_name, desk.letters) == (False, "", "", ())
    for text in ("Ruiz", "person1", "secret", "Person 1"):
        assert text not in repr(replace(desk, page=replace(desk.page, title={})))
    letter_id = site.rows(select(letter.c.id))[0][0]
    act.take_back(*site.where(), CAPITAL, letter_id)
    act.told(*site.where(), CAPITAL, letter_id, "yes")
    act.forget(*site.where(), CAPITAL)
    assert site.states() == ["ready"]
    assert site.counts() == before


def test_another_persons_letter_is_not_hers_to_take_back(site: Site) -> None:
    site.write(number=2)
    letter_id = site.rows(select(letter.c.id))[0][0]
    act.take_back(*site.where(1), HERE, letter_id)
    act.told(*site.where(1), HERE, letter_id, "yes")
    assert site.states(number=2) == ["ready"]


def test_the_answer_is_the_same_whoever_the_address_belongs_to_but_only_hers_is_mailed(site: Site) -> None:
    for typed in ("person2@example.org", "nobody@example.org", "not an address@"):
        site.hold(email=typed)
    assert site.counts()["draft"] == 0
    assert "email" in site.refused(site.form(CAPITAL))
    site.hold(email=" Person1@Example.org ")
    assert (site.counts()["draft"], site.counts()["letter"]) == (1, 0)
    assert site.drain() == ["code"]
    assert site.code() in site.mails[0]["text"]
    assert [one["to"][0]["email"] for one in site.mails[0]["personalizations"]] == ["person1@example.org"]


def test_the_code_confirms_the_held_letter_and_moves_her(site: Site) -> None:
    site.hold()
    for wrong in ("", "12345", "abcdef", "é"):
        assert act.confirm_held(*site.where(), wrong) is None
    code = site.code()
    desk = act.confirm_held(*site.where(), f" {code[:3]} {code[3:]} ")
    assert desk is not None
    assert (desk.own, [one.office.seat for one in desk.letters]) == (True, ["H:DC:0"])
    assert site.rows(select(evidence.c.by)) == [("mail",)]
    assert act.confirm_held(*site.where(), code) is None, "it counts once"
    assert not site.enter(HERE).own
    assert site.counts()["receipt deliveries"] == 1


def test_a_code_ends_after_three_days_and_after_too_many_tries(site: Site) -> None:
    site.hold()
    code = site.code()
    site.at += drafts.KEPT_MS
    assert act.confirm_held(*site.where(), code) is None
    site.at -= drafts.KEPT_MS
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(drafts.TRIES):
        assert act.confirm_held(*site.where(), wrong) is None
    assert act.confirm_held(*site.where(), code) is None
    assert site.counts()["letter"] == 0


def test_guesses_at_the_same_moment_count_each(site: Site) -> None:
    site.hold()
    wrong = f"{(int(site.code()) + 1) % 1_000_000:06d}"
    together(*[lambda: act.confirm_held(*site.where(), wrong)] * 8)
    assert site.rows(select(draft.c.tries)) == [(8,)]


def test_nobody_gets_more_than_three_mails_about_held_letters(site: Site) -> None:
    for _ in range(act.DRAFT_MAILS + 2):
        site.hold()
    assert site.counts()["confirm deliveries"] == act.DRAFT_MAILS


def test_who_unsubscribed_gets_no_mail_about_a_held_letter(site: Site) -> None:
    with site.database.begin() as conn:
        hashed = KEYS.email_hash("person1@example.org")
        conn.execute(suppression.insert().values(email_hash=hashed, reason="unsubscribed", source="t", at=0))
    site.hold()
    assert site.drain() == []
    site.write()
    site.at += 16 * MINUTE
    assert site.drain() == [], "no receipt either"


def test_a_second_person_can_hold_a_letter_after_the_first_ones_was_confirmed(site: Site) -> None:
    site.hold()
    assert act.confirm_held(*site.where(), site.code()) is not None
    form = site.form(CAPITAL, number=2, email="person2@example.org")
    assert isinstance(site.confirm(form, 2), Held)
    assert site.counts()["confirm deliveries"] == 2


def test_two_held_at_the_same_moment_are_one_draft_and_no_error(site: Site) -> None:
    form = site.form(CAPITAL, email="person1@example.org")
    found = together(*[lambda: site.confirm(form)] * 3)
    assert [type(one) for one in found] == [Held] * 3
    assert site.counts()["draft"] == 1


def test_a_text_that_changed_while_it_was_held_is_shown_anew_and_not_sent(site: Site) -> None:
    site.at = SWITCHED - 2 * DAY
    site.hold("10001", "S:NY:1")
    code = site.code()
    site.at = SWITCHED
    desk = act.confirm_held(*site.where(), code)
    assert desk is not None
    assert desk.letters == ()
    assert site.counts()["letter"] == 0


# ------------------------------------------------------------------------------------------------ afterwards


def test_what_has_not_left_is_taken_back_and_may_be_written_again(site: Site) -> None:
    site.contact()
    first = site.write().letters[0].letter
    assert [one.state for one in act.take_back(*site.where(), HERE, first).letters] == ["withdrawn"]
    assert site.rows(select(letter.c.words)) == [(None,)]
    site.write()
    site.at += 17 * MINUTE
    assert sorted(site.drain()) == ["letter", "receipt"]
    assert site.states() == ["withdrawn", "sent"]


def test_a_letter_taken_back_under_the_worker_that_claimed_it_does_not_leave(site: Site) -> None:
    site.contact()
    number = site.write().letters[0].letter
    site.at += 16 * MINUTE
    with site.database.begin() as conn:
        claims = outbox.claim(conn, 1, site.at, requests=10, lease_ms=120_000)
    assert {claim.kind for claim in claims} == {"letter", "receipt"}
    assert act.take_back(*site.where(), HERE, number).letters[0].state == "withdrawn"
    with site.database.begin() as conn:
        hashed = conn.scalars(select(campaign_table.c.release)).one()
        outbox.hold(conn, [claim.id for claim in claims if claim.kind == "letter"], "held meanwhile")
        marked = outbox.mark(conn, 1, claims, site.at, lease_ms=120_000, release=hashed)
    assert {claim.kind for claim in claims if claim.id in marked} == {"receipt"}
    assert site.rows(select(request.c.state).where(request.c.kind == "letter")) == [("cancelled",)]


def test_a_letter_confirmed_while_a_receipt_is_being_made_gets_its_own(site: Site) -> None:
    site.write()
    site.at += 4 * MINUTE
    with site.database.begin() as conn:
        outbox.claim(conn, 1, site.at, requests=10, lease_ms=120_000)
    site.write(seat=TILLIS)
    site.write(seat=BUDD)
    assert site.counts()["receipt deliveries"] == 2


def test_what_has_left_is_not_taken_back(site: Site) -> None:
    site.contact()
    number = site.write().letters[0].letter
    site.at += 16 * MINUTE
    site.drain()
    assert [one.state for one in act.take_back(*site.where(), HERE, number).letters] == ["sent"]
    assert site.rows(select(letter.c.withdrawn_at)) == [(None,)]
    assert site.disown() == 1
    assert site.states() == ["sent"], "what has left has left, whoever says what"


def test_what_she_tells_of_the_form_is_reported_and_never_sent(site: Site) -> None:
    number = site.write().letters[0].letter
    for answer, state in (("later", "ready"), ("yes", "reported"), ("no", "ready"), ("maybe", "ready")):
        desk = act.told(*site.where(), HERE, number, answer)
        assert [one.state for one in desk.letters] == [state]


def test_disowning_withdraws_what_has_not_left_and_drops_the_draft(site: Site) -> None:
    site.contact()
    site.write()
    site.write(seat=TILLIS)
    site.hold()
    assert site.disown() == 2
    assert site.disown() == 0
    assert site.counts()["draft"] == 0
    site.at += 17 * MINUTE
    assert site.drain() == [], "neither letter nor receipt, and no code"
    assert site.states() == ["withdrawn", "withdrawn"]


@pytest.mark.parametrize("how", ["page", "address"])
def test_erasure_takes_everything_that_names_her(site: Site, how: str) -> None:
    site.contact()
    site.write()
    site.write(seat=TILLIS)
    site.hold()
    if how == "page":
        act.forget(*site.where(), HERE)
    else:
        assert act.erase(site.database, KEYS, "Person1@example.org")
    assert site.rows(select(letter.c.words, letter.c.reason)) == [(None, "erased")] * 2
    assert site.counts()["draft"] == 0
    assert site.rows(select(supporter.c.email, supporter.c.zip).where(supporter.c.id == site.people[0])) == [(None, "")]
    site.at += 17 * MINUTE
    assert site.drain() == []
    with pytest.raises(BadLink):
        site.enter()


def test_who_is_erased_while_a_letter_is_confirmed_leaves_no_words(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.contact()
    form, real, others = site.form(), record.confirm, list[threading.Thread]()

    def meanwhile(*args: Any) -> int | None:
        other = threading.Thread(target=lambda: act.erase(site.database, KEYS, "person1@example.org"))
        others.append(other)
        other.start()
        other.join(1)  # it ends by now, or waits for this transaction
        return real(*args)

    monkeypatch.setattr(record, "confirm", meanwhile)
    site.confirm(form)
    others[0].join()
    assert site.rows(select(letter.c.id).where(letter.c.words.is_not(None))) == []


def test_an_erased_persons_letter_that_comes_back_to_the_queue_makes_no_call(site: Site) -> None:
    site.contact()
    site.write()
    site.at += 16 * MINUTE
    site.answers = [TryLater("429", 1000), TryLater("429", 1000)]
    site.drain()
    with site.database.begin() as conn:  # erased while it was on its way, as far as anybody knew
        conn.execute(update(request).where(request.c.kind == "letter").values(state="sending", lease_until=site.at))
    act.erase(site.database, KEYS, "person1@example.org")
    with site.database.begin() as conn:
        conn.execute(update(request).where(request.c.kind == "letter").values(state="queued", lease_until=None))
    site.at += 2 * MINUTE
    before = len(site.mails)
    site.drain()
    assert site.mails[before:] == []


# ------------------------------------------------------------------------------------------------ on its way


@pytest.mark.parametrize("fate", [Fate.BOUNCED, Fate.DROPPED, Fate.BLOCKED])
def test_a_letter_that_was_turned_away_goes_to_her_with_one_receipt(site: Site, fate: Fate) -> None:
    site.contact()
    site.write()
    site.at += 16 * MINUTE
    site.drain()
    site.tell(fate)
    assert site.states() == ["returned"]
    for _ in range(3):
        site.follow()
    (one,) = site.enter().letters
    assert (one.state, one.fallback, "afraid" in one.text) == ("ready", True, True)
    assert site.counts()["receipt deliveries"] == 2
    assert site.drain() == ["receipt"]
    assert site.rows(select(contact.c.off))[0][0], "the contact is not used any more"


def test_a_refused_letter_goes_to_her_with_one_receipt(site: Site) -> None:
    site.contact()
    site.write()
    site.at += 4 * MINUTE
    assert site.drain() == ["receipt"]
    site.at += 12 * MINUTE
    site.answers = [Refused("400: no", ())]
    site.drain()
    assert site.states() == ["refused"]
    assert site.follow().fallen == 1
    assert site.follow().fallen == 0
    assert site.drain() == ["receipt"]
    assert site.states() == ["ready"]


def test_two_ticks_at_once_hand_over_once_and_neither_fails(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.contact()
    site.write()
    site.at += 4 * MINUTE
    site.drain()
    site.at += 12 * MINUTE
    site.answers = [Refused("400: no", ())]
    site.drain()
    real, wait = outbox.hand_off, meet(2)

    def hand_off(*args: Any, **more: Any) -> int | None:
        wait(1)
        return real(*args, **more)

    monkeypatch.setattr(outbox, "hand_off", hand_off)
    found = together(site.follow, site.follow)
    assert Counter(type(one).__name__ for one in found) == {"Followed": 2}
    assert site.counts()["receipt deliveries"] == 2


def test_a_letter_that_came_back_can_be_taken_back_whole(site: Site) -> None:
    site.contact()
    number = site.write().letters[0].letter
    site.at += 16 * MINUTE
    site.drain()
    site.tell(Fate.BOUNCED)
    site.follow()
    act.take_back(*site.where(), HERE, number)
    assert site.rows(select(letter.c.reason, letter.c.words)) == [("taken back", None)]
    assert not site.enter().offices[0].written


def test_a_contact_switched_off_before_sending_hands_the_letter_over_with_one_receipt(site: Site) -> None:
    site.contact()
    site.write()
    site.at += 4 * MINUTE
    site.drain()
    with site.database.begin() as conn:
        offices.switch_off(conn, ADAMS, "the office asked", site.at)
    site.at += 12 * MINUTE
    assert site.drain() == []
    assert site.follow().fallen == 1
    assert site.drain() == ["receipt"]
    assert site.states() == ["ready"]


def test_a_letter_to_who_left_the_seat_is_held_and_its_writer_is_told_once(site: Site) -> None:
    site.contact()
    site.write()
    site.at += 4 * MINUTE
    site.drain()
    site.do(update(letter).values(holder="X000000"))
    site.at += 12 * MINUTE
    assert "letter" not in site.drain()
    assert site.states() == ["held"]
    site.follow()
    site.at += MINUTE
    site.drain()
    assert Counter(mail["kind"] for mail in site.mails) == {"receipt": 2}


def test_a_letter_whose_text_is_not_true_any_more_is_held(site: Site) -> None:
    site.contact(TILLIS)
    site.at = SWITCHED - 5 * MINUTE
    site.write(seat=TILLIS)
    site.at = SWITCHED + 11 * MINUTE
    assert "letter" not in site.drain()
    assert site.states() == ["held"]


def test_a_letter_that_waits_for_its_writer_is_not_shown_once_its_text_is_untrue(site: Site) -> None:
    site.at = SWITCHED - 5 * MINUTE
    site.write(seat=TILLIS)
    assert site.enter().letters[0].text
    site.at = SWITCHED
    (one,) = site.enter().letters
    assert (one.text, one.subject) == ("", "")


def test_a_letter_that_waits_is_not_shown_for_who_holds_the_seat_now(site: Site) -> None:
    site.write(seat=TILLIS)
    site.do(update(letter).values(holder="X000000"))
    (one,) = site.enter().letters
    assert one.text == ""


def test_a_letter_confirmed_before_the_campaign_closes_still_goes(site: Site) -> None:
    site.contact(TILLIS)
    site.at = moment("2027-03-31T23:55-04:00")
    site.write(seat=TILLIS)
    site.at += 16 * MINUTE
    assert "letter" in site.drain()


def test_words_of_a_letter_that_never_left_go_after_the_campaign(site: Site) -> None:
    site.contact()
    site.write()
    with site.database.begin() as conn:
        ids = list(conn.scalars(select(request.c.id).where(request.c.kind == "letter")))
        outbox.hold(conn, ids, "somebody else holds this seat now")
    site.at = moment("2027-07-01T12:00-04:00")
    follow_up.retain(site.database, now=lambda _: site.at)
    assert site.rows(select(letter.c.words)) == [(None,)]


def test_one_letter_that_cannot_be_read_does_not_stop_the_others(site: Site) -> None:
    site.contact()
    site.write()
    site.write(number=2)
    site.do(update(letter).where(letter.c.supporter_id == site.people[0]).values(words=b"\x01" + bytes(40)))
    site.at += 20 * MINUTE
    assert "letter" in site.drain()


def test_a_read_of_what_waits_holds_no_write_lock_while_it_renders(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rendering stands outside of any writing transaction: on SQLite everybody else waits for one."""
    site.write()
    site.at += 16 * MINUTE
    free = list[bool]()
    real = receipts.receipt

    def render(*args: Any, **more: Any) -> Any:
        def write() -> None:
            site.do(update(supporter).where(supporter.c.id == site.people[1]).values(updated_at=1))
            free.append(True)

        other = threading.Thread(target=write)
        other.start()
        other.join(1)
        free.append(False)
        return real(*args, **more)

    monkeypatch.setattr(receipts, "receipt", render)
    assert site.drain() == ["receipt"]
    assert free[0], "another writer waited for the claim's transaction"


# ------------------------------------------------------------------------------------------------ what always holds

ZIPS = sorted(ROSTER.zips)
SEATS = sorted(ROSTER.seats)


@hypothesis(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_no_letter_goes_to_a_seat_that_the_zip_neither_proves_nor_offers(site: Site, data: st.DataObject) -> None:
    zip_ = data.draw(st.sampled_from(ZIPS))
    codes = ROSTER.zips[zip_]
    near = [*codes, *(f"S:{code.split(':')[1]}:{class_}" for code in codes for class_ in (1, 2, 3))]
    number = len(site.people) + 1
    with site.database.begin() as conn:
        site.people += build.add_people(conn, [number], zip=zip_)
    for seat in data.draw(st.lists(st.sampled_from(near) | st.sampled_from(SEATS), min_size=1, max_size=4)):
        sheet = site.enter(zip_, seat, number).sheet
        typed = {"first_name": "Ana", "last_name": "Ruiz", "city": "Here", "story": ""}
        site.confirm({"zip": zip_, "seat": seat, "seen": sheet.seen if sheet else "", **typed}, number)
    found = match.by_zip(ROSTER, zip_, site.at)
    columns = (letter.c.id, letter.c.seat, letter.c.holder, letter.c.matched, evidence.c.text_hash)
    mine = letter.c.supporter_id == site.people[-1]
    written = site.rows(select(*columns).outerjoin(evidence, evidence.c.id == letter.c.evidence_id).where(mine))
    with site.database.read() as conn:
        words = record.words(conn, KEYS, [row.id for row in written])
    for row in written:
        assert found.proves(row.seat) if row.matched == "zip" else found.offers(row.seat)
        holder = ROSTER.seats[row.seat].holder
        assert holder is not None
        assert holder.bioguide == row.holder
        one = words[row.id]
        assert bytes(row.text_hash) == KEYS.proof(one.subject, one.core, one.envelope)
    assert sum(row.seat.startswith("H:") for row in written) <= 1
