"""No address and no link token gets into a log line."""

from __future__ import annotations

import logging

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
