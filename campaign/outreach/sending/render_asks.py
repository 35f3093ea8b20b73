"""Render a request of asks: the shared text once, and a dict of strings for each supporter."""

from __future__ import annotations

import secrets

from campaign import links
from campaign.compose.messages import letter as letter_text
from campaign.compose.rendering import fields, frame, language, render
from campaign.compose.rendering.render import Skeleton
from campaign.congress import new_congress, zip_match
from campaign.delivery.sendgrid import bulk
from campaign.model import Claimed, Recipient, Text
from campaign.outreach.sending.batch import ClaimedBatch, Outgoing
from campaign.outreach.sending.supporter_messages import GRACE_MS

Values = dict[str, str]  # by tag
UNTRUE = "what it says about the representative is no longer true"
TOO_LONG = "their fields are too long for SendGrid"


def render_asks(batch: ClaimedBatch, claim: Claimed) -> Outgoing:
    """Render one request. Raises CampaignError when its text cannot be rendered any more."""
    skeleton = render.skeleton(batch.release, claim.locale, claim.variant, claim.wave, batch.now)
    named = any(name in language.NAMING for _, name, _ in skeleton.tags)
    closed_states = new_congress.closed(batch.roster) if named else {}
    closed, unfit = set[int](), dict[int, str]()
    rendered: list[tuple[Recipient, Values, str]] = []
    odd = False
    for to in batch.recipients[claim.id]:
        if closed_states and closed_states.keys() & batch.roster.lines.states(to.zip):
            closed.add(to.delivery_id)
        elif made := _values(batch, claim, skeleton, to, named=named):
            rendered.append((to, *made))
            odd = odd or render.is_odd(made[0])
        else:
            unfit[to.delivery_id] = UNTRUE
    if odd:  # a name contains a character of the tags: this request gets tags that no one could have typed
        skeleton, rendered = _rekeyed(skeleton, rendered)
    unfit |= {to.delivery_id: TOO_LONG for to, values, _ in rendered if bulk.too_long(values)}
    parts = {
        to.delivery_id: bulk.personalization(
            to, values, unsubscribe_url, subject=skeleton.discreet_subject(values) if to.discreet else ""
        )
        for to, values, unsubscribe_url in rendered
        if to.delivery_id not in unfit
    }
    return Outgoing(
        claim=claim,
        deliveries=tuple(parts),
        text=Text(skeleton.subject, skeleton.text, frame.at_site(skeleton.html, batch.sender.settings.web.site)),
        parts=parts,
        valid_until=skeleton.valid_until,
        unfit=unfit,
        names_representative=named,
        closed=frozenset(closed),
    )


def _values(
    batch: ClaimedBatch, claim: Claimed, skeleton: Skeleton, to: Recipient, *, named: bool
) -> tuple[Values, str] | None:
    """One supporter's values and unsubscribe URL; None when the text is not true of their representative any more."""
    seat = zip_match.representative(batch.roster, to.zip, batch.now) if named else None
    if named and not letter_text.ask_still_true(batch.release.folder, claim.variant, seat, batch.now):
        return None
    keys, slug = batch.sender.keys, batch.campaign.slug
    settings, expires = batch.sender.settings, (batch.campaign.closes_at + GRACE_MS) // 1000
    base = settings.web.site
    action, leave = links.tokens(keys.links, slug, to.supporter_id, to.nonce, expires)
    unsubscribe_url = f"{base}/u/{slug}/{leave}"
    person = fields.person(
        to,
        claim.locale,
        action_url=f"{base}/a/{slug}/{action}",
        unsubscribe_url=unsubscribe_url,
        share_url=links.open_page(base, slug, claim.locale, "mail"),
        source=settings.list_source(to.list),
        representative=seat,
    )
    return render.values(skeleton, person), unsubscribe_url


def _rekeyed(
    skeleton: Skeleton, rendered: list[tuple[Recipient, Values, str]]
) -> tuple[Skeleton, list[tuple[Recipient, Values, str]]]:
    keyed = render.rekey(skeleton, secrets.token_hex(8))
    names = {old: new for (old, _, _), (new, _, _) in zip(skeleton.tags, keyed.tags, strict=True)}
    return keyed, [(to, {names[tag]: value for tag, value in values.items()}, url) for to, values, url in rendered]
