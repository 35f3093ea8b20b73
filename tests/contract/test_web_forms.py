"""What is posted: a ZIP code, rubbish, and another site's form."""

from __future__ import annotations

import secrets
from urllib.parse import urlencode

from markupsafe import escape
from sqlalchemy import select

from campaign.store.schema import letter
from tests.contract.doors import ACTION, page_of
from tests.contract.web import Web


def test_a_zip_leads_on_and_only_the_one_on_file_counts_as_a_visit(door: Web) -> None:
    before = door.rows(without="zip_guess")
    for typed in ("00601", "00601-1234", "60601", "+60601+", "606011234"):
        answer = door.ask("POST", door.link(ACTION), f"zip={typed}".encode())
        assert answer.status == 200
        assert "This link was made for a different ZIP code" in answer.text
        assert "Person 1" not in answer.text
    assert door.rows(without="zip_guess") == before
    for typed in ("28205", "28205-1234", "282051234", "+28205+"):
        answer = door.ask("POST", door.link(ACTION), f"zip={typed}".encode())
        assert answer.status == 200
        assert 'name="go" value="call H:NC:12"' in answer.text
    after = door.rows(without="zip_guess")
    came = after.pop("visit")
    assert [row[1] for row in came] == door.people[:1]
    assert after.items() <= before.items()


def test_a_wrong_zip_is_kept_and_told_beside_the_field(small: Web) -> None:
    for typed in ("", "2820", "282056", "28205-12", "abcde", "２８２０５", '"><script>1</script>'):
        answer = small.ask("POST", small.link(ACTION, 2), urlencode({"zip": typed}).encode())
        assert answer.status == 422
        assert f'value="{escape(typed)}"' in answer.text
        assert 'aria-describedby="zip-hint zip-wrong" aria-invalid="true"' in answer.text
        assert "Escriba un código postal de cinco números" in answer.text
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
            assert "That request came from another website" in answer.text
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
