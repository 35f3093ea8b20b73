"""The organizer's read-only report, behind a link of its own. Numbers only, no person."""

from __future__ import annotations

from typing import Any

from litestar import Response, route
from litestar.exceptions import NotFoundException

from campaign import links
from campaign.errors import CampaignError
from campaign.outreach import report as reports
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
            found, now = reports.report(conn, slug), engine.now(conn)
    except CampaignError:  # a right token, of a campaign that was not launched yet
        raise NotFoundException from None
    if form:
        return Response(reports.numbers(found) | {"at": now}, media_type="application/json")
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
