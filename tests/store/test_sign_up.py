"""Join on the open page: one email, one press, and a supporter; and who never gets that email."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from campaign.delivery.transport import NoAnswer, Refused
from campaign.letters import tallies
from campaign.links import BadLink
from campaign.outreach.action_page import unsubscribe
from campaign.outreach.action_page.sign_up import CheckEmail, Joined, JoinEnd
from campaign.outreach.action_page.views import Confirmed, MustConfirmAgain
from campaign.outreach.sending import circuit_breakers, retention
from campaign.store.schema import delivery, evidence, letter, request, sign_up, supporter
from campaign.supporters import people, segments, sign_ups
from campaign.supporters.people import FINAL, Reason
from tests.store.joining import (
    AGREED,
    HOUR,
    OURS,
    ROSA,
    address_of,
    join,
    links_of,
    mailed,
    on_file,
    press,
    reasons,
    refuse,
    suppress,
    write,
)
from tests.store.site import ADAMS, BUDD, CAPITAL, DAY, HERE, KEYS, MINUTE, SLUG, SWITCHED, Site, together


def test_a_stranger_joins_by_one_press(site: Site) -> None:
    answer = join(site, " Rosa@Example.com ", source="wa")
    assert answer == CheckEmail(ROSA, site.at + 72 * HOUR)
    assert on_file(site) == [], "nobody is a supporter before they confirm"
    assert site.drain() == ["receipt"]
    (mail,) = site.mails
    assert address_of(mail) == ROSA
    assert "Rosa" not in mail["text"], "whoever typed this may be somebody else"
    token, never = links_of(mail)
    assert mail["headers"]["List-Unsubscribe"].endswith(f"/x/{SLUG}/{never}>")
    found = press(site, token)
    assert isinstance(found, Joined)
    assert (found.visit.person.email, found.visit.person.zip, found.letters) == (ROSA, HERE, None)
    ((*who, consent),) = on_file(site)
    assert who == [ROSA, "Rosa", "Mota", HERE, "en", people.OPEN_PAGE]
    assert consent == f"on our page on November 24, 2026: “{AGREED}”"
    assert site.rows(select(sign_up.c.email, sign_up.c.first_name, sign_up.c.words)) == [(None, "", None)]
    with site.database.read() as conn:
        assert tallies.totals(conn, 1).sources == {"wa": {"joined": 1}}
    assert press(site, token) is JoinEnd.ALREADY
    assert len(on_file(site)) == 1


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"email": "rosa@"}, "email"),
        ({"email": ""}, "email"),
        ({"first_name": " "}, "name"),
        ({"first_name": "Win www.example.com"}, "name"),
        ({"zip": "99999"}, "zip"),
        ({"zip": "2820"}, "zip"),
        ({"age": ""}, "age"),
    ],
)
def test_a_form_with_a_fault_keeps_nothing(site: Site, changes: dict[str, str], fault: str) -> None:
    assert join(site, **changes) == {fault: fault}
    assert site.rows(select(sign_up.c.id)) == []
    assert site.counts() == {"letter": 0, "evidence": 0}


def test_an_address_gets_one_email_a_day_whatever_is_typed(site: Site) -> None:
    mailed(site)
    for zip_ in (HERE, CAPITAL):
        assert join(site, zip=zip_) == CheckEmail(ROSA, site.at + 72 * HOUR), "the answer is the same"
    assert site.drain() == []
    assert site.rows(select(sign_up.c.zip)) == [(CAPITAL,)], "the link confirms what was typed last"
    site.at += DAY
    old, _ = links_of(site.mails[0])
    new, _ = mailed(site)
    assert press(site, old) is JoinEnd.EXPIRED
    assert isinstance(press(site, new), Joined)
    join(site)
    site.at += DAY - 1
    assert site.drain() == [], "confirmed or not, one a day"


def test_at_the_same_moment_one_email_goes_out(site: Site) -> None:
    found = together(*[lambda: join(site)] * 4)
    assert [type(one) for one in found] == [CheckEmail] * 4
    assert site.counts()["join deliveries"] == 1
    assert site.drain() == ["receipt"]
    token, _ = links_of(site.mails[0])
    ends = together(*[lambda: press(site, token)] * 4)
    assert sorted(str(one) for one in ends if not isinstance(one, Joined)) == ["already"] * 3


def test_a_sign_up_is_in_no_audience_and_ends_after_72_hours(site: Site) -> None:
    token, _ = mailed(site)
    with site.database.begin() as conn, segments.variants(conn, []):
        assert len(conn.execute(segments.eligible(1, "first")).all()) == 2
    site.at += sign_ups.KEPT_MS
    assert press(site, token) is JoinEnd.EXPIRED
    assert retention.retain(site.database, matching=False, now=lambda _: site.at).sign_ups == 1
    assert site.rows(select(sign_up.c.id)) == []
    assert press(site, token) is JoinEnd.EXPIRED
    assert on_file(site) == []


def test_a_late_email_for_a_sign_up_that_has_ended_is_not_sent(site: Site) -> None:
    join(site)
    site.at += sign_ups.KEPT_MS
    assert site.drain() == []
    assert site.rows(select(delivery.c.outcome)) == [("cancelled",)]


def test_letters_wait_sealed_for_the_press(site: Site) -> None:
    for seat in (ADAMS, BUDD):
        site.contact(seat)
    assert isinstance(write(site, ADAMS, BUDD, "S:TX:1", by="form"), CheckEmail)
    assert b"secret" not in bytes(site.rows(select(sign_up.c.words))[0][0])
    join(site, zip=CAPITAL)  # "Stay informed", on the next page
    site.drain()
    assert site.counts()["join deliveries"] == 1
    assert "letter" not in {mail["kind"] for mail in site.mails}
    found = press(site, links_of(site.mails[0])[0])
    assert isinstance(found, Joined)
    assert isinstance(found.letters, Confirmed)
    written = site.rows(select(letter.c.id, letter.c.seat).order_by(letter.c.id))
    assert written == list(zip(found.letters.letters, (ADAMS, BUDD), strict=True))
    assert site.rows(select(evidence.c.by)) == [("mail",)] * 2
    assert found.visit.person.zip == HERE
    site.at += 30 * MINUTE
    assert sorted(site.drain()) == ["letter", "letter", "receipt"]
    assert "A secret." in site.mails[-1]["text"] or "A secret." in site.mails[-2]["text"]


def test_a_letter_with_a_fault_comes_back_and_keeps_nothing(site: Site) -> None:
    site.contact()
    cases = ({"last_name": ""}, {"city": ""}, {"story": "I am undocumented."}, {"age": ""}, {"email": "rosa@"})
    for changes in (*cases, {f"seen-{ADAMS}": "old"}, {"seat": "S:TX:1"}):
        assert isinstance(write(site, **{"seat": ADAMS, **changes}), MustConfirmAgain), changes
    assert site.rows(select(sign_up.c.id)) == []


def test_a_text_that_changed_since_is_shown_again_and_not_sent(site: Site) -> None:
    site.contact(BUDD)
    site.at = SWITCHED - DAY
    write(site, BUDD)
    site.drain()
    site.at = SWITCHED
    found = press(site, links_of(site.mails[0])[0])
    assert isinstance(found, Joined)
    assert isinstance(found.letters, MustConfirmAgain)
    assert found.letters.typed["story"] == "A secret."
    assert site.counts()["letter"] == 0
    assert [email for email, *_ in on_file(site)] == [ROSA]


@pytest.mark.parametrize("reason", FINAL)
@pytest.mark.parametrize("then", ["", "erased"])
def test_who_bounced_complained_or_was_listed_gets_nothing_but_the_same_answer(
    site: Site, reason: Reason, then: Reason | str
) -> None:
    suppress(site, "unsubscribed")
    suppress(site, reason)
    if then == "erased":
        suppress(site, "erased")
    assert isinstance(join(site), CheckEmail)
    assert site.rows(select(sign_up.c.id)) == []
    assert site.drain() == []


@pytest.mark.parametrize("reason", FINAL)
def test_a_complaint_after_the_email_was_queued_or_read_counts(site: Site, reason: Reason) -> None:
    join(site)
    suppress(site, reason)
    assert site.drain() == []
    assert site.rows(select(delivery.c.outcome)) == [("suppressed",)]
    site.at += DAY
    token, _ = mailed(site, "rosita@example.com")
    suppress(site, reason, "rosita@example.com")
    assert press(site, token) is JoinEnd.BARRED
    assert on_file(site, "rosita@example.com") == []


def test_who_unsubscribed_may_join_again(site: Site) -> None:
    site.unsubscribe(1)
    token, _ = mailed(site, OURS)
    assert reasons(site, OURS) == [("unsubscribed", False)], "not before the press"
    assert isinstance(press(site, token), Joined)
    assert reasons(site, OURS) == []
    ((*who, consent),) = on_file(site, OURS)
    assert who == [OURS, "Person 1", "Ruiz", HERE, "en", people.OPEN_PAGE], "the names on file stay"
    assert AGREED in consent


def test_who_erased_their_data_may_join_again(site: Site) -> None:
    assert site.forget()
    token, _ = mailed(site, OURS)
    assert isinstance(press(site, token), Joined)
    assert reasons(site, OURS) == []
    ((*who, _),) = on_file(site, OURS)
    assert who == [OURS, "Rosa", "Mota", HERE, "en", people.OPEN_PAGE]


def test_a_supporter_who_joins_moves_and_keeps_their_list(site: Site) -> None:
    site.do(update(supporter).values(street=b"x", place=b"y"))
    (before,) = on_file(site, OURS)
    join(site, OURS, zip=CAPITAL)
    site.drain()
    assert isinstance(press(site, links_of(site.mails[0])[0]), Joined)
    (after,) = on_file(site, OURS)
    assert (after.zip, after.list, after.consent) == (CAPITAL, before.list, before.consent)
    of_one = select(supporter.c.street, supporter.c.place).where(supporter.c.id == site.people[0])
    assert site.rows(of_one) == [(None, None)]


def test_erasing_takes_the_sign_up_along(site: Site) -> None:
    token, _ = mailed(site)
    assert unsubscribe.erase(site.database, KEYS, ROSA) is False
    assert site.rows(select(sign_up.c.email, sign_up.c.zip, sign_up.c.words)) == [(None, "", None)]
    assert press(site, token) is JoinEnd.EXPIRED
    join(site)
    assert site.drain() == [], "one email a day, erased or not"


def test_erasing_stops_an_email_that_waits(site: Site) -> None:
    join(site)
    unsubscribe.erase(site.database, KEYS, ROSA)
    assert site.drain() == []


def test_erasing_and_confirming_at_the_same_moment_end_erased(site: Site) -> None:
    token, _ = mailed(site)
    together(lambda: press(site, token), lambda: unsubscribe.erase(site.database, KEYS, ROSA))
    assert all(email is None for email, *_ in on_file(site))
    assert reasons(site) == [("erased", False)]


def test_never_means_never(site: Site) -> None:
    token, never = mailed(site)
    site.at += 100 * DAY
    refuse(site, never)
    assert reasons(site) == [("listed", True)]
    assert press(site, token) is JoinEnd.EXPIRED
    assert isinstance(join(site), CheckEmail)
    assert site.drain() == []


def test_never_after_the_press_opts_the_supporter_out(site: Site) -> None:
    token, never = mailed(site)
    press(site, token)
    refuse(site, never)
    assert reasons(site) == [("listed", True)]
    with site.database.begin() as conn, segments.variants(conn, []):
        assert len(conn.execute(segments.eligible(1, "first")).all()) == 2


def test_the_links_open_nothing_else(site: Site) -> None:
    token, never = mailed(site)
    for wrong in (never, site.token(1), token[:-1], ""):
        with pytest.raises(BadLink):
            press(site, wrong)
    for wrong in (token, site.token(1)):
        with pytest.raises(BadLink):
            refuse(site, wrong)


def test_a_bad_address_typed_by_a_stranger_pauses_no_campaign(site: Site) -> None:
    site.answers = [Refused("400: not an address")] * 30
    for number in range(30):
        join(site, f"nobody{number}@example.com")
    site.drain()
    bounced = {"state": "accepted", "answered_at": site.at, "bounced": 1, "complained": 1}
    site.do(update(request).values(bounced))
    site.do(update(request).where(request.c.id == 1).values(bounced=300))
    with site.database.read() as conn:
        assert circuit_breakers.refused_in_a_row(conn, 1) is None
    assert not circuit_breakers.check(site.database, SLUG, now=lambda _: site.at)


def test_a_lost_answer_is_not_sent_again(site: Site) -> None:
    site.answers = [NoAnswer("reset")]
    join(site)
    site.drain()
    assert site.rows(select(request.c.state)) == [("unknown",)]
    join(site)
    assert site.drain() == []
    token, _ = links_of(site.mails[0])
    assert isinstance(press(site, token), Joined), "it may have arrived"
