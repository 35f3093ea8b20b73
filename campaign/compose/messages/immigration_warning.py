"""Whether a personal note may reveal a person's immigration status: a reason to ask the writer, never to refuse.

Stores, logs and counts nothing. When in doubt it asks, because the office keeps the letter.
"""

from __future__ import annotations

import re
import unicodedata

# Lowercase, without accents. * ends a stem.
_WORDS = (
    "undocumented, unauthorized immigrant*, without papers, no papers, visa, visas, overstay*, deport, deports, "
    "deported, deporting, deporta*, deportee*, deporto, deporten, daca, dreamer*, tps, temporary protected status, "
    "asylum, asylee*, green card*, work permit*, immigration status, immigration court, removal proceedings, "
    "removal order, order of removal, a-number, alien number, alien registration, uscis, crossed the border, here "
    "illegally, indocumentad*, sin papeles, no tengo papeles, no tiene papeles, no tienen papeles, sin documentos, "
    "asilo, asilad*, refugiad*, tarjeta verde, permiso de trabajo, residencia permanente, residente permanente, "
    "estatus migratorio, situacion migratoria, estado migratorio, corte de inmigracion, orden de deportacion, "
    "proceso de deportacion, cruce la frontera, cruzo la frontera, cruzaron la frontera, cruzamos la frontera, "
    "ilegalmente, sin estatus"
)
_STEMS = (re.escape(word.strip()).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for word in _WORDS.split(","))
_STATUS = re.compile(rf"\b(?:{'|'.join(_STEMS)})\b")

# An A-number has seven to nine digits; a case's receipt number three letters and ten digits (uscis.gov).
_CASE = r"\b(?:eac|wac|lin|src|nbc|msc|ysc|ioe)[\s-]?\d{2}[\s-]?\d{3}[\s-]?\d{5}\b"
_NUMBER = re.compile(rf"\ba[\s#:-]*\d{{1,3}}[\s-]?\d{{3}}[\s-]?\d{{3}}\b|{_CASE}")


def find_status_words(story: str) -> bool:
    """Whether the note may reveal a status, or has an A-number or a case number, in English or Spanish."""
    folded = _folded(" ".join(story.split()))
    return bool(_STATUS.search(folded) or _NUMBER.search(folded))


def _folded(text: str) -> str:
    """Lowercase, without accents and invisible characters."""
    apart = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in apart if unicodedata.category(sign) not in ("Mn", "Cf", "Cc")).casefold()
