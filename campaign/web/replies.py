"""The page that answers a request to a supporter's link, rendered once its transaction has ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from litestar import Response

from campaign.outreach.action_page.views import ActionPage, LetterPreview, Status
from campaign.outreach.action_page.visit import Visit
from campaign.web import pages

Form = Mapping[str, str]

REFUSED = 403  # a supporter who opted out asks us to deliver a letter
TYPED = (
    "first_name",
    "last_name",
    "story",
    "city",
    "street",
    "phone",
    "prefix",
    "response",
    "tongue",
    "quote",
)  # carried to the next office's letter
FAULTS = ("seat", "seen", "story", "prefix", "first_name", "last_name", "street", "city", "response", "phone", "email")
_KEPT = 20  # characters of a wrong ZIP code that are shown again

# ZIP codes that no member of Congress represents: the warning, and its key in `[action]` of words.toml.
_ZIPS = {"unknown-zip": "unknown", "military-zip": "military", "foreign-zip": "foreign"}


@dataclass(frozen=True, slots=True)
class Reply:
    """A template of templates/web, and what it shows."""

    name: str
    language: str
    values: Mapping[str, Any]
    status: int = 200

    def at(self, path: str) -> Reply:
        """The same page with forms that post to this path."""
        return replace(self, values={**self.values, "path": path})


def render(reply: Reply) -> Response[str]:
    return pages.html(reply.name, reply.language, status=reply.status, **reply.values)


def show(visit: Visit, name: str, *, status: int = 200, **values: Any) -> Reply:
    """A page of the campaign. The answer to a form is not what its address shows, so it has no language link."""
    common = {"campaign": visit.campaign_page, "switch": not visit.acts, "path": ""}
    return Reply(name, visit.language, {**common, **values}, status)


def gone(visit: Visit) -> Reply | None:
    """The page of an expired link."""
    return show(visit, "gone.html", status=410) if visit.expired else None


def zip_question(visit: Visit, form: Form | None = None, *, wrong: str = "") -> Reply:
    """The campaign and the ZIP question. Shows nothing about the supporter."""
    typed = (form or {}).get("zip", "").strip()[:_KEPT]
    return show(visit, "action.html", status=422 if wrong else 200, typed=typed, wrong=wrong)


def offices(visit: Visit, page: ActionPage, form: Form) -> Reply:
    """Where each letter is; or the names to choose from; or the letter to the first office."""
    wrong = next((_ZIPS[warning] for warning in page.warnings if warning in _ZIPS), "")
    if wrong and not page.finder:
        return zip_question(visit, form, wrong=wrong)
    if page.letters or page.called:
        return letters(visit, page, form)
    if page.preview:
        return _letter(visit, page, page.preview, form, {})
    refused = bool(page.finder and page.finder.why)
    again = {"step": "zip", "zip": page.zip}
    return show(visit, "choose.html", status=422 if refused else 200, page=page, again=again)


def letter_or_offices(visit: Visit, page: ActionPage, typed: Form, problems: Mapping[str, str] | None = None) -> Reply:
    """The letter to the office that was asked for, if there is one to write."""
    return _letter(visit, page, page.preview, typed, problems or {}) if page.preview else offices(visit, page, typed)


def _letter(visit: Visit, page: ActionPage, preview: LetterPreview, typed: Form, problems: Mapping[str, str]) -> Reply:
    """The letter as the office will get it, with what was typed and its faults. For a supporter who opted out: the
    letter to copy.
    """
    filled = {"first_name": page.first_name, "last_name": page.last_name}
    filled |= {name: typed[name] for name in (*TYPED, "email", "guard") if name in typed}
    again = {"step": "write", "zip": page.zip, "seat": preview.office.seat, **filled}
    if page.opted_out:
        carried = {name: filled[name] for name in TYPED if name in typed}
        return show(visit, "copy.html", page=page, preview=preview, carried=carried, again={**again, **carried})
    return show(
        visit,
        "letter.html",
        status=422 if problems else 200,
        page=page,
        preview=preview,
        typed=filled,
        faults=_faults(problems, filled),
        guarded=problems.get("story") == "status",
        again=again,
    )


def _faults(problems: Mapping[str, str], typed: Form) -> dict[str, str]:
    """The problems by the field that shows them, in the order of the page. The guard is a question, not a fault."""
    faults = {name: key for name, key in problems.items() if key != "status"}
    if "name" in faults:
        faults["last_name" if typed.get("first_name", "").strip() else "first_name"] = faults.pop("name")
    return {name: faults[name] for name in FAULTS if name in faults}


def call(visit: Visit, page: ActionPage, form: Form) -> Reply:
    """A call to the office that was asked for, if it is one of the supporter's and has a number."""
    office = next((office for office in page.offices if page.call and office.seat == page.call.seat), None)
    if page.call is None or office is None or office.seat != form.get("seat"):
        return offices(visit, page, form)
    again = {"step": "call", "zip": page.zip, "seat": office.seat}
    return show(visit, "call.html", page=page, office=office, sheet=page.call, again=again)


def letters(visit: Visit, page: ActionPage, form: Form, *, news: str = "", letter: Status | None = None) -> Reply:
    """Where each letter is, and whom to write to next. First the news about one letter, or about a call."""
    reported = (call for call in page.called if news == "called" and call.office.seat == form.get("seat"))
    return show(
        visit,
        "letters.html",
        page=page,
        just=letter,
        news=news,
        reported=next(reported, None),
        now=visit.now,
        carried={name: form[name] for name in TYPED if form.get(name)},
        again={"step": "zip", "zip": page.zip},
    )


def newest_letter(page: ActionPage, seat: str) -> Status | None:
    """The newest letter to this office that was not withdrawn or returned."""
    sent = (
        letter for letter in page.letters if letter.office.seat == seat and letter.state not in ("withdrawn", "back")
    )
    return max(sent, key=lambda letter: letter.letter, default=None)
