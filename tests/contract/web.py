"""The web door on an ephemeral port of loopback, before a database that holds `end-287g` and a few people."""

from __future__ import annotations

import socket
import threading
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select

from campaign import keys as key_files
from campaign import links
from campaign.compose.rendering import release
from campaign.config import ROOT, load_settings
from campaign.delivery import campaigns
from campaign.delivery.sendgrid import webhook
from campaign.links import Link, Purpose
from campaign.store.engine import Database
from campaign.store.schema import metadata
from campaign.web.app import create_app, server
from tests.build import CLOSES, START, add_people, launch
from tests.prepared import migrated, shipped

SLUG = "end-287g"
KEYS = key_files.derive(b"\x07" * 32)
FAR = 4_000_000_000  # seconds


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(frozen=True)
class Web:
    """A door that runs, and whom its links are for: supporter 1 reads English, 2 Spanish, 3 did not say."""

    host: str
    database: Database
    home: Path
    people: list[int]

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def link(self, purpose: Purpose, number: int = 1, *, expires: int = FAR, slug: str = SLUG) -> str:
        """The path of a person's link."""
        whose = (KEYS.links, slug, self.people[number - 1], number.to_bytes(8, "big"), expires)
        action, leave = links.tokens(*whose)
        token = {Purpose.ACTION: action, Purpose.UNSUBSCRIBE: leave}.get(purpose)
        own = token or links.own_token(KEYS.links, slug, purpose, Link(*whose[2:]))
        return f"/{purpose.value}/{slug}/{own}"

    @property
    def report(self) -> str:
        return f"/report/{SLUG}/{links.organizer_token(KEYS.organizer, SLUG)}"

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One request as it is, on a connection of its own."""
        connection = HTTPConnection(self.host, timeout=200)
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def connect(self) -> socket.socket:
        """A bare connection."""
        name, _, port = self.host.partition(":")
        return socket.create_connection((name, int(port)), timeout=200)

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers=headers)

    def rows(self, *, without: str = "") -> dict[str, list[tuple[object, ...]]]:
        """Every row of every table, but for one table."""
        with self.database.read() as conn:
            return {
                name: [tuple(row) for row in conn.execute(select(table).order_by(*table.primary_key.columns))]
                for name, table in metadata.tables.items()
                if name != without
            }


@dataclass(frozen=True)
class Signer:
    """A key as SendGrid has one for each webhook."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def public(self) -> str:
        return b64encode(self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()

    def headers(self, body: bytes, timestamp: str = "") -> dict[str, str]:
        timestamp = timestamp or str(int(time.time()))
        signature = self.key.sign(timestamp.encode() + body, ec.ECDSA(SHA256()))
        return {webhook.SIGNATURE_HEADER: b64encode(signature).decode(), webhook.TIMESTAMP_HEADER: timestamp}


def fill(database: Database) -> list[int]:
    """The shipped campaign, frozen and launched to three people; their ids."""
    with database.begin() as conn:
        frozen = release.freeze(conn, shipped(), START)
        campaign = campaigns.save(conn, SLUG, release=frozen, opens_at=0, closes_at=CLOSES, now=START)
        people = [add_people(conn, [number], locale=locale)[0] for number, locale in enumerate(("en", "es", ""), 1)]
        launch(conn, campaign)
    return people


@contextmanager
def web(database: Database, home: Path, *, webhook_key: str = "", **sections: Any) -> Iterator[Web]:
    """A door before this database, filled; the real server, in a thread. `sections` of the settings may be others."""
    people = fill(database)
    with serving(database, home, webhook_key=webhook_key, **sections) as host:
        yield Web(host, database, home, people)


@contextmanager
def serving(database: Database, home: Path, *, webhook_key: str = "", **sections: Any) -> Iterator[str]:
    """An application of its own before this database, as it is; its host and port."""
    environ = {"CAMPAIGN_SENDGRID_WEBHOOK_KEY": webhook_key}
    settings = replace(load_settings(home=home, path=ROOT / "config.toml", environ=environ), **sections)
    with socket.create_server(("127.0.0.1", 0)) as sock:
        made = server(create_app(database, KEYS, settings), settings.web.proxies)
        thread = threading.Thread(target=made.run, kwargs={"sockets": [sock]})
        thread.start()
        try:
            yield "{}:{}".format(*sock.getsockname()[:2])
        finally:
            made.should_exit = True
            thread.join()


@contextmanager
def on_sqlite(home: Path, **sections: Any) -> Iterator[Web]:
    """A door before a SQLite of its own."""
    made = migrated(home / "test.db")
    with web(made, home, **sections) as running:
        yield running
    made.close()


SIGNER, NEXT = Signer(), Signer()
