"""Who may be emailed: columns, status words and consent cells of other tools' exports."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign import keys as keyring
from campaign.supporters import email_status, rows
from campaign.supporters.consent import read_consent
from campaign.supporters.email_status import questions
from campaign.supporters.rows import RowConsent, RowLeftOut
from campaign.supporters.sources import Row, read_list
from campaign.supporters.status_columns import ColumnKind, known_column
from campaign.supporters.status_words import _ANYWHERE, _WHOLE, Meaning, _phrases, read_status
from tests.unit.exports import EXPORTS, Export

KEYS = keyring.derive(b"s" * 32)
WHOLE_FILE = "sign-up form, 2024"


def _sorted(text: str, folder: Path) -> tuple[set[str], set[str], list[str]]:
    """(stored, suppressed, columns asked about) of a list, by the local parts of its addresses."""
    path = folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    hashes = {KEYS.email_hash(f"{letter}@example.org"): letter for letter in "abcdefghijklmnopqrstuvwxyz"}
    stored, suppressed = set(), set()
    theirs = re.search(r"(?i)MailingPostalCode|Mailing Zip/Postal Code|primary_zip|Default Address Zip", text)
    names = {"zip": theirs[0]} if theirs else {}
    with read_list(path, names, ("email", "zip")) as file:
        read = list(file.rows)
        status = email_status.reader(file.header, file.at)
        asked = questions(file.header, (row.fields for row in read), status, set(file.at.values()))
        person = rows.reader(KEYS, "tests", file.header, file.at, whole_file=WHOLE_FILE, status=status)
        for row in read:
            try:
                stored.add(hashes[person(row).stored["email_hash"]])
            except RowLeftOut as error:
                if error.finding.meaning.suppresses and error.email_hash is not None:
                    suppressed.add(hashes[error.email_hash])
    return stored, suppressed, [question.column for question in asked]


@pytest.mark.parametrize("export", EXPORTS, ids=[export.tool for export in EXPORTS])
def test_only_those_who_agreed_are_stored_and_only_those_who_refused_are_suppressed(
    export: Export, tmp_path: Path
) -> None:
    stored, suppressed, asked = _sorted(export.text, tmp_path)
    assert (stored, suppressed) == (set(export.stored.split()), set(export.suppressed.split()))
    assert asked == []


@pytest.mark.parametrize(
    ("cell", "meaning"),
    [
        ("subscribed", Meaning.YES),
        ("Active - imported 2024", Meaning.YES),
        ("not unsubscribed", Meaning.YES),
        ("Unsubscribed 2025-01-02", Meaning.UNSUBSCRIBED),
        ("Opted out by phone, 3/4/21", Meaning.UNSUBSCRIBED),
        ("un_subscribed", Meaning.UNSUBSCRIBED),
        ("No - asked to stop", Meaning.UNSUBSCRIBED),
        ("Baja", Meaning.UNSUBSCRIBED),
        ("Bounced (hard)", Meaning.BOUNCED),
        ("Bounced (soft)", Meaning.NOT_YET),
        ("Marked as spam", Meaning.COMPLAINED),
        ("BLACKLISTED", Meaning.DO_NOT_EMAIL),
        ("Don\u2019t e-mail!", Meaning.DO_NOT_EMAIL),
        ("Deceased 2023", Meaning.DECEASED),
        ("De baja desde 2023", Meaning.UNSUBSCRIBED),
        ("Wrong email", Meaning.BOUNCED),
        ("Pending confirmation", Meaning.NOT_YET),
        ("not subscribed", Meaning.NO),
        ("no", Meaning.NO),
        ("-", Meaning.NOTHING),
        ("N/A", Meaning.NOTHING),
        ("\\N", Meaning.NOTHING),
        # not clear: left out, and never suppressed
        ("Gold", Meaning.UNKNOWN),
        ("Permanent resident", Meaning.UNKNOWN),
        ("previously unsubscribed", Meaning.UNKNOWN),
        ("Active (unsubscribed from SMS)", Meaning.UNKNOWN),
        ("Unsubscribe-link form", Meaning.UNKNOWN),
        ("unsubscribed?", Meaning.UNKNOWN),
        ("bounced check", Meaning.UNKNOWN),
    ],
)
def test_a_status_cell_is_read_with_its_notes_and_negations(cell: str, meaning: Meaning) -> None:
    assert read_status(cell) is meaning


@pytest.mark.parametrize(
    ("header", "cell", "meaning"),
    [
        ("Unsubscribed", "2024-01-02", Meaning.UNSUBSCRIBED),
        ("Unsubscribed", "never", Meaning.NOTHING),
        ("Unsubscribed", "0", Meaning.NOTHING),
        ("Unsubscribed", "-1", Meaning.UNSUBSCRIBED),
        ("Unsubscribed", "\u2713", Meaning.UNSUBSCRIBED),
        ("Unsubscribed", "Subscribed", Meaning.NOTHING),
        ("Unsubscribe", "https://example.org/u?id=1", Meaning.NOTHING),
        ("Opted Out", "opted in", Meaning.NOTHING),
        ("Do Not Email", "per board", Meaning.UNKNOWN),
        ("Deceased", "unknown", Meaning.NOT_YET),
        ("Bounce Type", "Hard", Meaning.BOUNCED),
        ("Bounce Type", "Soft", Meaning.NOT_YET),
        ("Bounce Type", "None", Meaning.NOTHING),
        ("UNSUB_TIME", "0000-00-00 00:00:00", Meaning.NOTHING),
        ("Date of Death", "1/2/2020", Meaning.DECEASED),
        ("Subscribed", "yes", Meaning.YES),
        ("Subscribed", "2024-01-02", Meaning.YES),
        ("Subscribed", "FALSE", Meaning.NO),
        ("Subscribed", "No - asked to stop", Meaning.UNSUBSCRIBED),
        ("Accepts Marketing", "maybe", Meaning.UNKNOWN),
        ("Valid Email", "no", Meaning.BOUNCED),
        ("Email Verified", "no", Meaning.NOT_YET),
        ("State", "OK", Meaning.NOTHING),
        ("State", "Oregon", Meaning.NOTHING),
        ("State", "Unsubscribed", Meaning.UNSUBSCRIBED),
        ("Contact Status", "Reached", Meaning.NOTHING),
        ("Contact Status", "Do-Not-Mail", Meaning.DO_NOT_EMAIL),
        ("Date of Death", "yes", Meaning.DECEASED),
        ("Date of Death", "1/1/1900", Meaning.NOTHING),
        ("Unsubscribed On", "12/30/1899", Meaning.NOTHING),
        ("Falleci\u00f3", "S\u00ed", Meaning.DECEASED),
        ("No desea correos", "S\u00ed", Meaning.DO_NOT_EMAIL),
        ("\u00bfQuiere recibir correos?", "no", Meaning.NO),
        ("Want emails?", "N", Meaning.NO),
        ("isunsub", "1", Meaning.UNSUBSCRIBED),
        # a cross may be a no, or a box that is ticked
        ("Wants emails", "\u2717", Meaning.UNKNOWN),
        ("Unsubscribed", "\u2717", Meaning.UNKNOWN),
    ],
)
def test_a_flag_or_date_is_read_by_what_its_column_asks(header: str, cell: str, meaning: Meaning) -> None:
    known = known_column(header)
    assert known is not None
    assert email_status.read_cell(known, cell) is meaning


@pytest.mark.parametrize(
    "header",
    ["Do Not Call", "DoNotMail", "Do Not SMS", "sms_opt_out", "Mobile Opt In", "active_subscription", "OPTIN_TIME"],
)
def test_a_column_about_another_channel_says_nothing_about_email(header: str) -> None:
    known = known_column(header)
    assert known is not None
    assert known.kind is ColumnKind.OTHER


@pytest.mark.parametrize(
    "header",
    ["Membership Status", "Marital Status", "Volunteer Status", "Lead Status", "Tags", "No.", "Source", "City"],
)
def test_a_column_about_something_else_is_not_known(header: str) -> None:
    assert known_column(header) is None


@pytest.mark.parametrize(
    "cell",
    [
        "form",
        "petition page, 2026-09-12",
        "2021-03-04 10:22:11",
        "text-to-join, 2026-10-19",
        "formulario en espa\u00f1ol, 2026-10-02",
        "county fair",
        "signed petition to stop 287(g)",
        "No More Detentions petition 2024",
        "Families Not Cages rally, 3/4/21",
        "Stop the Raids rally 2023",
        "Families don't belong in cages march 2024",
        "https://example.org/form?id=3",
        "yes, 2024",
    ],
)
def test_a_consent_cell_counts_when_it_says_how_or_when(cell: str) -> None:
    assert rows.check_consent(cell, "consent", "") == RowConsent(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "maybe",
        "Carla",
        "imported",
        "call me",
        "purchased list 2024",
        "petition? 2024",
        "None",
        "stop 2024-01-02",
        "Unsubscribe-link form",
        "no form 2024",
        "petition: no",
        "told us no at the event 2024",
        "form 2024, pending",
        "event 2024 no thanks",
        "didn't sign up, canvass 2024",
        "paper form, phone only",
        "cancelled form 2024",
        "stop via form",
        "do not via form",
        "did not like it, event 2023",
        "not unsubscribed",
    ],
)
def test_a_consent_cell_that_may_say_no_is_left_out_even_with_a_sentence_for_the_file(cell: str) -> None:
    finding = rows.check_consent(cell, "consent", WHOLE_FILE).finding
    assert finding is not None
    assert not finding.meaning.suppresses


@pytest.mark.parametrize("cell", ["", "NULL", "N/A", "?", "unknown", "tbd", "-"])
def test_the_sentence_for_the_file_fills_a_consent_cell_that_says_nothing(cell: str) -> None:
    assert rows.check_consent(cell, "consent", WHOLE_FILE) == RowConsent(WHOLE_FILE)
    alone = rows.check_consent(cell, "consent", "")
    assert alone.finding is None
    assert "column is empty" in alone.fault


def test_a_bare_yes_counts_only_where_the_header_says_how() -> None:
    for yes in ("1", "yes", "TRUE", "x", "subscribed"):
        assert rows.check_consent(yes, "opt in", "") == RowConsent(f"opt in: {yes}")
        assert rows.check_consent(yes, "consent", WHOLE_FILE) == RowConsent(WHOLE_FILE)
        alone = rows.check_consent(yes, "consent", "")
        assert alone.finding is not None
        assert "how or when" in alone.fault


def test_a_consent_with_another_date_is_not_taken_for_the_first() -> None:
    header = ("email", "zip", "consent")
    person = rows.reader(KEYS, "tests", header, {name: n for n, name in enumerate(header)})
    for day in ("2024-05-01", "2025-06-02 10:11:12"):
        assert person(Row(2, ["a@example.org", "28205", f"form, {day}"])).stored["consent"] == f"form, {day}"
        with pytest.raises(RowLeftOut, match=f"unsubscribed {day}"):
            person(Row(2, ["a@example.org", "28205", f"unsubscribed {day}"]))


_REFUSALS = [phrase for lines in _ANYWHERE.values() for phrase in _phrases(lines)]
_ALONE = [phrase for meaning, lines in _WHOLE.items() if meaning > Meaning.UNKNOWN for phrase in _phrases(lines)]
_SEPARATORS = st.sampled_from([" ", "-", "_", "  ", "\u00a0", "\u2013", ""])
_CASES = st.sampled_from([str.lower, str.upper, str.title, str.capitalize, str.swapcase])
_BEFORE = st.sampled_from(
    ["", "form 2024 ", "petition, ", "no - ", "status: ", "Yes - ", "sign-up form; ", "2024-01-02 "]
)
_AFTER = st.sampled_from(
    ["", " 2024-01-02", ", petition 2024", " (form)", " via web form", " - event", "!", " on 3/4/21"]
)


@given(st.sampled_from(_REFUSALS), _SEPARATORS, _CASES, _BEFORE, _AFTER)
def test_no_text_with_a_refusal_in_it_is_stored_as_consent(
    phrase: str, separator: str, case: object, before: str, after: str
) -> None:
    assert callable(case)
    text = before + case(separator.join(phrase.split())) + after
    assert not read_consent(text, "opt in").evidence, text


@given(st.sampled_from(_ALONE), _SEPARATORS, _CASES)
def test_a_cell_that_is_a_refusal_is_never_a_yes(phrase: str, separator: str, case: object) -> None:
    assert callable(case)
    text = case(separator.join(phrase.split()))
    assert not read_consent(text, "opt in").evidence
    assert read_status(text) > Meaning.YES


@given(st.sampled_from(_REFUSALS), _SEPARATORS, _CASES, st.sampled_from(["not ", "never ", "was ", "some ", "if "]))
def test_a_negated_or_partial_refusal_never_suppresses(phrase: str, separator: str, case: object, before: str) -> None:
    assert callable(case)
    text = before + case(separator.join(phrase.split()))
    assert not read_status(text).suppresses, text
    assert not read_consent(text, "opt in").meaning.suppresses, text


@given(st.text(max_size=40))
def test_any_text_has_a_meaning(text: str) -> None:
    assert read_status(text) in Meaning
    assert read_consent(text, "consent").meaning in Meaning


def _asked(column: str, *values: str) -> list[str]:
    header = ("email", "zip", column)
    status = email_status.reader(header, {"email": 0, "zip": 1})
    return [str(one) for one in questions(header, (["a", "28205", value] for value in values), status, {0, 1})]


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("Situaci\u00f3n actual", ["activa", "dada de baja", "activa"]),
        ("Type", ["regular", "unsubscribed", "undeliverable"]),
        ("x1", ["Opted-Out", "yes", "yes"]),
        ("Notes", ["likes tea", "UNSUBSCRIBED 2024-01-02", "volunteer"]),
        ("Tags", ["volunteer", "donor, do not email"]),
        ("Constituent code", ["Donor", "Deceased"]),
        ("list health", ["active", "cleaned", "inactive"]),
        ("newsletter", ["yes", "cancelled"]),
        ("klass", ["subscribed", "not subscribed"]),
    ],
)
def test_an_unknown_column_with_status_words_is_a_question(column: str, values: list[str]) -> None:
    assert len(_asked(column, *values)) == 1


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("Volunteer", ["yes", "no", ""]),
        ("Member", ["active"]),
        ("Membership", ["active", "inactive", "lapsed", "cancelled"]),
        ("RSVP", ["confirmed", "pending", "declined", "cancelled"]),
        ("Application", ["withdrawn", "rejected", "pending"]),
        ("newsletter", ["yes", "no"]),
        ("Notes", ["asked about bounced check", "no contact with family", "stop by on Monday"]),
        ("City", ["Charlotte", "Removed"]),
        ("SMS status", ["subscribed", "unsubscribed"]),
        ("Ball", ["bounced back in 2024, says her friend"]),
    ],
)
def test_a_column_about_something_else_is_no_question(column: str, values: list[str]) -> None:
    assert _asked(column, *values) == []


def test_a_question_counts_the_status_words_and_shows_no_other_value() -> None:
    (question,) = _asked("Notes", *["unsubscribed"] * 3, "Bounced", "Ana Ruiz, 12 Elm Ave", "")
    assert question == "'Notes' (unsubscribed: 3, Bounced: 1, other values: 1)"


def test_a_question_counts_a_longer_text_by_what_it_says() -> None:
    (question,) = _asked("Notes", "UNSUBSCRIBED by Ana Ruiz", "Deceased, says Bo", "likes tea")
    assert question == "'Notes' (opted out: 1, deceased: 1, other values: 1)"


def test_a_column_with_more_values_than_any_status_has_is_no_question() -> None:
    values = [f"note {number}" for number in range(email_status.DISTINCT)]
    assert _asked("Notes", *values, "unsubscribed") == []
