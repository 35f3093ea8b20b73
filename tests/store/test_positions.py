"""Who is left alone gets no letter, from no page and no form; the page says so, and not why."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select, update

from campaign.compose.campaign_folder import disk
from campaign.compose.rendering import release
from campaign.config import ROOT
from campaign.outreach.action_page.views import MustConfirmAgain
from campaign.outreach.launch import launch
from campaign.outreach.launch import plan as plans
from campaign.store.schema import campaign as campaign_table
from campaign.store.schema import letter, request
from tests.store.site import ADAMS, ROSTER, SLUG, START, TILLIS, Site
from tests.unit.test_positions import ROW

OPPOSED = 'opposes = "hold"\n' + ROW.format(stance="opposes")


def stand(site: Site, tmp_path: Path, text: str) -> None:
    """Serve a release with this positions.toml."""
    templates = tmp_path / "templates"
    shutil.rmtree(templates, ignore_errors=True)
    shutil.copytree(ROOT / "templates" / SLUG, templates / SLUG)
    (templates / SLUG / "positions.toml").write_text(text, encoding="utf-8")
    site.settings = replace(
        site.settings,
        campaign=replace(site.settings.campaign, templates=str(templates)),
        sendgrid=replace(site.settings.sendgrid, url="http://127.0.0.1:9"),
    )
    with site.database.begin() as conn:
        frozen = release.freeze(conn, disk.load(templates, SLUG), START)
        conn.execute(update(campaign_table).values(release=frozen))


def test_no_letter_goes_to_who_is_left_alone_whatever_was_on_the_page_before(site: Site, tmp_path: Path) -> None:
    form = site.form(seat=ADAMS)
    stand(site, tmp_path, OPPOSED)
    page = site.enter()
    (adams,) = [office for office in page.offices if office.seat == ADAMS]
    assert adams.held
    assert adams.channel == ""
    assert page.preview is not None
    assert page.preview.office.seat == TILLIS, "the next one is offered"
    assert page.call is None or page.call.seat != ADAMS
    assert isinstance(site.confirm(form), MustConfirmAgain)
    assert site.rows(select(letter)) == []


def test_a_letter_that_was_confirmed_before_stays_its_writers(site: Site, tmp_path: Path) -> None:
    site.write(seat=ADAMS)
    stand(site, tmp_path, OPPOSED)
    assert site.states() == ["ready"]


def test_asks_name_nobody_who_is_left_alone_and_the_plan_counts_them(site: Site, tmp_path: Path) -> None:
    stand(site, tmp_path, OPPOSED)
    with site.database.read() as conn:
        found = plans.plan(conn, site.settings.templates, SLUG, START)
    (adams,) = [one for one in found.offices if one.seat == ADAMS]
    assert (adams.channel, adams.why, adams.people) == ("", plans.HOLD, 0)
    assert found.letters["hold"] == 1
    assert sum(found.letters.values()) + found.vacant == len(ROSTER.seats)
    assert launch.launch(site.database, site.settings, SLUG, now=START) == 2
    assert {row.variant for row in site.rows(select(request.c.variant).where(request.c.kind == "ask"))} == {"plain"}


def test_a_position_of_nobody_in_office_is_refused_by_its_line(site: Site, tmp_path: Path) -> None:
    stand(site, tmp_path, OPPOSED.replace("A000370", "X000000"))
    (error,) = launch.check(site.database, site.settings, SLUG, START).errors
    assert error.what == "X000000 holds no seat: unknown, or has left office"
    assert error.where == "positions.toml line 3 [position.1]"
