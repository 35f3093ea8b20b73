"""A campaign to committees: only members get letters, only from those whom they represent; nobody else is asked."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from campaign.compose.campaign_folder import disk
from campaign.compose.rendering import release
from campaign.config import ROOT, Settings
from campaign.congress import committees, zip_match
from campaign.letters import eligibility as planning
from campaign.outreach.action_page.views import MustConfirmAgain
from campaign.outreach.launch import launch
from campaign.outreach.launch import plan as plans
from campaign.store.schema import campaign as campaign_table
from campaign.store.schema import delivery, letter, request, supporter
from tests import build
from tests.store.site import HERE, ROSTER, SLUG, SPLIT, START, SWITCHED, Site

JAYAPAL, SEATTLE = "H:WA:7", "98103"  # on the Judiciary's subcommittee 01; Alma Adams of NC-12 is not
RULE = 'committees = ["HSJU01", "HSHM11"]'
OF_ILLINOIS = "H:IL:4"  # Jesus Garcia's district, one of those that ZIP 60632 touches; on the subcommittee


@pytest.fixture
def narrow(site: Site, tmp_path: Path) -> Site:
    """The site with a campaign that writes to two subcommittees."""
    site.settings = settings(site.settings, tmp_path, RULE)
    with site.database.begin() as conn:
        frozen = release.freeze(conn, disk.load(site.settings.templates, SLUG), START)
        conn.execute(update(campaign_table).values(release=frozen))
    return site


def settings(of: Settings, tmp_path: Path, rule: str) -> Settings:
    templates = tmp_path / "templates"
    shutil.copytree(ROOT / "templates" / SLUG, templates / SLUG)
    file = templates / SLUG / "campaign.toml"
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join(rule if line.startswith("targets") else line for line in lines), encoding="utf-8")
    return replace(
        of,
        campaign=replace(of.campaign, templates=str(templates)),
        sendgrid=replace(of.sendgrid, url="http://127.0.0.1:9"),
    )


def live_at(site: Site, zip_: str) -> None:
    site.do(update(supporter).values(zip=zip_))


def test_a_member_of_the_committee_is_offered_to_her_constituents(narrow: Site) -> None:
    live_at(narrow, SEATTLE)
    page = narrow.enter(SEATTLE)
    assert [office.seat for office in page.offices] == [JAYAPAL]
    narrow.write(SEATTLE)
    assert [row.seat for row in narrow.rows(select(letter.c.seat))] == [JAYAPAL]


def test_nobody_writes_to_another_ones_member_whatever_a_form_says(narrow: Site) -> None:
    live_at(narrow, SEATTLE)
    form = narrow.form(SEATTLE)
    live_at(narrow, HERE)
    page = narrow.enter(HERE)
    assert (page.offices, page.candidates, page.preview) == ((), (), None)
    assert "no-committee" in page.warnings
    for changes in ({"zip": HERE}, {"zip": HERE, "seat": "H:NC:12"}, {"zip": HERE, "seat": "S:NC:2"}):
        assert isinstance(narrow.confirm({**form, **changes}), MustConfirmAgain)
    assert narrow.rows(select(letter)) == []


def test_a_split_zip_names_all_its_districts_so_that_nobody_is_taken_for_another(narrow: Site) -> None:
    live_at(narrow, SPLIT)
    page = narrow.enter(SPLIT)
    districts = set(ROSTER.zips[SPLIT])
    members = committees.seats(ROSTER, ["HSJU01"])
    assert {office.seat for office in page.candidates} == (districts if districts & members else set())
    for code in districts - members:
        assert narrow.enter(SPLIT, seat=code).preview is None


def test_only_people_who_reach_a_member_are_asked_and_the_plan_says_how_many(narrow: Site) -> None:
    zips = [SEATTLE, HERE, SPLIT, "", "00000"]
    with narrow.database.begin() as conn:
        for number, zip_ in enumerate(zips, start=10):
            build.add_people(conn, [number], zip=zip_)
    wanted = committees.seats(ROSTER, ["HSJU01", "HSHM11"])
    with narrow.database.read() as conn:
        found = plans.plan(conn, narrow.settings.templates, SLUG, START)
        who = conn.execute(select(supporter.c.id, supporter.c.zip).order_by(supporter.c.id)).all()
    assert {one.seat for one in found.offices} == wanted
    assert all(one.name for one in found.offices), "a vacant seat sits on no committee"
    reach = [row.id for row in who if not row.zip or planning.reaches(zip_match.by_zip(ROSTER, row.zip, START), wanted)]
    assert 0 < len(reach) < len(who)
    assert launch.plan(narrow.database, narrow.settings, SLUG, now=START).total == len(reach)
    assert launch.launch(narrow.database, narrow.settings, SLUG, now=START) == len(reach)
    asked = narrow.rows(
        select(delivery.c.supporter_id, request.c.variant).join(request, request.c.id == delivery.c.request_id)
    )
    assert sorted(row.supporter_id for row in asked) == reach
    named: dict[int, Any] = {row.supporter_id: row.variant for row in asked}
    (jayapal,) = [row.id for row in who if row.zip == SEATTLE]
    assert named[jayapal] == "signed_on", "she put her name to the bill"


def test_a_rule_that_names_nobody_or_nothing_known_is_refused(site: Site, tmp_path: Path) -> None:
    unknown = settings(site.settings, tmp_path / "a", 'committees = ["HSJU99"]')
    told = [str(error) for error in launch.check(site.database, unknown, SLUG, START).errors]
    assert any(("there is no committee HSJU99" in one and "HSJU01" in one) or "HSJU" in one for one in told)
    assert any("the rule names no seat" in one for one in told)
    both = settings(site.settings, tmp_path / "b", 'targets = ["house"]\ncommittees = ["HSJU"]')
    with pytest.raises(Exception, match="can't be combined with targets"):
        launch.check(site.database, both, SLUG, START)


def test_committees_end_with_their_congress(narrow: Site) -> None:
    assert launch.check(narrow.database, narrow.settings, SLUG, START).errors == ()
    told = [str(error) for error in launch.check(narrow.database, narrow.settings, SLUG, SWITCHED).errors]
    assert any("they have no members" in one for one in told)
    live_at(narrow, SEATTLE)
    narrow.at = SWITCHED
    assert narrow.enter(SEATTLE).offices == ()
