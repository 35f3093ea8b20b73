"""The Celery app, its three tasks and its logs. A task carries only a name; the work to do is in the database.

Nothing is opened before the fork: each worker process opens its own database handle and HTTP session in its first
task. No ETA, countdown or Celery retry: `due_at` is in the database.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import structlog
from celery import Celery, bootsteps, signals
from celery.exceptions import SoftTimeLimitExceeded
from celery.utils.log import get_multiprocessing_logger
from celery.utils.nodenames import node_format
from kombu.connection import Connection
from kombu.entity import Queue
from kombu.exceptions import KombuError

from campaign import log, processes
from campaign.config import Settings, load_settings
from campaign.delivery import sender as senders
from campaign.delivery.sender import Sender
from campaign.errors import CampaignError
from campaign.keys import KeyRefused
from campaign.outreach import channels
from campaign.outreach.lists import pull
from campaign.outreach.sending import drain, lost_answers, webhook_events
from campaign.store import root_key

logger = structlog.get_logger()

DRAIN_SECONDS = 20
NUDGE_LIFE = 30  # seconds until a nudge that no worker took expires; the scheduler sends another
SCHEDULER_CHECK = 2  # seconds between a worker's checks that its scheduler is running
BROKER_RETRY = 5  # seconds at most between a worker's attempts to reach a lost broker
NO_BROKER = "Run `campaign worker`, which starts one, or set [redis] url. Until then the scheduler sends, more slowly."


@signals.setup_logging.connect
def set_up_logging(loglevel: int, logfile: str | None = None, **_: Any) -> None:
    """Configure logs in a worker and its pool. Because this handler exists, Celery adds none of its own and leaves
    stderr alone; if it replaced stderr, ours would write into itself and lose every line.
    """
    log.configure(level=loglevel, file=logfile or "")
    pool = get_multiprocessing_logger()  # reports which pool process was killed
    pool.propagate = True
    pool.setLevel(logging.ERROR)


def make_app(settings: Settings) -> Celery:
    """The app for these settings. Opens no connection."""
    app = Celery("campaign", broker=settings.broker_url)
    app.conf.update(_configuration(settings))
    app.amqp.Connection = _Connection
    app.steps["worker"].add(_check_step(settings))
    app.steps["worker"].add(_scheduler_step(settings))
    _add_tasks(app, settings)
    return app


class _Connection(Connection):
    """kombu waits up to thirty seconds between attempts to reach a lost broker, and Celery has no setting for that."""

    def ensure_connection(self, *args: Any, **options: Any) -> Any:
        return super().ensure_connection(*args, **{"interval_max": BROKER_RETRY, **options})


def _add_tasks(app: Celery, settings: Settings) -> None:
    opened: dict[int, Sender] = {}  # by process

    def own_sender() -> Sender:
        """This process's sender, opened in its first task."""
        if os.getpid() not in opened:
            opened.clear()
            opened[os.getpid()] = open_sender(settings)
        return opened[os.getpid()]

    @app.task(name="send", shared=False)  # shared=False: registered with this app only, so with these settings
    def send_task(slug: str) -> None:
        """Send what is due for a campaign, for at most twenty seconds, even if settling lost answers fails."""
        try:
            sender = own_sender()
            try:
                lost_answers.settle_unknown(sender, slug)
            except SoftTimeLimitExceeded:
                raise
            except Exception as error:
                logger.error("ask_failed", campaign=slug, reason=log.reason(error), exc_info=error)
            drain.drain(sender, slug, seconds=DRAIN_SECONDS)
        except SoftTimeLimitExceeded:
            opened.clear()  # interrupted between two steps: the sweep settles its requests
            raise

    @app.task(name="pull_list", shared=False)
    def pull_task(name: str) -> None:
        """Pull one of the lists in config.toml."""
        sender = own_sender()
        by = f"worker process {os.getpid()}"
        try:
            pull.pull(sender.database, sender.keys, settings.list_named(name), home=settings.home, by=by)
        except CampaignError as error:  # the list's owner must act; the pull's row says the same
            logger.error("pull_failed", list=name, where=error.where, problem=error.what, do=error.do)
            raise

    @app.task(name="apply_events", shared=False)
    def apply_task() -> None:
        """Apply the event batches that the web has stored."""
        sender = own_sender()
        webhook_events.apply(sender.database, sender.keys)

    @signals.worker_process_shutdown.connect(weak=False)
    def close(**_: Any) -> None:
        if sender := opened.pop(os.getpid(), None):
            sender.close()


@cache
def _configured_app() -> Celery:
    try:
        return make_app(load_settings())
    except CampaignError as error:
        sys.exit(f"Error: {error}")


def __getattr__(name: str) -> Celery:
    """`app`, for Celery's `-A campaign.tasks`. It is made on first use, so that an import reads no settings."""
    if name == "app":
        return _configured_app()
    raise AttributeError(name)


def open_sender(settings: Settings) -> Sender:
    """Database, keys and HTTP session of this process. Raises CampaignError if version or root key does not fit."""
    channels.register_all()
    return senders.open_sender(*root_key.open_database(settings.database_url, settings.home), settings)


def nudge(app: Celery, task: str, *args: str) -> bool:
    """Tell a worker to look at the database. False if the broker is down; nothing is lost."""
    try:
        app.tasks[task].apply_async(args, retry=False, expires=NUDGE_LIFE, ignore_result=True)
    except (KombuError, OSError) as error:
        logger.warning("broker_away", task=task, error=type(error).__name__)
        return False
    return True


def _check_step(settings: Settings) -> type[bootsteps.Step]:
    """Before a worker forks: stop if the root key does not fit the database; say what to do if no broker is running."""

    class Check(bootsteps.Step):  # type: ignore[misc]
        def __init__(self, parent: Any, **kwargs: Any) -> None:
            super().__init__(parent, **kwargs)
            try:
                database, _ = root_key.open_database(settings.database_url, settings.home)
                database.close()  # no handle crosses the fork
            except KeyRefused as error:
                sys.exit(f"Error: {error}")
            except CampaignError as error:  # not reachable yet, or not migrated: each task checks again
                logger.warning("key_not_checked", reason=str(error).partition("\n")[0])
            if not settings.redis.url and not processes.broker_answers(settings.broker_socket):
                logger.warning("no_broker", do=NO_BROKER)

    return Check


def _scheduler_step(settings: Settings) -> type[bootsteps.StartStopStep]:
    """A worker starts its scheduler: a separate process, by exec, so that no handle crosses a fork."""

    class Scheduler(bootsteps.StartStopStep):  # type: ignore[misc]
        requires = ("celery.worker.components:Timer", "celery.worker.components:Pool")

        def __init__(self, parent: Any, **kwargs: Any) -> None:
            self.process: subprocess.Popen[bytes] | None = None
            self.command: list[str] = []
            super().__init__(parent, **kwargs)

        def start(self, parent: Any) -> None:
            self.command = [sys.executable, "-P", "-m", "campaign", "scheduler", "--parent", str(os.getpid())]
            self.command += ["--loglevel", str(parent.loglevel or logging.WARNING)]
            if parent.logfile:
                self.command += ["--logfile", str(Path(node_format(parent.logfile, parent.hostname)).resolve())]
            self._run()
            parent.timer.call_repeatedly(SCHEDULER_CHECK, self._check)

        def _check(self) -> None:
            if self.process is not None and (code := self.process.poll()) is not None:
                logger.error("scheduler_ended", code=code)
                self._run()

        def _run(self) -> None:
            self.process = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                env={**os.environ, "CAMPAIGN_HOME": str(settings.home), "CAMPAIGN_CONFIG": str(settings.source)},
            )

        def stop(self, _parent: Any) -> None:
            if self.process is not None:
                self.process.terminate()
                self.process = None

        terminate = stop

    return Scheduler


def _configuration(settings: Settings) -> dict[str, Any]:
    """Each value's reason is in docs/decisions/0003-broker.md."""
    return {
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_ignore_result": True,
        "task_store_errors_even_if_ignored": False,
        "task_acks_late": True,
        "task_acks_on_failure_or_timeout": True,
        "task_reject_on_worker_lost": False,
        "task_soft_time_limit": settings.celery.soft_time_limit,
        "task_time_limit": settings.celery.time_limit,
        "task_publish_retry": False,
        "task_default_queue": "nudge",
        "task_queues": [Queue("nudge")],
        "task_create_missing_queues": False,
        "worker_concurrency": settings.celery.concurrency,
        "worker_prefetch_multiplier": 1,
        "worker_max_tasks_per_child": 500,
        "worker_max_memory_per_child": 300_000,
        "worker_send_task_events": False,
        "task_send_sent_event": False,
        "worker_enable_remote_control": False,
        "worker_hijack_root_logger": False,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "worker_soft_shutdown_timeout": DRAIN_SECONDS + 10,
        "broker_connection_timeout": 2,
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_pool_limit": 4,
        "broker_pool_acquire_timeout": 2,
        "broker_transport_options": {
            "visibility_timeout": 3 * settings.celery.time_limit,
            "unacked_restore_interval": 2,
            "unacked_restore_throttle": 1,
            "socket_timeout": 5,
            "socket_connect_timeout": 2,
            "socket_keepalive": not settings.broker_url.startswith("redis+socket"),
            "health_check_interval": 5,
            "retry_on_timeout": False,
            "max_retries": 0,
            "client_name": "campaign",
            "global_keyprefix": "campaign:",
        },
    }
