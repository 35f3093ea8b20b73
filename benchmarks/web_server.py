"""The web server with people: `python -P benchmarks/web_server.py --home H --people N --fd F`, of whichever checkout
PYTHONPATH names.
"""

from __future__ import annotations

import argparse
import json
import socket
from pathlib import Path

from sqlalchemy import text

from benchmarks import stage
from campaign import links
from campaign.config import load_settings
from campaign.congress import contacts
from campaign.congress.contacts import Contact
from campaign.outreach.launch import launch
from campaign.store import engine, migrate, root_key
from campaign.web import app

CONTACT, NOWHERE = "28205", "77011"  # ZIP codes: of an office that we deliver to, and of offices that take forms only
EXPIRES = 4_000_000_000  # unix seconds


def main() -> None:
    parser = argparse.ArgumentParser(prog="web_server.py")
    parser.add_argument("--fd", type=int, required=True, help="an open listening socket, handed down")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--people", type=int, required=True)
    options = parser.parse_args()
    fill(options.home, options.people)
    app.serve(load_settings(home=options.home), socket.socket(fileno=options.fd))


def fill(home: Path, people: int) -> None:
    """A database launched to these many people, half of them in each ZIP code; their links in HOME/links.json."""
    settings = load_settings(home=home)
    stage._templates(settings.templates)
    database = engine.connect(settings.database_url)
    migrate.upgrade(database)
    keys = root_key.open_keys(database, home)
    stage._fill(database, people)
    with database.begin() as conn:
        contacts.load(conn, [Contact("H:NC:12", "staff@example.org", "each", "the bench", "2026-11-10")], 1)
        conn.execute(text(f"UPDATE supporter SET zip = '{NOWHERE}' WHERE id % 2 = 1"))
    launch.launch(database, settings, stage.SLUG)
    with database.read() as conn:
        rows = conn.execute(text("SELECT id, nonce, zip FROM supporter ORDER BY id")).all()
    paths: dict[str, list[str]] = {CONTACT: [], NOWHERE: []}
    for number, nonce, zip_code in rows:
        action, _ = links.tokens(keys.links, stage.SLUG, number, bytes(nonce), EXPIRES)
        paths[zip_code].append(f"/a/{stage.SLUG}/{action}")
    (home / "links.json").write_text(json.dumps(paths), encoding="utf-8")
    database.close()


if __name__ == "__main__":
    main()
