"""The web door over real HTTP: what each link shows, and that only a button acts."""

from __future__ import annotations

from campaign import keys as key_files
from campaign import links
from campaign.delivery import campaigns
from campaign.outreach.action_page import unsubscribe
from campaign.web import pages
from tests.contract.doors import ACTION, UNSUBSCRIBE, everywhere, page_of, suppressed
from tests.contract.web import KEYS, SLUG, Answer, Web


def test_get_head_and_options_change_no_row_anywhere(door: Web) -> None:
    before = door.rows()
    for path in everywhere(door):
        got, head, options = (door.ask(method, path) for method in ("GET", "HEAD", "OPTIONS"))
        assert (head.status, head.body) == (got.status, b""), path
        assert options.status == 204, path
        for method in ("PUT", "DELETE", "PATCH"):
            assert door.ask(method, path).status == 405
    assert door.rows() == before


def test_the_action_page_shows_the_campaign_and_nothing_of_the_person(small: Web) -> None:
    page = small.get(small.link(ACTION))
    assert page.status == 200
    for words in (
        "Thanks for opening our email",
        "Example Coalition to End 287(g)",
        "Nothing goes to Congress until you send it yourself or press the button.",
        "We never ask about anyone’s immigration status",
        "What’s your ZIP code?",
        'inputmode="numeric"',
        'autocomplete="postal-code"',
    ):
        assert words in page.text
    for secret in ("Person 1", "person1", "28205", "petition"):
        assert secret not in page.text
    assert page.text.count("<button>") == 1
    assert "Gracias por abrir nuestro correo" in small.get(f"{small.link(ACTION)}?lang=es").text


def test_the_language_is_the_one_asked_for_then_the_persons_then_the_browsers(small: Web) -> None:
    english, spanish, silent = (small.link(ACTION, number) for number in (1, 2, 3))
    german = {"Accept-Language": "de-DE, es-MX;q=0.9, en;q=0.8"}
    assert {"en", "es"} == set(pages.LANGUAGES)
    for path, headers, language in (
        (english, german, "en"),
        (spanish, {}, "es"),
        (silent, {}, "en"),
        (silent, german, "es"),
        (f"{spanish}?lang=en", german, "en"),
        (f"{english}?lang=es", {}, "es"),
        (f"{english}?lang=<b>", {}, "en"),
    ):
        page = small.get(path, **headers)
        assert f'<html lang="{language}">' in page.text
        other = "en" if language == "es" else "es"
        assert f'href="?lang={other}" lang="{other}"' in page.text
        assert pages.WORDS[language]["zip"]["button"] in page.text


def test_every_bad_link_gets_the_same_page(door: Web) -> None:
    good, stop = door.link(ACTION), door.link(UNSUBSCRIBE)
    token = good.rpartition("/")[2]
    with door.database.begin() as conn:
        campaigns.save(conn, "other", release=campaigns.get(conn, SLUG).release, opens_at=0, closes_at=9, now=1)
    unsubscribe.erase(door.database, KEYS, "nobody@example.org")
    stranger = links.tokens(key_files.derive(b"\x08" * 32).links, SLUG, door.people[0], (1).to_bytes(8, "big"), 9)
    nonce = links.tokens(KEYS.links, SLUG, door.people[0], b"\0" * 8, 4_000_000_000)[0]
    nobody = links.tokens(KEYS.links, SLUG, 999, b"\0" * 8, 4_000_000_000)[0]
    tokens = [
        *(stop.rpartition("/")[2], stranger[0], stranger[1], nonce, nobody),
        *(token[:-1], token + "A", token[:-1] + ("A" if token[-1] != "A" else "B"), token + "=", "v2." + token[3:]),
        *("v1.", "x", "%00", "%E2%82%AC", "%ff", "v1.%0a", token[3:], "." * 3000),
    ]
    before = door.rows()
    found: list[Answer] = [door.get(f"/a/{SLUG}/{bad}") for bad in tokens]
    found += [door.ask("POST", f"/a/{SLUG}/{bad}", b"zip=28205") for bad in tokens]
    found += [door.ask(method, f"/u/{SLUG}/{token}") for method in ("GET", "POST")]
    found += [door.get(f"/{kind}/{slug}/{token}") for kind in "acnu" for slug in ("other", "unknown", "%00")]
    found += [door.ask("POST", f"/{kind}/{SLUG}/{bad}", b"code=000000") for kind in "cn" for bad in tokens]
    found += [door.get(path) for path in ("/a", f"/a/{SLUG}", "/x", "/wp-login.php", f"{good}/more")]
    found += [door.get(f"/report/{SLUG}/{bad}") for bad in ("x", token, door.report[-24:-1] + "=", "%E2%82%AC.json")]
    assert {answer.status for answer in found} == {404}
    assert len({answer.body for answer in found}) == 1
    assert len({tuple(item for item in sorted(answer.headers.items()) if item[0] != "date") for answer in found}) == 1
    assert "We can’t find that page" in found[0].text
    assert 'href="?lang=es"' in found[0].text, "the reader is not known"
    assert door.rows() == before


def test_an_expired_action_link_is_gone_and_its_unsubscribe_is_not(small: Web) -> None:
    for method in ("GET", "POST"):
        gone = small.ask(method, small.link(ACTION, 2, expires=5), b"zip=28205" if method == "POST" else None)
        assert gone.status == 410
        assert "Este enlace ya venció" in gone.text
        assert small.ask(method, page_of(small, "c", expires=5)).status == 410
    assert small.get(small.link(UNSUBSCRIBE, expires=5)).status == 200
    assert not suppressed(small.database)
    assert small.ask("POST", small.link(UNSUBSCRIBE, expires=5)).status == 200
    assert suppressed(small.database) == {(1).to_bytes(16, "big"): "unsubscribed"}


def test_one_click_unsubscribe_acts_at_once_and_twice_without_cookie_or_origin(door: Web) -> None:
    body, form = b"List-Unsubscribe=One-Click", {"Content-Type": "application/x-www-form-urlencoded"}
    for headers in (form, form | {"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}):
        answer = door.ask("POST", door.link(UNSUBSCRIBE), body, headers)
        assert answer.status == 200
        assert "You’re unsubscribed" in answer.text
        assert suppressed(door.database) == {(1).to_bytes(16, "big"): "unsubscribed"}
    parts = {"Content-Type": "multipart/form-data; boundary=x"}
    multipart = b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'
    assert "Listo." in door.ask("POST", door.link(UNSUBSCRIBE, 2), multipart, parts).text
    assert suppressed(door.database).keys() == {n.to_bytes(16, "big") for n in (1, 2)}


def test_the_unsubscribe_page_has_one_button_and_does_nothing_by_itself(small: Web) -> None:
    page = small.get(small.link(UNSUBSCRIBE, 2))
    assert "<button>No quiero más correos</button>" in page.text
    assert page.text.count("<button>") == 1
    assert not suppressed(small.database)
