"""What a supporter's page shows after the ZIP code: offices, the letter as one will get it, and where letters are.

Reads only. `outreach/act` does what the page asks for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from campaign.compose import fit
from campaign.compose import letters as texts
from campaign.compose import release as releases
from campaign.compose.folder import LOCALES
from campaign.compose.letters import LetterText
from campaign.compose.release import Release
from campaign.config import Settings
from campaign.congress import roster
from campaign.congress.roster import Roster
from campaign.delivery.campaigns import Campaign
from campaign.keys import Keys
from campaign.letters import calls, channels, plan, record
from campaign.letters.calls import Call
from campaign.letters.channels import Field, Way
from campaign.letters.record import KEPT_MS, Letter, Words
from campaign.model import Match, Seat
from campaign.outreach import home, switch, targets, ways
from campaign.outreach.calls import CallSheet
from campaign.outreach.calls import sheet as call_sheet
from campaign.outreach.switch import Found, Scene
from campaign.outreach.ways import Here
from campaign.states import Proof
from campaign.supporters.people import SupporterRow

CONSENT = "2026-11-28"  # version of the words under which people confirm; change it when those words change
TEXT_DAYS = KEPT_MS // (24 * 3600 * 1000)


@dataclass(frozen=True, slots=True)
class Page:
    """What a page behind a link may show: the campaign, and nothing of the person."""

    slug: str
    title: dict[str, str]
    organization: str
    postal_address: str
    reply_to: str
    locale: str  # the language that the person reads, "" when unknown
    expired: bool
    why: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)  # by language: (fact, its source)


@dataclass(frozen=True, slots=True)
class Office:
    """One office that the person may write to. `ways`: every channel's answers, in the order of preference."""

    seat: str
    name: str
    house: bool
    state: str
    district: int
    why: str  # district, state, chosen, candidate
    ways: tuple[Way, ...]
    written: bool
    phone: str
    url: str
    vacant: bool
    warning: str
    gender: str
    held: bool = False  # the campaign sends its holder nothing for now

    @property
    def channel(self) -> str:
        """The channel that takes a letter now; "" when none does."""
        way = channels.first(self.ways)
        return way.channel if way and not self.held else ""

    @property
    def on_paper(self) -> Way | None:
        """The packet, where letters are printed for it; offered beside that channel."""
        return next((way for way in self.ways if way.channel == "packet" and way.works and self.channel), None)

    @property
    def daily(self) -> bool:
        """Whether that channel is one summary a day."""
        way = channels.first(self.ways)
        return way is not None and way.daily

    @property
    def asked(self) -> tuple[Field, ...]:
        """What our page asks for, because that channel needs it."""
        way = channels.first(self.ways)
        return way.asked if way else ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """The letter as this office will get it, before the person's own words, which are in the language `tongue`.

    They may have `limit` characters, as `fit.length` counts them; beside up to `beside` the text stays as it is, for
    more it gets shorter. Those that were typed are `over` the limit by so many. The form `takes` so many in all; 0:
    not known. `seen` comes back with the confirmation: it says which text was on the page.
    """

    office: Office
    text: LetterText
    seen: str
    shown_until: int | None
    limit: int
    beside: int
    over: int
    takes: int
    fits: bool  # False: this form is too short for any letter
    refit: bool  # the text that came back has no room for these words, this one has
    tongue: str
    summary: str  # the line on top where the own words are in Spanish


@dataclass(frozen=True, slots=True)
class Status:
    """One letter that exists, and only what is proved of it (a word of `states.Proof`). Times in ms."""

    letter: int
    office: Office
    state: str
    due_at: int
    can_take_back: bool
    text: str  # to copy, while it waits for the person
    subject: str
    values: tuple[tuple[str, str], ...]
    form_url: str
    over: int  # characters by which it is longer than the office's form takes
    kept_until: int
    at: int
    fallback: bool
    channel: str
    why: str = ""  # of what is held: a key of switch.WAITS; of what went back: holder, lines, text
    now: Office | None = None  # the office as it is, where somebody else holds the seat by now
    anew: Sheet | None = None  # the letter that may be confirmed in its place
    typed: Mapping[str, str] = field(default_factory=dict)  # what was typed for the first one
    with_writer: bool = False  # its writer was given the text for the office's form, and has not said more
    daily: bool = False  # it goes in the summary of a day


@dataclass(frozen=True, slots=True)
class Called:
    """What the person said of a call to an office (a word of `calls.Outcome`), and when (ms)."""

    office: Office
    outcome: str
    at: int


@dataclass(frozen=True, slots=True)
class Finder:
    """The person may look up their street. `why` it proved nothing just now (a word of congress/agree, or "short"), for
    which `street`, and the seat that one source alone `named`.
    """

    why: str = ""
    street: str = ""
    named: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """A person's page. `own`: the ZIP is the one on file; else it is a blank page, on which nothing of hers stands."""

    page: Page
    zip: str
    own: bool
    first_name: str
    last_name: str
    offices: tuple[Office, ...]
    candidates: tuple[Office, ...]
    warnings: tuple[str, ...]
    letters: tuple[Status, ...]
    sheet: Sheet | None
    consent: str
    take_back: int  # seconds
    text_days: int
    call: CallSheet | None = None  # of the office that was asked for, else of the one that the letter is to
    called: tuple[Called, ...] = ()
    finder: Finder | None = None
    found: bool = False  # the representative is the one of their street


@dataclass(frozen=True, slots=True)
class Again:
    """The form came back, and nothing was stored: `problems` by field, and what was typed."""

    desk: Desk
    problems: Mapping[str, str]
    typed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Held:
    """A letter for another ZIP: if the address typed is the one on file, a mail is on its way to it."""

    page: Page


@dataclass(frozen=True, slots=True)
class Known:
    """All that the pages of one person are made from, read in one transaction."""

    campaign: Campaign
    release: Release
    person: SupporterRow
    page: Page
    roster: Roster
    match: Match
    own: bool
    house_seat: str  # the one that this person has named: wrote to, or called
    letters: tuple[Letter, ...]
    calls: tuple[Call, ...]
    now: int
    is_open: bool  # letters may still be confirmed


def know(
    conn: Connection, campaign: Campaign, person: SupporterRow, page: Page, zip_code: str, now: int, *, is_open: bool
) -> Known:
    """Everything about this person, this ZIP code and now."""
    own = person.zip == zip_code[:5]
    letters = tuple(record.of_person(conn, campaign.id, person.id)) if own else ()
    told = tuple(calls.of_person(conn, campaign.id, person.id)) if own else ()
    seats = roster.at(conn, now)
    named = [*(one.seat for one in letters if not one.withdrawn), *(one.seat for one in told)]
    found = home.match(conn, seats, zip_code, person.place if own else None, named, now)
    house = next((code for code in named if found.offers(code)), "")
    return Known(
        campaign,
        releases.load(conn, campaign.release),
        person,
        page,
        seats,
        found,
        own,
        house,
        letters,
        told,
        now,
        is_open,
    )


def show(
    conn: Connection,
    keys: Keys,
    settings: Settings,
    known: Known,
    lang: str,
    seat: str = "",
    typed: Mapping[str, str] | None = None,
) -> Desk:
    """The page. `seat`: the office that the person asked for; without it the first one that has no letter yet.

    `typed`: the form, when one came; the letter is made to have room for the words in it.
    """
    campaign = known.release.folder.campaign
    here = ways.here(conn, packets=campaign.packets)
    scene = switch.scene(conn, campaign, known.now)
    wanted = targets.seats(campaign, known.roster) if known.is_open else frozenset[str]()
    if scene.house_closed:
        wanted = frozenset(code for code in wanted if not code.startswith("H:"))
    house = known.house_seat or (seat if known.match.offers(seat) else "")
    mine = [_office(here, known, one, why) for one, why in plan.offices(known.match, wanted, house) if one.holder]
    choices = () if known.house_seat else plan.choices(known.match, wanted, seat)
    candidates = tuple(_office(here, known, one, "candidate") for one in choices if one.known)
    free = [office for office in mine if not office.written and office.channel]
    asked = next((office for office in free if office.seat == seat), None)
    finder = _finder(settings, known, candidates)
    first = asked or (None if (candidates or finder) and not seat else next(iter(free), None))
    rung = next((office for office in mine if office.seat == seat and not office.held), first)
    return Desk(
        known.page,
        known.match.whole_zip,
        known.own,
        known.person.first_name if known.own else "",
        known.person.last_name if known.own else "",
        tuple(mine),
        candidates,
        tuple(_warnings(known, wanted)),
        _statuses(conn, here, keys, known, scene, mine, lang),
        sheet(keys, known, first, lang, typed or {}) if first else None,
        CONSENT,
        settings.campaign.take_back,
        TEXT_DAYS,
        _call(known, rung.seat, lang) if rung else None,
        tuple(_called(here, known)),
        finder,
        known.match.how == "address",
    )


def _finder(settings: Settings, known: Known, candidates: tuple[Office, ...]) -> Finder | None:
    """Where the ZIP on file does not tell the representative, a street could, and the operator has switched it on."""
    if not (settings.matching.geocoder and known.own and known.is_open) or known.house_seat:
        return None
    states = known.roster.unmapped.get(known.match.zip, ())
    unmapped = any(one.house and one.state in states and one.holder for one in known.roster.seats.values())
    return Finder() if candidates or unmapped or not known.match.states else None


def seat_of(known: Known, code: str) -> Seat | None:
    """The seat, when this person may write to it, and somebody holds it whom the campaign does not leave alone."""
    if plan.how(known.match, code, known.house_seat) is None:
        return None
    seat = known.roster.seats.get(code)
    if seat is None or seat.holder is None or texts.held(known.release.folder, seat):
        return None
    return seat


def sheet(keys: Keys, known: Known, office: Office, lang: str, typed: Mapping[str, str]) -> Sheet:
    """The letter for this office as it would be now, without what its form has no room for.

    A shorter one that was on the page before stays, as long as the own words fit.
    """
    seat = known.roster.seats[office.seat]
    whole = texts.draft(known.release, texts.variant(known.release.folder, seat, known.now), lang, seat, known.now)
    way = channels.first(office.ways)
    takes = way.limit if way else 0
    story, tongue = texts.clean_story(typed.get("story", "")), typed.get("tongue", "")
    tongue = tongue if tongue in LOCALES else lang
    cuts = fit.cuts(whole)
    before = next((one for one in cuts if typed.get("seen") == seen(keys, known, seat, one)), None)
    stays = before is not None and fit.fits(before, story, takes, tongue)
    made = before if before is not None and stays else fit.shown(whole, story, takes, tongue)
    limit = fit.room(cuts[-1], takes, tongue)
    return Sheet(
        office,
        made,
        seen=seen(keys, known, seat, made),
        shown_until=made.valid_until,
        limit=limit,
        beside=fit.room(made, takes, tongue),
        over=max(0, fit.length(story) - limit),
        takes=takes,
        fits=fit.fits(cuts[-1], "", takes, tongue),
        refit=before is not None and not stays,
        tongue=tongue,
        summary=texts.summary(made),
    )


def _call(known: Known, code: str, lang: str) -> CallSheet | None:
    seats = known.roster
    return call_sheet(known.release, seats, seats.seats[code], known.match.zip, lang, known.calls, known.now)


def _called(here: Here, known: Known) -> Iterator[Called]:
    """What was said of calls to offices whose holder has not changed since."""
    for one in known.calls:
        seat = known.roster.seats.get(one.seat)
        if seat is not None and seat.holder is not None and seat.holder.bioguide == one.holder:
            office = _office(here, known, seat, "district" if seat.house else "state")
            yield Called(office, one.outcome, one.at)


def seen(keys: Keys, known: Known, seat: Seat, text: LetterText) -> str:
    """Which text, for whom, under which words of consent: what comes back must be this."""
    assert seat.holder is not None
    whole = texts.core(text, "", texts.OFFICES_READ)
    parts = (str(known.person.id), seat.code, seat.holder.bioguide, text.subject, whole)
    return keys.proof("seen", CONSENT, *parts).hex()[:32]


def _office(here: Here, known: Known, seat: Seat, why: str) -> Office:
    holder = seat.holder
    return Office(
        seat=seat.code,
        name=holder.name if holder else "",
        house=seat.house,
        state=seat.state,
        district=seat.district,
        why=why,
        ways=ways.of(here, seat),
        written=any(
            one.seat == seat.code and not one.withdrawn and holder is not None and one.holder == holder.bioguide
            for one in known.letters
        ),
        phone=holder.phone if holder else "",
        url=holder.url if holder else "",
        vacant=holder is None,
        warning=seat.warning,
        gender=holder.gender if holder else "",
        held=texts.held(known.release.folder, seat),
    )


def _warnings(known: Known, wanted: Collection[str]) -> list[str]:
    match = known.match
    if not match.states:
        return ["unknown-zip"]
    found = []
    if len(match.states) == 1 and not match.senators:
        found.append("no-senators")
    house = (match.representative, *match.candidates)
    if not any(house) or not all(seat.known for seat in (*house, *match.senators) if seat):
        return [*found, "unknown-seat"]
    if known.is_open and not plan.reaches(match, wanted) and known.release.folder.campaign.committees:
        return [*found, "no-committee"]
    if match.representative is not None and match.representative.holder is None:
        found.append("vacant-house")
    return found


def _statuses(
    conn: Connection, here: Here, keys: Keys, known: Known, scene: Scene, offices: Collection[Office], lang: str
) -> tuple[Status, ...]:
    """Every letter, with its words where the person may use them: to bring them to a form, or to write anew."""
    verdicts = {one.id: switch.of_letter(scene, one, known.person.zip, known.person.place) for one in known.letters}
    usable = [one for one, found in verdicts.items() if found.proof in (Proof.READY, Proof.BACK)]
    words = record.words(conn, keys, usable)
    free = [office for office in offices if not office.written and office.channel]
    made = []
    for one in known.letters:
        found = verdicts[one.id]
        status = _status(here, known, one, found, words.get(one.id))
        back = found.proof is Proof.BACK
        office = next((office for office in free if _takes_place(office, one)), None) if back else None
        if status is not None and office is not None:
            free.remove(office)
            typed = dict(words[one.id].typed) if one.id in words else {}
            status = replace(status, anew=sheet(keys, known, office, lang, typed), typed=typed)
        made += [status] if status else []
    return tuple(made)


def _takes_place(office: Office, one: Letter) -> bool:
    """Whether a letter to this office is what the writer of that one may write now."""
    return office.seat == one.seat or (office.house and one.seat.startswith("H:"))


def _status(here: Here, known: Known, one: Letter, found: Found, words: Words | None) -> Status | None:
    seat = known.roster.seats.get(one.seat)
    to = roster.held_by(known.roster, one.seat, one.holder) or seat
    if seat is None or to is None:
        return None
    settled = one.at or max(one.due_at, known.now)
    holder, why = seat.holder, "district" if seat.house else "state"
    shown = words if found.proof is Proof.READY else None
    return Status(
        letter=one.id,
        office=_office(here, known, to, why),
        state=Proof.HELD.value if found.proof is Proof.READY and shown is None else found.proof.value,
        due_at=one.due_at,
        can_take_back=one.proof in record.STAYED and not one.withdrawn,
        text=shown.core if shown else "",
        subject=shown.subject if shown else "",
        values=shown.fields if shown else (),
        form_url=holder.form if holder else "",
        over=max(0, fit.length(shown.core) - holder.form_limit) if shown and holder and holder.form_limit else 0,
        kept_until=settled + KEPT_MS,
        at=one.confirmed_at,
        fallback=one.fell_back,
        channel=one.channel,
        why=found.why,
        now=_office(here, known, seat, why) if holder and holder.bioguide != one.holder else None,
        with_writer=one.proof is Proof.READY,
        daily=one.daily,
    )


def page_of(campaign: Campaign, release: Release, locale: str, now: int, *, expired: bool) -> Page:
    """The page of a campaign, with the facts that say why, as far as they have not expired."""
    organization, facts = release.folder.campaign.organization, release.folder.facts
    why = [facts[key] for key in release.folder.campaign.why]
    valid = [fact for fact in why if fact.expires is None or now < fact.expires]
    return Page(
        campaign.slug,
        dict(release.folder.campaign.title),
        organization.legal_name,
        organization.postal_address,
        organization.reply_to,
        locale,
        expired,
        {lang: tuple((fact.text[lang], fact.cite[lang]) for fact in valid) for lang in release.folder.campaign.locales},
    )
