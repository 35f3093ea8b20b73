"""Letters that an office turned away, that were refused, held, or became untrue; one never stops another."""

from __future__ import annotations

import threading
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import select, update

from campaign.compose.messages import receipt
from campaign.congress import contacts
from campaign.delivery import outbox
from campaign.delivery.transport import Refused
from campaign.outreach.action_page import actions
from campaign.outreach.sending import retention
from campaign.states import Fate
from campaign.store.schema import contact, letter, request, supporter
from tests.store.site import (
    ADAMS,
    BUDD,
    HERE,
    MINUTE,
    SWITCHED,
    TILLIS,
    Site,
    meet,
    moment,
    together,
)


@pytest.mark.parametrize("fate", [Fate.BOUNCED, Fate.DROPPED, Fate.BLOCKED])
def test_a_letter_that_was_turned_away_goes_to_her_with_one_receipt(site: Site, fate: Fate) -> None:
    site.contact()
    site.write()
    site.at += 16 * MINUTE
    site.drain()
    site.tell(fate)
    assert site.states() == ["returned"]
    for _ in range(3):
        site.follow()
    (one,) = site.enter().letters
    assert (one.state, one.fallback, "afraid" in one.text) == ("ready", True, True)
    assert site.counts()["receipt deliveries"] == 2
    assert site.drain() == ["receipt"]
    assert site.rows(select(contact.c.off))[0][0], "the contact is not used any more"


def test_a_refused_letter_goes_to_her_with_one_receipt(site: Site) -> None:
    site.contact()
    site.write()
    site.at += 4 * MINUTE
    assert site.drain() == ["receipt"]
    site.at += 12 * MINUTE
    site.answers = [Refused("400: no", ())]
    site.drain()
    assert site.states() == ["refused"]
    assert site.follow().fallen == 1
    assert site.follow().fallen == 0
    assert site.drain() == ["receipt"]
    assert site.states() == ["ready"]


def test_two_ticks_at_once_hand_over_once_and_neither_fails(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.contact()
    site.write()
    site.at += 4 * MINUTE
    site.drain()
    site.at += 12 * MINUTE
    site.answers = [Refused("400: no", ())]
    site.drain()
    real, wait = outbox.hand_off, meet(2)

    def hand_off(*args: Any, **more: Any) -> int | None:
        wait(1)
        return real(*args, **more)

    monkeypatch.setattr(outbox, "hand_off", hand_off)
    found = together(site.follow, site.follow)
    assert Counter(type(one).__name__ for one in found) == {"FollowUp": 2}
    assert site.counts()["receipt deliveries"] == 2


def test_a_letter_that_came_back_can_be_taken_back_whole(site: Site) -> None:
    site.contact()
    number = site.write().letters[0].letter
    site.at += 16 * MINUTE
    site.drain()
    site.tell(Fate.BOUNCED)
    site.follow()
    site.act(actions.take_back, zip=HERE, letter=number)
    assert site.rows(select(letter.c.reason, letter.c.words)) == [("taken back", None)]
    assert not site.enter().offices[0].written


def test_a_contact_switched_off_before_sending_hands_the_letter_over_with_one_receipt(site: Site) -> None:
    site.contact()
    site.write()
    site.at += 4 * MINUTE
    site.drain()
    with site.database.begin() as conn:
        contacts.switch_off(conn, ADAMS, "the office asked", site.at)
    site.at += 12 * MINUTE
    assert site.drain() == []
    assert site.follow().fallen == 1
    assert site.drain() == ["receipt"]
    assert site.states() == ["ready"]


def test_a_letter_to_who_left_the_seat_comes_back_and_its_writer_is_told_once(site: Site) -> None:
    site.contact()
    site.write()
    site.at += 4 * MINUTE
    site.drain()
    site.do(update(letter).values(holder="X000000"))
    site.at += 12 * MINUTE
    assert "letter" not in site.drain()
    assert site.states() == ["back"]
    site.follow()
    site.at += MINUTE
    site.drain()
    assert Counter(mail["kind"] for mail in site.mails) == {"receipt": 2}


def test_a_letter_whose_text_is_not_true_any_more_comes_back(site: Site) -> None:
    site.contact(BUDD)
    site.at = SWITCHED - 5 * MINUTE
    site.write(seat=BUDD)
    site.do(update(letter).values(valid_until=SWITCHED))
    site.at = SWITCHED + 11 * MINUTE
    assert "letter" not in site.drain()
    assert site.states() == ["back"]


def test_a_letter_that_waits_for_its_writer_is_not_shown_once_its_text_is_untrue(site: Site) -> None:
    site.at = SWITCHED - 5 * MINUTE
    site.write(seat=TILLIS)
    assert site.enter().letters[0].text
    site.at = SWITCHED
    (one,) = site.enter().letters
    assert (one.text, one.subject) == ("", "")


def test_a_letter_that_waits_is_not_shown_for_who_holds_the_seat_now(site: Site) -> None:
    site.write(seat=TILLIS)
    site.do(update(letter).values(holder="X000000"))
    (one,) = site.enter().letters
    assert one.text == ""


def test_a_letter_confirmed_before_the_campaign_closes_still_goes(site: Site) -> None:
    site.contact(BUDD)
    site.at = moment("2027-03-31T23:55-04:00")
    site.write(seat=BUDD)
    site.at += 16 * MINUTE
    assert "letter" in site.drain()


def test_words_of_a_letter_that_never_left_go_after_the_campaign(site: Site) -> None:
    site.contact()
    site.write()
    with site.database.begin() as conn:
        ids = list(conn.scalars(select(request.c.id).where(request.c.kind == "letter")))
        outbox.hold(conn, ids, "somebody else holds this seat now")
    site.at = moment("2027-07-01T12:00-04:00")
    retention.retain(site.database, matching=False, now=lambda _: site.at)
    assert site.rows(select(letter.c.words)) == [(None,)]


def test_one_letter_that_cannot_be_read_does_not_stop_the_others(site: Site) -> None:
    site.contact()
    site.write()
    site.write(number=2)
    site.do(update(letter).where(letter.c.supporter_id == site.people[0]).values(words=b"\x01" + bytes(40)))
    site.at += 20 * MINUTE
    assert "letter" in site.drain()


def test_a_read_of_what_waits_holds_no_write_lock_while_it_renders(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rendering stands outside of any writing transaction: on SQLite everybody else waits for one."""
    site.write()
    site.at += 16 * MINUTE
    free = list[bool]()
    real = receipt.receipt

    def render(*args: Any, **more: Any) -> Any:
        def write() -> None:
            site.do(update(supporter).where(supporter.c.id == site.people[1]).values(updated_at=1))
            free.append(True)

        other = threading.Thread(target=write)
        other.start()
        other.join(1)
        free.append(False)
        return real(*args, **more)

    monkeypatch.setattr(receipt, "receipt", render)
    assert site.drain() == ["receipt"]
    assert free[0], "another writer waited for the claim's transaction"
