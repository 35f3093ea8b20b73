"""Check the SendGrid account before a launch, and send test messages."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass

from campaign.compose.campaign_folder import disk
from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.lint import ask_checks, letter_checks
from campaign.compose.messages import letter
from campaign.compose.rendering import frame, release
from campaign.config import Settings
from campaign.delivery.sendgrid import account, bulk, single
from campaign.delivery.sendgrid.account import SendGridAccount, Webhook
from campaign.delivery.transport import Accepted, Answer, NoAnswer
from campaign.errors import CampaignError
from campaign.formats import email_address, is_email_address
from campaign.keys import Keys
from campaign.log import scrub
from campaign.outreach.launch import live_safety, preview
from campaign.store.engine import Database
from campaign.supporters import people

WEBHOOK = "/webhooks/sendgrid"  # the path of our own page for events
EVENTS = ("processed", "delivered", "bounce", "dropped", "spam_report", "account_status_change")
SCOPE = "mail.send"
KINDS = ("ask", "letter", "receipt", "confirm")
READER = "Ana"  # the reader or writer of a test message


@dataclass(frozen=True, slots=True)
class CheckResult:
    """The result of one check. `do`: the next step, "" if it passed."""

    ok: bool
    what: str
    do: str = ""


def check(database: Database, keys: Keys, settings: Settings, slug: str) -> list[CheckResult]:
    """Check the SendGrid account for this campaign. Reads only. Raises CampaignError for an unknown slug."""
    organization = disk.load(settings.templates, slug).campaign.organization
    there = account.connect(settings.sendgrid.url, settings.api_key)
    try:
        allowed = account.scopes(there)
    except CampaignError as error:
        return [_failed(error)]
    results: list[CheckResult] = []
    for check in (
        _key(allowed),
        _domain(there, organization.sender_email, "sender"),
        _domain(there, organization.offices_email, "offices"),
        _webhook(there, settings),
        _suppressions(there, database, keys),
    ):
        try:
            results += check
        except CampaignError as error:
            results.append(_failed(error))
    return results


def _failed(error: CampaignError) -> CheckResult:
    return CheckResult(False, f"{error.where}: {error.what}", error.do)


def _key(allowed: frozenset[str]) -> Iterator[CheckResult]:
    if SCOPE in allowed:
        yield CheckResult(True, "the key works, and may send")
    else:
        do = "Give it Mail Send, full access, under Settings, API Keys."
        yield CheckResult(False, "the key works, but may not send email", do)


def _domain(there: SendGridAccount, address: str, name: str) -> Iterator[CheckResult]:
    """`name`: the address in campaign.toml, without _email."""
    of = "the sender's domain" if name == "sender" else "the domain for email to offices"
    host = address.partition("@")[2].lower()
    ours = [domain for domain in account.domains(there) if f".{host}".endswith(f".{domain.domain.lower()}")]
    where = "under Settings, Sender Authentication"
    if any(domain.valid for domain in ours):
        yield CheckResult(True, f"{of}, {host}, is authenticated")
    elif ours:
        do = f"Publish the DNS records that SendGrid shows {where}, then press Verify there."
        yield CheckResult(False, f"{of}, {host}, is on the account, but its DNS records are not valid", do)
    else:
        do = f"Authenticate it {where}, or change {name}_email in campaign.toml."
        yield CheckResult(False, f"{of}, {host}, is not authenticated", do)


def _webhook(there: SendGridAccount, settings: Settings) -> Iterator[CheckResult]:
    url = settings.web.site + WEBHOOK
    known = account.webhooks(there)
    ours = next((webhook for webhook in known if webhook.url.rstrip("/") == url), None)
    where = "under Settings, Mail Settings, Event Webhooks"
    if ours is None:
        others = f" ({len(known)} other(s) there)" if known else ""
        do = f"Add one {where} with that Post URL, or change [web] base_url in {settings.source}."
        yield CheckResult(False, f"no event webhook posts to {url}{others}", do)
        return
    if ours.enabled:
        yield CheckResult(True, f"the event webhook posts to {url}")
    else:
        yield CheckResult(False, f"the event webhook to {url} is off", f"Enable it {where}.")
    if missing := [name for name in EVENTS if not getattr(ours, name)]:
        do = f"Select them {where}. Without them, what they report is never known."
        yield CheckResult(False, f"the event webhook leaves out: {', '.join(missing)}", do)
    else:
        yield CheckResult(True, f"it reports every event that is needed: {', '.join(EVENTS)}")
    yield _signature(ours, settings, where)


def _signature(webhook: Webhook, settings: Settings, where: str) -> CheckResult:
    if not webhook.public_key:
        return CheckResult(False, "the event webhook is not signed", f"Turn on Signature Verification, {where}.")
    if webhook.public_key in re.split(r"[\s,]+", settings.sendgrid.webhook_key.strip()):
        return CheckResult(True, "it is signed with the key of [sendgrid] webhook_key")
    do = f'Write into {settings.source}, under [sendgrid]: webhook_key = "{webhook.public_key}"'
    return CheckResult(False, "it is signed with a key that is not in [sendgrid] webhook_key", do)


def _suppressions(there: SendGridAccount, database: Database, keys: Keys) -> Iterator[CheckResult]:
    """Count the addresses that SendGrid drops and we would still email; the addresses are not kept."""
    unknown: set[bytes] = set()
    with database.read() as conn:
        for name in account.SUPPRESSIONS:
            for page in account.suppressed(there, name):
                hashes = {keys.email_hash(email_address(email)) for email in page if is_email_address(email)}
                unknown |= hashes - people.suppressed(conn, list(hashes)).keys()
    if unknown:
        do = "Export them there under Suppressions, then: campaign suppress FILE"
        yield CheckResult(
            False, f"SendGrid drops email to {len(unknown):,} address(es) that are not suppressed here", do
        )
    else:
        yield CheckResult(True, "every address that SendGrid suppresses is suppressed here")


def send_test(settings: Settings, slug: str, *, to: str, locale: str = "", kind: str = "ask", now: int) -> str:
    """Send one of a folder's texts (`kind`: one of KINDS), marked [TEST], to one address; returns SendGrid's id.

    Writes no row. Raises CampaignError if it may not be sent or was not accepted.
    """
    if not is_email_address(to):
        raise CampaignError("this is not an email address", where="--to", do="Write one address: --to you@example.org")
    live_safety.require_api_key(settings)
    folder = disk.load(settings.templates, slug)
    locales = folder.campaign.locales
    if locale and locale not in locales:
        do = f"Its locales are: {', '.join(locales)}."
        raise CampaignError(f"{slug} has no texts in {locale!r}", where="--locale", do=do)
    unsafe = live_safety.senders(settings, folder.campaign.organization, slug)
    errors = ask_checks.check(folder, now, live=settings.live).errors
    live_safety.refuse([*unsafe, *errors], f"no message of {slug} can be sent")
    make = _letter if kind == "letter" else _mail
    content = make(folder, email_address(to), kind, locale or locales[0], now=now, site=settings.web.site)
    answer = asyncio.run(_post(settings, content))
    if not isinstance(answer, Accepted):
        what = "it may or may not have been sent" if isinstance(answer, NoAnswer) else "SendGrid did not accept it"
        raise CampaignError(f"{what}: {scrub(answer.reason)}", do=f"Try again, or see: campaign check {slug} --live")
    return answer.provider_id


def _mail(folder: Folder, to: str, kind: str, locale: str, *, now: int, site: str) -> bytes:
    wave, organization = folder.campaign.waves[0], folder.campaign.organization
    if kind == "ask":
        text = preview.preview_message(folder, locale, READER, wave=wave, now=now)
    else:
        previews = preview.odd_recipients(folder, wave=wave, now=now)
        text = next(message.text for message in previews if (message.kind, message.locale) == (kind, locale))
    return single.trial(
        to=to,
        sender=(organization.sender_email, organization.sender_name),
        reply_to=(organization.reply_to, ""),
        subject=text.subject,
        text=text.text,
        html=frame.at_site(text.html, site),
    )


def _letter(folder: Folder, to: str, _kind: str, locale: str, *, now: int, site: str) -> bytes:  # noqa: ARG001
    """A letter as an office gets it, from an invented supporter; replies go to `to`."""
    _, seat = next(letter_checks.samples(folder))
    variant = letter.variant(folder, seat, now)
    text = letter.draft(release.from_folder(folder), variant, locale, seat, now)
    organization = folder.campaign.organization
    signed = letter.envelope(READER, "", seat.state, "", {})
    return single.trial(
        to=to,
        sender=(organization.offices_email, single.via(READER, organization.sender_name)),
        reply_to=(to, READER),
        subject=text.subject,
        text=letter.full_text(text, "", letter.OFFICES_READ, signed) + "\n",
    )


async def _post(settings: Settings, content: bytes) -> Answer:
    client = bulk.session(in_flight=1, timeout=settings.sendgrid.timeout)
    try:
        return await bulk.post(
            client, settings.sendgrid.url.rstrip("/"), settings.api_key, content, deliveries=[], attempt=1
        )
    finally:
        await client.close()
