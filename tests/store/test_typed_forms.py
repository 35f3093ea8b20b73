"""What was typed is kept for half an hour, sealed, and only for the browser that sent it."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CTR
from sqlalchemy import select, update

from campaign import keys as key_files
from campaign.errors import CampaignError
from campaign.letters import typed_forms
from campaign.letters.typed_forms import KEPT_MS, LONGEST
from campaign.store.engine import Database
from campaign.store.schema import typed_form

KEYS, OTHER_KEYS = key_files.derive(b"\x07" * 32), key_files.derive(b"\x08" * 32)
ANA, BEN = "A" * 22, "B" * 22
LINK, OTHER = "end-287g/v1.token", "end-287g/"
NOW = 1_797_613_200_000
VALUES = {"story": "A heron stood at the bus stop. ñ", "first_name": "Ana", "city": "", "seen-H:NC:12": "5ee2"}


def keep(database: Database, values: dict[str, str], *, browser: str = ANA, link: str = LINK, now: int = NOW) -> None:
    with database.begin() as conn:
        typed_forms.keep(conn, KEYS, browser=browser, link=link, values=values, now=now)


def found(database: Database, *, browser: str = ANA, link: str = LINK, now: int = NOW) -> dict[str, str]:
    with database.read() as conn:
        return typed_forms.find(conn, KEYS, browser=browser, link=link, now=now)


def count(database: Database) -> int:
    with database.read() as conn:
        return len(conn.execute(select(typed_form.c.mark)).all())


def test_the_same_browser_finds_it_at_the_same_address_for_half_an_hour(database: Database) -> None:
    keep(database, VALUES)
    assert found(database) == VALUES
    assert found(database, now=NOW + KEPT_MS - 1) == VALUES
    assert found(database, now=NOW + KEPT_MS) == {}
    assert found(database, browser=BEN) == {}
    assert found(database, browser="") == {}
    assert found(database, link=OTHER) == {}


def test_what_is_typed_later_takes_its_place_and_its_time(database: Database) -> None:
    keep(database, VALUES)
    keep(database, {"story": "A crow."}, now=NOW + KEPT_MS - 1)
    assert found(database, now=NOW + KEPT_MS) == {"story": "A crow."}
    assert count(database) == 1


def test_two_browsers_and_two_addresses_are_kept_apart(database: Database) -> None:
    keep(database, VALUES)
    keep(database, {"story": "Ben"}, browser=BEN)
    keep(database, {"story": "open page"}, link=OTHER)
    assert found(database) == VALUES
    assert found(database, browser=BEN) == {"story": "Ben"}
    assert found(database, link=OTHER) == {"story": "open page"}


def test_forget_forgets_this_one_alone(database: Database) -> None:
    keep(database, VALUES)
    keep(database, {"story": "Ben"}, browser=BEN)
    with database.begin() as conn:
        typed_forms.forget(conn, KEYS, browser=ANA, link=LINK)
    assert found(database) == {}
    assert found(database, browser=BEN) == {"story": "Ben"}


def test_old_ones_are_deleted_and_fresh_ones_stay(database: Database) -> None:
    keep(database, VALUES)
    keep(database, VALUES, browser=BEN, now=NOW + 1)
    with database.begin() as conn:
        assert typed_forms.drop_old(conn, NOW + KEPT_MS - 1) == 0
        assert typed_forms.drop_old(conn, NOW + KEPT_MS) == 1
    assert found(database, browser=BEN) == VALUES
    assert count(database) == 1


def test_more_than_any_letter_holds_is_not_kept_and_does_not_replace(database: Database) -> None:
    keep(database, {"story": "x" * LONGEST})
    assert len(found(database)["story"]) == LONGEST
    keep(database, {"story": "x" * LONGEST, "city": "y"})
    assert found(database) == {"story": "x" * LONGEST}


def test_the_row_names_nobody_and_another_key_finds_nothing(database: Database) -> None:
    keep(database, VALUES)
    keep(database, VALUES, browser=BEN)
    with database.read() as conn:
        rows = conn.execute(select(typed_form).order_by(typed_form.c.mark)).all()
    for row in rows:
        whole = repr(tuple(row)).encode() + bytes(row.words)
        assert all(secret.encode() not in whole for secret in (ANA, BEN, "Ana", "heron", "token", "end-287g"))
        assert len(row.mark) == 16
    with database.read() as conn:
        assert typed_forms.find(conn, OTHER_KEYS, browser=ANA, link=LINK, now=NOW) == {}


def test_words_moved_to_another_row_do_not_open(database: Database) -> None:
    keep(database, VALUES)
    keep(database, VALUES, browser=BEN)
    marks = {name: typed_forms._mark(KEYS, name, LINK) for name in (ANA, BEN)}
    with database.begin() as conn:
        words = conn.execute(select(typed_form.c.words).where(typed_form.c.mark == marks[ANA])).scalar_one()
        conn.execute(update(typed_form).values(words=words).where(typed_form.c.mark == marks[BEN]))
    assert found(database) == VALUES
    with pytest.raises(CampaignError):
        found(database, browser=BEN)


def test_our_key_without_the_cookie_does_not_read_it(database: Database) -> None:
    """AES-GCM is a stream that needs only key and nonce: a cookie that is merely authenticated would hide nothing."""
    keep(database, VALUES)
    with database.read() as conn:
        words = conn.execute(select(typed_form.c.words)).scalar_one()
    stream = Cipher(AES(KEYS.fields), CTR(words[1:13] + b"\0\0\0\2")).decryptor()
    assert b"heron" not in stream.update(words[13:-16])
