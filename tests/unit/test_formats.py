"""Formats that several packages share."""

from __future__ import annotations

import pytest

from campaign.formats import ZIP_CODE, email_address, spreadsheet_cell


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "\n=1"])
def test_a_cell_that_a_spreadsheet_would_run_is_text(text: str) -> None:
    assert spreadsheet_cell(text) == f"'{text}"
    assert spreadsheet_cell(f"a{text}") == f"a{text}"


@pytest.mark.parametrize("text", ["28205", "28205-1234", "28205 1234", "282051234"])
def test_a_zip_code_has_five_digits_and_perhaps_four_more(text: str) -> None:
    found = ZIP_CODE.fullmatch(text)
    assert found is not None
    assert (found[1], found[2]) == ("28205", "1234" if len(text) > 5 else None)


@pytest.mark.parametrize(
    ("text", "why"),
    [("", "no email address"), ("a@b.org c@d.org", "two email addresses"), ("a@b", "not an email address")],
)
def test_an_address_that_is_none_says_why(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        email_address(text)
