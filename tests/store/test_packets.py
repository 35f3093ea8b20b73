"""Letters on paper: by their writers' choice, one channel at a time, nothing twice, handed in only when said."""

from __future__ import annotations

import json
import os
import pwd
import sys
from collections.abc import Collection
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from sqlalchemy.exc import DBAPIError

from campaign.cli import packets as commands
from campaign.cli.app import CliContext
from campaign.clock import WASHINGTON
from campaign.compose.messages import packet_pdf as papers
from campaign.compose.messages.typesetter import Unprintable
from campaign.congress import field_offices
from campaign.errors import CampaignError
from campaign.letters import access, letters
from campaign.outreach.action_page import actions
from campaign.outreach.action_page.views import ActionPage, MustConfirmAgain
from campaign.outreach.channels.packet import hand_in, packet_file, print_packet
from campaign.outreach.channels.packet.print_packet import PrintedBatch
from campaign.outreach.reports import letter_funnel
from campaign.outreach.sending import retention
from campaign.states import Proof
from campaign.store.schema import delivery, letter, letter_access, packed, packet
from tests.store.site import ADAMS, BUDD, DAY, HERE, KEYS, MINUTE, SLUG, Site, together

DELIVERIES = select(delivery.c.channel, delivery.c.outcome).where(delivery.c.kind == "letter").order_by(delivery.c.id)


def print_all(site: Site, to: Path | None = None, **changes: Any) -> PrintedBatch:
    return print_packet.print_all(site.database, KEYS, site.settings, SLUG, to=to, **changes)


def on_paper(site: Site, seat: str = ADAMS, number: int = 1, **changes: str) -> ActionPage:
    return site.write(seat=seat, number=number, by="packet", **changes)


def letter_id(site: Site, number: int = 1) -> int:
    ids = select(func.max(letter.c.id)).where(letter.c.supporter_id == site.people[number - 1])
    return int(site.rows(ids)[0][0])


def deliveries(site: Site) -> list[tuple[str, str]]:
    return [(row.channel, row.outcome) for row in site.rows(DELIVERIES)]


@pytest.fixture(autouse=True)
def visits(site: Site) -> None:
    """Someone takes letters to both offices."""
    for seat in (ADAMS, BUDD):
        site.promise(seat)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What each printed packet was made from; Typst itself is tested apart."""
    made: list[dict[str, Any]] = []

    def pdf(one: papers.Packet, bad: Collection[str]) -> bytes:
        made.append(json.loads(papers.data(one, bad)))
        return b"%PDF"

    monkeypatch.setattr(papers, "pdf", pdf)
    return made


def test_a_letter_goes_from_its_writer_onto_paper_and_to_the_office(site: Site, shown: list[dict[str, Any]]) -> None:
    found = on_paper(site)
    assert [one.state for one in found.letters] == ["to_print"]
    assert print_all(site) == PrintedBatch((), 0, 1), "its writer can still take it back"
    site.at += 15 * MINUTE
    (paper,) = print_all(site).papers
    assert (paper.seat, paper.number, paper.letters, paper.again) == (ADAMS, 1, 1, False)
    assert paper.file.read_bytes() == b"%PDF"
    assert paper.file.stat().st_mode & 0o777 == 0o600
    assert site.states() == ["printed"]
    (one,) = shown[0]["letters"]
    assert one["envelope"] == ["Ana Ruiz", "Charlotte, NC 28205"]
    assert "My street is afraid." in [row for part in one["parts"] for row in part]
    assert shown[0]["again"] == ""
    done = hand_in.hand_in(site.database, SLUG, ADAMS, on=date(2026, 11, 24), by="Alex Ruiz")
    assert (done.numbers, done.letters) == ((1,), 1)
    assert site.states() == ["handed_in"]
    assert deliveries(site) == [("packet", "handed_in")]
    site.at += DAY
    assert "receipt" in site.drain()
    assert "we took it to the office on paper" in site.mails[-1]["text"]
    assert print_all(site).papers == ()


def test_printed_again_it_is_the_same_packet_and_says_so(site: Site, shown: list[dict[str, Any]]) -> None:
    on_paper(site)
    on_paper(site, number=2)
    site.at += DAY
    first = print_all(site).papers[0]
    first.file.unlink()
    again = print_all(site).papers[0]
    assert (again.number, again.letters, again.again) == (1, 2, True)
    assert shown[1]["letters"] == shown[0]["letters"]
    assert "Hand in one copy only" in shown[1]["again"]
    assert site.rows(select(func.count()).select_from(packet))[0][0] == 1


def test_what_comes_later_makes_the_next_packet(site: Site, shown: list[dict[str, Any]]) -> None:
    on_paper(site)
    site.at += DAY
    print_all(site)
    on_paper(site, number=2)
    site.at += DAY
    found = [(one.number, one.letters, one.again) for one in print_all(site).papers]
    assert found == [(1, 1, True), (2, 1, False)]
    assert len(shown) == 3


def test_letters_stand_in_the_order_of_confirmation(site: Site, shown: list[dict[str, Any]]) -> None:
    on_paper(site, number=2, first_name="First")
    site.at += 1000
    on_paper(site, number=1, first_name="Second")
    site.at += DAY
    print_all(site)
    assert [one["envelope"][0] for one in shown[0]["letters"]] == ["First Ruiz", "Second Ruiz"]
    assert [one["place"] for one in shown[0]["letters"]] == [1, 2]


def test_taken_back_before_it_is_printed_and_not_after(site: Site, shown: list[dict[str, Any]]) -> None:
    on_paper(site)
    site.act(actions.take_back, zip=HERE, letter=letter_id(site))
    on_paper(site, number=2)
    site.at += DAY
    assert print_all(site).papers[0].letters == 1
    found = site.act(actions.take_back, 2, zip=HERE, letter=letter_id(site, 2))
    assert [one.state for one in found.letters] == ["printed"]
    assert site.states() == ["withdrawn"]
    assert len(shown[0]["letters"]) == 1


def test_who_is_erased_is_not_printed_nor_printed_again(site: Site, shown: list[dict[str, Any]]) -> None:
    on_paper(site)
    on_paper(site, number=2, story="Only mine.")
    site.at += DAY
    print_all(site)
    assert site.forget()
    again = print_all(site).papers[0]
    assert (again.letters, again.missing) == (1, 1)
    assert "Only mine." in json.dumps(shown[1])
    assert "Ana" not in json.dumps(shown[1]["letters"][0]["envelope"]) or len(shown[1]["letters"]) == 1


def test_an_erased_writer_leaves_nothing_to_print(site: Site, shown: list[dict[str, Any]]) -> None:
    on_paper(site)
    assert site.forget()
    site.at += DAY
    assert print_all(site) == PrintedBatch((), 0, 0)
    assert deliveries(site) == [("packet", "cancelled")]
    assert shown == []


def test_two_printers_at_once_make_one_packet(site: Site, shown: list[dict[str, Any]], tmp_path: Path) -> None:
    on_paper(site)
    site.at += DAY
    together(*[lambda folder=folder: print_all(site, tmp_path / folder) for folder in ("one", "two")])
    assert site.rows(select(func.count()).select_from(packet))[0][0] == 1
    assert site.rows(select(func.count()).select_from(packed))[0][0] == 1
    assert sum(one["again"] == "" for one in shown) == 1


def test_a_street_never_stands_on_paper(site: Site, shown: list[dict[str, Any]]) -> None:
    site.contact(needs=("street", "phone"))
    on_paper(site, street="1 Main Street", phone="704-555-0100")
    site.at += DAY
    print_all(site)
    assert shown[0]["letters"][0]["envelope"] == ["Ana Ruiz", "Charlotte, NC 28205"]
    assert "Main" not in json.dumps(shown)
    assert site.drain() == ["receipt"], "the office gets no mail of it"


def test_paper_asks_for_a_town_and_the_form_does_not(site: Site) -> None:
    found = site.confirm(site.form(seat=ADAMS, city="", by="packet"))
    assert isinstance(found, MustConfirmAgain)
    assert found.problems == {"city": "city"}
    assert isinstance(site.confirm(site.form(seat=ADAMS, city="", by="form")), ActionPage)


def test_what_is_not_true_any_more_stays(site: Site, shown: list[dict[str, Any]]) -> None:
    on_paper(site)
    on_paper(site, BUDD)
    site.do(update(letter).where(letter.c.seat == BUDD).values(holder="X000000"))
    site.do(update(letter).where(letter.c.seat == ADAMS).values(valid_until=site.at + 1))
    site.at += DAY
    assert print_all(site) == PrintedBatch((), 2, 0)
    assert site.states() == ["back", "back"]
    assert shown == []


def test_words_are_kept_until_they_are_printed_and_then_their_time(site: Site, shown: list[dict[str, Any]]) -> None:
    on_paper(site)
    site.at += 29 * DAY
    retention.retain(site.database, matching=False, now=lambda _: site.at)
    assert print_all(site).papers[0].letters == 1
    site.at += 29 * DAY
    retention.retain(site.database, matching=False, now=lambda _: site.at)
    with site.database.read() as conn:
        assert letters.read_contents(conn, KEYS, [1]) == {}


def test_the_report_counts_paper_apart_and_it_adds_up(site: Site, shown: list[dict[str, Any]]) -> None:
    on_paper(site)
    on_paper(site, BUDD)
    on_paper(site, number=2)
    site.at += DAY
    print_all(site, seats=[ADAMS])
    hand_in.hand_in(site.database, SLUG, ADAMS, on=date(2026, 11, 25), by="Alex Ruiz")
    site.act(actions.record_call, zip=HERE, seat=ADAMS, outcome="answered")
    with site.database.read() as conn:
        found = letter_funnel.letters(conn, 1)
    assert found.proofs == {"packet": {"to_print": 1, "handed_in": 2}}
    assert found.adds_up
    assert found.offices["handed_in"] == 1
    assert found.people["proved"] == 2
    assert found.calls == {"answered": 1}
    assert [Proof(word) for word in found.proofs["packet"]] == [Proof.TO_PRINT, Proof.HANDED_IN]


@pytest.mark.parametrize(
    ("on", "by", "seat"),
    [
        (date(2026, 11, 25), "", ADAMS),
        (date(2027, 1, 1), "Alex", ADAMS),
        (date(2026, 11, 1), "Alex", ADAMS),
        (date(2026, 11, 25), "Alex", BUDD),
    ],
)
def test_handing_in_needs_a_day_a_name_and_a_packet(
    site: Site, shown: list[dict[str, Any]], on: date, by: str, seat: str
) -> None:
    on_paper(site)
    site.at += DAY
    print_all(site)
    with pytest.raises(CampaignError):
        hand_in.hand_in(site.database, SLUG, seat, on=on, by=by)
    assert site.states() == ["printed"]


def test_a_seat_that_is_none_is_named(site: Site) -> None:
    with pytest.raises(CampaignError, match="no seat H:XX:1"):
        print_all(site, seats=["H:XX:1"])


def test_without_typst_nothing_is_printed(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    on_paper(site)
    site.at += DAY
    with pytest.raises(CampaignError, match="Typst"):
        print_all(site)
    assert site.states() == ["to_print"]
    assert site.rows(select(packet.c.id)) == []


FAILURES = (CampaignError("Typst cannot make the PDF"), OSError(28, "No space left on device"), KeyError("Ana Ruiz"))


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: type(failure).__name__)
@pytest.mark.parametrize("late", [False, True])
def test_one_seats_failure_stops_no_other_seat(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, failure: Exception, *, late: bool
) -> None:
    """`late`: it fails when the PDF is on disk already."""

    write = packet_file.write_draft

    def pdf(one: papers.Packet, bad: Collection[str]) -> bytes:
        if one.seat.code == ADAMS and not late:
            raise failure
        return b"%PDF"

    def written(file: Path, content: bytes) -> None:
        write(file, content)
        if "H-NC-12" in file.name and late:
            raise failure

    with monkeypatch.context() as patch:
        patch.setattr(papers, "pdf", pdf)
        patch.setattr(packet_file, "write_draft", written)
        _one_fails(site, tmp_path / "out")
    monkeypatch.setattr(papers, "pdf", lambda *_: b"%PDF")
    again = print_all(site, tmp_path / "out")
    assert [(one.seat, one.number, one.again) for one in again.papers] == [(ADAMS, 1, False), (BUDD, 1, True)]


def _one_fails(site: Site, out: Path) -> None:
    on_paper(site)
    on_paper(site, seat=BUDD)
    site.at += DAY
    made = print_all(site, out)
    assert [one.seat for one in made.papers] == [BUDD]
    assert [(one.seat, one.number) for one in made.failed] == [(ADAMS, None)]
    assert "Ana" not in made.failed[0].why, "the reason holds no text of a letter"
    outcomes = select(letter.c.seat, delivery.c.outcome).join(delivery, delivery.c.letter_id == letter.c.id)
    assert {row.seat: row.outcome for row in site.rows(outcomes)} == {ADAMS: "to_print", BUDD: "printed"}
    assert [file.name for file in out.iterdir()] == [made.papers[0].file.name], "no draft is left"
    assert [one.seat for one in reads(site)] == [BUDD], "what was not printed was not read"


def test_a_pdf_that_cannot_take_its_place_is_on_disk_and_named(
    site: Site, shown: list[dict[str, Any]], tmp_path: Path
) -> None:
    (tmp_path / f"{SLUG}-H-NC-12-1.pdf").mkdir()
    on_paper(site)
    site.at += DAY
    (failed,) = print_all(site, tmp_path).failed
    (draft,) = [file for file in tmp_path.iterdir() if file.suffix == ".new"]
    assert str(draft) in failed.why
    assert draft.read_bytes() == b"%PDF"
    assert site.states() == ["printed"]


def test_any_script_and_any_emoji_prints(site: Site) -> None:
    on_paper(site, first_name="王小明", story="Thank you \U0001f600 ❤️\ue000 ありがとう")
    on_paper(site, number=2, first_name="Nguyễn", last_name="Żółć")
    on_paper(site, seat=BUDD, number=2)
    site.at += DAY
    made = print_all(site)
    assert [(one.seat, one.replaced) for one in made.papers] == [(ADAMS, {1: 10}), (BUDD, {})]
    assert all(one.file.read_bytes().startswith(b"%PDF-1.7") for one in made.papers)
    assert made.failed == ()
    assert site.states() == ["printed"]


def reads(site: Site) -> list[access.LetterAccess]:
    with site.database.read() as conn:
        return access.list_access(conn, 1)


def test_who_prints_letters_is_kept_also_after_the_writer_is_erased(site: Site, shown: list[dict[str, Any]]) -> None:
    on_paper(site)
    on_paper(site, number=2)
    assert print_all(site).papers == (), "nothing was read"
    assert reads(site) == []
    site.at += DAY
    print_all(site, by="  Alex  Ruiz ")
    assert site.forget()
    print_all(site)
    me = pwd.getpwuid(os.getuid()).pw_name
    assert reads(site) == [
        access.LetterAccess(at=site.at, what="packet", seat=ADAMS, letters=2, account=me, by="Alex Ruiz"),
        access.LetterAccess(at=site.at, what="packet", seat=ADAMS, letters=1, account=me, by=""),
    ]


def test_what_was_read_cannot_be_changed_or_deleted(site: Site, shown: list[dict[str, Any]]) -> None:
    on_paper(site)
    site.at += DAY
    print_all(site)
    for change in (letter_access.update().values(by="Sam"), letter_access.delete()):
        with pytest.raises(DBAPIError, match="only grows"):
            site.do(change)
    assert [one.by for one in reads(site)] == [""]


def test_a_name_that_cannot_be_printed_reads_nothing(site: Site, shown: list[dict[str, Any]]) -> None:
    on_paper(site)
    site.at += DAY
    (failed,) = print_all(site, by="A\x1b[2J").failed
    assert "--by" in failed.why
    assert reads(site) == []
    assert site.states() == ["to_print"]


def test_the_command_says_what_failed_and_what_was_replaced(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def pdf(one: papers.Packet, bad: Collection[str]) -> bytes:
        if one.seat.code == BUDD:
            raise OSError(28, "No space left on device", "x.pdf")
        if "王" in papers.data(one, bad):
            raise Unprintable("a font is missing", 'the text `"王"` could not be displayed')
        return b"%PDF"

    monkeypatch.setattr(papers, "pdf", pdf)
    on_paper(site, first_name="王")
    on_paper(site, seat=BUDD)
    site.at += DAY
    context = CliContext(site.settings.home)
    context.__dict__.update(database=site.database, keys=KEYS, settings=site.settings)

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(commands.packet, list(arguments), obj=context, standalone_mode=False)

    done = run("print", SLUG, "--by", "Alex Ruiz")
    told = " ".join(done.output.split())
    assert done.return_value == 1
    assert f"failed {BUDD}: No space left on device" in told
    assert f"{ADAMS}, packet 1: 1 character without a font, printed as words in brackets (letter 1)" in told
    assert "printed on paper" in run("access", SLUG).output
    (row,) = json.loads(run("access", SLUG, "--json").output)
    assert (row["seat"], row["letters"], row["by"]) == (ADAMS, 1, "Alex Ruiz")
    assert json.loads(run("print", SLUG, "--json").output)["failed"][0]["seat"] == BUDD


STEPS = st.lists(
    st.tuples(st.sampled_from(["paper", "form", "yes", "back", "print", "hand in", "wait"]), st.integers(1, 2)),
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_whatever_happens_no_letter_is_live_on_two_channels_or_in_two_packets(
    site: Site, shown: list[dict[str, Any]], steps: list[tuple[str, int]]
) -> None:
    for what, number in steps:
        if what in ("paper", "form") and site.enter(seat=ADAMS, number=number).preview:
            extra = {"by": "packet" if what == "paper" else "form"}
            site.confirm(site.form(seat=ADAMS, number=number, **extra), number)
        mine = site.rows(select(letter.c.id).where(letter.c.supporter_id == site.people[number - 1]))
        last = max((row.id for row in mine), default=0)
        if what == "yes":
            site.act(actions.record_form, number, zip=HERE, seat=ADAMS, told="sent")
        elif what == "back":
            site.act(actions.take_back, number, zip=HERE, letter=last)
        elif what == "print":
            print_all(site)
        elif what == "hand in":
            for seat in {row.seat for row in site.rows(select(packet.c.seat).where(packet.c.handed_on == ""))}:
                today = datetime.fromtimestamp(site.at / 1000, WASHINGTON).date()
                hand_in.hand_in(site.database, SLUG, seat, on=today, by="Alex")
        elif what == "wait":
            site.at += DAY
    live = delivery.c.outcome.not_in(["cancelled"])
    twice = select(delivery.c.letter_id).where(delivery.c.kind == "letter", live).group_by(delivery.c.letter_id)
    assert site.rows(twice.having(func.count() > 1)) == []
    on_page = site.rows(select(packed.c.letter_id))
    gone = select(delivery.c.letter_id).where(delivery.c.outcome.in_(["printed", "handed_in"]))
    assert {row.letter_id for row in on_page} == {row.letter_id for row in site.rows(gone)}
    withdrawn = {row.id for row in site.rows(select(letter.c.id).where(letter.c.withdrawn_at.is_not(None)))}
    assert withdrawn.isdisjoint(row.letter_id for row in on_page)
    with site.database.read() as conn:
        assert letter_funnel.letters(conn, 1).adds_up


def test_a_member_without_a_known_room_still_gets_a_packet(
    site: Site, shown: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(field_offices, "of", lambda _: {})
    on_paper(site)
    site.at += DAY
    assert print_all(site).papers[0].letters == 1
    assert shown[0]["to"]["room"] == ""
