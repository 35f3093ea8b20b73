"""Settings from config.toml and the environment. All problems are reported at once, with the key and allowed values.

The file is $CAMPAIGN_CONFIG, else config.toml in the home ($CAMPAIGN_HOME, else .campaign in the current folder), else
the one that ships with the software. CAMPAIGN_<SECTION>_<KEY> in the environment overrides a key. Secrets come from the
environment only: SENDGRID_API_KEY, CAMPAIGN_SECRET, and the keys of config_cwc.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from campaign import clock, config_cwc
from campaign.config_checks import WEB, Problem, address, between, checked, choice, from_environment, section
from campaign.config_cwc import Cwc
from campaign.errors import CampaignError, Problems


def _root() -> Path:
    package = Path(str(resources.files("campaign")))
    packaged = package / "shipped"
    return packaged if packaged.is_dir() else package.parent


ROOT = _root()  # holds what ships with the software: config.toml, templates/ and examples/
CONFIG, HOME = "config.toml", ".campaign"
SENDGRID = "https://api.sendgrid.com"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_HOURS = {f"{opens}-{closes}" for closes in range(1, 25) for opens in range(closes)}
_SHAPE = '{ en = "...", es = "..." }'
_LINKS = f"It must begin with one of: {', '.join(WEB)}. It must not contain a space or any of & < > \" ' [ ] %"


def _starts_links(url: str) -> bool:
    return url.startswith(WEB) and not set(url) & set("&<>\"'[]% ")


@dataclass(frozen=True, slots=True)
class ListSource:
    """A supporter list that `pull_list(name)` reads."""

    name: str
    path: str
    title: Mapping[str, str] = field(default_factory=dict)  # language -> the list's name in emails
    consent: str = ""  # how and when, for a file that has no consent column
    agreed: Mapping[str, str] = field(default_factory=dict)  # language -> how and when, for emails
    map: Mapping[str, str] = field(default_factory=dict)  # our column -> the column in the list
    status: tuple[str, ...] = ()  # columns that decide who may be emailed, besides the known ones
    ignore: tuple[str, ...] = ()  # columns that look like status columns but are not


@dataclass(frozen=True, slots=True)
class Celery:
    concurrency: int = between(1, 1, 64)
    soft_time_limit: int = between(45, 25, 600)
    time_limit: int = between(60, 30, 900)


@dataclass(frozen=True, slots=True)
class Redis:
    url: str = address("", "redis://", "rediss://", "redis+socket://")


@dataclass(frozen=True, slots=True)
class DatabaseSection:
    url: str = address("", "sqlite:///", "postgresql://", "postgresql+psycopg://")


@dataclass(frozen=True, slots=True)
class SendGrid:
    url: str = address(SENDGRID)
    webhook_key: str = ""
    per_request: int = between(100, 1, 1000)
    in_flight: int = between(16, 1, 256)
    timeout: int = between(30, 1, 120)
    lease: int = between(120, 1, 3600)

    @property
    def live(self) -> bool:
        """Whether this is the real provider, not a simulator on this machine."""
        return urlsplit(self.url).hostname not in LOOPBACK


@dataclass(frozen=True, slots=True)
class Web:
    base_url: str = checked("http://127.0.0.1:8000", _starts_links, _LINKS)
    host: str = "127.0.0.1"
    port: int = between(8000, 0, 65535)
    proxies: str = "127.0.0.1,::1"  # addresses whose X-Forwarded-For is trusted; "": none

    @property
    def site(self) -> str:
        """`base_url` without a / at its end: the beginning of every link."""
        return self.base_url.rstrip("/")


@dataclass(frozen=True, slots=True)
class CampaignSection:
    templates: str = "templates"
    per_hour: int = between(0, 0, 10_000_000)
    scheduler_seconds: float = between(1.0, 0.05, 60)
    take_back: int = between(900, 1, 7 * 24 * 3600)
    office_hours: str = checked("8-18", _HOURS.__contains__, "Write two local hours, like 8-18; 0-24 means always.")

    @property
    def hours(self) -> tuple[int, int]:
        """The local hours in which an office gets email."""
        opens, _, closes = self.office_hours.partition("-")
        return int(opens), int(closes)


@dataclass(frozen=True, slots=True)
class Matching:
    """Looking up street addresses. Without `geocoder` no address is sent anywhere. Timeouts are in seconds."""

    geocoder: str = choice("", "", "census")
    url: str = address("https://geocoding.geo.census.gov/geocoder")
    benchmark: str = "Public_AR_Current"
    vintages: str = "119=ACS2025_Current 120=ACS2026_Current"
    batch_vintage: str = "Census2020_Current"
    timeout: int = between(5, 1, 30)
    batch_timeout: int = between(300, 10, 3600)
    second: str = choice("tigerweb", "", "tigerweb")
    second_url: str = address("https://tigerweb.geo.census.gov/arcgis/rest/services/TIGERweb/Legislative/MapServer")

    def vintage(self, congress: int) -> str:
        """The vintage known to answer with the districts of this Congress; "" if there is none."""
        pairs = (entry.partition("=") for entry in self.vintages.split())
        return next((vintage for number, _, vintage in pairs if number == str(congress)), "")


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one installation. `home` holds the database, the root key, logs and rejected rows."""

    home: Path
    source: Path  # the config file
    lists: tuple[ListSource, ...]
    celery: Celery
    redis: Redis
    database: DatabaseSection
    sendgrid: SendGrid
    web: Web
    campaign: CampaignSection
    matching: Matching
    cwc: Cwc
    api_key: str = field(repr=False, default="")
    cwc_keys: Mapping[str, str] = field(repr=False, default_factory=dict)  # house, senate

    @property
    def database_url(self) -> str:
        return self.database.url or f"sqlite:///{self.home}/campaign.db"

    @property
    def broker_socket(self) -> Path:
        """The embedded broker's socket, one per home. It is short: a socket path has at most 107 bytes."""
        short = hashlib.sha256(str(self.home).encode()).hexdigest()[:12]
        base = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
        return Path(base) / f"campaign-{os.getuid()}-{short}" / "v.sock"

    @property
    def broker_url(self) -> str:
        return self.redis.url or f"redis+socket://{self.broker_socket}?virtual_host=0"

    @property
    def templates(self) -> Path:
        """The folder that holds the campaign folders."""
        return self.locate(self.campaign.templates)

    def locate(self, path: str) -> Path:
        """A path in the config file: relative to that file, else to what ships with the software.

        With the config file that ships with the software, it is relative to the home first.
        """
        folder = self.source.parent
        places = (self.home, folder) if folder == ROOT else (folder, ROOT)
        return next((place / path for place in places if (place / path).exists()), folder / path)

    @property
    def live(self) -> bool:
        """Whether email is sent to real recipients."""
        return self.sendgrid.live

    def list_source(self, name: str) -> ListSource | None:
        """The configured list of this name, if there is one."""
        return next((source for source in self.lists if source.name == name), None)

    def list_named(self, name: str) -> ListSource:
        """The list, with an absolute path. Raises CampaignError for an unknown name."""
        for source in self.lists:
            if source.name == name:
                return replace(source, path=str(self.locate(source.path)))
        known = ", ".join(source.name for source in self.lists) or "none"
        raise CampaignError(
            f"no list is called {name!r} (known: {known})", where=str(self.source), do="Add a [[lists]] entry."
        )


_SECTIONS = {
    "celery": Celery,
    "redis": Redis,
    "database": DatabaseSection,
    "sendgrid": SendGrid,
    "web": Web,
    "campaign": CampaignSection,
    "matching": Matching,
    "cwc": Cwc,
}


def load_settings(
    *, home: Path | None = None, path: Path | None = None, environ: Mapping[str, str] = os.environ
) -> Settings:
    """Settings from the file, the environment and the defaults. Raises Problems with everything that is wrong."""
    home = (home or Path(environ.get("CAMPAIGN_HOME") or HOME)).resolve()
    path = (path or _config_file(home, environ)).resolve()
    raw = _read(path)
    problems: list[CampaignError] = []

    def problem(key: str, what: str, do: str) -> None:
        problems.append(CampaignError(what, where=f"{path.name} {key}", do=do))

    known = {*_SECTIONS, "lists"}
    for key in raw.keys() - known:
        problem(f"[{key}]", "no such section", f"Sections are: {', '.join(sorted(known))}.")
    sections: dict[str, Any] = {}
    for name, cls in _SECTIONS.items():
        given = raw.get(name, {})
        if not isinstance(given, dict):
            problem(f"[{name}]", "is not a table", f"Write it as a section: [{name}]")
            given = {}
        values = {**given, **from_environment(name, cls, environ)}
        sections[name] = section(name, cls, values, problem)
    cwc_keys = config_cwc.keys(environ)
    config_cwc.check(sections["cwc"], cwc_keys, problem)
    lists = _lists(raw.get("lists", []), problem)
    if sections["celery"].time_limit <= sections["celery"].soft_time_limit:
        problem("[celery] time_limit", "is not above soft_time_limit", "A task needs time to stop when asked.")
    if sections["sendgrid"].lease <= sections["sendgrid"].timeout and sections["sendgrid"].lease > 5:
        problem(
            "[sendgrid] lease", "is not above timeout", "A lease must last longer than the longest wait for an answer."
        )
    if environ.get(clock.VARIABLE) and sections["sendgrid"].live:
        problem("[sendgrid] url", "is the real SendGrid, but the clock is not", f"Unset {clock.VARIABLE}.")
    if problems:
        raise Problems(problems, what=f"{path}: {len(problems)} {'problem' if len(problems) == 1 else 'problems'}")
    api_key = environ.get("SENDGRID_API_KEY", "")
    return Settings(home=home, source=path, lists=lists, api_key=api_key, cwc_keys=cwc_keys, **sections)


def _config_file(home: Path, environ: Mapping[str, str]) -> Path:
    if named := environ.get("CAMPAIGN_CONFIG"):
        return Path(named)
    own = home / CONFIG
    return own if own.exists() else ROOT / CONFIG


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise CampaignError("there is no such file", where=str(path), do="Name one in CAMPAIGN_CONFIG.") from None
    except OSError as error:
        raise CampaignError(f"cannot be read: {error.strerror}", where=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CampaignError(f"is not readable TOML: {error}", where=str(path)) from None


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _by_language(value: Any) -> bool:
    texts = list(value.values()) if isinstance(value, dict) else [""]
    return all(isinstance(text, str) and text and text == " ".join(text.split()) for text in texts)


def _lists(raw: Any, problem: Problem) -> tuple[ListSource, ...]:
    found: list[ListSource] = []
    for number, entry in enumerate(raw if isinstance(raw, list) else [], start=1):
        where = f"[[lists]] number {number}"
        allowed = [item.name for item in fields(ListSource) if item.name != "agreed"]
        extra = entry.keys() - set(allowed)
        if extra:
            problem(where, f"no such setting: {', '.join(sorted(extra))}", f"Settings here are: {', '.join(allowed)}.")
        elif not (isinstance(entry.get("name"), str) and isinstance(entry.get("path"), str)):
            problem(where, "needs a name and a path, both text", 'Write: name = "petition" and path = "petition.csv"')
        elif entry["name"] in {source.name for source in found}:
            problem(where, f"the name {entry['name']!r} is taken", "Give each list a name of its own.")
        elif wrong := [key for key in ("status", "ignore") if not _texts(entry.get(key, []))]:
            problem(
                where, f"{wrong[0]} is {entry[wrong[0]]!r}", f'It must be a list of columns: {wrong[0]} = ["Notes"]'
            )
        elif not _by_language(entry.get("title", {})):
            problem(where, f"title is {entry['title']!r}", f"Write one line for each language: title = {_SHAPE}")
        elif not isinstance(entry.get("consent", ""), str) and not _by_language(entry["consent"]):
            problem(where, f"consent is {entry['consent']!r}", f"Write one line for each language: consent = {_SHAPE}")
        else:
            columns = {key: tuple(entry[key]) for key in ("status", "ignore") if key in entry}
            agreed = entry["consent"] if isinstance(entry.get("consent"), dict) else {}
            found.append(ListSource(**(entry | columns | ({"consent": "", "agreed": agreed} if agreed else {}))))
    return tuple(found)
