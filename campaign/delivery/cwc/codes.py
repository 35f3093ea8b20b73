"""What the chambers call things: office codes, forms of bill numbers. Pure."""

from __future__ import annotations

import re
from typing import Literal

Chamber = Literal["house", "senate"]
CHAMBERS: tuple[Chamber, ...] = ("house", "senate")

_SAMOA = "AQ"  # in office codes; in addresses it is AS
_DELEGATE = 98  # how the Census codes a delegate's district; the House codes it 00

# kind -> how the Senate writes it; the House writes it as the kind
_SENATE_BILLS = {
    "hamdt": "H.Amdt.",
    "hconres": "H.Con.Res",  # without a last dot
    "hjres": "H.J.Res.",
    "hr": "H.R.",
    "hres": "H.Res.",
    "s": "S.",
    "samdt": "S.Amdt.",
    "sconres": "S.Con.Res.",
    "sjres": "S.J.Res.",
    "sres": "S.Res.",
}
_BILL = re.compile(r"([a-z. ]+?)[. ]*([1-9][0-9]*)")


def chamber(seat: str) -> Chamber:
    """Of a seat: `H:NC:12`, `S:NC:2`."""
    return "house" if seat.startswith("H:") else "senate"


def office(seat: str) -> str:
    """The office code of a seat. It belongs to the seat, and survives elections: HNC12, HAK00, HAQ00, SNC02."""
    kind, state, number = seat.split(":")
    if kind == "S":
        return f"S{state}{int(number):02}"
    district = 0 if int(number) == _DELEGATE else int(number)
    return f"H{_SAMOA if state == 'AS' else state}{district:02}"


def bill(number: str) -> tuple[str, int] | None:
    """(kind, number) of a bill as people write it, "H.R. 6890"; None for what is no bill of Congress."""
    found = _BILL.fullmatch(number.strip().lower())
    kind = re.sub(r"[. ]", "", found[1]) if found else ""
    return (kind, int(found[2])) if found and kind in _SENATE_BILLS else None


def bill_form(kind: str, where: Chamber) -> str:
    """How this chamber writes the kind of a bill: hr, H.R."""
    return kind if where == "house" else _SENATE_BILLS[kind]
