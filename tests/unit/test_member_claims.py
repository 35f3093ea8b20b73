"""What texts say of a member is true of that member: who introduced the bill, who joined it, and their article."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from campaign.compose.lint import ask_checks
from campaign.compose.messages import call_script, letter
from campaign.compose.rendering import fields, render
from campaign.compose.rendering.release import from_folder
from campaign.congress import roster
from campaign.model import Seat
from tests.unit.compose_samples import BEFORE, SHIPPED, recipient, small

MADE = from_folder(SHIPPED)
SEATS = roster.load().seats
HOUSE = [seat for seat in SEATS.values() if seat.house and seat.holder]
VACANT = Seat("H:NC:1", None)
# "sponsor" and "patrocina" alone; "cosponsor" and "copatrocina" are other words
SPONSORS = re.compile(r"(?<!co)(?:sponsor|patrocin)", re.I)
COSPONSORED = re.compile(r"for cosponsoring|copatrocinó|por haber copatrocinado", re.I)


def ask(seat: Seat, locale: str, variant: str) -> list[str]:
    """The subject, the text and the HTML of an ask to a reader whom this seat represents."""
    person = fields.person(
        recipient(),
        locale,
        action_url="https://x",
        unsubscribe_url="https://y",
        share_url="https://a.test/share",
        representative=seat,
    )
    made = render.plain(MADE, locale, variant, "first", BEFORE, person=person)
    return [made.subject, made.text, made.html]


def said(seat: Seat) -> Iterator[str]:
    """Every ask, letter and call that names the holder of a seat or goes there, in both languages."""
    for locale in ("en", "es"):
        if seat.house:  # an ask names no senator
            yield from ask(seat, locale, letter.ask_variant(SHIPPED, seat, BEFORE) or "plain")
        if seat.holder is None:
            continue
        text = letter.draft(MADE, letter.variant(SHIPPED, seat, BEFORE), locale, seat, BEFORE)
        yield text.subject
        yield letter.full_text(text, "", "en")
        yield " ".join((text.translation.opening, text.translation.ending)) if text.translation else ""
        yield from (" ".join(part.short) for part in (text.english, text.translation) if part)
        script = call_script.script(MADE, locale, seat, BEFORE)
        assert script
        yield " ".join((*script.own, *script.english))


def test_no_text_says_of_a_cosponsor_or_of_anybody_else_that_they_sponsor_the_bill() -> None:
    bill, precedent = SHIPPED.acts.bill, SHIPPED.acts.precedent
    assert bill
    assert precedent
    sponsors = {bill.sponsor, precedent.sponsor}
    signed = bill.members | precedent.members
    seen = {"sponsor": 0, "cosponsor": 0, "neither": 0}
    for seat in SEATS.values():
        if seat.holder is None or letter.is_on_hold(SHIPPED, seat):
            continue
        did = "sponsor" if seat.holder.bioguide in sponsors else "cosponsor" if seat.holder.bioguide in signed else ""
        if not did and seen["neither"] > 40:
            continue
        seen[did or "neither"] += 1
        for text in said(seat):
            if did != "sponsor":
                assert not SPONSORS.search(text), (seat.code, text)
            if did != "cosponsor":
                assert not COSPONSORED.search(text), (seat.code, text)
    assert (seen["sponsor"], seen["cosponsor"] >= 15, seen["neither"] > 40) == (2, True, True)


def test_nothing_is_said_of_a_seat_that_nobody_holds() -> None:
    for text in said(VACANT):
        assert not SPONSORS.search(text), text
        assert not COSPONSORED.search(text), text


def test_the_ask_for_thanks_is_true_of_the_sponsor_and_of_cosponsors() -> None:
    quigley, norton = SEATS["H:IL:5"], SEATS["H:DC:0"]
    assert {letter.ask_variant(SHIPPED, seat, BEFORE) for seat in (quigley, norton)} == {"signed_on"}
    subject, text, _ = ask(quigley, "en", "signed_on")
    assert subject == "Thank Rep. Quigley for backing H.R. 6890"
    assert "Rep. Quigley has signed on. Will you say thank you?" in text
    assert ask(norton, "es", "signed_on")[0] == "Dele las gracias a la Del. Norton"
    assert "Ya se sumó la delegada Norton. ¿Le dará usted las gracias?" in ask(norton, "es", "signed_on")[1]


def test_every_spanish_ask_has_the_article_of_its_member() -> None:
    """Rendered for each sitting member of the House: the delegates and the Resident Commissioner too."""
    for seat in HOUSE:
        assert seat.holder
        assert seat.holder.gender in ("F", "M")
        to = "a la " if seat.holder.gender == "F" else "al "
        for variant in ("representative", "signed_on"):
            subject, text, html = ask(seat, "es", variant)
            assert re.search(rf"\b{to}(?:Rep\.|Del\.|Com\. Res\.) {re.escape(seat.holder.last_name)}\b", subject), (
                subject
            )
            for part in (subject, text, html):
                assert not re.search(r"\b(?:a|de) (?:el|Rep\.|Del\.|Com\.)(?: |$)", part), part
        named = re.search(r"¿Le pedirá usted (a la|al) (\w+)", ask(seat, "es", "representative")[1])
        assert named
        assert f"{named[1]} " == to
    assert ask(SEATS["H:NC:12"], "es", "representative")[0] == "287(g): pídale su apoyo a la Rep. Adams"
    assert ask(SEATS["H:PR:0"], "es", "representative")[0].startswith("287(g): pídale su apoyo al Com. Res. Hern")


@pytest.mark.parametrize(
    ("phrase", "es"),
    [
        ("la representante Adams", "a la representante Adams"),
        ("el senador Tillis", "al senador Tillis"),
        ("su representante", "a su representante"),
        ("El Amin", "a El Amin"),  # a name keeps its El
    ],
)
def test_a_and_el_become_al(phrase: str, es: str) -> None:
    assert fields.to(phrase, "es") == es
    assert fields.to(phrase, "en") == phrase


def test_without_a_known_gender_the_bare_name_needs_no_article() -> None:
    adams = SEATS["H:NC:12"]
    assert adams.holder
    plain = Seat(adams.code, type(adams.holder)("X000000", "Alma S. Adams", "Adams", "", "", "", "", ""))
    assert (fields.titled(plain, "es"), fields.spoken(plain, "es")) == ("Alma S. Adams", "Alma S. Adams")
    assert ask(plain, "es", "representative")[0] == "287(g): pídale su apoyo a Alma S. Adams"
    assert fields.titled(plain, "en") == "Rep. Alma S. Adams"


@pytest.mark.parametrize(
    ("path", "text", "warns"),
    [
        ("ask/x.es.txt", "Pida a {{ representative_short }} que copatrocine", True),
        ("ask/x.es.txt", "La firma de {{ representative }}", True),
        ("ask/x.es.txt", "Pídale {{ to_representative_short }} que copatrocine", False),
        ("ask/x.es.txt", "Ya la respalda {{ representative }}", False),
        ("call/house.es.txt", "Pido a {{ member.named }} que copatrocine", True),
        ("call/house.es.txt", "Pido que {{ member.named }} copatrocine", False),
        ("ask/x.en.txt", "Be a {{ representative_short }}", False),
    ],
)
def test_a_spanish_text_that_would_join_a_and_el_is_a_warning(path: str, text: str, warns: bool) -> None:
    found = [str(one) for one in ask_checks.check(small({path: text}), BEFORE).warnings]
    assert any("without the right article" in one for one in found) == warns, found
