"""What each holder of a seat is called, in both languages, and what an ask says where nobody is known."""

from __future__ import annotations

import pytest

from campaign.compose.rendering import fields
from campaign.model import Seat
from tests.unit.compose_samples import recipient, seat


@pytest.mark.parametrize(
    ("one", "en", "es"),
    [
        (seat(), "Rep. Alma S. Adams", "la representante Alma S. Adams"),
        (seat("H:DE:0", gender="M", name="A B"), "Rep. A B", "el representante A B"),
        (seat("H:DC:0", name="A Norton"), "Delegate A Norton", "la delegada A Norton"),
        (seat("H:GU:0", gender="M", name="A B"), "Delegate A B", "el delegado A B"),
        (seat("H:PR:0", gender="M", name="A B"), "Resident Commissioner A B", "el comisionado residente A B"),
        (seat("S:HI:1", name="A B"), "Senator A B", "la senadora A B"),
        (seat("S:OH:3", gender="M", name="A B"), "Senator A B", "el senador A B"),
        (Seat("H:NC:1", None), "your representative", "su representante"),
        (Seat("S:NC:2", None), "your senator", "su senador o senadora"),
    ],
)
def test_each_holder_has_a_title(one: Seat, en: str, es: str) -> None:
    assert fields.titled(one, "en") == en
    assert fields.titled(one, "es") == es


@pytest.mark.parametrize(
    ("one", "locale", "named", "short"),
    [
        (seat(), "en", "Rep. Adams", "Rep. Adams"),
        (seat(), "es", "la representante Adams", "Rep. Adams"),
        (seat("H:DC:0", name="A Norton"), "en", "Delegate Norton", "Delegate Norton"),
        (seat("H:DC:0", name="A Norton"), "es", "la delegada Norton", "Del. Norton"),
        (seat("H:PR:0", gender="M", name="A B"), "es", "el comisionado residente B", "Com. Res. B"),
        (Seat("H:NC:1", None), "en", "your representative", "your representative"),
        (None, "es", "su representante", "su representante"),
    ],
)
def test_an_ask_names_the_representative_by_last_name(one: Seat | None, locale: str, named: str, short: str) -> None:
    made = fields.person(
        recipient(), locale, action_url="", unsubscribe_url="", share_url="https://a.test/share", representative=one
    )
    assert (made["representative"], made["representative_short"]) == (named, short)
    agreed = {"en": "petition page, September 12, 2026", "es": "usted aceptó recibir nuestros correos"}
    assert made["consent"] == agreed[locale]
