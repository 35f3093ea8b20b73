"""Another snapshot in force, for every process at once: what it says beforehand, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from campaign.cli import sync as commands
from campaign.config import ROOT
from campaign.congress import districts, roster
from campaign.congress.sync import build, store
from campaign.errors import CampaignError, Problems
from campaign.outreach.transition import sync as steps
from campaign.outreach.transition.sync import SyncResult
from campaign.store.schema import supporter
from tests import congress
from tests.store.site import ADAMS, DAY, START, Site, moment

TEMPLATES = ROOT / "templates"


@pytest.fixture
def people() -> dict[str, Any]:
    return congress.listed()


def sync(site: Site, folder: Path, *, dry_run: bool = False) -> SyncResult:
    return steps.sync(site.database, TEMPLATES, folder, dry_run=dry_run, now=lambda _: site.at)


def restore(site: Site, number: int) -> SyncResult:
    return steps.restore(site.database, TEMPLATES, number, now=lambda _: site.at)


def holder(site: Site, code: str) -> str:
    with site.database.read() as conn:
        found = roster.at(conn, site.at).seats[code].holder
    return found.last_name if found else ""


def replaced(people: dict[str, Any], code: str, last: str = "Newcomer", since: str = "2026-11-20") -> dict[str, Any]:
    """Somebody else sits there."""
    old = congress.at(people, code)
    end = old["terms"][-1]["end"]
    kept = {key: one for key, one in people.items() if one is not old}
    return kept | {"N000999": congress.person("N000999", last, congress.term(code, since, end))}


def test_a_sync_says_what_it_changes_and_is_in_force_for_everybody(
    site: Site, tmp_path: Path, people: dict[str, Any]
) -> None:
    site.write(seat=ADAMS)
    folder = congress.write(tmp_path / "a", replaced(people, ADAMS))
    look = sync(site, folder, dry_run=True)
    assert (look.number, holder(site, ADAMS)) == (None, "Adams")
    done = sync(site, folder)
    assert done.number is not None
    assert [(one.seat, one.before, one.after) for one in done.changes] == [(ADAMS, "Alma S. Adams", "New Newcomer")]
    assert (done.letters, done.supporters, done.vacant) == (1, 0, look.vacant)
    assert look.changes == done.changes
    roster._unpacked.clear()  # another process
    assert holder(site, ADAMS) == "Newcomer"
    site.at -= 10 * DAY
    assert holder(site, ADAMS) == "", "before the new one was sworn in, and after the old one was seen there last"
    site.at = moment("2026-06-14T12:00-05:00")
    assert holder(site, ADAMS) == "Adams"


def test_acts_of_somebody_who_left_are_named(site: Site, tmp_path: Path, people: dict[str, Any]) -> None:
    foushee = congress.at(people, "H:NC:4")["id"]["bioguide"]
    found = sync(site, congress.write(tmp_path / "a", replaced(people, "H:NC:4")))
    assert [line for line in found.templates if foushee in line] == [
        f"end-287g/sponsors.toml: Valerie P. Foushee ({foushee}), under H.R. 6890, left Congress"
    ]


def test_a_map_moves_supporters(site: Site, tmp_path: Path, people: dict[str, Any]) -> None:
    site.do(update(supporter).values(zip="28205"))
    folder = congress.write(tmp_path / "a", people)
    with site.database.read() as conn:
        zips = dict(roster.snapshot_in_force(conn).maps[119])
    zips["28205"] = ("H:NC:12", "H:NC:14")
    lines = ["state_fips,state_abbr,zcta,cd"]
    lines += [f"0,{code[2:4]},{zip_},{code[5:]}" for zip_, codes in zips.items() for code in codes]
    (folder / "zccd.csv").write_text("\n".join(lines), encoding="utf-8")
    (folder / "README.md").write_text("| `zccd.csv` | ZIPs by district, 119th Congress |\n", encoding="utf-8")
    found = sync(site, folder)
    assert (found.zips, found.supporters, found.changes) == (1, 2, ())
    assert [office.seat for office in site.enter("28205").candidates] == ["H:NC:12", "H:NC:14"]


def test_a_sync_refuses_a_map_that_takes_zips_out_of_a_state_until_a_person_says_why(
    site: Site, tmp_path: Path, people: dict[str, Any]
) -> None:
    folder = congress.write(tmp_path / "a", people)
    with site.database.read() as conn:
        zips = {**roster.snapshot_in_force(conn).maps[119], "57638": ("H:ND:0",)}
    lines = ["state_fips,state_abbr,zcta,cd"]
    lines += [f"0,{code[2:4]},{zip_},{code[5:]}" for zip_, codes in zips.items() for code in codes]
    (folder / "zccd.csv").write_text("\n".join(lines), encoding="utf-8")
    (folder / "README.md").write_text("| `zccd.csv` | ZIPs by district, 119th Congress |\n", encoding="utf-8")
    with pytest.raises(Problems, match=r"57638 \(SD\)"):
        sync(site, folder)
    accept = build.Accept("the area was redrawn", "Ana Ruiz")
    done = steps.sync(site.database, TEMPLATES, folder, accept=accept, now=lambda _: site.at)
    assert done.accepted == 1
    with site.database.read() as conn:
        (kept,) = roster.snapshot_in_force(conn).accepted
    assert (kept.reason, kept.by, kept.zips) == ("the area was redrawn", "Ana Ruiz", ("57638 SD",))


def test_a_sync_says_which_states_are_closed_and_why(
    site: Site, tmp_path: Path, people: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    assert sync(site, congress.write(tmp_path / "today", people)).closed == {}
    site.at = moment("2027-01-03T13:00-05:00")
    stale = sync(site, congress.write(tmp_path / "stale", congress.listed()))
    assert len(stale.closed) == 55
    assert {one.why for one in stale.closed.values()} == {"members"}
    elected = congress.elected(congress.listed())
    late = congress.at(elected, "H:IL:7")
    late["terms"].pop()
    del elected[late["id"]["bioguide"]]
    found = sync(site, congress.write(tmp_path / "new", elected))
    assert {state: one.why for state, one in found.closed.items()} == dict.fromkeys(districts.REDRAWN[120], "lines")
    assert found.why_closed == (
        "The district lines of AL, CA, FL, LA, NC, OH, TN, TX, UT changed on 2027-01-03: "
        "load a ZIP map of the 120th Congress (campaign congress sync --from DIR).",
    )
    assert "H:IL:7" in found.vacant
    commands._show(found, False)
    shown = "".join(capsys.readouterr())
    assert "Letters to the House are closed in 9 states and territories" in shown
    assert found.why_closed[0] in shown


def test_a_state_whose_members_are_only_partly_listed_stays_closed(
    site: Site, tmp_path: Path, people: dict[str, Any]
) -> None:
    """Part of the House is listed: complete states are open. A seat without anyone counts as late, not as vacant."""
    site.at = moment("2027-01-03T13:00-05:00")
    elected = congress.elected(congress.listed())
    old = congress.listed()
    half = {key: old[key] if congress.seat_of(one)[2:4] in ("TX", "NY", "PA") else one for key, one in elected.items()}
    first = congress.at(half, "H:NY:1")["id"]["bioguide"]
    half[first] = elected[first]
    found = sync(site, congress.write(tmp_path / "half", half))
    assert {state for state, one in found.closed.items() if one.why == "members"} == {
        "CA",
        "FL",
        "GA",
        "NY",
        "PA",
        "TX",
    }
    assert (found.closed["NY"].known, found.closed["NY"].seats) == (1, 26)
    told = "The data does not have all new members from CA, FL, GA, NY, PA, TX yet: 92 of 175 seats"
    assert found.why_closed[0].startswith(told)


def test_a_file_that_lost_too_much_is_refused_and_the_last_good_one_stays(
    site: Site, tmp_path: Path, people: dict[str, Any]
) -> None:
    sync(site, congress.write(tmp_path / "good", replaced(people, ADAMS)))
    few = {key: one for key, one in people.items() if not congress.seat_of(one).startswith("H:TX:")}
    with pytest.raises(Problems, match=r"37 seats lost their member.*H:TX:1, .* and 25 more\n    Is the file whole"):
        sync(site, congress.write(tmp_path / "bad", few))
    twice = people | {
        "T000999": congress.person("T000999", "Twin", congress.term("S:NC:2", "2026-11-01", "2027-01-03"))
    }
    with pytest.raises(Problems, match="S:NC:2 has two members"):
        sync(site, congress.write(tmp_path / "twice", twice))
    odd = people | {"X000999": congress.person("X000999", "Odd", congress.term("H:NC:15", "2026-11-01", "2027-01-03"))}
    with pytest.raises(Problems, match="does not have H:NC:15"):
        sync(site, congress.write(tmp_path / "odd", odd))
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn" / "legislators-current.json").write_text('[{"id":', encoding="utf-8")
    with pytest.raises(CampaignError, match="does not have the expected content"):
        sync(site, tmp_path / "torn")
    assert holder(site, ADAMS) == "Newcomer"
    with site.database.read() as conn:
        assert [one.how for one in store.list_snapshots(conn)] == ["sync"]


def test_an_earlier_snapshot_comes_back(site: Site, tmp_path: Path, people: dict[str, Any]) -> None:
    first = sync(site, congress.write(tmp_path / "a", replaced(people, ADAMS)))
    assert first.number is not None
    back = restore(site, 0)
    assert [(one.before, one.after) for one in back.changes] == [("New Newcomer", "Alma S. Adams")]
    assert holder(site, ADAMS) == "Adams"
    restore(site, first.number)
    assert holder(site, ADAMS) == "Newcomer"
    with pytest.raises(CampaignError, match="there is no snapshot 99"):
        restore(site, 99)


def test_an_older_list_is_refused(site: Site, tmp_path: Path, people: dict[str, Any]) -> None:
    sync(site, congress.write(tmp_path / "a", people))
    site.at -= 5 * DAY
    with pytest.raises(CampaignError, match="in force of 2026-11-24"):
        sync(site, congress.write(tmp_path / "b", people))


def test_the_old_house_after_the_switch_changes_nothing_and_never_replaces_the_new_one(
    site: Site, tmp_path: Path, people: dict[str, Any]
) -> None:
    site.at = moment("2027-01-04T09:00-05:00")
    stale = congress.write(tmp_path / "stale", people)
    found = sync(site, stale)
    assert (found.changes, found.congress, len(found.unknown) > 400) == ((), 119, True)
    new = sync(site, congress.write(tmp_path / "new", congress.elected(congress.listed())))
    assert (new.congress, new.unknown, len(new.changes) > 400) == (120, (), True)
    with pytest.raises(Problems, match="the House of the 119th Congress, which is over"):
        sync(site, stale)
    assert holder(site, ADAMS) == "Adams"


def test_two_syncs_at_once_do_not_undo_each_other(
    site: Site, tmp_path: Path, people: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, other = congress.write(tmp_path / "a", people), congress.write(tmp_path / "b", replaced(people, ADAMS))
    make = build.make

    def slow(*given: Any, **more: Any) -> Any:
        monkeypatch.setattr(build, "make", make)
        sync(site, other)
        return make(*given, **more)

    monkeypatch.setattr(build, "make", slow)
    with pytest.raises(CampaignError, match="another snapshot came into force"):
        sync(site, folder)
    assert holder(site, ADAMS) == "Newcomer"


@pytest.mark.deep
def test_a_month_of_snapshots_is_kept(site: Site) -> None:
    with site.database.begin() as conn:
        book = roster.snapshot_in_force(conn)
        for _ in range(store.KEPT + 3):
            last = store.save(conn, book, START)
        assert [one.number for one in store.list_snapshots(conn)] == list(range(last - store.KEPT + 1, last + 1))
