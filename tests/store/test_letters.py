"""Letters in the tables: evidence first, one live letter for a seat and holder, words sealed and dropped in time."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from campaign import keys as key_files
from campaign.delivery import outbox
from campaign.delivery.transport import Accepted, Refused
from campaign.errors import CampaignError
from campaign.letters import failed_letters
from campaign.letters import letters as letter_records
from campaign.letters.letters import LetterContent, NewLetter
from campaign.model import Claimed, Kind
from campaign.states import Fate, Proof
from campaign.store.engine import Database
from campaign.store.schema import delivery, evidence, letter, request, visit
from tests import build

KEYS = key_files.derive(b"\x07" * 32)
WORDS = LetterContent(
    "Please cosponsor", "As your constituent ...", "Ana Ruiz\nCharlotte, NC 28205", "Ana Ruiz", (("zip", "28205"),)
)
NOW = build.START
DAY = 24 * 3600 * 1000


def new(supporter_id: int, *, seat: str = "H:NC:12", holder: str = "A000370", campaign_id: int = 1) -> NewLetter:
    due_at = NOW + 900_000
    return NewLetter(
        campaign_id=campaign_id,
        supporter_id=supporter_id,
        seat=seat,
        holder=holder,
        matched="zip",
        variant="house",
        locale="en",
        release="r1",
        words=WORDS,
        characters=0,
        due_at=due_at,
        valid_until=None,
        token="v1.token",
        consent="c1",
    )


def letters(conn: Connection, supporter_id: int) -> list[letter_records.Letter]:
    return letter_records.by_supporter(conn, 1, supporter_id)


def by_email(conn: Connection, supporter_id: int, *, seat: str = "H:NC:12", due_at: int = NOW) -> int:
    letter_id = letter_records.confirm(conn, KEYS, new(supporter_id, seat=seat), NOW)
    assert letter_id is not None
    outbox.add_one(
        conn, 1, kind=Kind.LETTER, wave=f"email-{letter_id}", locale="en", variant=seat, supporter_id=supporter_id,
        due_at=due_at, letter_id=letter_id, channel="email",
    )  # fmt: skip
    return letter_id


def send(conn: Connection) -> list[Claimed]:
    claims = outbox.claim(conn, 1, NOW, requests=10, lease_ms=1000)
    marked = outbox.mark(conn, 1, claims, NOW, lease_ms=1000, release="r1")
    return [claim for claim in claims if claim.id in marked]


def start(conn: Connection, people: int = 1) -> list[int]:
    build.add_campaign(conn)
    return build.add_people(conn, range(1, people + 1))


def test_a_letter_needs_its_evidence(database: Database) -> None:
    with database.begin() as conn:
        (ana,) = start(conn)
    row = {"campaign_id": 1, "supporter_id": ana, "seat": "S:NC:2", "holder": "T", "matched": "zip", "locale": "en"}
    row |= {"variant": "senate", "nonce": b"", "characters": 0, "confirmed_at": 0, "due_at": 0}
    with pytest.raises(DBAPIError), database.begin() as conn:
        conn.execute(insert(letter).values(row | {"evidence_id": 99}))


def test_confirming_again_makes_no_second_letter_and_no_second_evidence(database: Database) -> None:
    with database.begin() as conn:
        (ana,) = start(conn)
        assert letter_records.confirm(conn, KEYS, new(ana), NOW) is not None
        assert letter_records.confirm(conn, KEYS, new(ana), NOW) is None
        assert letter_records.confirm(conn, KEYS, new(ana, seat="S:NC:2", holder="T000476"), NOW) is not None
        assert conn.execute(select(func.count()).select_from(evidence)).scalar_one() == 2


def test_the_database_itself_refuses_a_second_live_letter(database: Database) -> None:
    with database.begin() as conn:
        (ana,) = start(conn)
        first = letter_records.confirm(conn, KEYS, new(ana), NOW)
        second = letter_records.confirm(conn, KEYS, new(ana, seat="S:NC:2"), NOW)
    with pytest.raises(DBAPIError), database.begin() as conn:
        conn.execute(update(letter).where(letter.c.id == second).values(seat="H:NC:12"))
    with database.begin() as conn:
        assert letter_records.withdraw(conn, first or 0, "taken back", NOW)
        conn.execute(update(letter).where(letter.c.id == second).values(seat="H:NC:12"))


def test_the_words_are_sealed_and_come_back_as_they_were(database: Database) -> None:
    with database.begin() as conn:
        (ana,) = start(conn)
        letter_id = letter_records.confirm(conn, KEYS, new(ana), NOW)
        assert letter_id is not None
        raw = bytes(conn.scalars(select(letter.c.words)).one())
        assert b"constituent" not in raw
        assert b"Ruiz" not in raw
        assert letter_records.read_contents(conn, KEYS, [letter_id]) == {letter_id: WORDS}
        shown = conn.execute(select(evidence)).mappings().one()
        assert bytes(shown["text_hash"]) == KEYS.proof(WORDS.subject, WORDS.core, WORDS.envelope, WORDS.postscript)
        assert b"v1.token" not in bytes(shown["link"])


def test_words_moved_to_another_row_cannot_be_read(database: Database) -> None:
    with database.begin() as conn:
        ana, ben = start(conn, 2)
        by_email(conn, ana)
        by_email(conn, ben)
        stolen = select(letter.c.words).where(letter.c.supporter_id == ana).scalar_subquery()
        conn.execute(update(letter).where(letter.c.supporter_id == ben).values(words=stolen))
        other = letters(conn, ben)[0].id
        with pytest.raises(CampaignError, match="this key"):
            letter_records.read_contents(conn, KEYS, [other])


def test_what_has_not_left_is_taken_back_and_what_has_left_is_not(database: Database) -> None:
    with database.begin() as conn:
        ana, ben = start(conn, 2)
        first, second = by_email(conn, ana), by_email(conn, ben)
        assert outbox.cancel_letter(conn, first, "taken back")
        assert letter_records.withdraw(conn, first, "taken back", NOW)
        (claim,) = send(conn)
        assert not outbox.cancel_letter(conn, second, "taken back"), "it may be on its way"
        outbox.settle(conn, [(claim, Accepted("m1"))], NOW)
        assert not outbox.cancel_letter(conn, second, "taken back")
        assert [one.proof for one in letters(conn, ana)] == [Proof.WITHDRAWN]
        assert [one.proof for one in letters(conn, ben)] == [Proof.SENT]


def test_a_withdrawn_letter_is_never_claimed_and_its_request_ends(database: Database) -> None:
    with database.begin() as conn:
        (ana,) = start(conn)
        letter_id = by_email(conn, ana)
        outbox.cancel_letter(conn, letter_id, "taken back")
        assert send(conn) == []
        assert conn.scalars(select(request.c.state)).one() == "cancelled"


def test_an_unsubscribed_writer_still_wrote_the_letter_but_gets_no_receipt(database: Database) -> None:
    with database.begin() as conn:
        (ana,) = start(conn)
        by_email(conn, ana)
        outbox.add_one(
            conn, 1, kind=Kind.RECEIPT, wave="letter-1", locale="en", variant="", supporter_id=ana, due_at=NOW
        )  # fmt: skip
        build.suppress(conn, 1)
        claims = outbox.claim(conn, 1, NOW, requests=10, lease_ms=1000)
        marked = outbox.mark(conn, 1, claims, NOW, lease_ms=1000, release="r1")
        assert {claim.kind for claim in claims if claim.id in marked} == {"letter"}


def test_a_hand_off_is_ready_then_reported_and_may_be_corrected(database: Database) -> None:
    with database.begin() as conn:
        (ana,) = start(conn)
        letter_id = letter_records.confirm(conn, KEYS, new(ana), NOW)
        assert letter_id is not None
        for _ in range(2):
            outbox.hand_off(conn, 1, supporter_id=ana, letter_id=letter_id, channel="form", now=NOW)
        assert letters(conn, ana)[0].proof is Proof.READY
        assert outbox.record_form_answer(conn, letter_id, "yes", NOW)
        assert letters(conn, ana)[0].proof is Proof.REPORTED
        assert outbox.record_form_answer(conn, letter_id, "no", NOW)
        assert letters(conn, ana)[0].proof is Proof.READY
        assert outbox.cancel_letter(conn, letter_id, "taken back")
        assert letters(conn, ana)[0].proof is Proof.WITHDRAWN
        assert not outbox.record_form_answer(conn, letter_id, "yes", NOW)


@pytest.mark.parametrize("how", ["refused", "bounced"])
def test_a_failed_mail_is_found_once_and_never_beside_a_live_one(database: Database, how: str) -> None:
    with database.begin() as conn:
        ana, _ben = start(conn, 2)
        letter_id = by_email(conn, ana)
        assert failed_letters.failed(conn, 1) == []
        (claim,) = send(conn)
        assert failed_letters.failed(conn, 1) == [], "nobody knows yet"
        if how == "refused":
            outbox.settle(conn, [(claim, Refused("400: no", ()))], NOW)
        else:
            outbox.settle(conn, [(claim, Accepted("m1"))], NOW)
            delivery_id = conn.scalars(select(delivery.c.id)).one()
            outbox.apply_provider_events(conn, [outbox.ProviderEvent(delivery_id, claim.token, Fate.BOUNCED, NOW)], NOW)
            assert failed_letters.refused_by_offices(conn, 0) == {"H:NC:12": (NOW, "a letter bounced")}
        (failed,) = failed_letters.failed(conn, 1)
        assert (failed.letter_id, failed.seat) == (letter_id, "H:NC:12")
        outbox.hand_off(conn, 1, supporter_id=ana, letter_id=letter_id, channel="form", now=NOW)
        assert failed_letters.failed(conn, 1) == []
        (one,) = letters(conn, ana)
        assert (one.channel, one.proof, one.fell_back) == ("form", Proof.READY, True)


def test_words_go_28_days_after_hand_off_or_settlement_and_counts_stay(database: Database) -> None:
    with database.begin() as conn:
        ana, ben, cem = start(conn, 3)
        by_email(conn, ana)
        by_email(conn, ben, due_at=NOW + 1000 * DAY)
        handed = letter_records.confirm(conn, KEYS, new(cem), NOW)
        outbox.hand_off(conn, 1, supporter_id=cem, letter_id=handed or 0, channel="form", now=NOW + DAY)
        (claim,) = send(conn)
        outbox.settle(conn, [(claim, Accepted("m1"))], NOW)
        assert letter_records.drop_old_contents(conn, NOW + 28 * DAY) == 0
        assert letter_records.drop_old_contents(conn, NOW + 28 * DAY + 1) == 1
        assert letter_records.drop_old_contents(conn, NOW + 30 * DAY) == 1
        kept = conn.scalars(select(letter.c.supporter_id).where(letter.c.words.is_not(None))).all()
        assert kept == [ben], "what has not gone yet keeps its words"
        assert conn.execute(select(func.count()).select_from(letter)).scalar_one() == 3


def test_erasure_takes_words_and_what_has_not_left(database: Database) -> None:
    with database.begin() as conn:
        (ana,) = start(conn)
        by_email(conn, ana)
        outbox.cancel_supporter(conn, ana, "erased")
        letter_records.erase_contents(conn, ana, NOW)
        assert conn.scalars(select(letter.c.words)).all() == [None]
        assert conn.scalars(select(letter.c.reason)).all() == ["erased"]
        assert send(conn) == []
        assert len(conn.scalars(select(evidence.c.id)).all()) == 1, "the evidence holds nothing of the person"


def test_a_person_comes_once(database: Database) -> None:
    with database.begin() as conn:
        (ana,) = start(conn)
        letter_records.count_first_visit(conn, 1, ana, NOW)
        letter_records.count_first_visit(conn, 1, ana, NOW + 5)
        assert conn.scalars(select(visit.c.at)).all() == [NOW]


def test_a_delivery_without_a_request_needs_an_outcome(database: Database) -> None:
    with database.begin() as conn:
        start(conn)
    with pytest.raises(DBAPIError), database.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO delivery (campaign_id, wave, kind, supporter_id, letter_id, channel)"
                " VALUES (1, 'form-1', 'letter', 1, 1, 'form')"
            )
        )
