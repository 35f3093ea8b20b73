"""The command `campaign share`: what a partner needs to lead people to the open page, counted by its own name."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from campaign import links
from campaign.cli.app import CliContext, as_json, root, with_json
from campaign.cli.campaigns import slug_argument
from campaign.cli.output import say
from campaign.compose.campaign_folder import disk
from campaign.compose.messages import open_page
from campaign.compose.rendering import colors
from campaign.compose.rendering import release as releases
from campaign.delivery import campaigns
from campaign.errors import CampaignError
from campaign.letters import tallies
from campaign.store import engine
from campaign.web import share as sharing


@root.command()
@slug_argument
@click.option("--source", default="", metavar="NAME", help="The partner's name, shown in the report with its counts.")
@click.option("--lang", default="", metavar="LANGUAGE", help="en or es. [default: the campaign's first language]")
@click.option("--qr", type=click.Path(dir_okay=False, path_type=Path), help="Write the QR code to this .svg or .png.")
@with_json
def share(ctx: CliContext, slug: str, *, source: str, lang: str, qr: Path | None, as_json_: bool) -> None:
    """Print a link to a campaign's open page, and a button for a partner's website. You can pass on both.

    With --source, the report shows how many people came through this link and acted. Nothing about them is stored.
    """
    code = tallies.partner_code(source) if source else ""
    with ctx.database.begin() as conn:
        now, launched = engine.now(conn), campaigns.find(conn, slug)
        if launched:
            release = releases.load(conn, launched.release)
            if code:
                tallies.reserve(conn, launched.id, code, now=now)
        else:
            release = releases.from_folder(disk.load(ctx.settings.templates, slug))
    settings = release.folder.campaign
    locale = lang or settings.locales[0]
    if locale not in settings.locales:
        raise CampaignError(
            f"{slug} has no texts in {lang!r}", where="--lang", do=f"It has: {', '.join(settings.locales)}."
        )
    link = links.open_page(ctx.settings.web.site, slug, locale, code)
    title, color = open_page.texts(release, now)[locale].title, settings.brand.accent or colors.PETROL
    button = sharing.button(link, title, color, lang=locale)
    if qr:
        sharing.save_qr(link, qr)
    if as_json_:
        as_json({"link": link, "button": button, "source": code, "qr": qr and str(qr), "open": bool(launched)})
        return
    say("Link:")
    click.echo(link)
    say("\nButton for a website:")
    click.echo(button)
    if qr:
        say(f"\nWrote the QR code to {qr}. Print it at least one inch wide.")
    if not launched:
        say(f"\nThe page opens when you launch: campaign launch {slug}")
