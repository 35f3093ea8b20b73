"""The organizer's report as a page and as JSON: numbers with their words, and nobody in it."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import get_args

from sqlalchemy import insert, select, update

from campaign.delivery import campaigns, outbox
from campaign.delivery.transport import Accepted, Refused
from campaign.letters import follow_ups
from campaign.letters.follow_ups import Answer
from campaign.letters.letters import BACK, Reason
from campaign.letters.reported import CallOutcome, FormOutcome
from campaign.outreach.reports import letter_funnel, tile_map
from campaign.states import FATES, Fate, Outcome, State
from campaign.store.schema import contact, delivery, letter, reported, visit
from campaign.web import pages
from tests.build import START, add_people
from tests.contract.web import SLUG, Web
from tests.written import Sample, add


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
        outbox.apply_provider_events(conn, [outbox.ProviderEvent(spanish, token, Fate.DELIVERED, START)], START)
        campaigns.pause(conn, campaign.id, "from person1@example.org is not verified", START)


def test_the_report_counts_and_names_nobody(door: Web) -> None:
    settle(door)
    page, numbers = door.get(door.report), door.get(f"{door.report}.json")
    (wave,) = json.loads(numbers.body)["waves"]
    assert wave["launched"] == 3 == sum(wave["states"].values())
    assert wave["states"] == {"accepted": 2, "refused": 1}
    assert wave["fates"] == {"delivered": 1}
    assert wave["adds_up"]
    seen = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text.partition("<main")[2]))
    for words in (
        "launched 3 accepted by SendGrid 2 delivered 1",
        "accepted by SendGrid 2 66.7%",
        "refused 1 33.3%",
        "delivered 1 50.0%",
        "no news yet 1 50.0%",
        "It adds up: 3 = 2 + 1",
        "1 refused: 400: &lt;address&gt; does not exist",
        "This campaign is paused. from &lt;address&gt; is not verified",
    ):
        assert words in seen
    assert re.search(r"\bsent\b", seen) is None
    for answer in (page, numbers, door.get(f"{door.report}?lang=es")):
        assert answer.status == 200
        assert re.search(r"person ?\d", answer.text.lower()) is None
        assert "@" not in answer.text.rpartition("</style>")[2]
    assert "http-equiv" not in page.text
    assert '<meta http-equiv="refresh" content="10">' in door.get(f"{door.report}?live=1").text


def test_each_state_outcome_and_fate_has_its_words() -> None:
    for words in pages.WORDS.values():
        assert words["report"]["state"].keys() == {*State, *Outcome}
        assert words["report"]["fate"].keys() == {fate.name.lower() for fate in FATES}
    assert json.dumps(pages.WORDS["en"]).count("{organization}") == json.dumps(pages.WORDS["es"]).count(
        "{organization}"
    )


def write(door: Web) -> None:
    """Letters of 20 people to three offices: delivered, ready, reported, taken back; one contact is off."""
    with door.database.begin() as conn:
        campaign = campaigns.get(conn, SLUG)
        people = add_people(conn, range(50, 70))
        conn.execute(insert(visit), [{"campaign_id": campaign.id, "supporter_id": p, "at": START} for p in people])
        for number, person in enumerate(people):
            add(conn, campaign, Sample(person, "S:NC:2", fate=Fate.DELIVERED if number < 14 else Fate.NONE))
            add(conn, campaign, Sample(person, "H:TX:29", "form", "reported" if number < 8 else "handed_off"))
        add(conn, campaign, Sample(people[0], "H:AK:0", "form", "handed_off", bounced_before=True))
        add(conn, campaign, Sample(people[1], "H:NC:12", state="queued", reason="taken back"))
        row = {"seat": "S:NC:3", "email": "aide@example.org", "wants": "each", "given_by": "a partner", "changed_at": 1}
        conn.execute(
            insert(contact).values({**row, "reason": "asked", "per_hour": 9, "off": "aide@example.org bounced"})
        )


def test_the_report_tells_what_is_proved_of_letters_and_hides_small_numbers(door: Web) -> None:
    write(door)
    page, told = door.get(door.report), json.loads(door.get(f"{door.report}.json").body)
    seen = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text.partition("<main")[2]))
    for words in (
        "letters confirmed 42 people wrote 20 offices written to 3",
        "41 of these were not withdrawn",
        "sent: SendGrid accepted them; nothing more is known 6",
        "delivered: the office’s mail server accepted them 14",
        "ready for their writers, who have the letter and a link to the office’s form or website 13",
        "sent by form, as their writers reported 8",
        "It adds up: 42 = 6 + 14 + 13 + 8 + 1",
        "entered a ZIP code 20",
        "NC, Senate, class 2 · Thom Tillis",
        "AK, at large · Nicholas J. Begich",
        "1 bounced at an office",
    ):
        assert words in seen, words
    assert "Alaska: &lt;5" in page.text
    assert "email –" in seen
    assert told["rates"]["all"]["email"]["letters"]["letters"] == 21, "with the one that came back"
    assert told["rates"]["seats"]["S:NC:2"]["email"]["letters"]["letters"] is None, "it would tell of Alaska's one"
    assert told["rates"]["seats"]["H:AK:0"]["form"]["letters"] == {"letters": None, "small": True}
    assert told["letters"]["by_state"]["AK"] == {"letters": None, "small": True}
    assert sum(told["letters"]["states"].values()) == told["letters"]["confirmed"] == 42
    assert told["funnel"]["visited"] == 20
    assert told["waves"][0]["launched"] == 3
    for answer in (page, door.get(f"{door.report}?lang=es"), door.get(f"{door.report}.json")):
        assert "@" not in answer.text.rpartition("</style>")[2]
        assert "style=" not in answer.text


def test_the_report_tells_how_many_heard_back(door: Web) -> None:
    assert json.loads(door.get(f"{door.report}.json").body)["heard_back"] == {}
    assert "Heard back" not in door.get(door.report).text
    with door.database.begin() as conn:
        campaign = campaigns.get(conn, SLUG)
        for person, said in zip(door.people, get_args(Answer), strict=True):
            follow_ups.record_answer(conn, campaign.id, person, said, now=START)
    assert json.loads(door.get(f"{door.report}.json").body)["heard_back"] == {"yes": 1, "no": 1, "not_yet": 1}
    assert "Heard back: 1 of 3 said yes." in door.get(door.report).text
    assert "Recibieron respuesta: 1 de 3 dijeron que sí." in door.get(f"{door.report}?lang=es").text
    table = list(csv.reader(io.StringIO(door.get(f"{door.report}.csv").text)))
    assert ["heard back", "", "yes", "1"] in table


def test_the_report_tells_of_calls_and_of_forms_that_were_sent(door: Web) -> None:
    with door.database.begin() as conn:
        row = {"campaign_id": campaigns.get(conn, SLUG).id, "seat": "H:NC:12", "holder": "A000370", "at": START}
        said = (("call", "voicemail"), ("form", "sent"), ("form", "failed"))
        told = [{"supporter_id": p, "way": w, "outcome": o} for p, (w, o) in zip(door.people, said, strict=True)]
        conn.execute(insert(reported), [row | one for one in told])
    for page, words in (
        (door.report, "as supporters reported"),
        (f"{door.report}?lang=es", "según quienes los usaron"),
    ):
        seen = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", door.get(page).text.partition("<main")[2]))
        assert words in seen
        assert re.search(r"(sent|enviados) 1 .{0,40}(didn’t work|no funcionaron) 1 ", seen), seen
    table = list(csv.reader(io.StringIO(door.get(f"{door.report}.csv").text)))
    assert ["calls", "", "voicemail", "1"] in table
    assert ["forms", "", "sent", "1"] in table


def test_a_sum_of_letters_that_does_not_hold_is_said(door: Web) -> None:
    write(door)
    with door.database.begin() as conn:
        conn.execute(delivery.delete().where(delivery.c.letter_id == select(letter.c.id).limit(1).scalar_subquery()))
    assert "It doesn’t add up" in door.get(door.report).text


def test_the_report_is_a_table_too(door: Web) -> None:
    write(door)
    with door.database.begin() as conn:
        conn.execute(update(contact).values(off="=1+1"))
    answer = door.get(f"{door.report}.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    table = list(csv.reader(io.StringIO(answer.text)))
    assert table[0] == ["what", "where", "word", "number"]
    for row in (
        ["people", "", "confirmed", "20"],
        ["letters", "email", "delivered", "14"],
        ["letters by state", "AK", "all", "<5"],
        ["contact not used", "S:NC:3", "'=1+1", "1"],
    ):
        assert row in table


def test_each_word_of_the_report_stands_in_both_languages() -> None:
    for words in pages.WORDS.values():
        report = words["report"]
        assert set(get_args(FormOutcome)) <= report["forms"].keys()
        assert set(get_args(CallOutcome)) <= report["calls"].keys()
        assert report["proof"].keys() == report["short"].keys() == set(letter_funnel.PROOFS)
        assert set(letter_funnel.STEPS) <= report["funnel"].keys()
        reasons = {*get_args(Reason), *BACK, letter_funnel.CANCELLED}
        assert report["withdrawn"].keys() == reasons
        assert {tile.code for tile in tile_map.tiles({}, ())} <= words["place"].keys()
