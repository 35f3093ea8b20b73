"""Supporters write to their own members of Congress, and everybody sees what really arrived."""

__version__ = "0.1.0"
