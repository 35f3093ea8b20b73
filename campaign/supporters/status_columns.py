"""The columns in which other tools record who may be emailed, and how to read their cells.

To add a header, put it on the line it belongs to, in lower case, without accents and punctuation. Filler words in front
are ignored: "Email Status", "is_deceased", "npsp__Do_Not_Contact__c", "email1_..." match too.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from enum import Enum

from campaign.supporters.status_words import Meaning, fold, word_set


class ColumnKind(Enum):
    """How the cells of a known column are read."""

    STATUS = "status"  # the words decide
    MIXED = "mixed"  # status words decide, others mean something else: a U.S. state, a membership
    FLAG = "flag"  # a yes or a date refuses
    TIME = "time"  # any date, reason or campaign refuses
    PERMISSION = "permission"  # a no is a no
    OTHER = "other"  # looks like a status column, but is not about email


@dataclass(frozen=True, slots=True)
class KnownColumn:
    """How to read a column. `meaning`: of a yes (FLAG), any value (TIME), or a no (PERMISSION)."""

    kind: ColumnKind
    meaning: Meaning = Meaning.NOTHING


# Headers | tools that write them
_TABLE = {
    (ColumnKind.STATUS, Meaning.NOTHING): """
        status, substatus, subscription, sub status, member state | Keila, listmonk, ActiveCampaign, MailerLite, Sendy
        subscription status, subscribe status, unsubscribe status | listmonk, EveryAction, Action Network
        opt in status, optin status, opt status, email state, subscription state, subscriber state, list state | Kit
        permission status, consent status, email interest | Constant Contact, Bloomerang
        email marketing consent, marketing consent, suppression status | Klaviyo
        deliverability status, deliverability, delivery status, bounce status | Wix
        confirmation status, mailing status | HubSpot
        estado de suscripcion, suscripcion, estado de correo, estado del suscriptor, estatus, situacion | Spanish
    """,
    (ColumnKind.MIXED, Meaning.NOTHING): """
        state, estado | Kit, Campaign Monitor; or where people live
        member status, contact status, constituent status, person status, estado del contacto | Mailchimp, Zoho; CRMs
        email interest level | Bloomerang
    """,
    (ColumnKind.FLAG, Meaning.UNSUBSCRIBED): """
        unsubscribed, unsubscribe, unsub, unsubbed, unsubscribed from email | generic
        unsubscribed from all email, unsubscribed from all | HubSpot
        unsubscribed all, globally unsubscribed | SendGrid
        opt out, opted out, opts out, opt out of email, opted out of email, has opted out of email | CiviCRM, Salesforce
        opt out of all, opted out of all | Neon
        confirmed opt out, user opt out, marketing opt out | Constant Contact
        no bulk emails user opt out, no bulk email, bulk email opt out | CiviCRM
        no mass email | Bloomerang
        declined email, declines email, refused email, revoked, remove from list, stop email | generic
        baja, dado de baja, dada de baja, desuscrito, desuscrita, cancelo suscripcion, suscripcion cancelada | Spanish
    """,
    (ColumnKind.FLAG, Meaning.DO_NOT_EMAIL): """
        do not email, do not send email, do not send, never email | CiviCRM, VAN
        do not bulk email, do not allow emails, do not allow bulk emails | Dynamics
        do not contact, no contact | NationBuilder, NPSP
        no email, requests no email, request no email, no email contact | Raiser's Edge
        no solicitations, do not solicit, no newsletter | Bloomerang
        blocklisted, blacklisted, blocklist, blacklist | Brevo, listmonk, phpList
        suppressed, suppression, suppress, blocked, banned | Klaviyo, SendGrid, Blue State
        email disabled, email delivery disabled, receiving emails disabled | Substack, Wild Apricot
        is excluded from campaigns, exclude from email, exclude | Mailjet
        no enviar correo, no enviar correo electronico, no enviar email, no mandar correo | Spanish
        no contactar, no contactar por correo, no desea correos, no quiere correos, lista negra | Spanish
    """,
    (ColumnKind.FLAG, Meaning.NOT_YET): """
        dnc | do not contact, or do not call: left out only
        email address quarantined, quarantined, soft bounce, soft bounced, bounced soft | HubSpot, ActiveCampaign
        unconfirmed, pending, archived, inactive, is opt in pending, excluded, email disabled temporarily | Mailjet
        remove, removed | generic
    """,
    (ColumnKind.FLAG, Meaning.BOUNCED): """
        bounced, bounce, hard bounce, hard bounced, bounced hard, cleaned | ActiveCampaign, Salesforce
        on hold, hold | CiviCRM
        email is bad, bad email, bad address, email bounce, email bounced | NationBuilder
        invalid email, invalid email address, email is invalid, undeliverable, unreachable | HubSpot
        rebotado, rebote, correo invalido | Spanish
    """,
    (ColumnKind.FLAG, Meaning.COMPLAINED): """
        complained, complaint, spam complaint, spam, marked as spam | Kit, SES
        marked spam, reported spam, reported as spam, spam report, abuse | SendGrid
    """,
    (ColumnKind.FLAG, Meaning.DECEASED): """
        deceased, dead, died, has died, passed away | all CRMs
        fallecido, fallecida, fallecio, difunto, difunta, ha fallecido, esta fallecido | Spanish
    """,
    (ColumnKind.TIME, Meaning.UNSUBSCRIBED): """
        stop time, stop status, unsub campaign, removed on, opt out campaign | AWeber
        fecha de baja, motivo de baja | Spanish
    """,
    (ColumnKind.TIME, Meaning.BOUNCED): """
        clean, clean campaign, cleaned campaign, hold date, bounce campaign | Mailchimp, CiviCRM
    """,
    (ColumnKind.TIME, Meaning.DECEASED): """
        death, date of death, date deceased, deathdate, death date | all CRMs
        fecha de fallecimiento, fecha de defuncion | Spanish
    """,
    (ColumnKind.TIME, Meaning.NOT_YET): """
        deleted, deleted at, archived at, quarantine | Ghost, HubSpot
    """,
    (ColumnKind.PERMISSION, Meaning.NO): """
        subscribed, subscribe, subscribed to email, subscribed to list | Ghost, VAN, Squarespace
        opt in, opted in, double opt in, single opt in, opted in to email, opt in to email | NationBuilder, Brevo
        email consent, consents to email, gdpr consent, agreed to marketing | generic
        accepts marketing, accepts email, accept marketing | Shopify, Luminate
        receive email, receives email, receive newsletter, receives newsletter | Salsa, Wild Apricot
        send email, send newsletter, wants email, want email | generic
        ok to email, okay to email, email ok, can email, may email, can be emailed, may be emailed | generic
        emailable, mailable, permission to email, email permission, email allowed, allow email | Dynamics
        suscrito, suscrita, acepta correo, acepta email, recibir correo, recibe correo | Spanish
        acepta recibir correo, desea recibir correo, quiere recibir correo, autoriza correo | Spanish
    """,
    (ColumnKind.PERMISSION, Meaning.NOT_YET): """
        active, active subscriber, enabled, email confirmed, email verified, email address verified | Mautic, phpList
        subscription confirmed, opt in confirmed, activo, activa, suscripcion activa | generic
    """,
    (ColumnKind.PERMISSION, Meaning.BOUNCED): """
        valid email, email is valid, email address valid, deliverable, correo valido | generic
    """,
    (ColumnKind.OTHER, Meaning.NOTHING): """
        active subscription, status date, status id, status changed, status time | Substack: paid
        unsubscribe link, unsubscribe url, subscribed on, subscribed at | generic
    """,
}

# Words without effect on a column's meaning: anywhere, in front, at the end.
_FILLER = word_set(
    "de del la el los las is has was were are the a an of to from flag field user s y n hs can2 npsp npe01 sf mc"
)
_FRONT = word_set(
    "last latest global cons communication communications system email e mail contact member subscriber person people "
    "supporter list newsletter marketing primary preferred personal home work main default current address customer "
    "constituent mailing correo individual optin bulk"
)
_END = word_set("email correo newsletter newsletters marketing communications updates mailings me")
_TIME = word_set(
    "utc gmt est edt date time datetime timestamp at on day since reason reasons campaign title id detail details by "
    "method mode source code description other type message category diagnostic fecha motivo"
)
_NUMBER = word_set("count counts total number num rate score percent url link token hash key page form ip")
_CHANNELS = word_set(
    "call calls phone telephone mobile cell sms text texts texting mms fax whatsapp push voice robocall postal "
    "letter letters print direct trade thank share sell telefono llamar mensajes celular donotcall donotmail "
    "donotphone donotsms donottext nocall nomail nophone nosms"
)
_ABOUT = word_set(
    "email mail mailing newsletter subscription subscriptions subscriber subscribe subscribed list lists optin opt "
    "deliverability delivery correo boletin suscripcion suscriptor lista consent unsub"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def tokens(header: str) -> list[str]:
    """The words of a header: lower case, split at punctuation and camel case, without numbers or Salesforce's `__c`."""
    header = re.sub(r"__[cr]$", "", header.strip(), flags=re.IGNORECASE)
    if not header.isupper():
        header = _CAMEL.sub(" ", header)
    words = re.findall(r"[^\W_]+", fold(header).replace("e-mail", "email").replace("opt-", "opt "))
    return [re.sub(r"^(email|mail|correo)s?\d*$", r"\1", word) for word in words if not word.isdigit()]


def _plain(words: list[str]) -> list[str]:
    return [word for word in words if word not in _FILLER]


def _key(words: list[str]) -> str:
    return re.sub(r"(email|correo|newsletter|electronico)s", r"\1", re.sub("^dont", "donot", "".join(words)))


_KNOWN = {
    _key(spelling): KnownColumn(kind, meaning)
    for (kind, meaning), lines in _TABLE.items()
    for line in lines.strip().splitlines()
    for words in map(tokens, line.partition("|")[0].split(","))
    for spelling in (words, _plain(words))
}


def number_of(header: str) -> int:
    """Which of a supporter's addresses a header is about: 2 for "email2_is_bad" or "Secondary email", else 1."""
    word = fold(header)
    if match := re.search(r"\be-?mail(?: address)? ?(\d)(?!\d)", word):
        return int(match[1])
    other = re.search(r"\b(secondary|alternate|alternative|alt|other|second)(?: \w+)? (e-?mail|address)", word)
    return 2 if other else 1


def known_column(header: str) -> KnownColumn | None:
    """How to read a column with this header; None if it is unknown."""
    words = _plain(tokens(header))
    postal = {("not", "mail"), ("no", "mail"), ("mail", "opt")} & set(itertools.pairwise(words))
    if (postal or _CHANNELS & set(words)) and not {"email", "correo"} & set(words):
        return KnownColumn(ColumnKind.OTHER)
    if column := _find(words):
        return column
    timed = _without(words, _TIME)
    if timed != words and (column := _find(timed)):
        refuses = column.kind in {ColumnKind.FLAG, ColumnKind.TIME}
        return KnownColumn(ColumnKind.TIME, column.meaning) if refuses else KnownColumn(ColumnKind.OTHER)
    number = _without(words, _NUMBER)
    if number != words and _find(number):
        return KnownColumn(ColumnKind.OTHER)
    # "Opted out of email: Monthly news": one of several kinds of email
    if ":" in header and (column := known_column(header.split(":")[0])):
        opt_out = column == KnownColumn(ColumnKind.FLAG, Meaning.UNSUBSCRIBED)
        return KnownColumn(ColumnKind.FLAG, Meaning.NOT_YET) if opt_out else column
    return None


def _find(words: list[str]) -> KnownColumn | None:
    """The column with these words, with or without filler words at the front and end."""
    while words:
        shorter = words
        while shorter:
            key = _key(shorter)  # a header in one word may have such a prefix too
            if column := _KNOWN.get(key) or _KNOWN.get(re.sub("^(is|has|email|global|newsletter)", "", key)):
                return column
            shorter = shorter[:-1] if shorter[-1] in _END else []
        words = words[1:] if words[0] in _FRONT else []
    return None


def _without(words: list[str], extra: frozenset[str]) -> list[str]:
    """The words, without `extra` ones at either end."""
    first, last = 0, len(words)
    while first < last and words[first] in extra:
        first += 1
    while last > first and words[last - 1] in extra:
        last -= 1
    return words[first:last]


def about_email(header: str) -> bool:
    """Whether a header seems to be about email or a subscription."""
    return not _ABOUT.isdisjoint(tokens(header))
