"""People on file: suppressed once and for good, erased so that nothing is left, found for a request and by a link."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

import pytest
from sqlalchemy import Connection, insert, select, update

from campaign import keys as keyring
from campaign.delivery import outbox
from campaign.errors import CampaignError
from campaign.model import Kind, Recipient
from campaign.store.engine import Database
from campaign.store.schema import delivery, supporter, suppression
from campaign.supporters import people, segments
from tests import build

pytestmark = pytest.mark.both_databases

KEYS = keyring.derive(b"s" * 32)


def _hashes(*numbers: int) -> list[bytes]:
    return [number.to_bytes(16, "big") for number in numbers]


def _suppressions(conn: Connection) -> dict[bytes, str]:
    s = suppression.c
    return dict(conn.execute(select(s.email_hash, s.reason).order_by(s.email_hash)).all())


def test_the_first_reason_stays_and_only_new_ones_are_counted(database: Database) -> None:
    with database.begin() as conn:
        assert people.suppress(conn, _hashes(1, 2, 2), "unsubscribed", "link", 5) == 2
        assert people.suppress(conn, _hashes(2, 3), "bounced", "event", 6) == 1
        assert people.suppress(conn, [], "bounced", "event", 6) == 0
    with database.read() as conn:
        assert list(_suppressions(conn).values()) == ["unsubscribed", "unsubscribed", "bounced"]
        assert people.suppressed(conn, _hashes(1, 9)) == {_hashes(1)[0]: "unsubscribed"}


def test_erased_takes_the_place_of_any_reason_and_is_never_replaced(database: Database) -> None:
    with database.begin() as conn:
        people.suppress(conn, _hashes(1), "complained", "event", 5)
        assert people.suppress(conn, _hashes(1, 2), "erased", "erasure", 6) == 1
        assert people.suppress(conn, _hashes(1, 2), "unsubscribed", "link", 7) == 0
        assert set(_suppressions(conn).values()) == {"erased"}


def test_an_erased_person_leaves_nothing_but_the_keyed_hash(database: Database) -> None:
    key = KEYS.email_hash("person1@example.org")
    with database.begin() as conn:
        [supporter_id] = build.add_people(conn, [1], email_hash=key, last_name="Ruiz", street=b"sealed")
        assert people.email_hash(KEYS, " Person1@Example.org ") == key
        assert people.find(conn, key) == supporter_id
        people.erase(conn, key, 7)
        row = conn.execute(select(supporter)).mappings().one()
        assert _suppressions(conn) == {key: "erased"}
    assert row["nonce"] != (1).to_bytes(8, "big")
    assert len(row["nonce"]) == people.NONCE_BYTES
    kept = {"id", "email_hash", "nonce", "digest", "consent", "created_at", "updated_at"}
    assert not any(value for name, value in row.items() if name not in kept)
    assert (row["email"], row["consent"], row["updated_at"]) == (None, "erased", 7)


def test_who_was_never_on_file_is_kept_out_all_the_same(database: Database) -> None:
    with database.begin() as conn:
        people.erase(conn, KEYS.email_hash("nobody@example.org"), 7)
        assert _suppressions(conn) == {KEYS.email_hash("nobody@example.org"): "erased"}
    with pytest.raises(CampaignError, match="not an email"):
        people.email_hash(KEYS, "nobody")


def test_a_link_opens_its_own_person_and_nobody_else(database: Database) -> None:
    with database.begin() as conn:
        one, other = build.add_people(conn, [1, 2])
    nonce = (1).to_bytes(8, "big")
    with database.read() as conn:
        assert people.by_link(conn, one, nonce) == people.SupporterRow(
            *(one, _hashes(1)[0], "28205", "en", "Person 1", "", "person1@example.org")
        )
        assert people.by_link(conn, other, nonce) is None
        assert people.by_link(conn, 999, nonce) is None


def test_a_link_ends_with_erasure(database: Database) -> None:
    with database.begin() as conn:
        [one] = build.add_people(conn, [1], email_hash=KEYS.email_hash("person1@example.org"))
        people.erase(conn, KEYS.email_hash("person1@example.org"), 7)
        assert people.by_link(conn, one, (1).to_bytes(8, "big")) is None


def _requests(conn: Connection) -> Sequence[int]:
    return conn.scalars(select(delivery.c.request_id).distinct().order_by(delivery.c.request_id)).all()


def test_a_request_is_for_those_who_may_still_get_it(database: Database) -> None:
    with database.begin() as conn:
        ids = build.add_people(conn, range(1, 6))
        build.launch(conn, build.add_campaign(conn), per_request=3)
        placed = dict(conn.execute(select(delivery.c.supporter_id, delivery.c.request_id)).all())
        conn.execute(update(delivery).where(delivery.c.supporter_id == ids[1]).values(outcome="suppressed"))
        conn.execute(update(supporter).where(supporter.c.id == ids[4]).values(email=None))
        found = people.recipients(conn, [*set(placed.values()), 999])
    assert {one.supporter_id: request for request, of in found.items() for one in of} == {
        supporter_id: placed[supporter_id] for supporter_id in (ids[0], ids[2], ids[3])
    }
    assert found[999] == []
    one = next(one for of in found.values() for one in of if one.supporter_id == ids[0])
    nonce = (1).to_bytes(8, "big")
    expected = Recipient(
        *(one.delivery_id, one.request_id, ids[0], "person1@example.org", "Person 1", "", "28205", nonce, "tests"),
        consent="petition page, 2026-09-12",
    )
    assert one == expected


def test_eligible_are_those_with_an_address_and_no_suppression_in_their_locale(database: Database) -> None:
    with database.begin() as conn:
        campaign = build.add_campaign(conn)
        english, spanish, unknown, gone, out = (
            *build.add_people(conn, [1], zip="28205"),
            *build.add_people(conn, [2], zip="60632", locale="es"),
            *build.add_people(conn, [3], zip="77011", locale=""),
            *build.add_people(conn, [4], email=None),
            *build.add_people(conn, [5]),
        )
        people.suppress(conn, _hashes(5, 77), "bounced", "event", 5)
        people.suppress(conn, _hashes(4), "erased", "erasure", 5)
        pick = segments.eligible(campaign.id, "first")
        with segments.variants(conn, [("28205", "signed_on"), ("77011", "representative")]):
            assert sorted(tuple(row) for row in conn.execute(pick)) == [
                (english, "en", "signed_on"),
                (spanish, "es", "plain"),
                (unknown, "en", "representative unknown-locale"),
            ]
            assert segments.excluded(conn) == {"bounced": 1, "erased": 1}
            outbox.add_wave(conn, campaign.id, "first", Kind.ASK, pick, per_request=2, due_at=0)
            assert conn.execute(pick).all() == []
            assert len(conn.execute(segments.eligible(campaign.id, "other")).all()) == 3
        assert {gone, out}.isdisjoint(conn.scalars(select(delivery.c.supporter_id)))


def test_a_reminder_goes_to_those_who_were_asked_and_have_written_nothing(database: Database) -> None:
    with database.begin() as conn:
        campaign = build.add_campaign(conn)
        asked, wrote, refused = build.add_people(conn, [1, 2, 3])
        build.launch(conn, campaign)
        build.add_people(conn, [4])  # came later, and was never asked
        conn.execute(update(delivery).where(delivery.c.supporter_id == refused).values(outcome="refused"))
        build.add_letter(conn, wrote)
        with segments.variants(conn, []):
            again = segments.eligible(campaign.id, "reminder", again=True)
            assert [row.supporter_id for row in conn.execute(again)] == [asked]


def test_the_hot_look_up_is_one_statement_for_a_hundred_requests(database: Database) -> None:
    with database.begin() as conn:
        rows = [build.person(number, email_hash=secrets.token_bytes(16)) for number in range(1_000)]
        conn.execute(insert(supporter), rows)
        build.launch(conn, build.add_campaign(conn), per_request=10)
        found = people.recipients(conn, _requests(conn))
    assert (len(found), sum(map(len, found.values()))) == (100, 1_000)
    for of in found.values():
        assert [one.delivery_id for one in of] == sorted(one.delivery_id for one in of)
