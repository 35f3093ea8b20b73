"""The web door over real HTTP: what each link may do, and what nobody can make it do."""

from __future__ import annotations

import re
import secrets
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlencode

from markupsafe import escape
from sqlalchemy import select, text
from structlog.testing import capture_logs

from campaign import keys as key_files
from campaign import links
from campaign.cli import forms
from campaign.config import ROOT
from campaign.delivery import campaigns
from campaign.links import Purpose
from campaign.outreach import act
from campaign.store import engine, migrate
from campaign.store.engine import Database
from campaign.store.schema import letter, suppression, visit
from campaign.web import pages
from tests.build import add_people
from tests.contract.web import KEYS, SLUG, Answer, Web, fill

BATCH = b'[{"event":"delivered","email":"person1@example.org","timestamp":1}]'
ACTION, UNSUBSCRIBE = Purpose.ACTION, Purpose.UNSUBSCRIBE


def page_of(door: Web, kind: str, number: int = 1, *, expires: int = 4_000_000_000) -> str:
    """The path of one of a person's pages: a, c, n, u."""
    path = door.link({"u": UNSUBSCRIBE, "n": Purpose.DISOWN}.get(kind, ACTION), number, expires=expires)
    return f"/{kind}/{path.split('/', 2)[2]}"


def press(door: Web, path: str, **form: str) -> Answer:
    return door.ask("POST", path, urlencode(form).encode())


def everywhere(door: Web) -> list[str]:
    """A path of each kind."""
    return [
        "/",
        "/robots.txt",
        "/healthz",
        door.link(ACTION),
        door.link(ACTION, 2),
        door.link(ACTION, expires=5),
        door.link(UNSUBSCRIBE),
        *(page_of(door, kind, 2) for kind in "cnu"),
        *(page_of(door, kind, expires=5) for kind in "cnu"),
        door.report,
        f"{door.report}.json",
        f"{door.report}.csv",
        "/webhooks/sendgrid",
        "/a/x/y",
    ]


def suppressed(database: Database) -> dict[bytes, str]:
    with database.read() as conn:
        return dict(conn.execute(select(suppression.c.email_hash, suppression.c.reason)).all())


# Reading


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
        "End 287(g)",
        "Example Coalition to End 287(g) asks you to write",
        "You may add your own words.",
        "Nothing goes to Congress until you confirm",
        "We never ask about anyone’s immigration status",
        "What is your ZIP code?",
        'inputmode="numeric"',
        'autocomplete="postal-code"',
        'pattern="',
    ):
        assert words in page.text
    for secret in ("Person 1", "person1", "28205", "petition"):
        assert secret not in page.text
    assert page.text.count("<button>") == 1
    assert "Puede añadir sus propias palabras." in small.get(f"{small.link(ACTION)}?lang=es").text


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
        assert pages.WORDS[language]["action"]["button"] in page.text


# Links that are not


def test_every_bad_link_gets_the_same_page(door: Web) -> None:
    good, leave = door.link(ACTION), door.link(UNSUBSCRIBE)
    token = good.rpartition("/")[2]
    with door.database.begin() as conn:
        campaigns.save(conn, "other", release=campaigns.get(conn, SLUG).release, opens_at=0, closes_at=9, now=1)
    act.erase(door.database, KEYS, "nobody@example.org")
    stranger = links.tokens(key_files.derive(b"\x08" * 32).links, SLUG, door.people[0], (1).to_bytes(8, "big"), 9)
    nonce = links.tokens(KEYS.links, SLUG, door.people[0], b"\0" * 8, 4_000_000_000)[0]
    nobody = links.tokens(KEYS.links, SLUG, 999, b"\0" * 8, 4_000_000_000)[0]
    tokens = [
        *(leave.rpartition("/")[2], stranger[0], stranger[1], nonce, nobody),
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
    assert "There is nothing at this address" in found[0].text
    assert "No hay nada en esta dirección" in found[0].text
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


# The ZIP


def test_a_zip_leads_to_the_letter_and_only_the_one_on_file_counts_as_a_visit(door: Web) -> None:
    before = door.rows()
    for typed in ("00601", "00601-1234", "60601", "+60601+", "606011234"):
        answer = door.ask("POST", door.link(ACTION), f"zip={typed}".encode())
        assert answer.status == 200
        assert forms.step(answer.text, "confirm", zip=typed.strip("+")[:5]) is not None
        assert "Person 1" not in answer.text
    assert door.rows() == before
    for typed in ("28205", "28205-1234", "282051234", "+28205+"):
        answer = door.ask("POST", door.link(ACTION), f"zip={typed}".encode())
        assert answer.status == 200
        assert forms.step(answer.text, "confirm", first_name="Person 1") is not None
    after = door.rows()
    came = after.pop("visit")
    assert [row[1] for row in came] == door.people[:1]
    assert after.items() <= before.items()


def test_a_wrong_zip_is_kept_and_told_beside_the_field(small: Web) -> None:
    for typed in ("", "2820", "282056", "28205-12", "abcde", "２８２０５", '"><script>1</script>'):
        answer = small.ask("POST", small.link(ACTION, 2), urlencode({"zip": typed}).encode())
        assert answer.status == 422
        assert f'value="{escape(typed)}"' in answer.text
        assert 'aria-describedby="hint wrong" aria-invalid="true"' in answer.text
        assert "Escriba las cinco cifras" in answer.text
        assert "<title>Error: " in answer.text
        assert "<script" not in answer.text


def test_any_body_at_all_gets_an_answer(small: Web) -> None:
    for body in (b"", b"\xff\xfe", b"zip", b"zip=%ff%00", b"zip=1&zip=28205", b"&" * 9000):
        assert small.ask("POST", small.link(ACTION), body).status == 422
    for kind in "ac":
        assert small.ask("POST", page_of(small, kind), b"zip=" + b"1" * 20_000).status == 413


ODD = (
    "",
    "x",
    "0",
    "-1",
    "9" * 30,
    "\0",
    "\ud7ff\U0010ffff",
    "a\r\nb: c",
    "é@é",
    "@",
    "' OR 1=1 --",
    "{{ 7*7 }}",
    "%00%ff",
)
FIELDS = ("zip", "step", "seat", "other", "seen", "letter", "answer", "word", "code", "email", "story", "guard")


def test_rubbish_in_any_field_is_never_a_fault_of_ours(door: Web) -> None:
    """On a link with its ZIP, where each step goes on to its end, and without."""
    bodies = [b"\x00", b"\xff" * 300, b"=&=&;", b"%", secrets.token_bytes(900), b'{"zip": "28205"}']
    for step in ("zip", "write", "confirm", "back", "told", "forget", "none"):
        for zip_code in ("28205", "60632", ""):
            bodies += [
                urlencode({"step": step, "zip": zip_code, "seat": "H:NC:12", "email": "a@b", name: odd}).encode()
                for name, odd in zip(FIELDS[2:], ODD, strict=False)
            ]
    bodies += [urlencode(dict.fromkeys(FIELDS, odd)).encode() for odd in ODD]
    for kind in "acnu":
        path = page_of(door, kind, 3)
        for body in bodies if kind == "a" else [*bodies[:6], *bodies[-len(ODD) :]]:
            assert door.ask("POST", path, body).status in (200, 403, 404, 422), (kind, body)
        parts = {"Content-Type": "multipart/form-data; boundary=x"}
        assert door.ask("POST", path, b"--x\r\nrubbish", parts).status in (200, 400, 422)
    with door.database.read() as conn:
        assert conn.scalars(select(letter.c.id)).all() == []


def test_a_form_of_another_site_is_refused_on_every_page_but_unsubscribe(small: Web) -> None:
    before = small.rows()
    foreign = ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"})
    for headers in foreign:
        for kind in "acn":
            answer = small.ask("POST", page_of(small, kind), b"zip=28205&code=000000", headers)
            assert answer.status == 403
            assert "This form came from another website" in answer.text
    assert small.rows() == before


def test_a_form_of_another_site_is_refused(small: Web) -> None:
    def post(**headers: str) -> int:
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return small.ask("POST", small.link(ACTION), b"zip=28205", headers).status

    assert post() == 200  # a browser too old to say
    assert post(Sec_Fetch_Site="same-origin", Origin="null") == 200  # ours: our pages send no referrer
    assert post(Origin=small.url) == 200
    assert post(Sec_Fetch_Site="cross-site", Origin="null") == 403
    assert post(Sec_Fetch_Site="same-site") == 403
    assert post(Origin="https://elsewhere.example") == 403


# The person


def add_xochitl(door: Web) -> int:
    """Somebody with names that stand on no page of ours; the number of their link."""
    with door.database.begin() as conn:
        who = {"first_name": "Xochitl", "last_name": "Quetzal", "zip": "77011", "email": "xq@example.org"}
        door.people.extend(add_people(conn, [len(door.people) + 1], **who))
    return len(door.people)


STORY = "A heron stood at the bus stop."


def confirm_one(door: Web, path: str) -> Answer:
    """Xochitl's letter, with words of her own."""
    sheet = forms.step(press(door, path, step="zip", zip="77011").text, "confirm", first_name="Xochitl")
    assert sheet is not None
    answer = press(door, path, **{**sheet.fields, "story": STORY})
    assert answer.status == 200
    return answer


def test_nothing_of_the_person_stands_on_a_page_that_another_zip_opens(small: Web) -> None:
    path = small.link(ACTION, add_xochitl(small))
    own = confirm_one(small, path)
    with small.database.read() as conn:
        (number,) = conn.scalars(select(letter.c.id)).all()
    assert STORY in own.text
    before = small.rows()
    found = [small.get(page_of(small, kind, len(small.people))) for kind in "acnu"]
    for zip_code in ("28205", "60601", "60632", "33101", "20002", "12345", "77012", "7701", "77011x"):
        asked = {"zip": zip_code, "letter": str(number), "seat": "H:TX:29", "answer": "yes", "word": "ERASE"}
        steps = ("zip", "write", "confirm", "back", "told", "forget", "other")
        found += [press(small, path, step=step, **asked) for step in steps]
        for sheet in forms.read(found[-7].text):
            for _, seat in sheet.buttons or [("", "")]:
                found.append(press(small, path, **{**sheet.fields, "seat": seat or sheet.fields.get("seat", "")}))
    found += [press(small, page_of(small, "c", len(small.people)), code=code) for code in ("000000", "")]
    assert {answer.status for answer in found} == {200, 422}
    for answer in found:
        for secret in ("Xochitl", "Quetzal", "xq@example", 'value="77011"', "heron", "petition"):
            assert secret not in answer.text
    assert small.rows() == before


def test_the_key_of_a_page_stands_in_its_path_alone(small: Web) -> None:
    path = small.link(ACTION, add_xochitl(small))
    token = path.rpartition("/")[2]
    asked = small.get(path), press(small, path, step="zip", zip="77011"), confirm_one(small, path)
    others = [small.get(page_of(small, kind, len(small.people))) for kind in "cnu"]
    stopped = press(small, page_of(small, "n", len(small.people)))
    for answer in (*asked, *others, stopped, press(small, path, step="zip", zip="60601")):
        assert answer.status == 200
        assert token not in answer.text
        assert not {"set-cookie", "location", "link", "refresh"} & answer.headers.keys()
        assert not re.search(r"<(?:script|iframe|img|link(?! rel=\"icon\"))", answer.text)


def test_i_did_not_send_this_acts_on_its_button_alone(small: Web) -> None:
    number = add_xochitl(small)
    confirm_one(small, small.link(ACTION, number))
    before = small.rows()
    assert "<button>" in small.get(page_of(small, "n", number)).text
    assert small.rows() == before
    assert "One letter had been confirmed with your link" in press(small, page_of(small, "n", number)).text
    with small.database.read() as conn:
        assert conn.scalars(select(letter.c.reason)).all() == ["not sent by this person"]
        assert conn.scalars(select(visit.c.supporter_id)).all() == small.people[-1:]


# Unsubscribe


def test_one_click_unsubscribe_acts_at_once_and_twice_without_cookie_or_origin(door: Web) -> None:
    body, form = b"List-Unsubscribe=One-Click", {"Content-Type": "application/x-www-form-urlencoded"}
    for headers in (form, form | {"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}):
        answer = door.ask("POST", door.link(UNSUBSCRIBE), body, headers)
        assert answer.status == 200
        assert "Done. We will not write to you any more." in answer.text
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


# All answers


def test_every_answer_carries_the_headers_and_none_a_cookie_a_script_or_another_host(door: Web) -> None:
    found = [door.get(path) for path in everywhere(door)]
    found += [door.ask("OPTIONS", door.link(ACTION)), door.ask("POST", door.link(ACTION), b"zip=1")]
    found += [door.ask("POST", "/webhooks/sendgrid", BATCH), door.ask("DELETE", "/"), door.get("/%")]
    found += [door.ask("POST", door.link(ACTION), b"zip=28205", {"Sec-Fetch-Site": "cross-site"})]
    found += [press(door, door.link(ACTION, 2), step="zip", zip=zip_code) for zip_code in ("60632", "60601")]
    found += [press(door, page_of(door, "c"), code="000000"), press(door, page_of(door, "n"))]
    assert {answer.status for answer in found} == {200, 204, 401, 403, 404, 405, 410, 422}
    for answer in found:
        assert pages.HEADERS.items() <= {name: answer.headers.get(name.lower()) for name in pages.HEADERS}.items()
        assert "set-cookie" not in answer.headers
        assert "server" not in answer.headers
        assert "<script" not in answer.text
        assert "style=" not in answer.text
        outside = re.findall(r'(?:href|src|action)="((?!\?|mailto:|data:)[^"]*)"', answer.text)
        assert all(re.fullmatch(r"[\w-]+\.(?:json|csv)|tel:\+1\d{10}|#[\w-]+", link) for link in outside), outside


def test_a_fault_of_ours_is_a_page_without_a_trace_and_a_log_without_a_person(door: Web) -> None:
    with door.database.begin() as conn:
        conn.execute(text("ALTER TABLE suppression RENAME TO lost"))
    with capture_logs() as logs:
        answer = door.ask("POST", door.link(UNSUBSCRIBE), b"List-Unsubscribe=One-Click")
    with door.database.begin() as conn:
        conn.execute(text("ALTER TABLE lost RENAME TO suppression"))
    assert answer.status == 500
    assert "Something broke on our side" in answer.text
    assert "suppression" not in answer.text
    assert [(entry["event"], entry["status"]) for entry in logs] == [("web_failed", 500)]


def _luminance(color: str) -> float:
    digits = color.lstrip("#") if len(color) == 7 else "".join(digit * 2 for digit in color.lstrip("#"))
    parts = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_colors_have_the_contrast_of_wcag_aa() -> None:
    style = (ROOT / "templates" / "web" / "style.css").read_text()
    light, dark = (dict(re.findall(r"--([\w-]+): (#\w+);", block)) for block in style.split("@media")[:2])
    pairs = [(ink, ground, 4.5) for ink in ("ink", "soft", "link") for ground in ("page", "card")]
    pairs += [(tone, f"{tone}-bg", 4.5) for tone in ("bad", "warn")]
    pairs += [("bad", "card", 4.5), ("good", "card", 4.5), ("on-act", "act", 4.5), ("on-act", "act-hover", 4.5)]
    pairs += [("rule", "page", 3), ("rule", "card", 3), ("soft", "card", 3)]
    for colors in (light, light | dark):
        for ink, ground, least in pairs:
            high, low = sorted((_luminance(colors[ink]), _luminance(colors[ground])), reverse=True)
            assert (high + 0.05) / (low + 0.05) >= least, (ink, ground)


# The process


def test_serve_logs_no_path_and_stops_when_told(tmp_path: Path) -> None:
    made = engine.connect(f"sqlite:///{tmp_path}/campaign.db")
    migrate.upgrade(made)
    people = fill(made)
    made.close()
    code = (
        "import socket, sys; from campaign.config import load_settings; from campaign.web.app import serve;"
        "serve(load_settings(), socket.socket(fileno=int(sys.argv[1])))"
    )
    environ = {"CAMPAIGN_HOME": str(tmp_path), "CAMPAIGN_SECRET": "07" * 32, "PATH": "/usr/bin:/bin"}
    with socket.create_server(("127.0.0.1", 0)) as sock:
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(sock.fileno())],
            cwd=ROOT,
            env=environ,
            pass_fds=[sock.fileno()],
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        host = "{}:{}".format(*sock.getsockname()[:2])
    door = Web(host, made, tmp_path, people)
    assert door.get("/healthz").body == b"ok"
    assert door.get(door.link(ACTION)).status == 200
    assert door.get(door.link(ACTION)[:-1]).status == 404
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=20)
    assert SLUG.encode() not in out + err
    assert b"v1." not in out + err
