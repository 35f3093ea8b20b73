"""Who a list says may not be emailed is suppressed, and a column of status words that we don't know is asked about."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from campaign.config import ListSource
from campaign.errors import CampaignError
from campaign.outreach.lists.pull import Pulled, last_pull, pull
from campaign.store.engine import Database
from campaign.store.schema import supporter
from campaign.supporters import people
from tests.store.pulled import ANA, BO, KEYS, counts, pull_lines, rejected
from tests.store.pulled import small_batches as small_batches

pytestmark = pytest.mark.both_databases


def _list(folder: Path, name: str, *lines: str) -> ListSource:
    (folder / f"{name}.csv").write_text("\n".join(lines), encoding="utf-8")
    return ListSource(name, str(folder / f"{name}.csv"), consent="sign-up form, 2024")


def _suppressed(database: Database, *names: str) -> list[str]:
    """The reasons for which these people are suppressed; "" where they are not."""
    with database.read() as conn:
        reasons = people.suppressed(conn, [KEYS.email_hash(f"{name}@example.org") for name in names])
    return [reasons.get(KEYS.email_hash(f"{name}@example.org"), "") for name in names]


def test_who_refused_is_suppressed_even_from_a_row_with_another_fault(database: Database, tmp_path: Path) -> None:
    source = _list(
        tmp_path,
        "out",
        "email,zip,status,Is Deceased",
        "unsubscribed@example.org,,unsubscribed,no",
        "bounced@example.org,28205,Hard bounce,no,too,many",
        "spam@example.org,28205,complained",
        "deceased@example.org,28205,active,yes",
        "blocked@example.org,28205,blocklisted,no",
        "pending@example.org,28205,pending,no",
        "odd@example.org,28205,gold,no",
        "no address,28205,unsubscribed,no",
        "ok@example.org,28205,active,no",
    )
    done = pull(database, KEYS, source, home=tmp_path, by="cli")
    assert counts(done) == (9, 1, 0, 0, 8)
    names = ("unsubscribed", "bounced", "spam", "deceased", "blocked", "pending", "odd", "ok")
    reasons = ["unsubscribed", "bounced", "complained", "listed", "listed", "", "", ""]
    assert _suppressed(database, *names) == reasons
    assert done.emailed is not None
    assert done.emailed.newly_suppressed == 5
    assert done.emailed.columns == ("status", "Is Deceased")
    assert {(one.column, one.why): one.rows for one in done.emailed.left_out} == {
        ("status", "opted out"): 2,
        ("status", "bounced"): 1,
        ("status", "reported spam"): 1,
        ("Is Deceased", "deceased"): 1,
        ("status", "do not email"): 1,
        ("status", "not active or not confirmed"): 1,
        ("status", "unclear"): 1,
    }
    reason = {row["line"]: row["reason"] for row in rejected(done)}
    assert reason["5"] == "this person has died: column 'Is Deceased' says 'yes'"
    assert reason["8"] == "we don't know what this says about email: column 'status' says 'gold'"
    assert "can't hold it" in reason["9"]
    again = pull(database, KEYS, source, home=tmp_path, by="cli")
    assert again.emailed is not None
    assert again.emailed.newly_suppressed == 0


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("first", ["active", "unsubscribed"])
@pytest.mark.parametrize("between", [0, 3])
def test_one_refusal_among_several_rows_of_a_person_suppresses(
    database: Database, tmp_path: Path, first: str, between: int
) -> None:
    other = "unsubscribed" if first == "active" else "active"
    others = [f"other{number}@example.org,28205,active" for number in range(between)]
    rows = [f"ana@example.org,28205,{first}", *others, f"ANA@example.org,28205,{other}"]
    pull(database, KEYS, _list(tmp_path, "two", "email,zip,status", *rows), home=tmp_path, by="cli")
    assert _suppressed(database, "ana") == ["unsubscribed"]


def test_a_refusal_on_one_list_counts_for_a_person_of_another_and_a_not_yet_does_not(
    database: Database, tmp_path: Path
) -> None:
    pull_lines(database, tmp_path, ANA, BO, ANA.replace("ana@", "cy@"))
    rows = ("email,zip,status", "ana@example.org,28205,cleaned", "bo@example.org,2139,inactive")
    pull(database, KEYS, _list(tmp_path, "other", *rows, "cy@example.org,28205,not subscribed"),
         home=tmp_path, by="cli")  # fmt: skip
    assert _suppressed(database, "ana", "bo", "cy") == ["bounced", "", ""]
    with database.read() as conn:
        lists = conn.execute(select(supporter.c.list, supporter.c.consent).distinct()).all()
    assert [tuple(row) for row in lists] == [("tests", "petition page")]


def test_who_agreed_in_an_earlier_pull_of_a_list_and_no_longer_does_is_suppressed(
    database: Database, tmp_path: Path
) -> None:
    def again(*lines: str) -> Pulled:
        source = _list(tmp_path, "shop", "email,zip,Accepts Email Marketing", *lines)
        return pull(database, KEYS, source, home=tmp_path, by="cli")

    again("ana@example.org,28205,yes", "bo@example.org,28205,yes", "cy@example.org,28205,no")
    assert _suppressed(database, "ana", "bo", "cy") == ["", "", ""]
    done = again("ana@example.org,28205,no", "bo@example.org,28205,no", "bo@example.org,28205,yes")
    assert _suppressed(database, "ana", "bo", "cy") == ["unsubscribed", "", ""]
    assert done.emailed is not None
    assert done.emailed.newly_suppressed == 1


def test_an_unknown_column_of_status_words_stores_nothing_until_its_owner_answers(
    database: Database, tmp_path: Path
) -> None:
    source = _list(
        tmp_path, "ask", "email,zip,Zustand", "ana@example.org,28205,active", "bo@example.org,28205,unsubscribed"
    )
    with pytest.raises(CampaignError, match=r"'Zustand' \(active: 1, unsubscribed: 1\)") as error:
        pull(database, KEYS, source, home=tmp_path, by="worker 1")
    assert '--map "status=Zustand"' in error.value.do
    assert '--ignore "Zustand"' in error.value.do
    last = last_pull(database, "ask")
    assert last is not None
    assert (last.read, last.imported, last.finished) == (0, 0, True)
    assert "nothing was imported" in last.problem
    ignored = pull(database, KEYS, replace(source, ignore=("zustand",)), home=tmp_path, by="cli")
    assert (ignored.imported, _suppressed(database, "bo")) == (2, [""])
    for decides in (replace(source, status=("Zustand",)), replace(source, map={"status": "Zustand"})):
        done = pull(database, KEYS, decides, home=tmp_path, by="cli")
        assert (done.unchanged, done.rejected, _suppressed(database, "bo")) == (1, 1, ["unsubscribed"])
    with pytest.raises(CampaignError, match="ignore: there is no column 'Gone'"):
        pull(database, KEYS, replace(source, ignore=("Gone",)), home=tmp_path, by="cli")


def test_a_column_that_we_know_can_be_ignored(database: Database, tmp_path: Path) -> None:
    source = _list(tmp_path, "gold", "email,zip,Status", "ana@example.org,28205,Gold", "bo@example.org,28205,Silver")
    assert pull(database, KEYS, source, home=tmp_path, by="cli").rejected == 2
    ignored = replace(source, ignore=("Status",))
    assert pull(database, KEYS, ignored, home=tmp_path, by="cli").imported == 2
