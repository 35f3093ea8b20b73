"""Who may write which table, and no SQL outside its owner. The import contract is in pyproject.toml."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from campaign.store.schema import metadata

ROOT = Path(__file__).parents[2] / "campaign"
WRITES = {"insert", "update", "delete", "upsert", "move"}
OWNERS = {
    "supporter": {"supporters/people.py"},
    "suppression": {"supporters/people.py"},
    "new_zip": {"supporters/new_zips.py"},
    "sign_up": {"supporters/sign_ups.py"},
    "zip_guess": {"supporters/guesses.py"},
    "pull": {"supporters/importer.py"},
    "campaign": {"delivery/campaigns.py"},
    "wave": {"delivery/campaigns.py"},
    "release": {"compose/rendering/release.py"},
    "request": {"delivery/outbox"},
    "delivery": {"delivery/outbox"},
    "attempt": {"delivery/outbox"},
    "webhook": {"delivery/sendgrid/webhook.py"},
    "event": {"delivery/sendgrid/webhook.py"},
    "set_aside": {"delivery/sendgrid/set_aside_batches.py"},
    "failing_step": {"delivery/failing_steps.py"},
    "contact": {"congress/contacts.py"},
    "form_correction": {"congress/form_corrections.py"},
    "snapshot": {"congress/sync/store.py"},
    "located": {"congress/geocoding/cache.py"},
    "outage": {"congress/geocoding/cache.py"},
    "visit": {"letters/letters.py"},
    "evidence": {"letters/letters.py"},
    "letter": {"letters/letters.py"},
    "follow_up": {"letters/follow_ups.py"},
    "tally": {"letters/tallies.py"},
    "reported": {"letters/reported.py"},
    "typed_form": {"letters/typed_forms.py"},
    "packet": {"letters/printed.py"},
    "packed": {"letters/printed.py"},
    "packet_promise": {"letters/promises.py"},
    "letter_access": {"letters/access.py"},
    "root_key": {"store/root_key.py"},
    "gateway": {"delivery/cwc/gateways.py"},
}


def writes(tree: ast.AST) -> Iterator[str]:
    """The tables that a module's insert, update, delete and upsert calls name, whatever they are imported as."""
    names = {name: name for name in OWNERS}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "campaign.store.schema":
            names |= {alias.asname: alias.name for alias in node.names if alias.asname}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in WRITES:
                for argument in node.args:
                    if isinstance(argument, ast.Name) and argument.id in names:
                        yield names[argument.id]


def test_each_table_is_written_by_its_owner_alone() -> None:
    assert OWNERS.keys() == metadata.tables.keys()
    found: dict[str, set[str]] = {}
    for path in ROOT.rglob("*.py"):
        place = path.relative_to(ROOT).as_posix()
        if place.startswith("store/migrations/"):
            continue
        for table in writes(ast.parse(path.read_text(encoding="utf-8"))):
            assert any(place.startswith(owner) for owner in OWNERS[table]), f"{place} writes {table}"
            found.setdefault(table, set()).add(place)
    assert found.keys() == OWNERS.keys(), "every table has a writer that this test can see"


def test_nothing_outside_doors_and_outreach_opens_a_transaction() -> None:
    for folder in ("supporters", "congress", "letters", "compose", "delivery"):
        for path in (ROOT / folder).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            assert ".begin(" not in text, path
            assert ".commit(" not in text, path


def test_no_raw_sql_and_no_sandbox_on_the_way_out() -> None:
    for path in ROOT.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        place = path.relative_to(ROOT).as_posix()
        if not place.startswith(("sandbox/", "cli/", "store/")) and place != "config.py":
            assert "if sandbox" not in text, place
        if place.startswith(("cli/", "web/")) or place in ("tasks.py", "scheduler.py"):
            assert "sqlalchemy" not in text, f"{place}: a door holds no SQL"


# Who reads the sealed text of letters. A command that shows it to a person reads it through letters/access.
READERS = {
    "letters/access.py": "for a person; it writes down who",
    "outreach/sending/single_messages.py": "to send it",
    "outreach/sending/digest_letters.py": "to send a day's summary",
    "outreach/action_page/letter_status.py": "to show it to its own writer",
}


def test_whoever_reads_letters_text_is_known() -> None:
    """`read_contents` decrypts letters: each caller is listed above, and no door calls it."""
    found = set()
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr == "read_contents":
                found.add(path.relative_to(ROOT).as_posix())
    assert found == READERS.keys()


def test_only_these_modules_unseal_anything() -> None:
    found = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.py")
        if ".unseal(" in path.read_text(encoding="utf-8")
    }
    addresses = {"outreach/action_page/view_state.py", "web/replies.py", "web/form_time.py"}  # hold no data of theirs
    assert found - addresses == {
        "letters/letters.py",
        "letters/typed_forms.py",
        "supporters/people.py",
        "supporters/sign_ups.py",
    }
