"""What every template sees: the campaign, its organization, its bill and its facts, as they stand at one instant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace

from babel.dates import format_skeleton
from markupsafe import escape

from campaign.clock import WASHINGTON
from campaign.compose.campaign_folder.folder import CampaignBill, Fact, Folder
from campaign.errors import CampaignError

BABEL = {"en": "en_US", "es": "es_US"}


@dataclass(slots=True)
class NameRules:
    """What a rendering used: the instants (ms) at which that stops being true, and the facts, in their order."""

    ends: set[int] = field(default_factory=set)
    facts: dict[str, Fact] = field(default_factory=dict)

    @property
    def until(self) -> int | None:
        return min(self.ends, default=None)


def common(folder: Folder, locale: str, now: int, seen: NameRules) -> dict[str, object]:
    """The names of language.COMMON, as they stand at `now` (ms)."""
    campaign, organization = folder.campaign, folder.campaign.organization
    if locale not in campaign.locales:
        known = ", ".join(campaign.locales)
        raise CampaignError(f"{folder.slug} has no texts in {locale!r}", do=f"Its locales are: {known}.")
    return {
        "campaign": SimpleNamespace(slug=folder.slug, title=campaign.title[locale]),
        "organization": SimpleNamespace(
            **{name: getattr(organization, name) for name in organization.__slots__ if name != "signer_role"},
            signer_role=organization.signer_role[locale],
        ),
        "bill": _Bill(campaign.bill_at(now), locale, now, seen),
        "fact": _Facts(folder.facts, locale, now, seen),
        "locale": locale,
    }


class _Unbroken(str):
    """A text that HTML keeps on one line: H.R.&nbsp;6890."""

    def __html__(self) -> str:
        return str(escape(str(self))).replace(" ", "&nbsp;")


class _Bill:
    """The bill as templates see it. Once it is dead, nothing but that can be said of it; what looks at it before ends
    with it.
    """

    def __init__(self, bill: CampaignBill, locale: str, now: int, seen: NameRules) -> None:
        self._bill, self._locale, self._now, self._seen = bill, locale, now, seen

    @property
    def alive(self) -> bool:
        if self._now >= self._bill.expires:
            return False
        self._seen.ends.add(self._bill.expires)
        return True

    def _living(self) -> CampaignBill:
        if not self.alive:
            raise CampaignError(
                f"names {self._bill.number}, which died with the {self._bill.congress}th Congress",
                do="Put it in {% if bill.alive %}, and say after {% else %} what is asked from then on.",
            )
        return self._bill

    @property
    def number(self) -> str:
        return _Unbroken(self._living().number)

    @property
    def title(self) -> str:
        return self._living().title

    @property
    def last_day(self) -> str:
        day = datetime.fromtimestamp(self._living().expires / 1000, WASHINGTON)
        return format_skeleton("MMMMd", day, locale=BABEL[self._locale])


class _Quote:
    def __init__(self, fact: Fact, locale: str) -> None:
        self._fact, self._locale = fact, locale

    def __str__(self) -> str:
        return words(self._fact, "text", self._locale)

    @property
    def cite(self) -> str:
        return words(self._fact, "cite", self._locale)


def words(fact: Fact, key: str, locale: str) -> str:
    """The fact's "text" or "cite" in this locale. Raises CampaignError when it has none."""
    found: Mapping[str, str] = getattr(fact, key)
    if not found[locale]:
        do = f"Write {key}_{locale}."
        raise CampaignError(f"the fact has no {key} in {locale!r}", where=fact.where, do=do)
    return found[locale]


class _Facts:
    """`fact.key`: notes each fact quoted and when it expires. Refuses a fact that has expired."""

    def __init__(self, facts: Mapping[str, Fact], locale: str, now: int, seen: NameRules) -> None:
        self._facts, self._locale, self._now, self._seen = facts, locale, now, seen

    def __getattr__(self, key: str) -> _Quote:
        fact = self._facts[key]
        if fact.expires is not None:
            if self._now >= fact.expires:
                day = datetime.fromtimestamp(fact.expires / 1000, WASHINGTON)
                raise CampaignError(f"quotes {key}, which expired on {day:%Y-%m-%d}", do="Renew it, or take it out.")
            self._seen.ends.add(fact.expires)
        self._seen.facts[key] = fact
        return _Quote(fact, self._locale)
