"""The `campaign` command. Each command reads its arguments, calls one use case, and shows the result."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, is_dataclass
from functools import cached_property
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import rich_click as click
from rich.console import Console

from campaign import __version__, log
from campaign.config import Settings, load_settings
from campaign.errors import CampaignError
from campaign.keys import Keys
from campaign.outreach import channels
from campaign.store import engine, migrate, root_key
from campaign.store.engine import Database

out = Console(highlight=False, emoji=False)
err = Console(stderr=True, highlight=False, emoji=False)
_R = TypeVar("_R")


@dataclass(frozen=True)
class CliContext:
    """What every command may need, created on first use."""

    home: Path | None

    @cached_property
    def settings(self) -> Settings:
        return load_settings(home=self.home)

    @cached_property
    def database(self) -> Database:
        """The database, migrated when it is empty. Raises CampaignError if its version or its root key does not fit."""
        channels.register_all()
        database = engine.connect(self.settings.database_url)
        try:
            if migrate.current(database) is None:
                migrate.upgrade(database)
            migrate.check(database)
            root_key.check(database, self.settings.home)
        except BaseException:
            database.close()
            raise
        return database

    @cached_property
    def keys(self) -> Keys:
        """The keys of this database. A new database gets a new key. Raises KeyRefused if the key does not fit."""
        return root_key.open_keys(self.database, self.settings.home)


def as_json(value: Any) -> None:
    """Print one JSON object on one line."""
    click.echo(json.dumps(value, default=_plain, ensure_ascii=False))


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)


json_option = click.option("--json", "as_json_", is_flag=True, help="Print one JSON object instead.")


def with_json(command: Callable[..., _R]) -> Callable[..., _R]:
    """Pass the CliContext and the option --json to a command."""
    return json_option(click.pass_obj(command))


# The modules that define a command, by its first word. They import much, which no other command should pay for.
MODULES = {
    **dict.fromkeys(["check", "preview", "launch", "republish", "pause", "resume", "cancel", "send"], ("campaigns",)),
    **dict.fromkeys(("status", "explain", "settle"), ("status",)),
    **dict.fromkeys(("suppress", "erase"), ("lists",)),
    **dict.fromkeys(("report", "counsel-record"), ("reports",)),
    **dict.fromkeys(("test-send", "facts"), ("account",)),
    **dict.fromkeys(("up", "web", "worker", "sandbox", "scheduler", "db"), ("server",)),
    "share": ("partner_kit",),
    **{name: (name,) for name in ("sponsors", "plan", "offices", "cwc", "demo", "events")},
    "congress": ("congress", "sync", "outlook", "contact_forms"),
    "lists": ("lists", "matching"),
    "packet": ("packets",),
}
_CHANNELS = {"cwc": "cwc", "packets": "packet"}  # a command's module and its channel, without which it is not there
_ALL = tuple(dict.fromkeys(module for modules in MODULES.values() for module in modules))


class Commands(click.RichGroup):
    """Imports a command's module when the command is used; imports all of them for help or an unknown word."""

    def load(self, *modules: str) -> None:
        for module in modules:
            if module not in _CHANNELS or find_spec(f"{channels.__name__}.{_CHANNELS[module]}"):
                import_module(f"campaign.cli.{module}")

    def list_commands(self, ctx: click.Context) -> list[str]:
        self.load(*_ALL)
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.commands:
            self.load(*MODULES.get(cmd_name, _ALL))
        return super().get_command(ctx, cmd_name)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="campaign")
@click.option(
    "--home",
    type=click.Path(file_okay=False, path_type=Path),
    help="Database, root key and logs; your own config.toml and templates/, if any. [default: $CAMPAIGN_HOME, else "
    ".campaign in the current folder]",
)
@click.pass_context
def root(ctx: click.Context, home: Path | None) -> None:
    """Your supporters write to their own members of Congress, and everyone can see which letters arrived."""
    log.configure(level=logging.WARNING)
    ctx.obj = CliContext(home)


def main() -> None:
    """Run a command. A CampaignError is printed on stderr without a traceback; the exit code is 1. So is a file or
    folder that this user may not use.
    """
    try:
        code = root(standalone_mode=False)
    except CampaignError as error:
        _fail(error)
    except (PermissionError, NotADirectoryError, IsADirectoryError, FileExistsError) as error:
        do = "Check that this user may read and write there."
        _fail(CampaignError(f"cannot be used: {error.strerror}", where=str(error.filename), do=do))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        err.print("Stopped.")
        sys.exit(130)
    sys.exit(code if isinstance(code, int) else 0)


def _fail(error: CampaignError) -> NoReturn:
    err.print(f"[bold red]Error[/] {_escaped(str(error))}", soft_wrap=True)
    sys.exit(1)


def _escaped(text: str) -> str:
    return text.replace("[", "\\[")
