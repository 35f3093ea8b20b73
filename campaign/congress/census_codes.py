"""Census codes: states, districts and map layers."""

from __future__ import annotations

import re

# ANSI state codes (formerly FIPS 5-2) of the 50 states, DC and the territories: census.gov, "ANSI Codes for States"
_STATES = (
    "01AL 02AK 04AZ 05AR 06CA 08CO 09CT 10DE 11DC 12FL 13GA 15HI 16ID 17IL 18IN 19IA 20KS 21KY 22LA 23ME 24MD 25MA "
    "26MI 27MN 28MS 29MO 30MT 31NE 32NV 33NH 34NJ 35NM 36NY 37NC 38ND 39OH 40OK 41OR 42PA 44RI 45SC 46SD 47TN 48TX "
    "49UT 50VT 51VA 53WA 54WV 55WI 56WY 60AS 66GU 69MP 72PR 78VI"
)
STATES = {entry[:2]: entry[2:] for entry in _STATES.split()}
_AT_LARGE = ("00", "98")  # the whole state; a delegate or resident commissioner


def seat(state: str, district: str) -> str | None:
    """ "37", "12" -> "H:NC:12"; None for areas without a district (ZZ) and for unknown codes."""
    if state not in STATES or not re.fullmatch(r"[0-9]{2}", district):
        return None
    return f"H:{STATES[state]}:{0 if district in _AT_LARGE else int(district)}"


def ordinal(number: int) -> str:
    """119 -> "119th", 121 -> "121st"."""
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def layer(congress: int) -> str:
    """The name of the map layer with a Congress's districts. Layer numbers change, names do not."""
    return f"{ordinal(congress)} Congressional Districts"
