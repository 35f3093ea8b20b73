"""What the gateways' answers mean, when they are open, and what config.toml must say."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.config import Settings, load_settings
from campaign.delivery.cwc import client, codes, hours
from campaign.delivery.cwc.client import Gateway
from campaign.delivery.transport import Accepted, Answer, NoAnswer, Refused, Stop, TryLater
from campaign.errors import CampaignError, Problems


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


@pytest.mark.parametrize(
    ("chamber", "at", "opens"),
    [
        ("house", "2026-11-24T05:59-05:00", "2026-11-24T06:00-05:00"),
        ("house", "2026-11-24T23:59:30-05:00", "2026-11-25T06:00-05:00"),
        ("house", "2026-11-24T23:58-05:00", "2026-11-24T23:58-05:00"),
        ("house", "2026-11-24T06:00-05:00", "2026-11-24T06:00-05:00"),
        ("senate", "2026-11-24T03:00-05:00", "2026-11-24T03:00-05:00"),
        ("senate", "2026-11-25T06:30-05:00", "2026-11-25T07:00-05:00"),
        ("senate", "2026-11-29T00:30-05:00", "2026-11-29T06:00-05:00"),
        ("senate", "2026-11-01T00:30-04:00", "2026-11-01T06:00-05:00"),  # the clocks go back in that night
        ("house", "2027-03-14T01:30-05:00", "2027-03-14T06:00-04:00"),
    ],
)
def test_quiet_hours_in_washington(chamber: codes.Chamber, at: str, opens: str) -> None:
    assert hours.opens(chamber, ms(at)) == ms(opens)


@given(st.sampled_from(codes.CHAMBERS), st.integers(ms("2026-01-01T00:00Z"), ms("2028-01-01T00:00Z")))
def test_a_gateway_opens_within_hours_and_is_open_then(chamber: codes.Chamber, at: int) -> None:
    opens = hours.opens(chamber, at)
    assert 0 <= opens - at <= 7.1 * 3_600_000
    assert hours.opens(chamber, opens) == opens
    assert datetime.fromtimestamp(opens / 1000, UTC)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (201, Accepted),
        (429, TryLater),
        (401, Stop),
        (403, Stop),
        (400, Refused),
        (404, Refused),
        (415, Refused),
        (408, NoAnswer),
        (302, NoAnswer),
        (500, NoAnswer),
        (503, NoAnswer),
        (200, NoAnswer),
    ],
)
def test_an_answer_of_the_senate(status: int, kind: type) -> None:
    assert isinstance(client.read(status, {}, "", (201,)), kind)


@pytest.mark.parametrize(
    ("status", "kind"), [("201 Created", Accepted), ("400 Bad Request", Refused), ("500 Oops", NoAnswer)]
)
def test_a_body_that_breaks_off_does_not_change_what_the_status_says(status: str, kind: type) -> None:
    async def broken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 100\r\n\r\ncut".encode())
        await writer.drain()
        writer.close()

    async def check() -> Answer:
        async with await asyncio.start_server(broken, "127.0.0.1", 0) as server, aiohttp.ClientSession() as session:
            host, port = server.sockets[0].getsockname()[:2]
            gateway = Gateway("senate", "production", f"http://{host}:{port}", "key")
            at = ms("2026-11-24T12:00-05:00")
            return await client.post(session, gateway, client.Pace(), b"<CWC/>", at=at, again=False)

    assert isinstance(asyncio.run(check()), kind)


def test_reasons_are_told_once_and_without_what_somebody_wrote() -> None:
    one = (
        "<Error>The 'Email' element is invalid - The value 'ana@o'x' is invalid according to its datatype 'email_type'"
        " - The Pattern constraint failed.</Error>"
    )
    said = client.errors(f"<Errors>{one}{one}<Error>Message delivery is not enabled for HDC98</Error></Errors>")
    assert said == (
        "The 'Email' element is invalid - The value is invalid according to its datatype 'email_type'"
        " - The Pattern constraint failed.; Message delivery is not enabled for HDC98"
    )
    assert client.errors("plain\n words") == "plain words"
    assert client.errors("") == ""


def test_a_wait_that_is_asked_for_is_kept_to_a_quarter_of_an_hour() -> None:
    found = [client.read(429, {"Retry-After": text}, "", ()) for text in ("", "60", "999999", "soon")]
    assert [one.after_ms for one in found if isinstance(one, TryLater)] == [5_000, 60_000, 900_000, 5_000]


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"<html>", b'["X"]', b"[1, null, {}]", b'[{"office_code": 3}]'])
def test_what_is_no_list_of_offices_is_refused(content: bytes) -> None:
    for chamber in codes.CHAMBERS:
        with pytest.raises(CampaignError, match="no list of office codes"):
            client.codes(chamber, content)


def test_both_lists_are_read_and_odd_codes_passed_over() -> None:
    assert client.codes("house", b'["HWI02", "MP00", "HAQ00", "HWI02"]') == ("HAQ00", "HWI02")
    rows = b'[{"office_code": "SWI01", "name": "x"}, {"office_code": "SWI04"}]'
    assert client.codes("senate", rows) == ("SWI01",)


def written(tmp_path: Path, text: str, **environ: str) -> Settings:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load_settings(home=tmp_path, path=path, environ=environ)


def test_it_is_off_unless_it_is_configured(tmp_path: Path) -> None:
    found = written(tmp_path, "[cwc]\nagent = 'x'", CAMPAIGN_CWC_HOUSE_KEY="secret")
    assert found.cwc.environment == ""
    assert "secret" not in repr(found)


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    text = """
    [cwc]
    environment = "test"
    agent = "Al"
    contact_name = "Al Wu"
    contact_phone = "2025550134"
    house_url = "http://cwc.house.gov"
    """
    with pytest.raises(Problems) as caught:
        written(tmp_path, text)
    for words in (
        "[cwc] environment: is 'test'",
        "[cwc] agent: must have 4",
        "[cwc] contact_name: must have 6",
        "[cwc] ack_email",
        "[cwc] contact_email",
        "202-555-0134",
        "no key of a chamber",
        "house_url",
    ):
        assert words in str(caught.value)


def test_a_key_does_not_stand_in_the_file(tmp_path: Path) -> None:
    with pytest.raises(Problems, match="house_key"):
        written(tmp_path, '[cwc]\nhouse_key = "secret"')
