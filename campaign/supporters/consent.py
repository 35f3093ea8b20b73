"""What counts as consent: a cell that says how or when a supporter agreed to be emailed.

- When: a date, or a year from 1980 on.
- How: one of the words in `_HOW`, such as form, petition, event, sign-up.
- A bare "yes" says neither, unless the header does: "opt in: 1".

A cell with a refusal is never consent. Words that slogans use too ("stop", "no") are read in context: "signed petition
to stop 287(g)" is consent, "No - asked to stop" is not. Unclear rows are left out.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from campaign.supporters.status_words import (
    YES_FLAGS,
    Meaning,
    find_refusal,
    fold,
    is_empty,
    read_words,
    squash,
    word_set,
)


class Consent(NamedTuple):
    """What a consent cell says."""

    meaning: Meaning
    evidence: bool = False  # a yes that says how or when
    bare: bool = False  # a yes that is only a word for yes


_HOW = word_set(
    "form forms webform page petition petitions signup signups signed signer sign website site web webpage online "
    "internet event events rally rallies march fair table tabling canvass canvassed canvassing doorknock doorknocking "
    "door doors phonebank texted meeting meetings townhall conference convention summit workshop training webinar "
    "livestream clinic vigil protest walk walkout strike festival picnic dinner gala party fundraiser church parish "
    "class booth survey questionnaire poll pledge newsletter registration registered rsvp donation checkout joined "
    "join card clipboard signin checkbox ticked checked verbal verbally orally landing facebook instagram twitter "
    "tiktok whatsapp mobilize eventbrite actionnetwork everyaction mailchimp nationbuilder actblue optin download "
    "raffle lobby hearing assembly forum session orientation library school university campus qr kiosk app popup flyer "
    "postcard conversation hotline "
    "formulario pagina peticion firma firmo firmado evento reunion marcha feria mesa asamblea taller clinica vigilia "
    "protesta encuesta inscripcion inscribio registro registrado sitio boletin iglesia parroquia escuela llamada "
    "puerta conferencia casilla suscripcion manifestacion caravana foro"
)
_HOW_PHRASE = re.compile(
    r"\b(?:opt(?:ed)?[\W_]{0,3}in|sign(?:ed|s)?[\W_]{0,3}(?:up|in|on)|in[\W_]person|phone[\W_]call|text[\W_]to|"
    r"on[\W_]paper|(?:lobby|action)[\W_]day)\b"
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|ene|abr|ago|dic)[a-z]*"
_WHEN = re.compile(
    r"(?<!\d)(?:19[89]\d|20\d\d)(?:[01]\d[0-3]\d|(?!\d))"  # a year, 20210304
    r"|(?<!\d)\d{1,2}[-/.]\d{1,2}[-/.](?:\d{2}|\d{4})(?!\d)"  # 3/4/21
    r"|(?<!\d)1\d{9}(?:\d{3})?(?!\d)"  # seconds or milliseconds since 1970
    rf"|\b{_MONTH}\.? ?\d{{1,4}}\b|\b\d{{1,2}}(?:st|nd|rd|th)? (?:de )?{_MONTH}"
)
_HEADER_SAYS_HOW = re.compile(
    r"opt(?:ed)?[\W_]*in|sign(?:ed)?[\W_]*up|subscri|suscri|newsletter|petition|form\b|event|checkbox|boletin|inscri"
)

# Says nothing, or nothing certain.
_BLANK = word_set("unknown tbd tba dontknow notknown notsure desconocido x0")
_UNSURE = re.compile(
    r"\b(maybe|perhaps|possibly|probably|unsure|unclear|unknown|tbd|tba|will|should|might|invite[ds]?|ask(?:ed|ing|s)?|"
    r"needs?|verify|check with|purchased|bought|rented|scraped|appended|harvested|voter file|quizas?|tal vez|"
    r"lapsed|expired|archived|deleted|disabled|deactivated|suspended|dormant|removed|stopped|cancell?ed|blocked|ended|"
    r"quit|baja|cancelad[oa]|anulad[oa]|bloquead[oa]|eliminad[oa]|invalid|can'?t|couldn'?t|cannot)\b|\?(?!\w)|\bnot\W*$"
)
_ONLY = re.compile(r"\b(?:phone|calls?|texts?|sms|postal|post|mail|paper|fax|whatsapp)\b.{0,20}\bonly\b|\bonly by\b")

# Words that mean no, unless in a slogan: "petition to stop 287(g)", "families not cages", "no more raids".
_WEAK = re.compile(
    r"\b(?:no|not|never|non|stop|remove|cancel|block|delete|without|nor|nunca|sin|jamas|ningun|ninguna|told|tell)\b"
)
_SLOGAN = re.compile(
    r"\b(?:petition|rally|march|vigil|protest|letter|pledge|peticion|marcha) (?:to|para|por) (?:stop|block|cancel|no)\b"
    r"(?! (?:e ?-?mails?|mail|contact\w*|messages?|send\w*|writ\w*|correos?)\b)"
    r"|\b(?:no|not|never|stop|block|cancel)(?: \w+){0,2} (?:deport\w*|detain\w*|detention\w*|raids?|cages?|walls?|"
    r"bans?|separat\w*|ice|jails?|prisons?|camps?|kings|human|illegal|hate|fear|war|287|[hs]b|redadas?|jaulas?)\b"
)


def read_consent(text: str, header: str) -> Consent:
    """What a consent cell under this header says."""
    key, word = squash(text), fold(text)
    if is_empty(text) or key in _BLANK:
        # "none" may be an empty cell or an answer
        return Consent(Meaning.UNKNOWN if key in {"none", "ninguno", "ninguna"} else Meaning.NOTHING)
    how = bool(_HOW_PHRASE.search(word) or _HOW & set(re.findall(r"[^\W\d_]+", word)))
    meaning = read_words(word)
    if meaning is Meaning.YES and find_refusal(word) is not None:
        meaning = Meaning.UNKNOWN  # "not unsubscribed" says neither how nor when
    if meaning is Meaning.YES or key in YES_FLAGS or re.fullmatch(r"-?1(?:\.0+)?", word):
        return Consent(Meaning.YES, how or bool(_HEADER_SAYS_HOW.search(fold(header))), bare=not how)
    if meaning is not None:
        return Consent(meaning)
    if re.match(r"0(?:\.0+)?$|(?:no|nope|never|non)\s*(?:[-:;,.!(|/]|$)", word) or _ONLY.search(word):
        return Consent(Meaning.NO)
    if (how or _WHEN.search(word)) and not (_UNSURE.search(word) or _WEAK.search(_SLOGAN.sub("", word))):
        return Consent(Meaning.YES, evidence=True)
    return Consent(Meaning.UNKNOWN)
