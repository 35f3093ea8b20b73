"""A campaign's folder is read whole, and what is wrong in it is told at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from campaign.compose.campaign_folder import disk, folder
from campaign.errors import CampaignError, Problems
from tests.unit.compose_samples import (
    ACTS_TOML,
    CAMPAIGN_TOML,
    FACTS_TOML,
    FILES,
    SHIPPED,
    SWITCH,
    TEMPLATES,
    ms,
    small,
)


def test_the_shipped_folder_is_read() -> None:
    assert SHIPPED.slug == "end-287g"
    assert SHIPPED.campaign.locales == ("en", "es")
    assert SHIPPED.campaign.waves == ("first", "reminder")
    assert SHIPPED.campaign.bill.number == "H.R. 6890"
    assert SHIPPED.campaign.bill.expires == SWITCH == SHIPPED.facts["bill_hr6890"].expires
    assert "ask/first.en.md" in SHIPPED.templates
    assert "facts.toml" not in SHIPPED.templates


def test_an_unknown_slug_names_the_known_ones() -> None:
    with pytest.raises(CampaignError, match=r"no campaign is called 'end-287' \(known: end-287g\)"):
        disk.load(TEMPLATES, "end-287")


def test_a_bare_date_is_a_day_in_washington() -> None:
    campaign = small().campaign
    assert campaign.opens == ms(2026, 11, 1, 4)
    assert campaign.closes == ms(2027, 4, 1, 4)


def test_everything_wrong_is_told_at_once_with_file_line_and_key() -> None:
    campaign = (
        CAMPAIGN_TOML.replace('stance = "support"', 'stance = "for"')
        .replace('reply_to = "hello@neighbors.test"', 'reply_to = "Neighbors <hello@neighbors.test>"')
        .replace('en = "Director", ', "")
        .replace("congress = 119", "congress = 118")
        .replace("opens = 2026-11-01", "opens = 2027-11-01")
        .replace('locales = ["en"]', 'locales = ["en"]\ncolor = "red"')
        .replace('legal_name = "Neighbors & Friends"', 'legal_name = "Neighbors\\nBcc: you"')
    )
    facts = FACTS_TOML.replace('review_by = "2027-02-01"', 'review_by = "soon"').replace('use = "letter"', "")
    with pytest.raises(Problems) as told:
        folder.parse("small", {**FILES, "campaign.toml": campaign, "facts.toml": facts})
    assert [problem.where for problem in told.value.problems] == [
        "campaign.toml line 8 color",
        "campaign.toml line 6 closes",
        "campaign.toml line 3 stance",
        "campaign.toml line 12 [organization] legal_name",
        "campaign.toml line 18 [organization] reply_to",
        "campaign.toml line 20 [organization.signer_role] en",
        "campaign.toml line 26 [bill] expires",
        "facts.toml line 11 [fact.one] review_by",
        "facts.toml line 2 [fact.one] use",
    ]
    assert all(problem.do for problem in told.value.problems)


@pytest.mark.parametrize("key", ["count-growth", "Count", "_count", "2025_count"])
def test_a_fact_whose_key_no_template_can_write_is_refused(key: str) -> None:
    with pytest.raises(Problems) as refused:
        folder.parse("small", {**FILES, "facts.toml": FACTS_TOML.replace("[fact.one]", f"[fact.{key}]")})
    (problem,) = refused.value.problems
    assert (problem.what, problem.where) == (f"has the key {key!r}", f"facts.toml line 2 [fact.{key}]")


def test_files_that_are_no_toml_are_told_together() -> None:
    with pytest.raises(Problems) as told:
        folder.parse("small", {**FILES, "campaign.toml": "a =", "facts.toml": "= b"})
    assert [problem.where for problem in told.value.problems] == ["campaign.toml", "facts.toml"]
    assert "line 1" in str(told.value)


def test_an_empty_campaign_names_all_that_is_missing() -> None:
    with pytest.raises(Problems) as told:
        folder.parse("small", {})
    assert len(told.value.problems) == 19
    assert all("missing" in problem.what for problem in told.value.problems)


def test_all_files_that_are_not_utf8_are_named(tmp_path: Path) -> None:
    (tmp_path / "small").mkdir()
    for name in ("campaign.toml", "facts.toml"):
        (tmp_path / "small" / name).write_bytes('title = "Pequeña"'.encode("latin-1"))
    with pytest.raises(Problems, match="UTF-8") as told:
        disk.load(tmp_path, "small")
    assert [problem.where for problem in told.value.problems] == ["campaign.toml line 1", "facts.toml line 1"]


def test_a_byte_order_mark_changes_nothing(tmp_path: Path) -> None:
    for path, text in FILES.items():
        (tmp_path / "small" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "small" / path).write_text(text, encoding="utf-8-sig")
    assert disk.load(tmp_path, "small") == small()


def test_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    for path, text in FILES.items():
        (tmp_path / "small" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "small" / path).write_bytes(text.replace("\n", "\r\n").encode())
    (tmp_path / "small/ask/first.en.md~").write_text("an editor's copy")
    assert disk.load(tmp_path, "small") == small()


def test_a_campaign_ends_before_its_links_could_not_say_when() -> None:
    text = FILES["campaign.toml"]
    line = next(line for line in text.splitlines() if line.startswith("closes"))
    with pytest.raises(Problems, match="too far away"):
        folder.parse("small", {**FILES, "campaign.toml": text.replace(line, "closes = 2199-01-01")})


def test_acts_belong_to_people() -> None:
    acts = SHIPPED.acts
    assert acts.bill is not None
    assert acts.precedent is not None
    assert (acts.bill.sponsor, len(acts.bill.members)) == ("Q000023", 16)
    assert (acts.precedent.sponsor, len(acts.precedent.members)) == ("B001288", 5)
    assert [len(act.members) for act in acts.opposite] == [8, 7]
    assert "N000147" in acts.bill.members
    assert acts.under("H.R. 6890") is acts.bill
    assert acts.under("H.R. 1") is None
    assert acts.opposes("M001198")
    assert "C001115" not in acts.bill.members
    assert not acts.opposes("X000000")


def test_faults_in_the_acts_are_told_with_line_and_key() -> None:
    broken = (
        ACTS_TOML.replace('"S000001"', '"Smith"')
        .replace('"C000001", "C000002"', '"C000001", "C000001"')
        .replace("checked = 2026-11-20\npage", 'page = ""\nseen', 1)
        .replace('year = 2025\nsponsor = "P', 'sponsor = "P')
    )
    with pytest.raises(Problems) as told:
        folder.parse("small", {**FILES, "sponsors.toml": broken})
    assert [problem.where for problem in told.value.problems] == [
        "sponsors.toml line 8 [bill] seen",
        "sponsors.toml line 5 [bill] sponsor",
        "sponsors.toml line 6 [bill] cosponsors",
        "sponsors.toml line 2 [bill] checked",
        "sponsors.toml line 7 [bill] page",
        "sponsors.toml line 11 [opposite.house] year",
    ]


def test_a_release_that_has_no_acts_is_read_too() -> None:
    assert small({"sponsors.toml": None}).acts.every == ()


def test_one_broken_toml_file_hides_nothing_of_the_others() -> None:
    facts = FACTS_TOML.replace('use = "letter"', "")
    with pytest.raises(Problems) as error:
        folder.parse("small", {**FILES, "campaign.toml": "a =", "facts.toml": facts})
    assert [problem.where for problem in error.value.problems] == ["campaign.toml", "facts.toml line 2 [fact.one] use"]


def test_an_edit_is_written_with_the_files_own_line_ends_and_nothing_else_changes(tmp_path: Path) -> None:
    (tmp_path / "campaign.toml").write_bytes(b"a = 1\r\n")
    (tmp_path / "facts.toml").write_bytes(b"b = 1\n")
    before = disk.read(tmp_path)
    after = {**before, "campaign.toml": "a = 2\n"}
    stamp = (tmp_path / "facts.toml").stat().st_mtime_ns
    disk.save(tmp_path, before, after)
    assert (tmp_path / "campaign.toml").read_bytes() == b"a = 2\r\n"
    assert (tmp_path / "facts.toml").stat().st_mtime_ns == stamp
    assert before["campaign.toml"] == "a = 1\n"
    assert disk.read(tmp_path) == after
