"""Addresses of contact forms that were corrected here, by hand or by a check: the only writer of `form_correction`.

Rows are only added; the newest one of a seat counts, as long as its holder does.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import Connection, func, insert, select

from campaign.congress import terms
from campaign.congress.snapshot import Snapshot
from campaign.model import Member
from campaign.store.schema import form_correction

NEWEST_MARK = select(form_correction.c.mark).order_by(form_correction.c.id.desc()).limit(1)  # of the table as it is


@dataclass(frozen=True, slots=True, kw_only=True)
class FormCorrection:
    """The form of one member. `url`: "" where only the website is known; None: what the published lists say."""

    seat: str
    holder: str  # bioguide id
    url: str | None
    source: Literal["hand", "check"]
    by: str = ""  # who corrected it by hand
    why: str = ""  # what the check saw
    needs: str = ""  # what the form certainly asks for: zip4
    at: int = 0  # ms


def record(conn: Connection, corrections: Iterable[FormCorrection]) -> None:
    """Store corrections; they are in force at once."""
    names = FormCorrection.__slots__
    rows = [{name: getattr(one, name) for name in names} | {"mark": secrets.token_hex(8)} for one in corrections]
    if rows:
        conn.execute(insert(form_correction), rows)


def all_corrections(conn: Connection) -> dict[str, FormCorrection]:
    """The newest correction of each seat, of earlier holders too, without those that were cleared."""
    c = form_correction.c
    newest = select(func.max(c.id)).group_by(c.seat)
    query = select(*(c[name] for name in FormCorrection.__slots__))
    query = query.where(c.id.in_(newest), c.url.is_not(None)).order_by(c.seat)
    return {row["seat"]: FormCorrection(**row) for row in conn.execute(query).mappings()}


def apply(snapshot: Snapshot, corrections: Mapping[str, FormCorrection]) -> Snapshot:
    """The snapshot with corrected forms. What other forms of a member ask for says nothing of a corrected one."""
    changed = {
        code: tuple(_corrected(member, corrections[code]) for member in members)
        for code, members in snapshot.holders.items()
        if code in corrections
    }
    spans = {code: terms.spans(members) for code, members in changed.items()}
    return replace(snapshot, holders={**snapshot.holders, **changed}, spans={**snapshot.spans, **spans})


def _corrected(member: Member, correction: FormCorrection) -> Member:
    if member.bioguide != correction.holder or correction.url is None or correction.url == member.form:
        return member
    needs = tuple(correction.needs.split())
    return replace(member, form=correction.url, form_needs=needs, form_topic="", form_limit=0)
