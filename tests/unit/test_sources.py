"""A list is read as its owner exported it, or refused with what is wrong, where, and what to do."""

from __future__ import annotations

import csv
import io
import tracemalloc
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.errors import CampaignError
from campaign.supporters.sources import ListFile, Row, read_addresses, read_list

HEAD = "email,first_name,zip,consent"
ANA = ["ana@example.org", "Ana", "28205", "petition page, 2026-09-12"]


def _write(folder: Path, content: str | bytes) -> Path:
    path = folder / "list.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def _read(path: Path, names: Mapping[str, str] | None = None) -> tuple[ListFile, list[Row]]:
    with read_list(path, names or {}) as file:
        return file, list(file.rows)


def _cells(file: ListFile, row: Row) -> dict[str, str]:
    return {ours: row.fields[place] for ours, place in file.at.items()}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_sane_encoding_and_dialect_reads_the_same(
    tmp_path: Path, encoding: str, delimiter: str, end: str
) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(
        [HEAD.split(","), ANA, ["x", "Núñez", "1", "ok"]]
    )
    file, rows = _read(_write(tmp_path, out.getvalue().encode(encoding)))
    assert [(row.line, row.fields[1]) for row in rows] == [(2, "Ana"), (3, "Núñez")]
    assert rows[0].fields == ANA
    assert (file.encoding == "cp1252") is (encoding == "cp1252")


def test_what_is_not_utf8_only_far_below_is_still_seen(tmp_path: Path) -> None:
    good = f"{HEAD}\n" + "a@example.org,Ana,28205,page\n" * 100_000
    file, rows = _read(_write(tmp_path, good.encode() + "b@example.org,Núñez,28205,page\n".encode("cp1252")))
    assert (file.encoding, rows[-1].fields[1], rows[-1].line) == ("cp1252", "Núñez", 100_002)


@pytest.mark.parametrize(
    "header",
    [
        "E-mail Address,First Name,ZIP/Postal,Opt-in",
        "CORREO ELECTRÓNICO;Nombre;Código Postal;Consentimiento",
        "Preferred Email\tGivenName\tzip_code\tSource of consent",
        "'mail'|'nombres'|'postal code'|'consent source'",
    ],
)
def test_columns_are_known_by_what_other_tools_call_them(tmp_path: Path, header: str) -> None:
    file, _ = _read(_write(tmp_path, header + "\n"))
    assert file.at == {"email": 0, "first_name": 1, "zip": 2, "consent": 3}


def test_a_map_names_the_columns_that_no_synonym_fits(tmp_path: Path) -> None:
    path = _write(tmp_path, "Contact,Name,Zip,Zip of work,agreed on\na@example.org,Ana,28205,10001,2026-09-12\n")
    file, rows = _read(path, {"email": "Contact", "zip": "Zip", "consent": "Agreed On"})
    found = {"email": "a@example.org", "zip": "28205", "consent": "2026-09-12", "name": "Ana"}
    assert _cells(file, rows[0]) == found


def test_excel_may_name_its_delimiter_and_leave_blank_lines(tmp_path: Path) -> None:
    _, rows = _read(_write(tmp_path, 'sep=;\r\n\r\nemail;zip;consent\r\n\r\n"a;b";28205;x\r\n;;\r\n'))
    assert rows == [Row(5, ["a;b", "28205", "x"])]


def test_a_header_may_have_a_line_break(tmp_path: Path) -> None:
    _, rows = _read(_write(tmp_path, 'email,zip,consent,"How did\nyou hear"\na@example.org,28205,x,y\n'))
    assert rows == [Row(3, ["a@example.org", "28205", "x", "y"])]


def test_rows_of_several_lines_keep_the_line_where_they_begin(tmp_path: Path) -> None:
    _, rows = _read(_write(tmp_path, f'{HEAD}\na,"Ana\nMaría",1,x\nb,Bo,2,y\n'))
    assert [(row.line, row.fields[1]) for row in rows] == [(2, "Ana\nMaría"), (4, "Bo")]


@pytest.mark.parametrize("below", [3, 500])
def test_an_open_quote_costs_its_own_row_only(tmp_path: Path, below: int) -> None:
    lines = [HEAD, 'a@example.org,"Ana,28205,x', *[f"b{n}@example.org,Bo,28205,x" for n in range(below)]]
    _, rows = _read(_write(tmp_path, "\n".join(lines)))
    assert "a quote is not closed" in rows[0].fault
    assert [row.line for row in rows] == list(range(2, below + 3))
    assert not any(row.fault for row in rows[1:])


def test_an_endless_field_and_a_nul_cost_their_own_row_only(tmp_path: Path) -> None:
    _, rows = _read(_write(tmp_path, f"{HEAD}\na,{'x' * 200_000},1,y\nb,B\0o,2,y\nc,Cy,3,y\n"))
    assert ["longer than" in rows[0].fault, "NUL" in rows[1].fault, rows[2]] == [
        True,
        True,
        Row(4, ["c", "Cy", "3", "y"]),
    ]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty"),
        (b"PK\x03\x04\x14\0\x06\0", "Excel or zip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel"),
        (b"\x01\0\0\0\x02\0\0\0", "binary"),
        ("email,zip,consent\na,b,c".encode("utf-16-le"), "UTF-16 without a byte order mark"),
        (b"email,zip,consent\n\x81\x8d,1,2", "neither UTF-8"),
        (b"name,zip,consent\n", "the email address"),
        (b"email,first_name,consent\n", "the ZIP"),
        (b"email,zip\n", "how and when people agreed"),
        (b"email,correo,zip,consent\n", "two columns may be email: 'email' and 'correo'"),
        (b"x" * 2_500_000, "a line of more than a million"),
        (b'"email,zip,consent\n' + b"a,b,c\n" * 60_000, "no header"),
    ],
)
def test_a_file_that_is_no_list_is_refused_with_the_reason(tmp_path: Path, content: bytes, what: str) -> None:
    path = _write(tmp_path, content)
    with pytest.raises(CampaignError, match=what) as error:
        _read(path)
    assert str(path) in error.value.where
    assert error.value.do


def test_a_missing_file_a_folder_and_a_missing_mapped_column_are_told(tmp_path: Path) -> None:
    with pytest.raises(CampaignError, match="no such file"):
        _read(tmp_path / "gone.csv")
    with pytest.raises(CampaignError, match="is not a file"):
        _read(tmp_path)
    path = _write(tmp_path, f"{HEAD}\n")
    with pytest.raises(CampaignError, match="no column 'PLZ' for zip") as error:
        _read(path, {"zip": "PLZ"})
    assert "email, first_name" in error.value.do
    with pytest.raises(CampaignError, match="no column of ours is called 'plz'"):
        _read(path, {"plz": "zip"})


def test_a_list_without_a_header_is_told_so_and_its_person_is_not(tmp_path: Path) -> None:
    with pytest.raises(CampaignError, match="no column says") as error:
        _read(_write(tmp_path, "ana@example.org,Ana,28205\n"))
    assert "ana@" not in str(error.value)


@pytest.mark.parametrize("content", ["a@example.org\nb@example.org\n", "Ana,a@example.org\nBo,b@example.org\n"])
def test_addresses_alone_need_no_header(tmp_path: Path, content: str) -> None:
    with read_addresses(_write(tmp_path, content)) as file:
        found = [(row.line, row.fields[file.at["email"]]) for row in file.rows]
    assert found == [(1, "a@example.org"), (2, "b@example.org")]


def test_memory_does_not_grow_with_the_list(tmp_path: Path) -> None:
    path = _write(tmp_path, f"{HEAD}\n" + "a@example.org,Ana,28205,page\n" * 150_000)
    tracemalloc.start()
    with read_list(path, {}) as file:
        assert sum(1 for _ in file.rows) == 150_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4_000_000 < path.stat().st_size


@given(
    rows=st.lists(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=4, max_size=4)),
    delimiter=st.sampled_from(",;\t|"),
)
def test_whatever_csv_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], delimiter: str
) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([HEAD.split(","), *rows])
    _, found = _read(_write(tmp_path_factory.mktemp("p"), out.getvalue()))
    assert [row.fields for row in found] == [row for row in rows if any(row)]
    assert not any(row.fault for row in found)
