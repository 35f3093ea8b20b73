"""The HTML around every email to a supporter.

Text and background keep the reader's own colors, so dark mode stays dark.
"""

from __future__ import annotations

from markupsafe import escape

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
<p style="margin:0 0 28px;padding:0 0 12px;border-bottom:3px solid #1d6f8a;font-size:15px;font-weight:600;\
line-height:1.4;">{organization}</p>
{body}</div>
<!--[if mso]></td></tr></table><![endif]-->
</body>
</html>
"""


def wrap(body: str, *, locale: str, organization: str, preheader: str) -> str:
    """A whole HTML document. `body` and `preheader` are HTML already. Its title names no topic, as some readers ask."""
    return _FRAME.format(body=body, locale=locale, organization=escape(organization), preheader=preheader)
