"""Typst, for packets: PDF/UA-1 with its embedded fonts only, and one kind of error for every failure."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from campaign.errors import CampaignError

_QUOTED = re.compile("`[^`]*`")


class Unprintable(CampaignError):
    """Typst refused a document, or crashed on it. Only `diagnostic` may quote the text."""

    def __init__(self, message: str, diagnostic: str = "") -> None:
        super().__init__(f"Typst cannot make the PDF: {_QUOTED.sub('(text)', message)}")
        self.diagnostic = diagnostic


def require() -> Any:
    """The Typst module. Raises CampaignError if it is not installed."""
    try:
        import typst
    except ImportError:
        do = "Install the extra: pip install 'campaign[pdf]' (84 MB), or run make again in this folder."
        raise CampaignError("letters are printed with Typst, which is not installed", do=do) from None
    return typst


def compile_pdf(source: Path | bytes, **options: Any) -> bytes:
    """The PDF of this Typst source. Raises Unprintable, or CampaignError without Typst."""
    typst = require()
    try:
        return bytes(typst.compile(source, **options, ignore_system_fonts=True, pdf_standards=["ua-1"]))
    except typst.TypstError as error:
        raise Unprintable(error.message, error.diagnostic) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # a crash in Rust: no subclass of Exception, and not importable
            raise
        raise Unprintable("it crashed") from None
