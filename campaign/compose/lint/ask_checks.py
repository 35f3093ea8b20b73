"""Check a campaign's folder before a launch, and report all problems at once.

Errors stop a launch; warnings ask for a review. Every text is rendered as it will be later: in each wave, locale and
variant, before and after the bill expires, for people with odd names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import product

from markupsafe import escape

from campaign.compose.campaign_folder import folder as folders
from campaign.compose.campaign_folder import toml
from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.campaign_folder.images import SUFFIXES
from campaign.compose.lint import (
    brand_checks,
    call_checks,
    findings,
    letter_checks,
    member_checks,
    office_mail_checks,
    page_checks,
    receipt_checks,
)
from campaign.compose.lint.findings import Warn
from campaign.compose.rendering import language, message_file, release, render
from campaign.compose.rendering.fields import person
from campaign.compose.rendering.release import Release
from campaign.errors import CampaignError, Problems
from campaign.model import Recipient

ALLOWED_NUMBERS = ("287(g)",)
_PLACEHOLDER = re.compile(r"\bexample\b|placeholder", re.I)
_REVIEW = re.compile(r"[^\W\d].*\b20\d\d-\d\d-\d\d\b.*")
# In Spanish a and de join with the article el, and a title in a sentence needs an article.
_ARTICLES = re.compile(
    r"\b(?:(?:a|de)\s+\{\{-?\s*(?P<named>representative|member\.named)"
    r"|(?:a|al|de|del|con|por|para|que)\s+\{\{-?\s*(?P<short>representative_short))\s*-?\}\}",
    re.I,
)
_UNSEEN = re.compile(r"\]\((?:\{\{.*?\}\}|[^\s()])*\)|\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}|&#?\w+;", re.S)

_ODD_NAMES = (
    ("an ordinary name", "Ana", "Ruiz"),
    ("no name", "", ""),
    ("one word", "Suharto", ""),
    (
        "a very long name",
        "Hubert Blaine Wolfeschlegelsteinhausenbergerdorff",
        "Wolfe-Müller de la Cruz y Echeverría " * 4,
    ),
    ("apostrophes", "D'Angelo", "O'Brien-N'Diaye"),
    ("accents", "Ángela Nguyễn", "Güemes Łukasiewicz"),
    ("right to left", "محمد", "الأحمد"),
    ("emoji", "Zoë 🌻", "👩‍👩‍👧"),
    ("HTML in the name", '<b>Bob & "Co"', "</td><script>"),
    ("tag delimiters in the name", "[%t1%]", "%][%h3%]"),
    ("line breaks in the name", "Ana\r\nBcc: all", "Ruiz\t\x00"),
)


@dataclass(frozen=True, slots=True)
class CheckReport:
    """`errors` stop a launch; `warnings` ask for a review."""

    errors: tuple[CampaignError, ...]
    warnings: tuple[CampaignError, ...]
    readers: Mapping[str, str]  # locale -> the native speaker who reviewed its texts, and when


def parse(slug: str, files: Mapping[str, str]) -> Folder:
    """The folder of these files. If a TOML file has problems, raises Problems, including those of the templates."""
    try:
        return folders.parse(slug, files)
    except Problems as error:
        facts = toml.read("facts.toml", files.get("facts.toml", "")).keys_of("fact") or None
        problems = [*error.problems, *_language(folders.templates(files), facts)]
        raise Problems(problems, what=f"{slug}: {len(problems)} problem(s)") from None


def check(folder: Folder, now: int, *, live: bool = False) -> CheckReport:
    """All problems of the folder at `now` (ms). `live`: email would really be sent."""
    found = list(render.language_problems(release.from_folder(folder)))
    broken = {_path(problem) for problem in found}
    asks = product(folder.campaign.waves, folder.campaign.locales)
    found += findings.missing(folder, (message_file.path_of("ask", wave, locale) for wave, locale in asks))
    found += [*_facts(folder, now), *_organization(folder, live), *_numbers(folder), *_review(folder)]
    found += [*_articles(folder), *brand_checks.check(folder)]
    sound = replace(folder, files={path: text for path, text in folder.files.items() if path not in broken})
    rendered = [
        *_kind("ask", sound, _asks, now),
        *_kind("receipt", sound, receipt_checks.check, now),
        *member_checks.check(sound, now),
        *_kind("letter", sound, letter_checks.check, now),
        *_kind("call", sound, call_checks.check, now),
        *_kind("office", sound, office_mail_checks.check, now),
        *_kind("page", sound, page_checks.check, now),
    ]
    found += [problem for problem in rendered if _path(problem) not in broken]
    once = {str(problem): problem for problem in found}.values()
    return CheckReport(
        tuple(problem for problem in once if not isinstance(problem, Warn)),
        tuple(problem for problem in once if isinstance(problem, Warn)),
        {locale: said for locale, said in folder.language_review.items() if _REVIEW.fullmatch(said)},
    )


Check = Callable[[Folder, int], Iterator[CampaignError]]


def _kind(name: str, folder: Folder, check: Check, now: int) -> tuple[CampaignError, ...]:
    """What is wrong with one kind of message, for which `check` sees no files of the others."""
    files = {path: text for path, text in folder.files.items() if path.startswith(f"{name}/") or "/" not in path}
    images = {path: text for path, text in folder.files.items() if path.endswith(SUFFIXES)}
    minute = now - now % 60_000  # no text changes within one
    return _checked(check, release.from_folder(replace(folder, files=files | images)), minute)


@lru_cache(maxsize=64)
def _checked(check: Check, made: Release, now: int) -> tuple[CampaignError, ...]:
    """After an edit only the kind of message that it touches is checked again."""
    return tuple(check(made.folder, now))


def odd_people(locale: str) -> list[tuple[str, dict[str, str]]]:
    """(what is odd, the person's fields) of invented people whose names have broken mailers before."""
    base = "https://action.example.org"
    return [
        (
            label,
            person(
                Recipient(0, 0, 0, "reader@example.org", first, last, "", b"", "petition", "petition page, 2026-09-12"),
                locale,
                action_url=f"{base}/a/preview",
                unsubscribe_url=f"{base}/u/preview",
                share_url=f"{base}/campaign?s=mail",
                representative=findings.SAMPLE_SEAT,
            ),
        )
        for label, first, last in _ODD_NAMES
    ]


def _language(templates: Mapping[str, str], facts: Collection[str] | None) -> list[CampaignError]:
    return [problem for path, source in templates.items() for problem in language.check(path, source, facts=facts)]


def _path(problem: CampaignError) -> str:
    return problem.where.partition(" ")[0]


def _facts(folder: Folder, now: int) -> Iterator[CampaignError]:
    for key, fact in folder.facts.items():
        if not all(fact.sources):
            do = "Give source_title, publisher and source_url."
            yield CampaignError(f"{key} has no source", where=fact.where, do=do)
        if fact.confidence != "confirmed" or fact.use != "letter":
            what = f"{key} is {fact.confidence}, for use as {fact.use!r}"
            yield CampaignError(what, where=fact.where, do="Quote only what is confirmed and fit for a letter.")
        for locale in folder.campaign.locales:
            if not fact.text[locale]:
                yield CampaignError(f"{key} has no text in {locale!r}", where=fact.where, do=f"Write text_{locale}.")
        if now >= fact.review_by:
            do = "Open its source, fix the text if needed, and set the next review_by."
            yield Warn(f"{key} is past its review date", where=fact.where, do=do)


def _review(folder: Folder) -> Iterator[CampaignError]:
    file = toml.read("facts.toml", folder.files.get("facts.toml", ""))
    for locale in folder.campaign.locales:
        key = f"language_review_{locale}"
        said, first = folder.language_review[locale], locale == folder.campaign.locales[0]
        do = (
            "Have a native speaker read every text and fact, then write their name and the date: Rosa Díaz, 2026-11-20."
        )
        if said == "not done" or not (said or first):
            yield Warn(f"no native speaker has read the {locale!r} texts", where=file.where("meta", key), do=do)
        elif said and not _REVIEW.fullmatch(said):
            yield Warn(f"{key} does not say who read, and when: {said!r}", where=file.where("meta", key), do=do)


def _organization(folder: Folder, live: bool) -> Iterator[CampaignError]:
    organization, file = folder.campaign.organization, toml.read("campaign.toml", folder.files["campaign.toml"])
    if (sender := organization.sender_email) == organization.offices_email:
        do = "Write offices_email, at a separate subdomain: then a block by offices doesn't stop email to supporters."
        where = file.where("organization", "sender_email")
        yield Warn(f"letters to offices come from {sender} too", where=where, do=do)
    for name in organization.__slots__:
        if name == "offices_email" and organization.offices_email == sender:
            continue
        if _PLACEHOLDER.search(str(getattr(organization, name))):
            kind = CampaignError if live else Warn
            do = "Write your organization's own. Until then, nothing is sent through the real SendGrid."
            yield kind("still a placeholder", where=file.where("organization", name), do=do)


def _numbers(folder: Folder) -> Iterator[CampaignError]:
    """Digits in text that readers see: not in link addresses, entities and template tags."""
    for path, source in folder.templates.items():
        seen = _UNSEEN.sub(lambda unseen: re.sub(r"[^\n]", " ", unseen[0]), source)
        for allowed in ALLOWED_NUMBERS:
            seen = seen.replace(allowed, " " * len(allowed))
        for word in re.finditer(r"\S+", seen):
            if not any(sign.isdigit() for sign in word[0]):
                continue
            line = seen.count("\n", 0, word.start()) + 1
            do = "Put it in facts.toml and write {{ fact.key }}; the bill is {{ bill.number }}."
            yield CampaignError(f"types the number {word[0]!r}", where=f"{path} line {line}", do=do)


def _articles(folder: Folder) -> Iterator[CampaignError]:
    """Spanish texts that would say "a el representante", or a title without its article."""
    for path, source in folder.templates.items():
        if "es" not in re.split(r"[/._]", path):
            continue
        for found in _ARTICLES.finditer(source):
            line = source.count("\n", 0, found.start()) + 1
            do = "Write {{ to_representative }} or {{ to_representative_short }}, which have a and the article."
            if found["named"] == "member.named":
                do = "Reword the sentence so that the name follows neither a nor de."
            yield Warn(f"says {found[0]!r}, without the right article", where=f"{path} line {line}", do=do)


def _asks(folder: Folder, now: int) -> Iterator[CampaignError]:
    made = release.from_folder(folder)
    for locale, variant, wave in product(folder.campaign.locales, render.VARIANTS, folder.campaign.waves):
        if message_file.path_of("ask", wave, locale) in folder.files:
            yield from findings.at_each_moment(folder, now, partial(_ask, made, locale, variant, wave))


def _ask(made: Release, locale: str, variant: str, wave: str, at: int) -> Iterator[CampaignError]:
    folder, path = made.folder, message_file.path_of("ask", wave, locale)
    skeleton = render.skeleton(made, locale, variant, wave, at)
    seen = [render.fill(skeleton, render.values(skeleton, fields)) for _odd, fields in odd_people(locale)]
    yield from findings.subject(folder, path, seen[0].subject)
    yield from _duties(skeleton, folder.campaign.organization.postal_address, path)
    named = [field for _tag, field, _html in skeleton.tags if field in language.NAMING]
    if named and (not variant.startswith(render.NAMED) or at >= folder.campaign.bill.expires):
        # The reader's representative is not known, or the member's support ended with the bill.
        do = 'Print it in {% if bill.alive and variant == "representative" %}, or with "signed_on".'
        where = findings.line_of(folder, path, f"{{{{ {named[0]} ")
        yield CampaignError("names a representative where none is known", where=where, do=do)
    yield from findings.shape(path, max(seen, key=lambda text: len(text.html)))
    yield from findings.names_topic(folder, path, skeleton.discreet, locale)


def _duties(skeleton: render.Skeleton, address: str, where: str) -> Iterator[CampaignError]:
    """Both parts have what law and good practice ask: postal address, unsubscribe link, action link."""
    if address not in skeleton.text or str(escape(address)) not in skeleton.html:
        do = "Write {{ organization.postal_address }}."
        yield CampaignError("does not show the postal address", where=where, do=do)
    links = {field: tag for tag, field, _html in skeleton.tags if field in render.LINKS}
    for field in render.LINKS:
        if field not in links or links[field] not in skeleton.text or f'href="{links[field]}"' not in skeleton.html:
            yield CampaignError(f"has no link to {field}", where=where, do=f"Write [words]({{{{ {field} }}}}).")
