"""`campaign sponsors`: who sponsored what, and pasted names that are matched to who sits."""

from __future__ import annotations

import json
import shutil
import tomllib

from campaign.config import ROOT
from tests.contract.cli_home import Home, home

__all__ = ["home"]

PASTED = """\
Sponsor: Rep. Quigley, Mike [D-IL-5]
Rep. Adams, Alma S. [D-NC-12]*	12/18/2025
Resident Commissioner Hernández, Pablo Jose [D-PR-At Large]
Rep. Nobody, Ann [D-NC-12]
Sen. Booker, Cory A. [D-NJ]
"""


def test_pasted_names_go_into_the_file_and_the_others_come_back(home: Home) -> None:
    templates = home.path / "templates"
    shutil.copytree(ROOT / "templates" / "end-287g", templates / "end-287g")
    paste = home.path / "names.txt"
    paste.write_text(PASTED, encoding="utf-8")
    here = {"CAMPAIGN_CAMPAIGN_TEMPLATES": str(templates)}
    arguments = ("sponsors", "set", "end-287g", "hr 6890", "--from", str(paste), "--checked", "2026-11-28")
    done = home.run(*arguments, "--json", **here)
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert (found["names"], [one["bioguide"] for one in found["added"]]) == (3, ["A000370", "H001103"])
    assert [(one["line"], one["why"].partition(";")[0]) for one in found["rejected"]] == [
        (4, "H:NC:12 is held by Alma S. Adams"),
        (5, "only members of the House sponsor this bill"),
    ]
    bill = tomllib.loads((templates / "end-287g" / "sponsors.toml").read_text())["bill"]
    assert bill["cosponsors"] == ["A000370", "H001103"]
    assert "2026-11-28" in bill["source"]
    shown = json.loads(home.works("sponsors", "list", "end-287g", "--json", **here))
    assert (shown[0]["number"], shown[0]["checked"], len(shown[0]["names"])) == ("H.R. 6890", "2026-11-28", 3)
    assert "last checked on 2026-11-28" in home.works("sponsors", "list", "end-287g", "--names", **here)
    assert "has no bill 'H.R. 9'" in home.fails(*arguments[:3], "H.R. 9", *arguments[4:], **here)
