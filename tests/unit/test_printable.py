"""Characters that no font has: they are replaced by visible words, every text prints, and nothing disappears."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from campaign.compose.messages import packet_pdf as papers
from campaign.compose.messages import typesetter
from campaign.compose.messages.printable import COMMON, missing_glyphs, printable
from campaign.compose.messages.typesetter import Unprintable
from tests.unit.test_packet_pdf import letter, packet

ANY = st.text(st.characters(exclude_categories=()), max_size=30)  # every code point, surrogates and unassigned ones too
MIXED = st.text(
    st.sampled_from("aé\u0301\u0337\u20e3\u200d\ufe0f🏽👩❤🇲ש\u05b8عّ中नि\u0e33\u202e\ufeff\x07\ue000𝔸 "), max_size=12
)


@pytest.mark.parametrize(
    ("text", "shown", "replaced"),
    [
        ("Nguyễn Thị Hồng, Łukasz Żółć, Begoña", "Nguyễn Thị Hồng, Łukasz Żółć, Begoña", 0),
        ("Jose\u0301 ẹ\u0301", "José ẹ\u0301", 0),
        ("Привет, שלום, ☃", "Привет, שלום, ☃", 0),
        ("so \U0001f600", "so [emoji: grinning face]", 1),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467!", "[emoji: man, woman, girl]!", 3),
        ("\U0001f44b\U0001f3fd", "[emoji: waving hand sign, skin tone type-4]", 2),
        ("\U0001f1f2\U0001f1fd\U0001f1fa\U0001f1f8", "[emoji: flag MX, flag US]", 4),
        ("王小明 Wang", "[characters U+738B U+5C0F U+660E] Wang", 3),
        ("中" * 14, f"[characters {' '.join(['U+4E2D'] * 12)} and 2 more]", 14),
        ("1\ufe0f\u20e3", "1[character U+20E3]", 1),
        ("a\x07b\ue000c\x00", "a[character U+0007]b[character U+E000]c[character U+0000]", 3),
        ("\ud800", "[character U+D800]", 1),
        ("\ufeffa\u202eb\u00adc\u3000d\te", "abc d e", 0),
        ("one\r\ntwo\u2028three", "one\ntwo\nthree", 0),
    ],
)
def test_what_no_font_has_becomes_words(text: str, shown: str, replaced: int) -> None:
    _, bad = papers.compiled(packet(letter(1, f"Ask.\n\n{text}")))
    assert printable(text, bad) == (shown, replaced)


def test_what_is_left_when_typst_does_not_say_why_does_print() -> None:
    common = "".join(sorted(COMMON - set("\n")))
    assert papers.pdf(packet(letter(1, common, town=common)))
    with pytest.raises(Unprintable) as refused:
        papers.pdf(packet(letter(1, "\U0001f600, 中")))
    assert missing_glyphs(refused.value) >= {"\U0001f600", "中"}


@settings(max_examples=40)
@example("\U0001f600", "中")
@example("\u05e9\u0301\u20e3\u20e3\u200d", "Typst crashes on this name")
@example("\u0591", "a mark alone")
@given(ANY | MIXED, ANY | MIXED)
def test_every_text_prints_and_nothing_disappears(name: str, note: str) -> None:
    core = "\n\n".join(("Ask.", note, "Label:\nFacts."))
    one = packet(letter(1, core, town=name))
    content, bad = papers.compiled(one)
    assert content.startswith(b"%PDF-1.7")
    made = json.loads(papers.data(one, bad))
    found = {text: printable(text, bad) for text in (name, note)}
    for text, (shown, replaced) in found.items():
        assert printable(shown, bad) == (shown, 0)
        assert (replaced > 0) == ("[" in shown and shown.count("[") > text.count("["))
        lost = [
            sign
            for sign in unicodedata.normalize("NFC", "".join(s for s in text if unicodedata.category(s) != "Cf"))
            if unicodedata.category(sign)[0] in "LNPS" and sign not in shown
        ]
        assert bool(lost) <= bool(replaced), lost
    assert set(papers.printed(one)[1]) >= ({1} if found[name][1] or found[note][1] else set())
    assert made["letters"][0]["envelope"][1] == found[name][0]


def test_a_packet_that_typst_refuses_without_a_reason_prints_with_common_characters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = packet(letter(1, "Ask.\n\nПривет."), letter(2, "Ask."))
    compiled = list[str]()

    def refuses(_: object, *, root: object = None, sys_inputs: dict[str, str]) -> bytes:
        compiled.append(sys_inputs.get("packet", ""))
        if "Привет" in compiled[-1]:
            raise Unprintable("it crashed")
        return b"%PDF"

    monkeypatch.setattr(typesetter, "compile_pdf", refuses)
    content, counts = papers.printed(one)
    assert (content, counts) == (b"%PDF", {1: 7, 2: 1})
    assert "[characters U+041F U+0440 U+0438 U+0432 U+0435 U+0442]" in compiled[-1]
    assert str(Unprintable("the text `Привет` could not", "")) == "Typst cannot make the PDF: the text (text) could not"
