"""The rules for a row: what becomes a supporter, what is mended, what is rejected and with which sentence."""

from __future__ import annotations

import pytest
from email_validator import validate_email
from hypothesis import given
from hypothesis import strategies as st

from campaign import formats
from campaign import keys as keyring
from campaign.supporters import rows
from campaign.supporters.rows import BadRow, ListedPerson, RowConsent
from campaign.supporters.sources import Row

KEYS = keyring.derive(b"s" * 32)
HEADER = ("email", "first_name", "last_name", "zip", "locale", "street", "consent")
ANA = dict(zip(HEADER, ("ana@example.org", "Ana", "Ruiz", "28205", "es", "", "petition page"), strict=True))


def _person(whole_file: str = "", **changes: str) -> ListedPerson:
    person = rows.reader(KEYS, "tests", HEADER, {name: n for n, name in enumerate(HEADER)}, whole_file=whole_file)
    return person(Row(2, list((ANA | changes).values())))


def _reason(**changes: str) -> str:
    with pytest.raises(BadRow) as error:
        _person(**changes)
    return str(error.value)


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        (" Ana.Ruiz+x@Example.ORG ", "ana.ruiz+x@example.org"),
        ("o'brien@example.com", "o'brien@example.com"),
        ("ana@Bücher.example", "ana@xn--bcher-kva.example"),
        ("ana@sub-domain.example.co", "ana@sub-domain.example.co"),
    ],
)
def test_an_address_is_stored_in_one_spelling(raw: str, stored: str) -> None:
    assert rows.address(raw) == stored


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("", "no email"),
        ("a@example.org; b@example.org", "two email"),
        ("a@example.org\nb@example.org", "two email"),
        ("ana", "not an email"),
        ("ana@example", "not an email"),
        (".ana@example.org", "not an email"),
        ("ana@example..org", "not an email"),
        ("ana@-example.org", "not an email"),
        ("ana@machine.local", "not an email"),
        ("ana@campaign.test", "not an email"),
        ("ana@10.0.0.1", "not an email"),
        ("Ana <ana@example.org>", "not an email"),
        ("josé@example.org", "not an email"),  # SendGrid takes none
        ("a" * 65 + "@example.org", "not an email"),
    ],
)
def test_what_nobody_can_be_reached_at_is_rejected(raw: str, reason: str) -> None:
    with pytest.raises(BadRow, match=reason):
        rows.address(raw)


_ATOM = st.text("abz09!#$%&'*+/=?^_`{|}~-", min_size=1, max_size=70)
_LABEL = st.text("axn0-", min_size=1, max_size=64) | st.sampled_from(
    ["example", "org", "test", "local", "onion", "arpa"]
)


@given(st.lists(_ATOM, min_size=1, max_size=3), st.lists(_LABEL, min_size=1, max_size=4))
def test_what_the_fast_pattern_takes_email_validator_takes_unchanged(local: list[str], domain: list[str]) -> None:
    email = f"{'.'.join(local)}@{'.'.join(domain)}"
    if not formats._PLAIN_ADDRESS.match(email):
        return
    found = validate_email(email, check_deliverability=False, strict=True)
    assert found.normalized == found.ascii_email == email


@pytest.mark.parametrize(
    ("raw", "stored", "mended"),
    [
        ("28205", "28205", False),
        ("28205-1234", "28205", False),
        ("282051234", "28205", False),
        ("28205.0", "28205", False),
        ('="02139"', "02139", False),
        ("'02139", "02139", False),
        ("2139", "02139", True),
        ("2139.0", "02139", True),
        ("2139-4307", "02139", True),
        ("601", "00601", True),
    ],
)
def test_a_zip_keeps_five_digits_and_gets_its_zeros_back(raw: str, stored: str, mended: bool) -> None:
    assert rows.zip_code(raw) == (stored, mended)


@pytest.mark.parametrize(
    "raw", ["", "12", "282055", "28205-12", "ABCDE", "M5V 2T6", "00000", "99999", "２８２０５", "28205,0"]
)
def test_what_is_no_zip_is_rejected(raw: str) -> None:
    with pytest.raises(BadRow, match="ZIP"):
        rows.zip_code(raw)


@pytest.mark.parametrize(
    ("raw", "stored"),
    [
        *((word, "en") for word in ("en", "English", "en-US", "EN_us")),
        *((word, "es") for word in ("es", "Español", "es-MX", "Spanish (Mexico)")),
        *((word, "") for word in ("", "fr", "Estonian")),
    ],
)
def test_a_language_that_we_do_not_write_is_unknown_not_wrong(raw: str, stored: str) -> None:
    assert rows.locale(raw) == stored


def test_consent_is_a_sentence_and_a_no_is_a_no() -> None:
    assert rows.check_consent("petition page, 2026-09-12", "consent", "") == RowConsent("petition page, 2026-09-12")
    assert rows.check_consent("yes", "Opt-in", "") == RowConsent("Opt-in: yes")
    assert rows.check_consent("yes", "Opt-in", "fair, 2026-08-03") == RowConsent("fair, 2026-08-03")
    assert rows.check_consent("", "", "fair, 2026-08-03") == RowConsent("fair, 2026-08-03")
    empty = rows.check_consent("", "consent", "")
    assert (empty.text, empty.finding) == ("", None)
    assert "column is empty" in empty.fault
    for no in ("no", "FALSE", "0"):
        assert "says no" in rows.check_consent(no, "consent", "fair, 2026-08-03").fault


@pytest.mark.parametrize("name", ["=1+1", "+15550100", "-2", "@SUM(A1)", " =1"])
def test_a_formula_is_no_name(name: str) -> None:
    assert "formula" in _reason(first_name=name)
    assert "formula" in _reason(last_name=name)


@pytest.mark.parametrize("sign", ["\n", "\r", "\0", "\x1b", "\x7f", "\u2028", "\u202e"])
def test_what_could_break_a_header_or_turn_a_text_is_rejected(sign: str) -> None:
    assert "control character" in _reason(first_name=f"Ana{sign}Bcc: x")
    assert "control character" in _reason(consent=f"page{sign}1")


def test_names_of_every_origin_pass_and_are_composed() -> None:
    assert _person(first_name="Zoe\u0308 🌻", last_name="d'Arcy  O’Neil").stored["first_name"] == "Zoë 🌻"
    assert _person(first_name="", last_name="فاطمة").stored["last_name"] == "فاطمة"
    assert _person(first_name="x" * 100).stored["first_name"] == "x" * 100
    assert "longer than 100" in _reason(last_name="x" * 101)


def test_one_name_column_is_split_only_where_that_is_no_guess() -> None:
    header = ("email", "name", "zip", "consent")
    person = rows.reader(KEYS, "tests", header, {name: n for n, name in enumerate(header)})
    for name, split in {
        "Ana María Ruiz": ("Ana", "María Ruiz"),
        "Ana": ("Ana", ""),
        "Ruiz, Ana": ("", "Ruiz, Ana"),
    }.items():
        stored = person(Row(2, ["a@example.org", name, "28205", "page"])).stored
        assert (stored["first_name"], stored["last_name"]) == split


def test_a_ragged_row_is_rejected_but_empty_cells_at_its_end_are_not() -> None:
    person = rows.reader(KEYS, "tests", HEADER, {name: n for n, name in enumerate(HEADER)})
    fields = list(ANA.values())
    with pytest.raises(BadRow, match="too few columns: 6, the header has 7"):
        person(Row(2, fields[:-1]))
    with pytest.raises(BadRow, match="too many columns: 8, the header has 7"):
        person(Row(2, [*fields, "x"]))
    assert person(Row(2, [*fields, "", ""])).stored["zip"] == "28205"


def test_a_street_is_sealed_and_the_digest_gives_it_away_to_nobody() -> None:
    one, other = _person(street="12 Main St\nApt 3"), _person(street="12 Main St, Apt 3")
    sealed, key = one.stored["street"], one.stored["email_hash"]
    assert b"Main" not in sealed
    assert KEYS.unseal(sealed, b"supporter.street\0" + key) == "12 Main St, Apt 3"
    assert one.stored["digest"] == other.stored["digest"] != _person().stored["digest"]
    strangers = keyring.derive(b"t" * 32)
    again = rows.reader(strangers, "tests", HEADER, {name: n for n, name in enumerate(HEADER)})
    assert again(Row(2, list(ANA.values()))).stored["digest"] != _person().stored["digest"]
