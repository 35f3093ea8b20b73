"""How a campaign looks, and how its open page is shared: [brand] and [page] of campaign.toml. Both may be missing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from campaign.compose.campaign_folder import images
from campaign.compose.campaign_folder.images import Image
from campaign.compose.campaign_folder.toml import Toml
from campaign.errors import CampaignError

LARGEST_LOGO = 100_000  # bytes
_LOGO = (32, 1600)  # pixels of a side: the fewest and the most
_SHARED = (200, 2400)
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}")


@dataclass(frozen=True, slots=True)
class Brand:
    """`logo`: its file. Colors like #14576e; `accent_dark` is for dark mode, "" for a lighter shade of `accent`."""

    logo: str = ""
    accent: str = ""
    accent_dark: str = ""


@dataclass(frozen=True, slots=True)
class PageSettings:
    """`image`: the file that previews of a shared link show. `indexable`: search engines may list the open page."""

    indexable: bool = False
    image: str = ""


def brand(file: Toml) -> Brand:
    file.only("brand", Brand.__slots__)
    accent, dark = (_color(file, key) for key in ("accent", "accent_dark"))
    if dark and not accent:
        file.wrong("brand", "accent_dark", "needs accent too", "Give the color of light mode as accent.")
    return Brand(file.text("brand", "logo", default=""), accent, dark)


def page(file: Toml) -> PageSettings:
    file.only("page", PageSettings.__slots__)
    return PageSettings(file.flag("page", "indexable"), file.text("page", "image", default=""))


def check_images(file: Toml, brand: Brand, page: PageSettings, files: Mapping[str, str]) -> None:
    """Add a problem for each image that is missing, is none, or is too large."""
    logo = _image(file, ("brand", "logo"), brand.logo, files, sides=_LOGO)
    if logo and len(logo.data) > LARGEST_LOGO:
        do = f"At most {LARGEST_LOGO // 1000} kB: every page shows it."
        file.wrong("brand", "logo", f"has {len(logo.data) // 1000} kB", do)
    _image(file, ("page", "image"), page.image, files, sides=_SHARED)


def _color(file: Toml, key: str) -> str:
    value = file.text("brand", key, default="")
    if value and not _COLOR.fullmatch(value):
        file.wrong("brand", key, f"is {value!r}", f'Write a color as # and six digits: {key} = "#14576e"')
    return value.lower()


def _image(
    file: Toml, setting: tuple[str, str], path: str, files: Mapping[str, str], *, sides: tuple[int, int]
) -> Image | None:
    if not path:
        return None
    if path not in files or not path.endswith(images.SUFFIXES):
        do = f"Give a file of this folder that ends in {', '.join(images.SUFFIXES)}."
        file.wrong(*setting, f"names {path!r}, which is not an image here", do)
        return None
    try:
        found = images.image(files[path])
    except CampaignError as error:
        file.wrong(*setting, f"{path} {error.what}", error.do)
        return None
    if not all(sides[0] <= side <= sides[1] for side in (found.width, found.height)):
        what = f"has {found.width} x {found.height} pixels"
        file.wrong(*setting, what, f"Each side has from {sides[0]} to {sides[1]} pixels.")
    return found
