"""The state of every active ZIP code, including PO boxes and single organizations, which are on no map.

The data comes from the `zipcodes` package (MIT; its sources are the Postal Service's list of active ZIPs and
unitedstateszipcodes.org). Loading it takes 0.3 s and 56 MB, so `campaign congress build` writes a small file from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.util import find_spec
from itertools import groupby

from campaign.congress.snapshot import DATA, Source
from campaign.errors import CampaignError

FILE = "zip-states.txt"
SOURCE = Source("zipcodes", "3.0.0", "2026-06-14", "MIT", "https://github.com/seanpianka/Zipcodes")
# Postal "states" without members of Congress. Closed military ZIPs are kept too: supporters who enter one need the
# advice for military ZIP codes.
MILITARY = frozenset({"AA", "AE", "AP"})
FREELY_ASSOCIATED = frozenset({"FM", "MH", "PW"})  # Micronesia, the Marshall Islands, Palau


@lru_cache(maxsize=1)
def load() -> Mapping[str, str]:
    """ZIP -> state, from the file in this package."""
    return parse((DATA / FILE).read_text(encoding="utf-8"))


def parse(text: str) -> dict[str, str]:
    """Read lines `PREFIX STATE ENDINGS`: `010 MA 01-05 07` puts 01001 to 01005 and 01007 in Massachusetts."""
    states = {}
    for row in text.splitlines():
        prefix, state, *endings = row.split()
        for ending in endings:
            first, _, last = ending.partition("-")
            for number in range(int(first), int(last or first) + 1):
                states[f"{prefix}{number:02}"] = state
    return states


def write(states: Mapping[str, str]) -> str:
    """The file for these ZIPs; always the same for the same ZIPs."""
    rows: dict[tuple[str, str], list[int]] = {}
    for zip_ in sorted(states):
        rows.setdefault((zip_[:3], states[zip_]), []).append(int(zip_[3:]))
    return "".join(f"{prefix} {state} {' '.join(_runs(numbers))}\n" for (prefix, state), numbers in rows.items())


def _runs(numbers: list[int]) -> Iterator[str]:
    for _, pairs in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        run = [number for _, number in pairs]
        yield f"{run[0]:02}" if len(run) == 1 else f"{run[0]:02}-{run[-1]:02}"


def from_package() -> dict[str, str] | None:
    """ZIP -> state of all active and all military ZIPs; None if the `zipcodes` package is not installed."""
    if find_spec(SOURCE.name) is None:
        return None
    import zipcodes

    if zipcodes.__version__ != SOURCE.version:
        raise CampaignError(
            f"version {zipcodes.__version__} of the package {SOURCE.name} is installed, not {SOURCE.version}",
            do=f"Install {SOURCE.name}=={SOURCE.version}, or change SOURCE in congress/zip_states.py.",
        )
    listed = zipcodes.list_all()  # type: ignore[no-untyped-call]
    return {row["zip_code"]: row["state"] for row in listed if row["active"] or row["state"] in MILITARY}
