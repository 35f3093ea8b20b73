"""sponsors.toml with new names under one bill: its lines change, the comments beside everything else stay."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from campaign.compose.campaign_folder import toml
from campaign.compose.campaign_folder.sponsors import Sponsorship
from campaign.errors import CampaignError

NAME = "sponsors.toml"

_ENTRY = re.compile(r'\s*"(?P<id>[A-Z]\d{6})"\s*,?\s*#\s*(?P<said>.*)')
_KEY = re.compile(r"\s*(?P<key>[a-z_]+)\s*=\s*")


def edit(
    source: str, table: str, sponsor: str, cosponsors: Sequence[str], checked: str, said: Mapping[str, str], origin: str
) -> str:
    """The file with these names and this day (ISO) in `table`, and `origin` as where they stood.

    `said`: the words beside an id; others keep theirs.

    Raises CampaignError when the table is written in a way that only a person can edit.
    """
    lines = source.splitlines()
    header = re.compile(rf"\s*\[\s*{re.escape(table)}\s*\]")
    start = next((number for number, line in enumerate(lines) if header.match(line)), len(lines))
    end = next((n for n in range(start + 1, len(lines)) if lines[n].startswith("[")), len(lines))
    kept = {found["id"]: found["said"] for line in lines[start:end] if (found := _ENTRY.match(line))}
    words = {**kept, **said}
    body = lines[start + 1 : end]
    for key, text in (
        ("sponsor", [_named(f'sponsor = "{sponsor}"', words.get(sponsor, ""))]),
        ("cosponsors", _list(cosponsors, words)),
        ("checked", [f"checked = {checked}"]),
        ("source", [f"source = {json.dumps(origin, ensure_ascii=False)}"]),
    ):
        body = _put(body, key, text)
    made = "\n".join([*lines[: start + 1], *body, *lines[end:]]) + "\n"
    _same_but(
        source, made, table, {"sponsor": sponsor, "cosponsors": list(cosponsors), "checked": checked, "source": origin}
    )
    return made


def append(source: str, table: str, act: Sponsorship, checked: str) -> str:
    """The file with a table for a bill that had none, still without names."""
    values = {"number": act.number, "year": act.year, "sponsor": act.sponsor, "page": act.page, "source": act.source}
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return source.rstrip("\n") + "\n\n" + "\n".join([f"[{table}]", *lines, f"checked = {checked}"]) + "\n"


def _list(ids: Sequence[str], words: Mapping[str, str]) -> list[str]:
    if not ids:
        return []
    return ["cosponsors = [", *(_named(f'  "{one}",', words.get(one, "")) for one in ids), "]"]


def _named(line: str, said: str) -> str:
    return f"{line:<24}# {said}" if said else line


def _put(body: list[str], key: str, text: list[str]) -> list[str]:
    """The lines of a table with this key's lines in the place of the old ones, else after its first lines."""
    at = next((n for n, line in enumerate(body) if (found := _KEY.match(line)) and found["key"] == key), None)
    if at is None:
        keys = [n for n, line in enumerate(body) if (found := _KEY.match(line)) and found["key"] != "cosponsors"]
        place = next((n for n in keys if body[n].startswith("checked")), keys[-1] + 1 if keys else 0)
        return [*body[:place], *text, *body[place:]]
    last = at
    if "[" in body[at] and "]" not in body[at].partition("#")[0]:
        last = next((n for n in range(at, len(body)) if body[n].strip().startswith("]")), len(body) - 1)
    return [*body[:at], *text, *body[last + 1 :]]


def _same_but(source: str, made: str, table: str, values: Mapping[str, Any]) -> None:
    """Read what would be written: everything is as it was, but for these values."""
    wanted = tomllib.loads(source)
    inner = wanted
    for part in table.split("."):
        inner = inner.get(part, {})
    inner |= values
    if not inner["cosponsors"]:
        del inner["cosponsors"]
    try:
        good = _plain(tomllib.loads(made)) == _plain(wanted)
    except tomllib.TOMLDecodeError:
        good = False
    if not good:
        where = toml.Toml(NAME, source, {}).where(table)
        do = f"Write there by hand: cosponsors = {json.dumps(values['cosponsors'])}"
        raise CampaignError("is written in a way that only a person can edit", where=where, do=do)


def _plain(value: Any) -> Any:
    """Dates as text: what a person wrote as a day and what we write are the same."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return value if isinstance(value, list) else str(value)
