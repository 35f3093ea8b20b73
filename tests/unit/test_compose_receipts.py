"""A receipt says what is proved of each letter, in few words, and never that it was sent when it was not."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.compose.lint import ask_checks, receipt_checks
from campaign.compose.messages import receipt as receipt_text
from campaign.compose.messages.receipt import ReceiptLine, Urls
from campaign.compose.rendering.release import from_folder
from campaign.errors import CampaignError
from campaign.model import Text
from campaign.states import Proof
from tests.unit.compose_samples import BEFORE, SHIPPED, SWITCH, seat, small

RELEASE = from_folder(SHIPPED)
STATUS, DISOWN, STOP, QUIET, ANSWER = (f"https://action.example.org/{page}/end-287g/token" for page in "anuqh")
SHARE = "https://action.example.org/end-287g?s=mail"
URLS = Urls(action=STATUS, unsubscribe=STOP, disown=DISOWN, confirm=STATUS, quiet=QUIET, answer=ANSWER, share=SHARE)
CODES = ("H:NC:12", "S:NC:2", "S:NC:3")
_SENT = re.compile(r"\b(sent|delivered|enviad\w+|entregad\w+)\b", re.I)
_states = st.lists(st.sampled_from(list(Proof)), min_size=1, max_size=3)


def receipt(states: Sequence[str], locale: str = "en", *, back: int | None = None, why: str = "") -> Text:
    lines = [ReceiptLine(seat(code), Proof(state), STATUS, why=why) for code, state in zip(CODES, states, strict=False)]
    return receipt_text.receipt(
        RELEASE,
        locale,
        lines,
        greeting_name="Ana",
        urls=URLS,
        take_back_until=back,
        text_until=BEFORE + 28 * 24 * 3600 * 1000,
        now=BEFORE,
    )


def test_a_receipt_promises_no_form_for_of_many_offices_only_the_website_is_known() -> None:
    for states in (("ready",), ("ready", "ready"), ("sent", "ready")):
        for locale in ("en", "es"):
            made = receipt(states, locale)
            assert not re.search(r"\bforms?\b|formulario", " ".join((made.subject, made.text, made.html)), re.I)
    assert "ready; one step left, on the office's own website." in receipt(("ready",)).text
    assert "Copy it and open the website" in receipt(("ready",)).text


@pytest.mark.parametrize(
    ("states", "en", "es"),
    [
        (("sent", "ready", "ready"), "Your letters: 1 sent, 2 waiting for you", "Sus cartas: 1 enviada, 2 por enviar"),
        (("sent", "sent"), "Your letters: 2 sent", "Sus cartas: 2 enviadas"),
        (("delivered",), "Delivered: your letter to Rep. Adams", "Entregada: su carta a la Rep. Adams"),
        (("going",), "Confirmed: your letter to Rep. Adams", "Confirmada: su carta a la Rep. Adams"),
        (("returned",), "Your letter to Rep. Adams: turned away", "Su carta a la Rep. Adams: devuelta"),
        (("ready",), "One step left: your letter to Rep. Adams", "Falta un paso: su carta a la Rep. Adams"),
        (
            ("ready", "ready"),
            "One step left for your letters to Congress",
            "Falta un paso para sus cartas al Congreso",
        ),
        (("held",), "Your letter to Rep. Adams is on hold", "Su carta a la Rep. Adams está en espera"),
        (
            ("going", "ready"),
            "Your letters: 1 going out soon, 1 waiting for you",
            "Sus cartas: 1 se enviará pronto, 1 por enviar",
        ),
        (("reported",), "Thank you for writing to Rep. Adams", "Gracias por escribirle a la Rep. Adams"),
        (("reported", "reported"), "Thank you for writing to Congress", "Gracias por escribirle al Congreso"),
        (("back",), "Your letter came back to you", "Le regresamos su carta"),
        (("back", "back"), "Your letters came back to you", "Le regresamos sus cartas"),
    ],
)
def test_the_subject_comes_from_the_states(states: tuple[str, ...], en: str, es: str) -> None:
    assert receipt(states).subject == en
    assert receipt(states, "es").subject == es


@pytest.mark.parametrize(
    ("why", "says"),
    [
        ("holder", "The person you wrote to no longer holds that seat:"),
        ("text", "The bill it asked about has expired:"),
        ("lines", "Your House district changed"),
    ],
)
def test_a_returned_letter_says_why(why: str, says: str) -> None:
    assert says in receipt(("back",), why=why).text
    assert says not in receipt(("back",), why="text" if why != "text" else "lines").text


@given(_states, st.sampled_from(["en", "es"]))
def test_sent_is_said_only_of_what_was_sent(states: list[Proof], locale: str) -> None:
    made = receipt(states, locale)
    went = set(states) & {Proof.SENT, Proof.DELIVERED, Proof.REPORTED}
    if not went:
        assert not _SENT.search(made.subject)
    for part in (made.text, made.html):
        denied = re.sub(r"(not|n't be|won't be) sent|No se envió", "", html.unescape(part))
        if not went:
            assert not _SENT.search(denied)


@pytest.mark.parametrize("locale", ["en", "es"])
@pytest.mark.parametrize("back", [None, BEFORE])
def test_it_is_short_and_has_its_links_in_text_and_html(locale: str, back: int | None) -> None:
    made = receipt(("going", "ready", "returned"), locale, back=back)
    lines = [line for line in made.text.splitlines() if line.startswith(("- ", "  "))]
    assert len(lines) == 5
    rest = made.text
    for line in lines:
        rest = rest.replace(line + "\n", "")
    assert len(re.sub(r"https?://\S+", "", rest).split()) <= 160
    for url in (STATUS, DISOWN, STOP):
        assert f'href="{url}"' in made.html
        assert url in made.text
    assert "PO Box 287" in made.text


def test_times_are_washingtons_and_say_so() -> None:
    made = receipt(("going",), back=BEFORE + 19 * 3600 * 1000 + 17 * 60_000)
    assert "Until November 24, 2:17 PM (Washington time), you can take back" in made.text
    assert "until December 21, 2026." in made.text
    made = receipt(("going",), "es", back=BEFORE + 19 * 3600 * 1000 + 17 * 60_000)
    assert "Hasta el 24 de noviembre, 2:17 p.m. (hora de Washington) puede cancelar" in made.text


def test_what_cannot_be_taken_back_is_not_offered() -> None:
    assert "take back" not in receipt(("sent",)).text


@pytest.mark.parametrize("name", ["<b>Ana & Co", "Ana\r\nBcc: x"])
def test_names_are_escaped_and_stay_on_one_line(name: str) -> None:
    lines = [ReceiptLine(seat(name=name), Proof.READY, 'https://a.test/?x="><script>')]
    made = lint_receipt(lines, name)
    assert "<b>" not in made.html
    assert "<script>" not in made.html
    assert "\nBcc" not in made.text
    assert "\r" not in made.text


def lint_receipt(lines: list[ReceiptLine], name: str) -> Text:
    return receipt_text.receipt(
        RELEASE,
        "en",
        lines,
        greeting_name=name,
        urls=URLS,
        take_back_until=None,
        text_until=BEFORE,
        now=BEFORE,
    )


@pytest.mark.parametrize("locale", ["en", "es"])
@pytest.mark.parametrize("now", [BEFORE, SWITCH])
def test_the_question_about_a_held_letter_shows_what_to_type_and_where(locale: str, now: int) -> None:
    made = receipt_text.confirm(
        RELEASE,
        locale,
        greeting_name="",
        urls=URLS,
        code="482913",
        zip="28205",
        until=BEFORE,
        now=now,
    )
    for part in (made.text, made.html):
        for shown in ("482913", "28205", STATUS, STOP, "PO Box 287"):
            assert shown in part
    assert "482913" not in made.subject
    assert len(re.sub(r"https?://\S+", "", made.text).split()) <= 120


@pytest.mark.parametrize(
    ("table", "line", "says"),
    [
        ("[line]", 'going = { en = "sent soon", es = "x" }', "says 'sent' of a letter that is going"),
        ("[many]", 'held = { en = "x", es = "enviadas" }', "says 'enviadas' of a letter that is held"),
        ("[line]", "", "is missing"),
        ("[one]", 'gone = { en = "gone", es = "ida" }', "is not a known key"),
    ],
)
def test_a_word_that_says_more_than_is_proved_is_an_error_with_its_line(table: str, line: str, says: str) -> None:
    words = SHIPPED.files[receipt_text.WORDS]
    head, rest = words.split(table)
    kept = rest.splitlines()
    key = line.split(" ")[0] or "going"
    changed = "\n".join([line if row.startswith(f"{key} ") else row for row in kept[:13]] + kept[13:])
    changed = changed if key != "gone" else changed.replace("going", f"{line}\ngoing", 1)
    folder = replace(SHIPPED, files={**SHIPPED.files, receipt_text.WORDS: head + table + changed})
    found = [f"{problem.where}: {problem.what}" for problem in receipt_text.check_words(folder)]
    assert any(re.match(r"receipt/words\.toml line \d+ ", told) and says in told for told in found), found


def test_a_receipt_without_its_words_is_refused() -> None:
    folder = small({receipt_text.WORDS: None})
    with pytest.raises(CampaignError, match="problem"):
        receipt_text.receipt(
            from_folder(folder),
            "en",
            [ReceiptLine(seat(), Proof.SENT)],
            greeting_name="",
            urls=URLS,
            take_back_until=None,
            text_until=BEFORE,
            now=BEFORE,
        )


def test_a_receipt_can_quote_no_fact() -> None:
    body = SHIPPED.files["receipt/sent.en.md"] + "{{ fact.count_growth }}"
    folder = replace(SHIPPED, files={**SHIPPED.files, "receipt/sent.en.md": body})
    assert any("no fact is called" in problem.what for problem in ask_checks.check(folder, BEFORE).errors)


def words_and_links(part: str) -> tuple[list[str], list[str]]:
    """The words outside of addresses, and the addresses of links, in order. HTML without its head."""
    body = re.sub(r"<!--.*?-->", "", part.partition("border-bottom:")[2].partition("</p>")[2], flags=re.DOTALL)
    links = re.findall(r'href="([^"]+)"' if body else r"https?://[^\s<>()]+", body or part)
    shown = html.unescape(re.sub(r"<[^>]+>", " ", body)) if body else part
    return re.findall(r"\w+", re.sub(r"https?://[^\s<>()]+", " ", shown)), [html.unescape(link) for link in links]


@pytest.mark.parametrize("locale", ["en", "es"])
def test_html_and_plain_text_have_the_same_words_and_links(locale: str) -> None:
    alike = [(state,) * number for state in (*Proof, *receipt_text.CALLED) for number in (1, 3)]
    lines = [[ReceiptLine(seat(), one, STATUS) for one in states] for states in (*alike, *receipt_checks.MIXED)]
    mails = [receipt_checks.sample_receipt(RELEASE, locale, each, BEFORE) for each in lines]
    saved = [ReceiptLine(seat(), Proof.READY, STATUS)]
    mails.append(receipt_checks.sample_receipt(RELEASE, locale, saved, BEFORE, reminder=True))
    samples = (receipt_checks.sample_confirm, receipt_checks.sample_question, receipt_checks.sample_join)
    mails += [sample(RELEASE, locale, BEFORE) for sample in samples]
    for mail in mails:
        words, links = words_and_links(mail.text)
        assert (words, links) == words_and_links(mail.html), mail.subject
        assert len(words) > 20
        assert links
