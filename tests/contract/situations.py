"""Every page that a supporter may see after the ZIP code, from invented desks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape
from typing import Any

from litestar import Response

from campaign.letters import calls
from campaign.model import Seat
from campaign.outreach.action_page.views import ClosedHouse, OfficeView, ReportedCall, Status
from campaign.states import Proof
from campaign.store.engine import Database
from campaign.web import action_page
from campaign.web.action_page import Visit
from tests import offices
from tests.contract.desks import (
    ADAMS,
    CALL,
    DAY,
    FIRST,
    MEMBER,
    NOON,
    SECOND,
    desk,
    sheet,
    status,
    visit,
    ways,
)

LANGUAGES = ("en", "es")
WROTE = replace(ADAMS, written=True)
NEEDING = replace(offices.EACH, needs=("street", "phone", "prefix"))
NEEDY = replace(ADAMS, ways=ways(NEEDING))
PAPER = replace(FIRST, ways=ways(None, packets=True))
INTAKE = replace(ADAMS, ways=ways(cwc_serves=True))
NEEDED_OR_PAPER = ways(NEEDING, packets=True)
DANGEROUS = '<b>Mi</b> vecino "no" volvió & nadie llama.'
UNKNOWN = offices.options(Seat("S:NC:2", replace(MEMBER, form_needs=(), form_topic="")))
SITE = replace(
    FIRST,
    ways=offices.options(Seat("S:NC:2", replace(MEMBER, form="", form_needs=(), form_topic=""))),
)
HOUSE_SITE = replace(ADAMS, ways=SITE.ways)
NAMES = tuple(
    replace(ADAMS, seat=f"H:IL:{number}", name=name, state="IL", district=number, why="candidate")
    for number, name in ((4, "Chuy Example"), (7, "Danny Example"))
)
SENATORS = tuple(replace(office, state="IL", seat=office.seat.replace("NC", "IL")) for office in (FIRST, SECOND))

STATE = (*NAMES, replace(NAMES[0], seat="H:IL:8", name="", district=8, vacant=True))
TWO_STATES = tuple(
    replace(ADAMS, seat=f"H:{state}:{number}", name=f"Rep {state}", state=state, district=number, why="candidate")
    for state, number in (("MT", 2), ("SD", 0))
)
CLOSED = ClosedHouse("NC", "lines", NOON + 16 * DAY)

DAILY = replace(ADAMS, ways=ways(replace(offices.EACH, wants="daily")))
BY_HAND = replace(ADAMS, ways=ways(packets=True, by_hand=True), form="https://office.example/contact")


def letter(at: Visit, problems: dict[str, str] | None = None, **changes: Any) -> Response[str]:
    made = desk(**{"sheet": sheet(), **changes})
    assert made.sheet is not None
    made = replace(made, call=replace(CALL, seat=made.sheet.office.seat))
    return action_page.letter_saved(at, made, at.form, problems or {})


def standing(at: Visit, *found: Status, news: str = "", **changes: Any) -> Response[str]:
    made = desk(letters=found, offices=(WROTE, FIRST, SECOND), **changes)
    return action_page.letters_page(at, made, found[-1] if news else None, news)


def written(office: OfficeView) -> OfficeView:
    return replace(office, written=True)


TYPED = {"first_name": "Ana", "last_name": "Ruiz", "story": DANGEROUS, "tongue": "es", "city": "Charlotte"}
LATER = replace(ADAMS, name="Nora Example")
CAME_BACK = (
    status(1, state="back", why="holder", now=LATER, anew=sheet(LATER), typed=TYPED),
    status(2, FIRST, "held", why="incoming"),
    status(3, SECOND, "back", why="text", with_writer=True, anew=sheet(SECOND)),
)
SITUATIONS: dict[str, Callable[[Visit], Response[str]]] = {
    "zip": action_page.ask_zip,
    "wrong zip": lambda at: action_page.ask_zip(at, "wrong"),
    "unknown zip": lambda at: action_page.offices_page(at, desk(warnings=("unknown-zip",))),
    "names": lambda at: action_page.offices_page(at, desk(zip="60632", candidates=NAMES, offices=SENATORS)),
    "military zip": lambda at: action_page.offices_page(at, desk(warnings=("military-zip",))),
    "foreign zip": lambda at: action_page.offices_page(at, desk(warnings=("foreign-zip",))),
    "names of a state": lambda at: action_page.offices_page(
        at, desk(zip="60690", candidates=STATE, offices=SENATORS, statewide=True)
    ),
    "names of two states": lambda at: action_page.offices_page(
        at, desk(zip="57717", candidates=TWO_STATES, offices=())
    ),
    "letter beside the names of a state": lambda at: letter(
        at, sheet=sheet(SENATORS[0]), zip="60690", candidates=STATE, offices=SENATORS, statewide=True
    ),
    "new lines not known": lambda at: letter(at, sheet=sheet(FIRST), offices=(FIRST,), closed=(CLOSED,)),
    "new members not known": lambda at: action_page.offices_page(
        at,
        desk(zip="20002", offices=(), warnings=("no-senators",), closed=(replace(CLOSED, state="DC", why="members"),)),
    ),
    "nobody": lambda at: action_page.offices_page(at, desk(offices=(), warnings=("vacant-house", "no-senators"))),
    "between two Congresses": lambda at: letter(at, sheet=sheet(FIRST), offices=(FIRST,), warnings=("unknown-seat",)),
    "letter": letter,
    "letter by form": lambda at: letter(at, sheet=sheet(FIRST, shown_until=NOON + 15 * DAY)),
    "letter to a short form": lambda at: letter(at, sheet=sheet(FIRST, takes=1200)),
    "letter in a summary": lambda at: letter(at, sheet=sheet(DAILY)),
    "confirmed for a summary": lambda at: standing(
        at, status(office=DAILY, daily=True, due_at=NOON + DAY), news="confirmed"
    ),
    "letter by form or on paper": lambda at: letter(at, sheet=sheet(PAPER)),
    "letter with a street or on paper": lambda at: letter(at, sheet=sheet(replace(NEEDY, ways=NEEDED_OR_PAPER))),
    "letter by the intake": lambda at: letter(at, sheet=sheet(INTAKE)),
    "sent by the intake": lambda at: standing(at, status(office=INTAKE, state="sent", channel="cwc"), news="back"),
    "paper": lambda at: standing(at, status(office=PAPER, state="to_print"), news="paper"),
    "printed": lambda at: standing(at, status(office=PAPER, state="printed"), news="back"),
    "ready or on paper": lambda at: standing(at, status(2, PAPER, "ready"), news="confirmed"),
    "letter without room": lambda at: letter(at, sheet=sheet(FIRST, takes=100)),
    "letter made shorter": lambda at: letter(
        replace(at, form={"story": DANGEROUS * 9}), {"seen": "refit"}, sheet=sheet(FIRST, takes=1000, refit=True)
    ),
    "blank page": lambda at: letter(at, sheet=sheet(NEEDY), own=False, first_name="", last_name=""),
    "mistakes": lambda at: letter(
        replace(at, form={"first_name": "Ana", "last_name": "", "story": DANGEROUS}),
        {name: name for name in ("name", "city", "street", "phone", "prefix", "email")} | {"seen": "changed"},
        sheet=sheet(replace(NEEDY, warning="its term ended")),
        own=False,
    ),
    "guard": lambda at: letter(replace(at, form={"story": DANGEROUS}), {"story": "status"}),
    "confirmed": lambda at: standing(replace(at, form={"story": DANGEROUS}), status(), news="confirmed"),
    "ready": lambda at: standing(at, status(), status(2, FIRST, "ready"), news="confirmed"),
    "ready on an unknown form": lambda at: standing(
        at, status(2, replace(FIRST, ways=UNKNOWN), "ready"), news="confirmed"
    ),
    "ready and too long": lambda at: standing(at, status(2, FIRST, "ready", fallback=True, over=300), news="confirmed"),
    "letter by a website": lambda at: letter(at, sheet=sheet(SITE)),
    "ready on a website": lambda at: standing(at, status(2, SITE, "ready"), news="confirmed"),
    "ready on a website of the House": lambda at: standing(at, status(2, HOUSE_SITE, "ready"), news="confirmed"),
    "ready on a website after a failure": lambda at: standing(at, status(2, SITE, "ready", fallback=True)),
    "mailed after one that is ready": lambda at: standing(
        at, status(1, SITE, "ready"), status(2, ADAMS, "going"), news="confirmed"
    ),
    "yes to one of two": lambda at: standing(at, status(1, SECOND, "ready"), status(2, SITE, "reported"), news="yes"),
    "ready, and the representative not known": lambda at: action_page.letters_page(
        at,
        desk(letters=(status(2, SENATORS[0], "ready"),), offices=(written(SENATORS[0]), SENATORS[1]), candidates=NAMES),
        None,
        "",
    ),
    "ready beside one that came back": lambda at: action_page.letters_page(
        at, desk(letters=(*CAME_BACK, status(4, SITE, "ready"))), None, ""
    ),
    "yes": lambda at: standing(at, status(2, FIRST, "reported"), news="yes"),
    "no": lambda at: standing(at, status(2, FIRST, "ready", fallback=True), news="no"),
    "later": lambda at: standing(at, status(2, FIRST, "ready"), news="later"),
    "back": lambda at: standing(at, status(state="withdrawn"), news="back"),
    "too late": lambda at: standing(at, status(state="delivered"), news="back"),
    "every state": lambda at: standing(at, *(status(n, state=one.value) for n, one in enumerate(Proof, 1))),
    "came back": lambda at: standing(at, *CAME_BACK),
    "unsure": lambda at: standing(at, status(state="sent"), news="unsure"),
    "call": lambda at: action_page.call_page(replace(at, form={"seat": ADAMS.seat}), desk(call=CALL)),
    "called": lambda at: action_page.letters_page(
        replace(at, form={"seat": ADAMS.seat}),
        desk(called=tuple(ReportedCall(ADAMS, word, NOON) for word in calls.OUTCOMES)),
        None,
        "called",
    ),
    "copy": lambda at: letter(at, sheet=sheet(BY_HAND), opted_out="unsubscribed", offices=(BY_HAND, FIRST)),
    "copy from another zip": lambda at: letter(at, sheet=sheet(BY_HAND), opted_out="link", own=False, candidates=NAMES),
    "copy to a short form": lambda at: letter(at, sheet=sheet(BY_HAND, takes=1200, over=40), opted_out="bounced"),
    "copy without room": lambda at: letter(at, sheet=sheet(BY_HAND, takes=100), opted_out="bounced"),
    "letters of who opted out": lambda at: standing(
        at, status(state="withdrawn", why="untold"), status(2, FIRST, "ready"), opted_out="unsubscribed"
    ),
    "done": lambda at: at.show("done.html"),
    "held": lambda at: at.show("held.html"),
    "code": lambda at: at.show("code.html", wrong=False),
    "wrong code": lambda at: at.show("code.html", wrong=True),
    "disown": lambda at: at.show("disown.html"),
    "disowned": lambda at: at.show("disowned.html", number=2),
    "nothing to disown": lambda at: at.show("disowned.html", number=0),
    "forgotten": lambda at: at.show("forgotten.html"),
}


def text(clock: Database, name: str, lang: str = "es") -> str:
    return str(SITUATIONS[name](visit(clock, lang)).content)


def words(page: str) -> str:
    """What a person reads on a page."""
    main = page[page.index("<main>") : page.index("</main>")]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main)))


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    for key, below in node.items():
        yield from [(f"{path}{key}", below)] if isinstance(below, str) else leaves(below, f"{path}{key}.")
