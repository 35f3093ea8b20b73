"""The counsel record: who was asked, with which texts and consent, and nothing that identifies a writer."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace

import rich_click as click
from click.testing import CliRunner
from sqlalchemy import insert, select, update

from campaign import keys
from campaign.cli import reports
from campaign.cli.app import CliContext
from campaign.compose.rendering import release
from campaign.delivery import campaigns
from campaign.letters import reported, tallies
from campaign.letters.reported import Report
from campaign.outreach.reports import counsel_record, markdown
from campaign.outreach.reports.markdown import CounselRecord
from campaign.states import Fate
from campaign.store.engine import Database
from campaign.store.schema import contact, letter_access, pull, request, supporter
from tests import build
from tests.prepared import shipped
from tests.written import Sample, add

SLUG = "end-287g"
DAY = 24 * 3600 * 1000
NOW = 1_796_000_000_000  # 2026-11-30
NAMES = ("Xiomara", "Quetzalli", "Ramírez-Okafor")
ZIPS = ("90210", "77011")


def fill(database: Database) -> CounselRecord:
    """Two lists, a launched wave, letters on two days to two seats, a contact; and the record of it."""
    with database.begin() as conn:
        frozen = release.freeze(conn, shipped(), NOW - DAY)
        campaign = campaigns.save(conn, SLUG, release=frozen, opens_at=0, closes_at=NOW + DAY, now=NOW - DAY)
        person = {"last_name": NAMES[2], "zip": ZIPS[0], "list": "petition"}
        people = build.add_people(conn, range(1, 9), first_name=NAMES[0], **person)
        told = f"told {NAMES[1]} at her door, {NAMES[1]}@example.org"
        people += build.add_people(conn, [9], first_name=NAMES[1], consent=told, **person)
        people += build.add_people(
            conn, range(10, 16), first_name=NAMES[0], **person | {"list": "members", "zip": ZIPS[1]}
        )
        build.launch(conn, campaign, now=NOW - DAY, per_request=100)
        conn.execute(update(request).values(state="accepted", answered_at=NOW - DAY, release=frozen))
        for number, who in enumerate(people[:8]):
            add(conn, campaign, Sample(who, fate=Fate.DELIVERED), NOW if number else NOW - DAY)
            add(conn, campaign, Sample(who, "S:NC:2", "form", "handed_off", variant="senate"), NOW)
        add(conn, campaign, Sample(people[8], "H:CA:30", "form", "reported"), NOW)
        add(conn, campaign, Sample(people[8], "H:CA:30", state="queued", reason="taken back"), NOW)
        row = {"seat": "H:NC:12", "email": "aide@mail.house.example", "wants": "each", "per_hour": 9, "changed_at": NOW}
        conn.execute(insert(contact).values(**row, given_by="the office, by phone", answered_on="2026-11-20"))
        conn.execute(
            insert(pull).values(list="petition", by="w", started_at=NOW - DAY, read=12, imported=10, rejected=2)
        )
        return counsel_record.record(conn, SLUG, NOW)


def rows(found: CounselRecord, key: str) -> list[dict[str, object]]:
    (section,) = [section for section in found.sections if section.key == key]
    return list(section.rows)


def test_nobody_who_wrote_can_be_found_in_the_record(database: Database) -> None:
    found = fill(database)
    for text in (markdown.markdown(found), json.dumps(markdown.numbers(found), ensure_ascii=False)):
        assert re.search(r"[^\s@]+@[^\s@]+\.[a-z]{2,}", text) is None
        for word in (*NAMES, *ZIPS, "aide@", "house.example"):
            assert not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text, re.IGNORECASE), word


def test_the_record_counts_what_was_asked_of_whom(database: Database) -> None:
    found = fill(database)
    assert rows(found, "waves") == [
        {"wave": "first", "launched": markdown.when(NOW - DAY), "by": "not said", "supporters": 15}
    ]
    none = {"from the open page": 0, "erased since": 0}
    assert rows(found, "letters") == [
        {"text": "house", "letters": 9, "from lists": 9, **none},
        {"text": "senate", "letters": 8, "from lists": 8, **none},
    ]
    seats = {(row["seat"], row["text"]): row["letters"] for row in rows(found, "seats")}
    assert seats["H:CA:30", ""] == "<5"
    assert seats["S:NC:2", "senate"] == 8
    assert [(row["list"], row["launched"], row["sent"]) for row in rows(found, "supporter_mails")] == [
        ("members", 6, 6),
        ("petition", 9, 9),
    ]
    days = rows(found, "days")
    assert [day["letters confirmed"] for day in days] == [1, 17]
    assert [day["asks sent"] for day in days] == [15, 0]
    assert sum(int(str(day["letters sent"])) for day in days) == 8
    assert (days[1]["letters handed to their writers"], days[1]["reported by their writers"]) == (8, 1)


def test_every_letter_has_its_evidence_and_every_text_its_hash(database: Database) -> None:
    found = fill(database)
    (shown,) = rows(found, "evidence")
    assert shown == {"consent text": "1", "confirmed by": "page", "letters": 18, "with evidence": 18}
    (used,) = rows(found, "releases")
    assert used["serves now"]
    told = {row["file"]: row["sha256"] for row in rows(found, "texts")}
    assert told == {path: hashlib.sha256(text.encode()).hexdigest() for path, text in shipped().files.items()}
    facts = {str(row["fact"]): row for row in rows(found, "facts")}
    assert str(facts["bill_hr6890"]["source_url"]).startswith("https://www.congress.gov/")
    assert "2026-11-20" in markdown.markdown(found)


def test_consent_is_quoted_where_many_gave_it_and_counted_where_few_did(database: Database) -> None:
    found = fill(database)
    assert rows(found, "lists") == [
        {"list": "members", "supporters on file": 6, "asked": 6},
        {"list": "petition", "supporters on file": 9, "asked": 9},
    ]
    assert [(row["how and when"], row["supporters"]) for row in rows(found, "consent")] == [
        ("petition page, 2026-09-12", 6),
        ("petition page, 2026-09-12", 8),
        ("1 other sentence(s)", 1),
    ]


def test_an_erased_person_stays_in_the_counts_alone(database: Database) -> None:
    fill(database)
    with database.begin() as conn:
        first = select(supporter.c.id).order_by(supporter.c.id).limit(1).scalar_subquery()
        conn.execute(update(supporter).where(supporter.c.id == first).values(list="", consent="erased", email=None))
        found = counsel_record.record(conn, SLUG, NOW)
    assert {"list": "(erased since)", "supporters on file": 1, "asked": 1} in rows(found, "lists")
    assert "erased" not in {row["how and when"] for row in rows(found, "consent")}


def test_people_from_the_open_page_are_counted_apart_from_those_on_lists(database: Database) -> None:
    fill(database)
    with database.begin() as conn:
        campaign = campaigns.get(conn, SLUG)
        joined = build.add_people(conn, range(20, 24), list="open page", consent="on our page on November 30, 2026")
        erased = select(supporter.c.id).order_by(supporter.c.id).limit(1).scalar_subquery()
        conn.execute(update(supporter).where(supporter.c.id == erased).values(list="", consent="erased", email=None))
        for who in joined:
            add(conn, campaign, Sample(who), NOW)
        called = Report(seat="H:NC:12", holder="A000370", way="call", outcome="answered", at=NOW)
        for who in (*joined[:2], 3):
            reported.record(conn, campaign.id, who, called)
        reported.record(conn, campaign.id, 4, replace(called, way="form", outcome="chosen"))
        for event in ("zip", "zip", "zip", "call_answered", "form_sent", "joined"):
            tallies.add(conn, campaign.id, source="wa", event=event, now=NOW)
        found = counsel_record.record(conn, SLUG, NOW)
    assert rows(found, "letters") == [
        {"text": "house", "letters": 13, "from lists": 8, "from the open page": 4, "erased since": 1},
        {"text": "senate", "letters": 8, "from lists": 7, "from the open page": 0, "erased since": 1},
    ]
    assert [list(row.values()) for row in rows(found, "calls")] == [
        ["called, and someone answered", 1, 3, 0],
        ["sent the office's form", 0, 1, 0],
    ]
    assert [list(row.values()) for row in rows(found, "open_page")] == [
        ["entered a ZIP code", 3],
        ["joined the list", 1],
    ]
    assert {"list": "open page", "supporters on file": 4, "asked": 0} in rows(found, "lists")


def test_the_commands_show_the_same(database: Database, tmp_path: object) -> None:
    fill(database)

    root = click.Group(commands=[reports.report, reports.record])
    here = CliContext(None)
    here.__dict__.update(database=database, keys=keys.derive(b"\x07" * 32))  # the cached properties

    def run(*words: str) -> str:
        done = CliRunner().invoke(root, list(words), obj=here, catch_exceptions=False)
        assert done.exit_code == 0
        return done.output

    assert run("counsel-record", SLUG).startswith("# Record of end-287g\n")
    assert json.loads(run("counsel-record", SLUG, "--json"))["letters"][0]["letters"] == 9
    written = f"{tmp_path}/record.md"
    assert written in run("counsel-record", SLUG, "--to", written).replace("\n", "")
    told = json.loads(run("report", SLUG, "--json"))
    assert told["letters"]["confirmed"] == 18
    assert told["page"].endswith(run("report", SLUG).rsplit("/", 1)[1].strip())
    assert "letters by seat,H:CA:30,all,<5" in run("report", SLUG, "--csv")


def test_who_read_letters_is_listed_without_a_small_number(database: Database) -> None:
    fill(database)
    with database.begin() as conn:
        for seat, number in (("S:NC:2", 8), ("S:NC:2", 3), ("H:NC:12", 8), ("H:CA:30", 1), ("H:CA:30", 9)):
            row = {"at": NOW, "what": "packet", "campaign_id": 1, "seat": seat, "letters": number, "account": "ana"}
            conn.execute(insert(letter_access).values(row))
        found = counsel_record.record(conn, SLUG, NOW)
    read = [(row["seat"], row["letters"], row["account"], row["name given"]) for row in rows(found, "letter_access")]
    assert read == [
        ("S:NC:2", 8, "ana", ""),
        ("S:NC:2", "<5", "ana", ""),
        ("H:NC:12", "–", "ana", ""),  # with it, the number of H:CA:30 could be computed
        ("H:CA:30", "<5", "ana", ""),
        ("H:CA:30", "<5", "ana", ""),  # the seat's own number is hidden, so this one is, too
    ]
