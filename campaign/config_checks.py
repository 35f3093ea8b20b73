"""Settings of a section of config.toml as dataclass fields: what each may be, and reading a section from its table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import Field, field, fields
from typing import Any, TypeVar

Section = TypeVar("Section")
Problem = Callable[[str, str, str], None]  # called with the key, what is wrong, and what to do

WEB = ("https://", "http://127.0.0.1:", "http://localhost:", "http://[::1]:")
_KINDS = {int: "a whole number", float: "a number", str: "text"}


def checked(default: Any, is_valid: Callable[[Any], bool], do: str) -> Any:
    """A setting with a default whose other values must be valid. `do` says which are."""
    return field(default=default, metadata={"is_valid": is_valid, "do": do})


def between(default: float, low: float, high: float) -> Any:
    return checked(default, lambda value: low <= value <= high, f"It must be between {low:g} and {high:g}.")


def choice(default: str, *allowed: str) -> Any:
    return checked(default, lambda value: value in allowed, f"It may be: {', '.join(map(repr, allowed))}")


def address(default: str, *starts: str) -> Any:
    """Begins with one of `starts` (WEB if none are given), or is empty."""
    starts = starts or WEB
    do = f"It must begin with one of: {', '.join(starts)}"
    return checked(default, lambda value: not value or value.startswith(starts), do)


def section(name: str, cls: type[Section], given: Mapping[str, Any], problem: Problem) -> Section:
    """The section, with defaults for missing and wrong settings. Calls `problem` for each wrong one."""
    settings = {item.name: item for item in fields(cls)}  # type: ignore[arg-type]
    good: dict[str, Any] = {}
    for key, value in given.items():
        where = f"[{name}] {key}"
        if key not in settings:
            problem(where, "no such setting", f"Settings here are: {', '.join(settings)}.")
            continue
        if type(settings[key].default) is float and type(value) is int:
            value = float(value)
        if do := _refused(settings[key], value):
            problem(where, f"is {value!r}", do)
        else:
            good[key] = value
    return cls(**good)


def _refused(setting: Field[Any], value: Any) -> str:
    """What to write instead of the value; "" if it is allowed."""
    kind = type(setting.default)
    if type(value) is not kind:
        return f"It must be {_KINDS[kind]}."
    if setting.metadata and not setting.metadata["is_valid"](value):
        return str(setting.metadata["do"])
    return ""


def from_environment(name: str, cls: type[Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """The settings that CAMPAIGN_<SECTION>_<KEY> overrides. Text that is not of the right type stays text."""
    given: dict[str, Any] = {}
    for item in fields(cls):
        text = environ.get(f"CAMPAIGN_{name}_{item.name}".upper())
        if text is not None:
            kind: Any = type(item.default)
            try:
                given[item.name] = kind(text)
            except ValueError:
                given[item.name] = text
    return given
