"""Which page shows what about a supporter: only the supporter's own, and never the key to it."""

from __future__ import annotations

import re

from sqlalchemy import select

from campaign.config import ROOT
from campaign.congress import contacts
from campaign.congress.contacts import Contact
from campaign.demo import forms
from campaign.store.schema import letter, supporter, suppression, visit
from tests.build import START, add_people
from tests.contract.doors import ACTION, page_of, press
from tests.contract.web import Answer, Web


def add_xochitl(door: Web) -> int:
    """Somebody with names that stand on no page of ours; the number of their link."""
    with door.database.begin() as conn:
        who = {"first_name": "Xochitl", "last_name": "Quetzal", "zip": "77011", "email": "xq@example.org"}
        door.people.extend(add_people(conn, [len(door.people) + 1], **who))
        contacts.load(conn, [Contact("H:TX:29", "staff@example.org", "each", "us", "2026-11-10")], START)
    return len(door.people)


STORY = "A heron stood at the bus stop."
SENATOR = "S:TX:1"
COPY_SCRIPT = (ROOT / "templates" / "web" / "copy.js").read_text(encoding="utf-8")


def confirm_one(door: Web, path: str) -> Answer:
    """Xochitl's letter, with words of her own."""
    sheet = forms.step(press(door, path, step="zip", zip="77011").text, "confirm", zip="77011")
    assert sheet is not None
    answer = press(door, path, **{**sheet.fields, "city": "Houston", "story": STORY})
    assert answer.status == 200
    return answer


def save_one(door: Web, path: str) -> None:
    """Another letter with those words, saved for the senator's own form: it is shown again."""
    sheet = forms.step(press(door, path, go=f"form {SENATOR}", zip="77011").text, "save", seat=SENATOR)
    assert sheet is not None
    assert press(door, path, **{**sheet.fields, "story": STORY}).status == 200


def test_nothing_of_the_person_stands_on_a_page_that_another_zip_opens(small: Web) -> None:
    path = small.link(ACTION, add_xochitl(small))
    own = confirm_one(small, path)
    save_one(small, path)
    with small.database.read() as conn:
        number, _ = conn.scalars(select(letter.c.id).order_by(letter.c.id)).all()
    assert "Xochitl" in own.text
    assert STORY in press(small, path, go=f"form {SENATOR}", zip="77011").text
    before = small.rows(without="zip_guess")
    found = [small.get(page_of(small, kind, len(small.people))) for kind in "acnu"]
    for zip_code in ("28205", "60601", "60632", "33101", "20002", "12345", "77012", "7701", "77011x"):
        asked = {"zip": zip_code, "letter": str(number), "seat": "H:TX:29", "answer": "yes", "word": "ERASE"}
        steps = ("zip", "confirm", "save", "back", "told", "called", "keep", "disown", "discreet", "forget")
        found += [press(small, path, step=step, **asked) for step in steps]
        for sheet in forms.read(found[-len(steps)].text):
            for _, seat in sheet.buttons or [("", "")]:
                found.append(press(small, path, **{**sheet.fields, "seat": seat or sheet.fields.get("seat", "")}))
    found += [press(small, page_of(small, "c", len(small.people)), code=code) for code in ("000000", "")]
    assert {answer.status for answer in found} == {200, 422}
    for answer in found:
        for secret in ("Xochitl", "Quetzal", "xq@example", 'value="77011"', "heron", "petition"):
            assert secret not in answer.text
    assert small.rows(without="zip_guess") == before


def test_the_key_of_a_page_stands_in_its_path_alone(small: Web) -> None:
    path = small.link(ACTION, add_xochitl(small))
    token = path.rpartition("/")[2]
    asked = small.get(path), press(small, path, step="zip", zip="77011"), confirm_one(small, path)
    others = [small.get(page_of(small, kind, len(small.people))) for kind in "cnu"]
    stopped = press(small, page_of(small, "n", len(small.people)))
    for answer in (*asked, *others, stopped, press(small, path, step="zip", zip="60601")):
        assert answer.status == 200
        assert token not in answer.text
        assert not {"location", "link", "refresh"} & answer.headers.keys()
        assert re.fullmatch(r"(?:browser=[\w-]{22};.*)?", answer.headers.get("set-cookie", ""))
        assert not re.search(r"<(?:iframe|img|link(?! rel=\"icon\"))", answer.text)
        assert set(re.findall(r"<script.*?</script>", answer.text, re.DOTALL)) <= {f"<script>{COPY_SCRIPT}</script>"}


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


def test_so_does_the_button_on_her_own_page_where_only_a_call_was_reported(small: Web) -> None:
    path = small.link(ACTION, add_xochitl(small))
    press(small, path, step="called", zip="77011", seat=SENATOR, outcome="answered")
    button = forms.step(press(small, path, go="status", zip="77011").text, "disown", zip="77011")
    assert button is not None
    page = press(small, path, **button.fields, step="disown").text
    assert "We deleted the calls and forms that were reported here" in page
    assert "You called" not in page
    assert small.rows()["reported"] == []


def test_she_can_keep_the_topic_out_of_the_subjects_and_let_it_in_again(small: Web) -> None:
    path = small.link(ACTION, add_xochitl(small))
    for said, after in (("yes", True), ("no", False)):
        button = forms.step(press(small, path, go="status", zip="77011").text, "discreet", zip="77011")
        assert button is not None
        assert ("discreet", said) in button.buttons
        assert "Our next emails follow your choice." in press(small, path, **button.fields, discreet=said).text
        with small.database.read() as conn:
            assert conn.scalars(select(supporter.c.discreet).order_by(supporter.c.id)).all()[-1] is after


def test_her_own_page_stops_the_mails_at_once_and_a_letter_that_no_email_told_about(small: Web) -> None:
    path = small.link(ACTION, add_xochitl(small))
    confirm_one(small, path)
    button = forms.step(press(small, path, go="status", zip="77011").text, "unsubscribe", zip="77011")
    assert button is not None
    assert "You’re unsubscribed" in press(small, path, **button.fields).text
    with small.database.read() as conn:
        assert conn.scalars(select(suppression.c.reason)).all() == ["unsubscribed"]
        assert conn.scalars(select(letter.c.reason)).all() == ["its supporter could not be told"]
