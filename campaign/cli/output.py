"""What commands print: lines that the terminal wraps, plurals, warnings, columns of text."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from campaign.cli.app import out


def say(text: str, *, to: Console = out) -> None:
    """Print a message that may have markup. The terminal wraps it, so addresses and commands stay whole when copied."""
    to.print(text, soft_wrap=True)


def warn(text: str, *, to: Console = out) -> None:
    """Print a warning, without markup."""
    say(f"[yellow]warning[/] {escape(text)}", to=to)


def count(number: int, noun: str, plural: str = "") -> str:
    """A number with its noun: 1 office, 2 offices."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def text_columns(rows: Table, *numbers: int) -> None:
    """Left-align these columns (all, if none is named) and fold long text."""
    for column in [rows.columns[number] for number in numbers] or rows.columns:
        column.justify, column.overflow = "left", "fold"
