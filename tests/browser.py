"""Find a Chromium: $CHROMIUM, then PATH, then the Mac's Chrome. Playwright's own download is not needed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.conftest import missing

MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",  # the tests may run as root
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def find() -> str:
    """The path of a browser; skips the test, or fails it where a browser is required, when there is none."""
    named = os.environ.get("CHROMIUM", "")
    places = [named, *(shutil.which(name) for name in NAMES), MAC]
    found = next((place for place in places if place and Path(place).is_file()), "")
    if not found:
        missing("browser", "no Chromium on PATH; install one, or name it in CHROMIUM")
    return found


@contextmanager
def browser() -> Iterator[Browser]:
    path = find()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield running
        running.close()
