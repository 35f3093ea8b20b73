"""The organizer's read-only report, behind a link of its own. Numbers only, no person."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from litestar import Response, route
from litestar.exceptions import NotFoundException

from campaign import links
from campaign.errors import CampaignError
from campaign.log import scrub
from campaign.outreach import report as reports
from campaign.outreach.report import Report
from campaign.states import FATES, Outcome, State
from campaign.store import engine
from campaign.web import pages
from campaign.web.guards import READS, Asked, Door, InPath

_STATES = list(dict.fromkeys([*(state.value for state in State), *(outcome.value for outcome in Outcome)]))
_FATES = [fate.name.lower() for fate in FATES]


@route("/report/{slug:str}/{token:str}", http_method=READS, sync_to_thread=True)
def report(door: Door, request: Asked, slug: InPath, token: InPath) -> Response[Any]:
    """The report as a page, or as JSON where `.json` follows the token; `?live=1` loads the page again by itself."""
    token, dot, form = token.partition(".")
    if not links.is_organizer(door.keys.organizer, slug, token) or (dot and form != "json"):
        raise NotFoundException
    try:
        with door.database.read() as conn:
            found, now = _clean(reports.report(conn, slug)), engine.now(conn)
    except CampaignError:  # a right token, of a campaign that was not launched yet
        raise NotFoundException from None
    if form:
        return Response(_numbers(found, now), media_type="application/json")
    return pages.html(
        "report.html",
        pages.language(request),
        report=found,
        now=now,
        states=_STATES,
        fates=_FATES,
        live=request.query_params.get("live") == "1",
        json_link=f"{token}.json",
    )


def _clean(found: Report) -> Report:
    """Without what looks like an address in the words of others."""
    campaign = replace(found.campaign, reason=scrub(found.campaign.reason))
    waves = []
    for wave in found.waves:
        reasons: dict[str, int] = {}
        for reason, number in wave.reasons.items():
            reasons[scrub(reason)] = reasons.get(scrub(reason), 0) + number
        waves.append(replace(wave, reasons=reasons))
    return replace(found, campaign=campaign, waves=tuple(waves))


def _numbers(found: Report, now: int) -> dict[str, Any]:
    return {
        "slug": found.campaign.slug,
        "at": now,
        "paused": found.campaign.paused,
        "reason": found.campaign.reason,
        "oldest_unknown": found.oldest_unknown,
        "waves": [asdict(wave) | {"adds_up": wave.adds_up} for wave in found.waves],
    }
