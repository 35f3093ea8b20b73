"""A packet as a PDF, made by Typst from texts that try to be markup, and what its cover says."""

from __future__ import annotations

import json
import sys
from dataclasses import replace

import pytest

from campaign.compose.campaign_folder import images
from campaign.compose.messages import packet_pdf as papers
from campaign.compose.messages.packet_pdf import Packet, PrintedLetter
from campaign.errors import CampaignError
from tests.unit.compose_samples import BEFORE, SHIPPED, seat
from tests.unit.test_appearance import png

DAY = 24 * 3600 * 1000
ODD = '#panic("no") $x$ *b* _i_ `code` @ref <label> \\ // ☃ \u00a0 Begoña'
SPANISH = "[English summary: Please cosponsor H.R. 6890. Personal words in Spanish follow.]\n\nAsk.\n\nTengo miedo."


def letter(
    place: int, core: str = f"Ask.\n\n{ODD}\n\nLabel:\nFacts.", town: str = "Charlotte, NC 28205"
) -> PrintedLetter:
    return PrintedLetter(
        place=place,
        subject="Please cosponsor",
        core=core,
        envelope=(f"Ana {ODD}", town),
        town=town,
        own_words=core != "Ask.",
        confirmed_at=BEFORE + place * DAY,
        postscript="Campaign: end-287g.\n\nSources: two.",
    )


def packet(*letters: PrintedLetter, first_printed: int | None = None) -> Packet:
    organization = SHIPPED.campaign.organization
    return Packet(
        seat(), "2436 Rayburn House Office Building", 1, organization, letters, BEFORE + 9 * DAY, first_printed
    )


def test_the_pdf_is_tagged_has_a_page_for_each_letter_and_reads_no_markup() -> None:
    made = papers.pdf(packet(letter(1), letter(2, SPANISH), letter(3, "Ask.")))
    assert made.startswith(b"%PDF-1.7")
    assert b"pdfuaid" in made
    assert made.count(b"/Type /Page\n") + made.count(b"/Type/Page\n") + made.count(b"/Type /Page/") in (0, 4)
    assert len(made) < 300_000


def test_the_cover_has_the_logo_and_a_broken_one_stops_no_letter() -> None:
    plain = papers.pdf(packet(letter(1)))
    logo = images.image(images.pack(png(200, 80)))
    branded, _ = papers.compiled(replace(packet(letter(1)), logo=logo, accent="#7a1f5c"))
    assert (plain.count(b"/Figure"), branded.count(b"/Figure")) == (0, 1), "with its name for who does not see it"
    assert b"pdfuaid" in branded
    broken = images.image(images.pack(png(200, 80)[:60]))
    made, replaced = papers.compiled(replace(packet(letter(1)), logo=broken))
    assert (made.count(b"/Figure"), replaced) == (0, papers.compiled(packet(letter(1)))[1])


def test_the_cover_counts_what_is_there() -> None:
    told = json.loads(papers.data(packet(letter(1), letter(2, SPANISH, "Concord, NC 28025"), letter(3, "Ask."))))
    assert told["count"] == "3 letters from constituents"
    assert told["asks"] == [["Please cosponsor", "3"]]
    assert told["towns"] == [["Charlotte, NC 28205", "2"], ["Concord, NC 28025", "1"]]
    assert "2 of 3 have a personal note; 1 of these in Spanish" in " ".join(told["about"])
    assert "from November 24, 2026 to November 26, 2026" in told["about"][0]
    assert told["to"]["honorable"] == "The Honorable Alma S. Adams"
    assert [one["summary"] for one in told["letters"]] == ["", SPANISH.split("\n\n")[0].strip("[]"), ""]
    assert told["again"] == ""


def test_one_letter_is_one_letter_and_a_second_print_says_so() -> None:
    told = json.loads(papers.data(packet(letter(1), first_printed=BEFORE)))
    assert told["count"] == "1 letter from constituents"
    assert told["about"][0] == "This letter was read and confirmed by its writer on November 24, 2026."
    assert told["again"] == "Printed again: packet 1, first printed on November 23, 2026. Deliver only one copy."


def test_many_towns_are_gathered_and_no_letter_is_lost() -> None:
    towns = [letter(n, town=f"Town {n}, NC 28205") for n in range(1, papers.TOWNS + 11)]
    told = json.loads(papers.data(packet(*towns)))
    assert told["towns"][-1] == ["elsewhere", "10"]
    assert sum(int(number) for _, number in told["towns"]) == len(towns)


def test_a_senator_has_no_district_and_an_at_large_member_none_either() -> None:
    one = packet(letter(1))
    whom = [replace(one, seat=seat(code)) for code in ("S:NC:2", "H:AK:0", "H:NC:12")]
    told = [json.loads(papers.data(each))["to"] for each in whom]
    assert [each["seat"] for each in told] == ["senator of NC", "at large, AK", "district 12, NC"]
    assert [each["town"][-5:] for each in told] == ["20510", "20515", "20515"]


def test_without_typst_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(CampaignError, match=r"campaign\[pdf\]"):
        papers.pdf(packet(letter(1)))
