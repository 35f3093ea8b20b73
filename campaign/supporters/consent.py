"""What counts as consent: a cell that says how or when a person agreed to be emailed.

- When: a date, or a year from 1980 on.
- How: one of the words in `_HOW`, such as form, petition, event, sign-up.
- A bare "yes" says neither, unless the header does: "opt in: 1".

A cell with a refusal in it is never consent. Words that a slogan may also use ("stop", "no") are read in their place:
"signed petition to stop 287(g)" is consent, "No - asked to stop" is not. When it is unclear, the row is left out.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from campaign.supporters.status_words import WHOLE, YES_FLAGS, Meaning, find_refusal, fold, is_empty, squash, word_set


class Consent(NamedTuple):
    """What a consent cell says."""

    meaning: Meaning
    evidence: bool = False  # of a yes: it says how or when
    bare: bool = False  # of a yes: it is only a word for yes


_HOW = word_set(
    "form forms webform page pages petition petitions signup signups signed signer sign website site web webpage "
    "online internet event events rally rallies march fair table tabling canvass canvassed canvassing doorknock "
    "doorknocking door doors phonebank texted textathon meeting meetings townhall conference convention summit "
    "workshop training webinar livestream clinic vigil protest walk walkout strike festival fiesta concert picnic "
    "dinner gala party fundraiser church parish class booth stall survey questionnaire poll pledge newsletter "
    "registration registered rsvp donation checkout joined join card clipboard signin checkbox ticked checked "
    "verbal verbally orally landing facebook instagram twitter tiktok whatsapp mobilize eventbrite actionnetwork "
    "everyaction mailchimp nationbuilder actblue optin download raffle contest lobby hearing assembly forum "
    "caravan session orientation library school university campus qr kiosk app widget popup footer blog flyer "
    "poster postcard conversation hotline formulario pagina peticion firma firmo firmado evento reunion marcha "
    "feria mesa asamblea taller clinica vigilia protesta encuesta inscripcion inscribio registro registrado sitio "
    "boletin iglesia parroquia escuela llamada puerta conferencia casilla suscripcion manifestacion caravana foro"
)
_HOW_PHRASE = re.compile(
    r"\b(?:opt(?:ed)?[\W_]{0,3}in|sign(?:ed|s)?[\W_]{0,3}(?:up|in|on)|pop[\W_]{0,3}up|in[\W_]person|phone[\W_]call|"
    r"text[\W_]to|on[\W_]paper|town[\W_]hall|lobby[\W_]day|action[\W_]day)\b"
)
_WHEN = re.compile(
    r"(?<!\d)(?:19[89]\d|20\d\d)(?!\d)"  # a year
    r"|(?<!\d)\d{1,2}[-/.]\d{1,2}[-/.](?:\d{2}|\d{4})(?!\d)"  # 3/4/21
    r"|(?<!\d)(?:19[89]\d|20\d\d)[01]\d[0-3]\d"  # 20210304
    r"|(?<!\d)1\d{9}(?:\d{3})?(?!\d)"  # seconds or milliseconds since 1970
    r"|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|dic)[a-z]*\.? ?\d{1,4}\b"
    r"|\b\d{1,2}(?:st|nd|rd|th)? (?:de )?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|dic)[a-z]*"
)
_HEADER_SAYS_HOW = re.compile(
    r"opt(?:ed)?[\W_]*in|sign(?:ed)?[\W_]*up|subscri|suscri|newsletter|petition|form\b|event|checkbox|boletin|inscri"
)

# Nothing, or nothing certain.
_BLANK = word_set("unknown tbd tba dontknow notknown notsure desconocido x0")
_UNSURE = re.compile(
    r"\b(maybe|perhaps|possibly|unsure|unclear|unknown|tbd|tba|will|should|might|invite[ds]?|ask(?:ed|ing|s)?|"
    r"needs?|verify|check with|purchased|bought|rented|scraped|appended|harvested|voter file|probably|quizas?|tal vez|"
    r"lapsed|expired|archived|deleted|disabled|deactivated|suspended|dormant|"
    r"removed|stopped|cancell?ed|blocked|ended|quit|baja|cancelad[oa]|anulad[oa]|bloquead[oa]|eliminad[oa]|invalid)\b"
    r"|\?(?!\w)"
)
_CONTRACTED = re.compile(
    r"\b(?:don|doesn|didn|won|isn|hasn|wasn|can|couldn|wouldn|shouldn|haven|aren)[' ]?t\b|\bcannot\b|\bnot\b(?=\W*$)"
)
_WEAK = word_set("no not never non stop remove cancel block delete without nor nunca sin jamas ningun ninguna")
_ABOUT = word_set(
    "email emails e mail mails mailing mailings contact contacts contacted contacting message messages news "
    "updates update thanks thank consent consented consents permission follow followup please me my us him her "
    "them communications communication outreach outgoing phone calls texts texting sending send writing want "
    "wants wanted interested interest ok okay willing given give provided allow allowed subscribe subscribed "
    "subscribing subscription opt opted optin opting confirm confirmed agree agreed agreement agreeing sign "
    "signed signing checked ticked accept accepted accepting verified active valid known sure certain yet now "
    "available applicable stated respond responded response answer answered reached home record show showed "
    "registered joined correo correos mensajes contactar enviar quiere desea acepta autoriza firmo"
)
_VERBS = word_set("stop remove cancel block delete")
_SAYING = word_set("told tell wants wanted requested requests said says please dice dijo pide pidio")
_SLOGAN = word_set("more to kings human ban bans wall walls ice")  # "No More ...", "No Human Is Illegal"
_ONLY = re.compile(
    r"\b(?:phone|calls?|texts?|sms|postal|post|mail|paper|fax|whatsapp)\b.{0,20}\bonly\b"
    r"|\bonly (?:by )?(?:phone|calls?|texts?|sms|post|postal|mail|fax|whatsapp)\b"
)


def read_consent(text: str, header: str) -> Consent:
    """What a consent cell under this header says."""
    key = squash(text)
    if is_empty(text) or key in _BLANK:
        # "none" may be a spreadsheet's empty cell, or an answer
        return Consent(Meaning.UNKNOWN if key in {"none", "ninguno", "ninguna"} else Meaning.NOTHING)
    word = fold(text)
    known = WHOLE.get(key)
    how = bool(_HOW_PHRASE.search(word) or _HOW & set(re.findall(r"[^\W\d_]+", word)))
    if known is not None and known is not Meaning.YES:
        return Consent(Meaning.UNKNOWN if "?" in word and known.suppresses else known)
    if (refusal := find_refusal(word)) is not None:
        meaning, clear = refusal
        return Consent(Meaning.UNKNOWN if meaning.suppresses and not clear else meaning)
    if known is Meaning.YES or key in YES_FLAGS or re.fullmatch(r"-?1(?:\.0+)?", word):
        return Consent(Meaning.YES, how or bool(_HEADER_SAYS_HOW.search(fold(header))), bare=not how)
    if re.fullmatch(r"0(?:\.0+)?", word) or re.match(r"(?:no|nope|never|non)\s*(?:[-:;,.!(|/]|$)", word):
        return Consent(Meaning.NO)
    if _ONLY.search(word):
        return Consent(Meaning.NO)
    if _UNSURE.search(word) or _CONTRACTED.search(word) or _denies(word, how):
        return Consent(Meaning.UNKNOWN)
    if how or _WHEN.search(word):
        return Consent(Meaning.YES, evidence=True)
    return Consent(Meaning.UNKNOWN)


def _denies(word: str, how: bool) -> bool:
    """Whether a "no", "not" or "stop" in this text may be about email. It is not where it can only be a slogan's."""
    for statement in re.split(r"\s-+\s|[:;,|()\[\]/!.\"]+", word):
        words = re.findall(r"[^\W_]+", statement)
        for place, one in enumerate(words):
            if one in _WEAK and not (how and _in_slogan(words[:place], one, words[place + 1 :])):
                return True
    return False


def _in_slogan(before: list[str], one: str, after: list[str]) -> bool:
    """Whether a weak word is in a slogan: "petition to stop 287(g)", "families not cages", "no more detentions"."""
    if not after or _WHEN.match(after[0]) or after[0] in _HOW or _ABOUT & set(after[:4]):
        return False
    if not before:
        if one == "no":
            return after[0] in _SLOGAN and len(after) > 1 and after[1] not in _HOW
        return one in _VERBS
    if before[-1] == "to":
        return bool(_HOW & set(before))
    return not _SAYING & set(before[-3:])
