"""The pages before an office is chosen, and the ends of a visit, from invented data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from campaign.outreach.action_page.sign_up import JoinEnd
from campaign.outreach.action_page.view_state import ViewState
from campaign.outreach.action_page.views import CampaignPage, ClosedHouse, Finder, LetterPreview
from campaign.outreach.action_page.visit import Visit
from campaign.web import replies
from campaign.web.replies import Reply
from tests.contract.action_pages import ADAMS, DAY, FIRST, NOON, PAGE, SECOND, action_page, preview, status

DEADLINE = NOON + 16 * DAY
FULL = replace(
    PAGE,
    lead={
        "en": "287(g) agreements put state and local officers to work on federal immigration enforcement. A bill in "
        "Congress, H.R. 6890, would end the program.",
        "es": "Con los acuerdos 287(g), agentes estatales y locales hacen trabajo federal de inmigración. Un proyecto "
        "de ley, la H.R. 6890, pondría fin al programa.",
    },
    brief={
        "en": (("What is 287(g)?", "A section of a 1996 law."), ("Who decides?", "Congress can end the program.")),
        "es": (("¿Qué es el 287(g)?", "Una sección de una ley de 1996."), ("¿Quién decide?", "El Congreso.")),
    },
    why={
        "en": (("A 2020 study found no evidence that agreements reduced crime.", "Utah State University, 2020"),),
        "es": (("Un estudio de 2020 no halló que redujeran la delincuencia.", "Utah State University, 2020"),),
    },
    description={"en": "All you need to start is a ZIP code.", "es": "Para empezar basta su código postal."},
    deadline=DEADLINE,
)
ILLINOIS = tuple(
    replace(ADAMS, seat=f"H:IL:{number}", name=name, state="IL", district=number, why="candidate")
    for number, name in ((4, "Jesús “Chuy” Example"), (7, "Danny K. Example"))
)
SENATORS = tuple(replace(office, state="IL", seat=office.seat.replace("NC", "IL")) for office in (FIRST, SECOND))
WHOLE_STATE = (*ILLINOIS, replace(ILLINOIS[0], seat="H:IL:8", name="", district=8, vacant=True))
TWO_STATES = tuple(
    replace(ADAMS, seat=f"H:{state}:{number}", name=f"Rep {state}", state=state, district=number, why="candidate")
    for state, number in (("MT", 2), ("SD", 0))
)
CLOSED = ClosedHouse("NC", "lines", NOON + 16 * DAY)


def question(at: Visit, news: str = "", zip_code: str = "", *, campaign: CampaignPage = FULL, **changes: Any) -> Reply:
    """The ZIP question behind a link; `known=False`: on the open page."""
    state = ViewState(zip=zip_code, news=news)
    return replies.show(at, "action.html", state=state, **{"campaign": campaign, **changes})


def about(at: Visit, name: str, news: str = "", *, switch_query: str = "", **changes: Any) -> Reply:
    """A page after the ZIP code; `changes` of the ActionPage."""
    page = action_page(**changes)
    state = ViewState(page="names" if name == "names.html" else "forwarded", zip=page.zip, news=news)
    return replies.show(at, name, state=state, page=page, switch_query=switch_query)


def names(at: Visit, **changes: Any) -> Reply:
    return about(at, "names.html", **{"zip": "60632", "candidates": ILLINOIS, "offices": SENATORS, **changes})


def check_email(at: Visit, news: str = "", **typed: str) -> Reply:
    state = ViewState(page="check-email", zip="28205", news=news)
    return replies.show(at, "check-email.html", state=state, typed=typed)


def taken_back(at: Visit, number: int, typed: dict[str, str]) -> Reply:
    page = action_page(letters=tuple(status(one, state="withdrawn") for one in range(1, number + 1)))
    state = ViewState(page="taken-back", zip=page.zip)
    return replies.show(at, "taken-back.html", state=state, page=page, typed=typed)


def error(code: str, at: Visit, wait: int = 0) -> Reply:
    return Reply("error.html", at.language, {"error": code, "wait": wait}, int(code))


def joining(at: Visit, *previews: LetterPreview) -> Reply:
    typed = {"first_name": "Rosa", "last_name": "Mota"} if previews else {}
    return replies.show(at, "join.html", known=False, previews=previews, typed=typed, seen="1f" if previews else "")


def joined(what: str, at: Visit) -> Reply:
    return replies.show(at, "joined.html", known=False, what=what)


def join_ended(end: str, at: Visit) -> Reply:
    return replies.show(at, "join-ended.html", known=False, end=end)


def stay(at: Visit, **faults: str) -> Reply:
    state, typed = ViewState(page="join", zip="28205", news="check"), {"first_name": "Rosa", "email": "rosa@"}
    return replies.show(at, "stay.html", known=False, state=state, typed=typed, faults=faults)


ARRIVAL: dict[str, Callable[[Visit], Reply]] = {
    "open page": lambda at: question(at, known=False),
    "open page on the last day but one": lambda at: question(at, known=False, now=DEADLINE - DAY),
    "open page on the last day": lambda at: question(at, known=False, now=DEADLINE),
    "open page after the deadline": lambda at: question(at, known=False, now=DEADLINE + DAY),
    "open page without texts": lambda at: question(at, known=False, campaign=PAGE),
    "behind a link": question,
    "wrong zip": lambda at: question(at, "wrong", '2"8<'),
    "unknown zip": lambda at: question(at, "unknown", "28299", known=False),
    "foreign zip": lambda at: question(at, "foreign", "96939", known=False),
    "military zip": lambda at: question(at, "military", "09012"),
    "names": names,
    "one name": lambda at: names(at, candidates=ILLINOIS[:1], offices=SENATORS[:1]),
    "names of a state": lambda at: names(at, zip="60690", candidates=WHOLE_STATE, statewide=True),
    "names of two states": lambda at: names(at, zip="57717", candidates=TWO_STATES, offices=()),
    "many names of two states": lambda at: names(at, zip="57717", candidates=(*ILLINOIS, *TWO_STATES), offices=()),
    "names where it is January": lambda at: names(at, candidates=TWO_STATES[:1], offices=(), closed=(CLOSED,)),
    "names or a street": lambda at: names(at, finder=Finder()),
    "street not found": lambda at: names(at, finder=Finder("disagree", "1 Main St", ILLINOIS[0].seat)),
    "street only": lambda at: names(at, candidates=(), warnings=("unknown-zip",), offices=(), finder=Finder()),
    "street and senators": lambda at: names(at, candidates=(), closed=(CLOSED,), finder=Finder("short")),
    "one representative": lambda at: names(at, zip="28205", candidates=(), offices=(ADAMS, FIRST, SECOND)),
    "nobody": lambda at: names(at, candidates=(), offices=(), warnings=("vacant-house", "no-senators")),
    "forwarded": lambda at: about(at, "forwarded.html"),
    "code": lambda at: about(at, "code.html"),
    "wrong code": lambda at: about(at, "code.html", "wrong"),
    "used code": lambda at: about(at, "used-code.html"),
    "used code without a zip": lambda at: replies.show(at, "used-code.html"),
    "check email": lambda at: check_email(at, email="rosa.m@example.com"),
    "check email to join": lambda at: check_email(at, "join"),
    "code again": lambda at: about(at, "code.html", "limit"),
    "ended code": lambda at: about(at, "code.html", "ended"),
    "code from the email": lambda at: replies.show(at, "code.html", state=ViewState(page="code")),
    "join": joining,
    "join with a letter": lambda at: joining(at, preview(ADAMS, whole="Dear Representative Adams,")),
    "join with letters": lambda at: joining(at, preview(ADAMS), preview(FIRST)),
    "joining goes wrong": lambda at: stay(at, email="email", age="age"),
    **{f"joined: {what}": partial(joined, what) for what in ("joined", "letters", "again")},
    **{f"join ended: {end.value}": partial(join_ended, end.value) for end in JoinEnd},
    "never": lambda at: replies.show(at, "never.html", done=False),
    "never again": lambda at: replies.show(at, "never.html", done=True),
    "taken back": lambda at: taken_back(at, 1, {"story": "I teach here."}),
    "two taken back": lambda at: taken_back(at, 2, {}),
    "expired": replies.expired,
    "unsubscribe": lambda at: replies.show(at, "unsubscribe.html"),
    "unsubscribed": lambda at: replies.show(at, "unsubscribed.html"),
    "unsubscribed on the open page": lambda at: replies.show(at, "unsubscribed.html", known=False),
    "unsubscribed and unknown": lambda at: replies.show(at, "unsubscribed.html", campaign=None),
    "erased": lambda at: replies.show(at, "erased.html", campaign=None),
    "disown": lambda at: replies.show(at, "disown.html"),
    "disowned": lambda at: replies.show(at, "disowned.html", number=2),
    "one disowned": lambda at: replies.show(at, "disowned.html", number=1),
    "nothing to disown": lambda at: replies.show(at, "disowned.html", number=0, reports=0),
    "reports disowned": lambda at: replies.show(at, "disowned.html", number=0, reports=1),
    "home": lambda at: Reply("home.html", at.language, {"campaigns": (FULL,)}),
    "home without campaigns": lambda at: Reply("home.html", at.language, {"campaigns": ()}),
    **{f"error {code}": partial(error, code) for code in ("400", "403", "404", "405", "413", "429", "500")},
    "error 429 with a time": partial(error, "429", wait=600),
}
