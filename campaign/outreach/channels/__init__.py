"""Channels that plug in. Each package here registers itself with `routing`; nothing else imports one, so that it can be
removed: delete its folder.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules


def register_all() -> None:
    """Import the channels of this installation. Every process that routes or sends letters calls it at start."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
