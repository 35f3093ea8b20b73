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
    options: dict[str, list[str]] = field(default_factory=dict)  # what its lists offer


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.named: dict[str, Form] = {}  # by their id
        self.apart: list[tuple[str, str, str]] = []  # buttons elsewhere on the page: the id of their form, name, value
        self.open: Form | None = None
        self.area = self.list = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        name, value, kind = at.get("name", ""), at.get("value", ""), at.get("type", "")
        if tag == "form":
            self.open = self.named[at.get("id", "")] = Form(at.get("method", "get").lower(), at.get("action", ""))
            self.forms.append(self.open)
        elif tag == "option" and self.open is not None:
            self.open.options[self.list].append(value)
        if tag == "button" and name and "form" in at:
            self.apart.append((at["form"], name, value))
        elif not name or self.open is None:
            return
        elif tag == "button" or (tag == "input" and kind == "submit"):
            self.open.buttons.append((name, value))
        elif tag == "input" and kind == "checkbox" and "checked" in at:
            self.open.fields[name] = f"{self.open.fields.get(name, '')} {value}".strip()  # one of several offices
        elif tag == "input" and (kind not in ("checkbox", "radio") or "checked" in at):
            self.open.fields[name] = value
        elif tag == "input" and kind == "checkbox":
            self.open.boxes[name] = value or "on"
        elif tag == "select":
            self.list = name
            self.open.fields[name], self.open.options[name] = "", []
        elif tag == "textarea":
            self.area = name
            self.open.fields[name] = ""

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
    for name, *button in reader.apart:
        reader.named[name].buttons.append((button[0], button[1]))
    return reader.forms


def step(page: str, name: str, **having: str) -> Form | None:
    """The page's first form of this step whose fields, or buttons, hold these values."""
    for form in read(page):
        held = {*form.fields.items(), *form.buttons}
        if ("step", name) in held and held >= set(having.items()):
            return form
    return None
