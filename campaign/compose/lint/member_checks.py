"""What to review about members: who signed which bill, positions, candidates, and a bill that has expired."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from campaign.clock import WASHINGTON
from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.lint.findings import Warn
from campaign.errors import CampaignError

DAY_MS = 24 * 3600 * 1000
OLD_MS = 180 * DAY_MS  # how old the source of a position may be


def check(folder: Folder, now: int) -> Iterator[CampaignError]:
    """Problems of sponsors.toml and positions.toml at `now` (ms), and what a bill's end and elections change."""
    yield from _sponsors(folder, now)
    yield from _positions(folder, now)
    yield from _changes(folder, now)


def _sponsors(folder: Folder, now: int) -> Iterator[CampaignError]:
    bill = folder.campaign.bill_at(now)
    if now >= bill.expires:
        return
    for act in folder.acts.every:
        if act.is_stale(now):
            do = f"Open {act.page}, copy the names into a file, then: {_set_command(folder, act.number)}"
            yield Warn(f"{act.number}: cosponsors last checked on {_day(act.checked)}", where=act.where, do=do)
    if bill is folder.campaign.bill.successor and folder.acts.under(bill.number) is None:
        what = f"no member is thanked for {bill.number}: sponsors.toml does not say who introduced or cosponsored it"
        do = f"Write [successor] in sponsors.toml, or: {_set_command(folder, bill.number)}"
        yield Warn(what, where="sponsors.toml", do=do)


def _set_command(folder: Folder, number: str) -> str:
    return f'campaign sponsors set {folder.slug} "{number}" --from FILE --checked DAY'


def _positions(folder: Folder, now: int) -> Iterator[CampaignError]:
    bills = filter(None, (folder.acts.bill, folder.acts.precedent))
    signed = {bioguide: act.number for act in bills for bioguide in act.members}
    for row in folder.positions.rows.values():
        if row.date > now:
            yield CampaignError(f"{row.bioguide}: the date of its source is in the future", where=row.where)
        elif now - row.date > OLD_MS:
            what = f"{row.bioguide}: its source is {(now - row.date) // DAY_MS} days old"
            yield Warn(what, where=row.where, do="Check whether it still holds.")
        if row.stance != "supports" and row.bioguide in signed:
            what = f"{row.bioguide}: {row.stance} here, and signed {signed[row.bioguide]} in sponsors.toml"
            yield Warn(what, where=row.where, do="Open both sources: one of them is older.")


def _changes(folder: Folder, now: int) -> Iterator[CampaignError]:
    campaign, where = folder.campaign, "campaign.toml"
    bill = campaign.bill_at(now)
    if now >= bill.expires:
        do = "When there is a new bill, name it in [bill.successor] and republish. Until then letters ask for a bill."
        yield Warn(f"{bill.number} expired on {_day(bill.expires)}: no message names it now", where=where, do=do)
    for race in campaign.candidates:
        if race.closes > now:
            days = f"from {_day(race.opens)} until {_day(race.closes - 1)}"
            what = f"{race.seat}: thanks are held {days}; letters that ask are still sent"
            yield Warn(what, where=where, do="Ask counsel when the dates of the race change, and edit [[candidate]].")


def _day(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, WASHINGTON):%Y-%m-%d}"
