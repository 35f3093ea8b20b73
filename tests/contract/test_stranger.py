"""Somebody who got a shared link, whom we do not know: from the open page to a finished call, and nothing about them is
kept."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from campaign.demo import forms
from campaign.demo.simulated_visit import SimulatedSupporter, SimulatedVisit
from campaign.demo.web_client import Client
from campaign.store.schema import tally
from tests.contract.web import SLUG, Web

STRANGER = SimulatedSupporter("", "16750", "")


@pytest.mark.parametrize("cookies", [True, False], ids=["cookies", "no cookies"])
@pytest.mark.parametrize(("lang", "code"), [("en", "wa"), ("es", "sms")])
def test_a_strangers_path_from_a_shared_link_to_a_finished_call(
    small: Web, lang: str, code: str, cookies: bool
) -> None:
    before = small.rows(without="tally")
    client = Client(small.url, cookies=cookies)
    visit = SimulatedVisit(client, f"/{SLUG}?s={code}&lang={lang}", STRANGER, patient=True)
    visit.open()
    visit.enter_zip(STRANGER.zip)
    assert f'lang="{lang}"' in visit.page
    assert not forms.step(visit.page, "confirm"), "nothing is asked of them but the ZIP code"
    assert visit.go("call", "H:PA:15")
    assert "WhatsApp" in visit.page, "a finished call may be passed on"
    client.close()
    with small.database.read() as conn:
        counted = {tuple(row) for row in conn.execute(select(tally.c.source, tally.c.event, tally.c.seat))}
    assert counted == {(code, "zip", ""), (code, "call_voicemail", "H:PA:15")}
    assert small.rows(without="tally") == before, "something about the stranger was stored"


def test_a_made_up_code_of_any_length_becomes_other_before_it_is_sealed_or_counted(small: Web) -> None:
    odd = '"><b>' + "x" * 5_000
    for headers in ({}, {"Cookie": "browser=" + "A" * 22}):
        body = urlencode({"zip": STRANGER.zip, "step": "zip", "source": odd}).encode()
        answer = small.ask("POST", f"/{SLUG}", body, headers)
        assert len(answer.headers.get("location", "")) < 400
        assert answer.status == 303 or '<input type="hidden" name="source" value="other">' in answer.text
    assert 'name="source" value="other"' in small.get(f"/{SLUG}?s={odd[5:]}").text
    with small.database.read() as conn:
        assert set(conn.scalars(select(tally.c.source))) == {"other"}
