"""The columns in which other tools say who may be emailed: their headers, and how to read their cells.

The table is data: add a header to the line it belongs to, in lower case, without accents and signs. A header also
matches with words that change nothing in front ("Email Status", "is_deceased", "npsp__Do_Not_Contact__c", "email1_...").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from campaign.supporters.status_words import Meaning, fold


class Kind(Enum):
    """How the cells of a known column are read."""

    STATUS = "status"  # the words decide
    STATUS_OR_PLACE = "status or place"  # so do they, but other words are a U.S. state
    REFUSAL_FLAG = "refusal flag"  # a yes refuses
    REFUSAL_TIME = "refusal time"  # any date, reason or campaign refuses
    PERMISSION_FLAG = "permission flag"  # a no is a no
    OTHER = "other"  # it looks like one of these, and says nothing about email


@dataclass(frozen=True, slots=True)
class KnownColumn:
    """How to read a known column. `meaning`: of a set flag, of a time, or of a "no" in a permission column."""

    kind: Kind
    meaning: Meaning = Meaning.NOTHING


# (kind, meaning, headers, tools that write them)
_TABLE: tuple[tuple[Kind, Meaning, str, str], ...] = (
    (Kind.STATUS, Meaning.NOTHING, "status, substatus", "Keila, listmonk, ActiveCampaign, MailerLite, Sendy, AWeber"),
    (Kind.STATUS, Meaning.NOTHING, "subscription, subscription status, subscribe status", "listmonk, EveryAction"),
    (Kind.STATUS, Meaning.NOTHING, "subscription state, sub status, opt in status, optin status", "Kit, Campaign Monitor"),
    (Kind.STATUS, Meaning.NOTHING, "email state, member state, subscriber state, list state", "Campaign Monitor"),
    (Kind.STATUS, Meaning.NOTHING, "permission status, consent status, opt status, can2 status", "Constant Contact"),
    (Kind.STATUS, Meaning.NOTHING, "email marketing consent, marketing consent, suppression status", "Klaviyo"),
    (Kind.STATUS, Meaning.NOTHING, "deliverability status, deliverability, delivery status, bounce status", "Wix"),
    (Kind.STATUS, Meaning.NOTHING, "confirmation status, unsubscribe status, email interest, mailing status", "HubSpot"),
    (Kind.STATUS, Meaning.NOTHING, "estado de suscripcion, estado suscripcion, suscripcion", "Spanish"),
    (Kind.STATUS, Meaning.NOTHING, "estado del correo, estado de correo, estado correo, estado del contacto", "Spanish"),
    (Kind.STATUS, Meaning.NOTHING, "estado del suscriptor, estatus, situacion, status do contato", "Spanish"),
    (Kind.STATUS_OR_PLACE, Meaning.NOTHING, "state, estado", "Kit, Campaign Monitor; or where people live"),
    (Kind.REFUSAL_FLAG, Meaning.UNSUBSCRIBED, "unsubscribed, unsubscribe, unsub, unsubbed", "generic"),
    (Kind.REFUSAL_FLAG, Meaning.UNSUBSCRIBED, "unsubscribed from all email, unsubscribed from all", "HubSpot"),
    (Kind.REFUSAL_FLAG, Meaning.UNSUBSCRIBED, "unsubscribed all, global unsubscribe, globally unsubscribed", "SendGrid"),
    (Kind.REFUSAL_FLAG, Meaning.UNSUBSCRIBED, "unsubscribed from email, unsubscribed from emails", "generic"),
    (Kind.REFUSAL_FLAG, Meaning.UNSUBSCRIBED, "opt out, opted out, optout, optedout, opts out", "CiviCRM, Zoho, Neon"),
    (Kind.REFUSAL_FLAG, Meaning.UNSUBSCRIBED, "has opted out of email, opted out of email", "Salesforce, HubSpot"),
    (Kind.REFUSAL_FLAG, Meaning.UNSUBSCRIBED, "opt out of email, opt out of emails, opt out email", "Salesforce"),
    (Kind.REFUSAL_FLAG, Meaning.UNSUBSCRIBED, "opted out email, opt out of all, opted out of all, global opt out", "generic"),
    (Kind.REFUSAL_FLAG, Meaning.UNSUBSCRIBED, "confirmed opt out, user opt out, marketing opt out", "Constant Contact"),
    (Kind.REFUSAL_FLAG, Meaning.UNSUBSCRIBED, "no bulk emails user opt out, no bulk emails, no bulk email", "CiviCRM"),
    (Kind.REFUSAL_FLAG, Meaning.UNSUBSCRIBED, "bulk email opt out, no mass email, no mass emails", "CiviCRM, Bloomerang"),
    (Kind.REFUSAL_FLAG, Meaning.UNSUBSCRIBED, "declined email, declines email, refused email, revoked", "generic"),
    (Kind.REFUSAL_FLAG, Meaning.UNSUBSCRIBED, "baja, dado de baja, dada de baja, de baja, desuscrito", "Spanish"),
    (Kind.REFUSAL_FLAG, Meaning.UNSUBSCRIBED, "desuscrita, cancelo suscripcion, suscripcion cancelada", "Spanish"),
    (Kind.REFUSAL_FLAG, Meaning.DO_NOT_EMAIL, "do not email, donotemail, dont email, do not e mail", "CiviCRM, VAN"),
    (Kind.REFUSAL_FLAG, Meaning.DO_NOT_EMAIL, "do not send email, do not send emails, do not bulk email", "Dynamics"),
    (Kind.REFUSAL_FLAG, Meaning.DO_NOT_EMAIL, "do not allow emails, do not allow bulk emails", "Dynamics"),
    (Kind.REFUSAL_FLAG, Meaning.DO_NOT_EMAIL, "do not contact, donotcontact, dont contact, no contact", "NationBuilder, NPSP"),
    (Kind.REFUSAL_FLAG, Meaning.DO_NOT_EMAIL, "no email, no emails, noemail, requests no email, request no email", "Raiser's Edge"),
    (Kind.REFUSAL_FLAG, Meaning.DO_NOT_EMAIL, "no email contact, no solicitations, do not solicit", "Raiser's Edge, Bloomerang"),
    (Kind.REFUSAL_FLAG, Meaning.DO_NOT_EMAIL, "blocklisted, blacklisted, blocklist, blacklist", "Brevo, listmonk, phpList"),
    (Kind.REFUSAL_FLAG, Meaning.DO_NOT_EMAIL, "suppressed, suppression, suppress, blocked, banned", "Klaviyo, SendGrid"),
    (Kind.REFUSAL_FLAG, Meaning.DO_NOT_EMAIL, "email disabled, emails disabled, email delivery disabled", "Substack, Wild Apricot"),
    (Kind.REFUSAL_FLAG, Meaning.DO_NOT_EMAIL, "receiving emails disabled, is excluded from campaigns", "Wild Apricot, Mailjet"),
    (Kind.REFUSAL_FLAG, Meaning.DO_NOT_EMAIL, "excluded from campaigns, exclude from email, exclude", "Mailjet"),
    (Kind.REFUSAL_FLAG, Meaning.DO_NOT_EMAIL, "no enviar correo, no enviar correos, no enviar emails", "Spanish"),
    (Kind.REFUSAL_FLAG, Meaning.DO_NOT_EMAIL, "no enviar email, no enviar correo electronico, no contactar", "Spanish"),
    (Kind.REFUSAL_FLAG, Meaning.DO_NOT_EMAIL, "no mandar correo, no mandar correos, lista negra", "Spanish"),
    (Kind.REFUSAL_FLAG, Meaning.NOT_YET, "dnc", "do not contact, or do not call: left out only"),
    (Kind.REFUSAL_FLAG, Meaning.BOUNCED, "bounced, bounce, hard bounce, hard bounced, bounced hard", "ActiveCampaign"),
    (Kind.REFUSAL_FLAG, Meaning.BOUNCED, "email bounced, is email bounced, email bounce, cleaned", "Salesforce"),
    (Kind.REFUSAL_FLAG, Meaning.BOUNCED, "on hold, email on hold, hold", "CiviCRM"),
    (Kind.REFUSAL_FLAG, Meaning.BOUNCED, "email is bad, email bad, bad email, bad address, email is invalid", "NationBuilder"),
    (Kind.REFUSAL_FLAG, Meaning.BOUNCED, "invalid email, invalid email address, email invalid", "HubSpot"),
    (Kind.REFUSAL_FLAG, Meaning.BOUNCED, "email undeliverable, undeliverable, unreachable", "generic"),
    (Kind.REFUSAL_FLAG, Meaning.BOUNCED, "rebotado, rebote, correo invalido, correo rebotado", "Spanish"),
    (Kind.REFUSAL_FLAG, Meaning.NOT_YET, "email address quarantined, email quarantined, quarantined", "HubSpot"),
    (Kind.REFUSAL_FLAG, Meaning.NOT_YET, "soft bounce, soft bounced, bounced soft, email disabled temporarily", "ActiveCampaign"),
    (Kind.REFUSAL_FLAG, Meaning.NOT_YET, "unconfirmed, pending, archived, email inactive, is opt in pending", "Mailjet"),
    (Kind.REFUSAL_FLAG, Meaning.COMPLAINED, "complained, complaint, spam complaint, spam, marked as spam", "Kit, SES"),
    (Kind.REFUSAL_FLAG, Meaning.COMPLAINED, "marked spam, reported spam, reported as spam, spam report, abuse", "SendGrid"),
    (Kind.REFUSAL_FLAG, Meaning.DECEASED, "deceased, is deceased, dead, died, has died, fallecido, fallecida", "all CRMs"),
    (Kind.REFUSAL_FLAG, Meaning.DECEASED, "difunto, difunta, esta fallecido", "Spanish"),
    (Kind.REFUSAL_TIME, Meaning.UNSUBSCRIBED, "stop time, stop status, unsub campaign, removed on, opt out campaign", "AWeber"),
    (Kind.REFUSAL_TIME, Meaning.UNSUBSCRIBED, "fecha de baja, fecha baja, motivo de baja, motivo baja", "Spanish"),
    (Kind.REFUSAL_TIME, Meaning.BOUNCED, "clean, clean campaign, cleaned campaign, hold date, bounce campaign", "Mailchimp, CiviCRM"),
    (Kind.REFUSAL_TIME, Meaning.DECEASED, "death, date of death, date deceased, deathdate, death date", "all CRMs"),
    (Kind.REFUSAL_TIME, Meaning.DECEASED, "fecha de fallecimiento, fecha fallecimiento, fecha de defuncion", "Spanish"),
    (Kind.REFUSAL_TIME, Meaning.NOT_YET, "deleted, deleted at, archived at, quarantine", "Ghost, HubSpot"),
    (Kind.PERMISSION_FLAG, Meaning.NO, "subscribed, is subscribed, subscribe, subscribed to emails", "Ghost, VAN, Squarespace"),
    (Kind.PERMISSION_FLAG, Meaning.NO, "subscribed to email, subscribed to newsletter, subscribed to list", "generic"),
    (Kind.PERMISSION_FLAG, Meaning.NO, "opt in, opted in, optin, optedin, email opt in, newsletter opt in", "NationBuilder, Brevo"),
    (Kind.PERMISSION_FLAG, Meaning.NO, "double opt in, single opt in, opted in to email, opt in to email", "Brevo"),
    (Kind.PERMISSION_FLAG, Meaning.NO, "opt in to emails, opted in to emails, email consent, consents to email", "generic"),
    (Kind.PERMISSION_FLAG, Meaning.NO, "accepts marketing, accepts email marketing, accepts email", "Shopify, Luminate"),
    (Kind.PERMISSION_FLAG, Meaning.NO, "accepts emails, accept marketing, agreed to marketing, gdpr consent", "Shopify"),
    (Kind.PERMISSION_FLAG, Meaning.NO, "receive email, receive emails, receives email, receives emails", "Salsa"),
    (Kind.PERMISSION_FLAG, Meaning.NO, "receive newsletter, receive newsletters, receives newsletter", "Wild Apricot"),
    (Kind.PERMISSION_FLAG, Meaning.NO, "send email, send emails, send newsletter, wants email, wants emails", "generic"),
    (Kind.PERMISSION_FLAG, Meaning.NO, "ok to email, okay to email, email ok, can email, may email", "generic"),
    (Kind.PERMISSION_FLAG, Meaning.NO, "can be emailed, may be emailed, emailable, mailable", "generic"),
    (Kind.PERMISSION_FLAG, Meaning.NO, "permission to email, email permission, email allowed, allow email", "Dynamics"),
    (Kind.PERMISSION_FLAG, Meaning.NO, "suscrito, suscrita, acepta correos, acepta correo, acepta emails", "Spanish"),
    (Kind.PERMISSION_FLAG, Meaning.NO, "acepta email, recibir correos, recibe correos, desea recibir correos", "Spanish"),
    (Kind.PERMISSION_FLAG, Meaning.NOT_YET, "active, email active, active subscriber, enabled, email enabled", "Mautic"),
    (Kind.PERMISSION_FLAG, Meaning.NOT_YET, "email confirmed, email verified, email address verified", "phpList"),
    (Kind.PERMISSION_FLAG, Meaning.NOT_YET, "subscription confirmed, opt in confirmed, activo, activa", "generic"),
    (Kind.PERMISSION_FLAG, Meaning.BOUNCED, "valid email, email valid, email is valid, email address valid", "generic"),
    (Kind.PERMISSION_FLAG, Meaning.BOUNCED, "deliverable, email deliverable, correo valido", "generic"),
    (Kind.OTHER, Meaning.NOTHING, "active subscription, status date, status id, status changed, status time", "Substack: paid"),
    (Kind.OTHER, Meaning.NOTHING, "unsubscribe link, unsubscribe url, subscribed on, subscribed at", "generic"),
)

# Words that change nothing about what a column says.
_FILLER = frozenset("is has was were are the a an of to from flag field user s hs can2 npsp npe01 sf mc".split())
_FRONT = frozenset(
    "email emails e mail contact contacts member subscriber subscribers person people user supporter list newsletter "
    "marketing primary preferred personal home work main default current address customer constituent mailing correo "
    "lead1 individual optin bulk".split()
)
_TIME = frozenset("date time datetime timestamp at on day since reason reasons campaign title id detail details".split())
_TIME |= frozenset("by method mode source code description other type message category diagnostic fecha motivo".split())
_NUMBER = frozenset("count counts total number num rate score percent url link token hash key page form ip".split())
_CHANNELS = frozenset(
    "call calls phone telephone mobile cell sms text texts texting mms fax whatsapp push voice robocall postal "
    "letter letters print direct trade thank share sell telefono llamar mensajes celular donotcall donotmail donotphone "
    "donotsms donottext nocall nomail nophone nosms".split()
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def _squashed(words: list[str]) -> str:
    return "".join(words)


_KNOWN: dict[str, KnownColumn] = {
    name.replace(" ", ""): KnownColumn(kind, meaning)
    for kind, meaning, names, _tools in reversed(_TABLE)
    for name in (one.strip() for one in names.split(","))
}


def tokens(header: str) -> list[str]:
    """The words of a header: lower case, split at signs, digits' ends and camel case, without a custom field's `__c`."""
    header = re.sub(r"__[cr]$", "", header.strip(), flags=re.IGNORECASE)
    if not header.isupper():
        header = _CAMEL.sub(" ", header)
    words = re.findall(r"[^\W_]+", fold(header).replace("e-mail", "email").replace("opt-", "opt "))
    words = [re.sub(r"(?<=[a-z])\d+$", "", word) for word in words]
    return [word for word in words if not word.isdigit()]


def number_of(header: str) -> int:
    """Which of a person's addresses a header is about: 2 for "email2_is_bad" or "Secondary email", else 1."""
    word = fold(header)
    if found := re.search(r"\be-?mail(?: address)? ?(\d)(?!\d)", word):
        return int(found[1])
    other = re.search(r"\b(secondary|alternate|alternative|alt|other|second)(?: \w+)? (e-?mail|address)", word)
    return 2 if other else 1


def known_column(header: str) -> KnownColumn | None:
    """How to read a column by its header; None for a column that we do not know."""
    words = tokens(header)
    emails = any(word in {"email", "emails", "correo", "correos"} for word in words)
    if not emails and (_CHANNELS & set(words) or _postal(words)):
        return KnownColumn(Kind.OTHER)
    if (found := _lookup(words)) is not None:
        return found
    # "Opted out of email: Monthly news": one of several kinds of email
    if ":" in header and (found := known_column(header.split(":")[0])) is not None:
        refuses = found.kind is Kind.REFUSAL_FLAG and found.meaning is Meaning.UNSUBSCRIBED
        return KnownColumn(Kind.REFUSAL_FLAG, Meaning.NOT_YET) if refuses else found
    return None


def _postal(words: list[str]) -> bool:
    return any(pair in {("not", "mail"), ("no", "mail"), ("mail", "opt")} for pair in zip(words, words[1:], strict=False))


def _lookup(words: list[str]) -> KnownColumn | None:
    plain = [word for word in words if word not in _FILLER]
    for start in _starts(words, plain):
        if (found := _KNOWN.get(_squashed(start))) is not None:
            return found
    timed, number = _without(plain, _TIME), _without(plain, _NUMBER)
    if timed != plain:
        for start in _starts(timed, timed):
            base = _KNOWN.get(_squashed(start))
            if base is not None and base.kind is Kind.REFUSAL_FLAG:
                return KnownColumn(Kind.REFUSAL_TIME, base.meaning)
            if base is not None:
                return base if base.kind is Kind.REFUSAL_TIME else KnownColumn(Kind.OTHER)
    if number != plain and any(_squashed(start) in _KNOWN for start in _starts(number, number)):
        return KnownColumn(Kind.OTHER)
    return None


def _without(words: list[str], extra: frozenset[str]) -> list[str]:
    """The words without those of `extra` at either end."""
    first, last = 0, len(words)
    while first < last and words[first] in extra:
        first += 1
    while last > first and words[last - 1] in extra:
        last -= 1
    return words[first:last]


def _starts(words: list[str], plain: list[str]) -> list[list[str]]:
    """A header's words, whole and with words that change nothing taken from its front and its end."""
    found = [words, plain]
    rest = plain
    while len(rest) > 1 and rest[0] in _FRONT:
        rest = rest[1:]
        found.append(rest)
    while len(plain) > 1 and plain[-1] in {"email", "emails", "correo", "correos"}:
        plain = plain[:-1]
        found.append(plain)
    return found


def about_email(header: str) -> bool:
    """Whether a header sounds as if it were about email or a subscription."""
    about = "email emails mail mailing newsletter subscription subscriptions subscriber subscribe subscribed list lists "
    about += "optin opt deliverability delivery correo correos boletin suscripcion suscriptor lista consent unsub"
    return bool(set(about.split()) & set(tokens(header)))
