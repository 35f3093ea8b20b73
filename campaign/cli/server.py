"""Commands that run the processes (web, worker, sandbox, scheduler, up) and upgrade the database."""

from __future__ import annotations

import logging
import os
import signal
import socket

import rich_click as click
from rich.markup import escape

from campaign import keys, log, processes
from campaign import scheduler as ticks
from campaign.cli.app import CliContext, root
from campaign.cli.output import say
from campaign.outreach.launch import live_safety
from campaign.store import engine, migrate, root_key
from campaign.tasks import make_app

fd_option = click.option("--fd", type=int, hidden=True, help="An open listening socket, handed down.")


def _socket(fd: int | None, host: str, port: int) -> socket.socket:
    return socket.socket(fileno=fd) if fd is not None else processes.listen(host, port)


@root.command()
@fd_option
@click.pass_obj
def web(ctx: CliContext, fd: int | None) -> None:
    """Run the web server: pages and webhook."""
    from campaign.web import app as web_app  # slow to import

    _ = ctx.keys
    sock = _socket(fd, ctx.settings.web.host, ctx.settings.web.port)
    if fd is None:
        say(f"Serving {ctx.settings.web.base_url} on {processes.address(sock)}. Press Ctrl-C to stop.")
    web_app.serve(ctx.settings, sock)


@root.command()
@click.pass_obj
def worker(ctx: CliContext) -> None:
    """Run a Celery worker, as `celery -A worker worker` does, with an embedded broker if none is configured."""
    _ = ctx.keys
    with processes.running(ctx.settings) as group:
        processes.start_broker(group, ctx.settings)
        processes.start_worker(group)
        say(f"The worker is running. Logs: {group.logs}. Press Ctrl-C to stop.")
        group.watch()


@root.command()
@click.option("--port", default=8025, show_default=True, help="Port to listen on; 0 means any free port.")
@click.option("--webhook", default="", help="Where to send events, e.g. http://127.0.0.1:8000/webhooks/sendgrid")
@click.option(
    "--slow", default=35.0, show_default=True, help="Seconds before a request with email to slow@ is answered."
)
@click.option("--faults", default=0.0, show_default=True, help="Share of requests that get a random fault.")
@click.option("--seed", default=1, show_default=True)
@click.option("--latency", default=0, show_default=True, help="Milliseconds each request takes.")
@fd_option
@click.pass_obj
def sandbox(
    ctx: CliContext, *, port: int, webhook: str, slow: float, faults: float, seed: int, latency: int, fd: int | None
) -> None:
    """Run the SendGrid simulator: it accepts email, delivers none, and shows the messages in an inbox.

    It also serves stand-ins for the web forms of offices, such as /forms/H:PA:15. What is sent to them goes nowhere.
    """
    from campaign.sandbox import server as sandbox_server

    home = ctx.settings.home / "sandbox"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    sock = _socket(fd, "127.0.0.1", port)
    if fd is None:
        say(f"Inbox: {processes.address(sock)}   To use it: CAMPAIGN_SENDGRID_URL={processes.address(sock)}")
    sandbox_server.run(
        sandbox_server.Options(home, webhook, seed=seed, fault_rate=faults, latency_ms=latency, slow_seconds=slow),
        sock,
    )


@root.command("scheduler", hidden=True)
@click.option("--parent", type=int, help="Stop when this process is no longer the parent.")
@click.option("--loglevel", type=int, default=logging.WARNING, help="The worker's level: 20 is INFO.")
@click.option("--logfile", default="", help="The worker's log file. [default: stderr]")
@click.pass_obj
def run_scheduler(ctx: CliContext, parent: int | None, loglevel: int, logfile: str) -> None:
    """Run the scheduler. A worker starts it automatically."""
    log.configure(level=loglevel, file=logfile)
    stopped = False

    def stop(*_: object) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    _ = ctx.keys
    ticks.run(
        ctx.settings,
        make_app(ctx.settings),
        alive=lambda: not stopped and (parent is None or os.getppid() == parent),
    )


@root.command()
@click.pass_obj
def up(ctx: CliContext) -> None:
    """Run everything on this machine: broker, worker with its scheduler, and web server. Ctrl-C stops it all."""
    _ = ctx.keys
    settings = ctx.settings
    live_safety.refuse_sending(ctx.database, settings)
    sock = processes.listen(settings.web.host, settings.web.port)
    with processes.running(settings) as group:
        processes.start_broker(group, settings)
        processes.start_worker(group)
        group.campaign("web", "web", sock=sock)
        processes.wait(group, lambda: processes.healthy(processes.address(sock)), "web")
        say(f"Serving {settings.web.base_url} on {processes.address(sock)}. Logs: {group.logs}. Press Ctrl-C to stop.")
        group.watch()


@root.group()
def db() -> None:
    """Upgrade and check the database."""


@db.command()
@click.pass_obj
def upgrade(ctx: CliContext) -> None:
    """Upgrade the tables to this version, after checking that the root key fits the supporters on file."""
    _upgrade(ctx)


@db.command("adopt-key")
@click.option("--yes", is_flag=True, help="Don't ask for confirmation.")
@click.pass_obj
def adopt_key(ctx: CliContext, yes: bool) -> None:
    """Upgrade, and accept the current root key if nothing in the database can confirm it.

    A key that doesn't fit the supporters on file is still refused.
    """
    if not yes:
        say(
            "With a wrong key, people who unsubscribed or were erased are imported again and emailed.\n"
            f"The key comes from {escape(keys.source(ctx.settings.home))}."
        )
        click.confirm("Are you sure that this is the key of this database?", abort=True)
    _upgrade(ctx, adopt=True)


def _upgrade(ctx: CliContext, *, adopt: bool = False) -> None:
    """Migrate. If the root key is refused, the database stays unchanged."""
    home = ctx.settings.home
    database = engine.connect(ctx.settings.database_url)
    try:
        at = migrate.upgrade(database, then=lambda conn: root_key.settle(conn, home, adopt=adopt))
    finally:
        database.close()
    say(f"The database is at revision {at}.")


@db.command("check")
@click.pass_obj
def check_db(ctx: CliContext) -> None:
    """Check that the tables match this version. Exit code 1: they don't."""
    migrate.check(engine.connect(ctx.settings.database_url))
    say(f"The database is at revision {migrate.head()}, as this version needs.")
