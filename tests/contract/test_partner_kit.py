"""`campaign share` and the counts it leads to: what a partner gets, and what organizers see of its visitors."""

from __future__ import annotations

import csv
import io
import json
import re
from html import unescape
from xml.etree import ElementTree

from campaign.compose.rendering import release
from campaign.delivery import campaigns
from campaign.letters import follow_ups, tallies
from campaign.letters.tallies import Event
from campaign.store import engine
from campaign.store.engine import Database
from tests.contract.cli_home import Home, home
from tests.contract.web import SLUG, Web
from tests.prepared import shipped

__all__ = ["home"]

SITE = {"CAMPAIGN_WEB_BASE_URL": "https://action.example.org"}


def launched(home: Home) -> Database:
    database = engine.connect(f"sqlite:///{home.path}/home/campaign.db")
    with database.begin() as conn:
        frozen = release.freeze(conn, shipped(), 1)
        campaigns.save(conn, "end-287g", release=frozen, opens_at=0, closes_at=1 << 50, now=1)
    return database


def test_a_partner_gets_a_link_a_button_and_a_code_to_print(home: Home) -> None:
    qr = home.path / "code.svg"
    shown = home.works("share", "end-287g", "--source", "union-5", "--qr", str(qr), **SITE)
    assert "\nhttps://action.example.org/end-287g?s=union-5\n" in shown
    (button,) = re.findall(r"<a .*</a>", shown)
    assert 'href="https://action.example.org/end-287g?s=union-5"' in button
    assert unescape(re.sub(r"<[^>]+>", "", button)) == "Ask Congress to end 287(g)"
    assert not re.search(r"<script|<iframe|class=|onclick|url\(", button)
    assert ElementTree.parse(qr).getroot().tag == "{http://www.w3.org/2000/svg}svg"
    assert "The page opens when you launch: campaign launch end-287g" in shown


def test_the_link_of_another_language_and_a_png(home: Home) -> None:
    qr = home.path / "code.png"
    found = json.loads(home.works("share", "end-287g", "--lang", "es", "--qr", str(qr), "--json", **SITE))
    assert found["link"] == "https://action.example.org/end-287g?lang=es"
    assert 'href="https://action.example.org/end-287g?lang=es"' in found["button"]
    assert 'lang="es"' in found["button"]
    assert qr.read_bytes().startswith(b"\x89PNG")


def test_what_cannot_be_a_link_or_a_file_is_told(home: Home) -> None:
    assert "'Union 5' can't be a source" in home.fails("share", "end-287g", "--source", "Union 5")
    assert "'wa' already means something else" in home.fails("share", "end-287g", "--source", "wa")
    assert "no texts in 'fr' It has: en, es." in home.fails("share", "end-287g", "--lang", "fr")
    assert "is not a file for a QR code" in home.fails("share", "end-287g", "--qr", str(home.path / "code.gif"))
    assert "cannot be written" in home.fails("share", "end-287g", "--qr", str(home.path / "missing" / "code.svg"))
    assert "no campaign is called" in home.fails("share", "end-278g")


def test_a_partners_code_counts_by_its_name_from_the_moment_it_is_made(home: Home) -> None:
    database = launched(home)
    with database.begin() as conn:
        for number in range(tallies.MOST_CODES):
            tallies.add(conn, 1, source=f"made-up-{number}", event="zip", now=1)
    assert "opens when you launch" not in home.works("share", "end-287g", "--source", "union-5", **SITE)
    with database.begin() as conn:
        tallies.add(conn, 1, source="union-5", event="call_answered", seat="H:NC:12", now=1)
        assert tallies.totals(conn, 1).sources["union-5"] == {"call_answered": 1}
    database.close()


COUNTED: dict[str, dict[Event, int]] = {
    "": {"zip": 40, "call_answered": 12},
    "wa": {"zip": 9, "call_answered": 6},
    "union-5": {"zip": 3},
}


def count(database: Database, campaign_id: int) -> None:
    with database.begin() as conn:
        for source, events in COUNTED.items():
            for event, number in events.items():
                for _ in range(number):
                    seat = "H:NC:12" if event == "call_answered" else ""
                    tallies.add(conn, campaign_id, source=source, event=event, seat=seat, now=1)
        tallies.reserve(conn, campaign_id, "church", now=1)


def test_the_report_shows_them_apart_and_hides_small_numbers_by_source(door: Web) -> None:
    asked = json.loads(door.get(f"{door.report}.json").body)["funnel"]
    with door.database.read() as conn:
        campaign_id = campaigns.get(conn, SLUG).id
    assert "From the open page" not in door.get(door.report).text
    count(door.database, campaign_id)
    numbers = json.loads(door.get(f"{door.report}.json").body)
    assert numbers["funnel"] == asked, "the people who were asked are counted apart"
    assert numbers["calls"] == {}
    assert numbers["open_page"]["events"] == {"zip": 52, "call_answered": 18}
    assert numbers["open_page"]["offices"] == 1
    assert numbers["open_page"]["sources"] == {
        "": {"zip": {"letters": 40, "small": False}, "call_answered": {"letters": 12, "small": False}},
        "church": {},
        "union-5": {"zip": {"letters": None, "small": True}},
        "wa": {"zip": {"letters": None, "small": False}, "call_answered": {"letters": 6, "small": False}},
    }
    for lang, said in (
        ("en", "From the open page entered a ZIP code 52 called, and someone answered 18"),
        ("es", "Desde la página abierta escribieron un código postal 52 llamaron y alguien contestó 18"),
    ):
        page = door.get(f"{door.report}?lang={lang}").text
        seen = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("<main")[2]))
        assert said in seen
        assert "union-5 " in seen
        assert "&lt;5" in seen
    table = list(csv.reader(io.StringIO(door.get(f"{door.report}.csv").text)))
    assert ["open page", "", "zip", "52"] in table
    assert ["open page, by source", "wa", "call_answered", "6"] in table
    assert ["open page, by source", "wa", "zip", "–"] in table


def test_the_commands_show_them_too(home: Home) -> None:
    database = launched(home)
    count(database, 1)
    with database.begin() as conn:
        follow_ups.record_answer(conn, 1, 1, "yes", now=1)
        follow_ups.record_answer(conn, 1, 2, "not_yet", now=1)
    database.close()
    assert "From the open page: 52 ZIP codes entered, 18 calls answered" in home.works("status", "end-287g")
    shown = home.works("report", "end-287g")
    assert re.search(r"union-5 +<5 +0", shown)
    assert re.search(r"no source +40 +12", shown)
    assert "Heard back from an office: 1 of 2 writers said yes, 1 not yet" in shown
    assert json.loads(home.works("report", "end-287g", "--json"))["open_page"]["events"]["zip"] == 52
