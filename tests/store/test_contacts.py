"""Contacts of offices: what is loaded and rejected, which are used, and at what pace."""

from __future__ import annotations

import csv
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from campaign.congress import contacts as office_contacts
from campaign.congress import roster
from campaign.congress.contacts import Contact, Loaded
from campaign.errors import CampaignError
from campaign.store.engine import Database
from campaign.store.schema import contact

KNOWN = roster.load()
HEAD = "seat,email,wants,given_by,answered_on,reason,needs,per_hour"
NC = "H:NC:12,staff@example.org,each,Lucía of the coalition,2026-11-10,,street phone,60"
NOW = 1_764_000_000_000


def _read(folder: Path, *lines: str, head: str = HEAD) -> tuple[list[Contact], list[office_contacts.BadContact]]:
    (folder / "offices.csv").write_text("\n".join((head, *lines)), encoding="utf-8")
    return office_contacts.read(folder / "offices.csv", KNOWN)


def _one(seat: str = "H:NC:12", **changes: object) -> Contact:
    values = {"email": "staff@example.org", "wants": "each", "given_by": "us", "answered_on": "2026-11-10", **changes}
    return Contact(seat, **values)  # type: ignore[arg-type]


def _load(database: Database, *contacts: Contact, now: int = NOW) -> Loaded:
    with database.begin() as conn:
        return office_contacts.load(conn, contacts, now)


def test_a_good_row_is_read(tmp_path: Path) -> None:
    good, bad = _read(tmp_path, NC, "s:oh:3, Staff@Example.ORG ,Daily,us,,we know them,prefix;phone,")
    assert bad == []
    assert good == [
        Contact(
            "H:NC:12", "staff@example.org", "each", "Lucía of the coalition", "2026-11-10", "", ("street", "phone"), 60
        ),
        Contact("S:OH:3", "staff@example.org", "daily", "us", "", "we know them", ("phone", "prefix"), 30),
    ]


def test_a_row_without_answer_or_reason_is_read_but_off(tmp_path: Path) -> None:
    good, bad = _read(tmp_path, "H:NC:12,staff@example.org,each,us", head="seat,email,wants,given_by")
    assert bad == []
    assert good[0].off == office_contacts.UNANSWERED


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("H:NC:99,a@example.org,each,us,2026-11-10,,,", "no seat H:NC:99"),
        (",a@example.org,each,us,2026-11-10,,,", "seat is missing"),
        ("H:NC:12,,each,us,2026-11-10,,,", "no email address"),
        ("H:NC:12,staff,each,us,2026-11-10,,,", "not an email address"),
        ("H:NC:12,a@example.org; b@example.org,each,us,2026-11-10,,,", "two email addresses"),
        ("H:NC:12,a@office.test,each,us,2026-11-10,,,", "not an email address"),
        ("H:NC:12,josé@example.org,each,us,2026-11-10,,,", "not an email address"),
        ("H:NC:12,a@example.org,weekly,us,2026-11-10,,,", "wants must be each"),
        ("H:NC:12,a@example.org,each,,2026-11-10,,,", "who gave"),
        ('H:NC:12,a@example.org,each,"us\nthem",2026-11-10,,,', "line break"),
        ("H:NC:12,a@example.org,each,us,11/10/2026,,,", "write a day"),
        ("H:NC:12,a@example.org,each,us,2026-02-30,,,", "write a day"),
        ("H:NC:12,a@example.org,each,us,2026-11-10,,fax,", "'fax'"),
        ("H:NC:12,a@example.org,each,us,2026-11-10,,,0", "per_hour"),
        ("H:NC:12,a@example.org,each,us,2026-11-10,,,3601", "per_hour"),
        ("H:NC:12,a@example.org,each,us,2026-11-10,,,many", "per_hour"),
        ("H:NC:12,a@example.org,each,us,2026-11-10,,,30,more", "too many columns"),
        ("H:NC:11,b@example.org,each,us,2026-11-10,,,", "earlier row"),
    ],
)
def test_a_bad_row_comes_back_with_the_reason(tmp_path: Path, row: str, told: str) -> None:
    good, bad = _read(tmp_path, "H:NC:11,first@example.org,each,us,2026-11-10,,,", row)
    assert [one.email for one in good] == ["first@example.org"]
    assert [told in one.why for one in bad] == [True]


def test_rejected_rows_are_written_for_their_owner_and_safe_in_a_spreadsheet(tmp_path: Path) -> None:
    _, bad = _read(tmp_path, NC, "=1+1,a@example.org,each,us,,,,")
    path = tmp_path / "home" / "offices" / "rejected.csv"
    office_contacts.reject(path, bad)
    assert path.stat().st_mode & 0o777 == 0o600
    with path.open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert row["seat"] == "'=1+1"
    assert row["line"] == "3"
    assert "no seat" in row["why"]
    office_contacts.reject(path, [])
    assert not path.exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"seat,email\n", "column given_by"), (b"", "seat"), (b"\xff\xfe\x00", "UTF-8")],
)
def test_a_file_that_is_no_list_of_contacts_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "x.csv").write_bytes(content)
    with pytest.raises(CampaignError, match=told):
        office_contacts.read(tmp_path / "x.csv", KNOWN)
    with pytest.raises(CampaignError, match="cannot be read"):
        office_contacts.read(tmp_path / "nowhere.csv", KNOWN)


def test_loading_stores_updates_and_leaves_alone(database: Database) -> None:
    assert _load(database, _one(), _one("S:OH:3")) == Loaded(new=2, updated=0, unchanged=0, off=0)
    changed = _one("S:OH:3", email="new@example.org", needs=("street",), per_hour=10)
    assert _load(database, _one(), changed, _one("H:AK:0", off=office_contacts.UNANSWERED), now=NOW + 1) == Loaded(
        1, 1, 1, 1
    )
    with database.read() as conn:
        assert [one.seat for one in office_contacts.all_contacts(conn)] == ["H:AK:0", "H:NC:12", "S:OH:3"]
        assert office_contacts.find(conn, "S:OH:3") == changed
        assert office_contacts.find(conn, "H:AK:0") == _one("H:AK:0", off=office_contacts.UNANSWERED)
        assert office_contacts.find(conn, "H:TX:29") is None
    assert _load(database) == Loaded(0, 0, 0, 0)


def test_the_day_of_an_address_is_known_so_that_an_old_bounce_does_not_switch_off_a_new_one(database: Database) -> None:
    _load(database, _one(), _one("S:OH:3"))
    _load(database, _one(per_hour=5), _one("S:OH:3", email="new@example.org"), now=NOW + 1)
    with database.begin() as conn:
        assert [one.changed_at for one in office_contacts.all_contacts(conn)] == [NOW, NOW + 1]
        office_contacts.switch_off(conn, "H:NC:12", "bounced", NOW + 2)
        assert [one.changed_at for one in office_contacts.all_contacts(conn)] == [NOW + 2, NOW + 1]


def test_letters_may_go_only_to_contacts_that_are_on(database: Database) -> None:
    _load(
        database, _one(), _one("S:OH:3", wants="daily"), _one("H:AK:0", answered_on="", off=office_contacts.UNANSWERED)
    )
    with database.read() as conn:
        assert office_contacts.usable(conn) == {"H:NC:12": _one(), "S:OH:3": _one("S:OH:3", wants="daily")}
    _load(database, _one("H:AK:0"))  # it answered
    with database.begin() as conn:
        assert set(office_contacts.usable(conn)) == {"H:NC:12", "H:AK:0", "S:OH:3"}
        assert office_contacts.switch_off(conn, "H:NC:12", "bounced", NOW)
        assert set(office_contacts.usable(conn)) == {"H:AK:0", "S:OH:3"}


def test_a_contact_switched_off_stays_off_until_it_has_another_address(database: Database) -> None:
    _load(database, _one())
    with database.begin() as conn:
        assert office_contacts.switch_off(conn, "H:NC:12", "bounced", NOW)
        assert not office_contacts.switch_off(conn, "H:NC:12", "dropped", NOW)
        assert not office_contacts.switch_off(conn, "H:TX:29", "bounced", NOW)
    assert _load(database, _one(per_hour=5)) == Loaded(0, 1, 0, 1)
    with database.read() as conn:
        assert office_contacts.find(conn, "H:NC:12") == _one(per_hour=5, off="bounced")
    _load(database, _one(email="other@example.org"))
    with database.read() as conn:
        assert office_contacts.usable(conn) == {"H:NC:12": _one(email="other@example.org")}


def test_an_office_gets_its_letters_at_its_pace(database: Database) -> None:
    _load(database, _one(per_hour=60), _one("S:OH:3", per_hour=7))
    step = office_contacts.HOUR // 7
    with database.begin() as conn:
        assert [office_contacts.reserve(conn, "H:NC:12", NOW) for _ in range(3)] == [NOW, NOW + 60_000, NOW + 120_000]
        assert [office_contacts.reserve(conn, "S:OH:3", NOW) for _ in range(2)] == [NOW, NOW + step]  # each its own
    _load(database, _one(per_hour=120))  # a new pace keeps what is planned
    with database.begin() as conn:
        assert office_contacts.reserve(conn, "H:NC:12", NOW) == NOW + 180_000
        assert office_contacts.reserve(conn, "H:NC:12", NOW + office_contacts.HOUR) == NOW + office_contacts.HOUR


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(earliest=st.lists(st.integers(0, 5 * office_contacts.HOUR), max_size=8), per_hour=st.integers(1, 3600))
def test_no_two_letters_are_nearer_than_the_pace(database: Database, earliest: list[int], per_hour: int) -> None:
    with database.begin() as conn:
        conn.execute(delete(contact))
        office_contacts.load(conn, [_one(per_hour=per_hour)], NOW)
        times = [office_contacts.reserve(conn, "H:NC:12", NOW + soonest) for soonest in earliest]
    assert all(time >= NOW + soonest for time, soonest in zip(times, earliest, strict=True))
    assert all(after - before >= office_contacts.HOUR // per_hour for before, after in pairwise(times))


def test_letters_confirmed_at_once_get_times_of_their_own(database: Database) -> None:
    _load(database, _one(per_hour=3600))

    def confirm(_: int) -> int:
        with database.begin() as conn:
            return office_contacts.reserve(conn, "H:NC:12", NOW)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(confirm, range(12))) == [NOW + 1000 * turn for turn in range(12)]


def test_a_contact_without_answer_reason_or_off_cannot_be_stored(database: Database) -> None:
    with pytest.raises(IntegrityError):
        _load(database, _one(answered_on=""))
