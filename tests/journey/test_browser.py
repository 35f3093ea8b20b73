"""A person with a real browser, a keyboard and no JavaScript: from the link to the letter, and back.

Every page that a journey comes to is kept, and at its end axe looks at it, with the page's own light and dark colors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import Select, select

from campaign.congress import offices
from campaign.congress.offices import Contact
from campaign.delivery import campaigns
from campaign.letters import drafts
from campaign.links import Purpose
from campaign.states import Fate
from campaign.store import engine
from campaign.store.schema import delivery, draft, evidence, letter, request, supporter, suppression, visit
from campaign.supporters import people
from tests.browser import browser
from tests.build import add_people
from tests.contract.web import KEYS, SLUG, Web, on_sqlite
from tests.written import Sample, add

ACTION = Purpose.ACTION
MARIA = "maria.lopez@example.org"
CONTRAST = {"runOnly": ["color-contrast"]}  # all that is different in the dark


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as running:
        yield running


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Web]:
    with on_sqlite(tmp_path) as running:
        yield running


@dataclass
class Eyes:
    """Who looks at a page: that it is the right one, and fits; and keeps it for axe, as it stood."""

    page: Page
    width: int
    pages: dict[tuple[str, int], str] = field(default_factory=dict)

    def on(self, title: str | re.Pattern[str]) -> None:
        """The page has this title, and is no wider than its window."""
        expect(self.page).to_have_title(title)
        self.page.wait_for_load_state()
        assert self.page.locator("html").evaluate("e => e.scrollWidth") <= self.width, title
        self.pages[self.page.title(), self.page.locator("*").count()] = self.page.content()

    def axe(self, chromium: Browser) -> None:
        page, axe = chromium.new_page(viewport={"width": self.width, "height": 800}), Axe()
        for (title, _), html in self.pages.items():
            page.emulate_media(color_scheme="light")
            page.set_content(html)
            page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
            found = axe.run(page)
            assert found.violations_count == 0, f"{title}: {found.generate_report()}"
            page.emulate_media(color_scheme="dark")
            found = axe.run(page, options=CONTRAST)
            assert found.violations_count == 0, f"{title} in the dark: {found.generate_report()}"
        page.close()


@contextmanager
def phone(chromium: Browser, door: Web, *, width: int = 390) -> Iterator[Eyes]:
    """A page on which nothing complains, and which asks no other host for anything."""
    context = chromium.new_context(java_script_enabled=False, viewport={"width": width, "height": 800})
    context.set_default_timeout(5000)
    page = context.new_page()
    eyes = Eyes(page, width)
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    yield eyes
    context.close()
    # Chromium notes every answer that is not 2xx: a form that came back is 422, and an erased person's link 404.
    assert [text for text in said if "422" not in text and "404" not in text] == []
    assert all(url.startswith((door.url, "data:")) for url in asked), asked
    assert eyes.pages
    eyes.axe(chromium)


def focused(page: Page) -> str:
    return str(page.locator(":focus").evaluate("e => e.id || e.textContent.trim()"))


def tab_to(page: Page, name: str) -> None:
    """Press Tab until that has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.locator(":focus").count() and focused(page) == name:
            return
    raise AssertionError(f"the keyboard does not reach {name!r}")


def add_maria(door: Web, **changes: Any) -> str:
    """Somebody whose address is known by its hash, as an import does it; the address of her page."""
    who = {"first_name": "María", "last_name": "López", "email": MARIA, "email_hash": people.email_hash(KEYS, MARIA)}
    with door.database.begin() as conn:
        door.people.extend(add_people(conn, [len(door.people) + 1], **{**who, **changes}))
    return door.url + door.link(ACTION, len(door.people))


def add_contact(door: Web, seat: str) -> None:
    with door.database.begin() as conn:
        offices.load(conn, [Contact(seat, "aide@office.example.org", "each", "the tests", "2026-11-10")], 1)


def rows(door: Web, asked: Select[Any]) -> list[tuple[Any, ...]]:
    with door.database.read() as conn:
        return [tuple(row) for row in conn.execute(asked)]


def letters(door: Web) -> list[tuple[Any, ...]]:
    """(seat, matched, why withdrawn, has its words) of each letter."""
    found = rows(door, select(letter.c.seat, letter.c.matched, letter.c.reason, letter.c.words).order_by(letter.c.id))
    return [(seat, matched, reason, words is not None) for seat, matched, reason, words in found]


def deliveries(door: Web) -> list[tuple[Any, ...]]:
    """(kind, channel, outcome) of all that is not an ask."""
    asked = select(delivery.c.kind, delivery.c.channel, delivery.c.outcome).where(delivery.c.kind != "ask")
    return rows(door, asked.order_by(delivery.c.id))


def type_zip(page: Page, zip_code: str) -> None:
    page.get_by_label(re.compile("ZIP")).fill(zip_code)
    page.keyboard.press("Enter")


def sign(page: Page, **typed: str) -> Locator:
    """Fill what is asked, and give the button that confirms."""
    for name, value in typed.items():
        page.locator(f"#{name}").fill(value)
    return page.locator(".go button")


# The ZIP


def test_a_person_answers_the_zip_question_with_the_keyboard_alone(chromium: Browser, door: Web) -> None:
    before = door.rows()
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(door.url + door.link(ACTION, 2))
        eyes.on("Pongamos fin al 287(g)")
        page.keyboard.press("Tab")
        assert focused(page) == "Read in English"
        page.keyboard.press("Enter")
        eyes.on("End 287(g)")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        assert focused(page) == "zip"
        expect(page.get_by_label("What is your ZIP code?")).to_be_focused()
        outline = page.locator(":focus").evaluate("e => getComputedStyle(e).outlineStyle")
        assert outline == "solid"
        page.keyboard.type("2820")
        page.keyboard.press("Enter")
        eyes.on("Error: End 287(g)")
        field = page.get_by_label("What is your ZIP code?")
        expect(field).to_be_focused()
        expect(field).to_have_value("2820")
        expect(field).to_have_accessible_description(
            "That is all you need to start. Its five digits show who represents you. "
            "Error: Write the five digits of your ZIP code, for example 28205."
        )
        assert door.rows() == before
        page.keyboard.press("End")
        page.keyboard.type("5")
        page.keyboard.press("Tab")
        assert focused(page) == "Continue"
        page.keyboard.press("Enter")
        eyes.on(re.compile("^Your letter to Representative "))
        expect(page.get_by_text("where your ZIP code lies")).to_be_visible()
        expect(page.get_by_label("First name")).to_have_value("Person 2")
    after = door.rows()
    assert len(after.pop("visit")) == 1
    assert after.items() <= before.items()


# A letter


def test_a_letter_in_spanish_is_written_confirmed_and_taken_back_by_keyboard(chromium: Browser, door: Web) -> None:
    link = add_maria(door, locale="es")
    add_contact(door, "H:NC:12")
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        tab_to(page, "zip")
        page.keyboard.type("28205")
        page.keyboard.press("Enter")
        eyes.on(re.compile("^Su carta a la representante "))
        expect(page.get_by_text("Así dice en español").first).to_be_visible()
        tab_to(page, "story")
        expect(page.get_by_label("Sus propias palabras, si quiere")).to_be_focused()
        page.keyboard.type("En mi barrio la gente ya no llama a nadie.")
        page.keyboard.press("Enter")  # a new line, and not the form
        page.keyboard.type("Y eso nos hace daño.")
        tab_to(page, "first_name")
        expect(page.locator(":focus")).to_have_value("María")
        tab_to(page, "city")
        page.keyboard.type("Charlotte")
        assert letters(door) == []
        tab_to(page, "Confirmar y enviar")
        page.keyboard.press("Enter")
        eyes.on("Su carta está confirmada")
        expect(page.get_by_text(re.compile("Puede retirarla durante 1[45] minutos más"))).to_be_visible()
        expect(page.get_by_role("heading", name="Dónde está cada carta")).to_be_visible()
        assert letters(door) == [("H:NC:12", "zip", "", True)]
        assert deliveries(door) == [("letter", "email", None), ("receipt", None, None)]
        assert len(rows(door, select(evidence.c.id).where(evidence.c.by == "page"))) == 1
        assert rows(door, select(letter.c.characters)) == [(42 + 1 + 20,)]
        tab_to(page, "Retirarla")
        page.keyboard.press("Enter")
        eyes.on("Usted retiró la carta")
        expect(page.get_by_text("no va a ninguna parte y borramos su texto")).to_be_visible()
        expect(page.get_by_role("button", name="Retirarla")).to_have_count(0)
    assert letters(door) == [("H:NC:12", "zip", "taken back", False)]
    assert deliveries(door)[0] == ("letter", "email", "cancelled")
    assert len(rows(door, select(visit.c.at))) == 1


def test_the_form_of_an_office_is_copied_opened_and_told_of(chromium: Browser, door: Web) -> None:
    link = add_maria(door)
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, "28205")
        sign(page, story="I teach here.").click()
        eyes.on("Your letter is ready. You bring it to the office.")
        copy = page.get_by_label("Copy the letter")
        expect(copy).to_have_attribute("readonly", "")
        expect(copy).to_have_value(re.compile("I teach here[.]"))
        copy.focus()
        page.keyboard.press("Control+A")
        assert copy.evaluate("e => e.selectionEnd - e.selectionStart == e.value.length && e.selectionEnd > 100")
        office = page.get_by_role("link", name="Open the form")
        expect(office).to_have_attribute("target", "_blank")
        expect(office).to_have_attribute("rel", "noopener noreferrer")
        expect(office).to_have_attribute("href", re.compile(r"^https://[^/]+\.(?:house|senate)\.gov(?:/|$)"))
        page.get_by_text("More that the form may ask").click()
        expect(page.locator("details[open]").get_by_text("28205")).to_be_visible()
        expect(page.get_by_text(MARIA)).to_have_count(0)  # who follows a forwarded link learns no address
        assert deliveries(door) == [("letter", "form", "handed_off"), ("receipt", None, None)]
        expect(page.get_by_role("heading", name="Did it go through?")).to_be_visible()
        page.get_by_role("button", name="Yes", exact=True).click()
        eyes.on("Thank you for telling us")
        expect(page.locator(".letters .state")).to_have_text(["you told us that you sent it"])
        assert deliveries(door)[0] == ("letter", "form", "reported")
        expect(page.get_by_role("heading", name="One more?")).to_be_visible()
        page.get_by_role("button", name=re.compile("^Write to Senator ")).click()
        eyes.on(re.compile("^Your letter to Senator "))
        expect(page.get_by_label("Your own words, if you like")).to_have_value("I teach here.")
        page.locator(".go button").click()
        eyes.on("Your letter is ready. You bring it to the office.")
        page.get_by_role("button", name="No", exact=True).click()
        eyes.on("Thank you for telling us")
        expect(page.get_by_text("Forms of offices do break.")).to_be_visible()
        page.get_by_role("button", name="Not yet", exact=True).first.click()
        eyes.on("It waits for you here")
    assert [(seat[:5], reason, kept) for seat, _, reason, kept in letters(door)] == [
        ("H:NC:", "", True),
        ("S:NC:", "", True),
    ]
    assert [one for one in deliveries(door) if one[0] == "letter"] == [
        ("letter", "form", "reported"),
        ("letter", "form", "handed_off"),
    ]


def test_a_sentence_that_tells_a_status_is_asked_about_kept_and_confirmed(chromium: Browser, door: Web) -> None:
    link, story = add_maria(door), "My cousin is undocumented & afraid to drive."
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, "28205")
        sign(page, story=story, first_name="Mary").click()
        eyes.on(re.compile("^Your letter to Representative "))
        expect(page.get_by_role("status")).to_contain_text("This sentence may reveal somebody’s immigration status.")
        expect(page.get_by_label("Your own words, if you like")).to_have_value(story)
        expect(page.get_by_label("First name")).to_have_value("Mary")
        expect(page.get_by_label("Your own words, if you like")).to_be_focused()
        page.get_by_label("Last name").press("Enter")  # answers nothing: it is asked again
        expect(page.get_by_role("status")).to_be_visible()
        assert letters(door) == []
        page.get_by_role("link", name="Change it").click()
        assert page.url.endswith("#story")
        page.get_by_role("button", name="Keep it as it is").click()
        eyes.on("Your letter is ready. You bring it to the office.")
        expect(page.get_by_label("Copy the letter")).to_have_value(re.compile(re.escape(story)))
    assert [reason for _, _, reason, _ in letters(door)] == [""]
    assert rows(door, select(letter.c.characters)) == [(len(story),)]
    with door.database.read() as conn:
        kept = b"".join(bytes(one) for one in conn.scalars(select(letter.c.words)))
    assert b"undocumented" not in kept


def test_where_a_zip_has_two_districts_one_is_chosen_by_name(chromium: Browser, door: Web) -> None:
    link = add_maria(door, zip="60632")
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, "60632")
        eyes.on("Who is your representative?")
        names = page.locator(".names button")
        expect(names).to_have_count(3)
        assert letters(door) == []
        page.get_by_role("button", name=re.compile("I don’t know")).click()
        eyes.on(re.compile("^Your letter to Senator "))
        page.locator(".others button").last.click()  # who remembers the name after all
        eyes.on(re.compile("^Your letter to Representative "))
        page.goto(link)
        type_zip(page, "60632")
        chosen = page.locator(".names button b").first.inner_text()
        page.locator(".names button").first.click()
        eyes.on(f"Your letter to Representative {chosen}")
        expect(page.get_by_text("You chose this name.")).to_be_visible()
        page.locator(".go button").click()
        eyes.on("Your letter is ready. You bring it to the office.")
        expect(page.locator(".next button")).to_have_count(2)  # the senators: one person has one representative
    ((seat, matched, reason, kept),) = letters(door)
    assert seat in ("H:IL:4", "H:IL:7")
    assert (matched, reason, kept) == ("chosen", "", True)


def test_who_does_not_know_the_representative_writes_to_a_senator(chromium: Browser, door: Web) -> None:
    link = add_maria(door, zip="60632")
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, "60632")
        page.get_by_role("button", name=re.compile("I don’t know")).click()
        page.locator(".go button").click()
        eyes.on("Your letter is ready. You bring it to the office.")
    ((seat, matched, _, _),) = letters(door)
    assert (seat[:5], matched) == ("S:IL:", "zip")


def test_a_letter_for_another_zip_waits_for_the_code_in_the_mail(chromium: Browser, door: Web) -> None:
    link = add_maria(door)
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, "20002")
        eyes.on(re.compile("^Your letter to Delegate "))
        expect(page.get_by_text("one delegate in the House speaks for you")).to_be_visible()
        expect(page.get_by_label("First name")).to_have_value("")
        assert "María" not in page.content()
        sign(page, first_name="Rosa", last_name="López", email="somebody@example.org").click()
        eyes.on("Look into your e-mail")
        assert rows(door, select(draft.c.id)) == []
        assert deliveries(door) == []
        page.goto(link)
        type_zip(page, "20002")
        sign(page, first_name="Rosa", last_name="López", email=f" {MARIA.title()} ".strip(), story="I moved.").click()
        eyes.on("Look into your e-mail")
        assert letters(door) == []
        assert deliveries(door) == [("confirm", None, None)]
        assert rows(door, select(request.c.state).where(request.c.kind == "confirm")) == [("queued",)]
        with door.database.read() as conn:
            number = campaigns.get(conn, SLUG).id
            held = drafts.find(conn, KEYS, number, door.people[-1], engine.now(conn))
        assert held is not None
        page.goto(link.replace("/a/", "/c/"))
        eyes.on("Is this letter yours?")
        field = page.get_by_label("The six digits of the code")
        field.fill("000000" if held.code != "000000" else "111111")
        page.keyboard.press("Enter")
        eyes.on("Error: Is this letter yours?")
        expect(field).to_be_focused()
        assert letters(door) == []
        field.fill(f"{held.code[:3]} {held.code[3:]}")
        page.get_by_role("button", name="Yes, confirm the letter").click()
        eyes.on("Your letter is ready. You bring it to the office.")
        expect(page.get_by_label("Copy the letter")).to_have_value(re.compile("I moved[.]"))
        page.get_by_role("button", name="Yes", exact=True).click()  # the forms lead to her own page from here
        eyes.on("Thank you for telling us")
        assert page.url.startswith(link)
    assert letters(door) == [("H:DC:0", "zip", "", True)]
    assert rows(door, select(evidence.c.by)) == [("mail",)]
    assert rows(door, select(draft.c.id)) == []
    assert rows(door, select(supporter.c.zip).where(supporter.c.id == door.people[-1])) == [("20002",)]


def test_who_asks_to_be_erased_is(chromium: Browser, door: Web) -> None:
    link = add_maria(door, locale="es")
    add_contact(door, "H:NC:12")
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(link)
        type_zip(page, "28205")
        sign(page, city="Charlotte", story="Nos importa.").click()
        eyes.on("Su carta está confirmada")
        page.locator("summary", has_text="Borrar mis datos").click()
        page.get_by_label("Escriba la palabra BORRAR").fill("sí")
        page.get_by_role("button", name="Borrar mis datos ahora").click()
        eyes.on("Error: Sus cartas")
        expect(page.get_by_label("Escriba la palabra BORRAR")).to_be_focused()
        assert letters(door) == [("H:NC:12", "zip", "", True)]
        page.keyboard.type("borrar")
        page.keyboard.press("Enter")
        eyes.on("Sus datos están borrados")
        assert not re.search(r"María|López|Nos importa", page.content())
        page.goto(link)
        eyes.on("There is nothing at this address")
    assert letters(door) == [("H:NC:12", "zip", "erased", False)]
    assert deliveries(door) == [("letter", "email", "cancelled"), ("receipt", None, "cancelled")]
    who = select(supporter.c.email, supporter.c.first_name, supporter.c.last_name, supporter.c.zip)
    assert rows(door, who.where(supporter.c.id == door.people[-1])) == [(None, "", "", "")]
    assert rows(door, select(suppression.c.reason)) == [("erased",)]


# The rest


@pytest.mark.parametrize("width", [320, 1280])
def test_a_person_leaves_the_list_by_pressing_the_button(chromium: Browser, door: Web, width: int) -> None:
    def kept_out() -> list[str]:
        with door.database.read() as conn:
            return list(conn.scalars(select(suppression.c.reason)))

    with phone(chromium, door, width=width) as eyes:
        page = eyes.page
        page.goto(door.url + door.link(Purpose.UNSUBSCRIBE, 2))
        assert kept_out() == []
        eyes.on("¿No quiere más correos?")
        page.get_by_role("button", name="No quiero más correos").press("Enter")
        eyes.on("Listo. No volveremos a escribirle.")
        assert kept_out() == ["unsubscribed"]


def test_the_report_fits_a_phone_and_its_tables_have_names(chromium: Browser, door: Web) -> None:
    with phone(chromium, door, width=320) as eyes:
        page = eyes.page
        page.goto(f"{door.url}{door.report}?lang=es")
        expect(page.get_by_role("table", name="Lo que hicimos")).to_be_visible()
        expect(page.get_by_role("row", name="esperan su turno 3 100.0 %")).to_be_visible()
        page.get_by_role("link", name="Actualizar", exact=True).click()
        eyes.on("Informe: end-287g")


def test_the_report_of_letters_fits_a_phone(chromium: Browser, door: Web) -> None:
    with door.database.begin() as conn:
        campaign = campaigns.get(conn, SLUG)
        for number, person in enumerate(add_people(conn, range(50, 62))):
            add(conn, campaign, Sample(person, "S:NC:2", fate=Fate.DELIVERED if number < 7 else Fate.NONE))
            add(conn, campaign, Sample(person, "H:TX:29", "form", "reported" if number < 6 else "handed_off"))
    with phone(chromium, door) as eyes:
        page = eyes.page
        page.goto(f"{door.url}{door.report}")
        eyes.on("Report: end-287g")
        expect(page.get_by_role("heading", name="Letters by state")).to_be_visible()
