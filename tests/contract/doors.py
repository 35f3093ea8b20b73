"""The pages behind links, as tests ask for them."""

from __future__ import annotations

from urllib.parse import urlencode

from sqlalchemy import select

from campaign.links import Purpose
from campaign.store.engine import Database
from campaign.store.schema import suppression
from tests.contract.web import Answer, Web

BATCH = b'[{"event":"delivered","email":"person1@example.org","timestamp":1}]'
ACTION, UNSUBSCRIBE = Purpose.ACTION, Purpose.UNSUBSCRIBE


def page_of(door: Web, kind: str, number: int = 1, *, expires: int = 4_000_000_000) -> str:
    """The path of one of a person's pages: a, c, n, u."""
    path = door.link({"u": UNSUBSCRIBE, "n": Purpose.DISOWN}.get(kind, ACTION), number, expires=expires)
    return f"/{kind}/{path.split('/', 2)[2]}"


def press(door: Web, path: str, **form: str) -> Answer:
    return door.ask("POST", path, urlencode(form).encode())


def everywhere(door: Web) -> list[str]:
    """A path of each kind."""
    return [
        "/",
        "/robots.txt",
        "/healthz",
        door.link(ACTION),
        door.link(ACTION, 2),
        door.link(ACTION, expires=5),
        door.link(UNSUBSCRIBE),
        *(page_of(door, kind, 2) for kind in "cnu"),
        *(page_of(door, kind, expires=5) for kind in "cnu"),
        door.report,
        f"{door.report}.json",
        f"{door.report}.csv",
        "/webhooks/sendgrid",
        "/a/x/y",
    ]


def suppressed(database: Database) -> dict[bytes, str]:
    with database.read() as conn:
        return dict(conn.execute(select(suppression.c.email_hash, suppression.c.reason)).all())
