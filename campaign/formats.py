"""Formats that several packages read or write: email addresses, ZIP codes, cells of a spreadsheet."""

from __future__ import annotations

import re

from email_validator import EmailNotValidError, validate_email

from campaign.errors import CampaignError

ZIP_CODE = re.compile(r"([0-9]{5})(?:[- ]?([0-9]{4}))?")  # its five digits, and the four of ZIP+4

# A fast path: email-validator accepts these as they are (a test compares), 30 times slower. It decides on the rest:
# domains that no one can be reached at (RFC 6761), labels with two hyphens (IDNA), other alphabets.
_PLAIN_ADDRESS = re.compile(
    r"(?=[^@]{1,64}@.{1,189}\Z)[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?!.*--)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+"
    r"(?!(?:arpa|invalid|local|localhost|onion|test)\Z)[a-z]{2,63}\Z"
)
_TWO_ADDRESSES = re.compile(r"@[^@]+@", re.DOTALL)
NAME_LENGTH = 60
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def email_address(text: str, *, test_domains: bool = False) -> str:
    """An email address as it is stored: lower case, the domain in ASCII. Raises ValueError with the reason.

    `test_domains`: whether an address at a .test domain is one.
    """
    email = text.strip().lower()
    if _PLAIN_ADDRESS.match(email):
        return email
    if not email:
        raise ValueError("there is no email address")
    if _TWO_ADDRESSES.search(email):
        raise ValueError("there are two email addresses in one field")
    try:
        # SendGrid does not support letters beyond ASCII before the @
        found = validate_email(
            email, check_deliverability=False, allow_smtputf8=False, strict=True, test_environment=test_domains
        )
    except EmailNotValidError as error:
        raise ValueError(f"this is not an email address: {error}") from None
    return f"{found.local_part}@{found.ascii_domain}".lower()


def is_email_address(text: str, *, test_domains: bool = False) -> bool:
    try:
        return bool(email_address(text, test_domains=test_domains))
    except ValueError:
        return False


def person_name(text: str) -> str:
    """The name given with --by, with single spaces. Raises CampaignError if it is none."""
    name = " ".join(text.split())
    if not any(sign.isalpha() for sign in name) or not name.isprintable() or set(name) & set("@<>/"):
        raise CampaignError("is not a name", where="--by", do='Write: --by "Ana Ruiz"')
    if len(name) > NAME_LENGTH:
        raise CampaignError(f"has more than {NAME_LENGTH} characters", where="--by")
    return name


def spreadsheet_cell(text: str) -> str:
    """A cell that a spreadsheet does not run as a formula: an apostrophe in front makes it text."""
    return "'" + text if text.startswith(_FORMULA) else text
