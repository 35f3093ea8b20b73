"""Secrets come from the environment, or from a key that is made once and that nobody else can read."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from campaign import keys, private_file
from campaign.errors import CampaignError
from campaign.keys import KeyRefused


def test_the_key_is_made_once_for_this_user_alone(tmp_path: Path) -> None:
    first = keys.load(tmp_path / "home", {})
    assert stat.S_IMODE((tmp_path / "home" / "key").stat().st_mode) == 0o600
    assert keys.load(tmp_path / "home", {}) == keys.existing(tmp_path / "home", {}) == first
    assert keys.load(tmp_path / "another", {}) != first
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["key"]


def test_loading_makes_no_key(tmp_path: Path) -> None:
    with pytest.raises(KeyRefused, match="missing"):
        keys.existing(tmp_path / "home", {})
    assert list(tmp_path.iterdir()) == []


def test_the_environment_wins_and_is_checked(tmp_path: Path) -> None:
    given = {"CAMPAIGN_SECRET": "ab" * 32}
    assert keys.existing(tmp_path, given) == keys.load(tmp_path, given) == keys.derive(bytes.fromhex("ab" * 32))
    assert list(tmp_path.iterdir()) == []
    assert keys.source(tmp_path, given) == "CAMPAIGN_SECRET"
    for bad in ("short", " ", "ab" * 31, "zz" * 32):
        with pytest.raises(KeyRefused, match="CAMPAIGN_SECRET: the root key is not 64 hexadecimal digits"):
            keys.existing(tmp_path, {"CAMPAIGN_SECRET": bad})


@pytest.mark.parametrize("kind", ["folder", "broken link"])
def test_a_key_file_that_cannot_be_read_is_named(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "key"
    path.mkdir() if kind == "folder" else path.symlink_to(tmp_path / "nowhere")
    for get in (keys.existing, keys.load):
        with pytest.raises(KeyRefused) as refused:
            get(tmp_path, {})
        assert str(path) in str(refused.value)


def test_the_fingerprint_tells_keys_apart_and_reveals_none() -> None:
    made = keys.derive(b"s" * 32)
    assert len(made.fingerprint) == 16
    assert made.fingerprint == keys.derive(b"s" * 32).fingerprint != keys.derive(b"t" * 32).fingerprint
    others = (made.links, made.fields, made.index, made.organizer, made.evidence, b"s" * 32)
    assert all(made.fingerprint not in other for other in others)


def test_each_purpose_has_a_key_of_its_own_and_none_is_shown() -> None:
    made = keys.derive(b"s" * 32)
    assert len({made.links, made.fields, made.index, made.organizer}) == 4
    assert made.links.hex() not in repr(made)
    assert repr(made.links) not in repr(made)


def test_a_sealed_field_opens_only_where_it_was_sealed() -> None:
    made = keys.derive(b"s" * 32)
    sealed = made.seal("12 Main Street", b"supporter.street\0a")
    assert b"Main" not in sealed
    assert made.unseal(sealed, b"supporter.street\0a") == "12 Main Street"
    assert made.seal("12 Main Street", b"supporter.street\0a") != sealed
    for other, where in [(made, b"supporter.street\0b"), (keys.derive(b"t" * 32), b"supporter.street\0a")]:
        with pytest.raises(CampaignError, match="cannot be read"):
            other.unseal(sealed, where)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("12 Main St.,  Apt 3", "28205"), ("12 main st apt 3", "28205-1234")),
        (("1 Peña Ave", "28205"), (" 1 PENA AVE ", "28205")),
    ],
)
def test_one_place_has_one_hash_however_it_is_written(one: tuple[str, str], other: tuple[str, str]) -> None:
    made = keys.derive(b"s" * 32)
    assert made.place_hash(*one) == made.place_hash(*other)
    assert len(made.place_hash(*one)) == 16
    different = [("13 Main St Apt 3", "28205"), (one[0], "28206"), ("12 Main St Apt 3 2", "8205")]
    assert made.place_hash(*one) not in {made.place_hash(*place) for place in different}
    assert keys.derive(b"t" * 32).place_hash(*one) != made.place_hash(*one)


def test_a_private_file_is_complete_or_absent_and_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "new" / "list.csv"
    with pytest.raises(TypeError), private_file.writing(path) as file:
        file.write(b"bytes into a text file")
    assert not list(path.parent.iterdir())
    for text in ("first", "second"):
        with private_file.writing(path) as file:
            file.write(text)
    with pytest.raises(FileExistsError), private_file.writing(path, replace=False) as file:
        file.write("third")
    assert (path.read_text(encoding="utf-8"), path.stat().st_mode & 0o777) == ("second", 0o600)
    assert [entry.name for entry in path.parent.iterdir()] == ["list.csv"]
