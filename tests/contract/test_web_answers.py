"""Every answer: its headers, its colors, a fault of ours, and a process that logs no path."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

from sqlalchemy import text
from structlog.testing import capture_logs

from campaign.config import ROOT
from campaign.store import engine, migrate, root_key
from campaign.web import pages
from tests.contract.doors import ACTION, BATCH, UNSUBSCRIBE, everywhere, page_of, press
from tests.contract.web import SLUG, Web, fill


def test_every_answer_carries_the_headers_and_at_most_one_cookie_and_names_no_other_host(door: Web) -> None:
    found = [door.get(path) for path in everywhere(door)]
    found += [door.ask("OPTIONS", door.link(ACTION)), door.ask("POST", door.link(ACTION), b"zip=1")]
    found += [door.ask("POST", "/webhooks/sendgrid", BATCH), door.ask("DELETE", "/"), door.get("/%")]
    found += [door.ask("POST", door.link(ACTION), b"zip=28205", {"Sec-Fetch-Site": "cross-site"})]
    found += [press(door, door.link(ACTION, 2), step="zip", zip=zip_code) for zip_code in ("60632", "60601")]
    found += [press(door, page_of(door, "c"), code="000000"), press(door, page_of(door, "n"))]
    assert {answer.status for answer in found} == {200, 204, 401, 403, 404, 405, 410, 422}
    for answer in found:
        assert pages.HEADERS.items() <= {name: answer.headers.get(name.lower()) for name in pages.HEADERS}.items()
        assert re.fullmatch(r"(?:browser=[\w-]{22};.*)?", answer.headers.get("set-cookie", ""))
        assert "server" not in answer.headers
        assert "<script" not in answer.text
        assert "style=" not in answer.text
        outside = re.findall(r'(?:href|src|action)="((?!\?|mailto:|data:)[^"]*)"', answer.text)
        assert all(
            re.fullmatch(r"[\w-]+\.(?:json|csv)|tel:\+1\d{10}|#[\w-]+|/[\w-]*\?lang=[a-z]{2}", link) for link in outside
        ), outside


def test_a_fault_of_ours_is_a_page_without_a_trace_and_a_log_without_a_person(door: Web) -> None:
    with door.database.begin() as conn:
        conn.execute(text("ALTER TABLE suppression RENAME TO lost"))
    with capture_logs() as logs:
        answer = door.ask("POST", door.link(UNSUBSCRIBE), b"List-Unsubscribe=One-Click")
    with door.database.begin() as conn:
        conn.execute(text("ALTER TABLE lost RENAME TO suppression"))
    assert answer.status == 500
    assert "Something went wrong on our side" in answer.text
    assert "suppression" not in answer.text
    assert [(entry["event"], entry["status"]) for entry in logs] == [("web_failed", 500)]


def _luminance(color: str) -> float:
    digits = color.lstrip("#") if len(color) == 7 else "".join(digit * 2 for digit in color.lstrip("#"))
    parts = (int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_the_colors_have_the_contrast_of_wcag_aa() -> None:
    style = (ROOT / "templates" / "web" / "style.css").read_text()
    light, dark = (dict(re.findall(r"--([\w-]+): (#\w+);", block)) for block in style.split("@media")[:2])
    pairs = [(ink, ground, 4.5) for ink in ("ink", "soft", "link") for ground in ("page", "card", "sunk")]
    pairs += [(tone, f"{tone}-bg", 4.5) for tone in ("bad", "warn", "good")]
    pairs += [(ink, "tint", 4.5) for ink in ("ink", "link")]
    pairs += [("bad", "card", 4.5), ("good", "card", 4.5), ("on-act", "act", 4.5), ("on-act", "act-over", 4.5)]
    pairs += [("rule", "page", 3), ("rule", "card", 3), ("field", "card", 3)]
    for colors in (light, light | dark):
        for ink, ground, least in pairs:
            high, low = sorted((_luminance(colors[ink]), _luminance(colors[ground])), reverse=True)
            assert (high + 0.05) / (low + 0.05) >= least, (ink, ground)


def test_serve_logs_no_path_and_stops_when_told(tmp_path: Path) -> None:
    made = engine.connect(f"sqlite:///{tmp_path}/campaign.db")
    migrate.upgrade(made)
    environ = {"CAMPAIGN_HOME": str(tmp_path), "CAMPAIGN_SECRET": "07" * 32, "PATH": "/usr/bin:/bin"}
    root_key.open_keys(made, tmp_path, environ=environ)
    people = fill(made)
    made.close()
    code = (
        "import socket, sys; from campaign.config import load_settings; from campaign.web.app import serve;"
        "serve(load_settings(), socket.socket(fileno=int(sys.argv[1])))"
    )
    with socket.create_server(("127.0.0.1", 0)) as sock:
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(sock.fileno())],
            cwd=ROOT,
            env=environ,
            pass_fds=[sock.fileno()],
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        host = "{}:{}".format(*sock.getsockname()[:2])
    door = Web(host, made, tmp_path, people)
    assert door.get("/healthz").body == b"ok"
    assert door.get(door.link(ACTION)).status == 200
    assert door.get(door.link(ACTION)[:-1]).status == 404
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate()
    assert SLUG.encode() not in out + err
    assert b"v1." not in out + err
