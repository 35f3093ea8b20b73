"""The account's settings as SendGrid reports them: scopes of the key, authenticated domains, event webhooks.

Shapes: SendGrid's OpenAPI descriptions of scopes and webhooks, and Twilio's page on authenticated domains.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

EVENTS = ("processed", "deferred", "delivered", "bounce", "dropped", "spam_report")  # the simulator sends these
NEVER = ("open", "click", "unsubscribe", "group_unsubscribe", "group_resubscribe")
SEND, SUPPRESSIONS = "mail.send", "suppression.read"
DOMAINS, WEBHOOKS = "whitelabel.read", "user.webhooks.event.settings.read"
SCOPES = (SEND, SUPPRESSIONS, WEBHOOKS, DOMAINS)


@dataclass(frozen=True, slots=True)
class Setup:
    """Settings of the account; the defaults are what a campaign needs."""

    scopes: tuple[str, ...] = SCOPES
    domain: str = "example.org"
    domain_valid: bool = True
    webhook_enabled: bool = True
    signed: bool = True
    muted: tuple[str, ...] = ()  # events reported as off; the simulator sends them anyway


def domains(setup: Setup) -> list[dict[str, Any]]:
    """GET /v3/whitelabel/domains."""
    name, valid = setup.domain, setup.domain_valid
    records = {
        "mail_cname": (f"em1.{name}", "u1.wl.sandbox.invalid"),
        "dkim1": (f"s1._domainkey.{name}", "s1.domainkey.u1.wl.sandbox.invalid"),
        "dkim2": (f"s2._domainkey.{name}", "s2.domainkey.u1.wl.sandbox.invalid"),
    }
    dns = {key: {"valid": valid, "type": "cname", "host": host, "data": to} for key, (host, to) in records.items()}
    about = {"id": 1, "user_id": 1, "subdomain": "em1", "domain": name, "username": "sandbox", "ips": []}
    flags = {"custom_spf": False, "default": True, "legacy": False, "automatic_security": True, "valid": valid}
    return [{**about, **flags, "dns": dns}]


def webhooks(setup: Setup, url: str, public_key: str, include: str) -> dict[str, Any]:
    """GET /v3/user/webhooks/event/settings/all. Only a signed webhook has a public key."""
    if not url:
        return {"max_allowed": 5, "webhooks": [{}]}
    webhook: dict[str, Any] = {
        "enabled": setup.webhook_enabled,
        "url": url,
        **{event: event not in setup.muted for event in EVENTS},
        **dict.fromkeys(NEVER, False),
        "friendly_name": "sandbox",
        "id": "00000000-0000-4000-8000-000000000001",
        "created_date": "2026-11-24T12:00:00Z",
        "updated_date": "2026-11-24T12:00:00Z",
    }
    if include == "account_status_change":
        webhook["account_status_change"] = include not in setup.muted
    if setup.signed:
        webhook["public_key"] = public_key
    return {"max_allowed": 5, "webhooks": [webhook]}
