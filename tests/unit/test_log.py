"""No address and no link token gets into a log line."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
import structlog

from campaign import links, log


def test_addresses_and_tokens_are_taken_out(capsys: pytest.CaptureFixture[str]) -> None:
    token, _ = links.tokens(b"k" * 32, "end-287g", 1, b"12345678", 1)
    log.configure()
    structlog.get_logger().error("failed", why=f"550 <ana.ruiz+x@example.org> /a/end-287g/{token}", delivery=7)
    try:
        raise ValueError("ana@example.org")
    except ValueError:
        logging.getLogger("elsewhere").exception("about %s", "ana@example.org")
    shown = capsys.readouterr().err
    assert "example.org" not in shown
    assert token not in shown
    assert '"delivery": 7' in shown
    assert "ValueError" in shown
    log.configure(level=logging.WARNING)


def test_nothing_nested_and_no_traceback_shows_an_address(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = "josé.ruiz@ejemplo.рф, https://example.org/u?e=ana%40example.org <bo@example.org> 'cy@example.org'\n"
    for file in ("", str(tmp_path / "campaign.log")):
        log.configure(file=file)
        try:
            raise KeyError(whole)
        except KeyError as error:
            structlog.get_logger().error("failed", errors=[{"why": whole}], path=Path(whole), exc_info=error)
            structlog.get_logger().exception("failed_again")
            logging.getLogger("celery.app.trace").exception("Task raised %r", error)
        logging.getLogger("celery").info("Task received %s", whole)
        logging.getLogger("elsewhere").warning("half an emoji \ud83d")
        shown = Path(file).read_text(encoding="utf-8") if file else capsys.readouterr().err
        assert shown.count("<address>") > 12
        for person in ("ruiz", "ana", "bo@", "cy@"):
            assert person not in shown
        assert shown.count("Traceback") == 3
        assert "half an emoji" in shown
        ours = [json.loads(line) for line in shown.splitlines() if line.startswith("{")]
        assert [line["event"] for line in ours] == ["failed", "failed_again"]
    log.configure(level=logging.WARNING)


def test_the_level_counts_for_our_lines_and_celerys_but_not_for_other_libraries(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for level, expected in ((logging.INFO, {"ours", "celery"}), (logging.WARNING, set())):
        log.configure(level=level)
        structlog.get_logger().info("ours")
        for name in ("celery", "alembic"):
            logging.getLogger(f"{name}.part").info(name)
        shown = capsys.readouterr().err
        assert {name for name in ("ours", "celery", "alembic") if name in shown} == expected


def test_a_long_text_without_a_space_is_scrubbed_in_linear_time() -> None:
    """Were it quadratic, this would take hours."""
    text = "x" * 200_000
    assert log.scrub(text) == text
    assert log.scrub(f"{text} ana@example.org") == f"{text} <address>"
    assert log.scrub("@" * 200_000) == "@" * 200_000
