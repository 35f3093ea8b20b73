"""The columns in which other tools say who may be emailed: their headers, and how to read their cells.

The table is data: add a header to the line it belongs to, in lower case, without accents and signs. A header also
matches with words in front that change nothing: "Email Status", "is_deceased", "npsp__Do_Not_Contact__c", "email1_...".
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from enum import Enum

from campaign.supporters.status_words import Meaning, fold, word_set


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


# (kind, meaning, lines of: headers | tools that write them)
_TABLE: tuple[tuple[Kind, Meaning, str], ...] = (
    (
        Kind.STATUS,
        Meaning.NOTHING,
        """
        status, substatus | Keila, listmonk, ActiveCampaign, MailerLite, Sendy, AWeber
        subscription, subscription status, subscribe status | listmonk, EveryAction
        subscription state, sub status, opt in status, optin status | Kit, Campaign Monitor
        email state, member state, subscriber state, list state | Campaign Monitor
        permission status, consent status, opt status, can2 status | Constant Contact
        email marketing consent, marketing consent, suppression status | Klaviyo
        deliverability status, deliverability, delivery status, bounce status | Wix
        confirmation status, unsubscribe status, email interest, mailing status | HubSpot
        estado de suscripcion, estado suscripcion, suscripcion | Spanish
        estado del correo, estado de correo, estado correo, estado del contacto | Spanish
        estado del suscriptor, estatus, situacion, status do contato | Spanish
        """,
    ),
    (
        Kind.STATUS_OR_PLACE,
        Meaning.NOTHING,
        """
        state, estado | Kit, Campaign Monitor; or where people live
        """,
    ),
    (
        Kind.REFUSAL_FLAG,
        Meaning.UNSUBSCRIBED,
        """
        unsubscribed, unsubscribe, unsub, unsubbed | generic
        unsubscribed from all email, unsubscribed from all | HubSpot
        unsubscribed all, global unsubscribe, globally unsubscribed | SendGrid
        unsubscribed from email, unsubscribed from emails | generic
        opt out, opted out, optout, optedout, opts out | CiviCRM, Zoho, Neon
        has opted out of email, opted out of email | Salesforce, HubSpot
        opt out of email, opt out of emails, opt out email | Salesforce
        opted out email, opt out of all, opted out of all, global opt out | generic
        confirmed opt out, user opt out, marketing opt out | Constant Contact
        no bulk emails user opt out, no bulk emails, no bulk email | CiviCRM
        bulk email opt out, no mass email, no mass emails | CiviCRM, Bloomerang
        declined email, declines email, refused email, revoked, remove from list, stop email, stop emails | generic
        baja, dado de baja, dada de baja, de baja, desuscrito | Spanish
        desuscrita, cancelo suscripcion, suscripcion cancelada | Spanish
        """,
    ),
    (
        Kind.REFUSAL_FLAG,
        Meaning.DO_NOT_EMAIL,
        """
        do not email, donotemail, dont email, do not e mail | CiviCRM, VAN
        do not send email, do not send emails, do not bulk email | Dynamics
        do not allow emails, do not allow bulk emails | Dynamics
        do not contact, donotcontact, dont contact, no contact | NationBuilder, NPSP
        no email, no emails, noemail, requests no email, request no email | Raiser's Edge
        no email contact, no solicitations, do not solicit | Raiser's Edge, Bloomerang
        blocklisted, blacklisted, blocklist, blacklist | Brevo, listmonk, phpList
        suppressed, suppression, suppress, blocked, banned | Klaviyo, SendGrid
        email disabled, emails disabled, email delivery disabled | Substack, Wild Apricot
        receiving emails disabled, is excluded from campaigns | Wild Apricot, Mailjet
        excluded from campaigns, exclude from email, exclude | Mailjet
        no enviar correo, no enviar correos, no enviar emails | Spanish
        no enviar email, no enviar correo electronico, no contactar | Spanish
        no mandar correo, no mandar correos, lista negra, no contactar por correo | Spanish
        no enviar correos electronicos, do not send, never email, no newsletter, no newsletters | generic
        """,
    ),
    (
        Kind.REFUSAL_FLAG,
        Meaning.NOT_YET,
        """
        dnc | do not contact, or do not call: left out only
        email address quarantined, email quarantined, quarantined | HubSpot
        soft bounce, soft bounced, bounced soft, email disabled temporarily | ActiveCampaign
        unconfirmed, pending, archived, email inactive, inactive, is opt in pending, excluded | Mailjet
        remove, removed | generic
        """,
    ),
    (
        Kind.REFUSAL_FLAG,
        Meaning.BOUNCED,
        """
        bounced, bounce, hard bounce, hard bounced, bounced hard | ActiveCampaign
        email bounced, is email bounced, email bounce, cleaned | Salesforce
        on hold, email on hold, hold | CiviCRM
        email is bad, email bad, bad email, bad address, email is invalid | NationBuilder
        invalid email, invalid email address, email invalid | HubSpot
        email undeliverable, undeliverable, unreachable | generic
        rebotado, rebote, correo invalido, correo rebotado | Spanish
        """,
    ),
    (
        Kind.REFUSAL_FLAG,
        Meaning.COMPLAINED,
        """
        complained, complaint, spam complaint, spam, marked as spam | Kit, SES
        marked spam, reported spam, reported as spam, spam report, abuse | SendGrid
        """,
    ),
    (
        Kind.REFUSAL_FLAG,
        Meaning.DECEASED,
        """
        deceased, is deceased, dead, died, has died, fallecido, fallecida | all CRMs
        difunto, difunta, esta fallecido, passed away | generic
        """,
    ),
    (
        Kind.REFUSAL_TIME,
        Meaning.UNSUBSCRIBED,
        """
        stop time, stop status, unsub campaign, removed on, opt out campaign | AWeber
        fecha de baja, fecha baja, motivo de baja, motivo baja | Spanish
        """,
    ),
    (
        Kind.REFUSAL_TIME,
        Meaning.BOUNCED,
        """
        clean, clean campaign, cleaned campaign, hold date, bounce campaign | Mailchimp, CiviCRM
        """,
    ),
    (
        Kind.REFUSAL_TIME,
        Meaning.DECEASED,
        """
        death, date of death, date deceased, deathdate, death date | all CRMs
        fecha de fallecimiento, fecha fallecimiento, fecha de defuncion | Spanish
        """,
    ),
    (
        Kind.REFUSAL_TIME,
        Meaning.NOT_YET,
        """
        deleted, deleted at, archived at, quarantine | Ghost, HubSpot
        """,
    ),
    (
        Kind.PERMISSION_FLAG,
        Meaning.NO,
        """
        subscribed, is subscribed, subscribe, subscribed to emails | Ghost, VAN, Squarespace
        subscribed to email, subscribed to newsletter, subscribed to list | generic
        opt in, opted in, optin, optedin, email opt in, newsletter opt in | NationBuilder, Brevo
        double opt in, single opt in, opted in to email, opt in to email | Brevo
        opt in to emails, opted in to emails, email consent, consents to email | generic
        accepts marketing, accepts email marketing, accepts email | Shopify, Luminate
        accepts emails, accept marketing, agreed to marketing, gdpr consent | Shopify
        receive email, receive emails, receives email, receives emails | Salsa
        receive newsletter, receive newsletters, receives newsletter | Wild Apricot
        send email, send emails, send newsletter, wants email, wants emails | generic
        ok to email, okay to email, email ok, can email, may email | generic
        can be emailed, may be emailed, emailable, mailable | generic
        permission to email, email permission, email allowed, allow email | Dynamics
        suscrito, suscrita, acepta correos, acepta correo, acepta emails | Spanish
        acepta email, recibir correos, recibe correos, desea recibir correos | Spanish
        """,
    ),
    (
        Kind.PERMISSION_FLAG,
        Meaning.NOT_YET,
        """
        active, email active, active subscriber, enabled, email enabled | Mautic
        email confirmed, email verified, email address verified | phpList
        subscription confirmed, opt in confirmed, activo, activa, suscripcion activa | generic
        """,
    ),
    (
        Kind.PERMISSION_FLAG,
        Meaning.BOUNCED,
        """
        valid email, email valid, email is valid, email address valid | generic
        deliverable, email deliverable, correo valido | generic
        """,
    ),
    (
        Kind.OTHER,
        Meaning.NOTHING,
        """
        active subscription, status date, status id, status changed, status time | Substack: paid
        unsubscribe link, unsubscribe url, subscribed on, subscribed at | generic
        """,
    ),
)

# Words that change nothing about what a column says.
_FILLER = word_set(
    "de del la el los las is has was were are the a an of to from flag field user s hs can2 npsp npe01 sf mc"
)
_FRONT = word_set(
    "last latest global cons communication communications system email emails e mail contact contacts member "
    "subscriber subscribers person people user supporter list newsletter marketing primary preferred personal home "
    "work main default current address customer constituent mailing correo individual optin bulk"
)
_END = word_set("email emails correo correos newsletter newsletters marketing communications updates mailings me")
_TIME = word_set(
    "utc gmt est edt date time datetime timestamp at on day since reason reasons campaign title id detail details"
)
_TIME |= word_set("by method mode source code description other type message category diagnostic fecha motivo")
_NUMBER = word_set("count counts total number num rate score percent url link token hash key page form ip")
_CHANNELS = word_set(
    "call calls phone telephone mobile cell sms text texts texting mms fax whatsapp push voice robocall postal "
    "letter letters print direct trade thank share sell telefono llamar mensajes celular donotcall donotmail "
    "donotphone donotsms donottext nocall nomail nophone nosms"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def _spellings(names: str) -> list[str]:
    """The headers of a line without spaces: as they stand, and without the words that change nothing."""
    words = [name.split() for name in names.split(",")]
    return ["".join(part) for name in words for part in (name, [word for word in name if word not in _FILLER])]


_KNOWN: dict[str, KnownColumn] = {
    name: KnownColumn(kind, meaning)
    for kind, meaning, lines in _TABLE
    for line in lines.strip().splitlines()
    for name in _spellings(line.partition("|")[0])
}


def tokens(header: str) -> list[str]:
    """The words of a header: lower case, split at signs and camel case, without numbers or a custom field's `__c`."""
    header = re.sub(r"__[cr]$|\by/n\b", "", header.strip(), flags=re.IGNORECASE)
    if not header.isupper():
        header = _CAMEL.sub(" ", header)
    words = re.findall(r"[^\W_]+", fold(header).replace("e-mail", "email").replace("opt-", "opt "))
    words = [re.sub(r"^(e?mails?|correo)\d+$", r"\1", word) for word in words]
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
    return any(pair in {("not", "mail"), ("no", "mail"), ("mail", "opt")} for pair in itertools.pairwise(words))


def _lookup(words: list[str]) -> KnownColumn | None:
    plain = [word for word in words if word not in _FILLER]
    for start in _starts(words, plain):
        if (found := _KNOWN.get("".join(start))) is not None:
            return found
    timed, number = _without(plain, _TIME), _without(plain, _NUMBER)
    if timed != plain:
        for start in _starts(timed, timed):
            base = _KNOWN.get("".join(start))
            if base is not None and base.kind is Kind.REFUSAL_FLAG:
                return KnownColumn(Kind.REFUSAL_TIME, base.meaning)
            if base is not None:
                return base if base.kind is Kind.REFUSAL_TIME else KnownColumn(Kind.OTHER)
    if number != plain and any("".join(start) in _KNOWN for start in _starts(number, number)):
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
    """A header's words: all of them, and with words that change nothing removed from both ends."""
    found = [words, plain]
    rest = plain
    while len(rest) > 1 and rest[0] in _FRONT:
        rest = rest[1:]
        found.append(rest)
    for start in (plain, rest):
        while len(start) > 1 and start[-1] in _END:
            start = start[:-1]
            found.append(start)
    return found


def about_email(header: str) -> bool:
    """Whether a header sounds as if it were about email or a subscription."""
    about = (
        "email emails mail mailing newsletter subscription subscriptions subscriber subscribe subscribed list lists "
    )
    about += "optin opt deliverability delivery correo correos boletin suscripcion suscriptor lista consent unsub"
    return bool(set(about.split()) & set(tokens(header)))
