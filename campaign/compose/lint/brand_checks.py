"""Problems of [brand]: colors that can't be read, and an organization's name that would read wrong in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator

from campaign.compose.campaign_folder import toml
from campaign.compose.campaign_folder.folder import Folder
from campaign.compose.lint.findings import Warn
from campaign.compose.rendering import colors
from campaign.errors import CampaignError

_SMALL_ARTICLE = re.compile(r"the |el |la |los |las ")


def check(folder: Folder) -> Iterator[CampaignError]:
    brand, file = folder.campaign.brand, toml.read("campaign.toml", folder.files["campaign.toml"])
    for key, mode, dark in (("accent", "light", False), ("accent_dark", "dark", True)):
        color = getattr(brand, key)
        if not color:
            continue
        ratio, behind = colors.lowest(color, colors.behind()[dark])
        if ratio < colors.LEAST:
            what = (
                f"{color} can't be read in {mode} mode: its contrast with {behind} is {ratio:.1f}, not {colors.LEAST}"
            )
            do = f'The nearest shade that can: {key} = "{colors.readable(color, dark=dark)}"'
            yield CampaignError(what, where=file.where("brand", key), do=do)
    name = folder.campaign.organization.legal_name
    if _SMALL_ARTICLE.match(name):
        do = f"Write {name[0].upper()}{name[1:]}: sentences begin with the name, and add no article to it."
        yield Warn("legal_name begins with a small letter", where=file.where("organization", "legal_name"), do=do)
