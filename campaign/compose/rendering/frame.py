"""The HTML around every email to a supporter.

Text and background keep the reader's own colors, so dark mode stays dark. Only buttons and lines have an accent.
"""

from __future__ import annotations

from markupsafe import escape

from campaign.compose.campaign_folder.images import Image
from campaign.compose.rendering.colors import PETROL

_FRAME = """\
<!doctype html>
<html lang="{locale}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<style>:root{{color-scheme:light dark;supported-color-schemes:light dark;}}</style>
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no">
<title>{organization}</title>
</head>
<body style="margin:0;padding:0;-webkit-text-size-adjust:100%;">
<div style="display:none;max-height:0;overflow:hidden;mso-hide:all;">{preheader}</div>
<!--[if mso]><table role="presentation" width="600" align="center" cellpadding="0" cellspacing="0"><tr><td><![endif]-->
<div style="max-width:560px;margin:0 auto;padding:28px 20px 36px;font-family:-apple-system,BlinkMacSystemFont,\
'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:17px;line-height:1.55;">
<p style="margin:0 0 28px;padding:0 0 12px;border-bottom:3px solid {rule};font-size:15px;font-weight:600;\
line-height:1.4;">{logo}{organization}</p>
{body}</div>
<!--[if mso]></td></tr></table><![endif]-->
</body>
</html>
"""

_RULE = "#1d6f8a"
_SITE = "https://site.invalid"
_HEIGHT, _WIDEST = 40, 200  # pixels of a logo
_LOGO = (
    f'<img src="{_SITE}{{path}}" width="{{width}}" height="{{height}}" alt="" style="vertical-align:middle;'
    'margin:0 12px 0 0;padding:2px;border:0;border-radius:4px;background-color:#ffffff;">'
)


def wrap(
    body: str,
    *,
    locale: str,
    organization: str,
    preheader: str,
    accent: str = "",
    logo: tuple[str, Image] | None = None,
) -> str:
    """A whole HTML document. `body` and `preheader` are HTML already. Its title names no topic, as some readers ask.

    `at_site` completes the logo's address. The name beside it says what it shows.
    """
    return _FRAME.format(
        body=body.replace(PETROL, accent) if accent else body,
        locale=locale,
        organization=escape(organization),
        preheader=preheader,
        rule=accent or _RULE,
        logo=_LOGO.format(path=logo[0], width=_width(logo[1]), height=_HEIGHT) if logo else "",
    )


def _width(logo: Image) -> int:
    return min(round(_HEIGHT * logo.width / logo.height), _WIDEST)


def at_site(html: str, site: str) -> str:
    """The email with the address of our server, where its logo is. `site` has no / at its end."""
    return html.replace(_SITE, site)
