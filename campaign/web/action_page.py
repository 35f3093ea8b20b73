"""What follows the ZIP code: names, the letter, where letters are. Each step calls one function of `act`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs

from litestar import HttpMethod, Response

from campaign.config import Settings
from campaign.keys import Keys
from campaign.links import Purpose
from campaign.outreach.action_page import actions, street_lookup, zip_change
from campaign.outreach.action_page import unsubscribe as opt_out
from campaign.outreach.action_page.link import WrongZip
from campaign.outreach.action_page.views import (
    ActionPage,
    CampaignPage,
    HeldDraft,
    LetterPreview,
    MustConfirmAgain,
    Status,
    Stopped,
)
from campaign.store import engine
from campaign.store.engine import Database
from campaign.web import pages
from campaign.web.guards import Asked, Services

ERASE = ("erase", "borrar")  # what is typed to be erased
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
)  # comes along to the next office
FAULTS = ("seat", "seen", "story", "prefix", "first_name", "last_name", "street", "city", "response", "phone", "email")
REFUSED = 403  # what a supporter who opted out asks us to deliver
_KEPT = 20  # characters of a wrong ZIP that are shown again
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Visit:
    """A request by a person's link, and the form that came with it."""

    door: Services
    settings: Settings
    request: Asked
    slug: str
    token: str
    page: CampaignPage
    form: Mapping[str, str]
    path: str = ""  # of the action page, from where this page stands

    @property
    def link(self) -> tuple[Database, Keys, Settings, str, str]:
        return self.door.database, self.door.keys, self.settings, self.slug, self.token

    @property
    def lang(self) -> str:
        return pages.language(self.request, self.page.locale)

    @property
    def zip(self) -> str:
        return self.form.get("zip", "").strip()

    @property
    def letter(self) -> int:
        """The letter that the form is about; 0, which is nobody's, when it names none."""
        digits = self.form.get("letter", "")
        return int(digits) if re.fullmatch(r"[0-9]{1,18}", digits) else 0

    def show(self, name: str, *, status: int = 200, **values: Any) -> Response[str]:
        switch = self.request.method != HttpMethod.POST  # the answer to a form is not what its address shows
        common = {"page": self.page, "switch": switch, "path": self.path}
        return pages.html(name, self.lang, status=status, **{**common, **values})


def read_form(body: bytes) -> dict[str, str]:
    """The first value of each field, with plain line ends and without control characters."""
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: _CONTROL.sub("", values[0].replace("\r\n", "\n")) for name, values in fields.items()}


def answer(visit: Visit) -> Response[str]:
    """The page that follows a form; one that nobody knows is answered with the ZIP question."""
    step = _STEPS.get(visit.form.get("step", "zip"), ask_zip)
    try:
        return step(visit)
    except WrongZip:
        return ask_zip(visit, "wrong")


def ask_zip(visit: Visit, wrong: str = "") -> Response[str]:
    """The campaign and the ZIP question; nothing of the person."""
    return visit.show("action.html", status=422 if wrong else 200, typed=visit.zip[:_KEPT], wrong=wrong)


def tell_zip(visit: Visit) -> Response[str]:
    return offices_page(visit, actions.enter(*visit.link, visit.zip, lang=visit.lang))


def find(visit: Visit) -> Response[str]:
    """The street, which goes to the Census if the operator allows it: the page with its button says so."""
    return offices_page(
        visit, street_lookup.find(*visit.link, visit.zip, visit.form.get("street", ""), lang=visit.lang)
    )


def names(visit: Visit) -> Response[str]:
    """ "Not my street": names again."""
    return offices_page(visit, street_lookup.forget(*visit.link, visit.zip, lang=visit.lang))


def write(visit: Visit) -> Response[str]:
    seat = visit.form.get("other") or visit.form.get("seat", "")
    desk = actions.enter(*visit.link, visit.zip, seat=seat, lang=visit.lang, typed=visit.form)
    return letter_saved(visit, desk, visit.form, {})


def confirm(visit: Visit) -> Response[str]:
    if visit.form.get("other"):  # a button within the form that leads to another office, with what was typed
        return write(visit)
    found = actions.confirm(*visit.link, visit.form, lang=visit.lang)
    if isinstance(found, HeldDraft):
        return visit.show("held.html")
    if isinstance(found, Stopped):
        return stopped(visit, found)
    if isinstance(found, MustConfirmAgain):
        return letter_saved(visit, found.desk, found.typed, found.problems)
    return letters_page(visit, found, confirmed(found, visit.form.get("seat", "")), "confirmed")


def take_back(visit: Visit) -> Response[str]:
    desk = actions.take_back(*visit.link, visit.zip, visit.letter, lang=visit.lang)
    return letters_page(visit, desk, _numbered(desk, visit.letter), "back")


def record_answer(visit: Visit) -> Response[str]:
    said = visit.form.get("answer", "")
    desk = actions.record_answer(*visit.link, visit.zip, visit.letter, said, lang=visit.lang)
    return letters_page(visit, desk, _numbered(desk, visit.letter), said)


def switch_to_packet(visit: Visit) -> Response[str]:
    desk = actions.switch_to_packet(*visit.link, visit.zip, visit.letter, lang=visit.lang)
    if desk.opted_out:
        return letters_page(visit, desk, None, "", status=REFUSED)
    return letters_page(visit, desk, _numbered(desk, visit.letter), "paper")


def call(visit: Visit) -> Response[str]:
    """What to say and whom to call. Looking at it notes nothing."""
    return call_page(visit, actions.enter(*visit.link, visit.zip, seat=visit.form.get("seat", ""), lang=visit.lang))


def record_call(visit: Visit) -> Response[str]:
    seat, said = visit.form.get("seat", ""), visit.form.get("outcome", "")
    desk = actions.record_call(*visit.link, visit.zip, seat, said, lang=visit.lang)
    if not any(one.office.seat == seat and one.outcome == said for one in desk.called):
        return call_page(visit, desk)
    return letters_page(visit, desk, None, "called")


def unsubscribe(visit: Visit) -> Response[str]:
    """From her own page, as from the link in each mail: no proof, and at once."""
    opt_out.unsubscribe(visit.door.database, visit.door.keys, visit.slug, visit.token, Purpose.ACTION)
    return visit.show("done.html")


def forget(visit: Visit) -> Response[str]:
    sure = visit.form.get("word", "").strip().casefold() in ERASE
    if sure and (page := opt_out.forget(visit.door.database, visit.door.keys, visit.slug, visit.token, visit.zip)):
        return visit.show("forgotten.html", page=page)
    desk = actions.enter(*visit.link, visit.zip, lang=visit.lang)
    return letters_page(visit, desk, None, "unsure") if desk.own else offices_page(visit, desk)


def answer_code(visit: Visit) -> Response[str]:
    """The code from the mail about a letter that was held. From here on the forms lead to the action page."""
    found = zip_change.confirm(*visit.link, visit.form.get("code", ""))
    if found is None:
        return visit.show("code.html", status=422, wrong=True)
    visit = replace(visit, path=f"../../a/{visit.slug}/{visit.token}", form={})
    if isinstance(found, Stopped):
        return stopped(visit, found)
    if isinstance(found, MustConfirmAgain):
        return letter_saved(visit, found.desk, found.typed, found.problems)
    return letters_page(visit, found, found.letters[-1], "confirmed")


_STEPS: dict[str, Callable[[Visit], Response[str]]] = {
    "zip": tell_zip,
    "street": find,
    "names": names,
    "write": write,
    "confirm": confirm,
    "back": take_back,
    "told": record_answer,
    "paper": switch_to_packet,
    "call": call,
    "called": record_call,
    "forget": forget,
    "unsubscribe": unsubscribe,
}


# ------------------------------------------------------------------------------------------------ pages


# ZIP codes that lead to no member of Congress, by the words that answer them (web/words.toml, [action]).
_ZIPS = {"unknown-zip": "unknown", "military-zip": "military", "foreign-zip": "foreign"}


def offices_page(visit: Visit, desk: ActionPage) -> Response[str]:
    """Where her letters are, else whose names there are to choose from, else the letter to the first office."""
    if not desk.finder and (wrong := next((_ZIPS[one] for one in desk.warnings if one in _ZIPS), None)):
        return ask_zip(visit, wrong)
    if desk.letters or desk.called:
        return letters_page(visit, desk, None, "")
    if desk.sheet:
        return letter_page(visit, desk, desk.sheet, visit.form, {})
    refused = bool(desk.finder and desk.finder.why)
    return visit.show("choose.html", status=422 if refused else 200, desk=desk, again={"step": "zip", "zip": desk.zip})


def stopped(visit: Visit, found: Stopped) -> Response[str]:
    """The answer to a confirmation for a supporter who opted out: the letter to copy, and nothing stored."""
    page = letter_saved(visit, found.desk, found.typed, {})
    page.status_code = REFUSED
    return page


def letter_saved(
    visit: Visit, desk: ActionPage, typed: Mapping[str, str], problems: Mapping[str, str]
) -> Response[str]:
    """The letter that was asked for, if there is one to write."""
    return letter_page(visit, desk, desk.sheet, typed, problems) if desk.sheet else offices_page(visit, desk)


def letter_page(
    visit: Visit, desk: ActionPage, sheet: LetterPreview, typed: Mapping[str, str], problems: Mapping[str, str]
) -> Response[str]:
    """The letter as the office will get it, with what was typed and what is wrong with it.

    For a supporter who opted out: the letter to copy.
    """
    filled = {"first_name": desk.first_name, "last_name": desk.last_name}
    filled |= {name: typed[name] for name in (*TYPED, "email", "guard") if name in typed}
    again = {"step": "write", "zip": desk.zip, "seat": sheet.office.seat, **filled}
    if desk.opted_out:
        carried = {name: filled[name] for name in TYPED if name in typed}
        return visit.show("copy.html", desk=desk, sheet=sheet, carried=carried, again=dict(again, **carried))
    guarded = problems.get("story") == "status"
    return visit.show(
        "letter.html",
        status=422 if problems else 200,
        desk=desk,
        sheet=sheet,
        typed=filled,
        faults=_faults(problems, filled),
        guarded=guarded,
        again=again,
    )


def call_page(visit: Visit, desk: ActionPage) -> Response[str]:
    """A call to the office that was asked for, if it is one of hers and has a number."""
    office = next((one for one in desk.offices if desk.call and one.seat == desk.call.seat), None)
    if desk.call is None or office is None or office.seat != visit.form.get("seat"):
        return offices_page(visit, desk)
    again = {"step": "call", "zip": desk.zip, "seat": office.seat}
    return visit.show("call.html", desk=desk, office=office, sheet=desk.call, again=again)


def _faults(problems: Mapping[str, str], typed: Mapping[str, str]) -> dict[str, str]:
    """The problems by the field that shows them, in the order of the page; the guard is none, it asks."""
    found = {name: key for name, key in problems.items() if key != "status"}
    if "name" in found:
        found["last_name" if typed.get("first_name", "").strip() else "first_name"] = found.pop("name")
    return {name: found[name] for name in FAULTS if name in found}


def letters_page(visit: Visit, desk: ActionPage, just: Status | None, news: str, *, status: int = 200) -> Response[str]:
    """Where each letter is, first what `news` says has just happened, and who is next."""
    carried = {name: visit.form[name] for name in TYPED if visit.form.get(name)}
    again = {"step": "zip", "zip": desk.zip}
    said = next((one for one in desk.called if news == "called" and one.office.seat == visit.form.get("seat")), None)
    return visit.show(
        "letters.html",
        status=status,
        desk=desk,
        just=just,
        news=news,
        said=said,
        now=_now(visit),
        carried=carried,
        again=again,
    )


def confirmed(desk: ActionPage, seat: str) -> Status | None:
    """The newest letter to this office that was not taken back."""
    live = [one for one in desk.letters if one.office.seat == seat and one.state not in ("withdrawn", "back")]
    return max(live, key=lambda one: one.letter, default=None)


def _numbered(desk: ActionPage, letter: int) -> Status | None:
    return next((one for one in desk.letters if one.letter == letter), None)


def _now(visit: Visit) -> int:
    with visit.door.database.read() as conn:
        return engine.now(conn)
