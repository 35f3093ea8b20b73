"""Who read the text of letters, and when: the only writer of `letter_access`, whose rows are never changed or deleted.

Every command that shows the text of letters to an operator or organizer reads it here. Sending a letter, or showing it
to its own writer, is not listed. A row holds no personal data of a supporter.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, insert, select

from campaign.errors import CampaignError
from campaign.keys import Keys
from campaign.letters import letters as letter_records
from campaign.letters.letters import LetterContent
from campaign.store.schema import letter_access

What = Literal["packet", "export", "cwc"]
MEANING: dict[What, str] = {
    "packet": "printed on paper",
    "export": "exported for the office",
    "cwc": "shown as XML for Congress's system",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterAccess:
    """One command that read the letters for one seat. `account`: the system's name. `by`: the name given, or ""."""

    at: int  # ms
    what: What
    seat: str
    letters: int
    account: str
    by: str


def read(
    conn: Connection,
    keys: Keys,
    letter_ids: Sequence[int],
    *,
    what: What,
    campaign_id: int,
    seat: str,
    by: str,
    now: int,
) -> dict[int, LetterContent]:
    """The text of these letters, where it is still kept. Records who reads it in the same transaction.

    Raises CampaignError for a name that cannot be printed.
    """
    name = " ".join(by.split())
    if not name.isprintable():
        raise CampaignError("is not a name", where="--by", do='Write: --by "Ana Ruiz"')
    contents = letter_records.read_contents(conn, keys, letter_ids)
    if contents:
        row = {"at": now, "what": what, "campaign_id": campaign_id, "seat": seat, "letters": len(contents)}
        conn.execute(insert(letter_access).values(row | {"account": account(), "by": name}))
    return contents


def list_access(conn: Connection, campaign_id: int) -> list[LetterAccess]:
    """Who read a campaign's letters, oldest first."""
    a = letter_access.c
    query = select(a.at, a.what, a.seat, a.letters, a.account, a.by).where(a.campaign_id == campaign_id)
    return [LetterAccess(**row) for row in conn.execute(query.order_by(a.id)).mappings()]


def account() -> str:
    """The name of the system account that runs this process, or its number."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container may run under a number without a name
        return f"uid {os.getuid()}"
