"""What is wrong with a campaign's letters, and with the mails about them: each is made here as it will be later."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import product

from markupsafe import escape

from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.campaign_folder.toml import WASHINGTON
from campaign.compose.lint import findings
from campaign.compose.lint.findings import LONGEST_SUBJECT, Warn
from campaign.compose.messages import letter, receipt
from campaign.compose.messages.letter import OFFICES_READ, LetterText
from campaign.compose.messages.receipt import ReceiptLine
from campaign.compose.rendering import release, render
from campaign.errors import CampaignError
from campaign.model import Member, Seat, Text
from campaign.states import Proof

MAILS = ("receipt", "confirm")
MOST_FACTS = 4  # three, and one of the state
DAY_MS = 24 * 3600 * 1000
STALE_MS = 30 * DAY_MS  # so old may the last look at a list of cosponsors be
OLD_MS = 180 * DAY_MS  # so old may the source of a position be
MIXED = ((Proof.GOING, Proof.READY, Proof.READY), (Proof.SENT, Proof.DELIVERED, Proof.READY), (Proof.HELD,) * 3)
LINK = "https://action.example.org"

_STATE = re.compile(r"seat\.state\s*==\s*[\"'](\w+)[\"']")
_LINKS = re.compile(r"https?:|www\.|\S@\S|\b[\w-]+\.(?:gov|org|com|net|edu)\b", re.I)
_FOREIGN = re.compile(r"[^\n -~]")


def check(folder: Folder, now: int) -> Iterator[CampaignError]:
    """All problems of letters, receipts and sponsors.toml at `now` (ms), when the language is in order."""
    lost = list(_missing(folder))
    yield from lost
    yield from _acts(folder, now)
    yield from _positions(folder, now)
    yield from _changes(folder, now)
    for at in findings.moments(folder, now):
        for locale in folder.campaign.locales:
            yield from _letters(folder, locale, at, now)
            if not any(problem.where.startswith(MAILS) for problem in lost):
                yield from _mails(folder, locale, at, now)
    yield from receipt.check_words(folder)


def samples(folder: Folder) -> Iterator[tuple[str, Seat]]:
    """(who, a seat) for all kinds of holders that the letters tell apart, in each state that has a line of its own."""
    acts = folder.acts
    sources = "".join(text for path, text in folder.templates.items() if path.startswith("letter/"))
    for target, state in product(folder.campaign.targets, ("NC", *dict.fromkeys(_STATE.findall(sources)))):
        code = f"H:{state}:1" if target == "house" else f"S:{state}:1"
        own = acts.bill if target == "house" else acts.precedent
        kinds = {"a neutral member": "X000000"}
        if own is not None:
            kinds |= dict(zip(("its sponsor", "a cosponsor"), (own.sponsor, *own.cosponsors), strict=False))
        if acts.opposite:
            kinds["an opposed member"] = acts.opposite[0].sponsor
        rows = folder.positions.rows
        kinds |= dict([("a member thanked for a position", one) for one in rows if _thanks(folder, one)][:1])
        for who, bioguide in kinds.items():
            member = Member(bioguide, "Alex Example", "Example", "F", "", "", "", "")
            yield f"{who} of the {target} in {state}", Seat(code, member)


def _thanks(folder: Folder, bioguide: str) -> bool:
    return folder.positions.treatment(bioguide) == "thank"


def _missing(folder: Folder) -> Iterator[CampaignError]:
    variants = [name for name in letter.VARIANTS if name == "after" or name.endswith(folder.campaign.targets)]
    locales = dict.fromkeys((OFFICES_READ, *folder.campaign.locales))
    parts = ["subject.txt", *(f"{locale}.txt" for locale in locales)]
    paths = [f"letter/{name}/{part}" for name, part in product(variants, parts)]
    paths += [f"{kind}/{locale}/{part}" for kind, locale, part in product(MAILS, folder.campaign.locales, render.PARTS)]
    for path in (*paths, receipt.WORDS, "sponsors.toml"):
        if path not in folder.files:
            yield CampaignError("is missing", where=path, do="Write it; the campaign end-287g has one to begin with.")


_SET = 'campaign sponsors set {} "{}" --from FILE --checked DAY'


def _acts(folder: Folder, now: int) -> Iterator[CampaignError]:
    bill = folder.campaign.bill_at(now)
    for act in folder.acts.every if now < bill.expires else ():
        if now - act.checked > STALE_MS and act.checked < act.final:
            do = f"Copy the names from {act.page} to a file, then: {_SET.format(folder.slug, act.number)}"
            yield Warn(f"{act.number}: cosponsors last checked on {_day(act.checked)}", where=act.where, do=do)
    if now < bill.expires and bill is folder.campaign.bill.successor and folder.acts.under(bill.number) is None:
        do = f"Write [successor] in sponsors.toml, or: {_SET.format(folder.slug, bill.number)}"
        yield Warn(
            f"nobody is thanked for {bill.number}: sponsors.toml does not say who introduced or cosponsored it",
            where="sponsors.toml",
            do=do,
        )


def _changes(folder: Folder, now: int) -> Iterator[CampaignError]:
    """What a seat's change of hands, a race or a bill's end stops."""
    campaign, where = folder.campaign, "campaign.toml"
    bill = campaign.bill_at(now)
    if now >= bill.expires:
        do = "When there is a new bill, name it in [bill.successor] and mend; until then the other text goes."
        yield Warn(f"{bill.number} died on {_day(bill.expires)}: what names it goes to nobody", where=where, do=do)
    for one in campaign.candidates:
        if one.closes > now:
            what = f"{one.seat}: thanks wait from {_day(one.opens)} until {_day(one.closes - 1)}, what is asked goes on"
            yield Warn(what, where=where, do="Ask counsel when the dates of the race change, and mend [[candidate]].")


def _day(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, WASHINGTON):%Y-%m-%d}"


def _positions(folder: Folder, now: int) -> Iterator[CampaignError]:
    """What is wrong with the rows of positions.toml, besides what nobody can read."""
    signed = {
        bioguide: act.number for act in (folder.acts.bill, folder.acts.precedent) if act for bioguide in act.members
    }
    for one in folder.positions.rows.values():
        if one.date > now:
            yield CampaignError(f"{one.bioguide}: the day of its source is still to come", where=one.where)
        elif now - one.date > OLD_MS:
            what = f"{one.bioguide}: its source is {(now - one.date) // DAY_MS} days old"
            yield Warn(what, where=one.where, do="Look whether it still holds.")
        if one.stance != "supports" and one.bioguide in signed:
            what = f"{one.bioguide}: {one.stance} here, and signed {signed[one.bioguide]} in sponsors.toml"
            yield Warn(what, where=one.where, do="Open both sources: one of them is older.")


def _letters(folder: Folder, locale: str, at: int, now: int) -> Iterator[CampaignError]:
    made = release.from_folder(folder)
    for _who, seat in samples(folder):
        name = letter.variant(folder, seat, at)
        if not all(f"letter/{name}/{lang}.txt" in folder.files for lang in (OFFICES_READ, locale)):
            continue  # told already
        try:
            text = letter.draft(made, name, locale, seat, at)
        except CampaignError as error:
            yield from findings.report_problems(error, folder, at, now)
        else:
            yield from _letter(folder, text, locale)


def _letter(folder: Folder, text: LetterText, locale: str) -> Iterator[CampaignError]:
    where = f"letter/{text.variant}"
    yield from findings.subject(text.subject, f"{where}/subject.txt")
    if len(text.subject) > LONGEST_SUBJECT:
        do = f"At most {LONGEST_SUBJECT}: many forms take no more."
        yield CampaignError(f"the subject has {len(text.subject)} characters", where=f"{where}/subject.txt", do=do)
    for said, path in ((text.said, "en.txt"), (text.gloss or text.said, f"{locale}.txt")):
        if not (said.label.endswith(":") and folder.campaign.organization.legal_name in said.label):
            do = "Write it like: Shared statement of the {{ organization.legal_name }} ...:"
            yield CampaignError("its label names nobody", where=f"{where}/{path}", do=do)
        if not len(text.said.facts) == len(said.facts) <= MOST_FACTS:
            what = f"has {len(said.facts)} facts, and the English letter {len(text.said.facts)}"
            do = f"At most {MOST_FACTS}, each on a line of its own, and the same in each language."
            yield CampaignError(what, where=f"{where}/{path}", do=do)
    whole = "\n".join((text.subject, letter.full_text(text, "", OFFICES_READ)))
    if found := _LINKS.search(whole):
        what = f"the letter holds the link {found[0]!r}"
        do = "Offices filter links: name sources in words."
        yield CampaignError(what, where=_line(folder, found[0], where), do=do)
    if found := _FOREIGN.search(whole):
        what = f"the English letter holds the sign {found[0]!r}"
        do = "Write it with plain signs, for old filters."
        yield CampaignError(what, where=_line(folder, found[0], where), do=do)


def _line(folder: Folder, part: str, where: str) -> str:
    """File and line in which this part of a letter stands: the letter's own, its base, or what they print."""
    own = [path for path in folder.files if path.startswith((f"{where}/", "letter/_")) and not path.endswith("es.txt")]
    for path in (*own, "facts.toml", "campaign.toml", "sponsors.toml"):
        for number, line in enumerate(folder.files.get(path, "").splitlines(), start=1):
            if part in line and not re.match(r"#|text_es|cite_es|source|publisher|note|page|title", line):
                return f"{path} line {number}"
    return where


def _mails(folder: Folder, locale: str, at: int, now: int) -> Iterator[CampaignError]:
    for states in (*((proof,) for proof in Proof), *MIXED):
        lines = [ReceiptLine("Rep. Alex Example", state.value, f"{LINK}/a/next") for state in states]
        try:
            text = sample_receipt(folder, locale, lines, at)
        except CampaignError as error:
            yield from findings.report_problems(error, folder, at, now)
            continue
        owed = ("a/status", "n/disown", "u/stop", "Rep. Alex Example")
        yield from _mail(folder, text, f"receipt/{locale}", owed)
        if not set(states) & set(receipt.WENT) and (found := receipt.SENT.search(text.subject)):
            what = f"the subject says {found[0]!r} of letters that are {states[0]}"
            yield CampaignError(what, where=f"receipt/{locale}/subject.txt", do="Say only what is known.")
    try:
        text = sample_confirm(folder, locale, at)
    except CampaignError as error:
        yield from findings.report_problems(error, folder, at, now)
    else:
        yield from _mail(folder, text, f"confirm/{locale}", ("c/confirm", "u/stop", "482913"))


def _mail(folder: Folder, text: Text, where: str, owed: tuple[str, ...]) -> Iterator[CampaignError]:
    yield from findings.subject(text.subject, f"{where}/subject.txt")
    address = folder.campaign.organization.postal_address
    for name, part, shown in (("body.txt", text.text, address), ("body.html", text.html, str(escape(address)))):
        for sign in (shown, *owed):
            if sign not in part:
                do = "Print every name of language.RECEIPT_PERSON or CONFIRM_PERSON, and the postal address."
                yield CampaignError(f"does not show {sign!r}", where=f"{where}/{name}", do=do)


def sample_receipt(folder: Folder, locale: str, lines: list[ReceiptLine], now: int) -> Text:
    """A receipt for an invented person."""
    return receipt.receipt(
        release.from_folder(folder),
        locale,
        lines,
        greeting_name="Ana",
        status_url=f"{LINK}/a/status",
        disown_url=f"{LINK}/n/disown",
        unsubscribe_url=f"{LINK}/u/stop",
        take_back_until=now + 900_000,
        text_until=now + 28 * 24 * 3600 * 1000,
        now=now,
    )


def sample_confirm(folder: Folder, locale: str, now: int) -> Text:
    """The mail about a held letter, for an invented person."""
    return receipt.confirm(
        release.from_folder(folder),
        locale,
        greeting_name="Ana",
        confirm_url=f"{LINK}/c/confirm",
        code="482913",
        unsubscribe_url=f"{LINK}/u/stop",
        zip="28205",
        until=now + 3 * 24 * 3600 * 1000,
        now=now,
    )
