"""The record of a campaign for counsel: what was asked of whom, on which texts and facts, by whose consent.

One file, SELECTs only, without personal data: no supporter's name, e-mail address or ZIP code, no letter, no address of
an office; small numbers by place are hidden, and a consent sentence of fewer than five people is only counted.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, case, func, select

from campaign.clock import WASHINGTON
from campaign.compose.rendering import release as releases
from campaign.compose.rendering.release import Release
from campaign.congress import roster
from campaign.delivery import campaigns
from campaign.delivery.campaigns import Campaign
from campaign.letters import access, calls, printed
from campaign.letters.letters import KEPT_MS
from campaign.log import scrub
from campaign.outreach.reports import letter_funnel
from campaign.outreach.reports.markdown import CounselRecord, Row, Section, pairs, when
from campaign.outreach.reports.small_counts import LEAST, Cell
from campaign.states import Outcome, State
from campaign.store.schema import contact, delivery, evidence, letter, located, pull, request, supporter
from campaign.store.schema import release as release_table

HOUR = 3_600_000  # ms


def record(conn: Connection, slug: str, now: int) -> CounselRecord:
    """The record as of now. Raises CampaignError for a campaign that was not launched, or a release that is broken."""
    found = campaigns.get(conn, slug)
    used = _releases(conn, found)
    current = releases.load(conn, found.release)
    return CounselRecord(
        slug,
        now,
        (
            *_drive(found, current),
            _section("waves", "Waves of asks", _WAVES, _waves(conn, found)),
            _section("releases", "Releases", _RELEASES, used),
            _section("texts", "Texts", "SHA-256 of each file of each release.", _texts(conn, used)),
            _section("facts", "Facts", "From the current release.", _facts(current)),
            _section(
                "acts",
                "Sponsors and cosponsors",
                "When each bill's list of sponsor and cosponsors was last checked.",
                _acts(current),
            ),
            _section("positions", "Members' positions", _POSITIONS, _positions(current)),
            _section("lists", "Lists", "", _lists(conn, found.id)),
            _section("consent", "Consent, as worded in the lists", _CONSENT, _consent(conn)),
            _section("pulls", "List pulls", "", _pulls(conn)),
            _section("days", "By day", "Days in Washington time. Sent: accepted by SendGrid.", _days(conn, found.id)),
            *_asked(conn, found.id, now),
            _section("supporter_mails", "Asks to supporters", _MAILS, _mails(conn, found.id)),
            _section("contacts", "Contacts of offices", "Without email addresses.", _contacts(conn)),
            _section("evidence", "Evidence", _EVIDENCE, _evidence(conn, found.id)),
            _section("kept", "Data kept, and for how long", "", _kept(conn, found.id)),
        ),
    )


_POSITIONS = "How each position changes the letter, with its source and who approved it."
_WAVES = "Provider cost and staff hours (by hand): ____"
_RELEASES = (
    "A release is all texts of the campaign under the hash of their content. Some requests may still be waiting."
)
_CONSENT = f"A sentence of fewer than {LEAST} people is not shown, because it could identify them."
_MAILS = (
    "These mails ask the people on the coalition's lists to write. Which lists are of an organization's own members, "
    "and which of others, the software does not know (by hand): ____"
)
_ASKED = (
    "Letters that were confirmed and not withdrawn, each by one constituent to one of their own members of Congress. "
    f"<{LEAST}: fewer than five people. –: hidden, because a small number could be found from it."
)
_ACCESS = (
    "Commands that showed letters' text to a person, with the computer account that ran them. Sending letters, and "
    "showing them to their writers, is not listed. Someone with the database and its key can read letters without it."
)
_EVIDENCE = "Every letter has its own: the time, a keyed hash of the text as its writer saw it, release, link, consent."


def _section(key: str, title: str, note: str, rows: Iterable[Row]) -> Section:
    return Section(key, title, note, tuple(rows))


def _drive(found: Campaign, current: Release) -> Iterable[Section]:
    drive, bill = current.folder.campaign, current.folder.campaign.bill
    who = drive.organization
    yield _section(
        "organization",
        "Organization",
        "",
        pairs({"legal name": who.legal_name, "kind": who.kind, "postal address": who.postal_address}),
    )
    about = {
        "title": drive.title["en"] if "en" in drive.title else next(iter(drive.title.values())),
        "bill": f"{bill.number}, {bill.title}, {bill.congress}th Congress",
        "position": drive.stance,
        "the bill ends": when(bill.expires),
        "asked": ", ".join(drive.committees or drive.targets),
        "opens": when(found.opens_at),
        "closes": when(found.closes_at),
    }
    yield _section("drive", "The drive", "", pairs(about))


def _waves(conn: Connection, found: Campaign) -> list[Row]:
    waves = campaigns.waves(conn, found.id)
    return [
        {
            "wave": wave.name,
            "launched": when(wave.launched_at),
            "by": wave.by or "not said",
            "people": wave.launched,
        }
        for wave in waves
    ]


def _releases(conn: Connection, found: Campaign) -> list[Row]:
    mailed = select(request.c.release).where(request.c.campaign_id == found.id, request.c.release.is_not(None))
    shown = select(evidence.c.release).join(letter, letter.c.evidence_id == evidence.c.id)
    r = release_table.c
    rows = conn.execute(
        select(r.hash, r.made_at, r.versions)
        .where(
            r.hash.in_(mailed) | r.hash.in_(shown.where(letter.c.campaign_id == found.id)) | (r.hash == found.release)
        )
        .order_by(r.made_at, r.hash)
    )
    return [
        {"hash": row.hash, "made": when(row.made_at), "with": row.versions, "serves now": row.hash == found.release}
        for row in rows
    ]


def _texts(conn: Connection, used: Sequence[Row]) -> Iterable[Row]:
    for row in used:
        for path, text in sorted(releases.load(conn, row["hash"]).files.items()):
            yield {"release": row["hash"][:12], "file": path, "sha256": hashlib.sha256(text.encode()).hexdigest()}


_OF_FACT = ("text_en", "source_title", "publisher", "source_url", "source_date", "as_of", "review_by", "expires")
_ABOUT_FACT = ("confidence", "use", "reviewed_by", "reviewed_on")


def _facts(current: Release) -> Iterable[Row]:
    for key, fact in tomllib.loads(current.files["facts.toml"]).get("fact", {}).items():
        yield {"fact": key} | {name: str(fact.get(name, "")) for name in (*_OF_FACT, *_ABOUT_FACT)}


def _acts(current: Release) -> Iterable[Row]:
    for act in current.folder.acts.every:
        checked = datetime.fromtimestamp(act.checked / 1000, WASHINGTON).date().isoformat()
        yield {"bill": act.number, "members": len(act.members), "checked": checked, "page": act.page, "of": act.source}


def _positions(current: Release) -> Iterable[Row]:
    found = current.folder.positions
    for one in found.rows.values():
        day = datetime.fromtimestamp(one.date / 1000, WASHINGTON).date().isoformat()
        row = {"member": one.bioguide, "stance": one.stance, "gets": found.treatment(one.bioguide)}
        yield row | {"source": one.source, "of": day, "approved by": one.approved_by}


def _lists(conn: Connection, campaign_id: int) -> list[Row]:
    asked = select(delivery.c.supporter_id).where(delivery.c.campaign_id == campaign_id, delivery.c.kind == "ask")
    among = case((supporter.c.id.in_(asked), 1), else_=0)
    rows = conn.execute(
        select(supporter.c.list, func.count(), func.sum(among)).group_by(supporter.c.list).order_by(supporter.c.list)
    )
    return [{"list": name or _ERASED, "people on file": people, "asked": int(number)} for name, people, number in rows]


_ERASED = "(erased since)"


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
            yield {"list": row.list, "how and when": scrub(row.consent), "people": row[2]}
    for name, counts in few.items():
        yield {"list": name, "how and when": f"{len(counts)} other sentence(s)", "people": sum(counts)}


_PULLED = ("list", "read", "imported", "updated", "unchanged", "rejected", "suppressed")


def _pulls(conn: Connection) -> Iterable[Row]:
    columns = (pull.c.started_at, pull.c.finished_at, *(pull.c[name] for name in _PULLED))
    for row in conn.execute(select(*columns).order_by(pull.c.id)).mappings():
        yield {"started": when(row["started_at"]), "ended": when(row["finished_at"])} | {n: row[n] for n in _PULLED}


def _days(conn: Connection, campaign_id: int) -> list[Row]:
    ours = (request.c.campaign_id == campaign_id, request.c.state == State.ACCEPTED.value)
    mine = (delivery.c.campaign_id == campaign_id, delivery.c.kind == "letter")
    size, one = func.sum(request.c.size), func.count()
    queries = {
        "asks sent": _by_hour(request.c.answered_at, size).where(*ours, request.c.kind == "ask"),
        "letters confirmed": _by_hour(letter.c.confirmed_at, one).where(letter.c.campaign_id == campaign_id),
        "letters sent": _by_hour(request.c.answered_at, size).where(*ours, request.c.kind.in_(["letter", "daily"])),
        "letters handed to their writers": _by_hour(delivery.c.at, one).where(
            *mine, delivery.c.outcome == Outcome.HANDED_OFF.value
        ),
        "reported by their writers": _by_hour(delivery.c.at, one).where(
            *mine, delivery.c.outcome == Outcome.REPORTED.value
        ),
        "handed in on paper": _by_hour(delivery.c.at, one).where(*mine, delivery.c.outcome == Outcome.HANDED_IN.value),
    }
    days: dict[str, Counter[str]] = {}
    for name, query in queries.items():
        for hour, number in conn.execute(query):
            day = datetime.fromtimestamp(hour * HOUR / 1000, WASHINGTON).date().isoformat()
            days.setdefault(day, Counter())[name] += int(number)
    return [{"day": day} | {name: days[day][name] for name in queries} for day in sorted(days)]


def _by_hour(at: Any, number: Any) -> Select[Any]:
    """Sums by hour: days begin at another one in Washington, and not always at the same."""
    hour = (at // HOUR).label("hour")
    return select(hour, number).group_by("hour")


def _asked(conn: Connection, campaign_id: int, now: int) -> Iterable[Section]:
    total, seats = letter_funnel.by_variant(conn, campaign_id)
    holders = {code: seat.holder.name for code, seat in roster.at(conn, now).seats.items() if seat.holder}
    rows = [{"text": variant, "letters": number} for variant, number in total.items()]
    yield _section("letters", "What was asked of members of Congress, by text", _ASKED, rows)
    cells = [
        {
            "chamber": "House" if seat.startswith("H:") else "Senate",
            "seat": seat,
            "holds it": holders.get(seat, ""),
            "text": variant,
            "letters": cell.letters if cell.letters is not None else str(cell),
        }
        for seat, variants in seats.items()
        for variant, cell in variants.items()
    ]
    yield _section("seats", "What was asked of whom", "", cells)
    told = [{"as the caller says": word, "calls": number} for word, number in calls.counts(conn, campaign_id).items()]
    yield _section("calls", "Calls to members of Congress", "As reported by callers. Nothing they said is kept.", told)
    handed = [
        {
            "seat": one.seat,
            "packet": one.number,
            "printed": when(one.printed_at),
            "handed in on": one.handed_on or "not yet",
            "by": one.handed_by,
        }
        for one in printed.list_packets(conn, campaign_id)
    ]
    yield _section("packets", "Printed letters", "", handed)
    yield _section("letter_access", "Access to letters", _ACCESS, _access(conn, campaign_id))


def _access(conn: Connection, campaign_id: int) -> Iterable[Row]:
    """Numbers of letters only where the same seat's number is shown elsewhere."""
    seats = letter_funnel.places(conn, campaign_id)[0]
    for one in access.list_access(conn, campaign_id):
        cell = seats.get(one.seat, Cell(None, True))
        few = one.letters < LEAST
        shown = one.letters if cell.letters is not None and not few else str(Cell(None, few or cell.small))
        row = {"when": when(one.at), "what": access.MEANING[one.what], "seat": one.seat, "letters": shown}
        yield row | {"account": one.account, "name given": one.by}


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
        told = {"given by": row.given_by, "used without an answer because": row.reason, "not used because": row.off}
        plain = {"seat": row.seat, "wants": row.wants, "the office answered": row.answered_on or "never"}
        yield plain | {name: scrub(text) for name, text in told.items()}


def _evidence(conn: Connection, campaign_id: int) -> Iterable[Row]:
    rows = conn.execute(
        select(evidence.c.consent, evidence.c.by, func.count(), func.count(evidence.c.id))
        .select_from(letter.outerjoin(evidence, evidence.c.id == letter.c.evidence_id))
        .where(letter.c.campaign_id == campaign_id)
        .group_by(evidence.c.consent, evidence.c.by)
        .order_by(evidence.c.consent, evidence.c.by)
    )
    for consent, by, number, shown in rows:
        yield {"consent text": consent, "confirmed by": by, "letters": number, "with evidence": shown}


def _kept(conn: Connection, campaign_id: int) -> list[Row]:
    held = select(func.count(), func.count(letter.c.words)).where(letter.c.campaign_id == campaign_id)
    number, words = conn.execute(held).one()
    places = conn.execute(select(func.count()).select_from(located)).scalar_one()
    days = KEPT_MS // (24 * HOUR)
    return pairs(
        {
            "a letter's words": f"encrypted, until it is withdrawn, or {days} days after it left or was handed over",
            "letters whose words are kept now": f"{words:,} of {number:,}",
            "street and phone": "encrypted, inside the letter, for its time; only where the office asks for them",
            "addresses looked up at census.gov": f"{places:,} now: a keyed hash and the district, not the street",
            "evidence, counts, texts, facts": "as long as the database",
            "people": "name, email address and ZIP code until erased; then only a keyed hash",
            "what SendGrid and the offices keep": "their own rules",
        }
    )
