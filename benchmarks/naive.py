"""The usual way: one Celery task per supporter, Jinja2, the official SDK. Given every easy advantage.

Its texts are ours with the shared parts filled in already, compiled before the fork; raw drivers; one commit a mail.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import psycopg
from celery import Celery
from jinja2 import Environment, Template
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import CustomArg, Header, Mail
from sqlalchemy import text as sql

from benchmarks.stage import SLUG, Run, Stage
from campaign import keys, links
from campaign.compose.campaign_folder import disk
from campaign.compose.rendering import fields, release, render
from campaign.config import Settings
from campaign.model import Recipient

try:
    from pysqlite3 import dbapi2 as sqlite3
except ImportError:
    import sqlite3

TABLE = "CREATE TABLE result (supporter_id bigint PRIMARY KEY, status integer NOT NULL, message_id text NOT NULL)"
_PERSON = "SELECT id, email, first_name, last_name, zip, locale, nonce, list FROM supporter WHERE id = {0}"
_RESULT = "INSERT INTO result (supporter_id, status, message_id) VALUES ({0}, {0}, {0})"
EXPIRES = 2**32 - 1
YEAR_2026 = 1_795_000_000_000

Texts = tuple[Template, Template, Template]


def make_app(settings: Settings, slug: str) -> Celery:
    """The app with its one task, `ask`."""
    app = Celery("naive", broker=settings.broker_url)
    app.conf.update(
        task_ignore_result=True,
        task_serializer="json",
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
    )
    frozen = release.from_folder(disk.load(settings.templates, slug))
    texts = {locale: _texts(frozen, locale) for locale in frozen.folder.campaign.locales}
    organization = frozen.folder.campaign.organization
    secret, base = keys.load(settings.home).links, settings.web.base_url

    @app.task(name="ask", shared=False)
    def ask(supporter_id: int) -> None:
        conn, mark = _connection(settings.database_url)
        row = conn.execute(_PERSON.format(mark), (supporter_id,)).fetchone()
        locale = row[5] or "en"
        action, leave = links.tokens(secret, slug, supporter_id, row[6], EXPIRES)
        leave_url = f"{base}/u/{slug}/{leave}"
        to = Recipient(supporter_id, 0, supporter_id, row[1], row[2], row[3], row[4], row[6], row[7])
        person = fields.person(
            to,
            locale,
            action_url=f"{base}/a/{slug}/{action}",
            unsubscribe_url=leave_url,
            share_url="https://a.test/share",
        )
        subject, text, html = (template.render(person) for template in texts[locale])
        mail = Mail(
            from_email=(organization.sender_email, organization.sender_name),
            to_emails=row[1],
            subject=subject,
            plain_text_content=text,
            html_content=html,
        )
        mail.reply_to = organization.reply_to
        mail.custom_arg = CustomArg("supporter", str(supporter_id))
        mail.header = Header("List-Unsubscribe", f"<{leave_url}>")
        mail.header = Header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
        answer = SendGridAPIClient(settings.api_key, host=settings.sendgrid.url).send(mail)
        message_id = answer.headers.get("X-Message-Id", "")
        conn.execute(_RESULT.format(mark), (supporter_id, answer.status_code, message_id))
        conn.commit()

    @app.task(name="ready", shared=False)
    def ready() -> None:
        """Nothing: a worker that has done it is up."""

    return app


def _texts(frozen: release.Release, locale: str) -> Texts:
    """Subject, text and HTML with everything filled in but the person's fields."""
    made = render.skeleton(frozen, locale, "plain", "first", YEAR_2026)

    def template(part: str, *, html: bool) -> Template:
        for tag, field, _ in made.tags:
            part = part.replace(tag, "{{ " + field + " }}")
        return Environment(autoescape=html).from_string(part)

    return template(made.subject, html=False), template(made.text, html=False), template(made.html, html=True)


def run(stage: Stage) -> Run:
    """A task for each supporter, and two processes that do them."""
    with stage.database.begin() as conn:
        conn.execute(sql(TABLE))
    with stage.database.read() as conn:
        people = list(conn.scalars(sql("SELECT id FROM supporter ORDER BY id")))
    app = make_app(stage.settings, SLUG)
    stage.start_worker("benchmarks.naive_worker", app, "ready", "--concurrency=2")

    def launch_all() -> None:
        ask = app.tasks["ask"]
        for supporter_id in people:
            ask.delay(supporter_id)

    def sent() -> bool:
        with stage.database.read() as conn:
            return conn.execute(sql("SELECT count(*) FROM result WHERE status = 202")).scalar() == stage.people

    return stage.race(launch_all, sent)


@cache
def _connection(url: str) -> tuple[Any, str]:
    """This process's own connection, and how its driver marks a parameter. First called after the fork."""
    if url.startswith("sqlite:///"):
        return sqlite3.connect(url.removeprefix("sqlite:///"), timeout=300), "?"
    return psycopg.connect(url), "%s"
