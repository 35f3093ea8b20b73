"""Outcomes of letters by channel: every delivery counts, and no count identifies a person, alone or by subtraction."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from campaign.outreach.reports import channel_rates, letter_funnel, small_counts
from campaign.states import Fate
from campaign.store.engine import Database
from tests import build
from tests.store.site import ADAMS, START
from tests.written import Sample, add

SEATS = ("H:NC:12", "S:NC:2", "S:NC:3", "H:SC:1")


def test_what_became_of_letters_is_told_by_channel_and_hidden_where_few_wrote(database: Database) -> None:
    with database.begin() as conn:
        campaign = build.add_campaign(conn)
        people = build.add_people(conn, range(12))
        for person in people[:7]:
            add(conn, campaign, Sample(person, ADAMS, state="accepted", fate=Fate.DELIVERED), START)
        add(conn, campaign, Sample(people[7], ADAMS, state="accepted", fate=Fate.BOUNCED), START)
        for person in people[:6]:
            add(conn, campaign, Sample(person, "S:NC:2", channel="form", state="reported"), START)
        add(conn, campaign, Sample(people[0], "S:NC:3", channel="form", state="handed_off"), START)
        found = channel_rates.rates(conn)
    mail, forms = found.all["email"], found.all["form"]
    assert (mail.letters.letters, {word: cell.letters for word, cell in mail.proofs.items()}) == (
        8, {"delivered": 7, "returned": 1},
    )  # fmt: skip
    assert forms.letters.letters == 7
    assert str(found.seats["S:NC:3"]["form"].letters) == "<5", "one person alone"
    assert found.seats["S:NC:3"]["form"].proofs == {}
    assert found.seats["S:NC:2"]["form"].letters.letters is None, "or subtraction would tell of the one"
    assert found.seats[ADAMS]["email"].letters.letters == 8
    assert all(cell.letters is None for cell in found.seats[ADAMS]["email"].proofs.values()), "one bounce, one person"


@pytest.mark.parametrize("seed", range(6))
def test_no_small_number_is_told_whatever_was_written(database: Database, seed: int) -> None:
    pick = random.Random(seed)
    tried: Counter[tuple[str, str]] = Counter()
    moved: Counter[str] = Counter()
    with database.begin() as conn:
        campaign = build.add_campaign(conn)
        for person in build.add_people(conn, range(60)):
            seat, channel = pick.choice(SEATS[: 2 + seed % 3]), pick.choice(["email", "email", "form"])
            before = channel == "form" and pick.random() < 0.2
            state, fate = (
                ("reported", Fate.NONE)
                if channel == "form"
                else ("accepted", pick.choice([Fate.DELIVERED] * 5 + [Fate.BOUNCED]))
            )
            add(conn, campaign, Sample(person, seat, channel, state, fate, bounced_before=before), START)
            tried[seat, channel] += 1
            tried[seat, "email"] += before
            moved[seat] += before
        found, told = channel_rates.rates(conn), letter_funnel.letters(conn, campaign.id)
        assert channel_rates.rates(conn, campaign.id) == found
    for channel, rate in found.all.items():
        assert rate.letters.letters == sum(n for (_, by), n in tried.items() if by == channel)
    for seat, channels in found.seats.items():
        secret = told.by_seat[seat].letters.letters is None or 0 < moved[seat] < small_counts.LEAST
        for channel, rate in channels.items():
            assert rate.letters.letters in (None, tried[seat, channel])
            assert not (secret and rate.letters.letters is not None), "the report's number would tell the rest"
            for cell in (rate.letters, *rate.proofs.values()):
                assert cell.letters is None or cell.letters >= small_counts.LEAST
            if rate.letters.letters is not None:
                hidden = [cell for cell in rate.proofs.values() if cell.letters is None]
                assert len(hidden) != 1, "the last one could be computed"
