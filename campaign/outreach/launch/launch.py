"""Launch a wave: freeze the release and queue an ask for each eligible supporter, in one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Connection, Select, func, select

from campaign.compose.campaign_folder import disk
from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.lint import ask_checks
from campaign.compose.lint.findings import Warn
from campaign.compose.messages import letter
from campaign.compose.rendering import release as releases
from campaign.compose.rendering.release import Release
from campaign.config import ListSource, Settings
from campaign.congress import roster, zip_match
from campaign.delivery import campaigns, outbox
from campaign.errors import CampaignError
from campaign.letters import eligibility as planning
from campaign.model import FIRST_WAVE, Kind
from campaign.outreach.launch import live_safety
from campaign.outreach.routing import targets
from campaign.store import engine
from campaign.store.engine import Database
from campaign.supporters import segments

FIRST = FIRST_WAVE
ASK_PRIORITY = 9  # after letters and receipts


@dataclass(frozen=True, slots=True, kw_only=True)
class LaunchPreview:
    """The result a launch would have. `asks` counts supporters by (locale, variant); `last_at` in ms."""

    slug: str
    wave: str
    asks: dict[tuple[str, str], int]
    excluded: dict[str, int]
    requests: int
    last_at: int
    warnings: tuple[CampaignError, ...]

    @property
    def total(self) -> int:
        return sum(self.asks.values())


def plan(
    database: Database, settings: Settings, slug: str, *, wave: str = FIRST, now: int | None = None
) -> LaunchPreview:
    """Who would get which ask, and when the last one would be sent. Raises what `launch` would raise."""
    with database.read() as conn:
        at = engine.now(conn) if now is None else now
        folder, warnings = _checked(conn, settings, slug, wave, at)
        known = campaigns.find(conn, slug)
        who = _eligible(folder, known.id if known else 0, wave).subquery()
        counting = select(who.c.locale, who.c.variant, func.count()).group_by(who.c.locale, who.c.variant)
        with segments.variants(conn, ask_variants(conn, folder, at)):
            asks = {(row[0], row[1]): row[2] for row in conn.execute(counting)}
        excluded = segments.excluded(conn)
    size = settings.sendgrid.per_request
    requests = sum(-(-number // size) for number in asks.values())
    last_at = at + max(requests - 1, 0) * gap_ms(settings)
    warnings += _late(folder, last_at)
    return LaunchPreview(
        slug=slug, wave=wave, asks=asks, excluded=excluded, requests=requests, last_at=last_at, warnings=warnings
    )


def launch(
    database: Database, settings: Settings, slug: str, *, wave: str = FIRST, by: str = "", now: int | None = None
) -> int:
    """Queue the wave; returns the number of asks. `by`: who launches it. Queues nothing if it raises CampaignError."""
    with database.begin() as conn:
        at = engine.now(conn) if now is None else now
        folder, _ = _checked(conn, settings, slug, wave, at)
        saved = _save(conn, folder, at)
        with segments.variants(conn, ask_variants(conn, folder, at)):
            number = outbox.add_wave(
                conn,
                saved.id,
                wave,
                Kind.ASK,
                _eligible(folder, saved.id, wave),
                per_request=settings.sendgrid.per_request,
                due_at=at,
                gap_ms=gap_ms(settings),
                priority=ASK_PRIORITY,
            )
        if number == 0:
            do = "Pull a list first: campaign lists pull NAME"
            if wave != FIRST:
                do = "This wave is for supporters who got an earlier ask and have not acted. Launch the first wave."
            raise CampaignError(f"no supporters are eligible for wave {wave!r} of {slug}", do=do)
        campaigns.launched(conn, saved.id, wave, number, at, by=by)
    return number


def _eligible(folder: Folder, campaign_id: int, wave: str) -> Select[int, str, str]:
    """Who gets this wave: in a campaign to committees, only supporters whose ZIP code reaches one of their members."""
    return segments.eligible(campaign_id, wave, again=wave != FIRST, listed=bool(folder.campaign.committees))


def ask_variants(conn: Connection, folder: Folder, now: int) -> Iterator[tuple[str, str]]:
    """(ZIP code, variant of the ask) where the ZIP proves one representative who gets letters. All others get the plain
    ask; a campaign to committees yields it too, for each ZIP that reaches a seat.
    """
    known = roster.at(conn, now)
    wanted, named = targets.seats(folder.campaign, known), dict[str, str]()
    proved = set()
    for zip_code, seat in zip_match.unambiguous_zips(known, now):
        if seat.holder is None or seat.code not in wanted:
            continue
        if seat.code not in named:
            named[seat.code] = letter.ask_variant(folder, seat, now)
        if named[seat.code]:
            proved.add(zip_code)
            yield zip_code, named[seat.code]
    for zip_code in (*known.zips, *known.unmapped) if folder.campaign.committees else ():
        if zip_code not in proved and planning.reaches(zip_match.by_zip(known, zip_code, now), wanted):
            yield zip_code, segments.PLAIN


def republish(database: Database, settings: Settings, slug: str, *, now: int | None = None) -> str:
    """Freeze the folder again, for all asks that no worker has claimed yet; returns the release's hash."""
    with database.begin() as conn:
        at = engine.now(conn) if now is None else now
        campaigns.get(conn, slug)
        folder = disk.load(settings.templates, slug)
        live_safety.refuse(_check(conn, folder, at, settings).errors, f"{slug} cannot be launched")
        return _save(conn, folder, at).release


def ready(
    conn: Connection, settings: Settings, slug: str, now: int, *, keep: bool
) -> tuple[campaigns.Campaign | None, Release]:
    """The campaign with its release. One that was never launched is frozen now, without asks, if `keep`.

    Raises what `launch` would raise about its folder.
    """
    live_safety.require_api_key(settings)
    if (known := campaigns.find(conn, slug)) is not None:
        current = releases.load(conn, known.release)
        unsafe = live_safety.findings(settings, current.folder.campaign.organization, slug)
        live_safety.refuse(unsafe, f"{slug} cannot be sent")
        return known, current
    folder = disk.load(settings.templates, slug)
    live_safety.refuse(_check(conn, folder, now, settings).errors, f"{slug} cannot be launched")
    return (_save(conn, folder, now) if keep else None), releases.from_folder(folder)


def check(database: Database, settings: Settings, slug: str, now: int) -> ask_checks.CheckReport:
    folder = ask_checks.parse(slug, disk.read(disk.place(settings.templates, slug)))
    with database.read() as conn:
        return _check(conn, folder, now, settings)


def _check(conn: Connection, folder: Folder, now: int, settings: Settings) -> ask_checks.CheckReport:
    report = ask_checks.check(folder, now, live=settings.live)
    placeholders = tuple(error.where.rpartition(" ")[2] for error in report.errors if "[organization]" in error.where)
    unsafe = [
        error
        for error in live_safety.findings(settings, folder.campaign.organization, folder.slug)
        if not error.where.endswith(placeholders)  # one line per placeholder
    ]
    seats = targets.findings(folder, roster.at(conn, now))
    lists = _unnamed(settings.lists, folder.campaign.locales)
    return replace(report, errors=(*unsafe, *report.errors, *seats), warnings=(*report.warnings, *lists))


def _unnamed(lists: Iterable[ListSource], locales: Collection[str]) -> Iterator[Warn]:
    """The lists whose name or consent emails can't say in the language of the campaign's readers."""
    for source in lists:
        for key, said in (("title", source.title), ("consent", source.agreed)):
            if gap := [locale for locale in locales if not said.get(locale)]:
                shape = ", ".join(f'{locale} = "..."' for locale in locales)
                do = f"Until then emails use general words, or the file's. Write: {key} = {{ {shape} }}"
                yield Warn(f"{source.name} has no {key} in {' and '.join(gap)}", where="config.toml [[lists]]", do=do)


def gap_ms(settings: Settings) -> int:
    """Milliseconds between two requests at the configured pace; 0 without one."""
    pace = settings.campaign.per_hour
    return settings.sendgrid.per_request * 3_600_000 // pace if pace else 0


def _save(conn: Connection, folder: Folder, now: int) -> campaigns.Campaign:
    frozen = releases.freeze(conn, folder, now)
    return campaigns.save(
        conn, folder.slug, release=frozen, opens_at=folder.campaign.opens, closes_at=folder.campaign.closes, now=now
    )


def _checked(
    conn: Connection, settings: Settings, slug: str, wave: str, now: int
) -> tuple[Folder, tuple[CampaignError, ...]]:
    """The folder with its warnings. Raises CampaignError if it can't be launched now."""
    live_safety.require_api_key(settings)
    folder = disk.load(settings.templates, slug)
    if wave not in folder.campaign.waves:
        raise CampaignError(
            f"{slug} has no wave {wave!r} (waves: {', '.join(folder.campaign.waves)})", where=f"{slug}/campaign.toml"
        )
    known = campaigns.find(conn, slug)
    for earlier in campaigns.waves(conn, known.id) if known else []:
        if earlier.name == wave:
            raise CampaignError(
                f"wave {wave!r} of {slug} was launched on {_day(earlier.launched_at)}, with {earlier.launched} asks",
                do=f"See: campaign status {slug}. To fix the text of asks not sent yet: campaign republish {slug}",
            )
    if not folder.campaign.opens <= now < folder.campaign.closes:
        raise CampaignError(
            f"today is outside the campaign's window, {_day(folder.campaign.opens)} to {_day(folder.campaign.closes)}",
            where=f"{slug}/campaign.toml",
            do="Launch within it, or change `opens` and `closes`.",
        )
    report = _check(conn, folder, now, settings)
    live_safety.refuse(report.errors, f"{slug} cannot be launched")
    return folder, tuple(report.warnings)


def _late(folder: Folder, last_at: int) -> tuple[CampaignError, ...]:
    bill = folder.campaign.bill
    if last_at < min(folder.campaign.closes, bill.expires):
        return ()
    when, do = f"after {bill.number} expires", "Asks sent after that use the text that names no bill."
    if last_at >= folder.campaign.closes:
        when, do = "after the campaign's last day", "Asks not sent by then stay queued."
    what = f"at this pace the last ask is due on {_day(last_at)}, {when}"
    return (CampaignError(what, where="config.toml [campaign] per_hour", do=do),)


def _day(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
