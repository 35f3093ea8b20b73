"""Printing packets: what fails stops no other office, any script prints, and who read letters is kept."""

from __future__ import annotations

import json
import os
import pwd
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from campaign.cli import packets as commands
from campaign.cli.app import CliContext
from campaign.compose.messages import packet_pdf as papers
from campaign.compose.messages.typesetter import Unprintable
from campaign.congress import field_offices
from campaign.errors import CampaignError
from campaign.letters import access
from campaign.outreach.channels.packet import packet_file
from campaign.store.schema import delivery, letter, letter_access, packet
from tests.store.paper import on_paper, print_all
from tests.store.paper import shown as shown
from tests.store.paper import visits as visits
from tests.store.site import ADAMS, BUDD, DAY, KEYS, SLUG, Site


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


def test_a_member_without_a_known_room_still_gets_a_packet(
    site: Site, shown: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(field_offices, "of", lambda _: {})
    on_paper(site)
    site.at += DAY
    assert print_all(site).papers[0].letters == 1
    assert shown[0]["to"]["room"] == ""
