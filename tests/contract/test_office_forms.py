"""The stand-ins for the web forms of offices: they ask what the real ones ask, and refuse as they do."""

from __future__ import annotations

import asyncio
import csv
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from campaign.config import ROOT
from campaign.demo import forms
from campaign.sandbox import office_forms
from tests.contract.sandbox import Running, sandbox

SHARED = ROOT.parent / "shared" / "data" / "office-forms.csv"
WITH_GATE = "H:PA:15"  # ZIP+4, topic, subject, captcha
SHORT = "S:VA:2"  # 500 characters
WRITER = {
    "prefix": "Ms.",
    "first_name": "Ana",
    "last_name": "Ruiz",
    "street": "1 Main Street",
    "city": "Example City",
    "zip": "16750",
    "plus4": "1234",
    "phone": "202-555-0143",
    "email": "ana@example.org",
    "topic": "Immigration",
    "subject": "Please cosponsor H.R. 6890",
    "message": "As your constituent, I ask you.",
    "captcha": "yes",
}


async def post(running: Running, seat: str, **typed: str) -> tuple[int, str, str]:
    """The status of the last answer, its path and its page."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with running.session.post(f"/forms/{seat}", data=typed, headers=headers) as answer:
        return answer.status, answer.url.path, await answer.text()


def asked(page: str) -> set[str]:
    form = forms.read(page)[0]
    return {*form.fields, *form.boxes}


def errors(page: str) -> list[str]:
    return re.findall(r'<li><a href="#\w+">(.+?)</a>', page)


def test_a_form_asks_for_the_zip_code_first_then_for_the_rest_and_thanks(tmp_path: Path) -> None:
    async def check() -> None:
        async with sandbox(tmp_path) as running:
            assert asked(await running.text(f"/forms/{WITH_GATE}")) == {"zip", "plus4"}
            status, _, page = await post(running, WITH_GATE, zip="16750", plus4="")
            assert (status, errors(page)) == (422, ["+4 is required."])
            _, _, page = await post(running, WITH_GATE, zip="16750", plus4="1234")
            assert asked(page) == {*WRITER} - {"prefix", "phone"}
            assert forms.read(page)[0].fields["plus4"] == "1234", "what was typed before is kept"
            typed = {name: value for name, value in WRITER.items() if name in asked(page)}
            status, path, page = await post(running, WITH_GATE, **typed)
            assert (status, path) == (200, f"/forms/{WITH_GATE}/thank-you")
            assert "Thank you" in page
            found = await running.get(f"/forms.json?seat={WITH_GATE}")
            assert found == {"submissions": {WITH_GATE: 1}, "last": typed}

    asyncio.run(check())


@pytest.mark.parametrize(
    ("seat", "wrong", "error"),
    [
        (WITH_GATE, {"captcha": ""}, "Please confirm that you are not a robot."),
        (WITH_GATE, {"topic": "287(g)"}, "Please choose a topic from the list."),
        (WITH_GATE, {"plus4": "12"}, "Please enter the last four digits of your ZIP+4 code."),
        (WITH_GATE, {"zip": "1675"}, "Please enter a 5-digit ZIP code."),
        (WITH_GATE, {"message": ""}, "Message is required."),
        ("H:OH:3", {"phone": "555"}, "Please enter a 10-digit phone number."),
        ("H:OH:3", {"email_again": "anna@example.org"}, "The email addresses do not match."),
        (SHORT, {"message": "x" * 501}, "Your message may have at most 500 characters; it has 501."),
    ],
)
def test_a_form_refuses_what_the_real_one_refuses_and_keeps_what_was_typed(
    tmp_path: Path, seat: str, wrong: dict[str, str], error: str
) -> None:
    async def check() -> None:
        async with sandbox(tmp_path) as running:
            status, _, page = await post(running, seat, **{**WRITER, "email_again": WRITER["email"], **wrong})
            assert (status, errors(page)) == (422, [error])
            assert forms.read(page)[0].fields["street"] == WRITER["street"]
            assert (await running.get("/forms.json"))["submissions"] == {}

    asyncio.run(check())


def test_offices_without_a_known_form_have_a_site_and_a_form_like_most_of_their_chamber(tmp_path: Path) -> None:
    async def check() -> None:
        async with sandbox(tmp_path) as running:
            assert 'href="/forms/H:OK:5"' in await running.text("/sites/H:OK:5")
            assert asked(await running.text("/forms/H:OK:5")) == {"zip", "plus4"}
            assert "subject" in asked(await running.text("/forms/S:NJ:1"))
            for path in ("/forms/H:OK:555", "/forms/X:OK:1", "/sites/S:NJ:4", "/forms/S:NJ:1/thanks"):
                await running.text(path, status=404)

    asyncio.run(check())


def test_most_house_forms_want_zip_and_four_more_digits_and_no_senate_form_does() -> None:
    gates = [form for form in office_forms.known().values() if "plus4" in form.first]
    assert len(gates) == 142
    assert all(form.seat.startswith("H:") for form in gates)


@pytest.mark.skipif(not SHARED.exists(), reason="the data of all forms is not here")
def test_the_shipped_file_is_what_the_published_data_says() -> None:
    with SHARED.open(encoding="utf-8", newline="") as file:
        published = {row["seat"]: row for row in csv.DictReader(file) if row["kind"] == "form"}
    assert published.keys() == office_forms.known().keys()
    for seat, form in office_forms.known().items():
        row, url = published[seat], urlsplit(published[seat]["form_url"])
        assert form.required == set(row["required"].split())
        assert form.topic == row["immigration_topic"].strip().replace("&amp;", "&")
        assert form.limit == int(row["message_max"] or 0)
        assert form.captcha == (row["captcha"] == "yes")
        house_own = "forms.house.gov" in (url.hostname or "") or "writeyourrep" in url.path.lower()
        assert form.layout == ("wyr" if house_own else "iq" if "iqextranet" in url.path else "site")
