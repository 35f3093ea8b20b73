"""The web server: supporters' pages, the report, the webhook. Paths hold keys, so there is no access log."""

from __future__ import annotations

import gc
import re
import socket
from contextlib import suppress

import structlog
import uvicorn
from litestar import Litestar, MediaType, Response, Router, route
from litestar.di import Provide
from litestar.exceptions import HTTPException

from campaign import log as logs
from campaign.config import Settings, Web
from campaign.congress import roster
from campaign.delivery.sendgrid import webhook
from campaign.keys import Keys
from campaign.links import BadLink
from campaign.outreach import channels
from campaign.outreach.action_page import open_campaigns
from campaign.outreach.action_page.context import TooManyGuesses
from campaign.store import engine, root_key
from campaign.store.engine import Database
from campaign.web import brand, email_links, join, organizer, pages, supporter, webhooks
from campaign.web.guards import READS, Injected, Services, WebRequest
from campaign.web.limits import TooManyRequests

log = structlog.get_logger()

LARGEST_FORM = 16 * 1024  # bytes


def create_app(database: Database, keys: Keys, settings: Settings) -> Litestar:
    """The application. Raises CampaignError when a webhook key is not one."""
    channels.register_all()
    texts = re.split(r"[\s,]+", settings.sendgrid.webhook_key)
    services = Services(database, keys, settings, tuple(webhook.public_key(text) for text in texts if text))
    # A router registers all at once: one by one, the second handler of a path would put the first into a thread twice.
    router = Router(
        "/",
        route_handlers=[
            *(home, robots, health),
            *(supporter.action, supporter.submit, supporter.open_page, supporter.submit_open),
            *(supporter.not_mine, supporter.disown, supporter.unsubscribe_page, supporter.unsubscribe),
            *(email_links.quiet_page, email_links.quiet, email_links.answer_page, email_links.answer),
            *(join.question, join.confirm, join.never_page, join.never, join.code_page, join.enter_code),
            *(organizer.report, webhooks.sendgrid, brand.image),
        ],
        guards=[services.limits.guard],
    )
    return Litestar(
        [router],
        dependencies={"services": Provide(lambda: services, sync_to_thread=False)},
        exception_handlers={Exception: failed},
        before_send=[pages.add_headers],
        request_max_body_size=LARGEST_FORM,
        openapi_config=None,
        logging_config=None,
    )


def server(app: Litestar, proxies: str = Web().proxies) -> uvicorn.Server:
    """The server of the application; `run(sockets=[...])` runs it. `proxies`: those in front of it."""
    return uvicorn.Server(
        uvicorn.Config(
            app,
            access_log=False,
            server_header=False,
            log_config=None,
            proxy_headers=bool(proxies),
            forwarded_allow_ips=proxies,
            lifespan="off",
            timeout_graceful_shutdown=2,
        )
    )


def serve(settings: Settings, sock: socket.socket | None = None) -> None:
    """Serve until interrupted, on the given listening socket or on the one in the settings."""
    logs.configure()
    database, keys = root_key.open_database(settings.database_url, settings.home)
    app = create_app(database, keys, settings)
    _load(database)
    sock = sock or socket.create_server((settings.web.host, settings.web.port))
    with suppress(KeyboardInterrupt):
        server(app, settings.web.proxies).run(sockets=[sock])
    database.close()


def _load(database: Database) -> None:
    """Read what every request needs before the first one comes. It stays, so Python's garbage collector need not look
    through it again and again: it took a third of each request, and now and then a tenth of a second.
    """
    pages.load()
    with database.read() as conn:
        roster.at(conn, engine.now(conn))
    gc.collect()
    gc.freeze()


@route("/", http_method=READS, sync_to_thread=True)
def home(services: Injected, request: WebRequest) -> Response[str]:
    """For a visitor who typed the domain: the campaigns that are open to everyone."""
    with services.database.read() as conn:
        return pages.html("home.html", pages.language(request), campaigns=open_campaigns.list_open(conn))


@route("/robots.txt", http_method=READS, sync_to_thread=True, media_type=MediaType.TEXT)
def robots(services: Injected) -> str:
    """Search engines may see only the open pages of campaigns that want it."""
    with services.database.read() as conn:
        listed = [page.slug for page in open_campaigns.list_open(conn) if page.indexable]
    allowed = (f"Allow: /{slug}$\nAllow: /{slug}?lang=es$\nAllow: /brand/{slug}/\n" for slug in listed)
    return f"User-agent: *\n{''.join(allowed)}Disallow: /\n"


@route("/healthz", http_method=READS, sync_to_thread=True, media_type=MediaType.TEXT)
def health(services: Injected) -> str:
    """Whether the database answers."""
    with services.database.read() as conn:
        engine.now(conn)
    return "ok"


def failed(request: WebRequest, error: Exception) -> Response[str]:
    """The error page. A link that was not made here looks like an address that does not exist."""
    headers = dict[str, str]()
    if isinstance(error, BadLink):
        status = 404
    elif isinstance(error, (TooManyGuesses, TooManyRequests)):
        status, headers = 429, {"Retry-After": str(error.wait)}
    elif isinstance(error, HTTPException):
        status, headers = error.status_code, dict(error.headers or {})
    else:
        status = 500
    if status >= 500:
        log.error("web_failed", status=status, exc_info=error)
    texts = pages.WORDS["en"]["error"]
    words = str(status) if str(status) in texts else "400" if status < 500 else "500"
    wait = int(headers.get("Retry-After", 0))
    answer = pages.html("error.html", pages.language(request), status=status, error=words, wait=wait)
    for name, value in headers.items():
        answer.set_header(name, value)
    return answer
