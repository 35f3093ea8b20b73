"""A seat changes hands, or its lines do: which letters wait, are sent or are returned to their writers, and why."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from sqlalchemy import select, update

from campaign.compose.campaign_folder import folder as folders
from campaign.compose.rendering import release
from campaign.congress import districts, roster
from campaign.congress import snapshot as books
from campaign.congress.geocoding import cache
from campaign.congress.geocoding.agreement import Agreement
from campaign.congress.snapshot import Snapshot
from campaign.congress.sync import invented, store
from campaign.delivery import campaigns
from campaign.outreach.action_page.views import ActionPage, Status
from campaign.outreach.transition import letter_decision, pending_letters
from campaign.outreach.transition.pending_letters import ReviewCounts
from campaign.store.schema import delivery, evidence, letter, request, supporter
from campaign.supporters import people
from tests import build
from tests.store.site import ADAMS, BUDD, DAY, HERE, MINUTE, SLUG, SPLIT, START, SWITCHED, TILLIS, Site, moment

CONTACTS = (ADAMS, BUDD, TILLIS)
BEFORE = SWITCHED - 6 * MINUTE
SUCCESSOR = """
[bill.successor]
congress = 120
number = "H.R. 2"
title = "Another Bill"
expires = 2029-01-03T12:00:00-05:00
"""


def sync(site: Site, book: Snapshot) -> None:
    with site.database.begin() as conn:
        store.save(conn, book, site.at)


def new_house(changed: Collection[str] = (), moved: Mapping[str, tuple[str, ...]] | None = None) -> Snapshot:
    return invented.after(books.packaged(), 120, changed, moved)


def look(site: Site) -> ReviewCounts:
    return pending_letters.review_pending(site.database, now=lambda _: site.at)


def status(site: Site, number: int = 1) -> Status:
    return site.enter(number=number).letters[0]


def states(site: Site) -> list[Any]:
    return site.rows(select(request.c.state, request.c.reason).where(request.c.kind == "letter").order_by(request.c.id))


def mend(site: Site, change: Callable[[dict[str, str]], dict[str, str]]) -> None:
    """The campaign's folder with other rules."""
    with site.database.begin() as conn:
        files = dict(release.load(conn, campaigns.get(conn, SLUG).release).folder.files)
        frozen = release.freeze(conn, folders.parse(SLUG, change(files)), site.at)
        found = campaigns.get(conn, SLUG)
        campaigns.save(conn, SLUG, release=frozen, opens_at=found.opens_at, closes_at=found.closes_at, now=site.at)


def rule(site: Site, name: str) -> None:
    def change(files: dict[str, str]) -> dict[str, str]:
        text = files["campaign.toml"].replace('default = "outgoing"', f'default = "{name}"')
        return {**files, "campaign.toml": text}

    mend(site, change)


def on_the_eve(site: Site, seat: str = ADAMS) -> None:
    """A letter is confirmed minutes before the switch, and has not left when it comes."""
    site.at = BEFORE
    site.contact(seat)
    site.write(seat=seat)
    site.at = SWITCHED
    assert states(site) == [("queued", "")]


def test_nothing_goes_to_the_house_before_its_new_members_are_known(site: Site) -> None:
    on_the_eve(site)
    assert look(site) == ReviewCounts(held=1)
    assert look(site) == ReviewCounts()
    assert states(site) == [("held", letter_decision.WAITS["house"])]
    site.at += 10 * DAY
    assert "letter" not in site.drain()
    assert (status(site).state, status(site).why, status(site).can_take_back) == ("held", "house", True)
    assert all(not office.house for office in site.enter().offices)


def test_a_worker_that_is_faster_than_the_tick_holds_it_too(site: Site) -> None:
    on_the_eve(site)
    site.at += 20 * MINUTE
    assert "letter" not in site.drain()
    assert states(site) == [("held", letter_decision.WAITS["house"])]


def test_a_letter_to_who_sits_again_goes_on_when_its_text_still_holds(site: Site) -> None:
    on_the_eve(site)
    site.do(update(letter).values(valid_until=None))
    look(site)
    sync(site, new_house())
    assert look(site) == ReviewCounts(released=1)
    site.at += 20 * MINUTE
    assert "letter" in site.drain()


@pytest.mark.parametrize(
    ("changed", "moved", "why"),
    [((ADAMS,), {}, "holder"), ((), {HERE: ("H:NC:14",)}, "lines"), ((), {HERE: (ADAMS, "H:NC:14")}, "lines")],
)
def test_a_letter_comes_back_when_member_or_lines_are_others(
    site: Site, changed: tuple[str, ...], moved: dict[str, tuple[str, ...]], why: str
) -> None:
    on_the_eve(site)
    look(site)
    sync(site, new_house(changed, moved))
    assert look(site) == ReviewCounts(returned=1)
    assert look(site) == ReviewCounts()
    (row,) = states(site)
    assert row.state == "cancelled"
    assert (status(site).state, status(site).why) == ("back", why)
    site.at += DAY
    site.drain()
    texts = [mail["text"] for mail in site.mails if mail["kind"] == "receipt"]
    assert "Your letter didn't go out." in texts[-1]
    assert "unless you read it and confirm it" in " ".join(texts[-1].split())


def test_one_click_confirms_a_new_letter_for_the_new_member_with_evidence_of_its_own(site: Site) -> None:
    on_the_eve(site)
    sync(site, new_house((ADAMS,)))
    look(site)
    one = status(site)
    assert one.office.name == "Alma S. Adams"
    assert one.new_holder is not None
    assert one.new_holder.name.endswith("Example")
    assert one.replacement is not None
    assert dict(one.typed)["story"] == "My street is afraid."
    assert "6890" not in one.replacement.text.english.ask  # the bill has died with its Congress
    posted = {
        "zip": HERE,
        "seat": one.replacement.office.seat,
        "seen": one.replacement.seen,
        "guard": "keep",
        **one.typed,
    }
    after = site.confirm(posted)
    assert isinstance(after, ActionPage)
    assert [found.state for found in after.letters] == ["back", "going"]
    assert after.letters[0].replacement is None
    rows = site.rows(select(letter.c.holder, letter.c.evidence_id, letter.c.reason).order_by(letter.c.id))
    assert rows[0] == ("A000370", 1, "another holder")
    assert rows[1][1:] == (2, "")
    hashes = site.rows(select(evidence.c.text_hash).order_by(evidence.c.id))
    assert hashes[0] != hashes[1]
    site.at += 20 * MINUTE
    assert site.drain().count("letter") == 1
    (mail,) = [mail for mail in site.mails if mail["kind"] == "letter"]
    assert "My street is afraid." in mail["text"]


def test_a_senators_letter_that_names_no_bill_goes_on_as_if_nothing_had_been(site: Site) -> None:
    on_the_eve(site, BUDD)
    assert look(site) == ReviewCounts()
    site.at += 20 * MINUTE
    assert "letter" in site.drain()


def test_a_letter_whose_text_has_ended_comes_back_with_the_other_text(site: Site) -> None:
    on_the_eve(site, BUDD)
    site.do(update(letter).values(valid_until=SWITCHED))
    assert look(site) == ReviewCounts(returned=1)
    one = status(site)
    assert (one.state, one.why, one.new_holder) == ("back", "text", None)
    assert one.replacement is not None
    assert one.replacement.text.variant == "after"


def test_what_was_given_to_a_writer_for_a_form_is_not_shown_any_more_and_may_be_written_anew(site: Site) -> None:
    site.at = BEFORE
    site.write()
    site.at = SWITCHED
    assert (status(site).state, status(site).why, status(site).text) == ("held", "house", "")
    sync(site, new_house((ADAMS,)))
    one = status(site)
    assert (one.state, one.why, one.text, one.with_writer) == ("back", "holder", "", True)
    assert one.replacement is not None
    assert look(site) == ReviewCounts()  # nothing of it waits here, and the writer may still say that it was sent


def test_a_vacant_seat_keeps_a_letter_and_a_new_member_sends_it_back(site: Site) -> None:
    site.contact()
    site.write()
    book = books.packaged()
    gone = tuple(replace(one, left="2026-11-20") for one in book.holders[ADAMS])
    sync(site, replace_holders(book, {ADAMS: gone}))
    assert look(site) == ReviewCounts(held=1)
    assert status(site).why == "vacant"
    newcomer = invented.invented_member(7, since="2026-11-23", ends="2027-01-03")
    sync(site, replace_holders(book, {ADAMS: (*gone, newcomer)}))
    assert look(site) == ReviewCounts(returned=1)
    assert status(site).replacement is not None


def replace_holders(book: Snapshot, holders: dict[str, Any]) -> Snapshot:
    return books.create(
        {**book.holders, **holders},
        book.maps,
        places=book.places,
        committees=book.committees,
        sources=book.sources,
        as_of=book.as_of,
        known_from=book.known_from,
    )


def test_the_incoming_rule_keeps_letters_until_the_next_term(site: Site) -> None:
    rule(site, "incoming")
    site.contact(BUDD)
    site.contact()
    site.write(seat=BUDD)  # a term that runs beyond the campaign
    site.write(seat=ADAMS)
    site.at += 20 * MINUTE
    assert look(site) == ReviewCounts(held=1)
    assert site.drain().count("letter") == 1
    assert [(one.state, one.why) for one in site.enter().letters] == [("sent", ""), ("held", "incoming")]
    site.at = SWITCHED
    sync(site, new_house((ADAMS,)))
    assert look(site) == ReviewCounts(returned=1)


def test_the_incoming_rule_hides_a_letter_for_a_form_and_tells_its_writer_when_to_bring_it(site: Site) -> None:
    rule(site, "incoming")
    site.write()
    assert (status(site).state, status(site).why, status(site).text) == ("held", "incoming", "")
    site.at += 5 * MINUTE
    site.drain()
    site.do(update(letter).values(valid_until=None))
    site.at = SWITCHED
    sync(site, new_house())
    assert look(site) == ReviewCounts(announced=1)
    assert look(site) == ReviewCounts()
    assert status(site).state == "ready"
    assert status(site).text


def test_the_rule_of_both_tells_who_wrote_that_another_one_sits_there(site: Site) -> None:
    rule(site, "both")
    site.contact()
    site.write()
    site.at += 20 * MINUTE
    assert "letter" in site.drain()
    site.at = SWITCHED
    assert look(site) == ReviewCounts()
    sync(site, new_house((ADAMS,)))
    assert look(site) == ReviewCounts(announced=1)
    assert look(site) == ReviewCounts()
    site.at += MINUTE
    site.drain()
    told = [mail["text"] for mail in site.mails if mail["kind"] == "receipt"][-1]
    assert "Rep. Alma S. Adams: sent" in told
    assert "Example holds this seat now; you can write a new letter" in told
    assert ADAMS in [office.seat for office in site.enter().offices if not office.written]


def test_thanks_to_a_candidate_wait_and_what_is_asked_goes_on(site: Site) -> None:
    race = f'\n[[candidate]]\nseat = "{ADAMS}"\nfrom = 2026-11-01\nto = 2026-12-01\n'
    mend(site, lambda files: {**files, "campaign.toml": files["campaign.toml"] + race})
    site.contact()
    site.write()
    assert look(site) == ReviewCounts()
    site.do(update(letter).values(variant="thanks-house"))
    assert look(site) == ReviewCounts(held=1)
    assert status(site).why == "race"
    site.at = moment("2026-12-02T00:00-05:00")
    assert look(site) == ReviewCounts(released=1)
    assert "letter" in site.drain()


@pytest.mark.parametrize("locale", ["en", "es"])
def test_an_ask_names_the_readers_representative_in_each_language(site: Site, locale: str) -> None:
    with site.database.begin() as conn:
        build.launch(conn, campaigns.get(conn, SLUG), now=site.at, per_request=10)
    site.do(update(request).where(request.c.kind == "ask").values(variant="representative", locale=locale))
    site.drain()
    (ask,) = site.mails
    assert all("Rep. Adams" in " ".join(one["substitutions"].values()) for one in ask["personalizations"])


@pytest.mark.parametrize("locale", ["en", "es"])
def test_asks_that_name_a_representative_wait_for_the_new_house(site: Site, locale: str) -> None:
    """The bill of this campaign dies earlier; with a successor its asks would go on naming the old House."""

    def change(files: dict[str, str]) -> dict[str, str]:
        facts = files["facts.toml"].replace('expires = "2027-01-03T12:00:00-05:00"', 'expires = "2029-01-03"')
        return {**files, "campaign.toml": files["campaign.toml"] + SUCCESSOR, "facts.toml": facts}

    mend(site, change)
    with site.database.begin() as conn:
        found = campaigns.get(conn, SLUG)
        build.launch(conn, found, now=site.at, per_request=10)
    site.do(update(request).where(request.c.kind == "ask").values(variant="representative", locale=locale))
    site.at = SWITCHED
    site.drain()
    held = select(request.c.state, request.c.reason).where(request.c.kind == "ask").distinct()
    assert site.rows(held) == [("held", f"{letter_decision.WAITS['house']} except in PR")], (
        "its one term has four years"
    )
    assert look(site) == ReviewCounts()
    sync(site, new_house())
    assert look(site).asks == 1
    site.drain()
    assert site.rows(select(request.c.state).where(request.c.kind == "ask").distinct()) == [("accepted",)]


def opened(site: Site, *lines: str) -> Snapshot:
    """The new House in force, with the new district lines of these states only."""
    book = new_house()
    drawn = {zip_: codes for zip_, codes in book.maps[120].items() if set(districts.states_of(codes)) & set(lines)}
    drawn = {zip_: tuple(code for code in codes if code[2:4] in lines) for zip_, codes in drawn.items()}
    return replace(book, maps={119: book.maps[119], 120: drawn} if lines else {119: book.maps[119]})


ILLINOIS, UTAH, WYOMING, DISTRICT = "60601", "84401", "82001", "20002"


def test_each_state_opens_when_its_members_and_lines_are_known(site: Site) -> None:
    """New members open the states that keep their lines; new lines open their own state."""
    numbers = {HERE: 1, ILLINOIS: 3, UTAH: 4, WYOMING: 5, DISTRICT: 6}
    with site.database.begin() as conn:
        for zip_, number in numbers.items():
            if zip_ != HERE:
                site.people += build.add_people(conn, [number], zip=zip_)
    site.at = SWITCHED

    def shown(zip_: str) -> tuple[list[str], list[str]]:
        page = site.enter(zip_, number=numbers[zip_])
        return [one.seat for one in page.offices if one.house], [one.why for one in page.closed]

    assert [shown(zip_) for zip_ in numbers] == [([], ["members"])] * 5
    sync(site, opened(site))
    assert shown(HERE) == ([], ["lines"])
    assert shown(UTAH) == ([], ["lines"])
    assert shown(ILLINOIS) == (["H:IL:7"], [])
    assert shown(WYOMING) == (["H:WY:0"], [])
    assert shown(DISTRICT) == (["H:DC:0"], [])
    assert [one.seat for one in site.enter(UTAH, number=4).offices] == ["S:UT:1", "S:UT:3"], "senators are not closed"
    sync(site, opened(site, "UT"))
    assert shown(HERE) == ([], ["lines"])
    assert shown(UTAH) == (["H:UT:1"], [])


def test_an_address_found_on_the_new_lines_needs_no_map(site: Site) -> None:
    site.at = SWITCHED
    sync(site, opened(site))
    verdict = Agreement("H:NC:8", "", "census+tigerweb", "v", "H:NC:8")
    with site.database.begin() as conn:
        cache.keep(conn, b"found", verdict, congress=120, method="address", now=site.at, until=site.at + 100 * DAY)
        people.set_address_hash(conn, {site.people[0]: b"found"})
    site.contact("H:NC:8")
    page = site.enter()
    assert (page.closed, [one.seat for one in page.offices if one.house]) == ((), ["H:NC:8"])
    site.write(seat="H:NC:8")
    assert look(site) == ReviewCounts()
    site.at += 20 * MINUTE
    assert site.drain().count("letter") == 1
    assert [one.why for one in site.enter(number=2).closed] == ["lines"]


def test_letters_go_on_in_states_that_are_open_and_wait_in_the_others(site: Site) -> None:
    with site.database.begin() as conn:
        site.people += build.add_people(conn, [3], zip=ILLINOIS)
    site.at = BEFORE
    for seat in (ADAMS, "H:IL:7"):
        site.contact(seat)
    site.write()
    site.write(ILLINOIS, "H:IL:7", number=3, city="Chicago")
    site.do(update(letter).values(valid_until=None))
    site.at = SWITCHED
    assert look(site) == ReviewCounts(held=2)
    sync(site, opened(site))
    assert look(site) == ReviewCounts(released=1)
    assert look(site) == ReviewCounts()
    assert {row.state for row in states(site)} == {"held", "queued"}
    assert status(site).why == "house"
    site.at += 20 * MINUTE
    assert site.drain().count("letter") == 1
    sync(site, opened(site, "NC"))
    assert look(site) == ReviewCounts(released=1)


def test_only_asks_to_readers_in_closed_states_wait(site: Site) -> None:
    """One request holds readers of many states: those in open states get theirs."""

    def change(files: dict[str, str]) -> dict[str, str]:
        facts = files["facts.toml"].replace('expires = "2027-01-03T12:00:00-05:00"', 'expires = "2029-01-03"')
        return {**files, "campaign.toml": files["campaign.toml"] + SUCCESSOR, "facts.toml": facts}

    mend(site, change)
    with site.database.begin() as conn:
        for number, zip_ in enumerate((ILLINOIS, UTAH, WYOMING, "00001"), 3):
            site.people += build.add_people(conn, [number], zip=zip_)
        build.launch(conn, campaigns.get(conn, SLUG), now=site.at, per_request=10)
    site.do(update(request).where(request.c.kind == "ask").values(variant="representative"))
    site.at = SWITCHED
    sync(site, opened(site))

    def asks() -> dict[str, tuple[str, str, str]]:
        joined = delivery.join(request, request.c.id == delivery.c.request_id)
        joined = joined.join(supporter, supporter.c.id == delivery.c.supporter_id)
        columns = (supporter.c.zip, request.c.state, request.c.reason, delivery.c.outcome)
        rows = site.rows(select(*columns).select_from(joined).where(request.c.kind == "ask"))
        return {row.zip: (row.state, row.reason, row.outcome or "") for row in rows}

    site.drain()
    waits = f"{letter_decision.WAITS['house']} in AL, CA, FL, LA, NC, OH, TN, TX, UT"
    found = asks()
    assert (found[ILLINOIS], found[WYOMING]) == (("accepted", "", ""), ("accepted", "", ""))
    assert (found[HERE], found[UTAH]) == (("held", waits, ""), ("held", waits, ""))
    assert found["00001"][2] == "refused", "no state is known, so what it says of the reader is not true"
    assert look(site) == ReviewCounts(), "nothing has opened since"
    sync(site, opened(site, "UT"))
    assert look(site).asks == 1
    assert look(site).asks == 0
    site.drain()
    found = asks()
    assert found[UTAH] == ("accepted", "", "")
    assert found[HERE] == ("held", waits.replace(", UT", ""), "")
    sync(site, opened(site, *districts.REDRAWN[120]))
    assert look(site).asks == 1
    site.drain()
    assert asks()[HERE] == ("accepted", "", "")
    sizes = site.rows(select(request.c.size).where(request.c.kind == "ask"))
    assert sum(row.size for row in sizes) == len(site.people) - 1
    mailed = [to["email"] for mail in site.mails for one in mail["personalizations"] for to in one["to"]]
    assert len(mailed) == len(set(mailed)) == len(site.people) - 1, "each reader got one ask"


def test_what_goes_on_keeps_the_pace_of_its_office(site: Site) -> None:
    site.at = BEFORE
    site.contact()
    for number in (1, 2):
        site.write(number=number)
    site.at = SWITCHED
    site.do(update(letter).values(valid_until=None))
    look(site)
    sync(site, new_house())
    assert look(site) == ReviewCounts(released=2)
    first, second = site.rows(select(request.c.due_at).where(request.c.kind == "letter").order_by(request.c.due_at))
    assert second.due_at - first.due_at == 2 * MINUTE


STEPS = st.tuples(st.sampled_from(("write", "sync", "back", "tick", "send", "wait", "chosen")), st.integers(0, 11))


@pytest.mark.deep
@hypothesis(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=4, max_size=14))
def test_no_letter_ever_leaves_for_somebody_who_does_not_hold_the_seat(
    site: Site, steps: list[tuple[str, int]]
) -> None:
    """Whatever the order of syncs, ticks, sends and letters."""
    start = books.packaged()
    snapshots = [start, new_house((ADAMS, TILLIS)), new_house((), {HERE: ("H:NC:14",)}), new_house((BUDD,))]
    site.at = START
    for seat in CONTACTS:
        site.contact(seat)
    sync(site, start)
    for step, choice in steps:
        if step in ("write", "chosen"):
            number = len(site.people) + 1
            zip_ = SPLIT if step == "chosen" else HERE
            with site.database.begin() as conn:
                site.people += build.add_people(conn, [number], zip=zip_)
            page = site.enter(zip_, number=number)
            free = [office.seat for office in (*page.offices, *page.candidates) if office.channel]
            if free:
                site.write(zip_, free[choice % len(free)], number)
        elif step in ("sync", "back"):
            sync(site, snapshots[choice % len(snapshots)] if step == "sync" else start)
        elif step == "tick":
            look(site)
        elif step == "wait":
            site.at = (site.at + 20 * MINUTE, max(site.at, BEFORE), max(site.at, SWITCHED))[choice % 3]
        else:
            before = set(site.rows(sent_letters()))
            site.drain()
            for row in set(site.rows(sent_letters())) - before:
                seat = roster_of(site).seats[row.seat]
                assert seat.holder is not None
                assert seat.holder.bioguide == row.holder
                assert row.valid_until is None or site.at < row.valid_until


def sent_letters() -> Any:
    return (
        select(letter.c.id, letter.c.seat, letter.c.holder, letter.c.valid_until)
        .join(delivery, delivery.c.letter_id == letter.c.id)
        .join(request, request.c.id == delivery.c.request_id)
        .where(request.c.state == "accepted")
    )


def roster_of(site: Site) -> Any:
    with site.database.read() as conn:
        return roster.at(conn, site.at)


def test_erasing_and_disowning_reach_letters_that_came_back(site: Site) -> None:
    on_the_eve(site)
    sync(site, new_house((ADAMS,)))
    look(site)
    assert site.disown() == 1
    assert site.rows(select(letter.c.words, letter.c.reason)) == [(None, "not sent by this person")]
    assert status(site).state == "withdrawn"
    assert site.forget()
    assert site.rows(select(supporter.c.email).where(supporter.c.id == site.people[0])) == [(None,)]


def test_many_letters_move_in_parts_so_that_nobody_waits_long(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending_letters, "MOST", 1)
    site.at = BEFORE
    site.contact()
    for number in (1, 2):
        site.write(number=number)
    site.at = SWITCHED
    assert look(site) == ReviewCounts(held=2)
    assert look(site) == ReviewCounts()


def test_letters_that_stay_as_they_are_keep_no_others_waiting(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending_letters, "MOST", 1)
    with site.database.begin() as conn:
        site.people += build.add_people(conn, [3], zip=ILLINOIS)
    site.at = BEFORE
    for seat in (ADAMS, "H:IL:7"):
        site.contact(seat)
    site.write()
    site.write(ILLINOIS, "H:IL:7", number=3, city="Chicago")
    site.do(update(letter).values(valid_until=None))
    site.at = SWITCHED
    assert look(site) == ReviewCounts(held=2)
    sync(site, opened(site))
    assert look(site) == ReviewCounts(released=1)
    sync(site, opened(site, "NC"))
    assert look(site) == ReviewCounts(released=1), "the letter to Illinois is queued, and stays so"
