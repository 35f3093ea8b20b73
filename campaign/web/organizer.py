"""The organizer's read-only report, behind its own link. Numbers only, nothing about a supporter."""

from __future__ import annotations

import csv
import io
from typing import Any

from litestar import Response, route
from litestar.exceptions import NotFoundException
from litestar.serialization import encode_json

from campaign import links
from campaign.compose.rendering import release as releases
from campaign.congress import roster
from campaign.errors import CampaignError
from campaign.outreach.action_page import visit
from campaign.outreach.reports import ask_counts as reports
from campaign.outreach.reports import channel_rates, letter_funnel, tile_map
from campaign.outreach.reports.small_counts import Cell
from campaign.states import FATES, Outcome, State
from campaign.store import engine
from campaign.web import pages
from campaign.web.compressed import Compressed
from campaign.web.guards import READS, Injected, InPath, WebRequest

_STATES = list(dict.fromkeys([*(state.value for state in State), *(outcome.value for outcome in Outcome)]))
_FATES = [fate.name.lower() for fate in FATES]


@route("/report/{slug:str}/{token:str}", http_method=READS, sync_to_thread=True)
def report(services: Injected, request: WebRequest, slug: InPath, token: InPath) -> Response[Any]:
    """The report as a page, or as data where `.json` or `.csv` follows the token; `?live=1` refreshes the page."""
    token, dot, form = token.partition(".")
    if not links.is_organizer(services.keys.organizer, slug, token) or (dot and form not in ("json", "csv")):
        raise NotFoundException
    try:
        with services.database.read() as conn:
            found, now = reports.report(conn, slug), engine.now(conn)
            letters = letter_funnel.letters(conn, found.campaign.id)
            tried = channel_rates.rates(conn, found.campaign.id)
            seats = roster.at(conn, now).seats
            branding = visit.branding(releases.load(conn, found.campaign.release))
    except CampaignError:  # a valid token of a campaign that was not launched
        raise NotFoundException from None
    if form == "json":
        numbers = encode_json(reports.numbers(found, letters, tried) | {"at": now})
        return Compressed(numbers, media_type="application/json")
    if form == "csv":
        text = io.StringIO()
        csv.writer(text).writerows(reports.rows(found, letters, tried))
        name = {"Content-Disposition": f'attachment; filename="{slug}.csv"'}
        return Compressed(text.getvalue(), media_type="text/csv", headers=name)
    shades = tile_map.shades(letters.by_state)
    return pages.html(
        "report.html",
        pages.language(request),
        report=found,
        branding=branding,
        now=now,
        states=_STATES,
        fates=_FATES,
        letters=letters,
        tried=tried.seats,
        email=[proof.value for proof in letter_funnel.EMAIL],
        form=[proof.value for proof in letter_funnel.FORM],
        paper=[proof.value for proof in letter_funnel.PAPER],
        shades=shades,
        tiles=tile_map.tiles(letters.by_state, shades),
        by_state=sorted(letters.by_state.items(), key=lambda row: _most(row[1])),
        by_seat=sorted(letters.by_seat.items(), key=lambda row: _most(row[1].letters)),
        names={code: seat.holder.name for code, seat in seats.items() if seat.holder},
        live=request.query_params.get("live") == "1",
        token=token,
    )


def _most(cell: Cell) -> tuple[bool, int]:
    """Sorts the highest number first and hidden ones last."""
    return cell.letters is None, -(cell.letters or 0)
