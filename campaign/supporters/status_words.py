"""The words other tools use for "may we email this person?", and their meanings.

To add a word, put it on the line of its meaning, in lower case without accents. A space matches "", " ", "-" and "_", a
slash separates alternatives, and `email` matches "emails" and "e-mail" too: `opt/opted out` matches "Opt-Out",
"opted_out" and "OptOut".
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable
from enum import IntEnum


class Meaning(IntEnum):
    """What a cell says about email. The largest one in a row wins."""

    NOTHING = 0  # an empty cell
    YES = 1
    UNKNOWN = 2  # unknown words: neither a yes nor a refusal
    NOT_YET = 3  # pending, inactive, archived: left out, an earlier yes stays
    NO = 4  # not agreed: left out, and suppressed if this list said yes before
    BOUNCED = 5
    UNSUBSCRIBED = 6
    COMPLAINED = 7
    DO_NOT_EMAIL = 8
    DECEASED = 9

    @property
    def suppresses(self) -> bool:
        """Whether the address must not be emailed again, whatever other lists say."""
        return self >= Meaning.BOUNCED

    @property
    def withdraws(self) -> bool:
        """Whether this ends an earlier yes of the same list."""
        return self >= Meaning.NO


def word_set(words: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(words.split())


# Refusals and not-yet words, anywhere in a cell.
_ANYWHERE = {
    Meaning.UNSUBSCRIBED: (
        "un sub/subs/subbed/subscribe/subscribed/subscribes/subscribing/subscription/subscriber, opt/opts/opted out",
        "opting out, opt outs, on hold opt/opted out, no longer subscribed, no longer opted in, no longer wants",
        "asked/requested/wants to stop, asked us to stop, asked/requested/wants to be removed, asked to be taken off",
        "asked for removal, requested removal, wants off/out, said/says no, said/replied/texted stop, removed",
        "remove me, take me off, please stop/remove, stop email/emailing/contacting/sending/writing/all",
        "withdrew/withdrawn/revoked, withdrew/revoked consent, consent withdrawn/revoked, refused/refuses",
        "no email, no more email, stop e mailing, de suscrito/suscrita/suscribir, dado/dada/darse/dio de baja",
        "pidio baja, baja solicitada, no mas correo/correos, cancelo suscripcion, suscripcion cancelada",
    ),
    Meaning.DO_NOT_EMAIL: (
        "do not email/contact/send/write/mail, do not bulk email, no bulk email, never email/contact, no contact",
        "block/black list, block/black listed, suppressed, suppression, suppression list, globally suppressed, banned",
        "email disabled, no enviar/contactar/mandar/escribir, lista negra",
    ),
    Meaning.BOUNCED: (
        "bounce/bounced/bounces/bouncing, hard bounce/bounced, cleaned, un/non/not deliverable/reachable, on hold",
        "on hold bounce, mailbox/address not found, user unknown, no such user, invalid/bad email/address",
        "rebotado/rebotada/rebote/rebotes, no entregable, correo invalido",
    ),
    Meaning.COMPLAINED: (
        "complained, spam, spam complaint/complaints/report/reported, previous spam complaint, reported spam",
        "reported as spam, marked spam, marked as spam, abuse complaint/report",
    ),
    Meaning.DECEASED: ("deceased, passed away, fallecido/fallecida/fallecio, difunto/difunta",),
    Meaning.NO: (
        "no/not/without opt in, not opted in, not signed up, not a subscriber, not subscribed/consented/agreed/given",
        "did not opt in, did not sign up, did not agree/consent/want, has not opted in, has not agreed/consented",
        "no/without consent/permission, no agreement, consent not given, do/does not want, does not wish, no thanks",
        "no thank you, not interested/willing, declined/declines/rejected/rejects/objected/objects/objection",
        "un willing, not/un checked/ticked, phone/text/texts/sms/postal/mail/post/call/calls only, by phone only",
        "nope, nah, no suscrito/suscrita, no autoriza/autorizo/acepta/acepto/quiere/quiero/desea/deseo/consiente",
        "sin consentimiento/permiso, solo telefono, solo por telefono",
    ),
    Meaning.NOT_YET: (
        "pending, un/not/never confirmed, not yet, awaiting, non subscribed/subscriber, never subscribed, inactive",
        "never opted in, never signed up, not/un verified, transactional, not active, soft bounce/bounced/bounces",
        "previous bounce, temp/temporary hold, no permission/permissions set, non marketing contact, not set",
        "un activated/engaged, pendiente, no confirmado/confirmada, sin confirmar, inactivo/inactiva",
    ),
}

# Words that count only as the whole cell, or before a date or note: "Active (import)", "Cancelled 2025-01-02".
_WHOLE = {
    Meaning.YES: (
        "yes, y, true, t, subscribed, re subscribed, subscriber, active, enabled, confirmed, opted in, opt in/ins",
        "single/double opt in, verified, valid, deliverable, delivered, good, ok, okay, normal, regular, current",
        "explicit, implicit, express, implied, marketing contact, mailable, signed up, alive, living",
        "not/never un subscribed, not/never opted out, not/never bounced, not suppressed, not block/black listed",
        "not deceased, not on hold, s, si, suscrito/suscrita, inscrito/inscrita, activo/activa, alta, habilitado",
        "confirmado/confirmada, verificado/verificada",
    ),
    Meaning.NO: ("no, n, false, f, off, never, none given, not, non, falso",),
    Meaning.NOT_YET: (
        "archived, disabled, deactivated, deleted, suspended, expired, lapsed, paused, invited, waiting, prospect",
        "failed, un known, archivado, suspendido, eliminado",
    ),
    Meaning.UNSUBSCRIBED: (
        "cancelled, canceled, cancellation, stop, stopped, remove, removal, quit, unjoined, baja, de baja",
        "cancelado/cancelada, anulado",
    ),
    Meaning.DO_NOT_EMAIL: ("blocked, bloqueado/bloqueada, do not, dnc, dne, no bulk",),
    Meaning.BOUNCED: ("invalid, bad, held, wrong email/address, invalido/invalida",),
    Meaning.COMPLAINED: ("complaint/complaints, complainer, abuse, junk, spammed, queja",),
    Meaning.DECEASED: ("dead, died, death, muerto/muerta",),
}

# What exports write into empty cells.
_EMPTY = "null, nil, n a, none, nan, nat, undefined, no data/value, not specified/provided/applicable, unspecified"
_EMPTY += ", missing, blank, empty, unset, sin dato/datos, ninguno/ninguna"

_GAP = r"[\W_]{0,3}"
_BREAK = r"\s-+\s|-{2,}|[:;,|()\[\]{}/!.\n]+|\s*->\s*"  # ends one statement and begins another
# Words that make a refusal unclear: about one list or another channel, in the past, or a question.
_PARTIAL = re.compile(
    r"\b(?:some|partial|partially|partly|one|few|previous|previously|formerly|was|used to|re ?subscribed|again|link|if|"
    r"or|can|may|might|until|except|but|maybe|before)\b|\?"
    r"|(?<!\bby )(?<!\bvia )(?<!\bthe )(?<!\bper )(?<!\bover )\b(?:sms|texts?|texting|phone|calls?|postal|"
    r"whatsapp|push|fax|paper)\b"
)
_NEGATED = re.compile(r"\b(?:(?:not|never|nunca)[ -](?:been |yet |ever |has )*|(?:no|non|zero|0|sin)[ -])$")
_LEADING = word_set(
    "user contact member subscriber person supporter has have is are be been e email mail address permanently "
    "manual manually globally automatically auto admin self list status state already yes no they she he hard wants "
    "wanted asked to please currently now usuario correo se ha fue"
)
_FOLLOWING = word_set(
    "on via by per at through in since after because due reason date manual manually hard permanent permanently "
    "times twice globally global all e email emails mail user contact admin self yes el en desde por"
)
SOFT = re.compile(r"\b(soft|transient|temporary|temporarily|mailbox full)\b")  # temporary
DATE = re.compile(r"\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}|\b(?:19[89]\d|20\d\d)(?:[01]\d[0-3]\d)?\b")


def fold(text: str) -> str:
    """Lower case, without accents; "_" and odd spaces become a space, "don't" "do not", and a check mark "yes"."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
        text = "".join(sign for sign in text if not unicodedata.combining(sign) and unicodedata.category(sign) != "Cf")
        text = re.sub("[\u2010-\u2015\u2212\u2022\u00b7]", "-", re.sub("[\u2018\u2019\u02bc\u00b4`]", "'", text))
        text = re.sub("[\u2713\u2714\u2705\u2611\u221a]", "yes", text)
        text = re.sub("[\u2612\u2715-\u2718\u274c\u274e]", "cross", text)  # a no, or a box that is ticked
    text = text.casefold().replace("_", " ")
    if "n" in text:
        text = re.sub(r"\b(do|does|did|has|have|is|was|wo|would)n[' ]?t", r"\1 not ", text)
    return " ".join(text.split())


def squash(text: str) -> str:
    """Letters and digits only, so that spellings of one word are equal."""
    return re.sub(r"[\W_]+", "", fold(text))


def _phrases(lines: Iterable[str]) -> list[str]:
    """The phrases in a table's lines, in every spelling."""
    spellings = []
    for phrase in (phrase for line in lines for phrase in line.split(",")):
        words = (re.sub(r"\bemail\b", "email/emails/e mail/e mails", word).split("/") for word in phrase.split())
        spellings += [" ".join(spelling) for spelling in itertools.product(*words)]
    return spellings


_STRONG = {squash(phrase): meaning for meaning, lines in _ANYWHERE.items() for phrase in _phrases(lines)}
WHOLE = {squash(phrase): meaning for meaning, lines in _WHOLE.items() for phrase in _phrases(lines)} | _STRONG
EMPTY = frozenset(map(squash, _phrases([_EMPTY]))) | {""}
YES_FLAGS = word_set("yes y true t x on si checked ticked verdadero")
NO_FLAGS = word_set("no n false f off never non falso unchecked")

_SPELLINGS = sorted((phrase for lines in _ANYWHERE.values() for phrase in _phrases(lines)), key=len, reverse=True)
_FIND = re.compile(
    r"(?<![^\W_])(?:" + "|".join(_GAP.join(map(re.escape, phrase.split())) for phrase in _SPELLINGS) + r")(?![^\W_])"
)


def is_empty(text: str) -> bool:
    """Whether a cell is empty, or says so: NULL, N/A, None, -."""
    return squash(text) in EMPTY or text.strip() == "\\N"


def find_refusal(text: str) -> tuple[Meaning, bool] | None:
    """(the strongest refusal or not-yet word in a text, whether it is clear), or None.

    It is clear as a whole statement, apart from a date or a note: "Opted out via form" is clear, "Unsubscribe-link
    form" and "not bounced" are not.
    """
    word = fold(text)
    partial = _PARTIAL.search(word) is not None
    refusals = []
    for match in _FIND.finditer(word):
        before, after = word[: match.start()], word[match.end() :]
        meaning = _STRONG[squash(match[0])]
        if meaning is Meaning.BOUNCED and SOFT.search(word):
            meaning = Meaning.NOT_YET
        clear = not (partial or _NEGATED.search(before)) and _leads(before) and _ends(after)
        refusals.append((clear, meaning))
    clear, meaning = max(refusals, default=(False, Meaning.NOTHING))
    return (meaning, clear) if refusals else None


def _leads(before: str) -> bool:
    """Whether a phrase's statement has only filler words before it."""
    return _LEADING.issuperset(re.findall(r"[^\W_]+", re.split(_BREAK, before)[-1]))


def _ends(after: str) -> bool:
    """Whether a phrase ends its statement, or a date or a note follows."""
    words = re.findall(r"[^\W_]+", after)
    if not words or re.match(r"\s*(?:" + _BREAK + ")", after):
        return True
    if words[0] in {"from", "of", "de"}:
        return len(words) > 1 and words[1] in {"all", "e", "email", "emails", "list", "lists", "newsletter", "mailing"}
    return words[0] in _FOLLOWING or words[0].isdigit()


def read_words(word: str) -> Meaning | None:
    """The meaning of a folded cell: UNKNOWN for an unclear refusal, None for words not in the tables."""
    if (meaning := WHOLE.get(squash(word))) is not None:
        return Meaning.UNKNOWN if "?" in word and meaning.suppresses else meaning
    if (refusal := find_refusal(word)) is None:
        return None
    meaning, clear = refusal
    return Meaning.UNKNOWN if meaning.suppresses and not clear else meaning


def read_status(text: str) -> Meaning:
    """The meaning of a cell in a status column: UNKNOWN for words not in the tables."""
    if is_empty(text):
        return Meaning.NOTHING
    word = fold(text)
    if (meaning := read_words(word)) is not None:
        return meaning
    if code := re.fullmatch(r"([45])\.\d{1,3}\.\d{1,3}", word):  # SendGrid's bounces: enhanced status codes
        return Meaning.BOUNCED if code[1] == "5" else Meaning.NOT_YET
    # before its date or note: "active - import 2024" -> "active"
    dated = DATE.search(word)
    head = re.split(_BREAK, word[: dated.start()] if dated else word)[0]
    known = WHOLE.get(squash(re.sub(r"\b(?:on|since|el|desde|at)\s*$", "", head)), Meaning.UNKNOWN)
    if known is Meaning.YES and re.search(r"\b(not|never|no|non|until|stop|cancel\w*|remove\w*|but|maybe)\b|\?", word):
        return Meaning.UNKNOWN
    return known
