"""The record of a campaign for lawyers: what was asked, with which texts and facts, and with whose consent.

One file, SELECTs only, without personal data: no supporter's name, email address or ZIP code, no letter, no office's
address. Small counts by place are hidden, and consent sentences of fewer than five supporters are only counted.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection, case, func, select

from campaign.compose.campaign_folder import images
from campaign.compose.rendering import release as releases
from campaign.compose.rendering.release import Release
from campaign.congress.terms import day_of
from campaign.delivery import campaigns
from campaign.delivery.campaigns import Campaign
from campaign.letters.letters import KEPT_MS
from campaign.log import scrub
from campaign.outreach.reports import counsel_letters
from campaign.outreach.reports.markdown import CounselRecord, Row, Section, pairs, when
from campaign.outreach.reports.small_counts import LEAST
from campaign.states import State
from campaign.store.schema import contact, delivery, evidence, letter, located, pull, request, supporter
from campaign.store.schema import release as release_table
from campaign.supporters.people import OPEN_PAGE

HOUR = 3_600_000  # ms
_Section = tuple[str, str, str, Iterable[Row]]  # key, title, note, rows
_OF_FACT = ("text_en", "source_title", "publisher", "source_url", "source_date", "as_of", "review_by", "expires")
_REVIEW = ("confidence", "use", "reviewed_by", "reviewed_on")
_ERASED = "(erased since)"
_PULLED = ("list", "read", "imported", "updated", "unchanged", "rejected", "suppressed")


def record(conn: Connection, slug: str, now: int) -> CounselRecord:
    """The record as of now. Raises CampaignError for a campaign that was not launched, or a damaged release."""
    campaign = campaigns.get(conn, slug)
    current = releases.load(conn, campaign.release)
    parts = (*_settings(conn, campaign, current), *counsel_letters.sections(conn, campaign.id, now))
    sections = (*parts, *_kept(conn, campaign.id))
    return CounselRecord(
        slug, now, tuple(Section(key, title, note, tuple(rows)) for key, title, note, rows in sections)
    )


def _settings(conn: Connection, campaign: Campaign, current: Release) -> Iterator[_Section]:
    drive, bill = current.folder.campaign, current.folder.campaign.bill
    organization = drive.organization
    about = {
        "legal name": organization.legal_name,
        "kind": organization.kind,
        "postal address": organization.postal_address,
    }
    yield "organization", "Organization", "", pairs(about)
    about = {
        "title": drive.title["en"] if "en" in drive.title else next(iter(drive.title.values())),
        "bill": f"{bill.number}, {bill.title}, {bill.congress}th Congress",
        "position": drive.stance,
        "the bill ends": when(bill.expires),
        "asked": ", ".join(drive.committees or drive.targets),
        "opens": when(campaign.opens_at),
        "closes": when(campaign.closes_at),
    }
    yield "drive", "Campaign", "", pairs(about)
    yield "waves", "Waves of asks", "Provider cost and staff hours (by hand): ____", _waves(conn, campaign)
    used = _releases(conn, campaign)
    note = "A release is all texts of the campaign under a hash of their content. Some requests may still be queued."
    yield "releases", "Releases", note, used
    yield "texts", "Texts", "SHA-256 of each file of each release.", _texts(conn, used)
    yield "facts", "Facts", "From the current release.", _facts(current)
    note = "When each bill's list of sponsor and cosponsors was last checked."
    yield "acts", "Sponsors and cosponsors", note, _acts(current)
    note = "How each position changes the letter, with its source and who approved it."
    yield "positions", "Members' positions", note, _positions(current)
    yield "lists", "Lists", "", _lists(conn, campaign.id)
    note = f"A sentence of fewer than {LEAST} supporters is not shown, because it could identify them."
    yield "consent", "Consent, as worded in the lists", note, _consent(conn)
    yield "pulls", "List pulls", "", _pulls(conn)


def _kept(conn: Connection, campaign_id: int) -> Iterator[_Section]:
    note = (
        f'These emails ask supporters to write. The list "{OPEN_PAGE}" has those who joined on the open page. The '
        "software does not know which other lists are an organization's own members (by hand): ____"
    )
    yield "supporter_mails", "Asks to supporters", note, _mails(conn, campaign_id)
    yield "contacts", "Contacts of offices", "Without email addresses.", _contacts(conn)
    held = select(func.count(), func.count(letter.c.words)).where(letter.c.campaign_id == campaign_id)
    number, words = conn.execute(held).one()
    places = conn.execute(select(func.count()).select_from(located)).scalar_one()
    days = KEPT_MS // (24 * HOUR)
    kept = {
        "a letter's text": f"encrypted, until it is withdrawn, or {days} days after it was sent or handed over",
        "letters whose text is kept now": f"{words:,} of {number:,}",
        "street and phone": "in the letter, encrypted, for as long as the letter; only where the office asks for them",
        "addresses looked up at census.gov": f"{places:,} now: a keyed hash and the district, not the street",
        "evidence, counts, texts, facts": "as long as the database",
        "supporters": "name, email address and ZIP code until erased; then only a keyed hash",
        "at SendGrid and the offices": "according to their own rules",
    }
    yield "kept", "Data kept, and for how long", "", pairs(kept)


def _waves(conn: Connection, campaign: Campaign) -> Iterator[Row]:
    for wave in campaigns.waves(conn, campaign.id):
        launched = when(wave.launched_at)
        yield {"wave": wave.name, "launched": launched, "by": wave.by or "not said", "supporters": wave.launched}


def _releases(conn: Connection, campaign: Campaign) -> list[Row]:
    mailed = select(request.c.release).where(request.c.campaign_id == campaign.id, request.c.release.is_not(None))
    shown = select(evidence.c.release).join(letter, letter.c.evidence_id == evidence.c.id)
    shown = shown.where(letter.c.campaign_id == campaign.id)
    r = release_table.c
    used = r.hash.in_(mailed) | r.hash.in_(shown) | (r.hash == campaign.release)
    rows = conn.execute(select(r.hash, r.made_at, r.versions).where(used).order_by(r.made_at, r.hash))
    return [
        {"hash": row.hash, "made": when(row.made_at), "with": row.versions, "serves now": row.hash == campaign.release}
        for row in rows
    ]


def _texts(conn: Connection, used: Sequence[Row]) -> Iterable[Row]:
    for row in used:
        for path, text in sorted(releases.load(conn, row["hash"]).files.items()):
            content = images.unpack(text) if path.endswith(images.SUFFIXES) else text.encode()
            yield {"release": row["hash"][:12], "file": path, "sha256": hashlib.sha256(content).hexdigest()}


def _facts(current: Release) -> Iterable[Row]:
    for key, fact in tomllib.loads(current.files["facts.toml"]).get("fact", {}).items():
        yield {"fact": key} | {name: str(fact.get(name, "")) for name in (*_OF_FACT, *_REVIEW)}


def _acts(current: Release) -> Iterable[Row]:
    for act in current.folder.acts.every:
        row = {"bill": act.number, "members": len(act.members), "checked": day_of(act.checked)}
        yield row | {"page": act.page, "of": act.source}


def _positions(current: Release) -> Iterable[Row]:
    positions = current.folder.positions
    for position in positions.rows.values():
        member = position.bioguide
        row = {"member": member, "stance": position.stance, "gets": positions.treatment(member)}
        yield row | {"source": position.source, "of": day_of(position.date), "approved by": position.approved_by}


def _lists(conn: Connection, campaign_id: int) -> list[Row]:
    asked = select(delivery.c.supporter_id).where(delivery.c.campaign_id == campaign_id, delivery.c.kind == "ask")
    among = case((supporter.c.id.in_(asked), 1), else_=0)
    rows = conn.execute(
        select(supporter.c.list, func.count(), func.sum(among)).group_by(supporter.c.list).order_by(supporter.c.list)
    )
    return [
        {"list": name or _ERASED, "supporters on file": people, "asked": int(number)} for name, people, number in rows
    ]


def _consent(conn: Connection) -> Iterable[Row]:
    s, number = supporter.c, func.count()
    rows = conn.execute(
        select(s.list, s.consent, number)
        .where(s.list != "")
        .group_by(s.list, s.consent)
        .order_by(s.list, number.desc())
    ).all()
    few: dict[str, list[int]] = {}
    for row in rows:
        if row[2] < LEAST:
            few.setdefault(row.list, []).append(row[2])
        else:
            yield {"list": row.list, "how and when": scrub(row.consent), "supporters": row[2]}
    for name, counts in few.items():
        yield {"list": name, "how and when": f"{len(counts)} other sentence(s)", "supporters": sum(counts)}


def _pulls(conn: Connection) -> Iterable[Row]:
    columns = (pull.c.started_at, pull.c.finished_at, *(pull.c[name] for name in _PULLED))
    for row in conn.execute(select(*columns).order_by(pull.c.id)).mappings():
        yield {"started": when(row["started_at"]), "ended": when(row["finished_at"])} | {n: row[n] for n in _PULLED}


def _mails(conn: Connection, campaign_id: int) -> Iterable[Row]:
    took = case(((request.c.state == State.ACCEPTED.value) & delivery.c.outcome.is_(None), 1), else_=0)
    place = (supporter.c.list, delivery.c.wave)
    rows = conn.execute(
        select(*place, func.count(), func.sum(took))
        .join(supporter, supporter.c.id == delivery.c.supporter_id)
        .join(request, request.c.id == delivery.c.request_id)
        .where(delivery.c.campaign_id == campaign_id, delivery.c.kind == "ask")
        .group_by(*place)
        .order_by(*place)
    )
    for name, wave, number, accepted in rows:
        yield {"list": name or _ERASED, "wave": wave, "launched": number, "sent": int(accepted)}


def _contacts(conn: Connection) -> Iterable[Row]:
    c = contact.c
    for row in conn.execute(select(c.seat, c.wants, c.given_by, c.answered_on, c.reason, c.off).order_by(c.seat)):
        reasons = {"given by": row.given_by, "used without an answer because": row.reason, "not used because": row.off}
        contact_row = {"seat": row.seat, "wants": row.wants, "the office answered": row.answered_on or "never"}
        yield contact_row | {name: scrub(text) for name, text in reasons.items()}
