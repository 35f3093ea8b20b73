"""Corrected forms: by a check or by hand, in use at once, kept through syncs until another member holds the seat."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from campaign.cli import contact_forms
from campaign.cli.app import CliContext
from campaign.congress import form_check, roster
from campaign.congress.form_check import FormFinding
from campaign.congress.sync import store
from campaign.errors import CampaignError
from campaign.model import Member
from campaign.outreach.launch import plan
from campaign.outreach.offices import correct_forms
from campaign.outreach.transition import sync as steps
from campaign.store.schema import form_correction
from tests import congress
from tests.store.site import ADAMS, BUDD, DAY, KEYS, SLUG, TILLIS, Site
from tests.store.test_sync import replaced
from tests.websites import FORM, GATE, Websites, link, page, serving

NEW = "https://adams.house.gov/contact/email-me"
COUNT = select(func.count()).select_from(form_correction)


def holder(site: Site, code: str = ADAMS) -> Member:
    with site.database.read() as conn:
        found = roster.at(conn, site.at).seats[code].holder
    assert found is not None
    return found


def set_form(site: Site, url: str = NEW, code: str = ADAMS, by: str = "Ana Ruiz") -> None:
    correct_forms.set_form(site.database, code, url, by=by)


def finding(site: Site, code: str = ADAMS, new: str = NEW, **changes: Any) -> FormFinding:
    member = holder(site, code)
    values = {"result": "found", "why": "a form", "old": member.form, **changes}
    return FormFinding(seat=code, bioguide=member.bioguide, name=member.name, website=member.url, new=new, **values)


def test_a_form_corrected_by_hand_is_in_use_at_once(site: Site) -> None:
    assert holder(site).form == ""
    set_form(site)
    assert holder(site).form == NEW
    (adams,) = [office for office in site.enter().offices if office.seat == ADAMS]
    assert (adams.form, adams.website) == (NEW, False)
    with site.database.read() as conn:
        found = plan.plan(conn, site.settings.templates, SLUG, site.at)
    assert (found.reached("form"), found.reached("website")) == (245, 291)


def test_what_the_old_form_asks_for_says_nothing_of_another_one(site: Site) -> None:
    before = holder(site, BUDD)
    assert before.form_needs
    set_form(site, before.form, BUDD)
    assert holder(site, BUDD) == before
    set_form(site, "https://www.budd.senate.gov/new", BUDD)
    after = holder(site, BUDD)
    assert (after.form_needs, after.form_topic, after.form_limit) == ((), "", 0)
    assert replace(after, form=before.form, form_needs=before.form_needs, form_topic=before.form_topic) == replace(
        before, form_limit=0
    )


def test_the_newest_correction_counts_and_can_be_cleared(site: Site) -> None:
    set_form(site)
    set_form(site, "https://adams.house.gov/contact")
    assert holder(site).form == "https://adams.house.gov/contact"
    correct_forms.clear(site.database, ADAMS, by="Ana Ruiz")
    assert holder(site).form == ""
    assert correct_forms.corrections(site.database) == []
    assert site.rows(COUNT)[0][0] == 3, "who corrected what is kept"


def test_the_address_of_the_website_means_that_no_form_is_known(site: Site) -> None:
    assert holder(site, TILLIS).form
    set_form(site, holder(site, TILLIS).url, TILLIS)
    assert holder(site, TILLIS).form == ""


@pytest.mark.parametrize(
    ("code", "url", "by", "what"),
    [
        ("H:XX:1", NEW, "Ana", "no seat H:XX:1"),
        ("H:GA:13", NEW, "Ana", "no one is known to hold H:GA:13"),
        (ADAMS, NEW, " ", "is not a name"),
        (ADAMS, "http://adams.house.gov/contact", "Ana", "is not an https address"),
        (ADAMS, "adams.house.gov/contact", "Ana", "is not an https address"),
        (ADAMS, "https://adams.example.org/contact", "Ana", "is not an https address"),
        (ADAMS, "https://www.house.gov/contact", "Ana", "is not an https address"),
        (ADAMS, "https://www.budd.senate.gov/contact", "Ana", r"on a site of \*.house.gov"),
        (BUDD, NEW, "Ana", r"on a site of \*.senate.gov"),
        (ADAMS, "https://adams.house.gov/con\u202etact", "Ana", "is not an https address"),
    ],
)
def test_a_correction_needs_a_seat_an_address_of_its_chamber_and_a_name(
    site: Site, code: str, url: str, by: str, what: str
) -> None:
    with pytest.raises(CampaignError, match=what):
        set_form(site, url, code, by)
    assert site.rows(COUNT)[0][0] == 0


def test_a_correction_stays_through_syncs_until_another_member_holds_the_seat(site: Site, tmp_path: Path) -> None:
    set_form(site)
    people = congress.listed()
    steps.sync(site.database, site.settings.templates, congress.write(tmp_path / "a", people), now=lambda _: site.at)
    assert holder(site).form == NEW
    changed = congress.write(tmp_path / "b", replaced(people, ADAMS))
    steps.sync(site.database, site.settings.templates, changed, now=lambda _: site.at)
    assert (holder(site).last_name, holder(site).form) == ("Newcomer", "")
    assert [in_use for _, in_use in correct_forms.corrections(site.database)] == [False]
    steps.restore(site.database, site.settings.templates, 0, now=lambda _: site.at)
    assert holder(site).form == NEW


def test_a_sync_does_not_take_a_correction_into_its_own_data(site: Site, tmp_path: Path) -> None:
    set_form(site)
    people = replaced(congress.listed(), BUDD)
    steps.sync(site.database, site.settings.templates, congress.write(tmp_path / "a", people), now=lambda _: site.at)
    with site.database.read() as conn:
        newest = store.list_snapshots(conn)[-1].number
        synced = store.numbered(conn, newest).holders[ADAMS][-1]
    assert synced.form == ""
    correct_forms.clear(site.database, ADAMS, by="Ana Ruiz")
    assert holder(site).form == ""


def test_a_check_is_applied_where_no_one_corrected_by_hand(site: Site) -> None:
    set_form(site, "https://adams.house.gov/by-hand")
    budd = finding(site, BUDD, "https://www.budd.senate.gov/write", needs=("zip4",))
    found = [finding(site), budd, finding(site, TILLIS, "", result="none")]
    assert correct_forms.apply(site.database, found) == 1
    assert holder(site).form == "https://adams.house.gov/by-hand"
    assert (holder(site, BUDD).form, holder(site, BUDD).form_needs) == ("https://www.budd.senate.gov/write", ("zip4",))
    assert correct_forms.apply(site.database, found) == 0, "once"
    correct_forms.clear(site.database, ADAMS, by="Ana Ruiz")
    assert correct_forms.apply(site.database, found) == 1


def test_a_finding_about_another_member_is_not_applied(site: Site) -> None:
    assert correct_forms.apply(site.database, [replace(finding(site), bioguide="X000000")]) == 0


@pytest.fixture
def web(site: Site, monkeypatch: pytest.MonkeyPatch) -> Iterator[Websites]:
    """Four members' websites are here: of three only the website is known, of Budd the form too."""
    with serving() as made:
        at = roster.at

        def moved(conn: Any, now: int) -> roster.Roster:
            known = at(conn, now)
            seats = {code: known.seats[code] for code in (ADAMS, "H:NC:1", "H:NC:2", BUDD)}
            for code, seat in seats.items():
                assert seat.holder is not None
                form = seat.holder.form if code == BUDD or seat.holder.form.startswith("http://127") else ""
                form = f"{made.base}/budd/contact" if code == BUDD and "127" not in form else form
                member = replace(seat.holder, url=f"{made.base}/{seat.holder.last_name.lower()}", form=form)
                seats[code] = replace(seat, holder=member)
            return replace(known, seats=seats)

        monkeypatch.setattr(roster, "at", moved)
        yield made


def check(site: Site, web: Websites, **options: Any) -> dict[str, FormFinding]:
    found = correct_forms.check(site.database, site.settings.home, web.reader(), **options)
    return {one.seat: one for one in found}


def test_a_check_asks_the_members_without_a_form_and_only_once_a_week(site: Site, web: Websites) -> None:
    web.pages = {"/adams": page(link("/adams/write", "Email")), "/adams/write": page(FORM), "/davis": page("")}
    found = check(site, web)
    assert {code: one.result for code, one in found.items()} == {ADAMS: "found", "H:NC:1": "none", "H:NC:2": "down"}
    assert found[ADAMS].new == f"{web.base}/adams/write"
    asked = len(web.asked)
    assert check(site, web) == found
    assert web.asked[asked:] == ["/ross"], "only the website that did not answer"
    site.at += 8 * DAY
    check(site, web)
    assert web.asked.count("/adams") == 2
    check(site, web, again=True, seats=[ADAMS])
    assert web.asked.count("/adams") == 3
    assert check(site, web, everything=True)[BUDD].result == "down"


def test_a_check_that_is_stopped_goes_on_where_it_was(site: Site, web: Websites) -> None:
    web.pages = {f"/{name}": page("") for name in ("adams", "davis", "ross")}

    def stop(done: int, _all: int, _finding: FormFinding) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check(site, web, progress=stop)
    first = [path for path in web.asked if path in web.pages]
    assert len(first) == 2
    assert {one.result for one in check(site, web).values()} == {"none"}
    assert sorted(path for path in web.asked if path in web.pages) == sorted(web.pages), "each website once"


def test_a_check_stops_when_website_after_website_does_not_answer(
    site: Site, web: Websites, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(correct_forms, "OFFLINE", 2)
    with pytest.raises(CampaignError, match="2 websites in a row did not answer"):
        check(site, web)
    with pytest.raises(CampaignError, match="no seat H:XX:1"):
        check(site, web, seats=["H:XX:1"])


def test_the_command_shows_what_it_would_change_and_changes_it_when_asked(
    site: Site, web: Websites, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = CliContext(Path("/nowhere"))
    context.__dict__.update(database=site.database, keys=KEYS, settings=site.settings)
    monkeypatch.setattr(contact_forms, "SiteReader", lambda **_: web.reader())

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(contact_forms.forms, list(arguments), obj=context, standalone_mode=False)

    web.pages = {"/adams": page(link("/adams/write", "Email")), "/adams/write": page(GATE), "/davis": page("")}
    web.pages |= {"/ross": 503}
    shown = run("--check").output
    for line in (
        "H:NC:12 Alma S. Adams",
        f"- {web.base}/adams (website only)",
        f"+ {web.base}/adams/write",
        "a form that asks for ZIP+4 first, linked from the home page as “Email”",
        "1: form found",
        "1: no certain form: open the website",
        "1: the website did not answer",
        "Nothing was changed. To use the forms that were found: campaign congress forms --check --apply",
    ):
        assert line in shown
    assert site.rows(COUNT)[0][0] == 0
    assert "Now in use: 1 form." in run("--check", "--apply").output
    (row,) = json.loads(run("list", "--json").output)
    assert (row["seat"], row["url"], row["source"], row["needs"]) == (ADAMS, f"{web.base}/adams/write", "check", "zip4")
    done = json.loads(run("--check", "--json", "--seat", "h:nc:12").output)
    assert (done["requests"], done["applied"], done["findings"][0]["result"]) == (0, 0, "found")
    set_ = run("set", ADAMS, NEW, "--by", "Ana Ruiz").output
    assert f"H:NC:12: {NEW}. Corrected by Ana Ruiz." in set_
    assert "Ana Ruiz, by hand" in run("list").output
    assert "the form of the published lists is used" in run("clear", ADAMS, "--by", "Ana Ruiz").output
    assert "No form was corrected." in run("list").output
    assert isinstance(run("--apply").exception, CampaignError)
    assert "--check" in run().output


def test_the_command_asks_sites_of_congress_only() -> None:
    reader = vars(contact_forms)["SiteReader"]
    assert reader is form_check.SiteReader
    with pytest.raises(form_check.NotAsked):
        reader(agent="x").open("https://example.org/")
