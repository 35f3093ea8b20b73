"""A stranger joins on the open page, and a supporter moves: the forms, the links of the emails, and who is kept out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin

import pytest
from sqlalchemy import select, update

from campaign import links
from campaign.delivery import campaigns
from campaign.demo import forms
from campaign.store import engine
from campaign.store.schema import campaign, letter, request, sign_up, supporter
from campaign.supporters import new_zips, people
from campaign.web import form_time
from tests.contract.doors import ACTION, UNSUBSCRIBE, page_of, press, suppressed
from tests.contract.page_rules import check_structure, check_ways, words
from tests.contract.test_web_walk import TWO_OF_OURS, load_contacts
from tests.contract.web import KEYS, SLUG, Answer, Web

ROSA = "rosa@example.com"
OPEN = f"/{SLUG}"
MOVED_TO = "16750"


@dataclass
class Browser:
    """One with our cookie: it is sent on to an address after each form."""

    door: Web
    cookie: str = ""
    at: str = OPEN

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def press(self, path: str, **form: str) -> Answer:
        return self._ask("POST", path, urlencode(form).encode())

    def _ask(self, method: str, path: str, body: bytes | None = None) -> Answer:
        headers = {"Cookie": self.cookie} if self.cookie else {}
        answer = self.door.ask(method, path, body, headers)
        if "set-cookie" in answer.headers:
            self.cookie = answer.headers["set-cookie"].partition(";")[0]
        if answer.status != 303:
            self.at = path
            return answer
        return self._ask("GET", urljoin(path, answer.headers["location"]))


@pytest.fixture
def small(small: Web) -> Web:
    """The same door, with a campaign that ends one day and a supporter whose address can be joined again."""
    with small.database.begin() as conn:
        conn.execute(update(campaign).values(closes_at=engine.now(conn) + 90 * 24 * 3600 * 1000))
        hashed = KEYS.email_hash("person1@example.org")
        conn.execute(update(supporter).where(supporter.c.id == small.people[0]).values(email_hash=hashed))
    return small


def stamp(door: Web, *, seen: bool = True) -> str:
    with door.database.read() as conn:
        return form_time.stamp(KEYS, engine.now(conn), seen=seen)


def join_form(door: Web, **changes: str) -> dict[str, str]:
    person = {"first_name": "Rosa", "email": ROSA, "age": "13", "website": ""}
    return {"step": "join", "zip": TWO_OF_OURS, "house": "", **person, "shown_at": stamp(door), **changes}


def join_link(door: Web, kind: str = "j") -> str:
    """The link in the newest email that confirms a sign-up."""
    with door.database.read() as conn:
        row = conn.execute(select(sign_up).order_by(sign_up.c.made_at.desc(), sign_up.c.id.desc())).first()
    assert row is not None
    if kind == "x":
        return f"/x/{SLUG}/{links.never_token(KEYS.links, SLUG, bytes(row.email_hash))}"
    token = links.join_token(KEYS.links, SLUG, row.id, bytes.fromhex(row.nonce), row.expires_at // 1000)
    return f"/j/{SLUG}/{token}"


def shown(question: str) -> dict[str, str]:
    """What the one form of the page behind that link sends."""
    (form,) = (form for form in forms.read(question) if form.method == "post" and form.buttons == [])
    return form.fields


def emails(door: Web, kind: str = "join") -> int:
    with door.database.read() as conn:
        return len(conn.execute(select(request.c.id).where(request.c.kind == kind)).all())


def on_file(door: Web, email: str = ROSA) -> list[str]:
    with door.database.read() as conn:
        return list(conn.scalars(select(supporter.c.zip).where(supporter.c.email == email)))


def letter_form(door: Web) -> dict[str, str]:
    """Two letters of a stranger, as a phone fills them in."""
    load_contacts(door)
    page = press(door, OPEN, step="zip", zip=TWO_OF_OURS).text
    form = forms.step(page, "confirm")
    assert form is not None
    assert {"email", "first_name", "last_name", "city", "website", "shown_at"} <= form.fields.keys()
    seats = " ".join(re.findall(r'name="seat" value="([^"]+)" checked', page))
    typed = {"first_name": "Rosa", "last_name": "Mota", "city": "Charlotte", "email": ROSA, "age": "13"}
    return {**form.fields, **typed, "seat": seats, "story": "I teach here.", "shown_at": stamp(door), "step": "confirm"}


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_stranger_joins(small: Web, lang: str) -> None:
    browser = Browser(small)
    browser.get(OPEN)
    check = browser.press(f"{OPEN}?lang={lang}", **join_form(small)).text
    assert ROSA in check
    assert emails(small) == 1
    page = browser.get(f"{join_link(small)}?lang={lang}").text
    check_structure(page, lang)
    check_ways(page, lang)
    assert [form.method for form in forms.read(page) if form.action] == ["post"], "one button"
    assert on_file(small) == [], "looking changes nothing"
    done = browser.press(f"{join_link(small)}?lang={lang}")
    check_structure(done.text, lang)
    check_ways(done.text, lang)
    assert on_file(small) == [TWO_OF_OURS]
    again = browser.press(f"{join_link(small)}?lang={lang}")
    assert again.status == 200
    assert {"en": "already confirmed", "es": "ya confirmó"}[lang] in words(again.text)
    check_ways(again.text, lang)
    own = browser.press(join_link(small), step="open")
    assert browser.at.startswith("/a/")
    assert 'name="zip"' in own.text


def test_what_is_wrong_comes_back_with_what_was_typed(small: Web) -> None:
    browser = Browser(small)
    browser.get(OPEN)
    page = browser.press(OPEN, **join_form(small, email="rosa@", age="")).text
    check_structure(page, "en")
    assert 'value="Rosa"' in page
    assert 'value="rosa@"' in page
    assert re.findall(r'id="(\w+)-wrong"', page) == ["email", "age"]
    assert emails(small) == 0
    assert "There’s a problem" in words(press(small, OPEN, **join_form(small, first_name="www.win.com")).text)


def test_letters_of_a_stranger_go_out_after_the_press(small: Web) -> None:
    form = letter_form(small)
    browser = Browser(small)
    browser.get(OPEN)
    assert "your letter goes out" in words(browser.press(OPEN, **form).text)
    question = browser.get(join_link(small)).text
    check_structure(question, "en")
    assert "I teach here." in words(question)
    assert "to Rep. Adams and Sen. Budd" in words(question)
    with small.database.read() as conn:
        assert conn.execute(select(letter.c.id)).all() == []
    done = browser.press(join_link(small), **shown(question)).text
    assert browser.at.startswith("/a/")
    assert "Thank you" in words(done)
    (back,) = re.findall(r'name="letters" value="([\d ]+)"', done)
    with small.database.read() as conn:
        assert len(conn.execute(select(letter.c.id)).all()) == 2
    path = browser.at.partition("?")[0]
    taken = browser.press(path, zip=TWO_OF_OURS, house="", step="back", letters=back).text
    assert "You took your letters back" in words(taken)


def test_it_works_without_cookies(small: Web) -> None:
    press(small, OPEN, **letter_form(small))
    done = press(small, join_link(small), **shown(small.get(join_link(small)).text))
    assert (done.status, "Your letters are confirmed" in words(done.text)) == (200, True)
    opened = press(small, join_link(small), step="open")
    assert (opened.status, opened.headers["location"].startswith("/a/")) == (303, True)


def test_a_letter_with_a_fault_is_not_mailed(small: Web) -> None:
    form = letter_form(small)
    for changes in ({"email": "rosa@nowhere"}, {"age": ""}, {"last_name": ""}, {"story": "I am undocumented."}):
        page = press(small, OPEN, **{**form, **changes}).text
        assert forms.step(page, "confirm") is not None, changes
        assert "Check your email" not in words(page)
    assert emails(small) == 0


@pytest.mark.parametrize("changes", [{"website": "http://spam.example"}, {"shown_at": "now"}])
def test_a_program_gets_the_same_answer_and_nothing_happens(small: Web, changes: dict[str, str]) -> None:
    person = press(small, OPEN, **join_form(small)).text
    before = small.rows()
    if "shown_at" in changes:
        changes = {"shown_at": stamp(small, seen=False)}
    program = press(small, OPEN, **join_form(small, email="victim@example.com", **changes)).text
    assert words(program) == words(person).replace(ROSA, "victim@example.com")
    assert small.rows() == before


@pytest.mark.parametrize("stamped", ["", "x", "AAAA", "é"])
def test_a_form_of_another_day_or_of_no_page_begins_anew(small: Web, stamped: str) -> None:
    page = press(small, OPEN, **join_form(small, shown_at=stamped)).text
    assert forms.step(page, "zip") is not None
    assert emails(small) == 0


def test_never_from_the_email_is_one_press(small: Web) -> None:
    press(small, OPEN, **join_form(small))
    page = small.get(join_link(small, "x")).text
    check_structure(page, "en")
    assert suppressed(small.database) == {}
    answer = small.ask("POST", join_link(small, "x"), b"List-Unsubscribe=One-Click")
    assert answer.status == 200
    assert suppressed(small.database) == {KEYS.email_hash(ROSA): "listed"}
    assert press(small, join_link(small)).status == 410
    assert "Check your email" in words(press(small, OPEN, **join_form(small)).text)
    assert emails(small) == 1


def test_an_ended_link_says_so_and_leads_on(small: Web) -> None:
    press(small, OPEN, **join_form(small))
    link = join_link(small)
    with small.database.begin() as conn:
        people.suppress(conn, [KEYS.email_hash(ROSA)], "bounced", "tests", 0)
    for answer in (small.get(link), press(small, link)):
        assert answer.status == 403
        assert f'href="{OPEN}?lang=en"' in answer.text
    with small.database.begin() as conn:
        conn.execute(sign_up.delete())
    assert (small.get(link).status, press(small, link).status) == (410, 410)
    assert small.get(link[:-1]).status == 404
    assert press(small, f"/x/{SLUG}/{link.rpartition('/')[2]}").status == 404


@pytest.mark.parametrize("where", ["u", "a"])
def test_who_unsubscribed_gets_no_email_by_a_button_alone(small: Web, where: str) -> None:
    """A scanner presses buttons: only an address that is typed into the open page's form gets the email again."""
    path = small.link(UNSUBSCRIBE if where == "u" else ACTION)
    page = press(small, path, step="unsubscribe").text
    assert f'href="{OPEN}?lang=en"' in page.partition("<main")[2]
    assert forms.read(page.partition("<main")[2]) == []
    press(small, path, step="join-again")
    assert emails(small) == 0
    assert suppressed(small.database) == {KEYS.email_hash("person1@example.org"): "unsubscribed"}


def code_of(door: Web) -> str:
    with door.database.read() as conn:
        number = campaigns.get(conn, SLUG).id
        found = new_zips.find(conn, KEYS, number, door.people[0], engine.now(conn))
    assert found is not None
    return found.code


def test_a_supporter_who_moved_goes_on_with_the_new_zip(small: Web) -> None:
    load_contacts(small)
    browser, path = Browser(small), small.link(ACTION)
    browser.get(path)
    page = browser.press(path, step="zip", zip="28202").text
    assert "This link was made for a different ZIP code" in words(page)
    assert forms.step(page, "code") is not None
    page = browser.press(path, step="code", zip="28202").text
    check_structure(page, "en")
    assert forms.step(page, "enter-code") is not None
    assert emails(small, "confirm") == 1
    wrong = browser.press(path, step="enter-code", zip="28202", code="000000").text
    check_structure(wrong, "en")
    assert "That code doesn’t work" in words(wrong)
    moved = browser.press(path, step="enter-code", zip="28202", code=code_of(small)).text
    assert forms.step(moved, "confirm", zip="28202") is not None
    assert on_file(small, "person1@example.org") == ["28202"]
    used = browser.press(path, step="enter-code", zip="28202", code=code_of(small))
    assert (used.status, "already confirmed" in words(used.text)) == (200, True)
    check_structure(used.text, "en")


def test_no_code_where_nothing_is_sent_by_us(small: Web) -> None:
    page = press(small, small.link(ACTION), step="zip", zip=MOVED_TO).text
    assert "Continue with 16750" in words(page)
    assert forms.step(page, "code") is None
    assert "Continue with 16750" in words(press(small, small.link(ACTION), step="code", zip=MOVED_TO).text)
    assert emails(small, "confirm") == 0


def test_the_link_in_the_email_asks_for_the_code_and_does_not_name_the_zip(small: Web) -> None:
    load_contacts(small)
    press(small, small.link(ACTION), step="code", zip="28202")
    path = page_of(small, "c")
    page = small.get(path).text
    check_structure(page, "en")
    assert "28202" not in page
    assert "That code doesn’t work" in words(press(small, path, step="enter-code", code="1").text)
    moved = press(small, path, step="enter-code", code=code_of(small))
    assert moved.status == 200
    assert on_file(small, "person1@example.org") == ["28202"]


def test_after_three_emails_the_page_says_so(small: Web) -> None:
    load_contacts(small)
    for _ in range(3):
        press(small, small.link(ACTION), step="code", zip="28202")
    page = press(small, small.link(ACTION), step="code", zip="28202").text
    check_structure(page, "en")
    assert "three times" in words(page)
    assert emails(small, "confirm") == 3


def test_a_letter_that_changed_while_its_question_was_read_is_shown_again(small: Web) -> None:
    """Whoever knows the address can post the form anew; what the reader of the email presses is what they read."""
    form = letter_form(small)
    browser = Browser(small)
    browser.get(OPEN)
    browser.press(OPEN, **form)
    read = shown(browser.get(join_link(small)).text)
    press(small, OPEN, **{**form, "story": "Words of someone else."})
    for typed in (read, {}):
        again = browser.press(join_link(small), **typed)
        assert "Words of someone else." in words(again.text), "asked again, with the letter as it is now"
        assert on_file(small) == []
    assert "Thank you" in words(browser.press(join_link(small), **shown(again.text)).text)
    assert on_file(small) == [TWO_OF_OURS]


@pytest.mark.parametrize("cookie", ["", f"browser={'A' * 22}"])
def test_a_supporters_link_has_no_form_to_join_that_guesses_their_zip_or_emails_others(small: Web, cookie: str) -> None:
    path, headers = small.link(ACTION), {"Cookie": cookie}
    for number in range(12):
        form = join_form(small, zip=f"{28200 + number}", email="rosa@" if number else ROSA)
        answer = small.ask("POST", path, urlencode(form).encode(), headers)
    assert answer.status == 429, "a wrong ZIP code is counted, whatever the form"
    assert emails(small) == 0


def test_the_open_page_unsubscribes_nobody_and_does_not_say_so(small: Web) -> None:
    page = press(small, OPEN, step="unsubscribe").text
    assert "unsubscribed" not in words(page)
    assert forms.step(page, "zip") is not None


def test_the_link_of_a_sign_up_tells_the_truth_after_an_unsubscribe_and_ends_with_an_erasure(small: Web) -> None:
    press(small, OPEN, **join_form(small))
    link = join_link(small)
    press(small, link)
    assert "on the list" in words(small.get(link).text)
    own = press(small, link, step="open").headers["location"].partition("?")[0]
    press(small, own, step="unsubscribe")
    assert "on the list" not in words(small.get(link).text)
    assert "already confirmed" in words(small.get(link).text)
    assert press(small, own, step="forget", zip=TWO_OF_OURS, word="ERASE").status == 200
    for answer in (small.get(link), press(small, link), press(small, link, step="open")):
        assert answer.status == 404
    assert on_file(small) == []
