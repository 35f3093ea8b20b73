"""Supporters write to their own members of Congress, and everyone can see which letters arrived."""

__version__ = "0.1.0"
