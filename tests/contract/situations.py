"""Every page about an office, a letter or what became of it, from invented data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from campaign.model import Seat
from campaign.outreach.action_page.views import ActionPage, ClosedHouse, OfficeView, Status
from campaign.outreach.action_page.visit import Visit
from campaign.states import Proof
from campaign.web import replies
from campaign.web.replies import Reply
from tests import offices
from tests.contract.action_pages import (
    ADAMS,
    CALL,
    CLOSED_NOW,
    DAY,
    ENGLISH,
    FIRST,
    MEMBER,
    NOON,
    PAGE,
    SECOND,
    SPANISH,
    TEXT,
    about_office,
    action_page,
    letters_to,
    options,
    preview,
    said,
    state,
    status,
    visit,
)

LANGUAGES = ("en", "es")
DANGEROUS = '<b>Mi</b> vecino "no" volvió & nadie llama.'
BY_FORM = replace(ADAMS, options=options(None))
NEEDING = replace(offices.EACH, needs=("street", "phone", "prefix"))
NEEDY = replace(ADAMS, options=options(NEEDING))
INTAKE = replace(ADAMS, options=options(cwc_serves=True))
DAILY = replace(ADAMS, options=options(replace(offices.EACH, wants="daily")))
PAPER = replace(FIRST, options=options(None, packets=True))
BY_HAND = replace(ADAMS, options=options(packets=True, by_hand=True))
UNKNOWN_FORM = replace(FIRST, options=offices.options(Seat("S:NC:2", replace(MEMBER, form_needs=(), form_topic=""))))
SITE = replace(FIRST, options=offices.options(Seat("S:NC:2", replace(MEMBER, form="", form_needs=(), form_topic=""))))
HOUSE_SITE = replace(ADAMS, options=SITE.options)
THANKS = replace(
    TEXT, variant="thanks-house", english=replace(ENGLISH, request=""), translation=replace(SPANISH, request="")
)
NAMELESS = replace(BY_FORM, gender="")
CLOSED = ClosedHouse("NC", "lines", NOON + 16 * DAY)
SENATORS = (FIRST, SECOND)
TYPED = {"first_name": "Ana", "last_name": "Ruiz", "story": DANGEROUS, "tongue": "es", "city": "Charlotte"}
LATER = replace(ADAMS, name="Nora Later", last_name="Later")
CAME_BACK = (
    status(1, state="back", why="holder", new_holder=LATER, replacement=preview(LATER), typed=TYPED),
    status(2, FIRST, "held", why="incoming"),
    status(3, SECOND, "back", why="text", with_writer=True, replacement=preview(SECOND)),
)
SAID = (
    said(BY_FORM, "call", "answered"),
    said(FIRST, "call", "voicemail"),
    said(SECOND, "call", "busy"),
    said(BY_FORM, "form", "sent"),
    said(FIRST, "form", "failed"),
    said(SECOND, "form", "chosen"),
)


def offer(at: Visit, office: OfficeView = BY_FORM, news: str = "", **changes: Any) -> Reply:
    """The ways to reach an office; `known=False`: on the open page."""
    known = {"known": changes.pop("known", True)}
    page = about_office(at.language, office, **{"offices": (office, *SENATORS), **changes})
    campaign = replace(PAGE, deadline=NOON + 16 * DAY)
    place = state("offices", office.seat, news)
    return replies.show(at, "offices.html", state=place, page=page, campaign=campaign, **known)


def letter(
    at: Visit,
    *to: OfficeView,
    faults: Mapping[str, str] | None = None,
    typed: Mapping[str, str] | None = None,
    **changes: Any,
) -> Reply:
    """The letters to these offices."""
    more = {name: changes.pop(name) for name in ("known", "guarded") if name in changes}
    to = to or (ADAMS, replace(FIRST, options=options(offices.EACH)))
    every = (*to, *(office for office in (FIRST, SECOND) if office.seat not in {one.seat for one in to}))
    page = action_page(**{"previews": letters_to(at.language, *to), "offices": every, **changes})
    return replies.show(
        at, "letter.html", state=state("letter"), page=page, faults=faults or {}, typed=typed or {}, **more
    )


def form(at: Visit, office: OfficeView = BY_FORM, news: str = "", **changes: Any) -> Reply:
    more = {name: changes.pop(name) for name in ("known", "guarded", "faults", "typed") if name in changes}
    page = about_office(at.language, office, **{"offices": (office, *SENATORS), **changes})
    return replies.show(at, "form.html", state=state("form", office.seat, news), page=page, **more)


def call(at: Visit, office: OfficeView = BY_FORM, news: str = "", **changes: Any) -> Reply:
    known = {"known": changes.pop("known", True)}
    page = about_office(at.language, office, **{"offices": (office, *SENATORS), **changes})
    return replies.show(at, "call.html", state=state("call", office.seat, news), page=page, **known)


def thanks(at: Visit, news: str, *letters: Status, **changes: Any) -> Reply:
    more = {name: changes.pop(name) for name in ("known", "faults", "typed") if name in changes}
    seat = "" if letters else BY_FORM.seat
    written = {one.office.seat for one in letters}
    every = tuple(replace(office, written=office.seat in written) for office in (BY_FORM, *SENATORS))
    page = action_page(**{"letters": letters, "offices": every, **changes})
    place = state("done", seat, news, tuple(one.letter for one in letters))
    return replies.show(at, "thanks.html", state=place, page=page, **more)


def standing(at: Visit, *letters: Status, news: str = "", **changes: Any) -> Reply:
    """Where letters and calls are."""
    page: ActionPage = action_page(**{"letters": letters, "office": SECOND, **changes})
    return replies.show(at, "status.html", state=state("status", news=news), page=page)


SITUATIONS: dict[str, Callable[[Visit], Reply]] = {
    "offices": offer,
    "offices of a stranger": lambda at: offer(at, known=False),
    "offices at night": lambda at: offer(at, hours=CLOSED_NOW),
    "offices after a busy call": lambda at: offer(at, news="busy"),
    "offices after a busy call, no local office": lambda at: offer(
        at, news="busy", call=replace(CALL, numbers=CALL.numbers[:1])
    ),
    "offices, only a website": lambda at: offer(at, HOUSE_SITE),
    "offices with a visit": lambda at: offer(at, PAPER),
    "offices beside letters": lambda at: offer(at, offices=(BY_FORM, replace(FIRST, options=options(offices.EACH)))),
    "offices, one to thank": lambda at: offer(at, preview=preview(BY_FORM, THANKS)),
    "offices, gender not known": lambda at: offer(at, NAMELESS),
    **{
        f"offices, senator first: {why}": partial(offer, office=FIRST, lead_why=why, offices=(BY_FORM, *SENATORS))
        for why in ("signed_on", "supports", "leaving")
    },
    "offices, vacant seat": lambda at: offer(
        at, FIRST, lead_why="vacant", offices=SENATORS, warnings=("vacant-house",)
    ),
    "offices in January": lambda at: offer(at, FIRST, lead_why="closed", offices=SENATORS, closed=(CLOSED,)),
    "offices, unsure": lambda at: offer(
        at, FIRST, lead_why="unsure", offices=SENATORS, candidates=(BY_FORM,), house="unsure"
    ),
    "offices after opting out": lambda at: offer(at, BY_HAND, opted_out="unsubscribed"),
    "offices, one on hold": lambda at: offer(at, FIRST, offices=(replace(ADAMS, held=True), *SENATORS)),
    "letter": letter,
    "letter to one office": lambda at: letter(at, ADAMS),
    "letter to three": lambda at: letter(at, ADAMS, *(replace(one, options=ADAMS.options) for one in SENATORS)),
    "letter handed in": lambda at: letter(at, PAPER),
    "letter handed in and emailed": lambda at: letter(at, ADAMS, PAPER),
    "letter in a summary": lambda at: letter(at, DAILY),
    "letter by the intake": lambda at: letter(at, INTAKE),
    "letter that needs more": lambda at: letter(at, NEEDY, replace(FIRST, options=options(offices.EACH))),
    "letter of a stranger": lambda at: letter(at, known=False, own=False, first_name="", last_name=""),
    "mistakes": lambda at: letter(
        at,
        NEEDY,
        replace(FIRST, options=options(offices.EACH)),
        faults={
            "seat": "no-office",
            "seen": "changed",
            "prefix": "prefix",
            "last_name": "name",
            **{name: name for name in ("street", "city", "phone", "email", "age")},
        },
        typed={"first_name": "Ana", "last_name": "", "story": DANGEROUS},
        known=False,
    ),
    "guard": lambda at: letter(at, typed=TYPED, guarded=True),
    "letter that waits for new lines": lambda at: letter(at, replace(FIRST, options=ADAMS.options), closed=(CLOSED,)),
    "form": form,
    "form of a stranger": lambda at: form(at, known=False),
    "form not known": lambda at: form(at, UNKNOWN_FORM),
    "form on a website": lambda at: form(at, SITE),
    "form on a website of the House": lambda at: form(at, HOUSE_SITE),
    "short form": lambda at: form(at, FIRST, preview=preview(FIRST, takes=1200)),
    "form without room": lambda at: form(at, FIRST, preview=preview(FIRST, takes=100)),
    "form after our email failed": lambda at: form(at, letters=(status(4, BY_FORM, "ready", fallback=True),)),
    "form after opting out": lambda at: form(at, BY_HAND, opted_out="bounced"),
    "form to be saved, guarded": lambda at: form(at, news="check", guarded=True, typed=TYPED),
    "form to be saved, too long": lambda at: form(
        at, news="check", faults={"story": "story-long"}, typed=TYPED, preview=preview(BY_FORM, over=90)
    ),
    "call": call,
    "call of a stranger": lambda at: call(at, known=False),
    "voicemail": lambda at: call(at, hours=CLOSED_NOW),
    "call after the form failed": lambda at: call(at, news="failed"),
    "call made before": lambda at: call(at, call=replace(CALL, reported="voicemail")),
    "call without a script": lambda at: call(at, call=replace(CALL, script=None, numbers=CALL.numbers[:1])),
    "answered": lambda at: thanks(at, "answered"),
    "left a voicemail": lambda at: thanks(at, "voicemail", hours=CLOSED_NOW),
    "sent": lambda at: thanks(at, "sent"),
    "sent by a stranger": lambda at: thanks(at, "sent", known=False, own=False, first_name=""),
    "joining goes wrong": lambda at: thanks(
        at,
        "answered",
        known=False,
        faults={"first_name": "first_name", "email": "email", "age": "age"},
        typed={"email": "ana"},
    ),
    "letters confirmed": lambda at: thanks(at, "letters", status(), status(2, FIRST)),
    "letter confirmed": lambda at: thanks(at, "letters", status(), first_name=""),
    "letters confirmed, each its own way": lambda at: thanks(
        at,
        "letters",
        status(1, DAILY, daily=True, due_at=NOON + DAY),
        status(2, PAPER, "to_print", channel="packet"),
        status(3, SECOND, channel="cwc"),
    ),
    "letters confirmed and gone": lambda at: thanks(at, "letters", status(state="delivered"), status(2, FIRST, "sent")),
    "status": lambda at: standing(at, status(state="delivered"), status(2, FIRST, "ready"), reported=SAID[2:3]),
    "every state": lambda at: standing(at, *(status(n, state=one.value) for n, one in enumerate(Proof, 1))),
    "everything said": lambda at: standing(at, reported=SAID),
    "nothing done": standing,
    "sent by the intake": lambda at: standing(
        at, *(status(n, INTAKE, one, channel="cwc") for n, one in enumerate(("sending", "sent", "doubt"), 1))
    ),
    "on paper": lambda at: standing(
        at, *(status(n, PAPER, one, channel="packet") for n, one in enumerate(("to_print", "printed", "handed_in"), 1))
    ),
    "in a summary": lambda at: standing(at, status(office=DAILY, daily=True, due_at=NOON + DAY)),
    "about to be sent": lambda at: standing(at, status(due_at=NOON - 1)),
    "ready after a failure": lambda at: standing(at, status(2, SITE, "ready", fallback=True)),
    "came back": lambda at: standing(at, *CAME_BACK),
    "too late": lambda at: standing(at, status(state="delivered"), news="late"),
    "saved": lambda at: standing(at, status(2, FIRST, "ready"), news="saved"),
    "not me": lambda at: standing(at, status(state="withdrawn"), news="disowned"),
    "reports deleted": lambda at: standing(at, news="unreported"),
    "topic left out": lambda at: standing(at, reported=SAID[:1], discreet=True, news="subjects"),
    "not sure": lambda at: standing(at, status(state="sent"), news="unsure"),
    "status after opting out": lambda at: standing(
        at, status(state="withdrawn", why="untold"), status(2, FIRST, "ready"), opted_out="unsubscribed"
    ),
}


def text(name: str, lang: str = "es") -> str:
    return content(SITUATIONS[name](visit(lang)))


def content(reply: Reply) -> str:
    return str(replies.render(reply).content)


def primary(page: str) -> list[str]:
    """The buttons that stand out, without what is folded away."""
    main = page[page.index("<main") : page.index("</main>")]
    while (without := re.sub(r"<details[^>]*>(?:(?!<details).)*?</details>", "", main, flags=re.DOTALL)) != main:
        main = without
    found = []
    for tag, marks, inside in re.findall(r"<(button|a)\b([^>]*)>(.*?)</\1>", main, re.DOTALL):
        classes = set("".join(re.findall(r'class="([^"]*)"', marks)).split())
        quiet = classes & {"quiet", "textlink", "danger", "choice", "vh"} or " hidden" in marks
        if not quiet and (tag == "button" or "button" in classes):
            found.append(" ".join(re.sub(r"<[^>]+>", " ", inside).split()))
    return found


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    for key, below in node.items():
        yield from [(f"{path}{key}", below)] if isinstance(below, str) else leaves(below, f"{path}{key}.")
