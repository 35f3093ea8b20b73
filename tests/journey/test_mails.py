"""Every kind of mail that a campaign sends: its links, and a letter as an office gets it."""

from __future__ import annotations

import re
from email.utils import parseaddr
from urllib.parse import urlsplit

from sqlalchemy import select

from campaign.compose.messages import letter as texts
from campaign.compose.rendering import release as releases
from campaign.congress import roster
from campaign.delivery import campaigns
from campaign.store import engine
from campaign.store.schema import delivery, request
from tests.contract.web import SLUG
from tests.journey.town import (
    OFFICES,
    Town,
    all_links,
)

ENGLISH = re.compile(r"[ -~]+")


def test_every_kind_of_mail_and_of_link_is_there_to_be_scanned(town: Town) -> None:
    with town.site.database.read() as conn:
        accepted = select(delivery.c.kind).join(request, request.c.id == delivery.c.request_id)
        kinds = list(conn.scalars(accepted.where(request.c.state == "accepted")))
        waiting = conn.scalars(select(delivery.c.kind).join(request).where(request.c.state == "queued")).all()
    assert sorted(kinds) == sorted(["ask"] * 4 + ["letter"] * 3 + ["receipt"] * 2 + ["confirm"])
    assert sorted(waiting) == ["letter", "receipt"]
    assert town.numbers()["letter"] == 5
    assert [len({urlsplit(link).path for link in all_links(town, kind)}) for kind in "aunc"] == [4, 4, 2, 1]
    assert {urlsplit(link).netloc for link in all_links(town, "")} == {urlsplit(town.url).netloc}


def test_a_letter_comes_from_its_writer_through_the_organization_and_holds_no_link(town: Town) -> None:
    with town.site.database.read() as conn:
        release = releases.load(conn, campaigns.get(conn, SLUG).release)
        now = engine.now(conn)
    organization = release.folder.campaign.organization
    letters = [message for message in town.mails() if message.to in OFFICES.values()]
    assert len(letters) == 3
    for message in letters:
        name, address = parseaddr(message.headers["From"])
        assert name == f"Begona Nunez via {organization.sender_name}"
        assert address == organization.offices_email != organization.sender_email
        assert parseaddr(message.headers["Reply-To"])[1] in ("ana@example.org", "ben@example.org")
        assert "Begoña Núñez" in message.headers["Reply-To"]
        assert message.headers.keys() == {"From", "To", "Reply-To", "Subject", "Message-ID"}
        assert message.html == ""
        for sign in ("://", "www.", "v1.", urlsplit(town.url).netloc, "example.com"):
            assert sign not in message.text
        seat = roster.load().seats[next(code for code, email in OFFICES.items() if email == message.to)]
        text = texts.draft(release, texts.variant(release.folder, seat, now), "en", seat, now)
        assert message.subject == text.subject
        assert ENGLISH.fullmatch(message.subject)
        spanish = "Mi barrio" in message.text
        lines = message.text.splitlines()
        assert lines[0].startswith("[English summary: ") is spanish
        assert lines[2 * spanish : 2 * spanish + 3] == text.english.opening.splitlines()
        if spanish:
            assert lines[6] == "Mi barrio tiene miedo."
