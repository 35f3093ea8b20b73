"""A campaign's own colors and images on its pages. Images are served from here, under a name that is their content."""

from __future__ import annotations

import re
from functools import lru_cache

from litestar import Response, route
from litestar.exceptions import NotFoundException
from markupsafe import Markup

from campaign.compose.campaign_folder.appearance import Brand
from campaign.compose.campaign_folder.images import TYPES
from campaign.compose.rendering import colors
from campaign.compose.rendering import release as releases
from campaign.web.guards import READS, Injected, InPath

_NAME = re.compile(rf"[0-9a-f]{{20}}\.(?:{'|'.join(TYPES)})")
FOREVER = "public, max-age=31536000, immutable"  # another image has another name


@lru_cache(maxsize=16)
def style(brand: Brand) -> Markup:
    """The rules that replace the style sheet's own accent; "" for a campaign without one."""
    if not brand.accent:
        return Markup()
    use = colors.palette(brand)
    light, dark = (
        f":root{{--act:{act};--act-over:{over};--link:{act}}}"
        for act, over in ((use.light, use.light_over), (use.dark, use.dark_over))
    )
    return Markup(f"{light}@media (prefers-color-scheme:dark){{{dark}}}")  # noqa: S704 - colors that were checked


@route("/brand/{slug:str}/{name:str}", http_method=READS, sync_to_thread=True)
def image(services: Injected, slug: InPath, name: InPath) -> Response[bytes]:
    """A logo, or the picture of a shared link, of any release: an email shows the logo of its own."""
    found = None
    if _NAME.fullmatch(name):
        with services.database.read() as conn:
            found = releases.find_image(conn, slug, name)
    if found is None:
        raise NotFoundException
    headers = {"Cache-Control": FOREVER, "Cross-Origin-Resource-Policy": "cross-origin"}  # mail programs show it
    return Response(found.data, media_type=TYPES[found.kind], headers=headers)
