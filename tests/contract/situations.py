"""Every page that a supporter may see after the ZIP code, from invented data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape
from typing import Any

from campaign.letters import calls
from campaign.model import Seat
from campaign.outreach.action_page.views import ClosedHouse, OfficeView, ReportedCall, Status
from campaign.outreach.action_page.visit import Visit
from campaign.states import Proof
from campaign.web import replies
from campaign.web.replies import Form, Reply
from tests import offices
from tests.contract.action_pages import (
    ADAMS,
    CALL,
    DAY,
    FIRST,
    MEMBER,
    NOON,
    SECOND,
    action_page,
    options,
    preview,
    status,
    visit,
)

LANGUAGES = ("en", "es")
WROTE = replace(ADAMS, written=True)
NEEDING = replace(offices.EACH, needs=("street", "phone", "prefix"))
NEEDY = replace(ADAMS, options=options(NEEDING))
PAPER = replace(FIRST, options=options(None, packets=True))
INTAKE = replace(ADAMS, options=options(cwc_serves=True))
NEEDED_OR_PAPER = options(NEEDING, packets=True)
DANGEROUS = '<b>Mi</b> vecino "no" volvió & nadie llama.'
UNKNOWN = offices.options(Seat("S:NC:2", replace(MEMBER, form_needs=(), form_topic="")))
SITE = replace(
    FIRST,
    options=offices.options(Seat("S:NC:2", replace(MEMBER, form="", form_needs=(), form_topic=""))),
)
HOUSE_SITE = replace(ADAMS, options=SITE.options)
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

DAILY = replace(ADAMS, options=options(replace(offices.EACH, wants="daily")))
BY_HAND = replace(ADAMS, options=options(packets=True, by_hand=True), form="https://office.example/contact")


def letter(at: Visit, problems: dict[str, str] | None = None, form: Form | None = None, **changes: Any) -> Reply:
    page = action_page(**{"preview": preview(), **changes})
    assert page.preview is not None
    page = replace(page, call=replace(CALL, seat=page.preview.office.seat))
    return replies.letter_or_offices(at, page, form or {}, problems)


def standing(at: Visit, *found: Status, news: str = "", form: Form | None = None, **changes: Any) -> Reply:
    page = action_page(letters=found, offices=(WROTE, FIRST, SECOND), **changes)
    return replies.letters(at, page, form or {}, news=news, letter=found[-1] if news else None)


def choose(at: Visit, **changes: Any) -> Reply:
    return replies.offices(at, action_page(**changes), {"zip": "28205"})


def written(office: OfficeView) -> OfficeView:
    return replace(office, written=True)


TYPED = {"first_name": "Ana", "last_name": "Ruiz", "story": DANGEROUS, "tongue": "es", "city": "Charlotte"}
LATER = replace(ADAMS, name="Nora Example")
CAME_BACK = (
    status(1, state="back", why="holder", new_holder=LATER, replacement=preview(LATER), typed=TYPED),
    status(2, FIRST, "held", why="incoming"),
    status(3, SECOND, "back", why="text", with_writer=True, replacement=preview(SECOND)),
)
SITUATIONS: dict[str, Callable[[Visit], Reply]] = {
    "zip": replies.zip_question,
    "wrong zip": lambda at: replies.zip_question(at, wrong="wrong"),
    "unknown zip": lambda at: choose(at, warnings=("unknown-zip",)),
    "names": lambda at: choose(at, zip="60632", candidates=NAMES, offices=SENATORS),
    "military zip": lambda at: choose(at, warnings=("military-zip",)),
    "foreign zip": lambda at: choose(at, warnings=("foreign-zip",)),
    "names of a state": lambda at: choose(at, zip="60690", candidates=STATE, offices=SENATORS, statewide=True),
    "names of two states": lambda at: choose(at, zip="57717", candidates=TWO_STATES, offices=()),
    "letter beside the names of a state": lambda at: letter(
        at, preview=preview(SENATORS[0]), zip="60690", candidates=STATE, offices=SENATORS, statewide=True
    ),
    "new lines not known": lambda at: letter(at, preview=preview(FIRST), offices=(FIRST,), closed=(CLOSED,)),
    "new members not known": lambda at: choose(
        at,
        zip="20002",
        offices=(),
        warnings=("no-senators",),
        closed=(replace(CLOSED, state="DC", why="members"),),
    ),
    "nobody": lambda at: choose(at, offices=(), warnings=("vacant-house", "no-senators")),
    "between two Congresses": lambda at: letter(
        at, preview=preview(FIRST), offices=(FIRST,), warnings=("unknown-seat",)
    ),
    "letter": letter,
    "letter by form": lambda at: letter(at, preview=preview(FIRST, shown_until=NOON + 15 * DAY)),
    "letter to a short form": lambda at: letter(at, preview=preview(FIRST, takes=1200)),
    "letter in a summary": lambda at: letter(at, preview=preview(DAILY)),
    "confirmed for a summary": lambda at: standing(
        at, status(office=DAILY, daily=True, due_at=NOON + DAY), news="confirmed"
    ),
    "letter by form or on paper": lambda at: letter(at, preview=preview(PAPER)),
    "letter with a street or on paper": lambda at: letter(at, preview=preview(replace(NEEDY, options=NEEDED_OR_PAPER))),
    "letter by the intake": lambda at: letter(at, preview=preview(INTAKE)),
    "sent by the intake": lambda at: standing(at, status(office=INTAKE, state="sent", channel="cwc"), news="back"),
    "paper": lambda at: standing(at, status(office=PAPER, state="to_print"), news="paper"),
    "printed": lambda at: standing(at, status(office=PAPER, state="printed"), news="back"),
    "ready or on paper": lambda at: standing(at, status(2, PAPER, "ready"), news="confirmed"),
    "letter without room": lambda at: letter(at, preview=preview(FIRST, takes=100)),
    "letter made shorter": lambda at: letter(
        at, {"seen": "refit"}, form={"story": DANGEROUS * 9}, preview=preview(FIRST, takes=1000, refit=True)
    ),
    "blank page": lambda at: letter(at, preview=preview(NEEDY), own=False, first_name="", last_name=""),
    "mistakes": lambda at: letter(
        at,
        {name: name for name in ("name", "city", "street", "phone", "prefix", "email")} | {"seen": "changed"},
        {"first_name": "Ana", "last_name": "", "story": DANGEROUS},
        preview=preview(replace(NEEDY, warning="its term ended")),
        own=False,
    ),
    "guard": lambda at: letter(at, {"story": "status"}, form={"story": DANGEROUS}),
    "confirmed": lambda at: standing(at, status(), news="confirmed", form={"story": DANGEROUS}),
    "ready": lambda at: standing(at, status(), status(2, FIRST, "ready"), news="confirmed"),
    "ready on an unknown form": lambda at: standing(
        at, status(2, replace(FIRST, options=UNKNOWN), "ready"), news="confirmed"
    ),
    "ready and too long": lambda at: standing(at, status(2, FIRST, "ready", fallback=True, over=300), news="confirmed"),
    "letter by a website": lambda at: letter(at, preview=preview(SITE)),
    "ready on a website": lambda at: standing(at, status(2, SITE, "ready"), news="confirmed"),
    "ready on a website of the House": lambda at: standing(at, status(2, HOUSE_SITE, "ready"), news="confirmed"),
    "ready on a website after a failure": lambda at: standing(at, status(2, SITE, "ready", fallback=True)),
    "mailed after one that is ready": lambda at: standing(
        at, status(1, SITE, "ready"), status(2, ADAMS, "going"), news="confirmed"
    ),
    "yes to one of two": lambda at: standing(at, status(1, SECOND, "ready"), status(2, SITE, "reported"), news="yes"),
    "ready, and the representative not known": lambda at: replies.letters(
        at,
        action_page(
            letters=(status(2, SENATORS[0], "ready"),), offices=(written(SENATORS[0]), SENATORS[1]), candidates=NAMES
        ),
        {},
    ),
    "ready beside one that came back": lambda at: replies.letters(
        at, action_page(letters=(*CAME_BACK, status(4, SITE, "ready"))), {}
    ),
    "yes": lambda at: standing(at, status(2, FIRST, "reported"), news="yes"),
    "no": lambda at: standing(at, status(2, FIRST, "ready", fallback=True), news="no"),
    "later": lambda at: standing(at, status(2, FIRST, "ready"), news="later"),
    "back": lambda at: standing(at, status(state="withdrawn"), news="back"),
    "too late": lambda at: standing(at, status(state="delivered"), news="back"),
    "every state": lambda at: standing(at, *(status(n, state=one.value) for n, one in enumerate(Proof, 1))),
    "came back": lambda at: standing(at, *CAME_BACK),
    "unsure": lambda at: standing(at, status(state="sent"), news="unsure"),
    "call": lambda at: replies.call(at, action_page(call=CALL), {"seat": ADAMS.seat}),
    "called": lambda at: replies.letters(
        at,
        action_page(called=tuple(ReportedCall(ADAMS, word, NOON) for word in calls.OUTCOMES)),
        {"seat": ADAMS.seat},
        news="called",
    ),
    "copy": lambda at: letter(at, preview=preview(BY_HAND), opted_out="unsubscribed", offices=(BY_HAND, FIRST)),
    "copy from another zip": lambda at: letter(
        at, preview=preview(BY_HAND), opted_out="link", own=False, candidates=NAMES
    ),
    "copy to a short form": lambda at: letter(at, preview=preview(BY_HAND, takes=1200, over=40), opted_out="bounced"),
    "copy without room": lambda at: letter(at, preview=preview(BY_HAND, takes=100), opted_out="bounced"),
    "letters of who opted out": lambda at: standing(
        at, status(state="withdrawn", why="untold"), status(2, FIRST, "ready"), opted_out="unsubscribed"
    ),
    "done": lambda at: replies.show(at, "done.html"),
    "held": lambda at: replies.show(at, "held.html"),
    "code": lambda at: replies.show(at, "code.html", wrong=False),
    "wrong code": lambda at: replies.show(at, "code.html", wrong=True),
    "disown": lambda at: replies.show(at, "disown.html"),
    "disowned": lambda at: replies.show(at, "disowned.html", number=2),
    "nothing to disown": lambda at: replies.show(at, "disowned.html", number=0),
    "forgotten": lambda at: replies.show(at, "forgotten.html"),
}


def text(name: str, lang: str = "es") -> str:
    return content(SITUATIONS[name](visit(lang)))


def content(reply: Reply) -> str:
    return str(replies.render(reply).content)


def words(page: str) -> str:
    """What a person reads on a page."""
    main = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", main)))


def leaves(node: Any, path: str = "") -> Iterator[tuple[str, str]]:
    for key, below in node.items():
        yield from [(f"{path}{key}", below)] if isinstance(below, str) else leaves(below, f"{path}{key}.")
