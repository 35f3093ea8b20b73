"""Split rendering: one skeleton with tags for everybody of a locale and variant, and a dict of strings per person.

The skeleton and the plain text come from the same compiled template: for the skeleton, each of the person's fields is
an object that prints its tag, `[%t1%]` in text and `[%h1%]` in HTML. Putting the values in the place of the tags, in
any order, gives the plain text byte for byte.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache

from jinja2 import DictLoader, StrictUndefined, TemplateError, TemplateNotFound
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import escape

from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.rendering import language, message_file, names
from campaign.compose.rendering.names import NameRules
from campaign.compose.rendering.release import Release
from campaign.errors import CampaignError, Problems
from campaign.model import Text

PARTS = ("subject.txt", "body.txt", "body.html")
UNKNOWN_LOCALE = "unknown-locale"
NAMED = ("representative", "sponsor")  # who surely has one representative: one that is asked, one that is thanked
VARIANTS = tuple(f"{name}{more}" for name in ("plain", *NAMED) for more in ("", f" {UNKNOWN_LOCALE}"))
LINKS = ("action_url", "unsubscribe_url")  # hold nothing that HTML escapes, so one tag serves text and HTML

_NUMBER = {field: number for number, field in enumerate(language.PERSON, start=1)}


@dataclass(frozen=True, slots=True)
class Skeleton:
    """A text with tags. `tags` are (tag, the person's field, whether it stands in HTML).

    `valid_until` (ms): from then on the text would be another one, or a fact that it quotes has expired.
    """

    subject: str
    text: str
    html: str
    tags: tuple[tuple[str, str, bool], ...]
    valid_until: int | None


def skeleton(release: Release, kind: str, locale: str, variant: str, wave: str, now: int) -> Skeleton:
    """The text of `kind` for everybody of this locale, variant and wave, as it reads at `now` (ms).

    Raises CampaignError when it cannot be rendered then: a fact has expired, a dead bill is named, a part is missing.
    """
    return _skeleton(release, kind, locale, variant, wave, bisect_right(instants(release.folder), now))


def values(made: Skeleton, person: Mapping[str, str]) -> dict[str, str]:
    """What stands in the place of each tag for one person. Nothing is changed but what HTML must escape."""
    for link in LINKS:
        if not _is_plain(person[link]):
            raise CampaignError(
                f"the link in {link} holds a character that HTML escapes",
                where="config.toml [web] base_url",
                do="Take &, quotes and angle brackets out of the address.",
            )
    return {tag: _escaped(person[field]) if html else person[field] for tag, field, html in made.tags}


def _is_plain(text: str) -> bool:
    """Whether HTML escapes nothing in it, which is so for nearly all; asking is cheaper than escaping."""
    return not ("&" in text or "<" in text or ">" in text or '"' in text or "'" in text)


def _escaped(text: str) -> str:
    return text if _is_plain(text) else str(escape(text))


def is_odd(found: Mapping[str, str]) -> bool:
    """Whether a value holds a sign of the tags' own, so that its request needs a re-keyed skeleton."""
    joined = "".join(found.values())
    return "%" in joined or "[" in joined or "]" in joined


def rekey(made: Skeleton, nonce: str) -> Skeleton:
    """The same skeleton with tags that no value can hold or form: `[%<nonce>h1%]`. Nothing else in it opens a tag."""

    def keyed(part: str) -> str:
        return part.replace("[%", f"[%{nonce}")

    tags = tuple((keyed(tag), field, html) for tag, field, html in made.tags)
    return replace(made, subject=keyed(made.subject), text=keyed(made.text), html=keyed(made.html), tags=tags)


def plain(
    release: Release, kind: str, locale: str, variant: str, wave: str, now: int, person: Mapping[str, str]
) -> Text:
    """The text for one person by ordinary rendering: what split rendering must equal."""
    return whole(release, kind, locale, {**_shared(release.folder, locale, variant, wave, now, NameRules()), **person})


def whole(release: Release, kind: str, locale: str, found: Mapping[str, object]) -> Text:
    """Subject, text and HTML of one mail by ordinary rendering, with these names."""
    return Text(*_parts(release, kind, locale, found))


def instants(folder: Folder) -> tuple[int, ...]:
    """When (ms) a text of this folder may change or stop. Between two of them every text stays what it is."""
    expiries = (fact.expires for fact in folder.facts.values() if fact.expires is not None)
    bills = filter(None, (folder.campaign.bill, folder.campaign.bill.successor))
    return tuple(sorted({*(bill.expires for bill in bills), *expiries}))


@lru_cache(maxsize=256)
def _skeleton(release: Release, kind: str, locale: str, variant: str, wave: str, era: int) -> Skeleton:
    times = instants(release.folder)
    now = times[era - 1] if era else times[0] - 1
    tags: set[tuple[str, str, bool]] = set()
    seen = NameRules()
    shared = _shared(release.folder, locale, variant, wave, now, seen)
    parts = _parts(release, kind, locale, {**shared, **{field: _Tag(field, tags) for field in language.PERSON}})
    for name, part in zip(PARTS, parts, strict=True):
        _refuse_stray_delimiters(part, tags, where=f"{kind}/{locale}/{name}")
    return Skeleton(*parts, tags=tuple(sorted(tags)), valid_until=seen.until)


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
    """Stands for a person's field, prints its tag, and notes that it did."""

    __slots__ = ("field", "tags")

    def __init__(self, field: str, tags: set[tuple[str, str, bool]]) -> None:
        self.field, self.tags = field, tags

    def __str__(self) -> str:
        return self._print("t", html=False)

    def __html__(self) -> str:
        return str(self) if self.field in LINKS else self._print("h", html=True)

    def _print(self, letter: str, *, html: bool) -> str:
        tag = f"[%{letter}{_NUMBER[self.field]}%]"
        self.tags.add((tag, self.field, html))
        return tag


def _shared(folder: Folder, locale: str, variant: str, wave: str, now: int, seen: NameRules) -> dict[str, object]:
    """The names of language.SHARED. An unknown locale is a part of the stored variant, and a name of its own here."""
    return {
        **names.common(folder, locale, now, seen),
        "variant": variant.removesuffix(UNKNOWN_LOCALE).strip() or "plain",
        "unknown_locale": variant.endswith(UNKNOWN_LOCALE),
        "wave": wave,
    }


def _parts(release: Release, kind: str, locale: str, found: Mapping[str, object]) -> tuple[str, str, str]:
    """Subject, text and HTML. What is wrong in any of them is told together."""
    made: list[str] = []
    problems: list[CampaignError] = []
    for part in PARTS:
        try:
            made.append(part_of(release, f"{kind}/{locale}/{part}", found))
        except CampaignError as error:
            problems += error.problems if isinstance(error, Problems) else [error]
    if problems:
        once = list({str(problem): problem for problem in problems}.values())
        raise once[0] if len(once) == 1 else Problems(once, what=f"the {kind} in {locale!r} cannot be rendered")
    subject, text, html = made
    return subject, text, html


def part_of(release: Release, path: str, found: Mapping[str, object]) -> str:
    """One file of the release with these names, or one value of its front matter (`message_file.field`).

    Raises CampaignError, with the file, when it cannot be rendered.
    """
    environment = _environment(release)
    with _telling(path):
        return environment.get_template(path).render(found)


def blocks_of(release: Release, path: str, found: Mapping[str, object]) -> dict[str, str]:
    """What each block of a file says, and each of the base that it extends. Raises as `part_of` does."""
    environment = _environment(release)
    with _telling(path):
        template = environment.get_template(path)
        context = template.new_context(dict(found))
        for _ in template.root_render_func(context):
            pass  # only now does the context know the blocks of the base
        return {name: "".join(stack[0](context)) for name, stack in context.blocks.items()}


@contextmanager
def _telling(path: str) -> Iterator[None]:
    """What goes wrong with a file, told with its path."""
    try:
        yield
    except CampaignError as error:
        raise CampaignError(error.what, where=error.where or path, do=error.do) from None
    except TemplateNotFound as error:
        raise CampaignError(
            "is missing", where=str(error.name), do="Write it; `campaign check` names all parts."
        ) from None
    except TemplateError as error:
        raise CampaignError(f"cannot be rendered: {error.message}", where=path) from None


@lru_cache(maxsize=16)
def _environment(release: Release) -> ImmutableSandboxedEnvironment:
    """The compiled templates of a release. Nothing is compiled that the language does not allow."""
    templates = release.folder.templates
    problems = [
        problem
        for path, source in templates.items()
        for problem in language.check(path, source, files=templates, facts=release.folder.facts)
    ]
    if problems:
        raise Problems(problems, what=f"{release.slug}: {len(problems)} problem(s) in the templates")
    environment = ImmutableSandboxedEnvironment(
        loader=DictLoader(
            {k: v for path, source in templates.items() for k, v in message_file.parts(path, source).items()}
        ),
        autoescape=lambda name: name is not None and name.endswith(".html"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    for given in (environment.globals, environment.filters, environment.tests):
        given.clear()
    return environment
