"""Split rendering: one skeleton with tags for all readers of a locale and variant, and a dict of strings per person.

Jinja runs first and prints a token for every value; Markdown runs once on the result; then the tokens become SendGrid's
tags, `[%t1%]` in text and `[%h1%]` in HTML, or the values themselves. Putting the values in the place of the tags, in
any order, gives the same email byte for byte.
"""

from __future__ import annotations

import sys
import traceback
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from types import CodeType

from jinja2 import BytecodeCache, DictLoader, StrictUndefined, TemplateError, TemplateNotFound, pass_context
from jinja2.bccache import Bucket
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import escape

from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.rendering import frame, language, markdown, message_file, names, tokens
from campaign.compose.rendering.names import NameRules
from campaign.compose.rendering.release import Release
from campaign.compose.rendering.tokens import Printer
from campaign.errors import CampaignError, Problems
from campaign.model import Text
from campaign.store.acted import WAITING

UNKNOWN_LOCALE = "unknown-locale"
NAMED = ("representative", "signed_on")  # the ZIP code proves one representative: one to ask, one to thank
VARIANTS = tuple(f"{name}{more}" for name in ("plain", *NAMED, WAITING) for more in ("", f" {UNKNOWN_LOCALE}"))
LINKS = ("action_url", "unsubscribe_url")  # hold nothing that HTML escapes, so one tag serves text and HTML

_PRINTER = "printer"  # the name of a rendering's Printer among its names; no template may say it
_NUMBER = {field: number for number, field in enumerate(language.PERSON, start=1)}


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A text with tags. `tags` are (tag, the person's field, whether it stands in HTML).

    `discreet`: the subject for those who want no topic in it. `valid_until` (ms): from then on the text would be
    another one, or a fact that it quotes has expired.
    """

    subject: str
    text: str
    html: str
    discreet: str
    tags: tuple[tuple[str, str, bool], ...]
    valid_until: int | None

    def discreet_subject(self, values: Mapping[str, str]) -> str:
        """The discreet subject for one person, by the values of the tags."""
        subject = self.discreet
        for tag, value in values.items():
            subject = subject.replace(tag, value)
        return subject


def skeleton(release: Release, locale: str, variant: str, wave: str, now: int) -> Skeleton:
    """The ask for all readers of this locale, variant and wave, as it reads at `now` (ms).

    Raises CampaignError when it cannot be rendered then: a fact has expired, a dead bill is named, a part is missing.
    """
    return _skeleton(release, locale, variant, wave, moment(release.folder, now))


def values(made: Skeleton, person: Mapping[str, str]) -> dict[str, str]:
    """The value of each tag for one person, escaped where HTML needs it."""
    for link in LINKS:
        if not _is_plain(person[link]):
            raise CampaignError(
                f"the link in {link} has a character that HTML escapes",
                where="config.toml [web] base_url",
                do="Take &, quotes and angle brackets out of the address.",
            )
    return {tag: _escaped(person[field]) if html else person[field] for tag, field, html in made.tags}


def fill(made: Skeleton, values: Mapping[str, str]) -> Text:
    """The email that these values of the tags make."""
    parts = [made.subject, made.text, made.html]
    for tag, value in values.items():
        parts = [part.replace(tag, value) for part in parts]
    return Text(*parts)


def _is_plain(text: str) -> bool:
    """Whether HTML escapes nothing in it. Nearly always true, and cheaper than escaping."""
    return not ("&" in text or "<" in text or ">" in text or '"' in text or "'" in text)


def _escaped(text: str) -> str:
    return text if _is_plain(text) else str(escape(text))


def is_odd(found: Mapping[str, str]) -> bool:
    """Whether a value has a character of the tags, so that its request needs a re-keyed skeleton."""
    joined = "".join(found.values())
    return "%" in joined or "[" in joined or "]" in joined


def rekey(made: Skeleton, nonce: str) -> Skeleton:
    """The same skeleton with tags that no value can hold or form: `[%<nonce>h1%]`. Nothing else in it opens a tag."""

    def keyed(part: str) -> str:
        return part.replace("[%", f"[%{nonce}")

    tags = tuple((keyed(tag), field, html) for tag, field, html in made.tags)
    return replace(
        made,
        subject=keyed(made.subject),
        text=keyed(made.text),
        html=keyed(made.html),
        discreet=keyed(made.discreet),
        tags=tags,
    )


def plain(release: Release, locale: str, variant: str, wave: str, now: int, *, person: Mapping[str, str]) -> Text:
    """The ask for one person by ordinary rendering: what split rendering must equal."""
    shared = _shared(release.folder, locale, variant, now, NameRules())
    return whole(release, message_file.path_of("ask", wave, locale), {**shared, **person})


def whole(release: Release, path: str, found: Mapping[str, object], *, discreet: bool = False) -> Text:
    """One email with these names. `discreet`: its subject names no topic.

    Raises CampaignError or Problems, with file and line where they are known.
    """
    person = language.names_of(path).person
    values = {k: tokens.PersonalValue(k, v) if k in person else v for k, v in found.items()}
    made, quiet_subject = _email(release, path, values)
    return replace(made, subject=quiet_subject) if discreet else made


def instants(folder: Folder) -> tuple[int, ...]:
    """The instants (ms) at which a text of this folder may change or stop being true."""
    expiries = (fact.expires for fact in folder.facts.values() if fact.expires is not None)
    bills = filter(None, (folder.campaign.bill, folder.campaign.bill.successor))
    return tuple(sorted({*(bill.expires for bill in bills), *expiries}))


def moment(folder: Folder, now: int) -> int:
    """One instant (ms) for all between two of `instants`, at which every text reads as it does at `now`."""
    times = instants(folder)
    era = bisect_right(times, now)
    return times[era - 1] if era else times[0] - 1


@lru_cache(maxsize=256)
def _skeleton(release: Release, locale: str, variant: str, wave: str, now: int) -> Skeleton:
    tags: set[tuple[str, str, bool]] = set()
    seen = NameRules()
    path = message_file.path_of("ask", wave, locale)
    shared = _shared(release.folder, locale, variant, now, seen)
    made, discreet = _email(release, path, {**shared, **{field: _Tag(field, tags) for field in language.PERSON}})
    for part in (made.subject, made.text, made.html, discreet):
        _refuse_stray_delimiters(part, tags, where=path)
    return Skeleton(made.subject, made.text, made.html, discreet, tags=tuple(sorted(tags)), valid_until=seen.until)


def _refuse_stray_delimiters(rendered: str, tags: set[tuple[str, str, bool]], *, where: str) -> None:
    """Text around empty values must not form a tag, whichever values are empty."""
    for tag, _field, _html in tags:
        rendered = rendered.replace(tag, "")
    for sign in language.DELIMITERS:
        if sign in rendered:
            what = f"the text would hold {sign}, which marks a person's field on the way"
            raise CampaignError(
                what, where=where, do="Leave the sign out of the template, facts.toml and campaign.toml."
            )


class _Tag:
    """A person's field in a skeleton: prints its tag and records it."""

    __slots__ = ("name", "tags")

    def __init__(self, name: str, tags: set[tuple[str, str, bool]]) -> None:
        self.name, self.tags = name, tags

    def __str__(self) -> str:
        return self._print("t", html=False)

    def __html__(self) -> str:
        return str(self) if self.name in LINKS else self._print("h", html=True)

    def _print(self, letter: str, *, html: bool) -> str:
        tag = f"[%{letter}{_NUMBER[self.name]}%]"
        self.tags.add((tag, self.name, html))
        return tag


def _shared(folder: Folder, locale: str, variant: str, now: int, seen: NameRules) -> dict[str, object]:
    """The names of language.SHARED. The stored variant includes the unknown locale; here it is a name of its own."""
    name = variant.removesuffix(UNKNOWN_LOCALE).strip()
    return {
        **names.common(folder, locale, now, seen),
        "variant": name if name in NAMED else "plain",
        "unknown_locale": variant.endswith(UNKNOWN_LOCALE),
        "letter_waiting": name == WAITING,
    }


def _email(release: Release, path: str, found: Mapping[str, object]) -> tuple[Text, str]:
    """Subject, text and HTML of one message file, and the subject that names no topic (`discreet`, if it has that).

    Reports the problems of all its parts together.
    """
    if path not in release.folder.files:
        raise CampaignError("is missing", where=path, do="Write it; `campaign check` names all parts.")
    printer = Printer()
    rendered: list[str] = []
    problems: list[CampaignError] = []
    own = message_file.parts(path, release.folder.files[path])
    front = [message_file.field(path, key) for key in ("subject", "preheader")]
    front += [name for name in [message_file.field(path, "discreet")] if name in own]
    for part in (path, *front):
        try:
            rendered.append(part_of(release, part, {**found, _PRINTER: printer}))
        except CampaignError as error:
            problems += error.problems if isinstance(error, Problems) else [error]
    if problems:
        once = list({str(problem): problem for problem in problems}.values())
        raise once[0] if len(once) == 1 else Problems(once, what=f"{path} cannot be rendered")
    body, subject, preheader, *discreet = rendered
    with _located(path):
        printer.check(*rendered)
        text, body_html = _convert(path, own[path], body, printer)
        campaign = release.folder.campaign
        logo = release.folder.image(campaign.brand.logo)
        html = frame.wrap(
            printer.html(body_html),
            locale=str(found["locale"]),
            organization=campaign.organization.legal_name,
            preheader=printer.html(str(escape(preheader.strip()))),
            accent=campaign.brand.accent,
            logo=(logo.path(release.slug), logo) if logo else None,
        )
        whole = Text(printer.text(subject.strip()), printer.text(text), html)
        return whole, printer.text(discreet[0].strip()) if discreet else whole.subject


def _convert(path: str, source: str, body: str, printer: Printer) -> tuple[str, str]:
    """`body` as text and HTML. Raises CampaignError, with the line in `source`, for what an email must not have."""
    try:
        return markdown.convert(body)
    except markdown.NotAllowed as error:
        literal = max(map(str.strip, tokens.literals(error.source)), key=len, default="")
        lines = list(enumerate(source.splitlines(), start=1))
        written = next((number for number, text in lines if literal and literal in text), 0)
        line = written or printer.line_of(error.source) or next(number for number, text in lines if text.strip())
        raise CampaignError(error.what, where=f"{path} line {line}", do=error.do) from None


def part_of(release: Release, path: str, found: Mapping[str, object]) -> str:
    """One file of the release with these names, or one value of its front matter (`message_file.field`).

    Raises CampaignError, with the file, when it cannot be rendered.
    """
    environment = _environment(release)
    with _located(path):
        template = environment.get_template(path)
        return "".join(template.root_render_func(template.new_context(dict(found))))


def blocks_of(release: Release, path: str, found: Mapping[str, object]) -> dict[str, str]:
    """The text of each block of a file. Raises as `part_of` does."""
    environment = _environment(release)
    with _located(path):
        template = environment.get_template(path)
        context = template.new_context(dict(found))
        return {name: "".join(block(context)) for name, block in template.blocks.items()}


@contextmanager
def _located(path: str) -> Iterator[None]:
    """Add the file, and the line where it is known, to a problem of its text."""
    path, _, key = path.partition("#")
    try:
        yield
    except CampaignError as error:
        raise CampaignError(error.what, where=error.where or _where(path, error), do=error.do) from None
    except TemplateNotFound as error:
        what = f"has no {key} in its front matter" if key and key in str(error.name) else "is missing"
        raise CampaignError(what, where=path, do="Write it; `campaign check` names all parts.") from None
    except TemplateError as error:
        raise CampaignError(f"cannot be rendered: {error.message}", where=_where(path, error)) from None


def _where(path: str, error: Exception) -> str:
    """The file, with the line of the template at which this error was raised."""
    for call, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        if (template := call.f_globals.get("__jinja_template__")) is not None:
            return f"{path} line {template.get_corresponding_lineno(line)}"
    return path


@pass_context
def _print(context: Context, value: object) -> object:
    """What Jinja prints for a value: a token in an email, the value itself in plain text."""
    printer = context.get(_PRINTER)
    if printer is None:
        return value
    call = sys._getframe(1)  # in the compiled template
    template, line = call.f_globals["__jinja_template__"], call.f_lineno
    return printer.token(value, line=lambda: template.get_corresponding_lineno(line))


class _Compiled(BytecodeCache):
    """The code of templates, by their sources: the releases of a campaign share most of them."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if len(self.kept) >= _KEEP:
            self.kept.clear()
        assert bucket.code is not None
        self.kept[bucket.key, bucket.checksum] = bucket.code


_KEEP = 2000  # templates
_compiled = _Compiled()


@lru_cache(maxsize=16)
def language_problems(release: Release) -> tuple[CampaignError, ...]:
    """All problems of the template language in the files of a release."""
    files, facts = release.folder.templates, release.folder.facts
    return tuple(problem for path, source in files.items() for problem in language.check(path, source, facts=facts))


@lru_cache(maxsize=16)
def _environment(release: Release) -> ImmutableSandboxedEnvironment:
    """The compiled templates of a release. Compiles only what the language allows."""
    templates = release.folder.templates
    if problems := language_problems(release):
        raise Problems(problems, what=f"{release.slug}: {len(problems)} problem(s) in the templates")
    environment = ImmutableSandboxedEnvironment(
        loader=DictLoader(
            {k: v for path, source in templates.items() for k, v in message_file.parts(path, source).items()}
        ),
        finalize=_print,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=_compiled,
    )
    for given in (environment.globals, environment.filters, environment.tests):
        given.clear()
    return environment
