"""What must be right before a live provider may email anyone: the API key, the links, the webhook key, the senders.

With a sandbox on this machine nothing is required: no mail leaves it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import ip_address
from urllib.parse import urlsplit

from campaign.compose.campaign_folder.folder import Organization
from campaign.compose.rendering import release
from campaign.config import Settings
from campaign.delivery import campaigns
from campaign.delivery.sendgrid import webhook as stored_events
from campaign.errors import CampaignError, Problems
from campaign.outreach.launch.freemail import is_freemail
from campaign.store import engine
from campaign.store.engine import Database

BASE_URL = "config.toml [web] base_url"
WEBHOOK_KEY = "config.toml [sendgrid] webhook_key"

# Names that the public internet does not resolve (RFC 2606, 6761, 6762, 8375, 9476) or that networks use inside.
_PRIVATE = """
alt arpa corp example home internal intranet invalid lan local localdomain localhost onion private test
"""
PRIVATE = frozenset(_PRIVATE.split())
RESERVED = ("example.com", "example.net", "example.org")
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


def require_api_key(settings: Settings) -> None:
    """Raise CampaignError if the live provider would get no API key."""
    if settings.live and not settings.api_key:
        do = "Set it in the environment, or try everything with: campaign demo"
        raise CampaignError("there is no key for the real SendGrid", where="SENDGRID_API_KEY", do=do)


def findings(settings: Settings, organization: Organization, slug: str) -> list[CampaignError]:
    """All problems to fix before this campaign may use the live provider. None with a sandbox."""
    return [*installation(settings), *senders(settings, organization, slug)]


def installation(settings: Settings) -> list[CampaignError]:
    return [*links(settings), *webhook(settings)]


def links(settings: Settings) -> list[CampaignError]:
    """Why supporters could not open links under `[web] base_url`."""
    why = _unreachable(settings.web.base_url) if settings.live else ""
    if not why:
        return []
    do = "Every link in an email begins with it. Set it to your pages' public address: https://act.your-domain.org"
    return [CampaignError(f"{settings.web.base_url!r} {why}", where=BASE_URL, do=do)]


def webhook(settings: Settings) -> list[CampaignError]:
    """Whether bounces, complaints and unsubscribes that SendGrid reports can be verified."""
    if not settings.live:
        return []
    texts = [text for text in re.split(r"[\s,]+", settings.sendgrid.webhook_key) if text]
    if not texts:
        do = "Copy the verification key of the signed event webhook. Without it no bounce or complaint can be verified."
        return [CampaignError("is empty", where=WEBHOOK_KEY, do=do)]
    problems = []
    for text in texts:
        try:
            stored_events.public_key(text)
        except CampaignError as error:
            problems.append(CampaignError(error.what, where=WEBHOOK_KEY, do=error.do))
    return problems


def senders(settings: Settings, organization: Organization, slug: str) -> list[CampaignError]:
    """Why mailboxes would reject or distrust mail from the addresses in campaign.toml."""
    named = {organization.offices_email: "offices_email", organization.sender_email: "sender_email"}
    problems = []
    for address, name in named.items() if settings.live else ():
        domain = address.rpartition("@")[2].lower().rstrip(".")
        if is_freemail(domain):
            why = f"is a mailbox at {domain}: its provider tells others to reject mail that SendGrid sends from it"
        elif unknown := _unknown(domain):
            why = f"{unknown}: replies could not arrive"
        else:
            continue
        do = "Write an address at your organization's own domain, authenticated at SendGrid. "
        do += f"If {slug} was launched already, then run: campaign republish {slug}"
        where = f"{slug}/campaign.toml [organization] {name}"
        problems.append(CampaignError(f"{address!r} {why}", where=where, do=do))
    return problems


def refuse_sending(database: Database, settings: Settings, slug: str | None = None) -> None:
    """Raise CampaignError or Problems if this process must not send: for one campaign, or for all that now run."""
    require_api_key(settings)
    if not settings.live:
        return
    with database.read() as conn:
        at = engine.now(conn)
        every = [campaigns.get(conn, slug)] if slug else campaigns.every(conn)
        problems = installation(settings)
        for campaign in every:
            if slug or (not campaign.paused and at < campaign.closes_at):
                organization = release.load(conn, campaign.release).folder.campaign.organization
                problems += senders(settings, organization, campaign.slug)
    refuse(problems, "nothing can be sent through the live provider")


def refuse(problems: Sequence[CampaignError], what: str) -> None:
    if problems:
        raise Problems(problems, what=f"{what}: {len(problems)} problem(s)")


def _unreachable(url: str) -> str:
    """Why this cannot be what links begin with; "" if it can."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "is not a web address"
    if parts.scheme != "https":
        return "does not begin with https://"
    if not url.isascii() or not url.isprintable() or set(url) & set(" \\"):
        return "has characters that links cannot have: write an international domain in its xn-- form"
    if "@" in parts.netloc:
        return "contains a username"
    if "?" in url or "#" in url:
        return "contains ? or #: links are built by adding to it"
    return _unknown(host)


def _unknown(host: str) -> str:
    """Why the public internet does not lead to this host; "" if it may."""
    name = host.lower().rstrip(".")
    try:
        ip = ip_address(name)
    except ValueError:
        labels = name.split(".")
        if len(name) > 253 or _NUMBER.fullmatch(labels[-1]) or not all(map(_LABEL.fullmatch, labels)):
            return "does not name a host"
        if len(labels) == 1 or labels[-1] in PRIVATE:
            return "leads to this machine or a private network"
        if any(f".{name}".endswith(f".{reserved}") for reserved in RESERVED):
            return "is at a domain reserved for examples"
        return ""
    inner = getattr(ip, "ipv4_mapped", None) or ip
    return "" if inner.is_global and not inner.is_multicast else "leads to this machine or a private network"
