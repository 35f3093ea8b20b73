"""What `check` says about a campaign folder."""

from __future__ import annotations

from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.lint import ask_checks
from tests.unit.compose_samples import (
    BEFORE,
)

HEAD = "{{ greeting }} [a]({{ action_url }}) [b]({{ unsubscribe_url }}) {{ organization.postal_address }} "


def errors(folder: Folder, now: int = BEFORE, *, live: bool = False) -> list[str]:
    return [f"{problem.where}: {problem.what}" for problem in ask_checks.check(folder, now, live=live).errors]


def warnings(folder: Folder, now: int = BEFORE) -> list[str]:
    return [f"{problem.where}: {problem.what}" for problem in ask_checks.check(folder, now).warnings]
