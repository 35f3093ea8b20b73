"""What is wrong with a campaign's letters: each is made here as it will be later."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from itertools import product

from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.campaign_folder.toml import WASHINGTON
from campaign.compose.lint import findings
from campaign.compose.lint.findings import LONGEST_SUBJECT, Warn
from campaign.compose.messages import letter
from campaign.compose.messages.letter import OFFICES_READ, LetterText
from campaign.compose.rendering import release
from campaign.errors import CampaignError
from campaign.model import Member, Seat

MOST_FACTS = 4  # three, and one of the state
DAY_MS = 24 * 3600 * 1000
STALE_MS = 30 * DAY_MS  # so old may the last look at a list of cosponsors be
OLD_MS = 180 * DAY_MS  # so old may the source of a position be

_STATE = re.compile(r"seat\.state\s*==\s*[\"'](\w+)[\"']")
_LINKS = re.compile(r"https?:|www\.|\S@\S|\b[\w-]+\.(?:gov|org|com|net|edu)\b", re.I)
_FOREIGN = re.compile(r"[^\n -~]")


def check(folder: Folder, now: int) -> Iterator[CampaignError]:
    """All problems of letters and sponsors.toml at `now` (ms), when the language is in order."""
    yield from _missing(folder)
    yield from _acts(folder, now)
    yield from _positions(folder, now)
    yield from _changes(folder, now)
    for at in findings.moments(folder, now):
        for locale in folder.campaign.locales:
            yield from _letters(folder, locale, at, now)


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
    for path in (*paths, "sponsors.toml"):
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
