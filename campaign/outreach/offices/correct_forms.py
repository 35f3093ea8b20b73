"""Correct the addresses of offices' contact forms: by hand, or from a check of members' websites."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from campaign import private_file
from campaign.congress import districts, form_check, form_corrections, roster, websites
from campaign.congress.form_check import FormFinding, SiteReader
from campaign.congress.form_corrections import FormCorrection
from campaign.congress.roster import Roster
from campaign.errors import CampaignError
from campaign.formats import person_name
from campaign.model import Member
from campaign.store import engine
from campaign.store.engine import Database

FILE = "form-check.json"  # in the home: what a check has seen, so that the next one goes on where it stopped
KEPT_MS = 7 * 24 * 3600 * 1000
OFFLINE = 5  # websites in a row that do not answer at all


class SeenSite(msgspec.Struct, frozen=True):
    """A finding, and when it was made (ms)."""

    at: int
    finding: FormFinding


def check(
    database: Database,
    home: Path,
    site: SiteReader,
    *,
    seats: Collection[str] = (),
    everything: bool = False,
    again: bool = False,
    progress: Callable[[int, int, FormFinding], None] = lambda _done, _all, _finding: None,
) -> list[FormFinding]:
    """Look at the websites of members of whom no form is known: of these `seats`, or also of the others (`everything`).

    What a check saw within a week is not asked again unless `again`; what was seen is kept after each website, so a
    check that was stopped goes on. `progress`: how many of how many, and the finding. Raises CampaignError for an
    unknown seat, and when website after website does not answer.
    """
    with database.read() as conn:
        now = engine.now(conn)
        congress = roster.at(conn, now)
    members = _to_check(congress, seats, everything=everything)
    kept = _read(home / FILE)
    findings, silent = list[FormFinding](), 0
    for number, (code, member) in enumerate(members.items(), 1):
        seen = kept.get(code)
        if seen is None or again or now - seen.at > KEPT_MS or not _still_true(seen.finding, member):
            seen = SeenSite(now, form_check.look(site, code, member))
            if seen.finding.result != "down":
                kept[code] = seen
                _write(home / FILE, kept)
        findings.append(seen.finding)
        progress(number, len(members), seen.finding)
        silent = silent + 1 if seen.finding.result == "down" else 0
        if silent == OFFLINE:
            do = "Is this machine online? What was seen is kept: run the command again."
            raise CampaignError(f"{OFFLINE} websites in a row did not answer: {seen.finding.why}", do=do)
    return findings


def _to_check(congress: Roster, seats: Collection[str], *, everything: bool) -> dict[str, Member]:
    if unknown := [code for code in seats if code not in congress.seats]:
        raise CampaignError(f"there is no seat {unknown[0]}", do="Write H:NC:12, H:AK:0 (at large) or S:OH:3.")
    return {
        code: seat.holder
        for code, seat in sorted(congress.seats.items(), key=lambda item: districts.order(item[0]))
        if seat.holder is not None and seat.holder.url
        if code in seats or (not seats and (everything or not seat.holder.form))
    }


def _still_true(finding: FormFinding, member: Member) -> bool:
    """Whether a finding is about this member, website and form: or its form was taken since."""
    same = (finding.bioguide, finding.website) == (member.bioguide, member.url)
    return same and member.form in (finding.old, finding.new)


def _read(path: Path) -> dict[str, SeenSite]:
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, SeenSite])
    except (FileNotFoundError, msgspec.DecodeError):  # of another version: ask again
        return {}


def _write(path: Path, kept: dict[str, SeenSite]) -> None:
    with private_file.writing(path, encoding=None) as file:
        file.write(msgspec.json.encode(kept))


def apply(database: Database, findings: Sequence[FormFinding]) -> int:
    """Take the forms that were found, unless an organizer corrected that office by hand. Returns how many."""
    with database.begin() as conn:
        now = engine.now(conn)
        congress, known = roster.at(conn, now), form_corrections.all_corrections(conn)
        corrections = []
        for finding in findings:
            holder, hand = congress.seats[finding.seat].holder, known.get(finding.seat)
            by_hand = hand is not None and hand.source == "hand" and hand.holder == finding.bioguide
            if finding.result != "found" or by_hand or holder is None or holder.bioguide != finding.bioguide:
                continue
            if holder.form != finding.new:
                needs = " ".join(finding.needs)
                found = {"seat": finding.seat, "holder": finding.bioguide, "url": finding.new, "why": finding.why}
                corrections.append(FormCorrection(**found, needs=needs, source="check", at=now))
        form_corrections.record(conn, corrections)
    return len(corrections)


def set_form(database: Database, code: str, url: str, *, by: str) -> FormCorrection:
    """Take this address as the office's form. The address of the website itself means: only the website is known.

    Raises CampaignError for a seat without a holder, an address that is not on a site of its chamber, and no name.
    """
    return _by_hand(database, code, by, lambda member: _address(code, url, member))


def clear(database: Database, code: str, *, by: str) -> FormCorrection:
    """Return to what the published lists say."""
    return _by_hand(database, code, by, lambda _member: None)


def _by_hand(database: Database, code: str, by: str, url: Callable[[Member], str | None]) -> FormCorrection:
    name = person_name(by)
    with database.begin() as conn:
        now = engine.now(conn)
        seat = roster.at(conn, now).seats.get(code)
        if seat is None or seat.holder is None:
            what = f"no one is known to hold {code}" if seat else f"there is no seat {code}"
            raise CampaignError(what, do="Write H:NC:12, H:AK:0 (at large) or S:OH:3.")
        holder = seat.holder
        made = FormCorrection(seat=code, holder=holder.bioguide, url=url(holder), source="hand", by=name, at=now)
        form_corrections.record(conn, [made])
    return made


def _address(code: str, url: str, member: Member) -> str:
    chamber = ".house.gov" if code.startswith("H:") else ".senate.gov"
    host = urlsplit(url).hostname or "" if form_check.on_congress(url) and url.isprintable() else ""
    if not host.endswith(chamber):
        do = f"Copy it from the address bar: https://NAME{chamber}/..."
        raise CampaignError(f"{url!r} is not an https address on a site of *{chamber}", where="URL", do=do)
    return websites.form(url, member.url)


def corrections(database: Database) -> list[tuple[FormCorrection, bool]]:
    """Every correction, and whether it still counts: until the seat has another holder."""
    with database.read() as conn:
        congress, known = roster.at(conn, engine.now(conn)), form_corrections.all_corrections(conn)
    holders = {code: seat.holder.bioguide for code, seat in congress.seats.items() if seat.holder}
    return [(one, holders.get(one.seat) == one.holder) for one in known.values()]
