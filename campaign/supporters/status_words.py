"""The words other tools use for "may we email this person?", and what each one means.

The tables are data: add a word to the line of its meaning. Write `e mail`, `un subscribed`, `opt out`: the spaces stand
for any of "", " ", "-", "_", so that `opt out` also finds "Opt-Out", "opt_out" and "OptOut".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import IntEnum


class Meaning(IntEnum):
    """What a cell says about email. The largest one in a row wins."""

    NOTHING = 0  # an empty cell
    YES = 1
    UNKNOWN = 2  # words we can't read: never a yes, never a refusal
    NOT_YET = 3  # pending, inactive, archived: left out, and an earlier yes stays
    NO = 4  # they have not agreed: left out; they withdraw if this list said yes before
    BOUNCED = 5
    UNSUBSCRIBED = 6
    COMPLAINED = 7
    DO_NOT_EMAIL = 8
    DECEASED = 9

    @property
    def suppresses(self) -> bool:
        """Whether the address must never be emailed again, whatever another list says."""
        return self >= Meaning.BOUNCED

    @property
    def withdraws(self) -> bool:
        """Whether it ends an earlier yes of the same list."""
        return self >= Meaning.NO


def word_set(words: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(words.split())


# Refusals, and what is not yet a yes, anywhere in a cell.
_ANYWHERE = {
    Meaning.UNSUBSCRIBED: (
        "un subscribe, un subscribed, un subscribes, un subscribing, un subscription, un subscriber, un sub, un subs",
        "un subbed, opt out, opts out, opted out, opting out, opt outs, no longer subscribed, no longer opted in",
        "asked to stop, asked us to stop, asked to be removed, asked to be taken off, asked for removal",
        "requested removal, requested to stop, requested to be removed, wants to stop, wants to be removed, wants off",
        "wants out, said no, says no, said stop, replied stop, texted stop, remove me, removed, take me off",
        "please stop, please remove, stop e mail, stop e mails, stop e mailing, stop contacting, stop sending",
        "stop writing, stop all, no longer wants, withdrew, withdrew consent, withdrawn, consent withdrawn, revoked",
        "revoked consent, consent revoked, refused, refuses, no more e mail, no more e mails, no e mail, no e mails",
        "de suscrito, de suscrita, de suscribir, dado de baja, dada de baja, darse de baja, se dio de baja",
        "pidio baja, baja solicitada, no mas correos, no mas correo, abgemeldet, abmeldung, desabonne, desinscrit",
        "desinscrito, desinscrita, descadastrado, cancelo suscripcion, suscripcion cancelada",
    ),
    Meaning.DO_NOT_EMAIL: (
        "do not e mail, do not e mails, don t e mail, do not contact, don t contact, do not send, don t send",
        "do not write, don t write, do not mail, don t mail, do not bulk e mail, no bulk e mail, no bulk e mails",
        "never e mail, never contact, no contact, block list, block listed, black list, black listed, suppressed",
        "suppression, suppression list, manual suppression, globally suppressed, banned, e mail disabled",
        "no enviar, no contactar, no mandar, no escribir, lista negra",
    ),
    Meaning.BOUNCED: (
        "bounce, bounced, bounces, bouncing, hard bounce, hard bounced, cleaned, un deliverable, un reachable",
        "on hold, on hold bounce, mailbox not found, address not found, user unknown, no such user, invalid e mail",
        "invalid address, bad e mail, bad address, non deliverable, not deliverable, not reachable",
        "rebotado, rebotada, rebote, rebotes, no entregable, correo invalido",
    ),
    Meaning.COMPLAINED: (
        "complained, spam, spam complaint, spam complaints, reported spam, reported as spam, marked as spam",
        "marked spam, spam report, spam reported, abuse complaint, abuse report, previous spam complaint",
    ),
    Meaning.DECEASED: ("deceased, passed away, fallecido, fallecida, fallecio, difunto, difunta, verstorben",),
    Meaning.NO: (
        "not subscribed, not opted in, not opt in, no opt in, not signed up, not a subscriber, did not opt in",
        "did not sign up, did not agree, did not consent, didn t opt in, didn t sign up, didn t agree, didn t consent",
        "has not opted in, hasn t opted in, has not agreed, hasn t agreed, has not consented, hasn t consented",
        "no consent, no permission, no agreement, without consent, without permission, without opt in",
        "not consented, not agreed, not given, consent not given, does not want, doesn t want, did not want",
        "didn t want, do not want, don t want, does not wish, no thanks, no thank you, not interested",
        "declined, declines, rejected, rejects, objected, objects, objection, un willing, not willing, un checked",
        "not checked, un ticked, not ticked, phone only, text only, texts only, sms only, postal only, mail only",
        "post only, call only, calls only, by phone only, no suscrito, no suscrita, no autoriza, no autorizo",
        "no acepta, no acepto, no quiere, no quiero, no desea, no deseo, no consiente, sin consentimiento",
        "sin permiso, solo telefono, solo por telefono, nope, nah, nein",
    ),
    Meaning.NOT_YET: (
        "pending, un confirmed, not confirmed, never confirmed, not yet, awaiting, non subscribed, non subscriber",
        "never subscribed, never opted in, never signed up, not verified, un verified, transactional, inactive",
        "not active, soft bounce, soft bounced, soft bounces, previous bounce, temp hold, temporary hold",
        "no permission set, no permissions set, non marketing contact, not set, un activated, un engaged",
        "pendiente, no confirmado, no confirmada, sin confirmar, inactivo, inactiva, inaktiv, inactif",
    ),
}
_ANYWHERE[Meaning.UNSUBSCRIBED] += ("on hold opt out, on hold opted out",)  # CiviCRM

# Words that decide only as the whole cell, or before a date or note: "Active (import)", "Cancelled 2025-01-02".
_WHOLE = {
    Meaning.YES: (
        "yes, y, true, t, subscribed, subscriber, active, enabled, confirmed, opted in, opt in, opt ins, single opt in",
        "double opt in, verified, valid, deliverable, delivered, good, ok, okay, normal, regular, current, explicit",
        "implicit, express, implied, marketing contact, mailable, signed up, s, si, suscrito, suscrita, inscrito",
        "inscrita, activo, activa, confirmado, confirmada, verificado, verificada, alta, habilitado, aktiv, angemeldet",
        "actif, abonne, re subscribed, alive, living, not un subscribed, never un subscribed, not opted out",
        "never opted out, not bounced, never bounced, not suppressed, not block listed, not black listed",
        "not deceased, not on hold",
    ),
    Meaning.NO: ("no, n, false, f, off, never, none given, not, non, falso",),
    Meaning.NOT_YET: (
        "archived, disabled, deactivated, dormant, paused, invited, invitable, neutral, deleted, suspended, expired",
        "lapsed, snoozed, draft, waiting, prospect, quarantined, error, failed, dropped, not found, unsaved, un known",
        "sunset, archivado, suspendido, deshabilitado, inhabilitado, eliminado",
    ),
    Meaning.UNSUBSCRIBED: (
        "cancelled, canceled, cancellation, stop, stopped, remove, removal, baja, quit, unjoined",
        "cancelado, cancelada, anulado, desactivado por el usuario, se fue",
    ),
    Meaning.DO_NOT_EMAIL: ("blocked, bloqueado, bloqueada, gesperrt, do not, dnc, no bulk",),
    Meaning.BOUNCED: ("invalid, bad, held, invalido, invalida",),
    Meaning.COMPLAINED: ("complaint, complaints, complainer, abuse, junk, spammed, queja",),
    Meaning.DECEASED: ("dead, died, death, muerto, muerta",),
}

# What exports write into a cell that holds nothing.
_EMPTY = "null, nil, n a, none, nan, nat, undefined, no data, unspecified, not specified, not provided, missing, blank"
_EMPTY += ", empty, unset, not applicable, no value, #n/a, sin dato, sin datos, ninguno, ninguna"

_GAP = r"[\W_]{0,3}"
_BREAK = r"\s-+\s|-{2,}|[:;,|()\[\]{}/!.\n]+|\s*->\s*"  # ends one statement and begins another
# What makes a refusal unclear: it is about one list or another channel, it is over, or it is a question.
_PARTIAL = re.compile(
    r"\b(?:some|partial|partially|partly|one|few|previous|previously|formerly|was|used to|re ?subscribed|again|link|if|"
    r"or|can|may|might|until|except|but|maybe|before)\b|\?"
    r"|(?<!\bby )(?<!\bvia )(?<!\bthe )(?<!\bper )(?<!\bover )\b(?:sms|texts?|texting|phone|calls?|postal|"
    r"whatsapp|push|fax|paper)\b"
)
_SOFT = re.compile(r"\b(soft|transient|temporary|temporarily|mailbox full)\b")
_LEADING = word_set(
    "user contact member subscriber person supporter has have is are be been e email mail address permanently "
    "manually globally automatically auto admin self list status state already yes no they she he hard wants "
    "wanted asked to please currently now usuario correo ha fue"
)
_FOLLOWING = word_set(
    "on via by per at through in since after because due reason date manual manually hard permanent permanently "
    "times twice globally global all e email emails mail user contact admin self yes el desde por"
)
_NEGATED = re.compile(r"\b(?:not|never|hasn t|isn t|hasn't|isn't|wasn't|nunca)[ -](?:been |yet |ever |has )*$")
_NEGATED_BY_NO = re.compile(r"\b(?:no|non|zero|0|sin)[ -]$")
_DATE = re.compile(r"\d{1,4}[-/. ]\d{1,2}[-/. ]\d{1,4}|\b(?:19[89]\d|20\d\d)\b|\b(?:19[89]\d|20\d\d)[01]\d[0-3]\d\b")


def fold(text: str) -> str:
    """Lower case, without accents; "_" and odd spaces become a space, curly quotes and dashes plain ones."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
        text = "".join(sign for sign in text if not unicodedata.combining(sign) and unicodedata.category(sign) != "Cf")
        text = re.sub("[\u2010-\u2015\u2212\u2022\u00b7]", "-", re.sub("[\u2018\u2019\u02bc\u00b4`]", "'", text))
        text = re.sub("[\u2713\u2714\u2705\u2611\u221a]", "yes", text)
    return " ".join(text.casefold().replace("_", " ").split())


def squash(text: str) -> str:
    """Letters and digits only: two spellings of one word are equal."""
    return re.sub(r"[\W_]+", "", fold(text))


def _phrases(lines: Iterable[str]) -> list[str]:
    return [phrase.strip() for line in lines for phrase in line.split(",")]


def _table(words: dict[Meaning, tuple[str, ...]]) -> dict[str, Meaning]:
    return {squash(phrase): meaning for meaning, lines in words.items() for phrase in _phrases(lines)}


STRONG = _table(_ANYWHERE)
WHOLE = _table(_WHOLE) | STRONG
EMPTY = frozenset(map(squash, _EMPTY.split(","))) | {""}
YES_FLAGS = word_set("yes y true t x on si oui ja checked ticked verdadero")
NO_FLAGS = word_set("no n false f off never non nein falso unchecked")

_STRONG = re.compile(
    r"(?<![^\W_])(?:"
    + "|".join(
        _GAP.join(map(re.escape, phrase.split()))
        for phrase in sorted((p for lines in _ANYWHERE.values() for p in _phrases(lines)), key=len, reverse=True)
    )
    + r")(?![^\W_])"
)


def is_empty(text: str) -> bool:
    """Whether a cell holds nothing: empty, NULL, N/A, None, -, a zero date."""
    return squash(text) in EMPTY or text.strip() == "\\N"


def is_dated(text: str) -> bool:
    """Whether a folded text contains a date or a year."""
    return _DATE.search(text) is not None


def is_soft(text: str) -> bool:
    """Whether a folded text means a soft bounce: a full mailbox, which may work again."""
    return _SOFT.search(text) is not None


def find_refusal(text: str) -> tuple[Meaning, bool] | None:
    """(the strongest refusal or not-yet word in a text, whether it is clear); None when there is none.

    Clear: it is the whole statement, but for a date or a note. "Opted out via form" is clear, and "Unsubscribe-link
    form" or "not bounced" is not.
    """
    word = fold(text)
    best: tuple[Meaning, bool] | None = None
    for found in _STRONG.finditer(word):
        meaning = STRONG[squash(found[0])]
        before, after = word[: found.start()], word[found.end() :]
        if meaning is Meaning.BOUNCED and _SOFT.search(word):
            meaning = Meaning.NOT_YET
        clear = not (_NEGATED.search(before) or _NEGATED_BY_NO.search(before) or _PARTIAL.search(word))
        clear = clear and _leads(before) and _ends(after)
        if best is None or (clear, meaning) > (best[1], best[0]):
            best = meaning, clear
    return best


def _leads(before: str) -> bool:
    """Whether only filler comes before a phrase in its statement."""
    statement = re.split(_BREAK, before)[-1]
    return all(word in _LEADING for word in re.findall(r"[^\W_]+", statement))


def _ends(after: str) -> bool:
    """Whether a phrase ends its statement, or a date or a note follows."""
    if not after.strip(" -.!*'\"") or re.match(r"\s*(?:" + _BREAK + ")", after):
        return True
    words = re.findall(r"[^\W_]+", after)
    if words[0] in {"from", "of", "de"}:
        return len(words) > 1 and words[1] in {"all", "e", "email", "emails", "list", "lists", "newsletter", "mailing"}
    return not words or words[0] in _FOLLOWING or words[0].isdigit()


def _first_statement(word: str) -> str:
    """A cell up to its date or note: "active - import 2024" -> "active"."""
    dated = _DATE.search(word)
    head = re.split(_BREAK, word[: dated.start()] if dated else word)[0]
    return re.sub(r"\b(?:on|since|el|desde|at)\s*$", "", head).strip(" -")


def read_status(text: str) -> Meaning:
    """What a cell of a status column says. A word that is not in the tables is UNKNOWN."""
    if is_empty(text):
        return Meaning.NOTHING
    word = fold(text)
    if (known := WHOLE.get(squash(word))) is not None:
        return Meaning.UNKNOWN if "?" in word and known.suppresses else known
    if code := re.fullmatch(r"([45])\.\d{1,3}\.\d{1,3}", word):  # SendGrid's bounces: an enhanced status code
        return Meaning.BOUNCED if code[1] == "5" else Meaning.NOT_YET
    if (refusal := find_refusal(word)) is not None:
        meaning, clear = refusal
        return Meaning.UNKNOWN if meaning.suppresses and not clear else meaning
    known = WHOLE.get(squash(_first_statement(word)), Meaning.UNKNOWN)
    if known is Meaning.YES and re.search(r"\b(not|never|no|non|until|stop|cancel\w*|remove\w*|but|maybe)\b|\?", word):
        return Meaning.UNKNOWN
    return known
