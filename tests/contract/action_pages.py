"""Pages of supporters who do not exist, as `outreach.action_page` makes them, and the visit that gets them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from campaign import keys as key_files
from campaign.compose.messages import letter as letter_text
from campaign.compose.messages import short_form
from campaign.compose.messages.call_script import Script
from campaign.compose.messages.letter import LetterParts, LetterText
from campaign.compose.rendering.release import Release
from campaign.config import ROOT, load_settings
from campaign.congress.contacts import Contact
from campaign.delivery.campaigns import Campaign
from campaign.letters.office_hours import OfficeNow
from campaign.model import Member, Seat
from campaign.outreach.action_page.letter_preview import compare
from campaign.outreach.action_page.view_state import PageName, ViewState
from campaign.outreach.action_page.views import (
    ActionPage,
    CallSheet,
    CampaignPage,
    FormTask,
    LetterPreview,
    OfficeView,
    PhoneNumber,
    ReportedAction,
    Status,
    Way,
)
from campaign.outreach.action_page.visit import LinkRequest, Visit
from campaign.outreach.routing.channel import ChannelOption
from campaign.supporters.people import SupporterRow
from tests import offices
from tests.prepared import shipped

NOON = 1_797_613_200_000  # 2026-12-18 12:00 in Washington
MINUTE, DAY = 60_000, 86_400_000

PAGE = CampaignPage(
    "end-287g",
    {"en": "End 287(g)", "es": "Pongamos fin al 287(g)"},
    "Example Coalition to End 287(g)",
    "Example Coalition, PO Box 287, Example City, NC 28200",
    "hello@example.org",
)
MEMBER = Member(
    "X000287",
    "Alma Example",
    "Example",
    "F",
    "",
    "202-555-0112",
    "https://office.example/",
    "https://office.example/contact",
    form_needs=("prefix", "phone", "zip4", "topic", "subject"),
    form_topic="Immigration",
)


def options(contact: Contact | None = offices.EACH, **changes: bool) -> tuple[ChannelOption, ...]:
    """The channels of an office that said how it wants letters, but for the changes."""
    return offices.options(Seat("H:NC:12", MEMBER), contact, **changes)


ADAMS = OfficeView(
    seat="H:NC:12",
    name="Alma Example",
    house=True,
    state="NC",
    district=12,
    why="district",
    options=options(),
    written=False,
    phone="202-555-0112",
    url="https://office.example/",
    vacant=False,
    warning="",
    gender="F",
    form="https://office.example/contact",
    last_name="Example",
)
FIRST = replace(
    ADAMS,
    seat="S:NC:2",
    name="Theo Example",
    house=False,
    district=2,
    why="state",
    gender="M",
    options=options(None),
)
SECOND = replace(FIRST, seat="S:NC:3", name="Thora Example", district=3, phone="202-555-0133", gender="F")
ASK = (
    "As your constituent, I ask you to cosponsor H.R. 6890, the PROTECT Immigration Act of 2025, which would end the "
    "287(g) program. If you have already cosponsored it, thank you."
)
SENATE_ASK = (
    "As your constituent, I ask you to support repeal of section 287(g) of the Immigration and Nationality Act by "
    "introducing or cosponsoring a Senate bill for it."
)
OPEN_NOW = OfficeNow(open=True, changes_at=NOON + 5 * 60 * MINUTE)
CLOSED_NOW = OfficeNow(open=False, changes_at=NOON + 3 * DAY - 3 * 60 * MINUTE)
CALL = CallSheet(
    "H:NC:12",
    Script(
        ("Buenos días. Me llamo (su nombre).", "Pido que la representante Example copatrocine la H.R. 6890."),
        ("Hello. My name is (your name).", "I ask Representative Example to cosponsor H.R. 6890."),
    ),
    (
        PhoneNumber("202-555-0112", "washington", zone="America/New_York"),
        PhoneNumber("704-555-0112", "zip", "Charlotte", "M-F 9-5:30pm", "America/New_York"),
        PhoneNumber("980-555-0112", "area", "Monroe"),
        PhoneNumber("919-555-0112", "state", "Raleigh"),
    ),
    "voicemail",
    NOON,
)
ENGLISH = LetterParts(
    subject="Please cosponsor H.R. 6890 to end the 287(g) program",
    request="cosponsor H.R. 6890",
    salutation="Dear Representative Example,",
    ask=ASK,
    label="Statement by Example Coalition to End 287(g), which I have read and support:",
    definition=(
        "A law of 1996, section 287(g), lets the federal government sign agreements under which state and local "
        "officers take on federal immigration work: the investigation, apprehension or detention of people."
    ),
    facts=(
        "The number of 287(g) agreements rose from 135 in January 2025 to more than 2,500 by late September 2026.",
        "A 2022 review of the 142 agencies then in the program found that at least 65% had records of profiling.",
    ),
    close="Everyone here should feel safe calling the police. Immigration work belongs with federal agents.",
    reply="Will you cosponsor H.R. 6890? Please write back with your position.",
    closing="Sincerely,",
    short=(ASK, "Will you cosponsor it? Please write back with your position."),
    reference="Campaign: end-287g. Position: support H.R. 6890. Organized by Example Coalition to End 287(g).",
    sources="Sources: Public Law 104-208 of 1996, division C, section 133; U.S. Department of Homeland Security.",
)
SPANISH = LetterParts(
    subject="Copatrocine el H.R. 6890 para terminar el 287(g)",
    request="que copatrocine el H.R. 6890",
    salutation="Estimada representante Example:",
    ask=(
        "Vivo en el distrito que usted representa. Le pido que copatrocine la H.R. 6890, la PROTECT Immigration Act "
        "of 2025, que pondría fin al programa 287(g). Si ya la copatrocina, se lo agradezco."
    ),
    label="Declaración de Example Coalition to End 287(g), que he leído y apoyo:",
    definition=(
        "Una ley de 1996, la sección 287(g), permite al gobierno federal firmar acuerdos por los que agentes "
        "estatales y locales asumen tareas federales de inmigración: investigar, aprehender o detener a personas."
    ),
    facts=(
        "El número de acuerdos 287(g) pasó de 135 en enero de 2025 a más de 2,500 a fines de septiembre de 2026.",
        "Un estudio de 2022 halló que al menos el 65 % de 142 agencias tenían antecedentes de perfiles raciales.",
    ),
    close="Aquí toda persona debe poder llamar a la policía sin miedo.",
    reply="¿Va a copatrocinar el H.R. 6890? Por favor, respóndame cuál es su posición.",
    closing="Atentamente,",
    short=("Le pido que copatrocine el H.R. 6890.", "¿Va a copatrocinarlo? Por favor, respóndame."),
)
TEXT = LetterText("house", ENGLISH, None, SPANISH)


def preview(office: OfficeView = ADAMS, text: LetterText = TEXT, **changes: Any) -> LetterPreview:
    """The letter to an office whose form takes any letter; `takes` makes it one with less room."""
    takes = changes.get("takes", 0)
    shortened = short_form.shorten(text, "", takes, "es")
    made = LetterPreview(
        office,
        shortened,
        "5ee2",
        shown_until=None,
        limit=short_form.room(short_form.shorter_versions(text)[-1], takes, "es"),
        beside=short_form.room(shortened, takes, "es"),
        over=0,
        takes=takes,
        fits=short_form.fits(short_form.shorter_versions(text)[-1], "", takes, "es"),
        refit=False,
        tongue="es",
        summary=letter_text.summary(text),
        whole=letter_text.full_text(shortened, "", "es"),
    )
    return replace(made, **changes)


def form_task(letter: LetterPreview, **changes: Any) -> FormTask:
    office = letter.office
    option = next(option for option in office.options if option.channel == "form")
    made = FormTask(
        office=office,
        text=letter.whole,
        subject=letter.text.subject,
        url=office.url if option.website else office.form,
        host="office.example",
        website=option.website,
        asks=tuple(field for field in option.fields if field.asker == "office"),
        limit=letter.takes,
        translation=letter.text if letter.text.translation else None,
    )
    return replace(made, **changes)


def in_english(letter: LetterPreview) -> LetterPreview:
    """As a reader of English gets it."""
    return replace(letter, text=replace(letter.text, translation=None), tongue="en")


def action_page(**changes: Any) -> ActionPage:
    """A person of ZIP 28205 who has written nothing yet."""
    made = ActionPage(
        campaign=PAGE,
        zip="28205",
        own=True,
        first_name="Ana",
        last_name="Ruiz",
        offices=(ADAMS, FIRST, SECOND),
        candidates=(),
        warnings=(),
        letters=(),
        preview=None,
        take_back=900,
        text_days=28,
        now=NOON,
        hours=OPEN_NOW,
    )
    return replace(made, **changes)


def about_office(lang: str, office: OfficeView, **changes: Any) -> ActionPage:
    """What the pages about one office have: its letter, form and call, and the ways to reach it."""
    letter = changes.pop("preview", None) or preview(office)
    letter = letter if lang == "es" else in_english(letter)
    works = {option.channel for option in office.options if option.works} - {"email", "cwc"}
    ways: tuple[Way, ...] = tuple(way for way in ("packet", "call", "form") if way in works)
    script = CALL.script if lang == "es" else Script(CALL.script.english) if CALL.script else None
    made = action_page(
        office=office,
        lead=office,
        ways=ways,
        preview=letter,
        form=form_task(letter) if "form" in works else None,
        call=replace(CALL, seat=office.seat, script=script, reported=""),
    )
    return replace(made, **changes)


def letters_to(lang: str, *offices: OfficeView) -> tuple[LetterPreview, ...]:
    """One letter for each office; from the second on, its ask is another one."""
    first, *others = offices
    asked = replace(ENGLISH, salutation="Dear Senator Example,", ask=SENATE_ASK)
    made = compare([preview(first), *(preview(office, replace(TEXT, english=asked)) for office in others)])
    return made if lang == "es" else tuple(map(in_english, made))


def status(letter: int = 1, office: OfficeView = ADAMS, state: str = "going", **changes: Any) -> Status:
    """One letter."""
    ready = state == "ready"
    made = Status(
        letter,
        replace(office, written=state != "withdrawn"),
        state,
        due_at=NOON + 14 * MINUTE,
        can_take_back=state in ("going", "held", "ready", "to_print"),
        text="",
        subject="",
        values=(),
        form_url="",
        over=0,
        kept_until=NOON + 28 * DAY,
        at=NOON,
        fallback=False,
        channel="form" if ready else "email",
        with_writer=ready,
    )
    return replace(made, **changes)


def said(office: OfficeView, way: Way, outcome: str) -> ReportedAction:
    return ReportedAction(office, way, outcome, NOON)


def state(page: PageName, seat: str = "", news: str = "", letters: tuple[int, ...] = ()) -> ViewState:
    return ViewState(page=page, zip="28205", seat=seat, news=news, letters=letters)


@cache
def visit(lang: str = "es", *, acts: bool = True) -> Visit:
    """A request by Ana's link, in this language."""
    keys, settings = key_files.derive(b"\x07" * 32), load_settings(home=ROOT, path=ROOT / "config.toml", environ={})
    folder = shipped()
    return Visit(
        request=LinkRequest("end-287g", "v1.token", asked=lang),
        supporter=SupporterRow(1, b"", "28205", "es", "Ana", "Ruiz", "ana@example.org"),
        campaign=Campaign(
            1, slug="end-287g", release="0", opens_at=0, closes_at=2**52, paused=False, reason="", changed_at=0
        ),
        release=Release("0", slug="end-287g", files={}, folder=folder),
        campaign_page=PAGE,
        now=NOON,
        language=lang,
        expired=False,
        acts=acts,
        keys=keys,
        settings=settings,
    )
