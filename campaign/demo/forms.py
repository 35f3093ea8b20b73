"""Read the forms of a page as a browser without JavaScript does. For simulated supporters and for tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(slots=True)
class Form:
    """One form: its address, its fields with their values, its buttons as (name, value)."""

    method: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    boxes: dict[str, str] = field(default_factory=dict)  # unchecked checkboxes, with the value that a check sends


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.open: Form | None = None
        self.area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.open = Form(at.get("method", "get").lower(), at.get("action", ""))
            self.forms.append(self.open)
        if self.open is None or not at.get("name"):
            return
        if tag == "button" or (tag == "input" and at.get("type") == "submit"):
            self.open.buttons.append((at["name"], at.get("value", "")))
        elif tag == "input" and (at.get("type") not in ("checkbox", "radio") or "checked" in at):
            self.open.fields[at["name"]] = at.get("value", "")
        elif tag == "input" and at.get("type") == "checkbox":
            self.open.boxes[at["name"]] = at.get("value", "on")
        elif tag == "select":
            self.open.fields[at["name"]] = ""
        elif tag == "textarea":
            self.area = at["name"]
            self.open.fields[self.area] = ""

    def handle_data(self, data: str) -> None:
        if self.area and self.open is not None:
            self.open.fields[self.area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None
        elif tag == "textarea" and self.open is not None and self.area:
            self.open.fields[self.area] = self.open.fields[self.area].removeprefix("\n")  # HTML ignores it
            self.area = ""


def read(page: str) -> list[Form]:
    """All forms of a page, in order."""
    reader = _Reader()
    reader.feed(page)
    return reader.forms


def step(page: str, name: str, **having: str) -> Form | None:
    """The page's first form of this step whose fields, or buttons, hold these values."""
    for form in read(page):
        held = {*form.fields.items(), *form.buttons}
        if ("step", name) in held and held >= set(having.items()):
            return form
    return None
