"""Logs. Our lines are JSON with ids as fields, libraries' lines are text. Addresses and link tokens are removed."""

from __future__ import annotations

import logging
import re
import sys
from logging.handlers import WatchedFileHandler
from typing import TextIO

import structlog

# Bounded, so that long text without a space takes linear time; real addresses are shorter.
_ADDRESS = re.compile(r"[^\s@<>\"']{1,320}(?:@|%40)[^\s@<>\"']{1,320}\.[^\W\d_]{2,}")
_TOKEN = re.compile(r"\bv1\.[A-Za-z0-9_-]{16,}")
_OURS = logging.getLogger("campaign")  # what structlog writes to


def scrub(text: str) -> str:
    """Remove everything that looks like an email address or a link token."""
    return _TOKEN.sub("<token>", _ADDRESS.sub("<address>", text))


def reason(error: BaseException) -> str:
    """Why something failed, in one line: the first line of the error's text, scrubbed, or else its type."""
    return scrub(str(error).strip().partition("\n")[0][:300]) or type(error).__name__


class _Scrubbing(logging.Formatter):
    """Scrubs every line, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        line = scrub(record.getMessage() if record.name == _OURS.name else super().format(record))
        return line.encode("utf-8", "backslashreplace").decode()  # a broken character must not lose the line


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to the current stderr: tests and servers replace it after the setup."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


def configure(*, level: int = logging.INFO, file: str = "") -> None:
    """Set up logging for this process and its forks, on stderr or in a file. Celery's lines get our level; other
    libraries' lines get WARNING.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),  # an escaped character could hide an address
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _OURS,
        cache_logger_on_first_use=False,
    )
    handler = WatchedFileHandler(file, encoding="utf-8") if file else _Stderr()  # reopened after a rotation
    handler.setFormatter(_Scrubbing("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)
    for name in (_OURS.name, "celery"):
        logging.getLogger(name).setLevel(level)
