"""[cwc] of config.toml: Communicating with Congress, for operators approved by a chamber. Off by default."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from campaign.config_checks import Problem, address
from campaign.formats import is_email_address

ENVIRONMENTS = ("", "uat", "production")
KEYS = {"house": "CAMPAIGN_CWC_HOUSE_KEY", "senate": "CAMPAIGN_CWC_SENATE_KEY"}  # secrets: environment only

_PHONE = re.compile(r"[0-9]{3}-[0-9]{3}-[0-9]{4}")


@dataclass(frozen=True, slots=True)
class Cwc:
    """`environment`: "" is off, "uat" is the test system, which reaches no office. An empty URL means the chamber's."""

    environment: str = ""
    agent: str = ""
    ack_email: str = ""
    contact_name: str = ""
    contact_email: str = ""
    contact_phone: str = ""
    house_url: str = address("")
    senate_url: str = address("")


def keys(environ: Mapping[str, str]) -> dict[str, str]:
    """The keys that are set, by chamber."""
    return {chamber: environ[name] for chamber, name in KEYS.items() if environ.get(name)}


def check(found: Cwc, keys: Mapping[str, str], problem: Problem) -> None:
    """Call `problem` for everything the chambers would refuse; nothing is checked while it is off."""
    if found.environment not in ENVIRONMENTS:
        do = 'It must be "" (off), "uat" (reaches no office) or "production".'
        problem("[cwc] environment", f"is {found.environment!r}", do)
    if not found.environment:
        return
    if len(found.agent) < 4 or len(found.agent) > 500:
        problem("[cwc] agent", "must have 4 to 500 characters", "Write the legal name of your application.")
    if len(found.contact_name) < 6 or len(found.contact_name) > 500:
        problem("[cwc] contact_name", "must have 6 to 500 characters", "The chambers require at least six.")
    for name, what in (("ack_email", "a mailbox you read: failure notices arrive there"), ("contact_email", "yours")):
        if not is_email_address(getattr(found, name), test_domains=True):
            problem(f"[cwc] {name}", f"is {getattr(found, name)!r}", f"Write an email address, {what}.")
    if not _PHONE.fullmatch(found.contact_phone):
        problem("[cwc] contact_phone", f"is {found.contact_phone!r}", "Write it as 202-555-0134.")
    if not keys:
        do = f'Set {" or ".join(KEYS.values())} in the environment, or write environment = "".'
        problem("[cwc] environment", "is set, but there is no key of a chamber", do)
