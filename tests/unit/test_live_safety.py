"""Against the live provider: links that supporters can open, a webhook key, senders that mailboxes accept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.compose.campaign_folder import disk, folder
from campaign.compose.campaign_folder.folder import Organization
from campaign.config import ROOT, SENDGRID, Settings, load_settings
from campaign.errors import CampaignError, Problems
from campaign.outreach.launch import live_safety
from campaign.web.app import create_app
from tests.contract.web import SIGNER
from tests.unit.compose_samples import SHIPPED

SLUG = "end-287g"
ORGANIZATION = replace(
    SHIPPED.campaign.organization, sender_email="action@piedmont-neighbors.org", offices_email="letters@piedmont.us"
)


def settings(base_url: str = "https://act.piedmont.org", key: str = SIGNER.public, url: str = SENDGRID) -> Settings:
    made = load_settings(home=ROOT, path=ROOT / "config.toml", environ={"SENDGRID_API_KEY": "SG.x"})
    sendgrid = replace(made.sendgrid, url=url, webhook_key=key)
    return replace(made, web=replace(made.web, base_url=base_url), sendgrid=sendgrid)


def of(name: str, address: str) -> Organization:
    values: dict[str, Any] = {name: address}
    return replace(ORGANIZATION, **values)


def test_an_installation_that_is_ready_has_no_findings() -> None:
    assert live_safety.findings(settings(), ORGANIZATION, SLUG) == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://localhost:8025", "http://[::1]:8025"])
def test_a_sandbox_requires_nothing(url: str) -> None:
    gmail = replace(ORGANIZATION, sender_email="ana@gmail.com")
    found = replace(settings("http://127.0.0.1:8000", "", url), api_key="")
    assert not found.live
    assert live_safety.findings(found, gmail, SLUG) == []
    live_safety.require_api_key(found)


@pytest.mark.parametrize(
    "url",
    [
        SENDGRID,
        "https://api.eu.sendgrid.com/",
        "https://api.sendgrid.com:443",
        "https://API.SENDGRID.COM",
        "https://a.org",
    ],
)
def test_every_other_provider_is_live(url: str) -> None:
    found = settings("http://127.0.0.1:8000", "", url)
    assert found.live
    where = [one.where for one in live_safety.findings(found, ORGANIZATION, SLUG)]
    assert where == [live_safety.BASE_URL, live_safety.WEBHOOK_KEY]
    with pytest.raises(CampaignError, match="SENDGRID_API_KEY"):
        live_safety.require_api_key(replace(found, api_key=""))


@pytest.mark.parametrize(
    "url",
    [
        *("http://act.piedmont.org", "ftp://act.piedmont.org", "act.piedmont.org", "", "https://", "https:///a"),
        *(
            "http://127.0.0.1:8000",
            "https://127.0.0.1",
            "https://127.8.9.1:8443",
            "https://127.1",
            "https://2130706433",
        ),
        *("https://0x7f000001", "https://0x7f.0.0.1", "https://0177.0.0.1", "https://0.0.0.0", "https://999.1.1.1"),
        *("https://[::1]", "https://[::]", "https://[::ffff:127.0.0.1]", "https://[::ffff:10.0.0.1]", "https://[::1"),
        *("https://[fe80::1]", "https://[fd00::1]", "https://[ff02::1]", "https://224.0.0.1"),
        *("https://10.0.0.5", "https://172.16.0.1", "https://192.168.1.10", "https://169.254.169.254"),
        *("https://100.64.0.1", "https://198.51.100.7", "https://255.255.255.255"),
        *("https://localhost", "https://LOCALHOST:8443", "https://localhost.", "https://act.localhost"),
        *("https://localhost.localdomain", "https://act.local", "https://act.internal", "https://act.lan"),
        *("https://act.test", "https://act.example", "https://act.invalid", "https://example.org"),
        *("https://act.example.com", "https://campaign", "https://web:8000", "https://router.home.arpa"),
        *("https://ana:secret@act.piedmont.org", "https://@act.piedmont.org", "https://act.piedmont.org@127.0.0.1"),
        *("https://act.piedmont.org:99999", "https://act.piedmont.org:port", "https://act piedmont.org"),
        *("https://act.piedmont.org\\@127.0.0.1", "https://act.piedmont.org/?from=", "https://act.piedmont.org/#"),
        *("https://-act.org", "https://act..org", "https://.org", "https://act_1.org", "https://acción.org"),
        *("https://act.piedmont.org\n", "https://" + "a" * 64 + ".org"),
    ],
)
def test_a_link_that_supporters_cannot_open_is_refused(url: str) -> None:
    (found,) = live_safety.links(settings(url))
    assert found.where == "config.toml [web] base_url"
    assert repr(url) in found.what
    assert "public address" in found.do


@pytest.mark.parametrize(
    "url",
    [
        *(
            "https://act.piedmont.org",
            "https://act.piedmont.org/",
            "https://ACT.Piedmont.org",
            "https://piedmont.us:8443",
        ),
        *("https://act.piedmont.org/letters", "https://xn--accin-3ta.org", "https://8.8.8.8", "https://a.b.c.d.org."),
        *(
            "https://myexample.org",
            "https://localhost.piedmont.org",
            "https://test.piedmont.org",
            "https://1.piedmont.org",
        ),
    ],
)
def test_a_public_link_is_accepted(url: str) -> None:
    assert live_safety.links(settings(url)) == []


@given(
    st.ip_addresses(network="127.0.0.0/8") | st.ip_addresses(network="10.0.0.0/8") | st.ip_addresses(network="fc00::/7")
)
def test_no_private_address_is_accepted(address: object) -> None:
    host = f"[{address}]" if ":" in str(address) else str(address)
    assert live_safety.links(settings(f"https://{host}/"))


@pytest.mark.parametrize("key", ["", "  ", ",", "not a key", SIGNER.public[:-8], f"{SIGNER.public}, not-a-key"])
def test_a_webhook_key_that_verifies_nothing_is_refused(key: str) -> None:
    found = live_safety.webhook(settings(key=key))
    assert found
    assert {one.where for one in found} == {"config.toml [sendgrid] webhook_key"}


def test_two_webhook_keys_are_accepted() -> None:
    assert live_safety.webhook(settings(key=f"{SIGNER.public}\n {SIGNER.public}")) == []


@pytest.mark.parametrize(
    "domain",
    [
        *(
            "gmail.com",
            "GMAIL.com",
            "googlemail.com",
            "yahoo.com",
            "yahoo.co.uk",
            "yahoo.com.mx",
            "yahoo.es",
            "ymail.com",
        ),
        *("outlook.com", "outlook.es", "hotmail.com", "hotmail.co.uk", "live.com", "msn.com", "aol.com", "icloud.com"),
        *("me.com", "mac.com", "proton.me", "protonmail.com", "pm.me", "gmx.net", "gmx.de", "mail.com", "zoho.com"),
        *("comcast.net", "att.net", "verizon.net", "sbcglobal.net", "cox.net", "mail.comcast.net", "rocketmail.com"),
        *("piedmont.local", "piedmont.test", "localhost.localdomain", "example.org", "mail.example.com"),
    ],
)
@pytest.mark.parametrize("name", ["sender_email", "offices_email"])
def test_a_sender_that_mailboxes_reject_is_refused(domain: str, name: str) -> None:
    (found,) = live_safety.senders(settings(), of(name, f"ana@{domain}"), SLUG)
    assert found.where == f"{SLUG}/campaign.toml [organization] {name}"
    assert "your organization's own domain" in found.do


@pytest.mark.parametrize(
    "domain",
    ["piedmont.org", "notgmail.com", "gmail.piedmont.org", "live.piedmont.org", "yahooligans.org", "aolnews.us"],
)
def test_a_domain_of_ones_own_is_accepted(domain: str) -> None:
    assert live_safety.senders(settings(), replace(ORGANIZATION, sender_email=f"ana@{domain}"), SLUG) == []


def test_one_address_for_both_is_told_once() -> None:
    same = replace(ORGANIZATION, sender_email="ana@gmail.com", offices_email="ana@gmail.com")
    assert len(live_safety.senders(settings(), same, SLUG)) == 1


def test_everything_wrong_is_told_at_once() -> None:
    gmail = replace(ORGANIZATION, sender_email="ana@gmail.com")
    with pytest.raises(Problems) as refused:
        live_safety.refuse(live_safety.findings(settings("http://127.0.0.1:8000", ""), gmail, SLUG), "x cannot be sent")
    for words in ("x cannot be sent: 3 problem(s)", "base_url", "webhook_key", "gmail.com"):
        assert words in str(refused.value)


@pytest.mark.parametrize(
    "slug",
    [
        *("end 287g", " end-287g", "end-287g ", "", "End-287g", "end_287g", "end.287g", "end/287g", "../end-287g", "."),
        *("end%20287g", "end-287g\n", "fin-al-287(g)", "acción", "-end", "a" * 61, "end\t287g", "end?287g", "end#287g"),
        *sorted(folder.RESERVED),
    ],
)
def test_a_name_that_no_link_can_carry_is_refused(tmp_path: Path, slug: str) -> None:
    place = tmp_path / slug
    if len(slug) > 1 and "/" not in slug:
        place.mkdir()
        for name, text in SHIPPED.files.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_text(text, encoding="utf-8")
    with pytest.raises(CampaignError, match="the campaign name") as refused:
        disk.load(tmp_path, slug)
    assert repr(slug) in str(refused.value)
    assert "lowercase letters" in str(refused.value)


@given(st.text(max_size=70))
def test_whatever_passes_stands_in_a_link_as_it_is(slug: str) -> None:
    try:
        disk.load(ROOT / "templates", slug)
    except CampaignError as error:
        accepted = "no campaign is called" in str(error)
    else:
        accepted = True
    if accepted:
        assert quote(slug, safe="") == slug == slug.casefold()
        assert slug not in ("", "a", "u", "report")


def test_every_first_part_of_our_own_addresses_is_taken() -> None:
    made = create_app(None, None, settings())  # type: ignore[arg-type]
    first = {route.path.split("/")[1] for route in made.routes} - {"", "robots.txt", "{slug:str}"}
    assert first <= folder.RESERVED
