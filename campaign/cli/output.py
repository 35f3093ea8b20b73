"""What commands print: lines that the terminal wraps, plurals, warnings, columns of text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

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


def show_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str | int]], *, to: Console = out) -> None:
    """Print a table. A column that begins with a number is aligned right; text is printed without markup."""
    cells = list(rows)
    made = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    made.min_width = len(title)
    for place, column in enumerate(columns):
        number = bool(cells) and isinstance(cells[0][place], int)
        made.add_column(column, justify="right" if number else "left", style="" if place else "cyan", overflow="fold")
    for row in cells:
        made.add_row(*(f"{cell:,}" if isinstance(cell, int) else escape(cell) for cell in row))
    to.print(made)
