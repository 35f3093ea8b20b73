"""The site that the tests of letters share."""

from __future__ import annotations

from tests.store.site import site

__all__ = ["site"]
