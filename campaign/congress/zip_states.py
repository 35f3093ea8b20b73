"""The state of every active ZIP code, even those of PO boxes and single organizations, which a map of areas lacks.

The file comes from the `zipcodes` package (MIT; its own sources are the Postal Service's list of active ZIPs and
unitedstateszipcodes.org). The package takes a third of a second and 56 MB to answer its first question, so it is read
when the snapshot is built (`campaign congress build`), and what we need of it is kept in a small file.
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
# Postal "states" without members of Congress. Of military mail the ZIP codes that are closed now are kept too: who
# enters one needs the advice for military ZIP codes.
MILITARY = frozenset({"AA", "AE", "AP"})
FREELY_ASSOCIATED = frozenset({"FM", "MH", "PW"})  # Micronesia, the Marshall Islands, Palau


@lru_cache(maxsize=1)
def load() -> Mapping[str, str]:
    """ZIP -> state, as the package of this project has it."""
    return parse((DATA / FILE).read_text(encoding="utf-8"))


def parse(text: str) -> dict[str, str]:
    """The file's lines `PREFIX STATE ENDINGS`: `010 MA 01-05 07` puts 01001 to 01005 and 01007 in Massachusetts."""
    found = {}
    for row in text.splitlines():
        prefix, state, *endings = row.split()
        for ending in endings:
            first, _, last = ending.partition("-")
            for number in range(int(first), int(last or first) + 1):
                found[f"{prefix}{number:02}"] = state
    return found


def write(states: Mapping[str, str]) -> str:
    """The file for these ZIPs. The same ZIPs always make the same file."""
    rows: dict[tuple[str, str], list[int]] = {}
    for zip_ in sorted(states):
        rows.setdefault((zip_[:3], states[zip_]), []).append(int(zip_[3:]))
    return "".join(f"{prefix} {state} {' '.join(_runs(numbers))}\n" for (prefix, state), numbers in rows.items())


def _runs(numbers: list[int]) -> Iterator[str]:
    for _, pairs in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        run = [number for _, number in pairs]
        yield f"{run[0]:02}" if len(run) == 1 else f"{run[0]:02}-{run[-1]:02}"


def from_package() -> dict[str, str] | None:
    """ZIP -> state of all active and all military ZIPs, from the installed package; None where it is not installed."""
    if find_spec(SOURCE.name) is None:
        return None
    import zipcodes

    if zipcodes.__version__ != SOURCE.version:
        raise CampaignError(
            f"version {zipcodes.__version__} of the package {SOURCE.name} is installed, not {SOURCE.version}",
            do=f"Install {SOURCE.name}=={SOURCE.version}, or change SOURCE in congress/zip_states.py.",
        )
    listed = zipcodes.list_all()  # type: ignore[no-untyped-call]
    return {one["zip_code"]: one["state"] for one in listed if one["active"] or one["state"] in MILITARY}
